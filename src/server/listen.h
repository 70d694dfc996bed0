#ifndef SERVER_LISTEN_H
#define SERVER_LISTEN_H
#include "jobdeck/base/err.h"
#include "jobdeck/loop/loop.h"

/* A unix socket that lets in only its owner (and root). Whoever opens one holds the home's
 * lock, so that a socket found at `path` is stale and may be removed. */
struct listener;
/* `fd` (taken) is a connection whose peer was checked; non-blocking, close-on-exec. */
typedef void listener_accepted(void *arg, int fd);

struct listener *listener_open(struct loop *l, const char *path, listener_accepted *cb, void *arg,
			       struct err *err);
/* Removes the socket, hands over whoever had connected before, then closes. NULL allowed. */
void listener_close(struct listener *li);

/* Answers a connection that is not let in, as far as it reads, and closes it. */
void listener_refuse(int fd, const char *status, const char *error, const char *message);

#endif
