/* JobdeckWhy: what stands between a waiting job and its start, rung by rung. */
#include "config.h"
#include <stdio.h>
#include "internal.h"

static const char *const verdicts[] = {
	[VERDICT_OK] = "OK",
	[VERDICT_WAIT] = "WAIT",
	[VERDICT_NEVER] = "NEVER",
	[VERDICT_NOT_REACHED] = "NOT_REACHED",
};

static const char *const rungs[] = {
#define X(name, text) [RUNG_##name] = (text),
	RUNG_TABLE(X)
#undef X
};

static void name_job(void *arg, int64_t key, char *out, size_t size)
{
	struct api_call *c = arg;
	struct job *job = engine_job(c->engine, key, NULL);

	if (job)
		snprintf(out, size, "%s (%.40s)", job->id, job->name);
	else
		snprintf(out, size, "job %lld", (long long)key);
	job_free(job);
}

static void add_rungs(struct api_call *c, const struct why *why)
{
	cJSON *list = cJSON_AddArrayToObject(c->out, "rungs");

	for (int i = 0; i < RUNG_COUNT; i++) {
		cJSON *item = cJSON_CreateObject();

		json_add_str(item, "rung", rungs[i]);
		json_add_str(item, "verdict", verdicts[why->rung[i].verdict]);
		json_add_str(item, "text", why->rung[i].text);
		if (*why->rung[i].help)
			json_add_str(item, "help", why->rung[i].help);
		cJSON_AddItemToArray(list, item);
	}
}

int op_jobdeck_why(struct api_call *c, struct err *err)
{
	const char *id = json_str(c->in, "jobId");
	struct job *job = find_job(c, id, err);
	struct why why;

	if (!job)
		return err->kind ? -1 : err_set(err, ERR_NOT_FOUND, "Job %.80s does not exist", id);
	json_add_str(c->out, "jobId", job->id);
	json_add_str(c->out, "jobName", job->name);
	json_add_str(c->out, "jobQueue", job->queue);
	json_add_str(c->out, "status", job_status_name(job->status));
	json_add_str(c->out, "statusReason", job->status_reason);
	if (sched_why(engine_sched(c->engine), job->key, engine_now(c->engine), name_job, c, &why))
		add_rungs(c, &why);
	job_free(job);
	return 0;
}
