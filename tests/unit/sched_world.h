#ifndef SCHED_WORLD_H
#define SCHED_WORLD_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "jobdeck/base/mem.h"
#include "jobdeck/model/reason.h"
#include "jobdeck/sched/core.h"

/* A small world: machine of 8 vCPU and 8000 MiB, environments "a" (4 vCPU) and "b" (8),
 * queues "high" (priority 10; a, b) and "low" (priority 1; a). */
struct world {
	struct sched *s;
	jd_time now;
	struct fact_effect effect; /* of the last fact applied */
	struct err err;
	/* Told of every fact that was taken, and of what it did; or NULL. */
	void (*seen)(struct world *w, const struct fact *fact);
	struct rows *rows; /* sched_rows.h */
};

static inline struct fact fact_of(const struct world *w, enum fact_kind kind, int64_t job)
{
	return (struct fact){.kind = kind, .at = w->now, .job = job};
}

static inline int apply(struct world *w, const struct fact *fact)
{
	memset(&w->effect, 0, sizeof w->effect);
	memset(&w->err, 0, sizeof w->err);
	if (sched_apply(w->s, fact, &w->effect, &w->err))
		return -1;
	if (w->seen)
		w->seen(w, fact);
	return 0;
}

static inline int put_pool(struct world *w, int64_t vcpus, int64_t memory, int gpus)
{
	struct fact fact = fact_of(w, FACT_POOL, 0);

	fact.pool = (struct resources){vcpus * 1000, memory, gpus};
	return apply(w, &fact);
}

static inline struct environment env_named(char *name, int max)
{
	return (struct environment){
	    .name = name, .state = STATE_ENABLED, .status = STATUS_VALID, .max_vcpus = max};
}

static inline int put_env(struct world *w, const struct environment *env)
{
	struct fact fact = fact_of(w, FACT_ENVIRONMENT, 0);

	fact.environment = env;
	return apply(w, &fact);
}

static inline struct queue queue_named(char *name, int priority)
{
	return (struct queue){
	    .name = name, .state = STATE_ENABLED, .status = STATUS_VALID, .priority = priority};
}

static inline int put_queue(struct world *w, const struct queue *q)
{
	struct fact fact = fact_of(w, FACT_QUEUE, 0);

	fact.queue = q;
	return apply(w, &fact);
}

static char name_a[] = "a", name_b[] = "b", name_high[] = "high", name_low[] = "low";

static inline int set_up(void **state)
{
	struct world *w = xcalloc(1, sizeof *w);
	struct environment a = env_named(name_a, 4), b = env_named(name_b, 8);
	struct queue high = queue_named(name_high, 10), low = queue_named(name_low, 1);

	w->s = sched_new();
	w->now = 1000000;
	high.env_count = 2;
	high.env[0] = low.env[0] = name_a;
	high.env[1] = name_b;
	low.env_count = 1;
	*state = w;
	return put_pool(w, 8, 8000, 0) || put_env(w, &a) || put_env(w, &b) || put_queue(w, &high) ||
	       put_queue(w, &low);
}

static inline int tear_down(void **state)
{
	struct world *w = *state;

	sched_free(w->s);
	free(w);
	return 0;
}

static inline struct job job_of(int64_t key, char *queue, int vcpus)
{
	return (struct job){
	    .key = key, .queue = queue, .need = {vcpus * 1000, 100, 0}, .retry = {.attempts = 1}};
}

static inline int submit_job(struct world *w, const struct job *job)
{
	struct fact fact = fact_of(w, FACT_SUBMITTED, job->key);

	fact.submitted = job;
	return apply(w, &fact);
}

static inline void submit(struct world *w, int64_t key, char *queue, int vcpus)
{
	struct job job = job_of(key, queue, vcpus);

	assert_int_equal(submit_job(w, &job), 0);
}

static inline void submit_after(struct world *w, int64_t key, int64_t *depends, size_t count)
{
	struct job job = job_of(key, name_high, 1);
	struct dependency list[20];

	for (size_t i = 0; i < count; i++)
		list[i] = (struct dependency){.job = depends[i]};
	job.depends = list;
	job.depends_count = count;
	assert_int_equal(submit_job(w, &job), 0);
}

/* Instances are written with their types ("L1c5.large U1 P1a@1"), environments by name ("V0a"),
 * parents with what they become ("E1SUCCEEDED"). */
static inline int64_t subject_of(const struct fact *fact)
{
	switch (fact->kind) {
	case FACT_INSTANCE_LAUNCHED:
		return fact->instance->key;
	case FACT_INSTANCE_UP:
	case FACT_INSTANCE_RECLAIMED:
	case FACT_INSTANCE_TERMINATED:
		return fact->instance_key;
	default:
		return fact->job;
	}
}

static inline const char *place_of(const struct fact *fact)
{
	static char text[100];

	if (fact->kind == FACT_INSTANCE_LAUNCHED)
		return fact->instance->type;
	if (fact->kind == FACT_ENVIRONMENT_STATUS)
		return fact->environment_status.name;
	if (fact->kind == FACT_ROLLED_UP)
		return job_status_name(fact->rolled_up.to);
	if (fact->kind != FACT_PLACED)
		return "";
	if (!fact->placed.instance)
		return fact->placed.env;
	snprintf(text, sizeof text, "%s@%d", fact->placed.env, (int)fact->placed.instance);
	return text;
}

/* Applies decisions until there are none and writes them down: "R1 P1a R2"; without BLOCKED,
 * which test_sched_blocked looks at. */
static inline const char *decide(struct world *w)
{
	static char text[1000];
	static const char letter[FACT_COUNT] = {[FACT_PENDING] = 'W',
						[FACT_RUNNABLE] = 'R',
						[FACT_PLACED] = 'P',
						[FACT_STOPPING] = 'S',
						[FACT_FAILED] = 'F',
						[FACT_ROLLED_UP] = 'E',
						[FACT_NODE_START] = 'B',
						[FACT_RELEASED] = 'D',
						[FACT_INSTANCE_LAUNCHED] = 'L',
						[FACT_INSTANCE_UP] = 'U',
						[FACT_INSTANCE_RECLAIMED] = 'N',
						[FACT_INSTANCE_TERMINATED] = 'X',
						[FACT_ENVIRONMENT_STATUS] = 'V'};
	struct fact fact;
	size_t n = 0;

	text[0] = '\0';
	while (sched_decide(w->s, w->now, &fact)) {
		if (n < sizeof text && letter[fact.kind]) /* long ones are cut: nobody compares them */
			n += (size_t)snprintf(text + n, sizeof text - n, "%s%c%d%s", n ? " " : "",
					      letter[fact.kind], (int)subject_of(&fact),
					      place_of(&fact));
		assert_int_equal(fact.at, w->now);
		assert_int_equal(apply(w, &fact), 0);
	}
	return text;
}

static inline int start(struct world *w, int64_t key, int attempt)
{
	struct fact fact = fact_of(w, FACT_STARTED, key);

	fact.attempt = attempt;
	return apply(w, &fact);
}

static inline int end_with(struct world *w, int64_t key, int attempt, int exit_code,
			   const char *reason)
{
	struct fact fact = fact_of(w, FACT_ENDED, key);

	fact.attempt = attempt;
	fact.ended.exit_code = exit_code;
	fact.ended.status_reason = REASON_EXITED;
	fact.ended.reason = reason;
	return apply(w, &fact);
}

static inline void run(struct world *w, int64_t key, int attempt, int exit_code)
{
	assert_int_equal(start(w, key, attempt), 0);
	assert_int_equal(end_with(w, key, attempt, exit_code, NULL), 0);
}

static inline int tell(struct world *w, enum fact_kind kind, int64_t key, const char *reason)
{
	struct fact fact = fact_of(w, kind, key);

	fact.reason = reason;
	return apply(w, &fact);
}

static inline enum job_status status_of(struct world *w, int64_t key)
{
	struct sched_job_view view;

	return sched_job(w->s, key, &view) ? view.status : JOB_COUNT;
}

#define assert_effect(w, was, is)                              \
	do {                                                   \
		assert_true((w)->effect.changed);              \
		assert_int_equal((w)->effect.from, JOB_##was); \
		assert_int_equal((w)->effect.to, JOB_##is);    \
	} while (0)
#define assert_refused(rc, w, kind_)                         \
	do {                                                 \
		uint64_t hash_ = sched_hash((w)->s);         \
		assert_int_equal((rc), -1);                  \
		assert_int_equal((w)->err.kind, (kind_));    \
		assert_true((w)->err.text[0]);               \
		assert_int_equal(sched_hash((w)->s), hash_); \
	} while (0)

static inline void assert_why(struct world *w, int64_t key, const char *expected)
{
	char line[200];

	sched_explain(w->s, key, line, sizeof line);
	assert_string_equal(line, expected);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
