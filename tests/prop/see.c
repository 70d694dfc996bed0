#include "config.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/model/reason.h"
#include "prop.h"

/* Each fact of a job, held against what the oracle knows. */

#define KEY(job) ((long long)(job)->key)

/* JQ-6: who stands before it and is left standing must be one who will have room on an
 * instance that is coming, unless the queue lets others pass. */
static void see_passed(struct run *run, const struct oracle_job *job, jd_time now)
{
	const struct oracle *o = &run->o;
	int env;

	if (o->queue[job->item->which].backfill)
		return;
	for (int i = 0; i < o->count; i++) {
		const struct oracle_job *other = &o->job[i];

		if (other != job && oracle_in_line(o, other, job->item->which) &&
		    oracle_stands_before(other, job))
			CHECK(FIFO, oracle_place(o, other, now, &env) == ROOM_COMES,
			      "%lld is placed before %lld", KEY(job), KEY(other));
	}
}

static void see_env(struct run *run, const struct oracle_job *job, int env, jd_time now)
{
	const struct oracle *o = &run->o;
	const struct queue_setting *q = &o->queue[job->item->which];
	int i;

	for (i = 0; i < q->env_count && q->env[i] != env; i++) {
		enum room room = oracle_room(o, q->env[i], job, now);

		CHECK(FIFO, room == ROOM_COMES || room == ROOM_POOL || room == ROOM_NONE,
		      "%lld placed in e%d though there is room in e%d", KEY(job), env, q->env[i]);
	}
	CHECK(CAPACITY, i < q->env_count, "%lld placed in e%d, which is not its queue's", KEY(job),
	      env);
	CHECK(CAPACITY, oracle_room(o, env, job, now) == ROOM_NOW, "%lld placed in e%d without room",
	      KEY(job), env);
}

static void see_instance(struct run *run, const struct oracle_job *job, int env, int64_t key)
{
	const struct oracle_instance *best =
		run->o.env[env].form == ENV_INSTANCES ?
			oracle_pack(&run->o, env, &job->item->submit.need) :
			NULL;

	CHECK(PACK, key == (best ? best->key : 0), "%lld placed on instance %lld, not %lld",
	      KEY(job), (long long)key, (long long)(best ? best->key : 0));
}

/* RES-5: as many devices as it asked for, and nobody else's. */
static void see_gpus(struct run *run, const struct oracle_job *job, uint64_t set)
{
	int n = __builtin_popcountll(set), want = job->item->submit.need.gpus;

	CHECK(CAPACITY, n == want || (n == 0 && run->o.used.gpus > run->o.pool.gpus),
	      "%lld has %d devices, not %d", KEY(job), n, want);
	for (int i = 0; i < run->o.count; i++)
		CHECK(CAPACITY, !(run->o.job[i].gpu_set & set), "%lld has devices of %lld",
		      KEY(job), KEY(&run->o.job[i]));
}

/* Spot work is lent what on-demand work does not need: nobody could have that now. */
void see_lent(struct run *run, int env, jd_time now)
{
	int other;

	for (int q = 0; q < run->w->queue_count; q++) {
		const struct oracle_job *head = oracle_head(&run->o, q);
		enum room room = head ? oracle_place(&run->o, head, now, &other) : ROOM_NONE;

		CHECK(LENT, (room != ROOM_NOW && room != ROOM_LAUNCH) || run->o.env[other].spot,
		      "e%d is lent room that q%d could have", env, q);
	}
}

static void see_placed(struct run *run, struct oracle_job *job, const struct fact *fact)
{
	struct oracle *o = &run->o;
	int env = env_number(fact->placed.env), queue = job->item->which, other;

	CHECK(DEPENDS, oracle_in_line(o, job, queue), "%lld is not in line", KEY(job));
	see_passed(run, job, fact->at);
	see_env(run, job, env, fact->at);
	see_instance(run, job, env, fact->placed.instance);
	see_gpus(run, job, fact->placed.gpu_set);
	CHECK(ATTEMPTS,
	      fact->attempt == job->attempt + 1 && fact->attempt <= job->item->submit.attempts,
	      "%lld attempt %d after %d of %d", KEY(job), fact->attempt, job->attempt,
	      job->item->submit.attempts);
	for (int q = 0; q < run->w->queue_count; q++) {
		struct oracle_job *head = oracle_head(o, q);

		CHECK(PRIORITY,
		      !oracle_before(o, q, queue) || !head ||
			      oracle_place(o, head, fact->at, &other) != ROOM_NOW ||
			      oracle_is_lent(o, other),
		      "%lld placed before the head of q%d", KEY(job), q);
	}
	if (oracle_is_lent(o, env))
		see_lent(run, env, fact->at);
	if (run->failed >= 0)
		return;
	oracle_take(o, job, env, fact->placed.instance);
	job->gpu_set = fact->placed.gpu_set;
	job->placed = fact->at;
	job->attempt = fact->attempt;
	job->stop_said = false;
}

/* Is its place being taken away, and by what? */
static bool is_reclaimed(const struct run *run, const struct oracle_job *job, jd_time now)
{
	const struct oracle_instance *i = oracle_instance(&run->o, job->instance);
	const struct env_setting *e = &run->o.env[job->env];

	if (job->reclaimed || (i && i->status == INSTANCE_RECLAIMED))
		return true;
	if (i)
		return i->generation != e->generation && e->updating &&
		       begin_at + e->deadline <= now;
	return e->spot; /* what makes room for others is no business of the job's */
}

static void see_stopping(struct run *run, struct oracle_job *job, const struct fact *fact)
{
	bool late = oracle_deadline(job) <= fact->at, ok = false;
	/* A child that is being stopped for another reason is told of its array's end, once:
	 * that makes the termination its own. */
	bool again = job->parent && fact->stopping.cause == STOP_TERMINATED && !job->terminated;

	switch (fact->stopping.cause) {
	case STOP_TERMINATED:
		ok = oracle_terminated(job);
		job->terminated = true;
		break;
	case STOP_TIMEOUT:
		ok = late;
		job->timed_out = true;
		break;
	case STOP_RECLAIMED:
	case STOP_REPLACED:
		ok = is_reclaimed(run, job, fact->at);
		job->reclaimed = job->taken = true;
		break;
	case STOP_MAIN_NODE:
		break;
	}
	CHECK(SETTLE, oracle_active(job) && (!job->stop_said || again) && ok, "%lld asked to stop for nothing",
	      KEY(job));
	job->stop_said = true;
}

/* SP-2: the host is gone and says so, or the task was interrupted; success stays success. */
static void see_lost(struct run *run, const struct oracle_job *job, const struct fact *fact)
{
	char id[INSTANCE_ID_SIZE], text[100];

	if (!job->reclaimed || fact->ended.exit_code == 0)
		return;
	if (run->o.env[job->env].form == ENV_FARGATE) {
		CHECK(SETTLE,
		      fact->ended.exit_code == 137 &&
			      strcmp(fact->ended.status_reason, REASON_SPOT_TASK) == 0,
		      "%lld was interrupted and says %s", KEY(job), fact->ended.status_reason);
		return;
	}
	CHECK(SETTLE, fact->ended.exit_code == -1, "%lld lost its host and has an exit code",
	      KEY(job));
	snprintf(text, sizeof text, REASON_HOST_TERMINATED,
		 job->instance ? instance_id(job->instance, id) : "i-");
	CHECK(SETTLE,
	      job->instance ? strcmp(fact->ended.status_reason, text) == 0 :
			      strncmp(fact->ended.status_reason, "Host EC2 (instance i-", 21) == 0,
	      "%lld lost its host and says %s", KEY(job), fact->ended.status_reason);
}

static const char *failure_of(const struct oracle_job *job, const struct fact *fact)
{
	if (oracle_terminated(job))
		return stop_reason;
	if (job->timed_out || fact->ended.timed_out)
		return REASON_TIMEOUT;
	return fact->ended.status_reason;
}

static void see_end(struct run *run, const struct oracle_job *job, const struct fact *fact,
		    const struct fact_effect *effect)
{
	struct retry_strategy retry = workload_retry(job->item);
	bool cancelled = job->parent && job->parent->stopped && !oracle_terminated(job) &&
			 !job->timed_out && !fact->ended.timed_out &&
			 retry_is_due(&retry, job->attempt, fact->ended.exit_code,
				      fact->ended.reason, fact->ended.status_reason);

	CHECK(SETTLE,
	      effect->status_reason &&
		      strcmp(effect->status_reason,
			     cancelled ? stop_reason : failure_of(job, fact)) == 0,
	      "%lld failed for \"%s\"", KEY(job), effect->status_reason);
}

static void see_ended(struct run *run, struct oracle_job *job, const struct fact *fact,
		      const struct fact_effect *effect)
{
	enum job_status to = oracle_settle(job, fact);

	CHECK(SETTLE, effect->to == to, "%lld ended with %d and is %s", KEY(job),
	      fact->ended.exit_code, job_status_name(effect->to));
	see_lost(run, job, fact);
	if (to == JOB_FAILED)
		see_end(run, job, fact, effect);
	job->timed_out |= fact->ended.timed_out;
	oracle_give(&run->o, job, fact->at);
	job->started = 0;
	if (to == JOB_RUNNABLE) { /* RT-9: before all who wait */
		const struct oracle_job *head = oracle_head(&run->o, job->item->which);
		int64_t first = !head ? 0 : head->born ? head->order : head->parent->order;

		CHECK(FIFO, effect->order < 0 && (!head || effect->order < first),
		      "%lld is not at the front", KEY(job));
	}
}

/* A parent is the fold of its children (ARR-5). */
static void see_rolled_up(struct run *run, const struct oracle_job *job, const struct fact *fact,
			  const struct fact_effect *effect)
{
	int failed = 0;

	for (int i = 1; i <= job->item->submit.size; i++) {
		enum job_status status = oracle_status(&run->o, job + i);

		CHECK(FOLD, job_status_is_final(status), "%lld ends before its child %d", KEY(job),
		      i - 1);
		failed += status == JOB_FAILED;
	}
	CHECK(FOLD, effect->to == (failed ? JOB_FAILED : JOB_SUCCEEDED),
	      "%lld with %d failed children is %s", KEY(job), failed, job_status_name(effect->to));
	CHECK(FOLD,
	      !failed || strcmp(fact->rolled_up.reason,
				job->stopped ? stop_reason : REASON_ARRAY_CHILD) == 0,
	      "%lld failed for \"%s\"", KEY(job), fact->rolled_up.reason);
}

static bool is_array(const struct oracle_job *job)
{
	return job->item->submit.size && !job->parent;
}

/* A child fails for one before it, or with its array; another job for a dependency. */
static void see_failed(struct run *run, const struct oracle_job *job)
{
	bool stopped = job->parent && job->parent->stopped;

	CHECK(DEPENDS,
	      job->parent ? stopped || oracle_doomed(&run->o, job) :
			    oracle_unmet_failed(&run->o, job) > 0,
	      "%lld FAILED for nothing", KEY(job));
}

static void see_stop(struct run *run, struct oracle_job *job, const struct fact *fact,
		     const struct fact_effect *effect)
{
	bool nothing = job->parent && job->parent->stopped && !job->born;

	if (fact->kind == FACT_CANCELLED)
		nothing |= oracle_active(job) || job->stopped;
	else
		nothing |= job->terminated;
	CHECK(SETTLE, effect->changed == !nothing, "%s %lld changed %d", fact_name(fact->kind),
	      KEY(job), effect->changed);
	if (nothing)
		return;
	if (fact->kind == FACT_CANCELLED)
		job->cancelled = true;
	else
		job->terminated = true;
	job->stopped |= is_array(job);
}

static void see_held(struct run *run, struct oracle_job *job, const struct fact *fact,
		     const struct fact_effect *effect)
{
	jd_time start = begin_at + job->item->at + oracle_start_after(job);
	bool hold = fact->kind == FACT_HELD;

	CHECK(SETTLE, effect->changed == (job->held != hold), "%s %lld changed %d",
	      fact_name(fact->kind), KEY(job), effect->changed);
	if (!hold && !job->held && job->delayed && start <= fact->at)
		job->delayed = false;
	job->held = hold;
}

static void see_job(struct run *run, struct oracle_job *job, const struct fact *fact,
		    const struct fact_effect *effect)
{
	switch (fact->kind) {
	case FACT_SUBMITTED:
		job->submitted = true;
		job->status = JOB_SUBMITTED;
		job->delayed = job->item->submit.start_after_ms > 0;
		break;
	case FACT_RUNNABLE:
		CHECK(DEPENDS, !oracle_unmet(&run->o, job), "%lld RUNNABLE", KEY(job));
		job->open |= is_array(job);
		break;
	case FACT_PENDING:
		CHECK(DEPENDS, is_array(job) || oracle_unmet(&run->o, job), "%lld PENDING",
		      KEY(job));
		break;
	case FACT_FAILED:
		see_failed(run, job);
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
	case FACT_HELD:
	case FACT_RELEASED:
		see_held(run, job, fact, effect);
		break;
	case FACT_BLOCKED:
		CHECK(BLOCKED, effect->changed && effect->from == effect->to,
		      "%lld moved by being blocked", KEY(job));
		break;
	case FACT_ROLLED_UP:
		see_rolled_up(run, job, fact, effect);
		break;
	default: /* CANCELLED, TERMINATED */
		see_stop(run, job, fact, effect);
	}
}

/* What the job was just before; then what it is now. */
static void move(struct run *run, struct oracle_job *job, enum job_status was,
		 const struct fact *fact, const struct fact_effect *effect)
{
	if (!effect->changed)
		return;
	CHECK(TABLE, effect->from == was, "%lld was %s, not %s", KEY(job), job_status_name(was),
	      job_status_name(effect->from));
	CHECK(TABLE, effect->from == effect->to || job_status_may_follow(effect->from, effect->to),
	      "%lld moves from %s to %s", KEY(job), job_status_name(effect->from),
	      job_status_name(effect->to));
	CHECK(TABLE, effect->born == !job->born, "%s makes %lld", fact_name(fact->kind), KEY(job));
	CHECK(TABLE,
	      effect->terminated == oracle_terminated(job) && effect->timed_out == job->timed_out &&
		      effect->held == job->held,
	      "%lld has wrong flags", KEY(job));
	job->born = true;
	job->status = effect->to;
	job->blocked_since = effect->blocked_since;
	snprintf(job->blocked, sizeof job->blocked, "%s",
		 effect->blocked_since ? effect->status_reason : "");
	job->order = effect->order;
}

void see_fact(struct run *run, struct oracle_job *job, const struct fact *fact,
	      const struct fact_effect *effect)
{
	enum job_status was = oracle_status(&run->o, job);

	see_job(run, job, fact, effect);
	move(run, job, was, fact, effect);
}
