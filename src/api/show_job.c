/* Jobs as the API shows them: what was fixed at submission, and how they stand. */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/model/instance.h"
#include "internal.h"
#include "stream.h"

cJSON *doc_parse(const char *doc)
{
	cJSON *json = doc ? json_parse(doc, strlen(doc), NULL) : NULL;

	return json ? json : cJSON_CreateObject();
}

const cJSON *doc_parse_again(struct api *a, const char *doc)
{
	if (a->last_text && doc && strcmp(a->last_text, doc) == 0)
		return a->last_doc;
	cJSON_Delete(a->last_doc);
	free(a->last_text);
	a->last_doc = doc_parse(doc);
	a->last_text = xstrdup(doc);
	return a->last_doc;
}

struct attempts {
	struct attempt *list;
	size_t count;
};

static void attempts_fini(struct attempts *a)
{
	for (size_t i = 0; i < a->count; i++)
		attempt_fini(&a->list[i]);
	free(a->list);
}

/* A multi-node job's attempts are those of its main node (MNP-5). A job without a readable list
 * of attempts is shown without. */
static struct attempts attempts_of(const struct api_call *c, const struct job *j)
{
	bool nodes = j->kind == JOB_KIND_MULTINODE;
	struct attempts a = { 0 };

	if (j->attempt > 0)
		a.list = store_attempts(c->store, nodes ? j->key + 1 + j->main_node : j->key,
					&a.count, NULL);
	if (!a.list)
		a.count = 0;
	return a;
}

static const struct attempt *last_of(const struct attempts *a)
{
	return a->count ? &a->list[a->count - 1] : NULL;
}

static void add_time(cJSON *out, const char *member, jd_time t)
{
	if (t)
		json_add_int(out, member, t);
}

/* The machine as ECS knows it: by an id of its own, here made of the instance's. Where there are
 * no instances the environment stands for one; Fargate has none. */
static void add_instance(const struct api_call *c, cJSON *out, const struct attempt *a,
			 const struct environment *e, const char *uuid)
{
	const struct account *acct = engine_account(c->engine);
	char arn[ARN_SIZE], id[INSTANCE_ID_SIZE], name[UUID_SIZE];

	if (e && environment_is_fargate(e))
		return;
	snprintf(name, sizeof name, "%s", uuid);
	if (a->instance) {
		instance_id(a->instance, id);
		snprintf(name, sizeof name, "%015d%s", 0, id + strlen("i-"));
		json_add_str(out, "jobdeckInstance", id);
	}
	snprintf(arn, sizeof arn, "arn:aws:ecs:%s:%s:container-instance/%s_Batch_%s/%s",
		 acct->region, acct->id, a->env, uuid, name);
	json_add_str(out, "containerInstanceArn", arn);
}

/* The names ECS would give: of the task, which is the end of its log stream's name, and of
 * the machine. */
static void add_ecs_names(const struct api_call *c, cJSON *out, const struct job *j,
			  const struct attempt *a)
{
	const struct account *acct = engine_account(c->engine);
	struct environment *e = store_environment(c->store, a->env, NULL);
	cJSON *doc cleanup_json = doc_parse(e ? e->doc : NULL);
	cleanup_free char *stream = stream_name(c, j, a->number);
	const char *task = strrchr(stream, '/'), *uuid = json_str_or(doc, "uuid", "0");
	char arn[ARN_SIZE];

	snprintf(arn, sizeof arn, "arn:aws:ecs:%s:%s:task/%s_Batch_%s%s", acct->region, acct->id,
		 a->env, uuid, task ? task : "");
	json_add_str(out, "taskArn", arn);
	if (a->started && j->kind != JOB_KIND_MULTINODE) /* LOG-2 */
		json_add_str(out, "logStreamName", stream);
	add_instance(c, out, a, e, uuid);
	environment_free(e);
}

/* The container of an attempt: how it ended, and where to look. */
static void add_container(const struct api_call *c, cJSON *out, const struct job *j,
			  const struct attempt *a)
{
	if (a->stopped && a->exit_code >= 0)
		json_add_int(out, "exitCode", a->exit_code);
	json_add_str(out, "reason", a->reason);
	add_ecs_names(c, out, j, a);
	json_add(out, "networkInterfaces", cJSON_CreateArray());
}

/* RT-10: one entry for each that has ended. */
static void add_attempts(const struct api_call *c, cJSON *out, const struct job *j,
			 const struct attempts *all)
{
	cJSON *list = cJSON_AddArrayToObject(out, "attempts");

	for (size_t i = 0; i < all->count; i++) {
		const struct attempt *a = &all->list[i];
		cJSON *item, *container;

		if (!a->stopped)
			continue;
		item = cJSON_CreateObject();
		container = cJSON_AddObjectToObject(item, "container");
		add_container(c, container, j, a);
		add_time(item, "startedAt", a->started);
		add_time(item, "stoppedAt", a->stopped);
		json_add_str(item, "statusReason", a->status_reason);
		cJSON_AddItemToArray(list, item);
	}
}

static void add_why(const struct api_call *c, cJSON *out, const struct job *j)
{
	char why[512] = "";

	if (job_status_is_final(j->status) || j->status == JOB_STARTING || j->status == JOB_RUNNING)
		return;
	sched_explain(engine_sched(c->engine), j->key, why, sizeof why);
	if (*why)
		json_add_str(out, "jobdeckWhy", why);
}

/* What the summary and the detail have in common. */
static void add_standing(const struct api_call *c, cJSON *out, const struct job *j)
{
	add_arn(c, out, "jobArn", "job", j->id);
	json_add_str(out, "jobId", j->id);
	json_add_str(out, "jobName", j->name);
	json_add_str(out, "status", job_status_name(j->status));
	json_add_str(out, "statusReason", j->status_reason);
	add_time(out, "createdAt", j->created);
	add_time(out, "startedAt", j->started);
	add_time(out, "stoppedAt", j->stopped);
	json_add_bool(out, "isCancelled", j->cancelled);
	json_add_bool(out, "isTerminated", j->terminated);
	add_why(c, out, j);
}

/* A job of ecsProperties has them with what became of its task. */
static void add_task(cJSON *out)
{
	static const char *const of_container[] = { "exitCode", "reason", "logStreamName",
						    "networkInterfaces" };
	static const char *const of_task[] = { "taskArn", "containerInstanceArn" };
	const cJSON *container = json_get(out, "container");
	const cJSON *tasks = json_get(json_get(out, "ecsProperties"), "taskProperties");
	cJSON *task = tasks ? tasks->child : NULL;
	cJSON *its = task ? cJSON_GetObjectItemCaseSensitive(task, "containers")->child : NULL;

	for (size_t i = 0; its && i < ARRAY_LEN(of_container); i++)
		json_add_copy(its, of_container[i], json_get(container, of_container[i]));
	for (size_t i = 0; task && i < ARRAY_LEN(of_task); i++)
		json_add_copy(task, of_task[i], json_get(container, of_task[i]));
}

/* What AWS shows though nothing was said of it. */
static void add_empty(cJSON *out)
{
	if (!json_get(out, "propagateTags"))
		json_add_bool(out, "propagateTags", false);
	cJSON_AddArrayToObject(out, "eksAttempts");
}

cJSON *show_job(struct api_call *c, const struct job *j)
{
	struct attempts all __attribute__((cleanup(attempts_fini))) = attempts_of(c, j);
	cJSON *doc = doc_parse(j->doc), *out = cJSON_CreateObject(), *item, *container;

	add_standing(c, out, j);
	cJSON_DeleteItemFromObjectCaseSensitive(doc, "jobName");
	cJSON_ArrayForEach(item, doc)
		json_add_copy(out, item->string, item);
	add_family(c, out, j, doc);
	cJSON_Delete(doc);
	container = cJSON_GetObjectItemCaseSensitive(out, "container");
	if (container && last_of(&all))
		add_container(c, container, j, last_of(&all));
	add_task(out);
	add_attempts(c, out, j, &all);
	add_empty(out);
	if (j->held)
		json_add_bool(out, "jobdeckHeld", true);
	if (j->start_after)
		json_add_int(out, "jobdeckStartAfter", j->start_after);
	return out;
}

static void add_usage(cJSON *out, const struct job *j)
{
	cJSON *list = cJSON_AddArrayToObject(out, "capacityUsage"), *item = cJSON_CreateObject();

	json_add_str(item, "capacityUnit", "VCPU");
	cJSON_AddNumberToObject(item, "quantity", (double)j->need.vcpu_milli / 1000);
	cJSON_AddItemToArray(list, item);
}

cJSON *show_job_summary(struct api_call *c, const struct job *j)
{
	struct attempts all __attribute__((cleanup(attempts_fini))) = attempts_of(c, j);
	const struct attempt *last = last_of(&all);
	cJSON *out = cJSON_CreateObject(), *container;

	add_standing(c, out, j);
	json_add_str(out, "shareIdentifier", j->share);
	add_arn(c, out, "jobDefinition", "job-definition", j->definition);
	add_family_summary(c, out, j);
	if (j->kind != JOB_KIND_ARRAY && j->kind != JOB_KIND_MULTINODE)
		add_usage(out, j);
	if (last)
		json_add_int(out, "scheduledAt", last->placed);
	if (last && last->stopped) {
		container = cJSON_AddObjectToObject(out, "container");
		if (last->exit_code >= 0)
			json_add_int(container, "exitCode", last->exit_code);
		json_add_str(container, "reason", last->reason);
	}
	json_add_int(out, "jobdeckAttempt", j->attempt);
	json_add_int(out, "jobdeckAttempts", j->retry.attempts);
	return out;
}
