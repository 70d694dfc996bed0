#include "config.h"
#include "family.h"
#include <string.h>
#include "jobdeck/base/mem.h"

/* A copy of the whole scheduler: arrays are copied, and links between jobs, which are
 * pointers, are moved over by way of the jobs' own numbers. No tree is built again. */

static struct live_job *moved(const struct sched *to, const struct live_job *job)
{
	return job ? jobs_at(to, job->self) : NULL;
}

static void move_links(const struct sched *to, struct live_job *job)
{
	job->reason = xstrdup(job->reason);
	if (!job->in_line && !job->in_timeouts && !job->in_delayed)
		return; /* in no tree: the links are old and never read */
	RB_LEFT(job, link) = moved(to, RB_LEFT(job, link));
	RB_RIGHT(job, link) = moved(to, RB_RIGHT(job, link));
	RB_PARENT(job, link) = moved(to, RB_PARENT(job, link));
}

static void copy_extra(struct sched *to, struct live_job *job)
{
	const struct job_extra *extra = job->extra;

	if (!extra)
		return;
	job->extra = xmalloc(sizeof *extra);
	*job->extra = *extra;
	if (extra->family)
		job->extra->family = family_clone(to, extra->family);
}

static void move_each(void *arg, struct live_job *job)
{
	move_links(arg, job);
	copy_extra(arg, job);
}

static void clone_jobs(struct sched *to, const struct sched *from)
{
	size_t size = CHUNK_JOBS * sizeof **from->chunk;

	to->chunk_count = to->chunk_cap = from->chunk_count;
	to->chunk = xreallocarray(NULL, to->chunk_cap, sizeof *to->chunk);
	for (size_t i = 0; i < from->chunk_count; i++) {
		to->chunk[i] = xaligned(CACHE_LINE, size);
		memcpy(to->chunk[i], from->chunk[i], size);
	}
	to->job_top = from->job_top;
	to->job_free = from->job_free;
	to->live = from->live;
	memcpy(to->due, from->due, sizeof to->due);
	RB_ROOT(&to->timeouts) = moved(to, RB_ROOT(&from->timeouts));
	RB_ROOT(&to->delayed) = moved(to, RB_ROOT(&from->delayed));
	jobs_each(to, move_each, to);
}

static void clone_index(struct sched *to, const struct sched *from)
{
	for (const struct key_block *block = from->blocks; block; block = block->hh.next) {
		struct key_block *copy = xmalloc(sizeof *copy);

		*copy = *block;
		for (int i = 0; i < BLOCK_PAGES; i++) {
			if (!block->page[i])
				continue;
			copy->page[i] = xmalloc(sizeof *copy->page[i]);
			*copy->page[i] = *block->page[i];
		}
		HASH_ADD(hh, to->blocks, number, sizeof copy->number, copy);
	}
}

static void clone_edges(struct sched *to, const struct sched *from)
{
	to->edge_cap = from->edge_cap;
	to->edge_top = from->edge_top;
	to->edge_free = from->edge_free;
	if (!from->edge_cap)
		return;
	to->edge = xreallocarray(NULL, to->edge_cap, sizeof *to->edge);
	memcpy(to->edge, from->edge, (from->edge_top + 1) * sizeof *to->edge);
}

/* A pass is a hint: the copy begins a new one. */
static struct share *clone_share(struct sched *to, struct live_queue *q, const struct share *share)
{
	struct share *copy = xmalloc(sizeof *copy);

	*copy = *share;
	copy->identifier = xstrdup(share->identifier);
	copy->use = use_copy(share->use);
	copy->scored = copy->in_order = copy->touched = false;
	RB_ROOT(&copy->line) = moved(to, RB_ROOT(&share->line));
	copy->passing = false;
	copy->next = NULL;
	copy->next_passed = copy->booked_milli = 0;
	if (copy->identifier)
		HASH_ADD_KEYPTR(hh, q->shares, copy->identifier, strlen(copy->identifier), copy);
	return copy;
}

static void clone_queue(struct sched *to, const struct live_queue *q)
{
	struct live_queue *copy = xmalloc(sizeof *copy);

	*copy = *q;
	copy->name = xstrdup(q->name);
	copy->shares = NULL;
	copy->under = NULL;
	copy->fair_due = true;
	RB_INIT(&copy->order);
	copy->touched = NULL;
	copy->share = xcalloc(copy->share_cap, sizeof *copy->share);
	for (uint16_t i = 0; i < q->share_count; i++)
		copy->share[i] = q->share[i] ? clone_share(to, copy, q->share[i]) : NULL;
	copy->ready = false;
	copy->short_of = SHORT_NOTHING;
	copy->passed = copy->booked = 0;
	copy->booked_milli = 0;
	to->queue[q->self] = copy;
	HASH_ADD_KEYPTR(hh, to->queues, copy->name, strlen(copy->name), copy);
	copy->judge = false;
	blocked_look(to, copy);
	queues_ready(to, copy); /* a hint: what is blocked will be found so again */
}

static void clone_env(struct sched *to, const struct live_env *env)
{
	struct live_env *copy = xmalloc(sizeof *copy);

	*copy = *env;
	copy->name = xstrdup(env->name);
	RB_INIT(&copy->room[0]);
	RB_INIT(&copy->room[1]);
	copy->allowed = xreallocarray(NULL, (size_t)env->allowed_count + 1, sizeof *copy->allowed);
	if (env->allowed_count)
		memcpy(copy->allowed, env->allowed,
		       (size_t)env->allowed_count * sizeof *copy->allowed);
	copy->queue_cap = env->queue_count;
	copy->queue = xreallocarray(NULL, copy->queue_cap, sizeof *copy->queue);
	if (env->queue_count)
		memcpy(copy->queue, env->queue, env->queue_count * sizeof *copy->queue);
	to->env[env->self] = copy;
	HASH_ADD_KEYPTR(hh, to->envs, copy->name, strlen(copy->name), copy);
}

static void clone_places(struct sched *to, const struct sched *from)
{
	policies_clone(to, from);
	consume_clone(to, from);
	to->queue_count = to->queue_cap = from->queue_count;
	to->queue = xcalloc(to->queue_cap, sizeof *to->queue);
	to->env_count = to->env_cap = from->env_count;
	to->env = xcalloc(to->env_cap, sizeof *to->env);
	for (const struct live_env *env = from->envs; env; env = env->hh.next)
		clone_env(to, env);
	for (const struct live_queue *q = from->queues; q; q = q->hh.next)
		clone_queue(to, q);
	to->pool = from->pool;
	to->used = from->used;
	to->settings = from->settings;
	to->on_demand_milli = from->on_demand_milli;
	to->gpu_set = from->gpu_set;
	to->next_instance = from->next_instance;
	to->spot_used = from->spot_used;
	to->reclaiming = from->reclaiming;
	to->keeps = from->keeps;
	to->has_spot = from->has_spot;
	to->blocked_count = from->blocked_count;
	to->asked = from->asked;
	to->scale_due = to->spot_due = true;
	instances_clone(to, from);
}

struct sched *sched_clone(const struct sched *s)
{
	struct sched *to = sched_new();

	strategy_clone(to, s);
	clone_jobs(to, s);
	clone_index(to, s);
	clone_edges(to, s);
	clone_places(to, s);
	return to;
}
