#ifndef CLI_DOC_H
#define CLI_DOC_H
#include <stdio.h>
#include "jobdeck/cli/cmd.h"

/* Descriptions of the program, all from the tables of cmd.c. */
void doc_program(FILE *out);			  /* jobdeck --help */
void doc_command(FILE *out, const struct cmd *c); /* jobdeck help COMMAND */
void doc_settings(FILE *out);			  /* jobdeck help settings */
void doc_mdoc(FILE *out);			  /* the generated parts of doc/jobdeck.1 */
void doc_bash(FILE *out);			  /* completion for bash, zsh, fish */
void doc_zsh(FILE *out);
void doc_fish(FILE *out);

/* Options without a help text are for our own use and shown nowhere. */
bool doc_hidden(const struct cmd_opt *o);
bool doc_has_options(const struct cmd *c); /* that are shown */

/* The i-th thing that may stand as an operand, from its notation "enable|disable QUEUE...":
 * "enable", "disable", "QUEUE". NULL after the last. Returns out. */
const char *doc_operand(const struct cmd *c, int i, char *out, size_t size);

#endif
