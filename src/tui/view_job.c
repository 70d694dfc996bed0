/* One job, whole. */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "job_page.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"
#include "layers.h"
#include "scroll.h"

struct job_view {
	struct layer layer;
	char id[SNAP_ID];
	int top, rows, total;
};

static void job_free(struct layer *l)
{
	free(l);
}

static void job_turn(struct layer *l, struct ui *ui, bool top)
{
	if (top)
		data_job(ui->data, ((struct job_view *)l)->id);
}

static const cJSON *detail_of(const struct job_view *v, const struct snap *s)
{
	return s->detail && strcmp(s->detail_id, v->id) == 0 ? s->detail : NULL;
}

/* Name, id, state and try on one line. */
static void draw_state(const struct job_view *v, struct grid *g, const char *name,
		       enum job_status status, int attempt, int attempts)
{
	const char *word = job_status_name(status);
	char tries[64];
	int at, room;

	snprintf(tries, sizeof tries, _("  try %d/%d"), attempt, attempts);
	room = text_width(tries) + (int)strlen(word);
	at = grid_text(g, 1, 0, g->cols - room - 2, STYLE_TITLE, g->cols < 60 ? v->id : name) + 2;
	if (g->cols >= 60)
		grid_text(g, 1, at, g->cols - room - 2 - at, STYLE_PLAIN, v->id);
	at = g->cols - room;
	at += grid_text(g, 1, at, g->cols - at, scene_state_style(status, attempt - 1), word);
	grid_text(g, 1, at, g->cols - at, STYLE_PLAIN, tries);
}

/* Until the details are there, the row of the list has the most of it. */
static void draw_head(const struct job_view *v, struct grid *g, const struct scene *scene,
		      const struct snap *s)
{
	const cJSON *detail = detail_of(v, s);
	const struct snap_job *row = snap_find_job(s, v->id);
	const char *name = json_str_or(detail, "jobName", row ? row->name : v->id);
	const char *of = row && s->jobs_of ? s->jobs_of : "";
	const char *queue = detail ? job_page_name(json_str_or(detail, "jobQueue", "")) : of;
	cleanup_free char *safe = text_safe_dup(name, strlen(name));
	char left[400];

	snprintf(left, sizeof left, "jobdeck > %s%s%s", queue, *queue ? " > " : "", safe);
	scene_bar(g, scene, g->cols < 60 ? safe : left, "");
	if (detail)
		draw_state(v, g, safe, job_page_status(detail), job_page_attempt(detail),
			   job_page_attempts(detail));
	else if (row)
		draw_state(v, g, safe, row->status, row->attempt > 0 ? row->attempt : 1,
			   row->attempts);
}

static void job_draw(struct layer *l, struct ui *ui, const struct scene *scene, struct grid *g)
{
	struct job_view *v = (struct job_view *)l;
	const struct snap *s = data_snap(ui->data);
	const cJSON *detail = detail_of(v, s);
	char note[64] = "";
	struct page p;

	grid_clear(g);
	draw_head(v, g, scene, s);
	v->rows = g->rows - 4;
	if (!detail) {
		grid_text(g, 2, 1, g->cols - 1, STYLE_PLAIN, _("asking ..."));
	} else {
		page_init(&p, g->cols, g->ascii);
		job_page(&p, detail, scene->now);
		v->total = p.row;
		scroll_act(&v->top, ACTION_NONE, v->rows, v->total);
		page_show(&p, g, (struct rect){ 2, 0, v->rows, g->cols }, v->top);
		page_fini(&p);
		if (v->total > v->rows)
			snprintf(note, sizeof note, _("line %d of %d"), v->top + 1, v->total);
	}
	scene_note(g, scene, note);
	scene_hints(g, W_JOB);
	grid_cursor(g, 1, 0, false);
}

static unsigned job_where(const struct layer *l)
{
	(void)l;
	return W_JOB;
}

static void job_act(struct layer *l, struct ui *ui, enum action a)
{
	struct job_view *v = (struct job_view *)l;
	cJSON *in;

	if (scroll_act(&v->top, a, v->rows, v->total))
		return;
	switch (a) {
	case ACTION_LOGS:
		ui_push(ui, log_layer(v->id, 0));
		break;
	case ACTION_JSON:
		in = cJSON_CreateObject();
		cJSON_AddItemToArray(cJSON_AddArrayToObject(in, "jobs"), cJSON_CreateString(v->id));
		show_json(ui, v->id, "DescribeJobs", in);
		break;
	case ACTION_STOP:
		stop_job(ui, detail_of(v, data_snap(ui->data)));
		break;
	case ACTION_COMMAND:
		command_prompt(ui, l);
		break;
	case ACTION_BACK:
	case ACTION_CLOSE:
		ui_close(ui, l);
		break;
	default:
		break;
	}
}

static const struct layer_ops job_ops = {
	.free = job_free,
	.turn = job_turn,
	.draw = job_draw,
	.where = job_where,
	.act = job_act,
};

struct layer *job_layer(const char *id)
{
	struct job_view *v = xcalloc(1, sizeof *v);

	v->layer.ops = &job_ops;
	snprintf(v->id, sizeof v->id, "%s", id);
	return &v->layer;
}
