/* The turn: decide, commit, answer, act. Everything that changes anything passes turn_fact,
 * so that the scheduler and the store cannot disagree. */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/crash.h"
#include "jobdeck/base/log.h"
#include "internal.h"

enum {
	DECISIONS_A_TURN = 512, /* more would make those who wait for their answer wait */
	PATIENCE_MS = 20,	/* how long a commit that nobody waits for may be put off */
};

int turn_fail(struct engine *e, const struct err *why)
{
	if (!e->failed) {
		e->failed = true;
		e->failure = *why;
		log_error("%s; stopping, nothing unsaved was answered or started", why->text);
	}
	return -1;
}

/* Rows first need a transaction; then the scheduler may refuse; what it accepted must be
 * recorded, else the two differ and the engine is dead. */
int turn_fact(struct engine *e, struct fact *fact, struct err *err)
{
	struct err local = { 0 };
	struct fact_effect effect = { 0 };

	if (e->failed) {
		if (err)
			*err = e->failure;
		return -1;
	}
	if (fact->at < e->last)
		fact->at = e->last;
	if (!store_in_transaction(e->store) && store_begin(e->store, &local)) {
		if (err)
			*err = local;
		return turn_fail(e, &local);
	}
	if (sched_apply(e->sched, fact, &effect, err))
		return -1;
	e->last = fact->at;
	e->seq++;
	e->urgent |= fact->kind != FACT_STARTED;
	if (store_record(e->store, fact, &effect, &local)) {
		if (err)
			*err = local;
		return turn_fail(e, &local);
	}
	crash_point("turn-applied");
	return 0;
}

static void queue_start(struct engine *e, const struct live *l)
{
	act_queue(e, &(struct action){ .kind = ACT_START,
				       .job = l->job,
				       .attempt = l->attempt,
				       .slot = l->slot });
}

/* What is to be done about a decision that is recorded, once it is on disk. A node of a
 * multi-node job is placed with the others and started when the main one runs (MNP-4). */
static void follow(struct engine *e, const struct fact *fact)
{
	struct live *l;

	if (fact->kind == FACT_PLACED) {
		l = live_add(e, fact->job, fact->attempt, fact->placed.slot, fact->at);
		l->waits = fact->placed.waits;
		if (!l->waits)
			queue_start(e, l);
	} else if (fact->kind == FACT_NODE_START) {
		l = live_find(e, fact->job, fact->attempt);
		if (!l || !l->waits)
			return;
		l->waits = false;
		queue_start(e, l);
	} else if (fact->kind == FACT_STOPPING) {
		act_queue(e, &(struct action){ .kind = ACT_STOP,
					       .job = fact->job,
					       .attempt = fact->attempt,
					       .cause = fact->stopping.cause });
	}
}

/* A decision becomes a fact, and what follows from it waits for the commit. */
static void take_decision(struct engine *e, struct fact *fact)
{
	struct err err = { 0 };

	if (fact->kind == FACT_PLACED)
		fact->placed.slot = slot_take(e);
	if (turn_fact(e, fact, &err)) {
		turn_fail(e, &err); /* a refused decision would be asked for again for ever */
		return;
	}
	follow(e, fact);
}

/* Returns true when there is more to decide. */
static bool decide(struct engine *e)
{
	struct fact fact;

	for (int i = 0; i < DECISIONS_A_TURN; i++) {
		if (e->failed || !sched_decide(e->sched, engine_now(e), &fact))
			return false;
		fact.at = engine_now(e);
		take_decision(e, &fact);
	}
	return true;
}

/* Nothing is done and nobody is told because of a STARTED, and after a crash the shim tells
 * it again: it can wait for the next commit, which saves a short job half of its fsyncs. */
static bool may_put_off(struct engine *e)
{
	if (e->urgent || e->waiter_count)
		return false;
	if (!e->put_off) {
		e->put_off = true;
		loop_timer_set(e->patience, PATIENCE_MS);
	}
	return true;
}

void turn_out_of_patience(void *arg)
{
	struct engine *e = arg;

	e->urgent = true; /* the turn before the next sleep commits */
}

static void commit(struct engine *e)
{
	struct err err = { 0 };

	if (e->failed) {
		store_rollback(e->store);
		return;
	}
	if (store_in_transaction(e->store) && may_put_off(e))
		return;
	e->urgent = e->put_off = false;
	if (!store_in_transaction(e->store)) {
		act_is_committed(e);
		return;
	}
	crash_point("turn-decided");
	if (store_commit(e->store, &err)) {
		store_rollback(e->store);
		turn_fail(e, &err);
		return;
	}
	act_is_committed(e);
	crash_point("turn-committed");
}

/* Callbacks may ask for more: only those of this commit are run. */
static void answer(struct engine *e)
{
	size_t n = e->waiter_count;
	struct waiter *list = e->waiters;

	e->waiters = NULL;
	e->waiter_count = e->waiter_cap = 0;
	for (size_t i = 0; i < n; i++)
		list[i].cb(list[i].arg, e->failed ? &e->failure : NULL);
	free(list);
	crash_point("turn-answered");
}

/* Frees the watches that were removed; not while the list is being walked. */
static void sweep_watchers(struct engine *e)
{
	struct engine_watch **link = &e->watches;

	while (*link) {
		struct engine_watch *w = *link;

		if (!w->removed) {
			link = &w->next;
			continue;
		}
		*link = w->next;
		free(w);
	}
	e->sweep = false;
}

static void tell_watchers(struct engine *e)
{
	if (!e->failed && !e->put_off && e->told != e->seq) {
		e->told = e->seq;
		for (struct engine_watch *w = e->watches; w; w = w->next)
			if (!w->removed)
				w->cb(w->arg);
	}
	if (e->sweep)
		sweep_watchers(e);
}

static void set_wakeup(struct engine *e)
{
	jd_time now = engine_now(e), at = sched_wakeup(e->sched, now);

	if (at == JD_NEVER)
		loop_timer_unset(e->wakeup);
	else
		loop_timer_set(e->wakeup, at > now ? at - now : 0);
}

/* What the last turn committed is acted on here, not there: between the two the answers go
 * out, and nobody waits for them while processes are being spawned. */
bool turn_run(void *arg)
{
	struct engine *e = arg;
	bool more;

	if (!e->failed && e->ready_count) {
		act_all(e);
		crash_point("turn-acted");
	}
	more = decide(e);
	commit(e);
	answer(e);
	tell_watchers(e);
	if (e->failed)
		return e->waiter_count > 0;
	set_wakeup(e);
	return more || e->urgent || e->waiter_count > 0 || e->ready_count > 0;
}

void engine_after_commit(struct engine *e, engine_committed *cb, void *arg)
{
	if (e->failed || !store_in_transaction(e->store)) {
		cb(arg, e->failed ? &e->failure : NULL);
		return;
	}
	ARRAY_ROOM(e->waiters, e->waiter_count, e->waiter_cap);
	e->waiters[e->waiter_count++] = (struct waiter){ .cb = cb, .arg = arg };
}

struct engine_watch *engine_watch(struct engine *e, void (*cb)(void *arg), void *arg)
{
	struct engine_watch *w = xcalloc(1, sizeof *w);

	w->engine = e;
	w->cb = cb;
	w->arg = arg;
	w->next = e->watches;
	e->watches = w;
	return w;
}

/* Only marked: the list may be being walked. The end of the turn sweeps it. */
void engine_unwatch(struct engine_watch *w)
{
	if (!w)
		return;
	w->removed = true;
	w->engine->sweep = true;
}
