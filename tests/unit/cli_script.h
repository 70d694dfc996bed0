#ifndef TESTS_CLI_SCRIPT_H
#define TESTS_CLI_SCRIPT_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "jobdeck/cli/cmd.h"
#include "temp_home.h"

/* Runs of the whole program against a made-up API. */

/* One expected call: its operation, a part of its request, its answer. An answer that
 * begins with '!' is an error: "!4 text" is the kind and the text. */
struct expected {
	const char *op, *request, *answer;
};
#define NOTHING                  \
	{                        \
		NULL, NULL, NULL \
	}
extern const struct expected nothing[];

struct result {
	int code;
	char out[4096], err[4096];
};
/* Runs a command line, taken apart at its blanks, which makes just these calls. It must end
 * with `code`, print `out` (NULL: anything) and say `err` somewhere on stderr (NULL). */
void check(const char *line, const struct expected *e, int code, const char *out, const char *err);
void run(struct result *r, const char *line, const struct expected *e);

extern struct temp_home cli_home;
int cli_up(void **state), cli_down(void **state);

#endif
