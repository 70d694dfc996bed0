/* The protocol around the operations: routes, errors to the letter, waiting, dropping, and
 * our own operations. */
#include "config.h"
#include "api_fixture.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "jobdeck/api/op.h"

static void raw(struct fixture *f, const char *method, const char *path, const char *target,
		const char *body, struct answer *out)
{
	request(f, method, path, target, body, strlen(body), out);
}

/* The whole answer, with the request's id in it written as ID. */
static void golden(struct fixture *f, const char *method, const char *path, const char *target,
		   const char *body, int status, const char *error, const char *type,
		   const char *want)
{
	struct answer a cleanup_answer;
	cleanup_free char *got = NULL;
	char *id;

	raw(f, method, path, target, body, &a);
	got = json_print(a.out);
	assert_true(uuid_is(a.request_id));
	id = strstr(got, a.request_id);
	if (id) {
		memcpy(id, "ID", 2);
		memmove(id + 2, id + 36, strlen(id + 36) + 1);
	}
	for (char *p = got; *p; p++)
		if (*p == '"')
			*p = '\'';
	assert_string_equal(got, want);
	assert_int_equal(a.status, status);
	assert_string_equal(a.error, error);
	assert_string_equal(a.content_type, type);
}

#define JSON10 "application/json"
#define JSON11 "application/x-amz-json-1.1"

static void test_golden_errors(void **state)
{
	struct fixture *f = *state;

	golden(f, "POST", "/v1/submitjob", NULL, "{}", 400, "ClientException", JSON10,
	       "{'__type':'ClientException','message':'Error executing request, Exception : 1 "
	       "validation "
	       "error detected: Value null at 'jobName' failed to satisfy constraint: Member must "
	       "not be "
	       "null, RequestId: ID','jobdeckKind':'invalid'}");
	golden(f, "POST", "/v1/deletejobqueue", NULL, "{\"jobQueue\":\"x\"}", 400,
	       "ClientException", JSON10,
	       "{'__type':'ClientException','message':'arn:aws:batch:us-east-1:000000000000:job-"
	       "queue/x does "
	       "not exist','jobdeckKind':'not-found'}");
	golden(f, "POST", "/v1/submitjob", NULL, "{", 400, "SerializationException", JSON10,
	       "{'__type':'SerializationException','message':'not valid JSON near byte 0',"
	       "'jobdeckKind':'invalid'}");
	golden(f, "POST", "/v1/submitjob", NULL, "[1]", 400, "SerializationException", JSON10,
	       "{'__type':'SerializationException','message':'the request is no JSON object',"
	       "'jobdeckKind':'invalid'}");
	golden(f, "POST", "/v1/nosuchthing", NULL, "{}", 404, "UnknownOperationException", JSON10,
	       "{'__type':'UnknownOperationException','message':'Unknown "
	       "operation','jobdeckKind':'invalid'}");
	golden(f, "POST", "/", "Logs_20140328.GetLogEvents", "{}", 400, "InvalidParameterException",
	       JSON11,
	       "{'__type':'InvalidParameterException','message':'1 validation error detected: "
	       "Value null at "
	       "'logStreamName' failed to satisfy constraint: Member must not be null',"
	       "'jobdeckKind':'invalid'}");
	golden(f, "POST", "/", "Logs_20140328.GetLogEvents",
	       "{\"logGroupName\":\"x\",\"logStreamName\":\"y\"}", 400, "ResourceNotFoundException",
	       JSON11,
	       "{'__type':'ResourceNotFoundException','message':'The specified log group does not "
	       "exist.',"
	       "'jobdeckKind':'not-found'}");
	golden(f, "POST", "/v1/describejobqueues", NULL, "", 200, "", JSON10, "{'jobQueues':[]}");
}

static void test_routes(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *method, *path, *target;
		int status;
	} routes[] = {
		{ "POST", "/v1/describejobs", NULL, 400 },
		{ "GET", "/v1/describejobs", NULL, 404 },
		{ "POST", "/v1/DescribeJobs", NULL, 404 },
		{ "POST", "/v1/describejobs/", NULL, 404 },
		{ "POST", "/", NULL, 404 },
		{ "POST", "/", "Logs_20140328.NoSuchThing", 404 },
		{ "POST", "/", "Logs_20140328.DescribeLogStreams", 400 },
		{ "POST", "/jobdeck/jobdeckstatus", "Logs_20140328.GetLogEvents", 200 },
		{ "POST", "", NULL, 404 },
	};

	for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
		struct answer a cleanup_answer;

		raw(f, routes[i].method, routes[i].path, routes[i].target, "{}", &a);
		assert_int_equal(a.status, routes[i].status);
	}
}

/* Every operation stands up to every kind of nonsense: an answer, and one that is JSON. */
static void test_nonsense(void **state)
{
	static const char *const bodies[] = {
		"{}",
		"[]",
		"null",
		"0",
		"\"x\"",
		"{\"jobName\":{}}",
		"{\"jobs\":[[]]}",
		"{\"tags\":[]}",
		"{\"computeEnvironments\":[\"\"],\"jobQueues\":[\"\"],\"jobDefinitions\":[\"\"],"
		"\"jobs\":[\"\"]}",
		"{\"jobQueue\":\"\",\"computeEnvironment\":\"\",\"jobDefinition\":\"\",\"jobId\":"
		"\"\",\"reason\":\"\","
		"\"jobName\":\"a\"}",
		"{\"jobQueue\":\"arn:\",\"computeEnvironment\":\"arn:\",\"jobDefinition\":\"arn:a:"
		"b:c:d:e\","
		"\"jobId\":\"arn:\",\"reason\":\"\",\"jobName\":\"a\"}",
		"{\"jobQueue\":\"q\",\"nextToken\":\"0000000000000000ff\",\"text\":\"arn:\","
		"\"seq\":9e15}",
		"{\"logGroupName\":\"/aws/batch/job\",\"logStreamName\":\"////\",\"nextToken\":\"//"
		"//\"}",
	};
	struct fixture *f = *state;

	for (const struct api_op *op = api_ops; op->name; op++) {
		for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
			struct answer a cleanup_answer;

			if (strcmp(op->name, "JobdeckWatch") == 0 && i == 0)
				continue;
			raw(f, op->method, op->path, op->target, bodies[i], &a);
			assert_true(a.status == 200 || a.status == 400);
		}
	}
}

/* --- our own ------------------------------------------------------------------------- */

static void test_status(void **state)
{
	struct fixture *f = *state;
	cJSON *out cleanup_json = NULL;

	make_world(f);
	submit(f, "JOB", "");
	eventually(f, "JobdeckStatus", "{}",
		   "{'liveJobs':1,'activeJobs':1,'used':{'vcpus':1,'memory':128,'gpus':0},"
		   "'pool':{'vcpus':64,'memory':65536,'gpus':0},'region':'us-east-1',"
		   "'account':'000000000000','protocol':1,'version':'" PACKAGE_VERSION "'}");
	out = get(f, "JobdeckStatus", "{}", NULL);
	assert_int_equal(json_int(out, "pid", 0), getpid());
	assert_string_equal(json_str(out, "home"), f->home->dir);
	assert_true(json_int(out, "startedAt", 0) > 0 &&
		    json_int(out, "startedAt", 0) <= json_int(out, "now", 0));
}

static void test_stop(void **state)
{
	struct fixture *f = *state;
	struct api_options none = { .engine = f->engine };
	struct answer a cleanup_answer;

	expect(f, "JobdeckStop", "{}", "{}");
	assert_int_equal(f->stops, 1);
	api_free(f->api);
	f->api = api_new(&none);
	raw(f, "POST", "/jobdeck/jobdeckstop", NULL, "{}", &a);
	assert_int_equal(a.status, 400);
	assert_int_equal(f->stops, 1);
}

static struct api_pending *begin(struct fixture *f, const char *op, const char *body,
				 struct answer *a)
{
	const struct api_op *row = api_op_find(op);
	struct api_request r = { .method = row->method, .path = row->path, .target = row->target,
				 .body = body, .len = strlen(body) };

	memset(a, 0, sizeof *a);
	return api_handle(f->api, &r, answer_take, a);
}

static int64_t seq(struct fixture *f)
{
	cJSON *out cleanup_json = get(f, "JobdeckStatus", "{}", NULL);

	return json_int(out, "seq", -1);
}

static void test_watch(void **state)
{
	struct fixture *f = *state;
	struct answer a cleanup_answer, b cleanup_answer;
	cleanup_free char *now = NULL, *soon = NULL;
	int64_t start, before;

	make_world(f);
	turns(f, 3);
	before = seq(f);
	now = xasprintf("{\"seq\":%lld}", (long long)before);
	soon = xasprintf("{\"seq\":%lld,\"timeoutMs\":30}", (long long)before);
	/* Older, or of another server: at once. */
	expect(f, "JobdeckWatch", "{'seq':0}", NULL);
	expect(f, "JobdeckWatch", "{'seq':999999}", NULL);
	/* Nothing happens: after its time. */
	start = time_mono();
	raw(f, "POST", "/jobdeck/jobdeckwatch", NULL, soon, &a);
	assert_int_equal(json_int(a.out, "seq", -1), before);
	assert_true(time_mono() - start >= 25);
	answer_fini(&a);
	/* Something happens: then. Two may wait for it. */
	assert_non_null(begin(f, "JobdeckWatch", now, &a));
	assert_non_null(begin(f, "JobdeckWatch", now, &b));
	turns(f, 3);
	assert_int_equal(a.calls + b.calls, 0);
	submit(f, "JOB", "");
	turns(f, 3);
	assert_int_equal(a.calls, 1);
	assert_int_equal(b.calls, 1);
	assert_true(json_int(a.out, "seq", 0) > before);
	refuse(f, "JobdeckWatch", "{'seq':1,'timeoutMs':60001}", "ClientException", "60000");
	refuse(f, "JobdeckWatch", "{}", "ClientException", "Value null at 'seq'");
}

static void test_find(void **state)
{
	struct fixture *f = *state;
	cJSON *out cleanup_json = NULL;
	char prefix[UUID_SIZE];

	make_world(f);
	submit(f, "ONE", "");
	submit(f, "TWO", "");
	out = get(f, "JobdeckFindJobs", "{'text':'TWO'}",
		  "{'jobs':[{'jobId':'$TWO','jobName':'TWO','jobQueue':'q'}]}");
	snprintf(prefix, sizeof prefix, "%.8s", json_str(json_get(out, "jobs")->child, "jobId"));
	assert_true(json_int(json_get(out, "jobs")->child, "createdAt", 0) > 0);
	let("PREFIX", prefix);
	expect(f, "JobdeckFindJobs", "{'text':'$PREFIX'}",
	       "{'jobs':[{'jobId':'$TWO'},{'jobId':'$ONE'}]}"); /* newest first */
	expect(f, "JobdeckFindJobs", "{'text':'$PREFIX','limit':1}", "{'jobs':[{'jobId':'$TWO'}]}");
	expect(f, "JobdeckFindJobs", "{'text':'$ONE'}", "{'jobs':[{'jobId':'$ONE'}]}");
	expect(f, "JobdeckFindJobs", "{'text':'arn:aws:batch:us-east-1:000000000000:job/$ONE'}",
	       "{'jobs':[{'jobId':'$ONE'}]}");
	expect(f, "JobdeckFindJobs", "{'text':'0'}", "{'jobs':[]}"); /* too short */
	expect(f, "JobdeckFindJobs", "{'text':'ffff'}", "{'jobs':[]}");
	expect(f, "JobdeckFindJobs", "{'text':'nobody'}", "{'jobs':[]}");
	for (char *p = prefix; *p; p++)
		if (*p >= 'a' && *p <= 'f')
			*p = (char)(*p - 'a' + 'A');
	let("PREFIX", prefix);
	expect(f, "JobdeckFindJobs", "{'text':'$PREFIX'}", "{'jobs':[{},{}]}");
	refuse(f, "JobdeckFindJobs", "{'text':'x','limit':101}", "ClientException", "limit");
}

static void test_overview(void **state)
{
	struct fixture *f = *state;

	expect(f, "JobdeckOverview", "{}", "{'environments':[],'queues':[]}");
	make_world(f);
	expect(f, "JobdeckOverview", "{}",
	       "{'environments':[{'computeEnvironmentName':'ce','type':'EC2','state':'ENABLED','"
	       "status':'VALID',"
	       "'statusReason':'ComputeEnvironment "
	       "Healthy','minvCpus':0,'desiredvCpus':0,'maxvCpus':8,"
	       "'usedvCpus':0,'usedMemory':0,'activeJobs':0}],'queues':[{'jobQueueName':'q','state'"
	       ":'ENABLED',"
	       "'status':'VALID','statusReason':'JobQueue "
	       "Healthy','priority':1,'computeEnvironments':['ce'],"
	       "'counts':{'SUBMITTED':0,'RUNNING':0,'FAILED':0}}],'pool':{'vcpus':64},'used':{'"
	       "vcpus':0}}");
}

/* --- answers wait for the disk, and peers go away ------------------------------------------ */

static void test_answer_after_commit(void **state)
{
	struct fixture *f = *state;
	struct answer a cleanup_answer, b cleanup_answer;

	make_world(f);
	turns(f, 3);
	assert_non_null(begin(f, "SubmitJob",
			      "{\"jobName\":\"a\",\"jobQueue\":\"q\",\"jobDefinition\":\"sleep\"}",
			      &a));
	assert_int_equal(a.calls, 0); /* not before it is on disk, */
	assert_non_null(begin(f, "JobdeckStatus", "{}", &b));
	assert_int_equal(b.calls, 0); /* nor a look at what is not */
	turns(f, 2);
	assert_int_equal(a.calls, 1);
	assert_int_equal(b.calls, 1);
	answer_fini(&b);
	eventually(f, "ListJobs", "{'jobQueue':'q'}", "{'jobSummaryList':[{'status':'RUNNING'}]}");
	turns(f, 3);
	assert_null(begin(f, "JobdeckStatus", "{}", &b)); /* nothing pending: at once */
	assert_int_equal(b.calls, 1);
}

static void test_dropped(void **state)
{
	struct fixture *f = *state;
	struct answer a cleanup_answer, b cleanup_answer, c cleanup_answer;
	cleanup_free char *now = NULL;
	struct api_pending *p;

	make_world(f);
	p = begin(f, "SubmitJob",
		  "{\"jobName\":\"a\",\"jobQueue\":\"q\",\"jobDefinition\":\"sleep\"}", &a);
	api_drop(p); /* the job stays submitted all the same */
	turns(f, 10);
	assert_int_equal(a.calls, 0);
	expect(f, "JobdeckStatus", "{}", "{'liveJobs':1}");
	turns(f, 20);
	now = xasprintf("{\"seq\":%lld}", (long long)seq(f));
	p = begin(f, "JobdeckWatch", now, &b);
	assert_non_null(p);
	api_drop(p);
	submit(f, "JOB", "");
	assert_int_equal(b.calls, 0);
	/* The API goes with both kinds waiting (tear-down frees the rest). */
	turns(f, 20);
	free(now);
	now = xasprintf("{\"seq\":%lld}", (long long)seq(f));
	assert_non_null(begin(f, "JobdeckWatch", now, &b));
	assert_non_null(begin(f, "SubmitJob",
			      "{\"jobName\":\"a\",\"jobQueue\":\"q\",\"jobDefinition\":\"sleep\"}",
			      &c));
	api_restart(f);
	assert_int_equal(b.calls + c.calls, 0);
	expect(f, "JobdeckStatus", "{}", "{'liveJobs':3}");
}

/* A full disk: everything that waits hears of it, and so does whoever comes later. */
static void test_commit_fails(void **state)
{
	struct fixture *f = *state;
	struct rlimit small = { .rlim_cur = 4096 }, old;
	struct answer a cleanup_answer, b cleanup_answer, c cleanup_answer;

	make_world(f);
	getrlimit(RLIMIT_FSIZE, &old);
	small.rlim_max = old.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &small);
	begin(f, "SubmitJob", "{\"jobName\":\"a\",\"jobQueue\":\"q\",\"jobDefinition\":\"sleep\"}",
	      &a);
	begin(f, "JobdeckStop", "{}", &b);
	turns(f, 5);
	begin(f, "JobdeckStatus", "{}", &c);
	setrlimit(RLIMIT_FSIZE, &old);
	assert_int_equal(a.calls, 1);
	assert_int_equal(a.status, 500);
	assert_string_equal(a.error, "ServerException");
	assert_string_equal(json_str(a.out, "jobdeckKind"), "system");
	assert_int_equal(b.status, 500);
	assert_int_equal(f->stops, 0);
	assert_int_equal(c.status, 500);
	api_restart(f);
	expect(f, "JobdeckStatus", "{}", "{'liveJobs':0}");
}

int main(void)
{
#define SLOW(test) cmocka_unit_test_setup_teardown(test, api_up_slow, api_down)
	const struct CMUnitTest tests[] = {
		SLOW(test_golden_errors), SLOW(test_routes),	   SLOW(test_nonsense),
		SLOW(test_status),	  SLOW(test_stop),	   SLOW(test_watch),
		SLOW(test_find),	  SLOW(test_overview),	   SLOW(test_answer_after_commit),
		SLOW(test_dropped),	  SLOW(test_commit_fails),
	};

	return cmocka_run_group_tests_name("api", tests, NULL, NULL);
}
