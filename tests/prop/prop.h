#ifndef PROP_H
#define PROP_H
#include <inttypes.h>
#include "jobdeck/sim/sim.h"
#include "oracle.h"
#include "rows.h"

/* What the files of the property test share: the table of properties, a run of one case, and
 * the parts of a run. */

#define PROP_TABLE(X)                                                                    \
	X(CAPACITY, "no environment and no pool is given more than it has")              \
	X(DEPENDS, "nothing is placed before its dependencies succeeded")                \
	X(ATTEMPTS, "attempts count from 1 and stay within the limit")                   \
	X(FIFO, "only the head of a line is placed, in the first environment with room") \
	X(PRIORITY, "no queue is served while one before it could be")                   \
	X(TABLE, "status moves only along the table")                                    \
	X(SETTLE, "the end of an attempt settles the job by section 6")                  \
	X(REFUSE, "what cannot be is refused, and only that")                            \
	X(TWICE, "asked twice, it decides the same")                                     \
	X(QUIET, "when it decides nothing, nothing is left to decide")                   \
	X(WAKEUP, "nothing becomes possible before the wakeup, and something at it")     \
	X(REPLAY, "the replayed journal gives the live state after every fact")          \
	X(RESTART, "the rows of any moment give the same state again")                   \
	X(CLONE, "a copy equals its original and goes on alike")                         \
	X(VIEWS, "views and explanations tell what is so")                               \
	X(BLOCKED, "a head is called blocked when and why it is, and nobody else")       \
	X(ENDS, "every job that can run ends")

enum prop {
#define X(name, text) PROP_##name,
	PROP_TABLE(X)
#undef X
		PROP_COUNT
};

struct run {
	const struct workload *w;
	struct oracle o;
	struct sched *s, *replay;
	struct sim *sim;
	struct random random; /* for what to look at more closely */
	int64_t facts;
	int failed; /* the property, or -1 */
	char why[300];
};

/* prop_sched.c: counts a check, and keeps the first that failed. */
void check(struct run *run, enum prop prop, bool ok, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
#define CHECK(prop, ok, ...) check(run, PROP_##prop, (ok), __VA_ARGS__)

/* say.c: facts from outside. */
void say_item(struct run *run, const struct item *item);
void say_world(struct run *run, jd_time at); /* the machine as it is at the beginning */

/* see.c: holds a fact against what the oracle knows, and tells the oracle. */
void see_fact(struct run *run, struct oracle_job *job, const struct fact *fact,
	      const struct fact_effect *effect);

/* same.c: the same state by other ways. */
void same_in_replay(struct run *run, const struct fact *fact, const struct fact_effect *effect);
void same_after_restart(struct run *run, jd_time now);
void same_in_copy(struct run *run); /* from now on the replay is a copy */
void same_when_asked_twice(struct run *run, jd_time now);

/* look.c: when nothing is left to decide. */
void look_quiet(struct run *run, jd_time now); /* nothing may be possible */
void look_places(struct run *run);	       /* views tell what is so */
void look_jobs(struct run *run);

#endif
