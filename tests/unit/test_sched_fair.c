#include "config.h"
#include "sched_fair.h"

/* Fair share and queues at their edges: what has to wake a queue, what a copy, a replay and a
 * restart must agree on, and that coming instances are not launched twice. */

static char id_a[] = "A", id_b[] = "B";

/* A copy looks at every queue anew: it must find nothing that the original has missed. */
static void assert_nothing_missed(struct world *w)
{
	struct sched *copy = sched_clone(w->s);
	struct fact fact;

	assert_false(sched_decide(w->s, w->now, &fact));
	assert_false(sched_decide(copy, w->now, &fact));
	sched_free(copy);
}

/* FS-7: who is active is a question of facts and time, not of who has been asked to decide. */
static void FS_7_a_replay_knows_the_same_shares(void **state)
{
	struct world *w = *state;
	struct sched *live = w->s, *replay;
	char share[16];
	struct job job = job_of(600, name_fair, 1);

	set_fair(w, 0, 0, NULL, 0);
	for (int i = 1; i <= LIMIT_SHARES; i++) {
		snprintf(share, sizeof share, "s%d", i);
		submit_share(w, i, share, 1, 0);
		assert_int_equal(tell(w, FACT_CANCELLED, i, "not wanted"), 0);
	}
	replay = sched_clone(live);
	decide(w); /* only the live one is asked */
	w->now += 1000;
	job.share = id_a;
	assert_int_equal(submit_job(w, &job), 0);
	w->s = replay;
	assert_int_equal(submit_job(w, &job), 0);
	sched_free(replay);
	w->s = live;
}

/* FS-4: a share that goes makes the others of its prefix cheaper, and their jobs first. */
static void FS_4_a_share_that_goes_changes_the_order(void **state)
{
	static const struct weights list[] = { { "t*", 10000 }, { "B", 15000 } };
	static char one[] = "t1", two[] = "t2";
	struct world *w = *state;
	struct job waits = job_of(90, name_fair, 1);
	struct dependency on = { .job = 1 };

	set_fair(w, 600, 0, list, 2);
	submit_share(w, 1, one, 2, 0);
	submit_share(w, 2, id_b, 2, 0);
	waits.share = two;
	waits.depends = &on;
	waits.depends_count = 1;
	assert_int_equal(submit_job(w, &waits), 0);
	decide(w);
	submit_share(w, 3, one, 1, 0);
	submit_share(w, 4, id_b, 8, 0); /* 1.5 against twice 1.0: B is first, and does not fit */
	assert_string_equal(placed(w), "");
	assert_int_equal(tell(w, FACT_CANCELLED, 90, "not wanted"), 0);
	assert_string_equal(placed(w), "P3b");
	assert_nothing_missed(w);
}

/* A queue may lose an environment in which its jobs still run. */
static void max_running_counts_jobs_in_an_environment_it_has_left(void **state)
{
	struct world *w = *state;
	struct queue low = queue_named(name_low, 1);

	low.env_count = 1;
	low.env[0] = name_a;
	low.max_running = 1;
	assert_int_equal(put_queue(w, &low), 0);
	submit(w, 1, name_low, 1);
	submit(w, 2, name_low, 1);
	decide(w);
	low.env[0] = name_b;
	assert_int_equal(put_queue(w, &low), 0);
	assert_string_equal(placed(w), "");
	run(w, 1, 1, 0);
	assert_string_equal(placed(w), "P2b");
}

/* Behind one another are two jobs that wait for different things, and either may come. */
static void backfill_is_woken_by_everything_it_waits_for(void **state)
{
	static char name_licence[] = "licence";
	struct world *w = *state;
	struct consumable licence = { .name = name_licence };
	struct queue low = queue_named(name_low, 1), other = queue_named(name_high, 2);
	struct job job = job_of(3, name_low, 1);
	struct fact fact = fact_of(w, FACT_CONSUMABLE, 0);

	fact.consumable = &licence;
	assert_int_equal(apply(w, &fact), 0);
	low.env_count = other.env_count = 1;
	low.env[0] = name_a;
	other.env[0] = name_b;
	low.backfill = true;
	assert_int_equal(put_queue(w, &low), 0);
	assert_int_equal(put_queue(w, &other), 0);
	submit(w, 1, name_high, 8); /* the whole pool */
	decide(w);
	submit(w, 2, name_low, 1);
	job.consume_count = 1;
	job.consume[0] = (struct consume){ name_licence, 1 };
	assert_int_equal(submit_job(w, &job), 0);
	assert_string_equal(placed(w), "");
	run(w, 1, 1, 0);
	assert_string_equal(placed(w), "P2a");
}

/* Environment b has instances of 2 vCPUs that take two minutes to come, queue low is on it. */
static void slow_instances(struct world *w, struct queue *low)
{
	static char large[] = "c5.large";
	static char *types[] = { large };
	struct environment b = env_named(name_b, 8);
	struct fact fact = fact_of(w, FACT_SETTINGS, 0);

	fact.settings = (struct sched_settings){ .idle_ms = 60000, .launch_ms = 120000 };
	assert_int_equal(apply(w, &fact), 0);
	put_pool(w, 64, 500000, 0);
	b.instance_types = types;
	b.instance_type_count = 1;
	assert_int_equal(put_env(w, &b), 0);
	*low = queue_named(name_low, 1);
	low->env_count = 1;
	low->env[0] = name_b;
	assert_int_equal(put_queue(w, low), 0);
}

/* SC-1: while an instance is coming, another order of the shares launches no more of them. */
static void FS_5_time_does_not_launch_twice(void **state)
{
	struct world *w = *state;
	struct queue low;

	slow_instances(w, &low);
	set_fair(w, 600, 0, NULL, 0);
	submit_share(w, 1, id_a, 1, 0);
	submit_share(w, 2, id_b, 1, 0);
	assert_string_equal(decide(w), "R1 R2 L1c5.large");
	for (int i = 0; i < 10; i++) {
		w->now = sched_wakeup(w->s, w->now);
		if (w->now >= 1000000 + 120000)
			break;
		assert_string_equal(decide(w), "");
	}
	w->now = 1000000 + 120000;
	assert_string_equal(decide(w), "U1 P1b@1 P2b@1");
}

/* SC-1: nothing is launched for those who could not run on it. */
static void max_running_limits_launches(void **state)
{
	struct world *w = *state;
	struct queue low;

	slow_instances(w, &low);
	low.max_running = 1;
	assert_int_equal(put_queue(w, &low), 0);
	for (int64_t key = 1; key <= 3; key++)
		submit(w, key, name_low, 2);
	assert_string_equal(decide(w), "R1 R2 R3 L1c5.large");
	assert_nothing_missed(w);
	w->now += 120000;
	assert_string_equal(decide(w), "U1 P1b@1");
	run(w, 1, 1, 0);
	assert_string_equal(decide(w), "P2b@1");
}

static void consumables_limit_launches(void **state)
{
	static char name_licence[] = "licence";
	struct world *w = *state;
	struct consumable licence = { .name = name_licence, .total = 1 };
	struct fact fact = fact_of(w, FACT_CONSUMABLE, 0);
	struct job job = job_of(1, name_low, 2);
	struct queue low;

	slow_instances(w, &low);
	fact.consumable = &licence;
	assert_int_equal(apply(w, &fact), 0);
	job.consume_count = 1;
	job.consume[0] = (struct consume){ name_licence, 1 };
	assert_int_equal(submit_job(w, &job), 0);
	job.key = 2;
	assert_int_equal(submit_job(w, &job), 0);
	assert_string_equal(decide(w), "R1 R2 L1c5.large");
	assert_nothing_missed(w);
	assert_int_equal(tell(w, FACT_CANCELLED, 1, "not wanted"), 0);
	assert_string_equal(decide(w), ""); /* 2 has the place, and the licence */
	w->now += 120000;
	assert_string_equal(decide(w), "U1 P2b@1");
}

/* FS-6 */
static void the_reservation_limits_launches(void **state)
{
	struct world *w = *state;
	struct queue low;

	slow_instances(w, &low);
	set_fair(w, 0, 50, NULL, 0);
	for (int i = 1; i <= 4; i++)
		submit_share(w, i, id_a, 2, 0);
	assert_string_equal(decide(w), "R1 R2 R3 R4 L1c5.large L2c5.large");
	assert_nothing_missed(w);
	submit_share(w, 5, id_b, 2, 0); /* a quarter is kept now: one more */
	assert_string_equal(decide(w), "R5 L3c5.large");
	w->now += 120000;
	assert_string_equal(decide(w), "U1 U2 U3 P1b@1 P5b@2 P2b@3");
}

/* A place that was to be somebody's who does not want it any more is the next one's. */
static void a_booked_place_is_given_on(void **state)
{
	struct world *w = *state;
	struct queue low;

	slow_instances(w, &low);
	submit(w, 1, name_low, 2);
	assert_string_equal(decide(w), "R1 L1c5.large");
	assert_int_equal(tell(w, FACT_CANCELLED, 1, "not wanted"), 0);
	submit(w, 2, name_low, 2);
	assert_string_equal(decide(w), "R2");
	assert_nothing_missed(w);
	w->now += 120000;
	assert_string_equal(decide(w), "U1 P2b@1");
}

/* A policy that is changed leaves use as it was. */
static void a_changed_policy_remembers_use(void **state)
{
	static const struct weights list[] = { { "A", 20000 } };
	struct world *w = *state;
	struct sched_share_view share;
	double before;

	set_fair(w, 1200, 0, NULL, 0);
	submit_share(w, 1, id_a, 8, 0);
	decide(w);
	w->now += 600000;
	run(w, 1, 1, 0);
	w->now += 60000;
	assert_int_equal(sched_shares(w->s, "fair", w->now, &share, 1), 1);
	before = share.usage;
	put_policy(w, 1200, 0, list, 1);
	assert_int_equal(sched_shares(w->s, "fair", w->now, &share, 1), 1);
	assert_true(share.usage == before && share.weight == 2);
	put_policy(w, 2400, 0, list, 1); /* it counts for longer: more of it is left */
	assert_int_equal(sched_shares(w->s, "fair", w->now, &share, 1), 1);
	assert_true(share.usage > before && share.usage < 4800);
	put_policy(w, 1200, 0, list, 1);
	assert_int_equal(sched_shares(w->s, "fair", w->now, &share, 1), 1);
	assert_true(share.usage > before * 0.98 && share.usage < before * 1.02);
}

/* The snapshot's order and weights do not depend on who was asked before. */
static void snapshots_of_copies_are_the_same(void **state)
{
	static const struct weights list[] = { { "t*", 10000 } };
	static char one[] = "t1", two[] = "t2";
	struct world *w = *state;
	struct sched_share_view view[3];
	struct sched_place front[4];
	struct sched *copy;

	set_fair(w, 0, 0, list, 1);
	submit_share(w, 1, two, 1, 0);
	submit_share(w, 2, one, 1, 0);
	copy = sched_clone(w->s);
	assert_int_equal(sched_shares(copy, "fair", w->now, view, 3), 2);
	assert_true(view[0].weight == 2 && view[1].weight == 2);
	assert_int_equal(sched_shares(w->s, "fair", w->now, view, 3), 2);
	assert_true(view[0].weight == 2 && view[1].weight == 2);
	sched_free(copy);
	put_pool(w, 0, 0, 0);
	decide(w);
	assert_int_equal(sched_front(w->s, "fair", w->now, front, 4), 2);
	put_pool(w, 8, 8000, 0);
	assert_string_equal(placed(w), front[0].key == 2 ? "P2b P1b" : "P1b P2b");
	assert_int_equal(front[0].key, 2); /* equal scores: by identifier */
}

/* RT-9 with FS-8: in front of those of its priority, also of ones that were tried again before. */
static void RT_9_in_front_of_its_priority(void **state)
{
	struct world *w = *state;
	struct job job = job_of(1, name_fair, 4);

	set_fair(w, 0, 0, NULL, 0);
	job.share = id_a;
	job.retry.attempts = 2;
	assert_int_equal(submit_job(w, &job), 0);
	job.key = 2;
	assert_int_equal(submit_job(w, &job), 0);
	assert_string_equal(placed(w), "P1b P2b");
	put_pool(w, 0, 0, 0);
	run(w, 1, 1, 1);
	submit_share(w, 3, id_a, 1, 5);
	decide(w);
	run(w, 2, 1, 1);
	put_pool(w, 8, 8000, 0);
	assert_string_equal(placed(w), "P3b P2b");
}

/* earliestTimeAtPosition: when it joined, or when the last one before it went. */
static void snapshot_tells_since_when(void **state)
{
	struct world *w = *state;
	struct sched_place front[4];

	submit(w, 1, name_low, 4);
	submit(w, 2, name_low, 4);
	decide(w);
	w->now += 1000;
	submit(w, 3, name_low, 4);
	decide(w);
	assert_int_equal(sched_front(w->s, "low", w->now, front, 4), 2);
	assert_int_equal(front[0].key, 2);
	assert_int_equal(front[0].since, w->now - 1000);
	assert_int_equal(front[1].since, w->now);
	w->now += 1000;
	run(w, 1, 1, 0);
	decide(w);
	assert_int_equal(sched_front(w->s, "low", w->now, front, 4), 1);
	assert_int_equal(front[0].key, 3);
	assert_int_equal(front[0].since, w->now);
}

static char name_bolt[] = "bolt";

static struct job array_of_bolts(int64_t key, int size)
{
	struct job job = job_of(key, name_low, 1);

	job.kind = JOB_KIND_ARRAY;
	job.size = size;
	job.retry.attempts = 3;
	job.consume_count = 1;
	job.consume[0] = (struct consume){ name_bolt, 1 };
	return job;
}

static int64_t bolts_gone(struct world *w)
{
	struct sched_consumable_view view;

	assert_true(sched_consumable(w->s, name_bolt, &view));
	return view.in_use;
}

/* CR-2: what a child has taken for ever, it has also after a restart, while it waits. */
static void CR_2_a_restart_remembers_what_children_took(void **state)
{
	struct world *w = *state;
	struct consumable bolt = { .name = name_bolt, .total = 2,
				   .type = CONSUMABLE_NON_REPLENISHABLE };
	struct job array = array_of_bolts(1, 2), child = array_of_bolts(2, 0);
	struct fact fact = fact_of(w, FACT_CONSUMABLE, 0);

	fact.consumable = &bolt;
	assert_int_equal(apply(w, &fact), 0);
	array.status = JOB_PENDING;
	assert_int_equal(submit_job(w, &array), 0);
	child.kind = JOB_KIND_CHILD;
	child.parent = 1;
	child.status = JOB_RUNNABLE;
	child.attempt = 1;
	assert_int_equal(submit_job(w, &child), 0);
	assert_int_equal(bolts_gone(w), 1);
	decide(w);
	assert_int_equal(bolts_gone(w), 2);
	run(w, 2, 2, 0);
	run(w, 3, 1, 0);
	decide(w);
	assert_int_equal(bolts_gone(w), 2);
	assert_int_equal(status_of(w, 1), JOB_COUNT); /* all has ended */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(FS_7_a_replay_knows_the_same_shares),
		T(FS_4_a_share_that_goes_changes_the_order),
		T(max_running_counts_jobs_in_an_environment_it_has_left),
		T(backfill_is_woken_by_everything_it_waits_for),
		T(FS_5_time_does_not_launch_twice),
		T(max_running_limits_launches),
		T(consumables_limit_launches),
		T(the_reservation_limits_launches),
		T(a_booked_place_is_given_on),
		T(a_changed_policy_remembers_use),
		T(snapshots_of_copies_are_the_same),
		T(RT_9_in_front_of_its_priority),
		T(snapshot_tells_since_when),
		T(CR_2_a_restart_remembers_what_children_took),
	};

	return cmocka_run_group_tests_name("sched fair", tests, NULL, NULL);
}
