#include "config.h"
#include <inttypes.h>
#include <string.h>
#include "jobdeck/base/mem.h"
#include "lists.h"

/* Facts to rows. Each fact writes the row of what it is about (an environment, an instance, a
 * job, an attempt), the job's row when the scheduler says that the job changed, and one
 * line of the journal. */

static int need_one_row(struct store *st, const struct fact *f, struct err *err)
{
	if (sqlite3_changes(st->db) == 1)
		return 0;
	return err_set(err, ERR_CORRUPT, "%s has no attempt %d of job %" PRId64 " to record %s",
		       st->path, f->attempt, f->job, fact_name(f->kind));
}

static int insert_consumers(struct store *st, const struct job *job, struct err *err)
{
	for (int i = 0; i < job->consume_count; i++) {
		struct query q;

		query_open(&q, st, SQL_INSERT_CONSUMER);
		put_text(&q, job->consume[i].name);
		put_int(&q, job->key);
		put_int(&q, job->consume[i].quantity);
		if (query_run(&q, err))
			return -1;
	}
	return 0;
}

static int insert_row(struct store *st, const struct job *job, enum job_status status,
		      struct err *err)
{
	struct query q;

	query_open(&q, st, SQL_INSERT_JOB);
	row_put_job(&q, job, status);
	return query_run(&q, err) ? -1 : insert_consumers(st, job, err);
}

/* The keys of children and nodes must not be given to others, whether those are made or not. */
static int keep_keys(struct store *st, const struct job *job, struct err *err)
{
	struct query q;

	if (!job->size)
		return 0;
	query_open(&q, st, SQL_KEEP_KEYS);
	put_int(&q, job->key + job->size);
	return query_run(&q, err);
}

static int insert_job(struct store *st, const struct job *job, enum job_status status,
		      struct err *err)
{
	struct query q;

	if (insert_row(st, job, status, err) || keep_keys(st, job, err))
		return -1;
	counts_move(st, job->queue, -1, status);
	query_open(&q, st, SQL_INSERT_DOC);
	put_int(&q, job->key);
	put_text(&q, job->doc);
	return query_run(&q, err);
}

static int insert_attempt(struct store *st, const struct fact *f, struct err *err)
{
	struct query q;

	query_open(&q, st, SQL_INSERT_ATTEMPT);
	put_int(&q, f->job);
	put_int(&q, f->attempt);
	put_text(&q, f->placed.env);
	put_int_unless(&q, f->placed.slot, -1);
	put_int(&q, f->at);
	put_int_unless(&q, f->placed.instance, 0);
	put_int_unless(&q, (int64_t)f->placed.gpu_set, 0);
	put_int_unless(&q, f->placed.waits, false);
	return query_run(&q, err);
}

/* STARTED, NODE_START, STOPPING: one number of the attempt. */
static int mark_attempt(struct store *st, const struct fact *f, enum sql id, int64_t number,
			struct err *err)
{
	struct query q;

	query_open(&q, st, id);
	put_int(&q, f->job);
	put_int(&q, f->attempt);
	put_int(&q, number);
	return query_run(&q, err) ? -1 : need_one_row(st, f, err);
}

/* That a job was terminated or out of time is in its own row. */
static int stop_attempt(struct store *st, const struct fact *f, struct err *err)
{
	enum stop_cause cause = f->stopping.cause;

	if (cause == STOP_TERMINATED || cause == STOP_TIMEOUT)
		return 0;
	return mark_attempt(st, f, SQL_STOP_ATTEMPT, cause, err);
}

static int note_use(struct store *st, int64_t instance, jd_time at, struct err *err)
{
	struct query q;

	query_open(&q, st, SQL_INSTANCE_USED);
	put_int(&q, instance);
	put_int(&q, at);
	return query_run(&q, err);
}

static int end_attempt(struct store *st, const struct fact *f, struct err *err)
{
	cleanup_query struct query q;
	int64_t instance = 0;
	int rc;

	query_open(&q, st, SQL_END_ATTEMPT);
	put_int(&q, f->job);
	put_int(&q, f->attempt);
	put_int(&q, fact_when(f));
	put_int_unless(&q, f->ended.exit_code, -1);
	put_text(&q, f->ended.status_reason);
	put_text(&q, f->ended.reason);
	rc = query_step(&q, err);
	if (rc > 0)
		instance = take_int(&q);
	if (rc < 0 || query_run(&q, err) || need_one_row(st, f, err))
		return -1;
	return instance ? note_use(st, instance, f->at, err) : 0;
}

/* What the fact itself is about. */
static int write_subject(struct store *st, const struct fact *f, const struct fact_effect *effect,
			 struct err *err)
{
	switch (f->kind) {
	case FACT_SUBMITTED:
		return insert_job(st, f->submitted,
				  effect->changed ? effect->to : f->submitted->status, err);
	case FACT_PLACED:
		return insert_attempt(st, f, err);
	case FACT_STARTED:
		return mark_attempt(st, f, SQL_START_ATTEMPT, fact_when(f), err);
	case FACT_NODE_START:
		return mark_attempt(st, f, SQL_RELEASE_ATTEMPT, f->at, err);
	case FACT_STOPPING:
		return stop_attempt(st, f, err);
	case FACT_ENDED:
		return end_attempt(st, f, err);
	default:
		return record_place(st, f, err);
	}
}

/* When the job's latest attempt began, or 0: not now. */
static jd_time start_of(const struct fact *f, const struct fact_effect *e)
{
	if (f->kind == FACT_STARTED)
		return fact_when(f);
	return f->kind == FACT_ROLLED_UP ? e->started : 0;
}

/* The number of its attempts, or 0: as before. */
static int attempt_of(const struct fact *f, const struct fact_effect *e)
{
	if (f->kind == FACT_PLACED)
		return f->attempt;
	return f->kind == FACT_ROLLED_UP ? e->attempt : 0;
}

/* The job ends and had an attempt: what it took of NON_REPLENISHABLE resources is gone. */
static int spend(struct store *st, const struct consume *consume, int count, struct err *err)
{
	for (int i = 0; i < count; i++) {
		struct query q;

		query_open(&q, st, SQL_SPEND);
		put_text(&q, consume[i].name);
		put_int(&q, consume[i].quantity);
		if (query_run(&q, err))
			return -1;
	}
	return 0;
}

/* What MOVE_JOB returns of the row: its queue, parent, attempts and consumables. */
static int follow_move(struct store *st, struct query *q, const struct fact_effect *e,
		       struct err *err)
{
	const char *queue = look_text(q);
	int64_t parent = take_int(q), attempts = take_int(q);
	struct job takes = { .key = 0 };
	int rc = 0;

	if (e->from != e->to && !parent)
		counts_move(st, queue, (int)e->from, (int)e->to);
	if (job_status_is_final(e->to) && attempts > 0)
		rc = list_take_consume(q, &takes, err) ||
		     spend(st, takes.consume, takes.consume_count, err);
	for (int i = 0; i < takes.consume_count; i++)
		free(takes.consume[i].name);
	return rc ? -1 : 0;
}

/* What became of the job. `started` of the job is that of its latest attempt, and stays
 * when that is over; a job that failed before it ever ran has none (SM-5). */
static int move_job(struct store *st, const struct fact *f, const struct fact_effect *e,
		    struct err *err)
{
	cleanup_query struct query q;
	bool moved = e->from != e->to;
	int rc;

	query_open(&q, st, moved ? SQL_MOVE_JOB : SQL_TOUCH_JOB);
	put_int(&q, f->job);
	put_text(&q, e->status_reason);
	put_int(&q, row_flags(e->cancelled, e->terminated, e->timed_out, e->held));
	put_int(&q, e->order);
	put_int_unless(&q, start_of(f, e), 0);
	put_int_unless(&q, job_status_is_final(e->to) ? fact_when(f) : 0, 0);
	put_int_unless(&q, attempt_of(f, e), 0);
	put_int_unless(&q, e->blocked_since, 0);
	if (moved)
		put_int(&q, e->to);
	rc = query_step(&q, err);
	if (rc == 0)
		return err_set(err, ERR_CORRUPT, "%s has no job %" PRId64 " to record %s", st->path,
			       f->job, fact_name(f->kind));
	if (rc < 0 || follow_move(st, &q, e, err))
		return -1;
	return query_run(&q, err);
}

/* A child or node that was only its parent's until now. */
static int bear_job(struct store *st, const struct fact *f, const struct fact_effect *e,
		    struct err *err)
{
	const struct job *parent;
	struct job *job;
	int rc;

	if (err)
		err->kind = ERR_NONE;
	parent = family_parent_kept(st, f->job, err);
	if (!parent)
		return err && err->kind ?
			       -1 :
			       err_set(err, ERR_CORRUPT, "%s has no parent of job %" PRId64,
				       st->path, f->job);
	job = family_member(parent, f->job);
	job->status_reason = xstrdup(e->status_reason);
	job->cancelled = e->cancelled;
	job->terminated = e->terminated;
	job->timed_out = e->timed_out;
	job->held = e->held;
	job->order = e->order;
	job->created = f->at;
	job->stopped = job_status_is_final(e->to) ? fact_when(f) : 0;
	job->attempt = attempt_of(f, e);
	job->blocked_since = e->blocked_since;
	rc = insert_row(st, job, e->to, err);
	job_free(job);
	return rc;
}

static int write_job(struct store *st, const struct fact *f, const struct fact_effect *e,
		     struct err *err)
{
	if (!e->changed || f->kind == FACT_SUBMITTED)
		return 0;
	return e->born ? bear_job(st, f, e, err) : move_job(st, f, e, err);
}

/* Nothing more is written once something could not be: SQLite may have rolled back by itself,
 * and what came after would stand alone on the disk. */
static int may_write(struct store *st, struct err *err)
{
	if (st->spoiled)
		return err_set(err, st->spoiled_by.kind, "%s", st->spoiled_by.text);
	if (!store_in_transaction(st))
		return err_set(err, ERR_CONFLICT, "nothing can be recorded outside a transaction");
	return store_gave_up(st, err) ? -1 : 0;
}

/* Remembers why nothing of this transaction may be committed. Always -1. */
static int spoil(struct store *st, const struct err *why, struct err *err)
{
	st->spoiled = true;
	st->spoiled_by = *why;
	return err_set(err, why->kind, "%s", why->text);
}

int store_record(struct store *st, const struct fact *fact, const struct fact_effect *effect,
		 struct err *err)
{
	static const struct fact_effect nothing;
	const struct fact_effect *e = effect ? effect : &nothing;
	struct err why = { 0 };

	if (may_write(st, err))
		return -1;
	if (write_subject(st, fact, e, &why) || write_job(st, fact, e, &why) ||
	    journal_write(st, fact, e, &why))
		return spoil(st, &why, err);
	return 0;
}

int store_put_definition(struct store *st, const struct definition *d, struct err *err)
{
	struct err why = { 0 };
	struct query q;

	if (may_write(st, err))
		return -1;
	query_open(&q, st, SQL_PUT_DEFINITION);
	row_put_definition(&q, d);
	return query_run(&q, &why) ? spoil(st, &why, err) : 0;
}

int store_put_job_doc(struct store *st, int64_t key, const char *doc, struct err *err)
{
	struct err why = { 0 };
	struct query q;

	if (may_write(st, err))
		return -1;
	query_open(&q, st, SQL_PUT_DOC);
	put_int(&q, key);
	put_text(&q, doc);
	return query_run(&q, &why) ? spoil(st, &why, err) : 0;
}

int store_put_value(struct store *st, const char *name, const char *value, struct err *err)
{
	struct err why = { 0 };
	struct query q;

	if (may_write(st, err))
		return -1;
	query_open(&q, st, SQL_PUT_VALUE);
	put_text(&q, name);
	put_text(&q, value);
	return query_run(&q, &why) ? spoil(st, &why, err) : 0;
}

int store_drop_values(struct store *st, const char *first, const char *last, struct err *err)
{
	struct err why = { 0 };
	struct query q;

	if (may_write(st, err))
		return -1;
	query_open(&q, st, SQL_DROP_VALUES);
	put_text(&q, first);
	put_text(&q, last);
	return query_run(&q, &why) ? spoil(st, &why, err) : 0;
}
