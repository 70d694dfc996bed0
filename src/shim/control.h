#ifndef SHIM_CONTROL_H
#define SHIM_CONTROL_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "jobdeck/shim/proto.h"

/* The connection to the server: fd 4 at first; when that one is gone, whoever connects to
 * `sock` in the working directory, which is the slot. */
struct control {
	int fd;	      /* -1: nobody */
	int listener; /* -1: none */
	int64_t listen_at; /* monotonic: when to try to listen; JD_NEVER: not wanted or done */
	char said[SHIM_STATE_SIZE]; /* the state lines so far, for who comes later */
	size_t said_len, sent;	    /* and how much of it went out on this connection */
	char in[256]; /* the beginning of a line */
	size_t in_len;
	bool closing; /* the slot is no longer ours: never listen again */
};

void control_init(struct control *c, int fd);
/* Adds to what is said, without sending it yet: each send wakes the server. */
void control_note(struct control *c, const char *line, size_t len);
/* The same, and tells the server all that it was not told yet. */
void control_say(struct control *c, const char *line, size_t len);
/* Reads what came. Calls `line` for each line, without its newline. */
void control_read(struct control *c, void (*line)(void *arg, const char *text), void *arg);
/* Waits at most `ms` for the server to hand over a spec, locked, for another attempt in the
 * slot. Returns its descriptor, or -1: time over, server gone, or `signals` readable. */
int control_take_spec(struct control *c, int signals, int64_t ms);
void control_accept(struct control *c); /* the newest connection replaces the one before */
void control_listen(struct control *c); /* when listen_at has come */
/* No more connections: `sock` is gone when this returns. */
void control_unlisten(struct control *c);

#endif
