#ifndef CLI_TABLE_H
#define CLI_TABLE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* A table for people: columns as wide as what is in them. On a terminal columns are left out
 * and shrink until a row fits one line; elsewhere nothing is cut and no cell is empty, so
 * that awk can count the fields. */
struct column {
	const char *title; /* N_() */
	bool right;	   /* numbers */
	int least;	   /* may shrink to so many cells; 0: never */
	int drop; /* may be left out, the largest first, or when it says nothing; 0: never */
};

struct table {
	const struct column *columns;
	int column_count;
	char **cells; /* safe for a terminal, row after row */
	size_t count, cap;
};

void table_init(struct table *t, const struct column *columns, int count);
void table_fini(struct table *t);
/* The next cell; NULL and "" become "-". The text may be anything. */
void table_add(struct table *t, const char *text);
void table_addf(struct table *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* `width` in cells; 0: no limit. Prints the titles also when there are no rows. */
void table_print(const struct table *t, FILE *out, int width);
/* The width for a table on `out`: that of the terminal, or 0 when it is none. */
int table_width(FILE *out);

#endif
