#ifndef JOBDECK_API_WORKLOAD_H
#define JOBDECK_API_WORKLOAD_H
#include <cjson/cJSON.h>
#include "jobdeck/sim/forecast.h"

/* A workload file: jobs to come, for a forecast. Each line is one JSON object, a SubmitJob
 * request with a few members more; empty lines and those that begin with '#' are skipped.
 *
 *	arrivalTime	when it is submitted: seconds since the beginning, or a moment as people
 *			write it; never before the line above. None: with the line above
 *	durationSeconds	how long each attempt runs. None: what the caller guesses
 *	exitCode	of each attempt, or a list, one for each attempt and the last for all
 *			further ones. None: 0
 *	count		so many of it (1), and
 *	everySeconds	one so long after the other (0: all at once)
 *	jobId		what dependsOn of later lines calls it; not together with count
 *
 * jobDefinition may be left out where containerOverrides say vCPUs and memory. The file is read
 * as its time comes: what is held is one line, the repeated ones, and a few bytes for each job.
 */
struct workload;

struct workload_source {
	/* The definition as DescribeJobDefinitions shows it, borrowed for as long as the workload
	 * lives, or NULL with an error. */
	const cJSON *(*definition)(void *arg, const char *name, struct err *err);
	/* How long a job runs of which the file does not say so, in ms; `job` is its line, what it
	 * says of queue, definition and name. -1: error. */
	int64_t (*duration)(void *arg, const cJSON *job, struct err *err);
	void *arg;
};

/* Opens the file; "-" is standard input, which is read whole at once. NULL on error. */
struct workload *workload_open(const char *path, jd_time now, const struct workload_source *source,
			       struct err *err);
void workload_close(struct workload *w); /* accepts NULL */
/* When it begins: at the first line's moment, or, where that says none, now. */
jd_time workload_start(const struct workload *w);

/* For struct forecast_source, with the workload as its argument. Errors begin with "line N: ". */
int workload_next(void *workload, int64_t key, struct forecast_arrival *out, struct err *err);
bool workload_settle(void *workload, const struct job *job);
int64_t workload_duration(void *workload, int64_t key, int attempt);
int workload_exit_code(void *workload, int64_t key, int attempt);
void workload_ended(void *workload, const struct forecast_job *job);

/* The job's line of the file: {"line", "jobName", "jobId" or "copy", "index" of a child}, added
 * to `into`. */
void workload_describe(void *workload, int64_t key, cJSON *into);
int64_t workload_position(const struct workload *w); /* bytes read so far */
int64_t workload_size(const struct workload *w);

#endif
