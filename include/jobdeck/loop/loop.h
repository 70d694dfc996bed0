#ifndef JOBDECK_LOOP_LOOP_H
#define JOBDECK_LOOP_LOOP_H
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "jobdeck/base/err.h"

/* The event loop (libuv) and child processes. One thread; callbacks may add and remove
 * anything, themselves included. */
struct loop;
enum { LOOP_READ = 1, LOOP_WRITE = 2 };

struct loop *loop_new(struct err *err);
void loop_free(struct loop *l); /* whatever is still registered is dropped; accepts NULL */
void loop_run(struct loop *l);	/* until loop_stop */
void loop_stop(struct loop *l);
/* One round: waits at most timeout_ms (-1: no limit, 0: not at all), runs what is ready.
 * What loop_before_sleep registered runs before the wait and again before the return. */
void loop_turn(struct loop *l, int timeout_ms);
/* To nest the loop in another poll: wait for this fd to be readable, or for at most
 * loop_timeout milliseconds (-1: no limit), then loop_turn(l, 0). After calls from outside
 * of the loop that changed something, loop_turn(l, 0) once before the wait. */
int loop_fd(const struct loop *l);
int loop_timeout(const struct loop *l);

/* Calls `cb` whenever `fd` is ready for one of `events`, also on error and hang-up (then
 * read or write tells). Makes fd non-blocking. NULL with errno when fd is of a kind that
 * cannot be waited for (EPERM: a regular file) or is watched already (EEXIST). */
struct loop_watch;
struct loop_watch *loop_watch(struct loop *l, int fd, int events,
			      void (*cb)(void *arg, int events), void *arg);
void loop_watch_events(struct loop_watch *w, int events); /* 0: pause */
/* Before the close of fd, which is the caller's; accepts NULL. */
void loop_unwatch(struct loop_watch *w);

struct loop_timer;
struct loop_timer *loop_timer(struct loop *l, void (*cb)(void *arg), void *arg); /* not set */
void loop_timer_set(struct loop_timer *t, int64_t ms); /* once, in ms from now; again: replaces */
void loop_timer_unset(struct loop_timer *t);
void loop_timer_free(struct loop_timer *t); /* accepts NULL */

void loop_signal(struct loop *l, int signo, void (*cb)(void *arg, int signo), void *arg);

/* Runs once in every turn, after its callbacks and before the wait: commit, then answer.
 * If `cb` returns true there is more to do and the next wait does not block. */
struct loop_hook;
struct loop_hook *loop_before_sleep(struct loop *l, bool (*cb)(void *arg), void *arg);
void loop_hook_free(struct loop_hook *h); /* not needed before loop_free; accepts NULL */

/* Starts a process by posix_spawn: default signal dispositions, empty mask, a session of
 * its own, stdin from and stdout and stderr to /dev/null. fds[i] becomes descriptor 3 + i;
 * nothing else is inherited as long as the rest of the program opens with O_CLOEXEC.
 * `exited` (may be NULL) runs once, from the loop, with the wait status. Returns the pid or
 * -1. The loop reaps every child of this process. */
struct loop_spawn {
	const char *path;
	char *const *argv, *const *envp; /* envp NULL: this process's */
	const int *fds;
	int fd_count;
	void (*exited)(void *arg, pid_t pid, int status);
	void *arg;
};
pid_t loop_spawn(struct loop *l, const struct loop_spawn *what, struct err *err);
/* Lets this process have `want` open descriptors, as far as the system allows; what loop_spawn
 * starts gets the limit that was before. Returns the limit that is now. */
int loop_descriptors(int want);
/* Forgets the callback; the child is still reaped. */
void loop_forget_child(struct loop *l, pid_t pid);

#endif
