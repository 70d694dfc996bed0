/* "OPERATION\nBODY": one operation's request, through JSON, schema and model. The operation
 * "STS" takes a form. What names no operation is a path. */
#include "config.h"
#include <string.h>
#include "fuzz.h"
#include "jobdeck/api/op.h"
#include "jobdeck/base/mem.h"
#include "world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *end = memchr(data, '\n', size);
	size_t head = end ? (size_t)(end - (const char *)data) : size;
	cleanup_free char *name = xstrndup((const char *)data, head);
	const struct api_op *op = api_op_find(name);
	struct api_request r = { .method = "POST",
				 .path = name,
				 .body = end ? end + 1 : "",
				 .len = end ? size - head - 1 : 0 };

	if (strcmp(name, "STS") == 0) {
		r.path = "/";
		r.content_type = "application/x-www-form-urlencoded";
	} else if (op) {
		r.method = op->method;
		r.path = op->path;
		r.target = op->target;
	}
	world_ask(&r, NULL);
	return 0;
}
