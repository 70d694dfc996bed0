#include "config.h"
#include "replay.h"
#include <inttypes.h>
#include <string.h>
#include "jobdeck/base/mem.h"
#include "jobdeck/model/reason.h"

/* From rows back to facts, after a restart: what lives, told again in the order in which it
 * came about, so that the scheduler stands where it stood. Jobs come by key, which is the
 * order of their creation, and between them the attempts that live, at their times: a
 * timeout must count from the true start.
 *
 * The keys are gathered first, so that the callback may write to the store. */

/* Further on than so many keys, the cursor looks a row up instead of reading what is between. */
enum { NEAR = 32 };

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
	if (x->stage != y->stage)
		return x->stage - y->stage;
	return compare_keys(&x->attempt->attempt.job, &y->attempt->attempt.job);
}

static int compare_job_of_attempt(const void *key, const void *attempt)
{
	return compare_keys(key, &((const struct live_attempt *)attempt)->attempt.job);
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
		struct live_attempt *l;

		ARRAY_ROOM(r->attempts, r->attempt_count, r->attempt_cap);
		l = &r->attempts[r->attempt_count++];
		row_take_attempt(&q, &l->attempt, &l->more);
	}
	return rc;
}

/* Not before the last one of the same attempt. Returns its time. */
static jd_time add_event(struct replay *r, struct event e, jd_time last)
{
	if (e.at < last)
		e.at = last;
	ARRAY_ROOM(r->events, r->event_count, r->event_cap);
	r->events[r->event_count++] = e;
	return e.at;
}

/* Stages: all nodes are placed before the main one starts, which is before the others are told
 * to (MNP-4). */
static void add_events(struct replay *r, const struct live_attempt *l)
{
	const struct attempt *a = &l->attempt;
	int started = l->more.released ? 3 : 1;
	jd_time at = add_event(r, (struct event){ a->placed, 0, FACT_PLACED, l }, 0);

	if (l->more.released)
		at = add_event(r, (struct event){ l->more.released, 2, FACT_NODE_START, l }, at);
	if (a->started)
		at = add_event(r, (struct event){ a->started, started, FACT_STARTED, l }, at);
	if (l->more.stopping >= 0)
		add_event(r, (struct event){ at, 4, FACT_STOPPING, l }, at);
}

static void make_events(struct replay *r)
{
	for (size_t i = 0; i < r->attempt_count; i++)
		add_events(r, &r->attempts[i]);
	if (r->event_count)
		qsort(r->events, r->event_count, sizeof *r->events, compare_events);
}

int replay_tell(struct replay *r, struct fact *f, jd_time at, struct err *err)
{
	if (at > r->now)
		r->now = at;
	f->at = r->now;
	return r->each(r->arg, f, err);
}

/* Puts the cursor on the first row with that key or a higher one. 1, 0: none, -1. */
static int scan_to(struct replay *r, int64_t key, struct err *err)
{
	struct scan *s = &r->scan;
	int rc = 1;

	if (!s->at || key - s->at > NEAR) {
		query_close(&s->q);
		query_open(&s->q, r->st, SQL_JOBS_FROM);
		put_int(&s->q, key);
		s->at = 0;
	}
	while (s->at < key && (rc = query_step(&s->q, err)) > 0) {
		s->at = take_int(&s->q);
		s->q.take = 0;
	}
	return rc;
}

static struct job *live_job(struct replay *r, int64_t key, struct err *err)
{
	int rc = scan_to(r, key, err);

	if (rc > 0 && r->scan.at == key)
		return row_take_job(&r->scan.q, err);
	if (rc >= 0)
		err_set(err, ERR_CORRUPT, "%s: job %" PRId64 " is in an index only", r->st->path,
			key);
	return NULL;
}

static bool lives(const struct replay *r, int64_t key)
{
	return r->key_count &&
	       bsearch(&key, r->keys, r->key_count, sizeof *r->keys, compare_keys) != NULL;
}

/* One that is not known any more is met. */
static int settle(struct replay *r, struct dependency *d, struct err *err)
{
	struct err why = { 0 };
	int settled = lives(r, d->job) ? SETTLED_LIVES : store_settle(r->st, d, &why);

	if (settled < 0 && why.kind == ERR_NOT_FOUND)
		return SETTLED_MET;
	return settled < 0 ? err_set(err, why.kind, "%s", why.text) : settled;
}

/* Keeps of the job's dependencies those that still matter. *failed: one of the others has. */
static int thin_out_dependencies(struct replay *r, struct job *job, bool *failed, struct err *err)
{
	size_t n = 0;

	*failed = false;
	if (job->status != JOB_SUBMITTED && job->status != JOB_PENDING) {
		job->depends_count = 0; /* they were met */
		return 0;
	}
	for (size_t i = 0; i < job->depends_count; i++) {
		int settled = settle(r, &job->depends[i], err);

		if (settled < 0)
			return -1;
		if (settled == SETTLED_LIVES || settled == SETTLED_OUTCOME)
			job->depends[n++] = job->depends[i];
		*failed |= settled == SETTLED_FAILED;
	}
	job->depends_count = n;
	return 0;
}

static bool has_attempt(const struct replay *r, const struct job *job)
{
	return job->kind == JOB_KIND_MULTINODE || /* its nodes have them */
	       (r->attempt_count && bsearch(&job->key, r->attempts, r->attempt_count,
					    sizeof *r->attempts, compare_job_of_attempt));
}

/* A job with a living attempt is told as it was before that was placed. */
static int rewind_attempt(struct replay *r, struct job *job, struct err *err)
{
	if (job->status != JOB_STARTING && job->status != JOB_RUNNING)
		return 0;
	if (!has_attempt(r, job))
		return err_set(err, ERR_CORRUPT, "%s: job %s is %s without an attempt that lives",
			       r->st->path, job->id, job_status_name(job->status));
	job->status = JOB_RUNNABLE;
	job->attempt--;
	return 0;
}

static int tell_job(struct replay *r, struct job *job, struct err *err)
{
	struct fact f = { .kind = FACT_SUBMITTED, .job = job->key, .submitted = job };
	bool failed = false;

	if (thin_out_dependencies(r, job, &failed, err) || rewind_attempt(r, job, err))
		return -1;
	if (job->size && family_outcome(r->st, job, false, &job->outcome, err))
		return -1;
	/* children are told as of their array: what came after it comes later */
	if (replay_tell(r, &f, job->parent ? r->now : job->created, err))
		return -1;
	if (!failed)
		return 0;
	f = (struct fact){ .kind = FACT_FAILED, .job = job->key, .reason = REASON_DEPENDENCY };
	return replay_tell(r, &f, job->created, err);
}

struct jobs {
	struct job **list;
	size_t count, cap;
};

static int gather_children(struct replay *r, int64_t parent, struct jobs *out, struct err *err)
{
	cleanup_query struct query q;
	int rc;

	query_open(&q, r->st, SQL_LIVE_CHILDREN);
	put_int(&q, parent);
	while ((rc = query_step(&q, err)) > 0) {
		struct job *job = row_take_job(&q, err);

		if (!job)
			return -1;
		ARRAY_ROOM(out->list, out->count, out->cap);
		out->list[out->count++] = job;
	}
	return rc;
}

/* Those that were made and live. */
static int tell_children(struct replay *r, const struct job *parent, struct err *err)
{
	struct jobs children = { .list = NULL };
	int rc = parent->size ? gather_children(r, parent->key, &children, err) : 0;

	for (size_t i = 0; i < children.count; i++) {
		rc = rc || tell_job(r, children.list[i], err) ? -1 : 0;
		job_free(children.list[i]);
	}
	free(children.list);
	return rc;
}

static int tell_event(struct replay *r, const struct event *e, struct err *err)
{
	const struct attempt *a = &e->attempt->attempt;
	struct fact f = { .kind = e->kind, .job = a->job, .attempt = a->number };

	if (e->kind == FACT_STARTED) {
		f.happened = a->started;
	} else if (e->kind == FACT_STOPPING) {
		f.stopping.cause = (enum stop_cause)e->attempt->more.stopping;
	} else if (e->kind == FACT_PLACED) {
		f.placed.env = a->env;
		f.placed.slot = a->slot;
		f.placed.instance = a->instance;
		f.placed.gpu_set = a->gpu_set;
		f.placed.waits = a->waits || e->attempt->more.released;
	}
	return replay_tell(r, &f, e->at, err);
}

/* What happened to living attempts before `until`, of jobs that were told already. */
static int tell_events(struct replay *r, jd_time until, int64_t last_key, struct err *err)
{
	while (r->next_event < r->event_count) {
		const struct event *e = &r->events[r->next_event];

		if (e->at >= until || e->attempt->attempt.job > last_key)
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
		rc = (i == 0 && replay_places(r, job->created, err)) ||
				     tell_events(r, job->created, told, err) ||
				     tell_job(r, job, err) || tell_children(r, job, err) ?
			     -1 :
			     0;
		told = job->key + job->size;
		job_free(job);
		if (rc)
			return -1;
	}
	return tell_events(r, JD_NEVER, INT64_MAX, err);
}

static void replay_fini(struct replay *r)
{
	query_close(&r->scan.q);
	for (size_t i = 0; i < r->attempt_count; i++)
		attempt_fini(&r->attempts[i].attempt);
	free(r->attempts);
	free(r->events);
	free(r->keys);
}

int store_replay(struct store *st, int (*each)(void *arg, const struct fact *, struct err *),
		 void *arg, struct err *err)
{
	struct replay r = { .st = st, .each = each, .arg = arg };
	int rc = gather_keys(&r, err) || gather_attempts(&r, err) ? -1 : 0;

	if (rc == 0) {
		make_events(&r);
		rc = (!r.key_count && replay_places(&r, JD_NEVER, err)) || tell_jobs(&r, err) ? -1 :
												0;
	}
	replay_fini(&r);
	return rc;
}

int store_live_attempts(struct store *st, int (*each)(void *arg, const struct attempt *), void *arg,
			struct err *err)
{
	cleanup_query struct query q;
	int rc;

	query_open(&q, st, SQL_LIVE_ATTEMPTS);
	while ((rc = query_step(&q, err)) > 0) {
		struct attempt_more more;
		struct attempt a;

		row_take_attempt(&q, &a, &more);
		rc = each(arg, &a);
		attempt_fini(&a);
		if (rc)
			break;
	}
	return rc;
}
