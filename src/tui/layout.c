/* Cutting the window into panes: pieces are cut off a rectangle until nothing is left. */
#include "config.h"
#include "layout.h"
#include <string.h>
#include "scene.h"

enum {
	HEADS = 2,     /* title and column heads */
	ENV_LINES = 3, /* what a pane without the keys takes at most, stacked */
	QUEUE_LINES = 4,
	JOB_LINES_MIN = 3,
	MACHINE_ROWS = 5,
	PREVIEW_ROWS = 14,
};

static int least(int a, int b)
{
	return a < b ? a : b;
}

static int most(int a, int b)
{
	return a > b ? a : b;
}

static struct rect cut_top(struct rect *r, int rows)
{
	struct rect top = *r;

	top.rows = most(0, least(rows, r->rows));
	r->row += top.rows;
	r->rows -= top.rows;
	return top;
}

static struct rect cut_left(struct rect *r, int cols)
{
	struct rect left = *r;

	left.cols = least(cols, r->cols);
	r->col += left.cols;
	r->cols -= left.cols;
	return left;
}

int layout_lines(struct rect pane)
{
	return most(0, pane.rows - HEADS);
}

static int lines_for(int count, int limit)
{
	return HEADS + most(1, least(count, limit));
}

static void stack(struct layout *l, struct rect area, enum pane focus, const int count[])
{
	int spare = area.rows - (HEADS + JOB_LINES_MIN);
	int envs = lines_for(count[PANE_ENVS], ENV_LINES);
	int queues = lines_for(count[PANE_QUEUES], QUEUE_LINES);

	if (focus == PANE_ENVS)
		envs = most(envs, least(lines_for(count[PANE_ENVS], 1000), spare - queues));
	if (focus == PANE_QUEUES)
		queues = most(queues, least(lines_for(count[PANE_QUEUES], 1000), spare - envs));
	l->pane[PANE_ENVS] = cut_top(&area, envs);
	l->pane[PANE_QUEUES] = cut_top(&area, queues);
	l->pane[PANE_JOBS] = area;
}

static void wide(struct layout *l, struct rect area, const int count[])
{
	struct rect left = cut_left(&area, least(64, area.cols * 39 / 100));
	int room = left.rows - MACHINE_ROWS;

	l->divider = left.cols;
	cut_left(&area, 1);
	l->pane[PANE_ENVS] = cut_top(&left, least(HEADS + most(1, count[PANE_ENVS]) + 1, room / 2));
	l->pane[PANE_QUEUES] = cut_top(&left, left.rows - MACHINE_ROWS);
	l->machine = left;
	l->pane[PANE_JOBS] = cut_top(&area, area.rows - least(PREVIEW_ROWS, area.rows * 2 / 5));
	l->preview = area;
}

void layout_main(struct layout *l, int rows, int cols, enum pane focus, bool zoom,
		 const int count[PANE_COUNT])
{
	struct rect area = { 1, 0, rows - 3, cols };

	memset(l, 0, sizeof *l);
	l->divider = -1;
	if (rows < SCENE_ROWS || cols < SCENE_COLS)
		l->kind = LAYOUT_TINY;
	else if (rows < 20 || cols < 80)
		l->kind = LAYOUT_TABS;
	else
		l->kind = rows >= 32 && cols >= 120 ? LAYOUT_WIDE : LAYOUT_STACK;
	if (l->kind == LAYOUT_TINY)
		return;
	if (l->kind == LAYOUT_TABS || zoom)
		l->pane[focus] = area;
	else if (l->kind == LAYOUT_WIDE)
		wide(l, area, count);
	else
		stack(l, area, focus, count);
}
