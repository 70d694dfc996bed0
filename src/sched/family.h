#ifndef JOBDECK_SCHED_FAMILY_H
#define JOBDECK_SCHED_FAMILY_H
#include "bits.h"
#include "internal.h"

/* The children of an array (section 4), or the nodes of a multi-node job (section 5). A child
 * is a record of its own only from the first fact that changes it alone until it ends; before
 * and after, this is all there is of it: that it was made, and whether it failed. Ten thousand
 * children that wait cost nothing but this. */
struct family {
	int64_t key; /* the parent's; child i is key + 1 + i */
	RB_ENTRY(family) link;
	job_ref parent;
	job_ref first; /* children that live and were made: a list by extra->sibling_next */
	int32_t live;  /* how many those are */
	int32_t size;
	/* Made so far: all below `below`, and those in `born`. */
	int32_t below;
	struct bits born;
	struct bits failed; /* of those that ended */
	/* Not made yet, of an array that waits for others child by child: may run; must fail. */
	struct bits ready, doomed;
	int32_t count[JOB_COUNT]; /* ARRAY: those that were made, by status */
	edge_ref pairs;	    /* N_TO_N: arrays whose children wait for these (pairs.c) */
	edge_ref upstreams; /* N_TO_N: arrays for whose children these wait */
	struct waited *waited; /* jobs that wait for a child that was not made yet */
	struct gang *gang;     /* MULTINODE, else NULL */
	bool open : 1;	     /* the array's plain dependencies are met: its children may run */
	bool stopped : 1;    /* it was cancelled or terminated: children not made have failed */
	bool cancelled : 1;
	bool sequential : 1; /* child k waits for child k - 1 (DEP-5) */
	bool paired : 1;     /* only those in `ready` may run (DEP-6) */
};

/* What is special of a multi-node job (gang.c). Its nodes that live are the family's children;
 * one that is not main may end before the others, and is made to run again when the main node
 * is tried again (MNP-6). An attempt of the job is an attempt of each of its nodes, of the same
 * number; the parent follows the main node by ROLLED_UP. */
struct gang {
	int32_t main;
	int need_count;
	struct node_need need[2 * LIMIT_NODE_RANGES];
	struct bits placed; /* nodes that were placed in this attempt */
	int32_t over;	    /* how many of those have ended */
	jd_time started;    /* the main node, in this attempt; 0: not yet */
	enum job_status result; /* SUCCEEDED or FAILED: the main node ended the job so */
	bool retrying;	    /* the main node has ended and is to be tried again */
	bool undone;	    /* not all found a place: those that did are to stop */
};

/* Edges to a child that was not made yet. */
struct waited {
	int32_t index;
	edge_ref first;
	UT_hash_handle hh;
};

/* Of an array or multi-node job; and of any job, which may have none. */
static inline struct family *family_of(const struct live_job *parent)
{
	return parent->extra->family;
}
static inline struct family *family_if_any(const struct live_job *job)
{
	return job->extra ? job->extra->family : NULL;
}

/* Of a child; and of any job: NULL when it is no child or node, or a node whose job has ended. */
static inline struct live_job *family_parent(const struct sched *s, const struct live_job *child)
{
	return jobs_at(s, child->extra->parent);
}
static inline struct live_job *family_parent_if_any(const struct sched *s,
						    const struct live_job *job)
{
	return job->extra && job->extra->parent ? jobs_at(s, job->extra->parent) : NULL;
}

/* For an array that comes to live, with what is known of its children (restart). */
void family_begin(struct sched *s, struct live_job *array, const struct job *said);
struct family *family_new(struct sched *s, struct live_job *parent, int32_t size);
void family_free(struct sched *s, struct family *f); /* accepts NULL */
struct family *family_clone(struct sched *to, const struct family *f);

/* The parent of a child that was not made yet, with its index; NULL: no such child. */
struct live_job *family_unborn(const struct sched *s, int64_t key, int32_t *index);
bool family_born(const struct family *f, int32_t index);
int32_t family_unborn_count(const struct family *f);
int32_t family_may_run(const struct sched *s, const struct live_job *array); /* how many */
/* What a child that was not made yet is. */
enum job_status family_status(const struct sched *s, const struct live_job *array, int32_t index);
/* Ended, and how. */
bool family_succeeded(const struct sched *s, const struct family *f, int32_t index);
bool family_failed(const struct family *f, int32_t index);

/* It is known that there is such a child, made or made before. */
void family_set_born(struct family *f, int32_t index);
/* Makes a child or node, with that status; the caller puts it where it belongs and then calls
 * family_settle. */
struct live_job *family_birth(struct sched *s, struct live_job *parent, int32_t index,
			      enum job_status status);
/* On restart, a child that lives was made again: it may have to end. */
void family_restored(struct sched *s, struct live_job *child);
/* Was the job, or its array, terminated? And has its array stopped altogether? */
bool family_terminated(const struct sched *s, const struct live_job *job);
bool family_stopped(const struct sched *s, const struct live_job *child);
/* A child is about to be forgotten; was forgotten, and had ended so. */
void family_unlink(struct sched *s, struct live_job *child);
void family_ended(struct sched *s, struct live_job *parent, int32_t index, bool succeeded);
/* Child by child: it must fail, as one it depends on has. */
void family_doom(struct family *f, int32_t index);
/* After any change: its place in the line, and what is due. */
void family_settle(struct sched *s, struct live_job *array);
/* Children that were not made fail at once; those that wait to be tried again are due to. */
void family_stop(struct sched *s, struct live_job *array);
const char *family_reason(const struct sched *s, const struct live_job *job); /* to be stopped */
/* FACT_FAILED is due on this job: whom it is about, and why. */
void family_tell_failed(const struct sched *s, const struct live_job *job, struct fact *out);
/* How it ends now that all its children have. */
void family_tell_end(const struct live_job *array, struct fact *out);

/* pairs.c: arrays whose children wait for those of another, one by one (DEP-6). */
int pairs_check(const struct sched *s, const struct job *said, struct err *err);
void pairs_begin(struct sched *s, struct live_job *array, const struct job *said);
/* A child of the array has ended: it never will be asked again. */
void pairs_tell(struct sched *s, const struct live_job *array, int32_t index, bool succeeded);

/* gang.c: see struct gang. */
int gang_check(const struct job *said, struct err *err);
struct resources gang_total(const struct job *said); /* what all nodes need */
struct resources gang_node_need(const struct job *said); /* of a NODE, which tells of all */
void gang_begin(struct sched *s, struct live_job *parent, const struct job *said);
void gang_free(struct gang *g); /* accepts NULL */
struct gang *gang_clone(const struct gang *g, int32_t size);
struct resources gang_need(const struct gang *g, int32_t index); /* of one node */
/* Is it more than a job that waits: has it nodes with a place? */
bool gang_active(const struct live_job *parent);
/* An attempt's number, and the first node without a place in it, the main one first; -1: none. */
int gang_attempt(const struct live_job *parent);
int32_t gang_next(const struct live_job *parent);
bool gang_is_main(const struct sched *s, const struct live_job *node); /* its job lives, too */
void gang_inherit(struct live_job *node, const struct live_job *parent);
void gang_orphan(struct sched *s, struct live_job *node, const struct job *said);
int gang_restore(struct sched *s, const struct job *said, struct fact_effect *effect,
		 struct err *err);

/* The node's attempt is placed, started, to be stopped, ended. */
int gang_check_placed(const struct live_job *parent, int32_t index, const struct live_job *node,
		      const struct fact *fact, struct err *err);
void gang_placed(struct sched *s, struct live_job *node);
void gang_started(struct sched *s, struct live_job *node);
void gang_stopping(struct sched *s, struct live_job *node); /* STOP_MAIN_NODE */
void gang_ended(struct sched *s, struct live_job *node, const struct fact *fact, bool may_retry,
		struct fact_effect *effect);
/* Is the node to be stopped because of its main node (MNP-5)? */
bool gang_stops(const struct sched *s, const struct live_job *node);
/* All nodes are to be stopped: the job was terminated. */
void gang_terminate(struct sched *s, struct live_job *parent);
/* The job ends, and its nodes that live go on without it, to their ends. */
void gang_disown(struct sched *s, struct live_job *parent, const char *reason);
/* After any change: what is due on the parent. */
void gang_settle(struct sched *s, struct live_job *parent);
/* The next step of the parent, when one is due. */
bool gang_tell_step(const struct live_job *parent, struct fact *out);
int gang_rolled_up(struct sched *s, struct live_job *parent, const struct fact *fact,
		   struct fact_effect *effect, struct err *err);

/* gang_place.c: all nodes at once, or none (MNP-4). */
bool gang_could_fit(const struct sched *s, const struct live_env *env,
		    const struct live_job *parent);
struct resources gang_largest(const struct live_job *parent); /* the most any node asks for */
/* As place_fit, of all nodes: LAUNCH, of `type`, when all that is missing could be had. */
enum fit gang_fit(const struct sched *s, const struct live_env *env, const struct live_job *parent,
		  jd_time now, uint16_t *type);
enum place_verdict gang_try(struct sched *s, struct live_queue *q, struct live_job *parent,
			    jd_time now, struct fact *out, enum shortage *what);
/* The next node of one that has begun, or that it must be undone. */
bool gang_decide(struct sched *s, jd_time now, struct fact *out);

#endif
