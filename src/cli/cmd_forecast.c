/* jobdeck forecast: what will become of the jobs that are there, or of those in a file. */
#include "config.h"
#include <string.h>
#include "forecast.h"
#include "job.h"
#include "jobdeck/api/whatif.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "list.h"

enum { JOBS_MOST = 10000, WAIT_MS = 1000 };

static int read_ask(const struct cmd_run *r, struct forecast_ask *ask, struct err *err)
{
	const char *duration = cmd_value(r, "duration");

	*ask = (struct forecast_ask){ .duration_ms = -1, .jobs = cmd_flag(r, "jobs") };
	if (duration && (ask->duration_ms = time_read_span(duration)) < 0)
		return err_set(err, ERR_INVALID,
			       _("--duration is a span such as 90s, 10m or 1h30m, not '%s'"),
			       duration);
	if (cmd_int(r, "spread", 0, 99, 0, &ask->spread, err) < 0)
		return -1;
	return cmd_int(r, "seed", 0, INT32_MAX, 1, &ask->seed, err);
}

/* ---- of what is there */

static void add_ask(cJSON *in, const struct forecast_ask *ask)
{
	if (ask->duration_ms >= 0)
		cJSON_AddNumberToObject(in, "durationSeconds", (double)ask->duration_ms / 1000);
	json_add_int(in, "spreadPercent", ask->spread);
	json_add_int(in, "seed", ask->seed);
	if (ask->jobs)
		json_add_int(in, "jobs", JOBS_MOST);
}

static int add_jobs(struct cmd_run *r, cJSON *in, struct err *err)
{
	cJSON *ids = r->argc ? cJSON_AddArrayToObject(in, "jobIds") : NULL;

	for (int i = 0; i < r->argc; i++) {
		cleanup_free char *id = job_resolve(r, r->argv[i], err);

		if (!id)
			return -1;
		cJSON_AddItemToArray(ids, cJSON_CreateString(id));
	}
	return 0;
}

static void add_changes(const struct cmd_run *r, cJSON *in)
{
	cJSON *set = cJSON_CreateArray();
	const char *change;

	for (int i = 0; (change = cmd_value_at(r, "set", i)); i++)
		cJSON_AddItemToArray(set, cJSON_CreateString(change));
	json_add(in, "set", set);
}

/* The server works on it while somebody waits; so it is asked again until it is done. */
static cJSON *forecast_live(struct cmd_run *r, const struct forecast_ask *ask, struct err *err)
{
	cJSON *in = cJSON_CreateObject();
	struct forecast_meter meter = { 0 };

	add_ask(in, ask);
	add_changes(r, in);
	if (add_jobs(r, in, err) < 0) {
		cJSON_Delete(in);
		return NULL;
	}
	for (;;) {
		cJSON *out;
		int64_t ended, live;

		json_replace(in, "waitMs", cJSON_CreateNumber(WAIT_MS));
		out = client_wait(r->client, "JobdeckForecast", in, err);
		if (!out || json_bool(out, "done", false)) {
			forecast_meter_end(&meter);
			return out;
		}
		ended = json_int(out, "endedJobs", 0);
		live = json_int(out, "liveJobs", 0);
		forecast_meter(&meter, ended,
			       json_int(out, "reached", 0) - json_int(out, "startsAt", 0), ended,
			       ended + live);
		in = cJSON_CreateObject();
		json_add_int(in, "forecastId", json_int(out, "forecastId", 0));
		cJSON_Delete(out);
	}
}

static int run(struct cmd_run *r)
{
	const char *file = cmd_value(r, "file");
	struct forecast_ask ask;
	struct err err = { 0 };
	cJSON *report cleanup_json = NULL;

	if (read_ask(r, &ask, &err) < 0)
		return cmd_fail(&err);
	if (file && r->argc)
		return cmd_usage(r, _("a JOB is one that is there; of a file use --jobs"));
	report = file ? forecast_file(r, file, &ask, &err) : forecast_live(r, &ask, &err);
	if (!report)
		return cmd_fail(&err);
	if (r->json)
		json_answer(r, report);
	else
		forecast_show(report);
	return EXIT_DONE;
}

static const struct cmd_opt options[] = {
	{ 'f', "file", "FILE", N_("not of the jobs that are there, but of those in FILE; - is stdin"),
	  false },
	{ 'd', "duration", "SPAN", N_("how long jobs run of which nothing is known"), false },
	{ 's', "set", "CHANGE", N_("with this changed, as in local-ce.maxvCpus=64"),
	  true },
	{ 0, "spread", "PERCENT", N_("durations are so much longer or shorter, by chance"), false },
	{ 0, "seed", "N", N_("of that chance; the same seed gives the same forecast; else 1"), false },
	{ 'j', "jobs", NULL, N_("say when each job starts and ends"), false },
	{ 0, NULL, NULL, NULL, false },
};

const struct cmd cmd_forecast = {
	.name = "forecast",
	.operands = "[JOB...]",
	.summary = N_("say when jobs will run, how long it takes and what it costs"),
	.text = N_(
		"Lets the scheduler itself run on a made-up clock and keeps the books: the time "
		"until the last job has ended, waits by queue and share, how much is used, hours of "
		"instances, cost at AWS's prices (Spot at Jobdeck's own), and jobs that can never "
		"run. With JOBs it says when these start and end. Nothing is changed.\n\n"
		"Durations are the median of earlier runs that ended well of the same definition and "
		"name, or of the definition; else --duration, or a minute. --duration goes before "
		"history, and what a file says goes before both.\n\n"
		"--set tries something else: ENVIRONMENT.maxvCpus, minvCpus, type, "
		"allocationStrategy, instanceTypes, bidPercentage, state or unmanagedvCpus; "
		"QUEUE.priority, state or computeEnvironments; POLICY.shareDecaySeconds or "
		"computeReservation; CONSUMABLE.totalQuantity; pool.vcpus, pool.memory (MiB) or "
		"pool.gpus; launch_seconds, launch_failure_percent or idle_seconds. Lists have "
		"commas.\n\n"
		"FILE has one JSON object a line, a SubmitJob request with a few members more: "
		"arrivalTime, seconds since the beginning or a moment (2026-11-22T14:03:00Z), never "
		"before the line above; durationSeconds; exitCode, one number or one for each "
		"attempt; count and everySeconds, for so many of the same; jobId, by which dependsOn "
		"of later lines can name it. jobDefinition may be missing where containerOverrides "
		"say VCPU and MEMORY. Lines that begin with # are skipped. Such a forecast is made "
		"in this process, of an empty fleet."),
	.example = "jobdeck forecast --set local-ce.maxvCpus=64",
	.opts = options,
	.flags = CMD_CLIENT | CMD_JSON,
	.max_operands = -1,
	.run = run,
};
