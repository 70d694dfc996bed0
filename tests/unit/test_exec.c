/* The backends: what happens to an attempt from its start to its end. Real shims, real
 * processes, real signals. What happens when somebody is killed is in test_recover.c. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/resource.h>
#include "exec_fixture.h"

static struct fixture f;

static int host_up(void **state)
{
	(void)state;
	fixture_init(&f, "host", NULL);
	return 0;
}

static int down(void **state)
{
	(void)state;
	fixture_fini(&f);
	return 0;
}

static void test_table(void **state)
{
	(void)state;
	assert_ptr_equal(backend_find("host"), &backend_host);
	assert_ptr_equal(backend_find("fake"), &backend_fake);
	assert_null(backend_find("none"));
	assert_ptr_equal(backend_for_image("host"), &backend_host);
	assert_null(backend_for_image("hosts"));
	assert_null(backend_for_image("fake"));
}

static void test_open_without_a_shim(void **state)
{
	struct backend_config config = { .loop = f.loop, .run_dir = f.run, .shim = "/none/shim" };
	struct err err;

	(void)state;
	assert_null(backend_host.open(&config, &err));
	assert_string_equal(err.text, "cannot run /none/shim: No such file or directory");
}

static void test_exit_codes(void **state)
{
	static const struct {
		const char *script;
		int code;
	} row[] = {
		{ "exit 0", 0 },	{ "exit 3", 3 },	{ "exit 255", 255 },
		{ "kill -9 $$", 137 },	{ "kill -15 $$", 143 }, { "kill -1 $$", 129 },
	};
	jd_time before = time_wall();

	(void)state;
	for (int i = 0; i < (int)ARRAY_LEN(row); i++)
		fixture_start(&f, i, SH(row[i].script));
	assert_int_equal(f.backend->active(f.b), ARRAY_LEN(row));
	for (int i = 0; i < (int)ARRAY_LEN(row); i++) {
		struct told *t = fixture_wait_end(&f, i);

		assert_int_equal(t->end.exit_code, row[i].code);
		assert_int_equal(t->started, 1);
		assert_string_equal(t->status_reason, REASON_EXITED);
		assert_string_equal(t->reason, "");
		assert_false(t->end.timed_out || t->end.stopped);
		assert_true(t->started_at >= before && t->end.at >= t->started_at);
		assert_true(t->end.at <= time_wall());
	}
	assert_int_equal(f.backend->active(f.b), 0);
}

/* Both streams, in the order in which they came, with their times. */
static void test_output(void **state)
{
	(void)state;
	fixture_start(&f, 1, SH("echo one; sleep .05; echo two >&2; sleep .05; echo three; "
				"sleep .05; printf four >&2; sleep .4; echo five >&2; "
				"printf 'a\\000b\\033[1m\\377\\n'; printf end"));
	fixture_wait_end(&f, 1);
	assert_non_null(strstr(fixture_log(&f, 1), "out one|err two|out three|err+ four|"));
	assert_non_null(strstr(fixture_log(&f, 1), "err five|"));
	assert_non_null(strstr(fixture_log(&f, 1), "out+ end|"));
}

static int find_binary(void *arg, const struct joblog_line *line)
{
	if (line->len == 8 && memcmp(line->text, "a\0b\033[1m\377", 8) == 0)
		++*(int *)arg;
	return 0;
}

static void test_output_is_seen_while_it_runs(void **state)
{
	int64_t next, size;
	int found = 0;

	(void)state;
	fixture_start(&f, 1, SH("printf 'a\\000b\\033[1m\\377\\n'; printf '50 %%'; "
				"while [ ! -e go ]; do sleep .02; done"));
	WAIT(&f, strstr(fixture_log(&f, 1), "out+ 50 %|")); /* without a newline, too */
	assert_int_equal(joblog_read(fixture_path(&f, "logs/1.log"), 0, 10, find_binary, &found,
				     &next, &size, NULL),
			 0);
	assert_int_equal(found, 1);
	assert_int_equal(f.told[1].ended, 0);
	assert_int_equal(fs_write_atomic(fixture_path(&f, "go"), "", 0, NULL), 0);
	fixture_wait_end(&f, 1);
}

static void test_environment(void **state)
{
	(void)state;
	fixture_start(&f, 1, SH("pwd; env | sort; cat; readlink /proc/self/fd/0; ls /proc/self/fd | "
				"wc -l; grep SigBlk /proc/self/status; umask"));
	fixture_wait_end(&f, 1);
	assert_non_null(strstr(fixture_log(&f, 1), f.dir));
	assert_non_null(strstr(fixture_log(&f, 1), "out AWS_BATCH_JOB_ATTEMPT=1|"));
	assert_non_null(strstr(fixture_log(&f, 1), "out /dev/null|out 4|"
						   "out SigBlk:\t0000000000000000|"));
	assert_null(strstr(fixture_log(&f, 1), "HOME="));
}

/* The command is looked up in the job's own PATH, and nothing that is missing starts. */
static void test_start_failures(void **state)
{
	static char *const only_here[] = { TEXT("PATH=here"), NULL };
	struct launch what;

	(void)state;
	assert_int_equal(mkdir(fixture_path(&f, "here"), 0700), 0);
	assert_int_equal(fs_write_atomic(fixture_path(&f, "here/mine"), "#!/bin/sh\nexit 5\n", 17,
					 NULL),
			 0);
	fixture_start(&f, 1, (char *[]){ TEXT("no-such-program"), NULL });
	fixture_start(&f, 2, (char *[]){ TEXT("/etc/passwd"), NULL });
	fixture_start(&f, 3, (char *[]){ TEXT("./nothing"), NULL });
	fixture_start(&f, 4, (char *[]){ NULL });
	what = fixture_launch(&f, 5, SH("exit 0"));
	what.directory = "/no/such/directory";
	fixture_start_it(&f, &what);
	what = fixture_launch(&f, 6, SH("exit 0"));
	what.log = "/proc/none/x.log";
	fixture_start_it(&f, &what);
	what = fixture_launch(&f, 7, (char *[]){ TEXT("mine"), NULL });
	what.envp = only_here;
	assert_int_equal(chmod(fixture_path(&f, "here/mine"), 0600), 0);
	fixture_start_it(&f, &what);
	for (int i = 1; i <= 7; i++) {
		struct told *t = fixture_wait_end(&f, i);

		assert_int_equal(t->started, 0);
		assert_int_equal(t->end.exit_code, -1);
		assert_string_equal(t->status_reason, REASON_START_FAILED);
	}
	assert_string_equal(f.told[1].reason, "CannotStartContainerError: exec: "
					      "\"no-such-program\": executable file not found in "
					      "$PATH");
	assert_string_equal(f.told[2].reason,
			    "CannotStartContainerError: exec: \"/etc/passwd\": permission denied");
	assert_string_equal(f.told[3].reason, "CannotStartContainerError: exec: \"./nothing\": no "
					      "such file or directory");
	assert_string_equal(f.told[4].reason, "CannotStartContainerError: No command specified");
	assert_string_equal(f.told[5].reason,
			    "CannotStartContainerError: cannot change to the working directory "
			    "\"/no/such/directory\": No such file or directory");
	assert_string_equal(f.told[6].reason,
			    "CannotStartContainerError: failed to initialize logging driver: "
			    "cannot write /proc/none/x.log: No such file or directory");
	assert_string_equal(f.told[7].reason,
			    "CannotStartContainerError: exec: \"mine\": permission denied");
	what.job = what.slot = 8;
	assert_int_equal(chmod(fixture_path(&f, "here/mine"), 0700), 0);
	fixture_start_it(&f, &what);
	assert_int_equal(fixture_wait_end(&f, 8)->end.exit_code, 5);
}

static void test_too_large(void **state)
{
	cleanup_free char *big = xcalloc(1, SHIM_SPEC_MAX + 1);
	char *argv[] = { TEXT("true"), big, NULL };

	(void)state;
	memset(big, 'x', SHIM_SPEC_MAX);
	fixture_start(&f, 1, argv);
	assert_string_equal(fixture_wait_end(&f, 1)->reason,
			    "CannotStartContainerError: command and environment are too large");
}

/* ---- stopping ----------------------------------------------------------------------- */

static void test_stop(void **state)
{
	struct launch what;

	(void)state;
	/* One that obeys, one that cleans up, one that does not care, one that is stopped. */
	fixture_start(&f, 1, SH("echo up; sleep 1000"));
	fixture_start(&f, 2, SH("trap 'echo bye; exit 0' TERM; echo up; while :; do sleep .02; "
				"done"));
	what = fixture_launch(&f, 3, SH("trap '' TERM; echo up; while :; do sleep .02; done"));
	what.grace_ms = 300;
	fixture_start_it(&f, &what);
	fixture_start(&f, 4, SH("echo up; kill -STOP $$; sleep 1000"));
	for (int i = 1; i <= 4; i++) {
		WAIT(&f, strstr(fixture_log(&f, i), "up"));
		fixture_stop(&f, i, false);
		fixture_stop(&f, i, false); /* again: nothing more */
	}
	assert_int_equal(fixture_wait_end(&f, 1)->end.exit_code, 143);
	assert_int_equal(fixture_wait_end(&f, 2)->end.exit_code, 0);
	assert_int_equal(fixture_wait_end(&f, 3)->end.exit_code, 137);
	assert_int_equal(fixture_wait_end(&f, 4)->end.exit_code, 143);
	assert_non_null(strstr(fixture_log(&f, 2), "out bye|"));
	assert_true(f.told[3].end.at - f.told[3].started_at >= 300);
	for (int i = 1; i <= 4; i++) {
		assert_true(f.told[i].end.stopped);
		assert_false(f.told[i].end.timed_out);
	}
	/* Nobody there: nothing happens. */
	fixture_stop(&f, 1, false);
	fixture_stop(&f, 99, true);
}

/* The grace is the stop's, not the launch's; of two stops the earlier end counts. */
static void test_grace(void **state)
{
	(void)state;
	for (int i = 1; i <= 2; i++)
		fixture_start(&f, i,
			      SH("trap '' TERM; echo up; while :; do sleep .02; done"));
	for (int i = 1; i <= 2; i++)
		WAIT(&f, strstr(fixture_log(&f, i), "up"));
	fixture_stop_within(&f, 1, false, 200);
	fixture_stop_within(&f, 1, false, 100000);
	fixture_stop_within(&f, 2, false, 100000);
	fixture_stop_within(&f, 2, true, 200);
	for (int i = 1; i <= 2; i++) {
		assert_int_equal(fixture_wait_end(&f, i)->end.exit_code, 137);
		assert_in_range(f.told[i].end.at - f.told[i].started_at, 199, 20000);
		assert_true(f.told[i].end.stopped);
	}
}

static void test_timeout(void **state)
{
	struct launch what = fixture_launch(&f, 1, SH("sleep 1000"));

	(void)state;
	what.timeout_ms = 100;
	fixture_start_it(&f, &what);
	what = fixture_launch(&f, 2, SH("trap '' TERM; while :; do sleep .02; done"));
	what.timeout_ms = 100;
	what.grace_ms = 200;
	fixture_start_it(&f, &what);
	what = fixture_launch(&f, 3, SH("sleep .01; exit 4"));
	what.timeout_ms = 60000;
	fixture_start_it(&f, &what);
	fixture_start(&f, 4, SH("sleep 1000"));
	WAIT(&f, f.told[4].started);
	fixture_stop(&f, 4, true);
	assert_int_equal(fixture_wait_end(&f, 1)->end.exit_code, 143);
	assert_int_equal(fixture_wait_end(&f, 2)->end.exit_code, 137);
	assert_int_equal(fixture_wait_end(&f, 4)->end.exit_code, 143);
	for (int i = 1; i <= 4; i = i == 2 ? 4 : i + 1) {
		assert_string_equal(f.told[i].status_reason, REASON_TIMEOUT);
		assert_true(f.told[i].end.timed_out && !f.told[i].end.stopped);
	}
	assert_in_range(f.told[1].end.at - f.told[1].started_at, 99, 20000);
	assert_in_range(f.told[2].end.at - f.told[2].started_at, 299, 20000);
	assert_int_equal(fixture_wait_end(&f, 3)->end.exit_code, 4);
	assert_false(f.told[3].end.timed_out);
}

/* SIGTERM to the shim itself, as at shutdown, is a stop. */
static void test_shim_is_told_to_leave(void **state)
{
	(void)state;
	fixture_start(&f, 1, SH("trap 'exit 9' TERM; echo up; while :; do sleep .02; done"));
	WAIT(&f, strstr(fixture_log(&f, 1), "up"));
	kill(fixture_shim_pid(&f, 1), SIGHUP);
	kill(fixture_shim_pid(&f, 1), SIGTERM);
	assert_int_equal(fixture_wait_end(&f, 1)->end.exit_code, 9);
	assert_true(f.told[1].end.stopped);
}

/* Whatever the job started ends with it: in its group, in a session of its own, orphaned,
 * and deaf to SIGTERM. */
static void test_nothing_stays_behind(void **state)
{
	pid_t group, orphan, session;

	(void)state;
	fixture_start(&f, 1,
		      SH("trap '' TERM; sleep 1001 & echo $! > group;"
			 "setsid sh -c 'setsid sh -c \"sleep 1002 & echo \\$! > orphan\" &"
			 "echo $$ > session; sleep 1003' &"
			 "while [ ! -s orphan ] || [ ! -s session ]; do sleep .02; done; exit 6"));
	assert_int_equal(fixture_wait_end(&f, 1)->end.exit_code, 6);
	group = fixture_pid_in(&f, "group");
	orphan = fixture_pid_in(&f, "orphan");
	session = fixture_pid_in(&f, "session");
	assert_true(group > 0 && orphan > 0 && session > 0);
	assert_true(fixture_dead(group));
	assert_true(fixture_dead(orphan));
	assert_true(fixture_dead(session));
}

/* A background process that keeps the pipe open does not keep the attempt alive. */
static void test_pipe_kept_open(void **state)
{
	(void)state;
	fixture_start(&f, 1, SH("setsid sh -c 'while :; do echo noise; done' & sleep .1; echo last "
				">&2; exit 2"));
	assert_int_equal(fixture_wait_end(&f, 1)->end.exit_code, 2);
	assert_true(f.told[1].end.at - f.told[1].started_at < 20000);
}

/* ---- much --------------------------------------------------------------------------- */

static void test_huge_output(void **state)
{
	struct launch what = fixture_launch(
		&f, 1, SH("i=0; while [ $i -lt 50 ]; do seq 1 20000; i=$((i+1)); done; echo last"));
	struct stat st;

	(void)state;
	what.log_max = 100000;
	fixture_start_it(&f, &what);
	assert_int_equal(fixture_wait_end(&f, 1)->end.exit_code, 0);
	assert_int_equal(stat(what.log, &st), 0);
	assert_in_range(st.st_size, 50000, 100000);
	assert_memory_equal(fixture_log(&f, 1), "out 1|out 2|", 12);
}

/* One that writes without end is stopped as fast as any other, and the shim stays small. */
static void test_endless_output(void **state)
{
	struct launch what = fixture_launch(&f, 1, SH("trap '' TERM; yes; yes"));
	char proc[64], *line;
	cleanup_free char *status = NULL;
	jd_time stopped;

	(void)state;
	what.log_max = 1;
	what.grace_ms = 200;
	fixture_start_it(&f, &what);
	WAIT(&f, strstr(fixture_log(&f, 1), "out y|"));
	snprintf(proc, sizeof proc, "/proc/%d/status", fixture_shim_pid(&f, 1));
	status = fs_read(proc, 10000, NULL, NULL);
	line = strstr(status, "VmHWM:");
	assert_non_null(line);
#ifndef __SANITIZE_ADDRESS__
	assert_in_range(atoi(line + 6), 1, 8000); /* kB */
#endif
	stopped = time_wall();
	fixture_stop(&f, 1, false);
	assert_int_equal(fixture_wait_end(&f, 1)->end.exit_code, 137);
	assert_in_range(f.told[1].end.at - stopped, 199, 10000);
}

static void test_many_at_once(void **state)
{
	enum { COUNT = 200 };
	static char script[COUNT][32];
	int before = fixture_open_files();

	(void)state;
	for (int i = 0; i < COUNT; i++) {
		snprintf(script[i], sizeof script[i], "echo job %d; exit %d", i, i % 100);
		fixture_start(&f, i, SH(script[i]));
	}
	WAIT(&f, f.ended == COUNT);
	for (int i = 0; i < COUNT; i++) {
		char want[32];

		snprintf(want, sizeof want, "out job %d|", i);
		assert_int_equal(f.told[i].started, 1);
		assert_int_equal(f.told[i].end.exit_code, i % 100);
		assert_string_equal(fixture_log(&f, i), want);
	}
	assert_int_equal(f.backend->active(f.b), 0);
	WAIT(&f, fixture_open_files() == before); /* idle shims leave after a moment */
}

/* A slot used again and again, from inside the callback that tells of the end. */
static void test_slot_used_again(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++) {
		struct launch what = fixture_launch(&f, i, SH("exit 1"));

		what.slot = 0;
		fixture_start_it(&f, &what);
		assert_int_equal(fixture_wait_end(&f, i)->end.exit_code, 1);
	}
}

/* Out of descriptors for a moment: the attempt waits. */
static void test_out_of_descriptors(void **state)
{
	enum { FILL = 40, MOST = 8 }; /* the shim gets the same limit, but uses few */
	struct rlimit old, low;
	int fill[FILL], waited = 0, before;

	(void)state;
	getrlimit(RLIMIT_NOFILE, &old);
	for (int i = 0; i < FILL; i++)
		fill[i] = dup(0);
	before = fixture_open_files();
	for (int leave = 0; leave < MOST; leave++) {
		int next;

		WAIT(&f, fixture_open_files() == before); /* no idle shims */
		next = dup(0);
		close(next);
		low = (struct rlimit){ (rlim_t)(next + leave), old.rlim_max };
		setrlimit(RLIMIT_NOFILE, &low);
		fixture_start(&f, leave, SH("exit 7"));
		for (int i = 0; i < 10 && !f.told[leave].ended; i++)
			loop_turn(f.loop, 10);
		waited += !f.told[leave].ended;
		setrlimit(RLIMIT_NOFILE, &old);
		assert_int_equal(fixture_wait_end(&f, leave)->end.exit_code, 7);
		assert_int_equal(f.told[leave].started, 1);
	}
	assert_in_range(waited, 2, MOST - 1);
	for (int i = 0; i < FILL; i++)
		close(fill[i]);
}

static void test_read_only_run_directory(void **state)
{
	(void)state;
	assert_int_equal(fs_write_atomic(f.run, "", 0, NULL), 0);
	fixture_start(&f, 1, SH("exit 0"));
	assert_string_equal(fixture_wait_end(&f, 1)->status_reason, REASON_START_FAILED);
	assert_string_equal(f.told[1].reason, "CannotStartContainerError: cannot open the slot of "
					      "the attempt: Not a directory");
}

int main(void)
{
#define HOST(test) cmocka_unit_test_setup_teardown(test, host_up, down)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		HOST(test_open_without_a_shim),
		HOST(test_exit_codes),
		HOST(test_output),
		HOST(test_output_is_seen_while_it_runs),
		HOST(test_environment),
		HOST(test_start_failures),
		HOST(test_too_large),
		HOST(test_stop),
		HOST(test_grace),
		HOST(test_timeout),
		HOST(test_shim_is_told_to_leave),
		HOST(test_nothing_stays_behind),
		HOST(test_pipe_kept_open),
		HOST(test_huge_output),
		HOST(test_endless_output),
		HOST(test_many_at_once),
		HOST(test_slot_used_again),
		HOST(test_out_of_descriptors),
		HOST(test_read_only_run_directory),
	};

	return cmocka_run_group_tests_name("exec", tests, NULL, NULL);
}
