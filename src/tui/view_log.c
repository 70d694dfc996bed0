/* A log's keys, and which stream it reads. */
#include "config.h"
#include "log_view.h"
#include <stdio.h>
#include <string.h>
#include "job_page.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"
#include "jobdeck/model/logs.h"

enum { NEAR_END = 300 };

static void log_free(struct layer *l)
{
	struct log_view *v = (struct log_view *)l;

	tail_free(v->tail);
	free(v);
}

const cJSON *log_detail(const struct log_view *v, const struct snap *s)
{
	return s->detail && strcmp(s->detail_id, v->id) == 0 ? s->detail : NULL;
}

int log_attempt(const struct log_view *v, const cJSON *detail)
{
	return v->attempt ? v->attempt : job_page_attempt(detail);
}

bool log_live(const struct log_view *v, const cJSON *detail)
{
	return detail && !job_status_is_final(job_page_status(detail)) &&
	       log_attempt(v, detail) == job_page_attempt(detail);
}

static struct tail_reader reader(const struct log_view *v, const cJSON *detail)
{
	const struct logbuf *b = tail_lines(v->tail);

	return (struct tail_reader){ .follow = v->follow,
				     .near_end = v->top + NEAR_END > b->base + b->count,
				     .live = log_live(v, detail) };
}

/* Another attempt is another stream. */
static void choose_stream(struct log_view *v, struct ui *ui, const cJSON *detail)
{
	int attempt = log_attempt(v, detail);
	const char *stream = job_page_stream(detail, attempt);

	if (v->tail && v->shown_attempt == attempt)
		return;
	if (!stream)
		return;
	if (v->tail && !v->attempt)
		ui_say(ui, _("try %d has begun"), attempt);
	tail_free(v->tail);
	v->tail = tail_new(ui->client, log_group_of(detail), stream);
	v->shown_attempt = attempt;
	v->follow = true;
	v->top = v->match = 0;
	v->sub = v->left = 0;
}

static void log_turn(struct layer *l, struct ui *ui, bool top)
{
	struct log_view *v = (struct log_view *)l;
	const cJSON *detail = log_detail(v, data_snap(ui->data));

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
	return tail_due(v->tail, ui->mono, reader(v, log_detail(v, data_snap(ui->data))));
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
	if (!log_move_rows(v, -rows))
		tail_before(v->tail);
}

static bool log_move(struct log_view *v, struct ui *ui, enum action a)
{
	int page = v->rows > 1 ? v->rows - 1 : 1;

	switch (a) {
	case ACTION_DOWN:
		log_move_rows(v, 1);
		return true;
	case ACTION_UP:
		log_up(v, ui, 1);
		return true;
	case ACTION_PAGE_DOWN:
		log_move_rows(v, page);
		return true;
	case ACTION_PAGE_UP:
		log_up(v, ui, page);
		return true;
	case ACTION_HALF_DOWN:
		log_move_rows(v, (page + 1) / 2);
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
		log_move_rows(v, -v->rows / 2);
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
	const cJSON *detail = log_detail(v, data_snap(ui->data));
	int to = log_attempt(v, detail) + by, last = job_page_attempt(detail);

	if (!detail)
		return;
	if (to < 1 || to > last)
		ui_say(ui, by < 0 ? _("this is the first try") : _("this is the last try"));
	else
		v->attempt = to == last ? 0 : to;
	if (v->attempt && !job_page_stream(detail, v->attempt))
		ui_say(ui, _("try %d has no log: it never started"), v->attempt);
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
		stop_job(ui, log_detail(v, data_snap(ui->data)));
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
