/* Compute environments: what their document means to the scheduler, and how the API shows
 * them. What may be in it: check_environment.c. */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "internal.h"

bool environment_is_fargate(const struct environment *e)
{
	return e->type == CE_MANAGED && (e->cr_type == CR_FARGATE || e->cr_type == CR_FARGATE_SPOT);
}

enum platform environment_platform(const struct environment *e)
{
	return environment_is_fargate(e) ? PLATFORM_FARGATE : PLATFORM_EC2;
}

static void read_types(struct environment *e, const cJSON *list)
{
	const cJSON *item;
	int n = cJSON_GetArraySize(list);

	for (int i = 0; i < e->instance_type_count; i++)
		free(e->instance_types[i]);
	free(e->instance_types);
	e->instance_type_count = 0;
	e->instance_types = xcalloc((size_t)n + 1, sizeof *e->instance_types);
	cJSON_ArrayForEach(item, list)
		e->instance_types[e->instance_type_count++] = xstrdup(item->valuestring);
}

/* What only EC2 and SPOT have. No strategy is BEST_FIT (section 11.3). */
static void read_ec2(struct environment *e, const cJSON *resources)
{
	enum { MS_A_MINUTE = 60000 };
	int64_t delay =
		json_int(json_get(resources, "scalingPolicy"), "minScaleDownDelayMinutes", 0);

	e->strategy = STRATEGY_BEST_FIT;
	cr_strategy_parse(json_str_or(resources, "allocationStrategy", ""), &e->strategy);
	e->bid_percent = e->cr_type == CR_SPOT ? (int)json_int(resources, "bidPercentage", 0) : 0;
	e->min_vcpus = (int)json_int(resources, "minvCpus", 0);
	e->scale_down_delay_ms = delay * MS_A_MINUTE;
	read_types(e, json_get(resources, "instanceTypes"));
}

void environment_read(struct environment *e, const cJSON *doc)
{
	const cJSON *resources = json_get(doc, "computeResources");

	ce_type_parse(json_str_or(doc, "type", "MANAGED"), &e->type);
	if (e->type == CE_UNMANAGED) {
		e->max_vcpus = (int)json_int(doc, "unmanagedvCpus", 0);
		return;
	}
	cr_type_parse(json_str_or(resources, "type", "EC2"), &e->cr_type);
	e->max_vcpus = (int)json_int(resources, "maxvCpus", 0);
	if (!environment_is_fargate(e))
		read_ec2(e, resources);
}

static void add_cluster(const struct api_call *c, cJSON *out, const struct environment *e,
			const cJSON *doc)
{
	const struct account *a = engine_account(c->engine);
	char arn[ARN_SIZE];

	snprintf(arn, sizeof arn, "arn:aws:ecs:%s:%s:cluster/%s_Batch_%s", a->region, a->id,
		 e->name, json_str_or(doc, "uuid", ""));
	json_add_str(out, "ecsClusterArn", arn);
}

int64_t environment_desired(const struct api_call *c, const struct environment *e)
{
	struct sched_env_view view = { 0 };

	sched_env(engine_sched(c->engine), e->name, &view);
	return view.vcpus > e->min_vcpus ? view.vcpus : e->min_vcpus;
}

/* CE-7: Batch owns desiredvCpus, so what stands is shown and not what was said. */
static void add_scale(const struct api_call *c, cJSON *doc, const struct environment *e)
{
	cJSON *resources = cJSON_GetObjectItemCaseSensitive(doc, "computeResources");

	if (!resources || environment_is_fargate(e))
		return;
	json_replace(resources, "minvCpus", cJSON_CreateNumber(e->min_vcpus));
	json_replace(resources, "desiredvCpus",
		     cJSON_CreateNumber((double)environment_desired(c, e)));
}

/* What Batch says where nothing was said. Infrastructure updates are not for BEST_FIT (CE-8). */
static void add_defaults(const struct api_call *c, cJSON *doc, const struct environment *e)
{
	enum { DRAIN_MINUTES = 30 };
	bool updates = e->type == CE_MANAGED && !environment_is_fargate(e) &&
		       e->strategy != STRATEGY_BEST_FIT;
	char role[ARN_SIZE];
	cJSON *policy;

	if (e->type == CE_MANAGED && !json_get(doc, "serviceRole")) {
		snprintf(role, sizeof role,
			 "arn:aws:iam::%s:role/aws-service-role/batch.amazonaws.com/"
			 "AWSServiceRoleForBatch",
			 engine_account(c->engine)->id);
		json_add_str(doc, "serviceRole", role);
	}
	if (updates && !json_get(doc, "updatePolicy")) {
		policy = cJSON_AddObjectToObject(doc, "updatePolicy");
		json_add_bool(policy, "terminateJobsOnUpdate", false);
		json_add_int(policy, "jobExecutionTimeoutMinutes", DRAIN_MINUTES);
	}
	if (!json_get(doc, "tags"))
		cJSON_AddObjectToObject(doc, "tags");
}

cJSON *show_environment(const struct api_call *c, const struct environment *e)
{
	cJSON *doc = doc_parse(e->doc), *out = cJSON_CreateObject(), *item;

	json_add_str(out, "computeEnvironmentName", e->name);
	add_arn(c, out, "computeEnvironmentArn", "compute-environment", e->name);
	add_cluster(c, out, e, doc);
	json_add_str(out, "state", state_name(e->state));
	json_add_str(out, "status", status_name(e->status));
	json_add_str(out, "statusReason", e->status_reason);
	json_add_str(out, "containerOrchestrationType", "ECS");
	add_defaults(c, doc, e);
	add_scale(c, doc, e);
	while ((item = doc->child))
		cJSON_AddItemToObject(out, item->string, cJSON_DetachItemViaPointer(doc, item));
	cJSON_Delete(doc);
	return out;
}
