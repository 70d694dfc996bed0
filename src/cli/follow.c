/* Follows a job: its attempts one after the other, the log of each to its end.
 *
 * Order matters: an attempt's log is complete once the attempt is seen as ended, so the job is
 * asked for first and its log drained after. While an attempt runs its log is asked for every
 * 100 ms; whether the job's state changed is told by JobdeckWatch, so that a job that waits
 * costs nothing. */
#include "config.h"
#include "follow.h"
#include <string.h>
#include "interrupt.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/time.h"
#include "jobdeck/model/logs.h"
#include "job.h"
#include "logout.h"

enum {
	POLL_MS = 100,
	WATCH_MS = 20000,
	PAGE_LINES = 1000,
	TROUBLE_MS = 500,     /* between tries when the server does not answer */
	MOST_TROUBLE = 20,    /* tries */
	TALK_AFTER_MS = 1000, /* say why it waits only when it waits */
	BREATH_MS = 20,	      /* on a busy machine something changes all the time */
};
static const bool never; /* false: naps that only time and signals end */

struct follow {
	const struct follow_options *o;
	struct interrupt intr;
	struct logout out;
	cJSON *detail;
	int attempt;  /* the one being shown, from 1 */
	char *token;  /* where its log goes on, or NULL */
	int64_t seq;  /* of the engine, from JobdeckWatch */
	bool changed; /* seq grew, or the watch broke */
	int watch;    /* its call, or 0 */
	int troubles;
	int64_t since;	/* monotonic, of the start */
	char said[400]; /* why it waits, as last said */
};

/* A failed call while following is tried again: the server may just have been killed. */
static int endure(struct follow *f, const struct err *err)
{
	if (f->intr.signo)
		return 0;
	if (!f->o->live || !f->detail ||
	    (err->kind != ERR_UNAVAILABLE && err->kind != ERR_SYSTEM) ||
	    ++f->troubles > MOST_TROUBLE)
		return -1;
	interrupt_nap(&f->intr, &never, TROUBLE_MS);
	return 0;
}

static int refresh(struct follow *f, struct err *err)
{
	cJSON *in = cJSON_CreateObject(), *job;
	cleanup_json cJSON *out = NULL;

	json_add(in, "jobs", cJSON_CreateStringArray(&f->o->job, 1));
	out = interrupt_wait(&f->intr, "DescribeJobs", in, err);
	if (!out)
		return endure(f, err);
	job = cJSON_DetachItemFromArray(cJSON_GetObjectItemCaseSensitive(out, "jobs"), 0);
	if (!job)
		return err_set(err, ERR_NOT_FOUND,
			       _("there is no job %s; 'jobdeck jobs' lists them"), f->o->job);
	cJSON_Delete(f->detail);
	f->detail = job;
	f->troubles = 0;
	return 0;
}

static void watched(void *arg, cJSON *out, const struct err *err)
{
	struct follow *f = arg;

	(void)err;
	f->watch = 0;
	f->changed = true;
	f->seq = json_int(out, "seq", 0); /* broken: begin anew, the next server counts anew */
}

/* Has the engine tell when anything changes. The first answer comes at once. */
static void watch(struct follow *f)
{
	cJSON *in;

	f->changed = false;
	if (f->watch)
		return;
	in = cJSON_CreateObject();
	json_add_int(in, "seq", f->seq);
	json_add_int(in, "timeoutMs", WATCH_MS);
	f->watch = client_call(f->o->run->client, "JobdeckWatch", in, watched, f);
}

static cJSON *log_request(const struct follow *f, const char *stream)
{
	bool tail = f->o->tail && !f->token;
	cJSON *in = cJSON_CreateObject();

	json_add_str(in, "logGroupName", log_group_of(f->detail));
	json_add_str(in, "logStreamName", stream);
	json_add_bool(in, "startFromHead", !tail);
	json_add_int(in, "limit", tail ? f->o->tail : PAGE_LINES);
	json_add_str(in, "nextToken", f->token);
	return in;
}

/* Shows what the stream has by now. */
static int drain(struct follow *f, const char *stream, struct err *err)
{
	for (;;) {
		struct err e = { 0 };
		cleanup_json cJSON *out =
			interrupt_wait(&f->intr, "GetLogEvents", log_request(f, stream), &e);
		const char *next = json_str(out, "nextForwardToken");
		const cJSON *event;

		if (!out && e.kind == ERR_NOT_FOUND)
			return 0; /* nothing was written yet */
		if (!out) {
			if (err)
				*err = e;
			return endure(f, &e);
		}
		cJSON_ArrayForEach(event, json_get(out, "events")) {
			logout_event(&f->out, event);
		}
		fflush(f->out.to[0]);
		if (!next || (f->token && strcmp(f->token, next) == 0) || f->intr.signo)
			return 0;
		str_replace(&f->token, next);
	}
}

static void say_attempt_ended(struct follow *f)
{
	char why[600];
	int most = (int)json_int(json_get(f->detail, "retryStrategy"), "attempts", 1);

	if (!f->o->talk || (job_ended(f->detail) && f->attempt == job_attempts(f->detail)))
		return;
	logout_break(&f->out);
	cmd_say(_("attempt %d of %d ended: %s; trying again"), f->attempt, most,
		job_attempt_story(f->detail, f->attempt, why, sizeof why));
}

static void say_why_it_waits(struct follow *f)
{
	char why[sizeof f->said];

	if (!f->o->talk || !f->out.terminal[1] || time_mono() - f->since < TALK_AFTER_MS ||
	    job_attempts(f->detail) >= f->attempt)
		return;
	job_story(f->detail, why, sizeof why);
	if (*why && strcmp(why, f->said) != 0)
		cmd_say(_("the job is %s: %s"), job_status_of(f->detail), why);
	snprintf(f->said, sizeof f->said, "%s", why);
}

/* Shows the log of the present attempt as far as it goes, and of those after it. */
static int show(struct follow *f, struct err *err)
{
	while (f->attempt <= job_attempts(f->detail) && !f->intr.signo) {
		const char *stream = job_attempt_stream(f->detail, f->attempt);

		if (stream && drain(f, stream, err) < 0)
			return -1;
		if (!job_attempt_ended(f->detail, f->attempt) || f->troubles || !f->o->live)
			return 0;
		say_attempt_ended(f);
		f->attempt++;
		str_replace(&f->token, NULL);
	}
	return 0;
}

static bool is_over(const struct follow *f)
{
	return job_ended(f->detail) && f->attempt > job_attempts(f->detail) && !f->troubles;
}

static void rest(struct follow *f)
{
	bool running = f->attempt <= job_attempts(f->detail);
	int ms = running ? POLL_MS : WATCH_MS;

	if (f->changed) {
		interrupt_nap(&f->intr, &never, BREATH_MS);
		return;
	}
	if (f->o->talk && !running && time_mono() - f->since < TALK_AFTER_MS)
		ms = TALK_AFTER_MS;
	interrupt_nap(&f->intr, &f->changed, ms);
}

static int follow_live(struct follow *f, struct err *err)
{
	f->changed = true;
	while (!f->intr.signo) {
		if (f->changed || f->troubles) {
			watch(f);
			if (refresh(f, err) < 0)
				return -1;
		}
		if (f->intr.signo)
			break;
		if (f->attempt == 0)
			f->attempt = job_attempts(f->detail) ? job_attempts(f->detail) : 1;
		if (show(f, err) < 0)
			return -1;
		if (is_over(f))
			return 0;
		say_why_it_waits(f);
		rest(f);
	}
	return 0;
}

static int show_once(struct follow *f, struct err *err)
{
	if (refresh(f, err) < 0)
		return -1;
	if (!f->intr.signo && f->attempt == 0)
		f->attempt = job_attempts(f->detail);
	if (!f->intr.signo && f->attempt > job_attempts(f->detail))
		return err_set(err, ERR_NOT_FOUND, _("job %s had no attempt %d yet"), f->o->job,
			       f->attempt);
	return f->intr.signo ? 0 : show(f, err);
}

int follow_job(const struct follow_options *o, cJSON **detail, struct err *err)
{
	struct follow f = { .o = o, .attempt = o->attempt, .since = time_mono() };
	int result;

	if (interrupt_init(&f.intr, o->run->client, err) < 0)
		return -1;
	logout_init(&f.out);
	f.out.timestamps = o->timestamps;
	f.out.json = o->run->json && !o->talk;
	f.out.json_lines = o->run->json_lines;
	result = o->live ? follow_live(&f, err) : show_once(&f, err);
	if (f.watch)
		client_cancel(o->run->client, f.watch);
	if (result == 0 || f.out.count)
		logout_end(&f.out);
	if (result == 0)
		result = f.intr.signo;
	interrupt_fini(&f.intr);
	free(f.token);
	if (detail)
		*detail = f.detail;
	else
		cJSON_Delete(f.detail);
	return result;
}

int follow_to_the_end(struct cmd_run *r, const char *job)
{
	struct follow_options o = {
		.run = r, .job = job, .live = true, .attempt = 1, .talk = true
	};
	cleanup_json cJSON *detail = NULL;
	struct err err = { 0 };
	char story[600];
	int result = follow_job(&o, &detail, &err);

	if (result < 0)
		return cmd_fail(&err);
	if (result > 0) {
		cmd_say(_("job %s goes on; see it again: jobdeck logs -f %s; stop it: jobdeck "
			  "terminate %s"),
			job, job, job);
		return EXIT_SIGNAL + result;
	}
	if (strcmp(job_status_of(detail), "SUCCEEDED") != 0)
		cmd_say(_("job %s %s: %s"), job, job_status_of(detail),
			job_story(detail, story, sizeof story));
	return job_exit_status(detail);
}
