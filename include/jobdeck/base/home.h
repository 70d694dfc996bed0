#ifndef JOBDECK_BASE_HOME_H
#define JOBDECK_BASE_HOME_H
#include <stdbool.h>
#include <stddef.h>
#include "jobdeck/base/err.h"

/* Where everything of one user lives. With --home DIR or JOBDECK_HOME all of it is in DIR;
 * else the XDG places (doc/architecture.md "Home"). All strings are owned by the struct. */
struct home {
	char *dir;	  /* what names this home to the user */
	char *config;	  /* settings file */
	char *db;	  /* SQLite */
	char *keys;	  /* key pairs for requests over TCP (server/keys.h) */
	char *logs;	  /* directory of the jobs' output */
	char *run;	  /* directory of run slots, one per running attempt */
	char *state;	  /* directory: history of prompts, plans saved by the wizard */
	char *sock;	  /* the server's unix socket */
	char *sock_state; /* the server listens here too, so that programs with and without
			   * XDG_RUNTIME_DIR (cron, after a logout) meet; NULL: same as sock */
	char *lock;	  /* held by the server for its life */
	char *server_log; /* what the server says */
	bool named;	  /* dir was named by --home or JOBDECK_HOME */
};

/* `dir` NULL: $JOBDECK_HOME, else XDG. Makes the directories, 0700, and refuses one that
 * others may write. NULL on error. */
struct home *home_open(const char *dir, struct err *err);
void home_free(struct home *h);

/* Takes the home for this process, so that no two engines ever share one. `who` ("server",
 * "embedded") is what others are told. Returns a descriptor that holds the lock until it is
 * closed or the process ends, or -1: ERR_CONFLICT names the process that has the home. */
int home_lock(const struct home *h, const char *who, struct err *err);

/* First in the environment of a server that a command started, and so of its shims: such a
 * process is not part of the job whose command it was, and outlives that job. */
#define SERVER_MARK "JOBDECK_SERVER=1"

/* A path for bind() or connect() that fits sun_path however long `sock` is: `sock` itself,
 * or /proc/self/fd/N/NAME with the directory opened as *fd (else *fd is -1), which the
 * caller closes when done. */
int home_socket_path(const char *sock, char *out, size_t size, int *fd, struct err *err);

#endif
