#include "config.h"
#include <inttypes.h>
#include <string.h>
#include "jobdeck/base/mem.h"
#include "internal.h"

/* Facts to rows. Each fact writes the row of what it is about (an environment, a queue, a
 * job, an attempt), the job's row when the scheduler says that the job changed, and one
 * line of the journal. */

static int need_one_row(struct store *st, const struct fact *f, struct err *err)
{
	if (sqlite3_changes(st->db) == 1)
		return 0;
	return err_set(err, ERR_CORRUPT, "%s has no attempt %d of job %" PRId64 " to record %s",
		       st->path, f->attempt, f->job, fact_name(f->kind));
}

static int delete_named(struct store *st, enum sql id, const char *name, struct err *err)
{
	struct query q;

	query_open(&q, st, id);
	put_text(&q, name);
	return query_run(&q, err);
}

static int put_environment(struct store *st, const struct environment *e, struct err *err)
{
	struct query q;

	if (e->status == STATUS_DELETED)
		return delete_named(st, SQL_DELETE_ENVIRONMENT, e->name, err);
	query_open(&q, st, SQL_PUT_ENVIRONMENT);
	row_put_environment(&q, e);
	return query_run(&q, err);
}

static int put_queue(struct store *st, const struct queue *queue, struct err *err)
{
	struct query q;

	if (queue->status == STATUS_DELETED)
		return delete_named(st, SQL_DELETE_QUEUE, queue->name, err);
	query_open(&q, st, SQL_PUT_QUEUE);
	row_put_queue(&q, queue);
	return query_run(&q, err);
}

static int insert_job(struct store *st, const struct job *job, enum job_status status,
		      struct err *err)
{
	struct query q;

	query_open(&q, st, SQL_INSERT_JOB);
	row_put_job(&q, job, status);
	if (query_run(&q, err))
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
	return query_run(&q, err);
}

static int start_attempt(struct store *st, const struct fact *f, struct err *err)
{
	struct query q;

	query_open(&q, st, SQL_START_ATTEMPT);
	put_int(&q, f->job);
	put_int(&q, f->attempt);
	put_int(&q, fact_when(f));
	return query_run(&q, err) ? -1 : need_one_row(st, f, err);
}

static int end_attempt(struct store *st, const struct fact *f, struct err *err)
{
	struct query q;

	query_open(&q, st, SQL_END_ATTEMPT);
	put_int(&q, f->job);
	put_int(&q, f->attempt);
	put_int(&q, fact_when(f));
	put_int_unless(&q, f->ended.exit_code, -1);
	put_text(&q, f->ended.status_reason);
	put_text(&q, f->ended.reason);
	return query_run(&q, err) ? -1 : need_one_row(st, f, err);
}

/* What the fact itself is about. */
static int write_subject(struct store *st, const struct fact *f, const struct fact_effect *effect,
			 struct err *err)
{
	switch (f->kind) {
	case FACT_ENVIRONMENT:
		return put_environment(st, f->environment, err);
	case FACT_QUEUE:
		return put_queue(st, f->queue, err);
	case FACT_SUBMITTED:
		return insert_job(st, f->submitted,
				  effect->changed ? effect->to : f->submitted->status, err);
	case FACT_PLACED:
		return insert_attempt(st, f, err);
	case FACT_STARTED:
		return start_attempt(st, f, err);
	case FACT_ENDED:
		return end_attempt(st, f, err);
	default:
		return 0;
	}
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
	put_int(&q, (e->cancelled ? FLAG_CANCELLED : 0) | (e->terminated ? FLAG_TERMINATED : 0) |
			    (e->timed_out ? FLAG_TIMED_OUT : 0));
	put_int(&q, e->order);
	put_int_unless(&q, f->kind == FACT_STARTED ? fact_when(f) : 0, 0);
	put_int_unless(&q, job_status_is_final(e->to) ? fact_when(f) : 0, 0);
	put_int_unless(&q, f->kind == FACT_PLACED ? f->attempt : 0, 0);
	if (moved)
		put_int(&q, e->to);
	rc = query_step(&q, err);
	if (rc == 0)
		return err_set(err, ERR_CORRUPT, "%s has no job %" PRId64 " to record %s", st->path,
			       f->job, fact_name(f->kind));
	if (rc > 0 && moved)
		counts_move(st, look_text(&q), (int)e->from, (int)e->to);
	return rc < 0 ? -1 : query_run(&q, err);
}

/* The journal's words for a fact; for a person and for a later look back. Caller frees. */
static char *journal_text(const struct fact *f)
{
	static const char *const causes[] = {
		[STOP_TERMINATED] = "terminated",
		[STOP_TIMEOUT] = "timeout",
		[STOP_RECLAIMED] = "reclaimed",
	};

	switch (f->kind) {
	case FACT_POOL:
		return xasprintf("%.3f vCPU, %" PRId64 " MiB, %" PRId32 " GPU",
				 (double)f->pool.vcpu_milli / 1000, f->pool.memory_mib,
				 f->pool.gpus);
	case FACT_ENVIRONMENT:
		return xasprintf("%s %s %s", f->environment->name,
				 state_name(f->environment->state),
				 status_name(f->environment->status));
	case FACT_QUEUE:
		return xasprintf("%s %s %s", f->queue->name, state_name(f->queue->state),
				 status_name(f->queue->status));
	case FACT_PLACED:
		return xstrdup(f->placed.env);
	case FACT_STOPPING:
		return (size_t)f->stopping.cause < ARRAY_LEN(causes) ?
			       xstrdup(causes[f->stopping.cause]) :
			       NULL;
	case FACT_ENDED:
		return xstrdup(f->ended.status_reason);
	case FACT_CANCELLED:
	case FACT_TERMINATED:
	case FACT_FAILED:
		return xstrdup(f->reason);
	default:
		return NULL;
	}
}

static int write_journal(struct store *st, const struct fact *f, const struct fact_effect *e,
			 struct err *err)
{
	int64_t job = f->kind == FACT_SUBMITTED ? f->submitted->key : f->job;
	struct query q;

	query_open(&q, st, SQL_INSERT_JOURNAL);
	put_int(&q, f->at);
	put_int(&q, f->kind);
	put_int_unless(&q, job, 0);
	put_int_unless(&q, f->attempt, 0);
	put_int_unless(&q, e->changed && f->kind != FACT_SUBMITTED ? (int64_t)e->from : -1, -1);
	put_int_unless(&q, e->changed ? (int64_t)e->to : -1, -1);
	put_text_taken(&q, journal_text(f));
	return query_run(&q, err);
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
	if (write_subject(st, fact, e, &why) ||
	    (e->changed && fact->kind != FACT_SUBMITTED && move_job(st, fact, e, &why)) ||
	    write_journal(st, fact, e, &why))
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
