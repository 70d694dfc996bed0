#include "config.h"
/* Before tree.h: keeps line_size right through rotations. */
#define RB_AUGMENT(job) recount(job)
#include "internal.h"
#include <string.h>
#include "jobdeck/base/mem.h"

/* Job queues. The RUNNABLE jobs of one stand in its line, a tree by order of which every node
 * knows how many are below it, so that "behind N jobs" is exact and costs O(log n). Queues
 * whose head may be placeable are in the tree `ready`, by JQ-4. */

static void recount(struct live_job *job)
{
	struct live_job *left = RB_LEFT(job, link), *right = RB_RIGHT(job, link);

	job->line_size = 1 + (left ? left->line_size : 0) + (right ? right->line_size : 0);
}

static int compare_order(const struct live_job *a, const struct live_job *b)
{
	if (a->order != b->order)
		return a->order < b->order ? -1 : 1;
	return (a->key > b->key) - (a->key < b->key);
}

/* cppcheck-suppress unknownMacro */
RB_GENERATE_STATIC(line, live_job, link, compare_order)

#undef RB_AUGMENT
#define RB_AUGMENT(queue) ((void)(queue))

/* JQ-4: higher priority first; equal ones by name, so that it is always the same. */
static int compare_priority(const struct live_queue *a, const struct live_queue *b)
{
	if (a->priority != b->priority)
		return a->priority > b->priority ? -1 : 1;
	return strcmp(a->name, b->name);
}

/* cppcheck-suppress unknownMacro */
RB_GENERATE_STATIC(ready, live_queue, by_priority, compare_priority)

/* tree.h recounts where it turns the tree, not all the way up: the way is ours. Both go
 * before the tree is changed, so that every recount finds right numbers below it. */
static void count_in(const struct live_queue *q, const struct live_job *job)
{
	struct live_job *at = RB_ROOT(&q->line);

	while (at) {
		at->line_size++;
		at = compare_order(job, at) < 0 ? RB_LEFT(at, link) : RB_RIGHT(at, link);
	}
}

static void count_out(const struct live_job *job)
{
	for (struct live_job *at = RB_PARENT(job, link); at; at = RB_PARENT(at, link))
		at->line_size--;
}

struct live_job *queues_head(const struct live_queue *q)
{
	struct line line = q->line;

	return RB_MIN(line, &line);
}

void queues_join(struct sched *s, struct live_job *job)
{
	struct live_queue *q = s->queue[job->queue];

	job->line_size = 1;
	count_in(q, job);
	RB_INSERT(line, &q->line, job);
	if (!q->ready && queues_head(q) == job)
		queues_ready(s, q);
}

/* The next but one to be placed has waited long and is in no cache: by its turn it will be. */
static void fetch_ahead(const struct live_queue *q)
{
	struct live_job *head = queues_head(q), *next = head ? RB_NEXT(line, &q->line, head) : NULL;

	if (next) {
		__builtin_prefetch(next);
		__builtin_prefetch((char *)next + CACHE_LINE);
	}
}

void queues_leave(struct sched *s, struct live_job *job)
{
	struct live_queue *q = s->queue[job->queue];
	bool was_head = !q->ready && queues_head(q) == job;

	count_out(job);
	RB_REMOVE(line, &q->line, job);
	fetch_ahead(q);
	if (was_head)
		queues_ready(s, q);
}

int64_t queues_ahead(const struct sched *s, const struct live_job *job)
{
	int64_t ahead = 0;
	const struct live_job *at = RB_ROOT(&s->queue[job->queue]->line);

	while (at) {
		int where = compare_order(job, at);
		const struct live_job *left = RB_LEFT(at, link);

		if (where > 0)
			ahead += 1 + (left ? left->line_size : 0);
		else if (where == 0)
			return ahead + (left ? left->line_size : 0);
		at = where > 0 ? RB_RIGHT(at, link) : left;
	}
	return ahead;
}

int64_t queues_front_order(const struct live_queue *q)
{
	const struct live_job *head = queues_head(q);

	return (head && head->order < 0 ? head->order : 0) - 1;
}

void queues_ready(struct sched *s, struct live_queue *q)
{
	if (q->ready)
		return;
	queues_wait(s, q, false);
	if (RB_EMPTY(&q->line))
		return;
	q->ready = true;
	RB_INSERT(ready, &s->ready, q);
}

void queues_wait(struct sched *s, struct live_queue *q, bool pool)
{
	if (q->ready)
		RB_REMOVE(ready, &s->ready, q);
	q->ready = false;
	if (q->short_of_pool == pool)
		return;
	q->short_of_pool = pool;
	if (pool)
		LIST_INSERT_HEAD(&s->short_of_pool, q, short_link);
	else
		LIST_REMOVE(q, short_link);
}

struct live_queue *queues_first_ready(const struct sched *s)
{
	struct ready head = s->ready;

	return RB_MIN(ready, &head);
}

bool queues_place(const struct live_queue *q)
{
	return q->status == STATUS_VALID || q->status == STATUS_UPDATING;
}

struct live_queue *queues_find(const struct sched *s, const char *name)
{
	struct live_queue *q;

	HASH_FIND_STR(s->queues, name, q);
	return q;
}

static struct live_queue *queue_new(struct sched *s, const char *name)
{
	struct live_queue *q = xcalloc(1, sizeof *q);
	size_t i;

	for (i = 0; i < s->queue_count && s->queue[i]; i++)
		;
	if (i == s->queue_count) {
		ARRAY_ROOM(s->queue, s->queue_count, s->queue_cap);
		s->queue_count++;
	}
	s->queue[i] = q;
	q->self = (uint16_t)i;
	q->name = xstrdup(name);
	HASH_ADD_KEYPTR(hh, s->queues, q->name, strlen(q->name), q);
	return q;
}

static void detach(struct sched *s, struct live_queue *q)
{
	for (int i = 0; i < q->env_count; i++)
		envs_unserve(s, q->env[i], q->self);
	q->env_count = 0;
}

static void queue_delete(struct sched *s, struct live_queue *q)
{
	queues_wait(s, q, false);
	detach(s, q);
	s->queue[q->self] = NULL;
	HASH_DEL(s->queues, q);
	free(q->name);
	free(q);
}

void queues_clear(struct sched *s)
{
	for (size_t i = 0; i < s->queue_count; i++) {
		if (s->queue[i])
			queue_delete(s, s->queue[i]);
	}
	free(s->queue);
}

/* Takes over what a fact says; its environments are known to exist. */
static void queue_set(struct sched *s, struct live_queue *q, const struct queue *said)
{
	queues_wait(s, q, false); /* its place among the ready ones may change */
	detach(s, q);
	q->priority = said->priority;
	q->state = said->state;
	q->status = said->status;
	for (int i = 0; i < said->env_count; i++) {
		q->env[i] = envs_find(s, said->env[i])->self;
		envs_serve(s, q->env[i], q->self);
	}
	q->env_count = said->env_count;
	queues_ready(s, q);
}

static int delete_named(struct sched *s, const char *name, struct err *err)
{
	struct live_queue *q = queues_find(s, name);

	if (!q)
		return err_set(err, ERR_NOT_FOUND, "job-queue/%s does not exist", name);
	if (q->live)
		return err_set(err, ERR_CONFLICT,
			       "job queue %s still has %lld jobs; wait until they have ended", name,
			       (long long)q->live);
	queue_delete(s, q);
	return 0;
}

int queues_apply(struct sched *s, const struct fact *fact, struct fact_effect *effect,
		 struct err *err)
{
	const struct queue *said = fact->queue;
	struct live_queue *q;

	(void)effect;
	if (said->status == STATUS_DELETED)
		return delete_named(s, said->name, err);
	if (said->env_count < 0 || said->env_count > LIMIT_CE_PER_QUEUE)
		return err_set(err, ERR_INVALID, "a job queue has at most %d compute environments",
			       LIMIT_CE_PER_QUEUE);
	for (int i = 0; i < said->env_count; i++) {
		if (!envs_find(s, said->env[i]))
			return err_set(err, ERR_NOT_FOUND, "compute-environment/%s does not exist",
				       said->env[i]);
	}
	q = queues_find(s, said->name);
	if (!q && HASH_COUNT(s->queues) >= NO_INDEX)
		return err_set(err, ERR_CONFLICT, "there are too many job queues");
	queue_set(s, q ? q : queue_new(s, said->name), said);
	return 0;
}
