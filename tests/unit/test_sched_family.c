/* sched/: arrays, multi-node jobs and dependencies thrown together at random, from seeds. Every
 * fact is watched as in sched_rows.h; besides, nothing may be placed before its time, the
 * counts of an array must be those of its children, and in the end everything must end. */
#include "config.h"
#include "sched_rows.h"

enum { CASES = 150, STEPS = 60, LIVE_KEYS = ROWS - 12 };

static uint64_t seed;

static int below(int n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (int)(seed % (uint64_t)n);
}

static bool one_in(int n)
{
	return below(n) == 0;
}

/* ---- what must hold */

static bool met(struct rows *rows, const struct dependency *d, int index)
{
	int64_t key = d->type == DEPENDENCY_N_TO_N ? d->job + 1 + index : d->job;
	enum job_status status = row_status(rows, key);

	return d->type == DEPENDENCY_ANY ? job_status_is_final(status) : status == JOB_SUCCEEDED;
}

/* Section 3, of a job or child that is placed. */
static void check_in_time(struct rows *rows, int64_t key)
{
	struct row *row = row_of(rows, key), *first = row;
	int index = 0;

	if (row->job.parent) {
		first = row_of(rows, row->job.parent);
		index = job_index(&row->job);
	}
	for (size_t i = 0; i < first->job.depends_count; i++) {
		if (!met(rows, &first->depends[i], index))
			fail_msg("job %d was placed before job %d (%s)", (int)key,
				 (int)first->depends[i].job,
				 dependency_type_name(first->depends[i].type));
	}
	if (first->job.sequential && index)
		assert_int_equal(row_status(rows, key - 1), JOB_SUCCEEDED);
	assert_false(row->job.held || first->job.held);
}

static void check_counts(struct world *w, struct row *row)
{
	int64_t count[JOB_COUNT];

	if (!row_lives(row) || row->job.kind != JOB_KIND_ARRAY)
		return;
	assert_true(sched_array(w->s, row->job.key, count));
	for (int64_t key = row->job.key + 1; key <= row->job.key + row->job.size; key++) {
		struct row *child = row_of(w->rows, key);

		count[child->job.key ? child->job.status : status_of(w, key)]--;
	}
	for (int i = 0; i < JOB_COUNT; i++)
		assert_int_equal(count[i], 0);
}

/* MNP-4: all nodes of a job that runs were placed, and only those. */
static void check_gang(struct rows *rows, struct row *row)
{
	int active = 0, made = 0;

	for (int64_t key = row->job.key + 1; key <= row->job.key + row->job.size; key++) {
		struct row *node = row_of(rows, key);

		made += node->job.key != 0;
		active += node->placed.kind != 0;
		if (node->placed.kind && row_lives(row))
			assert_int_equal(node->placed.attempt,
					 row->job.attempt + (row->job.status == JOB_RUNNABLE));
	}
	if (row->job.status == JOB_SUBMITTED || row->job.status == JOB_PENDING)
		assert_int_equal(active, 0);
	if (row->job.status == JOB_RUNNING &&
	    row_of(rows, row->job.key + 1 + row->job.main_node)->placed.kind)
		assert_int_equal(made, row->job.size);
}

static void check_capacity(struct world *w)
{
	struct sched_env_view view;

	assert_true(sched_used(w->s).vcpu_milli <= 8000);
	assert_true(sched_env(w->s, "a", &view));
	assert_true(view.used.vcpu_milli <= 4000);
}

static void see(struct world *w, const struct fact *fact)
{
	see_rows(w, fact);
	check_capacity(w);
	for (int key = 1; key < ROWS; key++) {
		if (row_of(w->rows, key)->job.kind == JOB_KIND_MULTINODE)
			check_gang(w->rows, row_of(w->rows, key));
	}
	if (fact->kind == FACT_PLACED)
		check_in_time(w->rows, fact->job);
	for (int key = 1; key < ROWS; key++)
		check_counts(w, row_of(w->rows, key));
}

/* At most so many decisions. */
static void decide_some(struct world *w, int most)
{
	struct fact fact, again;

	for (int i = 0; i < most && sched_decide(w->s, w->now, &fact); i++) {
		assert_true(sched_decide(w->s, w->now, &again));
		assert_int_equal(again.kind, fact.kind);
		assert_int_equal(again.job, fact.job);
		if (apply(w, &fact))
			fail_msg("decided and refused: %s %d: %s", fact_name(fact.kind),
				 (int)fact.job, w->err.text);
	}
}

static void decide_all(struct world *w)
{
	struct fact fact;

	decide_some(w, 10000);
	assert_false(sched_decide(w->s, w->now, &fact));
}

/* ---- what happens */

static int64_t next_key;

/* A job, child or node there was so far. */
static int64_t some_key(void)
{
	return 1 + below((int)next_key - 1);
}

/* One that others can wait for: of a node that may be made to run again, its job. */
static int64_t some_upstream(struct rows *rows)
{
	int64_t key = some_key(), parent = key;

	while (!row_of(rows, parent)->job.key || row_of(rows, parent)->job.parent)
		parent--;
	return row_of(rows, parent)->job.kind == JOB_KIND_MULTINODE ? parent : key;
}

static bool is_array(struct world *w, int64_t key, int size)
{
	const struct job *job = &row_of(w->rows, key)->job;

	return job->kind == JOB_KIND_ARRAY && job->size == size;
}

static size_t some_dependencies(struct world *w, const struct job *job,
				struct dependency list[ROW_DEPENDS])
{
	size_t n = 0;

	for (int i = 0; i < 6 && n < ROW_DEPENDS && next_key > 1; i++) {
		struct dependency d = { .job = some_upstream(w->rows) };

		if (one_in(2))
			continue;
		if (one_in(4))
			d.type = DEPENDENCY_ANY;
		if (job->kind == JOB_KIND_ARRAY && is_array(w, d.job, job->size) && !one_in(4))
			d.type = DEPENDENCY_N_TO_N;
		list[n++] = d;
	}
	return n;
}

static void become_gang(struct job *job)
{
	job->kind = JOB_KIND_MULTINODE;
	job->size = 2 + below(3);
	job->main_node = below(job->size);
	job->node_need_count = 2;
	job->node_need[0] = (struct node_need){ 0, 0, { 1000, 100, 0 } };
	job->node_need[1] = (struct node_need){ 1, job->size - 1, { 500 + below(2) * 500, 100, 0 } };
}

static void submit_some(struct world *w)
{
	struct job job = job_of(next_key, one_in(2) ? name_high : name_low, 1 + below(3));
	struct dependency list[ROW_DEPENDS];

	if (next_key >= LIVE_KEYS)
		return;
	if (one_in(2)) {
		job.kind = JOB_KIND_ARRAY;
		job.size = 3 + below(2);
		job.sequential = one_in(3);
	} else if (one_in(2)) {
		become_gang(&job);
	}
	if (one_in(6))
		job.timeout_s = 1 + below(3);
	job.retry.attempts = 1 + below(3);
	job.held = one_in(15);
	if (one_in(8))
		job.start_after = w->now + below(5000);
	job.depends = list;
	job.depends_count = some_dependencies(w, &job, list);
	submit_settled(w, &job);
	next_key += 1 + job.size;
}

/* The attempt of some job starts, or ends; nothing, when there is none. */
static void go_on(struct world *w, int64_t key, int failures)
{
	struct row *row = row_of(w->rows, key);
	int attempt = row->placed.attempt;

	if (!row->placed.kind)
		return;
	if (!row->started.kind && row->placed.placed.waits && !row->node_start && !one_in(8))
		return;
	if (!row->started.kind && !one_in(8) && (!row->placed.placed.waits || row->node_start))
		assert_int_equal(start(w, key, attempt), 0);
	else if (!row->started.kind)
		assert_int_equal(end_with(w, key, attempt, -1, NULL), 0);
	else
		assert_int_equal(end_with(w, key, attempt, one_in(failures), NULL), 0);
}

static void do_something(struct world *w)
{
	static const enum fact_kind asked[] = { FACT_CANCELLED, FACT_TERMINATED, FACT_HELD,
						FACT_RELEASED };

	switch (below(8)) {
	case 0:
	case 1:
		submit_some(w);
		break;
	case 2:
		if (next_key > 1 && one_in(2))
			tell(w, asked[below(ARRAY_LEN(asked))], some_key(), "asked");
		break;
	case 3:
		w->now += below(2000);
		if (one_in(4)) {
			rows_env[0].state = one_in(2) ? STATE_ENABLED : STATE_DISABLED;
			rows_put_env(w, 0);
		}
		break;
	default:
		for (int i = 0; i < 3 && next_key > 1; i++)
			go_on(w, some_key(), 4);
	}
}

/* All is released, and whatever runs ends. */
static void finish(struct world *w)
{
	w->now += 10000;
	rows_env[0].state = STATE_ENABLED;
	rows_put_env(w, 0);
	for (int64_t key = 1; key < next_key; key++)
		tell(w, FACT_RELEASED, key, NULL);
	for (int round = 0; round < 200 && sched_live(w->s); round++) {
		decide_all(w);
		for (int64_t key = 1; key < next_key; key++)
			go_on(w, key, 6);
	}
	assert_int_equal(sched_live(w->s), 0);
	assert_int_equal(sched_used(w->s).vcpu_milli, 0);
}

static int present_case;

static int tear_down_last(void **state)
{
	print_message("# the last case was %d\n", present_case);
	return tear_down_rows(state);
}

static void FAMILIES_at_random(void **state)
{
	struct world *w;

	tear_down_rows(state);
	for (uint64_t n = 1; n <= CASES; n++) {
		seed = n * UINT64_C(0x9e3779b97f4a7c15);
		next_key = 1;
		present_case = (int)n;
		assert_int_equal(set_up_rows(state), 0);
		w = *state;
		w->seen = see;
		for (int i = 0; i < STEPS; i++) {
			do_something(w);
			if (one_in(3))
				decide_some(w, below(6));
			else if (one_in(2))
				decide_all(w);
		}
		finish(w);
		tear_down_rows(state);
	}
	assert_int_equal(set_up_rows(state), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(
		FAMILIES_at_random, set_up_rows, tear_down_last) };

	return cmocka_run_group_tests_name("sched_family", tests, NULL, NULL);
}
