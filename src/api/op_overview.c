/* JobdeckOverview: all the console's first screen needs, in one answer. */
#include "config.h"
#include "internal.h"

static int add_environment(void *arg, const struct environment *e)
{
	struct api_call *c = arg;
	cJSON *list = cJSON_GetObjectItemCaseSensitive(c->out, "environments"), *out;
	struct sched_env_view view = { 0 };

	if (e->status == STATUS_DELETED)
		return 0;
	sched_env(engine_sched(c->engine), e->name, &view);
	out = cJSON_CreateObject();
	json_add_str(out, "computeEnvironmentName", e->name);
	json_add_str(out, "type",
		     e->type == CE_MANAGED ? cr_type_name(e->cr_type) : ce_type_name(e->type));
	json_add_str(out, "state", state_name(e->state));
	json_add_str(out, "status", status_name(e->status));
	json_add_str(out, "statusReason", e->status_reason);
	json_add_int(out, "minvCpus", e->min_vcpus);
	json_add_int(out, "desiredvCpus", environment_desired(c, e));
	json_add_int(out, "maxvCpus", e->max_vcpus);
	cJSON_AddNumberToObject(out, "usedvCpus", (double)view.used.vcpu_milli / 1000);
	json_add_int(out, "usedMemory", view.used.memory_mib);
	json_add_int(out, "activeJobs", view.active);
	json_add_int(out, "instances", view.instances);
	if (view.spot) {
		json_add_int(out, "spotPrice", view.spot_price);
		json_add_int(out, "bid", view.bid);
	}
	cJSON_AddItemToArray(list, out);
	return 0;
}

static void add_counts(struct api_call *c, cJSON *out, const char *queue)
{
	cJSON *counts = cJSON_AddObjectToObject(out, "counts");
	int64_t n[JOB_COUNT] = { 0 };

	store_counts(c->store, queue, n, NULL);
	for (int i = 0; i < JOB_COUNT; i++)
		json_add_int(counts, job_status_name((enum job_status)i), n[i]);
}

static void add_head(struct api_call *c, cJSON *out, const char *queue)
{
	struct sched_queue_view view = { 0 };
	struct job *head = NULL;

	if (sched_queue(engine_sched(c->engine), queue, &view) && view.head)
		head = store_job(c->store, view.head, NULL);
	if (view.blocked != BLOCKED_NOT)
		json_add_int(out, "blockedSince", view.blocked_since);
	if (!head)
		return;
	if (view.blocked != BLOCKED_NOT)
		json_add_str(out, "blockedReason", head->status_reason);
	json_add_str(out, "headJobId", head->id);
	json_add_int(out, "headCreatedAt", head->created);
	job_free(head);
}

static int add_queue(void *arg, const struct queue *q)
{
	struct api_call *c = arg;
	cJSON *list = cJSON_GetObjectItemCaseSensitive(c->out, "queues"), *out, *envs;

	if (q->status == STATUS_DELETED)
		return 0;
	out = cJSON_CreateObject();
	json_add_str(out, "jobQueueName", q->name);
	json_add_str(out, "state", state_name(q->state));
	json_add_str(out, "status", status_name(q->status));
	json_add_str(out, "statusReason", q->status_reason);
	json_add_int(out, "priority", q->priority);
	json_add_str(out, "schedulingPolicy", q->policy);
	envs = cJSON_AddArrayToObject(out, "computeEnvironments");
	for (int i = 0; i < q->env_count; i++)
		cJSON_AddItemToArray(envs, cJSON_CreateString(q->env[i]));
	add_counts(c, out, q->name);
	add_head(c, out, q->name);
	cJSON_AddItemToArray(list, out);
	return 0;
}

int op_jobdeck_overview(struct api_call *c, struct err *err)
{
	add_pool(c);
	cJSON_AddArrayToObject(c->out, "environments");
	cJSON_AddArrayToObject(c->out, "queues");
	if (store_environments(c->store, add_environment, c, err) < 0)
		return -1;
	return store_queues(c->store, add_queue, c, err);
}
