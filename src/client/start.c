/* Starting the server. It becomes the leader of a session of its own and gets nothing of
 * ours but the environment, a log for stderr and one pipe, on which it says one line:
 * "ready ...", "taken TEXT" or "failed TEXT" (server/server.h). When it says nothing at all, its
 * exit status and its log are asked. */
#include "config.h"
#include "start.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/time.h"

enum { SAID_MAX = 1024, LOG_TAIL = 4096, READY_FD = 3, HIGH_FD = 10 };

extern char **environ;

void starter_init(struct starter *s, const struct home *home, const char *program)
{
	*s = (struct starter){ .home = home, .program = program, .fd = -1 };
	buf_init(&s->said, SAID_MAX);
}

void starter_fini(struct starter *s)
{
	starter_reap(s);
	if (s->fd >= 0)
		close(s->fd);
	buf_fini(&s->said);
}

void starter_reap(struct starter *s)
{
	int rc = s->pid ? waitpid(s->pid, &s->status, WNOHANG) : 0;

	if (rc < 0) /* the program ignores SIGCHLD, or somebody else has reaped it */
		s->status = 0;
	if (rc != 0)
		s->pid = 0;
}

/* What a server must not take from the command that starts it, least of all from a job's. */
static bool is_ours_alone(const char *variable)
{
	static const char *const names[] = { "JOBDECK_HOME=", "JOBDECK_SERVER=", "AWS_BATCH_" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strncmp(variable, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

/* This program's environment, with JOBDECK_HOME when the home was named. Only the list and
 * its second string are ours to free. */
static char **environment(const struct home *home)
{
	size_t n = 0, out = 0;
	char **env;

	while (environ[n])
		n++;
	env = xcalloc(n + 3, sizeof *env);
	env[out++] = (char *)(uintptr_t)SERVER_MARK; /* first: see base/home.h */
	env[out++] = xasprintf("JOBDECK_HOME=%s", home->named ? home->dir : "");
	for (size_t i = 0; i < n; i++) {
		if (!is_ours_alone(environ[i]))
			env[out++] = environ[i];
	}
	return env;
}

static int open_log(const struct home *home)
{
	int fd = open(home->server_log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	return fd >= 0 ? fd : open("/dev/null", O_WRONLY | O_CLOEXEC);
}

static int default_signals(posix_spawnattr_t *attr)
{
	sigset_t all, none;

	sigfillset(&all);
	sigemptyset(&none);
	posix_spawnattr_setsigdefault(attr, &all);
	posix_spawnattr_setsigmask(attr, &none);
	return posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF |
						      POSIX_SPAWN_SETSIGMASK);
}

static int spawn(struct starter *s, int ready, int log)
{
	char *const argv[] = { (char[]){ "jobdeck" }, (char[]){ "serve" }, (char[]){ "--ready-fd" },
			       (char[]){ "3" }, NULL };
	char **env = environment(s->home);
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int rc;

	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	default_signals(&attr);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, log, STDERR_FILENO);
	posix_spawn_file_actions_adddup2(&actions, ready, READY_FD);
	/* libcurl opens some without O_CLOEXEC: a server, and its jobs, would keep them. */
	posix_spawn_file_actions_addclosefrom_np(&actions, READY_FD + 1);
	rc = posix_spawnp(&s->pid, s->program, &actions, &attr, argv, env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	free(env[1]);
	free(env);
	return rc;
}

/* Out of the way of the numbers that the child's own descriptors get. */
static int high(int fd)
{
	int up = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, HIGH_FD);

	if (fd >= 0)
		close(fd);
	return up;
}

int starter_begin(struct starter *s, struct err *err)
{
	cleanup_close int log = high(open_log(s->home)), from = -1, to = -1;
	int ends[2], rc;

	starter_reap(s);
	if (s->fd >= 0)
		close(STEAL_FD(s->fd));
	if (log >= 0 && pipe2(ends, O_CLOEXEC) == 0) {
		from = high(ends[0]);
		to = high(ends[1]);
	}
	if (from < 0 || to < 0)
		return err_sys(err, _("cannot start the server"));
	s->log_size = lseek(log, 0, SEEK_END);
	rc = spawn(s, to, log);
	if (rc) {
		s->pid = 0;
		errno = rc;
		return err_sys(err, _("cannot start the server %s"), s->program);
	}
	fcntl(from, F_SETFL, O_NONBLOCK);
	s->fd = STEAL_FD(from);
	s->begun = time_mono();
	buf_clear(&s->said);
	return 0;
}

/* The last line that says "error:" and was written since the start, without time and level;
 * or NULL. */
static char *logged_error(const struct starter *s)
{
	static const char mark[] = " error: ";
	cleanup_close int fd = open(s->home->server_log, O_RDONLY | O_CLOEXEC);
	char tail[LOG_TAIL + 1], *last = NULL;
	off_t size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
	off_t from = size < s->log_size ? 0 : s->log_size; /* a new file has taken its place */
	ssize_t n;

	if (from < size - LOG_TAIL)
		from = size - LOG_TAIL;
	n = fd < 0 ? 0 : pread(fd, tail, LOG_TAIL, from);
	if (n <= 0)
		return NULL;
	tail[n] = '\0';
	for (char *p = tail; (p = strstr(p, mark)); p++)
		last = p + strlen(mark);
	return last ? xstrndup(last, strcspn(last, "\n")) : NULL;
}

/* It ended without a word. */
static enum start_state silent(struct starter *s, struct err *err)
{
	cleanup_free char *logged = logged_error(s);

	starter_reap(s);
	if (s->pid) /* about to end */
		return START_GOING;
	if (WIFSIGNALED(s->status))
		err_set(err, ERR_UNAVAILABLE,
			_("the server was killed by signal %d while it started (log: %s)"),
			WTERMSIG(s->status), s->home->server_log);
	else
		err_set(err, ERR_UNAVAILABLE,
			_("the server does not start: %s (exit code %d, log: %s)"),
			logged ? logged : _("it said nothing"), WEXITSTATUS(s->status),
			s->home->server_log);
	return START_FAILED;
}

/* Reads what has come. True when there will be no more. */
static bool heard_all(struct starter *s)
{
	char some[256];
	ssize_t n;

	while (s->fd >= 0 && (n = read(s->fd, some, sizeof some)) != 0) {
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			break;
		if (n < 0)
			return false;
		buf_add(&s->said, some, (size_t)n);
		if (memchr(some, '\n', (size_t)n))
			break;
	}
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	return true;
}

enum start_state starter_look(struct starter *s, struct err *err)
{
	char *said;

	if (!heard_all(s)) {
		if (time_mono() - s->begun < START_LIMIT_MS)
			return START_GOING;
		err_set(err, ERR_UNAVAILABLE,
			_("the server is not ready after %d seconds (process %d, log: %s)"),
			START_LIMIT_MS / 1000, s->pid, s->home->server_log);
		return START_FAILED;
	}
	if (!s->said.len)
		return silent(s, err);
	said = s->said.data;
	said[strcspn(said, "\n")] = '\0';
	if (strcmp(said, "ready") == 0 || strncmp(said, "ready ", 6) == 0)
		return START_READY;
	if (strncmp(said, "taken ", 6) == 0) {
		err_set(err, ERR_UNAVAILABLE, "%s", said + 6);
		return START_TAKEN;
	}
	err_set(err, ERR_UNAVAILABLE, _("the server does not start: %s (log: %s)"),
		strncmp(said, "failed ", 7) == 0 ? said + 7 : said, s->home->server_log);
	return START_FAILED;
}
