#ifndef JOBDECK_CLI_CMD_H
#define JOBDECK_CLI_CMD_H
#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdio.h>
#include "jobdeck/client/client.h"

/* A subcommand. Add one: write cli/cmd_NAME.c and add its row to the table in cli/cmd.c;
 * the parser, help, man page, completion and the consistency tests follow from there. */

/* What a program run ends with; cmd_exits says it in words (doc/jobdeck.1 EXIT STATUS). */
enum {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,   /* the other side failed */
	EXIT_USAGE = 2,	   /* wrong arguments, or no terminal */
	EXIT_TERMINAL = 3, /* the terminal cannot do it */
	EXIT_NOT_FOUND = 4,
	EXIT_REFUSED = 5,
	EXIT_TIMED_OUT = 6,
	EXIT_JOB_FAILED = 10, /* wait: a job FAILED */
	EXIT_SIGNAL = 128,    /* plus the number of the signal that ended it */
};
struct cmd_exit {
	const char *code; /* "0", "129, 130, 143" */
	const char *text; /* N_() */
};
extern const struct cmd_exit cmd_exits[]; /* ends with a NULL code */

/* An option. What its argument is called also tells shell completion what may stand there:
 * QUEUE, ENVIRONMENT, DEFINITION, JOB, STATUS, DIR, COMMAND. Those words are not translated. */
struct cmd_opt {
	char letter;	  /* 0: none */
	const char *name; /* long form without dashes */
	const char *arg;  /* NULL: a flag */
	const char *help; /* N_() */
	bool many;	  /* may be given more than once; else the last one counts */
};
/* Understood before and after every subcommand. Ends with a NULL name. */
extern const struct cmd_opt cmd_globals[];

struct cmd;
struct cmd_values;
/* One run of one subcommand: its options, its operands, its client. */
struct cmd_run {
	const struct cmd *cmd;
	const struct home *home;
	const char *program; /* for starting a server */
	bool json, json_lines, embedded, no_start, read_only, ascii, no_color;
	int argc; /* operands */
	char **argv;
	struct client *client; /* open when CMD_CLIENT is set */
	const struct cmd_values *values;
};

enum {
	CMD_CLIENT = 1,	   /* talks to the server: r->client is open */
	CMD_JSON = 2,	   /* knows --json and --jsonl */
	CMD_CHANGES = 4,   /* changes something always: refused by --read-only */
	CMD_DASHDASH = 8,  /* operands only after "--": they are somebody else's command line */
	CMD_NO_HOME = 16,  /* needs no home directory */
	CMD_NO_START = 32, /* never starts a server */
};

struct cmd {
	const char *name;
	const char *operands; /* "JOB...", untranslated like cmd_opt's arg; NULL: none */
	const char *summary;  /* one line, N_() */
	const char *text;     /* paragraphs for help and manual, N_(), parted by "\n\n"; or NULL */
	const char *example;  /* one command line; or NULL */
	const struct cmd_opt *opts; /* ends with a NULL name; or NULL */
	unsigned flags;
	int min_operands, max_operands; /* -1: no limit */
	int (*run)(struct cmd_run *r);	/* returns the exit code */
};
extern const struct cmd *const cmd_table[]; /* NULL-ended, in the order of the help */
const struct cmd *cmd_find(const char *name);
/* The name most like `name`, or NULL when none is near. */
const char *cmd_near(const char *name);

/* The value of an option, or NULL; the i-th of one that may repeat. */
const char *cmd_value(const struct cmd_run *r, const char *name);
const char *cmd_value_at(const struct cmd_run *r, const char *name, int i);
bool cmd_flag(const struct cmd_run *r, const char *name);
/* The value as a whole number from `least` to `most`, `def` when not given. -1: not such a
 * number, err says which option. */
int cmd_int(const struct cmd_run *r, const char *name, int64_t least, int64_t most, int64_t def,
	    int64_t *out, struct err *err);

/* The whole program: parses the global options, picks the subcommand (none: the console),
 * returns the exit code. */
int cli_main(int argc, char **argv);

/* Prints "jobdeck: TEXT" on stderr and returns the exit code for the kind of error. */
int cmd_fail(const struct err *err);
/* Prints "jobdeck: TEXT" on stderr, made safe for a terminal. */
void cmd_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* What an answer warns of, in its jobdeckWarnings, each as a line on stderr. */
void cmd_warnings(const cJSON *answer);
/* The same with a pointer to the help of the subcommand; returns EXIT_USAGE. */
int cmd_usage(const struct cmd_run *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
