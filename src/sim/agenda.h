#ifndef JOBDECK_SIM_AGENDA_H
#define JOBDECK_SIM_AGENDA_H
#include <stdbool.h>
#include "jobdeck/base/time.h"

/* What is going to happen to attempts, by time, then by job, then in the order it was added:
 * never by anything that differs between two runs. */
enum happening { HAPPENS_START, HAPPENS_END, HAPPENS_STOPPED, HAPPENS_TIMEOUT };

struct event {
	jd_time at;
	int64_t job;
	int attempt;
	enum happening what;
};

struct agenda;
struct agenda *agenda_new(void);
void agenda_free(struct agenda *agenda);
void agenda_add(struct agenda *agenda, const struct event *event);
jd_time agenda_next(const struct agenda *agenda); /* or JD_NEVER */
/* Takes the first event off if it is due by `now`; false when there is none. */
bool agenda_take(struct agenda *agenda, jd_time now, struct event *out);

#endif
