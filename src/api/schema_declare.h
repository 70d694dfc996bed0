/* First pass, see schema_shapes.h. */
#include "schema_undef.h"
#define DECLARE(name)			     static const struct schema shape_##name;
#define STRUCTURE(name, ...)		     DECLARE(name)
#define LIST(name, element)		     DECLARE(name)
#define LIST_SIZED(name, element, min, max)  DECLARE(name)
#define MAP(name, key, value)		     DECLARE(name)
#define MAP_SIZED(name, key, value, min, max) DECLARE(name)
#define TEXT(name, min, max)		     DECLARE(name)
#define TEXT_LIKE(name, min, max, pattern)   DECLARE(name)
#define ENUM(name, ...)			     DECLARE(name)
#define ENUM_NOCASE(name, ...)		     DECLARE(name)
#define RANGE(name, type, min, max)	     DECLARE(name)
