#include "config.h"
#include "family.h"
#include "jobdeck/base/mem.h"

/* Dependencies (section 3). An edge lives as long as both its jobs and is in two lists: of
 * those who wait for the one (doubly linked, it may be long), and of those the other waits for
 * (at most 20, DEP-1). When a job ends its edges go, so nothing of ended jobs is kept: success
 * takes one off the dependents' lists, failure marks them (DEP-2).
 *
 * A child that was not made yet can be waited for too: such an edge names the child's array,
 * says which child, and is listed with the array's family until the child is made. */

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

static struct waited *waited_find(const struct family *f, int32_t index)
{
	struct waited *w;

	HASH_FIND_INT(f->waited, &index, w);
	return w;
}

static struct waited *waited_need(struct family *f, int32_t index)
{
	struct waited *w = waited_find(f, index);

	if (w)
		return w;
	w = xcalloc(1, sizeof *w);
	w->index = index;
	HASH_ADD_INT(f->waited, index, w);
	return w;
}

static void waited_drop(struct family *f, struct waited *w)
{
	HASH_DEL(f->waited, w);
	free(w);
}

/* Where the lists begin that an edge is in. */
static edge_ref *up_list(const struct sched *s, const struct edge *edge)
{
	struct live_job *up = jobs_at(s, edge->upstream);

	if (edge->child)
		return &waited_need(family_of(up), edge->child - 1)->first;
	return edge->type == DEPENDENCY_N_TO_N ? &family_of(up)->pairs : &up->dependents;
}

static edge_ref *dep_list(const struct sched *s, const struct edge *edge)
{
	struct live_job *dependent = jobs_at(s, edge->dependent);

	return edge->type == DEPENDENCY_N_TO_N ? &family_of(dependent)->upstreams :
						 &dependent->dependencies;
}

static bool is_there(const struct sched *s, const struct edge *edge)
{
	for (edge_ref e = *dep_list(s, edge); e; e = s->edge[e].dep_next) {
		if (s->edge[e].upstream == edge->upstream && s->edge[e].child == edge->child &&
		    s->edge[e].type == edge->type)
			return true;
	}
	return false;
}

void depend_add(struct sched *s, struct live_job *upstream, struct live_job *job,
		enum dependency_type type, uint16_t child)
{
	struct edge edge = { .upstream = upstream->self,
			     .dependent = job->self,
			     .type = (uint8_t)type,
			     .child = child };
	edge_ref *up, *dep, e;

	if (is_there(s, &edge))
		return;
	e = edge_take(s);
	up = up_list(s, &edge);
	dep = dep_list(s, &edge);
	edge.up_next = *up;
	edge.dep_next = *dep;
	s->edge[e] = edge;
	if (*up)
		s->edge[*up].up_prev = e;
	*up = *dep = e;
}

/* The child or node was not made, or has ended; then a child's failure is known. */
static void depend_on_child(struct sched *s, struct live_job *job, int64_t key,
			    enum dependency_type type)
{
	struct live_job *parent = family_owner(s, key);
	int32_t index = parent ? (int32_t)(key - parent->key - 1) : 0;

	if (!parent)
		return;
	if (family_failed(family_of(parent), index))
		job->dependency_failed |= type != DEPENDENCY_ANY;
	else if (!family_born(family_of(parent), index))
		depend_add(s, parent, job, type, (uint16_t)(index + 1));
}

void depend_on(struct sched *s, struct live_job *job, const struct job *submitted)
{
	for (size_t i = 0; i < submitted->depends_count; i++) {
		const struct dependency *d = &submitted->depends[i];
		struct live_job *upstream = jobs_find(s, d->job);

		if (d->type == DEPENDENCY_N_TO_N) /* pairs.c */
			continue;
		if (!upstream)
			depend_on_child(s, job, d->job, d->type);
		else if (upstream != job)
			depend_add(s, upstream, job, d->type, 0);
	}
}

uint32_t depend_left(const struct sched *s, const struct live_job *job)
{
	const struct family *f = family_if_any(job);
	uint32_t n = 0;

	for (edge_ref e = job->dependencies; e; e = s->edge[e].dep_next)
		n++;
	for (edge_ref e = f ? f->upstreams : NO_REF; e; e = s->edge[e].dep_next)
		n++;
	return n;
}

static void leave_upstream(struct sched *s, const struct edge *edge)
{
	edge_ref *first = up_list(s, edge);

	if (edge->up_prev)
		s->edge[edge->up_prev].up_next = edge->up_next;
	else
		*first = edge->up_next;
	if (edge->up_next)
		s->edge[edge->up_next].up_prev = edge->up_prev;
	if (edge->child && !*first) {
		struct family *f = family_of(jobs_at(s, edge->upstream));

		waited_drop(f, waited_find(f, edge->child - 1));
	}
}

static void leave_dependent(struct sched *s, edge_ref e)
{
	edge_ref *at = dep_list(s, &s->edge[e]);

	while (*at != e)
		at = &s->edge[*at].dep_next;
	*at = s->edge[e].dep_next;
}

static void tell_dependent(struct sched *s, struct live_job *dependent, bool met)
{
	if (!met)
		dependent->dependency_failed = true;
	if (dependent->kind == JOB_KIND_ARRAY)
		family_settle(s, dependent);
	else if (dependent->dependency_failed)
		jobs_due(s, dependent, DUE_FAILED);
	else if (!dependent->dependencies)
		jobs_due(s, dependent, DUE_MOVE);
}

/* Oldest dependents last in the list, first to be told. */
static edge_ref last_of(const struct sched *s, edge_ref e)
{
	while (e && s->edge[e].up_next)
		e = s->edge[e].up_next;
	return e;
}

static void tell_all(struct sched *s, edge_ref first, bool succeeded)
{
	for (edge_ref next, e = last_of(s, first); e; e = next) {
		struct live_job *dependent = jobs_at(s, s->edge[e].dependent);
		bool met = succeeded || s->edge[e].type == DEPENDENCY_ANY;

		next = s->edge[e].up_prev;
		leave_dependent(s, e);
		edge_give(s, e);
		tell_dependent(s, dependent, met);
	}
}

void depend_born(struct sched *s, struct live_job *parent, struct live_job *child)
{
	struct family *f = family_of(parent);
	struct waited *w = f->waited ? waited_find(f, child->extra->index) : NULL;

	if (!w)
		return;
	child->dependents = w->first;
	waited_drop(f, w);
	for (edge_ref e = child->dependents; e; e = s->edge[e].up_next) {
		s->edge[e].upstream = child->self;
		s->edge[e].child = 0;
	}
}

static int by_index(const struct waited *a, const struct waited *b)
{
	return (a->index > b->index) - (a->index < b->index);
}

void depend_unborn_ended(struct sched *s, struct live_job *parent, bool succeeded)
{
	struct family *f = family_of(parent);
	struct waited *w;

	HASH_SORT(f->waited, by_index);
	while ((w = f->waited)) {
		edge_ref first = w->first;

		waited_drop(f, w);
		tell_all(s, first, succeeded);
	}
}

static void leave_all(struct sched *s, edge_ref *first)
{
	for (edge_ref next, e = *first; e; e = next) {
		next = s->edge[e].dep_next;
		leave_upstream(s, &s->edge[e]);
		edge_give(s, e);
	}
	*first = NO_REF;
}

/* Arrays that wait for this one child by child were told of every child. */
static void leave_pairs(struct sched *s, struct family *f)
{
	for (edge_ref next, e = f->pairs; e; e = next) {
		next = s->edge[e].up_next;
		leave_dependent(s, e);
		edge_give(s, e);
	}
	f->pairs = NO_REF;
}

void depend_end(struct sched *s, struct live_job *job, bool succeeded)
{
	struct family *f = family_if_any(job);
	edge_ref first = job->dependents;

	job->dependents = NO_REF;
	tell_all(s, first, succeeded);
	leave_all(s, &job->dependencies);
	if (!f)
		return;
	leave_all(s, &f->upstreams);
	leave_pairs(s, f);
}
