#ifndef JOBDECK_SIM_FORECAST_H
#define JOBDECK_SIM_FORECAST_H
#include <cjson/cJSON.h>
#include "jobdeck/model/job.h"
#include "jobdeck/sched/core.h"

/* What would happen: the scheduler on a made-up clock, from a state that is there already,
 * from jobs that arrive, or both, and the account of it: how long it takes, who waits how
 * long, what it costs.
 *
 * Waits are from RUNNABLE to the start of the first attempt; time spent on dependencies is
 * not in them. For jobs that were RUNNABLE when the forecast began they count from there.
 * Arrays count as their children, multi-node jobs as one job each.
 *
 * Costs are the catalog's prices: instances from their launch to their end, on-demand or at
 * the Spot price of each moment; Fargate jobs from placement to end, a minute at least; on
 * local.host, which AWS does not sell, the vCPUs in use. */

/* A job that has ended in the forecast: no nodes, and instead of arrays their children; but if
 * an array fails before all its children were made, it stands for the rest of them. */
struct forecast_job {
	int64_t key;
	const char *queue, *share; /* share: or NULL */
	enum job_status status;
	jd_time arrived, runnable, started, ended; /* 0: not known, or never */
};

/* A job of the forecast. Whoever provides jobs and guesses answers from one place. */
struct forecast_arrival {
	jd_time at;	       /* never before the one before it */
	const struct job *job; /* .key as it was given; borrowed until the next question */
};
struct forecast_source {
	/* The next job to arrive, with this key: 1; 0: no more; -1: error. NULL: none at all. */
	int (*next)(void *arg, int64_t key, struct forecast_arrival *out, struct err *err);
	/* Its time has come (`next` was called before): .depends may still be changed, for it must
	 * not name jobs that have ended. True: one of those has failed (DEP-8). NULL: never. */
	bool (*settle)(void *arg, const struct job *job);
	int64_t (*duration_ms)(void *arg, int64_t job, int attempt);
	int (*exit_code)(void *arg, int64_t job, int attempt); /* NULL: always 0 */
	void (*ended)(void *arg, const struct forecast_job *job); /* of every job; or NULL */
	void *arg;
};

struct forecast_options {
	struct sched *sched; /* taken */
	jd_time start;
	int64_t next_key; /* of the first job that arrives */
	struct forecast_source source;
	int64_t start_ms, stop_ms; /* as in struct sim_guess */
	uint64_t seed;
	int spread_percent; /* durations are that much longer or shorter, by chance; 0..99 */
	/* Told of every job that ends; NULL: nobody. */
	void (*ended)(void *arg, const struct forecast_job *job);
	void *ended_arg;
	int never_max; /* how many jobs that will never run are told one by one */
	/* What the report calls a job: members for its entry among `never` (NULL: its key), and
	 * in texts, as for sched_why (NULL: "job KEY"). */
	void (*describe)(void *arg, int64_t key, cJSON *into);
	void (*name)(void *arg, int64_t key, char *out, size_t size);
	void *describe_arg;
};

struct forecast;
struct forecast *forecast_new(const struct forecast_options *o);
void forecast_free(struct forecast *f); /* accepts NULL */

/* Goes on for about so many facts. 1: there is more to do; 0: it is done; -1: error, of the
 * source or of the scheduler. Pieces of any size come to the same report. */
int forecast_go(struct forecast *f, int64_t facts, struct err *err);

struct forecast_progress {
	jd_time start, now; /* on the made-up clock */
	int64_t ended, live; /* jobs; live: records of the scheduler */
	int64_t decisions;
};
void forecast_progress(const struct forecast *f, struct forecast_progress *out);

/* The account, once it is done; JSON in the API's style. Caller deletes. */
cJSON *forecast_report(const struct forecast *f);

#endif
