/* CreateSchedulingPolicy, DescribeSchedulingPolicies, ListSchedulingPolicies,
 * UpdateSchedulingPolicy, DeleteSchedulingPolicy. */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "internal.h"

/* What was said now, over what was said before. */
static void remember(struct policy *p, const cJSON *in)
{
	static const char *const kept[] = { "fairsharePolicy", "tags" };
	cJSON *doc cleanup_json = doc_parse(p->doc);

	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		if (json_get(in, kept[i]))
			json_replace(doc, kept[i], cJSON_Duplicate(json_get(in, kept[i]), 1));
	free(p->doc);
	p->doc = json_print(doc);
}

static int put(struct api_call *c, struct policy *p, struct err *err)
{
	const cJSON *fair = json_get(c->in, "fairsharePolicy");

	if (fair && policy_read(p, fair, err) < 0)
		return -1;
	remember(p, c->in);
	return engine_put_policy(c->engine, p, err);
}

static int check_new(struct api_call *c, const char *name, struct err *err)
{
	struct policy *other;

	if (check_name("Scheduling policy", name, err) < 0 || check_tags(c->in, err) < 0)
		return -1;
	other = store_policy(c->store, name, err);
	if (!other)
		return err->kind ? -1 : 0;
	policy_free(other);
	return err_set(err, ERR_CONFLICT, "Object already exists");
}

int op_create_policy(struct api_call *c, struct err *err)
{
	const char *name = json_str(c->in, "name");
	struct policy *p;
	int rc;

	if (check_new(c, name, err) < 0)
		return -1;
	p = xcalloc(1, sizeof *p);
	p->name = xstrdup(name);
	p->created = engine_now(c->engine);
	rc = put(c, p, err);
	policy_free(p);
	if (rc < 0)
		return -1;
	json_add_str(c->out, "name", name);
	add_arn(c, c->out, "arn", "scheduling-policy", name);
	return 0;
}

int op_update_policy(struct api_call *c, struct err *err)
{
	struct policy *p = find_policy(c, json_str(c->in, "arn"), err);
	int rc = p ? put(c, p, err) : -1;

	policy_free(p);
	return rc;
}

/* The scheduler refuses one that a queue uses. */
int op_delete_policy(struct api_call *c, struct err *err)
{
	struct policy *p = find_policy(c, json_str(c->in, "arn"), err);
	int rc = -1;

	if (p) {
		p->deleted = true;
		rc = engine_put_policy(c->engine, p, err);
	}
	policy_free(p);
	return rc;
}

/* Unknown ones are silently absent. */
int op_describe_policies(struct api_call *c, struct err *err)
{
	cJSON *list = cJSON_AddArrayToObject(c->out, "schedulingPolicies");
	const cJSON *arn;

	if (check_count(c->in, "arns", err) < 0)
		return -1;
	cJSON_ArrayForEach(arn, json_get(c->in, "arns")) {
		struct policy *p = find_policy(c, arn->valuestring, err);

		if (!p && err->kind != ERR_NOT_FOUND)
			return -1;
		err->kind = ERR_NONE;
		if (p)
			cJSON_AddItemToArray(list, show_policy(c, p));
		policy_free(p);
	}
	return 0;
}

struct listing {
	struct api_call *c;
	cJSON *list;
	const char *after; /* names up to this one were on earlier pages */
	int room;
	char last[PAGE_POSITION_SIZE];
};

static int list_one(void *arg, const struct policy *p)
{
	struct listing *l = arg;
	cJSON *item;

	if (strcmp(p->name, l->after) <= 0)
		return 0;
	if (l->room-- == 0) {
		page_add_token(l->c, "nextToken", "", l->last);
		return -1;
	}
	item = cJSON_CreateObject();
	add_arn(l->c, item, "arn", "scheduling-policy", p->name);
	cJSON_AddItemToArray(l->list, item);
	snprintf(l->last, sizeof l->last, "%s", p->name);
	return 0;
}

int op_list_policies(struct api_call *c, struct err *err)
{
	cJSON *list = cJSON_AddArrayToObject(c->out, "schedulingPolicies");
	char after[PAGE_POSITION_SIZE];
	struct listing l = { .c = c, .list = list, .after = after };

	if (page_size(c, "maxResults", LIMIT_DESCRIBE_IDS, &l.room, err) < 0 ||
	    page_position(c, "", after, err) < 0)
		return -1;
	return store_policies(c->store, list_one, &l, err) < 0 && err->kind ? -1 : 0;
}
