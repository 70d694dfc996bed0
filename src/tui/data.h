#ifndef TUI_DATA_H
#define TUI_DATA_H
#include <stdint.h>
#include "jobdeck/client/client.h"
#include "snap.h"

/* Keeps a snapshot up to date without ever waiting: a long poll (JobdeckWatch) tells that
 * something changed, then the overview, the jobs of the queue one looks at, and the job one
 * looks at are asked for. What was known stays until something newer came. */
struct data;

/* `gap_ms`: least time between two looks, however much changes. */
struct data *data_new(struct client *client /* borrowed */, int gap_ms);
void data_free(struct data *d);

const struct snap *data_snap(const struct data *d);
unsigned data_version(const struct data *d); /* grows when the snapshot changed */

void data_queue(struct data *d, const char *name); /* whose jobs are wanted */
void data_job(struct data *d, const char *id);	   /* whose details are; "" or NULL: none */
void data_refresh(struct data *d);		   /* look again now */

/* Starts the calls that are due. `now` is time_mono(). */
void data_turn(struct data *d, int64_t now);
/* When to call data_turn again though nothing came: ms from now, or -1. */
int data_due(const struct data *d, int64_t now);

enum freshness { FRESH_NOTHING, FRESH_LIVE, FRESH_OLD, FRESH_LOST };
/* How old what one sees is, and the words for the status row. */
enum freshness data_freshness(const struct data *d, char *text, size_t size);

#endif
