/* JobdeckHold and JobdeckRelease: a waiting job is kept from running until it is released. */
#include "config.h"
#include "internal.h"

typedef int hold_job(struct engine *e, int64_t key, struct err *err);

/* The engine knows live jobs only; one that has ended is told apart from one that never was. */
static int act(struct api_call *c, hold_job *how, struct err *err)
{
	const char *id = json_str(c->in, "jobId");
	struct job *job = find_job(c, id, err);
	int rc;

	if (!job)
		return err->kind ? -1 : err_set(err, ERR_NOT_FOUND, "Job %.80s does not exist", id);
	rc = job_status_is_final(job->status) ?
		     err_set(err, ERR_CONFLICT, "Job %.80s has ended: it is %s", id,
			     job_status_name(job->status)) :
		     how(c->engine, job->key, err);
	job_free(job);
	return rc;
}

int op_jobdeck_hold(struct api_call *c, struct err *err)
{
	return act(c, engine_hold, err);
}

int op_jobdeck_release(struct api_call *c, struct err *err)
{
	return act(c, engine_release, err);
}
