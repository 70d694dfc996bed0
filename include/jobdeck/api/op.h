#ifndef JOBDECK_API_OP_H
#define JOBDECK_API_OP_H
#include <cjson/cJSON.h>
#include <stdbool.h>

/* One row per operation: the server, the client, `jobdeck api`, the manual and the tests
 * read this table (src/api/operations.h). */
enum api_protocol {
	API_BATCH,   /* POST /v1/NAME in lower case, REST-JSON; tags: /v1/tags/ARN */
	API_LOGS,    /* POST / with X-Amz-Target: Logs_20140328.NAME, JSON 1.1 */
	API_STS,     /* POST / with a form, Action=NAME, answered in XML; our own client asks by
		      * X-Amz-Target: AWSSecurityTokenServiceV20110615.NAME and gets JSON */
	API_JOBDECK, /* POST /jobdeck/NAME in lower case: ours, for our own client */
};

/* What Jobdeck does with an operation. */
enum api_support {
	API_SERVED,  /* what AWS does */
	API_EMPTY,   /* answers as for an account that has none of these things */
	API_REFUSED, /* a ClientException that says why: only AWS can carry it out */
};
const char *api_support_name(enum api_support s); /* "served", "empty", "refused" */

struct api_op {
	const char *name;	   /* "SubmitJob" */
	const char *method;	   /* "POST", "GET", "DELETE" */
	const char *path, *target; /* path: "/v1/tags/{resourceArn}" has a member in it;
				    * target: API_LOGS and API_STS only */
	const char *help;	   /* one line, N_() */
	enum api_protocol protocol;
	bool writes;
	enum api_support support;
	const char *why; /* not API_SERVED: N_() */
};

extern const struct api_op api_ops[]; /* ends with a NULL name */
const struct api_op *api_op_find(const char *name);	/* exact name; NULL: none */

/* Members of served operations that Jobdeck refuses, or refuses with that value. */
struct api_refusal {
	const char *op, *member; /* "computeResources.type": one inside another */
	const char *value;	 /* NULL: any */
	const char *why;	 /* N_() */
};
extern const struct api_refusal api_refusals[]; /* ends with a NULL op */

/* Where the request goes: path and query as on the wire. Members of `in` that have their place
 * there are taken out of it. Caller frees. */
char *api_op_uri(const struct api_op *op, cJSON *in);

/* Version of what the client and the server of this program say to each other. Sent by
 * both as X-Jobdeck-Protocol on every message over the unix socket. */
#define API_PROTOCOL_VERSION 1
#define API_PROTOCOL_HEADER  "X-Jobdeck-Protocol"

#endif
