#include "config.h"
#include "temp_home.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

void temp_home_make(struct temp_home *t)
{
	const char *tmp = getenv("TMPDIR");
	struct err err = {0};

	snprintf(t->dir, sizeof t->dir, "%.50s/jobdeck-test-XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(t->dir));
	t->home = home_open(t->dir, &err);
	if (!t->home)
		fail_msg("%s", err.text);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

void temp_home_remove(struct temp_home *t)
{
	home_free(t->home);
	nftw(t->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
