#ifndef JOBDECK_SRC_API_LOG_PAGE_H
#define JOBDECK_SRC_API_LOG_PAGE_H
#include "internal.h"

/* A page of a stream: lines in order, and where the pages before and after it begin. */
struct log_page {
	struct engine *engine;
	int64_t job;
	int attempt;
	jd_time from, to; /* lines of from <= time < to */
	int limit;	  /* lines */

	cJSON *events;	       /* the caller's: filled */
	int64_t before, after; /* positions: the page before this one ends, the next begins */
};

/* The lines from `position` on. */
int log_page_forward(struct log_page *p, int64_t position, struct err *err);
/* The last lines before `position`; before the end when it is -1. */
int log_page_backward(struct log_page *p, int64_t position, struct err *err);

#endif
