#ifndef JOBDECK_BASE_CRASH_H
#define JOBDECK_BASE_CRASH_H

/* Named points at which a test can have the program die as by kill -9:
 * JOBDECK_CRASH_AT="NAME:N" in the environment dies at the Nth passing of NAME. The names
 * are listed in doc/architecture.md "Crash points". Always compiled in, so that what is
 * tested is what is shipped; without the variable a point costs one comparison. */
void crash_point(const char *name);

#endif
