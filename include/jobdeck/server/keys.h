#ifndef JOBDECK_SERVER_KEYS_H
#define JOBDECK_SERVER_KEYS_H
#include <stdbool.h>
#include "jobdeck/base/err.h"
#include "jobdeck/base/time.h"

/* The key pairs that requests over TCP are signed with: a file of the home, 0600. Verifying a
 * signature needs the secret itself, so it is in there; nothing but this file and whoever made
 * the key has it. Programs change the file whole, under a lock; the server looks at it for
 * every request (auth.h), so that what changes here counts at once. */
enum {
	KEY_ID_SIZE = 21, /* "AKIAJD..." */
	KEY_SECRET_SIZE = 41,
	KEY_NAME_SIZE = 65,
	KEYS_MAX = 100,
};

struct key {
	char id[KEY_ID_SIZE], secret[KEY_SECRET_SIZE];
	char name[KEY_NAME_SIZE]; /* a user's name as AWS allows it, or "" */
	bool read_only;
	jd_time created, expires; /* JD_NEVER: does not */
};

struct keys {
	struct key *key;
	int count;
};

/* All keys, in the order they were made. No file: none. ERR_DENIED when others may read the
 * file, ERR_CORRUPT when it is none of ours. */
int keys_load(const char *path, struct keys *out, struct err *err);
void keys_fini(struct keys *k); /* wipes them */
/* By id or name; NULL: there is none. */
const struct key *keys_find(const struct keys *k, const char *text);

/* Makes a key and its secret, both random, and stores it; *made has the secret. `name` may be
 * NULL; ERR_CONFLICT when there is one of that name already, or there are KEYS_MAX. */
int keys_create(const char *path, const char *name, bool read_only, jd_time expires,
		struct key *made, struct err *err);
/* By id or name. ERR_NOT_FOUND: there is none. */
int keys_delete(const char *path, const char *text, struct err *err);

/* The key that `jobdeck env` hands out: made when it is missing. */
#define KEY_OF_ENV "jobdeck-env"
int keys_of_env(const char *path, struct key *out, struct err *err);

#endif
