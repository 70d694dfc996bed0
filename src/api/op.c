/* The table of operations (operations.h) as the public rows and, beside them, the private. */
#include "config.h"
#include "jobdeck/api/op.h"
#include <string.h>
#include "jobdeck/base/i18n.h"
#include "jobdeck/model/limits.h"
#include "internal.h"

#define PUBLIC(protocol, name, path, target, writes, max, run, help) \
	{ #name, path, target, help, protocol, writes },
#define PRIVATE(protocol, name, path, target, writes, max, run, help) { run, #name "Request", max },

const struct api_op api_ops[] = { OPERATIONS(PUBLIC){ 0 } };
const struct api_row api_rows[] = { OPERATIONS(PRIVATE){ 0 } };

const struct api_op *api_op_find(const char *name)
{
	for (const struct api_op *op = api_ops; op->name; op++)
		if (strcmp(op->name, name) == 0)
			return op;
	return NULL;
}

const struct api_op *op_route(const char *method, const char *path, const char *target)
{
	if (strcmp(method, "POST") != 0)
		return NULL;
	for (const struct api_op *op = api_ops; op->name; op++) {
		if (strcmp(op->path, path) != 0)
			continue;
		if (!op->target || (target && strcmp(op->target, target) == 0))
			return op;
	}
	return NULL;
}
