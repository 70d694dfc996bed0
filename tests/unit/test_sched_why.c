#include "sched_fair.h"
#include "jobdeck/catalog/catalog.h"

/* Why a job waits: the line (sched_explain), the ladder (sched_why), and what would become of a
 * job before it is submitted (sched_preflight). */

enum { MINUTE = 60000 };

static char name_i[] = "i", name_q[] = "q", share_a[] = "A", share_b[] = "B";

static void name_it(void *arg, int64_t key, char *out, size_t size)
{
	assert_string_equal(arg, "names");
	snprintf(out, size, "J%d", (int)key);
}

static struct why ask(struct world *w, int64_t key)
{
	struct why why;

	assert_true(sched_why(w->s, key, w->now, name_it, (char[]){ "names" }, &why));
	return why;
}

/* The ladder as one letter a rung: "ok" o, WAIT W, NEVER N, not reached -. */
static const char *ladder(struct world *w, int64_t key)
{
	static char text[RUNG_COUNT + 1];
	struct why why = ask(w, key);

	for (int i = 0; i < RUNG_COUNT; i++) {
		text[i] = "oWN-"[why.rung[i].verdict];
		assert_true((why.rung[i].verdict == VERDICT_NOT_REACHED) == !why.rung[i].text[0]);
	}
	return text;
}

static void assert_rung(struct world *w, int64_t key, enum rung rung, const char *text,
			const char *help)
{
	struct why why = ask(w, key);

	assert_string_equal(why.rung[rung].text, text);
	assert_string_equal(why.rung[rung].help, help);
}

static void settle(struct world *w, int64_t launch_ms)
{
	struct fact fact = fact_of(w, FACT_SETTINGS, 0);

	fact.settings = (struct sched_settings){ .idle_ms = MINUTE,
						 .launch_ms = launch_ms,
						 .memory_reserve_milli = CATALOG_RESERVE_MILLI,
						 .next_instance = 1 };
	assert_int_equal(apply(w, &fact), 0);
}

static struct environment instances_of(char *type, enum cr_type cr, int max)
{
	static char *types[1];
	struct environment env = env_named(name_i, max);

	types[0] = type;
	env.cr_type = cr;
	env.strategy = STRATEGY_BEST_FIT_PROGRESSIVE;
	env.instance_type_count = 1;
	env.instance_types = types;
	return env;
}

/* Queue "q" on environment "i". */
static void set_instances(struct world *w, char *type, enum cr_type cr, int max)
{
	struct environment env = instances_of(type, cr, max);
	struct queue q = queue_named(name_q, 5);

	q.env_count = 1;
	q.env[0] = name_i;
	assert_int_equal(put_env(w, &env), 0);
	assert_int_equal(put_queue(w, &q), 0);
}

static void dependencies_with_their_states(void **state)
{
	struct world *w = *state;
	int64_t on[] = { 1, 2 };

	submit(w, 1, name_high, 4);
	submit(w, 2, name_low, 8);
	submit_after(w, 3, on, 2);
	decide(w);
	assert_string_equal(ladder(w, 3), "W--------");
	assert_rung(w, 3, RUNG_DEPENDENCIES, "J2 is RUNNABLE; J1 is STARTING",
		    "they have to end first, and well");
	assert_int_equal(ask(w, 3).status, JOB_PENDING);
	run(w, 1, 1, 0);
	decide(w);
	assert_rung(w, 3, RUNG_DEPENDENCIES, "J2 is RUNNABLE", "they have to end first, and well");
	assert_why(w, 3, "waits for 1 of 2 dependencies");
}

static void dependencies_of_children(void **state)
{
	struct world *w = *state;
	struct job job = job_of(10, name_high, 1);
	struct dependency on = { .job = 10, .type = DEPENDENCY_N_TO_N };

	job.kind = JOB_KIND_ARRAY;
	job.size = 3;
	job.sequential = true;
	assert_int_equal(submit_job(w, &job), 0);
	job.key = 20;
	job.sequential = false;
	job.depends = &on;
	job.depends_count = 1;
	assert_int_equal(submit_job(w, &job), 0);
	decide(w);
	assert_int_equal(status_of(w, 11), JOB_STARTING);
	assert_rung(w, 12, RUNG_DEPENDENCIES, "J11 is STARTING (SEQUENTIAL)",
		    "they have to end first, and well");
	assert_rung(w, 22, RUNG_DEPENDENCIES, "J12 is PENDING (N_TO_N)",
		    "they have to end first, and well");
	assert_rung(w, 20, RUNG_DEPENDENCIES, "J10 is PENDING (child by child)",
		    "they have to end first, and well");
	assert_false(sched_why(w->s, 24, w->now, NULL, NULL, &(struct why){ 0 }));
}

static void names_are_keys_when_nobody_names(void **state)
{
	struct world *w = *state;
	int64_t on[] = { 1 };
	struct why why;

	submit(w, 1, name_high, 1);
	submit_after(w, 2, on, 1);
	decide(w);
	assert_true(sched_why(w->s, 2, w->now, NULL, NULL, &why));
	assert_string_equal(why.rung[RUNG_DEPENDENCIES].text, "job 1 is STARTING");
}

static void queue_its_state_and_those_before_it(void **state)
{
	struct world *w = *state;
	struct queue low = queue_named(name_low, 1);

	submit(w, 1, name_high, 8);
	submit(w, 2, name_high, 8);
	submit(w, 3, name_low, 4);
	decide(w);
	assert_rung(w, 3, RUNG_QUEUE,
		    "low is ENABLED and VALID, priority 1; served before it: high (priority 10, "
		    "1 RUNNABLE)",
		    "");
	low.env_count = 1;
	low.env[0] = name_a;
	low.state = STATE_DISABLED;
	assert_int_equal(put_queue(w, &low), 0);
	assert_string_equal(ladder(w, 3), "ooooW----");
	assert_rung(w, 2, RUNG_QUEUE, "high is ENABLED and VALID, priority 10", "");
	low.status = STATUS_DELETING;
	assert_int_equal(put_queue(w, &low), 0);
	assert_string_equal(ladder(w, 3), "oW-------");
	assert_rung(w, 3, RUNG_QUEUE, "low is DELETING: it places nothing", "");
}

static void queue_drill_and_limit(void **state)
{
	struct world *w = *state;
	struct queue low = queue_named(name_low, 1);

	low.env_count = 1;
	low.env[0] = name_a;
	low.blocked_until = w->now + MINUTE;
	assert_int_equal(put_queue(w, &low), 0);
	submit(w, 1, name_low, 1);
	submit(w, 2, name_low, 1);
	decide(w);
	assert_rung(w, 1, RUNG_QUEUE, "low places nothing before 1970-01-01T00:17:40.000Z (drill)",
		    "the end of the drill");
	assert_why(w, 1, "queue low places nothing before 1970-01-01T00:17:40.000Z (drill)");
	low.blocked_until = 0;
	low.max_running = 1;
	assert_int_equal(put_queue(w, &low), 0);
	decide(w);
	assert_string_equal(ladder(w, 2), "oW-------");
	assert_rung(w, 2, RUNG_QUEUE, "low runs 1 jobs, and 1 is its limit",
		    "one of them ends, or jobdeck:max-running of low is raised");
	assert_why(w, 2, "low runs 1 job, which is its limit");
}

static void order_place_in_line_and_who_is_in_front(void **state)
{
	struct world *w = *state;
	struct job array = job_of(10, name_low, 2);

	submit(w, 1, name_low, 3);
	decide(w);
	array.kind = JOB_KIND_ARRAY;
	array.size = 4;
	assert_int_equal(submit_job(w, &array), 0);
	for (int64_t key = 21; key <= 24; key++)
		submit(w, key, name_low, 1);
	decide(w);
	assert_string_equal(ladder(w, 24), "ooW------");
	assert_rung(w, 24, RUNG_ORDER,
		    "number 8 in low; in front: J11 and 3 more of its array, J21, J22 and 1 more",
		    "those in front start; jobdeck:backfill=on would let smaller ones pass");
	assert_string_equal(ladder(w, 13), "ooooW----"); /* its array is in front */
	assert_rung(w, 13, RUNG_ORDER, "number 1 in low", "");
}

static void order_behind_one_that_never_runs(void **state)
{
	struct world *w = *state;

	submit(w, 1, name_low, 5);
	submit(w, 2, name_low, 1);
	decide(w);
	assert_rung(w, 2, RUNG_ORDER, "number 2 in low; in front: J1",
		    "J1 can never run: cancel it");
}

static void order_held_and_too_early(void **state)
{
	struct world *w = *state;
	struct job job = job_of(2, name_low, 1);

	submit(w, 1, name_low, 1);
	assert_int_equal(tell(w, FACT_HELD, 1, NULL), 0);
	job.start_after = w->now + MINUTE;
	assert_int_equal(submit_job(w, &job), 0);
	decide(w);
	assert_string_equal(ladder(w, 1), "ooW------");
	assert_rung(w, 1, RUNG_ORDER, "held: it is not in the line", "jobdeck release");
	assert_why(w, 1, "held: waits to be released");
	assert_rung(w, 2, RUNG_ORDER, "not in the line before 1970-01-01T00:17:40.000Z (start-after)",
		    "");
	assert_why(w, 2, "does not start before 1970-01-01T00:17:40.000Z");
}

static void fits_never(void **state)
{
	struct world *w = *state;
	struct job job = job_of(3, name_high, 1);

	submit(w, 1, name_high, 1);
	submit(w, 2, name_low, 5);
	job.need.memory_mib = 9000;
	assert_int_equal(submit_job(w, &job), 0);
	decide(w);
	assert_string_equal(ladder(w, 2), "oooN-----");
	assert_rung(w, 2, RUNG_FITS, "needs 5 vCPU, a has 4 at most: can never run",
		    "ask for at most 4 vCPU, or raise maxvCpus of a");
	assert_rung(w, 3, RUNG_FITS,
		    "needs 9000 MiB memory, this machine has 8000 at most: can never run",
		    "ask for at most 8000 MiB memory, or use a larger machine");
	assert_rung(w, 1, RUNG_FITS, "1 vCPU, 100 MiB memory fit a (maxvCpus 4), b (maxvCpus 8)", "");
}

/* It is told whatever comes first. */
static void fits_never_is_told_before_its_turn(void **state)
{
	struct world *w = *state;
	int64_t on[] = { 1 };
	struct job job = job_of(3, name_high, 9);
	struct dependency d = { .job = 1 };

	submit(w, 1, name_high, 1);
	submit_after(w, 2, on, 1);
	job.depends = &d;
	job.depends_count = 1;
	assert_int_equal(submit_job(w, &job), 0);
	decide(w);
	assert_string_equal(ladder(w, 2), "W--------");
	assert_string_equal(ladder(w, 3), "W--N-----");
}

static void fits_types(void **state)
{
	struct world *w = *state;
	struct job job = job_of(3, name_q, 1);

	put_pool(w, 16, 64000, 0);
	settle(w, 0);
	set_instances(w, (char[]){ "c5.large" }, CR_EC2, 16);
	submit(w, 1, name_q, 4);
	job.need.memory_mib = 5000;
	assert_int_equal(submit_job(w, &job), 0);
	decide(w);
	assert_rung(w, 1, RUNG_FITS, "needs 4 vCPU, c5.large in i has 2 at most: can never run",
		    "ask for at most 2 vCPU, or allow i a larger instance type");
	assert_rung(w, 3, RUNG_FITS,
		    "needs 5000 MiB memory, c5.large in i has 3962 at most: can never run",
		    "ask for at most 3962 MiB memory, or allow i a larger instance type");
	set_instances(w, (char[]){ "c5.9xlarge" }, CR_EC2, 64);
	assert_why(w, 1, "every instance type of i is larger than this machine: can never run");
}

static void room_on_the_machine(void **state)
{
	struct world *w = *state;

	submit(w, 1, name_low, 3);
	submit(w, 2, name_low, 2);
	decide(w);
	assert_string_equal(ladder(w, 2), "ooooW----");
	assert_rung(w, 2, RUNG_ROOM, "a: 1 of 4 vCPU free, 7900 MiB",
		    "1 job of a end, or its maxvCpus is raised");
	submit(w, 3, name_high, 5);
	submit(w, 4, name_high, 1);
	decide(w);
	assert_rung(w, 2, RUNG_ROOM, "a: 0 of 4 vCPU free on this machine, 7800 MiB",
		    "something on this machine ends");
}

static void room_largest_gap(void **state)
{
	struct world *w = *state;
	struct job job = job_of(4, name_q, 1);

	put_pool(w, 64, 64 * 8192, 0);
	settle(w, 0);
	set_instances(w, (char[]){ "c5.2xlarge" }, CR_EC2, 16);
	submit(w, 1, name_q, 5);
	submit(w, 2, name_q, 7);
	submit(w, 3, name_q, 4);
	decide(w);
	assert_why(w, 3, "needs 4 vCPU, largest gap 3 in i");
	assert_string_equal(ladder(w, 3), "ooooW----");
	assert_rung(w, 3, RUNG_ROOM,
		    "i: largest gap 3 vCPU, 15843 MiB on 2 instances, 16 of 16 vCPU launched",
		    "2 jobs of i end, or its maxvCpus is raised");
	assert_int_equal(tell(w, FACT_CANCELLED, 3, "x"), 0);
	job.need.memory_mib = 15900;
	assert_int_equal(submit_job(w, &job), 0);
	decide(w);
	assert_why(w, 4, "needs 15900 MiB memory, largest gap 15843 in i");
}

static void environment_closed(void **state)
{
	struct world *w = *state;
	struct environment a = env_named(name_a, 4), b = env_named(name_b, 8);

	a.state = STATE_DISABLED;
	b.status = STATUS_INVALID;
	assert_int_equal(put_env(w, &a), 0);
	assert_int_equal(put_env(w, &b), 0);
	submit(w, 1, name_high, 1);
	decide(w);
	assert_string_equal(ladder(w, 1), "oooo-W---");
	assert_rung(w, 1, RUNG_ENVIRONMENT, "a is DISABLED and VALID; b is ENABLED and INVALID",
		    "enable a");
	assert_why(w, 1, "no VALID and ENABLED compute environment in high");
}

static void environment_drill(void **state)
{
	struct world *w = *state;
	struct environment env = instances_of((char[]){ "c5.large" }, CR_EC2, 16);

	settle(w, 0);
	set_instances(w, (char[]){ "c5.large" }, CR_EC2, 16);
	env.refuse_until = w->now + MINUTE;
	assert_int_equal(put_env(w, &env), 0);
	submit(w, 1, name_q, 1);
	decide(w);
	assert_string_equal(ladder(w, 1), "oooooW---");
	assert_rung(w, 1, RUNG_ROOM, "i: 0 of 16 vCPU launched", "");
	assert_rung(w, 1, RUNG_ENVIRONMENT,
		    "i has no capacity before 1970-01-01T00:17:40.000Z (drill)",
		    "the end of the drill");
	assert_why(w, 1, "i has no capacity before 1970-01-01T00:17:40.000Z (drill)");
}

static void environment_spot_price_and_pool(void **state)
{
	struct world *w = *state;
	struct environment env = instances_of((char[]){ "c5.large" }, CR_SPOT, 16);
	struct environment b = env_named(name_b, 8);

	settle(w, 0);
	set_instances(w, (char[]){ "c5.large" }, CR_SPOT, 16);
	env.bid_percent = 80;
	assert_int_equal(put_env(w, &env), 0);
	b.cr_type = CR_EC2;
	assert_int_equal(put_env(w, &b), 0);
	submit(w, 1, name_high, 7);
	decide(w);
	submit(w, 2, name_q, 1);
	decide(w);
	assert_rung(w, 2, RUNG_ENVIRONMENT,
		    "the Spot price is 87% of on-demand, not below the 80% that i bids",
		    "on-demand work ends, or a higher bidPercentage for i");
	assert_why(w, 2, "the Spot price is 87% of on-demand, not below the 80% that i bids");
	env.bid_percent = 100;
	assert_int_equal(put_env(w, &env), 0);
	decide(w);
	assert_string_equal(ladder(w, 2), "oooooW---");
	assert_rung(w, 2, RUNG_ENVIRONMENT, "c5.large of i needs 2 vCPU, 1 free on this machine",
		    "others give back what they have of this machine");
	assert_why(w, 2, "c5.large of i needs 2 vCPU, 1 free on this machine");
}

static void environment_of_a_multinode_job(void **state)
{
	struct world *w = *state;
	struct job job = job_of(10, name_q, 1);

	put_pool(w, 8, 64000, 0);
	settle(w, 0);
	set_instances(w, (char[]){ "c5.large" }, CR_EC2, 64);
	job.kind = JOB_KIND_MULTINODE;
	job.size = 3;
	job.node_need_count = 1;
	job.node_need[0] = (struct node_need){ 0, 2, { 1000, 100, 0 } };
	submit(w, 1, name_high, 4);
	decide(w);
	assert_int_equal(submit_job(w, &job), 0);
	decide(w);
	assert_string_equal(ladder(w, 10), "oooooW---");
	assert_rung(w, 10, RUNG_ENVIRONMENT,
		    "3 times c5.large of i needs 6 vCPU, 4 free on this machine",
		    "others give back what they have of this machine");
	assert_why(w, 10, "3 times c5.large of i needs 6 vCPU, 4 free on this machine");
	run(w, 1, 1, 0);
	decide(w);
	assert_int_equal(status_of(w, 11), JOB_STARTING);
}

static void shares_order_and_reservation(void **state)
{
	static const struct weights weights[] = { { "A", SHARE_WEIGHT_ONE }, { "B", SHARE_WEIGHT_ONE } };
	struct world *w = *state;

	set_fair(w, 0, 0, weights, 2);
	submit_share(w, 1, share_a, 6, 0);
	decide(w);
	submit_share(w, 2, share_a, 3, 0);
	submit_share(w, 3, share_a, 3, 0);
	submit_share(w, 4, share_b, 3, 0);
	decide(w);
	assert_rung(w, 4, RUNG_ORDER, "number 1 in fair", "");
	assert_rung(w, 2, RUNG_ORDER,
		    "first of share A, but share B is served before it in fair (0 to 360)",
		    "share B starts its next job; a lower weightFactor serves A sooner");
	assert_why(w, 2, "share B is served first in fair");
	assert_rung(w, 3, RUNG_ORDER, "number 2 in fair, share A; in front: J2",
		    "those in front start; jobdeck:backfill=on would let smaller ones pass");
	assert_why(w, 3, "behind 1 job of share A in fair");
}

static void shares_reservation(void **state)
{
	static const struct weights weights[] = { { "A", SHARE_WEIGHT_ONE } };
	struct world *w = *state;

	set_fair(w, 0, 50, weights, 1);
	submit_share(w, 1, share_a, 4, 0);
	submit_share(w, 2, share_a, 1, 0);
	decide(w);
	assert_string_equal(ladder(w, 2), "ooooooW--");
	assert_rung(w, 2, RUNG_SHARES,
		    "policy keeps (50%)^1 of 8 vCPU free for new shares (computeReservation); 4 in use",
		    "jobs of fair end; more active shares, or a lower computeReservation of policy");
	assert_why(w, 2, "fair keeps the rest free for new shares (computeReservation)");
	assert_rung(w, 1, RUNG_SHARES,
		    "share A, one of 1 active: weightFactor 1, 4 vCPU in use, score 240", "");
}

static void put_licence(struct world *w, int64_t total)
{
	struct consumable c = { .name = (char[]){ "licence" }, .total = total };
	struct fact fact = fact_of(w, FACT_CONSUMABLE, 0);

	fact.consumable = &c;
	assert_int_equal(apply(w, &fact), 0);
}

static void submit_consuming(struct world *w, int64_t key, int64_t quantity)
{
	struct job job = job_of(key, name_high, 1);

	job.consume_count = 1;
	job.consume[0] = (struct consume){ (char[]){ "licence" }, quantity };
	assert_int_equal(submit_job(w, &job), 0);
}

static void consumables(void **state)
{
	struct world *w = *state;

	put_licence(w, 3);
	submit_consuming(w, 1, 2);
	submit_consuming(w, 2, 2);
	submit_consuming(w, 3, 4);
	decide(w);
	assert_string_equal(ladder(w, 1), "ooooooooo");
	assert_string_equal(ladder(w, 2), "oooooooW-");
	assert_rung(w, 2, RUNG_CONSUMABLES, "2 of licence, 1 of 3 free",
		    "jobs that have it end, or raise its total");
	assert_why(w, 2, "needs 2 of licence, 1 of 3 free");
	assert_string_equal(ladder(w, 3), "ooW----N-");
	assert_rung(w, 3, RUNG_CONSUMABLES, "4 of licence, 1 of 3 free: never enough", "raise its total");
}

static void placement_instance_is_coming(void **state)
{
	struct world *w = *state;

	settle(w, 5000);
	put_pool(w, 8, 9000, 0);
	set_instances(w, (char[]){ "c5.large" }, CR_EC2, 64);
	for (int64_t key = 1; key <= 4; key++)
		submit(w, key, name_q, 2);
	decide(w); /* there is memory for two */
	assert_string_equal(ladder(w, 4), "ooW------");
	assert_string_equal(ladder(w, 3), "oooooW---");
	assert_why(w, 3, "c5.large of i needs 4096 MiB memory, 808 free on this machine");
	assert_string_equal(ladder(w, 1), "ooooooooW");
	assert_string_equal(ladder(w, 2), "ooooooooW");
	assert_rung(w, 2, RUNG_ORDER, "number 2 in q; instances for those in front are coming", "");
	assert_why(w, 1, "waits for an instance that is coming in i");
	assert_string_equal(ask(w, 1).rung[RUNG_PLACEMENT].help,
			    "it is up at 1970-01-01T00:16:45.000Z");
	w->now += 5000;
	decide(w);
	assert_string_equal(ladder(w, 1), "ooooooooo");
	assert_why(w, 1, "");
	assert_int_equal(strncmp(ask(w, 1).rung[RUNG_PLACEMENT].text, "STARTING in i on i-", 19), 0);
}

static void backfill_is_judged_where_it_stands(void **state)
{
	struct world *w = *state;
	struct queue low = queue_named(name_low, 1);

	low.env_count = 1;
	low.env[0] = name_a;
	low.backfill = true;
	assert_int_equal(put_queue(w, &low), 0);
	submit(w, 1, name_low, 3);
	submit(w, 2, name_low, 4);
	submit(w, 3, name_low, 2);
	decide(w);
	assert_string_equal(ladder(w, 3), "ooooW----");
	assert_rung(w, 3, RUNG_ORDER, "number 2 in low; backfill lets it pass those in front", "");
	assert_why(w, 3, "needs 2 vCPU, 1 free in a");
}

static void an_array_is_told_of_as_long_as_children_wait(void **state)
{
	struct world *w = *state;
	struct job array = job_of(10, name_low, 2);

	array.kind = JOB_KIND_ARRAY;
	array.size = 3;
	assert_int_equal(submit_job(w, &array), 0);
	decide(w);
	assert_why(w, 10, "needs 2 vCPU, 0 free in a");
	assert_why(w, 13, "needs 2 vCPU, 0 free in a");
	assert_why(w, 11, "");
	assert_string_equal(ladder(w, 10), "ooooW----");
	run(w, 11, 1, 0);
	decide(w);
	assert_why(w, 10, "");
	assert_string_equal(ladder(w, 10), "ooooooooo");
}

/* Nothing that only looks changes anything. */
static void looking_changes_nothing(void **state)
{
	struct world *w = *state;
	uint64_t before;

	submit(w, 1, name_low, 3);
	submit(w, 2, name_low, 3);
	submit(w, 3, name_high, 9);
	decide(w);
	before = sched_hash(w->s);
	for (int64_t key = 1; key <= 3; key++)
		ask(w, key);
	assert_int_equal(sched_hash(w->s), before);
	assert_string_equal(decide(w), "");
}

static void assert_preflight(struct world *w, const struct job *job, enum blocked blocked,
			     const char *expected)
{
	uint64_t before = sched_hash(w->s);
	char text[200];

	assert_int_equal(sched_preflight(w->s, job, text, sizeof text), blocked);
	assert_string_equal(text, expected);
	assert_int_equal(sched_hash(w->s), before);
	assert_int_equal(sched_live(w->s), 0);
}

static void preflight(void **state)
{
	struct world *w = *state;
	struct job job = job_of(1, name_low, 4);
	struct environment a = env_named(name_a, 4);

	assert_preflight(w, &job, BLOCKED_NOT, "");
	job.need.vcpu_milli = 4500;
	assert_preflight(w, &job, BLOCKED_MAX_RESOURCE,
			 "needs 4.5 vCPU, a has 4 at most: can never run");
	job.need.vcpu_milli = INT64_MAX;
	assert_preflight(w, &job, BLOCKED_MAX_RESOURCE,
			 "needs 2147483.647 vCPU, a has 4 at most: can never run");
	job.need = (struct resources){ 1000, 9000, 0 };
	assert_preflight(w, &job, BLOCKED_RESOURCE_REQUIREMENT,
			 "needs 9000 MiB memory, this machine has 8000 at most: can never run");
	job.need = (struct resources){ 1000, 100, 0 };
	job.platform = PLATFORM_FARGATE;
	assert_preflight(w, &job, BLOCKED_RESOURCE_REQUIREMENT,
			 "needs a Fargate compute environment, low has none: can never run");
	job.platform = PLATFORM_EC2;
	a.status = STATUS_INVALID;
	assert_int_equal(put_env(w, &a), 0);
	assert_preflight(w, &job, BLOCKED_ENVIRONMENTS_INVALID,
			 "all compute environments of low are INVALID");
	job.queue = (char[]){ "nowhere" };
	assert_preflight(w, &job, BLOCKED_NOT, "");
}

static void preflight_types_nodes_and_consumables(void **state)
{
	struct world *w = *state;
	struct job job = job_of(1, name_q, 4);
	struct environment a = env_named(name_a, 4), b = env_named(name_b, 8);

	set_instances(w, (char[]){ "c5.large" }, CR_EC2, 16);
	assert_preflight(w, &job, BLOCKED_RESOURCE_REQUIREMENT,
			 "needs 4 vCPU, c5.large in i has 2 at most: can never run");
	set_instances(w, (char[]){ "c5.9xlarge" }, CR_EC2, 64);
	assert_preflight(w, &job, BLOCKED_INSUFFICIENT_CAPACITY,
			 "every instance type of i is larger than this machine: can never run");
	job.queue = name_low;
	put_licence(w, 3);
	job.consume_count = 1;
	job.consume[0] = (struct consume){ (char[]){ "licence" }, 4 };
	assert_preflight(w, &job, BLOCKED_NOT,
			 "needs 4 of licence, there are 3 at most: can never run");
	job.consume[0].quantity = 3;
	assert_preflight(w, &job, BLOCKED_NOT, "");
	job.kind = JOB_KIND_MULTINODE;
	job.size = 3;
	job.node_need_count = 2;
	job.node_need[0] = (struct node_need){ 0, 0, { 1000, 100, 0 } };
	job.node_need[1] = (struct node_need){ 1, 2, { 5000, 100, 0 } };
	assert_preflight(w, &job, BLOCKED_MAX_RESOURCE,
			 "needs 5 vCPU, a has 4 at most: can never run");
	job.node_need[1].need.vcpu_milli = 2000;
	assert_preflight(w, &job, BLOCKED_MAX_RESOURCE,
			 "needs 5 vCPU and 300 MiB memory for all nodes at once, more than any "
			 "compute environment of low has: can never run");
	job.queue = name_high; /* b has 8 */
	assert_preflight(w, &job, BLOCKED_NOT, "");
	b.cr_type = CR_SPOT;
	assert_int_equal(put_env(w, &b), 0);
	job.node_need[1].need.vcpu_milli = 1000;
	assert_preflight(w, &job, BLOCKED_NOT, "");
	a.cr_type = CR_SPOT;
	assert_int_equal(put_env(w, &a), 0);
	assert_preflight(w, &job, BLOCKED_RESOURCE_REQUIREMENT,
			 "needs a managed on-demand EC2 compute environment, high has none: can "
			 "never run");
}

/* Not the number of nodes alone: each has an instance for itself (MNP-3). */
static void preflight_nodes_on_instances(void **state)
{
	struct world *w = *state;
	struct job job = job_of(1, name_q, 1);

	put_pool(w, 8, 64000, 0);
	set_instances(w, (char[]){ "c5.large" }, CR_EC2, 64);
	job.kind = JOB_KIND_MULTINODE;
	job.size = 4;
	job.node_need_count = 1;
	job.node_need[0] = (struct node_need){ 0, 3, { 1000, 100, 0 } };
	assert_preflight(w, &job, BLOCKED_NOT, "");
	job.size = 5;
	job.node_need[0].last = 4;
	assert_preflight(w, &job, BLOCKED_INSUFFICIENT_CAPACITY,
			 "needs 5 vCPU and 500 MiB memory for all nodes at once, more than any "
			 "compute environment of q has: can never run");
}

int main(void)
{
	/* clang-format off */
	const struct CMUnitTest tests[] = {
		T(dependencies_with_their_states),
		T(dependencies_of_children),
		T(names_are_keys_when_nobody_names),
		T(queue_its_state_and_those_before_it),
		T(queue_drill_and_limit),
		T(order_place_in_line_and_who_is_in_front),
		T(order_behind_one_that_never_runs),
		T(order_held_and_too_early),
		T(fits_never),
		T(fits_never_is_told_before_its_turn),
		T(fits_types),
		T(room_on_the_machine),
		T(room_largest_gap),
		T(environment_closed),
		T(environment_drill),
		T(environment_spot_price_and_pool),
		T(environment_of_a_multinode_job),
		T(shares_order_and_reservation),
		T(shares_reservation),
		T(consumables),
		T(placement_instance_is_coming),
		T(backfill_is_judged_where_it_stands),
		T(an_array_is_told_of_as_long_as_children_wait),
		T(looking_changes_nothing),
		T(preflight),
		T(preflight_types_nodes_and_consumables),
		T(preflight_nodes_on_instances),
	};
	/* clang-format on */

	return cmocka_run_group_tests_name("sched_why", tests, NULL, NULL);
}
