/* UpdateComputeEnvironment (CE-7, CE-8). A scaling update takes effect at once. An
 * infrastructure update makes a new generation: the scheduler replaces the instances of the
 * older ones, which have until the deadline to finish their jobs. */
#include "config.h"
#include <string.h>
#include "internal.h"

enum { DRAIN_DEFAULT_MIN = 30, MS_A_MINUTE = 60000 };

/* What can change without a new instance. */
static bool is_scaling(const char *member)
{
	static const char *const members[] = { "minvCpus", "maxvCpus", "desiredvCpus",
					       "scalingPolicy" };

	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		if (strcmp(member, members[i]) == 0)
			return true;
	return false;
}

/* Does the member say something new? Fargate takes an empty list for nothing said. */
static bool changes(const struct environment *e, const cJSON *resources, const cJSON *item)
{
	if (strcmp(item->string, "updateToLatestImageVersion") == 0)
		return cJSON_IsTrue(item);
	if (environment_is_fargate(e) && cJSON_IsArray(item) && !cJSON_GetArraySize(item))
		return false;
	return !cJSON_Compare(item, json_get(resources, item->string), true);
}

static bool same_family(enum cr_type a, enum cr_type b)
{
	bool fargate_a = a == CR_FARGATE || a == CR_FARGATE_SPOT;
	bool fargate_b = b == CR_FARGATE || b == CR_FARGATE_SPOT;

	return fargate_a == fargate_b;
}

/* CE-8: not with BEST_FIT, which is also what no strategy means, and one at a time. */
static int check_infrastructure(const struct environment *e, const char *member, struct err *err)
{
	if (environment_is_fargate(e))
		return 0;
	if (e->strategy == STRATEGY_BEST_FIT)
		return err_set(err, ERR_CONFLICT,
			       "Infrastructure updates (%s) are not supported for compute "
			       "environments with the BEST_FIT allocation strategy.",
			       member);
	if (e->status == STATUS_UPDATING)
		return err_set(err, ERR_CONFLICT, "Cannot update, resource is being modified.");
	return 0;
}

/* CE-7: Batch owns the value; by hand it only goes up. */
static int check_desired(const struct api_call *c, const struct environment *e, const cJSON *update,
			 struct err *err)
{
	if (environment_is_fargate(e) || !json_get(update, "desiredvCpus") ||
	    json_int(update, "desiredvCpus", 0) >= environment_desired(c, e))
		return 0;
	return err_set(
		err, ERR_INVALID,
		"Manually scaling down compute environment is not supported.  Disconnecting job "
		"queues from compute environment will cause it to scale-down to minvCpus.");
}

static int check_type(const struct environment *e, const cJSON *update, struct err *err)
{
	enum cr_type type = e->cr_type;

	cr_type_parse(json_str_or(update, "type", ""), &type);
	if (same_family(type, e->cr_type))
		return 0;
	return err_set(err, ERR_INVALID,
		       "The type of a compute environment cannot be changed between EC2 and "
		       "Fargate.");
}

/* An empty text takes away what was said before: a key pair, an image. */
static void put(cJSON *resources, const cJSON *item)
{
	if (strcmp(item->string, "updateToLatestImageVersion") == 0)
		return;
	if (cJSON_IsString(item) && !*item->valuestring)
		cJSON_DeleteItemFromObjectCaseSensitive(resources, item->string);
	else
		json_replace(resources, item->string, cJSON_Duplicate(item, 1));
}

static int update_resources(const struct api_call *c, struct environment *e, cJSON *doc,
			    bool *infrastructure, struct err *err)
{
	const cJSON *update = json_get(c->in, "computeResources"), *item;
	cJSON *resources = cJSON_GetObjectItemCaseSensitive(doc, "computeResources");

	if (!resources)
		return err_set(err, ERR_INVALID,
			       "computeResources must not be specified for an UNMANAGED compute "
			       "environment.");
	if (check_type(e, update, err) < 0 || check_desired(c, e, update, err) < 0)
		return -1;
	cJSON_ArrayForEach(item, update) {
		if (!changes(e, resources, item))
			continue;
		if (!is_scaling(item->string)) {
			if (check_infrastructure(e, item->string, err) < 0)
				return -1;
			*infrastructure = true;
		}
		put(resources, item);
	}
	return 0;
}

/* What was asked for by hand before stays within the new bounds; only what is asked for now
 * is checked, and no document keeps it. */
static void settle_desired(struct environment *e, const cJSON *update)
{
	if (json_get(update, "desiredvCpus")) {
		e->desired_vcpus = (int)json_int(update, "desiredvCpus", 0);
	} else if (e->desired_vcpus) {
		if (e->desired_vcpus > e->max_vcpus)
			e->desired_vcpus = e->max_vcpus;
		if (e->desired_vcpus < e->min_vcpus)
			e->desired_vcpus = e->min_vcpus;
	}
}

/* Fargate has no instances to replace: what changes holds for the next job. */
static void begin_replacement(const struct api_call *c, struct environment *e, const cJSON *doc)
{
	const cJSON *policy = json_get(doc, "updatePolicy");
	int64_t minutes = json_int(policy, "jobExecutionTimeoutMinutes", DRAIN_DEFAULT_MIN);

	if (environment_is_fargate(e))
		return;
	if (json_bool(policy, "terminateJobsOnUpdate", false))
		minutes = 0;
	e->status = STATUS_UPDATING;
	e->generation++;
	e->update_deadline = engine_now(c->engine) + minutes * MS_A_MINUTE;
}

static void update_plain(struct environment *e, cJSON *doc, const cJSON *in)
{
	static const char *const plain[] = { "unmanagedvCpus", "serviceRole", "updatePolicy",
					     "context", "ecsSettings" };

	state_parse(json_str_or(in, "state", ""), &e->state);
	for (size_t i = 0; i < ARRAY_LEN(plain); i++) {
		const cJSON *item = json_get(in, plain[i]);

		if (item)
			json_replace(doc, plain[i], cJSON_Duplicate(item, 1));
	}
}

static int update(struct api_call *c, struct environment *e, struct err *err)
{
	const cJSON *resources = json_get(c->in, "computeResources");
	cJSON *doc cleanup_json = doc_parse(e->doc);
	bool infrastructure = false;

	if (e->status == STATUS_DELETING)
		return err_set(err, ERR_CONFLICT, "Cannot update, resource is being modified.");
	update_plain(e, doc, c->in);
	if (resources && update_resources(c, e, doc, &infrastructure, err) < 0)
		return -1;
	environment_read(e, doc);
	settle_desired(e, resources);
	if (environment_check(e, doc, err) < 0)
		return -1;
	cJSON_DeleteItemFromObjectCaseSensitive(
		cJSON_GetObjectItemCaseSensitive(doc, "computeResources"), "desiredvCpus");
	if (infrastructure)
		begin_replacement(c, e, doc);
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
