/* Opening, recovering and closing the engine, and the small questions about it. */
#include "config.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/log.h"
#include "jobdeck/model/reason.h"
#include "internal.h"

/* Jobs whose dependency failed just before the last server died: told by the replay, and to
 * be recorded once it is over. */
struct replay {
	struct engine *e;
	int64_t *failed;
	size_t failed_count, failed_cap;
};

static int replay_fact(void *arg, const struct fact *fact, struct err *err)
{
	struct replay *r = arg;

	if (fact->at > r->e->last)
		r->e->last = fact->at;
	if (fact->kind == FACT_FAILED) {
		ARRAY_ROOM(r->failed, r->failed_count, r->failed_cap);
		r->failed[r->failed_count++] = fact->job;
		return 0;
	}
	if (sched_apply(r->e->sched, fact, NULL, err))
		return err_wrap(err, "stored %s of job %lld does not fit what is stored before it",
				fact_name(fact->kind), (long long)fact->job);
	return 0;
}

static int fail_dependents(struct replay *r, struct err *err)
{
	for (size_t i = 0; i < r->failed_count; i++) {
		struct fact fact = { .kind = FACT_FAILED, .at = engine_now(r->e),
				     .job = r->failed[i], .reason = REASON_DEPENDENCY };

		if (turn_fact(r->e, &fact, err))
			return -1;
	}
	return 0;
}

static int replay(struct engine *e, struct err *err)
{
	struct replay r = { .e = e };
	int rc = store_replay(e->store, replay_fact, &r, err);

	if (!rc)
		rc = fail_dependents(&r, err);
	free(r.failed);
	return rc;
}

static int take_live(void *arg, const struct attempt *a)
{
	struct engine *e = arg;

	live_add(e, a->job, a->number, a->slot, a->placed);
	if (a->slot >= e->slots_made)
		e->slots_made = a->slot + 1;
	return 0;
}

/* Slots that no live attempt holds are free again. */
static void collect_free_slots(struct engine *e)
{
	cleanup_free bool *used = xcalloc((size_t)e->slots_made, sizeof *used);
	struct live *l, *tmp;

	HASH_ITER(hh, e->live, l, tmp)
		if (l->slot >= 0)
			used[l->slot] = true;
	for (int i = e->slots_made - 1; i >= 0; i--) {
		if (used[i])
			continue;
		ARRAY_ROOM(e->free_slots, e->free_slot_count, e->free_slot_cap);
		e->free_slots[e->free_slot_count++] = i;
	}
}

static int recover(struct engine *e, struct resources pool, struct err *err)
{
	struct fact fact = { .kind = FACT_POOL, .pool = pool };

	if (sched_apply(e->sched, &fact, NULL, err) || replay(e, err) ||
	    store_live_attempts(e->store, take_live, e, err))
		return -1;
	collect_free_slots(e);
	if (store_last_at(e->store) > e->last)
		e->last = store_last_at(e->store);
	e->next_key = store_next_key(e->store);
	if (HASH_COUNT(e->live))
		log_info("%u attempts were alive when the last server left", HASH_COUNT(e->live));
	return 0;
}

static void on_wakeup(void *arg)
{
	(void)arg; /* the turn before the next sleep asks the scheduler */
}

static void use_settings(struct engine *e, const struct settings *s)
{
	e->log_max = s->log_max_mib << 20;
	snprintf(e->account.region, sizeof e->account.region, "%.63s", s->region);
	snprintf(e->account.id, sizeof e->account.id, "%.12s", s->account);
}

static int engine_start(struct engine *e, struct resources pool, struct err *err)
{
	e->store = store_open(e->home->db, err);
	if (!e->store || act_open_backends(e, err) || recover(e, pool, err))
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
	struct settings defaults;

	settings_default(&defaults);
	e->loop = l;
	e->home = o->home;
	e->shim = o->shim ? xstrdup(o->shim) : shim_find();
	e->fake = xstrdup(o->fake);
	e->sched = sched_new();
	use_settings(e, o->settings ? o->settings : &defaults);
	if (o->backend && !(e->only = backend_find(o->backend))) {
		err_set(err, ERR_INVALID, "there is no backend \"%s\"", o->backend);
		engine_close(e);
		return NULL;
	}
	if (engine_start(e, pool_choose(o->pool, o->settings ? o->settings : &defaults), err)) {
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
		HASH_DEL(e->live, l); /* NOLINT(clang-analyzer-unix.Malloc): uthash's walk is safe */
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

const struct account *engine_account(const struct engine *e)
{
	return &e->account;
}
