#include "config.h"
#include "internal.h"
#include <string.h>

/* What stands now, for those who only look. */

static struct sched_job_view view(const struct sched *s, const struct live_job *job)
{
	return (struct sched_job_view){
		.status = job->status,
		.queue = s->queue[job->queue]->name,
		.env = job->env == NO_INDEX ? NULL : s->env[job->env]->name,
		.attempt = job->attempt,
		.started = job->started,
		.terminated = job->terminated,
		.timed_out = job->timed_out,
		.share = s->queue[job->queue]->share[job->share]->identifier,
		.need = jobs_resources(job),
	};
}

bool sched_job(const struct sched *s, int64_t key, struct sched_job_view *out)
{
	const struct live_job *job = jobs_find(s, key);

	if (!job)
		return false;
	*out = view(s, job);
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

bool sched_env(const struct sched *s, const char *name, struct sched_env_view *out)
{
	const struct live_env *env = envs_find(s, name);

	if (!env)
		return false;
	*out = (struct sched_env_view){ .used = env->used, .active = env->active };
	out->type = env->type;
	out->cr_type = env->cr_type;
	out->own_instances = env->form == FORM_INSTANCES;
	return true;
}

bool sched_queue(const struct sched *s, const char *name, struct sched_queue_view *out)
{
	const struct live_queue *q = queues_find(s, name);
	const struct live_job *head;

	if (!q)
		return false;
	memcpy(out->count, q->count, sizeof out->count);
	head = line_head(q);
	out->head = head ? head->key : 0;
	return true;
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
