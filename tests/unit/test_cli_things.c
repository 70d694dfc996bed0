/* The commands that make, change and delete things: which requests they make. */
#include "config.h"
#include "cli_script.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/fs.h"
#include "jobdeck/base/mem.h"

#define MADE(kind, arn, name)                                                                      \
	"{\"" kind "Name\":\"" name "\",\"" kind "Arn\":\"arn:aws:batch:us-east-1:1:" arn "/" name \
	"\"}"

static void test_environment_create(void **state)
{
	static const struct expected plain[] = {
		{ "JobdeckStatus", "{}", "{\"pool\":{\"vcpus\":6}}" },
		{ "CreateComputeEnvironment",
		  "{\"computeEnvironmentName\":\"e\",\"type\":\"MANAGED\",\"computeResources\":"
		  "{\"type\":\"EC2\",\"maxvCpus\":6,\"subnets\":[],\"securityGroupIds\":[],"
		  "\"instanceTypes\":[\"optimal\"],\"allocationStrategy\":"
		  "\"BEST_FIT_PROGRESSIVE\"}}",
		  MADE("computeEnvironment", "compute-environment", "e") },
		NOTHING,
	};
	static const struct expected spot[] = {
		{ "CreateComputeEnvironment",
		  "{\"computeEnvironmentName\":\"s\",\"tags\":{\"a\":\"b=c\"},\"type\":"
		  "\"MANAGED\",\"computeResources\":{\"type\":\"SPOT\",\"minvCpus\":2,\"maxvCpus\":"
		  "16,\"instanceTypes\":[\"c5\",\"m5.large\"],\"bidPercentage\":60,"
		  "\"scalingPolicy\":{\"minScaleDownDelayMinutes\":20},\"subnets\":[],"
		  "\"securityGroupIds\":[],\"allocationStrategy\":"
		  "\"SPOT_PRICE_CAPACITY_OPTIMIZED\"}}",
		  MADE("computeEnvironment", "compute-environment", "s") },
		NOTHING,
	};
	static const struct expected fargate[] = {
		{ "CreateComputeEnvironment",
		  "\"computeResources\":{\"type\":\"FARGATE_SPOT\",\"maxvCpus\":4,\"subnets\":[],"
		  "\"securityGroupIds\":[]}}",
		  MADE("computeEnvironment", "compute-environment", "f") },
		NOTHING,
	};
	static const struct expected unmanaged[] = {
		{ "CreateComputeEnvironment",
		  "{\"computeEnvironmentName\":\"u\",\"type\":\"UNMANAGED\",\"serviceRole\":"
		  "\"jobdeck\",\"unmanagedvCpus\":100}",
		  MADE("computeEnvironment", "compute-environment", "u") },
		NOTHING,
	};

	(void)state;
	check("environment create e", plain, 0, "", "environment e is made");
	check("environment create s --type spot --min 2 --max 16 --instance-types c5,m5.large "
	      "--bid 60 --scale-down-delay 20 --tag a=b=c",
	      spot, 0, "", "environment s is made");
	check("environment create f -t fargate-spot --max 4", fargate, 0, "", NULL);
	check("environment create u -t UNMANAGED --max 100 --jsonl", unmanaged, 0,
	      MADE("computeEnvironment", "compute-environment", "u") "\n", NULL);
}

static void test_environment_update(void **state)
{
	static const struct expected managed[] = {
		{ "DescribeComputeEnvironments", "\"e\"",
		  "{\"computeEnvironments\":[{\"type\":\"MANAGED\"}]}" },
		{ "UpdateComputeEnvironment",
		  "{\"computeEnvironment\":\"e\",\"computeResources\":{\"maxvCpus\":8,"
		  "\"allocationStrategy\":\"BEST_FIT_PROGRESSIVE_ORDERED\"},\"updatePolicy\":"
		  "{\"terminateJobsOnUpdate\":false,\"jobExecutionTimeoutMinutes\":5}}",
		  "{}" },
		NOTHING,
	};
	static const struct expected unmanaged[] = {
		{ "DescribeComputeEnvironments", "\"u\"",
		  "{\"computeEnvironments\":[{\"type\":\"UNMANAGED\"}]}" },
		{ "UpdateComputeEnvironment", "{\"computeEnvironment\":\"u\",\"unmanagedvCpus\":8}",
		  "{}" },
		NOTHING,
	};
	static const struct expected refresh[] = {
		{ "UpdateComputeEnvironment",
		  "{\"computeEnvironment\":\"e\",\"computeResources\":"
		  "{\"updateToLatestImageVersion\":true},\"updatePolicy\":"
		  "{\"terminateJobsOnUpdate\":true}}",
		  "!3 Cannot update, resource is being modified." },
		NOTHING,
	};

	(void)state;
	check("environment update e --max 8 --strategy best-fit-progressive-ordered --drain 5",
	      managed, 0, "", "environment e is changed");
	check("environment update u --max 8", unmanaged, 0, "", "environment u is changed");
	check("environment update e --refresh --terminate-jobs", refresh, EXIT_FAILED, "",
	      "resource is being modified");
	check("environment update e", nothing, EXIT_USAGE, "", "nothing to change");
}

static void test_environment_switch(void **state)
{
	static const struct expected off[] = {
		{ "UpdateComputeEnvironment",
		  "{\"computeEnvironment\":\"a\",\"state\":\"DISABLED\"}", "{}" },
		{ "UpdateComputeEnvironment",
		  "{\"computeEnvironment\":\"b\",\"state\":\"DISABLED\"}", "!2 b does not exist" },
		{ "UpdateComputeEnvironment",
		  "{\"computeEnvironment\":\"c\",\"state\":\"DISABLED\"}", "{}" },
		NOTHING,
	};
	static const struct expected gone[] = {
		{ "DeleteComputeEnvironment", "{\"computeEnvironment\":\"a\"}", "{}" },
		{ "DescribeComputeEnvironments", "\"a\"",
		  "{\"computeEnvironments\":[{\"status\":\"DELETED\"}]}" },
		NOTHING,
	};

	(void)state;
	check("environment disable a b c", off, EXIT_NOT_FOUND, "", "c is DISABLED");
	check("environment delete a", gone, 0, "", "environment a is deleted");
}

static void test_queue(void **state)
{
	static const struct expected create[] = {
		{ "ListSchedulingPolicies", "{}",
		  "{\"schedulingPolicies\":[{\"arn\":\"arn:aws:batch:us-east-1:1:scheduling-policy/"
		  "other\"},{\"arn\":\"arn:aws:batch:us-east-1:1:scheduling-policy/fair\"}]}" },
		{ "CreateJobQueue",
		  "{\"jobQueueName\":\"q\",\"tags\":{\"team\":\"x\","
		  "\"jobdeck:backfill\":\"on\",\"jobdeck:max-running\":\"3\"},\"priority\":50,"
		  "\"jobStateTimeLimitActions\":[{\"reason\":\"CAPACITY:INSUFFICIENT_INSTANCE_"
		  "CAPACITY\",\"state\":\"RUNNABLE\",\"maxTimeSeconds\":1200,\"action\":\"CANCEL\"}"
		  "],\"schedulingPolicyArn\":\"arn:aws:batch:us-east-1:1:scheduling-policy/fair\","
		  "\"computeEnvironmentOrder\":[{\"order\":1,\"computeEnvironment\":\"a\"},"
		  "{\"order\":2,\"computeEnvironment\":\"b\"}]}",
		  MADE("jobQueue", "job-queue", "q") },
		NOTHING,
	};
	static const struct expected update[] = {
		{ "UpdateJobQueue", "{\"jobQueue\":\"q\",\"priority\":7}",
		  MADE("jobQueue", "job-queue", "q") },
		{ "TagResource",
		  "{\"resourceArn\":\"arn:aws:batch:us-east-1:1:job-queue/q\",\"tags\":"
		  "{\"jobdeck:backfill\":\"off\"}}",
		  "{}" },
		NOTHING,
	};
	static const struct expected no_policy[] = {
		{ "ListSchedulingPolicies", "{}", "{\"schedulingPolicies\":[]}" },
		NOTHING,
	};

	(void)state;
	check("queue create q --priority 50 --environments a,b --policy fair --backfill on "
	      "--max-running 3 --tag team=x "
	      "--limit CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY=20m",
	      create, 0, "", "queue q is made");
	check("queue update q -p 7 --backfill off", update, 0, "", "queue q is changed");
	check("queue create q --environments a --policy none", no_policy, EXIT_NOT_FOUND, "",
	      "no scheduling policy 'none'");
	check("queue create q", nothing, EXIT_USAGE, "", "--environments");
	check("queue create q --environments a --limit soon", nothing, EXIT_USAGE, "",
	      "--limit takes NAME=VALUE");
	check("queue create q --environments a --limit X=soon", nothing, EXIT_USAGE, "",
	      "--limit takes REASON=TIME");
	check("queue create q --environments a --tag x", nothing, EXIT_USAGE, "",
	      "--tag takes NAME=VALUE");
	check("queue create q --environments a --priority 10001", nothing, EXIT_USAGE, "",
	      "from 0 to 10000");
	check("queue update q", nothing, EXIT_USAGE, "", "nothing to change");
}

static void test_verbs(void **state)
{
	static const struct expected list[] = {
		{ "JobdeckOverview", "{}", "{\"queues\":[]}" },
		{ "DescribeJobQueues", "{}", "{\"jobQueues\":[{\"jobQueueName\":\"q\"}]}" },
		NOTHING,
	};
	static const struct expected describe[] = {
		{ "DescribeJobQueues", "[\"q\"]",
		  "{\"jobQueues\":[{\"jobQueueName\":\"q\",\"priority\":3}]}" },
		NOTHING,
	};

	(void)state;
	check("queue", nothing, EXIT_USAGE, "", "queue needs");
	check("queue paint q", nothing, EXIT_USAGE, "",
	      "'paint' is none of: create, update, enable, disable, delete, list, describe");
	check("queue enable", nothing, EXIT_USAGE, "", "queue enable needs QUEUE");
	check("queue create a b", nothing, EXIT_USAGE, "", "'b'");
	check("queue delete q --priority 3", nothing, EXIT_USAGE, "",
	      "queue delete has no use for --priority");
	check("--read-only queue enable q", nothing, EXIT_REFUSED, "", "--read-only");
	check("--read-only queue list --jsonl", list, 0, "{\"jobQueueName\":\"q\"}\n", NULL);
	check("--read-only --jsonl queue describe q", describe, 0,
	      "{\"jobQueueName\":\"q\",\"priority\":3}\n", NULL);
}

#define POLICY_ARN "arn:aws:batch:us-east-1:1:scheduling-policy/fair"

static void test_policy(void **state)
{
	static const struct expected create[] = {
		{ "CreateSchedulingPolicy",
		  "{\"name\":\"fair\",\"fairsharePolicy\":{\"shareDecaySeconds\":3600,"
		  "\"computeReservation\":10,\"shareDistribution\":[{\"shareIdentifier\":\"a*\","
		  "\"weightFactor\":0.5},{\"shareIdentifier\":\"b\",\"weightFactor\":2}]}}",
		  "{}" },
		NOTHING,
	};
	static const struct expected update[] = {
		{ "DescribeSchedulingPolicies", "{\"arns\":[\"" POLICY_ARN "\"]}",
		  "{\"schedulingPolicies\":[{\"fairsharePolicy\":{\"shareDecaySeconds\":60,"
		  "\"computeReservation\":1,\"shareDistribution\":[{\"shareIdentifier\":\"a\","
		  "\"weightFactor\":1},{\"shareIdentifier\":\"b\",\"weightFactor\":1},"
		  "{\"shareIdentifier\":\"c\",\"weightFactor\":1}]}}]}" },
		{ "UpdateSchedulingPolicy",
		  "{\"arn\":\"" POLICY_ARN "\",\"fairsharePolicy\":{\"shareDecaySeconds\":60,"
		  "\"shareDistribution\":[{\"shareIdentifier\":\"a\",\"weightFactor\":1},"
		  "{\"shareIdentifier\":\"c\",\"weightFactor\":3}],\"computeReservation\":5}}",
		  "{}" },
		NOTHING,
	};
	static const struct expected list[] = {
		{ "ListSchedulingPolicies", "{}",
		  "{\"schedulingPolicies\":[{\"arn\":\"" POLICY_ARN "\"}]}" },
		{ "DescribeSchedulingPolicies", POLICY_ARN,
		  "{\"schedulingPolicies\":[{\"name\":\"fair\",\"fairsharePolicy\":"
		  "{\"shareDecaySeconds\":3600,\"computeReservation\":5,\"shareDistribution\":"
		  "[{\"shareIdentifier\":\"a\"},{\"shareIdentifier\":\"c\",\"weightFactor\":0.5}"
		  "]}}]}" },
		NOTHING,
	};
	static const struct expected delete[] = {
		{ "DeleteSchedulingPolicy", "{\"arn\":\"" POLICY_ARN "\"}", "{}" },
		NOTHING,
	};

	(void)state;
	check("policy create fair --decay 1h --reservation 10 --share a*=0.5 --share b=2", create,
	      0, "", "policy fair is made");
	check("policy update " POLICY_ARN " --reservation 5 --remove-share b --share c=3", update,
	      0, "", "is changed");
	check("policy list", list, 0,
	      "POLICY  DECAY  RESERVATION  SHARES\n"
	      "fair    1h00m           5%  a=1,c=0.5\n",
	      NULL);
	check("policy delete " POLICY_ARN, delete, 0, "", "is deleted");
	check("policy create fair --decay 8d", nothing, EXIT_USAGE, "",
	      "--decay is from 0 to 604800 seconds");
	check("policy create fair --decay soon", nothing, EXIT_USAGE, "", "--decay takes a time");
	check("policy create fair --share a=much", nothing, EXIT_USAGE, "",
	      "--share takes ID=WEIGHT");
}

static void test_consumable(void **state)
{
	static const struct expected create[] = {
		{ "CreateConsumableResource",
		  "{\"consumableResourceName\":\"lic\",\"totalQuantity\":4,\"resourceType\":"
		  "\"NON_REPLENISHABLE\"}",
		  "{}" },
		NOTHING,
	};
	static const struct expected add[] = {
		{ "UpdateConsumableResource",
		  "{\"consumableResource\":\"lic\",\"operation\":\"ADD\",\"quantity\":3}",
		  "{\"totalQuantity\":7}" },
		NOTHING,
	};
	static const struct expected list[] = {
		{ "ListConsumableResources", "{}",
		  "{\"consumableResources\":[{\"consumableResourceName\":\"lic\",\"resourceType\":"
		  "\"REPLENISHABLE\",\"totalQuantity\":7,\"inUseQuantity\":2}]}" },
		NOTHING,
	};
	static const struct expected delete[] = {
		{ "DeleteConsumableResource", "{\"consumableResource\":\"lic\"}", "{}" },
		NOTHING,
	};

	(void)state;
	check("consumable create lic --total 4 --type non-replenishable", create, 0, "",
	      "consumable lic is made");
	check("consumable update lic --add 3", add, 0, "", "consumable lic: 7 in all");
	check("consumable list", list, 0,
	      "CONSUMABLE  TYPE           TOTAL  IN USE  FREE\n"
	      "lic         REPLENISHABLE      7       2     5\n",
	      NULL);
	check("consumable delete lic", delete, 0, "", "consumable lic is deleted");
	check("consumable create lic", nothing, EXIT_USAGE, "", "--total");
	check("consumable update lic --add 3 --set 2", nothing, EXIT_USAGE, "", "say one of");
	check("consumable update lic", nothing, EXIT_USAGE, "", "say one of");
}

static void test_definition(void **state)
{
	static const struct expected registers[] = {
		{ "RegisterJobDefinition", "{\"jobDefinitionName\":\"d\",\"type\":\"container\"}",
		  "{\"jobDefinitionName\":\"d\",\"revision\":3}" },
		NOTHING,
	};
	static const struct expected bad[] = {
		{ "RegisterJobDefinition", "", "!1 Job Definition name should match" },
		NOTHING,
	};
	static const struct expected retire[] = {
		{ "DeregisterJobDefinition", "{\"jobDefinition\":\"d:3\"}", "{}" },
		NOTHING,
	};
	static const char json[] = "{\"jobDefinitionName\":\"d\",\n \"type\":\"container\"}\n";
	cleanup_free char *path = xasprintf("%s/d.json", cli_home.dir);
	cleanup_free char *line = xasprintf("definition register %s", path);

	(void)state;
	assert_int_equal(fs_write_atomic(path, json, strlen(json), NULL), 0);
	check(line, registers, 0, "d:3\n", NULL);
	check(line, bad, EXIT_USAGE, "", "d.json: Job Definition name");
	assert_int_equal(fs_write_atomic(path, "{", 1, NULL), 0);
	check(line, nothing, EXIT_USAGE, "", "d.json is no JSON");
	check("definition register /nowhere/d.json", nothing, EXIT_FAILED, "",
	      "cannot read /nowhere/d.json");
	check("definition deregister d:3", retire, 0, "", "d:3 is INACTIVE");
}

/* --- the scheduler's own: instances, drills, why ---------------------------------------- */

#define ID "01a205a7-2429-7000-8d59-c66f877f17ea"

static void test_hold(void **state)
{
	static const struct expected e[] = {
		{ "JobdeckHold", "{\"jobId\":\"" ID ":3\"}", "{}" },
		{ "JobdeckFindJobs", "none", "{\"jobs\":[]}" },
		NOTHING,
	};
	static const struct expected release[] = {
		{ "JobdeckRelease", "{\"jobId\":\"" ID "\"}", "!3 it does not wait" },
		NOTHING,
	};

	(void)state;
	check("hold " ID ":3 none", e, EXIT_NOT_FOUND, ID ":3\n", "'none'");
	check("release " ID, release, EXIT_FAILED, "", "it does not wait");
	check("--read-only hold " ID, nothing, EXIT_REFUSED, "", "--read-only");
}

static void test_instances(void **state)
{
	static const struct expected e[] = {
		{ "JobdeckInstances", "{\"computeEnvironment\":\"e\"}",
		  "{\"instances\":[{\"instanceId\":\"i-00000000000000001\",\"instanceType\":"
		  "\"m5.large\",\"computeEnvironment\":\"e\",\"status\":\"UP\",\"spot\":true,"
		  "\"capacity\":{\"vcpus\":2,\"memory\":8192,\"gpus\":0},\"used\":{\"vcpus\":"
		  "1.5,\"memory\":512,\"gpus\":0},\"jobs\":3}]}" },
		NOTHING,
	};

	(void)state;
	check("instances e", e, 0,
	      "INSTANCE             TYPE           ENVIRONMENT  STATUS  VCPUS       MIB  GPUS  "
	      "JOBS  AGE  GOES IN\n"
	      "i-00000000000000001  m5.large spot  e            UP      1.5/2  512/8192     -  "
	      "   3    -        -\n",
	      NULL);
}

static void test_drill(void **state)
{
	static const struct expected reclaim[] = {
		{ "JobdeckDrill", "{\"action\":\"RECLAIM\",\"target\":\"i-1\"}", "{}" },
		{ "JobdeckDrill", "{\"action\":\"RECLAIM\",\"target\":\"" ID "\"}", "{}" },
		NOTHING,
	};
	static const struct expected refuse[] = {
		{ "JobdeckDrill",
		  "{\"action\":\"REFUSE_CAPACITY\",\"target\":\"e\",\"forSeconds\":300}", "{}" },
		NOTHING,
	};
	static const struct expected block[] = {
		{ "JobdeckDrill", "{\"action\":\"BLOCK_QUEUE\",\"target\":\"q\"}", "{}" },
		NOTHING,
	};
	static const struct expected end[] = {
		{ "JobdeckDrill", "{\"action\":\"END\"}", "{}" },
		NOTHING,
	};
	static const struct expected list[] = {
		{ "JobdeckDrill", "{\"action\":\"LIST\"}",
		  "{\"drills\":[{\"action\":\"BLOCK_QUEUE\",\"target\":\"q\",\"until\":5}]}" },
		NOTHING,
	};

	(void)state;
	check("drill reclaim i-1 " ID, reclaim, 0, "", "i-1 was given notice");
	check("drill refuse-capacity e --for 5m", refuse, 0, "", "environment e gets no capacity");
	check("drill block q", block, 0, "", "queue q places no jobs");
	check("drill end", end, 0, "", "");
	check("drill list --jsonl", list, 0,
	      "{\"action\":\"BLOCK_QUEUE\",\"target\":\"q\",\"until\":5}\n", NULL);
	check("drill reclaim i-1 --for 5m", nothing, EXIT_USAGE, "", "no use for --for");
	check("drill block q --for ever", nothing, EXIT_USAGE, "", "--for takes a time");
	check("drill", nothing, EXIT_USAGE, "", "drill needs");
}

static void test_why(void **state)
{
	static const struct expected e[] = {
		{ "JobdeckWhy", "{\"jobId\":\"" ID "\"}",
		  "{\"jobId\":\"" ID "\",\"jobName\":\"n\",\"jobQueue\":\"q\",\"status\":"
		  "\"RUNNABLE\",\"rungs\":[{\"rung\":\"dependencies\",\"verdict\":\"OK\","
		  "\"text\":\"none\",\"help\":\"not shown\"},{\"rung\":\"order\",\"verdict\":"
		  "\"WAIT\",\"text\":\"2nd\",\"help\":\"wait\"},{\"rung\":\"fits\","
		  "\"verdict\":\"NEVER\",\"text\":\"\\u001b[2J 8 vCPU\"},{\"rung\":\"room\","
		  "\"verdict\":\"NOT_REACHED\",\"text\":\"\"}]}" },
		NOTHING,
	};
	static const struct expected ended[] = {
		{ "JobdeckWhy", "",
		  "{\"jobId\":\"" ID "\",\"jobName\":\"n\",\"jobQueue\":\"q\",\"status\":"
		  "\"FAILED\",\"statusReason\":\"because\"}" },
		NOTHING,
	};

	(void)state;
	check("why " ID, e, 0,
	      "job " ID " (n) in queue q is RUNNABLE\n"
	      "  dependencies  ok     none\n"
	      "> order         WAIT   2nd\n"
	      "                       wait\n"
	      "! fits          NEVER  ^[[2J 8 vCPU\n"
	      "  room          ---\n",
	      NULL);
	check("why " ID, ended, 0, "job " ID " (n) in queue q is FAILED\nbecause\n", NULL);
	check("why --jsonl " ID, ended, 0,
	      "{\"jobId\":\"" ID "\",\"jobName\":\"n\",\"jobQueue\":\"q\",\"status\":"
	      "\"FAILED\",\"statusReason\":\"because\"}\n",
	      NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_environment_create),
		cmocka_unit_test(test_environment_update),
		cmocka_unit_test(test_environment_switch),
		cmocka_unit_test(test_queue),
		cmocka_unit_test(test_verbs),
		cmocka_unit_test(test_policy),
		cmocka_unit_test(test_consumable),
		cmocka_unit_test(test_definition),
		cmocka_unit_test(test_hold),
		cmocka_unit_test(test_instances),
		cmocka_unit_test(test_drill),
		cmocka_unit_test(test_why),
	};

	return cmocka_run_group_tests_name("cli things", tests, cli_up, cli_down);
}
