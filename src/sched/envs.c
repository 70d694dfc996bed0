#include "config.h"
#include "internal.h"
#include <string.h>
#include "jobdeck/base/mem.h"

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

static void resources_add(struct resources *to, const struct resources *r)
{
	to->vcpu_milli += r->vcpu_milli;
	to->memory_mib += r->memory_mib;
	to->gpus += r->gpus;
}

static void resources_sub(struct resources *from, const struct resources *r)
{
	from->vcpu_milli -= r->vcpu_milli;
	from->memory_mib -= r->memory_mib;
	from->gpus -= r->gpus;
}

void envs_take(struct sched *s, struct live_job *job, struct live_env *env)
{
	struct resources need = jobs_resources(job);

	job->env = env->self;
	env->active++;
	resources_add(&env->used, &need);
	resources_add(&s->used, &need);
}

void envs_release(struct sched *s, struct live_job *job)
{
	struct live_env *env = s->env[job->env];
	struct resources need = jobs_resources(job);
	struct live_queue *q, *next;

	job->env = NO_INDEX;
	env->active--;
	resources_sub(&env->used, &need);
	resources_sub(&s->used, &need);
	for (uint32_t i = 0; i < env->queue_count; i++)
		place_look(s, s->queue[env->queue[i]]);
	for (q = LIST_FIRST(&s->short_of_pool); q; q = next) {
		next = LIST_NEXT(q, short_link);
		place_look(s, q);
	}
}

static int delete_named(struct sched *s, const char *name, struct err *err)
{
	struct live_env *env = envs_find(s, name);

	if (!env)
		return err_set(err, ERR_NOT_FOUND, "compute-environment/%s does not exist", name);
	if (env->queue_count) /* CE-4 */
		return err_set(err, ERR_CONFLICT,
			       "Cannot delete, found existing JobQueue relationship");
	if (env->active)
		return err_set(err, ERR_CONFLICT,
			       "%d jobs are running in compute environment %s; wait until they "
			       "have ended",
			       env->active, name);
	env_delete(s, env);
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
	env->max_vcpu_milli = said->type == CE_UNMANAGED && said->max_vcpus == 0 ?
				      INT64_MAX :
				      (int64_t)said->max_vcpus * 1000;
	for (uint32_t i = 0; i < env->queue_count; i++)
		queues_ready(s, s->queue[env->queue[i]]);
	return 0;
}

int envs_pool(struct sched *s, const struct fact *fact, struct fact_effect *effect, struct err *err)
{
	const struct resources *pool = &fact->pool;

	(void)effect;
	if (pool->vcpu_milli < 0 || pool->memory_mib < 0 || pool->gpus < 0)
		return err_set(err, ERR_INVALID, "a pool cannot be less than nothing");
	s->pool = *pool;
	for (size_t i = 0; i < s->queue_count; i++) {
		if (s->queue[i])
			queues_ready(s, s->queue[i]);
	}
	return 0;
}
