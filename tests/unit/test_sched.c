/* sched/: what becomes of jobs. Each test is named after the rule of doc/semantics.md that it
 * holds us to. */
#include "config.h"
#include <malloc.h>
#include "sched_world.h"

/* ---- section 2: the state machine */

static void test_life_of_a_job(void **state)
{
	struct world *w = *state;
	struct sched_job_view view;

	submit(w, 7, name_high, 1);
	assert_effect(w, SUBMITTED, SUBMITTED);
	assert_int_equal(w->effect.order, 7);
	assert_string_equal(decide(w), "R7 P7a");
	assert_effect(w, RUNNABLE, STARTING);
	w->now += 10;
	assert_int_equal(start(w, 7, 1), 0);
	assert_effect(w, STARTING, RUNNING);
	assert_true(sched_job(w->s, 7, &view));
	assert_int_equal(view.started, w->now);
	assert_string_equal(view.env, "a");
	assert_string_equal(view.queue, "high");
	assert_int_equal(end_with(w, 7, 1, 0, NULL), 0);
	assert_effect(w, RUNNING, SUCCEEDED);
	assert_string_equal(w->effect.status_reason, REASON_EXITED);
	assert_false(sched_job(w->s, 7, &view));
	assert_int_equal(sched_live(w->s), 0);
	assert_int_equal(sched_used(w->s).vcpu_milli, 0);
}

static void test_refusals_change_nothing(void **state)
{
	struct world *w = *state;
	struct job job = job_of(7, name_high, 1);
	char nowhere[] = "nowhere";

	assert_refused(start(w, 7, 1), w, ERR_NOT_FOUND);
	assert_refused(tell(w, FACT_CANCELLED, 7, "x"), w, ERR_NOT_FOUND);
	submit(w, 7, name_high, 1);
	assert_refused(submit_job(w, &job), w, ERR_CONFLICT);
	assert_refused(start(w, 7, 1), w, ERR_CONFLICT);
	assert_refused(tell(w, FACT_PENDING, 7, NULL), w, ERR_CONFLICT);
	decide(w);
	assert_refused(start(w, 7, 2), w, ERR_CONFLICT);
	assert_refused(tell(w, FACT_RUNNABLE, 7, NULL), w, ERR_CONFLICT);
	assert_refused(tell(w, FACT_FAILED, 7, "x"), w, ERR_CONFLICT);
	assert_refused(end_with(w, 7, 1, 0, NULL), w, ERR_CONFLICT); /* never started */
	assert_int_equal(start(w, 7, 1), 0);
	assert_refused(start(w, 7, 1), w, ERR_CONFLICT);
	assert_refused(end_with(w, 7, 2, 0, NULL), w, ERR_CONFLICT);
	job.key = 8;
	job.queue = nowhere;
	assert_refused(submit_job(w, &job), w, ERR_NOT_FOUND);
	job.queue = name_high;
	job.need.vcpu_milli = -1;
	assert_refused(submit_job(w, &job), w, ERR_INVALID);
	job.need.vcpu_milli = INT64_MAX;
	assert_refused(submit_job(w, &job), w, ERR_INVALID);
	job = job_of(0, name_high, 1);
	assert_refused(submit_job(w, &job), w, ERR_INVALID);
	job = job_of(9, name_high, 1);
	job.status = JOB_FAILED;
	assert_refused(submit_job(w, &job), w, ERR_CONFLICT);
	assert_refused(put_pool(w, -1, 0, 0), w, ERR_INVALID);
}

static void test_failed_start(void **state)
{
	struct world *w = *state;

	submit(w, 1, name_high, 1);
	decide(w);
	assert_int_equal(end_with(w, 1, 1, -1, "CannotPullContainerError: no"), 0);
	assert_effect(w, STARTING, FAILED);
}

/* ---- section 3: dependencies */

static void test_dep_2_only_success_satisfies(void **state)
{
	struct world *w = *state;
	int64_t on_1[] = { 1 }, on_2[] = { 2 };

	submit(w, 1, name_high, 1);
	submit_after(w, 2, on_1, 1);
	submit_after(w, 3, on_2, 1);
	assert_string_equal(decide(w), "R1 W2 W3 P1a");
	assert_why(w, 2, "waits for 1 of 1 dependency");
	assert_int_equal(start(w, 1, 1), 0);
	assert_int_equal(end_with(w, 1, 1, 3, NULL), 0);
	assert_effect(w, RUNNING, FAILED);
	assert_string_equal(decide(w), "F2 F3"); /* transitively */
	assert_effect(w, PENDING, FAILED);
	assert_string_equal(w->effect.status_reason, "Dependent Job failed");
	assert_int_equal(sched_live(w->s), 0);
}

static void test_dep_all_must_succeed(void **state)
{
	struct world *w = *state;
	int64_t on[] = { 1, 2, 2 };

	submit(w, 1, name_high, 1);
	submit(w, 2, name_high, 1);
	submit_after(w, 3, on, 3);
	assert_string_equal(decide(w), "R1 R2 W3 P1a P2a");
	assert_why(w, 3, "waits for 2 of 3 dependencies");
	run(w, 1, 1, 0);
	assert_string_equal(decide(w), "");
	run(w, 2, 1, 0);
	assert_string_equal(decide(w), "R3 P3a");
}

static void test_dep_8_unknown_is_met(void **state)
{
	struct world *w = *state;
	int64_t on[] = { 99 };

	submit_after(w, 1, on, 1);
	assert_string_equal(decide(w), "R1 P1a");
}

static void test_dep_8_caller_fails_it(void **state)
{
	struct world *w = *state;

	submit(w, 1, name_high, 1);
	assert_int_equal(tell(w, FACT_FAILED, 1, REASON_DEPENDENCY), 0);
	assert_effect(w, SUBMITTED, FAILED);
	assert_string_equal(decide(w), "");
}

static void test_dep_10_judged_on_the_job(void **state)
{
	struct world *w = *state;
	struct job job = job_of(1, name_high, 1);
	int64_t on[] = { 1 };

	job.retry.attempts = 2;
	assert_int_equal(submit_job(w, &job), 0);
	submit_after(w, 2, on, 1);
	decide(w);
	run(w, 1, 1, 1);
	assert_string_equal(decide(w), "P1a");
	run(w, 1, 2, 0);
	assert_string_equal(decide(w), "R2 P2a");
}

static void test_cancelled_dependent_leaves_no_trace(void **state)
{
	struct world *w = *state;
	int64_t on[] = { 1 };

	submit(w, 1, name_high, 1);
	for (int64_t key = 2; key <= 5; key++)
		submit_after(w, key, on, 1);
	decide(w);
	assert_int_equal(tell(w, FACT_CANCELLED, 3, "no"), 0);
	assert_effect(w, PENDING, FAILED);
	assert_true(w->effect.cancelled);
	assert_int_equal(tell(w, FACT_CANCELLED, 5, "no"), 0);
	assert_int_equal(tell(w, FACT_CANCELLED, 2, "no"), 0);
	run(w, 1, 1, 0);
	assert_string_equal(decide(w), "R4 P4a");
}

/* ---- section 6: retry */

static void test_rt_9_retried_job_goes_to_the_front(void **state)
{
	struct world *w = *state;
	struct job job = job_of(1, name_low, 4);

	job.retry.attempts = 3;
	assert_int_equal(submit_job(w, &job), 0);
	job.key = 2;
	assert_int_equal(submit_job(w, &job), 0);
	submit(w, 3, name_low, 4);
	assert_string_equal(decide(w), "R1 R2 R3 P1a");
	run(w, 1, 1, 1);
	assert_effect(w, RUNNING, RUNNABLE);
	assert_null(w->effect.status_reason);
	assert_int_equal(w->effect.order, -1);
	assert_string_equal(decide(w), "P1a");
	assert_int_equal(tell(w, FACT_TERMINATED, 1, "x"), 0);
	assert_string_equal(decide(w), "S1");
	assert_int_equal(end_with(w, 1, 2, 143, NULL), 0);
	assert_effect(w, STARTING, FAILED);
	assert_string_equal(decide(w), "P2a");
}

static void test_rt_9_newest_retry_first(void **state)
{
	struct world *w = *state;
	struct environment a = env_named(name_a, 4);
	struct job job = job_of(1, name_low, 2);

	job.retry.attempts = 3;
	assert_int_equal(submit_job(w, &job), 0);
	job.key = 2;
	assert_int_equal(submit_job(w, &job), 0);
	decide(w);
	a.state = STATE_DISABLED;
	assert_int_equal(put_env(w, &a), 0);
	run(w, 1, 1, 1);
	run(w, 2, 1, 1);
	assert_int_equal(w->effect.order, -2);
	a.state = STATE_ENABLED;
	assert_int_equal(put_env(w, &a), 0);
	assert_string_equal(decide(w), "P2a P1a");
}

static void test_rt_1_attempts_are_tries(void **state)
{
	struct world *w = *state;
	struct job job = job_of(1, name_high, 1);

	job.retry.attempts = 3;
	assert_int_equal(submit_job(w, &job), 0);
	decide(w);
	run(w, 1, 1, 1);
	decide(w);
	assert_int_equal(end_with(w, 1, 2, -1, NULL), 0); /* a failed start counts too */
	assert_effect(w, STARTING, RUNNABLE);
	decide(w);
	run(w, 1, 3, 1);
	assert_effect(w, RUNNING, FAILED);
	assert_string_equal(w->effect.status_reason, REASON_EXITED);
}

static void test_rt_5_evaluate_on_exit(void **state)
{
	struct world *w = *state;
	struct job job = job_of(1, name_high, 1);
	char code[] = "7";

	job.retry.attempts = 10;
	job.retry.rule_count = 1;
	job.retry.rule[0] = (struct retry_rule){ .on_exit_code = code, .exit = true };
	assert_int_equal(submit_job(w, &job), 0);
	code[0] = 'x'; /* the scheduler has its own copy */
	decide(w);
	run(w, 1, 1, 1); /* no entry matches: retry */
	assert_effect(w, RUNNING, RUNNABLE);
	decide(w);
	run(w, 1, 2, 7);
	assert_effect(w, RUNNING, FAILED);
}

static void test_rt_7_never_after_terminate(void **state)
{
	struct world *w = *state;
	struct job job = job_of(1, name_high, 1);

	job.retry.attempts = 10;
	assert_int_equal(submit_job(w, &job), 0);
	decide(w);
	assert_int_equal(start(w, 1, 1), 0);
	assert_int_equal(tell(w, FACT_TERMINATED, 1, "enough"), 0);
	assert_effect(w, RUNNING, RUNNING);
	assert_true(w->effect.terminated); /* SM-2: before the state changes */
	assert_string_equal(w->effect.status_reason, "enough");
	assert_int_equal(tell(w, FACT_TERMINATED, 1, "again"), 0);
	assert_false(w->effect.changed);
	assert_string_equal(decide(w), "S1");
	assert_int_equal(end_with(w, 1, 1, 0, NULL), 0);
	assert_effect(w, RUNNING, FAILED);
	assert_string_equal(w->effect.status_reason, "enough");
}

static void test_rt_8_exit_0_is_success(void **state)
{
	struct world *w = *state;
	struct job job = job_of(1, name_high, 1);

	job.retry.attempts = 2;
	job.retry.rule_count = 1;
	job.retry.rule[0] = (struct retry_rule){ .exit = false };
	assert_int_equal(submit_job(w, &job), 0);
	decide(w);
	run(w, 1, 1, 0);
	assert_effect(w, RUNNING, SUCCEEDED);
}

/* ---- section 7: timeout, cancel, terminate */

static void test_to_1_counts_from_start(void **state)
{
	struct world *w = *state;
	struct job job = job_of(1, name_high, 1);
	struct fact fact;

	job.timeout_s = 60;
	job.retry.attempts = 3;
	assert_int_equal(submit_job(w, &job), 0);
	decide(w);
	assert_int_equal(sched_wakeup(w->s, w->now), JD_NEVER);
	w->now += 5000;
	assert_int_equal(start(w, 1, 1), 0);
	assert_int_equal(sched_wakeup(w->s, w->now), w->now + 60000);
	assert_false(sched_decide(w->s, w->now + 59999, &fact));
	w->now += 60000;
	assert_true(sched_decide(w->s, w->now, &fact));
	assert_int_equal(fact.kind, FACT_STOPPING);
	assert_int_equal(fact.stopping.cause, STOP_TIMEOUT);
	assert_string_equal(decide(w), "S1"); /* once */
	assert_effect(w, RUNNING, RUNNING);
	assert_true(w->effect.timed_out);
	assert_int_equal(sched_wakeup(w->s, w->now), JD_NEVER);
	assert_int_equal(end_with(w, 1, 1, 137, NULL), 0);
	assert_effect(w, RUNNING, FAILED); /* RT-7: not retried */
	assert_string_equal(w->effect.status_reason, "Job attempt duration exceeded timeout");
}

static void test_to_1_by_the_shims_clock(void **state)
{
	struct world *w = *state;
	struct job job = job_of(1, name_high, 1);
	struct fact fact = fact_of(w, FACT_ENDED, 1);

	job.timeout_s = 60;
	job.retry.attempts = 3;
	assert_int_equal(submit_job(w, &job), 0);
	decide(w);
	assert_int_equal(start(w, 1, 1), 0);
	fact.attempt = 1;
	fact.ended.exit_code = 137;
	fact.ended.status_reason = REASON_TIMEOUT;
	fact.ended.timed_out = true;
	assert_int_equal(apply(w, &fact), 0);
	assert_effect(w, RUNNING, FAILED);
	assert_true(w->effect.timed_out);
	assert_int_equal(sched_wakeup(w->s, w->now), JD_NEVER);
}

static void test_to_1_each_attempt_anew(void **state)
{
	struct world *w = *state;
	struct job job = job_of(1, name_high, 1);

	job.timeout_s = 60;
	job.retry.attempts = 3;
	assert_int_equal(submit_job(w, &job), 0);
	decide(w);
	assert_int_equal(start(w, 1, 1), 0);
	w->now += 50000;
	assert_int_equal(end_with(w, 1, 1, 1, NULL), 0);
	decide(w);
	assert_int_equal(start(w, 1, 2), 0);
	assert_int_equal(sched_wakeup(w->s, w->now), w->now + 60000);
}

static void test_wakeup_is_after_now(void **state)
{
	struct world *w = *state;

	for (int64_t key = 1; key <= 4; key++) {
		struct job job = job_of(key, name_high, 1);

		job.timeout_s = 60 * (int)key;
		assert_int_equal(submit_job(w, &job), 0);
		decide(w);
		assert_int_equal(start(w, key, 1), 0);
	}
	assert_int_equal(sched_wakeup(w->s, w->now), w->now + 60000);
	assert_int_equal(sched_wakeup(w->s, w->now + 60000), w->now + 120000);
	assert_int_equal(sched_wakeup(w->s, w->now + 239999), w->now + 240000);
	assert_int_equal(sched_wakeup(w->s, w->now + 240000), JD_NEVER);
}

static void test_cx_1_cancel(void **state)
{
	struct world *w = *state;

	submit(w, 1, name_high, 1);
	assert_int_equal(tell(w, FACT_CANCELLED, 1, "changed my mind"), 0);
	assert_effect(w, SUBMITTED, FAILED);
	assert_true(w->effect.cancelled);
	assert_false(w->effect.terminated);
	assert_string_equal(w->effect.status_reason, "changed my mind");
	submit(w, 2, name_low, 4);
	submit(w, 3, name_low, 4);
	submit(w, 4, name_low, 4);
	decide(w);
	assert_int_equal(tell(w, FACT_CANCELLED, 3, "x"), 0);
	assert_effect(w, RUNNABLE, FAILED);
	assert_int_equal(tell(w, FACT_CANCELLED, 2, "x"), 0); /* STARTING: nothing */
	assert_false(w->effect.changed);
	assert_int_equal(start(w, 2, 1), 0);
	assert_int_equal(tell(w, FACT_CANCELLED, 2, "x"), 0); /* RUNNING: nothing */
	assert_false(w->effect.changed);
	assert_string_equal(decide(w), "");
	assert_int_equal(end_with(w, 2, 1, 0, NULL), 0);
	assert_effect(w, RUNNING, SUCCEEDED);
	assert_string_equal(decide(w), "P4a");
}

static void test_cx_3_terminate(void **state)
{
	struct world *w = *state;
	int64_t on[] = { 1 };
	struct fact fact;

	submit(w, 1, name_high, 1);
	submit_after(w, 2, on, 1);
	decide(w);
	assert_int_equal(tell(w, FACT_TERMINATED, 2, "stop"), 0);
	assert_effect(w, PENDING, FAILED);
	assert_true(w->effect.terminated);
	assert_int_equal(tell(w, FACT_TERMINATED, 1, "stop"), 0); /* STARTING */
	assert_true(sched_decide(w->s, w->now, &fact));
	assert_int_equal(fact.kind, FACT_STOPPING);
	assert_int_equal(fact.attempt, 1);
	assert_int_equal(fact.stopping.cause, STOP_TERMINATED);
	assert_string_equal(decide(w), "S1");
	assert_int_equal(start(w, 1, 1), 0);
	assert_string_equal(decide(w), ""); /* asked once */
	assert_int_equal(end_with(w, 1, 1, 143, NULL), 0);
	assert_effect(w, RUNNING, FAILED);
	assert_string_equal(w->effect.status_reason, "stop");
}

static void test_cx_3_stopped_once_whatever_for(void **state)
{
	struct world *w = *state;
	struct job job = job_of(1, name_high, 1);

	job.timeout_s = 60;
	assert_int_equal(submit_job(w, &job), 0);
	job.key = 2;
	assert_int_equal(submit_job(w, &job), 0);
	decide(w);
	assert_int_equal(tell(w, FACT_TERMINATED, 1, "x"), 0); /* before its time is up */
	assert_string_equal(decide(w), "S1");
	assert_int_equal(start(w, 1, 1), 0);
	assert_int_equal(start(w, 2, 1), 0);
	w->now += 60000;
	assert_string_equal(decide(w), "S2");
	assert_int_equal(tell(w, FACT_TERMINATED, 2, "y"), 0); /* after */
	assert_string_equal(decide(w), "");
	assert_int_equal(end_with(w, 2, 1, 143, NULL), 0);
	assert_string_equal(w->effect.status_reason, "y");
}

static void test_reclaimed_attempt_may_be_tried_again(void **state)
{
	struct world *w = *state;
	struct job job = job_of(1, name_high, 1);
	struct fact fact = fact_of(w, FACT_STOPPING, 1);

	job.retry.attempts = 2;
	assert_int_equal(submit_job(w, &job), 0);
	decide(w);
	fact.attempt = 1;
	fact.stopping.cause = STOP_RECLAIMED;
	assert_int_equal(apply(w, &fact), 0);
	assert_false(w->effect.changed);
	fact.stopping.cause = STOP_TERMINATED;
	assert_refused(apply(w, &fact), w, ERR_CONFLICT); /* nobody did */
	assert_int_equal(end_with(w, 1, 1, -1, NULL), 0);
	assert_string_equal(decide(w), "P1a");
	assert_int_equal(tell(w, FACT_TERMINATED, 1, "x"), 0);
	assert_string_equal(decide(w), "S1"); /* the new attempt has not been asked yet */
}

static void test_cx_3_terminate_head_wakes_the_next(void **state)
{
	struct world *w = *state;

	submit(w, 1, name_low, 3);
	submit(w, 2, name_low, 2);
	submit(w, 3, name_low, 1);
	assert_string_equal(decide(w), "R1 R2 R3 P1a"); /* JQ-6: 2 blocks 3 */
	assert_int_equal(tell(w, FACT_TERMINATED, 2, "x"), 0);
	assert_string_equal(decide(w), "P3a");
}

/* ---- restart, clone, hash */

static void test_restart_takes_up_where_it_was(void **state)
{
	struct world *w = *state;
	struct job job = job_of(5, name_high, 3);
	struct fact fact;
	struct sched_job_view view;
	char reason[] = "enough";
	struct dependency on[] = { { .job = 5 }, { .job = 77 } };

	job.status = JOB_RUNNING; /* terminated while it ran: nobody knows if the stop was said */
	job.attempt = 2;
	job.terminated = true;
	job.status_reason = reason;
	job.timeout_s = 60;
	job.retry.attempts = 3;
	assert_int_equal(submit_job(w, &job), 0);
	assert_int_equal(w->effect.to, JOB_RUNNING);
	fact = fact_of(w, FACT_PLACED, 5);
	fact.attempt = 2;
	fact.placed.env = "a";
	assert_int_equal(apply(w, &fact), 0);
	assert_int_equal(start(w, 5, 2), 0);
	job = job_of(6, name_high, 1);
	job.status = JOB_PENDING;
	job.depends = on;
	job.depends_count = 2;
	assert_int_equal(submit_job(w, &job), 0);
	job = job_of(7, name_low, 1);
	job.status = JOB_RUNNABLE;
	job.attempt = 1;
	job.order = -3;
	job.retry.attempts = 3;
	assert_int_equal(submit_job(w, &job), 0);
	job = job_of(8, name_low, 1);
	job.status = JOB_RUNNABLE;
	job.order = 8;
	assert_int_equal(submit_job(w, &job), 0);
	assert_true(sched_job(w->s, 5, &view));
	assert_true(view.terminated);
	assert_int_equal(view.attempt, 2);
	assert_why(w, 6, "waits for 1 of 2 dependencies");
	assert_string_equal(decide(w), "S5 P7a"); /* a has room for one */
	assert_true(sched_job(w->s, 7, &view));
	assert_int_equal(view.attempt, 2);
	assert_int_equal(end_with(w, 5, 2, 143, NULL), 0);
	assert_effect(w, RUNNING, FAILED);
	assert_string_equal(w->effect.status_reason, "enough");
	assert_string_equal(decide(w), "F6 P8a");
}

static void test_restart_places_without_asking_for_room(void **state)
{
	struct world *w = *state;
	struct job job = job_of(1, name_low, 8);
	struct environment a = env_named(name_a, 1);
	struct fact fact = fact_of(w, FACT_PLACED, 1);

	a.state = STATE_DISABLED;
	assert_int_equal(put_env(w, &a), 0);
	assert_int_equal(put_pool(w, 1, 1, 0), 0);
	job.status = JOB_STARTING;
	job.attempt = 1;
	assert_int_equal(submit_job(w, &job), 0);
	fact.attempt = 1;
	fact.placed.env = "nowhere";
	assert_refused(apply(w, &fact), w, ERR_NOT_FOUND);
	fact.placed.env = "a";
	assert_int_equal(apply(w, &fact), 0);
	assert_string_equal(decide(w), "");
	run(w, 1, 1, 0);
	assert_int_equal(sched_live(w->s), 0);
}

static void test_clone_lives_its_own_life(void **state)
{
	struct world *w = *state;
	struct world copy = *w;
	int64_t on[] = { 3 };
	uint64_t hash;

	for (int64_t key = 1; key <= 9; key++) {
		struct job job = job_of(key, key % 2 ? name_low : name_high, 2);

		job.timeout_s = 60;
		job.retry.attempts = (int)key;
		assert_int_equal(submit_job(w, &job), 0);
	}
	submit_after(w, 10, on, 1);
	decide(w);
	assert_int_equal(start(w, 2, 1), 0);
	assert_int_equal(start(w, 4, 1), 0);
	assert_int_equal(tell(w, FACT_TERMINATED, 2, "x"), 0);
	hash = sched_hash(w->s);
	copy.s = sched_clone(w->s);
	assert_int_equal(sched_hash(copy.s), hash);
	run(w, 6, 1, 0);
	decide(w);
	sched_free(w->s); /* the copy needs nothing of it */
	w->s = sched_clone(copy.s);
	assert_int_equal(sched_hash(w->s), hash);
	assert_string_equal(decide(&copy), "S2");
	copy.now += 60000;
	assert_string_equal(decide(&copy), "S4");
	assert_int_not_equal(sched_hash(copy.s), hash);
	sched_free(copy.s);
}

static void test_hash_sees_every_change(void **state)
{
	struct world *w = *state;
	uint64_t last = sched_hash(w->s);
	struct queue low = queue_named(name_low, 2);
	int step = 0;

#define CHANGES(call)                                         \
	do {                                                  \
		assert_int_equal((call), 0);                  \
		assert_int_not_equal(sched_hash(w->s), last); \
		last = sched_hash(w->s);                      \
		step++;                                       \
	} while (0)
	struct job job = job_of(1, name_low, 1);
	struct fact fact;

	low.env_count = 1;
	low.env[0] = name_a;
	CHANGES(put_queue(w, &low));
	CHANGES(put_pool(w, 9, 8000, 0));
	CHANGES(submit_job(w, &job));
	for (int i = 0; i < 2; i++) {
		assert_true(sched_decide(w->s, w->now, &fact));
		CHANGES(apply(w, &fact));
	}
	CHANGES(start(w, 1, 1));
	CHANGES(tell(w, FACT_TERMINATED, 1, "x"));
	CHANGES(end_with(w, 1, 1, 1, NULL));
	assert_int_equal(step, 8);
}

/* ---- data structures under load */

static void test_many_jobs_come_and_go(void **state)
{
	struct world *w = *state;
	struct sched_queue_view view;
	int64_t key;

	for (int round = 0; round < 3; round++) {
		int64_t base = round * 1000000 + 1;

		for (key = base; key < base + 5000; key++)
			submit(w, key * 3, name_low, 4);
		decide(w);
		for (key = base + 1; key < base + 5000; key += 2)
			assert_int_equal(tell(w, FACT_CANCELLED, key * 3, "x"), 0);
		assert_int_equal(sched_live(w->s), 2500);
		for (key = base; key < base + 5000; key += 2) {
			decide(w);
			run(w, key * 3, 1, 0);
		}
		assert_true(sched_queue(w->s, "low", &view));
		assert_int_equal(view.head, 0);
		assert_int_equal(sched_live(w->s), 0);
	}
}

static void test_many_different_strategies(void **state)
{
	struct world *w = *state;
	char code[8];

	for (int64_t key = 1; key <= 500; key++) {
		struct job job = job_of(key, name_low, 4);

		snprintf(code, sizeof code, "%d", (int)(key % 250));
		job.retry.attempts = 2;
		job.retry.rule_count = 1;
		job.retry.rule[0] = (struct retry_rule){ .on_exit_code = code, .exit = true };
		assert_int_equal(submit_job(w, &job), 0);
	}
	for (int64_t key = 1; key <= 500; key++) {
		decide(w);
		run(w, key, 1, (int)(key % 250) ? (int)(key % 250) : 1);
		if (status_of(w, key) == JOB_RUNNABLE) { /* only where the code is no match */
			assert_int_equal(key % 250, 0);
			decide(w);
			run(w, key, 2, 1);
		}
	}
	assert_int_equal(sched_live(w->s), 0);
}

/* Strategies that only differ in which pattern is given are not taken for each other. */
static void test_strategies_are_told_apart(void **state)
{
	struct world *w = *state;
	struct job job = job_of(1, name_high, 1);
	char seven[] = "7";

	job.retry.attempts = 2;
	job.retry.rule_count = 1;
	job.retry.rule[0] = (struct retry_rule){ .on_reason = seven, .exit = true };
	assert_int_equal(submit_job(w, &job), 0);
	job.key = 2;
	job.retry.rule[0] = (struct retry_rule){ .on_exit_code = seven, .exit = true };
	assert_int_equal(submit_job(w, &job), 0);
	decide(w);
	run(w, 1, 1, 7);
	assert_effect(w, RUNNING, RUNNABLE);
	run(w, 2, 1, 7);
	assert_effect(w, RUNNING, FAILED);
}

/* What ended jobs took is used again or goes back. (Sanitizers count nothing here.) */
static void test_ended_jobs_leave_no_memory(void **state)
{
	struct world *w = *state;
	size_t before = 0;

	for (int64_t key = 1; key <= 4000; key++) {
		struct job job = job_of(key * 1000000, name_high, 1);
		char code[8];

		snprintf(code, sizeof code, "%d", (int)key);
		job.retry.rule_count = 1;
		job.retry.rule[0].on_exit_code = code;
		assert_int_equal(submit_job(w, &job), 0);
		if (key == 1000)
			before = mallinfo2().uordblks + mallinfo2().hblkhd;
		decide(w);
		run(w, key * 1000000, 1, 0);
	}
	assert_in_range(mallinfo2().uordblks + mallinfo2().hblkhd, 0, before + 50000);
}

static void test_a_fan_out_of_thousands(void **state)
{
	struct world *w = *state;
	int64_t on[] = { 1 };

	submit(w, 1, name_high, 1);
	for (int64_t key = 2; key <= 5000; key++)
		submit_after(w, key, on, 1);
	decide(w);
	assert_int_equal(status_of(w, 5000), JOB_PENDING);
	run(w, 1, 1, 0);
	decide(w);
	assert_int_equal(status_of(w, 2), JOB_STARTING); /* in the order of submission */
	assert_why(w, 5000, "behind 4990 jobs in high");
	assert_int_equal(tell(w, FACT_TERMINATED, 5000, "x"), 0);
}

int main(void)
{
	/* clang-format off */
	const struct CMUnitTest tests[] = {
		T(test_life_of_a_job),
		T(test_refusals_change_nothing),
		T(test_failed_start),
		T(test_dep_2_only_success_satisfies),
		T(test_dep_all_must_succeed),
		T(test_dep_8_unknown_is_met),
		T(test_dep_8_caller_fails_it),
		T(test_dep_10_judged_on_the_job),
		T(test_cancelled_dependent_leaves_no_trace),
		T(test_rt_9_retried_job_goes_to_the_front),
		T(test_rt_9_newest_retry_first),
		T(test_rt_1_attempts_are_tries),
		T(test_rt_5_evaluate_on_exit),
		T(test_rt_7_never_after_terminate),
		T(test_rt_8_exit_0_is_success),
		T(test_to_1_counts_from_start),
		T(test_to_1_by_the_shims_clock),
		T(test_to_1_each_attempt_anew),
		T(test_wakeup_is_after_now),
		T(test_cx_1_cancel),
		T(test_cx_3_terminate),
		T(test_cx_3_stopped_once_whatever_for),
		T(test_reclaimed_attempt_may_be_tried_again),
		T(test_cx_3_terminate_head_wakes_the_next),
		T(test_restart_takes_up_where_it_was),
		T(test_restart_places_without_asking_for_room),
		T(test_clone_lives_its_own_life),
		T(test_hash_sees_every_change),
		T(test_many_jobs_come_and_go),
		T(test_many_different_strategies),
		T(test_strategies_are_told_apart),
		T(test_ended_jobs_leave_no_memory),
		T(test_a_fan_out_of_thousands),
	};
	/* clang-format on */

	return cmocka_run_group_tests_name("sched", tests, NULL, NULL);
}
