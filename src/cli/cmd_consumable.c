/* jobdeck consumable: consumable resources, such as licences. */
#include "config.h"
#include <string.h>
#include "fields.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "list.h"
#include "thing.h"
#include "verb.h"

#define MOST_QUANTITY INT64_C(9007199254740991)

static int create_one(struct cmd_run *r, const char *name, struct err *err)
{
	static const struct field fields[] = {
		{ "total", "totalQuantity", FIELD_NUMBER, 0, MOST_QUANTITY },
		{ "type", "resourceType", FIELD_WORD, 0, 0 },
	};
	cleanup_json cJSON *in = cJSON_CreateObject(), *tags = fields_map(r, "tag", err),
			   *out = NULL;

	if (!tags && cmd_value(r, "tag"))
		return -1;
	json_add_str(in, "consumableResourceName", name);
	json_add(in, "tags", STEAL_PTR(tags));
	if (fields_add(r, fields, ARRAY_LEN(fields), in, err) < 0)
		return -1;
	if (!cmd_value(r, "total"))
		return err_set(err, ERR_INVALID, "%s", _("how many are there? Say --total N"));
	out = client_wait(r->client, "CreateConsumableResource", STEAL_PTR(in), err);
	if (!out)
		return -1;
	cmd_warnings(out);
	if (r->json)
		json_answer(r, out);
	else
		cmd_say(_("consumable %s is made"), name);
	return 0;
}

static int update_one(struct cmd_run *r, const char *name, struct err *err)
{
	static const struct {
		const char *option, *operation;
	} ways[] = { { "set", "SET" }, { "add", "ADD" }, { "remove", "REMOVE" } };
	cleanup_json cJSON *in = cJSON_CreateObject(), *out = NULL;
	int given = 0;

	json_add_str(in, "consumableResource", name);
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		struct field f = { ways[i].option, "quantity", FIELD_NUMBER, 0, MOST_QUANTITY };

		if (!cmd_value(r, ways[i].option))
			continue;
		given++;
		json_replace(in, "operation", cJSON_CreateString(ways[i].operation));
		if (fields_add(r, &f, 1, in, err) < 0)
			return -1;
	}
	if (given != 1)
		return err_set(err, ERR_INVALID, "%s",
			       _("say one of --set N, --add N and --remove N"));
	out = client_wait(r->client, "UpdateConsumableResource", STEAL_PTR(in), err);
	if (!out)
		return -1;
	if (r->json)
		json_answer(r, out);
	else
		cmd_say(_("consumable %s: %lld in all"), name,
			(long long)json_int(out, "totalQuantity", 0));
	return 0;
}

static int delete_one(struct cmd_run *r, const char *name, struct err *err)
{
	cJSON *in;
	cleanup_json cJSON *out = NULL;

	if (!thing_confirmed(r, _("Delete consumable resource %s? [y/N] "), name))
		return err_set(err, ERR_DENIED, _("%s was not deleted"), name);
	in = cJSON_CreateObject();
	json_add_str(in, "consumableResource", name);
	out = client_wait(r->client, "DeleteConsumableResource", in, err);
	if (out)
		cmd_say(_("consumable %s is deleted"), name);
	return out ? 0 : -1;
}

static const struct column columns[] = {
	{ .title = N_("CONSUMABLE"), .least = 10 }, { .title = N_("TYPE"), .drop = 1 },
	{ .title = N_("TOTAL"), .right = true },    { .title = N_("IN USE"), .right = true },
	{ .title = N_("FREE"), .right = true },
};

static void row(struct table *t, const cJSON *c, jd_time now)
{
	long long total = json_int(c, "totalQuantity", 0), used = json_int(c, "inUseQuantity", 0);

	(void)now;
	table_add(t, json_str(c, "consumableResourceName"));
	table_add(t, json_str(c, "resourceType"));
	table_addf(t, "%lld", total);
	table_addf(t, "%lld", used);
	table_addf(t, "%lld", total > used ? total - used : 0);
}

static const struct listing listing = {
	columns, ARRAY_LEN(columns), row,
	N_("no consumable resources yet; 'jobdeck consumable create NAME --total N' makes one")
};

static int list(struct cmd_run *r, char **names, int count)
{
	struct err err = { 0 };
	cleanup_json cJSON *all = NULL;

	(void)names;
	(void)count;
	all = list_all(r, "ListConsumableResources", NULL, "consumableResources", 0, NULL, &err);
	if (!all)
		return cmd_fail(&err);
	list_print(r, all, &listing);
	return EXIT_DONE;
}

static const char *const of_create[] = { "total", "type", "tag", NULL };
static const char *const of_update[] = { "set", "add", "remove", NULL };
static const char *const of_delete[] = { "yes", NULL };

static const struct verb verbs[] = {
	{ "create", "CONSUMABLE", 1, 1, true, of_create, .one = create_one },
	{ "update", "CONSUMABLE", 1, -1, true, of_update, .one = update_one },
	{ "delete", "CONSUMABLE", 1, -1, true, of_delete, .one = delete_one },
	{ "list", NULL, 0, 0, false, NULL, .run = list },
	{ .name = NULL },
};

static int run(struct cmd_run *r)
{
	return verb_run(r, verbs);
}

static const struct cmd_opt options[] = {
	{ 0, "total", "N", N_("create: how many there are"), false },
	{ 't', "type", "KIND",
	  N_("create: REPLENISHABLE (the default), which jobs give back, or NON_REPLENISHABLE"),
	  false },
	{ 0, "set", "N", N_("update: there are so many"), false },
	{ 0, "add", "N", N_("update: there are so many more"), false },
	{ 0, "remove", "N", N_("update: there are so many less"), false },
	{ 0, "tag", "NAME=VALUE", N_("create: a tag"), true },
	{ 'y', "yes", NULL, N_("delete without asking; without a terminal nothing is asked anyway"),
	  false },
	{ 0, NULL, NULL, NULL, false },
};

const struct cmd cmd_consumable = {
	.name = "consumable",
	.operands = "create|update|delete|list CONSUMABLE...",
	.summary = N_("make, change, list or delete consumable resources"),
	.text = N_("A consumable resource is a number of something, such as licences, that jobs "
		   "take when they start (submit --consume NAME=N) and wait for."),
	.example = "jobdeck consumable create licence --total 4",
	.opts = options,
	.flags = CMD_CLIENT | CMD_JSON,
	.min_operands = 1,
	.max_operands = -1,
	.run = run,
};
