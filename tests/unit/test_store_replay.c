#include "config.h"
#include "store_fixture.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/mem.h"
#include "jobdeck/model/reason.h"
#include "../../src/store/internal.h"

/* After a restart: what lives is told again, in an order and at times the scheduler accepts. */

struct told {
	struct store *st;
	char text[4000];
	jd_time at;
	int facts, stop_after;
	bool record;
};

static void describe(const struct fact *f, char *out, size_t size)
{
	const struct job *job = f->submitted;

	switch (f->kind) {
	case FACT_ENVIRONMENT:
		snprintf(out, size, "%s", f->environment->name);
		break;
	case FACT_QUEUE:
		snprintf(out, size, "%s of %s", f->queue->name, f->queue->env[0]);
		break;
	case FACT_SUBMITTED:
		snprintf(out, size, "%d %s attempt %d order %d%s%s%s", (int)job->key,
			 job_status_name(job->status), job->attempt, (int)job->order,
			 job->terminated ? " terminated" : "", job->depends_count ? " after" : "",
			 job->doc ? " with its document" : "");
		for (size_t i = 0; i < job->depends_count; i++) {
			size_t n = strlen(out);

			snprintf(out + n, size - n, " %d", (int)job->depends[i].job);
		}
		break;
	case FACT_PLACED:
		snprintf(out, size, "%d/%d in %s slot %d", (int)f->job, f->attempt, f->placed.env,
			 f->placed.slot);
		break;
	case FACT_FAILED:
		snprintf(out, size, "%d %s", (int)f->job, f->reason);
		break;
	default:
		snprintf(out, size, "%d/%d since %d", (int)f->job, f->attempt, (int)fact_when(f));
	}
}

static int hear(void *arg, const struct fact *f, struct err *err)
{
	struct told *t = arg;
	size_t n = strlen(t->text);
	char what[300];

	assert_true(f->at >= t->at);
	t->at = f->at;
	describe(f, what, sizeof what);
	snprintf(t->text + n, sizeof t->text - n, "%d %s %s\n", (int)f->at, fact_name(f->kind),
		 what);
	if (t->record && f->kind == FACT_FAILED)
		move(t->st, f->job, FACT_FAILED, JOB_PENDING, JOB_FAILED, f->at);
	if (++t->facts == t->stop_after)
		return err_set(err, ERR_CONFLICT, "enough");
	return 0;
}

static void assert_replays(struct store *st, const char *expected)
{
	struct told t = { .st = st };

	if (store_replay(st, hear, &t, &error))
		fail_msg("%s", error.text);
	assert_string_equal(t.text, expected);
}

static void runnable(struct store *st, int64_t key, jd_time at)
{
	submit_simple(st, key, "a", "q", at);
	move(st, key, FACT_RUNNABLE, JOB_SUBMITTED, JOB_RUNNABLE, at);
}

static void nothing_lives(void **state)
{
	assert_replays(*state, "");
}

static void places_come_first_and_deleted_ones_not(void **state)
{
	begin(*state);
	put_env(*state, "b", STATUS_VALID, 300);
	put_env(*state, "a", STATUS_VALID, 100);
	put_env(*state, "gone", STATUS_VALID, 100);
	put_env(*state, "gone", STATUS_DELETED, 200);
	put_queue(*state, "q", "b", 400);
	commit(*state);
	assert_replays(*state, "100 ENVIRONMENT a\n300 ENVIRONMENT b\n400 QUEUE q of b\n");
}

static void every_state(void **state)
{
	struct store *st = *state;

	begin(st);
	put_env(st, "ce", STATUS_VALID, 10);
	put_queue(st, "q", "ce", 20);
	submit_simple(st, 1, "a", "q", 100);
	submit_simple(st, 2, "a", "q", 101);
	move(st, 2, FACT_PENDING, JOB_SUBMITTED, JOB_PENDING, 101);
	runnable(st, 3, 102);
	runnable(st, 4, 103);
	runnable(st, 5, 104);
	runnable(st, 6, 105);
	runnable(st, 7, 106);
	place(st, 4, 1, "ce", 11, 110);
	place(st, 5, 1, "ce", 12, 111);
	start(st, 5, 1, 120);
	place(st, 6, 1, "ce", 13, 121);
	start(st, 6, 1, 122);
	end(st, 6, 1, 0, JOB_SUCCEEDED, 130);
	move(st, 7, FACT_CANCELLED, JOB_RUNNABLE, JOB_FAILED, 131);
	commit(st);
	assert_replays(st, "10 ENVIRONMENT ce\n20 QUEUE q of ce\n"
			   "100 SUBMITTED 1 SUBMITTED attempt 0 order 1\n"
			   "101 SUBMITTED 2 PENDING attempt 0 order 2\n"
			   "102 SUBMITTED 3 RUNNABLE attempt 0 order 3\n"
			   "103 SUBMITTED 4 RUNNABLE attempt 0 order 4\n"
			   "104 SUBMITTED 5 RUNNABLE attempt 0 order 5\n"
			   "110 PLACED 4/1 in ce slot 11\n"
			   "111 PLACED 5/1 in ce slot 12\n"
			   "120 STARTED 5/1 since 120\n");
}

/* A timeout counts from STARTED: a job that came later must not push it forward. */
static void attempts_keep_their_times(void **state)
{
	struct store *st = *state;

	begin(st);
	runnable(st, 1, 100);
	place(st, 1, 1, "ce", 0, 110);
	start(st, 1, 1, 120);
	runnable(st, 2, 120);
	runnable(st, 3, 500);
	place(st, 2, 1, "ce", 1, 510);
	put_env(st, "late", STATUS_VALID, 600);
	commit(st);
	assert_replays(st, "100 ENVIRONMENT late\n"
			   "100 SUBMITTED 1 RUNNABLE attempt 0 order 1\n"
			   "110 PLACED 1/1 in ce slot 0\n"
			   "120 SUBMITTED 2 RUNNABLE attempt 0 order 2\n"
			   "120 STARTED 1/1 since 120\n"
			   "500 SUBMITTED 3 RUNNABLE attempt 0 order 3\n"
			   "510 PLACED 2/1 in ce slot 1\n");
}

/* A start that was learned of late, and by a clock that runs behind. */
static void starts_keep_their_true_times(void **state)
{
	struct store *st = *state;
	struct fact f = {
		.kind = FACT_STARTED, .at = 400, .happened = 120, .job = 1, .attempt = 1
	};
	struct fact_effect e = {
		.changed = true, .from = JOB_STARTING, .to = JOB_RUNNING, .order = 1
	};

	begin(st);
	runnable(st, 1, 100);
	runnable(st, 2, 105);
	place(st, 1, 1, "ce", 0, 110);
	place(st, 2, 1, "ce", 1, 115);
	record(st, f, e);
	f.job = e.order = 2;
	f.happened = 112;
	record(st, f, e);
	commit(st);
	assert_replays(st, "100 SUBMITTED 1 RUNNABLE attempt 0 order 1\n"
			   "105 SUBMITTED 2 RUNNABLE attempt 0 order 2\n"
			   "110 PLACED 1/1 in ce slot 0\n"
			   "115 PLACED 2/1 in ce slot 1\n"
			   "115 STARTED 2/1 since 112\n"
			   "120 STARTED 1/1 since 120\n");
}

static void retried_and_terminated(void **state)
{
	struct store *st = *state;
	struct fact f = { .kind = FACT_TERMINATED, .at = 160, .job = 2, .reason = "r" };

	begin(st);
	runnable(st, 1, 100);
	runnable(st, 2, 100);
	place(st, 1, 1, "ce", 0, 110);
	end(st, 1, 1, 1, JOB_RUNNABLE, 120);
	place(st, 2, 1, "ce", 0, 130);
	end(st, 2, 1, 1, JOB_RUNNABLE, 135);
	place(st, 2, 2, "ce", 0, 140);
	start(st, 2, 2, 150);
	record(st, f,
	       (struct fact_effect){ .changed = true,
				     .from = JOB_RUNNING,
				     .to = JOB_RUNNING,
				     .status_reason = "r",
				     .order = -2,
				     .terminated = true });
	commit(st);
	assert_replays(st, "100 SUBMITTED 1 RUNNABLE attempt 1 order -1\n"
			   "100 SUBMITTED 2 RUNNABLE attempt 1 order -2 terminated\n"
			   "140 PLACED 2/2 in ce slot 0\n"
			   "150 STARTED 2/2 since 150\n");
}

static void depend(struct store *st, int64_t key, int64_t a, int64_t b, enum job_status status)
{
	struct job *job = job_new(key, "d", "q");

	job->created = 200 + key;
	job->depends = xcalloc(2, sizeof *job->depends);
	job->depends_count = 2;
	job->depends[0].job = a;
	job->depends[1].job = b;
	job->doc = xstrdup("{}");
	submit(st, job);
	if (status != JOB_SUBMITTED)
		move(st, key, FACT_PENDING, JOB_SUBMITTED, status, job->created);
	job_free(job);
}

static void only_living_dependencies(void **state)
{
	struct store *st = *state;

	begin(st);
	runnable(st, 1, 100);
	runnable(st, 2, 101);
	place(st, 2, 1, "ce", 0, 101);
	end(st, 2, 1, 0, JOB_SUCCEEDED, 102);
	depend(st, 3, 1, 2, JOB_PENDING);
	depend(st, 4, 2, 2, JOB_SUBMITTED);
	depend(st, 5, 1, 2, JOB_RUNNABLE); /* met, whatever the list says */
	commit(st);
	assert_replays(st, "100 SUBMITTED 1 RUNNABLE attempt 0 order 1\n"
			   "203 SUBMITTED 3 PENDING attempt 0 order 3 after 1\n"
			   "204 SUBMITTED 4 SUBMITTED attempt 0 order 4\n"
			   "205 SUBMITTED 5 RUNNABLE attempt 0 order 5\n");
}

static void fill_failed_dependency(struct store *st)
{
	begin(st);
	runnable(st, 1, 100);
	move(st, 1, FACT_TERMINATED, JOB_RUNNABLE, JOB_FAILED, 110);
	runnable(st, 2, 120);
	depend(st, 3, 1, 2, JOB_PENDING);
	commit(st);
}

static void failed_dependency_fails_the_job(void **state)
{
	fill_failed_dependency(*state);
	assert_replays(*state, "120 SUBMITTED 2 RUNNABLE attempt 0 order 2\n"
			       "203 SUBMITTED 3 PENDING attempt 0 order 3 after 2\n"
			       "203 FAILED 3 " REASON_DEPENDENCY "\n");
}

static void callback_may_record(void **state)
{
	struct told t = { .st = *state, .record = true };
	struct job *job;

	fill_failed_dependency(*state);
	begin(*state);
	assert_int_equal(store_replay(*state, hear, &t, &error), 0);
	assert_int_equal(t.facts, 3);
	commit(*state);
	job = store_job(*state, 3, &error);
	assert_int_equal(job->status, JOB_FAILED);
	job_free(job);
	assert_replays(*state, "120 SUBMITTED 2 RUNNABLE attempt 0 order 2\n");
}

static void stops_when_told(void **state)
{
	struct store *st = *state;

	begin(st);
	put_env(st, "ce", STATUS_VALID, 1);
	put_queue(st, "q", "ce", 1);
	runnable(st, 1, 100);
	place(st, 1, 1, "ce", 0, 110);
	commit(st);
	for (int stop = 1; stop <= 4; stop++) {
		struct told t = { .stop_after = stop };

		memset(&error, 0, sizeof error);
		assert_int_equal(store_replay(st, hear, &t, &error), -1);
		assert_string_equal(error.text, "enough");
		assert_int_equal(t.facts, stop);
	}
}

/* A clock that was set back between two runs. */
static void times_never_go_back(void **state)
{
	struct store *st = *state;

	begin(st);
	runnable(st, 1, 500);
	runnable(st, 2, 100);
	place(st, 2, 1, "ce", 0, 90);
	start(st, 2, 1, 90);
	commit(st);
	assert_replays(st, "500 SUBMITTED 1 RUNNABLE attempt 0 order 1\n"
			   "500 SUBMITTED 2 RUNNABLE attempt 0 order 2\n"
			   "500 PLACED 2/1 in ce slot 0\n"
			   "500 STARTED 2/1 since 90\n");
}

static void running_without_an_attempt_is_damage(void **state)
{
	struct told t = { .facts = 0 };

	begin(*state);
	runnable(*state, 1, 100);
	place(*state, 1, 1, "ce", 0, 110);
	commit(*state);
	exec_raw(fixture_db, "DELETE FROM attempt");
	assert_int_equal(store_replay(*state, hear, &t, &error), -1);
	assert_int_equal(error.kind, ERR_CORRUPT);
	assert_non_null(strstr(error.text, "without an attempt"));
}

static int add_attempt(void *arg, const struct attempt *a)
{
	char *text = arg;
	size_t n = strlen(text);

	snprintf(text + n, 200 - n, "%d/%d %s slot %d %d %d; ", (int)a->job, a->number, a->env,
		 a->slot, (int)a->placed, (int)a->started);
	return 0;
}

static void living_attempts(void **state)
{
	struct store *st = *state;
	char text[200] = "";

	begin(st);
	for (int64_t key = 1; key <= 4; key++) {
		runnable(st, key, 100);
		if (key < 4)
			place(st, key, 1, "ce", (int)key + 10, 110);
	}
	end(st, 1, 1, 0, JOB_SUCCEEDED, 120);
	start(st, 2, 1, 121);
	end(st, 2, 1, 1, JOB_RUNNABLE, 122);
	place(st, 2, 2, "other", 11, 130);
	start(st, 3, 1, 131);
	commit(st);
	assert_int_equal(store_live_attempts(st, add_attempt, text, &error), 0);
	assert_string_equal(text, "2/2 other slot 11 130 0; 3/1 ce slot 13 110 131; ");
}

#define with_store(f) cmocka_unit_test_setup_teardown(f, fixture_open, fixture_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_store(nothing_lives),
		with_store(places_come_first_and_deleted_ones_not),
		with_store(every_state),
		with_store(attempts_keep_their_times),
		with_store(starts_keep_their_true_times),
		with_store(retried_and_terminated),
		with_store(only_living_dependencies),
		with_store(failed_dependency_fails_the_job),
		with_store(callback_may_record),
		with_store(stops_when_told),
		with_store(times_never_go_back),
		with_store(running_without_an_attempt_is_damage),
		with_store(living_attempts),
	};

	return cmocka_run_group_tests_name("store replay", tests, NULL, NULL);
}
