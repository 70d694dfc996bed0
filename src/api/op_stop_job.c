/* CancelJob, TerminateJob (CX-1..CX-5), and the same for up to 50 jobs at once. Unknown and
 * ended jobs: nothing to do, and that is a success. */
#include "config.h"
#include "internal.h"

typedef int end_job(struct engine *e, int64_t key, const char *reason, struct err *err);

static int end(struct api_call *c, end_job *how, const char *id, struct err *err)
{
	int64_t key = find_job_key(c, id, err);

	if (key < 0)
		return -1;
	return key ? how(c->engine, key, json_str(c->in, "reason"), err) : 0;
}

static int end_one(struct api_call *c, end_job *how, struct err *err)
{
	if (check_reason(c->in, err) < 0)
		return -1;
	return end(c, how, json_str(c->in, "jobId"), err);
}

int op_cancel_job(struct api_call *c, struct err *err)
{
	return end_one(c, engine_cancel, err);
}

int op_terminate_job(struct api_call *c, struct err *err)
{
	return end_one(c, engine_terminate, err);
}

/* --- CancelJobs, TerminateJobs --------------------------------------------------------------- */

static void add_error(cJSON *list, const char *id, const char *code, const char *message)
{
	cJSON *item = cJSON_CreateObject();

	json_add_str(item, "job", id);
	json_add_str(item, "code", code);
	json_add_str(item, "message", message);
	cJSON_AddItemToArray(list, item);
}

/* One that cannot be stopped does not keep the others from being stopped. */
static int end_many(struct api_call *c, end_job *how, struct err *err)
{
	cJSON *done = cJSON_AddArrayToObject(c->out, "successful");
	cJSON *errors = cJSON_AddArrayToObject(c->out, "errors");
	const cJSON *id;

	if (check_reason(c->in, err) < 0 || check_bulk(c->in, err) < 0)
		return -1;
	cJSON_ArrayForEach(id, json_get(c->in, "jobs")) {
		struct err why = { 0 };

		if (!is_job_id(id->valuestring))
			add_error(errors, id->valuestring, "ValidationException",
				  "The job identifier is not valid");
		else if (end(c, how, id->valuestring, &why) == 0)
			cJSON_AddItemToArray(done, cJSON_CreateString(id->valuestring));
		else if (engine_failed(c->engine, err))
			return -1;
		else
			add_error(errors, id->valuestring, "ClientException", why.text);
	}
	return 0;
}

int op_cancel_jobs(struct api_call *c, struct err *err)
{
	return end_many(c, engine_cancel, err);
}

int op_terminate_jobs(struct api_call *c, struct err *err)
{
	return end_many(c, engine_terminate, err);
}
