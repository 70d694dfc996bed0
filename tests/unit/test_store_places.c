#include "config.h"
#include "store_fixture.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "jobdeck/base/mem.h"
#include "jobdeck/model/reason.h"
#include "../../src/store/internal.h"

/* Policies, consumable resources, instances and their history, and the use of shares. */

static const struct fact_effect none;

static int collect_text(void *arg, const struct journal_entry *e)
{
	size_t n = strlen(arg);

	snprintf((char *)arg + n, 1000 - n, "%s %s; ", fact_name(e->kind), e->text ? e->text : "-");
	return 0;
}

static void assert_journal(struct store *st, const char *expected)
{
	char text[1000] = "";

	assert_int_equal(store_journal(st, 0, 0, 100, collect_text, text, &error), 0);
	assert_string_equal(text, expected);
}

/* --- policies ----------------------------------------------------------------------------- */

static int name_policy(void *arg, const struct policy *p)
{
	strcat(arg, p->name);
	strcat(arg, " ");
	return 0;
}

static void put_policy(struct store *st, const char *name, int64_t decay_s, bool deleted)
{
	struct share_weight share[] = { { (char[]){ "team-\u00e9*" }, 1 },
					{ (char[]){ "b" }, 9999999 } };
	cleanup_free char *copy = xstrdup(name);
	struct policy p = { .name = copy,
			    .decay_s = decay_s,
			    .reservation = 99,
			    .share_count = 2,
			    .share = share,
			    .deleted = deleted,
			    .created = 5,
			    .doc = (char[]){ "{}" } };

	record(st, (struct fact){ .kind = FACT_POLICY, .at = 5, .policy = &p }, none);
}

static void policy_round_trip(void **state)
{
	struct policy *got;
	char names[40] = "";

	begin(*state);
	put_policy(*state, "fair", 604800, false);
	put_policy(*state, "also", 0, false);
	commit(*state);
	got = store_policy(*state, "fair", &error);
	assert_int_equal(got->decay_s, 604800);
	assert_int_equal(got->reservation, 99);
	assert_int_equal(got->share_count, 2);
	assert_string_equal(got->share[0].identifier, "team-\u00e9*");
	assert_int_equal(got->share[0].weight, 1);
	assert_int_equal(got->share[1].weight, 9999999);
	assert_int_equal(got->created, 5);
	assert_string_equal(got->doc, "{}");
	policy_free(got);
	assert_int_equal(store_policies(*state, name_policy, names, &error), 0);
	assert_string_equal(names, "also fair ");
	begin(*state);
	put_policy(*state, "fair", 1, true);
	commit(*state);
	error.kind = ERR_SYSTEM;
	assert_null(store_policy(*state, "fair", &error));
	assert_int_equal(error.kind, ERR_NONE);
	assert_journal(*state, "POLICY fair; POLICY also; POLICY fair deleted; ");
}

/* --- consumable resources ----------------------------------------------------------------- */

static void put_consumable(struct store *st, const char *name, enum consumable_type type,
			   int64_t total, bool deleted)
{
	cleanup_free char *copy = xstrdup(name);
	struct consumable c = {
		.name = copy, .type = type, .total = total, .deleted = deleted, .created = 6
	};

	record(st, (struct fact){ .kind = FACT_CONSUMABLE, .at = 6, .consumable = &c }, none);
}

static void assert_spent(struct store *st, const char *name, int64_t total, int64_t spent)
{
	struct consumable *c = store_consumable(st, name, &error);

	assert_non_null(c);
	assert_int_equal(c->total, total);
	assert_int_equal(c->spent, spent);
	consumable_free(c);
}

static void submit_consumer(struct store *st, int64_t key, const char *name, int64_t quantity)
{
	struct job *job = job_new(key, "j", "q");

	job->consume_count = 2;
	job->consume[0] = (struct consume){ xstrdup(name), quantity };
	job->consume[1] = (struct consume){ xstrdup("again"), 1 };
	submit(st, job);
	move(st, key, FACT_RUNNABLE, JOB_SUBMITTED, JOB_RUNNABLE, job->created);
	job_free(job);
}

/* CR-2: once a job, when it is over, however it ended; not by one that never ran. */
static void what_is_spent_stays_spent(void **state)
{
	struct store *st = *state;

	begin(st);
	put_consumable(st, "once", CONSUMABLE_NON_REPLENISHABLE, 100, false);
	put_consumable(st, "again", CONSUMABLE_REPLENISHABLE, 10, false);
	for (int64_t key = 1; key <= 3; key++)
		submit_consumer(st, key, "once", 10 * key);
	place(st, 1, 1, "ce", 0, 2000);
	end(st, 1, 1, 1, JOB_RUNNABLE, 2001);
	assert_spent(st, "once", 100, 0);
	place(st, 1, 2, "ce", 0, 2002);
	end(st, 1, 2, 1, JOB_FAILED, 2003);
	assert_spent(st, "once", 100, 10);
	move(st, 2, FACT_CANCELLED, JOB_RUNNABLE, JOB_FAILED, 2004);
	assert_spent(st, "once", 100, 10);
	put_consumable(st, "once", CONSUMABLE_NON_REPLENISHABLE, 50, false);
	place(st, 3, 1, "ce", 0, 2005);
	end(st, 3, 1, 0, JOB_SUCCEEDED, 2006);
	assert_spent(st, "once", 50, 40);
	assert_spent(st, "again", 10, 0);
	put_consumable(st, "once", CONSUMABLE_NON_REPLENISHABLE, 50, true);
	put_consumable(st, "once", CONSUMABLE_NON_REPLENISHABLE, 7, false);
	assert_spent(st, "once", 7, 0);
	commit(st);
}

struct consumers {
	char text[200];
	int stop_after;
};

static int add_consumer(void *arg, const struct job *job, int64_t quantity)
{
	struct consumers *c = arg;
	size_t n = strlen(c->text);

	snprintf(c->text + n, sizeof c->text - n, "%d takes %d; ", (int)job->key, (int)quantity);
	return 0;
}

static void assert_consumers(struct store *st, struct consumer_query q, const char *expected)
{
	struct consumers c = { .text = "" };

	if (store_consumers(st, &q, add_consumer, &c, &error))
		fail_msg("%s", error.text);
	assert_string_equal(c.text, expected);
}

static void consumers_are_listed(void **state)
{
	struct store *st = *state;

	begin(st);
	for (int64_t key = 1; key <= 4; key++)
		submit_consumer(st, key, key == 3 ? "other" : "once", key);
	move(st, 2, FACT_CANCELLED, JOB_RUNNABLE, JOB_FAILED, 2000);
	commit(st);
	assert_consumers(st, (struct consumer_query){ "once", -1, NULL, 0, 10 },
			 "4 takes 4; 2 takes 2; 1 takes 1; ");
	assert_consumers(st, (struct consumer_query){ "once", -1, NULL, 4, 1 }, "2 takes 2; ");
	assert_consumers(st, (struct consumer_query){ "once", JOB_RUNNABLE, "J*", 0, 10 },
			 "4 takes 4; 1 takes 1; ");
	assert_consumers(st, (struct consumer_query){ "once", -1, "k", 0, 10 }, "");
	assert_consumers(st, (struct consumer_query){ "none", -1, NULL, 0, 10 }, "");
}

/* --- instances ---------------------------------------------------------------------------- */

static void launch(struct store *st, int64_t key, const char *env, jd_time at)
{
	cleanup_free char *copy = xstrdup(env);
	struct instance i = { .key = key,
			      .env = copy,
			      .type = (char[]){ "c6i.large" },
			      .spot = true,
			      .generation = 2,
			      .nominal = { 2000, 4096, 1 } };

	record(st, (struct fact){ .kind = FACT_INSTANCE_LAUNCHED, .at = at, .instance = &i }, none);
}

static void move_instance(struct store *st, enum fact_kind kind, int64_t key, jd_time at)
{
	struct fact f = { .kind = kind, .at = at };

	f.instance_key = key;
	f.instance_reason = kind == FACT_INSTANCE_TERMINATED ? "idle" : NULL;
	record(st, f, none);
}

static struct instance *instance_of(struct store *st, int64_t key)
{
	struct instance *i = store_instance(st, key, &error);

	if (!i)
		fail_msg("%s", error.text);
	return i;
}

static void place_on(struct store *st, int64_t key, int64_t instance, jd_time at)
{
	struct fact f = { .kind = FACT_PLACED, .at = at, .job = key, .attempt = 1 };

	f.placed.env = "spot";
	f.placed.instance = instance;
	f.placed.gpu_set = UINT64_C(1) << 63 | 5;
	record(st, f,
	       (struct fact_effect){
		       .changed = true, .from = JOB_RUNNABLE, .to = JOB_STARTING, .order = key });
}

static void life_of_an_instance(void **state)
{
	struct store *st = *state;
	struct instance *i;
	struct attempt *a;
	char expected[400], id[INSTANCE_ID_SIZE];
	size_t n;

	begin(st);
	assert_int_equal(store_next_instance(st), 1);
	launch(st, 1, "spot", 100);
	assert_int_equal(store_next_instance(st), 2);
	i = instance_of(st, 1);
	assert_int_equal(i->status, INSTANCE_LAUNCHING);
	assert_string_equal(i->env, "spot");
	assert_string_equal(i->type, "c6i.large");
	assert_true(i->spot);
	assert_int_equal(i->generation, 2);
	assert_int_equal(i->nominal.vcpu_milli, 2000);
	assert_int_equal(i->nominal.memory_mib, 4096);
	assert_int_equal(i->nominal.gpus, 1);
	assert_int_equal(i->launched, 100);
	assert_int_equal(i->up, 0);
	store_instance_free(i);
	move_instance(st, FACT_INSTANCE_UP, 1, 110);
	submit_simple(st, 1, "a", "q", 111);
	move(st, 1, FACT_RUNNABLE, JOB_SUBMITTED, JOB_RUNNABLE, 111);
	place_on(st, 1, 1, 112);
	move_instance(st, FACT_INSTANCE_RECLAIMED, 1, 120);
	end(st, 1, 1, 137, JOB_FAILED, 130);
	move_instance(st, FACT_INSTANCE_TERMINATED, 1, 140);
	commit(st);
	i = instance_of(st, 1);
	assert_int_equal(i->status, INSTANCE_TERMINATED);
	assert_int_equal(i->up, 110);
	assert_int_equal(i->reclaimed, 120);
	assert_int_equal(i->last_end, 130);
	assert_int_equal(i->terminated, 140);
	store_instance_free(i);
	a = store_attempts(st, 1, &n, &error);
	assert_int_equal(a->instance, 1);
	assert_true(a->gpu_set == (UINT64_C(1) << 63 | 5));
	assert_false(a->waits);
	attempt_fini(a);
	free(a);
	instance_id(1, id);
	snprintf(expected, sizeof expected,
		 "INSTANCE_LAUNCHED %s spot c6i.large; INSTANCE_UP %s; SUBMITTED -; RUNNABLE -; "
		 "PLACED spot %s; INSTANCE_RECLAIMED %s; ENDED " REASON_EXITED
		 "; INSTANCE_TERMINATED %s idle; ",
		 id, id, id, id, id);
	assert_journal(st, expected);
}

static void instances_that_are_not_there(void **state)
{
	struct store *st = *state;
	struct fact f = { .kind = FACT_INSTANCE_UP, .at = 1 };

	error.kind = ERR_SYSTEM;
	assert_null(store_instance(st, 9, &error));
	assert_int_equal(error.kind, ERR_NONE);
	begin(st);
	move_instance(st, FACT_INSTANCE_RECLAIMED, 9, 1); /* the machine itself has no row */
	f.instance_key = 9;
	assert_int_equal(store_record(st, &f, NULL, &error), -1);
	assert_int_equal(error.kind, ERR_CORRUPT);
	store_rollback(st);
}

static int add_instance(void *arg, const struct instance *i)
{
	size_t n = strlen(arg);

	snprintf((char *)arg + n, 100 - n, "%d ", (int)i->key);
	return 0;
}

static void assert_instances(struct store *st, const char *env, jd_time from, jd_time to,
			     const char *expected)
{
	char keys[100] = "";

	assert_int_equal(store_instances(st, env, from, to, add_instance, keys, &error), 0);
	assert_string_equal(keys, expected);
}

static void history_of_instances(void **state)
{
	struct store *st = *state;

	begin(st);
	launch(st, 1, "a", 100);
	launch(st, 2, "b", 110);
	launch(st, 3, "a", 200);
	launch(st, 5, "a", 300);
	move_instance(st, FACT_INSTANCE_TERMINATED, 1, 150);
	move_instance(st, FACT_INSTANCE_TERMINATED, 3, 250);
	commit(st);
	assert_instances(st, NULL, JD_NEVER, 0, "2 5 ");
	assert_instances(st, "a", JD_NEVER, 0, "5 ");
	assert_instances(st, NULL, 0, 1000, "1 2 3 5 ");
	assert_instances(st, "a", 0, 300, "1 3 ");
	assert_instances(st, "a", 149, 201, "1 3 ");
	assert_instances(st, "a", 150, 200, "");
	assert_instances(st, NULL, 150, 200, "2 ");
	assert_int_equal(store_next_instance(st), 6);
}

/* --- environments ------------------------------------------------------------------------- */

static void status_of_an_environment(void **state)
{
	struct fact f = { .kind = FACT_ENVIRONMENT_STATUS, .at = 9 };
	struct environment *e;

	f.environment_status.name = "ce";
	f.environment_status.status = STATUS_VALID;
	f.environment_status.reason = REASON_CE_HEALTHY;
	begin(*state);
	put_env(*state, "ce", STATUS_UPDATING, 1);
	record(*state, f, none);
	commit(*state);
	e = store_environment(*state, "ce", &error);
	assert_int_equal(e->status, STATUS_VALID);
	assert_string_equal(e->status_reason, REASON_CE_HEALTHY);
	environment_free(e);
	assert_journal(*state, "ENVIRONMENT ce ENABLED UPDATING; ENVIRONMENT_STATUS ce VALID; ");
	begin(*state);
	f.environment_status.name = "none";
	assert_int_equal(store_record(*state, &f, NULL, &error), -1);
	assert_int_equal(error.kind, ERR_CORRUPT);
	store_rollback(*state);
}

/* --- use of shares ------------------------------------------------------------------------ */

enum { S = 1000, DAY = 86400 * S };

static void put_shared_queue(struct store *st, const char *name, const char *policy)
{
	cleanup_free char *copy = xstrdup(name), *its = xstrdup(policy);
	struct queue q = { .name = copy, .status = STATUS_VALID, .policy = its, .created = 5 };

	record(st, (struct fact){ .kind = FACT_QUEUE, .at = 5, .queue = &q }, none);
}

static void share_ran(struct store *st, int64_t key, const char *queue, const char *share,
		      jd_time from, jd_time to)
{
	struct job *job = job_new(key, "j", queue);

	job->share = xstrdup(share);
	job->created = from;
	submit(st, job);
	move(st, key, FACT_RUNNABLE, JOB_SUBMITTED, JOB_RUNNABLE, from);
	place(st, key, 1, "ce", 0, from);
	start(st, key, 1, from + 1);
	if (to)
		end(st, key, 1, 0, JOB_SUCCEEDED, to);
	job_free(job);
}

static int add_usage(void *arg, const struct usage *u)
{
	size_t n = strlen(arg);

	snprintf((char *)arg + n, 300 - n, "%s/%s %d from %d to %d; ", u->queue, u->share,
		 (int)u->vcpu_milli, (int)(u->from / S), (int)(u->to / S));
	return 0;
}

static void assert_usage(struct store *st, jd_time now, const char *expected)
{
	char text[300] = "";

	if (store_usage(st, now, add_usage, text, &error))
		fail_msg("%s", error.text);
	assert_string_equal(text, expected);
}

static void use_of_shares(void **state)
{
	struct store *st = *state;
	const jd_time t = DAY;

	assert_usage(st, t, "");
	begin(st);
	put_policy(st, "short", 0, false); /* FS-5: 600 s at least */
	put_policy(st, "long", 3600, false);
	put_shared_queue(st, "s", "short");
	put_shared_queue(st, "l", "long");
	put_shared_queue(st, "plain", NULL);
	share_ran(st, 1, "s", "a", t - 3000 * S, t - 2999 * S); /* out of its window */
	share_ran(st, 2, "l", "b", t - 2900 * S, t - 2800 * S);
	share_ran(st, 3, "plain", NULL, t - 500 * S, t - 400 * S);
	share_ran(st, 4, "s", "c", t - 350 * S, t - 300 * S);
	share_ran(st, 5, "s", "a", t - 200 * S, 0); /* lives */
	commit(st);
	assert_usage(st, t, "l/b 1000 from 83500 to 83600; s/c 1000 from 86050 to 86100; ");
	assert_usage(st, t + 2000 * S, "");
}

#define with_store(f) cmocka_unit_test_setup_teardown(f, fixture_open, fixture_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_store(policy_round_trip),
		with_store(what_is_spent_stays_spent),
		with_store(consumers_are_listed),
		with_store(life_of_an_instance),
		with_store(instances_that_are_not_there),
		with_store(history_of_instances),
		with_store(status_of_an_environment),
		with_store(use_of_shares),
	};

	return cmocka_run_group_tests_name("store places", tests, NULL, NULL);
}
