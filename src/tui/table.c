/* Sharing a row among columns. */
#include "config.h"
#include "table.h"
#include <inttypes.h>
#include <stdio.h>
#include "jobdeck/base/i18n.h"

/* Cells between column i and what is left of it; the first has nothing left of it. */
static int gap(const struct column *c, const int width[], int i)
{
	for (int k = i - 1; k >= 0; k--)
		if (width[k])
			return c[k].right && !c[i].right ? 2 : 1;
	return 0;
}

static int needed(const struct column *c, int n, const int width[])
{
	int sum = 0;

	for (int i = 0; i < n; i++)
		if (width[i])
			sum += c[i].min + gap(c, width, i);
	return sum;
}

/* Leaves out the column that matters least. False when none may go. */
static bool drop_one(const struct column *c, int n, int width[])
{
	int worst = -1;

	for (int i = 0; i < n; i++)
		if (width[i] && c[i].drop && (worst < 0 || c[i].drop > c[worst].drop))
			worst = i;
	if (worst >= 0)
		width[worst] = 0;
	return worst >= 0;
}

/* Hands the cells that are left over to the columns by weight, none above its maximum. */
static void grow(const struct column *c, int n, int left, int width[])
{
	while (left > 0) {
		int weights = 0, given = 0;

		for (int i = 0; i < n; i++)
			if (width[i] && width[i] < c[i].max)
				weights += c[i].weight;
		if (!weights)
			return;
		for (int i = 0; i < n && given < left; i++) {
			int share = left * c[i].weight / weights;

			if (!width[i] || width[i] >= c[i].max || !c[i].weight)
				continue;
			share = share ? share : 1;
			if (share > c[i].max - width[i])
				share = c[i].max - width[i];
			if (share > left - given)
				share = left - given;
			width[i] += share;
			given += share;
		}
		left -= given;
	}
}

void table_fit(const struct column *c, int n, int room, int width[TABLE_MAX])
{
	for (int i = 0; i < n; i++)
		width[i] = 1;
	while (needed(c, n, width) > room && drop_one(c, n, width))
		;
	int left = room - needed(c, n, width);

	for (int i = 0; i < n; i++)
		width[i] = width[i] ? c[i].min : 0;
	grow(c, n, left, width);
}

int table_at(const struct column *c, const int width[], int col, int i)
{
	for (int k = 0; k < i; k++)
		if (width[k])
			col += gap(c, width, k) + width[k];
	return col + gap(c, width, i);
}

void table_cell(struct grid *g, int row, int col, const struct column *c, const int width[], int i,
		enum style style, const char *text)
{
	int at = table_at(c, width, col, i);

	if (!width[i])
		return;
	if (c[i].right)
		grid_right(g, row, at, width[i], style, text);
	else
		grid_text(g, row, at, width[i], style, text);
}

void table_head(struct grid *g, int row, int col, const struct column *c, int n, const int width[])
{
	for (int i = 0; i < n; i++)
		if (*c[i].title) /* "" would ask gettext for its header */
			table_cell(g, row, col, c, width, i, STYLE_PLAIN, _(c[i].title));
}

char *table_count(int64_t n, char *buf, int size)
{
	if (n < 10000)
		snprintf(buf, (size_t)size, "%" PRId64, n);
	else if (n < 1000000)
		snprintf(buf, (size_t)size, "%" PRId64 "k", n / 1000);
	else
		snprintf(buf, (size_t)size, "%" PRId64 ".%" PRId64 "M", n / 1000000,
			 n % 1000000 / 100000);
	return buf;
}
