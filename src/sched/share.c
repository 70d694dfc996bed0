#include "config.h"
#include "internal.h"
#include <string.h>
#include "jobdeck/base/mem.h"

/* The shares of a queue. One without a policy has a single share for everybody. */

static struct share *share_new(struct live_queue *q, const char *identifier)
{
	struct share *share = xcalloc(1, sizeof *share);

	ARRAY_ROOM(q->share, q->share_count, q->share_cap);
	share->self = q->share_count;
	q->share[q->share_count++] = share;
	if (!identifier)
		return share;
	share->identifier = xstrdup(identifier);
	HASH_ADD_KEYPTR(hh, q->shares, share->identifier, strlen(share->identifier), share);
	return share;
}

struct share *share_of(struct sched *s, struct live_queue *q, const char *identifier)
{
	struct share *share;

	(void)s;
	if (!q->share_count)
		share_new(q, NULL);
	if (!identifier || q->policy == NO_INDEX)
		return q->share[0];
	HASH_FIND_STR(q->shares, identifier, share);
	return share ? share : share_new(q, identifier);
}

void share_join(struct sched *s, struct live_job *job)
{
	s->queue[job->queue]->share[job->share]->live++;
}

void share_leave(struct sched *s, struct live_job *job)
{
	s->queue[job->queue]->share[job->share]->live--;
}

void share_placed(struct sched *s, struct live_job *job, jd_time at)
{
	job->placed = at;
	s->queue[job->queue]->share[job->share]->vcpu_milli += job->vcpu_milli;
}

void share_ended(struct sched *s, struct live_job *job, jd_time at)
{
	(void)at;
	s->queue[job->queue]->share[job->share]->vcpu_milli -= job->vcpu_milli;
}

void share_clear(struct live_queue *q)
{
	HASH_CLEAR(hh, q->shares);
	for (uint16_t i = 0; i < q->share_count; i++) {
		if (!q->share[i])
			continue;
		free(q->share[i]->identifier);
		free(q->share[i]);
	}
	free(q->share);
	q->share = NULL;
	q->share_count = q->share_cap = 0;
}

struct share *share_next(struct sched *s, struct live_queue *q, jd_time now)
{
	(void)s;
	(void)now;
	for (uint16_t i = 0; i < q->share_count; i++) {
		if (q->share[i] && line_left(q->share[i]))
			return q->share[i];
	}
	return NULL;
}
