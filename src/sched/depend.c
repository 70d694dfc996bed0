#include "config.h"
#include "internal.h"
#include "jobdeck/base/mem.h"

/* Plain dependencies (section 3). An edge lives as long as both its jobs and is in two lists:
 * of those who wait for the one (doubly linked, it may be long), and of those the other
 * waits for (at most 20, DEP-1). When a job ends its edges go, so nothing of ended jobs is
 * kept: success takes one off the dependents' lists, failure marks them (DEP-2). */

static edge_ref edge_take(struct sched *s)
{
	edge_ref e = s->edge_free;

	if (e) {
		s->edge_free = s->edge[e].dep_next;
		return e;
	}
	e = ++s->edge_top;
	while (e >= s->edge_cap)
		ARRAY_ROOM(s->edge, s->edge_cap, s->edge_cap);
	return e;
}

static void edge_give(struct sched *s, edge_ref e)
{
	s->edge[e].dep_next = s->edge_free;
	s->edge_free = e;
}

static bool waits_for(const struct sched *s, const struct live_job *job, job_ref upstream)
{
	for (edge_ref e = job->dependencies; e; e = s->edge[e].dep_next) {
		if (s->edge[e].upstream == upstream)
			return true;
	}
	return false;
}

static void edge_add(struct sched *s, struct live_job *upstream, struct live_job *job)
{
	edge_ref e = edge_take(s);

	s->edge[e] = (struct edge){ .upstream = upstream->self,
				    .dependent = job->self,
				    .up_next = upstream->dependents,
				    .dep_next = job->dependencies };
	if (upstream->dependents)
		s->edge[upstream->dependents].up_prev = e;
	upstream->dependents = job->dependencies = e;
}

void depend_on(struct sched *s, struct live_job *job, const struct job *submitted)
{
	for (size_t i = 0; i < submitted->depends_count; i++) {
		struct live_job *upstream = jobs_find(s, submitted->depends[i].job);

		if (upstream && upstream != job && !waits_for(s, job, upstream->self))
			edge_add(s, upstream, job);
	}
}

uint32_t depend_left(const struct sched *s, const struct live_job *job)
{
	uint32_t n = 0;

	for (edge_ref e = job->dependencies; e; e = s->edge[e].dep_next)
		n++;
	return n;
}

static void leave_upstream(struct sched *s, const struct edge *edge)
{
	if (edge->up_prev)
		s->edge[edge->up_prev].up_next = edge->up_next;
	else
		jobs_at(s, edge->upstream)->dependents = edge->up_next;
	if (edge->up_next)
		s->edge[edge->up_next].up_prev = edge->up_prev;
}

static void leave_dependent(struct sched *s, struct live_job *dependent, edge_ref e)
{
	edge_ref *at = &dependent->dependencies;

	while (*at != e)
		at = &s->edge[*at].dep_next;
	*at = s->edge[e].dep_next;
}

static void tell_dependent(struct sched *s, struct live_job *dependent, bool succeeded)
{
	if (!succeeded) {
		dependent->dependency_failed = true;
		jobs_due(s, dependent, DUE_FAILED);
	} else if (!dependent->dependencies && !dependent->dependency_failed) {
		jobs_due(s, dependent, DUE_MOVE);
	}
}

/* Oldest dependents last in the list, first to be told. */
static edge_ref last_of(const struct sched *s, edge_ref e)
{
	while (e && s->edge[e].up_next)
		e = s->edge[e].up_next;
	return e;
}

void depend_end(struct sched *s, struct live_job *job, bool succeeded)
{
	edge_ref e, next;

	for (e = last_of(s, job->dependents); e; e = next) {
		struct live_job *dependent = jobs_at(s, s->edge[e].dependent);

		next = s->edge[e].up_prev;
		leave_dependent(s, dependent, e);
		edge_give(s, e);
		tell_dependent(s, dependent, succeeded);
	}
	for (e = job->dependencies; e; e = next) {
		next = s->edge[e].dep_next;
		leave_upstream(s, &s->edge[e]);
		edge_give(s, e);
	}
	job->dependents = job->dependencies = NO_REF;
}
