/* The shapes of what we know of STS as tables, made from schema_sts.def. */
#include "config.h"
#include "schema_shapes.h"
#include <stddef.h>

#include "schema_declare.h"
#include "schema_sts.def"
#include "schema_define.h"
#include "schema_sts.def"

const struct schema *const schema_sts[] = {
#include "schema_list.h"
#include "schema_sts.def"
	NULL,
};
