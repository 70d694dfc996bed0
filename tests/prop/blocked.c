#include "config.h"
#include "oracle.h"
#include "rows.h"

/* Section 10: what the head of a queue is to be called (doc/scheduler.md, "Blocked heads"). */

static bool all_invalid(const struct oracle *o, const struct queue_setting *q)
{
	for (int i = 0; i < q->env_count; i++) {
		if (!o->env[q->env[i]].invalid)
			return false;
	}
	return true;
}

static bool above_every_max(const struct oracle *o, const struct queue_setting *q,
			    const struct resources *need)
{
	for (int i = 0; i < q->env_count; i++) {
		const struct env_setting *e = &o->env[q->env[i]];

		if (need->vcpu_milli <= e->max * INT64_C(1000) ||
		    (e->form == ENV_UNMANAGED && !e->max))
			return false;
	}
	return true;
}

/* A type would hold it, were the pool large enough. */
static bool some_type_would(const struct oracle *o, const struct queue_setting *q,
			    const struct oracle_job *job)
{
	struct oracle vast = *o;

	vast.pool = (struct resources){ INT64_MAX / 4, INT64_MAX / 4, INT32_MAX / 4 };
	for (int i = 0; i < q->env_count; i++) {
		if (o->env[q->env[i]].form == ENV_INSTANCES &&
		    oracle_could_ever_in(&vast, q->env[i], job))
			return true;
	}
	return false;
}

static bool has_launching(const struct oracle *o, int env)
{
	for (int i = 0; i < o->instance_count; i++) {
		if (o->instance[i].env == env && o->instance[i].status == INSTANCE_LAUNCHING)
			return true;
	}
	return false;
}

/* An instance that nobody uses and that may go. */
static bool something_goes(const struct oracle *o, int env)
{
	for (int i = 0; i < o->instance_count; i++) {
		const struct oracle_instance *it = &o->instance[i];

		if (it->env == env && oracle_is_idle(o, it))
			return true;
	}
	return false;
}

enum outlook { NOTHING, COMES, UNKNOWN, SHORT };

static enum outlook outlook(const struct oracle *o, int env, const struct oracle_job *head,
			    jd_time now)
{
	const struct env_setting *e = &o->env[env];
	bool refuses = e->refuse_until && begin_at + e->refuse_until > now;

	if (e->disabled || e->invalid || !oracle_could_ever_in(o, env, head))
		return NOTHING;
	if ((o->env_active[env] && !refuses) || has_launching(o, env))
		return COMES;
	switch (oracle_room(o, env, head, now)) {
	case ROOM_NONE:
		return o->env_active[env] || something_goes(o, env) ? COMES : UNKNOWN;
	case ROOM_POOL:
	case ROOM_WAIT:
		return oracle_some_is_leaving(o) ? COMES : SHORT;
	default:
		return COMES;
	}
}

static enum blocked no_room(const struct oracle *o, const struct queue_setting *q,
			    const struct oracle_job *head, jd_time now)
{
	bool is_short = false, is_unknown = false;

	for (int i = 0; i < q->env_count; i++) {
		const struct env_setting *e = &o->env[q->env[i]];
		enum outlook what = outlook(o, q->env[i], head, now);

		if (what == COMES)
			return BLOCKED_NOT;
		is_short |= what == SHORT;
		is_unknown |= what == UNKNOWN;
		if (what == SHORT && e->form == ENV_FARGATE && e->spot) /* PL-3 */
			break;
	}
	return is_short && !is_unknown ? BLOCKED_INSUFFICIENT_CAPACITY : BLOCKED_UNDETERMINED;
}

enum blocked oracle_blocked(const struct oracle *o, int queue, jd_time now)
{
	const struct oracle_job *head = oracle_head(o, queue);
	const struct queue_setting *q = &o->queue[queue];

	if (!head)
		return BLOCKED_NOT;
	if (all_invalid(o, q))
		return BLOCKED_ENVIRONMENTS_INVALID;
	if (above_every_max(o, q, &head->item->submit.need))
		return BLOCKED_MAX_RESOURCE;
	if (!oracle_could_ever(o, head))
		return some_type_would(o, q, head) ? BLOCKED_INSUFFICIENT_CAPACITY :
						     BLOCKED_RESOURCE_REQUIREMENT;
	return no_room(o, q, head, now);
}
