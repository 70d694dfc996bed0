/* What SubmitJob makes of a request: ECS tasks, overrides, arrays, nodes, dependencies, shares,
 * Jobdeck's own tags. The numbers in comments are the rules of doc/semantics.md. */
#include "config.h"
#include "api_fixture.h"
#include "jobdeck/api/op.h"
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

/* --- shares ------------------------------------------------------------------------------ */

#define POLICY_ARN(name) "arn:aws:batch:us-east-1:000000000000:scheduling-policy/" name

static void put_policy(struct fixture *f, const char *name)
{
	char a[] = "alice", b[] = "b*", doc[] = "{}";
	struct share_weight shares[] = { { a, 5000 }, { b, SHARE_WEIGHT_ONE } };
	cleanup_free char *copy = xstrdup(name);
	struct policy p = { .name = copy, .share_count = 2, .share = shares, .doc = doc };
	struct err err = { 0 };

	if (engine_put_policy(f->engine, &p, &err) < 0)
		fail_msg("%s", err.text);
}

static void test_policy_of_queue(void **state) /* JQ-7, trap 18 */
{
	struct fixture *f = *state;

	make_world(f);
	put_policy(f, "fair");
	put_policy(f, "other");
	expect(f, "CreateJobQueue",
	       "{'jobQueueName':'fq','priority':1,'schedulingPolicyArn':'" POLICY_ARN(
		       "fair") "',"
			       "'computeEnvironmentOrder':[{'order':1,'computeEnvironment':'ce'}]}",
	       NULL);
	expect(f, "DescribeJobQueues", "{'jobQueues':['fq']}",
	       "{'jobQueues':[{'schedulingPolicyArn':'" POLICY_ARN("fair") "'}]}");
	refuse(f, "UpdateJobQueue",
	       "{'jobQueue':'q','schedulingPolicyArn':'" POLICY_ARN("fair") "'}", "ClientException",
	       "can't have a fair-share scheduling policy added");
	refuse(f, "UpdateJobQueue", "{'jobQueue':'fq','schedulingPolicyArn':''}", "ClientException",
	       "it can be replaced but can't be removed");
	refuse(f, "UpdateJobQueue",
	       "{'jobQueue':'fq','schedulingPolicyArn':'" POLICY_ARN("none") "'}",
	       "ClientException", POLICY_ARN("none") " does not exist");
	expect(f, "UpdateJobQueue",
	       "{'jobQueue':'fq','schedulingPolicyArn':'" POLICY_ARN("other") "'}", NULL);
	api_restart(f);
	expect(f, "DescribeJobQueues", "{'jobQueues':['fq']}",
	       "{'jobQueues':[{'schedulingPolicyArn':'" POLICY_ARN("other") "'}]}");
}

#define TO_FQ "'jobName':'j','jobQueue':'fq','jobDefinition':'sleep'"

static void test_shares(void **state) /* JQ-8, FS-8, LS-2, trap 17 */
{
	struct fixture *f = *state;

	make_world(f);
	put_policy(f, "fair");
	expect(f, "CreateJobQueue",
	       "{'jobQueueName':'fq','priority':1,'schedulingPolicyArn':'" POLICY_ARN(
		       "fair") "',"
			       "'computeEnvironmentOrder':[{'order':1,'computeEnvironment':'ce'}]}",
	       NULL);
	refuse(f, "SubmitJob", "{" TO_FQ "}", "ClientException",
	       "shareIdentifier must be specified");
	refuse(f, "SubmitJob",
	       "{'jobName':'j','jobQueue':'q','jobDefinition':'sleep','shareIdentifier':'alice'}",
	       "ClientException", "shareIdentifier must not be specified");
	refuse(f, "SubmitJob", "{" TO_FQ ",'shareIdentifier':'a b'}", "ClientException",
	       "ShareIdentifier name should match a valid pattern.");
	refuse(f, "SubmitJob", "{" TO_FQ ",'shareIdentifier':'a*b'}", "ClientException",
	       "ShareIdentifier name should match a valid pattern.");
	refuse(f, "SubmitJob", "{" TO_FQ ",'shareIdentifier':''}", "ClientException",
	       "ShareIdentifier name should match a valid pattern.");
	let_job(f, "JOB", "{" TO_FQ ",'shareIdentifier':'alice','schedulingPriorityOverride':7}");
	let_job(f, "BOB", "{" TO_FQ ",'shareIdentifier':'bob'}");
	expect(f, "DescribeJobs", "{'jobs':['$JOB']}",
	       "{'jobs':[{'shareIdentifier':'alice','schedulingPriority':7}]}");
	expect(f, "ListJobs",
	       "{'jobQueue':'fq','filters':[{'name':'SHARE_IDENTIFIER','values':['bob']}]}",
	       "{'jobSummaryList':[{'jobId':'$BOB','shareIdentifier':'bob'}]}");
	eventually(f, "ListJobs",
		   "{'jobQueue':'fq','jobStatus':'RUNNING','filters':[{'name':'SHARE_IDENTIFIER',"
		   "'values':['alice']}]}",
		   "{'jobSummaryList':[{'jobId':'$JOB'}]}");
	expect(f, "ListJobs",
	       "{'jobQueue':'fq','jobStatus':'FAILED','filters':[{'name':'SHARE_IDENTIFIER',"
	       "'values':['alice']}]}",
	       "{'jobSummaryList':[]}");
}

/* FS-7: a 501st share is one too many; one of the 500 goes on. */
static void test_too_many_shares(void **state)
{
	enum { MOST = 500 };
	struct fixture *f = *state;
	const struct api_op *op = api_op_find("SubmitJob");
	struct answer *all = xcalloc(MOST, sizeof *all);

	make_world(f);
	put_policy(f, "fair");
	expect(f, "CreateJobQueue",
	       "{'jobQueueName':'fq','priority':1,'schedulingPolicyArn':'" POLICY_ARN(
		       "fair") "',"
			       "'computeEnvironmentOrder':[{'order':1,'computeEnvironment':'ce'}]}",
	       NULL);
	for (int i = 0; i < MOST; i++) { /* all in one turn */
		cleanup_free char *in = xasprintf("{\"jobName\":\"j\",\"jobQueue\":\"fq\","
						  "\"jobDefinition\":\"sleep\","
						  "\"shareIdentifier\":\"s%d\"}",
						  i);
		struct api_request r = {
			.method = "POST", .path = op->path, .body = in, .len = strlen(in)
		};

		api_handle(f->api, &r, answer_take, &all[i]);
	}
	turns(f, 3);
	for (int i = 0; i < MOST; i++) {
		assert_int_equal(all[i].status, 200);
		answer_fini(&all[i]);
	}
	free(all);
	refuse(f, "SubmitJob", "{" TO_FQ ",'shareIdentifier':'onemore'}", "ClientException",
	       "has 500 active share identifiers");
	let_job(f, "KNOWN", "{" TO_FQ ",'shareIdentifier':'s499'}");
}

/* --- consumables -------------------------------------------------------------------------- */

static void put_consumable(struct fixture *f, const char *name, int64_t total)
{
	cleanup_free char *copy = xstrdup(name);
	char doc[] = "{}";
	struct consumable c = { .name = copy, .total = total, .doc = doc };
	struct err err = { 0 };

	if (engine_put_consumable(f->engine, &c, &err) < 0)
		fail_msg("%s", err.text);
}

#define USES(name, n) \
	"{'consumableResourceList':[{'consumableResource':'" name "','quantity':" n "}]}"

static void test_consumables(void **state) /* CR-1, CR-2, OVR-2 */
{
	struct fixture *f = *state;

	make_world(f);
	put_consumable(f, "licence", 3);
	put_consumable(f, "other", 1);
	expect(f, "RegisterJobDefinition",
	       "{'jobDefinitionName':'uses','type':'container','consumableResourceProperties'"
	       ":" USES("licence",
			"2") ",'containerProperties':{'image':'host','command':['fake']," SIZE "}}",
	       NULL);
	let_job(f, "FIRST", "{'jobName':'j','jobQueue':'q','jobDefinition':'uses'}");
	let_job(f, "SECOND", "{'jobName':'j','jobQueue':'q','jobDefinition':'uses'}");
	let_job(f, "THIRD",
		"{'jobName':'j','jobQueue':'q','jobDefinition':'uses',"
		"'consumableResourcePropertiesOverride':" USES(
			"arn:aws:batch:us-east-1:000000000000:consumable-resource/other", "1") "}");
	eventually(f, "DescribeJobs", "{'jobs':['$FIRST','$SECOND']}",
		   "{'jobs':[{'status':'RUNNING','consumableResourceProperties':" USES(
			   "licence", "2") "},{'status':'RUNNABLE'}]}");
	expect(f, "TerminateJob", "{'jobId':'$FIRST','reason':'x'}", "{}");
	eventually(f, "DescribeJobs", "{'jobs':['$SECOND','$THIRD']}",
		   "{'jobs':[{'status':'RUNNING'},{'status':'RUNNING'}]}");
	refuse(f, "SubmitJob",
	       "{'jobName':'j','jobQueue':'q','jobDefinition':'uses',"
	       "'consumableResourcePropertiesOverride':" USES("none", "1") "}",
	       "ClientException", "Consumable resource none does not exist.");
	refuse(f, "SubmitJob",
	       "{'jobName':'j','jobQueue':'q','jobDefinition':'uses',"
	       "'consumableResourcePropertiesOverride':" USES("licence", "0") "}",
	       "ClientException", "quantity must be at least 1");
}

/* --- Jobdeck's own tags --------------------------------------------------------------------- */

#define WITH_TAG(tag, value) \
	"{'jobName':'j','jobQueue':'q','jobDefinition':'sleep','tags':{'" tag "':'" value "'}}"

static void test_hold(void **state)
{
	struct fixture *f = *state;

	make_world(f);
	let_job(f, "HELD", WITH_TAG("jobdeck:hold", "true"));
	let_job(f, "OTHER", WITH_TAG("jobdeck:hold", "false"));
	eventually(f, "DescribeJobs", "{'jobs':['$OTHER']}", "{'jobs':[{'status':'RUNNING'}]}");
	expect(f, "DescribeJobs", "{'jobs':['$HELD']}",
	       "{'jobs':[{'jobdeckHeld':true,'attempts':[]}]}");
	api_restart(f);
	expect(f, "DescribeJobs", "{'jobs':['$HELD']}", "{'jobs':[{'jobdeckHeld':true}]}");
	expect(f, "JobdeckRelease", "{'jobId':'$HELD'}", "{}");
	eventually(f, "DescribeJobs", "{'jobs':['$HELD']}", "{'jobs':[{'status':'RUNNING'}]}");
	refuse(f, "JobdeckHold", "{'jobId':'$HELD'}", "ClientException", "");
	expect(f, "TerminateJob", "{'jobId':'$HELD','reason':'x'}", "{}");
	eventually(f, "DescribeJobs", "{'jobs':['$HELD']}", "{'jobs':[{'status':'FAILED'}]}");
	refuse(f, "JobdeckRelease", "{'jobId':'$HELD'}", "ClientException",
	       "has ended: it is FAILED");
	refuse(f, "JobdeckHold", "{'jobId':'none'}", "ClientException", "Job none does not exist");
}

static void test_start_after(void **state)
{
	struct fixture *f = *state;
	cleanup_free char *soon =
		xasprintf(WITH_TAG("jobdeck:start-after", "%lld"), (long long)time_wall() + 300);

	make_world(f);
	let_job(f, "LATE", WITH_TAG("jobdeck:start-after", "2099-01-01T00:00Z"));
	let_job(f, "SOON", soon);
	eventually(f, "DescribeJobs", "{'jobs':['$SOON','$LATE']}",
		   "{'jobs':[{'status':'RUNNING'},{'jobdeckStartAfter':4070908800000,'attempts':"
		   "[]}]}");
}

static void test_after_any(void **state)
{
	struct fixture *f = *state;

	make_world(f);
	let_job(f, "BAD",
		"{'jobName':'j','jobQueue':'q','jobDefinition':'sleep','containerOverrides':"
		"{'command':['fake','run=50','exit=1']}}");
	let_job(f, "LONG", "{'jobName':'j','jobQueue':'q','jobDefinition':'sleep'}");
	let_job(f, "NEXT", WITH_TAG("jobdeck:after-any", "$BAD, $LONG"));
	let_job(f, "MORE",
		"{'jobName':'j','jobQueue':'q','jobDefinition':'sleep','tags':"
		"{'jobdeck:after-any':'$BAD','jobdeck:after-any.2':'$LONG'}}");
	eventually(f, "DescribeJobs", "{'jobs':['$BAD']}", "{'jobs':[{'status':'FAILED'}]}");
	expect(f, "DescribeJobs", "{'jobs':['$NEXT','$MORE']}",
	       "{'jobs':[{'status':'PENDING'},{'status':'PENDING'}]}");
	expect(f, "TerminateJob", "{'jobId':'$LONG','reason':'x'}", "{}");
	eventually(f, "DescribeJobs", "{'jobs':['$NEXT','$MORE']}",
		   "{'jobs':[{'status':'RUNNING'},{'status':'RUNNING'}]}");
	/* One that has ended, however, is no reason to wait or to fail. */
	let_job(f, "AT_ONCE", WITH_TAG("jobdeck:after-any", "$BAD"));
	eventually(f, "DescribeJobs", "{'jobs':['$AT_ONCE']}", "{'jobs':[{'status':'RUNNING'}]}");
}

int main(void)
{
#define SLOW(test) cmocka_unit_test_setup_teardown(test, api_up_slow, api_down)
	const struct CMUnitTest tests[] = {
		SLOW(test_ecs_task),	  SLOW(test_overrides_too_long),
		SLOW(test_too_many_tags), SLOW(test_policy_of_queue),
		SLOW(test_shares),	  SLOW(test_too_many_shares),
		SLOW(test_consumables),	  SLOW(test_hold),
		SLOW(test_start_after),	  SLOW(test_after_any),
	};

	return cmocka_run_group_tests_name("api_submit", tests, NULL, NULL);
}
