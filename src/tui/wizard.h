#ifndef TUI_WIZARD_H
#define TUI_WIZARD_H
#include "edit.h"
#include "form.h"
#include "layers.h"
#include "tail.h"

/* The first run: five steps, each with values that work, nothing made before the plan was
 * seen. What is typed is a plan; a plan is a list of API requests; running it is sending
 * them one after the other. */
enum wizard_step { WIZARD_WHERE, WIZARD_ENV, WIZARD_QUEUE, WIZARD_JOB, WIZARD_WATCH, WIZARD_STEPS };
enum { WE_NAME, WE_KIND, WE_MAX };		  /* fields of step 2 */
enum { WQ_NAME, WQ_PRIORITY, WQ_ENVS, WQ_ORDER }; /* of step 3 */
enum wizard_job { WIZARD_HELLO, WIZARD_CHAIN, WIZARD_OWN, WIZARD_JOBS };

/* One request of the plan. */
struct plan_item {
	const char *op;
	cJSON *request;	   /* NULL: it exists already, nothing to send */
	char *name, *note; /* for people: "local-ce", "12 vCPU" */
	int after;	   /* SubmitJob: number of the item whose job comes first, -1: none */

	/* While it runs. */
	char id[SNAP_ID]; /* SubmitJob: what came of it */
	int revision;	  /* RegisterJobDefinition */
	int64_t took_ms;
	bool done;
};
enum { PLAN_MAX = 12 };
struct plan {
	struct plan_item item[PLAN_MAX];
	int count;
};

struct wizard {
	struct layer layer;
	struct ui *ui;
	enum wizard_step step, first; /* first: Esc there leaves */
	struct form env, queue;
	enum wizard_job choice;
	struct edit own;
	bool typing;   /* keys go to the own command */
	bool reviewed; /* the plan has the keys: the next Enter does it */
	struct plan plan;

	/* Step 5. */
	int at;	      /* item under way */
	int call;     /* its call, 0: none */
	bool waiting; /* for the thing just made to become VALID */
	int64_t began, next_look;
	char trouble[640]; /* why it stopped; Enter tries again */
	int look;	   /* DescribeJobs under way */
	cJSON *jobs;	   /* as last described */
	struct tail *tail; /* of the job watched */
	char watched[SNAP_ID];
};

/* wizard_plan.c */
void wizard_make_plan(struct wizard *w);
void plan_clear(struct plan *p);
/* The plan as a shell script of jobdeck commands, and as JSON. Caller frees. */
char *wizard_script(const struct wizard *w);
char *wizard_json(const struct wizard *w);
/* Checks the fields of all steps; hints and errors are set. */
void wizard_check(struct wizard *w);
/* The first wrong field of a step, or -1. */
int wizard_wrong(const struct wizard *w, enum wizard_step step);
const char *wizard_choice_name(enum wizard_job job);
const char *wizard_choice_text(enum wizard_job job);

/* wizard_run.c */
void wizard_run(struct wizard *w); /* begins, or goes on where it stopped */
void wizard_run_turn(struct wizard *w);
int wizard_run_due(const struct wizard *w);
void wizard_run_stop(struct wizard *w);		     /* drops calls; what was made stays */
bool wizard_finished(const struct wizard *w);	     /* every job has ended and its log is shown */
const cJSON *wizard_watched(const struct wizard *w); /* JobDetail of the job watched, or NULL */

/* wizard_draw.c */
void wizard_draw(struct layer *l, struct ui *ui, const struct scene *scene, struct grid *g);

#endif
