#include "config.h"
#include "jobdeck/base/text.h"
#include <langinfo.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include "jobdeck/base/mem.h"

/* Decodes one UTF-8 character of at most `len` bytes; 0 when the bytes are not one. We
 * decode ourselves because mbrtowc follows the locale, and jobs write UTF-8 in the C
 * locale too. */
static size_t decode(const unsigned char *s, size_t len, uint32_t *out)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = s[0] < 0x80 ? 1 : s[0] >= 0xf0 && s[0] <= 0xf4 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	uint32_t c;

	if (n == 1) {
		*out = s[0];
		return 1;
	}
	if (s[0] < 0xc2 || s[0] > 0xf4 || len < n)
		return 0;
	c = s[0] & (0xffu >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*out = c;
	return n;
}

/* Characters that change what is around them: bidirectional controls, line and paragraph
 * separators, invisible joiners of other scripts' making, tags, byte order mark. */
static bool is_unsafe(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x061c || c == 0x200e || c == 0x200f ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff ||
	       (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f);
}

struct sink {
	char *out;
	size_t size, len; /* len counts what would have been written */
	bool cut;
	int column;
};

static void put(struct sink *s, const char *text, size_t n, int cells)
{
	if (!s->cut && s->len + n < s->size) {
		memcpy(s->out + s->len, text, n);
		s->out[s->len + n] = '\0';
	} else {
		s->cut = true;
	}
	s->len += n;
	s->column += cells;
}

static int cells_of(uint32_t c)
{
	int w = wcwidth((wchar_t)c);

	return w < 0 ? 1 : w;
}

static void put_character(struct sink *s, const unsigned char *in, size_t n, uint32_t c)
{
	char shown[16];

	if (n == 0) {
		snprintf(shown, sizeof shown, "<%02x>", in[0]);
	} else if (c == '\t') {
		do
			put(s, " ", 1, 1);
		while (s->column % 8);
		return;
	} else if (c < 0x20 || c == 0x7f) {
		snprintf(shown, sizeof shown, "^%c", c == 0x7f ? '?' : (char)(c + '@'));
	} else if (is_unsafe(c)) {
		snprintf(shown, sizeof shown, "<%02x>", (unsigned)c);
	} else {
		put(s, (const char *)in, n, cells_of(c));
		return;
	}
	put(s, shown, strlen(shown), (int)strlen(shown));
}

static void start(struct sink *s, char *out, size_t size)
{
	*s = (struct sink){ .out = out, .size = size };
	if (size)
		out[0] = '\0';
}

size_t text_safe(char *out, size_t size, const char *in, size_t len)
{
	const unsigned char *p = (const unsigned char *)in;
	struct sink s;

	start(&s, out, size);
	for (size_t i = 0; i < len;) {
		uint32_t c = 0;
		size_t n = decode(p + i, len - i, &c);

		put_character(&s, p + i, n, c);
		i += n ? n : 1;
	}
	return s.len;
}

char *text_utf8_dup(const char *in, size_t len)
{
	static const char replacement[] = "\xef\xbf\xbd";
	const unsigned char *p = (const unsigned char *)in;
	char *out = xmalloc(len * (sizeof replacement - 1) + 1), *to = out;

	for (size_t i = 0; i < len;) {
		uint32_t c = 0;
		size_t n = decode(p + i, len - i, &c);

		if (n && c) {
			memcpy(to, p + i, n);
			to += n;
			i += n;
		} else {
			memcpy(to, replacement, sizeof replacement - 1);
			to += sizeof replacement - 1;
			i++;
		}
	}
	*to = '\0';
	return out;
}

char *text_safe_dup(const char *in, size_t len)
{
	size_t need = text_safe(NULL, 0, in, len);
	char *out = xmalloc(need + 1);

	text_safe(out, need + 1, in, len);
	return out;
}

/* Length of the escape sequence at s (which begins with ESC), or 1 when it is none. */
static size_t escape_length(const unsigned char *s, size_t len)
{
	size_t i = 2;

	if (len < 2)
		return 1;
	if (s[1] == '[') {
		while (i < len && s[i] >= 0x20 && s[i] <= 0x3f)
			i++;
		return i < len && s[i] >= 0x40 && s[i] <= 0x7e ? i + 1 : i;
	}
	if (strchr("]PX^_", s[1]) && s[1]) {
		for (; i < len && s[i] != '\n'; i++) {
			if (s[i] == 7)
				return i + 1;
			if (s[i] == 0x1b && i + 1 < len && s[i + 1] == '\\')
				return i + 2;
		}
		return i;
	}
	if (strchr("()*+#% ", s[1]) && s[1])
		return len > 2 ? 3 : len;
	return s[1] >= 0x30 && s[1] <= 0x7e ? 2 : 1;
}

size_t text_plain(char *out, size_t size, const char *in, size_t len)
{
	const unsigned char *p = (const unsigned char *)in;
	struct sink s;

	start(&s, out, size);
	for (size_t i = 0; i < len;) {
		uint32_t c = 0;
		size_t n = decode(p + i, len - i, &c), skip;

		if (c == 0x1b && n && (skip = escape_length(p + i, len - i)) > 1) {
			i += skip;
			continue;
		}
		put_character(&s, p + i, n, c);
		i += n ? n : 1;
	}
	return s.len;
}

int text_cells(uint32_t c)
{
	return cells_of(c);
}

uint32_t text_next(const char **p)
{
	uint32_t c = 0;
	size_t n;

	if (!**p)
		return 0;
	n = decode((const unsigned char *)*p, strnlen(*p, 4), &c);
	*p += n ? n : 1;
	return n ? c : 0xfffd;
}

int text_width(const char *safe)
{
	const unsigned char *p = (const unsigned char *)safe;
	size_t len = strlen(safe);
	int cells = 0;

	for (size_t i = 0; i < len;) {
		uint32_t c = 0;
		size_t n = decode(p + i, len - i, &c);

		cells += n ? cells_of(c) : 1;
		i += n ? n : 1;
	}
	return cells;
}

int text_fit(char *out, size_t size, const char *safe, int cells)
{
	const unsigned char *p = (const unsigned char *)safe;
	size_t len = strlen(safe);
	bool whole = text_width(safe) <= cells && len < size;
	int room = whole ? cells : cells - 1;
	struct sink s;

	start(&s, out, size);
	if (cells <= 0 || size < 2)
		return 0;
	for (size_t i = 0; i < len;) {
		uint32_t c = 0;
		size_t n = decode(p + i, len - i, &c);
		int w = n ? cells_of(c) : 1;

		if (s.column + w > room || s.len + n + !whole >= size)
			break;
		put(&s, safe + i, n ? n : 1, w);
		i += n ? n : 1;
	}
	if (!whole)
		put(&s, "+", 1, 1);
	return s.column;
}

bool text_utf8_locale(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

bool text_is_name(const char *name, bool first_alnum)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	size_t n = strspn(name, letters);

	if (n == 0 || n > 128 || name[n])
		return false;
	return !first_alnum || (name[0] != '-' && name[0] != '_');
}
