/* JobdeckForecast, what it knows of past runs, and changes that somebody would like to try. */
#include "config.h"
#include "api_fixture.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* On the fake backend, which takes such commands. */
#define RUN(words) "'containerOverrides':{'command':['fake'," words "]}"

static void run_one(struct fixture *f, const char *name, const char *command)
{
	cJSON *out cleanup_json = NULL;
	cleanup_free char *in =
		xasprintf("{'jobName':'%s','jobQueue':'q','jobDefinition':'sleep',%s}", name, command);

	out = get(f, "SubmitJob", in, NULL);
	let("JOB", json_str(out, "jobId"));
	eventually(f, "DescribeJobs", "{'jobs':['$JOB']}", "{'jobs':[{'status':'SUCCEEDED'}]}");
}

static void test_what_is_there(void **state)
{
	struct fixture *f = *state;

	make_world(f);
	submit_many(f, "j", RUN("'run=1000000'"), 12);
	expect(f, "JobdeckForecast", "{'durationSeconds':100,'jobs':20}",
	       "{'done':true,'jobs':{'present':12,'succeeded':12,'failed':0},"
	       "'durations':[{'source':'REQUEST','durationSeconds':100}],'changes':[],"
	       "'never':[],'neverCount':0,'seed':1,"
	       "'jobList':[{},{},{},{},{},{},{},{},{},{},{},{}]}");
	/* Nothing of it has happened. */
	expect(f, "ListJobs", "{'jobQueue':'q','jobStatus':'SUCCEEDED'}", "{'jobSummaryList':[]}");
}

static double makespan(struct fixture *f, const char *in)
{
	cJSON *out cleanup_json = get(f, "JobdeckForecast", in, "{'done':true}");

	return json_num(out, "makespanSeconds", -1);
}

static void test_changes(void **state)
{
	struct fixture *f = *state;

	make_world(f);
	submit_many(f, "j", RUN("'run=1000000'"), 12);
	assert_true(makespan(f, "{'durationSeconds':100}") > 199);
	assert_true(makespan(f, "{'durationSeconds':100}") < 201);
	assert_true(makespan(f, "{'durationSeconds':100,'set':['ce.maxvCpus=12','pool.vcpus=12',"
			       "'pool.memory=100000']}") < 101);
	expect(f, "JobdeckForecast", "{'durationSeconds':100,'set':['q.state=DISABLED']}",
	       "{'done':true,'changes':['q.state=DISABLED']}");
}

static void test_wrong_changes(void **state)
{
	static const struct {
		const char *set, *text;
	} cases[] = {
		{ "ce", "write NAME.PROPERTY=VALUE, as in local-ce.maxvCpus=64" },
		{ "ce.maxvCpus", "write NAME.PROPERTY=VALUE" },
		{ "=", "write NAME.PROPERTY=VALUE" },
		{ ".=", "there is no property" },
		{ "nobody.maxvCpus=3", "there is nothing called nobody that has maxvCpus" },
		{ "q.maxvCpus=3", "there is nothing called q that has maxvCpus" },
		{ "ce.size=3", "there is no property size to set" },
		{ "ce.maxvCpus=many", "must be a whole number" },
		{ "ce.maxvCpus=99999999999999999999", "must be a whole number" },
		{ "ce.type=CHEAP", "CHEAP" },
		{ "ce.state=ON", "ON" },
		{ "ce.instanceTypes=nosuch.large", "nosuch.large" },
		{ "q.computeEnvironments=nowhere", "nowhere" },
		{ "pool.size=3", "a pool has vcpus" },
		{ "launch_seconds=soon", "must be a whole number" },
		{ "launch_failure_percent=101", "that is 100 at most" },
	};
	struct fixture *f = *state;

	make_world(f);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup_free char *in = xasprintf("{'set':['%s']}", cases[i].set);

		refuse(f, "JobdeckForecast", in, "ClientException", cases[i].text);
	}
	refuse(f, "JobdeckForecast", "{'jobIds':['nobody']}", "ClientException",
	       "Job nobody does not exist");
	refuse(f, "JobdeckForecast", "{'forecastId':7}", "ClientException", "no forecast 7");
	refuse(f, "JobdeckForecast", "{'spreadPercent':100}", "ClientException", "spreadPercent");
}

/* Of three jobs that wait: of the same name, of the same name, of the definition. */
static void check_history(const cJSON *d)
{
	const char *name = json_str_or(d, "jobName", "");
	double seconds = json_num(d, "durationSeconds", -1);

	assert_string_equal(json_str(d, "source"), "HISTORY");
	assert_string_equal(json_str(d, "jobDefinition"), "sleep");
	assert_int_equal(json_int(d, "attempts", 0), 1);
	if (strcmp(name, "long") == 0)
		assert_true(seconds >= 0.2 && json_int(d, "runs", 0) == 1);
	else if (strcmp(name, "short") == 0)
		assert_true(seconds >= 0.02 && seconds < 0.2 && json_int(d, "runs", 0) == 2);
	else
		assert_true(seconds < 0.2 && json_int(d, "runs", 0) == 3);
}

static void test_history(void **state)
{
	struct fixture *f = *state;
	cJSON *out cleanup_json = NULL;
	const cJSON *d;

	make_world(f);
	run_one(f, "short", RUN("'run=20'"));
	run_one(f, "short", RUN("'run=20'"));
	run_one(f, "long", RUN("'run=200'"));
	submit(f, "short", RUN("'run=1000000'"));
	submit(f, "long", RUN("'run=1000000'"));
	submit(f, "other", RUN("'run=1000000'"));
	out = get(f, "JobdeckForecast", "{}", "{'done':true,'durations':[{},{},{}]}");
	cJSON_ArrayForEach(d, json_get(out, "durations"))
		check_history(d);
}

static void test_nothing_is_known(void **state)
{
	struct fixture *f = *state;

	make_world(f);
	submit(f, "j", "");
	expect(f, "JobdeckForecast", "{}",
	       "{'done':true,'durations':[{'source':'NONE','durationSeconds':60,'attempts':1}]}");
}

/* Of an array its children are asked for; and by their ids. */
static void test_children(void **state)
{
	struct fixture *f = *state;

	make_world(f);
	submit(f, "ARR", "'arrayProperties':{'size':20}");
	expect(f, "JobdeckForecast", "{'durationSeconds':10,'jobIds':['$ARR:3']}",
	       "{'done':true,'jobs':{'present':20,'succeeded':20},"
	       "'jobList':[{'jobId':'$ARR:3','jobName':'ARR','status':'SUCCEEDED','jobQueue':'q'}]}");
}

static void test_never(void **state)
{
	struct fixture *f = *state;

	make_world(f);
	submit(f, "BIG", "'containerOverrides':{'resourceRequirements':[{'type':'VCPU','value':'99'}]}");
	expect(f, "JobdeckForecast", "{}",
	       "{'done':true,'makespanSeconds':0,'neverCount':1,'never':[{'jobId':'$BIG','jobName':'BIG',"
	       "'jobQueue':'q','never':true}]}");
}

/* The clock goes on between two calls, so a little is different each time. */
static void test_seeds(void **state)
{
	struct fixture *f = *state;

	make_world(f);
	submit_many(f, "j", "", 40);
	assert_true(fabs(makespan(f, "{'spreadPercent':50,'seed':5}") -
			 makespan(f, "{'spreadPercent':50,'seed':5}")) < 0.5);
	assert_true(fabs(makespan(f, "{'spreadPercent':50,'seed':5}") -
			 makespan(f, "{'spreadPercent':50,'seed':6}")) > 0.5);
}

/* A long one answers how far it is, and goes on when it is asked again. */
static void test_in_parts(void **state)
{
	struct fixture *f = *state;
	cJSON *out = NULL;
	int asked = 0;

	make_world(f);
	submit(f, "arr", "'arrayProperties':{'size':10000}");
	out = get(f, "JobdeckForecast", "{'waitMs':0,'durationSeconds':1}", "{'done':false}");
	for (; !json_bool(out, "done", true); asked++) {
		cleanup_free char *in = xasprintf("{'waitMs':0,'forecastId':%lld}",
						  (long long)json_int(out, "forecastId", 0));

		assert_true(json_int(out, "liveJobs", 0) > 0);
		assert_true(json_int(out, "reached", 0) >= json_int(out, "startsAt", 1));
		cJSON_Delete(out);
		out = get(f, "JobdeckForecast", in, NULL);
	}
	assert_true(asked > 1);
	assert_int_equal(json_int(json_get(out, "jobs"), "succeeded", 0), 10000);
	cJSON_Delete(out);
}

/* Four may be made at a time; they end with the server. */
static void test_not_too_many(void **state)
{
	struct fixture *f = *state;

	make_world(f);
	submit(f, "arr", "'arrayProperties':{'size':10000}");
	for (int i = 0; i < 4; i++)
		expect(f, "JobdeckForecast", "{'waitMs':0,'durationSeconds':1}", "{'done':false}");
	refuse(f, "JobdeckForecast", "{}", "ClientException", "4 forecasts are being made");
}

int main(void)
{
	/* clang-format off */
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, api_up_slow, api_down)
		T(test_what_is_there),
		T(test_changes),
		T(test_wrong_changes),
		T(test_history),
		T(test_nothing_is_known),
		T(test_children),
		T(test_never),
		T(test_seeds),
		T(test_in_parts),
		T(test_not_too_many),
	};
	/* clang-format on */

	return cmocka_run_group_tests_name("api_forecast", tests, NULL, NULL);
}
