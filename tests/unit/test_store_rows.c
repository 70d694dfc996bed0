#include "config.h"
#include "store_fixture.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "jobdeck/base/mem.h"
#include "jobdeck/model/reason.h"
#include "../../src/store/internal.h"

/* Environments, queues, definitions and the journal: written and read back. Jobs have files
 * of their own. */

/* --- environments, queues, definitions ---------------------------------------------------- */

static int list_names(void *arg, const struct environment *e)
{
	strcat(arg, e->name);
	strcat(arg, " ");
	return 0;
}

static int list_queue_names(void *arg, const struct queue *q)
{
	strcat(arg, q->name);
	strcat(arg, " ");
	return 0;
}

static void environment_round_trip(void **state)
{
	char name[] = "ce-1", reason[] = "ComputeEnvironment Healthy", doc[] = "{\"x\":\"\u00fc\"}";
	char *types[] = { (char[]){ "c6i.large" }, (char[]){ "m5" } };
	struct environment e = { .name = name,
				 .type = CE_MANAGED,
				 .cr_type = CR_FARGATE_SPOT,
				 .state = STATE_DISABLED,
				 .status = STATUS_UPDATING,
				 .status_reason = reason,
				 .min_vcpus = 1,
				 .desired_vcpus = 2,
				 .max_vcpus = 256,
				 .strategy = STRATEGY_SPOT_CAPACITY_OPTIMIZED_PRIORITIZED,
				 .bid_percent = 60,
				 .instance_type_count = 2,
				 .instance_types = types,
				 .scale_down_delay_ms = 1200000,
				 .generation = 3,
				 .update_deadline = 1700000000456,
				 .refuse_until = 1700000000789,
				 .created = 1700000000123,
				 .doc = doc };
	struct fact f = { .kind = FACT_ENVIRONMENT, .at = 5, .environment = &e };
	struct environment *got;

	begin(*state);
	record(*state, f, (struct fact_effect){ 0 });
	got = store_environment(*state, "ce-1", &error);
	assert_non_null(got);
	assert_string_equal(got->name, name);
	assert_int_equal(got->type, e.type);
	assert_int_equal(got->cr_type, e.cr_type);
	assert_int_equal(got->state, e.state);
	assert_int_equal(got->status, e.status);
	assert_string_equal(got->status_reason, reason);
	assert_int_equal(got->min_vcpus, 1);
	assert_int_equal(got->desired_vcpus, 2);
	assert_int_equal(got->max_vcpus, 256);
	assert_int_equal(got->strategy, e.strategy);
	assert_int_equal(got->bid_percent, 60);
	assert_int_equal(got->instance_type_count, 2);
	assert_string_equal(got->instance_types[0], "c6i.large");
	assert_string_equal(got->instance_types[1], "m5");
	assert_int_equal(got->scale_down_delay_ms, 1200000);
	assert_int_equal(got->generation, 3);
	assert_true(got->update_deadline == e.update_deadline);
	assert_true(got->refuse_until == e.refuse_until);
	assert_int_equal(got->created, e.created);
	assert_string_equal(got->doc, doc);
	environment_free(got);
	e.status_reason = e.doc = NULL;
	e.instance_type_count = 0;
	record(*state, f, (struct fact_effect){ 0 });
	got = store_environment(*state, "ce-1", &error);
	assert_null(got->status_reason);
	assert_null(got->doc);
	assert_int_equal(got->instance_type_count, 0);
	environment_free(got);
	commit(*state);
}

static void queue_round_trip(void **state)
{
	char name[] = "high", b[] = "b", a[] = "a", doc[] = "{}", policy[] = "fair";
	struct queue q = { .name = name,
			   .state = STATE_DISABLED,
			   .status = STATUS_VALID,
			   .priority = 10000,
			   .env_count = 2,
			   .env = { b, a },
			   .policy = policy,
			   .limit_count = 2,
			   .limit = { { BLOCKED_MAX_RESOURCE, 600000 },
				      { BLOCKED_INSUFFICIENT_CAPACITY, 86400000 } },
			   .backfill = true,
			   .max_running = 17,
			   .blocked_until = 99,
			   .created = 7,
			   .doc = doc };
	struct fact f = { .kind = FACT_QUEUE, .at = 7, .queue = &q };
	struct queue *got;

	begin(*state);
	record(*state, f, (struct fact_effect){ 0 });
	commit(*state);
	got = store_queue(*state, "high", &error);
	assert_non_null(got);
	assert_int_equal(got->state, STATE_DISABLED);
	assert_int_equal(got->priority, 10000);
	assert_int_equal(got->env_count, 2);
	assert_string_equal(got->env[0], "b"); /* in order, not by name */
	assert_string_equal(got->env[1], "a");
	assert_string_equal(got->policy, "fair");
	assert_int_equal(got->limit_count, 2);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(got->limit[i].reason, q.limit[i].reason);
		assert_int_equal(got->limit[i].max_ms, q.limit[i].max_ms);
	}
	assert_true(got->backfill);
	assert_int_equal(got->max_running, 17);
	assert_int_equal(got->blocked_until, 99);
	assert_string_equal(got->doc, "{}");
	assert_null(got->status_reason);
	assert_int_equal(got->created, 7);
	queue_free(got);
}

static void lists_are_by_name(void **state)
{
	char names[100] = "";

	begin(*state);
	put_env(*state, "b", STATUS_VALID, 1);
	put_env(*state, "a", STATUS_VALID, 2);
	put_queue(*state, "z", "a", 3);
	put_queue(*state, "y", "a", 4);
	commit(*state);
	assert_int_equal(store_environments(*state, list_names, names, &error), 0);
	assert_int_equal(store_queues(*state, list_queue_names, names, &error), 0);
	assert_string_equal(names, "a b y z ");
}

static int stop_at_once(void *arg, const struct environment *e)
{
	(void)e;
	return ++*(int *)arg + 6;
}

static void callback_ends_a_list(void **state)
{
	int calls = 0;

	begin(*state);
	put_env(*state, "a", STATUS_VALID, 1);
	put_env(*state, "b", STATUS_VALID, 1);
	commit(*state);
	assert_int_equal(store_environments(*state, stop_at_once, &calls, &error), 7);
	assert_int_equal(calls, 1);
}

static int last_text(void *arg, const struct journal_entry *e)
{
	snprintf(arg, 100, "%s %s", fact_name(e->kind), e->text ? e->text : "-");
	return 0;
}

static void deleted_name_is_free_and_remembered(void **state)
{
	char text[100] = "";

	begin(*state);
	put_env(*state, "ce", STATUS_VALID, 1);
	put_env(*state, "ce", STATUS_DELETED, 2);
	commit(*state);
	error.kind = ERR_SYSTEM;
	assert_null(store_environment(*state, "ce", &error));
	assert_int_equal(error.kind, ERR_NONE);
	assert_null(store_queue(*state, "ce", &error));
	assert_int_equal(store_journal(*state, 0, 0, 100, last_text, text, &error), 0);
	assert_string_equal(text, "ENVIRONMENT ce ENABLED DELETED");
	begin(*state);
	put_env(*state, "ce", STATUS_VALID, 3);
	commit(*state);
	environment_free(store_environment(*state, "ce", &error));
}

static void put_definition(struct store *st, const char *name, int revision, enum jd_status status)
{
	cleanup_free char *copy = xstrdup(name);
	char doc[] = "{\"type\":\"container\"}";
	struct definition d = {
		.name = copy, .revision = revision, .status = status, .created = 5, .doc = doc
	};

	if (status == JDS_INACTIVE)
		d.deregistered = 6;
	assert_int_equal(store_put_definition(st, &d, &error), 0);
}

static void fill_definitions(struct store *st)
{
	begin(st);
	put_definition(st, "b", 1, JDS_ACTIVE);
	put_definition(st, "a", 1, JDS_ACTIVE);
	put_definition(st, "a", 2, JDS_ACTIVE);
	put_definition(st, "a", 3, JDS_INACTIVE);
	put_definition(st, "a-b", 1, JDS_INACTIVE);
	commit(st);
}

static void definition_revisions(void **state)
{
	struct definition *d;

	fill_definitions(*state);
	d = store_definition(*state, "a", 0, &error);
	assert_int_equal(d->revision, 2);
	assert_int_equal(d->deregistered, 0);
	assert_string_equal(d->doc, "{\"type\":\"container\"}");
	definition_free(d);
	d = store_definition(*state, "a", 3, &error);
	assert_int_equal(d->status, JDS_INACTIVE);
	assert_int_equal(d->deregistered, 6);
	definition_free(d);
	assert_null(store_definition(*state, "a-b", 0, &error));
	assert_int_equal(error.kind, ERR_NONE);
	assert_null(store_definition(*state, "a", 4, &error));
	assert_int_equal(store_last_revision(*state, "a"), 3);
	assert_int_equal(store_last_revision(*state, "none"), 0);
}

struct page {
	char text[200], name[20];
	int revision;
};

static int add_definition(void *arg, const struct definition *d)
{
	struct page *p = arg;
	size_t n = strlen(p->text);

	snprintf(p->text + n, sizeof p->text - n, "%s:%d ", d->name, d->revision);
	snprintf(p->name, sizeof p->name, "%s", d->name);
	p->revision = d->revision;
	return 0;
}

static void definition_lists(void **state)
{
	const enum jd_status active = JDS_ACTIVE;
	struct definition_query q = { .limit = 100 };
	struct page p = { .text = "" };

	fill_definitions(*state);
	assert_int_equal(store_definitions(*state, &q, add_definition, &p, &error), 0);
	assert_string_equal(p.text, "a:3 a:2 a:1 a-b:1 b:1 ");
	q = (struct definition_query){ .limit = 100, .status = &active };
	p.text[0] = '\0';
	assert_int_equal(store_definitions(*state, &q, add_definition, &p, &error), 0);
	assert_string_equal(p.text, "a:2 a:1 b:1 ");
	q = (struct definition_query){ .limit = 100, .name = "a" };
	p.text[0] = '\0';
	assert_int_equal(store_definitions(*state, &q, add_definition, &p, &error), 0);
	assert_string_equal(p.text, "a:3 a:2 a:1 ");
}

static void definition_pages(void **state)
{
	struct definition_query q = { .limit = 2 };
	struct page p = { .text = "" };

	fill_definitions(*state);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(store_definitions(*state, &q, add_definition, &p, &error), 0);
		strcat(p.text, "| ");
		q.after_name = p.name;
		q.after_revision = p.revision;
	}
	assert_string_equal(p.text, "a:3 a:2 | a:1 a-b:1 | b:1 | | ");
	q = (struct definition_query){
		.limit = 9, .name = "a", .after_name = "a", .after_revision = 3
	};
	p.text[0] = '\0';
	assert_int_equal(store_definitions(*state, &q, add_definition, &p, &error), 0);
	assert_string_equal(p.text, "a:2 a:1 ");
}

/* --- journal, keys, times ----------------------------------------------------------------- */

struct lines {
	char text[1000];
	int64_t seq;
};

static int add_line(void *arg, const struct journal_entry *e)
{
	struct lines *l = arg;
	size_t n = strlen(l->text);

	snprintf(l->text + n, sizeof l->text - n, "%d %s %d/%d %s>%s %s\n", (int)e->at,
		 fact_name(e->kind), (int)e->job, e->attempt,
		 e->from < 0 ? "" : job_status_name((enum job_status)e->from),
		 e->to < 0 ? "" : job_status_name((enum job_status)e->to), e->text ? e->text : "-");
	assert_true(e->seq > l->seq);
	l->seq = e->seq;
	return 0;
}

static void fill_journal(struct store *st)
{
	struct fact f = { .kind = FACT_POOL, .at = 1, .pool = { 1500, 2048, 1 } };

	begin(st);
	record(st, f, (struct fact_effect){ 0 });
	put_env(st, "ce", STATUS_VALID, 2);
	put_queue(st, "q", "ce", 3);
	submit_simple(st, 1, "a", "q", 100);
	submit_simple(st, 2, "b", "q", 100);
	move(st, 1, FACT_RUNNABLE, JOB_SUBMITTED, JOB_RUNNABLE, 100);
	place(st, 1, 1, "ce", 0, 110);
	start(st, 1, 1, 120);
	f = (struct fact){ .kind = FACT_STOPPING, .at = 125, .job = 1, .attempt = 1 };
	f.stopping.cause = STOP_TERMINATED;
	record(st, f, (struct fact_effect){ 0 });
	end(st, 1, 1, 0, JOB_SUCCEEDED, 130);
	move(st, 2, FACT_CANCELLED, JOB_SUBMITTED, JOB_FAILED, 140);
	commit(st);
}

static void journal_of_one_job(void **state)
{
	struct lines l = { .text = "" };

	fill_journal(*state);
	assert_int_equal(store_journal(*state, 1, 0, 100, add_line, &l, &error), 0);
	assert_string_equal(l.text, "100 SUBMITTED 1/0 >SUBMITTED -\n"
				    "100 RUNNABLE 1/0 SUBMITTED>RUNNABLE -\n"
				    "110 PLACED 1/1 RUNNABLE>STARTING ce\n"
				    "120 STARTED 1/1 STARTING>RUNNING -\n"
				    "125 STOPPING 1/1 > terminated\n"
				    "130 ENDED 1/1 RUNNING>SUCCEEDED " REASON_EXITED "\n");
}

static void journal_of_everything_in_pages(void **state)
{
	struct lines l = { .text = "" }, all = { .text = "" };

	fill_journal(*state);
	assert_int_equal(store_journal(*state, 0, 0, 100, add_line, &all, &error), 0);
	for (int i = 0; i < 6; i++)
		assert_int_equal(store_journal(*state, 0, l.seq, 2, add_line, &l, &error), 0);
	assert_string_equal(l.text, all.text);
	assert_memory_equal(all.text,
			    "1 POOL 0/0 > 1.500 vCPU, 2048 MiB, 1 GPU\n"
			    "2 ENVIRONMENT 0/0 > ce ENABLED VALID\n"
			    "3 QUEUE 0/0 > q ENABLED VALID\n",
			    102);
	assert_non_null(strstr(all.text, "140 CANCELLED 2/0 SUBMITTED>FAILED somebody's reason\n"));
}

static void keys_are_never_given_twice(void **state)
{
	assert_int_equal(store_next_key(*state), 1);
	begin(*state);
	submit_simple(*state, 1, "a", "q", 100);
	submit_simple(*state, 2, "b", "q", 100);
	assert_int_equal(store_next_key(*state), 3);
	commit(*state);
	exec_raw(fixture_db, "DELETE FROM job");
	assert_int_equal(store_next_key(*state), 3);
}

static void last_time_is_known(void **state)
{
	assert_int_equal(store_last_at(*state), 0);
	fill_journal(*state);
	assert_int_equal(store_last_at(*state), 140);
}

#define with_store(f) cmocka_unit_test_setup_teardown(f, fixture_open, fixture_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_store(environment_round_trip),
		with_store(queue_round_trip),
		with_store(lists_are_by_name),
		with_store(callback_ends_a_list),
		with_store(deleted_name_is_free_and_remembered),
		with_store(definition_revisions),
		with_store(definition_lists),
		with_store(definition_pages),
		with_store(journal_of_one_job),
		with_store(journal_of_everything_in_pages),
		with_store(keys_are_never_given_twice),
		with_store(last_time_is_known),
	};

	return cmocka_run_group_tests_name("store rows", tests, NULL, NULL);
}
