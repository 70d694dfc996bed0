#include "config.h"
#include "family.h"
#include <stdlib.h>
#include <string.h>
#include "jobdeck/base/mem.h"

/* What stands now, for those who only look. */

/* The parent of a child or node, which may have ended before its nodes. */
static int64_t parent_key(const struct live_job *job)
{
	bool has = job->kind == JOB_KIND_CHILD || job->kind == JOB_KIND_NODE;

	return has ? job->key - job->extra->index - 1 : 0;
}

static struct sched_job_view view(const struct sched *s, const struct live_job *job)
{
	return (struct sched_job_view){
		.status = job->status,
		.kind = job->kind,
		.parent = parent_key(job),
		.queue = s->queue[job->queue]->name,
		.env = job->env == NO_INDEX ? NULL : s->env[job->env]->name,
		.share = s->queue[job->queue]->share[job->share]->identifier,
		.need = jobs_resources(job),
		.instance = instances_key(s, job),
		.gpu_set = job->extra ? job->extra->gpu_set : 0,
		.attempt = job->attempt,
		.started = job->started,
		.terminated = job->terminated,
		.timed_out = job->timed_out,
		.held = delay_keeps(s, job),
		.reclaimed = job->reclaimed,
		.waits = job->waits,
	};
}

/* A child or node that was not made yet, as its parent has it. */
static bool view_unborn(const struct sched *s, int64_t key, struct sched_job_view *out)
{
	int32_t index;
	const struct live_job *parent = family_unborn(s, key, &index);

	if (!parent)
		return false;
	*out = view(s, parent);
	out->status = family_status(s, parent, index);
	out->kind = JOB_KIND_CHILD;
	out->parent = parent->key;
	if (parent->kind == JOB_KIND_MULTINODE) {
		out->kind = JOB_KIND_NODE;
		out->need = gang_need(family_of(parent)->gang, index);
		out->waits = index != family_of(parent)->gang->main;
		out->started = 0;
	}
	return true;
}

bool sched_job(const struct sched *s, int64_t key, struct sched_job_view *out)
{
	const struct live_job *job = jobs_find(s, key);

	if (!job)
		return view_unborn(s, key, out);
	*out = view(s, job);
	return true;
}

bool sched_array(const struct sched *s, int64_t key, int64_t count[JOB_COUNT])
{
	const struct live_job *array = jobs_find(s, key);
	const struct family *f;
	int32_t unborn, may_run;

	if (!array || array->kind != JOB_KIND_ARRAY)
		return false;
	f = family_of(array);
	unborn = family_unborn_count(f);
	may_run = family_may_run(s, array);
	for (int i = 0; i < JOB_COUNT; i++)
		count[i] = f->count[i];
	count[JOB_RUNNABLE] += may_run;
	count[f->stopped		     ? JOB_FAILED :
	      array->status == JOB_SUBMITTED ? JOB_SUBMITTED :
					       JOB_PENDING] += unborn - may_run;
	return true;
}

struct visitor {
	const struct sched *s;
	void (*each)(void *arg, int64_t key, const struct sched_job_view *job);
	void *arg;
};

static void visit(void *arg, struct live_job *job)
{
	const struct visitor *visitor = arg;
	struct sched_job_view seen = view(visitor->s, job);

	visitor->each(visitor->arg, job->key, &seen);
}

void sched_each(const struct sched *s,
		void (*each)(void *arg, int64_t key, const struct sched_job_view *job), void *arg)
{
	struct visitor visitor = { .s = s, .each = each, .arg = arg };

	jobs_each(s, visit, &visitor);
}

/* desiredvCpus: of instances; without any, of jobs, and at least the minimum. */
static int64_t vcpus_of(const struct live_env *env)
{
	int64_t milli = env->form == FORM_INSTANCES ? env->instance_vcpu_milli :
						      env->used.vcpu_milli;

	if (env->state == STATE_ENABLED && milli < env->desired_vcpu_milli)
		milli = env->desired_vcpu_milli;
	if (env->form == FORM_LOCAL_HOST && milli < env->min_vcpu_milli)
		milli = env->min_vcpu_milli;
	return (milli + 999) / 1000;
}

bool sched_env(const struct sched *s, const char *name, struct sched_env_view *out)
{
	const struct live_env *env = envs_find(s, name);

	if (!env)
		return false;
	*out = (struct sched_env_view){ .used = env->used,
					.active = env->active,
					.type = env->type,
					.cr_type = env->cr_type,
					.own_instances = env->form == FORM_INSTANCES,
					.vcpus = vcpus_of(env),
					.instances = env->instance_count,
					.spot = env->spot,
					.spot_price = spot_price(s),
					.bid = env->bid };
	return true;
}

static void see_instance(const struct sched *s, const struct live_instance *i,
			 struct sched_instance_view *out)
{
	const struct live_env *env = s->env[i->env];
	const struct instance view = { .key = i->key,
				       .env = env->name,
				       .spot = env->spot,
				       .generation = i->generation,
				       .status = i->status,
				       .nominal = i->nominal,
				       .launched = i->launched,
				       .up = i->up,
				       .reclaimed = i->reclaimed,
				       .last_end = i->last_end };

	*out = (struct sched_instance_view){ .instance = view,
					     .type = catalog_at(i->type)->name,
					     .capacity = i->capacity,
					     .used = i->used,
					     .jobs = i->jobs,
					     .idle_until = i->in_idle ? i->idle_until : JD_NEVER };
}

/* The machine itself, as long as `optimal` has jobs on it. */
static void see_local_host(const struct sched *s, const struct live_env *env,
			   struct sched_instance_view *out)
{
	*out = (struct sched_instance_view){ .type = catalog_at(CATALOG_LOCAL_HOST)->name,
					     .capacity = s->pool,
					     .used = env->used,
					     .jobs = env->active,
					     .idle_until = JD_NEVER };
	out->instance.key = INSTANCE_LOCAL_HOST + env->self;
	out->instance.env = env->name;
	out->instance.spot = env->spot;
	out->instance.status = INSTANCE_UP;
}

static int compare_instances(const void *a, const void *b)
{
	const struct live_instance *x = *(const struct live_instance *const *)a;
	const struct live_instance *y = *(const struct live_instance *const *)b;

	return (x->key > y->key) - (x->key < y->key);
}

void sched_instances(const struct sched *s, const char *name,
		     void (*each)(void *arg, const struct sched_instance_view *i), void *arg)
{
	const struct live_env *only = name ? envs_find(s, name) : NULL;
	size_t count = HASH_COUNT(s->instances), n = 0;
	cleanup_free const struct live_instance **list = xcalloc(count + 1, sizeof *list);
	struct sched_instance_view view;

	for (const struct live_instance *i = s->instances; i; i = i->hh.next) {
		if (!name || (only && i->env == only->self))
			list[n++] = i;
	}
	qsort(list, n, sizeof *list, compare_instances);
	for (size_t i = 0; i < n; i++) {
		see_instance(s, list[i], &view);
		each(arg, &view);
	}
	for (size_t i = 0; i < s->env_count; i++) {
		const struct live_env *env = s->env[i];

		if (!env || env->form != FORM_LOCAL_HOST || !env->active || (name && env != only))
			continue;
		see_local_host(s, env, &view);
		each(arg, &view);
	}
}

bool sched_queue(const struct sched *s, const char *name, struct sched_queue_view *out)
{
	const struct live_queue *q = queues_find(s, name);
	const struct live_job *head;

	if (!q)
		return false;
	memcpy(out->count, q->count, sizeof out->count);
	head = share_front(s, queues_find(s, name), s->asked);
	out->head = head ? head->key : 0;
	out->blocked = q->blocked;
	out->blocked_since = q->blocked_since;
	return true;
}

const struct sched_settings *sched_settings(const struct sched *s)
{
	return &s->settings;
}

struct resources sched_pool(const struct sched *s)
{
	return s->pool;
}

struct resources sched_used(const struct sched *s)
{
	return s->used;
}

int64_t sched_live(const struct sched *s)
{
	return s->live;
}
