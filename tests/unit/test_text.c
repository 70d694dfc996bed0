#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"

/* Hostile text: what jobs, names and files may hold must never reach a terminal as anything
 * but visible characters. */

struct row {
	const char *in;
	size_t len; /* 0: strlen */
	const char *out;
};

static const struct row safe_rows[] = {
	{ "", 0, "" },
	{ "plain", 0, "plain" },
	/* controls */
	{ "a\033[31mb", 0, "a^[[31mb" },
	{ "\033]0;title\007", 0, "^[]0;title^G" },
	{ "a\rb\nc", 0, "a^Mb^Jc" },
	{ "a\0b", 3, "a^@b" },
	{ "\x7f\x1f", 0, "^?^_" },
	{ "\b\b\b", 0, "^H^H^H" },
	/* C1, as UTF-8 and as a raw byte */
	{ "\xc2\x9b"
	  "31m", 0, "<9b>31m" },
	{ "\x9b"
	  "31m", 0, "<9b>31m" },
	{ "\xc2\x85", 0, "<85>" },
	{ "\xc2\xa0", 0, "\xc2\xa0" }, /* no-break space is a character like others */
	/* tabs */
	{ "\t", 0, "        " },
	{ "a\tb", 0, "a       b" },
	{ "12345678\tb", 0, "12345678        b" },
	{ "\xe6\xbc\xa2\tb", 0, "\xe6\xbc\xa2      b" }, /* a wide character is two columns */
	{ "\033\tb", 0, "^[      b" },			  /* counted as shown */
	/* direction, separators, invisible */
	{ "a\xe2\x80\xae"
	  "b", 0, "a<202e>b" },
	{ "\xe2\x81\xa6\xe2\x81\xa9", 0, "<2066><2069>" },
	{ "\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c", 0, "<200e><200f><61c>" },
	{ "\xe2\x80\xa8\xe2\x80\xa9", 0, "<2028><2029>" },
	{ "\xef\xbb\xbf", 0, "<feff>" },
	{ "\xf3\xa0\x80\x81", 0, "<e0001>" },
	/* good UTF-8 of every length stays */
	{ "\xc3\xbc \xe2\x82\xac \xe6\xbc\xa2 \xf0\x9f\x98\x80", 0,
	  "\xc3\xbc \xe2\x82\xac \xe6\xbc\xa2 \xf0\x9f\x98\x80" },
	{ "\xf4\x8f\xbf\xbf", 0, "\xf4\x8f\xbf\xbf" },
	/* invalid: lone, cut, overlong, surrogate, too high */
	{ "\x80", 0, "<80>" },
	{ "\xff\xfe", 0, "<ff><fe>" },
	{ "\xe2\x82", 0, "<e2><82>" },
	{ "\xf0\x9f\x98", 0, "<f0><9f><98>" },
	{ "\xe2\x82x", 0, "<e2><82>x" },
	{ "\xc0\x80", 0, "<c0><80>" },
	{ "\xc1\xbf", 0, "<c1><bf>" },
	{ "\xe0\x80\xaf", 0, "<e0><80><af>" },
	{ "\xf0\x80\x80\xaf", 0, "<f0><80><80><af>" },
	{ "\xed\xa0\x80", 0, "<ed><a0><80>" },
	{ "\xf4\x90\x80\x80", 0, "<f4><90><80><80>" },
	{ "\xf8\x88\x80\x80\x80", 0, "<f8><88><80><80><80>" },
	{ "\xc3", 0, "<c3>" },
	{ "\xc3\xc3\xbc", 0, "<c3>\xc3\xbc" },
};

static const struct row plain_rows[] = {
	{ "plain", 0, "plain" },
	{ "\033[1;31mred\033[0m", 0, "red" },
	{ "\033[38;5;196mx\033[K", 0, "x" },
	{ "\033[?25lx", 0, "x" },
	{ "\033]0;title\007x", 0, "x" },
	{ "\033]8;;http://a\033\\link\033]8;;\033\\", 0, "link" },
	{ "\033P1$r0m\033\\x", 0, "x" },
	{ "\033_hidden\033\\x", 0, "x" },
	{ "\033(Bx\0337y\0338", 0, "xy" },
	{ "\033cx\033=", 0, "x" },
	/* unfinished: what is left must not be taken for text, nor eat the next line */
	{ "x\033[31", 0, "x" },
	{ "x\033]0;title\nnext", 0, "x^Jnext" },
	{ "x\033", 0, "x^[" },
	{ "x\033(", 0, "x" },
	/* an end that is none */
	{ "\033[31\nx", 0, "^Jx" },
	{ "\033[3\xc3\xbcx", 0, "\xc3\xbcx" },
	{ "\033\xc3\xbc", 0, "^[\xc3\xbc" },
	{ "\033\033[31mx", 0, "^[x" },
	{ "\033[\033[31mx", 0, "x" },
	{ "a\tb\x9b", 0, "a       b<9b>" },
	{ "\033\0x", 3, "^[^@x" },
	{ "\033[\0x", 4, "^@x" },
};

static void check_rows(const struct row *rows, size_t n,
		       size_t (*convert)(char *, size_t, const char *, size_t))
{
	for (size_t i = 0; i < n; i++) {
		size_t len = rows[i].len ? rows[i].len : strlen(rows[i].in);
		char out[200];

		assert_int_equal(convert(out, sizeof out, rows[i].in, len), strlen(rows[i].out));
		assert_string_equal(out, rows[i].out);
	}
}

static void safe_text(void **state)
{
	(void)state;
	check_rows(safe_rows, ARRAY_LEN(safe_rows), text_safe);
	for (size_t i = 0; i < ARRAY_LEN(safe_rows); i++) {
		const struct row *r = &safe_rows[i];
		cleanup_free char *copy = text_safe_dup(r->in, r->len ? r->len : strlen(r->in));

		assert_string_equal(copy, r->out);
	}
}

static void plain_text(void **state)
{
	(void)state;
	check_rows(plain_rows, ARRAY_LEN(plain_rows), text_plain);
}

/* Whatever the size: terminated, a prefix of the whole, cut between characters. */
static void cut_at_a_character(void **state)
{
	static const char in[] = "a\xc3\xbc\xe6\xbc\xa2\xf0\x9f\x98\x80\033\x80z";
	static const char whole[] = "a\xc3\xbc\xe6\xbc\xa2\xf0\x9f\x98\x80^[<80>z";
	static const size_t ends[] = { 0, 1, 3, 6, 10, 12, 16, 17 };
	size_t most = 0;

	(void)state;
	for (size_t size = 1; size <= sizeof whole + 2; size++) {
		char out[64];

		memset(out, '!', sizeof out);
		assert_int_equal(text_safe(out, size, in, sizeof in - 1), sizeof whole - 1);
		while (most + 1 < ARRAY_LEN(ends) && ends[most + 1] < size)
			most++;
		assert_int_equal(strlen(out), ends[most]);
		assert_memory_equal(out, whole, ends[most]);
		assert_int_equal(out[size], '!');
	}
	assert_int_equal(text_safe(NULL, 0, in, sizeof in - 1), sizeof whole - 1);
}

/* Random bytes: never a control byte in the output, never invalid UTF-8 that was not in. */
static void random_bytes(void **state)
{
	unsigned seed = 20261122;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		unsigned char in[24];
		char out[400];
		size_t n = (seed = seed * 1103515245 + 12345) / 65536 % sizeof in;

		for (size_t i = 0; i < n; i++)
			in[i] = (unsigned char)((seed = seed * 1103515245 + 12345) >> 16);
		for (int plain = 0; plain < 2; plain++) {
			size_t len = (plain ? text_plain : text_safe)(out, sizeof out,
								      (char *)in, n);

			assert_int_equal(len, strlen(out));
			for (size_t i = 0; i < len; i++)
				assert_true((unsigned char)out[i] >= 0x20 && out[i] != 0x7f);
			/* safe text is safe already */
			cleanup_free char *again = text_safe_dup(out, len);
			assert_string_equal(again, out);
		}
	}
}

static void widths(void **state)
{
	(void)state;
	if (!text_utf8_locale())
		skip();
	assert_int_equal(text_width(""), 0);
	assert_int_equal(text_width("abc"), 3);
	assert_int_equal(text_width("\xc3\xbc"), 1);
	assert_int_equal(text_width("\xe6\xbc\xa2\xe5\xad\x97"), 4);
	assert_int_equal(text_width("e\xcc\x81"), 1); /* a combining accent */
}

static void fits(void **state)
{
	static const struct {
		const char *in;
		int cells;
		const char *out;
		int used;
	} rows[] = {
		{ "abc", 3, "abc", 3 },
		{ "abc", 9, "abc", 3 },
		{ "abcd", 3, "ab+", 3 },
		{ "abcd", 1, "+", 1 },
		{ "abcd", 0, "", 0 },
		{ "abcd", -1, "", 0 },
		{ "", 0, "", 0 },
		{ "", 5, "", 0 },
		{ "\xe6\xbc\xa2\xe5\xad\x97", 4, "\xe6\xbc\xa2\xe5\xad\x97", 4 },
		{ "\xe6\xbc\xa2\xe5\xad\x97", 3, "\xe6\xbc\xa2+", 3 },
		{ "\xe6\xbc\xa2\xe5\xad\x97", 2, "+", 1 }, /* half a character does not go */
		{ "e\xcc\x81x", 2, "e\xcc\x81x", 2 },
		{ "e\xcc\x81xy", 2, "e\xcc\x81+", 2 },
	};

	(void)state;
	if (!text_utf8_locale())
		skip();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char out[64];

		assert_int_equal(text_fit(out, sizeof out, rows[i].in, rows[i].cells), rows[i].used);
		assert_string_equal(out, rows[i].out);
	}
}

/* A buffer smaller than the text: still told by '+', still whole characters. */
static void fits_a_small_buffer(void **state)
{
	char out[6];

	(void)state;
	assert_int_equal(text_fit(out, sizeof out, "abcdefghij", 20), 5);
	assert_string_equal(out, "abcd+");
	assert_int_equal(text_fit(out, sizeof out, "abc\xc3\xbcz", 20), 4);
	assert_string_equal(out, "abc+");
	assert_int_equal(text_fit(out, 6, "abcde", 20), 5);
	assert_string_equal(out, "abcde");
	assert_int_equal(text_fit(out, 1, "abc", 20), 0);
	assert_string_equal(out, "");
}

static void names(void **state)
{
	char name[130];

	(void)state;
	assert_true(text_is_name("a", true));
	assert_true(text_is_name("A-z_09", true));
	assert_true(text_is_name("-a", false));
	assert_false(text_is_name("-a", true));
	assert_false(text_is_name("_a", true));
	assert_false(text_is_name("", false));
	assert_false(text_is_name("a b", false));
	assert_false(text_is_name("a.b", false));
	assert_false(text_is_name("a/b", false));
	assert_false(text_is_name("\xc3\xbc", false));
	memset(name, 'x', sizeof name);
	name[128] = '\0';
	assert_true(text_is_name(name, true));
	name[128] = 'x';
	name[129] = '\0';
	assert_false(text_is_name(name, true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(safe_text),	      cmocka_unit_test(plain_text),
		cmocka_unit_test(cut_at_a_character), cmocka_unit_test(random_bytes),
		cmocka_unit_test(widths),	      cmocka_unit_test(fits),
		cmocka_unit_test(fits_a_small_buffer), cmocka_unit_test(names),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
