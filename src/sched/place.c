#include "config.h"
#include "internal.h"

/* Which environment takes a job (section 11.1): the first of the queue's, in its order, that
 * is VALID and ENABLED and has room below its maximum vCPUs and in the pool. */

static bool open_for_jobs(const struct live_env *env)
{
	return env->state == STATE_ENABLED && env->status == STATUS_VALID;
}

/* need <= total - used, all at least 0 but the difference. */
static bool fits(const struct resources *need, const struct resources *total,
		 const struct resources *used)
{
	return need->vcpu_milli <= total->vcpu_milli - used->vcpu_milli &&
	       need->memory_mib <= total->memory_mib - used->memory_mib &&
	       need->gpus <= total->gpus - used->gpus;
}

enum fit place_fit(const struct sched *s, const struct live_env *env, const struct resources *need)
{
	if (!open_for_jobs(env))
		return FIT_CLOSED;
	if (need->vcpu_milli > env->max_vcpu_milli - env->used.vcpu_milli)
		return FIT_ENV;
	return fits(need, &s->pool, &s->used) ? FIT_YES : FIT_POOL;
}

bool place_could_fit(const struct sched *s, const struct live_env *env,
		     const struct resources *need)
{
	static const struct resources nothing;

	return need->vcpu_milli <= env->max_vcpu_milli && fits(need, &s->pool, &nothing);
}

struct live_env *place_find(const struct sched *s, const struct live_queue *q,
			    const struct live_job *job, bool *pool)
{
	struct resources need = jobs_resources(job);

	*pool = false;
	if (!queues_place(q))
		return NULL;
	for (int i = 0; i < q->env_count; i++) {
		struct live_env *env = s->env[q->env[i]];
		enum fit fit = place_fit(s, env, &need);

		if (fit == FIT_YES)
			return env;
		*pool |= fit == FIT_POOL;
	}
	return NULL;
}

void place_look(struct sched *s, struct live_queue *q)
{
	const struct live_job *head = q->ready ? NULL : queues_head(q);
	bool pool;

	if (!head)
		return;
	if (place_find(s, q, head, &pool))
		queues_ready(s, q);
	else
		queues_wait(s, q, pool);
}
