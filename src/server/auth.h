#ifndef SERVER_AUTH_H
#define SERVER_AUTH_H
#include "jobdeck/aws/sigv4.h"
#include "jobdeck/server/keys.h"

/* Who signed a request. The keys are looked up in their file, which is read again whenever it
 * is another one than before, so that a key that is made or deleted counts at once. */
struct auth;
struct auth *auth_new(const char *keys_path);
void auth_free(struct auth *a); /* NULL allowed */

struct auth_caller {
	char key_id[KEY_ID_SIZE], name[KEY_NAME_SIZE];
	bool read_only;
};
/* 0, or -1 with what is wrong, in AWS's words. Any region will do: one server stands for all. */
int auth_check(struct auth *a, const struct sigv4_request *r, const char *service, jd_time now,
	       struct auth_caller *who, struct sigv4_refusal *why);

#endif
