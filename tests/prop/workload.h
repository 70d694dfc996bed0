#ifndef PROP_WORKLOAD_H
#define PROP_WORKLOAD_H
#include <stdbool.h>
#include <stddef.h>
#include "jobdeck/model/fact.h"

/* Random workloads for the property tests: a machine, environments, queues, and a list of
 * things that happen, by time. All of it follows from the seed. */

enum { MAX_ENVS = 4, MAX_QUEUES = 4, MAX_DEPENDS = 4, MAX_TYPES = 3 };

struct random {
	uint64_t state;
};
uint64_t random_next(struct random *r);
int64_t random_below(struct random *r, int64_t n); /* 0 .. n-1 */
bool random_one_in(struct random *r, int64_t n);

/* Changes come after what was submitted at their moment, and in this order. */
enum item_kind {
	ITEM_SUBMIT,
	ITEM_CANCEL,
	ITEM_TERMINATE,
	ITEM_HOLD,
	ITEM_RELEASE,
	ITEM_ENV,
	ITEM_QUEUE,
	ITEM_POOL,
	ITEM_RECLAIM, /* drill */
};

/* How an environment holds jobs: optimal, on instances of named types, Fargate, unmanaged. */
enum env_form { ENV_LOCAL, ENV_INSTANCES, ENV_FARGATE, ENV_UNMANAGED };

struct env_setting {
	enum env_form form;
	bool spot, disabled, invalid, updating;
	int min, desired, max, bid;
	enum cr_strategy strategy;
	int type_count, type[MAX_TYPES]; /* of workload_types */
	int64_t delay_ms;
	int generation;
	jd_time deadline, refuse_until; /* since the beginning; 0: none */
};

struct queue_setting {
	bool disabled, backfill;
	int priority, env_count, env[LIMIT_CE_PER_QUEUE];
};

struct item {
	enum item_kind kind;
	jd_time at;
	bool left_out; /* by shrinking */
	int64_t job;   /* jobs: a key */
	int which; /* ENV, QUEUE: its number; SUBMIT: of the queue; RECLAIM: whose turn it is */
	struct env_setting env;
	struct queue_setting queue;
	struct resources pool;
	struct { /* SUBMIT */
		struct resources need;
		int size; /* of an array; 0: none */
		bool sequential, fargate;
		int attempts, rule, timeout_s, depends_count;
		int64_t start_after_ms; /* since its arrival; 0: at once */
		struct {
			int64_t job;
			enum dependency_type type;
		} depends[MAX_DEPENDS];
	} submit;
};

struct workload {
	uint64_t seed;
	struct resources pool;
	struct sched_settings settings;
	int env_count, queue_count;
	struct env_setting env[MAX_ENVS];
	struct queue_setting queue[MAX_QUEUES];
	struct item *items;
	int item_count, job_count; /* job_count: submitted, an array as one */
	int record_count; /* with children */
	int64_t first_key;
	int64_t start_ms, stop_ms;
	bool nosy; /* ask sched_decide after every fact, not only when the engine would */
};

/* Instance types that environments may name, families too. */
extern char *const workload_types[];

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
