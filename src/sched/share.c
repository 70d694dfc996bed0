#include "config.h"
#include "internal.h"
#include <string.h>
#include "jobdeck/base/mem.h"

/* Fair share (section 9.1). Time is cut into slots, a hundredth of the policy's window each,
 * that begin at multiples of their length, so that what is summed up does not depend on when
 * it was. A share keeps what its ended attempts used, slot by slot, and its running ones as
 * sums by the slot in which they were placed: whole numbers, whose order does not matter.
 *
 * The score of a share (use that counts, times weight) is worked out once a slot; between,
 * only placements and ends change it. What is in use now counts for a minute more than it
 * was, so that what is placed at one moment alternates between shares (doc/scheduler.md). */

enum {
	SLOTS = 100,
	LEAST_WINDOW_S = 600,  /* FS-5 */
	IN_USE_MS = 60 * 1000, /* [I] */
};

/* Rings by slot number. vCPU thousandths, and those times milliseconds. */
struct share_use {
	int64_t slot; /* the newest that the rings hold; older than SLOTS slots is forgotten */
	int64_t ended[SLOTS];
	int64_t running[SLOTS]; /* vCPUs of attempts placed in that slot, */
	int64_t late[SLOTS];	/* times how long after its beginning */
	int64_t before;		/* vCPUs of those placed before all these slots */
	int64_t last;		/* slot up to which something was used by ended attempts */
};

static struct share *share_new(struct live_queue *q, const char *identifier)
{
	struct share *share = xcalloc(1, sizeof *share);
	uint16_t i = 0;

	while (i < q->share_count && q->share[i])
		i++;
	if (i == q->share_count) {
		ARRAY_ROOM(q->share, q->share_count, q->share_cap);
		q->share_count++;
	}
	share->self = i;
	q->share[i] = share;
	if (!identifier)
		return share;
	share->identifier = xstrdup(identifier);
	HASH_ADD_KEYPTR(hh, q->shares, share->identifier, strlen(share->identifier), share);
	return share;
}

static struct share *find(const struct live_queue *q, const char *identifier)
{
	struct share *share = NULL;

	if (identifier)
		HASH_FIND_STR(q->shares, identifier, share);
	return share;
}

struct share *share_of(struct sched *s, struct live_queue *q, const char *identifier)
{
	struct share *share;

	if (!q->share_count)
		share_new(q, NULL);
	if (!identifier || q->policy == NO_INDEX)
		return q->share[0];
	share = find(q, identifier);
	if (!share) {
		share = share_new(q, identifier);
		policies_match(s, q, share);
		q->fair_due = true;
	}
	return share;
}

static struct share *its_share(const struct sched *s, const struct live_job *job)
{
	return s->queue[job->queue]->share[job->share];
}

/* One more is active, or one less: what is reserved and what prefixes weigh has changed, and
 * with that who may be placed and who is next. */
static void active_changed(struct sched *s, struct live_queue *q)
{
	if (q->policy == NO_INDEX)
		return;
	q->fair_due = true;
	if (q->passed)
		place_restart(s);
	queues_ready(s, q);
}

void share_join(struct sched *s, struct live_job *job)
{
	if (its_share(s, job)->live++ == 0)
		active_changed(s, s->queue[job->queue]);
}

void share_leave(struct sched *s, struct live_job *job)
{
	if (--its_share(s, job)->live == 0)
		active_changed(s, s->queue[job->queue]);
}

/* --- use ------------------------------------------------------------------------------- */

int64_t share_slot_of(const struct policy *p)
{
	return (p->decay_s > LEAST_WINDOW_S ? p->decay_s : LEAST_WINDOW_S) * 1000 / SLOTS;
}

int64_t share_slot_ms(const struct sched *s, const struct live_queue *q)
{
	return share_slot_of(s->policy[q->policy]->policy);
}

static int64_t *at(int64_t ring[SLOTS], int64_t slot)
{
	return &ring[(slot % SLOTS + SLOTS) % SLOTS];
}

/* The rings come to hold `slot` as their newest. */
static void advance(struct share_use *use, int64_t slot)
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

static struct share_use *use_of(struct share *share, int64_t slot)
{
	if (!share->use) {
		share->use = xcalloc(1, sizeof *share->use);
		share->use->slot = slot;
		share->use->last = INT64_MIN;
	}
	advance(share->use, slot);
	share->scored = false;
	return share->use;
}

static void add_running(struct share_use *use, int64_t milli, jd_time placed, int64_t ms)
{
	int64_t slot = placed / ms;

	if (slot <= use->slot - SLOTS) {
		use->before += milli;
		return;
	}
	*at(use->running, slot) += milli;
	*at(use->late, slot) += milli * (placed - slot * ms);
}

/* So much from one moment to another, slot by slot, as far as it still counts. */
static void add_ended(struct share_use *use, int64_t milli, jd_time from, jd_time to, int64_t ms)
{
	jd_time oldest = (use->slot - SLOTS + 1) * ms;

	if (from < oldest)
		from = oldest;
	while (from < to) {
		jd_time end = (from / ms + 1) * ms;

		if (end > to)
			end = to;
		*at(use->ended, from / ms) += milli * (end - from);
		if (milli > 0 && from / ms > use->last)
			use->last = from / ms;
		from = end;
	}
}

void share_placed(struct sched *s, struct live_job *job, jd_time now)
{
	struct live_queue *q = s->queue[job->queue];
	struct share *share = its_share(s, job);

	job->placed = now;
	share->vcpu_milli += job->vcpu_milli;
	if (q->policy == NO_INDEX)
		return;
	add_running(use_of(share, now / share_slot_ms(s, q)), job->vcpu_milli, now,
		    share_slot_ms(s, q));
}

void share_ended(struct sched *s, struct live_job *job, jd_time now)
{
	struct live_queue *q = s->queue[job->queue];
	struct share *share = its_share(s, job);
	struct share_use *use;
	int64_t ms;

	share->vcpu_milli -= job->vcpu_milli;
	if (q->policy != NO_INDEX || q->max_running > 0)
		queues_ready(s, q); /* also when the place was in no environment of the queue's */
	if (q->policy == NO_INDEX)
		return;
	ms = share_slot_ms(s, q);
	use = use_of(share, now / ms);
	add_running(use, -(int64_t)job->vcpu_milli, job->placed, ms);
	add_ended(use, job->vcpu_milli, job->placed, now, ms);
}

int sched_usage(struct sched *s, const char *queue, const char *identifier, int64_t vcpu_milli,
		jd_time from, jd_time to)
{
	struct live_queue *q = queues_find(s, queue);
	int64_t ms;

	if (!q || q->policy == NO_INDEX)
		return -1;
	ms = share_slot_ms(s, q);
	add_ended(use_of(share_of(s, q, identifier), to / ms), vcpu_milli, from, to, ms);
	q->fair_due = true;
	return 0;
}

/* Past use in vCPU thousandths times ms, each slot by its age: linear decay [I]. */
static double past_use(struct share *share, int64_t slot, int64_t ms)
{
	struct share_use *use = share->use;
	int64_t running;
	double sum = 0;

	if (!use)
		return 0;
	advance(use, slot);
	running = use->before;
	for (int64_t n = slot - SLOTS + 1; n < slot; n++) {
		int64_t began = *at(use->running, n);
		int64_t all = *at(use->ended, n) + running * ms + began * ms - *at(use->late, n);
		double weight = (double)(2 * (SLOTS - (slot - n)) + 1) / (2 * SLOTS);

		sum += weight * (double)all;
		running += began;
	}
	return sum;
}

static bool has_past(const struct share *share, int64_t slot)
{
	return share->use && share->use->last > slot - SLOTS;
}

/* --- choice ---------------------------------------------------------------------------- */

static void forget(struct live_queue *q, struct share *share)
{
	HASH_DEL(q->shares, share);
	q->share[share->self] = NULL;
	free(share->identifier);
	free(share->use);
	free(share);
}

/* FS-7: active while it has a job that lives, and until its past use is out of the window.
 * Those that are not any more are forgotten. */
static void count_active(const struct sched *s, struct live_queue *q, int64_t slot)
{
	q->active = q->share[0]->live > 0;
	policies_count_none(s, q);
	for (uint16_t i = 1; i < q->share_count; i++) {
		struct share *share = q->share[i];

		if (!share)
			continue;
		if (!share->live && !has_past(share, slot)) {
			forget(q, share);
			continue;
		}
		q->active++;
		policies_count(s, q, share);
	}
}

/* Once a slot, and when who is active has changed. */
static void refresh(const struct sched *s, struct live_queue *q, jd_time now)
{
	int64_t slot = now / share_slot_ms(s, q);
	bool later = q->fair_slot != slot;

	if (!q->fair_due && !later)
		return;
	q->fair_due = false;
	q->fair_slot = slot;
	count_active(s, q, slot);
	for (uint16_t i = 0; i < q->share_count; i++) {
		struct share *share = q->share[i];

		if (!share)
			continue;
		share->weight = policies_weight(s, q, share);
		share->scored &= !later;
	}
}

/* FS-3: lowest use times weight first, not divided by it. */
double share_score(const struct sched *s, const struct live_queue *q, struct share *share,
		   int64_t more_milli)
{
	if (!share->scored) {
		share->past = past_use(share, q->fair_slot, share_slot_ms(s, q));
		share->scored = true;
	}
	return (share->past + (double)(share->vcpu_milli + more_milli) * IN_USE_MS) *
	       share->weight;
}

bool share_before(const struct share *a, const struct share *b)
{
	if (a->score != b->score)
		return a->score < b->score;
	return strcmp(a->identifier ? a->identifier : "", b->identifier ? b->identifier : "") < 0;
}

struct share *share_next(struct sched *s, struct live_queue *q, jd_time now)
{
	struct share *best = NULL;

	if (q->policy == NO_INDEX)
		return line_left(q->share[0]) ? q->share[0] : NULL;
	refresh(s, q, now);
	for (uint16_t i = 0; i < q->share_count; i++) {
		struct share *share = q->share[i];

		if (!share || !line_left(share))
			continue;
		share->score = share_score(s, q, share, share->booked_milli);
		if (!best || share_before(share, best))
			best = share;
	}
	return best;
}

struct live_job *share_front(const struct sched *s, struct live_queue *q, jd_time now)
{
	struct share *best = NULL;

	if (q->policy == NO_INDEX)
		return line_first(q->share[0]);
	refresh(s, q, now);
	for (uint16_t i = 0; i < q->share_count; i++) {
		struct share *share = q->share[i];

		if (!share || RB_EMPTY(&share->line))
			continue;
		share->score = share_score(s, q, share, 0);
		if (!best || share_before(share, best))
			best = share;
	}
	return best ? line_first(best) : NULL;
}

/* FS-6: maxvCpus x (computeReservation / 100) ^ active shares stays free for newcomers. */
bool share_reserved(const struct sched *s, struct live_queue *q, const struct live_job *job,
		    jd_time now)
{
	int64_t most = 0, used = 0;
	double kept = 1;
	int reservation;

	if (q->policy == NO_INDEX || !(reservation = s->policy[q->policy]->policy->reservation))
		return false;
	refresh(s, q, now);
	for (int i = 0; i < q->env_count; i++) {
		const struct live_env *env = s->env[q->env[i]];

		if (env->max_vcpu_milli == INT64_MAX) /* unmanaged, without a number */
			return false;
		most += env->max_vcpu_milli;
		used += env->used.vcpu_milli;
	}
	for (int i = 0; i < q->active && kept > 1e-9; i++)
		kept *= reservation / 100.0;
	return (double)(used + job->vcpu_milli) > (double)most * (1 - kept) + 0.5;
}

/* Who is active is counted now, whether or not anybody was asked to decide since. */
int share_check(const struct sched *s, struct live_queue *q, const char *identifier, jd_time now,
		struct err *err)
{
	if (q->policy == NO_INDEX || !identifier || find(q, identifier) ||
	    HASH_COUNT(q->shares) < LIMIT_SHARES)
		return 0;
	q->fair_due = true;
	refresh(s, q, now);
	if (HASH_COUNT(q->shares) < LIMIT_SHARES)
		return 0;
	return err_set(err, ERR_CONFLICT,
		       "Job queue %s has %d active share identifiers, which is the most it can "
		       "have; use one of them, or wait until one of them is no longer active",
		       q->name, LIMIT_SHARES);
}

/* Two shares or more wait: their order may change with the slot. */
static bool order_may_change(const struct live_queue *q)
{
	int waiting = 0;

	for (uint16_t i = 0; i < q->share_count && waiting < 2; i++)
		waiting += q->share[i] && !RB_EMPTY(&q->share[i]->line);
	return waiting >= 2;
}

jd_time share_wakeup(const struct sched *s, const struct live_queue *q, jd_time now)
{
	int64_t ms;

	if (q->policy == NO_INDEX || !order_may_change(q))
		return JD_NEVER;
	ms = share_slot_ms(s, q);
	return (now / ms + 1) * ms;
}

/* --- whole queues ---------------------------------------------------------------------- */

struct rebuild {
	struct sched *s;
	struct live_queue *q;
};

static void add_job(void *arg, struct live_job *job)
{
	struct rebuild *r = arg;
	int64_t ms = share_slot_ms(r->s, r->q);
	struct share *share;

	if (job->queue != r->q->self || job->env == NO_INDEX)
		return;
	share = its_share(r->s, job);
	add_running(use_of(share, job->placed / ms), job->vcpu_milli, job->placed, ms);
}

/* Past use by slots of another length: what a slot had is spread over those it covers. */
static struct share_use *recut(const struct share_use *old, int64_t old_ms, int64_t ms)
{
	struct share_use *use = xcalloc(1, sizeof *use);

	use->slot = ((old->slot + 1) * old_ms - 1) / ms;
	use->last = INT64_MIN;
	for (int64_t n = old->slot - SLOTS + 1; n <= old->slot; n++) {
		int64_t all = old->ended[(n % SLOTS + SLOTS) % SLOTS];
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

static void rebuild_use(struct share *share, int64_t old_ms, int64_t ms)
{
	struct share_use *old = share->use;

	if (old_ms == ms)
		return;
	share->use = old && old_ms && ms ? recut(old, old_ms, ms) : NULL;
	share->scored = false;
	free(old);
}

/* What runs is counted anew, from when it was placed. */
void share_rebuild(struct sched *s, struct live_queue *q, int64_t old_ms)
{
	int64_t ms = q->policy == NO_INDEX ? 0 : share_slot_ms(s, q);
	struct rebuild r = { s, q };

	for (uint16_t i = 0; i < q->share_count; i++) {
		if (!q->share[i])
			continue;
		rebuild_use(q->share[i], old_ms, ms);
		if (ms)
			policies_match(s, q, q->share[i]);
	}
	if (ms && ms != old_ms && q->live)
		jobs_each(s, add_job, &r);
	active_changed(s, q);
}

void share_clear(struct live_queue *q)
{
	HASH_CLEAR(hh, q->shares);
	for (uint16_t i = 0; i < q->share_count; i++) {
		if (!q->share[i])
			continue;
		free(q->share[i]->identifier);
		free(q->share[i]->use);
		free(q->share[i]);
	}
	free(q->share);
	q->share = NULL;
	q->share_count = q->share_cap = 0;
}

struct share_use *share_use_copy(const struct share_use *use)
{
	struct share_use *copy;

	if (!use)
		return NULL;
	copy = xmalloc(sizeof *copy);
	*copy = *use;
	return copy;
}

void share_refresh(const struct sched *s, struct live_queue *q, jd_time now)
{
	if (q->policy != NO_INDEX)
		refresh(s, q, now);
}

static struct sched_share_view see(const struct sched *s, const struct live_queue *q,
				   struct share *share, jd_time now)
{
	int64_t ms = share_slot_ms(s, q);

	return (struct sched_share_view){
		.identifier = share->identifier ? share->identifier : "",
		.vcpu_milli = share->vcpu_milli,
		.usage = past_use(share, now / ms, ms) / 1e6,
		.weight = share->weight,
		.runnable = line_size(share),
	};
}

int sched_shares(const struct sched *s, const char *queue, jd_time now,
		 struct sched_share_view *out, int max)
{
	struct live_queue *q = queues_find(s, queue);
	int n = 0, active = 0;

	if (!q || q->policy == NO_INDEX)
		return -1;
	refresh(s, q, now);
	for (uint16_t i = 0; i < q->share_count; i++) {
		struct share *share = q->share[i];
		struct sched_share_view view;
		int k;

		if (!share || (!i && !share->live)) /* number 0 is never forgotten */
			continue;
		active++;
		view = see(s, q, share, now);
		for (k = n < max ? n++ : max; k > 0 && out[k - 1].usage < view.usage; k--) {
			if (k < max)
				out[k] = out[k - 1];
		}
		if (k < max)
			out[k] = view;
	}
	return active;
}
