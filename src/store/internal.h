#ifndef STORE_INTERNAL_H
#define STORE_INTERNAL_H
#include <sqlite3.h>
#include "jobdeck/store/store.h"
#include "sql.h"

/* What the files of this folder share. Nobody else includes it, but for the tests, which
 * need the database itself to spoil it. */

enum {
	STORE_APPLICATION = 0x4a6f6244, /* application_id: "JobD" */
	FLAG_CANCELLED = 1,
	FLAG_TERMINATED = 2,
	FLAG_TIMED_OUT = 4,
	FLAG_HELD = 8,
};
/* Above every name and id there is: the last character of Unicode. */
#define TEXT_LAST "\xf4\x8f\xbf\xbf"

struct queue_counts;

struct store {
	sqlite3 *db;
	char *path;
	struct {
		sqlite3_stmt *stmt; /* NULL until first used */
		bool busy;
	} kept[SQL_COUNT];
	struct queue_counts *counts; /* by queue; see counts.c */
	struct job *parent; /* the last one that had a child made; see family.c */
	/* Something in this transaction could not be written: all of it must go. */
	bool begun; /* by store_begin; SQLite may have given up the transaction since */
	bool spoiled;
	struct err spoiled_by;
};

/* --- statement.c: one use of a statement ------------------------------------------------
 * Open, put the parameters in order, step and take the columns in order, close. What goes
 * wrong on the way is kept and told by query_step, so only that needs looking at. The same
 * statement may be in use twice (a callback that asks again): the second gets its own. */
struct query {
	struct store *st;
	sqlite3_stmt *stmt;
	enum sql id;
	bool own;
	int rc;	 /* the first failure */
	int put; /* parameters put so far */
	int take;
};

void query_open(struct query *q, struct store *st, enum sql id);
void query_close(struct query *q); /* twice does no harm */
#define cleanup_query __attribute__((cleanup(query_close)))
void put_text(struct query *q, const char *text); /* borrowed until query_close; NULL: NULL */
void put_text_taken(struct query *q, char *text /* taken */);
void put_int(struct query *q, int64_t n);
void put_int_unless(struct query *q, int64_t n, int64_t absent); /* NULL when it is that */
int query_step(struct query *q, struct err *err);		 /* 1: a row, 0: no more, -1 */
/* Steps a statement of which no row is wanted to its end, and closes it. */
int query_run(struct query *q, struct err *err);
int64_t take_int(struct query *q); /* 0 when NULL */
int64_t take_int_or(struct query *q, int64_t absent);
char *take_text(struct query *q);	/* a copy, or NULL */
const char *look_text(struct query *q); /* valid until the next step */
bool skip_null(struct query *q); /* true, and past it, when the next column is NULL */

/* A whole statement without parameters or rows, by text; for opening only. */
int store_exec(struct store *st, const char *sql, struct err *err);
/* The error that SQLite's answer `rc` amounts to, in words that say what to do. -1. */
int store_fail(struct store *st, int rc, struct err *err);

/* --- schema.c ---------------------------------------------------------------------------
 * The steps that lead from nothing to the present schema. steps[n] makes version n + 1. */
int schema_migrate(struct store *st, const char *const *steps, int count, struct err *err);
/* Refuses what is not ours or newer, looks for damage, migrates. `unclean`: whoever had the
 * database open last did not close it. */
int schema_prepare(struct store *st, bool unclean, struct err *err);
/* The number that a PRAGMA answers with. */
int schema_pragma(struct store *st, const char *name, int64_t *value, struct err *err);

/* --- counts.c: jobs by queue and status, kept in memory --------------------------------- */
int counts_load(struct store *st, struct err *err);
void counts_move(struct store *st, const char *queue, int from /* -1: new */, int to);
void counts_commit(struct store *st);
void counts_rollback(struct store *st);
void counts_free(struct store *st);

/* --- rows.c, row_places.c: rows to structs and back --------------------------------------
 * What is taken is the caller's to free; NULL or -1: the row is damaged. */
int64_t row_flags(bool cancelled, bool terminated, bool timed_out, bool held);
void row_put_job(struct query *q, const struct job *job, enum job_status status);
struct job *row_take_job(struct query *q, struct err *err); /* without doc */
/* What only a restart asks of an attempt. */
struct attempt_more {
	jd_time released; /* when a node that waited was told to start; 0: not so */
	int stopping;	  /* enum stop_cause, as far as the job's row does not say it; or -1 */
};
void row_take_attempt(struct query *q, struct attempt *a, struct attempt_more *more);
void row_put_environment(struct query *q, const struct environment *e);
struct environment *row_take_environment(struct query *q, struct err *err);
void row_put_queue(struct query *q, const struct queue *queue);
struct queue *row_take_queue(struct query *q, struct err *err);
void row_put_policy(struct query *q, const struct policy *p);
struct policy *row_take_policy(struct query *q, struct err *err);
void row_put_consumable(struct query *q, const struct consumable *c);
struct consumable *row_take_consumable(struct query *q);
void row_put_instance(struct query *q, const struct instance *i);
struct instance *row_take_instance(struct query *q);
void row_put_definition(struct query *q, const struct definition *d);
struct definition *row_take_definition(struct query *q);

/* --- record_places.c: what store_record writes of everything but jobs ---------------------- */
int record_place(struct store *st, const struct fact *f, struct err *err); /* of that kind */
/* --- journal.c */
int journal_write(struct store *st, const struct fact *f, const struct fact_effect *e,
		  struct err *err);

/* --- family.c: parents, children, nodes ----------------------------------------------------
 * The row of the job that has the key of a child or node reserved, or NULL: ERR_NONE, there is
 * none. Caller frees. */
struct job *family_parent(struct store *st, int64_t key, struct err *err);
/* What a child or node is when it comes to be: its parent's part of it. Caller frees. */
struct job *family_member(const struct job *parent, int64_t key);
/* As family_parent, but from memory if possible: only what is fixed is right. Borrowed until
 * the next call. */
const struct job *family_parent_kept(struct store *st, int64_t key, struct err *err);
void family_forget(struct store *st); /* what is kept */
/* One letter a child of an array (see struct job), NULL when none has a row. With `all`, those
 * without one are 'F': the array has ended. Caller frees. -1: could not be read. */
int family_outcome(struct store *st, const struct job *array, bool all, char **outcome,
		   struct err *err);

/* store.c: true, and says so, when the transaction that was begun is no more. */
bool store_gave_up(const struct store *st, struct err *err);

/* record.c: drops values of names from `first` on and before `last`. */
int store_drop_values(struct store *st, const char *first, const char *last, struct err *err);

#endif
