/* Whole screens, without a terminal: a made-up cluster in, cells out, compared with the
 * files in tests/screen/golden. JOBDECK_UPDATE_SCREENS=1 writes them anew: look at the
 * difference before believing it. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "canned.h"
#include "job_page.h"
#include "jobdeck/base/buf.h"
#include "jobdeck/base/fs.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "key.h"
#include "ui.h"
#include "view_main.h"

static char *screen_text(const struct grid *g)
{
	struct buf b;

	buf_init(&b, 1024 * 1024);
	for (int row = 0; row < g->rows; row++) {
		cleanup_free char *line = grid_row(g, row);

		buf_addf(&b, "%s\n", line);
	}
	return buf_steal(&b);
}

static void print_commented(const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		print_message("# %.*s\n", (int)n, text);
		text += n + (text[n] == '\n');
	}
}

static void check_screen(const struct grid *g, const char *name)
{
	const char *srcdir = getenv("srcdir") ? getenv("srcdir") : "../..";
	cleanup_free char *path = xasprintf("%s/tests/screen/golden/%s-%dx%d%s.txt", srcdir, name,
					    g->cols, g->rows, g->ascii ? "-ascii" : "");
	cleanup_free char *text = screen_text(g), *golden = NULL;

	if (getenv("JOBDECK_UPDATE_SCREENS")) {
		FILE *f = fopen(path, "w");

		assert_non_null(f);
		fputs(text, f);
		fclose(f);
		return;
	}
	golden = fs_read(path, 1024 * 1024, NULL, NULL);
	if (!golden || strcmp(golden, text)) {
		print_message("# %s; is:\n", path);
		print_commented(text);
	}
	assert_non_null(golden);
	assert_string_equal(text, golden);
}

/* ---- The main view ---- */

static struct snap snap;
static struct main_view view;
static struct scene scene;

static void load(struct snap *s, const char *queue)
{
	cleanup_json cJSON *overview = canned_overview(), *list = canned_jobs();
	struct snap_jobs jobs = { 0 };

	snap_init(s);
	snap_overview(s, overview);
	snap_jobs_add(&jobs, list);
	snap_take_jobs(s, queue, &jobs);
}

static int setup(void **state)
{
	(void)state;
	load(&snap, "high");
	main_init(&view);
	scene = (struct scene){ .now = CANNED_NOW,
				.place = "local:~/batch",
				.freshness = FRESH_LIVE,
				.fresh = "live" };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	main_fini(&view);
	snap_fini(&snap);
	return 0;
}

static struct grid *draw(int rows, int cols, bool ascii)
{
	struct grid *g = grid_new(rows, cols, ascii);

	main_settle(&view, &snap, rows, cols);
	main_draw(&view, &snap, &scene, g);
	return g;
}

static void check_main(const char *name, int rows, int cols, bool ascii)
{
	struct grid *g = draw(rows, cols, ascii);

	check_screen(g, name);
	grid_free(g);
}

static void test_main_sizes(void **state)
{
	(void)state;
	main_select(&view, PANE_JOBS, "019a2b30-0004-7000-8000-000000000004");
	snap_take_detail(&snap, canned_detail("019a2b30-0004-7000-8000-000000000004"));
	check_main("main", 24, 80, false);
	check_main("main", 40, 120, false);
	check_main("main", 12, 40, false);
	check_main("main", 24, 80, true);
	check_main("main", 5, 20, false);
	check_main("main", 32, 160, false);
	view.focus = PANE_QUEUES;
	check_main("queues", 12, 40, false);
	check_main("queues", 24, 80, false);
	view.focus = PANE_ENVS;
	check_main("envs", 12, 40, false);
}

static void test_main_filter_and_marks(void **state)
{
	(void)state;
	snprintf(view.filter, sizeof view.filter, "align !failed");
	main_mark(&view, "019a2b30-0005-7000-8000-000000000005");
	scene.note = "no answer for 2m, trying again";
	scene.note_bad = true;
	scene.read_only = true;
	check_main("filter", 24, 80, false);
}

static void test_main_empty(void **state)
{
	cleanup_json cJSON *nothing = cJSON_CreateObject();

	(void)state;
	snap_overview(&snap, nothing);
	check_main("empty", 24, 80, false);
}

static void assert_style(const struct grid *g, const char *word, enum style style)
{
	for (int row = 0; row < g->rows; row++) {
		cleanup_free char *text = grid_row(g, row);
		const char *at = strstr(text, word);
		int col = 0;

		if (!at)
			continue;
		for (const char *p = text; p < at; p++)
			col += ((unsigned char)*p & 0xc0) != 0x80;
		if (g->cell[row * g->cols + col].style == (int)style)
			return;
	}
	fail_msg("no %s in style %d", word, style);
}

/* State is a word first; its look comes on top. */
static void test_main_styles(void **state)
{
	struct grid *g;
	int row;

	(void)state;
	view.focus = PANE_QUEUES;
	g = draw(40, 120, false);
	assert_style(g, "RUNNING", STYLE_RUN);
	assert_style(g, "STARTING", STYLE_START);
	assert_style(g, "RUNNABLE", STYLE_WAIT);
	assert_style(g, "RUNNABLE", STYLE_RETRY);
	assert_style(g, "FAILED", STYLE_FAIL);
	assert_style(g, "SUCCEEDED", STYLE_PLAIN);
	assert_style(g, "2 Job queues (4)", STYLE_TITLE);
	row = g->cursor_row; /* the hardware cursor stands on the selected row */
	cleanup_free char *text = grid_row(g, row);

	assert_memory_equal(text, "> high", 6);
	assert_int_equal(g->cell[row * g->cols + 3].style, STYLE_SELECT);
	assert_int_equal(g->cell[(row + 1) * g->cols + 3].style, STYLE_PLAIN);
	assert_false(g->cursor_visible);
	grid_free(g);
}

static const char *selected(void)
{
	return view.list[PANE_JOBS].sel;
}

/* What is selected is a job, not a row; and the row stays where it is on the screen. */
static void test_selection_stays(void **state)
{
	cleanup_json cJSON *list = canned_jobs();
	struct snap_jobs jobs = { 0 };
	struct grid *g = draw(24, 80, false);
	int row, before;

	(void)state;
	grid_free(g);
	main_move(&view, &snap, 12);
	g = draw(24, 80, false);
	row = g->cursor_row;
	assert_string_equal(selected(), "019a2b30-000d-7000-8000-00000000000d");
	before = view.list[PANE_JOBS].index;
	grid_free(g);
	cJSON_DeleteItemFromArray(list, 0); /* one above goes away */
	snap_jobs_add(&jobs, list);
	snap_take_jobs(&snap, "high", &jobs);
	g = draw(24, 80, false);
	assert_string_equal(selected(), "019a2b30-000d-7000-8000-00000000000d");
	assert_int_equal(view.list[PANE_JOBS].index, before - 1);
	assert_int_equal(g->cursor_row, row);
	grid_free(g);
	for (int i = 0; i < cJSON_GetArraySize(list); i++)
		if (strcmp(json_str(cJSON_GetArrayItem(list, i), "jobId"), selected()) == 0)
			cJSON_DeleteItemFromArray(list, i);
	snap_jobs_add(&jobs, list); /* now the selected one: its neighbour takes over */
	snap_take_jobs(&snap, "high", &jobs);
	g = draw(24, 80, false);
	assert_string_equal(selected(), "019a2b30-000e-7000-8000-00000000000e");
	grid_free(g);
}

static void take_jobs(int without)
{
	cleanup_json cJSON *list = canned_jobs();
	struct snap_jobs jobs = { 0 };

	for (int i = 0; i < without; i++)
		cJSON_DeleteItemFromArray(list, 0);
	snap_jobs_add(&jobs, list);
	snap_take_jobs(&snap, "high", &jobs);
	grid_free(draw(24, 80, false));
}

/* Until one chose something, the cursor rests on the first row: what runs stays in sight. */
static void test_untouched_cursor_rests(void **state)
{
	(void)state;
	take_jobs(1);
	assert_string_equal(selected(), "019a2b30-0002-7000-8000-000000000002");
	take_jobs(0); /* one more, above */
	assert_string_equal(selected(), "019a2b30-0001-7000-8000-000000000001");
	take_jobs(1);
	main_move(&view, &snap, 1);
	main_move(&view, &snap, -1); /* now it was chosen */
	take_jobs(0);
	assert_string_equal(selected(), "019a2b30-0002-7000-8000-000000000002");
	main_first(&view, &snap);
	take_jobs(1);
	take_jobs(0);
	assert_string_equal(selected(), "019a2b30-0001-7000-8000-000000000001");
}

static void test_selection_survives_sizes(void **state)
{
	static const int sizes[][2] = { { 24, 80 }, { 40, 120 }, { 12, 40 },
					{ 3, 10 },  { 1, 1 },	 { 24, 80 } };

	(void)state;
	grid_free(draw(24, 80, false));
	main_move(&view, &snap, 6);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct grid *g = draw(sizes[i][0], sizes[i][1], false);

		assert_string_equal(selected(), "019a2b30-0007-7000-8000-000000000007");
		grid_free(g);
	}
}

/* A name may be anything; nothing of it may reach the terminal as more than text. */
static void test_hostile_names(void **state)
{
	static const char *const names[] = { "\033[2J\033]0;x\007", "a\rb\nc",
					     "\xc2\x9b"
					     "31m",
					     "\xe2\x80\xae"
					     "txt.exe",
					     "\xf0\x9f\x92\xa9" };
	cleanup_json cJSON *list = canned_jobs();
	struct snap_jobs jobs = { 0 };
	struct grid *g;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		json_replace(cJSON_GetArrayItem(list, (int)i), "jobName",
			     cJSON_CreateString(names[i]));
	snap_jobs_add(&jobs, list);
	snap_take_jobs(&snap, "high", &jobs);
	g = draw(24, 80, false);
	for (int i = 0; i < g->rows * g->cols; i++)
		for (int k = 0; k < 3; k++) {
			uint32_t c = g->cell[i].ch[k];

			assert_false((c && c < 0x20) || (c >= 0x7f && c <= 0x9f) || c == 0x202e);
		}
	grid_free(g);
}

/* ---- The other views, through the whole console ---- */

static struct client *client;

static struct ui *start(int rows, int cols, bool ascii, const char *keys)
{
	static struct home home;
	static char place[] = "/srv/batch";
	static struct console_options options;
	struct ui *ui;

	home.dir = home.db = home.logs = home.state = place;
	client = fake_client(canned_answer, NULL);
	options = (struct console_options){ .home = &home, .client = client };
	ui = ui_new(&options, rows, cols, ascii);
	for (int i = 0; i < 12; i++) {
		ui_turn(ui, 1000 + i * 600, CANNED_NOW);
		fake_deliver(client);
	}
	for (const char *p = keys; *p; p++) {
		ui_key(ui, *p == '\n' ? K_ENTER : *p == '\t' ? K_TAB : *p);
		for (int i = 0; i < 6; i++) {
			ui_turn(ui, 10000 + (p - keys) * 6000 + i * 600, CANNED_NOW);
			fake_deliver(client);
		}
	}
	return ui;
}

static void check_ui(const char *name, int rows, int cols, bool ascii, const char *keys)
{
	struct ui *ui = start(rows, cols, ascii, keys);

	check_screen(ui_draw(ui), name);
	ui_free(ui);
	fake_free(client);
}

static void test_job_screens(void **state)
{
	(void)state;
	check_ui("job-running", 24, 80, false, "\n");
	check_ui("job-running", 40, 120, false, "\n");
	check_ui("job-running", 12, 40, false, "\n");
	check_ui("job-retry", 24, 80, true, "jjj\n");
	check_ui("job-waiting", 24, 80, false, "jjjj\n");
	check_ui("job-failed", 24, 80, false, "Gkkkk\n");
	check_ui("job-failed", 40, 120, false, "Gkkkk\n");
}

static void test_log_screens(void **state)
{
	(void)state;
	check_ui("log", 24, 80, false, "l");
	check_ui("log", 40, 120, false, "l");
	check_ui("log", 12, 40, false, "l");
	check_ui("log-controls", 24, 80, false, "lct");
	check_ui("log-not-started", 24, 80, false, "jjjl");
}

static void test_other_screens(void **state)
{
	(void)state;
	check_ui("help", 24, 80, false, "?");
	check_ui("help", 40, 120, false, "?");
	check_ui("help-log", 24, 80, true, "l?");
	check_ui("stop", 24, 80, false, "jK");
	check_ui("stop", 12, 40, false, "jK");
	check_ui("stop-many", 24, 80, false, "     K");
	check_ui("toggle", 24, 80, false, "2T");
	check_ui("submit", 24, 80, false, "N");
	check_ui("submit", 40, 120, false, "N");
	check_ui("submit", 12, 40, false, "N");
	check_ui("json", 24, 80, false, "J");
	check_ui("command", 24, 80, false, ":que");
}

static void test_wizard_screens(void **state)
{
	(void)state;
	check_ui("wizard-2", 24, 80, false, "1N");
	check_ui("wizard-2", 40, 120, false, "1N");
	check_ui("wizard-2", 12, 40, false, "1N");
	check_ui("wizard-2-wrong", 24, 80, false, "1Nx!\t9999");
	check_ui("wizard-3", 24, 80, false, "2N");
	check_ui("wizard-4", 24, 80, false, "2N\n");
	check_ui("wizard-4", 24, 80, true, "2N\n\n");
	check_ui("wizard-4", 12, 40, false, "2N\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_main_sizes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_main_filter_and_marks, setup, teardown),
		cmocka_unit_test_setup_teardown(test_main_empty, setup, teardown),
		cmocka_unit_test_setup_teardown(test_main_styles, setup, teardown),
		cmocka_unit_test_setup_teardown(test_selection_stays, setup, teardown),
		cmocka_unit_test_setup_teardown(test_untouched_cursor_rests, setup, teardown),
		cmocka_unit_test_setup_teardown(test_selection_survives_sizes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hostile_names, setup, teardown),
		cmocka_unit_test(test_job_screens),
		cmocka_unit_test(test_log_screens),
		cmocka_unit_test(test_other_screens),
		cmocka_unit_test(test_wizard_screens),
	};

	setlocale(LC_ALL, "");
	setenv("TZ", "UTC", 1);
	setenv("USER", "ana", 1);
	unsetenv("SSH_CONNECTION");
	unsetenv("HOME");
	tzset();
	if (chdir("/tmp") < 0) /* a submission carries the directory it was made in */
		return 1;
	return cmocka_run_group_tests_name("tui_view", tests, NULL, NULL);
}
