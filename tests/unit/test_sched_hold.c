/* sched/: what AWS Batch does not have: hold and release, and start-after. */
#include "config.h"
#include "sched_rows.h"

static void HOLD_of_a_job_that_waits(void **state)
{
	struct world *w = *state;
	struct sched_job_view view;
	struct sched_queue_view q;

	submit(w, 1, name_low, 4);
	submit(w, 2, name_low, 4);
	submit(w, 3, name_low, 4);
	assert_string_equal(decide(w), "R1 R2 R3 P1a");
	assert_int_equal(tell(w, FACT_HELD, 2, NULL), 0);
	assert_effect(w, RUNNABLE, RUNNABLE);
	assert_true(w->effect.held);
	assert_int_equal(tell(w, FACT_HELD, 2, NULL), 0);
	assert_false(w->effect.changed);
	assert_true(sched_job(w->s, 2, &view));
	assert_true(view.held);
	run(w, 1, 1, 0);
	assert_string_equal(decide(w), "P3a");
	assert_true(sched_queue(w->s, "low", &q));
	assert_int_equal(q.head, 0);
	assert_int_equal(q.count[JOB_RUNNABLE], 1);
	assert_int_equal(tell(w, FACT_RELEASED, 2, NULL), 0);
	assert_effect(w, RUNNABLE, RUNNABLE);
	assert_false(w->effect.held);
	assert_string_equal(decide(w), "");
	run(w, 3, 1, 0);
	assert_string_equal(decide(w), "P2a");
}

static void HOLD_before_it_is_runnable(void **state)
{
	struct world *w = *state;
	struct dependency on_1 = { .job = 1 };
	struct job job = job_of(2, name_high, 1);

	job.depends = &on_1;
	job.depends_count = 1;
	job.held = true; /* as it is submitted */
	submit(w, 1, name_high, 1);
	assert_int_equal(submit_job(w, &job), 0);
	assert_string_equal(decide(w), "R1 W2 P1a");
	run(w, 1, 1, 0);
	assert_string_equal(decide(w), "R2");
	assert_int_equal(tell(w, FACT_RELEASED, 2, NULL), 0);
	assert_string_equal(decide(w), "P2a");
}

static void HOLD_refused_for_what_runs(void **state)
{
	struct world *w = *state;
	struct fact fact = fact_of(w, FACT_PLACED, 2);

	submit(w, 1, name_high, 1);
	decide(w);
	assert_refused(tell(w, FACT_HELD, 1, NULL), w, ERR_CONFLICT);
	assert_refused(tell(w, FACT_HELD, 9, NULL), w, ERR_NOT_FOUND);
	assert_refused(tell(w, FACT_RELEASED, 9, NULL), w, ERR_NOT_FOUND);
	submit(w, 2, name_high, 8);
	decide(w);
	assert_int_equal(tell(w, FACT_HELD, 2, NULL), 0);
	fact.attempt = 1;
	fact.placed.env = "b";
	assert_refused(apply(w, &fact), w, ERR_CONFLICT);
}

static void HOLD_and_cancel(void **state)
{
	struct world *w = *state;

	submit(w, 1, name_high, 1);
	assert_int_equal(tell(w, FACT_HELD, 1, NULL), 0);
	decide(w);
	assert_int_equal(tell(w, FACT_CANCELLED, 1, "no"), 0);
	assert_effect(w, RUNNABLE, FAILED);
	assert_int_equal(sched_live(w->s), 0);
}

static void HOLD_of_an_array_holds_all_that_wait(void **state)
{
	struct world *w = *state;
	struct job job = job_of(1, name_low, 2);

	job.kind = JOB_KIND_ARRAY;
	job.size = 5;
	job.retry.attempts = 2;
	assert_int_equal(submit_job(w, &job), 0);
	assert_string_equal(decide(w), "W1 R1 P2a P3a");
	assert_int_equal(tell(w, FACT_HELD, 1, NULL), 0);
	assert_effect(w, PENDING, PENDING);
	run(w, 2, 1, 1); /* to be tried again, and held */
	assert_effect(w, RUNNING, RUNNABLE);
	run(w, 3, 1, 0);
	assert_string_equal(decide(w), "");
	assert_int_equal(tell(w, FACT_RELEASED, 1, NULL), 0);
	assert_string_equal(decide(w), "P2a P4a");
}

static void HOLD_of_an_array_takes_its_retries_out_of_the_line(void **state)
{
	struct world *w = *state;
	struct job job = job_of(1, name_low, 4);

	job.kind = JOB_KIND_ARRAY;
	job.size = 2;
	job.retry.attempts = 2;
	assert_int_equal(submit_job(w, &job), 0);
	decide(w);
	run(w, 2, 1, 1);
	assert_int_equal(tell(w, FACT_HELD, 1, NULL), 0); /* its first child is in the line */
	assert_string_equal(decide(w), "");
	assert_int_equal(tell(w, FACT_RELEASED, 1, NULL), 0);
	assert_string_equal(decide(w), "P2a");
}

static void HOLD_of_one_child(void **state)
{
	struct world *w = *state;
	struct job job = job_of(1, name_low, 4);

	job.kind = JOB_KIND_ARRAY;
	job.size = 4;
	job.sequential = false;
	assert_int_equal(submit_job(w, &job), 0);
	assert_refused(tell(w, FACT_HELD, 3, NULL), w, ERR_CONFLICT); /* it could not run yet */
	assert_string_equal(decide(w), "W1 R1 P2a");
	assert_int_equal(tell(w, FACT_HELD, 3, NULL), 0);
	assert_true(w->effect.born);
	assert_effect(w, RUNNABLE, RUNNABLE);
	run(w, 2, 1, 0);
	assert_string_equal(decide(w), "P4a");
	run(w, 4, 1, 0);
	assert_string_equal(decide(w), "P5a");
	run(w, 5, 1, 0);
	assert_string_equal(decide(w), "");
	assert_int_equal(tell(w, FACT_RELEASED, 3, NULL), 0);
	assert_string_equal(decide(w), "P3a");
	run(w, 3, 1, 0);
	assert_string_equal(decide(w), "E1SUCCEEDED");
}

static void START_AFTER_waits_for_its_time(void **state)
{
	struct world *w = *state;
	struct job job = job_of(1, name_high, 1);
	struct fact fact;

	job.start_after = w->now + 5000;
	assert_int_equal(submit_job(w, &job), 0);
	submit(w, 2, name_high, 1);
	assert_string_equal(decide(w), "R1 R2 P2a");
	assert_int_equal(status_of(w, 1), JOB_RUNNABLE);
	assert_int_equal(sched_wakeup(w->s, w->now), w->now + 5000);
	assert_true(sched_decide(w->s, w->now + 5000, &fact)); /* who asks ahead changes nothing */
	assert_string_equal(decide(w), "");
	w->now += 4999;
	assert_string_equal(decide(w), "");
	assert_int_equal(sched_wakeup(w->s, w->now), w->now + 1);
	w->now++;
	assert_string_equal(decide(w), "D1 P1a");
	assert_int_equal(sched_wakeup(w->s, w->now), JD_NEVER);
}

static void START_AFTER_is_in_the_past(void **state)
{
	struct world *w = *state;
	struct job job = job_of(1, name_high, 1);

	job.start_after = w->now;
	assert_int_equal(submit_job(w, &job), 0);
	assert_string_equal(decide(w), "R1 P1a");
}

static void START_AFTER_and_hold(void **state)
{
	struct world *w = *state;
	struct job job = job_of(1, name_high, 1);

	job.start_after = w->now + 5000;
	assert_int_equal(submit_job(w, &job), 0);
	decide(w);
	assert_int_equal(tell(w, FACT_HELD, 1, NULL), 0);
	w->now += 6000;
	assert_string_equal(decide(w), ""); /* its time has come, but it is held */
	assert_int_equal(tell(w, FACT_RELEASED, 1, NULL), 0);
	assert_string_equal(decide(w), "D1 P1a");
	job = job_of(2, name_high, 1);
	job.start_after = w->now + 5000;
	assert_int_equal(submit_job(w, &job), 0);
	decide(w);
	assert_int_equal(tell(w, FACT_HELD, 2, NULL), 0);
	assert_int_equal(tell(w, FACT_RELEASED, 2, NULL), 0);
	assert_string_equal(decide(w), ""); /* released, but too early */
}

static void START_AFTER_of_an_array(void **state)
{
	struct world *w = *state;
	struct job job = job_of(1, name_high, 1);

	job.kind = JOB_KIND_ARRAY;
	job.size = 2;
	job.retry.attempts = 2;
	job.start_after = w->now + 5000;
	assert_int_equal(submit_job(w, &job), 0);
	assert_string_equal(decide(w), "W1 R1");
	w->now += 5000;
	assert_string_equal(decide(w), "D1 P2a P3a");
	run(w, 2, 1, 1);
	assert_string_equal(decide(w), "P2a"); /* a second attempt does not wait again */
}

static void START_AFTER_in_order(void **state)
{
	struct world *w = *state;

	for (int64_t key = 1; key <= 6; key++) {
		struct job job = job_of(key, name_low, 4);

		job.start_after = w->now + 1000 * (7 - key);
		assert_int_equal(submit_job(w, &job), 0);
	}
	decide(w);
	for (int64_t key = 6; key > 0; key--) {
		char expected[40];

		w->now += 1000;
		snprintf(expected, sizeof expected, "D%d%s", (int)key, key == 6 ? " P6a" : "");
		assert_string_equal(decide(w), expected);
	}
	run(w, 6, 1, 0);
	assert_string_equal(decide(w), "P1a"); /* in the order of submission, not of their times */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TR(HOLD_of_a_job_that_waits),
		TR(HOLD_before_it_is_runnable),
		TR(HOLD_refused_for_what_runs),
		TR(HOLD_and_cancel),
		TR(HOLD_of_an_array_holds_all_that_wait),
		TR(HOLD_of_an_array_takes_its_retries_out_of_the_line),
		TR(HOLD_of_one_child),
		TR(START_AFTER_waits_for_its_time),
		TR(START_AFTER_is_in_the_past),
		TR(START_AFTER_and_hold),
		TR(START_AFTER_of_an_array),
		TR(START_AFTER_in_order),
	};

	return cmocka_run_group_tests_name("sched_hold", tests, NULL, NULL);
}
