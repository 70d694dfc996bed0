#include "config.h"
#include "internal.h"
#include <string.h>
#include "jobdeck/base/mem.h"
#include "jobdeck/catalog/catalog.h"

/* Instances: launched, up, given notice, gone. Those that take jobs are in their environment's
 * rooms, ordered by what is free, so that the fullest with room is found at once; those that
 * nobody uses are in `idle`, by when they go. */

static struct resources room_of(const struct live_instance *i)
{
	return (struct resources){ i->capacity.vcpu_milli - i->used.vcpu_milli,
				   i->capacity.memory_mib - i->used.memory_mib,
				   i->capacity.gpus - i->used.gpus };
}

static int compare_room(const struct live_instance *a, const struct live_instance *b)
{
	struct resources ra = room_of(a), rb = room_of(b);

	if (ra.vcpu_milli != rb.vcpu_milli)
		return ra.vcpu_milli < rb.vcpu_milli ? -1 : 1;
	if (ra.memory_mib != rb.memory_mib)
		return ra.memory_mib < rb.memory_mib ? -1 : 1;
	return (a->key > b->key) - (a->key < b->key);
}

/* cppcheck-suppress unknownMacro */
RB_GENERATE_STATIC(rooms, live_instance, room, compare_room)

static jd_time moment(const struct live_instance *i)
{
	return i->in_launching ? i->ready_at : i->idle_until;
}

static int compare_moment(const struct live_instance *a, const struct live_instance *b)
{
	if (moment(a) != moment(b))
		return moment(a) < moment(b) ? -1 : 1;
	return (a->key > b->key) - (a->key < b->key);
}

/* cppcheck-suppress unknownMacro */
RB_GENERATE_STATIC(idles, live_instance, idle, compare_moment)

struct live_instance *instances_find(const struct sched *s, int64_t key)
{
	struct live_instance *i;

	HASH_FIND(hh, s->instances, &key, sizeof key, i);
	return i;
}

struct live_instance *instances_first_launching(const struct sched *s)
{
	struct idles head = s->launching;

	return RB_MIN(idles, &head);
}

struct live_instance *instances_first_idle(const struct sched *s)
{
	struct idles head = s->idle;

	return RB_MIN(idles, &head);
}

struct live_instance *instances_next_idle(struct live_instance *i)
{
	return RB_NEXT(idles, NULL, i);
}

/* Rooms and idle ones: out of both before anything of it changes, then in again. */
static void take_out(struct sched *s, struct live_instance *i)
{
	struct live_env *env = s->env[i->env];

	if (i->in_room)
		RB_REMOVE(rooms, &env->room[i->capacity.gpus > 0], i);
	if (i->in_idle)
		RB_REMOVE(idles, &s->idle, i);
	if (i->in_launching)
		RB_REMOVE(idles, &s->launching, i);
	i->in_room = i->in_idle = i->in_launching = false;
}

/* SC-3: minScaleDownDelayMinutes counts from the last job's end, and only on instances that
 * had one; others that nobody uses go after the idle time; what is on its way out, at once. */
static jd_time goes_at(const struct sched *s, const struct live_instance *i)
{
	const struct live_env *env = s->env[i->env];
	jd_time since = i->last_end > i->up ? i->last_end : i->up;
	int64_t wait = s->settings.idle_ms;

	if (i->status != INSTANCE_UP || env->status == STATUS_DELETING)
		return since > i->reclaimed ? since : i->reclaimed;
	if (i->last_end && env->scale_down_delay_ms > wait)
		wait = env->scale_down_delay_ms;
	return since + wait;
}

static int64_t kept_of(const struct live_env *env)
{
	bool asked = env->state == STATE_ENABLED && env->desired_vcpu_milli > env->min_vcpu_milli;

	return asked ? env->desired_vcpu_milli : env->min_vcpu_milli;
}

/* SC-3: min vCPUs stay, also of a DISABLED environment (CE-2), and what came because it was asked
 * for by hand, until all of it is there. */
bool instances_may_go(const struct sched *s, const struct live_instance *i)
{
	const struct live_env *env = s->env[i->env];

	return i->status != INSTANCE_UP || env->status == STATUS_DELETING ||
	       env->instance_vcpu_milli - i->nominal.vcpu_milli >= kept_of(env);
}

static void put_in(struct sched *s, struct live_instance *i)
{
	struct live_env *env = s->env[i->env];

	if (i->status == INSTANCE_LAUNCHING) {
		i->in_launching = true;
		RB_INSERT(idles, &s->launching, i);
		return;
	}
	if (i->status == INSTANCE_UP && !i->single) {
		i->in_room = true;
		RB_INSERT(rooms, &env->room[i->capacity.gpus > 0], i);
	}
	if (i->jobs == 0 && instances_may_go(s, i)) {
		i->idle_until = goes_at(s, i);
		i->in_idle = true;
		RB_INSERT(idles, &s->idle, i);
		place_restart(s); /* it may go for those who are short of the pool */
		queues_look(s, SHORT_POOL);
	}
}

/* What may go depends on what else there is: only where a minimum is kept. */
void instances_recheck(struct sched *s, const struct live_env *env)
{
	for (uint32_t n = env->first_instance; n; n = s->instance[n]->env_next) {
		struct live_instance *i = s->instance[n];

		if (i->jobs == 0 && i->status != INSTANCE_LAUNCHING) {
			take_out(s, i);
			put_in(s, i);
		}
	}
}

static struct live_instance *instance_new(struct sched *s, int64_t key)
{
	struct live_instance *i = xcalloc(1, sizeof *i);

	if (s->instance_free_count) {
		i->self = s->instance_free[--s->instance_free_count];
	} else {
		i->self = ++s->instance_top;
		while (i->self >= s->instance_cap)
			ARRAY_ROOM(s->instance, s->instance_cap, s->instance_cap);
	}
	s->instance[i->self] = i;
	i->key = key;
	HASH_ADD(hh, s->instances, key, sizeof i->key, i);
	return i;
}

static void link_env(struct sched *s, struct live_env *env, struct live_instance *i)
{
	i->env = env->self;
	i->env_prev = NO_INSTANCE;
	i->env_next = env->first_instance;
	if (i->env_next)
		s->instance[i->env_next]->env_prev = i->self;
	env->first_instance = i->self;
	env->instance_count++;
	env->launching_count++;
	env->instance_vcpu_milli += i->nominal.vcpu_milli;
	env->old_count += i->generation != env->generation;
}

static void instance_delete(struct sched *s, struct live_instance *i)
{
	struct live_env *env = s->env[i->env];

	*(i->env_prev ? &s->instance[i->env_prev]->env_next : &env->first_instance) = i->env_next;
	if (i->env_next)
		s->instance[i->env_next]->env_prev = i->env_prev;
	env->instance_count--;
	env->launching_count -= i->status == INSTANCE_LAUNCHING;
	env->instance_vcpu_milli -= i->nominal.vcpu_milli;
	env->old_count -= i->generation != env->generation;
	HASH_DEL(s->instances, i);
	s->instance[i->self] = NULL;
	ARRAY_ROOM(s->instance_free, s->instance_free_count, s->instance_free_cap);
	s->instance_free[s->instance_free_count++] = i->self;
	free(i);
}

void instances_clear(struct sched *s)
{
	struct live_instance *i = s->instances, *next;

	HASH_CLEAR(hh, s->instances);
	for (; i; i = next) {
		next = i->hh.next;
		free(i);
	}
	free(s->instance);
	free(s->instance_free);
}

/* What jobs can have of a type: nominal vCPUs, memory less what the machine keeps (RES-6). */
struct resources instances_capacity(const struct sched *s, const struct instance_type *type)
{
	return (struct resources){ type->vcpus * INT64_C(1000),
				   catalog_offered_mib(type, s->settings.memory_reserve_milli),
				   type->gpus };
}

static int check_launch(const struct sched *s, const struct instance *said, struct err *err)
{
	const struct live_env *env = envs_find(s, said->env);

	if (said->key <= 0 || instances_find(s, said->key))
		return err_set(err, ERR_CONFLICT, "instance %lld was launched before",
			       (long long)said->key);
	if (!env)
		return err_set(err, ERR_NOT_FOUND, "compute-environment/%s does not exist",
			       said->env);
	if (!catalog_find(said->type))
		return err_set(err, ERR_NOT_FOUND, "instance type %s is not in the catalog",
			       said->type);
	return 0;
}

int instances_launched(struct sched *s, const struct fact *fact, struct fact_effect *effect,
		       struct err *err)
{
	const struct instance *said = fact->instance;
	const struct instance_type *type;
	struct live_instance *i;
	struct live_env *env;
	int64_t kept;

	(void)effect;
	if (check_launch(s, said, err))
		return -1;
	env = envs_find(s, said->env);
	type = catalog_find(said->type);
	i = instance_new(s, said->key);
	i->type = (uint16_t)catalog_index(type);
	i->generation = said->generation;
	i->nominal = said->nominal;
	i->capacity = instances_capacity(s, type);
	i->launched = said->launched ? said->launched : fact->at;
	i->last_end = said->last_end;
	i->ready_at = i->launched + s->settings.launch_ms;
	link_env(s, env, i);
	envs_pool_take(s, env, &i->nominal);
	kept = kept_of(env);
	scale_reached(env);
	if (said->key >= s->next_instance)
		s->next_instance = said->key + 1;
	put_in(s, i);
	if (kept)
		instances_recheck(s, env);
	for (uint32_t n = 0; n < env->queue_count; n++) /* passes go on: nothing was given back */
		queues_ready(s, s->queue[env->queue[n]]);
	return 0;
}

static struct live_instance *need_instance(struct sched *s, const struct fact *fact, struct err *err)
{
	struct live_instance *i = instances_find(s, fact->instance_key);

	if (!i)
		err_set(err, ERR_NOT_FOUND, "there is no live instance %lld",
			(long long)fact->instance_key);
	return i;
}

int instances_up(struct sched *s, const struct fact *fact, struct fact_effect *effect,
		 struct err *err)
{
	struct live_instance *i = need_instance(s, fact, err);
	struct live_env *env;

	(void)effect;
	if (!i)
		return -1;
	if (i->status != INSTANCE_LAUNCHING)
		return err_set(err, ERR_CONFLICT, "instance %lld is up", (long long)i->key);
	env = s->env[i->env];
	take_out(s, i);
	i->status = i->generation == env->generation ? INSTANCE_UP : INSTANCE_DRAINING;
	i->up = fact_when(fact);
	i->booked = (struct resources){ 0 };
	env->launching_count--;
	put_in(s, i);
	envs_look(s, env);
	return 0;
}

/* `optimal` has no instances of its own: the machine itself. */
int64_t instances_key(const struct sched *s, const struct live_job *job)
{
	if (job->instance)
		return s->instance[job->instance]->key;
	if (job->env == NO_INDEX || s->env[job->env]->form != FORM_LOCAL_HOST)
		return 0;
	return INSTANCE_LOCAL_HOST + job->env;
}

static void reclaim_jobs(struct sched *s, job_ref first)
{
	for (job_ref ref = first; ref; ref = jobs_at(s, ref)->at_next)
		instances_take_away(s, jobs_at(s, ref));
}

void instances_take_away(struct sched *s, struct live_job *job)
{
	job->reclaimed = true;
	if (!job->stop_said)
		jobs_due(s, job, DUE_STOP);
}

/* `optimal` has no instances: the machine itself is given notice, to all jobs there. */
static int reclaim_local_host(struct sched *s, int64_t key, struct err *err)
{
	int64_t n = key - INSTANCE_LOCAL_HOST;
	struct live_env *env = n >= 0 && n < (int64_t)s->env_count ? s->env[n] : NULL;

	if (!env || env->form != FORM_LOCAL_HOST)
		return err_set(err, ERR_NOT_FOUND, "there is no live instance %lld", (long long)key);
	reclaim_jobs(s, env->first_job);
	return 0;
}

int instances_reclaimed(struct sched *s, const struct fact *fact, struct fact_effect *effect,
			struct err *err)
{
	struct live_instance *i;
	struct live_env *env;

	(void)effect;
	if (fact->instance_key >= INSTANCE_LOCAL_HOST)
		return reclaim_local_host(s, fact->instance_key, err);
	i = need_instance(s, fact, err);
	if (!i)
		return -1;
	if (i->status == INSTANCE_RECLAIMED)
		return err_set(err, ERR_CONFLICT, "instance %lld was given notice before",
			       (long long)i->key);
	env = s->env[i->env];
	take_out(s, i);
	env->launching_count -= i->status == INSTANCE_LAUNCHING;
	i->status = INSTANCE_RECLAIMED;
	i->reclaimed = fact_when(fact);
	resources_add(&s->reclaiming, &i->nominal);
	blocked_look_all(s);
	reclaim_jobs(s, i->first_job);
	put_in(s, i);
	envs_look(s, env);
	return 0;
}

int instances_terminated(struct sched *s, const struct fact *fact, struct fact_effect *effect,
			 struct err *err)
{
	struct live_instance *i = need_instance(s, fact, err);
	struct resources nominal;
	struct live_env *env;

	(void)effect;
	if (!i)
		return -1;
	if (i->jobs)
		return err_set(err, ERR_CONFLICT, "instance %lld still runs %d jobs",
			       (long long)i->key, i->jobs);
	env = s->env[i->env];
	nominal = i->nominal;
	take_out(s, i);
	if (i->status == INSTANCE_RECLAIMED)
		resources_sub(&s->reclaiming, &nominal);
	instance_delete(s, i);
	envs_pool_give(s, env, &nominal);
	s->scale_due = true;
	if (kept_of(env))
		instances_recheck(s, env);
	envs_look(s, env);
	return 0;
}

void instances_take(struct sched *s, struct live_instance *i, struct live_job *job)
{
	struct resources need = jobs_resources(job);

	take_out(s, i);
	i->jobs++;
	i->single = job->kind == JOB_KIND_NODE;
	resources_add(&i->used, &need);
	put_in(s, i);
	if (i->status == INSTANCE_RECLAIMED) /* on restart */
		instances_take_away(s, job);
}

void instances_give(struct sched *s, struct live_instance *i, const struct live_job *job,
		    jd_time at)
{
	struct resources need = jobs_resources(job);

	take_out(s, i);
	i->jobs--;
	i->single = false;
	i->last_end = at;
	resources_sub(&i->used, &need);
	put_in(s, i);
}

/* CE-8: those of an earlier generation take no more jobs. */
void instances_outdate(struct sched *s, struct live_env *env)
{
	env->old_count = 0;
	for (uint32_t n = env->first_instance; n; n = s->instance[n]->env_next) {
		struct live_instance *i = s->instance[n];

		if (i->generation == env->generation)
			continue;
		env->old_count++;
		take_out(s, i);
		if (i->status == INSTANCE_UP)
			i->status = INSTANCE_DRAINING;
		put_in(s, i);
	}
}

static struct live_instance *fit_in(const struct rooms *rooms, const struct resources *need)
{
	struct live_instance least = { .capacity = { need->vcpu_milli, need->memory_mib, 0 } };
	struct rooms head = *rooms;
	struct live_instance *i = RB_NFIND(rooms, &head, &least);

	for (; i; i = RB_NEXT(rooms, &head, i)) {
		if (place_within(need, &i->capacity, &i->used))
			return i;
	}
	return NULL;
}

struct live_instance *instances_fit(const struct sched *s, const struct live_env *env,
				    const struct resources *need)
{
	struct live_instance *i = NULL;

	if (!need->gpus)
		i = fit_in(&env->room[0], need);
	if (!i && !RB_EMPTY(&env->room[1]) && scale_wants_gpu_type(s, env, need))
		i = fit_in(&env->room[1], need);
	return i;
}

struct live_instance *instances_coming(const struct sched *s, const struct live_env *env,
				       const struct resources *need)
{
	struct live_instance *found = NULL;

	if (!env->launching_count)
		return NULL;
	for (uint32_t n = env->first_instance; n; n = s->instance[n]->env_next) {
		struct live_instance *i = s->instance[n];

		if (i->status == INSTANCE_LAUNCHING && i->generation == env->generation &&
		    place_within(need, &i->capacity, &i->booked) &&
		    (!i->capacity.gpus || scale_wants_gpu_type(s, env, need)))
			found = i; /* the oldest is the last */
	}
	return found;
}

void instances_forget_bookings(struct sched *s)
{
	struct live_instance *i;

	RB_FOREACH(i, idles, &s->launching)
		i->booked = (struct resources){ 0 };
}

/* The copy keeps every index; trees are built again. */
void instances_clone(struct sched *to, const struct sched *from)
{
	to->instance_top = from->instance_top;
	to->instance_cap = from->instance_top + 1;
	to->instance = xcalloc(to->instance_cap, sizeof *to->instance);
	to->instance_free_count = to->instance_free_cap = from->instance_free_count;
	to->instance_free = xreallocarray(NULL, to->instance_free_cap, sizeof *to->instance_free);
	if (to->instance_free_count)
		memcpy(to->instance_free, from->instance_free,
		       to->instance_free_count * sizeof *to->instance_free);
	for (const struct live_instance *i = from->instances; i; i = i->hh.next) {
		struct live_instance *copy = xmalloc(sizeof *copy);

		*copy = *i;
		copy->in_room = copy->in_idle = copy->in_launching = false;
		copy->booked = (struct resources){ 0 };
		to->instance[copy->self] = copy;
		HASH_ADD(hh, to->instances, key, sizeof copy->key, copy);
		put_in(to, copy);
	}
}
