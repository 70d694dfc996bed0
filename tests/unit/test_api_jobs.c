/* Jobs through the API: what becomes of a submission, lists, cancel and terminate. The
 * numbers in comments are the rules of doc/semantics.md. */
#include "config.h"
#include "api_fixture.h"
#include <stdio.h>
#include <string.h>

#define JQ_ARN	      "arn:aws:batch:us-east-1:000000000000:job-queue/q"
#define JD_ARN	      "arn:aws:batch:us-east-1:000000000000:job-definition/sleep:1"
#define NOBODY	      "00000000-0000-7000-8000-000000000000"
#define WRAPPED(text) "Error executing request, Exception : " text ", RequestId: "
/* On the fake backend, which takes such commands. */
#define RUN(words) "'containerOverrides':{'command':['fake'," words "]}"

/* --- what a job becomes ---------------------------------------------------------------- */

/* AWS's example of SubmitJob and DescribeJobs. */
static void test_life(void **state)
{
	struct fixture *f = *state;
	cJSON *out cleanup_json = NULL, *again cleanup_json = NULL;
	const cJSON *job, *container;

	make_world(f);
	expect(f, "SubmitJob", "{'jobDefinition':'sleep','jobName':'example','jobQueue':'q'}",
	       "{'jobName':'example'}");
	submit(f, "JOB", RUN("'run=20','exit=3','reason=because'"));
	eventually(f, "DescribeJobs", "{'jobs':['$JOB']}", "{'jobs':[{'status':'FAILED'}]}");
	out = get(
		f, "DescribeJobs",
		"{'jobs':['" NOBODY
		"','$JOB','x','arn:aws:batch:us-east-1:000000000000:job/$JOB']}",
		"{'jobs':[{'jobId':'$JOB','jobName':'JOB','jobQueue':'" JQ_ARN "',"
		"'jobArn':'arn:aws:batch:us-east-1:000000000000:job/$JOB',"
		"'jobDefinition':'" JD_ARN "','status':'FAILED',"
		"'statusReason':'Essential container in task exited','dependsOn':[],"
		"'parameters':{'seconds':'60'},'tags':{},'isCancelled':false,'isTerminated':false,"
		"'retryStrategy':{'attempts':1,'evaluateOnExit':[]},"
		"'container':{'image':'host','environment':[],'mountPoints':[],'ulimits':[],"
		"'volumes':[],'exitCode':3,'reason':'because','networkInterfaces':[],"
		"'command':['fake','run=20','exit=3','reason=because'],"
		"'resourceRequirements':[{'type':'VCPU','value':'1'},{'type':'MEMORY','value':'128'"
		"}]},"
		"'attempts':[{'statusReason':'Essential container in task exited','container':"
		"{'exitCode':3,'reason':'because'}}]},{'jobId':'$JOB'}]}");
	job = json_get(out, "jobs")->child;
	container = json_get(job, "container");
	assert_true(json_int(job, "createdAt", 0) <= json_int(job, "startedAt", 0));
	assert_true(json_int(job, "startedAt", 0) < json_int(job, "stoppedAt", 0));
	assert_non_null(strstr(json_str(container, "taskArn"), ":task/ce_Batch_"));
	assert_non_null(strstr(json_str(container, "containerInstanceArn"),
			       ":container-instance/ce_Batch_"));
	assert_memory_equal(json_str(container, "logStreamName"), "sleep/default/", 14);
	assert_null(json_get(job, "jobdeckWhy"));
	api_restart(f);
	again = get(f, "DescribeJobs", "{'jobs':['$JOB']}", NULL);
	assert_true(cJSON_Compare(json_get(again, "jobs")->child, job, true));
}

static void test_retried(void **state) /* RT-3, RT-10 */
{
	struct fixture *f = *state;
	cJSON *out cleanup_json = NULL;
	const cJSON *attempts;

	make_world(f);
	submit(f, "JOB",
	       RUN("'run=1','exit=7'") ",'retryStrategy':{'attempts':3,'evaluateOnExit':["
				       "{'action':'EXIT','onExitCode':'8'}]}");
	eventually(f, "DescribeJobs", "{'jobs':['$JOB']}", "{'jobs':[{'status':'FAILED'}]}");
	out = get(f, "DescribeJobs", "{'jobs':['$JOB']}",
		  "{'jobs':[{'retryStrategy':{'attempts':3,'evaluateOnExit':[{'action':'exit','"
		  "onExitCode':'8'}]},"
		  "'attempts':[{'container':{'exitCode':7}},{'container':{'exitCode':7}},"
		  "{'container':{'exitCode':7}}]}]}");
	attempts = json_get(json_get(out, "jobs")->child, "attempts");
	assert_string_not_equal(
		json_str(json_get(attempts->child, "container"), "logStreamName"),
		json_str(json_get(attempts->child->next, "container"), "logStreamName"));
	expect(f, "ListJobs", "{'jobQueue':'q','jobStatus':'FAILED'}",
	       "{'jobSummaryList':[{'jobdeckAttempt':3,'jobdeckAttempts':3,'container':{'exitCode':"
	       "7}}]}");
	submit(f, "EXIT",
	       RUN("'run=1','exit=8'") ",'retryStrategy':{'attempts':3,'evaluateOnExit':["
				       "{'action':'Exit','onExitCode':'8'}]}");
	eventually(f, "DescribeJobs", "{'jobs':['$EXIT']}",
		   "{'jobs':[{'status':'FAILED','attempts':[{'container':{'exitCode':8}}]}]}");
}

static void test_overrides(void **state) /* OVR-1, OVR-2, PAR-1, PAR-2 */
{
	struct fixture *f = *state;

	make_world(f);
	expect(f, "RegisterJobDefinition",
	       "{'jobDefinitionName':'all','type':'container','containerProperties':{'image':'host'"
	       ","
	       "'command':['Ref::a','x=Ref::a.Ref::b','Ref::none','Ref::odd.key'],'user':'nobody',"
	       "'environment':[{'name':'ONE','value':'1'},{'name':'TWO','value':'2'}],"
	       "'resourceRequirements':[{'type':'VCPU','value':'1'},{'type':'MEMORY','value':'100'}"
	       "]},"
	       "'parameters':{'a':'A','b':'Ref::a','odd.key':'odd'},'tags':{'t':'definition','u':'"
	       "definition'},"
	       "'timeout':{'attemptDurationSeconds':100},'retryStrategy':{'attempts':2},"
	       "'propagateTags':true,'schedulingPriority':5,'platformCapabilities':['EC2']}",
	       NULL);
	expect(f, "SubmitJob", "{'jobName':'plain','jobQueue':'" JQ_ARN "','jobDefinition':'all'}",
	       NULL);
	{
		cJSON *out cleanup_json =
			get(f, "SubmitJob",
			    "{'jobName':'x','jobQueue':'q','jobDefinition':'all:1','parameters':{'"
			    "a':'new'},"
			    "'tags':{'u':'job','jobdeck:directory':'/"
			    "tmp'},'timeout':{'attemptDurationSeconds':200},"
			    "'retryStrategy':{'attempts':4},'propagateTags':false,'"
			    "schedulingPriorityOverride':9,"
			    "'containerOverrides':{'environment':[{'name':'TWO','value':'zwei'},"
			    "{'name':'THREE','value':'3'}],'vcpus':7,'resourceRequirements':"
			    "[{'type':'MEMORY','value':'200'}]}}",
			    NULL);

		let("JOB", json_str(out, "jobId"));
	}
	expect(f, "DescribeJobs", "{'jobs':['$JOB']}",
	       "{'jobs':[{'container':{'command':['new','x=new.Ref::a','Ref::none','odd'],'user':'"
	       "nobody',"
	       "'environment':[{'name':'ONE','value':'1'},{'name':'TWO','value':'zwei'},"
	       "{'name':'THREE','value':'3'}],'resourceRequirements':[{'type':'VCPU','value':'1'},"
	       "{'type':'MEMORY','value':'200'}]},'parameters':{'a':'new','b':'Ref::a'},"
	       "'tags':{'t':'definition','u':'job','jobdeck:directory':'/tmp'},"
	       "'timeout':{'attemptDurationSeconds':200},'retryStrategy':{'attempts':4},"
	       "'propagateTags':false,'schedulingPriority':9,'platformCapabilities':['EC2']}]}");
	/* Trap 19: vcpus 7 did not count; 1 vCPU is what it takes. */
	eventually(f, "JobdeckOverview", "{}",
		   "{'environments':[{'usedvCpus':2,'usedMemory':300}]}");
	/* JD-3: what happens to the definition no longer matters. */
	expect(f, "DeregisterJobDefinition", "{'jobDefinition':'all:1'}", "{}");
	expect(f, "DescribeJobs", "{'jobs':['$JOB']}", "{'jobs':[{'tags':{'t':'definition'}}]}");
	refuse(f, "SubmitJob", "{'jobName':'x','jobQueue':'q','jobDefinition':'all'}",
	       "ClientException",
	       "JobDefinition name all does not exist or is not in ACTIVE status");
	refuse(f, "SubmitJob", "{'jobName':'x','jobQueue':'q','jobDefinition':'all:1'}",
	       "ClientException",
	       "JobDefinition name all:1 does not exist or is not in ACTIVE status");
}

static void test_legacy_resources(void **state)
{
	struct fixture *f = *state;

	make_world(f);
	expect(f, "RegisterJobDefinition",
	       "{'jobDefinitionName':'old','type':'container','containerProperties':{'image':'host'"
	       ","
	       "'command':['x'],'vcpus':1,'memory':100}}",
	       NULL);
	expect(f, "SubmitJob",
	       "{'jobName':'x','jobQueue':'q','jobDefinition':'old','containerOverrides':"
	       "{'vcpus':3,'resourceRequirements':[{'type':'MEMORY','value':'50'}]}}",
	       NULL);
	eventually(f, "JobdeckOverview", "{}",
		   "{'environments':[{'usedvCpus':3,'usedMemory':50}]}");
}

static const struct {
	const char *members, *text;
} refused[] = {
	{ "'jobName':'-a'", WRAPPED("Job name should match valid pattern") }, /* ID-4 */
	{ "'jobName':'a.b'", WRAPPED("Job name should match valid pattern") },
	{ "'jobName':''", WRAPPED("Job name should match valid pattern") },
	{ "'jobName':'a','jobQueue':'x-job-queue'", "JobQueue x-job-queue not found." },
	{ "'jobName':'a','jobQueue':'" JD_ARN "'", "is not supported pattern" },
	{ "'jobName':'a','jobDefinition':'nextflow'",
	  "JobDefinition name nextflow does not exist or is not in ACTIVE status" },
	{ "'jobName':'a','jobDefinition':'arn:aws:batch:us-east-2:1:job-definition/none'",
	  "JobDefinition arn:aws:batch:us-east-2:1:job-definition/none not found." },
	{ "'jobName':'a','jobDefinition':'sleep:latest'",
	  "Provided name sleep:latest is not supported pattern[a-zA-Z_0-9-]{1,128}" },
	{ "'jobName':'a','arrayProperties':{'size':1}",
	  "arrayProperties.size must be between 2 and 10000" }, /* ARR-1, trap 7 */
	{ "'jobName':'a','arrayProperties':{'size':10001}",
	  "arrayProperties.size must be between 2 and 10000" },
	{ "'jobName':'a','nodeOverrides':{}",
	  "nodeOverrides should not be set for a job definition with type container." },
	{ "'jobName':'a','ecsPropertiesOverride':{}",
	  "ecsPropertiesOverride should not be set for a job definition with "
	  "containerProperties." },
	{ "'jobName':'a','dependsOn':[{'type':'SEQUENTIAL'}]",
	  "type SEQUENTIAL is only for array jobs" }, /* DEP-5 */
	{ "'jobName':'a','dependsOn':[{'jobId':'" NOBODY "','type':'N_TO_N'}]",
	  "type N_TO_N is only for array jobs" }, /* DEP-6 */
	{ "'jobName':'a','arrayProperties':{'size':2},'dependsOn':[{'jobId':'" NOBODY
	  "','type':'SEQUENTIAL'}]",
	  "type SEQUENTIAL is between the children of one array job and takes no jobId" },
	{ "'jobName':'a','dependsOn':[{'jobId':'" NOBODY ":3'}]",
	  "job " NOBODY ":3 does not exist" },
	{ "'jobName':'a','schedulingPriorityOverride':10000",
	  "schedulingPriorityOverride must be between 0 and 9999" }, /* FS-8 */
	{ "'jobName':'a','schedulingPriorityOverride':-1", "between 0 and 9999" },
	{ "'jobName':'a','tags':{'jobdeck:hold':'perhaps'}",
	  "tags: jobdeck:hold must be on or off, not 'perhaps'" },
	{ "'jobName':'a','tags':{'jobdeck:start-after':'noon'}",
	  "tags: jobdeck:start-after must be a time like" },
	{ "'jobName':'a','tags':{'jobdeck:after-any':'" NOBODY "'}",
	  "tags: jobdeck:after-any: job " NOBODY " does not exist" },
	{ "'jobName':'a','dependsOn':[{'jobId':'" NOBODY "'}]", /* DEP-8 */
	  "dependsOn: job " NOBODY " does not exist" },
	{ "'jobName':'a','dependsOn':[{}]", "jobId is required" },
	{ "'jobName':'a','dependsOn':[{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{"
	  "}]",
	  WRAPPED("Job cannot have more than 20 dependencies") }, /* DEP-1 */
	{ "'jobName':'a','shareIdentifier':'s'",
	  "shareIdentifier must not be specified" }, /* JQ-8 */
	{ "'jobName':'a','retryStrategy':{'attempts':11}", "between 1 and 10" },
	{ "'jobName':'a','retryStrategy':{'evaluateOnExit':[]}", "RetryAttempts must be provided" },
	{ "'jobName':'a','timeout':{'attemptDurationSeconds':59}", "at least 60" },
	{ "'jobName':'a','tags':{'aws:x':'y'}", "aws: prefixed" },
	{ "'jobName':'a','containerOverrides':{'environment':[{'name':'AWS_BATCH_JOB_ID','value':'"
	  "1'}]}",
	  "reserved" },
	{ "'jobName':'a','containerOverrides':{'command':['x','']}", "Command cannot be empty" },
	{ "'jobName':'a','containerOverrides':{'resourceRequirements':[{'type':'VCPU','value':'x'}]"
	  "}",
	  "Value x for type VCPU in resourceRequirement is not valid. Please provide a numeric "
	  "value." },
	{ "'jobName':'a','containerOverrides':{'resourceRequirements':[{'type':'VCPU','value':'1'},"
	  "{'type':'VCPU','value':'2'}]}",
	  "VCPU is repeated" },
	{ "'jobName':'a','eksPropertiesOverride':{}", "is not supported" },
	{ "'jobName':'\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac','jobQueue':'"
	  "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"
	  "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2"
	  "\x82\xac"
	  "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2"
	  "\x82\xac'",
	  "Job name" },
};

static void test_refused(void **state)
{
	struct fixture *f = *state;

	make_world(f);
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		const char *m = refused[i].members;
		cleanup_free char *in =
			xasprintf("{%s%s%s}", m, strstr(m, "'jobQueue'") ? "" : ",'jobQueue':'q'",
				  strstr(m, "'jobDefinition'") ? "" : ",'jobDefinition':'sleep'");

		refuse(f, "SubmitJob", in, "ClientException", refused[i].text);
	}
	expect(f, "JobdeckStatus", "{}", "{'liveJobs':0}");
}

static void test_disabled_queue(void **state) /* JQ-1 */
{
	struct fixture *f = *state;

	make_world(f);
	expect(f, "UpdateJobQueue", "{'jobQueue':'q','state':'DISABLED'}", NULL);
	refuse(f, "SubmitJob", "{'jobName':'a','jobQueue':'q','jobDefinition':'sleep'}",
	       "ClientException", "JobQueue q is DISABLED");
	expect(f, "UpdateJobQueue", "{'jobQueue':'q','state':'ENABLED'}", NULL);
	submit(f, "JOB", "");
}

static void test_platforms(void **state)
{
	struct fixture *f = *state;

	make_world(f);
	expect(f, "CreateComputeEnvironment",
	       "{'computeEnvironmentName':'fg','type':'MANAGED','computeResources':{'type':'"
	       "FARGATE','maxvCpus':4}}",
	       NULL);
	expect(f, "CreateJobQueue",
	       "{'jobQueueName':'fq','priority':1,'computeEnvironmentOrder':[{'order':1,'"
	       "computeEnvironment':'fg'}]}",
	       NULL);
	expect(f, "RegisterJobDefinition",
	       "{'jobDefinitionName':'fg','type':'container','platformCapabilities':['FARGATE'],"
	       "'containerProperties':{'image':'host','command':['x'],'resourceRequirements':["
	       "{'type':'VCPU','value':'0.25'},{'type':'MEMORY','value':'512'}]}}",
	       NULL);
	refuse(f, "SubmitJob", "{'jobName':'a','jobQueue':'fq','jobDefinition':'sleep'}",
	       "ClientException",
	       "has platformCapabilities EC2, but the compute environments of JobQueue fq are "
	       "FARGATE");
	refuse(f, "SubmitJob", "{'jobName':'a','jobQueue':'q','jobDefinition':'fg'}",
	       "ClientException", "has platformCapabilities FARGATE");
	refuse(f, "SubmitJob", /* RES-3 holds for what the overrides make of it */
	       "{'jobName':'a','jobQueue':'fq','jobDefinition':'fg','containerOverrides':"
	       "{'resourceRequirements':[{'type':'VCPU','value':'0.5'}]}}",
	       "ClientException", "Fargate resource requirements (0.50 vCPU, 512 MiB) not valid.");
	{
		cJSON *out cleanup_json =
			get(f, "SubmitJob", "{'jobName':'a','jobQueue':'fq','jobDefinition':'fg'}",
			    NULL);

		let("JOB", json_str(out, "jobId"));
	}
	eventually(f, "DescribeJobs", "{'jobs':['$JOB']}", "{'jobs':[{'status':'RUNNING'}]}");
	expect(f, "JobdeckOverview", "{}",
	       "{'environments':[{'usedvCpus':0},{'type':'FARGATE','usedvCpus':0.25,'activeJobs':1}"
	       "]}");
	{
		cJSON *out cleanup_json = get(f, "DescribeJobs", "{'jobs':['$JOB']}", NULL);
		const cJSON *container = json_get(json_get(out, "jobs")->child, "container");

		assert_null(json_get(container, "containerInstanceArn")); /* Fargate has none */
		assert_non_null(json_get(container, "taskArn"));
	}
}

static void test_size(void **state) /* JD-5 */
{
	struct fixture *f = *state;
	cleanup_free char *pad = xmalloc(30 * 1024 + 1), *in = NULL;

	make_world(f);
	memset(pad, ' ', 30 * 1024);
	pad[30 * 1024] = '\0';
	in = xasprintf("{'jobName':'a','jobQueue':'q','jobDefinition':'sleep'}%s", pad);
	refuse(f, "SubmitJob", in, "ClientException", "at most 30720 bytes");
	in[30 * 1024] = '\0';
	expect(f, "SubmitJob", in, NULL);
	/* References may not blow a command up. */
	expect(f, "RegisterJobDefinition",
	       "{'jobDefinitionName':'bomb','type':'container','containerProperties':{'image':'"
	       "host','vcpus':1,"
	       "'memory':64,'command':['Ref::aRef::aRef::aRef::aRef::aRef::aRef::aRef::a']}}",
	       NULL);
	memset(pad, 'x', 25 * 1024);
	pad[25 * 1024] = '\0';
	free(in);
	in = xasprintf(
		"{'jobName':'a','jobQueue':'q','jobDefinition':'bomb','parameters':{'a':'%s'}}",
		pad);
	refuse(f, "SubmitJob", in, "ClientException", "The command is too long");
}

/* --- dependencies ----------------------------------------------------------------------- */

static void test_dependencies(void **state) /* DEP-2, DEP-8 */
{
	struct fixture *f = *state;

	make_world(f);
	submit(f, "GOOD", RUN("'run=1500'"));
	submit(f, "BAD", RUN("'run=1500','exit=1'"));
	submit(f, "SECOND", RUN("'run=1'") ",'dependsOn':[{'jobId':'$GOOD'},{'jobId':'$GOOD'}]");
	submit(f, "THIRD", RUN("'run=1'") ",'dependsOn':[{'jobId':'$SECOND'}]");
	submit(f, "LOST", RUN("'run=1'") ",'dependsOn':[{'jobId':'$THIRD'},{'jobId':'$BAD'}]");
	expect(f, "DescribeJobs", "{'jobs':['$SECOND']}",
	       "{'jobs':[{'status':'PENDING','dependsOn':[{'jobId':'$GOOD'},{'jobId':'$GOOD'}]}]}");
	eventually(
		f, "DescribeJobs", "{'jobs':['$GOOD','$SECOND','$THIRD','$BAD','$LOST']}",
		"{'jobs':[{'status':'SUCCEEDED'},{'status':'SUCCEEDED'},{'status':'SUCCEEDED'},"
		"{'status':'FAILED'},{'status':'FAILED','statusReason':'Dependent Job failed'}]}");
	submit(f, "LATE", RUN("'run=1'") ",'dependsOn':[{'jobId':'$GOOD'}]");
	submit(f, "TOO_LATE", RUN("'run=1'") ",'dependsOn':[{'jobId':'$BAD'}]");
	expect(f, "DescribeJobs", "{'jobs':['$TOO_LATE']}",
	       "{'jobs':[{'status':'FAILED','statusReason':'Dependent Job "
	       "failed','attempts':[]}]}");
	eventually(f, "DescribeJobs", "{'jobs':['$LATE']}", "{'jobs':[{'status':'SUCCEEDED'}]}");
}

/* --- cancel and terminate --------------------------------------------------------------- */

static void test_cancel(void **state) /* CX-1, CX-4, CX-5 */
{
	struct fixture *f = *state;
	cleanup_free char *long_reason = xmalloc(1026), *in = NULL;

	make_world(f);
	submit(f, "RUNS", "");
	submit(f, "WAITS", "'dependsOn':[{'jobId':'$RUNS'}]");
	eventually(f, "DescribeJobs", "{'jobs':['$RUNS']}", "{'jobs':[{'status':'RUNNING'}]}");
	expect(f, "DescribeJobs", "{'jobs':['$RUNS']}", "{'jobs':[{'attempts':[]}]}"); /* RT-10 */
	expect(f, "CancelJob", "{'jobId':'$RUNS','reason':'Cancelling job.'}", "{}");
	expect(f, "CancelJob", "{'jobId':'$WAITS','reason':'Cancelling job.'}", "{}");
	expect(f, "DescribeJobs", "{'jobs':['$RUNS','$WAITS']}",
	       "{'jobs':[{'status':'RUNNING'},{'status':'FAILED','statusReason':'Cancelling job.',"
	       "'isCancelled':true,'isTerminated':false}]}");
	expect(f, "CancelJob", "{'jobId':'$WAITS','reason':'again'}", "{}");
	expect(f, "DescribeJobs", "{'jobs':['$WAITS']}",
	       "{'jobs':[{'statusReason':'Cancelling job.'}]}");
	expect(f, "CancelJob",
	       "{'jobId':'1d828f65-7a4d-42e8-996d-3b900ed59dc4','reason':'Cancelling job.'}", "{}");
	expect(f, "TerminateJob", "{'jobId':'no id at all','reason':'x'}", "{}");
	refuse(f, "CancelJob", "{'jobId':'$RUNS'}", "ClientException", "Value null at 'reason'");
	memset(long_reason, 'r', 1025);
	long_reason[1025] = '\0';
	in = xasprintf("{'jobId':'$RUNS','reason':'%s'}", long_reason);
	refuse(f, "TerminateJob", in, "ClientException", "at most 1024 characters");
}

static void test_terminate(void **state) /* CX-3, RT-7 */
{
	struct fixture *f = *state;

	make_world(f);
	submit(f, "JOB", "'retryStrategy':{'attempts':3}");
	eventually(f, "DescribeJobs", "{'jobs':['$JOB']}", "{'jobs':[{'status':'RUNNING'}]}");
	expect(f, "TerminateJob",
	       "{'jobId':'arn:aws:batch:us-east-1:000000000000:job/$JOB',"
	       "'reason':'Terminating job.'}",
	       "{}");
	eventually(
		f, "DescribeJobs", "{'jobs':['$JOB']}",
		"{'jobs':[{'status':'FAILED','statusReason':'Terminating job.','isTerminated':true,"
		"'attempts':[{'container':{'exitCode':143}}],'container':{'exitCode':143}}]}");
}

/* --- lists ------------------------------------------------------------------------------ */

static void test_list(void **state) /* LS-1, LS-2 */
{
	struct fixture *f = *state;

	make_world(f);
	submit(f, "ALPHA", "");
	submit(f, "BETA", RUN("'run=1'"));
	submit(f, "ALPS", "'dependsOn':[{'jobId':'$ALPHA'}]");
	eventually(f, "ListJobs", "{'jobQueue':'q','jobStatus':'SUCCEEDED'}",
		   "{'jobSummaryList':[{'jobId':'$BETA','jobName':'BETA','status':'SUCCEEDED',"
		   "'container':{'exitCode':0},'jobDefinition':'" JD_ARN
		   "','jobdeckAttempt':1,'jobdeckAttempts':1}]}");
	/* No status: RUNNING only. */
	expect(f, "ListJobs", "{'jobQueue':'" JQ_ARN "'}",
	       "{'jobSummaryList':[{'jobId':'$ALPHA','status':'RUNNING'}]}");
	expect(f, "ListJobs", "{'jobQueue':'q','jobStatus':'PENDING'}",
	       "{'jobSummaryList':[{'jobId':'$ALPS'}]}");
	/* With a filter: all states, newest first, and the status does not count. */
	expect(f, "ListJobs",
	       "{'jobQueue':'q','jobStatus':'FAILED','filters':[{'name':'AFTER_CREATED_AT','values'"
	       ":['0']}]}",
	       "{'jobSummaryList':[{'jobId':'$ALPS'},{'jobId':'$BETA'},{'jobId':'$ALPHA'}]}");
	expect(f, "ListJobs", "{'jobQueue':'q','filters':[{'name':'JOB_NAME','values':['alp*']}]}",
	       "{'jobSummaryList':[{'jobId':'$ALPS'},{'jobId':'$ALPHA'}]}");
	expect(f, "ListJobs", "{'jobQueue':'q','filters':[{'name':'JOB_NAME','values':['alp']}]}",
	       "{'jobSummaryList':[]}");
	expect(f, "ListJobs",
	       "{'jobQueue':'q','filters':[{'name':'JOB_DEFINITION','values':['" JD_ARN "']}]}",
	       "{'jobSummaryList':[{},{},{}]}");
	expect(f, "ListJobs",
	       "{'jobQueue':'q','filters':[{'name':'JOB_DEFINITION','values':['slee*']}]}",
	       "{'jobSummaryList':[{},{},{}]}");
	expect(f, "ListJobs",
	       "{'jobQueue':'q','filters':[{'name':'JOB_DEFINITION','values':['sleep:2']}]}",
	       "{'jobSummaryList':[]}");
	expect(f, "ListJobs",
	       "{'jobQueue':'q','filters':[{'name':'BEFORE_CREATED_AT','values':['1000']}]}",
	       "{'jobSummaryList':[]}");
	expect(f, "ListJobs",
	       "{'jobQueue':'q','filters':[{'name':'SHARE_IDENTIFIER','values':['s']}]}",
	       "{'jobSummaryList':[]}");
	expect(f, "ListJobs", "{'arrayJobId':'$ALPHA'}", "{'jobSummaryList':[]}");
}

static void test_list_refused(void **state)
{
	struct fixture *f = *state;

	make_world(f);
	refuse(f, "ListJobs", "{}", "ClientException", "Exactly one of jobQueue, arrayJobId");
	refuse(f, "ListJobs", "{'jobQueue':'q','arrayJobId':'x'}", "ClientException",
	       "Exactly one of");
	refuse(f, "ListJobs", "{'jobQueue':'none'}", "ClientException",
	       "job-queue/none does not exist");
	refuse(f, "ListJobs", "{'jobQueue':'q','jobStatus':'running'}", "ClientException",
	       "Value 'running' at 'jobStatus' failed to satisfy constraint: Member must satisfy "
	       "enum value "
	       "set: [SUBMITTED, PENDING,");
	refuse(f, "ListJobs",
	       "{'jobQueue':'q','filters':[{'name':'JOB_NAME','values':['a']},{'name':'JOB_NAME','"
	       "values':['b']}]}",
	       "ClientException", WRAPPED("Only one filter key-value pair can be specified"));
	refuse(f, "ListJobs", "{'jobQueue':'q','filters':[{'name':'COLOUR','values':['a']}]}",
	       "ClientException", "COLOUR is none of JOB_NAME");
	refuse(f, "ListJobs",
	       "{'jobQueue':'q','filters':[{'name':'AFTER_CREATED_AT','values':['noon']}]}",
	       "ClientException", "noon is not a time");
	refuse(f, "ListJobs", "{'jobQueue':'q','filters':[{'name':'JOB_NAME'}]}", "ClientException",
	       "a filter needs a name and a value");
}

static void test_list_pages(void **state)
{
	struct fixture *f = *state;
	char seen[30] = "";

	make_world(f);
	for (int i = 0; i < 5; i++) {
		char name[] = { (char)('A' + i), '\0' };

		submit(f, name, "'dependsOn':[]");
	}
	let("TOKEN", "");
	for (;;) {
		cJSON *out cleanup_json =
			get(f, "ListJobs",
			    "{'jobQueue':'q','maxResults':2,'nextToken':'$TOKEN',"
			    "'filters':[{'name':'AFTER_CREATED_AT','values':['0']}]}",
			    NULL);
		const cJSON *job;

		assert_true(json_count(out, "jobSummaryList") <= 2);
		cJSON_ArrayForEach(job, json_get(out, "jobSummaryList"))
			strcat(seen, json_str(job, "jobName"));
		if (!json_str(out, "nextToken"))
			break;
		let("TOKEN", json_str(out, "nextToken"));
		/* New jobs do not disturb a list that was begun; a restart neither. */
		if (!strcmp(seen, "ED")) {
			submit(f, "NEW", "'dependsOn':[]");
			api_restart(f);
		}
	}
	assert_string_equal(seen, "EDCBA");
	refuse(f, "ListJobs", "{'jobQueue':'q','nextToken':'$TOKEN'}", "ClientException",
	       WRAPPED("nextToken is not valid for this request"));
	refuse(f, "ListJobs", "{'jobQueue':'q','maxResults':0}", "ClientException", "at least 1");
}

/* A page has no more than AWS's, whatever is asked for. */
static void test_page_limit(void **state)
{
	struct fixture *f = *state;
	cJSON *by_filter cleanup_json = NULL, *by_status cleanup_json = NULL;

	make_world(f);
	submit(f, "FIRST", "");
	submit_many(f, "OTHER", "'dependsOn':[{'jobId':'$FIRST'}]", 1001);
	by_filter = get(f, "ListJobs",
			"{'jobQueue':'q','maxResults':1000,"
			"'filters':[{'name':'AFTER_CREATED_AT','values':['0']}]}",
			NULL);
	assert_int_equal(json_count(by_filter, "jobSummaryList"), 100);
	assert_non_null(json_str(by_filter, "nextToken"));
	by_status = get(f, "ListJobs", "{'jobQueue':'q','maxResults':5000,'jobStatus':'PENDING'}",
			NULL);
	assert_int_equal(json_count(by_status, "jobSummaryList"), 1000);
	assert_non_null(json_str(by_status, "nextToken"));
}

static void test_describe_limits(void **state) /* ID-8 */
{
	struct fixture *f = *state;
	struct buf b cleanup_buf;

	buf_init(&b, 1 << 16);
	buf_adds(&b, "{'jobs':['x'");
	for (int i = 0; i < 100; i++)
		buf_adds(&b, ",'x'");
	buf_adds(&b, "]}");
	refuse(f, "DescribeJobs", buf_str(&b), "ClientException",
	       WRAPPED("Maximum number of jobs supported is 100"));
	expect(f, "DescribeJobs", "{'jobs':[]}", "{'jobs':[]}");
	refuse(f, "DescribeJobs", "{}", "ClientException", "Value null at 'jobs'");
}

/* --- why a job waits ---------------------------------------------------------------------- */

static void test_why(void **state)
{
	struct fixture *f = *state;
	cJSON *out cleanup_json = NULL;

	make_world(f);
	submit(f, "BIG",
	       "'containerOverrides':{'resourceRequirements':[{'type':'VCPU','value':'8'}]}");
	submit(f, "NEXT", "");
	eventually(f, "DescribeJobs", "{'jobs':['$BIG','$NEXT']}",
		   "{'jobs':[{'status':'RUNNING'},{'status':'RUNNABLE'}]}");
	out = get(f, "ListJobs", "{'jobQueue':'q','jobStatus':'RUNNABLE'}",
		  "{'jobSummaryList':[{'jobId':'$NEXT'}]}");
	assert_non_null(json_str(json_get(out, "jobSummaryList")->child, "jobdeckWhy"));
	expect(f, "JobdeckOverview", "{}",
	       "{'queues':[{'jobQueueName':'q','headJobId':'$NEXT','computeEnvironments':['ce'],"
	       "'counts':{'SUBMITTED':0,'PENDING':0,'RUNNABLE':1,'STARTING':0,'RUNNING':1,'"
	       "SUCCEEDED':0,"
	       "'FAILED':0}}]}");
}

int main(void)
{
#define SLOW(test) cmocka_unit_test_setup_teardown(test, api_up_slow, api_down)
	const struct CMUnitTest tests[] = {
		SLOW(test_life),
		SLOW(test_retried),
		SLOW(test_overrides),
		SLOW(test_legacy_resources),
		SLOW(test_refused),
		SLOW(test_disabled_queue),
		SLOW(test_platforms),
		SLOW(test_size),
		SLOW(test_dependencies),
		SLOW(test_cancel),
		SLOW(test_terminate),
		SLOW(test_list),
		SLOW(test_list_refused),
		SLOW(test_list_pages),
		SLOW(test_page_limit),       SLOW(test_describe_limits),
		SLOW(test_why),
	};

	return cmocka_run_group_tests_name("api_jobs", tests, NULL, NULL);
}
