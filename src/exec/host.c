/* Backend "host": an attempt is a process of the user's own under a jobdeck-shim.
 *
 * The slot's lock and state say what to do, at the first start as well as after a restart,
 * when the engine calls start again for whatever had not ended (the table in shim/proto.h):
 * one function, look(), decides, and is asked again whenever something changed. An attempt
 * is started only under the lock and only if `state` does not know it. */
#include "config.h"
#include "jobdeck/exec/backend.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <uthash.h>
#include "jobdeck/base/crash.h"
#include "jobdeck/base/fs.h"
#include "jobdeck/base/log.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/model/reason.h"
#include "slot.h"

enum {
	AGAIN_FIRST_MS = 10, /* doubled up to */
	AGAIN_MS = 100,	     /* and after */
	PATIENCE_MS = 10000, /* this, with a warning, */
	AGAIN_LATER_MS = 1000,
	BOOT_SLACK_MS = 2000, /* clocks are set while a machine boots */
};

struct host {
	struct backend_config config;
	char *run_dir, *shim;
	struct run *runs; /* by slot */
	struct idle *idle; /* by slot */
};

struct idle { /* a shim whose attempt has ended and that would take another */
	struct host *host;
	int slot, control;
	struct loop_watch *watch;
	UT_hash_handle hh;
};

struct run { /* an attempt that has not ended */
	struct host *host;
	int slot;
	int64_t job;
	char job_id[64];
	int attempt;
	jd_time placed;
	char *spec; /* NULL once a shim was spawned with it, or has begun */
	size_t spec_len;

	int control; /* -1: not connected */
	struct loop_watch *watch;
	char in[2 * SHIM_LINE_MAX];
	size_t in_len;
	struct shim_state state; /* as far as it is known */
	bool started_told, lost;
	bool over; /* nothing more to find out: the timer will tell */
	const char *stop_cause; /* NULL: not to be stopped */
	int stop_grace_ms;

	struct loop_timer *timer;
	int64_t since; /* monotonic: of the first of the looks that found nothing out, or 0 */
	int pause_ms;
	UT_hash_handle hh;
};

/* ---- shims that wait for another attempt in their slot ------------------------------- */

static void idle_drop(struct idle *i)
{
	HASH_DEL(i->host->idle, i);
	loop_unwatch(i->watch);
	if (i->control >= 0)
		close(i->control);
	free(i);
}

static void on_idle(void *arg, int events)
{
	(void)events;
	idle_drop(arg); /* it has left: an idle shim says nothing */
}

static void idle_add(struct host *h, int slot, int control /* taken */)
{
	struct idle *i = xcalloc(1, sizeof *i);

	i->host = h;
	i->slot = slot;
	i->control = control;
	i->watch = loop_watch(h->config.loop, control, LOOP_READ, on_idle, i);
	HASH_ADD_INT(h->idle, slot, i);
}

/* The connection to the shim that waits in that slot, now the caller's; -1: there is none. */
static int idle_take(struct host *h, int slot)
{
	struct idle *i;
	int control;

	HASH_FIND_INT(h->idle, &slot, i);
	if (!i)
		return -1;
	control = STEAL_FD(i->control);
	idle_drop(i);
	return control;
}

/* ---- the end ------------------------------------------------------------------------ */

static void disconnect(struct run *r)
{
	loop_unwatch(r->watch);
	r->watch = NULL;
	if (r->control >= 0)
		close(r->control);
	r->control = -1;
	r->in_len = 0;
}

static void run_free(struct run *r)
{
	disconnect(r);
	loop_timer_free(r->timer);
	free(r->spec);
	free(r);
}

/* After a clean end the shim stays for a moment. */
static void keep_shim(struct run *r)
{
	int control = r->control;

	if (control < 0 || r->lost || r->state.stage != SHIM_EXITED ||
	    r->state.cause == SHIM_START_FAILED)
		return;
	loop_unwatch(r->watch);
	r->watch = NULL;
	r->control = -1;
	idle_add(r->host, r->slot, control);
}

static void tell_started(struct run *r)
{
	const struct backend_notify *n = &r->host->config.notify;

	if (r->started_told || !r->state.started)
		return;
	r->started_told = true;
	n->started(n->arg, r->job, r->attempt, r->state.started);
}

static struct attempt_end describe(const struct run *r)
{
	static char terminated[80];
	struct attempt_end end = {
		.at = r->state.stopped,
		.exit_code = r->state.exit_code,
		.status_reason = REASON_EXITED,
		.stopped = r->state.cause == SHIM_STOPPED,
	};

	snprintf(terminated, sizeof terminated, REASON_HOST_TERMINATED, "local.host");
	if (r->lost)
		return (struct attempt_end){
			.at = time_wall(), .exit_code = -1, .status_reason = terminated
		};
	if (r->state.cause == SHIM_TIMEOUT) {
		end.status_reason = REASON_TIMEOUT;
		end.timed_out = true;
	} else if (r->state.cause == SHIM_START_FAILED) {
		end.status_reason = REASON_START_FAILED;
		end.reason = r->state.text;
		end.exit_code = -1;
	}
	return end;
}

/* The slot is given free before anybody is told: who is may use it at once. */
static void finish(struct run *r)
{
	const struct backend_notify n = r->host->config.notify;
	struct attempt_end end;

	HASH_DEL(r->host->runs, r);
	keep_shim(r);
	disconnect(r);
	tell_started(r);
	end = describe(r);
	n.ended(n.arg, r->job, r->attempt, &end);
	run_free(r);
}

/* From inside a call nobody may be told: the loop will, next. */
static void finish_soon(struct run *r)
{
	r->over = true;
	loop_timer_set(r->timer, 0);
}

static void fail_soon(struct run *r, const char *what, int error)
{
	r->state.stage = SHIM_EXITED;
	r->state.stopped = time_wall();
	r->state.cause = SHIM_START_FAILED;
	snprintf(r->state.text, sizeof r->state.text, "CannotStartContainerError: %s%s%s", what,
		 error ? ": " : "", error ? strerror(error) : "");
	finish_soon(r);
}

static void lose_soon(struct run *r)
{
	int left = slot_sweep(r->job_id, r->attempt);

	log_warn("attempt %d of job %s was lost: its shim ended before it%s", r->attempt, r->job_id,
		 left ? "; processes it left were killed" : "");
	r->lost = true;
	finish_soon(r);
}

/* ---- the connection to the shim ----------------------------------------------------- */

static void look(struct run *r);

/* Looks again in a while. */
static void look_again(struct run *r, const char *why)
{
	int64_t now = time_mono();

	if (!r->since)
		r->since = now;
	r->pause_ms = r->pause_ms ? r->pause_ms * 2 : AGAIN_FIRST_MS;
	if (r->pause_ms > AGAIN_MS)
		r->pause_ms = AGAIN_MS;
	if (now - r->since > PATIENCE_MS) {
		if (r->pause_ms != AGAIN_LATER_MS)
			log_warn("attempt %d of job %s, slot %d: %s; still trying", r->attempt,
				 r->job_id, r->slot, why);
		r->pause_ms = AGAIN_LATER_MS;
	}
	loop_timer_set(r->timer, r->pause_ms);
}

static bool is_ours(const struct run *r, const struct shim_state *s)
{
	return s->stage != SHIM_NONE && s->attempt == r->attempt &&
	       strcmp(s->job_id, r->job_id) == 0;
}

/* Returns false when the run is gone or not connected any more. */
static bool take_line(struct run *r, const char *line)
{
	if (shim_state_line(&r->state, line, NULL)) {
		log_warn("the shim of job %s said something unknown: %s", r->job_id, line);
		return true;
	}
	if (!is_ours(r, &r->state)) {
		disconnect(r);
		r->state = (struct shim_state){ .stage = SHIM_NONE };
		look_again(r, "the slot is still used by another attempt");
		return false;
	}
	r->since = 0;
	r->pause_ms = 0;
	free(STEAL_PTR(r->spec));
	if (r->state.stage == SHIM_EXITED) {
		finish(r);
		return false;
	}
	tell_started(r);
	return true;
}

static void take_lines(struct run *r)
{
	char *start = r->in, *newline;

	while ((newline = memchr(start, '\n', (size_t)(r->in + r->in_len - start)))) {
		*newline = '\0';
		if (!take_line(r, start))
			return;
		start = newline + 1;
	}
	r->in_len -= (size_t)(start - r->in);
	memmove(r->in, start, r->in_len);
}

static void on_shim(void *arg, int events)
{
	struct run *r = arg;
	ssize_t n = recv(r->control, r->in + r->in_len, sizeof r->in - r->in_len, MSG_DONTWAIT);

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0 && (r->in_len += (size_t)n) < sizeof r->in) {
		take_lines(r);
		return;
	}
	disconnect(r); /* killed, or served by another server: the slot knows */
	look(r);
}

static void say_stop(struct run *r)
{
	char line[64];
	int n = snprintf(line, sizeof line, "stop %d %s\n", r->stop_grace_ms, r->stop_cause);

	if (r->control >= 0 && send(r->control, line, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT) != n)
		log_debug("the shim of job %s did not take the stop yet", r->job_id);
}

static void connected(struct run *r, int fd /* taken */)
{
	r->control = fd;
	r->state = (struct shim_state){ .stage = SHIM_NONE };
	r->watch = loop_watch(r->host->config.loop, fd, LOOP_READ, on_shim, r);
	if (r->stop_cause)
		say_stop(r);
}

/* ---- starting ----------------------------------------------------------------------- */

/* What passes when others give something back. */
static bool is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == EAGAIN || error == ENOMEM;
}

static void could_not_spawn(struct run *r, const char *what, int error)
{
	while (is_shortage(error) && r->host->idle)
		idle_drop(r->host->idle);
	if (is_shortage(error) && (!r->since || time_mono() - r->since < PATIENCE_MS))
		look_again(r, what);
	else
		fail_soon(r, what, error);
}

static pid_t spawn_shim(struct run *r, int spec, int control)
{
	static char name[] = "jobdeck-shim";
	cleanup_free char *dir = xasprintf("%s/%d", r->host->run_dir, r->slot);
	char *argv[] = { name, dir, NULL };
	int fds[] = { spec, control };
	struct loop_spawn what = {
		.path = r->host->shim, .argv = argv, .fds = fds, .fd_count = ARRAY_LEN(fds)
	};

	return loop_spawn(r->host->config.loop, &what, NULL);
}

/* Gives the locked spec to the shim that waits in the slot. One that is just leaving lets
 * the descriptor, and so the lock, go: then `state` still does not know the attempt, and it
 * is started by a spawn. */
static bool hand_over(struct run *r, int spec)
{
	int control = idle_take(r->host, r->slot);

	if (control < 0)
		return false;
	if (slot_hand_over(control, spec)) {
		close(control);
		return false;
	}
	crash_point("host-handed");
	connected(r, control);
	return true;
}

/* The slot is ours and locked by `fd` (taken): from here on the attempt is started once. */
static void start_in(struct run *r, int fd)
{
	cleanup_close int spec = fd, theirs = -1;
	int pair[2];

	if (slot_write_spec(spec, r->spec, r->spec_len)) {
		fail_soon(r, "cannot write the spec of the attempt", errno);
		return;
	}
	crash_point("host-spec");
	if (hand_over(r, spec))
		return;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
		could_not_spawn(r, "cannot make a socket for jobdeck-shim", errno);
		return;
	}
	theirs = pair[1];
	if (spawn_shim(r, spec, theirs) < 0) {
		int error = errno;

		close(pair[0]);
		could_not_spawn(r, "cannot start jobdeck-shim", error);
		return;
	}
	crash_point("host-spawned");
	free(STEAL_PTR(r->spec));
	connected(r, pair[0]);
}

static int64_t since_boot(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Placed before this boot, the attempt may have run although `state` does not know it: the
 * shim does not fsync. Twice is worse than not at all. */
static bool of_another_boot(const struct run *r)
{
	return r->placed && r->placed < time_wall() - since_boot() - BOOT_SLACK_MS;
}

/* Nobody holds the slot but we. */
static void decide(struct run *r, int fd /* taken */)
{
	cleanup_close int lock = fd;
	struct shim_state found;

	if (slot_state(r->host->run_dir, r->slot, &found)) {
		if (errno == EBADMSG)
			lose_soon(r);
		else
			look_again(r, "cannot read the state of the attempt");
		return;
	}
	if (!is_ours(r, &found)) {
		if (!r->spec)
			fail_soon(r, "jobdeck-shim ended before it could start the job", 0);
		else if (of_another_boot(r))
			lose_soon(r);
		else
			start_in(r, STEAL_FD(lock));
		return;
	}
	r->state = found;
	if (found.stage == SHIM_EXITED)
		finish_soon(r);
	else
		lose_soon(r);
}

/* A shim is alive in the slot, and may not have noticed yet that its server is gone; or a
 * killed one's descriptors are just being closed. */
static void find_shim(struct run *r)
{
	int fd = slot_connect(r->host->run_dir, r->slot);

	if (fd >= 0)
		connected(r, fd);
	else
		look_again(r, "its shim does not answer");
}

/* Its slot cannot even be opened: a full or read-only disk. Only one that `state` does not
 * know is sure not to run. */
static void cannot_open(struct run *r, int error)
{
	struct shim_state found;

	if (is_shortage(error) || (slot_state(r->host->run_dir, r->slot, &found) == 0 &&
				   is_ours(r, &found)))
		look_again(r, "cannot open its slot");
	else
		fail_soon(r, "cannot open the slot of the attempt", error);
}

static void look(struct run *r)
{
	int fd = slot_lock(r->host->run_dir, r->slot);

	if (fd >= 0) {
		crash_point("host-locked");
		decide(r, fd);
	} else if (errno == EWOULDBLOCK) {
		find_shim(r);
	} else {
		cannot_open(r, errno);
	}
}

static void on_timer(void *arg)
{
	struct run *r = arg;

	if (r->over)
		finish(r);
	else
		look(r);
}

/* ---- the backend -------------------------------------------------------------------- */

static bool host_takes(const char *image)
{
	return strcmp(image, "host") == 0;
}

static void *host_open(const struct backend_config *config, struct err *err)
{
	struct host *h;

	if (access(config->shim, X_OK)) {
		err_sys(err, "cannot run %s", config->shim);
		return NULL;
	}
	h = xcalloc(1, sizeof *h);
	h->config = *config;
	h->run_dir = xstrdup(config->run_dir);
	h->shim = xstrdup(config->shim);
	return h;
}

static void host_close(void *self)
{
	struct host *h = self;
	struct run *r = h->runs, *next;

	HASH_CLEAR(hh, h->runs);
	for (; r; r = next) {
		next = r->hh.next;
		run_free(r);
	}
	while (h->idle)
		idle_drop(h->idle); /* NOLINT(clang-analyzer-unix.Malloc): it takes it off */
	free(h->run_dir);
	free(h->shim);
	free(h);
}

static char *print_spec(const struct launch *what, size_t *len)
{
	struct shim_spec spec = {
		.attempt = what->attempt,
		.argv = what->argv,
		.envp = what->envp,
		.directory = what->directory,
		.log = what->log,
		.log_max = what->log_max,
		.timeout_ms = what->timeout_ms,
		.grace_ms = what->grace_ms,
	};

	snprintf(spec.job_id, sizeof spec.job_id, "%s", what->job_id);
	return shim_spec_print(&spec, len);
}

static struct run *run_new(struct host *h, const struct launch *what)
{
	struct run *r = xcalloc(1, sizeof *r);

	r->host = h;
	r->slot = what->slot;
	r->job = what->job;
	snprintf(r->job_id, sizeof r->job_id, "%s", what->job_id);
	r->attempt = what->attempt;
	r->placed = what->placed;
	r->control = -1;
	r->timer = loop_timer(h->config.loop, on_timer, r);
	r->spec = print_spec(what, &r->spec_len);
	return r;
}

static void host_start(void *self, const struct launch *what)
{
	struct host *h = self;
	struct run *r;

	HASH_FIND_INT(h->runs, &what->slot, r);
	if (r) { /* it runs already; slots are never shared */
		if (r->job != what->job || r->attempt != what->attempt)
			abort();
		return;
	}
	r = run_new(h, what);
	HASH_ADD_INT(h->runs, slot, r);
	if (r->spec)
		look(r);
	else
		fail_soon(r, "command and environment are too large", 0);
}

static void host_stop(void *self, int64_t job, int attempt, int slot, bool timeout, int grace_ms)
{
	struct host *h = self;
	struct run *r;

	HASH_FIND_INT(h->runs, &slot, r);
	if (!r || r->job != job || r->attempt != attempt)
		return;
	if (!r->stop_cause || grace_ms < r->stop_grace_ms)
		r->stop_grace_ms = grace_ms;
	r->stop_cause = shim_cause_name(timeout ? SHIM_TIMEOUT : SHIM_STOPPED);
	say_stop(r);
}

static int host_active(const void *self)
{
	const struct host *h = self;

	return (int)HASH_COUNT(h->runs);
}

const struct backend backend_host = {
	.name = "host",
	.takes = host_takes,
	.open = host_open,
	.close = host_close,
	.start = host_start,
	.stop = host_stop,
	.active = host_active,
};
