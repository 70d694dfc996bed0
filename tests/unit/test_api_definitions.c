/* Job definitions through the API. The numbers in comments are the rules of doc/semantics.md. */
#include "config.h"
#include "api_fixture.h"
#include <stdio.h>
#include <string.h>

#define JD_ARN(name)  "arn:aws:batch:us-east-1:000000000000:job-definition/" name
#define WRAPPED(text) "Error executing request, Exception : " text ", RequestId: "

/* --- job definitions ------------------------------------------------------------------- */

static void test_definitions(void **state)
{
	struct fixture *f = *state;

	/* AWS's examples. */
	expect(f, "RegisterJobDefinition",
	       "{'type':'container','containerProperties':{'command':['sleep','10'],'image':'"
	       "busybox',"
	       "'resourceRequirements':[{'type':'MEMORY','value':'128'},{'type':'VCPU','value':'1'}"
	       "]},"
	       "'jobDefinitionName':'sleep10'}",
	       "{'jobDefinitionArn':'" JD_ARN(
		       "sleep10:1") "','jobDefinitionName':'sleep10','revision':1}");
	expect(f, "RegisterJobDefinition",
	       "{'type':'container','containerProperties':{'command':['sleep','11'],'image':'"
	       "busybox',"
	       "'vcpus':2,'memory':64},'jobDefinitionName':'sleep10','tags':{'User':'JaneDoe'},"
	       "'retryStrategy':{'attempts':3,'evaluateOnExit':[{'onReason':'Host*','action':'"
	       "RETRY'}]},"
	       "'timeout':{'attemptDurationSeconds':60},'propagateTags':true,'schedulingPriority':"
	       "9}",
	       "{'jobDefinitionArn':'" JD_ARN("sleep10:2") "','revision':2}");
	expect(f, "DescribeJobDefinitions", "{'status':'ACTIVE'}",
	       "{'jobDefinitions':[{'jobDefinitionName':'sleep10','revision':2,'status':'ACTIVE',"
	       "'type':'container','tags':{'User':'JaneDoe'},'propagateTags':true,'"
	       "schedulingPriority':9,"
	       "'retryStrategy':{'attempts':3,'evaluateOnExit':[{'onReason':'Host*','action':'"
	       "retry'}]},"
	       "'timeout':{'attemptDurationSeconds':60},'containerOrchestrationType':'ECS',"
	       "'containerProperties':{'vcpus':2,'memory':64}},"
	       "{'jobDefinitionArn':'" JD_ARN(
		       "sleep10:1") "','revision':1,'parameters':{},'tags':{},"
				    "'containerProperties':{'command':['sleep','10'],'environment':"
				    "[],'image':'busybox',"
				    "'mountPoints':[],'ulimits':[],'volumes':[],'secrets':[]}}]}");
	expect(f, "DescribeJobDefinitions",
	       "{'jobDefinitions':['sleep10:1','" JD_ARN(
		       "sleep10:2") "','sleep10','sleep10:3','x']}",
	       "{'jobDefinitions':[{'revision':1},{'revision':2},{'revision':2}]}");
	expect(f, "DeregisterJobDefinition", "{'jobDefinition':'sleep10'}",
	       "{}"); /* AWS's example */
	expect(f, "DeregisterJobDefinition", "{'jobDefinition':'sleep10:2'}", "{}");
	api_restart(f);
	expect(f, "DescribeJobDefinitions", "{'jobDefinitionName':'sleep10','status':'INACTIVE'}",
	       "{'jobDefinitions':[{'revision':2,'status':'INACTIVE'}]}");
	expect(f, "DescribeJobDefinitions", "{'jobDefinitions':['sleep10']}",
	       "{'jobDefinitions':[{'revision':1}]}");
	refuse(f, "DeregisterJobDefinition", "{'jobDefinition':'sleep10:7'}", "ClientException",
	       "JobDefinition name sleep10:7 does not exist");
	refuse(f, "DeregisterJobDefinition", "{'jobDefinition':'sleep10:01'}", "ClientException",
	       "Provided name sleep10:01 is not supported pattern[a-zA-Z_0-9-]{1,128}");
	refuse(f, "DescribeJobDefinitions", "{'status':'active'}", "ClientException",
	       "ACTIVE or INACTIVE");
	/* JD-1: revisions are never used again. */
	expect(f, "RegisterJobDefinition",
	       "{'type':'container','containerProperties':{'image':'busybox','vcpus':1,'memory':4},"
	       "'jobDefinitionName':'sleep10'}",
	       "{'revision':3}");
}

#define EC2(members)                                                                              \
	"'type':'container','containerProperties':{'image':'host','vcpus':1,'memory':64," members \
	"}"
#define NEEDS(...)                                                                         \
	"'type':'container','containerProperties':{'image':'host','resourceRequirements':" \
	"[" __VA_ARGS__ "]}"
#define FARGATE(...)	 "'platformCapabilities':['FARGATE']," NEEDS(__VA_ARGS__)
#define ONE(type, value) "{'type':'" type "','value':'" value "'}"

#define FARGATE_SIZE	 ONE("VCPU", "1") "," ONE("MEMORY", "2048")
#define USE(name, n)	 "{'consumableResource':'" name "','quantity':" n "}"
#define TASK(...) \
	"'type':'container','ecsProperties':{'taskProperties':[{'containers':[" __VA_ARGS__ "]}]}"
#define BOX(...) "{'image':'host','resourceRequirements':[" FARGATE_SIZE "]," __VA_ARGS__ "}"
#define NODES(n, main, ranges)                                                   \
	"'type':'multinode','nodeProperties':{'numNodes':" n ",'mainNode':" main \
	",'nodeRangeProperties':[" ranges "]}"
#define RANGE(nodes) \
	"{'targetNodes':'" nodes "','container':{'image':'host','vcpus':1,'memory':64}}"

static const struct {
	const char *members, *text; /* NULL: good */
} definitions[] = {
	{ "'type':'container'", "exactly one of containerProperties" }, /* JD-4 */
	{ "'type':'multinode'", "must have nodeProperties" },
	{ EC2("'command':[]") ",'eksProperties':{}", "exactly one of" },
	{ EC2("'command':[]") ",'platformCapabilities':['EC2','FARGATE']", "exactly one value" },
	{ EC2("'command':['']"), "Command cannot be empty" },
	{ "'type':'container','containerProperties':{'vcpus':1,'memory':64}", "image is required" },
	{ "'type':'container','containerProperties':{'image':'a b','vcpus':1,'memory':64}",
	  "restricted" },
	{ "'type':'container','containerProperties':{'image':'r.io/a/"
	  "b@sha256:0','vcpus':1,'memory':64}",
	  NULL },
	/* RES-1 */
	{ NEEDS(ONE("MEMORY", "64")), WRAPPED("vCPU is not provided.") },
	{ NEEDS(ONE("VCPU", "1")), WRAPPED("Memory is not provided.") },
	{ NEEDS(ONE("VCPU", "1.0") "," ONE("MEMORY", "64")),
	  WRAPPED("Value 1.0 for type VCPU in resourceRequirement is not valid. Please provide a "
		  "numeric "
		  "value.") },
	{ NEEDS(ONE("VCPU", "0") "," ONE("MEMORY", "64")), "at least 1" },
	{ NEEDS(ONE("VCPU", "1") "," ONE("MEMORY", "3")), "at least 4" },
	{ NEEDS(ONE("VCPU", "1") "," ONE("MEMORY", "-4")), "numeric" },
	{ NEEDS(ONE("VCPU", "99999999999999999999") "," ONE("MEMORY", "4")), "numeric" },
	{ NEEDS(ONE("VCPU", "1") "," ONE("MEMORY", "4") "," ONE("GPU", "0")), "at least 1" },
	{ NEEDS(ONE("VCPU", "1") "," ONE("MEMORY", "4") "," ONE("GPU", "2")), NULL },
	{ NEEDS(ONE("VCPU", "1") "," ONE("VCPU", "1") "," ONE("MEMORY", "4")), "VCPU is repeated" },
	{ NEEDS("{'type':'vcpu','value':'1'}"), "Value 'vcpu' at 'containerProperties."
						"resourceRequirements[0].type' failed" },
	/* RES-3 */
	{ FARGATE(ONE("VCPU", "0.25") "," ONE("MEMORY", "512")), NULL },
	{ FARGATE(ONE("VCPU", ".25") "," ONE("MEMORY", "512")), "numeric" },
	{ FARGATE(ONE("VCPU", "0.25") "," ONE("MEMORY", "1024")), NULL },
	{ FARGATE(ONE("VCPU", "0.25") "," ONE("MEMORY", "1536")),
	  "Fargate resource requirements (0.25 vCPU, 1536 MiB) not valid." },
	{ FARGATE(ONE("VCPU", "1") "," ONE("MEMORY", "4000")), /* metaflow's own words */
	  "Fargate resource requirements (1.00 vCPU, 4000 MiB) not valid." },
	{ FARGATE(ONE("VCPU", "4.0") "," ONE("MEMORY", "30720")), NULL },
	{ FARGATE(ONE("VCPU", "8") "," ONE("MEMORY", "20480")), NULL },
	{ FARGATE(ONE("VCPU", "8") "," ONE("MEMORY", "17408")), "not valid" },
	{ FARGATE(ONE("VCPU", "16") "," ONE("MEMORY", "122880")), NULL },
	{ FARGATE(ONE("VCPU", "3") "," ONE("MEMORY", "8192")), "not valid" },
	{ FARGATE(ONE("VCPU", "1") "," ONE("MEMORY", "2048") "," ONE("GPU", "1")), "GPU" },
	{ "'platformCapabilities':['FARGATE']," EC2("'command':[]"),
	  "vcpus is not applicable for Fargate. Use resource requirements instead." },
	/* RES-4 */
	{ "'platformCapabilities':['FARGATE']," EC2("'privileged':true"), "privileged" },
	{ "'platformCapabilities':['FARGATE']," EC2(
		  "'linuxParameters':{'tmpfs':[{'containerPath':'/x','size':1}]}"),
	  WRAPPED("linuxParameters.tmpfs is not applicable for Fargate.") },
	{ "'platformCapabilities':['FARGATE']," EC2("'volumes':[{'host':{'sourcePath':'/x'}}]"),
	  WRAPPED("host.sourcePath should not be set for volumes in Fargate.") },
	{ EC2("'networkConfiguration':{'assignPublicIp':'ENABLED'}"),
	  WRAPPED("networkConfiguration not applicable for EC2.") },
	/* OVR-3 */
	{ EC2("'environment':[{'name':'AWS_BATCH_X','value':'1'}]"), "reserved" },
	{ EC2("'environment':[{'name':'AWS_BATC','value':'1'}]"), NULL },
	{ EC2("'environment':[{'value':'1'}]"), "no name" },
	/* RT-1, RT-2, RT-4 */
	{ EC2("'command':[]") ",'retryStrategy':{}",
	  WRAPPED("RetryAttempts must be provided with retry strategy.") },
	{ EC2("'command':[]") ",'retryStrategy':{'attempts':0}", "between 1 and 10" },
	{ EC2("'command':[]") ",'retryStrategy':{'attempts':11}", "between 1 and 10" },
	{ EC2("'command':[]") ",'retryStrategy':{'attempts':2,'evaluateOnExit':[{'action':'EXIT'}]"
			      "}",
	  "should contain at least one of" },
	{ EC2("'command':[]") ",'retryStrategy':{'attempts':2,'evaluateOnExit':["
			      "{'action':'EXIT','onExitCode':'1*x'}]}",
	  "Evaluate on exit condition contains restricted characters." },
	{ EC2("'command':[]") ",'retryStrategy':{'attempts':2,'evaluateOnExit':["
			      "{'action':'exit','onExitCode':'13*','onReason':'*','onStatusReason':"
			      "'Host: a.b*'}]}",
	  NULL },
	{ EC2("'command':[]") ",'retryStrategy':{'attempts':2,'evaluateOnExit':[{'action':'EXIT','"
			      "onReason':'a(b'}]}",
	  "restricted" },
	{ EC2("'command':[]") ",'retryStrategy':{'attempts':2,'evaluateOnExit':["
			      "{'action':'EXIT','onReason':'a'},{'action':'EXIT','onReason':'a'},"
			      "{'action':'EXIT','onReason':'a'},{'action':'EXIT','onReason':'a'},"
			      "{'action':'EXIT','onReason':'a'},{'action':'EXIT','onReason':'a'}]}",
	  "Up to 5 evaluateOnExit condition can be specified." },
	{ EC2("'command':[]") ",'timeout':{'attemptDurationSeconds':59}",
	  "at least 60" }, /* TO-1 */
	{ EC2("'command':[]") ",'schedulingPriority':10000", "between 0 and 9999" },
	/* RES-3: what would be right is told. */
	{ FARGATE(ONE("VCPU", "0.25") "," ONE("MEMORY", "3000")),
	  "With 0.25 vCPU the memory must be one of: 512, 1024, 2048" },
	{ FARGATE(ONE("VCPU", "3") "," ONE("MEMORY", "8192")),
	  "vCPU must be one of: 0.25, 0.5, 1, 2, 4, 8, 16" },
	/* RES-4 */
	{ "'type':'container','platformCapabilities':['FARGATE'],'containerProperties':{'image':"
	  "'x','resourceRequirements':[" FARGATE_SIZE "],'logConfiguration':{'logDriver':"
	  "'json-file'}}",
	  "Log driver json-file is not applicable for Fargate" },
	{ "'type':'container','platformCapabilities':['FARGATE'],'containerProperties':{'image':"
	  "'x','resourceRequirements':[" FARGATE_SIZE "],'logConfiguration':{'logDriver':"
	  "'splunk'}}",
	  NULL },
	/* CR-1 */
	{ EC2("'command':[]") ",'consumableResourceProperties':{'consumableResourceList':[" USE(
		  "a", "1") "," USE("b",
				    "1") "," USE("c",
						 "1") "," USE("d",
							      "1") "," USE("e",
									   "1") "," USE("f",
											"1") "]}",
	  WRAPPED("Each ConsumableResourceProperty can have at most 5 consumableResources") },
	{ EC2("'command':[]") ",'consumableResourceProperties':{'consumableResourceList':[" USE(
		  "a", "1") "," USE("arn:aws:batch:us-east-1:000000000000:consumable-resource/a",
				    "2") "]}",
	  "Duplicate consumable resource a." },
	{ EC2("'command':[]") ",'consumableResourceProperties':{'consumableResourceList':[" USE(
		  "a", "0") "]}",
	  "quantity must be at least 1" },
	{ EC2("'command':[]") ",'consumableResourceProperties':{'consumableResourceList':[" USE(
		  "a b", "1") "]}",
	  "Consumable resource name should match a valid pattern." },
	{ EC2("'command':[]") ",'consumableResourceProperties':{'consumableResourceList':[" USE(
		  "a", "3") "]}",
	  NULL },
	/* RES-7 */
	{ "'type':'container','ecsProperties':{'taskProperties':[]}", "exactly one element" },
	{ TASK(), "between 1 and 10 containers" },
	{ TASK("{'name':'a','image':'host'}"), "vCPU is not provided." },
	{ TASK(BOX("'name':'a','essential':false")), "At least one container must be essential." },
	{ TASK(BOX("'name':'a'") "," BOX("'essential':false")), "must have a name" },
	{ TASK(BOX("'name':'a'") "," BOX("'name':'a'")), "Container name a is not unique." },
	{ TASK(BOX("'name':'a'") "," BOX("'name':'b','essential':false")), NULL },
	{ TASK(BOX("'privileged':true")) ",'platformCapabilities':['FARGATE']",
	  "privileged is not applicable for Fargate." },
	{ TASK(BOX("'user':'nobody'")), NULL },
	/* MNP-1..MNP-4 */
	{ NODES("0", "0", RANGE("0:")), WRAPPED("Number of nodes must be between 1 and 1000.") },
	{ NODES("1001", "0", RANGE("0:")), WRAPPED("Number of nodes must be between 1 and 1000.") },
	{ NODES("2", "2", RANGE("0:")),
	  WRAPPED("Main node index is out of range, must be less than numNodes.") },
	{ NODES("6", "0",
		RANGE("0") "," RANGE("1") "," RANGE("2") "," RANGE("3") "," RANGE("4") "," RANGE(
			"5")),
	  WRAPPED("Maximum allowed size of node range properties is 5") },
	{ NODES("2", "0", RANGE("a:b")), "targetNodes should contain only digits." },
	{ NODES("2", "0", "{'targetNodes':'0:'}"),
	  WRAPPED("Must specify container for node range 0:") },
	{ NODES("2", "0",
		"{'targetNodes':'0:','container':{'image':'host','vcpus':1,'memory':64},"
		"'ecsProperties':{'taskProperties':[{'containers':[{'image':'host'}]}]}}"),
	  WRAPPED("NodeRangeProperties can not use both ecsProperties and container fields") },
	{ NODES("2", "0", ""), "must account for all nodes (0:1): node 0 is in none" },
	{ NODES("4", "0", RANGE("0:1") "," RANGE("3:")), "node 2 is in none" },
	{ NODES("4", "0", RANGE("0:2") "," RANGE("1:3")),
	  "Node ranges 0:2 and 1:3 overlap without one being nested in the other" },
	{ NODES("4", "0", RANGE("0:3") "," RANGE(":")), "overlap without one being nested" },
	{ NODES("2", "0", "{'targetNodes':'0:','container':{'image':'host','memory':64}}"),
	  "vCPU is not provided." },
	{ NODES("2", "0",
		"{'targetNodes':'0','container':{'image':'host','vcpus':1,'memory':64,"
		"'instanceType':'c5.large'}},{'targetNodes':'1','container':{'image':'host',"
		"'vcpus':1,'memory':64,'instanceType':'m5.large'}}"),
	  "must use the same instance type (c5.large and m5.large)" }, /* MNP-3 */
	{ NODES("2", "0", RANGE("0:")) ",'platformCapabilities':['FARGATE']",
	  "multinode is not applicable for Fargate." },		    /* MNP-4 */
	{ NODES("11", "3", RANGE("0:10") "," RANGE("4:5")), NULL }, /* MNP-2 */
};

static void test_definition_rules(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(definitions); i++) {
		cleanup_free char *in =
			xasprintf("{'jobDefinitionName':'d',%s}", definitions[i].members);

		if (definitions[i].text)
			refuse(f, "RegisterJobDefinition", in, "ClientException",
			       definitions[i].text);
		else
			expect(f, "RegisterJobDefinition", in, NULL);
	}
	refuse(f, "RegisterJobDefinition", "{'jobDefinitionName':'a:1'," EC2("'command':[]") "}",
	       "ClientException", WRAPPED("Job Definition name should match a valid pattern."));
}

static void test_definition_size(void **state) /* JD-5 */
{
	struct fixture *f = *state;
	char big[24 * 1024 + 1];
	cleanup_free char *in = NULL;

	memset(big, ' ', sizeof big - 1);
	big[sizeof big - 1] = '\0';
	in = xasprintf("{'jobDefinitionName':'d',%s}%s", EC2("'command':[]"), big);
	refuse(f, "RegisterJobDefinition", in, "ClientException", "at most 24576 bytes");
	in[24 * 1024] = '\0';
	expect(f, "RegisterJobDefinition", in, NULL);
}

/* Multi-node definitions come back as they were said, with the lists that AWS fills in. */
static void test_multinode(void **state)
{
	struct fixture *f = *state;

	expect(f, "RegisterJobDefinition",
	       "{'jobDefinitionName':'mnp'," NODES("4", "1", RANGE("0:") "," RANGE("2:3")) "}",
	       NULL);
	expect(f, "DescribeJobDefinitions", "{'jobDefinitionName':'mnp'}",
	       "{'jobDefinitions':[{'type':'multinode','nodeProperties':{'numNodes':4,'mainNode':1,"
	       "'nodeRangeProperties':[{'targetNodes':'0:','container':{'image':'host','command':[]"
	       ","
	       "'ulimits':[]}},{'targetNodes':'2:3'}]}}]}");
}

int main(void)
{
#define SLOW(test) cmocka_unit_test_setup_teardown(test, api_up_slow, api_down)
	const struct CMUnitTest tests[] = {
		SLOW(test_definitions),
		SLOW(test_definition_rules),
		SLOW(test_definition_size),
		SLOW(test_multinode),
	};

	return cmocka_run_group_tests_name("api_definitions", tests, NULL, NULL);
}
