#include "config.h"
#include "internal.h"
#include "jobdeck/base/mem.h"

/* The front of a queue as GetJobQueueSnapshot shows it (section 9.2): who would be served
 * first, second, ... if there were room for each. In a fair-share queue every placement puts
 * its share back, so the order is played through on a copy of the numbers. */

struct runner {
	struct share *share;
	struct live_job *next;
	int64_t more_milli; /* of those before, if they were placed */
	double score;
};

static struct live_job *first_of(const struct share *share)
{
	struct live_job *job = RB_ROOT(&share->line);

	while (job && RB_LEFT(job, link))
		job = RB_LEFT(job, link);
	return job;
}

static struct live_job *after(struct live_job *job)
{
	struct live_job *next = RB_RIGHT(job, link);

	if (next) {
		while (RB_LEFT(next, link))
			next = RB_LEFT(next, link);
		return next;
	}
	while ((next = RB_PARENT(job, link)) && job == RB_RIGHT(next, link))
		job = next;
	return next;
}

static struct runner *best_of(const struct sched *s, const struct live_queue *q,
			      struct runner *runners)
{
	struct runner *best = NULL;

	for (uint16_t i = 0; i < q->share_count; i++) {
		struct runner *r = &runners[i];

		if (!r->next)
			continue;
		if (q->policy != NO_INDEX)
			r->score = share_score(s, q, r->share, r->more_milli);
		if (!best || order_lower(r->score, r->share, best->score, best->share))
			best = r;
	}
	return best;
}

/* Since when it is there, as far as is known: it joined, or one before it left. */
static struct sched_place place_of(const struct sched *s, const struct live_queue *q,
				   const struct live_job *job)
{
	return (struct sched_place){
		.key = job->kind == JOB_KIND_ARRAY ? family_next(s, job) : job->key,
		.since = job->at_front > q->moved ? job->at_front : q->moved,
	};
}

int sched_front(const struct sched *s, const char *queue, jd_time now, struct sched_place *out,
		int max)
{
	struct live_queue *q = queues_find(s, queue);
	cleanup_free struct runner *runners = NULL;
	struct runner *best;
	int n = 0;

	if (!q)
		return 0;
	share_refresh(s, q, now);
	runners = xcalloc((size_t)q->share_count + 1, sizeof *runners);
	for (uint16_t i = 0; i < q->share_count; i++) {
		if (q->share[i])
			runners[i] = (struct runner){ .share = q->share[i],
						      .next = first_of(q->share[i]) };
	}
	while (n < max && (best = best_of(s, q, runners))) {
		out[n++] = place_of(s, q, best->next);
		best->more_milli += best->next->vcpu_milli;
		best->next = after(best->next);
	}
	return n;
}
