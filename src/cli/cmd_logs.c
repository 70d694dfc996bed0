/* jobdeck logs: what a job wrote. */
#include "config.h"
#include "follow.h"
#include "job.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/model/limits.h"

enum { MOST_TAIL = 10000 }; /* GetLogEvents' own limit */

static int say_nothing_there(const cJSON *job, const char *id)
{
	char why[600];

	job_story(job, why, sizeof why);
	if (job_ended(job))
		cmd_say(_("job %s never ran: %s"), id, *why ? why : job_status_of(job));
	else
		cmd_say(_("job %s is %s and has written nothing yet%s%s; -f waits for it"), id,
			job_status_of(job), *why ? ": " : "", why);
	return EXIT_DONE;
}

static int say_end(const cJSON *job, const char *id)
{
	char why[600];

	if (job_ended(job) && job_exit_status(job) != EXIT_DONE)
		cmd_say(_("job %s %s: %s"), id, job_status_of(job),
			job_story(job, why, sizeof why));
	return EXIT_DONE;
}

static int show(struct cmd_run *r, struct follow_options *o)
{
	cleanup_json cJSON *job = NULL;
	struct err err = { 0 };
	int result;

	if (!o->live) {
		job = job_describe(r, o->job, &err);
		if (!job)
			return cmd_fail(&err);
		if (!o->attempt && job_attempts(job) == 0 && !r->json)
			return say_nothing_there(job, o->job);
		cJSON_Delete(STEAL_PTR(job));
	}
	result = follow_job(o, &job, &err);
	if (result < 0)
		return cmd_fail(&err);
	if (result > 0)
		return EXIT_SIGNAL + result;
	return o->talk ? say_end(job, o->job) : EXIT_DONE;
}

static int run(struct cmd_run *r)
{
	struct follow_options o = { .run = r,
				    .timestamps = cmd_flag(r, "timestamps"),
				    .live = cmd_flag(r, "follow") };
	struct err err = { 0 };
	cleanup_free char *id = NULL;
	int64_t attempt;

	if (cmd_int(r, "attempt", 1, LIMIT_ATTEMPTS, 0, &attempt, &err) < 0 ||
	    cmd_int(r, "tail", 1, MOST_TAIL, 0, &o.tail, &err) < 0)
		return cmd_fail(&err);
	id = job_resolve(r, r->argv[0], &err);
	if (!id)
		return cmd_fail(&err);
	o.job = id;
	o.attempt = (int)attempt;
	o.talk = o.live && !r->json;
	return show(r, &o);
}

static const struct cmd_opt options[] = {
	{ 'f', "follow", NULL, N_("go on as it comes, until the job has ended"), false },
	{ 0, "attempt", "N", N_("the log of that attempt; else of the newest"), false },
	{ 'n', "tail", "N", N_("only the last N lines of what is there"), false },
	{ 't', "timestamps", NULL, N_("put its time before each line"), false },
	{ 0, NULL, NULL, NULL, false },
};

const struct cmd cmd_logs = {
	.name = "logs",
	.operands = "JOB",
	.summary = N_("show what a job wrote"),
	.text = N_("The job's stdout comes out on stdout, its stderr on stderr, as text: bytes "
		   "that are not UTF-8 are replaced (logs/ in the home has them as they were), "
		   "and on a terminal control sequences are made harmless."),
	.example = "jobdeck logs -f render-12",
	.opts = options,
	.flags = CMD_CLIENT | CMD_JSON,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
