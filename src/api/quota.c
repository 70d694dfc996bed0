/* AWS's quotas (section 12). Nothing here runs out at them, so they are warned of, in the answer's
 * jobdeckWarnings; with the setting strict_aws they are kept to as AWS does. Quotas that are also
 * rules of the service (dependencies, sizes of documents and arrays) are refused always, where
 * they belong. Jobs in SUBMITTED, of which AWS has a quota too, leave that status in the turn
 * in which they come. */
#include "config.h"
#include <stdarg.h>
#include <string.h>
#include "internal.h"

enum { SUBMITS_A_SECOND = 50 };

static int count_queue(void *arg, const struct queue *q)
{
	*(int64_t *)arg += q->status != STATUS_DELETED;
	return 0;
}

static int64_t count_queues(struct api_call *c)
{
	int64_t n = 0;

	store_queues(c->store, count_queue, &n, NULL);
	return n;
}

static int count_environment(void *arg, const struct environment *e)
{
	*(int64_t *)arg += e->status != STATUS_DELETED;
	return 0;
}

static int64_t count_environments(struct api_call *c)
{
	int64_t n = 0;

	store_environments(c->store, count_environment, &n, NULL);
	return n;
}

static int count_consumable(void *arg, const struct consumable *r)
{
	(void)r;
	++*(int64_t *)arg;
	return 0;
}

static int64_t count_consumables(struct api_call *c)
{
	int64_t n = 0;

	store_consumables(c->store, count_consumable, &n, NULL);
	return n;
}

static const struct quota {
	const char *op;
	int64_t most;
	int64_t (*count)(struct api_call *c);
	const char *what;
} quotas[] = {
	{ "CreateJobQueue", 50, count_queues, "job queues" },
	{ "CreateComputeEnvironment", 50, count_environments, "compute environments" },
	{ "CreateConsumableResource", 50000, count_consumables, "consumable resources" },
};

void call_warn(struct api_call *c, const char *fmt, ...)
{
	cleanup_free char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	if (!c->warnings)
		c->warnings = cJSON_CreateArray();
	cJSON_AddItemToArray(c->warnings, cJSON_CreateString(text));
}

void call_add_warnings(struct api_call *c)
{
	cJSON *list = cJSON_GetObjectItemCaseSensitive(c->out, "jobdeckWarnings"), *item;

	if (!c->warnings)
		return;
	if (!list)
		list = cJSON_AddArrayToObject(c->out, "jobdeckWarnings");
	while ((item = cJSON_DetachItemFromArray(c->warnings, 0)))
		cJSON_AddItemToArray(list, item);
}

/* As much as a second's worth may come at once. */
static bool too_fast(struct api *a, jd_time now)
{
	double since = a->submit_at ? (double)(now - a->submit_at) / 1000 : 1;

	a->submit_at = now;
	a->submits_left += since * SUBMITS_A_SECOND;
	if (a->submits_left > SUBMITS_A_SECOND)
		a->submits_left = SUBMITS_A_SECOND;
	if (a->submits_left < 1)
		return true;
	a->submits_left--;
	return false;
}

static int check_quota(struct api_call *c, const struct quota *q, struct err *err)
{
	int64_t n = q->count(c);

	if (n < q->most)
		return 0;
	if (engine_settings(c->engine)->strict_aws)
		return err_set(err, ERR_INVALID, "The quota of %lld %s has been reached",
			       (long long)q->most, q->what);
	call_warn(c, "AWS allows %lld %s in an account and region; this makes %lld",
		  (long long)q->most, q->what, (long long)n + 1);
	return 0;
}

/* ID-6. */
int check_quotas(struct api_call *c, struct err *err)
{
	static const struct api_error throttled = { 429, "TooManyRequestsException", "Throttling",
						    "Too Many Requests" };

	if (strcmp(c->op->name, "SubmitJob") == 0 && engine_settings(c->engine)->strict_aws &&
	    too_fast(c->api, engine_now(c->engine))) {
		c->refusal = &throttled;
		return err_set(err, ERR_UNAVAILABLE, "%s", throttled.text);
	}
	for (size_t i = 0; i < ARRAY_LEN(quotas); i++)
		if (strcmp(c->op->name, quotas[i].op) == 0 && check_quota(c, &quotas[i], err) < 0)
			return -1;
	return 0;
}
