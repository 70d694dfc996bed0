#ifndef JOBDECK_BASE_UUID_H
#define JOBDECK_BASE_UUID_H
#include <stdbool.h>
#include "jobdeck/base/time.h"

#define UUID_SIZE 37 /* 36 characters and NUL */

/* A version 7 UUID (RFC 9562): sorts by `now`, and ids made by one process in the same
 * millisecond sort in the order they were made. */
void uuid_v7(jd_time now, char out[UUID_SIZE]);
/* A random (version 4) UUID, for request ids. */
void uuid_v4(char out[UUID_SIZE]);
/* True for 36 characters of lower-case hex and dashes in the right places. */
bool uuid_is(const char *text);
/* The time a version 7 UUID was made, or -1. */
jd_time uuid_time(const char *text);

#endif
