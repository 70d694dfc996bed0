#include "config.h"
#include "store_fixture.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "jobdeck/base/fs.h"
#include "jobdeck/base/mem.h"
#include "../../src/store/internal.h"

/* The store as a file: opening and refusing, migrating, damage, disks that are full or
 * read-only, transactions. What is in it: test_store_rows.c and its neighbours. */

#define assert_says(words) assert_non_null(strstr(error.text, (words)))

static void refuses(enum err_kind kind, const char *says)
{
	struct store *st = store_open(fixture_db, &error);

	assert_null(st);
	assert_int_equal(error.kind, kind);
	if (!strstr(error.text, says))
		fail_msg("\"%s\" does not say \"%s\"", error.text, says);
	assert_says(fixture_db);
}

/* --- opening ------------------------------------------------------------------------------ */

static int mode_of(const char *path)
{
	struct stat s;

	return stat(path, &s) ? -1 : (int)(s.st_mode & 0777);
}

static void new_file_is_private(void **state)
{
	cleanup_free char *wal = xasprintf("%s-wal", fixture_db);
	mode_t old = umask(0);
	struct store *st = *state = open_db();

	umask(old);
	begin(st);
	assert_int_equal(store_put_value(st, "a", "1", &error), 0);
	commit(st);
	assert_int_equal(mode_of(fixture_db), 0600);
	assert_int_equal(mode_of(wal), 0600);
}

static void is_set_up(void **state)
{
	int64_t full = 0, app = 0, version = 0;

	assert_int_equal(schema_pragma(*state, "synchronous", &full, &error), 0);
	assert_int_equal(full, 2);
	assert_int_equal(schema_pragma(*state, "busy_timeout", &full, &error), 0);
	assert_int_equal(full, 2000);
	assert_int_equal(schema_pragma(*state, "application_id", &app, &error), 0);
	assert_int_equal(app, STORE_APPLICATION);
	assert_int_equal(schema_pragma(*state, "user_version", &version, &error), 0);
	assert_int_equal(version, STORE_SCHEMA);
}

static void keeps_values_over_reopening(void **state)
{
	struct store *st = open_db();
	cleanup_free char *account = NULL;

	begin(st);
	assert_int_equal(store_put_value(st, "account", "\"000000000000\"", &error), 0);
	assert_int_equal(store_put_value(st, "account", "\"1\"", &error), 0);
	commit(st);
	store_close(st);
	*state = st = open_db();
	account = store_value(st, "account");
	assert_string_equal(account, "\"1\"");
	assert_null(store_value(st, "nothing"));
}

static void close_accepts_null(void **state)
{
	(void)state;
	store_close(NULL);
}

static void empty_file_becomes_a_store(void **state)
{
	write_file(fixture_db, "", 0);
	*state = open_db();
}

/* As kill -9 does it: no close, the log of pages stays behind. */
static void survives_being_killed(void **state)
{
	cleanup_free char *value = NULL;
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		struct store *st = store_open(fixture_db, NULL);

		if (!st || store_begin(st, NULL) || store_put_value(st, "kept", "1", NULL) ||
		    store_commit(st, NULL) || store_begin(st, NULL) ||
		    store_put_value(st, "lost", "1", NULL))
			_exit(1);
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	*state = open_db();
	value = store_value(*state, "kept");
	assert_string_equal(value, "1");
	assert_null(store_value(*state, "lost"));
}

/* --- refusing ----------------------------------------------------------------------------- */

static void refuses_a_newer_schema(void **state)
{
	char sql[64];

	(void)state;
	store_close(open_db());
	snprintf(sql, sizeof sql, "PRAGMA user_version = %d", STORE_SCHEMA + 1);
	exec_raw(fixture_db, sql);
	refuses(ERR_CONFLICT, "newer Jobdeck");
	assert_says("--home");
}

static void refuses_what_is_no_database(void **state)
{
	char text[5000];

	(void)state;
	memset(text, 'x', sizeof text);
	write_file(fixture_db, text, sizeof text);
	refuses(ERR_CORRUPT, "is not a Jobdeck database");
	write_file(fixture_db, "short", 5);
	refuses(ERR_CORRUPT, "is not a Jobdeck database");
}

static void refuses_the_database_of_another_program(void **state)
{
	(void)state;
	exec_raw(fixture_db, "CREATE TABLE bookmarks (url TEXT)");
	refuses(ERR_CORRUPT, "is not a Jobdeck database");
	exec_raw(fixture_db, "PRAGMA application_id = 7");
	refuses(ERR_CORRUPT, "is not a Jobdeck database");
}

static void refuses_a_directory(void **state)
{
	(void)state;
	assert_int_equal(mkdir(fixture_db, 0700), 0);
	refuses(ERR_INVALID, "is not a file");
	assert_int_equal(rmdir(fixture_db), 0);
}

static void refuses_a_place_that_is_not_there(void **state)
{
	(void)state;
	assert_null(store_open("/proc/nonexistent/batch.db", &error));
	assert_int_equal(error.kind, ERR_SYSTEM);
	assert_says("/proc/nonexistent/batch.db: No such file");
}

/* The number of the page a table or index begins at. */
static long root_page(const char *name)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;
	long page;

	assert_int_equal(sqlite3_open(fixture_db, &db), SQLITE_OK);
	sqlite3_prepare_v2(db, "SELECT rootpage FROM sqlite_schema WHERE name = ?", -1, &stmt,
			   NULL);
	sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	page = (long)sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return page;
}

static void spoil_page(long page)
{
	cleanup_close int fd = open(fixture_db, O_WRONLY | O_CLOEXEC);
	char noise[4096];

	memset(noise, 0xa5, sizeof noise);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, noise, sizeof noise, (page - 1) * 4096), sizeof noise);
}

static void refuses_a_damaged_file(void **state)
{
	(void)state;
	store_close(open_db());
	spoil_page(root_page("attempt"));
	refuses(ERR_CORRUPT, "is damaged");
	assert_says(".recover");
}

static void refuses_a_truncated_file(void **state)
{
	(void)state;
	store_close(open_db());
	assert_int_equal(truncate(fixture_db, 4096 * 3), 0);
	refuses(ERR_CORRUPT, "is damaged");
}

/* A raw connection that is killed: its log of pages stays. */
static void leave_open(const char *sql)
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		sqlite3 *db = NULL;

		if (sqlite3_open(fixture_db, &db) || sqlite3_exec(db, sql, NULL, NULL, NULL))
			_exit(1);
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
}

static void large_file_is_checked_after_a_power_cut_only(void **state)
{
	(void)state;
	store_close(open_db());
	exec_raw(fixture_db, "INSERT INTO value VALUES ('large', zeroblob(20 << 20))");
	spoil_page(root_page("attempt"));
	store_close(open_db()); /* closed in good order: not looked at */
	leave_open("INSERT INTO value VALUES ('a', '1')");
	store_close(open_db()); /* killed, but the machine ran on */
	exec_raw(fixture_db, "UPDATE value SET value = 'of yesterday' WHERE name = 'boot'");
	store_close(open_db()); /* the machine went down, but this was closed */
	leave_open("UPDATE value SET value = 'of yesterday' WHERE name = 'boot'");
	refuses(ERR_CORRUPT, "is damaged");
}

/* --- migrating ---------------------------------------------------------------------------- */

static const char *const two_steps[] = {
	"CREATE TABLE a (x); INSERT INTO a VALUES (41)",
	"ALTER TABLE a ADD COLUMN y; UPDATE a SET x = x + 1",
};

/* A store that is only a connection, for schema_migrate with other steps. */
static void bare_open(struct store *st)
{
	*st = (struct store){ .path = fixture_db };
	assert_int_equal(sqlite3_open(fixture_db, &st->db), SQLITE_OK);
}

static int64_t number(struct store *st, const char *sql)
{
	sqlite3_stmt *stmt = NULL;
	int64_t n;

	assert_int_equal(sqlite3_prepare_v2(st->db, sql, -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	n = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return n;
}

static void migrates_step_by_step(void **state)
{
	struct store st;

	(void)state;
	bare_open(&st);
	assert_int_equal(schema_migrate(&st, two_steps, 1, &error), 0);
	assert_int_equal(number(&st, "PRAGMA user_version"), 1);
	assert_int_equal(number(&st, "SELECT x FROM a"), 41);
	assert_int_equal(schema_migrate(&st, two_steps, 2, &error), 0);
	assert_int_equal(number(&st, "PRAGMA user_version"), 2);
	assert_int_equal(number(&st, "SELECT x FROM a"), 42);
	assert_int_equal(schema_migrate(&st, two_steps, 2, &error), 0); /* nothing to do */
	assert_int_equal(number(&st, "SELECT x FROM a"), 42);
	sqlite3_close(st.db);
}

static void failed_step_leaves_the_version_before(void **state)
{
	const char *const bad[] = { two_steps[0], "UPDATE a SET x = 0; SELECT nonsense FROM a" };
	struct store st;

	(void)state;
	bare_open(&st);
	assert_int_equal(schema_migrate(&st, bad, 2, &error), -1);
	assert_says("to version 2");
	assert_int_equal(number(&st, "PRAGMA user_version"), 1);
	assert_int_equal(number(&st, "SELECT x FROM a"), 41);
	sqlite3_close(st.db);
}

static char *schema_text(void)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;
	char *text;

	assert_int_equal(sqlite3_open(fixture_db, &db), SQLITE_OK);
	sqlite3_prepare_v2(db,
			   "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema "
			   "ORDER BY name)",
			   -1, &stmt, NULL);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	text = xstrdup((const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return text;
}

/* Makes the database anew as a home of that version has it. */
static void load_version(int version)
{
	const char *srcdir = getenv("srcdir");
	cleanup_free char *file =
		xasprintf("%s/tests/unit/store-v%d.sql", srcdir ? srcdir : ".", version);
	cleanup_free char *sql = fs_read(file, 1 << 20, NULL, &error);

	if (!sql)
		fail_msg("%s", error.text);
	unlink(fixture_db);
	exec_raw(fixture_db, sql);
}

/* One small database of every version that was ever shipped, as text. When the schema
 * changes: a new step, a new file here, and the old files stay as they are. */
static void migrates_every_shipped_version(void **state)
{
	static const int next_key[] = { 0, 4, 12 };
	cleanup_free char *fresh = NULL;

	(void)state;
	store_close(open_db());
	fresh = schema_text();
	assert_int_equal(ARRAY_LEN(next_key), STORE_SCHEMA + 1);
	for (int version = 1; version <= STORE_SCHEMA; version++) {
		cleanup_free char *now = NULL;
		struct job *job;
		struct store *st;

		load_version(version);
		st = open_db();
		job = store_job(st, 2, &error);
		assert_non_null(job);
		assert_string_equal(job->name, "second");
		assert_int_equal(job->status, JOB_RUNNING);
		assert_int_equal(store_next_key(st), next_key[version]);
		job_free(job);
		store_close(st);
		now = schema_text();
		assert_string_equal(now, fresh);
	}
}

/* What only stood in documents. */
static void version_1_gives_up_what_it_knew(void **state)
{
	struct environment *e;
	struct job *job;

	load_version(1);
	exec_raw(fixture_db,
		 "UPDATE environment SET desired_vcpus = 3, doc = '{\"computeResources\":{"
		 "\"instanceTypes\":[\"c6i.large\",\"m5\"],\"bidPercentage\":60,"
		 "\"allocationStrategy\":\"SPOT_PRICE_CAPACITY_OPTIMIZED\"}}';"
		 "INSERT INTO environment VALUES('plain',0,0,0,4,NULL,0,1,4,1,'no JSON');"
		 "UPDATE job_doc SET doc = '{\"platformCapabilities\":[\"FARGATE\"]}'"
		 " WHERE job = 3");
	*state = open_db();
	e = store_environment(*state, "local", &error);
	assert_int_equal(e->instance_type_count, 2);
	assert_string_equal(e->instance_types[0], "c6i.large");
	assert_string_equal(e->instance_types[1], "m5");
	assert_int_equal(e->bid_percent, 60);
	assert_int_equal(e->strategy, STRATEGY_SPOT_PRICE_CAPACITY_OPTIMIZED);
	assert_int_equal(e->desired_vcpus, 0);
	environment_free(e);
	e = store_environment(*state, "plain", &error);
	assert_int_equal(e->instance_type_count, 0);
	environment_free(e);
	job = store_job(*state, 3, &error);
	assert_int_equal(job->platform, PLATFORM_FARGATE);
	assert_int_equal(job->kind, JOB_KIND_PLAIN);
	job_free(job);
	job = store_job(*state, 2, &error);
	assert_int_equal(job->platform, PLATFORM_EC2);
	job_free(job);
}

/* --- disks and neighbours ----------------------------------------------------------------- */

/* Files' modes do not bind root: be somebody else meanwhile. */
static int make_as_nobody(void **state)
{
	if (fixture_make(state))
		return -1;
	return geteuid() == 0 && (chown(fixture_dir, 65534, 65534) || seteuid(65534));
}

static int remove_as_oneself(void **state)
{
	return seteuid(getuid()) || fixture_remove(state);
}

static void read_only_file_is_told(void **state)
{
	(void)state;
	store_close(open_db());
	assert_int_equal(chmod(fixture_db, 0400), 0);
	refuses(ERR_SYSTEM, "cannot be written (Permission denied)");
}

static void read_only_directory_is_told(void **state)
{
	(void)state;
	assert_int_equal(chmod(fixture_dir, 0500), 0);
	refuses(ERR_SYSTEM, "cannot make the database");
	assert_int_equal(chmod(fixture_dir, 0700), 0);
	store_close(open_db());
	assert_int_equal(chmod(fixture_dir, 0500), 0);
	refuses(ERR_SYSTEM, "cannot be written (Permission denied); the file and its directory");
	assert_int_equal(chmod(fixture_dir, 0700), 0);
}

static int write_much(struct store *st)
{
	cleanup_free char *text = xcalloc(1, 100001);

	memset(text, 'x', 100000);
	for (int i = 0; i < 100; i++) {
		char name[32];

		snprintf(name, sizeof name, "much-%d", i);
		if (store_put_value(st, name, text, &error))
			return -1;
	}
	return 0;
}

static void assert_whole_turns_only(struct store *st)
{
	cleanup_free char *kept = store_value(st, "kept");

	assert_string_equal(kept, "1");
	assert_null(store_value(st, "much-0"));
}

static void put_kept(struct store *st)
{
	begin(st);
	assert_int_equal(store_put_value(st, "kept", "1", &error), 0);
	commit(st);
}

static void full_database_is_told_and_undone(void **state)
{
	struct store *st = *state;
	int64_t pages = 0;

	put_kept(st);
	assert_int_equal(schema_pragma(st, "max_page_count = 40", &pages, &error), 0);
	begin(st);
	assert_int_equal(write_much(st), -1);
	assert_int_equal(error.kind, ERR_SYSTEM);
	assert_says("no room is left");
	/* the failure sticks until the transaction is given up */
	memset(&error, 0, sizeof error);
	assert_int_equal(store_put_value(st, "a", "1", &error), -1);
	assert_says("no room is left");
	assert_int_equal(store_commit(st, &error), -1);
	assert_says("no room is left");
	assert_false(store_in_transaction(st));
	assert_whole_turns_only(st);
	assert_int_equal(schema_pragma(st, "max_page_count = 100000", &pages, &error), 0);
	begin(st);
	assert_int_equal(write_much(st), 0);
	commit(st);
}

static void file_size_limit_is_told_and_undone(void **state)
{
	struct rlimit old, small;
	void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
	struct store *st = *state;
	int rc;

	put_kept(st);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = (struct rlimit){ 1 << 20, old.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	begin(st);
	rc = write_much(st) || store_commit(st, &error) ? -1 : 0;
	if (store_in_transaction(st))
		store_rollback(st);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	signal(SIGXFSZ, handler);
	assert_int_equal(rc, -1);
	assert_int_equal(error.kind, ERR_SYSTEM);
	assert_says("ulimit -f");
	assert_says(fixture_db);
	assert_whole_turns_only(st);
	store_close(st);
	*state = open_db();
	assert_whole_turns_only(*state);
}

static void another_writer_is_told(void **state)
{
	struct store *st = *state;
	sqlite3 *other = NULL;

	sqlite3_busy_timeout(st->db, 10);
	assert_int_equal(sqlite3_open(fixture_db, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(store_begin(st, &error), -1);
	assert_int_equal(error.kind, ERR_UNAVAILABLE);
	assert_says("another program is writing");
	assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(other);
	begin(st);
	commit(st);
}

static void readers_are_not_shut_out(void **state)
{
	struct store *st = *state;

	begin(st);
	assert_int_equal(store_put_value(st, "a", "1", &error), 0);
	exec_raw(fixture_db, "SELECT count(*) FROM job");
	commit(st);
}

/* --- transactions ------------------------------------------------------------------------- */

static void rollback_forgets(void **state)
{
	struct store *st = *state;

	assert_false(store_in_transaction(st));
	begin(st);
	assert_true(store_in_transaction(st));
	assert_int_equal(store_put_value(st, "a", "1", &error), 0);
	store_rollback(st);
	assert_false(store_in_transaction(st));
	assert_null(store_value(st, "a"));
}

static void close_rolls_back(void **state)
{
	struct store *st = open_db();

	begin(st);
	assert_int_equal(store_put_value(st, "a", "1", &error), 0);
	store_close(st);
	*state = open_db();
	assert_null(store_value(*state, "a"));
}

static void refuses_facts_outside_a_transaction(void **state)
{
	struct fact f = { .kind = FACT_POOL, .at = 1 };

	assert_int_equal(store_record(*state, &f, NULL, &error), -1);
	assert_int_equal(error.kind, ERR_CONFLICT);
	assert_int_equal(store_put_value(*state, "a", "1", &error), -1);
	assert_int_equal(store_commit(*state, &error), -1);
	assert_int_equal(error.kind, ERR_CONFLICT);
}

static void failed_record_spoils_the_commit(void **state)
{
	struct store *st = *state;
	struct fact nobody = { .kind = FACT_STARTED, .at = 5, .job = 99, .attempt = 1 };
	struct fact_effect e = { .changed = true, .from = JOB_STARTING, .to = JOB_RUNNING };
	int64_t count[JOB_COUNT];

	begin(st);
	submit_simple(st, 1, "a", "q", 1000);
	assert_int_equal(store_record(st, &nobody, &e, &error), -1);
	assert_int_equal(error.kind, ERR_CORRUPT);
	assert_says("no attempt 1 of job 99");
	assert_int_equal(store_commit(st, &error), -1);
	assert_says("no attempt 1 of job 99");
	assert_int_equal(store_counts(st, "q", count, &error), 0);
	assert_int_equal(count[JOB_SUBMITTED], 0);
	assert_int_equal(store_next_key(st), 1);
	begin(st);
	submit_simple(st, 1, "a", "q", 1000);
	commit(st);
}

#define with_dir(f)   cmocka_unit_test_setup_teardown(f, fixture_make, fixture_remove)
#define as_nobody(f)  cmocka_unit_test_setup_teardown(f, make_as_nobody, remove_as_oneself)
#define with_store(f) cmocka_unit_test_setup_teardown(f, fixture_open, fixture_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_dir(new_file_is_private),
		with_store(is_set_up),
		with_dir(keeps_values_over_reopening),
		cmocka_unit_test(close_accepts_null),
		with_dir(empty_file_becomes_a_store),
		with_dir(survives_being_killed),
		with_dir(refuses_a_newer_schema),
		with_dir(refuses_what_is_no_database),
		with_dir(refuses_the_database_of_another_program),
		with_dir(refuses_a_directory),
		with_dir(refuses_a_place_that_is_not_there),
		with_dir(refuses_a_damaged_file),
		with_dir(refuses_a_truncated_file),
		with_dir(large_file_is_checked_after_a_power_cut_only),
		with_dir(migrates_step_by_step),
		with_dir(failed_step_leaves_the_version_before),
		with_dir(migrates_every_shipped_version),
		with_dir(version_1_gives_up_what_it_knew),
		as_nobody(read_only_file_is_told),
		as_nobody(read_only_directory_is_told),
		with_store(full_database_is_told_and_undone),
		with_store(file_size_limit_is_told_and_undone),
		with_store(another_writer_is_told),
		with_store(readers_are_not_shut_out),
		with_store(rollback_forgets),
		with_dir(close_rolls_back),
		with_store(refuses_facts_outside_a_transaction),
		with_store(failed_record_spoils_the_commit),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
