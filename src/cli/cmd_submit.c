/* jobdeck submit: one command line in, one job id out. */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "follow.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/mem.h"
#include "list.h"
#include "submit.h"

/* All nodes are alike: one range for all of them. */
static cJSON *node_overrides(struct submission *s)
{
	cJSON *out = cJSON_CreateObject(), *list, *item;

	json_add_int(out, "numNodes", s->nodes);
	if (!s->overrides->child)
		return out;
	list = cJSON_AddArrayToObject(out, "nodePropertyOverrides");
	item = cJSON_CreateObject();
	json_add_str(item, "targetNodes", "0:");
	json_add(item, "containerOverrides", STEAL_PTR(s->overrides));
	cJSON_AddItemToArray(list, item);
	return out;
}

static cJSON *request(struct submission *s, cJSON *options /* taken */)
{
	cJSON *in = cJSON_CreateObject(), *item;

	json_add_str(in, "jobName", s->name);
	json_add_str(in, "jobQueue", s->queue);
	json_add_str(in, "jobDefinition", s->definition);
	if (s->nodes)
		json_add(in, "nodeOverrides", node_overrides(s));
	else if (s->overrides->child)
		json_add(in, "containerOverrides", STEAL_PTR(s->overrides));
	while ((item = cJSON_DetachItemFromArray(options, 0)))
		cJSON_AddItemToObject(in, item->string, item);
	cJSON_Delete(options);
	return in;
}

static int finish(struct submission *s, cJSON *options /* taken */)
{
	struct err err = { 0 };
	cleanup_json cJSON *out = client_wait(s->r->client, "SubmitJob", request(s, options), &err);
	const char *id = json_str_or(out, "jobId", "");

	if (!out)
		return cmd_fail(&err);
	cmd_warnings(out);
	if (cmd_flag(s->r, "follow")) {
		cmd_say(_("job %s (%s) is in queue %s"), id, s->name, s->queue);
		return follow_to_the_end(s->r, id);
	}
	if (s->r->json)
		json_answer(s->r, out);
	else
		puts(id);
	return EXIT_DONE;
}

static int check(struct cmd_run *r)
{
	static const char *const many[] = { "array", "nodes" };

	if (!r->argc && !cmd_value(r, "definition"))
		return cmd_usage(r, _("nothing to run: say -- COMMAND, or --definition"));
	if (cmd_value(r, "image") && cmd_value(r, "definition"))
		return cmd_usage(r, _("--image and --definition exclude each other: a definition "
				      "has its image"));
	if (cmd_flag(r, "follow") && r->json)
		return cmd_usage(r,
				 _("--json and --follow exclude each other: stdout is the job's"));
	for (size_t i = 0; i < ARRAY_LEN(many); i++)
		if (cmd_flag(r, "follow") && cmd_value(r, many[i]))
			return cmd_usage(r, _("--follow shows one output; --%s makes many"),
					 many[i]);
	if (cmd_value(r, "array") && cmd_value(r, "nodes"))
		return cmd_usage(r, _("--array and --nodes exclude each other"));
	return EXIT_DONE;
}

static int run(struct cmd_run *r)
{
	struct submission s = { .r = r };
	struct err err = { 0 };
	cleanup_json cJSON *options = cJSON_CreateObject();
	int code = check(r);

	if (code != EXIT_DONE)
		return code;
	if (submit_options(r, options, &err) < 0 || submit_what(&s, &err) < 0)
		code = cmd_fail(&err);
	else
		code = finish(&s, STEAL_PTR(options));
	free(s.queue);
	free(s.definition);
	free(s.name);
	cJSON_Delete(s.overrides);
	return code;
}

static const struct cmd_opt options[] = {
	{ 'q', "queue", "QUEUE", N_("the job queue; else the only enabled one, else 'default'"),
	  false },
	{ 'n', "name", "NAME", N_("the job's name; else that of the command"), false },
	{ 0, "definition", "DEFINITION", N_("a job definition, NAME or NAME:REVISION"), false },
	{ 0, "image", "IMAGE", N_("what to run it in; 'host' (the default) is a process of yours"),
	  false },
	{ 0, "vcpus", "N", N_("vCPUs it gets; else 1"), false },
	{ 0, "memory", "MIB", N_("memory it gets, MiB; else 512"), false },
	{ 0, "gpus", "N", N_("GPUs it has for itself"), false },
	{ 0, "array", "N",
	  N_("so many children, 2 to 10000: AWS_BATCH_JOB_ARRAY_INDEX tells them "
	     "apart"),
	  false },
	{ 0, "nodes", "N", N_("so many nodes at once, as a multi-node parallel job"), false },
	{ 'd', "depends-on", "JOB",
	  N_("start only when that job SUCCEEDED; JOB:n-to-n: each child after its like"), true },
	{ 0, "sequential", NULL, N_("the children of an array one after the other"), false },
	{ 0, "after-any", "JOB", N_("start only when that job has ended, well or not"), true },
	{ 0, "start-after", "TIME", N_("not before then: '2026-11-22 14:03', or 10m from now"),
	  false },
	{ 0, "hold", NULL, N_("wait for 'jobdeck release'"), false },
	{ 'e', "env", "NAME=VALUE", N_("a variable for it; NAME alone hands on yours"), true },
	{ 0, "parameters", "NAME=VALUE",
	  N_("what Ref::NAME in the definition's command stands for"), true },
	{ 0, "retry", "N",
	  N_("try so many times in all, 1 to 10; N,RULE,... says when: exit:137=retry, "
	     "'status:Host EC2*=retry', 'reason:*=exit'; the first that fits decides"),
	  false },
	{ 0, "timeout", "TIME", N_("stop an attempt after so long, at least 60 seconds"), false },
	{ 0, "share", "ID", N_("the share it counts for, where the queue has a policy"), false },
	{ 0, "priority", "N", N_("its place within the share, 0 to 9999, higher first"), false },
	{ 0, "consume", "NAME=N", N_("so much of a consumable resource"), true },
	{ 0, "tag", "NAME=VALUE", N_("a tag"), true },
	{ 0, "strict", NULL, N_("refuse what would be warned of"), false },
	{ 'f', "follow", NULL, N_("show its output as it comes and end with its exit code"),
	  false },
	{ 0, NULL, NULL, NULL, false },
};

const struct cmd cmd_submit = {
	.name = "submit",
	.operands = "-- COMMAND...",
	.summary = N_("submit a command as a job"),
	.text = N_("Prints the job's id. The command runs in the present directory with "
		   "arguments as given; for pipes and variables use sh -c. A job definition for "
		   "it is made or found again by itself. What speaks against the job, such as a "
		   "queue where it could never run, is told as a warning.\n\n"
		   "With --follow its stdout and stderr "
		   "come out here as they come, as text: bytes that are not UTF-8 are "
		   "replaced; logs/ in the home has them as they were. The job's PATH is that "
		   "of the server's environment; -e PATH hands on yours. Ctrl-C ends only the "
		   "following; the job goes on."),
	.example = "jobdeck submit --follow -- sh -c 'echo hello; sleep 3; date'",
	.opts = options,
	.flags = CMD_CLIENT | CMD_JSON | CMD_CHANGES | CMD_DASHDASH,
	.max_operands = -1,
	.run = run,
};
