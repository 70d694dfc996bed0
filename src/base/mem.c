#include "config.h"
#include "jobdeck/base/mem.h"
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static void *need(void *p)
{
	if (!p) {
		fputs("jobdeck: out of memory\n", stderr);
		abort();
	}
	return p;
}

void *xmalloc(size_t size)
{
	return need(malloc(size ? size : 1));
}

void *xcalloc(size_t count, size_t size)
{
	return need(calloc(count ? count : 1, size ? size : 1));
}

void *xaligned(size_t alignment, size_t size)
{
	return need(aligned_alloc(alignment, size));
}

void *xrealloc(void *old, size_t size)
{
	return need(realloc(old, size ? size : 1));
}

void *xreallocarray(void *old, size_t count, size_t size)
{
	return need(reallocarray(old, count ? count : 1, size));
}

char *xstrdup(const char *s)
{
	return s ? need(strdup(s)) : NULL;
}

char *xstrndup(const char *s, size_t max)
{
	return need(strndup(s, max));
}

char *xvasprintf(const char *fmt, va_list ap)
{
	char *s;

	if (vasprintf(&s, fmt, ap) < 0)
		s = need(NULL);
	return s;
}

char *xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = xvasprintf(fmt, ap);
	va_end(ap);
	return s;
}

void str_replace(char **old, const char *s)
{
	char *copy = xstrdup(s);

	free(*old);
	*old = copy;
}
