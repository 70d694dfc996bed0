#include "config.h"
#include "internal.h"
#include <assert.h>
#include <string.h>
#include "jobdeck/base/mem.h"

/* Consumable resources (CR-1, CR-2). An attempt takes what its job names when it is placed.
 * What is REPLENISHABLE comes back with the attempt's end; of what is not, a job takes once,
 * for all its attempts, and for ever [I]. */

static struct live_consumable *find(const struct sched *s, const char *name)
{
	struct live_consumable *c;

	HASH_FIND_STR(s->consumables, name, c);
	return c;
}

static struct live_consumable *consumable_new(struct sched *s, const struct consumable *said)
{
	struct live_consumable *c = xcalloc(1, sizeof *c);
	size_t i = 0;

	while (i < s->consumable_count && s->consumable[i])
		i++;
	if (i == s->consumable_count) {
		ARRAY_ROOM(s->consumable, s->consumable_count, s->consumable_cap);
		s->consumable_count++;
	}
	s->consumable[i] = c;
	c->self = (uint16_t)i;
	c->name = xstrdup(said->name);
	c->type = said->type;
	c->spent = said->spent;
	HASH_ADD_KEYPTR(hh, s->consumables, c->name, strlen(c->name), c);
	return c;
}

static void consumable_delete(struct sched *s, struct live_consumable *c)
{
	s->consumable[c->self] = NULL;
	HASH_DEL(s->consumables, c);
	free(c->name);
	free(c);
}

void consume_clear(struct sched *s)
{
	for (size_t i = 0; i < s->consumable_count; i++) {
		if (s->consumable[i])
			consumable_delete(s, s->consumable[i]);
	}
	free(s->consumable);
}

static int delete_named(struct sched *s, const char *name, struct err *err)
{
	struct live_consumable *c = find(s, name);

	if (!c)
		return err_set(err, ERR_NOT_FOUND, "consumable-resource/%s does not exist", name);
	if (c->users)
		return err_set(err, ERR_CONFLICT,
			       "consumable resource %s is named by %lld jobs that have not ended", name,
			       (long long)c->users);
	place_restart(s); /* no bookings of it */
	consumable_delete(s, c);
	return 0;
}

int consume_apply(struct sched *s, const struct fact *fact, struct fact_effect *effect,
		  struct err *err)
{
	const struct consumable *said = fact->consumable;
	struct live_consumable *c;

	(void)effect;
	if (said->deleted)
		return delete_named(s, said->name, err);
	if (said->total < 0)
		return err_set(err, ERR_INVALID, "consumable resource %s: less than nothing",
			       said->name);
	c = find(s, said->name);
	if (!c && HASH_COUNT(s->consumables) >= NO_INDEX)
		return err_set(err, ERR_CONFLICT, "there are too many consumable resources");
	if (!c)
		c = consumable_new(s, said);
	c->total = said->total;
	place_restart(s);
	queues_look(s, SHORT_CONSUMABLE);
	blocked_look_all(s); /* less of it: a head may be waiting for that now */
	return 0;
}

int consume_check(const struct sched *s, const struct job *said, struct err *err)
{
	for (int i = 0; i < said->consume_count; i++) {
		if (!find(s, said->consume[i].name))
			return err_set(err, ERR_NOT_FOUND, "consumable-resource/%s does not exist",
				       said->consume[i].name);
		if (said->consume[i].quantity < 0)
			return err_set(err, ERR_INVALID, "consumable resource %s: less than nothing",
				       said->consume[i].name);
	}
	return 0;
}

/* One that was tried before has taken already what it takes once. */
void consume_join(struct sched *s, struct live_job *job, const struct job *said)
{
	struct job_extra *extra = said->consume_count ? jobs_extra(job) : NULL;

	for (int i = 0; i < said->consume_count; i++) {
		struct live_consumable *c = find(s, said->consume[i].name);

		assert(c); /* consume_check found it */
		extra->consume[i].consumable = c->self;
		extra->consume[i].quantity = said->consume[i].quantity;
		extra->consume_count++;
	}
	consume_live(s, job);
	if (extra && job->attempt)
		consume_once(s, job);
}

void consume_live(struct sched *s, struct live_job *job)
{
	for (int i = 0; job->extra && i < job->extra->consume_count; i++)
		s->consumable[job->extra->consume[i].consumable]->users++;
}

/* What it takes only once, unless it has. */
void consume_once(struct sched *s, struct live_job *job)
{
	if (job->extra->consumed)
		return;
	job->extra->consumed = true;
	for (int i = 0; i < job->extra->consume_count; i++) {
		struct live_consumable *c = s->consumable[job->extra->consume[i].consumable];

		if (c->type == CONSUMABLE_NON_REPLENISHABLE)
			c->in_use += job->extra->consume[i].quantity;
	}
}

static const struct live_consumable *lacking(const struct sched *s, const struct live_job *job,
					     bool with_booked)
{
	for (int i = 0; job->extra && i < job->extra->consume_count; i++) {
		const struct live_consumable *c = s->consumable[job->extra->consume[i].consumable];
		int64_t left = c->total - c->in_use - c->spent - (with_booked ? c->booked : 0);

		if (c->type == CONSUMABLE_NON_REPLENISHABLE && job->extra->consumed)
			continue;
		if (job->extra->consume[i].quantity > left)
			return c;
	}
	return NULL;
}

const struct live_consumable *consume_short(const struct sched *s, const struct live_job *job)
{
	return lacking(s, job, false);
}

bool consume_fits(const struct sched *s, const struct live_job *job)
{
	return !consume_short(s, job);
}

bool consume_bookable(const struct sched *s, const struct live_job *job)
{
	return !lacking(s, job, true);
}

void consume_book(struct sched *s, const struct live_job *job)
{
	for (int i = 0; job->extra && i < job->extra->consume_count; i++) {
		struct live_consumable *c = s->consumable[job->extra->consume[i].consumable];

		if (!job->extra->consume[i].quantity ||
		    (c->type == CONSUMABLE_NON_REPLENISHABLE && job->extra->consumed))
			continue;
		if (!c->booked) {
			c->next_booked = s->booked_consumables;
			s->booked_consumables = c;
		}
		c->booked += job->extra->consume[i].quantity;
	}
}

void consume_forget_bookings(struct sched *s)
{
	if (!s->booked_consumables)
		return;
	for (struct live_consumable *c = s->booked_consumables; c; c = c->next_booked)
		c->booked = 0;
	s->booked_consumables = NULL;
	queues_look(s, SHORT_CONSUMABLE);
}

void consume_take(struct sched *s, struct live_job *job)
{
	if (!job->extra || !job->extra->consume_count)
		return;
	consume_once(s, job);
	if (s->blocked_count)
		blocked_look_all(s); /* another's head may wait for them now */
	for (int i = 0; i < job->extra->consume_count; i++) {
		struct live_consumable *c = s->consumable[job->extra->consume[i].consumable];

		if (c->type == CONSUMABLE_REPLENISHABLE)
			c->in_use += job->extra->consume[i].quantity;
	}
}

void consume_release(struct sched *s, struct live_job *job)
{
	if (!job->extra || !job->extra->consume_count)
		return;
	for (int i = 0; i < job->extra->consume_count; i++) {
		struct live_consumable *c = s->consumable[job->extra->consume[i].consumable];

		if (c->type == CONSUMABLE_REPLENISHABLE)
			c->in_use -= job->extra->consume[i].quantity;
	}
	queues_look(s, SHORT_CONSUMABLE);
	blocked_look_all(s); /* some head may wait for something else now */
}

/* The job has ended: what it took once is spent. */
void consume_leave(struct sched *s, struct live_job *job)
{
	for (int i = 0; job->extra && i < job->extra->consume_count; i++) {
		struct live_consumable *c = s->consumable[job->extra->consume[i].consumable];

		c->users--;
		if (c->type != CONSUMABLE_NON_REPLENISHABLE || !job->extra->consumed)
			continue;
		c->in_use -= job->extra->consume[i].quantity;
		c->spent += job->extra->consume[i].quantity;
	}
}

bool sched_consumable(const struct sched *s, const char *name, struct sched_consumable_view *out)
{
	const struct live_consumable *c = find(s, name);

	if (!c)
		return false;
	*out = (struct sched_consumable_view){ .type = c->type,
					       .total = c->total,
					       .in_use = c->in_use + c->spent };
	return true;
}

void consume_clone(struct sched *to, const struct sched *from)
{
	to->consumable_count = to->consumable_cap = from->consumable_count;
	to->consumable = xcalloc(to->consumable_cap + 1, sizeof *to->consumable);
	for (const struct live_consumable *c = from->consumables; c; c = c->hh.next) {
		struct live_consumable *copy = xmalloc(sizeof *copy);

		*copy = *c;
		copy->name = xstrdup(c->name);
		copy->booked = 0;
		to->consumable[c->self] = copy;
		HASH_ADD_KEYPTR(hh, to->consumables, copy->name, strlen(copy->name), copy);
	}
}
