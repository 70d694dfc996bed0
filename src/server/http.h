#ifndef SERVER_HTTP_H
#define SERVER_HTTP_H
#include "jobdeck/api/api.h"
#include "jobdeck/base/err.h"
#include "jobdeck/loop/loop.h"

/* HTTP over unix sockets and TCP, inside the loop. Over TCP every request must be signed. Open it after the engine: its hook before the
 * loop's wait must run after the engine's commit, so that answers leave in the same turn. */
struct http;

enum {
	HTTP_HEADER_MAX = 32 * 1024,  /* libmicrohttpd answers 431 itself */
	HTTP_BODY_MAX = 64 * 1024,    /* more is answered with 413 ... */
	HTTP_DRAIN_MAX = 1024 * 1024, /* ... after reading on to here, so that it is seen */
	HTTP_CONNECTIONS_MAX = 1200,
	HTTP_CONNECTIONS_OWN = 100, /* of those are for the unix sockets, or half of a few */
	HTTP_LISTENERS_MAX = 8,	    /* unix sockets and TCP */
	HTTP_IDLE_S = 180, /* clients give up keep-alive connections before that */
	HTTP_REQUEST_S = 30, /* a body; over TCP also a first request, or one after a refused */
};

struct http_options {
	struct loop *loop;
	struct api *api;
	const char *const *sockets; /* paths, NULL-ended; the first must open */
	int max_connections;	    /* 0: HTTP_CONNECTIONS_MAX, less when descriptors are few */
	int idle_s;		    /* 0: HTTP_IDLE_S */
	int request_s;		    /* 0: HTTP_REQUEST_S */
	const char *keys;	    /* file of keys (server/keys.h), for TCP */
};
struct http *http_open(const struct http_options *o, struct err *err);
/* Listens over TCP too, at "127.0.0.1:PORT"; other machines must not reach it unless `anywhere`. */
int http_listen(struct http *h, const char *address, bool anywhere, struct err *err);
/* Their URLs, NULL-ended; borrowed until the next http_listen. */
const char *const *http_urls(const struct http *h);
int http_connections(const struct http *h);
/* From now on requests are answered 503 "nothing was done"; those the API has go on. */
void http_refuse_more(struct http *h);
/* Answers what still waits with 503 "nothing was done", gives it a second to leave, closes.
 * NULL allowed. */
void http_close(struct http *h);

#endif
