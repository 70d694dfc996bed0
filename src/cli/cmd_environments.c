/* jobdeck environments: the compute environments and how full they are. */
#include "config.h"
#include <string.h>
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "list.h"

static const struct column columns[] = {
	{ .title = N_("ENVIRONMENT"), .least = 12 },
	{ .title = N_("TYPE") },
	{ .title = N_("STATE") },
	{ .title = N_("STATUS") },
	{ .title = N_("MIN"), .right = true, .drop = 2 },
	{ .title = N_("MAX"), .right = true },
	{ .title = N_("USED"), .right = true },
	{ .title = N_("JOBS"), .right = true },
	{ .title = N_("REASON"), .least = 10, .drop = 1 },
};

static void row(struct table *t, const cJSON *e, jd_time now)
{
	const cJSON *over = json_get(e, "jobdeck");

	(void)now;
	table_add(t, json_str(e, "computeEnvironmentName"));
	table_add(t, json_str_or(over, "type", json_str_or(e, "type", NULL)));
	table_add(t, json_str(e, "state"));
	table_add(t, json_str(e, "status"));
	table_addf(t, "%lld", (long long)json_int(over, "minvCpus", 0));
	table_addf(t, "%lld", (long long)json_int(over, "maxvCpus", 0));
	table_addf(t, "%g", json_num(over, "usedvCpus", 0));
	table_addf(t, "%lld", (long long)json_int(over, "activeJobs", 0));
	table_add(t, strcmp(json_str_or(e, "status", ""), "VALID") == 0 ?
			     NULL :
			     json_str(e, "statusReason"));
}

static const struct listing listing = {
	columns, ARRAY_LEN(columns), row,
	N_("no compute environments yet; 'jobdeck init' makes one")
};

static int run(struct cmd_run *r)
{
	struct err err = { 0 };
	cleanup_json cJSON *overview = client_wait(r->client, "JobdeckOverview", NULL, &err);
	cleanup_json cJSON *all = NULL;
	cJSON *e;

	if (overview)
		all = list_all(r, "DescribeComputeEnvironments", NULL, "computeEnvironments", 0,
			       NULL, &err);
	if (!all)
		return cmd_fail(&err);
	cJSON_ArrayForEach(e, all) {
		json_add_copy(e, "jobdeck",
			      json_find(json_get(overview, "environments"),
					"computeEnvironmentName",
					json_str(e, "computeEnvironmentName")));
	}
	list_print(r, all, &listing);
	return EXIT_DONE;
}

const struct cmd cmd_environments = {
	.name = "environments",
	.summary = N_("list compute environments and how full they are"),
	.text = N_("MIN, MAX and USED are vCPUs. --json gives what DescribeComputeEnvironments "
		   "answers, and the use as \"jobdeck\"."),
	.flags = CMD_CLIENT | CMD_JSON,
	.run = run,
};
