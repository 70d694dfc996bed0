#include "config.h"
#include "store_fixture.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "jobdeck/base/mem.h"
#include "jobdeck/model/reason.h"
#include "../../src/store/internal.h"

/* Arrays and multi-node jobs: their children and nodes have a row only from the first fact on
 * that changes them alone, and until then are what their parent says. */

static struct job *array_new(int64_t key, int size)
{
	struct job *job = job_new(key, "many", "q");

	job->kind = JOB_KIND_ARRAY;
	job->size = size;
	job->share = xstrdup("a");
	job->priority = 3;
	job->timeout_s = 90;
	job->retry.attempts = 2;
	job->retry.rule_count = 1;
	job->retry.rule[0].on_reason = xstrdup("*");
	job->consume_count = 1;
	job->consume[0] = (struct consume){ xstrdup("once"), 2 };
	job->depends_count = 1;
	job->depends = xcalloc(1, sizeof *job->depends);
	job->depends[0].job = 1;
	job->doc = xstrdup("{\"of\":\"all\"}");
	return job;
}

/* An array of three with key 10, that has begun. */
static void fill_array(struct store *st)
{
	struct job *job = array_new(10, 3);

	begin(st);
	submit(st, job);
	move(st, 10, FACT_PENDING, JOB_SUBMITTED, JOB_PENDING, job->created);
	commit(st);
	job_free(job);
}

static void bear(struct store *st, struct fact f, struct fact_effect e)
{
	e.changed = e.born = true;
	e.order = f.job;
	record(st, f, e);
}

static void bear_placed(struct store *st, int64_t key, jd_time at)
{
	struct fact f = { .kind = FACT_PLACED, .at = at, .job = key, .attempt = 1 };

	f.placed.env = "ce";
	f.placed.slot = (int)key;
	bear(st, f, (struct fact_effect){ .from = JOB_RUNNABLE, .to = JOB_STARTING });
}

static void bear_failed(struct store *st, int64_t key, jd_time at)
{
	struct fact f = { .kind = FACT_CANCELLED, .at = at, .job = key, .reason = "not this one" };

	bear(st, f,
	     (struct fact_effect){ .from = JOB_RUNNABLE,
				   .to = JOB_FAILED,
				   .cancelled = true,
				   .status_reason = f.reason });
}

static struct job *get(struct store *st, int64_t key)
{
	struct job *job = store_job(st, key, &error);

	if (!job)
		fail_msg("job %d: %s", (int)key, error.text);
	return job;
}

static void keys_are_kept_free(void **state)
{
	struct store *st = *state;

	fill_array(st);
	assert_int_equal(store_next_key(st), 14);
	begin(st);
	submit_simple(st, 14, "next", "q", 2000);
	bear_placed(st, 12, 2001);
	commit(st);
	assert_int_equal(store_next_key(st), 15);
	store_close(st);
	*state = st = open_db();
	assert_int_equal(store_next_key(st), 15);
}

/* What all children have of their parent. */
static void assert_inherited(const struct job *child, const struct job *parent, int index)
{
	char id[JOB_ID_SIZE];

	snprintf(id, sizeof id, "%.36s:%d", parent->id, index);
	assert_string_equal(child->id, id);
	assert_int_equal(child->kind, JOB_KIND_CHILD);
	assert_int_equal(child->parent, parent->key);
	assert_int_equal(job_index(child), index);
	assert_int_equal(child->size, 0);
	assert_string_equal(child->name, parent->name);
	assert_string_equal(child->queue, parent->queue);
	assert_string_equal(child->definition, parent->definition);
	assert_int_equal(child->need.vcpu_milli, parent->need.vcpu_milli);
	assert_string_equal(child->share, "a");
	assert_int_equal(child->priority, 3);
	assert_int_equal(child->timeout_s, 90);
	assert_int_equal(child->retry.attempts, 2);
	assert_string_equal(child->retry.rule[0].on_reason, "*");
	assert_int_equal(child->consume_count, 1);
	assert_int_equal(child->consume[0].quantity, 2);
	assert_int_equal(child->depends_count, 0);
	assert_string_equal(child->doc, "{\"of\":\"all\"}");
}

static void child_before_and_after_its_birth(void **state)
{
	struct store *st = *state;
	struct job *parent, *child;

	fill_array(st);
	parent = get(st, 10);
	child = get(st, 12);
	assert_inherited(child, parent, 1);
	assert_int_equal(child->status, JOB_PENDING);
	assert_int_equal(child->created, parent->created);
	job_free(child);
	begin(st);
	bear_placed(st, 12, 2001);
	commit(st);
	child = get(st, 12);
	assert_inherited(child, parent, 1);
	assert_int_equal(child->status, JOB_STARTING);
	assert_int_equal(child->attempt, 1);
	assert_int_equal(child->order, 12);
	assert_int_equal(child->created, 2001); /* ARR-3 */
	job_free(child);
	begin(st);
	start(st, 12, 1, 2002);
	end(st, 12, 1, 0, JOB_SUCCEEDED, 2003);
	bear_failed(st, 13, 2004);
	commit(st);
	child = get(st, 12);
	assert_int_equal(child->status, JOB_SUCCEEDED);
	assert_int_equal(child->started, 2002);
	assert_int_equal(child->stopped, 2003);
	job_free(child);
	child = get(st, 13);
	assert_inherited(child, parent, 2);
	assert_int_equal(child->status, JOB_FAILED);
	assert_string_equal(child->status_reason, "not this one");
	assert_true(child->cancelled);
	assert_int_equal(child->attempt, 0);
	assert_int_equal(child->stopped, 2004);
	job_free(child);
	job_free(parent);
}

/* Those that never came to be have failed with their parent. */
static void unmade_children_end_with_their_parent(void **state)
{
	struct store *st = *state;
	struct job *child;

	fill_array(st);
	begin(st);
	move(st, 10, FACT_TERMINATED, JOB_PENDING, JOB_FAILED, 2000);
	commit(st);
	child = get(st, 11);
	assert_int_equal(child->status, JOB_FAILED);
	assert_string_equal(child->status_reason, "somebody's reason");
	assert_true(child->terminated);
	assert_int_equal(child->stopped, 2000);
	assert_int_equal(child->started, 0);
	job_free(child);
}

static void no_such_child(void **state)
{
	struct store *st = *state;

	fill_array(st);
	begin(st);
	submit_simple(st, 20, "later", "q", 2000);
	bear_placed(st, 11, 2001);
	commit(st);
	for (int64_t key = 14; key <= 21; key += key == 14 ? 5 : 2) { /* 14, 19, 21 */
		error.kind = ERR_SYSTEM;
		assert_null(store_job(st, key, &error));
		assert_int_equal(error.kind, ERR_NONE);
	}
}

static void ids_of_children(void **state)
{
	static const struct {
		const char *suffix;
		int64_t key;
	} cases[] = { { ":0", 11 },  { ":2", 13 }, { ":3", 0 },		  { "#0", 0 },
		      { ":", 0 },    { ":01", 0 }, { ":-1", 0 },	  { ":1x", 0 },
		      { ":1:1", 0 }, { ": 1", 0 }, { ":99999999999", 0 }, { "", 10 } };
	struct store *st = *state;
	struct job *parent;

	fill_array(st);
	parent = get(st, 10);
	for (int made = 0; made < 2; made++) {
		for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
			cleanup_free char *id = xasprintf("%s%s", parent->id, cases[i].suffix);

			assert_int_equal(store_job_key(st, id, &error), cases[i].key);
		}
		begin(st);
		bear_placed(st, 11 + made, 2001);
		commit(st);
	}
	job_free(parent);
}

static void prefixes_find_no_children(void **state)
{
	struct store *st = *state;
	struct job *parent;
	int64_t keys[4];
	char prefix[JOB_ID_SIZE];

	begin(st);
	submit_simple(st, 9, "before", "q", 1000);
	commit(st);
	fill_array(st);
	begin(st);
	submit_simple(st, 14, "many", "q", 2000);
	for (int64_t key = 11; key <= 13; key++)
		bear_placed(st, key, 2001);
	commit(st);
	parent = get(st, 10);
	snprintf(prefix, sizeof prefix, "%.9s", parent->id); /* all are of about the same time */
	assert_int_equal(store_job_prefix(st, prefix, keys, 4), 3);
	assert_true(keys[0] == 14 && keys[1] == 10 && keys[2] == 9);
	assert_int_equal(store_job_prefix(st, prefix, keys, 2), 2);
	assert_int_equal(store_job_prefix(st, parent->id, keys, 4), 1);
	assert_int_equal(keys[0], 10);
	snprintf(prefix, sizeof prefix, "%.36s:", parent->id);
	assert_int_equal(store_job_prefix(st, prefix, keys, 4), 0);
	assert_int_equal(store_job_named(st, "many", keys, 4), 2);
	assert_true(keys[0] == 14 && keys[1] == 10);
	job_free(parent);
}

static int add_key(void *arg, const struct job *job)
{
	size_t n = strlen(arg);

	snprintf((char *)arg + n, 100 - n, "%d ", (int)job->key);
	return 0;
}

static void assert_children(struct store *st, int status, int64_t after, int limit,
			    const char *expected)
{
	char keys[100] = "";

	assert_int_equal(store_children(st, 10, status, after, limit, add_key, keys, &error), 0);
	assert_string_equal(keys, expected);
}

static void assert_jobs(struct store *st, struct job_query q, const char *expected)
{
	char keys[100] = "";

	q.queue = "q";
	q.limit = 10;
	assert_int_equal(store_jobs(st, &q, add_key, keys, &error), 0);
	assert_string_equal(keys, expected);
}

static void children_are_listed_by_their_parent_only(void **state)
{
	struct store *st = *state;
	int64_t count[JOB_COUNT];

	fill_array(st);
	begin(st);
	submit_simple(st, 14, "many", "q", 2000);
	bear_placed(st, 13, 2001);
	bear_placed(st, 11, 2002);
	start(st, 11, 1, 2003);
	bear_failed(st, 12, 2004);
	commit(st);
	assert_children(st, -1, 0, 10, "11 12 13 ");
	assert_children(st, -1, 11, 1, "12 ");
	assert_children(st, JOB_RUNNING, 0, 10, "11 ");
	assert_children(st, JOB_FAILED, 0, 10, "12 ");
	assert_children(st, JOB_FAILED, 12, 10, "");
	assert_children(st, JOB_SUCCEEDED, 0, 10, "");
	assert_jobs(st, (struct job_query){ .status = -1 }, "10 14 ");
	assert_jobs(st, (struct job_query){ .status = -1, .name = "many" }, "10 14 ");
	assert_jobs(st, (struct job_query){ .status = -1, .definition = "hello" }, "10 14 ");
	assert_jobs(st, (struct job_query){ .status = -1, .share = "a" }, "10 ");
	assert_jobs(st, (struct job_query){ .status = JOB_PENDING, .share = "*" }, "10 ");
	assert_jobs(st, (struct job_query){ .status = JOB_RUNNING, .share = "a" }, "");
	assert_jobs(st, (struct job_query){ .status = JOB_FAILED }, "");
	assert_int_equal(store_counts(st, "q", count, &error), 0);
	assert_int_equal(count[JOB_PENDING], 1);
	assert_int_equal(count[JOB_SUBMITTED], 1);
	assert_int_equal(count[JOB_STARTING] + count[JOB_RUNNING] + count[JOB_FAILED], 0);
	store_close(st);
	*state = st = open_db();
	assert_int_equal(store_counts(st, "q", count, &error), 0);
	assert_int_equal(count[JOB_STARTING] + count[JOB_RUNNING] + count[JOB_FAILED], 0);
}

/* A transaction that was given up takes what was kept in memory with it. */
static void parent_is_forgotten_with_its_transaction(void **state)
{
	struct store *st = *state;
	struct job *other = job_new(10, "other", "q"), *child;

	other->kind = JOB_KIND_ARRAY;
	other->size = 2;
	begin(st);
	submit(st, other);
	bear_placed(st, 11, 2000);
	store_rollback(st);
	fill_array(st);
	begin(st);
	bear_placed(st, 11, 2001);
	commit(st);
	child = get(st, 11);
	assert_string_equal(child->name, "many");
	job_free(child);
	job_free(other);
}

static void birth_without_a_parent_is_damage(void **state)
{
	struct fact f = { .kind = FACT_CANCELLED, .at = 5, .job = 77, .reason = "r" };
	struct fact_effect e = { .changed = true, .born = true, .to = JOB_FAILED };

	begin(*state);
	assert_int_equal(store_record(*state, &f, &e, &error), -1);
	assert_int_equal(error.kind, ERR_CORRUPT);
	store_rollback(*state);
}

/* --- multi-node jobs ---------------------------------------------------------------------- */

static void fill_gang(struct store *st)
{
	struct job *job = job_new(30, "gang", "q");

	job->kind = JOB_KIND_MULTINODE;
	job->size = 4;
	job->main_node = 2;
	job->timeout_s = 60;
	job->consume_count = 1;
	job->consume[0] = (struct consume){ xstrdup("once"), 2 };
	job->node_need_count = 2;
	job->node_need[0] = (struct node_need){ 0, 1, { 500, 64, 0 } };
	job->node_need[1] = (struct node_need){ 2, 3, { 4000, 1024, 1 } };
	job->doc = xstrdup("{}");
	begin(st);
	submit(st, job);
	move(st, 30, FACT_RUNNABLE, JOB_SUBMITTED, JOB_RUNNABLE, job->created);
	commit(st);
	job_free(job);
}

static void nodes_are_as_their_ranges_say(void **state)
{
	struct store *st = *state;

	fill_gang(st);
	for (int i = 0; i < 4; i++) {
		struct job *node = get(st, 31 + i);

		assert_int_equal(node->kind, JOB_KIND_NODE);
		assert_int_equal(node->id[36], '#');
		assert_int_equal(node->need.vcpu_milli, i < 2 ? 500 : 4000);
		assert_int_equal(node->need.gpus, i < 2 ? 0 : 1);
		assert_int_equal(node->timeout_s, i == 2 ? 60 : 0);
		assert_int_equal(node->consume_count, 0);
		assert_int_equal(store_job_key(st, node->id, &error), 31 + i);
		job_free(node);
	}
}

static void assert_waits(struct store *st, int64_t key, bool waits)
{
	size_t n = 0;
	struct attempt *a = store_attempts(st, key, &n, &error);

	assert_int_equal(n, 1);
	assert_int_equal(a->waits, waits);
	attempt_fini(a);
	free(a);
}

static void node_waits_until_it_is_started(void **state)
{
	struct store *st = *state;
	struct fact f = { .kind = FACT_PLACED, .at = 2000, .job = 31, .attempt = 1 };

	fill_gang(st);
	f.placed.env = "ce";
	f.placed.waits = true;
	begin(st);
	bear(st, f, (struct fact_effect){ .from = JOB_RUNNABLE, .to = JOB_STARTING });
	assert_waits(st, 31, true);
	record(st, (struct fact){ .kind = FACT_NODE_START, .at = 2001, .job = 31, .attempt = 1 },
	       (struct fact_effect){ 0 });
	assert_waits(st, 31, false);
	commit(st);
}

static void parent_follows_its_main_node(void **state)
{
	struct store *st = *state;
	struct fact f = { .kind = FACT_ROLLED_UP, .at = 2000, .happened = 1990, .job = 30 };
	struct job *job;
	size_t n;

	fill_gang(st);
	f.rolled_up.to = JOB_RUNNING;
	begin(st);
	record(st, f,
	       (struct fact_effect){ .changed = true,
				     .from = JOB_STARTING,
				     .to = JOB_RUNNING,
				     .attempt = 2,
				     .started = 1985 });
	job = get(st, 30);
	assert_int_equal(job->status, JOB_RUNNING);
	assert_int_equal(job->attempt, 2);
	assert_int_equal(job->started, 1985);
	assert_int_equal(job->stopped, 0);
	job_free(job);
	f.rolled_up.to = JOB_SUCCEEDED;
	f.rolled_up.reason = REASON_EXITED;
	record(st, f,
	       (struct fact_effect){ .changed = true,
				     .from = JOB_RUNNING,
				     .to = JOB_SUCCEEDED,
				     .attempt = 2,
				     .status_reason = REASON_EXITED });
	commit(st);
	job = get(st, 30);
	assert_int_equal(job->status, JOB_SUCCEEDED);
	assert_string_equal(job->status_reason, REASON_EXITED);
	assert_int_equal(job->started, 1985);
	assert_int_equal(job->stopped, 1990);
	job_free(job);
	assert_null(store_attempts(st, 30, &n, &error));
}

/* --- what has become of a dependency ------------------------------------------------------ */

static int settled(struct store *st, int64_t key, enum dependency_type type, char **outcome)
{
	struct dependency d = { .job = key, .type = type };
	int rc;

	memset(&error, 0, sizeof error);
	rc = store_settle(st, &d, &error);
	if (outcome)
		*outcome = d.outcome;
	else
		assert_null(d.outcome);
	return rc;
}

static void dependencies_are_settled(void **state)
{
	struct store *st = *state;
	cleanup_free char *outcome = NULL;

	begin(st);
	submit_simple(st, 1, "a", "q", 1000);
	submit_simple(st, 2, "a", "q", 1000);
	move(st, 2, FACT_RUNNABLE, JOB_SUBMITTED, JOB_SUCCEEDED, 1001);
	submit_simple(st, 3, "a", "q", 1000);
	move(st, 3, FACT_CANCELLED, JOB_SUBMITTED, JOB_FAILED, 1001);
	commit(st);
	fill_array(st);
	assert_int_equal(settled(st, 1, DEPENDENCY_PLAIN, NULL), SETTLED_LIVES);
	assert_int_equal(settled(st, 1, DEPENDENCY_ANY, NULL), SETTLED_LIVES);
	assert_int_equal(settled(st, 2, DEPENDENCY_PLAIN, NULL), SETTLED_MET);
	assert_int_equal(settled(st, 3, DEPENDENCY_PLAIN, NULL), SETTLED_FAILED);
	assert_int_equal(settled(st, 3, DEPENDENCY_ANY, NULL), SETTLED_MET);
	assert_int_equal(settled(st, 3, DEPENDENCY_N_TO_N, NULL), SETTLED_FAILED);
	assert_int_equal(settled(st, 12, DEPENDENCY_PLAIN, NULL), SETTLED_LIVES);
	assert_int_equal(settled(st, 15, DEPENDENCY_PLAIN, NULL), -1);
	assert_int_equal(error.kind, ERR_NOT_FOUND);
	begin(st);
	bear_placed(st, 12, 2000);
	end(st, 12, 1, 0, JOB_SUCCEEDED, 2001);
	bear_failed(st, 13, 2002);
	move(st, 10, FACT_TERMINATED, JOB_PENDING, JOB_FAILED, 2003); /* 11 was not made */
	commit(st);
	assert_int_equal(settled(st, 12, DEPENDENCY_PLAIN, NULL), SETTLED_MET);
	assert_int_equal(settled(st, 13, DEPENDENCY_PLAIN, NULL), SETTLED_FAILED);
	assert_int_equal(settled(st, 11, DEPENDENCY_PLAIN, NULL), SETTLED_FAILED);
	assert_int_equal(settled(st, 11, DEPENDENCY_ANY, NULL), SETTLED_MET);
	assert_int_equal(settled(st, 10, DEPENDENCY_PLAIN, NULL), SETTLED_FAILED);
	assert_int_equal(settled(st, 10, DEPENDENCY_N_TO_N, &outcome), SETTLED_OUTCOME);
	assert_string_equal(outcome, "FSF");
}

#define with_store(f) cmocka_unit_test_setup_teardown(f, fixture_open, fixture_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_store(keys_are_kept_free),
		with_store(child_before_and_after_its_birth),
		with_store(unmade_children_end_with_their_parent),
		with_store(no_such_child),
		with_store(ids_of_children),
		with_store(prefixes_find_no_children),
		with_store(children_are_listed_by_their_parent_only),
		with_store(parent_is_forgotten_with_its_transaction),
		with_store(birth_without_a_parent_is_damage),
		with_store(nodes_are_as_their_ranges_say),
		with_store(node_waits_until_it_is_started),
		with_store(parent_follows_its_main_node),
		with_store(dependencies_are_settled),
	};

	return cmocka_run_group_tests_name("store family", tests, NULL, NULL);
}
