/* sched/: arrays (section 4). Every fact is watched: a second scheduler, a copy and one that is
 * restarted from rows must agree after each. */
#include "config.h"
#include <malloc.h>
#include "sched_rows.h"

static struct job array_of(int64_t key, char *queue, int vcpus, int size)
{
	struct job job = job_of(key, queue, vcpus);

	job.kind = JOB_KIND_ARRAY;
	job.size = size;
	return job;
}

static void submit_array(struct world *w, int64_t key, char *queue, int vcpus, int size)
{
	struct job job = array_of(key, queue, vcpus, size);

	assert_int_equal(submit_job(w, &job), 0);
}

static void assert_counts(struct world *w, int64_t key, const int64_t expected[JOB_COUNT])
{
	int64_t count[JOB_COUNT];

	assert_true(sched_array(w->s, key, count));
	for (int i = 0; i < JOB_COUNT; i++)
		assert_int_equal(count[i], expected[i]);
}
#define COUNTS(w, key, ...) assert_counts(w, key, (int64_t[JOB_COUNT]){ __VA_ARGS__ })

static void ARR_4_trap_5_parent_lives_in_pending(void **state)
{
	struct world *w = *state;

	submit_array(w, 1, name_low, 2, 3);
	assert_effect(w, SUBMITTED, SUBMITTED);
	COUNTS(w, 1, [JOB_SUBMITTED] = 3);
	assert_int_equal(status_of(w, 2), JOB_SUBMITTED);
	assert_string_equal(decide(w), "W1 R1 P2a P3a");
	assert_true(w->effect.born);
	assert_effect(w, RUNNABLE, STARTING);
	assert_int_equal(status_of(w, 1), JOB_PENDING);
	assert_int_equal(status_of(w, 4), JOB_RUNNABLE);
	COUNTS(w, 1, [JOB_RUNNABLE] = 1, [JOB_STARTING] = 2);
	run(w, 2, 1, 0);
	decide(w);
	assert_int_equal(start(w, 3, 1), 0);
	COUNTS(w, 1, [JOB_STARTING] = 1, [JOB_RUNNING] = 1, [JOB_SUCCEEDED] = 1);
	assert_int_equal(end_with(w, 3, 1, 0, NULL), 0);
	assert_int_equal(status_of(w, 1), JOB_PENDING);
	run(w, 4, 1, 0);
	assert_string_equal(decide(w), "E1SUCCEEDED");
	assert_effect(w, PENDING, SUCCEEDED);
	assert_null(w->effect.status_reason);
	assert_int_equal(sched_live(w->s), 0);
}

static void ARR_5_fails_only_when_all_have_ended(void **state)
{
	struct world *w = *state;

	submit_array(w, 1, name_low, 2, 3);
	decide(w);
	run(w, 2, 1, 1);
	assert_string_equal(decide(w), "P4a"); /* the others keep running */
	assert_int_equal(status_of(w, 1), JOB_PENDING);
	run(w, 3, 1, 0);
	assert_string_equal(decide(w), "");
	run(w, 4, 1, 0);
	assert_string_equal(decide(w), "E1FAILED");
	assert_string_equal(w->effect.status_reason, "Array Child Job failed");
}

static void ARR_2_each_child_retries_on_its_own(void **state)
{
	struct world *w = *state;
	struct job job = array_of(1, name_low, 2, 4);

	job.retry.attempts = 2;
	assert_int_equal(submit_job(w, &job), 0);
	decide(w);
	run(w, 3, 1, 1);
	assert_effect(w, RUNNING, RUNNABLE);
	COUNTS(w, 1, [JOB_RUNNABLE] = 3, [JOB_STARTING] = 1);
	assert_string_equal(decide(w), "P3a"); /* trap 24: before those that were not made yet */
	assert_false(w->effect.born);
	run(w, 3, 2, 1);
	assert_effect(w, RUNNING, FAILED);
	assert_string_equal(decide(w), "P4a");
}

static void ARR_2_timeout_is_a_childs(void **state)
{
	struct world *w = *state;
	struct job job = array_of(1, name_low, 4, 2);

	job.timeout_s = 60;
	assert_int_equal(submit_job(w, &job), 0);
	decide(w);
	w->now += 1000;
	assert_int_equal(start(w, 2, 1), 0);
	assert_int_equal(sched_wakeup(w->s, w->now), w->now + 60000);
	w->now += 60000;
	assert_string_equal(decide(w), "S2");
	assert_int_equal(end_with(w, 2, 1, 137, NULL), 0);
	assert_string_equal(w->effect.status_reason, REASON_TIMEOUT);
	assert_string_equal(decide(w), "P3a");
}

static void ARR_lines(void **state)
{
	struct world *w = *state;

	submit(w, 1, name_low, 4);
	submit_array(w, 2, name_low, 2, 3);
	submit(w, 10, name_low, 1);
	assert_string_equal(decide(w), "R1 W2 R10 R2 P1a");
	assert_why(w, 10, "behind 3 jobs in low");
	run(w, 1, 1, 0);
	assert_string_equal(decide(w), "P3a P4a");
	assert_why(w, 10, "behind 1 job in low");
	run(w, 3, 1, 0);
	assert_string_equal(decide(w), "P5a");
}

static void ARR_6_cancel_of_one_child(void **state)
{
	struct world *w = *state;

	submit_array(w, 1, name_low, 2, 4);
	decide(w);
	assert_int_equal(tell(w, FACT_CANCELLED, 5, "no"), 0); /* not made yet */
	assert_true(w->effect.born);
	assert_true(w->effect.cancelled);
	assert_effect(w, RUNNABLE, FAILED);
	assert_int_equal(status_of(w, 5), JOB_COUNT);
	assert_int_equal(tell(w, FACT_CANCELLED, 2, "no"), 0); /* trap 3: it runs */
	assert_false(w->effect.changed);
	assert_refused(tell(w, FACT_CANCELLED, 5, "no"), w, ERR_NOT_FOUND); /* it has ended */
	assert_refused(tell(w, FACT_CANCELLED, 6, "no"), w, ERR_NOT_FOUND); /* there is no fifth */
	run(w, 2, 1, 0);
	run(w, 3, 1, 0);
	assert_string_equal(decide(w), "P4a");
	run(w, 4, 1, 0);
	assert_string_equal(decide(w), "E1FAILED");
	assert_string_equal(w->effect.status_reason, REASON_ARRAY_CHILD);
}

static void ARR_6_terminate_of_one_child(void **state)
{
	struct world *w = *state;

	submit_array(w, 1, name_low, 2, 3);
	decide(w);
	assert_int_equal(tell(w, FACT_TERMINATED, 4, "this one"), 0);
	assert_true(w->effect.born && w->effect.terminated);
	assert_effect(w, RUNNABLE, FAILED);
	assert_int_equal(tell(w, FACT_TERMINATED, 2, "and this"), 0);
	assert_string_equal(decide(w), "S2");
	assert_int_equal(end_with(w, 2, 1, 143, NULL), 0);
	assert_string_equal(w->effect.status_reason, "and this");
	run(w, 3, 1, 0);
	assert_string_equal(decide(w), "E1FAILED");
}

static void ARR_6_cancel_before_it_begins(void **state)
{
	struct world *w = *state;

	submit_array(w, 1, name_low, 2, 3);
	assert_int_equal(tell(w, FACT_CANCELLED, 1, "no"), 0);
	assert_effect(w, SUBMITTED, FAILED);
	assert_true(w->effect.cancelled);
	assert_string_equal(w->effect.status_reason, "no");
	assert_int_equal(status_of(w, 2), JOB_COUNT);
	assert_string_equal(decide(w), "");
	assert_int_equal(sched_live(w->s), 0);
}

/* CX-1, CX-2: what runs goes on, and the array ends with the last. */
static void ARR_6_cancel_of_the_parent(void **state)
{
	struct world *w = *state;
	struct job job = array_of(1, name_low, 2, 5);

	job.retry.attempts = 3;
	assert_int_equal(submit_job(w, &job), 0);
	decide(w);
	assert_int_equal(tell(w, FACT_CANCELLED, 1, "enough"), 0);
	assert_effect(w, PENDING, PENDING);
	assert_true(w->effect.cancelled);
	assert_string_equal(w->effect.status_reason, "enough");
	COUNTS(w, 1, [JOB_STARTING] = 2, [JOB_FAILED] = 3);
	assert_int_equal(status_of(w, 5), JOB_FAILED);
	assert_int_equal(tell(w, FACT_CANCELLED, 5, "late"), 0);
	assert_false(w->effect.changed);
	assert_int_equal(tell(w, FACT_CANCELLED, 1, "again"), 0);
	assert_false(w->effect.changed);
	assert_string_equal(decide(w), "");
	run(w, 2, 1, 0);
	assert_effect(w, RUNNING, SUCCEEDED);
	run(w, 3, 1, 1); /* it would be tried again, but that waits, and so is cancelled */
	assert_effect(w, RUNNING, FAILED);
	assert_string_equal(w->effect.status_reason, "enough");
	assert_string_equal(decide(w), "E1FAILED");
	assert_string_equal(w->effect.status_reason, "enough");
}

static void ARR_6_cancel_of_the_parent_and_its_retries(void **state)
{
	struct world *w = *state;
	struct environment a = env_named(name_a, 4);
	struct job job = array_of(1, name_low, 2, 2);

	job.retry.attempts = 3;
	assert_int_equal(submit_job(w, &job), 0);
	decide(w);
	w->seen = NULL; /* the world changes */
	a.state = STATE_DISABLED;
	assert_int_equal(put_env(w, &a), 0);
	run(w, 2, 1, 1);
	assert_int_equal(tell(w, FACT_CANCELLED, 1, "enough"), 0);
	assert_string_equal(decide(w), "F2");
	assert_effect(w, RUNNABLE, FAILED);
	assert_true(w->effect.cancelled);
	assert_string_equal(w->effect.status_reason, "enough");
	run(w, 3, 1, 0);
	assert_string_equal(decide(w), "E1FAILED");
}

static void ARR_6_terminate_of_the_parent(void **state)
{
	struct world *w = *state;

	submit_array(w, 1, name_low, 2, 5);
	decide(w);
	assert_int_equal(start(w, 2, 1), 0);
	assert_int_equal(tell(w, FACT_TERMINATED, 1, "stop"), 0);
	assert_effect(w, PENDING, PENDING);
	assert_true(w->effect.terminated);
	COUNTS(w, 1, [JOB_STARTING] = 1, [JOB_RUNNING] = 1, [JOB_FAILED] = 3);
	assert_string_equal(decide(w), "S3 S2");
	assert_true(w->effect.terminated);
	assert_int_equal(tell(w, FACT_TERMINATED, 1, "again"), 0);
	assert_false(w->effect.changed);
	assert_int_equal(end_with(w, 2, 1, 0, NULL), 0);
	assert_effect(w, RUNNING, FAILED);
	assert_string_equal(w->effect.status_reason, "stop");
	assert_int_equal(end_with(w, 3, 1, 143, NULL), 0);
	assert_string_equal(decide(w), "E1FAILED");
	assert_string_equal(w->effect.status_reason, "stop");
	assert_true(w->effect.terminated);
}

static void ARR_6_terminate_after_cancel(void **state)
{
	struct world *w = *state;

	submit_array(w, 1, name_low, 2, 5);
	decide(w);
	assert_int_equal(tell(w, FACT_CANCELLED, 1, "enough"), 0);
	assert_string_equal(decide(w), "");
	assert_int_equal(tell(w, FACT_TERMINATED, 1, "now"), 0);
	assert_string_equal(decide(w), "S3 S2");
	assert_int_equal(end_with(w, 2, 1, 143, NULL), 0);
	assert_int_equal(end_with(w, 3, 1, 143, NULL), 0);
	assert_string_equal(decide(w), "E1FAILED");
	assert_true(w->effect.terminated && w->effect.cancelled);
}

static void ARR_1_sizes(void **state)
{
	struct world *w = *state;
	struct job job = array_of(1, name_low, 2, 0);

	assert_refused(submit_job(w, &job), w, ERR_INVALID);
	job.size = LIMIT_ARRAY + 1;
	assert_refused(submit_job(w, &job), w, ERR_INVALID);
	job.size = 10;
	assert_int_equal(submit_job(w, &job), 0);
	job = job_of(5, name_low, 1); /* a child's key */
	assert_refused(submit_job(w, &job), w, ERR_CONFLICT);
	job = job_of(12, name_low, 1);
	assert_int_equal(submit_job(w, &job), 0);
}

static void ARR_refusals(void **state)
{
	struct world *w = *state;
	struct fact fact = fact_of(w, FACT_PLACED, 4);

	submit_array(w, 1, name_low, 2, 3);
	fact.attempt = 1;
	fact.placed.env = "a";
	assert_refused(apply(w, &fact), w, ERR_CONFLICT); /* its array has not begun */
	assert_refused(tell(w, FACT_RUNNABLE, 1, NULL), w, ERR_CONFLICT);
	assert_refused(tell(w, FACT_ROLLED_UP, 1, NULL), w, ERR_CONFLICT);
	decide(w);
	assert_refused(tell(w, FACT_PENDING, 1, NULL), w, ERR_CONFLICT);
	assert_refused(tell(w, FACT_RUNNABLE, 1, NULL), w, ERR_CONFLICT);
	assert_refused(tell(w, FACT_FAILED, 1, "x"), w, ERR_CONFLICT);
	fact.attempt = 2;
	assert_refused(apply(w, &fact), w, ERR_CONFLICT);
	fact.attempt = 1;
	fact.placed.env = "nowhere";
	assert_refused(apply(w, &fact), w, ERR_NOT_FOUND);
	fact = fact_of(w, FACT_ROLLED_UP, 1);
	run(w, 2, 1, 1);
	run(w, 3, 1, 0);
	decide(w);
	run(w, 4, 1, 0);
	fact.rolled_up.to = JOB_SUCCEEDED;
	assert_refused(apply(w, &fact), w, ERR_CONFLICT); /* one has failed */
	assert_string_equal(decide(w), "E1FAILED");
}

/* ---- ten thousand children */

static size_t memory(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

static void submit_many(struct world *w, int n, int64_t step, bool array)
{
	for (int i = 0; i < n; i++) {
		struct job job = array_of(1 + i * step, name_low, 1, LIMIT_ARRAY);

		if (!array)
			job = job_of(1 + i * step, name_low, 1);
		assert_int_equal(submit_job(w, &job), 0);
	}
	decide(w);
}

/* An array of 10,000 waiting children costs no more than 10 jobs. */
static void ARR_cost_in_memory(void **state)
{
	struct world *w = *state;
	enum { N = 1000 };
	struct sched *other;
	size_t before, plain, array;

	w->seen = NULL;
	before = memory();
	submit_many(w, 10 * N, 1, false);
	plain = memory() - before;
	other = sched_clone(w->s);
	sched_free(w->s);
	w->s = sched_new();
	sched_free(other);
	tear_down_rows(state);
	assert_int_equal(set_up_rows(state), 0);
	w = *state;
	w->seen = NULL;
	before = memory();
	submit_many(w, N, LIMIT_ARRAY + 1, true);
	array = memory() - before;
	print_message("# 10 plain jobs: %zu bytes; an array of 10,000: %zu bytes\n", plain / N,
		      array / N);
	assert_true(array <= plain);
}

static void ARR_7_counts_of_ten_thousand(void **state)
{
	struct world *w = *state;

	w->seen = NULL;
	submit_array(w, 1, name_low, 1, LIMIT_ARRAY);
	assert_string_equal(decide(w), "W1 R1 P2a P3a P4a P5a");
	COUNTS(w, 1, [JOB_RUNNABLE] = 9996, [JOB_STARTING] = 4);
	for (int64_t key = 2; key <= LIMIT_ARRAY + 1; key++) {
		run(w, key, 1, key % 100 == 0);
		decide(w);
	}
	assert_effect(w, PENDING, FAILED);
	assert_int_equal(sched_live(w->s), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TR(ARR_4_trap_5_parent_lives_in_pending),
		TR(ARR_5_fails_only_when_all_have_ended),
		TR(ARR_2_each_child_retries_on_its_own),
		TR(ARR_2_timeout_is_a_childs),
		TR(ARR_lines),
		TR(ARR_6_cancel_of_one_child),
		TR(ARR_6_terminate_of_one_child),
		TR(ARR_6_cancel_before_it_begins),
		TR(ARR_6_cancel_of_the_parent),
		TR(ARR_6_cancel_of_the_parent_and_its_retries),
		TR(ARR_6_terminate_of_the_parent),
		TR(ARR_6_terminate_after_cancel),
		TR(ARR_1_sizes),
		TR(ARR_refusals),
		TR(ARR_cost_in_memory),
		TR(ARR_7_counts_of_ten_thousand),
	};

	return cmocka_run_group_tests_name("sched_array", tests, NULL, NULL);
}
