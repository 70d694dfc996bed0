/* Arrays and multi-node jobs through the API: what becomes of a submission, its children in
 * lists and descriptions, made or not. The numbers in comments are the rules of
 * doc/semantics.md. */
#include "config.h"
#include "api_fixture.h"
#include <stdio.h>
#include <string.h>

/* On the fake backend, which takes such commands. */
#define RUN(words) "'containerOverrides':{'command':['fake'," words "]}"

/* --- arrays ----------------------------------------------------------------------------- */

/* ARR-1, ARR-4, ARR-7: ce has 8 vCPUs, so of 10 children 8 run. */
static void test_array_waits(void **state)
{
	struct fixture *f = *state;

	make_world(f);
	submit(f, "JOB", "'arrayProperties':{'size':10}");
	eventually(f, "DescribeJobs", "{'jobs':['$JOB']}",
		   "{'jobs':[{'status':'PENDING','arrayProperties':{'size':10,'statusSummary':"
		   "{'SUBMITTED':0,'PENDING':0,'RUNNABLE':2,'STARTING':0,'RUNNING':8,'SUCCEEDED':0,"
		   "'FAILED':0}},'attempts':[]}]}");
	/* Trap 5: the parent is listed as PENDING, never as RUNNING. */
	expect(f, "ListJobs", "{'jobQueue':'q'}", "{'jobSummaryList':[]}");
	expect(f, "ListJobs", "{'jobQueue':'q','jobStatus':'PENDING'}",
	       "{'jobSummaryList':[{'jobId':'$JOB','arrayProperties':{'size':10,'statusSummary':"
	       "{'RUNNING':8}}}]}");
	api_restart(f);
	eventually(f, "DescribeJobs", "{'jobs':['$JOB']}",
		   "{'jobs':[{'status':'PENDING','arrayProperties':{'statusSummary':{'RUNNABLE':2,"
		   "'RUNNING':8}}}]}");
}

/* ARR-9: of the children of one status, RUNNING if none is named; ids as ID-2 has them. */
static void test_children(void **state)
{
	struct fixture *f = *state;
	cJSON *page cleanup_json = NULL;

	make_world(f);
	submit(f, "JOB", "'arrayProperties':{'size':10}");
	eventually(f, "ListJobs", "{'arrayJobId':'$JOB'}",
		   "{'jobSummaryList':[{'jobId':'$JOB:0','status':'RUNNING','arrayProperties':"
		   "{'index':0}},{'jobId':'$JOB:1'},{},{},{},{},{},{'jobId':'$JOB:7'}]}");
	/* The last two were not made yet. */
	expect(f, "ListJobs", "{'arrayJobId':'$JOB','jobStatus':'RUNNABLE'}",
	       "{'jobSummaryList':[{'jobId':'$JOB:8','jobName':'JOB','status':'RUNNABLE'},"
	       "{'jobId':'$JOB:9','arrayProperties':{'index':9}}]}");
	expect(f, "DescribeJobs", "{'jobs':['$JOB:9','$JOB:10','$JOB#0','$JOB:x']}",
	       "{'jobs':[{'jobId':'$JOB:9','status':'RUNNABLE','arrayProperties':{'index':9},"
	       "'container':{'image':'host'},'attempts':[]}]}");
	expect(f, "DescribeJobs", "{'jobs':['arn:aws:batch:us-east-1:000000000000:job/$JOB:2']}",
	       "{'jobs':[{'jobId':'$JOB:2','status':'RUNNING','jobArn':"
	       "'arn:aws:batch:us-east-1:000000000000:job/$JOB:2'}]}");
	/* Filters are not for children; the jobs of other kinds have none. */
	expect(f, "ListJobs",
	       "{'arrayJobId':'$JOB','filters':[{'name':'JOB_NAME','values':['x']}]}",
	       "{'jobSummaryList':[{},{},{},{},{},{},{},{}]}");
	expect(f, "ListJobs", "{'arrayJobId':'$JOB:0'}", "{'jobSummaryList':[]}");
	expect(f, "ListJobs", "{'multiNodeJobId':'$JOB'}", "{'jobSummaryList':[]}");
	page = get(f, "ListJobs", "{'arrayJobId':'$JOB','maxResults':3}",
		   "{'jobSummaryList':[{'jobId':'$JOB:0'},{},{'jobId':'$JOB:2'}]}");
	let("TOKEN", json_str(page, "nextToken"));
	expect(f, "ListJobs", "{'arrayJobId':'$JOB','maxResults':30,'nextToken':'$TOKEN'}",
	       "{'jobSummaryList':[{'jobId':'$JOB:3'},{},{},{},{'jobId':'$JOB:7'}]}");
	refuse(f, "ListJobs", "{'arrayJobId':'$JOB','jobStatus':'RUNNABLE','nextToken':'$TOKEN'}",
	       "ClientException", "nextToken is not valid");
}

/* Each child has a log stream of its own. */
static void test_child_streams(void **state)
{
	struct fixture *f = *state;
	cJSON *a cleanup_json = NULL, *b cleanup_json = NULL;
	const char *one, *two;

	make_world(f);
	submit(f, "JOB", "'arrayProperties':{'size':2}");
	eventually(f, "DescribeJobs", "{'jobs':['$JOB:0','$JOB:1']}",
		   "{'jobs':[{'status':'RUNNING'},{'status':'RUNNING'}]}");
	a = get(f, "DescribeJobs", "{'jobs':['$JOB:0']}", NULL);
	b = get(f, "DescribeJobs", "{'jobs':['$JOB:1']}", NULL);
	one = json_str(json_get(json_get(a, "jobs")->child, "container"), "logStreamName");
	two = json_str(json_get(json_get(b, "jobs")->child, "container"), "logStreamName");
	assert_non_null(one);
	assert_string_not_equal(one, two);
}

static void test_array_ends(void **state) /* ARR-5, trap 5 */
{
	struct fixture *f = *state;

	make_world(f);
	submit(f, "GOOD", RUN("'run=5'") ",'arrayProperties':{'size':3}");
	eventually(f, "DescribeJobs", "{'jobs':['$GOOD']}",
		   "{'jobs':[{'status':'SUCCEEDED','arrayProperties':{'size':3,'statusSummary':"
		   "{'SUCCEEDED':3,'FAILED':0,'RUNNING':0}}}]}");
	submit(f, "LONG", "'arrayProperties':{'size':3}");
	eventually(f, "DescribeJobs", "{'jobs':['$LONG']}",
		   "{'jobs':[{'arrayProperties':{'statusSummary':{'RUNNING':3}}}]}");
	expect(f, "TerminateJob", "{'jobId':'$LONG:1','reason':'one'}", "{}");
	eventually(f, "DescribeJobs", "{'jobs':['$LONG:1','$LONG']}",
		   "{'jobs':[{'status':'FAILED','statusReason':'one','isTerminated':true},"
		   "{'status':'PENDING','isTerminated':false,'arrayProperties':{'statusSummary':"
		   "{'RUNNING':2,'FAILED':1}}}]}");
	expect(f, "TerminateJob", "{'jobId':'$LONG:0','reason':'two'}", "{}");
	expect(f, "TerminateJob", "{'jobId':'$LONG:2','reason':'three'}", "{}");
	eventually(f, "DescribeJobs", "{'jobs':['$LONG']}",
		   "{'jobs':[{'status':'FAILED','statusReason':'Array Child Job failed',"
		   "'arrayProperties':{'statusSummary':{'FAILED':3}}}]}");
}

/* ARR-6: a child alone, also one that was not made yet; held and released with its parent. */
static void test_unmade_children(void **state)
{
	struct fixture *f = *state;

	make_world(f);
	submit(f, "JOB", "'arrayProperties':{'size':12},'tags':{'jobdeck:hold':'true'}");
	turns(f, 5);
	expect(f, "ListJobs", "{'arrayJobId':'$JOB'}", "{'jobSummaryList':[]}");
	expect(f, "CancelJob", "{'jobId':'$JOB:11','reason':'this one'}", "{}");
	expect(f, "DescribeJobs", "{'jobs':['$JOB:11','$JOB']}",
	       "{'jobs':[{'status':'FAILED','statusReason':'this one','isCancelled':true},"
	       "{'jobdeckHeld':true,'arrayProperties':{'statusSummary':{'FAILED':1,'RUNNING':"
	       "0}}}]}");
	expect(f, "JobdeckRelease", "{'jobId':'$JOB'}", "{}");
	eventually(f, "DescribeJobs", "{'jobs':['$JOB']}",
		   "{'jobs':[{'arrayProperties':{'statusSummary':{'RUNNING':8,'RUNNABLE':3,"
		   "'FAILED':1}}}]}");
	expect(f, "JobdeckHold", "{'jobId':'$JOB:10'}", "{}");
	expect(f, "DescribeJobs", "{'jobs':['$JOB:10']}", "{'jobs':[{'jobdeckHeld':true}]}");
	api_restart(f);
	expect(f, "DescribeJobs", "{'jobs':['$JOB:10','$JOB:11']}",
	       "{'jobs':[{'jobdeckHeld':true},{'status':'FAILED','statusReason':'this one'}]}");
}

static void test_array_terminated(void **state) /* ARR-6 */
{
	struct fixture *f = *state;

	make_world(f);
	submit(f, "FIRST", "");
	submit(f, "JOB", "'arrayProperties':{'size':1000},'dependsOn':[{'jobId':'$FIRST'}]");
	expect(f, "DescribeJobs", "{'jobs':['$JOB:999']}", "{'jobs':[{'status':'PENDING'}]}");
	expect(f, "TerminateJob", "{'jobId':'$JOB','reason':'all of it'}", "{}");
	eventually(f, "DescribeJobs", "{'jobs':['$JOB','$JOB:999']}",
		   "{'jobs':[{'status':'FAILED','statusReason':'all of it','isTerminated':true,"
		   "'arrayProperties':{'statusSummary':{'FAILED':1000}}},{'status':'FAILED'}]}");
	submit(f, "RUNS", "'arrayProperties':{'size':20}");
	eventually(f, "DescribeJobs", "{'jobs':['$RUNS']}",
		   "{'jobs':[{'arrayProperties':{'statusSummary':{'RUNNING':7,'RUNNABLE':13}}}]}");
	expect(f, "TerminateJob", "{'jobId':'$RUNS','reason':'all of it'}", "{}");
	eventually(f, "DescribeJobs", "{'jobs':['$RUNS']}",
		   "{'jobs':[{'status':'FAILED','arrayProperties':{'statusSummary':"
		   "{'FAILED':20}}}]}");
}

static void test_dependency_types(void **state) /* DEP-5..DEP-7 */
{
	struct fixture *f = *state;

	make_world(f);
	submit(f, "UP", "'arrayProperties':{'size':3}");
	submit(f, "PLAIN", "");
	refuse(f, "SubmitJob",
	       "{'jobName':'x','jobQueue':'q','jobDefinition':'sleep','arrayProperties':{'size':2},"
	       "'dependsOn':[{'jobId':'$UP','type':'N_TO_N'}]}",
	       "ClientException",
	       "type N_TO_N needs array jobs of the same size: this one has 2 children, ... has 3");
	refuse(f, "SubmitJob",
	       "{'jobName':'x','jobQueue':'q','jobDefinition':'sleep','arrayProperties':{'size':2},"
	       "'dependsOn':[{'jobId':'$PLAIN','type':'N_TO_N'}]}",
	       "ClientException", "is no array job, which type N_TO_N needs");
	refuse(f, "SubmitJob",
	       "{'jobName':'x','jobQueue':'q','jobDefinition':'sleep','dependsOn':[{'jobId':"
	       "'$UP:3'}]}",
	       "ClientException", "does not exist");
	submit(f, "DOWN",
	       "'arrayProperties':{'size':3},'dependsOn':[{'jobId':'$UP','type':'N_TO_N'},"
	       "{'type':'SEQUENTIAL'},{'jobId':'$PLAIN'}]");
	submit(f, "AFTER_CHILD", "'dependsOn':[{'jobId':'$UP:2'}]");
	expect(f, "DescribeJobs", "{'jobs':['$DOWN','$AFTER_CHILD']}",
	       "{'jobs':[{'status':'PENDING','dependsOn':[{'jobId':'$UP','type':'N_TO_N'},"
	       "{'type':'SEQUENTIAL'},{'jobId':'$PLAIN'}]},{'status':'PENDING'}]}");
	eventually(f, "DescribeJobs", "{'jobs':['$UP:2']}", "{'jobs':[{'status':'RUNNING'}]}");
	expect(f, "TerminateJob", "{'jobId':'$UP:2','reason':'x'}", "{}");
	eventually(f, "DescribeJobs", "{'jobs':['$AFTER_CHILD','$DOWN:2','$DOWN:0']}",
		   "{'jobs':[{'status':'FAILED','statusReason':'Dependent Job failed'},"
		   "{'status':'FAILED','statusReason':'Dependent Job failed'},"
		   "{'status':'PENDING'}]}");
}

/* --- multi-node jobs ---------------------------------------------------------------------- */

#define NODE(range, vcpus)                                                                      \
	"{'targetNodes':'" range "','container':{'image':'host','command':['fake','Ref::a'],"   \
	"'resourceRequirements':[{'type':'VCPU','value':'" vcpus "'},{'type':'MEMORY','value':" \
	"'64'}]}}"

static void make_nodes(struct fixture *f, const char *ranges)
{
	cleanup_free char *in = xasprintf(
		"{'jobDefinitionName':'mnp','type':'multinode','parameters':{'a':'run=1000000'},"
		"'nodeProperties':{'numNodes':4,'mainNode':0,'nodeRangeProperties':[%s]}}",
		ranges);

	expect(f, "RegisterJobDefinition", in, NULL);
}

static void submit_nodes(struct fixture *f, const char *name, const char *more)
{
	cleanup_free char *in =
		xasprintf("{'jobName':'%s','jobQueue':'q','jobDefinition':'mnp'%s%s}", name,
			  *more ? "," : "", more);
	cJSON *out cleanup_json = get(f, "SubmitJob", in, NULL);

	let(name, json_str(out, "jobId"));
}

static void test_nodes(void **state) /* MNP-2, MNP-4, MNP-5 */
{
	struct fixture *f = *state;

	make_world(f);
	make_nodes(f, NODE("0:", "1") "," NODE("2:3", "2"));
	submit_nodes(f, "JOB", "");
	eventually(f, "DescribeJobs", "{'jobs':['$JOB','$JOB#0','$JOB#3']}",
		   "{'jobs':[{'status':'RUNNING','nodeProperties':{'numNodes':4,'mainNode':0,"
		   "'nodeRangeProperties':[{'targetNodes':'0:','container':{'command':['fake',"
		   "'run=1000000']}},{'targetNodes':'2:3'}]}},"
		   "{'jobId':'$JOB#0','status':'RUNNING','nodeDetails':{'nodeIndex':0,'isMainNode':"
		   "true},'container':{'image':'host','resourceRequirements':[{'type':'VCPU',"
		   "'value':'1'},{}]}},"
		   "{'status':'RUNNING','nodeDetails':{'nodeIndex':3,'isMainNode':false},"
		   "'container':{'resourceRequirements':[{'type':'VCPU','value':'2'},{}]}}]}");
	/* 1 + 1 + 2 + 2: of nested ranges the narrower counts (trap 21). */
	expect(f, "JobdeckOverview", "{}", "{'environments':[{'usedvCpus':6}]}");
	expect(f, "ListJobs", "{'multiNodeJobId':'$JOB'}",
	       "{'jobSummaryList':[{'jobId':'$JOB#0','nodeProperties':{'nodeIndex':0,'isMainNode':"
	       "true}},{},{},{'jobId':'$JOB#3','nodeProperties':{'isMainNode':false}}]}");
	expect(f, "ListJobs", "{'jobQueue':'q'}",
	       "{'jobSummaryList':[{'jobId':'$JOB','nodeProperties':{'numNodes':4}}]}");
	expect(f, "ListJobs", "{'arrayJobId':'$JOB'}", "{'jobSummaryList':[]}");
	expect(f, "TerminateJob", "{'jobId':'$JOB','reason':'enough'}", "{}");
	eventually(f, "DescribeJobs", "{'jobs':['$JOB','$JOB#0']}",
		   "{'jobs':[{'status':'FAILED','statusReason':'enough','isTerminated':true,"
		   "'attempts':[{'container':{'exitCode':143}}]},{'status':'FAILED'}]}");
}

/* Trap 22: what becomes of another node than the main one changes nothing. */
static void trap_22_child_failure_is_harmless(void **state) /* MNP-5 */
{
	struct fixture *f = *state;

	make_world(f);
	make_nodes(f, NODE("0", "1") "," NODE("1:", "1"));
	submit_nodes(f, "GOOD",
		     "'parameters':{'a':'run=300'},'nodeOverrides':{'nodePropertyOverrides':["
		     "{'targetNodes':'1:','containerOverrides':{'command':['fake','run=1',"
		     "'exit=1']}}]}");
	eventually(f, "DescribeJobs", "{'jobs':['$GOOD','$GOOD#0','$GOOD#1']}",
		   "{'jobs':[{'status':'SUCCEEDED','attempts':[{'container':{'exitCode':0}}]},"
		   "{'status':'SUCCEEDED'},{'container':{'exitCode':1}}]}");
	/* And the main one's is the job's: the others are stopped. */
	submit_nodes(f, "BAD",
		     "'nodeOverrides':{'nodePropertyOverrides':[{'targetNodes':'0',"
		     "'containerOverrides':{'command':['fake','run=50','exit=3']}}]}");
	eventually(f, "DescribeJobs", "{'jobs':['$BAD']}",
		   "{'jobs':[{'status':'FAILED','statusReason':'Essential container in task "
		   "exited','attempts':[{'container':{'exitCode':3}}]}]}");
	eventually(f, "JobdeckOverview", "{}", "{'environments':[{'usedvCpus':0}]}");
}

/* CR-2: all nodes take their range's, together and before any starts. */
static void test_node_consumables(void **state)
{
	struct fixture *f = *state;
	char name[] = "licence", doc[] = "{}";
	struct consumable c = { .name = name, .total = 5, .doc = doc };
	struct err err = { 0 };

	make_world(f);
	assert_int_equal(engine_put_consumable(f->engine, &c, &err), 0);
	make_nodes(f, NODE("0", "1") "," NODE("1:", "1"));
	submit_nodes(f, "JOB",
		     "'nodeOverrides':{'nodePropertyOverrides':[{'targetNodes':'1:',"
		     "'consumableResourcePropertiesOverride':{'consumableResourceList':["
		     "{'consumableResource':'licence','quantity':1}]}},{'targetNodes':'0',"
		     "'consumableResourcePropertiesOverride':{'consumableResourceList':["
		     "{'consumableResource':'licence','quantity':2}]}}]}");
	eventually(f, "DescribeJobs", "{'jobs':['$JOB']}", "{'jobs':[{'status':'RUNNING'}]}");
	expect(f, "DescribeConsumableResource", "{'consumableResource':'licence'}",
	       "{'totalQuantity':5,'inUseQuantity':5,'availableQuantity':0}");
}

static void test_node_overrides(void **state) /* MNP-8 */
{
	struct fixture *f = *state;

	make_world(f);
	make_nodes(f, NODE("0", "1") "," NODE("1:", "1"));
	submit_nodes(f, "JOB",
		     "'parameters':{'a':'run=7'},'nodeOverrides':{'numNodes':3,"
		     "'nodePropertyOverrides':[{'targetNodes':'0:','containerOverrides':"
		     "{'environment':[{'name':'ALL','value':'1'}]}},{'targetNodes':'1:2',"
		     "'containerOverrides':{'command':['fake','run=9'],'resourceRequirements':"
		     "[{'type':'VCPU','value':'3'}]}}]}");
	expect(f, "DescribeJobs", "{'jobs':['$JOB','$JOB#0','$JOB#2','$JOB#3']}",
	       "{'jobs':[{'nodeProperties':{'numNodes':3}},"
	       "{'container':{'command':['fake','run=7'],'environment':[{'name':'ALL'}]}},"
	       "{'container':{'command':['fake','run=9'],'environment':[{'name':'ALL'}],"
	       "'resourceRequirements':[{'type':'VCPU','value':'3'},{'type':'MEMORY','value':"
	       "'64'}]}}]}");
}

static const struct {
	const char *members, *text;
} bad_nodes[] = {
	{ "'nodeOverrides':{'numNodes':0}", "Number of nodes must be between 1 and 1000." },
	{ "'nodeOverrides':{'numNodes':1001}", "Number of nodes must be between 1 and 1000." },
	{ "'nodeOverrides':{'numNodes':1}", "targetNodes 1: does not fit a job of 1 nodes" },
	{ "'nodeOverrides':{'nodePropertyOverrides':[{'targetNodes':'1:2'}]}",
	  "targetNodes 1:2 is only a part of node range 1:3 of the job definition" },
	{ "'nodeOverrides':{'nodePropertyOverrides':[{'targetNodes':'x'}]}",
	  "targetNodes should contain only digits." },
	{ "'nodeOverrides':{'nodePropertyOverrides':[{'targetNodes':'0','containerOverrides':"
	  "{'environment':[{'name':'AWS_BATCH_X','value':''}]}}]}",
	  "reserved" },
	{ "'nodeOverrides':{'nodePropertyOverrides':[{'targetNodes':'0','ecsPropertiesOverride':"
	  "{}}]}",
	  "ecsPropertiesOverride should not be set for node range 0" },
	{ "'containerOverrides':{}",
	  "containerOverrides should not be set for a job definition with nodeProperties." },
	{ "'arrayProperties':{'size':2}",
	  "A multi-node parallel job cannot be an array job." }, /* MNP-10 */
};

static void test_bad_nodes(void **state)
{
	struct fixture *f = *state;

	make_world(f);
	make_nodes(f, NODE("0", "1") "," NODE("1:", "1"));
	for (size_t i = 0; i < ARRAY_LEN(bad_nodes); i++) {
		cleanup_free char *in =
			xasprintf("{'jobName':'x','jobQueue':'q','jobDefinition':'mnp',%s}",
				  bad_nodes[i].members);

		refuse(f, "SubmitJob", in, "ClientException", bad_nodes[i].text);
	}
	make_nodes(f, NODE("0:3", "1"));
	refuse(f, "SubmitJob",
	       "{'jobName':'x','jobQueue':'q','jobDefinition':'mnp','nodeOverrides':{'numNodes':2}"
	       "}",
	       "ClientException", "needs a node range with an open upper boundary");
}

int main(void)
{
#define SLOW(test) cmocka_unit_test_setup_teardown(test, api_up_slow, api_down)
	const struct CMUnitTest tests[] = {
		SLOW(test_array_waits),
		SLOW(test_children),
		SLOW(test_child_streams),
		SLOW(test_array_ends),
		SLOW(test_unmade_children),
		SLOW(test_array_terminated),
		SLOW(test_dependency_types),
		SLOW(test_nodes),
		SLOW(trap_22_child_failure_is_harmless),
		SLOW(test_node_consumables),
		SLOW(test_node_overrides),
		SLOW(test_bad_nodes),
	};

	return cmocka_run_group_tests_name("api_family", tests, NULL, NULL);
}
