#include "config.h"
#include "jobdeck/base/time.h"
#include <inttypes.h>
#include <stdio.h>
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
