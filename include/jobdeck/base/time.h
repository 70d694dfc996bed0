#ifndef JOBDECK_BASE_TIME_H
#define JOBDECK_BASE_TIME_H
#include <stddef.h>
#include <stdint.h>

typedef int64_t jd_time; /* milliseconds since 1970 UTC, what AWS Batch puts on the wire (ID-1) */
#define JD_NEVER INT64_MAX

/* The only two places that read a clock. Everything below engine/ is told the time. */
jd_time time_wall(void);
int64_t time_mono(void); /* milliseconds, never goes back */

/* "2026-11-22T14:03:22.118Z". Returns buf. */
#define TIME_ISO_SIZE 32
char *time_iso(jd_time t, char *buf, size_t size);
/* Reads what time_iso writes; -1 when the text is not such a time. *end (may be NULL) is
 * set to the first character after it. */
jd_time time_parse_iso(const char *text, const char **end);
/* Reads a moment as people and tools write it: "2026-11-22", "2026-11-22 14:03",
 * "2026-11-22T14:03:22.118+01:00", "...Z", or milliseconds since 1970. Without a zone it is
 * local time. -1: it is no such moment, or one before 1970. */
jd_time time_read(const char *text);
/* Reads a span: "90" (seconds), "90s", "10m", "1h30m", "2d", in milliseconds; at most 100
 * years. -1: it is none. */
int64_t time_read_span(const char *text);
/* Local wall time: "14:03:22", or with the date when `t` is not today. Returns buf. */
char *time_clock(jd_time t, jd_time now, char *buf, size_t size);
/* A duration for people, stepping so that a list of ages rests: 1s steps under a minute,
 * then 10s to 10 minutes, then 1m, then 1h, then days ("42s", "4m10s", "14m", "3h", "2d").
 * Negative durations read "0s". Returns buf. */
char *time_age(int64_t ms, char *buf, size_t size);
/* Same form without steps, for durations that do not move any more: "14m02s", "0.4s". */
char *time_span(int64_t ms, char *buf, size_t size);

#endif
