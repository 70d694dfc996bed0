#ifndef JOBDECK_SIM_SIM_H
#define JOBDECK_SIM_SIM_H
#include "jobdeck/sched/core.h"

/* Runs a scheduler forward on a made-up clock: no store, no processes, no real time. Same
 * scheduler, same facts, same guesses: same schedule.
 *
 * Attempts start `start_ms` after they were placed (nodes that wait: after NODE_START) and end
 * after their guessed duration with the guessed exit code. One that is asked to stop ends
 * `stop_ms` later: out of time with 137 and .timed_out, for any other reason with 143; what
 * that means is the scheduler's to say (sched_settle_end). Instances come and go by decisions
 * alone. What happens at one moment is applied together, then the scheduler decides, as in one
 * turn of the engine. Children and nodes are asked for by their own keys. */
struct sim_guess {						     /* how an attempt will go */
	int64_t (*duration_ms)(void *arg, int64_t job, int attempt); /* from its start */
	int (*exit_code)(void *arg, int64_t job, int attempt);	     /* NULL: always 0 */
	int64_t (*latency_ms)(void *arg, int64_t job, int attempt);  /* NULL: always start_ms */
	void *arg;
	int64_t start_ms, stop_ms;
};

/* Told of every fact after it was applied. */
typedef void sim_watch(void *arg, const struct fact *fact, const struct fact_effect *effect);

struct sim;
/* Attempts that run already are taken to go on as guessed, from when they started. The watch
 * may be NULL. */
struct sim *sim_new(struct sched *s /* borrowed */, jd_time start, const struct sim_guess *guess,
		    sim_watch *watch, void *arg);
void sim_free(struct sim *sim);
jd_time sim_now(const struct sim *sim);
/* Applies a fact from outside at its own time, fact->at (not before sim_now: ERR_INVALID),
 * after letting all that comes before that happen. Decisions on it are taken by the next
 * call that lets time pass, so that facts of one moment come together. */
int sim_apply(struct sim *sim, const struct fact *fact, struct err *err);
/* Lets time pass until nothing can happen any more, or until `until`. Returns the time:
 * `until`, or with JD_NEVER that of the last thing that happened. */
jd_time sim_run(struct sim *sim, jd_time until);
/* The same in pieces: comes back once about so many facts were applied. True when there is more
 * to do; pieces of any size come to the same end. Facts from outside only between wholes. */
bool sim_go(struct sim *sim, jd_time until, int64_t facts);
/* True when the scheduler refused what it had decided itself, which is an error in it: the
 * simulation has stopped there for good. */
bool sim_broken(const struct sim *sim, struct err *err);

#endif
