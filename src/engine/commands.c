/* What the API asks of the engine: each becomes a fact, or a row that no decision needs. */
#include "config.h"
#include <string.h>
#include "jobdeck/model/reason.h"
#include "internal.h"

int engine_put_environment(struct engine *e, const struct environment *env, struct err *err)
{
	struct fact fact = { .kind = FACT_ENVIRONMENT, .at = engine_now(e), .environment = env };

	return turn_fact(e, &fact, err);
}

int engine_put_queue(struct engine *e, const struct queue *q, struct err *err)
{
	struct fact fact = { .kind = FACT_QUEUE, .at = engine_now(e), .queue = q };

	return turn_fact(e, &fact, err);
}

/* A row that no fact tells of and no decision needs. Inside the turn's transaction; one that
 * cannot be written is the end, as for facts. */
static int row_begin(struct engine *e, struct err *err)
{
	struct err local = { 0 };

	if (e->failed) {
		if (err)
			*err = e->failure;
		return -1;
	}
	if (store_in_transaction(e->store) || store_begin(e->store, &local) == 0)
		return 0;
	if (err)
		*err = local;
	return turn_fail(e, &local);
}

static int row_written(struct engine *e, int rc, const struct err *why, struct err *err)
{
	if (rc) {
		if (err)
			*err = *why;
		return turn_fail(e, why);
	}
	e->seq++;
	e->urgent = true;
	return 0;
}

int engine_put_policy(struct engine *e, const struct policy *p, struct err *err)
{
	struct fact fact = { .kind = FACT_POLICY, .at = engine_now(e), .policy = p };

	return turn_fact(e, &fact, err);
}

int engine_put_consumable(struct engine *e, const struct consumable *c, struct err *err)
{
	struct fact fact = { .kind = FACT_CONSUMABLE, .at = engine_now(e), .consumable = c };

	return turn_fact(e, &fact, err);
}

int engine_put_definition(struct engine *e, const struct definition *d, struct err *err)
{
	struct err why = { 0 };

	if (row_begin(e, err))
		return -1;
	return row_written(e, store_put_definition(e->store, d, &why), &why, err);
}

int engine_put_value(struct engine *e, const char *name, const char *value, struct err *err)
{
	struct err why = { 0 };

	if (row_begin(e, err))
		return -1;
	return row_written(e, store_put_value(e->store, name, value, &why), &why, err);
}

int engine_put_token(struct engine *e, const char *name, const char *text, struct err *err)
{
	struct err why = { 0 };

	if (row_begin(e, err))
		return -1;
	return row_written(e, store_put_token(e->store, engine_now(e), name, text, &why), &why,
			   err);
}

int engine_put_job_doc(struct engine *e, int64_t key, const char *doc, struct err *err)
{
	struct err why = { 0 };

	if (row_begin(e, err))
		return -1;
	return row_written(e, store_put_job_doc(e->store, key, doc, &why), &why, err);
}

/* Leaves in job->depends what the scheduler must know of; says whether one of the others
 * failed (DEP-8). Those that are met go. */
static int settle_dependencies(struct engine *e, struct job *job, bool *failed, struct err *err)
{
	size_t kept = 0;

	*failed = false;
	for (size_t i = 0; i < job->depends_count; i++) {
		struct dependency *d = &job->depends[i];
		bool lives = sched_job(e->sched, d->job, &(struct sched_job_view){ 0 });
		int settled = lives ? SETTLED_LIVES : store_settle(e->store, d, err);

		if (settled < 0)
			return -1;
		if (settled == SETTLED_LIVES || settled == SETTLED_OUTCOME)
			job->depends[kept++] = *d;
		*failed |= settled == SETTLED_FAILED;
	}
	job->depends_count = kept;
	return 0;
}

int engine_submit(struct engine *e, struct job *job, struct err *err)
{
	struct fact fact = { .kind = FACT_SUBMITTED, .at = engine_now(e), .submitted = job };
	bool failed;

	if (settle_dependencies(e, job, &failed, err))
		return -1;
	job->key = job->order = fact.job = e->next_key;
	job->status = JOB_SUBMITTED;
	job->created = fact.at;
	uuid_v7(fact.at, job->id);
	if (turn_fact(e, &fact, err))
		return -1;
	e->next_key += 1 + job->size;
	return failed ? engine_fail(e, job->key, REASON_DEPENDENCY, err) : 0;
}

/* Ended jobs are no longer the scheduler's: both calls succeed and change nothing (CX-5). */
static int ask_to_end(struct engine *e, enum fact_kind kind, int64_t key, const char *reason,
		      struct err *err)
{
	struct fact fact = { .kind = kind, .at = engine_now(e), .job = key, .reason = reason };

	if (!sched_job(e->sched, key, &(struct sched_job_view){ 0 }))
		return 0;
	return turn_fact(e, &fact, err);
}

int engine_fail(struct engine *e, int64_t key, const char *reason, struct err *err)
{
	return ask_to_end(e, FACT_FAILED, key, reason, err);
}

int engine_cancel(struct engine *e, int64_t key, const char *reason, struct err *err)
{
	return ask_to_end(e, FACT_CANCELLED, key, reason, err);
}

int engine_terminate(struct engine *e, int64_t key, const char *reason, struct err *err)
{
	return ask_to_end(e, FACT_TERMINATED, key, reason, err);
}

static int tell_job(struct engine *e, enum fact_kind kind, int64_t key, struct err *err)
{
	struct fact fact = { .kind = kind, .at = engine_now(e), .job = key };

	return turn_fact(e, &fact, err);
}

int engine_hold(struct engine *e, int64_t key, struct err *err)
{
	return tell_job(e, FACT_HELD, key, err);
}

int engine_release(struct engine *e, int64_t key, struct err *err)
{
	return tell_job(e, FACT_RELEASED, key, err);
}

int engine_reclaim(struct engine *e, int64_t instance, struct err *err)
{
	struct fact fact = { .kind = FACT_INSTANCE_RECLAIMED, .at = engine_now(e) };

	fact.instance_key = instance;
	return turn_fact(e, &fact, err);
}

int engine_reclaim_job(struct engine *e, int64_t key, struct err *err)
{
	struct fact fact = { .kind = FACT_STOPPING, .at = engine_now(e), .job = key };
	struct sched_job_view view;

	if (!sched_job(e->sched, key, &view) || !view.env)
		return err_set(err, ERR_CONFLICT, "the job is not running");
	fact.attempt = view.attempt;
	fact.stopping.cause = STOP_RECLAIMED;
	if (turn_fact(e, &fact, err))
		return -1;
	act_queue(e, &(struct action){ .kind = ACT_STOP,
				       .job = key,
				       .attempt = view.attempt,
				       .cause = STOP_RECLAIMED });
	return 0;
}
