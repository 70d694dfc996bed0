#include "config.h"
#include <inttypes.h>
#include <string.h>
#include "jobdeck/base/mem.h"
#include "jobdeck/model/reason.h"
#include "internal.h"

/* From rows back to facts, after a restart: what lives, told again in the order in which it
 * came about, so that the scheduler stands where it stood. Jobs come by key, which is the
 * order of their creation, and between them the attempts that live, at their times: a
 * timeout must count from the true start.
 *
 * The keys are gathered first, so that the callback may write to the store. */

struct event {
	jd_time at;	 /* its place in the order */
	jd_time started; /* 0: placed */
	int64_t job;
	int attempt;
	const char *env; /* in `attempts` */
	int slot;
};

struct replay {
	struct store *st;
	int (*each)(void *arg, const struct fact *, struct err *);
	void *arg;
	jd_time now;   /* of the last fact: times never go back */
	int64_t *keys; /* of the jobs that live, rising */
	size_t key_count, key_cap;
	struct attempt *attempts; /* theirs that live, by job */
	size_t attempt_count, attempt_cap;
	struct event *events; /* what happened to those, by time */
	size_t event_count, next_event;
};

static int compare_keys(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int compare_events(const void *a, const void *b)
{
	const struct event *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	if (x->job != y->job)
		return x->job < y->job ? -1 : 1;
	return (x->started != 0) - (y->started != 0);
}

static int compare_job_of_attempt(const void *key, const void *attempt)
{
	return compare_keys(key, &((const struct attempt *)attempt)->job);
}

static int gather_keys(struct replay *r, struct err *err)
{
	cleanup_query struct query q;
	int rc;

	query_open(&q, r->st, SQL_LIVE_KEYS);
	while ((rc = query_step(&q, err)) > 0) {
		ARRAY_ROOM(r->keys, r->key_count, r->key_cap);
		r->keys[r->key_count++] = take_int(&q);
	}
	if (r->key_count)
		qsort(r->keys, r->key_count, sizeof *r->keys, compare_keys);
	return rc;
}

static int gather_attempts(struct replay *r, struct err *err)
{
	cleanup_query struct query q;
	int rc;

	query_open(&q, r->st, SQL_LIVE_ATTEMPTS);
	while ((rc = query_step(&q, err)) > 0) {
		ARRAY_ROOM(r->attempts, r->attempt_count, r->attempt_cap);
		row_take_attempt(&q, &r->attempts[r->attempt_count++]);
	}
	return rc;
}

static void make_events(struct replay *r)
{
	r->events = xcalloc(r->attempt_count * 2, sizeof *r->events);
	for (size_t i = 0; i < r->attempt_count; i++) {
		const struct attempt *a = &r->attempts[i];
		struct event e = { .at = a->placed,
				   .job = a->job,
				   .attempt = a->number,
				   .env = a->env,
				   .slot = a->slot };

		r->events[r->event_count++] = e;
		if (!a->started)
			continue;
		e.started = a->started;
		e.at = a->started > a->placed ? a->started : a->placed;
		r->events[r->event_count++] = e;
	}
	if (r->event_count)
		qsort(r->events, r->event_count, sizeof *r->events, compare_events);
}

static int tell(struct replay *r, struct fact *f, jd_time at, struct err *err)
{
	if (at > r->now)
		r->now = at;
	f->at = r->now;
	return r->each(r->arg, f, err);
}

struct place_teller {
	struct replay *r;
	jd_time latest;
	struct err *err;
};

static jd_time earlier(jd_time a, jd_time b)
{
	return a < b ? a : b;
}

static int tell_environment(void *arg, const struct environment *e)
{
	struct place_teller *t = arg;
	struct fact f = { .kind = FACT_ENVIRONMENT, .environment = e };

	return tell(t->r, &f, earlier(e->created, t->latest), t->err);
}

static int tell_queue(void *arg, const struct queue *queue)
{
	struct place_teller *t = arg;
	struct fact f = { .kind = FACT_QUEUE, .queue = queue };

	return tell(t->r, &f, earlier(queue->created, t->latest), t->err);
}

static struct job *live_job(struct replay *r, int64_t key, struct err *err)
{
	cleanup_query struct query q;
	int rc;

	query_open(&q, r->st, SQL_LIVE_JOB);
	put_int(&q, key);
	rc = query_step(&q, err);
	if (rc == 0)
		err_set(err, ERR_CORRUPT, "%s: job %" PRId64 " is in an index only", r->st->path,
			key);
	return rc > 0 ? row_take_job(&q, err) : NULL;
}

/* Environments and queues come first, and must not push the jobs' times forward. */
static int tell_places(struct replay *r, struct err *err)
{
	struct place_teller t = { .r = r, .latest = JD_NEVER, .err = err };

	if (r->key_count) {
		struct job *first = live_job(r, r->keys[0], err);

		if (!first)
			return -1;
		t.latest = first->created;
		job_free(first);
	}
	if (store_environments(r->st, tell_environment, &t, err))
		return -1;
	return store_queues(r->st, tell_queue, &t, err) ? -1 : 0;
}

static bool lives(const struct replay *r, int64_t key)
{
	return r->key_count &&
	       bsearch(&key, r->keys, r->key_count, sizeof *r->keys, compare_keys) != NULL;
}

static bool has_failed(struct store *st, int64_t key)
{
	cleanup_query struct query q;

	query_open(&q, st, SQL_STATUS);
	put_int(&q, key);
	return query_step(&q, NULL) > 0 && take_int(&q) == JOB_FAILED;
}

/* Keeps of the job's dependencies those that have not ended. Returns whether one failed. */
static bool thin_out_dependencies(struct replay *r, struct job *job)
{
	bool failed = false;
	size_t n = 0;

	if (job->status != JOB_SUBMITTED && job->status != JOB_PENDING) {
		job->depends_count = 0; /* they were met */
		return false;
	}
	for (size_t i = 0; i < job->depends_count; i++) {
		if (lives(r, job->depends[i].job))
			job->depends[n++] = job->depends[i];
		else if (has_failed(r->st, job->depends[i].job))
			failed = true;
	}
	job->depends_count = n;
	return failed;
}

/* A job with a living attempt is told as it was before that was placed. */
static int rewind_attempt(struct replay *r, struct job *job, struct err *err)
{
	if (job->status != JOB_STARTING && job->status != JOB_RUNNING)
		return 0;
	if (!r->attempt_count || !bsearch(&job->key, r->attempts, r->attempt_count,
					  sizeof *r->attempts, compare_job_of_attempt))
		return err_set(err, ERR_CORRUPT, "%s: job %s is %s without an attempt that lives",
			       r->st->path, job->id, job_status_name(job->status));
	job->status = JOB_RUNNABLE;
	job->attempt--;
	return 0;
}

static int tell_job(struct replay *r, struct job *job, struct err *err)
{
	struct fact f = { .kind = FACT_SUBMITTED, .job = job->key, .submitted = job };
	bool failed = thin_out_dependencies(r, job);

	if (rewind_attempt(r, job, err) || tell(r, &f, job->created, err))
		return -1;
	if (!failed)
		return 0;
	f = (struct fact){ .kind = FACT_FAILED, .job = job->key, .reason = REASON_DEPENDENCY };
	return tell(r, &f, job->created, err);
}

static int tell_event(struct replay *r, const struct event *e, struct err *err)
{
	struct fact f = { .job = e->job, .attempt = e->attempt };

	f.kind = e->started ? FACT_STARTED : FACT_PLACED;
	if (e->started) {
		f.happened = e->started;
	} else {
		f.placed.env = e->env;
		f.placed.slot = e->slot;
	}
	return tell(r, &f, e->at, err);
}

/* What happened to living attempts before `until`, of jobs that were told already. */
static int tell_events(struct replay *r, jd_time until, int64_t last_key, struct err *err)
{
	while (r->next_event < r->event_count) {
		const struct event *e = &r->events[r->next_event];

		if (e->at >= until || e->job > last_key)
			break;
		r->next_event++;
		if (tell_event(r, e, err))
			return -1;
	}
	return 0;
}

static int tell_jobs(struct replay *r, struct err *err)
{
	int64_t told = 0;

	for (size_t i = 0; i < r->key_count; i++) {
		struct job *job = live_job(r, r->keys[i], err);
		int rc;

		if (!job)
			return -1;
		rc = tell_events(r, job->created, told, err) || tell_job(r, job, err) ? -1 : 0;
		told = job->key;
		job_free(job);
		if (rc)
			return -1;
	}
	return tell_events(r, JD_NEVER, INT64_MAX, err);
}

int store_replay(struct store *st, int (*each)(void *arg, const struct fact *, struct err *),
		 void *arg, struct err *err)
{
	struct replay r = { .st = st, .each = each, .arg = arg };
	int rc = gather_keys(&r, err) || gather_attempts(&r, err) ? -1 : 0;

	if (rc == 0) {
		make_events(&r);
		rc = tell_places(&r, err) || tell_jobs(&r, err) ? -1 : 0;
	}
	for (size_t i = 0; i < r.attempt_count; i++)
		attempt_fini(&r.attempts[i]);
	free(r.attempts);
	free(r.events);
	free(r.keys);
	return rc;
}

int store_live_attempts(struct store *st, int (*each)(void *arg, const struct attempt *), void *arg,
			struct err *err)
{
	cleanup_query struct query q;
	int rc;

	query_open(&q, st, SQL_LIVE_ATTEMPTS);
	while ((rc = query_step(&q, err)) > 0) {
		struct attempt a;

		row_take_attempt(&q, &a);
		rc = each(arg, &a);
		attempt_fini(&a);
		if (rc)
			break;
	}
	return rc;
}
