/* jobdeck why: what stands between a job and its start, rung by rung. The first rung that waits
 * is what to mend; it is set apart, and so is what can never be. */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "job.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"
#include "list.h"

enum { RUNG_CELLS = 13, VERDICT_CELLS = 6 };

/* As the ladder shows a verdict, and whether it is in the job's way. */
static const struct mark {
	const char *verdict, *shown;
	bool bad;
} marks[] = {
	{ "OK", "ok", false },
	{ "WAIT", "WAIT", true },
	{ "NEVER", "NEVER", true },
	{ "NOT_REACHED", "---", false },
};

static const struct mark *mark_of(const cJSON *rung)
{
	const char *verdict = json_str_or(rung, "verdict", "");

	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		if (strcmp(marks[i].verdict, verdict) == 0)
			return &marks[i];
	return &marks[ARRAY_LEN(marks) - 1];
}

/* The first that waits is bold, what never can be is red; without a terminal the marks at the
 * beginning of the line say it. */
static void put_rung(const cJSON *rung, bool first_wait, bool styled)
{
	const struct mark *m = mark_of(rung);
	bool never = strcmp(m->shown, "NEVER") == 0;
	const char *text = json_str_or(rung, "text", ""), *help = json_str_or(rung, "help", "");
	const char *on = never ? "\033[31m" : "\033[1m";
	cleanup_free char *safe = text_safe_dup(text, strlen(text));
	cleanup_free char *mend = text_safe_dup(help, strlen(help));

	styled = styled && (never || first_wait);
	printf("%s%c %-*s ", styled ? on : "",
	       never	  ? '!' :
	       first_wait ? '>' :
			    ' ',
	       RUNG_CELLS, json_str_or(rung, "rung", "?"));
	if (*safe)
		printf("%-*s %s", VERDICT_CELLS, m->shown, safe);
	else
		fputs(m->shown, stdout);
	puts(styled ? "\033[0m" : "");
	if (*mend && m->bad)
		printf("%*s %s\n", 2 + RUNG_CELLS + 1 + VERDICT_CELLS, "", mend);
}

static bool may_style(const struct cmd_run *r)
{
	return isatty(STDOUT_FILENO) && !r->no_color && !getenv("NO_COLOR");
}

static void put_ladder(const struct cmd_run *r, const cJSON *out)
{
	bool styled = may_style(r), found = false;
	const cJSON *rung;

	cJSON_ArrayForEach(rung, json_get(out, "rungs")) {
		bool first = strcmp(mark_of(rung)->shown, "WAIT") == 0 && !found;

		found |= first;
		put_rung(rung, first, styled);
	}
}

/* A job that waits has a ladder; of one that does not there is only what it is. */
static void put(const struct cmd_run *r, const cJSON *out)
{
	const char *name = json_str_or(out, "jobName", ""),
		   *queue = json_str_or(out, "jobQueue", "");
	const char *reason = json_str_or(out, "statusReason", "");
	cleanup_free char *safe = text_safe_dup(reason, strlen(reason));

	printf(_("job %s (%s) in queue %s is %s\n"), json_str_or(out, "jobId", ""), name, queue,
	       json_str_or(out, "status", "?"));
	if (*safe)
		printf("%s\n", safe);
	put_ladder(r, out);
}

static int one(struct cmd_run *r, const char *text, struct err *err)
{
	cleanup_free char *id = job_resolve(r, text, err);
	cleanup_json cJSON *out = NULL;
	cJSON *in;

	if (!id)
		return -1;
	in = cJSON_CreateObject();
	json_add_str(in, "jobId", id);
	out = client_wait(r->client, "JobdeckWhy", in, err);
	if (!out)
		return -1;
	if (r->json)
		json_answer(r, out);
	else
		put(r, out);
	return 0;
}

static int run(struct cmd_run *r)
{
	struct err err = { 0 };

	return one(r, r->argv[0], &err) < 0 ? cmd_fail(&err) : EXIT_DONE;
}

const struct cmd cmd_why = {
	.name = "why",
	.operands = "JOB",
	.summary = N_("say what keeps a job from running"),
	.text = N_("Shows the checks in the order in which the scheduler makes them, each with ok, "
		   "WAIT (later perhaps), NEVER (not unless something is changed) or --- (not "
		   "reached), with the evidence, and what would help. The first that waits is "
		   "marked with >, what can never be with !."),
	.flags = CMD_CLIENT | CMD_JSON,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
