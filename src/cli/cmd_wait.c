/* jobdeck wait: until jobs have ended. JobdeckWatch says when to look; nothing is polled. */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "interrupt.h"
#include "job.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/time.h"
#include "jobdeck/model/enums.h"
#include "jobdeck/model/limits.h"
#include "list.h"

enum {
	WATCH_MS = 20000,
	BREATH_MS = 50, /* when a lot happens, look at it together */
	TROUBLE_MS = 500,
	MOST_TROUBLE = 20, /* tries in a row */
	UNKNOWN = -1,	   /* an engine that has just started is at 0 */
};

struct waiting {
	struct cmd_run *r;
	char **ids; /* of those that have not ended */
	size_t count, cap;
	cJSON *ended; /* for --json */
	bool failed;
	int64_t deadline; /* monotonic, or INT64_MAX */
	int64_t seq; /* of the engine; UNKNOWN: ask at once */
	int troubles;
};

static void add(struct waiting *w, const char *id)
{
	ARRAY_ROOM(w->ids, w->count, w->cap);
	w->ids[w->count++] = xstrdup(id);
}

static int add_live_of(struct waiting *w, const char *queue, struct err *err)
{
	for (int s = 0; s < JOB_COUNT; s++) {
		cJSON *in = cJSON_CreateObject();
		cleanup_json cJSON *jobs = NULL;
		const cJSON *job;

		json_add_str(in, "jobQueue", queue);
		json_add_str(in, "jobStatus", job_status_name((enum job_status)s));
		if (job_status_is_final((enum job_status)s)) {
			cJSON_Delete(in);
			continue;
		}
		jobs = list_all(w->r, "ListJobs", in, "jobSummaryList", 0, NULL, err);
		if (!jobs)
			return -1;
		cJSON_ArrayForEach(job, jobs) {
			add(w, json_str_or(job, "jobId", ""));
		}
	}
	return 0;
}

/* Every job that has not ended now. One that moves on while we look may be seen twice; it
 * cannot be missed, for states are asked in the order in which jobs pass them. */
static int add_all(struct waiting *w, struct err *err)
{
	cleanup_json cJSON *queues =
		list_all(w->r, "DescribeJobQueues", NULL, "jobQueues", 0, NULL, err);
	const cJSON *q;

	if (!queues)
		return -1;
	cJSON_ArrayForEach(q, queues) {
		if (add_live_of(w, json_str_or(q, "jobQueueName", ""), err) < 0)
			return -1;
	}
	return 0;
}

static int add_operands(struct waiting *w, struct err *err)
{
	for (int i = 0; i < w->r->argc; i++) {
		cleanup_free char *id = job_resolve(w->r, w->r->argv[i], err);

		if (!id)
			return -1;
		add(w, id);
	}
	return 0;
}

static int by_id(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void drop_doubles(struct waiting *w)
{
	size_t kept = 0;

	if (w->count)
		qsort(w->ids, w->count, sizeof *w->ids, by_id);
	for (size_t i = 0; i < w->count; i++) {
		if (kept && strcmp(w->ids[kept - 1], w->ids[i]) == 0)
			free(w->ids[i]);
		else
			w->ids[kept++] = w->ids[i];
	}
	w->count = kept;
}

static void note_end(struct waiting *w, const cJSON *job)
{
	bool failed = strcmp(job_status_of(job), "FAILED") == 0;
	char story[600];

	w->failed = w->failed || failed;
	if (w->r->json) {
		cJSON_AddItemToArray(w->ended, cJSON_Duplicate(job, true));
		return;
	}
	printf("%s %s\n", json_str_or(job, "jobId", ""), job_status_of(job));
	fflush(stdout);
	if (failed)
		cmd_say(_("job %s (%s) %s: %s"), json_str_or(job, "jobId", ""),
			json_str_or(job, "jobName", "?"), job_status_of(job),
			job_story(job, story, sizeof story));
}

/* Looks at `n` ids from `first` on; those that have ended are freed and become NULL. */
static int look_at(struct waiting *w, size_t first, size_t n, struct err *err)
{
	cJSON *in = cJSON_CreateObject();
	cleanup_json cJSON *out = NULL;

	json_add(in, "jobs", cJSON_CreateStringArray((const char *const *)w->ids + first, (int)n));
	out = client_wait(w->r->client, "DescribeJobs", in, err);
	if (!out)
		return -1;
	for (size_t i = first; i < first + n; i++) {
		const cJSON *job = json_find(json_get(out, "jobs"), "jobId", w->ids[i]);

		if (!job)
			return err_set(err, ERR_NOT_FOUND,
				       _("there is no job %s; 'jobdeck jobs' lists them"),
				       w->ids[i]);
		if (!job_ended(job))
			continue;
		note_end(w, job);
		free(STEAL_PTR(w->ids[i]));
	}
	return 0;
}

static int look(struct waiting *w, struct err *err)
{
	size_t kept = 0, total = w->count;
	int result = 0;

	for (size_t i = 0; i < total && result == 0; i += LIMIT_DESCRIBE_IDS)
		result = look_at(
			w, i, total - i < LIMIT_DESCRIBE_IDS ? total - i : LIMIT_DESCRIBE_IDS, err);
	for (size_t i = 0; i < total; i++)
		if (w->ids[i])
			w->ids[kept++] = w->ids[i];
	w->count = kept;
	return result;
}

/* Sleeps until something changed in the engine, at most until the deadline. */
static int watch(struct waiting *w, struct err *err)
{
	int64_t left = w->deadline - time_mono();
	cJSON *in = cJSON_CreateObject();
	cleanup_json cJSON *out = NULL;

	json_add_int(in, "seq", w->seq);
	json_add_int(in, "timeoutMs", left < 0 ? 0 : left < WATCH_MS ? left : WATCH_MS);
	out = client_wait(w->r->client, "JobdeckWatch", in, err);
	w->seq = json_int(out, "seq", UNKNOWN); /* lost: the next server counts anew */
	return out ? 0 : -1;
}

/* A server that was killed is back in a moment. */
static bool endure(struct waiting *w, const struct err *err)
{
	if (err->kind != ERR_UNAVAILABLE && err->kind != ERR_SYSTEM)
		return false;
	nap(w->r->client, TROUBLE_MS);
	return ++w->troubles <= MOST_TROUBLE;
}

static int wait_for_all(struct waiting *w, struct err *err)
{
	int64_t looked;

	while (w->count) {
		/* The number first, the look after: a change between them wakes us. */
		if (watch(w, err) < 0 || look(w, err) < 0) {
			if (!endure(w, err))
				return -1;
			continue;
		}
		looked = time_mono();
		w->troubles = 0;
		if (w->count && looked >= w->deadline)
			return EXIT_TIMED_OUT;
		if (w->count > 1)
			nap(w->r->client, BREATH_MS);
	}
	return w->failed ? EXIT_JOB_FAILED : EXIT_DONE;
}

static int finish(struct waiting *w, int code, const struct err *err)
{
	if (w->r->json)
		list_print(w->r, w->ended, NULL);
	if (code < 0)
		return cmd_fail(err);
	if (code == EXIT_TIMED_OUT)
		cmd_say(ngettext("%zu job has not ended yet", "%zu jobs have not ended yet",
				 w->count),
			w->count);
	return code;
}

static int run(struct cmd_run *r)
{
	struct waiting w = { .r = r, .deadline = INT64_MAX, .seq = UNKNOWN };
	struct err err = { 0 };
	int64_t seconds;
	int code;

	if (cmd_flag(r, "all") == (r->argc > 0))
		return cmd_usage(r, _("say which jobs, or --all"));
	if (cmd_int(r, "timeout", 0, INT32_MAX, -1, &seconds, &err) < 0)
		return cmd_fail(&err);
	if (seconds >= 0)
		w.deadline = time_mono() + seconds * 1000;
	w.ended = cJSON_CreateArray();
	code = cmd_flag(r, "all") ? add_all(&w, &err) : add_operands(&w, &err);
	if (code == 0) {
		drop_doubles(&w);
		code = wait_for_all(&w, &err);
	}
	code = finish(&w, code, &err);
	for (size_t i = 0; i < w.count; i++)
		free(w.ids[i]);
	free(w.ids);
	cJSON_Delete(w.ended);
	return code;
}

static const struct cmd_opt options[] = {
	{ 'a', "all", NULL, N_("every job that has not ended now"), false },
	{ 0, "timeout", "S", N_("give up after so many seconds, with exit status 6"), false },
	{ 0, NULL, NULL, NULL, false },
};

const struct cmd cmd_wait = {
	.name = "wait",
	.operands = "JOB...",
	.summary = N_("wait until jobs have ended"),
	.text = N_("Prints a line for each job as it ends. Exit status 0: all SUCCEEDED; 10: at "
		   "least one FAILED; 6: --timeout is over."),
	.example = "jobdeck wait --all --timeout 3600",
	.opts = options,
	.flags = CMD_CLIENT | CMD_JSON,
	.max_operands = -1,
	.run = run,
};
