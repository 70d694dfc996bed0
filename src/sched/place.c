#include "config.h"
#include "family.h"

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

/* A job says where it is made for; Fargate has no GPUs (GPU-2), and multi-node jobs need
 * managed on-demand instances (MNP-4). */
bool place_suits(const struct live_env *env, const struct live_job *job)
{
	bool fargate = env->type == CE_MANAGED &&
		       (env->cr_type == CR_FARGATE || env->cr_type == CR_FARGATE_SPOT);

	if (job->kind == JOB_KIND_MULTINODE && (env->type != CE_MANAGED || env->spot || fargate))
		return false;
	return fargate == (job->platform == PLATFORM_FARGATE) && !(fargate && job->gpus);
}

static bool some_type_holds(const struct sched *s, const struct live_env *env,
			    const struct resources *need)
{
	for (int i = 0; i < env->allowed_count; i++) {
		const struct instance_type *type = catalog_at(env->allowed[i]);
		struct resources capacity = instances_capacity(s, type);
		struct resources nominal = scale_nominal(type);

		if (place_within(need, &capacity, &nothing) &&
		    place_within(&nominal, &s->pool, &nothing))
			return true;
	}
	return false;
}

bool place_could_fit(const struct sched *s, const struct live_env *env, const struct live_job *job)
{
	struct resources need = jobs_resources(job);

	if (job->kind == JOB_KIND_MULTINODE)
		return gang_could_fit(s, env, job);
	if (!place_suits(env, job) || need.vcpu_milli > env->max_vcpu_milli)
		return false;
	if (env->form == FORM_INSTANCES)
		return some_type_holds(s, env, &need);
	return place_within(&need, &s->pool, &nothing);
}

static enum fit fit_instances(const struct sched *s, const struct live_env *env,
			      const struct resources *need, jd_time now,
			      struct live_instance **instance, uint16_t *type)
{
	if ((*instance = instances_fit(s, env, need)))
		return FIT_YES;
	if ((*instance = instances_coming(s, env, need)))
		return FIT_COMING;
	switch (scale_choose(s, env, need, now, type)) {
	case LAUNCH_YES:
		return FIT_LAUNCH;
	case LAUNCH_NEVER:
		return FIT_NEVER;
	case LAUNCH_AT_MAX:
		return FIT_ENV;
	default:
		return FIT_POOL;
	}
}

/* Fargate, unmanaged, and this machine as one instance. PL-3: Fargate Spot below its maximum
 * but without capacity does not let the next environment have the job. */
static enum fit fit_slices(const struct sched *s, const struct live_env *env,
			   const struct resources *need, jd_time now)
{
	bool none = scale_may_launch(s, env, now) != LAUNCH_YES ||
		    !place_within(need, &s->pool, &s->used);

	if (need->vcpu_milli > env->max_vcpu_milli - env->used.vcpu_milli)
		return FIT_ENV;
	if (!none)
		return FIT_YES;
	return env->spot && env->cr_type == CR_FARGATE_SPOT ? FIT_WAIT : FIT_POOL;
}

enum fit place_fit(const struct sched *s, const struct live_env *env, const struct live_job *job,
		   jd_time now, struct live_instance **instance, uint16_t *type)
{
	struct resources need = jobs_resources(job);

	*instance = NULL;
	if (job->kind == JOB_KIND_MULTINODE)
		return gang_fit(s, env, job, now, type);
	*type = NO_INDEX;
	if (!envs_open(env))
		return FIT_CLOSED;
	if (!place_suits(env, job) || need.vcpu_milli > env->max_vcpu_milli)
		return FIT_NEVER;
	if (env->form == FORM_INSTANCES)
		return fit_instances(s, env, &need, now, instance, type);
	return fit_slices(s, env, &need, now);
}

static void say_placed(struct sched *s, const struct live_job *job, const struct live_env *env,
		       const struct live_instance *instance, jd_time now, struct fact *out)
{
	(void)s;
	*out = (struct fact){ .kind = FACT_PLACED, .at = now, .job = job->key,
			      .attempt = job->attempt + 1 };
	if (job->kind == JOB_KIND_ARRAY)
		out->job = family_next(s, job);
	out->placed.gpu_set = gpu_choose(s, job->gpus);
	out->placed.env = env->name;
	out->placed.slot = -1;
	out->placed.instance = instance ? instance->key : 0;
}

/* The pool kept the job from an environment: what is lent to others may go. */
static bool make_room(struct sched *s, const struct live_queue *q, const struct live_env *env,
		      const struct live_job *job, uint16_t type, jd_time now, struct fact *out)
{
	struct resources need = jobs_resources(job);

	if (scale_may_launch(s, env, now) != LAUNCH_YES)
		return false;
	if (type != NO_INDEX)
		need = scale_nominal(catalog_at(type));
	return spot_make_room(s, q, env, &need, NO_INDEX, now, out);
}

/* What keeps the job from any environment. */
static enum shortage kept_by(struct sched *s, struct live_queue *q, const struct live_job *job,
			     jd_time now)
{
	if (!queues_place(q))
		return SHORT_ENV;
	if (q->blocked_until > now)
		return SHORT_TIME;
	if (queues_full(q))
		return SHORT_MAX_RUNNING;
	if (!consume_fits(s, job))
		return SHORT_CONSUMABLE;
	return share_reserved(s, q, job, now) ? SHORT_ENV : SHORT_NOTHING;
}

/* What a place that is coming would be no use without: what those before in the line, who
 * have one booked, will take by then. */
static enum shortage kept_by_booked(struct sched *s, struct live_queue *q,
				    const struct live_job *job, jd_time now)
{
	if (q->max_running > 0 &&
	    q->count[JOB_STARTING] + q->count[JOB_RUNNING] + q->booked >= q->max_running)
		return SHORT_MAX_RUNNING;
	if (!consume_bookable(s, job))
		return SHORT_CONSUMABLE;
	return share_reserved_beside(s, q, job, q->booked_milli, now) ? SHORT_ENV : SHORT_NOTHING;
}

/* Capacity that on-demand work may want, and would take back at once. */
static bool draws_on_pool(const struct live_env *env, enum fit fit)
{
	return fit == FIT_LAUNCH || (fit == FIT_YES && env->form != FORM_INSTANCES);
}

enum place_verdict place_try(struct sched *s, struct live_queue *q, struct live_job *job,
			     jd_time now, struct fact *out, enum shortage *what)
{
	struct live_env *short_env = NULL;
	uint16_t short_type = NO_INDEX;

	*what = kept_by(s, q, job, now);
	if (*what != SHORT_NOTHING)
		return PLACE_STUCK;
	if (job->kind == JOB_KIND_MULTINODE)
		return gang_try(s, q, job, now, out, what);
	*what = SHORT_ENV;
	for (int i = 0; i < q->env_count; i++) {
		struct live_env *env = s->env[q->env[i]];
		struct live_instance *instance;
		struct resources need = jobs_resources(job);
		uint16_t type;
		enum fit fit = place_fit(s, env, job, now, &instance, &type);

		if (env->spot && !s->spot_turn && draws_on_pool(env, fit))
			return *what = SHORT_TURN, PLACE_LATER;
		if (fit == FIT_YES) {
			say_placed(s, job, env, instance, now, out);
			return PLACE_DECIDED;
		}
		if (fit == FIT_LAUNCH || fit == FIT_COMING) {
			enum shortage kept = kept_by_booked(s, q, job, now);

			if (kept != SHORT_NOTHING)
				return *what = kept, PLACE_STUCK;
		}
		if (fit == FIT_LAUNCH) {
			scale_launch(s, env, type, now, out);
			return PLACE_DECIDED;
		}
		if (fit == FIT_COMING) {
			instance->booked = resources_plus(instance->booked, &need);
			return PLACE_BOOKED;
		}
		if ((fit == FIT_POOL || fit == FIT_WAIT) && !short_env) {
			short_env = env;
			short_type = type;
			*what = SHORT_POOL;
		}
		if (fit == FIT_WAIT)
			break;
	}
	if (short_env && short_env->spot && !s->spot_turn) /* nor does anybody make room for it */
		return *what = SHORT_TURN, PLACE_LATER;
	if (short_env && !q->booked && make_room(s, q, short_env, job, short_type, now, out))
		return PLACE_DECIDED;
	return PLACE_STUCK;
}

void place_restart(struct sched *s)
{
	if (!s->booked && !s->passed_over)
		return;
	s->booked = s->passed_over = false;
	instances_forget_bookings(s);
	consume_forget_bookings(s);
	for (size_t i = 0; i < s->queue_count; i++) {
		struct live_queue *q = s->queue[i];

		if (!q || !q->passed)
			continue;
		line_restart(q);
		queues_ready(s, q);
	}
}
