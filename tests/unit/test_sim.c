/* sim/: a made-up clock over the scheduler. */
#include "config.h"
#include "sched_world.h"
#include "jobdeck/base/buf.h"
#include "jobdeck/sim/sim.h"

/* Attempts run 10 s; job 13's first ends with 1, and job 66's all do. */
static int64_t ten_seconds(void *arg, int64_t job, int attempt)
{
	(void)arg;
	(void)job;
	(void)attempt;
	return 10000;
}

static int unlucky(void *arg, int64_t job, int attempt)
{
	(void)arg;
	return job == 66 || (job == 13 && attempt == 1);
}

/* Writes the story down: "0 SUBMITTED 1, 10 ENDED 1=0", in seconds since the start. */
struct story {
	struct world *w;
	struct buf text;
};

static void write_down(void *arg, const struct fact *fact, const struct fact_effect *effect)
{
	struct story *story = arg;

	assert_true(effect->changed || fact->kind == FACT_STOPPING);
	buf_addf(&story->text, "%s%d %s %d", story->text.len ? ", " : "",
		 (int)((fact->at - story->w->now) / 1000), fact_name(fact->kind), (int)fact->job);
	if (fact->kind == FACT_ENDED)
		buf_addf(&story->text, "=%d%s", fact->ended.exit_code,
			 fact->ended.timed_out ? "T" : "");
}

static const struct sim_guess guess = { .duration_ms = ten_seconds, .exit_code = unlucky };

static struct sim *begin(struct world *w, struct story *story, const struct sim_guess *how)
{
	story->w = w;
	buf_init(&story->text, 100000);
	return sim_new(w->s, w->now, how, write_down, story);
}

static int simulate(struct world *w, struct sim *sim, const struct job *job, jd_time at)
{
	struct fact fact = fact_of(w, FACT_SUBMITTED, job->key);

	fact.at = at;
	fact.submitted = job;
	return sim_apply(sim, &fact, &w->err);
}

static void finish(struct sim *sim, struct story *story, const char *expected)
{
	assert_string_equal(buf_str(&story->text), expected);
	buf_fini(&story->text);
	sim_free(sim);
}

static void test_life_of_a_job(void **state)
{
	struct world *w = *state;
	struct story story;
	struct sim *sim = begin(w, &story, &guess);
	struct job job = job_of(1, name_high, 1);

	assert_int_equal(simulate(w, sim, &job, w->now + 2000), 0);
	assert_int_equal(sim_now(sim), w->now + 2000);
	assert_int_equal(sim_run(sim, JD_NEVER), w->now + 12000);
	finish(sim, &story, "2 SUBMITTED 1, 2 RUNNABLE 1, 2 PLACED 1, 2 STARTED 1, 12 ENDED 1=0");
}

static void test_run_until(void **state)
{
	struct world *w = *state;
	struct story story;
	struct sim *sim = begin(w, &story, &guess);
	struct job job = job_of(1, name_high, 1);

	assert_int_equal(simulate(w, sim, &job, w->now), 0);
	assert_int_equal(sim_run(sim, w->now + 9999), w->now + 9999);
	assert_int_equal(status_of(w, 1), JOB_RUNNING);
	assert_int_equal(sim_run(sim, w->now), w->now + 9999); /* never back */
	assert_int_equal(sim_run(sim, w->now + 10000), w->now + 10000);
	assert_int_equal(sched_live(w->s), 0);
	assert_int_equal(sim_run(sim, w->now + 50000), w->now + 50000);
	assert_int_equal(simulate(w, sim, &job, w->now), -1); /* past */
	assert_int_equal(w->err.kind, ERR_INVALID);
	buf_fini(&story.text);
	sim_free(sim);
}

static void test_retry_and_failure(void **state)
{
	struct world *w = *state;
	struct story story;
	struct sim *sim = begin(w, &story, &guess);
	struct job job = job_of(13, name_high, 1);

	job.retry.attempts = 2;
	assert_int_equal(simulate(w, sim, &job, w->now), 0);
	assert_int_equal(sim_run(sim, JD_NEVER), w->now + 20000);
	finish(sim, &story,
	       "0 SUBMITTED 13, 0 RUNNABLE 13, 0 PLACED 13, 0 STARTED 13, 10 ENDED 13=1, "
	       "10 PLACED 13, 10 STARTED 13, 20 ENDED 13=0");
}

static void test_timeout_ends_it(void **state)
{
	struct world *w = *state;
	struct story story;
	struct sim *sim = begin(w, &story, &guess);
	struct job job = job_of(1, name_high, 1);

	job.timeout_s = 4;
	assert_int_equal(simulate(w, sim, &job, w->now), 0);
	sim_run(sim, JD_NEVER);
	finish(sim, &story,
	       "0 SUBMITTED 1, 0 RUNNABLE 1, 0 PLACED 1, 0 STARTED 1, 4 STOPPING 1, 4 ENDED "
	       "1=137T");
}

static void test_latency_and_grace(void **state)
{
	struct world *w = *state;
	struct sim_guess slow = guess;
	struct story story;
	struct sim *sim;
	struct job job = job_of(1, name_high, 1);
	struct fact fact;

	slow.start_ms = 1000;
	slow.stop_ms = 3000;
	sim = begin(w, &story, &slow);
	assert_int_equal(simulate(w, sim, &job, w->now), 0);
	fact = fact_of(w, FACT_TERMINATED, 1);
	fact.at = w->now + 5000;
	fact.reason = "x";
	assert_int_equal(sim_apply(sim, &fact, &w->err), 0);
	assert_int_equal(sim_run(sim, JD_NEVER), w->now + 11000); /* what was planned is void */
	finish(sim, &story,
	       "0 SUBMITTED 1, 0 RUNNABLE 1, 0 PLACED 1, 1 STARTED 1, 5 TERMINATED 1, "
	       "5 STOPPING 1, 8 ENDED 1=143");
}

static void test_facts_of_one_moment_come_together(void **state)
{
	struct world *w = *state;
	struct story story;
	struct sim *sim = begin(w, &story, &guess);
	struct job low = job_of(1, name_low, 4), high = job_of(2, name_high, 4);

	assert_int_equal(put_pool(w, 4, 8000, 0), 0);
	assert_int_equal(simulate(w, sim, &low, w->now + 1000), 0);
	assert_int_equal(simulate(w, sim, &high, w->now + 1000), 0);
	sim_run(sim, JD_NEVER);
	finish(sim, &story,
	       "1 SUBMITTED 1, 1 SUBMITTED 2, 1 RUNNABLE 1, 1 RUNNABLE 2, 1 PLACED 2, "
	       "1 STARTED 2, 11 ENDED 2=0, 11 PLACED 1, 11 STARTED 1, 21 ENDED 1=0");
}

static void test_makespan(void **state)
{
	struct world *w = *state;
	struct sim *sim = sim_new(w->s, w->now, &guess, NULL, NULL);

	for (int64_t key = 100; key < 200; key++) { /* 100 jobs of 10 s, four at a time */
		struct job job = job_of(key, name_low, 1);

		assert_int_equal(simulate(w, sim, &job, w->now), 0);
	}
	assert_int_equal(sim_run(sim, JD_NEVER), w->now + 250000);
	assert_int_equal(sched_live(w->s), 0);
	sim_free(sim);
}

static void test_takes_over_what_runs(void **state)
{
	struct world *w = *state;
	struct world copy = *w;
	struct story story;
	struct sim *sim;

	for (int64_t key = 1; key <= 4; key++)
		submit(w, key, name_high, 2);
	decide(w);
	assert_int_equal(start(w, 1, 1), 0);
	assert_int_equal(start(w, 2, 1), 0);
	assert_int_equal(start(w, 3, 1), 0);
	assert_int_equal(tell(w, FACT_TERMINATED, 3, "x"), 0);
	decide(w);
	copy.s = sched_clone(w->s);
	copy.now += 4000;
	sim = begin(&copy, &story, &guess);
	assert_int_equal(sim_run(sim, JD_NEVER), copy.now + 10000);
	finish(sim, &story, "0 ENDED 3=143, 0 STARTED 4, 6 ENDED 1=0, 6 ENDED 2=0, 10 ENDED 4=0");
	assert_int_equal(status_of(w, 3), JOB_RUNNING); /* the original knows nothing of it */
	sched_free(copy.s);
}

static void test_dead_ends_end(void **state)
{
	struct world *w = *state;
	struct sim *sim = sim_new(w->s, w->now, &guess, NULL, NULL);
	struct job job = job_of(1, name_low, 100);

	assert_int_equal(simulate(w, sim, &job, w->now), 0);
	assert_int_equal(sim_run(sim, JD_NEVER), w->now);
	assert_int_equal(status_of(w, 1), JOB_RUNNABLE);
	sim_free(sim);
}

int main(void)
{
	/* clang-format off */
	const struct CMUnitTest tests[] = {
		T(test_life_of_a_job),
		T(test_run_until),
		T(test_retry_and_failure),
		T(test_timeout_ends_it),
		T(test_latency_and_grace),
		T(test_facts_of_one_moment_come_together),
		T(test_makespan),
		T(test_takes_over_what_runs),
		T(test_dead_ends_end),
	};
	/* clang-format on */

	return cmocka_run_group_tests_name("sim", tests, NULL, NULL);
}
