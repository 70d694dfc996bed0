/* jobdeck init: from nothing to a finished job. With a terminal the console's wizard does it,
 * with --yes the same steps are taken here. */
#include "config.h"
#include <stdio.h>
#include <unistd.h>
#include "console.h"
#include "follow.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "setup.h"

enum { HELLO_VCPUS = 1, HELLO_MEMORY = 128, MOST_VCPUS = 65536 };

static char hello_sh[] = "sh", hello_c[] = "-c",
	    hello_text[] = "echo \"hello world from job $AWS_BATCH_JOB_ID\"";
static char *const hello[] = { hello_sh, hello_c, hello_text, NULL };

/* Registers and submits the first job. Returns its id; caller frees. */
static char *submit_hello(struct cmd_run *r, struct err *err)
{
	char *const *command = r->argc ? r->argv : hello;
	struct setup_definition d = { .name = r->argc ? "first-job" : "hello",
				      .image = "host",
				      .vcpus = HELLO_VCPUS,
				      .memory = HELLO_MEMORY,
				      .command = command,
				      .exact = true };
	cleanup_json cJSON *properties = NULL, *in = cJSON_CreateObject(), *out = NULL;
	cleanup_free char *definition = NULL, *cwd = setup_directory(err);
	bool made;

	if (!cwd)
		return NULL;
	definition = setup_definition(r, &d, &made, &properties, err);
	if (!definition)
		return NULL;
	setup_say("RegisterJobDefinition", definition,
		  made ? _("registered") : _("is there already"));
	json_add_str(in, "jobName", d.name);
	json_add_str(in, "jobQueue", SETUP_QUEUE);
	json_add_str(in, "jobDefinition", definition);
	json_add_str(cJSON_AddObjectToObject(in, "tags"), "jobdeck:directory", cwd);
	out = client_wait(r->client, "SubmitJob", STEAL_PTR(in), err);
	if (!out)
		return NULL;
	setup_say("SubmitJob", d.name, json_str_or(out, "jobId", ""));
	return xstrdup(json_str_or(out, "jobId", ""));
}

static int init_unattended(struct cmd_run *r)
{
	struct err err = { 0 };
	cleanup_free char *id = NULL;
	int64_t max;
	int code;

	if (cmd_int(r, "max-vcpus", 1, MOST_VCPUS, 0, &max, &err) < 0 ||
	    setup_defaults(r, max, &err) < 0)
		return cmd_fail(&err);
	if (cmd_flag(r, "no-job"))
		return EXIT_DONE;
	id = submit_hello(r, &err);
	if (!id)
		return cmd_fail(&err);
	code = follow_to_the_end(r, id);
	if (code == EXIT_DONE)
		cmd_say(_("done; submit your own: jobdeck submit --follow -- COMMAND, or see it "
			  "all: jobdeck"));
	return code;
}

static int run(struct cmd_run *r)
{
	if (cmd_flag(r, "yes"))
		return init_unattended(r);
	if (r->argc || cmd_flag(r, "no-job") || cmd_value(r, "max-vcpus"))
		return cmd_usage(r, _("this goes only with --yes; the wizard asks for it"));
	return console_start(r, true);
}

static const struct cmd_opt options[] = {
	{ 'y', "yes", NULL, N_("do it here and now with the defaults, asking nothing"), false },
	{ 0, "max-vcpus", "N", N_("vCPUs that jobs may use in all; else all of this machine"),
	  false },
	{ 0, "no-job", NULL, N_("make the environment and the queue, submit nothing"), false },
	{ 0, NULL, NULL, NULL, false },
};

const struct cmd cmd_init = {
	.name = "init",
	.operands = "[-- COMMAND...]",
	.summary = N_("set up a compute environment and a queue, and run a first job"),
	.text = N_("Without --yes the console's wizard asks. With it the environment 'local-ce' "
		   "and the queue 'default' are made where they are missing, a hello job (or "
		   "COMMAND) is submitted and followed, and the exit status is that of the job. "
		   "What is there already is left as it is."),
	.example = "jobdeck init --yes",
	.opts = options,
	.flags = CMD_CLIENT | CMD_CHANGES | CMD_DASHDASH,
	.max_operands = -1,
	.run = run,
};
