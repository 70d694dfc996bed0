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

void share_join(struct sched *s, struct live_job *job)
{
	struct live_queue *q = s->queue[job->queue];

	if (its_share(s, job)->live++ || q->policy == NO_INDEX)
		return;
	q->fair_due = true; /* one more is active: the reservation is smaller now */
	queues_ready(s, q);
}

void share_leave(struct sched *s, struct live_job *job)
{
	if (--its_share(s, job)->live == 0)
		s->queue[job->queue]->fair_due = true;
}

/* --- use ------------------------------------------------------------------------------- */

int64_t share_slot_ms(const struct sched *s, const struct live_queue *q)
{
	int64_t decay = s->policy[q->policy]->policy->decay_s;

	return (decay > LEAST_WINDOW_S ? decay : LEAST_WINDOW_S) * 1000 / SLOTS;
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
	struct share_use *use = share->use;

	if (!use)
		return false;
	advance(use, slot);
	for (int i = 0; i < SLOTS; i++) {
		if (use->ended[i])
			return true;
	}
	return false;
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
 * Once a slot, and when who is active has changed. Those that are not any more are forgotten. */
static void refresh(struct sched *s, struct live_queue *q, jd_time now)
{
	int64_t slot = now / share_slot_ms(s, q);

	if (!q->fair_due && q->fair_slot == slot)
		return;
	q->fair_due = false;
	q->fair_slot = slot;
	q->active = q->share[0]->live > 0;
	q->share[0]->scored = false;
	policies_count_none(s, q);
	for (uint16_t i = 1; i < q->share_count; i++) {
		struct share *share = q->share[i];

		if (!share)
			continue;
		share->scored = false;
		if (!share->live && !has_past(share, slot)) {
			forget(q, share);
			continue;
		}
		q->active++;
		policies_count(s, q, share);
	}
}

/* FS-3: lowest use times weight first, not divided by it. */
static double score(struct sched *s, struct live_queue *q, struct share *share)
{
	if (!share->scored) {
		share->past = past_use(share, q->fair_slot, share_slot_ms(s, q));
		share->weight = policies_weight(s, q, share);
		share->scored = true;
	}
	return (share->past + (double)(share->vcpu_milli + share->booked_milli) * IN_USE_MS) *
	       share->weight;
}

static bool before(const struct share *a, const struct share *b)
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
		share->score = score(s, q, share);
		if (!best || before(share, best))
			best = share;
	}
	return best;
}

/* FS-6: maxvCpus x (computeReservation / 100) ^ active shares stays free for newcomers. */
bool share_reserved(struct sched *s, struct live_queue *q, const struct live_job *job, jd_time now)
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

int share_check(const struct sched *s, const struct live_queue *q, const char *identifier,
		struct err *err)
{
	(void)s;
	if (q->policy == NO_INDEX || !identifier || find(q, identifier) ||
	    HASH_COUNT(q->shares) < LIMIT_SHARES)
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

	if (job->queue != r->q->self || !jobs_active(job))
		return;
	share = its_share(r->s, job);
	add_running(use_of(share, job->placed / ms), job->vcpu_milli, job->placed, ms);
}

/* The policy or its window has changed: past use is cut into other slots now, and begins
 * anew [I]; what runs is counted from when it was placed. */
void share_rebuild(struct sched *s, struct live_queue *q)
{
	struct rebuild r = { s, q };

	for (uint16_t i = 0; i < q->share_count; i++) {
		if (!q->share[i])
			continue;
		free(q->share[i]->use);
		q->share[i]->use = NULL;
		q->share[i]->scored = false;
		if (q->policy != NO_INDEX)
			policies_match(s, q, q->share[i]);
	}
	q->fair_due = true;
	if (q->policy != NO_INDEX && q->live)
		jobs_each(s, add_job, &r);
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

double share_score(const struct sched *s, const struct live_queue *q, struct share *share,
		   jd_time now)
{
	int64_t ms = share_slot_ms(s, q);

	return (past_use(share, now / ms, ms) + (double)share->vcpu_milli * IN_USE_MS) *
	       policies_weight(s, q, share);
}

double share_step(const struct sched *s, const struct live_queue *q, const struct share *share,
		  const struct live_job *job)
{
	return (double)job->vcpu_milli * IN_USE_MS * policies_weight(s, q, share);
}

static struct sched_share_view see(const struct sched *s, const struct live_queue *q,
				   struct share *share, jd_time now)
{
	int64_t ms = share_slot_ms(s, q);

	return (struct sched_share_view){
		.identifier = share->identifier ? share->identifier : "",
		.vcpu_milli = share->vcpu_milli,
		.usage = past_use(share, now / ms, ms) / 1e6,
		.weight = policies_weight(s, q, share),
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
	for (uint16_t i = 0; i < q->share_count; i++) {
		struct share *share = q->share[i];
		struct sched_share_view view;
		int k;

		if (!share || (!share->live && !has_past(share, now / share_slot_ms(s, q))))
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
