/* The whole program on an emulated screen: real server, real shim, real jobs. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <ftw.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "jobdeck/base/mem.h"
#include "screen.h"

static char program[512], dir[64];
static struct screen *s;

/* Runs jobdeck with up to five arguments; its output goes to `out`. Returns the exit status. */
static int jobdeck(char *out, size_t size, const char *a, const char *b, const char *c,
		   const char *d, const char *e)
{
	int ends[2], status;
	size_t n = 0;
	ssize_t got;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		dup2(ends[1], 1);
		close(ends[0]);
		execl(program, program, a, b, c, d, e, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	while (n + 1 < size && (got = read(ends[0], out + n, size - 1 - n)) > 0)
		n += (size_t)got;
	out[n] = '\0';
	if (n && out[n - 1] == '\n')
		out[n - 1] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Submits a job that runs `script` and gives its id. */
static void submit(char id[64], const char *script)
{
	char out[512];
	int code = jobdeck(out, sizeof out, "submit", "--", "sh", "-c", script);

	if (code)
		print_message("# submit: %d %s\n", code, out);
	assert_int_equal(code, 0);
	snprintf(id, 64, "%.63s", out);
}

static int wait_job(const char *id)
{
	char out[4096];

	return jobdeck(out, sizeof out, "wait", "--timeout", "20", id, NULL);
}

static pid_t server(void)
{
	char out[4096];
	const char *at;

	assert_int_equal(jobdeck(out, sizeof out, "status", "--json", NULL, NULL, NULL), 0);
	at = strstr(out, "\"pid\":");
	assert_non_null(at);
	return (pid_t)strtol(at + 6, NULL, 10);
}

static int setup(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	snprintf(dir, sizeof dir, "%.40s/console-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(dir))
		return -1;
	setenv("JOBDECK_HOME", dir, 1);
	return 0;
}

/* An environment and a queue, so that there is no wizard. */
static int setup_made(void **state)
{
	char out[4096];

	if (setup(state) < 0)
		return -1;
	return jobdeck(out, sizeof out, "init", "--yes", "--no-job", NULL, NULL);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

/* What runs is stopped; nothing of a test outlives it. */
static int teardown(void **state)
{
	char out[65536];

	(void)state;
	screen_free(s);
	s = NULL;
	if (jobdeck(out, sizeof out, "jobs", "--status", "RUNNING", "--json", NULL) == 0) {
		for (char *p = out; (p = strstr(p, "\"jobId\":\t\"")); p++) {
			char id[64], ignored[4096];

			snprintf(id, sizeof id, "%.36s", p + 10);
			jobdeck(ignored, sizeof ignored, "terminate", id, NULL, NULL, NULL);
			wait_job(id);
		}
	}
	jobdeck(out, sizeof out, "stop-server", NULL, NULL, NULL, NULL);
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return 0;
}

static void start(int rows, int cols)
{
	char *argv[] = { program, NULL };

	s = screen_start(rows, cols, argv, NULL);
	assert_non_null(s);
}

static void assert_text(const char *text)
{
	if (screen_wait_text(s, text))
		return;
	screen_dump(s);
	fail_msg("not on the screen: %s", text);
}

/* ---- The first run ---- */

static void five_times_enter(int rows, int cols)
{
	start(rows, cols);
	for (int step = 1; step <= 4; step++) {
		char text[32];

		snprintf(text, sizeof text, "step %d of 5", step);
		assert_text(text);
		if (step == 4)
			assert_text("Nothing has been created yet");
		screen_type(s, "\r");
	}
	screen_type(s, "\r");
	assert_text("step 5 of 5");
	assert_text("hello world from job");
	assert_text("[SUCCEEDED]");
	assert_int_equal(s->unknown + s->bells, 0);
}

static void test_wizard_80(void **state)
{
	(void)state;
	five_times_enter(24, 80);
	screen_type(s, "\r");
	assert_text("2 Job queues (1)");
	assert_text("> default");
	assert_text("hello");
	screen_type(s, "l"); /* its log is there too */
	assert_text("hello world from job");
	assert_text("exit 0, after");
	screen_type(s, "qq");
	assert_int_equal(screen_wait_exit(s), 0);
}

static void test_wizard_120(void **state)
{
	(void)state;
	five_times_enter(40, 120);
}

static void test_wizard_40(void **state)
{
	(void)state;
	five_times_enter(12, 40);
}

/* All five at once, before the server has even started. */
static void test_wizard_in_a_hurry(void **state)
{
	(void)state;
	start(24, 80);
	screen_type(s, "\r\r\r\r\r");
	assert_text("hello world from job");
	assert_text("[SUCCEEDED]");
}

static void test_wizard_left(void **state)
{
	char out[4096];

	(void)state;
	start(24, 80);
	assert_text("step 1 of 5");
	screen_type(s, "\r\r");
	assert_text("step 3 of 5");
	screen_type(s, "\033");
	assert_text("step 2 of 5");
	screen_type(s, "\033");
	assert_text("step 1 of 5");
	screen_type(s, "\033");
	assert_text("nothing was created");
	assert_int_equal(jobdeck(out, sizeof out, "queues", "--json", NULL, NULL, NULL), 0);
	assert_null(strstr(out, "default"));
}

/* ---- The main view ---- */

static void test_panes_update_by_themselves(void **state)
{
	char id[64], go[100], script[200];
	int fd;

	(void)state;
	start(24, 80);
	assert_text("no jobs yet");
	snprintf(go, sizeof go, "%s/go", dir);
	snprintf(script, sizeof script, "until test -e %s; do sleep 0.05; done; exit 3", go);
	submit(id, script);
	id[13] = '\0';
	assert_text(id);
	assert_text("RUNNING");
	assert_text("run 1");
	fd = open(go, O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_text("FAILED");
	assert_text("exit 3");
	assert_text("run 0");
}

static void test_log_follows(void **state)
{
	char id[64];

	(void)state;
	submit(id, "for i in 1 2 3 4; do echo line $i; echo oops $i >&2; sleep 0.5; done; exit 7");
	start(24, 80);
	assert_text("RUNNING");
	screen_type(s, "l");
	assert_text("line 1");
	assert_text("FOLLOW");
	assert_text("line 4");
	assert_text("! oops 4");
	assert_text("exit 7, after");
	assert_true(screen_wait_no_text(s, "FOLLOW"));
	screen_type(s, "\033");
	assert_text("3 Jobs in default: 1");
}

static void test_submit_and_stop(void **state)
{
	(void)state;
	start(24, 80);
	assert_text("no jobs yet");
	screen_type(s, "N");
	assert_text("Submit a job");
	screen_type(s, "\025sleep 60");
	assert_text("-- sleep 60");
	screen_type(s, "\023");
	assert_text("submitted sleep as");
	assert_text("RUNNING");
	screen_type(s, "K");
	assert_text("TerminateJob");
	assert_text("same as: jobdeck terminate");
	screen_type(s, "\r"); /* no is the default */
	assert_text("nothing was stopped");
	screen_type(s, "K");
	assert_text("Stop this job?");
	screen_type(s, "y");
	assert_text("sleep is FAILED: exit 143 (SIGTERM)");
	assert_text("failed 1");
}

static void test_toggle_queue(void **state)
{
	char out[8192];

	(void)state;
	start(24, 80);
	assert_text("no jobs yet");
	screen_type(s, "2T");
	assert_text("Turn default off?");
	screen_type(s, "y");
	assert_text("default is off");
	assert_int_equal(jobdeck(out, sizeof out, "queues", "--json", NULL, NULL, NULL), 0);
	assert_non_null(strstr(out, "DISABLED"));
}

/* ---- What may go wrong ---- */

static void test_hang_up_leaves_jobs(void **state)
{
	char id[64];

	(void)state;
	submit(id, "sleep 1; exit 0");
	start(24, 80);
	assert_text("RUNNING");
	screen_hang_up(s);
	assert_int_equal(screen_wait_exit(s), 129);
	assert_int_equal(wait_job(id), 0);
}

static void test_killed_server(void **state)
{
	char id[64];

	(void)state;
	submit(id, "sleep 1; exit 5");
	start(24, 80);
	assert_text("RUNNING");
	kill(server(), SIGKILL);
	screen_type(s, "?"); /* keys answer though nobody is there */
	assert_text("help: Jobs");
	screen_type(s, "q");
	assert_text("3 Jobs in default: 1");
	assert_text("exit 5"); /* another server was started; the job ran on meanwhile */
	assert_text("live");
}

static void test_stopped_server(void **state)
{
	pid_t pid;

	(void)state;
	start(24, 80);
	assert_text("no jobs yet");
	pid = server();
	kill(pid, SIGSTOP);
	screen_type(s, "r?");
	assert_text("help: Jobs");
	screen_type(s, "qN");
	assert_text("Submit a job");
	screen_type(s, "\033");
	assert_text("nothing was submitted");
	kill(pid, SIGCONT);
	assert_text("live");
}

static void test_hostile_output(void **state)
{
	char id[64];

	(void)state;
	submit(id,
	       "printf '\\033[2J\\033[31mred\\033[0m\\033]0;title\\007\\033]52;c;ZXZpbA==\\007\\n';"
	       "printf '\\033[?1049l\\033[?1000h\\033c\\n'; printf 'bad \\377\\376 utf8\\n';"
	       "printf '\\233\\061m csi\\n'; printf '10%%\\r20%%\\r30%%\\n'; printf "
	       "'tab\\tend\\n'");
	assert_int_equal(wait_job(id), 0);
	start(24, 80);
	assert_text("SUCCEEDED");
	screen_type(s, "l");
	assert_text("30%");
	assert_text("bad ");
	assert_text("exit 0, after");
	screen_type(s, "c");
	assert_text("^[[2J^[[31mred^[[0m^[]0;title^G");
	assert_text("10%^M20%^M30%");
	assert_true(s->alternate);
	assert_int_equal(s->unknown + s->bells + s->mouse, 0);
}

/* ---- Job control, which a bare pseudo-terminal cannot show ---- */

static int tmux(const char *a, const char *b, const char *c, const char *d, const char *e)
{
	char sock[128];
	int status;
	pid_t pid = fork();

	snprintf(sock, sizeof sock, "%s/tmux", dir);
	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, 1);
		dup2(null, 2);
		execlp("tmux", "tmux", "-S", sock, "-f", "/dev/null", a, b, c, d, e, (char *)NULL);
		_exit(127);
	}
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_suspend_and_resume(void **state)
{
	char *argv[] = { (char[]){ "tmux" },	  (char[]){ "-S" },
			 (char[200]){ 0 },	  (char[]){ "-f" },
			 (char[]){ "/dev/null" }, (char[]){ "new-session" },
			 (char[]){ "sh -i" },	  NULL };
	char command[700];

	(void)state;
	if (tmux("-V", NULL, NULL, NULL, NULL) != 0)
		skip();
	snprintf(argv[2], 200, "%s/tmux", dir);
	s = screen_start(25, 80, argv, NULL);
	screen_type(s, "PS1=prompt'$ '\r");
	assert_text("prompt$");
	snprintf(command, sizeof command, "%s\r", program);
	screen_type(s, command);
	assert_text("no jobs yet");
	screen_type(s, "\032");
	assert_text("Stopped");
	assert_true(screen_wait_no_text(s, "no jobs yet"));
	screen_type(s, "echo shell works\r");
	assert_text("shell works");
	assert_int_equal(tmux("set", "-g", "status", "off", NULL), 0); /* one row more meanwhile */
	screen_type(s, "fg\r");
	assert_text("no jobs yet");
	screen_type(s, "?");
	assert_text("help: Jobs");
	screen_type(s, "qq");
	assert_text("prompt$");
	screen_type(s, "exit\r");
	tmux("kill-server", NULL, NULL, NULL, NULL);
}

int main(void)
{
#define T(name)	   cmocka_unit_test_setup_teardown(name, setup, teardown)
#define MADE(name) cmocka_unit_test_setup_teardown(name, setup_made, teardown)
	const struct CMUnitTest tests[] = {
		T(test_wizard_80),	   T(test_wizard_120),
		T(test_wizard_40),	   T(test_wizard_in_a_hurry),
		T(test_wizard_left),	   MADE(test_panes_update_by_themselves),
		MADE(test_log_follows),	   MADE(test_submit_and_stop),
		MADE(test_toggle_queue),   MADE(test_hang_up_leaves_jobs),
		MADE(test_killed_server),  MADE(test_stopped_server),
		MADE(test_hostile_output), MADE(test_suspend_and_resume),
	};
	const char *built = getenv("JOBDECK");

	setlocale(LC_ALL, "");
	snprintf(program, sizeof program, "%s", built ? built : "./jobdeck");
	unsetenv("XDG_RUNTIME_DIR");
	return cmocka_run_group_tests_name("console", tests, NULL, NULL);
}
