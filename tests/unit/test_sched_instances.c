#include "sched_world.h"
#include "jobdeck/catalog/catalog.h"

/* Managed environments on instances: what is launched, packed, kept and given back (sections
 * 11.1 to 11.3), Spot (SP-1, SP-2), Fargate (PL-2, PL-3), updates (CE-8), drills. */

enum { MINUTE = 60000 };

struct kind {
	enum cr_type cr;
	enum cr_strategy strategy;
	int min, max, bid;
	const char *types[4];
};

static char type_text[4][24];
static char *type_list[4];

/* Environment "a" as said, with queue "high" on it alone, on a pool of its own. */
static struct environment env_of(char *name, const struct kind *k)
{
	struct environment env = env_named(name, k->max);

	env.cr_type = k->cr;
	env.strategy = k->strategy;
	env.min_vcpus = k->min;
	env.bid_percent = k->bid;
	while (env.instance_type_count < 4 && k->types[env.instance_type_count]) {
		int n = env.instance_type_count++;

		snprintf(type_text[n], sizeof type_text[n], "%s", k->types[n]);
		type_list[n] = type_text[n];
	}
	env.instance_types = type_list;
	return env;
}

static void put_kind(struct world *w, char *name, const struct kind *k)
{
	struct environment env = env_of(name, k);

	assert_int_equal(put_env(w, &env), 0);
}

static void settle(struct world *w, int64_t idle_ms, int64_t launch_ms, int failures)
{
	struct fact fact = fact_of(w, FACT_SETTINGS, 0);

	fact.settings = (struct sched_settings){ .idle_ms = idle_ms,
						 .launch_ms = launch_ms,
						 .launch_failure_percent = failures,
						 .memory_reserve_milli = CATALOG_RESERVE_MILLI,
						 .next_instance = 1 };
	assert_int_equal(apply(w, &fact), 0);
}

static void set_world(struct world *w, int64_t vcpus, const struct kind *k)
{
	put_pool(w, vcpus, vcpus * 8192, 8);
	settle(w, MINUTE, 0, 0);
	put_kind(w, name_a, k);
	assert_string_equal(decide(w), "");
}

static void submit_need(struct world *w, int64_t key, char *queue, int vcpus, int memory, int gpus)
{
	struct job job = job_of(key, queue, vcpus);

	job.need.memory_mib = memory;
	job.need.gpus = gpus;
	assert_int_equal(submit_job(w, &job), 0);
}

static const struct kind m5_large = { CR_EC2, STRATEGY_BEST_FIT_PROGRESSIVE, 0, 8, 0, { "m5.large" } };

static void SC_1_launches_packs_and_reuses(void **state)
{
	struct world *w = *state;

	set_world(w, 64, &m5_large);
	submit(w, 1, name_low, 1);
	submit(w, 2, name_low, 1);
	submit(w, 3, name_low, 1);
	assert_string_equal(decide(w), "R1 R2 R3 L1m5.large U1 P1a@1 P2a@1 L2m5.large U2 P3a@2");
	run(w, 1, 1, 0);
	submit(w, 4, name_low, 1);
	/* Both have a free vCPU and the same memory free: the older. */
	assert_string_equal(decide(w), "R4 P4a@1");
}

/* The fullest instance that still fits takes the job, so that the others become idle. */
static void packing_fills_the_fullest(void **state)
{
	static const struct kind large = { CR_EC2, STRATEGY_BEST_FIT_PROGRESSIVE, 0, 16, 0, { "m5.xlarge" } };
	struct world *w = *state;

	set_world(w, 64, &large);
	submit(w, 1, name_low, 3);
	submit(w, 2, name_low, 2);
	submit(w, 3, name_low, 1);
	assert_string_equal(decide(w), "R1 R2 R3 L1m5.xlarge U1 P1a@1 L2m5.xlarge U2 P2a@2 P3a@1");
}

static void SC_3_idle_instances_go_after_the_idle_time(void **state)
{
	struct world *w = *state;

	set_world(w, 64, &m5_large);
	submit(w, 1, name_low, 2);
	assert_string_equal(decide(w), "R1 L1m5.large U1 P1a@1");
	assert_int_equal(sched_wakeup(w->s, w->now), JD_NEVER);
	w->now += 5000;
	run(w, 1, 1, 0);
	assert_string_equal(decide(w), "");
	assert_int_equal(sched_wakeup(w->s, w->now), w->now + MINUTE);
	w->now += MINUTE - 1;
	assert_string_equal(decide(w), "");
	w->now++;
	assert_string_equal(decide(w), "X1");
	assert_int_equal(sched_used(w->s).vcpu_milli, 0);
}

static void SC_3_minimum_stays_and_trap_12_of_a_disabled_one_too(void **state)
{
	static const struct kind kept = { CR_EC2, STRATEGY_BEST_FIT_PROGRESSIVE, 4, 8, 0, { "m5.large" } };
	struct world *w = *state;
	struct environment env;

	put_pool(w, 64, 64 * 8192, 0);
	settle(w, MINUTE, 0, 0);
	put_kind(w, name_a, &kept);
	assert_string_equal(decide(w), "L1m5.large U1 L2m5.large U2");
	w->now += 10 * MINUTE;
	assert_string_equal(decide(w), "");
	env = env_of(name_a, &kept);
	env.state = STATE_DISABLED;
	assert_int_equal(put_env(w, &env), 0);
	assert_string_equal(decide(w), "");
	env.min_vcpus = 2;
	assert_int_equal(put_env(w, &env), 0);
	assert_string_equal(decide(w), "X1");
}

/* CE-7: asked for by hand it comes, once; then Batch's own rules hold again. */
static void CE_7_desired_is_reached_and_then_forgotten(void **state)
{
	struct world *w = *state;
	struct environment env = env_of(name_a, &m5_large);

	set_world(w, 64, &m5_large);
	env.desired_vcpus = 4;
	assert_int_equal(put_env(w, &env), 0);
	assert_string_equal(decide(w), "L1m5.large U1 L2m5.large U2");
	w->now += MINUTE;
	assert_string_equal(decide(w), "X1 X2");
	w->now += 10 * MINUTE;
	assert_string_equal(decide(w), "");
}

static void SC_3_scale_down_delay_counts_from_the_last_job(void **state)
{
	struct world *w = *state;
	struct environment env = env_of(name_a, &m5_large);

	set_world(w, 64, &m5_large);
	env.scale_down_delay_ms = 20 * MINUTE;
	assert_int_equal(put_env(w, &env), 0);
	submit(w, 1, name_low, 1);
	decide(w);
	run(w, 1, 1, 0);
	decide(w);
	w->now += 20 * MINUTE - 1;
	assert_string_equal(decide(w), "");
	w->now++;
	assert_string_equal(decide(w), "X1");
}

static void SC_4_no_busy_instance_is_taken(void **state)
{
	struct world *w = *state;
	struct environment env = env_of(name_a, &m5_large);

	set_world(w, 64, &m5_large);
	submit(w, 1, name_low, 1);
	decide(w);
	env.max_vcpus = 0;
	env.state = STATE_DISABLED;
	assert_int_equal(put_env(w, &env), 0);
	w->now += 100 * MINUTE;
	assert_string_equal(decide(w), "");
}

/* SC-2, trap 13: by what one instance is larger, and no more; BEST_FIT on demand not at all. */
static void trap_13_overshoot_is_one_instance_at_most(void **state)
{
	static const struct kind progressive = { CR_EC2, STRATEGY_BEST_FIT_PROGRESSIVE, 0, 5, 0, { "m5.xlarge" } };
	static const struct kind best_fit = { CR_EC2, STRATEGY_BEST_FIT, 0, 5, 0, { "m5.xlarge" } };
	struct world *w = *state;
	struct sched_env_view view;

	set_world(w, 64, &progressive);
	for (int i = 1; i <= 4; i++)
		submit(w, i, name_low, 3);
	assert_string_equal(decide(w), "R1 R2 R3 R4 L1m5.xlarge U1 P1a@1 L2m5.xlarge U2 P2a@2");
	assert_true(sched_env(w->s, "a", &view));
	assert_int_equal(view.vcpus, 8);
	tear_down(state);
	set_up(state);
	w = *state;
	set_world(w, 64, &best_fit);
	submit(w, 1, name_low, 3);
	submit(w, 2, name_low, 3);
	assert_string_equal(decide(w), "R1 R2 L1m5.xlarge U1 P1a@1");
}

/* Trap 20, RES-6: a job of the full nominal memory fits no instance of that size. */
static void trap_20_nominal_memory_never_fits(void **state)
{
	struct world *w = *state;

	set_world(w, 64, &m5_large);
	submit_need(w, 1, name_low, 1, 8192, 0);
	assert_string_equal(decide(w), "R1");
	submit_need(w, 2, name_high, 1, 7900, 0);
	assert_string_equal(decide(w), "R2 L1m5.large U1 P2a@1");
}

static const char *launched_by(void **state, enum cr_type cr, enum cr_strategy strategy, int vcpus,
			       int gpus, const char *t0, const char *t1)
{
	static char type[24];
	struct kind k = { cr, strategy, 0, 64, 0, { t0, t1 } };
	struct world *w;
	struct fact fact;

	tear_down(state);
	set_up(state);
	w = *state;
	set_world(w, 256, &k);
	submit_need(w, 1, name_low, vcpus, 1000, gpus);
	type[0] = '\0';
	while (sched_decide(w->s, w->now, &fact)) {
		if (fact.kind == FACT_INSTANCE_LAUNCHED)
			snprintf(type, sizeof type, "%s", fact.instance->type);
		assert_int_equal(apply(w, &fact), 0);
	}
	return type;
}

static void strategies_choose_their_types(void **state)
{
	static const struct {
		enum cr_type cr;
		enum cr_strategy strategy;
		int vcpus, gpus;
		const char *t0, *t1, *expected;
	} rows[] = {
		{ CR_EC2, STRATEGY_BEST_FIT, 2, 0, "m5", "c5", "c5.large" },
		{ CR_EC2, STRATEGY_BEST_FIT, 7, 0, "m5", "c5", "c5.2xlarge" },
		{ CR_EC2, STRATEGY_BEST_FIT_PROGRESSIVE, 3, 0, "m5", "c5", "c5.xlarge" },
		{ CR_EC2, STRATEGY_BEST_FIT_PROGRESSIVE_ORDERED, 3, 0, "m5.xlarge", "c5.xlarge", "m5.xlarge" },
		{ CR_EC2, STRATEGY_BEST_FIT_PROGRESSIVE_ORDERED, 3, 0, "m5.large", "c5", "c5.xlarge" },
		{ CR_SPOT, STRATEGY_SPOT_CAPACITY_OPTIMIZED, 2, 0, "c5.4xlarge", "m5.large", "m5.large" },
		{ CR_SPOT, STRATEGY_SPOT_PRICE_CAPACITY_OPTIMIZED, 2, 0, "m5.large", "c5.xlarge", "c5.xlarge" },
		{ CR_SPOT, STRATEGY_SPOT_CAPACITY_OPTIMIZED_PRIORITIZED, 2, 0, "r5.large", "c5.large", "r5.large" },
		/* GPU-1: not on GPU types where another would do; RES-5: GPU jobs on those only */
		{ CR_EC2, STRATEGY_BEST_FIT_PROGRESSIVE_ORDERED, 2, 0, "g4dn.xlarge", "r5.large", "r5.large" },
		{ CR_EC2, STRATEGY_BEST_FIT_PROGRESSIVE_ORDERED, 2, 1, "r5.large", "g4dn.xlarge", "g4dn.xlarge" },
		{ CR_EC2, STRATEGY_BEST_FIT_PROGRESSIVE_ORDERED, 2, 0, "g4dn.xlarge", NULL, "g4dn.xlarge" },
		{ CR_EC2, STRATEGY_BEST_FIT_PROGRESSIVE_ORDERED, 3, 0, "g4dn.xlarge", "r5.large", "g4dn.xlarge" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *type = launched_by(state, rows[i].cr, rows[i].strategy, rows[i].vcpus,
					       rows[i].gpus, rows[i].t0, rows[i].t1);

		if (strcmp(type, rows[i].expected) != 0)
			fail_msg("row %zu: launched %s, not %s", i, type, rows[i].expected);
	}
}

/* BEST_FIT waits for its one type; BEST_FIT_PROGRESSIVE goes on to the next. */
static void best_fit_waits_and_progressive_goes_on(void **state)
{
	static const struct kind fit = { CR_EC2, STRATEGY_BEST_FIT, 0, 64, 0, { "c5.xlarge", "m5.large" } };
	struct world *w = *state;
	struct kind k = fit;

	put_pool(w, 4, 4096, 0);
	k.types[0] = "c5.large";
	put_kind(w, name_a, &k);
	submit(w, 1, name_low, 2); /* c5.large: 2 vCPU, 4096 MiB */
	submit(w, 2, name_low, 2);
	assert_string_equal(decide(w), "R1 R2 L1c5.large U1 P1a@1");
	k.types[1] = "t3.nano"; /* 2 vCPU, 512 MiB */
	k.strategy = STRATEGY_BEST_FIT_PROGRESSIVE;
	put_pool(w, 4, 4096 + 512, 0);
	put_kind(w, name_a, &k);
	assert_string_equal(decide(w), "L2t3.nano U2 P2a@2");
}

static void launches_take_their_time(void **state)
{
	struct world *w = *state;

	set_world(w, 64, &m5_large);
	settle(w, MINUTE, 30000, 0);
	for (int i = 1; i <= 3; i++)
		submit(w, i, name_low, 1);
	/* Two places are coming on the first; only the third needs another. */
	assert_string_equal(decide(w), "R1 R2 R3 L1m5.large L2m5.large");
	assert_int_equal(sched_wakeup(w->s, w->now), w->now + 30000);
	w->now += 30000;
	assert_string_equal(decide(w), "U1 U2 P1a@1 P2a@1 P3a@2");
}

/* Who waits for a place that is coming gets what becomes free before. */
static void a_booked_job_takes_what_is_free_sooner(void **state)
{
	struct world *w = *state;

	set_world(w, 64, &m5_large);
	submit(w, 1, name_low, 2);
	decide(w);
	settle(w, MINUTE, 30000, 0);
	submit(w, 2, name_low, 2);
	assert_string_equal(decide(w), "R2 L2m5.large");
	run(w, 1, 1, 0);
	assert_string_equal(decide(w), "P2a@1");
}

static void failed_launches_are_tried_again(void **state)
{
	struct world *w = *state;

	set_world(w, 64, &m5_large);
	settle(w, MINUTE, 1000, 100);
	submit(w, 1, name_low, 1);
	assert_string_equal(decide(w), "R1 L1m5.large");
	w->now += 1000;
	assert_string_equal(decide(w), "X1 L2m5.large");
	settle(w, MINUTE, 1000, 0);
	w->now += 1000;
	assert_string_equal(decide(w), "U2 P1a@2");
}

static void put_two(struct world *w, const struct kind *a, const struct kind *b)
{
	settle(w, MINUTE, 0, 0);
	put_kind(w, name_b, b);
	put_kind(w, name_a, a);
	assert_string_equal(decide(w), "");
}

/* PL-1: at its maximum or without capacity the next environment has the job. */
static void PL_1_next_environment(void **state)
{
	static const struct kind small = { CR_EC2, STRATEGY_BEST_FIT_PROGRESSIVE, 0, 2, 0, { "m5.large" } };
	static const struct kind other = { CR_EC2, STRATEGY_BEST_FIT_PROGRESSIVE, 0, 8, 0, { "c5.large" } };
	struct world *w = *state;
	struct environment env;

	put_pool(w, 64, 64 * 8192, 0);
	put_two(w, &small, &other);
	submit(w, 1, name_high, 2);
	submit(w, 2, name_high, 2);
	assert_string_equal(decide(w), "R1 R2 L1m5.large U1 P1a@1 L2c5.large U2 P2b@2");
	/* Drill: a refuses capacity. */
	run(w, 1, 1, 0);
	w->now += MINUTE;
	assert_string_equal(decide(w), "X1");
	env = env_of(name_a, &small);
	env.refuse_until = w->now + MINUTE;
	assert_int_equal(put_env(w, &env), 0);
	submit(w, 3, name_high, 2);
	assert_string_equal(decide(w), "R3 L3c5.large U3 P3b@3");
	submit(w, 4, name_low, 1); /* a only */
	assert_string_equal(decide(w), "R4");
	assert_int_equal(sched_wakeup(w->s, w->now), w->now + MINUTE);
	w->now += MINUTE;
	assert_string_equal(decide(w), "L4m5.large U4 P4a@4");
}

static void submit_fargate(struct world *w, int64_t key, char *queue, int vcpus)
{
	struct job job = job_of(key, queue, vcpus);

	job.platform = PLATFORM_FARGATE;
	assert_int_equal(submit_job(w, &job), 0);
}

static const struct kind fargate = { CR_FARGATE, 0, 0, 4, 0, { NULL } };
static const struct kind fargate_spot = { CR_FARGATE_SPOT, 0, 0, 4, 0, { NULL } };

static void PL_2_fargate_spills_over_at_its_maximum(void **state)
{
	struct world *w = *state;

	put_pool(w, 64, 64000, 0);
	put_two(w, &fargate_spot, &fargate);
	for (int i = 1; i <= 3; i++)
		submit_fargate(w, i, name_high, 2);
	assert_string_equal(decide(w), "R1 R2 R3 P1a P2a P3b");
}

/* PL-3, trap 11: a reclaim lowers use below the maximum, so the job waits for Spot. */
static void trap_11_fargate_spot_reclaim_does_not_spill_over(void **state)
{
	struct world *w = *state;
	struct fact fact;

	put_pool(w, 4, 64000, 0);
	put_two(w, &fargate_spot, &fargate);
	submit_fargate(w, 1, name_high, 2);
	assert_string_equal(decide(w), "R1 P1a");
	/* On-demand work of another queue takes what is left, and then needs the Spot room. */
	{
		struct queue q = queue_named((char[]){ "other" }, 50);

		q.env[0] = name_b;
		q.env_count = 1;
		assert_int_equal(put_queue(w, &q), 0);
	}
	start(w, 1, 1);
	submit_fargate(w, 2, (char[]){ "other" }, 4);
	assert_string_equal(decide(w), "R2 S1");
	fact = fact_of(w, FACT_ENDED, 1);
	fact.attempt = 1;
	fact.ended.exit_code = 137;
	fact.ended.status_reason = REASON_SPOT_TASK;
	assert_int_equal(apply(w, &fact), 0);
	assert_string_equal(decide(w), "P2b");
	submit_fargate(w, 3, name_high, 2);
	assert_string_equal(decide(w), "R3"); /* b has no room, and a waits for Spot */
	run(w, 2, 1, 0);
	assert_string_equal(decide(w), "P3a");
}

static const struct kind spot_half = { CR_SPOT, STRATEGY_SPOT_CAPACITY_OPTIMIZED, 0, 8, 50, { "m5.large" } };
static const struct kind on_demand = { CR_EC2, STRATEGY_BEST_FIT_PROGRESSIVE, 0, 8, 0, { "c5.large" } };

/* SP-1: a launch only below the bid; SP-2: above it the place goes. */
static void SP_1_price_decides(void **state)
{
	struct world *w = *state;

	put_pool(w, 8, 64000, 0);
	settle(w, MINUTE, 0, 0);
	put_kind(w, name_b, &on_demand);
	put_kind(w, name_a, &spot_half);
	submit(w, 1, name_low, 2); /* Spot */
	assert_string_equal(decide(w), "R1 L1m5.large U1 P1a@1");
	start(w, 1, 1);
	{
		struct queue q = queue_named((char[]){ "od" }, 50);

		q.env[0] = name_b;
		q.env_count = 1;
		assert_int_equal(put_queue(w, &q), 0);
	}
	for (int i = 2; i <= 3; i++)
		submit(w, i, (char[]){ "od" }, 2);
	assert_string_equal(decide(w), "R2 R3 L2c5.large U2 P2b@2 L3c5.large U3 P3b@3");
	submit(w, 4, name_low, 2); /* price 50 is not below the bid */
	assert_string_equal(decide(w), "R4");
	submit(w, 5, (char[]){ "od" }, 2); /* 75 */
	assert_string_equal(decide(w), "R5 L4c5.large N1 S1 U4 P5b@4");
	assert_int_equal(end_with(w, 1, 1, 143, NULL), 0);
	assert_string_equal(decide(w), "X1");
	run(w, 2, 1, 0);
	run(w, 3, 1, 0);
	w->now += MINUTE;
	assert_string_equal(decide(w), "X2 X3 L5m5.large U5 P4a@5");
}

/* On-demand work that finds no room takes it from Spot. */
/* Whoever comes first in the queues' order: else the one would launch, without end, what is
 * taken from it for the other. */
static void SP_2_spot_is_given_when_on_demand_work_has_had_its_turn(void **state)
{
	static const struct kind spot = { CR_SPOT, STRATEGY_SPOT_CAPACITY_OPTIMIZED, 0, 8, 100, { "m5.large" } };
	struct world *w = *state;
	struct queue od = queue_named((char[]){ "od" }, 0);

	put_pool(w, 8, 64000, 0);
	settle(w, MINUTE, 5000, 0);
	put_kind(w, name_a, &spot);
	od.env[0] = name_b; /* this machine */
	od.env_count = 1;
	assert_int_equal(put_queue(w, &od), 0);
	submit(w, 1, (char[]){ "od" }, 3);
	submit(w, 2, name_low, 2);
	submit(w, 3, name_low, 2);
	assert_string_equal(decide(w), "R1 R2 R3 P1b L1m5.large L2m5.large");
	submit(w, 4, (char[]){ "od" }, 3);
	assert_string_equal(decide(w), "R4 N2 X2 P4b");
	assert_why(w, 3, "m5.large of a needs 2 vCPU, 0 free on this machine");
}

static void SP_2_on_demand_work_takes_the_room(void **state)
{
	static const struct kind bid_all = { CR_SPOT, STRATEGY_SPOT_CAPACITY_OPTIMIZED, 0, 8, 100, { "m5.large" } };
	struct world *w = *state;
	struct queue q = queue_named((char[]){ "od" }, 50);

	put_pool(w, 4, 64000, 0);
	settle(w, MINUTE, 0, 0);
	put_kind(w, name_b, &on_demand);
	put_kind(w, name_a, &bid_all);
	q.env[0] = name_b;
	q.env_count = 1;
	assert_int_equal(put_queue(w, &q), 0);
	submit(w, 1, name_low, 2);
	submit(w, 2, name_low, 2);
	assert_string_equal(decide(w), "R1 R2 L1m5.large U1 P1a@1 L2m5.large U2 P2a@2");
	start(w, 2, 1);
	submit(w, 3, (char[]){ "od" }, 2);
	assert_string_equal(decide(w), "R3 N2 S2"); /* the newest, and only one */
	assert_int_equal(end_with(w, 2, 1, 143, NULL), 0);
	assert_string_equal(decide(w), "X2 L3c5.large U3 P3b@3");
}

/* Others' idle instances go before their time when the pool is short. */
static void idle_instances_make_room(void **state)
{
	struct world *w = *state;

	put_pool(w, 2, 64000, 0);
	settle(w, MINUTE, 0, 0);
	put_kind(w, name_b, &on_demand);
	put_kind(w, name_a, &m5_large);
	submit(w, 1, name_low, 2);
	decide(w);
	run(w, 1, 1, 0);
	{
		struct queue q = queue_named((char[]){ "od" }, 50);

		q.env[0] = name_b;
		q.env_count = 1;
		assert_int_equal(put_queue(w, &q), 0);
	}
	submit(w, 2, (char[]){ "od" }, 2);
	assert_string_equal(decide(w), "R2 X1 L2c5.large U2 P2b@2");
}

/* An instance that nobody may idle on is not given back before those it was launched for. */
static void no_idle_time_at_all(void **state)
{
	struct world *w = *state;

	set_world(w, 64, &m5_large);
	settle(w, 0, 1000, 0);
	submit(w, 1, name_low, 2);
	assert_string_equal(decide(w), "R1 L1m5.large");
	w->now += 1000;
	assert_string_equal(decide(w), "U1 P1a@1");
	run(w, 1, 1, 0);
	assert_string_equal(decide(w), "X1");
}

/* CE-7: as long as not all of what was asked for by hand can come, what has come stays. */
static void CE_7_desired_that_is_never_reached(void **state)
{
	struct world *w = *state;
	struct environment env;

	set_world(w, 3, &m5_large);
	env = env_of(name_a, &m5_large);
	env.desired_vcpus = 4;
	assert_int_equal(put_env(w, &env), 0);
	assert_string_equal(decide(w), "L1m5.large U1");
	w->now += 10 * MINUTE;
	assert_string_equal(decide(w), "");
	put_pool(w, 4, 64000, 0);
	assert_string_equal(decide(w), "L2m5.large U2 X1");
}

/* A Spot environment first and an on-demand one for what is too much: its own Spot work is not
 * moved about for that. */
static void SP_2_not_from_ones_own(void **state)
{
	static const struct kind spot = { CR_SPOT, STRATEGY_SPOT_CAPACITY_OPTIMIZED, 0, 2, 100, { "m5.large" } };
	struct world *w = *state;

	put_pool(w, 2, 64000, 0);
	put_two(w, &spot, &on_demand);
	submit(w, 1, name_high, 2);
	assert_string_equal(decide(w), "R1 L1m5.large U1 P1a@1");
	submit(w, 2, name_high, 2);
	assert_string_equal(decide(w), "R2");
}

/* What Spot work gave up for on-demand work is not lent to other Spot work, whoever is first. */
static void SP_2_room_is_not_lent_twice(void **state)
{
	static const struct kind spot = { CR_SPOT, STRATEGY_SPOT_CAPACITY_OPTIMIZED, 0, 8, 100, { "m5.large" } };
	struct world *w = *state;
	struct queue q = queue_named((char[]){ "od" }, 0);

	put_pool(w, 2, 64000, 0);
	settle(w, MINUTE, 0, 0);
	put_kind(w, name_b, &on_demand);
	put_kind(w, name_a, &spot);
	q.env[0] = name_b;
	q.env_count = 1;
	assert_int_equal(put_queue(w, &q), 0);
	submit(w, 1, name_low, 2);
	submit(w, 2, name_low, 2);
	assert_string_equal(decide(w), "R1 R2 L1m5.large U1 P1a@1");
	start(w, 1, 1);
	submit(w, 3, (char[]){ "od" }, 2);
	assert_string_equal(decide(w), "R3 N1 S1");
	assert_int_equal(end_with(w, 1, 1, 143, NULL), 0);
	assert_string_equal(decide(w), "X1 L2c5.large U2 P3b@2");
}

/* Instances go before their time only when that is enough. */
static void idle_instances_stay_when_they_are_no_help(void **state)
{
	static const struct kind large = { CR_EC2, STRATEGY_BEST_FIT_PROGRESSIVE, 0, 16, 0, { "c5.2xlarge" } };
	struct world *w = *state;

	put_pool(w, 8, 64000, 0);
	put_two(w, &m5_large, &large);
	submit(w, 1, name_low, 2);
	submit(w, 2, name_low, 2);
	decide(w);
	run(w, 1, 1, 0);
	{
		struct queue q = queue_named((char[]){ "od" }, 50);

		q.env[0] = name_b;
		q.env_count = 1;
		assert_int_equal(put_queue(w, &q), 0);
	}
	submit(w, 3, (char[]){ "od" }, 8);
	assert_string_equal(decide(w), "R3");
	run(w, 2, 1, 0);
	assert_string_equal(decide(w), "X1 X2 L3c5.2xlarge U3 P3b@3");
}

static void drill_reclaims_an_instance(void **state)
{
	struct world *w = *state;
	struct fact fact = fact_of(w, FACT_INSTANCE_RECLAIMED, 0);

	set_world(w, 64, &m5_large);
	submit(w, 1, name_low, 1);
	decide(w);
	start(w, 1, 1);
	fact.instance_key = 1;
	assert_int_equal(apply(w, &fact), 0);
	assert_string_equal(decide(w), "S1");
	assert_refused(apply(w, &fact), w, ERR_CONFLICT);
	submit(w, 2, name_low, 1); /* not there any more */
	assert_string_equal(decide(w), "R2 L2m5.large U2 P2a@2");
	assert_int_equal(end_with(w, 1, 1, 143, NULL), 0);
	assert_string_equal(decide(w), "X1");
	fact.instance_key = 77;
	assert_refused(apply(w, &fact), w, ERR_NOT_FOUND);
}

/* CE-8: new instances by the new settings, the old ones run out; then VALID. */
static void CE_8_update_drains_then_replaces(void **state)
{
	struct world *w = *state;
	struct environment env;

	set_world(w, 64, &m5_large);
	submit(w, 1, name_low, 1);
	decide(w);
	start(w, 1, 1);
	env = env_of(name_a, &(struct kind){ CR_EC2, STRATEGY_BEST_FIT_PROGRESSIVE, 0, 8, 0, { "c5.large" } });
	env.generation = 1;
	env.status = STATUS_UPDATING;
	env.update_deadline = w->now + 30 * MINUTE;
	assert_int_equal(put_env(w, &env), 0);
	submit(w, 2, name_low, 1);
	assert_string_equal(decide(w), "R2 L2c5.large U2 P2a@2");
	assert_int_equal(sched_wakeup(w->s, w->now), w->now + 30 * MINUTE);
	w->now += 30 * MINUTE;
	assert_string_equal(decide(w), "S1");
	assert_int_equal(end_with(w, 1, 1, 143, NULL), 0);
	assert_string_equal(decide(w), "X1 V0a");
}

static void CE_8_update_of_an_idle_environment_is_at_once(void **state)
{
	struct world *w = *state;
	struct environment env;

	set_world(w, 64, &m5_large);
	env = env_of(name_a, &m5_large);
	env.generation = 1;
	env.status = STATUS_UPDATING;
	env.update_deadline = w->now + 30 * MINUTE;
	assert_int_equal(put_env(w, &env), 0);
	assert_string_equal(decide(w), "V0a");
}

static void CE_4_instances_go_before_the_environment(void **state)
{
	struct world *w = *state;
	struct environment env = env_of(name_a, &m5_large);
	struct queue low = queue_named(name_low, 1), high = queue_named(name_high, 1);

	set_world(w, 64, &m5_large);
	submit(w, 1, name_low, 1);
	decide(w);
	run(w, 1, 1, 0);
	decide(w);
	assert_int_equal(put_queue(w, &low) | put_queue(w, &high), 0);
	env.status = STATUS_DELETED;
	assert_refused(put_env(w, &env), w, ERR_CONFLICT);
	env.status = STATUS_DELETING;
	assert_int_equal(put_env(w, &env), 0);
	assert_string_equal(decide(w), "X1");
	env.status = STATUS_DELETED;
	assert_int_equal(put_env(w, &env), 0);
}

/* Restart: rows of instances and attempts give the same state again; so does a copy. */
static void instances_come_back_after_a_restart(void **state)
{
	struct world *w = *state;
	struct sched *copy;
	struct instance row = { .key = 1, .env = name_a, .type = (char[]){ "m5.large" },
				.nominal = { 2000, 8192, 0 } };
	struct job job = job_of(1, name_low, 1);
	struct fact fact;
	uint64_t hash;

	set_world(w, 64, &m5_large);
	submit(w, 1, name_low, 1);
	decide(w);
	hash = sched_hash(w->s);
	copy = sched_clone(w->s);
	assert_true(sched_hash(copy) == hash);
	sched_free(copy);
	tear_down(state);
	set_up(state);
	w = *state;
	set_world(w, 64, &m5_large);
	row.launched = w->now;
	fact = fact_of(w, FACT_INSTANCE_LAUNCHED, 0);
	fact.instance = &row;
	assert_int_equal(apply(w, &fact), 0);
	fact = fact_of(w, FACT_INSTANCE_UP, 0);
	fact.instance_key = 1;
	assert_int_equal(apply(w, &fact), 0);
	job.status = JOB_STARTING;
	job.attempt = 1;
	assert_int_equal(submit_job(w, &job), 0);
	fact = fact_of(w, FACT_PLACED, 1);
	fact.attempt = 1;
	fact.placed.env = "a";
	fact.placed.instance = 1;
	assert_int_equal(apply(w, &fact), 0);
	assert_true(sched_hash(w->s) == hash);
	submit(w, 2, name_low, 2);
	assert_string_equal(decide(w), "R2 L2m5.large U2 P2a@2");
}

static void see(void *arg, const struct sched_instance_view *i)
{
	char *text = arg, id[INSTANCE_ID_SIZE];

	assert_int_equal(instance_key(instance_id(i->instance.key, id)), i->instance.key);
	sprintf(text + strlen(text), "%s %s %d jobs %d/%d;", i->instance.env, i->type, i->jobs,
		(int)i->used.vcpu_milli / 1000, (int)i->capacity.vcpu_milli / 1000);
}

static void instances_are_told(void **state)
{
	struct world *w = *state;
	char text[200] = "";

	set_world(w, 64, &m5_large);
	submit(w, 1, name_low, 1);
	decide(w);
	sched_instances(w->s, NULL, see, text);
	assert_string_equal(text, "a m5.large 1 jobs 1/2;");
	submit(w, 2, name_high, 5); /* b is `optimal`: the machine itself */
	decide(w);
	text[0] = '\0';
	sched_instances(w->s, "b", see, text);
	assert_string_equal(text, "b local.host 1 jobs 5/64;");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(SC_1_launches_packs_and_reuses), T(packing_fills_the_fullest),
		T(SC_3_idle_instances_go_after_the_idle_time),
		T(SC_3_minimum_stays_and_trap_12_of_a_disabled_one_too),
		T(CE_7_desired_is_reached_and_then_forgotten),
		T(SC_3_scale_down_delay_counts_from_the_last_job), T(SC_4_no_busy_instance_is_taken),
		T(trap_13_overshoot_is_one_instance_at_most), T(trap_20_nominal_memory_never_fits),
		T(strategies_choose_their_types), T(best_fit_waits_and_progressive_goes_on),
		T(launches_take_their_time), T(a_booked_job_takes_what_is_free_sooner),
		T(failed_launches_are_tried_again), T(PL_1_next_environment),
		T(PL_2_fargate_spills_over_at_its_maximum),
		T(trap_11_fargate_spot_reclaim_does_not_spill_over), T(SP_1_price_decides),
		T(SP_2_on_demand_work_takes_the_room),
		T(SP_2_spot_is_given_when_on_demand_work_has_had_its_turn), T(idle_instances_make_room),
		T(no_idle_time_at_all), T(CE_7_desired_that_is_never_reached), T(SP_2_not_from_ones_own),
		T(SP_2_room_is_not_lent_twice), T(idle_instances_stay_when_they_are_no_help),
		T(drill_reclaims_an_instance), T(CE_8_update_drains_then_replaces),
		T(CE_8_update_of_an_idle_environment_is_at_once),
		T(CE_4_instances_go_before_the_environment), T(instances_come_back_after_a_restart),
		T(instances_are_told),
	};

	return cmocka_run_group_tests_name("sched instances", tests, NULL, NULL);
}
