#ifndef PROP_H
#define PROP_H
#include <inttypes.h>
#include "jobdeck/sim/sim.h"
#include "oracle.h"
#include "rows.h"

/* What the files of the property test share: the table of properties, a run of one case, and
 * the parts of a run. */

#define PROP_TABLE(X)                                                                    \
	X(CAPACITY, "no environment, instance, device or pool is given more than it has") \
	X(DEPENDS, "nothing is placed before its dependencies, of every kind, allow it") \
	X(FOLD, "a parent is the fold of its children")                                  \
	X(SCALE, "instances come when they are needed and go when they are not")         \
	X(PACK, "jobs are packed as tightly as can be")                                  \
	X(ATTEMPTS, "attempts count from 1 and stay within the limit")                   \
	X(FIFO, "only the head of a line is placed, in the first environment with room") \
	X(PRIORITY, "no queue is served while one before it could be")                   \
	X(LENT, "Spot work has only what on-demand work does not need")                  \
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
	bool thorough;	   /* look at everything, so that luck plays no part */
	bool drill;	   /* what comes now is somebody's will */
	int failed;	   /* the property, or -1 */
	char why[300];
};

/* prop_sched.c: counts a check, and keeps the first that failed. */
void check(struct run *run, enum prop prop, bool ok, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void let_pass(struct run *run, jd_time until);
#define CHECK(prop, ok, ...) check(run, PROP_##prop, (ok), __VA_ARGS__)

/* say.c: facts from outside. */
char *outcome_of(const struct run *run, const struct oracle_job *array); /* caller frees */
void say_dependencies(const struct run *run, struct job *row);	 /* outcomes; to be freed */
void unsay_dependencies(struct job *row);
void say_item(struct run *run, const struct item *item);
void say_settings(struct run *run);
void say_world(struct run *run, jd_time at); /* the machine as it is at the beginning */

/* How an instance is called that is the machine itself: this plus the environment's number. */
#define LOCAL_HOST (INT64_C(1) << 40)

/* see.c, see_place.c: hold a fact against what the oracle knows, and tell the oracle. */
void see_fact(struct run *run, struct oracle_job *job, const struct fact *fact,
	      const struct fact_effect *effect);
void see_lent(struct run *run, int env, jd_time now);
void see_place_fact(struct run *run, const struct fact *fact);

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
