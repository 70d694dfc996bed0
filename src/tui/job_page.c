/* A job's page: timeline, reason, definition, attempts. */
#include "config.h"
#include "job_page.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"
#include "scene.h"
#include "shell.h"

enum job_status job_page_status(const cJSON *detail)
{
	enum job_status status = JOB_SUBMITTED;

	job_status_parse(json_str_or(detail, "status", ""), &status);
	return status;
}

int job_page_attempt(const cJSON *detail)
{
	int ended = json_count(detail, "attempts");
	enum job_status s = job_page_status(detail);

	if (job_status_is_final(s))
		return ended > 0 ? ended : 1;
	return ended + 1;
}

int job_page_attempts(const cJSON *detail)
{
	int most = (int)json_int(json_get(detail, "retryStrategy"), "attempts", 1);

	return most > 0 ? most : 1;
}

const char *job_page_stream(const cJSON *detail, int number)
{
	const cJSON *ended = cJSON_GetArrayItem(json_get(detail, "attempts"), number - 1);
	const char *stream = json_str(json_get(ended, "container"), "logStreamName");
	enum job_status status = job_page_status(detail);

	/* While it waits for its next try, `container` is still that of the last one. */
	if (!stream && number == job_page_attempt(detail) && status >= JOB_STARTING)
		stream = json_str(json_get(detail, "container"), "logStreamName");
	return stream && *stream ? stream : NULL;
}

const char *job_page_name(const char *arn)
{
	const char *slash = strrchr(arn, '/');

	return strncmp(arn, "arn:", 4) == 0 && slash ? slash + 1 : arn;
}

/* ---- Timeline: one row per wait and per attempt, all on one scale ---- */

struct scale {
	jd_time from, to;
	int col, width;
};

static int position(const struct scale *s, jd_time t)
{
	if (t <= s->from || s->to <= s->from)
		return 0;
	if (t >= s->to)
		return s->width;
	return (int)((double)(t - s->from) / (double)(s->to - s->from) * s->width);
}

static void span_row(struct page *p, const struct scale *s, const char *label, jd_time from,
		     jd_time to, bool run, bool open, const char *result)
{
	int a = position(s, from), b = position(s, to);
	enum style style = run ? STYLE_RUN : STYLE_FRAME;
	char took[32];

	if (b <= a)
		b = a + 1;
	if (b > s->width)
		a -= b - s->width, b = s->width;
	grid_text(p->g, p->row, p->width < 60 ? 1 : 2, s->col - 2, STYLE_PLAIN, label);
	grid_hline(p->g, p->row, s->col + a, b - a, style, run ? GLYPH_BAR_USED : GLYPH_LINE);
	if (open)
		time_age(to - from, took, sizeof took);
	else
		time_span(to - from, took, sizeof took);
	grid_right(p->g, p->row, s->col + s->width + 1, 7, STYLE_PLAIN, took);
	grid_text(p->g, p->row, s->col + s->width + 10, p->width - s->col - s->width - 10,
		  STYLE_PLAIN, result);
	p->row++;
}

static struct scale scale_for(const struct page *p, jd_time from, jd_time to)
{
	int col = p->width < 60 ? 12 : 14, result = p->width < 60 ? 0 : 22;

	return (struct scale){ from, to, col, p->width - col - 9 - result };
}

static void timeline_attempts(struct page *p, const struct scale *s, const cJSON *detail,
			      jd_time *since)
{
	const cJSON *a;
	int n = 0;

	cJSON_ArrayForEach(a, json_get(detail, "attempts")) {
		jd_time stopped = json_int(a, "stoppedAt", *since);
		jd_time started = json_int(a, "startedAt", stopped);
		cleanup_free char *result = snap_result(a);
		char label[32];

		if (started - *since >= 100)
			span_row(p, s, _("waited"), *since, started, false, false, "");
		snprintf(label, sizeof label, _("try %d"), ++n);
		span_row(p, s, label, started, stopped, true, false, result);
		*since = stopped;
	}
}

static void timeline(struct page *p, const cJSON *detail, jd_time now)
{
	enum job_status status = job_page_status(detail);
	jd_time created = json_int(detail, "createdAt", now), since = created;
	jd_time started = json_int(detail, "startedAt", 0);
	jd_time end = json_int(detail, "stoppedAt", now);
	bool final = job_status_is_final(status);
	struct scale s;
	char from[32], to[32], label[96];

	if (end < created)
		end = created;
	s = scale_for(p, created, end);
	time_clock(created, now, from, sizeof from);
	snprintf(label, sizeof label, _("Timeline  %s to %s"), from,
		 final ? time_clock(end, now, to, sizeof to) : _("now"));
	page_title(p, false, label);
	timeline_attempts(p, &s, detail, &since);
	if (final) {
		if (end - since >= 100 || since == created)
			span_row(p, &s, _("waited"), since, end, false, false, "");
		return;
	}
	if (status == JOB_RUNNING && started >= since) {
		if (started - since >= 100)
			span_row(p, &s, _("waited"), since, started, false, false, "");
		snprintf(label, sizeof label, _("try %d"), job_page_attempt(detail));
		span_row(p, &s, label, started, end, true, true, "");
	} else {
		span_row(p, &s, status == JOB_STARTING ? _("starting") : _("waits"), since, end,
			 false, true, "");
	}
}

/* ---- Why, or how it ended ---- */

static void course(struct page *p, const cJSON *detail)
{
	enum job_status status = job_page_status(detail);
	const char *why = json_str_or(detail, "jobdeckWhy", "");
	const char *reason = json_str_or(detail, "statusReason", "");

	if (job_status_is_final(status)) {
		cleanup_free char *result = snap_result(detail);

		page_title(p, true, _("Result"));
		page_field(p, job_status_name(status), scene_state_style(status, 0), 4,
			   *result ? result : "-");
		if (json_bool(detail, "isCancelled", false))
			page_field(p, "", STYLE_PLAIN, 1, _("cancelled on request"));
		if (json_bool(detail, "isTerminated", false))
			page_field(p, "", STYLE_PLAIN, 1, _("terminated on request"));
	} else if (status != JOB_RUNNING) {
		page_title(p, true, _("Why is it waiting?"));
		page_field(p, job_status_name(status), STYLE_TITLE, 4,
			   *why	   ? why :
			   *reason ? reason :
				     _("nothing keeps it any more"));
		if (*why && *reason)
			page_field(p, "", STYLE_PLAIN, 3, reason);
	} else if (json_bool(detail, "isTerminated", false)) {
		page_title(p, true, _("It is being stopped"));
		page_field(p, "RUNNING", STYLE_WAIT, 3,
			   _("asked to end; killed 30 s later if it does not"));
	}
}

/* ---- What it is ---- */

/* Secrets have no business on a screen. */
static bool is_secret(const char *name)
{
	return strcasestr(name, "SECRET") || strcasestr(name, "TOKEN") || strcasestr(name, "KEY") ||
	       strcasestr(name, "PASS");
}

static char *environment_text(const cJSON *environment)
{
	const cJSON *item;
	struct buf b;

	buf_init(&b, 4096);
	cJSON_ArrayForEach(item, environment) {
		const char *name = json_str_or(item, "name", "");

		buf_addf(&b, "%s%s=", b.len ? " " : "", name);
		shell_quote(&b, is_secret(name) ? "****" : json_str_or(item, "value", ""));
	}
	return buf_steal(&b);
}

static const char *requirement(const cJSON *container, const char *type)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, json_get(container, "resourceRequirements"))
		if (strcmp(json_str_or(item, "type", ""), type) == 0)
			return json_str(item, "value");
	return NULL;
}

static void needs(struct page *p, const cJSON *container)
{
	const char *vcpus = requirement(container, "VCPU"),
		   *memory = requirement(container, "MEMORY");
	const char *gpus = requirement(container, "GPU");
	char old_vcpus[24], old_memory[24];

	snprintf(old_vcpus, sizeof old_vcpus, "%" PRId64, json_int(container, "vcpus", 0));
	snprintf(old_memory, sizeof old_memory, "%" PRId64, json_int(container, "memory", 0));
	page_fieldf(p, _("needs"), _("%s vCPU, %s MiB%s%s%s"), vcpus ? vcpus : old_vcpus,
		    memory ? memory : old_memory, gpus ? ", " : "", gpus ? gpus : "",
		    gpus ? " GPU" : "");
}

static void limits(struct page *p, const cJSON *detail)
{
	int64_t limit = json_int(json_get(detail, "timeout"), "attemptDurationSeconds", 0);
	char span[32];

	if (limit)
		page_fieldf(p, _("limit"), _("%s for each try"),
			    time_span(limit * 1000, span, sizeof span));
	if (job_page_attempts(detail) > 1)
		page_fieldf(p, _("tries"), _("up to %d"), job_page_attempts(detail));
}

static void definition(struct page *p, const cJSON *detail)
{
	const cJSON *container = json_get(detail, "container");
	cleanup_free char *command = shell_join(json_get(container, "command"));
	cleanup_free char *environment = environment_text(json_get(container, "environment"));

	page_title(p, false, _("Job"));
	page_field(p, _("command"), STYLE_PLAIN, 4, command);
	needs(p, container);
	page_field(p, _("queue"), STYLE_PLAIN, 1,
		   job_page_name(json_str_or(detail, "jobQueue", "")));
	page_field(p, _("definition"), STYLE_PLAIN, 1,
		   job_page_name(json_str_or(detail, "jobDefinition", "")));
	page_field(p, _("image"), STYLE_PLAIN, 1, json_str(container, "image"));
	page_field(p, _("directory"), STYLE_PLAIN, 2,
		   json_str(json_get(detail, "tags"), "jobdeck:directory"));
	page_field(p, _("variables"), STYLE_PLAIN, 3, environment);
	limits(p, detail);
}

static void dependencies(struct page *p, const cJSON *detail)
{
	const cJSON *item;

	if (!json_count(detail, "dependsOn"))
		return;
	page_title(p, false, _("Needs these jobs to end well"));
	cJSON_ArrayForEach(item, json_get(detail, "dependsOn"))
		page_field(p, json_str_or(item, "type", _("job")), STYLE_PLAIN, 1,
			   json_str(item, "jobId"));
}

static void attempt_row(struct page *p, const cJSON *a, int number, jd_time now)
{
	jd_time started = json_int(a, "startedAt", 0), stopped = json_int(a, "stoppedAt", 0);
	cleanup_free char *result = snap_result(a);
	char clock[32] = "-", took[32] = "-";

	if (started)
		time_clock(started, now, clock, sizeof clock);
	if (started && stopped)
		time_span(stopped - started, took, sizeof took);
	grid_printf(p->g, p->row++, 2, p->width - 2, STYLE_PLAIN, "%-4d %-16s %8s  %s", number,
		    clock, took, result);
}

static void attempts(struct page *p, const cJSON *detail, jd_time now)
{
	const cJSON *a;
	int n = 0;

	if (!json_count(detail, "attempts"))
		return;
	page_title(p, false, _("Attempts that ended"));
	grid_printf(p->g, p->row++, 2, p->width - 2, STYLE_PLAIN, "%-4s %-16s %8s  %s", _("TRY"),
		    _("STARTED"), _("TOOK"), _("RESULT"));
	cJSON_ArrayForEach(a, json_get(detail, "attempts"))
		attempt_row(p, a, ++n, now);
}

void job_page(struct page *p, const cJSON *detail, jd_time now)
{
	timeline(p, detail, now);
	course(p, detail);
	definition(p, detail);
	dependencies(p, detail);
	attempts(p, detail, now);
	page_title(p, false, _("Same thing on the command line"));
	grid_printf(p->g, p->row++, 2, p->width - 2, STYLE_PLAIN, "jobdeck describe %.36s",
		    json_str_or(detail, "jobId", ""));
	grid_printf(p->g, p->row++, 2, p->width - 2, STYLE_PLAIN, "jobdeck logs -f %.36s",
		    json_str_or(detail, "jobId", ""));
}

void job_page_preview(struct grid *g, struct rect r, const cJSON *detail, jd_time now)
{
	enum job_status status = job_page_status(detail);
	const cJSON *container = json_get(detail, "container");
	cleanup_free char *command = shell_join(json_get(container, "command"));
	char head[96];
	struct page p;

	page_init(&p, r.cols, g->ascii);
	timeline(&p, detail, now);
	snprintf(head, sizeof head, _("%s, try %d of %d"), job_status_name(status),
		 job_page_attempt(detail), job_page_attempts(detail));
	page_field(&p, _("state"), scene_state_style(status, job_page_attempt(detail) - 1), 1,
		   head);
	if (job_status_is_final(status)) {
		cleanup_free char *result = snap_result(detail);

		page_field(&p, _("result"), STYLE_PLAIN, 2, result);
	} else {
		page_field(&p, _("why"), STYLE_PLAIN, 2, json_str(detail, "jobdeckWhy"));
	}
	page_field(&p, _("command"), STYLE_PLAIN, 2, command);
	needs(&p, container);
	page_field(&p, _("definition"), STYLE_PLAIN, 1,
		   job_page_name(json_str_or(detail, "jobDefinition", "")));
	page_show(&p, g, r, 1); /* its title is the preview's own */
	page_fini(&p);
}
