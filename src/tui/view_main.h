#ifndef TUI_VIEW_MAIN_H
#define TUI_VIEW_MAIN_H
#include "layout.h"
#include "scene.h"
#include "snap.h"

/* The main view: environments, queues, and the jobs of the queue under the cursor. What is
 * selected is remembered by name or id, never by row. */
struct list_state {
	char sel[132];	/* name or id; "": nothing yet */
	int index, top; /* of `sel` when last settled; first row shown */
	/* Until one moves or does something, and after "first", the cursor of the jobs rests on
	 * the first row, whatever comes there: else what runs would be pushed out of sight by
	 * what is new. */
	bool floats;
};

struct main_view {
	enum pane focus;
	bool zoom;
	struct list_state list[PANE_COUNT];
	char filter[256];
	char (*mark)[SNAP_ID]; /* ids of marked jobs */
	int mark_count, mark_cap;

	/* Set by main_settle. */
	struct layout layout;
	int *shown; /* indexes of the jobs that pass the filter */
	int shown_count;
};

void main_init(struct main_view *v);
void main_fini(struct main_view *v);

/* Fits the state to what is there now and to the window: a job that is gone gives its
 * selection to its neighbour, the row under the cursor stays where it is on the screen. */
void main_settle(struct main_view *v, const struct snap *s, int rows, int cols);
/* Draws all but the hints. Pure: same arguments, same cells. */
void main_draw(const struct main_view *v, const struct snap *s, const struct scene *scene,
	       struct grid *g);

/* Moves the selection of the pane that has the keys; clamps. */
void main_move(struct main_view *v, const struct snap *s, int by);
void main_first(struct main_view *v, const struct snap *s);
/* Something is being done to what is selected: from now on the cursor stays with it. */
void main_pin(struct main_view *v);
void main_select(struct main_view *v, enum pane p, const char *id);
int main_page(const struct main_view *v); /* rows shown in the pane that has the keys */
unsigned main_where(const struct main_view *v);

/* What is selected, or NULL. */
const struct snap_env *main_env(const struct main_view *v, const struct snap *s);
const struct snap_queue *main_queue(const struct main_view *v, const struct snap *s);
const struct snap_job *main_job(const struct main_view *v, const struct snap *s);

bool main_marked(const struct main_view *v, const char *id);
void main_mark(struct main_view *v, const char *id); /* the other way round */
void main_unmark(struct main_view *v);

#endif
