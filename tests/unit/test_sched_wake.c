#include "config.h"
#include "sched_world.h"

/* What keeps a queue waiting is remembered, and it is looked at again only when that may have
 * changed: this must never be too late. A copy looks at everything anew; so after random steps
 * in a world of queues that wait for all sorts of things, whenever the scheduler has nothing
 * left to decide, its copy must have nothing, either: now, and at its wakeup not before. And it
 * must come to an end of deciding, also where instances take time to come; there a copy gives
 * places on them anew, and perhaps to others, so that it is not asked. */

enum { STEPS = 600, JOBS = STEPS + 1, QUEUES = 4, ENVS = 4, THINGS = 2 };

static char env_names[ENVS][4] = { "e0", "e1", "e2", "e3" };
static char queue_names[QUEUES][4] = { "q0", "q1", "q2", "q3" };
static char thing_names[THINGS][4] = { "t0", "t1" };
static char share_names[3][4] = { "s0", "s1", "s2" };
static char policy_name[] = "policy", large[] = "c5.large", xlarge[] = "c5.xlarge";
static char *type_names[] = { large, xlarge };

struct random_world {
	struct world *w;
	uint64_t random;
	int64_t launch_ms;
	int count;
	int64_t total[THINGS];
	int max_running[QUEUES];
};

static unsigned draw(struct random_world *r, unsigned below)
{
	r->random = r->random * UINT64_C(6364136223846793005) + 1442695040888963407U;
	return (unsigned)(r->random >> 33) % below;
}

static bool one_in(struct random_world *r, unsigned n)
{
	return draw(r, n) == 0;
}

/* The machine itself, instances twice, Fargate. */
static void say_env(struct random_world *r, int n)
{
	struct environment env = env_named(env_names[n], 4 + (int)draw(r, 8));

	env.cr_type = n == 3 ? CR_FARGATE : CR_EC2;
	env.strategy = n == 2 ? STRATEGY_BEST_FIT : STRATEGY_BEST_FIT_PROGRESSIVE;
	env.min_vcpus = n == 2 && one_in(r, 3) ? 2 : 0;
	env.instance_type_count = n == 1 || n == 2 ? 2 : 0;
	env.instance_types = type_names;
	env.state = one_in(r, 5) ? STATE_DISABLED : STATE_ENABLED;
	env.refuse_until = one_in(r, 5) ? r->w->now + 30000 : 0;
	assert_int_equal(put_env(r->w, &env), 0);
}

/* By number: with backfill, with a running limit, with fair share, for Fargate. */
static void say_queue(struct random_world *r, int n)
{
	struct queue q = queue_named(queue_names[n], (int)draw(r, 3));

	r->max_running[n] = n == 1 ? 1 + (int)draw(r, 3) : 0;
	q.max_running = r->max_running[n];
	q.backfill = n == 0;
	q.policy = n == 2 ? policy_name : NULL;
	q.blocked_until = one_in(r, 5) ? r->w->now + 20000 : 0;
	q.env_count = n == 3 ? 1 : 1 + (int)draw(r, 2);
	for (int i = 0, first = (int)draw(r, 3); i < q.env_count; i++)
		q.env[i] = env_names[n == 3 ? 3 : (first + i) % 3];
	assert_int_equal(put_queue(r->w, &q), 0);
}

static void say_thing(struct random_world *r, int n)
{
	struct fact fact = fact_of(r->w, FACT_CONSUMABLE, 0);
	struct consumable thing = { .name = thing_names[n], .total = draw(r, 5) };

	thing.total += n == 1 ? r->count / 8 : 0; /* it is used up */
	thing.type = n == 1 ? CONSUMABLE_NON_REPLENISHABLE : CONSUMABLE_REPLENISHABLE;
	r->total[n] = thing.total > r->total[n] ? thing.total : r->total[n];
	fact.consumable = &thing;
	assert_int_equal(apply(r->w, &fact), 0);
}

static void say_policy(struct random_world *r)
{
	struct fact fact = fact_of(r->w, FACT_POLICY, 0);
	struct share_weight weights[] = { { share_names[0], 2500 * (1 + (int)draw(r, 8)) },
					  { (char[]){ "s*" }, 10000 } };
	struct policy policy = { .name = policy_name, .share_count = 2, .share = weights };

	policy.reservation = one_in(r, 2) ? 0 : (int)draw(r, 60);
	fact.policy = &policy;
	assert_int_equal(apply(r->w, &fact), 0);
}

static void submit_one(struct random_world *r)
{
	int n = (int)draw(r, QUEUES);
	struct job job = job_of(++r->count, queue_names[n], 1 + (int)draw(r, 4));

	job.platform = n == 3 ? PLATFORM_FARGATE : PLATFORM_EC2;
	job.share = n == 2 ? share_names[draw(r, 3)] : NULL;
	job.priority = (int)draw(r, 3);
	job.retry.attempts = 2;
	job.consume_count = one_in(r, 3) ? 1 : 0;
	job.consume[0] = (struct consume){ thing_names[draw(r, THINGS)], 1 + draw(r, 2) };
	assert_int_equal(submit_job(r->w, &job), 0);
}

/* A live job that runs or not, or 0. */
static int64_t any(struct random_world *r, bool runs, struct sched_job_view *view)
{
	for (int i = 0, from = (int)draw(r, JOBS); i < r->count; i++) {
		int64_t key = 1 + (from + i) % r->count;

		if (sched_job(r->w->s, key, view) && (view->status >= JOB_STARTING) == runs)
			return key;
	}
	return 0;
}

static void end_one(struct random_world *r)
{
	struct sched_job_view view;
	int64_t key = any(r, true, &view);

	if (!key)
		return;
	if (view.status == JOB_STARTING)
		assert_int_equal(start(r->w, key, view.attempt), 0);
	assert_int_equal(end_with(r->w, key, view.attempt, (int)draw(r, 2), NULL), 0);
}

static void cancel_one(struct random_world *r)
{
	struct sched_job_view view;
	int64_t key = any(r, false, &view);

	if (key)
		assert_int_equal(tell(r->w, FACT_CANCELLED, key, "not wanted"), 0);
}

static void step(struct random_world *r)
{
	jd_time wakeup = sched_wakeup(r->w->s, r->w->now);

	switch (draw(r, 12)) {
	case 0:
		say_env(r, (int)draw(r, ENVS));
		break;
	case 1:
		say_queue(r, (int)draw(r, QUEUES));
		break;
	case 2:
		one_in(r, 2) ? say_policy(r) : say_thing(r, (int)draw(r, THINGS));
		break;
	case 3:
		cancel_one(r);
		break;
	case 4:
		put_pool(r->w, 6 + draw(r, 12), 60000, 0);
		break;
	case 5:
	case 6:
		r->w->now = wakeup != JD_NEVER && one_in(r, 2) ? wakeup : r->w->now + draw(r, 5000);
		break;
	case 7:
	case 8:
	case 9:
		submit_one(r);
		break;
	default:
		end_one(r);
	}
}

static void look_at_limits(struct random_world *r)
{
	for (int i = 0; i < THINGS; i++) {
		struct sched_consumable_view view;

		assert_true(sched_consumable(r->w->s, thing_names[i], &view));
		assert_in_range(view.in_use, 0, r->total[i]); /* the largest it ever was */
	}
}

/* Limits that are lowered stop nobody who runs: so only what is placed is looked at. */
static void look_at_placement(struct random_world *r, const struct fact *fact)
{
	struct sched_job_view job;
	struct sched_queue_view q;
	int n;

	assert_true(sched_job(r->w->s, fact->job, &job));
	assert_true(sched_queue(r->w->s, job.queue, &q));
	n = job.queue[1] - '0';
	if (r->max_running[n])
		assert_true(q.count[JOB_STARTING] + q.count[JOB_RUNNING] <= r->max_running[n]);
}

static void settle(struct random_world *r)
{
	struct fact fact;
	int n = 0;

	while (sched_decide(r->w->s, r->w->now, &fact)) {
		assert_true(n++ < 200);
		assert_int_equal(apply(r->w, &fact), 0);
		if (fact.kind == FACT_PLACED)
			look_at_placement(r, &fact);
	}
}

static void assert_quiet(struct random_world *r, jd_time at)
{
	struct sched *copy = sched_clone(r->w->s);
	struct fact fact = { 0 };

	if (sched_decide(copy, at, &fact))
		fail_msg("at %+lld missed: %s %lld", (long long)(at - r->w->now),
			 fact_name(fact.kind), (long long)fact.job);
	sched_free(copy);
}

static void play(struct world *w, uint64_t seed)
{
	struct random_world r = { .w = w, .random = seed, .launch_ms = seed % 2 ? 0 : 15000 };
	struct fact fact = fact_of(w, FACT_SETTINGS, 0);
	jd_time wakeup;

	fact.settings = (struct sched_settings){ .idle_ms = 60000, .launch_ms = r.launch_ms };
	assert_int_equal(apply(w, &fact), 0);
	say_policy(&r);
	for (int i = 0; i < ENVS; i++)
		say_env(&r, i);
	for (int i = 0; i < QUEUES; i++)
		say_queue(&r, i);
	for (int i = 0; i < THINGS; i++)
		say_thing(&r, i);
	for (int i = 0; i < STEPS; i++) {
		step(&r);
		settle(&r);
		look_at_limits(&r);
		if (r.launch_ms)
			continue;
		assert_quiet(&r, w->now);
		wakeup = sched_wakeup(w->s, w->now);
		assert_true(wakeup > w->now);
		assert_quiet(&r, wakeup == JD_NEVER ? w->now + 86400000 : wakeup - 1);
	}
}

static void nothing_is_missed(void **state)
{
	struct world *w = *state;

	for (uint64_t seed = 1; seed <= 16; seed++) {
		sched_free(w->s);
		*w = (struct world){ .s = sched_new(), .now = 1000000 };
		play(w, seed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(nothing_is_missed) };

	return cmocka_run_group_tests_name("sched wake", tests, NULL, NULL);
}
