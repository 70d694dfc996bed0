/* jobdeck queues: the job queues and how many jobs they hold. */
#include "config.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "list.h"

static const struct column columns[] = {
	{ .title = N_("QUEUE"), .least = 10 },
	{ .title = N_("STATE") },
	{ .title = N_("STATUS") },
	{ .title = N_("PRIORITY"), .right = true, .drop = 3 },
	{ .title = N_("WAITING"), .right = true },
	{ .title = N_("RUNNING"), .right = true },
	{ .title = N_("SUCCEEDED"), .right = true, .drop = 1 },
	{ .title = N_("FAILED"), .right = true },
	{ .title = N_("ENVIRONMENTS"), .least = 12, .drop = 2 },
};

static long long count(const cJSON *queue, const char *status)
{
	return json_int(json_get(json_get(queue, "jobdeck"), "counts"), status, 0);
}

static void row(struct table *t, const cJSON *q, jd_time now)
{
	const cJSON *order;
	cleanup_free char *names = xstrdup("");

	(void)now;
	table_add(t, json_str(q, "jobQueueName"));
	table_add(t, json_str(q, "state"));
	table_add(t, json_str(q, "status"));
	table_addf(t, "%lld", (long long)json_int(q, "priority", 0));
	table_addf(t, "%lld", count(q, "SUBMITTED") + count(q, "PENDING") + count(q, "RUNNABLE"));
	table_addf(t, "%lld", count(q, "STARTING") + count(q, "RUNNING"));
	table_addf(t, "%lld", count(q, "SUCCEEDED"));
	table_addf(t, "%lld", count(q, "FAILED"));
	cJSON_ArrayForEach(order, json_get(json_get(q, "jobdeck"), "computeEnvironments")) {
		char *more = xasprintf("%s%s%s", names, *names ? "," : "",
				       cJSON_GetStringValue(order) ?: "?");

		free(names);
		names = more;
	}
	table_add(t, names);
}

static const struct listing listing = { columns, ARRAY_LEN(columns), row,
					N_("no job queues yet; 'jobdeck init' makes one") };

static int run(struct cmd_run *r)
{
	struct err err = { 0 };
	cleanup_json cJSON *overview = client_wait(r->client, "JobdeckOverview", NULL, &err);
	cleanup_json cJSON *all = NULL;
	cJSON *q;

	if (overview)
		all = list_all(r, "DescribeJobQueues", NULL, "jobQueues", 0, NULL, &err);
	if (!all)
		return cmd_fail(&err);
	cJSON_ArrayForEach(q, all) {
		json_add_copy(q, "jobdeck",
			      json_find(json_get(overview, "queues"), "jobQueueName",
					json_str(q, "jobQueueName")));
	}
	list_print(r, all, &listing);
	return EXIT_DONE;
}

const struct cmd cmd_queues = {
	.name = "queues",
	.summary = N_("list job queues with their counts of jobs"),
	.text = N_("--json gives what DescribeJobQueues answers, and the counts as \"jobdeck\"."),
	.flags = CMD_CLIENT | CMD_JSON,
	.run = run,
};
