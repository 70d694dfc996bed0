#ifndef JOBDECK_SERVER_SERVER_H
#define JOBDECK_SERVER_SERVER_H
#include "jobdeck/engine/engine.h"

/* `jobdeck serve`: loop + engine + API + HTTP on the home's unix socket. Blocks until it is
 * told to stop (SIGTERM, SIGINT, JobdeckStop), has been idle, or a commit failed. Running
 * jobs go on in every case. Requests it had not answered by then are told so (503, "nothing
 * was done"); none is dropped silently. */
struct server_options {
	const struct home *home;
	struct engine_options engine; /* its home is filled in */
	int idle_ms;	 /* leave after so long without a client, a live job; 0: never */
	bool foreground; /* log to stderr as well as say "ready" on it */
	/* A descriptor for whoever started this, -1: none. One line is written, then it is
	 * closed: "ready" when the server answers, "taken TEXT" when another one has this
	 * home, "failed TEXT" when it cannot start. */
	int ready_fd;
};
/* Returns an exit code: 0 stopped, 1 failed, 75 another server has this home. */
int server_run(const struct server_options *o);
enum { SERVER_ALREADY = 75 };

#endif
