/* client.h for tests. Deterministic: nothing is delivered but by fake_deliver and
 * client_poll. */
#include "config.h"
#include "fake_client.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/mem.h"

struct fake_call {
	struct fake_call *next;
	int id;
	char *op;
	cJSON *in;
	client_reply *cb;
	void *arg;
};

struct client {
	fake_handler *handler;
	void *arg;
	struct fake_call *first;
	int last_id;
	bool changed, hang;
	int64_t age;
	char *trouble;
	char calls[4096];
};

struct client *fake_client(fake_handler *handler, void *arg)
{
	struct client *c = xcalloc(1, sizeof *c);

	c->handler = handler;
	c->arg = arg;
	return c;
}

static void call_free(struct fake_call *call)
{
	cJSON_Delete(call->in);
	free(call->op);
	free(call);
}

void fake_free(struct client *c)
{
	while (c->first) {
		struct fake_call *call = c->first;

		c->first = call->next;
		call_free(call);
	}
	free(c->trouble);
	free(c);
}

void fake_changed(struct client *c)
{
	c->changed = true;
}

void fake_age(struct client *c, int64_t age)
{
	c->age = age;
}

void fake_trouble(struct client *c, const char *text)
{
	str_replace(&c->trouble, text);
}

void fake_hang(struct client *c, bool hang)
{
	c->hang = hang;
}

const char *fake_calls(struct client *c)
{
	static char text[sizeof c->calls];

	snprintf(text, sizeof text, "%s", c->calls);
	c->calls[0] = '\0';
	return text;
}

int client_call(struct client *c, const char *op, cJSON *in, client_reply *cb, void *arg)
{
	struct fake_call *call = xcalloc(1, sizeof *call), **end = &c->first;
	size_t n = strlen(c->calls);

	*call = (struct fake_call){
		.id = ++c->last_id, .op = xstrdup(op), .in = in, .cb = cb, .arg = arg
	};
	while (*end)
		end = &(*end)->next;
	*end = call;
	snprintf(c->calls + n, sizeof c->calls - n, "%s%s", n ? " " : "", op);
	return call->id;
}

void client_cancel(struct client *c, int id)
{
	for (struct fake_call **at = &c->first; *at; at = &(*at)->next) {
		if ((*at)->id == id) {
			struct fake_call *gone = *at;

			*at = gone->next;
			call_free(gone);
			return;
		}
	}
}

static bool is_due(const struct client *c, const struct fake_call *call)
{
	if (c->hang)
		return false;
	return strcmp(call->op, "JobdeckWatch") || c->changed || c->trouble;
}

static void answer(struct client *c, struct fake_call *call)
{
	struct err err = { 0 };
	cJSON *out = NULL;

	if (strcmp(call->op, "JobdeckWatch") == 0)
		c->changed = false;
	if (c->trouble)
		err_set(&err, ERR_UNAVAILABLE, "%s", c->trouble);
	else
		out = c->handler(c->arg, call->op, call->in, &err);
	call->cb(call->arg, out, &err);
	cJSON_Delete(out);
}

int fake_deliver(struct client *c)
{
	int last = c->last_id, n = 0;

	for (struct fake_call **at = &c->first; *at;) {
		struct fake_call *call = *at;

		if (call->id > last || !is_due(c, call)) {
			at = &call->next;
			continue;
		}
		*at = call->next;
		answer(c, call);
		call_free(call);
		n++;
		at = &c->first; /* the callback may have changed the list */
	}
	return n;
}

int client_poll(struct client *c, struct pollfd *extra, unsigned n, int timeout_ms)
{
	bool due = false;
	int rc;

	for (struct fake_call *call = c->first; call; call = call->next)
		due = due || is_due(c, call);
	rc = poll(extra, n, due ? 0 : timeout_ms);
	if (rc < 0) {
		for (unsigned i = 0; i < n; i++)
			extra[i].revents = 0;
		rc = 0;
	}
	fake_deliver(c);
	return rc;
}

int64_t client_age(const struct client *c)
{
	return c->age;
}

const char *client_trouble(const struct client *c)
{
	return c->trouble;
}
