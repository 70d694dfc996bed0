#ifndef JOBDECK_SRC_API_QUERY_H
#define JOBDECK_SRC_API_QUERY_H
#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include "jobdeck/base/err.h"

/* The query protocol, which STS still speaks: requests are forms, answers are XML. */
#define STS_VERSION "2011-06-15"

bool query_is_form(const char *content_type); /* NULL: no */
/* A form as an object of texts. NULL: it cannot be decoded, or has a name twice. */
cJSON *query_parse(const char *body, size_t len, struct err *err);
/* The answer to an operation: members that are texts or numbers. Caller frees. */
char *query_answer(const char *operation, const cJSON *out, const char *request_id);
char *query_error(const char *code, bool at_fault, const char *text, const char *request_id);

#endif
