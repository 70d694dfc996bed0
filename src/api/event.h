#ifndef JOBDECK_SRC_API_EVENT_H
#define JOBDECK_SRC_API_EVENT_H
#include "internal.h"

/* What AWS Batch sends to EventBridge (EV-1), made of the journal: an event for every change of a
 * job's status but its submission (SM-4), and for every head of a queue that is found blocked.
 * The journal is the truth: its numbers order events, and a reader who keeps the last one goes
 * on after any restart. */
enum event_type { EVENT_JOB, EVENT_BLOCKED, EVENT_COUNT };
extern const char *const event_types[]; /* "Batch Job State Change"; ends with NULL */

struct event_filter {
	const char *type;   /* NULL or "": any */
	const char *status; /* the same; the job's after the change */
	const char *queue;  /* the same */
};

struct event {
	int64_t seq; /* in the journal */
	enum event_type type;
	jd_time at;
	int64_t job;
	enum job_status status;
	char reason[256]; /* BLOCKED: which (section 10) */
};

/* Is this line of the journal an event of that kind? */
bool event_read(const struct journal_entry *line, const struct event_filter *f, struct event *out);
/* The event as JSON, or NULL: there is no such job any more, or it is not in the queue that the
 * filter wants. Caller deletes. The detail is the job as it was then, as far as is known. */
cJSON *event_make(struct api_call *c, const struct event *e, const struct event_filter *f);

/* hooks.c: runs the commands of the settings' hooks. NULL: there are none. */
struct hooks *hooks_start(struct api *a);
void hooks_stop(struct hooks *h); /* what runs goes on; NULL allowed */
void hooks_show(const struct hooks *h, cJSON *out); /* "hooks", if there are any */

#endif
