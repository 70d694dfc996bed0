/* The state of the main view: what is selected, what is shown, what is marked. How it
 * looks is in main_draw.c. */
#include "config.h"
#include "view_main.h"
#include <stdio.h>
#include <string.h>
#include "actions.h"
#include "filter.h"
#include "jobdeck/base/mem.h"

void main_init(struct main_view *v)
{
	memset(v, 0, sizeof *v);
	v->focus = PANE_JOBS;
	v->layout.divider = -1;
	v->list[PANE_JOBS].floats = true;
}

void main_fini(struct main_view *v)
{
	free(v->mark);
	free(v->shown);
}

static int row_count(const struct main_view *v, const struct snap *s, enum pane p)
{
	switch (p) {
	case PANE_ENVS:
		return s->env_count;
	case PANE_QUEUES:
		return s->queue_count;
	default:
		return v->shown_count;
	}
}

static const char *row_id(const struct main_view *v, const struct snap *s, enum pane p, int i)
{
	switch (p) {
	case PANE_ENVS:
		return s->env[i].name;
	case PANE_QUEUES:
		return s->queue[i].name;
	default:
		return s->job[v->shown[i]].id;
	}
}

/* Jobs of another queue than the selected one are not shown: they are on their way. */
static void apply_filter(struct main_view *v, const struct snap *s)
{
	bool right_queue = s->jobs_of && strcmp(s->jobs_of, v->list[PANE_QUEUES].sel) == 0;

	v->shown = xreallocarray(v->shown, (size_t)s->job_count + 1, sizeof *v->shown);
	v->shown_count = 0;
	for (int i = 0; right_queue && i < s->job_count; i++)
		if (filter_match(v->filter, &s->job[i]))
			v->shown[v->shown_count++] = i;
}

static int find(const struct main_view *v, const struct snap *s, enum pane p, const char *id)
{
	for (int i = 0; i < row_count(v, s, p); i++)
		if (strcmp(row_id(v, s, p, i), id) == 0)
			return i;
	return -1;
}

static int clamp(int n, int low, int high)
{
	return n > high ? (high < low ? low : high) : n < low ? low : n;
}

static void settle_list(struct main_view *v, const struct snap *s, enum pane p)
{
	struct list_state *l = &v->list[p];
	int count = row_count(v, s, p), lines = layout_lines(v->layout.pane[p]);
	int now = *l->sel ? find(v, s, p, l->sel) : 0, room = lines > 0 ? lines : 1;

	if (count == 0) {
		l->index = l->top = 0;
		return; /* keeps `sel`: the rows may come back */
	}
	if (l->floats)
		now = l->top = 0;
	else if (now < 0)
		now = clamp(l->index, 0, count - 1);
	else if (l->top > 0) /* rows that came or went above do not move the cursor */
		l->top += now - l->index;
	l->index = now;
	snprintf(l->sel, sizeof l->sel, "%s", row_id(v, s, p, now));
	l->top = clamp(l->top, now - room + 1, now);
	l->top = clamp(l->top, 0, count > room ? count - room : 0);
}

void main_settle(struct main_view *v, const struct snap *s, int rows, int cols)
{
	int count[PANE_COUNT];

	apply_filter(v, s);
	for (int p = 0; p < PANE_COUNT; p++)
		count[p] = row_count(v, s, (enum pane)p);
	layout_main(&v->layout, rows, cols, v->focus, v->zoom, count);
	settle_list(v, s, PANE_ENVS);
	settle_list(v, s, PANE_QUEUES);
	apply_filter(v, s); /* the queue may have been chosen just now */
	settle_list(v, s, PANE_JOBS);
}

void main_move(struct main_view *v, const struct snap *s, int by)
{
	struct list_state *l = &v->list[v->focus];
	int count = row_count(v, s, v->focus);

	if (count == 0)
		return;
	l->index = clamp(by < 0 && -by > l->index ? 0 : l->index + by, 0, count - 1);
	snprintf(l->sel, sizeof l->sel, "%s", row_id(v, s, v->focus, l->index));
	l->floats = false;
}

void main_first(struct main_view *v, const struct snap *s)
{
	main_move(v, s, -v->list[v->focus].index);
	v->list[v->focus].floats = v->focus == PANE_JOBS;
}

void main_pin(struct main_view *v)
{
	v->list[v->focus].floats = false;
}

void main_select(struct main_view *v, enum pane p, const char *id)
{
	snprintf(v->list[p].sel, sizeof v->list[p].sel, "%s", id);
	v->list[p].floats = false;
}

int main_page(const struct main_view *v)
{
	int lines = layout_lines(v->layout.pane[v->focus]);

	return lines > 1 ? lines - 1 : 1;
}

unsigned main_where(const struct main_view *v)
{
	static const unsigned where[PANE_COUNT] = { W_ENVS, W_QUEUES, W_JOBS };

	return where[v->focus];
}

static int selected(const struct main_view *v, const struct snap *s, enum pane p)
{
	return *v->list[p].sel ? find(v, s, p, v->list[p].sel) : -1;
}

const struct snap_env *main_env(const struct main_view *v, const struct snap *s)
{
	int i = selected(v, s, PANE_ENVS);

	return i < 0 ? NULL : &s->env[i];
}

const struct snap_queue *main_queue(const struct main_view *v, const struct snap *s)
{
	int i = selected(v, s, PANE_QUEUES);

	return i < 0 ? NULL : &s->queue[i];
}

const struct snap_job *main_job(const struct main_view *v, const struct snap *s)
{
	int i = selected(v, s, PANE_JOBS);

	return i < 0 ? NULL : &s->job[v->shown[i]];
}

static int mark_at(const struct main_view *v, const char *id)
{
	for (int i = 0; i < v->mark_count; i++)
		if (strcmp(v->mark[i], id) == 0)
			return i;
	return -1;
}

bool main_marked(const struct main_view *v, const char *id)
{
	return mark_at(v, id) >= 0;
}

void main_mark(struct main_view *v, const char *id)
{
	int at = mark_at(v, id);

	if (at >= 0) {
		memcpy(v->mark[at], v->mark[--v->mark_count], sizeof *v->mark);
		return;
	}
	ARRAY_ROOM(v->mark, v->mark_count, v->mark_cap);
	snprintf(v->mark[v->mark_count++], sizeof *v->mark, "%s", id);
}

void main_unmark(struct main_view *v)
{
	v->mark_count = 0;
}
