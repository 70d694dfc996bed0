#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "jobdeck/base/mem.h"
#include "jobdeck/base/time.h"
#include "jobdeck/base/uuid.h"

/* Times as text and back, durations for people, ids that sort. */

static void iso_round_trip(void **state)
{
	static const struct {
		jd_time t;
		const char *text;
	} rows[] = {
		{ 0, "1970-01-01T00:00:00.000Z" },
		{ 1, "1970-01-01T00:00:00.001Z" },
		{ 1795305802118, "2026-11-22T00:03:22.118Z" },
		{ 951827696999, "2000-02-29T12:34:56.999Z" },
		{ 4102444799999, "2099-12-31T23:59:59.999Z" },
		{ -2, "1969-12-31T23:59:59.998Z" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char buf[TIME_ISO_SIZE], more[64];
		const char *end = NULL;

		assert_ptr_equal(time_iso(rows[i].t, buf, sizeof buf), buf);
		assert_string_equal(buf, rows[i].text);
		snprintf(more, sizeof more, "%s rest", buf);
		assert_true(time_parse_iso(more, &end) == rows[i].t);
		assert_string_equal(end, " rest");
		assert_true(time_parse_iso(buf, NULL) == rows[i].t);
	}
}

static void iso_extremes_fit(void **state)
{
	char buf[TIME_ISO_SIZE];

	(void)state;
	assert_true(strlen(time_iso(INT64_MAX, buf, sizeof buf)) < sizeof buf);
	assert_true(strlen(time_iso(INT64_MIN / 2, buf, sizeof buf)) < sizeof buf);
}

static void iso_is_strict(void **state)
{
	static const char *const bad[] = {
		"",
		"x",
		"2026",
		"2026-11-22",
		"2026-11-22T14:03:22",
		"2026-11-22T14:03:22Z",
		"2026-11-22T14:03:22.1Z",
		"2026-11-22T14:03:22.11Z",
		"2026-11-22T14:03:22.118",
		"2026-11-22 14:03:22.118Z",
		" 2026-11-22T14:03:22.118Z",
		"2026-1-2T14:03:22.118Z",
		"2026-02-31T14:03:22.118Z",
		"2026-13-01T14:03:22.118Z",
		"2026-11-22T24:03:22.118Z",
		"2026-11-22T14:60:22.118Z",
		"2026-11-22T14:03:60.118Z",
		"2026-11-22T14:03:22.-18Z",
		"2026-11-22T14:03:22. 18Z",
		"2026-11-22T14:03:22.118+01:00",
		"-026-11-22T14:03:22.118Z",
	};
	const char *end = "kept";

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (time_parse_iso(bad[i], &end) != -1)
			fail_msg("\"%s\" was taken", bad[i]);
		assert_string_equal(end, "kept");
	}
}

static void clock_shows_the_date_of_other_days(void **state)
{
	const jd_time t = 1795305802118; /* 2026-11-22T00:03:22 UTC */
	char buf[64];

	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	assert_string_equal(time_clock(t, t + 3600000, buf, sizeof buf), "00:03:22");
	assert_string_equal(time_clock(t, t + 86400000, buf, sizeof buf), "2026-11-22 00:03");
	assert_string_equal(time_clock(t, t + 365 * 86400000LL, buf, sizeof buf),
			    "2026-11-22 00:03");
	setenv("TZ", "XXX-2", 1); /* two hours east */
	tzset();
	assert_string_equal(time_clock(t, t, buf, sizeof buf), "02:03:22");
	setenv("TZ", "UTC", 1);
	tzset();
}

static void ages_and_spans(void **state)
{
	static const struct {
		int64_t ms;
		const char *age, *span;
	} rows[] = {
		{ -5000, "0s", "0.0s" },
		{ 0, "0s", "0.0s" },
		{ 449, "0s", "0.4s" },
		{ 9999, "9s", "9.9s" },
		{ 10000, "10s", "10s" },
		{ 59999, "59s", "59s" },
		{ 60000, "1m00s", "1m00s" },
		{ 259000, "4m10s", "4m19s" },
		{ 599999, "9m50s", "9m59s" },
		{ 600000, "10m", "10m00s" },
		{ 842000, "14m", "14m02s" },
		{ 3599999, "59m", "59m59s" },
		{ 3600000, "1h", "1h00m" },
		{ 11000000, "3h", "3h03m" },
		{ 48 * 3600000LL - 1, "47h", "47h59m" },
		{ 48 * 3600000LL, "2d", "2d00h" },
		{ 1000 * 86400000LL, "1000d", "1000d00h" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char buf[32];

		assert_string_equal(time_age(rows[i].ms, buf, sizeof buf), rows[i].age);
		assert_string_equal(time_span(rows[i].ms, buf, sizeof buf), rows[i].span);
	}
}

static void clocks_run(void **state)
{
	int64_t a = time_mono(), b = time_mono();

	(void)state;
	assert_true(b >= a);
	assert_true(time_wall() > 1700000000000);
}

/* --- ids ---------------------------------------------------------------------------------- */

static void ids_sort_in_the_order_they_were_made(void **state)
{
	char last[UUID_SIZE] = "", id[UUID_SIZE];
	jd_time now = 1795348800000;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		if (i % 1000 == 0)
			now += i % 3000 == 0 ? 1 : -1; /* the clock may be set back */
		uuid_v7(now, id);
		assert_true(uuid_is(id));
		if (strcmp(last, id) >= 0)
			fail_msg("%s after %s", id, last);
		strcpy(last, id);
	}
}

static void ids_tell_their_time(void **state)
{
	char id[UUID_SIZE];
	const jd_time t = 4102444799999;

	(void)state;
	uuid_v7(t, id);
	assert_true(uuid_time(id) == t);
	assert_int_equal(id[14], '7');
	assert_non_null(strchr("89ab", id[19]));
	uuid_v4(id);
	assert_true(uuid_is(id));
	assert_int_equal(id[14], '4');
	assert_non_null(strchr("89ab", id[19]));
	assert_true(uuid_time(id) == -1);
	assert_true(uuid_time("nonsense") == -1);
}

static void ids_differ(void **state)
{
	char a[UUID_SIZE], b[UUID_SIZE];

	(void)state;
	uuid_v4(a);
	uuid_v4(b);
	assert_string_not_equal(a, b);
}

static void ids_are_recognized(void **state)
{
	static const char *const bad[] = {
		"",
		"x",
		"01930000-aaaa-7000-8000-00000000000",
		"01930000-aaaa-7000-8000-0000000000000",
		"01930000-AAAA-7000-8000-000000000000",
		"01930000aaaa-7000-8000-0000000000000",
		"01930000-aaaa-7000-8000-00000000000g",
		"--------------------------------- --",
	};

	(void)state;
	assert_true(uuid_is("01930000-aaaa-7000-8000-000000000000"));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(uuid_is(bad[i]));
}

static void moments_are_read(void **state)
{
	static const struct {
		const char *text;
		jd_time t;
	} cases[] = {
		{ "0", 0 },
		{ "1795356202118", INT64_C(1795356202118) },
		{ "2026-11-22T14:03:22.118Z", INT64_C(1795356202118) },
		{ "2026-11-22T14:03:22.118999Z", INT64_C(1795356202118) },
		{ "2026-11-22T15:03:22.118+01:00", INT64_C(1795356202118) },
		{ "2026-11-22 08:33:22-0530", INT64_C(1795356202000) },
		{ "2026-11-22T14:03Z", INT64_C(1795356180000) },
		{ "2024-02-29T00:00+00", INT64_C(1709164800000) },
		{ "2023-02-29T00:00Z", -1 },
		{ "2026-13-01", -1 },
		{ "2026-11-22T24:00Z", -1 },
		{ "2026-11-22T14:60Z", -1 },
		{ "2026-11-22T14:03Zulu", -1 },
		{ "2026-11-22T14:03+1", -1 },
		{ "2026-11-22T", -1 },
		{ "1969-12-31T23:59:59Z", -1 },
		{ "26-11-22", -1 },
		{ "tomorrow", -1 },
		{ "", -1 },
		{ "1234567890123456", -1 },
	};
	char again[TIME_ISO_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (time_read(cases[i].text) != cases[i].t)
			fail_msg("%s: %lld", cases[i].text, (long long)time_read(cases[i].text));
	/* Without a zone it is local time, whatever that is here. */
	setenv("TZ", "XXX-2", 1);
	tzset();
	assert_string_equal(time_iso(time_read("2026-11-22 14:03"), again, sizeof again),
			    "2026-11-22T12:03:00.000Z");
	assert_string_equal(time_iso(time_read("2026-11-22"), again, sizeof again),
			    "2026-11-21T22:00:00.000Z");
	unsetenv("TZ");
	tzset();
}

static void spans_are_read(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} cases[] = {
		{ "90", 90000 },    { "90s", 90000 },	{ "10m", 600000 }, { "1h30m", 5400000 },
		{ "2d", 172800000 }, { "0", 0 },	{ "", -1 },	   { "m", -1 },
		{ "10 m", -1 },	    { "-5", -1 },	{ "1.5h", -1 },	   { "1w", -1 },
		{ "36501d", -1 },   { "99999999999", -1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (time_read_span(cases[i].text) != cases[i].ms)
			fail_msg("%s: %lld", cases[i].text,
				 (long long)time_read_span(cases[i].text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(iso_round_trip),
		cmocka_unit_test(iso_extremes_fit),
		cmocka_unit_test(iso_is_strict),
		cmocka_unit_test(clock_shows_the_date_of_other_days),
		cmocka_unit_test(ages_and_spans),
		cmocka_unit_test(clocks_run),
		cmocka_unit_test(moments_are_read),
		cmocka_unit_test(spans_are_read),
		cmocka_unit_test(ids_sort_in_the_order_they_were_made),
		cmocka_unit_test(ids_tell_their_time),
		cmocka_unit_test(ids_differ),
		cmocka_unit_test(ids_are_recognized),
	};

	return cmocka_run_group_tests_name("time", tests, NULL, NULL);
}
