/* Scheduling policies (FS-1, FS-2), consumable resources (CR-1, CR-2), client tokens and the
 * snapshot of a queue (section 9.2). */
#include "config.h"
#include "api_fixture.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/store/store.h"

#define POLICY(name)   "arn:aws:batch:us-east-1:000000000000:scheduling-policy/" name
#define RESOURCE(name) "arn:aws:batch:us-east-1:000000000000:consumable-resource/" name

/* --- scheduling policies ------------------------------------------------------------------------
 */

static void test_policies(void **state)
{
	struct fixture *f = *state;

	expect(f, "CreateSchedulingPolicy",
	       "{'name':'fair','fairsharePolicy':{'shareDecaySeconds':3600,'computeReservation':10,"
	       "'shareDistribution':[{'shareIdentifier':'A','weightFactor':0.125},"
	       "{'shareIdentifier':'B*'}]},'tags':{'a':'b'}}",
	       "{'name':'fair','arn':'" POLICY("fair") "'}");
	expect(f, "CreateSchedulingPolicy", "{'name':'plain'}", "{'name':'plain'}");
	refuse(f, "CreateSchedulingPolicy", "{'name':'fair'}", "ClientException",
	       "Object already exists");
	api_restart(f);
	expect(f, "DescribeSchedulingPolicies",
	       "{'arns':['" POLICY("fair") "','" POLICY("none") "','plain']}",
	       "{'schedulingPolicies':[{'name':'fair','arn':'" POLICY(
		       "fair") "','tags':{'a':'b'},'fairsharePolicy':{'shareDecaySeconds':3600,"
			       "'computeReservation':10,'shareDistribution':[{'shareIdentifier':'A'"
			       ","
			       "'weightFactor':0.125},{'shareIdentifier':'B*'}]}},"
			       "{'name':'plain','tags':{}}]}");
	expect(f, "ListSchedulingPolicies", "{}",
	       "{'schedulingPolicies':[{'arn':'" POLICY("fair") "'},{'arn':'" POLICY(
		       "plain") "'}]}");
	{
		cJSON *out cleanup_json =
			get(f, "ListSchedulingPolicies", "{'maxResults':1}",
			    "{'schedulingPolicies':[{'arn':'" POLICY("fair") "'}]}");

		let("TOKEN", json_str(out, "nextToken"));
	}
	expect(f, "ListSchedulingPolicies", "{'maxResults':1,'nextToken':'$TOKEN'}",
	       "{'schedulingPolicies':[{'arn':'" POLICY("plain") "'}]}");
	/* An update says the whole policy anew, and leaves the tags. */
	expect(f, "UpdateSchedulingPolicy",
	       "{'arn':'" POLICY("fair") "','fairsharePolicy':{'computeReservation':20}}", "{}");
	expect(f, "DescribeSchedulingPolicies", "{'arns':['fair']}",
	       "{'schedulingPolicies':[{'fairsharePolicy':{'computeReservation':20},"
	       "'tags':{'a':'b'}}]}");
	expect(f, "UpdateSchedulingPolicy", "{'arn':'" POLICY("fair") "'}", "{}");
	expect(f, "TagResource", "{'resourceArn':'" POLICY("fair") "','tags':{'c':'d'}}", "{}");
	expect(f, "ListTagsForResource", "{'resourceArn':'" POLICY("fair") "'}",
	       "{'tags':{'a':'b','c':'d'}}");
	expect(f, "DeleteSchedulingPolicy", "{'arn':'" POLICY("plain") "'}", "{}");
	refuse(f, "DeleteSchedulingPolicy", "{'arn':'" POLICY("plain") "'}", "ClientException",
	       POLICY("plain") " does not exist");
	refuse(f, "UpdateSchedulingPolicy", "{'arn':'" POLICY("plain") "'}", "ClientException",
	       "does not exist");
	expect(f, "ListSchedulingPolicies", "{}", "{'schedulingPolicies':[{}]}");
}

static void test_refused_policies(void **state)
{
	static const struct {
		const char *fair, *text;
	} cases[] = {
		{ "'shareDecaySeconds':604801",
		  "shareDecaySeconds should be between 0 and 604800." },
		{ "'shareDecaySeconds':-1", "shareDecaySeconds" },
		{ "'computeReservation':100", "computeReservation should be between 0 and 99." },
		{ "'shareDistribution':[{'shareIdentifier':'a','weightFactor':0}]",
		  "Weight factor should be between 0.0001 and 999.9999." },
		{ "'shareDistribution':[{'shareIdentifier':'a','weightFactor':0.00009}]",
		  "Weight factor should be between 0.0001 and 999.9999." },
		{ "'shareDistribution':[{'shareIdentifier':'a','weightFactor':1000}]",
		  "Weight factor should be between 0.0001 and 999.9999." },
		{ "'shareDistribution':[{'shareIdentifier':'a'},{'shareIdentifier':'a'}]",
		  "Cannot have two or more identical shareIdentifiers." },
		{ "'shareDistribution':[{'shareIdentifier':'User*'},{'shareIdentifier':'UserA'}]",
		  "Share identifier UserA matches another share identifier User*" },
		{ "'shareDistribution':[{'shareIdentifier':'UserA'},{'shareIdentifier':'User*'}]",
		  "Share identifier User* matches another share identifier UserA" },
		{ "'shareDistribution':[{'shareIdentifier':'a*'},{'shareIdentifier':'ab*'}]",
		  "matches another share identifier" },
		{ "'shareDistribution':[{'shareIdentifier':'a-b'}]",
		  "ShareIdentifier name should match a valid pattern." },
		{ "'shareDistribution':[{'shareIdentifier':'*'}]",
		  "ShareIdentifier name should match a valid pattern." },
		{ "'shareDistribution':[{'shareIdentifier':'a*b'}]",
		  "ShareIdentifier name should match a valid pattern." },
		{ "'shareDistribution':[{'shareIdentifier':''}]",
		  "ShareIdentifier name should match a valid pattern." },
		{ "'shareDistribution':[{'weightFactor':1}]", "Member must not be null" },
	};
	struct fixture *f = *state;
	struct buf many;
	cleanup_free char *in = NULL;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup_free char *create =
			xasprintf("{'name':'p','fairsharePolicy':{%s}}", cases[i].fair);

		refuse(f, "CreateSchedulingPolicy", create, "ClientException", cases[i].text);
	}
	refuse(f, "CreateSchedulingPolicy", "{'name':'a b'}", "ClientException",
	       "Scheduling policy name should match a valid pattern.");
	refuse(f, "CreateSchedulingPolicy",
	       "{'name':'p','quotaSharePolicy':{'idleResourceAssignmentStrategy':'FIFO'}}",
	       "ClientException", "quotaSharePolicy is not supported");
	buf_init(&many, 100000);
	buf_adds(&many, "{'name':'p','fairsharePolicy':{'shareDistribution':[");
	for (int i = 0; i <= 500; i++)
		buf_addf(&many, "%s{'shareIdentifier':'s%dx'}", i ? "," : "", i);
	buf_adds(&many, "]}}");
	in = buf_steal(&many);
	refuse(f, "CreateSchedulingPolicy", in, "ClientException",
	       "ShareDistribution size cannot be greater than 500.");
	/* Next to each other, but not under each other. */
	expect(f, "CreateSchedulingPolicy",
	       "{'name':'p','fairsharePolicy':{'shareDistribution':[{'shareIdentifier':'A*'},"
	       "{'shareIdentifier':'BA'},{'shareIdentifier':'a'},{'shareIdentifier':'ab'}]}}",
	       NULL);
}

/* JQ-7, and what uses a policy keeps it. */
static void test_policy_of_a_queue(void **state)
{
	struct fixture *f = *state;

	make_world(f);
	expect(f, "CreateSchedulingPolicy", "{'name':'p'}", NULL);
	expect(f, "CreateJobQueue",
	       "{'jobQueueName':'fair','priority':1,'schedulingPolicyArn':'" POLICY(
		       "p") "','computeEnvironmentOrder':[{'order':1,'computeEnvironment':'ce'}]}",
	       NULL);
	expect(f, "DescribeJobQueues", "{'jobQueues':['fair']}",
	       "{'jobQueues':[{'schedulingPolicyArn':'" POLICY("p") "'}]}");
	refuse(f, "DeleteSchedulingPolicy", "{'arn':'" POLICY("p") "'}", "ClientException",
	       "Cannot delete, scheduling policy p is used by 1 job queue");
	api_restart(f);
	refuse(f, "DeleteSchedulingPolicy", "{'arn':'p'}", "ClientException", "Cannot delete");
}

/* --- consumable resources
 * -------------------------------------------------------------------------- */

static void test_consumables(void **state)
{
	struct fixture *f = *state;

	expect(f, "CreateConsumableResource",
	       "{'consumableResourceName':'lic','totalQuantity':5,'tags':{'a':'b'}}",
	       "{'consumableResourceName':'lic','consumableResourceArn':'" RESOURCE("lic") "'}");
	expect(f, "CreateConsumableResource",
	       "{'consumableResourceName':'Paper','totalQuantity':100,"
	       "'resourceType':'NON_REPLENISHABLE'}",
	       NULL);
	api_restart(f);
	expect(f, "DescribeConsumableResource", "{'consumableResource':'" RESOURCE("lic") "'}",
	       "{'consumableResourceName':'lic','totalQuantity':5,'inUseQuantity':0,"
	       "'availableQuantity':5,'resourceType':'REPLENISHABLE','tags':{'a':'b'}}");
	expect(f, "ListConsumableResources", "{}",
	       "{'consumableResources':[{'consumableResourceName':'Paper','totalQuantity':100,"
	       "'inUseQuantity':0,'resourceType':'NON_REPLENISHABLE'},"
	       "{'consumableResourceArn':'" RESOURCE("lic") "'}]}");
	expect(f, "ListConsumableResources",
	       "{'filters':[{'name':'CONSUMABLE_RESOURCE_NAME','values':['pAP*','x']}]}",
	       "{'consumableResources':[{'consumableResourceName':'Paper'}]}");
	expect(f, "ListConsumableResources",
	       "{'filters':[{'name':'CONSUMABLE_RESOURCE_NAME','values':['pap']}]}",
	       "{'consumableResources':[]}");
	refuse(f, "ListConsumableResources", "{'filters':[{'name':'X','values':['pap']}]}",
	       "ClientException", "'X' is none of CONSUMABLE_RESOURCE_NAME");
	{
		cJSON *out cleanup_json =
			get(f, "ListConsumableResources", "{'maxResults':1}",
			    "{'consumableResources':[{'consumableResourceName':'Paper'}]}");

		let("TOKEN", json_str(out, "nextToken"));
	}
	expect(f, "ListConsumableResources", "{'nextToken':'$TOKEN'}",
	       "{'consumableResources':[{'consumableResourceName':'lic'}]}");
	expect(f, "UpdateConsumableResource",
	       "{'consumableResource':'lic','operation':'ADD','quantity':3}",
	       "{'consumableResourceName':'lic','consumableResourceArn':'" RESOURCE(
		       "lic") "','totalQuantity':8}");
	expect(f, "UpdateConsumableResource",
	       "{'consumableResource':'lic','operation':'REMOVE','quantity':7}",
	       "{'totalQuantity':1}");
	expect(f, "UpdateConsumableResource",
	       "{'consumableResource':'" RESOURCE("lic") "','operation':'SET','quantity':0}",
	       "{'totalQuantity':0}");
	expect(f, "UntagResource", "{'resourceArn':'" RESOURCE("lic") "','tagKeys':['a']}", "{}");
	expect(f, "DescribeConsumableResource", "{'consumableResource':'lic'}",
	       "{'totalQuantity':0,'tags':{}}");
	expect(f, "DeleteConsumableResource", "{'consumableResource':'lic'}", "{}");
	refuse(f, "DescribeConsumableResource", "{'consumableResource':'lic'}", "ClientException",
	       RESOURCE("lic") " does not exist");
}

static void test_refused_consumables(void **state)
{
	static const struct {
		const char *op, *in, *text;
	} cases[] = {
		{ "CreateConsumableResource", "{'consumableResourceName':'r'}",
		  "Object already exists" },
		{ "CreateConsumableResource", "{'consumableResourceName':'a b'}",
		  "Consumable resource name should match a valid pattern." },
		{ "CreateConsumableResource", "{'consumableResourceName':'x','totalQuantity':-1}",
		  "totalQuantity must be non-negative" },
		{ "CreateConsumableResource",
		  "{'consumableResourceName':'x','resourceType':'SOME'}",
		  "resourceType must be REPLENISHABLE or NON_REPLENISHABLE" },
		{ "UpdateConsumableResource", "{'consumableResource':'r','quantity':1}",
		  "operation must be one of SET, ADD and REMOVE" },
		{ "UpdateConsumableResource", "{'consumableResource':'r','operation':'SET'}",
		  "quantity must be given" },
		{ "UpdateConsumableResource",
		  "{'consumableResource':'r','operation':'REMOVE','quantity':3}",
		  "total quantity of consumable resource r is 2" },
		{ "UpdateConsumableResource",
		  "{'consumableResource':'r','operation':'ADD','quantity':9007199254740991}",
		  "can be at most" },
		{ "UpdateConsumableResource",
		  "{'consumableResource':'r','operation':'ADD','quantity':-1}",
		  "quantity must be non-negative" },
		{ "UpdateConsumableResource",
		  "{'consumableResource':'none','operation':'ADD','quantity':1}",
		  RESOURCE("none") " does not exist" },
		{ "UpdateConsumableResource",
		  "{'consumableResource':'r','operation':'ADD','quantity':1,'clientToken':''}",
		  "clientToken" },
	};
	struct fixture *f = *state;

	expect(f, "CreateConsumableResource", "{'consumableResourceName':'r','totalQuantity':2}",
	       NULL);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		refuse(f, cases[i].op, cases[i].in, "ClientException", cases[i].text);
	expect(f, "DescribeConsumableResource", "{'consumableResource':'r'}",
	       "{'totalQuantity':2}");
}

/* Jobs that use one, seen from it. */
static void test_consumers(void **state)
{
	static const char use[] =
		"'consumableResourcePropertiesOverride':{'consumableResourceList':"
		"[{'consumableResource':'r','quantity':2}]}";
	struct fixture *f = *state;

	make_world(f);
	expect(f, "CreateConsumableResource", "{'consumableResourceName':'r','totalQuantity':3}",
	       NULL);
	submit(f, "A", use);
	submit(f, "other", "");
	submit(f, "B", use);
	eventually(f, "DescribeJobs", "{'jobs':['$A','$B']}",
		   "{'jobs':[{'status':'RUNNING'},{'status':'RUNNABLE'}]}");
	expect(f, "DescribeConsumableResource", "{'consumableResource':'r'}",
	       "{'totalQuantity':3,'inUseQuantity':2,'availableQuantity':1}");
	expect(f, "ListJobsByConsumableResource", "{'consumableResource':'" RESOURCE("r") "'}",
	       "{'jobs':[{'jobName':'B','jobStatus':'RUNNABLE','quantity':2},"
	       "{'jobName':'A','jobStatus':'RUNNING','quantity':2,"
	       "'jobArn':'arn:aws:batch:us-east-1:000000000000:job/$A',"
	       "'jobQueueArn':'arn:aws:batch:us-east-1:000000000000:job-queue/q',"
	       "'jobDefinitionArn':'arn:aws:batch:us-east-1:000000000000:job-definition/sleep:1',"
	       "'consumableResourceProperties':{'consumableResourceList':[{"
	       "'consumableResource':'r','quantity':2}]}}]}");
	expect(f, "ListJobsByConsumableResource",
	       "{'consumableResource':'r','filters':[{'name':'JOB_STATUS','values':['RUNNING']}]}",
	       "{'jobs':[{'jobName':'A'}]}");
	expect(f, "ListJobsByConsumableResource",
	       "{'consumableResource':'r','filters':[{'name':'JOB_STATUS','values':['RUNNING',"
	       "'RUNNABLE']},{'name':'JOB_NAME','values':['x','b*']}]}",
	       "{'jobs':[{'jobName':'B'}]}");
	{
		cJSON *out cleanup_json = get(f, "ListJobsByConsumableResource",
					      "{'consumableResource':'r','maxResults':1}",
					      "{'jobs':[{'jobName':'B'}]}");

		let("TOKEN", json_str(out, "nextToken"));
	}
	expect(f, "ListJobsByConsumableResource", "{'consumableResource':'r','nextToken':'$TOKEN'}",
	       "{'jobs':[{'jobName':'A'}]}");
	refuse(f, "ListJobsByConsumableResource",
	       "{'consumableResource':'r','filters':[{'name':'JOB_STATUS','values':['DONE']}]}",
	       "ClientException", "DONE is no job status");
	refuse(f, "DeleteConsumableResource", "{'consumableResource':'r'}", "ClientException",
	       "named by 2 jobs that have not ended");
	/* Fewer than are in use: nothing is left, and B waits on. */
	expect(f, "UpdateConsumableResource",
	       "{'consumableResource':'r','operation':'SET','quantity':1}", NULL);
	expect(f, "DescribeConsumableResource", "{'consumableResource':'r'}",
	       "{'totalQuantity':1,'inUseQuantity':2,'availableQuantity':0}");
	expect(f, "UpdateConsumableResource",
	       "{'consumableResource':'r','operation':'SET','quantity':4}", NULL);
	eventually(f, "DescribeJobs", "{'jobs':['$B']}", "{'jobs':[{'status':'RUNNING'}]}");
}

/* --- client tokens
 * --------------------------------------------------------------------------------- */

static void add_one(struct fixture *f, const char *token, const char *quantity, const char *want)
{
	cleanup_free char *in = xasprintf("{'consumableResource':'r','operation':'ADD',"
					  "'quantity':%s,'clientToken':'%s'}",
					  quantity, token);

	expect(f, "UpdateConsumableResource", in, want);
}

static void test_tokens(void **state)
{
	struct fixture *f = *state;

	expect(f, "CreateConsumableResource", "{'consumableResourceName':'r','totalQuantity':1}",
	       NULL);
	add_one(f, "t1", "1", "{'totalQuantity':2}");
	add_one(f, "t1", "1", "{'totalQuantity':2}");
	add_one(f, "t2", "1", "{'totalQuantity':3}");
	api_restart(f);
	add_one(f, "t1", "1", "{'consumableResourceName':'r','totalQuantity':2}");
	expect(f, "DescribeConsumableResource", "{'consumableResource':'r'}",
	       "{'totalQuantity':3}");
	refuse(f, "UpdateConsumableResource",
	       "{'consumableResource':'r','operation':'ADD','quantity':2,'clientToken':'t1'}",
	       "ClientException", "used with other parameters");
	/* A request that failed used up nothing. */
	refuse(f, "UpdateConsumableResource",
	       "{'consumableResource':'r','operation':'REMOVE','quantity':9,'clientToken':'t3'}",
	       "ClientException", "cannot be removed");
	add_one(f, "t3", "1", "{'totalQuantity':4}");
}

/* They are forgotten after 8 hours, not before. */
static void test_old_tokens(void **state)
{
	enum { HOUR = 3600 * 1000 };
	struct fixture *f = *state;
	struct store *st = engine_store(f->engine);
	jd_time t0 = 1000 * (jd_time)STORE_TOKEN_MS + 5 * HOUR;
	struct err err = { 0 };

	assert_int_equal(store_begin(st, &err), 0);
	assert_int_equal(store_put_token(st, t0, "op/a", "{\"x\": 1}", &err), 0);
	for (int hours = 0; hours < 20; hours++) {
		cleanup_free char *text = store_token(st, t0 + hours * (jd_time)HOUR, "op/a");

		if (hours < 8)
			assert_string_equal(text, "{\"x\": 1}");
		else
			assert_null(text);
	}
	assert_null(store_token(st, t0, "op/b"));
	/* One of a much later time drops what is old, and nothing else. */
	assert_int_equal(store_put_token(st, t0 + 7 * HOUR, "op/c", "c", &err), 0);
	assert_int_equal(store_put_value(st, "token", "mine", &err), 0);
	assert_int_equal(store_put_token(st, t0 + 14 * (jd_time)HOUR, "op/d", "d", &err), 0);
	{
		cleanup_free char *a = store_value(st, "token/00001000/op/a");
		cleanup_free char *c = store_token(st, t0 + 14 * (jd_time)HOUR, "op/c");
		cleanup_free char *mine = store_value(st, "token");

		assert_null(a);
		assert_string_equal(c, "c");
		assert_string_equal(mine, "mine");
	}
	store_rollback(st);
}

/* --- GetJobQueueSnapshot
 * ------------------------------------------------------------------------------ */

static void test_snapshot(void **state)
{
	struct fixture *f = *state;

	make_world(f); /* 8 vCPUs, and jobs of one */
	expect(f, "GetJobQueueSnapshot", "{'jobQueue':'q'}",
	       "{'frontOfQueue':{'jobs':[]},'queueUtilization':{'totalCapacityUsage':["
	       "{'capacityUnit':'VCPU','quantity':0}]}}");
	submit_many(f, "many", "", 8);
	eventually(f, "JobdeckStatus", "{}", "{'activeJobs':8}");
	submit(f, "X", "");
	submit(f, "Y", "");
	eventually(f, "GetJobQueueSnapshot",
		   "{'jobQueue':'arn:aws:batch:us-east-1:000000000000:job-queue/q'}",
		   "{'frontOfQueue':{'jobs':["
		   "{'jobArn':'arn:aws:batch:us-east-1:000000000000:job/$X'},"
		   "{'jobArn':'arn:aws:batch:us-east-1:000000000000:job/$Y'}]},"
		   "'queueUtilization':{'totalCapacityUsage':["
		   "{'capacityUnit':'VCPU','quantity':8}]}}");
	refuse(f, "GetJobQueueSnapshot", "{'jobQueue':'none'}", "ClientException",
	       "job-queue/none does not exist");
	refuse(f, "GetJobQueueSnapshot", "{}", "ClientException", "Member must not be null");
}

static void submit_share(struct fixture *f, const char *name, const char *share)
{
	cleanup_free char *in =
		xasprintf("{'jobName':'%s','jobQueue':'fair','jobDefinition':'sleep',"
			  "'shareIdentifier':'%s'}",
			  name, share);
	cJSON *out cleanup_json = get(f, "SubmitJob", in, NULL);

	let(name, json_str(out, "jobId"));
}

static void test_fair_snapshot(void **state)
{
	struct fixture *f = *state;

	make_world(f);
	expect(f, "CreateSchedulingPolicy", "{'name':'p'}", NULL);
	expect(f, "CreateJobQueue",
	       "{'jobQueueName':'fair','priority':1,'schedulingPolicyArn':'" POLICY(
		       "p") "','computeEnvironmentOrder':[{'order':1,'computeEnvironment':'ce'}]}",
	       NULL);
	for (int i = 0; i < 5; i++)
		submit_share(f, "A", "a");
	for (int i = 0; i < 3; i++)
		submit_share(f, "B", "b");
	eventually(f, "JobdeckStatus", "{}", "{'activeJobs':8}");
	submit_share(f, "MOREA", "a");
	submit_share(f, "MOREB", "b");
	/* The share that has used less is next. */
	eventually(
		f, "GetJobQueueSnapshot", "{'jobQueue':'fair'}",
		"{'frontOfQueue':{'jobs':["
		"{'jobArn':'arn:aws:batch:us-east-1:000000000000:job/$MOREB'},"
		"{'jobArn':'arn:aws:batch:us-east-1:000000000000:job/$MOREA'}]},"
		"'queueUtilization':{'totalCapacityUsage':[{'capacityUnit':'VCPU','quantity':8}],"
		"'fairshareUtilization':{'activeShareCount':2,'topCapacityUtilization':["
		"{'shareIdentifier':'a','capacityUsage':[{'capacityUnit':'VCPU','quantity':5}]},"
		"{'shareIdentifier':'b','capacityUsage':[{'capacityUnit':'VCPU','quantity':3}]}]}}"
		"}");
}

int main(void)
{
#define SLOW(test) cmocka_unit_test_setup_teardown(test, api_up_slow, api_down)
	const struct CMUnitTest tests[] = {
		SLOW(test_policies),
		SLOW(test_refused_policies),
		SLOW(test_policy_of_a_queue),
		SLOW(test_consumables),
		SLOW(test_refused_consumables),
		SLOW(test_consumers),
		SLOW(test_tokens),
		SLOW(test_old_tokens),
		SLOW(test_snapshot),
		SLOW(test_fair_snapshot),
	};

	return cmocka_run_group_tests_name("api_shares", tests, NULL, NULL);
}
