#include "config.h"
#include "internal.h"
#include "jobdeck/base/mem.h"

/* The front of a queue as GetJobQueueSnapshot shows it (section 9.2): who would be served
 * first, second, ... if there were room for each. In a fair-share queue every placement puts
 * its share back, so the order is played through on a copy of the numbers. */

struct runner {
	struct share *share;
	struct live_job *next;
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

static struct runner *best_of(struct runner *runners, size_t n)
{
	struct runner *best = NULL;

	for (size_t i = 0; i < n; i++) {
		if (runners[i].next && (!best || runners[i].score < best->score))
			best = &runners[i];
	}
	return best;
}

int sched_front(const struct sched *s, const char *queue, jd_time now, struct sched_place *out,
		int max)
{
	const struct live_queue *q = queues_find(s, queue);
	cleanup_free struct runner *runners = NULL;
	struct runner *best;
	int n = 0;

	if (!q)
		return 0;
	runners = xcalloc((size_t)q->share_count + 1, sizeof *runners);
	for (uint16_t i = 0; i < q->share_count; i++) {
		struct share *share = q->share[i];

		if (!share)
			continue;
		runners[i] = (struct runner){ share, first_of(share), 0 };
		if (q->policy != NO_INDEX)
			runners[i].score = share_score(s, q, share, now);
	}
	while (n < max && (best = best_of(runners, q->share_count))) {
		struct live_job *job = best->next;

		out[n++] = (struct sched_place){
			.key = job->kind == JOB_KIND_ARRAY ? family_next(s, job) : job->key,
			.since = job->at_front,
		};
		best->next = after(job);
		if (q->policy != NO_INDEX)
			best->score += share_step(s, q, best->share, job);
	}
	return n;
}
