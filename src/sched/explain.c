#include "config.h"
#include "evidence.h"

/* Why a waiting job waits, for a person: the first of dependencies, queue, size, environments,
 * place in line and room that keeps it from running. What can never run is told first, and
 * also to those who stand behind it. */

/* "needs 8 vCPU, 4 free in a", "... free on this machine". */
static void tell_left(const struct sched *s, const struct look *look, const struct resources *need,
		      struct tale *t)
{
	char want[AMOUNT_SIZE], have[AMOUNT_SIZE];
	bool by_pool;
	struct resources left = evidence_left(s, look->env, &by_pool);
	enum what what = evidence_short(need, &left);

	if (what == WHAT_NOTHING)
		tell(t, "about to start in %s", look->env->name);
	else
		tell(t, "needs %s, %s free %s", evidence_amount(what, need, want),
			 evidence_number(what, &left, have),
			 what != WHAT_VCPU || by_pool ? "on this machine" : "in ");
	if (what == WHAT_VCPU && !by_pool)
		tell(t, "%s", look->env->name);
}

static void tell_gap(const struct sched *s, const struct look *look, const struct resources *need,
		     struct tale *t)
{
	char want[AMOUNT_SIZE], have[AMOUNT_SIZE];
	struct resources gap = evidence_gap(s, look->env, need);
	enum what what = evidence_short(need, &gap);

	if (what == WHAT_NOTHING) /* it is kept for jobs with GPUs (GPU-1) */
		tell(t, "%s is at its maximum", look->env->name);
	else
		tell(t, "needs %s, largest gap %s in %s", evidence_amount(what, need, want),
			 evidence_number(what, &gap, have), look->env->name);
}

static void tell_full(const struct sched *s, const struct look *look, const struct live_job *job,
		      struct tale *t)
{
	struct resources need = jobs_resources(job);

	if (job->kind == JOB_KIND_MULTINODE)
		tell(t, "%s has no room for all nodes at once", look->env->name);
	else if (look->env->form == FORM_INSTANCES)
		tell_gap(s, look, &need, t);
	else
		tell_left(s, look, &need, t);
}

static void tell_look(const struct sched *s, const struct live_queue *q,
		      const struct live_job *job, struct tale *t)
{
	struct look look = evidence_first_look(s, q, job, evidence_now(s));

	if (!look.env)
		tell(t, "no VALID and ENABLED compute environment in %s is large enough",
			 q->name);
	else if (look.chance == CHANCE_ROOM)
		tell(t, "about to start in %s", look.env->name);
	else if (look.chance == CHANCE_LAUNCH)
		tell(t, "an instance is about to be launched in %s", look.env->name);
	else if (look.chance == CHANCE_COMING)
		tell(t, "waits for an instance that is coming in %s", look.env->name);
	else if (look.chance == CHANCE_FULL ||
		 (look.chance == CHANCE_POOL && look.env->form != FORM_INSTANCES))
		tell_full(s, &look, job, t);
	else
		evidence_tell_capacity(s, &look, t);
}

static bool any_open(const struct sched *s, const struct live_queue *q)
{
	for (int i = 0; i < q->env_count; i++) {
		if (envs_open(s->env[q->env[i]]))
			return true;
	}
	return false;
}

static void tell_behind(const struct sched *s, struct live_queue *q, const struct live_job *job,
			int64_t ahead, struct tale *t)
{
	const struct share *share = q->share[job->share];
	bool stuck = evidence_never(s, q, line_first(share));

	tell(t, "behind %lld job%s ", (long long)ahead, ahead == 1 ? "" : "s");
	if (share->identifier)
		tell(t, "of share %s ", share->identifier);
	tell(t, "in %s%s", q->name,
		 !stuck	    ? "" :
		 ahead == 1 ? ", which can never run" :
			      ", the first of which can never run");
}

static void tell_consumable(const struct sched *s, const struct live_job *job, struct tale *t)
{
	const struct live_consumable *c = consume_short(s, job);
	int64_t wanted = 0;

	for (int i = 0; i < job->extra->consume_count; i++) {
		if (job->extra->consume[i].consumable == c->self)
			wanted = job->extra->consume[i].quantity;
	}
	tell(t, "needs %lld of %s, %lld of %lld free", (long long)wanted, c->name,
		 (long long)(c->total - c->in_use - c->spent), (long long)c->total);
}

/* It is the head, or others may be passed. */
static void tell_front(const struct sched *s, struct live_queue *q, const struct live_job *job,
		       struct tale *t)
{
	const struct live_job *head = share_front(s, q, evidence_now(s));

	if (queues_full(q))
		tell(t, "%s runs %d job%s, which is its limit", q->name, q->max_running,
			 q->max_running == 1 ? "" : "s");
	else if (q->policy != NO_INDEX && head && head->share != job->share && !q->passed)
		tell(t, "share %s is served first in %s",
			 q->share[head->share]->identifier ? q->share[head->share]->identifier :
							     "without a name",
			 q->name);
	else if (consume_short(s, job))
		tell_consumable(s, job, t);
	else if (share_reserved(s, q, job, evidence_now(s)))
		tell(t, "%s keeps the rest free for new shares (computeReservation)", q->name);
	else
		tell_look(s, q, job, t);
}

static void explain_line(const struct sched *s, const struct live_job *job, struct tale *t)
{
	struct live_queue *q = s->queue[job->queue];
	char until[TIME_ISO_SIZE];
	int64_t ahead;

	if (!queues_place(q))
		tell(t, "queue %s is %s", q->name, status_name(q->status));
	else if (evidence_never(s, q, job))
		evidence_tell_never(s, q, job, t);
	else if (!any_open(s, q))
		tell(t, "no VALID and ENABLED compute environment in %s", q->name);
	else if (q->blocked_until > evidence_now(s))
		tell(t, "queue %s places nothing before %s (drill)", q->name,
			 time_iso(q->blocked_until, until, sizeof until));
	else if ((ahead = line_ahead(s, job)) > 0 && !evidence_looked_at(q, ahead))
		tell_behind(s, q, job, ahead, t);
	else
		tell_front(s, q, job, t);
}

static void explain_out_of_line(const struct sched *s, const struct live_job *job, struct tale *t)
{
	char start[TIME_ISO_SIZE];

	if (delay_keeps(s, job))
		tell(t, "held: waits to be released");
	else if (job->in_delayed)
		tell(t, "does not start before %s",
			 time_iso(job->extra->start_after, start, sizeof start));
}

static void explain_early(const struct sched *s, const struct live_job *job, struct tale *t)
{
	uint32_t left = depend_left(s, job);

	if (job->dependency_failed)
		tell(t, "a dependency failed");
	else if (left)
		tell(t, "waits for %u of %u dependenc%s", left, job->depends,
			 job->depends == 1 ? "y" : "ies");
}

void sched_explain(const struct sched *s, int64_t key, char *out, size_t size)
{
	struct subject subject = evidence_subject(s, key);
	struct tale t = tell_in(out, size);

	if (!subject.job || subject.status >= JOB_STARTING)
		return;
	if (!evidence_in_line(&subject))
		explain_early(s, subject.job, &t);
	if (!t.len && (delay_keeps(s, subject.job) || subject.job->in_delayed))
		explain_out_of_line(s, subject.job, &t);
	else if (!t.len && subject.job->in_line)
		explain_line(s, subject.job, &t);
}
