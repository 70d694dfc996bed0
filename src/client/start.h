#ifndef CLIENT_START_H
#define CLIENT_START_H
#include <stdint.h>
#include "jobdeck/base/buf.h"
#include "jobdeck/base/err.h"
#include "jobdeck/base/home.h"

/* Starts `PROGRAM serve` for a home and watches it come up, without blocking. */
struct starter {
	const struct home *home;
	const char *program; /* borrowed */
	int pid;	     /* a child of ours not yet reaped, or 0 */
	int fd;		     /* it tells here how it goes, or -1 */
	int status;	     /* of pid once reaped */
	struct buf said;
	int64_t begun;
	int64_t log_size; /* when it was started: what is before is of others */
};

enum start_state {
	START_GOING, /* look again when fd is readable, or without fd after START_LOOK_MS */
	START_READY,
	START_TAKEN,  /* another server has the home: connect to that one */
	START_FAILED, /* err says why and names the log */
};
enum { START_LOOK_MS = 5, START_LIMIT_MS = 120 * 1000 };

void starter_init(struct starter *s, const struct home *home, const char *program);
void starter_fini(struct starter *s); /* the server goes on */
int starter_begin(struct starter *s, struct err *err);
enum start_state starter_look(struct starter *s, struct err *err);
/* A server of ours that has ended must not stay a zombie. */
void starter_reap(struct starter *s);

#endif
