#include "config.h"
/* Before tree.h: keeps line_size right through rotations. */
#define RB_AUGMENT(job) recount(job)
#include "internal.h"

/* The jobs of a queue that wait for room. Each share has a line, a tree by priority and order
 * of which every node knows how many jobs are below it, so that "behind N jobs" is exact and
 * costs O(log n). An array stands in the line once, for all its children that wait. */

static int64_t size_of(const struct live_job *job)
{
	return job ? job->line_size : 0;
}

static void recount(struct live_job *job)
{
	job->line_size = job->line_own + size_of(RB_LEFT(job, link)) + size_of(RB_RIGHT(job, link));
}

/* FS-8: higher priority first; only queues with a policy give jobs one. */
static int compare_line(const struct live_job *a, const struct live_job *b)
{
	if (a->priority != b->priority)
		return a->priority > b->priority ? -1 : 1;
	if (a->order != b->order)
		return a->order < b->order ? -1 : 1;
	return (a->key > b->key) - (a->key < b->key);
}

/* cppcheck-suppress unknownMacro */
RB_GENERATE_STATIC(line, live_job, link, compare_line)

static struct share *share_at(const struct sched *s, const struct live_job *job)
{
	return s->queue[job->queue]->share[job->share];
}

/* tree.h recounts where it turns the tree, not all the way up: the way is ours. Both go
 * before the tree is changed, so that every recount finds right numbers below it. */
static void count_in(const struct share *share, const struct live_job *job)
{
	struct live_job *at = RB_ROOT(&share->line);

	while (at) {
		at->line_size += job->line_own;
		at = compare_line(job, at) < 0 ? RB_LEFT(at, link) : RB_RIGHT(at, link);
	}
}

static void count_up(struct live_job *at, int64_t by)
{
	for (; at; at = RB_PARENT(at, link))
		at->line_size += by;
}

static struct live_job *front(const struct share *share)
{
	struct line line = share->line;

	return RB_MIN(line, &line);
}

struct live_job *line_first(const struct share *share)
{
	return front(share);
}

struct live_job *line_after(struct live_job *job)
{
	return RB_NEXT(line, NULL, job);
}

/* A pass that is past this place would miss whoever joins here. */
static void joined(struct sched *s, struct live_queue *q, struct share *share, struct live_job *job)
{
	bool passed = share->passing && (!share->next || compare_line(job, share->next) < 0);

	if (passed && !share->next && !RB_NEXT(line, &share->line, job)) {
		share->next = job; /* behind everyone: the pass has just come to it */
		passed = false;
	}
	if (passed) {
		place_restart(s);
		queues_ready(s, q);
	} else if (share->passing || front(share) == job) {
		queues_go_on(s, q);
	}
}

void line_join(struct sched *s, struct live_job *job, int32_t children)
{
	struct share *share = share_at(s, job);

	job->line_own = children;
	job->line_size = children;
	job->in_line = true;
	job->at_front = s->at;
	s->queue[job->queue]->lines += RB_EMPTY(&share->line);
	count_in(share, job);
	RB_INSERT(line, &share->line, job);
	order_touch(s->queue[job->queue], share);
	joined(s, s->queue[job->queue], share, job);
}

/* The next but one to be placed has waited long and is in no cache: by its turn it will be. */
static void fetch_ahead(struct share *share)
{
	struct live_job *head = front(share), *next = head ? RB_NEXT(line, &share->line, head) : NULL;

	if (next) {
		__builtin_prefetch(next);
		__builtin_prefetch((char *)next + CACHE_LINE);
		__builtin_prefetch((char *)next + 2 * CACHE_LINE);
	}
}

void line_leave(struct sched *s, struct live_job *job)
{
	struct live_queue *q = s->queue[job->queue];
	struct share *share = share_at(s, job);
	bool was_front = front(share) == job;
	bool passed = share->passing && (!share->next || compare_line(job, share->next) < 0);

	if (share->passing && share->next == job) {
		share->next = RB_NEXT(line, &share->line, job);
		share->next_passed = 0;
	}
	count_up(RB_PARENT(job, link), -job->line_own);
	RB_REMOVE(line, &share->line, job);
	q->lines -= RB_EMPTY(&share->line);
	order_touch(q, share);
	job->in_line = false;
	if (passed) /* it may have had a place that others can have now */
		place_restart(s);
	fetch_ahead(share);
	if (was_front) {
		q->moved = s->at;
		queues_go_on(s, q);
	}
}

void line_stand_for(struct live_job *job, int32_t children)
{
	count_up(job, children - job->line_own);
	job->line_own = children;
}

int64_t line_ahead(const struct sched *s, const struct live_job *job)
{
	int64_t ahead = 0;
	const struct live_job *at = RB_ROOT(&share_at(s, job)->line);

	while (at) {
		int where = compare_line(job, at);
		const struct live_job *left = RB_LEFT(at, link);

		if (where > 0)
			ahead += at->line_own + size_of(left);
		else if (where == 0)
			return ahead + size_of(left);
		at = where > 0 ? RB_RIGHT(at, link) : left;
	}
	return ahead;
}

int64_t line_front_order(const struct sched *s, const struct live_job *job)
{
	struct live_job least = { .priority = job->priority, .order = INT64_MIN };
	struct line line = share_at(s, job)->line;
	const struct live_job *first = RB_NFIND(line, &line, &least);

	if (!first || first->priority != job->priority || first->order > 0)
		return -1;
	return first->order - 1;
}

struct live_job *line_next(struct sched *s, struct live_queue *q, jd_time now)
{
	struct share *share = share_next(s, q, now);

	if (!share)
		return NULL;
	return share->passing ? share->next : front(share);
}

void line_pass(struct sched *s, struct live_queue *q, struct live_job *job, bool booked)
{
	struct share *share = share_at(s, job);

	if (!share->passing)
		share->next_passed = 0;
	share->passing = true;
	share->next = job;
	q->passed++;
	order_touch(q, share);
	if (booked) {
		q->booked++;
		q->booked_milli += job->vcpu_milli;
		share->booked_milli += job->vcpu_milli;
		consume_book(s, job);
	}
	if (booked && ++share->next_passed < job->line_own)
		return;
	share->next = RB_NEXT(line, &share->line, job);
	share->next_passed = 0;
}

void line_restart(struct live_queue *q)
{
	if (!q->passed)
		return;
	q->passed = q->booked = 0;
	q->booked_milli = 0;
	for (uint16_t i = 0; i < q->share_count; i++) {
		struct share *share = q->share[i];

		if (!share)
			continue;
		share->passing = false;
		share->next = NULL;
		share->next_passed = share->booked_milli = 0;
		order_touch(q, share);
	}
}

bool line_left(const struct share *share)
{
	return share->passing ? share->next != NULL : !RB_EMPTY(&share->line);
}

int64_t line_size(const struct share *share)
{
	return size_of(RB_ROOT(&share->line));
}
