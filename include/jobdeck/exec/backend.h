#ifndef JOBDECK_EXEC_BACKEND_H
#define JOBDECK_EXEC_BACKEND_H
#include <stdbool.h>
#include "jobdeck/base/err.h"
#include "jobdeck/base/time.h"
#include "jobdeck/loop/loop.h"

/* A way to run attempts. Add one: write exec/NAME.c and add a row to the table in
 * exec/backend.c. Calls never block; what happens is told through `notify`, always from the
 * loop, never from inside a call. An attempt is named by its slot while it lives. */
struct attempt_end {
	jd_time at;
	int exit_code;		/* -1: none */
	const char *status_reason; /* model/reason.h, never NULL */
	const char *reason;	/* container.reason or NULL */
	bool timed_out;
	bool stopped;		/* because backend.stop asked */
};

struct backend_notify {
	void (*started)(void *arg, int64_t job, int attempt, jd_time at);
	/* Also for attempts that could not be started, and that were lost. Once each. */
	void (*ended)(void *arg, int64_t job, int attempt, const struct attempt_end *end);
	void *arg;
};

struct launch { /* one attempt, everything resolved; borrowed for the call */
	int64_t job;
	const char *job_id;
	int attempt, slot;
	const char *image;
	char *const *argv, *const *envp; /* envp: whole, "K=V" */
	const char *directory;
	const char *log;
	int64_t log_max;
	int64_t timeout_ms; /* 0: none */
	int grace_ms;
	jd_time placed; /* before this boot of the machine: an attempt that seems never to have
			 * been started is lost instead, for its traces may be. 0: not known */
};

struct backend_config {
	struct loop *loop;
	struct backend_notify notify;
	const char *run_dir;
	const char *shim; /* path of jobdeck-shim */
	const char *fake; /* backend "fake": its script, see below; NULL: defaults */
};

struct backend {
	const char *name; /* "host", "fake" */
	/* Does an image of this name run here? "host" takes "host"; the first row that says
	 * yes gets the attempt. */
	bool (*takes)(const char *image);
	void *(*open)(const struct backend_config *config, struct err *err);
	void (*close)(void *self); /* attempts go on */
	/* Starts an attempt. Takes what is short for a moment (descriptors, processes) up to
	 * 10 s to be there. Must be safe to call again for one that may already be running
	 * (restart relies on it): then it picks that one up. Never fails: a failure to start
	 * is told by notify.ended with REASON_START_FAILED. */
	void (*start)(void *self, const struct launch *what);
	/* SIGTERM now, SIGKILL after so long; asked again, the earlier end counts. Unknown slots
	 * are ignored. */
	void (*stop)(void *self, int64_t job, int attempt, int slot, bool timeout, int grace_ms);
	/* Descriptors and bookkeeping in use for attempts; 0 when quiet. */
	int (*active)(const void *self);
};

extern const struct backend backend_host, backend_fake;
/* Every backend; the first that takes an image gets the attempt. */
enum { BACKEND_COUNT = 2 };
extern const struct backend *const backend_table[BACKEND_COUNT];
const struct backend *backend_find(const char *name);	    /* NULL: none */
const struct backend *backend_for_image(const char *image); /* NULL: none takes it */

/* Backend "fake" runs nothing: an attempt is only time that passes. Its script is words:
 *
 *	start=MS | start=MIN-MAX   from placed to started (0)
 *	run=MS | run=MIN-MAX       from started to ended (0)
 *	exit=CODE                  exit code (0)
 *	fail=PERCENT%              this share of the attempts ends with exit code 1 instead
 *	seed=NUMBER                of what is random: the same seed, job and attempt always
 *				   do the same
 *	reason=TEXT                container.reason
 *	startfail                  it cannot be started
 *	lose                       its host is lost after `run`
 *	stubborn                   ignores SIGTERM: a stop takes the whole grace, then 137
 *
 * An attempt whose argv begins with "fake" is steered by the words after it, over the
 * script. Times count from launch.placed (from now when that is 0), so an attempt that is
 * started again after a restart ends when it would have ended anyway. */

#endif
