/* The shim's side of the connection to the server. Nothing here ever waits or fails for
 * good: a server that is gone or hangs must not matter to the job. */
#include "config.h"
#include "control.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 8, LISTEN_AGAIN_MS = 1000 };

static const struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "sock" };

void control_init(struct control *c, int fd)
{
	*c = (struct control){ .fd = fd, .listener = -1, .listen_at = JD_NEVER };
}

/* The server is gone: let the next one find us. */
static void hang_up(struct control *c)
{
	close(c->fd);
	c->fd = -1;
	c->in_len = 0;
	if (c->listener < 0 && !c->closing)
		control_listen(c);
}

static void send_rest(struct control *c)
{
	size_t len = c->said_len - c->sent;

	if (c->fd < 0)
		return;
	/* A few hundred bytes always fit, unless the other side does not read at all. */
	if (send(c->fd, c->said + c->sent, len, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)len)
		c->sent = c->said_len;
	else
		hang_up(c);
}

void control_note(struct control *c, const char *line, size_t len)
{
	if (c->said_len + len > sizeof c->said)
		return;
	memcpy(c->said + c->said_len, line, len);
	c->said_len += len;
}

void control_say(struct control *c, const char *line, size_t len)
{
	control_note(c, line, len);
	send_rest(c);
}

static void split_lines(struct control *c, void (*line)(void *arg, const char *text), void *arg)
{
	char *start = c->in, *newline;

	while ((newline = memchr(start, '\n', (size_t)(c->in + c->in_len - start)))) {
		*newline = '\0';
		line(arg, start);
		start = newline + 1;
	}
	c->in_len -= (size_t)(start - c->in);
	memmove(c->in, start, c->in_len);
}

void control_read(struct control *c, void (*line)(void *arg, const char *text), void *arg)
{
	ssize_t n = recv(c->fd, c->in + c->in_len, sizeof c->in - c->in_len, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		hang_up(c);
		return;
	}
	c->in_len += (size_t)n;
	split_lines(c, line, arg);
	if (c->in_len == sizeof c->in) /* no line of ours is that long */
		hang_up(c);
}

/* The descriptor that came with a message; -1: it brought none. *len is what recvmsg said. */
static int receive_descriptor(int from, ssize_t *len)
{
	char text[64];
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { .iov_base = text, .iov_len = sizeof text };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
				  .msg_controllen = sizeof control };
	struct cmsghdr *c;
	int fd = -1;

	*len = recvmsg(from, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	c = *len > 0 ? CMSG_FIRSTHDR(&message) : NULL;
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
	    c->cmsg_len == CMSG_LEN(sizeof fd))
		memcpy(&fd, CMSG_DATA(c), sizeof fd);
	return fd;
}

/* A stop that came too late for the last attempt brings no descriptor: it is passed over. */
int control_take_spec(struct control *c, int signals, int64_t ms)
{
	struct pollfd p[] = { { .fd = c->fd, .events = POLLIN },
			      { .fd = signals, .events = POLLIN } };
	int64_t until = time_mono() + ms, left;
	ssize_t len = 1;
	int fd = -1;

	c->in_len = 0;
	while (c->fd >= 0 && fd < 0 && len > 0 && (left = until - time_mono()) > 0) {
		if (poll(p, 2, (int)left) < 1 || p[1].revents)
			break;
		fd = receive_descriptor(c->fd, &len);
	}
	return fd;
}

void control_accept(struct control *c)
{
	int fd = accept4(c->listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	if (c->fd >= 0)
		close(c->fd);
	c->fd = fd;
	c->in_len = 0;
	c->sent = 0;
	send_rest(c);
}

static int open_listener(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t mask = umask(0177);
	int r = fd < 0 || (unlink(address.sun_path) && errno != ENOENT) ||
		bind(fd, (const struct sockaddr *)&address, sizeof address) || listen(fd, BACKLOG);

	umask(mask);
	if (r && fd >= 0)
		close(fd);
	return r ? -1 : fd;
}

void control_listen(struct control *c)
{
	c->listener = open_listener();
	c->listen_at = c->listener < 0 ? time_mono() + LISTEN_AGAIN_MS : JD_NEVER;
}

void control_unlisten(struct control *c)
{
	c->closing = true;
	if (c->listener < 0)
		return;
	unlink(address.sun_path);
	close(c->listener);
	c->listener = -1;
	c->listen_at = JD_NEVER;
}
