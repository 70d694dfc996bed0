/* The documents of a what-if world, as the structs that the scheduler is told. */
#include "config.h"
#include <string.h>
#include "tags.h"
#include "whatif.h"

struct environment *whatif_environment(const struct whatif_thing *t, struct err *err)
{
	struct environment *e = xcalloc(1, sizeof *e);

	e->name = xstrdup(t->name);
	e->generation = t->generation + t->replaced;
	state_parse(json_str_or(t->doc, "state", "ENABLED"), &e->state);
	status_parse(json_str_or(t->doc, "status", "VALID"), &e->status);
	environment_read(e, t->doc);
	if (t->changed && environment_check(e, t->doc, err) < 0) {
		environment_free(e);
		return NULL;
	}
	return e;
}

struct place {
	int64_t order;
	const char *name;
};

static int by_order(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return (x->order > y->order) - (x->order < y->order);
}

static int read_order(struct queue *q, const cJSON *list, struct err *err)
{
	struct place all[LIMIT_CE_PER_QUEUE];
	const cJSON *item;
	int n = 0;

	if (cJSON_GetArraySize(list) > LIMIT_CE_PER_QUEUE)
		return err_set(err, ERR_INVALID, "job queue %s has more than %d environments",
			       q->name, LIMIT_CE_PER_QUEUE);
	cJSON_ArrayForEach(item, list) {
		const char *said = json_str_or(item, "computeEnvironment", "");
		const char *name = arn_name("compute-environment", said);

		all[n++] = (struct place){ json_int(item, "order", n), name ? name : said };
	}
	qsort(all, (size_t)n, sizeof *all, by_order);
	for (int i = 0; i < n; i++)
		q->env[i] = xstrdup(all[i].name);
	q->env_count = n;
	return 0;
}

struct queue *whatif_queue(const struct whatif_thing *t, struct err *err)
{
	struct queue *q = xcalloc(1, sizeof *q);
	const char *arn = json_str(t->doc, "schedulingPolicyArn");
	const char *policy = arn ? arn_name("scheduling-policy", arn) : NULL;

	q->name = xstrdup(t->name);
	state_parse(json_str_or(t->doc, "state", "ENABLED"), &q->state);
	status_parse(json_str_or(t->doc, "status", "VALID"), &q->status);
	q->priority = (int)json_int(t->doc, "priority", 0);
	q->policy = xstrdup(policy);
	if (read_order(q, json_get(t->doc, "computeEnvironmentOrder"), err) < 0 ||
	    queue_read_limits(q, json_get(t->doc, "jobStateTimeLimitActions"), err) < 0 ||
	    tags_read_queue(q, json_get(t->doc, "tags"), err) < 0) {
		queue_free(q);
		return NULL;
	}
	return q;
}

struct policy *whatif_policy(const struct whatif_thing *t, struct err *err)
{
	struct policy *p = xcalloc(1, sizeof *p);

	p->name = xstrdup(t->name);
	if (policy_read(p, json_get(t->doc, "fairsharePolicy"), err) < 0) {
		policy_free(p);
		return NULL;
	}
	return p;
}

struct consumable *whatif_consumable(const struct whatif_thing *t, struct err *err)
{
	struct consumable *c = xcalloc(1, sizeof *c);

	(void)err;
	c->name = xstrdup(t->name);
	consumable_type_parse(json_str_or(t->doc, "resourceType", "REPLENISHABLE"), &c->type);
	c->total = json_int(t->doc, "totalQuantity", 0);
	return c;
}
