/* jobdeck events: what happened, as the events that AWS Batch would send to EventBridge. Following
 * goes on after the number of the last event, so that none is missed, whatever becomes of the
 * server in between. */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "interrupt.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"
#include "jobdeck/base/time.h"
#include "list.h"

enum {
	DAY_MS = 24 * 3600 * 1000,
	PAGE = 500,
	WATCH_MS = 20000,
	TROUBLE_MS = 500, /* between tries when the server does not answer */
	MOST_TROUBLE = 20,
};
static const bool never; /* false: naps that only time and signals end */

struct reading {
	struct cmd_run *r;
	struct interrupt intr;
	const char *queue, *status, *type;
	int64_t since, after; /* after: -1 until the first answer */
	bool follow;
	int troubles;
};

static void print_line(const cJSON *event, jd_time now)
{
	const cJSON *d = json_get(event, "detail");
	jd_time at = time_read(json_str_or(event, "time", ""));
	bool blocked =
		strcmp(json_str_or(event, "detail-type", ""), "Batch Job Queue Blocked") == 0;
	const char *queue = strrchr(json_str_or(d, "jobQueue", ""), '/');
	cleanup_free char *line =
		xasprintf("%s  %s  %s%s  %s", json_str_or(d, "jobId", "-"), queue ? queue + 1 : "-",
			  json_str_or(d, "status", "-"), blocked ? _(" (blocked)") : "",
			  json_str_or(d, "jobName", "-"));
	const char *why = json_str_or(d, "statusReason", "");
	cleanup_free char *safe = text_safe_dup(line, strlen(line));
	cleanup_free char *reason = text_safe_dup(why, strlen(why));
	char when[32];

	printf("%s  %s%s%s\n", time_clock(at, now, when, sizeof when), safe, *reason ? "  " : "",
	       reason);
}

static void print(const struct reading *x, const cJSON *event)
{
	if (x->r->json)
		json_out(event, false);
	else
		print_line(event, time_wall());
}

static cJSON *request(const struct reading *x)
{
	cJSON *in = cJSON_CreateObject();

	if (x->after < 0)
		json_add_int(in, "since", x->since);
	else
		json_add_int(in, "after", x->after);
	json_add_int(in, "limit", PAGE);
	json_add_str(in, "jobQueue", x->queue);
	json_add_str(in, "jobStatus", x->status);
	json_add_str(in, "detailType", x->type);
	return in;
}

/* 1: there are more; 0: that was all for now; -1. */
static int read_page(struct reading *x, struct err *err)
{
	cleanup_json cJSON *out = interrupt_wait(&x->intr, "JobdeckEvents", request(x), err);
	const cJSON *item;

	if (!out)
		return -1;
	cJSON_ArrayForEach(item, json_get(out, "events"))
		print(x, json_get(item, "event"));
	fflush(stdout);
	x->after = json_int(out, "next", 0);
	x->troubles = 0;
	return json_bool(out, "more", false);
}

/* Until something happens, or the answer to that is overdue. */
static int watch(struct reading *x, int64_t *seq, struct err *err)
{
	cJSON *in = cJSON_CreateObject();
	cleanup_json cJSON *out = NULL;

	json_add_int(in, "seq", *seq);
	json_add_int(in, "timeoutMs", WATCH_MS);
	out = interrupt_wait(&x->intr, "JobdeckWatch", in, err);
	if (out)
		*seq = json_int(out, "seq", 0);
	return out ? 0 : -1;
}

/* A failed call while following is tried again: the server may just have been killed. */
static bool endure(struct reading *x, const struct err *err)
{
	if (!x->follow || x->after < 0 || x->intr.signo ||
	    (err->kind != ERR_UNAVAILABLE && err->kind != ERR_SYSTEM) ||
	    ++x->troubles > MOST_TROUBLE)
		return false;
	interrupt_nap(&x->intr, &never, TROUBLE_MS);
	return true;
}

static int read_all(struct reading *x, struct err *err)
{
	int64_t seq = 0;
	int rc;

	do {
		while ((rc = read_page(x, err)) > 0)
			;
		if (rc == 0 && x->follow)
			rc = watch(x, &seq, err);
		if (rc < 0 && endure(x, err))
			rc = 0;
	} while (rc == 0 && x->follow && !x->intr.signo);
	return rc;
}

/* A moment, or a span before now; a day when nothing is said, or only what comes. */
static int read_since(struct reading *x, struct err *err)
{
	const char *text = cmd_value(x->r, "since");
	int64_t span = text ? time_read_span(text) : x->follow ? 0 : DAY_MS;
	jd_time t = text ? time_read(text) : -1;

	if (text && span < 0 && t < 0)
		return err_set(err, ERR_INVALID,
			       _("--since %.60s: it is a time like 2026-11-22T14:03 or a span "
				 "like 10m or 2d"),
			       text);
	x->since = span >= 0 ? time_wall() - span : t;
	return 0;
}

static int run(struct cmd_run *r)
{
	struct reading x = { .r = r,
			     .queue = cmd_value(r, "queue"),
			     .status = cmd_value(r, "status"),
			     .type = cmd_flag(r, "blocked") ? "Batch Job Queue Blocked" : NULL,
			     .after = -1,
			     .follow = cmd_flag(r, "follow") };
	struct err err = { 0 };
	int rc;

	if (read_since(&x, &err) < 0 || interrupt_init(&x.intr, r->client, &err) < 0)
		return cmd_fail(&err);
	rc = read_all(&x, &err);
	interrupt_fini(&x.intr);
	if (x.intr.signo)
		return EXIT_SIGNAL + x.intr.signo;
	return rc < 0 ? cmd_fail(&err) : EXIT_DONE;
}

static const struct cmd_opt options[] = {
	{ 'f', "follow", NULL, N_("go on as it comes, until Ctrl-C"), false },
	{ 'q', "queue", "QUEUE", N_("of jobs in this queue only"), false },
	{ 's', "status", "STATUS", N_("of jobs that came to this status only"), false },
	{ 0, "blocked", NULL, N_("only those of queues whose first job is blocked"), false },
	{ 0, "since", "TIME",
	  N_("from then on, or from a span like 10m before now; else of a "
	     "day, or with --follow from now"),
	  false },
	{ 0, NULL, NULL, NULL, false },
};

const struct cmd cmd_events = {
	.name = "events",
	.summary = N_("show what happened, as AWS Batch's events"),
	.text = N_("Every change of a job's status but its submission, and every queue whose first "
		   "job is found blocked. With --json each event is one line: the JSON that AWS "
		   "Batch sends to EventBridge. Settings of the name hook.NAME.command run a "
		   "command for each of them ('jobdeck help settings')."),
	.example = "jobdeck events --follow --status FAILED --json",
	.opts = options,
	.flags = CMD_CLIENT | CMD_JSON,
	.run = run,
};
