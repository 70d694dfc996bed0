#include "config.h"
#include "jobdeck/sim/sim.h"
#include "agenda.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/model/reason.h"

/* The clock and the world of a simulation: it does what the engine and a backend would do
 * with the scheduler's decisions, and time jumps from one event to the next. */

enum { EXIT_KILLED = 137, EXIT_TERMINATED = 143 };

struct sim {
	struct sched *s;
	struct sim_guess guess;
	sim_watch *watch;
	void *arg;
	jd_time now;
	struct agenda *agenda;
	bool deciding; /* the decisions of this moment are not all taken yet */
	int64_t budget; /* facts that may still be applied before sim_go comes back */
	bool broken;
	struct err why;
};

static jd_time later(jd_time t, int64_t ms)
{
	return ms > 0 ? t + ms : t;
}

static void plan(struct sim *sim, jd_time at, int64_t job, int attempt, enum happening what)
{
	struct event event = { .at = at, .job = job, .attempt = attempt, .what = what };

	agenda_add(sim->agenda, &event);
}

static void plan_start(struct sim *sim, int64_t job, int attempt)
{
	int64_t ms = sim->guess.latency_ms ? sim->guess.latency_ms(sim->guess.arg, job, attempt) :
					     sim->guess.start_ms;

	plan(sim, later(sim->now, ms), job, attempt, HAPPENS_START);
}

static void plan_stop(struct sim *sim, int64_t job, int attempt, bool timeout)
{
	plan(sim, later(sim->now, sim->guess.stop_ms), job, attempt,
	     timeout ? HAPPENS_TIMEOUT : HAPPENS_STOPPED);
}

static void plan_end(struct sim *sim, jd_time started, int64_t job, int attempt)
{
	jd_time at = later(started, sim->guess.duration_ms(sim->guess.arg, job, attempt));

	plan(sim, at > sim->now ? at : sim->now, job, attempt, HAPPENS_END);
}

/* An attempt that was there before the simulation began. A node that waits is started by a
 * decision. */
static void take_over(void *arg, int64_t key, const struct sched_job_view *job)
{
	struct sim *sim = arg;

	if (job->status != JOB_STARTING && job->status != JOB_RUNNING)
		return;
	if (job->terminated || job->timed_out || job->reclaimed)
		plan_stop(sim, key, job->attempt, job->timed_out && !job->terminated);
	else if (job->status == JOB_RUNNING)
		plan_end(sim, job->started, key, job->attempt);
	else if (!job->waits)
		plan_start(sim, key, job->attempt);
}

struct sim *sim_new(struct sched *s, jd_time start, const struct sim_guess *guess, sim_watch *watch,
		    void *arg)
{
	struct sim *sim = xcalloc(1, sizeof *sim);

	sim->s = s;
	sim->guess = *guess;
	sim->watch = watch;
	sim->arg = arg;
	sim->now = start;
	sim->agenda = agenda_new();
	sched_each(s, take_over, sim);
	return sim;
}

void sim_free(struct sim *sim)
{
	if (!sim)
		return;
	agenda_free(sim->agenda);
	free(sim);
}

jd_time sim_now(const struct sim *sim)
{
	return sim->now;
}

static int apply(struct sim *sim, const struct fact *fact, struct err *err)
{
	struct fact_effect effect = { 0 };

	if (sched_apply(sim->s, fact, &effect, err))
		return -1;
	sim->budget--;
	if (sim->watch)
		sim->watch(sim->arg, fact, &effect);
	return 0;
}

static void act(struct sim *sim, const struct fact *fact)
{
	if ((fact->kind == FACT_PLACED && !fact->placed.waits) || fact->kind == FACT_NODE_START)
		plan_start(sim, fact->job, fact->attempt);
	else if (fact->kind == FACT_STOPPING)
		plan_stop(sim, fact->job, fact->attempt, fact->stopping.cause == STOP_TIMEOUT);
}

/* A decision that is refused would be taken again for ever: the scheduler is broken. */
static void decide(struct sim *sim)
{
	struct fact fact;

	sim->deciding = true;
	while (!sim->broken && sim->budget > 0) {
		if (!sched_decide(sim->s, sim->now, &fact)) {
			sim->deciding = false;
			return;
		}
		if (apply(sim, &fact, &sim->why))
			sim->broken = true;
		else
			act(sim, &fact);
	}
}

static struct fact end_of(const struct sim *sim, const struct event *event)
{
	struct fact fact = {
		.kind = FACT_ENDED, .at = sim->now, .job = event->job, .attempt = event->attempt
	};

	fact.ended.status_reason = REASON_EXITED;
	if (event->what == HAPPENS_STOPPED) {
		fact.ended.exit_code = EXIT_TERMINATED;
	} else if (event->what == HAPPENS_TIMEOUT) {
		fact.ended.exit_code = EXIT_KILLED;
		fact.ended.timed_out = true;
		fact.ended.status_reason = REASON_TIMEOUT;
	} else if (sim->guess.exit_code) {
		fact.ended.exit_code =
			sim->guess.exit_code(sim->guess.arg, event->job, event->attempt);
	}
	return fact;
}

static void end(struct sim *sim, const struct event *event)
{
	struct fact fact = end_of(sim, event);
	char text[128];

	sched_settle_end(sim->s, &fact, text);
	apply(sim, &fact, NULL);
}

/* Events of attempts that have ended another way are refused by the scheduler: let go. */
static void happen(struct sim *sim, const struct event *event)
{
	struct fact fact;

	if (event->what == HAPPENS_START) {
		fact = (struct fact){ .kind = FACT_STARTED,
				      .at = sim->now,
				      .job = event->job,
				      .attempt = event->attempt };
		if (!apply(sim, &fact, NULL))
			plan_end(sim, sim->now, event->job, event->attempt);
	} else {
		end(sim, event);
	}
}

static void happen_until(struct sim *sim, jd_time now)
{
	struct event event;

	sim->now = now;
	while (agenda_take(sim->agenda, now, &event))
		happen(sim, &event);
}

static jd_time next_moment(const struct sim *sim)
{
	jd_time event = agenda_next(sim->agenda), wakeup = sched_wakeup(sim->s, sim->now);

	return event < wakeup ? event : wakeup;
}

/* What happens now, then what is decided of it. */
static void moment(struct sim *sim, jd_time now)
{
	happen_until(sim, now);
	decide(sim);
}

/* Where an earlier call left off: amid the decisions of a moment, or before it. */
static void resume(struct sim *sim)
{
	if (!sim->deciding)
		happen_until(sim, sim->now);
	decide(sim);
}

bool sim_go(struct sim *sim, jd_time until, int64_t facts)
{
	jd_time next;

	if (until < sim->now || sim->broken)
		return false;
	sim->budget = facts;
	resume(sim);
	while (!sim->deciding && !sim->broken && (next = next_moment(sim)) != JD_NEVER &&
	       next <= until) {
		if (sim->budget <= 0)
			return true;
		moment(sim, next);
	}
	if (sim->deciding)
		return !sim->broken;
	if (until != JD_NEVER && until > sim->now)
		sim->now = until;
	return false;
}

jd_time sim_run(struct sim *sim, jd_time until)
{
	sim_go(sim, until, INT64_MAX);
	return sim->now;
}

bool sim_broken(const struct sim *sim, struct err *err)
{
	if (sim->broken && err)
		*err = sim->why;
	return sim->broken;
}

int sim_apply(struct sim *sim, const struct fact *fact, struct err *err)
{
	if (fact->at < sim->now)
		return err_set(err, ERR_INVALID, "the simulation is past that moment");
	if (fact->at > sim->now) {
		sim_run(sim, fact->at - 1);
		if (sim_broken(sim, err))
			return -1;
		sim->now = fact->at;
	}
	return apply(sim, fact, err);
}
