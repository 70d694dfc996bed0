#include "config.h"
#include "replay.h"

/* What jobs need around them: policies, consumables, environments and their instances, queues.
 * They come first, and must not push the jobs' times forward: so they are told as of the first
 * job at the latest, and of instances .happened says when. */

struct place_teller {
	struct replay *r;
	jd_time latest;
	struct err *err;
};

static int tell(struct place_teller *t, struct fact *f, jd_time at)
{
	return replay_tell(t->r, f, at < t->latest ? at : t->latest, t->err);
}

static int tell_policy(void *arg, const struct policy *p)
{
	struct fact f = { .kind = FACT_POLICY, .policy = p };

	return tell(arg, &f, p->created);
}

static int tell_consumable(void *arg, const struct consumable *c)
{
	struct fact f = { .kind = FACT_CONSUMABLE, .consumable = c };

	return tell(arg, &f, c->created);
}

static int tell_environment(void *arg, const struct environment *e)
{
	struct fact f = { .kind = FACT_ENVIRONMENT, .environment = e };

	return tell(arg, &f, e->created);
}

static int tell_queue(void *arg, const struct queue *queue)
{
	struct fact f = { .kind = FACT_QUEUE, .queue = queue };

	return tell(arg, &f, queue->created);
}

static int tell_moment(struct place_teller *t, enum fact_kind kind, int64_t key, jd_time at)
{
	struct fact f = { .kind = kind, .happened = at };

	f.instance_key = key;
	return at ? tell(t, &f, at) : 0;
}

static int tell_instance(void *arg, const struct instance *i)
{
	struct fact f = { .kind = FACT_INSTANCE_LAUNCHED, .happened = i->launched, .instance = i };

	return tell(arg, &f, i->launched) || tell_moment(arg, FACT_INSTANCE_UP, i->key, i->up) ||
			       tell_moment(arg, FACT_INSTANCE_RECLAIMED, i->key, i->reclaimed) ?
		       -1 :
		       0;
}

int replay_places(struct replay *r, jd_time latest, struct err *err)
{
	struct place_teller t = { .r = r, .latest = latest, .err = err };
	struct store *st = r->st;

	return store_policies(st, tell_policy, &t, err) ||
			       store_consumables(st, tell_consumable, &t, err) ||
			       store_environments(st, tell_environment, &t, err) ||
			       store_instances(st, NULL, JD_NEVER, 0, tell_instance, &t, err) ||
			       store_queues(st, tell_queue, &t, err) ?
		       -1 :
		       0;
}
