/* The made-up cluster: three environments, four queues, jobs in every state. */
#include "config.h"
#include "canned.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"

#define MINUTE 60000LL

static cJSON *parse(const char *text)
{
	struct err err = { 0 };
	cJSON *json = json_parse(text, strlen(text), &err);

	if (!json) {
		fprintf(stderr, "canned: %s in %s\n", err.text, text);
		abort();
	}
	return json;
}

static void add_env(cJSON *list, const char *name, const char *type, const char *state, double used,
		    double max, int memory, int jobs)
{
	cJSON *e = cJSON_CreateObject();

	json_add_str(e, "computeEnvironmentName", name);
	json_add_str(e, "type", type);
	json_add_str(e, "state", state);
	json_add_str(e, "status", "VALID");
	json_add_str(e, "statusReason", "ComputeEnvironment Healthy");
	cJSON_AddNumberToObject(e, "maxvCpus", max);
	cJSON_AddNumberToObject(e, "usedvCpus", used);
	json_add_int(e, "usedMemory", memory);
	json_add_int(e, "activeJobs", jobs);
	cJSON_AddItemToArray(list, e);
}

static void add_queue(cJSON *list, const char *name, int priority, const char *state,
		      const char *envs, const int counts[7], jd_time head)
{
	static const char *const states[] = { "SUBMITTED", "PENDING",	"RUNNABLE", "STARTING",
					      "RUNNING",   "SUCCEEDED", "FAILED" };
	cJSON *q = cJSON_CreateObject(), *c;

	json_add_str(q, "jobQueueName", name);
	json_add_int(q, "priority", priority);
	json_add_str(q, "state", state);
	json_add_str(q, "status", "VALID");
	json_add_str(q, "statusReason", "JobQueue Healthy");
	json_add(q, "computeEnvironments", parse(envs));
	c = cJSON_AddObjectToObject(q, "counts");
	for (int i = 0; i < 7; i++)
		json_add_int(c, states[i], counts[i]);
	if (head)
		json_add_int(q, "headCreatedAt", head);
	cJSON_AddItemToArray(list, q);
}

cJSON *canned_overview(void)
{
	cJSON *out = parse("{\"seq\":7,\"pool\":{\"vcpus\":224,\"memory\":458752},"
			   "\"used\":{\"vcpus\":176,\"memory\":360448}}");
	cJSON *envs = cJSON_AddArrayToObject(out, "environments");
	cJSON *queues = cJSON_AddArrayToObject(out, "queues");

	add_env(envs, "ce-spot", "SPOT", "ENABLED", 112, 128, 229376, 9);
	add_env(envs, "ce-ondemand", "EC2", "ENABLED", 64, 64, 131072, 7);
	add_env(envs, "ce-old", "EC2", "DISABLED", 0, 32, 0, 0);
	add_queue(queues, "high", 10, "ENABLED", "[\"ce-spot\",\"ce-ondemand\"]",
		  (int[]){ 0, 2, 5, 1, 2, 3, 2 }, CANNED_NOW - 14 * MINUTE);
	add_queue(queues, "low", 1, "ENABLED", "[\"ce-spot\"]", (int[7]){ 0 }, 0);
	add_queue(queues, "nightly", 5, "ENABLED", "[\"ce-ondemand\"]",
		  (int[]){ 0, 0, 0, 0, 0, 12345, 0 }, 0);
	add_queue(queues, "old", 1, "DISABLED", "[\"ce-old\"]", (int[]){ 0, 2, 0, 0, 0, 0, 0 }, 0);
	return out;
}

struct canned_job {
	const char *id, *name, *status, *why;
	int created, started, stopped; /* seconds before now; 0: not */
	int attempt, attempts, exit_code;
};
static const struct canned_job jobs[] = {
	{ "019a2b30-0001-7000-8000-000000000001", "align-16", "RUNNING", NULL, 900, 245, 0, 1, 3,
	  0 },
	{ "019a2b30-0002-7000-8000-000000000002", "render-0042", "RUNNING", NULL, 800, 42, 0, 2, 3,
	  0 },
	{ "019a2b30-0003-7000-8000-000000000003", "qc", "STARTING", NULL, 300, 0, 0, 0, 1, 0 },
	{ "019a2b30-0004-7000-8000-000000000004", "etl-2026-11-21", "RUNNABLE",
	  "needs 8 vCPU, 4 free in ce-spot", 842, 0, 0, 0, 3, 0 },
	{ "019a2b30-0005-7000-8000-000000000005", "align-17", "RUNNABLE", "behind 1 job in high",
	  245, 0, 0, 1, 3, 0 },
	{ "019a2b30-0006-7000-8000-000000000006", "train-gpu", "RUNNABLE", "behind 2 jobs in high",
	  552, 0, 0, 0, 2, 0 },
	{ "019a2b30-0007-7000-8000-000000000007", "qc", "RUNNABLE", "behind 3 jobs in high", 70, 0,
	  0, 0, 1, 0 },
	{ "019a2b30-0008-7000-8000-000000000008", "qc", "RUNNABLE", "behind 4 jobs in high", 69, 0,
	  0, 0, 1, 0 },
	{ "019a2b30-0009-7000-8000-000000000009", "report", "PENDING", "waits for render-0042", 820,
	  0, 0, 0, 1, 0 },
	{ "019a2b30-000a-7000-8000-00000000000a", "mail \xe6\x97\xa5\xe6\x9c\xac", "PENDING",
	  "waits for report", 819, 0, 0, 0, 1, 0 },
	{ "019a2b30-000b-7000-8000-00000000000b", "align-15", "SUCCEEDED", NULL, 2000, 1900, 130, 1,
	  3, 0 },
	{ "019a2b30-000c-7000-8000-00000000000c", "align-14", "FAILED",
	  "OutOfMemoryError: Container killed due to memory usage", 2000, 1700, 95, 3, 3, 137 },
	{ "019a2b30-000d-7000-8000-00000000000d", "align-13", "SUCCEEDED", NULL, 2100, 1950, 400, 1,
	  3, 0 },
	{ "019a2b30-000e-7000-8000-00000000000e", "fx-rates", "FAILED", NULL, 7300, 7290, 7280, 1,
	  1, 2 },
	{ "019a2b30-000f-7000-8000-00000000000f", "hello", "SUCCEEDED", NULL, 9000, 8999, 8998, 1,
	  1, 0 },
};

static bool is_final(const struct canned_job *j)
{
	return strcmp(j->status, "SUCCEEDED") == 0 || strcmp(j->status, "FAILED") == 0;
}

static void add_time(cJSON *out, const char *name, int before)
{
	if (before)
		json_add_int(out, name, CANNED_NOW - before * 1000LL);
}

static cJSON *job(const struct canned_job *j)
{
	cJSON *out = cJSON_CreateObject(), *container;

	json_add_str(out, "jobId", j->id);
	json_add_str(out, "jobName", j->name);
	json_add_str(out, "status", j->status);
	add_time(out, "createdAt", j->created);
	add_time(out, "startedAt", j->started);
	add_time(out, "stoppedAt", j->stopped);
	json_add_int(out, "jobdeckAttempt", j->attempt);
	json_add_int(out, "jobdeckAttempts", j->attempts);
	if (!is_final(j)) {
		json_add_str(out, "jobdeckWhy", j->why);
		return out;
	}
	json_add_str(out, "statusReason", "Essential container in task exited");
	container = cJSON_AddObjectToObject(out, "container");
	json_add_int(container, "exitCode", j->exit_code);
	json_add_str(container, "reason", j->why);
	return out;
}

cJSON *canned_jobs(void)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < ARRAY_LEN(jobs); i++)
		cJSON_AddItemToArray(list, job(&jobs[i]));
	return list;
}

static void add_attempts(cJSON *out, const struct canned_job *j)
{
	cJSON *list = cJSON_AddArrayToObject(out, "attempts");
	int ended = is_final(j) || !j->started ? j->attempt : j->attempt - 1;

	for (int i = 0; i < ended; i++) {
		cJSON *a = parse("{\"statusReason\":\"Essential container in task exited\"}");
		cJSON *c = cJSON_AddObjectToObject(a, "container");
		int step = (j->created - (is_final(j) ? j->stopped : j->started)) / (ended + 1);
		bool last = is_final(j) && i == ended - 1;

		json_add_int(c, "exitCode", last ? j->exit_code : 137);
		json_add_str(c, "logStreamName", i ? "canned/default/1" : "canned/default/0");
		add_time(a, "startedAt", j->created - step * i - step / 2);
		add_time(a, "stoppedAt", last ? j->stopped : j->created - step * (i + 1));
		cJSON_AddItemToArray(list, a);
	}
}

cJSON *canned_detail(const char *id)
{
	const struct canned_job *j = NULL;
	cJSON *out, *container;

	for (size_t i = 0; i < ARRAY_LEN(jobs); i++)
		if (strcmp(jobs[i].id, id) == 0)
			j = &jobs[i];
	if (!j)
		return NULL;
	out = job(j);
	json_add_str(out, "jobQueue", "arn:aws:batch:local:000000000000:job-queue/high");
	json_add_str(out, "jobDefinition",
		     "arn:aws:batch:local:000000000000:job-definition/etl:14");
	json_add(out, "dependsOn", parse("[{\"jobId\":\"019a2b30-000f-7000-8000-00000000000f\"}]"));
	json_add(out, "timeout", parse("{\"attemptDurationSeconds\":7200}"));
	json_add(out, "tags", parse("{\"jobdeck:directory\":\"/home/ana/etl\"}"));
	json_add_int(cJSON_AddObjectToObject(out, "retryStrategy"), "attempts", j->attempts);
	container = cJSON_GetObjectItemCaseSensitive(out, "container");
	if (!container)
		container = cJSON_AddObjectToObject(out, "container");
	json_add_str(container, "image", "host");
	json_add(container, "command",
		 parse("[\"python\",\"etl.py\",\"--day\",\"2026-11-21\",\"a b\"]"));
	json_add(container, "environment",
		 parse("[{\"name\":\"MODE\",\"value\":\"full\"},{\"name\":\"API_TOKEN\",\"value\":"
		       "\"hunter2\"}]"));
	json_add(container, "resourceRequirements",
		 parse("[{\"type\":\"VCPU\",\"value\":\"8\"},{\"type\":\"MEMORY\",\"value\":"
		       "\"16384\"}]"));
	if (j->started)
		json_add_str(container, "logStreamName", "canned/default/1");
	add_attempts(out, j);
	return out;
}

static cJSON *log_events(const cJSON *in)
{
	static const char *const lines[] = {
		"align 4.1 threads=4 mem=3.5G", "reading /data/s17.fastq.gz",
		"1 000 000 reads\\r2 000 000 reads\\r3 000 000 reads",
		"\\u001b[31mred\\u001b[0m and \\u001b]0;title\\u0007 gone",
		"bell\\u0007 and \\u009b31m and \\u202eback"
	};
	cJSON *out = cJSON_CreateObject(), *events = cJSON_AddArrayToObject(out, "events");
	char text[300];

	for (size_t i = 0; i < ARRAY_LEN(lines) && !json_get(in, "nextToken"); i++) {
		snprintf(text, sizeof text,
			 "{\"timestamp\":%lld,\"message\":\"%s\",\"jobdeckStream\":\"%s\"}",
			 (long long)(CANNED_NOW - 60000 + (int)i * 1500), lines[i],
			 i == 1 ? "stderr" : "stdout");
		cJSON_AddItemToArray(events, parse(text));
	}
	json_add_str(out, "nextForwardToken", "f/5");
	json_add_str(out, "nextBackwardToken", "b/0");
	return out;
}

cJSON *canned_answer(void *arg, const char *op, const cJSON *in, struct err *err)
{
	cJSON *out = cJSON_CreateObject();

	(void)arg;
	if (strcmp(op, "JobdeckOverview") == 0) {
		cJSON_Delete(out);
		return canned_overview();
	}
	if (strcmp(op, "GetLogEvents") == 0) {
		cJSON_Delete(out);
		return log_events(in);
	}
	if (strcmp(op, "ListJobs") == 0) {
		bool high = strcmp(json_str_or(in, "jobQueue", ""), "high") == 0;

		json_add(out, "jobSummaryList", high ? canned_jobs() : cJSON_CreateArray());
	} else if (strcmp(op, "DescribeJobs") == 0) {
		cJSON *list = cJSON_AddArrayToObject(out, "jobs");
		const cJSON *id;

		cJSON_ArrayForEach(id, json_get(in, "jobs")) {
			cJSON *one = canned_detail(id->valuestring);

			if (one)
				cJSON_AddItemToArray(list, one);
		}
	} else if (strcmp(op, "JobdeckWatch") == 0) {
		json_add_int(out, "seq", 7);
	} else {
		err_set(err, ERR_INVALID, "canned: no answer to %s", op);
		cJSON_Delete(out);
		return NULL;
	}
	return out;
}
