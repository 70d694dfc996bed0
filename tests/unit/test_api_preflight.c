/* What the API tells before and while a job waits: warnings at submission, the ladder of
 * JobdeckWhy, instances, drills. */
#include "config.h"
#include "api_fixture.h"
#include <stdio.h>
#include <string.h>

/* --- preflight ------------------------------------------------------------------------------ */

static const struct {
	const char *members;
	const char *warning; /* NULL: none */
} cases[] = {
	{ "", NULL },
	{ "'retryStrategy':{'attempts':3}", NULL },
	{ "'retryStrategy':{'attempts':3,'evaluateOnExit':[{'action':'RETRY','onStatusReason':"
	  "'Host EC2*'},{'action':'EXIT','onReason':'*'}]}",
	  NULL },
	{ "'retryStrategy':{'attempts':3,'evaluateOnExit':[{'action':'EXIT','onStatusReason':"
	  "'Task failed to start'}]}",
	  NULL },
	{ "'retryStrategy':{'attempts':3,'evaluateOnExit':[{'action':'EXIT','onExitCode':'137'}]}",
	  NULL },
	{ "'retryStrategy':{'attempts':1,'evaluateOnExit':[{'action':'EXIT','onExitCode':'137'}]}",
	  "its retry rules have no effect: attempts is 1" },
	/* RT-8: success is never evaluated. */
	{ "'retryStrategy':{'attempts':3,'evaluateOnExit':[{'action':'EXIT','onExitCode':'0'}]}",
	  "retry rule 1 waits for exit code 0" },
	{ "'retryStrategy':{'attempts':3,'evaluateOnExit':[{'action':'EXIT','onExitCode':'256'}]}",
	  "there is none above 255" },
	/* RT-7: neither is a timeout. */
	{ "'retryStrategy':{'attempts':3,'evaluateOnExit':[{'action':'EXIT','onStatusReason':"
	  "'Job attempt duration*'}]}",
	  "retry rule 1 waits for a timeout, which is never retried" },
	{ "'retryStrategy':{'attempts':3,'evaluateOnExit':[{'action':'EXIT','onExitCode':'1'},"
	  "{'action':'RETRY','onStatusReason':'Host EC2'}]}",
	  "retry rule 2 can never match: no attempt ends with a status reason like 'Host EC2'" },
	{ "'retryStrategy':{'attempts':3,'evaluateOnExit':[{'action':'EXIT','onReason':'*'},"
	  "{'action':'RETRY','onExitCode':'1'}]}",
	  "retry rules after rule 1 are never reached" },
	/* RT-5, trap 1: no match is RETRY. */
	{ "'retryStrategy':{'attempts':3,'evaluateOnExit':[{'action':'RETRY','onExitCode':'1'}]}",
	  "its retry rules change nothing" },
	/* PAR-2, trap 23: references are only filled in where a parameter was given. */
	{ "'containerOverrides':{'command':['fake','Ref::nobody']}",
	  "nobody gave the parameter that 'Ref::nobody' in its command stands for" },
	{ "'containerOverrides':{'environment':[{'name':'X','value':'Ref::nobody'}]}", NULL },
	{ "'dependsOn':[{'jobId':'$BAD'}]", "it will fail at once: job $BAD, on which it depends" },
	{ "'containerOverrides':{'resourceRequirements':[{'type':'VCPU','value':'9'}]}",
	  "it needs 9 vCPU, ce has 8 at most: can never run" },
};

static char *request_of(const char *members, bool strict)
{
	return xasprintf("{'jobName':'x','jobQueue':'q','jobDefinition':'sleep','jobdeckStrict':%s"
			 "%s%s}",
			 strict ? "true" : "false", *members ? "," : "", members);
}

static void test_warnings(void **state)
{
	struct fixture *f = *state;

	make_world(f);
	submit(f, "BAD", "'containerOverrides':{'command':['fake','run=1','exit=1']}");
	eventually(f, "DescribeJobs", "{'jobs':['$BAD']}", "{'jobs':[{'status':'FAILED'}]}");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup_free char *in = request_of(cases[i].members, false);
		cleanup_free char *strict = request_of(cases[i].members, true);
		cJSON *out cleanup_json = get(f, "SubmitJob", in, NULL);
		const cJSON *list = json_get(out, "jobdeckWarnings");
		cleanup_free char *got = json_print(list);
		struct answer a cleanup_answer;

		if (cJSON_GetArraySize(list) != (cases[i].warning != NULL))
			fail_msg("%s\n warned %s", cases[i].members, got);
		call(f, "SubmitJob", strict, &a);
		assert_int_equal(a.status, cases[i].warning ? 400 : 200);
		if (!cases[i].warning)
			continue;
		refuse(f, "SubmitJob", strict, "ClientException",
		       "refused, for jobdeckStrict is set");
		refuse(f, "SubmitJob", strict, "ClientException",
		       strncmp(cases[i].warning, "it will fail at once", 20) == 0 ?
			       "it will fail at once" :
			       cases[i].warning);
	}
	/* Those who do not ask are told nothing: AWS's answer has no such member. */
	{
		cJSON *out cleanup_json =
			get(f, "SubmitJob",
			    "{'jobName':'x','jobQueue':'q','jobDefinition':'sleep','retryStrategy':"
			    "{'attempts':1,'evaluateOnExit':[{'action':'EXIT','onExitCode':'1'}]}}",
			    NULL);

		assert_null(json_get(out, "jobdeckWarnings"));
	}
}

static void test_warned_of_environments(void **state)
{
	struct fixture *f = *state;

	make_world(f);
	expect(f, "UpdateComputeEnvironment", "{'computeEnvironment':'ce','state':'DISABLED'}",
	       NULL);
	refuse(f, "SubmitJob",
	       "{'jobName':'x','jobQueue':'q','jobDefinition':'sleep','jobdeckStrict':true}",
	       "ClientException", "every compute environment of job queue q is DISABLED");
	expect(f, "CreateComputeEnvironment",
	       "{'computeEnvironmentName':'spot','type':'MANAGED','computeResources':{'type':"
	       "'SPOT','maxvCpus':8}}",
	       NULL);
	expect(f, "CreateJobQueue",
	       "{'jobQueueName':'sq','priority':1,'computeEnvironmentOrder':[{'order':1,"
	       "'computeEnvironment':'spot'}]}",
	       NULL);
	expect(f, "RegisterJobDefinition",
	       "{'jobDefinitionName':'mnp','type':'multinode','nodeProperties':{'numNodes':2,"
	       "'mainNode':0,'nodeRangeProperties':[{'targetNodes':'0:','container':{'image':"
	       "'host','command':['fake'],'vcpus':1,'memory':64}}]}}",
	       NULL);
	refuse(f, "SubmitJob", /* MNP-4 */
	       "{'jobName':'x','jobQueue':'sq','jobDefinition':'mnp','jobdeckStrict':true}",
	       "ClientException",
	       "run only in managed EC2 environments, and job queue sq has none");
}

/* --- instances and drills ------------------------------------------------------------------- */

static void make_instances(struct fixture *f, const char *type)
{
	cleanup_free char *in = xasprintf(
		"{'computeEnvironmentName':'inst','type':'MANAGED','computeResources':{'type':'%s',"
		"'maxvCpus':8,'instanceTypes':['m5.large'],'allocationStrategy':"
		"'BEST_FIT_PROGRESSIVE'}}",
		type);

	expect(f, "CreateComputeEnvironment", in, NULL);
	expect(f, "CreateJobQueue",
	       "{'jobQueueName':'iq','priority':1,'computeEnvironmentOrder':[{'order':1,"
	       "'computeEnvironment':'inst'}]}",
	       NULL);
}

static void submit_to(struct fixture *f, const char *queue, const char *name, const char *more)
{
	cleanup_free char *in =
		xasprintf("{'jobName':'%s','jobQueue':'%s','jobDefinition':'sleep'%s%s}", name,
			  queue, *more ? "," : "", more);
	cJSON *out cleanup_json = get(f, "SubmitJob", in, NULL);

	let(name, json_str(out, "jobId"));
}

static void test_instances(void **state)
{
	struct fixture *f = *state;
	cJSON *out cleanup_json = NULL;
	const cJSON *container;

	make_world(f);
	make_instances(f, "EC2");
	submit_to(f, "iq", "JOB", "");
	eventually(f, "DescribeJobs", "{'jobs':['$JOB']}", "{'jobs':[{'status':'RUNNING'}]}");
	out = get(f, "JobdeckInstances", "{'computeEnvironment':'inst'}",
		  "{'instances':[{'instanceType':'m5.large','computeEnvironment':'inst','status':"
		  "'UP','spot':false,'generation':0,'jobs':1,'used':{'vcpus':1,'memory':128,"
		  "'gpus':0},'capacity':{'vcpus':2,'gpus':0}}]}");
	let("INSTANCE", json_str(json_get(out, "instances")->child, "instanceId"));
	expect(f, "DescribeJobs", "{'jobs':['$JOB']}",
	       "{'jobs':[{'container':{'jobdeckInstance':'$INSTANCE'}}]}");
	cJSON_Delete(out);
	out = get(f, "DescribeJobs", "{'jobs':['$JOB']}", NULL);
	container = json_get(json_get(out, "jobs")->child, "container");
	assert_non_null(strstr(json_str(container, "containerInstanceArn"),
			       ":container-instance/inst_Batch_"));
	expect(f, "JobdeckInstances", "{}", "{'instances':[{'instanceId':'$INSTANCE'}]}");
	expect(f, "JobdeckInstances", "{'computeEnvironment':'ce'}", "{'instances':[]}");
	refuse(f, "JobdeckInstances", "{'computeEnvironment':'none'}", "ClientException",
	       "does not exist");
	/* CE-7: what stands is shown. */
	expect(f, "DescribeComputeEnvironments", "{'computeEnvironments':['inst']}",
	       "{'computeEnvironments':[{'computeResources':{'desiredvCpus':2}}]}");
}

/* CE-4: an environment is gone when its instances are. */
static void test_delete_with_instances(void **state)
{
	struct fixture *f = *state;

	make_world(f);
	make_instances(f, "EC2");
	submit_to(f, "iq", "JOB", "'containerOverrides':{'command':['fake','run=1']}");
	eventually(f, "DescribeJobs", "{'jobs':['$JOB']}", "{'jobs':[{'status':'SUCCEEDED'}]}");
	expect(f, "JobdeckInstances", "{'computeEnvironment':'inst'}",
	       "{'instances':[{'jobs':0,'status':'UP'}]}");
	expect(f, "UpdateJobQueue", "{'jobQueue':'iq','state':'DISABLED'}", NULL);
	expect(f, "DeleteJobQueue", "{'jobQueue':'iq'}", "{}");
	expect(f, "UpdateComputeEnvironment", "{'computeEnvironment':'inst','state':'DISABLED'}",
	       NULL);
	expect(f, "DeleteComputeEnvironment", "{'computeEnvironment':'inst'}", "{}");
	eventually(f, "DescribeComputeEnvironments", "{}",
		   "{'computeEnvironments':[{'computeEnvironmentName':'ce'}]}");
	expect(f, "JobdeckInstances", "{}", "{'instances':[]}");
}

static void test_infrastructure_update(void **state) /* CE-8 */
{
	struct fixture *f = *state;

	make_world(f);
	make_instances(f, "EC2");
	submit_to(f, "iq", "JOB", "'retryStrategy':{'attempts':2}");
	eventually(f, "DescribeJobs", "{'jobs':['$JOB']}", "{'jobs':[{'status':'RUNNING'}]}");
	/* The same again changes nothing, and neither does scaling. */
	expect(f, "UpdateComputeEnvironment",
	       "{'computeEnvironment':'inst','computeResources':{'instanceTypes':['m5.large'],"
	       "'maxvCpus':16}}",
	       NULL);
	expect(f, "DescribeComputeEnvironments", "{'computeEnvironments':['inst']}",
	       "{'computeEnvironments':[{'status':'VALID'}]}");
	/* Something new waits for the job, for half an hour if need be. */
	expect(f, "UpdateComputeEnvironment",
	       "{'computeEnvironment':'inst','computeResources':{'instanceTypes':['c5.large']}}",
	       NULL);
	turns(f, 5);
	expect(f, "DescribeComputeEnvironments", "{'computeEnvironments':['inst']}",
	       "{'computeEnvironments':[{'status':'UPDATING','computeResources':{'instanceTypes':"
	       "['c5.large']}}]}");
	expect(f, "JobdeckInstances", "{'computeEnvironment':'inst'}",
	       "{'instances':[{'instanceType':'m5.large','status':'DRAINING','jobs':1}]}");
	refuse(f, "UpdateComputeEnvironment",
	       "{'computeEnvironment':'inst','computeResources':{'instanceTypes':['r5.large']}}",
	       "ClientException", "Cannot update, resource is being modified.");
	refuse(f, "DeleteComputeEnvironment", "{'computeEnvironment':'inst'}", "ClientException",
	       "Cannot delete, resource is being modified.");
	expect(f, "UpdateComputeEnvironment",
	       "{'computeEnvironment':'inst','computeResources':{'maxvCpus':8}}", NULL);
	api_restart(f);
	expect(f, "TerminateJob", "{'jobId':'$JOB','reason':'x'}", "{}");
	eventually(f, "DescribeComputeEnvironments", "{'computeEnvironments':['inst']}",
		   "{'computeEnvironments':[{'status':'VALID','statusReason':"
		   "'ComputeEnvironment Healthy'}]}");
	expect(f, "JobdeckInstances", "{'computeEnvironment':'inst'}", "{'instances':[]}");
}

static void test_update_terminates_jobs(void **state) /* CE-8 */
{
	struct fixture *f = *state;

	make_world(f);
	make_instances(f, "EC2");
	submit_to(f, "iq", "JOB", "'retryStrategy':{'attempts':2}");
	eventually(f, "DescribeJobs", "{'jobs':['$JOB']}", "{'jobs':[{'status':'RUNNING'}]}");
	expect(f, "UpdateComputeEnvironment",
	       "{'computeEnvironment':'inst','updatePolicy':{'terminateJobsOnUpdate':true},"
	       "'computeResources':{'instanceTypes':['c5.large']}}",
	       NULL);
	eventually(f, "DescribeJobs", "{'jobs':['$JOB']}",
		   "{'jobs':[{'status':'RUNNING','attempts':[{}]}]}");
	eventually(f, "DescribeComputeEnvironments", "{'computeEnvironments':['inst']}",
		   "{'computeEnvironments':[{'status':'VALID','updatePolicy':"
		   "{'terminateJobsOnUpdate':true}}]}");
	expect(f, "JobdeckInstances", "{'computeEnvironment':'inst'}",
	       "{'instances':[{'instanceType':'c5.large','generation':1,'jobs':1}]}");
}

/* Section 10: the head that can never run has AWS's reason; those behind it have none. */
static void test_blocked_head(void **state)
{
	struct fixture *f = *state;
	cJSON *out cleanup_json = NULL;

	make_world(f);
	submit(f, "BIG",
	       "'containerOverrides':{'resourceRequirements':[{'type':'VCPU','value':'9'}]}");
	submit(f, "NEXT", "");
	eventually(f, "DescribeJobs", "{'jobs':['$BIG','$NEXT']}",
		   "{'jobs':[{'status':'RUNNABLE','statusReason':"
		   "'MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE - CE(s) associated with the "
		   "job queue cannot meet the CPU requirement of the job.'},{'status':"
		   "'RUNNABLE'}]}");
	out = get(f, "JobdeckOverview", "{}",
		  "{'queues':[{'headJobId':'$BIG','blockedReason':"
		  "'MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE - CE(s) associated with the "
		  "job queue cannot meet the CPU requirement of the job.'}]}");
	assert_true(json_int(json_get(out, "queues")->child, "blockedSince", 0) > 0);
	cJSON_Delete(out);
	out = get(f, "DescribeJobs", "{'jobs':['$NEXT']}", NULL);
	assert_null(json_get(json_get(out, "jobs")->child, "statusReason"));
}

static void test_drill_reclaim(void **state) /* SP-2, traps 9 and 11 */
{
	struct fixture *f = *state;
	cJSON *out cleanup_json = NULL;
	const cJSON *attempt;

	make_world(f);
	make_instances(f, "SPOT");
	submit_to(f, "iq", "JOB", "'retryStrategy':{'attempts':2}");
	eventually(f, "DescribeJobs", "{'jobs':['$JOB']}", "{'jobs':[{'status':'RUNNING'}]}");
	out = get(f, "JobdeckInstances", "{'computeEnvironment':'inst'}", "{'instances':[{}]}");
	let("INSTANCE", json_str(json_get(out, "instances")->child, "instanceId"));
	expect(f, "JobdeckDrill", "{'action':'RECLAIM','target':'$INSTANCE'}", "{'drills':[]}");
	eventually(f, "DescribeJobs", "{'jobs':['$JOB']}",
		   "{'jobs':[{'status':'RUNNING','attempts':[{'statusReason':"
		   "'Host EC2 (instance $INSTANCE) terminated.'}]}]}");
	cJSON_Delete(out);
	out = get(f, "DescribeJobs", "{'jobs':['$JOB']}", NULL);
	attempt = json_get(json_get(out, "jobs")->child, "attempts")->child;
	assert_null(json_get(json_get(attempt, "container"), "exitCode"));
	/* A job stands for its place. */
	expect(f, "JobdeckDrill", "{'action':'RECLAIM','target':'$JOB'}", NULL);
	eventually(f, "DescribeJobs", "{'jobs':['$JOB']}", "{'jobs':[{'status':'FAILED'}]}");
	refuse(f, "JobdeckDrill", "{'action':'RECLAIM','target':'$JOB'}", "ClientException",
	       "is neither an instance nor a job that runs");
	refuse(f, "JobdeckDrill", "{'action':'RECLAIM','target':'i-00000000000000000'}",
	       "ClientException", "");
}

static void test_drill_fargate(void **state) /* trap 11 is the scheduler's: it does not spill */
{
	struct fixture *f = *state;

	expect(f, "CreateComputeEnvironment",
	       "{'computeEnvironmentName':'fg','type':'MANAGED','computeResources':{'type':"
	       "'FARGATE_SPOT','maxvCpus':4}}",
	       NULL);
	expect(f, "CreateJobQueue",
	       "{'jobQueueName':'fq','priority':1,'computeEnvironmentOrder':[{'order':1,"
	       "'computeEnvironment':'fg'}]}",
	       NULL);
	expect(f, "RegisterJobDefinition",
	       "{'jobDefinitionName':'sleep','type':'container','platformCapabilities':['FARGATE'],"
	       "'containerProperties':{'image':'host','command':['x'],'resourceRequirements':["
	       "{'type':'VCPU','value':'0.25'},{'type':'MEMORY','value':'512'}]}}",
	       NULL);
	submit_to(f, "fq", "JOB", "");
	eventually(f, "DescribeJobs", "{'jobs':['$JOB']}", "{'jobs':[{'status':'RUNNING'}]}");
	expect(f, "JobdeckDrill", "{'action':'RECLAIM','target':'$JOB'}", NULL);
	eventually(
		f, "DescribeJobs", "{'jobs':['$JOB']}",
		"{'jobs':[{'status':'FAILED','statusReason':'Your Spot Task was interrupted.'}]}");
}

static void test_drill_for_a_while(void **state)
{
	struct fixture *f = *state;

	make_world(f);
	make_instances(f, "EC2");
	expect(f, "JobdeckDrill", "{'action':'LIST'}", "{'drills':[]}");
	expect(f, "JobdeckDrill", "{'action':'REFUSE_CAPACITY','target':'inst','forSeconds':3600}",
	       "{'drills':[{'action':'REFUSE_CAPACITY','target':'inst'}]}");
	expect(f, "JobdeckDrill", "{'action':'BLOCK_QUEUE','target':'q'}",
	       "{'drills':[{},{'action':'BLOCK_QUEUE','target':'q'}]}");
	submit_to(f, "iq", "REFUSED", "");
	submit_to(f, "q", "BLOCKED", "");
	turns(f, 5);
	expect(f, "DescribeJobs", "{'jobs':['$REFUSED','$BLOCKED']}",
	       "{'jobs':[{'status':'RUNNABLE'},{'status':'RUNNABLE'}]}");
	api_restart(f);
	expect(f, "JobdeckDrill", "{'action':'END','target':'q'}",
	       "{'drills':[{'target':'inst'}]}");
	eventually(f, "DescribeJobs", "{'jobs':['$BLOCKED']}", "{'jobs':[{'status':'RUNNING'}]}");
	expect(f, "JobdeckDrill", "{'action':'END'}", "{'drills':[]}");
	eventually(f, "DescribeJobs", "{'jobs':['$REFUSED']}", "{'jobs':[{'status':'RUNNING'}]}");
	refuse(f, "JobdeckDrill", "{'action':'BLOCK_QUEUE','target':'none'}", "ClientException",
	       "does not exist");
	refuse(f, "JobdeckDrill", "{'action':'BLOCK_QUEUE'}", "ClientException",
	       "target is required");
	refuse(f, "JobdeckDrill", "{'action':'EXPLODE'}", "ClientException",
	       "Member must satisfy enum value set");
}

/* --- why ------------------------------------------------------------------------------------ */

static void test_why(void **state)
{
	struct fixture *f = *state;
	cJSON *out cleanup_json = NULL;
	const cJSON *rungs;

	make_world(f);
	submit(f, "FIRST", "");
	submit(f, "WAITS", "'dependsOn':[{'jobId':'$FIRST'}]");
	submit(f, "BIG",
	       "'containerOverrides':{'resourceRequirements':[{'type':'VCPU','value':'9'}]}");
	eventually(f, "DescribeJobs", "{'jobs':['$FIRST','$BIG']}",
		   "{'jobs':[{'status':'RUNNING'},{'status':'RUNNABLE'}]}");
	out = get(f, "JobdeckWhy", "{'jobId':'$WAITS'}",
		  "{'jobId':'$WAITS','jobName':'WAITS','jobQueue':'q','status':'PENDING'}");
	rungs = json_get(out, "rungs");
	assert_int_equal(cJSON_GetArraySize(rungs), RUNG_COUNT);
	assert_string_equal(json_str(rungs->child, "rung"), "dependencies");
	assert_string_equal(json_str(rungs->child, "verdict"), "WAIT");
	assert_non_null(strstr(json_str(rungs->child, "text"), "FIRST")); /* jobs by name */
	cJSON_Delete(out);
	out = get(f, "JobdeckWhy", "{'jobId':'$BIG'}", NULL);
	assert_string_equal(
		json_str(cJSON_GetArrayItem(json_get(out, "rungs"), RUNG_FITS), "verdict"),
		"NEVER");
	expect(f, "TerminateJob", "{'jobId':'$BIG','reason':'too big'}", "{}");
	cJSON_Delete(out);
	out = get(f, "JobdeckWhy", "{'jobId':'$BIG'}",
		  "{'status':'FAILED','statusReason':'too big'}");
	assert_null(json_get(out, "rungs"));
	refuse(f, "JobdeckWhy", "{'jobId':'none'}", "ClientException", "Job none does not exist");
}

int main(void)
{
#define SLOW(test) cmocka_unit_test_setup_teardown(test, api_up_slow, api_down)
	const struct CMUnitTest tests[] = {
		SLOW(test_warnings),
		SLOW(test_warned_of_environments),
		SLOW(test_instances),
		SLOW(test_delete_with_instances),
		SLOW(test_infrastructure_update),
		SLOW(test_update_terminates_jobs),
		SLOW(test_blocked_head),
		SLOW(test_drill_reclaim),
		SLOW(test_drill_fargate),
		SLOW(test_drill_for_a_while),
		SLOW(test_why),
	};

	return cmocka_run_group_tests_name("api_preflight", tests, NULL, NULL);
}
