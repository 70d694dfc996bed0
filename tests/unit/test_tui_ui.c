/* The console with a fake client: keys in, calls and screens out. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "canned.h"
#include "jobdeck/base/fs.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "key.h"
#include "tail.h"
#include "ui.h"

/* A server of a few lines: it remembers what was made and what was asked of it. */
struct world {
	bool env, queue, empty;
	cJSON *requests;    /* [[op, request], ...] of calls that change something */
	const char *refuse; /* this operation fails */
	const char *status; /* of the job, when not canned */
	int definitions, jobs;
};

static struct world world;
static struct client *client;
static struct ui *ui;
static struct console_options options;
static struct home home;
static char dir[64];
static int64_t mono;

static void remember(const char *op, const cJSON *in)
{
	cJSON *pair = cJSON_CreateArray();

	cJSON_AddItemToArray(pair, cJSON_CreateString(op));
	cJSON_AddItemToArray(pair, cJSON_Duplicate(in, 1));
	cJSON_AddItemToArray(world.requests, pair);
}

static cJSON *parse(const char *text)
{
	return json_parse(text, strlen(text), NULL);
}

static cJSON *own_overview(void)
{
	cJSON *out = parse("{\"seq\":1,\"pool\":{\"vcpus\":4,\"memory\":8192},\"used\":{}}"), *list;

	list = cJSON_AddArrayToObject(out, "environments");
	if (world.env)
		cJSON_AddItemToArray(list, parse("{\"computeEnvironmentName\":\"local-ce\","
						 "\"type\":\"EC2\",\"state\":\"ENABLED\","
						 "\"status\":\"VALID\",\"maxvCpus\":4}"));
	list = cJSON_AddArrayToObject(out, "queues");
	if (world.queue)
		cJSON_AddItemToArray(list, parse("{\"jobQueueName\":\"default\",\"priority\":10,"
						 "\"state\":\"ENABLED\",\"status\":\"VALID\","
						 "\"computeEnvironments\":[\"local-ce\"],"
						 "\"counts\":{\"SUCCEEDED\":1}}"));
	return out;
}

static cJSON *own_job(int n)
{
	cJSON *job = parse("{\"createdAt\":1795356200000,\"startedAt\":1795356201000,"
			   "\"stoppedAt\":1795356202000,\"statusReason\":"
			   "\"Essential container in task exited\",\"container\":{\"exitCode\":0,"
			   "\"logStreamName\":\"hello/default/1\"},\"attempts\":[{\"container\":"
			   "{\"exitCode\":0,\"logStreamName\":\"hello/default/1\"}}]}");
	char id[60];

	snprintf(id, sizeof id, "019a0000-0000-7000-8000-00000000000%d", n);
	json_add_str(job, "jobId", id);
	json_add_str(job, "jobName", "hello");
	json_add_str(job, "status", world.status ? world.status : "SUCCEEDED");
	return job;
}

static cJSON *describe_jobs(const cJSON *in)
{
	cJSON *out = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(out, "jobs");

	for (int i = 0; i < json_count(in, "jobs"); i++)
		cJSON_AddItemToArray(list, own_job(i + 1));
	return out;
}

static cJSON *make(const char *op, const cJSON *in)
{
	cJSON *out = cJSON_CreateObject();

	remember(op, in);
	world.env = world.env || strcmp(op, "CreateComputeEnvironment") == 0;
	world.queue = world.queue || strcmp(op, "CreateJobQueue") == 0;
	if (strcmp(op, "RegisterJobDefinition") == 0) {
		json_add_copy(out, "jobDefinitionName", json_get(in, "jobDefinitionName"));
		json_add_int(out, "revision", ++world.definitions);
	} else if (strcmp(op, "SubmitJob") == 0) {
		char id[60];

		snprintf(id, sizeof id, "019a0000-0000-7000-8000-00000000000%d", ++world.jobs);
		json_add_str(out, "jobId", id);
		json_add_copy(out, "jobName", json_get(in, "jobName"));
	}
	return out;
}

static cJSON *own_answer(const char *op, const cJSON *in)
{
	if (strcmp(op, "JobdeckOverview") == 0)
		return own_overview();
	if (strcmp(op, "JobdeckWatch") == 0)
		return parse("{\"seq\":2}");
	if (strcmp(op, "DescribeComputeEnvironments") == 0)
		return parse("{\"computeEnvironments\":[{\"status\":\"VALID\"}]}");
	if (strcmp(op, "DescribeJobQueues") == 0)
		return parse("{\"jobQueues\":[{\"status\":\"VALID\"}]}");
	if (strcmp(op, "DescribeJobDefinitions") == 0)
		return parse("{\"jobDefinitions\":[]}");
	if (strcmp(op, "DescribeJobs") == 0)
		return describe_jobs(in);
	if (strcmp(op, "ListJobs") == 0)
		return parse("{\"jobSummaryList\":[]}");
	if (strcmp(op, "GetLogEvents") == 0)
		return json_get(in, "nextToken") ?
			       parse("{\"events\":[],\"nextForwardToken\":\"f\","
				     "\"nextBackwardToken\":\"b\"}") :
			       parse("{\"events\":[{\"timestamp\":1795356201000,\"message\":"
				     "\"hello from the fake\"}],\"nextForwardToken\":\"f\","
				     "\"nextBackwardToken\":\"b\"}");
	return make(op, in);
}

static cJSON *answer(void *arg, const char *op, const cJSON *in, struct err *err)
{
	static const char *const changing[] = { "CancelJob", "TerminateJob", "UpdateJobQueue",
						"UpdateComputeEnvironment" };

	(void)arg;
	if (world.refuse && strcmp(world.refuse, op) == 0) {
		err_set(err, ERR_INVALID, "refused by the test");
		return NULL;
	}
	if (world.empty)
		return own_answer(op, in);
	for (size_t i = 0; i < ARRAY_LEN(changing); i++) {
		if (strcmp(changing[i], op) == 0) {
			remember(op, in);
			return cJSON_CreateObject();
		}
	}
	if (strcmp(op, "SubmitJob") == 0 || strcmp(op, "RegisterJobDefinition") == 0)
		return make(op, in);
	if (strcmp(op, "DescribeJobDefinitions") == 0)
		return parse(
			"{\"jobDefinitions\":[{\"jobDefinitionName\":\"host-echo\",\"revision\":3,"
			"\"containerProperties\":{\"image\":\"host\"}}]}");
	if (strcmp(op, "JobdeckFindJobs") == 0)
		return parse("{\"jobs\":[{\"jobId\":\"019a2b30-000c-7000-8000-00000000000c\"}]}");
	return canned_answer(NULL, op, in, err);
}

static void run(int turns)
{
	for (int i = 0; i < turns; i++) {
		mono += 600;
		ui_turn(ui, mono, CANNED_NOW);
		fake_deliver(client);
	}
	ui_turn(ui, mono, CANNED_NOW);
}

static void keys(const char *text)
{
	for (; *text; text++) {
		ui_key(ui, *text == '\n'   ? K_ENTER :
			   *text == '\t'   ? K_TAB :
			   *text == '\033' ? K_ESC :
					     *text);
		run(3);
	}
}

static bool shows(const char *text)
{
	const struct grid *g = ui_draw(ui);
	bool found = false;

	for (int row = 0; row < g->rows && !found; row++) {
		cleanup_free char *line = grid_row(g, row);

		found = strstr(line, text) != NULL;
	}
	return found;
}

static void assert_shows(const char *text)
{
	const struct grid *g = ui_draw(ui);

	if (shows(text))
		return;
	for (int row = 0; row < g->rows; row++) {
		cleanup_free char *line = grid_row(g, row);

		print_message("# %s\n", line);
	}
	fail_msg("not on the screen: %s", text);
}

static const cJSON *request(int n, const char *op)
{
	const cJSON *pair = cJSON_GetArrayItem(world.requests, n);

	assert_non_null(pair);
	assert_string_equal(cJSON_GetArrayItem(pair, 0)->valuestring, op);
	return cJSON_GetArrayItem(pair, 1);
}

static int request_count(void)
{
	return cJSON_GetArraySize(world.requests);
}

static void start(bool empty, bool read_only)
{
	world.empty = empty;
	world.requests = cJSON_CreateArray();
	client = fake_client(answer, NULL);
	options =
		(struct console_options){ .home = &home, .client = client, .read_only = read_only };
	ui = ui_new(&options, 24, 80, false);
	run(10);
}

static int setup(void **state)
{
	(void)state;
	memset(&world, 0, sizeof world);
	memset(&home, 0, sizeof home);
	mono = 1000;
	snprintf(dir, sizeof dir, "/tmp/tui-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	home.dir = home.db = home.logs = home.state = dir;
	return 0;
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	ui_free(ui);
	fake_free(client);
	cJSON_Delete(world.requests);
	ui = NULL;
	snprintf(command, sizeof command, "%s/setup.sh", dir);
	unlink(command);
	rmdir(dir);
	return 0;
}

/* ---- The wizard ---- */

static void test_wizard_five_times_enter(void **state)
{
	(void)state;
	start(true, false);
	assert_shows("step 1 of 5"); /* an empty home begins with it */
	keys("\n\n\n\n");
	assert_shows("Nothing has been created yet");
	assert_int_equal(request_count(), 0);
	keys("\n");
	run(20);
	assert_int_equal(request_count(), 4);
	assert_string_equal(
		json_str(request(0, "CreateComputeEnvironment"), "computeEnvironmentName"),
		"local-ce");
	assert_int_equal(
		json_int(json_get(request(0, "CreateComputeEnvironment"), "computeResources"),
			 "maxvCpus", 0),
		4);
	assert_string_equal(json_str(request(1, "CreateJobQueue"), "jobQueueName"), "default");
	request(2, "RegisterJobDefinition");
	assert_string_equal(json_str(request(3, "SubmitJob"), "jobQueue"), "default");
	assert_shows("hello from the fake");
	assert_shows("[SUCCEEDED]");
	fake_calls(client);
	run(10);
	assert_string_equal(fake_calls(client), ""); /* all is there: nothing more is asked */
	keys("\n");
	assert_shows("2 Job queues (1)");
}

static void test_wizard_says_what_is_wrong_at_once(void **state)
{
	(void)state;
	start(true, false);
	keys("\n!");
	assert_shows("! letters, digits");
	keys("\n"); /* does not go on */
	assert_shows("step 2 of 5");
	ui_key(ui, K_BACKSPACE);
	keys("\t9");
	assert_shows("! must be 1 to 4");
	keys("\033\n"); /* back and forth keeps what was typed */
	assert_shows("! must be 1 to 4");
	keys("\033\033"); /* and so does leaving it */
	assert_shows("2 Job queues (0)");
	keys("1N");
	assert_shows("! must be 1 to 4");
	assert_int_equal(request_count(), 0);
}

static void test_wizard_keeps_what_exists(void **state)
{
	(void)state;
	world.env = world.queue = true;
	start(true, false);
	keys("1N");
	assert_shows("exists: it is used as it is");
	keys("\n\n\n\n");
	run(20);
	assert_int_equal(request_count(), 2);
	request(0, "RegisterJobDefinition");
	request(1, "SubmitJob");
}

static void test_wizard_failure_can_be_tried_again(void **state)
{
	(void)state;
	world.refuse = "CreateJobQueue";
	start(true, false);
	keys("\n\n\n\n\n");
	run(10);
	assert_shows("CreateJobQueue default: refused by the test");
	world.refuse = NULL;
	keys("\n");
	run(20);
	assert_shows("[SUCCEEDED]");
	assert_int_equal(request_count(), 4); /* the environment was not made twice */
}

static void test_wizard_chain(void **state)
{
	(void)state;
	start(true, false);
	keys("\n\n\n2\n\n");
	run(30);
	assert_int_equal(request_count(), 8);
	assert_string_equal(
		json_str(cJSON_GetArrayItem(json_get(request(5, "SubmitJob"), "dependsOn"), 0),
			 "jobId"),
		"019a0000-0000-7000-8000-000000000001");
	assert_null(json_get(request(3, "SubmitJob"), "dependsOn"));
}

static void test_wizard_own_command(void **state)
{
	const cJSON *command;

	(void)state;
	start(true, false);
	keys("\n\n\n3\n"); /* nothing typed: refused */
	assert_shows("what shall it run?");
	keys("echo 'a b' c\n\n");
	run(20);
	command = json_get(json_get(request(2, "RegisterJobDefinition"), "containerProperties"),
			   "command");
	assert_int_equal(cJSON_GetArraySize(command), 3);
	assert_string_equal(cJSON_GetArrayItem(command, 1)->valuestring, "a b");
}

static void test_wizard_saves_its_plan(void **state)
{
	cleanup_free char *path = NULL, *text = NULL;

	(void)state;
	start(true, false);
	keys("\n\n\ns");
	path = xasprintf("%s/setup.sh", dir);
	text = fs_read(path, 100000, NULL, NULL);
	assert_non_null(text);
	assert_non_null(strstr(text, "jobdeck api CreateComputeEnvironment '{"));
	assert_non_null(
		strstr(text, "jobdeck submit --queue default --name hello --definition hello"));
	assert_int_equal(request_count(), 0);
	keys("j");
	assert_shows("CreateComputeEnvironment");
	keys("q");
	assert_shows("step 4 of 5");
}

static void test_wizard_read_only_creates_nothing(void **state)
{
	(void)state;
	start(true, true);
	assert_false(shows("step 1 of 5"));
	keys("1N");
	assert_shows("read-only");
	assert_int_equal(request_count(), 0);
}

/* ---- Stopping ---- */

static void test_stop_default_is_no(void **state)
{
	static const char *const noes[] = { "K\n", "Kn", "K\033", "Kq" };

	(void)state;
	start(false, false);
	for (size_t i = 0; i < ARRAY_LEN(noes); i++) {
		keys(noes[i]);
		assert_int_equal(request_count(), 0);
		assert_shows("nothing was stopped");
	}
	keys("K");
	ui_interrupt(ui);
	assert_false(shows("Stop this job?"));
	assert_int_equal(request_count(), 0);
}

static void test_stop_takes_the_right_call(void **state)
{
	(void)state;
	start(false, false);
	keys("   j K"); /* two running, one starting, one waiting */
	assert_shows("Stop these 4 jobs?");
	keys("y");
	assert_int_equal(request_count(), 4);
	request(0, "TerminateJob");
	request(1, "TerminateJob");
	request(2, "TerminateJob");
	assert_string_equal(json_str(request(3, "CancelJob"), "jobId"),
			    "019a2b30-0004-7000-8000-000000000004");
}

static void test_stop_reads_back(void **state)
{
	(void)state;
	start(false, false);
	keys("jjjjK"); /* the canned cluster never changes: it goes on waiting */
	keys("\t");
	ui_key(ui, KEY_CTRL('u'));
	keys("too big\ty");
	assert_string_equal(json_str(request(0, "CancelJob"), "reason"), "too big");
	run(4);
	assert_shows("was not stopped: it is RUNNABLE now");
}

static void test_stop_ended_job(void **state)
{
	(void)state;
	start(false, false);
	keys("GK");
	assert_shows("it has already ended");
}

static void test_toggle(void **state)
{
	(void)state;
	start(false, false);
	keys("2T");
	assert_shows("Turn high off?");
	keys("y");
	assert_string_equal(json_str(request(0, "UpdateJobQueue"), "state"), "DISABLED");
	keys("1GTy");
	assert_string_equal(json_str(request(1, "UpdateComputeEnvironment"), "state"), "ENABLED");
	assert_shows("ce-old is on");
}

static void test_read_only_refuses_capitals(void **state)
{
	static const char *const refused[] = { "K", "N", "2T", "1N", "3lK" };

	(void)state;
	start(false, true);
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		keys(refused[i]);
		assert_shows("read-only: nothing is changed from here");
	}
	assert_int_equal(request_count(), 0);
}

/* ---- Submitting ---- */

static void test_submit_defaults_work(void **state)
{
	const cJSON *in;

	(void)state;
	start(false, false);
	keys("N");
	ui_key(ui, KEY_CTRL('s'));
	run(5);
	assert_int_equal(request_count(), 1); /* host-echo:3 is there: none is made */
	in = request(0, "SubmitJob");
	assert_string_equal(json_str(in, "jobDefinition"), "host-echo:3");
	assert_string_equal(json_str(in, "jobQueue"), "high");
	assert_int_equal(json_count(json_get(in, "containerOverrides"), "command"), 2);
	assert_shows("submitted echo as 019a0000");
}

static void test_submit_makes_a_definition(void **state)
{
	(void)state;
	start(false, false);
	keys("N");
	ui_key(ui, KEY_CTRL('u'));
	keys("sleep 3 | cat");
	assert_shows("by sh -c");
	ui_key(ui, KEY_CTRL('s'));
	run(5);
	assert_string_equal(json_str(request(0, "RegisterJobDefinition"), "jobDefinitionName"),
			    "host-sh");
	assert_string_equal(json_str(request(1, "SubmitJob"), "jobDefinition"), "host-sh:1");
	assert_string_equal(json_str(request(1, "SubmitJob"), "jobName"), "sleep");
}

static void test_submit_refuses_what_is_wrong(void **state)
{
	(void)state;
	start(false, false);
	keys("N\t\t\t\t9999"); /* vCPUs */
	assert_shows("! 1 to 128");
	ui_key(ui, KEY_CTRL('s'));
	assert_shows("vCPUs: 1 to 128");
	assert_int_equal(request_count(), 0);
	keys("\033");
	assert_shows("nothing was submitted");
	keys("N"); /* what was typed is still there */
	assert_shows("! 1 to 128");
}

static void test_submit_needs_by_name(void **state)
{
	(void)state;
	start(false, false);
	keys("N\t\t\t\t\t\tnobody");
	assert_shows("no job \"nobody\" here");
	ui_key(ui, KEY_CTRL('u'));
	keys("align-16");
	ui_key(ui, KEY_CTRL('s'));
	run(5);
	assert_string_equal(
		json_str(cJSON_GetArrayItem(json_get(request(0, "SubmitJob"), "dependsOn"), 0),
			 "jobId"),
		"019a2b30-0001-7000-8000-000000000001");
}

/* A key that comes right behind the answer finds the form closed. */
static void test_submit_key_after_the_answer(void **state)
{
	(void)state;
	start(false, false);
	keys("N");
	ui_key(ui, KEY_CTRL('s'));
	for (int i = 0; i < 5; i++) {
		fake_deliver(client);
		ui_key(ui, 'j');
	}
	assert_int_equal(request_count(), 1);
	assert_shows("3 Jobs in high");
}

/* ---- Getting about ---- */

static void test_filter_prompt(void **state)
{
	(void)state;
	start(false, false);
	keys("/failed");
	assert_shows("2 of 15   filter: failed"); /* while one types */
	keys("\n");
	assert_shows("align-14");
	assert_false(shows("align-16"));
	keys("\033g");
	assert_shows("align-16");
	keys("/zzz\033"); /* dropped: as it was */
	assert_shows("align-16");
	keys("/zzz");
	ui_interrupt(ui);
	assert_shows("align-16");
}

static void test_commands(void **state)
{
	(void)state;
	start(false, false);
	keys(":queue nightly\n");
	assert_shows("3 Jobs in nightly");
	keys(":job 019a2b30-000c\n");
	assert_shows("Result");
	keys(":json\n");
	assert_shows("\"jobName\"");
	keys("qq:nonsense\n");
	assert_shows("there is no command \"nonsense\" here");
	keys(":quit\n");
	assert_true(ui->quit);
}

static void test_leaving_says_what_goes_on(void **state)
{
	(void)state;
	start(false, false);
	keys("\nlqqq");
	assert_true(ui->quit);
	assert_string_equal(ui->farewell, "12 jobs go on");
}

static void test_interrupt_twice_leaves(void **state)
{
	(void)state;
	start(false, false);
	ui_interrupt(ui);
	assert_false(ui->quit);
	assert_shows("Ctrl-C once more leaves");
	keys("j"); /* something else in between */
	ui_interrupt(ui);
	assert_false(ui->quit);
	ui_interrupt(ui);
	assert_true(ui->quit);
	assert_int_equal(ui->exit_code, 130);
}

/* A pasted line feed must not submit, nor a pasted letter be a command. */
static void test_paste_is_text(void **state)
{
	(void)state;
	start(false, false);
	ui_key(ui, K_PASTE_BEGIN);
	keys("KyQ\n");
	ui_key(ui, K_PASTE_END);
	assert_false(ui->quit);
	assert_int_equal(request_count(), 0);
	assert_shows("3 Jobs in high");
	keys("/");
	ui_key(ui, K_PASTE_BEGIN);
	keys("align\n16");
	ui_key(ui, K_PASTE_END);
	assert_shows("filter: align 16");
}

/* ---- Data ---- */

static void test_looks_only_when_something_changed(void **state)
{
	(void)state;
	start(false, false);
	fake_calls(client);
	run(20);
	assert_string_equal(fake_calls(client), "");
	assert_int_equal(ui_due(ui), -1);
}

static void test_follows_changes(void **state)
{
	unsigned version;

	(void)state;
	world.env = world.queue = true;
	start(true, false);
	version = data_version(ui->data);
	fake_calls(client);
	fake_changed(client);
	run(4);
	assert_true(data_version(ui->data) > version);
	assert_string_equal(fake_calls(client), "JobdeckOverview ListJobs JobdeckWatch");
}

/* However much changes, there are at most two looks a second. */
static void test_looks_are_spaced(void **state)
{
	int looks = 0;

	(void)state;
	world.env = world.queue = true;
	start(true, false);
	fake_calls(client);
	for (int i = 0; i < 20; i++) { /* a second in which something changes all the time */
		fake_changed(client);
		mono += 50;
		ui_turn(ui, mono, CANNED_NOW);
		while (fake_deliver(client))
			ui_turn(ui, mono, CANNED_NOW);
	}
	for (const char *p = fake_calls(client); (p = strstr(p, "Overview")); p++)
		looks++;
	assert_in_range(looks, 1, 3);
}

static void test_old_data_says_so(void **state)
{
	(void)state;
	start(false, false);
	assert_shows("live");
	fake_hang(client, true);
	fake_age(client, 18000);
	assert_shows("18s old");
	fake_age(client, 130000);
	assert_shows("no answer for 2m");
	assert_shows("align-16"); /* rows keep what was */
	keys("?");		  /* and a key still answers at once */
	assert_shows("help: Jobs");
	keys("q");
	fake_hang(client, false);
	fake_trouble(client, "cannot reach the server: gone");
	run(3);
	assert_shows("trying again");
	assert_shows("cannot reach the server: gone");
	fake_trouble(client, NULL);
	fake_age(client, 0);
	mono += 10000;
	usleep(1000);
	for (int i = 0; i < 50 && !shows("live"); i++)
		run(10);
	assert_shows("live");
	assert_shows("align-16");
}

static void test_other_queue_loads(void **state)
{
	(void)state;
	start(false, false);
	keys("2j");
	assert_shows("3 Jobs in low: 0");
	assert_shows("no jobs yet");
	keys("k3");
	assert_shows("align-16");
}

/* ---- Logs ---- */

static void test_log_follow_stops_when_moving_up(void **state)
{
	(void)state;
	start(false, false);
	ui_resize(ui, 10, 60); /* too small for the whole log when wrapped */
	keys("l");
	assert_shows("FOLLOW");
	assert_shows("following");
	keys("k");
	assert_false(shows("FOLLOW"));
	keys("f");
	assert_shows("FOLLOW");
	keys("/red\n");
	assert_false(shows("FOLLOW"));
	keys("G");
	assert_shows("FOLLOW");
}

static void test_log_tries(void **state)
{
	(void)state;
	start(false, false);
	keys("jl"); /* render-0042, try 2 of 3 */
	assert_shows("try 2 of 3");
	keys("[");
	assert_shows("try 1 of 3");
	keys("[");
	assert_shows("this is the first try");
	keys("]");
	assert_shows("try 2 of 3");
	keys("]");
	assert_shows("this is the last try");
}

/* A view that is covered asks for nothing: else the loop would spin. */
static void test_covered_log_rests(void **state)
{
	(void)state;
	start(false, false);
	keys("l");
	run(3);
	assert_true(ui_due(ui) >= 0); /* it follows */
	keys("?");
	run(3);
	assert_int_equal(ui_due(ui), -1);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_wizard_five_times_enter),
		T(test_wizard_says_what_is_wrong_at_once),
		T(test_wizard_keeps_what_exists),
		T(test_wizard_failure_can_be_tried_again),
		T(test_wizard_chain),
		T(test_wizard_own_command),
		T(test_wizard_saves_its_plan),
		T(test_wizard_read_only_creates_nothing),
		T(test_stop_default_is_no),
		T(test_stop_takes_the_right_call),
		T(test_stop_reads_back),
		T(test_stop_ended_job),
		T(test_toggle),
		T(test_read_only_refuses_capitals),
		T(test_submit_defaults_work),
		T(test_submit_makes_a_definition),
		T(test_submit_refuses_what_is_wrong),
		T(test_submit_needs_by_name),
		T(test_submit_key_after_the_answer),
		T(test_filter_prompt),
		T(test_commands),
		T(test_leaving_says_what_goes_on),
		T(test_interrupt_twice_leaves),
		T(test_paste_is_text),
		T(test_looks_only_when_something_changed),
		T(test_follows_changes),
		T(test_looks_are_spaced),
		T(test_old_data_says_so),
		T(test_other_queue_loads),
		T(test_log_follow_stops_when_moving_up),
		T(test_log_tries),
		T(test_covered_log_rests),
	};

	setlocale(LC_ALL, "");
	setenv("TZ", "UTC", 1);
	unsetenv("SSH_CONNECTION");
	tzset();
	return cmocka_run_group_tests_name("tui_ui", tests, NULL, NULL);
}
