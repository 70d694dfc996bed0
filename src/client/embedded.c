/* Transport "embedded": the engine and the API in this process, on a loop of their own that
 * client_poll turns. Nothing goes through a socket, but requests and answers are the same
 * text. Jobs started this way go on after client_close, as with a server. */
#include "config.h"
#include "call.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/api/api.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/settings.h"
#include "jobdeck/base/uri.h"

struct embedded {
	struct client *client;
	int lock;
	struct loop *loop;
	struct engine *engine;
	struct api *api;
};

static void embedded_close(void *self)
{
	struct embedded *e = self;

	if (e->api)
		api_free(e->api);
	if (e->engine)
		engine_close(e->engine);
	loop_free(e->loop);
	if (e->lock >= 0)
		close(e->lock);
	free(e);
}

static int open_engine(struct embedded *e, const struct client_options *o, struct err *err)
{
	struct settings settings; /* the same file that `jobdeck serve` reads */
	struct engine_options engine = { .home = o->home, .backend = o->backend, .fake = o->fake,
					 .settings = &settings };

	if (settings_load(o->home->config, &settings, err))
		return -1;
	e->lock = home_lock(o->home, "embedded", err);
	if (e->lock < 0)
		return -1;
	e->loop = loop_new(err);
	e->engine = e->loop ? engine_open(e->loop, &engine, err) : NULL;
	if (!e->engine)
		return -1;
	e->api = api_new(&(struct api_options){.engine = e->engine});
	return 0;
}

static void *embedded_open(struct client *c, const struct client_options *o, struct err *err)
{
	struct embedded *e = xcalloc(1, sizeof *e);

	e->client = c;
	e->lock = -1;
	if (open_engine(e, o, err) == 0)
		return e;
	embedded_close(e);
	return NULL;
}

static void on_done(void *arg, const struct api_reply *reply)
{
	struct call *call = arg;

	call->state = NULL;
	client_answered(call, &(struct answer){
				  .status = reply->status, .body = reply->body, .len = reply->len});
}

static void embedded_begin(void *self, struct call *call)
{
	struct embedded *e = self;
	const char *query = strchr(call->uri, '?');
	cleanup_free char *path =
		uri_decode(call->uri, query ? (size_t)(query - call->uri) : strlen(call->uri));
	const struct api_request r = {
	    .method = call->op->method,
	    .path = path,
	    .target = call->op->target,
	    .body = call->body,
	    .len = strlen(call->body),
	    .query = query ? query + 1 : NULL,
	};
	struct api_pending *pending = api_handle(e->api, &r, on_done, call);

	if (pending) /* else it has been answered, and there is nothing to drop */
		call->state = pending;
}

static void embedded_cancel(void *self, struct call *call)
{
	(void)self;
	if (call->state)
		api_drop(call->state);
}

/* The shorter of two time-outs of which -1 is the longest. */
static int sooner(int a, int b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

static int embedded_poll(void *self, struct pollfd *extra, unsigned n, int timeout_ms)
{
	struct embedded *e = self;
	struct pollfd *all = xcalloc(n + 1, sizeof *all);
	int rc;

	loop_turn(e->loop, 0); /* commits what was called for since the last time */
	if (client_has_news(e->client))
		timeout_ms = 0;
	if (n)
		memcpy(all, extra, n * sizeof *all);
	all[n] = (struct pollfd){.fd = loop_fd(e->loop), .events = POLLIN};
	rc = poll(all, n + 1, sooner(timeout_ms, loop_timeout(e->loop)));
	if (rc < 0) /* a signal */
		rc = 0;
	else if (all[n].revents)
		rc--;
	for (unsigned i = 0; i < n; i++)
		extra[i].revents = rc > 0 ? all[i].revents : 0;
	free(all);
	loop_turn(e->loop, 0);
	return rc;
}

const struct transport transport_embedded = {
    .name = "embedded",
    .open = embedded_open,
    .close = embedded_close,
    .begin = embedded_begin,
    .cancel = embedded_cancel,
    .poll = embedded_poll,
};
