/* Second pass, see schema_shapes.h. */
#include "schema_undef.h"
#define DEFINE(shape_name, kind, ...)                                                              \
	static const struct schema shape_##shape_name = { .name = #shape_name,                     \
							  .type = SCHEMA_##kind,                   \
							  __VA_ARGS__ };
#define BETWEEN(least, most) .bounded = true, .min = (least), .max = (most)

#define MUST(member, member_shape) { #member, &shape_##member_shape, true },
#define MAY(member, member_shape)  { #member, &shape_##member_shape, false },
#define STRUCTURE(name, ...)                                                                       \
	static const struct schema_member members_##name[] = { __VA_ARGS__{ NULL, NULL, false } }; \
	DEFINE(name, STRUCTURE, .members = members_##name)

#define LIST(name, of)		       DEFINE(name, LIST, .element = &shape_##of)
#define LIST_SIZED(name, of, min, max) DEFINE(name, LIST, .element = &shape_##of, BETWEEN(min, max))
#define MAP(name, from, to)	       DEFINE(name, MAP, .key = &shape_##from, .element = &shape_##to)
#define MAP_SIZED(name, from, to, min, max)                                                        \
	DEFINE(name, MAP, .key = &shape_##from, .element = &shape_##to, BETWEEN(min, max))
#define TEXT(name, min, max) DEFINE(name, STRING, BETWEEN(min, max))
#define TEXT_LIKE(name, min, max, like, shown)                                                     \
	DEFINE(name, STRING, BETWEEN(min, max), .pattern = (like), .wording = (shown))
#define ENUM(name, ...)                                                                            \
	static const char *const values_##name[] = { __VA_ARGS__, NULL };                          \
	DEFINE(name, STRING, .values = values_##name)
#define ENUM_NOCASE(name, ...)                                                                     \
	static const char *const values_##name[] = { __VA_ARGS__, NULL };                          \
	DEFINE(name, STRING, .values = values_##name, .nocase = true)
#define RANGE(name, kind, min, max) DEFINE(name, kind, BETWEEN(min, max))
