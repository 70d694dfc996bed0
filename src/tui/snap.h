#ifndef TUI_SNAP_H
#define TUI_SNAP_H
#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>
#include "jobdeck/base/time.h"
#include "jobdeck/model/enums.h"

/* What the console knows: the answers of the API as rows. data.c is the only one that
 * writes it; views only read. All strings are safe text and owned by the snapshot. */

enum { SNAP_ID = 64 };

struct snap_env {
	char *name, *type, *status, *reason;
	bool enabled;
	double min, max, used; /* vCPUs */
	double used_memory;    /* MiB */
	int active;	       /* jobs STARTING or RUNNING */
};

struct snap_queue {
	char *name, *status, *reason, *envs; /* "ce-a,ce-b" */
	bool enabled;
	int priority;
	int64_t count[JOB_COUNT];
	jd_time head_since; /* of the RUNNABLE job in front; 0: none */
};

struct snap_job {
	char id[SNAP_ID];
	char *name, *why; /* why it waits, or how it ended; may be "" */
	enum job_status status;
	jd_time created, started, stopped; /* 0: not (yet) */
	int attempt, attempts;
};

struct snap {
	bool loaded; /* an overview has come */
	int64_t seq;
	double pool_vcpus, pool_memory, used_vcpus, used_memory;
	struct snap_env *env;
	int env_count;
	struct snap_queue *queue;
	int queue_count;

	char *jobs_of; /* the queue whose jobs these are; NULL: not loaded */
	struct snap_job *job;
	int job_count;

	char detail_id[SNAP_ID];
	cJSON *detail; /* a JobDetail as it came (not safe text); NULL: not loaded */
};

void snap_init(struct snap *s);
void snap_fini(struct snap *s);
/* Takes over what JobdeckOverview answered. */
void snap_overview(struct snap *s, const cJSON *overview);

/* Jobs are gathered from several lists and then taken over at once, sorted: running,
 * starting, waiting (in line), then ended ones, the newest first. A job that is in several
 * lists is kept in its latest state. */
struct snap_jobs {
	struct snap_job *job;
	int count, cap;
};
void snap_jobs_add(struct snap_jobs *j, const cJSON *summaries);
void snap_jobs_fini(struct snap_jobs *j);
void snap_take_jobs(struct snap *s, const char *queue, struct snap_jobs *j /* emptied */);
/* Takes over a JobDetail (taken). */
void snap_take_detail(struct snap *s, cJSON *detail);

const struct snap_queue *snap_find_queue(const struct snap *s, const char *name);
const struct snap_env *snap_find_env(const struct snap *s, const char *name);
const struct snap_job *snap_find_job(const struct snap *s, const char *id);

int64_t snap_waiting(const struct snap_queue *q); /* SUBMITTED, PENDING and RUNNABLE */
int64_t snap_running(const struct snap_queue *q); /* STARTING and RUNNING */
struct snap_totals {
	long waiting, running, failed;
};
struct snap_totals snap_totals(const struct snap *s);

/* How a job or attempt ended or why it waits, as one safe line: "exit 137 (SIGKILL): out of
 * memory". Takes JobSummary, JobDetail and AttemptDetail alike. Caller frees. */
char *snap_result(const cJSON *job);

#endif
