/* GetJobQueueSnapshot (section 9.2): who is next, and how the queue's capacity is used. */
#include "config.h"
#include <string.h>
#include "internal.h"

enum { FRONT_MAX = 100, SHARES_MAX = 20 };

static void add_front(struct api_call *c, const char *queue)
{
	struct sched_place front[FRONT_MAX];
	jd_time now = engine_now(c->engine);
	int n = sched_front(engine_sched(c->engine), queue, now, front, FRONT_MAX);
	cJSON *out = cJSON_AddObjectToObject(c->out, "frontOfQueue");
	cJSON *list = cJSON_AddArrayToObject(out, "jobs");

	for (int i = 0; i < n; i++) {
		struct job *job = engine_job(c->engine, front[i].key, NULL);
		cJSON *item;

		if (!job)
			continue;
		item = cJSON_CreateObject();
		add_arn(c, item, "jobArn", "job", job->id);
		json_add_int(item, "earliestTimeAtPosition", front[i].since);
		cJSON_AddItemToArray(list, item);
		job_free(job);
	}
	json_add_int(out, "lastUpdatedAt", now);
}

static void add_usage(cJSON *out, const char *member, int64_t vcpu_milli)
{
	cJSON *list = cJSON_AddArrayToObject(out, member), *item = cJSON_CreateObject();

	json_add_str(item, "capacityUnit", "VCPU");
	cJSON_AddNumberToObject(item, "quantity", (double)vcpu_milli / 1000);
	cJSON_AddItemToArray(list, item);
}

struct queue_use {
	const struct sched *sched;
	const char *queue;
	int64_t vcpu_milli;
};

static void add_active(void *arg, int64_t job)
{
	struct queue_use *u = arg;
	struct sched_job_view view;

	if (sched_job(u->sched, job, &view) && strcmp(view.queue, u->queue) == 0)
		u->vcpu_milli += view.need.vcpu_milli;
}

static void add_shares(struct api_call *c, cJSON *out, const char *queue)
{
	struct sched_share_view shares[SHARES_MAX];
	int active = sched_shares(engine_sched(c->engine), queue, engine_now(c->engine), shares,
				  SHARES_MAX);
	cJSON *fair, *list;

	if (active < 0)
		return;
	fair = cJSON_AddObjectToObject(out, "fairshareUtilization");
	json_add_int(fair, "activeShareCount", active);
	list = cJSON_AddArrayToObject(fair, "topCapacityUtilization");
	for (int i = 0; i < active && i < SHARES_MAX; i++) {
		cJSON *item = cJSON_CreateObject();

		json_add_str(item, "shareIdentifier", shares[i].identifier);
		add_usage(item, "capacityUsage", shares[i].vcpu_milli);
		cJSON_AddItemToArray(list, item);
	}
}

int op_queue_snapshot(struct api_call *c, struct err *err)
{
	struct queue *q = find_queue(c, json_str(c->in, "jobQueue"), err);
	struct queue_use u = { .sched = engine_sched(c->engine) };
	cJSON *out;

	if (!q)
		return -1;
	add_front(c, q->name);
	u.queue = q->name;
	engine_each_active(c->engine, add_active, &u);
	out = cJSON_AddObjectToObject(c->out, "queueUtilization");
	add_usage(out, "totalCapacityUsage", u.vcpu_milli);
	add_shares(c, out, q->name);
	json_add_int(out, "lastUpdatedAt", engine_now(c->engine));
	queue_free(q);
	return 0;
}
