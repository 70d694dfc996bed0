/* How the main view looks. Columns are tables; widths follow the window, not the data. */
#include "config.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"
#include "job_page.h"
#include "table.h"
#include "view_main.h"

static const char *on_off(bool on)
{
	return on ? _("on") : _("off");
}

static void marker(struct grid *g, int row, int col, bool marked, bool selected)
{
	grid_text(g, row, col, 1, STYLE_PLAIN, marked ? "*" : selected ? ">" : " ");
}

/* The selected row of the pane that has the keys is reversed, and the hardware cursor
 * stands on it for those who cannot see that. */
static void select_row(struct grid *g, struct rect pane, int row, bool focus)
{
	if (!focus)
		return;
	grid_style(g, row, pane.col, pane.cols, STYLE_SELECT);
	grid_cursor(g, row, pane.col, false);
}

enum { ENV_NAME, ENV_ON, ENV_STATUS, ENV_TYPE, ENV_USE, ENV_BAR, ENV_MEMORY, ENV_JOBS, ENV_COLS };
static const struct column env_columns[ENV_COLS] = {
	[ENV_NAME] = { N_("NAME"), 11, 32, 3, 0, false },
	[ENV_ON] = { N_("ST"), 3, 3, 0, 0, false },
	[ENV_STATUS] = { N_("STATUS"), 8, 8, 0, 3, false },
	[ENV_TYPE] = { N_("TYPE"), 5, 12, 1, 1, false },
	[ENV_USE] = { N_("vCPU use/max"), 12, 14, 0, 0, true },
	[ENV_BAR] = { "", 8, 24, 2, 2, false },
	[ENV_MEMORY] = { N_("MEMORY"), 9, 9, 0, 5, true },
	[ENV_JOBS] = { N_("JOBS"), 4, 6, 0, 4, true },
};

static void env_row(struct grid *g, int row, int col, const int *w, const struct snap_env *e)
{
	const struct column *c = env_columns;
	bool fine = strcmp(e->status, "VALID") == 0;
	char text[48];

	table_cell(g, row, col, c, w, ENV_NAME, STYLE_PLAIN, e->name);
	table_cell(g, row, col, c, w, ENV_ON, e->enabled ? STYLE_PLAIN : STYLE_WAIT,
		   on_off(e->enabled));
	table_cell(g, row, col, c, w, ENV_STATUS, fine ? STYLE_PLAIN : STYLE_WAIT, e->status);
	table_cell(g, row, col, c, w, ENV_TYPE, STYLE_PLAIN, e->type);
	if (e->max > 0)
		snprintf(text, sizeof text, "%.6g/%.6g", e->used, e->max);
	else
		snprintf(text, sizeof text, "%.6g", e->used);
	table_cell(g, row, col, c, w, ENV_USE, STYLE_PLAIN, text);
	if (w[ENV_BAR])
		grid_bar(g, row, table_at(c, w, col, ENV_BAR), w[ENV_BAR], e->used, e->max);
	table_cell(g, row, col, c, w, ENV_MEMORY, STYLE_PLAIN,
		   scene_memory(e->used_memory, text, sizeof text));
	snprintf(text, sizeof text, "%d", e->active);
	table_cell(g, row, col, c, w, ENV_JOBS, STYLE_PLAIN, text);
}

enum {
	Q_NAME,
	Q_PRI,
	Q_ON,
	Q_ENVS,
	Q_SUB,
	Q_PEN,
	Q_RNBL,
	Q_STA,
	Q_WAIT,
	Q_RUN,
	Q_OK,
	Q_FAIL,
	Q_HEAD,
	Q_COLS
};
/* With room every state has a column; without, one says how many wait. */
static const struct column queue_columns[Q_COLS] = {
	[Q_NAME] = { N_("NAME"), 10, 32, 3, 0, false },
	[Q_PRI] = { N_("PRI"), 4, 5, 0, 3, true },
	[Q_ON] = { N_("ST"), 3, 3, 0, 0, false },
	[Q_ENVS] = { N_("ENVIRONMENTS"), 12, 40, 2, 8, false },
	[Q_SUB] = { "SUB", 4, 6, 0, 7, true },
	[Q_PEN] = { "PEN", 4, 6, 0, 7, true },
	[Q_RNBL] = { "RNBL", 4, 6, 0, 7, true },
	[Q_STA] = { "STA", 4, 6, 0, 7, true },
	[Q_WAIT] = { N_("WAIT"), 4, 6, 0, 0, true },
	[Q_RUN] = { "RUN", 4, 6, 0, 0, true },
	[Q_OK] = { "OK", 4, 6, 0, 2, true },
	[Q_FAIL] = { "FAIL", 4, 6, 0, 0, true },
	[Q_HEAD] = { N_("HEAD"), 6, 6, 0, 1, true },
};

static int64_t queue_count(const struct snap_queue *q, int column)
{
	switch (column) {
	case Q_SUB:
		return q->count[JOB_SUBMITTED];
	case Q_PEN:
		return q->count[JOB_PENDING];
	case Q_RNBL:
		return q->count[JOB_RUNNABLE];
	case Q_STA:
		return q->count[JOB_STARTING];
	case Q_WAIT:
		return snap_waiting(q);
	case Q_OK:
		return q->count[JOB_SUCCEEDED];
	case Q_FAIL:
		return q->count[JOB_FAILED];
	default:
		return q->count[JOB_RUNNING];
	}
}

static enum style count_style(int column, int64_t n)
{
	if (n == 0)
		return STYLE_PLAIN;
	return column == Q_FAIL ? STYLE_FAIL : column == Q_RUN ? STYLE_RUN : STYLE_PLAIN;
}

static void queue_row(struct grid *g, int row, int col, const int *w, const struct snap_queue *q,
		      jd_time now)
{
	const struct column *c = queue_columns;
	char text[48];

	table_cell(g, row, col, c, w, Q_NAME, STYLE_PLAIN, q->name);
	snprintf(text, sizeof text, "%d", q->priority);
	table_cell(g, row, col, c, w, Q_PRI, STYLE_PLAIN, text);
	table_cell(g, row, col, c, w, Q_ON, q->enabled ? STYLE_PLAIN : STYLE_WAIT,
		   on_off(q->enabled));
	table_cell(g, row, col, c, w, Q_ENVS, STYLE_PLAIN, q->envs);
	for (int i = Q_SUB; i <= Q_FAIL; i++)
		table_cell(g, row, col, c, w, i, count_style(i, queue_count(q, i)),
			   table_count(queue_count(q, i), text, sizeof text));
	if (q->head_since)
		time_age(now - q->head_since, text, sizeof text);
	else
		snprintf(text, sizeof text, "-");
	table_cell(g, row, col, c, w, Q_HEAD, STYLE_PLAIN, text);
}

static void leave_out(struct column *c)
{
	c->min = 10000; /* never fits */
	c->drop = 99;
}

static void queue_widths(int room, int *w)
{
	bool states = room >= 70;
	struct column c[Q_COLS];

	memcpy(c, queue_columns, sizeof c);
	for (int i = Q_SUB; i <= Q_WAIT; i++)
		if (states == (i == Q_WAIT))
			leave_out(&c[i]);
	table_fit(c, Q_COLS, room, w);
}

enum { JOB_ID, JOB_NAME, JOB_STATE, JOB_TRY, JOB_TIME, JOB_WHY, JOB_COLS };
static const struct column job_columns[JOB_COLS] = {
	[JOB_ID] = { N_("ID"), 13, 13, 0, 5, false },
	[JOB_NAME] = { N_("NAME"), 13, 40, 1, 0, false },
	[JOB_STATE] = { N_("STATE"), 9, 9, 0, 0, false },
	/* TRANSLATORS: a column of four cells; the blank makes it another text than "TRY" */
	[JOB_TRY] = { N_("TRY "), 4, 5, 0, 3, false },
	[JOB_TIME] = { N_("TIME"), 6, 6, 0, 0, true },
	[JOB_WHY] = { N_("WHY / RESULT"), 17, 200, 3, 4, false },
};

/* Ended jobs show how long they took, which rests; the others how long they wait or run. */
static void job_time(const struct snap_job *j, jd_time now, char *buf, size_t size)
{
	if (job_status_is_final(j->status) && !j->started)
		snprintf(buf, size, "-");
	else if (job_status_is_final(j->status))
		time_span(j->stopped - j->started, buf, size);
	else if (j->status == JOB_RUNNING && j->started)
		time_age(now - j->started, buf, size);
	else
		time_age(now - j->created, buf, size);
}

static void job_row(struct grid *g, int row, int col, const int *w, const struct snap_job *j,
		    jd_time now)
{
	const struct column *c = job_columns;
	int try_ = j->attempt > 0 ? j->attempt : 1;
	char text[48];

	snprintf(text, sizeof text, "%.13s", j->id);
	table_cell(g, row, col, c, w, JOB_ID, STYLE_PLAIN, text);
	table_cell(g, row, col, c, w, JOB_NAME, STYLE_PLAIN, j->name);
	table_cell(g, row, col, c, w, JOB_STATE, scene_state_style(j->status, j->attempt),
		   job_status_name(j->status));
	if (j->status == JOB_RUNNABLE && j->attempt > 0 && try_ < j->attempts)
		try_++; /* the next one is what it waits for */
	snprintf(text, sizeof text, "%d/%d", try_, j->attempts > 0 ? j->attempts : 1);
	table_cell(g, row, col, c, w, JOB_TRY, STYLE_PLAIN, text);
	job_time(j, now, text, sizeof text);
	table_cell(g, row, col, c, w, JOB_TIME, STYLE_PLAIN, text);
	table_cell(g, row, col, c, w, JOB_WHY, STYLE_PLAIN, j->why);
}

static void pane_title(const struct main_view *v, const struct snap *s, enum pane p, char *buf,
		       size_t size)
{
	const struct snap_queue *q = main_queue(v, s);
	long total = 0;

	if (p == PANE_ENVS) {
		snprintf(buf, size, _("1 Compute environments (%d)"), s->env_count);
	} else if (p == PANE_QUEUES) {
		snprintf(buf, size, _("2 Job queues (%d)"), s->queue_count);
	} else if (!q) {
		snprintf(buf, size, _("3 Jobs"));
	} else {
		for (int i = 0; i < JOB_COUNT; i++)
			total += (long)q->count[i];
		if (*v->filter)
			snprintf(buf, size, _("3 Jobs in %s: %d of %ld   filter: %s"), q->name,
				 v->shown_count, total, v->filter);
		else if (v->shown_count < total && v->shown_count)
			snprintf(buf, size, _("3 Jobs in %s: %d of %ld"), q->name, v->shown_count,
				 total);
		else
			snprintf(buf, size, _("3 Jobs in %s: %ld"), q->name, total);
	}
}

static const char *empty_text(const struct main_view *v, const struct snap *s, enum pane p)
{
	if (!s->loaded)
		return "";
	if (p != PANE_JOBS)
		return _("none yet; N makes one");
	if (!s->queue_count)
		return _("no queue yet; N in pane 2 makes one");
	if (!s->jobs_of || strcmp(s->jobs_of, v->list[PANE_QUEUES].sel) != 0)
		return _("asking ...");
	return *v->filter ? _("no job passes the filter; Esc drops it") :
			    _("no jobs yet; N makes one");
}

static void tab_row(struct grid *g, const struct main_view *v)
{
	const char *name[PANE_COUNT] = { _("environments"), _("queues"), _("jobs") };
	int col = 0;

	for (int p = 0; p < PANE_COUNT; p++) {
		bool here = (int)v->focus == p;

		col += grid_printf(g, 1, col, g->cols - col, here ? STYLE_TITLE : STYLE_PLAIN,
				   here ? "[%s]" : " %s ", name[p]);
	}
}

static int heads(struct grid *g, enum pane p, struct rect r, int *w)
{
	int room = r.cols - 2;

	if (p == PANE_QUEUES)
		queue_widths(room, w);
	else
		table_fit(p == PANE_ENVS ? env_columns : job_columns,
			  p == PANE_ENVS ? ENV_COLS : JOB_COLS, room, w);
	table_head(g, r.row + 1, r.col + 2,
		   p == PANE_ENVS   ? env_columns :
		   p == PANE_QUEUES ? queue_columns :
				      job_columns,
		   p == PANE_ENVS   ? ENV_COLS :
		   p == PANE_QUEUES ? Q_COLS :
				      JOB_COLS,
		   w);
	return r.row + 2;
}

static void pane_row(struct grid *g, const struct main_view *v, const struct snap *s, enum pane p,
		     int row, int i, const int *w, jd_time now)
{
	struct rect r = v->layout.pane[p];
	bool marked = p == PANE_JOBS && main_marked(v, s->job[v->shown[i]].id);

	marker(g, row, r.col, marked, i == v->list[p].index);
	if (p == PANE_ENVS)
		env_row(g, row, r.col + 2, w, &s->env[i]);
	else if (p == PANE_QUEUES)
		queue_row(g, row, r.col + 2, w, &s->queue[i], now);
	else
		job_row(g, row, r.col + 2, w, &s->job[v->shown[i]], now);
	if (i == v->list[p].index)
		select_row(g, r, row, p == v->focus);
}

static void pane(struct grid *g, const struct main_view *v, const struct snap *s, enum pane p,
		 jd_time now)
{
	struct rect r = v->layout.pane[p];
	int count = p == PANE_ENVS   ? s->env_count :
		    p == PANE_QUEUES ? s->queue_count :
				       v->shown_count;
	int w[TABLE_MAX], row;
	char title[512];

	if (r.rows < 3)
		return;
	pane_title(v, s, p, title, sizeof title);
	if (v->layout.kind == LAYOUT_TABS)
		tab_row(g, v);
	else
		scene_title(g, r.row, r.col, r.cols, p == v->focus, title);
	row = heads(g, p, r, w);
	if (count == 0)
		grid_text(g, row, r.col + 2, r.cols - 2, STYLE_PLAIN, empty_text(v, s, p));
	for (int i = v->list[p].top; i < count && row < r.row + r.rows; i++, row++)
		pane_row(g, v, s, p, row, i, w, now);
}

static void machine(struct grid *g, struct rect r, const struct snap *s)
{
	char used[32], whole[32], text[96];
	int bar = r.cols - 38;

	scene_title(g, r.row, r.col, r.cols, false, _("This machine"));
	if (!s->loaded)
		return;
	grid_text(g, r.row + 1, r.col + 2, 8, STYLE_PLAIN, _("vCPU"));
	snprintf(text, sizeof text, _("%.6g of %.6g"), s->used_vcpus, s->pool_vcpus);
	grid_text(g, r.row + 1, r.col + 11, 22, STYLE_PLAIN, text);
	grid_text(g, r.row + 2, r.col + 2, 8, STYLE_PLAIN, _("memory"));
	snprintf(text, sizeof text, _("%s of %s"), scene_memory(s->used_memory, used, sizeof used),
		 scene_memory(s->pool_memory, whole, sizeof whole));
	grid_text(g, r.row + 2, r.col + 11, 22, STYLE_PLAIN, text);
	if (bar < 6)
		return;
	grid_bar(g, r.row + 1, r.col + 34, bar, s->used_vcpus, s->pool_vcpus);
	grid_bar(g, r.row + 2, r.col + 34, bar, s->used_memory, s->pool_memory);
}

/* The details that are known, of the job they are of: those of the job under the cursor
 * come when it rests. */
static void preview(struct grid *g, const struct main_view *v, const struct snap *s,
		    const struct scene *scene)
{
	const char *name = json_str_or(s->detail, "jobName", "");
	cleanup_free char *safe = text_safe_dup(name, strlen(name));
	struct rect r = v->layout.preview;
	bool show = main_job(v, s) && s->detail;
	char title[256];

	snprintf(title, sizeof title, "%s  %s", safe, s->detail_id);
	scene_title(g, r.row, r.col, r.cols, false, show ? title : "");
	r.row++;
	r.rows--;
	if (show)
		job_page_preview(g, r, s->detail, scene->now);
}

static void totals(const struct snap *s, int cols, char *buf, size_t size)
{
	struct snap_totals t = snap_totals(s);

	buf[0] = '\0';
	if (!s->loaded || cols < 60)
		return;
	snprintf(buf, size, _("run %ld  wait %ld  failed %ld "), t.running, t.waiting, t.failed);
}

/* Without a note the message line gives the whole of what the row had to cut. */
static void say_why(char *buf, size_t size, const struct main_view *v, const struct snap *s)
{
	const struct snap_env *e = main_env(v, s);
	const struct snap_queue *q = main_queue(v, s);
	const struct snap_job *j = main_job(v, s);

	buf[0] = '\0';
	if (v->mark_count)
		snprintf(buf, size, ngettext("%d marked", "%d marked", (unsigned)v->mark_count),
			 v->mark_count);
	else if (v->focus == PANE_ENVS && e)
		snprintf(buf, size, "%s: %s %s", e->name, e->status, e->reason);
	else if (v->focus == PANE_QUEUES && q)
		snprintf(buf, size, "%s: %s %s", q->name, q->status, q->reason);
	else if (v->focus == PANE_JOBS && j)
		snprintf(buf, size, "%s%s%s", j->name, *j->why ? ": " : "  ",
			 *j->why ? j->why : j->id);
}

void main_draw(const struct main_view *v, const struct snap *s, const struct scene *scene,
	       struct grid *g)
{
	char left[256], right[96], why[512];

	grid_clear(g);
	if (v->layout.kind == LAYOUT_TINY) {
		scene_tiny(g, scene, s);
		return;
	}
	snprintf(left, sizeof left, "jobdeck  %s", scene->place);
	totals(s, g->cols, right, sizeof right);
	scene_bar(g, scene, left, right);
	for (int p = 0; p < PANE_COUNT; p++)
		pane(g, v, s, (enum pane)p, scene->now);
	if (v->layout.machine.rows)
		machine(g, v->layout.machine, s);
	if (v->layout.preview.rows)
		preview(g, v, s, scene);
	if (v->layout.divider >= 0)
		grid_vline(g, 1, v->layout.divider, g->rows - 3, STYLE_FRAME);
	say_why(why, sizeof why, v, s);
	scene_note(g, scene, why);
	if (!scene->note && strstr(why, "can never run"))
		grid_style(g, g->rows - 2, 0, g->cols, STYLE_FAIL);
	scene_hints(g, main_where(v));
}
