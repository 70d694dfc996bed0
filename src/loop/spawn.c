/* Child processes of the loop. posix_spawn, because it shares memory until the exec and so
 * costs the same however large this process is; libuv's own way forks. */
#include "config.h"
#include "loop_private.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <uthash.h>
#include "jobdeck/base/mem.h"

enum { FIRST_FD = 3, FD_MAX = 8 };

struct child {
	pid_t pid;
	void (*exited)(void *arg, pid_t pid, int status);
	void *arg;
	UT_hash_handle hh;
};

static void told_exit(struct loop *l, pid_t pid, int status)
{
	struct child *c, gone;

	HASH_FIND(hh, l->children, &pid, sizeof pid, c);
	if (!c)
		return;
	gone = *c;
	HASH_DEL(l->children, c);
	free(c);
	if (gone.exited)
		gone.exited(gone.arg, pid, status);
}

void spawn_reap(struct loop *l)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		told_exit(l, pid, status);
}

void spawn_fini(struct loop *l)
{
	struct child *c = l->children, *next;

	HASH_CLEAR(hh, l->children);
	for (; c; c = next) {
		next = c->hh.next;
		free(c);
	}
}

void loop_forget_child(struct loop *l, pid_t pid)
{
	struct child *c;

	HASH_FIND(hh, l->children, &pid, sizeof pid, c);
	if (c)
		c->exited = NULL;
}

/* Where the descriptors to hand over are while the child puts them into place: above all
 * places, so that no dup2 destroys the source of a later one. */
struct sources {
	int fd[FD_MAX];
	bool ours[FD_MAX]; /* a copy, to be closed */
	int count;
};

static void sources_fini(struct sources *s)
{
	for (int i = 0; i < s->count; i++) {
		if (s->ours[i])
			close(s->fd[i]);
	}
}

static int sources_init(struct sources *s, const int *fds, int count)
{
	*s = (struct sources){ .count = 0 };
	for (int i = 0; i < count; i++) {
		s->ours[i] = fds[i] < FIRST_FD + FD_MAX;
		s->fd[i] = s->ours[i] ? fcntl(fds[i], F_DUPFD_CLOEXEC, FIRST_FD + FD_MAX) : fds[i];
		if (s->fd[i] < 0) {
			sources_fini(s);
			return -1;
		}
		s->count++;
	}
	return 0;
}

static int set_actions(posix_spawn_file_actions_t *actions, int null_fd, const struct sources *s)
{
	int r = 0;

	for (int fd = 0; !r && fd < FIRST_FD; fd++)
		r = posix_spawn_file_actions_adddup2(actions, null_fd, fd);
	for (int i = 0; !r && i < s->count; i++)
		r = posix_spawn_file_actions_adddup2(actions, s->fd[i], FIRST_FD + i);
	return r;
}

/* What is ignored or blocked here must not be there: an ignored SIGCHLD would make the
 * child's own waits fail. */
static void set_attributes(posix_spawnattr_t *attributes)
{
	sigset_t all, none;

	sigfillset(&all);
	sigemptyset(&none);
	posix_spawnattr_setsigdefault(attributes, &all);
	posix_spawnattr_setsigmask(attributes, &none);
	posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
						     POSIX_SPAWN_SETSID);
}

/* The limit of open descriptors is raised for this process alone: programs that still use
 * select() may not have one that is high. */
static struct rlimit limit_before, limit_now;
static bool limit_raised;

int loop_descriptors(int want)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return want;
	if (!limit_raised)
		limit_before = limit;
	if (limit.rlim_cur < (rlim_t)want) {
		limit.rlim_cur = limit.rlim_max < (rlim_t)want ? limit.rlim_max : (rlim_t)want;
		limit_raised |= setrlimit(RLIMIT_NOFILE, &limit) == 0;
		getrlimit(RLIMIT_NOFILE, &limit);
	}
	limit_now = limit;
	return limit.rlim_cur > INT_MAX ? INT_MAX : (int)limit.rlim_cur;
}

/* posix_spawn with the limit that was before; descriptors above it stay open. */
static int spawn_limited(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
			 const posix_spawnattr_t *attributes, char *const *argv, char *const *envp)
{
	int r;

	if (limit_raised)
		setrlimit(RLIMIT_NOFILE, &limit_before);
	r = posix_spawn(pid, path, actions, attributes, argv, envp);
	if (limit_raised)
		setrlimit(RLIMIT_NOFILE, &limit_now);
	return r;
}

/* 0 or an errno. */
static int spawn(const struct loop *l, const struct loop_spawn *what, const struct sources *s,
		 pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int r;

	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	set_attributes(&attributes);
	r = set_actions(&actions, l->null_fd, s);
	if (!r)
		r = spawn_limited(pid, what->path, &actions, &attributes, what->argv,
				  what->envp ? what->envp : environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return r;
}

pid_t loop_spawn(struct loop *l, const struct loop_spawn *what, struct err *err)
{
	struct sources s;
	struct child *c;
	pid_t pid;
	int r;

	if (what->fd_count > FD_MAX)
		abort();
	r = sources_init(&s, what->fds, what->fd_count) ? errno : 0;
	if (!r) {
		r = spawn(l, what, &s, &pid);
		sources_fini(&s);
	}
	if (r) {
		errno = r;
		return err_sys(err, "cannot start %s", what->path);
	}
	c = xcalloc(1, sizeof *c);
	c->pid = pid;
	c->exited = what->exited;
	c->arg = what->arg;
	HASH_ADD(hh, l->children, pid, sizeof c->pid, c);
	return pid;
}
