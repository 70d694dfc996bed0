#ifndef TEST_TEMP_HOME_H
#define TEST_TEMP_HOME_H
#include "jobdeck/base/home.h"

/* A home of a test's own, under $TMPDIR or /tmp. */
struct temp_home {
	char dir[80];
	struct home *home;
};

void temp_home_make(struct temp_home *t); /* fails the test when it cannot */
void temp_home_remove(struct temp_home *t);

#endif
