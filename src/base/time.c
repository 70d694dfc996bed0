#include "config.h"
#include "jobdeck/base/time.h"
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t clock_ms(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

jd_time time_wall(void)
{
	return clock_ms(CLOCK_REALTIME);
}

int64_t time_mono(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}

char *time_iso(jd_time t, char *buf, size_t size)
{
	int ms = (int)(t % 1000 + 1000) % 1000;
	time_t sec = (t - ms) / 1000;
	struct tm tm;
	size_t n;

	if (!gmtime_r(&sec, &tm)) {
		snprintf(buf, size, "-");
		return buf;
	}
	n = strftime(buf, size, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + n, size - n, ".%03dZ", ms);
	return buf;
}

jd_time time_parse_iso(const char *text, const char **end)
{
	struct tm tm = { 0 };
	const char *p = strptime(text, "%Y-%m-%dT%H:%M:%S.", &tm);
	char again[TIME_ISO_SIZE];
	jd_time t;
	int ms = 0;

	if (!p)
		return -1;
	for (int i = 0; i < 3 && *p >= '0' && *p <= '9'; i++, p++)
		ms = ms * 10 + (*p - '0');
	t = (jd_time)timegm(&tm) * 1000 + ms;
	/* strptime is lenient, and timegm makes the 31st of February a day in March */
	time_iso(t, again, sizeof again);
	if (strncmp(text, again, strlen(again)) != 0)
		return -1;
	if (end)
		*end = text + strlen(again);
	return t;
}

/* A number of exactly `digits` digits, or -1; *p moves behind it. */
static int number(const char **p, int digits)
{
	int n = 0;

	for (int i = 0; i < digits; i++, ++*p) {
		if (**p < '0' || **p > '9')
			return -1;
		n = n * 10 + (**p - '0');
	}
	return n;
}

static bool skip(const char **p, char c)
{
	if (**p != c)
		return false;
	++*p;
	return true;
}

/* The zone at the end of a moment, in seconds east; false: nothing that is one. */
static bool read_zone(const char *p, bool *given, int *east)
{
	int sign = *p == '-' ? -1 : 1, hours, minutes;

	*given = *p != '\0';
	*east = 0;
	if (!*p || (*p == 'Z' && !p[1]))
		return true;
	if (*p != '+' && *p != '-')
		return false;
	p++;
	hours = number(&p, 2);
	skip(&p, ':');
	minutes = *p ? number(&p, 2) : 0;
	*east = sign * (hours * 3600 + minutes * 60);
	return !*p && hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60;
}

/* "14:03", "14:03:22", "14:03:22.118"; *p moves behind it. */
static bool read_time_of_day(const char **p, struct tm *tm, int *ms)
{
	int scale = 100;

	tm->tm_hour = number(p, 2);
	if (tm->tm_hour < 0 || tm->tm_hour > 23 || !skip(p, ':'))
		return false;
	tm->tm_min = number(p, 2);
	if (skip(p, ':'))
		tm->tm_sec = number(p, 2);
	if (tm->tm_sec >= 0 && skip(p, '.'))
		for (; **p >= '0' && **p <= '9'; ++*p, scale /= 10)
			*ms += scale * (**p - '0');
	return tm->tm_min >= 0 && tm->tm_min < 60 && tm->tm_sec >= 0 && tm->tm_sec < 60;
}

static jd_time read_calendar(const char *p)
{
	struct tm tm = { .tm_isdst = -1 }, asked;
	bool zone = false;
	int ms = 0, east = 0;
	time_t t;

	tm.tm_year = number(&p, 4) - 1900;
	tm.tm_mon = skip(&p, '-') ? number(&p, 2) - 1 : -1;
	tm.tm_mday = skip(&p, '-') ? number(&p, 2) : -1;
	if (tm.tm_year < 70 || tm.tm_mon < 0 || tm.tm_mday < 1)
		return -1;
	if (*p && (!(skip(&p, 'T') || skip(&p, ' ')) || !read_time_of_day(&p, &tm, &ms)))
		return -1;
	if (!read_zone(p, &zone, &east))
		return -1;
	asked = tm;
	t = zone ? timegm(&tm) - east : mktime(&tm);
	/* both make the 31st of February a day in March */
	if (tm.tm_mon != asked.tm_mon || tm.tm_mday != asked.tm_mday || t < 0)
		return -1;
	return (jd_time)t * 1000 + ms;
}

jd_time time_read(const char *text)
{
	size_t n = strspn(text, "0123456789");

	if (n && !text[n])
		return n <= 15 ? (jd_time)strtoll(text, NULL, 10) : -1;
	return read_calendar(text);
}

int64_t time_read_span(const char *text)
{
	static const char units[] = "smhd";
	static const int64_t seconds[] = { 1, 60, 3600, 86400 };
	const int64_t most = INT64_C(100) * 365 * 86400;
	int64_t total = 0;

	if (!*text)
		return -1;
	while (*text) {
		size_t n = strspn(text, "0123456789");
		const char *unit = text[n] ? strchr(units, text[n]) : units;

		if (!n || n > 10 || !unit)
			return -1;
		total += strtoll(text, NULL, 10) * seconds[unit - units];
		if (total > most)
			return -1;
		text += n + (text[n] != '\0');
	}
	return total * 1000;
}

char *time_clock(jd_time t, jd_time now, char *buf, size_t size)
{
	time_t a = t / 1000, b = now / 1000;
	struct tm when, today;

	if (!localtime_r(&a, &when) || !localtime_r(&b, &today)) {
		snprintf(buf, size, "-");
		return buf;
	}
	if (when.tm_year == today.tm_year && when.tm_yday == today.tm_yday)
		strftime(buf, size, "%H:%M:%S", &when);
	else
		strftime(buf, size, "%Y-%m-%d %H:%M", &when);
	return buf;
}

char *time_age(int64_t ms, char *buf, size_t size)
{
	int64_t s = ms < 0 ? 0 : ms / 1000;

	if (s < 60)
		snprintf(buf, size, "%" PRId64 "s", s);
	else if (s < 600)
		snprintf(buf, size, "%" PRId64 "m%02" PRId64 "s", s / 60, s % 60 / 10 * 10);
	else if (s < 3600)
		snprintf(buf, size, "%" PRId64 "m", s / 60);
	else if (s < 48 * 3600)
		snprintf(buf, size, "%" PRId64 "h", s / 3600);
	else
		snprintf(buf, size, "%" PRId64 "d", s / 86400);
	return buf;
}

char *time_span(int64_t ms, char *buf, size_t size)
{
	int64_t s;

	if (ms < 0)
		ms = 0;
	s = ms / 1000;
	if (ms < 10000)
		snprintf(buf, size, "%" PRId64 ".%" PRId64 "s", s, ms % 1000 / 100);
	else if (s < 60)
		snprintf(buf, size, "%" PRId64 "s", s);
	else if (s < 3600)
		snprintf(buf, size, "%" PRId64 "m%02" PRId64 "s", s / 60, s % 60);
	else if (s < 48 * 3600)
		snprintf(buf, size, "%" PRId64 "h%02" PRId64 "m", s / 3600, s / 60 % 60);
	else
		snprintf(buf, size, "%" PRId64 "d%02" PRId64 "h", s / 86400, s / 3600 % 24);
	return buf;
}
