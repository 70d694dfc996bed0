#include "config.h"
#include <string.h>
#include "prop.h"

/* Each fact of an instance, held against what the oracle knows. */

#define KEY(i) ((long long)(i)->key)

/* Those that come to the environment and could hold the job. */
static int coming_for(const struct oracle *o, int env, const struct oracle_job *job)
{
	const struct resources nothing = { 0 };
	int n = 0;

	for (int i = 0; i < o->instance_count; i++)
		n += o->instance[i].env == env && o->instance[i].status == INSTANCE_LAUNCHING &&
		     o->instance[i].generation == o->env[env].generation &&
		     oracle_within(&job->item->submit.need, &o->instance[i].capacity, &nothing);
	return n;
}

static bool waits_for_env(const struct oracle *o, int env, const struct oracle_job *job,
			  jd_time now)
{
	enum room room;

	if (!job->item || !oracle_in_line(o, job, job->item->which))
		return false;
	room = oracle_room(o, env, job, now);
	return room == ROOM_LAUNCH || room == ROOM_COMES;
}

/* A minimum is not met; or somebody waits, and more do than there are instances coming that
 * could hold him. */
static bool is_needed(const struct run *run, int env, const struct instance_type *type, jd_time now)
{
	const struct oracle *o = &run->o;
	struct resources capacity = oracle_capacity(o, type), nothing = { 0 };
	int waiting = 0;

	if (oracle_env_vcpus(o, env) < oracle_floor(o, env))
		return true;
	for (int i = 0; i < o->count; i++)
		waiting += waits_for_env(o, env, &o->job[i], now);
	for (int i = 0; i < o->count; i++) {
		if (waits_for_env(o, env, &o->job[i], now) &&
		    oracle_within(&o->job[i].item->submit.need, &capacity, &nothing) &&
		    waiting > coming_for(o, env, &o->job[i]))
			return true;
	}
	return false;
}

static void see_launched(struct run *run, const struct fact *fact)
{
	const struct instance *said = fact->instance;
	const struct instance_type *type = catalog_find(said->type);
	struct oracle *o = &run->o;
	int env = env_number(said->env);
	struct resources nominal = oracle_nominal(type);

	CHECK(SCALE, said->key > o->last_instance, "instance %lld after %lld", KEY(said),
	      (long long)o->last_instance);
	CHECK(SCALE, oracle_type_allowed(o, env, type), "e%d launches %s", env, said->type);
	CHECK(SCALE,
	      said->spot == o->env[env].spot && said->generation == o->env[env].generation &&
		      said->launched == fact->at,
	      "instance %lld is not as e%d is", KEY(said), env);
	CHECK(CAPACITY, oracle_below_max(o, env, type), "e%d launches past its maximum", env);
	CHECK(CAPACITY,
	      said->nominal.vcpu_milli == nominal.vcpu_milli &&
		      said->nominal.memory_mib == nominal.memory_mib &&
		      said->nominal.gpus == nominal.gpus &&
		      oracle_within(&nominal, &o->pool, &o->used),
	      "instance %lld is not in the pool", KEY(said));
	CHECK(SCALE, oracle_market_open(o, env, fact->at), "e%d can get none now", env);
	CHECK(SCALE, is_needed(run, env, type, fact->at), "nobody needs instance %lld of e%d",
	      KEY(said), env);
	if (said->spot)
		see_lent(run, env, fact->at);
	oracle_add_instance(o, said);
}

static void see_up(struct run *run, struct oracle_instance *i, jd_time at)
{
	CHECK(SCALE,
	      i->status == INSTANCE_LAUNCHING &&
		      at >= i->launched + run->w->settings.launch_ms,
	      "instance %lld is UP too soon", KEY(i));
	i->up = at;
	i->status = i->generation == run->o.env[i->env].generation ? INSTANCE_UP :
								     INSTANCE_DRAINING;
}

/* A drill may take any; else Spot capacity costs too much or is needed. */
static void see_reclaimed(struct run *run, struct oracle_instance *i, jd_time at)
{
	CHECK(SCALE, i->status != INSTANCE_RECLAIMED, "instance %lld is reclaimed twice", KEY(i));
	CHECK(SCALE, run->drill || run->o.env[i->env].spot, "instance %lld is not Spot", KEY(i));
	i->status = INSTANCE_RECLAIMED;
	i->reclaimed = at;
	for (int n = 0; n < run->o.count; n++)
		run->o.job[n].reclaimed |= run->o.job[n].instance == i->key;
}

/* SC-3. */
static bool may_go(const struct run *run, const struct oracle_instance *i, const char *reason,
		   jd_time at)
{
	const struct env_setting *e = &run->o.env[i->env];
	jd_time since = i->last_end > i->up ? i->last_end : i->up;
	int64_t idle = run->w->settings.idle_ms;

	if (i->status == INSTANCE_LAUNCHING)
		return run->w->settings.launch_failure_percent &&
		       at >= i->launched + run->w->settings.launch_ms;
	if (i->status != INSTANCE_UP)
		return true;
	if (oracle_env_vcpus(&run->o, i->env) - i->type->vcpus * INT64_C(1000) <
	    oracle_kept(&run->o, i->env))
		return false;
	if (strstr(reason, "room is needed"))
		return !e->delay_ms;
	return at >= since + (i->last_end && e->delay_ms > idle ? e->delay_ms : idle);
}

static void see_terminated(struct run *run, struct oracle_instance *i, const struct fact *fact)
{
	CHECK(SCALE, i->jobs == 0, "instance %lld goes with %d jobs on it", KEY(i), i->jobs);
	CHECK(SCALE, may_go(run, i, fact->instance_reason, fact->at), "instance %lld goes: %s",
	      KEY(i), fact->instance_reason);
	oracle_drop_instance(&run->o, i);
}

static void see_status(struct run *run, const struct fact *fact)
{
	int env = env_number(fact->environment_status.name);

	for (int i = 0; i < run->o.instance_count; i++)
		CHECK(SCALE,
		      run->o.instance[i].env != env ||
			      run->o.instance[i].generation == run->o.env[env].generation,
		      "e%d is through with its update, but not instance %lld", env,
		      KEY(&run->o.instance[i]));
	CHECK(SCALE, run->o.env[env].updating && fact->environment_status.status == STATUS_VALID,
	      "e%d was not being updated", env);
	run->o.env[env].updating = false;
}

/* On optimal, which has no instances of its own, all of the machine is meant. */
static void see_machine_reclaimed(struct run *run, int env)
{
	CHECK(SCALE, run->drill, "the machine of e%d is reclaimed", env);
	for (int n = 0; n < run->o.count; n++)
		run->o.job[n].reclaimed |= oracle_active(&run->o.job[n]) &&
					   run->o.job[n].env == env;
}

void see_place_fact(struct run *run, const struct fact *fact)
{
	struct oracle_instance *i;

	if (fact->kind == FACT_INSTANCE_LAUNCHED) {
		see_launched(run, fact);
		return;
	}
	if (fact->kind == FACT_ENVIRONMENT_STATUS) {
		see_status(run, fact);
		return;
	}
	if (fact->kind < FACT_INSTANCE_LAUNCHED || fact->kind > FACT_INSTANCE_TERMINATED)
		return;
	if (fact->instance_key >= LOCAL_HOST) {
		see_machine_reclaimed(run, (int)(fact->instance_key - LOCAL_HOST));
		return;
	}
	i = oracle_instance(&run->o, fact->instance_key);
	CHECK(SCALE, i != NULL, "there is no instance %lld", (long long)fact->instance_key);
	if (!i)
		return;
	if (fact->kind == FACT_INSTANCE_UP)
		see_up(run, i, fact->at);
	else if (fact->kind == FACT_INSTANCE_RECLAIMED)
		see_reclaimed(run, i, fact->at);
	else
		see_terminated(run, i, fact);
}
