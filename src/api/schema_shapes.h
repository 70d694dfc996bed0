/* The language of the schema_*.def files. A .c file that turns some of them into tables
 * includes this header once, then its .def files three times: after
 *
 *	#include "schema_declare.h"	so that shapes may name each other in any order
 *	#include "schema_define.h"	the shapes themselves, each `static const struct schema`
 *	#include "schema_list.h"	inside the braces of an array of pointers to them
 *
 *	STRUCTURE(Name, MUST(member, Shape) MAY(member, Shape) ...)	MUST: required
 *	LIST(Name, Element)		LIST_SIZED(Name, Element, min, max)
 *	MAP(Name, Key, Value)		MAP_SIZED(Name, Key, Value, min, max)
 *	TEXT(Name, min, max)		a string of so many characters
 *	TEXT_LIKE(Name, min, max, "^pattern$", "as AWS writes it")
 *	ENUM(Name, "A", "B" ...)	ENUM_NOCASE: case does not matter
 *	RANGE(Name, INTEGER, min, max)	or LONG
 *
 * and the plain ones defined here: String, Integer, Long, Boolean, Double, Float.
 * SCHEMA_MANY as max: no limit but that of the type. */
#ifndef JOBDECK_API_SCHEMA_SHAPES_H
#define JOBDECK_API_SCHEMA_SHAPES_H
#include "jobdeck/api/schema.h"

extern const struct schema shape_String, shape_Integer, shape_Long, shape_Boolean, shape_Double,
	shape_Float;

/* One per service; each ends with NULL. */
extern const struct schema *const schema_batch[], *const schema_logs[], *const schema_sts[],
	*const schema_jobdeck[];

#endif
