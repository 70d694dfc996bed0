#include "config.h"
#include <string.h>
#include "jobdeck/base/mem.h"
#include "internal.h"

/* Questions about everything but jobs: see jobs.c. */

char *store_value(struct store *st, const char *name)
{
	cleanup_query struct query q;

	query_open(&q, st, SQL_VALUE);
	put_text(&q, name);
	return query_step(&q, NULL) > 0 ? take_text(&q) : NULL;
}

/* The one number a statement without parameters answers with, or `none`. */
static int64_t one_number(struct store *st, enum sql id, int64_t none)
{
	cleanup_query struct query q;

	query_open(&q, st, id);
	return query_step(&q, NULL) > 0 ? take_int(&q) : none;
}

int64_t store_next_key(struct store *st)
{
	return one_number(st, SQL_NEXT_KEY, 1);
}

int64_t store_next_instance(struct store *st)
{
	return one_number(st, SQL_NEXT_INSTANCE, 1);
}

jd_time store_last_at(struct store *st)
{
	return one_number(st, SQL_LAST_AT, 0);
}

/* Steps to the only row: 1; 0 with ERR_NONE when there is none; -1. */
static int find(struct query *q, struct err *err)
{
	int rc = query_step(q, err);

	if (rc == 0 && err)
		err->kind = ERR_NONE;
	return rc;
}

struct environment *store_environment(struct store *st, const char *name, struct err *err)
{
	cleanup_query struct query q;

	query_open(&q, st, SQL_ENVIRONMENT);
	put_text(&q, name);
	return find(&q, err) > 0 ? row_take_environment(&q, err) : NULL;
}

struct queue *store_queue(struct store *st, const char *name, struct err *err)
{
	cleanup_query struct query q;

	query_open(&q, st, SQL_QUEUE);
	put_text(&q, name);
	return find(&q, err) > 0 ? row_take_queue(&q, err) : NULL;
}

int store_environments(struct store *st, int (*each)(void *, const struct environment *), void *arg,
		       struct err *err)
{
	cleanup_query struct query q;
	int rc;

	query_open(&q, st, SQL_ENVIRONMENTS);
	while ((rc = query_step(&q, err)) > 0) {
		struct environment *e = row_take_environment(&q, err);

		rc = e ? each(arg, e) : -1;
		environment_free(e);
		if (rc)
			break;
	}
	return rc;
}

int store_queues(struct store *st, int (*each)(void *, const struct queue *), void *arg,
		 struct err *err)
{
	cleanup_query struct query q;
	int rc;

	query_open(&q, st, SQL_QUEUES);
	while ((rc = query_step(&q, err)) > 0) {
		struct queue *queue = row_take_queue(&q, err);

		rc = queue ? each(arg, queue) : -1;
		queue_free(queue);
		if (rc)
			break;
	}
	return rc;
}

struct policy *store_policy(struct store *st, const char *name, struct err *err)
{
	cleanup_query struct query q;

	query_open(&q, st, SQL_POLICY);
	put_text(&q, name);
	return find(&q, err) > 0 ? row_take_policy(&q, err) : NULL;
}

int store_policies(struct store *st, int (*each)(void *, const struct policy *), void *arg,
		   struct err *err)
{
	cleanup_query struct query q;
	int rc;

	query_open(&q, st, SQL_POLICIES);
	while ((rc = query_step(&q, err)) > 0) {
		struct policy *p = row_take_policy(&q, err);

		rc = p ? each(arg, p) : -1;
		policy_free(p);
		if (rc)
			break;
	}
	return rc;
}

struct consumable *store_consumable(struct store *st, const char *name, struct err *err)
{
	cleanup_query struct query q;

	query_open(&q, st, SQL_CONSUMABLE);
	put_text(&q, name);
	return find(&q, err) > 0 ? row_take_consumable(&q) : NULL;
}

int store_consumables(struct store *st, int (*each)(void *, const struct consumable *), void *arg,
		      struct err *err)
{
	cleanup_query struct query q;
	int rc;

	query_open(&q, st, SQL_CONSUMABLES);
	while ((rc = query_step(&q, err)) > 0) {
		struct consumable *c = row_take_consumable(&q);

		rc = each(arg, c);
		consumable_free(c);
		if (rc)
			break;
	}
	return rc;
}

struct instance *store_instance(struct store *st, int64_t key, struct err *err)
{
	cleanup_query struct query q;

	query_open(&q, st, SQL_INSTANCE);
	put_int(&q, key);
	return find(&q, err) > 0 ? row_take_instance(&q) : NULL;
}

void store_instance_free(struct instance *i)
{
	if (i)
		instance_fini(i);
	free(i);
}

int store_instances(struct store *st, const char *env, jd_time from, jd_time to,
		    int (*each)(void *, const struct instance *), void *arg, struct err *err)
{
	cleanup_query struct query q;
	int rc;

	query_open(&q, st, from == JD_NEVER ? SQL_LIVE_INSTANCES : SQL_INSTANCES);
	put_text(&q, env);
	if (from != JD_NEVER) {
		put_int(&q, from);
		put_int(&q, to);
	}
	while ((rc = query_step(&q, err)) > 0) {
		struct instance *i = row_take_instance(&q);

		rc = each(arg, i);
		store_instance_free(i);
		if (rc)
			break;
	}
	return rc;
}

struct definition *store_definition(struct store *st, const char *name, int revision,
				    struct err *err)
{
	cleanup_query struct query q;

	query_open(&q, st, revision ? SQL_DEFINITION : SQL_LATEST_DEFINITION);
	put_text(&q, name);
	put_int(&q, revision ? revision : (int64_t)JDS_ACTIVE);
	return find(&q, err) > 0 ? row_take_definition(&q) : NULL;
}

int store_last_revision(struct store *st, const char *name)
{
	cleanup_query struct query q;

	query_open(&q, st, SQL_LAST_REVISION);
	put_text(&q, name);
	return query_step(&q, NULL) > 0 ? (int)take_int(&q) : 0;
}

int store_definitions(struct store *st, const struct definition_query *want,
		      int (*each)(void *, const struct definition *), void *arg, struct err *err)
{
	const char *after = want->after_name ? want->after_name : "";
	const char *first = want->name ? want->name : "";
	cleanup_query struct query q;
	int rc;

	query_open(&q, st, SQL_DEFINITIONS);
	put_text(&q, strcmp(after, first) > 0 ? after : first);
	put_text(&q, want->name ? want->name : TEXT_LAST);
	put_text(&q, after);
	put_int(&q, want->after_revision);
	put_int(&q, want->status ? (int64_t)*want->status : -1);
	put_int(&q, want->limit);
	while ((rc = query_step(&q, err)) > 0) {
		struct definition *d = row_take_definition(&q);

		rc = each(arg, d);
		definition_free(d);
		if (rc)
			break;
	}
	return rc;
}

int store_journal(struct store *st, int64_t job, int64_t after_seq, int limit,
		  int (*each)(void *, const struct journal_entry *), void *arg, struct err *err)
{
	cleanup_query struct query q;
	int rc;

	query_open(&q, st, job ? SQL_JOURNAL_JOB : SQL_JOURNAL_ALL);
	put_int(&q, job);
	put_int(&q, after_seq);
	put_int(&q, limit);
	while ((rc = query_step(&q, err)) > 0) {
		struct journal_entry entry = { .seq = take_int(&q) };

		entry.at = take_int(&q);
		entry.kind = (enum fact_kind)take_int(&q);
		entry.job = take_int(&q);
		entry.attempt = (int)take_int(&q);
		entry.from = (int)take_int_or(&q, -1);
		entry.to = (int)take_int_or(&q, -1);
		entry.text = look_text(&q);
		rc = each(arg, &entry);
		if (rc)
			break;
	}
	return rc;
}
