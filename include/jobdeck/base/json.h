#ifndef JOBDECK_BASE_JSON_H
#define JOBDECK_BASE_JSON_H
#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>
#include "jobdeck/base/err.h"

/* Short names for what everyone does with cJSON. Accessors accept NULL objects and members
 * of the wrong type, and then answer with the default: validation happens elsewhere
 * (api/schema.h). Names are matched exactly (cJSON's own default ignores case). */

/* Parses `len` bytes that need no terminator. Refuses trailing text, invalid UTF-8, NUL
 * characters (escaped ones too), more than 64 levels, numbers that are not finite and objects
 * that have a name twice. NULL on error. Caller deletes. */
cJSON *json_parse(const char *text, size_t len, struct err *err);
char *json_print(const cJSON *json); /* on one line; caller frees */
char *json_print_pretty(const cJSON *json);

const cJSON *json_get(const cJSON *obj, const char *name);
const char *json_str(const cJSON *obj, const char *name);		   /* or NULL */
const char *json_str_or(const cJSON *obj, const char *name, const char *def);
int64_t json_int(const cJSON *obj, const char *name, int64_t def); /* truncates; clamps */
double json_num(const cJSON *obj, const char *name, double def);
bool json_bool(const cJSON *obj, const char *name, bool def);
int json_count(const cJSON *obj, const char *name); /* elements of a list or map, 0 if none */

/* Adders; a NULL text adds nothing. Numbers are exact to 15 digits. */
void json_add_str(cJSON *obj, const char *name, const char *text);
void json_add_int(cJSON *obj, const char *name, int64_t n);
void json_add_bool(cJSON *obj, const char *name, bool b);
void json_add(cJSON *obj, const char *name, cJSON *item /* taken; NULL adds nothing */);
void json_add_copy(cJSON *obj, const char *name, const cJSON *item /* NULL adds nothing */);
void json_replace(cJSON *obj, const char *name, cJSON *item /* taken */);

static inline void json_cleanup(cJSON **j)
{
	cJSON_Delete(*j);
}
#define cleanup_json __attribute__((cleanup(json_cleanup)))

#endif
