#ifndef TUI_FORM_H
#define TUI_FORM_H
#include <stdbool.h>
#include <stdint.h>
#include "edit.h"
#include "grid.h"

/* Fields under each other, one row each: "Label  [ value ]  hint". A field that is wrong
 * says so in the place of its hint, at once. */
enum field_kind { FIELD_TEXT, FIELD_CHOICE, FIELD_FIXED };
enum { FORM_FIELDS = 12 };

struct field {
	enum field_kind kind;
	const char *label; /* translated, static */
	int width;	   /* cells of the value */
	struct edit edit;  /* FIELD_TEXT; FIELD_FIXED shows its text */
	char **option;	   /* FIELD_CHOICE: owned */
	int option_count, chosen;
	char hint[160], error[160]; /* set by whoever checks; "" none */
};

struct form {
	struct field field[FORM_FIELDS];
	int count, focus;
};

void form_init(struct form *f);
void form_fini(struct form *f);
/* Adds a field and returns its number. */
int form_text(struct form *f, const char *label, int width, const char *value);
int form_choice(struct form *f, const char *label, int width);
int form_fixed(struct form *f, const char *label, const char *value);
void form_option(struct form *f, int field, const char *text);
void form_no_options(struct form *f, int field);	 /* takes them all away */
const char *form_value(const struct form *f, int field); /* borrowed; never NULL */
/* A whole number, or -1 when it is none; `blank` when there is nothing. */
int64_t form_number(const struct form *f, int field, int64_t blank);

/* Tab, arrows, text. True when the key was used. */
bool form_key(struct form *f, int key);
void form_error(struct form *f, int field, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void form_hint(struct form *f, int field, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void form_clear_errors(struct form *f);
/* The first field that is wrong, or -1. */
int form_wrong(const struct form *f);
/* Draws from (row, 0) on in `width` cells, at most `rows` rows, scrolled to the focus.
 * Returns the rows used. */
int form_draw(const struct form *f, struct grid *g, int row, int width, int rows);

#endif
