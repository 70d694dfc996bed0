#ifndef CLI_CONSOLE_H
#define CLI_CONSOLE_H
#include "jobdeck/cli/cmd.h"

/* Starts the console, or the wizard first. Returns the exit code; without a terminal 2 and a
 * message that names the subcommands. */
int console_start(struct cmd_run *r, bool wizard);
/* `jobdeck` without a subcommand: the wizard when there is no compute environment yet. */
int console_default(struct cmd_run *r);

#endif
