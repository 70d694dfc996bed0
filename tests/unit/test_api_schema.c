/* The schema table: that it is whole, and that it refuses what it should, in AWS's words. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "jobdeck/api/op.h"
#include "jobdeck/api/schema.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"

static void test_table_is_whole(void **state)
{
	int n = 0;

	(void)state;
	for (const struct schema *s; (s = schema_at(n)); n++) {
		assert_non_null(s->name);
		assert_ptr_equal(schema_find(s->name), s); /* no name twice */
		if (s->type == SCHEMA_STRUCTURE)
			assert_non_null(s->members);
		if (s->type == SCHEMA_LIST || s->type == SCHEMA_MAP)
			assert_non_null(s->element);
		if (s->type == SCHEMA_MAP)
			assert_non_null(s->key);
		if (s->values)
			assert_non_null(s->values[0]);
		if (s->bounded)
			assert_true(s->min <= s->max);
	}
	assert_true(n > 200);
}

/* What the services' models say is compared in tests/conform, where those are there. */
static void test_operations_have_shapes(void **state)
{
	(void)state;
	for (const struct api_op *op = api_ops; op->name; op++) {
		cleanup_free char *name = xasprintf("%sRequest", op->name);

		cleanup_free char *answer = xasprintf("%sResponse", op->name);

		if (!schema_find(name))
			fail_msg("no shape %s", name);
		if (!schema_find(answer) && op->protocol != API_JOBDECK)
			fail_msg("no shape %s", answer);
		assert_ptr_equal(api_op_find(op->name), op);
		assert_non_null(op->help);
		assert_int_equal(op->target != NULL,
				 op->protocol == API_LOGS || op->protocol == API_STS);
	}
	assert_null(schema_find("NoSuchRequest"));
	assert_null(api_op_find("NoSuchOperation"));
	assert_null(api_op_find("submitjob"));
}

static char *quotes(const char *text)
{
	char *copy = xstrdup(text);

	for (char *p = copy; *p; p++)
		if (*p == '\'')
			*p = '"';
	return copy;
}

#define AT(value, path, constraint)                              \
	"1 validation error detected: Value " value " at '" path \
	"' failed to satisfy constraint: " constraint

static const struct sample {
	const char *shape, *in;
	const char *error; /* NULL: good */
	const char *tidy;  /* what it becomes; NULL: stays as it is */
} samples[] = {
	{ "SubmitJobRequest", "{'jobName':'a','jobQueue':'q','jobDefinition':'d'}", NULL, NULL },
	{ "SubmitJobRequest", "{'jobQueue':'q','jobDefinition':'d'}",
	  AT("null", "jobName", "Member must not be null"), NULL },
	{ "SubmitJobRequest", "{'jobName':null,'jobQueue':'q','jobDefinition':'d'}",
	  AT("null", "jobName", "Member must not be null"), NULL },
	{ "SubmitJobRequest", "[]", AT("'[...]'", "the request", "Member must be a structure"),
	  NULL },
	{ "SubmitJobRequest",
	  "{'jobName':'a','jobQueue':'q','jobDefinition':'d','tags':null,'unknown':{'x':1},"
	  "'timeout':{'attemptDurationSeconds':60,'more':true}}",
	  NULL,
	  "{'jobName':'a','jobQueue':'q','jobDefinition':'d','timeout':{'attemptDurationSeconds':"
	  "60}}" },
	{ "SubmitJobRequest", "{'jobName':1,'jobQueue':'q','jobDefinition':'d'}",
	  AT("'1'", "jobName", "Member must be a string"), NULL },
	{ "SubmitJobRequest",
	  "{'jobName':'a','jobQueue':'q','jobDefinition':'d','containerOverrides':{'environment':"
	  "[{'name':'A','value':'1'},{'name':'B','value':true}]}}",
	  AT("'true'", "containerOverrides.environment[1].value", "Member must be a string"),
	  NULL },
	{ "SubmitJobRequest",
	  "{'jobName':'a','jobQueue':'q','jobDefinition':'d','containerOverrides':{'command':['x',"
	  "null]}}",
	  AT("null", "containerOverrides.command[1]", "Member must not be null"), NULL },
	{ "SubmitJobRequest",
	  "{'jobName':'a','jobQueue':'q','jobDefinition':'d','containerOverrides':{'command':'x'}}",
	  AT("'x'", "containerOverrides.command", "Member must be a list"), NULL },
	{ "SubmitJobRequest",
	  "{'jobName':'a','jobQueue':'q','jobDefinition':'d','retryStrategy':{'attempts':1.5}}",
	  AT("'1.5'", "retryStrategy.attempts", "Member must be an integer of 32 bits"), NULL },
	{ "SubmitJobRequest",
	  "{'jobName':'a','jobQueue':'q','jobDefinition':'d','retryStrategy':{'attempts':"
	  "2147483648}}",
	  AT("'2147483648'", "retryStrategy.attempts", "Member must be an integer of 32 bits"),
	  NULL },
	{ "SubmitJobRequest",
	  "{'jobName':'a','jobQueue':'q','jobDefinition':'d','retryStrategy':{'attempts':'2'}}",
	  AT("'2'", "retryStrategy.attempts", "Member must be an integer"), NULL },
	{ "SubmitJobRequest",
	  "{'jobName':'a','jobQueue':'q','jobDefinition':'d','retryStrategy':{'attempts':2.0,"
	  "'evaluateOnExit':[{'action':'ReTrY'}]}}",
	  NULL,
	  "{'jobName':'a','jobQueue':'q','jobDefinition':'d','retryStrategy':{'attempts':2,"
	  "'evaluateOnExit':[{'action':'ReTrY'}]}}" },
	{ "SubmitJobRequest",
	  "{'jobName':'a','jobQueue':'q','jobDefinition':'d','retryStrategy':{'evaluateOnExit':[{}]"
	  "}}",
	  AT("null", "retryStrategy.evaluateOnExit[0].action", "Member must not be null"), NULL },
	{ "SubmitJobRequest",
	  "{'jobName':'a','jobQueue':'q','jobDefinition':'d','dependsOn':[{'jobId':'x','type':'n_"
	  "to_n'}]}",
	  AT("'n_to_n'", "dependsOn[0].type",
	     "Member must satisfy enum value set: [N_TO_N, SEQUENTIAL]"),
	  NULL },
	{ "SubmitJobRequest", "{'jobName':'a','jobQueue':'q','jobDefinition':'d','tags':{}}",
	  AT("'{...}'", "tags", "Member must have length greater than or equal to 1"), NULL },
	{ "SubmitJobRequest", "{'jobName':'a','jobQueue':'q','jobDefinition':'d','tags':{'':'x'}}",
	  AT("''", "tags.", "Member must have length greater than or equal to 1"), NULL },
	{ "SubmitJobRequest", "{'jobName':'a','jobQueue':'q','jobDefinition':'d','tags':{'k':1}}",
	  AT("'1'", "tags.k", "Member must be a string"), NULL },
	{ "SubmitJobRequest", "{'jobName':'a','jobQueue':'q','jobDefinition':'d','tags':['k']}",
	  AT("'[...]'", "tags", "Member must be a map"), NULL },
	{ "SubmitJobRequest",
	  "{'jobName':'a','jobQueue':'q','jobDefinition':'d','propagateTags':1}",
	  AT("'1'", "propagateTags", "Member must be a boolean"), NULL },
	{ "UpdateComputeEnvironmentRequest",
	  "{'computeEnvironment':'c','updatePolicy':{'jobExecutionTimeoutMinutes':7201}}",
	  AT("'7201'", "updatePolicy.jobExecutionTimeoutMinutes",
	     "Member must have value less than or equal to 7200"),
	  NULL },
	{ "UpdateComputeEnvironmentRequest",
	  "{'computeEnvironment':'c','updatePolicy':{'jobExecutionTimeoutMinutes':0}}",
	  AT("'0'", "updatePolicy.jobExecutionTimeoutMinutes",
	     "Member must have value greater than or equal to 1"),
	  NULL },
	{ "CreateSchedulingPolicyRequest",
	  "{'name':'p','fairsharePolicy':{'shareDistribution':[{'shareIdentifier':'a',"
	  "'weightFactor':0.125}]}}",
	  NULL, NULL },
	{ "RegisterJobDefinitionRequest",
	  "{'jobDefinitionName':'m','type':'multinode','nodeProperties':{'numNodes':2,'mainNode':0,"
	  "'nodeRangeProperties':[{'targetNodes':'0:','container':{'image':'x','linuxParameters':"
	  "{'devices':[{'containerPath':'/x'}]}}}]}}",
	  AT("null",
	     "nodeProperties.nodeRangeProperties[0].container.linuxParameters.devices[0].hostPath",
	     "Member must not be null"),
	  NULL },
	{ "GetLogEventsRequest", "{'logGroupName':'/aws/batch/job','logStreamName':'a:b'}",
	  AT("'a:b'", "logStreamName", "Member must satisfy regular expression pattern: [^:*]*"),
	  NULL },
	{ "GetLogEventsRequest", "{'logGroupName':'a b','logStreamName':'s'}",
	  AT("'a b'", "logGroupName",
	     "Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+"),
	  NULL },
	{ "GetLogEventsRequest", "{'logStreamName':'s','limit':10001}",
	  AT("'10001'", "limit", "Member must have value less than or equal to 10000"), NULL },
	{ "JobdeckFindJobsRequest", "{'text':''}",
	  AT("''", "text", "Member must have length greater than or equal to 1"), NULL },
};

static void test_samples(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		const struct sample *s = &samples[i];
		cleanup_free char *in = quotes(s->in), *tidy = quotes(s->tidy ? s->tidy : s->in);
		cleanup_free char *after = NULL;
		struct err err = { 0 };
		cJSON *json cleanup_json = json_parse(in, strlen(in), &err);
		int rc;

		assert_non_null(json);
		rc = schema_check(schema_find(s->shape), json, &err);
		if (s->error) {
			assert_int_equal(rc, -1);
			assert_string_equal(err.text, s->error);
			assert_int_equal(err.kind, ERR_INVALID);
			continue;
		}
		if (rc < 0)
			fail_msg("%s: %s", in, err.text);
		after = json_print(json);
		assert_string_equal(after, tidy);
	}
}

/* Long values and deep places end up in a message of bounded length that is still UTF-8. */
static void test_message_is_bounded(void **state)
{
	struct err err = { 0 };
	cJSON *json cleanup_json = cJSON_CreateObject(), *tags;
	char key[400], value[600];

	(void)state;
	memset(key, 'k', sizeof key - 1);
	key[sizeof key - 1] = '\0';
	for (size_t i = 0; i + 2 < sizeof value; i += 2)
		memcpy(value + i, "\xc3\xa4", 2);
	value[sizeof value - 2] = '\0';
	json_add_str(json, "resourceArn", "x");
	tags = cJSON_AddObjectToObject(json, "tags");
	json_add_str(tags, key, value);
	assert_int_equal(schema_check(schema_find("TagResourceRequest"), json, &err), -1);
	assert_true(strlen(err.text) < sizeof err.text);
	json_replace(tags, key, NULL);
	json_add_str(tags, "short", value);
	assert_int_equal(schema_check(schema_find("TagResourceRequest"), json, &err), -1);
	assert_non_null(strstr(err.text, "less than or equal to 256"));
	json_replace(json, "text", cJSON_CreateString(err.text));
	{
		cleanup_free char *text = json_print(json);
		cJSON *again cleanup_json = json_parse(text, strlen(text), &err);

		assert_non_null(again);
	}
}

static const struct answered {
	const char *shape, *out;
	const char *error; /* NULL: good */
} answered[] = {
	{ "SubmitJobResponse", "{'jobName':'a','jobId':'i','jobArn':'x'}", NULL },
	{ "SubmitJobResponse", "{'jobName':'a'}", "the answer at SubmitJobResponse lacks jobId" },
	{ "SubmitJobResponse", "{'jobName':'a','jobId':1}",
	  "the answer at SubmitJobResponse.jobId is no string" },
	{ "SubmitJobResponse", "{'jobName':'a','jobId':null}",
	  "the answer at SubmitJobResponse.jobId is no string" },
	{ "SubmitJobResponse", "{'jobName':'a','jobId':'i','job':1}",
	  "the answer at SubmitJobResponse.job is no member of SubmitJobResponse" },
	{ "SubmitJobResponse", "{'jobName':'a','jobId':'i','jobdeckWarnings':[1]}", NULL },
	{ "SubmitJobResponse", "[]", "the answer at SubmitJobResponse is no SubmitJobResponse" },
	{ "CancelJobResponse", "{}", NULL },
	{ "ListJobsResponse", "{'jobSummaryList':[{'jobId':'i','jobName':'n','status':'DONE'}]}",
	  "the answer at ListJobsResponse.jobSummaryList.[].status is no JobStatus: DONE" },
	{ "ListJobsResponse", "{'jobSummaryList':[{'jobId':'i','jobName':'n','createdAt':1.5}]}",
	  "the answer at ListJobsResponse.jobSummaryList.[].createdAt is no Long: 1.5" },
	{ "ListJobsResponse", "{'jobSummaryList':{}}",
	  "the answer at ListJobsResponse.jobSummaryList is no JobSummaryList" },
	/* startedAt is required, and not there before the job has started */
	{ "DescribeJobsResponse",
	  "{'jobs':[{'jobName':'n','jobId':'i','jobQueue':'q','status':'RUNNABLE',"
	  "'jobDefinition':'d','tags':{},'retryStrategy':{'evaluateOnExit':[{'action':'exit'}]},"
	  "'isCancelled':false,'arrayProperties':{'statusSummary':{'RUNNING':3}}}]}",
	  NULL },
	{ "DescribeJobsResponse",
	  "{'jobs':[{'jobName':'n','jobId':'i','jobQueue':'q','status':'RUNNABLE',"
	  "'jobDefinition':'d','isCancelled':'no'}]}",
	  "the answer at DescribeJobsResponse.jobs.[].isCancelled is no boolean" },
	{ "DescribeJobsResponse",
	  "{'jobs':[{'jobName':'n','jobId':'i','jobQueue':'q','status':'RUNNABLE',"
	  "'jobDefinition':'d','arrayProperties':{'statusSummary':{'RUNNING':2147483648}}}]}",
	  "the answer at DescribeJobsResponse.jobs.[].arrayProperties.statusSummary.RUNNING is no "
	  "Integer: 2147483648" },
	{ "DescribeSchedulingPoliciesResponse",
	  "{'schedulingPolicies':[{'name':'p','arn':'a','fairsharePolicy':{'shareDistribution':["
	  "{'shareIdentifier':'s','weightFactor':0.5}]}}]}",
	  NULL },
};

static void test_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(answered); i++) {
		cleanup_free char *out = quotes(answered[i].out);
		struct err err = { 0 };
		cJSON *json cleanup_json = json_parse(out, strlen(out), &err);

		assert_non_null(json);
		if (schema_check_answer(schema_find(answered[i].shape), json, &err) == 0)
			assert_null(answered[i].error);
		else if (!answered[i].error)
			fail_msg("%s: %s", out, err.text);
		else
			assert_string_equal(err.text, answered[i].error);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table_is_whole),
		cmocka_unit_test(test_operations_have_shapes),
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_message_is_bounded),
		cmocka_unit_test(test_answers),
	};

	return cmocka_run_group_tests_name("api_schema", tests, NULL, NULL);
}
