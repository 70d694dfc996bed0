#include "config.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/model/reason.h"
#include "prop.h"

/* A look around when the scheduler has decided all it can. */

#define KEY(job) ((long long)(job)->key)

static bool is_array(const struct oracle_job *job)
{
	return job->item->submit.size && !job->parent;
}

static bool all_children_ended(const struct oracle *o, const struct oracle_job *array)
{
	for (int i = 1; i <= array->item->submit.size; i++) {
		if (oracle_live(o, array + i))
			return false;
	}
	return true;
}

static void quiet_array(struct run *run, const struct oracle_job *job)
{
	const struct oracle *o = &run->o;

	CHECK(QUIET, !all_children_ended(o, job), "array %lld is left, its children have ended",
	      KEY(job));
	CHECK(QUIET, job->open || job->stopped || oracle_unmet(o, job),
	      "array %lld was not begun", KEY(job));
	CHECK(QUIET, job->stopped || !oracle_unmet_failed(o, job),
	      "array %lld is left though what it depends on failed", KEY(job));
}

static void quiet_job(struct run *run, const struct oracle_job *job, jd_time now)
{
	const struct oracle *o = &run->o;

	if (!job->born) {
		CHECK(QUIET, job->parent->stopped || !oracle_doomed(o, job),
		      "child %lld is left though it cannot run", KEY(job));
		return;
	}
	CHECK(QUIET, job->status != JOB_SUBMITTED, "%lld is left SUBMITTED", KEY(job));
	if (is_array(job))
		quiet_array(run, job);
	else if (job->status == JOB_PENDING)
		CHECK(QUIET, oracle_unmet(o, job) && !oracle_unmet_failed(o, job),
		      "%lld is left PENDING", KEY(job));
	if (oracle_active(job) && !job->stop_said)
		CHECK(QUIET,
		      !oracle_terminated(job) && !job->reclaimed && oracle_deadline(job) > now,
		      "%lld is left running", KEY(job));
	if (job->parent && job->parent->stopped)
		CHECK(QUIET, oracle_active(job), "child %lld of a stopped array is left", KEY(job));
}

static bool waits_for_its_time(const struct oracle *o, const struct oracle_job *job)
{
	bool runnable = job->born && job->status == JOB_RUNNABLE;

	for (int i = 1; is_array(job) && i <= job->item->submit.size; i++)
		runnable |= !job[i].born && oracle_status(o, job + i) == JOB_RUNNABLE;
	return job->delayed && runnable && !job->held;
}

static jd_time start_of(const struct oracle_job *job)
{
	return begin_at + job->item->at + oracle_start_after(job);
}

/* The first moment that must not be slept through. */
static jd_time must_wake(const struct run *run, jd_time now)
{
	const struct oracle *o = &run->o;
	jd_time first = JD_NEVER, at;

	for (int i = 0; i < o->count; i++) {
		const struct oracle_job *job = &o->job[i];

		if (!job->item || !oracle_live(o, job))
			continue;
		at = oracle_deadline(job);
		first = at < first ? at : first;
		at = waits_for_its_time(o, job) ? start_of(job) : JD_NEVER;
		first = at < first ? at : first;
	}
	for (int i = 0; i < o->instance_count; i++) {
		at = o->instance[i].launched + run->w->settings.launch_ms;
		if (o->instance[i].status == INSTANCE_LAUNCHING && at > now && at < first)
			first = at;
	}
	return first;
}

/* A look into the future, on a copy: what it finds out there is no business of today. */
static void wakeup(struct run *run, jd_time now)
{
	jd_time at = sched_wakeup(run->s, now), must = must_wake(run, now);
	struct sched *copy;
	struct fact fact = { 0 };
	bool early;

	CHECK(WAKEUP, at <= must, "wakeup in %" PRId64 " instead of %" PRId64 " ms", at - now,
	      must - now);
	CHECK(WAKEUP, at > now, "wakeup %" PRId64 " ms ago", now - at);
	if (oracle_any_launching(&run->o)) /* a copy has not made the passes that were made here */
		return;
	if (!run->thorough && !random_one_in(&run->random, 4))
		return;
	copy = sched_clone(run->s);
	early = sched_decide(copy, at == JD_NEVER ? now + INT64_C(100000000000) : at - 1, &fact);
	CHECK(WAKEUP, !early, "%s %" PRId64 " is before the wakeup", fact_name(fact.kind),
	      fact.job);
	if (at == must && at != JD_NEVER)
		CHECK(WAKEUP, sched_decide(copy, at, &fact), "nothing is at the wakeup");
	sched_free(copy);
}

/* The head is called what it is, and nobody else anything; an array as a whole. */
static void quiet_blocked(struct run *run, int q, jd_time now)
{
	static const char *const codes[BLOCKED_COUNT] = {
#define X(name, code, tail, usable) [BLOCKED_##name] = code,
		BLOCKED_TEXTS(X)
#undef X
	};
	const struct oracle_job *head = oracle_head(&run->o, q);
	const struct oracle_job *called = head && !head->born ? head->parent : head;
	enum blocked blocked = oracle_blocked(&run->o, q, now);
	const char *code = codes[blocked] ? codes[blocked] : "";
	struct sched_queue_view view;

	for (int i = 0; i < run->o.count; i++) {
		const struct oracle_job *job = &run->o.job[i];
		const char *expected = job == called ? code : "";

		if (job->item && job->item->which == q && job->born && oracle_live(&run->o, job))
			CHECK(BLOCKED,
			      strncmp(job->blocked, expected, strlen(expected)) == 0 &&
				      !*job->blocked == !*expected,
			      "%lld is called \"%s\", not \"%s\"", KEY(job), job->blocked,
			      expected);
	}
	CHECK(BLOCKED, sched_queue(run->s, queue_names[q], &view) && view.blocked == blocked,
	      "q%d is called %s, not %s", q, blocked_name(view.blocked), blocked_name(blocked));
}

static void quiet_queue(struct run *run, int q, jd_time now)
{
	const struct oracle *o = &run->o;
	const struct oracle_job *head = oracle_head(o, q);
	int env = -1;
	enum room room;

	if (!head)
		return;
	room = oracle_place(o, head, now, &env);
	CHECK(QUIET, room != ROOM_NOW, "the head of q%d could be placed in e%d", q, env);
	CHECK(QUIET, room != ROOM_LAUNCH, "for the head of q%d an instance could be launched in e%d",
	      q, env);
}

/* Nothing left to decide: so nothing may be possible. */
void look_quiet(struct run *run, jd_time now)
{
	struct fact fact = { 0 };
	bool more = sched_decide(run->s, now, &fact);

	CHECK(QUIET, !more, "it is not done: %s %" PRId64,
	      fact_name(fact.kind), fact.job);
	for (int i = 0; i < run->o.count; i++) {
		const struct oracle_job *job = &run->o.job[i];

		if (job->item && oracle_live(&run->o, job)) {
			quiet_job(run, job, now);
			CHECK(QUIET, !waits_for_its_time(&run->o, job) || start_of(job) > now,
			      "the time of %lld has come", KEY(job));
		}
	}
	for (int q = 0; q < run->w->queue_count; q++)
		quiet_queue(run, q, now);
	for (int q = 0; q < run->w->queue_count; q++)
		quiet_blocked(run, q, now);
	wakeup(run, now);
}

static bool same_resources(const struct resources *a, const struct resources *b)
{
	return a->vcpu_milli == b->vcpu_milli && a->memory_mib == b->memory_mib &&
	       a->gpus == b->gpus;
}

/* Children count where they stand; so does their array, by itself. */
static void view_queue(struct run *run, int q)
{
	const struct oracle_job *head = oracle_head(&run->o, q);
	struct sched_queue_view view;

	CHECK(VIEWS, sched_queue(run->s, queue_names[q], &view), "no view of q%d", q);
	CHECK(VIEWS,
	      view.head == (head ? head->key : 0) ||
		      (head && !head->born && view.head == head->parent->key),
	      "head of q%d is %lld, not %lld", q, (long long)view.head, head ? KEY(head) : 0);
}

static void view_env(struct run *run, int n)
{
	const struct oracle *o = &run->o;
	struct sched_env_view view;
	int instances = 0;

	for (int i = 0; i < o->instance_count; i++)
		instances += o->instance[i].env == n;
	CHECK(VIEWS,
	      sched_env(run->s, env_names[n], &view) &&
		      same_resources(&view.used, &o->env_used[n]) &&
		      view.active == o->env_active[n],
	      "what is used of e%d", n);
	CHECK(VIEWS, view.instances == instances, "e%d has %d instances, not %d", n,
	      view.instances, instances);
	if (o->env[n].spot)
		CHECK(VIEWS, view.spot_price == oracle_spot_price(o), "Spot price %d, not %d",
		      view.spot_price, oracle_spot_price(o));
}

struct looker {
	struct run *run;
	int seen;
};

static void view_instance(void *arg, const struct sched_instance_view *view)
{
	struct looker *l = arg;
	struct run *run = l->run;
	const struct oracle_instance *i = oracle_instance(&run->o, view->instance.key);

	if (view->instance.key >= LOCAL_HOST)
		return;
	l->seen++;
	CHECK(VIEWS, i != NULL, "instance %lld lives", (long long)view->instance.key);
	if (!i)
		return;
	CHECK(VIEWS,
	      strcmp(view->type, i->type->name) == 0 && view->jobs == i->jobs &&
		      view->instance.status == i->status && same_resources(&view->used, &i->used) &&
		      same_resources(&view->capacity, &i->capacity),
	      "view of instance %lld", KEY(i));
}

void look_places(struct run *run)
{
	struct resources used = sched_used(run->s);
	struct looker l = { .run = run };

	CHECK(VIEWS, same_resources(&used, &run->o.used), "what is used of the pool");
	for (int i = 0; i < run->w->env_count; i++)
		view_env(run, i);
	sched_instances(run->s, NULL, view_instance, &l);
	CHECK(VIEWS, l.seen == run->o.instance_count, "%d instances are shown, not %d", l.seen,
	      run->o.instance_count);
	for (int q = 0; q < run->w->queue_count; q++)
		view_queue(run, q);
}

/* The line says what is so; the exact words are the unit tests' part. */
static void view_explanation(struct run *run, const struct oracle_job *job)
{
	long long ahead = oracle_ahead(&run->o, job);
	char line[200], number[40];

	sched_explain(run->s, job->key, line, sizeof line);
	if (oracle_active(job)) {
		CHECK(VIEWS, !line[0], "%lld runs and yet: %s", KEY(job), line);
	} else if (job->status == JOB_PENDING && !is_array(job)) {
		snprintf(number, sizeof number, "waits for %d of ", oracle_unmet(&run->o, job));
		CHECK(VIEWS, strncmp(line, number, strlen(number)) == 0, "%lld: %s", KEY(job),
		      line);
	} else if (oracle_in_line(&run->o, job, job->item->which)) {
		snprintf(number, sizeof number, "behind %lld job", ahead);
		CHECK(VIEWS,
		      strncmp(line, "behind", 6) != 0 ||
			      (ahead && strncmp(line, number, strlen(number)) == 0),
		      "%lld: %s", KEY(job), line);
	}
}

static void view_array(struct run *run, const struct oracle_job *array)
{
	int64_t count[JOB_COUNT] = { 0 }, view[JOB_COUNT] = { 0 };

	for (int i = 1; i <= array->item->submit.size; i++)
		count[oracle_status(&run->o, array + i)]++;
	CHECK(VIEWS,
	      sched_array(run->s, array->key, view) && memcmp(count, view, sizeof count) == 0,
	      "statusSummary of %lld", KEY(array));
}

void look_jobs(struct run *run)
{
	int64_t live = 0;

	for (int i = 0; i < run->o.count; i++) {
		const struct oracle_job *job = &run->o.job[i];
		struct sched_job_view view;
		bool known, lives = job->item && oracle_live(&run->o, job);

		if (!job->item)
			continue;
		known = sched_job(run->s, job->key, &view);
		CHECK(VIEWS, known == lives || (known && job->parent && job->parent->stopped),
		      "%lld is remembered", KEY(job));
		if (!lives || !known)
			continue;
		live += job->born;
		CHECK(VIEWS,
		      view.status == oracle_status(&run->o, job) && view.attempt == job->attempt,
		      "view of %lld: %s", KEY(job), job_status_name(view.status));
		if (is_array(job))
			view_array(run, job);
		if (job->born)
			view_explanation(run, job);
	}
	CHECK(VIEWS, sched_live(run->s) == live, "%d live jobs, not %d",
	      (int)sched_live(run->s), (int)live);
}
