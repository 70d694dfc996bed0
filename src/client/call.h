#ifndef CLIENT_CALL_H
#define CLIENT_CALL_H
#include <poll.h>
#include <stdbool.h>
#include "jobdeck/api/op.h"
#include "jobdeck/client/client.h"

/* One call between client_call and its callback. */
struct call {
	struct call *prev, *next;	    /* in the client's list, pending or ended */
	struct call *wait_prev, *wait_next; /* in a list of the transport's */
	struct client *client;
	int id;
	const struct api_op *op; /* NULL: ended by client_call itself */
	char *uri; /* path and query, as on the wire */
	char *body;
	client_reply *cb;
	void *arg;
	void *state; /* the transport's */
	bool ended;
	bool keep; /* the callback takes `out` */
	cJSON *out;
	struct err err;
};

/* What an answer is made of, over any transport. */
struct answer {
	int status; /* HTTP */
	const char *body;
	size_t len;
};

/* For transports: settles a call; its callback runs from client_poll. */
void client_answered(struct call *call, const struct answer *answer);
void client_failed(struct call *call, enum err_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* A way to reach an engine. Add one: write client/NAME.c and its row in client.c. */
struct transport {
	const char *name;
	void *(*open)(struct client *c, const struct client_options *o, struct err *err);
	void (*close)(void *self); /* after every call was cancelled */
	void (*begin)(void *self, struct call *call);
	void (*cancel)(void *self, struct call *call);
	/* Does what is due without waiting; then waits once, but not when client_has_news;
	 * then does what is due after that. Result as client_poll. */
	int (*poll)(void *self, struct pollfd *extra, unsigned n, int timeout_ms);
};
bool client_has_news(const struct client *c); /* a callback is due */
extern const struct transport transport_unix, transport_embedded;

#endif
