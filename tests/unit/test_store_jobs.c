#include "config.h"
#include "store_fixture.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/mem.h"
#include "../../src/store/internal.h"

/* Lists and counts of jobs, checked against a plain array of what was put in; and that none
 * of the questions reads the whole table. */

enum { JOBS = 300 };

static const struct {
	const char *name, *definition, *queue;
} kinds[] = {
	{ "alpha", "hello:1", "q" },   { "Alpha", "hello:2", "q" },
	{ "a_b", "hello2:1", "q" },    { "axb", "HELLO:1", "q" },
	{ "beta-1", "hello:10", "q" }, { "beta-2", "other:1", "second" },
	{ "zeta", "hello:1", "q" },
};

static enum job_status status_of(int64_t key)
{
	return (enum job_status)(key * 7 / 3 % JOB_COUNT);
}

static jd_time created_of(int64_t key)
{
	return 1000 + key / 3 * 10; /* three at a time */
}

static void fill(struct store *st)
{
	begin(st);
	for (int64_t key = 1; key <= JOBS; key++) {
		size_t kind = (size_t)key % ARRAY_LEN(kinds);
		struct job *job = job_new(key, kinds[kind].name, kinds[kind].queue);

		str_replace(&job->definition, kinds[kind].definition);
		job->created = created_of(key);
		submit(st, job);
		if (status_of(key) != JOB_SUBMITTED)
			move(st, key, FACT_RUNNABLE, JOB_SUBMITTED, status_of(key), job->created);
		job_free(job);
	}
	commit(st);
	exec_raw(fixture_db, "DELETE FROM job WHERE key IN (30, 31, 32, 33, 300)"); /* gaps */
}

static bool was_deleted(int64_t key)
{
	return (key >= 30 && key <= 33) || key == 300;
}

/* --- the plain answer --------------------------------------------------------------------- */

static bool text_matches(const char *pattern, const char *text, bool no_case)
{
	size_t n = strlen(pattern);

	if (n && pattern[n - 1] == '*')
		return (no_case ? strncasecmp : strncmp)(pattern, text, n - 1) == 0;
	return (no_case ? strcasecmp : strcmp)(pattern, text) == 0;
}

static bool definition_matches(const char *want, const char *definition)
{
	size_t n = strlen(want);

	if (!strpbrk(want, ":*"))
		return strncmp(want, definition, n) == 0 && definition[n] == ':';
	return text_matches(want, definition, false);
}

static bool wanted(const struct job_query *q, int64_t key)
{
	size_t kind = (size_t)key % ARRAY_LEN(kinds);

	return !was_deleted(key) && strcmp(q->queue, kinds[kind].queue) == 0 &&
	       (q->status < 0 || q->status == (int)status_of(key)) &&
	       (!q->name || text_matches(q->name, kinds[kind].name, true)) &&
	       (!q->definition || definition_matches(q->definition, kinds[kind].definition)) &&
	       (!q->created_before || created_of(key) < q->created_before) &&
	       (!q->created_after || created_of(key) > q->created_after);
}

struct keys {
	int64_t key[JOBS + 1];
	int n;
};

static struct keys expected(const struct job_query *q)
{
	struct keys k = { .n = 0 };

	for (int64_t i = 1; i <= JOBS; i++) {
		int64_t key = q->newest_first ? JOBS + 1 - i : i;

		if (wanted(q, key))
			k.key[k.n++] = key;
	}
	return k;
}

static int add_key(void *arg, const struct job *job)
{
	struct keys *k = arg;

	assert_true(k->n < JOBS);
	assert_int_equal(job->status, status_of(job->key));
	k->key[k->n++] = job->key;
	return 0;
}

static int add_key_only(void *arg, const struct job *job)
{
	struct keys *k = arg;

	k->key[k->n++] = job->key;
	return 0;
}

/* Reads the whole list in pages of `limit` and compares. */
static void check(struct store *st, struct job_query q, int limit)
{
	struct keys want = expected(&q), got = { .n = 0 };

	q.limit = limit;
	for (int before = -1; before != got.n;) {
		before = got.n;
		if (store_jobs(st, &q, add_key, &got, &error))
			fail_msg("%s", error.text);
		assert_true(got.n <= before + limit);
		if (got.n)
			q.after = got.key[got.n - 1];
	}
	assert_int_equal(got.n, want.n);
	assert_memory_equal(got.key, want.key, (size_t)want.n * sizeof *want.key);
}

static void check_all_ways(struct store *st, struct job_query q)
{
	for (int status = -1; status < JOB_COUNT; status++) {
		q.status = status;
		for (int newest = 0; newest < 2; newest++) {
			q.newest_first = newest;
			check(st, q, 1000);
			check(st, q, 7);
			check(st, q, 1);
		}
	}
}

static void lists_by_queue_and_status(void **state)
{
	fill(*state);
	check_all_ways(*state, (struct job_query){ .queue = "q" });
	check_all_ways(*state, (struct job_query){ .queue = "second" });
	check_all_ways(*state, (struct job_query){ .queue = "none" });
}

static void lists_by_name(void **state)
{
	static const char *const names[] = { "alpha", "ALPHA",	"a*",	"A*", "*",  "a_b", "a_*",
					     "none",  "beta-*", "zeta", "",   "al", "a%" };

	fill(*state);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		check_all_ways(*state, (struct job_query){ .queue = "q", .name = names[i] });
}

static void lists_by_definition(void **state)
{
	static const char *const definitions[] = {
		"hello", "hello:1", "hello:*", "hello*", "h*",
		"HELLO", "other",   "hell",    "*",	 "hello:"
	};

	fill(*state);
	for (size_t i = 0; i < ARRAY_LEN(definitions); i++)
		check_all_ways(*state,
			       (struct job_query){ .queue = "q", .definition = definitions[i] });
}

static void lists_by_creation(void **state)
{
	static const jd_time times[] = { 0,    1,    999,  1000, 1001, 1095, 1100, 1101,
					 1110, 1115, 1500, 1990, 2000, 2001, 9999 };

	fill(*state);
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		for (size_t k = 0; k < ARRAY_LEN(times); k += 2) {
			struct job_query q = { .queue = "q",
					       .status = -1,
					       .created_after = times[i],
					       .created_before = times[k] };

			check(*state, q, 13);
			q.newest_first = true;
			check(*state, q, 13);
		}
	}
}

static void lists_by_everything(void **state)
{
	fill(*state);
	check_all_ways(*state, (struct job_query){ .queue = "q",
						   .name = "a*",
						   .definition = "hello",
						   .created_after = 1200,
						   .created_before = 1800 });
}

/* Above a number, what has the name is not gathered but met on the way. */
static void common_names_are_walked(void **state)
{
	struct store *st = *state;
	struct job_query q = { .queue = "q",
			       .status = JOB_SUBMITTED,
			       .name = "common",
			       .newest_first = true,
			       .limit = 2 };
	struct keys got = { .n = 0 };

	fill(st);
	exec_raw(fixture_db,
		 "WITH RECURSIVE n(i) AS (SELECT 1001 UNION ALL SELECT i + 1 FROM n LIMIT 25000)"
		 " INSERT INTO job (key, id, name, queue, definition, vcpu_milli, memory_mib, gpus,"
		 " attempts, status, flags, created, attempt, ord)"
		 " SELECT i, 'x' || i, iif(i = 26000, 'last', 'Common'), 'q', 'd:1', 1, 1, 0, 1, "
		 "0, 0,"
		 " 9000 + i, 0, i FROM n");
	exec_raw(fixture_db, "DELETE FROM job WHERE key = 26000");
	for (int page = 0; page < 2; page++) {
		q.after = got.n ? got.key[got.n - 1] : 0;
		assert_int_equal(store_jobs(st, &q, add_key_only, &got, &error), 0);
	}
	assert_int_equal(got.n, 4);
	for (int i = 0; i < 4; i++)
		assert_int_equal(got.key[i], 25999 - i);
}

/* --- prefixes and names ------------------------------------------------------------------- */

static void finds_by_prefix_of_the_id(void **state)
{
	struct job *job = job_new(1, "a", "q"), *other = job_new(2, "a", "q");
	int64_t keys[10];
	char prefix[UUID_SIZE];

	strcpy(job->id, "01930000-aaaa-7000-8000-000000000001");
	strcpy(other->id, "01930000-aaab-7000-8000-000000000002");
	begin(*state);
	submit(*state, job);
	submit(*state, other);
	commit(*state);
	assert_int_equal(store_job_prefix(*state, "0193", keys, 10), 2);
	assert_int_equal(keys[0], 2); /* newest first */
	assert_int_equal(keys[1], 1);
	assert_int_equal(store_job_prefix(*state, "0193", keys, 1), 1);
	assert_int_equal(keys[0], 2);
	assert_int_equal(store_job_prefix(*state, "01930000-aaaa", keys, 10), 1);
	assert_int_equal(keys[0], 1);
	strcpy(prefix, job->id);
	assert_int_equal(store_job_prefix(*state, prefix, keys, 10), 1);
	assert_int_equal(store_job_prefix(*state, "01930000-b", keys, 10), 0);
	assert_int_equal(store_job_prefix(*state, "", keys, 10), 2);
	assert_int_equal(store_job_prefix(*state, "%", keys, 10), 0);
	job_free(job);
	job_free(other);
}

static void finds_by_name(void **state)
{
	int64_t keys[10];

	begin(*state);
	submit_simple(*state, 1, "train", "q", 1);
	submit_simple(*state, 2, "Train", "q", 2);
	submit_simple(*state, 3, "train", "other", 3);
	commit(*state);
	assert_int_equal(store_job_named(*state, "train", keys, 10), 2);
	assert_int_equal(keys[0], 3);
	assert_int_equal(keys[1], 1);
	assert_int_equal(store_job_named(*state, "TRAIN", keys, 10), 0);
	assert_int_equal(store_job_named(*state, "trai", keys, 10), 0);
}

/* --- counts ------------------------------------------------------------------------------- */

static void assert_counts(struct store *st, const char *queue, int submitted, int runnable,
			  int failed)
{
	int64_t count[JOB_COUNT];

	assert_int_equal(store_counts(st, queue, count, &error), 0);
	assert_int_equal(count[JOB_SUBMITTED], submitted);
	assert_int_equal(count[JOB_RUNNABLE], runnable);
	assert_int_equal(count[JOB_FAILED], failed);
	assert_int_equal(count[JOB_RUNNING], 0);
}

static void counts_follow_commits_and_rollbacks(void **state)
{
	struct store *st = *state;

	assert_counts(st, "q", 0, 0, 0);
	begin(st);
	submit_simple(st, 1, "a", "q", 1);
	submit_simple(st, 2, "a", "q", 1);
	submit_simple(st, 3, "a", "other", 1);
	assert_counts(st, "q", 2, 0, 0); /* one's own writes are seen */
	commit(st);
	begin(st);
	move(st, 1, FACT_RUNNABLE, JOB_SUBMITTED, JOB_RUNNABLE, 2);
	move(st, 2, FACT_CANCELLED, JOB_SUBMITTED, JOB_FAILED, 2);
	assert_counts(st, "q", 0, 1, 1);
	store_rollback(st);
	assert_counts(st, "q", 2, 0, 0);
	begin(st);
	move(st, 1, FACT_RUNNABLE, JOB_SUBMITTED, JOB_RUNNABLE, 2);
	commit(st);
	assert_counts(st, "q", 1, 1, 0);
	assert_counts(st, "other", 1, 0, 0);
	store_close(st);
	*state = st = open_db();
	assert_counts(st, "q", 1, 1, 0);
	assert_counts(st, "other", 1, 0, 0);
}

static void counts_agree_with_lists(void **state)
{
	int64_t count[JOB_COUNT];

	fill(*state);
	store_close(*state); /* rows were deleted behind its back */
	*state = open_db();
	assert_int_equal(store_counts(*state, "q", count, &error), 0);
	for (int status = 0; status < JOB_COUNT; status++) {
		struct keys k = expected(&(struct job_query){ .queue = "q", .status = status });

		assert_int_equal(count[status], k.n);
	}
}

/* --- how it is done ----------------------------------------------------------------------- */

struct asked {
	struct store *st;
	int calls;
};

static int ask_again(void *arg, const struct job *job)
{
	struct asked *a = arg;
	struct job_query q = { .queue = "q", .status = -1, .limit = 3 };
	struct keys k = { .n = 0 };

	(void)job;
	a->calls++;
	return store_jobs(a->st, &q, add_key, &k, &error) || k.n != 3;
}

static void callback_may_ask_the_same(void **state)
{
	struct job_query q = { .queue = "q", .status = -1, .limit = 5 };
	struct asked a = { .st = *state };

	fill(*state);
	assert_int_equal(store_jobs(*state, &q, ask_again, &a, &error), 0);
	assert_int_equal(a.calls, 5);
}

/* What SQLite means to do for a statement, as one text. */
static void plan_of(struct store *st, const char *sql, char *out, size_t size)
{
	cleanup_free char *explain = xasprintf("EXPLAIN QUERY PLAN %s", sql);
	sqlite3_stmt *stmt = NULL;
	size_t n = 0;

	if (sqlite3_prepare_v2(st->db, explain, -1, &stmt, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(st->db));
	out[0] = '\0';
	while (sqlite3_step(stmt) == SQLITE_ROW && n < size)
		n += (size_t)snprintf(out + n, size - n, "%s; ",
				      (const char *)sqlite3_column_text(stmt, 3));
	sqlite3_finalize(stmt);
}

/* A million jobs: no statement may read a table of jobs from end to end or sort all of it.
 * Those that answer about everything alive, and those by a rare name, may sort. */
static void no_statement_reads_everything(void **state)
{
	static const struct {
		enum sql id;
		const char *name, *text;
	} all[] = {
#define X(name, text) { SQL_##name, #name, text },
		SQL_TABLE(X)
#undef X
	};

	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		bool may_sort = strstr(all[i].name, "LIST_NAME") ||
				strstr(all[i].name, "LIST_DEFINITION") ||
				strstr(all[i].name, "LIST_SHARE") ||
				strcmp(all[i].name, "LIVE_CHILDREN") == 0 ||
				strcmp(all[i].name, "INSTANCES") == 0;
		char plan[4000];

		if (all[i].id < SQL_PUT_ENVIRONMENT)
			continue;
		plan_of(*state, all[i].text, plan, sizeof plan);
		if (strstr(plan, "SCAN job") ||
		    (strstr(plan, "SCAN attempt") && !strstr(plan, "USING INDEX attempt_live")) ||
		    (strstr(plan, "SCAN journal") && all[i].id != SQL_JOURNAL_ALL &&
		     all[i].id != SQL_JOURNAL_BACK && all[i].id != SQL_LAST_AT))
			fail_msg("%s: %s", all[i].name, plan);
		if (strstr(plan, "TEMP B-TREE") && !may_sort)
			fail_msg("%s: %s", all[i].name, plan);
	}
}

#define with_store(f) cmocka_unit_test_setup_teardown(f, fixture_open, fixture_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_store(lists_by_queue_and_status),
		with_store(lists_by_name),
		with_store(lists_by_definition),
		with_store(lists_by_creation),
		with_store(lists_by_everything),
		with_store(common_names_are_walked),
		with_store(finds_by_prefix_of_the_id),
		with_store(finds_by_name),
		with_store(counts_follow_commits_and_rollbacks),
		with_store(counts_agree_with_lists),
		with_store(callback_may_ask_the_same),
		with_store(no_statement_reads_everything),
	};

	return cmocka_run_group_tests_name("store jobs", tests, NULL, NULL);
}
