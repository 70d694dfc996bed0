/* The server over TCP: who is let in, who is not and what is said to them, and how long and how
 * many may be at the door. */
#include "config.h"
#include "server_fixture.h"
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../src/server/address.h"
#include "jobdeck/aws/sigv4.h"
#include "jobdeck/server/keys.h"

static int up(void **state)
{
	struct fixture *f;
	struct err err = { 0 };

	server_up(state);
	f = *state;
	if (http_listen(f->http, "127.0.0.1:0", false, &err))
		fail_msg("%s", err.text);
	return 0;
}

static int down(void **state)
{
	struct fixture *f = *state;
	cleanup_free char *lock = xasprintf("%s.lock", f->keys);

	unlink(lock);
	return server_down(state);
}

static void listen_too(struct fixture *f)
{
	struct err err = { 0 };

	if (http_listen(f->http, "127.0.0.1:0", false, &err))
		fail_msg("%s", err.text);
}

static struct key make_key(struct fixture *f, const char *name, jd_time expires)
{
	struct err err = { 0 };
	struct key k;

	if (keys_create(f->keys, name, false, expires, &k, &err))
		fail_msg("%s", err.text);
	return k;
}

/* --- signing ------------------------------------------------------------------------- */

/* How a request is signed; what is not named is as it should be. */
struct how {
	const struct key *key;
	const char *id, *secret, *token;
	const char *service, *path, *signed_body;
	int64_t late;
};

static void sign(struct buf *b, const struct how *h, const char *path, const char *body)
{
	const char *url = "127.0.0.1";
	struct aws_credentials c = { 0 };
	struct sigv4_signed out = { 0 };
	struct sigv4_header host = { "Host", url };
	const char *signed_body = h->signed_body ? h->signed_body : body;
	const struct sigv4_request r = { "POST",      h->path ? h->path : path, &host, 1,
					 signed_body, strlen(signed_body) };
	struct err err = { 0 };

	aws_credentials_init(&c, h->id ? h->id : h->key->id, h->secret ? h->secret : h->key->secret,
			     h->token, JD_NEVER);
	if (sigv4_sign(&r, &c, "eu-central-1", h->service ? h->service : "batch",
		       time_wall() - h->late, &out, &err))
		fail_msg("%s", err.text);
	buf_addf(b,
		 "POST %s HTTP/1.1\r\nHost: %s\r\nX-Amz-Date: %s\r\nAuthorization: %s\r\n"
		 "%s%s%sContent-Length: %zu\r\n\r\n%s",
		 path, url, out.date, out.authorization, h->token ? "X-Amz-Security-Token: " : "",
		 h->token ? h->token : "", h->token ? "\r\n" : "", strlen(body), body);
	free(out.authorization);
	aws_credentials_fini(&c);
}

static void ask_signed(struct peer *p, const struct how *h, const char *path, const char *body)
{
	struct buf b cleanup_buf;

	buf_init(&b, 1 << 20);
	sign(&b, h, path, body);
	say(p, b.data, b.len);
}

/* --- who is let in ------------------------------------------------------------------- */

static void test_let_in(void **state)
{
	struct fixture *f = *state;
	struct key k = make_key(f, "laptop", JD_NEVER);
	const struct how h = { .key = &k };
	struct peer p;

	peer_open_tcp(&p, f);
	ask_signed(&p, &h, "/who", "{}");
	UNTIL(f, answers(&p) == 1);
	expect(&p, "HTTP/1.1 200");
	expect(&p, "\r\n\r\nlaptop");
	ask_signed(&p, &h, "/echo?tagKeys=b&tagKeys=a%20c", "{\"on\":\"the same\"}");
	UNTIL(f, answers(&p) == 2);
	expect(&p, "{\"on\":\"the same\"}");
	ask_signed(&p, &h, "/commit", "{}");
	UNTIL(f, answers(&p) == 3);
	expect(&p, "{\"done\":true}");
	assert_false(p.closed);
	peer_close(&p);
	check_serves(f); /* the unix socket is as it was */
}

static void test_not_let_in(void **state)
{
	struct fixture *f = *state;
	struct key k = make_key(f, "a", JD_NEVER);
	struct key old = make_key(f, "old", time_wall() - 1);
	const struct {
		struct how how;
		const char *code, *text;
	} cases[] = {
		{ { .key = &k, .id = "AKIAJDNOBODYNOBODYNO" },
		  "UnrecognizedClientException",
		  "The security token included in the request is invalid." },
		{ { .key = &k, .id = "a" }, "UnrecognizedClientException", "invalid." },
		{ { .key = &k, .secret = old.secret },
		  "InvalidSignatureException",
		  "The request signature we calculated does not match" },
		{ { .key = &k, .token = "of some session" },
		  "UnrecognizedClientException",
		  "The security token included in the request is invalid." },
		{ { .key = &k, .late = 301000 },
		  "InvalidSignatureException",
		  "Signature expired: " },
		{ { .key = &k, .late = -302000 },
		  "InvalidSignatureException",
		  "Signature not yet current: " },
		{ { .key = &k, .service = "s3" },
		  "InvalidSignatureException",
		  "Credential should be scoped to correct service: 'batch'." },
		{ { .key = &k, .signed_body = "{\"a\":2}" },
		  "InvalidSignatureException",
		  "does not match" },
		{ { .key = &k, .path = "/who" }, "InvalidSignatureException", "does not match" },
		{ { .key = &old },
		  "ExpiredTokenException",
		  "The security token included in the request is expired" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct peer p;

		peer_open_tcp(&p, f);
		ask_signed(&p, &cases[i].how, "/echo", "{\"a\":1}");
		UNTIL(f, answers(&p) == 1);
		expect(&p, "HTTP/1.1 403");
		expect(&p, cases[i].code);
		expect(&p, cases[i].text);
		peer_close(&p);
	}
	assert_int_equal(stub_handled(f->api), 0);
}

static void test_unsigned(void **state)
{
	struct fixture *f = *state;
	struct peer p;

	peer_open_tcp(&p, f);
	ask(&p, "/echo", "", "{}");
	UNTIL(f, answers(&p) == 1);
	expect(&p, "MissingAuthenticationTokenException");
	ask(&p, "/jobdeck/jobdeckstop", "X-Jobdeck-Protocol: 1\r\n", "{}");
	UNTIL(f, answers(&p) == 2);
	ask(&p, "/echo", "Authorization: Basic YTpi\r\n", "{}");
	UNTIL(f, answers(&p) == 3);
	expect(&p, "IncompleteSignatureException");
	assert_int_equal(stub_handled(f->api), 0);
	peer_close(&p);
}

/* More headers than anybody sends. */
static void test_many_headers(void **state)
{
	struct fixture *f = *state;
	struct buf b cleanup_buf;
	struct peer p;

	buf_init(&b, 65536);
	buf_adds(&b, "Authorization: AWS4-HMAC-SHA256 x=y\r\n");
	for (int i = 0; i < SIGV4_HEADERS_MAX; i++)
		buf_addf(&b, "X-H%d: 1\r\n", i);
	peer_open_tcp(&p, f);
	ask(&p, "/echo", buf_str(&b), "{}");
	UNTIL(f, answers(&p) == 1);
	expect(&p, "The request has more than 100 headers");
	peer_close(&p);
}

/* What changes in the file of keys counts for the next request. */
static void test_keys_change(void **state)
{
	struct fixture *f = *state;
	struct key a, b;
	struct how ha = { .key = &a }, hb = { .key = &b };
	struct peer p;

	peer_open_tcp(&p, f);
	ask(&p, "/echo", "", "{}"); /* it has looked, and there was no file */
	UNTIL(f, answers(&p) == 1);
	a = make_key(f, "a", JD_NEVER);
	ask_signed(&p, &ha, "/who", "{}");
	UNTIL(f, answers(&p) == 2);
	b = make_key(f, "b", JD_NEVER);
	ask_signed(&p, &hb, "/who", "{}");
	UNTIL(f, answers(&p) == 3);
	assert_int_equal(stub_handled(f->api), 2);
	assert_int_equal(keys_delete(f->keys, "a", NULL), 0);
	ask_signed(&p, &ha, "/who", "{}");
	UNTIL(f, answers(&p) == 4);
	expect(&p, "UnrecognizedClientException");
	ask_signed(&p, &hb, "/who", "{}");
	UNTIL(f, answers(&p) == 5);
	assert_int_equal(stub_handled(f->api), 3);
	assert_int_equal(chmod(f->keys, 0644), 0); /* others may read it: nobody is let in */
	ask_signed(&p, &hb, "/who", "{}");
	UNTIL(f, answers(&p) == 6);
	assert_int_equal(stub_handled(f->api), 3);
	peer_close(&p);
}

static void test_pipelining(void **state)
{
	struct fixture *f = *state;
	struct key k = make_key(f, NULL, JD_NEVER);
	const struct how h = { .key = &k };
	struct buf b cleanup_buf;
	struct peer p;

	buf_init(&b, 1 << 20);
	for (int i = 0; i < 30; i++)
		sign(&b, &h, i % 3 ? "/commit" : "/echo", "{\"n\":1}");
	request(&b, "/echo", "", "{}"); /* and one that is not signed */
	sign(&b, &h, "/echo", "{\"the\":\"last\"}");
	peer_open_tcp(&p, f);
	say(&p, b.data, b.len);
	UNTIL(f, answers(&p) == 32);
	assert_int_equal(stub_handled(f->api), 31);
	expect(&p, "MissingAuthenticationTokenException");
	expect(&p, "{\"the\":\"last\"}");
	peer_close(&p);
}

static void test_large_body(void **state)
{
	struct fixture *f = *state;
	char *body = xmalloc(HTTP_BODY_MAX + 2);
	struct peer p;

	memset(body, ' ', HTTP_BODY_MAX + 1);
	body[HTTP_BODY_MAX + 1] = '\0';
	peer_open_tcp(&p, f);
	ask(&p, "/echo", "", body);
	UNTIL(f, answers(&p) == 1 && p.closed);
	expect(&p, "HTTP/1.1 413");
	free(body);
	peer_close(&p);
}

/* --- how many and how long ----------------------------------------------------------- */

static void test_crowd(void **state)
{
	struct fixture *f = *state;
	struct peer p[2], late;

	serve(f, 4, 0, 0);
	listen_too(f);
	for (int i = 0; i < 2; i++)
		peer_open_tcp(&p[i], f);
	UNTIL(f, http_connections(f->http) == 2);
	peer_open_tcp(&late, f);
	UNTIL(f, answers(&late) == 1 && late.closed);
	expect(&late, "HTTP/1.1 503");
	expect(&late, "{\"message\":\"Too many connections; nothing was done\"}");
	peer_close(&late);
	check_serves(f); /* the owner still gets in */
	for (int i = 0; i < 2; i++)
		peer_close(&p[i]);
	UNTIL(f, http_connections(f->http) == 0);
}

static void test_1100_idle(void **state)
{
	enum { MANY = HTTP_CONNECTIONS_MAX - HTTP_CONNECTIONS_OWN };
	struct fixture *f = *state;
	struct rlimit was, more;
	struct peer *p = xcalloc(MANY + 1, sizeof *p);
	struct key k = make_key(f, NULL, JD_NEVER);
	const struct how h = { .key = &k };

	getrlimit(RLIMIT_NOFILE, &was);
	more = was;
	more.rlim_cur = 4096; /* both ends are ours */
	if (more.rlim_max < 4096 || setrlimit(RLIMIT_NOFILE, &more)) {
		free(p);
		skip();
	}
	for (int i = 0; i < MANY; i++) {
		peer_open_tcp(&p[i], f);
		if (i % 50 == 0)
			loop_turn(f->loop, 0);
	}
	UNTIL(f, http_connections(f->http) == MANY);
	peer_open_tcp(&p[MANY], f);
	UNTIL(f, answers(&p[MANY]) == 1 && p[MANY].closed);
	expect(&p[MANY], "HTTP/1.1 503");
	check_serves(f);
	ask_signed(&p[MANY - 1], &h, "/who", "{}");
	UNTIL(f, answers(&p[MANY - 1]) == 1);
	for (int i = 0; i <= MANY; i++)
		peer_close(&p[i]);
	UNTIL(f, http_connections(f->http) == 0);
	setrlimit(RLIMIT_NOFILE, &was);
	free(p);
}

/* Sends one more byte to each that is still there, some every second. */
static void dribble(struct peer *const *peers, int count, int64_t *next)
{
	if (time_mono() < *next)
		return;
	*next = time_mono() + 20;
	for (int i = 0; i < count; i++) {
		peer_read(peers[i]);
		if (!peers[i]->closed)
			(void)!send(peers[i]->fd, "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	}
}

static bool ended(struct peer *p)
{
	peer_read(p);
	return p->closed;
}

/* Bytes now and then buy no time. One that has shown who it is may rest for longer. */
static void test_slow(void **state)
{
	static const char half[] = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n{";
	struct fixture *f = *state;
	struct peer idle, header, body, reader, own, welcome;
	struct peer *const slow[] = { &header, &body, &own };
	int64_t next = 0;
	struct key k = make_key(f, NULL, JD_NEVER);
	const struct how h = { .key = &k };

	serve(f, 0, 3, 1);
	listen_too(f);
	peer_open_tcp(&idle, f);
	peer_open_tcp(&header, f);
	peer_open_tcp(&body, f);
	peer_open_tcp(&welcome, f);
	peer_open(&own, f);
	peer_open(&reader, f);
	say(&header, "POST /echo HT", 13);
	say(&body, half, strlen(half));
	say(&own, half, strlen(half));
	ask(&reader, "/big", "", "{}");
	ask_signed(&welcome, &h, "/echo", "{}");
	UNTIL(f, answers(&welcome) == 1 && stub_handled(f->api) == 2);
	UNTIL(f, (dribble(slow, 3, &next),
		  ended(&idle) && ended(&header) && ended(&body) && ended(&own)));
	assert_int_equal(answers(&header) + answers(&body) + answers(&idle) + answers(&own), 0);
	UNTIL(f, http_connections(f->http) <= 2);
	assert_int_equal(http_connections(f->http), 2); /* those that may rest for longer */
	assert_false(ended(&welcome));
	UNTIL(f, http_connections(f->http) == 0);
	peer_close(&idle);
	peer_close(&header);
	peer_close(&body);
	peer_close(&reader);
	peer_close(&own);
	peer_close(&welcome);
}

/* --- addresses ----------------------------------------------------------------------- */

static void test_addresses(void **state)
{
	static const struct {
		const char *text;
		bool anywhere;
		const char *want; /* its URL, or a part of what is said */
	} cases[] = {
		{ "127.0.0.1:4566", false, "http://127.0.0.1:4566" },
		{ "127.9.9.9:1", false, "http://127.9.9.9:1" },
		{ "localhost:65535", false, "http://127.0.0.1:65535" },
		{ "[::1]:0", false, "http://[::1]:0" },
		{ "0.0.0.0:80", true, "http://0.0.0.0:80" },
		{ "[::]:80", true, "http://[::]:80" },
		{ "0.0.0.0:80", false,
		  "other machines can reach 0.0.0.0:80; if that is meant, say so "
		  "with --listen-anywhere" },
		{ "192.168.1.2:80", false, "other machines can reach" },
		{ "[::]:80", false, "other machines can reach" },
		{ "[::ffff:127.0.0.1]:80", false, "other machines can reach" },
		{ "", true, "cannot listen at \"\"" },
		{ "127.0.0.1", true, "an address is 127.0.0.1:PORT or [::1]:PORT" },
		{ "127.0.0.1:", true, "an address is" },
		{ "127.0.0.1:-1", true, "an address is" },
		{ "127.0.0.1:65536", true, "an address is" },
		{ "127.0.0.1:80x", true, "an address is" },
		{ ":80", true, "an address is" },
		{ "::1:80", true, "an address is" },
		{ "[127.0.0.1:80", true, "an address is" },
		{ "[]:80", true, "an address is" },
		{ "example.org:80", true, "an address is" },
		{ "127.1:80", true, "an address is" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char url[ADDRESS_URL_SIZE];
		struct err err = { 0 };
		struct address a;

		if (address_parse(cases[i].text, cases[i].anywhere, &a, &err) == 0)
			assert_string_equal(address_url(&a, url), cases[i].want);
		else if (!strstr(err.text, cases[i].want))
			fail_msg("%s: %s", cases[i].text, err.text);
	}
}

static void test_listen(void **state)
{
	struct fixture *f = *state;
	const char *first = http_urls(f->http)[0] + strlen("http://");
	struct err err = { 0 };
	struct peer p;

	assert_int_equal(http_listen(f->http, first, false, &err), -1);
	assert_non_null(strstr(err.text, "cannot listen at http://127.0.0.1:"));
	assert_non_null(strstr(err.text, "Address already in use"));
	for (int i = 2; i < HTTP_LISTENERS_MAX; i++)
		listen_too(f);
	assert_int_equal(http_listen(f->http, "127.0.0.1:0", false, &err), -1);
	assert_string_equal(err.text, "listening at 8 addresses already");
	for (int i = 0; i < HTTP_LISTENERS_MAX - 1; i++)
		assert_non_null(http_urls(f->http)[i]);
	assert_null(http_urls(f->http)[HTTP_LISTENERS_MAX - 1]);
	p = (struct peer){ .fd = connect_tcp(http_urls(f->http)[6]) };
	buf_init(&p.in, 65536);
	ask(&p, "/echo", "", "{}");
	UNTIL(f, answers(&p) == 1);
	expect(&p, "HTTP/1.1 403");
	peer_close(&p);
}

static void test_ipv6(void **state)
{
	struct sockaddr_in6 at = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct fixture *f = *state;
	struct err err = { 0 };
	struct peer p = { .fd = -1 };

	if (http_listen(f->http, "[::1]:0", false, &err))
		skip();
	at.sin6_port = htons((in_port_t)atoi(strrchr(http_urls(f->http)[1], ':') + 1));
	buf_init(&p.in, 65536);
	p.fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(p.fd, (struct sockaddr *)&at, sizeof at), 0);
	fcntl(p.fd, F_SETFL, O_NONBLOCK);
	ask(&p, "/echo", "Connection: close\r\n", "{}");
	UNTIL(f, answers(&p) == 1 && p.closed);
	expect(&p, "MissingAuthenticationTokenException");
	peer_close(&p);
}

#define TEST(name)	 cmocka_unit_test_setup_teardown(name, up, down)
#define TEST_QUIET(name) cmocka_unit_test_setup_teardown(name, server_up_quiet, down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_let_in),
		TEST(test_not_let_in),
		TEST(test_unsigned),
		TEST(test_many_headers),
		TEST(test_keys_change),
		TEST(test_pipelining),
		TEST(test_large_body),
		TEST_QUIET(test_crowd),
		TEST(test_1100_idle),
		TEST_QUIET(test_slow),
		cmocka_unit_test(test_addresses),
		TEST(test_listen),
		TEST(test_ipv6),
	};

	return cmocka_run_group_tests_name("tcp", tests, NULL, NULL);
}
