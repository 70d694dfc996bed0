/* The event loop and child processes. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "jobdeck/base/time.h"
#include "jobdeck/loop/loop.h"

enum { DEADLINE_MS = 20000 };

/* ---- watches ------------------------------------------------------------------------ */

struct seen {
	struct loop *l;
	struct loop_watch *w;
	int fd, calls, events;
	bool unwatch;
};

static void on_ready(void *arg, int events)
{
	struct seen *s = arg;
	char c;

	s->calls++;
	s->events |= events;
	if (events & LOOP_READ)
		(void)!read(s->fd, &c, 1);
	if (s->unwatch) {
		loop_unwatch(s->w);
		s->w = NULL;
	}
}

static void test_watch(void **state)
{
	struct seen s = { .l = loop_new(NULL) };
	int p[2];

	(void)state;
	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	s.fd = p[0];
	s.w = loop_watch(s.l, p[0], LOOP_READ, on_ready, &s);
	loop_turn(s.l, 0);
	assert_int_equal(s.calls, 0);
	assert_int_equal(write(p[1], "ab", 2), 2);
	loop_turn(s.l, 1000);
	assert_int_equal(s.calls, 1);
	loop_turn(s.l, 1000); /* level triggered: the second byte */
	assert_int_equal(s.calls, 2);
	loop_watch_events(s.w, 0);
	assert_int_equal(write(p[1], "c", 1), 1);
	loop_turn(s.l, 0);
	assert_int_equal(s.calls, 2);
	s.unwatch = true;
	loop_watch_events(s.w, LOOP_READ);
	loop_turn(s.l, 1000);
	assert_int_equal(s.calls, 3);
	assert_int_equal(write(p[1], "d", 1), 1);
	loop_turn(s.l, 0);
	assert_int_equal(s.calls, 3);
	/* The same descriptor again, at once. */
	s.w = loop_watch(s.l, p[0], LOOP_READ, on_ready, &s);
	assert_non_null(s.w);
	assert_null(loop_watch(s.l, p[0], LOOP_READ, on_ready, &s));
	assert_int_equal(errno, EEXIST);
	loop_turn(s.l, 1000);
	assert_int_equal(s.calls, 4);
	loop_free(s.l);
	close(p[0]);
	close(p[1]);
}

static void test_watch_tells_of_errors_and_hang_up(void **state)
{
	struct seen s = { .l = loop_new(NULL) };
	int p[2];

	(void)state;
	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	close(p[0]);
	s.fd = p[1];
	s.w = loop_watch(s.l, p[1], LOOP_WRITE, on_ready, &s);
	loop_turn(s.l, 1000);
	loop_turn(s.l, 1000);
	assert_int_equal(s.calls, 2); /* again and again, as poll does */
	assert_int_equal(s.events, LOOP_WRITE);
	loop_unwatch(s.w);
	close(p[1]);

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, p), 0);
	s = (struct seen){ .l = s.l, .fd = p[0] };
	s.w = loop_watch(s.l, p[0], LOOP_READ, on_ready, &s);
	close(p[1]);
	loop_turn(s.l, 1000);
	assert_int_equal(s.events, LOOP_READ);
	loop_unwatch(s.w);
	close(p[0]);

	p[0] = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	assert_null(loop_watch(s.l, p[0], LOOP_READ, on_ready, &s));
	assert_int_equal(errno, EPERM);
	close(p[0]);
	loop_free(s.l);
}

static void test_nested(void **state)
{
	struct seen s = { .l = loop_new(NULL) };
	struct pollfd outer;
	int p[2];

	(void)state;
	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	s.fd = p[0];
	s.w = loop_watch(s.l, p[0], LOOP_READ, on_ready, &s);
	loop_turn(s.l, 0);
	outer = (struct pollfd){ .fd = loop_fd(s.l), .events = POLLIN };
	assert_int_equal(loop_timeout(s.l), -1);
	assert_int_equal(poll(&outer, 1, 0), 0);
	assert_int_equal(write(p[1], "x", 1), 1);
	assert_int_equal(poll(&outer, 1, 1000), 1);
	loop_turn(s.l, 0);
	assert_int_equal(s.calls, 1);
	loop_free(s.l);
	close(p[0]);
	close(p[1]);
}

/* ---- timers, hooks ------------------------------------------------------------------ */

struct ticks {
	struct loop *l;
	struct loop_timer *a, *b;
	char order[8];
	int hook_calls, more;
};

static void on_a(void *arg)
{
	struct ticks *t = arg;

	strcat(t->order, "a");
	loop_timer_free(t->a);
	t->a = NULL;
}

static void on_b(void *arg)
{
	struct ticks *t = arg;

	strcat(t->order, "b");
	if (strlen(t->order) < 4)
		loop_timer_set(t->b, 1);
	else
		loop_stop(t->l);
}

static void test_timers(void **state)
{
	struct ticks t = { .l = loop_new(NULL) };
	int64_t before = time_mono();

	(void)state;
	t.a = loop_timer(t.l, on_a, &t);
	t.b = loop_timer(t.l, on_b, &t);
	loop_timer_set(t.a, 100000);
	loop_timer_set(t.a, 20);
	loop_timer_set(t.b, 5);
	loop_timer_unset(t.b);
	loop_turn(t.l, 0);
	assert_in_range(loop_timeout(t.l), 1, 20);
	loop_timer_set(t.b, 40);
	loop_run(t.l);
	assert_string_equal(t.order, "abbb");
	assert_true(time_mono() - before >= 40);
	before = time_mono();
	loop_turn(t.l, 30);
	assert_in_range(time_mono() - before, 29, DEADLINE_MS);
	loop_timer_free(t.b);
	loop_free(t.l);
}

static bool hook(void *arg)
{
	struct ticks *t = arg;

	t->hook_calls++;
	return t->more-- > 0;
}

static void test_before_sleep(void **state)
{
	struct ticks t = { .l = loop_new(NULL), .more = 3 };
	struct loop_hook *h = loop_before_sleep(t.l, hook, &t);
	int calls;

	(void)state;
	/* While there is more to do nothing waits. */
	for (int i = 0; t.more >= 0; i++) {
		assert_true(i < 10);
		loop_turn(t.l, -1);
	}
	assert_int_equal(loop_timeout(t.l), -1);
	/* What a callback did is seen before the turn returns. */
	t.a = loop_timer(t.l, on_a, &t);
	loop_timer_set(t.a, 1);
	calls = t.hook_calls;
	loop_turn(t.l, -1);
	assert_string_equal(t.order, "a");
	assert_true(t.hook_calls > calls);
	loop_hook_free(h);
	calls = t.hook_calls;
	loop_turn(t.l, 0);
	assert_int_equal(t.hook_calls, calls);
	loop_free(t.l);
}

static void on_usr1(void *arg, int signo)
{
	*(int *)arg = signo;
}

static void test_signal(void **state)
{
	struct loop *l = loop_new(NULL);
	int got = 0;

	(void)state;
	loop_signal(l, SIGUSR1, on_usr1, &got);
	kill(getpid(), SIGUSR1);
	for (int64_t end = time_mono() + DEADLINE_MS; !got && time_mono() < end;)
		loop_turn(l, 100);
	assert_int_equal(got, SIGUSR1);
	loop_free(l);
}

/* ---- processes ---------------------------------------------------------------------- */

struct exits {
	int count, status;
	pid_t pid;
};

static void on_exit_of(void *arg, pid_t pid, int status)
{
	struct exits *e = arg;

	e->count++;
	e->pid = pid;
	e->status = status;
}

static pid_t run_shell(struct loop *l, const char *script, const int *fds, int count,
		       struct exits *e)
{
	char *argv[] = { (char *)(uintptr_t)"sh", (char *)(uintptr_t)"-c",
			 (char *)(uintptr_t)script, NULL };
	struct loop_spawn what = {
		.path = "/bin/sh", .argv = argv, .fds = fds, .fd_count = count,
		.exited = on_exit_of, .arg = e,
	};
	struct err err = { .text = "" };
	pid_t pid = loop_spawn(l, &what, &err);

	assert_string_equal(err.text, "");
	return pid;
}

static void wait_exits(struct loop *l, const struct exits *e, int count)
{
	for (int64_t end = time_mono() + DEADLINE_MS; e->count < count && time_mono() < end;)
		loop_turn(l, 100);
	assert_int_equal(e->count, count);
}

static void test_spawn(void **state)
{
	struct loop *l = loop_new(NULL);
	struct exits e = { 0 };
	struct err err;
	struct loop_spawn missing = { .path = "/nonexistent/program",
				      .argv = (char *[]){ (char *)(uintptr_t)"x", NULL } };
	pid_t pid = run_shell(l, "exit 7", NULL, 0, &e);

	(void)state;
	wait_exits(l, &e, 1);
	assert_int_equal(e.pid, pid);
	assert_int_equal(WEXITSTATUS(e.status), 7);
	for (int i = 0; i < 20; i++)
		run_shell(l, "kill -9 $$", NULL, 0, &e);
	wait_exits(l, &e, 21);
	assert_int_equal(WTERMSIG(e.status), SIGKILL);
	assert_int_equal(loop_spawn(l, &missing, &err), -1);
	assert_string_equal(err.text,
			    "cannot start /nonexistent/program: No such file or directory");
	/* Forgotten, but reaped. */
	pid = run_shell(l, "exit 0", NULL, 0, &e);
	loop_forget_child(l, pid);
	for (int64_t end = time_mono() + DEADLINE_MS; kill(pid, 0) == 0 && time_mono() < end;)
		loop_turn(l, 10);
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(e.count, 21);
	loop_free(l);
}

static void read_all(int fd, char *out, size_t size)
{
	size_t len = 0;
	ssize_t n;

	while (len < size - 1 && (n = read(fd, out + len, size - 1 - len)) > 0)
		len += (size_t)n;
	out[len] = '\0';
}

/* The descriptors to hand over are the very numbers the child uses, in another order: put
 * into place one after the other, an early one would destroy a late one. */
static void test_spawn_descriptors_that_clash(void **state)
{
	enum { COUNT = 8 };
	int in[COUNT], give[COUNT];
	struct exits e = { 0 };
	char text[64];
	struct loop *l;
	int p[2];

	(void)state;
	for (int i = COUNT - 1; i >= 0; i--) {
		assert_int_equal(pipe2(p, O_CLOEXEC), 0);
		in[i] = fcntl(p[0], F_DUPFD_CLOEXEC, 40);
		close(p[0]);
		give[i] = p[1];
	}
	assert_in_range(give[COUNT - 1], 3, 3 + COUNT - 2);
	l = loop_new(NULL);
	run_shell(l, "for i in 3 4 5 6 7 8 9; do eval \"echo $i >&$i\"; done; exec ls /proc/self/fd >&3",
		  give, COUNT, &e);
	for (int i = 0; i < COUNT; i++)
		close(give[i]);
	wait_exits(l, &e, 1);
	for (int i = 0; i < COUNT; i++) {
		char want[64] = "";

		read_all(in[i], text, sizeof text);
		if (i + 3 < 10) /* dash knows no larger ones */
			snprintf(want, sizeof want, "%d\n", i + 3);
		if (i == 0) /* and nothing else; 11 is ls's own */
			strcat(want, "0\n1\n10\n11\n2\n3\n4\n5\n6\n7\n8\n9\n");
		assert_string_equal(text, want);
		close(in[i]);
	}
	loop_free(l);
}

/* Of /proc/PID/status; without the two signals that glibc keeps for itself and sets its own
 * way in every posix_spawn. */
static unsigned long long signal_set(const char *text, const char *name)
{
	const char *line = strstr(text, name);

	assert_non_null(line);
	return strtoull(line + strlen(name), NULL, 16) & ~(3ull << 31);
}

static void test_spawn_resets_signals_and_session(void **state)
{
	struct loop *l = loop_new(NULL);
	struct exits e = { 0 };
	char text[512], want[64];
	sigset_t all, old;
	int p[2];
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sigfillset(&all);
	sigdelset(&all, SIGCHLD);
	sigprocmask(SIG_SETMASK, &all, &old);
	pid = run_shell(l, "cut -d' ' -f6 /proc/$$/stat >&3; readlink /proc/$$/fd/0 >&3; "
			   "exec grep -E 'SigBlk|SigIgn' /proc/self/status >&3",
			&p[1], 1, &e);
	sigprocmask(SIG_SETMASK, &old, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	close(p[1]);
	wait_exits(l, &e, 1);
	read_all(p[0], text, sizeof text);
	snprintf(want, sizeof want, "%d\n/dev/null\n", pid);
	assert_int_equal(signal_set(text, "SigBlk:"), 0);
	assert_int_equal(signal_set(text, "SigIgn:"), 0);
	assert_non_null(strstr(text, want));
	close(p[0]);
	loop_free(l);
}

/* More descriptors for us, and not for those we start. */
static void test_spawn_keeps_limit(void **state)
{
	struct loop *l = loop_new(NULL);
	struct rlimit limit, now;
	struct exits e = { 0 };
	char text[64], want[64];
	int p[2];

	(void)state;
	getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_max < 600)
		skip();
	limit.rlim_cur = 500;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(loop_descriptors(400), 500); /* never less */
	assert_int_equal(loop_descriptors(600), 600);
	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	run_shell(l, "ulimit -Sn >&3; ulimit -Hn >&3", &p[1], 1, &e);
	close(p[1]);
	wait_exits(l, &e, 1);
	read_all(p[0], text, sizeof text);
	snprintf(want, sizeof want, "500\n%llu\n", (unsigned long long)limit.rlim_max);
	assert_string_equal(text, want);
	getrlimit(RLIMIT_NOFILE, &now);
	assert_int_equal(now.rlim_cur, 600);
	close(p[0]);
	loop_free(l);
}

/* Whatever is registered, loop_free ends it; a leak shows in the sanitizer build. */
static void test_free_with_everything_open(void **state)
{
	struct seen s = { .l = loop_new(NULL) };
	struct ticks t = { .l = s.l };
	struct exits e = { 0 };
	int p[2], got;

	(void)state;
	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	s.w = loop_watch(s.l, p[0], LOOP_READ, on_ready, &s);
	loop_timer_set(loop_timer(s.l, on_a, &t), 1000);
	loop_timer_free(loop_timer(s.l, on_a, &t));
	loop_signal(s.l, SIGUSR1, on_usr1, &got);
	loop_before_sleep(s.l, hook, &t);
	run_shell(s.l, "exit 0", NULL, 0, &e);
	loop_free(s.l);
	loop_free(NULL);
	close(p[0]);
	close(p[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_watch),
		cmocka_unit_test(test_watch_tells_of_errors_and_hang_up),
		cmocka_unit_test(test_nested),
		cmocka_unit_test(test_timers),
		cmocka_unit_test(test_before_sleep),
		cmocka_unit_test(test_signal),
		cmocka_unit_test(test_spawn),
		cmocka_unit_test(test_spawn_descriptors_that_clash),
		cmocka_unit_test(test_spawn_resets_signals_and_session),
		cmocka_unit_test(test_spawn_keeps_limit),
		cmocka_unit_test(test_free_with_everything_open),
	};

	closefrom(3); /* what whoever started us forgot to close */
	return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
