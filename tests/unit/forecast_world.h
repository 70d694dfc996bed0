#ifndef FORECAST_WORLD_H
#define FORECAST_WORLD_H
#include "sched_world.h"
#include "jobdeck/base/json.h"
#include "jobdeck/sim/forecast.h"

/* Forecasts in the small world of sched_world.h. */

/* `count` jobs of 10 s to one queue, the n-th `every` ms after the one before it. */
struct jobs {
	struct world *w;
	int count, made;
	int64_t every, duration;
	char *queue;
	int vcpus;
	struct job job;
	const struct job *list; /* instead of `count` plain ones: these, with their own keys */
};

static inline int next_job(void *arg, int64_t key, struct forecast_arrival *out, struct err *err)
{
	struct jobs *j = arg;

	(void)err;
	if (j->made == j->count)
		return 0;
	j->job = j->list ? j->list[j->made] : job_of(key, j->queue, j->vcpus);
	*out = (struct forecast_arrival){ .at = j->w->now + j->every * j->made++, .job = &j->job };
	return 1;
}

static inline int64_t its_duration(void *arg, int64_t job, int attempt)
{
	const struct jobs *j = arg;

	(void)job;
	(void)attempt;
	return j->duration;
}

static inline struct forecast_options options_of(struct world *w, struct jobs *j)
{
	j->w = w;
	j->queue = j->queue ? j->queue : name_low;
	j->duration = j->duration ? j->duration : 10000;
	j->vcpus = j->vcpus ? j->vcpus : 1;
	return (struct forecast_options){ .sched = sched_clone(w->s),
					  .start = w->now,
					  .next_key = 1000,
					  .source = { .next = next_job, .duration_ms = its_duration, .arg = j },
					  .never_max = 5 };
}

static inline cJSON *finish(struct forecast *f, int64_t piece)
{
	struct err err = { 0 };
	cJSON *report;
	int rc;

	while ((rc = forecast_go(f, piece, &err)) > 0)
		;
	assert_int_equal(rc, 0);
	report = forecast_report(f);
	forecast_free(f);
	return report;
}

static inline cJSON *forecast(struct world *w, struct jobs *j)
{
	struct forecast_options o = options_of(w, j);

	return finish(forecast_new(&o), 1000000);
}

static inline void assert_near(double a, double b)
{
	assert_true(a > b - 1e-9 && a < b + 1e-9);
}

#endif
