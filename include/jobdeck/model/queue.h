#ifndef JOBDECK_MODEL_QUEUE_H
#define JOBDECK_MODEL_QUEUE_H
#include <stdbool.h>
#include <stdint.h>
#include "jobdeck/base/time.h"
#include "jobdeck/model/enums.h"
#include "jobdeck/model/limits.h"

/* One of jobStateTimeLimitActions (BL-1): a RUNNABLE job that was the blocked head for that
 * reason so long is cancelled. */
struct time_limit {
	enum blocked reason;
	int64_t max_ms;
};

/* A job queue. `env` holds the names of its compute environments in ascending `order`
 * (JQ-2); `doc` is what was said at creation and update, in the API's shape. Owned. */
struct queue {
	char *name;
	enum state state;
	enum status status;
	char *status_reason;
	int priority; /* higher first (JQ-5) */
	int env_count;
	char *env[LIMIT_CE_PER_QUEUE];
	char *policy; /* name of its scheduling policy; NULL: first in, first out (JQ-7) */
	int limit_count;
	struct time_limit limit[LIMIT_TIME_ACTIONS];
	/* Jobdeck's own, as tags jobdeck:backfill=on and jobdeck:max-running=N. */
	bool backfill;	 /* who does not fit does not stop those behind (JQ-6) */
	int max_running; /* STARTING and RUNNING jobs at most; 0: no limit */
	jd_time blocked_until; /* drill: nothing is placed before; 0: none */
	jd_time created;
	char *doc;
};

void queue_free(struct queue *q);
struct queue *queue_copy(const struct queue *q);

#endif
