#include "config.h"
#include <string.h>
#include "jobdeck/base/mem.h"
#include "lists.h"

/* Everything but jobs to rows and back: environments, queues, policies, consumables, instances,
 * definitions. The order of the columns is that of the COLUMNS_ in sql.h. */

void row_put_environment(struct query *q, const struct environment *e)
{
	put_text(q, e->name);
	put_int(q, e->type);
	put_int(q, e->cr_type);
	put_int(q, e->state);
	put_int(q, e->status);
	put_text(q, e->status_reason);
	put_int(q, e->min_vcpus);
	put_int(q, e->desired_vcpus);
	put_int(q, e->max_vcpus);
	put_int(q, e->created);
	put_text(q, e->doc);
	put_int(q, e->strategy);
	put_int(q, e->bid_percent);
	put_text_taken(q, list_print_names(e->instance_types, e->instance_type_count));
	put_int_unless(q, e->scale_down_delay_ms, 0);
	put_int(q, e->generation);
	put_int_unless(q, e->update_deadline, 0);
	put_int_unless(q, e->refuse_until, 0);
}

static int take_environment(struct query *q, struct environment *e, struct err *err)
{
	e->name = take_text(q);
	e->type = (enum ce_type)take_int(q);
	e->cr_type = (enum cr_type)take_int(q);
	e->state = (enum state)take_int(q);
	e->status = (enum status)take_int(q);
	e->status_reason = take_text(q);
	e->min_vcpus = (int)take_int(q);
	e->desired_vcpus = (int)take_int(q);
	e->max_vcpus = (int)take_int(q);
	e->created = take_int(q);
	e->doc = take_text(q);
	e->strategy = (enum cr_strategy)take_int(q);
	e->bid_percent = (int)take_int(q);
	if (list_take_all_names(q, &e->instance_types, &e->instance_type_count, err))
		return -1;
	e->scale_down_delay_ms = take_int(q);
	e->generation = (int)take_int(q);
	e->update_deadline = take_int(q);
	e->refuse_until = take_int(q);
	return 0;
}

struct environment *row_take_environment(struct query *q, struct err *err)
{
	struct environment *e = xcalloc(1, sizeof *e);

	if (take_environment(q, e, err) == 0)
		return e;
	environment_free(e);
	return NULL;
}

void row_put_queue(struct query *q, const struct queue *queue)
{
	char *envs = list_print_names(queue->env, queue->env_count);

	put_text(q, queue->name);
	put_int(q, queue->state);
	put_int(q, queue->status);
	put_text(q, queue->status_reason);
	put_int(q, queue->priority);
	put_text_taken(q, envs ? envs : xstrdup("[]")); /* NOT NULL since version 1 */
	put_int(q, queue->created);
	put_text(q, queue->doc);
	put_text(q, queue->policy);
	put_text_taken(q, list_print_limits(queue));
	put_int(q, queue->backfill);
	put_int(q, queue->max_running);
	put_int_unless(q, queue->blocked_until, 0);
}

static int take_queue(struct query *q, struct queue *queue, struct err *err)
{
	queue->name = take_text(q);
	queue->state = (enum state)take_int(q);
	queue->status = (enum status)take_int(q);
	queue->status_reason = take_text(q);
	queue->priority = (int)take_int(q);
	if (list_take_names(q, queue->env, LIMIT_CE_PER_QUEUE, &queue->env_count, err))
		return -1;
	queue->created = take_int(q);
	queue->doc = take_text(q);
	queue->policy = take_text(q);
	if (list_take_limits(q, queue, err))
		return -1;
	queue->backfill = take_int(q);
	queue->max_running = (int)take_int(q);
	queue->blocked_until = take_int(q);
	return 0;
}

struct queue *row_take_queue(struct query *q, struct err *err)
{
	struct queue *queue = xcalloc(1, sizeof *queue);

	if (take_queue(q, queue, err) == 0)
		return queue;
	queue_free(queue);
	return NULL;
}

void row_put_policy(struct query *q, const struct policy *p)
{
	put_text(q, p->name);
	put_int(q, p->decay_s);
	put_int(q, p->reservation);
	put_text_taken(q, list_print_shares(p));
	put_int(q, p->created);
	put_text(q, p->doc);
}

struct policy *row_take_policy(struct query *q, struct err *err)
{
	struct policy *p = xcalloc(1, sizeof *p);

	p->name = take_text(q);
	p->decay_s = take_int(q);
	p->reservation = (int)take_int(q);
	if (list_take_shares(q, p, err)) {
		policy_free(p);
		return NULL;
	}
	p->created = take_int(q);
	p->doc = take_text(q);
	return p;
}

void row_put_consumable(struct query *q, const struct consumable *c)
{
	put_text(q, c->name);
	put_int(q, c->type);
	put_int(q, c->total);
	put_int(q, c->spent);
	put_int(q, c->created);
	put_text(q, c->doc);
}

struct consumable *row_take_consumable(struct query *q)
{
	struct consumable *c = xcalloc(1, sizeof *c);

	c->name = take_text(q);
	c->type = (enum consumable_type)take_int(q);
	c->total = take_int(q);
	c->spent = take_int(q);
	c->created = take_int(q);
	c->doc = take_text(q);
	return c;
}

void row_put_instance(struct query *q, const struct instance *i)
{
	put_int(q, i->key);
	put_text(q, i->env);
	put_text(q, i->type);
	put_int(q, i->spot);
	put_int(q, i->generation);
	put_int(q, i->status);
	put_int(q, i->nominal.vcpu_milli);
	put_int(q, i->nominal.memory_mib);
	put_int(q, i->nominal.gpus);
	put_int(q, i->launched);
	put_int_unless(q, i->up, 0);
	put_int_unless(q, i->reclaimed, 0);
	put_int_unless(q, i->terminated, 0);
	put_int_unless(q, i->last_end, 0);
}

struct instance *row_take_instance(struct query *q)
{
	struct instance *i = xcalloc(1, sizeof *i);

	i->key = take_int(q);
	i->env = take_text(q);
	i->type = take_text(q);
	i->spot = take_int(q);
	i->generation = (int)take_int(q);
	i->status = (enum instance_status)take_int(q);
	i->nominal.vcpu_milli = take_int(q);
	i->nominal.memory_mib = take_int(q);
	i->nominal.gpus = (int32_t)take_int(q);
	i->launched = take_int(q);
	i->up = take_int(q);
	i->reclaimed = take_int(q);
	i->terminated = take_int(q);
	i->last_end = take_int(q);
	return i;
}

void row_put_definition(struct query *q, const struct definition *d)
{
	put_text(q, d->name);
	put_int(q, d->revision);
	put_int(q, d->type);
	put_int(q, d->status);
	put_int(q, d->created);
	put_int_unless(q, d->deregistered, 0);
	put_text(q, d->doc);
}

struct definition *row_take_definition(struct query *q)
{
	struct definition *d = xcalloc(1, sizeof *d);

	d->name = take_text(q);
	d->revision = (int)take_int(q);
	d->type = (enum jd_type)take_int(q);
	d->status = (enum jd_status)take_int(q);
	d->created = take_int(q);
	d->deregistered = take_int(q);
	d->doc = take_text(q);
	return d;
}
