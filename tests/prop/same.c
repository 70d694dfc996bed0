#include "config.h"
#include <stdio.h>
#include <string.h>
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
		      again.to == effect->to && again.order == effect->order,
	      "%s %" PRId64 " has another effect in the replay", fact_name(fact->kind), fact->job);
	CHECK(REPLAY, sched_hash(run->replay) == sched_hash(run->s),
	      "hash differs after %s %" PRId64, fact_name(fact->kind), fact->job);
}

static bool drain(struct sched *s, jd_time now)
{
	struct fact fact;

	while (sched_decide(s, now, &fact)) {
		if (sched_apply(s, &fact, NULL, NULL))
			return false;
	}
	return true;
}

static void restore_job(struct run *run, struct sched *s, const struct oracle_job *job)
{
	char reason[sizeof job->blocked];
	struct dependency depends[MAX_DEPENDS];
	int64_t key = oracle_key(&run->o, job);
	struct job row = job_row(job->item, depends);
	struct fact fact = { .kind = FACT_SUBMITTED, .job = key, .submitted = &row };
	struct sched_job_view view;

	row.status = job->status;
	row.attempt = job->attempt;
	row.order = job->order;
	row.terminated = job->terminated;
	row.timed_out = job->timed_out;
	snprintf(reason, sizeof reason, "%s", job->blocked);
	row.status_reason = job->terminated ? stop_reason : *reason ? reason : NULL;
	row.blocked_since = job->blocked_since;
	CHECK(RESTART, sched_apply(s, &fact, NULL, NULL) == 0, "restart: submit %" PRId64, key);
	if (!oracle_active(job))
		return;
	fact = (struct fact){ .kind = FACT_PLACED, .job = key, .attempt = job->attempt };
	fact.placed.env = env_names[job->env];
	if (sched_job(run->s, key, &view))
		fact.placed.gpu_set = view.gpu_set;
	CHECK(RESTART, sched_apply(s, &fact, NULL, NULL) == 0, "restart: place %" PRId64, key);
	if (job->status != JOB_RUNNING)
		return;
	fact = (struct fact){
		.kind = FACT_STARTED, .at = job->started, .job = key, .attempt = job->attempt
	};
	CHECK(RESTART, sched_apply(s, &fact, NULL, NULL) == 0, "restart: start %" PRId64, key);
}

static void restore_places(struct run *run, struct sched *s)
{
	struct fact fact = { .kind = FACT_POOL, .pool = run->o.pool };

	sched_apply(s, &fact, NULL, NULL);
	for (int i = 0; i < run->w->env_count; i++) {
		struct environment env = env_row(&run->o.env[i], i);

		fact = (struct fact){ .kind = FACT_ENVIRONMENT, .environment = &env };
		sched_apply(s, &fact, NULL, NULL);
	}
	for (int i = 0; i < run->w->queue_count; i++) {
		struct queue q = queue_row(&run->o.queue[i], i);

		fact = (struct fact){ .kind = FACT_QUEUE, .queue = &q };
		sched_apply(s, &fact, NULL, NULL);
	}
}

/* As the engine does it from the store's rows: places, jobs by key, and jobs failed whose
 * dependency had failed when the server died. */
static struct sched *restore(struct run *run)
{
	struct sched *s = sched_new();

	restore_places(run, s);
	for (int i = 0; i < run->w->job_count; i++) {
		if (oracle_live(&run->o.job[i]))
			restore_job(run, s, &run->o.job[i]);
	}
	for (int i = 0; i < run->w->job_count; i++) {
		const struct oracle_job *job = &run->o.job[i];
		struct fact fact = { .kind = FACT_FAILED,
				     .job = oracle_key(&run->o, job),
				     .reason = REASON_DEPENDENCY };

		if (oracle_live(job) && oracle_unmet_failed(&run->o, job))
			sched_apply(s, &fact, NULL, NULL);
	}
	return s;
}

void same_after_restart(struct run *run, jd_time now)
{
	struct sched *copy = sched_clone(run->s), *again = restore(run);

	CHECK(CLONE, sched_hash(copy) == sched_hash(run->s), "a copy differs");
	CHECK(RESTART, drain(again, now), "restarted, it refuses what it decided");
	CHECK(CLONE, drain(copy, now), "copied, it refuses what it decided");
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
	return a->kind == b->kind && a->at == b->at && a->job == b->job &&
	       a->attempt == b->attempt &&
	       (a->kind != FACT_PLACED || strcmp(a->placed.env, b->placed.env) == 0);
}

void same_when_asked_twice(struct run *run, jd_time now)
{
	struct fact first = { 0 }, second = { 0 }, third = { 0 };
	bool any = sched_decide(run->s, now, &first);

	CHECK(TWICE, sched_decide(run->s, now, &second) == any && same_fact(&first, &second),
	      "asked twice, it says %s and %s", fact_name(first.kind), fact_name(second.kind));
	CHECK(TWICE, sched_decide(run->replay, now, &third) == any && same_fact(&first, &third),
	      "the replay decides %s, not %s %" PRId64, fact_name(third.kind),
	      fact_name(first.kind), first.job);
}
