/* A forecast of a workload file, made in this process: the world is what the API says of it, so
 * it works with whatever answers the API, and nobody else waits for it. */
#include "config.h"
#include <string.h>
#include <uthash.h>
#include "forecast.h"
#include "jobdeck/api/whatif.h"
#include "jobdeck/api/workload.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/settings.h"
#include "jobdeck/model/arn.h"
#include "list.h"

#if defined(__GNUC__) && !defined(__clang__)
/* uthash reaches its elements by offsets, where gcc's analyser loses sight of them. */
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

enum { OTHERWISE_MS = 60000, PIECE = 100000, NEVER_MAX = 20, RUNS_LOOKED_AT = 100 };

/* Definitions by name, and past runs by queue, definition and name, asked for once each. */
struct known {
	char *key;
	cJSON *definition;
	int64_t ms, runs; /* of runs: their median */
	int64_t jobs;	  /* lines of the file that it answered for */
	UT_hash_handle hh;
};

struct file_forecast {
	struct cmd_run *r;
	const struct forecast_ask *ask;
	struct known *definitions, *runs;
	struct workload *workload;
	int64_t from_file, otherwise; /* lines whose duration the file says; and nobody */
	cJSON *jobs;
};

static struct known *known_find(struct known *all, const char *key)
{
	struct known *k;

	HASH_FIND_STR(all, key, k);
	return k;
}

static struct known *known_add(struct known **all, const char *key)
{
	struct known *k = xcalloc(1, sizeof *k);

	k->key = xstrdup(key);
	HASH_ADD_KEYPTR(hh, *all, k->key, strlen(k->key), k);
	return k;
}

static void known_free(struct known **all)
{
	struct known *k, *next;

	HASH_ITER(hh, *all, k, next) {
		HASH_DEL(*all, k); /* NOLINT(clang-analyzer-unix.Malloc): uthash's walk is safe */
		cJSON_Delete(k->definition);
		free(k->key);
		free(k);
	}
}

/* ---- what the workload asks for */

static bool has_revision(const char *name)
{
	const char *colon = strrchr(name, ':');

	return colon && colon[1] && !colon[1 + strspn(colon + 1, "0123456789")];
}

/* "NAME:REVISION" and ARNs by their own, a bare name as its latest ACTIVE revision (JD-1). */
static cJSON *describe_definition(struct cmd_run *r, const char *name, struct err *err)
{
	cJSON *in = cJSON_CreateObject(), *found = NULL, *item;
	cJSON *list cleanup_json = NULL;

	if (has_revision(name) || strncmp(name, "arn:", 4) == 0) {
		json_add(in, "jobDefinitions", cJSON_CreateStringArray(&name, 1));
	} else {
		json_add_str(in, "jobDefinitionName", name);
		json_add_str(in, "status", "ACTIVE");
	}
	list = list_all(r, "DescribeJobDefinitions", in, "jobDefinitions", 0, NULL, err);
	cJSON_ArrayForEach(item, list) {
		if (!found || json_int(item, "revision", 0) > json_int(found, "revision", 0))
			found = item;
	}
	if (list && !found)
		err_set(err, ERR_NOT_FOUND, _("there is no job definition %s"), name);
	return found ? cJSON_DetachItemViaPointer(list, found) : NULL;
}

static const cJSON *definition(void *arg, const char *name, struct err *err)
{
	struct file_forecast *f = arg;
	struct known *k = known_find(f->definitions, name);
	cJSON *found;

	if (k)
		return k->definition;
	found = describe_definition(f->r, name, err);
	if (!found)
		return NULL;
	k = known_add(&f->definitions, name);
	k->definition = found;
	return found;
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Of the newest jobs of a definition in a queue those that ended well; of this name, if any. */
static void look_at_runs(const cJSON *list, const char *name, struct known *k)
{
	int64_t ms[2][RUNS_LOOKED_AT];
	int n[2] = { 0, 0 };
	const cJSON *job;

	cJSON_ArrayForEach(job, list) {
		int64_t started = json_int(job, "startedAt", 0);
		int64_t stopped = json_int(job, "stoppedAt", 0);
		bool same = name && strcmp(json_str_or(job, "jobName", ""), name) == 0;

		if (strcmp(json_str_or(job, "status", ""), "SUCCEEDED") != 0 || !started ||
		    stopped < started || n[0] == RUNS_LOOKED_AT)
			continue;
		ms[0][n[0]++] = stopped - started;
		if (same)
			ms[1][n[1]++] = stopped - started;
	}
	k->runs = n[1] ? n[1] : n[0];
	if (!k->runs)
		return;
	qsort(ms[n[1] > 0], (size_t)k->runs, sizeof ms[0][0], by_size);
	k->ms = ms[n[1] > 0][(k->runs - 1) / 2];
}

/* A queue or definition that nobody knows has no runs; the scheduler will say what is wrong. */
static struct known *ask_history(struct file_forecast *f, const char *key, const char *queue,
				 const char *definition_name, const char *name)
{
	struct known *k = known_add(&f->runs, key);
	cleanup_free char *base =
		xstrndup(definition_name, strcspn(definition_name, ":"));
	cJSON *in = cJSON_CreateObject(), *filters = cJSON_AddArrayToObject(in, "filters");
	cJSON *filter = cJSON_CreateObject(), *list cleanup_json = NULL;
	const char *value = base;

	json_add_str(in, "jobQueue", queue);
	json_add_str(filter, "name", "JOB_DEFINITION");
	json_add(filter, "values", cJSON_CreateStringArray(&value, 1));
	cJSON_AddItemToArray(filters, filter);
	list = list_all(f->r, "ListJobs", in, "jobSummaryList", RUNS_LOOKED_AT, NULL, NULL);
	look_at_runs(list, name, k);
	return k;
}

static int64_t duration(void *arg, const cJSON *line, struct err *err)
{
	struct file_forecast *f = arg;
	const char *queue = json_str(line, "jobQueue"), *name = json_str(line, "jobName");
	const char *its = json_str(line, "jobDefinition");
	cleanup_free char *key = NULL;
	struct known *k;

	(void)err;
	if (f->ask->duration_ms < 0 && queue && its && strncmp(its, "arn:", 4) != 0) {
		key = xasprintf("%s\t%s\t%s", queue, its, name ? name : "");
		k = known_find(f->runs, key);
		k = k ? k : ask_history(f, key, queue, its, name);
		k->jobs++;
		if (k->runs)
			return k->ms;
	}
	f->otherwise++;
	return f->ask->duration_ms >= 0 ? f->ask->duration_ms : OTHERWISE_MS;
}

/* ---- the world */

static int add_all(struct file_forecast *f, struct whatif *w, const char *op, const char *member,
		   enum whatif_kind kind, struct err *err)
{
	cJSON *list cleanup_json = list_all(f->r, op, NULL, member, 0, NULL, err);

	while (list && list->child) {
		if (whatif_add(w, kind, cJSON_DetachItemViaPointer(list, list->child), 0, err) < 0)
			return -1;
	}
	return list ? 0 : -1;
}

/* Policies are described by ARN, consumables one by one. */
static int add_policies(struct file_forecast *f, struct whatif *w, struct err *err)
{
	cJSON *names cleanup_json = list_all(f->r, "ListSchedulingPolicies", NULL,
					     "schedulingPolicies", 0, NULL, err);
	const cJSON *item;

	cJSON_ArrayForEach(item, names) {
		const char *arn = json_str_or(item, "arn", "");
		cJSON *in = cJSON_CreateObject(), *out cleanup_json = NULL, *list;

		json_add(in, "arns", cJSON_CreateStringArray(&arn, 1));
		out = client_wait(f->r->client, "DescribeSchedulingPolicies", in, err);
		list = cJSON_GetObjectItemCaseSensitive(out, "schedulingPolicies");
		if (!out || (list && list->child &&
			     whatif_add(w, WHATIF_POLICY,
					cJSON_DetachItemViaPointer(list, list->child), 0, err) < 0))
			return -1;
	}
	return names ? 0 : -1;
}

static int add_consumables(struct file_forecast *f, struct whatif *w, struct err *err)
{
	cJSON *list cleanup_json = list_all(f->r, "ListConsumableResources", NULL,
					    "consumableResources", 0, NULL, err);
	const cJSON *item;

	cJSON_ArrayForEach(item, list) {
		cJSON *detail = cJSON_CreateObject();

		json_add_copy(detail, "consumableResourceName",
			      json_get(item, "consumableResourceName"));
		json_add_copy(detail, "resourceType", json_get(item, "resourceType"));
		json_add_copy(detail, "totalQuantity", json_get(item, "totalQuantity"));
		if (whatif_add(w, WHATIF_CONSUMABLE, detail, 0, err) < 0)
			return -1;
	}
	return list ? 0 : -1;
}

/* AWS has as much as anybody wants. */
static struct resources pool_of(struct file_forecast *f)
{
	cJSON *status cleanup_json = client_wait(f->r->client, "JobdeckStatus", NULL, NULL);
	const cJSON *pool = json_get(status, "pool");

	if (!pool)
		return (struct resources){ INT64_C(1000000000000), INT64_C(1000000000000), 1 << 30 };
	return (struct resources){ (int64_t)(json_num(pool, "vcpus", 0) * 1000),
				   json_int(pool, "memory", 0), (int32_t)json_int(pool, "gpus", 0) };
}

static struct whatif *make_world(struct file_forecast *f, struct err *err)
{
	struct resources pool = pool_of(f);
	struct sched_settings settings;
	struct settings s;
	struct whatif *w;
	const char *change;
	int rc;

	if (settings_load(f->r->home->config, &s, err))
		return NULL;
	settings = (struct sched_settings){
		.idle_ms = s.idle_seconds * 1000,
		.launch_ms = s.launch_seconds * 1000,
		.launch_failure_percent = (int)s.launch_failure_percent,
		.memory_reserve_milli = (int)(s.memory_reserve_percent * 10 + 0.5),
		.next_instance = 1
	};
	w = whatif_new(&pool, &settings);
	rc = add_policies(f, w, err) < 0 || add_consumables(f, w, err) < 0 ||
			     add_all(f, w, "DescribeComputeEnvironments", "computeEnvironments",
				     WHATIF_ENVIRONMENT, err) < 0 ||
			     add_all(f, w, "DescribeJobQueues", "jobQueues", WHATIF_QUEUE, err) < 0 ?
		     -1 :
		     0;
	for (int i = 0; rc == 0 && (change = cmd_value_at(f->r, "set", i)); i++)
		rc = whatif_set(w, change, err);
	if (rc == 0)
		return w;
	whatif_free(w);
	return NULL;
}

/* ---- the forecast */

static void on_job(void *arg, const struct forecast_job *job)
{
	struct file_forecast *f = arg;
	cJSON *out = cJSON_CreateObject();

	workload_describe(f->workload, job->key, out);
	json_add_str(out, "jobQueue", job->queue);
	json_add_str(out, "shareIdentifier", job->share);
	json_add_str(out, "status", job_status_name(job->status));
	json_add_int(out, "createdAt", job->arrived);
	if (job->started)
		json_add_int(out, "startedAt", job->started);
	json_add_int(out, "stoppedAt", job->ended);
	cJSON_AddItemToArray(f->jobs, out);
}

static void describe(void *arg, int64_t key, cJSON *into)
{
	const struct file_forecast *f = arg;

	workload_describe(f->workload, key, into);
}

static void name_job(void *arg, int64_t key, char *out, size_t size)
{
	const struct file_forecast *f = arg;
	cJSON *what cleanup_json = cJSON_CreateObject();

	workload_describe(f->workload, key, what);
	snprintf(out, size, _("line %lld (%.40s)"), (long long)json_int(what, "line", 0),
		 json_str_or(what, "jobName", "-"));
}

static void add_source(cJSON *list, const char *source, int64_t jobs)
{
	cJSON *out = cJSON_CreateObject();

	if (!jobs) {
		cJSON_Delete(out);
		return;
	}
	json_add_str(out, "source", source);
	json_add_int(out, "lines", jobs);
	cJSON_AddItemToArray(list, out);
}

/* Where durations came from, and by how many runs. */
static cJSON *durations(struct file_forecast *f)
{
	cJSON *list = cJSON_CreateArray();

	for (const struct known *k = f->runs; k; k = k->hh.next) {
		const char *its = k->key + strcspn(k->key, "\t") + 1;
		size_t len = strcspn(its, "\t");
		const char *name = its + len + 1;
		cleanup_free char *def = xstrndup(its, len);
		cJSON *out;

		if (!k->runs)
			continue;
		out = cJSON_CreateObject();
		json_add_str(out, "source", "HISTORY");
		json_add_str(out, "jobDefinition", def);
		json_add_str(out, "jobName", *name ? name : NULL);
		cJSON_AddNumberToObject(out, "durationSeconds", (double)k->ms / 1000);
		json_add_int(out, "runs", k->runs);
		json_add_int(out, "lines", k->jobs);
		cJSON_AddItemToArray(list, out);
	}
	add_source(list, f->ask->duration_ms >= 0 ? "REQUEST" : "NONE", f->otherwise);
	return list;
}

static cJSON *report_of(struct file_forecast *f, struct forecast *forecast)
{
	cJSON *report = forecast_report(forecast), *changes = cJSON_CreateArray();
	const char *change;

	for (int i = 0; (change = cmd_value_at(f->r, "set", i)); i++)
		cJSON_AddItemToArray(changes, cJSON_CreateString(change));
	json_add(report, "durations", durations(f));
	json_add(report, "changes", changes);
	if (f->ask->jobs)
		json_add(report, "jobList", STEAL_PTR(f->jobs));
	return report;
}

static cJSON *go(struct file_forecast *f, struct forecast *forecast, struct err *err)
{
	struct forecast_meter meter = { 0 };
	struct forecast_progress p;
	int rc;

	while ((rc = forecast_go(forecast, PIECE, err)) > 0) {
		forecast_progress(forecast, &p);
		forecast_meter(&meter, p.ended, p.now - p.start,
			       workload_position(f->workload), workload_size(f->workload));
	}
	forecast_meter_end(&meter);
	return rc < 0 ? NULL : report_of(f, forecast);
}

static cJSON *make(struct file_forecast *f, const struct whatif *w, struct err *err)
{
	struct forecast_options o = { .sched = sched_new(),
				      .start = workload_start(f->workload),
				      .next_key = 1,
				      .source = { workload_next, workload_settle,
						  workload_duration, workload_exit_code,
						  workload_ended, f->workload },
				      .seed = (uint64_t)f->ask->seed,
				      .spread_percent = (int)f->ask->spread,
				      .ended = f->ask->jobs ? on_job : NULL,
				      .ended_arg = f,
				      .never_max = NEVER_MAX,
				      .describe = describe,
				      .name = name_job,
				      .describe_arg = f };
	struct forecast *forecast;
	cJSON *report;

	if (whatif_tell(w, o.sched, o.start, false, err) < 0) {
		sched_free(o.sched);
		return NULL;
	}
	forecast = forecast_new(&o);
	report = go(f, forecast, err);
	forecast_free(forecast);
	return report;
}

cJSON *forecast_file(struct cmd_run *r, const char *path, const struct forecast_ask *ask,
		     struct err *err)
{
	struct file_forecast f = { .r = r, .ask = ask, .jobs = cJSON_CreateArray() };
	struct workload_source source = { definition, duration, &f };
	struct whatif *w = make_world(&f, err);
	cJSON *report = NULL;

	if (w)
		f.workload = workload_open(path, time_wall(), &source, err);
	if (f.workload)
		report = make(&f, w, err);
	workload_close(f.workload);
	whatif_free(w);
	known_free(&f.definitions);
	known_free(&f.runs);
	cJSON_Delete(f.jobs);
	return report;
}
