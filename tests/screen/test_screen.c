/* The console on a real, emulated screen, before a made-up cluster: what only a terminal can
 * show. tests/unit/test_tui_view.c has what the views look like. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <poll.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "jobdeck/base/mem.h"
#include "jobdeck/base/time.h"
#include "screen.h"

enum { FIRST_80 = 4096, FIRST_120 = 8192, MOVE = 300 };

static char program[512];
static struct screen *s;

static void start_with(int rows, int cols, const char *option, const char *const env[])
{
	char *argv[] = { program, NULL, NULL };
	cleanup_free char *copy = option ? xstrdup(option) : NULL;

	argv[1] = copy;
	s = screen_start(rows, cols, argv, env);
	assert_non_null(s);
}

static void start(int rows, int cols)
{
	start_with(rows, cols, NULL, NULL);
}

static int teardown(void **state)
{
	(void)state;
	screen_free(s);
	s = NULL;
	return 0;
}

static void assert_text(const char *text)
{
	if (screen_wait_text(s, text))
		return;
	screen_dump(s);
	fail_msg("not on the screen: %s", text);
}

static void assert_exit(int expected)
{
	assert_int_equal(screen_wait_exit(s), expected);
}

static void assert_clean(void)
{
	if (s->unknown)
		print_message("# %s\n", s->unknown_last);
	assert_int_equal(s->unknown, 0);
	assert_int_equal(s->bells, 0);
	assert_int_equal(s->mouse, 0);
}

static void assert_restored(void)
{
	assert_false(s->alternate);
	assert_true(s->cursor_visible);
}

/* ---- Bytes ---- */

static void test_budget_first_screen(void **state)
{
	(void)state;
	start(24, 80);
	assert_text("K stop");
	assert_text("align-16");
	screen_settle(s, 100);
	print_message("# first screen 80x24: %zu bytes\n", s->bytes);
	assert_true(s->bytes <= FIRST_80);
	assert_true(s->alternate && !s->cursor_visible);
	assert_clean();
}

static void test_budget_first_screen_wide(void **state)
{
	(void)state;
	start(40, 120);
	assert_text("definition  etl:14");
	screen_settle(s, 100);
	print_message("# first screen 120x40: %zu bytes\n", s->bytes);
	assert_true(s->bytes <= FIRST_120);
	assert_clean();
}

static size_t cost(const char *key)
{
	size_t before = s->bytes;

	screen_type(s, key);
	assert_true(screen_wait_bytes(s, before));
	screen_settle(s, 100);
	return s->bytes - before;
}

static void moves(int rows, int cols)
{
	size_t worst = 0;

	start(rows, cols);
	assert_text("align-16");
	screen_settle(s, 300);
	for (int i = 0; i < 5; i++) {
		size_t n = cost("j");

		worst = n > worst ? n : worst;
	}
	print_message("# a cursor move at %dx%d: at most %zu bytes\n", cols, rows, worst);
	assert_true(worst <= MOVE);
}

static void test_budget_cursor_move(void **state)
{
	(void)state;
	moves(24, 80);
	teardown(NULL);
	moves(40, 120); /* the preview comes when the cursor rests */
	assert_text("state       RUNNABLE, try 1 of 2");
	teardown(NULL);
	moves(12, 40);
}

/* Once a minute the clock may step; then it is looked at again. */
static void test_budget_idle(void **state)
{
	size_t n = 1;

	(void)state;
	start(24, 80);
	assert_text("align-16");
	screen_type(s, "2j"); /* an empty queue: nothing there ages */
	assert_text("no jobs yet");
	for (int i = 0; i < 2 && n; i++) {
		screen_settle(s, 300);
		n = screen_settle(s, 1500);
	}
	assert_int_equal(n, 0);
}

/* ---- The screen ---- */

static void test_cursor_is_on_the_selected_row(void **state)
{
	VTermScreenCell cell;
	int row, col;

	(void)state;
	start(24, 80);
	assert_text("> 019a2b30-0001");
	screen_type(s, "j");
	assert_text("> 019a2b30-0002");
	screen_settle(s, 50);
	assert_true(screen_find(s, "> 019a2b30-0002", &row, &col));
	assert_int_equal(s->cursor_row, row);
	cell = screen_cell(s, row, 4);
	assert_true(cell.attrs.reverse);
	cell = screen_cell(s, row + 1, 4);
	assert_false(cell.attrs.reverse);
	assert_int_equal(col, 0);
}

static void test_colors(void **state)
{
	static const char *const none[] = { "NO_COLOR=1", NULL };

	(void)state;
	start(24, 80);
	assert_text("align-16");
	assert_true(screen_colored(s) > 0);
	teardown(NULL);
	start_with(24, 80, NULL, none);
	assert_text("align-16");
	screen_settle(s, 50);
	assert_int_equal(screen_colored(s), 0);
	teardown(NULL);
	start_with(24, 80, "--no-color", NULL);
	assert_text("align-16");
	assert_int_equal(screen_colored(s), 0);
}

static void test_sizes_keep_the_selection(void **state)
{
	static const int sizes[][2] = { { 40, 120 }, { 12, 40 }, { 24, 80 } };

	(void)state;
	start(24, 80);
	assert_text("align-16");
	screen_type(s, "jjjj/align\n");
	assert_text("filter: align");
	screen_type(s, "k");
	assert_text("> 019a2b30-000b");
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		screen_resize(s, sizes[i][0], sizes[i][1]);
		assert_text(sizes[i][1] < 80 ? "> align-15" : "> 019a2b30-000b");
		assert_text("live");
	}
	screen_resize(s, 7, 30);
	assert_text("30x7: need 40x10");
	screen_resize(s, 2, 5); /* too small to look at: it only must live */
	screen_resize(s, 1, 1);
	screen_settle(s, 100);
	screen_resize(s, 24, 80);
	assert_text("filter: align");
	assert_text("> 019a2b30-000b");
	assert_clean();
}

static void test_prompt_survives_resize(void **state)
{
	(void)state;
	start(24, 80);
	assert_text("align-16");
	screen_type(s, "/ali");
	assert_text("/ali");
	screen_resize(s, 12, 40);
	assert_text("/ali");
	screen_type(s, "gn\n");
	screen_resize(s, 24, 80);
	assert_text("filter: align");
}

/* No SIGWINCH reaches a stopped program: it must look by itself when it goes on. */
static void test_resize_while_stopped(void **state)
{
	int status;

	(void)state;
	start(24, 80);
	assert_text("align-16");
	kill(s->pid, SIGSTOP);
	assert_int_equal(waitpid(s->pid, &status, WUNTRACED), s->pid);
	screen_resize(s, 40, 120);
	kill(s->pid, SIGCONT);
	assert_text("This machine");
}

static void test_c_locale_and_vt100(void **state)
{
	static const char *const env[] = { "TERM=vt100", "LC_ALL=C", "LANG=C", NULL };

	(void)state;
	start_with(24, 80, NULL, env);
	assert_text("= 3 Jobs in high: 15 ====");
	screen_type(s, "G");
	assert_text("mail ??"); /* what C has no letters for */
	assert_int_equal(screen_colored(s), 0);
	screen_type(s, "gK");
	assert_text("+- Stop this job? -");
	assert_clean();
}

static void test_ascii_option(void **state)
{
	(void)state;
	start_with(24, 80, "--ascii", NULL);
	assert_text("= 3 Jobs in high: 15 ====");
	assert_text("- 2 Job queues (4) ----");
}

/* ---- Which terminals ---- */

static void test_unknown_terminal(void **state)
{
	static const char *const env[] = { "TERM=xterm-ghostty-nonsense", NULL };

	(void)state;
	start_with(24, 80, NULL, env);
	assert_text("TERM=xterm-ghostty-nonsense is not known here; using xterm-256color");
	screen_type(s, "j");
	assert_true(screen_wait_no_text(s, "is not known here")); /* said once */
	assert_text("align-16");
	screen_type(s, "q");
	assert_exit(0);
}

static void test_common_terminals(void **state)
{
	static const char *const names[] = { "TERM=xterm", "TERM=screen-256color",
					     "TERM=tmux-256color", "TERM=linux", "TERM=vt220" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *const env[] = { names[i], NULL };

		start_with(24, 80, NULL, env);
		assert_text("align-16");
		screen_type(s, "q");
		assert_exit(0);
		assert_restored();
		teardown(NULL);
	}
}

static void test_dumb_terminal(void **state)
{
	static const char *const env[] = { "TERM=dumb", NULL };

	(void)state;
	start_with(24, 80, NULL, env);
	assert_text("subcommands");
	assert_exit(3);
}

static void test_no_terminal(void **state)
{
	int status = 0;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		execl(program, program, (char *)NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 2);
}

/* ---- Ways out ---- */

static void test_leaving(void **state)
{
	(void)state;
	start(24, 80);
	assert_text("align-16");
	screen_type(s, "q");
	assert_exit(0);
	assert_restored();
	assert_text("jobdeck: 12 jobs go on");
	assert_clean();
}

static void test_terminated(void **state)
{
	(void)state;
	start(24, 80);
	assert_text("align-16");
	kill(s->pid, SIGTERM);
	assert_exit(143);
	assert_restored();
}

static void test_hang_up(void **state)
{
	(void)state;
	start(24, 80);
	assert_text("align-16");
	screen_hang_up(s);
	assert_exit(129);
}

static void test_interrupt(void **state)
{
	(void)state;
	start(24, 80);
	assert_text("align-16");
	screen_type(s, "/x");
	assert_text("/x");
	screen_type(s, "\003"); /* drops the prompt */
	assert_true(screen_wait_no_text(s, "/x"));
	screen_type(s, "\003");
	assert_text("Ctrl-C once more leaves");
	screen_type(s, "\003");
	assert_exit(130);
	assert_restored();
}

/* A crash must leave the terminal usable. */
static void test_crash_restores(void **state)
{
	(void)state;
	start(24, 80);
	assert_text("align-16");
	kill(s->pid, SIGABRT);
	assert_exit(-SIGABRT);
	assert_restored();
}

/* ---- Keys ---- */

static void test_escape_and_arrows(void **state)
{
	(void)state;
	start(24, 80);
	assert_text("> 019a2b30-0001");
	screen_type(s, "\033OB");
	assert_text("> 019a2b30-0002");
	screen_type(s, "\033[B"); /* as terminals send it outside application mode */
	screen_settle(s, 150);
	screen_type(s, "?");
	assert_text("help: Jobs");
	screen_type(s, "\033");
	assert_text("3 Jobs in high");
	screen_type(s, "\033[24~"); /* F12 means nothing */
	screen_type(s, "\014");	    /* Ctrl-L */
	assert_text("3 Jobs in high");
}

static void test_paste(void **state)
{
	(void)state;
	start(24, 80);
	assert_text("align-16");
	screen_type(s, "/\033[200~ali\ngn\033[201~");
	assert_text("/ali gn");
	screen_type(s, "\033");
	assert_true(screen_wait_no_text(s, "/ali gn"));
	screen_type(s, "\033[200~Kyq\033[201~j");
	assert_text("> 019a2b30-0002");
}

/* ---- Data that does not come ---- */

static void test_frozen_server(void **state)
{
	(void)state;
	start(24, 80);
	assert_text("live");
	kill(s->pid, SIGUSR1);
	assert_text("18s old");
	assert_text("align-16"); /* what was stays */
	screen_type(s, "j");	 /* and keys answer at once */
	assert_text("> 019a2b30-0002");
	kill(s->pid, SIGUSR2);
	assert_text("live");
}

/* A terminal that takes nothing must not hold up the program, not even its end. */
static void test_blocked_terminal(void **state)
{
	int64_t end = time_mono() + 10000;
	pid_t pid;

	(void)state;
	start(24, 80);
	assert_text("align-16");
	pid = s->pid;
	for (int i = 0; i < 120; i++) { /* far more than there is room for, and nobody reads */
		assert_int_equal(write(s->fd, i % 2 ? "q" : "?", 1), 1);
		poll(NULL, 0, 4); /* a frame for each key */
	}
	kill(pid, SIGTERM);
	while (waitpid(pid, &s->status, WNOHANG) != pid && time_mono() < end)
		poll(NULL, 0, 10);
	s->reaped = true;
	assert_true(time_mono() < end);
	assert_true(WIFEXITED(s->status));
	assert_int_equal(WEXITSTATUS(s->status), 143);
}

/* The translation is made here, from its source: nothing has to be installed. */
static bool make_translation(char dir[64])
{
	const char *source = getenv("srcdir") ? getenv("srcdir") : ".";
	char command[1024];

	snprintf(dir, 64, "/tmp/german-XXXXXX");
	if (!mkdtemp(dir))
		return false;
	snprintf(command, sizeof command,
		 "mkdir -p %s/de/LC_MESSAGES && msgfmt -o %s/de/LC_MESSAGES/jobdeck.mo %s/po/de.po "
		 "2>/dev/null",
		 dir, dir, source);
	return system(command) == 0;
}

static void remove_translation(const char *dir)
{
	char command[128];

	snprintf(command, sizeof command, "rm -r %s", dir);
	assert_int_equal(system(command), 0);
}

static void test_german(void **state)
{
	char dir[64], place[128];
	const char *const env[] = { "LANGUAGE=de", place, NULL };
	bool made = make_translation(dir);

	(void)state;
	if (!made) {
		remove_translation(dir);
		skip();
	}
	snprintf(place, sizeof place, "JOBDECK_LOCALEDIR=%s", dir);
	start_with(24, 80, NULL, env);
	assert_text("2 Job-Queues (4)");
	assert_text("? Hilfe");
	screen_type(s, "K");
	assert_text("Diesen Job abbrechen?");
	screen_type(s, "n");
	assert_text("nichts wurde abgebrochen");
	remove_translation(dir);
}

int main(void)
{
#define T(name) cmocka_unit_test_teardown(name, teardown)
	const struct CMUnitTest tests[] = {
		T(test_budget_first_screen),
		T(test_budget_first_screen_wide),
		T(test_budget_cursor_move),
		T(test_budget_idle),
		T(test_cursor_is_on_the_selected_row),
		T(test_colors),
		T(test_sizes_keep_the_selection),
		T(test_prompt_survives_resize),
		T(test_resize_while_stopped),
		T(test_c_locale_and_vt100),
		T(test_ascii_option),
		T(test_unknown_terminal),
		T(test_common_terminals),
		T(test_dumb_terminal),
		T(test_no_terminal),
		T(test_leaving),
		T(test_terminated),
		T(test_hang_up),
		T(test_interrupt),
		T(test_crash_restores),
		T(test_escape_and_arrows),
		T(test_paste),
		T(test_frozen_server),
		T(test_blocked_terminal),
		T(test_german),
	};
	const char *built = getenv("builddir");

	setlocale(LC_ALL, "");
	snprintf(program, sizeof program, "%s/tests/screen/canned_console", built ? built : ".");
	return cmocka_run_group_tests_name("screen", tests, NULL, NULL);
}
