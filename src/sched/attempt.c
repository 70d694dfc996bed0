#include "config.h"
#include "internal.h"
#include "jobdeck/model/reason.h"

/* The attempts of a job: placed, started, stopped, ended, and what becomes of the job then
 * (section 6). */

/* The job whose present attempt the fact speaks of, or NULL with an error. */
static struct live_job *need_attempt(struct sched *s, const struct fact *fact, struct err *err)
{
	struct live_job *job = jobs_need(s, fact->job, err);

	if (job && (!jobs_active(job) || job->attempt != fact->attempt)) {
		err_set(err, ERR_CONFLICT, "%s: job %lld has no attempt %d now, it is %s",
			fact_name(fact->kind), (long long)fact->job, fact->attempt,
			job_status_name(job->status));
		return NULL;
	}
	return job;
}

static int check_placed(const struct live_job *job, const struct fact *fact, struct err *err)
{
	if (job->status != JOB_RUNNABLE)
		return err_set(err, ERR_CONFLICT, "job %lld is %s and cannot be placed",
			       (long long)job->key, job_status_name(job->status));
	if (fact->attempt != job->attempt + 1)
		return err_set(err, ERR_CONFLICT, "attempt %d of job %lld follows attempt %d",
			       fact->attempt, (long long)job->key, job->attempt);
	return 0;
}

int attempt_placed(struct sched *s, const struct fact *fact, struct fact_effect *effect,
		   struct err *err)
{
	struct live_job *job = jobs_need(s, fact->job, err);
	struct live_instance *instance = NULL;
	struct live_env *env;

	if (!job || check_placed(job, fact, err))
		return -1;
	env = envs_find(s, fact->placed.env);
	if (!env)
		return err_set(err, ERR_NOT_FOUND, "compute-environment/%s does not exist",
			       fact->placed.env);
	if (fact->placed.instance)
		instance = instances_find(s, fact->placed.instance);
	if (fact->placed.instance && (!instance || instance->env != env->self))
		return err_set(err, ERR_NOT_FOUND, "compute environment %s has no instance %lld",
			       env->name, (long long)fact->placed.instance);
	line_leave(s, job);
	envs_take(s, job, env, instance);
	share_placed(s, job, fact->at);
	job->attempt++;
	jobs_move(s, job, JOB_STARTING);
	if (job->terminated || job->timed_out || job->reclaimed) /* on restart: the stop may not have been said */
		jobs_due(s, job, DUE_STOP);
	submit_effect(job, JOB_RUNNABLE, effect);
	return 0;
}

int attempt_started(struct sched *s, const struct fact *fact, struct fact_effect *effect,
		    struct err *err)
{
	struct live_job *job = need_attempt(s, fact, err);

	if (!job)
		return -1;
	if (job->status == JOB_RUNNING)
		return err_set(err, ERR_CONFLICT, "attempt %d of job %lld has started before",
			       fact->attempt, (long long)fact->job);
	jobs_move(s, job, JOB_RUNNING);
	job->started = fact_when(fact);
	if (!job->terminated && !job->timed_out)
		timeout_add(s, job);
	submit_effect(job, JOB_STARTING, effect);
	return 0;
}

/* Its place is taken away: what it holds of the pool comes back soon. */
static void attempt_take_away(struct sched *s, struct live_job *job)
{
	struct resources need = jobs_resources(job);

	if (!job->instance && !job->room_counted)
		resources_add(&s->reclaiming, &need);
	job->room_counted = !job->instance;
	job->reclaimed = true;
}

int attempt_stopping(struct sched *s, const struct fact *fact, struct fact_effect *effect,
		     struct err *err)
{
	struct live_job *job = need_attempt(s, fact, err);

	if (!job)
		return -1;
	if (fact->stopping.cause == STOP_TERMINATED && !job->terminated)
		return err_set(err, ERR_CONFLICT, "nobody has terminated job %lld",
			       (long long)fact->job);
	jobs_due(s, job, DUE_NONE);
	timeout_remove(s, job);
	job->stop_said = true;
	if (fact->stopping.cause == STOP_RECLAIMED || fact->stopping.cause == STOP_REPLACED)
		attempt_take_away(s, job);
	if (fact->stopping.cause == STOP_TIMEOUT && !job->timed_out) {
		job->timed_out = true;
		submit_effect(job, job->status, effect);
	}
	return 0;
}

/* RT-1..RT-6; settle has dealt with RT-7 and RT-8. */
static bool may_retry(const struct sched *s, const struct live_job *job, const struct fact *fact)
{
	return retry_is_due(&s->strategy[job->strategy]->retry, job->attempt, fact->ended.exit_code,
			    fact->ended.reason, fact->ended.status_reason);
}

/* RT-9: in front of everyone who waits. */
static void try_again(struct sched *s, struct live_job *job, struct fact_effect *effect)
{
	enum job_status from = job->status;

	job->started = 0;
	job->stop_said = false;
	job->order = line_front_order(s->queue[job->queue]);
	jobs_move(s, job, JOB_RUNNABLE);
	line_join(s, job, 1);
	submit_effect(job, from, effect);
}

static void settle(struct sched *s, struct live_job *job, const struct fact *fact,
		   struct fact_effect *effect)
{
	if (job->terminated)
		submit_end(s, job, JOB_FAILED, job->reason, effect);
	else if (job->timed_out)
		submit_end(s, job, JOB_FAILED, REASON_TIMEOUT, effect);
	else if (fact->ended.exit_code == 0)
		submit_end(s, job, JOB_SUCCEEDED, fact->ended.status_reason, effect);
	else if (may_retry(s, job, fact))
		try_again(s, job, effect);
	else
		submit_end(s, job, JOB_FAILED, fact->ended.status_reason, effect);
}

int attempt_ended(struct sched *s, const struct fact *fact, struct fact_effect *effect,
		  struct err *err)
{
	struct live_job *job = need_attempt(s, fact, err);

	if (!job)
		return -1;
	if (job->status == JOB_STARTING && fact->ended.exit_code == 0 && !job->terminated &&
	    !job->timed_out && !fact->ended.timed_out)
		return err_set(err, ERR_CONFLICT,
			       "attempt %d of job %lld ended well, but nobody said it started",
			       fact->attempt, (long long)fact->job);
	timeout_remove(s, job);
	job->timed_out |= fact->ended.timed_out;
	share_ended(s, job, fact_when(fact));
	envs_release(s, job, fact->at);
	settle(s, job, fact, effect);
	return 0;
}
