/* What "jobdeck submit" makes of its options: arrays, nodes, dependencies, retries and all else
 * that goes into the request. */
#include "config.h"
#include "cli_script.h"
#include <stdio.h>
#include <string.h>
#include "cli/retry.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"

#define ID	  "01a205a7-2429-7000-8d59-c66f877f17ea"
#define SUBMITTED "{\"jobId\":\"" ID "\",\"jobName\":\"x\"}"

static void test_terms(void **state)
{
	static const struct expected e[] = {
		{ "SubmitJob",
		  "{\"jobName\":\"d\",\"jobQueue\":\"q\",\"jobDefinition\":\"d\","
		  "\"containerOverrides\":{\"resourceRequirements\":[{\"type\":\"GPU\",\"value\":"
		  "\"2\"}]},\"shareIdentifier\":\"alice\",\"schedulingPriorityOverride\":7,"
		  "\"arrayProperties\":{\"size\":100},\"timeout\":{\"attemptDurationSeconds\":600},"
		  "\"parameters\":{\"a\":\"b=c\",\"d\":\"\"},"
		  "\"consumableResourcePropertiesOverride\":{\"consumableResourceList\":["
		  "{\"consumableResource\":\"lic\",\"quantity\":2},{\"consumableResource\":\"tok\","
		  "\"quantity\":1}]},\"tags\":{\"team\":\"x\",",
		  SUBMITTED },
		NOTHING,
	};

	(void)state;
	check("submit -q q --definition d --gpus 2 --share alice --priority 7 --array 100 "
	      "--timeout 10m --parameters a=b=c --parameters d= --consume lic=2 --consume tok=1 "
	      "--tag team=x",
	      e, 0, ID "\n", "");
}

static void test_waits(void **state)
{
	static const struct expected e[] = {
		{ "JobdeckFindJobs", "{\"text\":\"prepare\",\"limit\":100}",
		  "{\"jobs\":[{\"jobId\":\"" ID "\"}]}" },
		{ "SubmitJob",
		  "\"dependsOn\":[{\"jobId\":\"" ID "\",\"type\":\"N_TO_N\"},{\"jobId\":\"" ID
		  ":3\"},{\"type\":\"SEQUENTIAL\"}]",
		  SUBMITTED },
		NOTHING,
	};
	static const struct expected later[] = {
		{ "SubmitJob",
		  "\"jobdeck:hold\":\"true\",\"jobdeck:start-after\":\"2026-11-22T14:03:00.000Z\","
		  "\"jobdeck:after-any\":\"" ID "," ID "," ID "," ID "," ID "," ID
		  "\",\"jobdeck:after-any.2\":\"" ID "\"},\"jobdeckStrict\":true}",
		  SUBMITTED },
		NOTHING,
	};
	static const struct expected soon[] = {
		{ "SubmitJob", "\"jobdeck:start-after\":\"20", SUBMITTED },
		NOTHING,
	};

	(void)state;
	check("submit -q q --definition d --array 5 -d prepare:n-to-n -d " ID ":3 --sequential", e,
	      0, ID "\n", "");
	check("submit -q q --definition d --hold --start-after 2026-11-22T14:03Z --strict "
	      "--after-any " ID " --after-any " ID " --after-any " ID " --after-any " ID
	      " --after-any " ID " --after-any " ID " --after-any " ID,
	      later, 0, ID "\n", "");
	check("submit -q q --definition d --start-after 10m", soon, 0, ID "\n", "");
}

static void test_nodes(void **state)
{
	static const struct expected made[] = {
		{ "DescribeJobDefinitions", "\"jobDefinitionName\":\"host-nodes-mpi\"",
		  "{\"jobDefinitions\":[]}" },
		{ "RegisterJobDefinition",
		  "\"type\":\"multinode\",\"nodeProperties\":{\"numNodes\":4,\"mainNode\":0,"
		  "\"nodeRangeProperties\":[{\"targetNodes\":\"0:\",\"container\":{\"image\":"
		  "\"host\",\"command\":[\"mpi\"],",
		  "{\"revision\":1}" },
		{ "SubmitJob",
		  "\"jobDefinition\":\"host-nodes-mpi:1\",\"nodeOverrides\":{\"numNodes\":4},",
		  SUBMITTED },
		NOTHING,
	};
	static const struct expected found[] = {
		{ "DescribeJobDefinitions", "host-nodes-mpi",
		  "{\"jobDefinitions\":[{\"revision\":3,\"containerProperties\":{\"image\":"
		  "\"host\",\"command\":[\"mpi\"]}},{\"revision\":2,\"nodeProperties\":"
		  "{\"numNodes\":4,\"mainNode\":0,\"nodeRangeProperties\":[{\"targetNodes\":\"0:\","
		  "\"container\":{\"image\":\"host\",\"command\":[\"mpi\",\"a\"],"
		  "\"resourceRequirements\":[{\"type\":\"VCPU\",\"value\":\"1\"},{\"type\":"
		  "\"MEMORY\",\"value\":\"512\"}]}}]}}]}" },
		{ "SubmitJob",
		  "\"jobDefinition\":\"host-nodes-mpi:2\",\"nodeOverrides\":{\"numNodes\":9,"
		  "\"nodePropertyOverrides\":[{\"targetNodes\":\"0:\",\"containerOverrides\":"
		  "{\"command\":[\"mpi\",\"b\"]}}]},",
		  SUBMITTED },
		NOTHING,
	};

	(void)state;
	check("submit -q q --nodes 4 -- mpi", made, 0, ID "\n", "");
	check("submit -q q --nodes 9 -- mpi b", found, 0, ID "\n", "");
}

static void test_warnings(void **state)
{
	static const struct expected e[] = {
		{ "SubmitJob", "",
		  "{\"jobId\":\"" ID "\",\"jobdeckWarnings\":[\"it needs 8 vCPU\",\"two\"]}" },
		NOTHING,
	};

	(void)state;
	check("submit -q q --definition d", e, 0, ID "\n", "jobdeck: warning: it needs 8 vCPU\n");
	check("submit -q q --definition d", e, 0, ID "\n", "jobdeck: warning: two\n");
}

static void test_refused(void **state)
{
	static const struct {
		const char *options, *text;
	} cases[] = {
		{ "--array 1", "from 2 to 10000" },
		{ "--nodes 1001", "from 1 to 1000" },
		{ "--array 2 --nodes 2", "exclude each other" },
		{ "--array 2 --follow", "--array makes many" },
		{ "--priority 10000", "from 0 to 9999" },
		{ "--timeout 59", "--timeout is from 60 to" },
		{ "--timeout soon", "--timeout takes a time" },
		{ "--consume lic", "--consume takes NAME=VALUE" },
		{ "--consume lic=0", "--consume takes NAME=N" },
		{ "--parameters x", "--parameters takes NAME=VALUE" },
		{ "--start-after tomorrow", "--start-after takes a time" },
		{ "--retry 0", "number of tries" },
		{ "--retry 3,exit:1", "each rule ends with" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup_free char *line =
			xasprintf("submit -q q --definition d %s", cases[i].options);

		check(line, nothing, EXIT_USAGE, "", cases[i].text);
	}
}

static void test_retry(void **state)
{
	static const struct {
		const char *text, *json; /* json NULL: refused */
	} cases[] = {
		{ "3", "{\"attempts\":3}" },
		{ "10,exit:137=retry,exit:1*=EXIT",
		  "{\"attempts\":10,\"evaluateOnExit\":[{\"action\":\"RETRY\",\"onExitCode\":"
		  "\"137\"},{\"action\":\"EXIT\",\"onExitCode\":\"1*\"}]}" },
		{ "3,status:Host EC2*=retry,reason:*=exit",
		  "{\"attempts\":3,\"evaluateOnExit\":[{\"action\":\"RETRY\",\"onStatusReason\":"
		  "\"Host EC2*\"},{\"action\":\"EXIT\",\"onReason\":\"*\"}]}" },
		{ "2,exit:1+reason:CannotPull:*+status:Task failed to start=exit",
		  "{\"attempts\":2,\"evaluateOnExit\":[{\"action\":\"EXIT\",\"onExitCode\":\"1\","
		  "\"onReason\":\"CannotPull:*\",\"onStatusReason\":\"Task failed to start\"}]}" },
		{ "", NULL },
		{ "11", NULL },
		{ "x", NULL },
		{ "3x", NULL },
		{ "3,", NULL },
		{ "3,exit:1", NULL },
		{ "3,exit:1=maybe", NULL },
		{ "3,code:1=retry", NULL },
		{ "3,exit=retry", NULL },
		{ "3,exit:=retry", NULL },
		{ "3,exit:1+=retry", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = { 0 };
		cJSON *got cleanup_json = retry_parse(cases[i].text, &err);
		cleanup_free char *text = got ? json_print(got) : NULL;

		if (!got != !cases[i].json || (got && strcmp(text, cases[i].json) != 0))
			fail_msg("'%s': %s %s", cases[i].text, text ? text : "", err.text);
		if (!got)
			assert_int_equal(err.kind, ERR_INVALID);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_terms),	cmocka_unit_test(test_waits),
		cmocka_unit_test(test_nodes),	cmocka_unit_test(test_warnings),
		cmocka_unit_test(test_refused), cmocka_unit_test(test_retry),
	};

	return cmocka_run_group_tests_name("cli submit", tests, cli_up, cli_down);
}
