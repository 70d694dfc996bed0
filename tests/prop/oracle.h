#ifndef PROP_ORACLE_H
#define PROP_ORACLE_H
#include "workload.h"

/* What the scheduler ought to believe, kept by looking at the facts and nothing else, and
 * worked out the slow and obvious way: every question walks all jobs. */

struct oracle_job {
	const struct item *item; /* NULL: left out of this run */
	bool submitted, terminated, timed_out, stop_said;
	enum job_status status;
	int attempt, env;
	int64_t order;
	jd_time started;
	char blocked[200]; /* what was said of it as head (section 10), "" when nothing is */
	jd_time blocked_since;
};

struct oracle {
	const struct workload *w;
	struct oracle_job *job; /* by number */
	struct env_setting env[MAX_ENVS];
	struct queue_setting queue[MAX_QUEUES];
	struct resources pool, used, env_used[MAX_ENVS];
	int env_active[MAX_ENVS];
};

void oracle_init(struct oracle *o, const struct workload *w);
void oracle_fini(struct oracle *o);

struct oracle_job *oracle_job(const struct oracle *o, int64_t key); /* or NULL */
int64_t oracle_key(const struct oracle *o, const struct oracle_job *job);
bool oracle_live(const struct oracle_job *job);
bool oracle_active(const struct oracle_job *job);
/* Dependencies: those that are not SUCCEEDED (and were in this run), and those that FAILED. */
int oracle_unmet(const struct oracle *o, const struct oracle_job *job);
int oracle_unmet_failed(const struct oracle *o, const struct oracle_job *job);
/* The RUNNABLE job at the front, or NULL; and how many stand before a job. */
struct oracle_job *oracle_head(const struct oracle *o, int queue);
int64_t oracle_ahead(const struct oracle *o, const struct oracle_job *job);
/* The environment in which a job of that queue fits now, or -1. */
int oracle_place(const struct oracle *o, int queue, const struct oracle_job *job);
/* Section 10: what the head of a queue is to be called. */
enum blocked oracle_blocked(const struct oracle *o, int queue);
bool oracle_could_ever(const struct oracle *o, int queue, const struct oracle_job *job);
/* JQ-4: is queue `a` served before queue `b`? */
bool oracle_before(const struct oracle *o, int a, int b);
jd_time oracle_deadline(const struct oracle_job *job); /* or JD_NEVER */
/* Section 6: what the end of an attempt makes of its job. */
enum job_status oracle_settle(const struct oracle_job *job, const struct fact *ended);
/* Takes room, gives it back. */
void oracle_take(struct oracle *o, struct oracle_job *job, int env);
void oracle_give(struct oracle *o, struct oracle_job *job);

#endif
