/* Where the last server left off: the store's facts told to the scheduler again, and what lives
 * found by its backends. */
#include "config.h"
#include "jobdeck/base/log.h"
#include "jobdeck/model/reason.h"
#include "internal.h"

struct replay {
	struct engine *e;
	/* Jobs whose dependency failed just before the last server died: told by the replay,
	 * and to be recorded once it is over. */
	int64_t *failed;
	size_t failed_count, failed_cap;
	bool usage_told;
};

static int tell_usage(void *arg, const struct usage *u)
{
	struct engine *e = arg;

	sched_usage(e->sched, u->queue, u->share, u->vcpu_milli, u->from, u->to);
	return 0;
}

/* Past use of shares is wanted after the queues and before the jobs. */
static int before_jobs(struct replay *r, struct err *err)
{
	r->usage_told = true;
	return store_usage(r->e->store, engine_now(r->e), tell_usage, r->e, err);
}

/* A stop that may not have reached the backend: it is said again. */
static void note_stop(struct engine *e, const struct fact *fact)
{
	struct live *l = live_find(e, fact->job, fact->attempt);

	if (!l)
		return;
	l->stopping = true;
	l->cause = fact->stopping.cause;
}

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
	if (fact->kind == FACT_SUBMITTED && !r->usage_told && before_jobs(r, err))
		return -1;
	if (sched_apply(r->e->sched, fact, NULL, err))
		return err_wrap(err, "stored %s of job %lld does not fit what is stored before it",
				fact_name(fact->kind), (long long)fact->job);
	if (fact->kind == FACT_STOPPING)
		note_stop(r->e, fact);
	return 0;
}

static int fail_dependents(struct replay *r, struct err *err)
{
	for (size_t i = 0; i < r->failed_count; i++) {
		struct fact fact = { .kind = FACT_FAILED,
				     .at = engine_now(r->e),
				     .job = r->failed[i],
				     .reason = REASON_DEPENDENCY };

		if (turn_fact(r->e, &fact, err))
			return -1;
	}
	return 0;
}

static int replay(struct engine *e, struct err *err)
{
	struct replay r = { .e = e };
	int rc = store_replay(e->store, replay_fact, &r, err);

	if (!rc && !r.usage_told)
		rc = before_jobs(&r, err);
	if (!rc)
		rc = fail_dependents(&r, err);
	free(r.failed);
	return rc;
}

static int take_live(void *arg, const struct attempt *a)
{
	struct engine *e = arg;
	struct live *l = live_add(e, a->job, a->number, a->slot, a->placed);

	l->waits = a->waits;
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

/* What is said at every start, before all else. */
static int tell_settings(struct engine *e, const struct settings *s, struct resources pool,
			 struct err *err)
{
	struct fact settings = { .kind = FACT_SETTINGS };
	struct fact offer = { .kind = FACT_POOL, .pool = pool };

	settings.settings = (struct sched_settings){
		.idle_ms = s->idle_seconds * 1000,
		.launch_ms = s->launch_seconds * 1000,
		.launch_failure_percent = (int)s->launch_failure_percent,
		.memory_reserve_milli = (int)(s->memory_reserve_percent * 10 + 0.5),
		.next_instance = store_next_instance(e->store),
	};
	return sched_apply(e->sched, &settings, NULL, err) ||
			       sched_apply(e->sched, &offer, NULL, err) ?
		       -1 :
		       0;
}

int recover(struct engine *e, const struct settings *s, struct resources pool, struct err *err)
{
	if (tell_settings(e, s, pool, err) || store_live_attempts(e->store, take_live, e, err) ||
	    replay(e, err))
		return -1;
	collect_free_slots(e);
	if (store_last_at(e->store) > e->last)
		e->last = store_last_at(e->store);
	e->next_key = store_next_key(e->store);
	if (HASH_COUNT(e->live))
		log_info("%u attempts were alive when the last server left", HASH_COUNT(e->live));
	return 0;
}
