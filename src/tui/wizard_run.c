/* Sending the plan, one request at a time, and watching what came of it. Nothing waits: each
 * turn does the next bit. What has been made is not made again when one tries once more. */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "job_page.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/model/logs.h"
#include "wizard.h"

enum { VALID_LOOK_MS = 100, VALID_WITHIN_MS = 20000, JOB_LOOK_MS = 250 };

static void stopped(struct wizard *w, const char *text)
{
	snprintf(w->trouble, sizeof w->trouble, "%s %s: %s", w->plan.item[w->at].op,
		 w->plan.item[w->at].name, text);
}

static void next_item(struct wizard *w)
{
	struct plan_item *item = &w->plan.item[w->at++];

	item->done = true;
	item->took_ms = w->ui->mono - w->began;
	w->waiting = false;
	w->began = w->ui->mono;
}

/* ---- Environments and queues must become VALID before they can be used (CE-3) ---- */

static bool is_env(const struct plan_item *item)
{
	return strcmp(item->op, "CreateComputeEnvironment") == 0;
}

static void on_described(void *arg, cJSON *out, const struct err *err)
{
	struct wizard *w = arg;
	const char *list = is_env(&w->plan.item[w->at]) ? "computeEnvironments" : "jobQueues";
	const cJSON *thing = cJSON_GetArrayItem(json_get(out, list), 0);
	const char *status = json_str_or(thing, "status", "");

	w->call = 0;
	w->next_look = w->ui->mono + VALID_LOOK_MS;
	if (!out)
		stopped(w, err->text);
	else if (strcmp(status, "VALID") == 0)
		next_item(w);
	else if (strcmp(status, "INVALID") == 0 || w->ui->mono - w->began > VALID_WITHIN_MS)
		stopped(w, json_str_or(thing, "statusReason", status));
}

static void look_valid(struct wizard *w)
{
	const struct plan_item *item = &w->plan.item[w->at];
	cJSON *in = cJSON_CreateObject();

	cJSON_AddItemToArray(
		cJSON_AddArrayToObject(in, is_env(item) ? "computeEnvironments" : "jobQueues"),
		cJSON_CreateString(item->name));
	w->call = client_call(w->ui->client,
			      is_env(item) ? "DescribeComputeEnvironments" : "DescribeJobQueues",
			      in, on_described, w);
}

/* ---- Sending ---- */

static void on_sent(void *arg, cJSON *out, const struct err *err)
{
	struct wizard *w = arg;
	struct plan_item *item = &w->plan.item[w->at];

	w->call = 0;
	if (!out) {
		stopped(w, err->text);
		return;
	}
	if (strcmp(item->op, "SubmitJob") == 0)
		snprintf(item->id, sizeof item->id, "%s", json_str_or(out, "jobId", ""));
	if (strcmp(item->op, "RegisterJobDefinition") == 0)
		item->revision = (int)json_int(out, "revision", 1);
	w->next_look = 0;
	w->waiting = strncmp(item->op, "Create", 6) == 0;
	if (!w->waiting)
		next_item(w);
}

static cJSON *request_now(const struct wizard *w, const struct plan_item *item)
{
	cJSON *in = cJSON_Duplicate(item->request, 1), *first;

	if (item->after < 0)
		return in;
	first = cJSON_CreateObject();
	json_add_str(first, "jobId", w->plan.item[item->after].id);
	cJSON_AddItemToArray(cJSON_AddArrayToObject(in, "dependsOn"), first);
	return in;
}

static void send_next(struct wizard *w)
{
	struct plan_item *item = &w->plan.item[w->at];

	if (!item->request) { /* it exists: only see that it is VALID */
		w->waiting = true;
		return;
	}
	w->call = client_call(w->ui->client, item->op, request_now(w, item), on_sent, w);
}

void wizard_run(struct wizard *w)
{
	w->trouble[0] = '\0';
	w->began = w->ui->mono;
}

/* ---- Watching ---- */

/* The first job that has not ended, else the last. */
static const cJSON *choose_job(const struct wizard *w)
{
	const cJSON *job, *last = NULL;

	for (int i = 0; i < w->plan.count; i++) {
		if (!*w->plan.item[i].id)
			continue;
		cJSON_ArrayForEach(job, w->jobs) {
			if (strcmp(json_str_or(job, "jobId", ""), w->plan.item[i].id) != 0)
				continue;
			last = job;
			if (!job_status_is_final(job_page_status(job)))
				return job;
		}
	}
	return last;
}

const cJSON *wizard_watched(const struct wizard *w)
{
	return choose_job(w);
}

static void on_jobs(void *arg, cJSON *out, const struct err *err)
{
	struct wizard *w = arg;
	const cJSON *jobs = json_get(out, "jobs");

	(void)err;
	w->look = 0;
	w->next_look = w->ui->mono + JOB_LOOK_MS;
	if (!jobs)
		return;
	cJSON_Delete(w->jobs);
	w->jobs = cJSON_Duplicate(jobs, 1);
}

static void look_jobs(struct wizard *w)
{
	cJSON *in = cJSON_CreateObject(), *ids = cJSON_AddArrayToObject(in, "jobs");

	for (int i = 0; i < w->plan.count; i++)
		if (*w->plan.item[i].id)
			cJSON_AddItemToArray(ids, cJSON_CreateString(w->plan.item[i].id));
	w->look = client_call(w->ui->client, "DescribeJobs", in, on_jobs, w);
}

static bool all_ended(const struct wizard *w)
{
	const cJSON *job;

	if (w->at < w->plan.count || !w->jobs)
		return false;
	cJSON_ArrayForEach(job, w->jobs)
		if (!job_status_is_final(job_page_status(job)))
			return false;
	return true;
}

static struct tail_reader reader(const struct wizard *w, const cJSON *job)
{
	(void)w;
	return (struct tail_reader){ .follow = true,
				     .live = !job_status_is_final(job_page_status(job)) };
}

static void follow(struct wizard *w)
{
	const cJSON *job = choose_job(w);
	const char *stream = job ? job_page_stream(job, job_page_attempt(job)) : NULL;

	if (!stream)
		return;
	if (!w->tail || strcmp(tail_stream(w->tail), stream) != 0) {
		tail_free(w->tail);
		w->tail = tail_new(w->ui->client, log_group_of(job), stream);
	}
	tail_turn(w->tail, w->ui->mono, reader(w, job));
}

bool wizard_finished(const struct wizard *w)
{
	return all_ended(w) && (!w->tail || tail_loaded(w->tail) || tail_error(w->tail));
}

void wizard_run_turn(struct wizard *w)
{
	if (*w->trouble || w->call)
		return;
	if (w->at < w->plan.count) {
		if (!w->waiting)
			send_next(w);
		else if (w->ui->mono >= w->next_look)
			look_valid(w);
		return;
	}
	if (!all_ended(w) && !w->look && w->ui->mono >= w->next_look)
		look_jobs(w);
	follow(w);
}

int wizard_run_due(const struct wizard *w)
{
	const cJSON *job = choose_job(w);
	int64_t left = w->next_look - w->ui->mono;
	int due = left > 0 ? (int)left : 0, tail;

	if (*w->trouble || w->call)
		return -1;
	if (w->at < w->plan.count)
		return w->waiting ? due : 0;
	if (w->look || all_ended(w))
		due = -1;
	tail = w->tail && job ? tail_due(w->tail, w->ui->mono, reader(w, job)) : -1;
	return due < 0 ? tail : tail < 0 || due < tail ? due : tail;
}

void wizard_run_stop(struct wizard *w)
{
	if (w->call)
		client_cancel(w->ui->client, w->call);
	if (w->look)
		client_cancel(w->ui->client, w->look);
	w->call = w->look = 0;
	tail_free(w->tail);
	w->tail = NULL;
	cJSON_Delete(w->jobs);
	w->jobs = NULL;
}
