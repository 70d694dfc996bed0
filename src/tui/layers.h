#ifndef TUI_LAYERS_H
#define TUI_LAYERS_H
#include <cjson/cJSON.h>
#include "snap.h"
#include "ui.h"

/* Every layer there is. Each constructor returns one for ui_push. */
struct layer *root_layer(void);			      /* the main view */
struct layer *job_layer(const char *id);	      /* one job */
struct layer *log_layer(const char *id, int attempt); /* its log; attempt 0: the last */
struct layer *text_layer(const char *title, char *text /* taken; lines; not yet safe */);
struct layer *help_layer(unsigned where);
struct layer *submit_layer(struct ui *ui, const char *queue);
struct layer *wizard_layer(struct ui *ui, int step); /* 0: where ... */
void wizard_draft_free(struct wizard_draft *d);

/* One line of text below everything. `changed` (may be NULL) is told with each key, `done`
 * once, with NULL when it was dropped. */
struct prompt {
	const char *label; /* "/" */
	const char *text;  /* what stands there at first */
	void (*changed)(void *arg, struct ui *ui, const char *text);
	void (*done)(void *arg, struct ui *ui, const char *text);
	void *arg;
};
struct layer *prompt_layer(const struct prompt *p);

/* A question whose answer is No unless one presses y. Lines are safe text. */
struct confirm {
	const char *title;
	char **line; /* taken, each and all */
	int line_count;
	const char *reason;  /* offers a reason to type, this one at first; NULL: none */
	const char *same_as; /* the command line that does the same, or NULL */
	/* Called once with `yes`; must free arg's own. */
	void (*done)(void *arg, struct ui *ui, bool yes, const char *reason);
	void *arg;
};
struct layer *confirm_layer(const struct confirm *c);

/* Asks whether to stop these jobs, stops them, and reads their states back. */
void stop_jobs(struct ui *ui, const struct snap_job *const *jobs, int count);
/* The same for one job of which the details are known. */
void stop_job(struct ui *ui, const cJSON *detail);
/* Asks whether to turn a queue or an environment on or off, and does it. */
void toggle_queue(struct ui *ui, const struct snap_queue *q);
void toggle_env(struct ui *ui, const struct snap_env *e);
/* Asks `op` and shows the answer as JSON in a text layer. */
void show_json(struct ui *ui, const char *title, const char *op, cJSON *in /* taken */);
/* The ":" line, for an open layer. */
void command_prompt(struct ui *ui, struct layer *l);

/* Goes to the jobs of a queue, on the main view. */
void root_select_queue(struct ui *ui, const char *name);
/* Puts the cursor on a job as soon as it is on the list. */
void root_select_job(struct ui *ui, const char *id);

/* Does an action in a layer, if it may. */
void ui_act(struct ui *ui, struct layer *l, enum action a);

#endif
