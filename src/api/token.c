/* Client tokens: what was asked and what was answered is kept with the token, so that a request
 * that is sent again (nobody knows whether it arrived) is carried out only once. */
#include "config.h"
#include <string.h>
#include "internal.h"

static char *token_name(const struct api_call *c)
{
	const char *token = json_str(c->in, "clientToken");

	return token ? xasprintf("%s/%s", c->op->name, token) : NULL;
}

int token_seen(struct api_call *c, struct err *err)
{
	cleanup_free char *name = token_name(c);
	cleanup_free char *kept = name ? store_token(c->store, engine_now(c->engine), name) : NULL;
	cJSON *pair cleanup_json = kept ? json_parse(kept, strlen(kept), NULL) : NULL;

	if (!pair)
		return 0;
	if (!cJSON_Compare(json_get(pair, "asked"), c->in, true))
		return err_set(err, ERR_INVALID,
			       "The clientToken was used with other parameters before");
	cJSON_Delete(c->out);
	c->out = cJSON_Duplicate(json_get(pair, "answered"), 1);
	return 1;
}

int token_keep(struct api_call *c, struct err *err)
{
	cleanup_free char *name = token_name(c), *text = NULL;
	cJSON *pair cleanup_json = cJSON_CreateObject();

	if (!name)
		return 0;
	json_add_copy(pair, "asked", c->in);
	json_add_copy(pair, "answered", c->out);
	text = json_print(pair);
	return engine_put_token(c->engine, name, text, err);
}
