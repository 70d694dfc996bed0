#ifndef TUI_GRID_H
#define TUI_GRID_H
#include <stdbool.h>
#include <stdint.h>

/* A screen in memory. Views write here and know no terminal; tty.c puts what changed on the
 * real one. That makes every view a pure function that tests can call.
 *
 * Whatever is written, no control character ever gets into a cell: this is the last gate
 * between bytes from outside and the terminal, behind text_safe. */

/* What a cell means; tty.c has the table of what that looks like. State is always a word
 * too, so nothing is lost without colours. */
enum style {
	STYLE_PLAIN,
	STYLE_BAR,    /* the status row, the only full-width bar */
	STYLE_TITLE,  /* titles, the keys in hints, what one should read first */
	STYLE_FRAME,  /* lines */
	STYLE_SELECT, /* the row under the cursor */
	STYLE_WAIT,   /* RUNNABLE, warnings */
	STYLE_RETRY,  /* RUNNABLE, not for the first time */
	STYLE_START,  /* STARTING */
	STYLE_RUN,    /* RUNNING */
	STYLE_FAIL,   /* FAILED */
	STYLE_MATCH,  /* what a search found */
	STYLE_COUNT
};

/* Signs that exist in Unicode and in ASCII. */
enum glyph {
	GLYPH_LINE,  /* light horizontal line */
	GLYPH_HEAVY, /* heavy horizontal line: the pane that has the keys */
	GLYPH_VERTICAL,
	GLYPH_TOP_LEFT,
	GLYPH_TOP_RIGHT,
	GLYPH_BOTTOM_LEFT,
	GLYPH_BOTTOM_RIGHT,
	GLYPH_BAR_USED,
	GLYPH_BAR_FREE,
	GLYPH_COUNT
};

struct cell {
	uint32_t ch[3]; /* a character and what combines with it; 0 ends */
	uint8_t style;
	uint8_t cells; /* 2: wide; 0: the right half of a wide one */
};

struct grid {
	int rows, cols;
	bool ascii;	   /* only ASCII may be shown */
	struct cell *cell; /* rows * cols */
	int cursor_row, cursor_col;
	bool cursor_visible; /* in text fields; else it is parked, for screen readers */
};

struct rect {
	int row, col, rows, cols;
};

struct grid *grid_new(int rows, int cols, bool ascii);
void grid_free(struct grid *g);
void grid_clear(struct grid *g);

/* Writes safe text from (row, col) on, in at most `width` cells; what does not fit is cut
 * and told by a final '+'. Writing outside the grid does nothing. Returns cells used. */
int grid_text(struct grid *g, int row, int col, int width, enum style style, const char *text);
/* The same, ending at cell col + width - 1. */
int grid_right(struct grid *g, int row, int col, int width, enum style style, const char *text);
/* The same, formatted; at most 1,023 bytes. */
int grid_printf(struct grid *g, int row, int col, int width, enum style style, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));
void grid_glyph(struct grid *g, int row, int col, enum style style, enum glyph glyph);
void grid_hline(struct grid *g, int row, int col, int n, enum style style, enum glyph glyph);
void grid_vline(struct grid *g, int row, int col, int n, enum style style);
/* Gives n cells another style and leaves what is in them. */
void grid_style(struct grid *g, int row, int col, int n, enum style style);
void grid_blank(struct grid *g, struct rect r);
/* A bar of `width` cells of which part/whole is used; at least one cell shows any use. */
void grid_bar(struct grid *g, int row, int col, int width, double part, double whole);
/* A frame around the inside of r. */
void grid_box(struct grid *g, struct rect r);
void grid_cursor(struct grid *g, int row, int col, bool visible);

/* A row as text without trailing blanks; caller frees. For tests and for saving. */
char *grid_row(const struct grid *g, int row);

#endif
