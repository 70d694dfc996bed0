#include "config.h"
#include "jobdeck/base/uri.h"
#include <string.h>
#include "jobdeck/base/buf.h"
#include "jobdeck/base/mem.h"

static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

char *uri_encode(const char *text, const char *keep)
{
	struct buf b;

	buf_init(&b, 3 * strlen(text) + 1);
	for (; *text; text++) {
		if (strchr(plain, *text) || strchr(keep, *text))
			buf_addc(&b, *text);
		else
			buf_addf(&b, "%%%02X", (unsigned char)*text);
	}
	return buf_steal(&b);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte of "%XX"; 0: it is none. */
static int escaped(const char *text, size_t len)
{
	int high = len > 2 ? hex_digit(text[1]) : -1, low = len > 2 ? hex_digit(text[2]) : -1;

	return high < 0 || low < 0 ? 0 : high << 4 | low;
}

char *uri_decode(const char *text, size_t len)
{
	char *out = xmalloc(len + 1);
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		int byte = text[i] == '%' ? escaped(text + i, len - i) : (unsigned char)text[i];

		if (!byte) {
			free(out);
			return NULL;
		}
		i += text[i] == '%' ? 2 : 0;
		out[n++] = (char)byte;
	}
	out[n] = '\0';
	return out;
}

static int pair(char *text, int (*each)(void *arg, const char *name, const char *value), void *arg)
{
	size_t n = strcspn(text, "=");
	cleanup_free char *name = NULL, *value = NULL;

	for (char *p = text; (p = strchr(p, '+'));)
		*p = ' ';
	name = uri_decode(text, n);
	value = uri_decode(text + n + (text[n] == '='), strlen(text + n + (text[n] == '=')));
	return name && value ? each(arg, name, value) : -1;
}

int uri_query_each(const char *query, int (*each)(void *arg, const char *name, const char *value),
		   void *arg)
{
	cleanup_free char *copy = xstrdup(query);
	char *next = copy;

	while (next) {
		char *this = strsep(&next, "&");
		int rc = *this ? pair(this, each, arg) : 0;

		if (rc)
			return rc;
	}
	return 0;
}
