/* The part of the client that is the same for every transport: numbering calls, keeping
 * what they end with until client_poll, and reading answers. Callbacks run from client_poll
 * only, never from inside client_call, so that a caller's state is complete when they do. */
#include "config.h"
#include "jobdeck/client/client.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <utlist.h>
#include "call.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"
#include "jobdeck/base/time.h"

struct client {
	const struct transport *transport;
	void *self;
	struct call *pending, *ended; /* lists */
	int count, last_id;
	int64_t good_at; /* -1: never */
	char *trouble;
};

static const struct transport *const transports[] = {&transport_unix, &transport_embedded};

static const struct transport *transport_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(transports); i++) {
		if (!name || strcmp(transports[i]->name, name) == 0)
			return transports[i];
	}
	return NULL;
}

struct client *client_open(const struct client_options *o, struct err *err)
{
	const struct transport *t = transport_find(o->transport);
	struct client *c;

	if (!t) {
		err_set(err, ERR_INVALID, _("there is no transport called %s"), o->transport);
		return NULL;
	}
	c = xcalloc(1, sizeof *c);
	c->transport = t;
	c->good_at = -1;
	c->self = t->open(c, o, err);
	if (!c->self) {
		free(c);
		return NULL;
	}
	return c;
}

/* Calls. */

static void call_free(struct call *call)
{
	struct client *c = call->client;

	if (call->ended)
		DL_DELETE(c->ended, call);
	else
		DL_DELETE(c->pending, call);
	c->count--;
	cJSON_Delete(call->out);
	free(call->uri);
	free(call->body);
	free(call);
}

static void drop(struct call *call)
{
	if (!call->ended)
		call->client->transport->cancel(call->client->self, call);
	call_free(call);
}

void client_close(struct client *c)
{
	if (!c)
		return;
	while (c->pending)
		drop(c->pending);
	while (c->ended)
		drop(c->ended);
	c->transport->close(c->self);
	free(c->trouble);
	free(c);
}

static void end(struct call *call)
{
	struct client *c = call->client;

	DL_DELETE(c->pending, call);
	DL_APPEND(c->ended, call);
	call->ended = true;
}

static struct call *begin(struct client *c, const char *op, cJSON *in, client_reply *cb, void *arg)
{
	struct call *call = xcalloc(1, sizeof *call);

	call->client = c;
	call->op = api_op_find(op);
	call->uri = call->op ? api_op_uri(call->op, in) : NULL; /* takes its members out */
	call->body = in ? json_print(in) : xstrdup("{}");
	call->cb = cb;
	call->arg = arg;
	call->id = c->last_id = c->last_id % INT32_MAX + 1;
	cJSON_Delete(in);
	DL_APPEND(c->pending, call);
	c->count++;
	if (call->op)
		c->transport->begin(c->self, call);
	else
		client_failed(call, ERR_INVALID, _("there is no operation called %s"), op);
	return call;
}

int client_call(struct client *c, const char *op, cJSON *in, client_reply *cb, void *arg)
{
	return begin(c, op, in, cb, arg)->id;
}

static struct call *find(struct client *c, int id)
{
	struct call *call;

	DL_SEARCH_SCALAR(c->pending, call, id, id);
	if (!call)
		DL_SEARCH_SCALAR(c->ended, call, id, id);
	return call;
}

void client_cancel(struct client *c, int id)
{
	struct call *call = find(c, id);

	if (call)
		drop(call);
}

int client_pending(const struct client *c)
{
	return c->count;
}

/* Callbacks. */

bool client_has_news(const struct client *c)
{
	return c->ended != NULL;
}

static void deliver_first(struct client *c)
{
	struct call *call = c->ended;

	/* First out of the list, so that the callback may cancel and call as it likes. */
	DL_DELETE(c->ended, call);
	c->count--;
	call->cb(call->arg, call->out, &call->err);
	if (!call->keep)
		cJSON_Delete(call->out);
	free(call->uri);
	free(call->body);
	free(call);
}

/* Those that end while callbacks run wait for the next time, so that a callback that calls
 * again and again cannot keep client_poll from returning. */
static void deliver_all(struct client *c)
{
	struct call *call;
	int left;

	DL_COUNT(c->ended, call, left);
	while (left-- > 0 && c->ended)
		deliver_first(c);
}

int client_poll(struct client *c, struct pollfd *extra, unsigned n, int timeout_ms)
{
	int rc = c->transport->poll(c->self, extra, n, timeout_ms);

	deliver_all(c);
	return rc;
}

struct waiting {
	bool done;
	cJSON *out;
	struct err *err;
};

static void on_waited(void *arg, cJSON *out, const struct err *err)
{
	struct waiting *w = arg;

	w->done = true;
	w->out = out;
	if (!out && w->err)
		*w->err = *err;
}

cJSON *client_wait(struct client *c, const char *op, cJSON *in, struct err *err)
{
	struct waiting w = {.err = err};

	begin(c, op, in, on_waited, &w)->keep = true;
	while (!w.done)
		client_poll(c, NULL, 0, -1);
	return w.out;
}

/* How it goes. */

int64_t client_age(const struct client *c)
{
	return c->good_at < 0 ? -1 : time_mono() - c->good_at;
}

const char *client_trouble(const struct client *c)
{
	return c->trouble;
}

static void good(struct client *c)
{
	c->good_at = time_mono();
	str_replace(&c->trouble, NULL);
}

/* Answers. */

void client_failed(struct call *call, enum err_kind kind, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	call->err.kind = kind;
	text_safe(call->err.text, sizeof call->err.text, text, strlen(text));
	if (kind == ERR_UNAVAILABLE || kind == ERR_SYSTEM)
		str_replace(&call->client->trouble, call->err.text);
	end(call);
}

/* By what AWS would answer, for a server that is not ours. */
static enum err_kind kind_by_status(const struct answer *a, const char *message)
{
	if (a->status >= 500 || a->status == 429)
		return ERR_UNAVAILABLE;
	if (a->status == 426)
		return ERR_CONFLICT;
	if (a->status == 403)
		return ERR_DENIED;
	if (a->status == 404 || strstr(message, "does not exist") || strstr(message, "not found"))
		return ERR_NOT_FOUND;
	return ERR_INVALID;
}

/* Our own server says more exactly (api/reply.c). */
static enum err_kind kind_of(const struct answer *a, const cJSON *json, const char *message)
{
	static const char *const name[] = {
	    [ERR_INVALID] = "invalid", [ERR_NOT_FOUND] = "not-found", [ERR_CONFLICT] = "conflict",
	    [ERR_DENIED] = "denied",   [ERR_CORRUPT] = "corrupt",
	};
	const char *said = json_str_or(json, "jobdeckKind", "");

	for (size_t i = 0; i < ARRAY_LEN(name); i++) {
		if (name[i] && strcmp(name[i], said) == 0)
			return (enum err_kind)i;
	}
	return kind_by_status(a, message);
}

/* Batch wraps its messages (ID-5): "Error executing request, Exception : MESSAGE,
 * RequestId: UUID". A person wants the MESSAGE. In place; returns its beginning. */
static char *unwrap(char *text)
{
	static const char before[] = "Exception : ", after[] = ", RequestId: ";
	char *begin = strstr(text, before), *stop = strstr(text, after);

	if (!begin || !stop || strncmp(text, "Error executing request", 23) != 0)
		return text;
	*stop = '\0';
	return begin + strlen(before);
}

static void refused(struct call *call, const struct answer *a, const cJSON *json)
{
	const char *said = json_str(json, "message");
	cleanup_free char *text = NULL;
	char *message;

	if (!said)
		said = json_str(json, "Message");
	text = said ? xstrdup(said) : xasprintf(_("the server answered HTTP %d"), a->status);
	message = unwrap(text);
	client_failed(call, kind_of(a, json, message), "%s", message);
}

void client_answered(struct call *call, const struct answer *a)
{
	struct err err = {0};
	cleanup_json cJSON *json = json_parse(a->len ? a->body : "{}", a->len ? a->len : 2, &err);

	if (a->status < 500)
		good(call->client);
	if (a->status != 200) {
		refused(call, a, json);
	} else if (json) {
		call->out = STEAL_PTR(json);
		end(call);
	} else {
		client_failed(call, ERR_CORRUPT, _("the server's answer is %s"), err.text);
	}
}
