#ifndef PROP_STORY_H
#define PROP_STORY_H
#include "workload.h"

/* What became of the jobs of a workload, by the engine (by_engine.c) or by the simulator
 * (by_sim.c). */

struct life {
	bool seen; /* it has a row of its own */
	enum job_status status;
	int attempts;
	struct {
		char env[8];
		jd_time placed, started, stopped;
		int64_t instance;
	} attempt[LIMIT_ATTEMPTS + 1];
};

struct story {
	const struct workload *w;
	struct life *life; /* by key - first, children too */
	int64_t *given;	   /* the key that the engine gave it, by the same; 0: left out */
	int64_t first;
	int count;
	int generation[MAX_ENVS];
	bool tie; /* two ends at one moment: which is told first is nobody's business */
	jd_time last_end;
};

/* How the n-th attempt of a job with that key of the engine's goes, as the fake backend draws
 * it from the words that by_engine.c gives it. */
enum { STORY_LONGEST_MS = 30000, STORY_FAIL_PERCENT = 30, STORY_SEED = 7 };
int64_t story_duration(int64_t given, int attempt);
int story_code(int64_t given, int attempt);

static inline struct life *story_life(const struct story *s, int64_t key)
{
	return &s->life[key - s->first];
}
static inline int64_t story_given(const struct story *s, int64_t key)
{
	return s->given[key - s->first];
}
/* The environment as it is from now on: generations rise with updates only. */
struct environment story_env(struct story *s, const struct env_setting *setting, int n);
/* The instance whose turn a drill says it is, or 0. */
int64_t story_instance(const struct sched *s, int which);
void story_die(const char *what, const char *why) __attribute__((noreturn));

void by_engine(const struct workload *w, struct story *s); /* fills .given, too */
void by_sim(const struct workload *w, struct story *s);	   /* after it: .given is there */

#endif
