#include "config.h"
#include "workload.h"
#include <stdlib.h>
#include "jobdeck/base/mem.h"

/* A workload out of its seed. */

char *const workload_types[] = {
	(char[]){ "c5.large" },	   (char[]){ "c5.xlarge" },   (char[]){ "m5.large" },
	(char[]){ "m5.xlarge" },   (char[]){ "c5" },	      (char[]){ "g4dn.xlarge" },
	(char[]){ "g4dn.2xlarge" }, (char[]){ "m5" },
};

/* What a workload is made of, so that most have only a few kinds of things in them, and what
 * they have, enough of. */
struct flavour {
	bool instances, spot, fargate, gpus, arrays, holds, depends, updates, large;
};

static struct flavour make_flavour(struct random *r)
{
	return (struct flavour){ .instances = random_one_in(r, 2),
				 .spot = random_one_in(r, 4),
				 .fargate = random_one_in(r, 6),
				 .gpus = random_one_in(r, 4),
				 .arrays = random_one_in(r, 3),
				 .holds = random_one_in(r, 4),
				 .depends = random_one_in(r, 2),
				 .updates = random_one_in(r, 6),
				 .large = random_one_in(r, 8) };
}

static struct resources make_pool(struct random *r, const struct flavour *f)
{
	int64_t vcpus = 1 + random_below(r, f->instances ? 40 : 16);

	return (struct resources){ 1000 * vcpus,
				   f->instances ? vcpus * (1500 + random_below(r, 4000)) :
						  500 + random_below(r, 8000),
				   (int32_t)(f->gpus ? random_below(r, 5) : 0) };
}

static enum cr_strategy make_strategy(struct random *r, bool spot)
{
	static const enum cr_strategy on_demand[] = { STRATEGY_BEST_FIT,
						      STRATEGY_BEST_FIT_PROGRESSIVE,
						      STRATEGY_BEST_FIT_PROGRESSIVE_ORDERED };
	static const enum cr_strategy market[] = { STRATEGY_SPOT_CAPACITY_OPTIMIZED,
						   STRATEGY_SPOT_PRICE_CAPACITY_OPTIMIZED,
						   STRATEGY_SPOT_CAPACITY_OPTIMIZED_PRIORITIZED };

	return (spot ? market : on_demand)[random_below(r, 3)];
}

static void make_instances(struct random *r, const struct flavour *f, struct env_setting *env)
{
	env->strategy = make_strategy(r, env->spot);
	env->type_count = 1 + (int)random_below(r, MAX_TYPES);
	for (int i = 0; i < env->type_count; i++)
		env->type[i] = (int)random_below(r, f->gpus ? 8 : 5);
	if (random_one_in(r, 4))
		env->min = (int)random_below(r, env->max + 1);
	if (random_one_in(r, 6))
		env->desired = (int)random_below(r, env->max + 1);
	env->delay_ms = random_one_in(r, 4) ? random_below(r, 100) * 1000 : 0;
}

static struct env_setting make_env(struct random *r, const struct flavour *f, bool fargate)
{
	struct env_setting env = { .max = 1 + (int)random_below(r, 16), .bid = 100 };

	if (fargate) {
		env.form = ENV_FARGATE;
		env.spot = random_one_in(r, 2);
		return env;
	}
	if (random_one_in(r, 8)) {
		env.form = ENV_UNMANAGED;
		env.max = random_one_in(r, 2) ? 0 : env.max;
		return env;
	}
	env.spot = f->spot && random_one_in(r, 2);
	if (env.spot && random_one_in(r, 2))
		env.bid = 1 + (int)random_below(r, 100);
	if (f->instances && !random_one_in(r, 4)) {
		env.form = ENV_INSTANCES;
		make_instances(r, f, &env);
	}
	return env;
}

/* JQ-2: never Fargate with others. */
static struct queue_setting make_queue(struct random *r, const struct workload *w, int first)
{
	struct queue_setting q = { .priority = (int)random_below(r, 3),
				   .backfill = random_one_in(r, 5) };
	bool fargate = w->env[first].form == ENV_FARGATE;
	int most = 1 + (int)random_below(r, LIMIT_CE_PER_QUEUE);

	for (int i = 0; i < w->env_count && q.env_count < most; i++) {
		int n = (first + i) % w->env_count;

		if ((w->env[n].form == ENV_FARGATE) == fargate)
			q.env[q.env_count++] = n;
	}
	return q;
}

static int64_t min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* What some environment of the queue can hold as the world begins (and ends), or, when
 * `large`, perhaps more than any. */
static struct resources make_need(struct random *r, const struct workload *w,
				  const struct flavour *f, int queue)
{
	const struct queue_setting *q = &w->queue[queue];
	const struct env_setting *env = &w->env[q->env[random_below(r, q->env_count)]];
	int64_t vcpus = env->form == ENV_UNMANAGED && !env->max ?
				w->pool.vcpu_milli :
				min64(env->max * 1000, w->pool.vcpu_milli);
	bool gpu = f->gpus && env->form != ENV_FARGATE && random_one_in(r, 4);
	struct resources need = { 250 * (1 + random_below(r, vcpus / 250)),
				  1 + random_below(r, w->pool.memory_mib),
				  (int32_t)(gpu ? random_below(r, w->pool.gpus + 1) : 0) };

	if (!random_one_in(r, 4) || env->form == ENV_INSTANCES) { /* most are small */
		need.vcpu_milli = min64(need.vcpu_milli, 2000);
		need.memory_mib = 1 + min64(need.memory_mib / 8, 7000);
	}
	if (f->large && random_one_in(r, 10))
		need.vcpu_milli *= 1 + random_below(r, 20);
	return need;
}

/* A job that comes before the n-th, or a child of it. */
static int64_t some_key(struct random *r, const struct workload *w, int below, bool child)
{
	const struct item *item = &w->items[random_below(r, below)];

	if (item->submit.size && child && random_one_in(r, 2))
		return item->job + 1 + random_below(r, item->submit.size);
	return item->job;
}

/* DEP-6: the same size, else it is refused. */
static void make_pair(struct random *r, const struct workload *w, struct item *item, int number)
{
	const struct item *up = &w->items[random_below(r, number)];

	if (!up->submit.size || item->submit.depends_count == MAX_DEPENDS)
		return;
	item->submit.size = up->submit.size;
	item->submit.depends[item->submit.depends_count].job = up->job;
	item->submit.depends[item->submit.depends_count++].type = DEPENDENCY_N_TO_N;
}

static void make_depends(struct random *r, const struct workload *w, const struct flavour *f,
			 struct item *item, int number)
{
	int n = 1 + (int)random_below(r, MAX_DEPENDS - 1);

	for (int i = 0; i < n; i++) {
		item->submit.depends[i].job = some_key(r, w, number, f->arrays);
		item->submit.depends[i].type =
			random_one_in(r, 6) ? DEPENDENCY_ANY : DEPENDENCY_PLAIN;
	}
	item->submit.depends_count = n;
}

static void make_submit(struct random *r, const struct workload *w, const struct flavour *f,
			struct item *item, int number)
{
	static const int attempts[] = { 1, 1, 1, 2, 3, 10 };

	item->which = (int)random_below(r, w->queue_count);
	item->submit.need = make_need(r, w, f, item->which);
	item->submit.fargate = w->env[w->queue[item->which].env[0]].form == ENV_FARGATE;
	item->submit.attempts = attempts[random_below(r, ARRAY_LEN(attempts))];
	item->submit.rule = (int)random_below(r, 4);
	item->submit.timeout_s = random_one_in(r, 4) ? 1 + (int)random_below(r, 40) : 0;
	if (f->arrays && random_one_in(r, 3)) {
		item->submit.size = 2 + (int)random_below(r, random_one_in(r, 10) ? 70 : 6);
		item->submit.sequential = random_one_in(r, 4);
	}
	if (f->holds && random_one_in(r, 4))
		item->submit.start_after_ms = 1 + random_below(r, 30000);
	if (number && f->depends && random_one_in(r, 2))
		make_depends(r, w, f, item, number);
	if (number && item->submit.size && random_one_in(r, 3))
		make_pair(r, w, item, number);
}

/* CE-8: other instances, and what runs on the old ones has until the deadline. */
static void make_update(struct random *r, struct workload *w, const struct flavour *f,
			struct item *item)
{
	const struct env_setting *was = &w->env[item->which];

	if (was->form != ENV_INSTANCES || !f->updates || random_one_in(r, 2))
		return;
	item->env = *was;
	item->env.generation = (int)item->at; /* rises with time */
	item->env.updating = true;
	item->env.deadline = item->at + random_below(r, 30000);
}

static void make_env_change(struct random *r, struct workload *w, const struct flavour *f,
			    struct item *item)
{
	const struct env_setting *was;

	item->kind = ITEM_ENV;
	item->which = (int)random_below(r, w->env_count);
	was = &w->env[item->which];
	item->env = make_env(r, f, was->form == ENV_FARGATE);
	if (item->env.form != was->form || was->form == ENV_INSTANCES) {
		int max = item->env.max;

		item->env = *was; /* only an update changes what it is */
		item->env.max = max;
		item->env.min = item->env.min < max ? item->env.min : max;
		item->env.desired = item->env.desired < max ? item->env.desired : max;
	}
	item->env.disabled = random_one_in(r, 3);
	item->env.invalid = random_one_in(r, 6);
	if (f->updates && random_one_in(r, 3))
		item->env.refuse_until = item->at + random_below(r, 20000);
	make_update(r, w, f, item);
}

static enum item_kind make_job_change(struct random *r, const struct flavour *f)
{
	if (f->holds && random_one_in(r, 2))
		return random_one_in(r, 2) ? ITEM_HOLD : ITEM_RELEASE;
	return random_one_in(r, 2) ? ITEM_CANCEL : ITEM_TERMINATE;
}

static void make_change(struct random *r, struct workload *w, const struct flavour *f,
			struct item *item)
{
	switch (random_below(r, 9)) {
	case 0:
		item->kind = ITEM_POOL;
		item->pool = make_pool(r, f);
		break;
	case 1:
		item->kind = ITEM_QUEUE;
		item->which = (int)random_below(r, w->queue_count);
		item->queue = make_queue(r, w, w->queue[item->which].env[0]);
		item->queue.disabled = random_one_in(r, 4);
		break;
	case 2:
	case 3:
		make_env_change(r, w, f, item);
		break;
	case 4:
		item->kind = ITEM_RECLAIM;
		item->which = (int)random_below(r, 100);
		break;
	default:
		item->kind = make_job_change(r, f);
		item->job = some_key(r, w, w->job_count, true);
	}
}

static int by_time(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	/* keys grow with time; changes come after what was submitted at their moment */
	if (x->kind != y->kind)
		return (int)x->kind - (int)y->kind;
	return x->job != y->job ? (x->job < y->job ? -1 : 1) : x->which - y->which;
}

/* An array's children have the keys behind its own. */
static void make_jobs(struct workload *w, struct random *r, const struct flavour *f,
		      bool with_gaps)
{
	jd_time at = 0, burst = random_one_in(r, 3) ? 1 : 3000;
	int64_t key = w->first_key;

	for (int i = 0; i < w->job_count; i++) {
		struct item *item = &w->items[i];

		at += random_below(r, burst);
		item->at = at;
		item->job = key;
		make_submit(r, w, f, item, i);
		key += 1 + item->submit.size + (with_gaps ? random_below(r, 100) : 0);
		w->record_count += 1 + item->submit.size;
	}
}

static void make_items(struct workload *w, struct random *r, const struct flavour *f,
		       bool with_gaps)
{
	int changes = (int)random_below(r, 1 + w->job_count / 2);
	jd_time last;

	w->item_count = w->job_count + changes;
	w->items = xcalloc((size_t)w->item_count, sizeof *w->items);
	make_jobs(w, r, f, with_gaps);
	last = w->items[w->job_count - 1].at;
	for (int i = w->job_count; i < w->item_count; i++) {
		w->items[i].at = random_below(r, last + 60000);
		make_change(r, w, f, &w->items[i]);
	}
	qsort(w->items, (size_t)w->item_count, sizeof *w->items, by_time);
}

static struct sched_settings make_settings(struct random *r, const struct flavour *f)
{
	struct sched_settings s = { .idle_ms = random_below(r, 60) * 1000,
				    .memory_reserve_milli = 25,
				    .next_instance = 1 };

	if (f->instances && random_one_in(r, 2))
		s.launch_ms = random_below(r, 20000);
	if (f->instances && random_one_in(r, 4))
		s.launch_failure_percent = (int)random_below(r, 60);
	return s;
}

static void make_places(struct workload *w, struct random *r, const struct flavour *f)
{
	w->env_count = 1 + (int)random_below(r, MAX_ENVS);
	for (int i = 0; i < w->env_count; i++)
		w->env[i] = make_env(r, f, f->fargate && random_one_in(r, 2));
	w->queue_count = 1 + (int)random_below(r, MAX_QUEUES);
	for (int i = 0; i < w->queue_count; i++)
		w->queue[i] = make_queue(r, w, (int)random_below(r, w->env_count));
}

static void make(struct workload *w, uint64_t seed, bool for_engine)
{
	struct random r = { .state = seed };
	struct flavour f = make_flavour(&r);

	*w = (struct workload){ .seed = seed };
	w->pool = make_pool(&r, &f);
	w->settings = make_settings(&r, &f);
	make_places(w, &r, &f);
	w->job_count = 1 + (int)random_below(&r, random_one_in(&r, 40) ? 200 : 40);
	w->first_key = for_engine ? 1 : 1 + random_below(&r, 200);
	w->start_ms = random_one_in(&r, 3) ? random_below(&r, 3000) : 0;
	w->stop_ms = random_one_in(&r, 3) ? random_below(&r, 5000) : 0;
	w->nosy = random_one_in(&r, 2);
	make_items(w, &r, &f, !for_engine && random_one_in(&r, 4));
}

void workload_make(struct workload *w, uint64_t seed)
{
	make(w, seed, false);
}

void workload_make_for_engine(struct workload *w, uint64_t seed)
{
	make(w, seed, true);
}

void workload_fini(struct workload *w)
{
	free(w->items);
}
