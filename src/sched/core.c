#include "config.h"
#include "jobdeck/sched/core.h"
#include "internal.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/model/reason.h"

/* The scheduler's front: which file folds which fact, and what is decided first. */

struct sched *sched_new(void)
{
	struct sched *s = xcalloc(1, sizeof *s);

	RB_INIT(&s->timeouts);
	RB_INIT(&s->ready);
	LIST_INIT(&s->short_of_pool);
	return s;
}

void sched_free(struct sched *s)
{
	if (!s)
		return;
	jobs_clear(s);
	strategy_clear(s);
	queues_clear(s);
	envs_clear(s);
	free(s);
}

static int settings_apply(struct sched *s, const struct fact *fact, struct fact_effect *effect,
			  struct err *err)
{
	(void)effect;
	(void)err;
	s->settings = fact->settings;
	return 0;
}

int sched_apply(struct sched *s, const struct fact *fact, struct fact_effect *effect,
		struct err *err)
{
	static apply_fact *const apply[FACT_COUNT] = {
		[FACT_POOL] = envs_pool,
		[FACT_ENVIRONMENT] = envs_apply,
		[FACT_QUEUE] = queues_apply,
		[FACT_SUBMITTED] = submit_apply,
		[FACT_PENDING] = submit_pending,
		[FACT_RUNNABLE] = submit_runnable,
		[FACT_PLACED] = attempt_placed,
		[FACT_STARTED] = attempt_started,
		[FACT_STOPPING] = attempt_stopping,
		[FACT_ENDED] = attempt_ended,
		[FACT_CANCELLED] = submit_cancelled,
		[FACT_TERMINATED] = submit_terminated,
		[FACT_FAILED] = submit_failed,
		[FACT_SETTINGS] = settings_apply,
	};
	struct fact_effect mine = { 0 };

	if ((size_t)fact->kind >= FACT_COUNT || !apply[fact->kind])
		return err_set(err, ERR_INVALID, "there is no fact of kind %d", (int)fact->kind);
	if (apply[fact->kind](s, fact, &mine, err))
		return -1;
	if (effect)
		*effect = mine;
	return 0;
}

static void say(struct fact *out, enum fact_kind kind, const struct live_job *job, jd_time now)
{
	*out = (struct fact){ .kind = kind, .at = now, .job = job->key };
}

static bool decide_failed(const struct sched *s, jd_time now, struct fact *out)
{
	if (!s->due[DUE_FAILED].first)
		return false;
	say(out, FACT_FAILED, jobs_at(s, s->due[DUE_FAILED].first), now);
	out->reason = REASON_DEPENDENCY;
	return true;
}

static bool decide_move(const struct sched *s, jd_time now, struct fact *out)
{
	const struct live_job *job;

	if (!s->due[DUE_MOVE].first)
		return false;
	job = jobs_at(s, s->due[DUE_MOVE].first);
	say(out, job->dependencies ? FACT_PENDING : FACT_RUNNABLE, job, now);
	return true;
}

static bool decide_stop(const struct sched *s, jd_time now, struct fact *out)
{
	const struct live_job *job;

	if (s->due[DUE_STOP].first)
		job = jobs_at(s, s->due[DUE_STOP].first);
	else
		job = timeout_first(s);
	if (!job || (!s->due[DUE_STOP].first && timeout_at(job) > now))
		return false;
	say(out, FACT_STOPPING, job, now);
	out->attempt = job->attempt;
	out->stopping.cause = job->terminated ? STOP_TERMINATED : STOP_TIMEOUT;
	return true;
}

/* JQ-4: the ready queues in their order; JQ-6: of each only the head. A queue whose head
 * fits nowhere is not looked at again before something it waits for has changed. */
static bool decide_place(struct sched *s, jd_time now, struct fact *out)
{
	struct live_queue *q;

	while ((q = queues_first_ready(s))) {
		const struct live_job *head = queues_head(q);
		bool pool = false;
		const struct live_env *env = head ? place_find(s, q, head, &pool) : NULL;

		if (env) {
			say(out, FACT_PLACED, head, now);
			out->attempt = head->attempt + 1;
			out->placed.env = env->name;
			out->placed.slot = -1;
			return true;
		}
		queues_wait(s, q, pool);
	}
	return false;
}

bool sched_decide(struct sched *s, jd_time now, struct fact *out)
{
	return decide_failed(s, now, out) || decide_move(s, now, out) || decide_stop(s, now, out) ||
	       decide_place(s, now, out);
}

jd_time sched_wakeup(const struct sched *s, jd_time now)
{
	return timeout_after(s, now);
}
