#include "config.h"
#include "workload.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "jobdeck/base/mem.h"

/* splitmix64: small, and good enough for any seed. */
uint64_t random_next(struct random *r)
{
	uint64_t z = (r->state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

int64_t random_below(struct random *r, int64_t n)
{
	return (int64_t)(random_next(r) % (uint64_t)n);
}

bool random_one_in(struct random *r, int64_t n)
{
	return random_below(r, n) == 0;
}

static struct resources make_pool(struct random *r)
{
	return (struct resources){ 1000 * (1 + random_below(r, 16)), 500 + random_below(r, 8000),
				   (int32_t)random_below(r, 3) };
}

static struct env_setting make_env(struct random *r)
{
	struct env_setting env = { .max = 1 + (int)random_below(r, 16) };

	if (random_one_in(r, 8)) {
		env.unmanaged = true;
		env.max = random_one_in(r, 2) ? 0 : env.max;
	}
	return env;
}

static struct queue_setting make_queue(struct random *r, int env_count)
{
	struct queue_setting q = { .priority = (int)random_below(r, 3) };
	int most = env_count < LIMIT_CE_PER_QUEUE ? env_count : LIMIT_CE_PER_QUEUE;
	int first = (int)random_below(r, env_count);

	q.env_count = 1 + (int)random_below(r, most);
	for (int i = 0; i < q.env_count; i++)
		q.env[i] = (first + i) % env_count;
	return q;
}

static int64_t min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* What some environment of the queue can hold as the world begins (and ends), or, when
 * `large`, perhaps more than any. */
static struct resources make_need(struct random *r, const struct workload *w, int queue, bool large)
{
	const struct queue_setting *q = &w->queue[queue];
	const struct env_setting *env = &w->env[q->env[random_below(r, q->env_count)]];
	int64_t vcpus = env->unmanaged && !env->max ? w->pool.vcpu_milli :
						      min64(env->max * 1000, w->pool.vcpu_milli);
	struct resources need = {
		250 * (1 + random_below(r, vcpus / 250)), 1 + random_below(r, w->pool.memory_mib),
		(int32_t)(random_one_in(r, 8) ? random_below(r, w->pool.gpus + 1) : 0)
	};

	if (!random_one_in(r, 4)) { /* most are small */
		need.vcpu_milli = min64(need.vcpu_milli, 2000);
		need.memory_mib = 1 + need.memory_mib / 8;
	}
	if (large && random_one_in(r, 10))
		need.vcpu_milli *= 1 + random_below(r, 20);
	return need;
}

static int64_t some_key(struct random *r, const struct workload *w, int below)
{
	return w->first_key + w->key_step * random_below(r, below);
}

static void make_submit(struct random *r, const struct workload *w, struct item *item, int number,
			bool large)
{
	static const int attempts[] = { 1, 1, 1, 2, 3, 10 };

	item->job = w->first_key + w->key_step * number;
	item->which = (int)random_below(r, w->queue_count);
	item->submit.need = make_need(r, w, item->which, large);
	item->submit.attempts = attempts[random_below(r, ARRAY_LEN(attempts))];
	item->submit.rule = (int)random_below(r, 4);
	item->submit.timeout_s = random_one_in(r, 4) ? 1 + (int)random_below(r, 40) : 0;
	if (number && random_one_in(r, 3)) {
		item->submit.depends_count = 1 + (int)random_below(r, MAX_DEPENDS);
		for (int i = 0; i < item->submit.depends_count; i++)
			item->submit.depends[i] = some_key(r, w, number);
	}
}

static void make_change(struct random *r, const struct workload *w, struct item *item)
{
	switch (random_below(r, 8)) {
	case 0:
		item->kind = ITEM_POOL;
		item->pool = make_pool(r);
		break;
	case 1:
		item->kind = ITEM_QUEUE;
		item->which = (int)random_below(r, w->queue_count);
		item->queue = make_queue(r, w->env_count);
		item->queue.disabled = random_one_in(r, 4);
		break;
	case 2:
	case 3:
		item->kind = ITEM_ENV;
		item->which = (int)random_below(r, w->env_count);
		item->env = make_env(r);
		item->env.disabled = random_one_in(r, 3);
		item->env.invalid = random_one_in(r, 6);
		break;
	default:
		item->kind = random_one_in(r, 2) ? ITEM_CANCEL : ITEM_TERMINATE;
		item->job = some_key(r, w, w->job_count);
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

static void make_items(struct workload *w, struct random *r)
{
	int changes = (int)random_below(r, 1 + w->job_count / 2);
	bool large = random_one_in(r, 8);
	jd_time at = 0, burst = random_one_in(r, 3) ? 1 : 3000;

	w->item_count = w->job_count + changes;
	w->items = xcalloc((size_t)w->item_count, sizeof *w->items);
	for (int i = 0; i < w->job_count; i++) {
		at += random_below(r, burst);
		w->items[i].at = at;
		make_submit(r, w, &w->items[i], i, large);
	}
	for (int i = w->job_count; i < w->item_count; i++) {
		w->items[i].at = random_below(r, at + 60000);
		make_change(r, w, &w->items[i]);
	}
	qsort(w->items, (size_t)w->item_count, sizeof *w->items, by_time);
}

static void make(struct workload *w, uint64_t seed, bool keys_from_one)
{
	struct random r = { .state = seed };

	*w = (struct workload){ .seed = seed };
	w->pool = make_pool(&r);
	w->env_count = 1 + (int)random_below(&r, MAX_ENVS);
	for (int i = 0; i < w->env_count; i++)
		w->env[i] = make_env(&r);
	w->queue_count = 1 + (int)random_below(&r, MAX_QUEUES);
	for (int i = 0; i < w->queue_count; i++)
		w->queue[i] = make_queue(&r, w->env_count);
	w->job_count = 1 + (int)random_below(&r, random_one_in(&r, 40) ? 200 : 40);
	w->first_key = keys_from_one ? 1 : 1 + random_below(&r, 200);
	w->key_step = !keys_from_one && random_one_in(&r, 4) ? 1 + random_below(&r, 100) : 1;
	w->start_ms = random_one_in(&r, 3) ? random_below(&r, 3000) : 0;
	w->stop_ms = random_one_in(&r, 3) ? random_below(&r, 5000) : 0;
	w->nosy = random_one_in(&r, 2);
	make_items(w, &r);
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

static uint64_t luck(const struct workload *w, int64_t job, int attempt, uint64_t what)
{
	struct random r = { .state =
				    w->seed ^ (uint64_t)job << 20 ^ (uint64_t)attempt << 8 ^ what };

	return random_next(&r);
}

int64_t workload_duration(const struct workload *w, int64_t job, int attempt)
{
	uint64_t n = luck(w, job, attempt, 1);

	return n % 8 == 0 ? 0 : (int64_t)(n >> 8) % 30 * 1000 + (int64_t)(n % 3) * 7;
}

int workload_exit_code(const struct workload *w, int64_t job, int attempt)
{
	uint64_t n = luck(w, job, attempt, 2);

	return n % 3 ? 0 : (int)(n >> 8) % 6 - 1;
}

struct retry_strategy workload_retry(const struct item *item)
{
	static char two[] = "2", any[] = "*", essential[] = "Essential*";
	struct retry_strategy retry = { .attempts = item->submit.attempts };

	if (item->submit.rule == 1) {
		retry.rule_count = 1;
		retry.rule[0] = (struct retry_rule){ .on_exit_code = two, .exit = true };
	} else if (item->submit.rule == 2) {
		retry.rule_count = 2;
		retry.rule[0] =
			(struct retry_rule){ .on_exit_code = two, .on_status_reason = essential };
		retry.rule[1] = (struct retry_rule){ .on_reason = any, .exit = true };
	}
	return retry;
}

static void print_env(const struct env_setting *env)
{
	printf("%s max %d%s%s", env->unmanaged ? "UNMANAGED" : "MANAGED", env->max,
	       env->disabled ? " DISABLED" : "", env->invalid ? " INVALID" : "");
}

static void print_queue(const struct queue_setting *q)
{
	printf("priority %d%s on", q->priority, q->disabled ? " DISABLED" : "");
	for (int i = 0; i < q->env_count; i++)
		printf(" e%d", q->env[i]);
}

static void print_resources(const struct resources *r)
{
	printf("%lldm vCPU %lld MiB %d GPU", (long long)r->vcpu_milli, (long long)r->memory_mib,
	       (int)r->gpus);
}

static void print_submit(const struct item *item)
{
	printf("submit %lld to q%d, ", (long long)item->job, item->which);
	print_resources(&item->submit.need);
	printf(", attempts %d rule %d timeout %d", item->submit.attempts, item->submit.rule,
	       item->submit.timeout_s);
	for (int i = 0; i < item->submit.depends_count; i++)
		printf("%s%lld", i ? " " : ", after ", (long long)item->submit.depends[i]);
}

static void print_item(const struct item *item)
{
	printf("# %lld ms: ", (long long)item->at);
	switch (item->kind) {
	case ITEM_SUBMIT:
		print_submit(item);
		break;
	case ITEM_CANCEL:
	case ITEM_TERMINATE:
		printf("%s %lld", item->kind == ITEM_CANCEL ? "cancel" : "terminate",
		       (long long)item->job);
		break;
	case ITEM_ENV:
		printf("e%d ", item->which);
		print_env(&item->env);
		break;
	case ITEM_QUEUE:
		printf("q%d ", item->which);
		print_queue(&item->queue);
		break;
	case ITEM_POOL:
		printf("pool ");
		print_resources(&item->pool);
	}
	putchar('\n');
}

void workload_print(const struct workload *w)
{
	printf("# pool ");
	print_resources(&w->pool);
	printf("; start %lld ms, stop %lld ms%s\n", (long long)w->start_ms, (long long)w->stop_ms,
	       w->nosy ? ", nosy" : "");
	for (int i = 0; i < w->env_count; i++) {
		printf("# e%d ", i);
		print_env(&w->env[i]);
		putchar('\n');
	}
	for (int i = 0; i < w->queue_count; i++) {
		printf("# q%d ", i);
		print_queue(&w->queue[i]);
		putchar('\n');
	}
	for (int i = 0; i < w->item_count; i++) {
		if (!w->items[i].left_out)
			print_item(&w->items[i]);
	}
}

/* True when the workload still fails without the items from..to-1. */
static bool try_without(struct workload *w, int from, int to,
			bool (*fails)(const struct workload *w))
{
	cleanup_free bool *was = xcalloc((size_t)(to - from) + 1, sizeof *was);
	bool any = false;

	for (int i = from; i < to; i++) {
		was[i - from] = w->items[i].left_out;
		any |= !was[i - from];
		w->items[i].left_out = true;
	}
	if (any && fails(w))
		return true;
	for (int i = from; i < to; i++)
		w->items[i].left_out = was[i - from];
	return false;
}

void workload_shrink(struct workload *w, bool (*fails)(const struct workload *w))
{
	for (int size = (w->item_count + 1) / 2; size >= 1; size /= 2) {
		for (int from = 0; from < w->item_count; from += size) {
			int to = from + size;

			try_without(w, from, to < w->item_count ? to : w->item_count, fails);
		}
	}
}
