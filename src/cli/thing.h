#ifndef CLI_THING_H
#define CLI_THING_H
#include "jobdeck/cli/cmd.h"

/* Environments and queues: both are switched on and off, and gone only when nothing lives in
 * them any more. */
struct thing_kind {
	const char *member;			/* "jobQueue" */
	const char *update, *delete, *describe; /* operations */
	const char *plural;			/* list in Describe's request and answer */
	const char *question, *gone;		/* N_() */
};
extern const struct thing_kind thing_queue, thing_environment;

/* state: ENABLED or DISABLED. Says what was done. */
int thing_set_state(struct cmd_run *r, const struct thing_kind *k, const char *name,
		    const char *state, struct err *err);
/* Asks where somebody can answer (unless --yes), deletes, and waits until it is gone. */
int thing_delete(struct cmd_run *r, const struct thing_kind *k, const char *name, struct err *err);
/* Is the deletion wanted? `question` has a %s for the name. */
bool thing_confirmed(const struct cmd_run *r, const char *question, const char *name);

#endif
