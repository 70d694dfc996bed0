/* What is being deleted: the jobs of a queue are terminated (JQ-3), a few hundred a turn, and
 * when the last one has ended the queue is DELETED; an environment is when nothing runs in
 * it any more and its instances are gone. Each turn's changes wake the watch, which goes on. It is
 * all in the store, so a restart goes on where it was. */
#include "config.h"
#include <string.h>
#include "internal.h"

enum { JOBS_A_TURN = 500, ROWS_A_READ = 200 };
static const char reason[] = "Job queue deleted";

static void on_change(void *arg);

/* --- queues -------------------------------------------------------------------------- */

struct doomed {
	int64_t *keys;
	size_t count, cap;
	int64_t last;
	int rows;
};

static int note_job(void *arg, const struct job *job)
{
	struct doomed *d = arg;

	d->last = job->key;
	d->rows++;
	if (job->terminated)
		return 0;
	ARRAY_ROOM(d->keys, d->count, d->cap);
	d->keys[d->count++] = job->key;
	return 0;
}

/* Terminates up to *budget jobs of a status that were not yet told to end. */
static int terminate_some(struct api *a, const char *queue, enum job_status status, int *budget,
			  struct err *err)
{
	struct doomed d = { .rows = ROWS_A_READ };
	int rc = 0;

	while (rc == 0 && d.rows == ROWS_A_READ && *budget > 0) {
		struct job_query q = {
			.queue = queue, .status = status, .after = d.last, .limit = ROWS_A_READ
		};

		d.count = 0;
		d.rows = 0;
		rc = store_jobs(engine_store(a->engine), &q, note_job, &d, err);
		for (size_t i = 0; rc == 0 && i < d.count; i++, --*budget)
			rc = engine_terminate(a->engine, d.keys[i], reason, err);
	}
	free(d.keys);
	return rc;
}

static int64_t live_jobs(const struct api *a, const char *queue)
{
	struct sched_queue_view view = { 0 };
	int64_t n = 0;

	sched_queue(engine_sched(a->engine), queue, &view);
	for (int i = 0; i < JOB_COUNT; i++)
		n += view.count[i];
	return n;
}

static int reap_queue(struct api *a, struct queue *q, struct err *err)
{
	int budget = JOBS_A_TURN;

	for (int status = 0; status < JOB_COUNT; status++)
		if (!job_status_is_final((enum job_status)status) &&
		    terminate_some(a, q->name, (enum job_status)status, &budget, err) < 0)
			return -1;
	if (live_jobs(a, q->name))
		return 0;
	q->status = STATUS_DELETED;
	return engine_put_queue(a->engine, q, err);
}

static int reap_environment(struct api *a, struct environment *e, struct err *err)
{
	struct sched_env_view view = { 0 };

	sched_env(engine_sched(a->engine), e->name, &view);
	if (view.active || view.instances)
		return 0;
	e->status = STATUS_DELETED;
	return engine_put_environment(a->engine, e, err);
}

/* --- all ----------------------------------------------------------------------------- */

struct found {
	struct queue **queues;
	size_t queue_count, queue_cap;
	struct environment **envs;
	size_t env_count, env_cap;
};

static int note_queue(void *arg, const struct queue *q)
{
	struct found *f = arg;

	if (q->status != STATUS_DELETING)
		return 0;
	ARRAY_ROOM(f->queues, f->queue_count, f->queue_cap);
	f->queues[f->queue_count++] = queue_copy(q);
	return 0;
}

static int note_environment(void *arg, const struct environment *e)
{
	struct found *f = arg;

	if (e->status != STATUS_DELETING)
		return 0;
	ARRAY_ROOM(f->envs, f->env_count, f->env_cap);
	f->envs[f->env_count++] = environment_copy(e);
	return 0;
}

/* Nothing is changed while rows are being read. */
static int reap(struct api *a, bool *left, struct err *err)
{
	struct store *st = engine_store(a->engine);
	struct found f = { 0 };
	int rc = store_queues(st, note_queue, &f, err);

	if (rc == 0)
		rc = store_environments(st, note_environment, &f, err);
	*left = false;
	for (size_t i = 0; i < f.queue_count; i++) {
		if (rc == 0)
			rc = reap_queue(a, f.queues[i], err);
		*left |= f.queues[i]->status == STATUS_DELETING;
		queue_free(f.queues[i]);
	}
	for (size_t i = 0; i < f.env_count; i++) {
		if (rc == 0)
			rc = reap_environment(a, f.envs[i], err);
		*left |= f.envs[i]->status == STATUS_DELETING;
		environment_free(f.envs[i]);
	}
	free(f.queues);
	free(f.envs);
	return rc;
}

int reap_start(struct api *a, struct err *err)
{
	bool left = false;
	int rc;

	rc = reap(a, &left, err);
	if (left && !a->reap_watch)
		a->reap_watch = engine_watch(a->engine, on_change, a);
	if (!left && a->reap_watch) {
		engine_unwatch(a->reap_watch);
		a->reap_watch = NULL;
	}
	return rc;
}

/* A failure is the engine's and ends the server; the next one goes on here. */
static void on_change(void *arg)
{
	reap_start(arg, NULL);
}

void reap_stop(struct api *a)
{
	engine_unwatch(a->reap_watch);
	a->reap_watch = NULL;
}
