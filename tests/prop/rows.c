#include "config.h"
#include "rows.h"
#include <string.h>

/* What a workload names, as the rows that facts carry. */

const jd_time begin_at = 1700000000000;
char env_names[MAX_ENVS][4] = { "e0", "e1", "e2", "e3" };
char queue_names[MAX_QUEUES][4] = { "q0", "q1", "q2", "q3" };
char stop_reason[] = "stopped by the test";

int env_number(const char *name)
{
	for (int i = 0; i < MAX_ENVS; i++) {
		if (strcmp(env_names[i], name) == 0)
			return i;
	}
	return -1;
}

static jd_time moment(jd_time since)
{
	return since ? begin_at + since : 0;
}

static enum cr_type cr_type_of(const struct env_setting *env)
{
	if (env->form == ENV_FARGATE)
		return env->spot ? CR_FARGATE_SPOT : CR_FARGATE;
	return env->spot ? CR_SPOT : CR_EC2;
}

struct environment env_row(const struct env_setting *env, int n)
{
	static char *types[MAX_ENVS][MAX_TYPES];
	struct environment e = { .name = env_names[n],
				 .type = env->form == ENV_UNMANAGED ? CE_UNMANAGED : CE_MANAGED,
				 .cr_type = cr_type_of(env),
				 .state = env->disabled ? STATE_DISABLED : STATE_ENABLED,
				 .status = env->invalid	 ? STATUS_INVALID :
					   env->updating ? STATUS_UPDATING :
							   STATUS_VALID,
				 .min_vcpus = env->min,
				 .desired_vcpus = env->desired,
				 .max_vcpus = env->max,
				 .strategy = env->strategy,
				 .bid_percent = env->spot ? env->bid : 0,
				 .instance_type_count = env->type_count,
				 .instance_types = types[n],
				 .scale_down_delay_ms = env->delay_ms,
				 .generation = env->generation,
				 .update_deadline = moment(env->deadline),
				 .refuse_until = moment(env->refuse_until) };

	for (int i = 0; i < env->type_count; i++)
		types[n][i] = workload_types[env->type[i]];
	return e;
}

struct queue queue_row(const struct queue_setting *setting, int n)
{
	struct queue q = { .name = queue_names[n],
			   .state = setting->disabled ? STATE_DISABLED : STATE_ENABLED,
			   .status = STATUS_VALID,
			   .priority = setting->priority,
			   .backfill = setting->backfill,
			   .env_count = setting->env_count };

	for (int i = 0; i < q.env_count; i++)
		q.env[i] = env_names[setting->env[i]];
	return q;
}

struct job job_row(const struct item *item, struct dependency depends[MAX_DEPENDS])
{
	struct job job = { .key = item->job,
			   .kind = item->submit.size ? JOB_KIND_ARRAY : JOB_KIND_PLAIN,
			   .size = item->submit.size,
			   .sequential = item->submit.sequential,
			   .queue = queue_names[item->which],
			   .platform = item->submit.fargate ? PLATFORM_FARGATE : PLATFORM_EC2,
			   .need = item->submit.need,
			   .retry = workload_retry(item),
			   .timeout_s = item->submit.timeout_s,
			   .start_after = item->submit.start_after_ms ?
						  begin_at + item->at + item->submit.start_after_ms :
						  0,
			   .depends_count = (size_t)item->submit.depends_count,
			   .depends = depends };

	for (int i = 0; i < item->submit.depends_count; i++)
		depends[i] = (struct dependency){ .job = item->submit.depends[i].job,
						  .type = item->submit.depends[i].type };
	return job;
}
