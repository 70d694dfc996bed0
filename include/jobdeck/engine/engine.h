#ifndef JOBDECK_ENGINE_ENGINE_H
#define JOBDECK_ENGINE_ENGINE_H
#include <stdbool.h>
#include "jobdeck/base/home.h"
#include "jobdeck/base/settings.h"
#include "jobdeck/exec/backend.h"
#include "jobdeck/loop/loop.h"
#include "jobdeck/model/arn.h"
#include "jobdeck/model/definition.h"
#include "jobdeck/sched/core.h"
#include "jobdeck/store/store.h"

/* The turn: facts come in, are applied and recorded together; decisions are taken and
 * recorded; one commit; then replies go out and backends are told. The only folder that
 * knows sched, store and exec at once.
 *
 * Calls that change something apply and record at once, inside the turn's transaction; they
 * are on disk when engine_after_commit's callback runs, at the end of the turn. */
struct engine;

struct engine_options {
	const struct home *home;
	const char *backend;	 /* NULL: each attempt by its image; else this one for all */
	const char *fake;	 /* script of the fake backend */
	const char *shim;	 /* NULL: beside the program, then libexec */
	struct resources pool;	 /* zeros: as set, else what the machine has; no GPUs
				  * beside vCPUs: none */
	const struct settings *settings; /* the user's; NULL: the defaults. Borrowed for the call */
};

/* Opens the store, replays what lives, reattaches. NULL on error (message complete). */
struct engine *engine_open(struct loop *l, const struct engine_options *o, struct err *err);
void engine_close(struct engine *e); /* commits what is pending; running attempts go on */

/* Each applies and records; ERR_* as sched_apply, or ERR_SYSTEM when the store failed, and
 * then the engine is dead: see engine_failed. */
int engine_put_environment(struct engine *e, const struct environment *env, struct err *err);
int engine_put_queue(struct engine *e, const struct queue *q, struct err *err);
int engine_put_definition(struct engine *e, const struct definition *d, struct err *err);
/* Replaces the document of a job: its tags have changed. */
int engine_put_job_doc(struct engine *e, int64_t key, const char *doc, struct err *err);
int engine_put_policy(struct engine *e, const struct policy *p, struct err *err);
int engine_put_consumable(struct engine *e, const struct consumable *c, struct err *err);
/* A text that lives with the data: store_value reads it. */
int engine_put_value(struct engine *e, const char *name, const char *value, struct err *err);
/* Remembers for 8 hours what a request with a client token was answered; `name` is the token's
 * with its operation, `text` what to remember. */
int engine_put_token(struct engine *e, const char *name, const char *text, struct err *err);
/* Sets job->key, ->id, ->created, ->status; an array or multi-node job also gets the `size` keys
 * after its own. Jobs it depends on are resolved to keys by the caller. A job that depends on
 * one that failed is accepted and fails in the same turn (DEP-8); an array that depends N_TO_N
 * on an array that failed has only the matching children fail (DEP-6). */
int engine_submit(struct engine *e, struct job *job, struct err *err);
/* Ends a job that has no attempt yet; one that has ended stays as it is. */
int engine_fail(struct engine *e, int64_t key, const char *reason, struct err *err);
int engine_cancel(struct engine *e, int64_t key, const char *reason, struct err *err);
int engine_terminate(struct engine *e, int64_t key, const char *reason, struct err *err);
/* A job that waits is held back until it is released. ERR_CONFLICT: it does not wait (any
 * more); ERR_NOT_FOUND: there is no live job of that key. Twice does no harm. */
int engine_hold(struct engine *e, int64_t key, struct err *err);
int engine_release(struct engine *e, int64_t key, struct err *err);
/* Drill: notice to an instance, as if the Spot market took it back (SP-2). */
int engine_reclaim(struct engine *e, int64_t instance, struct err *err);
/* The same to one job that has no instance (Fargate); ERR_CONFLICT: it has no attempt now. */
int engine_reclaim_job(struct engine *e, int64_t key, struct err *err);

/* Runs cb once everything done so far is on disk: at the end of this turn, or at once when
 * nothing is pending. When the commit failed, `err` says why and nothing was done. */
typedef void engine_committed(void *arg, const struct err *err);
void engine_after_commit(struct engine *e, engine_committed *cb, void *arg);
/* True once a commit has failed: nothing more will be done; err says why. The owner stops. */
bool engine_failed(const struct engine *e, struct err *err);

/* A number that grows with every change, and a callback for when it has grown (after the
 * commit). Watchers are removed by engine_unwatch. */
int64_t engine_seq(const struct engine *e);
struct engine_watch;
struct engine_watch *engine_watch(struct engine *e, void (*cb)(void *arg), void *arg);
void engine_unwatch(struct engine_watch *w);

struct loop *engine_loop(struct engine *e);
const struct home *engine_home(const struct engine *e);
const struct sched *engine_sched(const struct engine *e);
struct store *engine_store(struct engine *e);
const struct settings *engine_settings(const struct engine *e);
const struct account *engine_account(const struct engine *e);
jd_time engine_now(struct engine *e); /* wall clock that never goes back */
int64_t engine_active(const struct engine *e); /* attempts that are starting or running */
void engine_each_active(const struct engine *e, void (*each)(void *arg, int64_t job), void *arg);

/* A job as it stands, with its document: what the store has, and of a child or node that was
 * not made yet what the scheduler says of it. NULL with ERR_NONE: there is none. Caller frees. */
struct job *engine_job(struct engine *e, int64_t key, struct err *err);
/* All children or nodes of a parent, made or not, by index, from the first with a higher key
 * than `after` (0: all) on; status an enum job_status or -1: any; at most `limit`. They come
 * without doc. Another answer than 0 ends it and is returned. */
int engine_children(struct engine *e, const struct job *parent, int status, int64_t after, int limit,
		    int (*each)(void *, const struct job *), void *arg, struct err *err);

/* The log of an attempt: the id of its task in ECS's form, which is the end of its stream's
 * name; the name itself as it is by default (LOG-1; caller frees); and its lines. */
enum { LOG_TASK_SIZE = 33 };
void engine_log_task(const struct job *job, int attempt, char out[LOG_TASK_SIZE]);
char *engine_log_stream(const struct job *job, int attempt);
/* Finds job and attempt by what ends in such an id. 0, or -1 when there is none such. */
int engine_log_find(struct engine *e, const char *stream, int64_t *job, int *attempt);
struct log_line {
	int64_t position, next;
	jd_time at;
	bool is_stderr, continues, cut;
	const char *text;
	size_t len;
};
/* As joblog_read (shim/joblog.h): position 0 start, -1 the last `limit` lines. */
int engine_log_read(struct engine *e, int64_t job, int attempt, int64_t position, int limit,
		    int (*each)(void *arg, const struct log_line *), void *arg, int64_t *next,
		    int64_t *size, struct err *err);

#endif
