/* Properties of the scheduler over random workloads on a made-up clock. Each case builds a
 * world from a seed and lets sim/ run it; a watch sees every fact and holds the scheduler to
 * the table below, by what the oracle (oracle.c) believes. A failing case is shrunk and
 * printed with its seed.
 *
 *	JOBDECK_PROP_CASES	how many (default 2000)
 *	JOBDECK_PROP_SEED	seed of the first one (default 1); the next ones count up */
#include "config.h"
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "prop.h"

static const char *const prop_text[] = {
#define X(name, text) text,
	PROP_TABLE(X)
#undef X
};

static int64_t checks[PROP_COUNT];
static bool shrinking, telling; /* telling: every fact, as a comment */

void check(struct run *run, enum prop prop, bool ok, const char *fmt, ...)
{
	va_list ap;

	checks[prop]++;
	if (ok || run->failed >= 0)
		return;
	run->failed = prop;
	va_start(ap, fmt);
	vsnprintf(run->why, sizeof run->why, fmt, ap);
	va_end(ap);
}
/* Submitted after its dependency failed, but the engine has not said so yet: both facts are
 * of one transaction, so no restart comes between them. */
static bool half_told(const struct run *run, const struct oracle_job *job)
{
	return !job->parent && job->status == JOB_SUBMITTED && oracle_unmet_failed(&run->o, job);
}

/* A child was placed in the very millisecond in which its array was called blocked, and that it is
 * no more was not said yet: of one transaction, too. */
static bool half_blocked(const struct run *run)
{
	for (int i = 0; i < run->o.count; i++) {
		const struct oracle_job *job = &run->o.job[i];

		if (job->parent && job->born && job->parent->blocked_since &&
		    job->placed == job->parent->blocked_since)
			return true;
	}
	return false;
}

/* Attempts that are being taken away on no instance: no row says so, and after a restart they
 * end as if they had been stopped for nothing. */
static bool half_taken(const struct run *run)
{
	for (int i = 0; i < run->o.count; i++) {
		const struct oracle_job *job = &run->o.job[i];

		if (oracle_active(job) && job->reclaimed && !job->instance)
			return true;
	}
	return false;
}

static void tell(const struct fact *fact)
{
	static const char *const cause[] = { "TERMINATED", "TIMEOUT", "RECLAIMED", "REPLACED",
					     "MAIN_NODE" };

	printf("#   %8" PRId64 " %s", fact->at - begin_at, fact_name(fact->kind));
	if (fact->job)
		printf(" %" PRId64, fact->job);
	if (fact->kind == FACT_PLACED)
		printf(" %s %" PRId64, fact->placed.env, fact->placed.instance);
	else if (fact->kind == FACT_STOPPING)
		printf(" %s", cause[fact->stopping.cause]);
	else if (fact->kind == FACT_ENDED)
		printf(" %d", fact->ended.exit_code);
	else if (fact->kind == FACT_INSTANCE_LAUNCHED)
		printf(" %" PRId64 " %s %s", fact->instance->key, fact->instance->env,
		       fact->instance->type);
	else if (fact->kind >= FACT_INSTANCE_UP && fact->kind <= FACT_INSTANCE_TERMINATED)
		printf(" %" PRId64, fact->instance_key);
	putchar('\n');
}

static void watch(void *arg, const struct fact *fact, const struct fact_effect *effect)
{
	struct run *run = arg;
	struct oracle_job *job = fact->job ? oracle_job(&run->o, fact->job) : NULL;

	if (run->failed >= 0)
		return;
	run->facts++;
	if (telling)
		tell(fact);
	if (job)
		see_fact(run, job, fact, effect);
	else
		see_place_fact(run, fact);
	if (run->failed < 0)
		same_in_replay(run, fact, effect);
	if (run->failed < 0 && run->w->nosy)
		same_when_asked_twice(run, fact->at);
	if (run->failed < 0 && job && (run->thorough || random_one_in(&run->random, 16)) &&
	    !half_told(run, job) && !half_taken(run) && !half_blocked(run))
		same_after_restart(run, fact->at);
	if (run->failed < 0 && (run->thorough || random_one_in(&run->random, 16)))
		same_in_copy(run);
}

/* In pieces, so that a failure ends it, and so does going round in circles. */
void let_pass(struct run *run, jd_time until)
{
	enum { PIECE = 1000, MOST = 20000 };
	int64_t before = run->facts;

	while (run->failed < 0 && sim_go(run->sim, until, PIECE))
		CHECK(ENDS, run->facts - before < MOST, "it goes round in circles");
}

static void look_around(struct run *run)
{
	if (run->failed < 0)
		look_quiet(run, sim_now(run->sim));
	if (run->failed < 0)
		look_places(run);
	if (run->failed < 0)
		look_jobs(run);
}

static int64_t duration(void *arg, int64_t job, int attempt)
{
	return workload_duration(arg, job, attempt);
}

static int exit_code(void *arg, int64_t job, int attempt)
{
	return workload_exit_code(arg, job, attempt);
}

/* Nobody in its queue will ever make way for it: the one in front is called blocked, and nothing
 * runs any more that could change that. */
static bool behind_a_blocked_one(const struct run *run, const struct oracle_job *job)
{
	return oracle_blocked(&run->o, job->item->which, sim_now(run->sim)) != BLOCKED_NOT;
}

/* A job is stuck rightly when its queue is blocked for ever, or it waits for a
 * job that is stuck. */
static bool rightly_stuck(const struct run *run, const struct oracle_job *job)
{
	if (job->item->submit.size && !job->parent)
		return true; /* its children are looked at themselves */
	if (oracle_status(&run->o, job) == JOB_PENDING)
		return true; /* and so are those it waits for */
	return oracle_status(&run->o, job) == JOB_RUNNABLE && behind_a_blocked_one(run, job);
}

/* The world is put back as it was, and then all must end. */
static void finish(struct run *run)
{
	say_world(run, sim_now(run->sim) + 1);
	let_pass(run, JD_NEVER);
	look_around(run);
	for (int i = 0; i < run->o.count && run->failed < 0; i++) {
		const struct oracle_job *job = &run->o.job[i];

		if (job->item && oracle_live(&run->o, job))
			CHECK(ENDS, rightly_stuck(run, job), "job %" PRId64 " is %s", job->key,
			      job_status_name(oracle_status(&run->o, job)));
	}
}

static void run_items(struct run *run)
{
	say_settings(run);
	say_world(run, begin_at);
	for (int i = 0; i < run->w->item_count && run->failed < 0; i++) {
		const struct item *item = &run->w->items[i];

		if (item->left_out)
			continue;
		if (begin_at + item->at > sim_now(run->sim)) {
			let_pass(run, begin_at + item->at - 1);
			look_around(run);
		}
		if (run->failed < 0)
			say_item(run, item);
	}
	if (run->failed < 0)
		finish(run);
}

static void run_case(struct run *run, const struct workload *w)
{
	union {
		const struct workload *in;
		void *out;
	} arg = { .in = w }; /* only read */
	struct sim_guess guess = { .duration_ms = duration,
				   .exit_code = exit_code,
				   .arg = arg.out,
				   .start_ms = w->start_ms,
				   .stop_ms = w->stop_ms };
	struct err err = { 0 };

	*run = (struct run){
		.w = w, .failed = -1, .thorough = shrinking, .random = { .state = ~w->seed } };
	oracle_init(&run->o, w);
	run->s = sched_new();
	run->replay = sched_new();
	run->sim = sim_new(run->s, begin_at, &guess, watch, run);
	run_items(run);
	CHECK(REFUSE, !sim_broken(run->sim, &err), "it refuses its own decision: %s", err.text);
	sim_free(run->sim);
	sched_free(run->s);
	sched_free(run->replay);
	oracle_fini(&run->o);
}

static bool still_fails(const struct workload *w)
{
	struct run run;

	run_case(&run, w);
	return run.failed >= 0;
}

static uint64_t present_seed;

static void bail_out(int signal)
{
	char text[100];
	int n = snprintf(text, sizeof text, "Bail out! signal %d in seed %" PRIu64 "\n", signal,
			 present_seed);

	if (write(STDOUT_FILENO, text, (size_t)n) < 0)
		_exit(3);
	_exit(2);
}

static int64_t setting(const char *name, int64_t otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoll(text, NULL, 10) : otherwise;
}

static void report(int failed, const char *why)
{
	printf("1..%d\n", PROP_COUNT);
	for (int i = 0; i < PROP_COUNT; i++) {
		printf("%s %d - %s (%" PRId64 " checks)\n", i == failed ? "not ok" : "ok", i + 1,
		       prop_text[i], checks[i]);
		if (i == failed)
			printf("# seed %" PRIu64 ": %s\n", present_seed, why);
	}
}

static void report_failure(struct workload *w)
{
	struct run run;

	shrinking = true;
	workload_shrink(w, still_fails);
	printf("# JOBDECK_PROP_SEED=%" PRIu64 " JOBDECK_PROP_CASES=1 fails; the least that does:\n",
	       w->seed);
	workload_print(w);
	telling = true;
	run_case(&run, w);
	report(run.failed, run.why);
}

int main(void)
{
	int64_t cases = setting("JOBDECK_PROP_CASES", 2000);
	uint64_t first = (uint64_t)setting("JOBDECK_PROP_SEED", 1);
	int64_t facts = 0;

	signal(SIGABRT, bail_out);
	signal(SIGSEGV, bail_out);
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int64_t i = 0; i < cases; i++) {
		struct workload w;
		struct run run;

		present_seed = first + (uint64_t)i;
		workload_make(&w, present_seed);
		run_case(&run, &w);
		facts += run.facts;
		if (run.failed >= 0) {
			report_failure(&w);
			workload_fini(&w);
			return 1;
		}
		workload_fini(&w);
	}
	printf("# seeds %" PRIu64 "..%" PRIu64 ", %" PRId64 " facts\n", first, present_seed, facts);
	report(-1, "");
	return 0;
}
