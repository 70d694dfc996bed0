#include "config.h"
#include "internal.h"
#include <string.h>
#include "jobdeck/base/mem.h"

/* Fair share (section 9.1): the shares of a queue, which of them are active, and what each is
 * compared by. The score of a share is its past use (use.c) times its weight (policy.c); what
 * is in use now counts for a minute more than it was, so that what is placed at one moment
 * alternates between shares (doc/scheduler.md). Between the slots of the window only
 * placements, ends and the number of active shares change it. */

enum {
	LEAST_WINDOW_S = 600,  /* FS-5 */
	IN_USE_MS = 60 * 1000, /* [I] */
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
	struct share *share = its_share(s, job);

	if (share->live++)
		return;
	s->queue[job->queue]->living++;
	if (!share->active)
		active_changed(s, s->queue[job->queue]);
}

/* With past use it stays active, until a slot ends with which that is out of the window. */
void share_leave(struct sched *s, struct live_job *job)
{
	struct live_queue *q = s->queue[job->queue];
	struct share *share = its_share(s, job);

	if (--share->live)
		return;
	q->living--;
	if (q->policy == NO_INDEX)
		return;
	if (share == q->share[0] || !use_counts(share->use, s->at / share_slot_ms(s, q)))
		active_changed(s, q);
}

/* --- use ------------------------------------------------------------------------------- */

int64_t share_slot_of(const struct policy *p)
{
	return (p->decay_s > LEAST_WINDOW_S ? p->decay_s : LEAST_WINDOW_S) * 1000 / USE_SLOTS;
}

int64_t share_slot_ms(const struct sched *s, const struct live_queue *q)
{
	return share_slot_of(s->policy[q->policy]->policy);
}

/* Use up to that moment changes. Only that of slots which are over changes what counts. */
static struct share_use *use_of(struct live_queue *q, struct share *share, int64_t slot)
{
	if (!share->use)
		share->use = use_new(slot);
	use_advance(share->use, slot);
	if (slot < q->fair_slot)
		share->scored = false;
	order_touch(q, share);
	return share->use;
}

void share_placed(struct sched *s, struct live_job *job, jd_time now)
{
	struct live_queue *q = s->queue[job->queue];
	struct share *share = its_share(s, job);
	int64_t ms;

	job->placed = now;
	share->vcpu_milli += job->vcpu_milli;
	if (q->policy == NO_INDEX)
		return;
	ms = share_slot_ms(s, q);
	use_running(use_of(q, share, now / ms), job->vcpu_milli, now, ms);
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
	use = use_of(q, share, now / ms);
	use_running(use, -(int64_t)job->vcpu_milli, job->placed, ms);
	use_ended(use, job->vcpu_milli, job->placed, now, ms);
}

int sched_usage(struct sched *s, const char *queue, const char *identifier, int64_t vcpu_milli,
		jd_time from, jd_time to)
{
	struct live_queue *q = queues_find(s, queue);
	struct share *share;
	int64_t ms;

	if (!q || q->policy == NO_INDEX)
		return -1;
	ms = share_slot_ms(s, q);
	share = share_of(s, q, identifier);
	use_ended(use_of(q, share, to / ms), vcpu_milli, from, to, ms);
	share->scored = false;
	q->fair_due = true;
	return 0;
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
	q->share[0]->active = q->share[0]->live > 0;
	policies_count_none(s, q);
	for (uint16_t i = 1; i < q->share_count; i++) {
		struct share *share = q->share[i];

		if (!share)
			continue;
		if (!share->live && !use_counts(share->use, slot)) {
			forget(q, share);
			continue;
		}
		q->active++;
		share->active = true;
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
	order_clear(q); /* some may be forgotten, and all may stand elsewhere */
	count_active(s, q, slot);
	for (uint16_t i = 0; i < q->share_count; i++) {
		struct share *share = q->share[i];

		if (!share)
			continue;
		share->weight = policies_weight(s, q, share);
		share->scored &= !later;
		order_touch(q, share);
	}
}

/* FS-3: lowest use times weight first, not divided by it. */
double share_score(const struct sched *s, const struct live_queue *q, struct share *share,
		   int64_t more_milli)
{
	if (!share->scored) {
		share->past = use_past(share->use, q->fair_slot, share_slot_ms(s, q));
		share->scored = true;
	}
	return (share->past + (double)(share->vcpu_milli + more_milli) * IN_USE_MS) *
	       share->weight;
}

struct share *share_next(struct sched *s, struct live_queue *q, jd_time now)
{
	if (q->policy == NO_INDEX)
		return line_left(q->share[0]) ? q->share[0] : NULL;
	refresh(s, q, now);
	return order_first(s, q);
}

/* While a pass is on, the order is that of those left in it. */
static struct share *first_without_pass(const struct sched *s, struct live_queue *q)
{
	struct share *best = NULL;
	double best_score = 0;

	for (uint16_t i = 0; i < q->share_count; i++) {
		struct share *share = q->share[i];
		double score;

		if (!share || RB_EMPTY(&share->line))
			continue;
		score = share_score(s, q, share, 0);
		if (best && !order_lower(score, share, best_score, best))
			continue;
		best = share;
		best_score = score;
	}
	return best;
}

struct live_job *share_front(const struct sched *s, struct live_queue *q, jd_time now)
{
	struct share *best = q->share[0];

	if (q->policy != NO_INDEX) {
		refresh(s, q, now);
		best = q->passed ? first_without_pass(s, q) : order_first(s, q);
	}
	return best ? line_first(best) : NULL;
}

/* FS-6: maxvCpus x (computeReservation / 100) ^ active shares stays free for newcomers. */
bool share_reserved_beside(const struct sched *s, struct live_queue *q, const struct live_job *job,
			   int64_t booked_milli, jd_time now)
{
	int64_t most = 0, used = booked_milli;
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

bool share_reserved(const struct sched *s, struct live_queue *q, const struct live_job *job,
		    jd_time now)
{
	return share_reserved_beside(s, q, job, 0, now);
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

/* Where two shares or more wait, their order may change with the slot; and where something is
 * reserved, one that is active only by its past makes that more when it is not any more. */
jd_time share_wakeup(const struct sched *s, const struct live_queue *q, jd_time now)
{
	int64_t ms;

	if (q->policy == NO_INDEX)
		return JD_NEVER;
	if (q->lines < 2 &&
	    !(s->policy[q->policy]->policy->reservation && q->active > q->living))
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
	use_running(use_of(r->q, share, job->placed / ms), job->vcpu_milli, job->placed, ms);
}

static void rebuild_use(struct share *share, int64_t old_ms, int64_t ms)
{
	struct share_use *old = share->use;

	if (old_ms == ms)
		return;
	share->use = old && old_ms && ms ? use_recut(old, old_ms, ms) : NULL;
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
		.usage = use_past(share->use, now / ms, ms) / 1e6,
		.weight = share->weight,
		.runnable = line_size(share),
	};
}

static bool used_less(const struct sched_share_view *a, const struct sched_share_view *b)
{
	return a->usage != b->usage ? a->usage < b->usage : strcmp(a->identifier, b->identifier) > 0;
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
		for (k = n < max ? n++ : max; k > 0 && used_less(&out[k - 1], &view); k--) {
			if (k < max)
				out[k] = out[k - 1];
		}
		if (k < max)
			out[k] = view;
	}
	return active;
}
