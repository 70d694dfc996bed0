/* sched/: queues, environments, who goes where and when, and what is said to those who wait.
 * Each test is named after the rule of doc/semantics.md that it holds us to. */
#include "config.h"
#include "sched_world.h"

/* ---- section 9: queues */

static void test_jq_4_by_priority_without_reservation(void **state)
{
	struct world *w = *state;

	submit(w, 1, name_low, 2);
	submit(w, 2, name_high, 8);
	submit(w, 3, name_high, 1);
	submit(w, 4, name_low, 2);
	/* high goes first; its head then fits nothing and low is served nevertheless */
	assert_string_equal(decide(w), "R1 R2 R3 R4 P2b");
	run(w, 2, 1, 0);
	assert_string_equal(decide(w), "P3a P1a");
	assert_why(w, 4, "needs 2 vCPU, 1 free in a");
	submit(w, 5, name_high, 8);
	submit(w, 6, name_low, 1);
	assert_string_equal(decide(w), "R5 R6");
	run(w, 3, 1, 0);
	assert_string_equal(decide(w), "P4a"); /* 5 does not keep the room it waits for */
}

static void test_jq_4_equal_priorities_by_name(void **state)
{
	struct world *w = *state;
	struct queue low = queue_named(name_low, 10);

	low.env_count = 1;
	low.env[0] = name_a;
	assert_int_equal(put_queue(w, &low), 0);
	submit(w, 1, name_low, 1);
	submit(w, 2, name_high, 1);
	assert_string_equal(decide(w), "R1 R2 P2a P1a");
}

static void test_jq_6_fifo_with_head_of_line_blocking(void **state)
{
	struct world *w = *state;

	submit(w, 1, name_low, 3);
	submit(w, 2, name_low, 4);
	submit(w, 3, name_low, 1);
	assert_string_equal(decide(w), "R1 R2 R3 P1a");
	assert_why(w, 2, "needs 4 vCPU, 1 free in a");
	assert_why(w, 3, "behind 1 job in low");
	run(w, 1, 1, 0);
	assert_string_equal(decide(w), "P2a");
	run(w, 2, 1, 0);
	assert_string_equal(decide(w), "P3a");
}

static void test_jq_1_disabled_queue_goes_on(void **state)
{
	struct world *w = *state;
	struct queue low = queue_named(name_low, 1);

	submit(w, 1, name_low, 4);
	submit(w, 2, name_low, 4);
	decide(w);
	low.state = STATE_DISABLED;
	low.env_count = 1;
	low.env[0] = name_a;
	assert_int_equal(put_queue(w, &low), 0);
	run(w, 1, 1, 0);
	assert_string_equal(decide(w), "P2a");
}

static void test_jq_3_deleting_and_deleted(void **state)
{
	struct world *w = *state;
	struct queue low = queue_named(name_low, 1);

	submit(w, 1, name_low, 4);
	submit(w, 2, name_low, 1);
	decide(w);
	low.status = STATUS_DELETED;
	assert_refused(put_queue(w, &low), w, ERR_CONFLICT);
	low.status = STATUS_DELETING;
	assert_int_equal(put_queue(w, &low), 0);
	assert_why(w, 2, "queue low is DELETING");
	assert_int_equal(tell(w, FACT_TERMINATED, 2, "Job queue was deleted"), 0);
	run(w, 1, 1, 0);
	assert_string_equal(decide(w), "");
	low.status = STATUS_DELETED;
	assert_int_equal(put_queue(w, &low), 0);
	assert_refused(put_queue(w, &low), w, ERR_NOT_FOUND);
	submit(w, 3, name_high, 1);
	assert_string_equal(decide(w), "R3 P3a");
}

static void test_queue_may_change_everything(void **state)
{
	struct world *w = *state;
	struct queue low = queue_named(name_low, 99);
	char nowhere[] = "nowhere";

	submit(w, 1, name_low, 8);
	assert_string_equal(decide(w), "R1");
	assert_why(w, 1, "needs 8 vCPU, a has 4 at most: can never run");
	low.env_count = 1;
	low.env[0] = nowhere;
	assert_refused(put_queue(w, &low), w, ERR_NOT_FOUND);
	low.env[0] = name_b;
	assert_int_equal(put_queue(w, &low), 0);
	submit(w, 2, name_high, 1);
	assert_string_equal(decide(w), "R2 P1b"); /* now before high */
}

static void test_view_of_a_queue(void **state)
{
	struct world *w = *state;
	struct sched_queue_view view;

	submit(w, 1, name_low, 4);
	submit(w, 2, name_low, 1);
	submit(w, 3, name_low, 1);
	assert_true(sched_queue(w->s, "low", &view));
	assert_int_equal(view.count[JOB_SUBMITTED], 3);
	assert_int_equal(view.head, 0);
	decide(w);
	assert_true(sched_queue(w->s, "low", &view));
	assert_int_equal(view.count[JOB_SUBMITTED], 0);
	assert_int_equal(view.count[JOB_STARTING], 1);
	assert_int_equal(view.count[JOB_RUNNABLE], 2);
	assert_int_equal(view.head, 2);
	run(w, 1, 1, 1);
	assert_true(sched_queue(w->s, "low", &view));
	assert_int_equal(view.count[JOB_STARTING] + view.count[JOB_RUNNING], 0);
	assert_int_equal(view.count[JOB_FAILED], 0); /* the final ones are 0 */
	assert_false(sched_queue(w->s, "nowhere", &view));
}

/* ---- section 11.1: environments */

static void test_environments_in_order(void **state)
{
	struct world *w = *state;
	struct sched_env_view view;

	for (int64_t key = 1; key <= 5; key++)
		submit(w, key, name_high, 2);
	/* a takes 4, the pool 8 in all */
	assert_string_equal(decide(w), "R1 R2 R3 R4 R5 P1a P2a P3b P4b");
	assert_why(w, 5, "needs 2 vCPU, 0 free in a");
	assert_true(sched_env(w->s, "b", &view));
	assert_int_equal(view.used.vcpu_milli, 4000);
	assert_int_equal(view.used.memory_mib, 200);
	assert_int_equal(view.active, 2);
	run(w, 3, 1, 0);
	assert_string_equal(decide(w), "P5b");
	assert_false(sched_env(w->s, "nowhere", &view));
}

static void test_ce_2_disabled_or_invalid_takes_nothing(void **state)
{
	struct world *w = *state;
	struct environment a = env_named(name_a, 4), b = env_named(name_b, 8);

	a.state = STATE_DISABLED;
	assert_int_equal(put_env(w, &a), 0);
	submit(w, 1, name_high, 1);
	assert_string_equal(decide(w), "R1 P1b");
	b.status = STATUS_INVALID;
	assert_int_equal(put_env(w, &b), 0);
	submit(w, 2, name_high, 1);
	assert_string_equal(decide(w), "R2");
	assert_why(w, 2, "no VALID and ENABLED compute environment in high");
	run(w, 1, 1, 0); /* what runs goes on */
	assert_string_equal(decide(w), "");
	b.status = STATUS_VALID;
	assert_int_equal(put_env(w, &b), 0);
	assert_string_equal(decide(w), "P2b");
}

static void test_ce_4_delete(void **state)
{
	struct world *w = *state;
	struct environment a = env_named(name_a, 4);
	struct queue low = queue_named(name_low, 1), high = queue_named(name_high, 10);

	submit(w, 1, name_low, 1);
	decide(w);
	a.status = STATUS_DELETED;
	assert_refused(put_env(w, &a), w, ERR_CONFLICT);
	assert_string_equal(w->err.text, "Cannot delete, found existing JobQueue relationship");
	low.env_count = high.env_count = 1;
	low.env[0] = high.env[0] = name_b;
	assert_int_equal(put_queue(w, &low), 0);
	assert_int_equal(put_queue(w, &high), 0);
	assert_refused(put_env(w, &a), w, ERR_CONFLICT); /* a job still runs there */
	run(w, 1, 1, 0);
	assert_int_equal(put_env(w, &a), 0);
	assert_refused(put_env(w, &a), w, ERR_NOT_FOUND);
}

static void test_max_vcpus_may_change(void **state)
{
	struct world *w = *state;
	struct environment a = env_named(name_a, 1);

	submit(w, 1, name_low, 4);
	submit(w, 2, name_low, 1);
	decide(w);
	assert_int_equal(put_env(w, &a), 0); /* below what runs: that goes on */
	assert_string_equal(decide(w), "");
	assert_why(w, 2, "needs 1 vCPU, 0 free in a");
	a.max_vcpus = 5;
	assert_int_equal(put_env(w, &a), 0);
	assert_string_equal(decide(w), "P2a");
}

static void test_unmanaged_without_limit(void **state)
{
	struct world *w = *state;
	struct environment a = env_named(name_a, 0);

	a.type = CE_UNMANAGED;
	assert_int_equal(put_env(w, &a), 0);
	submit(w, 1, name_low, 8);
	assert_string_equal(decide(w), "R1 P1a");
	assert_int_equal(put_env(w, &(struct environment){ .name = name_a,
							   .state = STATE_ENABLED,
							   .status = STATUS_VALID }),
			 0);
	submit(w, 2, name_low, 1);
	decide(w);
	assert_why(w, 2, "needs 1 vCPU, a has 0 at most: can never run");
}

static void test_pool_is_shared_and_may_change(void **state)
{
	struct world *w = *state;

	submit(w, 1, name_low, 4);
	submit(w, 2, name_high, 5);
	assert_string_equal(decide(w), "R1 R2 P2b");
	assert_why(w, 1, "needs 4 vCPU, 3 free on this machine");
	assert_int_equal(put_pool(w, 16, 8000, 0), 0);
	assert_string_equal(decide(w), "P1a");
	assert_int_equal(put_pool(w, 1, 8000, 0), 0); /* below what is used */
	submit(w, 3, name_high, 1);
	assert_string_equal(decide(w), "R3");
	assert_why(w, 3, "needs 1 vCPU, 0 free on this machine");
	run(w, 1, 1, 0);
	assert_string_equal(decide(w), "");
	run(w, 2, 1, 0);
	assert_string_equal(decide(w), "P3a");
}

static void test_memory_and_gpus_count(void **state)
{
	struct world *w = *state;
	struct job job = job_of(1, name_high, 1);

	job.need.memory_mib = 5000;
	assert_int_equal(submit_job(w, &job), 0);
	job.key = 2;
	assert_int_equal(submit_job(w, &job), 0);
	job.key = 3;
	job.need.memory_mib = 9000;
	assert_int_equal(submit_job(w, &job), 0);
	job.key = 4;
	job.need = (struct resources){ 1000, 10, 2 };
	assert_int_equal(submit_job(w, &job), 0);
	assert_string_equal(decide(w), "R1 R2 R3 R4 P1a");
	assert_why(w, 2, "needs 5000 MiB memory, 3000 free on this machine");
	assert_why(w, 3, "needs 9000 MiB memory, this machine has 8000 at most: can never run");
	assert_why(w, 4, "needs 2 GPU, this machine has 0 at most: can never run");
	assert_int_equal(put_pool(w, 8, 20000, 2), 0);
	assert_string_equal(decide(w), "P2a P3a P4a");
	assert_int_equal(sched_used(w->s).gpus, 2);
	assert_int_equal(sched_pool(w->s).memory_mib, 20000);
}

static void test_two_queues_wait_for_the_pool(void **state)
{
	struct world *w = *state;

	submit(w, 1, name_high, 8);
	submit(w, 2, name_low, 4);
	submit(w, 3, name_high, 6);
	submit(w, 4, name_high, 2);
	assert_string_equal(decide(w), "R1 R2 R3 R4 P1b");
	run(w, 1, 1, 0);
	assert_string_equal(decide(w), "P3b P4a");
	run(w, 3, 1, 0);
	assert_why(w, 2, "needs 4 vCPU, 2 free in a");
	run(w, 4, 1, 0);
	assert_string_equal(decide(w), "P2a");
}

/* ---- explain */

static void test_explain_tells_what_can_never_run(void **state)
{
	struct world *w = *state;

	submit(w, 1, name_low, 5);
	submit(w, 2, name_low, 1);
	submit(w, 3, name_low, 1);
	decide(w);
	assert_why(w, 1, "needs 5 vCPU, a has 4 at most: can never run");
	assert_why(w, 2, "behind 1 job in low, which can never run");
	assert_why(w, 3, "behind 2 jobs in low, the first of which can never run");
	submit(w, 4, name_high, 9);
	decide(w);
	assert_why(w, 4, "needs 9 vCPU, b has 8 at most: can never run");
	assert_why(w, 99, "");
}

static void test_explain_quarters(void **state)
{
	struct world *w = *state;
	struct job job = job_of(1, name_low, 1);

	job.need.vcpu_milli = 3750;
	assert_int_equal(submit_job(w, &job), 0);
	job.key = 2;
	job.need.vcpu_milli = 500;
	assert_int_equal(submit_job(w, &job), 0);
	decide(w);
	assert_why(w, 2, "needs 0.5 vCPU, 0.25 free in a");
	assert_why(w, 1, ""); /* it is not waiting */
}

static void test_explain_room_in_open_environment(void **state)
{
	struct world *w = *state;
	struct environment b = env_named(name_b, 8);

	submit(w, 1, name_high, 6);
	submit(w, 2, name_high, 6);
	decide(w);
	assert_why(w, 2, "needs 6 vCPU, 2 free in b"); /* a is too small for ever */
	b.state = STATE_DISABLED;
	assert_int_equal(put_env(w, &b), 0);
	assert_why(w, 2, "no VALID and ENABLED compute environment in high is large enough");
}

static void test_explain_place_in_a_long_line(void **state)
{
	struct world *w = *state;
	char want[100], line[200];

	submit(w, 1, name_low, 4);
	for (int64_t key = 2; key <= 3000; key++)
		submit(w, key, name_low, 4);
	decide(w);
	for (int64_t key = 3; key <= 3000; key += 111) {
		snprintf(want, sizeof want, "behind %d job%s in low", (int)key - 2,
			 key == 3 ? "" : "s");
		sched_explain(w->s, key, line, sizeof line);
		assert_string_equal(line, want);
	}
	for (int64_t key = 4; key <= 3000; key += 2)
		assert_int_equal(tell(w, FACT_CANCELLED, key, "x"), 0);
	assert_why(w, 2999, "behind 1499 jobs in low");
	assert_why(w, 1001, "behind 500 jobs in low");
}

int main(void)
{
	/* clang-format off */
	const struct CMUnitTest tests[] = {
		T(test_jq_4_by_priority_without_reservation),
		T(test_jq_4_equal_priorities_by_name),
		T(test_jq_6_fifo_with_head_of_line_blocking),
		T(test_jq_1_disabled_queue_goes_on),
		T(test_jq_3_deleting_and_deleted),
		T(test_queue_may_change_everything),
		T(test_view_of_a_queue),
		T(test_environments_in_order),
		T(test_ce_2_disabled_or_invalid_takes_nothing),
		T(test_ce_4_delete),
		T(test_max_vcpus_may_change),
		T(test_unmanaged_without_limit),
		T(test_pool_is_shared_and_may_change),
		T(test_memory_and_gpus_count),
		T(test_two_queues_wait_for_the_pool),
		T(test_explain_tells_what_can_never_run),
		T(test_explain_quarters),
		T(test_explain_room_in_open_environment),
		T(test_explain_place_in_a_long_line),
	};
	/* clang-format on */

	return cmocka_run_group_tests_name("sched_place", tests, NULL, NULL);
}
