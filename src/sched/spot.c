#include "config.h"
#include "internal.h"
#include "jobdeck/catalog/catalog.h"

/* Spot capacity is what on-demand work does not need (doc/architecture.md, "Compute on one
 * machine"). Its price is the share of the pool that on-demand work uses; places go when it
 * rises above what was bid, or when on-demand work needs the room. */

int spot_price(const struct sched *s)
{
	return s->pool.vcpu_milli > 0 ? (int)(s->on_demand_milli * 100 / s->pool.vcpu_milli) : 100;
}

/* What is being taken away is promised to others: it is not lent out again meanwhile. */
bool spot_is_leaving(const struct sched *s)
{
	return s->reclaiming.vcpu_milli || s->reclaiming.memory_mib || s->reclaiming.gpus;
}

static bool reclaim(const struct live_instance *i, jd_time now, struct fact *out)
{
	*out = (struct fact){ .kind = FACT_INSTANCE_RECLAIMED, .at = now };
	out->instance_key = i->key;
	out->instance_reason = "Spot capacity is needed elsewhere";
	return true;
}

static bool stop(const struct live_job *job, jd_time now, struct fact *out)
{
	*out = (struct fact){ .kind = FACT_STOPPING, .at = now, .job = job->key,
			      .attempt = job->attempt };
	out->stopping.cause = STOP_RECLAIMED;
	return true;
}

/* The attempt on no instance that was placed last, by what survives a restart. */
static const struct live_job *newest(const struct sched *s, const struct live_env *env)
{
	const struct live_job *best = NULL;

	for (job_ref ref = env->first_job; ref; ref = jobs_at(s, ref)->at_next) {
		const struct live_job *job = jobs_at(s, ref);

		if (job->reclaimed || job->stop_said)
			continue;
		if (!best || job->placed > best->placed ||
		    (job->placed == best->placed && job->key > best->key))
			best = job;
	}
	return best;
}

/* The newest place of a Spot environment that is not being taken away yet. */
static bool take_one(const struct sched *s, const struct live_env *env, jd_time now,
		     struct fact *out)
{
	const struct live_job *job;

	for (uint32_t n = env->first_instance; n; n = s->instance[n]->env_next) {
		if (s->instance[n]->status != INSTANCE_RECLAIMED)
			return reclaim(s->instance[n], now, out);
	}
	job = newest(s, env);
	return job && stop(job, now, out);
}

bool spot_decide(struct sched *s, jd_time now, struct fact *out)
{
	int price = spot_price(s);

	if (!s->spot_due)
		return false;
	for (size_t n = 0; n < s->env_count; n++) {
		const struct live_env *env = s->env[n];

		if (env && env->spot && price > env->bid && take_one(s, env, now, out))
			return true;
	}
	s->spot_due = false;
	return false;
}

/* Instances nobody uses, that their environments need not keep: they go before their time when
 * others are short of the pool, but those kept by minScaleDownDelayMinutes (SC-3). Returns the
 * first, and adds up what all have of the pool, those of Spot environments apart. */
static const struct live_instance *spare(const struct sched *s, const struct live_env *keep,
					 uint16_t type, struct resources room[2])
{
	const struct live_instance *first = NULL;

	for (struct live_instance *i = instances_first_idle(s); i; i = instances_next_idle(i)) {
		const struct live_env *env = s->env[i->env];

		if ((env == keep && i->type == type) || i->status != INSTANCE_UP ||
		    env->scale_down_delay_ms)
			continue;
		first = first ? first : i;
		resources_add(&room[env->spot], &i->nominal);
	}
	return first;
}

static bool let_go(const struct live_instance *idle, jd_time now, struct fact *out)
{
	*out = (struct fact){ .kind = FACT_INSTANCE_TERMINATED, .at = now };
	out->instance_key = idle->key;
	out->instance_reason = "idle, and its room is needed";
	return true;
}

static bool serves(const struct live_queue *q, const struct live_env *env)
{
	for (int i = 0; i < q->env_count; i++) {
		if (q->env[i] == env->self)
			return true;
	}
	return false;
}

/* What Spot work of others holds of the pool. */
static struct resources lent(const struct sched *s, const struct live_queue *q)
{
	struct resources total = { 0 };

	for (size_t n = 0; n < s->env_count; n++) {
		const struct live_env *env = s->env[n];

		if (!env || !env->spot || serves(q, env))
			continue;
		for (uint32_t k = env->first_instance; k; k = s->instance[k]->env_next)
			resources_add(&total, &s->instance[k]->nominal);
		if (env->form != FORM_INSTANCES)
			resources_add(&total, &env->used);
	}
	return total;
}

/* Idle ones go only where that is enough: else others would launch again what has gone, and it
 * would go again, without end. Spot work does not go for its own queue, which would only move it
 * about. */
bool spot_make_room(struct sched *s, const struct live_queue *q, const struct live_env *env,
		    const struct resources *need, uint16_t keep, jd_time now, struct fact *out)
{
	struct resources idle[2] = { { 0 } }, total, others = lent(s, q);
	const struct live_instance *first = spare(s, env, keep, idle);

	total = resources_plus(resources_plus(s->pool, &idle[0]), &idle[1]);
	if (!place_within(need, &s->pool, &(struct resources){ 0 }))
		return false;
	if (first && place_within(need, &total, &s->used))
		return let_go(first, now, out);
	total = resources_plus(total, &s->reclaiming);
	if (env->spot || place_within(need, &total, &s->used))
		return false; /* it is on its way */
	total = resources_plus(resources_plus(s->pool, &idle[0]), &others);
	if (!place_within(need, &total, &s->used))
		return false; /* all Spot places would not be enough */
	for (size_t n = s->env_count; n-- > 0;) {
		const struct live_env *other = s->env[n];

		if (other && other->spot && !serves(q, other) && take_one(s, other, now, out))
			return true;
	}
	return false;
}
