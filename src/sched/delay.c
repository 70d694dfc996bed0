#include "config.h"
#include "family.h"

/* Jobs that could run but for a person's wish: held ones, and those that may not start before
 * a certain time. They are RUNNABLE and out of the line. Holding an array holds all its
 * children that wait. */

static jd_time start_of(const struct live_job *job)
{
	return job->extra ? job->extra->start_after : 0;
}

static int compare(const struct live_job *a, const struct live_job *b)
{
	jd_time ta = start_of(a), tb = start_of(b);

	if (ta != tb)
		return ta < tb ? -1 : 1;
	return (a->key > b->key) - (a->key < b->key);
}

/* cppcheck-suppress unknownMacro */
RB_GENERATE_STATIC(delayed, live_job, link, compare)

bool delay_keeps(const struct sched *s, const struct live_job *job)
{
	const struct live_job *parent = family_parent_if_any(s, job);

	return job->held || (parent && parent->held);
}

bool delay_early(const struct live_job *job, jd_time at)
{
	return job->in_delayed && start_of(job) > at;
}

void delay_join(struct sched *s, struct live_job *job, int32_t children)
{
	if (job->in_delayed || delay_keeps(s, job))
		return;
	if (!start_of(job)) {
		line_join(s, job, children);
		return;
	}
	job->in_delayed = true;
	RB_INSERT(delayed, &s->delayed, job);
}

void delay_leave(struct sched *s, struct live_job *job)
{
	if (job->in_line)
		line_leave(s, job);
	if (job->in_delayed)
		RB_REMOVE(delayed, &s->delayed, job);
	job->in_delayed = false;
}

bool delay_decide(const struct sched *s, jd_time now, struct fact *out)
{
	struct delayed head = s->delayed;
	const struct live_job *job = RB_MIN(delayed, &head);

	if (!job || start_of(job) > now)
		return false;
	*out = (struct fact){ .kind = FACT_RELEASED, .at = now, .job = job->key };
	return true;
}

jd_time delay_wakeup(const struct sched *s, jd_time now)
{
	jd_time first = JD_NEVER;
	const struct live_job *job = RB_ROOT(&s->delayed);

	while (job) { /* all to the left are earlier */
		if (start_of(job) > now) {
			first = start_of(job);
			job = RB_LEFT(job, link);
		} else {
			job = RB_RIGHT(job, link);
		}
	}
	return first;
}

/* Into the line, as far as nothing else keeps it. */
static void stand(struct sched *s, struct live_job *job)
{
	if (job->kind == JOB_KIND_ARRAY)
		family_settle(s, job);
	else if (job->status == JOB_RUNNABLE)
		delay_join(s, job, 1);
}

static void each_child(struct sched *s, struct live_job *job,
		       void (*each)(struct sched *s, struct live_job *job))
{
	const struct family *f = family_if_any(job);

	for (job_ref ref = f ? f->first : NO_REF; ref; ref = jobs_at(s, ref)->extra->sibling_next)
		each(s, jobs_at(s, ref));
}

static int refuse(const struct live_job *job, struct err *err)
{
	return err_set(err, ERR_CONFLICT, "job %lld is %s: only a job that waits can be held",
		       (long long)job->key, job_status_name(job->status));
}

/* A child of an array is held by itself only when it could run: then it is made. */
static struct live_job *made_to_hold(struct sched *s, int64_t key, struct fact_effect *effect,
				     struct err *err)
{
	int32_t index;
	struct live_job *job, *parent = family_unborn(s, key, &index);

	if (!parent) {
		jobs_need(s, key, err);
		return NULL;
	}
	if (parent->kind != JOB_KIND_ARRAY || family_status(s, parent, index) != JOB_RUNNABLE) {
		err_set(err, ERR_CONFLICT, "job %lld cannot run yet: hold job %lld instead",
			(long long)key, (long long)parent->key);
		return NULL;
	}
	job = family_birth(s, parent, index, JOB_RUNNABLE);
	family_settle(s, parent);
	effect->born = true;
	return job;
}

int delay_held(struct sched *s, const struct fact *fact, struct fact_effect *effect,
	       struct err *err)
{
	struct live_job *job = jobs_find(s, fact->job);

	if (!job)
		job = made_to_hold(s, fact->job, effect, err);
	if (!job)
		return -1;
	if (jobs_active(job) || job->kind == JOB_KIND_NODE ||
	    (job->kind == JOB_KIND_MULTINODE && gang_active(job)))
		return refuse(job, err);
	if (job->held)
		return 0;
	job->held = true;
	delay_leave(s, job);
	blocked_forget(s, job);
	each_child(s, job, delay_leave);
	submit_effect(job, job->status, effect);
	return 0;
}

/* Its time has come: nothing that is stored changes. */
static void start(struct sched *s, struct live_job *job)
{
	delay_leave(s, job);
	job->extra->start_after = 0;
	stand(s, job);
}

int delay_released(struct sched *s, const struct fact *fact, struct fact_effect *effect,
		   struct err *err)
{
	struct live_job *job = jobs_find(s, fact->job);
	int32_t index;

	if (!job)
		return family_unborn(s, fact->job, &index) || jobs_need(s, fact->job, err) ? 0 : -1;
	if (job->in_delayed && start_of(job) <= fact->at)
		start(s, job);
	if (!job->held)
		return 0;
	job->held = false;
	stand(s, job);
	each_child(s, job, stand);
	submit_effect(job, job->status, effect);
	return 0;
}
