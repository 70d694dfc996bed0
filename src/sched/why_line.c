#include "config.h"
#include "ladder.h"

/* The rungs before a place: dependencies, the queue, and the order in it. */

/* --- dependencies ---------------------------------------------------------------------- */

static void tell_job(const struct ladder *l, int64_t key, struct tale *text)
{
	struct subject subject = evidence_subject(l->s, key);
	char name[LADDER_NAME_SIZE];

	tell(text, "%s", ladder_name(l, key, name));
	if (subject.job)
		tell(text, " is %s", job_status_name(subject.status));
}

static const char *until(const struct edge *edge)
{
	return edge->type == DEPENDENCY_ANY ? " (until it ends, well or not)" : "";
}

/* Of whole jobs, and of children that were not made. */
static void tell_upstreams(const struct ladder *l, edge_ref first, struct tale *text)
{
	for (edge_ref e = first; e; e = l->s->edge[e].dep_next) {
		const struct edge *edge = &l->s->edge[e];

		tell_next(text, "%s", "");
		tell_job(l, jobs_at(l->s, edge->upstream)->key + edge->child, text);
		tell(text, "%s", until(edge));
	}
}

/* N_TO_N: the child of the same index; for the array itself, the whole other array. */
static void tell_pairs(const struct ladder *l, edge_ref first, struct tale *text)
{
	for (edge_ref e = first; e; e = l->s->edge[e].dep_next) {
		int64_t key = jobs_at(l->s, l->s->edge[e].upstream)->key;

		tell_next(text, "%s", "");
		tell_job(l, key + l->subject.index + 1, text);
		tell(text, l->subject.index < 0 ? " (child by child)" : " (N_TO_N)");
	}
}

/* DEP-5. */
static void tell_previous(const struct ladder *l, struct tale *text)
{
	const struct family *f = family_if_any(l->subject.job);

	if (!f || !f->sequential || l->subject.index <= 0)
		return;
	tell_next(text, "%s", "");
	tell_job(l, l->key - 1, text);
	tell(text, " (SEQUENTIAL)");
}

enum verdict why_dependencies(const struct ladder *l, struct tale *text, struct tale *help)
{
	const struct live_job *job = l->subject.job;
	const struct family *f = family_if_any(job);

	if (job->dependency_failed) {
		tell(text, "a dependency failed: it fails too");
		return VERDICT_NEVER;
	}
	if (!evidence_in_line(&l->subject) && l->subject.status < JOB_RUNNABLE) {
		tell_upstreams(l, job->dependencies, text);
		tell_pairs(l, f ? f->upstreams : NO_REF, text);
		tell_previous(l, text);
	}
	if (text->len) {
		tell(help, "they have to end first, and well");
		return VERDICT_WAIT;
	}
	if (job->depends)
		tell(text, "all %u have ended", job->depends);
	else
		tell(text, "none");
	return VERDICT_OK;
}

/* --- queue ----------------------------------------------------------------------------- */

static bool waits_before(const struct ladder *l, const struct live_queue *other)
{
	return other && other != l->q && other->priority > l->q->priority &&
	       other->count[JOB_RUNNABLE] > 0;
}

/* JQ-4: they are served first, where they share an environment. */
static void tell_others(const struct ladder *l, struct tale *text)
{
	int n = 0;

	for (size_t i = 0; i < l->s->queue_count; i++) {
		const struct live_queue *other = l->s->queue[i];

		if (!waits_before(l, other))
			continue;
		if (++n <= 3)
			tell(text, "%s%s (priority %d, %lld RUNNABLE)",
			     n == 1 ? "; served before it: " : ", ", other->name, other->priority,
			     (long long)other->count[JOB_RUNNABLE]);
	}
	if (n > 3)
		tell(text, " and %d more", n - 3);
}

static enum verdict full(const struct live_queue *q, struct tale *text, struct tale *help)
{
	tell(text, "%s runs %lld jobs, and %d is its limit", q->name,
	     (long long)(q->count[JOB_STARTING] + q->count[JOB_RUNNING]), q->max_running);
	tell(help, "one of them ends, or jobdeck:max-running of %s is raised", q->name);
	return VERDICT_WAIT;
}

enum verdict why_queue(const struct ladder *l, struct tale *text, struct tale *help)
{
	const struct live_queue *q = l->q;
	char time[TIME_ISO_SIZE];

	if (!queues_place(q)) {
		tell(text, "%s is %s: it places nothing", q->name, status_name(q->status));
		return VERDICT_WAIT;
	}
	if (q->blocked_until > l->now && l->subject.status < JOB_STARTING) {
		tell(text, "%s places nothing before %s (drill)", q->name,
		     time_iso(q->blocked_until, time, sizeof time));
		tell(help, "the end of the drill");
		return VERDICT_WAIT;
	}
	if (queues_full(q) && l->subject.status < JOB_STARTING)
		return full(q, text, help);
	tell(text, "%s is %s and %s, priority %d", q->name, state_name(q->state),
	     status_name(q->status), q->priority);
	if (q->state == STATE_DISABLED)
		tell(text, " (it takes no new jobs, those it has go on)");
	tell_others(l, text);
	return VERDICT_OK;
}

/* --- order ----------------------------------------------------------------------------- */

/* The first few of those in front, and how many more. */
static void tell_front(const struct ladder *l, struct live_job *job, int64_t ahead,
		       struct tale *text)
{
	char name[LADDER_NAME_SIZE];
	int n = 0;

	for (; job && job != l->subject.job && n < 3; job = line_after(job), n++) {
		int64_t key = job->kind == JOB_KIND_ARRAY ? family_next(l->s, job) : job->key;

		tell(text, "%s%s", n ? ", " : "; in front: ", ladder_name(l, key, name));
		if (job->line_own > 1)
			tell(text, " and %d more of its array", job->line_own - 1);
		ahead -= job->line_own;
	}
	if (ahead > 0)
		tell(text, " and %lld more", (long long)ahead);
}

static enum verdict behind(const struct ladder *l, int64_t ahead, struct tale *text,
			   struct tale *help)
{
	const struct share *share = l->q->share[l->subject.job->share];
	struct live_job *head = line_first(share);
	char name[LADDER_NAME_SIZE];
	bool stuck = evidence_never(l->s, l->q, head);

	tell(text, "number %lld in %s", (long long)ahead + 1, l->q->name);
	if (share->identifier)
		tell(text, ", share %s", share->identifier);
	tell_front(l, head, ahead, text);
	if (stuck)
		tell(help, "%s can never run: cancel it", ladder_name(l, head->key, name));
	else
		tell(help, "those in front start; jobdeck:backfill=on would let smaller ones pass");
	return VERDICT_WAIT;
}

/* FS-3: the share that has used least, by its weight. */
static bool other_share_first(const struct ladder *l, struct tale *text, struct tale *help)
{
	const struct live_job *head = share_front(l->s, l->q, l->now);
	struct share *mine = l->q->share[l->subject.job->share], *other;

	if (l->q->policy == NO_INDEX || !head || head->share == l->subject.job->share ||
	    l->q->passed)
		return false;
	other = l->q->share[head->share];
	share_refresh(l->s, l->q, l->now);
	tell(text, "first of share %s, but share %s is served before it in %s (%.6g to %.6g)",
	     mine->identifier ? mine->identifier : "\"\"",
	     other->identifier ? other->identifier : "\"\"", l->q->name,
	     share_score(l->s, l->q, other, 0) / 1e6, share_score(l->s, l->q, mine, 0) / 1e6);
	tell(help, "share %s starts its next job; a lower weightFactor serves %s sooner",
	     other->identifier ? other->identifier : "\"\"",
	     mine->identifier ? mine->identifier : "\"\"");
	return true;
}

static enum verdict out_of_line(const struct ladder *l, struct tale *text, struct tale *help)
{
	const struct live_job *job = l->subject.job;
	char time[TIME_ISO_SIZE];

	if (delay_keeps(l->s, job)) {
		tell(text, "held: it is not in the line");
		tell(help, "jobdeck release");
		return VERDICT_WAIT;
	}
	if (job->in_delayed) {
		tell(text, "not in the line before %s (start-after)",
		     time_iso(job->extra->start_after, time, sizeof time));
		return VERDICT_WAIT;
	}
	tell(text, "nobody of it waits in the line");
	return VERDICT_OK;
}

enum verdict why_order(const struct ladder *l, struct tale *text, struct tale *help)
{
	const struct live_job *job = l->subject.job;
	int64_t ahead;

	if (l->subject.status >= JOB_STARTING) {
		tell(text, "it had its turn");
		return VERDICT_OK;
	}
	if (!job->in_line)
		return out_of_line(l, text, help);
	ahead = line_ahead(l->s, job);
	if (ahead && !evidence_looked_at(l->q, ahead))
		return behind(l, ahead, text, help);
	if (!ahead && other_share_first(l, text, help))
		return VERDICT_WAIT;
	tell(text, "number %lld in %s", (long long)ahead + 1, l->q->name);
	if (ahead)
		tell(text, l->q->backfill ? "; backfill lets it pass those in front" :
					    "; instances for those in front are coming");
	return VERDICT_OK;
}
