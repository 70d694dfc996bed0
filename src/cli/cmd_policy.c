/* jobdeck policy: fair-share scheduling policies. */
#include "config.h"
#include <string.h>
#include "fields.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/time.h"
#include "jobdeck/model/arn.h"
#include "list.h"
#include "policy.h"
#include "thing.h"
#include "verb.h"

enum { MOST_DECAY_S = 604800, MOST_RESERVATION = 99 };

static const struct field plain[] = {
	{ "decay", "shareDecaySeconds", FIELD_SPAN, 0, MOST_DECAY_S },
	{ "reservation", "computeReservation", FIELD_NUMBER, 0, MOST_RESERVATION },
};

char *policy_arn(struct cmd_run *r, const char *text, struct err *err)
{
	cleanup_json cJSON *all = NULL;
	const cJSON *item;

	if (strncmp(text, "arn:", 4) == 0)
		return xstrdup(text);
	all = list_all(r, "ListSchedulingPolicies", NULL, "schedulingPolicies", 0, NULL, err);
	if (!all)
		return NULL;
	cJSON_ArrayForEach(item, all) {
		const char *arn = json_str_or(item, "arn", "");
		const char *name = arn_name("scheduling-policy", arn);

		if (name && strcmp(name, text) == 0)
			return xstrdup(arn);
	}
	err_set(err, ERR_NOT_FOUND,
		_("there is no scheduling policy '%s'; 'jobdeck policy list' lists them"), text);
	return NULL;
}

/* What DescribeSchedulingPolicies says of some; NULL on error. */
static cJSON *describe_arns(struct cmd_run *r, const cJSON *arns, struct err *err)
{
	cJSON *in = cJSON_CreateObject();
	cleanup_json cJSON *out = NULL;

	json_add_copy(in, "arns", arns);
	out = client_wait(r->client, "DescribeSchedulingPolicies", in, err);
	return cJSON_DetachItemFromObjectCaseSensitive(out, "schedulingPolicies");
}

/* Its place in the list, or -1. */
static int find_share(const cJSON *list, const char *id)
{
	const cJSON *item;
	int i = 0;

	cJSON_ArrayForEach(item, list) {
		if (strcmp(json_str_or(item, "shareIdentifier", ""), id) == 0)
			return i;
		i++;
	}
	return -1;
}

static int set_share(cJSON *list, const char *text, struct err *err)
{
	cleanup_free char *id = NULL;
	const char *value;
	char *end;
	double weight;
	cJSON *item;

	if (fields_pair("share", text, &id, &value, err) < 0)
		return -1;
	weight = strtod(value, &end);
	if (end == value || *end)
		return err_set(err, ERR_INVALID, _("--share takes ID=WEIGHT, not '%s'"), text);
	if (find_share(list, id) >= 0)
		cJSON_DeleteItemFromArray(list, find_share(list, id));
	item = cJSON_CreateObject();
	json_add_str(item, "shareIdentifier", id);
	cJSON_AddNumberToObject(item, "weightFactor", weight);
	cJSON_AddItemToArray(list, item);
	return 0;
}

/* Over what the policy says now, which may be nothing. */
static int change(const struct cmd_run *r, cJSON *policy, struct err *err)
{
	cJSON *list = cJSON_GetObjectItemCaseSensitive(policy, "shareDistribution");
	const char *text;

	if (fields_add(r, plain, ARRAY_LEN(plain), policy, err) < 0)
		return -1;
	if (!list)
		list = cJSON_AddArrayToObject(policy, "shareDistribution");
	for (int i = 0; (text = cmd_value_at(r, "remove-share", i)); i++)
		if (find_share(list, text) >= 0)
			cJSON_DeleteItemFromArray(list, find_share(list, text));
	for (int i = 0; (text = cmd_value_at(r, "share", i)); i++)
		if (set_share(list, text, err) < 0)
			return -1;
	return 0;
}

static int create_one(struct cmd_run *r, const char *name, struct err *err)
{
	cleanup_json cJSON *in = cJSON_CreateObject(), *tags = fields_map(r, "tag", err),
			   *out = NULL;

	if (!tags && cmd_value(r, "tag"))
		return -1;
	json_add_str(in, "name", name);
	json_add(in, "tags", STEAL_PTR(tags));
	if (change(r, cJSON_AddObjectToObject(in, "fairsharePolicy"), err) < 0)
		return -1;
	out = client_wait(r->client, "CreateSchedulingPolicy", STEAL_PTR(in), err);
	if (!out)
		return -1;
	cmd_warnings(out);
	if (r->json)
		json_answer(r, out);
	else
		cmd_say(_("policy %s is made"), name);
	return 0;
}

/* The API replaces the whole policy, so what was not said is said again. */
static int update_one(struct cmd_run *r, const char *name, struct err *err)
{
	cleanup_free char *arn = policy_arn(r, name, err);
	cleanup_json cJSON *arns = cJSON_CreateArray(), *now = NULL, *out = NULL;
	cJSON *in, *policy;

	if (!arn)
		return -1;
	cJSON_AddItemToArray(arns, cJSON_CreateString(arn));
	now = describe_arns(r, arns, err);
	if (!now)
		return -1;
	policy = cJSON_DetachItemFromObjectCaseSensitive(cJSON_GetArrayItem(now, 0),
							 "fairsharePolicy");
	in = cJSON_CreateObject();
	json_add_str(in, "arn", arn);
	json_add(in, "fairsharePolicy", policy ? policy : (policy = cJSON_CreateObject()));
	if (change(r, policy, err) < 0) {
		cJSON_Delete(in);
		return -1;
	}
	out = client_wait(r->client, "UpdateSchedulingPolicy", in, err);
	if (out)
		cmd_say(_("policy %s is changed"), name);
	return out ? 0 : -1;
}

static int delete_one(struct cmd_run *r, const char *name, struct err *err)
{
	cleanup_free char *arn = policy_arn(r, name, err);
	cleanup_json cJSON *out = NULL;
	cJSON *in;

	if (!arn)
		return -1;
	if (!thing_confirmed(r, _("Delete scheduling policy %s? [y/N] "), name))
		return err_set(err, ERR_DENIED, _("%s was not deleted"), name);
	in = cJSON_CreateObject();
	json_add_str(in, "arn", arn);
	out = client_wait(r->client, "DeleteSchedulingPolicy", in, err);
	if (out)
		cmd_say(_("policy %s is deleted"), name);
	return out ? 0 : -1;
}

/* --- list ----------------------------------------------------------------------------- */

static const struct column columns[] = {
	{ .title = N_("POLICY"), .least = 10 },
	{ .title = N_("DECAY"), .right = true },
	{ .title = N_("RESERVATION"), .right = true },
	{ .title = N_("SHARES"), .least = 12 },
};

static void add_shares(struct table *t, const cJSON *list)
{
	cleanup_free char *text = xstrdup("");
	const cJSON *item;

	cJSON_ArrayForEach(item, list) {
		char *more = xasprintf("%s%s%s=%g", text, *text ? "," : "",
				       json_str_or(item, "shareIdentifier", "?"),
				       json_num(item, "weightFactor", 1));

		free(text);
		text = more;
	}
	table_add(t, text);
}

static void row(struct table *t, const cJSON *p, jd_time now)
{
	const cJSON *fair = json_get(p, "fairsharePolicy");
	char span[32];

	(void)now;
	table_add(t, json_str(p, "name"));
	table_add(t, time_span(json_int(fair, "shareDecaySeconds", 0) * 1000, span, sizeof span));
	table_addf(t, "%lld%%", (long long)json_int(fair, "computeReservation", 0));
	add_shares(t, json_get(fair, "shareDistribution"));
}

static const struct listing listing = {
	columns, ARRAY_LEN(columns), row,
	N_("no scheduling policies yet; 'jobdeck policy create NAME' makes one")
};

/* In steps, for so many may be described at once. */
static int describe_all(struct cmd_run *r, const cJSON *all, cJSON *out, struct err *err)
{
	enum { AT_ONCE = 100 };
	const cJSON *item = all->child;

	while (item) {
		cleanup_json cJSON *arns = cJSON_CreateArray(), *some = NULL;
		cJSON *one;

		for (int i = 0; item && i < AT_ONCE; i++, item = item->next)
			cJSON_AddItemToArray(arns,
					     cJSON_CreateString(json_str_or(item, "arn", "")));
		some = describe_arns(r, arns, err);
		if (!some)
			return -1;
		while ((one = cJSON_DetachItemFromArray(some, 0)))
			cJSON_AddItemToArray(out, one);
	}
	return 0;
}

static int list(struct cmd_run *r, char **names, int count)
{
	struct err err = { 0 };
	cleanup_json cJSON *all = NULL, *full = cJSON_CreateArray();

	(void)names;
	(void)count;
	all = list_all(r, "ListSchedulingPolicies", NULL, "schedulingPolicies", 0, NULL, &err);
	if (!all || describe_all(r, all, full, &err) < 0)
		return cmd_fail(&err);
	list_print(r, full, &listing);
	return EXIT_DONE;
}

static const char *const of_create[] = { "decay", "reservation", "share", "tag", NULL };
static const char *const of_update[] = { "decay", "reservation", "share", "remove-share", NULL };
static const char *const of_delete[] = { "yes", NULL };

static const struct verb verbs[] = {
	{ "create", "POLICY", 1, 1, true, of_create, .one = create_one },
	{ "update", "POLICY", 1, -1, true, of_update, .one = update_one },
	{ "delete", "POLICY", 1, -1, true, of_delete, .one = delete_one },
	{ "list", NULL, 0, 0, false, NULL, .run = list },
	{ .name = NULL },
};

static int run(struct cmd_run *r)
{
	return verb_run(r, verbs);
}

static const struct cmd_opt options[] = {
	{ 0, "decay", "TIME", N_("how long past use counts, such as 1h; at most 7d"), false },
	{ 0, "reservation", "PERCENT", N_("vCPUs kept for shares that are not active yet, 0 to 99"),
	  false },
	{ 0, "share", "ID=WEIGHT",
	  N_("a share's weight, 0.0001 to 999.9999, less is more; ID* is all that begin "
	     "so"),
	  true },
	{ 0, "remove-share", "ID", N_("update: forget a share's weight"), true },
	{ 0, "tag", "NAME=VALUE", N_("create: a tag"), true },
	{ 'y', "yes", NULL, N_("delete without asking; without a terminal nothing is asked anyway"),
	  false },
	{ 0, NULL, NULL, NULL, false },
};

const struct cmd cmd_policy = {
	.name = "policy",
	.operands = "create|update|delete|list POLICY...",
	.summary = N_("make, change, list or delete fair-share scheduling policies"),
	.text = N_("A queue that is made with a policy gives its jobs room by share: the one with "
		   "the least use times weight comes next. Jobs name theirs with submit --share."),
	.example = "jobdeck policy create fair --decay 1h --share alice=1 --share bob=0.5",
	.opts = options,
	.flags = CMD_CLIENT | CMD_JSON,
	.min_operands = 1,
	.max_operands = -1,
	.run = run,
};
