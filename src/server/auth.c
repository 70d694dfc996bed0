/* Signatures against the keys of the home. Deriving a signing key takes four HMACs and a
 * signature one, so the last few derived keys are kept: a client signs all day with the same. */
#include "config.h"
#include "auth.h"
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "jobdeck/base/log.h"
#include "jobdeck/base/mem.h"

enum { DERIVED_KEPT = 16 };

/* What a key of one day, region and service is. */
struct derived {
	char key_id[KEY_ID_SIZE]; /* "": none */
	struct sigv4_scope scope;
	unsigned char key[SIGV4_KEY_SIZE];
};

struct auth {
	char *path;
	struct stat seen; /* all zero: no file */
	bool looked;
	struct keys keys;
	struct derived derived[DERIVED_KEPT];
	int next; /* the place that is used next */
};

struct auth *auth_new(const char *keys_path)
{
	struct auth *a = xcalloc(1, sizeof *a);

	a->path = xstrdup(keys_path);
	return a;
}

static void forget_derived(struct auth *a)
{
	OPENSSL_cleanse(a->derived, sizeof a->derived);
}

void auth_free(struct auth *a)
{
	if (!a)
		return;
	keys_fini(&a->keys);
	forget_derived(a);
	free(a->path);
	free(a);
}

/* The file is never changed, only replaced by another. */
static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
	       a->st_mode == b->st_mode && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Looked at before it is read: if another takes its place in between, the next look tells. */
static void look(struct auth *a)
{
	struct stat now = { 0 };
	struct err err = { 0 };

	if (stat(a->path, &now))
		now = (struct stat){ 0 };
	if (a->looked && is_same(&now, &a->seen))
		return;
	a->looked = true;
	a->seen = now;
	keys_fini(&a->keys);
	forget_derived(a);
	if (keys_load(a->path, &a->keys, &err))
		log_error("nobody is let in over TCP: %s", err.text);
}

static const struct key *find(const struct auth *a, const char *id)
{
	for (int i = 0; i < a->keys.count; i++) {
		if (strcmp(a->keys.key[i].id, id) == 0)
			return &a->keys.key[i];
	}
	return NULL;
}

static const unsigned char *derive(struct auth *a, const struct key *k, const struct sigv4_scope *s)
{
	struct derived *d;

	for (int i = 0; i < DERIVED_KEPT; i++) {
		d = &a->derived[i];
		if (strcmp(d->key_id, k->id) == 0 && strcmp(d->scope.date, s->date) == 0 &&
		    strcmp(d->scope.region, s->region) == 0 &&
		    strcmp(d->scope.service, s->service) == 0)
			return d->key;
	}
	d = &a->derived[a->next];
	a->next = (a->next + 1) % DERIVED_KEPT;
	snprintf(d->key_id, sizeof d->key_id, "%s", k->id);
	d->scope = *s;
	sigv4_key(k->secret, s, d->key);
	return d->key;
}

int auth_check(struct auth *a, const struct sigv4_request *r, const char *service, jd_time now,
	       struct auth_caller *who, struct sigv4_refusal *why)
{
	struct sigv4_claim claim;
	const struct key *k;

	if (sigv4_claim(r, &claim, why))
		return -1;
	look(a);
	k = find(a, claim.key_id);
	if (!k || claim.token) /* ours have none */
		return sigv4_refuse(why, SIGV4_UNKNOWN_KEY, NULL);
	if (sigv4_check_scope(&claim, service, NULL, now, why) ||
	    sigv4_verify(r, &claim, derive(a, k, &claim.scope), why))
		return -1;
	if (now >= k->expires)
		return sigv4_refuse(why, SIGV4_EXPIRED, NULL);
	*who = (struct auth_caller){ .read_only = k->read_only };
	snprintf(who->key_id, sizeof who->key_id, "%s", k->id);
	snprintf(who->name, sizeof who->name, "%s", k->name);
	return 0;
}
