#include "config.h"
#include "sched_fair.h"
#include "jobdeck/catalog/catalog.h"

/* Blocked heads in random worlds of all kinds of environments, with drills, Spot prices, fair
 * share, backfill, limits and consumables. What is found must not depend on the way there: after
 * every step a copy and the replay of all facts have nothing to add, at this moment and at any
 * before the wakeup; and what jobs were told is what their queue says. */

enum { SEEDS = 30, JOBS = 400, STEPS = 700, ENVS = 5, QUEUES = 4, SECOND = 1000 };

static char env_text[ENVS][4] = { "e0", "e1", "e2", "e3", "e4" };
static char queue_text[QUEUES][4] = { "q0", "q1", "q2", "q3" };
static char share_text[3][4] = { "s0", "s1", "s2" };
static char licence[] = "licence";
static char *small_types[] = { (char[]){ "c5.large" }, (char[]){ "m5.xlarge" } };
static char *large_types[] = { (char[]){ "c5.2xlarge" }, (char[]){ "r5.large" } };

struct random_job {
	enum job_status status;
	int attempt;
	bool told; /* it is blocked */
};

struct random_world {
	struct world *w;
	struct sched *replay;
	struct random_job job[JOBS + 1]; /* by key */
	int count, told;
	struct queue queue[QUEUES];
	uint64_t random;
};

static unsigned draw(struct random_world *r, unsigned below)
{
	r->random = r->random * UINT64_C(6364136223846793005) + 1442695040888963407U;
	return (unsigned)(r->random >> 33) % below;
}

static void see(struct random_world *r, const struct fact *fact)
{
	struct random_job *job = &r->job[fact->job];

	if (!fact->job || !r->w->effect.changed)
		return;
	job->status = r->w->effect.to;
	job->attempt = r->w->effect.attempt;
	job->told = r->w->effect.blocked_since > 0;
	r->told += fact->kind == FACT_BLOCKED && fact->reason;
	if (job->told)
		assert_non_null(r->w->effect.status_reason);
}

static bool put(struct random_world *r, const struct fact *fact)
{
	if (apply(r->w, fact))
		return false;
	assert_int_equal(sched_apply(r->replay, fact, NULL, NULL), 0);
	see(r, fact);
	return true;
}

/* --- what happens ---------------------------------------------------------------------- */

static void put_some_env(struct random_world *r, int n)
{
	static const enum cr_type types[ENVS] = { CR_EC2, CR_EC2, CR_SPOT, CR_EC2, CR_FARGATE_SPOT };
	struct environment env = env_named(env_text[n], (int)draw(r, 4) * 4 + 2);
	struct fact fact = fact_of(r->w, FACT_ENVIRONMENT, 0);

	env.cr_type = types[n];
	env.strategy = draw(r, 4) ? STRATEGY_BEST_FIT_PROGRESSIVE : STRATEGY_BEST_FIT;
	if (n == 1 || n == 2) {
		env.instance_types = draw(r, 3) ? small_types : large_types;
		env.instance_type_count = 2;
	}
	env.bid_percent = 20 + (int)draw(r, 80);
	env.min_vcpus = draw(r, 5) ? 0 : 2;
	env.state = draw(r, 8) ? STATE_ENABLED : STATE_DISABLED;
	env.status = draw(r, 8) ? STATUS_VALID : STATUS_INVALID;
	env.refuse_until = draw(r, 4) ? 0 : r->w->now + (jd_time)draw(r, 20 * SECOND);
	fact.environment = &env;
	assert_true(put(r, &fact));
}

static void put_some_queue(struct random_world *r, int n)
{
	struct queue *q = &r->queue[n];
	struct fact fact = fact_of(r->w, FACT_QUEUE, 0);

	*q = queue_named(queue_text[n], (int)draw(r, 3));
	q->env_count = n == 3 ? 1 : 1 + (int)draw(r, 3);
	for (int i = 0; i < q->env_count; i++)
		q->env[i] = env_text[n == 3 ? 4 : (n + i) % 4];
	q->policy = n == 1 ? name_policy : NULL;
	q->backfill = !draw(r, 3);
	q->max_running = draw(r, 4) ? 0 : 2;
	q->blocked_until = draw(r, 6) ? 0 : r->w->now + (jd_time)draw(r, 20 * SECOND);
	q->limit_count = (int)draw(r, 2);
	q->limit[0] = (struct time_limit){ (enum blocked)(1 + draw(r, 3)), 30 * SECOND };
	fact.queue = q;
	assert_true(put(r, &fact));
}

static void put_some_licence(struct random_world *r)
{
	struct consumable c = { .name = licence, .total = (int64_t)draw(r, 5) };
	struct fact fact = fact_of(r->w, FACT_CONSUMABLE, 0);

	fact.consumable = &c;
	assert_true(put(r, &fact));
}

static void put_some_pool(struct random_world *r)
{
	struct fact fact = fact_of(r->w, FACT_POOL, 0);
	int64_t vcpus = 8 + 4 * (int64_t)draw(r, 5);

	fact.pool = (struct resources){ vcpus * 1000, vcpus * 4096, 0 };
	assert_true(put(r, &fact));
}

static void submit_some(struct random_world *r)
{
	int64_t key = r->count + 1;
	struct job job = job_of(key, queue_text[draw(r, QUEUES)], 1 + (int)draw(r, draw(r, 4) ? 4 : 16));
	struct fact fact = fact_of(r->w, FACT_SUBMITTED, key);

	if (r->count + 6 > JOBS)
		return;
	job.need.memory_mib = 500 * (1 + draw(r, draw(r, 6) ? 6 : 60));
	job.platform = job.queue == queue_text[3] && draw(r, 9) ? PLATFORM_FARGATE : PLATFORM_EC2;
	job.share = share_text[draw(r, 3)];
	job.retry.attempts = 1 + (int)draw(r, 3);
	job.consume_count = draw(r, 4) == 0;
	job.consume[0] = (struct consume){ licence, 1 + draw(r, 2) };
	if (!draw(r, 5)) {
		job.kind = JOB_KIND_ARRAY;
		job.size = 2 + (int)draw(r, 4);
	}
	fact.submitted = &job;
	r->count += 1 + job.size;
	assert_true(put(r, &fact));
}

/* Something of a job: mostly what an engine would say. What cannot be is refused. */
static void touch(struct random_world *r)
{
	static const enum fact_kind kinds[] = { FACT_STARTED, FACT_ENDED,     FACT_ENDED, FACT_ENDED,
						FACT_STARTED, FACT_CANCELLED, FACT_HELD,  FACT_RELEASED };
	int64_t key = r->count ? 1 + draw(r, (unsigned)r->count) : 0;
	struct fact fact = fact_of(r->w, kinds[draw(r, ARRAY_LEN(kinds))], key);

	if (!key)
		return;
	fact.attempt = r->job[key].attempt;
	if (fact.kind == FACT_ENDED) {
		fact.ended.exit_code = (int)draw(r, 2);
		fact.ended.status_reason = REASON_EXITED;
	} else if (fact.kind == FACT_CANCELLED) {
		fact.reason = "stopped";
	}
	put(r, &fact);
}

static void step(struct random_world *r)
{
	unsigned what = draw(r, 40);

	if (what < 10)
		submit_some(r);
	else if (what < 30)
		touch(r);
	else if (what < 33)
		put_some_env(r, (int)draw(r, ENVS));
	else if (what < 35)
		put_some_queue(r, (int)draw(r, QUEUES));
	else if (what < 36)
		put_some_licence(r);
	else if (what < 37)
		put_some_pool(r);
	else
		r->w->now += (jd_time)draw(r, 10 * SECOND);
}

/* --- what must hold -------------------------------------------------------------------- */

static bool is_blocked(const struct fact *fact)
{
	return fact->kind == FACT_BLOCKED ||
	       (fact->kind == FACT_FAILED && fact->reason && strstr(fact->reason, "JobStateTimeLimit"));
}

static bool same(const struct fact *a, const struct fact *b)
{
	return a->kind == b->kind && a->job == b->job && !a->reason == !b->reason &&
	       (!a->reason || strcmp(a->reason, b->reason) == 0);
}

/* Of blocked heads a copy says what the original says, and nothing when that says nothing; the
 * places it would give are other tests' part. */
static bool decide_one(struct random_world *r, struct fact *fact)
{
	struct sched *copy = sched_clone(r->w->s);
	struct fact other = { 0 };
	bool any = sched_decide(r->w->s, r->w->now, fact);
	bool too = sched_decide(copy, r->w->now, &other);

	if ((too && is_blocked(&other) && !any) ||
	    (any && too && is_blocked(fact) && is_blocked(&other) && !same(fact, &other)))
		fail_msg("a copy says \"%s\" of %d, not \"%s\" of %d", other.reason,
			 (int)other.job, any ? fact->reason : "nothing", any ? (int)fact->job : 0);
	sched_free(copy);
	return any;
}

static void settle(struct random_world *r)
{
	struct fact fact;
	int n = 0;

	while (decide_one(r, &fact)) {
		assert_true(put(r, &fact));
		if (n++ > 2000)
			fail_msg("it goes round in circles: %s %d", fact_name(fact.kind),
				 (int)subject_of(&fact));
	}
}

static void nothing_before_the_wakeup(struct random_world *r)
{
	struct sched *copy = sched_clone(r->w->s);
	jd_time at = sched_wakeup(r->w->s, r->w->now);
	struct fact fact;

	if (at == JD_NEVER)
		at = r->w->now + 1000 * SECOND;
	assert_true(at > r->w->now);
	if (sched_decide(copy, at - 1, &fact) && is_blocked(&fact))
		fail_msg("\"%s\" of %d is due before the wakeup", fact.reason, (int)fact.job);
	sched_free(copy);
}

static void queues_say_what_jobs_were_told(struct random_world *r)
{
	int told = 0, blocked = 0;

	for (int i = 1; i <= r->count; i++)
		told += r->job[i].told && !job_status_is_final(r->job[i].status);
	for (int q = 0; q < QUEUES; q++) {
		struct sched_queue_view view;

		assert_true(sched_queue(r->w->s, queue_text[q], &view));
		blocked += view.blocked != BLOCKED_NOT;
		assert_true((view.blocked != BLOCKED_NOT) == (view.blocked_since != 0));
	}
	assert_int_equal(told, blocked);
}

static void begin(struct random_world *r)
{
	static const struct weights weights[] = { { "s0", SHARE_WEIGHT_ONE }, { "s1", SHARE_WEIGHT_ONE } };
	struct fact fact = fact_of(r->w, FACT_SETTINGS, 0);

	fact.settings = (struct sched_settings){ .idle_ms = 20 * SECOND,
						 .launch_ms = draw(r, 3) * 2 * SECOND,
						 .memory_reserve_milli = CATALOG_RESERVE_MILLI,
						 .next_instance = 1 };
	assert_int_equal(apply(r->w, &fact), 0);
	put_policy(r->w, 600, 30, weights, 2);
	r->replay = sched_clone(r->w->s);
	put_some_pool(r);
	put_some_licence(r);
	for (int n = 0; n < ENVS; n++)
		put_some_env(r, n);
	for (int n = 0; n < QUEUES; n++)
		put_some_queue(r, n);
}

static void run_round(struct world *w, uint64_t seed, int *told)
{
	struct random_world *r = xcalloc(1, sizeof *r);
	struct fact fact;

	r->w = w;
	r->random = seed;
	begin(r);
	for (int i = 0; i < STEPS; i++) {
		step(r);
		settle(r);
		assert_int_equal(sched_hash(r->replay), sched_hash(w->s));
		assert_false(sched_decide(r->replay, w->now, &fact) && is_blocked(&fact));
		queues_say_what_jobs_were_told(r);
		nothing_before_the_wakeup(r);
	}
	*told += r->told;
	sched_free(r->replay);
	free(r);
}

static void BL_1_found_alike_by_every_way(void **state)
{
	int told = 0;

	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct world *w = *state;

		print_message("# seed %d\n", (int)seed);
		run_round(w, seed, &told);
		tear_down(state);
		set_up(state);
	}
	assert_true(told > 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(BL_1_found_alike_by_every_way) };

	return cmocka_run_group_tests_name("sched_blocked_random", tests, NULL, NULL);
}
