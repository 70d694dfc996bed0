/* The engine with a real store in a fresh home: on the fake backend for speed, on the host
 * backend for the truth. */
#include "config.h"
#include "engine_world.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/mem.h"
#include "jobdeck/model/reason.h"

static void runs_a_job(void **state)
{
	struct world *w = *state;
	int64_t key;
	struct job *job;

	make_queue(w);
	key = submit(w, (struct wish){ .command = COMMAND("fake") });
	wait_for(w, key, JOB_SUCCEEDED);
	job = stored(w, key);
	assert_string_equal(job->status_reason, REASON_EXITED);
	assert_true(job->created <= job->started && job->started <= job->stopped);
	assert_int_equal(job->attempt, 1);
	job_free(job);
}

static void dependency_order_and_failure(void **state)
{
	struct world *w = *state;
	int64_t a, b, c, d;
	struct job *job;

	make_queue(w);
	a = submit(w, (struct wish){ .command = COMMAND("fake", "run=500") });
	b = submit(w, (struct wish){ .command = COMMAND("fake", "exit=3"), .after = a });
	c = submit(w, (struct wish){ .command = COMMAND("fake"), .after = b });
	loop_turn(w->loop, 0);
	assert_int_equal(status_of(w, b), JOB_PENDING);
	wait_for(w, c, JOB_FAILED);
	assert_int_equal(status_of(w, a), JOB_SUCCEEDED);
	assert_int_equal(status_of(w, b), JOB_FAILED);
	job = stored(w, c);
	assert_string_equal(job->status_reason, REASON_DEPENDENCY);
	assert_int_equal(job->started, 0);
	job_free(job);

	/* DEP-8: one that has failed long ago fails a newcomer at once. */
	d = submit(w, (struct wish){ .command = COMMAND("fake"), .after = b });
	wait_for(w, d, JOB_FAILED);
	/* and one that has succeeded is met */
	d = submit(w, (struct wish){ .command = COMMAND("fake"), .after = a });
	wait_for(w, d, JOB_SUCCEEDED);
}

static void retries_then_fails(void **state)
{
	struct world *w = *state;
	int64_t key;
	struct attempt last;

	make_queue(w);
	key = submit(w, (struct wish){ .command = COMMAND("fake", "exit=7"), .attempts = 3 });
	wait_for(w, key, JOB_FAILED);
	last = last_attempt(w, key);
	assert_int_equal(last.number, 3);
	assert_int_equal(last.exit_code, 7);
	attempt_fini(&last);
}

static void cancel_and_terminate(void **state)
{
	struct world *w = *state;
	int64_t a, b;
	struct job *job;
	struct err err = { 0 };

	make_queue(w);
	a = submit(w, (struct wish){ .command = COMMAND("fake", "run=60000") });
	b = submit(w, (struct wish){ .command = COMMAND("fake"), .after = a });
	wait_for(w, a, JOB_RUNNING);
	assert_int_equal(engine_cancel(w->engine, a, "no effect", &err), 0); /* CX-1 */
	assert_int_equal(engine_cancel(w->engine, b, "not needed", &err), 0);
	wait_for(w, b, JOB_FAILED);
	assert_int_equal(status_of(w, a), JOB_RUNNING);
	assert_int_equal(engine_terminate(w->engine, a, "enough", &err), 0);
	wait_for(w, a, JOB_FAILED);
	job = stored(w, a);
	assert_string_equal(job->status_reason, "enough");
	job_free(job);
	job = stored(w, b);
	assert_string_equal(job->status_reason, "not needed");
	job_free(job);
	assert_int_equal(engine_terminate(w->engine, a, "again", &err), 0); /* CX-5 */
}

static void count_commit(void *arg, const struct err *err)
{
	assert_null(err);
	++*(int *)arg;
}

static void answers_after_the_commit(void **state)
{
	struct world *w = *state;
	int told = 0;

	engine_after_commit(w->engine, count_commit, &told);
	assert_int_equal(told, 1); /* nothing pending: at once */
	make_queue(w);
	engine_after_commit(w->engine, count_commit, &told);
	assert_int_equal(told, 1);
	loop_turn(w->loop, 0);
	loop_turn(w->loop, 0);
	assert_int_equal(told, 2);
}

static void count_change(void *arg)
{
	++*(int *)arg;
}

static void watchers_hear_of_changes(void **state)
{
	struct world *w = *state;
	int told = 0;
	struct engine_watch *watch = engine_watch(w->engine, count_change, &told);
	int64_t seq = engine_seq(w->engine);

	make_queue(w);
	loop_turn(w->loop, 0);
	loop_turn(w->loop, 0);
	assert_int_equal(told, 1);
	assert_true(engine_seq(w->engine) > seq);
	engine_unwatch(watch);
	submit(w, (struct wish){ .command = COMMAND("fake") });
	loop_turn(w->loop, 0);
	loop_turn(w->loop, 0);
	assert_int_equal(told, 1);
}

static void survives_restart(void **state)
{
	struct world *w = *state;
	int64_t keys[8];

	make_queue(w);
	for (int i = 0; i < 8; i++)
		keys[i] = submit(w, (struct wish){ .command = COMMAND("fake", "run=200") });
	while (!engine_active(w->engine))
		loop_turn(w->loop, 50);
	world_restart(w);
	wait_for(w, keys[7], JOB_SUCCEEDED);
	for (int i = 0; i < 8; i++)
		wait_for(w, keys[i], JOB_SUCCEEDED);
	assert_int_equal(engine_active(w->engine), 0);
	assert_true(submit(w, (struct wish){ .command = COMMAND("fake") }) > keys[7]);
}

static void real_process(void **state)
{
	struct world *w = *state;
	struct job *job;
	struct attempt last;
	int64_t key, found;
	cleanup_free char *stream = NULL, *log = NULL;
	int number;

	make_queue(w);
	key = submit(w, (struct wish){ .command = COMMAND("sh", "-c",
					       "echo $AWS_BATCH_JQ_NAME/$AWS_BATCH_CE_NAME/"
					       "$AWS_BATCH_JOB_ATTEMPT; exit 3") });
	wait_for(w, key, JOB_FAILED);
	last = last_attempt(w, key);
	assert_int_equal(last.exit_code, 3);
	assert_string_equal(last.status_reason, REASON_EXITED);
	assert_string_equal(last.env, "ce");
	attempt_fini(&last);
	log = log_text(w, key, 1);
	assert_string_equal(log, "out:q/ce/1\n");

	job = stored(w, key);
	stream = engine_log_stream(job, 1);
	job_free(job);
	assert_int_equal(engine_log_find(w->engine, stream, &found, &number), 0);
	assert_int_equal(found, key);
	assert_int_equal(number, 1);
	assert_int_equal(engine_log_find(w->engine, "def/default/0123", &found, &number), -1);
}

static void real_process_over_a_restart(void **state)
{
	struct world *w = *state;
	int64_t key;
	struct attempt last;

	make_queue(w);
	key = submit(w, (struct wish){ .command = COMMAND("sh", "-c", "read x < \"$HOME_FIFO\" || sleep 1; exit 5") });
	wait_for(w, key, JOB_RUNNING);
	world_restart(w);
	wait_for(w, key, JOB_FAILED);
	last = last_attempt(w, key);
	assert_int_equal(last.number, 1);
	assert_int_equal(last.exit_code, 5);
	attempt_fini(&last);
}

static void cannot_start(void **state)
{
	struct world *w = *state;
	int64_t key;
	struct attempt last;

	make_queue(w);
	key = submit(w, (struct wish){ .command = COMMAND("no-such-program-here") });
	wait_for(w, key, JOB_FAILED);
	last = last_attempt(w, key);
	assert_int_equal(last.exit_code, -1);
	assert_string_equal(last.status_reason, REASON_START_FAILED);
	if (!strstr(last.reason, "no-such-program-here"))
		fail_msg("reason: %s", last.reason);
	attempt_fini(&last);
}

static void stop_a_process(void **state)
{
	struct world *w = *state;
	int64_t key;
	struct attempt last;
	struct err err = { 0 };

	make_queue(w);
	key = submit(w, (struct wish){ .command = COMMAND("sleep", "1000") });
	wait_for(w, key, JOB_RUNNING);
	assert_int_equal(engine_terminate(w->engine, key, "stop it", &err), 0);
	wait_for(w, key, JOB_FAILED);
	last = last_attempt(w, key);
	assert_int_equal(last.exit_code, 143);
	attempt_fini(&last);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(runs_a_job, world_fake, world_end),
		cmocka_unit_test_setup_teardown(dependency_order_and_failure, world_fake, world_end),
		cmocka_unit_test_setup_teardown(retries_then_fails, world_fake, world_end),
		cmocka_unit_test_setup_teardown(cancel_and_terminate, world_fake, world_end),
		cmocka_unit_test_setup_teardown(answers_after_the_commit, world_fake, world_end),
		cmocka_unit_test_setup_teardown(watchers_hear_of_changes, world_fake, world_end),
		cmocka_unit_test_setup_teardown(survives_restart, world_fake, world_end),
		cmocka_unit_test_setup_teardown(real_process, world_host, world_end),
		cmocka_unit_test_setup_teardown(real_process_over_a_restart, world_host, world_end),
		cmocka_unit_test_setup_teardown(cannot_start, world_host, world_end),
		cmocka_unit_test_setup_teardown(stop_a_process, world_host, world_end),
	};

	return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
