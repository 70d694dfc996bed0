/* Log lines in memory. The window is bounded; what falls out of it is remembered as cut. */
#include "config.h"
#include "logbuf.h"
#include <stdlib.h>
#include <string.h>
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"

enum { DROP = 1000, LOOK_BACK = 64 };

void logbuf_init(struct logbuf *b)
{
	memset(b, 0, sizeof *b);
}

void logbuf_clear(struct logbuf *b)
{
	for (int i = 0; i < b->count; i++)
		free(b->line[i].text);
	b->count = 0;
	b->base = 0;
	b->cut_before = b->cut_after = false;
}

void logbuf_fini(struct logbuf *b)
{
	logbuf_clear(b);
	free(b->line);
}

static struct logline read_event(const cJSON *event)
{
	const char *text = json_str_or(event, "message", "");

	return (struct logline){
		.at = json_int(event, "timestamp", 0),
		.is_err = strcmp(json_str_or(event, "jobdeckStream", ""), "stderr") == 0,
		.open = json_bool(event, "jobdeckContinues", false),
		.text = xstrdup(text),
		.len = strlen(text),
	};
}

/* The open line that a new piece of the same stream goes on with. Two streams may take
 * turns, so it need not be the last one. */
static struct logline *open_line(struct logbuf *b, bool is_err)
{
	for (int i = b->count - 1; i >= 0 && i > b->count - LOOK_BACK; i--)
		if (b->line[i].is_err == is_err)
			return b->line[i].open ? &b->line[i] : NULL;
	return NULL;
}

static size_t last_return(const struct logline *l)
{
	size_t n = l->len;

	while (n > 0 && l->text[n - 1] != '\r')
		n--;
	return n;
}

/* A progress bar may go on for hours: what was written over is let go. */
static void join(struct logline *to, struct logline *more)
{
	if (to->len + more->len > LOGBUF_TEXT_MAX) {
		size_t keep_from = last_return(to);

		memmove(to->text, to->text + keep_from, to->len - keep_from);
		to->len -= keep_from;
	}
	if (to->len + more->len <= LOGBUF_TEXT_MAX) {
		to->text = xrealloc(to->text, to->len + more->len + 1);
		memcpy(to->text + to->len, more->text, more->len + 1);
		to->len += more->len;
	}
	to->open = more->open;
	free(more->text);
}

static void drop_front(struct logbuf *b, int n)
{
	for (int i = 0; i < n; i++)
		free(b->line[i].text);
	memmove(b->line, b->line + n, (size_t)(b->count - n) * sizeof *b->line);
	b->count -= n;
	b->base += n;
	b->cut_before = true;
}

void logbuf_append(struct logbuf *b, const cJSON *events)
{
	const cJSON *event;

	cJSON_ArrayForEach(event, events) {
		struct logline l = read_event(event), *open = open_line(b, l.is_err);

		if (open) {
			join(open, &l);
			continue;
		}
		ARRAY_ROOM(b->line, b->count, b->cap);
		b->line[b->count++] = l;
	}
	if (b->count > LOGBUF_MAX)
		drop_front(b, b->count - LOGBUF_MAX + DROP);
}

void logbuf_prepend(struct logbuf *b, const cJSON *events)
{
	struct logbuf older;
	size_t total;

	logbuf_init(&older);
	logbuf_append(&older, events);
	total = (size_t)older.count + (size_t)b->count;
	older.line = xreallocarray(older.line, total + 1, sizeof *older.line);
	if (b->count)
		memcpy(older.line + older.count, b->line, (size_t)b->count * sizeof *b->line);
	b->base -= older.count;
	free(b->line);
	b->line = older.line;
	b->count = b->cap = (int)total;
	b->cap++;
	while (b->count > LOGBUF_MAX) {
		free(b->line[--b->count].text);
		b->cut_after = true;
	}
}

const struct logline *logbuf_line(const struct logbuf *b, int64_t number)
{
	if (number < b->base || number >= b->base + b->count)
		return NULL;
	return &b->line[number - b->base];
}

/* The last state that something was written in: "50%\r100%\r" ends as "100%". */
static size_t visible_part(const struct logline *l, size_t *end)
{
	size_t from;

	*end = l->len;
	while (*end > 0 && l->text[*end - 1] == '\r')
		--*end;
	for (from = *end; from > 0 && l->text[from - 1] != '\r'; from--)
		;
	return from;
}

char *logline_text(const struct logline *l, bool raw)
{
	size_t end = l->len, from = raw ? 0 : visible_part(l, &end), need;
	char *out;

	if (raw)
		return text_safe_dup(l->text, l->len);
	need = text_plain(NULL, 0, l->text + from, end - from) + 1;
	out = xmalloc(need);
	text_plain(out, need, l->text + from, end - from);
	return out;
}

int logline_folded(const struct logline *l)
{
	size_t end, from = visible_part(l, &end);
	int n = 0;

	for (size_t i = 0; i < from; i++)
		n += l->text[i] == '\r';
	return n;
}
