/* Credentials in memory: owned, and wiped before the memory goes back. */
#include "config.h"
#include "jobdeck/aws/credentials.h"
#include <openssl/crypto.h>
#include <string.h>
#include "jobdeck/base/mem.h"

void aws_credentials_init(struct aws_credentials *c, const char *key_id, const char *secret,
			  const char *token, jd_time expires)
{
	*c = (struct aws_credentials){ .access_key_id = xstrdup(key_id),
				       .secret_access_key = xstrdup(secret),
				       .session_token = xstrdup(token),
				       .expires = expires };
}

static void wipe(char *text)
{
	if (text)
		OPENSSL_cleanse(text, strlen(text));
	free(text);
}

void aws_credentials_fini(struct aws_credentials *c)
{
	free(c->access_key_id);
	wipe(c->secret_access_key);
	wipe(c->session_token);
	*c = (struct aws_credentials){ 0 };
}
