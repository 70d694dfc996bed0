#ifndef TUI_TAIL_H
#define TUI_TAIL_H
#include <stdbool.h>
#include <stdint.h>
#include "jobdeck/client/client.h"
#include "logbuf.h"

/* Follows one log stream: begins with its newest lines, fetches what comes, and on request
 * what came before. Never waits. */
struct tail;

struct tail *tail_new(struct client *client /* borrowed */, const char *group, const char *stream);
void tail_free(struct tail *t);
const char *tail_stream(const struct tail *t);
const struct logbuf *tail_lines(const struct tail *t);
unsigned tail_version(const struct tail *t);  /* grows when lines came */
bool tail_loaded(const struct tail *t);	      /* the first answer is there */
bool tail_complete(const struct tail *t);     /* all there was, after the job ended */
const char *tail_error(const struct tail *t); /* or NULL */

void tail_before(struct tail *t); /* the lines before the window are wanted */
void tail_head(struct tail *t);	  /* begin again, at the first line of the log */
void tail_end(struct tail *t);	  /* begin again, at its end, if the window lost it */
bool tail_at_head(const struct tail *t);

/* What the reader of a log is at. */
struct tail_reader {
	bool follow;   /* wants new lines as they come */
	bool near_end; /* will soon want those behind the window */
	bool live;     /* the job still runs: more may come */
};
/* Starts what is due. `now` is time_mono(). */
void tail_turn(struct tail *t, int64_t now, struct tail_reader r);
int tail_due(const struct tail *t, int64_t now, struct tail_reader r); /* ms, or -1 */

#endif
