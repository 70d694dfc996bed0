/* Whole runs of the program against a made-up API: which requests a command makes, and what
 * it makes of the answers. */
#include "config.h"
#include "cli_script.h"
#include <string.h>
#include <unistd.h>
#include "jobdeck/base/fs.h"
#include "jobdeck/base/mem.h"

#define ONE_QUEUE     "{\"jobQueues\":[{\"jobQueueName\":\"only\",\"state\":\"ENABLED\"}]}"
#define NO_DEFINITION "{\"jobDefinitions\":[]}"
#define ID	      "01a205a7-2429-7000-8d59-c66f877f17ea"
#define SUBMITTED     "{\"jobId\":\"" ID "\",\"jobName\":\"x\"}"
static void test_submit_new(void **state)
{
	static const struct expected e[] = {
		{ "DescribeJobQueues", "{}", ONE_QUEUE },
		{ "DescribeJobDefinitions",
		  "\"jobDefinitionName\":\"host-echo\",\"status\":\"ACTIVE\"", NO_DEFINITION },
		{ "RegisterJobDefinition",
		  "\"containerProperties\":{\"image\":\"host\",\"command\":[\"/bin/echo\",\"hi\"],"
		  "\"resourceRequirements\":[{\"type\":\"VCPU\",\"value\":\"1\"},"
		  "{\"type\":\"MEMORY\",\"value\":\"512\"}]}",
		  "{\"revision\":4}" },
		{ "SubmitJob",
		  "{\"jobName\":\"echo\",\"jobQueue\":\"only\",\"jobDefinition\":\"host-echo:4\","
		  "\"tags\":{\"jobdeck:directory\":\"/",
		  SUBMITTED },
		NOTHING,
	};

	(void)state;
	check("submit -- /bin/echo hi", e, 0, ID "\n", NULL);
}

#define DEFINITION(rev, more)                                                                   \
	"{\"jobDefinitionName\":\"host-echo\",\"revision\":" #rev ",\"type\":\"container\","    \
	"\"containerProperties\":{\"image\":\"host\",\"command\":[\"echo\",\"hi\"],"            \
	"\"environment\":[],\"resourceRequirements\":[{\"type\":\"MEMORY\",\"value\":\"512\"}," \
	"{\"type\":\"VCPU\",\"value\":\"1\"}]" more "}}"

static void test_submit_reuses(void **state)
{
	static const struct expected same[] = {
		{ "DescribeJobQueues", "", ONE_QUEUE },
		{ "DescribeJobDefinitions", "",
		  "{\"jobDefinitions\":[" DEFINITION(2, "") "," DEFINITION(7, "") "," DEFINITION(
			  9, ",\"user\":\"nobody\"") "]}" },
		{ "SubmitJob", "\"jobDefinition\":\"host-echo:7\",\"tags\"", SUBMITTED },
		NOTHING,
	};
	static const struct expected other[] = {
		{ "DescribeJobQueues", "", ONE_QUEUE },
		{ "DescribeJobDefinitions", "", "{\"jobDefinitions\":[" DEFINITION(2, "") "]}" },
		{ "SubmitJob",
		  "\"containerOverrides\":{\"command\":[\"echo\",\"ho\"],\"resourceRequirements\":"
		  "[{\"type\":\"VCPU\",\"value\":\"3\"}]}",
		  SUBMITTED },
		NOTHING,
	};

	(void)state;
	check("submit -- echo hi", same, 0, ID "\n", NULL);
	check("submit --vcpus 3 --memory 512 -- echo ho", other, 0, ID "\n", NULL);
}

static void test_submit_options(void **state)
{
	static const struct expected e[] = {
		{ "JobdeckFindJobs", "{\"text\":\"prepare\",\"limit\":100}",
		  "{\"jobs\":[{\"jobId\":\"" ID "\"}]}" },
		{ "SubmitJob",
		  "{\"jobName\":\"n\",\"jobQueue\":\"q\",\"jobDefinition\":\"d:3\","
		  "\"containerOverrides\":"
		  "{\"environment\":[{\"name\":\"A\",\"value\":\"b=c\"}],\"command\":[\"run\"],"
		  "\"resourceRequirements\":[{\"type\":\"MEMORY\",\"value\":\"64\"}]},"
		  "\"dependsOn\":"
		  "[{\"jobId\":\"" ID "\"},{\"jobId\":\"" ID
		  "\"}],\"retryStrategy\":{\"attempts\":4},"
		  "\"timeout\":{\"attemptDurationSeconds\":90},\"tags\"",
		  SUBMITTED },
		NOTHING,
	};

	(void)state;
	check("submit -q q -n n --definition d:3 --memory 64 -d prepare -d " ID
	      " -e A=b=c --retry 4 --timeout 90 -- run",
	      e, 0, ID "\n", NULL);
	check("submit --retry 11 -- x", nothing, EXIT_USAGE, "", "1 to 10");
	check("submit --timeout 59 -- x", nothing, EXIT_USAGE, "", "from 60");
	check("submit -e =x -- x", nothing, EXIT_USAGE, "", "NAME=VALUE");
	check("submit --definition d --image i", nothing, EXIT_USAGE, "", "exclude");
	check("submit", nothing, EXIT_USAGE, "", "nothing to run");
	check("submit x", nothing, EXIT_USAGE, "", "jobdeck submit -- x");
}

static void test_submit_which_queue(void **state)
{
	static const struct expected many[] = {
		{ "DescribeJobQueues", "",
		  "{\"jobQueues\":[{\"jobQueueName\":\"a\",\"state\":\"ENABLED\"},"
		  "{\"jobQueueName\":\"b\",\"state\":\"ENABLED\"},"
		  "{\"jobQueueName\":\"default\",\"state\":\"DISABLED\"}]}" },
		NOTHING,
	};
	static const struct expected none[] = {
		{ "DescribeJobQueues", "",
		  "{\"jobQueues\":[{\"jobQueueName\":\"a\",\"state\":\"DISABLED\"}]}" },
		NOTHING,
	};
	static const struct expected paged[] = {
		{ "DescribeJobQueues", "{}",
		  "{\"jobQueues\":[{\"jobQueueName\":\"a\",\"state\":\"ENABLED\"}],\"nextToken\":"
		  "\"t\"}" },
		{ "DescribeJobQueues", "{\"nextToken\":\"t\"}",
		  "{\"jobQueues\":[{\"jobQueueName\":\"default\",\"state\":\"ENABLED\"}]}" },
		{ "DescribeJobDefinitions", "", "{\"jobDefinitions\":[" DEFINITION(2, "") "]}" },
		{ "SubmitJob", "\"jobQueue\":\"default\"", SUBMITTED },
		NOTHING,
	};

	(void)state;
	check("submit -- echo hi", many, EXIT_USAGE, "", "one of: a, b");
	check("submit -- echo hi", none, EXIT_FAILED, "", "jobdeck queue enable");
	check("submit -- echo hi", paged, 0, ID "\n", NULL);
}

static void test_submit_on_nothing(void **state)
{
	static const struct expected e[] = {
		{ "DescribeJobQueues", "{}", "{\"jobQueues\":[]}" },
		{ "JobdeckStatus", "{}", "{\"pool\":{\"vcpus\":6.5}}" },
		{ "DescribeComputeEnvironments", "[\"local-ce\"]", "{\"computeEnvironments\":[]}" },
		{ "CreateComputeEnvironment",
		  "\"type\":\"MANAGED\",\"state\":\"ENABLED\",\"computeResources\":{\"type\":"
		  "\"EC2\","
		  "\"minvCpus\":0,\"maxvCpus\":6,\"instanceTypes\":[\"optimal\"]",
		  "{}" },
		{ "DescribeComputeEnvironments", "",
		  "{\"computeEnvironments\":[{\"status\":\"CREATING\"}]}" },
		{ "DescribeComputeEnvironments", "",
		  "{\"computeEnvironments\":[{\"status\":\"VALID\"}]}" },
		{ "DescribeJobQueues", "[\"default\"]", "{\"jobQueues\":[]}" },
		/* Somebody else makes it in between. */
		{ "CreateJobQueue", "\"order\":1,\"computeEnvironment\":\"local-ce\"",
		  "!1 Object already exists" },
		{ "DescribeJobQueues", "", "{\"jobQueues\":[{\"status\":\"VALID\"}]}" },
		{ "DescribeJobQueues", "", "{\"jobQueues\":[{\"status\":\"VALID\"}]}" },
		{ "DescribeJobDefinitions", "", "{\"jobDefinitions\":[" DEFINITION(2, "") "]}" },
		{ "SubmitJob", "\"jobQueue\":\"default\"", SUBMITTED },
		NOTHING,
	};

	(void)state;
	check("submit -- echo hi", e, 0, ID "\n", "at most 6 vCPUs");
}

#define JOB(status, more) \
	"{\"jobs\":[{\"jobId\":\"" ID "\",\"jobName\":\"x\",\"status\":\"" status "\"" more "}]}"
#define STREAM ",\"container\":{\"logStreamName\":\"s/1\"}"

static void test_submit_follow(void **state)
{
	static const struct expected e[] = {
		{ "DescribeJobQueues", "", ONE_QUEUE },
		{ "DescribeJobDefinitions", "", "{\"jobDefinitions\":[" DEFINITION(2, "") "]}" },
		{ "SubmitJob", "", SUBMITTED },
		{ "DescribeJobs", "[\"" ID "\"]", JOB("RUNNING", STREAM) },
		{ "GetLogEvents", "\"logStreamName\":\"s/1\",\"startFromHead\":true",
		  "{\"events\":[{\"message\":\"one\"}],\"nextForwardToken\":\"f/1\"}" },
		{ "GetLogEvents", "\"nextToken\":\"f/1\"",
		  "!5 lost the server" }, /* the next look asks for the job anew */
		{ "DescribeJobs", "",
		  JOB("FAILED",
		      ",\"statusReason\":\"r\",\"container\":{\"exitCode\":7,\"logStreamName\":"
		      "\"s/1\"},\"attempts\":[{\"container\":{\"logStreamName\":\"s/1\"}}]") },
		{ "GetLogEvents", "\"nextToken\":\"f/1\"",
		  "{\"events\":[{\"message\":\"two\",\"jobdeckStream\":\"stdout\"}],"
		  "\"nextForwardToken\":\"f/2\"}" },
		{ "GetLogEvents", "\"nextToken\":\"f/2\"",
		  "{\"events\":[],\"nextForwardToken\":\"f/2\"}" },
		NOTHING,
	};

	(void)state;
	check("submit --follow -- echo hi", e, 7, "one\ntwo\n", "FAILED: exit code 7 (r)");
}

static void test_wait(void **state)
{
	static const struct expected e[] = {
		{ "JobdeckWatch", "\"seq\":-1", "{\"seq\":5}" },
		{ "DescribeJobs", "", JOB("RUNNING", "") },
		{ "JobdeckWatch", "\"seq\":5,\"timeoutMs\":20000", "!5 lost" },
		/* The next server has just started. */
		{ "JobdeckWatch", "\"seq\":-1", "{\"seq\":0}" },
		{ "DescribeJobs", "", JOB("RUNNING", "") },
		{ "JobdeckWatch", "\"seq\":0,\"timeoutMs\":20000", "{\"seq\":1}" },
		{ "DescribeJobs", "", JOB("SUCCEEDED", "") },
		NOTHING,
	};
	static const struct expected failed[] = {
		{ "JobdeckWatch", "", "{\"seq\":5}" },
		{ "DescribeJobs", "", JOB("FAILED", ",\"statusReason\":\"Dependent Job failed\"") },
		NOTHING,
	};
	static const struct expected gone[] = {
		{ "JobdeckWatch", "", "{\"seq\":5}" },
		{ "DescribeJobs", "", "{\"jobs\":[]}" },
		NOTHING,
	};
	static const struct expected late[] = {
		{ "JobdeckWatch", "", "{\"seq\":5}" },
		{ "DescribeJobs", "", JOB("RUNNABLE", "") },
		NOTHING,
	};

	(void)state;
	check("wait " ID, e, 0, ID " SUCCEEDED\n", NULL);
	check("wait " ID " " ID, failed, EXIT_JOB_FAILED, ID " FAILED\n", "Dependent Job failed");
	check("wait " ID, gone, EXIT_NOT_FOUND, "", "no job");
	check("wait --timeout 0 " ID, late, EXIT_TIMED_OUT, "", "1 job has not ended");
	check("wait", nothing, EXIT_USAGE, "", "--all");
	check("wait --all " ID, nothing, EXIT_USAGE, "", "--all");
}

static void test_cancel(void **state)
{
	static const struct expected running[] = {
		{ "DescribeJobs", "", JOB("RUNNING", "") },
		{ "CancelJob", "\"reason\":\"late\"", "{}" },
		{ "DescribeJobs", "", JOB("RUNNING", "") },
		NOTHING,
	};
	static const struct expected waiting[] = {
		{ "DescribeJobs", "", JOB("PENDING", "") },
		{ "CancelJob", "\"reason\":\"Canceled", "{}" },
		{ "DescribeJobs", "", JOB("FAILED", "") },
		{ "JobdeckFindJobs", "\"text\":\"none\"", "{\"jobs\":[]}" },
		NOTHING,
	};

	(void)state;
	check("cancel --reason late " ID, running, EXIT_REFUSED, "", "jobdeck terminate " ID);
	check("cancel " ID " none", waiting, EXIT_NOT_FOUND, ID "\n", "'none'");
}

static void test_exit_codes(void **state)
{
	static const struct expected refused[] = { { "JobdeckOverview", "{}", "!4 not yours" },
						   NOTHING };
	static const struct expected lost[] = { { "JobdeckOverview", "{}", "!5 no server" },
						NOTHING };

	(void)state;
	check("queues", refused, EXIT_REFUSED, "", "jobdeck: not yours");
	check("queues", lost, EXIT_FAILED, "", "jobdeck: no server");
	check("jbos", nothing, EXIT_USAGE, "", "did you mean 'jobs'?");
	check("", nothing, EXIT_USAGE, "", "needs a terminal");
	check("--read-only submit -- x", nothing, EXIT_REFUSED, "", "--read-only");
	check("--read-only api SubmitJob", nothing, EXIT_REFUSED, "", "--read-only");
	check("stop-server --json", nothing, EXIT_USAGE, "", "JSON");
	check("--version", nothing, 0, "jobdeck " PACKAGE_VERSION "\n", NULL);
	check("logs", nothing, EXIT_USAGE, "", "logs needs JOB");
	check("jobs extra", nothing, EXIT_USAGE, "", "'extra'");
	check("jobs --status runing", nothing, EXIT_USAGE, "", "RUNNABLE");
}

static void test_jobs(void **state)
{
	static const struct expected e[] = {
		{ "DescribeJobQueues", "",
		  "{\"jobQueues\":[{\"jobQueueName\":\"a\"},{\"jobQueueName\":\"b\"}]}" },
		{ "ListJobs",
		  "{\"jobQueue\":\"a\",\"filters\":[{\"name\":\"AFTER_CREATED_AT\",\"values\":["
		  "\"0\"]}]"
		  "}",
		  "{\"jobSummaryList\":[{\"jobId\":\"3\",\"createdAt\":3},{\"jobId\":\"1\","
		  "\"createdAt\":1}]}" },
		{ "ListJobs", "\"jobQueue\":\"b\"",
		  "{\"jobSummaryList\":[{\"jobId\":\"2\",\"createdAt\":2},{\"jobId\":\"0\","
		  "\"createdAt\":0}],\"nextToken\":\"more\"}" },
		NOTHING,
	};

	(void)state;
	check("jobs --jsonl --limit 2", e, 0,
	      "{\"jobId\":\"3\",\"createdAt\":3,\"jobQueue\":\"a\"}\n"
	      "{\"jobId\":\"2\",\"createdAt\":2,\"jobQueue\":\"b\"}\n",
	      "the newest 2");
}

static void test_jobs_order(void **state)
{
	static const struct expected e[] = {
		{ "ListJobs", "{\"jobQueue\":\"a\",\"jobStatus\":\"FAILED\"}",
		  "{\"jobSummaryList\":[{\"jobId\":\"1\",\"createdAt\":1},{\"jobId\":\"3\","
		  "\"createdAt\":3}]}" },
		{ "ListJobs", "\"jobStatus\":\"RUNNING\"",
		  "{\"jobSummaryList\":[{\"jobId\":\"2\",\"createdAt\":2}]}" },
		NOTHING,
	};

	(void)state;
	check("jobs --jsonl -q a -s FAILED -s RUNNING --limit 2", e, 0,
	      "{\"jobId\":\"3\",\"createdAt\":3,\"jobQueue\":\"a\"}\n"
	      "{\"jobId\":\"2\",\"createdAt\":2,\"jobQueue\":\"a\"}\n",
	      "the newest 2");
}

static void test_jobs_of(void **state)
{
	static const struct expected array[] = {
		{ "DescribeJobs", ID,
		  "{\"jobs\":[{\"jobId\":\"" ID "\",\"jobQueue\":\"arn:aws:batch:r:1:job-queue/q\","
		  "\"arrayProperties\":{\"size\":3}}]}" },
		{ "ListJobs", "{\"arrayJobId\":\"" ID "\",\"jobStatus\":\"FAILED\"}",
		  "{\"jobSummaryList\":[{\"jobId\":\"" ID ":2\",\"arrayProperties\":{\"index\":"
		  "2}}]}" },
		{ "ListJobs", "\"jobStatus\":\"RUNNING\"",
		  "{\"jobSummaryList\":[{\"jobId\":\"" ID ":0\",\"arrayProperties\":{\"index\":"
		  "0}},{\"jobId\":\"" ID ":1\",\"arrayProperties\":{\"index\":1}}]}" },
		NOTHING,
	};
	static const struct expected plain[] = {
		{ "DescribeJobs", ID, "{\"jobs\":[{\"jobId\":\"" ID "\"}]}" },
		NOTHING,
	};

	(void)state;
	check("jobs --jsonl --of " ID " -s FAILED -s RUNNING --limit 2", array, 0,
	      "{\"jobId\":\"" ID ":0\",\"arrayProperties\":{\"index\":0},\"jobQueue\":\"q\"}\n"
	      "{\"jobId\":\"" ID ":1\",\"arrayProperties\":{\"index\":1},\"jobQueue\":\"q\"}\n",
	      "the first 2");
	check("jobs --of " ID, plain, EXIT_USAGE, "", "neither an array nor a multi-node job");
}

static void set(const char *text)
{
	assert_int_equal(fs_write_atomic(cli_home.home->config, text, strlen(text), NULL), 0);
}

static void test_catalog(void **state)
{
	static const struct expected none[] = { NOTHING };

	(void)state;
	check("catalog p3 m4.large", none, 0,
	      "TYPE         VCPUS  MEMORY  OFFERED  GPUS  ARCH    USD/HOUR  MODEL\n"
	      "p3.2xlarge       8   62464    60871     1  x86_64   3.06000  NVIDIA V100\n"
	      "p3.8xlarge      32  249856   243578     4  x86_64  12.24000  NVIDIA V100\n"
	      "p3.16xlarge     64  499712   487188     8  x86_64  24.48000  NVIDIA V100\n"
	      "m4.large         2    8192     7956     0  x86_64   0.10000  -\n",
	      "");
	check("catalog --jsonl optimal g5.xlarge", none, 0,
	      "{\"instanceType\":\"local.host\",\"family\":\"local\"}\n"
	      "{\"instanceType\":\"g5.xlarge\",\"family\":\"g5\",\"vcpus\":4,\"memory\":16384,"
	      "\"offeredMemory\":15943,\"gpus\":1,\"gpuModel\":\"NVIDIA A10G\","
	      "\"architecture\":\"x86_64\",\"usdPerHour\":1.006}\n",
	      "");
	check("catalog --family p4d --gpus --arch X86_64 --jsonl", none, 0,
	      "{\"instanceType\":\"p4d.24xlarge\",\"family\":\"p4d\",\"vcpus\":96,"
	      "\"memory\":1179648,\"offeredMemory\":1150125,\"gpus\":8,\"gpuModel\":"
	      "\"NVIDIA A100\",\"architecture\":\"x86_64\",\"usdPerHour\":21.9576}\n",
	      "");
	check("catalog --json --gpus --arch arm64", none, 0, "[]\n", "");
	check("catalog --json --arch x86_64 optimal", none, 0, "[]\n", "");
	check("catalog c9.large", none, 2, "", "Instance type can only be one of [");
	check("catalog c5 c6g", none, 2, "", "arm-based instance type cannot be used");
	check("catalog --family c5.large", none, 2, "", "there is no family 'c5.large'");
	check("catalog --arch mips", none, 2, "", "'mips'");
}

static void test_catalog_reserve(void **state)
{
	static const struct expected none[] = { NOTHING };

	(void)state;
	set("memory_reserve_percent = 10\n");
	check("catalog t3.small", none, 0,
	      "TYPE      VCPUS  MEMORY  OFFERED  GPUS  ARCH    USD/HOUR  MODEL\n"
	      "t3.small      2    2048     1812     0  x86_64   0.02080  -\n",
	      "");
	set("reserve = 10\n");
	check("catalog t3.small", none, 2, "", "there is no setting");
	set("");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_submit_new),
		cmocka_unit_test(test_submit_reuses),
		cmocka_unit_test(test_submit_options),
		cmocka_unit_test(test_submit_which_queue),
		cmocka_unit_test(test_submit_on_nothing),
		cmocka_unit_test(test_submit_follow),
		cmocka_unit_test(test_wait),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_exit_codes),
		cmocka_unit_test(test_jobs),
		cmocka_unit_test(test_jobs_order),
		cmocka_unit_test(test_jobs_of),
		cmocka_unit_test(test_catalog),
		cmocka_unit_test(test_catalog_reserve),
	};

	return cmocka_run_group_tests_name("cli commands", tests, cli_up, cli_down);
}
