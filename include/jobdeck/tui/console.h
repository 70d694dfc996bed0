#ifndef JOBDECK_TUI_CONSOLE_H
#define JOBDECK_TUI_CONSOLE_H
#include <stdbool.h>
#include "jobdeck/base/home.h"
#include "jobdeck/client/client.h"

/* The console. */
struct console_options {
	const struct home *home;
	struct client *client; /* borrowed */
	bool read_only, ascii, no_color;
	bool wizard;	       /* begin with the first-run wizard */
};
/* Runs until the user leaves. Returns an exit code: 0, 2 no terminal, 3 the terminal cannot
 * position the cursor, 129/130/143 ended by a signal. The terminal is restored. */
int console_run(const struct console_options *o);

#endif
