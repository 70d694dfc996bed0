#ifndef TUI_EDIT_H
#define TUI_EDIT_H
#include <stdbool.h>
#include <stddef.h>
#include "grid.h"

/* One line of text being typed. What is kept is safe text: control characters and bytes
 * that are no characters never get in. */
enum { EDIT_SIZE = 1024 };
struct edit {
	char text[EDIT_SIZE];
	size_t cursor; /* byte offset, at a character */
	bool touched;  /* the user changed it */
};

void edit_set(struct edit *e, const char *text); /* cursor at the end; not touched */
/* True when the key meant something to a line of text. Enter, Esc, Tab, Up and Down never
 * do. */
bool edit_key(struct edit *e, int key);
/* Draws the text in `width` cells, scrolled so that the cursor is seen, and puts the
 * hardware cursor there when `focus`. */
void edit_draw(const struct edit *e, struct grid *g, int row, int col, int width, enum style style,
	       bool focus);

#endif
