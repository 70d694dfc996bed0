#include "config.h"
#include "rows.h"

/* What a workload names, as the rows that facts carry. */

const jd_time begin_at = 1700000000000;
char env_names[MAX_ENVS][4] = { "e0", "e1", "e2", "e3" };
char queue_names[MAX_QUEUES][4] = { "q0", "q1", "q2", "q3" };
char stop_reason[] = "stopped by the test";

struct environment env_row(const struct env_setting *env, int n)
{
	return (struct environment){ .name = env_names[n],
				     .type = env->unmanaged ? CE_UNMANAGED : CE_MANAGED,
				     .state = env->disabled ? STATE_DISABLED : STATE_ENABLED,
				     .status = env->invalid ? STATUS_INVALID : STATUS_VALID,
				     .max_vcpus = env->max };
}

struct queue queue_row(const struct queue_setting *setting, int n)
{
	struct queue q = { .name = queue_names[n],
			   .state = setting->disabled ? STATE_DISABLED : STATE_ENABLED,
			   .status = STATUS_VALID,
			   .priority = setting->priority,
			   .env_count = setting->env_count };

	for (int i = 0; i < q.env_count; i++)
		q.env[i] = env_names[setting->env[i]];
	return q;
}

struct job job_row(const struct item *item, struct dependency depends[MAX_DEPENDS])
{
	struct job job = { .key = item->job,
			   .queue = queue_names[item->which],
			   .need = item->submit.need,
			   .retry = workload_retry(item),
			   .timeout_s = item->submit.timeout_s,
			   .depends_count = (size_t)item->submit.depends_count,
			   .depends = depends };

	for (int i = 0; i < item->submit.depends_count; i++)
		depends[i] = (struct dependency){ .job = item->submit.depends[i] };
	return job;
}
