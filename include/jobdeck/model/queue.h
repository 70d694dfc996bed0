#ifndef JOBDECK_MODEL_QUEUE_H
#define JOBDECK_MODEL_QUEUE_H
#include "jobdeck/base/time.h"
#include "jobdeck/model/enums.h"
#include "jobdeck/model/limits.h"

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
	jd_time created;
	char *doc;
};

void queue_free(struct queue *q);
struct queue *queue_copy(const struct queue *q);

#endif
