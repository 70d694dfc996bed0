/* jobdeck instances: the instances that live and how full they are. */
#include "config.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "list.h"

static const struct column columns[] = {
	{ .title = N_("INSTANCE") },
	{ .title = N_("TYPE") },
	{ .title = N_("ENVIRONMENT"), .least = 12 },
	{ .title = N_("STATUS") },
	{ .title = N_("VCPUS"), .right = true },
	{ .title = N_("MIB"), .right = true, .drop = 1 },
	{ .title = N_("GPUS"), .right = true, .drop = 3 },
	{ .title = N_("JOBS"), .right = true },
	{ .title = N_("AGE"), .right = true, .drop = 4 },
	{ .title = N_("GOES IN"), .right = true, .drop = 2 },
};

static void add_use(struct table *t, const cJSON *i, const char *what)
{
	double total = json_num(json_get(i, "capacity"), what, 0);

	if (total > 0)
		table_addf(t, "%g/%g", json_num(json_get(i, "used"), what, 0), total);
	else
		table_add(t, NULL);
}

static void add_span(struct table *t, int64_t ms, bool known)
{
	char age[32];

	table_add(t, known ? time_age(ms, age, sizeof age) : NULL);
}

static void row(struct table *t, const cJSON *i, jd_time now)
{
	int64_t launched = json_int(i, "launchedAt", 0), goes = json_int(i, "idleUntil", 0);

	table_add(t, json_str(i, "instanceId"));
	table_addf(t, "%s%s", json_str_or(i, "instanceType", "?"),
		   json_bool(i, "spot", false) ? " spot" : "");
	table_add(t, json_str(i, "computeEnvironment"));
	table_add(t, json_str(i, "status"));
	add_use(t, i, "vcpus");
	add_use(t, i, "memory");
	add_use(t, i, "gpus");
	table_addf(t, "%lld", (long long)json_int(i, "jobs", 0));
	add_span(t, now - launched, launched > 0);
	add_span(t, goes - now, goes > 0);
}

static const struct listing listing = { columns, ARRAY_LEN(columns), row,
					N_("no instances live; they come when jobs need them") };

static int run(struct cmd_run *r)
{
	struct err err = { 0 };
	cJSON *in = cJSON_CreateObject();
	cleanup_json cJSON *out = NULL;

	if (r->argc)
		json_add_str(in, "computeEnvironment", r->argv[0]);
	out = client_wait(r->client, "JobdeckInstances", in, &err);
	if (!out)
		return cmd_fail(&err);
	list_print(r, json_get(out, "instances"), &listing);
	return EXIT_DONE;
}

const struct cmd cmd_instances = {
	.name = "instances",
	.operands = "[ENVIRONMENT]",
	.summary = N_("list the instances that live"),
	.text = N_(
		"VCPUS, MIB and GPUS are what jobs use of what they are offered. local.host is "
		"this machine itself, which is what optimal means here. GOES IN is how long until "
		"an idle instance is given back."),
	.flags = CMD_CLIENT | CMD_JSON,
	.max_operands = 1,
	.run = run,
};
