#ifndef TUI_LOG_VIEW_H
#define TUI_LOG_VIEW_H
#include "layers.h"
#include "tail.h"

/* The log of a job: follow, go back, search. Lines are fetched by tail.c; here is what part
 * of them is shown. A place in the log is a line's number and a row inside that line, so it
 * stays true when lines come, go, or are folded. view_log.c has the keys, log_draw.c what
 * it looks like. */
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

/* view_log.c */
const cJSON *log_detail(const struct log_view *v, const struct snap *s); /* NULL: not here yet */
int log_attempt(const struct log_view *v, const cJSON *detail);
bool log_live(const struct log_view *v, const cJSON *detail); /* more may come */

/* log_draw.c */
void log_draw(struct layer *l, struct ui *ui, const struct scene *scene, struct grid *g);
/* Moves the top by rows; stops at the ends of the window. False when it stopped above. */
bool log_move_rows(struct log_view *v, int by);

#endif
