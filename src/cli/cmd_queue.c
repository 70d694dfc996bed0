/* jobdeck queue and environment: enable, disable, delete. One table row says how the two
 * kinds of things differ. */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "interrupt.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/time.h"
#include "jobdeck/cli/cmd.h"

enum { GONE_WITHIN_MS = 60000, LOOK_AGAIN_MS = 250 };

struct kind {
	const char *member;			/* "jobQueue" */
	const char *update, *delete, *describe; /* operations */
	const char *plural;			/* list in Describe's request and answer */
	const char *question, *gone;		/* N_() */
};

static const struct kind queue_kind = {
	"jobQueue",
	"UpdateJobQueue",
	"DeleteJobQueue",
	"DescribeJobQueues",
	"jobQueues",
	N_("Delete queue %s, and end the jobs that are in it? [y/N] "),
	N_("queue %s is deleted"),
};
static const struct kind environment_kind = {
	"computeEnvironment",
	"UpdateComputeEnvironment",
	"DeleteComputeEnvironment",
	"DescribeComputeEnvironments",
	"computeEnvironments",
	N_("Delete compute environment %s? [y/N] "),
	N_("environment %s is deleted"),
};

/* Asks only where somebody can answer; a script said what it wants. */
static bool confirmed(const struct cmd_run *r, const struct kind *k, const char *name)
{
	char answer[16];

	if (cmd_flag(r, "yes") || !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return true;
	fprintf(stderr, _(k->question), name);
	if (!fgets(answer, sizeof answer, stdin))
		return false;
	/* TRANSLATORS: the letter that answers a question with yes, in lower case */
	return *answer == 'y' || *answer == 'Y' || *answer == *_("y");
}

static int set_state(struct cmd_run *r, const struct kind *k, const char *name, const char *state,
		     struct err *err)
{
	cJSON *in = cJSON_CreateObject();
	cleanup_json cJSON *out = NULL;

	json_add_str(in, k->member, name);
	json_add_str(in, "state", state);
	out = client_wait(r->client, k->update, in, err);
	if (!out)
		return -1;
	cmd_say(_("%s is %s"), name, state);
	return 0;
}

/* 1: still there, 0: gone, -1: cannot say. */
static int is_there(struct cmd_run *r, const struct kind *k, const char *name, struct err *err)
{
	cJSON *in = cJSON_CreateObject();
	cleanup_json cJSON *out = NULL;
	const char *status;

	json_add(in, k->plural, cJSON_CreateStringArray(&name, 1));
	out = client_wait(r->client, k->describe, in, err);
	if (!out)
		return -1;
	status = json_str(cJSON_GetArrayItem(json_get(out, k->plural), 0), "status");
	return status && strcmp(status, "DELETED") != 0;
}

/* Deleting a queue first ends its jobs, which takes a moment. */
static int wait_gone(struct cmd_run *r, const struct kind *k, const char *name, struct err *err)
{
	int64_t deadline = time_mono() + GONE_WITHIN_MS;
	int there;

	while ((there = is_there(r, k, name, err)) == 1) {
		if (time_mono() > deadline) {
			cmd_say(_("%s is being deleted; its jobs are still ending"), name);
			return 0;
		}
		nap(r->client, LOOK_AGAIN_MS);
	}
	if (there == 0)
		cmd_say(_(k->gone), name);
	return there;
}

static int delete_one(struct cmd_run *r, const struct kind *k, const char *name, struct err *err)
{
	cJSON *in;
	cleanup_json cJSON *out = NULL;

	if (!confirmed(r, k, name))
		return err_set(err, ERR_DENIED, _("%s was not deleted"), name);
	in = cJSON_CreateObject();
	json_add_str(in, k->member, name);
	out = client_wait(r->client, k->delete, in, err);
	return out ? wait_gone(r, k, name, err) : -1;
}

static int run(struct cmd_run *r)
{
	bool queue = strcmp(r->cmd->name, "queue") == 0;
	const struct kind *k = queue ? &queue_kind : &environment_kind;
	const char *what = r->argv[0];
	int code = EXIT_DONE;

	for (int i = 1; i < r->argc; i++) {
		struct err err = { 0 };
		int result;

		if (strcmp(what, "enable") == 0)
			result = set_state(r, k, r->argv[i], "ENABLED", &err);
		else if (strcmp(what, "disable") == 0)
			result = set_state(r, k, r->argv[i], "DISABLED", &err);
		else if (strcmp(what, "delete") == 0)
			result = delete_one(r, k, r->argv[i], &err);
		else
			return cmd_usage(r, _("say enable, disable or delete, not '%s'"), what);
		if (result < 0) {
			int one = cmd_fail(&err);

			code = code ? code : one;
		}
	}
	return code;
}

static const struct cmd_opt options[] = {
	{ 'y', "yes", NULL, N_("delete without asking; without a terminal nothing is asked anyway"),
	  false },
	{ 0, NULL, NULL, NULL, false },
};

const struct cmd cmd_queue = {
	.name = "queue",
	.operands = "enable|disable|delete QUEUE...",
	.summary = N_("turn a job queue on or off, or delete it"),
	.text = N_("A disabled queue takes no new jobs; those in it go on. Only a disabled "
		   "queue can be deleted, and its jobs end with it."),
	.opts = options,
	.flags = CMD_CLIENT | CMD_CHANGES,
	.min_operands = 2,
	.max_operands = -1,
	.run = run,
};

const struct cmd cmd_environment = {
	.name = "environment",
	.operands = "enable|disable|delete ENVIRONMENT...",
	.summary = N_("turn a compute environment on or off, or delete it"),
	.text = N_("A disabled environment starts no more jobs; those that run go on. Only a "
		   "disabled environment that no queue uses can be deleted."),
	.opts = options,
	.flags = CMD_CLIENT | CMD_CHANGES,
	.min_operands = 2,
	.max_operands = -1,
	.run = run,
};
