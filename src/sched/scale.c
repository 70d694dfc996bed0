#include "config.h"
#include "internal.h"
#include <stdlib.h>
#include "jobdeck/base/mem.h"
#include "jobdeck/catalog/catalog.h"
#include "jobdeck/model/reason.h"

/* Scaling of managed environments on instances (sections 11.2, 11.3): which type is launched
 * for a job, what is kept for the minimum, what goes when nobody uses it, and what an
 * infrastructure update replaces. */

static bool holds(const struct sched *s, const struct instance_type *type,
		  const struct resources *need)
{
	struct resources capacity = instances_capacity(s, type);

	return place_within(need, &capacity, &(struct resources){ 0 });
}

struct resources scale_nominal(const struct instance_type *type)
{
	return (struct resources){ type->vcpus * INT64_C(1000), type->memory_mib, type->gpus };
}

/* GPU-1: a job without GPUs goes to a GPU type only where no other could ever hold it. */
bool scale_wants_gpu_type(const struct sched *s, const struct live_env *env,
			  const struct resources *need)
{
	if (need->gpus || env->only_gpu_types)
		return true;
	for (int n = 0; n < env->allowed_count; n++) {
		const struct instance_type *type = catalog_at(env->allowed[n]);

		if (!type->gpus && holds(s, type, need))
			return false;
	}
	return true;
}

/* SC-2: all but BEST_FIT on demand may pass the maximum, by what the last instance is larger. */
static bool below_max(const struct live_env *env, const struct instance_type *type)
{
	if (env->strategy == STRATEGY_BEST_FIT && !env->spot)
		return env->instance_vcpu_milli + type->vcpus * INT64_C(1000) <=
		       env->max_vcpu_milli;
	return env->instance_vcpu_milli < env->max_vcpu_milli;
}

enum launch_verdict scale_may_launch(const struct sched *s, const struct live_env *env,
				     jd_time now)
{
	if (env->refuse_until > now)
		return LAUNCH_REFUSED;
	if (env->spot && (spot_price(s) >= env->bid || /* SP-1: only below the bid */
			  spot_is_leaving(s)))
		return LAUNCH_PRICE;
	return LAUNCH_YES;
}

enum launch_verdict scale_choose(const struct sched *s, const struct live_env *env,
				 const struct resources *need, jd_time now, uint16_t *type)
{
	enum launch_verdict verdict = LAUNCH_NEVER, market = scale_may_launch(s, env, now);
	bool gpu_types = scale_wants_gpu_type(s, env, need);

	*type = NO_INDEX;
	for (int n = 0; n < env->allowed_count; n++) {
		const struct instance_type *t = catalog_at(env->allowed[n]);
		struct resources nominal = scale_nominal(t);

		if (!holds(s, t, need) || (t->gpus && !gpu_types))
			continue;
		if (*type == NO_INDEX)
			*type = env->allowed[n];
		if (!below_max(env, t))
			verdict = verdict == LAUNCH_NEVER ? LAUNCH_AT_MAX : verdict;
		else if (market != LAUNCH_YES)
			verdict = market;
		else if (!place_within(&nominal, &s->pool, &s->used))
			verdict = LAUNCH_NO_POOL;
		else
			return *type = env->allowed[n], LAUNCH_YES;
		if (env->strategy == STRATEGY_BEST_FIT) /* one type; if it is not there, wait */
			break;
	}
	return verdict;
}

void scale_launch(struct sched *s, const struct live_env *env, uint16_t type, jd_time now,
		  struct fact *out)
{
	s->launch = (struct instance){ .key = s->next_instance,
				       .env = env->name,
				       .spot = env->spot,
				       .generation = env->generation,
				       .status = INSTANCE_LAUNCHING,
				       .nominal = scale_nominal(catalog_at(type)),
				       .launched = now };
	free(s->launch_type);
	s->launch_type = xstrdup(catalog_at(type)->name);
	s->launch.type = s->launch_type;
	*out = (struct fact){ .kind = FACT_INSTANCE_LAUNCHED, .at = now, .instance = &s->launch };
}

static bool say(struct fact *out, enum fact_kind kind, const struct live_instance *i,
		const char *reason, jd_time now)
{
	*out = (struct fact){ .kind = kind, .at = now };
	out->instance_key = i->key;
	out->instance_reason = reason;
	return true;
}

/* Which launches fail is drawn from their keys: the same every time. */
static bool comes_to_nothing(const struct sched *s, const struct live_instance *i)
{
	uint64_t h = ((uint64_t)i->key ^ 0x5bd1e995) * UINT64_C(0x9e3779b97f4a7c15);

	return (int)((h >> 33) % 100) < s->settings.launch_failure_percent;
}

static bool decide_launching(const struct sched *s, jd_time now, struct fact *out)
{
	const struct live_instance *i = instances_first_launching(s);

	if (!i || i->ready_at > now)
		return false;
	if (comes_to_nothing(s, i))
		return say(out, FACT_INSTANCE_TERMINATED, i, "the launch failed (drill)", now);
	return say(out, FACT_INSTANCE_UP, i, NULL, now);
}

static const char *why_it_goes(const struct sched *s, const struct live_instance *i)
{
	if (i->status == INSTANCE_RECLAIMED)
		return "reclaimed";
	if (i->status == INSTANCE_DRAINING)
		return "replaced by an update of its compute environment";
	return s->env[i->env]->status == STATUS_DELETING ? "its compute environment is deleted" :
							    "idle";
}

bool scale_decide_idle(const struct sched *s, jd_time now, struct fact *out)
{
	const struct live_instance *i = instances_first_idle(s);

	if (!i || i->idle_until > now)
		return false;
	return say(out, FACT_INSTANCE_TERMINATED, i, why_it_goes(s, i), now);
}

/* SC-1, CE-2: the minimum is kept while the environment is VALID, DISABLED or not; what was
 * asked for by hand (CE-7) while it is ENABLED. */
static int64_t floor_of(const struct live_env *env)
{
	if (env->form != FORM_INSTANCES ||
	    (env->status != STATUS_VALID && env->status != STATUS_UPDATING))
		return 0;
	if (env->state == STATE_ENABLED && env->desired_vcpu_milli > env->min_vcpu_milli)
		return env->desired_vcpu_milli;
	return env->min_vcpu_milli;
}

void scale_reached(struct live_env *env)
{
	if (env->instance_vcpu_milli >= env->desired_vcpu_milli)
		env->desired_vcpu_milli = 0;
}

static bool decide_minimum(struct sched *s, const struct live_env *env, jd_time now,
			   struct fact *out)
{
	static const struct resources nothing;
	uint16_t type;

	if (env->instance_vcpu_milli >= floor_of(env) ||
	    scale_choose(s, env, &nothing, now, &type) != LAUNCH_YES)
		return false;
	scale_launch(s, env, type, now, out);
	return true;
}

static bool decide_update(struct sched *s, struct live_env *env, jd_time now, struct fact *out)
{
	if (env->status != STATUS_UPDATING || env->old_count)
		return false;
	*out = (struct fact){ .kind = FACT_ENVIRONMENT_STATUS, .at = now };
	out->environment_status.name = env->name;
	out->environment_status.status = STATUS_VALID;
	out->environment_status.reason = REASON_CE_HEALTHY;
	(void)s;
	return true;
}

/* CE-8: the time of the jobs on old instances is over. Marks them to be stopped; that is due
 * and no change of the state that a fact would not have brought. */
static const struct live_job *overdue(const struct sched *s, const struct live_env *env,
				      jd_time now)
{
	if (env->status != STATUS_UPDATING || !env->old_count || env->update_deadline > now)
		return NULL;
	for (uint32_t n = env->first_instance; n; n = s->instance[n]->env_next) {
		const struct live_instance *i = s->instance[n];

		if (i->generation == env->generation)
			continue;
		for (job_ref ref = i->first_job; ref; ref = jobs_at(s, ref)->at_next) {
			if (!jobs_at(s, ref)->stop_said)
				return jobs_at(s, ref);
		}
	}
	return NULL;
}

static bool decide_overdue(const struct sched *s, const struct live_env *env, jd_time now,
			   struct fact *out)
{
	const struct live_job *job = overdue(s, env, now);

	if (!job)
		return false;
	*out = (struct fact){ .kind = FACT_STOPPING, .at = now, .job = job->key,
			      .attempt = job->attempt };
	out->stopping.cause = STOP_REPLACED;
	return true;
}

/* Environments are looked at one by one only after something that may matter has changed. */
static bool decide_envs(struct sched *s, jd_time now, struct fact *out)
{
	if (!s->scale_due && s->scale_at > now)
		return false;
	for (size_t n = 0; n < s->env_count; n++) {
		struct live_env *env = s->env[n];

		if (env && env->refuses && env->refuse_until <= now) {
			env->refuses = false;
			envs_look(s, env);
		}

		if (env && (decide_overdue(s, env, now, out) || decide_update(s, env, now, out) ||
			    (!env->spot && decide_minimum(s, env, now, out))))
			return true;
	}
	s->scale_due = false;
	s->scale_at = scale_env_wakeup(s, now);
	return false;
}

bool scale_decide_spot(struct sched *s, jd_time now, struct fact *out)
{
	for (size_t n = 0; s->keeps && n < s->env_count; n++) {
		const struct live_env *env = s->env[n];

		if (env && env->spot && decide_minimum(s, env, now, out))
			return true;
	}
	return false;
}

bool scale_decide(struct sched *s, jd_time now, struct fact *out)
{
	return decide_launching(s, now, out) || decide_envs(s, now, out);
}

static jd_time earlier_after(jd_time best, jd_time at, jd_time now)
{
	return at > now && at < best ? at : best;
}

/* The next moment at which an environment alone makes a difference. */
jd_time scale_env_wakeup(const struct sched *s, jd_time now)
{
	jd_time best = JD_NEVER;

	for (size_t n = 0; n < s->env_count; n++) {
		const struct live_env *env = s->env[n];

		if (!env)
			continue;
		best = earlier_after(best, env->refuse_until, now);
		if (env->status == STATUS_UPDATING && env->old_count)
			best = earlier_after(best, env->update_deadline, now);
	}
	return best;
}

jd_time scale_wakeup(const struct sched *s, jd_time now)
{
	const struct live_instance *launching = instances_first_launching(s);
	struct live_instance *idle = instances_first_idle(s);
	jd_time best = scale_env_wakeup(s, now);

	if (launching)
		best = earlier_after(best, launching->ready_at, now);
	while (idle && idle->idle_until <= now)
		idle = instances_next_idle(idle);
	return idle ? earlier_after(best, idle->idle_until, now) : best;
}

/* Sorting what an environment allows by its strategy (section 11.3). */
static int64_t per_vcpu(const struct instance_type *t)
{
	return t->vcpus ? t->price_micro_usd_hour / t->vcpus : 0;
}

static int compare_numbers(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int by_price(const void *a, const void *b)
{
	const struct instance_type *x = catalog_at(*(const uint16_t *)a);
	const struct instance_type *y = catalog_at(*(const uint16_t *)b);
	int c = compare_numbers(x->price_micro_usd_hour, y->price_micro_usd_hour);

	return c ? c : *(const uint16_t *)a - *(const uint16_t *)b;
}

static int by_price_per_vcpu(const void *a, const void *b)
{
	const struct instance_type *x = catalog_at(*(const uint16_t *)a);
	const struct instance_type *y = catalog_at(*(const uint16_t *)b);
	int c = compare_numbers(per_vcpu(x), per_vcpu(y));

	c = c ? c : compare_numbers(x->vcpus, y->vcpus);
	return c ? c : by_price(a, b);
}

/* On one machine the instance that is least likely to be in the way is the smallest. */
static int by_size(const void *a, const void *b)
{
	const struct instance_type *x = catalog_at(*(const uint16_t *)a);
	const struct instance_type *y = catalog_at(*(const uint16_t *)b);
	int c = compare_numbers(x->vcpus, y->vcpus);

	return c ? c : by_price_per_vcpu(a, b);
}

void scale_sort(struct live_env *env)
{
	static int (*const compare[STRATEGY_COUNT])(const void *, const void *) = {
		[STRATEGY_BEST_FIT] = by_price,
		[STRATEGY_BEST_FIT_PROGRESSIVE] = by_price_per_vcpu,
		[STRATEGY_SPOT_CAPACITY_OPTIMIZED] = by_size,
		[STRATEGY_SPOT_PRICE_CAPACITY_OPTIMIZED] = by_price_per_vcpu,
	};

	if (env->allowed_count && env->strategy < STRATEGY_COUNT && compare[env->strategy])
		qsort(env->allowed, (size_t)env->allowed_count, sizeof *env->allowed,
		      compare[env->strategy]);
}
