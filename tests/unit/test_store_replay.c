#include "config.h"
#include "store_fixture.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/mem.h"
#include "jobdeck/model/reason.h"
#include "../../src/store/internal.h"

/* After a restart: what lives is told again, in an order and at times the scheduler accepts. */

struct told {
	struct store *st;
	char text[4000];
	jd_time at;
	int facts, stop_after;
	bool record;
};

/* What is only said of arrays, children and the like. */
static void describe_family(const struct job *job, char *out, size_t size)
{
	size_t n = strlen(out);

	if (job->size)
		n += (size_t)snprintf(out + n, size - n, " of %d", job->size);
	if (job->parent)
		n += (size_t)snprintf(out + n, size - n, " in %d", (int)job->parent);
	if (job->outcome)
		n += (size_t)snprintf(out + n, size - n, " outcome [%s]", job->outcome);
	if (job->held)
		n += (size_t)snprintf(out + n, size - n, " held");
	if (job->blocked_since)
		snprintf(out + n, size - n, " blocked %d", (int)job->blocked_since);
}

static void describe(const struct fact *f, char *out, size_t size)
{
	const struct job *job = f->submitted;

	switch (f->kind) {
	case FACT_ENVIRONMENT:
		snprintf(out, size, "%s", f->environment->name);
		break;
	case FACT_QUEUE:
		snprintf(out, size, "%s of %s", f->queue->name, f->queue->env[0]);
		break;
	case FACT_SUBMITTED:
		snprintf(out, size, "%d %s attempt %d order %d%s%s%s", (int)job->key,
			 job_status_name(job->status), job->attempt, (int)job->order,
			 job->terminated ? " terminated" : "", job->depends_count ? " after" : "",
			 job->doc ? " with its document" : "");
		for (size_t i = 0; i < job->depends_count; i++) {
			const struct dependency *d = &job->depends[i];
			size_t n = strlen(out);

			snprintf(out + n, size - n, " %d%s%s%s", (int)d->job,
				 d->type == DEPENDENCY_N_TO_N ? "n" : "", d->outcome ? "=" : "",
				 d->outcome ? d->outcome : "");
		}
		describe_family(job, out, size);
		break;
	case FACT_PLACED:
		snprintf(out, size, "%d/%d in %s slot %d", (int)f->job, f->attempt, f->placed.env,
			 f->placed.slot);
		if (f->placed.instance)
			snprintf(out + strlen(out), size - strlen(out), " on %d gpus %d",
				 (int)f->placed.instance, (int)f->placed.gpu_set);
		if (f->placed.waits)
			snprintf(out + strlen(out), size - strlen(out), " waits");
		break;
	case FACT_STOPPING:
		snprintf(out, size, "%d/%d cause %d", (int)f->job, f->attempt, f->stopping.cause);
		break;
	case FACT_POLICY:
		snprintf(out, size, "%s", f->policy->name);
		break;
	case FACT_CONSUMABLE:
		snprintf(out, size, "%s spent %d", f->consumable->name, (int)f->consumable->spent);
		break;
	case FACT_INSTANCE_LAUNCHED:
		snprintf(out, size, "%d in %s since %d, used %d", (int)f->instance->key,
			 f->instance->env, (int)fact_when(f), (int)f->instance->last_end);
		break;
	case FACT_INSTANCE_UP:
	case FACT_INSTANCE_RECLAIMED:
		snprintf(out, size, "%d since %d", (int)f->instance_key, (int)fact_when(f));
		break;
	case FACT_FAILED:
		snprintf(out, size, "%d %s", (int)f->job, f->reason);
		break;
	default:
		snprintf(out, size, "%d/%d since %d", (int)f->job, f->attempt, (int)fact_when(f));
	}
}

static int hear(void *arg, const struct fact *f, struct err *err)
{
	struct told *t = arg;
	size_t n = strlen(t->text);
	char what[300];

	assert_true(f->at >= t->at);
	t->at = f->at;
	describe(f, what, sizeof what);
	snprintf(t->text + n, sizeof t->text - n, "%d %s %s\n", (int)f->at, fact_name(f->kind),
		 what);
	if (t->record && f->kind == FACT_FAILED)
		move(t->st, f->job, FACT_FAILED, JOB_PENDING, JOB_FAILED, f->at);
	if (++t->facts == t->stop_after)
		return err_set(err, ERR_CONFLICT, "enough");
	return 0;
}

static void assert_replays(struct store *st, const char *expected)
{
	struct told t = { .st = st };

	if (store_replay(st, hear, &t, &error))
		fail_msg("%s", error.text);
	assert_string_equal(t.text, expected);
}

static void runnable(struct store *st, int64_t key, jd_time at)
{
	submit_simple(st, key, "a", "q", at);
	move(st, key, FACT_RUNNABLE, JOB_SUBMITTED, JOB_RUNNABLE, at);
}

static void nothing_lives(void **state)
{
	assert_replays(*state, "");
}

static void places_come_first_and_deleted_ones_not(void **state)
{
	begin(*state);
	put_env(*state, "b", STATUS_VALID, 300);
	put_env(*state, "a", STATUS_VALID, 100);
	put_env(*state, "gone", STATUS_VALID, 100);
	put_env(*state, "gone", STATUS_DELETED, 200);
	put_queue(*state, "q", "b", 400);
	commit(*state);
	assert_replays(*state, "100 ENVIRONMENT a\n300 ENVIRONMENT b\n400 QUEUE q of b\n");
}

static void every_state(void **state)
{
	struct store *st = *state;

	begin(st);
	put_env(st, "ce", STATUS_VALID, 10);
	put_queue(st, "q", "ce", 20);
	submit_simple(st, 1, "a", "q", 100);
	submit_simple(st, 2, "a", "q", 101);
	move(st, 2, FACT_PENDING, JOB_SUBMITTED, JOB_PENDING, 101);
	runnable(st, 3, 102);
	runnable(st, 4, 103);
	runnable(st, 5, 104);
	runnable(st, 6, 105);
	runnable(st, 7, 106);
	place(st, 4, 1, "ce", 11, 110);
	place(st, 5, 1, "ce", 12, 111);
	start(st, 5, 1, 120);
	place(st, 6, 1, "ce", 13, 121);
	start(st, 6, 1, 122);
	end(st, 6, 1, 0, JOB_SUCCEEDED, 130);
	move(st, 7, FACT_CANCELLED, JOB_RUNNABLE, JOB_FAILED, 131);
	commit(st);
	assert_replays(st, "10 ENVIRONMENT ce\n20 QUEUE q of ce\n"
			   "100 SUBMITTED 1 SUBMITTED attempt 0 order 1\n"
			   "101 SUBMITTED 2 PENDING attempt 0 order 2\n"
			   "102 SUBMITTED 3 RUNNABLE attempt 0 order 3\n"
			   "103 SUBMITTED 4 RUNNABLE attempt 0 order 4\n"
			   "104 SUBMITTED 5 RUNNABLE attempt 0 order 5\n"
			   "110 PLACED 4/1 in ce slot 11\n"
			   "111 PLACED 5/1 in ce slot 12\n"
			   "120 STARTED 5/1 since 120\n");
}

/* A timeout counts from STARTED: a job that came later must not push it forward. */
static void attempts_keep_their_times(void **state)
{
	struct store *st = *state;

	begin(st);
	runnable(st, 1, 100);
	place(st, 1, 1, "ce", 0, 110);
	start(st, 1, 1, 120);
	runnable(st, 2, 120);
	runnable(st, 3, 500);
	place(st, 2, 1, "ce", 1, 510);
	put_env(st, "late", STATUS_VALID, 600);
	commit(st);
	assert_replays(st, "100 ENVIRONMENT late\n"
			   "100 SUBMITTED 1 RUNNABLE attempt 0 order 1\n"
			   "110 PLACED 1/1 in ce slot 0\n"
			   "120 SUBMITTED 2 RUNNABLE attempt 0 order 2\n"
			   "120 STARTED 1/1 since 120\n"
			   "500 SUBMITTED 3 RUNNABLE attempt 0 order 3\n"
			   "510 PLACED 2/1 in ce slot 1\n");
}

/* A start that was learned of late, and by a clock that runs behind. */
static void starts_keep_their_true_times(void **state)
{
	struct store *st = *state;
	struct fact f = {
		.kind = FACT_STARTED, .at = 400, .happened = 120, .job = 1, .attempt = 1
	};
	struct fact_effect e = {
		.changed = true, .from = JOB_STARTING, .to = JOB_RUNNING, .order = 1
	};

	begin(st);
	runnable(st, 1, 100);
	runnable(st, 2, 105);
	place(st, 1, 1, "ce", 0, 110);
	place(st, 2, 1, "ce", 1, 115);
	record(st, f, e);
	f.job = e.order = 2;
	f.happened = 112;
	record(st, f, e);
	commit(st);
	assert_replays(st, "100 SUBMITTED 1 RUNNABLE attempt 0 order 1\n"
			   "105 SUBMITTED 2 RUNNABLE attempt 0 order 2\n"
			   "110 PLACED 1/1 in ce slot 0\n"
			   "115 PLACED 2/1 in ce slot 1\n"
			   "115 STARTED 2/1 since 112\n"
			   "120 STARTED 1/1 since 120\n");
}

static void retried_and_terminated(void **state)
{
	struct store *st = *state;
	struct fact f = { .kind = FACT_TERMINATED, .at = 160, .job = 2, .reason = "r" };

	begin(st);
	runnable(st, 1, 100);
	runnable(st, 2, 100);
	place(st, 1, 1, "ce", 0, 110);
	end(st, 1, 1, 1, JOB_RUNNABLE, 120);
	place(st, 2, 1, "ce", 0, 130);
	end(st, 2, 1, 1, JOB_RUNNABLE, 135);
	place(st, 2, 2, "ce", 0, 140);
	start(st, 2, 2, 150);
	record(st, f,
	       (struct fact_effect){ .changed = true,
				     .from = JOB_RUNNING,
				     .to = JOB_RUNNING,
				     .status_reason = "r",
				     .order = -2,
				     .terminated = true });
	commit(st);
	assert_replays(st, "100 SUBMITTED 1 RUNNABLE attempt 1 order -1\n"
			   "100 SUBMITTED 2 RUNNABLE attempt 1 order -2 terminated\n"
			   "140 PLACED 2/2 in ce slot 0\n"
			   "150 STARTED 2/2 since 150\n");
}

static void depend(struct store *st, int64_t key, int64_t a, int64_t b, enum job_status status)
{
	struct job *job = job_new(key, "d", "q");

	job->created = 200 + key;
	job->depends = xcalloc(2, sizeof *job->depends);
	job->depends_count = 2;
	job->depends[0].job = a;
	job->depends[1].job = b;
	job->doc = xstrdup("{}");
	submit(st, job);
	if (status != JOB_SUBMITTED)
		move(st, key, FACT_PENDING, JOB_SUBMITTED, status, job->created);
	job_free(job);
}

static void only_living_dependencies(void **state)
{
	struct store *st = *state;

	begin(st);
	runnable(st, 1, 100);
	runnable(st, 2, 101);
	place(st, 2, 1, "ce", 0, 101);
	end(st, 2, 1, 0, JOB_SUCCEEDED, 102);
	depend(st, 3, 1, 2, JOB_PENDING);
	depend(st, 4, 2, 2, JOB_SUBMITTED);
	depend(st, 5, 1, 2, JOB_RUNNABLE); /* met, whatever the list says */
	commit(st);
	assert_replays(st, "100 SUBMITTED 1 RUNNABLE attempt 0 order 1\n"
			   "203 SUBMITTED 3 PENDING attempt 0 order 3 after 1\n"
			   "204 SUBMITTED 4 SUBMITTED attempt 0 order 4\n"
			   "205 SUBMITTED 5 RUNNABLE attempt 0 order 5\n");
}

static void fill_failed_dependency(struct store *st)
{
	begin(st);
	runnable(st, 1, 100);
	move(st, 1, FACT_TERMINATED, JOB_RUNNABLE, JOB_FAILED, 110);
	runnable(st, 2, 120);
	depend(st, 3, 1, 2, JOB_PENDING);
	commit(st);
}

static void failed_dependency_fails_the_job(void **state)
{
	fill_failed_dependency(*state);
	assert_replays(*state, "120 SUBMITTED 2 RUNNABLE attempt 0 order 2\n"
			       "203 SUBMITTED 3 PENDING attempt 0 order 3 after 2\n"
			       "203 FAILED 3 " REASON_DEPENDENCY "\n");
}

static void callback_may_record(void **state)
{
	struct told t = { .st = *state, .record = true };
	struct job *job;

	fill_failed_dependency(*state);
	begin(*state);
	assert_int_equal(store_replay(*state, hear, &t, &error), 0);
	assert_int_equal(t.facts, 3);
	commit(*state);
	job = store_job(*state, 3, &error);
	assert_int_equal(job->status, JOB_FAILED);
	job_free(job);
	assert_replays(*state, "120 SUBMITTED 2 RUNNABLE attempt 0 order 2\n");
}

static void stops_when_told(void **state)
{
	struct store *st = *state;

	begin(st);
	put_env(st, "ce", STATUS_VALID, 1);
	put_queue(st, "q", "ce", 1);
	runnable(st, 1, 100);
	place(st, 1, 1, "ce", 0, 110);
	commit(st);
	for (int stop = 1; stop <= 4; stop++) {
		struct told t = { .stop_after = stop };

		memset(&error, 0, sizeof error);
		assert_int_equal(store_replay(st, hear, &t, &error), -1);
		assert_string_equal(error.text, "enough");
		assert_int_equal(t.facts, stop);
	}
}

/* A clock that was set back between two runs. */
static void times_never_go_back(void **state)
{
	struct store *st = *state;

	begin(st);
	runnable(st, 1, 500);
	runnable(st, 2, 100);
	place(st, 2, 1, "ce", 0, 90);
	start(st, 2, 1, 90);
	commit(st);
	assert_replays(st, "500 SUBMITTED 1 RUNNABLE attempt 0 order 1\n"
			   "500 SUBMITTED 2 RUNNABLE attempt 0 order 2\n"
			   "500 PLACED 2/1 in ce slot 0\n"
			   "500 STARTED 2/1 since 90\n");
}

static void running_without_an_attempt_is_damage(void **state)
{
	struct told t = { .facts = 0 };

	begin(*state);
	runnable(*state, 1, 100);
	place(*state, 1, 1, "ce", 0, 110);
	commit(*state);
	exec_raw(fixture_db, "DELETE FROM attempt");
	assert_int_equal(store_replay(*state, hear, &t, &error), -1);
	assert_int_equal(error.kind, ERR_CORRUPT);
	assert_non_null(strstr(error.text, "without an attempt"));
}

/* --- the rest of the world ---------------------------------------------------------------- */

static void put_policy_and_consumable(struct store *st)
{
	struct policy p = { .name = (char[]){ "fair" }, .created = 700 };
	struct consumable c = { .name = (char[]){ "once" },
				.type = CONSUMABLE_NON_REPLENISHABLE,
				.total = 9,
				.spent = 4,
				.created = 30 };

	record(st, (struct fact){ .kind = FACT_POLICY, .at = 700, .policy = &p },
	       (struct fact_effect){ 0 });
	record(st, (struct fact){ .kind = FACT_CONSUMABLE, .at = 30, .consumable = &c },
	       (struct fact_effect){ 0 });
}

static void launch(struct store *st, int64_t key, jd_time at, jd_time up, jd_time reclaimed,
		   jd_time gone)
{
	struct instance i = { .key = key, .env = (char[]){ "ce" }, .type = (char[]){ "m5.large" } };
	struct fact f = { .kind = FACT_INSTANCE_LAUNCHED, .at = at, .instance = &i };

	record(st, f, (struct fact_effect){ 0 });
	for (int n = 0; n < 3; n++) {
		static const enum fact_kind kinds[] = { FACT_INSTANCE_UP, FACT_INSTANCE_RECLAIMED,
							FACT_INSTANCE_TERMINATED };
		const jd_time times[] = { up, reclaimed, gone };

		f = (struct fact){ .kind = kinds[n], .at = times[n] };
		f.instance_key = key;
		if (times[n])
			record(st, f, (struct fact_effect){ 0 });
	}
}

static void place_on(struct store *st, int64_t key, int64_t instance, jd_time at)
{
	struct fact f = { .kind = FACT_PLACED, .at = at, .job = key, .attempt = 1 };

	f.placed.env = "ce";
	f.placed.instance = instance;
	f.placed.gpu_set = 3;
	record(st, f,
	       (struct fact_effect){
		       .changed = true, .from = JOB_RUNNABLE, .to = JOB_STARTING, .order = key });
}

static void stopping(struct store *st, int64_t key, enum stop_cause cause, jd_time at)
{
	struct fact f = { .kind = FACT_STOPPING, .at = at, .job = key, .attempt = 1 };

	f.stopping.cause = cause;
	record(st, f, (struct fact_effect){ 0 });
}

static void instances_and_what_runs_there(void **state)
{
	struct store *st = *state;

	begin(st);
	put_env(st, "ce", STATUS_VALID, 10);
	put_policy_and_consumable(st);
	put_queue(st, "q", "ce", 20);
	launch(st, 1, 40, 50, 0, 60);
	launch(st, 2, 41, 51, 0, 0);
	launch(st, 3, 42, 0, 0, 0);
	launch(st, 4, 43, 52, 300, 0);
	for (int64_t key = 1; key <= 4; key++)
		runnable(st, key, 99 + key);
	place_on(st, 1, 2, 110);
	start(st, 1, 1, 111);
	place_on(st, 2, 4, 112);
	start(st, 2, 1, 113);
	stopping(st, 2, STOP_RECLAIMED, 300);
	place_on(st, 3, 2, 114);
	stopping(st, 3, STOP_REPLACED, 301);
	place_on(st, 4, 2, 115);
	end(st, 4, 1, 0, JOB_SUCCEEDED, 500);
	commit(st);
	assert_replays(st, "100 POLICY fair\n"
			   "100 CONSUMABLE once spent 4\n"
			   "100 ENVIRONMENT ce\n"
			   "100 INSTANCE_LAUNCHED 2 in ce since 41, used 500\n"
			   "100 INSTANCE_UP 2 since 51\n"
			   "100 INSTANCE_LAUNCHED 3 in ce since 42, used 0\n"
			   "100 INSTANCE_LAUNCHED 4 in ce since 43, used 0\n"
			   "100 INSTANCE_UP 4 since 52\n"
			   "100 INSTANCE_RECLAIMED 4 since 300\n"
			   "100 QUEUE q of ce\n"
			   "100 SUBMITTED 1 RUNNABLE attempt 0 order 1\n"
			   "101 SUBMITTED 2 RUNNABLE attempt 0 order 2\n"
			   "102 SUBMITTED 3 RUNNABLE attempt 0 order 3\n"
			   "110 PLACED 1/1 in ce slot 0 on 2 gpus 3\n"
			   "111 STARTED 1/1 since 111\n"
			   "112 PLACED 2/1 in ce slot 0 on 4 gpus 3\n"
			   "113 STARTED 2/1 since 113\n"
			   "113 STOPPING 2/1 cause 2\n"
			   "114 PLACED 3/1 in ce slot 0 on 2 gpus 3\n"
			   "114 STOPPING 3/1 cause 3\n");
}

static void held_and_blocked(void **state)
{
	struct store *st = *state;
	struct fact_effect e = { .changed = true, .from = JOB_RUNNABLE, .to = JOB_RUNNABLE };

	begin(st);
	runnable(st, 1, 100);
	runnable(st, 2, 101);
	runnable(st, 3, 102);
	e.held = true;
	record(st, (struct fact){ .kind = FACT_HELD, .at = 110, .job = 1 }, e);
	record(st, (struct fact){ .kind = FACT_HELD, .at = 110, .job = 3 }, e);
	e.held = false;
	record(st, (struct fact){ .kind = FACT_RELEASED, .at = 111, .job = 3 }, e);
	e.blocked_since = 120;
	e.status_reason = "UNDETERMINED";
	record(st,
	       (struct fact){ .kind = FACT_BLOCKED, .at = 120, .job = 2, .reason = "UNDETERMINED" },
	       e);
	commit(st);
	assert_replays(st, "100 SUBMITTED 1 RUNNABLE attempt 0 order 0 held\n"
			   "101 SUBMITTED 2 RUNNABLE attempt 0 order 0 blocked 120\n"
			   "102 SUBMITTED 3 RUNNABLE attempt 0 order 0\n");
}

/* --- arrays and multi-node jobs ----------------------------------------------------------- */

static void submit_family(struct store *st, int64_t key, enum job_kind kind, int size, jd_time at)
{
	struct job *job = job_new(key, "family", "q");

	job->kind = kind;
	job->size = size;
	job->main_node = kind == JOB_KIND_MULTINODE ? 1 : 0;
	job->created = at;
	submit(st, job);
	move(st, key, FACT_PENDING, JOB_SUBMITTED,
	     kind == JOB_KIND_ARRAY ? JOB_PENDING : JOB_RUNNABLE, at);
	job_free(job);
}

static void bear(struct store *st, int64_t key, bool waits, jd_time at)
{
	struct fact f = { .kind = FACT_PLACED, .at = at, .job = key, .attempt = 1 };

	f.placed.env = "ce";
	f.placed.slot = (int)key;
	f.placed.waits = waits;
	record(st, f,
	       (struct fact_effect){ .changed = true,
				     .born = true,
				     .from = JOB_RUNNABLE,
				     .to = JOB_STARTING,
				     .order = key });
}

static void arrays_and_their_children(void **state)
{
	struct store *st = *state;

	begin(st);
	submit_family(st, 1, JOB_KIND_ARRAY, 3, 100); /* none was made */
	submit_family(st, 10, JOB_KIND_ARRAY, 6, 101);
	bear(st, 13, false, 110);
	start(st, 13, 1, 111);
	bear(st, 11, false, 112);
	end(st, 11, 1, 0, JOB_SUCCEEDED, 113);
	bear(st, 12, false, 114);
	end(st, 12, 1, 1, JOB_FAILED, 115);
	bear(st, 15, false, 116);
	end(st, 15, 1, 1, JOB_RUNNABLE, 117);
	runnable(st, 20, 105);
	submit_family(st, 30, JOB_KIND_ARRAY, 2, 200); /* over */
	bear(st, 31, false, 201);
	end(st, 31, 1, 1, JOB_FAILED, 202);
	move(st, 30, FACT_ROLLED_UP, JOB_PENDING, JOB_FAILED, 203);
	commit(st);
	assert_replays(st, "100 SUBMITTED 1 PENDING attempt 0 order 1 of 3\n"
			   "101 SUBMITTED 10 PENDING attempt 0 order 10 of 6 outcome [SF. . ]\n"
			   "101 SUBMITTED 13 RUNNABLE attempt 0 order 13 in 10\n"
			   "101 SUBMITTED 15 RUNNABLE attempt 1 order -15 in 10\n"
			   "105 SUBMITTED 20 RUNNABLE attempt 0 order 20\n"
			   "110 PLACED 13/1 in ce slot 13\n"
			   "111 STARTED 13/1 since 111\n");
}

static void depend_by(struct store *st, int64_t key, int64_t on, enum dependency_type type)
{
	struct job *job = job_new(key, "d", "q");

	job->kind = JOB_KIND_ARRAY;
	job->size = 2;
	job->created = 300 + key;
	job->depends = xcalloc(1, sizeof *job->depends);
	job->depends_count = 1;
	job->depends[0] = (struct dependency){ .job = on, .type = type };
	submit(st, job);
	move(st, key, FACT_PENDING, JOB_SUBMITTED, JOB_PENDING, job->created);
	job_free(job);
}

/* What waits for an array that failed knows which of its children did. */
static void dependencies_by_type(void **state)
{
	struct store *st = *state;

	begin(st);
	submit_family(st, 1, JOB_KIND_ARRAY, 2, 100);
	bear(st, 2, false, 101);
	end(st, 2, 1, 0, JOB_SUCCEEDED, 102);
	move(st, 1, FACT_TERMINATED, JOB_PENDING, JOB_FAILED, 103);
	submit_family(st, 4, JOB_KIND_ARRAY, 2, 104);
	depend_by(st, 10, 1, DEPENDENCY_N_TO_N);
	depend_by(st, 20, 4, DEPENDENCY_N_TO_N);
	depend_by(st, 30, 1, DEPENDENCY_ANY);
	depend_by(st, 40, 6, DEPENDENCY_PLAIN); /* a child that was not made yet */
	depend_by(st, 50, 3, DEPENDENCY_PLAIN); /* one that never will be */
	commit(st);
	assert_replays(st, "104 SUBMITTED 4 PENDING attempt 0 order 4 of 2\n"
			   "310 SUBMITTED 10 PENDING attempt 0 order 10 after 1n=SF of 2\n"
			   "320 SUBMITTED 20 PENDING attempt 0 order 20 after 4n of 2\n"
			   "330 SUBMITTED 30 PENDING attempt 0 order 30 of 2\n"
			   "340 SUBMITTED 40 PENDING attempt 0 order 40 after 6 of 2\n"
			   "350 SUBMITTED 50 PENDING attempt 0 order 50 of 2\n"
			   "350 FAILED 50 " REASON_DEPENDENCY "\n");
}

/* All nodes are placed, then the main one starts, then the others; all in one millisecond. */
static void nodes_in_their_order(void **state)
{
	struct store *st = *state;

	begin(st);
	submit_family(st, 1, JOB_KIND_MULTINODE, 3, 100);
	for (int64_t key = 2; key <= 4; key++)
		bear(st, key, key != 3, 110);
	move(st, 1, FACT_ROLLED_UP, JOB_RUNNABLE, JOB_STARTING, 110);
	start(st, 3, 1, 110);
	for (int64_t key = 2; key <= 4; key += 2)
		record(st,
		       (struct fact){
			       .kind = FACT_NODE_START, .at = 110, .job = key, .attempt = 1 },
		       (struct fact_effect){ 0 });
	start(st, 2, 1, 110);
	stopping(st, 4, STOP_MAIN_NODE, 120);
	record(st, (struct fact){ .kind = FACT_ROLLED_UP, .at = 120, .job = 1 },
	       (struct fact_effect){ .changed = true,
				     .from = JOB_STARTING,
				     .to = JOB_RUNNING,
				     .order = 1,
				     .attempt = 1,
				     .started = 110 });
	commit(st);
	assert_replays(st, "100 SUBMITTED 1 RUNNABLE attempt 0 order 1 of 3 outcome [...]\n"
			   "100 SUBMITTED 2 RUNNABLE attempt 0 order 2 in 1\n"
			   "100 SUBMITTED 3 RUNNABLE attempt 0 order 3 in 1\n"
			   "100 SUBMITTED 4 RUNNABLE attempt 0 order 4 in 1\n"
			   "110 PLACED 2/1 in ce slot 2 waits\n"
			   "110 PLACED 3/1 in ce slot 3\n"
			   "110 PLACED 4/1 in ce slot 4 waits\n"
			   "110 STARTED 3/1 since 110\n"
			   "110 NODE_START 2/1 since 110\n"
			   "110 NODE_START 4/1 since 110\n"
			   "110 STARTED 2/1 since 110\n"
			   "110 STOPPING 4/1 cause 4\n");
}

/* The main node has ended, and so the job; another node is still being stopped. */
static void nodes_that_outlive_their_job(void **state)
{
	struct store *st = *state;

	begin(st);
	submit_family(st, 1, JOB_KIND_MULTINODE, 3, 100);
	for (int64_t key = 2; key <= 4; key++)
		bear(st, key, key != 3, 110);
	start(st, 3, 1, 111);
	end(st, 3, 1, 0, JOB_SUCCEEDED, 120);
	end(st, 2, 1, 1, JOB_FAILED, 121);
	stopping(st, 4, STOP_MAIN_NODE, 122);
	commit(st);
	assert_replays(st, "100 SUBMITTED 1 RUNNABLE attempt 0 order 1 of 3 outcome [FS.]\n"
			   "100 SUBMITTED 4 RUNNABLE attempt 0 order 4 in 1\n"
			   "110 PLACED 4/1 in ce slot 4 waits\n"
			   "110 STOPPING 4/1 cause 4\n");
	begin(st);
	move(st, 1, FACT_ROLLED_UP, JOB_RUNNING, JOB_SUCCEEDED, 123);
	commit(st);
	assert_replays(st, "0 SUBMITTED 4 RUNNABLE attempt 0 order 4 in 1\n"
			   "110 PLACED 4/1 in ce slot 4 waits\n"
			   "110 STOPPING 4/1 cause 4\n");
}

/* Rows that are near are read in one go, others looked up: both must find all. */
static void rows_near_and_far(void **state)
{
	struct store *st = *state;
	struct told t = { .facts = 0 };
	int64_t key = 1;

	begin(st);
	for (int i = 0; i < 60; i++, key += i % 7 == 0 ? 31 + i % 4 : 1)
		submit_simple(st, key, "a", "q", 100);
	commit(st);
	t.stop_after = -1;
	assert_int_equal(store_replay(st, hear, &t, &error), 0);
	assert_int_equal(t.facts, 60);
}

static int add_attempt(void *arg, const struct attempt *a)
{
	char *text = arg;
	size_t n = strlen(text);

	snprintf(text + n, 200 - n, "%d/%d %s slot %d %d %d; ", (int)a->job, a->number, a->env,
		 a->slot, (int)a->placed, (int)a->started);
	return 0;
}

static void living_attempts(void **state)
{
	struct store *st = *state;
	char text[200] = "";

	begin(st);
	for (int64_t key = 1; key <= 4; key++) {
		runnable(st, key, 100);
		if (key < 4)
			place(st, key, 1, "ce", (int)key + 10, 110);
	}
	end(st, 1, 1, 0, JOB_SUCCEEDED, 120);
	start(st, 2, 1, 121);
	end(st, 2, 1, 1, JOB_RUNNABLE, 122);
	place(st, 2, 2, "other", 11, 130);
	start(st, 3, 1, 131);
	commit(st);
	assert_int_equal(store_live_attempts(st, add_attempt, text, &error), 0);
	assert_string_equal(text, "2/2 other slot 11 130 0; 3/1 ce slot 13 110 131; ");
}

#define with_store(f) cmocka_unit_test_setup_teardown(f, fixture_open, fixture_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_store(nothing_lives),
		with_store(places_come_first_and_deleted_ones_not),
		with_store(every_state),
		with_store(attempts_keep_their_times),
		with_store(starts_keep_their_true_times),
		with_store(retried_and_terminated),
		with_store(only_living_dependencies),
		with_store(failed_dependency_fails_the_job),
		with_store(callback_may_record),
		with_store(stops_when_told),
		with_store(times_never_go_back),
		with_store(running_without_an_attempt_is_damage),
		with_store(living_attempts),
		with_store(instances_and_what_runs_there),
		with_store(held_and_blocked),
		with_store(arrays_and_their_children),
		with_store(dependencies_by_type),
		with_store(nodes_in_their_order),
		with_store(nodes_that_outlive_their_job),
		with_store(rows_near_and_far),
	};

	return cmocka_run_group_tests_name("store replay", tests, NULL, NULL);
}
