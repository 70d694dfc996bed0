#ifndef JOBDECK_API_OP_H
#define JOBDECK_API_OP_H
#include <stdbool.h>

/* One row per operation: the server, the client, `jobdeck api`, the manual and the tests
 * read this table (src/api/operations.h). */
enum api_protocol {
	API_BATCH,   /* POST /v1/NAME in lower case, REST-JSON */
	API_LOGS,    /* POST / with X-Amz-Target: Logs_20140328.NAME, JSON 1.1 */
	API_JOBDECK, /* POST /jobdeck/NAME in lower case: ours, for our own client */
};

struct api_op {
	const char *name;	   /* "SubmitJob" */
	const char *path, *target; /* target: API_LOGS only */
	const char *help;	   /* one line, N_() */
	enum api_protocol protocol;
	bool writes;
};

extern const struct api_op api_ops[]; /* ends with a NULL name */
const struct api_op *api_op_find(const char *name);	/* exact name; NULL: none */

/* Version of what the client and the server of this program say to each other. Sent by
 * both as X-Jobdeck-Protocol on every message over the unix socket. */
#define API_PROTOCOL_VERSION 1
#define API_PROTOCOL_HEADER  "X-Jobdeck-Protocol"

#endif
