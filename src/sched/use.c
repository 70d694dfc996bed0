#include "config.h"
#include "internal.h"
#include "jobdeck/base/mem.h"

/* What a share has used (FS-3, FS-5). Time is cut into slots, the 64th part of the policy's
 * window each, that begin at multiples of their length, so that what is summed up does not
 * depend on when it was. A share keeps what its ended attempts used, slot by slot, and its
 * running ones as sums by the slot in which they were placed: whole numbers, whose order does
 * not matter. An attempt that ends has used in every slot just what it had while it ran, so
 * only the end of a slot changes what counts. */

enum { SLOTS = USE_SLOTS };
_Static_assert((SLOTS & (SLOTS - 1)) == 0, "a ring is indexed by the low bits of a slot's number");

/* Rings by slot number. vCPU thousandths, and those times milliseconds. */
struct share_use {
	int64_t slot; /* the newest that the rings hold; older than SLOTS slots is forgotten */
	int64_t ended[SLOTS];
	int64_t running[SLOTS]; /* vCPUs of attempts placed in that slot, */
	int64_t late[SLOTS];	/* times how long after its beginning */
	int64_t before;		/* vCPUs of those placed before all these slots */
	int64_t last;		/* slot up to which something was used by ended attempts */
};

static int64_t *at(int64_t ring[SLOTS], int64_t slot)
{
	return &ring[slot & (SLOTS - 1)];
}

struct share_use *use_new(int64_t slot)
{
	struct share_use *use = xcalloc(1, sizeof *use);

	use->slot = slot;
	use->last = INT64_MIN;
	return use;
}

struct share_use *use_copy(const struct share_use *use)
{
	struct share_use *copy;

	if (!use)
		return NULL;
	copy = xmalloc(sizeof *copy);
	*copy = *use;
	return copy;
}

void use_advance(struct share_use *use, int64_t slot)
{
	int64_t from = use->slot;

	if (slot <= from)
		return;
	if (slot - from > SLOTS)
		from = slot - SLOTS;
	for (int64_t n = from + 1; n <= slot; n++) {
		use->before += *at(use->running, n);
		*at(use->ended, n) = *at(use->running, n) = *at(use->late, n) = 0;
	}
	use->slot = slot;
}

void use_running(struct share_use *use, int64_t milli, jd_time placed, int64_t ms)
{
	int64_t slot = placed / ms;

	if (slot <= use->slot - SLOTS) {
		use->before += milli;
		return;
	}
	*at(use->running, slot) += milli;
	*at(use->late, slot) += milli * (placed - slot * ms);
}

void use_ended(struct share_use *use, int64_t milli, jd_time from, jd_time to, int64_t ms)
{
	jd_time oldest = (use->slot - SLOTS + 1) * ms, end;

	for (from = from < oldest ? oldest : from; from < to; from = end) {
		end = (from / ms + 1) * ms;
		if (end > to)
			end = to;
		*at(use->ended, from / ms) += milli * (end - from);
		if (milli > 0 && from / ms > use->last)
			use->last = from / ms;
	}
}

bool use_counts(const struct share_use *use, int64_t slot)
{
	return use && use->last > slot - SLOTS;
}

/* Linear decay [I]: a slot counts by its middle's age, in twice as many parts as there are
 * slots. Always summed in the same order, so that nobody's last bit differs. */
double use_past(struct share_use *use, int64_t slot, int64_t ms)
{
	int64_t running;
	double sum = 0;

	if (!use)
		return 0;
	use_advance(use, slot);
	running = use->before;
	for (int64_t n = slot - SLOTS + 1; n < slot; n++) {
		int64_t began = *at(use->running, n);
		int64_t all = *at(use->ended, n) + (running + began) * ms - *at(use->late, n);

		sum += (double)(2 * (SLOTS - (slot - n)) + 1) * (double)all;
		running += began;
	}
	return sum / (2 * SLOTS);
}

/* What a slot had is spread evenly over those it covers. What runs is left to the caller. */
struct share_use *use_recut(const struct share_use *old, int64_t old_ms, int64_t ms)
{
	struct share_use *use = use_new(((old->slot + 1) * old_ms - 1) / ms);

	for (int64_t n = old->slot - SLOTS + 1; n <= old->slot; n++) {
		int64_t all = old->ended[n & (SLOTS - 1)];
		jd_time from = n * old_ms, end;

		for (; all && from < (n + 1) * old_ms; from = end) {
			end = (from / ms + 1) * ms;
			if (end > (n + 1) * old_ms)
				end = (n + 1) * old_ms;
			if (from / ms <= use->slot - SLOTS)
				continue;
			*at(use->ended, from / ms) += all / old_ms * (end - from) +
						      all % old_ms * (end - from) / old_ms;
			use->last = from / ms;
		}
	}
	return use;
}
