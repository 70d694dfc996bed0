/* The traps of doc/semantics.md section 14 that can be fallen into through the API, by number. */
#include "config.h"
#include "api_fixture.h"
#include <stdio.h>
#include <string.h>

#define RUN(words) "'containerOverrides':{'command':['fake'," words "]}"

static void trap_01_no_match_is_retry(void **state) /* RT-5 */
{
	struct fixture *f = *state;

	make_world(f);
	submit(f, "JOB",
	       RUN("'run=1','exit=7'") ",'retryStrategy':{'attempts':2,'evaluateOnExit':["
				       "{'action':'EXIT','onExitCode':'8'}]}");
	eventually(f, "DescribeJobs", "{'jobs':['$JOB']}",
		   "{'jobs':[{'status':'FAILED','attempts':[{},{}]}]}");
}

static void trap_03_cancel_of_running_does_nothing(void **state) /* CX-1 */
{
	struct fixture *f = *state;

	make_world(f);
	submit(f, "JOB", "");
	eventually(f, "DescribeJobs", "{'jobs':['$JOB']}", "{'jobs':[{'status':'RUNNING'}]}");
	expect(f, "CancelJob", "{'jobId':'$JOB','reason':'x'}", "{}");
	turns(f, 5);
	expect(f, "DescribeJobs", "{'jobs':['$JOB']}", "{'jobs':[{'status':'RUNNING'}]}");
}

/* AWS waits for the dependencies first; here it is at once, as a person would expect. */
static void trap_04_cancel_of_pending_is_at_once(void **state) /* CX-2 */
{
	struct fixture *f = *state;

	make_world(f);
	submit(f, "FIRST", "");
	submit(f, "JOB", "'dependsOn':[{'jobId':'$FIRST'}]");
	expect(f, "DescribeJobs", "{'jobs':['$JOB']}", "{'jobs':[{'status':'PENDING'}]}");
	expect(f, "CancelJob", "{'jobId':'$JOB','reason':'x'}", "{}");
	expect(f, "DescribeJobs", "{'jobs':['$FIRST','$JOB']}",
	       "{'jobs':[{},{'status':'FAILED','statusReason':'x','isCancelled':true}]}");
}

static void trap_05_array_parent_lives_in_pending(void **state) /* ARR-4, ARR-5 */
{
	struct fixture *f = *state;

	make_world(f);
	submit(f, "JOB", "'arrayProperties':{'size':2}");
	eventually(f, "ListJobs", "{'arrayJobId':'$JOB'}", "{'jobSummaryList':[{},{}]}");
	expect(f, "TerminateJob", "{'jobId':'$JOB:0','reason':'x'}", "{}");
	eventually(f, "DescribeJobs", "{'jobs':['$JOB:0']}", "{'jobs':[{'status':'FAILED'}]}");
	expect(f, "DescribeJobs", "{'jobs':['$JOB']}", "{'jobs':[{'status':'PENDING'}]}");
	expect(f, "TerminateJob", "{'jobId':'$JOB:1','reason':'x'}", "{}");
	eventually(f, "DescribeJobs", "{'jobs':['$JOB']}",
		   "{'jobs':[{'status':'FAILED','statusReason':'Array Child Job failed'}]}");
}

static void trap_06_no_status_lists_running(void **state) /* LS-1 */
{
	struct fixture *f = *state;

	make_world(f);
	submit(f, "RUNS", "");
	submit(f, "WAITS", "'dependsOn':[{'jobId':'$RUNS'}]");
	eventually(f, "ListJobs", "{'jobQueue':'q'}", "{'jobSummaryList':[{'jobId':'$RUNS'}]}");
	expect(f, "ListJobs", "{'jobQueue':'q','jobStatus':'PENDING'}",
	       "{'jobSummaryList':[{'jobId':'$WAITS'}]}");
}

static void trap_07_array_of_one_is_refused(void **state) /* ARR-1 */
{
	struct fixture *f = *state;

	make_world(f);
	refuse(f, "SubmitJob",
	       "{'jobName':'x','jobQueue':'q','jobDefinition':'sleep','arrayProperties':{'size':1}"
	       "}",
	       "ClientException", "arrayProperties.size must be between 2 and 10000");
	submit(f, "TWO", "'arrayProperties':{'size':2}");
}

static void trap_10_star_only_at_the_end(void **state) /* RT-4 */
{
	static const char *const bad[] = { "*a", "a*b", "**", "a**" };
	struct fixture *f = *state;

	make_world(f);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		cleanup_free char *in = xasprintf(
			"{'jobName':'x','jobQueue':'q','jobDefinition':'sleep','retryStrategy':"
			"{'attempts':2,'evaluateOnExit':[{'action':'EXIT','onReason':'%s'}]}}",
			bad[i]);

		refuse(f, "SubmitJob", in, "ClientException",
		       "Evaluate on exit condition contains restricted characters.");
	}
	submit(f, "GOOD",
	       "'retryStrategy':{'attempts':2,'evaluateOnExit':[{'action':'EXIT','onReason':"
	       "'a*'}]}");
}

static void trap_17_fifo_queue_refuses_a_share(void **state) /* JQ-8 */
{
	struct fixture *f = *state;

	make_world(f);
	refuse(f, "SubmitJob",
	       "{'jobName':'x','jobQueue':'q','jobDefinition':'sleep','shareIdentifier':'a'}",
	       "ClientException", "shareIdentifier must not be specified");
}

static void trap_18_policy_cannot_be_added_later(void **state) /* JQ-7 */
{
	struct fixture *f = *state;

	make_world(f);
	refuse(f, "UpdateJobQueue",
	       "{'jobQueue':'q','schedulingPolicyArn':"
	       "'arn:aws:batch:us-east-1:000000000000:scheduling-policy/p'}",
	       "ClientException", "can't have a fair-share scheduling policy added");
}

static void trap_19_legacy_overrides_do_not_count(void **state) /* OVR-1 */
{
	struct fixture *f = *state;

	make_world(f);
	submit(f, "JOB", "'containerOverrides':{'vcpus':7,'memory':4096}");
	eventually(f, "JobdeckOverview", "{}",
		   "{'environments':[{'usedvCpus':1,'usedMemory':128}]}");
}

static void trap_23_references_only_in_the_command(void **state) /* PAR-1 */
{
	struct fixture *f = *state;

	make_world(f);
	submit(f, "JOB",
	       "'parameters':{'a':'A'},'containerOverrides':{'command':['fake','Ref::a'],"
	       "'environment':[{'name':'X','value':'Ref::a'}]}");
	expect(f, "DescribeJobs", "{'jobs':['$JOB']}",
	       "{'jobs':[{'jobName':'JOB','container':{'command':['fake','A'],'environment':"
	       "[{'name':'X','value':'Ref::a'}]}}]}");
}

int main(void)
{
#define SLOW(test) cmocka_unit_test_setup_teardown(test, api_up_slow, api_down)
	const struct CMUnitTest tests[] = {
		SLOW(trap_01_no_match_is_retry),
		SLOW(trap_03_cancel_of_running_does_nothing),
		SLOW(trap_04_cancel_of_pending_is_at_once),
		SLOW(trap_05_array_parent_lives_in_pending),
		SLOW(trap_06_no_status_lists_running),
		SLOW(trap_07_array_of_one_is_refused),
		SLOW(trap_10_star_only_at_the_end),
		SLOW(trap_17_fifo_queue_refuses_a_share),
		SLOW(trap_18_policy_cannot_be_added_later),
		SLOW(trap_19_legacy_overrides_do_not_count),
		SLOW(trap_23_references_only_in_the_command),
	};

	return cmocka_run_group_tests_name("api_traps", tests, NULL, NULL);
}
