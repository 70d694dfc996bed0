#ifndef CLI_ARGS_H
#define CLI_ARGS_H
#include "jobdeck/cli/cmd.h"

/* A command line, taken apart by the option tables. getopt_long does the work; the tables
 * are the only place where an option is described. */
struct cmd_values {
	size_t count, cap;
	struct {
		const struct cmd_opt *opt;
		const char *value; /* borrowed from argv */
	} * v;
};

struct args {
	struct cmd_values values; /* global options and those of the subcommand */
	const char *command;	  /* NULL: none given */
	const struct cmd *cmd;	  /* NULL: none given, or none of that name */
	char **operands;	  /* borrowed strings */
	int operand_count;
	int dashed; /* operands that came after "--" */
};

/* -1: the command line makes no sense; err says what to do. args_fini in any case. */
int args_parse(struct args *a, int argc, char **argv, struct err *err);
void args_fini(struct args *a);
/* The i-th value of the option `name`, or NULL. A flag's value is "". */
const char *values_get(const struct cmd_values *v, const char *name, int i);

/* How unlike two words are: inserted, dropped, changed and swapped letters. */
int word_distance(const char *a, const char *b);

#endif
