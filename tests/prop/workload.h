#ifndef PROP_WORKLOAD_H
#define PROP_WORKLOAD_H
#include <stdbool.h>
#include <stddef.h>
#include "jobdeck/model/fact.h"

/* Random workloads for the property tests: a machine, environments, queues, and a list of
 * things that happen, by time. All of it follows from the seed. */

enum { MAX_ENVS = 4, MAX_QUEUES = 4, MAX_DEPENDS = 4 };

struct random {
	uint64_t state;
};
uint64_t random_next(struct random *r);
int64_t random_below(struct random *r, int64_t n); /* 0 .. n-1 */
bool random_one_in(struct random *r, int64_t n);

enum item_kind { ITEM_SUBMIT, ITEM_CANCEL, ITEM_TERMINATE, ITEM_ENV, ITEM_QUEUE, ITEM_POOL };

struct env_setting {
	bool unmanaged, disabled, invalid;
	int max;
};

struct queue_setting {
	bool disabled;
	int priority, env_count, env[LIMIT_CE_PER_QUEUE];
};

struct item {
	enum item_kind kind;
	jd_time at;
	bool left_out; /* by shrinking */
	int64_t job;   /* SUBMIT, CANCEL, TERMINATE: a key */
	int which;     /* ENV, QUEUE: its number; SUBMIT: of the queue */
	struct env_setting env;
	struct queue_setting queue;
	struct resources pool;
	struct { /* SUBMIT */
		struct resources need;
		int attempts, rule, timeout_s, depends_count;
		int64_t depends[MAX_DEPENDS];
	} submit;
};

struct workload {
	uint64_t seed;
	struct resources pool;
	int env_count, queue_count;
	struct env_setting env[MAX_ENVS];
	struct queue_setting queue[MAX_QUEUES];
	struct item *items;
	int item_count, job_count;
	int64_t first_key, key_step;
	int64_t start_ms, stop_ms;
	bool nosy; /* ask sched_decide after every fact, not only when the engine would */
};

void workload_make(struct workload *w, uint64_t seed);
/* One whose keys are as an engine gives them: from 1, each the next. */
void workload_make_for_engine(struct workload *w, uint64_t seed);
void workload_fini(struct workload *w);
void workload_print(const struct workload *w); /* as TAP comments, without what is left out */
/* Leaves out as much as can be with `fails` still true: halves, quarters, ... single items. */
void workload_shrink(struct workload *w, bool (*fails)(const struct workload *w));

/* How attempts go. */
int64_t workload_duration(const struct workload *w, int64_t job, int attempt);
int workload_exit_code(const struct workload *w, int64_t job, int attempt);
/* One of a few retry strategies; borrowed, static memory. */
struct retry_strategy workload_retry(const struct item *item);

#endif
