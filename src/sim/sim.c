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

static void plan_end(struct sim *sim, jd_time started, int64_t job, int attempt)
{
	jd_time at = later(started, sim->guess.duration_ms(sim->guess.arg, job, attempt));

	plan(sim, at > sim->now ? at : sim->now, job, attempt, HAPPENS_END);
}

/* An attempt that was there before the simulation began. */
static void take_over(void *arg, int64_t key, const struct sched_job_view *job)
{
	struct sim *sim = arg;

	if (job->terminated || job->timed_out)
		plan(sim, later(sim->now, sim->guess.stop_ms), key, job->attempt,
		     job->terminated ? HAPPENS_TERMINATED : HAPPENS_TIMEOUT);
	else if (job->status == JOB_STARTING)
		plan(sim, later(sim->now, sim->guess.start_ms), key, job->attempt, HAPPENS_START);
	else if (job->status == JOB_RUNNING)
		plan_end(sim, job->started, key, job->attempt);
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
	if (sim->watch)
		sim->watch(sim->arg, fact, &effect);
	return 0;
}

static void act(struct sim *sim, const struct fact *fact)
{
	if (fact->kind == FACT_PLACED)
		plan(sim, later(sim->now, sim->guess.start_ms), fact->job, fact->attempt,
		     HAPPENS_START);
	else if (fact->kind == FACT_STOPPING)
		plan(sim, later(sim->now, sim->guess.stop_ms), fact->job, fact->attempt,
		     fact->stopping.cause == STOP_TIMEOUT ? HAPPENS_TIMEOUT : HAPPENS_TERMINATED);
}

/* A decision that is refused would be taken again for ever: the scheduler is broken. */
static void decide(struct sim *sim)
{
	struct fact fact;

	while (sched_decide(sim->s, sim->now, &fact)) {
		if (apply(sim, &fact, NULL))
			abort();
		act(sim, &fact);
	}
}

static struct fact end_of(const struct sim *sim, const struct event *event)
{
	struct fact fact = {
		.kind = FACT_ENDED, .at = sim->now, .job = event->job, .attempt = event->attempt
	};

	fact.ended.status_reason = REASON_EXITED;
	if (event->what == HAPPENS_TERMINATED) {
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
		fact = end_of(sim, event);
		apply(sim, &fact, NULL);
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

jd_time sim_run(struct sim *sim, jd_time until)
{
	jd_time next;

	if (until < sim->now)
		return sim->now;
	happen_until(sim, sim->now);
	decide(sim);
	while ((next = next_moment(sim)) != JD_NEVER && next <= until) {
		happen_until(sim, next);
		decide(sim);
	}
	if (until != JD_NEVER && until > sim->now)
		sim->now = until;
	return sim->now;
}

int sim_apply(struct sim *sim, const struct fact *fact, struct err *err)
{
	if (fact->at < sim->now)
		return err_set(err, ERR_INVALID, "the simulation is past that moment");
	if (fact->at > sim->now) {
		sim_run(sim, fact->at - 1);
		sim->now = fact->at;
	}
	return apply(sim, fact, err);
}
