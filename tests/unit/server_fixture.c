#include "config.h"
#include "server_fixture.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "jobdeck/base/home.h"
#include "jobdeck/base/log.h"

static bool commit_hook(void *arg)
{
	stub_commit(arg);
	return false;
}

void serve(struct fixture *f, int max_connections, int idle_s, int request_s)
{
	const char *const sockets[] = {f->sock, NULL};
	struct err err = {0};

	f->http = http_open(&(struct http_options){.loop = f->loop,
						   .api = f->api,
						   .sockets = sockets,
						   .max_connections = max_connections,
						   .idle_s = idle_s,
						   .request_s = request_s,
						   .keys = f->keys},
			    &err);
	if (!f->http)
		fail_msg("%s", err.text);
}

int server_up_quiet(void **state)
{
	struct fixture *f = xcalloc(1, sizeof *f);
	const char *tmp = getenv("TMPDIR");

	log_level(LOG_ERROR);
	snprintf(f->dir, sizeof f->dir, "%.40s/jobdeck-test-XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(f->dir));
	f->sock = xasprintf("%s/sock", f->dir);
	f->keys = xasprintf("%s/keys", f->dir);
	f->loop = loop_new(NULL);
	f->api = stub_api_new();
	loop_before_sleep(f->loop, commit_hook, f->api); /* before http's, as the engine's */
	*state = f;
	return 0;
}

int server_up(void **state)
{
	server_up_quiet(state);
	serve(*state, 0, 0, 0);
	return 0;
}

int server_down(void **state)
{
	struct fixture *f = *state;

	http_close(f->http);
	assert_int_equal(access(f->sock, F_OK), -1);
	loop_free(f->loop);
	stub_api_free(f->api);
	unlink(f->keys);
	rmdir(f->dir);
	free(f->sock);
	free(f->keys);
	free(f);
	return 0;
}

/* Clients. */

void say(struct peer *p, const char *text, size_t len)
{
	assert_int_equal(send(p->fd, text, len, MSG_NOSIGNAL | MSG_DONTWAIT), len);
}

int connect_to(const char *sock)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), dir;

	assert_true(fd >= 0);
	assert_int_equal(home_socket_path(sock, at.sun_path, sizeof at.sun_path, &dir, NULL), 0);
	if (connect(fd, (struct sockaddr *)&at, sizeof at)) {
		close(fd);
		fd = -1;
	} else {
		fcntl(fd, F_SETFL, O_NONBLOCK);
	}
	if (dir >= 0)
		close(dir);
	return fd;
}

void peer_open(struct peer *p, struct fixture *f)
{
	*p = (struct peer){.fd = connect_to(f->sock)};
	assert_true(p->fd >= 0);
	buf_init(&p->in, 64 * 1024 * 1024);
}

int connect_tcp(const char *url)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	at.sin_port = htons((in_port_t)atoi(strrchr(url, ':') + 1));
	if (connect(fd, (struct sockaddr *)&at, sizeof at)) {
		close(fd);
		return -1;
	}
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

void peer_open_tcp(struct peer *p, struct fixture *f)
{
	*p = (struct peer){ .fd = connect_tcp(http_urls(f->http)[0]) };
	assert_true(p->fd >= 0);
	buf_init(&p->in, 64 * 1024 * 1024);
}

void peer_close(struct peer *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
	buf_fini(&p->in);
}

void peer_read(struct peer *p)
{
	char some[65536];
	ssize_t n;

	while (!p->closed && (n = recv(p->fd, some, sizeof some, 0)) != -1) {
		if (n == 0)
			p->closed = true;
		else
			buf_add(&p->in, some, (size_t)n);
	}
	if (!p->closed && errno == ECONNRESET)
		p->closed = true;
}

int answers(struct peer *p)
{
	const char *at = (peer_read(p), buf_str(&p->in));
	int n = 0;

	for (; (at = strstr(at, "HTTP/1.1 ")); n++) {
		const char *body = strstr(at, "\r\n\r\n"), *length = strstr(at, "Content-Length: ");
		size_t want;

		if (!body || !length)
			break;
		want = strtoul(length + 16, NULL, 10);
		if (p->in.len - (size_t)(body + 4 - p->in.data) < want)
			break;
		at = body + 4 + want;
	}
	return n;
}

void request(struct buf *b, const char *path, const char *headers, const char *body)
{
	buf_addf(b, "POST %s HTTP/1.1\r\nHost: localhost\r\n%sContent-Length: %zu\r\n\r\n%s", path,
		 headers, strlen(body), body);
}

void ask(struct peer *p, const char *path, const char *headers, const char *body)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	request(&b, path, headers, body);
	say(p, b.data, b.len);
	buf_fini(&b);
}

void expect(struct peer *p, const char *text)
{
	if (!strstr(buf_str(&p->in), text))
		fail_msg("no \"%s\" in: %.800s", text, buf_str(&p->in));
}

void check_serves(struct fixture *f)
{
	struct peer p;

	peer_open(&p, f);
	ask(&p, "/echo", "", "{\"still\":\"here\"}");
	UNTIL(f, answers(&p) == 1);
	expect(&p, "HTTP/1.1 200");
	expect(&p, "{\"still\":\"here\"}");
	peer_close(&p);
}
