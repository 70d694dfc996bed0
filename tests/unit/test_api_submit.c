/* What SubmitJob makes of a request: ECS tasks, overrides, arrays, nodes, dependencies, shares,
 * Jobdeck's own tags. The numbers in comments are the rules of doc/semantics.md. */
#include "config.h"
#include "api_fixture.h"
#include <stdio.h>
#include <string.h>

#define SIZE "'resourceRequirements':[{'type':'VCPU','value':'1'},{'type':'MEMORY','value':'128'}]"

static void let_job(struct fixture *f, const char *name, const char *in)
{
	cJSON *out cleanup_json = get(f, "SubmitJob", in, NULL);

	let(name, json_str(out, "jobId"));
}

/* --- ECS tasks -------------------------------------------------------------------------- */

static void test_ecs_task(void **state) /* RES-7 */
{
	struct fixture *f = *state;

	make_world(f);
	expect(f, "RegisterJobDefinition",
	       "{'jobDefinitionName':'task','type':'container','parameters':{'a':'A'},"
	       "'ecsProperties':{'taskProperties':[{'taskRoleArn':'role','containers':[{'name':"
	       "'main','image':'host','command':['fake','Ref::a'],'environment':[{'name':'X',"
	       "'value':'1'}]," SIZE "}]}]}}",
	       NULL);
	let_job(f, "JOB",
		"{'jobName':'j','jobQueue':'q','jobDefinition':'task','ecsPropertiesOverride':"
		"{'taskProperties':[{'containers':[{'name':'main','environment':[{'name':'Y',"
		"'value':'2'}]}]}]}}");
	expect(f, "DescribeJobs", "{'jobs':['$JOB']}",
	       "{'jobs':[{'container':{'image':'host','command':['fake','A'],'jobRoleArn':'role'},"
	       "'ecsProperties':{'taskProperties':[{'containers':[{'name':'main','command':['fake',"
	       "'A'],'environment':[{'name':'X','value':'1'},{'name':'Y','value':'2'}]}]}]}}]}");
	refuse(f, "SubmitJob",
	       "{'jobName':'j','jobQueue':'q','jobDefinition':'task','containerOverrides':{}}",
	       "ClientException",
	       "containerOverrides should not be set for a job definition with ecsProperties.");
	refuse(f, "SubmitJob",
	       "{'jobName':'j','jobQueue':'q','jobDefinition':'task','ecsPropertiesOverride':"
	       "{'taskProperties':[{'containers':[{'name':'other'}]}]}}",
	       "ClientException", "the job definition has no container other.");
	refuse(f, "SubmitJob",
	       "{'jobName':'j','jobQueue':'q','jobDefinition':'task','ecsPropertiesOverride':"
	       "{'taskProperties':[{'containers':[{'environment':[{'name':'AWS_BATCH_X'}]}]}]}}",
	       "ClientException", "reserved");
	expect(f, "RegisterJobDefinition",
	       "{'jobDefinitionName':'two','type':'container','ecsProperties':{'taskProperties':"
	       "[{'containers':[{'name':'a','image':'host'," SIZE "},{'name':'b','image':'host',"
	       "'essential':false," SIZE "}]}]}}",
	       NULL);
	refuse(f, "SubmitJob", "{'jobName':'j','jobQueue':'q','jobDefinition':'two'}",
	       "ClientException", "Jobdeck runs jobs of one container; this task has 2");
}

/* --- overrides -------------------------------------------------------------------------- */

static void test_overrides_too_long(void **state) /* section 2: accepted, then it fails */
{
	struct fixture *f = *state;
	cleanup_free char *long_word = xmalloc(8200), *in = NULL;

	make_world(f);
	memset(long_word, 'x', 8199);
	long_word[8199] = '\0';
	in = xasprintf("{'jobName':'j','jobQueue':'q','jobDefinition':'sleep','containerOverrides':"
		       "{'command':['fake','%s']}}",
		       long_word);
	let_job(f, "JOB", in);
	expect(f, "DescribeJobs", "{'jobs':['$JOB']}",
	       "{'jobs':[{'status':'FAILED','isTerminated':false,'attempts':[],'statusReason':"
	       "'Container Overrides length must be at most 8192'}]}");
	let_job(f, "NEXT",
		"{'jobName':'j','jobQueue':'q','jobDefinition':'sleep','dependsOn':[{'jobId':"
		"'$JOB'}]}");
	expect(f, "DescribeJobs", "{'jobs':['$NEXT']}",
	       "{'jobs':[{'status':'FAILED','statusReason':'Dependent Job failed'}]}");
}

static void test_too_many_tags(void **state) /* section 2: with propagateTags it fails */
{
	struct fixture *f = *state;
	struct buf b cleanup_buf, c cleanup_buf;
	cleanup_free char *in = NULL, *with = NULL, *without = NULL;

	make_world(f);
	buf_init(&b, 4096);
	buf_init(&c, 4096);
	for (int i = 0; i < 30; i++) {
		buf_addf(&b, "%s'a%d':''", i ? "," : "", i);
		buf_addf(&c, "%s'b%d':''", i ? "," : "", i);
	}
	in = xasprintf("{'jobDefinitionName':'tags','type':'container','tags':{%s},"
		       "'containerProperties':{'image':'host','command':['fake']," SIZE "}}",
		       buf_str(&b));
	expect(f, "RegisterJobDefinition", in, NULL);
	with = xasprintf("{'jobName':'j','jobQueue':'q','jobDefinition':'tags','tags':{%s},"
			 "'propagateTags':true}",
			 buf_str(&c));
	let_job(f, "WITH", with);
	without = xasprintf("{'jobName':'j','jobQueue':'q','jobDefinition':'tags','tags':{%s}}",
			    buf_str(&c));
	let_job(f, "WITHOUT", without);
	eventually(f, "DescribeJobs", "{'jobs':['$WITH','$WITHOUT']}",
		   "{'jobs':[{'status':'FAILED','attempts':[]},{'status':'RUNNING'}]}");
}

int main(void)
{
#define SLOW(test) cmocka_unit_test_setup_teardown(test, api_up_slow, api_down)
	const struct CMUnitTest tests[] = {
		SLOW(test_ecs_task),
		SLOW(test_overrides_too_long),
		SLOW(test_too_many_tags),
	};

	return cmocka_run_group_tests_name("api_submit", tests, NULL, NULL);
}
