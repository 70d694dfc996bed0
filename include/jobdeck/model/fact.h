#ifndef JOBDECK_MODEL_FACT_H
#define JOBDECK_MODEL_FACT_H
#include "jobdeck/model/consumable.h"
#include "jobdeck/model/environment.h"
#include "jobdeck/model/instance.h"
#include "jobdeck/model/job.h"
#include "jobdeck/model/policy.h"
#include "jobdeck/model/queue.h"

/* Something that happened: the only way the scheduler's state changes. Facts come from the
 * API, from backends, and from sched_decide (marked D): a decision becomes a fact before
 * anybody acts on it. Each job fact changes exactly one job, so each is one row in the
 * store. The number is what the journal stores: append only. */
#define FACT_TABLE(X)                                                                              \
	X(POOL)		/* .pool: what this machine offers, said at every start */             \
	X(ENVIRONMENT)	/* .environment: created or changed; status DELETED: gone */           \
	X(QUEUE)	/* .queue: created or changed; status DELETED: gone */                 \
	X(SUBMITTED)	/* .submitted: a new job */                                            \
	X(PENDING)	/* D: it has unfinished dependencies, or is an array that has begun */ \
	X(RUNNABLE)	/* D: nothing keeps it from running but room; ARRAY: its children */   \
	X(PLACED)	/* D: .placed: an attempt was given room; it must now be started */    \
	X(STARTED)	/* its process runs */                                                 \
	X(STOPPING)	/* D: .stopping: the attempt must be stopped */                        \
	X(ENDED)	/* .ended: the attempt is over, however it went */                     \
	X(CANCELLED)	/* .reason: CancelJob (CX-1, CX-2); D: of an array, BL-1 */            \
	X(TERMINATED)	/* .reason: TerminateJob (CX-3) */                                     \
	X(FAILED)	/* D: .reason: it ends without (another) attempt */                    \
	X(SETTINGS)	/* .settings: said at every start, before all else */                  \
	X(POLICY)	/* .policy: created or changed; .deleted: gone */                      \
	X(CONSUMABLE)	/* .consumable: created or changed; .deleted: gone */                  \
	X(INSTANCE_LAUNCHED)   /* D: .instance; on restart: one that lives */                  \
	X(INSTANCE_UP)	       /* D: .instance_key: it takes jobs now */                       \
	X(INSTANCE_RECLAIMED)  /* D, or a drill: .instance_key: notice was given (SP-2) */     \
	X(INSTANCE_TERMINATED) /* D: .instance_key, .reason: it is gone */                     \
	X(ENVIRONMENT_STATUS)  /* D: .environment_status: an update is through (CE-8) */       \
	X(BLOCKED)	/* D: .reason: as head it is blocked (section 10); NULL: no more */    \
	X(NODE_START)	/* D: the main node runs: this node's attempt must now be started */   \
	X(ROLLED_UP)	/* D: .rolled_up: a parent follows its children or its main node */    \
	X(HELD)		/* a waiting job is held */                                            \
	X(RELEASED)	/* and released; D: its start_after has come */

enum fact_kind {
#define X(name) FACT_##name,
	FACT_TABLE(X)
#undef X
	FACT_COUNT
};

/* Why an attempt is stopped. REPLACED: its instance is replaced (CE-8); MAIN_NODE: the main
 * node of its job has ended (MNP-5). */
enum stop_cause { STOP_TERMINATED, STOP_TIMEOUT, STOP_RECLAIMED, STOP_REPLACED, STOP_MAIN_NODE };

/* What the scheduler is told once, at every start. Zeros are meant as such. */
struct sched_settings {
	int64_t idle_ms;	/* an idle instance is given back after that (SC-3) */
	int64_t launch_ms;	/* an instance is UP that long after its launch */
	int launch_failure_percent; /* of launches that come to nothing, for drills */
	int memory_reserve_milli; /* of nominal memory that instances keep (RES-6), in 1/1000 */
	int64_t next_instance;	/* the first instance key not given yet; at least 1 */
};

struct fact {
	enum fact_kind kind;
	jd_time at;	/* when it became known: never earlier than the fact before it */
	jd_time happened; /* STARTED, ENDED: when it truly was, maybe while no server ran; 0: at */
	int64_t job;	/* job facts: its key */
	int attempt;	/* PLACED, STARTED, STOPPING, ENDED, NODE_START: its number */
	union {		/* everything here is borrowed for the call */
		struct resources pool;
		struct sched_settings settings;
		const struct environment *environment;
		const struct queue *queue;
		const struct policy *policy;
		const struct consumable *consumable;
		const struct job *submitted;	/* .key set; status as below */
		const struct instance *instance;
		struct {
			const char *env;
			int slot;	  /* chosen by the engine; the scheduler only keeps it */
			int64_t instance; /* 0: none */
			uint64_t gpu_set; /* devices pinned to it; 0: none, or the pool has > 64 */
			bool waits;	  /* a node: do not start before NODE_START */
		} placed;
		struct {
			enum stop_cause cause;
		} stopping;
		struct {
			int exit_code;		   /* -1: none */
			const char *status_reason; /* Batch's level, never NULL */
			const char *reason;	   /* container's level or NULL */
			bool timed_out;		   /* the shim's clock ended it */
		} ended;
		struct {
			int64_t instance_key;
			const char *instance_reason; /* TERMINATED: for a person */
		};
		struct {
			const char *name;
			enum status status;
			const char *reason;
		} environment_status;
		struct {
			enum job_status to;
			const char *reason;
		} rolled_up;
		const char *reason;
	};
};

/* What folding a fact did to its job: what the store writes into the job's row. For facts
 * that are no job's, and for those that changed nothing, `changed` is false. */
struct fact_effect {
	bool changed;
	bool born;		   /* a child or node that had no row: made of its parent's */
	enum job_status from, to;
	const char *status_reason; /* the job's from now on, or NULL; borrowed */
	int64_t order;		   /* see struct job */
	bool cancelled, terminated, timed_out, held;
	int attempt;		   /* its attempts so far (ROLLED_UP: a multi-node job's) */
	jd_time started;	   /* ROLLED_UP to RUNNING or an end: the main node's; else 0 */
	jd_time blocked_since;	   /* see struct job */
};

static inline jd_time fact_when(const struct fact *f)
{
	return f->happened ? f->happened : f->at;
}
const char *fact_name(enum fact_kind kind); /* "SUBMITTED" */

#endif
