/* Tags (TG-1), requests with members in path and query, bulk calls, and what only AWS has. */
#include "config.h"
#include "api_fixture.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/api/op.h"
#include "jobdeck/base/uri.h"

#define ARN(rest) "arn:aws:batch:us-east-1:000000000000:" rest

/* --- tags ----------------------------------------------------------------------------------- */

static void expect_tags(struct fixture *f, const char *arn, const char *tags)
{
	cleanup_free char *in = xasprintf("{'resourceArn':'%s'}", arn);
	struct answer a cleanup_answer;
	cleanup_free char *got = NULL;

	call(f, "ListTagsForResource", in, &a);
	assert_int_equal(a.status, 200);
	got = json_print(json_get(a.out, "tags"));
	for (char *p = got; *p; p++)
		if (*p == '"')
			*p = '\'';
	assert_string_equal(got, tags);
}

static void test_tags_of_everything(void **state)
{
	static const char *const kinds[] = { ARN("compute-environment/ce"), ARN("job-queue/q"),
					     ARN("job-definition/sleep:1"), ARN("job/$JOB") };
	struct fixture *f = *state;

	make_world(f);
	submit(f, "JOB", "");
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		expect_tags(f, kinds[i], "{}");
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		cleanup_free char *two = xasprintf(
			"{'resourceArn':'%s','tags':{'a b':'1','x/y:z=+@':''}}", kinds[i]);
		cleanup_free char *more = xasprintf(
			"{'resourceArn':'%s','tags':{'a b':'2','c':'\xc3\xa4'}}", kinds[i]);
		cleanup_free char *fewer = xasprintf(
			"{'resourceArn':'%s','tagKeys':['x/y:z=+@','none','a b']}", kinds[i]);

		expect(f, "TagResource", two, "{}");
		expect_tags(f, kinds[i], "{'a b':'1','x/y:z=+@':''}");
		expect(f, "TagResource", more, "{}");
		api_restart(f);
		expect_tags(f, kinds[i], "{'x/y:z=+@':'','a b':'2','c':'\xc3\xa4'}");
		expect(f, "UntagResource", fewer, "{}");
		expect_tags(f, kinds[i], "{'c':'\xc3\xa4'}");
	}
	expect(f, "DescribeJobs", "{'jobs':['$JOB']}",
	       "{'jobs':[{'jobName':'JOB','tags':{'c':'\xc3\xa4'}}]}");
	expect(f, "DescribeJobQueues", "{}", "{'jobQueues':[{'tags':{'c':'\xc3\xa4'}}]}");
	expect(f, "DescribeComputeEnvironments", "{}",
	       "{'computeEnvironments':[{'tags':{'c':'\xc3\xa4'}}]}");
	expect(f, "DescribeJobDefinitions", "{}", "{'jobDefinitions':[{'tags':{'c':'\xc3\xa4'}}]}");
}

static void test_refused_tags(void **state)
{
	static const struct {
		const char *op, *in, *text;
	} cases[] = {
		{ "TagResource", "{'resourceArn':'q','tags':{'a':'b'}}",
		  "Invalid resource ARN: q" },
		{ "TagResource", "{'resourceArn':'','tags':{'a':'b'}}", "Invalid resource ARN" },
		{ "TagResource", "{'resourceArn':'arn:aws:s3:::b','tags':{'a':'b'}}",
		  "Invalid resource ARN" },
		{ "TagResource", "{'resourceArn':'" ARN("job-queue/none") "','tags':{'a':'b'}}",
		  ARN("job-queue/none") " does not exist" },
		{ "TagResource",
		  "{'resourceArn':'" ARN("compute-environment/x") "','tags':{'a':'b'}}",
		  ARN("compute-environment/x") " does not exist" },
		{ "TagResource",
		  "{'resourceArn':'" ARN("job-definition/sleep") "','tags':{'a':'b'}}",
		  "does not exist" },
		{ "TagResource",
		  "{'resourceArn':'" ARN("job-definition/sleep:9") "','tags':{'a':'b'}}",
		  "does not exist" },
		{ "TagResource", "{'resourceArn':'" ARN("job/x") "','tags':{'a':'b'}}",
		  "Invalid job identifier" },
		{ "ListTagsForResource",
		  "{'resourceArn':'" ARN("job/01234567-89ab-7def-8123-456789abcdef") "'}",
		  "does not exist" },
		{ "TagResource",
		  "{'resourceArn':'" ARN(
			  "job/01234567-89ab-7def-8123-456789abcdef:3") "','tags':{'a':"
									"'b'}}",
		  "not supported on child jobs" },
		{ "TagResource",
		  "{'resourceArn':'" ARN(
			  "job/01234567-89ab-7def-8123-456789abcdef#0") "','tags':{'a':"
									"'b'}}",
		  "not supported on child jobs" },
		{ "TagResource", "{'resourceArn':'" ARN("job-queue/q") "','tags':{'aws:a':'b'}}",
		  "aws: prefixed tag key names are not allowed for external use" },
		{ "TagResource", "{'resourceArn':'" ARN("job-queue/q") "','tags':{'AWS:a':'b'}}",
		  "aws: prefixed" },
		{ "TagResource", "{'resourceArn':'" ARN("job-queue/q") "','tags':{}}",
		  "at 'tags' failed to satisfy constraint" },
		{ "TagResource", "{'resourceArn':'" ARN("job-queue/q") "'}",
		  "Value null at 'tags' failed" },
		{ "UntagResource", "{'resourceArn':'" ARN("job-queue/q") "'}",
		  "Value null at 'tagKeys' failed" },
		{ "UntagResource", "{'resourceArn':'" ARN("job-queue/q") "','tagKeys':['']}",
		  "greater than or equal to 1" },
		{ "TagResource",
		  "{'resourceArn':'" ARN("job-queue/q") "','tags':{'jobdeck:max-running':'many'}}",
		  "jobdeck:max-running" },
	};
	struct fixture *f = *state;

	make_world(f);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		refuse(f, cases[i].op, cases[i].in, "ClientException", cases[i].text);
	expect_tags(f, ARN("job-queue/q"), "{}");
}

/* 50 of a resource, however many calls they take. */
static void test_most_tags(void **state)
{
	struct fixture *f = *state;
	cJSON *in cleanup_json = cJSON_CreateObject(), *tags;
	cleanup_free char *json = NULL;
	struct answer a cleanup_answer;

	make_world(f);
	json_add_str(in, "resourceArn", ARN("job-queue/q"));
	tags = cJSON_AddObjectToObject(in, "tags");
	for (int i = 0; i < 50; i++) {
		char key[16];

		snprintf(key, sizeof key, "k%d", i);
		json_add_str(tags, key, "v");
	}
	json = json_print(in);
	call(f, "TagResource", json, &a);
	assert_int_equal(a.status, 200);
	expect(f, "TagResource", "{'resourceArn':'" ARN("job-queue/q") "','tags':{'k7':'w'}}",
	       "{}");
	refuse(f, "TagResource", "{'resourceArn':'" ARN("job-queue/q") "','tags':{'k50':'w'}}",
	       "ClientException", "at most 50 tags");
	expect(f, "UntagResource", "{'resourceArn':'" ARN("job-queue/q") "','tagKeys':['k0']}",
	       "{}");
	expect(f, "TagResource", "{'resourceArn':'" ARN("job-queue/q") "','tags':{'k50':'w'}}",
	       "{}");
}

/* --- path and query -------------------------------------------------------------------------- */

static void test_uris(void **state)
{
	static const struct {
		const char *op, *in, *uri;
	} cases[] = {
		{ "SubmitJob", "{\"jobName\":\"a\"}", "/v1/submitjob" },
		{ "TagResource", "{\"resourceArn\":\"arn:a/b:1\",\"tags\":{\"a\":\"b\"}}",
		  "/v1/tags/arn%3Aa%2Fb%3A1" },
		{ "ListTagsForResource", "{\"resourceArn\":\"a b%\"}", "/v1/tags/a%20b%25" },
		{ "ListTagsForResource", "{}", "/v1/tags/" },
		{ "UntagResource", "{\"resourceArn\":\"x\",\"tagKeys\":[\"a b\",\"\xc3\xa4+=&\"]}",
		  "/v1/tags/x?tagKeys=a%20b&tagKeys=%C3%A4%2B%3D%26" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		cJSON *in cleanup_json = json_parse(cases[i].in, strlen(cases[i].in), NULL);
		cleanup_free char *uri = api_op_uri(api_op_find(cases[i].op), in);

		assert_string_equal(uri, cases[i].uri);
		assert_null(json_get(in, "resourceArn"));
		assert_null(json_get(in, "tagKeys"));
	}
}

struct pairs {
	char text[200];
};

static int add_pair(void *arg, const char *name, const char *value)
{
	struct pairs *p = arg;
	size_t n = strlen(p->text);

	snprintf(p->text + n, sizeof p->text - n, "[%s=%s]", name, value);
	return 0;
}

static void test_decoding(void **state)
{
	static const struct {
		const char *query, *pairs; /* NULL: refused */
	} cases[] = {
		{ "", "" },
		{ "a=1", "[a=1]" },
		{ "a", "[a=]" },
		{ "=", "[=]" },
		{ "&&a=1&", "[a=1]" },
		{ "a=1&a=%32&b=x=y", "[a=1][a=2][b=x=y]" },
		{ "a+b=c+d%2b%2B", "[a b=c d++]" },
		{ "a=%", NULL },
		{ "a=%2", NULL },
		{ "a=%zz", NULL },
		{ "a=%00", NULL },
		{ "%00=a", NULL },
		{ "a=%ff", "[a=\xff]" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct pairs p = { "" };
		int rc = uri_query_each(cases[i].query, add_pair, &p);

		assert_int_equal(rc, cases[i].pairs ? 0 : -1);
		if (cases[i].pairs)
			assert_string_equal(p.text, cases[i].pairs);
	}
}

/* What comes in the path wins over what the body says; nonsense in the query is refused. */
static void test_what_is_bound(void **state)
{
	static const struct {
		const char *method, *path, *query, *body;
		int status;
	} cases[] = {
		{ "GET", "/v1/tags/" ARN("job-queue/q"), NULL, "", 200 },
		{ "GET", "/v1/tags/" ARN("job-queue/q"), NULL, "{\"resourceArn\":\"x\"}", 200 },
		{ "GET", "/v1/tags/" ARN("job-queue/q"), "resourceArn=x", "", 400 },
		{ "GET", "/v1/tags/" ARN("job-queue/q"), "a=b&c", "", 200 },
		{ "GET", "/v1/tags", NULL, "", 404 },
		{ "PUT", "/v1/tags/" ARN("job-queue/q"), NULL, "{}", 404 },
		{ "GET", "/v1/submitjob", NULL, "{}", 404 },
		{ "DELETE", "/v1/tags/" ARN("job-queue/q"), "tagKeys=a", "", 200 },
		{ "DELETE", "/v1/tags/" ARN("job-queue/q"), "tagKeys=a&tagKeys=b",
		  "{\"tagKeys\":7}", 200 },
		{ "DELETE", "/v1/tags/" ARN("job-queue/q"), "tagKeys=%", "", 400 },
		{ "DELETE", "/v1/tags/" ARN("job-queue/q"), "tagKeys", "", 400 },
		{ "DELETE", "/v1/tags/" ARN("job-queue/q"), "", "", 400 },
		{ "DELETE", "/v1/tags/" ARN("job-queue/q"), NULL, "{\"tagKeys\":[\"a\"]}", 200 },
	};
	struct fixture *f = *state;

	make_world(f);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct api_request r = { .method = cases[i].method,
					 .path = cases[i].path,
					 .query = cases[i].query,
					 .body = cases[i].body,
					 .len = strlen(cases[i].body) };
		struct answer a cleanup_answer;

		request_send(f, &r, &a);
		if (a.status != cases[i].status)
			fail_msg("%s %s?%s: %d", r.method, r.path, r.query ? r.query : "",
				 a.status);
	}
}

/* --- many jobs at once -------------------------------------------------------------------------
 */

static void test_bulk(void **state)
{
	struct fixture *f = *state;
	struct buf many;
	cleanup_free char *in = NULL;

	make_world(f);
	submit(f, "A", "");
	submit(f, "B", "");
	submit(f, "C", "'dependsOn':[{'jobId':'$A'}]");
	eventually(f, "DescribeJobs", "{'jobs':['$A','$B']}",
		   "{'jobs':[{'status':'RUNNING'},{'status':'RUNNING'}]}");
	expect(f, "CancelJobs",
	       "{'reason':'no','jobs':['$C','$A','01234567-89ab-7def-8123-456789abcdef','x',"
	       "'" ARN("job/$B") "']}",
	       "{'successful':['$C','$A','01234567-89ab-7def-8123-456789abcdef','" ARN(
		       "job/$B") "'],'errors':[{'job':'x','code':'ValidationException'}]}");
	eventually(f, "DescribeJobs", "{'jobs':['$A','$B','$C']}",
		   "{'jobs':[{'status':'RUNNING'},{'status':'RUNNING'},"
		   "{'status':'FAILED','statusReason':'no'}]}");
	expect(f, "TerminateJobs", "{'reason':'stop','jobs':['$A','$B']}",
	       "{'successful':['$A','$B'],'errors':[]}");
	eventually(f, "DescribeJobs", "{'jobs':['$A','$B']}",
		   "{'jobs':[{'status':'FAILED','statusReason':'stop'},{'status':'FAILED'}]}");
	expect(f, "TerminateJobs", "{'reason':'stop','jobs':[]}", "{'successful':[],'errors':[]}");
	buf_init(&many, 10000);
	buf_adds(&many, "{'reason':'r','jobs':['x'");
	for (int i = 0; i < 50; i++)
		buf_adds(&many, ",'x'");
	buf_adds(&many, "]}");
	in = buf_steal(&many);
	refuse(f, "CancelJobs", in, "ClientException", "Maximum number of jobs supported is 50");
	refuse(f, "TerminateServiceJobs", in, "ClientException", "supported is 50");
	refuse(f, "CancelJobs", "{'jobs':[]}", "ClientException", "'reason'");
}

/* --- what only AWS can carry out -----------------------------------------------------------------
 */

static void test_only_aws(void **state)
{
	struct fixture *f = *state;
	static const char why[] = "is not supported: it needs SageMaker AI, which only AWS has";

	make_world(f);
	refuse(f, "SubmitServiceJob",
	       "{'jobName':'a','jobQueue':'q','serviceRequestPayload':'{}',"
	       "'serviceJobType':'SAGEMAKER_TRAINING'}",
	       "ClientException", why);
	refuse(f, "SubmitServiceJob", "{'jobName':'a'}", "ClientException",
	       "Member must not be null");
	refuse(f, "CreateServiceEnvironment",
	       "{'serviceEnvironmentName':'s','serviceEnvironmentType':'SAGEMAKER_TRAINING',"
	       "'capacityLimits':[]}",
	       "ClientException", why);
	refuse(f, "CreateQuotaShare",
	       "{'quotaShareName':'s','jobQueue':'q','capacityLimits':[],"
	       "'resourceSharingConfiguration':{'strategy':'LEND'},"
	       "'preemptionConfiguration':{'inSharePreemption':'ENABLED'}}",
	       "ClientException", why);
	expect(f, "DescribeServiceEnvironments", "{'serviceEnvironments':['s']}",
	       "{'serviceEnvironments':[]}");
	refuse(f, "UpdateServiceEnvironment", "{'serviceEnvironment':'s'}", "ClientException",
	       ARN("service-environment/s") " does not exist");
	refuse(f, "DeleteServiceEnvironment",
	       "{'serviceEnvironment':'" ARN("service-environment/s") "'}", "ClientException",
	       ARN("service-environment/s") " does not exist");
	refuse(f, "DescribeServiceJob", "{'jobId':'j'}", "ClientException",
	       ARN("service-job/j") " does not exist");
	refuse(f, "UpdateServiceJob", "{'jobId':'j','schedulingPriority':1}", "ClientException",
	       "does not exist");
	expect(f, "ListServiceJobs", "{'jobQueue':'q'}", "{'jobSummaryList':[]}");
	refuse(f, "ListServiceJobs", "{'jobQueue':'x'}", "ClientException", "does not exist");
	expect(f, "TerminateServiceJob", "{'jobId':'j','reason':'r'}", "{}");
	expect(f, "TerminateServiceJobs", "{'jobs':['j','k'],'reason':'r'}",
	       "{'successful':['j','k'],'errors':[]}");
	expect(f, "ListQuotaShares", "{'jobQueue':'q'}", "{'quotaShares':[]}");
	refuse(f, "DescribeQuotaShare", "{'quotaShareArn':'arn:x'}", "ClientException",
	       "arn:x does not exist");
	refuse(f, "UpdateQuotaShare", "{'quotaShareArn':'arn:x'}", "ClientException",
	       "does not exist");
	refuse(f, "DeleteQuotaShare", "{'quotaShareArn':'arn:x'}", "ClientException",
	       "does not exist");
}

static void test_refused_members(void **state)
{
	static const struct {
		const char *op, *in, *text;
	} cases[] = {
		{ "CreateComputeEnvironment",
		  "{'computeEnvironmentName':'e','type':'MANAGED','eksConfiguration':"
		  "{'eksClusterArn':'a','kubernetesNamespace':'n'}}",
		  "eksConfiguration is not supported: it needs Kubernetes" },
		{ "CreateComputeEnvironment",
		  "{'computeEnvironmentName':'e','type':'MANAGED','computeResources':{'type':"
		  "'ECS_MANAGED_INSTANCES','maxvCpus':1}}",
		  "computeResources.type ECS_MANAGED_INSTANCES is not supported" },
		{ "CreateJobQueue",
		  "{'jobQueueName':'x','priority':1,'jobQueueType':'SAGEMAKER_TRAINING'}",
		  "jobQueueType SAGEMAKER_TRAINING is not supported: it needs SageMaker AI" },
		{ "CreateJobQueue", "{'jobQueueName':'x','priority':1,'jobQueueType':'EKS'}",
		  "Kubernetes" },
		{ "UpdateJobQueue",
		  "{'jobQueue':'q','serviceEnvironmentOrder':[{'order':1,'serviceEnvironment':'s'}]"
		  "}",
		  "serviceEnvironmentOrder is not supported" },
		{ "RegisterJobDefinition",
		  "{'jobDefinitionName':'d','type':'container','platformCapabilities':["
		  "'MANAGED_INSTANCES']}",
		  "platformCapabilities MANAGED_INSTANCES is not supported" },
	};
	struct fixture *f = *state;

	make_world(f);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		refuse(f, cases[i].op, cases[i].in, "ClientException", cases[i].text);
	/* An empty list says nothing. */
	expect(f, "UpdateJobQueue", "{'jobQueue':'q','serviceEnvironmentOrder':[]}", NULL);
	for (const struct api_refusal *r = api_refusals; r->op; r++) {
		assert_non_null(api_op_find(r->op));
		assert_int_equal(api_op_find(r->op)->support, API_SERVED);
	}
}

int main(void)
{
#define SLOW(test) cmocka_unit_test_setup_teardown(test, api_up_slow, api_down)
	const struct CMUnitTest tests[] = {
		SLOW(test_tags_of_everything),
		SLOW(test_refused_tags),
		SLOW(test_most_tags),
		cmocka_unit_test(test_uris),
		cmocka_unit_test(test_decoding),
		SLOW(test_what_is_bound),
		SLOW(test_bulk),
		SLOW(test_only_aws),
		SLOW(test_refused_members),
	};

	return cmocka_run_group_tests_name("api_tags", tests, NULL, NULL);
}
