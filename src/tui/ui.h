#ifndef TUI_UI_H
#define TUI_UI_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "actions.h"
#include "data.h"
#include "grid.h"
#include "jobdeck/tui/console.h"
#include "scene.h"

/* The console without a terminal: keys and answers go in, a grid comes out. console.c joins
 * it to a real terminal, tests to nothing at all.
 *
 * Input modes are a stack of layers (views, prompts, forms, dialogs): the top one gets each
 * key first, and only it. */
struct ui;
struct layer;

struct layer_ops {
	bool overlay; /* what is below shows through */
	bool typing;  /* text goes into it: pasted text is taken as text */
	void (*free)(struct layer *l);
	/* Something came or time passed: keep up, start calls that are due. `top`: no other
	 * view covers this one. May be NULL. */
	void (*turn)(struct layer *l, struct ui *ui, bool top);
	/* ms until turn must be called though nothing comes, or -1. May be NULL. */
	int (*due)(const struct layer *l, const struct ui *ui);
	/* Draws all rows, or, for an overlay, its part. */
	void (*draw)(struct layer *l, struct ui *ui, const struct scene *scene, struct grid *g);
	/* Layers that take keys as they are. True: used up. NULL: none. */
	bool (*key)(struct layer *l, struct ui *ui, int key);
	/* Layers that use the table of actions: where they are in it (0: not), and what to do. */
	unsigned (*where)(const struct layer *l);
	void (*act)(struct layer *l, struct ui *ui, enum action a);
};
struct layer { /* first member of each layer */
	const struct layer_ops *ops;
	struct layer *below;
	bool closing;
};

/* Something under way that outlives the layer that began it. */
struct task {
	struct task *next;
	void (*free)(struct task *t);
	void (*turn)(struct task *t, struct ui *ui); /* may be NULL */
	bool done;				     /* to be freed at the end of the turn */
};

struct ui {
	const struct console_options *opt;
	struct client *client;
	struct data *data;
	struct layer *top;
	struct task *tasks;
	struct grid *grid;
	bool ascii;
	int64_t mono; /* of this turn */
	jd_time now;

	struct form *draft;		   /* a submission that was left half typed */
	struct wizard_draft *wizard_draft; /* what was typed into the wizard, when it was left */
	char place[256];
	char note[512];
	bool note_bad, note_sticky;
	char farewell[256]; /* said after the terminal was restored */
	bool quit, suspend, redraw, wizard_offered;
	int exit_code;
	int64_t interrupted; /* when Ctrl-C last found nothing to drop; 0: never */
	bool pasting;
};

struct ui *ui_new(const struct console_options *opt, int rows, int cols, bool ascii);
void ui_free(struct ui *ui);
void ui_resize(struct ui *ui, int rows, int cols);
void ui_key(struct ui *ui, int key);
void ui_interrupt(struct ui *ui); /* Ctrl-C: drops a prompt; twice leaves with 130 */
/* Everything that is due. `mono` is time_mono(), `now` time_wall(). */
void ui_turn(struct ui *ui, int64_t mono, jd_time now);
int ui_due(const struct ui *ui); /* ms, or -1 */
const struct grid *ui_draw(struct ui *ui);
bool ui_typing(const struct ui *ui);

void ui_push(struct ui *ui, struct layer *l /* taken */);
void ui_close(struct ui *ui, struct layer *l); /* goes at the end of the key or turn */
void ui_task(struct ui *ui, struct task *t /* taken */);
/* The message line, until the next key. */
void ui_say(struct ui *ui, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void ui_complain(struct ui *ui, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Leaves; what goes on without us is said afterwards. */
void ui_leave(struct ui *ui);

#endif
