#include "config.h"
#include <errno.h>
#include <string.h>
#include "jobdeck/base/mem.h"
#include "internal.h"

/* Statements by name, prepared when first used and kept until the store closes, and the one
 * place where SQLite's error codes become messages. */

static const char *const sql_text[] = {
#define X(name, text) text,
	SQL_TABLE(X)
#undef X
};

static int cannot_write(struct store *st, int code, struct err *err)
{
	switch (code) {
	case EACCES:
	case EPERM:
	case EROFS:
		return err_set(
			err, ERR_SYSTEM,
			"%s cannot be written (%s); the file and its directory must be yours "
			"to write",
			st->path, strerror(code));
	case ENOSPC:
	case EDQUOT:
		return err_set(err, ERR_SYSTEM,
			       "no room is left for %s (%s); free some space and start again",
			       st->path, strerror(code));
	case EFBIG:
		return err_set(
			err, ERR_SYSTEM,
			"%s may not grow any more (%s); raise the limit on the size of files "
			"(ulimit -f) and start again",
			st->path, strerror(code));
	default:
		return err_set(err, ERR_SYSTEM, "cannot read or write %s: %s (%s)", st->path,
			       sqlite3_errmsg(st->db), strerror(code));
	}
}

int store_fail(struct store *st, int rc, struct err *err)
{
	/* SQLite forgets the number when it is a COMMIT that fails */
	int now = errno, code = sqlite3_system_errno(st->db);

	code = code ? code : now;
	switch (rc & 0xff) {
	case SQLITE_FULL:
		return cannot_write(st, code == EFBIG ? EFBIG : ENOSPC, err);
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return cannot_write(st, code == EROFS ? EROFS : EACCES, err);
	case SQLITE_CANTOPEN:
	case SQLITE_IOERR:
		return cannot_write(st, code ? code : EIO, err);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return err_set(
			err, ERR_UNAVAILABLE,
			"another program is writing to %s; end it (a sqlite3 shell?) and try "
			"again",
			st->path);
	case SQLITE_NOTADB:
		return err_set(err, ERR_CORRUPT,
			       "%s is not a Jobdeck database; move it away, or choose another home "
			       "with --home",
			       st->path);
	case SQLITE_CORRUPT:
		return err_set(err, ERR_CORRUPT,
			       "%s is damaged (%s); put back a copy, or save what can be read with "
			       "\"sqlite3 %s .recover\" and move the file away",
			       st->path, sqlite3_errmsg(st->db), st->path);
	default:
		return err_set(err, ERR_SYSTEM, "%s: %s", st->path, sqlite3_errmsg(st->db));
	}
}

int store_exec(struct store *st, const char *sql, struct err *err)
{
	int rc;

	errno = 0;
	rc = sqlite3_exec(st->db, sql, NULL, NULL, NULL);
	return rc == SQLITE_OK ? 0 : store_fail(st, rc, err);
}

void query_open(struct query *q, struct store *st, enum sql id)
{
	sqlite3_stmt **kept = &st->kept[id].stmt;

	*q = (struct query){ .st = st, .id = id, .own = st->kept[id].busy };
	if (q->own) {
		q->rc = sqlite3_prepare_v2(st->db, sql_text[id], -1, &q->stmt, NULL);
		return;
	}
	if (!*kept)
		q->rc = sqlite3_prepare_v3(st->db, sql_text[id], -1, SQLITE_PREPARE_PERSISTENT,
					   kept, NULL);
	q->stmt = *kept;
	st->kept[id].busy = q->stmt != NULL;
}

void query_close(struct query *q)
{
	if (!q->stmt)
		return;
	if (q->own) {
		sqlite3_finalize(q->stmt);
	} else {
		sqlite3_reset(q->stmt);
		sqlite3_clear_bindings(q->stmt);
		q->st->kept[q->id].busy = false;
	}
	q->stmt = NULL;
}

static void note(struct query *q, int rc)
{
	if (!q->rc)
		q->rc = rc;
}

void put_text(struct query *q, const char *text)
{
	if (q->rc)
		return;
	note(q, sqlite3_bind_text(q->stmt, ++q->put, text, -1, SQLITE_STATIC));
}

void put_text_taken(struct query *q, char *text)
{
	if (q->rc)
		free(text);
	else
		note(q, sqlite3_bind_text(q->stmt, ++q->put, text, -1, free));
}

void put_int(struct query *q, int64_t n)
{
	if (q->rc)
		return;
	note(q, sqlite3_bind_int64(q->stmt, ++q->put, n));
}

void put_int_unless(struct query *q, int64_t n, int64_t absent)
{
	if (n == absent)
		q->put++; /* a parameter that was not bound is NULL */
	else
		put_int(q, n);
}

int query_step(struct query *q, struct err *err)
{
	q->take = 0;
	if (!q->rc) {
		int rc;

		errno = 0;
		rc = sqlite3_step(q->stmt);

		if (rc == SQLITE_ROW)
			return 1;
		if (rc == SQLITE_DONE)
			return 0;
		q->rc = rc;
	}
	return store_fail(q->st, q->rc, err);
}

int query_run(struct query *q, struct err *err)
{
	int rc;

	while ((rc = query_step(q, err)) > 0)
		;
	query_close(q);
	return rc;
}

int64_t take_int(struct query *q)
{
	return sqlite3_column_int64(q->stmt, q->take++);
}

int64_t take_int_or(struct query *q, int64_t absent)
{
	int column = q->take++;

	return sqlite3_column_type(q->stmt, column) == SQLITE_NULL ?
		       absent :
		       sqlite3_column_int64(q->stmt, column);
}

const char *look_text(struct query *q)
{
	return (const char *)sqlite3_column_text(q->stmt, q->take++);
}

char *take_text(struct query *q)
{
	return xstrdup(look_text(q));
}

bool skip_null(struct query *q)
{
	if (sqlite3_column_type(q->stmt, q->take) != SQLITE_NULL)
		return false;
	q->take++;
	return true;
}
