#include "config.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/model/reason.h"
#include "prop.h"

/* Each fact of a job, held against what the oracle knows. */

static void see_placed(struct run *run, struct oracle_job *job, const struct fact *fact)
{
	struct oracle *o = &run->o;
	int queue = job->item->which, env = oracle_place(o, queue, job);

	CHECK(CAPACITY, env >= 0, "%" PRId64 " placed without room", fact->job);
	CHECK(FIFO, oracle_head(o, queue) == job, "%" PRId64 " is not the head", fact->job);
	CHECK(FIFO, env < 0 || strcmp(env_names[env], fact->placed.env) == 0,
	      "%" PRId64 " placed in %s", fact->job, fact->placed.env);
	CHECK(DEPENDS, !oracle_unmet(o, job), "%" PRId64 " has unmet dependencies", fact->job);
	CHECK(ATTEMPTS,
	      fact->attempt == job->attempt + 1 && fact->attempt <= job->item->submit.attempts,
	      "%" PRId64 " attempt %d after %d of %d", fact->job, fact->attempt, job->attempt,
	      job->item->submit.attempts);
	for (int q = 0; q < run->w->queue_count; q++) {
		struct oracle_job *head = oracle_head(o, q);

		CHECK(PRIORITY,
		      !oracle_before(o, q, queue) || !head || oracle_place(o, q, head) < 0,
		      "%" PRId64 " placed before the head of q%d", fact->job, q);
	}
	if (env >= 0)
		oracle_take(o, job, env);
	job->attempt = fact->attempt;
	job->stop_said = false;
}

static void see_stopping(struct run *run, struct oracle_job *job, const struct fact *fact)
{
	bool late = oracle_deadline(job) <= fact->at;

	CHECK(SETTLE, oracle_active(job) && !job->stop_said && (job->terminated || late),
	      "%" PRId64 " asked to stop for nothing", fact->job);
	CHECK(SETTLE, (fact->stopping.cause == STOP_TERMINATED) == job->terminated,
	      "%" PRId64 " asked to stop for the wrong reason", fact->job);
	job->stop_said = true;
	job->timed_out |= fact->stopping.cause == STOP_TIMEOUT;
}

static void see_ended(struct run *run, struct oracle_job *job, const struct fact *fact,
		      const struct fact_effect *effect)
{
	enum job_status to = oracle_settle(job, fact);

	CHECK(SETTLE, effect->to == to, "%" PRId64 " ended with %d and is %s", fact->job,
	      fact->ended.exit_code, job_status_name(effect->to));
	if (to == JOB_FAILED)
		CHECK(SETTLE,
		      effect->status_reason &&
			      strcmp(effect->status_reason,
				     job->terminated			     ? stop_reason :
				     job->timed_out || fact->ended.timed_out ? REASON_TIMEOUT :
									       REASON_EXITED) == 0,
		      "%" PRId64 " failed for \"%s\"", fact->job, effect->status_reason);
	job->timed_out |= fact->ended.timed_out;
	oracle_give(&run->o, job);
	if (to == JOB_RUNNABLE) { /* RT-9: before all who wait */
		const struct oracle_job *head = oracle_head(&run->o, job->item->which);

		CHECK(FIFO, effect->order < 0 && (!head || effect->order < head->order),
		      "%" PRId64 " is not at the front", fact->job);
	}
}

static void see_job(struct run *run, struct oracle_job *job, const struct fact *fact,
		    const struct fact_effect *effect)
{
	switch (fact->kind) {
	case FACT_SUBMITTED:
		job->submitted = true;
		job->status = JOB_SUBMITTED;
		break;
	case FACT_RUNNABLE:
		CHECK(DEPENDS, !oracle_unmet(&run->o, job), "%" PRId64 " RUNNABLE", fact->job);
		break;
	case FACT_PENDING:
		CHECK(DEPENDS, oracle_unmet(&run->o, job), "%" PRId64 " PENDING", fact->job);
		break;
	case FACT_FAILED:
		CHECK(DEPENDS, oracle_unmet_failed(&run->o, job), "%" PRId64 " FAILED", fact->job);
		break;
	case FACT_PLACED:
		see_placed(run, job, fact);
		break;
	case FACT_STARTED:
		job->started = fact->at;
		break;
	case FACT_STOPPING:
		see_stopping(run, job, fact);
		break;
	case FACT_ENDED:
		see_ended(run, job, fact, effect);
		break;
	case FACT_TERMINATED:
		CHECK(SETTLE, effect->changed == !job->terminated, "terminated twice");
		job->terminated = true;
		break;
	case FACT_BLOCKED:
		CHECK(BLOCKED, effect->changed && effect->from == effect->to,
		      "%" PRId64 " moved by being blocked", fact->job);
		break;
	default: /* CANCELLED */
		CHECK(SETTLE, effect->changed == !oracle_active(job), "cancel did something");
	}
}

static void move(struct run *run, struct oracle_job *job, const struct fact *fact,
		 const struct fact_effect *effect)
{
	if (!effect->changed)
		return;
	CHECK(TABLE, effect->from == job->status, "%" PRId64 " was %s, not %s", fact->job,
	      job_status_name(job->status), job_status_name(effect->from));
	CHECK(TABLE, effect->from == effect->to || job_status_may_follow(effect->from, effect->to),
	      "%" PRId64 " moves from %s to %s", fact->job, job_status_name(effect->from),
	      job_status_name(effect->to));
	CHECK(TABLE, effect->terminated == job->terminated && effect->timed_out == job->timed_out,
	      "%" PRId64 " has wrong flags", fact->job);
	job->status = effect->to;
	job->blocked_since = effect->blocked_since;
	snprintf(job->blocked, sizeof job->blocked, "%s",
		 effect->blocked_since ? effect->status_reason : "");
	job->order = effect->order;
}

void see_fact(struct run *run, struct oracle_job *job, const struct fact *fact,
	      const struct fact_effect *effect)
{
	see_job(run, job, fact, effect);
	move(run, job, fact, effect);
}
