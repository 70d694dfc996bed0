/* The shapes of the requests of our own operations as tables, made from schema_jobdeck.def. */
#include "config.h"
#include "schema_shapes.h"
#include <stddef.h>

#include "schema_declare.h"
#include "schema_jobdeck.def"
#include "schema_define.h"
#include "schema_jobdeck.def"

const struct schema *const schema_jobdeck[] = {
#include "schema_list.h"
#include "schema_jobdeck.def"
	NULL,
};
