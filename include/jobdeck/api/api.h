#ifndef JOBDECK_API_API_H
#define JOBDECK_API_API_H
#include <cjson/cJSON.h>
#include "jobdeck/api/op.h"
#include "jobdeck/engine/engine.h"

/* The AWS Batch API over the engine: what comes in over any transport ends here. */
struct api;

struct api_options {
	struct engine *engine;
	/* Asked by the operation JobdeckStop, once it has been answered; NULL: refused. */
	void (*stop)(void *arg);
	/* Asked by JobdeckListen: take requests over TCP too, at this address; NULL: at any,
	 * unless there is one already. NULL here: refused. */
	int (*listen)(void *arg, const char *address, struct err *err);
	/* The URLs of those addresses, NULL-ended; NULL: there are none. */
	const char *const *(*listening)(void *arg);
	void *arg;
};
struct api *api_new(const struct api_options *o);
/* Before engine_close. Requests that are not answered yet never will be; what they changed
 * stays. */
void api_free(struct api *a);

/* Who asks, when it is not the owner of the server over its own socket. */
struct api_caller {
	const char *key_id, *name; /* name: "" when the key has none */
	bool read_only;		   /* may only call what reads */
};

/* A request, borrowed for the call. */
struct api_request {
	const char *method, *path; /* "POST", "/v1/submitjob"; path decoded, no query */
	const char *target;	   /* X-Amz-Target, or NULL */
	const char *body;
	size_t len;
	const char *query; /* as on the wire, without the '?'; or NULL */
	const char *content_type; /* or NULL */
	const struct api_caller *caller; /* NULL: the owner */
};
/* Which protocol a request speaks, and the service it is for, as in a signature ("batch"). */
enum api_protocol api_protocol_of(const struct api_request *r);
const char *api_service(enum api_protocol p);
/* An answer, borrowed by `done`. Errors are a JSON object with AWS's `__type` and `message`,
 * and `jobdeckKind`, the kind of error for our own client: "invalid", "not-found",
 * "conflict", "denied", "unavailable", "corrupt" or "system". */
struct api_reply {
	int status;		/* HTTP */
	const char *error;	/* "ClientException", or NULL */
	const char *content_type;
	const char *request_id;
	const char *body;
	size_t len;
};
/* Answers by calling `done` exactly once: at once, or when what was changed is on disk, or,
 * for JobdeckWatch, when something changed or its time is over. The returned handle lets a
 * transport that lost its peer drop the answer; NULL when `done` has already been called. */
typedef void api_done(void *arg, const struct api_reply *reply);
struct api_pending;
struct api_pending *api_handle(struct api *a, const struct api_request *r, api_done *done,
			       void *arg);
void api_drop(struct api_pending *p);

/* Answers a request that is refused before anything looks at it, in the form that errors have
 * in its protocol. Answers by `done` at once. */
struct api_error {
	int status;		 /* HTTP; JSON 1.1 has 400 for 403 */
	const char *json, *xml;	 /* AWS's names of it */
	const char *text;
};
void api_refuse(const struct api_request *r, const struct api_error *e, api_done *done, void *arg);

#endif
