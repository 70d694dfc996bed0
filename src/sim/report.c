#include "config.h"
#include "book.h"
#include <string.h>
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"

/* The books as a report. */

static const double vcpu_hour = 1000.0 * 3600 * 1000; /* a thousandth of one for a ms is 1 */

static void add_num(cJSON *obj, const char *name, double n)
{
	cJSON_AddNumberToObject(obj, name, n);
}

static void add_seconds(cJSON *obj, const char *name, int64_t ms)
{
	add_num(obj, name, (double)ms / 1000);
}

static double ratio(double part, double whole)
{
	return whole > 0 ? part / whole : 0;
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* The smallest that at least so many per cent do not exceed. */
static int64_t percentile(const int64_t *sorted, size_t n, size_t percent)
{
	return sorted[(n * percent + 99) / 100 - 1];
}

static void add_waits(cJSON *list, const char *queue, const char *share, int64_t *wait, size_t n)
{
	cJSON *out = cJSON_CreateObject();

	json_add_str(out, "jobQueue", queue);
	json_add_str(out, "shareIdentifier", share);
	json_add_int(out, "jobs", (int64_t)n);
	if (n) {
		qsort(wait, n, sizeof *wait, by_size);
		add_seconds(out, "medianSeconds", percentile(wait, n, 50));
		add_seconds(out, "p95Seconds", percentile(wait, n, 95));
		add_seconds(out, "worstSeconds", wait[n - 1]);
	}
	cJSON_AddItemToArray(list, out);
}

/* A queue whole: the waits of all its lines together. */
static void add_queue(const struct book *b, cJSON *list, size_t first)
{
	cleanup_free int64_t *all = NULL;
	size_t n = 0, at = 0;

	for (size_t i = first; i < b->line_count; i++) {
		if (strcmp(b->line[i]->queue, b->line[first]->queue) == 0)
			n += b->line[i]->wait_count;
	}
	all = xreallocarray(NULL, n + 1, sizeof *all);
	for (size_t i = first; i < b->line_count; i++) {
		const struct book_line *line = b->line[i];

		if (strcmp(line->queue, b->line[first]->queue) != 0 || !line->wait_count)
			continue;
		memcpy(all + at, line->wait, line->wait_count * sizeof *all);
		at += line->wait_count;
	}
	add_waits(list, b->line[first]->queue, NULL, all, n);
}

static bool is_first_of_queue(const struct book *b, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (strcmp(b->line[k]->queue, b->line[i]->queue) == 0)
			return false;
	}
	return true;
}

static cJSON *waits(const struct book *b)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < b->line_count; i++) {
		if (!is_first_of_queue(b, i))
			continue;
		add_queue(b, list, i);
		for (size_t k = i; k < b->line_count; k++) {
			struct book_line *line = b->line[k];

			if (line->share && strcmp(line->queue, b->line[i]->queue) == 0)
				add_waits(list, line->queue, line->share, line->wait,
					  line->wait_count);
		}
	}
	return list;
}

static cJSON *types(const struct book_env *env, double *micro_usd)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < env->type_count; i++) {
		const struct type_sum *sum = &env->type[i];
		cJSON *out = cJSON_CreateObject();

		json_add_str(out, "instanceType", sum->type);
		json_add_int(out, "count", sum->count);
		if (env->form != BOOK_LOCAL_HOST)
			add_num(out, "hours", (double)sum->ms / (3600 * 1000));
		add_num(out, "usd", sum->micro_usd / 1e6);
		cJSON_AddItemToArray(list, out);
		*micro_usd += sum->micro_usd;
	}
	return list;
}

static cJSON *environments(const struct book *b, double *micro_usd)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < b->env_count; i++) {
		const struct book_env *env = b->env[i];
		cJSON *out = cJSON_CreateObject();
		double its = 0;

		json_add_str(out, "computeEnvironment", env->name);
		add_num(out, "usedvCpuHours", env->used / vcpu_hour);
		add_num(out, "providedvCpuHours", env->provided / vcpu_hour);
		add_num(out, "utilization", ratio(env->used, env->provided));
		json_add(out, "instances", types(env, &its));
		add_num(out, "usd", its / 1e6);
		cJSON_AddItemToArray(list, out);
		*micro_usd += its;
	}
	return list;
}

static cJSON *jobs(const struct book *b)
{
	cJSON *out = cJSON_CreateObject();
	int64_t succeeded = 0, failed = 0;

	for (size_t i = 0; i < b->line_count; i++) {
		succeeded += b->line[i]->succeeded;
		failed += b->line[i]->failed;
	}
	json_add_int(out, "present", b->present);
	json_add_int(out, "arrived", b->arrived);
	json_add_int(out, "succeeded", succeeded);
	json_add_int(out, "failed", failed);
	json_add_int(out, "attempts", b->attempts);
	return out;
}

/* Of the time until the last job has ended. */
static cJSON *utilization(const struct book *b)
{
	double used = 0, provided = 0;
	double pool = (double)sched_pool(b->s).vcpu_milli * (double)(b->last_end - b->start);
	cJSON *out = cJSON_CreateObject();

	for (size_t i = 0; i < b->env_count; i++) {
		used += b->env[i]->used;
		provided += b->env[i]->provided;
	}
	add_num(out, "usedvCpuHours", used / vcpu_hour);
	add_num(out, "providedvCpuHours", provided / vcpu_hour);
	add_num(out, "ofProvided", ratio(used, provided));
	add_num(out, "ofPool", ratio(used, pool));
	return out;
}

cJSON *report_make(const struct book *b)
{
	cJSON *out = cJSON_CreateObject();
	double micro_usd = 0;

	json_add_int(out, "startsAt", b->start);
	json_add_int(out, "endsAt", b->last_end);
	add_seconds(out, "makespanSeconds", b->last_end - b->start);
	json_add(out, "jobs", jobs(b));
	json_add(out, "waits", waits(b));
	json_add(out, "utilization", utilization(b));
	json_add(out, "environments", environments(b, &micro_usd));
	add_num(out, "usd", micro_usd / 1e6);
	return out;
}
