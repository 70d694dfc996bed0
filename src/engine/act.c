/* Doing what was committed: slots, backends, and the news that backends send back. */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/log.h"
#include "jobdeck/base/text.h"
#include "jobdeck/model/reason.h"
#include "internal.h"

void act_queue(struct engine *e, const struct action *a)
{
	ARRAY_ROOM(e->actions, e->action_count, e->action_cap);
	e->actions[e->action_count++] = *a;
}

int slot_take(struct engine *e)
{
	if (e->free_slot_count)
		return e->free_slots[--e->free_slot_count];
	return e->slots_made++;
}

struct live *live_add(struct engine *e, int64_t job, int attempt, int slot, jd_time placed)
{
	struct live *l = xcalloc(1, sizeof *l);

	l->job = job;
	l->attempt = attempt;
	l->slot = slot;
	l->placed = placed;
	HASH_ADD(hh, e->live, job, sizeof l->job, l);
	return l;
}

struct live *live_find(const struct engine *e, int64_t job, int attempt)
{
	struct live *l;

	HASH_FIND(hh, e->live, &job, sizeof job, l);
	return l && l->attempt == attempt ? l : NULL;
}

/* Nothing happens after it was told: when the clock was set back meanwhile, it was now. */
static jd_time learned(struct engine *e, jd_time at)
{
	return at < engine_now(e) ? at : engine_now(e);
}

static void on_started(void *arg, int64_t job, int attempt, jd_time at)
{
	struct engine *e = arg;
	struct fact fact = { .kind = FACT_STARTED,
			     .at = engine_now(e),
			     .happened = learned(e, at),
			     .job = job,
			     .attempt = attempt };
	struct sched_job_view view;
	struct err err = { 0 };

	/* After a restart the backend tells again what may already be known. */
	if (!live_find(e, job, attempt) || !sched_job(e->sched, job, &view) ||
	    view.status != JOB_STARTING)
		return;
	if (turn_fact(e, &fact, &err))
		log_error("start of job %lld: %s", (long long)job, err.text);
}

static void on_ended(void *arg, int64_t job, int attempt, const struct attempt_end *end)
{
	struct engine *e = arg;
	struct live *l = live_find(e, job, attempt);
	/* It holds words of the job's, maybe cut: it must be text for every reader. */
	cleanup_free char *reason =
		end->reason ? text_utf8_dup(end->reason, strlen(end->reason)) : NULL;
	struct fact fact = { .kind = FACT_ENDED,
			     .at = engine_now(e),
			     .happened = learned(e, end->at),
			     .job = job,
			     .attempt = attempt };
	struct err err = { 0 };
	char text[128];

	if (!l)
		return;
	fact.ended.exit_code = end->exit_code;
	fact.ended.status_reason = end->status_reason;
	fact.ended.reason = reason;
	fact.ended.timed_out = end->timed_out;
	sched_settle_end(e->sched, &fact, text);
	if (turn_fact(e, &fact, &err)) {
		log_error("end of job %lld: %s", (long long)job, err.text);
		return;
	}
	act_queue(e, &(struct action){ .kind = ACT_FREE_SLOT, .slot = l->slot });
	HASH_DEL(e->live, l);
	free(l);
}

int act_open_backends(struct engine *e, struct err *err)
{
	struct backend_config config = {
		.loop = e->loop,
		.notify = { .started = on_started, .ended = on_ended, .arg = e },
		.run_dir = e->home->run,
		.shim = e->shim,
		.fake = e->fake,
	};

	for (int i = 0; i < BACKEND_COUNT; i++) {
		if (e->only && e->only != backend_table[i])
			continue;
		e->backend_self[i] = backend_table[i]->open(&config, err);
		if (!e->backend_self[i])
			return -1;
	}
	return 0;
}

void act_close_backends(struct engine *e)
{
	for (int i = 0; i < BACKEND_COUNT; i++)
		if (e->backend_self[i])
			backend_table[i]->close(e->backend_self[i]);
}

/* The backend of the image, or the one that runs everything; it is kept in *l. */
static bool choose_backend(struct engine *e, struct live *l, const char *image)
{
	const struct backend *wanted = e->only ? e->only : backend_for_image(image);

	for (int i = 0; i < BACKEND_COUNT && wanted; i++) {
		if (backend_table[i] != wanted)
			continue;
		l->backend = wanted;
		l->self = e->backend_self[i];
	}
	return l->backend != NULL;
}

/* The attempt ends without a start; told like any other end. */
static void cannot_start(struct engine *e, struct live *l, const char *why)
{
	struct attempt_end end = { .at = engine_now(e),
				   .exit_code = -1,
				   .status_reason = REASON_START_FAILED,
				   .reason = why };

	on_ended(e, l->job, l->attempt, &end);
}

static void start(struct engine *e, struct live *l)
{
	struct launch_plan plan;
	struct err err = { 0 };
	char why[LIMIT_CONTAINER_REASON + 1];

	if (launch_plan_init(&plan, e, l, &err)) {
		snprintf(why, sizeof why, "ResourceInitializationError: %.200s", err.text);
		cannot_start(e, l, why);
	} else if (!choose_backend(e, l, plan.launch.image)) {
		snprintf(why, sizeof why,
			 "CannotPullContainerError: image %.100s cannot be run here: no container "
			 "engine is set up; the image \"host\" runs a process of this machine",
			 plan.launch.image);
		cannot_start(e, l, why);
	} else {
		l->backend->start(l->self, &plan.launch);
	}
	launch_plan_fini(&plan);
}

/* SP-2: what is taken away is told in time, and killed when that is over. */
static void stop(struct engine *e, struct live *l, enum stop_cause cause)
{
	int grace_ms = cause == STOP_RECLAIMED ? e->notice_ms : LIMIT_STOP_GRACE_S * 1000;

	if (l->waits)
		cannot_start(e, l, "CannotStartContainerError: stopped before the main node ran");
	else if (l->backend)
		l->backend->stop(l->self, l->job, l->attempt, l->slot, cause == STOP_TIMEOUT,
				 grace_ms);
}

static void act(struct engine *e, const struct action *a)
{
	struct live *l;

	if (a->kind == ACT_FREE_SLOT) {
		ARRAY_ROOM(e->free_slots, e->free_slot_count, e->free_slot_cap);
		e->free_slots[e->free_slot_count++] = a->slot;
		return;
	}
	l = live_find(e, a->job, a->attempt);
	if (!l)
		return; /* it has ended in the meantime */
	if (a->kind == ACT_START)
		start(e, l);
	else
		stop(e, l, a->cause);
}

void act_is_committed(struct engine *e)
{
	for (size_t i = 0; i < e->action_count; i++) {
		ARRAY_ROOM(e->ready, e->ready_count, e->ready_cap);
		e->ready[e->ready_count++] = e->actions[i];
	}
	e->action_count = 0;
}

/* Acting may queue more (a start that fails at once frees its slot): that belongs to the
 * next commit. */
void act_all(struct engine *e)
{
	for (size_t i = 0; i < e->ready_count; i++) {
		struct action a = e->ready[i];

		act(e, &a);
	}
	e->ready_count = 0;
}

/* After a restart: what was placed is started again, which backends make harmless; and what
 * was being stopped is stopped again. */
void act_reattach(struct engine *e)
{
	struct live *l, *tmp;

	HASH_ITER(hh, e->live, l, tmp) {
		struct action a = { .kind = ACT_START,
				    .job = l->job,
				    .attempt = l->attempt,
				    .slot = l->slot,
				    .cause = l->cause };

		if (!l->waits)
			act_queue(e, &a);
		a.kind = ACT_STOP;
		if (l->stopping)
			act_queue(e, &a);
	}
}
