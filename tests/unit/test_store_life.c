#include "config.h"
#include "store_fixture.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "jobdeck/base/mem.h"
#include "jobdeck/model/reason.h"

/* Jobs and their attempts: what every fact makes of them, and that all of it is read back. */

static struct job *job_with_everything(void)
{
	struct job *job = job_new(7, "Full-Job", "high");
	struct retry_strategy *r = &job->retry;

	str_replace(&job->definition, "hello:12");
	job->need = (struct resources){ 250, 30720, 2 };
	job->timeout_s = 3600;
	*r = (struct retry_strategy){ .attempts = 10, .rule_count = 3 };
	r->rule[0].on_exit_code = xstrdup("1*");
	r->rule[0].exit = true;
	r->rule[1].on_reason = xstrdup("Cannot*");
	r->rule[1].on_status_reason = xstrdup("Task failed\tto start");
	r->rule[2].on_reason = xstrdup("*");
	r->rule[2].exit = true;
	job->depends_count = 2;
	job->depends = xcalloc(2, sizeof *job->depends);
	job->depends[0].job = 1;
	job->depends[0].type = DEPENDENCY_ANY;
	job->depends[1].job = INT64_MAX - 1;
	job->depends[1].type = DEPENDENCY_N_TO_N;
	job->kind = JOB_KIND_MULTINODE;
	job->size = 5;
	job->main_node = 4;
	job->node_need_count = 2;
	job->node_need[0] = (struct node_need){ 0, 3, { 1000, 2048, 0 } };
	job->node_need[1] = (struct node_need){ 4, 4, { 64000, 1 << 30, 8 } };
	job->share = xstrdup("team-\u00e9");
	job->priority = 9999;
	job->consume_count = 2;
	job->consume[0] = (struct consume){ xstrdup("licences"), INT64_MAX };
	job->consume[1] = (struct consume){ xstrdup("tokens"), 1 };
	job->sequential = true;
	job->platform = PLATFORM_FARGATE;
	job->start_after = 1700000000000;
	job->held = true;
	job->doc = xstrdup("{\"container\":{\"command\":[\"a \\\"b\\\"\",\"\u00e9\u6f22\"]}}");
	return job;
}

static void assert_same_text(const char *a, const char *b)
{
	if (!a || !b)
		assert_ptr_equal(a, b);
	else
		assert_string_equal(a, b);
}

static void assert_same_job(const struct job *a, const struct job *b)
{
	assert_int_equal(a->key, b->key);
	assert_string_equal(a->id, b->id);
	assert_same_text(a->name, b->name);
	assert_same_text(a->queue, b->queue);
	assert_same_text(a->definition, b->definition);
	assert_memory_equal(&a->need, &b->need, sizeof a->need);
	assert_int_equal(a->timeout_s, b->timeout_s);
	assert_int_equal(a->retry.attempts, b->retry.attempts);
	assert_int_equal(a->retry.rule_count, b->retry.rule_count);
	for (int i = 0; i < a->retry.rule_count; i++) {
		const struct retry_rule *x = &a->retry.rule[i], *y = &b->retry.rule[i];

		assert_same_text(x->on_exit_code, y->on_exit_code);
		assert_same_text(x->on_reason, y->on_reason);
		assert_same_text(x->on_status_reason, y->on_status_reason);
		assert_int_equal(x->exit, y->exit);
	}
	assert_int_equal(a->depends_count, b->depends_count);
	for (size_t i = 0; i < a->depends_count; i++) {
		assert_int_equal(a->depends[i].job, b->depends[i].job);
		assert_int_equal(a->depends[i].type, b->depends[i].type);
	}
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->parent, b->parent);
	assert_int_equal(a->size, b->size);
	assert_int_equal(a->main_node, b->main_node);
	assert_int_equal(a->node_need_count, b->node_need_count);
	for (int i = 0; i < a->node_need_count; i++) {
		const struct node_need *x = &a->node_need[i], *y = &b->node_need[i];

		assert_true(x->first == y->first && x->last == y->last);
		assert_true(x->need.vcpu_milli == y->need.vcpu_milli &&
			    x->need.memory_mib == y->need.memory_mib &&
			    x->need.gpus == y->need.gpus);
	}
	assert_same_text(a->share, b->share);
	assert_int_equal(a->priority, b->priority);
	assert_int_equal(a->consume_count, b->consume_count);
	for (int i = 0; i < a->consume_count; i++) {
		assert_string_equal(a->consume[i].name, b->consume[i].name);
		assert_true(a->consume[i].quantity == b->consume[i].quantity);
	}
	assert_int_equal(a->sequential, b->sequential);
	assert_int_equal(a->platform, b->platform);
	assert_true(a->start_after == b->start_after);
	assert_int_equal(a->held, b->held);
	assert_true(a->blocked_since == b->blocked_since);
	assert_same_text(a->doc, b->doc);
	assert_int_equal(a->status, b->status);
	assert_same_text(a->status_reason, b->status_reason);
	assert_int_equal(a->created, b->created);
	assert_int_equal(a->started, b->started);
	assert_int_equal(a->stopped, b->stopped);
	assert_int_equal(a->attempt, b->attempt);
	assert_int_equal(a->order, b->order);
	assert_int_equal(a->cancelled, b->cancelled);
	assert_int_equal(a->terminated, b->terminated);
	assert_int_equal(a->timed_out, b->timed_out);
}

static void job_round_trip(void **state)
{
	struct job *job = job_with_everything(), *got;

	begin(*state);
	submit(*state, job);
	commit(*state);
	assert_int_equal(store_job_key(*state, job->id, NULL), 7);
	got = store_job(*state, 7, &error);
	assert_non_null(got);
	assert_same_job(got, job);
	job_free(got);
	job_free(job);
}

/* Nothing of it is said, and all of it is read back as nothing. */
static void plain_job_round_trip(void **state)
{
	struct job *job = job_new(3, "plain", "q"), *got;

	job->doc = xstrdup("{}");
	begin(*state);
	submit(*state, job);
	commit(*state);
	got = store_job(*state, 3, &error);
	assert_same_job(got, job);
	assert_int_equal(store_next_key(*state), 4);
	job_free(got);
	job_free(job);
}

static void unknown_jobs(void **state)
{
	error.kind = ERR_SYSTEM;
	assert_null(store_job(*state, 7, &error));
	assert_int_equal(error.kind, ERR_NONE);
	assert_int_equal(store_job_key(*state, "01930000-0000-7000-8000-000000000000", NULL), 0);
	assert_int_equal(store_job_key(*state, "01930000-0000-7000-8000-000000000000:1", NULL), 0);
}

static struct job *get(struct store *st, int64_t key)
{
	struct job *job = store_job(st, key, &error);

	if (!job)
		fail_msg("%s", error.text);
	return job;
}

static void assert_job(struct store *st, int64_t key, enum job_status status, int attempt,
		       jd_time started, jd_time stopped)
{
	struct job *job = get(st, key);

	assert_string_equal(job_status_name(job->status), job_status_name(status));
	assert_int_equal(job->attempt, attempt);
	assert_int_equal(job->started, started);
	assert_int_equal(job->stopped, stopped);
	job_free(job);
}

static void life_of_a_job(void **state)
{
	struct store *st = *state;
	struct attempt *a;
	size_t n = 0;

	begin(st);
	submit_simple(st, 1, "a", "q", 100);
	assert_job(st, 1, JOB_SUBMITTED, 0, 0, 0);
	move(st, 1, FACT_PENDING, JOB_SUBMITTED, JOB_PENDING, 101);
	assert_job(st, 1, JOB_PENDING, 0, 0, 0);
	move(st, 1, FACT_RUNNABLE, JOB_PENDING, JOB_RUNNABLE, 102);
	assert_job(st, 1, JOB_RUNNABLE, 0, 0, 0);
	place(st, 1, 1, "ce", 3, 103);
	assert_job(st, 1, JOB_STARTING, 1, 0, 0);
	start(st, 1, 1, 104);
	assert_job(st, 1, JOB_RUNNING, 1, 104, 0);
	a = store_attempts(st, 1, &n, &error);
	assert_int_equal(n, 1);
	assert_int_equal(a->slot, 3);
	assert_int_equal(a->placed, 103);
	assert_int_equal(a->started, 104);
	assert_int_equal(a->stopped, 0);
	assert_int_equal(a->exit_code, -1);
	attempt_fini(a);
	free(a);
	end(st, 1, 1, 0, JOB_SUCCEEDED, 105);
	assert_job(st, 1, JOB_SUCCEEDED, 1, 104, 105);
	a = store_attempts(st, 1, &n, &error);
	assert_int_equal(a->job, 1);
	assert_int_equal(a->number, 1);
	assert_string_equal(a->env, "ce");
	assert_int_equal(a->slot, -1);
	assert_int_equal(a->stopped, 105);
	assert_int_equal(a->exit_code, 0);
	assert_string_equal(a->status_reason, REASON_EXITED);
	assert_null(a->reason);
	attempt_fini(a);
	free(a);
	commit(st);
}

/* A retried job waits again, in front; its start stays that of the attempt before. */
static void retried_job(void **state)
{
	struct store *st = *state;
	struct attempt *a;
	struct job *job;
	size_t n = 0;

	begin(st);
	submit_simple(st, 5, "a", "q", 100);
	move(st, 5, FACT_RUNNABLE, JOB_SUBMITTED, JOB_RUNNABLE, 100);
	place(st, 5, 1, "ce", 0, 110);
	start(st, 5, 1, 120);
	end(st, 5, 1, 137, JOB_RUNNABLE, 130);
	job = get(st, 5);
	assert_int_equal(job->status, JOB_RUNNABLE);
	assert_int_equal(job->order, -5);
	assert_int_equal(job->attempt, 1);
	assert_int_equal(job->started, 120);
	assert_int_equal(job->stopped, 0);
	job_free(job);
	place(st, 5, 2, "other", 1, 140);
	start(st, 5, 2, 150);
	assert_job(st, 5, JOB_RUNNING, 2, 150, 0);
	end(st, 5, 2, -1, JOB_FAILED, 160);
	commit(st);
	assert_job(st, 5, JOB_FAILED, 2, 150, 160);
	a = store_attempts(st, 5, &n, &error);
	assert_int_equal(n, 2);
	assert_int_equal(a[0].exit_code, 137);
	assert_string_equal(a[0].reason, REASON_OOM);
	assert_int_equal(a[1].number, 2);
	assert_string_equal(a[1].env, "other");
	assert_int_equal(a[1].exit_code, -1); /* none is not 0 */
	attempt_fini(&a[0]);
	attempt_fini(&a[1]);
	free(a);
	assert_null(store_attempts(st, 99, &n, &error));
	assert_int_equal(n, 0);
	assert_int_equal(error.kind, ERR_NONE);
}

/* What happened while no server ran is known late: the rows say when it was, the journal
 * when it was learned. */
static void true_times(void **state)
{
	struct store *st = *state;
	struct fact f = {
		.kind = FACT_STARTED, .at = 500, .happened = 120, .job = 1, .attempt = 1
	};
	struct fact_effect e = { .changed = true, .from = JOB_STARTING, .to = JOB_RUNNING };
	struct attempt *a;
	size_t n = 0;

	begin(st);
	submit_simple(st, 1, "a", "q", 100);
	move(st, 1, FACT_RUNNABLE, JOB_SUBMITTED, JOB_RUNNABLE, 100);
	place(st, 1, 1, "ce", 0, 110);
	record(st, f, e);
	assert_job(st, 1, JOB_RUNNING, 1, 120, 0);
	f.kind = FACT_ENDED;
	f.happened = 130;
	f.ended.exit_code = 0;
	f.ended.status_reason = REASON_EXITED;
	f.ended.reason = NULL;
	e.from = JOB_RUNNING;
	e.to = JOB_SUCCEEDED;
	record(st, f, e);
	commit(st);
	assert_job(st, 1, JOB_SUCCEEDED, 1, 120, 130);
	assert_int_equal(store_last_at(st), 500);
	a = store_attempts(st, 1, &n, &error);
	assert_int_equal(a->started, 120);
	assert_int_equal(a->stopped, 130);
	attempt_fini(a);
	free(a);
}

static void ends_without_an_attempt(void **state)
{
	static const struct {
		enum fact_kind kind;
		enum job_status from;
		bool cancelled, terminated;
	} rows[] = {
		{ FACT_CANCELLED, JOB_RUNNABLE, true, false },
		{ FACT_CANCELLED, JOB_PENDING, true, false },
		{ FACT_TERMINATED, JOB_SUBMITTED, false, true },
		{ FACT_FAILED, JOB_PENDING, false, false },
	};

	begin(*state);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t key = (int64_t)i + 1;
		struct job *job;

		submit_simple(*state, key, "a", "q", 100);
		if (rows[i].from != JOB_SUBMITTED)
			move(*state, key, FACT_PENDING, JOB_SUBMITTED, rows[i].from, 100);
		move(*state, key, rows[i].kind, rows[i].from, JOB_FAILED, 200);
		job = get(*state, key);
		assert_int_equal(job->status, JOB_FAILED);
		assert_int_equal(job->cancelled, rows[i].cancelled);
		assert_int_equal(job->terminated, rows[i].terminated);
		assert_string_equal(job->status_reason, "somebody's reason");
		assert_int_equal(job->started, 0); /* SM-5 */
		assert_int_equal(job->stopped, 200);
		job_free(job);
	}
	commit(*state);
}

static void flags_without_a_move(void **state)
{
	struct fact f = { .kind = FACT_TERMINATED, .at = 130, .job = 1, .reason = "enough" };
	struct fact_effect e = { .changed = true,
				 .from = JOB_RUNNING,
				 .to = JOB_RUNNING,
				 .status_reason = "enough",
				 .order = 1,
				 .terminated = true };
	struct job *job;

	begin(*state);
	submit_simple(*state, 1, "a", "q", 100);
	move(*state, 1, FACT_RUNNABLE, JOB_SUBMITTED, JOB_RUNNABLE, 100);
	place(*state, 1, 1, "ce", 0, 110);
	start(*state, 1, 1, 120);
	record(*state, f, e);
	f = (struct fact){ .kind = FACT_STOPPING, .at = 130, .job = 1, .attempt = 1 };
	f.stopping.cause = STOP_TIMEOUT;
	e.timed_out = true;
	record(*state, f, e);
	f = (struct fact){ .kind = FACT_CANCELLED, .at = 131, .job = 1, .reason = "too late" };
	record(*state, f, (struct fact_effect){ 0 });
	commit(*state);
	job = get(*state, 1);
	assert_int_equal(job->status, JOB_RUNNING);
	assert_true(job->terminated);
	assert_true(job->timed_out);
	assert_false(job->cancelled);
	assert_string_equal(job->status_reason, "enough");
	assert_int_equal(job->started, 120);
	assert_int_equal(job->stopped, 0);
	job_free(job);
}

static void damaged_list_is_told(void **state)
{
	static const char *const bad[] = { "[1,", "[1", "[", "1", "[1 2]", "[1,]", "[,1]", "x" };
	char sql[100];

	begin(*state);
	submit_simple(*state, 1, "a", "q", 100);
	commit(*state);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		snprintf(sql, sizeof sql, "UPDATE job SET depends = '%s'", bad[i]);
		exec_raw(fixture_db, sql);
		memset(&error, 0, sizeof error);
		assert_null(store_job(*state, 1, &error));
		assert_int_equal(error.kind, ERR_CORRUPT);
	}
	exec_raw(fixture_db, "UPDATE job SET depends = NULL, retry = '{}'");
	assert_null(store_job(*state, 1, &error));
	assert_int_equal(error.kind, ERR_CORRUPT);
}

/* One thousand jobs in one turn. */
static void a_thousand_jobs_in_one_commit(void **state)
{
	int64_t count[JOB_COUNT];

	begin(*state);
	for (int64_t key = 1; key <= 1000; key++) {
		submit_simple(*state, key, "a", "q", 100);
		move(*state, key, FACT_RUNNABLE, JOB_SUBMITTED, JOB_RUNNABLE, 100);
		place(*state, key, 1, "ce", (int)key, 110);
		start(*state, key, 1, 120);
		end(*state, key, 1, 0, JOB_SUCCEEDED, 130);
	}
	commit(*state);
	store_close(*state);
	*state = open_db();
	assert_int_equal(store_counts(*state, "q", count, &error), 0);
	assert_int_equal(count[JOB_SUCCEEDED], 1000);
	assert_job(*state, 1000, JOB_SUCCEEDED, 1, 120, 130);
}

#define with_store(f) cmocka_unit_test_setup_teardown(f, fixture_open, fixture_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_store(job_round_trip),
		with_store(plain_job_round_trip),
		with_store(unknown_jobs),
		with_store(life_of_a_job),
		with_store(retried_job),
		with_store(true_times),
		with_store(ends_without_an_attempt),
		with_store(flags_without_a_move),
		with_store(damaged_list_is_told),
		with_store(a_thousand_jobs_in_one_commit),
	};

	return cmocka_run_group_tests_name("store jobs' lives", tests, NULL, NULL);
}
