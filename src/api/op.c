/* The table of operations (operations.h) as the public rows and, beside them, the private. */
#include "config.h"
#include "jobdeck/api/op.h"
#include <string.h>
#include "jobdeck/base/i18n.h"
#include "jobdeck/model/limits.h"
#include "internal.h"

#define PUBLIC(protocol, method, name, path, target, writes, max, run, support, help, why)         \
	{ #name, method, path, target, help, protocol, writes, support, why },
#define PRIVATE(protocol, method, name, path, target, writes, max, run, support, help, why)        \
	{ run, #name "Request", max },

const struct api_op api_ops[] = { OPERATIONS(PUBLIC){ 0 } };
const struct api_row api_rows[] = { OPERATIONS(PRIVATE){ 0 } };

const struct api_op *api_op_find(const char *name)
{
	for (const struct api_op *op = api_ops; op->name; op++)
		if (strcmp(op->name, name) == 0)
			return op;
	return NULL;
}

const char *api_support_name(enum api_support s)
{
	static const char *const names[] = { [API_SERVED] = N_("served"),
					     [API_EMPTY] = N_("empty"),
					     [API_REFUSED] = N_("refused") };

	return names[s];
}
