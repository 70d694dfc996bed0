/* The canonical request: one text for all the ways in which the same request can be written,
 * so that both sides hash the same bytes. */
#include "config.h"
#include "internal.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include "jobdeck/base/mem.h"

static bool is_unreserved(unsigned char c)
{
	return isalnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

static void add_encoded(struct buf *out, unsigned char c)
{
	if (is_unreserved(c))
		buf_addc(out, (char)c);
	else
		buf_addf(out, "%%%02X", c);
}

/* --- path ---------------------------------------------------------------------------- */

/* Takes the last segment off again. */
static void drop_segment(struct buf *path)
{
	while (path->len && path->data[--path->len] != '/')
		continue;
	if (path->data)
		path->data[path->len] = '\0';
}

static void add_segment(struct buf *path, const char *segment, size_t len)
{
	if (len == 0 || (len == 1 && segment[0] == '.'))
		return;
	if (len == 2 && memcmp(segment, "..", 2) == 0) {
		drop_segment(path);
		return;
	}
	buf_addc(path, '/');
	for (size_t i = 0; i < len; i++)
		add_encoded(path, (unsigned char)segment[i]);
}

/* Empty segments, "." and ".." go; what is left is encoded, whether it was before or not. */
static void add_path(struct buf *out, const char *path, size_t len)
{
	struct buf tidy cleanup_buf;
	const char *end = path + len;

	buf_init(&tidy, SIGV4_CANONICAL_MAX);
	for (const char *at = path; at < end;) {
		const char *slash = memchr(at, '/', (size_t)(end - at));
		const char *stop = slash ? slash : end;

		add_segment(&tidy, at, (size_t)(stop - at));
		at = stop + 1;
	}
	if (!tidy.len || end[-1] == '/')
		buf_addc(&tidy, '/');
	buf_add(out, buf_str(&tidy), tidy.len);
	out->full |= tidy.full;
}

/* --- query --------------------------------------------------------------------------- */

struct parameter {
	size_t name, value; /* places in the text */
	const char *n, *v;  /* the same, once the text moves no more */
};

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, tolower((unsigned char)c)) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Encoded once, whether it was before or not. */
static void add_once(struct buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		int high = text[i] == '%' && len - i > 2 ? hex_digit(text[i + 1]) : -1;
		int low = high >= 0 ? hex_digit(text[i + 2]) : -1;

		if (low >= 0) {
			add_encoded(out, (unsigned char)(high << 4 | low));
			i += 2;
		} else {
			add_encoded(out, (unsigned char)text[i]);
		}
	}
	buf_addc(out, '\0');
}

static void take_parameter(struct buf *text, struct parameter *p, const char *at, size_t len)
{
	const char *equals = memchr(at, '=', len);
	size_t name = equals ? (size_t)(equals - at) : len;

	p->name = text->len;
	add_once(text, at, name);
	p->value = text->len;
	add_once(text, at + name + (equals != NULL), len - name - (equals != NULL));
}

static int compare(const void *a, const void *b)
{
	const struct parameter *x = a, *y = b;
	int names = strcmp(x->n, y->n);

	return names ? names : strcmp(x->v, y->v);
}

static int split_query(const char *query, struct buf *text, struct parameter *p, struct err *err)
{
	int n = 0;

	while (*query) {
		size_t len = strcspn(query, "&");

		if (len && n == SIGV4_QUERY_MAX)
			return err_set(err, ERR_INVALID, "The query has more than %d parameters",
				       SIGV4_QUERY_MAX);
		if (len)
			take_parameter(text, &p[n++], query, len);
		query += len + (query[len] == '&');
	}
	return n;
}

static int add_query(struct buf *out, const char *query, struct err *err)
{
	cleanup_free struct parameter *p = xcalloc(SIGV4_QUERY_MAX, sizeof *p);
	struct buf text cleanup_buf;
	int n;

	buf_init(&text, SIGV4_CANONICAL_MAX);
	n = split_query(query, &text, p, err);
	if (n < 0)
		return -1;
	if (text.full)
		return err_set(err, ERR_INVALID, "The query is too long");
	for (int i = 0; i < n; i++) {
		p[i].n = text.data + p[i].name;
		p[i].v = text.data + p[i].value;
	}
	qsort(p, (size_t)n, sizeof *p, compare);
	for (int i = 0; i < n; i++)
		buf_addf(out, "%s%s=%s", i ? "&" : "", p[i].n, p[i].v);
	return 0;
}

/* --- headers ------------------------------------------------------------------------- */

const char *sigv4_header_value(const struct sigv4_request *r, const char *name, int *count)
{
	const char *value = NULL;
	int n = 0;

	for (size_t i = 0; i < r->header_count; i++) {
		if (strcasecmp(r->headers[i].name, name) == 0 && !n++)
			value = r->headers[i].value;
	}
	if (count)
		*count = n;
	return value;
}

/* Without blanks at the ends; those between become one. */
static void add_value(struct buf *out, const char *value)
{
	bool blank = false, begun = false;

	for (; *value; value++) {
		if (isspace((unsigned char)*value)) {
			blank = begun;
			continue;
		}
		if (blank)
			buf_addc(out, ' ');
		buf_addc(out, *value);
		blank = false;
		begun = true;
	}
}

/* All headers of that name, in their order. */
static int add_header(struct buf *out, const struct sigv4_request *r, const char *name, size_t len,
		      struct err *err)
{
	int n = 0;

	buf_add(out, name, len);
	buf_addc(out, ':');
	for (size_t i = 0; i < r->header_count; i++) {
		const struct sigv4_header *h = &r->headers[i];

		if (strncasecmp(h->name, name, len) != 0 || h->name[len])
			continue;
		if (n++)
			buf_addc(out, ',');
		add_value(out, h->value);
	}
	buf_addc(out, '\n');
	return n ? 0 :
		   err_set(err, ERR_INVALID, "The signed header '%.*s' is not in the request",
			   (int)(len < 100 ? len : 100), name);
}

static int add_headers(struct buf *out, const struct sigv4_request *r, const char *names,
		       size_t len, struct err *err)
{
	const char *end = names + len;

	if (r->header_count > SIGV4_HEADERS_MAX)
		return err_set(err, ERR_INVALID, "The request has more than %d headers",
			       SIGV4_HEADERS_MAX);
	for (int n = 0; names < end; n++) {
		const char *stop = memchr(names, ';', (size_t)(end - names));

		if (n == SIGV4_HEADERS_MAX)
			return err_set(err, ERR_INVALID, "More than %d headers are signed",
				       SIGV4_HEADERS_MAX);
		if (!stop)
			stop = end;
		if (add_header(out, r, names, (size_t)(stop - names), err))
			return -1;
		names = stop + 1;
	}
	return 0;
}

/* --- all of it ----------------------------------------------------------------------- */

int sigv4_canonical(const struct sigv4_request *r, const char *signed_headers, size_t signed_len,
		    struct buf *out, struct err *err)
{
	size_t path = strcspn(r->target, "?");
	char hash[SIGV4_HEX_SIZE];

	buf_adds(out, r->method);
	buf_addc(out, '\n');
	add_path(out, r->target, path);
	buf_addc(out, '\n');
	if (r->target[path] && add_query(out, r->target + path + 1, err))
		return -1;
	buf_addc(out, '\n');
	if (add_headers(out, r, signed_headers, signed_len, err))
		return -1;
	buf_addc(out, '\n');
	buf_add(out, signed_headers, signed_len);
	buf_addc(out, '\n');
	sha256_hex(r->body, r->len, hash);
	buf_adds(out, hash);
	return out->full ? err_set(err, ERR_INVALID, "The request is too large to be signed") : 0;
}
