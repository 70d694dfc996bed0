#ifndef SCHED_ROWS_H
#define SCHED_ROWS_H
#include "sched_world.h"

/* What a store would have of the jobs: kept by looking at facts and effects, one row a job.
 * With watch_rows every fact is also given to a second scheduler, which must be in the same
 * state then, as must be a copy, and one that is brought up from the rows. */

enum { ROWS = 120, ROW_DEPENDS = 4 };

struct row {
	struct job job; /* key 0: no such row */
	jd_time at;
	bool must_fail;
	struct dependency depends[ROW_DEPENDS];
	char reason[120], outcome[ROWS];
	char env[8];
	struct fact placed, started, stopping; /* of the attempt that lives; kind 0: none */
	bool node_start, ran; /* ran: the last attempt did */
};

struct rows {
	struct row row[ROWS]; /* by key */
	struct sched *twin;
	int restarts;
	bool half_told; /* another fact of the same moment follows: no restart before it */
	struct fact world[16]; /* what came before the jobs, for restarts */
	int world_count;
};

static inline struct row *row_of(struct rows *rows, int64_t key)
{
	assert_true(key > 0 && key < ROWS);
	return &rows->row[key];
}

static inline bool row_lives(const struct row *row)
{
	return row->job.key && !job_status_is_final(row->job.status);
}

static inline struct row *row_parent(struct rows *rows, int64_t key)
{
	int64_t k = key - 1;

	while (k > 0 && !row_of(rows, k)->job.size)
		k--;
	return row_of(rows, k);
}

static inline void row_submit(struct rows *rows, const struct job *job, jd_time at)
{
	struct row *row = row_of(rows, job->key);

	*row = (struct row){ .job = *job, .at = at };
	assert_true(job->depends_count <= ROW_DEPENDS);
	if (job->depends_count)
		memcpy(row->depends, job->depends, job->depends_count * sizeof *row->depends);
}

static inline void row_born(struct rows *rows, int64_t key)
{
	struct row *row = row_of(rows, key), *parent = row_parent(rows, key);

	assert_int_equal(row->job.key, 0);
	*row = (struct row){ .job = parent->job };
	row->job.key = key;
	row->job.order = key;
	row->job.parent = parent->job.key;
	row->job.kind = parent->job.kind == JOB_KIND_ARRAY ? JOB_KIND_CHILD : JOB_KIND_NODE;
	row->job.size = row->job.depends_count = 0;
	row->job.start_after = 0;
	row->job.held = row->job.cancelled = row->job.terminated = false;
	row->job.attempt = 0;
}

/* What status a job may be in before, and what it then is. */
static inline void row_change(struct rows *rows, const struct fact *fact,
			      const struct fact_effect *e)
{
	struct row *row;

	if (e->born)
		row_born(rows, fact->job);
	row = row_of(rows, fact->job);
	assert_int_not_equal(row->job.key, 0);
	if (!e->born && row->job.kind != JOB_KIND_NODE)
		assert_int_equal(e->from, row->job.status);
	if (e->from != e->to && !job_status_may_follow(e->from, e->to))
		fail_msg("job %d goes from %s to %s", (int)fact->job, job_status_name(e->from),
			 job_status_name(e->to));
	row->job.status = e->to;
	row->job.order = e->order;
	row->job.attempt = e->attempt;
	row->job.cancelled |= e->cancelled;
	row->job.terminated = e->terminated;
	row->job.timed_out = e->timed_out;
	row->job.held = e->held;
	row->job.blocked_since = e->blocked_since;
	if (e->started)
		row->job.started = e->started;
	snprintf(row->reason, sizeof row->reason, "%s", e->status_reason ? e->status_reason : "");
}

static inline void row_attempt(struct rows *rows, const struct fact *fact)
{
	struct row *row = row_of(rows, fact->job);

	if (fact->kind == FACT_PLACED) {
		row->placed = *fact;
		row->started = row->stopping = (struct fact){ 0 };
		row->node_start = row->ran = false;
		snprintf(row->env, sizeof row->env, "%s", fact->placed.env);
	} else if (fact->kind == FACT_STARTED) {
		row->started = *fact;
		row->ran = true;
	} else if (fact->kind == FACT_NODE_START) {
		row->node_start = true;
	} else if (fact->kind == FACT_STOPPING) {
		row->stopping = *fact;
	} else if (fact->kind == FACT_ENDED) {
		row->placed = row->started = row->stopping = (struct fact){ 0 };
	}
}

static inline void outcome_of(struct rows *rows, struct row *row)
{
	memset(row->outcome, ' ', (size_t)row->job.size);
	row->outcome[row->job.size] = '\0';
	for (int i = 0; i < row->job.size; i++) {
		const struct job *child = &row_of(rows, row->job.key + 1 + i)->job;

		if (child->key)
			row->outcome[i] = child->status == JOB_SUCCEEDED ? 'S' :
					  child->status == JOB_FAILED	 ? 'F' :
									   '.';
	}
}

/* Of an array that has ended: those that were not made are what it is. */
static inline char *ended_outcome(struct rows *rows, struct row *row)
{
	outcome_of(rows, row);
	for (int i = 0; i < row->job.size; i++) {
		if (row->outcome[i] == ' ')
			row->outcome[i] = 'F';
	}
	return row->outcome;
}

/* A child that was not made ended with its parent, or when that was stopped. */
static inline enum job_status row_status(struct rows *rows, int64_t key)
{
	const struct job *job = &row_of(rows, key)->job;

	if (job->key)
		return job->status;
	job = &row_parent(rows, key)->job;
	return job->cancelled || job->terminated ? JOB_FAILED : job->status;
}

static inline bool row_known(struct rows *rows, int64_t key)
{
	const struct row *row = row_of(rows, key);

	return !job_status_is_final(row->job.key ? row->job.status :
						   row_parent(rows, key)->job.status);
}

/* Only what the scheduler has to know is told; false: it must fail. */
static inline bool depends_of(struct rows *rows, struct row *row, struct dependency *out,
			      struct job *job)
{
	bool fine = true;

	job->depends = out;
	job->depends_count = 0;
	for (size_t i = 0; i < row->job.depends_count; i++) {
		struct dependency d = row->depends[i];
		struct row *up = row_of(rows, d.job);

		if (!row_known(rows, d.job)) {
			enum job_status was = row_status(rows, d.job);

			if (was == JOB_SUCCEEDED || d.type == DEPENDENCY_ANY)
				continue;
			fine &= d.type == DEPENDENCY_N_TO_N;
			if (d.type == DEPENDENCY_N_TO_N)
				d.outcome = ended_outcome(rows, up);
		}
		out[job->depends_count++] = d;
	}
	return fine;
}

static inline void retell(struct sched *s, const struct fact *fact)
{
	struct err err = { 0 };

	if (sched_apply(s, fact, NULL, &err))
		fail_msg("restart: %s %d: %s", fact_name(fact->kind), (int)fact->job, err.text);
}

static inline void retell_job(struct rows *rows, struct row *row, struct sched *s)
{
	struct dependency depends[ROW_DEPENDS];
	struct job job = row->job;
	struct fact fact = { .kind = FACT_SUBMITTED, .at = row->at, .job = job.key,
			     .submitted = &job };
	bool fine = depends_of(rows, row, depends, &job);

	job.status_reason = row->reason;
	if (job.size) {
		outcome_of(rows, row);
		job.outcome = row->outcome;
	}
	if (row->placed.kind) {
		job.status = JOB_RUNNABLE;
		job.attempt--;
	}
	retell(s, &fact);
	row->must_fail = !fine;
	if (!row->placed.kind)
		return;
	fact = row->placed;
	fact.placed.env = row->env;
	retell(s, &fact);
	if (row->node_start)
		retell(s, &(struct fact){ .kind = FACT_NODE_START, .job = job.key,
					  .attempt = fact.attempt });
	if (row->started.kind)
		retell(s, &row->started);
	if (row->stopping.kind)
		retell(s, &row->stopping);
}

static inline struct sched *restart_rows(struct rows *rows)
{
	struct sched *s = sched_new();

	for (int i = 0; i < rows->world_count; i++)
		retell(s, &rows->world[i]);
	for (int key = 1; key < ROWS; key++) {
		if (row_lives(&rows->row[key]))
			retell_job(rows, &rows->row[key], s);
	}
	for (int key = 1; key < ROWS; key++) {
		if (row_lives(&rows->row[key]) && rows->row[key].must_fail)
			retell(s, &(struct fact){ .kind = FACT_FAILED, .job = key,
						  .reason = REASON_DEPENDENCY });
	}
	return s;
}

/* All that is to be decided now, decided. */
static inline void drain(struct sched *s, jd_time now)
{
	struct fact fact;
	struct err err = { 0 };
	int steps = 0;

	while (sched_decide(s, now, &fact)) {
		if (sched_apply(s, &fact, NULL, &err))
			fail_msg("decided and refused: %s %d: %s", fact_name(fact.kind),
				 (int)fact.job, err.text);
		if (++steps > 100000)
			fail_msg("%s %d is decided for ever", fact_name(fact.kind), (int)fact.job);
	}
}

static inline void print_job(void *arg, int64_t key, const struct sched_job_view *v)
{
	print_message("# %s: %d %s attempt %d in %s, started %d%s%s%s%s%s\n", (const char *)arg,
		      (int)key, job_status_name(v->status), v->attempt, v->env ? v->env : "-",
		      (int)v->started, v->terminated ? ", terminated" : "",
		      v->timed_out ? ", timed out" : "", v->held ? ", held" : "",
		      v->reclaimed ? ", reclaimed" : "", v->waits ? ", waits" : "");
}

static inline void compare_restart(struct world *w, const struct fact *fact)
{
	static char one[] = "live", other[] = "restarted";
	struct sched *copy = sched_clone(w->s), *again = restart_rows(w->rows);

	assert_int_equal(sched_hash(copy), sched_hash(w->s));
	drain(copy, w->now);
	drain(again, w->now);
	w->rows->restarts++;
	if (sched_hash(copy) != sched_hash(again)) {
		sched_each(copy, print_job, one);
		sched_each(again, print_job, other);
		fail_msg("restarted after %s %d, it comes to another end", fact_name(fact->kind),
			 (int)fact->job);
	}
	sched_free(copy);
	sched_free(again);
}

/* The end of a main node and what its job becomes by it are of one moment, too. */
static inline bool half_ended(struct rows *rows)
{
	for (int key = 1; key < ROWS; key++) {
		const struct job *job = &rows->row[key].job;

		if (job->key && job->kind == JOB_KIND_MULTINODE && row_lives(&rows->row[key])) {
			const struct row *main = row_of(rows, key + 1 + job->main_node);

			if (main->job.key && (job_status_is_final(main->job.status) ||
					      (main->ran && !main->placed.kind &&
					       job->status != JOB_RUNNING)))
				return true;
		}
	}
	return false;
}

static inline void see_rows(struct world *w, const struct fact *fact)
{
	struct fact_effect other = { 0 };

	assert_int_equal(sched_apply(w->rows->twin, fact, &other, NULL), 0);
	assert_int_equal(sched_hash(w->rows->twin), sched_hash(w->s));
	assert_int_equal(other.changed, w->effect.changed);
	assert_int_equal(other.born, w->effect.born);
	assert_int_equal(other.to, w->effect.to);
	if (!fact->job)
		return;
	if (fact->kind == FACT_SUBMITTED)
		row_submit(w->rows, fact->submitted, fact->at);
	else if (w->effect.changed)
		row_change(w->rows, fact, &w->effect);
	row_attempt(w->rows, fact);
	if (!w->rows->half_told && !half_ended(w->rows))
		compare_restart(w, fact);
}

static inline void note_world(struct world *w, const struct fact *fact)
{
	assert_true(w->rows->world_count < (int)ARRAY_LEN(w->rows->world));
	w->rows->world[w->rows->world_count++] = *fact;
}

/* The environments as they stand; restarts are told of them as they are then. */
static struct environment rows_env[2];

static inline void rows_put_env(struct world *w, int n)
{
	assert_int_equal(put_env(w, &rows_env[n]), 0);
}

/* As set_up, and from now on everything is watched. */
static inline int set_up_rows(void **state)
{
	static struct queue high, low;
	struct fact facts[5];
	struct world *w;

	if (set_up(state))
		return -1;
	w = *state;
	rows_env[0] = env_named(name_a, 4);
	rows_env[1] = env_named(name_b, 8);
	high = queue_named(name_high, 10);
	low = queue_named(name_low, 1);
	high.env_count = 2;
	high.env[0] = low.env[0] = name_a;
	high.env[1] = name_b;
	low.env_count = 1;
	w->rows = xcalloc(1, sizeof *w->rows);
	w->rows->twin = sched_new();
	facts[0] = (struct fact){ .kind = FACT_POOL, .pool = { 8000, 8000, 0 } };
	facts[1] = (struct fact){ .kind = FACT_ENVIRONMENT, .environment = &rows_env[0] };
	facts[2] = (struct fact){ .kind = FACT_ENVIRONMENT, .environment = &rows_env[1] };
	facts[3] = (struct fact){ .kind = FACT_QUEUE, .queue = &high };
	facts[4] = (struct fact){ .kind = FACT_QUEUE, .queue = &low };
	for (size_t i = 0; i < ARRAY_LEN(facts); i++) {
		note_world(w, &facts[i]);
		assert_int_equal(sched_apply(w->rows->twin, &facts[i], NULL, NULL), 0);
	}
	w->seen = see_rows;
	return 0;
}

static inline int tear_down_rows(void **state)
{
	struct world *w = *state;

	sched_free(w->rows->twin);
	free(w->rows);
	return tear_down(state);
}

/* Like the engine, which then fails it at once: what it depends on has ended (DEP-8). */
static inline void submit_settled(struct world *w, const struct job *said)
{
	struct dependency depends[ROW_DEPENDS];
	struct job job = *said;
	struct row row = { .job = *said };
	bool fine;

	for (size_t i = 0; i < said->depends_count; i++)
		row.depends[i] = said->depends[i];
	fine = depends_of(w->rows, &row, depends, &job);
	w->rows->half_told = !fine;
	assert_int_equal(submit_job(w, &job), 0);
	w->rows->half_told = false;
	if (!fine)
		assert_int_equal(tell(w, FACT_FAILED, job.key, REASON_DEPENDENCY), 0);
}

#define TR(name) cmocka_unit_test_setup_teardown(name, set_up_rows, tear_down_rows)

#endif
