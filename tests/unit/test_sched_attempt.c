/* sched/: attempts: retries (section 6), timeout, cancel and terminate (section 7), places that
 * are taken away (SP-2), GPUs (RES-5). The traps are those of section 14. */
#include "config.h"
#include "sched_world.h"

static struct job tries(int64_t key, int attempts, struct retry_rule *rules, int count)
{
	struct job job = job_of(key, name_high, 1);

	job.retry.attempts = attempts;
	job.retry.rule_count = count;
	for (int i = 0; i < count; i++)
		job.retry.rule[i] = rules[i];
	return job;
}

static void submit_this(struct world *w, struct job job)
{
	assert_int_equal(submit_job(w, &job), 0);
}

/* Of attempt 1, after what sched_settle_end makes of it. */
static struct fact settled_end(struct world *w, int64_t key, int exit_code)
{
	static char text[128];
	struct fact fact = fact_of(w, FACT_ENDED, key);

	fact.attempt = 1;
	fact.ended.exit_code = exit_code;
	fact.ended.status_reason = REASON_EXITED;
	sched_settle_end(w->s, &fact, text);
	return fact;
}

static int say_stopping(struct world *w, int64_t key, enum stop_cause cause)
{
	struct fact fact = fact_of(w, FACT_STOPPING, key);

	fact.attempt = 1;
	fact.stopping.cause = cause;
	return apply(w, &fact);
}

/* ---- retries */

static void RT_5_trap_1_no_match_is_retry(void **state)
{
	struct world *w = *state;
	char code[] = "99";
	struct retry_rule rule = { .on_exit_code = code, .exit = true };

	submit_this(w, tries(1, 3, &rule, 1));
	decide(w);
	run(w, 1, 1, 1);
	assert_effect(w, RUNNING, RUNNABLE);
}

static void TO_1_trap_2_timeout_is_never_retried(void **state)
{
	struct world *w = *state;
	char any[] = "*";
	struct retry_rule rule = { .on_status_reason = any };
	struct job job = tries(1, 10, &rule, 1);

	job.timeout_s = 60;
	submit_this(w, job);
	decide(w);
	assert_int_equal(start(w, 1, 1), 0);
	w->now += 60000;
	assert_string_equal(decide(w), "S1");
	assert_int_equal(end_with(w, 1, 1, 137, NULL), 0);
	assert_effect(w, RUNNING, FAILED);
	assert_string_equal(w->effect.status_reason, "Job attempt duration exceeded timeout");
}

static void CX_1_trap_3_cancel_of_what_runs_does_nothing(void **state)
{
	struct world *w = *state;

	submit(w, 1, name_high, 1);
	decide(w);
	for (int i = 0; i < 2; i++) {
		uint64_t hash = sched_hash(w->s);

		assert_int_equal(tell(w, FACT_CANCELLED, 1, "no"), 0);
		assert_false(w->effect.changed);
		assert_int_equal(sched_hash(w->s), hash);
		if (i == 0)
			assert_int_equal(start(w, 1, 1), 0);
	}
	assert_int_equal(end_with(w, 1, 1, 0, NULL), 0);
	assert_effect(w, RUNNING, SUCCEEDED);
}

static void RT_9_trap_24_retried_job_goes_to_the_front(void **state)
{
	struct world *w = *state;
	struct job job = tries(1, 2, NULL, 0);

	job.queue = name_low;
	job.need.vcpu_milli = 4000;
	submit_this(w, job);
	submit(w, 2, name_low, 4);
	decide(w);
	run(w, 1, 1, 1);
	assert_string_equal(decide(w), "P1a");
}

/* ---- places that are taken away */

static void set_kind(struct world *w, enum cr_type kind)
{
	struct environment a = env_named(name_a, 4);

	a.cr_type = kind;
	a.bid_percent = 100;
	assert_int_equal(put_env(w, &a), 0);
}

static void RT_8_trap_8_exit_0_after_sigterm_is_success(void **state)
{
	struct world *w = *state;
	struct fact end;

	submit(w, 1, name_low, 1);
	decide(w);
	assert_int_equal(start(w, 1, 1), 0);
	assert_int_equal(say_stopping(w, 1, STOP_RECLAIMED), 0);
	end = settled_end(w, 1, 0);
	assert_int_equal(end.ended.exit_code, 0);
	assert_string_equal(end.ended.status_reason, REASON_EXITED);
	assert_int_equal(apply(w, &end), 0);
	assert_effect(w, RUNNING, SUCCEEDED);
}

static void SP_2_trap_9_reclaim_has_no_exit_code(void **state)
{
	struct world *w = *state;
	char host[] = "Host EC2*";
	struct retry_rule rule = { .on_status_reason = host };
	struct sched_job_view view;
	char expected[128], id[INSTANCE_ID_SIZE];
	struct fact end;
	struct job job = tries(1, 2, &rule, 1);

	job.queue = name_low;
	submit_this(w, job);
	decide(w);
	assert_int_equal(start(w, 1, 1), 0);
	assert_int_equal(say_stopping(w, 1, STOP_RECLAIMED), 0);
	assert_true(sched_job(w->s, 1, &view));
	assert_true(view.reclaimed);
	end = settled_end(w, 1, 143);
	assert_int_equal(end.ended.exit_code, -1);
	snprintf(expected, sizeof expected, "Host EC2 (instance %s) terminated.",
		 instance_id(view.instance, id));
	assert_string_equal(end.ended.status_reason, expected);
	assert_int_equal(apply(w, &end), 0);
	assert_effect(w, RUNNING, RUNNABLE); /* by the job's own rules */
	decide(w);
	assert_true(sched_job(w->s, 1, &view));
	assert_false(view.reclaimed); /* the next attempt has a place of its own */
	assert_int_equal(view.attempt, 2);
}

static void SP_2_replaced_is_as_reclaimed(void **state)
{
	struct world *w = *state;
	struct fact end;

	submit(w, 1, name_low, 1);
	decide(w);
	assert_int_equal(say_stopping(w, 1, STOP_REPLACED), 0);
	end = settled_end(w, 1, 137);
	assert_int_equal(end.ended.exit_code, -1);
	assert_int_equal(strncmp(end.ended.status_reason, "Host EC2 (instance i-", 21), 0);
}

static void SP_2_fargate_spot(void **state)
{
	struct world *w = *state;
	struct job job = job_of(1, name_low, 1);
	struct fact end;

	set_kind(w, CR_FARGATE_SPOT);
	job.platform = PLATFORM_FARGATE;
	submit_this(w, job);
	assert_string_equal(decide(w), "R1 P1a");
	assert_int_equal(say_stopping(w, 1, STOP_RECLAIMED), 0);
	end = settled_end(w, 1, 143);
	assert_int_equal(end.ended.exit_code, 137);
	assert_string_equal(end.ended.status_reason, "Your Spot Task was interrupted.");
}

static void SP_2_terminate_decides_over_reclaim(void **state)
{
	struct world *w = *state;
	struct fact end;

	submit_this(w, tries(1, 3, NULL, 0));
	decide(w);
	assert_int_equal(start(w, 1, 1), 0);
	assert_int_equal(say_stopping(w, 1, STOP_RECLAIMED), 0);
	assert_int_equal(tell(w, FACT_TERMINATED, 1, "mine"), 0);
	assert_string_equal(decide(w), ""); /* it is being stopped */
	end = settled_end(w, 1, 143);
	assert_int_equal(apply(w, &end), 0);
	assert_effect(w, RUNNING, FAILED);
	assert_string_equal(w->effect.status_reason, "mine");
}

static void SP_2_others_are_left_as_they_are(void **state)
{
	struct world *w = *state;
	struct fact end;

	submit(w, 1, name_low, 1);
	decide(w);
	end = settled_end(w, 1, 143);
	assert_int_equal(end.ended.exit_code, 143);
	end = settled_end(w, 2, 143); /* no such job */
	assert_int_equal(end.ended.exit_code, 143);
}

/* Its end came before it was told to stop; then it needs no telling. */
static void SP_2_ends_before_it_is_stopped(void **state)
{
	struct world *w = *state;
	struct fact fact = fact_of(w, FACT_INSTANCE_RECLAIMED, 0);
	struct sched_job_view view;

	submit_this(w, tries(1, 2, NULL, 0));
	decide(w);
	assert_int_equal(start(w, 1, 1), 0);
	assert_true(sched_job(w->s, 1, &view));
	fact.instance_key = view.instance;
	assert_int_equal(apply(w, &fact), 0);
	assert_int_equal(end_with(w, 1, 1, 1, NULL), 0);
	assert_effect(w, RUNNING, RUNNABLE);
	assert_string_equal(decide(w), "P1a");
}

static void STOPPING_refusals(void **state)
{
	struct world *w = *state;

	submit(w, 1, name_low, 1);
	decide(w);
	assert_refused(say_stopping(w, 1, STOP_TERMINATED), w, ERR_CONFLICT);
	assert_refused(say_stopping(w, 1, STOP_MAIN_NODE), w, ERR_CONFLICT);
}

/* ---- GPUs */

static void submit_gpus(struct world *w, int64_t key, int gpus)
{
	struct job job = job_of(key, name_high, 1);

	job.need.gpus = gpus;
	submit_this(w, job);
}

static uint64_t gpus_of(struct world *w, int64_t key)
{
	struct sched_job_view view;

	return sched_job(w->s, key, &view) ? view.gpu_set : 0;
}

static void RES_5_gpus_are_pinned(void **state)
{
	struct world *w = *state;

	assert_int_equal(put_pool(w, 8, 8000, 4), 0);
	submit_gpus(w, 1, 1);
	submit_gpus(w, 2, 2);
	submit_gpus(w, 3, 0);
	submit_gpus(w, 4, 2);
	decide(w);
	assert_int_equal(gpus_of(w, 1), 1);
	assert_int_equal(gpus_of(w, 2), 6);
	assert_int_equal(gpus_of(w, 3), 0);
	assert_int_equal(status_of(w, 4), JOB_RUNNABLE); /* one is free, it needs two */
	run(w, 1, 1, 0);
	assert_string_equal(decide(w), "P4a");
	assert_int_equal(gpus_of(w, 4), 9); /* the first, and the last */
	assert_int_equal(end_with(w, 2, 1, -1, NULL), 0);
	submit_gpus(w, 5, 1);
	decide(w);
	assert_int_equal(gpus_of(w, 5), 2);
}

static void RES_5_gpus_of_an_array(void **state)
{
	struct world *w = *state;
	struct job job = job_of(1, name_high, 1);

	assert_int_equal(put_pool(w, 8, 8000, 2), 0);
	job.need.gpus = 1;
	job.kind = JOB_KIND_ARRAY;
	job.size = 3;
	submit_this(w, job);
	assert_string_equal(decide(w), "W1 R1 P2a P3a");
	assert_int_equal(gpus_of(w, 2) | gpus_of(w, 3), 3);
	run(w, 2, 1, 0);
	decide(w);
	assert_int_equal(gpus_of(w, 4), 1);
}

/* Counted only, where there are more than 64. */
static void RES_5_many_gpus(void **state)
{
	struct world *w = *state;

	assert_int_equal(put_pool(w, 8, 8000, 64), 0);
	submit_gpus(w, 1, 64);
	decide(w);
	assert_int_equal(gpus_of(w, 1), UINT64_MAX);
	assert_int_equal(end_with(w, 1, 1, -1, NULL), 0);
	assert_int_equal(put_pool(w, 8, 8000, 65), 0);
	submit_gpus(w, 2, 65);
	assert_string_equal(decide(w), "R2 P2a");
	assert_int_equal(gpus_of(w, 2), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(RT_5_trap_1_no_match_is_retry),
		T(TO_1_trap_2_timeout_is_never_retried),
		T(CX_1_trap_3_cancel_of_what_runs_does_nothing),
		T(RT_9_trap_24_retried_job_goes_to_the_front),
		T(RT_8_trap_8_exit_0_after_sigterm_is_success),
		T(SP_2_trap_9_reclaim_has_no_exit_code),
		T(SP_2_replaced_is_as_reclaimed),
		T(SP_2_fargate_spot),
		T(SP_2_terminate_decides_over_reclaim),
		T(SP_2_others_are_left_as_they_are),
		T(SP_2_ends_before_it_is_stopped),
		T(STOPPING_refusals),
		T(RES_5_gpus_are_pinned),
		T(RES_5_gpus_of_an_array),
		T(RES_5_many_gpus),
	};

	return cmocka_run_group_tests_name("sched_attempt", tests, NULL, NULL);
}
