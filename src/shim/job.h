#ifndef SHIM_JOB_H
#define SHIM_JOB_H
#include <stdbool.h>
#include <sys/types.h>
#include "jobdeck/shim/proto.h"

/* The job's main process: leader of a process group of its own, killed by the kernel when
 * the shim dies. */
struct job_process {
	pid_t pid;
	int out, err; /* read ends of its stdout and stderr */
};

/* Starts it with default signals, directory and environment of the spec; the command is
 * looked up in the spec's PATH. On failure `why` is container.reason's text. */
int job_start(const struct shim_spec *spec, struct job_process *job, char *why, size_t why_size);

/* Signals the whole group, and the main process also when it has left the group. */
void job_signal(pid_t pid, int signo);

/* Drops what job_start keeps of the spec: to be called before that is freed. */
void job_forget(void);

/* SIGKILL to every child of this process but servers (base/home.h SERVER_MARK). Theirs are
 * adopted and killed next time. Returns how many there were. */
int job_kill_children(void);

#endif
