#ifndef JOBDECK_SCHED_LADDER_H
#define JOBDECK_SCHED_LADDER_H
#include "evidence.h"

/* What the rungs of sched_why share. A rung is judged as if those before it were ok; what is
 * told of those after the first that is not ok is why.c's part. */
struct ladder {
	const struct sched *s;
	struct live_queue *q;
	struct subject subject;
	int64_t key; /* as asked for */
	jd_time now;
	void (*name_job)(void *arg, int64_t key, char *out, size_t size);
	void *arg;
};
/* Writes what it found, and what would change it. */
typedef enum verdict judge_rung(const struct ladder *l, struct tale *text, struct tale *help);

enum { LADDER_NAME_SIZE = 160 };
const char *ladder_name(const struct ladder *l, int64_t key, char buf[LADDER_NAME_SIZE]);

/* why_line.c: what comes before a place. */
judge_rung why_dependencies, why_queue, why_order;
/* why_place.c: the place itself. */
judge_rung why_fits, why_room, why_environment, why_placement;
/* why_share.c: what others are entitled to, or have. */
judge_rung why_shares, why_consumables;

#endif
