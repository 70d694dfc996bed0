#include "config.h"
#include "jobdeck/base/err.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* snprintf may have cut inside a UTF-8 character: drops what is left of it. */
static void trim_partial_character(char *text)
{
	size_t n = strlen(text), start = n, need;

	while (start > 0 && n - start < 3 && ((unsigned char)text[start - 1] & 0xc0) == 0x80)
		start--;
	if (start == 0 || (unsigned char)text[start - 1] < 0xc0)
		return;
	start--;
	need = (unsigned char)text[start] >= 0xf0 ? 4 : (unsigned char)text[start] >= 0xe0 ? 3 : 2;
	if (n - start < need)
		text[start] = '\0';
}

int err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return -1;
	err->kind = kind;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof err->text, fmt, ap);
	va_end(ap);
	trim_partial_character(err->text);
	return -1;
}

int err_sys(struct err *err, const char *fmt, ...)
{
	int saved = errno;
	char why[128];
	size_t most;
	va_list ap;

	if (!err)
		return -1;
	err->kind = ERR_SYSTEM;
	/* a long path must not push out the reason */
	snprintf(why, sizeof why, ": %s", strerror(saved));
	most = sizeof err->text - strlen(why);
	va_start(ap, fmt);
	vsnprintf(err->text, most, fmt, ap);
	va_end(ap);
	trim_partial_character(err->text);
	memcpy(err->text + strlen(err->text), why, strlen(why) + 1);
	errno = saved;
	return -1;
}

int err_wrap(struct err *err, const char *fmt, ...)
{
	char old[sizeof err->text];
	va_list ap;
	size_t n;

	if (!err)
		return -1;
	memcpy(old, err->text, sizeof old);
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof err->text, fmt, ap);
	va_end(ap);
	n = strlen(err->text);
	snprintf(err->text + n, sizeof err->text - n, ": %s", old);
	trim_partial_character(err->text);
	return -1;
}
