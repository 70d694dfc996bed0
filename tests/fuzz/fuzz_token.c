/* Pagination tokens: the input is one, for every operation that lists in pages. Behind an
 * "@", bytes to put over one that is good: "@N" and the bytes, from place N. */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "fuzz.h"
#include "jobdeck/api/op.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"
#include "world.h"

static const struct {
	const char *operation, *request; /* a first page that is not the last; or has no token */
} lists[] = {
	{ "ListJobs", "{\"jobQueue\":\"q\",\"jobStatus\":\"RUNNING\",\"maxResults\":1}" },
	{ "DescribeComputeEnvironments", "{\"maxResults\":1}" },
	{ "DescribeJobQueues", "{\"maxResults\":1}" },
	{ "DescribeJobDefinitions", "{\"maxResults\":1}" },
	{ "ListSchedulingPolicies", "{\"maxResults\":1}" },
	{ "ListConsumableResources", "{\"maxResults\":1}" },
	{ "DescribeLogStreams", "{\"logGroupName\":\"/aws/batch/job\",\"limit\":1}" },
	{ "GetLogEvents",
	  "{\"logGroupName\":\"/aws/batch/job\",\"logStreamName\":\"d/default/x\"}" },
};

static char *ask(const struct api_op *op, const cJSON *in)
{
	cleanup_free char *json = json_print(in);
	const struct api_request r = { .method = op->method,
				       .path = op->path,
				       .target = op->target,
				       .body = json,
				       .len = strlen(json) };
	char *body = NULL;

	world_ask(&r, &body);
	return body;
}

/* "@N..." laid over a good token. NULL: there is none to be had. Caller frees. */
static char *forge(const struct api_op *op, const cJSON *in, const char *text)
{
	cleanup_free char *body = ask(op, in);
	cleanup_json cJSON *out = body ? json_parse(body, strlen(body), NULL) : NULL;
	char *good = xstrdup(json_str(out, "nextToken"));
	size_t len = good ? strlen(good) : 0, at = 0;

	while (*text >= '0' && *text <= '9')
		at = (at * 10 + (size_t)(*text++ - '0')) % (len + 1);
	for (; good && *text && at < len; at++)
		good[at] = *text++;
	return good;
}

static void try(const struct api_op *op, const char *request, const char *text)
{
	cleanup_json cJSON *in = json_parse(request, strlen(request), NULL);
	cleanup_free char *forged = *text == '@' ? forge(op, in, text + 1) : NULL;
	const char *bytes = *text == '@' ? forged : text;
	cleanup_free char *token = bytes ? text_utf8_dup(bytes, strlen(bytes)) : NULL;

	if (!token)
		return;
	json_add_str(in, "nextToken", token);
	free(ask(op, in));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_free char *text = xstrndup((const char *)data, size);

	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		const struct api_op *op = api_op_find(lists[i].operation);

		if (op)
			try(op, lists[i].request, text);
	}
	return 0;
}
