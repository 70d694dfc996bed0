/* DescribeJobs: unknown ids are silently absent (ID-8). */
#include "config.h"
#include "internal.h"

int op_describe_jobs(struct api_call *c, struct err *err)
{
	cJSON *list = cJSON_AddArrayToObject(c->out, "jobs");
	const cJSON *id;

	if (check_count(c->in, "jobs", err) < 0)
		return -1;
	cJSON_ArrayForEach(id, json_get(c->in, "jobs")) {
		struct job *job = find_job(c, id->valuestring, err);

		if (!job && err->kind)
			return -1;
		if (job)
			cJSON_AddItemToArray(list, show_job(c, job));
		job_free(job);
	}
	return 0;
}
