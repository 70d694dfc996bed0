/* Requests keep what they said: everything that a request may say of a thing is shown by its
 * Describe, beside what Batch fills in. */
#include "config.h"
#include "api_fixture.h"
#include <stdio.h>
#include <string.h>

#define ARN(rest) "arn:aws:batch:us-east-1:000000000000:" rest

/* --- compute environments ----------------------------------------------------------------------- */

#define EC2_RESOURCES                                                                              \
	"'type':'SPOT','allocationStrategy':'SPOT_PRICE_CAPACITY_OPTIMIZED','minvCpus':0,"         \
	"'maxvCpus':16,'instanceTypes':['c5.large','m5'],"                                         \
	"'subnets':['s-1'],'securityGroupIds':['sg-1'],'ec2KeyPair':'key','instanceRole':'role',"  \
	"'tags':{'Name':'x'},'placementGroup':'pg','bidPercentage':80,'spotIamFleetRole':'fleet'," \
	"'launchTemplate':{'launchTemplateName':'lt','version':'$LATEST','userdataType':"          \
	"'EKS_NODEADM','overrides':[{'launchTemplateId':'lt-2','version':'3',"                     \
	"'targetInstanceTypes':['m5.large']}]},"                                                   \
	"'ec2Configuration':[{'imageType':'ECS_AL2023','imageIdOverride':'ami-1'}],"               \
	"'scalingPolicy':{'minScaleDownDelayMinutes':20}"

static void test_environment(void **state)
{
	struct fixture *f = *state;

	let("LATEST", "$Latest");
	expect(f, "CreateComputeEnvironment",
	       "{'computeEnvironmentName':'all','type':'MANAGED','state':'ENABLED',"
	       "'computeResources':{" EC2_RESOURCES "},'serviceRole':'arn:aws:iam::1:role/r',"
	       "'tags':{'a':'b'},'context':'c','ecsSettings':{'containerInsights':'ENHANCED'}}",
	       NULL);
	expect(f, "DescribeComputeEnvironments", "{'computeEnvironments':['all']}",
	       "{'computeEnvironments':[{'computeEnvironmentName':'all','type':'MANAGED',"
	       "'state':'ENABLED','status':'VALID','statusReason':'ComputeEnvironment Healthy',"
	       "'computeResources':{" EC2_RESOURCES
	       ",'desiredvCpus':0},'serviceRole':'arn:aws:iam::1:role/r',"
	       "'tags':{'a':'b'},'context':'c','ecsSettings':{'containerInsights':'ENHANCED'},"
	       "'containerOrchestrationType':'ECS',"
	       "'updatePolicy':{'terminateJobsOnUpdate':false,'jobExecutionTimeoutMinutes':30}}]}");
	expect(f, "UpdateComputeEnvironment",
	       "{'computeEnvironment':'all','context':'d',"
	       "'updatePolicy':{'terminateJobsOnUpdate':true,'jobExecutionTimeoutMinutes':60},"
	       "'ecsSettings':{'containerInsights':'DISABLED'}}",
	       NULL);
	expect(f, "DescribeComputeEnvironments", "{'computeEnvironments':['all']}",
	       "{'computeEnvironments':[{'context':'d',"
	       "'updatePolicy':{'terminateJobsOnUpdate':true,'jobExecutionTimeoutMinutes':60},"
	       "'ecsSettings':{'containerInsights':'DISABLED'}}]}");
}

/* What Batch fills in where nothing was said. */
static void test_small_environments(void **state)
{
	struct fixture *f = *state;
	cJSON *out cleanup_json = NULL;
	const cJSON *ce;

	make_world(f);
	expect(f, "CreateComputeEnvironment",
	       "{'computeEnvironmentName':'un','type':'UNMANAGED','unmanagedvCpus':7,"
	       "'serviceRole':'r'}",
	       NULL);
	out = get(f, "DescribeComputeEnvironments", "{'computeEnvironments':['ce']}",
		  "{'computeEnvironments':[{'tags':{},'serviceRole':"
		  "'arn:aws:iam::000000000000:role/aws-service-role/batch.amazonaws.com/"
		  "AWSServiceRoleForBatch'}]}");
	ce = json_get(out, "computeEnvironments")->child;
	assert_non_null(strstr(json_str(ce, "ecsClusterArn"), json_str(ce, "uuid")));
	expect(f, "DescribeComputeEnvironments", "{'computeEnvironments':['un']}",
	       "{'computeEnvironments':[{'type':'UNMANAGED','unmanagedvCpus':7,'serviceRole':'r'}]}");
}

/* --- queues --------------------------------------------------------------------------------------- */

static void test_queue(void **state)
{
	static const char limits[] =
		"'jobStateTimeLimitActions':[{'reason':"
		"'MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT','state':'RUNNABLE',"
		"'maxTimeSeconds':600,'action':'CANCEL'}]";
	struct fixture *f = *state;
	cleanup_free char *in = xasprintf(
		"{'jobQueueName':'all','state':'DISABLED','priority':7,'schedulingPolicyArn':'" ARN(
			"scheduling-policy/p") "','computeEnvironmentOrder':[{'order':3,"
					       "'computeEnvironment':'ce'}],'tags':{'a':'b'},"
					       "'jobQueueType':'ECS',%s}",
		limits);
	cleanup_free char *shown = xasprintf(
		"{'jobQueues':[{'jobQueueName':'all','jobQueueArn':'" ARN(
			"job-queue/all") "','state':'DISABLED','status':'VALID',"
					 "'statusReason':'JobQueue Healthy','priority':7,"
					 "'schedulingPolicyArn':'" ARN(
						 "scheduling-policy/p") "',"
									"'computeEnvironmentOrder':["
									"{'order':3,"
									"'computeEnvironment':'" ARN(
										"compute-environment/ce") "'}],"
													  "'tags':{'a':'b'},"
													  "'jobQueueType':'ECS',%s}]}",
		limits);

	make_world(f);
	expect(f, "CreateSchedulingPolicy", "{'name':'p'}", NULL);
	expect(f, "CreateJobQueue", in, NULL);
	expect(f, "DescribeJobQueues", "{'jobQueues':['all']}", shown);
	expect(f, "DescribeJobQueues", "{'jobQueues':['q']}",
	       "{'jobQueues':[{'jobQueueType':'ECS','tags':{}}]}");
}

/* --- definitions ------------------------------------------------------------------------------------ */

#define CONTAINER                                                                                   \
	"'image':'host','command':['a','Ref::x'],'jobRoleArn':'j','executionRoleArn':'e',"          \
	"'volumes':[{'name':'v','host':{'sourcePath':'/x'}},{'name':'w','efsVolumeConfiguration':{" \
	"'fileSystemId':'fs','rootDirectory':'/','transitEncryption':'ENABLED',"                    \
	"'transitEncryptionPort':1,'authorizationConfig':{'accessPointId':'ap','iam':"              \
	"'DISABLED'}}}],'environment':[{'name':'E','value':'1'}],"                                  \
	"'mountPoints':[{'containerPath':'/c','readOnly':true,'sourceVolume':'v'}],"                \
	"'readonlyRootFilesystem':true,'privileged':false,"                                         \
	"'ulimits':[{'hardLimit':9,'name':'nofile','softLimit':8}],'user':'u',"                     \
	"'resourceRequirements':[{'type':'VCPU','value':'1'},{'type':'MEMORY','value':'64'}],"      \
	"'linuxParameters':{'devices':[{'hostPath':'/dev/null','containerPath':'/d',"               \
	"'permissions':['READ','WRITE']}],'initProcessEnabled':true,'sharedMemorySize':64,"         \
	"'tmpfs':[{'containerPath':'/t','size':5,'mountOptions':['ro']}],'maxSwap':1,"              \
	"'swappiness':10},"                                                                         \
	"'logConfiguration':{'logDriver':'awslogs','options':{'awslogs-group':'/g'},"               \
	"'secretOptions':[{'name':'s','valueFrom':'x'}]},"                                          \
	"'secrets':[{'name':'S','valueFrom':'arn'}],'enableExecuteCommand':true,"                   \
	"'repositoryCredentials':{'credentialsParameter':'p'}"

#define TERMS                                                                                       \
	"'parameters':{'x':'1'},'schedulingPriority':5,'retryStrategy':{'attempts':2,"              \
	"'evaluateOnExit':[{'onExitCode':'1','onReason':'r*','onStatusReason':'s',"                 \
	"'action':'retry'}]},'propagateTags':true,'timeout':{'attemptDurationSeconds':60},"         \
	"'tags':{'a':'b'},'platformCapabilities':['EC2'],"                                          \
	"'consumableResourceProperties':{'consumableResourceList':[{'consumableResource':'r',"      \
	"'quantity':1}]}"

static void test_definition(void **state)
{
	struct fixture *f = *state;

	expect(f, "RegisterJobDefinition",
	       "{'jobDefinitionName':'all','type':'container'," TERMS
	       ",'containerProperties':{" CONTAINER "}}",
	       NULL);
	expect(f, "DescribeJobDefinitions", "{'jobDefinitions':['all']}",
	       "{'jobDefinitions':[{'jobDefinitionName':'all','jobDefinitionArn':'" ARN(
		       "job-definition/all:1") "','revision':1,'status':'ACTIVE','type':'container',"
					       "'containerOrchestrationType':'ECS'," TERMS
					       ",'containerProperties':{" CONTAINER "}}]}");
	expect(f, "RegisterJobDefinition",
	       "{'jobDefinitionName':'small','type':'container','containerProperties':{"
	       "'image':'host','vcpus':1,'memory':64}}",
	       NULL);
	expect(f, "DescribeJobDefinitions", "{'jobDefinitions':['small']}",
	       "{'jobDefinitions':[{'parameters':{},'tags':{},'platformCapabilities':['EC2'],"
	       "'containerProperties':{'image':'host','vcpus':1,'memory':64,'command':[],"
	       "'volumes':[],'environment':[],'mountPoints':[],'ulimits':[],"
	       "'resourceRequirements':[],'secrets':[]}}]}");
}

/* Pods cannot run here, but a definition of one is kept for other places. */
static void test_pod(void **state)
{
	static const char eks[] =
		"'eksProperties':{'podProperties':{'serviceAccountName':'s','hostNetwork':true,"
		"'dnsPolicy':'Default','containers':[{'name':'c','image':'i','imagePullPolicy':"
		"'Always','command':['x'],'args':['y'],'env':[{'name':'n','value':'v'}],"
		"'resources':{'limits':{'cpu':'1'},'requests':{'memory':'1Mi'}},"
		"'volumeMounts':[{'name':'v','mountPath':'/v','readOnly':true}],"
		"'securityContext':{'runAsUser':5}}],'volumes':[{'name':'v','emptyDir':{"
		"'medium':'Memory','sizeLimit':'1Mi'}}],'metadata':{'labels':{'l':'m'}},"
		"'shareProcessNamespace':true}}";
	struct fixture *f = *state;
	cleanup_free char *in =
		xasprintf("{'jobDefinitionName':'pod','type':'container',%s}", eks);
	cleanup_free char *shown =
		xasprintf("{'jobDefinitions':[{'containerOrchestrationType':'EKS',%s}]}", eks);

	make_world(f);
	expect(f, "RegisterJobDefinition", in, NULL);
	expect(f, "DescribeJobDefinitions", "{'jobDefinitions':['pod']}", shown);
	refuse(f, "SubmitJob", "{'jobName':'j','jobQueue':'q','jobDefinition':'pod'}",
	       "ClientException", "eksProperties is not supported");
}

/* --- jobs --------------------------------------------------------------------------------------------- */

static void test_job(void **state)
{
	struct fixture *f = *state;
	cJSON *out cleanup_json = NULL;
	const cJSON *job;

	make_world(f);
	expect(f, "CreateConsumableResource", "{'consumableResourceName':'r','totalQuantity':9}",
	       NULL);
	expect(f, "RegisterJobDefinition",
	       "{'jobDefinitionName':'all','type':'container'," TERMS
	       ",'containerProperties':{" CONTAINER "}}",
	       NULL);
	submit(f, "FIRST", "");
	out = get(f, "SubmitJob",
		  "{'jobName':'j','jobQueue':'q','jobDefinition':'all','dependsOn':[{'jobId':"
		  "'$FIRST'}],'parameters':{'y':'2'},'tags':{'c':'d'},'containerOverrides':{"
		  "'environment':[{'name':'F','value':'2'}],'resourceRequirements':[{'type':'VCPU',"
		  "'value':'2'}]},'timeout':{'attemptDurationSeconds':99}}",
		  NULL);
	let("JOB", json_str(out, "jobId"));
	expect(f, "DescribeJobs", "{'jobs':['$JOB']}",
	       "{'jobs':[{'jobArn':'" ARN("job/$JOB") "','jobName':'j','jobId':'$JOB',"
	       "'jobQueue':'" ARN("job-queue/q") "','jobDefinition':'" ARN(
		       "job-definition/all:1") "','status':'PENDING',"
	       "'dependsOn':[{'jobId':'$FIRST'}],'parameters':{'x':'1','y':'2'},"
	       "'retryStrategy':{'attempts':2,'evaluateOnExit':[{'onExitCode':'1','onReason':'r*',"
	       "'onStatusReason':'s','action':'retry'}]},'propagateTags':true,"
	       "'timeout':{'attemptDurationSeconds':99},'tags':{'a':'b','c':'d'},"
	       "'platformCapabilities':['EC2'],'schedulingPriority':5,'attempts':[],"
	       "'isCancelled':false,'isTerminated':false,"
	       "'consumableResourceProperties':{'consumableResourceList':[{'consumableResource':'r',"
	       "'quantity':1}]},"
	       "'container':{'image':'host','command':['a','1'],'jobRoleArn':'j',"
	       "'executionRoleArn':'e','volumes':[{'name':'v'},{'name':'w'}],"
	       "'environment':[{'name':'E','value':'1'},{'name':'F','value':'2'}],"
	       "'mountPoints':[{'containerPath':'/c','readOnly':true,'sourceVolume':'v'}],"
	       "'readonlyRootFilesystem':true,'privileged':false,"
	       "'ulimits':[{'hardLimit':9,'name':'nofile','softLimit':8}],'user':'u',"
	       "'resourceRequirements':[{'type':'VCPU','value':'2'},{'type':'MEMORY',"
	       "'value':'64'}],'linuxParameters':{'swappiness':10},"
	       "'logConfiguration':{'logDriver':'awslogs','options':{'awslogs-group':'/g'}},"
	       "'secrets':[{'name':'S','valueFrom':'arn'}],'enableExecuteCommand':true,"
	       "'repositoryCredentials':{'credentialsParameter':'p'}}}]}");
	/* What is known only once it runs. */
	expect(f, "TerminateJob", "{'jobId':'$FIRST','reason':'x'}", NULL);
	submit(f, "SECOND", "");
	eventually(f, "DescribeJobs", "{'jobs':['$SECOND']}", "{'jobs':[{'status':'RUNNING'}]}");
	cJSON_Delete(out);
	out = get(f, "DescribeJobs", "{'jobs':['$SECOND']}",
		  "{'jobs':[{'platformCapabilities':['EC2'],'propagateTags':false,'tags':{},"
		  "'eksAttempts':[]}]}");
	job = json_get(json_get(out, "jobs")->child, "container");
	assert_non_null(strstr(json_str(job, "taskArn"), ":task/ce_Batch_"));
	assert_non_null(strstr(json_str(job, "containerInstanceArn"), ":container-instance/"));
	assert_non_null(json_str(job, "logStreamName"));
	expect(f, "ListJobs", "{'jobQueue':'q'}",
	       "{'jobSummaryList':[{'jobId':'$SECOND','isCancelled':false,'isTerminated':false,"
	       "'capacityUsage':[{'capacityUnit':'VCPU','quantity':1}]}]}");
}

int main(void)
{
#define SLOW(test) cmocka_unit_test_setup_teardown(test, api_up_slow, api_down)
	const struct CMUnitTest tests[] = {
		SLOW(test_environment), SLOW(test_small_environments), SLOW(test_queue),
		SLOW(test_definition),	SLOW(test_pod),		       SLOW(test_job),
	};

	return cmocka_run_group_tests_name("api_keeps", tests, NULL, NULL);
}
