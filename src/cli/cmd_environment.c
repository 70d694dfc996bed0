/* jobdeck environment: compute environments, made, changed, switched, deleted. */
#include "config.h"
#include <string.h>
#include <strings.h>
#include "fields.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "list.h"
#include "setup.h"
#include "thing.h"
#include "verb.h"

enum { MOST_VCPUS = 1000000, MOST_DELAY_MIN = 10080, MOST_DRAIN_MIN = 7200 };

static const struct field resources[] = {
	{ "min", "minvCpus", FIELD_NUMBER, 0, MOST_VCPUS },
	{ "max", "maxvCpus", FIELD_NUMBER, 1, MOST_VCPUS },
	{ "desired", "desiredvCpus", FIELD_NUMBER, 0, MOST_VCPUS },
	{ "instance-types", "instanceTypes", FIELD_LIST, 0, 0 },
	{ "strategy", "allocationStrategy", FIELD_WORD, 0, 0 },
	{ "bid", "bidPercentage", FIELD_NUMBER, 1, 100 },
};
static const struct field types[] = { { "type", "type", FIELD_WORD, 0, 0 } };
static const struct field unmanaged[] = {
	{ "max", "unmanagedvCpus", FIELD_NUMBER, 0, MOST_VCPUS },
};
static const struct field delay[] = {
	{ "scale-down-delay", "minScaleDownDelayMinutes", FIELD_NUMBER, 0, MOST_DELAY_MIN },
};
static const struct field drain[] = {
	{ "drain", "jobExecutionTimeoutMinutes", FIELD_NUMBER, 1, MOST_DRAIN_MIN },
};

/* What both create and update say of the instances. */
static int add_resources(const struct cmd_run *r, cJSON *out, struct err *err)
{
	cJSON *scaling;

	if (fields_add(r, resources, ARRAY_LEN(resources), out, err) < 0)
		return -1;
	if (!cmd_value(r, "scale-down-delay"))
		return 0;
	scaling = cJSON_AddObjectToObject(out, "scalingPolicy");
	return fields_add(r, delay, ARRAY_LEN(delay), scaling, err);
}

static bool is_type(const struct cmd_run *r, const char *type)
{
	return strcasecmp(cmd_value(r, "type") ? cmd_value(r, "type") : "EC2", type) == 0;
}

static bool is_fargate(const struct cmd_run *r)
{
	return is_type(r, "FARGATE") || is_type(r, "FARGATE_SPOT") || is_type(r, "FARGATE-SPOT");
}

/* What AWS wants said, or its console proposes, where nothing was. */
static void add_defaults(const struct cmd_run *r, cJSON *out, int64_t max)
{
	static const char *const optimal[] = { "optimal" };

	if (!json_get(out, "maxvCpus"))
		json_add_int(out, "maxvCpus", max);
	json_add(out, "subnets", cJSON_CreateArray());
	json_add(out, "securityGroupIds", cJSON_CreateArray());
	if (is_fargate(r))
		return;
	if (!json_get(out, "instanceTypes"))
		json_add(out, "instanceTypes", cJSON_CreateStringArray(optimal, 1));
	if (!json_get(out, "allocationStrategy"))
		json_add_str(out, "allocationStrategy",
			     is_type(r, "SPOT") ? "SPOT_PRICE_CAPACITY_OPTIMIZED" :
						  "BEST_FIT_PROGRESSIVE");
}

static int this_machine(struct cmd_run *r, int64_t *vcpus, struct err *err)
{
	cleanup_json cJSON *status = client_wait(r->client, "JobdeckStatus", NULL, err);

	if (!status)
		return -1;
	*vcpus = json_int(json_get(status, "pool"), "vcpus", 1);
	return 0;
}

static int add_managed(struct cmd_run *r, cJSON *in, struct err *err)
{
	int64_t max = 0;
	cJSON *out;

	json_add_str(in, "type", "MANAGED");
	out = cJSON_AddObjectToObject(in, "computeResources");
	json_add_str(out, "type", "EC2");
	if (fields_add(r, types, ARRAY_LEN(types), out, err) < 0 || add_resources(r, out, err) < 0)
		return -1;
	if (!cmd_value(r, "max") && this_machine(r, &max, err) < 0)
		return -1;
	add_defaults(r, out, max > 0 ? max : 1);
	return 0;
}

static int add_unmanaged(struct cmd_run *r, cJSON *in, struct err *err)
{
	json_add_str(in, "type", "UNMANAGED");
	json_add_str(in, "serviceRole", "jobdeck");
	return fields_add(r, unmanaged, ARRAY_LEN(unmanaged), in, err);
}

static int create_one(struct cmd_run *r, const char *name, struct err *err)
{
	cleanup_json cJSON *in = cJSON_CreateObject(), *tags = fields_map(r, "tag", err),
			   *out = NULL;
	int rc;

	if (!tags && cmd_value(r, "tag"))
		return -1;
	json_add_str(in, "computeEnvironmentName", name);
	json_add(in, "tags", STEAL_PTR(tags));
	rc = is_type(r, "UNMANAGED") ? add_unmanaged(r, in, err) : add_managed(r, in, err);
	if (rc < 0)
		return -1;
	out = client_wait(r->client, "CreateComputeEnvironment", STEAL_PTR(in), err);
	if (!out)
		return -1;
	cmd_warnings(out);
	if (r->json)
		json_answer(r, out);
	else
		cmd_say(_("environment %s is made"), name);
	return 0;
}

static bool is_unmanaged(struct cmd_run *r, const char *name)
{
	cJSON *in = cJSON_CreateObject();
	cleanup_json cJSON *out = NULL;
	const cJSON *first;

	json_add(in, "computeEnvironments", cJSON_CreateStringArray(&name, 1));
	out = client_wait(r->client, "DescribeComputeEnvironments", in, NULL);
	first = cJSON_GetArrayItem(json_get(out, "computeEnvironments"), 0);
	return strcmp(json_str_or(first, "type", ""), "UNMANAGED") == 0;
}

/* Only what was said: all else stays as it is. */
static int add_changes(struct cmd_run *r, const char *name, cJSON *in, struct err *err)
{
	cleanup_json cJSON *out = cJSON_CreateObject();
	cJSON *policy;

	if (cmd_value(r, "max") && is_unmanaged(r, name))
		return fields_add(r, unmanaged, ARRAY_LEN(unmanaged), in, err);
	if (fields_add(r, types, ARRAY_LEN(types), out, err) < 0 || add_resources(r, out, err) < 0)
		return -1;
	if (cmd_flag(r, "refresh"))
		json_add_bool(out, "updateToLatestImageVersion", true);
	if (out->child)
		json_add(in, "computeResources", STEAL_PTR(out));
	if (!cmd_value(r, "drain") && !cmd_flag(r, "terminate-jobs"))
		return 0;
	policy = cJSON_AddObjectToObject(in, "updatePolicy");
	json_add_bool(policy, "terminateJobsOnUpdate", cmd_flag(r, "terminate-jobs"));
	return fields_add(r, drain, ARRAY_LEN(drain), policy, err);
}

static int update_one(struct cmd_run *r, const char *name, struct err *err)
{
	cleanup_json cJSON *in = cJSON_CreateObject(), *out = NULL;

	json_add_str(in, "computeEnvironment", name);
	if (add_changes(r, name, in, err) < 0)
		return -1;
	if (!in->child->next)
		return err_set(
			err, ERR_INVALID, "%s",
			_("nothing to change; 'jobdeck help environment' lists what can be"));
	out = client_wait(r->client, "UpdateComputeEnvironment", STEAL_PTR(in), err);
	if (!out)
		return -1;
	if (r->json)
		json_answer(r, out);
	else
		cmd_say(_("environment %s is changed"), name);
	return 0;
}

static int enable_one(struct cmd_run *r, const char *name, struct err *err)
{
	return thing_set_state(r, &thing_environment, name, "ENABLED", err);
}

static int disable_one(struct cmd_run *r, const char *name, struct err *err)
{
	return thing_set_state(r, &thing_environment, name, "DISABLED", err);
}

static int delete_one(struct cmd_run *r, const char *name, struct err *err)
{
	return thing_delete(r, &thing_environment, name, err);
}

static int list(struct cmd_run *r, char **names, int count)
{
	return verb_as(r, "environments", names, count);
}

static int describe(struct cmd_run *r, char **names, int count)
{
	cleanup_free char *path = xasprintf("environment/%s", names[0]);
	char *operand = path;

	return verb_as(r, "describe", &operand, count);
}

#define OF_INSTANCES \
	"type", "min", "max", "desired", "instance-types", "strategy", "bid", "scale-down-delay"
static const char *const of_create[] = { OF_INSTANCES, "tag", NULL };
static const char *const of_update[] = { OF_INSTANCES, "drain", "terminate-jobs", "refresh", NULL };
static const char *const of_delete[] = { "yes", NULL };

static const struct verb verbs[] = {
	{ "create", "ENVIRONMENT", 1, 1, true, of_create, .one = create_one },
	{ "update", "ENVIRONMENT", 1, -1, true, of_update, .one = update_one },
	{ "enable", "ENVIRONMENT", 1, -1, true, NULL, .one = enable_one },
	{ "disable", "ENVIRONMENT", 1, -1, true, NULL, .one = disable_one },
	{ "delete", "ENVIRONMENT", 1, -1, true, of_delete, .one = delete_one },
	{ "list", NULL, 0, 0, false, NULL, .run = list },
	{ "describe", "ENVIRONMENT", 1, 1, false, NULL, .run = describe },
	{ .name = NULL },
};

static int run(struct cmd_run *r)
{
	return verb_run(r, verbs);
}

static const struct cmd_opt options[] = {
	{ 't', "type", "KIND", N_("EC2 (the default), SPOT, FARGATE, FARGATE_SPOT or UNMANAGED"),
	  false },
	{ 0, "max", "VCPUS", N_("vCPUs it may have at most; else as many as this machine has"),
	  false },
	{ 0, "min", "VCPUS", N_("vCPUs it keeps also when nothing runs; else 0"), false },
	{ 0, "desired", "VCPUS", N_("vCPUs it is to have now"), false },
	{ 0, "instance-types", "TYPES",
	  N_("sizes, families or bundles, with commas; else optimal, which is this machine"),
	  false },
	{ 0, "strategy", "STRATEGY",
	  N_("the allocation strategy; else BEST_FIT_PROGRESSIVE, for SPOT "
	     "SPOT_PRICE_CAPACITY_OPTIMIZED"),
	  false },
	{ 0, "bid", "PERCENT", N_("SPOT: the most it pays, of the on-demand price; else 100"),
	  false },
	{ 0, "scale-down-delay", "MINUTES",
	  N_("keep an instance so long after its last job, 20 to 10080; 0: no longer"), false },
	{ 0, "tag", "NAME=VALUE", N_("create: a tag"), true },
	{ 0, "drain", "MINUTES",
	  N_("update: how long jobs on instances to be replaced may go on; else 30"), false },
	{ 0, "terminate-jobs", NULL, N_("update: stop jobs on instances to be replaced at once"),
	  false },
	{ 0, "refresh", NULL, N_("update: replace all instances by new ones"), false },
	{ 'y', "yes", NULL, N_("delete without asking; without a terminal nothing is asked anyway"),
	  false },
	{ 0, NULL, NULL, NULL, false },
};

const struct cmd cmd_environment = {
	.name = "environment",
	.operands = "create|update|enable|disable|delete|list|describe ENVIRONMENT...",
	.summary = N_("make, change, switch or delete a compute environment"),
	.text = N_("A disabled environment starts no more jobs; those that run go on. Only a "
		   "disabled environment that no queue uses can be deleted.\n\n"
		   "update changes what is said and leaves the rest. Other instance types, another "
		   "strategy, bid or type are an infrastructure update: instances are replaced by "
		   "new ones once their jobs have ended, or after --drain."),
	.example = "jobdeck environment create spot --type SPOT --instance-types c5,m5 --max 16",
	.opts = options,
	.flags = CMD_CLIENT | CMD_JSON,
	.min_operands = 1,
	.max_operands = -1,
	.run = run,
};
