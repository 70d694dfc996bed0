#ifndef SERVER_HTTP_H
#define SERVER_HTTP_H
#include "jobdeck/api/api.h"
#include "jobdeck/base/err.h"
#include "jobdeck/loop/loop.h"

/* HTTP over unix sockets, inside the loop. Open it after the engine: its hook before the
 * loop's wait must run after the engine's commit, so that answers leave in the same turn. */
struct http;

enum {
	HTTP_HEADER_MAX = 32 * 1024,  /* libmicrohttpd answers 431 itself */
	HTTP_BODY_MAX = 64 * 1024,    /* more is answered with 413 ... */
	HTTP_DRAIN_MAX = 1024 * 1024, /* ... after reading on to here, so that it is seen */
	HTTP_CONNECTIONS_MAX = 1024,
	HTTP_IDLE_S = 180, /* clients give up keep-alive connections before that */
};

struct http_options {
	struct loop *loop;
	struct api *api;
	const char *const *sockets; /* paths, NULL-ended; the first must open */
	int max_connections;	    /* 0: HTTP_CONNECTIONS_MAX, less when descriptors are few */
	int idle_s;		    /* 0: HTTP_IDLE_S */
};
struct http *http_open(const struct http_options *o, struct err *err);
int http_connections(const struct http *h);
/* From now on requests are answered 503 "nothing was done"; those the API has go on. */
void http_refuse_more(struct http *h);
/* Answers what still waits with 503 "nothing was done", gives it a second to leave, closes.
 * NULL allowed. */
void http_close(struct http *h);

#endif
