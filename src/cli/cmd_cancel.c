/* jobdeck cancel and terminate: both ask the API the same way and read the job back, for
 * CancelJob answers 200 also where it does nothing (CX-1). */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "job.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/model/limits.h"
#include "list.h"

struct ending {
	struct cmd_run *r;
	const char *op, *reason;
	bool terminate;
	cJSON *done; /* jobs as they are after it, for --json */
};

static int report(struct ending *e, const cJSON *job, const char *before)
{
	const char *id = json_str_or(job, "jobId", ""), *status = job_status_of(job);

	if (strcmp(before, "SUCCEEDED") == 0 || strcmp(before, "FAILED") == 0) {
		cmd_say(_("job %s had ended already: %s"), id, before);
		return EXIT_DONE;
	}
	if (!e->terminate && (strcmp(status, "STARTING") == 0 || strcmp(status, "RUNNING") == 0)) {
		cmd_say(_("job %s is %s; cancel leaves it alone, 'jobdeck terminate %s' stops it"),
			id, status, id);
		return EXIT_REFUSED;
	}
	if (!e->r->json)
		puts(id);
	return EXIT_DONE;
}

static int end_one(struct ending *e, const char *text, struct err *err)
{
	cleanup_free char *id = job_resolve(e->r, text, err);
	cleanup_json cJSON *before = id ? job_describe(e->r, id, err) : NULL, *out = NULL;
	cJSON *in, *after;

	if (!before)
		return cmd_fail(err);
	in = cJSON_CreateObject();
	json_add_str(in, "jobId", id);
	json_add_str(in, "reason", e->reason);
	out = client_wait(e->r->client, e->op, in, err);
	after = out ? job_describe(e->r, id, err) : NULL;
	if (!after)
		return cmd_fail(err);
	cJSON_AddItemToArray(e->done, after);
	return report(e, after, job_status_of(before));
}

/* Goes through all of them whatever happens to one; the first trouble is the exit code. */
static int end_all(struct ending *e)
{
	int code = EXIT_DONE;

	e->done = cJSON_CreateArray();
	for (int i = 0; i < e->r->argc; i++) {
		struct err err = { 0 };
		int one = end_one(e, e->r->argv[i], &err);

		code = code ? code : one;
	}
	if (e->r->json)
		list_print(e->r, e->done, NULL);
	cJSON_Delete(e->done);
	return code;
}

static int run(struct cmd_run *r)
{
	bool terminate = strcmp(r->cmd->name, "terminate") == 0;
	struct ending e = { .r = r,
			    .terminate = terminate,
			    .reason = cmd_value(r, "reason"),
			    .op = terminate ? "TerminateJob" : "CancelJob" };

	/* The reason becomes the job's statusReason: API text, so not translated. */
	if (!e.reason)
		e.reason = terminate ? "Terminated with jobdeck terminate" :
				       "Canceled with jobdeck cancel";
	if (strlen(e.reason) > LIMIT_REASON)
		return cmd_usage(r, _("--reason may have %d characters at most"), LIMIT_REASON);
	return end_all(&e);
}

static const struct cmd_opt options[] = {
	{ 'r', "reason", "TEXT", N_("why; it becomes the job's status reason"), false },
	{ 0, NULL, NULL, NULL, false },
};

const struct cmd cmd_cancel = {
	.name = "cancel",
	.operands = "JOB...",
	.summary = N_("cancel jobs that have not started"),
	.text = N_("Jobs that are STARTING or RUNNING are left alone, as AWS Batch does; use "
		   "terminate for them. Prints the ids of those that were cancelled."),
	.opts = options,
	.flags = CMD_CLIENT | CMD_JSON | CMD_CHANGES,
	.min_operands = 1,
	.max_operands = -1,
	.run = run,
};

const struct cmd cmd_terminate = {
	.name = "terminate",
	.operands = "JOB...",
	.summary = N_("stop jobs, also running ones"),
	.text = N_("A running job gets SIGTERM, and SIGKILL 30 seconds later; it ends as FAILED "
		   "and is not tried again. Prints the ids."),
	.opts = options,
	.flags = CMD_CLIENT | CMD_JSON | CMD_CHANGES,
	.min_operands = 1,
	.max_operands = -1,
	.run = run,
};
