/* The operations that only AWS can carry out: only_aws.h. They answer as for an account that
 * has none of the things they are about. */
#include "config.h"
#include "internal.h"

int op_refuse(struct api_call *c, struct err *err)
{
	return err_set(err, ERR_INVALID, "%s is not supported: it %s", c->op->name, c->op->why);
}

/* --- service environments ---------------------------------------------------------------- */

int op_no_service_environments(struct api_call *c, struct err *err)
{
	cJSON_AddArrayToObject(c->out, "serviceEnvironments");
	return check_count(c->in, "serviceEnvironments", err);
}

int op_no_service_environment(struct api_call *c, struct err *err)
{
	return does_not_exist(c, "service-environment", json_str(c->in, "serviceEnvironment"), err);
}

/* --- service jobs -------------------------------------------------------------------------- */

int op_no_service_job(struct api_call *c, struct err *err)
{
	return does_not_exist(c, "service-job", json_str(c->in, "jobId"), err);
}

/* A queue that is named must be there. */
static int check_queue(struct api_call *c, struct err *err)
{
	const char *name = json_str(c->in, "jobQueue");
	struct queue *q = name ? find_queue(c, name, err) : NULL;

	if (name && !q)
		return -1;
	queue_free(q);
	return 0;
}

int op_no_service_jobs(struct api_call *c, struct err *err)
{
	cJSON_AddArrayToObject(c->out, "jobSummaryList");
	return check_queue(c, err);
}

/* As for other jobs, it is a success to stop one that is not known. */
int op_end_no_service_job(struct api_call *c, struct err *err)
{
	return check_reason(c->in, err);
}

int op_end_no_service_jobs(struct api_call *c, struct err *err)
{
	if (check_reason(c->in, err) < 0 || check_bulk(c->in, err) < 0)
		return -1;
	json_add_copy(c->out, "successful", json_get(c->in, "jobs"));
	cJSON_AddArrayToObject(c->out, "errors");
	return 0;
}

/* --- quota shares -------------------------------------------------------------------------- */

int op_no_quota_share(struct api_call *c, struct err *err)
{
	return does_not_exist(c, "quota-share", json_str(c->in, "quotaShareArn"), err);
}

int op_no_quota_shares(struct api_call *c, struct err *err)
{
	cJSON_AddArrayToObject(c->out, "quotaShares");
	return check_queue(c, err);
}
