/* CloudWatch Logs over many streams: FilterLogEvents and its patterns, log groups and the names
 * that a definition's logConfiguration gives. */
#include "config.h"
#include "api_fixture.h"
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "../../src/api/log_pattern.h"
#include "jobdeck/shim/joblog.h"

#define GROUP "'logGroupName':'/aws/batch/job'"

static struct joblog_writer *open_log(struct fixture *f, const char *id, int attempt)
{
	time_t made = uuid_time(id) / 1000;
	char date[16];
	struct tm tm;
	struct err err = { 0 };
	cleanup_free char *path = NULL;
	struct joblog_writer *w;

	gmtime_r(&made, &tm);
	strftime(date, sizeof date, "%Y-%m-%d", &tm);
	path = xasprintf("%s/%s/%s.%d.log", f->home->logs, date, id, attempt);
	w = joblog_create(path, 64 << 20, &err);
	if (!w)
		fail_msg("%s: %s", path, err.text);
	return w;
}

/* When the fixture's first job was submitted: lines are told by seconds after that. */
static jd_time begin;

static void say(struct joblog_writer *w, int second, const char *text)
{
	cleanup_free char *line = xasprintf("%s\n", text);

	assert_int_equal(
		joblog_write(w, JOBLOG_OUT, begin + (jd_time)second * 1000, line, strlen(line)), 0);
}

/* A running job: $NAME its id, $NAME_STREAM its stream. */
static struct joblog_writer *start(struct fixture *f, const char *name, const char *more)
{
	cleanup_free char *stream = xasprintf("%s_STREAM", name);
	cleanup_free char *jobs = xasprintf("{'jobs':['$%s']}", name);
	cJSON *out cleanup_json = NULL;
	const cJSON *job;

	submit(f, name, more);
	eventually(f, "DescribeJobs", jobs, "{'jobs':[{'status':'RUNNING'}]}");
	out = get(f, "DescribeJobs", jobs, NULL);
	job = json_get(out, "jobs")->child;
	let(stream, json_str(json_get(job, "container"), "logStreamName"));
	if (!begin)
		begin = json_int(job, "createdAt", 0);
	return open_log(f, json_str(job, "jobId"), 1);
}

/* The messages of all pages, with blanks between and '|' where a page ended. */
static void found(struct fixture *f, const char *more, const char *want)
{
	struct buf got;

	buf_init(&got, 10000);
	let("TOKEN", "");
	for (int pages = 0; pages < 50; pages++) {
		cleanup_free char *in = xasprintf("{" GROUP "%s%s%s}", *more ? "," : "", more,
						  pages ? ",'nextToken':'$TOKEN'" : "");
		cJSON *out cleanup_json = get(f, "FilterLogEvents", in, NULL);
		const cJSON *event;

		cJSON_ArrayForEach(event, json_get(out, "events"))
			buf_addf(&got, "%s ", json_str(event, "message"));
		if (!json_str(out, "nextToken"))
			break;
		buf_adds(&got, "| ");
		let("TOKEN", json_str(out, "nextToken"));
	}
	assert_string_equal(buf_str(&got), want);
	buf_fini(&got);
}

static void times(const char *from, int a, const char *to, int b)
{
	char text[24];

	snprintf(text, sizeof text, "%lld", (long long)(begin + (jd_time)a * 1000));
	let(from, text);
	snprintf(text, sizeof text, "%lld", (long long)(begin + (jd_time)b * 1000));
	let(to, text);
}

static void test_merge(void **state)
{
	struct fixture *f = *state;
	struct joblog_writer *a, *b, *c;

	begin = 0;
	make_world(f);
	a = start(f, "A", "");
	b = start(f, "B", "");
	c = start(f, "C", "");
	for (int i = 1; i <= 9; i++) {
		char text[16];

		snprintf(text, sizeof text, "%c%d", "ABC"[i % 3], i);
		say(i % 3 == 0 ? a : i % 3 == 1 ? b : c, 10 * i, text);
	}
	found(f, "", "B1 C2 A3 B4 C5 A6 B7 C8 A9 ");
	found(f, "'limit':4", "B1 C2 A3 B4 | C5 A6 B7 C8 | A9 ");
	found(f, "'limit':1,'logStreamNames':['$A_STREAM','$C_STREAM']",
	      "C2 | A3 | C5 | A6 | C8 | A9 ");
	found(f, "'logStreamNamePrefix':'$B_STREAM'", "B1 B4 B7 ");
	found(f, "'logStreamNamePrefix':'sleep/'", "B1 C2 A3 B4 C5 A6 B7 C8 A9 ");
	found(f, "'logStreamNamePrefix':'other/'", "");
	/* Both ends are included, other than for GetLogEvents. */
	times("FROM", 30, "TO", 60);
	found(f, "'startTime':$FROM,'endTime':$TO", "A3 B4 C5 A6 ");
	found(f, "'startTime':$FROM,'endTime':$TO,'limit':3", "A3 B4 C5 | A6 ");
	found(f, "'filterPattern':'A'", "A3 A6 A9 ");
	found(f, "'filterPattern':'-A -B','limit':2", "C2 C5 | C8 ");
	found(f, "'filterPattern':'nothing','limit':1", "");
	/* Lines of one moment have an order too, and pages may end among them. */
	for (int i = 0; i < 3; i++) {
		say(a, 100, "a");
		say(b, 100, "b");
	}
	times("FROM", 100, "TO", 100);
	found(f, "'startTime':$FROM,'limit':2", "a a | a b | b b ");
	expect(f, "FilterLogEvents", "{" GROUP ",'startTime':$FROM,'limit':1}",
	       "{'events':[{'logStreamName':'$A_STREAM','timestamp':$FROM,'ingestionTime':$FROM,"
	       "'message':'a'}],'searchedLogStreams':[]}");
	joblog_close(a);
	joblog_close(b);
	joblog_close(c);
}

/* What comes late is found with the old token, also after a restart of the server. */
static void test_tokens(void **state)
{
	struct fixture *f = *state;
	struct joblog_writer *a;
	cJSON *out cleanup_json = NULL;

	begin = 0;
	make_world(f);
	a = start(f, "A", "");
	say(a, 1, "one");
	say(a, 2, "two");
	out = get(f, "FilterLogEvents", "{" GROUP ",'limit':1}", "{'events':[{'message':'one'}]}");
	let("TOKEN", json_str(out, "nextToken"));
	api_restart(f);
	say(a, 3, "three");
	expect(f, "FilterLogEvents", "{" GROUP ",'limit':5,'nextToken':'$TOKEN'}",
	       "{'events':[{'message':'two'},{'message':'three'}]}");
	refuse(f, "FilterLogEvents", "{" GROUP ",'startTime':5,'nextToken':'$TOKEN'}",
	       "InvalidParameterException", "nextToken");
	joblog_close(a);
}

/* Far more than fits a page or is read ahead; the search for a time must find its line. */
static void test_large(void **state)
{
	enum { LINES = 30000 };
	struct fixture *f = *state;
	struct joblog_writer *a;
	int n = 0;

	begin = 0;
	make_world(f);
	a = start(f, "A", "");
	for (int i = 0; i < LINES; i++) {
		char text[64];

		snprintf(text, sizeof text, "%d of very many lines that say very little", i);
		say(a, i, text);
	}
	joblog_close(a);
	let("TOKEN", "");
	for (bool more = true, first = true; more; first = false) {
		cJSON *out cleanup_json =
			get(f, "FilterLogEvents",
			    first ? "{" GROUP "}" : "{" GROUP ",'nextToken':'$TOKEN'}", NULL);
		const cJSON *event;

		cJSON_ArrayForEach(event, json_get(out, "events"))
			assert_int_equal(atoi(json_str(event, "message")), n++);
		assert_in_range(json_count(out, "events"), 1, 10000);
		more = json_str(out, "nextToken") != NULL;
		if (more)
			let("TOKEN", json_str(out, "nextToken"));
	}
	assert_int_equal(n, LINES);
	for (int i = 0; i < LINES; i += 997) {
		cJSON *out cleanup_json = NULL;

		times("FROM", i, "TO", i);
		out = get(f, "FilterLogEvents", "{" GROUP ",'startTime':$FROM,'endTime':$TO}",
			  "{'events':[{}]}");
		assert_int_equal(atoi(json_str(json_get(out, "events")->child, "message")), i);
	}
	found(f, "'filterPattern':'%^2(8|9)777 %'",
	      "28777 of very many lines that say very little "
	      "29777 of very many lines that say very little ");
}

static void test_refused(void **state)
{
	static const struct {
		const char *more, *error, *text;
	} cases[] = {
		{ "'logStreamNames':['sleep/default/x']", "ResourceNotFoundException",
		  "The specified log stream does not exist." },
		{ "'logStreamNames':['x'],'logStreamNamePrefix':'y'", "InvalidParameterException",
		  "can not both be given" },
		{ "'startFromHead':false", "InvalidParameterException",
		  "startFromHead false is not supported" },
		{ "'filterPattern':'[a, b]'", "InvalidParameterException",
		  "Invalid filter pattern" },
		{ "'limit':10001", "InvalidParameterException", "less than or equal to 10000" },
		{ "'logStreamNames':[]", "InvalidParameterException",
		  "greater than or equal to 1" },
		{ "'nextToken':''", "InvalidParameterException", "greater than or equal to 1" },
		{ "'nextToken':'0000000000000000ff'", "InvalidParameterException", "nextToken" },
	};
	struct fixture *f = *state;

	make_world(f);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup_free char *in = xasprintf("{" GROUP ",%s}", cases[i].more);

		refuse(f, "FilterLogEvents", in, cases[i].error, cases[i].text);
	}
	refuse(f, "FilterLogEvents", "{'logGroupName':'/none'}", "ResourceNotFoundException",
	       "The specified log group does not exist.");
	refuse(f, "FilterLogEvents", "{}", "InvalidParameterException", "Exactly one of");
	expect(f, "FilterLogEvents", "{" GROUP ",'startFromHead':true}", "{'events':[]}");
}

/* --- groups and names (LOG-1) ------------------------------------------------------------------
 */

static void test_groups(void **state)
{
	struct fixture *f = *state;
	struct joblog_writer *a, *b;

	begin = 0;
	make_world(f);
	expect(f, "DescribeLogGroups", "{}",
	       "{'logGroups':[{'logGroupName':'/aws/batch/job','metricFilterCount':0,"
	       "'arn':'arn:aws:logs:us-east-1:000000000000:log-group:/aws/batch/job:*',"
	       "'logGroupArn':'arn:aws:logs:us-east-1:000000000000:log-group:/aws/batch/job'}]}");
	expect(f, "RegisterJobDefinition",
	       "{'jobDefinitionName':'own','type':'container','containerProperties':{'image':'host'"
	       ","
	       "'command':['x'],'resourceRequirements':[{'type':'VCPU','value':'1'},"
	       "{'type':'MEMORY','value':'128'}],'logConfiguration':{'logDriver':'awslogs',"
	       "'options':{'awslogs-group':'/my/group','awslogs-stream-prefix':'pre/fix'}}}}",
	       NULL);
	a = start(f, "A", "");
	{
		cJSON *out cleanup_json =
			get(f, "SubmitJob", "{'jobName':'B','jobQueue':'q','jobDefinition':'own'}",
			    NULL);
		cJSON *job cleanup_json = NULL;

		let("B", json_str(out, "jobId"));
		eventually(f, "DescribeJobs", "{'jobs':['$B']}", "{'jobs':[{'status':'RUNNING'}]}");
		job = get(f, "DescribeJobs", "{'jobs':['$B']}", NULL);
		let("STREAM",
		    json_str(json_get(json_get(job, "jobs")->child, "container"), "logStreamName"));
		b = open_log(f, json_str(out, "jobId"), 1);
	}
	say(a, 1, "a");
	say(b, 2, "b");
	expect(f, "DescribeLogGroups", "{}",
	       "{'logGroups':[{'logGroupName':'/aws/batch/job'},{'logGroupName':'/my/group'}]}");
	expect(f, "DescribeLogGroups", "{'logGroupNamePrefix':'/my'}",
	       "{'logGroups':[{'logGroupName':'/my/group'}]}");
	expect(f, "DescribeLogGroups", "{'logGroupNamePattern':'batch'}",
	       "{'logGroups':[{'logGroupName':'/aws/batch/job'}]}");
	expect(f, "DescribeLogGroups", "{'logGroupNamePattern':'Batch'}", "{'logGroups':[]}");
	expect(f, "DescribeLogGroups", "{'logGroupIdentifiers':['/my/group','/no']}",
	       "{'logGroups':[{'logGroupName':'/my/group'}]}");
	expect(f, "DescribeLogGroups", "{'logGroupClass':'DELIVERY'}", "{'logGroups':[]}");
	refuse(f, "DescribeLogGroups", "{'logGroupNamePrefix':'a','logGroupNamePattern':'b'}",
	       "InvalidParameterException", "mutually exclusive");
	{
		cJSON *out cleanup_json = get(f, "DescribeLogGroups", "{'limit':1}",
					      "{'logGroups':[{'logGroupName':'/aws/batch/job'}]}");

		let("TOKEN", json_str(out, "nextToken"));
	}
	expect(f, "DescribeLogGroups", "{'limit':1,'nextToken':'$TOKEN'}",
	       "{'logGroups':[{'logGroupName':'/my/group'}]}");
	/* Each group has its own streams only. */
	expect(f, "DescribeLogStreams", "{'logGroupName':'/my/group'}",
	       "{'logStreams':[{'logStreamName':'$STREAM'}]}");
	expect(f, "DescribeLogStreams", "{" GROUP "}",
	       "{'logStreams':[{'logStreamName':'$A_STREAM'}]}");
	expect(f, "DescribeLogStreams",
	       "{'logGroupName':'/my/group','logStreamNamePrefix':'pre/fix/default/'}",
	       "{'logStreams':[{'logStreamName':'$STREAM'}]}");
	expect(f, "GetLogEvents", "{'logGroupName':'/my/group','logStreamName':'$STREAM'}",
	       "{'events':[{'message':'b'}]}");
	refuse(f, "GetLogEvents", "{" GROUP ",'logStreamName':'$STREAM'}",
	       "ResourceNotFoundException", "log stream");
	refuse(f, "GetLogEvents", "{'logGroupName':'/my/group','logStreamName':'$A_STREAM'}",
	       "ResourceNotFoundException", "log stream");
	expect(f, "FilterLogEvents", "{'logGroupName':'/my/group'}",
	       "{'events':[{'message':'b'}]}");
	expect(f, "FilterLogEvents",
	       "{'logGroupIdentifier':'arn:aws:logs:us-east-1:000000000000:log-group:/my/group'}",
	       "{'events':[{'message':'b'}]}");
	joblog_close(a);
	joblog_close(b);
}

/* Children have streams of their own, their parent has none (LOG-2). */
static void test_children(void **state)
{
	struct fixture *f = *state;

	make_world(f);
	submit(f, "ARRAY", "'arrayProperties':{'size':2}");
	eventually(f, "DescribeJobs", "{'jobs':['$ARRAY:0','$ARRAY:1']}",
		   "{'jobs':[{'status':'RUNNING'},{'status':'RUNNING'}]}");
	for (int i = 0; i < 2; i++) {
		cleanup_free char *in = xasprintf("{'jobs':['$ARRAY:%d']}", i);
		cJSON *out cleanup_json = get(f, "DescribeJobs", in, NULL);
		const cJSON *job = json_get(out, "jobs")->child;
		struct joblog_writer *w;
		char uuid[UUID_SIZE];
		time_t made;
		char date[16];
		struct tm tm;
		cleanup_free char *path = NULL;

		let(i ? "ONE" : "ZERO", json_str(json_get(job, "container"), "logStreamName"));
		snprintf(uuid, sizeof uuid, "%s", json_str(job, "jobId"));
		made = uuid_time(uuid) / 1000;
		gmtime_r(&made, &tm);
		strftime(date, sizeof date, "%Y-%m-%d", &tm);
		path = xasprintf("%s/%s/%s.1.log", f->home->logs, date, json_str(job, "jobId"));
		w = joblog_create(path, 1 << 20, NULL);
		begin = json_int(job, "createdAt", 0);
		say(w, i + 1, i ? "one" : "zero");
		joblog_close(w);
	}
	expect(f, "DescribeLogStreams", "{" GROUP "}",
	       "{'logStreams':[{'logStreamName':'$ZERO'},{'logStreamName':'$ONE'}]}");
	expect(f, "DescribeLogStreams", "{" GROUP ",'logStreamNamePrefix':'$ONE'}",
	       "{'logStreams':[{'logStreamName':'$ONE'}]}");
	expect(f, "GetLogEvents", "{" GROUP ",'logStreamName':'$ONE'}",
	       "{'events':[{'message':'one'}]}");
	found(f, "", "zero one ");
	expect(f, "DescribeJobs", "{'jobs':['$ARRAY']}", "{'jobs':[{'status':'PENDING'}]}");
}

/* --- patterns ------------------------------------------------------------------------------------
 */

static void test_patterns(void **state)
{
	static const struct {
		const char *pattern, *yes[4], *no[4];
	} cases[] = {
		{ "", { "", "x" }, { NULL } },
		{ "  ", { "", "x" }, { NULL } },
		{ "ERROR", { "ERROR", "an ERROR." }, { "error", "", "ERR" } },
		{ "a b", { "b a", "ab" }, { "a", "b" } },
		{ "\"a b\"", { "xa b" }, { "b a", "ab" } },
		{ "\"say \\\"x\\\"\"", { "say \"x\"" }, { "say x" } },
		{ "a -b", { "a" }, { "ab", "b", "" } },
		{ "-\"a b\"", { "ab", "" }, { "a b" } },
		{ "?a ?b", { "a", "b" }, { "c", "" } },
		{ "?a ?b c", { "ac", "bc" }, { "a", "c" } },
		{ "%^a[0-9]+$%", { "a1", "a22" }, { "a", "xa1" } },
		{ "%a\\%b%", { "a%b" }, { "ab" } },
		{ "-%^#% x", { "x", "a#x" }, { "#x", "y" } },
	};
	static const char *const wrong[] = { "{ $.a = 1 }", "[a, b]", "\"open", "%open",
					     "%(%",	    "a -",    "?",	"\"\"" };
	struct log_pattern p;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = { 0 };

		if (log_pattern_parse(&p, cases[i].pattern, &err) < 0)
			fail_msg("%s: %s", cases[i].pattern, err.text);
		for (int k = 0; k < 4 && cases[i].yes[k]; k++)
			if (!log_pattern_matches(&p, cases[i].yes[k], strlen(cases[i].yes[k])))
				fail_msg("'%s' misses '%s'", cases[i].pattern, cases[i].yes[k]);
		for (int k = 0; k < 4 && cases[i].no[k]; k++)
			if (log_pattern_matches(&p, cases[i].no[k], strlen(cases[i].no[k])))
				fail_msg("'%s' has '%s'", cases[i].pattern, cases[i].no[k]);
		log_pattern_fini(&p);
	}
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct err err = { 0 };

		if (log_pattern_parse(&p, wrong[i], &err) == 0)
			fail_msg("'%s' was taken", wrong[i]);
		assert_non_null(strstr(err.text, "Invalid filter pattern"));
	}
}

int main(void)
{
#define SLOW(test) cmocka_unit_test_setup_teardown(test, api_up_slow, api_down)
	const struct CMUnitTest tests[] = {
		SLOW(test_merge),
		SLOW(test_tokens),
		SLOW(test_large),
		SLOW(test_refused),
		SLOW(test_groups),
		SLOW(test_children),
		cmocka_unit_test(test_patterns),
	};

	return cmocka_run_group_tests_name("api_search", tests, NULL, NULL);
}
