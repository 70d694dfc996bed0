#include "config.h"
#include "family.h"
#include <stdio.h>
#include "jobdeck/base/mem.h"
#include "jobdeck/model/reason.h"

/* The attempts of a job: placed, started, stopped, ended, and what becomes of the job then
 * (section 6). */

enum { EXIT_KILLED = 128 + 9 };

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

/* Who is placed: a job with a record, or a child or node that has none (now). */
struct subject {
	struct live_job *job;	 /* NULL: to be made */
	struct live_job *parent; /* or NULL */
	int32_t index;
};

static int find_subject(const struct sched *s, int64_t key, struct subject *out, struct err *err)
{
	out->job = jobs_find(s, key);
	out->parent = out->job ? family_parent_if_any(s, out->job) : family_owner(s, key);
	out->index = out->parent ? (int32_t)(key - out->parent->key - 1) : 0;
	if (out->job)
		return 0;
	if (out->parent && (out->parent->kind == JOB_KIND_MULTINODE ||
			    !family_born(family_of(out->parent), out->index)))
		return 0;
	return jobs_need(s, key, err) ? 0 : -1;
}

static int check_record(const struct live_job *job, const struct fact *fact, struct err *err)
{
	if (job->status != JOB_RUNNABLE)
		return err_set(err, ERR_CONFLICT, "job %lld is %s and cannot be placed",
			       (long long)job->key, job_status_name(job->status));
	if (job->held || delay_early(job, fact->at))
		return err_set(err, ERR_CONFLICT, "job %lld is held and cannot be placed",
			       (long long)job->key);
	if (fact->attempt != job->attempt + 1)
		return err_set(err, ERR_CONFLICT, "attempt %d of job %lld follows attempt %d",
			       fact->attempt, (long long)job->key, job->attempt);
	return 0;
}

/* Of a child that has no record yet, and so no attempt. */
static int check_first(const struct sched *s, const struct subject *who, const struct fact *fact,
		       struct err *err)
{
	const struct live_job *array = who->parent;
	enum job_status status = family_status(s, array, who->index);

	if (status != JOB_RUNNABLE || array->held || delay_early(array, fact->at))
		return err_set(err, ERR_CONFLICT, "job %lld is %s%s and cannot be placed",
			       (long long)fact->job, array->held ? "held, " : "",
			       job_status_name(status));
	if (fact->attempt != 1)
		return err_set(err, ERR_CONFLICT, "the first attempt of job %lld is not number %d",
			       (long long)fact->job, fact->attempt);
	return 0;
}

static int check_placed(const struct sched *s, const struct subject *who, const struct fact *fact,
			struct err *err)
{
	if (who->parent && who->parent->kind == JOB_KIND_MULTINODE)
		return gang_check_placed(who->parent, who->index, who->job, fact, err);
	if (who->job)
		return check_record(who->job, fact, err);
	return check_first(s, who, fact, err);
}

/* Where an attempt goes. */
struct place {
	struct live_env *env;
	struct live_instance *instance; /* or NULL */
};

static int find_place(const struct sched *s, const struct fact *fact, struct place *out,
		      struct err *err)
{
	int64_t key = fact->placed.instance;

	out->env = envs_find(s, fact->placed.env);
	out->instance = key ? instances_find(s, key) : NULL;
	if (!out->env)
		return err_set(err, ERR_NOT_FOUND, "compute-environment/%s does not exist",
			       fact->placed.env);
	if (key && (!out->instance || out->instance->env != out->env->self))
		return err_set(err, ERR_NOT_FOUND, "compute environment %s has no instance %lld",
			       out->env->name, (long long)key);
	return 0;
}

/* The job that is placed; a child or node that has no record is made now. */
static struct live_job *need_placed(struct sched *s, const struct fact *fact,
				    struct fact_effect *effect, struct place *place,
				    struct err *err)
{
	struct subject who;

	if (find_subject(s, fact->job, &who, err) || check_placed(s, &who, fact, err) ||
	    find_place(s, fact, place, err))
		return NULL;
	if (who.job)
		return who.job;
	effect->born = !family_born(family_of(who.parent), who.index);
	return family_birth(s, who.parent, who.index, JOB_RUNNABLE);
}

/* Who takes of consumable resources (CR-2): a multi-node job once for all, with its main node. */
static struct live_job *consumer(const struct sched *s, struct live_job *job)
{
	if (job->kind != JOB_KIND_NODE)
		return job;
	return gang_is_main(s, job) ? family_parent(s, job) : NULL;
}

static void take_place(struct sched *s, struct live_job *job, const struct place *place,
		       const struct fact *fact)
{
	struct live_job *taker = consumer(s, job);

	delay_leave(s, job);
	if (job->extra)
		job->extra->start_after = 0;
	envs_take(s, job, place->env, place->instance);
	if (fact->placed.gpu_set) {
		jobs_extra(job)->gpu_set = fact->placed.gpu_set;
		s->gpu_set |= fact->placed.gpu_set;
	}
	share_placed(s, job, fact->at);
	if (taker)
		consume_take(s, taker);
	job->attempt++;
	jobs_move(s, job, JOB_STARTING);
}

/* On restart: its stop may not have been said. */
static bool must_stop(const struct sched *s, const struct live_job *job)
{
	return family_terminated(s, job) || job->timed_out || job->reclaimed || gang_stops(s, job);
}

int attempt_placed(struct sched *s, const struct fact *fact, struct fact_effect *effect,
		   struct err *err)
{
	struct place place = { 0 };
	struct live_job *job = need_placed(s, fact, effect, &place, err);

	if (!job)
		return -1;
	blocked_placed(s, job, effect->born, fact->at);
	take_place(s, job, &place, fact);
	job->waits = fact->placed.waits;
	jobs_due(s, job, must_stop(s, job) ? DUE_STOP : DUE_NONE);
	if (job->kind == JOB_KIND_NODE)
		gang_placed(s, job);
	else if (effect->born)
		family_settle(s, family_parent(s, job));
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
	if (job->waits)
		return err_set(err, ERR_CONFLICT, "node %lld waits for its main node to run",
			       (long long)fact->job);
	jobs_move(s, job, JOB_RUNNING);
	job->started = fact_when(fact);
	if (!family_terminated(s, job) && !job->timed_out && !job->stop_said)
		timeout_add(s, job);
	if (job->kind == JOB_KIND_NODE)
		gang_started(s, job);
	submit_effect(job, JOB_STARTING, effect);
	return 0;
}

/* Its place is taken away: what it holds of the pool comes back soon. */
static void attempt_take_away(struct sched *s, struct live_job *job)
{
	struct resources need = jobs_resources(job);

	if (!job->instance && !job->room_counted)
		resources_add(&s->reclaiming, &need);
	blocked_look_all(s);
	job->room_counted = !job->instance;
	job->reclaimed = true;
}

/* A child is terminated with its array, and it is its own from now on. */
static void take_over_stop(const struct sched *s, struct live_job *job, struct fact_effect *effect)
{
	if (job->terminated)
		return;
	job->terminated = true;
	free(job->reason);
	job->reason = xstrdup(family_parent(s, job)->reason);
	submit_effect(job, job->status, effect);
}

int attempt_stopping(struct sched *s, const struct fact *fact, struct fact_effect *effect,
		     struct err *err)
{
	struct live_job *job = need_attempt(s, fact, err);
	enum stop_cause cause = fact->stopping.cause;

	if (!job)
		return -1;
	if (cause == STOP_TERMINATED && !family_terminated(s, job))
		return err_set(err, ERR_CONFLICT, "nobody has terminated job %lld",
			       (long long)fact->job);
	if (cause == STOP_MAIN_NODE && job->kind != JOB_KIND_NODE)
		return err_set(err, ERR_CONFLICT, "job %lld is no node", (long long)fact->job);
	jobs_due(s, job, DUE_NONE);
	if (cause != STOP_TERMINATED && family_terminated(s, job) && !job->terminated)
		jobs_due(s, job, DUE_STOP); /* on restart: its parent was terminated after that */
	timeout_remove(s, job);
	job->stop_said = true;
	if (cause == STOP_RECLAIMED || cause == STOP_REPLACED)
		attempt_take_away(s, job);
	if (cause == STOP_TERMINATED)
		take_over_stop(s, job, effect);
	if (cause == STOP_MAIN_NODE)
		gang_stopping(s, job);
	if (cause == STOP_TIMEOUT && !job->timed_out) {
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
	job->order = line_front_order(s, job);
	jobs_move(s, job, JOB_RUNNABLE);
	delay_join(s, job, 1);
	submit_effect(job, from, effect);
}

/* It would be tried again, but its array was cancelled (ARR-6). */
static void cancel(struct sched *s, struct live_job *job, struct fact_effect *effect)
{
	submit_end(s, job, JOB_FAILED, family_reason(s, job), effect);
	effect->cancelled = true;
}

/* Is it to be tried again, if nothing else keeps it from that? */
static bool would_retry(const struct sched *s, const struct live_job *job, const struct fact *fact)
{
	return !family_terminated(s, job) && !job->timed_out && fact->ended.exit_code != 0 &&
	       may_retry(s, job, fact);
}

static void settle(struct sched *s, struct live_job *job, const struct fact *fact,
		   struct fact_effect *effect)
{
	if (job->kind == JOB_KIND_NODE)
		gang_ended(s, job, fact, would_retry(s, job, fact), effect);
	else if (family_terminated(s, job))
		submit_end(s, job, JOB_FAILED, family_reason(s, job), effect);
	else if (job->timed_out)
		submit_end(s, job, JOB_FAILED, REASON_TIMEOUT, effect);
	else if (fact->ended.exit_code == 0)
		submit_end(s, job, JOB_SUCCEEDED, fact->ended.status_reason, effect);
	else if (!would_retry(s, job, fact))
		submit_end(s, job, JOB_FAILED, fact->ended.status_reason, effect);
	else if (family_stopped(s, job))
		cancel(s, job, effect);
	else
		try_again(s, job, effect);
}

/* It must have been STARTED, unless somebody ended it. */
static int check_ended(const struct sched *s, const struct live_job *job, const struct fact *fact,
		       struct err *err)
{
	if (job->status == JOB_STARTING && fact->ended.exit_code == 0 &&
	    !family_terminated(s, job) && !job->timed_out && !fact->ended.timed_out)
		return err_set(err, ERR_CONFLICT,
			       "attempt %d of job %lld ended well, but nobody said it started",
			       fact->attempt, (long long)fact->job);
	return 0;
}

static void give_place(struct sched *s, struct live_job *job, const struct fact *fact)
{
	struct live_job *taker = consumer(s, job);

	timeout_remove(s, job);
	share_ended(s, job, fact_when(fact));
	if (taker)
		consume_release(s, taker);
	envs_release(s, job, fact->at);
	if (job->extra) {
		s->gpu_set &= ~job->extra->gpu_set;
		job->extra->gpu_set = 0;
	}
}

int attempt_ended(struct sched *s, const struct fact *fact, struct fact_effect *effect,
		  struct err *err)
{
	struct live_job *job = need_attempt(s, fact, err);

	if (!job || check_ended(s, job, fact, err))
		return -1;
	job->timed_out |= fact->ended.timed_out;
	jobs_due(s, job, DUE_NONE); /* it needs no stop any more */
	give_place(s, job, fact);
	settle(s, job, fact, effect);
	return 0;
}

static void tell_gone(const struct sched *s, const struct live_job *job, struct fact *ended,
		      char text[128])
{
	const struct live_env *env = s->env[job->env];
	char id[INSTANCE_ID_SIZE];

	if (env->form == FORM_SLICES) { /* Fargate: nothing else has no host */
		ended->ended.status_reason = REASON_SPOT_TASK;
		ended->ended.exit_code = EXIT_KILLED;
		return;
	}
	instance_id(instances_key(s, job), id);
	snprintf(text, 128, REASON_HOST_TERMINATED, id);
	ended->ended.status_reason = text;
	ended->ended.exit_code = -1;
}

void sched_settle_end(const struct sched *s, struct fact *ended, char text[128])
{
	const struct live_job *job = jobs_find(s, ended->job);

	if (!job || !jobs_active(job) || job->attempt != ended->attempt || !job->reclaimed ||
	    ended->ended.exit_code == 0)
		return;
	tell_gone(s, job, ended, text);
}

uint64_t gpu_choose(const struct sched *s, int count)
{
	uint64_t chosen = 0;

	if (count <= 0 || s->pool.gpus > 64)
		return 0;
	for (int i = 0; i < s->pool.gpus && count; i++) {
		if (s->gpu_set >> i & 1)
			continue;
		chosen |= UINT64_C(1) << i;
		count--;
	}
	return count ? 0 : chosen;
}
