/* Forms: editing, moving between fields, showing what is wrong where it is wrong. */
#include "config.h"
#include "form.h"
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"
#include "key.h"

void form_init(struct form *f)
{
	memset(f, 0, sizeof *f);
}

void form_no_options(struct form *f, int field)
{
	struct field *at = &f->field[field];

	for (int i = 0; i < at->option_count; i++)
		free(at->option[i]);
	free(at->option);
	at->option = NULL;
	at->option_count = at->chosen = 0;
}

void form_fini(struct form *f)
{
	for (int i = 0; i < f->count; i++)
		form_no_options(f, i);
	f->count = 0;
}

static int add(struct form *f, enum field_kind kind, const char *label, int width)
{
	struct field *to = &f->field[f->count];

	to->kind = kind;
	to->label = label;
	to->width = width;
	return f->count++;
}

int form_text(struct form *f, const char *label, int width, const char *value)
{
	int i = add(f, FIELD_TEXT, label, width);

	edit_set(&f->field[i].edit, value);
	return i;
}

int form_choice(struct form *f, const char *label, int width)
{
	return add(f, FIELD_CHOICE, label, width);
}

int form_fixed(struct form *f, const char *label, const char *value)
{
	int i = add(f, FIELD_FIXED, label, 0);

	edit_set(&f->field[i].edit, value);
	return i;
}

void form_option(struct form *f, int field, const char *text)
{
	struct field *to = &f->field[field];

	to->option = xreallocarray(to->option, (size_t)to->option_count + 1, sizeof *to->option);
	to->option[to->option_count++] = xstrdup(text);
}

const char *form_value(const struct form *f, int field)
{
	const struct field *at = &f->field[field];

	if (at->kind == FIELD_CHOICE)
		return at->option_count ? at->option[at->chosen] : "";
	return at->edit.text;
}

int64_t form_number(const struct form *f, int field, int64_t blank)
{
	const char *text = form_value(f, field);
	char *end;
	long long n;

	if (!*text)
		return blank;
	n = strtoll(text, &end, 10);
	return *end || !isdigit((unsigned char)*text) ? -1 : n;
}

static void move(struct form *f, int by)
{
	for (int i = 0; i < f->count; i++) {
		f->focus = (f->focus + by + f->count) % f->count;
		if (f->field[f->focus].kind != FIELD_FIXED)
			return;
	}
}

/* Letters go to the next option that begins so. */
static bool choice_key(struct field *at, int key)
{
	if (!at->option_count)
		return false;
	if (key == K_RIGHT || key == ' ') {
		at->chosen = (at->chosen + 1) % at->option_count;
		return true;
	}
	if (key == K_LEFT) {
		at->chosen = (at->chosen + at->option_count - 1) % at->option_count;
		return true;
	}
	for (int i = 1; i <= at->option_count && key > ' ' && key < 0x7f; i++) {
		int to = (at->chosen + i) % at->option_count;

		if (tolower((unsigned char)at->option[to][0]) == tolower(key)) {
			at->chosen = to;
			return true;
		}
	}
	return false;
}

bool form_key(struct form *f, int key)
{
	struct field *at = &f->field[f->focus];

	if (key == K_TAB || key == K_DOWN || key == K_BACKTAB || key == K_UP) {
		move(f, key == K_TAB || key == K_DOWN ? 1 : -1);
		return true;
	}
	if (at->kind == FIELD_TEXT)
		return edit_key(&at->edit, key);
	return at->kind == FIELD_CHOICE && choice_key(at, key);
}

void form_error(struct form *f, int field, const char *fmt, ...)
{
	va_list ap;

	if (*f->field[field].error)
		return; /* the first one is the one to tell */
	va_start(ap, fmt);
	vsnprintf(f->field[field].error, sizeof f->field[field].error, fmt, ap);
	va_end(ap);
}

void form_hint(struct form *f, int field, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f->field[field].hint, sizeof f->field[field].hint, fmt, ap);
	va_end(ap);
}

void form_clear_errors(struct form *f)
{
	for (int i = 0; i < f->count; i++)
		f->field[i].error[0] = '\0';
}

int form_wrong(const struct form *f)
{
	for (int i = 0; i < f->count; i++)
		if (*f->field[i].error)
			return i;
	return -1;
}

static int label_width(const struct form *f)
{
	int most = 0;

	for (int i = 0; i < f->count; i++)
		if (text_width(f->field[i].label) > most)
			most = text_width(f->field[i].label);
	return most;
}

static int draw_value(const struct field *at, struct grid *g, int row, int col, int width,
		      bool focus)
{
	enum style style = focus ? STYLE_TITLE : STYLE_PLAIN;
	char text[EDIT_SIZE + 16];

	grid_text(g, row, col, 1, style, "[");
	grid_text(g, row, col + width + 3, 1, style, "]");
	if (at->kind == FIELD_TEXT) {
		edit_draw(&at->edit, g, row, col + 2, width, style, focus);
		return width + 4;
	}
	snprintf(text, sizeof text, "%s", at->option_count ? at->option[at->chosen] : "-");
	grid_text(g, row, col + 2, width - 2, style, text);
	if (at->option_count > 1)
		grid_text(g, row, col + 1 + width, 1, style, focus ? "<" : "v");
	if (at->option_count > 1 && focus)
		grid_text(g, row, col + 2 + width, 1, style, ">");
	if (focus)
		grid_cursor(g, row, col + 2, false);
	return width + 4;
}

static void draw_field(const struct field *at, struct grid *g, int row, int labels, int width,
		       bool focus)
{
	int col = labels + 4, room = width - col, value = at->width;

	grid_text(g, row, 2, labels, focus ? STYLE_TITLE : STYLE_PLAIN, at->label);
	if (at->kind == FIELD_FIXED) {
		grid_text(g, row, col, room, STYLE_PLAIN, at->edit.text);
		return;
	}
	if (value > room - 4)
		value = room - 4;
	if (value < 1)
		return;
	col += draw_value(at, g, row, col, value, focus) + 2;
	if (*at->error)
		grid_printf(g, row, col, width - col, STYLE_FAIL, "! %s", at->error);
	else
		grid_text(g, row, col, width - col, STYLE_PLAIN, at->hint);
}

int form_draw(const struct form *f, struct grid *g, int row, int width, int rows)
{
	int labels = label_width(f), top = f->focus >= rows ? f->focus - rows + 1 : 0, n = 0;

	for (int i = top; i < f->count && n < rows; i++, n++)
		draw_field(&f->field[i], g, row + n, labels, width, i == f->focus);
	return n;
}
