#include "config.h"
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include "jobdeck/base/fs.h"
#include "jobdeck/base/log.h"
#include "jobdeck/base/mem.h"
#include "internal.h"

/* The tables, and the way from any version ever shipped to the present one. A step that was
 * shipped is never edited: a change is a new step, and STORE_SCHEMA counts them.
 *
 * job.status is in one index only, and that is the only one that a job's life moves: of
 * children and nodes (parent, status), of all others (status, queue), which serves lists,
 * counts, and what is alive after a restart. The others are written once per job. Text that
 * is missing is NULL, as is an exit code; times that have not come are NULL too. */

/* clang-format off */
static const char *const steps[STORE_SCHEMA] = {
	/* 1 */
	"CREATE TABLE value (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE environment ("
	" name TEXT PRIMARY KEY,"
	" type INTEGER NOT NULL,"
	" cr_type INTEGER NOT NULL,"
	" state INTEGER NOT NULL,"
	" status INTEGER NOT NULL,"
	" status_reason TEXT,"
	" min_vcpus INTEGER NOT NULL,"
	" desired_vcpus INTEGER NOT NULL,"
	" max_vcpus INTEGER NOT NULL,"
	" created INTEGER NOT NULL,"
	" doc TEXT);"
	"CREATE TABLE queue ("
	" name TEXT PRIMARY KEY,"
	" state INTEGER NOT NULL,"
	" status INTEGER NOT NULL,"
	" status_reason TEXT,"
	" priority INTEGER NOT NULL,"
	" envs TEXT NOT NULL," /* JSON list of names, in order */
	" created INTEGER NOT NULL,"
	" doc TEXT);"
	"CREATE TABLE definition ("
	" name TEXT NOT NULL,"
	" revision INTEGER NOT NULL,"
	" type INTEGER NOT NULL,"
	" status INTEGER NOT NULL,"
	" created INTEGER NOT NULL,"
	" deregistered INTEGER,"
	" doc TEXT);"
	"CREATE UNIQUE INDEX definition_name ON definition (name, revision DESC);"
	/* AUTOINCREMENT: a key is never given twice, whatever is deleted */
	"CREATE TABLE job ("
	" key INTEGER PRIMARY KEY AUTOINCREMENT,"
	" id TEXT NOT NULL UNIQUE,"
	" name TEXT NOT NULL COLLATE NOCASE,"
	" queue TEXT NOT NULL,"
	" definition TEXT NOT NULL,"
	" vcpu_milli INTEGER NOT NULL,"
	" memory_mib INTEGER NOT NULL,"
	" gpus INTEGER NOT NULL,"
	" timeout_s INTEGER,"
	" attempts INTEGER NOT NULL,"
	" retry TEXT,"	 /* JSON list of evaluateOnExit entries */
	" status INTEGER NOT NULL,"
	" status_reason TEXT,"
	" flags INTEGER NOT NULL," /* 1 cancelled, 2 terminated, 4 timed out */
	" created INTEGER NOT NULL,"
	" started INTEGER,"
	" stopped INTEGER,"
	" attempt INTEGER NOT NULL,"
	" ord INTEGER NOT NULL,"
	" depends TEXT);" /* JSON list of keys */
	"CREATE INDEX job_status ON job (status, queue);"
	"CREATE INDEX job_name ON job (name);"
	"CREATE INDEX job_definition ON job (definition);"
	"CREATE TABLE job_doc (job INTEGER PRIMARY KEY, doc TEXT);"
	"CREATE TABLE attempt ("
	" job INTEGER NOT NULL,"
	" number INTEGER NOT NULL,"
	" env TEXT NOT NULL,"
	" slot INTEGER,"
	" placed INTEGER NOT NULL,"
	" started INTEGER,"
	" stopped INTEGER,"
	" exit_code INTEGER,"
	" status_reason TEXT,"
	" reason TEXT,"
	" PRIMARY KEY (job, number)) WITHOUT ROWID;"
	"CREATE TABLE journal ("
	" seq INTEGER PRIMARY KEY,"
	" at INTEGER NOT NULL,"
	" kind INTEGER NOT NULL,"
	" job INTEGER,"
	" attempt INTEGER,"
	" status_from INTEGER,"
	" status_to INTEGER,"
	" text TEXT);"
	"CREATE INDEX journal_job ON journal (job) WHERE job IS NOT NULL;",
	/* 2: the whole scheduler. What version 1 let only stand in documents is taken out of them */
	"ALTER TABLE environment ADD COLUMN strategy INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE environment ADD COLUMN bid_percent INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE environment ADD COLUMN instance_types TEXT;" /* JSON list of names */
	"ALTER TABLE environment ADD COLUMN scale_down_delay INTEGER;"
	"ALTER TABLE environment ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE environment ADD COLUMN update_deadline INTEGER;"
	"ALTER TABLE environment ADD COLUMN refuse_until INTEGER;"
	"UPDATE environment SET desired_vcpus = 0,"
	" instance_types = json_extract(doc, '$.computeResources.instanceTypes'),"
	" bid_percent = coalesce(json_extract(doc, '$.computeResources.bidPercentage'), 0),"
	" strategy = CASE json_extract(doc, '$.computeResources.allocationStrategy')"
	" WHEN 'BEST_FIT_PROGRESSIVE' THEN 1 WHEN 'BEST_FIT_PROGRESSIVE_ORDERED' THEN 2"
	" WHEN 'SPOT_CAPACITY_OPTIMIZED' THEN 3 WHEN 'SPOT_PRICE_CAPACITY_OPTIMIZED' THEN 4"
	" WHEN 'SPOT_CAPACITY_OPTIMIZED_PRIORITIZED' THEN 5 ELSE 0 END"
	" WHERE json_valid(doc);"
	"ALTER TABLE queue ADD COLUMN policy TEXT;"
	"ALTER TABLE queue ADD COLUMN limits TEXT;" /* JSON list of [reason, milliseconds] */
	"ALTER TABLE queue ADD COLUMN backfill INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE queue ADD COLUMN max_running INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE queue ADD COLUMN blocked_until INTEGER;"
	"CREATE TABLE policy ("
	" name TEXT PRIMARY KEY,"
	" decay_s INTEGER NOT NULL,"
	" reservation INTEGER NOT NULL,"
	" shares TEXT," /* JSON list of [identifier, weight] */
	" created INTEGER NOT NULL,"
	" doc TEXT);"
	"CREATE TABLE consumable ("
	" name TEXT PRIMARY KEY,"
	" type INTEGER NOT NULL,"
	" total INTEGER NOT NULL,"
	" spent INTEGER NOT NULL," /* by jobs that have ended, of a NON_REPLENISHABLE one */
	" created INTEGER NOT NULL,"
	" doc TEXT);"
	/* who asks for what: what job.consume says, the other way round */
	"CREATE TABLE consumer ("
	" consumable TEXT NOT NULL,"
	" job INTEGER NOT NULL,"
	" quantity INTEGER NOT NULL,"
	" PRIMARY KEY (consumable, job)) WITHOUT ROWID;"
	"CREATE TABLE instance ("
	" key INTEGER PRIMARY KEY AUTOINCREMENT,"
	" env TEXT NOT NULL,"
	" type TEXT NOT NULL,"
	" spot INTEGER NOT NULL,"
	" generation INTEGER NOT NULL,"
	" status INTEGER NOT NULL,"
	" vcpu_milli INTEGER NOT NULL,"
	" memory_mib INTEGER NOT NULL,"
	" gpus INTEGER NOT NULL,"
	" launched INTEGER NOT NULL,"
	" up INTEGER,"
	" reclaimed INTEGER,"
	" terminated INTEGER,"
	" last_end INTEGER);"
	"CREATE INDEX instance_terminated ON instance (terminated);"
	"ALTER TABLE job ADD COLUMN kind INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE job ADD COLUMN parent INTEGER;"
	"ALTER TABLE job ADD COLUMN size INTEGER;"
	"ALTER TABLE job ADD COLUMN share TEXT;"
	"ALTER TABLE job ADD COLUMN priority INTEGER;"
	"ALTER TABLE job ADD COLUMN consume TEXT;" /* JSON list of [name, quantity] */
	"ALTER TABLE job ADD COLUMN sequential INTEGER;"
	"ALTER TABLE job ADD COLUMN platform INTEGER;"
	"ALTER TABLE job ADD COLUMN main_node INTEGER;"
	"ALTER TABLE job ADD COLUMN node_need TEXT;" /* JSON list of [first, last, needs ...] */
	"ALTER TABLE job ADD COLUMN start_after INTEGER;"
	"ALTER TABLE job ADD COLUMN blocked_since INTEGER;"
	"UPDATE job SET platform = 1 WHERE status < 5 AND 'FARGATE' = (SELECT"
	" CASE WHEN json_valid(doc) THEN json_extract(doc, '$.platformCapabilities[0]') END"
	" FROM job_doc WHERE job = key);"
	"DROP INDEX job_status;"
	"DROP INDEX job_name;"
	"DROP INDEX job_definition;"
	"CREATE INDEX job_status ON job (status, queue) WHERE parent IS NULL;"
	"CREATE INDEX job_name ON job (name) WHERE parent IS NULL;"
	"CREATE INDEX job_definition ON job (definition) WHERE parent IS NULL;"
	"CREATE INDEX job_share ON job (share) WHERE share IS NOT NULL AND parent IS NULL;"
	"CREATE INDEX job_parent ON job (parent, status) WHERE parent IS NOT NULL;"
	"ALTER TABLE attempt ADD COLUMN instance INTEGER;"
	"ALTER TABLE attempt ADD COLUMN gpu_set INTEGER;" /* 64 bits */
	"ALTER TABLE attempt ADD COLUMN waits INTEGER;"	  /* a node, from the start: until */
	"ALTER TABLE attempt ADD COLUMN released INTEGER;" /* NODE_START came */
	"ALTER TABLE attempt ADD COLUMN stopping INTEGER;" /* why it is being stopped */
	"CREATE INDEX attempt_live ON attempt (job) WHERE stopped IS NULL;",
};
/* clang-format on */

int schema_pragma(struct store *st, const char *name, int64_t *value, struct err *err)
{
	cleanup_free char *sql = xasprintf("PRAGMA %s", name);
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(st->db, sql, -1, &stmt, NULL);

	if (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		*value = sqlite3_column_int64(stmt, 0);
		rc = SQLITE_OK;
	}
	sqlite3_finalize(stmt);
	return rc == SQLITE_OK || rc == SQLITE_DONE ? 0 : store_fail(st, rc, err);
}

/* One step and the number that says it was done, or nothing. */
static int migrate_one(struct store *st, const char *step, int version, struct err *err)
{
	cleanup_free char *number = xasprintf(
		"PRAGMA application_id = %d; PRAGMA user_version = %d", STORE_APPLICATION, version);

	if (store_exec(st, "BEGIN IMMEDIATE", err))
		return -1;
	if (store_exec(st, step, err) || store_exec(st, number, err) ||
	    store_exec(st, "COMMIT", err)) {
		err_wrap(err, "cannot bring the database to version %d", version);
		sqlite3_exec(st->db, "ROLLBACK", NULL, NULL, NULL);
		return -1;
	}
	return 0;
}

static int refuse_newer(const struct store *st, int64_t version, int known, struct err *err)
{
	if (version <= known)
		return 0;
	return err_set(err, ERR_CONFLICT,
		       "%s was written by a newer Jobdeck (version %" PRId64
		       " of its tables; this program knows %d); use that one, or another home with "
		       "--home",
		       st->path, version, known);
}

int schema_migrate(struct store *st, const char *const *all, int count, struct err *err)
{
	int64_t version = 0;

	if (schema_pragma(st, "user_version", &version, err) ||
	    refuse_newer(st, version, count, err))
		return -1;
	for (int64_t i = version; i < count; i++)
		if (migrate_one(st, all[i], (int)i + 1, err))
			return -1;
	if (version && version < count)
		log_info("%s is now of version %d", st->path, count);
	return 0;
}

/* Somebody else's database is left alone. An empty file becomes ours. */
static int refuse_foreign(struct store *st, struct err *err)
{
	int64_t application = 0, changes = 0;

	if (schema_pragma(st, "application_id", &application, err) ||
	    schema_pragma(st, "schema_version", &changes, err))
		return -1;
	if (application != STORE_APPLICATION && (application || changes))
		return store_fail(st, SQLITE_NOTADB, err);
	return 0;
}

static bool is_small(const struct store *st)
{
	const off_t most = 16 << 20;
	struct stat s;

	return stat(st->path, &s) == 0 && s.st_size <= most;
}

/* True when the database was last opened before the machine was started. */
static bool is_of_another_boot(struct store *st)
{
	cleanup_free char *boot = store_value(st, "boot");

	return boot && strcmp(boot, fs_boot_id()) != 0;
}

static int quick_check(struct store *st, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(st->db, "PRAGMA quick_check(1)", -1, &stmt, NULL);
	const char *said = NULL;

	if (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW)
		said = (const char *)sqlite3_column_text(stmt, 0);
	if (!said)
		store_fail(st, rc, err);
	else if (strcmp(said, "ok") != 0)
		err_set(err, ERR_CORRUPT,
			"%s is damaged; put back a copy, or save what can be read with "
			"\"sqlite3 %s .recover\" and move the file away: %s",
			st->path, st->path, said);
	rc = said && strcmp(said, "ok") == 0 ? 0 : -1;
	sqlite3_finalize(stmt);
	return rc;
}

/* A small file is always checked, which takes no time that anybody notices. A large one only
 * when the machine went down while it was open: kill -9 cannot damage it, and a million jobs
 * must not make every start wait for a gigabyte to be read. */
static int look_for_damage(struct store *st, bool unclean, struct err *err)
{
	if (!is_small(st)) {
		if (!unclean || !is_of_another_boot(st))
			return 0;
		log_info("the machine went down while %s was open: checking it", st->path);
	}
	return quick_check(st, err);
}

int schema_prepare(struct store *st, bool unclean, struct err *err)
{
	int64_t version = 0;

	if (refuse_foreign(st, err) || schema_pragma(st, "user_version", &version, err) ||
	    refuse_newer(st, version, STORE_SCHEMA, err) || look_for_damage(st, unclean, err))
		return -1;
	return schema_migrate(st, steps, STORE_SCHEMA, err);
}
