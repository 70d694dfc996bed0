#include "config.h"
#include "workload.h"
#include <stdlib.h>
#include <string.h>
#include "jobdeck/base/mem.h"

/* Chance, what attempts come to, and the way to the smallest workload that fails. */

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
