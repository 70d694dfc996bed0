/* Properties of the scheduler over random workloads on a made-up clock. Each case builds a
 * world from a seed and lets sim/ run it; a watch sees every fact and holds the scheduler to
 * the table below, by what the oracle (oracle.c) believes. A failing case is shrunk and
 * printed with its seed.
 *
 *	JOBDECK_PROP_CASES	how many (default 2000)
 *	JOBDECK_PROP_SEED	seed of the first one (default 1); the next ones count up */
#include "config.h"
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "jobdeck/base/mem.h"
#include "jobdeck/model/reason.h"
#include "jobdeck/sim/sim.h"
#include "oracle.h"

#define PROP_TABLE(X)                                                                    \
	X(CAPACITY, "no environment and no pool is given more than it has")              \
	X(DEPENDS, "nothing is placed before its dependencies succeeded")                \
	X(ATTEMPTS, "attempts count from 1 and stay within the limit")                   \
	X(FIFO, "only the head of a line is placed, in the first environment with room") \
	X(PRIORITY, "no queue is served while one before it could be")                   \
	X(TABLE, "status moves only along the table")                                    \
	X(SETTLE, "the end of an attempt settles the job by section 6")                  \
	X(REFUSE, "what cannot be is refused, and only that")                            \
	X(TWICE, "asked twice, it decides the same")                                     \
	X(QUIET, "when it decides nothing, nothing is left to decide")                   \
	X(WAKEUP, "nothing becomes possible before the wakeup, and something at it")     \
	X(REPLAY, "the replayed journal gives the live state after every fact")          \
	X(RESTART, "the rows of any moment give the same state again")                   \
	X(CLONE, "a copy equals its original and goes on alike")                         \
	X(VIEWS, "views and explanations tell what is so")                               \
	X(ENDS, "every job that can run ends")

enum prop {
#define X(name, text) PROP_##name,
	PROP_TABLE(X)
#undef X
	    PROP_COUNT
};

static const char *const prop_text[] = {
#define X(name, text) text,
    PROP_TABLE(X)
#undef X
};

static const jd_time begin_at = 1700000000000;
static int64_t checks[PROP_COUNT];
static bool shrinking; /* look at everything, so that luck plays no part */

struct run {
	const struct workload *w;
	struct oracle o;
	struct sched *s, *replay;
	struct sim *sim;
	struct random random; /* for what to look at more closely */
	int64_t facts;
	int failed; /* the property, or -1 */
	char why[300];
};

static void check(struct run *run, enum prop prop, bool ok, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
static void check(struct run *run, enum prop prop, bool ok, const char *fmt, ...)
{
	va_list ap;

	checks[prop]++;
	if (ok || run->failed >= 0)
		return;
	run->failed = prop;
	va_start(ap, fmt);
	vsnprintf(run->why, sizeof run->why, fmt, ap);
	va_end(ap);
}
#define CHECK(prop, ok, ...) check(run, PROP_##prop, (ok), __VA_ARGS__)

/* ---- facts from outside */

static char env_names[MAX_ENVS][4] = {"e0", "e1", "e2", "e3"};
static char queue_names[MAX_QUEUES][4] = {"q0", "q1", "q2", "q3"};
static char stop_reason[] = "stopped by the test";

static struct environment env_row(const struct env_setting *env, int n)
{
	return (struct environment){.name = env_names[n],
				    .type = env->unmanaged ? CE_UNMANAGED : CE_MANAGED,
				    .state = env->disabled ? STATE_DISABLED : STATE_ENABLED,
				    .status = env->invalid ? STATUS_INVALID : STATUS_VALID,
				    .max_vcpus = env->max};
}

static struct queue queue_row(const struct queue_setting *setting, int n)
{
	struct queue q = {.name = queue_names[n],
			  .state = setting->disabled ? STATE_DISABLED : STATE_ENABLED,
			  .status = STATUS_VALID,
			  .priority = setting->priority,
			  .env_count = setting->env_count};

	for (int i = 0; i < q.env_count; i++)
		q.env[i] = env_names[setting->env[i]];
	return q;
}

static struct job job_row(const struct item *item, int64_t *depends)
{
	struct job job = {.key = item->job,
			  .queue = queue_names[item->which],
			  .need = item->submit.need,
			  .retry = workload_retry(item),
			  .timeout_s = item->submit.timeout_s,
			  .depends_count = (size_t)item->submit.depends_count,
			  .depends = depends};

	memcpy(depends, item->submit.depends, sizeof item->submit.depends);
	return job;
}

/* Applies it to the scheduler (by way of the simulation) and to the replay alike. */
static int say(struct run *run, const struct fact *fact)
{
	struct err err = {0};

	if (!sim_apply(run->sim, fact, &err))
		return 0;
	CHECK(REPLAY, sched_apply(run->replay, fact, NULL, NULL) == -1,
	      "the replay accepts %s %" PRId64, fact_name(fact->kind), fact->job);
	CHECK(REFUSE, err.kind && err.text[0], "refused without a word");
	return -1;
}

static void say_env(struct run *run, jd_time at, const struct env_setting *setting, int n)
{
	struct environment env = env_row(setting, n);
	struct fact fact = {.kind = FACT_ENVIRONMENT, .at = at, .environment = &env};

	CHECK(REFUSE, say(run, &fact) == 0, "e%d refused", n);
	run->o.env[n] = *setting;
}

static void say_queue(struct run *run, jd_time at, const struct queue_setting *setting, int n)
{
	struct queue q = queue_row(setting, n);
	struct fact fact = {.kind = FACT_QUEUE, .at = at, .queue = &q};

	CHECK(REFUSE, say(run, &fact) == 0, "q%d refused", n);
	run->o.queue[n] = *setting;
}

static void say_pool(struct run *run, jd_time at, const struct resources *pool)
{
	struct fact fact = {.kind = FACT_POOL, .at = at, .pool = *pool};

	CHECK(REFUSE, say(run, &fact) == 0, "pool refused");
	run->o.pool = *pool;
}

/* The engine fails a job that is submitted after its dependency failed. */
static void say_submit(struct run *run, jd_time at, const struct item *item)
{
	int64_t depends[MAX_DEPENDS];
	struct job job = job_row(item, depends);
	struct fact fact = {.kind = FACT_SUBMITTED, .at = at, .job = job.key, .submitted = &job};

	CHECK(REFUSE, say(run, &fact) == 0, "submit %" PRId64 " refused", job.key);
	if (oracle_unmet_failed(&run->o, oracle_job(&run->o, job.key))) {
		fact = (struct fact){
		    .kind = FACT_FAILED, .at = at, .job = item->job, .reason = REASON_DEPENDENCY};
		CHECK(REFUSE, say(run, &fact) == 0, "fail %" PRId64 " refused", item->job);
	}
}

static void say_stop(struct run *run, jd_time at, const struct item *item)
{
	const struct oracle_job *job = oracle_job(&run->o, item->job);
	struct fact fact = {.kind = item->kind == ITEM_CANCEL ? FACT_CANCELLED : FACT_TERMINATED,
			    .at = at,
			    .job = item->job,
			    .reason = stop_reason};
	bool accepted;

	sim_run(run->sim, at - 1); /* so that the oracle knows what was then */
	accepted = say(run, &fact) == 0;
	CHECK(REFUSE, accepted || !oracle_live(job), "%s %" PRId64 " refused", fact_name(fact.kind),
	      item->job);
}

static void say_item(struct run *run, const struct item *item)
{
	jd_time at = begin_at + item->at;

	switch (item->kind) {
	case ITEM_SUBMIT:
		say_submit(run, at, item);
		break;
	case ITEM_CANCEL:
	case ITEM_TERMINATE:
		say_stop(run, at, item);
		break;
	case ITEM_ENV:
		say_env(run, at, &item->env, item->which);
		break;
	case ITEM_QUEUE:
		say_queue(run, at, &item->queue, item->which);
		break;
	case ITEM_POOL:
		say_pool(run, at, &item->pool);
	}
}

static void say_world(struct run *run, jd_time at)
{
	say_pool(run, at, &run->w->pool);
	for (int i = 0; i < run->w->env_count; i++)
		say_env(run, at, &run->w->env[i], i);
	for (int i = 0; i < run->w->queue_count; i++)
		say_queue(run, at, &run->w->queue[i], i);
}

/* ---- each fact of a job, held against what the oracle knows */

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
			  strcmp(effect->status_reason, job->terminated ? stop_reason
							: job->timed_out || fact->ended.timed_out
							    ? REASON_TIMEOUT
							    : REASON_EXITED) == 0,
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
	job->order = effect->order;
}

/* ---- the same state by other ways */

static void compare_replay(struct run *run, const struct fact *fact,
			   const struct fact_effect *effect)
{
	struct fact_effect again = {0};

	CHECK(REPLAY, sched_apply(run->replay, fact, &again, NULL) == 0, "the replay refuses %s %d",
	      fact_name(fact->kind), (int)fact->job);
	CHECK(REPLAY,
	      again.changed == effect->changed && again.from == effect->from &&
		  again.to == effect->to && again.order == effect->order,
	      "%s %" PRId64 " has another effect in the replay", fact_name(fact->kind), fact->job);
	CHECK(REPLAY, sched_hash(run->replay) == sched_hash(run->s),
	      "hash differs after %s %" PRId64, fact_name(fact->kind), fact->job);
}

static bool drain(struct sched *s, jd_time now)
{
	struct fact fact;

	while (sched_decide(s, now, &fact)) {
		if (sched_apply(s, &fact, NULL, NULL))
			return false;
	}
	return true;
}

static void restore_job(struct run *run, struct sched *s, const struct oracle_job *job)
{
	int64_t depends[MAX_DEPENDS], key = oracle_key(&run->o, job);
	struct job row = job_row(job->item, depends);
	struct fact fact = {.kind = FACT_SUBMITTED, .job = key, .submitted = &row};

	row.status = job->status;
	row.attempt = job->attempt;
	row.order = job->order;
	row.terminated = job->terminated;
	row.timed_out = job->timed_out;
	row.status_reason = job->terminated ? stop_reason : NULL;
	CHECK(RESTART, sched_apply(s, &fact, NULL, NULL) == 0, "restart: submit %" PRId64, key);
	if (!oracle_active(job))
		return;
	fact = (struct fact){.kind = FACT_PLACED, .job = key, .attempt = job->attempt};
	fact.placed.env = env_names[job->env];
	CHECK(RESTART, sched_apply(s, &fact, NULL, NULL) == 0, "restart: place %" PRId64, key);
	if (job->status != JOB_RUNNING)
		return;
	fact = (struct fact){
	    .kind = FACT_STARTED, .at = job->started, .job = key, .attempt = job->attempt};
	CHECK(RESTART, sched_apply(s, &fact, NULL, NULL) == 0, "restart: start %" PRId64, key);
}

static void restore_places(struct run *run, struct sched *s)
{
	struct fact fact = {.kind = FACT_POOL, .pool = run->o.pool};

	sched_apply(s, &fact, NULL, NULL);
	for (int i = 0; i < run->w->env_count; i++) {
		struct environment env = env_row(&run->o.env[i], i);

		fact = (struct fact){.kind = FACT_ENVIRONMENT, .environment = &env};
		sched_apply(s, &fact, NULL, NULL);
	}
	for (int i = 0; i < run->w->queue_count; i++) {
		struct queue q = queue_row(&run->o.queue[i], i);

		fact = (struct fact){.kind = FACT_QUEUE, .queue = &q};
		sched_apply(s, &fact, NULL, NULL);
	}
}

/* As the engine does it from the store's rows: places, jobs by key, and jobs failed whose
 * dependency had failed when the server died. */
static struct sched *restore(struct run *run)
{
	struct sched *s = sched_new();

	restore_places(run, s);
	for (int i = 0; i < run->w->job_count; i++) {
		if (oracle_live(&run->o.job[i]))
			restore_job(run, s, &run->o.job[i]);
	}
	for (int i = 0; i < run->w->job_count; i++) {
		const struct oracle_job *job = &run->o.job[i];
		struct fact fact = {.kind = FACT_FAILED,
				    .job = oracle_key(&run->o, job),
				    .reason = REASON_DEPENDENCY};

		if (oracle_live(job) && oracle_unmet_failed(&run->o, job))
			sched_apply(s, &fact, NULL, NULL);
	}
	return s;
}

static void compare_restart(struct run *run, jd_time now)
{
	struct sched *copy = sched_clone(run->s), *again = restore(run);

	CHECK(CLONE, sched_hash(copy) == sched_hash(run->s), "a copy differs");
	CHECK(RESTART, drain(again, now), "restarted, it refuses what it decided");
	CHECK(CLONE, drain(copy, now), "copied, it refuses what it decided");
	CHECK(RESTART, sched_hash(again) == sched_hash(copy), "restarted, it comes to another end");
	sched_free(copy);
	sched_free(again);
}

/* From now on the replay is a copy: of itself or of the live one. */
static void swap_for_copy(struct run *run)
{
	struct sched *old = run->replay;

	run->replay = sched_clone(random_one_in(&run->random, 2) ? run->s : old);
	sched_free(old);
	CHECK(CLONE, sched_hash(run->replay) == sched_hash(run->s), "a copy differs");
}

/* ---- what it decides, and when it decides nothing */

static bool same_fact(const struct fact *a, const struct fact *b)
{
	return a->kind == b->kind && a->at == b->at && a->job == b->job &&
	       a->attempt == b->attempt &&
	       (a->kind != FACT_PLACED || strcmp(a->placed.env, b->placed.env) == 0);
}

static void ask_twice(struct run *run, jd_time now)
{
	struct fact first = {0}, second = {0}, third = {0};
	bool any = sched_decide(run->s, now, &first);

	CHECK(TWICE, sched_decide(run->s, now, &second) == any && same_fact(&first, &second),
	      "asked twice, it says %s and %s", fact_name(first.kind), fact_name(second.kind));
	CHECK(TWICE, sched_decide(run->replay, now, &third) == any && same_fact(&first, &third),
	      "the replay decides %s, not %s %" PRId64, fact_name(third.kind),
	      fact_name(first.kind), first.job);
}

static void quiet_job(struct run *run, const struct oracle_job *job, jd_time now)
{
	long long key = oracle_key(&run->o, job);

	CHECK(QUIET, job->status != JOB_SUBMITTED, "%lld is left SUBMITTED", key);
	if (job->status == JOB_PENDING)
		CHECK(QUIET, oracle_unmet(&run->o, job) && !oracle_unmet_failed(&run->o, job),
		      "%lld is left PENDING", key);
	if (oracle_active(job) && !job->stop_said)
		CHECK(QUIET, !job->terminated && oracle_deadline(job) > now, "%lld is left running",
		      key);
}

static void wakeup(struct run *run, jd_time now)
{
	jd_time at = sched_wakeup(run->s, now), expected = JD_NEVER;
	struct fact fact;

	for (int i = 0; i < run->w->job_count; i++) {
		jd_time deadline = oracle_deadline(&run->o.job[i]);

		if (deadline < expected)
			expected = deadline;
	}
	CHECK(WAKEUP, at == expected, "wakeup in %" PRId64 " instead of %" PRId64 " ms", at - now,
	      expected - now);
	if (at == JD_NEVER) {
		CHECK(WAKEUP, !sched_decide(run->s, now + 1000000000, &fact), "later something is");
		return;
	}
	CHECK(WAKEUP, !sched_decide(run->s, at - 1, &fact), "something is before the wakeup");
	CHECK(WAKEUP, sched_decide(run->s, at, &fact), "nothing is at the wakeup");
}

/* Nothing left to decide: so nothing may be possible. */
static void quiet(struct run *run, jd_time now)
{
	struct fact fact = {0};

	CHECK(QUIET, !sched_decide(run->s, now, &fact), "it is not done: %s %" PRId64,
	      fact_name(fact.kind), fact.job);
	for (int i = 0; i < run->w->job_count; i++) {
		if (oracle_live(&run->o.job[i]))
			quiet_job(run, &run->o.job[i], now);
	}
	for (int q = 0; q < run->w->queue_count; q++) {
		const struct oracle_job *head = oracle_head(&run->o, q);

		CHECK(QUIET, !head || oracle_place(&run->o, q, head) < 0,
		      "the head of q%d could be placed", q);
	}
	wakeup(run, now);
}

/* ---- views */

static bool same_resources(const struct resources *a, const struct resources *b)
{
	return a->vcpu_milli == b->vcpu_milli && a->memory_mib == b->memory_mib &&
	       a->gpus == b->gpus;
}

static void view_queue(struct run *run, int q)
{
	const struct oracle_job *head = oracle_head(&run->o, q);
	struct sched_queue_view view;
	int64_t count[JOB_COUNT] = {0};

	for (int i = 0; i < run->w->job_count; i++) {
		const struct oracle_job *job = &run->o.job[i];

		if (oracle_live(job) && job->item->which == q)
			count[job->status]++;
	}
	CHECK(VIEWS, sched_queue(run->s, queue_names[q], &view), "no view of q%d", q);
	CHECK(VIEWS, memcmp(view.count, count, sizeof count) == 0, "counts of q%d", q);
	CHECK(VIEWS, view.head == (head ? oracle_key(&run->o, head) : 0), "head of q%d", q);
}

static void view_places(struct run *run)
{
	struct resources used = sched_used(run->s);

	CHECK(VIEWS, same_resources(&used, &run->o.used), "what is used of the pool");
	for (int i = 0; i < run->w->env_count; i++) {
		struct sched_env_view view;

		CHECK(VIEWS,
		      sched_env(run->s, env_names[i], &view) &&
			  same_resources(&view.used, &run->o.env_used[i]) &&
			  view.active == run->o.env_active[i],
		      "what is used of e%d", i);
	}
	for (int q = 0; q < run->w->queue_count; q++)
		view_queue(run, q);
}

/* The line says what is so; the exact words are the unit tests' part. */
static void view_explanation(struct run *run, const struct oracle_job *job)
{
	long long key = oracle_key(&run->o, job), ahead = oracle_ahead(&run->o, job);
	char line[200], number[40];
	bool never = !oracle_could_ever(&run->o, job->item->which, job);

	sched_explain(run->s, key, line, sizeof line);
	if (oracle_active(job)) {
		CHECK(VIEWS, !line[0], "%lld runs and yet: %s", key, line);
	} else if (job->status == JOB_PENDING) {
		snprintf(number, sizeof number, "waits for %d of ", oracle_unmet(&run->o, job));
		CHECK(VIEWS, strncmp(line, number, strlen(number)) == 0, "%lld: %s", key, line);
	} else {
		CHECK(VIEWS, line[0], "%lld waits for no reason", key);
		CHECK(VIEWS,
		      never == (strncmp(line, "needs ", 6) == 0 && strstr(line, "never run")),
		      "%lld: %s", key, line);
		snprintf(number, sizeof number, "behind %lld job", ahead);
		CHECK(VIEWS,
		      strncmp(line, "behind", 6) != 0 ||
			  (ahead && strncmp(line, number, strlen(number)) == 0),
		      "%lld: %s", key, line);
	}
}

static void view_jobs(struct run *run)
{
	int64_t live = 0;

	for (int i = 0; i < run->w->job_count; i++) {
		const struct oracle_job *job = &run->o.job[i];
		struct sched_job_view view;
		bool known = sched_job(run->s, oracle_key(&run->o, job), &view);

		CHECK(VIEWS, known == oracle_live(job), "%d is remembered", i);
		if (!known)
			continue;
		live++;
		CHECK(VIEWS, view.status == job->status && view.attempt == job->attempt,
		      "view of %d", i);
		view_explanation(run, job);
	}
	CHECK(VIEWS, sched_live(run->s) == live, "%d live jobs", (int)live);
}

/* ---- a case */

/* Submitted after its dependency failed, but the engine has not said so yet: both facts are
 * of one transaction, so no restart comes between them. */
static bool half_told(const struct run *run, const struct oracle_job *job)
{
	return job->status == JOB_SUBMITTED && oracle_unmet_failed(&run->o, job);
}

static void watch(void *arg, const struct fact *fact, const struct fact_effect *effect)
{
	struct run *run = arg;
	struct oracle_job *job = fact->job ? oracle_job(&run->o, fact->job) : NULL;

	if (run->failed >= 0)
		return;
	run->facts++;
	if (job) {
		see_job(run, job, fact, effect);
		move(run, job, fact, effect);
	}
	if (run->failed < 0)
		compare_replay(run, fact, effect);
	if (run->failed < 0 && run->w->nosy)
		ask_twice(run, fact->at);
	if (run->failed < 0 && job && (shrinking || random_one_in(&run->random, 16)) &&
	    !half_told(run, job))
		compare_restart(run, fact->at);
	if (run->failed < 0 && (shrinking || random_one_in(&run->random, 16)))
		swap_for_copy(run);
}

static void look_around(struct run *run)
{
	if (run->failed < 0)
		quiet(run, sim_now(run->sim));
	if (run->failed < 0)
		view_places(run);
	if (run->failed < 0)
		view_jobs(run);
}

static int64_t duration(void *arg, int64_t job, int attempt)
{
	return workload_duration(arg, job, attempt);
}

static int exit_code(void *arg, int64_t job, int attempt)
{
	return workload_exit_code(arg, job, attempt);
}

/* A job is stuck rightly when it can never fit, or stands behind such a one, or waits for a
 * job that is stuck. */
static bool rightly_stuck(const struct run *run, const struct oracle_job *job)
{
	if (job->status == JOB_RUNNABLE)
		return !oracle_could_ever(&run->o, job->item->which,
					  oracle_head(&run->o, job->item->which));
	return job->status == JOB_PENDING && oracle_unmet(&run->o, job);
}

/* The world is put back as it was, and then all must end. */
static void finish(struct run *run)
{
	say_world(run, sim_now(run->sim) + 1);
	sim_run(run->sim, JD_NEVER);
	look_around(run);
	for (int i = 0; i < run->w->job_count && run->failed < 0; i++) {
		const struct oracle_job *job = &run->o.job[i];

		CHECK(ENDS, !oracle_live(job) || rightly_stuck(run, job), "job %" PRId64 " is %s",
		      oracle_key(&run->o, job), job_status_name(job->status));
	}
}

static void run_items(struct run *run)
{
	say_world(run, begin_at);
	for (int i = 0; i < run->w->item_count && run->failed < 0; i++) {
		const struct item *item = &run->w->items[i];

		if (item->left_out)
			continue;
		if (begin_at + item->at > sim_now(run->sim)) {
			sim_run(run->sim, begin_at + item->at - 1);
			look_around(run);
		}
		if (run->failed < 0)
			say_item(run, item);
	}
	if (run->failed < 0)
		finish(run);
}

static void run_case(struct run *run, const struct workload *w)
{
	union {
		const struct workload *in;
		void *out;
	} arg = {.in = w}; /* only read */
	struct sim_guess guess = {.duration_ms = duration,
				  .exit_code = exit_code,
				  .arg = arg.out,
				  .start_ms = w->start_ms,
				  .stop_ms = w->stop_ms};

	*run = (struct run){.w = w, .failed = -1, .random = {.state = ~w->seed}};
	oracle_init(&run->o, w);
	run->s = sched_new();
	run->replay = sched_new();
	run->sim = sim_new(run->s, begin_at, &guess, watch, run);
	run_items(run);
	sim_free(run->sim);
	sched_free(run->s);
	sched_free(run->replay);
	oracle_fini(&run->o);
}

static bool still_fails(const struct workload *w)
{
	struct run run;

	run_case(&run, w);
	return run.failed >= 0;
}

/* ---- all cases */

static uint64_t present_seed;

static void bail_out(int signal)
{
	char text[100];
	int n = snprintf(text, sizeof text, "Bail out! signal %d in seed %" PRIu64 "\n", signal,
			 present_seed);

	if (write(STDOUT_FILENO, text, (size_t)n) < 0)
		_exit(3);
	_exit(2);
}

static int64_t setting(const char *name, int64_t otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoll(text, NULL, 10) : otherwise;
}

static void report(int failed, const char *why)
{
	printf("1..%d\n", PROP_COUNT);
	for (int i = 0; i < PROP_COUNT; i++) {
		printf("%s %d - %s (%" PRId64 " checks)\n", i == failed ? "not ok" : "ok", i + 1,
		       prop_text[i], checks[i]);
		if (i == failed)
			printf("# seed %" PRIu64 ": %s\n", present_seed, why);
	}
}

static void report_failure(struct workload *w)
{
	struct run run;

	shrinking = true;
	workload_shrink(w, still_fails);
	run_case(&run, w);
	printf("# JOBDECK_PROP_SEED=%" PRIu64 " JOBDECK_PROP_CASES=1 fails; the least that does:\n",
	       w->seed);
	workload_print(w);
	report(run.failed, run.why);
}

int main(void)
{
	int64_t cases = setting("JOBDECK_PROP_CASES", 2000);
	uint64_t first = (uint64_t)setting("JOBDECK_PROP_SEED", 1);
	int64_t facts = 0;

	signal(SIGABRT, bail_out);
	signal(SIGSEGV, bail_out);
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int64_t i = 0; i < cases; i++) {
		struct workload w;
		struct run run;

		present_seed = first + (uint64_t)i;
		workload_make(&w, present_seed);
		run_case(&run, &w);
		facts += run.facts;
		if (run.failed >= 0) {
			report_failure(&w);
			workload_fini(&w);
			return 1;
		}
		workload_fini(&w);
	}
	printf("# seeds %" PRIu64 "..%" PRIu64 ", %" PRId64 " facts\n", first, present_seed, facts);
	report(-1, "");
	return 0;
}
