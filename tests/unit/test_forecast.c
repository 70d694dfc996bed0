/* sim/forecast: the scheduler on a made-up clock, and the account of it. */
#include "config.h"
#include "forecast_world.h"

/* 100 jobs of 10 s, four at a time: the n-th waits (n / 4) * 10 s. */
static void test_makespan_and_waits(void **state)
{
	struct jobs j = { .count = 100 };
	cJSON *r = forecast(*state, &j);
	const cJSON *wait = cJSON_GetArrayItem(json_get(r, "waits"), 0);
	const cJSON *use = json_get(r, "utilization");

	assert_near(json_num(r, "makespanSeconds", 0), 250);
	assert_int_equal(json_int(json_get(r, "jobs"), "arrived", 0), 100);
	assert_int_equal(json_int(json_get(r, "jobs"), "succeeded", 0), 100);
	assert_int_equal(json_int(json_get(r, "jobs"), "attempts", 0), 100);
	assert_string_equal(json_str(wait, "jobQueue"), name_low);
	assert_int_equal(json_int(wait, "jobs", 0), 100);
	assert_near(json_num(wait, "medianSeconds", 0), 120);
	assert_near(json_num(wait, "p95Seconds", 0), 230);
	assert_near(json_num(wait, "worstSeconds", 0), 240);
	assert_near(json_num(use, "usedvCpuHours", 0), 1000.0 / 3600);
	assert_near(json_num(use, "ofPool", 0), 0.5); /* 4 of 8 */
	assert_near(json_num(use, "ofProvided", 0), 1);
	assert_int_equal(json_int(r, "neverCount", -1), 0);
	cJSON_Delete(r);
}

static void test_arrivals_in_time(void **state)
{
	struct jobs j = { .count = 10, .every = 20000 };
	cJSON *r = forecast(*state, &j);

	assert_near(json_num(r, "makespanSeconds", 0), 190);
	assert_near(json_num(cJSON_GetArrayItem(json_get(r, "waits"), 0), "worstSeconds", -1), 0);
	cJSON_Delete(r);
}

static void test_never(void **state)
{
	struct jobs j = { .count = 7, .vcpus = 100 };
	cJSON *r = forecast(*state, &j);
	const cJSON *first = cJSON_GetArrayItem(json_get(r, "never"), 0);

	assert_int_equal(json_int(r, "neverCount", 0), 7);
	assert_int_equal(json_count(r, "never"), 5);
	assert_int_equal(json_int(first, "job", 0), 1000);
	assert_string_equal(json_str(first, "jobQueue"), name_low);
	assert_non_null(strstr(json_str(first, "reason"), "can never run"));
	assert_near(json_num(r, "makespanSeconds", -1), 0);
	cJSON_Delete(r);
}

/* What is there already: one runs since 4 s, one waits. */
static void test_from_now(void **state)
{
	struct world *w = *state;
	struct jobs j = { .count = 0 };
	const cJSON *wait;
	cJSON *r;

	submit(w, 1, name_low, 4);
	submit(w, 2, name_low, 1);
	decide(w);
	assert_int_equal(start(w, 1, 1), 0);
	w->now += 4000;
	r = forecast(w, &j);
	wait = cJSON_GetArrayItem(json_get(r, "waits"), 0);
	assert_near(json_num(r, "makespanSeconds", 0), 16);
	assert_int_equal(json_int(wait, "jobs", 0), 1);
	assert_near(json_num(wait, "worstSeconds", 0), 6);
	assert_int_equal(json_int(json_get(r, "jobs"), "succeeded", 0), 2);
	assert_near(json_num(json_get(r, "utilization"), "usedvCpuHours", 0), 34.0 / 3600);
	assert_int_equal(status_of(w, 2), JOB_RUNNABLE); /* the original knows nothing of it */
	cJSON_Delete(r);
}

static char *printed(cJSON *r)
{
	char *text = json_print(r);

	cJSON_Delete(r);
	return text;
}

static char *spread(struct world *w, uint64_t seed, int64_t piece)
{
	struct jobs j = { .count = 50, .every = 1000 };
	struct forecast_options o = options_of(w, &j);

	o.seed = seed;
	o.spread_percent = 50;
	return printed(finish(forecast_new(&o), piece));
}

static void test_one_seed_one_forecast(void **state)
{
	cleanup_free char *a = spread(*state, 1, 1000000), *b = spread(*state, 1, 1000000);
	cleanup_free char *c = spread(*state, 2, 1000000), *pieces = spread(*state, 1, 7);

	assert_string_equal(a, b);
	assert_string_equal(a, pieces);
	assert_string_not_equal(a, c);
}

static int no_job(void *arg, int64_t key, struct forecast_arrival *out, struct err *err)
{
	(void)arg;
	(void)key;
	(void)out;
	return err_set(err, ERR_INVALID, "line 1 is wrong");
}

static void test_errors_of_the_source(void **state)
{
	struct jobs j = { .count = 1 };
	struct forecast_options o = options_of(*state, &j);
	struct err err = { 0 };
	struct forecast *f;

	o.source.next = no_job;
	f = forecast_new(&o);
	assert_int_equal(forecast_go(f, 1000, &err), -1);
	assert_string_equal(err.text, "line 1 is wrong");
	forecast_free(f);
}

static void test_refused_arrival(void **state)
{
	static char nowhere[] = "nowhere";
	struct jobs j = { .count = 1, .queue = nowhere };
	struct forecast_options o = options_of(*state, &j);
	struct err err = { 0 };
	struct forecast *f = forecast_new(&o);

	assert_int_equal(forecast_go(f, 1000, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	forecast_free(f);
}

/* Who ended when, told as it happens. */
struct told {
	int count;
	struct forecast_job last;
};

static void note(void *arg, const struct forecast_job *job)
{
	struct told *t = arg;

	t->count++;
	t->last = *job;
}

static void test_jobs_are_told(void **state)
{
	struct world *w = *state;
	struct jobs j = { .count = 5 };
	struct forecast_options o = options_of(w, &j);
	struct told told = { 0 };
	struct forecast *f;

	o.ended = note;
	o.ended_arg = &told;
	o.start_ms = 2000;
	f = forecast_new(&o);
	cJSON_Delete(finish(f, 1000000));
	assert_int_equal(told.count, 5);
	assert_int_equal(told.last.key, 1004);
	assert_int_equal(told.last.status, JOB_SUCCEEDED);
	assert_int_equal(told.last.arrived, w->now);
	assert_int_equal(told.last.runnable, w->now);
	assert_int_equal(told.last.started, w->now + 14000);
	assert_int_equal(told.last.ended, w->now + 24000);
}

int main(void)
{
	/* clang-format off */
	const struct CMUnitTest tests[] = {
		T(test_makespan_and_waits),
		T(test_arrivals_in_time),
		T(test_never),
		T(test_from_now),
		T(test_one_seed_one_forecast),
		T(test_errors_of_the_source),
		T(test_refused_arrival),
		T(test_jobs_are_told),
	};
	/* clang-format on */

	return cmocka_run_group_tests_name("forecast", tests, NULL, NULL);
}
