/* The shapes of AWS Batch's requests and answers as tables, made from schema_batch*.def. */
#include "config.h"
#include "schema_shapes.h"
#include <stddef.h>

#include "schema_declare.h"
#include "schema_batch.def"
#include "schema_define.h"
#include "schema_batch.def"

const struct schema *const schema_batch[] = {
#include "schema_list.h"
#include "schema_batch.def"
	NULL,
};
