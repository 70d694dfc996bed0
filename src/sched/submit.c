#include "config.h"
#include "internal.h"
#include <string.h>
#include "jobdeck/base/mem.h"
#include "jobdeck/model/reason.h"

/* A job comes, moves up to RUNNABLE, and goes (section 2): everything about a job but its
 * attempts. */

static int check_need(const struct resources *need, struct err *err)
{
	if (need->vcpu_milli < 0 || need->vcpu_milli > INT32_MAX || need->memory_mib < 0 ||
	    need->memory_mib > INT32_MAX || need->gpus < 0 || need->gpus > UINT16_MAX)
		return err_set(err, ERR_INVALID, "the job's resources are out of range");
	return 0;
}

static int check(const struct sched *s, const struct job *said, struct err *err)
{
	if (said->key <= 0 || said->depends_count > UINT16_MAX || said->attempt < 0 ||
	    said->attempt >= UINT16_MAX)
		return err_set(err, ERR_INVALID, "a job's key, attempt or dependencies are wrong");
	if (jobs_find(s, said->key))
		return err_set(err, ERR_CONFLICT, "job %lld was submitted before",
			       (long long)said->key);
	if (job_status_is_final(said->status) || said->status >= JOB_COUNT)
		return err_set(err, ERR_CONFLICT, "job %lld has ended", (long long)said->key);
	if (!queues_find(s, said->queue))
		return err_set(err, ERR_NOT_FOUND, "job-queue/%s does not exist", said->queue);
	return check_need(&said->need, err);
}

static void fill(struct sched *s, struct live_job *job, const struct job *said)
{
	struct live_queue *q = queues_find(s, said->queue);

	job->queue = q->self;
	job->vcpu_milli = (int32_t)said->need.vcpu_milli;
	job->memory_mib = (int32_t)said->need.memory_mib;
	job->gpus = (uint16_t)said->need.gpus;
	job->strategy = strategy_hold(s, &said->retry);
	job->timeout_s = said->timeout_s > 0 ? said->timeout_s : 0;
	job->depends = (uint16_t)said->depends_count;
	job->platform = said->platform;
	job->kind = said->kind;
	job->share = share_of(s, q, said->share)->self;
	share_join(s, job);
	q->live++;
	q->count[job->status]++;
}

/* On restart a job takes up where it was; an attempt that lives follows as PLACED and
 * STARTED, so until then the job is what it was before that attempt. */
static void restore(struct live_job *job, const struct job *said)
{
	bool active = said->status == JOB_STARTING || said->status == JOB_RUNNING;

	job->status = (uint8_t)(active ? JOB_RUNNABLE : said->status);
	job->attempt = (uint16_t)(active && said->attempt > 0 ? said->attempt - 1 : said->attempt);
	job->order = said->order ? said->order : said->key;
	job->terminated = said->terminated;
	job->timed_out = said->timed_out;
	if (said->terminated)
		job->reason = xstrdup(said->status_reason ? said->status_reason : "");
}

static void enter(struct sched *s, struct live_job *job, const struct job *said)
{
	if (job->status == JOB_RUNNABLE) {
		line_join(s, job, 1);
		return;
	}
	depend_on(s, job, said);
	if (job->status == JOB_SUBMITTED || !job->dependencies)
		jobs_due(s, job, DUE_MOVE);
}

void submit_effect(const struct live_job *job, enum job_status from, struct fact_effect *effect)
{
	*effect = (struct fact_effect){ .changed = true,
					.from = from,
					.to = job->status,
					.status_reason = job->reason,
					.order = job->order,
					.terminated = job->terminated,
					.timed_out = job->timed_out };
}

int submit_apply(struct sched *s, const struct fact *fact, struct fact_effect *effect,
		 struct err *err)
{
	const struct job *said = fact->submitted;
	struct live_job *job;

	if (check(s, said, err))
		return -1;
	job = jobs_add(s, said->key);
	if (said->status != JOB_SUBMITTED)
		restore(job, said);
	fill(s, job, said);
	enter(s, job, said);
	submit_effect(job, said->status, effect);
	effect->to = said->status;
	return 0;
}

static struct live_job *need_early(struct sched *s, int64_t key, enum fact_kind kind,
				   struct err *err)
{
	struct live_job *job = jobs_need(s, key, err);

	if (job && job->status != JOB_SUBMITTED && job->status != JOB_PENDING) {
		err_set(err, ERR_CONFLICT, "%s cannot happen to job %lld, which is %s",
			fact_name(kind), (long long)key, job_status_name(job->status));
		return NULL;
	}
	return job;
}

int submit_pending(struct sched *s, const struct fact *fact, struct fact_effect *effect,
		   struct err *err)
{
	struct live_job *job = need_early(s, fact->job, fact->kind, err);

	if (!job)
		return -1;
	if (job->status == JOB_PENDING || !job->dependencies)
		return err_set(err, ERR_CONFLICT, "job %lld has nothing to wait for",
			       (long long)fact->job);
	jobs_due(s, job, DUE_NONE);
	jobs_move(s, job, JOB_PENDING);
	submit_effect(job, JOB_SUBMITTED, effect);
	return 0;
}

int submit_runnable(struct sched *s, const struct fact *fact, struct fact_effect *effect,
		    struct err *err)
{
	struct live_job *job = need_early(s, fact->job, fact->kind, err);
	enum job_status from;

	if (!job)
		return -1;
	if (job->dependencies || job->dependency_failed)
		return err_set(err, ERR_CONFLICT, "job %lld still has unmet dependencies",
			       (long long)fact->job);
	from = job->status;
	jobs_due(s, job, DUE_NONE);
	jobs_move(s, job, JOB_RUNNABLE);
	line_join(s, job, 1);
	submit_effect(job, from, effect);
	return 0;
}

void submit_end(struct sched *s, struct live_job *job, enum job_status to, const char *reason,
		struct fact_effect *effect)
{
	enum job_status from = job->status;

	if (from == JOB_RUNNABLE)
		line_leave(s, job);
	jobs_due(s, job, DUE_NONE);
	jobs_move(s, job, to);
	submit_effect(job, from, effect);
	effect->status_reason = reason;
	share_leave(s, job);
	depend_end(s, job, to == JOB_SUCCEEDED);
	jobs_drop(s, job);
}

static int conflict_active(const struct live_job *job, struct err *err)
{
	return err_set(err, ERR_CONFLICT, "job %lld is %s: only the end of its attempt ends it",
		       (long long)job->key, job_status_name(job->status));
}

int submit_failed(struct sched *s, const struct fact *fact, struct fact_effect *effect,
		  struct err *err)
{
	struct live_job *job = jobs_need(s, fact->job, err);

	if (!job)
		return -1;
	if (jobs_active(job))
		return conflict_active(job, err);
	submit_end(s, job, JOB_FAILED, fact->reason, effect);
	return 0;
}

int submit_cancelled(struct sched *s, const struct fact *fact, struct fact_effect *effect,
		     struct err *err)
{
	struct live_job *job = jobs_need(s, fact->job, err);

	if (!job)
		return -1;
	if (jobs_active(job)) /* CX-1: answered well, and nothing is done */
		return 0;
	submit_end(s, job, JOB_FAILED, fact->reason, effect);
	effect->cancelled = true;
	return 0;
}

int submit_terminated(struct sched *s, const struct fact *fact, struct fact_effect *effect,
		      struct err *err)
{
	struct live_job *job = jobs_need(s, fact->job, err);

	if (!job)
		return -1;
	if (job->terminated) /* it was told so before, and the first reason stands */
		return 0;
	job->terminated = true;
	if (!jobs_active(job)) {
		submit_end(s, job, JOB_FAILED, fact->reason, effect);
		return 0;
	}
	job->reason = xstrdup(fact->reason ? fact->reason : "");
	if (!job->stop_said) /* else it is being stopped, because its time was up */
		jobs_due(s, job, DUE_STOP);
	submit_effect(job, job->status, effect);
	return 0;
}
