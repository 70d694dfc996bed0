/* One request: its body is collected (with a maximum), handed to the API, and the connection
 * suspended until the API answers, which for a change is after the turn's commit.
 *
 * Trap: an answer queued in the handler's first call makes libmicrohttpd close the
 * connection. So answers wait for the call that ends the upload, but for a body so large
 * that closing is what we want.
 *
 * A suspended connection is not looked at by libmicrohttpd: a peer that leaves would be
 * noticed only when answered. Requests that outlive their turn (JobdeckWatch) therefore get
 * a watch of our own. */
#include "config.h"
#include "request.h"
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include "admit.h"
#include "http.h"
#include "jobdeck/api/op.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"

#define QUOTE(n)     #n
#define EXPAND(n)    QUOTE(n)
#define VERSION_TEXT EXPAND(API_PROTOCOL_VERSION)

void requests_init(struct requests *all, struct loop *l, struct api *api)
{
	*all = (struct requests){.loop = l, .api = api};
	TAILQ_INIT(&all->parked);
	TAILQ_INIT(&all->watched);
}

void *request_begin(void *cls, const char *uri, struct MHD_Connection *c)
{
	struct request *r = xcalloc(1, sizeof *r);
	struct requests *all = cls;

	r->all = all;
	r->connection = c;
	r->by = MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
	r->uri = xstrdup(uri);
	buf_init(&r->body, HTTP_BODY_MAX);
	all->count++;
	return r;
}

/* Out of the lists, not watched any more. */
static void unpark(struct request *r)
{
	loop_unwatch(r->peer);
	r->peer = NULL;
	if (r->is_watched)
		TAILQ_REMOVE(&r->all->watched, r, link);
	else
		TAILQ_REMOVE(&r->all->parked, r, link);
}

static void resume(struct request *r)
{
	unpark(r);
	r->all->woken = true;
	MHD_resume_connection(r->connection);
}

/* Answering. */

static void respond(struct request *r, unsigned status, const char *body, size_t len)
{
	/* libmicrohttpd's parameter is not const, but with MUST_COPY it only reads. */
	union {
		const char *in;
		void *out;
	} text = {.in = body};

	r->status = status;
	r->response = MHD_create_response_from_buffer(len, text.out, MHD_RESPMEM_MUST_COPY);
	if (!r->response)
		abort(); /* out of memory, as base/mem.h */
	MHD_add_response_header(r->response, API_PROTOCOL_HEADER, VERSION_TEXT);
}

static void header(struct request *r, const char *name, const char *value)
{
	if (value)
		MHD_add_response_header(r->response, name, value);
}

/* An answer of the transport's own, which the API never sees. */
static void refuse(struct request *r, unsigned status, const char *error, const char *message)
{
	cleanup_json cJSON *json = cJSON_CreateObject();
	cleanup_free char *body = NULL;

	json_add_str(json, "message", message);
	body = json_print(json);
	respond(r, status, body, strlen(body));
	header(r, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json");
	header(r, "x-amzn-ErrorType", error);
	if (status == MHD_HTTP_SERVICE_UNAVAILABLE)
		header(r, MHD_HTTP_HEADER_RETRY_AFTER, "1");
}

static void refuse_large(struct request *r)
{
	char text[80];

	snprintf(text, sizeof text, "The request body must be at most %d bytes", HTTP_BODY_MAX);
	refuse(r, MHD_HTTP_CONTENT_TOO_LARGE, "ClientException", text);
	header(r, MHD_HTTP_HEADER_CONNECTION, "close");
}

static void refuse_stopping(struct request *r)
{
	refuse(r, MHD_HTTP_SERVICE_UNAVAILABLE, "ServiceUnavailableException",
	       "The server is stopping; nothing was done");
	header(r, MHD_HTTP_HEADER_CONNECTION, "close");
}

static void on_done(void *arg, const struct api_reply *reply)
{
	struct request *r = arg;

	respond(r, (unsigned)reply->status, reply->body, reply->len);
	header(r, MHD_HTTP_HEADER_CONTENT_TYPE, reply->content_type);
	header(r, "x-amzn-RequestId", reply->request_id);
	header(r, "x-amzn-ErrorType", reply->error);
	if (r->pending) { /* else api_handle has not returned yet: request_step goes on */
		r->pending = NULL;
		resume(r);
	}
}

/* Handing over. */

static const char *asked(struct request *r, const char *name)
{
	return MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name);
}

/* Stopping and asking for the version must work between any two versions. */
static bool any_version(const char *url)
{
	static const char *const names[] = {"JobdeckStop", "JobdeckStatus"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct api_op *op = api_op_find(names[i]);

		if (op && strcmp(op->path, url) == 0)
			return true;
	}
	return false;
}

static bool protocol_differs(struct request *r, const char *url)
{
	const char *theirs = asked(r, API_PROTOCOL_HEADER);

	if (!theirs || strcmp(theirs, VERSION_TEXT) == 0 || any_version(url))
		return false;
	refuse(r, MHD_HTTP_UPGRADE_REQUIRED, "ClientException",
	       "This jobdeck server is of another version: it speaks protocol " VERSION_TEXT
	       "; run `jobdeck stop-server` (running jobs go on) and try again");
	return true;
}

/* Over TCP: who signed it. False: it was refused. */
static bool admitted(struct request *r, struct api_request *in, struct auth_caller *who,
		     struct api_caller *caller)
{
	struct sigv4_refusal why = { SIGV4_GOOD, "" };
	struct api_error e;

	if (r->by->trusted)
		return true;
	r->by->welcome = admit(r->all->auth, r->connection, r->uri, in, who, &why) == 0;
	if (!r->by->welcome) {
		e = admit_error(&why);
		api_refuse(in, &e, on_done, r);
		return false;
	}
	*caller = (struct api_caller){ who->key_id, who->name, who->read_only };
	in->caller = caller;
	return true;
}

static void hand_over(struct request *r, const char *url, const char *method)
{
	const char *query = strchr(r->uri, '?');
	struct auth_caller who;
	struct api_caller caller;
	struct api_request in = {
	    .method = method,
	    .path = url,
	    .target = asked(r, "X-Amz-Target"),
	    .body = buf_str(&r->body),
	    .len = r->body.len,
	    .query = query ? query + 1 : NULL,
	    .content_type = asked(r, MHD_HTTP_HEADER_CONTENT_TYPE),
	};

	if (admitted(r, &in, &who, &caller) && !protocol_differs(r, url)) {
		r->all->handled = true;
		r->pending = api_handle(r->all->api, &in, on_done, r);
	}
	buf_fini(&r->body);
}

static void handle(struct request *r, const char *url, const char *method)
{
	r->handled = true;
	if (r->body.full)
		refuse_large(r);
	else if (r->all->stopping)
		refuse_stopping(r);
	else
		hand_over(r, url, method);
}

static enum MHD_Result answer(struct request *r)
{
	enum MHD_Result rc = MHD_queue_response(r->connection, r->status, r->response);

	patience_enter(&r->all->patience, &r->by->patient, PATIENCE_ANSWER);
	MHD_destroy_response(r->response);
	r->response = NULL;
	return rc;
}

static enum MHD_Result park(struct request *r)
{
	patience_enter(&r->all->patience, &r->by->patient, PATIENCE_NONE);
	TAILQ_INSERT_TAIL(&r->all->parked, r, link);
	MHD_suspend_connection(r->connection);
	return MHD_YES;
}

/* Reading. */

static enum MHD_Result begin(struct request *r)
{
	const char *length = asked(r, MHD_HTTP_HEADER_CONTENT_LENGTH);

	patience_enter(&r->all->patience, &r->by->patient, PATIENCE_BODY);
	if (!length || strtoull(length, NULL, 10) <= HTTP_DRAIN_MAX)
		return MHD_YES;
	refuse_large(r);
	return answer(r);
}

static enum MHD_Result feed(struct request *r, const char *data, size_t *size)
{
	buf_add(&r->body, data, *size);
	r->got += *size;
	*size = 0;
	return r->got <= HTTP_DRAIN_MAX ? MHD_YES : MHD_NO;
}

enum MHD_Result request_step(void *cls, struct MHD_Connection *c, const char *url,
			     const char *method, const char *version, const char *data,
			     size_t *size, void **con_cls)
{
	struct request *r = *con_cls;

	(void)cls, (void)c, (void)version;
	if (!r->begun) {
		r->begun = true;
		return begin(r);
	}
	if (*size)
		return feed(r, data, size);
	if (!r->handled)
		handle(r, url, method);
	if (r->gone)
		return MHD_NO;
	return r->response ? answer(r) : park(r);
}

void request_end(void *cls, struct MHD_Connection *c, void **con_cls,
		 enum MHD_RequestTerminationCode code)
{
	struct request *r = *con_cls;

	(void)cls, (void)c, (void)code;
	if (!r)
		return;
	*con_cls = NULL;
	if (r->pending) {
		api_drop(r->pending);
		unpark(r);
	}
	if (r->response)
		MHD_destroy_response(r->response);
	patience_enter(&r->all->patience, &r->by->patient,
		       r->by->welcome ? PATIENCE_IDLE : PATIENCE_FRESH);
	buf_fini(&r->body);
	r->all->count--;
	free(r->uri);
	free(r);
}

/* Peers of parked requests. */

static int descriptor(struct request *r)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_CONNECTION_FD);

	return info ? info->connect_fd : -1;
}

/* Readable is either the next request, sent early, which must wait; or the end. A peer that
 * has only closed its sending side (POLLRDHUP) still wants the answer. */
static void on_peer(void *arg, int events)
{
	struct request *r = arg;
	struct pollfd p = {.fd = descriptor(r)};

	(void)events;
	if (poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR | POLLNVAL))) {
		api_drop(r->pending);
		r->pending = NULL;
		r->gone = true;
		resume(r);
	} else {
		loop_watch_events(r->peer, 0);
	}
}

void requests_watch_parked(struct requests *all)
{
	struct request *r;

	while ((r = TAILQ_FIRST(&all->parked))) {
		TAILQ_REMOVE(&all->parked, r, link);
		TAILQ_INSERT_TAIL(&all->watched, r, link);
		r->is_watched = true;
		r->peer = loop_watch(all->loop, descriptor(r), LOOP_READ, on_peer, r);
	}
}

static void stop_one(struct request *r)
{
	api_drop(r->pending);
	r->pending = NULL;
	refuse_stopping(r);
	resume(r);
}

void requests_stop(struct requests *all)
{
	struct request *r;

	all->stopping = true;
	while ((r = TAILQ_FIRST(&all->parked)) || (r = TAILQ_FIRST(&all->watched)))
		stop_one(r);
}
