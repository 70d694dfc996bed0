#ifndef JOBDECK_STORE_STORE_H
#define JOBDECK_STORE_STORE_H
#include <stdbool.h>
#include "jobdeck/base/err.h"
#include "jobdeck/model/definition.h"
#include "jobdeck/model/fact.h"

/* One SQLite file: rows are the truth, the journal tells how they came about. Writes happen
 * between store_begin and store_commit, once per turn of the loop; nothing leaves the
 * process before the commit. One writer; WAL; synchronous=FULL.
 *
 * Whoever writes holds the lock file of the home (base/home.h): the store itself only says
 * so when another program is in the way. No call blocks longer than the disk takes, plus
 * two seconds when another program writes. */
struct store;

/* Opens or makes the file (0600), migrates an older schema step by step, and refuses: a newer
 * schema, a file that is no database of ours, a damaged one, one another process writes, one
 * that cannot be written. Messages say what to do.
 *
 * A file of up to 16 MiB is checked for damage every time (quick_check); a larger one only
 * when the machine went down while it was open, which takes seconds per gigabyte. kill -9
 * cannot damage it. */
struct store *store_open(const char *path, struct err *err);
void store_close(struct store *st); /* accepts NULL; rolls back what was not committed */
enum { STORE_SCHEMA = 2 };

/* A transaction in which anything could not be written is spoiled: all further writes and
 * the commit fail with the first failure's text. After a failed commit nothing of the
 * transaction is there, and the store may be used again. */
int store_begin(struct store *st, struct err *err);
int store_commit(struct store *st, struct err *err); /* ERR_SYSTEM: disk full, read-only ... */
void store_rollback(struct store *st);
bool store_in_transaction(const struct store *st);

/* Writes the rows that a fact and its effect (NULL: it changed no job) changed, and one
 * journal row. Must be inside a transaction. SUBMITTED inserts the job, and of an array or
 * multi-node job keeps the keys of its children free; PLACED inserts an attempt; STARTED,
 * ENDED update it; every effect that changed something updates the job's row, or inserts the
 * row of a child or node that is `born`. What is DELETED (environment, queue) or .deleted
 * (policy, consumable) has no row any more: its name is free, and the journal keeps that it
 * was. Instances keep their rows when they are gone. */
int store_record(struct store *st, const struct fact *fact, const struct fact_effect *effect,
		 struct err *err);
int store_put_definition(struct store *st, const struct definition *d, struct err *err);
/* Replaces the document of a job that is there. */
int store_put_job_doc(struct store *st, int64_t key, const char *doc, struct err *err);
/* A JSON text by name: settings that live with the data (account id, counters). */
int store_put_value(struct store *st, const char *name, const char *value, struct err *err);
char *store_value(struct store *st, const char *name); /* caller frees; NULL if none */
/* Client tokens: what to answer to a request that comes again, by a name. Kept for 8 hours, and
 * dropped some time after that. */
enum { STORE_TOKEN_MS = 8 * 3600 * 1000 };
int store_put_token(struct store *st, jd_time now, const char *name, const char *text,
		    struct err *err);
char *store_token(struct store *st, jd_time now, const char *name); /* as store_value */

/* Everything still alive, as facts for sched_apply, in an order it accepts, with times that
 * never go back: policies, consumables, environments, instances that live (LAUNCHED, UP,
 * RECLAIMED as far as they came; .happened is when), queues, then jobs by key, without their
 * documents, and the living attempts' PLACED, NODE_START and STARTED between them, at their
 * times. Calls back with the fact's pointers valid for the call. Stops and returns -1 when
 * `each` does.
 *
 * A job with a living attempt n is told as RUNNABLE with attempt n - 1; PLACED and, when it
 * had started, STARTED of attempt n follow. Its flags are kept, so that a terminated job is
 * stopped again; an attempt that was being stopped for another reason has its STOPPING told.
 * Of a multi-node job the nodes have the attempts. Children and nodes that
 * have a row and live follow their parent as jobs of their own; an array or multi-node job
 * tells of all its children in `outcome`. Nodes that outlive their job are told without it.
 *
 * Dependencies on jobs that have ended are left out, but for N_TO_N on an array that failed,
 * which has its `outcome`; when another that counts failed, FAILED (REASON_DEPENDENCY)
 * follows at once. That fact alone is not in the store yet: it is to be applied and recorded
 * like any new one, in `each` or later. */
int store_replay(struct store *st, int (*each)(void *arg, const struct fact *, struct err *),
		 void *arg, struct err *err);
/* The attempts that are alive: placed and not ended. For reattaching after a restart. */
int store_live_attempts(struct store *st, int (*each)(void *arg, const struct attempt *), void *arg,
			struct err *err);
int64_t store_next_key(struct store *st); /* 1 more than any job's key ever given or kept free */
int64_t store_next_instance(struct store *st); /* the same, of instances */
/* What became of a dependency: the job LIVES; it is MET; it FAILED; OUTCOME: of an array that
 * failed d->outcome was set (N_TO_N). -1: ERR_NOT_FOUND, or it could not be read. */
enum settled { SETTLED_LIVES, SETTLED_MET, SETTLED_FAILED, SETTLED_OUTCOME };
int store_settle(struct store *st, struct dependency *d, struct err *err);
/* The attempts of jobs with a share that ended within the window of their queue's policy
 * before `now` (FS-5), in the order in which they ended: what sched_usage wants to be told
 * after a restart. */
struct usage {
	const char *queue, *share;
	int64_t vcpu_milli;
	jd_time from, to;
};
int store_usage(struct store *st, jd_time now, int (*each)(void *, const struct usage *), void *arg,
		struct err *err);
/* The time of the latest fact, or 0: the engine's clock must not start before it. */
jd_time store_last_at(struct store *st);

/* Reading, also inside a transaction, whose writes are seen. What is returned is the caller's
 * to free; NULL with err->kind ERR_NONE when there is none. Lists call `each` with things
 * that are valid for the call; another answer than 0 ends the list and is returned. `each`
 * may ask the store again. */
struct environment *store_environment(struct store *st, const char *name, struct err *err);
struct queue *store_queue(struct store *st, const char *name, struct err *err);
int store_environments(struct store *st, int (*each)(void *, const struct environment *), void *arg,
		       struct err *err); /* by name; none that are DELETED */
int store_queues(struct store *st, int (*each)(void *, const struct queue *), void *arg,
		 struct err *err);
struct policy *store_policy(struct store *st, const char *name, struct err *err);
int store_policies(struct store *st, int (*each)(void *, const struct policy *), void *arg,
		   struct err *err); /* by name */
struct consumable *store_consumable(struct store *st, const char *name, struct err *err);
int store_consumables(struct store *st, int (*each)(void *, const struct consumable *), void *arg,
		      struct err *err); /* by name */
/* An instance, also one that is gone. NULL with ERR_NONE: never launched. */
struct instance *store_instance(struct store *st, int64_t key, struct err *err);
void store_instance_free(struct instance *i); /* accepts NULL */
/* Instances that lived at some moment of [from, to), by key; env NULL: of all. With from
 * JD_NEVER: those that live now. */
int store_instances(struct store *st, const char *env, jd_time from, jd_time to,
		    int (*each)(void *, const struct instance *), void *arg, struct err *err);
/* Revision 0: the latest ACTIVE one (JD-1). */
struct definition *store_definition(struct store *st, const char *name, int revision,
				    struct err *err);
int store_last_revision(struct store *st, const char *name); /* 0: none yet */
struct definition_query {
	const char *name;	   /* NULL: all */
	const enum jd_status *status; /* NULL: both */
	const char *after_name;	   /* page start: strictly after this name and revision, */
	int after_revision;	   /* in order of name, then revision descending */
	int limit;
};
int store_definitions(struct store *st, const struct definition_query *q,
		      int (*each)(void *, const struct definition *), void *arg, struct err *err);

/* The key of a job, child (ID:INDEX) or node (ID#INDEX), made or not. 0: none; -1: it could
 * not be read. */
int64_t store_job_key(struct store *st, const char *id, struct err *err);
/* A job by its key, with its document; a child's or node's is its parent's. A child or node
 * that was not made yet is made up of its parent: with the parent's status and reason when
 * that has ended, else PENDING, for what stands is the scheduler's to say: engine_job. */
struct job *store_job(struct store *st, int64_t key, struct err *err);
/* The same when the parent is at hand, without asking the store and without the document. */
struct job *store_job_unmade(const struct job *parent, int64_t key);
/* Keys of jobs whose id begins with `prefix`, or that have just this name (case matters),
 * newest first, at most `max`; no children and no nodes. Returns how many. */
int store_job_prefix(struct store *st, const char *prefix, int64_t *keys, int max);
int store_job_named(struct store *st, const char *name, int64_t *keys, int max);
struct attempt *store_attempts(struct store *st, int64_t job, size_t *count, struct err *err);

/* Filters of ListJobs (LS-2). */
struct job_query {
	const char *queue;	  /* required */
	int status;		  /* enum job_status, or -1: any */
	const char *name;	  /* no case; NULL: any; "x*" is a prefix */
	const char *definition;	  /* "NAME:REV"; "NAME": any revision; "x*": a prefix; NULL: any */
	jd_time created_before, created_after; /* strictly; 0: any */
	const char *share;	  /* "x*" is a prefix; NULL: any */
	bool newest_first;
	int64_t after;		  /* page start: strictly after this key in that order; or 0 */
	int limit;
};
/* Children and nodes are not among them. Jobs come without doc. */
int store_jobs(struct store *st, const struct job_query *q, int (*each)(void *, const struct job *),
	       void *arg, struct err *err);
/* The children or nodes of a job that were made, by index, from the first with a higher key
 * than `after` (0: all) on, at most `limit`; status as above. Those not made too:
 * engine_children. */
int store_children(struct store *st, int64_t parent, int status, int64_t after, int limit,
		   int (*each)(void *, const struct job *), void *arg, struct err *err);
/* Jobs that ask for a consumable resource (ListJobsByConsumableResource), arrays as their
 * children that were made and as themselves, newest first, strictly after key `after` (0:
 * from the first); each with what an attempt takes of it. */
struct consumer_query {
	const char *consumable; /* required */
	int status;		/* as above */
	const char *name;	/* as above */
	int64_t after;
	int limit;
};
int store_consumers(struct store *st, const struct consumer_query *q,
		    int (*each)(void *, const struct job *, int64_t quantity), void *arg,
		    struct err *err);
/* Ended and live jobs of a queue by status, without children and nodes. From memory: costs
 * nothing. */
int store_counts(struct store *st, const char *queue, int64_t count[JOB_COUNT], struct err *err);

/* How long jobs ran that ended well: the newest `limit` of a queue, newest first, and of each
 * array up to so many of its children. For guesses at how long the next ones will. */
struct past_run {
	const char *definition, *name; /* "NAME:REVISION" */
	int64_t ms;
};
enum { PAST_RUNS_OF_ARRAY = 20 };
int store_past_runs(struct store *st, const char *queue, int limit,
		    int (*each)(void *, const struct past_run *), void *arg, struct err *err);
/* The definition and name of a job, child or node, made or not: ERR_NOT_FOUND: there is none.
 * The caller frees. Costs little: no row is read whole. */
int store_what(struct store *st, int64_t key, char **definition, char **name, struct err *err);

/* The journal, oldest first: what happened to one job, or to anything (job 0). */
struct journal_entry {
	int64_t seq;
	jd_time at;
	enum fact_kind kind;
	int64_t job;
	int attempt;
	int from, to;	    /* enum job_status, or -1 */
	const char *text;   /* reason; "ENVIRONMENT" or "ENVIRONMENT INSTANCE" of PLACED; "NAME
			     * STATE STATUS" of an environment or queue; "INSTANCE" and what
			     * else there is to say; or NULL. Borrowed */
};
int store_journal(struct store *st, int64_t job, int64_t after_seq, int limit,
		  int (*each)(void *, const struct journal_entry *), void *arg, struct err *err);
/* The number of the last line from before that time (JD_NEVER: of the last of all); 0: none. */
int64_t store_journal_before(struct store *st, jd_time at);

#endif
