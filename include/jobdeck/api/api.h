#ifndef JOBDECK_API_API_H
#define JOBDECK_API_API_H
#include <cjson/cJSON.h>
#include "jobdeck/engine/engine.h"

/* The AWS Batch API over the engine: what comes in over any transport ends here. */
struct api;

struct api_options {
	struct engine *engine;
	/* Asked by the operation JobdeckStop, once it has been answered; NULL: refused. */
	void (*stop)(void *arg);
	void *arg;
};
struct api *api_new(const struct api_options *o);
/* Before engine_close. Requests that are not answered yet never will be; what they changed
 * stays. */
void api_free(struct api *a);

/* A request, borrowed for the call. */
struct api_request {
	const char *method, *path; /* "POST", "/v1/submitjob"; path decoded, no query */
	const char *target;	   /* X-Amz-Target, or NULL */
	const char *body;
	size_t len;
	const char *query; /* as on the wire, without the '?'; or NULL */
};
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

#endif
