#ifndef SERVER_LISTEN_H
#define SERVER_LISTEN_H
#include "jobdeck/base/err.h"
#include "address.h"
#include "jobdeck/loop/loop.h"

/* Sockets that are listened at. A unix socket lets in only its owner (and root); whoever opens
 * one holds the home's lock, so that a socket found at `path` is stale and may be removed. A
 * TCP socket lets in everybody: what comes there must be signed. */
struct listener;
/* `fd` (taken) is a connection whose peer was checked; non-blocking, close-on-exec. */
typedef void listener_accepted(void *arg, int fd);

struct listener *listener_open(struct loop *l, const char *path, listener_accepted *cb, void *arg,
			       struct err *err);
struct listener *listener_open_tcp(struct loop *l, const struct address *at, listener_accepted *cb,
				   void *arg, struct err *err);
/* Its URL; NULL: a unix socket. */
const char *listener_url(const struct listener *li);
/* Removes the socket, hands over whoever had connected before, then closes. NULL allowed. */
void listener_close(struct listener *li);

/* Answers a connection that is not let in, as far as it reads, and closes it. */
void listener_refuse(int fd, const char *status, const char *error, const char *message);

#endif
