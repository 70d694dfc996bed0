/* Job queues: their compute environments (JQ-2), and how the API shows them. */
#include "config.h"
#include <string.h>
#include "internal.h"

struct place {
	int64_t order;
	char *name; /* of an environment */
};

static int by_order(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return (x->order > y->order) - (x->order < y->order);
}

/* What all environments of a queue must have in common (JQ-2). */
struct common {
	enum platform platform;
	enum arch arch;
};

static int look_at(const struct environment *e, struct common *out, struct err *err)
{
	*out = (struct common){ .platform = environment_platform(e), .arch = ARCH_X86_64 };
	if (e->type == CE_UNMANAGED || environment_is_fargate(e))
		return 0;
	return environment_arch(e, &out->arch, err);
}

static int check_common(const struct common *first, const struct common *its, struct err *err)
{
	if (first->platform != its->platform)
		return err_set(err, ERR_INVALID,
			       "Fargate and EC2 compute environments can not be mixed.");
	if (first->arch != its->arch)
		return err_set(err, ERR_INVALID,
			       "All compute environments that are associated with a job queue must "
			       "share the same architecture.");
	return 0;
}

static bool is_attached(const struct queue *q, const char *env)
{
	for (int i = 0; i < q->env_count; i++)
		if (strcmp(q->env[i], env) == 0)
			return true;
	return false;
}

static int check_distinct(const struct place *all, int n, struct err *err)
{
	for (int i = 0; i < n; i++) {
		if (all[i].order == all[n].order)
			return err_set(err, ERR_INVALID,
				       "Duplicate ComputeEnvironment order values.");
		if (strcmp(all[i].name, all[n].name) == 0)
			return err_set(err, ERR_INVALID, "Duplicate ComputeEnvironment %s.",
				       all[n].name);
	}
	return 0;
}

/* CE-3. One that is attached already may be in the middle of an update. */
static int check_place(struct api_call *c, const struct queue *q, const struct place *all, int n,
		       struct common *first, struct err *err)
{
	struct environment *e;
	struct common its;
	bool valid;
	int rc;

	if (check_distinct(all, n, err) < 0)
		return -1;
	e = find_environment(c, all[n].name, err);
	if (!e)
		return -1;
	rc = look_at(e, &its, err);
	valid = e->status == STATUS_VALID ||
		(e->status == STATUS_UPDATING && is_attached(q, e->name));
	environment_free(e);
	if (rc < 0)
		return -1;
	if (!valid)
		return err_set(
			err, ERR_CONFLICT,
			"Compute Environments must be created and valid before attaching them "
			"to a job queue");
	if (n == 0)
		*first = its;
	return check_common(first, &its, err);
}

static int read_places(struct api_call *c, const struct queue *q, const cJSON *order,
		       struct place *all, int *n, struct err *err)
{
	struct common first = { 0 };
	const cJSON *item;

	cJSON_ArrayForEach(item, order) {
		const char *name =
			arn_name("compute-environment", json_str(item, "computeEnvironment"));

		all[*n] = (struct place){ .order = json_int(item, "order", 0),
					  .name = xstrdup(name ? name : "") };
		if (check_place(c, q, all, (*n)++, &first, err) < 0)
			return -1;
	}
	return 0;
}

int queue_read_order(struct api_call *c, struct queue *q, const cJSON *order, struct err *err)
{
	struct place all[LIMIT_CE_PER_QUEUE];
	int n = 0, rc, count = cJSON_GetArraySize(order);

	if (count < 1 || count > LIMIT_CE_PER_QUEUE)
		return err_set(err, ERR_INVALID,
			       "computeEnvironmentOrder must have between 1 and %d compute "
			       "environments.",
			       LIMIT_CE_PER_QUEUE);
	rc = read_places(c, q, order, all, &n, err);
	if (rc == 0) {
		qsort(all, (size_t)n, sizeof *all, by_order);
		for (int i = 0; i < q->env_count; i++)
			free(q->env[i]);
		for (int i = 0; i < n; i++)
			q->env[i] = STEAL_PTR(all[i].name);
		q->env_count = n;
	}
	for (int i = 0; i < n; i++)
		free(all[i].name);
	return rc;
}

/* As AWS shows it: by ARN, in order. */
static void add_order(const struct api_call *c, cJSON *out, const struct queue *q, const cJSON *doc)
{
	cJSON *list = cJSON_AddArrayToObject(out, "computeEnvironmentOrder");
	const cJSON *said;

	for (int i = 0; i < q->env_count; i++) {
		cJSON *item = cJSON_CreateObject();
		int64_t order = i + 1;

		cJSON_ArrayForEach(said, json_get(doc, "computeEnvironmentOrder")) {
			const char *name = arn_name("compute-environment",
						    json_str_or(said, "computeEnvironment", ""));

			if (name && strcmp(name, q->env[i]) == 0)
				order = json_int(said, "order", order);
		}
		json_add_int(item, "order", order);
		add_arn(c, item, "computeEnvironment", "compute-environment", q->env[i]);
		cJSON_AddItemToArray(list, item);
	}
}

/* The type of a queue of which nothing was said is that of its environments. */
static const char *type_of(const struct api_call *c, const struct queue *q)
{
	struct environment *e = q->env_count ? store_environment(c->store, q->env[0], NULL) : NULL;
	bool fargate = e && environment_is_fargate(e);

	environment_free(e);
	return fargate ? "ECS_FARGATE" : "ECS";
}

cJSON *show_queue(const struct api_call *c, const struct queue *q)
{
	static const char *const said[] = { "tags", "jobQueueType", "jobStateTimeLimitActions" };
	cJSON *doc cleanup_json = doc_parse(q->doc);
	cJSON *out = cJSON_CreateObject();

	json_add_str(out, "jobQueueName", q->name);
	add_arn(c, out, "jobQueueArn", "job-queue", q->name);
	json_add_str(out, "state", state_name(q->state));
	json_add_str(out, "status", status_name(q->status));
	json_add_str(out, "statusReason", q->status_reason);
	json_add_int(out, "priority", q->priority);
	add_order(c, out, q, doc);
	if (q->policy)
		add_arn(c, out, "schedulingPolicyArn", "scheduling-policy", q->policy);
	for (size_t i = 0; i < ARRAY_LEN(said); i++)
		json_add_copy(out, said[i], json_get(doc, said[i]));
	if (!json_get(out, "jobQueueType"))
		json_add_str(out, "jobQueueType", type_of(c, q));
	if (!json_get(out, "tags"))
		json_add(out, "tags", cJSON_CreateObject());
	return out;
}
