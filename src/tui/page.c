/* Long texts by rows. */
#include "config.h"
#include "page.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"
#include "scene.h"

void page_init(struct page *p, int width, bool ascii)
{
	p->g = grid_new(PAGE_ROWS, width, ascii);
	p->row = 0;
	p->width = width;
}

void page_fini(struct page *p)
{
	grid_free(p->g);
}

void page_title(struct page *p, bool focus, const char *title)
{
	scene_title(p->g, p->row++, 0, p->width, focus, title);
}

void page_text(struct page *p, enum style style, const char *text)
{
	grid_text(p->g, p->row++, 0, p->width, style, text);
}

void page_gap(struct page *p)
{
	p->row++;
}

size_t page_break(const char *text, int cells)
{
	const char *p = text, *blank = NULL;
	int used = 0;

	while (*p) {
		const char *before = p;
		uint32_t c = text_next(&p);

		used += text_cells(c);
		if (used > cells)
			return (size_t)((blank ? blank : before == text ? p : before) - text);
		if (c == ' ')
			blank = p;
	}
	return (size_t)(p - text);
}

void page_field(struct page *p, const char *label, enum style style, int lines, const char *text)
{
	int at = p->width < 60 ? 12 : 14, room = p->width - at;
	cleanup_free char *safe = text ? text_safe_dup(text, strlen(text)) : NULL;
	const char *rest = safe;

	if (!rest || !*rest || room < 1)
		return;
	grid_text(p->g, p->row, p->width < 60 ? 1 : 2, at - 2, STYLE_PLAIN, label);
	for (int i = 0; i < lines && *rest; i++) {
		size_t n = page_break(rest, room);
		char line[2048];

		if (i == lines - 1)
			n = strlen(rest);
		snprintf(line, sizeof line, "%.*s", (int)n, rest);
		grid_text(p->g, p->row++, at, room, style, line);
		rest += n;
	}
}

void page_fieldf(struct page *p, const char *label, const char *fmt, ...)
{
	char text[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	page_field(p, label, STYLE_PLAIN, 3, text);
}

void page_show(const struct page *p, struct grid *g, struct rect r, int top)
{
	for (int i = 0; i < r.rows && top + i < p->row && top + i < p->g->rows; i++) {
		int cols = r.cols < p->width ? r.cols : p->width;

		memcpy(&g->cell[(r.row + i) * g->cols + r.col], &p->g->cell[(top + i) * p->g->cols],
		       (size_t)cols * sizeof *g->cell);
	}
}
