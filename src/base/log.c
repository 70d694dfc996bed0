#include "config.h"
#include "jobdeck/base/log.h"
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "jobdeck/base/fs.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"
#include "jobdeck/base/time.h"

enum { KEEP_BYTES = 1 << 20 };

/* One log a process: state that would otherwise be an argument of every function. */
static struct {
	int fd;
	char *path;
	bool echo;
	enum log_level most;
} the_log = { .fd = STDERR_FILENO, .most = LOG_INFO };

static int open_file(const char *path)
{
	return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

void log_open(const char *path)
{
	int fd = open_file(path);

	if (fd < 0) {
		log_warn("cannot write the log %s: %m", path);
		return;
	}
	if (the_log.path)
		close(the_log.fd);
	str_replace(&the_log.path, path);
	the_log.fd = fd;
}

void log_echo(void)
{
	the_log.echo = true;
}

void log_level(enum log_level most)
{
	the_log.most = most;
}

static void rotate(void)
{
	char *old;
	struct stat st;
	int fd;

	if (!the_log.path || fstat(the_log.fd, &st) || st.st_size < KEEP_BYTES)
		return;
	old = xasprintf("%s.1", the_log.path);
	if (rename(the_log.path, old) == 0 && (fd = open_file(the_log.path)) >= 0) {
		close(the_log.fd);
		the_log.fd = fd;
	}
	free(old);
}

void log_line(enum log_level level, const char *fmt, ...)
{
	static const char *const word[] = { "error", "warning", "info", "debug" };
	char raw[1024], safe[2048], when[TIME_ISO_SIZE], line[2200];
	va_list ap;
	int n;

	if (level > the_log.most)
		return;
	va_start(ap, fmt);
	vsnprintf(raw, sizeof raw, fmt, ap);
	va_end(ap);
	text_safe(safe, sizeof safe, raw, strlen(raw));
	n = snprintf(line, sizeof line, "%s %s: %s\n", time_iso(time_wall(), when, sizeof when),
		     word[level], safe);
	rotate();
	if ((size_t)n >= sizeof line)
		n = sizeof line - 1;
	fs_write_all(the_log.fd, line, (size_t)n);
	if (the_log.echo && the_log.path)
		fs_write_all(STDERR_FILENO, line, (size_t)n);
}
