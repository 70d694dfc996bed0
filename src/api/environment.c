/* Compute environments: what their document means, what may be in it (CE-5, CE-7), and how
 * the API shows them. */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "internal.h"

enum platform environment_platform(const struct environment *e)
{
	return e->type == CE_MANAGED &&
			       (e->cr_type == CR_FARGATE || e->cr_type == CR_FARGATE_SPOT) ?
		       PLATFORM_FARGATE :
		       PLATFORM_EC2;
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
	e->min_vcpus = (int)json_int(resources, "minvCpus", 0);
	e->max_vcpus = (int)json_int(resources, "maxvCpus", 0);
	e->desired_vcpus = (int)json_int(resources, "desiredvCpus", e->min_vcpus);
}

/* CE-5: nothing else has a meaning on Fargate. */
static int check_fargate(const cJSON *resources, struct err *err)
{
	static const char *const allowed[] = { "type", "maxvCpus", "subnets", "securityGroupIds" };
	const cJSON *item;

	cJSON_ArrayForEach(item, resources) {
		bool ok = cJSON_IsArray(item) && !cJSON_GetArraySize(item);

		for (size_t i = 0; i < ARRAY_LEN(allowed); i++)
			ok |= strcmp(item->string, allowed[i]) == 0;
		if (!ok)
			return err_set(err, ERR_INVALID, "%s is not applicable for Fargate.",
				       item->string);
	}
	return 0;
}

/* SP-1. */
static int check_bid(const struct environment *e, const cJSON *resources, struct err *err)
{
	int64_t bid = json_int(resources, "bidPercentage", 100);

	if (e->cr_type == CR_SPOT && (bid < 1 || bid > 100))
		return err_set(err, ERR_INVALID, "bidPercentage should be between 1 and 100.");
	return 0;
}

/* CE-7. */
static int check_vcpus(const struct environment *e, struct err *err)
{
	if (e->max_vcpus < 1)
		return err_set(err, ERR_INVALID, "maxvCpus should be at least 1.");
	if (e->min_vcpus < 0 || e->min_vcpus > e->max_vcpus)
		return err_set(err, ERR_INVALID, "minvCpus should be between 0 and maxvCpus.");
	if (e->desired_vcpus < e->min_vcpus || e->desired_vcpus > e->max_vcpus)
		return err_set(err, ERR_INVALID,
			       "desiredvCpus should be between minvCpus and maxvCpus.");
	return 0;
}

static int check_unmanaged(const struct environment *e, const cJSON *doc, struct err *err)
{
	if (json_get(doc, "computeResources"))
		return err_set(err, ERR_INVALID,
			       "computeResources must not be specified for an UNMANAGED compute "
			       "environment.");
	if (e->max_vcpus < 0)
		return err_set(err, ERR_INVALID, "unmanagedvCpus should be at least 0.");
	if (!json_str(doc, "serviceRole"))
		return err_set(err, ERR_INVALID, "ServiceRole is required.");
	return 0;
}

int environment_check(const struct environment *e, const cJSON *doc, struct err *err)
{
	const cJSON *resources = json_get(doc, "computeResources");

	if (e->type == CE_UNMANAGED)
		return check_unmanaged(e, doc, err);
	if (json_get(doc, "unmanagedvCpus"))
		return err_set(
			err, ERR_INVALID,
			"unmanagedvCpus is only applicable for UNMANAGED compute environments.");
	if (!resources)
		return err_set(err, ERR_INVALID, "ComputeResources is required.");
	if (environment_platform(e) == PLATFORM_FARGATE && check_fargate(resources, err) < 0)
		return -1;
	return check_bid(e, resources, err) < 0 ? -1 : check_vcpus(e, err);
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
	if (!json_get(doc, "tags"))
		json_add(out, "tags", cJSON_CreateObject());
	while ((item = doc->child))
		cJSON_AddItemToObject(out, item->string, cJSON_DetachItemViaPointer(doc, item));
	cJSON_Delete(doc);
	return out;
}
