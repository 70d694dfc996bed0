/* The shapes of those requests and answers of CloudWatch Logs that a Batch client needs as
 * tables, made from schema_logs.def. */
#include "config.h"
#include "schema_shapes.h"
#include <stddef.h>

#include "schema_declare.h"
#include "schema_logs.def"
#include "schema_define.h"
#include "schema_logs.def"

const struct schema *const schema_logs[] = {
#include "schema_list.h"
#include "schema_logs.def"
	NULL,
};
