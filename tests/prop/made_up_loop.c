#include "config.h"
#include "made_up_loop.h"
#include <stdlib.h>
#include "jobdeck/base/mem.h"

/* Timers that are due together run in the order in which they were set, then the hooks: as
 * libuv does it. */

struct loop_timer {
	struct loop *loop;
	void (*cb)(void *arg);
	void *arg;
	jd_time due; /* JD_NEVER: not set */
	int64_t number;
	struct loop_timer *next;
};

struct loop_hook {
	struct loop *loop;
	bool (*cb)(void *arg);
	void *arg;
	struct loop_hook *next;
};

struct loop {
	struct loop_timer *timers;
	struct loop_hook *hooks;
	int64_t set;
};

static jd_time now;

jd_time __wrap_time_wall(void);
int64_t __wrap_time_mono(void);

jd_time __wrap_time_wall(void)
{
	return now;
}

int64_t __wrap_time_mono(void)
{
	return now;
}

void made_up_set(jd_time to)
{
	now = to;
}

struct loop *loop_new(struct err *err)
{
	(void)err;
	return xcalloc(1, sizeof(struct loop));
}

void loop_free(struct loop *l)
{
	while (l->timers)
		loop_timer_free(l->timers);
	while (l->hooks)
		loop_hook_free(l->hooks);
	free(l);
}

struct loop_timer *loop_timer(struct loop *l, void (*cb)(void *arg), void *arg)
{
	struct loop_timer *t = xcalloc(1, sizeof *t);

	*t = (struct loop_timer){ l, cb, arg, JD_NEVER, 0, l->timers };
	l->timers = t;
	return t;
}

void loop_timer_set(struct loop_timer *t, int64_t ms)
{
	t->due = ms > 0 ? now + ms : now;
	t->number = t->loop->set++;
}

void loop_timer_unset(struct loop_timer *t)
{
	t->due = JD_NEVER;
}

void loop_timer_free(struct loop_timer *t)
{
	struct loop_timer **link;

	if (!t)
		return;
	for (link = &t->loop->timers; *link != t; link = &(*link)->next)
		;
	*link = t->next;
	free(t);
}

struct loop_hook *loop_before_sleep(struct loop *l, bool (*cb)(void *arg), void *arg)
{
	struct loop_hook *h = xcalloc(1, sizeof *h);

	*h = (struct loop_hook){ l, cb, arg, l->hooks };
	l->hooks = h;
	return h;
}

void loop_hook_free(struct loop_hook *h)
{
	struct loop_hook **link;

	if (!h)
		return;
	for (link = &h->loop->hooks; *link != h; link = &(*link)->next)
		;
	*link = h->next;
	free(h);
}

static struct loop_timer *first(const struct loop *l)
{
	struct loop_timer *best = NULL;

	for (struct loop_timer *t = l->timers; t; t = t->next) {
		if (t->due != JD_NEVER &&
		    (!best || t->due < best->due ||
		     (t->due == best->due && t->number < best->number)))
			best = t;
	}
	return best;
}

/* Those that are set meanwhile have to wait for the next turn. */
static void run_due(struct loop *l)
{
	int64_t before = l->set;
	struct loop_timer *t;

	while ((t = first(l)) && t->due <= now && t->number < before) {
		t->due = JD_NEVER;
		t->cb(t->arg);
	}
}

static bool run_hooks(const struct loop *l)
{
	bool more = false;

	for (struct loop_hook *h = l->hooks; h; h = h->next)
		more |= h->cb(h->arg);
	return more;
}

void made_up_run(struct loop *l, jd_time until)
{
	const struct loop_timer *t;

	for (;;) {
		while (run_hooks(l))
			;
		t = first(l);
		if (!t || t->due >= until)
			break;
		if (t->due > now)
			now = t->due;
		run_due(l);
	}
	if (until != JD_NEVER && until > now)
		now = until;
}

/* What nobody here may need. */
void loop_run(struct loop *l)
{
	(void)l;
	abort();
}

void loop_stop(struct loop *l)
{
	(void)l;
	abort();
}

void loop_turn(struct loop *l, int timeout_ms)
{
	(void)l;
	(void)timeout_ms;
	abort();
}

int loop_fd(const struct loop *l)
{
	(void)l;
	abort();
}

int loop_timeout(const struct loop *l)
{
	(void)l;
	abort();
}

struct loop_watch *loop_watch(struct loop *l, int fd, int events,
			      void (*cb)(void *arg, int events), void *arg)
{
	(void)l;
	(void)fd;
	(void)events;
	(void)cb;
	(void)arg;
	abort();
}

void loop_watch_events(struct loop_watch *w, int events)
{
	(void)w;
	(void)events;
	abort();
}

void loop_unwatch(struct loop_watch *w)
{
	(void)w;
	abort();
}

void loop_signal(struct loop *l, int signo, void (*cb)(void *arg, int signo), void *arg)
{
	(void)l;
	(void)signo;
	(void)cb;
	(void)arg;
	abort();
}

pid_t loop_spawn(struct loop *l, const struct loop_spawn *what, struct err *err)
{
	(void)l;
	(void)what;
	(void)err;
	abort();
}

void loop_forget_child(struct loop *l, pid_t pid)
{
	(void)l;
	(void)pid;
	abort();
}
