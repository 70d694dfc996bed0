/* One request over libcurl.
 *
 * Trap: when a kept connection dies under a request, libcurl sends the request again by
 * itself, POST or not. A SubmitJob must not be sent twice without anyone knowing, so the
 * second beginning is refused (on_prereq) and unix.c decides. */
#include "config.h"
#include "transfer.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "jobdeck/base/mem.h"

enum { KEEP_S = 100, KEEP_CONNECTIONS = 34, READ_SIZE = 64 * 1024 };

void wire_init(struct wire *w)
{
	/* No TLS here: what libcurl would initialise for it costs start-up time. */
	curl_global_init(CURL_GLOBAL_NOTHING);
	*w = (struct wire){.multi = curl_multi_init()};
	if (!w->multi)
		abort(); /* out of memory, as base/mem.h */
	curl_multi_setopt(w->multi, CURLMOPT_MAXCONNECTS, (long)KEEP_CONNECTIONS);
}

void wire_fini(struct wire *w)
{
	while (w->spares)
		curl_easy_cleanup(w->spare[--w->spares]);
	curl_multi_cleanup(w->multi);
}

static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
	struct transfer *t = arg;

	buf_add(&t->body, data, size * count);
	return t->body.full ? 0 : size * count;
}

/* The value of the header `name` in `line`, or NULL. */
static const char *header_value(const char *line, size_t len, const char *name)
{
	size_t n = strlen(name);

	if (len <= n || strncasecmp(line, name, n) != 0 || line[n] != ':')
		return NULL;
	return line + n + 1;
}

static size_t on_header(char *data, size_t size, size_t count, void *arg)
{
	struct transfer *t = arg;
	char line[128];
	const char *value;

	snprintf(line, sizeof line, "%.*s", (int)(size * count), data);
	value = header_value(line, strlen(line), API_PROTOCOL_HEADER);
	if (value)
		sscanf(value, " %15s", t->protocol);
	if (header_value(line, strlen(line), "Retry-After"))
		t->retry_after = true;
	return size * count;
}

static int on_prereq(void *arg, char *from, char *to, int from_port, int to_port)
{
	struct transfer *t = arg;

	(void)from, (void)to, (void)from_port, (void)to_port;
	return t->requests++ ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

static CURL *new_easy(void)
{
	CURL *easy = curl_easy_init();

	if (!easy)
		abort();
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* whatever http_proxy says */
	curl_easy_setopt(easy, CURLOPT_POST, 1L);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)ANSWER_LIMIT_MS);
	curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)KEEP_S); /* below HTTP_IDLE_S */
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)READ_SIZE);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_prereq);
	return easy;
}

struct transfer *transfer_new(struct call *call)
{
	struct transfer *t = xcalloc(1, sizeof *t);

	t->call = call;
	buf_init(&t->body, ANSWER_MAX);
	return t;
}

void transfer_free(struct wire *w, struct transfer *t)
{
	transfer_land(w, t);
	buf_fini(&t->body);
	free(t);
}

static void add_header(struct transfer *t, const char *name, const char *value)
{
	cleanup_free char *line = xasprintf("%s:%s%s", name, *value ? " " : "", value);
	struct curl_slist *more = curl_slist_append(t->headers, line);

	if (!more)
		abort();
	t->headers = more;
}

static const char *content_type(const struct api_op *op)
{
	return op->protocol == API_LOGS ? "application/x-amz-json-1.1" : "application/json";
}

static void make_headers(struct transfer *t)
{
	char version[16];

	snprintf(version, sizeof version, "%d", API_PROTOCOL_VERSION);
	add_header(t, API_PROTOCOL_HEADER, version);
	add_header(t, "Content-Type", content_type(t->call->op));
	add_header(t, "Expect", ""); /* never ask first */
	if (t->call->op->target)
		add_header(t, "X-Amz-Target", t->call->op->target);
}

void transfer_launch(struct wire *w, struct transfer *t, const char *socket)
{
	cleanup_free char *url = xasprintf("http://localhost%s", t->call->uri);
	const char *method = t->call->op->method;

	t->easy = w->spares ? w->spare[--w->spares] : new_easy();
	t->requests = 0;
	t->protocol[0] = '\0';
	t->retry_after = false;
	buf_clear(&t->body);
	if (!t->headers)
		make_headers(t);
	curl_easy_setopt(t->easy, CURLOPT_UNIX_SOCKET_PATH, socket);
	curl_easy_setopt(t->easy, CURLOPT_URL, url);
	curl_easy_setopt(t->easy, CURLOPT_CUSTOMREQUEST, strcmp(method, "POST") ? method : NULL);
	curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
	curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE, (long)strlen(t->call->body));
	curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, t->call->body);
	curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(t->easy, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(t->easy, CURLOPT_PREREQDATA, t);
	curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t);
	curl_multi_add_handle(w->multi, t->easy);
}

void transfer_land(struct wire *w, struct transfer *t)
{
	if (t->easy) {
		curl_multi_remove_handle(w->multi, t->easy);
		if (w->spares < SPARE_MAX)
			w->spare[w->spares++] = t->easy;
		else
			curl_easy_cleanup(t->easy);
		t->easy = NULL;
	}
	curl_slist_free_all(t->headers);
	t->headers = NULL;
}

struct transfer *transfer_of(CURL *easy)
{
	char *arg = NULL;

	curl_easy_getinfo(easy, CURLINFO_PRIVATE, &arg);
	return (struct transfer *)(void *)arg;
}

bool transfer_was_sent(const struct transfer *t)
{
	long sent = 0;

	return t->requests > 0 &&
	       (curl_easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &sent) || sent > 0);
}
