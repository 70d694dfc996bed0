#ifndef TUI_SHELL_H
#define TUI_SHELL_H
#include <cjson/cJSON.h>
#include <stdbool.h>
#include "jobdeck/base/buf.h"
#include "jobdeck/base/err.h"

/* Commands between the line a person types and the list of words AWS Batch wants. */

/* Appends a word so that a POSIX shell reads it back as it is. */
void shell_quote(struct buf *b, const char *word);
/* A list of words as one line; caller frees. */
char *shell_join(const cJSON *words);
/* A line as a list of words: quotes and backslashes as in a shell. A line that needs a
 * shell (pipes, variables, redirections, several commands) becomes sh -c 'LINE'. NULL when
 * a quote is not closed or there is nothing. */
cJSON *shell_split(const char *line, struct err *err);

#endif
