/* jobdeck hold and release: keep waiting jobs from running, and let them go. */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "job.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "verb.h"

static int act(struct cmd_run *r, const char *op, const char *text, struct err *err)
{
	cleanup_free char *id = job_resolve(r, text, err);
	cleanup_json cJSON *out = NULL;
	cJSON *in;

	if (!id)
		return -1;
	in = cJSON_CreateObject();
	json_add_str(in, "jobId", id);
	out = client_wait(r->client, op, in, err);
	if (out)
		puts(id);
	return out ? 0 : -1;
}

static int hold_one(struct cmd_run *r, const char *text, struct err *err)
{
	return act(r, "JobdeckHold", text, err);
}

static int release_one(struct cmd_run *r, const char *text, struct err *err)
{
	return act(r, "JobdeckRelease", text, err);
}

static int hold(struct cmd_run *r)
{
	return verb_each(r, r->argv, r->argc, hold_one);
}

static int release(struct cmd_run *r)
{
	return verb_each(r, r->argv, r->argc, release_one);
}

const struct cmd cmd_hold = {
	.name = "hold",
	.operands = "JOB...",
	.summary = N_("keep waiting jobs from running"),
	.text = N_("A held job keeps its place; 'jobdeck release' lets it run. Of an array the "
		   "children that wait are held. AWS Batch has nothing like it. Prints the ids."),
	.flags = CMD_CLIENT | CMD_CHANGES,
	.min_operands = 1,
	.max_operands = -1,
	.run = hold,
};

const struct cmd cmd_release = {
	.name = "release",
	.operands = "JOB...",
	.summary = N_("let held jobs run"),
	.text = N_("For jobs that were held with 'jobdeck hold' or submit --hold. Prints the ids."),
	.flags = CMD_CLIENT | CMD_CHANGES,
	.min_operands = 1,
	.max_operands = -1,
	.run = release,
};
