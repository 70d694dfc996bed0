#ifndef JOBDECK_SHIM_PROTO_H
#define JOBDECK_SHIM_PROTO_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "jobdeck/base/err.h"
#include "jobdeck/base/time.h"

/* What the server and jobdeck-shim agree on: one shim per attempt, which outlives the
 * server. A slot is a directory run/N that is used again by later attempts.
 *
 *   run/N/spec   written whole by the server before the spawn: attempt, argv, environment,
 *                limits. The server flocks it; the shim inherits that open file as fd 3.
 *                Locked exactly as long as the shim lives: no pid files, no gap. Bytes after
 *                its end mark are an earlier attempt's and mean nothing.
 *   run/N/state  appended by the shim, one line a step by one write(2). A line without its
 *                newline does not count. The first line is written together with NULs up
 *                to SHIM_STATE_SIZE, over what an earlier attempt left: truncating would
 *                make ext4 write the file out for every attempt, and the room for the last
 *                line is taken before the job starts.
 *                    attempt JOBID NUMBER BOOTID
 *                    running PID TIME_MS
 *                    exited CODE SIGNAL CAUSE TIME_MS TEXT    (CODE -1: none)
 *                By the time the last line can be seen in another place than this file the
 *                lock is free and `sock` is gone, so the slot can be used again at once.
 *   run/N/sock   listening only while the server's end of fd 4 is gone
 *
 * fd 4 is a socketpair to the server that spawned it; a later server connects to `sock`.
 * Both carry lines. Shim to server: the state lines, from the first one on every connection.
 * Server to shim: "stop GRACE_MS CAUSE". SIGTERM to the shim is a stop with the spec's grace.
 * The shim serves one connection at a time; a new one replaces the old.
 *
 * After a clean end the shim waits a moment on that connection for the slot's next attempt:
 * a message with the descriptor of `spec`, locked and written anew, as SCM_RIGHTS. A
 * descriptor on its way holds the lock; one that is not taken is closed, and then the table
 * below says "never started".
 *
 *   lock   state                    meaning
 *   held   any                      alive: connect to sock (if it is not there yet, the shim
 *                                   has not noticed the old server's end: look again)
 *   free   not of this attempt      never started: start it
 *   free   last line exited         ended while nobody looked: take the code
 *   free   anything else            the shim was killed (its job with it): lost
 *   -      of another boot          the machine went down: lost, unless exited
 */
#define SHIM_SPEC_FD	3
#define SHIM_CONTROL_FD 4

/* Words for them in `state` and in "stop": "itself", "stopped", "timeout", "start-failed". */
enum shim_cause { SHIM_BY_ITSELF, SHIM_STOPPED, SHIM_TIMEOUT, SHIM_START_FAILED };
const char *shim_cause_name(enum shim_cause cause);
int shim_cause_parse(const char *name); /* or -1 */

struct shim_spec {
	char job_id[64];
	int attempt;
	char *const *argv, *const *envp; /* NULL-ended */
	const char *directory;		 /* working directory, absolute */
	const char *log;		 /* file of the output, absolute */
	int64_t log_max;		 /* bytes kept of it */
	int64_t timeout_ms;		 /* from start; 0: none */
	int grace_ms;			 /* between SIGTERM and SIGKILL */
	void *memory;			 /* of a parsed spec: what the pointers point into */
};

/* Largest spec: definition, overrides and environment have limits far below it. */
enum { SHIM_SPEC_MAX = 1 << 20, SHIM_STATE_SIZE = 1024 };

/* The spec as bytes (caller frees) and back. A parsed spec points into memory that
 * shim_spec_fini frees. NULL when it would be larger than SHIM_SPEC_MAX. */
char *shim_spec_print(const struct shim_spec *spec, size_t *len);
int shim_spec_parse(const char *text, size_t len, struct shim_spec *out, struct err *err);
void shim_spec_fini(struct shim_spec *spec);

enum shim_stage { SHIM_NONE, SHIM_STARTING, SHIM_RUNNING, SHIM_EXITED };
struct shim_state { /* the state file, folded */
	enum shim_stage stage;
	char job_id[64];
	int attempt;
	char boot_id[64];
	int pid;
	jd_time started, stopped;
	int exit_code; /* 0..255, 128 + signal, or -1 */
	int signal;
	enum shim_cause cause;
	char text[256]; /* of START_FAILED: why */
};
/* The line, with its newline, that leads to state->stage. Returns its length. */
enum { SHIM_LINE_MAX = 512 };
size_t shim_state_print(const struct shim_state *state, char out[SHIM_LINE_MAX]);
/* Folds one line (without newline) into *state; unknown lines are an error. */
int shim_state_line(struct shim_state *state, const char *line, struct err *err);
/* Folds a whole file; a last line without its newline does not count. No line at all is
 * SHIM_NONE, as an error is. */
int shim_state_parse(const char *text, size_t len, struct shim_state *out, struct err *err);

#endif
