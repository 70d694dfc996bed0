#ifndef JOBDECK_SCHED_INTERNAL_H
#define JOBDECK_SCHED_INTERNAL_H
#ifndef __unused
#define __unused __attribute__((unused)) /* tree.h wants it and does not bring it */
#endif
#include <bsd/sys/tree.h>
#include <sys/queue.h>
#include <uthash.h>
#include "jobdeck/sched/core.h"

#if defined(__GNUC__) && !defined(__clang__)
/* uthash reaches its elements by offsets, where gcc's analyser loses sight of them. */
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

/* What the files of sched/ share.
 *
 * A million jobs wait here, so jobs are records in a slab, named by a `job_ref` (an index
 * that stays the same for life), and everything that points at a job is either such an index
 * or a tree link. Queues and environments are few: they sit in arrays and are named by index
 * too, so that a copy of the scheduler is a copy of arrays (clone.c).
 *
 * Three kinds of work wait for sched_decide, each found without looking at anything else:
 * lists of jobs with something due (enum due), the timeouts, and the queues that are
 * `ready`: whose head may be placeable. Ready is only a hint and no part of the state. */

typedef uint32_t job_ref;
typedef uint32_t edge_ref;
enum { NO_REF = 0 };	    /* no job, no edge: number 0 of each is never used */
#define NO_INDEX UINT16_MAX /* no environment; also more than there can be */

/* The list a job is on: what sched_decide owes it, in the order in which it is asked for. */
enum due { DUE_FAILED, DUE_MOVE, DUE_STOP, DUE_COUNT, DUE_NONE = DUE_COUNT };

struct due_list {
	job_ref first, last;
};

enum { CACHE_LINE = 64 };

/* Two cache lines; with its part of the key index about 134 bytes a job. */
struct live_job {
	/* The first: what walks through trees and lists look at. */
	int64_t key, order;
	RB_ENTRY(live_job) link; /* RUNNABLE: in its queue's line; RUNNING: in the timeouts */
	uint32_t line_size;	 /* jobs in the line at and below this one */
	uint8_t status;
	uint8_t due : 3;
	bool terminated : 1, timed_out : 1, stop_said : 1, dependency_failed : 1;
	bool in_timeouts : 1;
	uint16_t attempt;
	job_ref self, next, prev;
	/* The second. */
	jd_time started;
	char *reason; /* TerminateJob's, while the attempt is being stopped; else NULL */
	int32_t vcpu_milli, memory_mib; /* what it needs */
	uint16_t gpus;
	uint16_t queue, env; /* env: of the present attempt, or NO_INDEX */
	uint16_t depends;    /* dependencies it was submitted with */
	uint32_t strategy;
	int32_t timeout_s;
	edge_ref dependents;   /* who waits for this job */
	edge_ref dependencies; /* whom it still waits for */
} __attribute__((aligned(CACHE_LINE)));
_Static_assert(sizeof(struct live_job) == 2 * CACHE_LINE, "jobs should fit two cache lines");

RB_HEAD(line, live_job);
RB_HEAD(timeouts, live_job);

struct live_queue {
	char *name;
	UT_hash_handle hh;
	uint16_t self;
	int priority;
	enum state state;
	enum status status;
	int env_count;
	uint16_t env[LIMIT_CE_PER_QUEUE];
	struct line line; /* RUNNABLE jobs by order */
	int64_t count[JOB_COUNT], live;
	bool ready;			   /* look at the head when deciding */
	bool short_of_pool;		   /* not ready, and the pool is what is short */
	RB_ENTRY(live_queue) by_priority;  /* when ready */
	LIST_ENTRY(live_queue) short_link; /* when short_of_pool */
};

RB_HEAD(ready, live_queue);

struct live_env {
	char *name;
	UT_hash_handle hh;
	uint16_t self;
	enum state state;
	enum status status;
	int64_t max_vcpu_milli; /* INT64_MAX: no limit */
	struct resources used;
	int active;
	uint16_t *queue; /* those it serves */
	uint32_t queue_count, queue_cap;
};

struct edge {
	job_ref upstream, dependent;
	edge_ref up_next, up_prev; /* among the edges of upstream */
	edge_ref dep_next;	   /* among those of dependent; also the free list */
};

enum { PAGE_KEYS = 64, BLOCK_PAGES = 1024 };

struct key_page {
	uint32_t used;
	job_ref job[PAGE_KEYS];
};

/* Keys are given in order and those that live are near each other: so they are found as an
 * address is, by block, page and place, and only the few blocks are in a hash. */
struct key_block {
	int64_t number; /* key / PAGE_KEYS / BLOCK_PAGES */
	uint32_t used;
	struct key_page *page[BLOCK_PAGES];
	UT_hash_handle hh;
};

/* A retry strategy, shared by all jobs that have the same one. */
struct strategy {
	struct retry_strategy retry;
	char *bytes; /* the strategy spelled out: what it is found by */
	size_t len;
	uint32_t self, users;
	UT_hash_handle hh;
};

struct sched {
	struct live_job **chunk; /* CHUNK_JOBS each; never moved */
	size_t chunk_count, chunk_cap;
	job_ref job_top, job_free; /* first never used; first free one */
	int64_t live;
	struct key_block *blocks;

	struct edge *edge;
	size_t edge_cap;
	edge_ref edge_top, edge_free;

	struct strategy **strategy;
	size_t strategy_count, strategy_cap;
	uint32_t *strategy_free; /* numbers to give again */
	size_t strategy_free_count, strategy_free_cap;
	struct strategy *strategies; /* by bytes */

	struct live_queue **queue; /* NULL: deleted */
	size_t queue_count, queue_cap;
	struct live_queue *queues; /* by name */
	struct live_env **env;
	size_t env_count, env_cap;
	struct live_env *envs;

	struct sched_settings settings;
	struct resources pool, used;
	struct due_list due[DUE_COUNT];
	struct timeouts timeouts;
	struct ready ready;
	LIST_HEAD(short_of_pool, live_queue) short_of_pool;
	char *said; /* the reason the last effect points at, when its job is gone */
};

typedef int apply_fact(struct sched *s, const struct fact *fact, struct fact_effect *effect,
		       struct err *err);

/* jobs.c: the slab, the index by key, the due lists. */
enum { CHUNK_BITS = 10, CHUNK_JOBS = 1 << CHUNK_BITS };
static inline struct live_job *jobs_at(const struct sched *s, job_ref ref)
{
	return &s->chunk[ref >> CHUNK_BITS][ref & (CHUNK_JOBS - 1)];
}
static inline struct resources jobs_resources(const struct live_job *job)
{
	return (struct resources){ job->vcpu_milli, job->memory_mib, job->gpus };
}
struct live_job *jobs_find(const struct sched *s, int64_t key); /* or NULL */
/* As jobs_find, with ERR_NOT_FOUND. */
struct live_job *jobs_need(const struct sched *s, int64_t key, struct err *err);
struct live_job *jobs_add(struct sched *s, int64_t key); /* zeroed but for key, order, self */
void jobs_drop(struct sched *s, struct live_job *job);	 /* its links must be gone */
void jobs_clear(struct sched *s);
/* Changes the status and the counts of its queue. */
void jobs_move(struct sched *s, struct live_job *job, enum job_status to);
/* Puts the job at the end of a due list, off the one it is on; DUE_NONE: only off. */
void jobs_due(struct sched *s, struct live_job *job, enum due due);
bool jobs_active(const struct live_job *job); /* STARTING or RUNNING */
/* Calls back for every live job, in the order of the slab. */
void jobs_each(const struct sched *s, void (*each)(void *arg, struct live_job *job), void *arg);

/* submit.c: a job comes, moves up, and goes. */
apply_fact submit_apply, submit_pending, submit_runnable, submit_failed;
apply_fact submit_cancelled, submit_terminated;
/* The job ends here: tells effect, its queue and its dependents, and forgets it. */
void submit_end(struct sched *s, struct live_job *job, enum job_status to, const char *reason,
		struct fact_effect *effect);
void submit_effect(const struct live_job *job, enum job_status from, struct fact_effect *effect);

/* attempt.c: placed, started, stopped, ended. */
apply_fact attempt_placed, attempt_started, attempt_stopping, attempt_ended;

/* depend.c: who waits for whom. */
void depend_on(struct sched *s, struct live_job *job, const struct job *submitted);
uint32_t depend_left(const struct sched *s, const struct live_job *job);
/* The job is about to be forgotten: its dependents move up, or fail; its own edges go. */
void depend_end(struct sched *s, struct live_job *job, bool succeeded);

/* timeout.c: attempts with a limit, by the moment it is reached. */
void timeout_add(struct sched *s, struct live_job *job);
void timeout_remove(struct sched *s, struct live_job *job); /* none set: nothing */
struct live_job *timeout_first(const struct sched *s);	    /* or NULL */
jd_time timeout_at(const struct live_job *job);		    /* or JD_NEVER */
/* The first moment after `now` at which one is reached, or JD_NEVER. */
jd_time timeout_after(const struct sched *s, jd_time now);

/* strategy.c: retry strategies, one of each. */
uint32_t strategy_hold(struct sched *s, const struct retry_strategy *retry);
void strategy_release(struct sched *s, uint32_t strategy);
void strategy_clear(struct sched *s);
void strategy_clone(struct sched *to, const struct sched *from);

/* queues.c: queues, their lines, and which of them are ready. */
apply_fact queues_apply;
struct live_queue *queues_find(const struct sched *s, const char *name); /* or NULL */
void queues_clear(struct sched *s);
bool queues_place(const struct live_queue *q);		  /* may its jobs be placed? */
struct live_job *queues_head(const struct live_queue *q); /* or NULL */
void queues_join(struct sched *s, struct live_job *job);  /* the line, by its order */
void queues_leave(struct sched *s, struct live_job *job);
int64_t queues_ahead(const struct sched *s, const struct live_job *job); /* in the line */
int64_t queues_front_order(const struct live_queue *q); /* before everyone in the line */
/* Hints: look at the head; do not, and `pool`: until the pool has more. */
void queues_ready(struct sched *s, struct live_queue *q);
void queues_wait(struct sched *s, struct live_queue *q, bool pool);
struct live_queue *queues_first_ready(const struct sched *s); /* by JQ-4; or NULL */

/* envs.c: environments, the pool, and what is used of both. */
apply_fact envs_apply, envs_pool;
struct live_env *envs_find(const struct sched *s, const char *name); /* or NULL */
void envs_clear(struct sched *s);
void envs_serve(struct sched *s, uint16_t env, uint16_t queue);
void envs_unserve(struct sched *s, uint16_t env, uint16_t queue);
void envs_take(struct sched *s, struct live_job *job, struct live_env *env);
void envs_release(struct sched *s, struct live_job *job); /* and looks at who waits for it */

/* place.c: what fits where. */
enum fit { FIT_YES, FIT_CLOSED /* takes nothing now */, FIT_ENV, FIT_POOL };
enum fit place_fit(const struct sched *s, const struct live_env *env, const struct resources *need);
/* Could it fit there if nothing else ran? */
bool place_could_fit(const struct sched *s, const struct live_env *env,
		     const struct resources *need);
/* The environment the queue's head goes to, or NULL; *pool: the pool kept it from one. */
struct live_env *place_find(const struct sched *s, const struct live_queue *q,
			    const struct live_job *job, bool *pool);
/* Something was given back that may be what this queue waits for: ready if so. */
void place_look(struct sched *s, struct live_queue *q);

#endif
