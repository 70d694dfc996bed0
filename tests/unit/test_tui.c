/* The console's parts: cells, keys, editing, forms, tables, layouts, actions, filters. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <ctype.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "actions.h"
#include "edit.h"
#include "filter.h"
#include "form.h"
#include "grid.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"
#include "key.h"
#include "layout.h"
#include "logbuf.h"
#include "page.h"
#include "request.h"
#include "shell.h"
#include "snap.h"
#include "table.h"

static void assert_row(const struct grid *g, int row, const char *expected)
{
	cleanup_free char *text = grid_row(g, row);

	assert_string_equal(text, expected);
}

/* ---- Cells ---- */

static void test_grid_cuts_by_cells(void **state)
{
	struct grid *g = grid_new(4, 10, false);

	(void)state;
	assert_int_equal(grid_text(g, 0, 0, 10, STYLE_PLAIN, "0123456789"), 10);
	assert_row(g, 0, "0123456789");
	assert_int_equal(grid_text(g, 1, 0, 5, STYLE_PLAIN, "abcdefgh"), 5);
	assert_row(g, 1, "abcd+");
	/* A wide character that does not fit whole is left out whole. */
	assert_int_equal(grid_text(g, 2, 0, 4, STYLE_PLAIN, "a\xe6\x97\xa5\xe6\x9c\xac"), 4);
	assert_row(g, 2, "a\xe6\x97\xa5+");
	grid_text(g, 3, 0, 10, STYLE_PLAIN, "e\xcc\x81x"); /* e and a combining accent */
	assert_row(g, 3, "e\xcc\x81x");
	assert_int_equal(g->cell[30].cells, 1);
	assert_int_equal(g->cell[31].ch[0], 'x');
	grid_free(g);
}

static void test_grid_half_of_a_wide_one(void **state)
{
	struct grid *g = grid_new(1, 6, false);

	(void)state;
	grid_text(g, 0, 0, 6, STYLE_PLAIN, "\xe6\x97\xa5\xe6\x9c\xac");
	grid_text(g, 0, 1, 1, STYLE_PLAIN, "x");
	assert_row(g, 0, " x\xe6\x9c\xac");
	grid_text(g, 0, 2, 1, STYLE_PLAIN, "y");
	assert_row(g, 0, " xy");
	grid_free(g);
}

static void test_grid_is_the_last_gate(void **state)
{
	struct grid *g = grid_new(2, 20, false), *ascii = grid_new(2, 20, true);

	(void)state;
	grid_text(g, 0, 0, 20, STYLE_PLAIN,
		  "a\033[31mb\007\x7f\xc2\x9b"
		  "c\xff");
	for (int i = 0; i < 20; i++)
		assert_true(g->cell[i].ch[0] >= 0x20 && g->cell[i].ch[0] != 0x7f &&
			    (g->cell[i].ch[0] < 0x80 || g->cell[i].ch[0] > 0x9f));
	grid_text(ascii, 0, 0, 20, STYLE_PLAIN, "na\xc3\xafve");
	assert_row(ascii, 0, "na?ve");
	grid_hline(ascii, 1, 0, 3, STYLE_FRAME, GLYPH_HEAVY);
	assert_row(ascii, 1, "===");
	grid_free(g);
	grid_free(ascii);
}

static void test_grid_survives_any_place(void **state)
{
	struct grid *g = grid_new(3, 5, false);

	(void)state;
	for (int row = -2; row < 6; row++)
		for (int col = -3; col < 9; col++) {
			grid_text(g, row, col, 7, STYLE_PLAIN,
				  "\xe6\x97\xa5"
				  "ab");
			grid_right(g, row, col, 7, STYLE_PLAIN, "ab");
			grid_style(g, row, col, 7, STYLE_BAR);
			grid_box(g, (struct rect){ row, col, 4, 4 });
			grid_bar(g, row, col, 6, 1, 2);
		}
	grid_free(g);
}

static void test_grid_bar_never_lies(void **state)
{
	struct grid *g = grid_new(1, 10, true);

	(void)state;
	grid_bar(g, 0, 0, 10, 0, 100);
	assert_row(g, 0, "..........");
	grid_bar(g, 0, 0, 10, 1, 1000); /* a little is not nothing */
	assert_row(g, 0, "#.........");
	grid_bar(g, 0, 0, 10, 999, 1000); /* nearly all is not all */
	assert_row(g, 0, "#########.");
	grid_bar(g, 0, 0, 10, 100, 100);
	assert_row(g, 0, "##########");
	grid_bar(g, 0, 0, 10, 3, 0);
	assert_row(g, 0, "..........");
	grid_free(g);
}

/* ---- Keys and the table of actions ---- */

static void test_keys(void **state)
{
	static const struct {
		const char *name;
		int key;
		const char *shown;
	} rows[] = { { "j", 'j', "j" },
		     { "Space", ' ', "Space" },
		     { "C-d", 4, "Ctrl-D" },
		     { "PgDn", K_PGDN, "PgDn" },
		     { "F1", K_F1, "F1" },
		     { "F10", K_F1 + 9, "F10" },
		     { "S-Tab", K_BACKTAB, "S-Tab" },
		     { "?", '?', "?" } };
	char text[32];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(key_parse(rows[i].name, strlen(rows[i].name)), rows[i].key);
		assert_string_equal(key_text(rows[i].key, text, sizeof text), rows[i].shown);
	}
	assert_int_equal(key_parse("Nonsense", 8), KEY_NOTHING);
	assert_int_equal(key_parse("F13", 3), KEY_NOTHING);
}

/* Keys that are something else on the wire, or that nobody may take. */
static bool is_reserved(int key)
{
	return key == KEY_CTRL('h') || key == KEY_CTRL('i') || key == KEY_CTRL('j') ||
	       key == KEY_CTRL('m') || key == KEY_CTRL('[') || key == KEY_CTRL('c') ||
	       key == KEY_CTRL('s') || key == KEY_CTRL('q');
}

static void check_action_keys(enum action a)
{
	const struct action_row *row = action_row(a);

	assert_true(row->key[0] != KEY_NOTHING);
	for (int n = 0; n < ACTION_KEYS && row->key[n]; n++) {
		int key = row->key[n];

		assert_false(is_reserved(key));
		if (row->flags & CHANGES)
			assert_true(key < 128 && isupper(key));
		for (unsigned where = 1; where < W_ANY; where <<= 1)
			if (row->where & where)
				assert_int_equal(action_for_key(key, where), a); /* no duplicates */
	}
}

static void test_every_action_is_sound(void **state)
{
	(void)state;
	for (int a = ACTION_NONE + 1; a < ACTION_COUNT; a++) {
		const struct action_row *row = action_row((enum action)a);

		assert_true(*row->name && *row->help);
		assert_true(row->where && !(row->where & ~(unsigned)W_ANY));
		check_action_keys((enum action)a);
	}
}

static void test_actions_by_name(void **state)
{
	(void)state;
	assert_int_equal(action_for_name("stop", W_JOBS), ACTION_STOP);
	assert_int_equal(action_for_name("subm", W_JOBS), ACTION_SUBMIT);
	assert_int_equal(action_for_name("stop", W_ENVS), ACTION_NONE);
	assert_int_equal(action_for_name("p", W_JOBS), ACTION_NONE); /* page-up, page-down ... */
	assert_int_equal(action_for_name("logs", W_JOB), ACTION_LOGS);
	assert_int_equal(action_for_name("logs", W_JOBS), ACTION_LOG_LIST);
}

/* ---- Editing ---- */

static void type(struct edit *e, const char *text)
{
	while (*text)
		assert_true(edit_key(e, (unsigned char)*text++));
}

static void test_edit(void **state)
{
	struct edit e;

	(void)state;
	edit_set(&e, "ab");
	assert_false(e.touched);
	type(&e, "c");
	edit_key(&e, K_LEFT);
	edit_key(&e, K_LEFT);
	edit_key(&e, 0xe9); /* é */
	assert_string_equal(e.text, "a\xc3\xa9"
				    "bc");
	edit_key(&e, K_BACKSPACE);
	assert_string_equal(e.text, "abc");
	edit_key(&e, K_HOME);
	edit_key(&e, K_BACKSPACE);
	edit_key(&e, K_DELETE);
	assert_string_equal(e.text, "bc");
	edit_key(&e, K_END);
	type(&e, " de fg");
	edit_key(&e, KEY_CTRL('w'));
	assert_string_equal(e.text, "bc de ");
	edit_key(&e, KEY_CTRL('u'));
	assert_string_equal(e.text, "");
	assert_false(edit_key(&e, K_ENTER));
	assert_false(edit_key(&e, K_UP));
	edit_key(&e, 0x9b); /* CSI in one character */
	edit_key(&e, 0x202e);
	assert_string_equal(e.text, "");
	for (int i = 0; i < 3 * EDIT_SIZE; i++)
		edit_key(&e, 0x65e5);
	assert_true(strlen(e.text) < EDIT_SIZE);
}

static void test_edit_scrolls(void **state)
{
	struct grid *g = grid_new(1, 12, false);
	struct edit e;

	(void)state;
	edit_set(&e, "0123456789abcdef");
	edit_draw(&e, g, 0, 1, 10, STYLE_PLAIN, true);
	assert_row(g, 0, " 789abcdef");
	assert_int_equal(g->cursor_col, 10);
	assert_true(g->cursor_visible);
	edit_key(&e, K_HOME);
	grid_clear(g);
	edit_draw(&e, g, 0, 1, 10, STYLE_PLAIN, true);
	assert_row(g, 0, " 012345678+");
	assert_int_equal(g->cursor_col, 1);
	grid_free(g);
}

static void test_form(void **state)
{
	struct grid *g = grid_new(6, 60, true);
	struct form f;

	(void)state;
	form_init(&f);
	form_text(&f, "Name", 8, "x");
	form_fixed(&f, "Kind", "EC2");
	form_choice(&f, "Queue", 8);
	form_option(&f, 2, "high");
	form_option(&f, 2, "low");
	form_text(&f, "Count", 4, "12");
	form_key(&f, 'y');
	assert_string_equal(form_value(&f, 0), "xy");
	form_key(&f, K_TAB); /* fixed fields are passed over */
	assert_int_equal(f.focus, 2);
	form_key(&f, ' ');
	assert_string_equal(form_value(&f, 2), "low");
	form_key(&f, 'h');
	assert_string_equal(form_value(&f, 2), "high");
	form_key(&f, K_DOWN);
	assert_int_equal(form_number(&f, 3, 0), 12);
	form_key(&f, 'z');
	assert_int_equal(form_number(&f, 3, 0), -1);
	form_error(&f, 3, "must be %d", 1);
	form_error(&f, 3, "not this one");
	assert_int_equal(form_wrong(&f), 3);
	form_draw(&f, g, 0, 60, 6);
	assert_row(g, 0, "  Name   [ xy       ]");
	assert_row(g, 3, "  Count  [ 12z  ]  ! must be 1");
	form_key(&f, K_TAB);
	assert_int_equal(f.focus, 0);
	form_fini(&f);
	grid_free(g);
}

/* ---- Tables and layouts ---- */

static void test_table_fits(void **state)
{
	static const struct column c[] = { { "A", 4, 20, 1, 0, false },
					   { "B", 4, 4, 0, 1, true },
					   { "C", 4, 40, 3, 2, false } };
	int w[TABLE_MAX];

	(void)state;
	for (int room = 0; room < 100; room++) {
		table_fit(c, 3, room, w);
		int end = table_at(c, w, 0, 2) + w[2];

		if (room >= 4)
			assert_true(w[0] >= 4 && (end <= room || !w[2]));
	}
	table_fit(c, 3, 10, w); /* the one that matters least goes first */
	assert_true(w[0] == 5 && w[1] == 4 && w[2] == 0);
	table_fit(c, 3, 60, w);
	assert_int_equal(table_at(c, w, 0, 2) + w[2], 60);
}

static void test_counts(void **state)
{
	char b[16];

	(void)state;
	assert_string_equal(table_count(9999, b, sizeof b), "9999");
	assert_string_equal(table_count(12345, b, sizeof b), "12k");
	assert_string_equal(table_count(1234567, b, sizeof b), "1.2M");
}

static int area(struct rect r)
{
	return r.rows * r.cols;
}

/* At every size: panes inside the window, none over another, the one with the keys shown. */
static void test_layouts(void **state)
{
	const int count[PANE_COUNT] = { 40, 40, 40 };
	struct layout l;

	(void)state;
	for (int rows = 1; rows < 60; rows++)
		for (int cols = 1; cols < 200; cols += 7)
			for (int focus = 0; focus < PANE_COUNT; focus++) {
				int sum = 0;

				layout_main(&l, rows, cols, (enum pane)focus, rows % 2, count);
				if (l.kind == LAYOUT_TINY)
					continue;
				assert_true(layout_lines(l.pane[focus]) >= 3);
				for (int p = 0; p < PANE_COUNT; p++) {
					sum += area(l.pane[p]);
					assert_true(l.pane[p].row + l.pane[p].rows <= rows - 2);
					assert_true(l.pane[p].col + l.pane[p].cols <= cols);
				}
				sum += area(l.machine) + area(l.preview);
				assert_true(sum <= (rows - 3) * cols);
			}
	layout_main(&l, 24, 80, PANE_JOBS, false, (const int[]){ 3, 4, 35 });
	assert_int_equal(l.kind, LAYOUT_STACK);
	assert_int_equal(l.pane[PANE_ENVS].rows, 5);
	assert_int_equal(l.pane[PANE_QUEUES].rows, 6);
	layout_main(&l, 40, 120, PANE_JOBS, false, count);
	assert_int_equal(l.kind, LAYOUT_WIDE);
	layout_main(&l, 12, 40, PANE_QUEUES, false, count);
	assert_int_equal(l.kind, LAYOUT_TABS);
	layout_main(&l, 9, 40, PANE_QUEUES, false, count);
	assert_int_equal(l.kind, LAYOUT_TINY);
}

/* ---- Filters, commands, requests ---- */

static void test_filter(void **state)
{
	char name[] = "Render-7", why[] = "";
	struct snap_job j = {
		.id = "019a2b30-1234", .name = name, .why = why, .status = JOB_RUNNABLE
	};
	static const struct {
		const char *filter;
		bool match;
	} rows[] = { { "", true },
		     { "render", true },
		     { "NDER-7", true },
		     { "qc", false },
		     { "!qc", true },
		     { "!render", false },
		     { "runnable", true },
		     { "failed", false },
		     { "state:waiting", true },
		     { "render failed", false },
		     { "render !failed", true },
		     { "019a2b30", true },
		     { "live", true },
		     { "state:render", false },
		     { "  ", true } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(filter_match(rows[i].filter, &j), rows[i].match);
}

static void test_shell(void **state)
{
	static const struct {
		const char *line, *json;
	} rows[] = {
		{ "echo hello", "[\"echo\",\"hello\"]" },
		{ "a 'b c' \"d e\" f\\ g", "[\"a\",\"b c\",\"d e\",\"f g\"]" },
		{ "a ''", "[\"a\",\"\"]" },
		{ "echo $HOME", "[\"sh\",\"-c\",\"echo $HOME\"]" },
		{ "echo '$HOME'", "[\"echo\",\"$HOME\"]" },
		{ "a | b", "[\"sh\",\"-c\",\"a | b\"]" },
		{ "echo \"$X\"", "[\"sh\",\"-c\",\"echo \\\"$X\\\"\"]" },
		{ "A=1 b", "[\"A=1\",\"b\"]" },
		{ "x~ y#", "[\"x~\",\"y#\"]" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup_json cJSON *words = shell_split(rows[i].line, NULL);
		cleanup_free char *text = json_print(words);

		assert_string_equal(text, rows[i].json);
	}
	assert_null(shell_split("a 'b", NULL));
	assert_null(shell_split("   ", NULL));
}

static void test_shell_there_and_back(void **state)
{
	static const char *const words[] = {
		"sh", "-c", "it's \"$X\"; a\\b", "", "new\nline", "*"
	};
	cleanup_json cJSON *list = cJSON_CreateStringArray(words, ARRAY_LEN(words));
	cleanup_free char *line = shell_join(list);
	cleanup_json cJSON *again = shell_split(line, NULL);

	(void)state;
	assert_true(cJSON_Compare(list, again, true));
}

static void test_request_names(void **state)
{
	static const struct {
		const char *prefix, *text, *name;
	} rows[] = { { "", "/usr/bin/env", "env" },
		     { "host-", "a b", "host-a-b" },
		     { "", "---", "job" },
		     { "", "\xc3\xa9t\xc3\xa9", "t-" } };
	char name[129];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		request_name(name, sizeof name, rows[i].prefix, rows[i].text);
		assert_string_equal(name, rows[i].name);
		assert_true(text_is_name(name, true));
	}
}

static void test_page_wraps(void **state)
{
	struct page p;

	(void)state;
	page_init(&p, 30, true);
	page_field(&p, "why", STYLE_PLAIN, 2, "one two three four five six seven eight");
	assert_row(p.g, 0, " why        one two three");
	assert_row(p.g, 1, "            four five six sev+");
	assert_int_equal(p.row, 2);
	for (int i = 0; i < 2 * PAGE_ROWS; i++)
		page_field(&p, "x", STYLE_PLAIN, 1, "y");
	page_fini(&p);
}

/* ---- Log lines ---- */

static cJSON *event(const char *message, const char *stream, bool continues)
{
	cJSON *e = cJSON_CreateObject();

	json_add_int(e, "timestamp", 1000);
	json_add_str(e, "message", message);
	json_add_str(e, "jobdeckStream", stream);
	if (continues)
		json_add_bool(e, "jobdeckContinues", true);
	return e;
}

static void feed(struct logbuf *b, cJSON *e)
{
	cleanup_json cJSON *list = cJSON_CreateArray();

	cJSON_AddItemToArray(list, e);
	logbuf_append(b, list);
}

static void assert_line(const struct logbuf *b, int64_t n, bool raw, const char *expected)
{
	const struct logline *l = logbuf_line(b, n);

	assert_non_null(l);
	cleanup_free char *text = logline_text(l, raw);

	assert_string_equal(text, expected);
}

static void test_log_lines_join_and_fold(void **state)
{
	struct logbuf b;

	(void)state;
	logbuf_init(&b);
	feed(&b, event("10%\r20%", "stdout", true));
	feed(&b, event("oops", "stderr", false)); /* the other stream does not end the line */
	feed(&b, event("\r30%\r", "stdout", true));
	feed(&b, event("done", "stdout", false));
	feed(&b, event("next", "stdout", false));
	assert_int_equal(b.count, 3);
	assert_line(&b, 0, false, "done");
	assert_line(&b, 0, true, "10%^M20%^M30%^Mdone");
	assert_int_equal(logline_folded(logbuf_line(&b, 0)), 3);
	assert_line(&b, 1, false, "oops");
	feed(&b, event("50%\r", "stdout", false)); /* written over by nothing: stays to be seen */
	assert_line(&b, 3, false, "50%");
	logbuf_fini(&b);
}

static void test_log_lines_are_harmless(void **state)
{
	struct logbuf b;

	(void)state;
	logbuf_init(&b);
	feed(&b, event("\033[31mred\033[0m \033]0;t\007x\xc2\x9b"
		       "5m",
		       "stdout", false));
	assert_line(&b, 0, false, "red x<9b>5m");
	assert_line(&b, 0, true, "^[[31mred^[[0m ^[]0;t^Gx<9b>5m");
	logbuf_fini(&b);
}

static void test_log_window(void **state)
{
	struct logbuf b;
	cleanup_json cJSON *older = cJSON_CreateArray();
	char text[32];

	(void)state;
	logbuf_init(&b);
	for (int i = 0; i < LOGBUF_MAX + 5000; i++) {
		snprintf(text, sizeof text, "%d", i);
		feed(&b, event(text, "stdout", false));
	}
	assert_true(b.count <= LOGBUF_MAX && b.cut_before);
	snprintf(text, sizeof text, "%d", LOGBUF_MAX + 4999);
	assert_line(&b, LOGBUF_MAX + 4999, false, text); /* numbers stay true */
	assert_null(logbuf_line(&b, 0));
	logbuf_clear(&b);
	feed(&b, event("new", "stdout", false));
	cJSON_AddItemToArray(older, event("old", "stdout", false));
	logbuf_prepend(&b, older);
	assert_line(&b, 0, false, "new");
	assert_line(&b, -1, false, "old");
	logbuf_fini(&b);
}

/* A progress bar that runs for hours must not eat all memory. */
static void test_log_line_is_bounded(void **state)
{
	struct logbuf b;
	char text[1001];

	(void)state;
	memset(text, 'x', 1000);
	text[1000] = '\0';
	text[0] = '\r';
	logbuf_init(&b);
	for (int i = 0; i < 300; i++)
		feed(&b, event(text, "stdout", true));
	assert_int_equal(b.count, 1);
	assert_true(b.line[0].len <= LOGBUF_TEXT_MAX);
	logbuf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grid_cuts_by_cells),
		cmocka_unit_test(test_grid_half_of_a_wide_one),
		cmocka_unit_test(test_grid_is_the_last_gate),
		cmocka_unit_test(test_grid_survives_any_place),
		cmocka_unit_test(test_grid_bar_never_lies),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_every_action_is_sound),
		cmocka_unit_test(test_actions_by_name),
		cmocka_unit_test(test_edit),
		cmocka_unit_test(test_edit_scrolls),
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_table_fits),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_layouts),
		cmocka_unit_test(test_filter),
		cmocka_unit_test(test_shell),
		cmocka_unit_test(test_shell_there_and_back),
		cmocka_unit_test(test_request_names),
		cmocka_unit_test(test_page_wraps),
		cmocka_unit_test(test_log_lines_join_and_fold),
		cmocka_unit_test(test_log_lines_are_harmless),
		cmocka_unit_test(test_log_window),
		cmocka_unit_test(test_log_line_is_bounded),
	};

	setlocale(LC_ALL, "");
	return cmocka_run_group_tests_name("tui", tests, NULL, NULL);
}
