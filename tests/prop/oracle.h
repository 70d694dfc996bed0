#ifndef PROP_ORACLE_H
#define PROP_ORACLE_H
#include "jobdeck/catalog/catalog.h"
#include "workload.h"

/* What the scheduler ought to believe, kept by looking at the facts and nothing else, and
 * worked out the slow and obvious way: every question walks all jobs, all instances. */

struct oracle_job {
	const struct item *item; /* NULL: left out of this run */
	int64_t key;
	struct oracle_job *parent; /* of a child */
	int index;
	bool submitted, terminated, cancelled, timed_out, stop_said, reclaimed;
	bool taken; /* and its stop was said for that */
	bool held, delayed; /* by hand; by its start_after */
	bool open, stopped; /* an array: its children may run; was cancelled or terminated */
	bool born;	    /* a child that is a job of its own; others always are */
	enum job_status status; /* of those that are their own: else oracle_status tells */
	int attempt, env;
	int64_t instance, order;
	uint64_t gpu_set;
	jd_time placed, started;
	char blocked[200]; /* what was said of it as head (section 10), "" when nothing is */
	jd_time blocked_since;
};

struct oracle_instance {
	int64_t key;
	int env, generation, jobs;
	const struct instance_type *type;
	enum instance_status status;
	struct resources capacity, used;
	jd_time launched, up, reclaimed, last_end;
};

struct oracle {
	const struct workload *w;
	struct oracle_job *job; /* by key: arrays, then their children */
	int count;
	struct env_setting env[MAX_ENVS];
	struct queue_setting queue[MAX_QUEUES];
	struct resources pool, used, env_used[MAX_ENVS];
	int env_active[MAX_ENVS];
	struct oracle_instance *instance; /* that live, by key */
	int instance_count, instance_cap;
	int64_t last_instance; /* key */
};

/* oracle.c */
void oracle_init(struct oracle *o, const struct workload *w);
void oracle_fini(struct oracle *o);
struct oracle_job *oracle_job(const struct oracle *o, int64_t key); /* or NULL */
enum job_status oracle_status(const struct oracle *o, const struct oracle_job *job);
bool oracle_live(const struct oracle *o, const struct oracle_job *job);
bool oracle_active(const struct oracle_job *job);
/* Its own or its array's: asked to end. */
bool oracle_terminated(const struct oracle_job *job);
/* A child that cannot run any more, because of those before it. */
bool oracle_doomed(const struct oracle *o, const struct oracle_job *child);
/* Dependencies but N_TO_N: those that are not met, and those that failed. */
int oracle_unmet(const struct oracle *o, const struct oracle_job *job);
int oracle_unmet_failed(const struct oracle *o, const struct oracle_job *job);
jd_time oracle_start_after(const struct oracle_job *job);
jd_time oracle_deadline(const struct oracle_job *job); /* of its attempt; or JD_NEVER */
/* Section 6: what the end of an attempt makes of its job. */
enum job_status oracle_settle(const struct oracle_job *job, const struct fact *ended);

/* order.c: who is before whom. */
bool oracle_in_line(const struct oracle *o, const struct oracle_job *job, int queue);
bool oracle_stands_before(const struct oracle_job *a, const struct oracle_job *b);
/* The job at the front of a queue's line, or NULL; and how many stand before a job. */
struct oracle_job *oracle_head(const struct oracle *o, int queue);
int64_t oracle_ahead(const struct oracle *o, const struct oracle_job *job);
/* JQ-4: is queue `a` served before queue `b`? */
bool oracle_before(const struct oracle *o, int a, int b);

/* room.c: what fits where. */
enum room {
	ROOM_NOW,    /* it can be placed */
	ROOM_COMES,  /* an instance that is being launched could hold it */
	ROOM_LAUNCH, /* one could be launched */
	ROOM_POOL,   /* the pool is what is short */
	ROOM_WAIT,   /* as ROOM_POOL, and no other environment may have it (PL-3) */
	ROOM_NONE,   /* not now */
};
enum room oracle_room(const struct oracle *o, int env, const struct oracle_job *job, jd_time now);
/* The first of its queue's environments where it may have room, and what. */
enum room oracle_place(const struct oracle *o, const struct oracle_job *job, jd_time now, int *env);
/* The instance that packs it best, or NULL. */
struct oracle_instance *oracle_pack(const struct oracle *o, int env, const struct resources *need);
struct oracle_instance *oracle_instance(const struct oracle *o, int64_t key); /* or NULL */
int64_t oracle_env_vcpus(const struct oracle *o, int env); /* of its instances, in thousandths */
int64_t oracle_floor(const struct oracle *o, int env); /* what it is to have at least */
int64_t oracle_kept(const struct oracle *o, int env);  /* and what does not go */
void oracle_reached(struct oracle *o, int env); /* CE-7: what was asked for comes once */
bool oracle_below_max(const struct oracle *o, int env, const struct instance_type *type);
bool oracle_type_allowed(const struct oracle *o, int env, const struct instance_type *type);
struct resources oracle_capacity(const struct oracle *o, const struct instance_type *type);
struct resources oracle_nominal(const struct instance_type *type);
bool oracle_within(const struct resources *need, const struct resources *total,
		   const struct resources *used);
int oracle_spot_price(const struct oracle *o);
bool oracle_market_open(const struct oracle *o, int env, jd_time now);
bool oracle_some_is_leaving(const struct oracle *o); /* capacity that was given notice */
bool oracle_any_launching(const struct oracle *o);
bool oracle_is_lent(const struct oracle *o, int env); /* jobs there take room as Spot work */
bool oracle_could_ever(const struct oracle *o, const struct oracle_job *job);
bool oracle_could_ever_in(const struct oracle *o, int env, const struct oracle_job *job);
bool oracle_is_idle(const struct oracle *o, const struct oracle_instance *i); /* and may go */
/* Takes room, gives it back. */
void oracle_take(struct oracle *o, struct oracle_job *job, int env, int64_t instance);
void oracle_give(struct oracle *o, struct oracle_job *job, jd_time at);
struct oracle_instance *oracle_add_instance(struct oracle *o, const struct instance *said);
void oracle_drop_instance(struct oracle *o, struct oracle_instance *i);

/* blocked.c: what the head of a queue is to be called (section 10). */
enum blocked oracle_blocked(const struct oracle *o, int queue, jd_time now);

#endif
