/* jobdeck drill: trouble on purpose, to see whether jobs come through it. */
#include "config.h"
#include <string.h>
#include "fields.h"
#include "job.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "list.h"
#include "verb.h"

enum { MS_A_SECOND = 1000, USUAL_MS = 10 * 60 * MS_A_SECOND };

/* NULL: it failed. */
static cJSON *ask(struct cmd_run *r, const char *action, const char *target, struct err *err)
{
	cJSON *in = cJSON_CreateObject();
	int64_t ms;

	json_add_str(in, "action", action);
	json_add_str(in, "target", target);
	if (fields_span(r, "for", USUAL_MS, &ms, err) < 0) {
		cJSON_Delete(in);
		return NULL;
	}
	if (cmd_value(r, "for"))
		json_add_int(in, "forSeconds", ms / MS_A_SECOND);
	return client_wait(r->client, "JobdeckDrill", in, err);
}

static int reclaim_one(struct cmd_run *r, const char *text, struct err *err)
{
	bool instance = strncmp(text, "i-", 2) == 0;
	cleanup_free char *id = instance ? xstrdup(text) : job_resolve(r, text, err);
	cleanup_json cJSON *out = id ? ask(r, "RECLAIM", id, err) : NULL;

	if (out)
		cmd_say(_("%s was given notice"), id);
	return out ? 0 : -1;
}

static int refuse_one(struct cmd_run *r, const char *name, struct err *err)
{
	cleanup_json cJSON *out = ask(r, "REFUSE_CAPACITY", name, err);

	if (out)
		cmd_say(_("environment %s gets no capacity"), name);
	return out ? 0 : -1;
}

static int block_one(struct cmd_run *r, const char *name, struct err *err)
{
	cleanup_json cJSON *out = ask(r, "BLOCK_QUEUE", name, err);

	if (out)
		cmd_say(_("queue %s places no jobs"), name);
	return out ? 0 : -1;
}

static int end_one(struct cmd_run *r, const char *name, struct err *err)
{
	cleanup_json cJSON *out = ask(r, "END", name, err);

	return out ? 0 : -1;
}

static int end(struct cmd_run *r, char **names, int count)
{
	char *all = NULL;

	return count ? verb_each(r, names, count, end_one) : verb_each(r, &all, 1, end_one);
}

static const struct column columns[] = {
	{ .title = N_("DRILL") },
	{ .title = N_("TARGET"), .least = 10 },
	{ .title = N_("ENDS IN"), .right = true },
};

static void row(struct table *t, const cJSON *d, jd_time now)
{
	char age[32];

	table_add(t, json_str(d, "action"));
	table_add(t, json_str(d, "target"));
	table_add(t, time_age(json_int(d, "until", now) - now, age, sizeof age));
}

static const struct listing listing = { columns, ARRAY_LEN(columns), row,
					N_("no drill is going on") };

static int list(struct cmd_run *r, char **names, int count)
{
	struct err err = { 0 };
	cleanup_json cJSON *out = ask(r, "LIST", NULL, &err);

	(void)names;
	(void)count;
	if (!out)
		return cmd_fail(&err);
	list_print(r, json_get(out, "drills"), &listing);
	return EXIT_DONE;
}

static const char *const of_time[] = { "for", NULL };

static const struct verb verbs[] = {
	{ "reclaim", "INSTANCE or JOB", 1, -1, true, NULL, .one = reclaim_one },
	{ "refuse-capacity", "ENVIRONMENT", 1, -1, true, of_time, .one = refuse_one },
	{ "block", "QUEUE", 1, -1, true, of_time, .one = block_one },
	{ "end", "ENVIRONMENT or QUEUE", 0, -1, true, NULL, .run = end },
	{ "list", NULL, 0, 0, false, NULL, .run = list },
	{ .name = NULL },
};

static int run(struct cmd_run *r)
{
	return verb_run(r, verbs);
}

static const struct cmd_opt options[] = {
	{ 0, "for", "TIME", N_("how long, such as 90s or 1h; else 10m"), false },
	{ 0, NULL, NULL, NULL, false },
};

const struct cmd cmd_drill = {
	.name = "drill",
	.operands = "reclaim|refuse-capacity|block|end|list INSTANCE|JOB|ENVIRONMENT|QUEUE...",
	.summary = N_("make trouble on purpose"),
	.text = N_("reclaim takes an instance back, or the place of a job, as the Spot market "
		   "would: notice, SIGTERM, SIGKILL, and what AWS Batch says then. refuse-capacity "
		   "lets no instance of an environment launch and no job of Fargate start; block "
		   "lets a queue place nothing. end ends the drill of an environment or queue, or "
		   "all of them."),
	.example = "jobdeck drill refuse-capacity spot --for 5m",
	.opts = options,
	.flags = CMD_CLIENT | CMD_JSON,
	.min_operands = 1,
	.max_operands = -1,
	.run = run,
};
