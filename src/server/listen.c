/* The socket clients connect to. Accepting is done here and not by libmicrohttpd, because
 * the peer's credentials are checked first, more than one socket may be open, and none is
 * lost when the server leaves: the name, if any, goes first, then everyone who had connected is
 * served, then the socket is closed. */
#include "config.h"
#include "listen.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "jobdeck/base/home.h"
#include "jobdeck/base/log.h"
#include "jobdeck/base/mem.h"

enum {
	ACCEPTS_A_TURN = 64, /* so that a crowd at the door does not starve who is inside */
	PAUSE_MS = 100,	     /* when descriptors have run out */
};

struct listener {
	char *path; /* NULL: TCP */
	char url[ADDRESS_URL_SIZE];
	int fd;
	struct loop_watch *watch;
	struct loop_timer *resume;
	listener_accepted *cb;
	void *arg;
};

static int bind_at(const char *path, struct err *err)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	cleanup_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	cleanup_close int dir = -1;

	if (fd < 0)
		return err_sys(err, "cannot make a socket");
	if (home_socket_path(path, at.sun_path, sizeof at.sun_path, &dir, err))
		return -1;
	if (unlink(at.sun_path) && errno != ENOENT)
		return err_sys(err, "cannot remove the old socket %s", path);
	/* The mode of the socket becomes the mode of the file: there is no moment in which
	 * others could connect. */
	if (fchmod(fd, 0600) || bind(fd, (struct sockaddr *)&at, sizeof at) ||
	    listen(fd, SOMAXCONN))
		return err_sys(err, "cannot listen at %s", path);
	return STEAL_FD(fd);
}

static int bind_tcp(struct address *a, struct err *err)
{
	cleanup_close int fd =
		socket(a->at.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const int on = 1;
	char url[ADDRESS_URL_SIZE];

	if (fd < 0)
		return err_sys(err, "cannot make a socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (a->at.ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* connections inherit it */
	if (bind(fd, (struct sockaddr *)&a->at, a->len) || listen(fd, SOMAXCONN) ||
	    getsockname(fd, (struct sockaddr *)&a->at, &a->len))
		return err_sys(err, "cannot listen at %s", address_url(a, url));
	return STEAL_FD(fd);
}

void listener_refuse(int fd, const char *status, const char *error, const char *message)
{
	char text[512];
	int n = snprintf(text, sizeof text,
			 "HTTP/1.1 %s\r\nContent-Type: application/json\r\n"
			 "x-amzn-ErrorType: %s\r\nRetry-After: 1\r\nConnection: close\r\n"
			 "Content-Length: %zu\r\n\r\n{\"message\":\"%s\"}",
			 status, error, strlen(message) + strlen("{\"message\":\"\"}"), message);

	send(fd, text, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);
	shutdown(fd, SHUT_WR);
	close(fd);
}

static bool may_enter(int fd)
{
	struct ucred peer;
	socklen_t size = sizeof peer;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size))
		return false;
	if (peer.uid == geteuid() || peer.uid == 0)
		return true;
	log_warn("refused process %d of user %u", (int)peer.pid, (unsigned)peer.uid);
	return false;
}

static void let_in(struct listener *li, int fd)
{
	if (!li->path || may_enter(fd))
		li->cb(li->arg, fd);
	else
		listener_refuse(fd, "403 Forbidden", "AccessDeniedException",
				"This server belongs to another user");
}

/* Accepts at most `most`. Returns false when there are no descriptors left. */
static bool accept_some(struct listener *li, int most)
{
	while (most-- > 0) {
		int fd = accept4(li->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd >= 0)
			let_in(li, fd);
		else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			return false;
		else if (errno != EINTR && errno != ECONNABORTED)
			return true;
	}
	return true;
}

static void on_readable(void *arg, int events)
{
	struct listener *li = arg;

	(void)events;
	if (accept_some(li, ACCEPTS_A_TURN))
		return;
	log_warn("cannot accept a connection: %s", strerror(errno));
	loop_watch_events(li->watch, 0);
	loop_timer_set(li->resume, PAUSE_MS);
}

static void on_resume(void *arg)
{
	struct listener *li = arg;

	loop_watch_events(li->watch, LOOP_READ);
}

static struct listener *listener_new(struct loop *l, int fd, listener_accepted *cb, void *arg)
{
	struct listener *li = xcalloc(1, sizeof *li);

	*li = (struct listener){ .fd = fd, .cb = cb, .arg = arg };
	li->watch = loop_watch(l, fd, LOOP_READ, on_readable, li);
	li->resume = loop_timer(l, on_resume, li);
	return li;
}

struct listener *listener_open(struct loop *l, const char *path, listener_accepted *cb, void *arg,
			       struct err *err)
{
	int fd = bind_at(path, err);
	struct listener *li;

	if (fd < 0)
		return NULL;
	li = listener_new(l, fd, cb, arg);
	li->path = xstrdup(path);
	return li;
}

struct listener *listener_open_tcp(struct loop *l, const struct address *at, listener_accepted *cb,
				   void *arg, struct err *err)
{
	struct address a = *at;
	int fd = bind_tcp(&a, err);
	struct listener *li;

	if (fd < 0)
		return NULL;
	li = listener_new(l, fd, cb, arg);
	address_url(&a, li->url);
	return li;
}

const char *listener_url(const struct listener *li)
{
	return li->path ? NULL : li->url;
}

static void remove_name(const char *path)
{
	char at[sizeof((struct sockaddr_un *)0)->sun_path];
	cleanup_close int dir = -1;

	if (home_socket_path(path, at, sizeof at, &dir, NULL) == 0)
		unlink(at);
}

void listener_close(struct listener *li)
{
	if (!li)
		return;
	if (li->path)
		remove_name(li->path);
	accept_some(li, SOMAXCONN);
	loop_unwatch(li->watch);
	loop_timer_free(li->resume);
	close(li->fd);
	free(li->path);
	free(li);
}
