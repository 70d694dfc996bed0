#ifndef TUI_TABLE_H
#define TUI_TABLE_H
#include <stdbool.h>
#include <stdint.h>
#include "grid.h"

/* Columns that share a width. Widths depend on the room only, never on the rows, so that
 * nothing jumps when data comes. */
struct column {
	const char *title; /* N_() */
	int min, max;	   /* cells; max 0: as min */
	int weight;	   /* share of what is left over */
	int drop;	   /* 0: always there; else the highest goes first when room is short */
	bool right;
};
enum { TABLE_MAX = 16 };

/* Sets width[i] for n columns in `room` cells; 0: left out. One blank stands between two, two
 * where a column that ends right meets one that begins left. */
void table_fit(const struct column *c, int n, int room, int width[TABLE_MAX]);
void table_head(struct grid *g, int row, int col, const struct column *c, int n, const int width[]);
/* Writes one cell of a row; columns that are left out write nothing. */
void table_cell(struct grid *g, int row, int col, const struct column *c, const int width[], int i,
		enum style style, const char *text);
/* Column where cell i begins, from `col` on. */
int table_at(const struct column *c, const int width[], int col, int i);

/* A count in at most `cells` cells: "9999", "12k", "1.2M". Returns buf. */
char *table_count(int64_t n, char *buf, int size);

#endif
