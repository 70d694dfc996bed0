/* sched/: dependencies of all types (section 3). Every fact is watched: a second scheduler, a
 * copy and one that is restarted from rows must agree after each. */
#include "config.h"
#include "sched_rows.h"

static struct job array_of(int64_t key, char *queue, int vcpus, int size)
{
	struct job job = job_of(key, queue, vcpus);

	job.kind = JOB_KIND_ARRAY;
	job.size = size;
	return job;
}

static struct job with(struct job job, struct dependency *list, size_t count)
{
	job.depends = list;
	job.depends_count = count;
	return job;
}

static void submit_this(struct world *w, struct job job)
{
	submit_settled(w, &job);
}

static void DEP_any_is_met_by_any_end(void **state)
{
	struct world *w = *state;
	struct dependency on_1 = { .job = 1, .type = DEPENDENCY_ANY };

	submit(w, 1, name_high, 1);
	submit_this(w, with(job_of(2, name_high, 1), &on_1, 1));
	assert_string_equal(decide(w), "R1 W2 P1a");
	assert_why(w, 2, "waits for 1 of 1 dependency");
	run(w, 1, 1, 1);
	assert_string_equal(decide(w), "R2 P2a");
	submit_this(w, with(job_of(3, name_high, 1), &on_1, 1));
	assert_string_equal(decide(w), "R3 P3a");
}

static void DEP_any_is_met_by_cancel(void **state)
{
	struct world *w = *state;
	struct dependency on_1 = { .job = 1, .type = DEPENDENCY_ANY };

	submit(w, 1, name_high, 1);
	submit_this(w, with(job_of(2, name_high, 1), &on_1, 1));
	assert_int_equal(tell(w, FACT_CANCELLED, 1, "no"), 0);
	assert_string_equal(decide(w), "R2 P2a");
}

/* The stricter of the two decides. */
static void DEP_2_any_and_plain_on_one_job(void **state)
{
	struct world *w = *state;
	struct dependency on[] = { { .job = 1, .type = DEPENDENCY_ANY }, { .job = 1 } };

	submit(w, 1, name_high, 1);
	submit_this(w, with(job_of(2, name_high, 1), on, 2));
	decide(w);
	run(w, 1, 1, 1);
	assert_string_equal(decide(w), "F2");
	assert_string_equal(w->effect.status_reason, REASON_DEPENDENCY);
}

static void DEP_3_on_an_array_waits_for_every_child(void **state)
{
	struct world *w = *state;
	struct dependency on_1 = { .job = 1 };

	submit_this(w, array_of(1, name_high, 1, 2));
	submit_this(w, with(job_of(10, name_high, 1), &on_1, 1));
	assert_string_equal(decide(w), "W1 W10 R1 P2a P3a");
	run(w, 2, 1, 0);
	assert_string_equal(decide(w), "");
	run(w, 3, 1, 0);
	assert_string_equal(decide(w), "E1SUCCEEDED R10 P10a");
}

static void DEP_3_on_an_array_that_fails(void **state)
{
	struct world *w = *state;
	struct dependency on_1 = { .job = 1 };

	submit_this(w, array_of(1, name_high, 1, 2));
	submit_this(w, with(job_of(10, name_high, 1), &on_1, 1));
	decide(w);
	run(w, 2, 1, 1);
	assert_string_equal(decide(w), ""); /* ARR-5: the array has not failed yet */
	run(w, 3, 1, 0);
	assert_string_equal(decide(w), "E1FAILED F10");
}

static void DEP_4_of_an_array_every_child_waits(void **state)
{
	struct world *w = *state;
	struct dependency on_1 = { .job = 1 };
	int64_t count[JOB_COUNT];

	submit(w, 1, name_high, 1);
	submit_this(w, with(array_of(2, name_high, 1, 2), &on_1, 1));
	assert_string_equal(decide(w), "R1 W2 P1a");
	assert_true(sched_array(w->s, 2, count));
	assert_int_equal(count[JOB_PENDING], 2);
	assert_int_equal(status_of(w, 3), JOB_PENDING);
	run(w, 1, 1, 0);
	assert_string_equal(decide(w), "R2 P3a P4a");
}

static void DEP_4_of_an_array_that_fails(void **state)
{
	struct world *w = *state;
	struct dependency on_1 = { .job = 1 }, on_2 = { .job = 2 };

	submit(w, 1, name_high, 1);
	submit_this(w, with(array_of(2, name_high, 1, 2), &on_1, 1));
	submit_this(w, with(job_of(10, name_high, 1), &on_2, 1));
	decide(w);
	run(w, 1, 1, 1);
	assert_string_equal(decide(w), "F2 F10"); /* and no fact for each child */
	assert_int_equal(sched_live(w->s), 0);
	assert_int_equal(status_of(w, 3), JOB_COUNT);
}

static void DEP_5_sequential(void **state)
{
	struct world *w = *state;
	struct job job = array_of(1, name_high, 1, 3);

	job.sequential = true;
	submit_this(w, job);
	assert_string_equal(decide(w), "W1 R1 P2a");
	assert_int_equal(status_of(w, 3), JOB_PENDING);
	run(w, 2, 1, 0);
	assert_string_equal(decide(w), "P3a");
	run(w, 3, 1, 0);
	assert_string_equal(decide(w), "P4a");
	run(w, 4, 1, 0);
	assert_string_equal(decide(w), "E1SUCCEEDED");
}

static void DEP_5_sequential_failure_fails_the_rest(void **state)
{
	struct world *w = *state;
	struct job job = array_of(1, name_high, 1, 4);

	job.sequential = true;
	submit_this(w, job);
	decide(w);
	run(w, 2, 1, 0);
	decide(w);
	run(w, 3, 1, 9);
	assert_string_equal(decide(w), "F4 F5 E1FAILED");
	assert_string_equal(w->effect.status_reason, REASON_ARRAY_CHILD);
	assert_string_equal(w->rows->row[4].reason, REASON_DEPENDENCY);
	assert_string_equal(w->rows->row[5].reason, REASON_DEPENDENCY);
	assert_int_equal(w->rows->row[4].job.kind, JOB_KIND_CHILD);
}

static void DEP_5_sequential_retry_and_cancel_ahead(void **state)
{
	struct world *w = *state;
	struct job job = array_of(1, name_high, 1, 5);

	job.sequential = true;
	job.retry.attempts = 2;
	submit_this(w, job);
	decide(w);
	run(w, 2, 1, 1);
	assert_string_equal(decide(w), "P2a"); /* DEP-10: the job counts, not its attempts */
	assert_int_equal(tell(w, FACT_CANCELLED, 4, "no"), 0); /* the third, not made yet */
	assert_true(w->effect.born);
	assert_effect(w, PENDING, FAILED);
	assert_string_equal(decide(w), "F5 F6");
	run(w, 2, 2, 0);
	assert_string_equal(decide(w), "P3a");
	run(w, 3, 1, 0);
	assert_string_equal(decide(w), "E1FAILED");
}

static void DEP_6_n_to_n(void **state)
{
	struct world *w = *state;
	struct dependency on_1 = { .job = 1, .type = DEPENDENCY_N_TO_N };
	int64_t count[JOB_COUNT];

	submit_this(w, array_of(1, name_high, 1, 3));
	submit_this(w, with(array_of(11, name_high, 1, 3), &on_1, 1));
	assert_string_equal(decide(w), "W1 W11 R1 R11 P2a P3a P4a");
	assert_int_equal(status_of(w, 12), JOB_PENDING);
	run(w, 3, 1, 0);
	assert_int_equal(status_of(w, 13), JOB_RUNNABLE);
	assert_true(sched_array(w->s, 11, count));
	assert_int_equal(count[JOB_RUNNABLE], 1);
	assert_int_equal(count[JOB_PENDING], 2);
	assert_string_equal(decide(w), "P13a");
	run(w, 2, 1, 0);
	run(w, 4, 1, 0);
	assert_string_equal(decide(w), "E1SUCCEEDED P12a P14a");
}

static void DEP_6_n_to_n_failure_fails_only_its_own(void **state)
{
	struct world *w = *state;
	struct dependency on_1 = { .job = 1, .type = DEPENDENCY_N_TO_N },
			  on_11 = { .job = 11, .type = DEPENDENCY_N_TO_N };

	submit_this(w, array_of(1, name_high, 1, 3));
	submit_this(w, with(array_of(11, name_high, 1, 3), &on_1, 1));
	submit_this(w, with(array_of(21, name_high, 1, 3), &on_11, 1));
	decide(w);
	run(w, 3, 1, 1);
	assert_string_equal(decide(w), "F13 F23"); /* transitively, child by child */
	assert_string_equal(w->effect.status_reason, REASON_DEPENDENCY);
	assert_true(w->effect.born);
	run(w, 2, 1, 0);
	run(w, 4, 1, 0);
	assert_string_equal(decide(w), "E1FAILED P12a P14a");
	run(w, 12, 1, 0);
	assert_string_equal(decide(w), "P22a");
}

static void DEP_6_n_to_n_on_what_has_ended(void **state)
{
	struct world *w = *state;
	struct dependency on_1 = { .job = 1, .type = DEPENDENCY_N_TO_N };

	submit_this(w, array_of(1, name_high, 1, 3));
	decide(w);
	run(w, 2, 1, 0);
	run(w, 3, 1, 1);
	submit_this(w, with(array_of(11, name_high, 1, 3), &on_1, 1)); /* two ended, one runs */
	assert_string_equal(decide(w), "W11 F13 R11 P12a");
	run(w, 4, 1, 0);
	assert_string_equal(decide(w), "E1FAILED P14a");
	submit_this(w, with(array_of(21, name_high, 1, 3), &on_1, 1)); /* it has ended, FAILED */
	assert_string_equal(decide(w), "W21 F23 R21 P22a P24a");
}

static void DEP_6_n_to_n_on_two_arrays(void **state)
{
	struct world *w = *state;
	struct dependency on[] = { { .job = 1, .type = DEPENDENCY_N_TO_N },
				   { .job = 11, .type = DEPENDENCY_N_TO_N } };

	submit_this(w, array_of(1, name_high, 1, 2));
	submit_this(w, array_of(11, name_high, 1, 2));
	submit_this(w, with(array_of(21, name_high, 1, 2), on, 2));
	decide(w);
	run(w, 2, 1, 0);
	assert_string_equal(decide(w), "");
	run(w, 12, 1, 0);
	assert_string_equal(decide(w), "P22a");
	run(w, 3, 1, 0);
	assert_string_equal(decide(w), "E1SUCCEEDED");
	run(w, 13, 1, 0);
	assert_string_equal(decide(w), "E11SUCCEEDED P23a");
}

static void DEP_6_cancelled_upstream(void **state)
{
	struct world *w = *state;
	struct dependency on_1 = { .job = 1, .type = DEPENDENCY_N_TO_N };

	submit_this(w, array_of(1, name_low, 2, 4));
	submit_this(w, with(array_of(11, name_high, 1, 4), &on_1, 1));
	assert_string_equal(decide(w), "W1 W11 R1 R11 P2a P3a");
	run(w, 2, 1, 0);
	assert_int_equal(tell(w, FACT_CANCELLED, 1, "enough"), 0);
	assert_string_equal(decide(w), "F14 F15 P12a"); /* those of 4 and 5, which never ran */
	run(w, 3, 1, 0);
	assert_string_equal(decide(w), "E1FAILED P13a");
}

static void DEP_6_refused(void **state)
{
	struct world *w = *state;
	struct dependency on_1 = { .job = 1, .type = DEPENDENCY_N_TO_N };
	struct job job = with(array_of(11, name_high, 1, 4), &on_1, 1);

	submit_this(w, array_of(1, name_high, 1, 3));
	assert_refused(submit_job(w, &job), w, ERR_INVALID);
	job = with(job_of(11, name_high, 1), &on_1, 1);
	assert_refused(submit_job(w, &job), w, ERR_INVALID);
	submit(w, 5, name_high, 1);
	on_1.job = 5;
	job = with(array_of(11, name_high, 1, 4), &on_1, 1);
	assert_refused(submit_job(w, &job), w, ERR_INVALID);
}

/* As AWS's example: JobD waits plainly for JobC and goes through its children in turn. */
static void DEP_7_types_combine(void **state)
{
	struct world *w = *state;
	struct dependency on[] = { { .job = 1 }, { .job = 2, .type = DEPENDENCY_N_TO_N } };
	struct job job = with(array_of(11, name_high, 1, 2), on, 2);

	job.sequential = true;
	submit(w, 1, name_high, 1);
	submit_this(w, array_of(2, name_high, 1, 2));
	submit_this(w, job);
	assert_string_equal(decide(w), "R1 W2 W11 R2 P1a P3a P4a");
	run(w, 4, 1, 0); /* its second could go, but its first not yet */
	assert_string_equal(decide(w), "");
	run(w, 3, 1, 0);
	assert_string_equal(decide(w), "E2SUCCEEDED"); /* the plain dependency gates all */
	run(w, 1, 1, 0);
	assert_string_equal(decide(w), "R11 P12a");
	run(w, 12, 1, 0);
	assert_string_equal(decide(w), "P13a");
}

static void DEP_on_one_child(void **state)
{
	struct world *w = *state;
	struct dependency on_3 = { .job = 4 };

	submit_this(w, array_of(1, name_low, 2, 4));
	submit_this(w, with(job_of(10, name_high, 1), &on_3, 1));
	submit_this(w, with(job_of(11, name_high, 1), &on_3, 1));
	assert_string_equal(decide(w), "W1 W10 W11 R1 P2a P3a");
	run(w, 2, 1, 0);
	assert_string_equal(decide(w), "P4a"); /* now it is made, and they wait for it still */
	assert_int_equal(tell(w, FACT_CANCELLED, 11, "no"), 0);
	run(w, 4, 1, 0);
	assert_string_equal(decide(w), "R10 P10a");
}

static void DEP_on_one_child_that_never_runs(void **state)
{
	struct world *w = *state;
	struct dependency on_4 = { .job = 5 }, any_4 = { .job = 5, .type = DEPENDENCY_ANY };

	submit_this(w, array_of(1, name_low, 2, 4));
	submit_this(w, with(job_of(10, name_high, 1), &on_4, 1));
	submit_this(w, with(job_of(11, name_high, 1), &any_4, 1));
	decide(w);
	assert_int_equal(tell(w, FACT_TERMINATED, 1, "stop"), 0);
	assert_string_equal(decide(w), "F10 R11 S3 S2 P11b");
	submit_this(w, with(job_of(12, name_high, 1), &on_4, 1)); /* while the array still lives */
	assert_string_equal(decide(w), "F12");
}

static void DEP_1_many_dependents(void **state)
{
	struct world *w = *state;
	struct dependency on_1 = { .job = 1 };

	w->seen = NULL;
	submit(w, 1, name_high, 1);
	for (int64_t key = 100; key < 5100; key++) {
		struct job job = with(job_of(key, name_high, 1), &on_1, 1);

		assert_int_equal(submit_job(w, &job), 0);
	}
	decide(w);
	run(w, 1, 1, 1);
	decide(w);
	assert_int_equal(sched_live(w->s), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TR(DEP_any_is_met_by_any_end),
		TR(DEP_any_is_met_by_cancel),
		TR(DEP_2_any_and_plain_on_one_job),
		TR(DEP_3_on_an_array_waits_for_every_child),
		TR(DEP_3_on_an_array_that_fails),
		TR(DEP_4_of_an_array_every_child_waits),
		TR(DEP_4_of_an_array_that_fails),
		TR(DEP_5_sequential),
		TR(DEP_5_sequential_failure_fails_the_rest),
		TR(DEP_5_sequential_retry_and_cancel_ahead),
		TR(DEP_6_n_to_n),
		TR(DEP_6_n_to_n_failure_fails_only_its_own),
		TR(DEP_6_n_to_n_on_what_has_ended),
		TR(DEP_6_n_to_n_on_two_arrays),
		TR(DEP_6_cancelled_upstream),
		TR(DEP_6_refused),
		TR(DEP_7_types_combine),
		TR(DEP_on_one_child),
		TR(DEP_on_one_child_that_never_runs),
		TR(DEP_1_many_dependents),
	};

	return cmocka_run_group_tests_name("sched_depend", tests, NULL, NULL);
}
