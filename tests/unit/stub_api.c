#include "config.h"
#include "stub_api.h"
#include <string.h>
#include <sys/queue.h>
#include "jobdeck/api/op.h"
#include "jobdeck/base/mem.h"

struct api_pending {
	TAILQ_ENTRY(api_pending) link;
	struct api *api;
	api_done *done;
	void *arg;
	bool at_commit;
};

struct api {
	TAILQ_HEAD(, api_pending) pending;
	int handled, dropped;
};

const struct api_op *api_op_find(const char *name)
{
	static const struct api_op stop = {.name = "JobdeckStop",
					   .protocol = API_JOBDECK,
					   .path = "/jobdeck/jobdeckstop",
					   .writes = true};

	return strcmp(name, stop.name) == 0 ? &stop : NULL;
}

struct api *stub_api_new(void)
{
	struct api *a = xcalloc(1, sizeof *a);

	TAILQ_INIT(&a->pending);
	return a;
}

static void forget(struct api_pending *p)
{
	TAILQ_REMOVE(&p->api->pending, p, link);
	free(p);
}

void stub_api_free(struct api *a)
{
	while (!TAILQ_EMPTY(&a->pending))
		forget(TAILQ_FIRST(&a->pending));
	free(a);
}

static void answer(api_done *done, void *arg, int status, const char *body, size_t len)
{
	done(arg, &(struct api_reply){.status = status,
				      .error = status == 200 ? NULL : "ClientException",
				      .content_type = "application/json",
				      .request_id = "an-id",
				      .body = body,
				      .len = len});
}

static void answer_big(api_done *done, void *arg)
{
	char *big = xmalloc(STUB_BIG);

	memset(big, 'x', STUB_BIG);
	answer(done, arg, 200, big, STUB_BIG);
	free(big);
}

struct api_pending *api_handle(struct api *a, const struct api_request *r, api_done *done,
			       void *arg)
{
	struct api_pending *p;

	a->handled++;
	if (r->caller && strcmp(r->path, "/who") == 0) {
		answer(done, arg, 200, r->caller->name, strlen(r->caller->name));
		return NULL;
	}
	if (strcmp(r->path, "/big") == 0) {
		answer_big(done, arg);
		return NULL;
	}
	if (strcmp(r->path, "/echo") == 0 || strcmp(r->path, "/jobdeck/jobdeckstop") == 0) {
		answer(done, arg, 200, r->body, r->len);
		return NULL;
	}
	if (strcmp(r->path, "/commit") != 0 && strcmp(r->path, "/wait") != 0) {
		answer(done, arg, 404, "{}", 2);
		return NULL;
	}
	p = xcalloc(1, sizeof *p);
	*p = (struct api_pending){.api = a, .done = done, .arg = arg};
	p->at_commit = strcmp(r->path, "/commit") == 0;
	TAILQ_INSERT_TAIL(&a->pending, p, link);
	return p;
}

enum api_protocol api_protocol_of(const struct api_request *r)
{
	return strcmp(r->path, "/") == 0 ? API_LOGS : API_BATCH;
}

const char *api_service(enum api_protocol p)
{
	return p == API_LOGS ? "logs" : "batch";
}

void api_refuse(const struct api_request *r, const struct api_error *e, api_done *done, void *arg)
{
	(void)r;
	done(arg, &(struct api_reply){ .status = e->status,
				       .error = e->json,
				       .content_type = "application/json",
				       .request_id = "an-id",
				       .body = e->text,
				       .len = strlen(e->text) });
}

void api_drop(struct api_pending *p)
{
	p->api->dropped++;
	forget(p);
}

static void answer_all(struct api *a, bool at_commit)
{
	struct api_pending *p = TAILQ_FIRST(&a->pending), *next;

	for (; p; p = next) {
		next = TAILQ_NEXT(p, link);
		if (p->at_commit != at_commit)
			continue;
		TAILQ_REMOVE(&a->pending, p, link);
		answer(p->done, p->arg, 200, "{\"done\":true}", 13);
		free(p);
	}
}

void stub_commit(struct api *a)
{
	answer_all(a, true);
}

void stub_answer_waiting(struct api *a)
{
	answer_all(a, false);
}

int stub_waiting(const struct api *a)
{
	struct api_pending *p;
	int n = 0;

	TAILQ_FOREACH (p, &a->pending, link)
		n++;
	return n;
}

int stub_handled(const struct api *a)
{
	return a->handled;
}

int stub_dropped(const struct api *a)
{
	return a->dropped;
}
