#ifndef TUI_LOGBUF_H
#define TUI_LOGBUF_H
#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include "jobdeck/base/time.h"

/* A window of a job's output. Lines are numbered from `base` on and keep their number when
 * others are dropped or put before them, so a reader's place stays true. */
enum { LOGBUF_MAX = 10000, LOGBUF_TEXT_MAX = 64 * 1024 };

struct logline {
	jd_time at;
	bool is_err, open; /* open: no newline yet, more of it may come */
	char *text;	   /* as the job wrote it: not safe for a terminal */
	size_t len;
};

struct logbuf {
	struct logline *line;
	int count, cap;
	int64_t base;		    /* number of line[0] */
	bool cut_before, cut_after; /* lines were dropped from the window on that side */
};

void logbuf_init(struct logbuf *b);
void logbuf_fini(struct logbuf *b);
void logbuf_clear(struct logbuf *b);
/* Events of GetLogEvents. What goes on with an open line of the same stream joins it. */
void logbuf_append(struct logbuf *b, const cJSON *events);
void logbuf_prepend(struct logbuf *b, const cJSON *events);
const struct logline *logbuf_line(const struct logbuf *b, int64_t number); /* NULL: not here */

/* A line for the screen. Folded: what carriage returns wrote over and control sequences are
 * left out. Raw: all of it, with control characters shown. Safe text; caller frees. */
char *logline_text(const struct logline *l, bool raw);
/* How many states of a progress bar folding leaves out. */
int logline_folded(const struct logline *l);

#endif
