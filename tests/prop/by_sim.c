#include "config.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/mem.h"
#include "jobdeck/model/reason.h"
#include "jobdeck/sim/sim.h"
#include "rows.h"
#include "story.h"

/* The workload in the simulator, told what the engine would tell. */

static int64_t duration(void *arg, int64_t job, int attempt)
{
	return story_duration(story_given(arg, job), attempt);
}

static int code(void *arg, int64_t job, int attempt)
{
	return story_code(story_given(arg, job), attempt);
}

static void watch(void *arg, const struct fact *fact, const struct fact_effect *effect)
{
	struct story *s = arg;
	struct life *life = fact->job ? story_life(s, fact->job) : NULL;

	if (!life)
		return;
	if (fact->kind == FACT_PLACED) {
		life->attempts = fact->attempt;
		snprintf(life->attempt[fact->attempt].env, sizeof life->attempt[0].env, "%s",
			 fact->placed.env);
		life->attempt[fact->attempt].placed = fact->at;
		life->attempt[fact->attempt].instance = fact->placed.instance;
	} else if (fact->kind == FACT_STARTED) {
		life->attempt[fact->attempt].started = fact->at;
	} else if (fact->kind == FACT_ENDED) {
		life->attempt[fact->attempt].stopped = fact->at;
		s->tie |= s->last_end == fact->at;
		s->last_end = fact->at;
	}
	if (effect->changed) {
		life->seen = true;
		life->status = effect->to;
	}
}

/* A refusal is the same for both. */
static void tell(struct sim *sim, struct fact *fact, jd_time at)
{
	fact->at = at;
	sim_apply(sim, fact, NULL);
}

/* A child without a row has failed when its array has. */
static bool has_failed(const struct story *s, int64_t key, int64_t parent)
{
	const struct life *life = story_life(s, key);

	return life->seen ? life->status == JOB_FAILED :
			    parent && story_life(s, parent)->status == JOB_FAILED;
}

static const struct item *submission_of(const struct workload *w, int64_t key)
{
	for (int i = 0; i < w->item_count; i++) {
		const struct item *item = &w->items[i];

		if (item->kind == ITEM_SUBMIT && key >= item->job &&
		    key <= item->job + item->submit.size)
			return item;
	}
	return NULL;
}

static char *outcome_of(const struct story *s, const struct item *array)
{
	char *text = xcalloc(1, (size_t)array->submit.size + 1);

	for (int i = 0; i < array->submit.size; i++)
		text[i] = has_failed(s, array->job + 1 + i, array->job) ? 'F' : 'S';
	return text;
}

/* As the engine does it (DEP-6, DEP-8). True when the job fails at once. */
static bool settle(const struct story *s, struct job *job)
{
	bool fails = false;

	for (size_t i = 0; i < job->depends_count; i++) {
		struct dependency *d = &job->depends[i];
		const struct item *up = submission_of(s->w, d->job);
		int64_t parent = up && up->job != d->job ? up->job : 0;

		if (!up || up->left_out || !has_failed(s, d->job, parent))
			continue;
		fails |= d->type == DEPENDENCY_PLAIN;
		if (d->type == DEPENDENCY_N_TO_N)
			d->outcome = outcome_of(s, up);
	}
	return fails;
}

static void submit(struct sim *sim, const struct story *s, const struct item *item, jd_time at)
{
	struct dependency depends[MAX_DEPENDS];
	struct job job = job_row(item, depends);
	struct fact fact = { .kind = FACT_SUBMITTED, .job = job.key, .submitted = &job };
	bool fails;

	sim_run(sim, at - 1); /* for the status of the dependencies */
	fails = settle(s, &job);
	tell(sim, &fact, at);
	for (size_t i = 0; i < job.depends_count; i++)
		free(depends[i].outcome);
	if (fails) {
		fact = (struct fact){
			.kind = FACT_FAILED, .job = job.key, .reason = REASON_DEPENDENCY
		};
		tell(sim, &fact, at);
	}
}

static void put_env(struct sim *sim, struct story *s, const struct env_setting *setting, int n,
		    jd_time at)
{
	struct environment env = story_env(s, setting, n);
	struct fact fact = { .kind = FACT_ENVIRONMENT, .environment = &env };

	tell(sim, &fact, at);
}

static void put_queue(struct sim *sim, const struct queue_setting *setting, int n, jd_time at)
{
	struct queue q = queue_row(setting, n);
	struct fact fact = { .kind = FACT_QUEUE, .queue = &q };

	tell(sim, &fact, at);
}

static void reclaim(struct sim *sim, const struct sched *sched, int which, jd_time at)
{
	struct fact fact = { .kind = FACT_INSTANCE_RECLAIMED };

	sim_run(sim, at - 1);
	fact.instance_key = story_instance(sched, which);
	fact.instance_reason = stop_reason;
	if (fact.instance_key)
		tell(sim, &fact, at);
}

static void tell_item(struct sim *sim, const struct sched *sched, struct story *s,
		      const struct item *item)
{
	static const enum fact_kind kinds[] = { [ITEM_CANCEL] = FACT_CANCELLED,
						[ITEM_TERMINATE] = FACT_TERMINATED,
						[ITEM_HOLD] = FACT_HELD,
						[ITEM_RELEASE] = FACT_RELEASED };
	struct fact fact = { .job = item->job, .reason = stop_reason };
	jd_time at = begin_at + item->at;

	switch (item->kind) {
	case ITEM_SUBMIT:
		submit(sim, s, item, at);
		break;
	case ITEM_ENV:
		put_env(sim, s, &item->env, item->which, at);
		break;
	case ITEM_QUEUE:
		put_queue(sim, &item->queue, item->which, at);
		break;
	case ITEM_RECLAIM:
		reclaim(sim, sched, item->which, at);
		break;
	case ITEM_POOL:
		break;
	default:
		fact.kind = kinds[item->kind];
		tell(sim, &fact, at);
	}
}

static void tell_world(struct sim *sim, const struct workload *w, struct story *s)
{
	struct fact fact = { .kind = FACT_SETTINGS, .settings = w->settings };

	tell(sim, &fact, begin_at);
	fact = (struct fact){ .kind = FACT_POOL, .pool = w->pool };
	tell(sim, &fact, begin_at);
	for (int i = 0; i < w->env_count; i++)
		put_env(sim, s, &w->env[i], i, begin_at);
	for (int i = 0; i < w->queue_count; i++)
		put_queue(sim, &w->queue[i], i, begin_at);
}

void by_sim(const struct workload *w, struct story *s)
{
	struct sim_guess guess = { .duration_ms = duration, .exit_code = code, .arg = s };
	struct sched *sched = sched_new();
	struct sim *sim = sim_new(sched, begin_at, &guess, watch, s);

	tell_world(sim, w, s);
	for (int i = 0; i < w->item_count; i++) {
		if (!w->items[i].left_out)
			tell_item(sim, sched, s, &w->items[i]);
	}
	sim_run(sim, JD_NEVER);
	sim_free(sim);
	sched_free(sched);
}
