/* The rows around a view. */
#include "config.h"
#include "scene.h"
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "actions.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"
#include "key.h"

/* Hours and minutes only: a clock with seconds would write to the terminal all day. */
static void clock_text(jd_time now, char *buf, size_t size)
{
	time_t t = now / 1000;
	struct tm tm;

	buf[0] = '\0';
	if (localtime_r(&t, &tm))
		strftime(buf, size, "%H:%M", &tm);
}

void scene_bar(struct grid *g, const struct scene *s, const char *left, const char *right)
{
	char clock[16], end[256];
	int room;

	clock_text(s->now, clock, sizeof clock);
	snprintf(end, sizeof end, "%s%s%s%s%s %s ", right, *right ? "  " : "",
		 s->read_only ? _("READ-ONLY  ") : "", s->fresh, g->cols >= 60 ? " " : "", clock);
	if (text_width(end) > g->cols - 12)
		snprintf(end, sizeof end, "%s %s ", s->fresh, clock);
	room = g->cols - text_width(end);
	grid_printf(g, 0, 0, room - 1, STYLE_PLAIN, " %s", left);
	grid_right(g, 0, room, g->cols - room, STYLE_PLAIN, end);
	grid_style(g, 0, 0, g->cols, STYLE_BAR);
}

void scene_title(struct grid *g, int row, int col, int width, bool focus, const char *title)
{
	enum glyph line = focus ? GLYPH_HEAVY : GLYPH_LINE;

	grid_hline(g, row, col, width, STYLE_FRAME, line);
	if (*title && width > 6) {
		char text[300];

		snprintf(text, sizeof text, " %s ", title);
		grid_text(g, row, col + 1, width - 2, focus ? STYLE_TITLE : STYLE_PLAIN, text);
	}
}

void scene_note(struct grid *g, const struct scene *s, const char *otherwise)
{
	int row = g->rows - 2;

	if (s->note)
		grid_text(g, row, 0, g->cols, s->note_bad ? STYLE_FAIL : STYLE_TITLE, s->note);
	else if (otherwise)
		grid_text(g, row, 0, g->cols, STYLE_PLAIN, otherwise);
}

static int hint_width(const char *key, const char *word)
{
	return text_width(key) + 1 + text_width(word);
}

static int hint(struct grid *g, int col, const char *key, const char *word)
{
	int row = g->rows - 1;

	col += grid_text(g, row, col, g->cols - col, STYLE_TITLE, key) + 1;
	return col + grid_text(g, row, col, g->cols - col, STYLE_PLAIN, word);
}

void scene_hints(struct grid *g, unsigned where)
{
	char key[16];
	const char *help = _(action_row(ACTION_HELP)->hint);
	bool has_help = (action_row(ACTION_HELP)->where & where) != 0;
	int limit = g->cols - (has_help ? hint_width("?", help) + 2 : 0), col = 0;

	for (int a = ACTION_NONE + 1; a < ACTION_COUNT; a++) {
		const struct action_row *row = action_row((enum action)a);

		if (!row->hint || !(row->where & where) || a == ACTION_HELP)
			continue;
		key_text(row->key[0], key, sizeof key);
		if (col + hint_width(key, _(row->hint)) > limit)
			continue;
		col = hint(g, col, key, _(row->hint)) + 2;
	}
	if (has_help)
		hint(g, col, "?", help);
}

void scene_keys(struct grid *g, const char *text)
{
	int col = 0, row = g->rows - 1;

	while (*text) {
		size_t key = strcspn(text, " "), pair;
		const char *end = strstr(text, "  ");
		char word[200];

		pair = end ? (size_t)(end - text) : strlen(text);
		if (key > pair)
			key = pair;
		snprintf(word, sizeof word, "%.*s", (int)pair, text);
		if (col + text_width(word) > g->cols)
			return;
		snprintf(word, sizeof word, "%.*s", (int)key, text);
		col += grid_text(g, row, col, g->cols - col, STYLE_TITLE, word);
		snprintf(word, sizeof word, "%.*s", (int)(pair - key), text + key);
		col += grid_text(g, row, col, g->cols - col, STYLE_PLAIN, word) + 2;
		text += pair;
		text += strspn(text, " ");
	}
}

void scene_tiny(struct grid *g, const struct scene *s, const struct snap *snap)
{
	struct snap_totals t = snap_totals(snap);
	char line[4][160];

	snprintf(line[0], sizeof line[0], "jobdeck  %s", s->fresh);
	snprintf(line[1], sizeof line[1], _("run %ld wait %ld"), t.running, t.waiting);
	snprintf(line[2], sizeof line[2], _("failed %ld"), t.failed);
	snprintf(line[3], sizeof line[3], _("%dx%d: need %dx%d"), g->cols, g->rows, SCENE_COLS,
		 SCENE_ROWS);
	for (int i = 0; i < 4 && i < g->rows; i++)
		grid_text(g, i, 0, g->cols, i == 2 && t.failed ? STYLE_FAIL : STYLE_PLAIN, line[i]);
}

void scene_lines(struct grid *g, struct rect r, const char *text)
{
	for (int i = 0; i < r.rows && *text; i++) {
		size_t n = strcspn(text, "\n");
		cleanup_free char *line = text_safe_dup(text, n);

		grid_text(g, r.row + i, r.col, r.cols, STYLE_PLAIN, line);
		text += n + (text[n] == '\n');
	}
}

enum style scene_state_style(enum job_status status, int attempt)
{
	switch (status) {
	case JOB_RUNNABLE:
		return attempt > 0 ? STYLE_RETRY : STYLE_WAIT;
	case JOB_STARTING:
		return STYLE_START;
	case JOB_RUNNING:
		return STYLE_RUN;
	case JOB_FAILED:
		return STYLE_FAIL;
	default:
		return STYLE_PLAIN;
	}
}

char *scene_memory(double mib, char *buf, size_t size)
{
	if (mib < 1024)
		snprintf(buf, size, "%.0f MiB", mib);
	else
		snprintf(buf, size, "%.1f GiB", mib / 1024);
	return buf;
}
