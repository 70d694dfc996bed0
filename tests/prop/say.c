#include "config.h"
#include <string.h>
#include "jobdeck/base/mem.h"
#include "jobdeck/model/reason.h"
#include "prop.h"

/* Facts from outside: what a user, an operator and the engine would say. */

/* Applies it to the scheduler (by way of the simulation) and to the replay alike. */
static int say(struct run *run, const struct fact *fact)
{
	struct err err = { 0 };

	let_pass(run, fact->at - 1);
	if (run->failed >= 0)
		return -1;
	if (!sim_apply(run->sim, fact, &err))
		return 0;
	CHECK(REPLAY, sched_apply(run->replay, fact, NULL, NULL) == -1,
	      "the replay accepts %s %" PRId64, fact_name(fact->kind), fact->job);
	CHECK(REFUSE, err.kind && err.text[0], "refused without a word");
	return -1;
}

/* Instances of an earlier generation take no more jobs. */
static void outdate(struct oracle *o, int env)
{
	for (int i = 0; i < o->instance_count; i++) {
		struct oracle_instance *it = &o->instance[i];

		if (it->env == env && it->status == INSTANCE_UP &&
		    it->generation != o->env[env].generation)
			it->status = INSTANCE_DRAINING;
	}
}

/* Generations rise by updates; other changes leave them as they are. */
static void say_env(struct run *run, jd_time at, const struct env_setting *setting, int n)
{
	struct env_setting now = *setting;
	struct environment env;
	struct fact fact = { .kind = FACT_ENVIRONMENT, .at = at, .environment = &env };

	if (!now.updating)
		now.generation = run->o.env[n].generation;
	env = env_row(&now, n);
	CHECK(REFUSE, say(run, &fact) == 0, "e%d refused", n);
	run->o.env[n] = now;
	oracle_reached(&run->o, n);
	outdate(&run->o, n);
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

char *outcome_of(const struct run *run, const struct oracle_job *array)
{
	int n = array->item->submit.size;
	char *text = xcalloc(1, (size_t)n + 1);

	for (int i = 0; i < n; i++) {
		const struct oracle_job *child = array + 1 + i;
		enum job_status status = oracle_status(&run->o, child);

		text[i] = !child->born && oracle_live(&run->o, array) ? ' ' :
			  status == JOB_SUCCEEDED		      ? 'S' :
			  status == JOB_FAILED			      ? 'F' :
									'.';
	}
	return text;
}

/* Of an array that has failed, each child's end is told to those who wait child by child. */
void say_dependencies(const struct run *run, struct job *row)
{
	for (size_t i = 0; i < row->depends_count; i++) {
		const struct oracle_job *up = oracle_job(&run->o, row->depends[i].job);

		if (row->depends[i].type == DEPENDENCY_N_TO_N && up->item && up->submitted &&
		    up->status == JOB_FAILED)
			row->depends[i].outcome = outcome_of(run, up);
	}
}

void unsay_dependencies(struct job *row)
{
	for (size_t i = 0; i < row->depends_count; i++)
		free(row->depends[i].outcome);
}

/* The engine fails a job that is submitted after its dependency failed. */
static void say_submit(struct run *run, jd_time at, const struct item *item)
{
	struct dependency depends[MAX_DEPENDS];
	struct job job = job_row(item, depends);
	struct fact fact = { .kind = FACT_SUBMITTED, .at = at, .job = job.key, .submitted = &job };

	say_dependencies(run, &job);
	CHECK(REFUSE, say(run, &fact) == 0, "submit %" PRId64 " refused", job.key);
	unsay_dependencies(&job);
	if (oracle_unmet_failed(&run->o, oracle_job(&run->o, job.key))) {
		fact = (struct fact){
			.kind = FACT_FAILED, .at = at, .job = item->job, .reason = REASON_DEPENDENCY
		};
		CHECK(REFUSE, say(run, &fact) == 0, "fail %" PRId64 " refused", item->job);
	}
}

static bool may_be_held(const struct oracle *o, const struct oracle_job *job)
{
	if (!oracle_live(o, job) || oracle_active(job))
		return false;
	return job->born || oracle_status(o, job) == JOB_RUNNABLE;
}

static bool may_be_released(const struct oracle *o, const struct oracle_job *job)
{
	return oracle_live(o, job->born ? job : job->parent);
}

/* What is refused must be refused, and nothing else. */
static void say_to_job(struct run *run, jd_time at, const struct item *item)
{
	static const enum fact_kind kinds[] = { [ITEM_CANCEL] = FACT_CANCELLED,
						[ITEM_TERMINATE] = FACT_TERMINATED,
						[ITEM_HOLD] = FACT_HELD,
						[ITEM_RELEASE] = FACT_RELEASED };
	const struct oracle_job *job = oracle_job(&run->o, item->job);
	struct fact fact = {
		.kind = kinds[item->kind], .at = at, .job = item->job, .reason = stop_reason
	};
	bool may, accepted;

	let_pass(run, at - 1); /* so that the oracle knows what was then */
	if (run->failed >= 0 || !job->item)
		return;
	may = item->kind == ITEM_HOLD	 ? may_be_held(&run->o, job) :
	      item->kind == ITEM_RELEASE ? may_be_released(&run->o, job) :
					   oracle_live(&run->o, job->born ? job : job->parent);
	accepted = say(run, &fact) == 0;
	CHECK(REFUSE, accepted == may, "%s %" PRId64 " %s", fact_name(fact.kind), item->job,
	      accepted ? "accepted" : "refused");
}

/* Some instance, or, where there are none, the machine itself. */
static int64_t some_instance(const struct run *run, int which)
{
	const struct oracle *o = &run->o;

	if (o->instance_count)
		return o->instance[which % o->instance_count].key;
	for (int i = 0; i < o->w->env_count; i++) {
		if (o->env[i].form == ENV_LOCAL && o->env_active[i])
			return LOCAL_HOST + i;
	}
	return 0;
}

static void say_reclaim(struct run *run, jd_time at, int which)
{
	struct fact fact = { .kind = FACT_INSTANCE_RECLAIMED, .at = at };
	const struct oracle_instance *i;
	bool accepted, twice;

	let_pass(run, at - 1);
	fact.instance_key = some_instance(run, which);
	fact.instance_reason = stop_reason;
	if (run->failed >= 0 || !fact.instance_key)
		return;
	i = oracle_instance(&run->o, fact.instance_key);
	twice = i && i->status == INSTANCE_RECLAIMED;
	run->drill = true;
	accepted = say(run, &fact) == 0;
	run->drill = false;
	CHECK(REFUSE, accepted == !twice, "the reclaim of instance %" PRId64, fact.instance_key);
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
	case ITEM_HOLD:
	case ITEM_RELEASE:
		say_to_job(run, at, item);
		break;
	case ITEM_ENV:
		say_env(run, at, &item->env, item->which);
		break;
	case ITEM_QUEUE:
		say_queue(run, at, &item->queue, item->which);
		break;
	case ITEM_POOL:
		say_pool(run, at, &item->pool);
		break;
	case ITEM_RECLAIM:
		say_reclaim(run, at, item->which);
	}
}

/* Everybody who is held is let go, so that all can end. */
static void say_released(struct run *run, jd_time at)
{
	for (int i = 0; i < run->o.count && run->failed < 0; i++) {
		struct fact fact = { .kind = FACT_RELEASED, .at = at, .job = run->o.job[i].key };

		if (run->o.job[i].item && run->o.job[i].held && oracle_live(&run->o, &run->o.job[i]))
			CHECK(REFUSE, say(run, &fact) == 0, "release refused");
	}
}

void say_settings(struct run *run)
{
	struct fact fact = {
		.kind = FACT_SETTINGS, .at = begin_at, .settings = run->w->settings
	};

	CHECK(REFUSE, say(run, &fact) == 0, "settings refused");
}

void say_world(struct run *run, jd_time at)
{
	say_pool(run, at, &run->w->pool);
	for (int i = 0; i < run->w->env_count; i++)
		say_env(run, at, &run->w->env[i], i);
	for (int i = 0; i < run->w->queue_count; i++)
		say_queue(run, at, &run->w->queue[i], i);
	say_released(run, at);
}
