#include "config.h"
#include "oracle.h"
#include <string.h>
#include "jobdeck/base/mem.h"
#include "rows.h"

/* What fits where, and what is taken. */

static const struct resources nothing;

bool oracle_within(const struct resources *need, const struct resources *total,
		   const struct resources *used)
{
	return used->vcpu_milli + need->vcpu_milli <= total->vcpu_milli &&
	       used->memory_mib + need->memory_mib <= total->memory_mib &&
	       used->gpus + need->gpus <= total->gpus;
}

struct resources oracle_nominal(const struct instance_type *type)
{
	return (struct resources){ type->vcpus * INT64_C(1000), type->memory_mib, type->gpus };
}

struct resources oracle_capacity(const struct oracle *o, const struct instance_type *type)
{
	struct resources r = oracle_nominal(type);

	r.memory_mib = catalog_offered_mib(type, o->w->settings.memory_reserve_milli);
	return r;
}

static int types_of(const struct oracle *o, int env, uint16_t out[CATALOG_MAX])
{
	const char *names[MAX_TYPES];

	for (int i = 0; i < o->env[env].type_count; i++)
		names[i] = workload_types[o->env[env].type[i]];
	return catalog_expand(names, o->env[env].type_count, out, CATALOG_MAX, NULL);
}

bool oracle_type_allowed(const struct oracle *o, int env, const struct instance_type *type)
{
	uint16_t types[CATALOG_MAX];
	int n = types_of(o, env, types);

	for (int i = 0; i < n; i++) {
		if (catalog_at(types[i]) == type)
			return true;
	}
	return false;
}

static bool holds(const struct oracle *o, const struct instance_type *type,
		  const struct resources *need)
{
	struct resources capacity = oracle_capacity(o, type);

	return oracle_within(need, &capacity, &nothing);
}

/* GPU-1: only where no other type could ever hold it. */
static bool may_have_gpu_type(const struct oracle *o, const uint16_t *types, int n,
			      const struct resources *need)
{
	for (int i = 0; i < n && !need->gpus; i++) {
		if (!catalog_at(types[i])->gpus && holds(o, catalog_at(types[i]), need))
			return false;
	}
	return true;
}

/* GPU-1 of instances that are there: a job without GPUs goes to one with only where the
 * environment has no others, or none that could hold it. */
static bool gpu_instance_is_for(const struct oracle *o, int env, const struct resources *need)
{
	uint16_t types[CATALOG_MAX];

	return may_have_gpu_type(o, types, types_of(o, env, types), need);
}

int64_t oracle_env_vcpus(const struct oracle *o, int env)
{
	int64_t sum = 0;

	for (int i = 0; i < o->instance_count; i++)
		sum += o->instance[i].env == env ? o->instance[i].type->vcpus * INT64_C(1000) : 0;
	return sum;
}

int64_t oracle_kept(const struct oracle *o, int env)
{
	const struct env_setting *e = &o->env[env];

	if (e->form != ENV_INSTANCES)
		return 0;
	return INT64_C(1000) * (!e->disabled && e->desired > e->min ? e->desired : e->min);
}

int64_t oracle_floor(const struct oracle *o, int env)
{
	return o->env[env].invalid ? 0 : oracle_kept(o, env);
}

/* SC-2. */
bool oracle_below_max(const struct oracle *o, int env, const struct instance_type *type)
{
	int64_t sum = oracle_env_vcpus(o, env), max = o->env[env].max * INT64_C(1000);

	if (o->env[env].strategy == STRATEGY_BEST_FIT && !o->env[env].spot)
		return sum + type->vcpus * INT64_C(1000) <= max;
	return sum < max;
}

static bool is_on_demand(const struct oracle *o, int env)
{
	return o->env[env].form != ENV_UNMANAGED && !o->env[env].spot;
}

/* The share of the pool that on-demand work uses. */
int oracle_spot_price(const struct oracle *o)
{
	int64_t sum = 0;

	for (int i = 0; i < o->w->env_count; i++) {
		if (is_on_demand(o, i))
			sum += o->env[i].form == ENV_INSTANCES ? oracle_env_vcpus(o, i) :
								 o->env_used[i].vcpu_milli;
	}
	return o->pool.vcpu_milli > 0 ? (int)(sum * 100 / o->pool.vcpu_milli) : 100;
}

/* What is being taken away is not lent out again meanwhile. */
bool oracle_some_is_leaving(const struct oracle *o)
{
	for (int i = 0; i < o->instance_count; i++) {
		if (o->instance[i].status == INSTANCE_RECLAIMED)
			return true;
	}
	for (int i = 0; i < o->count; i++) {
		if (oracle_active(&o->job[i]) && o->job[i].taken && !o->job[i].instance)
			return true;
	}
	return false;
}

bool oracle_market_open(const struct oracle *o, int env, jd_time now)
{
	const struct env_setting *e = &o->env[env];

	if (e->refuse_until && begin_at + e->refuse_until > now)
		return false;
	return !e->spot || (oracle_spot_price(o) < e->bid && !oracle_some_is_leaving(o));
}

static struct resources room_of(const struct oracle_instance *i)
{
	return (struct resources){ i->capacity.vcpu_milli - i->used.vcpu_milli,
				   i->capacity.memory_mib - i->used.memory_mib,
				   i->capacity.gpus - i->used.gpus };
}

static bool packs_better(const struct oracle_instance *a, const struct oracle_instance *b)
{
	struct resources x = room_of(a), y = room_of(b);

	if (x.vcpu_milli != y.vcpu_milli)
		return x.vcpu_milli < y.vcpu_milli;
	if (x.memory_mib != y.memory_mib)
		return x.memory_mib < y.memory_mib;
	return a->key < b->key;
}

static bool takes_jobs(const struct oracle *o, const struct oracle_instance *i, int env,
		       enum instance_status status)
{
	return i->env == env && i->status == status && i->generation == o->env[env].generation;
}

struct oracle_instance *oracle_pack(const struct oracle *o, int env, const struct resources *need)
{
	struct oracle_instance *best[2] = { NULL, NULL };

	for (int i = 0; i < o->instance_count; i++) {
		struct oracle_instance *it = &o->instance[i];
		bool gpus = it->capacity.gpus > 0;

		if (takes_jobs(o, it, env, INSTANCE_UP) &&
		    oracle_within(need, &it->capacity, &it->used) &&
		    (!best[gpus] || packs_better(it, best[gpus])))
			best[gpus] = it;
	}
	if (!need->gpus && best[0])
		return best[0];
	return gpu_instance_is_for(o, env, need) ? best[1] : NULL;
}

static bool one_comes(const struct oracle *o, int env, const struct resources *need)
{
	for (int i = 0; i < o->instance_count; i++) {
		const struct oracle_instance *it = &o->instance[i];

		if (takes_jobs(o, it, env, INSTANCE_LAUNCHING) &&
		    oracle_within(need, &it->capacity, &nothing))
			return true;
	}
	return false;
}

static const struct instance_type *cheapest(const struct oracle *o, const uint16_t *types, int n,
					    const struct resources *need)
{
	const struct instance_type *best = NULL;

	for (int i = 0; i < n; i++) {
		const struct instance_type *t = catalog_at(types[i]);

		if (!holds(o, t, need) || (t->gpus && !may_have_gpu_type(o, types, n, need)))
			continue;
		if (!best || t->price_micro_usd_hour < best->price_micro_usd_hour ||
		    (t->price_micro_usd_hour == best->price_micro_usd_hour &&
		     catalog_index(t) < catalog_index(best)))
			best = t;
	}
	return best;
}

/* Could one be launched for it? ROOM_POOL when only the pool or the market is in the way. */
static enum room room_to_launch(const struct oracle *o, int env, const struct resources *need,
				jd_time now)
{
	uint16_t types[CATALOG_MAX];
	int n = types_of(o, env, types);
	const struct instance_type *only = o->env[env].strategy == STRATEGY_BEST_FIT ?
						   cheapest(o, types, n, need) :
						   NULL;
	enum room room = ROOM_NONE;

	for (int i = 0; i < n; i++) {
		const struct instance_type *t = catalog_at(types[i]);
		struct resources nominal = oracle_nominal(t);

		if ((only && t != only) || !holds(o, t, need) || !oracle_below_max(o, env, t) ||
		    (t->gpus && !may_have_gpu_type(o, types, n, need)))
			continue;
		if (oracle_market_open(o, env, now) &&
		    oracle_within(&nominal, &o->pool, &o->used))
			return ROOM_LAUNCH;
		room = ROOM_POOL;
	}
	return room;
}

static bool below_slices_max(const struct oracle *o, int env, const struct resources *need)
{
	if (o->env[env].form == ENV_UNMANAGED && !o->env[env].max)
		return true;
	return o->env_used[env].vcpu_milli + need->vcpu_milli <= o->env[env].max * 1000;
}

static enum room room_in_slices(const struct oracle *o, int env, const struct resources *need,
				jd_time now)
{
	if (!below_slices_max(o, env, need))
		return ROOM_NONE;
	if (oracle_market_open(o, env, now) && oracle_within(need, &o->pool, &o->used))
		return ROOM_NOW;
	return o->env[env].form == ENV_FARGATE && o->env[env].spot ? ROOM_WAIT : ROOM_POOL;
}

static bool suits(const struct oracle *o, int env, const struct oracle_job *job)
{
	bool fargate = o->env[env].form == ENV_FARGATE;

	return fargate == job->item->submit.fargate && !(fargate && job->item->submit.need.gpus);
}

static bool too_large(const struct oracle *o, int env, const struct resources *need)
{
	return !(o->env[env].form == ENV_UNMANAGED && !o->env[env].max) &&
	       need->vcpu_milli > o->env[env].max * 1000;
}

enum room oracle_room(const struct oracle *o, int env, const struct oracle_job *job, jd_time now)
{
	const struct resources *need = &job->item->submit.need;

	if (o->env[env].disabled || o->env[env].invalid || !suits(o, env, job) ||
	    too_large(o, env, need))
		return ROOM_NONE;
	if (o->env[env].form != ENV_INSTANCES)
		return room_in_slices(o, env, need, now);
	if (oracle_pack(o, env, need))
		return ROOM_NOW;
	return one_comes(o, env, need) ? ROOM_COMES : room_to_launch(o, env, need, now);
}

enum room oracle_place(const struct oracle *o, const struct oracle_job *job, jd_time now, int *env)
{
	const struct queue_setting *q = &o->queue[job->item->which];
	enum room best = ROOM_NONE;

	*env = -1;
	for (int i = 0; i < q->env_count; i++) {
		enum room room = oracle_room(o, q->env[i], job, now);

		if (room < ROOM_POOL || room == ROOM_WAIT) {
			*env = q->env[i];
			return room;
		}
		if (room == ROOM_POOL && best == ROOM_NONE) {
			*env = q->env[i];
			best = ROOM_POOL;
		}
	}
	return best;
}

static bool some_type_could(const struct oracle *o, int env, const struct resources *need)
{
	uint16_t types[CATALOG_MAX];
	int n = types_of(o, env, types);

	for (int i = 0; i < n; i++) {
		struct resources nominal = oracle_nominal(catalog_at(types[i]));

		if (holds(o, catalog_at(types[i]), need) &&
		    oracle_within(&nominal, &o->pool, &nothing))
			return true;
	}
	return false;
}

bool oracle_any_launching(const struct oracle *o)
{
	for (int i = 0; i < o->instance_count; i++) {
		if (o->instance[i].status == INSTANCE_LAUNCHING)
			return true;
	}
	return false;
}

bool oracle_is_lent(const struct oracle *o, int env)
{
	return o->env[env].spot && o->env[env].form != ENV_INSTANCES;
}

bool oracle_could_ever_in(const struct oracle *o, int env, const struct oracle_job *job)
{
	const struct resources *need = &job->item->submit.need;

	if (!suits(o, env, job) || too_large(o, env, need))
		return false;
	return o->env[env].form == ENV_INSTANCES ? some_type_could(o, env, need) :
						   oracle_within(need, &o->pool, &nothing);
}

bool oracle_could_ever(const struct oracle *o, const struct oracle_job *job)
{
	const struct queue_setting *q = &o->queue[job->item->which];

	for (int i = 0; i < q->env_count; i++) {
		if (oracle_could_ever_in(o, q->env[i], job))
			return true;
	}
	return false;
}

bool oracle_is_idle(const struct oracle *o, const struct oracle_instance *i)
{
	if (i->jobs || i->status == INSTANCE_LAUNCHING)
		return false;
	return i->status != INSTANCE_UP ||
	       oracle_env_vcpus(o, i->env) - i->type->vcpus * INT64_C(1000) >=
		       oracle_kept(o, i->env);
}

struct oracle_instance *oracle_instance(const struct oracle *o, int64_t key)
{
	for (int i = 0; i < o->instance_count; i++) {
		if (o->instance[i].key == key)
			return &o->instance[i];
	}
	return NULL;
}

static void add(struct resources *to, const struct resources *r, int sign)
{
	to->vcpu_milli += sign * r->vcpu_milli;
	to->memory_mib += sign * r->memory_mib;
	to->gpus += sign * r->gpus;
}

void oracle_take(struct oracle *o, struct oracle_job *job, int env, int64_t instance)
{
	struct oracle_instance *i = instance ? oracle_instance(o, instance) : NULL;

	job->env = env;
	job->instance = instance;
	o->env_active[env]++;
	add(&o->env_used[env], &job->item->submit.need, 1);
	add(i ? &i->used : &o->used, &job->item->submit.need, 1);
	if (i)
		i->jobs++;
}

void oracle_give(struct oracle *o, struct oracle_job *job, jd_time at)
{
	struct oracle_instance *i = job->instance ? oracle_instance(o, job->instance) : NULL;

	o->env_active[job->env]--;
	add(&o->env_used[job->env], &job->item->submit.need, -1);
	add(i ? &i->used : &o->used, &job->item->submit.need, -1);
	if (i) {
		i->jobs--;
		i->last_end = at;
	}
	job->instance = 0;
	job->gpu_set = 0;
	job->reclaimed = job->taken = false;
}

void oracle_reached(struct oracle *o, int env)
{
	if (oracle_env_vcpus(o, env) >= o->env[env].desired * INT64_C(1000))
		o->env[env].desired = 0;
}

struct oracle_instance *oracle_add_instance(struct oracle *o, const struct instance *said)
{
	struct oracle_instance *i;

	ARRAY_ROOM(o->instance, o->instance_count, o->instance_cap);
	i = &o->instance[o->instance_count++];
	*i = (struct oracle_instance){ .key = said->key,
				       .env = env_number(said->env),
				       .generation = said->generation,
				       .type = catalog_find(said->type),
				       .status = INSTANCE_LAUNCHING,
				       .launched = said->launched };
	i->capacity = oracle_capacity(o, i->type);
	oracle_reached(o, i->env);
	add(&o->used, &said->nominal, 1);
	o->last_instance = said->key;
	return i;
}

void oracle_drop_instance(struct oracle *o, struct oracle_instance *i)
{
	struct resources nominal = oracle_nominal(i->type);

	add(&o->used, &nominal, -1);
	memmove(i, i + 1, (size_t)(o->instance + o->instance_count - i - 1) * sizeof *i);
	o->instance_count--;
}
