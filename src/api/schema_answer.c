/* Walks an answer along its shape: what we send must be what the service's own model says.
 * Sizes are not looked at: AWS itself answers maps of tags that are empty. */
#include "config.h"
#include "jobdeck/api/schema.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Where in the answer we are: a chain through the callers' frames. */
struct place {
	const struct place *up;
	const char *name;
};

enum { DEPTH_MAX = 16, PATH_SIZE = 160 };

/* Required by the model, and yet AWS leaves it out until there is something to say. */
static bool may_be_missing(const struct schema_member *m)
{
	return strcmp(m->name, "startedAt") == 0;
}

/* What our own client may find in answers; all others ignore it. */
static bool is_ours(const char *name)
{
	return strncmp(name, "jobdeck", 7) == 0;
}

static int __attribute__((format(printf, 3, 4)))
wrong(const struct place *at, struct err *err, const char *fmt, ...)
{
	const char *names[DEPTH_MAX];
	char path[PATH_SIZE] = "", what[120];
	int n = 0;
	va_list ap;

	for (; at && n < DEPTH_MAX; at = at->up)
		names[n++] = at->name;
	while (n-- > 0) {
		size_t len = strlen(path);

		snprintf(path + len, sizeof path - len, "%s%s", len ? "." : "", names[n]);
	}
	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	return err_set(err, ERR_CORRUPT, "the answer at %s %s", path, what);
}

static int walk(const struct schema *s, const cJSON *value, const struct place *at,
		struct err *err);

static const struct schema_member *find(const struct schema *s, const char *name)
{
	for (const struct schema_member *m = s->members; m->name; m++)
		if (strcmp(m->name, name) == 0)
			return m;
	return NULL;
}

static int walk_structure(const struct schema *s, const cJSON *value, const struct place *at,
			  struct err *err)
{
	const cJSON *item;

	if (!cJSON_IsObject(value))
		return wrong(at, err, "is no %s", s->name);
	cJSON_ArrayForEach(item, value) {
		const struct schema_member *m = find(s, item->string);
		struct place here = { at, item->string };

		if (!m && is_ours(item->string))
			continue;
		if (!m)
			return wrong(&here, err, "is no member of %s", s->name);
		if (walk(m->shape, item, &here, err) < 0)
			return -1;
	}
	for (const struct schema_member *m = s->members; m->name; m++)
		if (m->required && !may_be_missing(m) &&
		    !cJSON_GetObjectItemCaseSensitive(value, m->name))
			return wrong(at, err, "lacks %s", m->name);
	return 0;
}

static int walk_all(const struct schema *s, const cJSON *value, const struct place *at,
		    struct err *err)
{
	const cJSON *item;

	if (s->type == SCHEMA_LIST ? !cJSON_IsArray(value) : !cJSON_IsObject(value))
		return wrong(at, err, "is no %s", s->name);
	cJSON_ArrayForEach(item, value) {
		struct place here = { at, s->type == SCHEMA_LIST ? "[]" : item->string };

		if (walk(s->element, item, &here, err) < 0)
			return -1;
	}
	return 0;
}

static int walk_string(const struct schema *s, const cJSON *value, const struct place *at,
		       struct err *err)
{
	if (!cJSON_IsString(value))
		return wrong(at, err, "is no string");
	for (const char *const *v = s->values; v && *v; v++)
		if ((s->nocase ? strcasecmp : strcmp)(*v, value->valuestring) == 0)
			return 0;
	return s->values ? wrong(at, err, "is no %s: %.40s", s->name, value->valuestring) : 0;
}

/* SDKs refuse decimals in whole numbers. */
static int walk_number(const struct schema *s, const cJSON *value, const struct place *at,
		       struct err *err)
{
	double most = s->type == SCHEMA_INTEGER ? 2147483647.0 : 9007199254740992.0;
	double n = value->valuedouble;

	if (!cJSON_IsNumber(value))
		return wrong(at, err, "is no number");
	if (s->type != SCHEMA_DOUBLE && (n != trunc(n) || n > most || n < -most - 1))
		return wrong(at, err, "is no %s: %.15g", s->name, n);
	return 0;
}

static int walk(const struct schema *s, const cJSON *value, const struct place *at, struct err *err)
{
	switch (s->type) {
	case SCHEMA_STRUCTURE:
		return walk_structure(s, value, at, err);
	case SCHEMA_LIST:
	case SCHEMA_MAP:
		return walk_all(s, value, at, err);
	case SCHEMA_STRING:
		return walk_string(s, value, at, err);
	case SCHEMA_BOOLEAN:
		return cJSON_IsBool(value) ? 0 : wrong(at, err, "is no boolean");
	case SCHEMA_INTEGER:
	case SCHEMA_LONG:
	case SCHEMA_DOUBLE:
		return walk_number(s, value, at, err);
	}
	return 0;
}

int schema_check_answer(const struct schema *shape, const cJSON *value, struct err *err)
{
	struct place root = { NULL, shape->name };

	return walk(shape, value, &root, err);
}
