/* Key pairs in a file: JSON, written anew as a whole and renamed into place, so that whoever
 * reads sees the old or the new. A lock file beside it keeps two writers apart. */
#include "config.h"
#include "jobdeck/server/keys.h"
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include "jobdeck/base/fs.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"

enum { FILE_MAX = 64 * 1024 };

static const char prefix[] = "AKIAJD"; /* AKIA as AWS's, JD so that a reader knows whose */

/* --- reading ------------------------------------------------------------------------- */

void keys_fini(struct keys *k)
{
	if (k->key)
		OPENSSL_cleanse(k->key, (size_t)k->count * sizeof *k->key);
	free(k->key);
	*k = (struct keys){ 0 };
}

const struct key *keys_find(const struct keys *k, const char *text)
{
	for (int i = 0; i < k->count; i++) {
		if (strcmp(k->key[i].id, text) == 0 ||
		    (*k->key[i].name && strcmp(k->key[i].name, text) == 0))
			return &k->key[i];
	}
	return NULL;
}

static bool take(char *out, size_t size, const char *text)
{
	return text && (size_t)snprintf(out, size, "%s", text) < size;
}

static bool read_key(struct key *k, const cJSON *json)
{
	*k = (struct key){ .read_only = json_bool(json, "readOnly", true),
			   .created = json_int(json, "createdAt", 0),
			   .expires = json_int(json, "expiresAt", JD_NEVER) };
	return take(k->id, sizeof k->id, json_str(json, "accessKeyId")) &&
	       take(k->secret, sizeof k->secret, json_str(json, "secretAccessKey")) &&
	       take(k->name, sizeof k->name, json_str_or(json, "name", "")) &&
	       strlen(k->id) == KEY_ID_SIZE - 1 && strlen(k->secret) == KEY_SECRET_SIZE - 1;
}

static int read_keys(const char *path, const char *text, size_t len, struct keys *out,
		     struct err *err)
{
	cleanup_json cJSON *json = json_parse(text, len, NULL);
	const cJSON *list = json_get(json, "keys"), *item;
	struct keys k = { .count = 0 };

	if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) > KEYS_MAX)
		return err_set(err, ERR_CORRUPT, "%s is no file of keys", path);
	k.key = xcalloc(KEYS_MAX + 1, sizeof *k.key); /* room for the one that may be added */
	cJSON_ArrayForEach(item, list) {
		if (!read_key(&k.key[k.count++], item)) {
			keys_fini(&k);
			return err_set(err, ERR_CORRUPT, "%s has a key that is none of ours", path);
		}
	}
	*out = k;
	return 0;
}

static int read_file(const char *path, struct keys *out, struct err *err)
{
	struct err why = { 0 };
	cleanup_free char *text = NULL;
	size_t len = 0;
	struct stat st;
	int rc;

	if (stat(path, &st) == 0 && st.st_mode & 077)
		return err_set(err, ERR_DENIED,
			       "others may read the keys in %s; make it yours alone: chmod 600 %s",
			       path, path);
	text = fs_read(path, FILE_MAX, &len, &why);
	if (text) {
		rc = read_keys(path, text, len, out, err);
		OPENSSL_cleanse(text, len);
		return rc;
	}
	if (errno != ENOENT)
		return err_set(err, why.kind, "%s", why.text);
	*out = (struct keys){ .key = xcalloc(1, sizeof *out->key) };
	return 0;
}

int keys_load(const char *path, struct keys *out, struct err *err)
{
	struct keys k = { .key = NULL };

	read_file(path, &k, err);
	if (!k.key) /* it has said why */
		return -1;
	*out = k;
	return 0;
}

/* --- writing ------------------------------------------------------------------------- */

static void add_key(cJSON *list, const struct key *k)
{
	cJSON *json = cJSON_CreateObject();

	json_add_str(json, "accessKeyId", k->id);
	json_add_str(json, "secretAccessKey", k->secret);
	json_add_str(json, "name", *k->name ? k->name : NULL);
	json_add_bool(json, "readOnly", k->read_only);
	json_add_int(json, "createdAt", k->created);
	if (k->expires != JD_NEVER)
		json_add_int(json, "expiresAt", k->expires);
	cJSON_AddItemToArray(list, json);
}

static int keys_save(const char *path, const struct keys *k, struct err *err)
{
	cleanup_json cJSON *json = cJSON_CreateObject();
	cJSON *list = cJSON_AddArrayToObject(json, "keys");
	cleanup_free char *text = NULL;

	for (int i = 0; i < k->count; i++)
		add_key(list, &k->key[i]);
	text = json_print_pretty(json);
	return fs_write_atomic(path, text, strlen(text), err);
}

/* Held until the descriptor is closed. -1: not to be had. */
static int lock(const char *path, struct err *err)
{
	cleanup_free char *name = xasprintf("%s.lock", path);
	cleanup_close int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || flock(fd, LOCK_EX))
		return err_sys(err, "cannot lock %s", name);
	return STEAL_FD(fd);
}

/* --- making -------------------------------------------------------------------------- */

static int random_bytes(unsigned char *out, int n, struct err *err)
{
	if (RAND_bytes(out, n) == 1)
		return 0;
	return err_set(err, ERR_SYSTEM, "the system has no random numbers for a key");
}

static int make_pair(struct key *k, struct err *err)
{
	static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	unsigned char bytes[KEY_ID_SIZE], secret[(KEY_SECRET_SIZE - 1) / 4 * 3];
	size_t n = strlen(prefix);

	if (random_bytes(bytes, sizeof bytes, err) || random_bytes(secret, sizeof secret, err))
		return -1;
	memcpy(k->id, prefix, n);
	for (; n < KEY_ID_SIZE - 1; n++)
		k->id[n] = base32[bytes[n] & 31];
	k->id[n] = '\0';
	EVP_EncodeBlock((unsigned char *)k->secret, secret, sizeof secret);
	OPENSSL_cleanse(secret, sizeof secret);
	return 0;
}

static int check_name(const char *name, struct err *err)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_+=,.@-";

	if (*name && strlen(name) < KEY_NAME_SIZE && !name[strspn(name, letters)])
		return 0;
	return err_set(err, ERR_INVALID, "a key's name is 1 to %d letters, digits and _+=,.@-",
		       KEY_NAME_SIZE - 1);
}

/* Into `k`, which has room for one more. */
static int add_new(struct keys *k, const struct key *like, struct err *err)
{
	struct key *new = &k->key[k->count];

	if (*like->name && keys_find(k, like->name))
		return err_set(err, ERR_CONFLICT, "there is a key %s already", like->name);
	if (k->count == KEYS_MAX)
		return err_set(err, ERR_CONFLICT, "there are %d keys already; delete some",
			       KEYS_MAX);
	*new = *like;
	new->created = time_wall();
	if (make_pair(new, err))
		return -1;
	k->count++;
	return 0;
}

/* The one of that name when there is one and `reuse`, else a new one. */
static int create(const char *path, const struct key *like, bool reuse, struct key *made,
		  struct err *err)
{
	cleanup_close int fd = lock(path, err);
	const struct key *found = NULL;
	struct keys k;
	int rc = 0;

	if (fd < 0 || keys_load(path, &k, err))
		return -1;
	if (reuse)
		found = keys_find(&k, like->name);
	if (!found) {
		rc = add_new(&k, like, err) || keys_save(path, &k, err) ? -1 : 0;
		found = &k.key[k.count - 1];
	}
	if (!rc)
		*made = *found;
	keys_fini(&k);
	return rc;
}

int keys_create(const char *path, const char *name, bool read_only, jd_time expires,
		struct key *made, struct err *err)
{
	struct key like = { .read_only = read_only, .expires = expires };

	if (name && check_name(name, err))
		return -1;
	snprintf(like.name, sizeof like.name, "%s", name ? name : "");
	return create(path, &like, false, made, err);
}

int keys_of_env(const char *path, struct key *out, struct err *err)
{
	const struct key like = { .name = KEY_OF_ENV, .expires = JD_NEVER };

	return create(path, &like, true, out, err);
}

int keys_delete(const char *path, const char *text, struct err *err)
{
	cleanup_close int fd = lock(path, err);
	const struct key *found;
	struct keys k;
	int i, rc;

	if (fd < 0 || keys_load(path, &k, err))
		return -1;
	found = keys_find(&k, text);
	if (!found) {
		keys_fini(&k);
		return err_set(err, ERR_NOT_FOUND, "there is no key %s", text);
	}
	i = (int)(found - k.key);
	memmove(&k.key[i], &k.key[i + 1], (size_t)(k.count - i - 1) * sizeof *k.key);
	k.count--;
	rc = keys_save(path, &k, err);
	k.count++; /* so that its secret is wiped too */
	keys_fini(&k);
	return rc;
}
