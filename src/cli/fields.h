#ifndef CLI_FIELDS_H
#define CLI_FIELDS_H
#include "jobdeck/base/json.h"
#include "jobdeck/cli/cmd.h"

/* Options that are members of a request, by table. */
struct field {
	const char *option, *member;
	enum {
		FIELD_TEXT,
		FIELD_WORD,   /* a word of the API: upper case */
		FIELD_NUMBER, /* least to most */
		FIELD_SPAN,   /* a span of time, in seconds, least to most */
		FIELD_LIST,   /* of texts, with commas between */
	} as;
	int64_t least, most;
};
/* Adds what was given of n fields to `out`. -1: a value makes no sense. */
int fields_add(const struct cmd_run *r, const struct field *fields, size_t n, cJSON *out,
	       struct err *err);

/* A span of time that an option gives ("90", "10m"), in milliseconds; def: not given. */
int fields_span(const struct cmd_run *r, const char *option, int64_t def, int64_t *ms,
		struct err *err);
/* "NAME=VALUE" taken apart at the last '='; the caller frees *name. */
int fields_pair(const char *option, const char *text, char **name, const char **value,
		struct err *err);
/* All values of an option as a map: {NAME: VALUE}. NULL: none was given, or an error. */
cJSON *fields_map(const struct cmd_run *r, const char *option, struct err *err);

#endif
