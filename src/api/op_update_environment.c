/* UpdateComputeEnvironment (CE-7, CE-8). As no machine is bound to an environment here,
 * an infrastructure update has nothing to replace and takes effect at once, like a scaling
 * update; what AWS refuses is refused all the same. */
#include "config.h"
#include <string.h>
#include "internal.h"

static bool is_scaling(const char *member)
{
	return strcmp(member, "minvCpus") == 0 || strcmp(member, "maxvCpus") == 0 ||
	       strcmp(member, "desiredvCpus") == 0;
}

static bool same_family(enum cr_type a, enum cr_type b)
{
	bool fargate_a = a == CR_FARGATE || a == CR_FARGATE_SPOT;
	bool fargate_b = b == CR_FARGATE || b == CR_FARGATE_SPOT;

	return fargate_a == fargate_b;
}

/* CE-8: not with BEST_FIT, which is also what no strategy means. */
static int check_infrastructure(const struct environment *e, const cJSON *resources,
				const cJSON *update, struct err *err)
{
	bool best_fit =
		strcmp(json_str_or(resources, "allocationStrategy", "BEST_FIT"), "BEST_FIT") == 0;
	enum cr_type type = e->cr_type;
	const cJSON *item;

	cr_type_parse(json_str_or(update, "type", ""), &type);
	if (!same_family(type, e->cr_type))
		return err_set(
			err, ERR_INVALID,
			"The type of a compute environment cannot be changed between EC2 and "
			"Fargate.");
	cJSON_ArrayForEach(item, update) {
		if (!is_scaling(item->string) && best_fit &&
		    environment_platform(e) == PLATFORM_EC2)
			return err_set(err, ERR_CONFLICT,
				       "Infrastructure updates (%s) are not supported for compute "
				       "environments with the BEST_FIT allocation strategy.",
				       item->string);
	}
	return 0;
}

/* CE-7: Batch owns the value; by hand it only goes up. */
static int check_desired(const struct environment *e, const cJSON *update, struct err *err)
{
	if (json_int(update, "desiredvCpus", e->desired_vcpus) >= e->desired_vcpus)
		return 0;
	return err_set(
		err, ERR_INVALID,
		"Manually scaling down compute environment is not supported.  Disconnecting job "
		"queues from compute environment will cause it to scale-down to minvCpus.");
}

static int update_resources(struct environment *e, cJSON *doc, const cJSON *update, struct err *err)
{
	cJSON *resources = cJSON_GetObjectItemCaseSensitive(doc, "computeResources");
	const cJSON *item;

	if (!resources)
		return err_set(err, ERR_INVALID,
			       "computeResources must not be specified for an UNMANAGED compute "
			       "environment.");
	if (check_infrastructure(e, resources, update, err) < 0 ||
	    check_desired(e, update, err) < 0)
		return -1;
	cJSON_ArrayForEach(item, update) {
		if (strcmp(item->string, "updateToLatestImageVersion") != 0)
			json_replace(resources, item->string, cJSON_Duplicate(item, 1));
	}
	return 0;
}

/* A desired value that nobody asked for follows the new bounds. */
static void settle_desired(struct environment *e, cJSON *doc, const cJSON *update)
{
	cJSON *resources = cJSON_GetObjectItemCaseSensitive(doc, "computeResources");

	if (e->type != CE_MANAGED || environment_platform(e) == PLATFORM_FARGATE ||
	    json_get(update, "desiredvCpus"))
		return;
	if (e->desired_vcpus > e->max_vcpus)
		e->desired_vcpus = e->max_vcpus;
	if (e->desired_vcpus < e->min_vcpus)
		e->desired_vcpus = e->min_vcpus;
	json_replace(resources, "desiredvCpus", cJSON_CreateNumber(e->desired_vcpus));
}

static int update(struct api_call *c, struct environment *e, struct err *err)
{
	static const char *const plain[] = { "unmanagedvCpus", "serviceRole", "updatePolicy",
					     "context" };
	const cJSON *resources = json_get(c->in, "computeResources");
	cJSON *doc cleanup_json = doc_parse(e->doc);

	if (e->status == STATUS_DELETING)
		return err_set(err, ERR_CONFLICT, "Cannot update, resource is being modified.");
	state_parse(json_str_or(c->in, "state", ""), &e->state);
	for (size_t i = 0; i < ARRAY_LEN(plain); i++) {
		const cJSON *item = json_get(c->in, plain[i]);

		if (item)
			json_replace(doc, plain[i], cJSON_Duplicate(item, 1));
	}
	if (resources && update_resources(e, doc, resources, err) < 0)
		return -1;
	environment_read(e, doc);
	settle_desired(e, doc, resources);
	if (environment_check(e, doc, err) < 0)
		return -1;
	free(e->doc);
	e->doc = json_print(doc);
	return engine_put_environment(c->engine, e, err);
}

int op_update_environment(struct api_call *c, struct err *err)
{
	struct environment *e = find_environment(c, json_str(c->in, "computeEnvironment"), err);
	int rc;

	if (!e)
		return -1;
	rc = update(c, e, err);
	if (rc == 0) {
		json_add_str(c->out, "computeEnvironmentName", e->name);
		add_arn(c, c->out, "computeEnvironmentArn", "compute-environment", e->name);
	}
	environment_free(e);
	return rc;
}
