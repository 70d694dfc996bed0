/* What Jobdeck refuses in requests that it serves otherwise, because only AWS has what it names.
 * One table: the API refuses by it, `jobdeck api --list` and the manual show it. */
#include "config.h"
#include <string.h>
#include "jobdeck/base/i18n.h"
#include "internal.h"

static const char eks[] = N_("needs Kubernetes, which Jobdeck does not drive");
static const char sagemaker[] = N_("needs SageMaker AI, which only AWS has");
static const char managed[] = N_("needs ECS Managed Instances, which only AWS has");
static const char oldest[] = N_("needs searches from the end, which Jobdeck does not make");

const struct api_refusal api_refusals[] = {
	{ "CreateComputeEnvironment", "eksConfiguration", NULL, eks },
	{ "CreateComputeEnvironment", "computeResources.type", "ECS_MANAGED_INSTANCES", managed },
	{ "UpdateComputeEnvironment", "computeResources.type", "ECS_MANAGED_INSTANCES", managed },
	{ "CreateJobQueue", "jobQueueType", "EKS", eks },
	{ "CreateJobQueue", "jobQueueType", "ECS_MANAGED_INSTANCES", managed },
	{ "CreateJobQueue", "jobQueueType", "SAGEMAKER_TRAINING", sagemaker },
	{ "CreateJobQueue", "serviceEnvironmentOrder", NULL, sagemaker },
	{ "UpdateJobQueue", "serviceEnvironmentOrder", NULL, sagemaker },
	{ "CreateSchedulingPolicy", "quotaSharePolicy", NULL, sagemaker },
	{ "UpdateSchedulingPolicy", "quotaSharePolicy", NULL, sagemaker },
	{ "RegisterJobDefinition", "platformCapabilities", "MANAGED_INSTANCES", managed },
	{ "SubmitJob", "eksPropertiesOverride", NULL, eks },
	{ "FilterLogEvents", "startFromHead", "false", oldest },
	{ NULL, NULL, NULL, NULL },
};

/* The member by its path, "a.b"; NULL: not there, or an empty list. */
static const cJSON *look(const cJSON *in, const char *path)
{
	cleanup_free char *copy = xstrdup(path);
	char *next = copy;

	while (next && in)
		in = json_get(in, strsep(&next, "."));
	return cJSON_IsArray(in) && !cJSON_GetArraySize(in) ? NULL : in;
}

/* Is the item that text or truth, or a list that has it? */
static bool says(const cJSON *item, const char *value)
{
	const cJSON *element;

	if (cJSON_IsBool(item))
		return strcmp(cJSON_IsTrue(item) ? "true" : "false", value) == 0;
	if (cJSON_IsString(item))
		return strcmp(item->valuestring, value) == 0;
	cJSON_ArrayForEach(element, item) {
		if (cJSON_IsString(element) && strcmp(element->valuestring, value) == 0)
			return true;
	}
	return false;
}

int check_refused(const struct api_op *op, const cJSON *in, struct err *err)
{
	for (const struct api_refusal *r = api_refusals; r->op; r++) {
		const cJSON *item = strcmp(r->op, op->name) == 0 ? look(in, r->member) : NULL;

		if (!item)
			continue;
		if (!r->value)
			return err_set(err, ERR_INVALID, "%s is not supported: it %s", r->member,
				       r->why);
		if (says(item, r->value))
			return err_set(err, ERR_INVALID, "%s %s is not supported: it %s", r->member,
				       r->value, r->why);
	}
	return 0;
}
