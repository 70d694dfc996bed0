/* Walks a request along its shape. What is wrong is worded as AWS's own front end words it
 * ("1 validation error detected: ..."), the first error ends the walk. */
#include "config.h"
#include "jobdeck/api/schema.h"
#include <math.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "jobdeck/base/buf.h"
#include "jobdeck/base/mem.h"
#include "schema_shapes.h"

const struct schema shape_String = { .name = "String", .type = SCHEMA_STRING };
const struct schema shape_Integer = { .name = "Integer", .type = SCHEMA_INTEGER };
const struct schema shape_Long = { .name = "Long", .type = SCHEMA_LONG };
const struct schema shape_Boolean = { .name = "Boolean", .type = SCHEMA_BOOLEAN };
const struct schema shape_Double = { .name = "Double", .type = SCHEMA_DOUBLE };
const struct schema shape_Float = { .name = "Float", .type = SCHEMA_DOUBLE };

static const struct schema *const plain[] = { &shape_String,  &shape_Integer, &shape_Long,
					      &shape_Boolean, &shape_Double,	&shape_Float,
					      NULL };
static const struct schema *const *const tables[] = { plain, schema_batch, schema_logs,
						      schema_sts, schema_jobdeck };

const struct schema *schema_at(int i)
{
	for (size_t t = 0; t < ARRAY_LEN(tables); t++)
		for (const struct schema *const *s = tables[t]; *s; s++)
			if (i-- == 0)
				return *s;
	return NULL;
}

const struct schema *schema_find(const char *name)
{
	for (size_t t = 0; t < ARRAY_LEN(tables); t++)
		for (const struct schema *const *s = tables[t]; *s; s++)
			if (strcmp((*s)->name, name) == 0)
				return *s;
	return NULL;
}

/* Where in the request we are: a chain through the callers' frames. */
struct place {
	const struct place *up; /* NULL: the request itself */
	const char *member;	/* NULL: an element of a list */
	int index;
};

enum { PATH_MAX_BYTES = 120, VALUE_MAX_BYTES = 48 };

static void path_add(struct buf *b, const struct place *p)
{
	if (!p->up)
		return;
	path_add(b, p->up);
	if (p->member)
		buf_addf(b, "%s%.40s", b->len ? "." : "", p->member);
	else
		buf_addf(b, "[%d]", p->index);
}

/* The value as the message shows it: 'text', 12, null, or what kind of thing it is. */
static void value_text(const cJSON *value, char *out, size_t size)
{
	if (!value || cJSON_IsNull(value))
		snprintf(out, size, "null");
	else if (cJSON_IsString(value))
		snprintf(out, size, "'%.*s%s'", VALUE_MAX_BYTES, value->valuestring,
			 strlen(value->valuestring) > VALUE_MAX_BYTES ? "..." : "");
	else if (cJSON_IsNumber(value))
		snprintf(out, size, "'%.15g'", value->valuedouble);
	else if (cJSON_IsBool(value))
		snprintf(out, size, "'%s'", cJSON_IsTrue(value) ? "true" : "false");
	else
		snprintf(out, size, "'%s'", cJSON_IsArray(value) ? "[...]" : "{...}");
}

static int __attribute__((format(printf, 4, 5)))
refuse(const struct place *at, const cJSON *value, struct err *err, const char *fmt, ...)
{
	struct buf path cleanup_buf;
	char shown[VALUE_MAX_BYTES + 16];
	char *what cleanup_free = NULL;
	va_list ap;

	buf_init(&path, PATH_MAX_BYTES);
	path_add(&path, at);
	value_text(value, shown, sizeof shown);
	va_start(ap, fmt);
	what = xvasprintf(fmt, ap);
	va_end(ap);
	return err_set(
		err, ERR_INVALID,
		"1 validation error detected: Value %s at '%s' failed to satisfy constraint: "
		"%s",
		shown, path.len ? buf_str(&path) : "the request", what);
}

static int check_value(const struct schema *s, cJSON *value, const struct place *at,
		       struct err *err);

/* Characters, not bytes: the parser has made sure that it is UTF-8. */
static int64_t characters(const char *text)
{
	int64_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static int check_size(const struct schema *s, int64_t size, const cJSON *value,
		      const struct place *at, struct err *err)
{
	if (s->bounded && size < s->min)
		return refuse(at, value, err,
			      "Member must have length greater than or equal to %lld",
			      (long long)s->min);
	if (s->bounded && size > s->max)
		return refuse(at, value, err, "Member must have length less than or equal to %lld",
			      (long long)s->max);
	return 0;
}

static bool in_enum(const struct schema *s, const char *text)
{
	for (const char *const *v = s->values; *v; v++)
		if ((s->nocase ? strcasecmp(*v, text) : strcmp(*v, text)) == 0)
			return true;
	return false;
}

static int refuse_enum(const struct schema *s, const cJSON *value, const struct place *at,
		       struct err *err)
{
	struct buf set cleanup_buf;

	buf_init(&set, 1000);
	for (const char *const *v = s->values; *v; v++)
		buf_addf(&set, "%s%s", set.len ? ", " : "", *v);
	return refuse(at, value, err, "Member must satisfy enum value set: [%s]", buf_str(&set));
}

static bool like(const char *text, const char *pattern)
{
	regex_t re;
	bool match;

	if (regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		return false;
	match = regexec(&re, text, 0, NULL, 0) == 0;
	regfree(&re);
	return match;
}

static int check_string(const struct schema *s, const cJSON *value, const struct place *at,
			struct err *err)
{
	if (!cJSON_IsString(value))
		return refuse(at, value, err, "Member must be a string");
	if (check_size(s, characters(value->valuestring), value, at, err) < 0)
		return -1;
	if (s->values && !in_enum(s, value->valuestring))
		return refuse_enum(s, value, at, err);
	if (s->pattern && !like(value->valuestring, s->pattern))
		return refuse(at, value, err, "Member must satisfy regular expression pattern: %s",
			      s->wording);
	return 0;
}

static int check_number(const struct schema *s, const cJSON *value, const struct place *at,
			struct err *err)
{
	double most = s->type == SCHEMA_INTEGER ? 2147483647.0 : 9007199254740992.0;
	double n = value->valuedouble;

	if (!cJSON_IsNumber(value))
		return refuse(at, value, err, "Member must be %s",
			      s->type == SCHEMA_DOUBLE ? "a number" : "an integer");
	if (s->type != SCHEMA_DOUBLE && (n != trunc(n) || n > most || n < -most - 1))
		return refuse(at, value, err, "Member must be an integer of %d bits",
			      s->type == SCHEMA_INTEGER ? 32 : 64);
	if (s->bounded && n < (double)s->min)
		return refuse(at, value, err,
			      "Member must have value greater than or equal to %lld",
			      (long long)s->min);
	if (s->bounded && n > (double)s->max)
		return refuse(at, value, err, "Member must have value less than or equal to %lld",
			      (long long)s->max);
	return 0;
}

static int check_list(const struct schema *s, cJSON *list, const struct place *at, struct err *err)
{
	struct place here = { at, NULL, 0 };
	cJSON *element;

	if (!cJSON_IsArray(list))
		return refuse(at, list, err, "Member must be a list");
	if (check_size(s, cJSON_GetArraySize(list), list, at, err) < 0)
		return -1;
	cJSON_ArrayForEach(element, list) {
		if (cJSON_IsNull(element))
			return refuse(&here, element, err, "Member must not be null");
		if (check_value(s->element, element, &here, err) < 0)
			return -1;
		here.index++;
	}
	return 0;
}

static void drop(cJSON *object, cJSON *item)
{
	cJSON_Delete(cJSON_DetachItemViaPointer(object, item));
}

static int check_key(const struct schema *s, const char *key, const struct place *at,
		     struct err *err)
{
	cJSON item = { .type = cJSON_String | cJSON_IsReference, .valuestring = NULL };
	char *copy cleanup_free = xstrdup(key);

	item.valuestring = copy;
	return check_string(s, &item, at, err);
}

static int check_map(const struct schema *s, cJSON *map, const struct place *at, struct err *err)
{
	cJSON *item, *next;

	if (!cJSON_IsObject(map))
		return refuse(at, map, err, "Member must be a map");
	for (item = map->child; item; item = next) {
		struct place here = { at, item->string, 0 };

		next = item->next;
		if (cJSON_IsNull(item)) {
			drop(map, item);
			continue;
		}
		if (check_key(s->key, item->string, &here, err) < 0 ||
		    check_value(s->element, item, &here, err) < 0)
			return -1;
	}
	return check_size(s, cJSON_GetArraySize(map), map, at, err);
}

static const struct schema_member *find_member(const struct schema *s, const char *name)
{
	for (const struct schema_member *m = s->members; m->name; m++)
		if (strcmp(m->name, name) == 0)
			return m;
	return NULL;
}

static int check_required(const struct schema *s, const cJSON *value, const struct place *at,
			  struct err *err)
{
	for (const struct schema_member *m = s->members; m->name; m++) {
		struct place here = { at, m->name, 0 };

		if (m->required && !cJSON_GetObjectItemCaseSensitive(value, m->name))
			return refuse(&here, NULL, err, "Member must not be null");
	}
	return 0;
}

static int check_structure(const struct schema *s, cJSON *value, const struct place *at,
			   struct err *err)
{
	cJSON *item, *next;

	if (!cJSON_IsObject(value))
		return refuse(at, value, err, "Member must be a structure");
	for (item = value->child; item; item = next) {
		const struct schema_member *m = find_member(s, item->string);
		struct place here = { at, item->string, 0 };

		next = item->next;
		if (!m || cJSON_IsNull(item))
			drop(value, item);
		else if (check_value(m->shape, item, &here, err) < 0)
			return -1;
	}
	return check_required(s, value, at, err);
}

static int check_value(const struct schema *s, cJSON *value, const struct place *at,
		       struct err *err)
{
	switch (s->type) {
	case SCHEMA_STRUCTURE:
		return check_structure(s, value, at, err);
	case SCHEMA_LIST:
		return check_list(s, value, at, err);
	case SCHEMA_MAP:
		return check_map(s, value, at, err);
	case SCHEMA_STRING:
		return check_string(s, value, at, err);
	case SCHEMA_BOOLEAN:
		return cJSON_IsBool(value) ? 0 : refuse(at, value, err, "Member must be a boolean");
	case SCHEMA_INTEGER:
	case SCHEMA_LONG:
	case SCHEMA_DOUBLE:
		return check_number(s, value, at, err);
	}
	return 0;
}

int schema_check(const struct schema *shape, cJSON *value, struct err *err)
{
	static const struct place root;

	return check_value(shape, value, &root, err);
}
