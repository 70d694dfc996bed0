/* jobdeck queue: job queues, made, changed, switched, deleted. */
#include "config.h"
#include <string.h>
#include "fields.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/time.h"
#include "jobdeck/model/limits.h"
#include "list.h"
#include "policy.h"
#include "setup.h"
#include "thing.h"
#include "verb.h"

enum { MS_A_SECOND = 1000 };

static const struct field priority[] = {
	{ "priority", "priority", FIELD_NUMBER, 0, LIMIT_PRIORITY },
};

/* --environments a,b: in the order in which they are tried. */
static void add_order(const struct cmd_run *r, cJSON *in)
{
	static const struct field names[] = { { "environments", "list", FIELD_LIST, 0, 0 } };
	cleanup_json cJSON *said = cJSON_CreateObject();
	const cJSON *name;
	cJSON *order;
	int n = 0;

	if (!cmd_value(r, "environments"))
		return;
	fields_add(r, names, ARRAY_LEN(names), said, NULL);
	order = cJSON_AddArrayToObject(in, "computeEnvironmentOrder");
	cJSON_ArrayForEach(name, json_get(said, "list")) {
		cJSON *item = cJSON_CreateObject();

		json_add_int(item, "order", ++n);
		json_add_str(item, "computeEnvironment", name->valuestring);
		cJSON_AddItemToArray(order, item);
	}
}

/* --limit REASON=SPAN: a head that is blocked for that reason so long is cancelled (BL-1). */
static int add_limits(const struct cmd_run *r, cJSON *in, struct err *err)
{
	cJSON *list = NULL;
	const char *text, *span;

	for (int i = 0; (text = cmd_value_at(r, "limit", i)); i++) {
		cleanup_free char *reason = NULL;
		cJSON *item;
		int64_t ms;

		if (fields_pair("limit", text, &reason, &span, err) < 0)
			return -1;
		ms = time_read_span(span);
		if (ms < 0)
			return err_set(err, ERR_INVALID,
				       _("--limit takes REASON=TIME with a time such as 20m, not "
					 "'%s'"),
				       text);
		if (!list)
			list = cJSON_AddArrayToObject(in, "jobStateTimeLimitActions");
		item = cJSON_CreateObject();
		json_add_str(item, "reason", reason);
		json_add_str(item, "state", "RUNNABLE");
		json_add_int(item, "maxTimeSeconds", ms / MS_A_SECOND);
		json_add_str(item, "action", "CANCEL");
		cJSON_AddItemToArray(list, item);
	}
	return 0;
}

/* An ARN, or a name: of a policy the API takes only ARNs. */
static int add_policy(struct cmd_run *r, cJSON *in, struct err *err)
{
	const char *text = cmd_value(r, "policy");
	cleanup_free char *arn = NULL;

	if (!text)
		return 0;
	arn = policy_arn(r, text, err);
	json_add_str(in, "schedulingPolicyArn", arn);
	return arn ? 0 : -1;
}

/* Jobdeck's own settings of a queue are tags. */
static cJSON *own_tags(const struct cmd_run *r, struct err *err)
{
	cJSON *tags = fields_map(r, "tag", err);

	if (!tags && cmd_value(r, "tag"))
		return NULL;
	if (!tags)
		tags = cJSON_CreateObject();
	json_add_str(tags, "jobdeck:backfill", cmd_value(r, "backfill"));
	json_add_str(tags, "jobdeck:max-running", cmd_value(r, "max-running"));
	return tags;
}

static int add_common(struct cmd_run *r, cJSON *in, struct err *err)
{
	if (fields_add(r, priority, ARRAY_LEN(priority), in, err) < 0 ||
	    add_limits(r, in, err) < 0 || add_policy(r, in, err) < 0)
		return -1;
	add_order(r, in);
	return 0;
}

static void say(struct cmd_run *r, const cJSON *out, const char *text, const char *name)
{
	if (r->json)
		json_answer(r, out);
	else
		cmd_say(text, name);
}

static int create_one(struct cmd_run *r, const char *name, struct err *err)
{
	cleanup_json cJSON *in = cJSON_CreateObject(), *tags = own_tags(r, err), *out = NULL;

	if (!tags)
		return -1;
	if (!cmd_value(r, "environments"))
		return err_set(err, ERR_INVALID, "%s",
			       _("which environments? Say --environments with one to three names"));
	json_add_str(in, "jobQueueName", name);
	json_add_int(in, "priority", SETUP_PRIORITY);
	if (tags->child)
		json_add(in, "tags", STEAL_PTR(tags));
	if (add_common(r, in, err) < 0)
		return -1;
	out = client_wait(r->client, "CreateJobQueue", STEAL_PTR(in), err);
	cmd_warnings(out);
	if (out)
		say(r, out, _("queue %s is made"), name);
	return out ? 0 : -1;
}

/* Tags are changed by an operation of their own, which wants an ARN. */
static int update_tags(struct cmd_run *r, const char *arn, cJSON *tags /* taken */, struct err *err)
{
	cJSON *in = cJSON_CreateObject();
	cleanup_json cJSON *out = NULL;

	json_add_str(in, "resourceArn", arn);
	json_add(in, "tags", tags);
	out = client_wait(r->client, "TagResource", in, err);
	return out ? 0 : -1;
}

static int update_one(struct cmd_run *r, const char *name, struct err *err)
{
	cleanup_json cJSON *in = cJSON_CreateObject(), *tags = own_tags(r, err), *out = NULL;

	if (!tags)
		return -1;
	json_add_str(in, "jobQueue", name);
	if (add_common(r, in, err) < 0)
		return -1;
	if (!in->child->next && !tags->child)
		return err_set(err, ERR_INVALID, "%s",
			       _("nothing to change; 'jobdeck help queue' lists what can be"));
	out = client_wait(r->client, "UpdateJobQueue", STEAL_PTR(in), err);
	if (!out || (tags->child &&
		     update_tags(r, json_str_or(out, "jobQueueArn", ""), STEAL_PTR(tags), err) < 0))
		return -1;
	say(r, out, _("queue %s is changed"), name);
	return 0;
}

static int enable_one(struct cmd_run *r, const char *name, struct err *err)
{
	return thing_set_state(r, &thing_queue, name, "ENABLED", err);
}

static int disable_one(struct cmd_run *r, const char *name, struct err *err)
{
	return thing_set_state(r, &thing_queue, name, "DISABLED", err);
}

static int delete_one(struct cmd_run *r, const char *name, struct err *err)
{
	return thing_delete(r, &thing_queue, name, err);
}

static int list(struct cmd_run *r, char **names, int count)
{
	return verb_as(r, "queues", names, count);
}

static int describe(struct cmd_run *r, char **names, int count)
{
	cleanup_free char *path = xasprintf("queue/%s", names[0]);
	char *operand = path;

	return verb_as(r, "describe", &operand, count);
}

static const char *const of_change[] = { "priority", "environments", "policy", "limit",
					 "backfill", "max-running",  "tag",    NULL };
static const char *const of_delete[] = { "yes", NULL };

static const struct verb verbs[] = {
	{ "create", "QUEUE", 1, 1, true, of_change, .one = create_one },
	{ "update", "QUEUE", 1, -1, true, of_change, .one = update_one },
	{ "enable", "QUEUE", 1, -1, true, NULL, .one = enable_one },
	{ "disable", "QUEUE", 1, -1, true, NULL, .one = disable_one },
	{ "delete", "QUEUE", 1, -1, true, of_delete, .one = delete_one },
	{ "list", NULL, 0, 0, false, NULL, .run = list },
	{ "describe", "QUEUE", 1, 1, false, NULL, .run = describe },
	{ .name = NULL },
};

static int run(struct cmd_run *r)
{
	return verb_run(r, verbs);
}

static const struct cmd_opt options[] = {
	{ 'p', "priority", "N", N_("queues of higher priority are served first; else 10"), false },
	{ 0, "environments", "ENVIRONMENTS",
	  N_("where its jobs run: one to three names with commas, in the order to try"), false },
	{ 0, "policy", "POLICY",
	  N_("share fairly by this scheduling policy; only a new queue can get one"), false },
	{ 0, "limit", "REASON=TIME",
	  N_("cancel a job that is blocked at the head for that reason so long, 10m to 24h"),
	  true },
	{ 0, "backfill", "SWITCH",
	  N_("on or off: let jobs pass a head that does not fit (Jobdeck's own)"), false },
	{ 0, "max-running", "N",
	  N_("jobs of it that run at a time at most (Jobdeck's own); 0: no limit"), false },
	{ 0, "tag", "NAME=VALUE", N_("a tag"), true },
	{ 'y', "yes", NULL, N_("delete without asking; without a terminal nothing is asked anyway"),
	  false },
	{ 0, NULL, NULL, NULL, false },
};

const struct cmd cmd_queue = {
	.name = "queue",
	.operands = "create|update|enable|disable|delete|list|describe QUEUE...",
	.summary = N_("make, change, switch or delete a job queue"),
	.text = N_("A disabled queue takes no new jobs; those in it go on. Only a disabled "
		   "queue can be deleted, and its jobs end with it.\n\n"
		   "update changes what is said and leaves the rest. REASONs are those of AWS "
		   "Batch: CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY, "
		   "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE, "
		   "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT."),
	.example = "jobdeck queue create urgent --priority 100 --environments local-ce",
	.opts = options,
	.flags = CMD_CLIENT | CMD_JSON,
	.min_operands = 1,
	.max_operands = -1,
	.run = run,
};
