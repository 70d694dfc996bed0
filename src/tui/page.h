#ifndef TUI_PAGE_H
#define TUI_PAGE_H
#include <stddef.h>
#include "grid.h"

/* A text that may be longer than the screen: written into a tall grid from top to bottom,
 * of which a part is shown. */
struct page {
	struct grid *g;
	int row; /* next free row */
	int width;
};

enum { PAGE_ROWS = 300 };
void page_init(struct page *p, int width, bool ascii);
void page_fini(struct page *p);
void page_title(struct page *p, bool focus, const char *title);
/* "  label     text", wrapped under itself over at most `lines` rows. The text is from
 * outside and is made safe here. Nothing when the text is NULL or empty. */
void page_field(struct page *p, const char *label, enum style style, int lines, const char *text);
void page_fieldf(struct page *p, const char *label, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* A line of safe text. */
void page_text(struct page *p, enum style style, const char *text);
void page_gap(struct page *p);
/* Bytes of safe text that fit `cells`, broken behind a blank when there is one. */
size_t page_break(const char *text, int cells);
/* Copies the part from row `top` on into r of the grid. */
void page_show(const struct page *p, struct grid *g, struct rect r, int top);

#endif
