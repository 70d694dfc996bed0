#ifndef JOBDECK_API_SCHEMA_H
#define JOBDECK_API_SCHEMA_H
#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>
#include "jobdeck/base/err.h"

/* What requests and answers must look like, as data: one table of shapes for all operations,
 * taken over from the services' own models (src/api/schema_*.def). The API checks every
 * request against its shape before an operation sees it; tests check every answer; forms and
 * help can read the same table. NAMERequest and NAMEResponse are those of operation NAME. */
enum schema_type {
	SCHEMA_STRUCTURE,
	SCHEMA_LIST,
	SCHEMA_MAP,
	SCHEMA_STRING,
	SCHEMA_INTEGER, /* 32 bits */
	SCHEMA_LONG,	/* 64 bits, of which JSON carries 53 exactly */
	SCHEMA_BOOLEAN,
	SCHEMA_DOUBLE,
};

#define SCHEMA_MANY INT64_MAX

struct schema_member {
	const char *name;
	const struct schema *shape;
	bool required;
};

struct schema {
	const char *name; /* "SubmitJobRequest" */
	enum schema_type type;
	const struct schema_member *members; /* STRUCTURE; ends with a NULL name */
	const struct schema *key, *element;  /* MAP: both; LIST: element */
	bool bounded;			     /* by min and max, both included: the number itself, */
	int64_t min, max;		     /* characters of a string, elements of a list or map; */
					     /* max SCHEMA_MANY: no limit */
	const char *pattern;		     /* STRING: POSIX extended, anchored; NULL: any */
	const char *wording;		     /* the same as the model has it, for messages */
	const char *const *values;	     /* STRING: the enumeration, NULL-ended; NULL: any */
	bool nocase;			     /* values match without regard to case */
};

const struct schema *schema_find(const char *name); /* NULL: none of that name */
/* All shapes one after the other, for tests and generators; NULL after the last. */
const struct schema *schema_at(int i);

/* Checks `value` against the shape and tidies it: members that are null and members that
 * the shape does not know are removed, as AWS ignores both. The first thing wrong is an
 * ERR_INVALID that names the member by its path and words it as AWS does:
 *
 *	1 validation error detected: Value null at 'jobName' failed to satisfy constraint:
 *	Member must not be null
 */
int schema_check(const struct schema *shape, cJSON *value, struct err *err);

/* Checks an answer of ours: members of the shape only (and our own, "jobdeck..."), of the right
 * types and values, all required ones there. ERR_CORRUPT says what is wrong where. */
int schema_check_answer(const struct schema *shape, const cJSON *value, struct err *err);

#endif
