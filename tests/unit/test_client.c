/* The client against a server made up for the purpose: what it sends again and what never,
 * what it makes of answers, and how it starts a server that does not come up. The made-up
 * server runs in the same thread, between calls of client_poll. */
#include "config.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "jobdeck/base/buf.h"
#include "jobdeck/base/fs.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/time.h"
#include "jobdeck/client/client.h"
#include "temp_home.h"

enum { DEADLINE_MS = 20000, CONNECTIONS = 64 };

/* What the made-up server does with its n-th request (from 0): the text it answers, or NULL
 * to close the connection. HANG: nothing at all. */
typedef const char *answer_script(int n);
static const char HANG[] = "";

struct made_up {
	int listener, fd[CONNECTIONS];
	struct buf in[CONNECTIONS];
	char last[4096]; /* the last whole request */
	int connections, requests;
	answer_script *script;
};

struct fixture {
	struct temp_home temp;
	struct client *c;
	struct made_up s;
};

static void listen_now(struct fixture *f, answer_script *script)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct made_up *s = &f->s;

	snprintf(at.sun_path, sizeof at.sun_path, "%s", f->temp.home->sock);
	s->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s->listener, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(s->listener, 16), 0);
	s->script = script;
}

static void hear(struct made_up *s, int i)
{
	const char *body, *length;
	size_t whole;

	for (;;) {
		body = strstr(buf_str(&s->in[i]), "\r\n\r\n");
		length = strstr(buf_str(&s->in[i]), "Content-Length: ");
		if (!body || !length)
			return;
		whole = (size_t)(body + 4 - s->in[i].data) + strtoul(length + 16, NULL, 10);
		if (s->in[i].len < whole)
			return;
		snprintf(s->last, sizeof s->last, "%.*s", (int)whole, s->in[i].data);
		buf_eat(&s->in[i], whole);

		const char *answer = s->script(s->requests++);

		if (answer && answer != HANG) {
			assert_int_equal(fs_write_all(s->fd[i], answer, strlen(answer)), 0);
		} else if (!answer) {
			close(s->fd[i]);
			s->fd[i] = -1;
			return;
		}
	}
}

static void made_up_step(struct made_up *s)
{
	char some[65536];
	ssize_t n;
	int fd = s->listener >= 0 ? accept4(s->listener, NULL, NULL, SOCK_CLOEXEC) : -1;

	if (fd >= 0) {
		assert_true(s->connections < CONNECTIONS);
		buf_init(&s->in[s->connections], 1 << 20);
		s->fd[s->connections++] = fd;
	}
	for (int i = 0; i < s->connections; i++) {
		if (s->fd[i] < 0)
			continue;
		n = recv(s->fd[i], some, sizeof some, MSG_DONTWAIT);
		if (n > 0) {
			buf_add(&s->in[i], some, (size_t)n);
			hear(s, i);
		} else if (n == 0) {
			close(s->fd[i]);
			s->fd[i] = -1;
		}
	}
}

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof *f);

	temp_home_make(&f->temp);
	f->s.listener = -1;
	f->c = client_open(&(struct client_options){ .home = f->temp.home, .no_start = true },
			   NULL);
	assert_non_null(f->c);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	client_close(f->c);
	for (int i = 0; i < f->s.connections; i++) {
		if (f->s.fd[i] >= 0)
			close(f->s.fd[i]);
		buf_fini(&f->s.in[i]);
	}
	if (f->s.listener >= 0)
		close(f->s.listener);
	temp_home_remove(&f->temp);
	free(f);
	return 0;
}

/* One call's end. */
struct result {
	int times;
	bool good;
	char out[256];
	struct err err;
};

static void on_reply(void *arg, cJSON *out, const struct err *err)
{
	struct result *r = arg;

	r->times++;
	r->good = out != NULL;
	if (out) {
		cleanup_free char *text = json_print(out);

		snprintf(r->out, sizeof r->out, "%s", text);
	} else {
		r->err = *err;
	}
}

#define UNTIL(f, condition)                                                             \
	do {                                                                            \
		int64_t end_ = time_mono() + DEADLINE_MS;                               \
		while (!(condition)) {                                                  \
			struct pollfd p_ = { .fd = (f)->s.listener, .events = POLLIN }; \
			client_poll((f)->c, &p_, 1, 2);                                 \
			made_up_step(&(f)->s);                                          \
			if (time_mono() > end_)                                         \
				fail_msg("not in time: %s", #condition);                \
		}                                                                       \
	} while (0)

static struct result call(struct fixture *f, const char *op)
{
	struct result r = { 0 };

	client_call(f->c, op, NULL, on_reply, &r);
	assert_int_equal(r.times, 0); /* never from inside */
	UNTIL(f, r.times);
	return r;
}

static void expect(const struct result *r, enum err_kind kind, const char *text)
{
	assert_false(r->good);
	if (!strstr(r->err.text, text))
		fail_msg("no \"%s\" in \"%s\"", text, r->err.text);
	assert_int_equal(r->err.kind, kind);
}

#define REPLY(status, headers, length, body)                                                 \
	"HTTP/1.1 " status "\r\nX-Jobdeck-Protocol: 1\r\n" headers "Content-Length: " length \
	"\r\n\r\n" body
#define OK REPLY("200 OK", "", "2", "{}")

static const char *always_ok(int n)
{
	(void)n;
	return OK;
}

static void test_request(void **state)
{
	struct fixture *f = *state;
	struct result r = { 0 };
	cJSON *in = cJSON_CreateObject();

	setenv("http_proxy", "http://127.0.0.1:1", 1);
	listen_now(f, always_ok);
	json_add_str(in, "jobQueue", "q");
	client_call(f->c, "ListJobs", in, on_reply, &r);
	UNTIL(f, r.times);
	assert_true(r.good);
	assert_non_null(strstr(f->s.last, "POST /v1/listjobs HTTP/1.1\r\n"));
	assert_non_null(strstr(f->s.last, "X-Jobdeck-Protocol: 1\r\n"));
	assert_non_null(strstr(f->s.last, "Content-Type: application/json\r\n"));
	assert_non_null(strstr(f->s.last, "\r\n\r\n{\"jobQueue\":\"q\"}"));
	assert_null(strstr(f->s.last, "Expect"));
	r = call(f, "GetLogEvents");
	assert_non_null(strstr(f->s.last, "POST / HTTP/1.1\r\n"));
	assert_non_null(strstr(f->s.last, "X-Amz-Target: Logs_20140328.GetLogEvents\r\n"));
	assert_non_null(strstr(f->s.last, "Content-Type: application/x-amz-json-1.1\r\n"));
	r = call(f, "JobdeckOverview");
	assert_non_null(strstr(f->s.last, "POST /jobdeck/jobdeckoverview HTTP/1.1\r\n"));
	assert_int_equal(f->s.connections, 1);
	unsetenv("http_proxy");
}

static void test_unknown_operation(void **state)
{
	struct result r = call(*state, "MakeCoffee");

	expect(&r, ERR_INVALID, "there is no operation called MakeCoffee");
}

static void test_no_server(void **state)
{
	struct fixture *f = *state;
	struct result r = call(f, "ListJobs");

	expect(&r, ERR_UNAVAILABLE, "no server runs for ");
	assert_int_equal(client_age(f->c), -1);
	assert_non_null(strstr(client_trouble(f->c), "no server runs for "));
}

/* Sending again. */

static const char *dies_after_first(int n)
{
	return n ? NULL : OK;
}

static const char *dies_once(int n)
{
	return n == 1 ? NULL : OK;
}

/* The connection is a kept one: libcurl by itself would send the request again. */
static void test_write_is_not_sent_twice(void **state)
{
	struct fixture *f = *state;
	struct result r;

	listen_now(f, dies_once);
	assert_true(call(f, "ListJobs").good);
	r = call(f, "SubmitJob");
	expect(&r, ERR_UNAVAILABLE, "it is not known whether SubmitJob was carried out");
	assert_int_equal(f->s.requests, 2);
	assert_true(call(f, "SubmitJob").good);
}

static void test_read_is_sent_twice(void **state)
{
	struct fixture *f = *state;
	struct result r;

	listen_now(f, dies_once);
	assert_true(call(f, "ListJobs").good);
	assert_true(call(f, "ListJobs").good);
	assert_int_equal(f->s.requests, 3);
	f->s.script = dies_after_first;
	r = call(f, "ListJobs");
	expect(&r, ERR_UNAVAILABLE, "lost the server");
	assert_int_equal(f->s.requests, 5); /* and not a third time */
}

/* A kept connection that was closed meanwhile: nothing was sent, so nothing is in doubt. */
static void test_write_on_closed_connection(void **state)
{
	struct fixture *f = *state;

	listen_now(f, always_ok);
	assert_true(call(f, "ListJobs").good);
	close(f->s.fd[0]);
	f->s.fd[0] = -1;
	assert_true(call(f, "SubmitJob").good);
	assert_int_equal(f->s.requests, 2);
	assert_int_equal(f->s.connections, 2);
}

static const char *busy_at_first(int n)
{
	return n < 2 ? REPLY("503 Service Unavailable", "Retry-After: 1\r\n", "2", "{}") : OK;
}

/* "Nothing was done": a write may be sent again too. */
static void test_busy(void **state)
{
	struct fixture *f = *state;

	listen_now(f, busy_at_first);
	assert_true(call(f, "SubmitJob").good);
	assert_int_equal(f->s.requests, 3);
}

/* Answers. */

static const char *the_answer;
static const char *say_it(int n)
{
	(void)n;
	return the_answer;
}

static void test_errors(void **state)
{
	static const struct {
		const char *status, *body;
		enum err_kind kind;
		const char *text;
	} rows[] = {
		{ "400 Bad Request", "{\"message\":\"Job queue q does not exist\"}", ERR_NOT_FOUND,
		  "Job queue q does not exist" },
		{ "400 Bad Request", "{\"message\":\"no good\"}", ERR_INVALID, "no good" },
		{ "400 Bad Request", "{\"message\":\"x\",\"jobdeckKind\":\"conflict\"}",
		  ERR_CONFLICT, "x" },
		{ "400 Bad Request",
		  "{\"message\":\"Error executing request, Exception : it is this, RequestId: "
		  "1-2\"}",
		  ERR_INVALID, "it is this" },
		{ "403 Forbidden", "{\"Message\":\"not you\"}", ERR_DENIED, "not you" },
		{ "404 Not Found", "{}", ERR_NOT_FOUND, "the server answered HTTP 404" },
		{ "413 Too Large", "{\"message\":\"big\"}", ERR_INVALID, "big" },
		{ "426 Upgrade", "{\"message\":\"old\"}", ERR_CONFLICT, "old" },
		{ "429 Too Many", "{\"message\":\"slow down\"}", ERR_UNAVAILABLE, "slow down" },
		{ "500 Oops", "<html>", ERR_UNAVAILABLE, "the server answered HTTP 500" },
		{ "503 Gone", "{\"message\":\"\\u001b[2J\"}", ERR_UNAVAILABLE, "^[[2J" },
		{ "200 OK", "{\"jobs\":[", ERR_CORRUPT, "not valid JSON" },
	};
	struct fixture *f = *state;

	listen_now(f, say_it);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup_free char *text =
			xasprintf("HTTP/1.1 %s\r\nX-Jobdeck-Protocol: 1\r\nContent-Length: "
				  "%zu\r\n\r\n%s",
				  rows[i].status, strlen(rows[i].body), rows[i].body);
		struct result r;

		the_answer = text;
		r = call(f, "SubmitJob");
		expect(&r, rows[i].kind, rows[i].text);
		if (rows[i].kind == ERR_UNAVAILABLE)
			assert_string_equal(client_trouble(f->c), r.err.text);
		else
			assert_in_range(client_age(f->c), 0, DEADLINE_MS);
	}
	assert_int_equal(f->s.requests, ARRAY_LEN(rows));
	the_answer = OK;
	assert_true(call(f, "ListJobs").good);
	assert_null(client_trouble(f->c));
}

static const char *protocol_2(int n)
{
	(void)n;
	return "HTTP/1.1 200 OK\r\nX-Jobdeck-Protocol: 2\r\nContent-Length: 2\r\n\r\n{}";
}

static const char *something_else(int n)
{
	(void)n;
	return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
}

static const char *no_http(int n)
{
	(void)n;
	return "220 mail.example.org ESMTP\r\n";
}

static void test_other_version(void **state)
{
	struct fixture *f = *state;
	struct result r;

	listen_now(f, protocol_2);
	r = call(f, "SubmitJob");
	expect(&r, ERR_CONFLICT, "it speaks protocol 2, this program 1");
	expect(&r, ERR_CONFLICT, "run `jobdeck stop-server`");
	assert_true(call(f, "JobdeckStatus").good);
	assert_true(call(f, "JobdeckStop").good);
	f->s.script = something_else;
	r = call(f, "ListJobs");
	expect(&r, ERR_CONFLICT, "is not a Jobdeck server");
	f->s.script = no_http;
	r = call(f, "ListJobs");
	assert_false(r.good);
}

static void test_answer_too_large(void **state)
{
	struct fixture *f = *state;
	struct result r = { 0 };
	char *text = xmalloc(17 << 20);
	size_t sent = 0, len;

	len = (size_t)snprintf(text, 200,
			       "HTTP/1.1 200 OK\r\nX-Jobdeck-Protocol: 1\r\n"
			       "Content-Length: 17000000\r\n\r\n") +
	      17000000;
	memset(text + strlen(text), ' ', 17000000);
	the_answer = HANG;
	listen_now(f, say_it);
	client_call(f->c, "ListJobs", NULL, on_reply, &r);
	UNTIL(f, f->s.requests == 1);
	while (!r.times) {
		ssize_t n = f->s.fd[0] < 0 ? 0 :
					     send(f->s.fd[0], text + sent, len - sent,
						  MSG_DONTWAIT | MSG_NOSIGNAL);

		sent += n > 0 ? (size_t)n : 0;
		client_poll(f->c, NULL, 0, 1);
	}
	expect(&r, ERR_UNAVAILABLE, "larger than 16 MiB");
	free(text);
}

/* Calling and polling. */

static void test_cancel(void **state)
{
	struct fixture *f = *state;
	struct result r[4] = { 0 };
	int id[4];

	the_answer = HANG;
	listen_now(f, say_it);
	for (int i = 0; i < 4; i++)
		id[i] = client_call(f->c, i == 3 ? "None" : "ListJobs", NULL, on_reply, &r[i]);
	assert_int_equal(client_pending(f->c), 4);
	client_cancel(f->c, id[3]); /* has ended already, its callback is due */
	client_cancel(f->c, id[0]); /* not launched */
	UNTIL(f, f->s.requests == 2);
	client_cancel(f->c, id[1]); /* under way */
	client_cancel(f->c, id[1]);
	client_cancel(f->c, 12345);
	assert_int_equal(client_pending(f->c), 1);
	the_answer = OK;
	assert_true(call(f, "ListJobs").good);
	assert_int_equal(r[0].times + r[1].times + r[2].times + r[3].times, 0);
	assert_int_equal(client_pending(f->c), 1); /* dropped by client_close */
}

/* More calls than connections: the rest wait their turn. */
static void test_many_calls(void **state)
{
	struct fixture *f = *state;
	struct result r[100] = { 0 };

	listen_now(f, always_ok);
	for (int i = 0; i < 100; i++)
		client_call(f->c, "ListJobs", NULL, on_reply, &r[i]);
	UNTIL(f, client_pending(f->c) == 0);
	for (int i = 0; i < 100; i++)
		if (r[i].times != 1 || !r[i].good)
			fail_msg("call %d: %s", i, r[i].err.text);
	assert_in_range(f->s.connections, 1, 32);
}

struct chain {
	struct client *c;
	int left, victim;
};

static void on_chain(void *arg, cJSON *out, const struct err *err)
{
	struct chain *chain = arg;

	(void)out, (void)err;
	client_cancel(chain->c, chain->victim);
	if (chain->left-- > 0)
		client_call(chain->c, "NoSuch", NULL, on_chain, chain);
}

/* Callbacks call and cancel; one client_poll does not go on for ever. */
static void test_calls_from_callbacks(void **state)
{
	struct fixture *f = *state;
	struct chain chain = { .c = f->c, .left = 5 };
	struct result r = { 0 };

	client_call(f->c, "NoSuch", NULL, on_chain, &chain);
	chain.victim = client_call(f->c, "NoSuch", NULL, on_reply, &r);
	client_poll(f->c, NULL, 0, 1000);
	assert_in_range(chain.left, 3, 4);
	UNTIL(f, client_pending(f->c) == 0);
	assert_int_equal(chain.left, -1);
	assert_int_equal(r.times, 0);
}

static void test_extra_descriptors(void **state)
{
	struct fixture *f = *state;
	int ends[2], other[2];
	struct pollfd p[3];
	int64_t begun;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(pipe2(other, O_CLOEXEC), 0);
	p[0] = (struct pollfd){ .fd = ends[0], .events = POLLIN };
	p[1] = (struct pollfd){ .fd = -1, .events = POLLIN };
	p[2] = (struct pollfd){ .fd = other[1], .events = POLLOUT };
	assert_int_equal(client_poll(f->c, p, 2, 0), 0);
	assert_int_equal(p[0].revents, 0);
	assert_int_equal(client_poll(f->c, p, 3, 5000), 1);
	assert_int_equal(p[2].revents, POLLOUT);
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_int_equal(client_poll(f->c, p, 2, 5000), 1);
	assert_int_equal(p[0].revents, POLLIN);
	assert_int_equal(read(ends[0], &(char){ 0 }, 1), 1);
	close(ends[1]); /* a hang-up without anything to read is told too */
	assert_int_equal(client_poll(f->c, p, 2, 5000), 1);
	assert_int_equal(p[0].revents, POLLHUP);
	begun = time_mono();
	assert_int_equal(client_poll(f->c, NULL, 0, 30), 0);
	assert_in_range(time_mono() - begun, 25, 2000);
	close(ends[0]);
	close(other[0]);
	close(other[1]);
}

/* Starting a server: a script stands for it. */

static struct result start_with(struct fixture *f, const char *script_text)
{
	cleanup_free char *path = xasprintf("%s/program", f->temp.home->dir);
	cleanup_free char *text = xasprintf("#!/bin/sh\n%s\n", script_text);

	assert_int_equal(fs_write_atomic(path, text, strlen(text), NULL), 0);
	assert_int_equal(chmod(path, 0700), 0);
	client_close(f->c);
	f->c = client_open(&(struct client_options){ .home = f->temp.home, .program = path }, NULL);

	struct result r = call(f, "SubmitJob");

	assert_non_null(client_trouble(f->c));
	return r;
}

static void test_start_says_why_not(void **state)
{
	struct fixture *f = *state;
	struct result r = start_with(f, "echo failed the disk is full >&3; exec 3>&-; exit 1");

	expect(&r, ERR_UNAVAILABLE, "the server does not start: the disk is full (log: ");
	expect(&r, ERR_UNAVAILABLE, f->temp.home->server_log);
	r = call(f, "ListJobs"); /* at once: not started again and again */
	expect(&r, ERR_UNAVAILABLE, "the disk is full");
}

static void test_start_log_is_asked(void **state)
{
	struct fixture *f = *state;
	struct result r;

	r = start_with(f, "echo 2026 error: first >&2; echo 2026 error: the last one >&2; exit 9");
	expect(&r, ERR_UNAVAILABLE, "the server does not start: the last one (exit code 9, log: ");
}

/* What an earlier server logged is not why this one does not start. */
static void test_start_old_log(void **state)
{
	static const char old[] = "2025 error: long ago\n";
	struct fixture *f = *state;
	struct result r;

	assert_int_equal(fs_write_atomic(f->temp.home->server_log, old, strlen(old), NULL), 0);
	r = start_with(f, "exit 7");
	expect(&r, ERR_UNAVAILABLE,
	       "the server does not start: it said nothing (exit code 7, log: ");
}

static void test_start_dies(void **state)
{
	struct result r = start_with(*state, "kill -9 $$");

	expect(&r, ERR_UNAVAILABLE, "was killed by signal 9 while it started");
}

static void test_start_no_program(void **state)
{
	struct fixture *f = *state;
	struct result r;

	client_close(f->c);
	f->c = client_open(
		&(struct client_options){ .home = f->temp.home, .program = "/nonexistent/jobdeck" },
		NULL);
	r = call(f, "ListJobs");
	expect(&r, ERR_UNAVAILABLE, "cannot start the server /nonexistent/jobdeck: No such file");
}

/* What the server gets: its own session, JOBDECK_HOME, no descriptors but 0 to 3. The parts
 * are told in the failure text. */
static void test_start_environment(void **state)
{
	struct fixture *f = *state;
	cleanup_free char *want = xasprintf("home=%s args=serve --ready-fd 3 fds= 0 1 2 3 session",
					    f->temp.home->dir);
	int extra = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct result r;

	/* The shell itself keeps its script open at 10 or above. */
	r = start_with(
		f,
		"for n in 0 1 2 3 4 5 6 7 8 9; do [ -e /proc/$$/fd/$n ] && fds=\"$fds $n\"; done\n"
		"read pid comm state ppid pgrp sid rest < /proc/$$/stat\n"
		"[ $sid = $$ ] && s=session\n"
		"echo \"failed home=$JOBDECK_HOME args=$* fds=$fds $s\" >&3");
	expect(&r, ERR_UNAVAILABLE, want);
	close(extra);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_request),
		TEST(test_unknown_operation),
		TEST(test_no_server),
		TEST(test_write_is_not_sent_twice),
		TEST(test_read_is_sent_twice),
		TEST(test_write_on_closed_connection),
		TEST(test_busy),
		TEST(test_errors),
		TEST(test_other_version),
		TEST(test_answer_too_large),
		TEST(test_cancel),
		TEST(test_many_calls),
		TEST(test_calls_from_callbacks),
		TEST(test_extra_descriptors),
		TEST(test_start_says_why_not),
		TEST(test_start_log_is_asked),
		TEST(test_start_old_log),
		TEST(test_start_dies),
		TEST(test_start_no_program),
		TEST(test_start_environment),
	};

	return cmocka_run_group_tests_name("client", tests, NULL, NULL);
}
