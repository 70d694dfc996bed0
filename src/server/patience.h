#ifndef SERVER_PATIENCE_H
#define SERVER_PATIENCE_H
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include "jobdeck/loop/loop.h"

/* How long a connection may be at what it is doing. libmicrohttpd's own time limit begins anew
 * with every byte; these do not, so that nobody holds a place by sending one now and then. */
enum patience_phase {
	PATIENCE_FRESH, /* has shown nothing yet that makes it welcome: over TCP */
	PATIENCE_IDLE,	/* may send its next request, and its headers */
	PATIENCE_BODY,
	PATIENCE_ANSWER, /* reads its answer */
	PATIENCE_NONE,	 /* waits for us */
	PATIENCE_PHASES,
};

struct patient {
	TAILQ_ENTRY(patient) link;
	int fd;
	enum patience_phase phase;
	int64_t until;
};
TAILQ_HEAD(patient_list, patient);

struct patience {
	struct patient_list list[PATIENCE_PHASES]; /* whose time is over first stands first */
	int64_t limit[PATIENCE_PHASES];
	struct loop_timer *timer;
	int64_t set; /* when the timer goes off; INT64_MAX: it does not */
};

/* Seconds of each phase. */
void patience_init(struct patience *p, struct loop *l, int fresh_s, int idle_s, int body_s,
		   int answer_s);
void patience_fini(struct patience *p); /* nobody may be left */

void patience_add(struct patience *p, struct patient *who, int fd, enum patience_phase phase);
void patience_enter(struct patience *p, struct patient *who, enum patience_phase phase);
void patience_remove(struct patience *p, struct patient *who);
/* Sets the timer anew; once a turn, before the wait. When it goes off, connections whose time
 * is over are shut down; whoever serves them sees their end. */
void patience_set(struct patience *p);

#endif
