/* api/workload and api/whatif: a forecast of a file, in a world that documents describe. JSON in
 * these tests is written with ' for ". */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "jobdeck/api/whatif.h"
#include "jobdeck/api/workload.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/catalog/catalog.h"

enum { START = 1000000000 };

static char *quoted(const char *text)
{
	char *out = xstrdup(text);

	for (char *c = out; *c; c++)
		*c = *c == '\'' ? '"' : *c;
	return out;
}

static cJSON *doc(const char *text)
{
	cleanup_free char *json = quoted(text);
	cJSON *out = cJSON_Parse(json);

	assert_non_null(out);
	return out;
}

/* Environment ce of 4 vCPUs on this machine of 8, spot on c5.large; queues q and s on them. */
static struct whatif *world(void)
{
	static const struct resources pool = { 8000, 65536, 0 };
	static const struct sched_settings settings = { .idle_ms = 60000,
							.memory_reserve_milli = CATALOG_RESERVE_MILLI,
							.next_instance = 1 };
	static const char *const environments[] = {
		"{'computeEnvironmentName':'ce','type':'MANAGED','state':'ENABLED','status':'VALID',"
		"'computeResources':{'type':'EC2','maxvCpus':4,'minvCpus':0}}",
		"{'computeEnvironmentName':'spot','type':'MANAGED','state':'ENABLED',"
		"'status':'VALID','computeResources':{'type':'SPOT','maxvCpus':8,'minvCpus':0,"
		"'allocationStrategy':'BEST_FIT_PROGRESSIVE','instanceTypes':['c5.large']}}",
	};
	static const char *const queues[] = {
		"{'jobQueueName':'q','state':'ENABLED','status':'VALID','priority':1,"
		"'computeEnvironmentOrder':[{'order':1,'computeEnvironment':'ce'}]}",
		"{'jobQueueName':'s','state':'ENABLED','status':'VALID','priority':1,"
		"'computeEnvironmentOrder':[{'order':1,'computeEnvironment':'arn:aws:batch:us-east-"
		"1:000000000000:compute-environment/spot'}]}",
	};
	struct whatif *w = whatif_new(&pool, &settings);

	for (size_t i = 0; i < ARRAY_LEN(environments); i++)
		assert_int_equal(whatif_add(w, WHATIF_ENVIRONMENT, doc(environments[i]), 0, NULL), 0);
	for (size_t i = 0; i < ARRAY_LEN(queues); i++)
		assert_int_equal(whatif_add(w, WHATIF_QUEUE, doc(queues[i]), 0, NULL), 0);
	return w;
}

static const char *const definition_text =
	"{'jobDefinitionName':'def','revision':3,'type':'container','containerProperties':{"
	"'image':'x','resourceRequirements':[{'type':'VCPU','value':'2'},"
	"{'type':'MEMORY','value':'256'}]},'retryStrategy':{'attempts':3}}";

struct source {
	cJSON *definition;
	int asked;
};

static const cJSON *definition(void *arg, const char *name, struct err *err)
{
	struct source *s = arg;

	s->asked++;
	if (strcmp(name, "def") == 0)
		return s->definition;
	err_set(err, ERR_NOT_FOUND, "there is no job definition %s", name);
	return NULL;
}

static int64_t duration(void *arg, const cJSON *job, struct err *err)
{
	(void)arg;
	(void)job;
	(void)err;
	return 10000;
}

struct run {
	cJSON *report, *jobs;
	struct err err;
	struct workload *workload;
	int asked;
};

static void note(void *arg, const struct forecast_job *job)
{
	struct run *r = arg;
	cJSON *out = cJSON_CreateObject();

	workload_describe(r->workload, job->key, out);
	json_add_str(out, "status", job_status_name(job->status));
	json_add_int(out, "starts", job->started ? (job->started - START) / 1000 : -1);
	json_add_int(out, "ends", (job->ended - START) / 1000);
	cJSON_AddItemToArray(r->jobs, out);
}

static char *file_of(const char *text)
{
	char *path = xstrdup("/tmp/jobdeck-workload-XXXXXX");
	cleanup_free char *json = quoted(text);
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, json, strlen(json)), strlen(json));
	close(fd);
	return path;
}

static void go(struct run *r, const struct whatif *w, struct source *s)
{
	struct forecast_options o = { .sched = sched_new(),
				      .start = workload_start(r->workload),
				      .next_key = 1,
				      .source = { workload_next, workload_settle,
						  workload_duration, workload_exit_code,
						  workload_ended, r->workload },
				      .ended = note,
				      .ended_arg = r,
				      .never_max = 3 };
	struct forecast *f;
	int rc;

	if (whatif_tell(w, o.sched, o.start, false, &r->err) < 0)
		fail_msg("%s", r->err.text);
	f = forecast_new(&o);
	while ((rc = forecast_go(f, 100, &r->err)) > 0)
		;
	if (rc == 0)
		r->report = forecast_report(f);
	forecast_free(f);
	r->asked = s->asked;
}

static struct run run_file(const char *text, const char *change)
{
	struct run r = { .jobs = cJSON_CreateArray() };
	cleanup_free char *path = file_of(text);
	struct source s = { .definition = doc(definition_text) };
	struct workload_source source = { definition, duration, &s };
	struct whatif *w = world();

	if (change)
		assert_int_equal(whatif_set(w, change, &r.err), 0);
	r.workload = workload_open(path, START, &source, &r.err);
	if (r.workload)
		go(&r, w, &s);
	unlink(path);
	workload_close(r.workload);
	whatif_free(w);
	cJSON_Delete(s.definition);
	return r;
}

static void run_fini(struct run *r)
{
	cJSON_Delete(r->report);
	cJSON_Delete(r->jobs);
}

/* "line status starts-ends" of each, in the order they ended. */
static void expect(const char *text, const char *change, const char *want)
{
	struct run r = run_file(text, change);
	char got[2000] = "";
	const cJSON *job;
	size_t n = 0;

	if (!r.report)
		fail_msg("%s", r.err.text);
	cJSON_ArrayForEach(job, r.jobs)
		n += (size_t)snprintf(got + n, sizeof got - n, "%s%d%c %d-%d", n ? ", " : "",
				      (int)json_int(job, "line", 0), *json_str(job, "status"),
				      (int)json_int(job, "starts", 0), (int)json_int(job, "ends", 0));
	assert_string_equal(got, want);
	run_fini(&r);
}

#define ONE "'containerOverrides':{'resourceRequirements':[{'type':'VCPU','value':'1'}," \
	    "{'type':'MEMORY','value':'128'}]}"
#define FOUR "'containerOverrides':{'resourceRequirements':[{'type':'VCPU','value':'4'}," \
	     "{'type':'MEMORY','value':'128'}]}"
#define Q "'jobQueue':'q',"

static void test_lines(void **state)
{
	(void)state;
	expect("# nothing\n\n{" Q FOUR ",'durationSeconds':5}\r\n"
	       "{" Q FOUR ",'arrivalTime':100}\n"
	       "{" Q FOUR ",'at':'1970-01-12T13:50:00Z','durationSeconds':0.5}",
	       NULL, "3S 0-5, 4S 100-110, 5S 200-200");
	expect("{'jobQueue':'q','jobDefinition':'def'}\n{'jobQueue':'q','jobDefinition':'def'}\n"
	       "{'jobQueue':'arn:aws:batch:us-east-1:000000000000:job-queue/q','jobDefinition':'def'}",
	       NULL, "1S 0-10, 2S 0-10, 3S 10-20");
	/* A moment in the first line is when all begins. */
	expect("{" Q ONE ",'arrivalTime':'1970-01-12T13:46:50Z'}", NULL, "1S 10-20");
}

static void test_repeated(void **state)
{
	(void)state;
	expect("{" Q ONE ",'count':3,'everySeconds':20}\n{" Q ONE ",'count':2,'arrivalTime':30}", NULL,
	       "1S 0-10, 1S 20-30, 2S 30-40, 2S 30-40, 1S 40-50");
	expect("{" Q ONE ",'count':6}", NULL, "1S 0-10, 1S 0-10, 1S 0-10, 1S 0-10, 1S 10-20, 1S 10-20");
	expect("{" Q ONE ",'count':6}", "ce.maxvCpus=3",
	       "1S 0-10, 1S 0-10, 1S 0-10, 1S 10-20, 1S 10-20, 1S 10-20");
}

static void test_exit_codes(void **state)
{
	(void)state;
	expect("{" Q ONE ",'exitCode':1}", NULL, "1F 0-10");
	expect("{" Q "'jobDefinition':'def','exitCode':[1,1,0]}", NULL, "1S 0-30");
	expect("{" Q "'jobDefinition':'def','exitCode':3}", NULL, "1F 0-30");
	expect("{" Q "'jobDefinition':'def','exitCode':3,'retryStrategy':{'attempts':2}}", NULL,
	       "1F 0-20");
	expect("{" Q ONE ",'timeout':{'attemptDurationSeconds':60},'durationSeconds':1000}", NULL,
	       "1F 0-60");
}

/* Jobs wait for those that live, for those that have ended well they do not, and fail at once
 * after those that failed. */
static void test_dependencies(void **state)
{
	(void)state;
	expect("{" Q ONE ",'jobId':'a'}\n{" Q ONE ",'dependsOn':[{'jobId':'a'}]}\n"
	       "{" Q ONE ",'dependsOn':[{'jobId':'a'}],'arrivalTime':50}",
	       NULL, "1S 0-10, 2S 10-20, 3S 50-60");
	expect("{" Q ONE ",'jobId':'a','exitCode':1}\n{" Q ONE ",'dependsOn':[{'jobId':'a'}]}\n"
	       "{" Q ONE ",'dependsOn':[{'jobId':'a'}],'arrivalTime':50}\n"
	       "{" Q ONE ",'dependsOn':[{'jobId':'a'}],'count':2}\n"
	       "{" Q ONE ",'tags':{'jobdeck:after-any':'a'}}",
	       NULL, "1F 0-10, 2F -1-10, 3F -1-50, 4F -1-50, 4F -1-50, 5S 50-60");
}

static void test_arrays(void **state)
{
	(void)state;
	expect("{" Q ONE ",'arrayProperties':{'size':3},'dependsOn':[{'type':'SEQUENTIAL'}]}", NULL,
	       "1S 0-10, 1S 10-20, 1S 20-30");
	expect("{" Q ONE ",'arrayProperties':{'size':2},'jobId':'a'}\n"
	       "{" Q ONE ",'arrayProperties':{'size':2},'dependsOn':[{'jobId':'a','type':'N_TO_N'}]}\n"
	       "{" Q ONE ",'dependsOn':[{'jobId':'a:1'}]}",
	       NULL, "1S 0-10, 1S 0-10, 2S 10-20, 2S 10-20, 3S 10-20");
	/* All have failed before the others come. */
	expect("{" Q ONE ",'arrayProperties':{'size':2},'jobId':'a','exitCode':1}\n"
	       "{" Q ONE ",'arrayProperties':{'size':2},'dependsOn':[{'jobId':'a','type':'N_TO_N'}],"
	       "'arrivalTime':20}\n"
	       "{" Q ONE ",'dependsOn':[{'jobId':'a:0'}],'jobId':'c'}\n"
	       "{" Q ONE ",'arrayProperties':{'size':3},'dependsOn':[{'jobId':'c'}],'jobId':'d'}\n"
	       "{" Q ONE ",'dependsOn':[{'jobId':'d:2'}]}",
	       NULL, "1F 0-10, 1F 0-10, 3F -1-20, 4F -1-20, 5F -1-20, 2F -1-20, 2F -1-20");
}

static void test_never_made_children_count(void **state)
{
	struct run r = run_file("{" Q ONE ",'jobId':'a','exitCode':1}\n"
				"{" Q ONE ",'arrayProperties':{'size':30},'dependsOn':[{'jobId':'a'}]}",
				NULL);

	(void)state;
	assert_non_null(r.report);
	assert_int_equal(json_int(json_get(r.report, "jobs"), "arrived", 0), 31);
	assert_int_equal(json_int(json_get(r.report, "jobs"), "failed", 0), 31);
	assert_int_equal(json_int(r.report, "neverCount", -1), 0);
	run_fini(&r);
}

static void test_wrong_lines(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "", "there is no job in the file" },
		{ "# only this\n", "there is no job in the file" },
		{ "no json", "line 1: " },
		{ "[]", "line 1: a job is an object" },
		{ "{" Q ONE "}\n{" ONE "}", "line 2: jobQueue is missing" },
		{ "{'jobQueue':'nowhere'," ONE "}", "nowhere" },
		{ "{'jobQueue':'q'}", "line 1: " },
		{ "{'jobQueue':'q','jobDefinition':'nope'}", "line 1: there is no job definition nope" },
		{ "{" Q ONE ",'arrivalTime':5}\n{" Q ONE ",'arrivalTime':4}",
		  "line 2: it arrives before the line above" },
		{ "{" Q ONE ",'arrivalTime':'soon'}", "line 1: arrivalTime must be" },
		{ "{" Q ONE ",'arrivalTime':-1}", "line 1: arrivalTime must be" },
		{ "{" Q ONE ",'count':0}", "line 1: count must be a number from 1" },
		{ "{" Q ONE ",'count':'2'}", "line 1: count must be" },
		{ "{" Q ONE ",'count':2,'jobId':'a'}", "line 1: a jobId can name only one job" },
		{ "{" Q ONE ",'jobId':'a'}\n{" Q ONE ",'jobId':'a'}",
		  "line 2: a line above has the jobId a already" },
		{ "{" Q ONE ",'durationSeconds':-5}", "line 1: durationSeconds must be" },
		{ "{" Q ONE ",'exitCode':256}", "line 1: exitCode must be" },
		{ "{" Q ONE ",'exitCode':[]}", "line 1: exitCode must be" },
		{ "{" Q ONE ",'exitCode':['0']}", "line 1: exitCode must be" },
		{ "{" Q ONE ",'dependsOn':[{'jobId':'b'}]}",
		  "line 1: dependsOn: no line above has the jobId b" },
		{ "{" Q ONE ",'dependsOn':[{}]}", "line 1: dependsOn: jobId is required" },
		{ "{" Q ONE ",'dependsOn':[{'type':'SEQUENTIAL'}]}", "only for array jobs" },
		{ "{" Q ONE ",'arrayProperties':{'size':1}}", "arrayProperties.size must be between 2" },
		{ "{" Q ONE ",'jobId':'a','arrayProperties':{'size':3}}\n{" Q ONE
		  ",'arrayProperties':{'size':4},'dependsOn':[{'jobId':'a','type':'N_TO_N'}]}",
		  "line 2: dependsOn: type N_TO_N needs array jobs of the same size" },
		{ "{" Q ONE ",'jobId':'a','arrayProperties':{'size':3}}\n{" Q ONE
		  ",'dependsOn':[{'jobId':'a:3'}]}",
		  "line 2: dependsOn: no line above has the jobId a:3" },
		{ "{'jobQueue':'q','jobDefinition':'def','nodeOverrides':{'numNodes':3}}", "line 1: " },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct run r = run_file(cases[i].text, NULL);

		if (r.report || !r.err.kind || !strstr(r.err.text, cases[i].error))
			fail_msg("%s: wanted %s, got %s", cases[i].text, cases[i].error,
				 r.report ? "a report" : r.err.text);
		run_fini(&r);
	}
}

/* A definition is asked for once, however many use it. */
static void test_definitions_once(void **state)
{
	struct run r = run_file("{" Q "'jobDefinition':'def'}\n{" Q "'jobDefinition':'def','count':100}\n"
				"{" Q "'jobDefinition':'def'}",
				NULL);

	(void)state;
	assert_non_null(r.report);
	assert_int_equal(json_int(json_get(r.report, "jobs"), "succeeded", 0), 102);
	assert_int_equal(r.asked, 1);
	run_fini(&r);
}

static const cJSON *environment(const struct run *r)
{
	return json_get(r->report, "environments")->child;
}

static void test_changes(void **state)
{
	static const char four[] = "{'jobQueue':'s'," ONE ",'durationSeconds':3600,'count':4}";
	double price = (double)catalog_find("c5.large")->price_micro_usd_hour / 1e6;
	struct run r = run_file(four, "spot.type=EC2");
	const cJSON *type;

	(void)state;
	assert_non_null(r.report);
	type = json_get(environment(&r), "instances")->child;
	assert_string_equal(json_str(type, "instanceType"), "c5.large");
	assert_int_equal(json_int(type, "count", 0), 2);
	assert_true(json_num(type, "usd", 0) > 2 * price && json_num(type, "usd", 0) < 2.1 * price);
	run_fini(&r);
	r = run_file(four, "spot.instanceTypes=c5.xlarge");
	type = json_get(environment(&r), "instances")->child;
	assert_string_equal(json_str(type, "instanceType"), "c5.xlarge");
	assert_int_equal(json_int(type, "count", 0), 1);
	run_fini(&r);
	r = run_file(four, "s.computeEnvironments=ce,spot");
	assert_string_equal(json_str(environment(&r), "computeEnvironment"), "ce");
	run_fini(&r);
	r = run_file(four, "launch_seconds=30");
	assert_int_equal((int)json_num(r.report, "makespanSeconds", 0), 3630);
	run_fini(&r);
}

static void test_two_runs_are_one(void **state)
{
	static const char text[] = "{" Q ONE ",'count':50,'everySeconds':3,'durationSeconds':20}\n"
				   "{'jobQueue':'s'," ONE ",'count':50,'exitCode':[1,0],"
				   "'retryStrategy':{'attempts':2}}";
	struct run a = run_file(text, NULL), b = run_file(text, NULL);

	(void)state;
	assert_non_null(a.report);
	assert_true(cJSON_Compare(a.report, b.report, true));
	assert_true(cJSON_Compare(a.jobs, b.jobs, true));
	run_fini(&a);
	run_fini(&b);
}

/* Whatever is broken off or changed in a good file, it is read or refused, and nothing else. */
static void test_broken_files(void **state)
{
	static const char text[] =
		"{" Q ONE ",'jobId':'a','arrayProperties':{'size':3},'exitCode':[1,0],'count':1}\n"
		"{" Q "'jobDefinition':'def','dependsOn':[{'jobId':'a:2'},{'jobId':'a'}],"
		"'arrivalTime':12.5,'durationSeconds':3,'tags':{'x':'y'},'timeout':"
		"{'attemptDurationSeconds':60},'retryStrategy':{'attempts':2}}\n";
	uint64_t luck = 88172645463325252;
	int good = 0;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		cleanup_free char *broken = xstrdup(text);
		struct run r;

		luck ^= luck << 13;
		luck ^= luck >> 7;
		luck ^= luck << 17;
		if (i % 3)
			broken[luck % (sizeof text - 1)] = "0{}[],:'a-\n"[luck / 1000 % 11];
		else
			broken[luck % (sizeof text - 1)] = '\0';
		r = run_file(broken, NULL);
		assert_true(r.report || r.err.kind);
		good += r.report != NULL;
		run_fini(&r);
	}
	assert_true(good > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_repeated),
		cmocka_unit_test(test_exit_codes),
		cmocka_unit_test(test_dependencies),
		cmocka_unit_test(test_arrays),
		cmocka_unit_test(test_never_made_children_count),
		cmocka_unit_test(test_wrong_lines),
		cmocka_unit_test(test_definitions_once),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_two_runs_are_one),
		cmocka_unit_test(test_broken_files),
	};

	return cmocka_run_group_tests_name("api_workload", tests, NULL, NULL);
}
