/* Answers of the API become rows. Everything from outside is made safe here, once. */
#include "config.h"
#include "snap.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/buf.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"
#include "jobdeck/model/reason.h"

static char *safe(const cJSON *obj, const char *name)
{
	const char *text = json_str_or(obj, name, "");

	return text_safe_dup(text, strlen(text));
}

static void env_fini(struct snap_env *e)
{
	free(e->name);
	free(e->type);
	free(e->status);
	free(e->reason);
}

static void queue_fini(struct snap_queue *q)
{
	free(q->name);
	free(q->status);
	free(q->reason);
	free(q->envs);
}

static void job_fini(struct snap_job *j)
{
	free(j->name);
	free(j->why);
}

static void drop_overview(struct snap *s)
{
	for (int i = 0; i < s->env_count; i++)
		env_fini(&s->env[i]);
	for (int i = 0; i < s->queue_count; i++)
		queue_fini(&s->queue[i]);
	free(s->env);
	free(s->queue);
	s->env = NULL;
	s->queue = NULL;
	s->env_count = s->queue_count = 0;
}

static void drop_jobs(struct snap *s)
{
	for (int i = 0; i < s->job_count; i++)
		job_fini(&s->job[i]);
	free(s->job);
	free(s->jobs_of);
	s->job = NULL;
	s->jobs_of = NULL;
	s->job_count = 0;
}

void snap_init(struct snap *s)
{
	memset(s, 0, sizeof *s);
}

void snap_fini(struct snap *s)
{
	drop_overview(s);
	drop_jobs(s);
	cJSON_Delete(s->detail);
}

static void read_env(struct snap_env *e, const cJSON *in)
{
	e->name = safe(in, "computeEnvironmentName");
	e->type = safe(in, "type");
	e->status = safe(in, "status");
	e->reason = safe(in, "statusReason");
	e->enabled = strcmp(json_str_or(in, "state", ""), "DISABLED") != 0;
	e->min = json_num(in, "minvCpus", 0);
	e->max = json_num(in, "maxvCpus", 0);
	e->used = json_num(in, "usedvCpus", 0);
	e->used_memory = json_num(in, "usedMemory", 0);
	e->active = (int)json_int(in, "activeJobs", 0);
}

static char *join_names(const cJSON *list)
{
	const cJSON *item;
	struct buf b;

	buf_init(&b, 1024);
	cJSON_ArrayForEach(item, list)
		if (cJSON_IsString(item))
			buf_addf(&b, "%s%s", b.len ? "," : "", item->valuestring);
	char *raw = buf_steal(&b), *out = text_safe_dup(raw, strlen(raw));

	free(raw);
	return out;
}

static void read_queue(struct snap_queue *q, const cJSON *in)
{
	const cJSON *counts = json_get(in, "counts");

	q->name = safe(in, "jobQueueName");
	q->status = safe(in, "status");
	q->reason = safe(in, "statusReason");
	q->envs = join_names(json_get(in, "computeEnvironments"));
	q->enabled = strcmp(json_str_or(in, "state", ""), "DISABLED") != 0;
	q->priority = (int)json_int(in, "priority", 0);
	q->head_since = json_int(in, "headCreatedAt", 0);
	for (int s = 0; s < JOB_COUNT; s++)
		q->count[s] = json_int(counts, job_status_name((enum job_status)s), 0);
}

void snap_overview(struct snap *s, const cJSON *overview)
{
	const cJSON *envs = json_get(overview, "environments"), *item;
	const cJSON *queues = json_get(overview, "queues");
	const cJSON *pool = json_get(overview, "pool"), *used = json_get(overview, "used");

	drop_overview(s);
	s->loaded = true;
	s->seq = json_int(overview, "seq", 0);
	s->pool_vcpus = json_num(pool, "vcpus", 0);
	s->pool_memory = json_num(pool, "memory", 0);
	s->used_vcpus = json_num(used, "vcpus", 0);
	s->used_memory = json_num(used, "memory", 0);
	s->env = xcalloc((size_t)cJSON_GetArraySize(envs) + 1, sizeof *s->env);
	cJSON_ArrayForEach(item, envs)
		read_env(&s->env[s->env_count++], item);
	s->queue = xcalloc((size_t)cJSON_GetArraySize(queues) + 1, sizeof *s->queue);
	cJSON_ArrayForEach(item, queues)
		read_queue(&s->queue[s->queue_count++], item);
}

static const char *signal_name(int number)
{
	static const struct {
		int number;
		const char *name;
	} names[] = { { SIGHUP, "SIGHUP" },   { SIGINT, "SIGINT" },   { SIGQUIT, "SIGQUIT" },
		      { SIGILL, "SIGILL" },   { SIGABRT, "SIGABRT" }, { SIGFPE, "SIGFPE" },
		      { SIGKILL, "SIGKILL" }, { SIGSEGV, "SIGSEGV" }, { SIGPIPE, "SIGPIPE" },
		      { SIGTERM, "SIGTERM" }, { SIGBUS, "SIGBUS" },   { SIGXCPU, "SIGXCPU" } };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].number == number)
			return names[i].name;
	return NULL;
}

/* AWS gives every ended container the same statusReason; it says nothing beside an exit
 * code. Other reasons are what one wants to read. */
char *snap_result(const cJSON *job)
{
	const cJSON *container = json_get(job, "container");
	const cJSON *code = json_get(container, "exitCode");
	const char *reason = json_str(container, "reason"), *status = json_str(job, "statusReason");
	struct buf b;

	buf_init(&b, 4096);
	if (cJSON_IsNumber(code)) {
		const char *name = signal_name(code->valueint - 128);

		buf_addf(&b, _("exit %d"), code->valueint);
		if (name)
			buf_addf(&b, " (%s)", name);
	}
	if (reason && *reason)
		buf_addf(&b, "%s%s", b.len ? ": " : "", reason);
	if (status && *status && (strcmp(status, REASON_EXITED) != 0 || !b.len))
		buf_addf(&b, "%s%s", b.len ? ": " : "", status);
	char *raw = buf_steal(&b), *out = text_safe_dup(raw, strlen(raw));

	free(raw);
	return out;
}

static char *why_of(const cJSON *in, enum job_status status)
{
	const char *why = json_str(in, "jobdeckWhy");

	if (job_status_is_final(status))
		return snap_result(in);
	if (why && *why)
		return text_safe_dup(why, strlen(why));
	if (status == JOB_RUNNING || status == JOB_STARTING)
		return xstrdup("");
	return safe(in, "statusReason");
}

static void read_job(struct snap_job *j, const cJSON *in)
{
	memset(j, 0, sizeof *j);
	text_safe(j->id, sizeof j->id, json_str_or(in, "jobId", ""),
		  strlen(json_str_or(in, "jobId", "")));
	job_status_parse(json_str_or(in, "status", ""), &j->status);
	j->name = safe(in, "jobName");
	j->why = why_of(in, j->status);
	j->created = json_int(in, "createdAt", 0);
	j->started = json_int(in, "startedAt", 0);
	j->stopped = json_int(in, "stoppedAt", 0);
	j->attempt = (int)json_int(in, "jobdeckAttempt", 0);
	j->attempts = (int)json_int(in, "jobdeckAttempts", 1);
}

void snap_jobs_add(struct snap_jobs *j, const cJSON *summaries)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, summaries) {
		ARRAY_ROOM(j->job, j->count, j->cap);
		read_job(&j->job[j->count++], item);
	}
}

void snap_jobs_fini(struct snap_jobs *j)
{
	for (int i = 0; i < j->count; i++)
		job_fini(&j->job[i]);
	free(j->job);
	memset(j, 0, sizeof *j);
}

/* The same job may have moved on between two lists: the later state counts, but for a retry
 * which goes back and cannot be told; the next look puts that right. */
static int by_id(const void *pa, const void *pb)
{
	const struct snap_job *a = pa, *b = pb;
	int order = strcmp(a->id, b->id);

	return order ? order : (int)b->status - (int)a->status;
}

static int group(const struct snap_job *j)
{
	switch (j->status) {
	case JOB_RUNNING:
		return 0;
	case JOB_STARTING:
		return 1;
	case JOB_RUNNABLE:
		return 2;
	case JOB_PENDING:
		return 3;
	case JOB_SUBMITTED:
		return 4;
	default:
		return 5;
	}
}

static int compare(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

static int by_interest(const void *pa, const void *pb)
{
	const struct snap_job *a = pa, *b = pb;
	int order = group(a) - group(b);

	if (order)
		return order;
	if (group(a) == 5) {
		order = compare(b->stopped, a->stopped);
		return order ? order : strcmp(b->id, a->id);
	}
	/* A retried job stands in front of its queue (RT-9). */
	if (a->status == JOB_RUNNABLE && (a->attempt > 0) != (b->attempt > 0))
		return (b->attempt > 0) - (a->attempt > 0);
	order = compare(a->created, b->created);
	return order ? order : strcmp(a->id, b->id);
}

void snap_take_jobs(struct snap *s, const char *queue, struct snap_jobs *j)
{
	int kept = 0;

	if (j->count)
		qsort(j->job, (size_t)j->count, sizeof *j->job, by_id);
	for (int i = 0; i < j->count; i++) {
		if (kept && strcmp(j->job[kept - 1].id, j->job[i].id) == 0)
			job_fini(&j->job[i]);
		else
			j->job[kept++] = j->job[i];
	}
	if (kept)
		qsort(j->job, (size_t)kept, sizeof *j->job, by_interest);
	char *name = xstrdup(queue); /* it may be our own */

	drop_jobs(s);
	s->jobs_of = name;
	s->job = j->job;
	s->job_count = kept;
	memset(j, 0, sizeof *j);
}

void snap_take_detail(struct snap *s, cJSON *detail)
{
	cJSON_Delete(s->detail);
	s->detail = detail;
	snprintf(s->detail_id, sizeof s->detail_id, "%s", json_str_or(detail, "jobId", ""));
}

const struct snap_queue *snap_find_queue(const struct snap *s, const char *name)
{
	for (int i = 0; i < s->queue_count; i++)
		if (strcmp(s->queue[i].name, name) == 0)
			return &s->queue[i];
	return NULL;
}

const struct snap_env *snap_find_env(const struct snap *s, const char *name)
{
	for (int i = 0; i < s->env_count; i++)
		if (strcmp(s->env[i].name, name) == 0)
			return &s->env[i];
	return NULL;
}

const struct snap_job *snap_find_job(const struct snap *s, const char *id)
{
	for (int i = 0; i < s->job_count; i++)
		if (strcmp(s->job[i].id, id) == 0)
			return &s->job[i];
	return NULL;
}

int64_t snap_waiting(const struct snap_queue *q)
{
	return q->count[JOB_SUBMITTED] + q->count[JOB_PENDING] + q->count[JOB_RUNNABLE];
}

int64_t snap_running(const struct snap_queue *q)
{
	return q->count[JOB_STARTING] + q->count[JOB_RUNNING];
}

struct snap_totals snap_totals(const struct snap *s)
{
	struct snap_totals t = { 0 };

	for (int i = 0; i < s->queue_count; i++) {
		t.waiting += (long)snap_waiting(&s->queue[i]);
		t.running += (long)snap_running(&s->queue[i]);
		t.failed += (long)s->queue[i].count[JOB_FAILED];
	}
	return t;
}
