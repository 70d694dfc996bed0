#include "config.h"
#include <inttypes.h>
#include "internal.h"

/* Facts about everything but jobs, to rows. */

static int delete_named(struct store *st, enum sql id, const char *name, struct err *err)
{
	struct query q;

	query_open(&q, st, id);
	put_text(&q, name);
	return query_run(&q, err);
}

static int put_environment(struct store *st, const struct environment *e, struct err *err)
{
	struct query q;

	if (e->status == STATUS_DELETED)
		return delete_named(st, SQL_DELETE_ENVIRONMENT, e->name, err);
	query_open(&q, st, SQL_PUT_ENVIRONMENT);
	row_put_environment(&q, e);
	return query_run(&q, err);
}

static int set_environment_status(struct store *st, const struct fact *f, struct err *err)
{
	struct query q;

	if (f->environment_status.status == STATUS_DELETED)
		return delete_named(st, SQL_DELETE_ENVIRONMENT, f->environment_status.name, err);
	query_open(&q, st, SQL_SET_ENVIRONMENT_STATUS);
	put_text(&q, f->environment_status.name);
	put_int(&q, f->environment_status.status);
	put_text(&q, f->environment_status.reason);
	if (query_run(&q, err))
		return -1;
	if (sqlite3_changes(st->db) != 1)
		return err_set(err, ERR_CORRUPT, "%s has no environment %s", st->path,
			       f->environment_status.name);
	return 0;
}

static int put_queue(struct store *st, const struct queue *queue, struct err *err)
{
	struct query q;

	if (queue->status == STATUS_DELETED)
		return delete_named(st, SQL_DELETE_QUEUE, queue->name, err);
	query_open(&q, st, SQL_PUT_QUEUE);
	row_put_queue(&q, queue);
	return query_run(&q, err);
}

static int put_policy(struct store *st, const struct policy *p, struct err *err)
{
	struct query q;

	if (p->deleted)
		return delete_named(st, SQL_DELETE_POLICY, p->name, err);
	query_open(&q, st, SQL_PUT_POLICY);
	row_put_policy(&q, p);
	return query_run(&q, err);
}

static int put_consumable(struct store *st, const struct consumable *c, struct err *err)
{
	struct query q;

	if (c->deleted)
		return delete_named(st, SQL_DELETE_CONSUMABLE, c->name, err);
	query_open(&q, st, SQL_PUT_CONSUMABLE);
	row_put_consumable(&q, c);
	return query_run(&q, err);
}

static int launch_instance(struct store *st, const struct fact *f, struct err *err)
{
	struct instance i = *f->instance;
	struct query q;

	i.status = INSTANCE_LAUNCHING;
	if (!i.launched)
		i.launched = f->at;
	query_open(&q, st, SQL_INSERT_INSTANCE);
	row_put_instance(&q, &i);
	return query_run(&q, err);
}

/* `optimal` shares the machine itself, which can be given notice but has no row. */
static int move_instance(struct store *st, const struct fact *f, enum sql id,
			 enum instance_status status, struct err *err)
{
	struct query q;

	query_open(&q, st, id);
	put_int(&q, f->instance_key);
	put_int(&q, status);
	put_int(&q, fact_when(f));
	if (query_run(&q, err))
		return -1;
	if (sqlite3_changes(st->db) != 1 && f->kind != FACT_INSTANCE_RECLAIMED)
		return err_set(err, ERR_CORRUPT, "%s has no instance %" PRId64 " to record %s",
			       st->path, f->instance_key, fact_name(f->kind));
	return 0;
}

int record_place(struct store *st, const struct fact *f, struct err *err)
{
	switch (f->kind) {
	case FACT_ENVIRONMENT:
		return put_environment(st, f->environment, err);
	case FACT_ENVIRONMENT_STATUS:
		return set_environment_status(st, f, err);
	case FACT_QUEUE:
		return put_queue(st, f->queue, err);
	case FACT_POLICY:
		return put_policy(st, f->policy, err);
	case FACT_CONSUMABLE:
		return put_consumable(st, f->consumable, err);
	case FACT_INSTANCE_LAUNCHED:
		return launch_instance(st, f, err);
	case FACT_INSTANCE_UP:
		return move_instance(st, f, SQL_INSTANCE_UP, INSTANCE_UP, err);
	case FACT_INSTANCE_RECLAIMED:
		return move_instance(st, f, SQL_INSTANCE_RECLAIMED, INSTANCE_RECLAIMED, err);
	case FACT_INSTANCE_TERMINATED:
		return move_instance(st, f, SQL_INSTANCE_TERMINATED, INSTANCE_TERMINATED, err);
	default:
		return 0;
	}
}
