/* GetCallerIdentity, which tools ask first to see whether their credentials are good. The
 * owner of the server, over its own socket, is the account's root. */
#include "config.h"
#include <string.h>
#include "internal.h"

char *caller_arn(const struct api_call *c)
{
	const char *account = engine_account(c->engine)->id;
	const struct api_caller *who = c->caller;

	if (!who)
		return xasprintf("arn:aws:iam::%s:root", account);
	return xasprintf("arn:aws:iam::%s:user/%s", account, *who->name ? who->name : who->key_id);
}

int op_caller_identity(struct api_call *c, struct err *err)
{
	const char *account = engine_account(c->engine)->id;
	cleanup_free char *arn = caller_arn(c), *user = NULL;

	(void)err;
	if (c->caller && strlen(c->caller->key_id) > 4) /* as AWS has it: AIDA for a user */
		user = xasprintf("AIDA%s", c->caller->key_id + 4);
	json_add_str(c->out, "UserId", user ? user : account);
	json_add_str(c->out, "Account", account);
	json_add_str(c->out, "Arn", arn);
	return 0;
}
