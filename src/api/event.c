#include "config.h"
#include "event.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

const char *const event_types[] = { [EVENT_JOB] = "Batch Job State Change",
				    [EVENT_BLOCKED] = "Batch Job Queue Blocked",
				    [EVENT_COUNT] = NULL };

/* --- lines of the journal ------------------------------------------------------------------- */

static bool type_of(const struct journal_entry *line, enum event_type *type)
{
	bool moved = line->to >= 0 && line->to != line->from;

	if (!line->job || line->kind == FACT_SUBMITTED)
		return false;
	*type = line->kind == FACT_BLOCKED ? EVENT_BLOCKED : EVENT_JOB;
	return *type == EVENT_BLOCKED ? line->text && *line->text : moved;
}

static bool is_wanted(const char *wanted, const char *is)
{
	return !wanted || !*wanted || strcmp(wanted, is) == 0;
}

bool event_read(const struct journal_entry *line, const struct event_filter *f, struct event *out)
{
	enum event_type type;
	enum job_status status;

	if (!type_of(line, &type) || !is_wanted(f->type, event_types[type]))
		return false;
	status = type == EVENT_BLOCKED ? JOB_RUNNABLE : (enum job_status)line->to;
	if (!is_wanted(f->status, job_status_name(status)))
		return false;
	*out = (struct event){ .seq = line->seq,
			       .type = type,
			       .at = line->at,
			       .job = line->job,
			       .status = status };
	if (type == EVENT_BLOCKED)
		snprintf(out->reason, sizeof out->reason, "%s", line->text);
	return true;
}

/* --- the detail: the job as it was ------------------------------------------------------------ */

static void drop(cJSON *obj, const char *const *members)
{
	for (; *members; members++)
		cJSON_DeleteItemFromObjectCaseSensitive(obj, *members);
}

/* What is ours is not in AWS's events. */
static void drop_ours(cJSON *obj)
{
	for (cJSON *item = obj ? obj->child : NULL, *next; item; item = next) {
		next = item->next;
		if (strncmp(item->string, "jobdeck", 7) == 0)
			cJSON_Delete(cJSON_DetachItemViaPointer(obj, item));
	}
}

static void drop_later_attempts(cJSON *attempts, jd_time at)
{
	for (cJSON *item = attempts ? attempts->child : NULL, *next; item; item = next) {
		next = item->next;
		if (json_int(item, "stoppedAt", 0) > at)
			cJSON_Delete(cJSON_DetachItemViaPointer(attempts, item));
	}
}

/* An attempt that was placed has a task; one that started has a log; one that ended a code. */
static void settle_container(cJSON *container, const struct event *e)
{
	static const char *const of_task[] = { "taskArn", "containerInstanceArn",
					       "networkInterfaces", NULL };
	static const char *const of_start[] = { "logStreamName", NULL };
	static const char *const of_end[] = { "exitCode", "reason", NULL };

	drop_ours(container);
	if (e->status < JOB_STARTING)
		drop(container, of_task);
	if (e->status < JOB_RUNNING)
		drop(container, of_start);
	if (!job_status_is_final(e->status))
		drop(container, of_end);
}

static cJSON *make_detail(struct api_call *c, const struct job *job, const struct event *e)
{
	static const char *const later[] = { "statusReason", "stoppedAt", NULL };
	static const char *const started[] = { "startedAt", NULL };
	cJSON *out = show_job(c, job);

	drop_ours(out);
	json_replace(out, "status", cJSON_CreateString(job_status_name(e->status)));
	if (!job_status_is_final(e->status)) { /* what ends it is told by its end */
		drop(out, later);
		json_replace(out, "isCancelled", cJSON_CreateFalse());
		json_replace(out, "isTerminated", cJSON_CreateFalse());
	}
	if (e->status < JOB_RUNNING)
		drop(out, started);
	if (e->type == EVENT_BLOCKED)
		json_replace(out, "statusReason", cJSON_CreateString(e->reason));
	drop_later_attempts(cJSON_GetObjectItemCaseSensitive(out, "attempts"), e->at);
	settle_container(cJSON_GetObjectItemCaseSensitive(out, "container"), e);
	return out;
}

/* --- the event ----------------------------------------------------------------------------------
 */

/* Always the same for the same line of the journal (a UUID of version 8). */
static void add_id(cJSON *out, const struct event *e)
{
	char id[UUID_SIZE];

	snprintf(id, sizeof id, "%08" PRIx64 "-%04" PRIx64 "-8000-8000-%012" PRIx64,
		 (uint64_t)e->at >> 16 & 0xffffffff, (uint64_t)e->at & 0xffff,
		 (uint64_t)e->seq & 0xffffffffffff);
	json_add_str(out, "id", id);
}

static void add_moment(cJSON *out, jd_time at)
{
	time_t s = (time_t)(at / 1000);
	char text[32] = "";
	struct tm tm;

	if (gmtime_r(&s, &tm))
		strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	json_add_str(out, "time", text);
}

static void add_resources(struct api_call *c, cJSON *out, const struct job *job,
			  const struct event *e)
{
	cJSON *list = cJSON_AddArrayToObject(out, "resources");
	char arn[ARN_SIZE];

	arn_format(engine_account(c->engine), "job", job->id, arn);
	cJSON_AddItemToArray(list, cJSON_CreateString(arn));
	if (e->type != EVENT_BLOCKED)
		return;
	arn_format(engine_account(c->engine), "job-queue", job->queue, arn);
	cJSON_AddItemToArray(list, cJSON_CreateString(arn));
}

cJSON *event_make(struct api_call *c, const struct event *e, const struct event_filter *f)
{
	const struct account *a = engine_account(c->engine);
	struct job *job = engine_job(c->engine, e->job, NULL);
	cJSON *out = NULL;

	if (job && is_wanted(f->queue, job->queue)) {
		out = cJSON_CreateObject();
		json_add_str(out, "version", "0");
		add_id(out, e);
		json_add_str(out, "detail-type", event_types[e->type]);
		json_add_str(out, "source", "aws.batch");
		json_add_str(out, "account", a->id);
		add_moment(out, e->at);
		json_add_str(out, "region", a->region);
		add_resources(c, out, job, e);
		json_add(out, "detail", make_detail(c, job, e));
	}
	job_free(job);
	return out;
}
