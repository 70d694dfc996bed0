#include "config.h"
#include <string.h>
#include "jobdeck/model/reason.h"
#include "prop.h"

/* Facts from outside: what a user, an operator and the engine would say. */

/* Applies it to the scheduler (by way of the simulation) and to the replay alike. */
static int say(struct run *run, const struct fact *fact)
{
	struct err err = { 0 };

	if (!sim_apply(run->sim, fact, &err))
		return 0;
	CHECK(REPLAY, sched_apply(run->replay, fact, NULL, NULL) == -1,
	      "the replay accepts %s %" PRId64, fact_name(fact->kind), fact->job);
	CHECK(REFUSE, err.kind && err.text[0], "refused without a word");
	return -1;
}

static void say_env(struct run *run, jd_time at, const struct env_setting *setting, int n)
{
	struct environment env = env_row(setting, n);
	struct fact fact = { .kind = FACT_ENVIRONMENT, .at = at, .environment = &env };

	CHECK(REFUSE, say(run, &fact) == 0, "e%d refused", n);
	run->o.env[n] = *setting;
}

static void say_queue(struct run *run, jd_time at, const struct queue_setting *setting, int n)
{
	struct queue q = queue_row(setting, n);
	struct fact fact = { .kind = FACT_QUEUE, .at = at, .queue = &q };

	CHECK(REFUSE, say(run, &fact) == 0, "q%d refused", n);
	run->o.queue[n] = *setting;
}

static void say_pool(struct run *run, jd_time at, const struct resources *pool)
{
	struct fact fact = { .kind = FACT_POOL, .at = at, .pool = *pool };

	CHECK(REFUSE, say(run, &fact) == 0, "pool refused");
	run->o.pool = *pool;
}

/* The engine fails a job that is submitted after its dependency failed. */
static void say_submit(struct run *run, jd_time at, const struct item *item)
{
	struct dependency depends[MAX_DEPENDS];
	struct job job = job_row(item, depends);
	struct fact fact = { .kind = FACT_SUBMITTED, .at = at, .job = job.key, .submitted = &job };

	CHECK(REFUSE, say(run, &fact) == 0, "submit %" PRId64 " refused", job.key);
	if (oracle_unmet_failed(&run->o, oracle_job(&run->o, job.key))) {
		fact = (struct fact){
			.kind = FACT_FAILED, .at = at, .job = item->job, .reason = REASON_DEPENDENCY
		};
		CHECK(REFUSE, say(run, &fact) == 0, "fail %" PRId64 " refused", item->job);
	}
}

static void say_stop(struct run *run, jd_time at, const struct item *item)
{
	const struct oracle_job *job = oracle_job(&run->o, item->job);
	struct fact fact = { .kind = item->kind == ITEM_CANCEL ? FACT_CANCELLED : FACT_TERMINATED,
			     .at = at,
			     .job = item->job,
			     .reason = stop_reason };
	bool accepted;

	sim_run(run->sim, at - 1); /* so that the oracle knows what was then */
	accepted = say(run, &fact) == 0;
	CHECK(REFUSE, accepted || !oracle_live(job), "%s %" PRId64 " refused", fact_name(fact.kind),
	      item->job);
}

void say_item(struct run *run, const struct item *item)
{
	jd_time at = begin_at + item->at;

	switch (item->kind) {
	case ITEM_SUBMIT:
		say_submit(run, at, item);
		break;
	case ITEM_CANCEL:
	case ITEM_TERMINATE:
		say_stop(run, at, item);
		break;
	case ITEM_ENV:
		say_env(run, at, &item->env, item->which);
		break;
	case ITEM_QUEUE:
		say_queue(run, at, &item->queue, item->which);
		break;
	case ITEM_POOL:
		say_pool(run, at, &item->pool);
	}
}

void say_world(struct run *run, jd_time at)
{
	say_pool(run, at, &run->w->pool);
	for (int i = 0; i < run->w->env_count; i++)
		say_env(run, at, &run->w->env[i], i);
	for (int i = 0; i < run->w->queue_count; i++)
		say_queue(run, at, &run->w->queue[i], i);
}
