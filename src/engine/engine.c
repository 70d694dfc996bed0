/* Opening and closing the engine, and the small questions about it. */
#include "config.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "internal.h"

static void on_wakeup(void *arg)
{
	(void)arg; /* the turn before the next sleep asks the scheduler */
}

static void use_settings(struct engine *e, const struct settings *s)
{
	e->log_max = s->log_max_mib << 20;
	e->notice_ms = (int)s->spot_notice_seconds * 1000;
	snprintf(e->account.region, sizeof e->account.region, "%.63s", s->region);
	snprintf(e->account.id, sizeof e->account.id, "%.12s", s->account);
}

static int engine_start(struct engine *e, const struct settings *s, struct resources pool,
			struct err *err)
{
	e->store = store_open(e->home->db, err);
	if (!e->store || act_open_backends(e, err) || recover(e, s, pool, err))
		return -1;
	e->wakeup = loop_timer(e->loop, on_wakeup, e);
	e->patience = loop_timer(e->loop, turn_out_of_patience, e);
	e->hook = loop_before_sleep(e->loop, turn_run, e);
	act_reattach(e);
	return 0;
}

struct engine *engine_open(struct loop *l, const struct engine_options *o, struct err *err)
{
	struct engine *e = xcalloc(1, sizeof *e);

	settings_default(&e->settings);
	if (o->settings)
		e->settings = *o->settings;
	e->loop = l;
	e->home = o->home;
	e->shim = o->shim ? xstrdup(o->shim) : shim_find();
	e->fake = xstrdup(o->fake);
	e->sched = sched_new();
	use_settings(e, &e->settings);
	if (o->backend && !(e->only = backend_find(o->backend))) {
		err_set(err, ERR_INVALID, "there is no backend \"%s\"", o->backend);
		engine_close(e);
		return NULL;
	}
	if (engine_start(e, &e->settings, pool_choose(o->pool, &e->settings), err)) {
		engine_close(e);
		return NULL;
	}
	return e;
}

void engine_close(struct engine *e)
{
	struct live *l, *tmp;
	struct engine_watch *w;

	if (!e)
		return;
	if (e->hook) {
		e->urgent = true;
		turn_run(e);
		act_all(e);
		loop_hook_free(e->hook);
	}
	act_close_backends(e);
	HASH_ITER(hh, e->live, l, tmp) {
		HASH_DEL(e->live, l); /* NOLINT(clang-analyzer-unix.Malloc): it is safe */
		free(l);
	}
	while ((w = e->watches)) {
		e->watches = w->next;
		free(w);
	}
	loop_timer_free(e->wakeup);
	loop_timer_free(e->patience);
	sched_free(e->sched);
	store_close(e->store);
	free(e->free_slots);
	free(e->actions);
	free(e->ready);
	free(e->waiters);
	free(e->shim);
	free(e->fake);
	free(e);
}

bool engine_failed(const struct engine *e, struct err *err)
{
	if (e->failed && err)
		*err = e->failure;
	return e->failed;
}

jd_time engine_now(struct engine *e)
{
	jd_time now = time_wall();

	return now > e->last ? now : e->last;
}

int64_t engine_seq(const struct engine *e)
{
	return e->seq;
}

int64_t engine_active(const struct engine *e)
{
	return HASH_COUNT(e->live);
}

void engine_each_active(const struct engine *e, void (*each)(void *arg, int64_t job), void *arg)
{
	for (const struct live *l = e->live; l; l = l->hh.next)
		each(arg, l->job);
}

struct loop *engine_loop(struct engine *e)
{
	return e->loop;
}

const struct home *engine_home(const struct engine *e)
{
	return e->home;
}

const struct sched *engine_sched(const struct engine *e)
{
	return e->sched;
}

struct store *engine_store(struct engine *e)
{
	return e->store;
}

const struct settings *engine_settings(const struct engine *e)
{
	return &e->settings;
}

const struct account *engine_account(const struct engine *e)
{
	return &e->account;
}
