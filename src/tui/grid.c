/* The screen in memory: characters go in by cells, never by bytes. */
#include "config.h"
#include "grid.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/buf.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"

static const struct {
	uint32_t unicode;
	char ascii;
} glyphs[GLYPH_COUNT] = {
	[GLYPH_LINE] = { 0x2500, '-' },		[GLYPH_HEAVY] = { 0x2501, '=' },
	[GLYPH_VERTICAL] = { 0x2502, '|' },	[GLYPH_TOP_LEFT] = { 0x250c, '+' },
	[GLYPH_TOP_RIGHT] = { 0x2510, '+' },	[GLYPH_BOTTOM_LEFT] = { 0x2514, '+' },
	[GLYPH_BOTTOM_RIGHT] = { 0x2518, '+' }, [GLYPH_BAR_USED] = { 0x2588, '#' },
	[GLYPH_BAR_FREE] = { 0x2591, '.' },
};

struct grid *grid_new(int rows, int cols, bool ascii)
{
	struct grid *g = xcalloc(1, sizeof *g);

	g->rows = rows > 0 ? rows : 1;
	g->cols = cols > 0 ? cols : 1;
	g->ascii = ascii;
	g->cell = xcalloc((size_t)g->rows * (size_t)g->cols, sizeof *g->cell);
	grid_clear(g);
	return g;
}

void grid_free(struct grid *g)
{
	if (g)
		free(g->cell);
	free(g);
}

static void set(struct grid *g, int row, int col, uint32_t c, int cells, enum style style)
{
	struct cell *to = &g->cell[row * g->cols + col];

	memset(to, 0, sizeof *to); /* cells are compared as bytes */
	to->ch[0] = c;
	to->style = (uint8_t)style;
	to->cells = (uint8_t)cells;
}

/* Half of a wide character must not stay behind when the other half is written over. */
static void mend(struct grid *g, int row, int col)
{
	struct cell *at = &g->cell[row * g->cols + col];

	if (at->cells == 0 && col > 0)
		set(g, row, col - 1, ' ', 1, at[-1].style);
	if (at->cells == 2 && col + 1 < g->cols)
		set(g, row, col + 1, ' ', 1, at->style);
}

static void put(struct grid *g, int row, int col, uint32_t c, int cells, enum style style)
{
	if (row < 0 || row >= g->rows || col < 0 || col + cells > g->cols)
		return;
	mend(g, row, col);
	if (cells == 2)
		mend(g, row, col + 1);
	set(g, row, col, c, cells, style);
	if (cells == 2)
		set(g, row, col + 1, 0, 0, style);
}

void grid_clear(struct grid *g)
{
	for (int row = 0; row < g->rows; row++)
		for (int col = 0; col < g->cols; col++)
			set(g, row, col, ' ', 1, STYLE_PLAIN);
	grid_cursor(g, g->rows - 1, 0, false);
}

/* What combines with the character before it shares its cell; a third mark is dropped. */
static void join(struct grid *g, int row, int col, uint32_t c)
{
	struct cell *to;

	if (row < 0 || row >= g->rows || col < 0 || col >= g->cols)
		return;
	to = &g->cell[row * g->cols + col];
	if (to->cells == 0 && col > 0)
		to--;
	if (!to->ch[1])
		to->ch[1] = c;
	else if (!to->ch[2])
		to->ch[2] = c;
}

static uint32_t presentable(const struct grid *g, uint32_t c)
{
	if (c < 0x20 || (c >= 0x7f && c <= 0x9f))
		return '?';
	return g->ascii && c > 0x7e ? '?' : c;
}

int grid_text(struct grid *g, int row, int col, int width, enum style style, const char *text)
{
	bool whole = text_width(text) <= width;
	int room = whole ? width : width - 1, used = 0;
	uint32_t c;

	if (width <= 0)
		return 0;
	while ((c = text_next(&text))) {
		uint32_t shown = presentable(g, c);
		int cells = text_cells(shown);

		if (cells == 0) {
			if (used > 0)
				join(g, row, col + used - 1, shown);
			continue;
		}
		if (used + cells > room)
			break;
		put(g, row, col + used, shown, cells, style);
		used += cells;
	}
	if (!whole)
		put(g, row, col + used++, '+', 1, style);
	return used;
}

int grid_right(struct grid *g, int row, int col, int width, enum style style, const char *text)
{
	int need = text_width(text);

	if (need < width)
		return grid_text(g, row, col + width - need, need, style, text);
	return grid_text(g, row, col, width, style, text);
}

int grid_printf(struct grid *g, int row, int col, int width, enum style style, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return grid_text(g, row, col, width, style, text);
}

void grid_glyph(struct grid *g, int row, int col, enum style style, enum glyph glyph)
{
	uint32_t c = g->ascii ? (uint32_t)glyphs[glyph].ascii : glyphs[glyph].unicode;

	put(g, row, col, c, 1, style);
}

void grid_hline(struct grid *g, int row, int col, int n, enum style style, enum glyph glyph)
{
	for (int i = 0; i < n; i++)
		grid_glyph(g, row, col + i, style, glyph);
}

void grid_vline(struct grid *g, int row, int col, int n, enum style style)
{
	for (int i = 0; i < n; i++)
		grid_glyph(g, row + i, col, style, GLYPH_VERTICAL);
}

void grid_style(struct grid *g, int row, int col, int n, enum style style)
{
	if (row < 0 || row >= g->rows)
		return;
	for (int i = col < 0 ? 0 : col; i < col + n && i < g->cols; i++)
		g->cell[row * g->cols + i].style = (uint8_t)style;
}

void grid_blank(struct grid *g, struct rect r)
{
	for (int row = r.row; row < r.row + r.rows; row++)
		for (int col = r.col; col < r.col + r.cols; col++)
			put(g, row, col, ' ', 1, STYLE_PLAIN);
}

void grid_bar(struct grid *g, int row, int col, int width, double part, double whole)
{
	double share = whole > 0 ? part / whole : 0;
	int used = share >= 1 ? width : share <= 0 ? 0 : (int)(share * width + 0.5);

	if (share > 0 && used == 0)
		used = 1;
	if (share < 1 && used == width && width > 1)
		used--;
	grid_hline(g, row, col, used, STYLE_PLAIN, GLYPH_BAR_USED);
	grid_hline(g, row, col + used, width - used, STYLE_FRAME, GLYPH_BAR_FREE);
}

void grid_box(struct grid *g, struct rect r)
{
	int bottom = r.row + r.rows - 1, right = r.col + r.cols - 1;

	grid_blank(g, r);
	grid_hline(g, r.row, r.col, r.cols, STYLE_FRAME, GLYPH_LINE);
	grid_hline(g, bottom, r.col, r.cols, STYLE_FRAME, GLYPH_LINE);
	grid_vline(g, r.row, r.col, r.rows, STYLE_FRAME);
	grid_vline(g, r.row, right, r.rows, STYLE_FRAME);
	grid_glyph(g, r.row, r.col, STYLE_FRAME, GLYPH_TOP_LEFT);
	grid_glyph(g, r.row, right, STYLE_FRAME, GLYPH_TOP_RIGHT);
	grid_glyph(g, bottom, r.col, STYLE_FRAME, GLYPH_BOTTOM_LEFT);
	grid_glyph(g, bottom, right, STYLE_FRAME, GLYPH_BOTTOM_RIGHT);
}

void grid_cursor(struct grid *g, int row, int col, bool visible)
{
	g->cursor_row = row < 0 ? 0 : row >= g->rows ? g->rows - 1 : row;
	g->cursor_col = col < 0 ? 0 : col >= g->cols ? g->cols - 1 : col;
	g->cursor_visible = visible;
}

static void add_utf8(struct buf *b, uint32_t c)
{
	if (c < 0x80) {
		buf_addc(b, (char)c);
	} else if (c < 0x800) {
		buf_addc(b, (char)(0xc0 | c >> 6));
		buf_addc(b, (char)(0x80 | (c & 0x3f)));
	} else {
		if (c < 0x10000) {
			buf_addc(b, (char)(0xe0 | c >> 12));
		} else {
			buf_addc(b, (char)(0xf0 | c >> 18));
			buf_addc(b, (char)(0x80 | (c >> 12 & 0x3f)));
		}
		buf_addc(b, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_addc(b, (char)(0x80 | (c & 0x3f)));
	}
}

char *grid_row(const struct grid *g, int row)
{
	struct buf b;
	size_t end = 0;

	buf_init(&b, (size_t)g->cols * 12 + 1);
	for (int col = 0; col < g->cols; col++) {
		const struct cell *c = &g->cell[row * g->cols + col];

		for (int i = 0; i < 3 && c->ch[i]; i++)
			add_utf8(&b, c->ch[i]);
		if (c->cells && c->ch[0] != ' ')
			end = b.len;
	}
	if (b.data)
		b.data[end] = '\0';
	return buf_steal(&b);
}
