#include "config.h"
#include "family.h"

/* A hash of the state. Jobs, queues and environments are summed, so that where they lie in
 * memory and in which order they came does not matter; what is only a hint (ready queues) or
 * only where things lie is left out. */

static uint64_t mix(uint64_t h, uint64_t value)
{
	h = (h ^ value) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 29;
}

static uint64_t mix_text(uint64_t h, const char *text)
{
	if (!text)
		return mix(h, 0);
	for (; *text; text++)
		h = mix(h, (unsigned char)*text);
	return mix(h, 256);
}

static uint64_t mix_strategy(uint64_t h, const struct strategy *st)
{
	for (size_t i = 0; i < st->len; i++)
		h = mix(h, (unsigned char)st->bytes[i]);
	return mix(h, st->len);
}

static uint64_t mix_resources(uint64_t h, const struct resources *r)
{
	return mix(mix(mix(h, (uint64_t)r->vcpu_milli), (uint64_t)r->memory_mib),
		   (uint64_t)r->gpus);
}

static uint64_t hash_upstreams(const struct sched *s, edge_ref first)
{
	uint64_t sum = 0;

	for (edge_ref e = first; e; e = s->edge[e].dep_next) {
		const struct edge *edge = &s->edge[e];

		sum += mix(mix(1, edge->type),
			   (uint64_t)(jobs_at(s, edge->upstream)->key + edge->child));
	}
	return sum;
}

static uint64_t mix_bits(uint64_t h, const struct bits *b, int32_t size)
{
	for (int32_t i = bits_next(b, size, 0); i >= 0; i = bits_next(b, size, i + 1))
		h = mix(h, (uint64_t)i);
	return mix(h, UINT64_MAX);
}

static uint64_t hash_gang(const struct gang *g, int32_t size)
{
	uint64_t h = mix(mix_bits(10, &g->placed, size), (uint64_t)g->over);

	return mix(mix(h, (uint64_t)g->started), (uint64_t)(g->result | g->retrying << 8 |
							     g->undone << 9));
}

/* Those that may run are left out when that is all but the doomed: in an array that has learnt
 * so, and in one that never had to ask. */
static uint64_t hash_family(const struct sched *s, const struct family *f)
{
	bool all = !f->paired || f->ready.count == family_unborn_count(f) - f->doomed.count;
	uint64_t h = mix(mix(6, (uint64_t)f->size), (uint64_t)f->below);

	h = mix_bits(mix_bits(h, &f->born, f->size), &f->failed, f->size);
	h = mix_bits(h, &f->doomed, f->size);
	if (!all)
		h = mix_bits(h, &f->ready, f->size);
	for (int i = 0; i < JOB_COUNT; i++)
		h = mix(h, (uint64_t)f->count[i]);
	if (f->gang)
		h = mix(h, hash_gang(f->gang, f->size));
	h = mix(h, (uint64_t)((f->open || f->stopped) | f->stopped << 1 | f->cancelled << 2 |
			      f->sequential << 3));
	return mix(mix(h, (uint64_t)f->live), hash_upstreams(s, f->upstreams));
}

/* 0 when there is nothing in it. A time to start after counts while it keeps the job. */
static uint64_t hash_extra(const struct sched *s, const struct live_job *job)
{
	const struct job_extra *extra = job->extra;
	uint64_t h;

	if (!extra || (!job->in_delayed && !extra->gpu_set && !extra->parent && !extra->family))
		return 0;
	h = mix(mix(7, job->in_delayed ? (uint64_t)extra->start_after : 0), extra->gpu_set);

	h = mix(h, extra->parent ? (uint64_t)jobs_at(s, extra->parent)->key : 0);
	return extra->family ? mix(h, hash_family(s, extra->family)) : h;
}

static uint64_t hash_job(const struct sched *s, const struct live_job *job)
{
	struct resources need = jobs_resources(job);
	uint64_t h = mix(mix(2, (uint64_t)job->key), (uint64_t)job->order);

	h = mix_resources(h, &need);
	h = mix(h, (uint64_t)job->started);
	h = mix_text(h, job->reason);
	h = mix_strategy(h, s->strategy[job->strategy]);
	h = mix(h, (uint64_t)job->timeout_s);
	h = mix_text(h, s->queue[job->queue]->name);
	h = mix_text(h, job->env == NO_INDEX ? NULL : s->env[job->env]->name);
	h = mix(h, job->instance ? (uint64_t)s->instance[job->instance]->key : 0);
	h = mix(h, (uint64_t)job->attempt << 16 | job->status << 8 | job->due);
	h = mix(h, (uint64_t)(job->terminated | job->timed_out << 1 | job->stop_said << 2 |
			      job->dependency_failed << 3 | job->held << 4 |
			      job->reclaimed << 5 | job->waits << 6 | job->in_delayed << 7));
	h = mix(h, hash_extra(s, job));
	return mix(h, hash_upstreams(s, job->dependencies));
}

struct sum {
	const struct sched *s;
	uint64_t sum;
};

static void add_job(void *arg, struct live_job *job)
{
	struct sum *sum = arg;

	sum->sum += hash_job(sum->s, job);
}

static uint64_t hash_due(const struct sched *s, const struct due_list *list)
{
	uint64_t h = 3;

	for (job_ref ref = list->first; ref; ref = jobs_at(s, ref)->next)
		h = mix(h, (uint64_t)jobs_at(s, ref)->key);
	return h;
}

/* Past use is left out: how much of it still counts, and is kept, is the clock's. */
static uint64_t hash_shares(const struct live_queue *q)
{
	uint64_t sum = 0;

	for (uint16_t i = 0; i < q->share_count; i++) {
		const struct share *share = q->share[i];

		if (share && share->live)
			sum += mix(mix(mix_text(7, share->identifier), (uint64_t)share->live),
				   (uint64_t)share->vcpu_milli);
	}
	return sum;
}

static uint64_t hash_policies(const struct sched *s)
{
	uint64_t sum = 0;

	for (const struct live_policy *p = s->policies; p; p = p->hh.next) {
		uint64_t h = mix_text(8, p->policy->name);

		h = mix(mix(h, (uint64_t)p->policy->decay_s), (uint64_t)p->policy->reservation);
		for (int i = 0; i < p->policy->share_count; i++)
			h = mix(mix_text(h, p->policy->share[i].identifier),
				(uint64_t)p->policy->share[i].weight);
		sum += h;
	}
	for (const struct live_consumable *c = s->consumables; c; c = c->hh.next)
		sum += mix(mix(mix(mix_text(9, c->name), (uint64_t)c->total), (uint64_t)c->in_use),
			   (uint64_t)c->spent);
	return sum;
}

static uint64_t hash_queue(const struct sched *s, const struct live_queue *q)
{
	uint64_t h = mix_text(4, q->name);

	h = mix(mix(mix(h, (uint64_t)q->priority), q->state), q->status);
	for (int i = 0; i < q->env_count; i++)
		h = mix_text(h, s->env[q->env[i]]->name);
	for (int i = 0; i < JOB_COUNT; i++)
		h = mix(h, (uint64_t)q->count[i]);
	h = mix(mix(h, q->backfill), (uint64_t)q->max_running);
	h = mix_text(h, q->policy == NO_INDEX ? NULL : s->policy[q->policy]->policy->name);
	if (q->blocked_job) {
		h = mix(mix(h, q->blocked), (uint64_t)q->blocked_job << 1 | q->blocked_over);
		h = mix(mix(h, (uint64_t)q->blocked_since), q->blocked_type);
	}
	return mix(h, hash_shares(q));
}

static uint64_t hash_env(const struct live_env *env)
{
	uint64_t h = mix_text(5, env->name);

	h = mix(mix(mix(h, env->state), env->status), (uint64_t)env->max_vcpu_milli);
	h = mix(mix(mix(h, env->form), env->spot), env->strategy);
	h = mix(mix(h, (uint64_t)env->generation), (uint64_t)env->bid);
	h = mix(mix(h, (uint64_t)env->min_vcpu_milli), (uint64_t)env->desired_vcpu_milli);
	h = mix(mix(h, (uint64_t)env->instance_vcpu_milli), (uint64_t)env->old_count);
	h = mix(mix(h, (uint64_t)env->refuse_until), (uint64_t)env->update_deadline);
	for (int i = 0; i < env->allowed_count; i++)
		h = mix(h, env->allowed[i]);
	return mix(mix_resources(h, &env->used), (uint64_t)env->active);
}

static uint64_t hash_instance(const struct sched *s, const struct live_instance *i)
{
	uint64_t h = mix_text(mix(6, (uint64_t)i->key), s->env[i->env]->name);

	h = mix(mix(mix(h, i->type), i->status), (uint64_t)i->generation);
	h = mix_resources(mix_resources(h, &i->nominal), &i->used);
	h = mix(mix(h, (uint64_t)i->jobs), i->in_idle ? (uint64_t)i->idle_until : 0);
	return mix(mix(h, (uint64_t)i->ready_at), (uint64_t)i->last_end);
}

uint64_t sched_hash(const struct sched *s)
{
	struct sum sum = { .s = s };
	uint64_t h;

	jobs_each(s, add_job, &sum);
	for (const struct live_queue *q = s->queues; q; q = q->hh.next)
		sum.sum += hash_queue(s, q);
	for (const struct live_env *env = s->envs; env; env = env->hh.next)
		sum.sum += hash_env(env);
	sum.sum += hash_policies(s);
	for (const struct live_instance *i = s->instances; i; i = i->hh.next)
		sum.sum += hash_instance(s, i);
	h = mix_resources(mix_resources(sum.sum, &s->pool), &s->used);
	h = mix_resources(mix_resources(h, &s->spot_used), &s->reclaiming);
	h = mix(h, (uint64_t)s->on_demand_milli);
	for (int i = 0; i < DUE_COUNT; i++)
		h = mix(h, hash_due(s, &s->due[i]));
	return h;
}
