#ifndef CLI_WORDS_H
#define CLI_WORDS_H
#include <cjson/cJSON.h>

/* A command as a line that a shell would read the same way: quotes where they are needed.
 * `command` is a list of strings or NULL. Caller frees. */
char *words_join(const cJSON *command);

#endif
