#ifndef JOBDECK_SRC_API_GUESS_H
#define JOBDECK_SRC_API_GUESS_H
#include <cjson/cJSON.h>
#include "jobdeck/store/store.h"

/* How long jobs will run, by how long they ran: the median of the newest runs that ended well of
 * the same name and definition, else of the definition, whatever its revision; else a minute. */
struct guess;
/* `said_ms`: what the client says of all jobs, or -1. */
struct guess *guess_new(struct store *st /* borrowed */, int64_t said_ms);
void guess_free(struct guess *g); /* accepts NULL */
/* Reads the history: the newest runs of each queue, so that it takes no longer than it may. */
int guess_learn(struct guess *g, struct err *err);
int64_t guess_duration(void *guess, int64_t key, int attempt); /* of struct forecast_source */
/* What it was asked for, and what it answered by how many runs. Caller deletes. */
cJSON *guess_told(struct guess *g);

#endif
