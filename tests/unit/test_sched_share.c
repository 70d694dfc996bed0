#include "config.h"
#include "sched_fair.h"

/* Fair share (section 9.1), consumable resources (CR), and what queues have of their own. */

static char id_a[] = "A", id_b[] = "B", id_c[] = "C";

static void FS_3_alternates_between_equal_shares(void **state)
{
	struct world *w = *state;

	set_fair(w, 0, 0, NULL, 0);
	for (int i = 1; i <= 4; i++)
		submit_share(w, i, id_a, 1, 0);
	for (int i = 5; i <= 8; i++)
		submit_share(w, i, id_b, 1, 0);
	assert_string_equal(placed(w), "P1b P5b P2b P6b P3b P7b P4b P8b");
}

/* Trap 15: weights multiply: 0.25 gets four times what 1.0 gets. */
static void trap_15_lower_weight_gets_more(void **state)
{
	static const struct weights list[] = { { "A", 2500 }, { "B", 10000 } };
	struct world *w = *state;
	struct sched_share_view shares[2];

	set_fair(w, 0, 0, list, 2);
	for (int i = 1; i <= 10; i++) {
		submit_share(w, i, id_a, 1, 0);
		submit_share(w, 20 + i, id_b, 1, 0);
	}
	decide(w);
	assert_int_equal(sched_shares(w->s, "fair", w->now, shares, 2), 2);
	for (int i = 0; i < 2; i++)
		assert_int_equal(shares[i].vcpu_milli, *shares[i].identifier == 'A' ? 6000 : 2000);
}

/* Trap 15: a prefix's weight times the identifiers that are active under it. */
static void FS_4_prefix_weight_times_active(void **state)
{
	static const struct weights list[] = { { "team*", 10000 }, { "solo", 10000 } };
	static char one[] = "team1", two[] = "team2", solo[] = "solo";
	struct world *w = *state;
	struct sched_share_view shares[3];

	set_fair(w, 0, 0, list, 2);
	for (int i = 1; i <= 9; i++) {
		submit_share(w, i, one, 1, 0);
		submit_share(w, 10 + i, two, 1, 0);
		submit_share(w, 20 + i, solo, 1, 0);
	}
	decide(w);
	assert_int_equal(sched_shares(w->s, "fair", w->now, shares, 3), 3);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(shares[i].vcpu_milli,
				 strcmp(shares[i].identifier, "solo") == 0 ? 4000 : 2000);
		assert_true(shares[i].weight == (strcmp(shares[i].identifier, "solo") == 0 ? 1 : 2));
	}
}

/* What a share used counts after its jobs have ended, less with age, until the window ends. */
static void FS_5_past_use_counts_until_the_window_ends(void **state)
{
	struct world *w = *state;
	struct sched_share_view share;
	double last;

	set_fair(w, 1200, 0, NULL, 0);
	submit_share(w, 1, id_a, 8, 0);
	assert_string_equal(placed(w), "P1b");
	start(w, 1, 1);
	w->now += 600000;
	assert_int_equal(end_with(w, 1, 1, 0, NULL), 0);
	assert_int_equal(sched_shares(w->s, "fair", w->now, &share, 1), 1);
	last = share.usage; /* 8 vCPU for half the window: a little over 3/4 of 4800 */
	assert_true(last > 3500 && last < 3700);
	/* B has used nothing: its job goes first although A's came first. */
	submit_share(w, 2, id_a, 8, 0);
	submit_share(w, 3, id_b, 8, 0);
	assert_string_equal(placed(w), "P3b");
	run(w, 3, 1, 0);
	assert_string_equal(placed(w), "P2b");
	run(w, 2, 1, 0);
	for (int i = 0; i < 11; i++) {
		w->now += 100000;
		assert_int_equal(sched_shares(w->s, "fair", w->now, &share, 1), 1);
		assert_true(share.usage < last);
		last = share.usage;
	}
	w->now += 200000;
	assert_int_equal(sched_shares(w->s, "fair", w->now, &share, 1), 0);
}

/* A window of 0 is one of 600 s. */
static void FS_5_least_window(void **state)
{
	struct world *w = *state;
	struct sched_share_view share;

	set_fair(w, 0, 0, NULL, 0);
	submit_share(w, 1, id_a, 8, 0);
	decide(w);
	w->now += 60000;
	run(w, 1, 1, 0);
	w->now += 500000;
	assert_int_equal(sched_shares(w->s, "fair", w->now, &share, 1), 1);
	w->now += 200000;
	assert_int_equal(sched_shares(w->s, "fair", w->now, &share, 1), 0);
}

/* Trap 16: (50 %)^active: half of the maximum for one share, three quarters for two. */
static void trap_16_reservation_is_a_power(void **state)
{
	struct world *w = *state;

	set_fair(w, 0, 50, NULL, 0);
	for (int i = 1; i <= 8; i++)
		submit_share(w, i, id_a, 1, 0);
	assert_string_equal(placed(w), "P1b P2b P3b P4b");
	for (int i = 11; i <= 18; i++)
		submit_share(w, i, id_b, 1, 0);
	assert_string_equal(placed(w), "P11b P12b");
	submit_share(w, 21, id_c, 1, 0);
	assert_string_equal(placed(w), "P21b");
}

static void FS_8_priority_inside_a_share_only(void **state)
{
	struct world *w = *state;

	set_fair(w, 0, 0, NULL, 0);
	submit_share(w, 1, id_a, 1, 0);
	submit_share(w, 2, id_a, 1, 10);
	submit_share(w, 3, id_b, 1, 0);
	assert_string_equal(placed(w), "P2b P3b P1b");
}

/* Trap 17 is the API's; a FIFO queue gives nobody a priority. */
static void JQ_8_priority_means_nothing_without_a_policy(void **state)
{
	struct world *w = *state;
	struct job job = job_of(2, name_low, 1);

	submit(w, 1, name_low, 1);
	job.priority = 99;
	assert_int_equal(submit_job(w, &job), 0);
	assert_string_equal(placed(w), "P1a P2a");
}

/* Trap 18: never attached later, never removed, while there are jobs; replaced it can be. */
static void trap_18_policy_is_attached_at_creation(void **state)
{
	static char policy[] = "policy", none[] = "none";
	struct world *w = *state;
	struct queue low = queue_named(name_low, 1), fair = fair_queue();

	low.env_count = 1;
	low.env[0] = name_a;
	set_fair(w, 0, 0, NULL, 0);
	submit(w, 1, name_low, 1);
	submit_share(w, 2, id_a, 1, 0);
	low.policy = policy;
	assert_refused(put_queue(w, &low), w, ERR_CONFLICT);
	fair.policy = NULL;
	assert_refused(put_queue(w, &fair), w, ERR_CONFLICT);
	fair.policy = none;
	assert_refused(put_queue(w, &fair), w, ERR_NOT_FOUND);
}

static void policy_in_use_stays(void **state)
{
	struct world *w = *state;
	struct policy p = { .name = name_policy, .deleted = true };
	struct fact fact = fact_of(w, FACT_POLICY, 0);
	struct queue q = fair_queue();

	set_fair(w, 0, 0, NULL, 0);
	fact.policy = &p;
	assert_refused(apply(w, &fact), w, ERR_CONFLICT);
	q.status = STATUS_DELETED;
	assert_int_equal(put_queue(w, &q), 0);
	assert_int_equal(apply(w, &fact), 0);
	assert_refused(apply(w, &fact), w, ERR_NOT_FOUND);
}

static void FS_7_at_most_500_active_shares(void **state)
{
	struct world *w = *state;
	char share[16];
	struct job job;

	set_fair(w, 0, 0, NULL, 0);
	for (int i = 1; i <= LIMIT_SHARES; i++) {
		snprintf(share, sizeof share, "s%d", i);
		submit_share(w, i, share, 1, 0);
	}
	job = job_of(501, name_fair, 1);
	job.share = id_a;
	assert_refused(submit_job(w, &job), w, ERR_CONFLICT);
	job.share = share;
	assert_int_equal(submit_job(w, &job), 0);
}

/* The order of dispatch is that of the snapshot. */
static void snapshot_front_is_the_order_of_dispatch(void **state)
{
	static const struct weights list[] = { { "A", 5000 } };
	struct world *w = *state;
	struct sched_place front[10];
	char expected[200] = "";
	size_t n = 0;

	set_fair(w, 0, 0, list, 1);
	put_pool(w, 0, 0, 0);
	for (int i = 1; i <= 4; i++) {
		submit_share(w, i, id_a, 1, i);
		submit_share(w, 10 + i, id_b, 1, 0);
	}
	decide(w);
	assert_int_equal(sched_front(w->s, "fair", w->now, front, 10), 8);
	for (int i = 0; i < 8; i++)
		n += (size_t)snprintf(expected + n, sizeof expected - n, "%sP%db", i ? " " : "",
				      (int)front[i].key);
	put_pool(w, 8, 8000, 0);
	assert_string_equal(placed(w), expected);
}

/* Waiting behind a large job of the share before, a small one's turn may come with time. */
static void order_changes_with_time_and_wakes(void **state)
{
	struct world *w = *state;
	jd_time at;
	int wakeups = 0;

	set_fair(w, 600, 0, NULL, 0);
	submit_share(w, 1, id_b, 4, 0);
	decide(w);
	w->now += 60000;
	run(w, 1, 1, 0);
	submit_share(w, 2, id_c, 4, 0); /* C runs on and its use grows; B's shrinks */
	decide(w);
	start(w, 2, 1);
	submit_share(w, 3, id_c, 8, 0);
	submit_share(w, 4, id_b, 1, 0);
	while (!*placed(w)) {
		at = sched_wakeup(w->s, w->now);
		assert_true(at > w->now && at != JD_NEVER);
		w->now = at;
		assert_true(wakeups++ < 200);
	}
	assert_int_equal(status_of(w, 4), JOB_STARTING);
}

static void usage_of_before_a_restart_is_told(void **state)
{
	struct world *w = *state;

	set_fair(w, 600, 0, NULL, 0);
	assert_int_equal(sched_usage(w->s, "fair", "A", 8000, w->now - 60000, w->now), 0);
	assert_int_equal(sched_usage(w->s, "low", "A", 8000, w->now - 60000, w->now), -1);
	submit_share(w, 1, id_a, 1, 0);
	submit_share(w, 2, id_b, 1, 0);
	assert_string_equal(placed(w), "P2b P1b");
}

static void copies_go_on_alike(void **state)
{
	static const struct weights list[] = { { "A", 5000 }, { "B*", 7000 } };
	struct world *w = *state;
	struct sched *copy, *own = w->s;
	char first[200];

	set_fair(w, 600, 25, list, 2);
	for (int i = 1; i <= 6; i++) {
		submit_share(w, i, id_a, 1, 0);
		submit_share(w, 10 + i, id_b, 1, 0);
	}
	decide(w);
	w->now += 50000;
	run(w, 1, 1, 0);
	copy = sched_clone(w->s);
	assert_true(sched_hash(copy) == sched_hash(w->s));
	snprintf(first, sizeof first, "%s", decide(w));
	w->s = copy;
	assert_string_equal(decide(w), first);
	sched_free(copy);
	w->s = own;
}

/* --- consumable resources -------------------------------------------------------------- */

static char name_licence[] = "licence";

static int put_consumable(struct world *w, enum consumable_type type, int64_t total, bool deleted)
{
	struct consumable c = { .name = name_licence, .type = type, .total = total,
				.deleted = deleted };
	struct fact fact = fact_of(w, FACT_CONSUMABLE, 0);

	fact.consumable = &c;
	return apply(w, &fact);
}

static void submit_consuming(struct world *w, int64_t key, int64_t quantity, int attempts)
{
	struct job job = job_of(key, name_low, 1);

	job.consume_count = 1;
	job.consume[0] = (struct consume){ name_licence, quantity };
	job.retry.attempts = attempts;
	assert_int_equal(submit_job(w, &job), 0);
}

static int64_t in_use(struct world *w)
{
	struct sched_consumable_view view;

	assert_true(sched_consumable(w->s, name_licence, &view));
	return view.in_use;
}

static void CR_2_taken_on_placement_and_given_back(void **state)
{
	struct world *w = *state;

	assert_int_equal(put_consumable(w, CONSUMABLE_REPLENISHABLE, 3, false), 0);
	submit_consuming(w, 1, 2, 1);
	submit_consuming(w, 2, 2, 1);
	submit(w, 3, name_low, 1);
	assert_string_equal(placed(w), "P1a"); /* 2 is the head, and blocks 3 */
	assert_int_equal(in_use(w), 2);
	run(w, 1, 1, 0);
	assert_string_equal(placed(w), "P2a P3a");
	assert_int_equal(in_use(w), 2);
	assert_refused(put_consumable(w, CONSUMABLE_REPLENISHABLE, 0, true), w, ERR_CONFLICT);
	run(w, 2, 1, 1);
	assert_int_equal(in_use(w), 0);
	assert_int_equal(put_consumable(w, CONSUMABLE_REPLENISHABLE, 0, true), 0);
}

static void CR_2_more_wakes_the_queue(void **state)
{
	struct world *w = *state;

	put_consumable(w, CONSUMABLE_REPLENISHABLE, 0, false);
	submit_consuming(w, 1, 1, 1);
	assert_string_equal(placed(w), "");
	put_consumable(w, CONSUMABLE_REPLENISHABLE, 1, false);
	assert_string_equal(placed(w), "P1a");
}

static void CR_2_non_replenishable_is_spent_once_a_job(void **state)
{
	struct world *w = *state;

	put_consumable(w, CONSUMABLE_NON_REPLENISHABLE, 3, false);
	submit_consuming(w, 1, 2, 2);
	decide(w);
	run(w, 1, 1, 1);
	assert_int_equal(in_use(w), 2);
	assert_string_equal(placed(w), "P1a"); /* again, without taking again */
	run(w, 1, 2, 1);
	assert_int_equal(in_use(w), 2);
	submit_consuming(w, 2, 2, 1);
	assert_string_equal(placed(w), "");
}

static void CR_1_unknown_resource_is_refused(void **state)
{
	struct world *w = *state;
	struct job job = job_of(1, name_low, 1);

	job.consume_count = 1;
	job.consume[0] = (struct consume){ name_licence, 1 };
	assert_refused(submit_job(w, &job), w, ERR_NOT_FOUND);
}

/* --- queues of their own --------------------------------------------------------------- */

static void put_low(struct world *w, int max_running, bool backfill, jd_time blocked_until)
{
	struct queue q = queue_named(name_low, 1);

	q.env_count = 1;
	q.env[0] = name_a;
	q.max_running = max_running;
	q.backfill = backfill;
	q.blocked_until = blocked_until;
	assert_int_equal(put_queue(w, &q), 0);
}

static void max_running_is_kept(void **state)
{
	struct world *w = *state;

	put_low(w, 1, false, 0);
	submit(w, 1, name_low, 1);
	submit(w, 2, name_low, 1);
	assert_string_equal(placed(w), "P1a");
	run(w, 1, 1, 0);
	assert_string_equal(placed(w), "P2a");
	submit(w, 3, name_low, 1);
	put_low(w, 2, false, 0);
	assert_string_equal(placed(w), "P3a");
}

static void JQ_6_head_blocks_unless_backfill(void **state)
{
	struct world *w = *state;

	submit(w, 1, name_low, 3);
	submit(w, 2, name_low, 3);
	submit(w, 3, name_low, 1);
	assert_string_equal(placed(w), "P1a");
	put_low(w, 0, true, 0);
	assert_string_equal(placed(w), "P3a");
	run(w, 1, 1, 0);
	assert_string_equal(placed(w), "P2a");
}

/* What is given back in the middle of a pass goes to the first who waits for it. */
static void backfill_begins_again_when_something_is_given_back(void **state)
{
	struct world *w = *state;
	struct fact fact;

	put_low(w, 0, true, 0);
	submit(w, 1, name_low, 3);
	assert_string_equal(placed(w), "P1a");
	start(w, 1, 1);
	submit(w, 2, name_low, 3);
	submit(w, 3, name_low, 1);
	submit(w, 4, name_low, 1);
	do
		assert_true(sched_decide(w->s, w->now, &fact) && !apply(w, &fact));
	while (fact.kind != FACT_PLACED);
	assert_int_equal(fact.job, 3);
	assert_int_equal(end_with(w, 1, 1, 0, NULL), 0);
	assert_string_equal(placed(w), "P2a");
}

static void drill_blocks_a_queue_for_a_time(void **state)
{
	struct world *w = *state;

	put_low(w, 0, false, w->now + 5000);
	submit(w, 1, name_low, 1);
	assert_string_equal(placed(w), "");
	assert_int_equal(sched_wakeup(w->s, w->now), w->now + 5000);
	w->now += 4999;
	assert_string_equal(placed(w), "");
	w->now++;
	assert_string_equal(placed(w), "P1a");
}

/* Trap 14, JQ-4: what a higher queue cannot use now goes to a lower one. */
static void trap_14_a_higher_queue_does_not_reserve(void **state)
{
	struct world *w = *state;

	submit(w, 1, name_high, 3);
	submit(w, 2, name_low, 1);
	decide(w);
	submit(w, 3, name_high, 8); /* fits b alone, which has 8, but not the pool now */
	submit(w, 4, name_low, 0);
	assert_string_equal(placed(w), "P4a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(FS_3_alternates_between_equal_shares), T(trap_15_lower_weight_gets_more),
		T(FS_4_prefix_weight_times_active), T(FS_5_past_use_counts_until_the_window_ends),
		T(FS_5_least_window), T(trap_16_reservation_is_a_power),
		T(FS_8_priority_inside_a_share_only),
		T(JQ_8_priority_means_nothing_without_a_policy),
		T(trap_18_policy_is_attached_at_creation), T(policy_in_use_stays),
		T(FS_7_at_most_500_active_shares), T(snapshot_front_is_the_order_of_dispatch),
		T(order_changes_with_time_and_wakes), T(usage_of_before_a_restart_is_told),
		T(copies_go_on_alike), T(CR_2_taken_on_placement_and_given_back),
		T(CR_2_more_wakes_the_queue), T(CR_2_non_replenishable_is_spent_once_a_job),
		T(CR_1_unknown_resource_is_refused), T(max_running_is_kept),
		T(JQ_6_head_blocks_unless_backfill), T(backfill_begins_again_when_something_is_given_back),
		T(drill_blocks_a_queue_for_a_time),
		T(trap_14_a_higher_queue_does_not_reserve),
	};

	return cmocka_run_group_tests_name("sched share", tests, NULL, NULL);
}
