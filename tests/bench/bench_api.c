/* make bench: requests a second over the unix socket and, signed, over TCP; one at a time and
 * 64 in flight; beside what bare HTTP (libmicrohttpd answering without a thought) and bare
 * SQLite (one row and its document a commit, and 64) do in the same run. Prints figures and
 * ratios; asserts nothing, for machines are noisy. Requests are made and signed beforehand:
 * only the server's work and the wire are measured. */
#include "config.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "jobdeck/aws/sigv4.h"
#include "jobdeck/base/home.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/client/client.h"
#include "jobdeck/server/keys.h"

extern char **environ;

enum { FLIGHT_MAX = 64, ANSWER_MAX = 256 * 1024 };

static void die(const char *what, const struct err *err)
{
	fprintf(stderr, "bench_api: %s: %s\n", what, err && err->kind ? err->text : strerror(errno));
	exit(1);
}

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* --- a client that does no more than it must ------------------------------------------- */

struct target {
	const char *label;
	bool is_unix;
	struct sockaddr_un un;
	struct sockaddr_in in;
	char host[64];
	const struct key *key; /* signs; NULL: not */
};

struct connection {
	int fd;
	size_t got, want; /* want 0: the header is not whole yet */
	char *answer;
};

static int dial(const struct target *t)
{
	int fd = socket(t->is_unix ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
	const struct sockaddr *a = t->is_unix ? (const struct sockaddr *)&t->un :
						(const struct sockaddr *)&t->in;

	if (fd < 0 || connect(fd, a, t->is_unix ? sizeof t->un : sizeof t->in))
		die(t->label, NULL);
	if (!t->is_unix)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	return fd;
}

/* The whole request as bytes, signed if the target wants it. Caller frees. */
static char *make_request(const struct target *t, const char *path, const char *body)
{
	const struct sigv4_header headers[] = { { "Host", t->host },
						{ "Content-Type", "application/json" } };
	const struct sigv4_request r = { .method = "POST", .target = path, .headers = headers,
					 .header_count = 2, .body = body, .len = strlen(body) };
	struct aws_credentials c = { 0 };
	struct sigv4_signed s = { 0 };
	cleanup_free char *extra = NULL;
	struct err err = { 0 };
	char *text;

	if (t->key) {
		aws_credentials_init(&c, t->key->id, t->key->secret, NULL, JD_NEVER);
		if (sigv4_sign(&r, &c, "us-east-1", "batch", time_wall(), &s, &err))
			die("sign", &err);
		extra = xasprintf("X-Amz-Date: %s\r\nAuthorization: %s\r\n", s.date, s.authorization);
	}
	text = xasprintf("POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n"
			 "%sContent-Length: %zu\r\n\r\n%s",
			 path, t->host, extra ? extra : "", strlen(body), body);
	free(s.authorization);
	aws_credentials_fini(&c);
	return text;
}

static void post(struct connection *c, const char *request)
{
	size_t len = strlen(request);

	c->got = c->want = 0;
	while (len) {
		ssize_t n = write(c->fd, request, len);

		if (n <= 0)
			die("write", NULL);
		request += n;
		len -= (size_t)n;
	}
}

/* True when the answer is whole. */
static bool take(struct connection *c)
{
	ssize_t n = read(c->fd, c->answer + c->got, ANSWER_MAX - c->got);
	char *end, *length;

	if (n <= 0)
		die("read", NULL);
	c->got += (size_t)n;
	c->answer[c->got] = '\0';
	if (!c->want && (end = strstr(c->answer, "\r\n\r\n"))) {
		length = strcasestr(c->answer, "\r\nContent-Length:");
		if (!length || strncmp(c->answer, "HTTP/1.1 200", 12) != 0) {
			fprintf(stderr, "bench_api: %.500s\n", c->answer);
			exit(1);
		}
		c->want = (size_t)(end + 4 - c->answer) + (size_t)atol(length + 17);
	}
	return c->want && c->got >= c->want;
}

static double run(const struct target *t, char *const *requests, int count, int flight)
{
	struct connection c[FLIGHT_MAX] = { 0 };
	struct pollfd fds[FLIGHT_MAX];
	int sent = 0, done = 0;
	double start;

	for (int i = 0; i < flight; i++) {
		c[i] = (struct connection){ .fd = dial(t), .answer = xmalloc(ANSWER_MAX + 1) };
		fds[i] = (struct pollfd){ .fd = c[i].fd, .events = POLLIN };
	}
	start = seconds();
	for (int i = 0; i < flight && sent < count; i++)
		post(&c[i], requests[sent++]);
	while (done < count) {
		if (poll(fds, (nfds_t)flight, 10000) <= 0)
			die("no answer", NULL);
		for (int i = 0; i < flight; i++) {
			if (!fds[i].revents || !take(&c[i]))
				continue;
			done++;
			if (sent < count)
				post(&c[i], requests[sent++]);
		}
	}
	start = seconds() - start;
	for (int i = 0; i < flight; i++) {
		close(c[i].fd);
		free(c[i].answer);
	}
	return count / start;
}

/* --- the limits ------------------------------------------------------------------------ */

static enum MHD_Result answer_at_once(void *cls, struct MHD_Connection *connection, const char *url,
				      const char *method, const char *version, const char *data,
				      size_t *size, void **state)
{
	static const char body[] = "{\"jobName\":\"j\",\"jobId\":\"00000000-0000-0000-0000-000000000000\"}";
	static int seen;
	struct MHD_Response *response;
	enum MHD_Result rc;

	(void)cls, (void)url, (void)method, (void)version, (void)data;
	if (!*state || *size) {
		*state = &seen;
		*size = 0;
		return MHD_YES;
	}
	response = MHD_create_response_from_buffer(sizeof body - 1, xstrdup(body), MHD_RESPMEM_MUST_FREE);
	rc = MHD_queue_response(connection, 200, response);
	MHD_destroy_response(response);
	return rc;
}

static double bare_http(const char *body, int count, int flight)
{
	struct target t = { .label = "bare HTTP", .host = "localhost" };
	struct MHD_Daemon *d;
	cleanup_free char *request = NULL;
	char **requests = xcalloc((size_t)count, sizeof *requests);
	double rate;

	t.in = (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	d = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, answer_at_once, NULL,
			     MHD_OPTION_SOCK_ADDR, &t.in, MHD_OPTION_END);
	if (!d)
		die("MHD_start_daemon", NULL);
	t.in.sin_port = htons(MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT)->port);
	request = make_request(&t, "/v1/submitjob", body);
	for (int i = 0; i < count; i++)
		requests[i] = request;
	rate = run(&t, requests, count, flight);
	free(requests);
	MHD_stop_daemon(d);
	return rate;
}

static double bare_sqlite(const char *dir, const char *body, int count, int batch)
{
	cleanup_free char *path = xasprintf("%s/bare-%d.db", dir, batch);
	sqlite3_stmt *job, *doc;
	sqlite3 *db;
	double start;

	if (sqlite3_open(path, &db) ||
	    sqlite3_exec(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
			     "CREATE TABLE job (key INTEGER PRIMARY KEY, id TEXT UNIQUE, status INTEGER);"
			     "CREATE INDEX job_status ON job (status);"
			     "CREATE TABLE doc (job INTEGER PRIMARY KEY, doc TEXT)",
			 NULL, NULL, NULL) ||
	    sqlite3_prepare_v2(db, "INSERT INTO job VALUES (?1, 'job-' || ?1, 0)", -1, &job, NULL) ||
	    sqlite3_prepare_v2(db, "INSERT INTO doc VALUES (?1, ?2)", -1, &doc, NULL))
		die(path, NULL);
	sqlite3_bind_text(doc, 2, body, -1, SQLITE_STATIC);
	start = seconds();
	for (int i = 0; i < count; i++) {
		if (i % batch == 0)
			sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);
		sqlite3_bind_int(job, 1, i + 1);
		sqlite3_bind_int(doc, 1, i + 1);
		if (sqlite3_step(job) != SQLITE_DONE || sqlite3_step(doc) != SQLITE_DONE)
			die("bare SQLite", NULL);
		sqlite3_reset(job);
		sqlite3_reset(doc);
		if (i % batch == batch - 1 || i == count - 1)
			sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	}
	start = seconds() - start;
	sqlite3_finalize(job);
	sqlite3_finalize(doc);
	sqlite3_close(db);
	return count / start;
}

/* --- Jobdeck --------------------------------------------------------------------------- */

static const char submit_body[] =
	"{\"jobName\":\"bench\",\"jobQueue\":\"q\",\"jobDefinition\":\"d\",\"parameters\":{\"a\":\"b\"},"
	"\"containerOverrides\":{\"command\":[\"true\"],\"environment\":[{\"name\":\"X\",\"value\":\"y\"}]}}";

static cJSON *ask(struct client *c, const char *op, const char *body)
{
	struct err err = { 0 };
	cJSON *out = client_wait(c, op, json_parse(body, strlen(body), &err), &err);

	if (!out)
		die(op, &err);
	return out;
}

/* A queue whose environment is DISABLED: jobs wait, so that SubmitJob alone is measured. */
static void set_up(struct client *c)
{
	static const char *const steps[][2] = {
		{ "CreateComputeEnvironment",
		  "{\"computeEnvironmentName\":\"e\",\"type\":\"MANAGED\",\"computeResources\":{"
		  "\"type\":\"EC2\",\"minvCpus\":0,\"maxvCpus\":2,\"instanceTypes\":[\"optimal\"],"
		  "\"subnets\":[\"local\"],\"instanceRole\":\"local\"}}" },
		{ "CreateJobQueue", "{\"jobQueueName\":\"q\",\"priority\":1,\"computeEnvironmentOrder\":"
				    "[{\"order\":1,\"computeEnvironment\":\"e\"}]}" },
		{ "RegisterJobDefinition",
		  "{\"jobDefinitionName\":\"d\",\"type\":\"container\",\"containerProperties\":{"
		  "\"image\":\"host\",\"command\":[\"true\"],\"resourceRequirements\":["
		  "{\"type\":\"VCPU\",\"value\":\"1\"},{\"type\":\"MEMORY\",\"value\":\"64\"}]}}" },
		{ "UpdateComputeEnvironment", "{\"computeEnvironment\":\"e\",\"state\":\"DISABLED\"}" },
	};

	for (size_t i = 0; i < ARRAY_LEN(steps); i++)
		cJSON_Delete(ask(c, steps[i][0], steps[i][1]));
}

static const char *only; /* measure what has this in its label; NULL: everything */

static void measure(const struct target *t, const char *what, const char *path, const char *body,
		    int count, const double *limit)
{
	static const int flights[] = { 1, FLIGHT_MAX };
	char **requests = xcalloc((size_t)count, sizeof *requests), label[80];

	for (int f = 0; f < 2; f++) {
		cleanup_free char *request = make_request(t, path, body);
		double rate;

		snprintf(label, sizeof label, "%s, %s, %d in flight", what, t->label, flights[f]);
		if (only && !strstr(label, only))
			continue;
		for (int i = 0; i < count; i++)
			requests[i] = request;
		rate = run(t, requests, count, flights[f]);
		printf("%-52s %8.0f /s   (%.2f of bare HTTP)\n", label, rate, rate / limit[f]);
	}
	free(requests);
}

static void measure_all(const struct target *t, const char *job, int count, const double *limit)
{
	cleanup_free char *describe = xasprintf("{\"jobs\":[\"%s\"]}", job);

	measure(t, "SubmitJob, durable", "/v1/submitjob", submit_body, count, limit);
	measure(t, "DescribeJobs of one", "/v1/describejobs", describe, count, limit);
}

static pid_t serve(const char *jobdeck)
{
	char number[16], byte;
	int fds[2];
	char *argv[] = { (char[]){ "jobdeck" }, (char[]){ "serve" }, (char[]){ "--listen" },
			 (char[]){ "127.0.0.1:0" }, (char[]){ "--ready-fd" }, number, NULL };
	posix_spawn_file_actions_t fa;
	pid_t pid;

	if (pipe(fds))
		die("pipe", NULL);
	fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	snprintf(number, sizeof number, "%d", fds[1]);
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, 1, "/dev/null", O_WRONLY, 0);
	if ((errno = posix_spawn(&pid, jobdeck, &fa, NULL, argv, environ)))
		die(jobdeck, NULL);
	posix_spawn_file_actions_destroy(&fa);
	close(fds[1]);
	if (read(fds[0], &byte, 1) != 1)
		die("the server did not start", NULL);
	close(fds[0]);
	return pid;
}

/* The first address it listens on: http://HOST:PORT. */
static void find_tcp(struct client *c, struct target *t)
{
	cJSON *status = ask(c, "JobdeckStatus", "{}");
	const char *url = cJSON_GetStringValue(cJSON_GetArrayItem(json_get(status, "listening"), 0));
	const char *port = url ? strrchr(url, ':') : NULL;

	if (!port)
		die("the server does not listen", NULL);
	snprintf(t->host, sizeof t->host, "127.0.0.1%s", port);
	t->host[strcspn(t->host + 9, "/") + 9] = '\0';
	t->in = (struct sockaddr_in){ .sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				      .sin_port = htons((uint16_t)atoi(port + 1)) };
	cJSON_Delete(status);
}

static void bench(struct client *c, const struct home *home, const char *dir, int count)
{
	struct target local = { .label = "unix socket", .is_unix = true, .host = "jobdeck" };
	struct target tcp = { .label = "TCP, signed" };
	double http[2], sqlite[2];
	struct err err = { 0 };
	cJSON *submitted;
	struct key key;

	set_up(c);
	submitted = ask(c, "SubmitJob", submit_body);
	if (keys_create(home->keys, "bench", false, JD_NEVER, &key, &err))
		die("key", &err);
	tcp.key = &key;
	find_tcp(c, &tcp);
	local.un.sun_family = AF_UNIX;
	snprintf(local.un.sun_path, sizeof local.un.sun_path, "%s", home->sock);
	http[0] = bare_http(submit_body, count, 1);
	http[1] = bare_http(submit_body, count, FLIGHT_MAX);
	sqlite[0] = bare_sqlite(dir, submit_body, count < 2000 ? count : 2000, 1);
	sqlite[1] = bare_sqlite(dir, submit_body, count, FLIGHT_MAX);
	printf("%-52s %8.0f /s, %.0f /s\n", "bare HTTP, TCP, 1 and 64 in flight", http[0], http[1]);
	printf("%-52s %8.0f /s, %.0f /s\n", "bare SQLite, durable, 1 and 64 rows a commit", sqlite[0],
	       sqlite[1]);
	measure_all(&local, json_str(submitted, "jobId"), count, http);
	measure_all(&tcp, json_str(submitted, "jobId"), count, http);
	cJSON_Delete(submitted);
}

int main(int argc, char **argv)
{
	char dir[] = "/tmp/jobdeck-bench-XXXXXX";
	int count = argc > 2 ? atoi(argv[2]) : 5000;
	struct client_options o = { .no_start = true };
	struct err err = { 0 };
	struct home *home;
	struct client *c;
	pid_t server;

	only = argc > 3 ? argv[3] : NULL;
	setvbuf(stdout, NULL, _IOLBF, 0); /* the end is an exec */
	signal(SIGPIPE, SIG_IGN);
	if (argc < 2 || count < 1) {
		fprintf(stderr, "usage: bench_api JOBDECK [REQUESTS [PART-OF-A-LABEL]]\n");
		return 2;
	}
	if (!mkdtemp(dir) || !(home = home_open(dir, &err)))
		die(dir, &err);
	setenv("JOBDECK_HOME", dir, 1);
	server = serve(argv[1]);
	o.home = home;
	c = client_open(&o, &err);
	if (!c)
		die("server", &err);
	bench(c, home, dir, count);
	client_close(c);
	kill(server, SIGTERM);
	waitpid(server, NULL, 0);
	home_free(home);
	execl("/bin/rm", "rm", "-rf", dir, (char *)NULL);
	return 1;
}
