/* jobdeck-shim: the parent of an attempt's process. It outlives the server, collects the
 * job's output, enforces its time limit, and leaves its exit status on disk; see
 * shim/proto.h for how the two work together. After a clean end it stays a moment for the
 * next attempt in its slot.
 *
 * All signals are blocked for good and read from a descriptor, so nothing but SIGKILL can
 * end it before its time. One poll loop; every round looks at signals, the server and the
 * clock before it moves a bounded amount of output: a job that writes without end can
 * neither delay its own end nor make this process grow. */
#include "config.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "control.h"
#include "job.h"
#include "jobdeck/base/fs.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/time.h"
#include "jobdeck/shim/joblog.h"
#include "jobdeck/shim/proto.h"

enum {
	OUTPUT_PIECE = 1 << 16,	 /* read from a stream in one round */
	QUIET_MS = 200,		 /* then what has no newline yet is shown */
	LEFTOVER_MS = 5000,	 /* for killed descendants to be gone */
	STATE_TRIES = 60,	 /* a second apart, to write the last line on a full disk */
	LINGER_MS = 250,	 /* for another attempt in the slot, which saves a spawn */
};

struct shim {
	struct shim_spec spec;
	struct shim_state state;
	struct control control;
	struct joblog_writer *log;
	struct job_process job;
	int signals, state_fd;
	off_t state_end;
	bool stopping;	/* SIGTERM was sent; state.cause says why */
	bool main_gone, alone;
	bool gave_up; /* something of the job is still there: no other job after it */
	/* Moments of the monotonic clock, or JD_NEVER. */
	int64_t timeout_at, kill_at, flush_at, give_up_at;
	char piece[OUTPUT_PIECE]; /* last: not wiped between attempts */
};

/* ---- telling ------------------------------------------------------------------------ */

/* The first line also wipes what an earlier attempt left, in the same write. */
static int write_state(struct shim *s, const char *line, size_t len)
{
	char block[SHIM_STATE_SIZE] = "";
	size_t n = s->state_end ? len : sizeof block;

	if ((size_t)s->state_end + len > sizeof block)
		return -1;
	memcpy(block, line, len);
	if (pwrite(s->state_fd, block, n, s->state_end) != (ssize_t)n)
		return -1;
	s->state_end += (off_t)len;
	return 0;
}

static int record(struct shim *s, enum shim_stage stage, char line[SHIM_LINE_MAX], size_t *len)
{
	s->state.stage = stage;
	*len = shim_state_print(&s->state, line);
	return write_state(s, line, *len);
}

/* The last step. On disk first; then the slot is given free; only then is anybody told, who
 * may use it again at once. */
static void settle(struct shim *s)
{
	char line[SHIM_LINE_MAX];
	size_t len;

	for (int i = 0; record(s, SHIM_EXITED, line, &len) && s->control.fd < 0 && i < STATE_TRIES;
	     i++)
		sleep(1);
	control_unlisten(&s->control);
	flock(SHIM_SPEC_FD, LOCK_UN);
	close(SHIM_SPEC_FD);
	control_say(&s->control, line, len);
}

static _Noreturn void fail(struct shim *s, const char *why)
{
	s->state.stopped = time_wall();
	s->state.exit_code = -1;
	s->state.cause = SHIM_START_FAILED;
	snprintf(s->state.text, sizeof s->state.text, "%s", why);
	settle(s);
	_exit(0);
}

/* ---- stopping ----------------------------------------------------------------------- */

static void stop(struct shim *s, int64_t grace_ms, enum shim_cause cause)
{
	int64_t kill_at = time_mono() + grace_ms;

	if (s->main_gone)
		return;
	if (kill_at < s->kill_at)
		s->kill_at = kill_at;
	s->timeout_at = JD_NEVER;
	if (s->stopping)
		return;
	s->stopping = true;
	s->state.cause = cause;
	job_signal(s->job.pid, SIGTERM);
}

/* "stop GRACE_MS CAUSE"; anything else is from a future that this shim does not know. */
static void on_command(void *arg, const char *line)
{
	struct shim *s = arg;
	int64_t grace;
	char word[16];
	int cause;

	if (sscanf(line, "stop %" SCNd64 " %15s", &grace, word) != 2 || grace < 0 ||
	    grace > INT32_MAX)
		return;
	cause = shim_cause_parse(word);
	stop(s, grace, cause == SHIM_TIMEOUT ? SHIM_TIMEOUT : SHIM_STOPPED);
}

static void on_time(struct shim *s, int64_t now)
{
	if (now >= s->timeout_at)
		stop(s, s->spec.grace_ms, SHIM_TIMEOUT);
	if (now >= s->kill_at) {
		s->kill_at = JD_NEVER;
		job_signal(s->job.pid, SIGKILL);
	}
	if (now >= s->flush_at) {
		s->flush_at = JD_NEVER;
		joblog_flush(s->log, time_wall());
	}
	if (now >= s->give_up_at)
		s->alone = s->gave_up = true;
	if (now >= s->control.listen_at)
		control_listen(&s->control);
}

/* ---- the end of the job ------------------------------------------------------------- */

/* Kills the group while the main process is a zombie: until it is reaped its number cannot
 * be anybody else's. */
static void main_ended(struct shim *s)
{
	int status = 0;

	kill(-s->job.pid, SIGKILL);
	waitpid(s->job.pid, &status, 0);
	s->main_gone = true;
	s->state.stopped = time_wall();
	s->timeout_at = s->kill_at = JD_NEVER;
	s->give_up_at = time_mono() + LEFTOVER_MS;
	if (WIFSIGNALED(status)) {
		s->state.signal = WTERMSIG(status);
		s->state.exit_code = 128 + s->state.signal;
	} else {
		s->state.exit_code = WEXITSTATUS(status);
	}
}

static void reap(struct shim *s)
{
	siginfo_t info;

	for (;;) {
		info.si_pid = 0;
		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) || !info.si_pid)
			break;
		if (info.si_pid == s->job.pid && !s->main_gone)
			main_ended(s);
		else
			waitpid(info.si_pid, NULL, 0);
	}
	if (!s->main_gone)
		return;
	if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) && errno == ECHILD)
		s->alone = true;
	else if (!job_kill_children()) /* what is left is not the job's */
		s->alone = true;
}

static void on_signals(struct shim *s)
{
	struct signalfd_siginfo info[8];
	ssize_t n = read(s->signals, info, sizeof info);

	for (size_t i = 0; n > 0 && i < (size_t)n / sizeof *info; i++) {
		if (info[i].ssi_signo == SIGTERM)
			stop(s, s->spec.grace_ms, SHIM_STOPPED);
	}
	reap(s);
}

/* ---- output ------------------------------------------------------------------------- */

/* When to show what has no newline yet: a moment after it began, which for a progress bar is
 * now and then and for a stream of whole lines is never. */
static void plan_flush(struct shim *s, bool line_ended)
{
	if (!joblog_pending(s->log))
		s->flush_at = JD_NEVER;
	else if (line_ended || s->flush_at == JD_NEVER)
		s->flush_at = time_mono() + QUIET_MS;
}

/* Moves what is there, at most a piece. Returns the bytes moved. */
static size_t move_output(struct shim *s, int *fd, enum joblog_stream stream, size_t max)
{
	ssize_t n = read(*fd, s->piece, max < sizeof s->piece ? max : sizeof s->piece);

	if (n < 0 && errno == EINTR)
		return 0;
	if (n <= 0) {
		close(*fd);
		*fd = -1;
		return 0;
	}
	joblog_write(s->log, stream, time_wall(), s->piece, (size_t)n);
	plan_flush(s, memchr(s->piece, '\n', (size_t)n) != NULL);
	return (size_t)n;
}

/* What is in the pipe now and no more: one that got away from us may go on writing. */
static void drain(struct shim *s, int *fd, enum joblog_stream stream)
{
	int there = 0;

	if (*fd < 0 || ioctl(*fd, FIONREAD, &there))
		return;
	while (there > 0 && *fd >= 0)
		there -= (int)move_output(s, fd, stream, (size_t)there);
}

/* ---- the loop ----------------------------------------------------------------------- */

static int64_t min_time(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int poll_timeout(const struct shim *s)
{
	int64_t next = min_time(s->timeout_at, s->kill_at), left;

	next = min_time(next, min_time(s->flush_at, s->give_up_at));
	next = min_time(next, s->control.listen_at);
	if (next == JD_NEVER)
		return -1;
	left = next - time_mono();
	if (left < 0)
		return 0;
	return left < INT32_MAX ? (int)left : INT32_MAX;
}

static void turn(struct shim *s)
{
	enum { SIGNALS, SERVER, LISTENER, OUT, ERR, COUNT };
	struct pollfd p[COUNT] = {
		[SIGNALS] = { .fd = s->signals, .events = POLLIN },
		[SERVER] = { .fd = s->control.fd, .events = POLLIN },
		[LISTENER] = { .fd = s->control.listener, .events = POLLIN },
		[OUT] = { .fd = s->job.out, .events = POLLIN },
		[ERR] = { .fd = s->job.err, .events = POLLIN },
	};

	if (poll(p, COUNT, poll_timeout(s)) < 0)
		return;
	if (p[SIGNALS].revents)
		on_signals(s);
	if (p[SERVER].revents)
		control_read(&s->control, on_command, s);
	if (p[LISTENER].revents)
		control_accept(&s->control);
	if (p[OUT].revents)
		move_output(s, &s->job.out, JOBLOG_OUT, OUTPUT_PIECE);
	if (p[ERR].revents)
		move_output(s, &s->job.err, JOBLOG_ERR, OUTPUT_PIECE);
	on_time(s, time_mono());
}

/* ---- the beginning ------------------------------------------------------------------ */

static int open_signals(void)
{
	struct sigaction standard = { .sa_handler = SIG_DFL };
	sigset_t all, wanted;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	sigaction(SIGCHLD, &standard, NULL); /* ignored, it would eat exit codes */
	sigemptyset(&wanted);
	sigaddset(&wanted, SIGCHLD);
	sigaddset(&wanted, SIGTERM);
	return signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int read_spec(struct shim_spec *spec)
{
	cleanup_free char *text = NULL;
	struct stat st;

	if (fstat(SHIM_SPEC_FD, &st) || st.st_size > SHIM_SPEC_MAX)
		return -1;
	text = xmalloc((size_t)st.st_size);
	if (pread(SHIM_SPEC_FD, text, (size_t)st.st_size, 0) != st.st_size)
		return -1;
	return shim_spec_parse(text, (size_t)st.st_size, spec, NULL);
}

/* Without a spec or a state file there is nothing to be said: the server sees that this
 * attempt never began. */
static void begin(struct shim *s)
{
	char line[SHIM_LINE_MAX];
	size_t len;

	s->timeout_at = s->kill_at = s->flush_at = s->give_up_at = JD_NEVER;
	if (read_spec(&s->spec))
		_exit(2);
	snprintf(s->state.job_id, sizeof s->state.job_id, "%s", s->spec.job_id);
	snprintf(s->state.boot_id, sizeof s->state.boot_id, "%s", fs_boot_id());
	s->state.attempt = s->spec.attempt;
	if (record(s, SHIM_STARTING, line, &len))
		_exit(3);
	control_note(&s->control, line, len); /* goes with the next one */
}

static void set_up(struct shim *s, const char *slot)
{
	fcntl(SHIM_SPEC_FD, F_SETFD, FD_CLOEXEC);
	fcntl(SHIM_CONTROL_FD, F_SETFD, FD_CLOEXEC);
	closefrom(SHIM_CONTROL_FD + 1);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	s->signals = open_signals();
	if (s->signals < 0 || chdir(slot))
		_exit(2);
	s->state_fd = open("state", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (s->state_fd < 0)
		_exit(3);
	control_init(&s->control, SHIM_CONTROL_FD);
}

/* Waits a moment for the server to hand over the slot's next attempt. Everything but the
 * three descriptors is as new then. */
static bool next_attempt(struct shim *s)
{
	int signals = s->signals, state_fd = s->state_fd, server = s->control.fd;
	int spec = s->gave_up ? -1 : control_take_spec(&s->control, signals, LINGER_MS);

	if (spec < 0)
		return false;
	if (spec != SHIM_SPEC_FD) {
		if (dup3(spec, SHIM_SPEC_FD, O_CLOEXEC) < 0)
			return false;
		close(spec);
	}
	job_forget(); /* the last job's environment is about to go */
	shim_spec_fini(&s->spec);
	memset(s, 0, offsetof(struct shim, piece));
	s->signals = signals;
	s->state_fd = state_fd;
	control_init(&s->control, server);
	return true;
}

static void start(struct shim *s)
{
	char why[sizeof s->state.text], line[SHIM_LINE_MAX];
	struct err err;
	size_t len;

	s->log = joblog_create(s->spec.log, s->spec.log_max, &err);
	if (!s->log) {
		snprintf(why, sizeof why,
			 "CannotStartContainerError: failed to initialize logging driver: %.180s",
			 err.text);
		fail(s, why);
	}
	if (job_start(&s->spec, &s->job, why, sizeof why))
		fail(s, why);
	s->state.pid = s->job.pid;
	s->state.started = time_wall();
	s->timeout_at = s->spec.timeout_ms ? time_mono() + s->spec.timeout_ms : JD_NEVER;
	record(s, SHIM_RUNNING, line, &len);
	control_say(&s->control, line, len);
}

static void run(struct shim *s)
{
	begin(s);
	start(s);
	while (!s->alone)
		turn(s);
	drain(s, &s->job.out, JOBLOG_OUT);
	drain(s, &s->job.err, JOBLOG_ERR);
	if (s->job.out >= 0)
		close(s->job.out);
	if (s->job.err >= 0)
		close(s->job.err);
	joblog_flush(s->log, time_wall());
	joblog_close(s->log);
	settle(s);
}

int main(int argc, char **argv)
{
	static struct shim s;

	if (argc != 2) {
		dprintf(STDERR_FILENO, "jobdeck-shim is started by jobdeck, not by hand\n");
		return 2;
	}
	set_up(&s, argv[1]);
	do
		run(&s);
	while (next_attempt(&s));
	_exit(0);
}
