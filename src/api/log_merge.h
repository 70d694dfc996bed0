#ifndef JOBDECK_SRC_API_LOG_MERGE_H
#define JOBDECK_SRC_API_LOG_MERGE_H
#include "stream.h"

/* The lines of many streams in the order of their times. A stream is opened only when the
 * merge comes to the time at which it may begin, and the lines before `from` are passed over
 * by halving, so that the cost follows what is given, not what there is. */
struct log_merge;

/* A line's place among all: later lines have a greater one. */
struct log_place {
	jd_time at;
	int64_t job;
	int attempt;
	int64_t position;
};

struct log_merged {
	struct log_place place;
	const char *stream; /* its name; borrowed */
	const char *text;   /* until the next step */
	size_t len;
	bool is_stderr, continues, cut;
};

/* All lines after `after` (strictly) of these streams, which must live as long. Reorders
 * them. */
struct log_merge *log_merge_new(struct engine *e, struct stream_list *l,
				const struct log_place *after);
void log_merge_free(struct log_merge *m);
/* 1: the next line; 0: there are no more; -1: one could not be read. */
int log_merge_next(struct log_merge *m, struct log_merged *out, struct err *err);

#endif
