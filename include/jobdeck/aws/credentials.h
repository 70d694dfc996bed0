#ifndef JOBDECK_AWS_CREDENTIALS_H
#define JOBDECK_AWS_CREDENTIALS_H
#include "jobdeck/base/time.h"

/* What a request is signed with. The strings are owned; the struct is wiped when it goes. */
struct aws_credentials {
	char *access_key_id, *secret_access_key;
	char *session_token; /* temporary credentials only, else NULL */
	jd_time expires;     /* JD_NEVER: does not */
};

enum {
	AWS_KEY_ID_MAX = 128,
	AWS_SECRET_MAX = 128,
	AWS_TOKEN_MAX = 8192,
};

/* Copies. `token` may be NULL. */
void aws_credentials_init(struct aws_credentials *c, const char *key_id, const char *secret,
			  const char *token, jd_time expires);
void aws_credentials_fini(struct aws_credentials *c);
#define cleanup_credentials __attribute__((cleanup(aws_credentials_fini)))

#endif
