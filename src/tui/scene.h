#ifndef TUI_SCENE_H
#define TUI_SCENE_H
#include "data.h"
#include "grid.h"
#include "snap.h"

/* What stands around every view: the status row on top, the message and the keys below. A
 * view gets it with the snapshot and its own state, and nothing else. */
struct scene {
	jd_time now;
	const char *place; /* safe text: which home */
	bool read_only;
	enum freshness freshness;
	char fresh[80];	  /* "live", "18s old" */
	const char *note; /* the message line, or NULL; safe text */
	bool note_bad;
};

/* The smallest window that has lists; below it scene_tiny is drawn. */
enum { SCENE_ROWS = 10, SCENE_COLS = 40 };

/* Row 0: " jobdeck > a > b", and on the right `right` (may be ""), how fresh, the time. */
void scene_bar(struct grid *g, const struct scene *s, const char *left, const char *right);
/* A line with a title in it; heavy when it has the keys. */
void scene_title(struct grid *g, int row, int col, int width, bool focus, const char *title);
/* The last but one row: the note, else `otherwise`. */
void scene_note(struct grid *g, const struct scene *s, const char *otherwise);
/* The last row: what the keys do here, from the table of actions. */
void scene_hints(struct grid *g, unsigned where);
/* The last row from a text "Enter next  Esc back": every other word group is a key. Keys
 * and words are separated by one blank, pairs by two. */
void scene_keys(struct grid *g, const char *text);
/* Four lines for windows in which nothing else fits. */
void scene_tiny(struct grid *g, const struct scene *s, const struct snap *snap);

/* Lines of any text, made safe, as many as fit. */
void scene_lines(struct grid *g, struct rect r, const char *text);

/* How a state looks. */
enum style scene_state_style(enum job_status status, int attempt);
/* "512 MiB", "1.5 GiB". Returns buf. */
char *scene_memory(double mib, char *buf, size_t size);

#endif
