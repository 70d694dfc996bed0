#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "jobdeck/base/buf.h"
#include "jobdeck/base/err.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"

/* Memory, buffers, errors, JSON. Files, text, time and settings have tests of their own. */

static struct err error;

/* --- mem ---------------------------------------------------------------------------------- */

static void memory(void **state)
{
	char *s = NULL;
	int *list = NULL;
	size_t n = 0, cap = 0;
	int fd = 7;

	(void)state;
	str_replace(&s, "a");
	str_replace(&s, s); /* a copy of itself */
	assert_string_equal(s, "a");
	str_replace(&s, NULL);
	assert_null(s);
	assert_null(xstrdup(NULL));
	free(xmalloc(0));
	free(xcalloc(0, 0));
	for (int i = 0; i < 100; i++) {
		ARRAY_ROOM(list, n, cap);
		list[n++] = i;
	}
	assert_int_equal(list[99], 99);
	assert_true(cap >= 100 && cap <= 200);
	free(list);
	assert_int_equal(STEAL_FD(fd), 7);
	assert_int_equal(fd, -1);
}

/* --- buf ---------------------------------------------------------------------------------- */

static void buffer_grows_and_gives(void **state)
{
	struct buf b;
	cleanup_free char *s = NULL;

	(void)state;
	buf_init(&b, 1000);
	assert_string_equal(buf_str(&b), "");
	buf_add(&b, NULL, 0);
	assert_int_equal(b.len, 0);
	for (int i = 0; i < 100; i++)
		buf_addf(&b, "%d,", i);
	assert_int_equal(b.len, 290);
	assert_int_equal(strlen(buf_str(&b)), 290);
	assert_false(b.full);
	buf_eat(&b, 286);
	assert_string_equal(buf_str(&b), ",99,");
	s = buf_steal(&b);
	assert_string_equal(s, ",99,");
	assert_int_equal(b.len, 0);
	assert_string_equal(buf_str(&b), "");
	buf_fini(&b);
}

static void buffer_states_its_maximum(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	buf_adds(&b, "12345");
	buf_adds(&b, "67890"); /* exactly the maximum */
	assert_false(b.full);
	buf_addc(&b, 'x');
	assert_true(b.full);
	assert_string_equal(buf_str(&b), "1234567890");
	buf_eat(&b, 5);
	buf_addc(&b, 'y'); /* full is for good: a gap would be worse */
	assert_string_equal(buf_str(&b), "67890");
	buf_clear(&b);
	buf_addf(&b, "%s", "12345678901");
	assert_true(b.full);
	assert_string_equal(buf_str(&b), "");
	buf_clear(&b);
	buf_eat(&b, 100);
	buf_add(&b, "a\0b", 3);
	assert_int_equal(b.len, 3);
	buf_fini(&b);
	buf_init(&b, SIZE_MAX);
	buf_adds(&b, "x");
	assert_false(b.full);
	buf_fini(&b);
	buf_init(&b, 0);
	buf_addc(&b, 'x');
	assert_true(b.full);
	assert_string_equal(buf_str(&b), "");
	buf_fini(&b);
}

/* --- err ---------------------------------------------------------------------------------- */

static void errors_say(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(err_set(&e, ERR_CONFLICT, "no %d", 7), -1);
	assert_int_equal(e.kind, ERR_CONFLICT);
	assert_string_equal(e.text, "no 7");
	assert_int_equal(err_wrap(&e, "in %s", "here"), -1);
	assert_int_equal(e.kind, ERR_CONFLICT);
	assert_string_equal(e.text, "in here: no 7");
	errno = ENOSPC;
	assert_int_equal(err_sys(&e, "cannot write %s", "x"), -1);
	assert_int_equal(errno, ENOSPC);
	assert_int_equal(e.kind, ERR_SYSTEM);
	assert_string_equal(e.text, "cannot write x: No space left on device");
	assert_int_equal(err_set(NULL, ERR_INVALID, "x"), -1);
	assert_int_equal(err_sys(NULL, "x"), -1);
	assert_int_equal(err_wrap(NULL, "x"), -1);
}

/* Two-byte characters, shifted by one in every second round: one is always cut in two. */
static void errors_are_cut_at_a_character(void **state)
{
	struct err e = { 0 };
	char text[600];

	(void)state;
	for (int shift = 0; shift < 2; shift++) {
		size_t n = 0;

		for (size_t i = 0; i < 590; i++)
			text[i] = i < (size_t)shift	  ? 'x' :
				  (i - (size_t)shift) % 2 ? '\xbc' :
							    '\xc3';
		text[590] = '\0';
		err_set(&e, ERR_INVALID, "%s", text);
		n = strlen(e.text);
		assert_true(n >= sizeof e.text - 2);
		assert_int_equal((unsigned char)e.text[n - 1], 0xbc);
		err_wrap(&e, "y");
		n = strlen(e.text);
		assert_int_equal((unsigned char)e.text[n - 1], 0xbc);
		assert_true(n >= sizeof e.text - 2);
	}
}

static void a_long_path_does_not_hide_the_reason(void **state)
{
	struct err e = { 0 };
	char path[2000];

	(void)state;
	memset(path, 'p', sizeof path);
	path[sizeof path - 1] = '\0';
	errno = EACCES;
	err_sys(&e, "cannot open %s", path);
	assert_int_equal(strlen(e.text), sizeof e.text - 1);
	assert_non_null(strstr(e.text, "ppp: Permission denied"));
}

/* --- json --------------------------------------------------------------------------------- */

static bool parses(const char *text, size_t len)
{
	cleanup_json cJSON *json = json_parse(text, len, &error);

	if (!json)
		assert_int_equal(error.kind, ERR_INVALID);
	return json != NULL;
}

static char *nested(int levels)
{
	char *text = xmalloc((size_t)levels * 2 + 1);

	memset(text, '[', (size_t)levels);
	memset(text + levels, ']', (size_t)levels);
	text[levels * 2] = '\0';
	return text;
}

static void json_limits(void **state)
{
	static const struct {
		const char *text;
		bool good;
	} rows[] = {
		{ "{}", true },
		{ " {\"a\":1} \r\n\t", true },
		{ "\"x\"", true },
		{ "null", true },
		{ "[1,2.5e3,-7]", true },
		{ "\"\\u00e9\\ud83d\\ude00\"", true },
		{ "", false },
		{ "   ", false },
		{ "{", false },
		{ "{}x", false },
		{ "{} {}", false },
		{ "[1e999]", false },
		{ "{\"a\":-1e999}", false },
		{ "\"\xff\"", false },
		{ "\"\xed\xa0\x80\"", false },
		{ "\"\xc0\x80\"", false },
		{ "\"\\ud800\"", false },
		{ "nul", false },
		{ "\"a\\u0000b\"", false },
		{ "{\"a\\u0000b\":1}", false },
		{ "\"a\\\\u0000b\"", true }, /* a backslash, and then plain text */
		{ "'a'", false },
		{ "[1,]", false },
		{ "{\"a\":1,\"a\":1}", false },
		{ "[{\"b\":{\"a\":1,\"b\":2,\"a\":3}}]", false },
		{ "{\"a\":{\"a\":{\"a\":1}},\"A\":2}", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (parses(rows[i].text, strlen(rows[i].text)) != rows[i].good)
			fail_msg("%s", rows[i].text);
	}
	assert_false(parses("[1\0]", 4));
	assert_true(parses("[1]x", 3)); /* needs no terminator */
	assert_false(parses("[1", 2));
}

static void json_depth(void **state)
{
	cleanup_free char *fits = nested(64), *deep = nested(65), *hostile = nested(100000);

	(void)state;
	assert_true(parses(fits, strlen(fits)));
	assert_false(parses(deep, strlen(deep)));
	assert_false(parses(hostile, strlen(hostile)));
	assert_non_null(strstr(error.text, "64 levels"));
	/* brackets in a string are none, also behind an escaped quote */
	memcpy(hostile, "\"\\\"", 3);
	memset(hostile + 3, '[', 100);
	hostile[103] = '"';
	assert_true(parses(hostile, 104));
}

static void json_accessors(void **state)
{
	static const char text[] =
		"{\"s\":\"x\",\"n\":2.9,\"big\":1e300,\"small\":-1e300,\"b\":true,"
		"\"l\":[1,2],\"o\":{\"k\":null},\"S\":1}";
	cleanup_json cJSON *j = json_parse(text, sizeof text - 1, &error);

	(void)state;
	assert_non_null(j);
	assert_string_equal(json_str(j, "s"), "x");
	assert_null(json_str(j, "n"));
	assert_string_equal(json_str_or(j, "none", "d"), "d");
	assert_int_equal(json_int(j, "n", 7), 2);
	assert_int_equal(json_int(j, "s", 7), 7);
	assert_int_equal(json_int(j, "S", 7), 1); /* case matters */
	assert_true(json_int(j, "big", 7) == INT64_MAX);
	assert_true(json_int(j, "small", 7) == INT64_MIN);
	assert_true(json_num(j, "n", 0) == 2.9);
	assert_true(json_bool(j, "b", false));
	assert_true(json_bool(j, "n", true));
	assert_int_equal(json_count(j, "l"), 2);
	assert_int_equal(json_count(j, "o"), 1);
	assert_int_equal(json_count(j, "s"), 0);
	assert_null(json_get(NULL, "x"));
	assert_int_equal(json_int(NULL, "x", 3), 3);
	assert_int_equal(json_count(NULL, "x"), 0);
}

static void json_adders(void **state)
{
	cleanup_json cJSON *j = cJSON_CreateObject();
	cleanup_free char *text = NULL;

	(void)state;
	json_add_str(j, "none", NULL);
	json_add(j, "none", NULL);
	json_add_copy(j, "none", NULL);
	json_add_str(j, "s", "a\"\n\xc3\xbc");
	json_add_int(j, "t", 1795305600123);
	json_add_bool(j, "b", false);
	json_add_copy(j, "c", json_get(j, "t"));
	json_replace(j, "b", cJSON_CreateTrue());
	json_replace(j, "new", cJSON_CreateNull());
	text = json_print(j);
	assert_string_equal(text, "{\"s\":\"a\\\"\\n\xc3\xbc\",\"t\":1795305600123,"
				  "\"c\":1795305600123,\"b\":true,\"new\":null}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory),
		cmocka_unit_test(buffer_grows_and_gives),
		cmocka_unit_test(buffer_states_its_maximum),
		cmocka_unit_test(errors_say),
		cmocka_unit_test(errors_are_cut_at_a_character),
		cmocka_unit_test(a_long_path_does_not_hide_the_reason),
		cmocka_unit_test(json_limits),
		cmocka_unit_test(json_depth),
		cmocka_unit_test(json_accessors),
		cmocka_unit_test(json_adders),
	};

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
