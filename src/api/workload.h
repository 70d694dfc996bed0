#ifndef JOBDECK_SRC_API_WORKLOAD_H
#define JOBDECK_SRC_API_WORKLOAD_H
#include <uthash.h>
#include "jobdeck/api/workload.h"
#include "internal.h"

#if defined(__GNUC__) && !defined(__clang__)
/* uthash reaches its elements by offsets, where gcc's analyser loses sight of them. */
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

/* What every job of a line has in common. */
struct workload_entry {
	int64_t line, offset, len; /* where it stands */
	int64_t duration_ms;
	int code_count;
	int *code; /* of attempts; NULL: 0 */
	bool fails; /* what it depends on has failed */
};

/* What a definition says when nothing is said over it. */
struct workload_template {
	char *name;
	struct job job;
	UT_hash_handle hh;
};

/* A job that later lines may wait for. */
struct workload_known {
	char *id;
	int64_t key;
	int size;      /* of an array */
	int ended;     /* of its children, or 1 */
	bool failed;   /* any of them */
	char *outcome; /* of an array: 'S' or 'F' by child, ' ' before */
	UT_hash_handle hh;
};

struct workload_reader { /* workload_job.c's part */
	struct workload_source source;
	struct workload_template *templates;
	struct workload_known *known; /* by id; workload_known.c */
	struct workload_known **by_key; /* ascending */
	size_t known_count, known_cap;
};

/* The job of a line, to be freed by the caller; NULL on error. */
struct job *workload_job(struct workload_reader *r, const cJSON *line, struct err *err);
void workload_forget_all(struct workload_reader *r);

/* workload_known.c: what dependsOn says, and how those jobs ended. */
int workload_depends(const struct workload_reader *r, struct job *job, const cJSON *line,
		     struct err *err);
/* Once its time has come: leaves in job->depends what has not ended; says whether any failed. */
bool workload_look_back(const struct workload_reader *r, struct job *job);
void workload_know(struct workload_reader *r, const cJSON *line, const struct job *job);
void workload_note_end(struct workload_reader *r, const struct forecast_job *ended);
void workload_forget_known(struct workload_reader *r);

#endif
