/* A line editor with the keys every shell has. */
#include "config.h"
#include "edit.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/text.h"
#include "key.h"

void edit_set(struct edit *e, const char *text)
{
	text_safe(e->text, sizeof e->text, text, strlen(text));
	e->cursor = strlen(e->text);
	e->touched = false;
}

static bool continues(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

static size_t before(const struct edit *e, size_t at)
{
	while (at > 0 && continues(e->text[--at]))
		;
	return at;
}

static size_t after(const struct edit *e, size_t at)
{
	if (e->text[at])
		at++;
	while (continues(e->text[at]))
		at++;
	return at;
}

static void cut(struct edit *e, size_t from, size_t to)
{
	memmove(e->text + from, e->text + to, strlen(e->text + to) + 1);
	e->cursor = from;
	e->touched = true;
}

static void insert(struct edit *e, int key)
{
	size_t len = strlen(e->text), n;
	char raw[8] = { 0 }, safe[16];
	unsigned c = (unsigned)key;

	if (c < 0x80)
		raw[0] = (char)c;
	else if (c < 0x800)
		snprintf(raw, sizeof raw, "%c%c", 0xc0 | c >> 6, 0x80 | (c & 63));
	else if (c < 0x10000)
		snprintf(raw, sizeof raw, "%c%c%c", 0xe0 | c >> 12, 0x80 | (c >> 6 & 63),
			 0x80 | (c & 63));
	else
		snprintf(raw, sizeof raw, "%c%c%c%c", 0xf0 | c >> 18, 0x80 | (c >> 12 & 63),
			 0x80 | (c >> 6 & 63), 0x80 | (c & 63));
	n = text_safe(safe, sizeof safe, raw, strlen(raw));
	if (strcmp(raw, safe) != 0 || len + n >= sizeof e->text)
		return;
	memmove(e->text + e->cursor + n, e->text + e->cursor, len - e->cursor + 1);
	memcpy(e->text + e->cursor, safe, n);
	e->cursor += n;
	e->touched = true;
}

static size_t word_before(const struct edit *e)
{
	size_t at = e->cursor;

	while (at > 0 && e->text[at - 1] == ' ')
		at--;
	while (at > 0 && e->text[at - 1] != ' ')
		at--;
	return at;
}

bool edit_key(struct edit *e, int key)
{
	switch (key) {
	case K_LEFT:
	case KEY_CTRL('b'):
		e->cursor = before(e, e->cursor);
		return true;
	case K_RIGHT:
	case KEY_CTRL('f'):
		e->cursor = after(e, e->cursor);
		return true;
	case K_HOME:
	case KEY_CTRL('a'):
		e->cursor = 0;
		return true;
	case K_END:
	case KEY_CTRL('e'):
		e->cursor = strlen(e->text);
		return true;
	case K_BACKSPACE:
		cut(e, before(e, e->cursor), e->cursor);
		return true;
	case K_DELETE:
	case KEY_CTRL('d'):
		cut(e, e->cursor, after(e, e->cursor));
		return true;
	case KEY_CTRL('u'):
		cut(e, 0, e->cursor);
		return true;
	case KEY_CTRL('k'):
		cut(e, e->cursor, strlen(e->text));
		return true;
	case KEY_CTRL('w'):
		cut(e, word_before(e), e->cursor);
		return true;
	}
	if (key < 0x20 || key == 0x7f || key >= KEY_SPECIAL)
		return false;
	insert(e, key);
	return true;
}

/* Cells before byte offset `to`. */
static int cells_until(const char *text, size_t to)
{
	const char *p = text;
	int cells = 0;

	while (*p && p < text + to)
		cells += text_cells(text_next(&p));
	return cells;
}

void edit_draw(const struct edit *e, struct grid *g, int row, int col, int width, enum style style,
	       bool focus)
{
	const char *from = e->text;
	int left = cells_until(e->text, e->cursor);
	int skip = focus && left >= width ? left - width + 1 : 0;
	int skipped = 0;
	char shown[EDIT_SIZE];

	while (skipped < skip && *from)
		skipped += text_cells(text_next(&from));
	text_fit(shown, sizeof shown, from, width);
	grid_text(g, row, col, width, style, shown);
	if (focus)
		grid_cursor(g, row, col + left - skipped, true);
}
