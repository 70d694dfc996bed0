/* JobdeckForecast: what will become of the jobs that are there, with the environments as they are
 * or as somebody would like to try them. It works on a copy of the scheduler, a few
 * milliseconds at a time, so that nobody else has to wait; the client asks again until it is
 * done, and a forecast that nobody asks for any more is forgotten. */
#include "config.h"
#include <stdio.h>
#include "jobdeck/sim/forecast.h"
#include "guess.h"
#include "internal.h"
#include "whatif.h"

enum {
	PIECE = 2000, /* facts at a time: a few milliseconds */
	WAIT_MS = 1000,
	ABANDONED_MS = 30000,
	FORECASTS_MAX = 4,
	NEVER_MAX = 20,
};

struct forecast_run {
	struct api *api;
	int64_t id;
	struct forecast *forecast;
	struct guess *guess;
	struct loop_timer *timer;
	struct api_call *waiting; /* or NULL */
	int64_t deadline;	  /* monotonic: of the call that waits */
	cJSON *jobs, *changes;
	int jobs_max;
	int64_t *wanted; /* keys of jobs that were asked for by id */
	int wanted_count;
	struct forecast_run *next;
};

static void run_free(struct forecast_run *r)
{
	struct forecast_run **link = &r->api->forecasts;

	while (*link && *link != r)
		link = &(*link)->next;
	if (*link)
		*link = r->next;
	forecast_free(r->forecast);
	guess_free(r->guess);
	loop_timer_free(r->timer);
	cJSON_Delete(r->jobs);
	cJSON_Delete(r->changes);
	free(r->wanted);
	free(r);
}

void forecast_stop_all(struct api *a)
{
	while (a->forecasts)
		run_free(a->forecasts);
}

static void forget(struct api_call *c)
{
	struct forecast_run *r = c->wait;

	c->wait = NULL;
	c->forget = NULL;
	run_free(r);
}

/* The call goes, the forecast stays. */
static struct api_call *let_go(struct forecast_run *r)
{
	struct api_call *c = r->waiting;

	r->waiting = NULL;
	c->wait = NULL;
	c->forget = NULL;
	return c;
}

/* ---- who is who */

static void describe(void *arg, int64_t key, cJSON *into)
{
	const struct forecast_run *r = arg;
	struct job *job = engine_job(r->api->engine, key, NULL);

	json_add_str(into, "jobId", job ? job->id : NULL);
	json_add_str(into, "jobName", job ? job->name : NULL);
	job_free(job);
}

static void name_job(void *arg, int64_t key, char *out, size_t size)
{
	const struct forecast_run *r = arg;
	struct job *job = engine_job(r->api->engine, key, NULL);

	if (job)
		snprintf(out, size, "%s (%.40s)", job->id, job->name);
	else
		snprintf(out, size, "job %lld", (long long)key);
	job_free(job);
}

static bool is_wanted(const struct forecast_run *r, int64_t key)
{
	for (int i = 0; i < r->wanted_count; i++) {
		if (r->wanted[i] == key)
			return true;
	}
	return !r->wanted_count && cJSON_GetArraySize(r->jobs) < r->jobs_max;
}

/* Ids are looked up when it is over: most are not asked for. */
static void on_job(void *arg, const struct forecast_job *job)
{
	const struct forecast_run *r = arg;
	cJSON *out;

	if (!is_wanted(r, job->key))
		return;
	out = cJSON_CreateObject();
	json_add_int(out, "key", job->key);
	json_add_str(out, "jobQueue", job->queue);
	json_add_str(out, "shareIdentifier", job->share);
	json_add_str(out, "status", job_status_name(job->status));
	if (job->started)
		json_add_int(out, "startedAt", job->started);
	json_add_int(out, "stoppedAt", job->ended);
	cJSON_AddItemToArray(r->jobs, out);
}

static void add_ids(struct forecast_run *r)
{
	cJSON *job;

	cJSON_ArrayForEach(job, r->jobs) {
		int64_t key = json_int(job, "key", 0);

		cJSON_DeleteItemFromObjectCaseSensitive(job, "key");
		describe(r, key, job);
	}
}

/* ---- the work */

static void answer_done(struct forecast_run *r)
{
	struct api_call *c = let_go(r);

	cJSON_Delete(c->out);
	c->out = forecast_report(r->forecast);
	json_add_bool(c->out, "done", true);
	add_ids(r);
	if (r->jobs_max || r->wanted_count)
		json_add(c->out, "jobList", STEAL_PTR(r->jobs));
	json_add(c->out, "durations", guess_told(r->guess));
	json_add(c->out, "changes", STEAL_PTR(r->changes));
	run_free(r);
	call_answer(c, NULL);
}

static void answer_progress(struct forecast_run *r)
{
	struct api_call *c = let_go(r);
	struct forecast_progress p;

	forecast_progress(r->forecast, &p);
	json_add_bool(c->out, "done", false);
	json_add_int(c->out, "forecastId", r->id);
	json_add_int(c->out, "startsAt", p.start);
	json_add_int(c->out, "reached", p.now);
	json_add_int(c->out, "endedJobs", p.ended);
	json_add_int(c->out, "liveJobs", p.live);
	loop_timer_set(r->timer, ABANDONED_MS);
	call_answer(c, NULL);
}

static void on_timer(void *arg)
{
	struct forecast_run *r = arg;
	struct err err = { 0 };
	int rc;

	if (!r->waiting) {
		run_free(r);
		return;
	}
	rc = forecast_go(r->forecast, PIECE, &err);
	if (rc < 0) {
		struct api_call *c = let_go(r);

		run_free(r);
		call_answer(c, &err);
	} else if (rc == 0) {
		answer_done(r);
	} else if (time_mono() >= r->deadline) {
		answer_progress(r);
	} else {
		loop_timer_set(r->timer, 0);
	}
}

static void wait_for(struct forecast_run *r, struct api_call *c)
{
	r->waiting = c;
	r->deadline = time_mono() + json_int(c->in, "waitMs", WAIT_MS);
	c->wait = r;
	c->forget = forget;
	c->later = true;
	loop_timer_set(r->timer, 0);
}

/* ---- a new one */

struct collector {
	struct api_call *c;
	struct whatif *w;
	struct err *err;
};

static int add_environment(void *arg, const struct environment *e)
{
	struct collector *k = arg;

	return whatif_add(k->w, WHATIF_ENVIRONMENT, show_environment(k->c, e), e->generation,
			  k->err);
}

static int add_queue(void *arg, const struct queue *q)
{
	struct collector *k = arg;

	return whatif_add(k->w, WHATIF_QUEUE, show_queue(k->c, q), 0, k->err);
}

static int add_policy(void *arg, const struct policy *p)
{
	struct collector *k = arg;

	return whatif_add(k->w, WHATIF_POLICY, show_policy(k->c, p), 0, k->err);
}

static int add_consumable(void *arg, const struct consumable *c)
{
	struct collector *k = arg;
	cJSON *detail = cJSON_CreateObject();

	json_add_str(detail, "consumableResourceName", c->name);
	json_add_str(detail, "resourceType", consumable_type_name(c->type));
	json_add_int(detail, "totalQuantity", c->total);
	return whatif_add(k->w, WHATIF_CONSUMABLE, detail, 0, k->err);
}

static int collect(struct collector *k)
{
	struct store *st = k->c->store;

	return store_policies(st, add_policy, k, k->err) ||
			       store_consumables(st, add_consumable, k, k->err) ||
			       store_environments(st, add_environment, k, k->err) ||
			       store_queues(st, add_queue, k, k->err) ?
		       -1 :
		       0;
}

static int change(struct api_call *c, struct sched *copy, struct err *err)
{
	const struct sched *s = engine_sched(c->engine);
	const struct resources pool = sched_pool(s);
	const cJSON *set = json_get(c->in, "set"), *item;
	struct collector k = { .c = c, .err = err };
	int rc;

	if (!cJSON_GetArraySize(set))
		return 0;
	k.w = whatif_new(&pool, sched_settings(s));
	rc = collect(&k);
	cJSON_ArrayForEach(item, set) {
		if (rc == 0)
			rc = whatif_set(k.w, item->valuestring, err);
	}
	if (rc == 0)
		rc = whatif_tell(k.w, copy, engine_now(c->engine), true, err);
	whatif_free(k.w);
	return rc;
}

static int want_jobs(struct api_call *c, struct forecast_run *r, struct err *err)
{
	const cJSON *ids = json_get(c->in, "jobIds"), *id;

	r->jobs = cJSON_CreateArray();
	r->jobs_max = (int)json_int(c->in, "jobs", 0);
	r->wanted = xcalloc((size_t)cJSON_GetArraySize(ids) + 1, sizeof *r->wanted);
	cJSON_ArrayForEach(id, ids) {
		int64_t key = find_job_key(c, id->valuestring, err);

		if (key < 0)
			return -1;
		if (!key)
			return err_set(err, ERR_NOT_FOUND, "Job %.80s does not exist",
				       id->valuestring);
		r->wanted[r->wanted_count++] = key;
	}
	return 0;
}

static int begin(struct api_call *c, struct forecast_run *r, struct err *err)
{
	double seconds = json_num(c->in, "durationSeconds", -1);
	struct sched *copy;
	struct forecast_options o = { .start = engine_now(c->engine),
				      .next_key = INT64_MAX / 2,
				      .seed = (uint64_t)json_int(c->in, "seed", 1),
				      .spread_percent = (int)json_int(c->in, "spreadPercent", 0),
				      .ended = on_job,
				      .ended_arg = r,
				      .never_max = NEVER_MAX,
				      .describe = describe,
				      .name = name_job,
				      .describe_arg = r };

	r->guess = guess_new(c->store, seconds >= 0 ? (int64_t)(seconds * 1000) : -1);
	if (want_jobs(c, r, err) < 0 || guess_learn(r->guess, err) < 0)
		return -1;
	copy = sched_clone(engine_sched(c->engine));
	if (change(c, copy, err) < 0) {
		sched_free(copy);
		return -1;
	}
	o.sched = copy;
	o.source = (struct forecast_source){ .duration_ms = guess_duration, .arg = r->guess };
	r->forecast = forecast_new(&o);
	return 0;
}

static struct forecast_run *run_new(struct api_call *c, struct err *err)
{
	struct forecast_run *r;
	int n = 0;

	for (r = c->api->forecasts; r; r = r->next)
		n++;
	if (n >= FORECASTS_MAX) {
		err_set(err, ERR_CONFLICT, "%d forecasts are being made; try again when one is done",
			n);
		return NULL;
	}
	r = xcalloc(1, sizeof *r);
	r->api = c->api;
	r->id = ++c->api->forecast_last;
	r->timer = loop_timer(engine_loop(c->engine), on_timer, r);
	r->changes = cJSON_CreateArray();
	if (json_get(c->in, "set")) {
		cJSON_Delete(r->changes);
		r->changes = cJSON_Duplicate(json_get(c->in, "set"), 1);
	}
	r->next = c->api->forecasts;
	c->api->forecasts = r;
	return r;
}

static struct forecast_run *run_find(struct api_call *c, int64_t id, struct err *err)
{
	struct forecast_run *r = c->api->forecasts;

	while (r && r->id != id)
		r = r->next;
	if (!r)
		err_set(err, ERR_NOT_FOUND, "There is no forecast %lld", (long long)id);
	else if (r->waiting)
		err_set(err, ERR_CONFLICT, "Somebody else waits for forecast %lld", (long long)id);
	return r && !r->waiting ? r : NULL;
}

int op_jobdeck_forecast(struct api_call *c, struct err *err)
{
	int64_t id = json_int(c->in, "forecastId", 0);
	struct forecast_run *r = id ? run_find(c, id, err) : run_new(c, err);

	if (!r)
		return -1;
	if (!id && begin(c, r, err) < 0) {
		run_free(r);
		return -1;
	}
	wait_for(r, c);
	return 0;
}
