/* jobdeck jobs: what is in the queues, newest first. */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "job.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/model/arn.h"
#include "jobdeck/model/enums.h"
#include "list.h"

enum { DEFAULT_LIMIT = 1000 };

static const struct column columns[] = {
	{ .title = N_("JOB") },
	{ .title = N_("NAME"), .least = 8 },
	{ .title = N_("QUEUE"), .least = 7, .drop = 2 },
	{ .title = N_("STATUS") },
	{ .title = N_("TRY"), .drop = 4 },
	{ .title = N_("AGE"), .right = true, .drop = 1 },
	{ .title = N_("RAN"), .right = true, .drop = 3 },
	{ .title = N_("WHY"), .least = 20 },
};

static void add_ran(struct table *t, const cJSON *job, jd_time now)
{
	int64_t from = json_int(job, "startedAt", 0), to = json_int(job, "stoppedAt", now);
	char text[32];

	table_add(t, from ? time_span(to - from, text, sizeof text) : NULL);
}

static void row(struct table *t, const cJSON *job, jd_time now)
{
	char text[600];

	table_add(t, json_str(job, "jobId"));
	table_add(t, json_str(job, "jobName"));
	table_add(t, json_str(job, "jobQueue"));
	table_add(t, json_str(job, "status"));
	if (json_int(job, "jobdeckAttempts", 1) > 1)
		table_addf(t, "%lld/%lld", (long long)json_int(job, "jobdeckAttempt", 0),
			   (long long)json_int(job, "jobdeckAttempts", 1));
	else
		table_add(t, NULL);
	table_add(t, time_age(now - json_int(job, "createdAt", now), text, sizeof text));
	add_ran(t, job, now);
	table_add(t, job_story(job, text, sizeof text));
}

static const struct listing listing = { columns, ARRAY_LEN(columns), row,
					N_("no such jobs; 'jobdeck submit -- COMMAND' makes one") };

/* All states newest first is what ListJobs answers to a filter; one state has no order. */
static cJSON *one_list(struct cmd_run *r, const char *queue, const char *status, int64_t limit,
		       bool *more, struct err *err)
{
	static const char *const since[] = { "0" };
	cJSON *in = cJSON_CreateObject(), *filters, *filter, *jobs, *job;

	json_add_str(in, "jobQueue", queue);
	if (status) {
		json_add_str(in, "jobStatus", status);
	} else {
		filters = cJSON_AddArrayToObject(in, "filters");
		filter = cJSON_CreateObject();
		json_add_str(filter, "name", "AFTER_CREATED_AT");
		json_add(filter, "values", cJSON_CreateStringArray(since, 1));
		cJSON_AddItemToArray(filters, filter);
	}
	jobs = list_all(r, "ListJobs", in, "jobSummaryList", status ? 0 : limit, more, err);
	cJSON_ArrayForEach(job, jobs) {
		json_add_str(job, "jobQueue", queue);
	}
	return jobs;
}

static int newest_first(const void *a, const void *b)
{
	const cJSON *x = *(cJSON *const *)a, *y = *(cJSON *const *)b;
	int64_t s = json_int(x, "createdAt", 0), t = json_int(y, "createdAt", 0);

	if (s != t)
		return s < t ? 1 : -1;
	return strcmp(json_str_or(y, "jobId", ""), json_str_or(x, "jobId", ""));
}

/* Sorts the lists that were put together and keeps the first `limit`. */
static void sort(cJSON *all, int (*compare)(const void *, const void *), int64_t limit, bool *more)
{
	int n = cJSON_GetArraySize(all), i = 0;
	cleanup_free cJSON **order = xcalloc((size_t)n + 1, sizeof(cJSON *));

	while (all->child)
		order[i++] = cJSON_DetachItemViaPointer(all, all->child);
	qsort(order, (size_t)n, sizeof(cJSON *), compare);
	for (i = 0; i < n; i++) {
		if (limit && i >= limit) {
			cJSON_Delete(order[i]);
			*more = true;
		} else {
			cJSON_AddItemToArray(all, order[i]);
		}
	}
}

struct gathering {
	cJSON *all;
	int64_t limit;
	bool more;
	int lists;
};

static int gather(struct cmd_run *r, struct gathering *g, const char *queue, const char *status,
		  struct err *err)
{
	bool more = false;
	cleanup_json cJSON *jobs = one_list(r, queue, status, g->limit, &more, err);

	if (!jobs)
		return -1;
	while (jobs->child)
		cJSON_AddItemToArray(g->all, cJSON_DetachItemViaPointer(jobs, jobs->child));
	g->more = g->more || more;
	g->lists++;
	return 0;
}

static int gather_queue(struct cmd_run *r, struct gathering *g, const char *queue, struct err *err)
{
	const char *status;

	if (!cmd_value(r, "status"))
		return gather(r, g, queue, NULL, err);
	for (int i = 0; (status = cmd_value_at(r, "status", i)); i++)
		if (gather(r, g, queue, status, err) < 0)
			return -1;
	return 0;
}

static int gather_all(struct cmd_run *r, struct gathering *g, struct err *err)
{
	cleanup_json cJSON *queues = NULL;
	const char *queue = cmd_value(r, "queue");
	const cJSON *q;

	if (queue)
		return gather_queue(r, g, arn_name("job-queue", queue) ?: queue, err);
	queues = list_all(r, "DescribeJobQueues", NULL, "jobQueues", 0, NULL, err);
	if (!queues)
		return -1;
	cJSON_ArrayForEach(q, queues) {
		if (gather_queue(r, g, json_str_or(q, "jobQueueName", ""), err) < 0)
			return -1;
	}
	return 0;
}

/* --- children and nodes -------------------------------------------------------------------- */

static int64_t index_of(const cJSON *child)
{
	return json_int(json_get(child, "arrayProperties"), "index",
			json_int(json_get(child, "nodeProperties"), "nodeIndex", 0));
}

static int by_index(const void *a, const void *b)
{
	int64_t x = index_of(*(cJSON *const *)a), y = index_of(*(cJSON *const *)b);

	return (x > y) - (x < y);
}

/* The operation's member that asks for them; NULL: the job has none. */
static const char *parent_member(const cJSON *job)
{
	if (json_get(json_get(job, "arrayProperties"), "size"))
		return "arrayJobId";
	return json_get(job, "nodeProperties") ? "multiNodeJobId" : NULL;
}

static int gather_children(struct cmd_run *r, struct gathering *g, const cJSON *parent,
			   const char *status, struct err *err)
{
	const char *queue = arn_name("job-queue", json_str_or(parent, "jobQueue", ""));
	cJSON *in = cJSON_CreateObject(), *child;
	cleanup_json cJSON *jobs = NULL;

	json_add_str(in, parent_member(parent), json_str(parent, "jobId"));
	json_add_str(in, "jobStatus", status);
	jobs = list_all(r, "ListJobs", in, "jobSummaryList", 0, NULL, err);
	if (!jobs)
		return -1;
	while ((child = jobs->child)) {
		json_add_str(child, "jobQueue", queue);
		cJSON_AddItemToArray(g->all, cJSON_DetachItemViaPointer(jobs, child));
	}
	return 0;
}

/* In all states, or those that were named. */
static int gather_of(struct cmd_run *r, struct gathering *g, struct err *err)
{
	cleanup_free char *id = job_resolve(r, cmd_value(r, "of"), err);
	cleanup_json cJSON *parent = id ? job_describe(r, id, err) : NULL;
	const char *status;

	if (!parent)
		return -1;
	if (!parent_member(parent))
		return err_set(err, ERR_INVALID,
			       _("job %s is neither an array nor a multi-node job"), id);
	for (int i = 0; !cmd_value(r, "status") && i < JOB_COUNT; i++)
		if (gather_children(r, g, parent, job_status_name((enum job_status)i), err) < 0)
			return -1;
	for (int i = 0; (status = cmd_value_at(r, "status", i)); i++)
		if (gather_children(r, g, parent, status, err) < 0)
			return -1;
	sort(g->all, by_index, g->limit, &g->more);
	return 0;
}

/* --- the command ------------------------------------------------------------------------------ */

static int check_statuses(const struct cmd_run *r)
{
	enum job_status ignored;
	const char *status;

	for (int i = 0; (status = cmd_value_at(r, "status", i)); i++)
		if (!job_status_parse(status, &ignored))
			return cmd_usage(r,
					 _("there is no status '%s'; they are SUBMITTED, PENDING, "
					   "RUNNABLE, STARTING, RUNNING, SUCCEEDED, FAILED"),
					 status);
	return EXIT_DONE;
}

static int run(struct cmd_run *r)
{
	struct gathering g = { 0 };
	struct err err = { 0 };
	int code = check_statuses(r);

	if (code != EXIT_DONE)
		return code;
	if (cmd_int(r, "limit", 0, INT32_MAX, DEFAULT_LIMIT, &g.limit, &err) < 0)
		return cmd_fail(&err);
	g.all = cJSON_CreateArray();
	if ((cmd_value(r, "of") ? gather_of : gather_all)(r, &g, &err) < 0) {
		cJSON_Delete(g.all);
		return cmd_fail(&err);
	}
	if (g.lists > 1 || (g.lists && cmd_value(r, "status")))
		sort(g.all, newest_first, g.limit, &g.more);
	list_print(r, g.all, &listing);
	if (g.more && cmd_value(r, "of"))
		cmd_say(_("these are the first %lld; --limit 0 lists all"), (long long)g.limit);
	else if (g.more)
		cmd_say(_("these are the newest %lld; --limit 0 lists all"), (long long)g.limit);
	cJSON_Delete(g.all);
	return EXIT_DONE;
}

static const struct cmd_opt options[] = {
	{ 'q', "queue", "QUEUE", N_("only jobs of this queue"), false },
	{ 's', "status", "STATUS", N_("only jobs in this status"), true },
	{ 0, "of", "JOB", N_("the children of this array, or the nodes of this multi-node job"),
	  false },
	{ 0, "limit", "N", N_("at most so many, the newest; 0: all; else 1000"), false },
	{ 0, NULL, NULL, NULL, false },
};

const struct cmd cmd_jobs = {
	.name = "jobs",
	.summary = N_("list jobs, the newest first"),
	.text = N_("The last column says why a job waits, or how it failed."),
	.example = "jobdeck jobs --status RUNNABLE --status RUNNING",
	.opts = options,
	.flags = CMD_CLIENT | CMD_JSON,
	.run = run,
};
