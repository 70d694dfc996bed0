/* Events (EV-1, SM-4): what they say, in which order, page by page, over restarts; and hooks,
 * the commands that run for them. */
#include "config.h"
#include "api_fixture.h"
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "../../src/api/event.h"
#include "jobdeck/base/fs.h"

#define ARN(rest) "arn:aws:batch:us-east-1:000000000000:" rest

/* "STATUS STATUS ..." of all events that `in` asks for, page by page. */
static void seen(struct fixture *f, const char *in, const char *want)
{
	struct buf got;
	int64_t after = 0;

	buf_init(&got, 10000);
	for (bool more = true; more;) {
		cleanup_free char *page =
			xasprintf("{'after':%lld%s%s}", (long long)after, *in ? "," : "", in);
		cJSON *out cleanup_json = get(f, "JobdeckEvents", page, NULL);
		const cJSON *item;

		cJSON_ArrayForEach(item, json_get(out, "events")) {
			const cJSON *event = json_get(item, "event");
			bool blocked = strcmp(json_str(event, "detail-type"),
					      event_types[EVENT_BLOCKED]) == 0;

			assert_true(json_int(item, "seq", 0) > after);
			buf_addf(&got, "%s%s ", blocked ? "blocked:" : "",
				 json_str(json_get(event, "detail"), "status"));
		}
		after = json_int(out, "next", 0);
		more = json_bool(out, "more", false);
	}
	assert_string_equal(buf_str(&got), want);
	buf_fini(&got);
}

/* --- events
 * ---------------------------------------------------------------------------------------- */

static void test_life(void **state)
{
	struct fixture *f = *state;

	make_world(f);
	seen(f, "", "");
	submit(f, "JOB", "'tags':{'a':'b'}");
	eventually(f, "DescribeJobs", "{'jobs':['$JOB']}", "{'jobs':[{'status':'RUNNING'}]}");
	seen(f, "", "RUNNABLE STARTING RUNNING ");
	expect(f, "TerminateJob", "{'jobId':'$JOB','reason':'enough'}", NULL);
	eventually(f, "DescribeJobs", "{'jobs':['$JOB']}", "{'jobs':[{'status':'FAILED'}]}");
	seen(f, "'limit':1", "RUNNABLE STARTING RUNNING FAILED ");
	seen(f, "'jobStatus':'RUNNING'", "RUNNING ");
	seen(f, "'jobQueue':'" ARN("job-queue/q") "','limit':2",
	     "RUNNABLE STARTING RUNNING FAILED ");
	seen(f, "'detailType':'Batch Job Queue Blocked'", "");
	refuse(f, "JobdeckEvents", "{'jobQueue':'none'}", "ClientException", "does not exist");
	refuse(f, "JobdeckEvents", "{'jobStatus':'DONE'}", "ClientException", "enum value set");
	api_restart(f);
	seen(f, "", "RUNNABLE STARTING RUNNING FAILED ");
}

/* Each is the job as it was then, whenever it is read. */
static void test_detail(void **state)
{
	/* clang-format off */
	static const char wanted[] =
		"{'events':[{'event':{'version':'0','detail-type':'Batch Job State Change',"
		"'source':'aws.batch','account':'000000000000','region':'us-east-1',"
		"'resources':['" ARN("job/$JOB") "'],'detail':{"
		"'jobArn':'" ARN("job/$JOB") "','jobName':'JOB','jobId':'$JOB',"
		"'jobQueue':'" ARN("job-queue/q") "','status':'RUNNABLE','attempts':[],"
		"'tags':{'a':'b'},'jobDefinition':'" ARN("job-definition/sleep:1") "',"
		"'dependsOn':[],'isTerminated':false,"
		"'container':{'image':'host','command':['sleep','60']}}}},{},{},"
		"{'event':{'detail':{'status':'FAILED','statusReason':'enough','attempts':[{}],"
		"'isTerminated':true}}}]}";
	/* clang-format on */
	struct fixture *f = *state;
	cJSON *out cleanup_json = NULL;
	const cJSON *item, *d;
	const char *ids[4] = { NULL };
	int n = 0;

	make_world(f);
	submit(f, "JOB", "'tags':{'a':'b'}");
	eventually(f, "DescribeJobs", "{'jobs':['$JOB']}", "{'jobs':[{'status':'RUNNING'}]}");
	expect(f, "TerminateJob", "{'jobId':'$JOB','reason':'enough'}", NULL);
	eventually(f, "DescribeJobs", "{'jobs':['$JOB']}", "{'jobs':[{'status':'FAILED'}]}");
	out = get(f, "JobdeckEvents", "{}", wanted);
	cJSON_ArrayForEach(item, json_get(out, "events")) {
		d = json_get(json_get(item, "event"), "detail");
		assert_int_equal(json_get(d, "startedAt") != NULL, n >= 2);
		assert_int_equal(json_get(d, "stoppedAt") != NULL, n == 3);
		assert_int_equal(json_get(d, "statusReason") != NULL, n == 3);
		assert_int_equal(json_count(d, "attempts"), n == 3);
		d = json_get(d, "container");
		assert_int_equal(json_get(d, "taskArn") != NULL, n >= 1);
		assert_int_equal(json_get(d, "logStreamName") != NULL, n >= 2);
		assert_null(json_get(d, "jobdeckInstance"));
		ids[n] = json_str(json_get(item, "event"), "id");
		assert_true(uuid_is(ids[n]));
		for (int i = 0; i < n; i++)
			assert_string_not_equal(ids[i], ids[n]);
		assert_int_equal(strlen(json_str(json_get(item, "event"), "time")),
				 strlen("2026-11-22T14:03:22Z"));
		n++;
	}
	assert_int_equal(n, 4);
	{ /* the same line of the journal has always the same id */
		cJSON *again cleanup_json = get(f, "JobdeckEvents", "{}", NULL);

		assert_string_equal(
			ids[0],
			json_str(json_get(json_get(again, "events")->child, "event"), "id"));
	}
}

static void test_blocked(void **state)
{
	struct fixture *f = *state;

	make_world(f); /* 8 vCPUs */
	submit(f, "BIG",
	       "'containerOverrides':{'resourceRequirements':[{'type':'VCPU','value':'9'}]}");
	eventually(f, "DescribeJobs", "{'jobs':['$BIG']}",
		   "{'jobs':[{'statusReason':'MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE - "
		   "CE(s) associated with the job queue cannot meet the CPU requirement of the "
		   "job.'}]}");
	seen(f, "", "RUNNABLE blocked:RUNNABLE ");
	expect(f, "JobdeckEvents", "{'detailType':'Batch Job Queue Blocked'}",
	       "{'events':[{'event':{'detail-type':'Batch Job Queue Blocked','resources':['" ARN(
		       "job/$BIG") "','" ARN("job-queue/q") "'],'detail':{'status':'RUNNABLE',"
							    "'statusReason':'MISCONFIGURATION:"
							    "COMPUTE_ENVIRONMENT_MAX_RESOURCE - "
							    "CE(s) "
							    "associated with the job queue cannot "
							    "meet the CPU requirement of the "
							    "job.'}}}]}");
}

static void test_since(void **state)
{
	struct fixture *f = *state;
	cJSON *first cleanup_json = NULL, *end cleanup_json = NULL;

	make_world(f);
	submit(f, "A", "");
	eventually(f, "DescribeJobs", "{'jobs':['$A']}", "{'jobs':[{'status':'RUNNING'}]}");
	first = get(f, "JobdeckEvents", "{'since':0}", "{'events':[{},{},{}],'more':false}");
	end = get(f, "JobdeckEvents", "{'after':-1}", "{'events':[]}");
	assert_int_equal(json_int(first, "next", 0), json_int(end, "next", -1));
	expect(f, "JobdeckEvents", "{'since':9000000000000000}", "{'events':[]}");
	submit(f, "B", "");
	eventually(f, "DescribeJobs", "{'jobs':['$B']}", "{'jobs':[{'status':'RUNNING'}]}");
	{
		cleanup_free char *in =
			xasprintf("{'after':%lld}", (long long)json_int(end, "next", 0));

		expect(f, "JobdeckEvents", in,
		       "{'events':[{'event':{'detail':{'jobName':'B'}}},{},{}]}");
	}
}

/* The number of the last line before a time, found by halving, whatever is missing. */
static void test_journal_by_time(void **state)
{
	struct fixture *f = *state;
	struct store *st = engine_store(f->engine);
	int64_t last;

	assert_int_equal(store_journal_before(st, 0), 0);
	make_world(f);
	for (int i = 0; i < 20; i++)
		submit(f, "A", "");
	last = store_journal_before(st, JD_NEVER);
	assert_in_range(last, 20, 1000);
	for (int64_t seq = 0; seq < last; seq++) {
		cleanup_free char *in = xasprintf("{'after':%lld,'limit':1}", (long long)seq);
		cJSON *out cleanup_json = get(f, "JobdeckEvents", in, NULL);
		const cJSON *item = json_get(out, "events")->child;
		jd_time at;

		if (!item)
			break;
		at = json_int(json_get(json_get(item, "event"), "detail"), "createdAt", 0);
		assert_true(store_journal_before(st, at) < json_int(item, "seq", 0));
	}
	assert_int_equal(store_journal_before(st, JD_NEVER - 1), last);
}

/* The words of the settings are those of the events. */
static void test_words(void **state)
{
	const struct hook_field *field;
	size_t n;

	(void)state;
	field = settings_hook_table(&n);
	for (; n; n--, field++) {
		for (int i = 0; strcmp(field->key, "hook.NAME.on") == 0 && event_types[i]; i++)
			assert_non_null(strstr(field->choices, event_types[i]));
		for (int i = 0; strcmp(field->key, "hook.NAME.status") == 0 && i < JOB_COUNT; i++)
			assert_non_null(
				strstr(field->choices, job_status_name((enum job_status)i)));
	}
}

/* --- hooks
 * ------------------------------------------------------------------------------------------- */

/* A hook of that name; "%D" in the command is the fixture's directory. */
static struct hook *add_hook(struct fixture *f, const char *name, const char *command)
{
	struct hook *h = &f->settings.hook[f->settings.hook_count++];
	cleanup_free char *dir = xstrdup(f->dir);
	const char *p = command, *at;
	size_t n = 0;

	memset(h, 0, sizeof *h);
	snprintf(h->name, sizeof h->name, "%s", name);
	for (; (at = strstr(p, "%D")); p = at + 2)
		n += (size_t)snprintf(h->command + n, sizeof h->command - n, "%.*s%s",
				      (int)(at - p), p, dir);
	snprintf(h->command + n, sizeof h->command - n, "%s", p);
	return h;
}

static char *slurp(struct fixture *f, const char *name)
{
	cleanup_free char *path = xasprintf("%s/%s", f->dir, name);

	return fs_read(path, 1 << 20, NULL, NULL);
}

static int lines_in(struct fixture *f, const char *name)
{
	cleanup_free char *text = slurp(f, name);
	int n = 0;

	for (const char *p = text; p && *p; p++)
		n += *p == '\n';
	return n;
}

#define UNTIL(f, condition)                                              \
	do {                                                             \
		int64_t end_ = time_mono() + 20000;                      \
		while (!(condition)) {                                   \
			loop_turn((f)->loop, 10);                        \
			if (time_mono() > end_)                          \
				fail_msg("not in time: %s", #condition); \
		}                                                        \
	} while (0)

static void test_hooks(void **state)
{
	struct fixture *f = *state;
	struct hook *h;
	cleanup_free char *text = NULL;
	cJSON *event cleanup_json = NULL;

	add_hook(f, "all", "cat >> %D/all");
	h = add_hook(f, "failed", "cat > %D/failed.new; mv %D/failed.new %D/failed");
	snprintf(h->status, sizeof h->status, "FAILED");
	snprintf(h->queue, sizeof h->queue, "q");
	h = add_hook(f, "other", "cat > %D/other");
	snprintf(h->queue, sizeof h->queue, "elsewhere");
	h = add_hook(f, "blocked", "cat > %D/blocked");
	snprintf(h->on, sizeof h->on, "Batch Job Queue Blocked");
	api_restart(f);
	make_world(f);
	submit(f, "JOB", "");
	eventually(f, "DescribeJobs", "{'jobs':['$JOB']}", "{'jobs':[{'status':'RUNNING'}]}");
	expect(f, "TerminateJob", "{'jobId':'$JOB','reason':'enough'}", NULL);
	UNTIL(f, lines_in(f, "all") == 4 && lines_in(f, "failed") == 1);
	text = slurp(f, "failed");
	event = json_parse(text, strcspn(text, "\n"), NULL);
	assert_string_equal(json_str(event, "detail-type"), "Batch Job State Change");
	assert_string_equal(json_str(json_get(event, "detail"), "status"), "FAILED");
	assert_string_equal(json_str(json_get(event, "detail"), "statusReason"), "enough");
	eventually(f, "JobdeckStatus", "{}",
		   "{'hooks':[{'name':'all','done':4,'failed':0,'dropped':0,'running':0,"
		   "'waiting':0},{'name':'failed','done':1},{'name':'other','done':0},"
		   "{'name':'blocked','done':0}]}");
	assert_int_equal(lines_in(f, "other") + lines_in(f, "blocked"), 0);
}

/* What fails is told, and what does not end is ended. */
static void test_bad_hooks(void **state)
{
	struct fixture *f = *state;

	f->settings.hook_seconds = 1;
	snprintf(add_hook(f, "exit", "echo no such host >&2; echo more >&2; exit 3")->status, 16,
		 "RUNNING");
	snprintf(add_hook(f, "slow", "sleep 100 & wait")->status, 16, "RUNNING");
	snprintf(add_hook(f, "deaf", "trap '' TERM; exec sleep 2.5")->status, 16, "RUNNING");
	snprintf(add_hook(f, "signal", "kill -9 $$")->status, 16, "RUNNING");
	snprintf(add_hook(f, "loud", "yes >&2 & sleep 0.2; kill $!; exit 1")->status, 16,
		 "RUNNING");
	api_restart(f);
	make_world(f);
	submit(f, "JOB", "");
	eventually(f, "JobdeckStatus", "{}",
		   "{'hooks':[{'failed':1,'done':0,'failure':'exit status 3: no such host'},"
		   "{'failed':1,'failure':'not done after 1 s'},"
		   "{'failed':1,'failure':'not done after 1 s'},"
		   "{'failed':1,'failure':'killed by signal 9'},"
		   "{'failed':1,'failure':'exit status 1: y'}]}");
	/* Nobody else was kept waiting by them. */
	expect(f, "DescribeJobs", "{'jobs':['$JOB']}", "{'jobs':[{'status':'RUNNING'}]}");
}

/* At most four at a time, the others wait for their turn. */
static void test_bounded(void **state)
{
	struct fixture *f = *state;

	snprintf(add_hook(f, "gate",
			  "echo x >> %D/begun; while [ ! -e %D/open ]; do sleep 0.05; done")
			 ->status,
		 16, "RUNNING");
	api_restart(f);
	make_world(f);
	submit_many(f, "many", "", 8);
	UNTIL(f, lines_in(f, "begun") == 4);
	eventually(f, "JobdeckStatus", "{}", "{'hooks':[{'running':4,'waiting':4,'done':0}]}");
	{
		cleanup_free char *open = xasprintf("%s/open", f->dir);

		assert_int_equal(fs_write_atomic(open, "", 0, NULL), 0);
	}
	eventually(f, "JobdeckStatus", "{}", "{'hooks':[{'running':0,'waiting':0,'done':8}]}");
	assert_int_equal(lines_in(f, "begun"), 8);
}

/* Events that no server ran for are run for by the next; a new hook begins with the present. */
static void test_over_restarts(void **state)
{
	struct fixture *f = *state;

	make_world(f);
	submit(f, "BEFORE", "");
	eventually(f, "DescribeJobs", "{'jobs':['$BEFORE']}", "{'jobs':[{'status':'RUNNING'}]}");
	snprintf(add_hook(f, "one", "cat >> %D/one")->status, 16, "RUNNING");
	api_restart(f);
	submit(f, "A", "");
	eventually(f, "DescribeJobs", "{'jobs':['$A']}", "{'jobs':[{'status':'RUNNING'}]}");
	UNTIL(f, lines_in(f, "one") == 1);
	/* The server leaves right after the change, before it could run anything. */
	submit(f, "B", "");
	eventually(f, "DescribeJobs", "{'jobs':['$B']}", "{'jobs':[{'status':'RUNNING'}]}");
	snprintf(add_hook(f, "two", "cat >> %D/two")->status, 16, "RUNNING");
	api_restart(f);
	UNTIL(f, lines_in(f, "one") == 2);
	submit(f, "C", "");
	UNTIL(f, lines_in(f, "one") == 3 && lines_in(f, "two") == 1);
	api_restart(f);
	turns(f, 20);
	eventually(f, "JobdeckStatus", "{}", "{'hooks':[{'done':0,'waiting':0},{'done':0}]}");
	assert_int_equal(lines_in(f, "one"), 3);
	/* Without hooks for a while, the past is forgotten. */
	f->settings.hook_count = 0;
	api_restart(f);
	submit(f, "D", "");
	eventually(f, "DescribeJobs", "{'jobs':['$D']}", "{'jobs':[{'status':'RUNNING'}]}");
	f->settings.hook_count = 2;
	api_restart(f);
	submit(f, "E", "");
	UNTIL(f, lines_in(f, "one") == 4 && lines_in(f, "two") == 2);
}

int main(void)
{
#define SLOW(test) cmocka_unit_test_setup_teardown(test, api_up_slow, api_down)
	const struct CMUnitTest tests[] = {
		SLOW(test_life),	  SLOW(test_detail),	      SLOW(test_blocked),
		SLOW(test_since),	  SLOW(test_journal_by_time), cmocka_unit_test(test_words),
		SLOW(test_hooks),	  SLOW(test_bad_hooks),	      SLOW(test_bounded),
		SLOW(test_over_restarts),
	};

	return cmocka_run_group_tests_name("api_events", tests, NULL, NULL);
}
