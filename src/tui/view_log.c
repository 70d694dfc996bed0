/* The log of a job: follow, go back, search. Lines are fetched by tail.c; here is what part
 * of them is shown. A place in the log is a line's number and a row inside that line, so it
 * stays true when lines come, go, or are folded. */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "job_page.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"
#include "layers.h"
#include "tail.h"

enum { NEAR_END = 300 };

struct log_view {
	struct layer layer;
	char id[SNAP_ID];
	int attempt; /* 0: always the last one */
	int shown_attempt;
	struct tail *tail;
	int64_t top;
	int sub; /* rows of line `top` above the window, when wrapped */
	int left, rows, cols;
	bool follow, no_times, wrap, raw;
	char search[128];
	int64_t match; /* number of the line found last */
};

static void log_free(struct layer *l)
{
	struct log_view *v = (struct log_view *)l;

	tail_free(v->tail);
	free(v);
}

static const cJSON *detail_of(const struct log_view *v, const struct snap *s)
{
	return s->detail && strcmp(s->detail_id, v->id) == 0 ? s->detail : NULL;
}

static int attempt_of(const struct log_view *v, const cJSON *detail)
{
	return v->attempt ? v->attempt : job_page_attempt(detail);
}

static bool is_live(const struct log_view *v, const cJSON *detail)
{
	return detail && !job_status_is_final(job_page_status(detail)) &&
	       attempt_of(v, detail) == job_page_attempt(detail);
}

static struct tail_reader reader(const struct log_view *v, const cJSON *detail)
{
	const struct logbuf *b = tail_lines(v->tail);

	return (struct tail_reader){ .follow = v->follow,
				     .near_end = v->top + NEAR_END > b->base + b->count,
				     .live = is_live(v, detail) };
}

/* Another attempt is another stream. */
static void choose_stream(struct log_view *v, struct ui *ui, const cJSON *detail)
{
	int attempt = attempt_of(v, detail);
	const char *stream = job_page_stream(detail, attempt);

	if (v->tail && v->shown_attempt == attempt)
		return;
	if (!stream)
		return;
	if (v->tail && !v->attempt)
		ui_say(ui, _("try %d has begun"), attempt);
	tail_free(v->tail);
	v->tail = tail_new(ui->client, stream);
	v->shown_attempt = attempt;
	v->follow = true;
	v->top = v->match = 0;
	v->sub = v->left = 0;
}

static void log_turn(struct layer *l, struct ui *ui, bool top)
{
	struct log_view *v = (struct log_view *)l;
	const cJSON *detail = detail_of(v, data_snap(ui->data));

	if (!top)
		return;
	data_job(ui->data, v->id);
	if (detail)
		choose_stream(v, ui, detail);
	if (v->tail)
		tail_turn(v->tail, ui->mono, reader(v, detail));
}

static int log_due(const struct layer *l, const struct ui *ui)
{
	const struct log_view *v = (const struct log_view *)l;

	if (!v->tail)
		return -1;
	return tail_due(v->tail, ui->mono, reader(v, detail_of(v, data_snap(ui->data))));
}

/* ---- Geometry ---- */

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

/* Moves the top by rows; stops at the ends of the window. False when it stopped above. */
static bool move_rows(struct log_view *v, int by)
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
	move_rows(v, rows - (v->rows - spare));
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

	if (!detail || is_live(v, detail))
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
		    attempt_of(v, detail));
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
		snprintf(left, sizeof left, "%s %d/%d", safe, attempt_of(v, detail),
			 job_page_attempts(detail));
	else
		snprintf(left, sizeof left, _("jobdeck > %s > log  try %d of %d  %s"), safe,
			 attempt_of(v, detail), job_page_attempts(detail),
			 job_status_name(job_page_status(detail)));
	snprintf(right, sizeof right, "%s%s", v->follow && is_live(v, detail) ? _("FOLLOW") : "",
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
			      is_live(v, detail) ? _(", following") : _(", end of log"));
	else
		n += snprintf(note + n, sizeof note - (size_t)n, _(", at %d"),
			      (int)(v->top - b->base) + 1);
	if (states)
		snprintf(note + n, sizeof note - (size_t)n,
			 _(", %d progress states folded (c: show)"), states);
	scene_note(g, scene, tail_error(v->tail) ? tail_error(v->tail) : note);
}

static void log_draw(struct layer *l, struct ui *ui, const struct scene *scene, struct grid *g)
{
	struct log_view *v = (struct log_view *)l;
	const cJSON *detail = detail_of(v, data_snap(ui->data));

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

/* ---- Keys ---- */

static unsigned log_where(const struct layer *l)
{
	(void)l;
	return W_LOG;
}

static void log_up(struct log_view *v, struct ui *ui, int rows)
{
	if (v->follow && tail_lines(v->tail)->count > v->rows)
		ui_say(ui, _("no longer following; f or G follows again"));
	v->follow = false;
	if (!move_rows(v, -rows))
		tail_before(v->tail);
}

static bool log_move(struct log_view *v, struct ui *ui, enum action a)
{
	int page = v->rows > 1 ? v->rows - 1 : 1;

	switch (a) {
	case ACTION_DOWN:
		move_rows(v, 1);
		return true;
	case ACTION_UP:
		log_up(v, ui, 1);
		return true;
	case ACTION_PAGE_DOWN:
		move_rows(v, page);
		return true;
	case ACTION_PAGE_UP:
		log_up(v, ui, page);
		return true;
	case ACTION_HALF_DOWN:
		move_rows(v, (page + 1) / 2);
		return true;
	case ACTION_HALF_UP:
		log_up(v, ui, (page + 1) / 2);
		return true;
	case ACTION_FIRST:
		v->follow = false;
		tail_head(v->tail);
		v->top = tail_lines(v->tail)->base;
		v->sub = 0;
		return true;
	case ACTION_LAST:
		v->follow = true;
		tail_end(v->tail);
		return true;
	default:
		return false;
	}
}

static void search_next(struct log_view *v, struct ui *ui, int by)
{
	const struct logbuf *b;
	const struct logline *l;
	int64_t from = v->match ? v->match : v->top - by;

	if (!v->tail)
		return;
	b = tail_lines(v->tail);
	for (int64_t n = from + by; *v->search && (l = logbuf_line(b, n)); n += by) {
		cleanup_free char *text = logline_text(l, v->raw);

		if (!strcasestr(text, v->search))
			continue;
		v->match = v->top = n;
		v->sub = 0;
		v->follow = false;
		move_rows(v, -v->rows / 2);
		return;
	}
	ui_say(ui, _("no more matches of \"%s\""), v->search);
}

static void search_done(void *arg, struct ui *ui, const char *text)
{
	struct log_view *v = arg;
	const struct logbuf *b = v->tail ? tail_lines(v->tail) : NULL;

	snprintf(v->search, sizeof v->search, "%s", text ? text : "");
	if (!b || !*v->search)
		return;
	v->match = v->follow ? b->base + b->count : 0;
	search_next(v, ui, v->follow ? -1 : 1);
}

static void switch_try(struct log_view *v, struct ui *ui, int by)
{
	const cJSON *detail = detail_of(v, data_snap(ui->data));
	int to = attempt_of(v, detail) + by, last = job_page_attempt(detail);

	if (!detail)
		return;
	if (to < 1 || to > last)
		ui_say(ui, by < 0 ? _("this is the first try") : _("this is the last try"));
	else
		v->attempt = to == last ? 0 : to;
	if (v->attempt && !job_page_stream(detail, v->attempt))
		ui_say(ui, _("try %d has no log: it never started"), v->attempt);
}

static void stop_this(struct log_view *v, struct ui *ui)
{
	const cJSON *detail = detail_of(v, data_snap(ui->data));
	const char *name = json_str_or(detail, "jobName", "");
	struct snap_job job = { .status = job_page_status(detail) };
	const struct snap_job *one = &job;

	if (!detail)
		return;
	snprintf(job.id, sizeof job.id, "%s", v->id);
	job.name = text_safe_dup(name, strlen(name));
	stop_jobs(ui, &one, 1);
	free(job.name);
}

static void log_act(struct layer *l, struct ui *ui, enum action a)
{
	struct log_view *v = (struct log_view *)l;

	if (v->tail && log_move(v, ui, a))
		return;
	switch (a) {
	case ACTION_FOLLOW:
		v->follow = !v->follow;
		if (v->follow && v->tail)
			tail_end(v->tail);
		break;
	case ACTION_TIMES:
		v->no_times = !v->no_times;
		break;
	case ACTION_WRAP:
		v->wrap = !v->wrap;
		v->left = v->sub = 0;
		break;
	case ACTION_CONTROLS:
		v->raw = !v->raw;
		break;
	case ACTION_LEFT:
		v->left = v->left > 16 ? v->left - 16 : 0;
		break;
	case ACTION_RIGHT:
		v->left += v->wrap ? 0 : 16;
		break;
	case ACTION_SEARCH:
		ui_push(ui, prompt_layer(&(struct prompt){
				    .label = "/", .done = search_done, .arg = v }));
		break;
	case ACTION_SEARCH_NEXT:
		search_next(v, ui, 1);
		break;
	case ACTION_SEARCH_PREV:
		search_next(v, ui, -1);
		break;
	case ACTION_TRY_BEFORE:
		switch_try(v, ui, -1);
		break;
	case ACTION_TRY_AFTER:
		switch_try(v, ui, 1);
		break;
	case ACTION_STOP:
		stop_this(v, ui);
		break;
	case ACTION_BACK:
		if (*v->search)
			v->search[0] = '\0';
		else
			ui_close(ui, l);
		break;
	case ACTION_CLOSE:
		ui_close(ui, l);
		break;
	default:
		break;
	}
}

static const struct layer_ops log_ops = {
	.free = log_free,
	.turn = log_turn,
	.due = log_due,
	.draw = log_draw,
	.where = log_where,
	.act = log_act,
};

struct layer *log_layer(const char *id, int attempt)
{
	struct log_view *v = xcalloc(1, sizeof *v);

	v->layer.ops = &log_ops;
	v->follow = true;
	v->attempt = attempt;
	snprintf(v->id, sizeof v->id, "%s", id);
	return &v->layer;
}
