/* Answers as the services send them: the body, the status, and the name of the error. */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/text.h"
#include "internal.h"
#include "query.h"

/* What each kind of error is called on the wire (api-facts: 400 ClientException for all
 * that the caller can mend, 500 ServerException for what may work later). */
static const struct wire {
	const char *ours; /* in our own member "jobdeckKind": the client turns it back */
	const char *batch, *logs, *xml;
	int status;
	bool wrapped; /* AWS packs such texts into a longer one (ID-5) */
} wires[] = {
	[ERR_NONE] = { "system", "ServerException", "ServiceUnavailableException",
		       "InternalFailure", 500, false },
	[ERR_INVALID] = { "invalid", "ClientException", "InvalidParameterException",
			  "ValidationError", 400, true },
	[ERR_NOT_FOUND] = { "not-found", "ClientException", "ResourceNotFoundException",
			    "ValidationError", 400, false },
	[ERR_CONFLICT] = { "conflict", "ClientException", "InvalidParameterException",
			   "ValidationError", 400, false },
	[ERR_DENIED] = { "denied", "AccessDeniedException", "AccessDeniedException", "AccessDenied",
			 403, false },
	[ERR_UNAVAILABLE] = { "unavailable", "ServerException", "ServiceUnavailableException",
			      "ServiceUnavailable", 500, false },
	[ERR_CORRUPT] = { "corrupt", "ServerException", "ServiceUnavailableException",
			  "InternalFailure", 500, false },
	[ERR_SYSTEM] = { "system", "ServerException", "ServiceUnavailableException",
			 "InternalFailure", 500, false },
};

static bool is_logs(const struct api_call *c)
{
	return c->protocol == API_LOGS;
}

static void finish(struct reply *r, const struct api_call *c, char *body /* taken */)
{
	r->body = body;
	r->reply.body = r->body;
	r->reply.len = strlen(r->body);
	r->reply.request_id = c->request_id;
	r->reply.content_type = c->xml	   ? "text/xml" :
				is_logs(c) ? "application/x-amz-json-1.1" :
					     "application/json";
}

/* JSON 1.1 names the error in the body, REST-JSON in the header; both may do both. */
static void error_body(struct reply *r, const struct api_call *c, const char *kind,
		       const char *text)
{
	cJSON *body cleanup_json = cJSON_CreateObject();
	cleanup_free char *message =
		text_utf8_dup(text, strlen(text)); /* it may quote half a character */

	if (c->xml) {
		finish(r, c,
		       query_error(r->reply.error, r->reply.status < 500, message, c->request_id));
		return;
	}
	json_add_str(body, "__type", r->reply.error);
	json_add_str(body, "message", message);
	json_add_str(body, "jobdeckKind", kind);
	finish(r, c, json_print(body));
}

static void error_reply(struct reply *r, const struct api_call *c, const struct err *err)
{
	const struct wire *w = &wires[(size_t)err->kind < ARRAY_LEN(wires) ? err->kind : ERR_NONE];
	char *text cleanup_free = NULL;

	r->reply.status = w->status;
	r->reply.error = c->xml ? w->xml : is_logs(c) ? w->logs : w->batch;
	if (w->wrapped && !is_logs(c) && !c->xml)
		text = xasprintf("Error executing request, Exception : %s, RequestId: %s",
				 err->text, c->request_id);
	error_body(r, c, w->ours, text ? text : err->text);
}

void reply_make(struct reply *r, const struct api_call *c, const struct err *err)
{
	memset(r, 0, sizeof *r);
	if (err) {
		error_reply(r, c, err);
		return;
	}
	r->reply.status = 200;
	finish(r, c,
	       c->xml ? query_answer(c->op->name, c->out, c->request_id) : json_print(c->out));
}

void reply_protocol_error(struct reply *r, const struct api_call *c, enum reply_protocol what,
			  const char *text)
{
	bool unknown = what == REPLY_UNKNOWN_OPERATION;

	memset(r, 0, sizeof *r);
	r->reply.status = unknown && !c->xml ? 404 : 400;
	if (c->xml)
		r->reply.error = unknown ? "InvalidAction" : "ValidationError";
	else
		r->reply.error = unknown ? "UnknownOperationException" : "SerializationException";
	error_body(r, c, "invalid", text);
}

void reply_refusal(struct reply *r, const struct api_call *c, const struct api_error *e)
{
	memset(r, 0, sizeof *r);
	r->reply.status = e->status == 403 && is_logs(c) ? 400 : e->status;
	r->reply.error = c->xml ? e->xml : e->json;
	error_body(r, c, e->status == 403 ? "denied" : "unavailable", e->text);
}

void reply_fini(struct reply *r)
{
	free(r->body);
}
