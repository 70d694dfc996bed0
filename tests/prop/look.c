#include "config.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/model/reason.h"
#include "prop.h"

/* A look around when the scheduler has decided all it can. */

static void quiet_job(struct run *run, const struct oracle_job *job, jd_time now)
{
	long long key = oracle_key(&run->o, job);

	CHECK(QUIET, job->status != JOB_SUBMITTED, "%lld is left SUBMITTED", key);
	if (job->status == JOB_PENDING)
		CHECK(QUIET, oracle_unmet(&run->o, job) && !oracle_unmet_failed(&run->o, job),
		      "%lld is left PENDING", key);
	if (oracle_active(job) && !job->stop_said)
		CHECK(QUIET, !job->terminated && oracle_deadline(job) > now, "%lld is left running",
		      key);
}

static void wakeup(struct run *run, jd_time now)
{
	jd_time at = sched_wakeup(run->s, now), expected = JD_NEVER;
	struct fact fact;

	for (int i = 0; i < run->w->job_count; i++) {
		jd_time deadline = oracle_deadline(&run->o.job[i]);

		if (deadline < expected)
			expected = deadline;
	}
	CHECK(WAKEUP, at == expected, "wakeup in %" PRId64 " instead of %" PRId64 " ms", at - now,
	      expected - now);
	if (at == JD_NEVER) {
		CHECK(WAKEUP, !sched_decide(run->s, now + 1000000000, &fact), "later something is");
		return;
	}
	CHECK(WAKEUP, !sched_decide(run->s, at - 1, &fact), "something is before the wakeup");
	CHECK(WAKEUP, sched_decide(run->s, at, &fact), "nothing is at the wakeup");
}

/* The head is called what it is, and nobody else anything. */
static void quiet_blocked(struct run *run, int q)
{
	static const char *const codes[BLOCKED_COUNT] = {
#define X(name, code, tail, usable) [BLOCKED_##name] = code,
		BLOCKED_TEXTS(X)
#undef X
	};
	const struct oracle_job *head = oracle_head(&run->o, q);
	enum blocked blocked = oracle_blocked(&run->o, q);
	const char *code = codes[blocked] ? codes[blocked] : "";
	struct sched_queue_view view;

	for (int i = 0; i < run->w->job_count; i++) {
		const struct oracle_job *job = &run->o.job[i];
		const char *expected = job == head ? code : "";

		if (oracle_live(job) && job->item->which == q)
			CHECK(BLOCKED, strncmp(job->blocked, expected, strlen(expected)) == 0 &&
			      !*job->blocked == !*expected,
			      "%d is called \"%s\", not \"%s\"", i, job->blocked, expected);
	}
	CHECK(BLOCKED, sched_queue(run->s, queue_names[q], &view) && view.blocked == blocked,
	      "q%d is called %s, not %s", q, blocked_name(view.blocked), blocked_name(blocked));
}

/* Nothing left to decide: so nothing may be possible. */
void look_quiet(struct run *run, jd_time now)
{
	struct fact fact = { 0 };

	CHECK(QUIET, !sched_decide(run->s, now, &fact), "it is not done: %s %" PRId64,
	      fact_name(fact.kind), fact.job);
	for (int i = 0; i < run->w->job_count; i++) {
		if (oracle_live(&run->o.job[i]))
			quiet_job(run, &run->o.job[i], now);
	}
	for (int q = 0; q < run->w->queue_count; q++) {
		const struct oracle_job *head = oracle_head(&run->o, q);

		CHECK(QUIET, !head || oracle_place(&run->o, q, head) < 0,
		      "the head of q%d could be placed", q);
		quiet_blocked(run, q);
	}
	wakeup(run, now);
}

static bool same_resources(const struct resources *a, const struct resources *b)
{
	return a->vcpu_milli == b->vcpu_milli && a->memory_mib == b->memory_mib &&
	       a->gpus == b->gpus;
}

static void view_queue(struct run *run, int q)
{
	const struct oracle_job *head = oracle_head(&run->o, q);
	struct sched_queue_view view;
	int64_t count[JOB_COUNT] = { 0 };

	for (int i = 0; i < run->w->job_count; i++) {
		const struct oracle_job *job = &run->o.job[i];

		if (oracle_live(job) && job->item->which == q)
			count[job->status]++;
	}
	CHECK(VIEWS, sched_queue(run->s, queue_names[q], &view), "no view of q%d", q);
	CHECK(VIEWS, memcmp(view.count, count, sizeof count) == 0, "counts of q%d", q);
	CHECK(VIEWS, view.head == (head ? oracle_key(&run->o, head) : 0), "head of q%d", q);
}

void look_places(struct run *run)
{
	struct resources used = sched_used(run->s);

	CHECK(VIEWS, same_resources(&used, &run->o.used), "what is used of the pool");
	for (int i = 0; i < run->w->env_count; i++) {
		struct sched_env_view view;

		CHECK(VIEWS,
		      sched_env(run->s, env_names[i], &view) &&
			      same_resources(&view.used, &run->o.env_used[i]) &&
			      view.active == run->o.env_active[i],
		      "what is used of e%d", i);
	}
	for (int q = 0; q < run->w->queue_count; q++)
		view_queue(run, q);
}

/* The line says what is so; the exact words are the unit tests' part. */
static void view_explanation(struct run *run, const struct oracle_job *job)
{
	long long key = oracle_key(&run->o, job), ahead = oracle_ahead(&run->o, job);
	char line[200], number[40];
	bool never = !oracle_could_ever(&run->o, job->item->which, job);

	sched_explain(run->s, key, line, sizeof line);
	if (oracle_active(job)) {
		CHECK(VIEWS, !line[0], "%lld runs and yet: %s", key, line);
	} else if (job->status == JOB_PENDING) {
		snprintf(number, sizeof number, "waits for %d of ", oracle_unmet(&run->o, job));
		CHECK(VIEWS, strncmp(line, number, strlen(number)) == 0, "%lld: %s", key, line);
	} else {
		CHECK(VIEWS, line[0], "%lld waits for no reason", key);
		CHECK(VIEWS,
		      never == (strncmp(line, "needs ", 6) == 0 && strstr(line, "never run")),
		      "%lld: %s", key, line);
		snprintf(number, sizeof number, "behind %lld job", ahead);
		CHECK(VIEWS,
		      strncmp(line, "behind", 6) != 0 ||
			      (ahead && strncmp(line, number, strlen(number)) == 0),
		      "%lld: %s", key, line);
	}
}

void look_jobs(struct run *run)
{
	int64_t live = 0;

	for (int i = 0; i < run->w->job_count; i++) {
		const struct oracle_job *job = &run->o.job[i];
		struct sched_job_view view;
		bool known = sched_job(run->s, oracle_key(&run->o, job), &view);

		CHECK(VIEWS, known == oracle_live(job), "%d is remembered", i);
		if (!known)
			continue;
		live++;
		CHECK(VIEWS, view.status == job->status && view.attempt == job->attempt,
		      "view of %d", i);
		view_explanation(run, job);
	}
	CHECK(VIEWS, sched_live(run->s) == live, "%d live jobs", (int)live);
}
