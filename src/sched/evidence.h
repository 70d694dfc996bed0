#ifndef JOBDECK_SCHED_EVIDENCE_H
#define JOBDECK_SCHED_EVIDENCE_H
#include "family.h"

/* What keeps a waiting job, as numbers and words: for explain.c (one line), why.c (the ladder)
 * and preflight.c. Everything here only looks. */

/* Text that is written bit by bit and cut where its room ends. */
struct tale {
	char *out;
	size_t size, len;
};
struct tale tell_in(char *out, size_t size); /* empty */
void tell(struct tale *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* As tell, with "; " before it unless it is the first. */
void tell_next(struct tale *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The last moment the scheduler was told of. */
jd_time evidence_now(const struct sched *s);

enum { AMOUNT_SIZE = 40 };
const char *evidence_vcpus(int64_t milli, char buf[AMOUNT_SIZE]); /* "8", "0.25" */

/* Of the three things a job needs, the first there is not enough of. */
enum what { WHAT_NOTHING, WHAT_VCPU, WHAT_MEMORY, WHAT_GPU };
enum what evidence_short(const struct resources *need, const struct resources *have);
/* "8 vCPU", "5000 MiB memory", "2 GPU"; and without the unit. Return buf. */
const char *evidence_amount(enum what what, const struct resources *r, char buf[AMOUNT_SIZE]);
const char *evidence_number(enum what what, const struct resources *r, char buf[AMOUNT_SIZE]);

/* The job that stands for a key in its queue's line: itself, or its array, if it was not made. */
struct subject {
	const struct live_job *job; /* NULL: no such live job */
	enum job_status status;
	int32_t index; /* of a child that was not made; else -1 */
};
struct subject evidence_subject(const struct sched *s, int64_t key);
bool evidence_in_line(const struct subject *subject); /* it waits for room there */

/* The most that one environment could ever give one job, of what this one lacks most. */
struct limit {
	const struct live_env *env; /* NULL: none is made for such jobs */
	const struct instance_type *type; /* or NULL: the environment itself */
	struct resources most;
	bool by_pool; /* the machine is the limit, not what was set */
};
/* It fits no environment of its queue, were all of it free. */
bool evidence_never(const struct sched *s, const struct live_queue *q, const struct live_job *job);
/* What it lacks there, with the best that there is. WHAT_NOTHING: it is no matter of size. */
enum what evidence_limit(const struct sched *s, const struct live_queue *q,
			 const struct live_job *job, struct limit *out);
/* "needs 8 vCPU, a has 4 at most: can never run". */
void evidence_tell_never(const struct sched *s, const struct live_queue *q,
			 const struct live_job *job, struct tale *t);

/* What one environment has for the job now. */
enum chance {
	CHANCE_CLOSED,	/* not ENABLED, or not VALID */
	CHANCE_NEVER,	/* too small for ever, or not made for such jobs */
	CHANCE_ROOM,	/* room */
	CHANCE_LAUNCH,	/* a launch is about to make room */
	CHANCE_COMING,	/* an instance with room is coming */
	CHANCE_FULL,	/* at its maximum */
	CHANCE_POOL,	/* the machine is in use by others */
	CHANCE_REFUSED, /* a drill */
	CHANCE_PRICE,	/* Spot costs what was bid, or more */
};
struct look {
	const struct live_env *env;
	enum chance chance;
	const struct live_instance *instance; /* ROOM, COMING; or NULL */
	uint16_t type; /* LAUNCH, POOL: what would be launched; or NO_INDEX */
	int count;     /* and how many, at most: a multi-node job has one for each node */
};
struct look evidence_look(const struct sched *s, const struct live_env *env,
			  const struct live_job *job, jd_time now);
/* The first environment that is open and could ever hold the job; its env is NULL: none. */
struct look evidence_first_look(const struct sched *s, const struct live_queue *q,
				const struct live_job *job, jd_time now);
/* The largest gap on its instances for such a job. */
struct resources evidence_gap(const struct sched *s, const struct live_env *env,
			      const struct resources *need);
/* What an environment without instances of its own has left; *by_pool: of vCPUs, the machine's. */
struct resources evidence_left(const struct sched *s, const struct live_env *env, bool *by_pool);
/* "i launches nothing before ... (drill)", for CHANCE_REFUSED, PRICE, and POOL on instances. */
void evidence_tell_capacity(const struct sched *s, const struct look *look, struct tale *t);

/* Has the pass over the queue looked at it, though others stand before it? */
bool evidence_looked_at(const struct live_queue *q, int64_t ahead);

#endif
