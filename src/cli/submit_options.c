/* submit: the options that become members of the request. */
#include "config.h"
#include "submit.h"
#include <string.h>
#include <strings.h>
#include "fields.h"
#include "job.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/time.h"
#include "jobdeck/model/limits.h"
#include "retry.h"
#include "setup.h"

enum {
	IDS_A_TAG = 6, /* so many ids fit into the 256 characters of a tag */
	KEY_SIZE = 40,
};

/* --- what it waits for ------------------------------------------------------------------ */

/* "JOB:n-to-n": cuts the type off and returns it, else NULL. */
static const char *cut_type(char *text)
{
	static const char *const n_to_n[] = { "n-to-n", "n_to_n" };
	char *colon = strrchr(text, ':');

	for (size_t i = 0; colon && i < ARRAY_LEN(n_to_n); i++)
		if (strcasecmp(colon + 1, n_to_n[i]) == 0) {
			*colon = '\0';
			return "N_TO_N";
		}
	return NULL;
}

static int add_depends(struct cmd_run *r, cJSON *in, struct err *err)
{
	cJSON *list = cJSON_CreateArray(), *item;
	const char *text;

	json_add(in, "dependsOn", list);
	for (int i = 0; (text = cmd_value_at(r, "depends-on", i)); i++) {
		cleanup_free char *job = xstrdup(text);
		const char *type = cut_type(job);
		cleanup_free char *id = job_resolve(r, job, err);

		if (!id)
			return -1;
		item = cJSON_CreateObject();
		json_add_str(item, "jobId", id);
		json_add_str(item, "type", type);
		cJSON_AddItemToArray(list, item);
	}
	if (cmd_flag(r, "sequential")) {
		item = cJSON_CreateObject();
		json_add_str(item, "type", "SEQUENTIAL");
		cJSON_AddItemToArray(list, item);
	}
	if (!list->child)
		cJSON_DeleteItemFromObjectCaseSensitive(in, "dependsOn");
	return 0;
}

/* The key of the tag that holds the i-th id. */
static char *after_key(int i, char out[KEY_SIZE])
{
	if (i < IDS_A_TAG)
		snprintf(out, KEY_SIZE, "jobdeck:after-any");
	else
		snprintf(out, KEY_SIZE, "jobdeck:after-any.%d", i / IDS_A_TAG + 1);
	return out;
}

static int add_after(struct cmd_run *r, cJSON *tags, struct err *err)
{
	char key[KEY_SIZE];
	const char *text;

	for (int i = 0; (text = cmd_value_at(r, "after-any", i)); i++) {
		cleanup_free char *id = job_resolve(r, text, err), *list = NULL;
		const char *before;

		if (!id)
			return -1;
		before = json_str_or(tags, after_key(i, key), "");
		list = xasprintf("%s%s%s", before, *before ? "," : "", id);
		json_replace(tags, key, cJSON_CreateString(list));
	}
	return 0;
}

/* A moment, or how long from now: "10m". */
static int add_start(const struct cmd_run *r, cJSON *tags, struct err *err)
{
	const char *text = cmd_value(r, "start-after");
	char iso[TIME_ISO_SIZE];
	jd_time at;

	if (!text)
		return 0;
	at = time_read(text);
	if (at < 0 && time_read_span(text) >= 0)
		at = time_wall() + time_read_span(text);
	if (at < 0)
		return err_set(
			err, ERR_INVALID,
			_("--start-after takes a time such as '2026-11-22 14:03' or how long "
			  "from now such as 10m, not '%s'"),
			text);
	json_add_str(tags, "jobdeck:start-after", time_iso(at, iso, sizeof iso));
	return 0;
}

/* A host process runs where it was submitted; the rest is Jobdeck's own too. */
static int add_tags(struct cmd_run *r, cJSON *in, struct err *err)
{
	cJSON *tags = fields_map(r, "tag", err);
	cleanup_free char *directory = setup_directory(err);

	if (!tags && cmd_value(r, "tag"))
		return -1;
	if (!tags)
		tags = cJSON_CreateObject();
	json_add(in, "tags", tags);
	if (!directory)
		return -1;
	json_replace(tags, "jobdeck:directory", cJSON_CreateString(directory));
	if (cmd_flag(r, "hold"))
		json_add_str(tags, "jobdeck:hold", "true");
	return add_start(r, tags, err) < 0 ? -1 : add_after(r, tags, err);
}

/* --- on what terms ---------------------------------------------------------------------- */

static int add_consume(const struct cmd_run *r, cJSON *in, struct err *err)
{
	cJSON *list = NULL;
	const char *text, *value;

	for (int i = 0; (text = cmd_value_at(r, "consume", i)); i++) {
		cleanup_free char *name = NULL;
		cJSON *item;
		char *end;
		long long n;

		if (fields_pair("consume", text, &name, &value, err) < 0)
			return -1;
		n = strtoll(value, &end, 10);
		if (end == value || *end || n < 1)
			return err_set(err, ERR_INVALID, _("--consume takes NAME=N, not '%s'"),
				       text);
		if (!list)
			list = cJSON_AddArrayToObject(
				cJSON_AddObjectToObject(in, "consumableResourcePropertiesOverride"),
				"consumableResourceList");
		item = cJSON_CreateObject();
		json_add_str(item, "consumableResource", name);
		json_add_int(item, "quantity", n);
		cJSON_AddItemToArray(list, item);
	}
	return 0;
}

static int add_parameters(const struct cmd_run *r, cJSON *in, struct err *err)
{
	cJSON *map = fields_map(r, "parameters", err);

	json_add(in, "parameters", map);
	return !map && cmd_value(r, "parameters") ? -1 : 0;
}

/* Options whose member is in an object of its own. */
static int add_nested(const struct cmd_run *r, cJSON *in, struct err *err)
{
	static const struct {
		const char *object;
		struct field field;
	} nested[] = {
		{ "arrayProperties", { "array", "size", FIELD_NUMBER, 2, LIMIT_ARRAY } },
		{ "timeout",
		  { "timeout", "attemptDurationSeconds", FIELD_SPAN, LIMIT_TIMEOUT_MIN_S,
		    INT32_MAX } },
	};

	for (size_t i = 0; i < ARRAY_LEN(nested); i++) {
		if (!cmd_value(r, nested[i].field.option))
			continue;
		if (fields_add(r, &nested[i].field, 1,
			       cJSON_AddObjectToObject(in, nested[i].object), err) < 0)
			return -1;
	}
	return 0;
}

static int add_retry(const struct cmd_run *r, cJSON *in, struct err *err)
{
	const char *text = cmd_value(r, "retry");
	cJSON *strategy = text ? retry_parse(text, err) : NULL;

	json_add(in, "retryStrategy", strategy);
	return text && !strategy ? -1 : 0;
}

int submit_options(struct cmd_run *r, cJSON *in, struct err *err)
{
	static const struct field plain[] = {
		{ "share", "shareIdentifier", FIELD_TEXT, 0, 0 },
		{ "priority", "schedulingPriorityOverride", FIELD_NUMBER, 0, LIMIT_SHARE_PRIORITY },
	};

	if (fields_add(r, plain, ARRAY_LEN(plain), in, err) < 0 || add_depends(r, in, err) < 0 ||
	    add_retry(r, in, err) < 0 || add_nested(r, in, err) < 0 ||
	    add_parameters(r, in, err) < 0 || add_consume(r, in, err) < 0 ||
	    add_tags(r, in, err) < 0)
		return -1;
	json_add_bool(in, "jobdeckStrict", cmd_flag(r, "strict"));
	return 0;
}
