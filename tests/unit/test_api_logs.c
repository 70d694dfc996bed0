/* CloudWatch Logs over the jobs' logs: streams, pages in both directions, followers. */
#include "config.h"
#include "api_fixture.h"
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include "jobdeck/shim/joblog.h"

#define GROUP "'logGroupName':'/aws/batch/job'"
enum { T0 = 1000000 }; /* of the first line; one every second */

/* The log file of a job, where the engine looks for it. */
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

static void write_line(struct joblog_writer *w, int i, const char *text)
{
	assert_int_equal(
		joblog_write(w, i % 2 ? JOBLOG_ERR : JOBLOG_OUT, T0 + i * 1000, text, strlen(text)),
		0);
}

/* A running job $JOB with log stream $STREAM of n lines "line I". */
static struct joblog_writer *job_with_log(struct fixture *f, int n)
{
	cJSON *out cleanup_json = NULL;
	struct joblog_writer *w;
	const cJSON *job;

	make_world(f);
	submit(f, "JOB", "");
	eventually(f, "DescribeJobs", "{'jobs':['$JOB']}", "{'jobs':[{'status':'RUNNING'}]}");
	out = get(f, "DescribeJobs", "{'jobs':['$JOB']}", NULL);
	job = json_get(out, "jobs")->child;
	let("STREAM", json_str(json_get(job, "container"), "logStreamName"));
	let("TASK", strrchr(json_str(json_get(job, "container"), "logStreamName"), '/') + 1);
	w = open_log(f, json_str(job, "jobId"), 1);
	for (int i = 0; i < n; i++) {
		char text[32];

		snprintf(text, sizeof text, "line %d\n", i);
		write_line(w, i, text);
	}
	return w;
}

/* One page: the numbers of its lines from `first` to `last` (-1: none), tokens let as
 * $FORWARD and $BACKWARD. */
static void page(struct fixture *f, const char *more, int first, int last)
{
	cleanup_free char *in =
		xasprintf("{" GROUP ",'logStreamName':'$STREAM'%s%s}", *more ? "," : "", more);
	cJSON *out cleanup_json = get(f, "GetLogEvents", in, NULL);
	const cJSON *event;
	int i = first;

	cJSON_ArrayForEach(event, json_get(out, "events")) {
		char text[32];

		snprintf(text, sizeof text, "line %d", i);
		assert_string_equal(json_str(event, "message"), text);
		assert_int_equal(json_int(event, "timestamp", 0), T0 + i * 1000);
		assert_string_equal(json_str(event, "jobdeckStream"), i % 2 ? "stderr" : "stdout");
		i++;
	}
	assert_int_equal(json_count(out, "events"), first < 0 ? 0 : last - first + 1);
	let("FORWARD", json_str(out, "nextForwardToken"));
	let("BACKWARD", json_str(out, "nextBackwardToken"));
}

static void remember(const char *as, const char *op_token, struct fixture *f)
{
	cleanup_free char *in = xasprintf(
		"{" GROUP ",'logStreamName':'$STREAM','limit':1,'nextToken':'%s'}", op_token);
	cJSON *out cleanup_json = get(f, "GetLogEvents", in, NULL);

	let(as, json_str(out, "nextForwardToken"));
}

static void test_forward(void **state)
{
	struct fixture *f = *state;
	struct joblog_writer *w = job_with_log(f, 10);

	page(f, "'startFromHead':true,'limit':4", 0, 3);
	page(f, "'nextToken':'$FORWARD','limit':4", 4, 7);
	page(f, "'nextToken':'$FORWARD','limit':4,'startFromHead':true", 8, 9);
	/* At the end the same token comes back, again and again. */
	remember("SAME", "$FORWARD", f);
	page(f, "'nextToken':'$FORWARD'", -1, -1);
	expect(f, "GetLogEvents", "{" GROUP ",'logStreamName':'$STREAM','nextToken':'$FORWARD'}",
	       "{'events':[],'nextForwardToken':'$SAME'}");
	/* A follower gets only what is new, also after a restart of the server. */
	write_line(w, 10, "line 10\n");
	page(f, "'nextToken':'$FORWARD'", 10, 10);
	api_restart(f);
	write_line(w, 11, "line 11\n");
	page(f, "'nextToken':'$FORWARD'", 11, 11);
	page(f, "'nextToken':'$FORWARD'", -1, -1);
	joblog_close(w);
}

static void test_backward(void **state)
{
	struct fixture *f = *state;

	joblog_close(job_with_log(f, 10));
	page(f, "'limit':3", 7, 9); /* the latest, in the order of time */
	let("END", "");
	page(f, "'nextToken':'$BACKWARD','limit':3", 4, 6);
	page(f, "'nextToken':'$BACKWARD','limit':3", 1, 3);
	page(f, "'nextToken':'$BACKWARD','limit':3", 0, 0);
	page(f, "'nextToken':'$BACKWARD','limit':3", -1, -1);
	expect(f, "GetLogEvents", "{" GROUP ",'logStreamName':'$STREAM','nextToken':'$BACKWARD'}",
	       "{'events':[],'nextBackwardToken':'$BACKWARD'}");
	page(f, "'limit':3", 7, 9);
	page(f, "'nextToken':'$FORWARD'", -1, -1); /* a tail can be followed */
	page(f, "", 0, 9);
}

static void test_times(void **state)
{
	struct fixture *f = *state;

	joblog_close(job_with_log(f, 10));
	page(f, "'startTime':1003000,'endTime':1006000", 3, 5);
	page(f, "'startTime':1003000,'endTime':1006000,'startFromHead':true,'limit':2", 3, 4);
	page(f, "'startTime':1003000,'endTime':1006000,'nextToken':'$FORWARD','limit':2", 5, 5);
	page(f, "'startTime':1003000,'endTime':1006000,'limit':2", 4, 5);
	page(f, "'startTime':1003000,'endTime':1006000,'nextToken':'$BACKWARD','limit':2", 3, 3);
	page(f, "'startTime':1010000", -1, -1);
	page(f, "'endTime':1000000", -1, -1);
}

/* Many lines: pages end at 1 MiB and 10,000 lines, and nothing is lost or said twice. */
static void test_long_log(void **state)
{
	struct fixture *f = *state;
	enum { LINES = 25000 };

	joblog_close(job_with_log(f, LINES));
	page(f, "", LINES - 10000, LINES - 1);
	page(f, "'nextToken':'$BACKWARD'", LINES - 20000, LINES - 10001);
	page(f, "'nextToken':'$BACKWARD'", 0, LINES - 20001);
	page(f, "'startFromHead':true", 0, 9999);
	page(f, "'nextToken':'$FORWARD'", 10000, 19999);
	page(f, "'nextToken':'$FORWARD'", 20000, LINES - 1);
}

static void test_big_lines(void **state)
{
	struct fixture *f = *state;
	struct joblog_writer *w = job_with_log(f, 0);
	char big[8001];
	int total = 0, pages = 0;

	memset(big, 'x', sizeof big - 2);
	memcpy(big + sizeof big - 2, "\n", 2);
	for (int i = 0; i < 300; i++)
		write_line(w, i, big);
	joblog_close(w);
	let("TOKEN", "f/000000000000000000");
	for (;;) {
		cJSON *out cleanup_json =
			get(f, "GetLogEvents",
			    "{" GROUP ",'logStreamName':'$STREAM','nextToken':'$TOKEN'}", NULL);
		int n = json_count(out, "events");

		if (!n)
			break;
		assert_true(n * 8000 <= 1024 * 1024);
		let("TOKEN", json_str(out, "nextForwardToken"));
		total += n;
		pages++;
	}
	assert_int_equal(total, 300);
	assert_int_equal(pages, 3);
	/* Pages that are larger than the first guess, and all of them whole lines. */
	for (int limit = 1; limit <= 100; limit += 11) {
		cleanup_free char *in =
			xasprintf("{" GROUP ",'logStreamName':'$STREAM','limit':%d}", limit);
		cJSON *out cleanup_json = get(f, "GetLogEvents", in, NULL);
		const cJSON *event;

		assert_int_equal(json_count(out, "events"), limit);
		cJSON_ArrayForEach(event, json_get(out, "events"))
			assert_int_equal(strlen(json_str(event, "message")), sizeof big - 2);
	}
	let("TOKEN", "b/999999999999999999");
	for (total = 0;;) {
		cJSON *out cleanup_json =
			get(f, "GetLogEvents",
			    "{" GROUP ",'logStreamName':'$STREAM','nextToken':'$TOKEN'}", NULL);

		if (!json_count(out, "events"))
			break;
		let("TOKEN", json_str(out, "nextBackwardToken"));
		total += json_count(out, "events");
	}
	assert_int_equal(total, 300);
}

/* Whatever a job writes, the answer is JSON. */
static void test_bytes(void **state)
{
	struct fixture *f = *state;
	struct joblog_writer *w = job_with_log(f, 0);

	assert_int_equal(joblog_write(w, JOBLOG_OUT, T0, "a\0b\xff\xe2\x82 \x1b[31m\n", 13), 0);
	assert_int_equal(joblog_write(w, JOBLOG_ERR, T0, "half", 4), 0);
	assert_int_equal(joblog_flush(w, T0), 0);
	joblog_close(w);
	expect(f, "GetLogEvents", "{" GROUP ",'logStreamName':'$STREAM'}",
	       "{'events':[{'message':'a\xef\xbf\xbd"
	       "b\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd \\u001b[31m'},"
	       "{'message':'half','jobdeckStream':'stderr','jobdeckContinues':true}]}");
}

static void test_refused(void **state)
{
	struct fixture *f = *state;

	joblog_close(job_with_log(f, 1));
	refuse(f, "GetLogEvents", "{'logGroupName':'/aws/other','logStreamName':'$STREAM'}",
	       "ResourceNotFoundException", "The specified log group does not exist.");
	refuse(f, "GetLogEvents", "{" GROUP ",'logStreamName':'sleep/default/x'}",
	       "ResourceNotFoundException", "The specified log stream does not exist.");
	refuse(f, "GetLogEvents",
	       "{" GROUP ",'logStreamName':'other/default/00000000000010008000000000000000'}",
	       "ResourceNotFoundException", "log stream");
	refuse(f, "GetLogEvents", "{" GROUP "}", "InvalidParameterException",
	       "Value null at 'logStreamName'");
	refuse(f, "GetLogEvents", "{'logStreamName':'$STREAM'}", "InvalidParameterException",
	       "Exactly one of logGroupName");
	refuse(f, "GetLogEvents", "{" GROUP ",'logStreamName':'$STREAM','nextToken':'f/-1'}",
	       "InvalidParameterException", "The specified nextToken is invalid.");
	refuse(f, "GetLogEvents", "{" GROUP ",'logStreamName':'$STREAM','nextToken':'f/12'}",
	       "InvalidParameterException", "nextToken");
	refuse(f, "GetLogEvents", "{" GROUP ",'logStreamName':'other/default/$TASK'}",
	       "ResourceNotFoundException", "log stream");
	refuse(f, "GetLogEvents",
	       "{" GROUP ",'logStreamName':'$STREAM','nextToken':'x/000000000000000000'}",
	       "InvalidParameterException", "nextToken");
	refuse(f, "GetLogEvents", "{" GROUP ",'logStreamName':'$STREAM','limit':0}",
	       "InvalidParameterException", "limit");
	/* By ARN, and a position behind the end. */
	expect(f, "GetLogEvents",
	       "{'logGroupIdentifier':'arn:aws:logs:us-east-1:000000000000:log-group:/aws/batch/"
	       "job',"
	       "'logStreamName':'$STREAM'}",
	       "{'events':[{'message':'line 0'}]}");
	expect(f, "GetLogEvents",
	       "{" GROUP ",'logStreamName':'$STREAM','nextToken':'f/999999999999999999'}",
	       "{'events':[]}");
}

/* --- streams ------------------------------------------------------------------------- */

static void test_streams(void **state)
{
	struct fixture *f = *state;

	joblog_close(job_with_log(f, 3));
	expect(f, "DescribeLogStreams", "{" GROUP ",'logStreamNamePrefix':'$STREAM'}",
	       "{'logStreams':[{'logStreamName':'$STREAM','firstEventTimestamp':1000000,"
	       "'lastEventTimestamp':1002000,'lastIngestionTime':1002000,"
	       "'arn':'arn:aws:logs:us-east-1:000000000000:log-group:/aws/batch/"
	       "job:log-stream:$STREAM'}]}");
	expect(f, "DescribeLogStreams", "{" GROUP ",'logStreamNamePrefix':'sleep/'}",
	       "{'logStreams':[{'logStreamName':'$STREAM'}]}");
	expect(f, "DescribeLogStreams", "{" GROUP ",'logStreamNamePrefix':'sle'}",
	       "{'logStreams':[{}]}");
	expect(f, "DescribeLogStreams", "{" GROUP ",'logStreamNamePrefix':'nothing/'}",
	       "{'logStreams':[]}");
	refuse(f, "DescribeLogStreams", "{'logGroupName':'/none'}", "ResourceNotFoundException",
	       "log group");
	refuse(f, "DescribeLogStreams",
	       "{" GROUP ",'logStreamNamePrefix':'a','orderBy':'LastEventTime'}",
	       "InvalidParameterException",
	       "Cannot order by LastEventTime with a logStreamNamePrefix.");
	refuse(f, "DescribeLogStreams", "{" GROUP ",'orderBy':'Size'}", "InvalidParameterException",
	       "enum value set: [LogStreamName, LastEventTime]");
	refuse(f, "DescribeLogStreams", "{" GROUP ",'limit':51}", "InvalidParameterException",
	       "less than or equal to 50");
}

static void collect(struct fixture *f, const char *more, char *seen, size_t size)
{
	seen[0] = '\0';
	let("TOKEN", "");
	for (int pages = 0; pages < 10; pages++) {
		const char *token = pages ? ",'nextToken':'$TOKEN'" : "";
		cleanup_free char *in =
			xasprintf("{" GROUP ",'limit':2%s%s%s}", *more ? "," : "", more, token);
		cJSON *out cleanup_json = get(f, "DescribeLogStreams", in, NULL);
		const cJSON *item;

		cJSON_ArrayForEach(item, json_get(out, "logStreams")) {
			size_t n = strlen(seen);
			const char *name = json_str(item, "logStreamName");

			/* The attempt's number is the 13th digit of the task's id. */
			snprintf(seen + n, size - n, "%.2s%c ", name, strrchr(name, '/')[13]);
		}
		if (!json_str(out, "nextToken"))
			return;
		let("TOKEN", json_str(out, "nextToken"));
	}
	fail_msg("the pages do not end: %s", seen);
}

static void test_stream_order(void **state)
{
	struct fixture *f = *state;
	static const char *const names[] = { "b1", "a2", "c3" };
	char seen[100];

	make_world(f);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		cleanup_free char *def = xasprintf("{'jobDefinitionName':'%s','type':'container','"
						   "containerProperties':{'image':'host',"
						   "'command':['fake','run=1','exit=%d'],'vcpus':1,"
						   "'memory':64},'retryStrategy':{'attempts':2}}",
						   names[i], i == 1);
		cleanup_free char *job = xasprintf(
			"{'jobName':'%s','jobQueue':'q','jobDefinition':'%s'}", names[i], names[i]);
		cJSON *out cleanup_json = NULL;

		expect(f, "RegisterJobDefinition", def, NULL);
		out = get(f, "SubmitJob", job, NULL);
		let("JOB", json_str(out, "jobId"));
		eventually(f, "DescribeJobs", "{'jobs':['$JOB']}",
			   i == 1 ? "{'jobs':[{'status':'FAILED'}]}" :
				    "{'jobs':[{'status':'SUCCEEDED'}]}");
	}
	collect(f, "", seen, sizeof seen);
	assert_string_equal(seen, "a21 a22 b11 c31 ");
	collect(f, "'descending':true", seen, sizeof seen);
	assert_string_equal(seen, "c31 b11 a22 a21 ");
	collect(f, "'orderBy':'LastEventTime','descending':true", seen, sizeof seen);
	assert_string_equal(seen, "c31 a22 a21 b11 ");
}

int main(void)
{
#define SLOW(test) cmocka_unit_test_setup_teardown(test, api_up_slow, api_down)
	const struct CMUnitTest tests[] = {
		SLOW(test_forward),  SLOW(test_backward),  SLOW(test_times),
		SLOW(test_long_log), SLOW(test_big_lines), SLOW(test_bytes),
		SLOW(test_refused),  SLOW(test_streams),   SLOW(test_stream_order),
	};

	return cmocka_run_group_tests_name("api_logs", tests, NULL, NULL);
}
