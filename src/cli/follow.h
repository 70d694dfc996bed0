#ifndef CLI_FOLLOW_H
#define CLI_FOLLOW_H
#include "jobdeck/cli/cmd.h"

/* Shows a job's output: what it wrote to stdout on our stdout, stderr on our stderr. Into a
 * file or pipe go the job's own bytes; on a terminal control sequences are made harmless. */
struct follow_options {
	struct cmd_run *run;
	const char *job;
	bool live;    /* until the job has ended and all of it is shown; else what is there */
	int attempt;  /* 0: the newest; live: and those after it */
	int64_t tail; /* only so many lines of what is there; 0: all */
	bool timestamps;
	bool talk; /* say on stderr why it waits and when an attempt ends */
};

/* 0, or -1, or the number of the signal that ended it. *detail (may be NULL) is the job as it
 * was last seen, set also on failure if it was seen at all; caller deletes. */
int follow_job(const struct follow_options *o, cJSON **detail, struct err *err);

/* Follows a job that this program stands for, says how it ended, or at Ctrl-C that it goes on.
 * Returns the exit code: the job's own. */
int follow_to_the_end(struct cmd_run *r, const char *job);

#endif
