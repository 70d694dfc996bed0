#ifndef JOBDECK_BASE_LOG_H
#define JOBDECK_BASE_LOG_H

/* The program's own log, one line an event, English, never translated: time, level, text.
 * It goes to stderr until log_open names a file. Control characters are made harmless. */
enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* Appends to `path` (0600) from now on; keeps one older file, path.1, of at most 1 MiB. On
 * failure stays with stderr and says so. */
void log_open(const char *path);
void log_echo(void); /* from now on every line goes to stderr as well */
void log_level(enum log_level most); /* what is above it is dropped; default LOG_INFO */
void log_line(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)  log_line(LOG_WARNING, __VA_ARGS__)
#define log_info(...)  log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_DEBUG, __VA_ARGS__)

#endif
