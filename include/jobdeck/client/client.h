#ifndef JOBDECK_CLIENT_CLIENT_H
#define JOBDECK_CLIENT_CLIENT_H
#include <cjson/cJSON.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include "jobdeck/base/err.h"
#include "jobdeck/base/home.h"

/* Talks AWS Batch to whatever the address names, and looks the same for all of them:
 *   unix		the user's own server at home->sock, started when missing
 *   embedded		an engine inside this process, for tests and --embedded
 * (https comes with real AWS.) One thread; nothing but client_wait ever blocks. */
struct client;

struct client_options {
	const struct home *home;
	const char *transport; /* "unix" (NULL too) or "embedded" */
	const char *program;   /* argv[0]-like path of jobdeck, to start the server with */
	bool no_start;	       /* do not start a server: ERR_UNAVAILABLE when none runs */
	/* Embedded only, as in struct engine_options; NULL: each attempt by its image. */
	const char *backend, *fake;
};
/* For "embedded" this takes the home's lock: ERR_CONFLICT while a server has it. */
struct client *client_open(const struct client_options *o, struct err *err);
void client_close(struct client *c); /* pending calls are dropped without their callback */

/* `out` is freed after the callback (NULL on error); to keep it, take it out with
 * cJSON_Duplicate or by detaching members. Errors: err->kind as mapped from the answer,
 * err->text AWS's message, safe for a terminal:
 *	ERR_INVALID, ERR_NOT_FOUND, ERR_DENIED	the request is at fault; asking again is no use
 *	ERR_CONFLICT				client and server are of different versions
 *	ERR_UNAVAILABLE				no answer, or a ServerException; later perhaps
 * A connection lost before anything was sent, and an answer that says that nothing was
 * done, lead to another try, for some seconds; a connection lost later, to one other try
 * for operations that only read. A missing server is started (unless no_start). So an error
 * for one that writes says whether it may have been carried out. */
typedef void client_reply(void *arg, cJSON *out, const struct err *err);
/* `op` is a name of api/op.h. Never calls back from inside, and sends nothing before the
 * next client_poll. Returns a number > 0 that client_cancel knows. Callbacks may call
 * anything but client_close and client_poll. */
int client_call(struct client *c, const char *op, cJSON *in /* taken; NULL: {} */, client_reply *cb,
		void *arg);
void client_cancel(struct client *c, int call); /* its callback will not run */
int client_pending(const struct client *c);	/* calls whose callback has not run */

/* Waits for `extra` fds (their revents are set) or the network, at most timeout_ms (-1: no
 * limit), and runs the callbacks that are due. Returns poll's result for extra fds. Comes
 * back early, with 0, when a signal was caught, and whenever there was news. */
int client_poll(struct client *c, struct pollfd *extra, unsigned n, int timeout_ms);

/* Calls and waits for the answer. Caller deletes the answer; NULL on error. For
 * subcommands; the console never uses it. Signals keep the meaning the program gave them. */
cJSON *client_wait(struct client *c, const char *op, cJSON *in /* taken */, struct err *err);

/* ms since the last good answer, or -1 when there was none; and the last failure's text or
 * NULL once there is a good answer again. For "18s old". An answer that refuses a request
 * is a good one: whoever gave it is well. */
int64_t client_age(const struct client *c);
const char *client_trouble(const struct client *c);

#endif
