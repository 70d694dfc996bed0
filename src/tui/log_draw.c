/* How a log looks: which rows of which lines are in the window, wrapped or not. */
#include "config.h"
#include "log_view.h"
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "job_page.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"

static int prefix_width(const struct log_view *v)
{
	if (v->no_times)
		return 2;
	return v->cols >= 100 ? 14 : v->cols >= 60 ? 10 : 6;
}

static int text_room(const struct log_view *v)
{
	int room = v->cols - prefix_width(v);

	return room > 1 ? room : 1;
}

static int rows_of(const struct log_view *v, const struct logline *l)
{
	cleanup_free char *text = v->wrap ? logline_text(l, v->raw) : NULL;
	int cells = text ? text_width(text) : 0;

	return cells > text_room(v) ? (cells + text_room(v) - 1) / text_room(v) : 1;
}

bool log_move_rows(struct log_view *v, int by)
{
	const struct logbuf *b = tail_lines(v->tail);

	for (; by < 0; by++) {
		if (v->sub > 0) {
			v->sub--;
		} else if (v->top > b->base) {
			v->top--;
			v->sub = rows_of(v, logbuf_line(b, v->top)) - 1;
		} else {
			return false;
		}
	}
	for (; by > 0 && b->count; by--) {
		const struct logline *l = logbuf_line(b, v->top);

		if (l && v->sub + 1 < rows_of(v, l)) {
			v->sub++;
		} else if (v->top + 1 < b->base + b->count) {
			v->top++;
			v->sub = 0;
		} else {
			break;
		}
	}
	return true;
}

/* Puts the last line at the bottom; `spare` rows below it stay free. */
static void show_end(struct log_view *v, int spare)
{
	const struct logbuf *b = tail_lines(v->tail);
	int rows;

	if (!b->count)
		return;
	v->top = b->base + b->count - 1;
	v->sub = 0;
	rows = rows_of(v, logbuf_line(b, v->top));
	log_move_rows(v, rows - (v->rows - spare));
}

static void clamp_top(struct log_view *v, int spare)
{
	const struct logbuf *b = tail_lines(v->tail);
	int64_t top = v->top;
	int sub = v->sub;

	if (v->top < b->base) {
		v->top = b->base;
		v->sub = 0;
	}
	if (v->follow) {
		show_end(v, spare);
		return;
	}
	show_end(v, spare); /* not below the place that shows the end */
	if (top < v->top || (top == v->top && sub < v->sub)) {
		v->top = top < b->base ? b->base : top;
		v->sub = top < b->base ? 0 : sub;
	}
}

/* ---- Drawing ---- */

static void time_text(const struct log_view *v, jd_time at, char *buf, size_t size)
{
	time_t t = at / 1000;
	struct tm tm;
	size_t n;

	buf[0] = '\0';
	if (!localtime_r(&t, &tm))
		return;
	n = strftime(buf, size, v->cols >= 60 ? "%H:%M:%S" : "%M:%S", &tm);
	if (v->cols >= 100)
		snprintf(buf + n, size - n, ".%03d", (int)(at % 1000));
}

static void show_matches(const struct log_view *v, struct grid *g, int row, int col,
			 const char *text)
{
	const char *hit = text;

	while (*v->search && (hit = strcasestr(hit, v->search))) {
		cleanup_free char *before = xstrndup(text, (size_t)(hit - text));

		grid_style(g, row, col + text_width(before), text_width(v->search), STYLE_MATCH);
		hit += strlen(v->search);
	}
}

/* stderr has a sign of its own: '!' where stdout has a line. */
static void draw_prefix(const struct log_view *v, struct grid *g, int row, const struct logline *l)
{
	int at = prefix_width(v) - (v->no_times || v->cols >= 60 ? 2 : 1);
	char clock[32];

	if (!v->no_times) {
		time_text(v, l->at, clock, sizeof clock);
		grid_text(g, row, 0, at, STYLE_PLAIN, clock);
	}
	if (l->is_err)
		grid_text(g, row, at, 1, STYLE_WAIT, "!");
	else
		grid_glyph(g, row, at, STYLE_FRAME, GLYPH_VERTICAL);
}

static const char *skip_cells(const char *text, int cells)
{
	while (cells > 0 && *text)
		cells -= text_cells(text_next(&text));
	return text;
}

/* Draws the rows of a line from `sub` on; returns the next free row. */
static int draw_line(const struct log_view *v, struct grid *g, int row, int end,
		     const struct logline *l, int sub)
{
	cleanup_free char *text = logline_text(l, v->raw);
	int room = text_room(v), rows = rows_of(v, l);

	for (int i = sub; i < rows && row < end; i++, row++) {
		const char *part = skip_cells(text, v->wrap ? i * room : v->left);
		char shown[4096];

		if (v->wrap && i + 1 < rows) { /* cut without a '+': it goes on below */
			const char *next = skip_cells(part, room);

			snprintf(shown, sizeof shown, "%.*s", (int)(next - part), part);
		} else {
			snprintf(shown, sizeof shown, "%s", part);
		}
		if (i == 0)
			draw_prefix(v, g, row, l);
		grid_text(g, row, prefix_width(v), room, STYLE_PLAIN, shown);
		show_matches(v, g, row, prefix_width(v), shown);
	}
	return row;
}

/* What jobdeck itself has to say below the last line of a job that ended. */
static bool end_text(const struct log_view *v, const cJSON *detail, char *buf, size_t size)
{
	const cJSON *a;
	int64_t started, stopped;
	char took[32];

	if (!detail || log_live(v, detail))
		return false;
	a = cJSON_GetArrayItem(json_get(detail, "attempts"), v->shown_attempt - 1);
	if (!a)
		a = detail;
	cleanup_free char *result = snap_result(a);

	started = json_int(a, "startedAt", 0);
	stopped = json_int(a, "stoppedAt", 0);
	if (started && stopped)
		snprintf(buf, size, _("%s, after %s"), *result ? result : _("ended"),
			 time_span(stopped - started, took, sizeof took));
	else
		snprintf(buf, size, "%s", *result ? result : _("ended"));
	return true;
}

static void draw_body(struct log_view *v, struct grid *g, const cJSON *detail)
{
	const struct logbuf *b = tail_lines(v->tail);
	int row = 1, end = 1 + v->rows, sub;
	char last[512];
	bool ended = end_text(v, detail, last, sizeof last);
	const struct logline *l;

	clamp_top(v, ended ? 1 : 0);
	sub = v->sub;
	for (int64_t n = v->top; row < end && (l = logbuf_line(b, n)); n++, sub = 0)
		row = draw_line(v, g, row, end, l, sub);
	if (ended && row < end && tail_loaded(v->tail)) {
		grid_hline(g, row, 0, 2, STYLE_FRAME, GLYPH_LINE);
		grid_text(g, row, 3, g->cols - 3, STYLE_TITLE, last);
		row++;
	}
	grid_cursor(g, row > 1 ? row - 1 : 1, 0, false);
	if (!tail_loaded(v->tail))
		grid_text(g, 1, 1, g->cols - 1, STYLE_PLAIN,
			  tail_error(v->tail) ? tail_error(v->tail) : _("asking ..."));
}

static void draw_waiting(const struct log_view *v, struct grid *g, const cJSON *detail)
{
	const char *why =
		json_str_or(detail, "jobdeckWhy", json_str_or(detail, "statusReason", ""));
	cleanup_free char *safe = text_safe_dup(why, strlen(why));

	if (!detail) {
		grid_text(g, 1, 1, g->cols - 1, STYLE_PLAIN, _("asking ..."));
		return;
	}
	grid_printf(g, 1, 1, g->cols - 1, STYLE_PLAIN, _("no log: try %d has not started"),
		    log_attempt(v, detail));
	grid_text(g, 2, 1, g->cols - 1, STYLE_PLAIN, safe);
}

static void draw_bar(const struct log_view *v, struct grid *g, const struct scene *scene,
		     const cJSON *detail)
{
	const char *name = json_str_or(detail, "jobName", "");
	cleanup_free char *safe = text_safe_dup(name, strlen(name));
	char left[400], right[64];
	bool narrow = g->cols < 60;

	if (narrow)
		snprintf(left, sizeof left, "%s %d/%d", safe, log_attempt(v, detail),
			 job_page_attempts(detail));
	else
		snprintf(left, sizeof left, _("jobdeck > %s > log  try %d of %d  %s"), safe,
			 log_attempt(v, detail), job_page_attempts(detail),
			 job_status_name(job_page_status(detail)));
	snprintf(right, sizeof right, "%s%s", v->follow && log_live(v, detail) ? _("FOLLOW") : "",
		 v->wrap && !narrow ? _("  wrap") : "");
	scene_bar(g, scene, detail ? left : "jobdeck", right);
}

static int folded(const struct logbuf *b)
{
	int n = 0;

	for (int i = 0; i < b->count; i++)
		if (memchr(b->line[i].text, '\r', b->line[i].len))
			n += logline_folded(&b->line[i]);
	return n;
}

static void draw_note(const struct log_view *v, struct grid *g, const struct scene *scene,
		      const cJSON *detail)
{
	const struct logbuf *b = tail_lines(v->tail);
	char note[256];
	int n, states = v->raw ? 0 : folded(b);

	if (tail_at_head(v->tail))
		n = snprintf(note, sizeof note, ngettext("%d line", "%d lines", (unsigned)b->count),
			     b->count);
	else
		n = snprintf(note, sizeof note, _("%d lines here, more before (g: the first)"),
			     b->count);
	if (v->follow)
		n += snprintf(note + n, sizeof note - (size_t)n, "%s",
			      log_live(v, detail) ? _(", following") : _(", end of log"));
	else
		n += snprintf(note + n, sizeof note - (size_t)n, _(", at %d"),
			      (int)(v->top - b->base) + 1);
	if (states)
		snprintf(note + n, sizeof note - (size_t)n,
			 _(", %d progress states folded (c: show)"), states);
	scene_note(g, scene, tail_error(v->tail) ? tail_error(v->tail) : note);
}

void log_draw(struct layer *l, struct ui *ui, const struct scene *scene, struct grid *g)
{
	struct log_view *v = (struct log_view *)l;
	const cJSON *detail = log_detail(v, data_snap(ui->data));

	grid_clear(g);
	v->rows = g->rows - 3;
	v->cols = g->cols;
	draw_bar(v, g, scene, detail);
	if (v->tail) {
		draw_body(v, g, detail);
		draw_note(v, g, scene, detail);
	} else {
		draw_waiting(v, g, detail);
		scene_note(g, scene, NULL);
		grid_cursor(g, 1, 0, false);
	}
	scene_hints(g, W_LOG);
}
