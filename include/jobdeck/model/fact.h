#ifndef JOBDECK_MODEL_FACT_H
#define JOBDECK_MODEL_FACT_H
#include "jobdeck/model/environment.h"
#include "jobdeck/model/job.h"
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
	X(PENDING)	/* D: it has unfinished dependencies */                                \
	X(RUNNABLE)	/* D: nothing keeps it from running but room */                        \
	X(PLACED)	/* D: .placed: an attempt was given room; it must now be started */    \
	X(STARTED)	/* its process runs */                                                 \
	X(STOPPING)	/* D: .stopping: the attempt must be stopped */                        \
	X(ENDED)	/* .ended: the attempt is over, however it went */                     \
	X(CANCELLED)	/* .reason: CancelJob (CX-1, CX-2) */                                  \
	X(TERMINATED)	/* .reason: TerminateJob (CX-3) */                                     \
	X(FAILED)	/* D: .reason: it ends without (another) attempt */

enum fact_kind {
#define X(name) FACT_##name,
	FACT_TABLE(X)
#undef X
	FACT_COUNT
};

/* Why an attempt is stopped. */
enum stop_cause { STOP_TERMINATED, STOP_TIMEOUT, STOP_RECLAIMED };

struct fact {
	enum fact_kind kind;
	jd_time at;	/* when it became known: never earlier than the fact before it */
	jd_time happened; /* STARTED, ENDED: when it truly was, maybe while no server ran; 0: at */
	int64_t job;	/* job facts: its key */
	int attempt;	/* PLACED, STARTED, STOPPING, ENDED: its number */
	union {		/* everything here is borrowed for the call */
		struct resources pool;
		const struct environment *environment;
		const struct queue *queue;
		const struct job *submitted;	/* .key set; status as below */
		struct {
			const char *env;
			int slot;	/* chosen by the engine; the scheduler only keeps it */
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
		const char *reason;
	};
};

/* What folding a fact did to its job: what the store writes into the job's row. For facts
 * that are no job's, and for those that changed nothing, `changed` is false. */
struct fact_effect {
	bool changed;
	enum job_status from, to;
	const char *status_reason; /* the job's from now on, or NULL; borrowed */
	int64_t order;		   /* see struct job */
	bool cancelled, terminated, timed_out;
};

static inline jd_time fact_when(const struct fact *f)
{
	return f->happened ? f->happened : f->at;
}
const char *fact_name(enum fact_kind kind); /* "SUBMITTED" */

#endif
