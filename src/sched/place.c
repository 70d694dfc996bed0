#include "config.h"
#include "internal.h"

/* Which environment takes a job (section 11.1): the first of the queue's, in its order, that
 * is VALID and ENABLED and has room, or can launch an instance that has. */

/* need <= total - used, all at least 0 but the difference. */
bool place_within(const struct resources *need, const struct resources *total,
		  const struct resources *used)
{
	return need->vcpu_milli <= total->vcpu_milli - used->vcpu_milli &&
	       need->memory_mib <= total->memory_mib - used->memory_mib &&
	       need->gpus <= total->gpus - used->gpus;
}

static const struct resources nothing;

bool place_could_fit(const struct sched *s, const struct live_env *env, const struct live_job *job)
{
	struct resources need = jobs_resources(job);

	return need.vcpu_milli <= env->max_vcpu_milli && place_within(&need, &s->pool, &nothing);
}

enum fit place_fit(const struct sched *s, const struct live_env *env, const struct live_job *job,
		   jd_time now, struct live_instance **instance, uint16_t *type)
{
	struct resources need = jobs_resources(job);

	(void)now;
	*instance = NULL;
	*type = NO_INDEX;
	if (!envs_open(env))
		return FIT_CLOSED;
	if (need.vcpu_milli > env->max_vcpu_milli - env->used.vcpu_milli)
		return FIT_ENV;
	return place_within(&need, &s->pool, &s->used) ? FIT_YES : FIT_POOL;
}

static enum place_verdict placed(const struct live_job *job, const struct live_env *env,
				 const struct live_instance *instance, jd_time now,
				 struct fact *out)
{
	*out = (struct fact){ .kind = FACT_PLACED, .at = now, .job = job->key,
			      .attempt = job->attempt + 1 };
	out->placed.env = env->name;
	out->placed.slot = -1;
	out->placed.instance = instance ? instance->key : 0;
	return PLACE_DECIDED;
}

enum place_verdict place_try(struct sched *s, struct live_queue *q, struct live_job *job,
			     jd_time now, struct fact *out, enum shortage *what)
{
	*what = SHORT_ENV;
	if (!queues_place(q))
		return PLACE_STUCK;
	for (int i = 0; i < q->env_count; i++) {
		struct live_env *env = s->env[q->env[i]];
		struct live_instance *instance;
		uint16_t type;

		switch (place_fit(s, env, job, now, &instance, &type)) {
		case FIT_YES:
			return placed(job, env, instance, now, out);
		case FIT_POOL:
			*what = SHORT_POOL;
			break;
		default:
			break;
		}
	}
	return PLACE_STUCK;
}

void place_restart(struct sched *s)
{
	if (!s->booked)
		return;
	s->booked = false;
	for (size_t i = 0; i < s->queue_count; i++) {
		struct live_queue *q = s->queue[i];

		if (!q || !q->passed)
			continue;
		line_restart(q);
		queues_ready(s, q);
	}
}
