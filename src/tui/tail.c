/* Reading a log by GetLogEvents' tokens, which are opaque: the end is where the same token
 * comes back. */
#include "config.h"
#include "tail.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"

enum { POLL_MS = 250, RETRY_MS = 2000, LIMIT = 1000 };
enum direction { FIRST_LOOK, FORWARD, BACKWARD };

struct tail {
	struct client *client;
	char *group, *stream, *forward, *backward;
	struct logbuf lines;
	unsigned version;
	int call;
	enum direction asked;
	bool from_head;	  /* where the first look is */
	bool asked_ended; /* the job had ended when the last question went out */
	bool loaded, at_head, at_end, complete, want_before;
	int64_t next;
	char error[400];
};

struct tail *tail_new(struct client *client, const char *group, const char *stream)
{
	struct tail *t = xcalloc(1, sizeof *t);

	t->client = client;
	t->group = xstrdup(group);
	t->stream = xstrdup(stream);
	logbuf_init(&t->lines);
	return t;
}

void tail_free(struct tail *t)
{
	if (!t)
		return;
	if (t->call)
		client_cancel(t->client, t->call);
	logbuf_fini(&t->lines);
	free(t->group);
	free(t->stream);
	free(t->forward);
	free(t->backward);
	free(t);
}

const char *tail_stream(const struct tail *t)
{
	return t->stream;
}

const struct logbuf *tail_lines(const struct tail *t)
{
	return &t->lines;
}

unsigned tail_version(const struct tail *t)
{
	return t->version;
}

bool tail_loaded(const struct tail *t)
{
	return t->loaded;
}

bool tail_complete(const struct tail *t)
{
	return t->complete;
}

const char *tail_error(const struct tail *t)
{
	return *t->error ? t->error : NULL;
}

bool tail_at_head(const struct tail *t)
{
	return t->at_head && !t->lines.cut_before;
}

void tail_before(struct tail *t)
{
	if (t->loaded && !t->at_head && !t->lines.cut_before)
		t->want_before = true;
}

static void begin_again(struct tail *t, bool from_head)
{
	if (t->call)
		client_cancel(t->client, t->call);
	t->call = 0;
	t->from_head = from_head;
	t->loaded = t->at_head = t->at_end = t->complete = t->want_before = false;
	t->next = 0;
	logbuf_clear(&t->lines);
	t->version++;
}

void tail_head(struct tail *t)
{
	if (!tail_at_head(t))
		begin_again(t, true);
}

void tail_end(struct tail *t)
{
	if (t->lines.cut_after || (t->from_head && !t->at_end))
		begin_again(t, false);
}

static void took_forward(struct tail *t, const cJSON *out)
{
	const char *token = json_str_or(out, "nextForwardToken", "");
	int n = json_count(out, "events");

	logbuf_append(&t->lines, json_get(out, "events"));
	t->at_end = n == 0 || (t->forward && strcmp(t->forward, token) == 0);
	str_replace(&t->forward, token);
	if (n)
		t->version++;
	if (n >= LIMIT)
		t->next = 0; /* there is more already */
}

static void took_backward(struct tail *t, const cJSON *out)
{
	const char *token = json_str_or(out, "nextBackwardToken", "");

	logbuf_prepend(&t->lines, json_get(out, "events"));
	t->at_head = !json_count(out, "events") || (t->backward && strcmp(t->backward, token) == 0);
	str_replace(&t->backward, token);
	t->want_before = false;
	t->version++;
}

static void took_first(struct tail *t, const cJSON *out)
{
	int n = json_count(out, "events");

	t->loaded = true;
	logbuf_append(&t->lines, json_get(out, "events"));
	str_replace(&t->forward, json_str_or(out, "nextForwardToken", ""));
	str_replace(&t->backward, json_str_or(out, "nextBackwardToken", ""));
	t->at_head = t->from_head || n < LIMIT;
	t->at_end = !t->from_head || n < LIMIT;
	t->version++;
}

static void on_events(void *arg, cJSON *out, const struct err *err)
{
	struct tail *t = arg;

	t->call = 0;
	if (!out) {
		snprintf(t->error, sizeof t->error, "%s", err ? err->text : "?");
		t->next += RETRY_MS;
		t->want_before = false;
		t->version++;
		return;
	}
	t->error[0] = '\0';
	if (t->asked == FIRST_LOOK)
		took_first(t, out);
	else if (t->asked == FORWARD)
		took_forward(t, out);
	else
		took_backward(t, out);
}

static void ask(struct tail *t, enum direction direction, bool live)
{
	cJSON *in = cJSON_CreateObject();

	json_add_str(in, "logGroupName", t->group);
	json_add_str(in, "logStreamName", t->stream);
	json_add_int(in, "limit", LIMIT);
	if (direction == FIRST_LOOK)
		json_add_bool(in, "startFromHead", t->from_head);
	else
		json_add_bool(in, "startFromHead", direction == FORWARD);
	if (direction != FIRST_LOOK)
		json_add_str(in, "nextToken", direction == FORWARD ? t->forward : t->backward);
	t->asked = direction;
	t->asked_ended = !live;
	t->call = client_call(t->client, "GetLogEvents", in, on_events, t);
}

/* Nobody asks for lines that nobody looks at: the window would run away from a reader who
 * stands still, and the server would be kept busy. */
static bool wants_forward(const struct tail *t, struct tail_reader r)
{
	if (t->lines.cut_after || t->complete)
		return false;
	return r.follow || (r.near_end && !t->at_end);
}

/* Once the job has ended, one look that finds nothing new completes the log. */
void tail_turn(struct tail *t, int64_t now, struct tail_reader r)
{
	if (t->call)
		return;
	if (!r.live && t->loaded && t->at_end && t->asked == FORWARD && t->asked_ended &&
	    !*t->error)
		t->complete = true;
	if (t->want_before && t->loaded) {
		ask(t, BACKWARD, r.live);
	} else if (now >= t->next && (!t->loaded || wants_forward(t, r))) {
		t->next = now + POLL_MS;
		ask(t, t->loaded ? FORWARD : FIRST_LOOK, r.live);
	}
}

int tail_due(const struct tail *t, int64_t now, struct tail_reader r)
{
	if (t->call || (t->loaded && !t->want_before && !wants_forward(t, r)))
		return -1;
	return t->next > now ? (int)(t->next - now) : 0;
}
