#include "config.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/mem.h"
#include "jobdeck/model/reason.h"
#include "prop.h"

/* The same state by other ways: the journal replayed, rows restored, a copy. */

void same_in_replay(struct run *run, const struct fact *fact, const struct fact_effect *effect)
{
	struct fact_effect again = { 0 };

	CHECK(REPLAY, sched_apply(run->replay, fact, &again, NULL) == 0, "the replay refuses %s %d",
	      fact_name(fact->kind), (int)fact->job);
	CHECK(REPLAY,
	      again.changed == effect->changed && again.from == effect->from &&
		      again.to == effect->to && again.order == effect->order &&
		      again.born == effect->born,
	      "%s %" PRId64 " has another effect in the replay", fact_name(fact->kind), fact->job);
	CHECK(REPLAY, sched_hash(run->replay) == sched_hash(run->s),
	      "hash differs after %s %" PRId64, fact_name(fact->kind), fact->job);
}

static bool drain(struct sched *s, jd_time now)
{
	struct fact fact;

	for (int n = 0; n < 20000; n++) {
		if (!sched_decide(s, now, &fact))
			return true;
		if (sched_apply(s, &fact, NULL, NULL))
			return false;
	}
	return false; /* it goes round in circles */
}

static bool any_born(const struct oracle_job *array)
{
	for (int i = 1; i <= array->item->submit.size; i++) {
		if (array[i].born)
			return true;
	}
	return false;
}

/* The row that the store would have of a job that lives. */
static struct job row_of(struct run *run, const struct oracle_job *job,
			 struct dependency depends[MAX_DEPENDS], char *reason)
{
	struct job row = job_row(job->item, depends);

	row.key = job->key;
	row.status = job->status;
	row.attempt = job->attempt;
	row.order = job->order;
	row.cancelled = job->cancelled;
	row.terminated = job->terminated;
	row.timed_out = job->timed_out;
	row.held = job->held;
	snprintf(reason, sizeof job->blocked, "%s", job->blocked);
	row.status_reason = job->terminated || job->cancelled ? stop_reason :
			    *reason			      ? reason :
								NULL;
	row.blocked_since = job->blocked_since;
	if (job->parent) {
		row.kind = JOB_KIND_CHILD;
		row.parent = job->parent->key;
		row.depends_count = 0;
		row.size = 0;
		row.start_after = 0;
	} else if (row.kind == JOB_KIND_ARRAY && any_born(job)) {
		row.outcome = outcome_of(run, job);
	}
	say_dependencies(run, &row);
	return row;
}

static void restore_attempt(struct run *run, struct sched *s, const struct oracle_job *job)
{
	struct fact fact = { .kind = FACT_PLACED,
			     .at = job->placed,
			     .job = job->key,
			     .attempt = job->attempt };

	fact.placed.env = env_names[job->env];
	fact.placed.instance = job->instance;
	fact.placed.gpu_set = job->gpu_set;
	CHECK(RESTART, sched_apply(s, &fact, NULL, NULL) == 0, "restart: place %" PRId64, job->key);
	if (job->status != JOB_RUNNING)
		return;
	fact = (struct fact){ .kind = FACT_STARTED,
			      .at = job->started,
			      .job = job->key,
			      .attempt = job->attempt };
	CHECK(RESTART, sched_apply(s, &fact, NULL, NULL) == 0, "restart: start %" PRId64, job->key);
}

static void restore_job(struct run *run, struct sched *s, const struct oracle_job *job, jd_time now)
{
	struct dependency depends[MAX_DEPENDS];
	char reason[sizeof job->blocked];
	struct job row = row_of(run, job, depends, reason);
	struct err err = { 0 };
	struct fact fact = {
		.kind = FACT_SUBMITTED, .at = now, .job = job->key, .submitted = &row
	};

	CHECK(RESTART, sched_apply(s, &fact, NULL, &err) == 0, "restart: submit %" PRId64 ": %s",
	      job->key, err.text);
	unsay_dependencies(&row);
	free(row.outcome);
	if (oracle_active(job))
		restore_attempt(run, s, job);
}

static void restore_instance(struct run *run, struct sched *s, const struct oracle_instance *i)
{
	union {
		const char *in;
		char *out;
	} type = { .in = i->type->name }; /* only read */
	struct instance said = { .key = i->key,
				 .env = env_names[i->env],
				 .type = type.out,
				 .spot = run->o.env[i->env].spot,
				 .generation = i->generation,
				 .status = i->status,
				 .nominal = oracle_nominal(i->type),
				 .launched = i->launched,
				 .up = i->up,
				 .reclaimed = i->reclaimed,
				 .last_end = i->last_end };
	struct fact fact = {
		.kind = FACT_INSTANCE_LAUNCHED, .at = i->launched, .instance = &said
	};

	CHECK(RESTART, sched_apply(s, &fact, NULL, NULL) == 0, "restart: launch");
	fact = (struct fact){ .kind = FACT_INSTANCE_UP, .at = i->up };
	fact.instance_key = i->key;
	if (i->up)
		CHECK(RESTART, sched_apply(s, &fact, NULL, NULL) == 0, "restart: up");
	fact = (struct fact){ .kind = FACT_INSTANCE_RECLAIMED, .at = i->reclaimed };
	fact.instance_key = i->key;
	if (i->status == INSTANCE_RECLAIMED)
		CHECK(RESTART, sched_apply(s, &fact, NULL, NULL) == 0, "restart: reclaim");
}

static void restore_places(struct run *run, struct sched *s)
{
	struct fact fact = { .kind = FACT_SETTINGS, .settings = run->w->settings };

	fact.settings.next_instance = run->o.last_instance + 1;
	sched_apply(s, &fact, NULL, NULL);
	fact = (struct fact){ .kind = FACT_POOL, .pool = run->o.pool };
	sched_apply(s, &fact, NULL, NULL);
	for (int i = 0; i < run->w->env_count; i++) {
		struct environment env = env_row(&run->o.env[i], i);

		fact = (struct fact){ .kind = FACT_ENVIRONMENT, .environment = &env };
		sched_apply(s, &fact, NULL, NULL);
	}
	for (int i = 0; i < run->o.instance_count; i++)
		restore_instance(run, s, &run->o.instance[i]);
	for (int i = 0; i < run->w->queue_count; i++) {
		struct queue q = queue_row(&run->o.queue[i], i);

		fact = (struct fact){ .kind = FACT_QUEUE, .queue = &q };
		sched_apply(s, &fact, NULL, NULL);
	}
}

static bool has_row(const struct oracle *o, const struct oracle_job *job)
{
	return job->item && job->born && oracle_live(o, job);
}

/* As the engine does it from the store's rows: places, jobs by key, and jobs failed whose
 * dependency had failed when the server died. */
static struct sched *restore(struct run *run, jd_time now)
{
	struct sched *s = sched_new();

	restore_places(run, s);
	for (int i = 0; i < run->o.count; i++) {
		if (has_row(&run->o, &run->o.job[i]))
			restore_job(run, s, &run->o.job[i], now);
	}
	for (int i = 0; i < run->o.count; i++) {
		const struct oracle_job *job = &run->o.job[i];
		struct fact fact = { .kind = FACT_FAILED,
				     .at = now,
				     .job = job->key,
				     .reason = REASON_DEPENDENCY };

		if (has_row(&run->o, job) && !job->parent && oracle_unmet_failed(&run->o, job))
			sched_apply(s, &fact, NULL, NULL);
	}
	return s;
}

void same_after_restart(struct run *run, jd_time now)
{
	struct sched *copy = sched_clone(run->s), *again = restore(run, now);

	CHECK(CLONE, sched_hash(copy) == sched_hash(run->s), "a copy differs");
	CHECK(RESTART, drain(again, now), "restarted, it refuses its decision, or never ends");
	CHECK(CLONE, drain(copy, now), "copied, it refuses its decision, or never ends");
	CHECK(RESTART, sched_hash(again) == sched_hash(copy), "restarted, it comes to another end");
	sched_free(copy);
	sched_free(again);
}

/* From now on the replay is a copy: of itself or of the live one. */
void same_in_copy(struct run *run)
{
	struct sched *old = run->replay;

	run->replay = sched_clone(random_one_in(&run->random, 2) ? run->s : old);
	sched_free(old);
	CHECK(CLONE, sched_hash(run->replay) == sched_hash(run->s), "a copy differs");
}

static bool same_fact(const struct fact *a, const struct fact *b)
{
	if (a->kind != b->kind || a->at != b->at || a->job != b->job || a->attempt != b->attempt)
		return false;
	if (a->kind == FACT_INSTANCE_LAUNCHED)
		return a->instance->key == b->instance->key &&
		       strcmp(a->instance->type, b->instance->type) == 0;
	if (a->kind >= FACT_INSTANCE_UP && a->kind <= FACT_INSTANCE_TERMINATED)
		return a->instance_key == b->instance_key;
	return a->kind != FACT_PLACED || (strcmp(a->placed.env, b->placed.env) == 0 &&
					  a->placed.instance == b->placed.instance &&
					  a->placed.gpu_set == b->placed.gpu_set);
}

void same_when_asked_twice(struct run *run, jd_time now)
{
	struct fact first = { 0 }, second = { 0 }, third = { 0 };
	bool any = sched_decide(run->s, now, &first);
	bool again = sched_decide(run->s, now, &second);
	bool there = sched_decide(run->replay, now, &third);

	CHECK(TWICE, again == any && (!any || same_fact(&first, &second)),
	      "asked twice, it says %s and %s", fact_name(first.kind), fact_name(second.kind));
	/* Who has which place on an instance that is coming is found out in passes over the lines,
	 * and whoever was not asked in between has made others. */
	if (oracle_any_launching(&run->o))
		return;
	CHECK(TWICE, there == any && (!any || same_fact(&first, &third)),
	      "the replay decides %s %" PRId64 ", not %s %" PRId64, fact_name(third.kind),
	      third.job, fact_name(first.kind), first.job);
}
