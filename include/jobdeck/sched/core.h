#ifndef JOBDECK_SCHED_CORE_H
#define JOBDECK_SCHED_CORE_H
#include <stdbool.h>
#include "jobdeck/base/err.h"
#include "jobdeck/model/fact.h"

/* The scheduler decides and never acts. It opens nothing, reads no clock and draws no
 * random number: same facts in, same decisions out. The engine, the simulator and the
 * property tests drive it through these calls.
 *
 *	sched_apply(s, fact)			something happened
 *	while (sched_decide(s, now, &fact))	what ought to happen now: one fact at a time,
 *		sched_apply(s, fact)		to be applied before asking again
 *	sched_wakeup(s, now)			when to ask again though nothing happened
 *
 * It keeps only jobs that have not ended, plus what their dependents need of those that
 * have. Costs follow what changed, never how many jobs wait. */

struct sched;

struct sched *sched_new(void);
void sched_free(struct sched *s); /* accepts NULL */

/* Folds one fact into the state. Refuses what cannot be (ERR_CONFLICT: not in this state;
 * ERR_NOT_FOUND: no such job, queue, environment; ERR_INVALID) and then changes nothing.
 *
 * A SUBMITTED job comes with status SUBMITTED, or, on restart, with the status, attempt,
 * order, reason and flags it had. STARTING and RUNNING with attempt N are taken as RUNNABLE
 * with N - 1: PLACED and STARTED with the attempt's number follow and bring them about (room
 * is not asked for again then, and an attempt that was terminated or out of time is asked to
 * stop once more). A DISABLED queue accepts: to refuse new jobs is the API's part.
 * Dependencies on jobs the scheduler does not know are taken as met; the caller has dealt
 * with failed and unknown ones.
 *
 * CANCELLED and TERMINATED on SUBMITTED, PENDING and RUNNABLE jobs end them at once;
 * CANCELLED on STARTING and RUNNING does nothing (CX-1), TERMINATED makes sched_decide ask
 * for STOPPING; a second TERMINATED does nothing. ENDED settles the job by RT-1..RT-9:
 * SUCCEEDED, FAILED, or RUNNABLE again in front of its queue; one that ended well must have
 * been STARTED. FAILED ends any job that has no attempt. An environment that serves a queue
 * or runs jobs, and a queue with live jobs, cannot be DELETED. HELD is for jobs that wait.
 *
 * ARRAYS. A child is made by the first fact that is about it alone (`born`): PLACED, or what
 * ends or holds it. What fails an array before its children begin fails those that were not
 * made without a word of each. CANCELLED on an array that has children fails those that wait,
 * lets those run that run, and the array ends with the last; TERMINATED stops them too (ARR-6,
 * CX-1, CX-2). On restart an array comes with `outcome`, and children that live follow it.
 *
 * MULTI-NODE JOBS. The nodes have the attempts, of the same number as the job's; the parent
 * follows the main node by ROLLED_UP, and ends in the moment in which that does (MNP-5): nodes
 * that are still being stopped then outlive it. Another node that ends first is SUCCEEDED or
 * FAILED, and STARTING again with the job's next attempt (MNP-6). On restart the parent comes as
 * it stands, with `outcome`; its nodes that live follow it, and those that outlived theirs.
 *
 * `effect` (may be NULL) is told what became of the job; its pointers are the fact's own or
 * valid until the next sched_apply. */
int sched_apply(struct sched *s, const struct fact *fact, struct fact_effect *effect,
		struct err *err);

/* One thing that ought to happen now, as the fact that would make it so, or false when
 * there is nothing. Until a fact is applied, asking again gives the same answer. PLACED
 * leaves .slot to the engine. Pointers in *out outlive the sched_apply of this very fact.
 * Order: dependencies and failures first, then stops, then what parents become, then the rest
 * of a multi-node job whose first node was placed, then Spot places that must go, instances
 * that are up, minimums, and updates that are through; then placements, and launches for
 * them, by queue priority, higher first (JQ-4; equal ones by name), within a queue first in
 * first out with head-of-line blocking (JQ-6) or by fair share (section 9.1), environments in
 * the queue's order (section 11.1), Spot after all on-demand work; last instances that are
 * idle, and what heads are blocked by (section 10). */
bool sched_decide(struct sched *s, jd_time now, struct fact *out);

/* The first moment after `now` at which sched_decide might answer differently though
 * nothing happened (a timeout, an idle instance, another order of shares), or JD_NEVER. */
jd_time sched_wakeup(const struct sched *s, jd_time now);

/* On restart, before jobs are told: an attempt of the past that a fair-share queue still counts
 * (FS-3, FS-5). -1: there is no such queue, or it has no policy. */
int sched_usage(struct sched *s, const char *queue, const char *share, int64_t vcpu_milli,
		jd_time from, jd_time to);

/* A hash of the whole state: equal states hash alike. For replay checks. */
uint64_t sched_hash(const struct sched *s);
/* A copy to play with. */
struct sched *sched_clone(const struct sched *s);

/* What stands now, for the API and the console. A child or node that was not made yet is
 * answered for by its parent. */
struct sched_job_view {
	enum job_status status;
	enum job_kind kind;
	int64_t parent; /* 0: none */
	const char *queue, *env; /* env: of the present attempt, else NULL */
	const char *share;	 /* shareIdentifier; NULL: none, or the queue has no fair share */
	struct resources need;	 /* of one attempt (a child's, for an array) */
	int64_t instance;	 /* of the present attempt, 0: none */
	uint64_t gpu_set;	 /* of the present attempt */
	int attempt;
	jd_time started; /* the present attempt's, 0: not yet */
	bool terminated, timed_out, held;
	bool reclaimed; /* the present attempt is being stopped because its place is taken away */
	bool waits;	/* a node that may not start yet (MNP-4) */
};
bool sched_job(const struct sched *s, int64_t key, struct sched_job_view *out);
/* Calls back for every live job that was made, in no particular order; nothing may be applied
 * meanwhile. */
void sched_each(const struct sched *s,
		void (*each)(void *arg, int64_t key, const struct sched_job_view *job), void *arg);
/* statusSummary of an array (ARR-7): its children by status, made or not. False: no live array. */
bool sched_array(const struct sched *s, int64_t key, int64_t count[JOB_COUNT]);

/* What the end of an attempt means, before it is told as ENDED: an attempt whose place was
 * taken away has AWS's reason and, on EC2, no exit code (SP-2, traps 8 and 9); success stays
 * success. Texts point into *text or are constant. */
void sched_settle_end(const struct sched *s, struct fact *ended, char text[128]);

struct sched_env_view {
	struct resources used; /* by STARTING and RUNNING jobs */
	int active;	       /* how many those are */
	int64_t vcpus;	       /* desiredvCpus as AWS shows it: of instances that live or were
			       * asked for by hand and are still to come, or of jobs */
	int instances;
	enum ce_type type;
	enum cr_type cr_type; /* MANAGED only */
	bool own_instances; /* it has instances of named types; else jobs are on the machine itself */
	bool spot;
	int spot_price, bid; /* SPOT: per cent of on-demand, now and at most */
};
bool sched_env(const struct sched *s, const char *name, struct sched_env_view *out);

struct sched_instance_view {
	struct instance instance; /* strings borrowed; its type is told beside it */
	const char *type;
	struct resources capacity, used; /* what it offers jobs */
	int jobs;
	jd_time idle_until; /* when it will be given back if nothing comes; JD_NEVER: not so */
};
/* Instances that live, by key; nothing may be applied meanwhile. `env` NULL: all. */
void sched_instances(const struct sched *s, const char *env,
		     void (*each)(void *arg, const struct sched_instance_view *i), void *arg);

struct sched_consumable_view {
	enum consumable_type type;
	int64_t total, in_use; /* in_use: taken and not given back */
};
bool sched_consumable(const struct sched *s, const char *name, struct sched_consumable_view *out);

/* The front of a queue in the order of dispatch (section 9.2), at most `max` RUNNABLE jobs;
 * `since` is when the job came to that place as far as is known. Arrays stand for their next
 * child: `key` is that child's. Returns how many. */
struct sched_place {
	int64_t key;
	jd_time since;
};
int sched_front(const struct sched *s, const char *queue, jd_time now, struct sched_place *out,
		int max);
/* Shares of a fair-share queue, the largest use first, at most `max`. Returns how many are
 * active in all, -1: no such queue or no fair share. */
struct sched_share_view {
	const char *identifier;
	int64_t vcpu_milli;    /* in use now */
	double usage, weight;  /* vCPU seconds that count (FS-3), and the factor */
	int64_t runnable;
};
int sched_shares(const struct sched *s, const char *queue, jd_time now,
		 struct sched_share_view *out, int max);

struct sched_queue_view {
	int64_t count[JOB_COUNT]; /* live jobs by status; the final ones are 0 */
	int64_t head;		  /* key of the RUNNABLE job at the front, 0: none */
	enum blocked blocked;	  /* the head's state by section 10 */
	jd_time blocked_since;
};
bool sched_queue(const struct sched *s, const char *name, struct sched_queue_view *out);

const struct sched_settings *sched_settings(const struct sched *s); /* as they were told */
struct resources sched_pool(const struct sched *s); /* total */
struct resources sched_used(const struct sched *s); /* of the pool, by all environments */
int64_t sched_live(const struct sched *s);	    /* jobs that have not ended */

/* Why a waiting job is not running, as one line for a person, English ("behind 3 jobs in
 * high", "needs 8 vCPU, 4 free in local-ce", "needs 8 vCPU, local-ce has 4 at most: can never
 * run"). Empty when it is not waiting. Costs O(log n). */
void sched_explain(const struct sched *s, int64_t key, char *out, size_t size);

/* The whole ladder: what stands between a waiting job and its start, in this order. */
#define RUNG_TABLE(X)                                                                              \
	X(DEPENDENCIES, "dependencies") X(QUEUE, "queue") X(ORDER, "order") X(FITS, "fits")        \
	X(ROOM, "room") X(ENVIRONMENT, "environment") X(SHARES, "shares")                          \
	X(CONSUMABLES, "consumables") X(PLACEMENT, "placement")
enum rung {
#define X(name, text) RUNG_##name,
	RUNG_TABLE(X)
#undef X
	RUNG_COUNT
};
enum verdict { VERDICT_OK, VERDICT_WAIT, VERDICT_NEVER, VERDICT_NOT_REACHED };
struct why_rung {
	enum verdict verdict;
	char text[240]; /* evidence, with ids and numbers */
	char help[160]; /* what would change it; may be empty */
};
struct why {
	enum job_status status;
	struct why_rung rung[RUNG_COUNT];
};
/* False when the job is not live. Ids in texts are written by `name_job`, which turns a key
 * into what a person knows the job by (NULL: "job KEY"). */
bool sched_why(const struct sched *s, int64_t key, jd_time now,
	       void (*name_job)(void *arg, int64_t key, char *out, size_t size), void *arg,
	       struct why *out);

/* What would become of a job if it were submitted now, without submitting it: BLOCKED_NOT, or
 * the reason of section 10 that it would meet as head of its queue for ever; `text` says it
 * for a person, with the largest that is possible. What is no reason of section 10 but keeps it
 * for ever too (consumables of which there never are enough) has text with BLOCKED_NOT; text is
 * empty when all is well, and for a queue that is not there. */
enum blocked sched_preflight(const struct sched *s, const struct job *job, char *text, size_t size);

#endif
