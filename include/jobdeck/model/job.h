#ifndef JOBDECK_MODEL_JOB_H
#define JOBDECK_MODEL_JOB_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "jobdeck/base/time.h"
#include "jobdeck/base/uuid.h"
#include "jobdeck/model/enums.h"
#include "jobdeck/model/limits.h"
#include "jobdeck/model/resources.h"
#include "jobdeck/model/retry.h"

/* What a job waits for. `outcome` is only told for N_TO_N on an array that has ended, and
 * failed: one letter a child, 'S' or 'F'; else NULL. Owned. */
struct dependency {
	int64_t job;
	enum dependency_type type;
	char *outcome;
};

/* What an attempt takes of a consumable resource (CR-1). Name owned. */
struct consume {
	char *name;
	int64_t quantity;
};

/* What some nodes of a multi-node parallel job ask for (MNP-2): the ranges of a job cover
 * its nodes; of nested ones the narrower, and so each node's own, has been worked out. */
struct node_need {
	int first, last; /* both included; ranges do not overlap and rise */
	struct resources need;
};

/* Plain data: what a job is, with no opinion on where it is stored or run.
 *
 * An array or multi-node job of `size` with key K owns the keys K + 1 .. K + size: child or
 * node i is K + 1 + i, its id ID:i or ID#i (ID-2). Children and nodes come into being, here
 * and in the store, with the first fact that changes one alone; before that they are what
 * their parent says. Only they have a `parent`.
 *
 * `key` is the job's number in this home, given at submission and never reused: the order
 * of submission, the row's key in the database and the scheduler's name for the job. `id`
 * is what the API calls it. Strings are owned by the struct. */
enum { JOB_ID_SIZE = UUID_SIZE + 6 }; /* UUID, ':' or '#', index */

struct job {
	int64_t key;
	char id[JOB_ID_SIZE];
	enum job_kind kind;
	int64_t parent; /* CHILD, NODE: its parent's key; else 0 */
	int size;	/* ARRAY: children; MULTINODE: nodes; else 0 */
	char *name, *queue;
	char *definition; /* "NAME:REVISION" */

	/* As submitted: fixed for life. */
	struct resources need;
	struct retry_strategy retry;
	int timeout_s;		/* 0: none */
	size_t depends_count;	/* on jobs that were known at submission (DEP-8) */
	struct dependency *depends;
	bool sequential;	/* ARRAY: child k waits for child k - 1 (DEP-5) */
	enum platform platform;
	char *share;		/* shareIdentifier (FS-2), or NULL */
	int priority;		/* schedulingPriority (FS-8) */
	int consume_count;
	struct consume consume[LIMIT_CONSUMABLES];
	int main_node, node_need_count; /* MULTINODE */
	struct node_need node_need[2 * LIMIT_NODE_RANGES];
	jd_time start_after; /* Jobdeck's own: not RUNNABLE's turn before; 0: none */
	char *doc;		/* the fixed part of JobDetail, JSON in the API's shape */

	/* As it stands. */
	enum job_status status;
	char *status_reason;	/* or NULL */
	bool cancelled, terminated, timed_out;
	bool held; /* Jobdeck's own: waits until released */
	jd_time blocked_since; /* head of its queue with a reason of section 10; 0: not so */
	char *outcome; /* on restart, ARRAY and MULTINODE: one letter a child, ' ' not made yet,
			* '.' made and lives, 'S' or 'F' ended; NULL: none was made */
	jd_time created, started, stopped; /* 0: not yet */
	int attempt;		/* attempts placed so far; the present one's number */
	int64_t order;		/* place among RUNNABLE jobs of its queue, lowest first:
				 * the key, or negative when retried (RT-9) */
};

/* One placement of a job and how it ended. Strings are owned. */
struct attempt {
	int64_t job;
	int number;		/* from 1 (RT-11) */
	char *env;		/* compute environment */
	int64_t instance;	/* key of the instance; 0: none (Fargate, unmanaged) */
	uint64_t gpu_set;	/* devices of this machine it has for itself, a bit each (RES-5) */
	bool waits;		/* node of a multi-node job that may not start yet (MNP-4) */
	int slot;		/* directory under run/ while it lives; -1: none */
	jd_time placed, started, stopped; /* 0: not (yet) */
	int exit_code;		/* -1: none (RT-6) */
	char *status_reason;	/* Batch's level */
	char *reason;		/* the container's level: container.reason */
};

void job_free(struct job *job);
/* The index of a child or node among its parent's; -1 for other jobs. */
static inline int job_index(const struct job *job)
{
	return job->parent ? (int)(job->key - job->parent - 1) : -1;
}
void attempt_fini(struct attempt *a);

#endif
