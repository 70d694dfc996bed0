/* First pass, see schema_shapes.h. */
#include "schema_undef.h"
#define STRUCTURE(name, ...)                   static const struct schema shape_##name;
#define LIST(name, element)                    static const struct schema shape_##name;
#define LIST_SIZED(name, element, min, max)    static const struct schema shape_##name;
#define MAP(name, key, value)                  static const struct schema shape_##name;
#define MAP_SIZED(name, key, value, min, max)  static const struct schema shape_##name;
#define TEXT(name, min, max)                   static const struct schema shape_##name;
#define TEXT_LIKE(name, min, max, pattern, as) static const struct schema shape_##name;
#define ENUM(name, ...)                        static const struct schema shape_##name;
#define ENUM_NOCASE(name, ...)                 static const struct schema shape_##name;
#define RANGE(name, type, min, max)            static const struct schema shape_##name;
