#include "sched_world.h"
#include "jobdeck/catalog/catalog.h"

/* Blocked heads and jobStateTimeLimitActions (section 10, BL-1). */

enum { MINUTE = 60000 };

static char name_i[] = "i", name_q[] = "q";

/* What was said of heads: "2 REASON" and, when it is over, "2 -"; by lines. Every fact goes
 * to a replay too, and after each a copy must decide as the original. */
static struct sched *replay;
static char said[2000];

static int set_up_replay(void **state)
{
	int rc = set_up(state);
	struct world *w = *state;

	replay = sched_clone(w->s);
	return rc;
}

static int tear_down_replay(void **state)
{
	sched_free(replay);
	return tear_down(state);
}

static void both(struct world *w, const struct fact *fact)
{
	assert_int_equal(sched_apply(replay, fact, NULL, NULL), 0);
	assert_int_equal(apply(w, fact), 0);
	assert_int_equal(sched_hash(w->s), sched_hash(replay));
}

static void note(const struct world *w, const struct fact *fact)
{
	size_t n = strlen(said);

	assert_true(w->effect.changed);
	assert_int_equal(w->effect.from, w->effect.to);
	if (fact->reason)
		assert_string_equal(w->effect.status_reason, fact->reason);
	else
		assert_null(w->effect.status_reason);
	assert_true((w->effect.blocked_since > 0) == (fact->reason != NULL));
	snprintf(said + n, sizeof said - n, "%s%d %s", n ? "\n" : "", (int)fact->job,
		 fact->reason ? fact->reason : "-");
}

static void same_in_copy(struct world *w, const struct fact *fact, bool any)
{
	struct sched *copy = sched_clone(w->s);
	struct fact other;

	assert_int_equal(sched_hash(copy), sched_hash(w->s));
	assert_int_equal(sched_decide(copy, w->now, &other), any);
	if (any) {
		assert_int_equal(other.kind, fact->kind);
		assert_int_equal(other.job, fact->job);
	}
	sched_free(copy);
}

static const char *settle(struct world *w)
{
	struct fact fact, again;

	said[0] = '\0';
	while (sched_decide(w->s, w->now, &fact)) {
		assert_true(sched_decide(w->s, w->now, &again));
		assert_int_equal(again.kind, fact.kind);
		assert_int_equal(again.job, fact.job);
		same_in_copy(w, &fact, true);
		both(w, &fact);
		if (fact.kind == FACT_BLOCKED)
			note(w, &fact);
	}
	same_in_copy(w, NULL, false);
	assert_false(sched_decide(replay, w->now, &fact));
	return said;
}

/* What was decided when the replay does not know the world: it becomes a copy first. */
static const char *settle_without_replay(struct world *w)
{
	sched_free(replay);
	replay = sched_clone(w->s);
	return settle(w);
}

static void put(struct world *w, int64_t key, char *queue, int vcpus)
{
	struct job job = job_of(key, queue, vcpus);
	struct fact fact = fact_of(w, FACT_SUBMITTED, key);

	fact.submitted = &job;
	both(w, &fact);
}

static void put_array(struct world *w, int64_t key, char *queue, int vcpus, int size)
{
	struct job job = job_of(key, queue, vcpus);
	struct fact fact = fact_of(w, FACT_SUBMITTED, key);

	job.kind = JOB_KIND_ARRAY;
	job.size = size;
	fact.submitted = &job;
	both(w, &fact);
}

static void say_env(struct world *w, const struct environment *env)
{
	struct fact fact = fact_of(w, FACT_ENVIRONMENT, 0);

	fact.environment = env;
	both(w, &fact);
}

static void say_queue(struct world *w, const struct queue *q)
{
	struct fact fact = fact_of(w, FACT_QUEUE, 0);

	fact.queue = q;
	both(w, &fact);
}

static void say_pool(struct world *w, int64_t vcpus)
{
	struct fact fact = fact_of(w, FACT_POOL, 0);

	fact.pool = (struct resources){ vcpus * 1000, vcpus * 8192, 0 };
	both(w, &fact);
}

static void say_job(struct world *w, enum fact_kind kind, int64_t key)
{
	struct fact fact = fact_of(w, kind, key);

	fact.reason = "stopped";
	both(w, &fact);
}

static void finish(struct world *w, int64_t key, int attempt)
{
	struct fact fact = fact_of(w, FACT_STARTED, key);

	fact.attempt = attempt;
	both(w, &fact);
	fact = fact_of(w, FACT_ENDED, key);
	fact.attempt = attempt;
	fact.ended.status_reason = REASON_EXITED;
	both(w, &fact);
}

/* Queue "q" on environment "i" with instances of one type. */
static struct environment instances_of(char *type, enum cr_type cr, int max)
{
	static char *types[1];
	struct environment env = env_named(name_i, max);

	types[0] = type;
	env.cr_type = cr;
	env.strategy = STRATEGY_BEST_FIT_PROGRESSIVE;
	env.instance_type_count = 1;
	env.instance_types = types;
	return env;
}

static struct queue queue_on(char *env)
{
	struct queue q = queue_named(name_q, 5);

	q.env_count = 1;
	q.env[0] = env;
	return q;
}

static void set_instances(struct world *w, char *type, enum cr_type cr, int max, int pool)
{
	struct environment env = instances_of(type, cr, max);
	struct queue q = queue_on(name_i);
	struct fact fact = fact_of(w, FACT_SETTINGS, 0);

	fact.settings = (struct sched_settings){ .idle_ms = MINUTE,
						 .memory_reserve_milli = CATALOG_RESERVE_MILLI,
						 .next_instance = 1 };
	both(w, &fact);
	say_pool(w, pool);
	say_env(w, &env);
	say_queue(w, &q);
}

#define MAX_RESOURCE                                                                               \
	"MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE - CE(s) associated with the job queue " \
	"cannot meet the CPU requirement of the job."
#define REQUIREMENT                                                                                \
	"MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - The job resource requirement "                \
	"(vCPU/memory/GPU) is higher than that can be met by the CE(s) attached to the job queue."
#define INVALID "ACTION_REQUIRED - CE(s) associated with the job queue are invalid."
#define CAPACITY(type)                                                                             \
	"CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - Service cannot fulfill the capacity requested " \
	"for instance type [" type "]"
#define UNDETERMINED "UNDETERMINED - Batch job is blocked, root cause is undetermined."

static void BL_1_vcpus_above_every_maximum(void **state)
{
	struct world *w = *state;
	struct environment b = env_named(name_b, 8);
	struct sched_queue_view view;

	put(w, 1, name_high, 9);
	put(w, 2, name_high, 1);
	put(w, 3, name_low, 5);
	assert_string_equal(settle(w), "1 " MAX_RESOURCE "\n3 " MAX_RESOURCE);
	assert_true(sched_queue(w->s, "high", &view));
	assert_int_equal(view.blocked, BLOCKED_MAX_RESOURCE);
	assert_int_equal(view.blocked_since, w->now);
	assert_int_equal(view.head, 1);
	b.max_vcpus = 9; /* now the machine is too small */
	w->now += 1000;
	say_env(w, &b);
	assert_string_equal(settle(w), "1 " REQUIREMENT);
	assert_true(sched_queue(w->s, "high", &view));
	assert_int_equal(view.blocked_since, w->now);
	say_pool(w, 9);
	assert_string_equal(settle(w), "");
	assert_int_equal(status_of(w, 1), JOB_STARTING);
	assert_true(sched_queue(w->s, "high", &view));
	assert_int_equal(view.blocked, BLOCKED_NOT);
	assert_int_equal(view.blocked_since, 0);
}

static void BL_1_all_environments_invalid(void **state)
{
	struct world *w = *state;
	struct environment a = env_named(name_a, 4), b = env_named(name_b, 8);

	put(w, 1, name_high, 4);
	put(w, 2, name_high, 4);
	put(w, 3, name_high, 4);
	assert_string_equal(settle(w), "");
	a.status = STATUS_INVALID;
	say_env(w, &a);
	assert_string_equal(settle(w), ""); /* one is enough */
	b.status = STATUS_INVALID;
	say_env(w, &b);
	assert_string_equal(settle(w), "3 " INVALID);
	b.status = STATUS_VALID;
	b.state = STATE_DISABLED;
	say_env(w, &b);
	assert_string_equal(settle(w), "3 " UNDETERMINED);
	b.state = STATE_ENABLED;
	say_env(w, &b);
	assert_string_equal(settle(w), "3 -"); /* job 2 runs there, and will end */
}

static void BL_1_no_allowed_type_is_large_enough(void **state)
{
	struct world *w = *state;
	struct environment env;

	set_instances(w, (char[]){ "c5.large" }, CR_EC2, 64, 64);
	put(w, 1, name_q, 4);
	assert_string_equal(settle(w), "1 " REQUIREMENT);
	env = instances_of((char[]){ "c5.xlarge" }, CR_EC2, 64); /* 4 vCPU */
	say_env(w, &env);
	assert_string_equal(settle(w), "");
	assert_int_equal(status_of(w, 1), JOB_STARTING);
}

static void BL_1_pool_smaller_than_every_type(void **state)
{
	struct world *w = *state;

	set_instances(w, (char[]){ "c5.4xlarge" }, CR_EC2, 64, 8);
	put(w, 1, name_q, 2);
	assert_string_equal(settle(w), "1 " CAPACITY("c5.4xlarge"));
	say_pool(w, 16);
	assert_string_equal(settle(w), "");
	assert_int_equal(status_of(w, 1), JOB_STARTING);
}

/* Others have the machine: no capacity, until something of the environment's own runs. */
static void BL_1_pool_is_short(void **state)
{
	struct world *w = *state;

	set_instances(w, (char[]){ "c5.large" }, CR_EC2, 64, 8);
	put(w, 1, name_high, 7);
	assert_string_equal(settle(w), "");
	put(w, 2, name_q, 2);
	put(w, 3, name_q, 2);
	assert_string_equal(settle(w), "2 " CAPACITY("c5.large"));
	finish(w, 1, 1);
	put(w, 4, name_high, 6);
	assert_string_equal(settle(w), "");
	assert_int_equal(status_of(w, 2), JOB_STARTING);
	assert_int_equal(status_of(w, 3), JOB_RUNNABLE); /* short, but job 2 will end */
	finish(w, 2, 1);
	put(w, 5, name_high, 1); /* that comes first, and the idle instance goes for it */
	assert_string_equal(settle(w), "3 " CAPACITY("c5.large"));
}

static void BL_1_drill_refuses_capacity(void **state)
{
	struct world *w = *state;
	struct environment i = instances_of((char[]){ "c5.large" }, CR_EC2, 64);
	jd_time end = w->now + 5 * MINUTE;

	set_instances(w, (char[]){ "c5.large" }, CR_EC2, 64, 64);
	i.refuse_until = end;
	say_env(w, &i);
	put(w, 1, name_q, 2);
	assert_string_equal(settle(w), "1 " CAPACITY("c5.large"));
	assert_int_equal(sched_wakeup(w->s, w->now), end);
	w->now = end - 1;
	assert_string_equal(settle(w), "");
	w->now = end;
	assert_string_equal(settle(w), "");
	assert_int_equal(status_of(w, 1), JOB_STARTING);
}

static void BL_1_spot_price(void **state)
{
	struct world *w = *state;
	struct environment i = instances_of((char[]){ "c5.large" }, CR_SPOT, 64);
	struct environment b = env_named(name_b, 8);

	set_instances(w, (char[]){ "c5.large" }, CR_SPOT, 64, 8);
	i.bid_percent = 50;
	say_env(w, &i);
	b.cr_type = CR_EC2;
	say_env(w, &b);
	put(w, 1, name_high, 4); /* half of the pool: 50 per cent is not below the bid */
	settle(w);
	put(w, 2, name_q, 2);
	assert_string_equal(settle(w), "2 " CAPACITY("c5.large"));
	finish(w, 1, 1);
	assert_string_equal(settle(w), "");
	assert_int_equal(status_of(w, 2), JOB_STARTING);
}

static void BL_1_drill_blocks_the_queue(void **state)
{
	struct world *w = *state;
	struct queue q = queue_on(name_b);
	jd_time end = w->now + MINUTE;

	q.blocked_until = end;
	say_queue(w, &q);
	put(w, 1, name_q, 1);
	assert_string_equal(settle(w), "1 " UNDETERMINED);
	assert_int_equal(sched_wakeup(w->s, w->now), end);
	w->now = end;
	assert_string_equal(settle(w), "");
	assert_int_equal(status_of(w, 1), JOB_STARTING);
}

/* SC-3: instances that are kept, too small, fill the maximum, and nothing runs. */
static void BL_1_undetermined_behind_kept_instances(void **state)
{
	struct world *w = *state;
	static char large[] = "c5.large", xlarge[] = "c5.xlarge";
	char *both_types[] = { large, xlarge };
	struct environment i = instances_of(large, CR_EC2, 4);

	set_instances(w, large, CR_EC2, 4, 64);
	i.min_vcpus = 4;
	say_env(w, &i);
	assert_string_equal(settle(w), "");
	i.instance_types = both_types;
	i.instance_type_count = 2;
	say_env(w, &i);
	put(w, 1, name_q, 4);
	assert_string_equal(settle(w), "1 " UNDETERMINED);
	i.min_vcpus = 0;
	say_env(w, &i);
	assert_string_equal(settle(w), "1 -"); /* they go */
	w->now += MINUTE;
	assert_string_equal(settle(w), "");
	assert_int_equal(status_of(w, 1), JOB_STARTING);
}

/* All that is the normal course of things is not told (BL-2). */
static void BL_1_normal_waiting_is_not_blocked(void **state)
{
	struct world *w = *state;
	struct queue q = queue_on(name_b);

	put(w, 1, name_low, 4);
	put(w, 2, name_low, 1); /* at the maximum, and something runs */
	q.max_running = 1;
	say_queue(w, &q);
	put(w, 3, name_q, 1);
	put(w, 4, name_q, 1); /* max-running */
	assert_string_equal(settle(w), "");
}

static void BL_1_instance_is_coming(void **state)
{
	struct world *w = *state;
	struct fact fact = fact_of(w, FACT_SETTINGS, 0);

	set_instances(w, (char[]){ "c5.large" }, CR_EC2, 2, 8);
	fact.settings = (struct sched_settings){ .idle_ms = MINUTE, .launch_ms = 1000,
						 .memory_reserve_milli = CATALOG_RESERVE_MILLI };
	both(w, &fact);
	put(w, 1, name_q, 2);
	put(w, 2, name_q, 2);
	assert_string_equal(settle(w), "");
	assert_int_equal(status_of(w, 1), JOB_RUNNABLE);
	w->now += 1000;
	assert_string_equal(settle(w), "");
	assert_int_equal(status_of(w, 1), JOB_STARTING);
}

/* Only the head; the next one when it has become that. */
static void BL_1_only_the_head_and_then_the_next(void **state)
{
	struct world *w = *state;

	put(w, 1, name_low, 5);
	put(w, 2, name_low, 6);
	assert_string_equal(settle(w), "1 " MAX_RESOURCE);
	say_job(w, FACT_CANCELLED, 1); /* ended: its own fact says all */
	assert_string_equal(settle(w), "2 " MAX_RESOURCE);
	say_job(w, FACT_HELD, 2);
	assert_int_equal(w->effect.blocked_since, 0);
	assert_string_equal(settle(w), "");
	say_job(w, FACT_RELEASED, 2);
	assert_string_equal(settle(w), "2 " MAX_RESOURCE);
}

/* One that is tried again goes to the front (RT-9). */
static void BL_1_no_more_the_head(void **state)
{
	struct world *w = *state;
	struct environment a = env_named(name_a, 4);
	struct job job = job_of(1, name_low, 3);
	struct fact fact = fact_of(w, FACT_SUBMITTED, 1);

	job.retry.attempts = 3;
	fact.submitted = &job;
	both(w, &fact);
	put(w, 2, name_low, 4);
	assert_string_equal(settle(w), "");
	a.max_vcpus = 3;
	say_env(w, &a);
	assert_string_equal(settle(w), "2 " MAX_RESOURCE);
	a.state = STATE_DISABLED;
	say_env(w, &a);
	fact = fact_of(w, FACT_ENDED, 1);
	fact.attempt = 1;
	fact.ended.exit_code = 1;
	fact.ended.status_reason = REASON_EXITED;
	both(w, &fact);
	assert_string_equal(settle(w), "2 -\n1 " UNDETERMINED);
}

/* The parent is spoken of; when a child was placed, it is at the front anew. */
static void BL_1_arrays(void **state)
{
	struct world *w = *state;
	struct environment a = env_named(name_a, 4);

	put_array(w, 10, name_low, 2, 5);
	assert_string_equal(settle(w), "");
	a.max_vcpus = 1;
	say_env(w, &a);
	assert_string_equal(settle(w), "10 " MAX_RESOURCE);
	w->now += MINUTE;
	a.max_vcpus = 6;
	say_env(w, &a);
	assert_string_equal(settle(w), "10 -"); /* child 13 has room */
	assert_int_equal(status_of(w, 13), JOB_STARTING);
}

static void BL_1_array_that_stays_blocked_is_told_anew(void **state)
{
	struct world *w = *state;
	struct environment i = instances_of((char[]){ "c5.large" }, CR_EC2, 64);

	set_instances(w, (char[]){ "c5.large" }, CR_EC2, 64, 64);
	i.refuse_until = w->now + 60 * MINUTE;
	say_env(w, &i);
	put_array(w, 10, name_q, 2, 3);
	assert_string_equal(settle(w), "10 " CAPACITY("c5.large"));
	i.refuse_until = 0;
	i.max_vcpus = 2;
	say_env(w, &i);
	assert_string_equal(settle(w), "10 -");
	assert_int_equal(status_of(w, 11), JOB_STARTING);
	assert_int_equal(status_of(w, 12), JOB_RUNNABLE);
}

/* A place came free, and for the next child there is none: the clock begins anew. */
static void BL_1_array_is_at_the_front_anew_for_each_child(void **state)
{
	struct world *w = *state;
	struct environment i = instances_of((char[]){ "c5.large" }, CR_EC2, 64);
	struct sched_queue_view view;

	set_instances(w, (char[]){ "c5.large" }, CR_EC2, 64, 64);
	put(w, 1, name_q, 2);
	settle(w);
	i.refuse_until = w->now + 60 * MINUTE;
	say_env(w, &i);
	put_array(w, 10, name_q, 2, 3);
	assert_string_equal(settle(w), "10 " CAPACITY("c5.large"));
	w->now += MINUTE;
	finish(w, 1, 1);
	assert_string_equal(settle(w), "10 -\n10 " CAPACITY("c5.large"));
	assert_int_equal(status_of(w, 11), JOB_STARTING);
	assert_true(sched_queue(w->s, "q", &view));
	assert_int_equal(view.blocked_since, w->now);
}

/* Another type, the same reason: its clock goes on. */
static void BL_1_another_type(void **state)
{
	struct world *w = *state;
	struct environment i = instances_of((char[]){ "c5.large" }, CR_EC2, 64);
	jd_time since = w->now;
	struct sched_queue_view view;

	set_instances(w, (char[]){ "c5.large" }, CR_EC2, 64, 64);
	i.refuse_until = w->now + 60 * MINUTE;
	say_env(w, &i);
	put(w, 1, name_q, 2);
	assert_string_equal(settle(w), "1 " CAPACITY("c5.large"));
	w->now += MINUTE;
	i = instances_of((char[]){ "m5.large" }, CR_EC2, 64);
	i.refuse_until = w->now + 60 * MINUTE;
	say_env(w, &i);
	assert_string_equal(settle(w), "1 " CAPACITY("m5.large"));
	assert_true(sched_queue(w->s, "q", &view));
	assert_int_equal(view.blocked_since, since);
}

/* A child that is tried again is a job of its own; it leaves the line with its array. */
static void BL_1_child_of_an_array_that_is_held(void **state)
{
	struct world *w = *state;
	struct environment a = env_named(name_a, 4);
	struct job job = job_of(10, name_low, 2);
	struct fact fact = fact_of(w, FACT_SUBMITTED, 10);

	job.kind = JOB_KIND_ARRAY;
	job.size = 2;
	job.retry.attempts = 3;
	fact.submitted = &job;
	both(w, &fact);
	settle(w);
	a.state = STATE_DISABLED;
	say_env(w, &a);
	fact = fact_of(w, FACT_ENDED, 11);
	fact.attempt = 1;
	fact.ended.exit_code = 1;
	fact.ended.status_reason = REASON_EXITED;
	both(w, &fact);
	assert_string_equal(settle(w), "11 " UNDETERMINED);
	say_job(w, FACT_HELD, 10);
	assert_string_equal(settle(w), "11 -");
}

/* What keeps it is not capacity, though there is none either. */
static void BL_1_limits_and_consumables_come_first(void **state)
{
	struct world *w = *state;
	struct environment i = instances_of((char[]){ "c5.large" }, CR_EC2, 64);
	struct consumable c = { .name = (char[]){ "licence" }, .total = 1 };
	struct queue q = queue_on(name_i);
	struct job job = job_of(1, name_q, 2);
	struct fact fact = fact_of(w, FACT_CONSUMABLE, 0);

	fact.consumable = &c;
	both(w, &fact);
	set_instances(w, (char[]){ "c5.large" }, CR_EC2, 64, 64);
	put(w, 9, name_q, 2);
	settle(w);
	i.refuse_until = w->now + 60 * MINUTE;
	say_env(w, &i);
	fact = fact_of(w, FACT_SUBMITTED, 1);
	fact.submitted = &job;
	job.consume_count = 1;
	job.consume[0] = (struct consume){ (char[]){ "licence" }, 2 };
	both(w, &fact);
	assert_string_equal(settle(w), "");
	c.total = 2;
	fact = fact_of(w, FACT_CONSUMABLE, 0);
	fact.consumable = &c;
	both(w, &fact);
	assert_string_equal(settle(w), "1 " CAPACITY("c5.large"));
	q.max_running = 1;
	say_queue(w, &q);
	assert_string_equal(settle(w), "1 -");
}

/* What Spot work gives back is on its way. */
static void BL_1_room_is_on_its_way(void **state)
{
	struct world *w = *state;
	struct fact fact = fact_of(w, FACT_STARTED, 1);

	set_instances(w, (char[]){ "c5.2xlarge" }, CR_SPOT, 64, 8);
	put(w, 1, name_q, 8);
	settle(w);
	assert_int_equal(status_of(w, 1), JOB_STARTING);
	fact.attempt = 1;
	both(w, &fact);
	put(w, 2, name_low, 4);
	assert_string_equal(settle(w), ""); /* job 1 was given notice */
	assert_int_equal(status_of(w, 2), JOB_RUNNABLE);
}

/* All nodes at once, or none (MNP-4). */
static void BL_1_multinode_job(void **state)
{
	struct world *w = *state;
	struct job job = job_of(10, name_q, 1);
	struct fact fact = fact_of(w, FACT_SUBMITTED, 10);

	job.kind = JOB_KIND_MULTINODE;
	job.size = 3;
	job.node_need_count = 1;
	job.node_need[0] = (struct node_need){ 0, 2, { 1000, 100, 0 } };
	fact.submitted = &job;
	set_instances(w, (char[]){ "c5.large" }, CR_EC2, 64, 8);
	put(w, 1, name_high, 4);
	settle(w);
	both(w, &fact);
	assert_string_equal(settle(w), "10 " CAPACITY("c5.large"));
	finish(w, 1, 1);
	assert_string_equal(settle(w), "");
	assert_int_equal(status_of(w, 10), JOB_STARTING);
	assert_int_equal(status_of(w, 11), JOB_STARTING);
}

static struct queue limited(enum blocked reason, int64_t ms)
{
	struct queue q = queue_on(name_a);

	q.limit_count = 1;
	q.limit[0] = (struct time_limit){ .reason = reason, .max_ms = ms };
	return q;
}

static void BL_1_time_limit(void **state)
{
	struct world *w = *state;
	struct queue q = limited(BLOCKED_MAX_RESOURCE, 10 * MINUTE);
	struct fact fact;

	say_queue(w, &q);
	put(w, 1, name_q, 5);
	put(w, 2, name_q, 6);
	put(w, 3, name_q, 1);
	assert_string_equal(settle(w), "1 " MAX_RESOURCE);
	assert_int_equal(sched_wakeup(w->s, w->now), w->now + 10 * MINUTE);
	w->now += 10 * MINUTE - 1;
	assert_string_equal(settle(w), "");
	w->now++;
	assert_true(sched_decide(w->s, w->now, &fact));
	assert_int_equal(fact.kind, FACT_FAILED);
	assert_int_equal(fact.job, 1);
	assert_string_equal(fact.reason, "Canceled by JobStateTimeLimit action due to reason: "
					 "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE");
	both(w, &fact);
	assert_string_equal(w->effect.status_reason, fact.reason);
	assert_int_equal(w->effect.to, JOB_FAILED);
	assert_string_equal(settle(w), "2 " MAX_RESOURCE); /* its clock begins now */
	w->now += 10 * MINUTE;
	assert_string_equal(settle(w), "");
	assert_int_equal(status_of(w, 2), JOB_COUNT);
	assert_int_equal(status_of(w, 3), JOB_STARTING);
}

/* The clock begins anew with another reason, and does not run for one that has no action. */
static void BL_1_time_limit_counts_one_reason(void **state)
{
	struct world *w = *state;
	struct queue q = limited(BLOCKED_RESOURCE_REQUIREMENT, 10 * MINUTE);
	struct environment a = env_named(name_a, 4);

	say_queue(w, &q);
	put(w, 1, name_q, 10);
	assert_string_equal(settle(w), "1 " MAX_RESOURCE);
	assert_int_equal(sched_wakeup(w->s, w->now), JD_NEVER);
	w->now += 20 * MINUTE;
	assert_string_equal(settle(w), "");
	a.max_vcpus = 10;
	say_env(w, &a);
	assert_string_equal(settle(w), "1 " REQUIREMENT);
	assert_int_equal(sched_wakeup(w->s, w->now), w->now + 10 * MINUTE);
	w->now += 10 * MINUTE;
	settle(w);
	assert_int_equal(status_of(w, 1), JOB_COUNT);
}

/* ARR-6: the children that wait are cancelled, those that run go on. */
static void BL_1_time_limit_of_an_array(void **state)
{
	struct world *w = *state;
	struct queue q = limited(BLOCKED_MAX_RESOURCE, 10 * MINUTE);
	struct environment a = env_named(name_a, 4);

	say_queue(w, &q);
	put_array(w, 10, name_q, 4, 3);
	settle(w);
	a.max_vcpus = 3;
	say_env(w, &a);
	assert_string_equal(settle(w), "10 " MAX_RESOURCE);
	w->now += 10 * MINUTE;
	assert_string_equal(settle(w), "");
	assert_int_equal(status_of(w, 11), JOB_STARTING);
	assert_int_equal(status_of(w, 12), JOB_FAILED);
	finish(w, 11, 1);
	settle(w);
	assert_int_equal(status_of(w, 10), JOB_COUNT);
}

/* The row says what was said and since when: the clock goes on. */
static void BL_1_restart_goes_on(void **state)
{
	struct world *w = *state;
	struct queue q = limited(BLOCKED_INSUFFICIENT_CAPACITY, 10 * MINUTE);
	struct environment i = instances_of((char[]){ "c5.large" }, CR_EC2, 64);
	struct job job = job_of(1, name_q, 2);
	jd_time since = w->now - 9 * MINUTE;
	struct sched_queue_view view;

	set_instances(w, (char[]){ "c5.large" }, CR_EC2, 64, 64);
	i.refuse_until = w->now + 60 * MINUTE;
	say_env(w, &i);
	q.env[0] = name_i;
	say_queue(w, &q);
	job.status = JOB_RUNNABLE;
	job.status_reason = (char[]){ CAPACITY("c5.large") };
	job.blocked_since = since;
	assert_int_equal(submit_job(w, &job), 0);
	assert_true(sched_queue(w->s, "q", &view));
	assert_int_equal(view.blocked, BLOCKED_INSUFFICIENT_CAPACITY);
	assert_int_equal(view.blocked_since, since);
	assert_string_equal(decide(w), "");
	assert_int_equal(sched_wakeup(w->s, w->now), since + 10 * MINUTE);
	w->now += MINUTE;
	assert_string_equal(decide(w), "F1");
}

/* Since when is state: a restart must not lose it. */
static void BL_1_since_is_part_of_the_state(void **state)
{
	struct world *w = *state;
	struct job job = job_of(1, name_low, 5);
	struct sched *other = sched_clone(w->s);
	struct fact fact = fact_of(w, FACT_SUBMITTED, 1);

	job.status = JOB_RUNNABLE;
	job.status_reason = (char[]){ MAX_RESOURCE };
	job.blocked_since = w->now - MINUTE;
	fact.submitted = &job;
	assert_int_equal(apply(w, &fact), 0);
	job.blocked_since++;
	assert_int_equal(sched_apply(other, &fact, NULL, NULL), 0);
	assert_int_not_equal(sched_hash(w->s), sched_hash(other));
	sched_free(other);
}

/* On restart the children that live come back after what was said of their array. */
static void BL_1_restart_of_an_array(void **state)
{
	struct world *w = *state;
	struct job job = job_of(10, name_low, 5);
	struct fact fact = fact_of(w, FACT_PLACED, 11);
	struct sched_queue_view view;

	job.kind = JOB_KIND_ARRAY;
	job.size = 3;
	job.status = JOB_PENDING;
	job.outcome = (char[]){ ".  " };
	job.status_reason = (char[]){ MAX_RESOURCE };
	job.blocked_since = w->now;
	assert_int_equal(submit_job(w, &job), 0);
	job = job_of(11, name_low, 5);
	job.kind = JOB_KIND_CHILD;
	job.parent = 10;
	job.status = JOB_STARTING;
	job.attempt = 1;
	assert_int_equal(submit_job(w, &job), 0);
	fact.at = w->now - MINUTE;
	fact.attempt = 1;
	fact.placed.env = name_a;
	assert_int_equal(apply(w, &fact), 0);
	assert_string_equal(settle_without_replay(w), "");
	assert_true(sched_queue(w->s, "low", &view));
	assert_int_equal(view.blocked, BLOCKED_MAX_RESOURCE);
	assert_int_equal(view.blocked_since, w->now);
}

static void trap_25_en_dash(void **state)
{
	struct world *w = *state;
	struct fact fact = fact_of(w, FACT_BLOCKED, 1);
	struct sched_queue_view view;

	put(w, 1, name_low, 5);
	settle(w);
	assert_int_equal(tell(w, FACT_BLOCKED, 1, NULL), 0);
	fact.reason = "MISCONFIGURATION:SERVICE_ROLE_PERMISSIONS \xe2\x80\x93 Batch service role "
		      "has a permission issue.";
	assert_int_equal(apply(w, &fact), 0);
	assert_string_equal(w->effect.status_reason, fact.reason);
	assert_true(sched_queue(w->s, "low", &view));
	assert_int_equal(view.blocked, BLOCKED_SERVICE_ROLE);
}

static void what_cannot_be_is_refused(void **state)
{
	struct world *w = *state;

	put(w, 1, name_low, 5);
	put(w, 2, name_low, 1);
	put(w, 3, name_high, 1);
	settle(w);
	assert_refused(tell(w, FACT_BLOCKED, 99, NULL), w, ERR_NOT_FOUND);
	assert_refused(tell(w, FACT_BLOCKED, 2, NULL), w, ERR_CONFLICT);
	assert_refused(tell(w, FACT_BLOCKED, 2, UNDETERMINED), w, ERR_CONFLICT);
	assert_refused(tell(w, FACT_BLOCKED, 3, UNDETERMINED), w, ERR_CONFLICT);
	assert_refused(tell(w, FACT_BLOCKED, 1, "for no reason"), w, ERR_INVALID);
	assert_refused(tell(w, FACT_BLOCKED, 1, "UNDETERMINEDLY so"), w, ERR_INVALID);
}

#undef T
#define T(name) cmocka_unit_test_setup_teardown(name, set_up_replay, tear_down_replay)

int main(void)
{
	/* clang-format off */
	const struct CMUnitTest tests[] = {
		T(BL_1_vcpus_above_every_maximum),
		T(BL_1_all_environments_invalid),
		T(BL_1_no_allowed_type_is_large_enough),
		T(BL_1_pool_smaller_than_every_type),
		T(BL_1_pool_is_short),
		T(BL_1_drill_refuses_capacity),
		T(BL_1_spot_price),
		T(BL_1_drill_blocks_the_queue),
		T(BL_1_undetermined_behind_kept_instances),
		T(BL_1_normal_waiting_is_not_blocked),
		T(BL_1_instance_is_coming),
		T(BL_1_only_the_head_and_then_the_next),
		T(BL_1_no_more_the_head),
		T(BL_1_arrays),
		T(BL_1_array_that_stays_blocked_is_told_anew),
		T(BL_1_array_is_at_the_front_anew_for_each_child),
		T(BL_1_another_type),
		T(BL_1_child_of_an_array_that_is_held),
		T(BL_1_limits_and_consumables_come_first),
		T(BL_1_room_is_on_its_way),
		T(BL_1_multinode_job),
		T(BL_1_since_is_part_of_the_state),
		T(BL_1_restart_of_an_array),
		T(BL_1_time_limit),
		T(BL_1_time_limit_counts_one_reason),
		T(BL_1_time_limit_of_an_array),
		T(BL_1_restart_goes_on),
		T(trap_25_en_dash),
		T(what_cannot_be_is_refused),
	};
	/* clang-format on */

	return cmocka_run_group_tests_name("sched_blocked", tests, NULL, NULL);
}
