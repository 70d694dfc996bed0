/* The server's HTTP on its socket, against an API that is a stub: what clients may send,
 * how, how much, and that one that misbehaves hurts nobody else. The server's loop and the
 * clients run in one thread; nothing sleeps, everything is waited for with a deadline. */
#include "config.h"
#include "server_fixture.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "jobdeck/base/fs.h"
#include "jobdeck/base/home.h"
#include "jobdeck/base/json.h"

/* Tests. */

static void test_answer(void **state)
{
	struct fixture *f = *state;
	struct peer p;

	peer_open(&p, f);
	for (int i = 1; i <= 3; i++) { /* on one connection */
		ask(&p, i == 2 ? "/commit" : "/echo", "X-Jobdeck-Protocol: 1\r\n", "{}");
		UNTIL(f, answers(&p) == i);
	}
	expect(&p, "HTTP/1.1 200 OK");
	expect(&p, "X-Jobdeck-Protocol: 1");
	expect(&p, "Content-Type: application/json");
	expect(&p, "x-amzn-RequestId: an-id");
	expect(&p, "{\"done\":true}");
	assert_false(p.closed);
	ask(&p, "/nothing", "", "{}");
	UNTIL(f, answers(&p) == 4);
	expect(&p, "HTTP/1.1 404");
	expect(&p, "x-amzn-ErrorType: ClientException");
	peer_close(&p);
}

static void test_socket_mode(void **state)
{
	struct fixture *f = *state;
	struct stat st;

	assert_int_equal(stat(f->sock, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_true(S_ISSOCK(st.st_mode));
}

static void test_stale_socket(void **state)
{
	struct fixture *f = *state;
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof at.sun_path, "%s", f->sock);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	close(fd);
	assert_int_equal(access(f->sock, F_OK), 0);
	serve(f, 0, 0, 0);
	check_serves(f);
}

static void test_long_path(void **state)
{
	struct fixture *f = *state;
	char *dir = xasprintf("%s/%0150d", f->dir, 1);

	assert_int_equal(mkdir(dir, 0700), 0);
	free(f->sock);
	f->sock = xasprintf("%s/sock", dir);
	serve(f, 0, 0, 0);
	check_serves(f);
	http_close(f->http);
	f->http = NULL;
	assert_int_equal(access(f->sock, F_OK), -1);
	assert_int_equal(rmdir(dir), 0);
	free(dir);
}

static void test_cannot_listen(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	const char *const sockets[] = {"/proc/nonexistent/sock", NULL};

	assert_null(http_open(
	    &(struct http_options){.loop = f->loop, .api = f->api, .sockets = sockets}, &err));
	assert_non_null(strstr(err.text, "cannot listen at /proc/nonexistent/sock"));
}

/* A body that just fits, and one byte more: the answer is there to be read although the
 * connection ends. */
static void test_body_limit(void **state)
{
	struct fixture *f = *state;
	char *body = xmalloc(HTTP_BODY_MAX + 2);
	struct peer p;

	memset(body, ' ', HTTP_BODY_MAX + 1);
	body[HTTP_BODY_MAX] = '\0';
	peer_open(&p, f);
	ask(&p, "/echo", "", body);
	UNTIL(f, answers(&p) == 1);
	expect(&p, "HTTP/1.1 200");
	body[HTTP_BODY_MAX] = ' ';
	body[HTTP_BODY_MAX + 1] = '\0';
	ask(&p, "/echo", "", body);
	UNTIL(f, answers(&p) == 2 && p.closed);
	expect(&p, "HTTP/1.1 413");
	expect(&p, "{\"message\":\"The request body must be at most 65536 bytes\"}");
	assert_int_equal(stub_handled(f->api), 1);
	free(body);
	peer_close(&p);
	check_serves(f);
}

static void test_body_announced_huge(void **state)
{
	struct fixture *f = *state;
	static const char head[] =
	    "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n";
	struct peer p;

	peer_open(&p, f);
	say(&p, head, strlen(head));
	UNTIL(f, answers(&p) == 1 && p.closed);
	expect(&p, "HTTP/1.1 413");
	peer_close(&p);
	check_serves(f);
}

/* Without a length, on and on. */
static void test_body_chunked_endless(void **state)
{
	struct fixture *f = *state;
	static const char head[] =
	    "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
	char *chunk = xmalloc(16384);
	struct peer p;

	memset(chunk, 'y', 16384);
	memcpy(chunk, "3ff8\r\n", 6);
	memcpy(chunk + 6 + 0x3ff8, "\r\n", 2);
	peer_open(&p, f);
	say(&p, head, strlen(head));
	UNTIL(f, (peer_read(&p),
		  p.closed || send(p.fd, chunk, 16384, MSG_NOSIGNAL) == -2 || errno == EPIPE));
	assert_int_equal(stub_handled(f->api), 0);
	free(chunk);
	peer_close(&p);
	check_serves(f);
}

static void test_header_limit(void **state)
{
	struct fixture *f = *state;
	char *header = xmalloc(HTTP_HEADER_MAX + 64);
	struct peer p;

	memset(header, 'h', HTTP_HEADER_MAX + 60);
	memcpy(header, "X-Big: ", 7);
	memcpy(header + HTTP_HEADER_MAX + 58, "\r\n", 3);
	peer_open(&p, f);
	ask(&p, "/echo", header, "{}");
	UNTIL(f, answers(&p) == 1 && p.closed);
	expect(&p, "HTTP/1.1 431");
	assert_int_equal(stub_handled(f->api), 0);
	free(header);
	peer_close(&p);
	check_serves(f);
}

/* Sends what is no request and leaves. Others are served all the while, and nothing stays. */
static void check_garbage(struct fixture *f, const char *text, size_t len)
{
	struct peer p;

	peer_open(&p, f);
	say(&p, text, len);
	check_serves(f);
	peer_close(&p);
	UNTIL(f, http_connections(f->http) == 0);
}

static void test_garbage(void **state)
{
	static const char *const texts[] = {
	    "\x16\x03\x01\x02 is TLS\r\n\r\n",
	    "GET\r\n\r\n",
	    "POST /echo HTTP/1.1\r\nContent-Length: many\r\n\r\n{}",
	    "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n{}",
	    "POST /echo HTTP/9.9\r\nHost: x\r\n\r\n",
	    "\r\n\r\n\r\n\r\n: \r\n\r\n",
	    "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n",
	    "POST http:///%00%zz?%? HTTP/1.1\r\nHost: x\r\n\r\n",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		check_garbage(*state, texts[i], strlen(texts[i]));
}

/* A request with some bytes changed, from a fixed seed. */
static void test_mutations(void **state)
{
	unsigned seed = 20261122;

	for (int round = 0; round < 200; round++) {
		struct buf b;

		buf_init(&b, 4096);
		request(&b, "/commit", "X-Jobdeck-Protocol: 1\r\nConnection: keep-alive\r\n", "{}");
		for (int i = rand_r(&seed) % 8; i >= 0; i--)
			b.data[(size_t)rand_r(&seed) % b.len] = (char)rand_r(&seed);
		check_garbage(*state, b.data, b.len);
		buf_fini(&b);
	}
}

static void test_half_request(void **state)
{
	struct fixture *f = *state;
	static const char head[] = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{";
	struct peer p;

	for (size_t cut = 1; cut <= strlen(head); cut += 9) {
		peer_open(&p, f);
		say(&p, head, cut);
		check_serves(f);
		peer_close(&p);
		UNTIL(f, http_connections(f->http) == 0);
	}
	assert_int_equal(stub_dropped(f->api), 0);
}

/* Byte by byte is slow but right. */
static void test_dribble(void **state)
{
	struct fixture *f = *state;
	struct peer p;
	struct buf b;

	buf_init(&b, 4096);
	request(&b, "/echo", "", "{\"slow\":true}");
	peer_open(&p, f);
	for (size_t i = 0; i < b.len; i++) {
		say(&p, b.data + i, 1);
		loop_turn(f->loop, 0);
	}
	UNTIL(f, answers(&p) == 1);
	expect(&p, "{\"slow\":true}");
	buf_fini(&b);
	peer_close(&p);
}

static void test_pipelining(void **state)
{
	struct fixture *f = *state;
	struct peer p;
	struct buf b;

	buf_init(&b, 1 << 20);
	request(&b, "/wait", "", "{}");
	for (int i = 0; i < 50; i++)
		request(&b, i % 2 ? "/commit" : "/echo", "", "{\"second\":1}");
	peer_open(&p, f);
	say(&p, b.data, b.len);
	UNTIL(f, stub_waiting(f->api) == 1);
	for (int i = 0; i < 20; i++)
		loop_turn(f->loop, 0);
	assert_int_equal(answers(&p), 0); /* the first goes first */
	assert_int_equal(stub_handled(f->api), 1);
	stub_answer_waiting(f->api);
	UNTIL(f, answers(&p) == 51);
	buf_fini(&b);
	peer_close(&p);
}

static void test_idle_is_closed(void **state)
{
	struct fixture *f = *state;
	struct peer idle, half, waits;

	serve(f, 0, 1, 0);
	peer_open(&idle, f);
	peer_open(&half, f);
	peer_open(&waits, f);
	say(&half, "POST /echo HT", 13);
	ask(&waits, "/wait", "", "{}");
	UNTIL(f, (peer_read(&idle), idle.closed) && (peer_read(&half), half.closed));
	UNTIL(f, http_connections(f->http) <= 1);
	assert_int_equal(http_connections(f->http), 1); /* one that is waited for is not idle */
	stub_answer_waiting(f->api);
	UNTIL(f, answers(&waits) == 1);
	peer_close(&idle);
	peer_close(&half);
	peer_close(&waits);
}

static void test_200_idle(void **state)
{
	struct fixture *f = *state;
	struct peer p[200];

	for (int i = 0; i < 200; i++)
		peer_open(&p[i], f);
	UNTIL(f, http_connections(f->http) == 200);
	check_serves(f);
	for (int i = 0; i < 200; i++)
		ask(&p[i], "/commit", "", "{}");
	for (int i = 0; i < 200; i++)
		UNTIL(f, answers(&p[i]) == 1);
	for (int i = 0; i < 200; i++)
		peer_close(&p[i]);
	UNTIL(f, http_connections(f->http) == 0);
}

static void test_connection_limit(void **state)
{
	struct fixture *f = *state;
	struct peer p[4], late;

	serve(f, 4, 0, 0);
	for (int i = 0; i < 4; i++)
		peer_open(&p[i], f);
	UNTIL(f, http_connections(f->http) == 4);
	peer_open(&late, f);
	UNTIL(f, answers(&late) == 1 && late.closed);
	expect(&late, "HTTP/1.1 503");
	expect(&late, "Retry-After: 1");
	expect(&late, "{\"message\":\"Too many connections; nothing was done\"}");
	peer_close(&late);
	peer_close(&p[0]);
	UNTIL(f, http_connections(f->http) == 3);
	check_serves(f);
	for (int i = 1; i < 4; i++)
		peer_close(&p[i]);
}

/* Accepting fails for lack of descriptors: it rests, and goes on when there are some. */
static void test_no_descriptors(void **state)
{
	struct fixture *f = *state;
	struct rlimit was, tight;
	struct peer p;
	int lowest;

	peer_open(&p, f);
	getrlimit(RLIMIT_NOFILE, &was);
	lowest = dup(p.fd);
	close(lowest);
	tight = was;
	tight.rlim_cur = (rlim_t)lowest;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
	ask(&p, "/echo", "", "{}");
	for (int i = 0; i < 20; i++)
		loop_turn(f->loop, 0);
	assert_int_equal(http_connections(f->http), 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
	UNTIL(f, answers(&p) == 1);
	peer_close(&p);
}

/* One that does not read its answer costs memory, nothing else. */
static void test_slow_reader(void **state)
{
	struct fixture *f = *state;
	struct peer slow, gone;

	peer_open(&slow, f);
	peer_open(&gone, f);
	ask(&slow, "/big", "", "{}");
	ask(&gone, "/big", "", "{}");
	UNTIL(f, stub_handled(f->api) == 2);
	for (int i = 0; i < 20; i++)
		check_serves(f);
	peer_close(&gone); /* in the middle of its answer */
	UNTIL(f, http_connections(f->http) == 1);
	UNTIL(f, answers(&slow) == 1);
	assert_true(slow.in.len > STUB_BIG);
	peer_close(&slow);
}

/* Noticed at once, not when there is something to say. */
static void test_peer_gone_while_waiting(void **state)
{
	struct fixture *f = *state;
	struct peer p, other;

	peer_open(&p, f);
	peer_open(&other, f);
	ask(&p, "/wait", "", "{}");
	ask(&other, "/wait", "", "{}");
	UNTIL(f, stub_waiting(f->api) == 2);
	for (int i = 0; i < 3; i++)
		loop_turn(f->loop, 0);
	peer_close(&p);
	UNTIL(f, stub_dropped(f->api) == 1);
	UNTIL(f, http_connections(f->http) == 1);
	assert_int_equal(stub_waiting(f->api), 1);
	stub_answer_waiting(f->api);
	UNTIL(f, answers(&other) == 1);
	peer_close(&other);
}

/* As above, but with a next request already sent. */
static void test_peer_gone_after_pipelining(void **state)
{
	struct fixture *f = *state;
	struct peer p;

	peer_open(&p, f);
	ask(&p, "/wait", "", "{}");
	ask(&p, "/echo", "", "{}");
	UNTIL(f, stub_waiting(f->api) == 1);
	peer_close(&p);
	for (int i = 0; i < 5; i++)
		loop_turn(f->loop, 0);
	stub_answer_waiting(f->api);
	UNTIL(f, http_connections(f->http) == 0);
}

static void test_half_closed_peer(void **state)
{
	struct fixture *f = *state;
	struct peer p;

	peer_open(&p, f);
	ask(&p, "/wait", "", "{}");
	UNTIL(f, stub_waiting(f->api) == 1);
	shutdown(p.fd, SHUT_WR); /* as `nc -N` */
	for (int i = 0; i < 5; i++)
		loop_turn(f->loop, 0);
	assert_int_equal(stub_dropped(f->api), 0);
	stub_answer_waiting(f->api);
	UNTIL(f, answers(&p) == 1);
	expect(&p, "{\"done\":true}");
	peer_close(&p);
}

static void test_protocol(void **state)
{
	struct fixture *f = *state;
	struct peer p;

	peer_open(&p, f);
	ask(&p, "/echo", "X-Jobdeck-Protocol: 2\r\n", "{}");
	UNTIL(f, answers(&p) == 1);
	expect(&p, "HTTP/1.1 426");
	expect(&p, "run `jobdeck stop-server`");
	assert_int_equal(stub_handled(f->api), 0);
	ask(&p, "/jobdeck/jobdeckstop", "x-jobdeck-protocol: 2\r\n", "{}");
	UNTIL(f, answers(&p) == 2);
	assert_int_equal(stub_handled(f->api), 1); /* stopping works between any two versions */
	peer_close(&p);
}

/* Whoever waits, and whoever had just connected, is told; nobody is cut off. */
static void test_close_tells(void **state)
{
	struct fixture *f = *state;
	struct peer waits, fresh;

	peer_open(&waits, f);
	ask(&waits, "/wait", "", "{}");
	UNTIL(f, stub_waiting(f->api) == 1);
	peer_open(&fresh, f); /* not accepted yet */
	ask(&fresh, "/echo", "", "{}");
	http_close(f->http);
	f->http = NULL;
	assert_int_equal(answers(&waits), 1);
	expect(&waits, "HTTP/1.1 503");
	expect(&waits, "Retry-After: 1");
	assert_int_equal(answers(&fresh), 1);
	expect(&fresh, "The server is stopping; nothing was done");
	assert_int_equal(stub_dropped(f->api), 1);
	assert_int_equal(stub_handled(f->api), 1);
	assert_int_equal(connect_to(f->sock), -1);
	peer_close(&waits);
	peer_close(&fresh);
}

/* One that does not read delays the end by a second at most. */
static void test_close_does_not_hang(void **state)
{
	struct fixture *f = *state;
	int64_t begun = time_mono();
	struct peer slow;

	peer_open(&slow, f);
	ask(&slow, "/big", "", "{}");
	UNTIL(f, stub_handled(f->api) == 1);
	http_close(f->http);
	f->http = NULL;
	assert_true(time_mono() - begun < 5000);
	peer_close(&slow);
}

/* Only the owner and root get in, whatever the modes are. */
static void test_other_user(void **state)
{
	struct fixture *f = *state;
	char verdict = 0;
	int ends[2];

	if (geteuid() != 0)
		skip();
	assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	assert_int_equal(chmod(f->dir, 0755), 0);
	assert_int_equal(chmod(f->sock, 0666), 0);
	if (fork() == 0) { /* reaped by the loop */
		char text[512] = "";
		int fd;

		if (setresuid(65534, 65534, 65534) || (fd = connect_to(f->sock)) < 0)
			_exit(2);
		fcntl(fd, F_SETFL, 0);
		if (read(fd, text, sizeof text - 1) > 0)
			fs_write_all(ends[1], strstr(text, "403 Forbidden") ? "r" : "?", 1);
		_exit(0);
	}
	UNTIL(f, read(ends[0], &verdict, 1) == 1);
	assert_int_equal(verdict, 'r');
	close(ends[0]);
	close(ends[1]);
	assert_int_equal(stub_handled(f->api), 0);
	check_serves(f);
}

#define TEST(name)	 cmocka_unit_test_setup_teardown(name, server_up, server_down)
#define TEST_QUIET(name) cmocka_unit_test_setup_teardown(name, server_up_quiet, server_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_answer),
	    TEST(test_socket_mode),
	    TEST_QUIET(test_stale_socket),
	    TEST_QUIET(test_long_path),
	    TEST_QUIET(test_cannot_listen),
	    TEST(test_body_limit),
	    TEST(test_body_announced_huge),
	    TEST(test_body_chunked_endless),
	    TEST(test_header_limit),
	    TEST(test_garbage),
	    TEST(test_mutations),
	    TEST(test_half_request),
	    TEST(test_dribble),
	    TEST(test_pipelining),
	    TEST_QUIET(test_idle_is_closed),
	    TEST(test_200_idle),
	    TEST_QUIET(test_connection_limit),
	    TEST(test_no_descriptors),
	    TEST(test_slow_reader),
	    TEST(test_peer_gone_while_waiting),
	    TEST(test_peer_gone_after_pipelining),
	    TEST(test_half_closed_peer),
	    TEST(test_protocol),
	    TEST(test_close_tells),
	    TEST(test_close_does_not_hang),
	    TEST(test_other_user),
	};

	return cmocka_run_group_tests_name("server", tests, NULL, NULL);
}
