#ifndef TUI_FILTER_H
#define TUI_FILTER_H
#include "snap.h"

/* Does a job pass the filter? Words are joined by "and": part of a name, the beginning of
 * an id, a state (running, failed ...; also waiting, live, ended); "state:WORD" is a state
 * only, "!word" leaves out what matches. */
bool filter_match(const char *filter, const struct snap_job *job);

#endif
