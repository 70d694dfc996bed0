#include "config.h"
#include "jobdeck/store/store.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "jobdeck/base/fs.h"
#include "jobdeck/base/mem.h"
#include "internal.h"

/* Opening, closing, and the transaction of a turn. A transaction in which anything could not
 * be written is spoiled: it is never committed, so what is on disk is always a whole turn. */

enum { BUSY_MS = 2000, CACHE_KIB = 32 * 1024, CHECKPOINT_PAGES = 4000 };

/* SQLite would make the file readable by all. What it makes beside it takes its mode. */
static int make_file(const char *path, struct err *err)
{
	cleanup_close int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	struct stat st;

	if (fd < 0 && errno != EEXIST)
		return err_sys(err, "cannot make the database %s", path);
	if (stat(path, &st))
		return err_sys(err, "cannot use the database %s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_INVALID, "%s is not a file; move it away", path);
	return 0;
}

/* SQLite removes its log of pages (the WAL) when it closes the database in good order. */
static bool was_left_open(const char *path)
{
	cleanup_free char *wal = xasprintf("%s-wal", path);
	struct stat st;

	return stat(wal, &st) == 0 && st.st_size > 0;
}

static int connect(struct store *st, struct err *err)
{
	int rc;

	if (make_file(st->path, err))
		return -1;
	rc = sqlite3_open_v2(st->path, &st->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc != SQLITE_OK)
		return store_fail(st, rc, err);
	sqlite3_extended_result_codes(st->db, 1);
	if (sqlite3_db_readonly(st->db, "main") == 1)
		return store_fail(st, SQLITE_READONLY, err);
	sqlite3_busy_timeout(st->db, BUSY_MS);
	return 0;
}

static int configure(struct store *st, struct err *err)
{
	cleanup_free char *sizes = xasprintf("PRAGMA cache_size = -%d;"
					     "PRAGMA wal_autocheckpoint = %d;"
					     "PRAGMA journal_size_limit = %d",
					     CACHE_KIB, CHECKPOINT_PAGES, CHECKPOINT_PAGES * 4096);

	return store_exec(st,
			  "PRAGMA journal_mode = WAL;"
			  "PRAGMA synchronous = FULL;"
			  "PRAGMA cell_size_check = ON;"
			  "PRAGMA trusted_schema = OFF",
			  err) ||
			       store_exec(st, sizes, err) ?
		       -1 :
		       0;
}

/* Remembers this boot of the machine; see schema_check. */
static int note_boot(struct store *st, struct err *err)
{
	cleanup_free char *boot = store_value(st, "boot");

	if (boot && strcmp(boot, fs_boot_id()) == 0)
		return 0;
	if (store_begin(st, err) || store_put_value(st, "boot", fs_boot_id(), err))
		return -1;
	return store_commit(st, err);
}

struct store *store_open(const char *path, struct err *err)
{
	struct store *st = xcalloc(1, sizeof *st);
	bool unclean = was_left_open(path);

	st->path = xstrdup(path);
	if (connect(st, err) || schema_prepare(st, unclean, err) || configure(st, err) ||
	    note_boot(st, err) || counts_load(st, err)) {
		store_close(st);
		return NULL;
	}
	return st;
}

void store_close(struct store *st)
{
	if (!st)
		return;
	if (store_in_transaction(st))
		store_rollback(st);
	for (int i = 0; i < SQL_COUNT; i++)
		sqlite3_finalize(st->kept[i].stmt);
	sqlite3_close(st->db);
	counts_free(st);
	family_forget(st);
	free(st->path);
	free(st);
}

static int run(struct store *st, enum sql id, struct err *err)
{
	struct query q;

	query_open(&q, st, id);
	return query_run(&q, err);
}

bool store_in_transaction(const struct store *st)
{
	return st->begun;
}

int store_begin(struct store *st, struct err *err)
{
	st->spoiled = false;
	if (run(st, SQL_BEGIN, err))
		return -1;
	st->begun = true;
	return 0;
}

/* On a full disk, an I/O error or a lack of memory SQLite rolls back by itself, also when it
 * was only asked something: then what this turn wrote is gone. */
bool store_gave_up(const struct store *st, struct err *err)
{
	if (!st->begun || !sqlite3_get_autocommit(st->db))
		return false;
	err_set(err, ERR_SYSTEM,
		"%s: SQLite gave up the transaction, for lack of disk, memory or a working device",
		st->path);
	return true;
}

int store_commit(struct store *st, struct err *err)
{
	struct err why = st->spoiled_by;

	if (!st->spoiled && !store_in_transaction(st))
		return err_set(err, ERR_CONFLICT, "there is no transaction to commit");
	if (st->spoiled || store_gave_up(st, &why) || run(st, SQL_COMMIT, &why)) {
		store_rollback(st);
		return err_set(err, why.kind, "%s", why.text);
	}
	st->begun = false;
	counts_commit(st);
	return 0;
}

void store_rollback(struct store *st)
{
	if (st->begun && !sqlite3_get_autocommit(st->db)) /* SQLite may have done it by itself */
		run(st, SQL_ROLLBACK, NULL);
	st->begun = st->spoiled = false;
	counts_rollback(st);
	family_forget(st);
}
