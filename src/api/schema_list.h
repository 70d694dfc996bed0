/* Third pass, see schema_shapes.h. */
#include "schema_undef.h"
#define STRUCTURE(name, ...)		     &shape_##name,
#define LIST(name, element)		     &shape_##name,
#define LIST_SIZED(name, element, min, max)  &shape_##name,
#define MAP(name, key, value)		     &shape_##name,
#define MAP_SIZED(name, key, value, min, max) &shape_##name,
#define TEXT(name, min, max)		     &shape_##name,
#define TEXT_LIKE(name, min, max, pattern, as) &shape_##name,
#define ENUM(name, ...)			     &shape_##name,
#define ENUM_NOCASE(name, ...)		     &shape_##name,
#define RANGE(name, type, min, max)	     &shape_##name,
