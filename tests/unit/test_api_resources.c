/* Environments and queues through the API. The numbers in comments are the
 * rules of doc/semantics.md. */
#include "config.h"
#include "api_fixture.h"
#include <stdio.h>
#include <string.h>

#define CE_ARN(name)  "arn:aws:batch:us-east-1:000000000000:compute-environment/" name
#define JQ_ARN(name)  "arn:aws:batch:us-east-1:000000000000:job-queue/" name
#define WRAPPED(text) "Error executing request, Exception : " text ", RequestId: "

static void make_ec2(struct fixture *f, const char *name)
{
	cleanup_free char *in = xasprintf("{'computeEnvironmentName':'%s','type':'MANAGED',"
					  "'computeResources':{'type':'EC2','maxvCpus':8}}",
					  name);

	expect(f, "CreateComputeEnvironment", in, NULL);
}

static void make_fargate(struct fixture *f, const char *name)
{
	cleanup_free char *in = xasprintf("{'computeEnvironmentName':'%s','type':'MANAGED',"
					  "'computeResources':{'type':'FARGATE','maxvCpus':8,"
					  "'subnets':['s'],'securityGroupIds':[]}}",
					  name);

	expect(f, "CreateComputeEnvironment", in, NULL);
}

static void make_queue(struct fixture *f, const char *name, const char *env)
{
	cleanup_free char *in =
		xasprintf("{'jobQueueName':'%s','priority':5,'computeEnvironmentOrder':"
			  "[{'order':1,'computeEnvironment':'%s'}]}",
			  name, env);

	expect(f, "CreateJobQueue", in, NULL);
}

/* --- compute environments --------------------------------------------------------------- */

/* AWS's own examples "C4OnDemand" and "M4Spot" (examples-1.json), and how they are shown. */
static void test_create_environments(void **state)
{
	struct fixture *f = *state;
	static const char c4[] =
		"'type':'EC2','desiredvCpus':48,'ec2KeyPair':'id_rsa','instanceRole':'"
		"ecsInstanceRole',"
		"'instanceTypes':['c4.large','c4.xlarge'],'maxvCpus':128,'minvCpus':0,"
		"'securityGroupIds':['sg-cf5093b2'],'subnets':['subnet-220c0e0a'],"
		"'tags':{'Name':'Batch Instance - C4OnDemand'}";
	cleanup_free char *in = xasprintf(
		"{'type':'MANAGED','computeEnvironmentName':'C4OnDemand',"
		"'computeResources':{%s},'serviceRole':'arn:aws:iam::012345678910:role/R',"
		"'state':'ENABLED','tags':{'a':'b'},'unknownMember':1}",
		c4);
	cleanup_free char *shown = xasprintf(
		"{'computeEnvironments':[{'type':'MANAGED','computeEnvironmentName':'C4OnDemand',"
		"'computeEnvironmentArn':'" CE_ARN(
			"C4OnDemand") "','computeResources':{%s},"
				      "'serviceRole':'arn:aws:iam::012345678910:role/"
				      "R','state':'ENABLED','status':'VALID',"
				      "'statusReason':'ComputeEnvironment "
				      "Healthy','tags':{'a':'b'},"
				      "'containerOrchestrationType':'ECS'}]}",
		c4);
	cJSON *out cleanup_json = NULL;
	const cJSON *env;

	expect(f, "CreateComputeEnvironment", in,
	       "{'computeEnvironmentName':'C4OnDemand','computeEnvironmentArn':'" CE_ARN(
		       "C4OnDemand") "'}");
	expect(f, "CreateComputeEnvironment",
	       "{'type':'MANAGED','computeEnvironmentName':'M4Spot','computeResources':{'type':'"
	       "SPOT',"
	       "'bidPercentage':20,'desiredvCpus':4,'instanceTypes':['m4'],'maxvCpus':128,'"
	       "minvCpus':0}}",
	       NULL);
	out = get(f, "DescribeComputeEnvironments", "{'computeEnvironments':['C4OnDemand']}",
		  shown);
	env = json_get(out, "computeEnvironments")->child;
	assert_null(json_get(env, "unknownMember"));
	assert_non_null(strstr(json_str(env, "ecsClusterArn"), ":cluster/C4OnDemand_Batch_"));
	assert_int_equal(strlen(json_str(env, "uuid")), 36);
	/* Names and ARNs are the same; unknown ones are left out. */
	expect(f, "DescribeComputeEnvironments",
	       "{'computeEnvironments':['" CE_ARN("M4Spot") "','nobody','C4OnDemand']}",
	       "{'computeEnvironments':[{'computeEnvironmentName':'M4Spot'},"
	       "{'computeEnvironmentName':'C4OnDemand'}]}");
	expect(f, "CreateComputeEnvironment",
	       "{'type':'UNMANAGED','computeEnvironmentName':'slurm','unmanagedvCpus':9,'"
	       "serviceRole':'r'}",
	       NULL);
	expect(f, "DescribeComputeEnvironments", "{}",
	       "{'computeEnvironments':[{'computeEnvironmentName':'C4OnDemand'},"
	       "{'computeEnvironmentName':'M4Spot'},{'computeEnvironmentName':'slurm','"
	       "unmanagedvCpus':9}]}");
}

static const struct {
	const char *members, *text;
} bad_environments[] = {
	{ "'type':'MANAGED'", WRAPPED("ComputeResources is required.") },
	{ "'type':'managed'", "Member must satisfy enum value set: [MANAGED, UNMANAGED]" },
	{ "'type':'MANAGED','state':'DISABLED','computeResources':{'type':'EC2','maxvCpus':8}",
	  WRAPPED("Compute Environment must be created in ENABLED state.") }, /* CE-1 */
	{ "'type':'MANAGED','computeResources':{'type':'EC2'}",
	  "Value null at 'computeResources.maxvCpus' failed" },
	{ "'type':'MANAGED','computeResources':{'type':'EC2','maxvCpus':0}", "maxvCpus" },
	{ "'type':'MANAGED','computeResources':{'type':'EC2','maxvCpus':8,'minvCpus':9}",
	  "minvCpus" },
	{ "'type':'MANAGED','computeResources':{'type':'EC2','maxvCpus':8,'desiredvCpus':9}", /* CE-7
											       */
	  WRAPPED("desiredvCpus should be between minvCpus and maxvCpus.") },
	{ "'type':'MANAGED','computeResources':{'type':'EC2','maxvCpus':8,'minvCpus':2,'"
	  "desiredvCpus':1}",
	  "desiredvCpus should be between" },
	{ "'type':'MANAGED','computeResources':{'type':'FARGATE','maxvCpus':8,'minvCpus':0}", /* CE-5
											       */
	  WRAPPED("minvCpus is not applicable for Fargate.") },
	{ "'type':'MANAGED','computeResources':{'type':'FARGATE_SPOT','maxvCpus':8,'instanceTypes':"
	  "['m5']}",
	  WRAPPED("instanceTypes is not applicable for Fargate.") },
	{ "'type':'MANAGED','computeResources':{'type':'SPOT','maxvCpus':8,'bidPercentage':0}",
	  "bidPercentage" },
	{ "'type':'MANAGED','computeResources':{'type':'SPOT','maxvCpus':8,'bidPercentage':101}",
	  "bidPercentage should be between 1 and 100." }, /* SP-1 */
	{ "'type':'MANAGED','computeResources':{'type':'FARGATE','maxvCpus':8,'desiredvCpus':0}",
	  WRAPPED("desiredvCpus is not applicable for Fargate.") },
	{ "'type':'MANAGED','computeResources':{'type':'FARGATE','maxvCpus':8,"
	  "'allocationStrategy':'BEST_FIT'}",
	  WRAPPED("allocationStrategy is not applicable for Fargate.") },
	{ "'type':'MANAGED','computeResources':{'type':'FARGATE_SPOT','maxvCpus':8,"
	  "'bidPercentage':50}",
	  WRAPPED("bidPercentage is not applicable for Fargate.") },
	/* IT-1 */
	{ "'type':'MANAGED','computeResources':{'type':'EC2','maxvCpus':8,'instanceTypes':"
	  "['c5.large','x9.huge']}",
	  "x9.huge" },
	{ "'type':'MANAGED','computeResources':{'type':'EC2','maxvCpus':8,'instanceTypes':"
	  "['c5.large','c6g']}",
	  "arm-based instance type cannot be used with other instance types" },
	/* section 11.3 */
	{ "'type':'MANAGED','computeResources':{'type':'EC2','maxvCpus':8,'instanceTypes':['c5'],"
	  "'allocationStrategy':'SPOT_CAPACITY_OPTIMIZED'}",
	  "Allocation strategy SPOT_CAPACITY_OPTIMIZED is not applicable for EC2" },
	{ "'type':'MANAGED','computeResources':{'type':'SPOT','maxvCpus':8,'instanceTypes':['c5'],"
	  "'allocationStrategy':'BEST_FIT_PROGRESSIVE_ORDERED'}",
	  "BEST_FIT_PROGRESSIVE_ORDERED is not applicable for SPOT" },
	{ "'type':'MANAGED','computeResources':{'type':'EC2','maxvCpus':8,'instanceTypes':"
	  "['c5','default_x86_64'],'allocationStrategy':'BEST_FIT_PROGRESSIVE_ORDERED'}",
	  "Instance type bundles (e.g. optimal, default_x86_64) are not allowed for "
	  "BEST_FIT_PROGRESSIVE_ORDERED allocation strategy." },
	{ "'type':'MANAGED','computeResources':{'type':'SPOT','maxvCpus':8,"
	  "'allocationStrategy':'SPOT_CAPACITY_OPTIMIZED_PRIORITIZED'}",
	  "Instance type bundles (e.g. optimal, default_x86_64) are not allowed for "
	  "SPOT_CAPACITY_OPTIMIZED_PRIORITIZED allocation strategy." },
	/* SC-3 */
	{ "'type':'MANAGED','computeResources':{'type':'EC2','maxvCpus':8,'scalingPolicy':"
	  "{'minScaleDownDelayMinutes':19}}",
	  "minScaleDownDelayMinutes should be between 20 and 10080." },
	{ "'type':'MANAGED','computeResources':{'type':'EC2','maxvCpus':8,'scalingPolicy':"
	  "{'minScaleDownDelayMinutes':10081}}",
	  "minScaleDownDelayMinutes should be between 20 and 10080." },
	{ "'type':'MANAGED','unmanagedvCpus':3,'computeResources':{'type':'EC2','maxvCpus':8}",
	  "unmanagedvCpus is only applicable" },
	{ "'type':'UNMANAGED'", WRAPPED("ServiceRole is required.") },
	{ "'type':'UNMANAGED','serviceRole':'r','computeResources':{'type':'EC2','maxvCpus':8}",
	  "computeResources must not be specified" },
	{ "'type':'MANAGED','computeResources':{'type':'EC2','maxvCpus':8},"
	  "'eksConfiguration':{'eksClusterArn':'a','kubernetesNamespace':'n'}",
	  "eksConfiguration is not supported" },
	{ "'type':'MANAGED','computeResources':{'type':'EC2','maxvCpus':8},'tags':{'AWS:x':'y'}",
	  "aws: prefixed tag key names are not allowed" },
};

static void test_refused_environments(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(bad_environments); i++) {
		cleanup_free char *in =
			xasprintf("{'computeEnvironmentName':'x',%s}", bad_environments[i].members);

		refuse(f, "CreateComputeEnvironment", in, "ClientException",
		       bad_environments[i].text);
	}
	refuse(f, "CreateComputeEnvironment", /* ID-4 */
	       "{'computeEnvironmentName':'a b','type':'UNMANAGED','serviceRole':'r'}",
	       "ClientException",
	       WRAPPED("Compute Environment name should match a valid pattern."));
	make_ec2(f, "x");
	refuse(f, "CreateComputeEnvironment", /* ID-7 */
	       "{'computeEnvironmentName':'x','type':'UNMANAGED','serviceRole':'r'}",
	       "ClientException", "Object already exists");
	expect(f, "DescribeComputeEnvironments", "{}",
	       "{'computeEnvironments':[{'computeEnvironmentName':'x','computeResources':"
	       "{'minvCpus':0,'desiredvCpus':0,'maxvCpus':8}}]}");
}

static void test_update_environment(void **state)
{
	struct fixture *f = *state;

	expect(f, "CreateComputeEnvironment",
	       "{'computeEnvironmentName':'P2OnDemand','type':'MANAGED','computeResources':{'type':"
	       "'EC2',"
	       "'maxvCpus':8,'minvCpus':1,'desiredvCpus':4,'allocationStrategy':'BEST_FIT_"
	       "PROGRESSIVE'}}",
	       NULL);
	expect(f, "UpdateComputeEnvironment",
	       "{'computeEnvironment':'P2OnDemand','state':'DISABLED'}",
	       "{'computeEnvironmentArn':'" CE_ARN(
		       "P2OnDemand") "','computeEnvironmentName':'P2OnDemand'}");
	expect(f, "UpdateComputeEnvironment",
	       "{'computeEnvironment':'" CE_ARN(
		       "P2OnDemand") "','serviceRole':'new','computeResources':"
				     "{'maxvCpus':3,'instanceTypes':['m5'],'type':'SPOT','"
				     "bidPercentage':50}}",
	       NULL);
	/* One m5.large keeps the minimum, also of a DISABLED environment (CE-2, CE-7). */
	eventually(f, "DescribeComputeEnvironments", "{}",
		   "{'computeEnvironments':[{'state':'DISABLED','status':'VALID','serviceRole':"
		   "'new','computeResources':{'type':'SPOT','minvCpus':1,'maxvCpus':3,"
		   "'desiredvCpus':2,'instanceTypes':['m5'],'bidPercentage':50}}]}");
	expect(f, "JobdeckOverview", "{}",
	       "{'environments':[{'type':'SPOT','maxvCpus':3,'minvCpus':1,'desiredvCpus':2}]}");
	refuse(f, "UpdateComputeEnvironment", /* CE-7 */
	       "{'computeEnvironment':'P2OnDemand','computeResources':{'desiredvCpus':1}}",
	       "ClientException", "Manually scaling down compute environment is not supported.");
	refuse(f, "UpdateComputeEnvironment",
	       "{'computeEnvironment':'P2OnDemand','computeResources':{'desiredvCpus':4}}",
	       "ClientException", "desiredvCpus should be between minvCpus and maxvCpus.");
	refuse(f, "UpdateComputeEnvironment",
	       "{'computeEnvironment':'P2OnDemand','computeResources':{'type':'FARGATE'}}",
	       "ClientException", "cannot be changed between EC2 and Fargate");
	refuse(f, "UpdateComputeEnvironment", "{'computeEnvironment':'nobody','state':'DISABLED'}",
	       "ClientException", CE_ARN("nobody") " does not exist");
	/* CE-8: scaling goes with BEST_FIT, more does not. */
	make_ec2(f, "best");
	expect(f, "UpdateComputeEnvironment",
	       "{'computeEnvironment':'best','computeResources':{'maxvCpus':16,'desiredvCpus':5,"
	       "'type':'EC2','scalingPolicy':{'minScaleDownDelayMinutes':20}}}",
	       NULL);
	refuse(f, "UpdateComputeEnvironment",
	       "{'computeEnvironment':'best','computeResources':{'instanceTypes':['m5']}}",
	       "ClientException", "BEST_FIT");
	/* What was refused has changed nothing, and a restart forgets nothing. */
	api_restart(f);
	expect(f, "DescribeComputeEnvironments", "{'computeEnvironments':['P2OnDemand','best']}",
	       "{'computeEnvironments':[{'computeResources':{'desiredvCpus':2}},"
	       "{'computeResources':{'maxvCpus':16,'desiredvCpus':5,'minvCpus':0}}]}");
}

static void test_delete_environment(void **state) /* CE-4 */
{
	struct fixture *f = *state;

	make_ec2(f, "a");
	make_queue(f, "q", "a");
	refuse(f, "DeleteComputeEnvironment", "{'computeEnvironment':'a'}", "ClientException",
	       "must be DISABLED");
	expect(f, "UpdateComputeEnvironment", "{'computeEnvironment':'a','state':'DISABLED'}",
	       NULL);
	refuse(f, "DeleteComputeEnvironment", "{'computeEnvironment':'a'}", "ClientException",
	       "Cannot delete, found existing JobQueue relationship");
	expect(f, "UpdateJobQueue", "{'jobQueue':'q','state':'DISABLED'}", NULL);
	expect(f, "DeleteJobQueue", "{'jobQueue':'q'}", "{}");
	expect(f, "DeleteComputeEnvironment", "{'computeEnvironment':'a'}", "{}");
	expect(f, "DescribeComputeEnvironments", "{}", "{'computeEnvironments':[]}");
	refuse(f, "DeleteComputeEnvironment", "{'computeEnvironment':'a'}", "ClientException",
	       CE_ARN("a") " does not exist");
	make_ec2(f, "a"); /* the name is free again */
	api_restart(f);
	expect(f, "DescribeComputeEnvironments", "{}",
	       "{'computeEnvironments':[{'computeEnvironmentName':'a'}]}");
}

/* --- job queues ----------------------------------------------------------------------- */

static void test_queues(void **state)
{
	struct fixture *f = *state;

	make_ec2(f, "C4OnDemand");
	make_ec2(f, "M4Spot");
	/* AWS's examples. */
	expect(f, "CreateJobQueue",
	       "{'computeEnvironmentOrder':[{'computeEnvironment':'M4Spot','order':1}],"
	       "'jobQueueName':'LowPriority','priority':1,'state':'ENABLED'}",
	       "{'jobQueueArn':'" JQ_ARN("LowPriority") "','jobQueueName':'LowPriority'}");
	expect(f, "CreateJobQueue",
	       "{'computeEnvironmentOrder':[{'computeEnvironment':'" CE_ARN(
		       "M4Spot") "','order':20},"
				 "{'computeEnvironment':'C4OnDemand','order':10}],"
				 "'jobQueueName':'HighPriority','priority':10,'tags':{'a':'b'},'"
				 "jobQueueType':'ECS'}",
	       NULL);
	expect(f, "DescribeJobQueues",
	       "{'jobQueues':['HighPriority','nobody','" JQ_ARN("LowPriority") "']}",
	       "{'jobQueues':[{'computeEnvironmentOrder':[{'computeEnvironment':'" CE_ARN(
		       "C4OnDemand") "',"
				     "'order':10},{'computeEnvironment':'" CE_ARN(
					     "M4Spot") "','order':20}],"
						       "'jobQueueArn':'" JQ_ARN(
							       "HighPriority") "','jobQueueName':'"
									       "HighPriority','"
									       "priority':10,"
									       "'state':'ENABLED','"
									       "status':'VALID','"
									       "statusReason':'"
									       "JobQueue "
									       "Healthy','tags':{'"
									       "a':'b'},"
									       "'jobQueueType':'"
									       "ECS'},{'"
									       "jobQueueName':'"
									       "LowPriority','"
									       "priority':1,'tags':"
									       "{}}]}");
	expect(f, "UpdateJobQueue",
	       "{'jobQueue':'HighPriority','state':'DISABLED','priority':7,'"
	       "computeEnvironmentOrder':"
	       "[{'computeEnvironment':'M4Spot','order':3}]}",
	       "{'jobQueueArn':'" JQ_ARN("HighPriority") "','jobQueueName':'HighPriority'}");
	api_restart(f);
	expect(f, "DescribeJobQueues", "{'jobQueues':['HighPriority']}",
	       "{'jobQueues':[{'state':'DISABLED','priority':7,'tags':{'a':'b'},'"
	       "computeEnvironmentOrder':"
	       "[{'computeEnvironment':'" CE_ARN("M4Spot") "','order':3}]}]}");
	refuse(f, "UpdateJobQueue", "{'jobQueue':'nobody','priority':1}", "ClientException",
	       JQ_ARN("nobody") " does not exist");
}

#define ONE_ENV	 "'priority':1,'computeEnvironmentOrder':[{'order':1,'computeEnvironment':'a'}],"
#define CAPACITY "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY"
#define ACTION(reason, seconds)                                                                    \
	"{'reason':'" reason "','state':'RUNNABLE','maxTimeSeconds':" seconds ",'action':'CANCEL'}"

static const struct {
	const char *members, *text;
} bad_queues[] = {
	/* JQ-2, JQ-5, JQ-7 */
	{ "'priority':1", "computeEnvironmentOrder must have between 1 and 3" },
	{ "'priority':1,'computeEnvironmentOrder':[]", "between 1 and 3" },
	{ "'computeEnvironmentOrder':[{'order':1,'computeEnvironment':'a'}]",
	  "Value null at 'priority' failed" },
	{ "'priority':10001,'computeEnvironmentOrder':[{'order':1,'computeEnvironment':'a'}]",
	  "priority" },
	{ "'priority':-1,'computeEnvironmentOrder':[{'order':1,'computeEnvironment':'a'}]",
	  "priority" },
	{ "'priority':1,'computeEnvironmentOrder':[{'order':1,'computeEnvironment':'nobody'}]",
	  CE_ARN("nobody") " does not exist" },
	{ "'priority':1,'computeEnvironmentOrder':[{'order':1,'computeEnvironment':'" JQ_ARN(
		  "a") "'}]",
	  "is not supported pattern" },
	{ "'priority':1,'computeEnvironmentOrder':[{'order':1,'computeEnvironment':'a'},"
	  "{'order':1,'computeEnvironment':'b'}]",
	  WRAPPED("Duplicate ComputeEnvironment order values.") },
	{ "'priority':1,'computeEnvironmentOrder':[{'order':1,'computeEnvironment':'a'},"
	  "{'order':2,'computeEnvironment':'" CE_ARN("a") "'}]",
	  "Duplicate ComputeEnvironment a." },
	{ "'priority':1,'computeEnvironmentOrder':[{'order':1,'computeEnvironment':'a'},"
	  "{'order':2,'computeEnvironment':'fargate'}]",
	  WRAPPED("Fargate and EC2 compute environments can not be mixed.") },
	{ "'priority':1,'computeEnvironmentOrder':[{'order':1,'computeEnvironment':'a'},"
	  "{'order':2,'computeEnvironment':'b'},{'order':3,'computeEnvironment':'c'},"
	  "{'order':4,'computeEnvironment':'d'}]",
	  "between 1 and 3" },
	{ "'priority':1,'schedulingPolicyArn':'p',"
	  "'computeEnvironmentOrder':[{'order':1,'computeEnvironment':'a'}]",
	  "scheduling-policy/p does not exist" },
	{ "'priority':1,'computeEnvironmentOrder':[{'order':1,'computeEnvironment':'a'},"
	  "{'order':2,'computeEnvironment':'arm'}]",
	  "must share the same architecture" },
	/* BL-1 */
	{ ONE_ENV "'jobStateTimeLimitActions':[" ACTION("NO_SUCH_REASON", "600") "]",
	  WRAPPED("Invalid job reason") },
	{ ONE_ENV "'jobStateTimeLimitActions':["
	  ACTION("MISCONFIGURATION:SERVICE_ROLE_PERMISSIONS", "600") "]",
	  WRAPPED("Invalid job reason") },
	{ ONE_ENV "'jobStateTimeLimitActions':[{'reason':'" CAPACITY "','state':'RUNNABLE',"
	  "'maxTimeSeconds':600,'action':'TERMINATE'}]",
	  WRAPPED("Invalid job action. Valid job actions: [CANCEL]") },
	{ ONE_ENV "'jobStateTimeLimitActions':[{'reason':'" CAPACITY "','state':'RUNNING',"
	  "'maxTimeSeconds':600,'action':'CANCEL'}]",
	  "Member must satisfy enum value set: [RUNNABLE]" },
	{ ONE_ENV "'jobStateTimeLimitActions':[" ACTION(CAPACITY, "599") "]",
	  "maxTimeSeconds must be between 600 and 86400" },
	{ ONE_ENV "'jobStateTimeLimitActions':[" ACTION(CAPACITY, "86401") "]",
	  "maxTimeSeconds must be between 600 and 86400" },
	{ ONE_ENV "'jobStateTimeLimitActions':[" ACTION(CAPACITY, "600") ","
	  ACTION(CAPACITY, "700") "]",
	  WRAPPED("Duplicate job state limit actions are not allowed.") },
	/* Jobdeck's own tags. */
	{ ONE_ENV "'tags':{'jobdeck:backfill':'maybe'}",
	  "tags: jobdeck:backfill must be on or off, not 'maybe'" },
	{ ONE_ENV "'tags':{'jobdeck:max-running':'-1'}",
	  "tags: jobdeck:max-running must be a number of jobs" },
	{ "'priority':1,'jobQueueType':'SAGEMAKER_TRAINING',"
	  "'computeEnvironmentOrder':[{'order':1,'computeEnvironment':'a'}]",
	  "SAGEMAKER_TRAINING is not supported" },
	{ "'priority':1,'computeEnvironmentOrder':[{'order':1.5,'computeEnvironment':'a'}]",
	  "Value '1.5' at 'computeEnvironmentOrder[0].order' failed" },
};

static void test_queue_terms(void **state) /* BL-1, and Jobdeck's own tags */
{
	struct fixture *f = *state;
	cJSON *out cleanup_json = NULL;

	make_ec2(f, "a");
	expect(f, "CreateJobQueue",
	       "{'jobQueueName':'q'," ONE_ENV "'tags':{'jobdeck:backfill':'on',"
	       "'jobdeck:max-running':'3'},'jobStateTimeLimitActions':[" ACTION(CAPACITY, "600")
	       ","
	       ACTION("MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT", "86400") "]}",
	       NULL);
	expect(f, "UpdateJobQueue", "{'jobQueue':'q','priority':2}", NULL);
	api_restart(f);
	expect(f, "DescribeJobQueues", "{}",
	       "{'jobQueues':[{'priority':2,'tags':{'jobdeck:backfill':'on','jobdeck:max-running':"
	       "'3'},'jobStateTimeLimitActions':[" ACTION(CAPACITY, "600") ","
	       ACTION("MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT", "86400") "]}]}");
	expect(f, "UpdateJobQueue", "{'jobQueue':'q','jobStateTimeLimitActions':[]}", NULL);
	out = get(f, "DescribeJobQueues", "{}", NULL);
	assert_int_equal(json_count(json_get(out, "jobQueues")->child, "jobStateTimeLimitActions"),
			 0);
}

static void test_refused_queues(void **state)
{
	struct fixture *f = *state;

	make_ec2(f, "a");
	make_ec2(f, "b");
	make_fargate(f, "fargate");
	expect(f, "CreateComputeEnvironment",
	       "{'computeEnvironmentName':'arm','type':'MANAGED','computeResources':{'type':'EC2',"
	       "'maxvCpus':8,'instanceTypes':['c6g','r6g.large']}}",
	       NULL);
	for (size_t i = 0; i < ARRAY_LEN(bad_queues); i++) {
		cleanup_free char *in = xasprintf("{'jobQueueName':'x',%s}", bad_queues[i].members);

		refuse(f, "CreateJobQueue", in, "ClientException", bad_queues[i].text);
	}
	refuse(f, "CreateJobQueue",
	       "{'jobQueueName':'a.b','priority':1,'computeEnvironmentOrder':"
	       "[{'order':1,'computeEnvironment':'a'}]}",
	       "ClientException", WRAPPED("Job Queue name should match a valid pattern."));
	make_queue(f, "x", "fargate");
	refuse(f, "CreateJobQueue",
	       "{'jobQueueName':'x','priority':1,'computeEnvironmentOrder':"
	       "[{'order':1,'computeEnvironment':'a'}]}",
	       "ClientException", "Object already exists");
}

/* It does not end when it is told to. */
#define STUBBORN(ms) "'containerOverrides':{'command':['fake','run=" ms "','stubborn']}"

static void test_delete_queue(void **state) /* JQ-3 */
{
	struct fixture *f = *state;

	make_world(f);
	submit(f, "RUNS", STUBBORN("500"));
	submit(f, "WAITS", "'dependsOn':[{'jobId':'$RUNS'}]");
	eventually(f, "ListJobs", "{'jobQueue':'q'}", "{'jobSummaryList':[{'jobId':'$RUNS'}]}");
	refuse(f, "DeleteJobQueue", "{'jobQueue':'q'}", "ClientException", "must be DISABLED");
	expect(f, "UpdateJobQueue", "{'jobQueue':'q','state':'DISABLED'}", NULL);
	expect(f, "DeleteJobQueue", "{'jobQueue':'q'}", "{}");
	refuse(f, "UpdateJobQueue", "{'jobQueue':'q','state':'ENABLED'}", "ClientException",
	       "Cannot update, resource is being modified.");
	eventually(f, "DescribeJobQueues", "{}", "{'jobQueues':[]}");
	expect(f, "DescribeJobs", "{'jobs':['$RUNS','$WAITS']}",
	       "{'jobs':[{'status':'FAILED','isTerminated':true,'statusReason':'Job queue "
	       "deleted'},"
	       "{'status':'FAILED'}]}");
	refuse(f, "ListJobs", "{'jobQueue':'q'}", "ClientException", JQ_ARN("q") " does not exist");
	refuse(f, "DeleteJobQueue", "{'jobQueue':'q'}", "ClientException", "does not exist");
	make_queue(f, "q", "ce");
	expect(f, "DescribeJobQueues", "{}",
	       "{'jobQueues':[{'jobQueueName':'q','status':'VALID'}]}");
}

/* A deletion that a restart interrupts is finished by the next server. */
static void test_delete_survives_restart(void **state)
{
	struct fixture *f = *state;
	enum { JOBS = 700 };

	make_world(f);
	submit(f, "FIRST", STUBBORN("1000"));
	submit_many(f, "OTHER", "'dependsOn':[{'jobId':'$FIRST'}]", JOBS);
	expect(f, "UpdateJobQueue", "{'jobQueue':'q','state':'DISABLED'}", NULL);
	expect(f, "DeleteJobQueue", "{'jobQueue':'q'}", "{}");
	expect(f, "DescribeJobQueues", "{}",
	       "{'jobQueues':[{'status':'DELETING','state':'DISABLED'}]}");
	api_restart(f);
	eventually(f, "DescribeJobQueues", "{}", "{'jobQueues':[]}");
	expect(f, "JobdeckStatus", "{}", "{'liveJobs':0}");
}

#define EC2(members)                                                                              \
	"'type':'container','containerProperties':{'image':'host','vcpus':1,'memory':64," members \
	"}"

/* --- pages ---------------------------------------------------------------------------- */

static char *follow(struct fixture *f, const char *op, const char *in, const char *list, int *count)
{
	cJSON *out cleanup_json = get(f, op, in, NULL);

	*count = json_count(out, list);
	return xstrdup(json_str(out, "nextToken"));
}

static void test_pages(void **state)
{
	struct fixture *f = *state;
	cleanup_free char *token = NULL, *second = NULL, *third = NULL;
	char forged[400];
	int n;

	for (int i = 0; i < 5; i++) {
		char name[] = { 'e', (char)('0' + i), '\0' };

		make_ec2(f, name);
	}
	token = follow(f, "DescribeComputeEnvironments", "{'maxResults':2,'nextToken':''}",
		       "computeEnvironments", &n);
	assert_int_equal(n, 2);
	let("TOKEN", token);
	api_restart(f); /* tokens are good after a restart */
	expect(f, "DescribeComputeEnvironments", "{'maxResults':2,'nextToken':'$TOKEN'}",
	       "{'computeEnvironments':[{'computeEnvironmentName':'e2'},{'computeEnvironmentName':'"
	       "e3'}]}");
	second = follow(f, "DescribeComputeEnvironments", "{'maxResults':3,'nextToken':'$TOKEN'}",
			"computeEnvironments", &n);
	assert_int_equal(n, 3);
	assert_null(second); /* nothing is left: no token */
	refuse(f, "DescribeComputeEnvironments", "{'maxResults':0}", "ClientException",
	       "maxResults must be at least 1");
	third = follow(f, "DescribeComputeEnvironments", "{'maxResults':101}",
		       "computeEnvironments", &n);
	assert_int_equal(n, 5);
	/* Of another operation, changed, cut, and no token at all. */
	refuse(f, "DescribeJobQueues", "{'nextToken':'$TOKEN'}", "ClientException",
	       "nextToken is not valid");
	snprintf(forged, sizeof forged, "%s", token);
	forged[strlen(forged) - 1] ^= 1;
	let("FORGED", forged);
	refuse(f, "DescribeComputeEnvironments", "{'nextToken':'$FORGED'}", "ClientException",
	       "nextToken");
	forged[strlen(forged) - 1] = '\0';
	let("FORGED", forged);
	refuse(f, "DescribeComputeEnvironments", "{'nextToken':'$FORGED'}", "ClientException",
	       "nextToken");
	refuse(f, "DescribeComputeEnvironments", "{'nextToken':'x'}", "ClientException",
	       "nextToken");
	for (int i = 0; i < 3; i++)
		expect(f, "RegisterJobDefinition",
		       "{'jobDefinitionName':'d'," EC2("'command':[]") "}", NULL);
	free(token);
	token = follow(f, "DescribeJobDefinitions", "{'jobDefinitionName':'d','maxResults':2}",
		       "jobDefinitions", &n);
	let("TOKEN", token);
	expect(f, "DescribeJobDefinitions",
	       "{'jobDefinitionName':'d','maxResults':2,'nextToken':'$TOKEN'}",
	       "{'jobDefinitions':[{'revision':1}]}");
	refuse(f, "DescribeJobDefinitions", "{'nextToken':'$TOKEN'}", "ClientException",
	       "nextToken");
}

int main(void)
{
#define SLOW(test) cmocka_unit_test_setup_teardown(test, api_up_slow, api_down)
	const struct CMUnitTest tests[] = {
		SLOW(test_create_environments),
		SLOW(test_refused_environments),
		SLOW(test_update_environment),
		SLOW(test_delete_environment),
		SLOW(test_queues),
		SLOW(test_queue_terms),
		SLOW(test_refused_queues),
		SLOW(test_delete_queue),
		SLOW(test_delete_survives_restart),
		SLOW(test_pages),
	};

	return cmocka_run_group_tests_name("api_resources", tests, NULL, NULL);
}
