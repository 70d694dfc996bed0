#include "config.h"
#include "internal.h"
#include <string.h>
#include "jobdeck/base/mem.h"

/* Job queues: which of them are ready, that is, have somebody in front who may be placeable
 * (in the tree `ready`, by JQ-4), and what the others are short of. */

/* JQ-4: higher priority first; equal ones by name, so that it is always the same. */
static int compare_priority(const struct live_queue *a, const struct live_queue *b)
{
	if (a->priority != b->priority)
		return a->priority > b->priority ? -1 : 1;
	return strcmp(a->name, b->name);
}

/* cppcheck-suppress unknownMacro */
RB_GENERATE_STATIC(ready, live_queue, by_priority, compare_priority)

void queues_ready(struct sched *s, struct live_queue *q)
{
	if (!s->booked) /* else the pass begins again with place_restart, when it must */
		line_restart(q);
	queues_go_on(s, q);
}

void queues_go_on(struct sched *s, struct live_queue *q)
{
	if (q->ready)
		return;
	queues_wait(s, q, SHORT_NOTHING);
	if (q->blocked_job)
		blocked_look(s, q);
	if (!q->lines)
		return;
	q->ready = true;
	RB_INSERT(ready, &s->ready, q);
}

void queues_wait(struct sched *s, struct live_queue *q, enum shortage what)
{
	if (q->ready)
		RB_REMOVE(ready, &s->ready, q);
	q->ready = false;
	if (q->short_of == what)
		return;
	if (q->short_of != SHORT_NOTHING)
		LIST_REMOVE(q, short_link);
	q->short_of = what;
	if (what != SHORT_NOTHING)
		LIST_INSERT_HEAD(&s->short_of[what], q, short_link);
}

void queues_look(struct sched *s, enum shortage what)
{
	struct live_queue *q, *next;

	for (q = LIST_FIRST(&s->short_of[what]); q; q = next) {
		next = LIST_NEXT(q, short_link);
		queues_ready(s, q);
	}
	/* With backfill one job may be short of this, and another of what is worse. */
	for (int worse = what + 1; worse < SHORT_COUNT; worse++) {
		for (q = LIST_FIRST(&s->short_of[worse]); q; q = next) {
			next = LIST_NEXT(q, short_link);
			if (q->backfill)
				queues_ready(s, q);
		}
	}
}

/* Waiting, it may be ready at that moment though nothing happens. */
static jd_time ready_at(const struct sched *s, const struct live_queue *q, jd_time since)
{
	jd_time at;

	if (q->ready || !q->lines)
		return JD_NEVER;
	at = share_wakeup(s, q, since); /* another head, even where none is placed */
	return q->short_of == SHORT_TIME && q->blocked_until < at ? q->blocked_until : at;
}

void queues_looked(struct sched *s, struct live_queue *q, jd_time now)
{
	jd_time at;

	q->looked = now;
	at = ready_at(s, q, now);
	if (at < s->queues_at)
		s->queues_at = at;
}

void queues_tick(struct sched *s, jd_time now)
{
	if (s->queues_at > now)
		return;
	s->queues_at = JD_NEVER;
	for (size_t i = 0; i < s->queue_count; i++) {
		struct live_queue *q = s->queue[i];

		if (!q)
			continue;
		if (ready_at(s, q, q->looked) <= now) {
			place_restart(s); /* what is booked for some may be others' now */
			line_restart(q);
			queues_ready(s, q);
		} else if (ready_at(s, q, q->looked) < s->queues_at) {
			s->queues_at = ready_at(s, q, q->looked);
		}
	}
}

jd_time queues_wakeup(const struct sched *s, jd_time now)
{
	jd_time first = JD_NEVER;

	for (size_t i = 0; i < s->queue_count; i++) {
		jd_time at = s->queue[i] ? ready_at(s, s->queue[i], now) : JD_NEVER;

		first = at > now && at < first ? at : first;
	}
	return first;
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

bool queues_full(const struct live_queue *q)
{
	return q->max_running > 0 &&
	       q->count[JOB_STARTING] + q->count[JOB_RUNNING] >= q->max_running;
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
	q->policy = NO_INDEX;
	share_of(s, q, NULL);
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
	queues_wait(s, q, SHORT_NOTHING);
	blocked_drop(s, q);
	detach(s, q);
	share_clear(q);
	free(q->under);
	if (q->policy != NO_INDEX)
		s->policy[q->policy]->users--;
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

static void set_policy(struct sched *s, struct live_queue *q, const char *name)
{
	uint16_t policy = name ? (uint16_t)policies_index(s, name) : NO_INDEX;

	int64_t old_ms = q->policy == NO_INDEX ? 0 : share_slot_ms(s, q);

	if (policy == q->policy)
		return;
	if (q->policy != NO_INDEX)
		s->policy[q->policy]->users--;
	if (policy != NO_INDEX)
		s->policy[policy]->users++;
	q->policy = policy;
	share_rebuild(s, q, old_ms);
}

/* Takes over what a fact says; its environments are known to exist. */
static void queue_set(struct sched *s, struct live_queue *q, const struct queue *said)
{
	queues_wait(s, q, SHORT_NOTHING); /* its place among the ready ones may change */
	detach(s, q);
	q->priority = said->priority;
	q->state = said->state;
	q->status = said->status;
	set_policy(s, q, said->policy);
	q->backfill = said->backfill;
	q->max_running = said->max_running;
	q->blocked_until = said->blocked_until;
	q->limit_count = said->limit_count;
	memcpy(q->limit, said->limit, sizeof q->limit);
	for (int i = 0; i < said->env_count; i++) {
		q->env[i] = envs_find(s, said->env[i])->self;
		envs_serve(s, q->env[i], q->self);
	}
	q->env_count = said->env_count;
	place_restart(s);
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
	if (said->policy && policies_index(s, said->policy) < 0)
		return err_set(err, ERR_NOT_FOUND, "scheduling-policy/%s does not exist",
			       said->policy);
	q = queues_find(s, said->name);
	if (q && q->live && (q->policy == NO_INDEX) != !said->policy) /* JQ-7 */
		return err_set(err, ERR_CONFLICT,
			       "A scheduling policy can be attached only when the job queue is created, "
			       "and cannot be removed");
	if (!q && HASH_COUNT(s->queues) >= NO_INDEX)
		return err_set(err, ERR_CONFLICT, "there are too many job queues");
	queue_set(s, q ? q : queue_new(s, said->name), said);
	return 0;
}
