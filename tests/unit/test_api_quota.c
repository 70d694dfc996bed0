/* Quotas (section 12): warned of, or kept to. */
#include "config.h"
#include "api_fixture.h"
#include <stdio.h>
#include <string.h>

static void make_queues(struct fixture *f, int from, int to)
{
	for (int i = from; i <= to; i++) {
		cleanup_free char *in =
			xasprintf("{'jobQueueName':'q%d','priority':1,'computeEnvironmentOrder':"
				  "[{'order':1,'computeEnvironment':'ce'}]}",
				  i);

		expect(f, "CreateJobQueue", in, NULL);
	}
}

static const char another[] = "{'jobQueueName':'more','priority':1,'computeEnvironmentOrder':"
			      "[{'order':1,'computeEnvironment':'ce'}]}";

static void test_warned(void **state)
{
	struct fixture *f = *state;
	cJSON *out cleanup_json = NULL;

	make_world(f); /* one queue */
	make_queues(f, 2, 49);
	out = get(f, "CreateJobQueue",
		  "{'jobQueueName':'q50','priority':1,'computeEnvironmentOrder':[{'order':1,"
		  "'computeEnvironment':'ce'}]}",
		  NULL);
	assert_null(json_get(out, "jobdeckWarnings"));
	expect(f, "CreateJobQueue", another,
	       "{'jobQueueName':'more','jobdeckWarnings':['AWS allows 50 job queues in an account "
	       "and region; this makes 51']}");
	/* One that is refused for another reason warns of nothing. */
	refuse(f, "CreateJobQueue", another, "ClientException", "Object already exists");
	submit_many(f, "fast", "", 200);
}

static void test_strict(void **state)
{
	struct fixture *f = *state;

	make_world(f);
	make_queues(f, 2, 50);
	refuse(f, "CreateJobQueue", another, "ClientException",
	       "The quota of 50 job queues has been reached");
	expect(f, "UpdateJobQueue", "{'jobQueue':'q7','state':'DISABLED'}", NULL);
	expect(f, "DeleteJobQueue", "{'jobQueue':'q7'}", NULL);
	expect(f, "CreateJobQueue", another, NULL);
	for (int i = 2; i <= 50; i++) {
		cleanup_free char *in = xasprintf("{'computeEnvironmentName':'e%d','type':"
						  "'UNMANAGED','serviceRole':'r'}",
						  i);

		expect(f, "CreateComputeEnvironment", in, NULL);
	}
	refuse(f, "CreateComputeEnvironment",
	       "{'computeEnvironmentName':'e51','type':'UNMANAGED','serviceRole':'r'}",
	       "ClientException", "The quota of 50 compute environments has been reached");
}

/* SDKs wait and try again when they are told so (ID-6). */
static void test_rate(void **state)
{
	struct fixture *f = *state;
	int taken = 0, refused = 0;

	make_world(f);
	for (int i = 0; i < 1000 && refused < 3; i++) {
		struct answer a cleanup_answer;

		call(f, "SubmitJob",
		     "{'jobName':'j','jobQueue':'q','jobDefinition':'sleep'}", &a);
		taken += a.status == 200;
		if (a.status == 200)
			continue;
		refused++;
		assert_int_equal(a.status, 429);
		assert_string_equal(a.error, "TooManyRequestsException");
		assert_string_equal(json_str(a.out, "message"), "Too Many Requests");
		assert_string_equal(json_str(a.out, "jobdeckKind"), "unavailable");
	}
	assert_int_equal(refused, 3);
	assert_in_range(taken, 50, 500);
	/* Nothing else is slowed down. */
	for (int i = 0; i < 100; i++)
		expect(f, "ListJobs", "{'jobQueue':'q'}", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_warned, api_up_slow, api_down),
		cmocka_unit_test_setup_teardown(test_strict, api_up_strict, api_down),
		cmocka_unit_test_setup_teardown(test_rate, api_up_strict, api_down),
	};

	return cmocka_run_group_tests_name("api_quota", tests, NULL, NULL);
}
