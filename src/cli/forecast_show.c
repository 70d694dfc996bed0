/* A forecast for a person. */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "forecast.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"
#include "table.h"

enum { METER_MS = 500, WAITING_MOST = 5 };

void forecast_meter(struct forecast_meter *m, int64_t ended, jd_time passed, int64_t done,
		    int64_t whole)
{
	int64_t now = time_mono();
	char span[32], percent[32] = "";

	if (!isatty(STDERR_FILENO) || now - m->shown < METER_MS)
		return;
	m->shown = now;
	m->any = true;
	if (whole)
		snprintf(percent, sizeof percent, " %3d%%", (int)(100.0 * (double)done / (double)whole));
	fprintf(stderr, _("\r%lld jobs have ended after %s%s (Ctrl-C stops)\033[K"),
		(long long)ended, time_span(passed, span, sizeof span), percent);
}

void forecast_meter_end(struct forecast_meter *m)
{
	if (m->any)
		fputs("\r\033[K", stderr);
	m->any = false;
}

static const char *seconds(const cJSON *obj, const char *member, char buf[32])
{
	if (!json_get(obj, member))
		return "-";
	return time_span((int64_t)(json_num(obj, member, 0) * 1000 + 0.5), buf, 32);
}

static void add_seconds(struct table *t, const cJSON *obj, const char *member)
{
	char buf[32];

	table_add(t, seconds(obj, member, buf));
}

static void end_table(struct table *t)
{
	putchar('\n');
	table_print(t, stdout, table_width(stdout));
	table_fini(t);
}

static void show_summary(const cJSON *r)
{
	const cJSON *jobs = json_get(r, "jobs"), *use = json_get(r, "utilization");
	int64_t start = json_int(r, "startsAt", 0), end = json_int(r, "endsAt", 0);
	char span[32], clock[64];

	printf(_("All done     after %s, %s\n"), seconds(r, "makespanSeconds", span),
	       time_clock(end, start, clock, sizeof clock));
	printf(_("Jobs         %lld succeed, %lld fail, in %lld attempts\n"),
	       (long long)json_int(jobs, "succeeded", 0), (long long)json_int(jobs, "failed", 0),
	       (long long)json_int(jobs, "attempts", 0));
	printf(_("vCPUs        %.1f%% of those provided in use, %.1f%% of the pool\n"),
	       100 * json_num(use, "ofProvided", 0), 100 * json_num(use, "ofPool", 0));
	printf(_("Cost         %.4f USD\n"), json_num(r, "usd", 0));
	if (json_bool(r, "circles", false))
		printf(_("Stopped      instances are launched again and again, and no job runs\n"));
}

static void show_waits(const cJSON *r)
{
	static const struct column columns[] = {
		{ .title = N_("QUEUE"), .least = 12 },
		{ .title = N_("SHARE"), .drop = 1 },
		{ .title = N_("JOBS"), .right = true },
		{ .title = N_("MEDIAN WAIT"), .right = true },
		{ .title = N_("95%"), .right = true },
		{ .title = N_("WORST"), .right = true },
	};
	const cJSON *wait;
	struct table t;

	if (!json_count(r, "waits"))
		return;
	table_init(&t, columns, ARRAY_LEN(columns));
	cJSON_ArrayForEach(wait, json_get(r, "waits")) {
		table_add(&t, json_str(wait, "jobQueue"));
		table_add(&t, json_str(wait, "shareIdentifier"));
		table_addf(&t, "%lld", (long long)json_int(wait, "jobs", 0));
		add_seconds(&t, wait, "medianSeconds");
		add_seconds(&t, wait, "p95Seconds");
		add_seconds(&t, wait, "worstSeconds");
	}
	end_table(&t);
}

static void add_type(struct table *t, const cJSON *env, const cJSON *type, bool first)
{
	table_add(t, json_str(env, "computeEnvironment"));
	if (first)
		table_addf(t, "%.1f%%", 100 * json_num(env, "utilization", 0));
	else
		table_add(t, NULL);
	table_add(t, json_str(type, "instanceType"));
	if (json_get(type, "hours")) {
		table_addf(t, "%lld", (long long)json_int(type, "count", 0));
		table_addf(t, "%.2f", json_num(type, "hours", 0));
	} else { /* local.host: the machine, however many ran on it */
		table_add(t, NULL);
		table_add(t, NULL);
	}
	table_addf(t, "%.4f", json_num(type, "usd", 0));
}

static void show_environments(const cJSON *r)
{
	static const struct column columns[] = {
		{ .title = N_("ENVIRONMENT"), .least = 12 }, { .title = N_("IN USE"), .right = true },
		{ .title = N_("TYPE") },		     { .title = N_("COUNT"), .right = true },
		{ .title = N_("HOURS"), .right = true },     { .title = N_("USD"), .right = true },
	};
	const cJSON *env, *type;
	struct table t;

	table_init(&t, columns, ARRAY_LEN(columns));
	cJSON_ArrayForEach(env, json_get(r, "environments")) {
		const cJSON *types = json_get(env, "instances");

		cJSON_ArrayForEach(type, types)
			add_type(&t, env, type, type == types->child);
	}
	if (t.count)
		end_table(&t);
	else
		table_fini(&t);
}

static void show_durations(const cJSON *r)
{
	const cJSON *d;
	char span[32];

	if (json_count(r, "durations"))
		putchar('\n');
	cJSON_ArrayForEach(d, json_get(r, "durations")) {
		const char *source = json_str_or(d, "source", "");
		int64_t runs = json_int(d, "runs", 0);
		const char *name = json_str(d, "jobName");

		if (strcmp(source, "HISTORY") == 0)
			printf(ngettext("%s%s%s is taken to run %s, the median of %lld run\n",
					"%s%s%s is taken to run %s, the median of %lld runs\n",
					(unsigned long)runs),
			       json_str_or(d, "jobDefinition", "?"), name ? ", " : "",
			       name ? name : "", seconds(d, "durationSeconds", span),
			       (long long)runs);
		else if (strcmp(source, "NONE") == 0)
			printf(_("of other jobs nothing is known: they are taken to run a minute "
				 "(--duration)\n"));
	}
}

static void show_one_never(const cJSON *job)
{
	const char *id = json_str(job, "jobId"), *reason = json_str_or(job, "reason", "");
	cleanup_free char *line = xasprintf(_("line %lld"), (long long)json_int(job, "line", 0));
	cleanup_free char *safe = text_safe_dup(reason, strlen(reason));

	printf("  %s %s: %s\n", id ? id : line, json_str_or(job, "jobName", ""), safe);
}

/* All that by themselves can never run; of those that wait for them a few will do. */
static void show_never(const cJSON *r)
{
	int64_t count = json_int(r, "neverCount", 0), told = 0;
	int waiting = 0;
	const cJSON *job;

	if (!count)
		return;
	printf(ngettext("\n%lld job will not run:\n", "\n%lld jobs will not run:\n",
			(unsigned long)count),
	       (long long)count);
	cJSON_ArrayForEach(job, json_get(r, "never")) {
		if (!json_bool(job, "never", true) && waiting++ >= WAITING_MOST)
			break;
		show_one_never(job);
		told += json_int(job, "jobs", 1);
	}
	if (told < count)
		printf(_("  and %lld more\n"), (long long)(count - told));
}

static void show_jobs(const cJSON *r)
{
	static const struct column columns[] = {
		{ .title = N_("STARTS"), .right = true }, { .title = N_("ENDS"), .right = true },
		{ .title = N_("STATUS") },		  { .title = N_("QUEUE"), .least = 8, .drop = 1 },
		{ .title = N_("JOB"), .least = 12 },	  { .title = N_("NAME"), .least = 12, .drop = 2 },
	};
	jd_time start = json_int(r, "startsAt", 0);
	const cJSON *job;
	struct table t;

	if (!json_get(r, "jobList"))
		return;
	table_init(&t, columns, ARRAY_LEN(columns));
	cJSON_ArrayForEach(job, json_get(r, "jobList")) {
		int64_t starts = json_int(job, "startedAt", -1), ends = json_int(job, "stoppedAt", 0);
		char span[32];

		table_add(&t, starts < 0 ? NULL : time_span(starts - start, span, sizeof span));
		table_add(&t, time_span(ends - start, span, sizeof span));
		table_add(&t, json_str(job, "status"));
		table_add(&t, json_str(job, "jobQueue"));
		if (json_str(job, "jobId"))
			table_add(&t, json_str(job, "jobId"));
		else
			table_addf(&t, _("line %lld"), (long long)json_int(job, "line", 0));
		table_add(&t, json_str(job, "jobName"));
	}
	end_table(&t);
}

void forecast_show(const cJSON *report)
{
	show_summary(report);
	show_waits(report);
	show_environments(report);
	show_durations(report);
	show_never(report);
	show_jobs(report);
}
