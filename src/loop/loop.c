/* The event loop: libuv behind calls that fit this program. libuv frees a handle only some
 * time after it was closed; here a call to drop something is all a caller has to do, and
 * loop_free waits for the rest. */
#include "config.h"
#include "loop_private.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include "jobdeck/base/mem.h"

enum { NULL_FD_FROM = 16 };

struct loop_watch {
	uv_poll_t poll;
	int events;
	void (*cb)(void *arg, int events);
	void *arg;
};

struct loop_timer {
	uv_timer_t timer;
	void (*cb)(void *arg);
	void *arg;
};

struct signal_watch {
	uv_signal_t signal;
	void (*cb)(void *arg, int signo);
	void *arg;
};

struct loop_hook {
	bool (*cb)(void *arg); /* NULL: dropped, to be freed outside of the walk */
	void *arg;
};

/* What libuv refuses here can only be a mistake in this program. */
static void must(int uv_result)
{
	if (uv_result)
		abort();
}

static bool run_hooks(struct loop *l)
{
	size_t kept = 0;
	bool more = false;

	for (size_t i = 0; i < l->hook_count; i++) {
		struct loop_hook *h = l->hooks[i];

		if (h->cb && h->cb(h->arg))
			more = true;
	}
	for (size_t i = 0; i < l->hook_count; i++) {
		if (l->hooks[i]->cb)
			l->hooks[kept++] = l->hooks[i];
		else
			free(l->hooks[i]);
	}
	l->hook_count = kept;
	return more;
}

static void on_idle(uv_idle_t *idle)
{
	(void)idle;
}

static void hooks_then_wait(struct loop *l)
{
	if (run_hooks(l))
		must(uv_idle_start(&l->idle, on_idle));
	else
		uv_idle_stop(&l->idle);
}

static void on_prepare(uv_prepare_t *prepare)
{
	hooks_then_wait(prepare->loop->data);
}

/* Where the time is over before the round even waits, it must not wait for anything else. */
static void on_turn_timeout(uv_timer_t *turn)
{
	uv_stop(turn->loop);
}

static void on_sigchld(uv_signal_t *signal, int signo)
{
	(void)signo;
	spawn_reap(signal->loop->data);
}

static int open_null(void)
{
	cleanup_close int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	return fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, NULL_FD_FROM);
}

/* A mask inherited from whoever started us would keep every exit from being seen. */
static void unblock_sigchld(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

struct loop *loop_new(struct err *err)
{
	struct loop *l = xcalloc(1, sizeof *l);
	int r;

	l->uv = xcalloc(1, sizeof *l->uv);
	l->null_fd = open_null();
	r = l->null_fd < 0 ? -errno : uv_loop_init(l->uv);
	if (r) {
		err_set(err, ERR_SYSTEM, "cannot make an event loop: %s", uv_strerror(r));
		if (l->null_fd >= 0)
			close(l->null_fd);
		free(l->uv);
		free(l);
		return NULL;
	}
	l->uv->data = l;
	must(uv_prepare_init(l->uv, &l->prepare));
	must(uv_idle_init(l->uv, &l->idle));
	must(uv_timer_init(l->uv, &l->turn));
	must(uv_signal_init(l->uv, &l->sigchld));
	must(uv_prepare_start(&l->prepare, on_prepare));
	unblock_sigchld();
	r = uv_signal_start(&l->sigchld, on_sigchld, SIGCHLD);
	if (r) {
		err_set(err, ERR_SYSTEM, "cannot watch for signals: %s", uv_strerror(r));
		loop_free(l);
		return NULL;
	}
	return l;
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void close_handle(uv_handle_t *handle, void *unused)
{
	(void)unused;
	if (!uv_is_closing(handle))
		uv_close(handle, on_closed);
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	uv_walk(l->uv, close_handle, NULL);
	while (uv_loop_close(l->uv) == UV_EBUSY) /* a uv_stop that came late ends a round early */
		uv_run(l->uv, UV_RUN_DEFAULT);
	for (size_t i = 0; i < l->hook_count; i++)
		free(l->hooks[i]);
	free(l->hooks);
	spawn_fini(l);
	close(l->null_fd);
	free(l->uv);
	free(l);
}

void loop_run(struct loop *l)
{
	while (!l->stopped)
		uv_run(l->uv, UV_RUN_DEFAULT);
	l->stopped = false;
	hooks_then_wait(l);
}

void loop_stop(struct loop *l)
{
	l->stopped = true;
	uv_stop(l->uv);
}

void loop_turn(struct loop *l, int timeout_ms)
{
	if (timeout_ms > 0) {
		uv_update_time(l->uv);
		must(uv_timer_start(&l->turn, on_turn_timeout, (uint64_t)timeout_ms, 0));
	}
	uv_run(l->uv, timeout_ms ? UV_RUN_ONCE : UV_RUN_NOWAIT);
	uv_timer_stop(&l->turn);
	hooks_then_wait(l);
}

int loop_fd(const struct loop *l)
{
	return uv_backend_fd(l->uv);
}

int loop_timeout(const struct loop *l)
{
	uv_update_time(l->uv);
	return uv_backend_timeout(l->uv);
}

/* libuv stops a poll handle before it tells of an error. Ours are level triggered whatever
 * happens: as long as the caller wants the events it is told, and finds the error itself. */
static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct loop_watch *w = poll->data;
	int told = (events & UV_READABLE ? LOOP_READ : 0) | (events & UV_WRITABLE ? LOOP_WRITE : 0);

	if (status < 0) {
		told = w->events;
		loop_watch_events(w, w->events);
	}
	if (told & w->events)
		w->cb(w->arg, told & w->events);
}

struct loop_watch *loop_watch(struct loop *l, int fd, int events,
			      void (*cb)(void *arg, int events), void *arg)
{
	struct loop_watch *w = xcalloc(1, sizeof *w);
	int r = uv_poll_init(l->uv, &w->poll, fd);

	if (r) {
		free(w);
		errno = -r;
		return NULL;
	}
	w->poll.data = w;
	w->cb = cb;
	w->arg = arg;
	loop_watch_events(w, events);
	return w;
}

void loop_watch_events(struct loop_watch *w, int events)
{
	w->events = events;
	if (events)
		must(uv_poll_start(&w->poll,
				   (events & LOOP_READ ? UV_READABLE : 0) |
					   (events & LOOP_WRITE ? UV_WRITABLE : 0),
				   on_poll));
	else
		must(uv_poll_stop(&w->poll));
}

void loop_unwatch(struct loop_watch *w)
{
	if (!w)
		return;
	w->events = 0;
	close_handle((uv_handle_t *)&w->poll, NULL);
}

static void on_timer(uv_timer_t *timer)
{
	struct loop_timer *t = timer->data;

	t->cb(t->arg);
}

struct loop_timer *loop_timer(struct loop *l, void (*cb)(void *arg), void *arg)
{
	struct loop_timer *t = xcalloc(1, sizeof *t);

	must(uv_timer_init(l->uv, &t->timer));
	t->timer.data = t;
	t->cb = cb;
	t->arg = arg;
	return t;
}

void loop_timer_set(struct loop_timer *t, int64_t ms)
{
	uv_update_time(t->timer.loop); /* "from now", not from the beginning of the turn */
	must(uv_timer_start(&t->timer, on_timer, ms > 0 ? (uint64_t)ms : 0, 0));
}

void loop_timer_unset(struct loop_timer *t)
{
	uv_timer_stop(&t->timer);
}

void loop_timer_free(struct loop_timer *t)
{
	if (t)
		close_handle((uv_handle_t *)&t->timer, NULL);
}

static void on_signal(uv_signal_t *signal, int signo)
{
	struct signal_watch *s = signal->data;

	s->cb(s->arg, signo);
}

void loop_signal(struct loop *l, int signo, void (*cb)(void *arg, int signo), void *arg)
{
	struct signal_watch *s = xcalloc(1, sizeof *s);

	must(uv_signal_init(l->uv, &s->signal));
	s->signal.data = s;
	s->cb = cb;
	s->arg = arg;
	must(uv_signal_start(&s->signal, on_signal, signo));
}

struct loop_hook *loop_before_sleep(struct loop *l, bool (*cb)(void *arg), void *arg)
{
	struct loop_hook *h = xcalloc(1, sizeof *h);

	h->cb = cb;
	h->arg = arg;
	ARRAY_ROOM(l->hooks, l->hook_count, l->hook_cap);
	l->hooks[l->hook_count++] = h;
	return h;
}

void loop_hook_free(struct loop_hook *h)
{
	if (h)
		h->cb = NULL;
}
