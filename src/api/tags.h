#ifndef JOBDECK_SRC_API_TAGS_H
#define JOBDECK_SRC_API_TAGS_H
#include "jobdeck/base/json.h"
#include "jobdeck/model/job.h"
#include "jobdeck/model/queue.h"

/* Tags that mean something to Jobdeck. Of a queue: */
#define TAG_BACKFILL	"jobdeck:backfill"    /* on: who does not fit does not stop those behind */
#define TAG_MAX_RUNNING "jobdeck:max-running" /* N jobs at most at a time */
/* of a job, at its submission: */
#define TAG_HOLD	"jobdeck:hold"	      /* true: waits until it is released */
#define TAG_START_AFTER "jobdeck:start-after" /* a time (time_read) before which it waits */
/* Ids of jobs that must have ended, well or not; with commas or blanks between. A tag holds
 * only 256 characters: jobdeck:after-any.2 and so on continue it. */
#define TAG_AFTER_ANY "jobdeck:after-any"

/* Take over what the tags of a queue or job say; to be called again when a queue's change.
 * Values that make no sense are ERR_INVALID. */
int tags_read_queue(struct queue *q, const cJSON *tags, struct err *err);
int tags_read_job(struct job *job, const cJSON *tags, struct err *err);
int tags_each_after_any(const cJSON *tags, int (*each)(void *arg, const char *id, struct err *),
			void *arg, struct err *err);

#endif
