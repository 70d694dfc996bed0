/* Environments and queues, switched and deleted: one row says how the two differ. */
#include "config.h"
#include "thing.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "interrupt.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/time.h"

enum { GONE_WITHIN_MS = 60000, LOOK_AGAIN_MS = 250 };

const struct thing_kind thing_queue = {
	"jobQueue",
	"UpdateJobQueue",
	"DeleteJobQueue",
	"DescribeJobQueues",
	"jobQueues",
	N_("Delete queue %s, and end the jobs that are in it? [y/N] "),
	N_("queue %s is deleted"),
};
const struct thing_kind thing_environment = {
	"computeEnvironment",
	"UpdateComputeEnvironment",
	"DeleteComputeEnvironment",
	"DescribeComputeEnvironments",
	"computeEnvironments",
	N_("Delete compute environment %s? [y/N] "),
	N_("environment %s is deleted"),
};

/* Asks only where somebody can answer; a script said what it wants. */
bool thing_confirmed(const struct cmd_run *r, const char *question, const char *name)
{
	char answer[16];

	if (cmd_flag(r, "yes") || !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return true;
	fprintf(stderr, question, name);
	if (!fgets(answer, sizeof answer, stdin))
		return false;
	/* TRANSLATORS: the letter that answers a question with yes, in lower case */
	return *answer == 'y' || *answer == 'Y' || *answer == *_("y");
}

int thing_set_state(struct cmd_run *r, const struct thing_kind *k, const char *name,
		    const char *state, struct err *err)
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
static int is_there(struct cmd_run *r, const struct thing_kind *k, const char *name,
		    struct err *err)
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
static int wait_gone(struct cmd_run *r, const struct thing_kind *k, const char *name,
		     struct err *err)
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

int thing_delete(struct cmd_run *r, const struct thing_kind *k, const char *name, struct err *err)
{
	cJSON *in;
	cleanup_json cJSON *out = NULL;

	if (!thing_confirmed(r, _(k->question), name))
		return err_set(err, ERR_DENIED, _("%s was not deleted"), name);
	in = cJSON_CreateObject();
	json_add_str(in, k->member, name);
	out = client_wait(r->client, k->delete, in, err);
	return out ? wait_gone(r, k, name, err) : -1;
}
