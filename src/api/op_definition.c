/* RegisterJobDefinition, DescribeJobDefinitions, DeregisterJobDefinition (JD-1..JD-5). */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "internal.h"

/* AWS shows these lists even where nothing was said of them. */
static void fill_container(cJSON *container)
{
	static const char *const lists[] = { "command",	    "volumes", "environment",
					     "mountPoints", "ulimits", "resourceRequirements",
					     "secrets" };

	for (size_t i = 0; container && i < ARRAY_LEN(lists); i++)
		if (!json_get(container, lists[i]))
			cJSON_AddArrayToObject(container, lists[i]);
}

static char *make_doc(const cJSON *in)
{
	static const char *const maps[] = { "parameters", "tags" };
	cJSON *doc cleanup_json = cJSON_Duplicate(in, 1), *list;
	const cJSON *range;

	cJSON_DeleteItemFromObjectCaseSensitive(doc, "jobDefinitionName");
	fill_container(cJSON_GetObjectItemCaseSensitive(doc, "containerProperties"));
	cJSON_ArrayForEach(range, json_get(json_get(doc, "nodeProperties"), "nodeRangeProperties"))
		fill_container(cJSON_GetObjectItemCaseSensitive(range, "container"));
	retry_tidy(cJSON_GetObjectItemCaseSensitive(doc, "retryStrategy"));
	for (size_t i = 0; i < ARRAY_LEN(maps); i++)
		if (!json_get(doc, maps[i]))
			json_add(doc, maps[i], cJSON_CreateObject());
	if (!json_count(doc, "platformCapabilities") && !json_get(doc, "eksProperties")) {
		list = cJSON_CreateArray();
		cJSON_AddItemToArray(list, cJSON_CreateString("EC2")); /* JD-4 */
		json_replace(doc, "platformCapabilities", list);
	}
	return json_print(doc);
}

static char *name_and_revision(const struct definition *d)
{
	return xasprintf("%s:%d", d->name, d->revision);
}

int op_register_definition(struct api_call *c, struct err *err)
{
	struct definition d = { .type = JD_container, .status = JDS_ACTIVE };
	cleanup_free char *name = NULL, *doc = NULL, *full = NULL;

	if (check_definition(c->in, err) < 0)
		return -1;
	name = xstrdup(json_str(c->in, "jobDefinitionName"));
	doc = make_doc(c->in);
	jd_type_parse(json_str(c->in, "type"), &d.type);
	d.name = name;
	d.doc = doc;
	d.revision = store_last_revision(c->store, name) + 1;
	d.created = engine_now(c->engine);
	if (engine_put_definition(c->engine, &d, err) < 0)
		return -1;
	full = name_and_revision(&d);
	json_add_str(c->out, "jobDefinitionName", name);
	add_arn(c, c->out, "jobDefinitionArn", "job-definition", full);
	json_add_int(c->out, "revision", d.revision);
	return 0;
}

cJSON *show_definition(const struct api_call *c, const struct definition *d)
{
	cJSON *doc = doc_parse(d->doc), *out = cJSON_CreateObject(), *item;
	cleanup_free char *full = name_and_revision(d);
	bool eks = json_get(doc, "eksProperties") != NULL;

	json_add_str(out, "jobDefinitionName", d->name);
	add_arn(c, out, "jobDefinitionArn", "job-definition", full);
	json_add_int(out, "revision", d->revision);
	json_add_str(out, "status", jd_status_name(d->status));
	while ((item = doc->child))
		cJSON_AddItemToObject(out, item->string, cJSON_DetachItemViaPointer(doc, item));
	json_add_str(out, "containerOrchestrationType", eks ? "EKS" : "ECS");
	cJSON_Delete(doc);
	return out;
}

/* --- DescribeJobDefinitions ------------------------------------------------------------ */

struct listing {
	struct api_call *c;
	cJSON *list;
	const char *asked;
	int room;
	char last[PAGE_POSITION_SIZE];
};

static int list_one(void *arg, const struct definition *d)
{
	struct listing *l = arg;

	if (l->room-- == 0) {
		page_add_token(l->c, "nextToken", l->asked, l->last);
		return -1;
	}
	cJSON_AddItemToArray(l->list, show_definition(l->c, d));
	snprintf(l->last, sizeof l->last, "%s:%d", d->name, d->revision);
	return 0;
}

static int describe_named(struct api_call *c, cJSON *list, const enum jd_status *status,
			  struct err *err)
{
	const cJSON *name;

	cJSON_ArrayForEach(name, json_get(c->in, "jobDefinitions")) {
		struct definition *d = find_definition(c, name->valuestring, err);

		if (!d && err->kind != ERR_NOT_FOUND)
			return -1;
		err->kind = ERR_NONE;
		if (d && (!status || d->status == *status))
			cJSON_AddItemToArray(list, show_definition(c, d));
		definition_free(d);
	}
	return 0;
}

static int list_all(struct api_call *c, cJSON *list, const enum jd_status *status, struct err *err)
{
	const char *given = json_str(c->in, "jobDefinitionName");
	char name[LIMIT_NAME + 1], after[LIMIT_NAME + 1], position[PAGE_POSITION_SIZE];
	struct definition_query q = { .status = status };
	struct listing l = { .c = c, .list = list };
	cleanup_free char *asked =
		xasprintf("%s %s", given ? given : "", status ? jd_status_name(*status) : "");
	int ignored;

	l.asked = asked;
	if ((given && definition_split(given, name, &ignored, err) < 0) ||
	    page_size(c, "maxResults", LIMIT_DESCRIBE_IDS, &l.room, err) < 0 ||
	    page_position(c, asked, position, err) < 0)
		return -1;
	if (*position && definition_split(position, after, &q.after_revision, err) < 0)
		return -1;
	q.after_name = *position ? after : NULL;
	q.name = given ? name : NULL;
	q.limit = l.room + 1;
	return store_definitions(c->store, &q, list_one, &l, err) < 0 && err->kind ? -1 : 0;
}

int op_describe_definitions(struct api_call *c, struct err *err)
{
	cJSON *list = cJSON_AddArrayToObject(c->out, "jobDefinitions");
	const char *text = json_str(c->in, "status");
	enum jd_status status;

	if (text && !jd_status_parse(text, &status))
		return err_set(err, ERR_INVALID, "status must be ACTIVE or INACTIVE");
	if (check_count(c->in, "jobDefinitions", err) < 0)
		return -1;
	if (!json_count(c->in, "jobDefinitions"))
		return list_all(c, list, text ? &status : NULL, err);
	if (json_get(c->in, "jobDefinitionName"))
		return err_set(err, ERR_INVALID,
			       "jobDefinitions can not be used together with jobDefinitionName");
	return describe_named(c, list, text ? &status : NULL, err);
}

/* JD-2. One that is INACTIVE already stays so. */
int op_deregister_definition(struct api_call *c, struct err *err)
{
	struct definition *d = find_definition(c, json_str(c->in, "jobDefinition"), err);
	int rc = 0;

	if (!d)
		return -1;
	if (d->status == JDS_ACTIVE) {
		d->status = JDS_INACTIVE;
		d->deregistered = engine_now(c->engine);
		rc = engine_put_definition(c->engine, d, err);
	}
	definition_free(d);
	return rc;
}
