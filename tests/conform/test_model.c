/* Our table of shapes and operations against the services' own API models, when those are
 * here: $JOBDECK_API_MODELS, or ../shared/data/api beside the sources. Each member, type,
 * required mark, enumeration, pattern and range must be as there, in both directions. */
#include "config.h"
#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "jobdeck/api/op.h"
#include "jobdeck/api/schema.h"
#include "jobdeck/base/fs.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"

enum { MODEL_MAX = 16 * 1024 * 1024, SHAPES_MAX = 1024 };

/* What newer SDKs have and the model has not yet, and case that does not matter. */
static const char *const newer[] = {
	"JobSummary.isCancelled",
	"JobSummary.isTerminated",
	"ServiceJobSummary.isTerminated",
	"CreateComputeEnvironmentRequest.ecsSettings",
	"UpdateComputeEnvironmentRequest.ecsSettings",
	"ComputeEnvironmentDetail.ecsSettings",
};
static const char *const newer_values[] = {
	"CRType.ECS_MANAGED_INSTANCES",
	"JobQueueType.ECS_MANAGED_INSTANCES",
	"PlatformCapability.MANAGED_INSTANCES",
};
static const char *const newer_operations[] = { "CancelJobs", "TerminateJobs",
						"TerminateServiceJobs" };

static bool is_listed(const char *const *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], name) == 0)
			return true;
	return false;
}

/* --- reading the model ------------------------------------------------------------------ */

struct model {
	cJSON *json;
	const cJSON *shapes;
	const char *seen[SHAPES_MAX];
	int seen_count;
};

static char *model_path(const char *service)
{
	const char *dir = getenv("JOBDECK_API_MODELS"), *src = getenv("srcdir");

	if (dir)
		return xasprintf("%s/%s/service-2.json", dir, service);
	return xasprintf("%s/../shared/data/api/%s/service-2.json", src ? src : ".", service);
}

/* Skips the test when there is no model. */
static void model_open(struct model *m, const char *service)
{
	cleanup_free char *path = model_path(service), *text = NULL;
	struct err err = { 0 };
	size_t len;

	*m = (struct model){ 0 };
	text = fs_read(path, MODEL_MAX, &len, &err);
	if (!text) {
		print_message("# no model: %s\n", err.text);
		skip();
	}
	m->json = json_parse(text, len, &err);
	if (!m->json)
		fail_msg("%s: %s", path, err.text);
	m->shapes = json_get(m->json, "shapes");
	assert_non_null(m->shapes);
}

/* --- one shape against the other -------------------------------------------------------- */

static void check_shape(struct model *m, const char *name, const struct schema *ours);

static const struct {
	const char *word;
	enum schema_type type;
} types[] = {
	{ "structure", SCHEMA_STRUCTURE },
	{ "list", SCHEMA_LIST },
	{ "map", SCHEMA_MAP },
	{ "string", SCHEMA_STRING },
	{ "integer", SCHEMA_INTEGER },
	{ "long", SCHEMA_LONG },
	{ "boolean", SCHEMA_BOOLEAN },
	{ "double", SCHEMA_DOUBLE },
	{ "float", SCHEMA_DOUBLE },
};

static enum schema_type type_of(const char *name, const cJSON *theirs)
{
	const char *word = json_str_or(theirs, "type", "");

	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (strcmp(types[i].word, word) == 0)
			return types[i].type;
	fail_msg("%s: teach this test the type %s", name, word);
	return SCHEMA_STRING;
}

static const struct schema_member *find_member(const struct schema *s, const char *name)
{
	for (const struct schema_member *m = s->members; m->name; m++)
		if (strcmp(m->name, name) == 0)
			return m;
	return NULL;
}

static bool is_required(const cJSON *theirs, const char *member)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, json_get(theirs, "required"))
		if (strcmp(item->valuestring, member) == 0)
			return true;
	return false;
}

static void check_structure(struct model *m, const char *name, const cJSON *theirs,
			    const struct schema *ours)
{
	const cJSON *members = json_get(theirs, "members"), *item;

	cJSON_ArrayForEach(item, members) {
		const struct schema_member *its = find_member(ours, item->string);

		if (!its) {
			fail_msg("%s.%s is missing", name, item->string);
			continue;
		}
		if (its->required != is_required(theirs, item->string))
			fail_msg("%s.%s is %srequired", name, item->string,
				 its->required ? "not " : "");
		check_shape(m, json_str(item, "shape"), its->shape);
	}
	for (const struct schema_member *its = ours->members; its->name; its++) {
		cleanup_free char *full = xasprintf("%s.%s", name, its->name);

		if (strncmp(its->name, "jobdeck", 7) == 0) /* our own */
			continue;
		if (!json_get(members, its->name) && !is_listed(newer, ARRAY_LEN(newer), full))
			fail_msg("the model has no %s", full);
	}
}

static void check_enum(const char *name, const cJSON *values, const struct schema *ours)
{
	const cJSON *item;

	if (!values && !ours->values)
		return;
	if (!values || !ours->values)
		fail_msg("%s is %s enumeration", name, values ? "an" : "no");
	cJSON_ArrayForEach(item, values) {
		bool found = false;

		for (const char *const *v = ours->values; *v; v++)
			found |= strcmp(*v, item->valuestring) == 0;
		if (!found)
			fail_msg("%s lacks %s", name, item->valuestring);
	}
	for (const char *const *v = ours->values; *v; v++) {
		cleanup_free char *full = xasprintf("%s.%s", name, *v);
		bool found = is_listed(newer_values, ARRAY_LEN(newer_values), full);

		cJSON_ArrayForEach(item, values)
			found |= strcmp(*v, item->valuestring) == 0;
		if (!found)
			fail_msg("the model has no %s", full);
	}
}

/* No minimum in the model is 0 of characters or elements. */
static void check_range(const char *name, const cJSON *theirs, const struct schema *ours)
{
	bool bounded = json_get(theirs, "min") || json_get(theirs, "max");

	if (bounded != ours->bounded)
		fail_msg("%s has %s bounds", name, bounded ? "" : "no");
	if (!bounded)
		return;
	if (json_int(theirs, "min", 0) != ours->min ||
	    json_int(theirs, "max", SCHEMA_MANY) != ours->max)
		fail_msg("%s is not within the same bounds", name);
}

static bool matches(const char *pattern, const char *text)
{
	regex_t re;
	bool match;

	assert_int_equal(regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB), 0);
	match = regexec(&re, text, 0, NULL, 0) == 0;
	regfree(&re);
	return match;
}

/* Is `c` in the class that begins at *p, behind the '['? Leaves *p behind the ']'. */
static bool in_class(const char **p, char c)
{
	bool negated = **p == '^', found = false;
	const char *s = *p + negated;

	for (; *s != ']'; s++) {
		assert_int_not_equal(*s, '\0');
		if (s[0] == '\\' && s[1] == 'w') {
			found |= c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
				 (c >= 'A' && c <= 'Z');
			s++;
		} else if (s[0] == '\\') {
			found |= c == *++s;
		} else if (s[1] == '-' && s[2] != ']') {
			found |= c >= s[0] && c <= s[2];
			s += 2;
		} else {
			found |= c == *s;
		}
	}
	*p = s + 1;
	return found != negated;
}

/* The model's patterns are Java's, ours POSIX's. They are of one class of characters, some
 * number of times: compared character by character. */
static void check_pattern(const char *name, const char *theirs, const struct schema *ours)
{
	const char *rest = NULL;
	int differ = 0;

	if (!theirs != !ours->pattern)
		fail_msg("%s has %s pattern", name, theirs ? "a" : "no");
	if (!theirs)
		return;
	assert_string_equal(ours->wording, theirs);
	assert_int_equal(ours->pattern[0], '^');
	assert_int_equal(ours->pattern[strlen(ours->pattern) - 1], '$');
	if (strcmp(theirs, "^\\d{12}$") == 0) {
		assert_string_equal(ours->pattern, "^[0-9]{12}$");
		return;
	}
	if (theirs[0] != '[')
		fail_msg("%s: teach this test the pattern %s", name, theirs);
	for (int c = 1; c < 128; c++) {
		char text[] = { (char)c, '\0' };

		rest = theirs + 1;
		differ += in_class(&rest, (char)c) != matches(ours->pattern, text);
	}
	if (differ)
		fail_msg("%s: %d characters are judged otherwise than by %s", name, differ, theirs);
	if (strcmp(rest, "*") != 0 && strcmp(rest, "+") != 0)
		fail_msg("%s: teach this test the pattern %s", name, theirs);
	assert_int_equal(matches(ours->pattern, ""), *rest == '*');
}

static bool is_seen(struct model *m, const char *name)
{
	if (is_listed(m->seen, (size_t)m->seen_count, name))
		return true;
	assert_true(m->seen_count < SHAPES_MAX);
	m->seen[m->seen_count++] = name;
	return false;
}

static void check_shape(struct model *m, const char *name, const struct schema *ours)
{
	const cJSON *theirs = json_get(m->shapes, name);

	if (!theirs)
		fail_msg("the model has no shape %s", name);
	if (type_of(name, theirs) != ours->type)
		fail_msg("%s has another type than %s", name, ours->name);
	check_range(name, theirs, ours);
	if (ours->type == SCHEMA_STRING) {
		check_enum(name, json_get(theirs, "enum"), ours);
		check_pattern(name, json_str(theirs, "pattern"), ours);
	}
	if (ours->type < SCHEMA_STRING && strcmp(ours->name, name) != 0)
		fail_msg("%s is called %s", name, ours->name);
	if (is_seen(m, name))
		return;
	if (ours->type == SCHEMA_STRUCTURE)
		check_structure(m, name, theirs, ours);
	if (ours->type == SCHEMA_LIST)
		check_shape(m, json_str(json_get(theirs, "member"), "shape"), ours->element);
	if (ours->type == SCHEMA_MAP) {
		check_shape(m, json_str(json_get(theirs, "key"), "shape"), ours->key);
		check_shape(m, json_str(json_get(theirs, "value"), "shape"), ours->element);
	}
}

static void check_operation(struct model *m, const char *op, const char *which, const char *ending)
{
	const cJSON *row = json_get(json_get(m->json, "operations"), op);
	const char *shape = json_str(json_get(row, which), "shape");
	cleanup_free char *name = xasprintf("%s%s", op, ending);

	if (!shape)
		fail_msg("the model's %s has no %s", op, which);
	assert_string_equal(shape, name);
	if (!schema_find(name))
		fail_msg("there is no %s", name);
	check_shape(m, shape, schema_find(shape));
}

/* --- tests ------------------------------------------------------------------------------ */

static void test_batch_shapes(void **state)
{
	struct model m;
	const cJSON *op;

	(void)state;
	model_open(&m, "batch/2016-08-10");
	cJSON_ArrayForEach(op, json_get(m.json, "operations")) {
		check_operation(&m, op->string, "input", "Request");
		check_operation(&m, op->string, "output", "Response");
	}
	assert_in_range(m.seen_count, 300, SHAPES_MAX);
	cJSON_Delete(m.json);
}

static void test_logs_shapes(void **state)
{
	struct model m;

	(void)state;
	model_open(&m, "logs/2014-03-28");
	for (const struct api_op *op = api_ops; op->name; op++) {
		if (op->protocol != API_LOGS)
			continue;
		check_operation(&m, op->name, "input", "Request");
		check_operation(&m, op->name, "output", "Response");
	}
	cJSON_Delete(m.json);
}

/* Each has a row, at the method and path of the model. */
static void test_operations(void **state)
{
	struct model m;
	const cJSON *row;
	int batch = 0;

	(void)state;
	model_open(&m, "batch/2016-08-10");
	cJSON_ArrayForEach(row, json_get(m.json, "operations")) {
		const struct api_op *op = api_op_find(row->string);
		const cJSON *http = json_get(row, "http");

		if (!op)
			fail_msg("there is no operation %s", row->string);
		assert_int_equal(op->protocol, API_BATCH);
		assert_string_equal(op->method, json_str(http, "method"));
		assert_string_equal(op->path, json_str(http, "requestUri"));
	}
	for (const struct api_op *op = api_ops; op->name; op++)
		batch += op->protocol == API_BATCH;
	assert_int_equal(batch,
			 json_count(m.json, "operations") + (int)ARRAY_LEN(newer_operations));
	for (size_t i = 0; i < ARRAY_LEN(newer_operations); i++)
		assert_non_null(api_op_find(newer_operations[i]));
	cJSON_Delete(m.json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_batch_shapes),
		cmocka_unit_test(test_logs_shapes),
		cmocka_unit_test(test_operations),
	};

	return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
