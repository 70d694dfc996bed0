/* The host backend when somebody is killed: an attempt runs once and its true end is told,
 * or it is told to be lost and nothing of it is left. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include "exec_fixture.h"

#define LOST "Host EC2 (instance local.host) terminated."

static struct fixture f;

static int up(void **state)
{
	(void)state;
	log_level(LOG_ERROR);
	fixture_init(&f, "host", NULL);
	return 0;
}

static int down(void **state)
{
	(void)state;
	fixture_fini(&f);
	return 0;
}

/* As if the server had been killed and started again. */
static void server_goes(void)
{
	f.backend->close(f.b);
	memset(f.told, 0, sizeof f.told);
	f.ended = 0;
}

static void server_comes(void)
{
	fixture_open_backend(&f, "host", NULL);
}

/* A job that says that it runs, and ends with code 7 once the file "go" is there. */
#define WAITS                                                                                      \
	"echo run >> runs; echo before; while [ ! -e go ]; do sleep .01; done; echo after; exit 7"

static void let_it_go(void)
{
	assert_int_equal(fs_write_atomic(fixture_path(&f, "go"), "", 0, NULL), 0);
}

static void assert_ran_once(void)
{
	cleanup_free char *runs = fs_read(fixture_path(&f, "runs"), 1000, NULL, NULL);

	assert_string_equal(runs ? runs : "never", "run\n");
}

static void assert_lost(int job)
{
	struct told *t = fixture_wait_end(&f, job);

	assert_string_equal(t->status_reason, LOST);
	assert_string_equal(t->reason, "");
	assert_int_equal(t->end.exit_code, -1);
	assert_false(t->end.timed_out || t->end.stopped);
	assert_int_equal(f.backend->active(f.b), 0);
}

/* ---- the server goes ---------------------------------------------------------------- */

static void test_running_attempt_is_found_again(void **state)
{
	(void)state;
	fixture_start(&f, 1, SH(WAITS));
	WAIT(&f, strstr(fixture_log(&f, 1), "before"));
	for (int i = 0; i < 3; i++) {
		server_goes();
		server_comes();
		fixture_start(&f, 1, SH(WAITS));
		WAIT(&f, f.told[1].started);
		assert_int_equal(f.told[1].ended, 0);
	}
	let_it_go();
	assert_int_equal(fixture_wait_end(&f, 1)->end.exit_code, 7);
	assert_int_equal(f.told[1].started, 1);
	assert_string_equal(fixture_log(&f, 1), "out before|out after|");
	assert_false(fixture_exists(fixture_path(&f, "run/1/sock")));
	assert_ran_once();
}

static void test_end_that_nobody_saw(void **state)
{
	jd_time ended;

	(void)state;
	fixture_start(&f, 1, SH(WAITS));
	WAIT(&f, f.told[1].started);
	server_goes();
	WAIT(&f, fixture_exists(fixture_path(&f, "run/1/sock")));
	let_it_go();
	WAIT(&f, fixture_state(&f, 1).stage == SHIM_EXITED);
	ended = fixture_state(&f, 1).stopped;
	server_comes();
	fixture_start(&f, 1, SH(WAITS));
	assert_int_equal(fixture_wait_end(&f, 1)->end.exit_code, 7);
	assert_true(f.told[1].end.at == ended);
	assert_int_equal(f.told[1].started, 1);
	assert_ran_once();
}

/* A stop that was asked for before the shim was found again reaches it. */
static void test_stop_while_looking(void **state)
{
	struct launch what = fixture_launch(&f, 1, SH("trap '' TERM; " WAITS));

	(void)state;
	what.grace_ms = 100;
	fixture_start_it(&f, &what);
	WAIT(&f, strstr(fixture_log(&f, 1), "before"));
	server_goes();
	server_comes();
	fixture_start_it(&f, &what);
	fixture_stop(&f, 1, true);
	assert_int_equal(fixture_wait_end(&f, 1)->end.exit_code, 137);
	assert_true(f.told[1].end.timed_out);
}

static void test_time_limit_holds_without_a_server(void **state)
{
	struct launch what = fixture_launch(&f, 1, SH("sleep 1000"));

	(void)state;
	what.timeout_ms = 300;
	fixture_start_it(&f, &what);
	WAIT(&f, f.told[1].started);
	server_goes();
	WAIT(&f, fixture_state(&f, 1).stage == SHIM_EXITED);
	server_comes();
	fixture_start_it(&f, &what);
	assert_true(fixture_wait_end(&f, 1)->end.timed_out);
	assert_int_equal(f.told[1].end.exit_code, 143);
}

/* sun_path is short; homes are not. */
static void test_long_path(void **state)
{
	(void)state;
	f.backend->close(f.b);
	strcat(f.run, "/run");
	for (int i = 0; i < 8; i++)
		strncat(f.run, "/a-long-way", sizeof f.run - strlen(f.run) - 1);
	server_comes();
	fixture_start(&f, 1, SH(WAITS));
	WAIT(&f, strstr(fixture_log(&f, 1), "before"));
	server_goes();
	server_comes();
	fixture_start(&f, 1, SH(WAITS));
	WAIT(&f, f.told[1].started);
	let_it_go();
	assert_int_equal(fixture_wait_end(&f, 1)->end.exit_code, 7);
	assert_ran_once();
}

/* ---- the shim goes ------------------------------------------------------------------ */

#define LEAVES_MUCH                                                                                \
	"sleep 1001 & echo $! > group; setsid sh -c 'echo $$ > session; sleep 1002' &"             \
	"echo up; wait"

static void assert_nothing_left(int job, pid_t main)
{
	pid_t group = fixture_pid_in(&f, "group"), session = fixture_pid_in(&f, "session");

	(void)job;
	assert_true(group > 0 && session > 0);
	WAIT(&f, fixture_dead(main));
	WAIT(&f, fixture_dead(group));
	WAIT(&f, fixture_dead(session));
}

static void test_shim_killed(void **state)
{
	pid_t main;

	(void)state;
	fixture_start(&f, 1, SH(LEAVES_MUCH));
	WAIT(&f, fixture_pid_in(&f, "session") && fixture_pid_in(&f, "group"));
	main = fixture_state(&f, 1).pid;
	kill(fixture_shim_pid(&f, 1), SIGKILL);
	assert_lost(1);
	assert_int_equal(f.told[1].started, 1);
	assert_nothing_left(1, main);
}

/* The kernel's part: nothing here knows this job by its environment. */
static void test_main_process_dies_with_its_shim(void **state)
{
	static char *const none[] = { TEXT("PATH=/usr/bin:/bin"), NULL };
	struct launch what = fixture_launch(&f, 1, SH("trap '' TERM HUP; while :; do sleep 1; done"));
	pid_t main, shim;

	(void)state;
	what.envp = none;
	fixture_start_it(&f, &what);
	shim = fixture_shim_pid(&f, 1);
	main = fixture_state(&f, 1).pid;
	kill(shim, SIGKILL);
	assert_lost(1);
	WAIT(&f, fixture_dead(main));
}

static void test_shim_killed_without_a_server(void **state)
{
	pid_t main, shim;

	(void)state;
	fixture_start(&f, 1, SH(LEAVES_MUCH));
	WAIT(&f, fixture_pid_in(&f, "session") && fixture_pid_in(&f, "group"));
	main = fixture_state(&f, 1).pid;
	shim = fixture_shim_pid(&f, 1);
	server_goes();
	WAIT(&f, fixture_exists(fixture_path(&f, "run/1/sock")));
	kill(shim, SIGKILL);
	WAIT(&f, fixture_dead(shim));
	server_comes();
	fixture_start(&f, 1, SH(LEAVES_MUCH));
	assert_lost(1);
	assert_int_equal(f.told[1].started, 1);
	assert_nothing_left(1, main);
	/* What it left behind does not harm the next attempt in that slot, or finding it. */
	server_goes();
	server_comes();
	for (int i = 0; i < 2; i++) {
		struct launch what = fixture_launch(&f, 2, SH(WAITS));

		what.slot = 1;
		fixture_start_it(&f, &what);
		WAIT(&f, f.told[2].started);
		if (i == 0) {
			server_goes();
			server_comes();
		}
	}
	let_it_go();
	assert_int_equal(fixture_wait_end(&f, 2)->end.exit_code, 7);
	assert_ran_once();
}

/* ---- what is found in a slot -------------------------------------------------------- */

static void write_state(int slot, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void write_state(int slot, const char *fmt, ...)
{
	struct launch what = fixture_launch(&f, slot, NULL);
	cleanup_free char *text = NULL, *all = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	assert_int_equal(fs_mkdirs(fixture_path(&f, "run/%d", slot), NULL), 0);
	all = xasprintf("attempt %s %s", what.job_id, text);
	assert_int_equal(fs_write_atomic(fixture_path(&f, "run/%d/state", slot), all, strlen(all),
					 NULL),
			 0);
}

static void test_slot_table(void **state)
{
	const char *boot = fs_boot_id();

	(void)state;
	write_state(1, "1 %s\nrunning 4 100\nexited 9 0 itself 200 \n", boot); /* ended */
	write_state(2, "1 %s\nrunning 4 100\nexited 9 0 its", boot);	       /* lost */
	write_state(3, "1 %s\n", boot);					       /* lost */
	write_state(4, "1 another-boot\nrunning 4 100\n");		       /* lost */
	write_state(5, "1 another-boot\nrunning 4 100\nexited 137 9 timeout 200 \n");
	write_state(6, "2 %s\nrunning 4 100\nexited 9 0 itself 200 \n", boot); /* not ours */
	write_state(7, "1 %s\nnonsense\n", boot);			       /* lost */
	write_state(8, "1 %s", boot);					       /* never started */
	for (int i = 1; i <= 9; i++)
		fixture_start(&f, i, SH("exit 3"));
	WAIT(&f, f.ended == 9);
	assert_int_equal(f.told[1].end.exit_code, 9);
	assert_true(f.told[1].started_at == 100 && f.told[1].end.at == 200);
	assert_string_equal(f.told[1].status_reason, REASON_EXITED);
	for (int i = 2; i <= 7; i = i == 4 ? 7 : i + 1)
		assert_lost(i);
	assert_int_equal(f.told[5].end.exit_code, 137);
	assert_string_equal(f.told[5].status_reason, REASON_TIMEOUT);
	assert_true(f.told[5].end.timed_out);
	assert_int_equal(f.told[6].end.exit_code, 3);
	assert_int_equal(f.told[8].end.exit_code, 3);
	assert_int_equal(f.told[9].end.exit_code, 3);
}

/* Placed before the machine went down: its traces may not have reached the disk. */
static void test_placed_before_this_boot(void **state)
{
	struct launch what = fixture_launch(&f, 1, SH("echo run >> runs"));

	(void)state;
	what.placed = 1000;
	fixture_start_it(&f, &what);
	assert_lost(1);
	assert_int_equal(f.told[1].started, 0);
	assert_false(fixture_exists(fixture_path(&f, "runs")));
	what = fixture_launch(&f, 2, SH("exit 2"));
	what.placed = 0;
	fixture_start_it(&f, &what);
	assert_int_equal(fixture_wait_end(&f, 2)->end.exit_code, 2);
}

/* Held, but nobody answers: whoever it is, nothing is started as long as it is held. */
static void test_held_without_an_answer(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(fs_mkdirs(fixture_path(&f, "run/1"), NULL), 0);
	fd = open(fixture_path(&f, "run/1/spec"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	fixture_start(&f, 1, SH(WAITS));
	for (int i = 0; i < 30; i++)
		loop_turn(f.loop, 10);
	assert_int_equal(f.backend->active(f.b), 1);
	assert_int_equal(f.told[1].started + f.told[1].ended, 0);
	let_it_go();
	close(fd);
	assert_int_equal(fixture_wait_end(&f, 1)->end.exit_code, 7);
	assert_ran_once();
}

/* The same, by the shim of an attempt that should not be there. */
static void test_held_by_another_attempt(void **state)
{
	struct launch other = fixture_launch(&f, 2, SH("exit 4"));

	(void)state;
	fixture_start(&f, 1, SH(WAITS));
	WAIT(&f, f.told[1].started);
	server_goes();
	server_comes();
	other.slot = 1;
	fixture_start_it(&f, &other);
	WAIT(&f, fixture_exists(fixture_path(&f, "run/1/sock")));
	for (int i = 0; i < 30; i++)
		loop_turn(f.loop, 10);
	assert_int_equal(f.told[2].started + f.told[2].ended, 0);
	let_it_go();
	assert_int_equal(fixture_wait_end(&f, 2)->end.exit_code, 4);
	assert_ran_once();
}

static void read_until(int fd, char *out, size_t size, const char *what)
{
	size_t n = 0;

	out[0] = '\0';
	while (!strstr(out, what)) {
		ssize_t got = read(fd, out + n, size - 1 - n);

		assert_true(got > 0);
		n += (size_t)got;
		out[n] = '\0';
	}
}

/* Spoken to without the backend: the newest connection counts, and what is said that the
 * shim does not know does not matter. */
static void test_shim_serves_the_newest(void **state)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	char text[2000];
	int fd[2];

	(void)state;
	fixture_start(&f, 1, SH("sleep 1000"));
	WAIT(&f, f.told[1].started);
	server_goes();
	snprintf(to.sun_path, sizeof to.sun_path, "%s", fixture_path(&f, "run/1/sock"));
	WAIT(&f, fixture_exists(to.sun_path));
	for (int i = 0; i < 2; i++) {
		fd[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		WAIT(&f, connect(fd[i], (struct sockaddr *)&to, sizeof to) == 0);
		read_until(fd[i], text, sizeof text, "\nrunning ");
		assert_memory_equal(text, "attempt ", 8);
	}
	assert_in_range(read(fd[0], text, sizeof text), 0, sizeof text); /* the rest */
	assert_int_equal(read(fd[0], text, sizeof text), 0);
	assert_int_equal(write(fd[1], "hello\nstop -5 x\nsto", 19), 19);
	assert_int_equal(write(fd[1], "p 1000 stopped\n", 15), 15);
	read_until(fd[1], text, sizeof text, "exited 143 15 stopped ");
	close(fd[0]);
	close(fd[1]);
	server_comes();
}

/* ---- the server is killed at a named point ------------------------------------------ */

static char self[4096];

/* This program as a server that starts job 1 and waits for its end; see main. */
static int serve(const char *dir)
{
	snprintf(f.dir, sizeof f.dir, "%s", dir);
	snprintf(f.run, sizeof f.run, "%s/run", dir);
	f.loop = loop_new(NULL);
	fixture_open_backend(&f, "host", NULL);
	fixture_start(&f, 1, SH(WAITS));
	fixture_wait_end(&f, 1);
	return 0;
}

static pid_t spawn_server(void)
{
	char *argv[] = { self, TEXT("serve"), f.dir, NULL };
	struct loop_spawn what = { .path = self, .argv = argv };
	pid_t pid = loop_spawn(f.loop, &what, NULL);

	assert_true(pid > 0);
	return pid;
}

/* Another server finds what the killed one left, and finishes it. */
static void finish_what_is_left(pid_t killed)
{
	siginfo_t info;

	assert_int_equal(waitid(P_PID, (id_t)killed, &info, WEXITED), 0);
	assert_int_equal(info.si_status, SIGKILL);
	server_goes();
	server_comes();
	fixture_start(&f, 1, SH(WAITS));
	WAIT(&f, f.told[1].started);
	let_it_go();
	assert_int_equal(fixture_wait_end(&f, 1)->end.exit_code, 7);
	assert_string_equal(fixture_log(&f, 1), "out before|out after|");
	assert_ran_once();
	unlink(fixture_path(&f, "go"));
	unlink(fixture_path(&f, "runs"));
	unlink(fixture_path(&f, "run/1/state"));
}

static void test_server_killed_at_each_point(void **state)
{
	static const char *const point[] = { "host-locked", "host-spec", "host-spawned" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(point); i++) {
		cleanup_free char *at = xasprintf("%s:1", point[i]);
		pid_t pid;

		setenv("JOBDECK_CRASH_AT", at, 1);
		pid = spawn_server();
		unsetenv("JOBDECK_CRASH_AT");
		finish_what_is_left(pid);
	}
}

/* Lets some time pass, that is not the same every time. */
static void a_moment(int round)
{
	int64_t until = time_mono() + round * 7 % 10;

	do {
		loop_turn(f.loop, 0);
	} while (time_mono() < until);
}

static void test_server_killed_at_any_moment(void **state)
{
	(void)state;
	for (int i = 0; i < 40; i++) {
		pid_t pid = spawn_server();

		a_moment(i);
		kill(pid, SIGKILL);
		finish_what_is_left(pid);
	}
}

/* The shim: the only child this process has just then, or 0. */
static pid_t only_child(void)
{
	cleanup_free char *list = fs_read("/proc/thread-self/children", 1000, NULL, NULL);

	return list ? atoi(list) : 0;
}

/* It ended as it should, or it is lost, or it never began; but never hangs, and what ran is
 * dead. */
static void test_shim_killed_at_any_moment(void **state)
{
	int ended[3] = { 0, 0, 0 };

	(void)state;
	if (!fixture_exists("/proc/thread-self/children"))
		skip();
	for (int i = 0; i < 60; i++) {
		struct launch what = fixture_launch(&f, i, SH("echo $$ > main; echo x; exit 7"));
		struct told *t;
		pid_t shim;

		what.slot = 0;
		fixture_start_it(&f, &what);
		shim = only_child();
		a_moment(i % 7 ? i % 5 : 0);
		if (shim > 0 && !f.told[i].ended)
			kill(shim, SIGKILL);
		t = fixture_wait_end(&f, i);
		ended[t->end.exit_code == 7 ? 0 : strcmp(t->status_reason, LOST) == 0 ? 1 : 2]++;
		if (t->end.exit_code != 7) {
			assert_int_equal(t->end.exit_code, -1);
			WAIT(&f, fixture_dead(fixture_pid_in(&f, "main")));
		}
		unlink(fixture_path(&f, "main"));
		WAIT(&f, !only_child());
	}
	print_message("# %d ended, %d lost, %d not started\n", ended[0], ended[1], ended[2]);
	assert_true(ended[0] && ended[1] + ended[2]);
}

int main(int argc, char **argv)
{
#define HOST(test) cmocka_unit_test_setup_teardown(test, up, down)
	const struct CMUnitTest tests[] = {
		HOST(test_running_attempt_is_found_again),
		HOST(test_end_that_nobody_saw),
		HOST(test_stop_while_looking),
		HOST(test_time_limit_holds_without_a_server),
		HOST(test_long_path),
		HOST(test_shim_killed),
		HOST(test_main_process_dies_with_its_shim),
		HOST(test_shim_killed_without_a_server),
		HOST(test_slot_table),
		HOST(test_placed_before_this_boot),
		HOST(test_held_without_an_answer),
		HOST(test_held_by_another_attempt),
		HOST(test_shim_serves_the_newest),
		HOST(test_server_killed_at_each_point),
		HOST(test_server_killed_at_any_moment),
		HOST(test_shim_killed_at_any_moment),
	};

	if (argc == 3 && strcmp(argv[1], "serve") == 0)
		return serve(argv[2]);
	assert_true(readlink("/proc/self/exe", self, sizeof self - 1) > 0);
	return cmocka_run_group_tests_name("recover", tests, NULL, NULL);
}
