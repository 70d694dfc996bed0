/* jobdeck catalog: the instance types there are, what they offer to jobs and what they cost. */
#include "config.h"
#include <string.h>
#include <strings.h>
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/settings.h"
#include "jobdeck/catalog/catalog.h"
#include "list.h"

static const struct column columns[] = {
	{ .title = N_("TYPE") },
	{ .title = N_("VCPUS"), .right = true },
	{ .title = N_("MEMORY"), .right = true, .drop = 2 },
	{ .title = N_("OFFERED"), .right = true },
	{ .title = N_("GPUS"), .right = true },
	{ .title = N_("ARCH") },
	{ .title = N_("USD/HOUR"), .right = true },
	{ .title = N_("MODEL"), .drop = 1 },
};

static void add_number(struct table *t, const cJSON *item, const char *name)
{
	if (json_get(item, name))
		table_addf(t, "%lld", (long long)json_int(item, name, 0));
	else
		table_add(t, NULL);
}

static void row(struct table *t, const cJSON *item, jd_time now)
{
	(void)now;
	table_add(t, json_str(item, "instanceType"));
	add_number(t, item, "vcpus");
	add_number(t, item, "memory");
	add_number(t, item, "offeredMemory");
	add_number(t, item, "gpus");
	table_add(t, json_str(item, "architecture"));
	if (json_get(item, "usdPerHour"))
		table_addf(t, "%.5f", json_num(item, "usdPerHour", 0));
	else
		table_add(t, NULL);
	table_add(t, json_str(item, "gpuModel"));
}

static const struct listing listing = { columns, ARRAY_LEN(columns), row,
					N_("no instance type is like that") };

/* What EC2 calls them, which is not what Batch does. */
static const char *const arch_words[] = { [ARCH_X86_64] = "x86_64", [ARCH_ARM64] = "arm64" };

static cJSON *describe(const struct instance_type *t, int reserve_milli)
{
	cJSON *item = cJSON_CreateObject();

	json_add_str(item, "instanceType", t->name);
	json_add_str(item, "family", t->family);
	if (catalog_index(t) == CATALOG_LOCAL_HOST) /* the pool says how large this machine is */
		return item;
	json_add_int(item, "vcpus", t->vcpus);
	json_add_int(item, "memory", t->memory_mib);
	json_add_int(item, "offeredMemory", catalog_offered_mib(t, reserve_milli));
	json_add_int(item, "gpus", t->gpus);
	json_add_str(item, "gpuModel", t->gpu_model);
	json_add_str(item, "architecture", arch_words[t->arch]);
	json_add(item, "usdPerHour", cJSON_CreateNumber((double)t->price_micro_usd_hour / 1e6));
	return item;
}

struct filter {
	const char *family; /* NULL: any */
	int arch;	    /* -1: any */
	bool gpus;
};

static bool passes(const struct filter *f, const struct instance_type *t)
{
	return (!f->family || strcmp(t->family, f->family) == 0) &&
	       (f->arch < 0 ||
		(catalog_index(t) != CATALOG_LOCAL_HOST && (int)t->arch == f->arch)) &&
	       (!f->gpus || t->gpus > 0);
}

static int read_filter(const struct cmd_run *r, struct filter *f)
{
	const char *arch = cmd_value(r, "arch");

	f->family = cmd_value(r, "family");
	f->gpus = cmd_flag(r, "gpus");
	f->arch = -1;
	for (int i = 0; arch && i < ARCH_COUNT; i++) {
		if (strcasecmp(arch, arch_words[i]) == 0)
			f->arch = i;
	}
	if (arch && f->arch < 0)
		return cmd_usage(r, _("--arch is x86_64 or arm64, not '%s'"), arch);
	if (f->family && !catalog_is_family(f->family))
		return cmd_usage(r, _("there is no family '%s'; 'jobdeck catalog' lists all types"),
				 f->family);
	return EXIT_DONE;
}

/* The types in question: those that the operands stand for, or all. -1: no such type. */
static int choose(const struct cmd_run *r, uint16_t *out, struct err *err)
{
	int count = 0;

	if (r->argc > 0)
		return catalog_expand((const char *const *)r->argv, r->argc, out, CATALOG_MAX, err);
	for (; catalog_at(count); count++)
		out[count] = (uint16_t)count;
	return count;
}

static int run(struct cmd_run *r)
{
	cleanup_json cJSON *items = cJSON_CreateArray();
	uint16_t chosen[CATALOG_MAX];
	struct settings s;
	struct filter f;
	struct err err = { 0 };
	int code = read_filter(r, &f), count;

	if (code != EXIT_DONE)
		return code;
	count = choose(r, chosen, &err);
	if (count < 0 || settings_load(r->home->config, &s, &err))
		return cmd_fail(&err);
	for (int i = 0; i < count; i++) {
		const struct instance_type *t = catalog_at(chosen[i]);

		if (passes(&f, t))
			cJSON_AddItemToArray(items,
					     describe(t, (int)(s.memory_reserve_percent * 10)));
	}
	list_print(r, items, &listing);
	return EXIT_DONE;
}

static const struct cmd_opt options[] = {
	{ 0, "family", "FAMILY", N_("only types of this family, such as c5"), false },
	{ 0, "arch", "ARCH", N_("only types of this architecture: x86_64 or arm64"), false },
	{ 0, "gpus", NULL, N_("only types with GPUs"), false },
	{ 0, NULL, NULL, NULL, false },
};

const struct cmd cmd_catalog = {
	.name = "catalog",
	.operands = "[TYPE...]",
	.summary = N_("list the instance types that environments may name"),
	.text = N_(
		"With TYPEs, as an environment's instanceTypes has them (c5.large, c5, optimal, "
		"default_x86_64, default_arm64), what they stand for, in order.\n\n"
		"MEMORY is in MiB; OFFERED is what jobs get of it: a part that the setting "
		"memory_reserve_percent gives and 32 MiB are the instance's own. local.host is "
		"this whole machine, which is what optimal means here. Prices are those of Linux "
		"on demand in us-east-1."),
	.example = "jobdeck catalog --gpus",
	.opts = options,
	.flags = CMD_JSON,
	.max_operands = -1,
	.run = run,
};
