/* sim/forecast: the books of arrays, multi-node jobs, instances, Spot and Fargate. */
#include "config.h"
#include "forecast_world.h"
#include "jobdeck/catalog/catalog.h"

enum { HOUR = 3600000, MINUTE = 60000 };

static const cJSON *first(const cJSON *obj, const char *list)
{
	return cJSON_GetArrayItem(json_get(obj, list), 0);
}

/* Environment "a" on such instances, or on Fargate. */
static void put_kind(struct world *w, enum cr_type cr, char *type, int max, int64_t launch_ms)
{
	struct environment env = env_named(name_a, max);
	struct fact fact = fact_of(w, FACT_SETTINGS, 0);

	fact.settings = (struct sched_settings){ .idle_ms = MINUTE,
						 .launch_ms = launch_ms,
						 .memory_reserve_milli = CATALOG_RESERVE_MILLI,
						 .next_instance = 1 };
	assert_int_equal(apply(w, &fact), 0);
	env.cr_type = cr;
	env.strategy = STRATEGY_BEST_FIT_PROGRESSIVE;
	env.instance_type_count = type ? 1 : 0;
	env.instance_types = &type;
	assert_int_equal(put_pool(w, 16, 65536, 0), 0);
	assert_int_equal(put_env(w, &env), 0);
	decide(w);
}

static char m5_large[] = "m5.large"; /* 2 vCPU */

/* Four hours of vCPU on two instances, which idle for another minute. */
static void test_instances(void **state)
{
	struct world *w = *state;
	struct jobs j = { .count = 4, .duration = HOUR };
	const cJSON *env, *type;
	double price = (double)catalog_find(m5_large)->price_micro_usd_hour / 1e6;
	cJSON *r;

	put_kind(w, CR_EC2, m5_large, 4, 0);
	r = forecast(w, &j);
	env = first(r, "environments");
	type = first(env, "instances");
	assert_near(json_num(r, "makespanSeconds", 0), 3600);
	assert_string_equal(json_str(type, "instanceType"), m5_large);
	assert_int_equal(json_int(type, "count", 0), 2);
	assert_near(json_num(type, "hours", 0), 2 * 61.0 / 60);
	assert_near(json_num(type, "usd", 0), 2 * 61.0 / 60 * price);
	assert_near(json_num(r, "usd", 0), 2 * 61.0 / 60 * price);
	assert_near(json_num(env, "usedvCpuHours", 0), 4);
	assert_near(json_num(env, "providedvCpuHours", 0), 4 * 61.0 / 60);
	assert_near(json_num(env, "utilization", 0), 60.0 / 61);
	assert_near(json_num(json_get(r, "utilization"), "ofPool", 0), 0.25);
	cJSON_Delete(r);
}

static void test_launches_take_time(void **state)
{
	struct world *w = *state;
	struct jobs j = { .count = 4 };
	cJSON *r;

	put_kind(w, CR_EC2, m5_large, 2, 90000);
	r = forecast(w, &j);
	assert_near(json_num(first(r, "waits"), "medianSeconds", 0), 90);
	assert_near(json_num(first(r, "waits"), "worstSeconds", 0), 100);
	assert_near(json_num(r, "makespanSeconds", 0), 110);
	assert_int_equal(json_int(first(first(r, "environments"), "instances"), "count", 0), 1);
	cJSON_Delete(r);
}

/* Its price is what on-demand work uses of the pool: 4 of 16 for an hour, then nothing. */
static void test_spot(void **state)
{
	struct world *w = *state;
	struct job list[] = { job_of(1, name_high, 4), job_of(2, name_low, 1) };
	struct jobs j = { .count = 2, .duration = HOUR, .list = list };
	struct queue on_demand = queue_named(name_high, 10);
	double price = (double)catalog_find(m5_large)->price_micro_usd_hour / 1e6;
	const cJSON *env;
	double usd = -1;
	cJSON *r;

	on_demand.env_count = 1;
	on_demand.env[0] = name_b;
	assert_int_equal(put_queue(w, &on_demand), 0);
	put_kind(w, CR_SPOT, m5_large, 4, 0);
	r = forecast(w, &j);
	cJSON_ArrayForEach(env, json_get(r, "environments")) {
		if (strcmp(json_str(env, "computeEnvironment"), name_a) == 0)
			usd = json_num(env, "usd", 0);
	}
	assert_near(usd, price / 4);
	cJSON_Delete(r);
}

/* By the vCPU and the GB, for a minute at least. */
static void test_fargate(void **state)
{
	struct world *w = *state;
	struct job list[] = { job_of(1, name_low, 1), job_of(2, name_low, 1) };
	struct jobs j = { .count = 2, .list = list };
	double price = (double)catalog_fargate_price(1000, 2048, ARCH_X86_64, false) / 1e6;
	const cJSON *type;
	cJSON *r;

	for (int i = 0; i < 2; i++) {
		list[i].need.memory_mib = 2048;
		list[i].platform = PLATFORM_FARGATE;
	}
	put_kind(w, CR_FARGATE, NULL, 4, 0);
	r = forecast(w, &j);
	type = first(first(r, "environments"), "instances");
	assert_near(json_num(r, "makespanSeconds", 0), 10);
	assert_string_equal(json_str(type, "instanceType"), "FARGATE");
	assert_int_equal(json_int(type, "count", 0), 2);
	assert_near(json_num(type, "hours", 0), 2.0 / 60);
	assert_near(json_num(r, "usd", 0), 2 * price / 60);
	cJSON_Delete(r);
}

static struct job array_of(int64_t key, int vcpus, int size)
{
	struct job job = job_of(key, name_low, vcpus);

	job.kind = JOB_KIND_ARRAY;
	job.size = size;
	return job;
}

/* What a child waits for is the room, not the child before it. */
static void test_sequential_array(void **state)
{
	struct job list[] = { array_of(1, 1, 4) };
	struct jobs j = { .count = 1, .list = list };
	cJSON *r;

	list[0].sequential = true;
	r = forecast(*state, &j);
	assert_near(json_num(r, "makespanSeconds", 0), 40);
	assert_int_equal(json_int(json_get(r, "jobs"), "arrived", 0), 4);
	assert_int_equal(json_int(json_get(r, "jobs"), "succeeded", 0), 4);
	assert_int_equal(json_int(first(r, "waits"), "jobs", 0), 4);
	assert_near(json_num(first(r, "waits"), "worstSeconds", -1), 0);
	cJSON_Delete(r);
}

/* One child at a time. Those of the first array wait 0, 10, 20 and 30 s, and those of the second
 * 30 s each since the same child of the first has ended. */
static void test_children_after_children(void **state)
{
	struct job list[] = { array_of(1, 4, 4), array_of(6, 4, 4) };
	struct dependency after = { .job = 1, .type = DEPENDENCY_N_TO_N };
	struct jobs j = { .count = 2, .list = list };
	cJSON *r;

	list[1].depends = &after;
	list[1].depends_count = 1;
	r = forecast(*state, &j);
	assert_near(json_num(r, "makespanSeconds", 0), 80);
	assert_int_equal(json_int(first(r, "waits"), "jobs", 0), 8);
	assert_near(json_num(first(r, "waits"), "medianSeconds", 0), 30);
	assert_near(json_num(first(r, "waits"), "worstSeconds", 0), 30);
	cJSON_Delete(r);
}

static void test_array_after_job(void **state)
{
	struct job list[] = { job_of(1, name_low, 1), array_of(2, 1, 4) };
	struct dependency after = { .job = 1 };
	struct jobs j = { .count = 2, .list = list };
	cJSON *r;

	list[1].depends = &after;
	list[1].depends_count = 1;
	r = forecast(*state, &j);
	assert_near(json_num(r, "makespanSeconds", 0), 20);
	assert_near(json_num(first(r, "waits"), "worstSeconds", -1), 0);
	cJSON_Delete(r);
}

/* Nodes use vCPUs; the job is one. */
static void test_multinode(void **state)
{
	struct job list[] = { job_of(1, name_low, 2), job_of(2, name_low, 1) };
	struct jobs j = { .count = 2, .list = list };
	cJSON *r;

	list[1].kind = JOB_KIND_MULTINODE;
	list[1].size = 3;
	list[1].node_need_count = 1;
	list[1].node_need[0] = (struct node_need){ 0, 2, list[1].need };
	r = forecast(*state, &j);
	assert_near(json_num(r, "makespanSeconds", 0), 20);
	assert_int_equal(json_int(json_get(r, "jobs"), "succeeded", 0), 2);
	assert_int_equal(json_int(first(r, "waits"), "jobs", 0), 2);
	assert_near(json_num(first(r, "waits"), "worstSeconds", 0), 10);
	assert_near(json_num(json_get(r, "utilization"), "usedvCpuHours", 0), (2 + 3) * 10.0 / 3600);
	cJSON_Delete(r);
}

/* Children that are there already: of four one runs, and waits count from now. */
static void test_array_from_now(void **state)
{
	struct world *w = *state;
	struct job array = array_of(1, 4, 4);
	struct jobs j = { .count = 0 };
	cJSON *r;

	assert_int_equal(submit_job(w, &array), 0);
	decide(w);
	assert_int_equal(start(w, 2, 1), 0);
	w->now += 4000;
	r = forecast(w, &j);
	assert_int_equal(json_int(json_get(r, "jobs"), "present", 0), 4);
	assert_int_equal(json_int(json_get(r, "jobs"), "succeeded", 0), 4);
	assert_near(json_num(r, "makespanSeconds", 0), 36);
	assert_int_equal(json_int(first(r, "waits"), "jobs", 0), 3);
	assert_near(json_num(first(r, "waits"), "worstSeconds", 0), 26);
	cJSON_Delete(r);
}

int main(void)
{
	/* clang-format off */
	const struct CMUnitTest tests[] = {
		T(test_instances),
		T(test_launches_take_time),
		T(test_spot),
		T(test_fargate),
		T(test_sequential_array),
		T(test_children_after_children),
		T(test_array_after_job),
		T(test_multinode),
		T(test_array_from_now),
	};
	/* clang-format on */

	return cmocka_run_group_tests_name("forecast_books", tests, NULL, NULL);
}
