/* jobdeck definitions: the job definitions that can be submitted. */
#include "config.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "list.h"
#include "setup.h"
#include "words.h"

static const struct column columns[] = {
	{ .title = N_("DEFINITION"), .least = 16 }, { .title = N_("STATUS"), .drop = 1 },
	{ .title = N_("TYPE"), .drop = 2 },	    { .title = N_("IMAGE"), .least = 8 },
	{ .title = N_("VCPUS"), .right = true },    { .title = N_("MIB"), .right = true },
	{ .title = N_("COMMAND"), .least = 12 },
};

static void row(struct table *t, const cJSON *d, jd_time now)
{
	const cJSON *properties = json_get(d, "containerProperties");
	cleanup_free char *command = words_join(json_get(properties, "command"));

	(void)now;
	table_addf(t, "%s:%lld", json_str_or(d, "jobDefinitionName", "?"),
		   (long long)json_int(d, "revision", 0));
	table_add(t, json_str(d, "status"));
	table_add(t, json_str(d, "type"));
	table_add(t, json_str(properties, "image"));
	table_addf(t, "%lld", (long long)setup_resource(properties, "VCPU"));
	table_addf(t, "%lld", (long long)setup_resource(properties, "MEMORY"));
	table_add(t, command);
}

static const struct listing listing = {
	columns, ARRAY_LEN(columns), row,
	N_("no job definitions yet; 'jobdeck submit -- COMMAND' makes one")
};

static int run(struct cmd_run *r)
{
	struct err err = { 0 };
	cJSON *in = cJSON_CreateObject();
	cleanup_json cJSON *all = NULL;

	if (!cmd_flag(r, "all"))
		json_add_str(in, "status", "ACTIVE");
	all = list_all(r, "DescribeJobDefinitions", in, "jobDefinitions", 0, NULL, &err);
	if (!all)
		return cmd_fail(&err);
	list_print(r, all, &listing);
	return EXIT_DONE;
}

static const struct cmd_opt options[] = {
	{ 'a', "all", NULL, N_("also those that are INACTIVE"), false },
	{ 0, NULL, NULL, NULL, false },
};

const struct cmd cmd_definitions = {
	.name = "definitions",
	.summary = N_("list job definitions"),
	.opts = options,
	.flags = CMD_CLIENT | CMD_JSON,
	.run = run,
};
