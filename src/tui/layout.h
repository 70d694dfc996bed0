#ifndef TUI_LAYOUT_H
#define TUI_LAYOUT_H
#include <stdbool.h>
#include "grid.h"

/* Where the parts of the main view go, by the size of the window. */
enum pane { PANE_ENVS, PANE_QUEUES, PANE_JOBS, PANE_COUNT };

enum layout_kind {
	LAYOUT_WIDE,  /* from 120x32: side by side, with the machine and a preview */
	LAYOUT_STACK, /* from 80x20: one above the other; the pane with the keys grows */
	LAYOUT_TABS,  /* from 40x10: one at a time */
	LAYOUT_TINY,  /* four lines of text */
};

struct layout {
	enum layout_kind kind;
	struct rect pane[PANE_COUNT]; /* title row included; no rows: not shown */
	struct rect machine, preview; /* LAYOUT_WIDE only */
	int divider;		      /* column of the vertical line, -1: none */
};

/* `count`: rows each pane has to show. */
void layout_main(struct layout *l, int rows, int cols, enum pane focus, bool zoom,
		 const int count[PANE_COUNT]);
/* Rows of data a pane has room for, below its title and its column heads. */
int layout_lines(struct rect pane);

#endif
