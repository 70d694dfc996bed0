#ifndef CLI_VERB_H
#define CLI_VERB_H
#include "jobdeck/cli/cmd.h"

/* Subcommands that do several things to one kind of thing: "jobdeck queue create NAME". One
 * row a verb; all of them share the options of the subcommand. */
typedef int verb_one(struct cmd_run *r, const char *name, struct err *err);

struct verb {
	const char *name;
	const char *operands; /* what stands behind it: "NAME"; NULL: nothing */
	int least, most;      /* how many of them; -1: no limit */
	bool changes;	      /* refused by --read-only */
	const char *const
		*options; /* the subcommand's own that it knows; ends with NULL; or NULL */
	/* One of the two: for all operands at once, returning the exit code, or for each. */
	int (*run)(struct cmd_run *r, char **names, int count);
	verb_one *one;
};

/* Finds the first operand's verb in the table, which ends with a NULL name, checks what stands
 * behind it, and runs it. Returns the exit code. */
int verb_run(struct cmd_run *r, const struct verb *verbs);

/* Calls `one` for each name, whatever becomes of the others, and says what went wrong; the
 * first trouble is the exit code. */
int verb_each(struct cmd_run *r, char **names, int count, verb_one *one);

/* Runs another subcommand with these operands. */
int verb_as(struct cmd_run *r, const char *command, char **names, int count);

#endif
