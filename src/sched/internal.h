#ifndef JOBDECK_SCHED_INTERNAL_H
#define JOBDECK_SCHED_INTERNAL_H
#ifndef __unused
#define __unused __attribute__((unused)) /* tree.h wants it and does not bring it */
#endif
#include <bsd/sys/tree.h>
#include <sys/queue.h>
#include <uthash.h>
#include "jobdeck/catalog/catalog.h"
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
enum due {
	DUE_FAILED,
	DUE_MOVE,
	DUE_STOP,
	DUE_NODE_START,
	DUE_ROLL_UP,
	DUE_GANG, /* MULTINODE: the nodes that have no place yet */
	DUE_COUNT,
	DUE_NONE = DUE_COUNT
};

struct due_list {
	job_ref first, last;
};

enum { CACHE_LINE = 64 };
enum { NO_INSTANCE = 0 };

/* What only some jobs have. Owned by the job. */
struct job_extra {
	jd_time start_after; /* 0: at once */
	job_ref parent;	     /* CHILD, NODE: its parent's record; NO_REF: that has ended (NODE) */
	int32_t index;	     /* CHILD, NODE: which of them it is */
	job_ref sibling_next, sibling_prev; /* CHILD, NODE: others that live and were made */
	struct family *family; /* ARRAY, MULTINODE: its children or nodes (family.h) */
	uint64_t gpu_set;	 /* devices of the present attempt */
	bool consumed; /* what is taken only once was taken */
	uint8_t consume_count;
	struct {
		uint16_t consumable; /* index in s->consumable */
		int64_t quantity;
	} consume[LIMIT_CONSUMABLES];
};

/* Three cache lines; with its part of the key index about 200 bytes a job. */
struct live_job {
	/* The first: what walks through trees and lists look at. */
	int64_t key, order;
	RB_ENTRY(live_job) link; /* RUNNABLE: in its queue's line; RUNNING: in the timeouts */
	int64_t line_size;	 /* jobs in the line at and below this one */
	int32_t line_own;	 /* how many it stands for itself: an array for its children */
	uint8_t status;
	uint8_t due : 4;
	uint8_t kind : 3;     /* enum job_kind */
	uint8_t platform : 1; /* enum platform */
	bool terminated : 1, timed_out : 1, stop_said : 1, dependency_failed : 1;
	bool in_timeouts : 1;
	bool in_line : 1;   /* RUNNABLE and in its share's line: not held, not too early */
	bool held : 1;
	bool reclaimed : 1; /* the present attempt's place is taken away */
	bool waits : 1;	    /* NODE, STARTING: not before NODE_START */
	bool room_counted : 1; /* its room is part of s->reclaiming */
	bool in_delayed : 1; /* waits for start_after: link is in s->delayed */
	uint16_t attempt;
	job_ref self, next, prev;
	/* The second. */
	jd_time started, placed;
	char *reason; /* TerminateJob's, while the attempt is being stopped; else NULL */
	struct job_extra *extra; /* or NULL */
	int32_t vcpu_milli, memory_mib; /* what it needs */
	uint16_t gpus;
	uint16_t queue, share; /* share: index in its queue's */
	uint16_t priority;     /* schedulingPriority */
	uint16_t env;	       /* of the present attempt, or NO_INDEX */
	uint16_t depends;      /* dependencies it was submitted with */
	uint32_t instance;     /* of the present attempt: index in s->instance, or NO_INSTANCE */
	/* The third. */
	uint32_t strategy;
	int32_t timeout_s;
	edge_ref dependents;   /* who waits for this job */
	edge_ref dependencies; /* whom it still waits for */
	jd_time at_front;      /* when it joined the line */
	uint32_t at_next, at_prev; /* among the jobs on its instance (job_ref), or, of an
				    * environment without instances, of the environment */
} __attribute__((aligned(CACHE_LINE)));
_Static_assert(sizeof(struct live_job) == 3 * CACHE_LINE, "jobs should fit three cache lines");

RB_HEAD(line, live_job);
RB_HEAD(timeouts, live_job);
RB_HEAD(delayed, live_job);
RB_HEAD(families, family); /* by the parents' keys */

/* The jobs of one share identifier in one queue (section 9.1); a queue without a policy has
 * one share, number 0, for all its jobs. */
struct share {
	char *identifier; /* NULL: number 0 of a queue without a policy */
	uint16_t self;
	UT_hash_handle hh;   /* in its queue's by identifier */
	struct line line;    /* RUNNABLE jobs: by priority (FS-8), then order */
	/* The pass over the queue, only hints: `next` is looked at next, not the front, if
	 * `passing`; so many of its children (of an array) were passed over. */
	struct live_job *next;
	int64_t next_passed;
	bool passing;
	int64_t live;	     /* jobs that have not ended: active while there are any (FS-7) */
	int64_t vcpu_milli;  /* of STARTING and RUNNING jobs */
	int64_t booked_milli; /* of those passed over in this pass because a place is coming */
	struct share_use *use; /* past use (share.c), or NULL */
	int entry;	       /* of the policy, that it falls under; -1: none */
	/* What share_next compares; `past` is right for the present slot if `scored`. */
	bool scored;
	double past, weight, score;
	bool active;		     /* as it was counted last */
	bool in_order, touched;	     /* order.c */
	RB_ENTRY(share) by_score;    /* when in_order */
	struct share *next_touched;  /* when touched */
};

RB_HEAD(share_order, share);

/* What keeps a queue's head waiting. */
enum shortage {
	SHORT_NOTHING,
	SHORT_ENV,	   /* its environments: woken by what happens there */
	SHORT_POOL,	   /* the pool: woken also by whatever gives back to the pool */
	SHORT_CONSUMABLE,  /* woken by what is given back of consumables */
	SHORT_MAX_RUNNING, /* its own limit: woken by the end of its own jobs */
	SHORT_TIME,	   /* drill: woken by the clock */
	SHORT_TURN,	   /* Spot capacity: until nobody else wants it */
	SHORT_COUNT
};

struct live_queue {
	char *name;
	UT_hash_handle hh;
	uint16_t self;
	int priority;
	enum state state;
	enum status status;
	int env_count;
	uint16_t env[LIMIT_CE_PER_QUEUE];
	bool fair_due;	   /* who is active has changed; a hint */
	int64_t fair_slot; /* when `active` and `under` were counted */
	int active;	   /* shares (FS-7) */
	int living;	   /* of those, with jobs that live */
	int *under;	   /* active shares by the policy's entry */
	jd_time looked;	   /* when its front was last found waiting; a hint */
	uint16_t policy; /* index in s->policy, or NO_INDEX: first in, first out */
	struct share **share; /* NULL: forgotten; number 0 always is for no identifier */
	uint16_t share_count, share_cap;
	struct share *shares; /* by identifier */
	uint16_t lines;	      /* shares in which somebody waits */
	struct share_order order; /* with a policy: by score; but for the touched ones */
	struct share *touched;
	int64_t count[JOB_COUNT], live;
	bool backfill;
	int max_running;
	jd_time blocked_until;
	int limit_count;
	struct time_limit limit[LIMIT_TIME_ACTIONS];

	/* The pass over those that wait. A pass begins at the front and goes on behind those
	 * that are booked on an instance that is coming, or that backfill lets behind them. */
	jd_time moved; /* when a front of its lines last left: those behind moved up */
	int passed;   /* looked at and left waiting in this pass */
	enum shortage worst; /* what they are short of */
	int booked;   /* of those, with a place on an instance that is coming */
	int64_t booked_milli;
	bool ready;   /* look at it when deciding; a hint */
	enum shortage short_of; /* not ready: what its head waits for; a hint */
	RB_ENTRY(live_queue) by_priority;  /* when ready */
	LIST_ENTRY(live_queue) short_link; /* when short of something others give back */

	/* Section 10, of the head. */
	enum blocked blocked; /* as was said by BLOCKED */
	int64_t blocked_job;  /* key of whom it was said; 0: nobody */
	uint16_t blocked_type; /* INSUFFICIENT_CAPACITY: of the catalog; NO_INDEX: Fargate */
	bool blocked_over;    /* a child of that array was placed since */
	jd_time blocked_since;
	enum blocked found;   /* as it was found, a hint; differs: BLOCKED is due */
	int64_t found_job;
	uint16_t found_type;
	bool judge;	      /* it may be found otherwise; a hint */
	LIST_ENTRY(live_queue) judge_link;
};

RB_HEAD(ready, live_queue);
LIST_HEAD(short_list, live_queue);

/* How an environment holds jobs: on instances carved out of the pool, on the one shared
 * instance local.host, or with no instance at all (Fargate, unmanaged). */
enum env_form { FORM_INSTANCES, FORM_LOCAL_HOST, FORM_SLICES };

/* Room on instances, for "the fullest that still fits": by free vCPUs, then memory, then key. */
RB_HEAD(rooms, live_instance);
/* Instances that nobody uses, by when they are given back. */
RB_HEAD(idles, live_instance);

struct live_env {
	char *name;
	UT_hash_handle hh;
	uint16_t self;
	enum state state;
	enum status status;
	enum ce_type type;
	enum cr_type cr_type;
	enum env_form form;
	enum cr_strategy strategy;
	bool spot; /* SPOT, FARGATE_SPOT */
	int bid;   /* per cent */
	int generation;
	jd_time update_deadline;
	jd_time refuse_until;
	bool refuses; /* and its queues were not looked at since; a hint */
	int64_t scale_down_delay_ms;
	int64_t min_vcpu_milli, desired_vcpu_milli;
	int64_t max_vcpu_milli; /* INT64_MAX: no limit */
	uint16_t *allowed;	/* catalog types, in the strategy's order */
	int allowed_count;
	bool only_gpu_types;	/* GPU-1 */

	struct resources used;	    /* by STARTING and RUNNING jobs */
	int active;		    /* how many those are */
	int64_t instance_vcpu_milli; /* of its instances that live, nominal */
	uint32_t first_instance;    /* list of its instances */
	int instance_count, old_count, launching_count; /* all; of older generations; LAUNCHING */
	struct rooms room[2];	    /* UP and of this generation; without and with GPUs */
	job_ref first_job;	    /* FORM_SLICES: jobs that hold a slice */
	uint16_t *queue; /* those it serves */
	uint32_t queue_count, queue_cap;
};

struct live_instance {
	int64_t key;
	UT_hash_handle hh;
	uint32_t self;
	uint16_t env, type; /* type: of the catalog */
	enum instance_status status;
	int generation;
	struct resources nominal, capacity, used; /* capacity: what jobs can have of it */
	struct resources booked; /* LAUNCHING: by those who will have it; a hint */
	int jobs;
	job_ref first_job;
	jd_time launched, up, reclaimed, last_end;
	jd_time ready_at;	/* LAUNCHING: when it will be UP */
	jd_time idle_until;	/* in s->idle when not 0 */
	uint32_t env_next, env_prev;
	RB_ENTRY(live_instance) room; /* when in its environment's */
	bool in_room, in_idle, in_launching;
	bool single; /* a node of a multi-node job has it for itself (MNP-3) */
	RB_ENTRY(live_instance) idle; /* when idle, or when LAUNCHING: by ready_at */
};

struct live_policy {
	struct policy *policy;
	UT_hash_handle hh;
	uint16_t self;
	int users; /* queues */
};

struct live_consumable {
	char *name;
	UT_hash_handle hh;
	uint16_t self;
	enum consumable_type type;
	int64_t total, spent; /* spent: by jobs that have ended, for ever */
	int64_t in_use;	      /* by live jobs */
	int64_t users;	      /* live jobs that name it */
	int64_t booked;	      /* by those who have a place on an instance that is coming; a hint */
	struct live_consumable *next_booked;
};

struct edge {
	job_ref upstream, dependent;
	uint8_t type;	/* enum dependency_type */
	uint16_t child; /* not 0: child number child - 1 of upstream, which was not made yet */
	edge_ref up_next, up_prev; /* among the edges of upstream */
	edge_ref dep_next;	   /* among those of dependent; also the free list */
};

enum { PAGE_KEYS = 64, BLOCK_PAGES = 32 };

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
	struct live_policy **policy;
	size_t policy_count, policy_cap;
	struct live_policy *policies; /* by name */
	struct live_consumable **consumable;
	size_t consumable_count, consumable_cap;
	struct live_consumable *consumables; /* by name */
	struct live_consumable *booked_consumables;

	/* instances.c: chunks that never move; number 0 is never used. */
	struct live_instance **instance; /* by index; NULL: free */
	uint32_t instance_top, instance_cap;
	uint32_t *instance_free;
	size_t instance_free_count, instance_free_cap;
	struct live_instance *instances; /* by key */
	struct idles idle, launching;
	int64_t next_instance;
	struct instance launch; /* of the last decision to launch, and its type's name */
	char *launch_type;
	/* Whether environments must be looked at for scale.c and spot.c; hints. */
	bool scale_due, spot_due;
	bool keeps;    /* an environment keeps a minimum, or what was asked for by hand */
	bool spot_turn; /* deciding: on-demand work has all it can have */
	bool has_spot; /* there is a Spot environment */
	jd_time scale_at;
	jd_time queues_at; /* when a queue may be ready only because time has passed; a hint */
	jd_time at; /* of the last fact */
	bool booked; /* places on coming instances were given out in the passes; a hint */
	bool passed_over; /* somebody was left waiting behind whom a backfill queue went on; a hint */

	struct sched_settings settings;
	struct resources pool, used; /* used: by instances, and by jobs that are on none */
	struct resources spot_used;  /* of that, by Spot environments, */
	struct resources reclaiming; /* and by what was given notice */
	int64_t on_demand_milli;     /* vCPUs of the pool in use by what is not Spot */
	uint64_t gpu_set;	     /* devices that jobs have */
	struct due_list due[DUE_COUNT];
	struct timeouts timeouts;
	struct delayed delayed;
	struct families families;
	struct ready ready;
	struct short_list short_of[SHORT_COUNT];
	/* Section 10: queues to be judged, and whether BLOCKED is due for one; hints. */
	struct short_list judge;
	bool blocked_due;
	jd_time asked;		/* when sched_decide was asked last; for those who only look */
	int blocked_count;	/* queues of which something was said */
	char blocked_text[256]; /* of the last decision */
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
struct job_extra *jobs_extra(struct live_job *job);	 /* made if it has none */
/* It counts in its queue from now on (until it is dropped); a node does not, its parent does. */
void jobs_count(struct sched *s, const struct live_job *job);
/* Changes the status, and the counts of its queue and of its array. */
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
/* The lowest free devices of the machine, for so many GPUs (RES-5); 0 for none, and where
 * devices are not told apart. */
uint64_t gpu_choose(const struct sched *s, int count);

/* depend.c: who waits for whom. `child`: see struct edge. */
void depend_add(struct sched *s, struct live_job *upstream, struct live_job *job,
		enum dependency_type type, uint16_t child);
void depend_on(struct sched *s, struct live_job *job, const struct job *submitted);
uint32_t depend_left(const struct sched *s, const struct live_job *job);
/* A child was made: who waited for it, waits for its record. */
void depend_born(struct sched *s, struct live_job *parent, struct live_job *child);
/* All children or nodes that were not made have ended with their parent. */
void depend_unborn_ended(struct sched *s, struct live_job *parent, bool succeeded);
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
uint32_t strategy_again(struct sched *s, uint32_t strategy); /* held once more; returns it */
void strategy_release(struct sched *s, uint32_t strategy);
void strategy_clear(struct sched *s);
void strategy_clone(struct sched *to, const struct sched *from);

/* queues.c: queues, and which of them are ready. */
apply_fact queues_apply;
struct live_queue *queues_find(const struct sched *s, const char *name); /* or NULL */
void queues_clear(struct sched *s);
bool queues_place(const struct live_queue *q); /* may its jobs be placed? */
bool queues_full(const struct live_queue *q);  /* by its own limit */
/* Hints: look at it from the front; do not before what is short was given back. */
void queues_ready(struct sched *s, struct live_queue *q);
void queues_go_on(struct sched *s, struct live_queue *q); /* or from where its pass ended */
void queues_wait(struct sched *s, struct live_queue *q, enum shortage what);
struct live_queue *queues_first_ready(const struct sched *s); /* by JQ-4; or NULL */
/* What time alone makes ready: ends of drills, and another order of shares (share_wakeup). */
void queues_looked(struct sched *s, struct live_queue *q, jd_time now); /* found waiting */
void queues_tick(struct sched *s, jd_time now);
jd_time queues_wakeup(const struct sched *s, jd_time now);
/* Those that wait for it may go on: looks at their heads. */
void queues_look(struct sched *s, enum shortage what);

/* line.c: the jobs of a queue that wait, share by share. */
struct live_job *line_first(const struct share *share); /* or NULL */
struct live_job *line_after(struct live_job *job);	/* in its line, or NULL */
/* Into the line, standing for `children` jobs (1 for a plain job); out of it. */
void line_join(struct sched *s, struct live_job *job, int32_t children);
void line_leave(struct sched *s, struct live_job *job);
/* An array in the line stands for so many children from now on; 0 is not for here: leave. */
void line_stand_for(struct live_job *job, int32_t children);
int64_t line_ahead(const struct sched *s, const struct live_job *job); /* jobs, in its share */
/* The order that puts it before everyone of its priority in its share (RT-9). */
int64_t line_front_order(const struct sched *s, const struct live_job *job);
/* The pass: whom to look at next, or NULL when nobody is left; leaving that one waiting (with
 * a place booked or not) and going on; and beginning again. An array that is passed over with
 * a place booked for a child is looked at again for the next one. */
struct live_job *line_next(struct sched *s, struct live_queue *q, jd_time now);
void line_pass(struct sched *s, struct live_queue *q, struct live_job *job, bool booked);
void line_restart(struct live_queue *q);
int64_t line_size(const struct share *share); /* jobs that wait there */
bool line_left(const struct share *share); /* has the pass somebody left there? */

/* share.c: fair share. Shares come with the first job that names them. */
struct share *share_of(struct sched *s, struct live_queue *q, const char *identifier);
void share_join(struct sched *s, struct live_job *job);	  /* it came to live */
void share_leave(struct sched *s, struct live_job *job);  /* it ended */
void share_placed(struct sched *s, struct live_job *job, jd_time at);
void share_ended(struct sched *s, struct live_job *job, jd_time at);
void share_clear(struct live_queue *q);
int share_check(const struct sched *s, struct live_queue *q, const char *identifier, jd_time now,
		struct err *err); /* FS-7: is there room for one more? */
/* The policy has changed. `old_ms` is how long slots were before; 0: there was no policy. */
void share_rebuild(struct sched *s, struct live_queue *q, int64_t old_ms);
int64_t share_slot_ms(const struct sched *s, const struct live_queue *q);
int64_t share_slot_of(const struct policy *p); /* how long its slots are, ms */
/* Who is active, and what shares weigh, as it is now; and then what a share is compared by, if
 * so much more of it were in use. */
void share_refresh(const struct sched *s, struct live_queue *q, jd_time now);
double share_score(const struct sched *s, const struct live_queue *q, struct share *share,
		   int64_t more_milli);
/* FS-6: would the job take what is kept for newcomers? */
bool share_reserved(const struct sched *s, struct live_queue *q, const struct live_job *job,
		    jd_time now);
/* And if so much more was in use? */
bool share_reserved_beside(const struct sched *s, struct live_queue *q, const struct live_job *job,
			   int64_t booked_milli, jd_time now);
/* The next moment at which the order of its shares may change, or JD_NEVER. */
jd_time share_wakeup(const struct sched *s, const struct live_queue *q, jd_time now);
/* The share to be served next among those whose line has somebody left in this pass, by
 * FS-3 and FS-6; NULL: none. */
struct share *share_next(struct sched *s, struct live_queue *q, jd_time now);
/* The job at the front, whatever the pass; NULL: nobody waits. */
struct live_job *share_front(const struct sched *s, struct live_queue *q, jd_time now);

/* order.c: the shares of a queue by score. */
bool order_lower(double score, const struct share *share, double than, const struct share *other);
/* Its score, or who is left in its line, has changed; and that of all, some of which may go. */
void order_touch(struct live_queue *q, struct share *share);
void order_clear(struct live_queue *q);
struct share *order_first(const struct sched *s, struct live_queue *q); /* or NULL */

/* use.c: past use of a share, in slots of `ms`. Slots are numbered from 1970. */
enum { USE_SLOTS = 64 }; /* of a window */
struct share_use *use_new(int64_t slot); /* free() */
struct share_use *use_copy(const struct share_use *use); /* accepts NULL */
void use_advance(struct share_use *use, int64_t slot); /* its newest slot, from now on */
/* So many vCPU thousandths were placed then and run since (or, negative, ran until now). */
void use_running(struct share_use *use, int64_t milli, jd_time placed, int64_t ms);
/* So many ran from one moment to another, and have ended. */
void use_ended(struct share_use *use, int64_t milli, jd_time from, jd_time to, int64_t ms);
bool use_counts(const struct share_use *use, int64_t slot); /* anything of ended ones left? */
double use_past(struct share_use *use, int64_t slot, int64_t ms); /* vCPU/1000 x ms, by age */
/* Of ended ones, the same in slots of another length. */
struct share_use *use_recut(const struct share_use *old, int64_t old_ms, int64_t ms);

/* policy.c: scheduling policies. `entry`, see struct share. */
apply_fact policies_apply;
int policies_index(const struct sched *s, const char *name); /* -1: none */
void policies_clear(struct sched *s);
void policies_clone(struct sched *to, const struct sched *from);
void policies_match(const struct sched *s, const struct live_queue *q, struct share *share);
void policies_count_none(const struct sched *s, struct live_queue *q);
void policies_count(const struct sched *s, struct live_queue *q, const struct share *share);
double policies_weight(const struct sched *s, const struct live_queue *q,
		       const struct share *share);

/* consume.c: consumable resources (CR-1, CR-2). */
apply_fact consume_apply;
void consume_clear(struct sched *s);
void consume_clone(struct sched *to, const struct sched *from);
int consume_check(const struct sched *s, const struct job *said, struct err *err);
void consume_join(struct sched *s, struct live_job *job, const struct job *said);
void consume_live(struct sched *s, struct live_job *job); /* a child that was made */
void consume_once(struct sched *s, struct live_job *job);
void consume_leave(struct sched *s, struct live_job *job); /* it has ended */
/* Of which there is not enough for the job now, or NULL. */
const struct live_consumable *consume_short(const struct sched *s, const struct live_job *job);
bool consume_fits(const struct sched *s, const struct live_job *job);
/* And would there be enough when those who have a place booked have taken theirs? */
bool consume_bookable(const struct sched *s, const struct live_job *job);
void consume_book(struct sched *s, const struct live_job *job);
void consume_forget_bookings(struct sched *s);
void consume_take(struct sched *s, struct live_job *job);    /* placed */
void consume_release(struct sched *s, struct live_job *job); /* its attempt ended */

/* blocked.c: what section 10 says of heads. */
apply_fact blocked_apply;
/* The queue's head may have to be judged anew: who it is, or what keeps it, has changed. */
void blocked_look(struct sched *s, struct live_queue *q);
void blocked_look_env(struct sched *s, const struct live_env *env); /* at those it serves */
void blocked_look_all(struct sched *s);
/* The job was placed, has ended or is held: nothing is said of it any more. */
void blocked_forget(struct sched *s, const struct live_job *job);
void blocked_placed(struct sched *s, const struct live_job *job, bool born, jd_time at);
/* On restart, what had been said of it. */
void blocked_restore(struct sched *s, const struct live_job *job, const struct job *said);
void blocked_drop(struct sched *s, struct live_queue *q); /* the queue goes */
/* What a job would meet as head of the queue whoever else runs; NOT: nothing. `type` as below. */
enum blocked blocked_misfit(const struct sched *s, const struct live_queue *q,
			    const struct live_job *job, uint16_t *type);
/* What a job meets as head of the queue. `type`: see blocked_type. */
enum blocked blocked_of(const struct sched *s, const struct live_queue *q,
			const struct live_job *job, jd_time now, uint16_t *type);
/* The exact text (model/reason.h), and the bare code. Returns out. */
const char *blocked_text(enum blocked blocked, uint16_t type, char *out, size_t size);
const char *blocked_code(enum blocked blocked);
bool blocked_decide(struct sched *s, jd_time now, struct fact *out); /* BLOCKED, or a limit is over */
jd_time blocked_wakeup(const struct sched *s, jd_time now);

/* family.c: arrays and their children; gang.c: multi-node jobs and their nodes. More of it is
 * in family.h. */
struct live_job *family_owner(const struct sched *s, int64_t key); /* live parent of such a key */
apply_fact family_rolled_up, gang_node_start;
/* The key of the child that is placed next: of an array in the line. */
int64_t family_next(const struct sched *s, const struct live_job *array);

/* delay.c: held jobs, and those that may not start yet. */
apply_fact delay_held, delay_released;
/* As line_join and line_leave, but a job that is held or comes too early stays outside. */
void delay_join(struct sched *s, struct live_job *job, int32_t children);
void delay_leave(struct sched *s, struct live_job *job);
bool delay_keeps(const struct sched *s, const struct live_job *job); /* it or its array is held */
bool delay_early(const struct live_job *job, jd_time at);	     /* its time has not come */
bool delay_decide(const struct sched *s, jd_time now, struct fact *out); /* a time has come */
jd_time delay_wakeup(const struct sched *s, jd_time now);

/* envs.c: environments, the pool, and what is used of both. */
apply_fact envs_apply, envs_pool, envs_status;
struct live_env *envs_find(const struct sched *s, const char *name); /* or NULL */
void envs_clear(struct sched *s);
void envs_serve(struct sched *s, uint16_t env, uint16_t queue);
void envs_unserve(struct sched *s, uint16_t env, uint16_t queue);
bool envs_open(const struct live_env *env); /* ENABLED, and VALID or UPDATING */
/* The job's attempt takes its place, on an instance or (NULL) on none; and gives it back. */
void envs_take(struct sched *s, struct live_job *job, struct live_env *env,
	       struct live_instance *instance);
void envs_release(struct sched *s, struct live_job *job, jd_time at);
/* What draws on the pool directly, and gives it back. */
void envs_pool_take(struct sched *s, const struct live_env *env, const struct resources *r);
void envs_pool_give(struct sched *s, const struct live_env *env, const struct resources *r);
void resources_add(struct resources *to, const struct resources *r);
void resources_sub(struct resources *from, const struct resources *r);
struct resources resources_plus(struct resources a, const struct resources *b); /* the sum */
void envs_look(struct sched *s, const struct live_env *env); /* at the queues it serves */

/* instances.c: machines. */
apply_fact instances_launched, instances_up, instances_reclaimed, instances_terminated;
struct live_instance *instances_find(const struct sched *s, int64_t key); /* or NULL */
int64_t instances_key(const struct sched *s, const struct live_job *job); /* of its attempt, or 0 */
void instances_clear(struct sched *s);
void instances_clone(struct sched *to, const struct sched *from); /* environments first */
struct live_instance *instances_first_launching(const struct sched *s); /* by ready_at */
struct live_instance *instances_first_idle(const struct sched *s);	/* by idle_until */
struct live_instance *instances_next_idle(struct live_instance *i);
/* The fullest instance of the environment with room for it, or NULL (GPU-1 kept). */
struct live_instance *instances_fit(const struct sched *s, const struct live_env *env,
				    const struct resources *need);
/* One that is LAUNCHING and has room that is not booked, or NULL. */
struct live_instance *instances_coming(const struct sched *s, const struct live_env *env,
				       const struct resources *need);
void instances_forget_bookings(struct sched *s);
struct resources instances_capacity(const struct sched *s, const struct instance_type *type);
bool instances_may_go(const struct sched *s, const struct live_instance *i);
/* The minimum, or what counts towards it, has changed. */
void instances_recheck(struct sched *s, const struct live_env *env);
/* The environment's generation has changed. */
void instances_outdate(struct sched *s, struct live_env *env);
void instances_take(struct sched *s, struct live_instance *i, struct live_job *job);
void instances_give(struct sched *s, struct live_instance *i, const struct live_job *job,
		    jd_time at);
/* The job's place is taken away: its attempt is to be stopped. */
void instances_take_away(struct sched *s, struct live_job *job);
/* The machine itself, as an instance of the environment with this index: `optimal`. */
#define INSTANCE_LOCAL_HOST (INT64_C(1) << 40)

/* scale.c: what to launch and to give back. */
/* The type to launch for a job of such need, or NO_INDEX: *why says what keeps it. */
enum launch_verdict {
	LAUNCH_YES,
	LAUNCH_NEVER,	 /* no allowed type is large enough */
	LAUNCH_AT_MAX,	 /* maxvCpus */
	LAUNCH_NO_POOL,	 /* the pool has no room: no capacity */
	LAUNCH_REFUSED,	 /* by a drill: no capacity */
	LAUNCH_PRICE,	 /* Spot costs more than is bid: no capacity */
};
enum launch_verdict scale_choose(const struct sched *s, const struct live_env *env,
				 const struct resources *need, jd_time now, uint16_t *type);
void scale_launch(struct sched *s, const struct live_env *env, uint16_t type, jd_time now,
		  struct fact *out); /* the decision */
enum launch_verdict scale_may_launch(const struct sched *s, const struct live_env *env,
				     jd_time now); /* drills and the Spot price */
bool scale_wants_gpu_type(const struct sched *s, const struct live_env *env,
			  const struct resources *need); /* GPU-1 */
struct resources scale_nominal(const struct instance_type *type);
/* CE-7: what was asked for by hand is forgotten once there is as much. */
void scale_reached(struct live_env *env);
void scale_sort(struct live_env *env); /* what it allows, by its strategy */
jd_time scale_env_wakeup(const struct sched *s, jd_time now);
bool scale_decide(struct sched *s, jd_time now, struct fact *out);
bool scale_decide_idle(const struct sched *s, jd_time now, struct fact *out); /* who goes */
bool scale_decide_spot(struct sched *s, jd_time now, struct fact *out); /* their minimum */
jd_time scale_wakeup(const struct sched *s, jd_time now);

/* spot.c: the price, and whom it costs its place. */
bool spot_is_leaving(const struct sched *s); /* some capacity was given notice */
int spot_price(const struct sched *s); /* per cent of on-demand */
bool spot_decide(struct sched *s, jd_time now, struct fact *out);
/* The pool is short for so much in `env`: what goes for it, idle instances first, then, for
 * on-demand work, Spot ones. Idle ones of the type `keep` in `env` stay (NO_INDEX: none do).
 * False: nothing may, or enough is going already. */
bool spot_make_room(struct sched *s, const struct live_queue *q, const struct live_env *env,
		    const struct resources *need, uint16_t keep, jd_time now, struct fact *out);

/* place.c: what fits where. */
enum fit {
	FIT_YES,
	FIT_CLOSED,	/* takes nothing now */
	FIT_NEVER,	/* it could never hold such a job */
	FIT_ENV,	/* at its maximum: others may be tried */
	FIT_POOL,	/* no capacity: others may be tried */
	FIT_WAIT,	/* no capacity, and others may not be tried (PL-3) */
	FIT_LAUNCH,	/* a launch would make room */
	FIT_COMING,	/* a place on an instance that is coming */
};
enum fit place_fit(const struct sched *s, const struct live_env *env, const struct live_job *job,
		   jd_time now, struct live_instance **instance, uint16_t *type);
/* need <= total - used. */
bool place_within(const struct resources *need, const struct resources *total,
		  const struct resources *used);
bool place_suits(const struct live_env *env, const struct live_job *job); /* by kind */
/* Could it fit there if nothing else ran? */
bool place_could_fit(const struct sched *s, const struct live_env *env,
		     const struct live_job *job);
/* Places the job, or launches for it: the decision in *out, PLACE_DECIDED. */
enum place_verdict { PLACE_DECIDED, PLACE_BOOKED, PLACE_STUCK, PLACE_LATER };
enum place_verdict place_try(struct sched *s, struct live_queue *q, struct live_job *job,
			     jd_time now, struct fact *out, enum shortage *what);
/* What was booked may be had sooner, or is not coming: all passes begin again. */
void place_restart(struct sched *s);

#endif
