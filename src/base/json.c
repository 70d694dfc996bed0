#include "config.h"
#include "jobdeck/base/json.h"
#include <math.h>
#include <string.h>
#include "jobdeck/base/mem.h"

enum { DEPTH_MAX = 64 };

static bool utf8_valid(const unsigned char *s, size_t len)
{
	size_t i = 0;

	while (i < len) {
		unsigned c = s[i], more, low = 0x80, high = 0xbf;

		if (c < 0x80) {
			i++;
			continue;
		}
		if (c >= 0xc2 && c <= 0xdf) {
			more = 1;
		} else if (c >= 0xe0 && c <= 0xef) {
			more = 2;
			low = c == 0xe0 ? 0xa0 : 0x80;
			high = c == 0xed ? 0x9f : 0xbf;
		} else if (c >= 0xf0 && c <= 0xf4) {
			more = 3;
			low = c == 0xf0 ? 0x90 : 0x80;
			high = c == 0xf4 ? 0x8f : 0xbf;
		} else {
			return false;
		}
		if (len - i <= more || s[i + 1] < low || s[i + 1] > high)
			return false;
		for (unsigned k = 2; k <= more; k++)
			if ((s[i + k] & 0xc0) != 0x80)
				return false;
		i += more + 1;
	}
	return true;
}

/* Brackets are counted before parsing: cJSON's own limit is 1,000 levels of recursion. */
static bool too_deep(const char *text, size_t len)
{
	int depth = 0;
	bool in_string = false;

	for (size_t i = 0; i < len; i++) {
		if (in_string) {
			if (text[i] == '\\')
				i++;
			else if (text[i] == '"')
				in_string = false;
		} else if (text[i] == '"') {
			in_string = true;
		} else if (text[i] == '{' || text[i] == '[') {
			if (++depth > DEPTH_MAX)
				return true;
		} else if (text[i] == '}' || text[i] == ']') {
			depth--;
		}
	}
	return false;
}

/* cJSON's strings end at a NUL: an escaped one would hide what follows it. */
static bool has_escaped_nul(const char *text, size_t len)
{
	for (size_t i = 0; i + 5 < len; i++) {
		if (text[i] != '\\')
			continue;
		if (memcmp(text + i + 1, "u0000", 5) == 0)
			return true;
		i++;
	}
	return false;
}

static bool numbers_finite(const cJSON *item)
{
	for (; item; item = item->next) {
		if (cJSON_IsNumber(item) && !isfinite(item->valuedouble))
			return false;
		if (item->child && !numbers_finite(item->child))
			return false;
	}
	return true;
}

static int by_name(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

/* A name that an object has twice, in `item` or anything below it; NULL: there is none. Which
 * of the two counts would be anybody's guess. */
static const char *name_twice(const cJSON *item)
{
	size_t n = cJSON_IsObject(item) ? (size_t)cJSON_GetArraySize(item) : 0, i = 0;
	cleanup_free const char **names = n > 1 ? xcalloc(n, sizeof *names) : NULL;
	const char *twice = NULL;

	for (const cJSON *c = item->child; c && !twice; c = c->next) {
		if (names)
			names[i++] = c->string;
		if (c->child)
			twice = name_twice(c);
	}
	if (twice || !names)
		return twice;
	qsort(names, n, sizeof *names, by_name);
	for (i = 1; i < n && !twice; i++)
		twice = strcmp(names[i - 1], names[i]) == 0 ? names[i] : NULL;
	return twice;
}

cJSON *json_parse(const char *text, size_t len, struct err *err)
{
	const char *end = NULL, *stop = text + len, *twice;
	cJSON *json;

	if (!utf8_valid((const unsigned char *)text, len)) {
		err_set(err, ERR_INVALID, "not valid JSON: the text is not valid UTF-8");
		return NULL;
	}
	if (memchr(text, 0, len) || has_escaped_nul(text, len)) {
		err_set(err, ERR_INVALID, "not valid JSON: there is a NUL byte in it");
		return NULL;
	}
	if (too_deep(text, len)) {
		err_set(err, ERR_INVALID, "not valid JSON: more than %d levels deep", DEPTH_MAX);
		return NULL;
	}
	json = cJSON_ParseWithLengthOpts(text, len, &end, 0);
	if (!json) {
		err_set(err, ERR_INVALID, "not valid JSON near byte %td", end ? end - text : 0);
		return NULL;
	}
	while (end < stop && strchr(" \t\r\n", *end))
		end++;
	if (end < stop) {
		err_set(err, ERR_INVALID, "not valid JSON: more text after byte %td", end - text);
		cJSON_Delete(json);
		return NULL;
	}
	if (!numbers_finite(json)) {
		err_set(err, ERR_INVALID, "not valid JSON: a number is too large");
		cJSON_Delete(json);
		return NULL;
	}
	twice = name_twice(json);
	if (twice) {
		err_set(err, ERR_INVALID, "not valid JSON: \"%.60s\" is there twice", twice);
		cJSON_Delete(json);
		return NULL;
	}
	return json;
}

/* cJSON takes its memory by malloc, so its text is ours to free() like any other. */
char *json_print(const cJSON *json)
{
	char *text = cJSON_PrintUnformatted(json);

	return text ? text : xstrdup("null");
}

char *json_print_pretty(const cJSON *json)
{
	char *text = cJSON_Print(json);

	return text ? text : xstrdup("null");
}

const cJSON *json_get(const cJSON *obj, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(obj, name);
}

const char *json_str(const cJSON *obj, const char *name)
{
	return json_str_or(obj, name, NULL);
}

const char *json_str_or(const cJSON *obj, const char *name, const char *def)
{
	const cJSON *item = json_get(obj, name);

	return cJSON_IsString(item) ? item->valuestring : def;
}

double json_num(const cJSON *obj, const char *name, double def)
{
	const cJSON *item = json_get(obj, name);

	return cJSON_IsNumber(item) ? item->valuedouble : def;
}

int64_t json_int(const cJSON *obj, const char *name, int64_t def)
{
	const cJSON *item = json_get(obj, name);

	if (!cJSON_IsNumber(item))
		return def;
	if (item->valuedouble >= 9.2e18)
		return INT64_MAX;
	if (item->valuedouble <= -9.2e18)
		return INT64_MIN;
	return (int64_t)item->valuedouble;
}

bool json_bool(const cJSON *obj, const char *name, bool def)
{
	const cJSON *item = json_get(obj, name);

	return cJSON_IsBool(item) ? cJSON_IsTrue(item) : def;
}

int json_count(const cJSON *obj, const char *name)
{
	const cJSON *item = json_get(obj, name);

	return cJSON_IsArray(item) || cJSON_IsObject(item) ? cJSON_GetArraySize(item) : 0;
}

void json_add_str(cJSON *obj, const char *name, const char *text)
{
	if (text)
		cJSON_AddStringToObject(obj, name, text);
}

void json_add_int(cJSON *obj, const char *name, int64_t n)
{
	cJSON_AddNumberToObject(obj, name, (double)n);
}

void json_add_bool(cJSON *obj, const char *name, bool b)
{
	cJSON_AddBoolToObject(obj, name, b);
}

void json_add(cJSON *obj, const char *name, cJSON *item)
{
	if (item)
		cJSON_AddItemToObject(obj, name, item);
}

void json_add_copy(cJSON *obj, const char *name, const cJSON *item)
{
	if (item)
		cJSON_AddItemToObject(obj, name, cJSON_Duplicate(item, 1));
}

void json_replace(cJSON *obj, const char *name, cJSON *item)
{
	cJSON_DeleteItemFromObjectCaseSensitive(obj, name);
	json_add(obj, name, item);
}
