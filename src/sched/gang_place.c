#include "config.h"
#include "family.h"

/* Where a multi-node job goes (MNP-3, MNP-4, MNP-9): all its nodes at once, in the first
 * environment of its queue that could ever hold it; no other one when that is full. On
 * instances each node has one for itself, all of one type, the first by the strategy that
 * holds the largest node. Once the main node was placed the others follow with nothing in
 * between, so that each finds the place that was counted for it. */

static const struct resources nothing;

struct resources gang_largest(const struct live_job *parent)
{
	const struct gang *g = family_of(parent)->gang;
	struct resources most = { 0 };

	for (int i = 0; i < g->need_count; i++) {
		const struct resources *need = &g->need[i].need;

		if (need->vcpu_milli > most.vcpu_milli)
			most.vcpu_milli = need->vcpu_milli;
		if (need->memory_mib > most.memory_mib)
			most.memory_mib = need->memory_mib;
		if (need->gpus > most.gpus)
			most.gpus = need->gpus;
	}
	return most;
}

static struct resources times(struct resources r, int n)
{
	return (struct resources){ r.vcpu_milli * n, r.memory_mib * n, r.gpus * n };
}

/* The one type for all, or NULL; never another (MNP-9). */
static const struct instance_type *type_for(const struct sched *s, const struct live_env *env,
					    const struct live_job *parent, uint16_t *number)
{
	struct resources need = gang_largest(parent);
	bool gpu_types = scale_wants_gpu_type(s, env, &need);

	for (int n = 0; n < env->allowed_count; n++) {
		const struct instance_type *type = catalog_at(env->allowed[n]);
		struct resources capacity = instances_capacity(s, type);

		if ((type->gpus && !gpu_types) || !place_within(&need, &capacity, &nothing))
			continue;
		*number = env->allowed[n];
		return type;
	}
	return NULL;
}

/* Could so many of a type be launched on top of `used` vCPUs? SC-2: the last may pass the
 * maximum, but with BEST_FIT. */
static bool below_max(const struct live_env *env, const struct instance_type *type, int count,
		      int64_t used)
{
	int64_t each = type->vcpus * INT64_C(1000);

	if (env->strategy == STRATEGY_BEST_FIT)
		return used + count * each <= env->max_vcpu_milli;
	return used + (count - 1) * each < env->max_vcpu_milli;
}

bool gang_could_fit(const struct sched *s, const struct live_env *env,
		    const struct live_job *parent)
{
	const struct family *f = family_of(parent);
	struct resources all = jobs_resources(parent);
	const struct instance_type *type;
	uint16_t number;

	if (!place_suits(env, parent))
		return false;
	if (env->form != FORM_INSTANCES)
		return all.vcpu_milli <= env->max_vcpu_milli &&
		       place_within(&all, &s->pool, &nothing);
	type = type_for(s, env, parent, &number);
	if (!type)
		return false;
	all = times(scale_nominal(type), f->size);
	return below_max(env, type, f->size, 0) && place_within(&all, &s->pool, &nothing);
}

/* ---- instances */

static bool is_free(const struct live_instance *i, const struct live_env *env, uint16_t type)
{
	return i->type == type && i->generation == env->generation && !i->jobs &&
	       (i->status == INSTANCE_UP || i->status == INSTANCE_LAUNCHING);
}

struct count {
	int up, coming;
};

static struct count count_free(const struct sched *s, const struct live_env *env, uint16_t type)
{
	struct count count = { 0 };

	for (uint32_t n = env->first_instance; n; n = s->instance[n]->env_next) {
		const struct live_instance *i = s->instance[n];

		if (is_free(i, env, type))
			(*(i->status == INSTANCE_UP ? &count.up : &count.coming))++;
	}
	return count;
}

/* The oldest instance of that type which is up and nobody's. */
static struct live_instance *find_free(const struct sched *s, const struct live_env *env,
				       uint16_t type)
{
	struct live_instance *found = NULL;

	for (uint32_t n = env->first_instance; n; n = s->instance[n]->env_next) {
		struct live_instance *i = s->instance[n];

		if (is_free(i, env, type) && i->status == INSTANCE_UP &&
		    (!found || i->key < found->key))
			found = i;
	}
	return found;
}

/* Those that are coming are for its nodes; until then they must not be counted on. */
static void book(struct sched *s, const struct live_env *env, uint16_t type)
{
	for (uint32_t n = env->first_instance; n; n = s->instance[n]->env_next) {
		struct live_instance *i = s->instance[n];

		if (is_free(i, env, type) && i->status == INSTANCE_LAUNCHING)
			i->booked = i->capacity;
	}
	s->booked = true;
}

/* ---- deciding */

static enum place_verdict say_placed(const struct sched *s, const struct live_job *parent,
				     int32_t index, const struct live_env *env,
				     const struct live_instance *instance, jd_time now,
				     struct fact *out)
{
	const struct gang *g = family_of(parent)->gang;

	*out = (struct fact){ .kind = FACT_PLACED,
			      .at = now,
			      .job = parent->key + 1 + index,
			      .attempt = gang_attempt(parent) };
	out->placed.env = env->name;
	out->placed.slot = -1;
	out->placed.instance = instance ? instance->key : 0;
	out->placed.gpu_set = gpu_choose(s, gang_need(g, index).gpus);
	out->placed.waits = index != g->main;
	return PLACE_DECIDED;
}

static enum fit fit_machine(const struct sched *s, const struct live_env *env,
			    const struct live_job *parent, jd_time now)
{
	struct resources all = jobs_resources(parent);

	if (all.vcpu_milli > env->max_vcpu_milli - env->used.vcpu_milli)
		return FIT_ENV;
	if (scale_may_launch(s, env, now) != LAUNCH_YES ||
	    !place_within(&all, &s->pool, &s->used))
		return FIT_POOL;
	return FIT_YES;
}

/* What is missing is launched, one after the other, when all of it can be had. */
static enum fit fit_instances(const struct sched *s, const struct live_env *env,
			      const struct live_job *parent, jd_time now, uint16_t type)
{
	const struct instance_type *t = catalog_at(type);
	struct count count = count_free(s, env, type);
	int size = family_of(parent)->size, missing = size - count.up - count.coming;
	struct resources all = times(scale_nominal(t), missing);

	if (count.up >= size)
		return FIT_YES;
	if (missing <= 0)
		return FIT_COMING;
	if (!below_max(env, t, missing, env->instance_vcpu_milli))
		return FIT_ENV;
	if (scale_may_launch(s, env, now) != LAUNCH_YES ||
	    !place_within(&all, &s->pool, &s->used))
		return FIT_POOL;
	return FIT_LAUNCH;
}

enum fit gang_fit(const struct sched *s, const struct live_env *env, const struct live_job *parent,
		  jd_time now, uint16_t *type)
{
	*type = NO_INDEX;
	if (!envs_open(env))
		return FIT_CLOSED;
	if (!gang_could_fit(s, env, parent))
		return FIT_NEVER;
	if (env->form != FORM_INSTANCES)
		return fit_machine(s, env, parent, now);
	type_for(s, env, parent, type);
	return fit_instances(s, env, parent, now, *type);
}

/* The pool is short of what is missing: what is lent to others may go. */
static bool make_room(struct sched *s, const struct live_env *env, const struct live_job *parent,
		      uint16_t type, jd_time now, struct fact *out)
{
	struct resources need = jobs_resources(parent);

	if (scale_may_launch(s, env, now) != LAUNCH_YES)
		return false;
	if (type != NO_INDEX) {
		struct count count = count_free(s, env, type);

		need = times(scale_nominal(catalog_at(type)),
			     family_of(parent)->size - count.up - count.coming);
	}
	return spot_make_room(s, s->queue[parent->queue], env, &need, type, now, out);
}

static enum place_verdict try_there(struct sched *s, struct live_env *env,
				    const struct live_job *parent, enum fit fit, uint16_t type,
				    jd_time now, struct fact *out)
{
	switch (fit) {
	case FIT_YES:
		return say_placed(s, parent, gang_next(parent), env,
				  type == NO_INDEX ? NULL : find_free(s, env, type), now, out);
	case FIT_LAUNCH:
		scale_launch(s, env, type, now, out);
		return PLACE_DECIDED;
	case FIT_COMING: /* they are on their way; who stands behind must not take them */
		book(s, env, type);
		return PLACE_STUCK;
	case FIT_POOL:
		return make_room(s, env, parent, type, now, out) ? PLACE_DECIDED : PLACE_STUCK;
	default:
		return PLACE_STUCK;
	}
}

enum place_verdict gang_try(struct sched *s, struct live_queue *q, struct live_job *parent,
			    jd_time now, struct fact *out, enum shortage *what)
{
	*what = SHORT_ENV;
	for (int i = 0; i < q->env_count; i++) {
		struct live_env *env = s->env[q->env[i]];
		uint16_t type;
		enum fit fit = gang_fit(s, env, parent, now, &type);

		if (fit == FIT_CLOSED || fit == FIT_NEVER)
			continue;
		if (fit == FIT_POOL)
			*what = SHORT_POOL;
		return try_there(s, env, parent, fit, type, now, out);
	}
	return PLACE_STUCK;
}

static const struct live_job *first_node(const struct sched *s, const struct live_job *parent)
{
	job_ref ref = family_of(parent)->first;

	while (ref && !jobs_active(jobs_at(s, ref)))
		ref = jobs_at(s, ref)->extra->sibling_next;
	return ref ? jobs_at(s, ref) : NULL;
}

/* Beside the nodes that were placed, in the same environment, on the same type. */
static bool place_next(const struct sched *s, const struct live_job *parent, jd_time now,
		       struct fact *out)
{
	const struct live_job *node = first_node(s, parent);
	const struct live_env *env = node ? s->env[node->env] : NULL;
	const struct live_instance *instance = NULL;
	int32_t index = gang_next(parent);
	struct resources need = gang_need(family_of(parent)->gang, index);

	if (!env || !envs_open(env))
		return false;
	if (node->instance) {
		instance = find_free(s, env, s->instance[node->instance]->type);
		if (!instance)
			return false;
	} else if (need.vcpu_milli > env->max_vcpu_milli - env->used.vcpu_milli ||
		   !place_within(&need, &s->pool, &s->used)) {
		return false;
	}
	say_placed(s, parent, index, env, instance, now, out);
	return true;
}

/* Not all find a place after all (the world has changed since the first did): the main node
 * is stopped, and with it the others. */
static void undo(const struct sched *s, const struct live_job *parent, jd_time now,
		 struct fact *out)
{
	const struct family *f = family_of(parent);
	const struct live_job *node = jobs_find(s, f->key + 1 + f->gang->main);

	if (!node || !jobs_active(node))
		node = first_node(s, parent);
	*out = (struct fact){ .kind = FACT_STOPPING, .at = now };
	out->job = node ? node->key : 0;
	out->attempt = node ? node->attempt : 0;
	out->stopping.cause = STOP_MAIN_NODE;
}

bool gang_decide(struct sched *s, jd_time now, struct fact *out)
{
	const struct live_job *parent;

	if (!s->due[DUE_GANG].first)
		return false;
	parent = jobs_at(s, s->due[DUE_GANG].first);
	if (!place_next(s, parent, now, out))
		undo(s, parent, now, out);
	return true;
}
