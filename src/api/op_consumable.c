/* CreateConsumableResource, DescribeConsumableResource, ListConsumableResources,
 * UpdateConsumableResource, DeleteConsumableResource (CR-1, CR-2). */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "internal.h"
#include "name_filter.h"

/* What JSON carries exactly; the scheduler sums such numbers. */
#define QUANTITY_MAX INT64_C(9007199254740991)

static int check_quantity(const cJSON *in, const char *member, struct err *err)
{
	int64_t n = json_int(in, member, 0);

	if (n >= 0 && n <= QUANTITY_MAX)
		return 0;
	return err_set(err, ERR_INVALID, "%s must be non-negative", member);
}

static int check_new(struct api_call *c, const char *name, struct err *err)
{
	struct consumable *other;

	if (check_name("Consumable resource", name, err) < 0 || check_tags(c->in, err) < 0 ||
	    check_quantity(c->in, "totalQuantity", err) < 0)
		return -1;
	other = store_consumable(c->store, name, err);
	if (!other)
		return err->kind ? -1 : 0;
	consumable_free(other);
	return err_set(err, ERR_CONFLICT, "Object already exists");
}

static void answer(struct api_call *c, const char *name)
{
	json_add_str(c->out, "consumableResourceName", name);
	add_arn(c, c->out, "consumableResourceArn", "consumable-resource", name);
}

int op_create_consumable(struct api_call *c, struct err *err)
{
	const char *name = json_str(c->in, "consumableResourceName");
	struct consumable *r;
	cJSON *doc cleanup_json = cJSON_CreateObject();
	int rc = -1;

	if (check_new(c, name, err) < 0)
		return -1;
	json_add(doc, "tags", merge_map(json_get(c->in, "tags"), NULL));
	r = xcalloc(1, sizeof *r);
	r->name = xstrdup(name);
	r->total = json_int(c->in, "totalQuantity", 0);
	r->created = engine_now(c->engine);
	r->doc = json_print(doc);
	if (consumable_type_parse(json_str_or(c->in, "resourceType", "REPLENISHABLE"), &r->type))
		rc = engine_put_consumable(c->engine, r, err);
	else
		err_set(err, ERR_INVALID,
			"resourceType must be REPLENISHABLE or NON_REPLENISHABLE");
	consumable_free(r);
	if (rc == 0)
		answer(c, name);
	return rc;
}

/* --- update ---------------------------------------------------------------------------------- */

static int new_total(const struct consumable *r, const cJSON *in, int64_t *total, struct err *err)
{
	const char *how = json_str_or(in, "operation", "");
	int64_t n = json_int(in, "quantity", 0);

	if (strcmp(how, "SET") == 0)
		*total = n;
	else if (strcmp(how, "ADD") == 0)
		*total = r->total + n;
	else if (strcmp(how, "REMOVE") == 0)
		*total = r->total - n;
	else
		return err_set(err, ERR_INVALID, "operation must be one of SET, ADD and REMOVE");
	if (*total < 0)
		return err_set(err, ERR_INVALID,
			       "The total quantity of consumable resource %s is %lld: so many "
			       "cannot be removed.",
			       r->name, (long long)r->total);
	if (*total > QUANTITY_MAX)
		return err_set(err, ERR_INVALID, "The total quantity can be at most %lld.",
			       (long long)QUANTITY_MAX);
	return 0;
}

static int update(struct api_call *c, struct consumable *r, struct err *err)
{
	int64_t total = r->total;

	if (!json_get(c->in, "quantity"))
		return err_set(err, ERR_INVALID, "quantity must be given");
	if (check_quantity(c->in, "quantity", err) < 0 || new_total(r, c->in, &total, err) < 0)
		return -1;
	r->total = total;
	if (engine_put_consumable(c->engine, r, err) < 0)
		return -1;
	answer(c, r->name);
	json_add_int(c->out, "totalQuantity", r->total);
	return 0;
}

int op_update_consumable(struct api_call *c, struct err *err)
{
	int done = token_seen(c, err), rc;
	struct consumable *r;

	if (done)
		return done < 0 ? -1 : 0;
	r = find_consumable(c, json_str(c->in, "consumableResource"), err);
	rc = r ? update(c, r, err) : -1;
	consumable_free(r);
	return rc == 0 ? token_keep(c, err) : -1;
}

/* The scheduler refuses one that jobs wait for or hold. */
int op_delete_consumable(struct api_call *c, struct err *err)
{
	struct consumable *r = find_consumable(c, json_str(c->in, "consumableResource"), err);
	int rc = -1;

	if (r) {
		r->deleted = true;
		rc = engine_put_consumable(c->engine, r, err);
	}
	consumable_free(r);
	return rc;
}

/* --- reading --------------------------------------------------------------------------------- */

static int64_t in_use(const struct api_call *c, const struct consumable *r)
{
	struct sched_consumable_view view = { 0 };

	sched_consumable(engine_sched(c->engine), r->name, &view);
	return view.in_use;
}

static void show_common(const struct api_call *c, cJSON *out, const struct consumable *r)
{
	json_add_str(out, "consumableResourceName", r->name);
	add_arn(c, out, "consumableResourceArn", "consumable-resource", r->name);
	json_add_int(out, "totalQuantity", r->total);
	json_add_int(out, "inUseQuantity", in_use(c, r));
	json_add_str(out, "resourceType", consumable_type_name(r->type));
}

/* More can be in use than there is, once the total was made smaller. */
int op_describe_consumable(struct api_call *c, struct err *err)
{
	struct consumable *r = find_consumable(c, json_str(c->in, "consumableResource"), err);
	cJSON *doc cleanup_json = doc_parse(r ? r->doc : NULL);
	int64_t left;

	if (!r)
		return -1;
	left = r->total - in_use(c, r);
	show_common(c, c->out, r);
	json_add_int(c->out, "availableQuantity", left > 0 ? left : 0);
	json_add_int(c->out, "createdAt", r->created);
	json_add(c->out, "tags", merge_map(json_get(doc, "tags"), NULL));
	consumable_free(r);
	return 0;
}

struct listing {
	struct api_call *c;
	cJSON *list;
	struct name_filter filter;
	const char *after, *asked;
	int room;
	char last[PAGE_POSITION_SIZE];
};

static int list_one(void *arg, const struct consumable *r)
{
	struct listing *l = arg;
	cJSON *item;

	if (strcmp(r->name, l->after) <= 0 || !name_filter_matches(&l->filter, r->name))
		return 0;
	if (l->room-- == 0) {
		page_add_token(l->c, "nextToken", l->asked, l->last);
		return -1;
	}
	item = cJSON_CreateObject();
	show_common(l->c, item, r);
	cJSON_AddItemToArray(l->list, item);
	snprintf(l->last, sizeof l->last, "%s", r->name);
	return 0;
}

int op_list_consumables(struct api_call *c, struct err *err)
{
	cJSON *list = cJSON_AddArrayToObject(c->out, "consumableResources");
	cleanup_free char *asked = json_print(json_get(c->in, "filters"));
	char after[PAGE_POSITION_SIZE];
	struct listing l = { .c = c, .list = list, .after = after, .asked = asked };

	if (name_filter_read(&l.filter, json_get(c->in, "filters"), "CONSUMABLE_RESOURCE_NAME",
			     err) < 0 ||
	    page_size(c, "maxResults", LIMIT_DESCRIBE_IDS, &l.room, err) < 0 ||
	    page_position(c, asked, after, err) < 0)
		return -1;
	return store_consumables(c->store, list_one, &l, err) < 0 && err->kind ? -1 : 0;
}
