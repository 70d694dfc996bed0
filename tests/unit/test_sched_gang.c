/* sched/: multi-node parallel jobs (section 5). Every fact is watched: a second scheduler, a copy
 * and one that is restarted from rows must agree after each. */
#include "config.h"
#include "jobdeck/catalog/catalog.h"
#include "sched_rows.h"

/* `size` nodes of so many vCPUs each, the main one is `main`. */
static struct job gang_of(int64_t key, char *queue, int vcpus, int size, int main)
{
	struct job job = job_of(key, queue, vcpus);

	job.kind = JOB_KIND_MULTINODE;
	job.size = size;
	job.main_node = main;
	job.node_need_count = 1;
	job.node_need[0] = (struct node_need){ 0, size - 1, job.need };
	return job;
}

static void submit_gang(struct world *w, int64_t key, char *queue, int vcpus, int size, int main)
{
	struct job job = gang_of(key, queue, vcpus, size, main);

	assert_int_equal(submit_job(w, &job), 0);
}

static int end_node(struct world *w, int64_t key, int exit_code)
{
	return end_with(w, key, row_of(w->rows, key)->placed.attempt, exit_code, NULL);
}

/* MNP-4: room for all before any; the main node runs before the others may start. */
static void MNP_4_all_nodes_or_none(void **state)
{
	struct world *w = *state;
	struct sched_job_view view;

	submit(w, 1, name_low, 2);
	submit_gang(w, 10, name_low, 1, 3, 0);
	assert_string_equal(decide(w), "R1 R10 P1a"); /* 2 of 4 are free, 3 are needed */
	assert_int_equal(status_of(w, 11), JOB_RUNNABLE);
	run(w, 1, 1, 0);
	assert_string_equal(decide(w), "P11a P12a P13a E10STARTING");
	assert_int_equal(w->effect.attempt, 1);
	assert_true(sched_job(w->s, 12, &view));
	assert_true(view.waits);
	assert_int_equal(view.kind, JOB_KIND_NODE);
	assert_int_equal(view.parent, 10);
	assert_refused(start(w, 12, 1), w, ERR_CONFLICT);
	w->now += 100;
	assert_int_equal(start(w, 11, 1), 0);
	assert_string_equal(decide(w), "B13 B12 E10RUNNING");
	assert_int_equal(w->effect.started, w->now);
	assert_int_equal(start(w, 13, 1), 0);
	assert_int_equal(start(w, 12, 1), 0);
	assert_string_equal(decide(w), "");
}

static void MNP_4_not_on_spot_fargate_or_unmanaged(void **state)
{
	struct world *w = *state;

	w->seen = NULL;
	for (int i = 0; i < 3; i++) {
		static const enum cr_type kinds[] = { CR_SPOT, CR_FARGATE, CR_FARGATE_SPOT };

		rows_env[0].cr_type = kinds[i];
		rows_put_env(w, 0);
		submit_gang(w, 10 * (i + 1), name_low, 1, 2, 0);
		decide(w);
		assert_int_equal(status_of(w, 10 * (i + 1)), JOB_RUNNABLE);
	}
	rows_env[0].cr_type = CR_EC2;
	rows_env[0].type = CE_UNMANAGED;
	rows_put_env(w, 0);
	assert_string_equal(decide(w), "");
	rows_env[0].type = CE_MANAGED;
	rows_put_env(w, 0);
	assert_string_equal(decide(w), "P11a P12a E10STARTING P21a P22a E20STARTING");
}


static void MNP_5_trap_22_a_childs_death_changes_nothing(void **state)
{
	struct world *w = *state;

	submit_gang(w, 10, name_low, 1, 3, 0);
	decide(w);
	assert_int_equal(start(w, 11, 1), 0);
	decide(w);
	assert_int_equal(start(w, 12, 1), 0);
	assert_int_equal(end_node(w, 12, 1), 0);
	assert_effect(w, RUNNING, FAILED);
	assert_int_equal(end_node(w, 13, -1), 0); /* it did not even start */
	assert_effect(w, STARTING, FAILED);
	assert_string_equal(decide(w), "");
	assert_int_equal(status_of(w, 10), JOB_RUNNING);
	assert_int_equal(status_of(w, 12), JOB_COUNT);
	assert_int_equal(end_node(w, 11, 0), 0);
	assert_string_equal(decide(w), "E10SUCCEEDED");
	assert_string_equal(w->effect.status_reason, REASON_EXITED);
	assert_int_equal(sched_live(w->s), 0);
}

static void MNP_5_the_main_node_ends_the_job(void **state)
{
	struct world *w = *state;
	struct dependency on_10 = { .job = 10 };
	struct job after = job_of(20, name_high, 1);
	jd_time started = w->now;

	submit_gang(w, 10, name_low, 1, 3, 1);
	after.depends = &on_10;
	after.depends_count = 1;
	assert_int_equal(submit_job(w, &after), 0);
	assert_string_equal(decide(w), "R10 W20 P12a P11a P13a E10STARTING");
	assert_int_equal(start(w, 12, 1), 0);
	assert_string_equal(decide(w), "B13 B11 E10RUNNING");
	assert_int_equal(start(w, 11, 1), 0);
	w->now += 5000;
	assert_int_equal(end_node(w, 12, 0), 0);
	assert_effect(w, RUNNING, SUCCEEDED);
	assert_string_equal(decide(w), "S13 S11 E10SUCCEEDED R20 P20a");
	assert_int_equal(row_of(w->rows, 10)->job.started, started);
	assert_int_equal(status_of(w, 11), JOB_RUNNING); /* until it has stopped */
	assert_int_equal(sched_used(w->s).vcpu_milli, 3000);
	assert_int_equal(end_node(w, 11, 143), 0);
	assert_effect(w, RUNNING, FAILED);
	assert_int_equal(end_node(w, 13, -1), 0);
	assert_int_equal(sched_live(w->s), 1);
	assert_int_equal(sched_used(w->s).vcpu_milli, 1000);
}

static void MNP_5_reason_of_the_main_node(void **state)
{
	struct world *w = *state;
	struct fact fact;

	submit_gang(w, 10, name_low, 1, 2, 0);
	decide(w);
	fact = fact_of(w, FACT_ENDED, 11);
	fact.attempt = 1;
	fact.ended.exit_code = -1;
	fact.ended.status_reason = REASON_START_FAILED;
	assert_int_equal(apply(w, &fact), 0);
	assert_string_equal(decide(w), "S12 E10FAILED");
	assert_effect(w, STARTING, FAILED);
	assert_string_equal(w->effect.status_reason, REASON_START_FAILED);
	assert_int_equal(end_node(w, 12, -1), 0);
}

/* STARTED and ENDED may come in one turn: the parent still goes step by step. */
static void MNP_5_a_short_main_node(void **state)
{
	struct world *w = *state;

	submit_gang(w, 10, name_low, 1, 2, 0);
	decide(w);
	run(w, 11, 1, 0);
	assert_string_equal(decide(w), "S12 E10RUNNING E10SUCCEEDED");
	assert_int_equal(end_node(w, 12, -1), 0);
	assert_int_equal(sched_live(w->s), 0);
}

static void MNP_6_only_the_main_node_is_retried_and_all_restart(void **state)
{
	struct world *w = *state;
	struct job job = gang_of(10, name_low, 1, 3, 0);

	job.retry.attempts = 2;
	assert_int_equal(submit_job(w, &job), 0);
	submit(w, 20, name_low, 4);
	assert_string_equal(decide(w), "R10 R20 P11a P12a P13a E10STARTING");
	assert_int_equal(start(w, 11, 1), 0);
	decide(w);
	assert_int_equal(start(w, 12, 1), 0);
	assert_int_equal(start(w, 13, 1), 0);
	assert_int_equal(end_node(w, 12, 1), 0);
	assert_effect(w, RUNNING, FAILED);
	assert_int_equal(end_node(w, 11, 1), 0);
	assert_effect(w, RUNNING, RUNNABLE);
	assert_string_equal(decide(w), "S13");
	assert_int_equal(status_of(w, 10), JOB_RUNNING); /* not before all are over */
	assert_int_equal(end_node(w, 13, 143), 0);
	assert_effect(w, RUNNING, RUNNABLE);
	assert_string_equal(decide(w), "E10RUNNABLE P11a P12a P13a E10STARTING"); /* in front */
	assert_int_equal(w->effect.attempt, 2);
	assert_int_equal(row_of(w->rows, 12)->placed.attempt, 2);
	assert_int_equal(start(w, 11, 2), 0);
	assert_int_equal(end_node(w, 11, 1), 0);
	assert_string_equal(decide(w), "S12 S13 E10RUNNING E10FAILED");
	assert_int_equal(end_node(w, 12, -1), 0);
	assert_int_equal(end_node(w, 13, -1), 0);
	assert_string_equal(decide(w), "P20a");
}

static void MNP_6_timeout_covers_the_whole_job(void **state)
{
	struct world *w = *state;
	struct job job = gang_of(10, name_low, 1, 2, 1);

	job.timeout_s = 60;
	job.retry.attempts = 3;
	assert_int_equal(submit_job(w, &job), 0);
	decide(w);
	w->now += 1000;
	assert_int_equal(start(w, 12, 1), 0);
	decide(w);
	w->now += 30000;
	assert_int_equal(start(w, 11, 1), 0);
	assert_int_equal(sched_wakeup(w->s, w->now), w->now + 30000);
	w->now += 30000;
	assert_string_equal(decide(w), "S12");
	assert_int_equal(end_node(w, 12, 137), 0);
	assert_string_equal(decide(w), "S11 E10FAILED"); /* trap 2: and it is not retried */
	assert_string_equal(w->effect.status_reason, REASON_TIMEOUT);
	assert_int_equal(end_node(w, 11, 137), 0);
}

static void MNP_terminate_stops_all_nodes(void **state)
{
	struct world *w = *state;
	struct job job = gang_of(10, name_low, 1, 3, 0);

	job.retry.attempts = 3;
	assert_int_equal(submit_job(w, &job), 0);
	decide(w);
	assert_int_equal(start(w, 11, 1), 0);
	decide(w);
	assert_int_equal(tell(w, FACT_CANCELLED, 10, "no"), 0); /* CX-1 */
	assert_false(w->effect.changed);
	assert_int_equal(tell(w, FACT_TERMINATED, 10, "stop"), 0);
	assert_effect(w, RUNNING, RUNNING);
	assert_true(w->effect.terminated);
	assert_string_equal(decide(w), "S13 S12 S11");
	assert_int_equal(end_node(w, 12, -1), 0);
	assert_effect(w, STARTING, FAILED);
	assert_int_equal(end_node(w, 11, 0), 0);
	assert_effect(w, RUNNING, FAILED);
	assert_string_equal(decide(w), "E10FAILED");
	assert_string_equal(w->effect.status_reason, "stop");
	assert_int_equal(end_node(w, 13, -1), 0);
	assert_int_equal(sched_live(w->s), 0);
}

static void MNP_terminate_between_two_attempts(void **state)
{
	struct world *w = *state;
	struct job job = gang_of(10, name_low, 2, 2, 0);

	job.retry.attempts = 3;
	assert_int_equal(submit_job(w, &job), 0);
	decide(w);
	assert_int_equal(start(w, 11, 1), 0);
	decide(w);
	assert_int_equal(end_node(w, 11, 1), 0);
	assert_string_equal(decide(w), "S12");
	assert_int_equal(tell(w, FACT_TERMINATED, 10, "stop"), 0);
	assert_string_equal(decide(w), "S12 E10FAILED F11"); /* the other for another reason */
	assert_string_equal(row_of(w->rows, 11)->reason, "stop");
	assert_int_equal(end_node(w, 12, 143), 0);
	assert_int_equal(sched_live(w->s), 0);
}

static void MNP_cancel_while_it_waits(void **state)
{
	struct world *w = *state;
	struct job job = gang_of(10, name_low, 2, 2, 0);

	job.retry.attempts = 3;
	assert_int_equal(submit_job(w, &job), 0);
	decide(w);
	assert_int_equal(start(w, 11, 1), 0);
	decide(w);
	assert_int_equal(end_node(w, 12, -1), 0); /* one is FAILED, one will be RUNNABLE */
	assert_int_equal(end_node(w, 11, 1), 0);
	rows_env[0].state = STATE_DISABLED;
	rows_put_env(w, 0);
	assert_string_equal(decide(w), "E10RUNNABLE");
	assert_refused(tell(w, FACT_CANCELLED, 11, "no"), w, ERR_CONFLICT);
	assert_int_equal(status_of(w, 12), JOB_COUNT); /* it has ended, for now */
	assert_int_equal(tell(w, FACT_CANCELLED, 10, "no"), 0);
	assert_effect(w, RUNNABLE, FAILED);
	assert_string_equal(decide(w), "F11");
	assert_int_equal(sched_live(w->s), 0);
}

static void MNP_hold(void **state)
{
	struct world *w = *state;

	submit_gang(w, 10, name_low, 2, 2, 0);
	assert_int_equal(tell(w, FACT_HELD, 10, NULL), 0);
	assert_string_equal(decide(w), "R10");
	assert_refused(tell(w, FACT_HELD, 11, NULL), w, ERR_CONFLICT);
	assert_int_equal(tell(w, FACT_RELEASED, 10, NULL), 0);
	assert_string_equal(decide(w), "P11a P12a E10STARTING");
	assert_refused(tell(w, FACT_HELD, 10, NULL), w, ERR_CONFLICT);
	assert_refused(tell(w, FACT_HELD, 11, NULL), w, ERR_CONFLICT);
}

static void MNP_nodes_need_different_things(void **state)
{
	struct world *w = *state;
	struct job job = gang_of(10, name_high, 1, 3, 0);
	struct sched_job_view view;

	job.node_need_count = 2;
	job.node_need[0] = (struct node_need){ 0, 0, { 3000, 100, 0 } };
	job.node_need[1] = (struct node_need){ 1, 2, { 500, 100, 0 } };
	assert_int_equal(submit_job(w, &job), 0);
	assert_string_equal(decide(w), "R10 P11a P12a P13a E10STARTING");
	assert_int_equal(sched_used(w->s).vcpu_milli, 4000);
	assert_true(sched_job(w->s, 13, &view));
	assert_int_equal(view.need.vcpu_milli, 500);
}

/* A node is a job, too, that others can wait for. */
static void DEP_on_one_node(void **state)
{
	struct world *w = *state;
	struct dependency on_main = { .job = 11 }, on_other = { .job = 12 };
	struct job job = job_of(20, name_high, 1);

	submit_gang(w, 10, name_low, 1, 2, 0);
	job.depends_count = 1;
	job.depends = &on_other;
	assert_int_equal(submit_job(w, &job), 0);
	job.key = 21;
	job.depends = &on_main;
	assert_int_equal(submit_job(w, &job), 0);
	assert_string_equal(decide(w), "R10 W20 W21 P11a P12a E10STARTING");
	assert_int_equal(start(w, 11, 1), 0);
	decide(w);
	assert_int_equal(end_node(w, 12, -1), 0);
	assert_string_equal(decide(w), "F20");
	assert_int_equal(end_node(w, 11, 0), 0);
	assert_string_equal(decide(w), "R21 E10SUCCEEDED P21a");
	submit_gang(w, 30, name_low, 1, 2, 0);
	job.key = 40;
	on_main.job = 31;
	assert_int_equal(submit_job(w, &job), 0);
	assert_int_equal(tell(w, FACT_CANCELLED, 30, "no"), 0); /* none was made */
	assert_string_equal(decide(w), "F40");
}

static void MNP_1_refusals(void **state)
{
	struct world *w = *state;
	struct job job = gang_of(10, name_low, 1, 3, 3);

	assert_refused(submit_job(w, &job), w, ERR_INVALID);
	job.main_node = 0;
	job.node_need[0].last = 1;
	assert_refused(submit_job(w, &job), w, ERR_INVALID);
	job.size = LIMIT_NODES + 1;
	job.node_need[0].last = LIMIT_NODES;
	assert_refused(submit_job(w, &job), w, ERR_INVALID);
}

/* MNP-9: the first environment that could ever hold it is waited for. */
static void MNP_9_blocks_though_a_later_one_has_room(void **state)
{
	struct world *w = *state;

	submit(w, 1, name_low, 2);
	decide(w);
	submit_gang(w, 10, name_high, 1, 3, 0);
	submit(w, 20, name_high, 1);
	assert_string_equal(decide(w), "R10 R20"); /* b is empty */
	run(w, 1, 1, 0);
	assert_string_equal(decide(w), "P11a P12a P13a E10STARTING P20a");
	submit_gang(w, 30, name_high, 1, 5, 0); /* more than a could ever hold */
	assert_string_equal(decide(w), "R30");
	run(w, 20, 1, 0);
	assert_string_equal(decide(w), "P31b P32b P33b P34b P35b E30STARTING");
}

static void MNP_1_a_thousand_nodes(void **state)
{
	struct world *w = *state;
	struct job job = gang_of(1, name_low, 1, LIMIT_NODES, 500);

	w->seen = NULL;
	rows_env[0].max_vcpus = LIMIT_NODES;
	rows_put_env(w, 0);
	assert_int_equal(put_pool(w, LIMIT_NODES, 1 << 20, 0), 0);
	job.retry.attempts = 2;
	assert_int_equal(submit_job(w, &job), 0);
	decide(w);
	assert_int_equal(sched_used(w->s).vcpu_milli, LIMIT_NODES * 1000);
	for (int attempt = 1; attempt <= 2; attempt++) {
		assert_int_equal(start(w, 502, attempt), 0);
		decide(w);
		assert_int_equal(end_with(w, 502, attempt, 1, NULL), 0);
		decide(w);
		for (int64_t key = 2; key <= LIMIT_NODES + 1; key++)
			if (key != 502)
				assert_int_equal(end_with(w, key, attempt, -1, NULL), 0);
		decide(w);
	}
	assert_int_equal(sched_live(w->s), 0);
	assert_int_equal(sched_used(w->s).vcpu_milli, 0);
}

/* ---- half a gang */

static void apply_next(struct world *w, enum fact_kind kind, int64_t job)
{
	struct fact fact;

	assert_true(sched_decide(w->s, w->now, &fact));
	assert_int_equal(fact.kind, kind);
	assert_int_equal(fact.job, job);
	assert_int_equal(apply(w, &fact), 0);
}

static void MNP_4_half_a_gang_is_completed_first(void **state)
{
	struct world *w = *state;

	submit_gang(w, 10, name_low, 1, 3, 0);
	apply_next(w, FACT_RUNNABLE, 10);
	apply_next(w, FACT_PLACED, 11);
	submit(w, 20, name_high, 4); /* it would take the room */
	assert_int_equal(tell(w, FACT_CANCELLED, 10, "no"), 0); /* too late */
	assert_false(w->effect.changed);
	assert_string_equal(decide(w), "R20 P12a P13a E10STARTING P20b");
}

static void MNP_4_half_a_gang_is_undone(void **state)
{
	struct world *w = *state;
	struct job job = gang_of(10, name_low, 1, 3, 0);

	job.retry.attempts = 2;
	assert_int_equal(submit_job(w, &job), 0);
	apply_next(w, FACT_RUNNABLE, 10);
	apply_next(w, FACT_PLACED, 11);
	apply_next(w, FACT_PLACED, 12);
	rows_env[0].state = STATE_DISABLED;
	rows_put_env(w, 0);
	assert_string_equal(decide(w), "S11 S12");
	assert_int_equal(end_node(w, 12, -1), 0);
	assert_effect(w, STARTING, RUNNABLE);
	assert_int_equal(end_node(w, 11, -1), 0);
	assert_string_equal(decide(w), "E10STARTING E10RUNNABLE");
	assert_int_equal(w->effect.attempt, 1);
	rows_env[0].state = STATE_ENABLED;
	rows_put_env(w, 0);
	assert_string_equal(decide(w), "P11a P12a P13a E10STARTING");
	assert_int_equal(w->effect.attempt, 2);
}

static void MNP_4_half_a_gang_is_terminated(void **state)
{
	struct world *w = *state;

	submit_gang(w, 10, name_low, 1, 3, 0);
	apply_next(w, FACT_RUNNABLE, 10);
	apply_next(w, FACT_PLACED, 11);
	apply_next(w, FACT_PLACED, 12);
	assert_int_equal(tell(w, FACT_TERMINATED, 10, "stop"), 0);
	assert_string_equal(decide(w), "S12 S11");
	assert_int_equal(end_node(w, 11, -1), 0);
	assert_string_equal(decide(w), "E10STARTING E10FAILED");
	assert_string_equal(w->effect.status_reason, "stop");
	assert_int_equal(end_node(w, 12, -1), 0);
	assert_int_equal(sched_live(w->s), 0);
}

/* ---- on instances */

static char m5_large[] = "m5.large", m5_xlarge[] = "m5.xlarge";

/* Environment a: so many vCPUs of instances of these types. The machine has 64 vCPUs. */
static void on_instances(struct world *w, char **types, int count, int max)
{
	struct fact fact = fact_of(w, FACT_SETTINGS, 0);

	w->seen = NULL;
	fact.settings = (struct sched_settings){ .idle_ms = 60000,
						 .memory_reserve_milli = CATALOG_RESERVE_MILLI,
						 .next_instance = 1 };
	assert_int_equal(apply(w, &fact), 0);
	assert_int_equal(put_pool(w, 64, 512 * 1024, 0), 0);
	rows_env[0].instance_types = types;
	rows_env[0].instance_type_count = count;
	rows_env[0].strategy = STRATEGY_BEST_FIT_PROGRESSIVE;
	rows_env[0].max_vcpus = max;
	rows_put_env(w, 0);
	assert_string_equal(decide(w), "");
}

static void MNP_3_one_type_and_one_node_an_instance(void **state)
{
	struct world *w = *state;
	char *types[] = { m5_large, m5_xlarge };

	on_instances(w, types, 2, 16);
	submit_gang(w, 10, name_low, 1, 3, 0);
	assert_string_equal(decide(w), "R10 L1m5.large U1 L2m5.large U2 L3m5.large U3 P11a@1 P12a@2 "
				       "P13a@3 E10STARTING");
	submit(w, 20, name_low, 1); /* there is a vCPU free on each, but not for others */
	assert_string_equal(decide(w), "R20 L4m5.large U4 P20a@4");
	run(w, 11, 1, 0);
	assert_string_equal(decide(w), "S13 S12 E10RUNNING E10SUCCEEDED");
	submit(w, 21, name_low, 2);
	assert_string_equal(decide(w), "R21 P21a@1"); /* it is free again */
	assert_int_equal(end_with(w, 12, 1, -1, NULL), 0);
	assert_int_equal(end_with(w, 13, 1, -1, NULL), 0);
	submit_gang(w, 30, name_low, 2, 2, 0);
	assert_string_equal(decide(w), "R30 P31a@2 P32a@3 E30STARTING"); /* reused */
}

static void MNP_9_no_other_type_and_nothing_in_part(void **state)
{
	struct world *w = *state;
	char *types[] = { m5_large, m5_xlarge };

	on_instances(w, types, 2, 8);
	submit(w, 1, name_low, 2);
	assert_string_equal(decide(w), "R1 L1m5.large U1 P1a@1");
	submit_gang(w, 10, name_low, 2, 4, 0);
	assert_string_equal(decide(w), "R10"); /* three could be had, so none are launched */
	run(w, 1, 1, 0);
	assert_string_equal(decide(w), "L2m5.large U2 L3m5.large U3 L4m5.large U4 P11a@1 P12a@2 "
				       "P13a@3 P14a@4 E10STARTING");
	submit_gang(w, 20, name_low, 2, 6, 0); /* more than there can ever be */
	assert_string_equal(decide(w), "R20");
}

static void MNP_4_waits_for_all_that_are_coming(void **state)
{
	struct world *w = *state;
	char *types[] = { m5_large };
	struct fact fact = fact_of(w, FACT_SETTINGS, 0);

	on_instances(w, types, 1, 16);
	fact.settings = (struct sched_settings){ .idle_ms = 60000,
						 .launch_ms = 30000,
						 .memory_reserve_milli = CATALOG_RESERVE_MILLI,
						 .next_instance = 1 };
	assert_int_equal(apply(w, &fact), 0);
	submit_gang(w, 10, name_low, 2, 3, 0);
	submit(w, 20, name_low, 2);
	assert_string_equal(decide(w), "R10 R20 L1m5.large L2m5.large L3m5.large");
	w->now += 30000;
	assert_string_equal(decide(w), "U1 U2 U3 P11a@1 P12a@2 P13a@3 E10STARTING L4m5.large");
}

static void MNP_5_host_of_the_main_node_is_reclaimed(void **state)
{
	struct world *w = *state;
	struct fact fact = fact_of(w, FACT_INSTANCE_RECLAIMED, 0), ended;
	char *types[] = { m5_large }, text[128];

	on_instances(w, types, 1, 16);
	submit_gang(w, 10, name_low, 2, 2, 0);
	decide(w);
	assert_int_equal(start(w, 11, 1), 0);
	decide(w);
	fact.instance_key = 1;
	assert_int_equal(apply(w, &fact), 0);
	assert_string_equal(decide(w), "S11");
	ended = fact_of(w, FACT_ENDED, 11);
	ended.attempt = 1;
	ended.ended.exit_code = 143;
	ended.ended.status_reason = REASON_EXITED;
	sched_settle_end(w->s, &ended, text);
	assert_int_equal(ended.ended.exit_code, -1);
	assert_int_equal(apply(w, &ended), 0);
	assert_string_equal(decide(w), "S12 E10FAILED X1");
	assert_int_equal(strncmp(text, "Host EC2 (instance i-", 21), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TR(MNP_4_all_nodes_or_none),
		TR(MNP_4_not_on_spot_fargate_or_unmanaged),
		TR(MNP_5_trap_22_a_childs_death_changes_nothing),
		TR(MNP_5_the_main_node_ends_the_job),
		TR(MNP_5_reason_of_the_main_node),
		TR(MNP_5_a_short_main_node),
		TR(MNP_6_only_the_main_node_is_retried_and_all_restart),
		TR(MNP_6_timeout_covers_the_whole_job),
		TR(MNP_terminate_stops_all_nodes),
		TR(MNP_terminate_between_two_attempts),
		TR(MNP_cancel_while_it_waits),
		TR(MNP_hold),
		TR(MNP_nodes_need_different_things),
		TR(DEP_on_one_node),
		TR(MNP_1_refusals),
		TR(MNP_1_a_thousand_nodes),
		TR(MNP_9_blocks_though_a_later_one_has_room),
		TR(MNP_4_half_a_gang_is_completed_first),
		TR(MNP_4_half_a_gang_is_undone),
		TR(MNP_4_half_a_gang_is_terminated),
		TR(MNP_3_one_type_and_one_node_an_instance),
		TR(MNP_9_no_other_type_and_nothing_in_part),
		TR(MNP_4_waits_for_all_that_are_coming),
		TR(MNP_5_host_of_the_main_node_is_reclaimed),
	};

	return cmocka_run_group_tests_name("sched_gang", tests, NULL, NULL);
}
