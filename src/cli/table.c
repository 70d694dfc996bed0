/* Prints tables: measures, shrinks what may shrink, pads. Cells are counted in screen cells,
 * not bytes. */
#include "config.h"
#include "table.h"
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"

enum { GAP = 2, FALLBACK_WIDTH = 80, NARROWEST = 20 };

void table_init(struct table *t, const struct column *columns, int count)
{
	*t = (struct table){ .columns = columns, .column_count = count };
}

void table_fini(struct table *t)
{
	for (size_t i = 0; i < t->count; i++)
		free(t->cells[i]);
	free(t->cells);
	memset(t, 0, sizeof *t);
}

void table_add(struct table *t, const char *text)
{
	ARRAY_ROOM(t->cells, t->count, t->cap);
	t->cells[t->count++] = text && *text ? text_safe_dup(text, strlen(text)) : xstrdup("-");
}

void table_addf(struct table *t, const char *fmt, ...)
{
	cleanup_free char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	table_add(t, text);
}

int table_width(FILE *out)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size = { 0 };
	int n;

	if (!isatty(fileno(out)))
		return 0;
	if (columns && (n = atoi(columns)) >= NARROWEST)
		return n;
	if (ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col >= NARROWEST)
		return size.ws_col;
	return FALLBACK_WIDTH;
}

/* How a table is laid out for one width. */
struct layout {
	int *widths; /* 0: the column is left out */
	int last;    /* the last column that is there */
};

static int cell_column(const struct table *t, size_t i)
{
	return (int)(i % (size_t)t->column_count);
}

static void measure(const struct table *t, struct layout *l)
{
	for (int c = 0; c < t->column_count; c++)
		l->widths[c] = text_width(_(t->columns[c].title));
	for (size_t i = 0; i < t->count; i++) {
		int c = cell_column(t, i), w = text_width(t->cells[i]);

		if (w > l->widths[c])
			l->widths[c] = w;
	}
}

static bool says_nothing(const struct table *t, int column)
{
	for (size_t i = (size_t)column; i < t->count; i += (size_t)t->column_count)
		if (strcmp(t->cells[i], "-") != 0)
			return false;
	return t->count > 0;
}

/* Cells of a row; `least`: when everything that may shrink has. */
static int row_width(const struct table *t, const struct layout *l, bool least)
{
	int total = -GAP;

	for (int c = 0; c < t->column_count; c++) {
		int w = l->widths[c], most = t->columns[c].least;

		if (w)
			total += GAP + (least && most && w > most ? most : w);
	}
	return total;
}

static void leave_out(const struct table *t, struct layout *l, int room)
{
	for (int c = 0; c < t->column_count; c++)
		if (t->columns[c].drop && says_nothing(t, c))
			l->widths[c] = 0;
	while (row_width(t, l, true) > room) {
		int first = -1;

		for (int c = 0; c < t->column_count; c++)
			if (l->widths[c] && t->columns[c].drop &&
			    (first < 0 || t->columns[c].drop > t->columns[first].drop))
				first = c;
		if (first < 0)
			return;
		l->widths[first] = 0;
	}
}

/* Takes one cell at a time from the widest column that may still shrink. */
static void shrink(const struct table *t, struct layout *l, int room)
{
	for (int over = row_width(t, l, false) - room; over > 0; over--) {
		int widest = -1;

		for (int c = 0; c < t->column_count; c++)
			if (t->columns[c].least && l->widths[c] > t->columns[c].least &&
			    (widest < 0 || l->widths[c] > l->widths[widest]))
				widest = c;
		if (widest < 0)
			return;
		l->widths[widest]--;
	}
}

static void print_cell(const struct table *t, const struct layout *l, int c, const char *text,
		       FILE *out)
{
	size_t size = strlen(text) + 2;
	cleanup_free char *fit = xmalloc(size);
	int left;

	if (l->widths[c]) {
		left = l->widths[c] - text_fit(fit, size, text, l->widths[c]);
		fprintf(out, "%*s%s", t->columns[c].right ? left : 0, "", fit);
		if (c != l->last)
			fprintf(out, "%*s", (t->columns[c].right ? 0 : left) + GAP, "");
	}
	if (c == t->column_count - 1)
		fputc('\n', out);
}

void table_print(const struct table *t, FILE *out, int width)
{
	cleanup_free int *widths = xcalloc((size_t)t->column_count, sizeof *widths);
	struct layout l = { .widths = widths };

	measure(t, &l);
	if (width) {
		leave_out(t, &l, width);
		shrink(t, &l, width);
	}
	for (int c = 0; c < t->column_count; c++)
		if (widths[c])
			l.last = c;
	for (int c = 0; c < t->column_count; c++)
		print_cell(t, &l, c, _(t->columns[c].title), out);
	for (size_t i = 0; i < t->count; i++)
		print_cell(t, &l, cell_column(t, i), t->cells[i], out);
}
