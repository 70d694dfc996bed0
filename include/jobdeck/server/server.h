#ifndef JOBDECK_SERVER_SERVER_H
#define JOBDECK_SERVER_SERVER_H
#include "jobdeck/engine/engine.h"

/* `jobdeck serve`: loop + engine + API + HTTP on the home's unix socket, and over TCP where it
 * is told to listen. Blocks until it is
 * told to stop (SIGTERM, SIGINT, JobdeckStop), has been idle, or a commit failed. Running
 * jobs go on in every case. Requests it had not answered by then are told so (503, "nothing
 * was done"); none is dropped silently. */
struct server_options {
	const struct home *home;
	struct engine_options engine; /* its home is filled in */
	/* Leave after so long without a client and a live job; 0: never. One that listens over
	 * TCP stays, for nobody could start it again from there, unless `idle_always`. */
	int idle_ms;
	bool idle_always;
	const char *listen;   /* addresses with commas between; NULL, "": none so far */
	bool listen_must;     /* it is a failure when one of them is not to be had */
	bool listen_anywhere; /* also where other machines can reach it */
	bool foreground; /* log to stderr as well as say "ready" on it */
	/* A descriptor for whoever started this, -1: none. One line is written, then it is
	 * closed: "ready" and its URLs when the server answers, "taken TEXT" when another one has this
	 * home, "failed TEXT" when it cannot start. */
	int ready_fd;
};
/* Returns an exit code: 0 stopped, 1 failed, 75 another server has this home. */
int server_run(const struct server_options *o);
enum { SERVER_ALREADY = 75 };

#endif
