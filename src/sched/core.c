#include "config.h"
#include "jobdeck/sched/core.h"
#include "family.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/model/reason.h"

/* The scheduler's front: which file folds which fact, and what is decided first. */

struct sched *sched_new(void)
{
	struct sched *s = xcalloc(1, sizeof *s);

	RB_INIT(&s->timeouts);
	RB_INIT(&s->ready);
	RB_INIT(&s->delayed);
	RB_INIT(&s->families);
	RB_INIT(&s->idle);
	RB_INIT(&s->launching);
	for (int i = 0; i < SHORT_COUNT; i++)
		LIST_INIT(&s->short_of[i]);
	LIST_INIT(&s->judge);
	s->next_instance = 1;
	s->settings = (struct sched_settings){ .idle_ms = 60000,
					       .memory_reserve_milli = CATALOG_RESERVE_MILLI };
	return s;
}

void sched_free(struct sched *s)
{
	if (!s)
		return;
	jobs_clear(s);
	strategy_clear(s);
	queues_clear(s);
	instances_clear(s);
	envs_clear(s);
	policies_clear(s);
	consume_clear(s);
	free(s->launch_type);
	free(s);
}

static int settings_apply(struct sched *s, const struct fact *fact, struct fact_effect *effect,
			  struct err *err)
{
	(void)effect;
	(void)err;
	s->settings = fact->settings;
	if (s->settings.next_instance > s->next_instance)
		s->next_instance = s->settings.next_instance;
	s->scale_due = true;
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
		[FACT_INSTANCE_LAUNCHED] = instances_launched,
		[FACT_INSTANCE_UP] = instances_up,
		[FACT_INSTANCE_RECLAIMED] = instances_reclaimed,
		[FACT_INSTANCE_TERMINATED] = instances_terminated,
		[FACT_ENVIRONMENT_STATUS] = envs_status,
		[FACT_POLICY] = policies_apply,
		[FACT_CONSUMABLE] = consume_apply,
		[FACT_BLOCKED] = blocked_apply,
		[FACT_NODE_START] = gang_node_start,
		[FACT_ROLLED_UP] = family_rolled_up,
		[FACT_HELD] = delay_held,
		[FACT_RELEASED] = delay_released,
	};
	struct fact_effect mine = { 0 };

	if ((size_t)fact->kind >= FACT_COUNT || !apply[fact->kind])
		return err_set(err, ERR_INVALID, "there is no fact of kind %d", (int)fact->kind);
	s->at = fact->at;
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
	const struct live_job *job;

	if (!s->due[DUE_FAILED].first)
		return false;
	job = jobs_at(s, s->due[DUE_FAILED].first);
	say(out, FACT_FAILED, job, now);
	family_tell_failed(s, job, out);
	return true;
}

static bool decide_move(const struct sched *s, jd_time now, struct fact *out)
{
	const struct live_job *job;
	bool pending;

	if (!s->due[DUE_MOVE].first)
		return false;
	job = jobs_at(s, s->due[DUE_MOVE].first);
	pending = job->kind == JOB_KIND_ARRAY ? job->status == JOB_SUBMITTED : job->dependencies;
	say(out, pending ? FACT_PENDING : FACT_RUNNABLE, job, now);
	return true;
}

static bool decide_node_start(const struct sched *s, jd_time now, struct fact *out)
{
	const struct live_job *node;

	if (!s->due[DUE_NODE_START].first)
		return false;
	node = jobs_at(s, s->due[DUE_NODE_START].first);
	say(out, FACT_NODE_START, node, now);
	out->attempt = node->attempt;
	return true;
}

static bool decide_roll_up(const struct sched *s, jd_time now, struct fact *out)
{
	const struct live_job *job;

	if (!s->due[DUE_ROLL_UP].first)
		return false;
	job = jobs_at(s, s->due[DUE_ROLL_UP].first);
	say(out, FACT_ROLLED_UP, job, now);
	if (job->kind == JOB_KIND_MULTINODE)
		gang_tell_step(job, out);
	else
		family_tell_end(job, out);
	return true;
}

static enum stop_cause stop_cause_of(const struct sched *s, const struct live_job *job)
{
	if (family_terminated(s, job))
		return STOP_TERMINATED;
	if (gang_stops(s, job))
		return STOP_MAIN_NODE;
	if (!job->reclaimed || job->timed_out)
		return STOP_TIMEOUT;
	return job->instance && s->instance[job->instance]->status == INSTANCE_DRAINING ?
		       STOP_REPLACED :
		       STOP_RECLAIMED;
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
	out->stopping.cause = stop_cause_of(s, job);
	return true;
}

/* A queue with backfill looks so many places past its front. */
enum { BACKFILL_DEPTH = 1000 };

/* JQ-6: nobody is looked at behind one who must wait, unless the queue says backfill. */
static bool goes_on(struct sched *s, struct live_queue *q, struct live_job *job,
		    enum place_verdict verdict)
{
	if (verdict == PLACE_BOOKED) {
		s->booked = true;
		line_pass(s, q, job, true);
		return true;
	}
	if (verdict == PLACE_LATER || !q->backfill || q->passed >= BACKFILL_DEPTH)
		return false;
	s->passed_over = true;
	line_pass(s, q, job, false);
	return true;
}

/* One pass over one queue, to the first decision. */
static bool decide_queue(struct sched *s, struct live_queue *q, jd_time now, struct fact *out)
{
	enum shortage what = SHORT_NOTHING;
	enum place_verdict verdict;
	struct live_job *job;

	/* Before its time a refusing environment counts as short of the pool: the end wakes. */
	while ((job = line_next(s, q, now))) {
		verdict = place_try(s, q, job, now, out, &what);
		if (verdict == PLACE_DECIDED)
			return true;
		if (what > q->worst || !q->passed)
			q->worst = what;
		if (!goes_on(s, q, job, verdict))
			break;
	}
	if (!s->booked && !q->backfill) /* else who joins behind is looked at alone */
		line_restart(q);
	queues_wait(s, q, q->worst ? q->worst : SHORT_ENV);
	queues_looked(s, q, now);
	blocked_look(s, q);
	return false;
}

/* JQ-4: the ready queues in their order. One in which nobody can be placed is not looked at
 * again before something it waits for has changed. */
static bool decide_queues(struct sched *s, jd_time now, struct fact *out)
{
	struct live_queue *q;

	while ((q = queues_first_ready(s))) {
		if (decide_queue(s, q, now, out))
			return true;
	}
	return false;
}

/* Spot capacity is what on-demand work does not need: it is given when that has had its turn.
 * Else the one would take, without end, what the other has just been given. */
static bool decide_place(struct sched *s, jd_time now, struct fact *out)
{
	bool any;

	queues_tick(s, now);
	any = decide_queues(s, now, out);
	queues_look(s, SHORT_TURN);
	if (any || !s->has_spot)
		return any;
	s->spot_turn = true;
	any = scale_decide_spot(s, now, out) || decide_queues(s, now, out);
	s->spot_turn = false;
	return any;
}

bool sched_decide(struct sched *s, jd_time now, struct fact *out)
{
	s->asked = now;
	return decide_failed(s, now, out) || decide_move(s, now, out) || decide_stop(s, now, out) ||
	       decide_node_start(s, now, out) || decide_roll_up(s, now, out) ||
	       delay_decide(s, now, out) || gang_decide(s, now, out) ||
	       spot_decide(s, now, out) || scale_decide(s, now, out) || decide_place(s, now, out) ||
	       scale_decide_idle(s, now, out) || blocked_decide(s, now, out);
}

jd_time sched_wakeup(const struct sched *s, jd_time now)
{
	const jd_time others[] = { delay_wakeup(s, now), scale_wakeup(s, now),
				   queues_wakeup(s, now), blocked_wakeup(s, now) };
	jd_time first = timeout_after(s, now);

	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		first = others[i] < first ? others[i] : first;
	return first;
}
