/* The backend that runs nothing. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "exec_fixture.h"

static struct fixture f;

static int down(void **state)
{
	(void)state;
	fixture_fini(&f);
	return 0;
}

static int up(void **state)
{
	(void)state;
	fixture_init(&f, "fake", NULL);
	return 0;
}

static struct told *run(int job, char *const *argv)
{
	fixture_start(&f, job, argv);
	return fixture_wait_end(&f, job);
}

#define FAKE(...) ((char *[]){ TEXT("fake"), __VA_ARGS__, NULL })

static void test_default(void **state)
{
	struct told *t = run(1, SH("whatever"));

	(void)state;
	assert_int_equal(t->started, 1);
	assert_int_equal(t->end.exit_code, 0);
	assert_string_equal(t->status_reason, REASON_EXITED);
	assert_string_equal(t->reason, "");
	assert_true(t->end.at == t->started_at);
	assert_non_null(strstr(fixture_log(&f, 1), "out attempt 1 of job test-"));
	assert_int_equal(f.backend->active(f.b), 0);
}

static void test_words(void **state)
{
	struct told *t = run(1, FAKE(TEXT("start=20"), TEXT("run=50"), TEXT("exit=3"),
				     TEXT("reason=OutOfMemoryError: x")));

	(void)state;
	assert_int_equal(t->end.exit_code, 3);
	assert_string_equal(t->reason, "OutOfMemoryError: x");
	assert_true(t->end.at - t->started_at == 50);
	t = run(2, FAKE(TEXT("lose"), TEXT("run=5")));
	assert_int_equal(t->started, 1);
	assert_int_equal(t->end.exit_code, -1);
	assert_string_equal(t->status_reason, "Host EC2 (instance local.host) terminated.");
	t = run(3, FAKE(TEXT("startfail"), TEXT("run=5")));
	assert_int_equal(t->started, 0);
	assert_int_equal(t->end.exit_code, -1);
	assert_string_equal(t->status_reason, REASON_START_FAILED);
	assert_string_equal(t->reason, "CannotStartContainerError: the script says so");
}

static void test_timeout_and_stop(void **state)
{
	struct launch what = fixture_launch(&f, 1, FAKE(TEXT("run=100000")));
	struct told *t;

	(void)state;
	what.timeout_ms = 30;
	fixture_start_it(&f, &what);
	t = fixture_wait_end(&f, 1);
	assert_true(t->end.timed_out && t->end.exit_code == 143);
	assert_string_equal(t->status_reason, REASON_TIMEOUT);
	assert_true(t->end.at - t->started_at == 30);
	what = fixture_launch(&f, 2, FAKE(TEXT("run=100000"), TEXT("stubborn")));
	what.timeout_ms = 90000; /* does not keep the stop from being one */
	what.grace_ms = 40;
	fixture_start_it(&f, &what);
	fixture_start(&f, 3, FAKE(TEXT("run=100000")));
	fixture_start(&f, 4, FAKE(TEXT("start=100"), TEXT("run=100000")));
	for (int i = 2; i <= 4; i++) {
		fixture_stop(&f, i, false);
		fixture_stop(&f, i, false);
	}
	t = fixture_wait_end(&f, 2);
	assert_true(t->end.stopped && !t->end.timed_out && t->end.exit_code == 137);
	assert_string_equal(t->status_reason, REASON_EXITED);
	assert_in_range(t->end.at - what.placed, 40, 20000);
	t = fixture_wait_end(&f, 3);
	assert_true(t->end.stopped && t->end.exit_code == 143);
	t = fixture_wait_end(&f, 4);
	assert_true(t->end.stopped && t->end.exit_code == 143);
	fixture_stop(&f, 77, true);
}

/* The grace is the stop's, not the launch's; of two stops the earlier end counts. */
static void test_grace(void **state)
{
	static const int grace[][2] = { { 50, 100000 }, { 100000, 50 } };

	(void)state;
	for (int i = 1; i <= 2; i++) {
		fixture_start(&f, i, FAKE(TEXT("run=100000"), TEXT("stubborn")));
		fixture_stop_within(&f, i, false, grace[i - 1][0]);
		fixture_stop_within(&f, i, false, grace[i - 1][1]);
	}
	for (int i = 1; i <= 2; i++) {
		struct told *t = fixture_wait_end(&f, i);

		assert_int_equal(t->end.exit_code, 137);
		assert_in_range(t->end.at - t->started_at, 50, 20000);
	}
}

/* A script for all, with chances that are the same every time. */
static void test_script(void **state)
{
	int failed[2] = { 0, 0 };
	jd_time total = 0;

	(void)state;
	for (int round = 0; round < 2; round++) {
		f.backend->close(f.b);
		memset(f.told, 0, sizeof f.told);
		fixture_open_backend(&f, "fake", "run=1-9 fail=30% seed=5");
		for (int i = 0; i < 200; i++)
			fixture_start(&f, i, SH("x"));
		assert_int_equal(f.backend->active(f.b), 200);
		for (int i = 0; i < 200; i++) {
			struct told *t = fixture_wait_end(&f, i);

			assert_in_range(t->end.at - t->started_at, 1, 9);
			total += t->end.at - t->started_at;
			failed[round] = failed[round] * 7 % 1000003 + t->end.exit_code;
		}
	}
	assert_int_equal(failed[0], failed[1]);
	assert_in_range(total, 400 * 4, 400 * 6);
}

static void test_bad_script(void **state)
{
	static const char *const bad[] = { "run", "run=", "run=x", "run=5-", "run=9-1", "exit=256",
					   "fail=10", "fail=101%", "loses", "lose=1", "exit=-1" };
	struct backend_config config = { .loop = f.loop, .run_dir = f.run };
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		config.fake = bad[i];
		if (backend_fake.open(&config, &err))
			fail_msg("\"%s\" was taken", bad[i]);
	}
	assert_string_equal(err.text, "\"exit=-1\" is no word of a script for the fake backend");
}

/* Started again after a restart it ends when it would have ended anyway. */
static void test_restart(void **state)
{
	struct launch what = fixture_launch(&f, 1, FAKE(TEXT("start=10"), TEXT("run=60")));

	(void)state;
	fixture_start_it(&f, &what);
	fixture_start_it(&f, &what);
	assert_int_equal(f.backend->active(f.b), 1);
	WAIT(&f, f.told[1].started);
	f.backend->close(f.b);
	fixture_open_backend(&f, "fake", NULL);
	fixture_start_it(&f, &what);
	assert_true(fixture_wait_end(&f, 1)->end.at == what.placed + 70);
	assert_int_equal(f.told[1].started, 2); /* once by each */
	/* Also when that was long ago. */
	what = fixture_launch(&f, 2, FAKE(TEXT("run=60")));
	what.placed = 5000;
	fixture_start_it(&f, &what);
	assert_true(fixture_wait_end(&f, 2)->end.at == 5060);
	/* And without a time of placement, from now. */
	what = fixture_launch(&f, 3, FAKE(TEXT("run=20")));
	what.placed = 0;
	fixture_start_it(&f, &what);
	fixture_wait_end(&f, 3);
	assert_in_range(time_wall() - f.told[3].end.at, 0, 20000);
}

int main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, up, down)
	const struct CMUnitTest tests[] = {
		WITH(test_default), WITH(test_words),	   WITH(test_timeout_and_stop),
		WITH(test_grace),
		WITH(test_script),  WITH(test_bad_script), WITH(test_restart),
	};

	return cmocka_run_group_tests_name("fake", tests, NULL, NULL);
}
