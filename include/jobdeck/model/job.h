#ifndef JOBDECK_MODEL_JOB_H
#define JOBDECK_MODEL_JOB_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "jobdeck/base/time.h"
#include "jobdeck/base/uuid.h"
#include "jobdeck/model/enums.h"
#include "jobdeck/model/resources.h"
#include "jobdeck/model/retry.h"

/* Plain data: what a job is, with no opinion on where it is stored or run.
 *
 * `key` is the job's number in this home, given at submission and never reused: the order
 * of submission, the row's key in the database and the scheduler's name for the job. `id`
 * is what the API calls it. Strings are owned by the struct. */
struct job {
	int64_t key;
	char id[UUID_SIZE];
	char *name, *queue;
	char *definition; /* "NAME:REVISION" */

	/* As submitted: fixed for life. */
	struct resources need;
	struct retry_strategy retry;
	int timeout_s;		/* 0: none */
	size_t depends_count;	/* on the keys of jobs that were known at submission (DEP-8) */
	int64_t *depends;
	char *doc;		/* the fixed part of JobDetail, JSON in the API's shape */

	/* As it stands. */
	enum job_status status;
	char *status_reason;	/* or NULL */
	bool cancelled, terminated, timed_out;
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
	int slot;		/* directory under run/ while it lives; -1: none */
	jd_time placed, started, stopped; /* 0: not (yet) */
	int exit_code;		/* -1: none (RT-6) */
	char *status_reason;	/* Batch's level */
	char *reason;		/* the container's level: container.reason */
};

void job_free(struct job *job);
void attempt_fini(struct attempt *a);

#endif
