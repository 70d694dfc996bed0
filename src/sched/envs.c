#include "config.h"
#include "internal.h"
#include <string.h>
#include "jobdeck/base/mem.h"
#include "jobdeck/catalog/catalog.h"

/* Compute environments and the pool they all draw on: what there is and what is taken. What
 * is given back wakes only the queues that may have waited for it. */

struct live_env *envs_find(const struct sched *s, const char *name)
{
	struct live_env *env;

	HASH_FIND_STR(s->envs, name, env);
	return env;
}

static struct live_env *env_new(struct sched *s, const char *name)
{
	struct live_env *env = xcalloc(1, sizeof *env);
	size_t i;

	for (i = 0; i < s->env_count && s->env[i]; i++)
		;
	if (i == s->env_count) {
		ARRAY_ROOM(s->env, s->env_count, s->env_cap);
		s->env_count++;
	}
	s->env[i] = env;
	env->self = (uint16_t)i;
	env->name = xstrdup(name);
	HASH_ADD_KEYPTR(hh, s->envs, env->name, strlen(env->name), env);
	return env;
}

static void env_delete(struct sched *s, struct live_env *env)
{
	s->env[env->self] = NULL;
	HASH_DEL(s->envs, env);
	free(env->name);
	free(env->queue);
	free(env->allowed);
	free(env);
}

void envs_clear(struct sched *s)
{
	for (size_t i = 0; i < s->env_count; i++) {
		if (s->env[i])
			env_delete(s, s->env[i]);
	}
	free(s->env);
}

void envs_serve(struct sched *s, uint16_t env, uint16_t queue)
{
	struct live_env *e = s->env[env];

	ARRAY_ROOM(e->queue, e->queue_count, e->queue_cap);
	e->queue[e->queue_count++] = queue;
}

void envs_unserve(struct sched *s, uint16_t env, uint16_t queue)
{
	struct live_env *e = s->env[env];
	uint32_t i = 0;

	while (e->queue[i] != queue)
		i++;
	e->queue[i] = e->queue[--e->queue_count];
}

void resources_add(struct resources *to, const struct resources *r)
{
	to->vcpu_milli += r->vcpu_milli;
	to->memory_mib += r->memory_mib;
	to->gpus += r->gpus;
}

void resources_sub(struct resources *from, const struct resources *r)
{
	from->vcpu_milli -= r->vcpu_milli;
	from->memory_mib -= r->memory_mib;
	from->gpus -= r->gpus;
}

struct resources resources_plus(struct resources a, const struct resources *b)
{
	resources_add(&a, b);
	return a;
}

/* Where a job's attempt is listed: on its instance, else with its environment. */
static job_ref *list_of(struct sched *s, const struct live_job *job)
{
	return job->instance ? &s->instance[job->instance]->first_job :
			       &s->env[job->env]->first_job;
}

static void list_job(struct sched *s, struct live_job *job)
{
	job_ref *first = list_of(s, job);

	job->at_prev = NO_REF;
	job->at_next = *first;
	if (*first)
		jobs_at(s, *first)->at_prev = job->self;
	*first = job->self;
}

static void unlist_job(struct sched *s, struct live_job *job)
{
	*(job->at_prev ? &jobs_at(s, job->at_prev)->at_next : list_of(s, job)) = job->at_next;
	if (job->at_next)
		jobs_at(s, job->at_next)->at_prev = job->at_prev;
}

/* Who finds this environment full no longer waits for it, but may have another's turn: only
 * where the pool was what was short does that make a difference. */
static void fuller(struct sched *s, const struct live_env *env)
{
	for (uint32_t i = 0; i < env->queue_count; i++) {
		struct live_queue *q = s->queue[env->queue[i]];

		if (!q->ready && q->short_of == SHORT_POOL && q->env_count > 1)
			queues_ready(s, q);
	}
}

void envs_take(struct sched *s, struct live_job *job, struct live_env *env,
	       struct live_instance *instance)
{
	struct resources need = jobs_resources(job);

	job->env = env->self;
	job->instance = instance ? instance->self : NO_INSTANCE;
	list_job(s, job);
	if (!env->active++ || env->refuses)
		blocked_look_env(s, env);
	resources_add(&env->used, &need);
	if (instance)
		instances_take(s, instance, job);
	else
		envs_pool_take(s, env, &need);
	fuller(s, env);
}

void envs_release(struct sched *s, struct live_job *job, jd_time at)
{
	struct live_env *env = s->env[job->env];
	struct resources need = jobs_resources(job);
	struct live_instance *instance = job->instance ? s->instance[job->instance] : NULL;

	unlist_job(s, job);
	job->env = NO_INDEX;
	job->instance = NO_INSTANCE;
	env->active--;
	resources_sub(&env->used, &need);
	if (instance)
		instances_give(s, instance, job, at);
	else
		envs_pool_give(s, env, &need);
	if (job->room_counted)
		resources_sub(&s->reclaiming, &need);
	job->reclaimed = job->room_counted = false;
	envs_look(s, env);
}

void envs_pool_take(struct sched *s, const struct live_env *env, const struct resources *r)
{
	resources_add(&s->used, r);
	if (env->spot)
		resources_add(&s->spot_used, r);
	else if (env->type == CE_MANAGED)
		s->on_demand_milli += r->vcpu_milli;
	s->spot_due |= s->has_spot;
}

void envs_pool_give(struct sched *s, const struct live_env *env, const struct resources *r)
{
	resources_sub(&s->used, r);
	if (env->spot)
		resources_sub(&s->spot_used, r);
	else if (env->type == CE_MANAGED)
		s->on_demand_milli -= r->vcpu_milli;
	place_restart(s);
	queues_look(s, SHORT_POOL);
	s->scale_due |= s->keeps; /* one may be short of its minimum */
}

void envs_look(struct sched *s, const struct live_env *env)
{
	place_restart(s);
	for (uint32_t i = 0; i < env->queue_count; i++)
		queues_ready(s, s->queue[env->queue[i]]);
}

bool envs_open(const struct live_env *env)
{
	return env->state == STATE_ENABLED &&
	       (env->status == STATUS_VALID || env->status == STATUS_UPDATING);
}

static int delete_named(struct sched *s, const char *name, struct err *err)
{
	struct live_env *env = envs_find(s, name);

	if (!env)
		return err_set(err, ERR_NOT_FOUND, "compute-environment/%s does not exist", name);
	if (env->queue_count) /* CE-4 */
		return err_set(err, ERR_CONFLICT,
			       "Cannot delete, found existing JobQueue relationship");
	if (env->instance_count && !env->active)
		return err_set(err, ERR_CONFLICT,
			       "compute environment %s still has %d instances; they are being "
			       "terminated",
			       name, env->instance_count);
	if (env->active)
		return err_set(err, ERR_CONFLICT,
			       "%d jobs are running in compute environment %s; wait until they "
			       "have ended",
			       env->active, name);
	env_delete(s, env);
	return 0;
}

/* Types that are not in this build's catalog are left out: an old database may name them. */
static void set_types(struct live_env *env, const struct environment *said)
{
	uint16_t types[CATALOG_MAX];
	int n = 0;

	for (int i = 0; i < said->instance_type_count; i++) {
		const char *name = said->instance_types[i];
		int more = catalog_expand(&name, 1, types + n, CATALOG_MAX - n, NULL);

		n += more > 0 ? more : 0;
	}
	env->allowed = xreallocarray(env->allowed, (size_t)n + 1, sizeof *env->allowed);
	env->allowed_count = 0;
	env->only_gpu_types = n > 0;
	for (int i = 0; i < n; i++) {
		bool twice = false;

		for (int k = 0; k < env->allowed_count; k++)
			twice |= env->allowed[k] == types[i];
		if (twice)
			continue;
		env->allowed[env->allowed_count++] = types[i];
		env->only_gpu_types &= catalog_at(types[i])->gpus > 0;
	}
}

/* `optimal` is the machine itself, whatever else stands beside it. */
static enum env_form form_of(const struct live_env *env, const struct environment *said)
{
	if (env->type == CE_UNMANAGED || env->cr_type == CR_FARGATE ||
	    env->cr_type == CR_FARGATE_SPOT)
		return FORM_SLICES;
	for (int i = 0; i < env->allowed_count; i++) {
		if (env->allowed[i] == CATALOG_LOCAL_HOST)
			return FORM_LOCAL_HOST;
	}
	return said->instance_type_count ? FORM_INSTANCES : FORM_LOCAL_HOST;
}

static void set_numbers(struct live_env *env, const struct environment *said)
{
	env->state = said->state;
	env->status = said->status;
	env->strategy = said->strategy;
	env->bid = said->bid_percent > 0 ? said->bid_percent : 100;
	env->update_deadline = said->update_deadline;
	env->refuse_until = said->refuse_until;
	env->refuses = said->refuse_until > 0;
	env->scale_down_delay_ms = said->scale_down_delay_ms;
	env->min_vcpu_milli = said->min_vcpus * INT64_C(1000);
	env->desired_vcpu_milli = said->desired_vcpus * INT64_C(1000);
	env->max_vcpu_milli = said->type == CE_UNMANAGED && said->max_vcpus == 0 ?
				      INT64_MAX :
				      (int64_t)said->max_vcpus * 1000;
}

/* What it holds of the pool counts as what it is: the kind may change with an update. */
static void set_kind(struct sched *s, struct live_env *env, const struct environment *said)
{
	struct resources held = env->used;

	if (env->form == FORM_INSTANCES) {
		held = (struct resources){ 0 };
		for (uint32_t n = env->first_instance; n; n = s->instance[n]->env_next)
			resources_add(&held, &s->instance[n]->nominal);
	}
	if (held.vcpu_milli || held.memory_mib || held.gpus)
		envs_pool_give(s, env, &held);
	env->type = said->type;
	env->cr_type = said->cr_type;
	env->spot = said->type == CE_MANAGED &&
		    (said->cr_type == CR_SPOT || said->cr_type == CR_FARGATE_SPOT);
	if (held.vcpu_milli || held.memory_mib || held.gpus)
		envs_pool_take(s, env, &held);
}

static void env_set(struct sched *s, struct live_env *env, const struct environment *said)
{
	set_kind(s, env, said);
	set_numbers(env, said);
	set_types(env, said);
	env->form = form_of(env, said);
	scale_sort(env);
	if (env->generation != said->generation) {
		env->generation = said->generation;
		instances_outdate(s, env);
	}
	scale_reached(env);
	instances_recheck(s, env);
	s->keeps |= env->min_vcpu_milli > 0 || env->desired_vcpu_milli > 0;
	s->has_spot |= env->spot;
	s->scale_due = s->spot_due = true;
	envs_look(s, env);
}

int envs_status(struct sched *s, const struct fact *fact, struct fact_effect *effect,
		struct err *err)
{
	struct live_env *env = envs_find(s, fact->environment_status.name);

	(void)effect;
	if (!env)
		return err_set(err, ERR_NOT_FOUND, "compute-environment/%s does not exist",
			       fact->environment_status.name);
	env->status = fact->environment_status.status;
	s->scale_due = true;
	envs_look(s, env);
	return 0;
}

int envs_apply(struct sched *s, const struct fact *fact, struct fact_effect *effect,
	       struct err *err)
{
	const struct environment *said = fact->environment;
	struct live_env *env;

	(void)effect;
	if (said->status == STATUS_DELETED)
		return delete_named(s, said->name, err);
	env = envs_find(s, said->name);
	if (!env && HASH_COUNT(s->envs) >= NO_INDEX)
		return err_set(err, ERR_CONFLICT, "there are too many compute environments");
	if (!env)
		env = env_new(s, said->name);
	env->state = said->state;
	env->status = said->status;
	env_set(s, env, said);
	return 0;
}

int envs_pool(struct sched *s, const struct fact *fact, struct fact_effect *effect, struct err *err)
{
	const struct resources *pool = &fact->pool;

	(void)effect;
	if (pool->vcpu_milli < 0 || pool->memory_mib < 0 || pool->gpus < 0)
		return err_set(err, ERR_INVALID, "a pool cannot be less than nothing");
	s->pool = *pool;
	s->scale_due = s->spot_due = true;
	place_restart(s);
	for (size_t i = 0; i < s->queue_count; i++) {
		if (s->queue[i])
			queues_ready(s, s->queue[i]);
	}
	return 0;
}
