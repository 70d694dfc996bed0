/* Server and client together, with the real engine: one session over both transports; then
 * what only processes have: starting, racing, being killed, leaving. The test program is its
 * own server: the client starts it with "serve". Waiting is always for a condition: an
 * answer, or the home's lock being free. */
#include "config.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "jobdeck/base/fs.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/time.h"
#include "jobdeck/client/client.h"
#include "jobdeck/server/server.h"
#include "temp_home.h"

enum { DEADLINE_MS = 20000 };

static const char *self;

/* How the server that is started behaves, in its environment. */
#define IDLE_MS "TEST_IDLE_MS"
#define BACKEND "TEST_BACKEND"
#define FSIZE	"TEST_FSIZE"

static int serve(int ready_fd)
{
	const char *builddir = getenv("builddir"), *idle = getenv(IDLE_MS), *size = getenv(FSIZE);
	cleanup_free char *shim = xasprintf("%s/jobdeck-shim", builddir ? builddir : ".");
	struct err err = {0};
	struct home *home = home_open(NULL, &err);
	struct server_options o = {.home = home, .ready_fd = ready_fd};
	int rc;

	if (!home)
		return 1;
	if (size) {
		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &(struct rlimit){strtoul(size, NULL, 10), RLIM_INFINITY});
	}
	o.foreground = ready_fd < 0;
	o.idle_ms = idle ? atoi(idle) : 0;
	o.engine.backend = getenv(BACKEND);
	o.engine.shim = shim;
	rc = server_run(&o);
	home_free(home);
	return rc;
}

struct fixture {
	struct temp_home temp;
	struct client *c;
	const char *transport;
};

static void open_client(struct fixture *f)
{
	struct err err = {0};
	const struct client_options o = {.home = f->temp.home,
					 .transport = f->transport,
					 .program = self,
					 .backend = getenv(BACKEND)};

	f->c = client_open(&o, &err);
	if (!f->c)
		fail_msg("%s", err.text);
}

static int make(void **state, const char *transport)
{
	struct fixture *f = xcalloc(1, sizeof *f);

	setenv(BACKEND, "fake", 1);
	unsetenv(IDLE_MS);
	unsetenv(FSIZE);
	temp_home_make(&f->temp);
	f->transport = transport;
	open_client(f);
	*state = f;
	return 0;
}

static int set_up_unix(void **state)
{
	return make(state, "unix");
}

static int set_up_embedded(void **state)
{
	return make(state, "embedded");
}

static bool server_is_gone(struct fixture *f)
{
	int fd = home_lock(f->temp.home, "test", NULL);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

#define UNTIL(condition)                                                 \
	do {                                                             \
		int64_t end_ = time_mono() + DEADLINE_MS;                \
		while (!(condition)) {                                   \
			poll(NULL, 0, 1);                                \
			if (time_mono() > end_)                          \
				fail_msg("not in time: %s", #condition); \
		}                                                        \
	} while (0)

/* The process that holds the home's lock, 0: none. */
static pid_t holder(struct fixture *f)
{
	cleanup_free char *text =
	    server_is_gone(f) ? NULL : fs_read(f->temp.home->lock, 63, NULL, NULL);

	return text ? (pid_t)atoi(text) : 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	pid_t server;

	client_close(f->c);
	server = holder(f);
	if (server > 0 && server != getpid())
		kill(server, SIGTERM);
	UNTIL(server_is_gone(f));
	temp_home_remove(&f->temp);
	free(f);
	return 0;
}

/* Calls. `json` is a format for the request. */

static cJSON *ask(struct fixture *f, const char *op, struct err *err, const char *json, ...)
    __attribute__((format(printf, 4, 5)));
static cJSON *ask(struct fixture *f, const char *op, struct err *err, const char *json, ...)
{
	cleanup_free char *text = NULL;
	va_list ap;

	va_start(ap, json);
	text = xvasprintf(json, ap);
	va_end(ap);
	return client_wait(f->c, op, json_parse(text, strlen(text), NULL), err);
}

#define ASK(f, op, ...)                                       \
	({                                                    \
		struct err err_ = {0};                        \
		cJSON *out_ = ask(f, op, &err_, __VA_ARGS__); \
		if (!out_)                                    \
			fail_msg("%s: %s", op, err_.text);    \
		out_;                                         \
	})
#define DO(f, op, ...) cJSON_Delete(ASK(f, op, __VA_ARGS__))

static int64_t status_int(struct fixture *f, const char *member)
{
	cleanup_json cJSON *status = ASK(f, "JobdeckStatus", "{}");

	return json_int(status, member, -1);
}

static void make_queue(struct fixture *f)
{
	DO(f, "CreateComputeEnvironment",
	   "{\"computeEnvironmentName\":\"ce\",\"type\":\"MANAGED\",\"computeResources\":{\"type\":"
	   "\"EC2\",\"maxvCpus\":4,\"minvCpus\":0,\"instanceTypes\":[\"optimal\"],\"subnets\":[],"
	   "\"instanceRole\":\"r\"}}");
	DO(f, "CreateJobQueue",
	   "{\"jobQueueName\":\"q\",\"priority\":1,\"computeEnvironmentOrder\":[{\"order\":1,"
	   "\"computeEnvironment\":\"ce\"}]}");
}

static void make_definition(struct fixture *f, const char *command)
{
	DO(f, "RegisterJobDefinition",
	   "{\"jobDefinitionName\":\"d\",\"type\":\"container\",\"containerProperties\":{\"image\":"
	   "\"host\",\"command\":[\"sh\",\"-c\",\"%s\"],\"resourceRequirements\":[{\"type\":"
	   "\"VCPU\","
	   "\"value\":\"1\"},{\"type\":\"MEMORY\",\"value\":\"64\"}]}}",
	   command);
}

static char *submit(struct fixture *f)
{
	cleanup_json cJSON *out =
	    ASK(f, "SubmitJob", "{\"jobName\":\"j\",\"jobQueue\":\"q\",\"jobDefinition\":\"d\"}");

	return xstrdup(json_str(out, "jobId"));
}

static void wait_for_status(struct fixture *f, const char *id, const char *want)
{
	int64_t seq = 0, end = time_mono() + DEADLINE_MS;

	for (;;) {
		cleanup_json cJSON *jobs = ASK(f, "DescribeJobs", "{\"jobs\":[\"%s\"]}", id);
		const char *status =
		    json_str(cJSON_GetArrayItem(json_get(jobs, "jobs"), 0), "status");

		assert_non_null(status);
		if (strcmp(status, want) == 0)
			return;
		if (time_mono() > end)
			fail_msg("%s is %s, not %s", id, status, want);
		cleanup_json cJSON *news =
		    ASK(f, "JobdeckWatch", "{\"seq\":%lld,\"timeoutMs\":1000}", (long long)seq);

		seq = json_int(news, "seq", 0);
	}
}

/* One session, over both transports. */

static void test_session(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	char *id[20];

	assert_true(status_int(f, "protocol") == 1);
	assert_null(ask(f, "SubmitJob", &err,
			"{\"jobName\":\"j\",\"jobQueue\":\"none\","
			"\"jobDefinition\":\"d\"}"));
	assert_true(err.kind == ERR_NOT_FOUND || err.kind == ERR_INVALID);
	assert_null(strstr(err.text, "RequestId"));
	assert_null(client_trouble(f->c));
	make_queue(f);
	make_definition(f, "true");
	for (int i = 0; i < 20; i++)
		id[i] = submit(f);
	for (int i = 0; i < 20; i++) {
		wait_for_status(f, id[i], "SUCCEEDED");
		free(id[i]);
	}
	assert_int_equal(status_int(f, "liveJobs"), 0);
	assert_in_range(client_age(f->c), 0, DEADLINE_MS);
}

/* GET and DELETE, members in path and query: what SDKs do with tags. */
static void test_tags(void **state)
{
	static const char arn[] = "arn:aws:batch:us-east-1:000000000000:job-queue/q";
	struct fixture *f = *state;

	make_queue(f);
	for (int i = 0; i < 3; i++) { /* connections and handles are used again */
		cleanup_json cJSON *two = NULL, *one = NULL;

		DO(f, "TagResource", "{\"resourceArn\":\"%s\",\"tags\":{\"a b\":\"1\",\"x+&=/\":\"%%\"}}",
		   arn);
		two = ASK(f, "ListTagsForResource", "{\"resourceArn\":\"%s\"}", arn);
		assert_string_equal(json_str(json_get(two, "tags"), "a b"), "1");
		assert_string_equal(json_str(json_get(two, "tags"), "x+&=/"), "%");
		DO(f, "UntagResource", "{\"resourceArn\":\"%s\",\"tagKeys\":[\"none\",\"x+&=/\"]}", arn);
		one = ASK(f, "ListTagsForResource", "{\"resourceArn\":\"%s\"}", arn);
		assert_int_equal(json_count(one, "tags"), 1);
	}
}

static void on_count(void *arg, cJSON *out, const struct err *err)
{
	(void)err;
	if (out)
		++*(int *)arg;
}

/* Many at once, among them one that waits for news: it gets them, the others do not wait. */
static void test_concurrent(void **state)
{
	struct fixture *f = *state;
	int watched = 0, submitted = 0;
	int64_t end = time_mono() + DEADLINE_MS;
	cJSON *in;

	make_queue(f);
	make_definition(f, "true");
	in = cJSON_CreateObject();
	json_add_int(in, "seq", status_int(f, "seq"));
	json_add_int(in, "timeoutMs", 60000);
	client_call(f->c, "JobdeckWatch", in, on_count, &watched);
	for (int i = 0; i < 200; i++) {
		in = cJSON_CreateObject();
		json_add_str(in, "jobName", "many");
		json_add_str(in, "jobQueue", "q");
		json_add_str(in, "jobDefinition", "d");
		client_call(f->c, "SubmitJob", in, on_count, &submitted);
	}
	while ((submitted < 200 || !watched) && time_mono() < end)
		client_poll(f->c, NULL, 0, 1000);
	assert_int_equal(submitted, 200);
	assert_int_equal(watched, 1);
}

/* A watch under way is simply dropped. */
static void test_close_while_waiting(void **state)
{
	struct fixture *f = *state;
	int never = 0;
	cJSON *in = cJSON_CreateObject();

	json_add_int(in, "seq", status_int(f, "seq"));
	json_add_int(in, "timeoutMs", 60000);
	client_call(f->c, "JobdeckWatch", in, on_count, &never);
	client_poll(f->c, NULL, 0, 0);
	client_close(f->c);
	assert_int_equal(never, 0);
	open_client(f);
	assert_true(status_int(f, "protocol") == 1);
}

/* What was answered outlives the engine, whichever way it runs. */
static void test_reopen(void **state)
{
	struct fixture *f = *state;
	cleanup_free char *id = NULL;

	make_queue(f);
	make_definition(f, "true");
	id = submit(f);
	client_close(f->c);
	f->transport = strcmp(f->transport, "unix") == 0 ? "embedded" : "unix";
	if (holder(f) > 0)
		kill(holder(f), SIGTERM);
	UNTIL(server_is_gone(f));
	open_client(f);
	wait_for_status(f, id, "SUCCEEDED");
}

/* Processes. */

static void test_starts_and_stops(void **state)
{
	struct fixture *f = *state;
	struct stat st;
	pid_t pid = (pid_t)status_int(f, "pid");

	assert_int_equal(pid, holder(f));
	assert_int_not_equal(pid, getpid());
	assert_int_equal(getsid(pid), pid);
	assert_int_equal(stat(f->temp.home->sock, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	DO(f, "JobdeckStop", "{}");
	UNTIL(server_is_gone(f));
	assert_int_equal(access(f->temp.home->sock, F_OK), -1);
	assert_int_not_equal(status_int(f, "pid"), pid);
}

/* A server as a child of ours, to see what it ends with; it answers when this returns. */
static pid_t serve_in_child(struct fixture *f)
{
	char text[256] = "";
	int ends[2];
	pid_t pid;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		setenv("JOBDECK_HOME", f->temp.dir, 1);
		_exit(serve(ends[1]));
	}
	close(ends[1]);
	assert_true(read(ends[0], text, sizeof text - 1) > 0);
	assert_string_equal(text, "ready\n");
	assert_int_equal(read(ends[0], text, 1), 0);
	close(ends[0]);
	return pid;
}

static int ends_with(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void test_exit_codes(void **state)
{
	struct fixture *f = *state;
	pid_t pid = serve_in_child(f);

	kill(pid, SIGHUP); /* of no account */
	assert_int_equal(status_int(f, "pid"), pid);
	kill(pid, SIGTERM);
	assert_int_equal(ends_with(pid), 0);
	pid = serve_in_child(f);
	kill(pid, SIGINT);
	assert_int_equal(ends_with(pid), 0);
	pid = serve_in_child(f);
	DO(f, "JobdeckStop", "{}");
	assert_int_equal(ends_with(pid), 0);
	setenv(IDLE_MS, "20", 1);
	client_close(f->c);
	assert_int_equal(ends_with(serve_in_child(f)), 0);
	open_client(f);
}

static void test_killed_server(void **state)
{
	struct fixture *f = *state;
	pid_t pid;

	make_queue(f);
	make_definition(f, "true");
	for (int i = 0; i < 5; i++) {
		cleanup_free char *id = NULL;

		pid = holder(f);
		assert_int_equal(kill(pid, SIGKILL), 0);
		if (i % 2) /* else while it is still dying */
			UNTIL(server_is_gone(f));
		id = i % 2 ? submit(f) : NULL;
		assert_int_not_equal(status_int(f, "pid"), pid);
		if (id)
			wait_for_status(f, id, "SUCCEEDED");
	}
}

/* All find the same server, whoever of them started it. */
static void test_racing_starters(void **state)
{
	struct fixture *f = *state;
	enum { RACERS = 6 };
	int ends[2], pid, first = 0;

	assert_int_equal(pipe(ends), 0);
	for (int i = 0; i < RACERS; i++) {
		if (fork() == 0) {
			client_close(f->c);
			open_client(f);
			pid = (int)status_int(f, "pid");
			_exit(write(ends[1], &pid, sizeof pid) != sizeof pid);
		}
	}
	close(ends[1]);
	for (int i = 0; i < RACERS; i++) {
		assert_int_equal(read(ends[0], &pid, sizeof pid), sizeof pid);
		first = i ? first : pid;
		assert_int_equal(pid, first);
	}
	close(ends[0]);
	for (int i = 0; i < RACERS; i++)
		wait(NULL);
	assert_int_equal(holder(f), first);
}

/* A command and a server that is just leaving: the command waits for its end. */
static void test_start_while_stopping(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 5; i++) {
		pid_t pid = (pid_t)status_int(f, "pid");

		DO(f, "JobdeckStop", "{}");
		assert_int_not_equal(status_int(f, "pid"), pid);
	}
}

static void test_idle_exit(void **state)
{
	struct fixture *f = *state;
	cleanup_free char *id = NULL;

	setenv(IDLE_MS, "50", 1);
	make_queue(f);
	make_definition(f, "true");
	/* A client that waits is there, however long. */
	DO(f, "JobdeckWatch", "{\"seq\":%lld,\"timeoutMs\":300}", (long long)status_int(f, "seq"));
	id = submit(f);
	client_close(f->c); /* the job keeps the server, then nothing does */
	UNTIL(server_is_gone(f));
	open_client(f);
	wait_for_status(f, id, "SUCCEEDED");
}

/* Stopping leaves the job running; the next server knows how it ended. */
static void test_stop_leaves_jobs(void **state)
{
	struct fixture *f = *state;
	cleanup_free char *go = xasprintf("%s/go", f->temp.dir), *id = NULL, *command = NULL;
	pid_t first;

	if (!getenv("builddir"))
		skip();
	unsetenv(BACKEND);
	command = xasprintf("read x < %s; exit 3", go);
	assert_int_equal(mkfifo(go, 0600), 0);
	make_queue(f);
	make_definition(f, command);
	id = submit(f);
	wait_for_status(f, id, "RUNNING");
	first = holder(f);
	kill(first, SIGTERM);
	UNTIL(server_is_gone(f));
	wait_for_status(f, id, "RUNNING"); /* starts another */
	assert_int_not_equal(holder(f), first);
	kill(holder(f), SIGKILL);
	UNTIL(server_is_gone(f));
	/* Ends while there is no server. */
	int fd = open(go, O_WRONLY);

	assert_int_equal(write(fd, "go\n", 3), 3);
	close(fd);
	wait_for_status(f, id, "FAILED");
	cleanup_json cJSON *jobs = ASK(f, "DescribeJobs", "{\"jobs\":[\"%s\"]}", id);
	const cJSON *job = cJSON_GetArrayItem(json_get(jobs, "jobs"), 0);

	assert_int_equal(json_int(json_get(job, "container"), "exitCode", -1), 3);
	assert_int_equal(json_count(job, "attempts"), 1);
}

static void test_long_home(void **state)
{
	struct fixture *f = *state;
	cleanup_free char *dir = xasprintf("%s/%0120d", f->temp.dir, 7);
	struct home *longer = home_open(dir, NULL), *shorter = f->temp.home;

	assert_non_null(longer);
	client_close(f->c);
	f->temp.home = longer;
	open_client(f);
	make_queue(f);
	assert_true(status_int(f, "pid") == holder(f));
	DO(f, "JobdeckStop", "{}");
	client_close(f->c);
	UNTIL(server_is_gone(f));
	f->temp.home = shorter;
	home_free(longer);
	open_client(f);
}

/* A program with XDG_RUNTIME_DIR and one without (cron) find the same server. */
static void test_two_sockets(void **state)
{
	struct fixture *f = *state;
	struct home *named = f->temp.home, *in, *out;
	char *runtime = xasprintf("%s/runtime", f->temp.dir);

	client_close(f->c);
	assert_int_equal(mkdir(runtime, 0700), 0);
	setenv("HOME", f->temp.dir, 1);
	unsetenv("JOBDECK_HOME");
	unsetenv("XDG_RUNTIME_DIR");
	out = home_open(NULL, NULL);
	setenv("XDG_RUNTIME_DIR", runtime, 1);
	in = home_open(NULL, NULL);
	assert_string_not_equal(in->sock, out->sock);
	for (int i = 0; i < 2; i++) { /* whichever starts it */
		pid_t pid;

		f->temp.home = i ? out : in;
		if (i)
			unsetenv("XDG_RUNTIME_DIR");
		open_client(f);
		pid = (pid_t)status_int(f, "pid");
		client_close(f->c);
		f->temp.home = i ? in : out;
		open_client(f);
		assert_int_equal(status_int(f, "pid"), pid);
		DO(f, "JobdeckStop", "{}");
		client_close(f->c);
		UNTIL(server_is_gone(f));
	}
	home_free(in);
	home_free(out);
	free(runtime);
	f->temp.home = named;
	open_client(f);
}

static void test_cannot_start(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	assert_int_equal(fs_write_atomic(f->temp.home->db, "no database at all, surely", 26, NULL),
			 0);
	assert_null(ask(f, "JobdeckStatus", &err, "{}"));
	assert_int_equal(err.kind, ERR_UNAVAILABLE);
	assert_non_null(strstr(err.text, "the server does not start: "));
	assert_non_null(strstr(err.text, "batch.db"));
	assert_non_null(strstr(err.text, f->temp.home->server_log));
}

/* The disk is full: whoever waits is told why, the server ends and says why, and what was
 * answered before is there when there is room again. */
static void test_disk_full(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	cleanup_free char *log = NULL;
	int submitted = 0;
	cJSON *out;
	pid_t pid;

	make_queue(f);
	make_definition(f, "true");
	DO(f, "JobdeckStop", "{}");
	UNTIL(server_is_gone(f));
	setenv(FSIZE, "400000", 1);
	pid = serve_in_child(f);
	while ((out = ask(f, "SubmitJob", &err,
			  "{\"jobName\":\"j\",\"jobQueue\":\"q\","
			  "\"jobDefinition\":\"d\"}"))) {
		cJSON_Delete(out);
		assert_true(++submitted < 10000);
	}
	assert_int_equal(err.kind, ERR_UNAVAILABLE);
	assert_int_equal(ends_with(pid), 1);
	log = fs_read(f->temp.home->server_log, 1 << 20, NULL, NULL);
	assert_non_null(strstr(log, " error: "));
	unsetenv(FSIZE);
	/* The failed call may have started one more server under the limit: it goes first. */
	UNTIL((out = ask(f, "ListJobs", &err,
			 "{\"jobQueue\":\"q\",\"filters\":[{\"name\":\"AFTER_CREATED_AT\","
			 "\"values\":[\"0\"]}]}")));
	assert_in_range(json_count(out, "jobSummaryList"), submitted < 100 ? submitted : 100,
			10000);
	cJSON_Delete(out);
}

/* Each kind of engine keeps the other out, and says who is there. */
static void test_one_engine_a_home(void **state)
{
	struct fixture *f = *state;
	struct client_options o = {.home = f->temp.home, .transport = "embedded"};
	char text[256] = "", want[64];
	struct err err = {0};
	int ends[2];
	pid_t pid;

	snprintf(want, sizeof want, "process %lld (server)", (long long)status_int(f, "pid"));
	assert_null(client_open(&o, &err));
	assert_int_equal(err.kind, ERR_CONFLICT);
	assert_non_null(strstr(err.text, want));
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		setenv("JOBDECK_HOME", f->temp.dir, 1);
		_exit(serve(ends[1]));
	}
	close(ends[1]);
	assert_true(read(ends[0], text, sizeof text - 1) > 0);
	close(ends[0]);
	assert_int_equal(ends_with(pid), SERVER_ALREADY);
	assert_memory_equal(text, "taken process ", 14);
}

static void on_late(void *arg, cJSON *out, const struct err *err)
{
	(void)err;
	*(int *)arg = out ? 1 : -1;
}

/* A server that hangs: client_poll comes back in its time all the same. */
static void test_hanging_server(void **state)
{
	struct fixture *f = *state;
	pid_t pid = (pid_t)status_int(f, "pid");
	int64_t begun = time_mono(), age;
	int result = 0;

	assert_int_equal(kill(pid, SIGSTOP), 0);
	client_call(f->c, "JobdeckOverview", NULL, on_late, &result);
	for (int i = 0; i < 20; i++)
		client_poll(f->c, NULL, 0, 5);
	assert_int_equal(result, 0);
	age = client_age(f->c);
	assert_in_range(age, 90, DEADLINE_MS);
	assert_in_range(time_mono() - begun, 90, 2000);
	assert_int_equal(kill(pid, SIGCONT), 0);
	while (!result && time_mono() < begun + DEADLINE_MS)
		client_poll(f->c, NULL, 0, 1000);
	assert_int_equal(result, 1);
	assert_true(client_age(f->c) < age);
}

#define BOTH(name)                                                        \
	{#name "_unix", name, set_up_unix, tear_down, NULL},              \
	{                                                                 \
#name "_embedded", name, set_up_embedded, tear_down, NULL \
	}
#define UNIX(name) cmocka_unit_test_setup_teardown(name, set_up_unix, tear_down)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    BOTH(test_session),
	    BOTH(test_tags),
	    BOTH(test_concurrent),
	    BOTH(test_close_while_waiting),
	    BOTH(test_reopen),
	    UNIX(test_starts_and_stops),
	    UNIX(test_exit_codes),
	    UNIX(test_killed_server),
	    UNIX(test_racing_starters),
	    UNIX(test_start_while_stopping),
	    UNIX(test_idle_exit),
	    UNIX(test_stop_leaves_jobs),
	    UNIX(test_long_home),
	    UNIX(test_two_sockets),
	    UNIX(test_cannot_start),
	    UNIX(test_disk_full),
	    UNIX(test_one_engine_a_home),
	    UNIX(test_hanging_server),
	};

	self = realpath("/proc/self/exe", NULL);
	if (argc == 4 && strcmp(argv[1], "serve") == 0)
		return serve(atoi(argv[3]));
	return cmocka_run_group_tests_name("serve", tests, NULL, NULL);
}
