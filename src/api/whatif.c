/* A world for a forecast: its things, the changes that somebody would like to try, and the facts
 * that tell a scheduler of it. */
#include "config.h"
#include <string.h>
#include <strings.h>
#include "whatif.h"

struct whatif *whatif_new(const struct resources *pool, const struct sched_settings *settings)
{
	struct whatif *w = xcalloc(1, sizeof *w);

	w->pool = *pool;
	w->settings = *settings;
	return w;
}

void whatif_free(struct whatif *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->count; i++) {
		free(w->thing[i].name);
		cJSON_Delete(w->thing[i].doc);
	}
	free(w->thing);
	free(w);
}

int whatif_add(struct whatif *w, enum whatif_kind kind, cJSON *detail, int generation,
	       struct err *err)
{
	static const char *const names[] = { [WHATIF_ENVIRONMENT] = "computeEnvironmentName",
					     [WHATIF_QUEUE] = "jobQueueName",
					     [WHATIF_POLICY] = "name",
					     [WHATIF_CONSUMABLE] = "consumableResourceName" };
	const char *name = json_str(detail, names[kind]);

	if (!name) {
		cJSON_Delete(detail);
		return err_set(err, ERR_INVALID, "%s is missing", names[kind]);
	}
	ARRAY_ROOM(w->thing, w->count, w->cap);
	w->thing[w->count++] = (struct whatif_thing){
		.kind = kind, .name = xstrdup(name), .doc = detail, .generation = generation
	};
	return 0;
}

/* What can be changed: where it stands in the document, and what it must look like. `replaces`:
 * only new instances have it. */
static const struct property {
	const char *name;
	enum whatif_kind kind;
	const char *in; /* the object it is a member of, or NULL: the document itself */
	const char *shape; /* as in schema_batch_*.def; "Names": a list of environments */
	bool replaces;
} properties[] = {
	{ "maxvCpus", WHATIF_ENVIRONMENT, "computeResources", "Integer", false },
	{ "minvCpus", WHATIF_ENVIRONMENT, "computeResources", "Integer", false },
	{ "bidPercentage", WHATIF_ENVIRONMENT, "computeResources", "Integer", true },
	{ "type", WHATIF_ENVIRONMENT, "computeResources", "CRType", true },
	{ "allocationStrategy", WHATIF_ENVIRONMENT, "computeResources", "CRAllocationStrategy",
	  true },
	{ "instanceTypes", WHATIF_ENVIRONMENT, "computeResources", "StringList", true },
	{ "unmanagedvCpus", WHATIF_ENVIRONMENT, NULL, "Integer", false },
	{ "state", WHATIF_ENVIRONMENT, NULL, "CEState", false },
	{ "priority", WHATIF_QUEUE, NULL, "Integer", false },
	{ "state", WHATIF_QUEUE, NULL, "JQState", false },
	{ "computeEnvironments", WHATIF_QUEUE, NULL, "Names", false },
	{ "shareDecaySeconds", WHATIF_POLICY, "fairsharePolicy", "Integer", false },
	{ "computeReservation", WHATIF_POLICY, "fairsharePolicy", "Integer", false },
	{ "totalQuantity", WHATIF_CONSUMABLE, NULL, "Long", false },
};

static int bad_number(const char *change, struct err *err)
{
	return err_set(err, ERR_INVALID, "%.120s: that must be a whole number", change);
}

static int read_number(const char *text, const char *change, int64_t *out, struct err *err)
{
	size_t n = strspn(text, "0123456789");

	if (!n || text[n] || n > 12)
		return bad_number(change, err);
	*out = strtoll(text, NULL, 10);
	return 0;
}

/* "a,b" as a list of strings. */
static cJSON *list_of(const char *text)
{
	cleanup_free char *copy = xstrdup(text);
	cJSON *list = cJSON_CreateArray();
	char *rest = NULL;

	for (char *word = strtok_r(copy, ",", &rest); word; word = strtok_r(NULL, ",", &rest))
		cJSON_AddItemToArray(list, cJSON_CreateString(word));
	return list;
}

static cJSON *order_of(const char *text)
{
	cJSON *names = list_of(text), *out = cJSON_CreateArray();
	const cJSON *name;
	int n = 0;

	cJSON_ArrayForEach(name, names) {
		cJSON *item = cJSON_CreateObject();

		json_add_int(item, "order", ++n);
		json_add_str(item, "computeEnvironment", name->valuestring);
		cJSON_AddItemToArray(out, item);
	}
	cJSON_Delete(names);
	return out;
}

/* NULL on error. */
static cJSON *value_of(const struct property *p, const char *text, const char *change,
		       struct err *err)
{
	const struct schema *shape = schema_find(p->shape);
	cJSON *value = NULL;
	int64_t n;

	if (strcmp(p->shape, "Names") == 0)
		return order_of(text);
	if (shape->type == SCHEMA_LIST)
		return list_of(text);
	if (shape->type == SCHEMA_STRING)
		value = cJSON_CreateString(text);
	else if (!read_number(text, change, &n, err))
		value = cJSON_CreateNumber((double)n);
	if (value && schema_check(shape, value, err) < 0) {
		err_wrap(err, "%.120s", change);
		cJSON_Delete(value);
		return NULL;
	}
	return value;
}

/* CE-5: what Fargate does not know goes with the change to it. */
static void forget_for_fargate(cJSON *resources)
{
	static const char *const kept[] = { "type", "maxvCpus", "subnets", "securityGroupIds" };
	cJSON *item = resources->child, *next;

	for (; item; item = next) {
		bool keep = false;

		next = item->next;
		for (size_t i = 0; i < ARRAY_LEN(kept); i++)
			keep |= strcmp(item->string, kept[i]) == 0;
		if (!keep)
			cJSON_Delete(cJSON_DetachItemViaPointer(resources, item));
	}
}

static void put(struct whatif_thing *t, const struct property *p, cJSON *value)
{
	const char *member = strcmp(p->shape, "Names") == 0 ? "computeEnvironmentOrder" : p->name;
	cJSON *in = p->in ? cJSON_GetObjectItemCaseSensitive(t->doc, p->in) : t->doc;

	if (!in)
		in = cJSON_AddObjectToObject(t->doc, p->in);
	json_replace(in, member, value);
	if (strcmp(p->name, "type") == 0 && strncmp(value->valuestring, "FARGATE", 7) == 0)
		forget_for_fargate(in);
	/* What Batch works out itself is no part of the change (CE-7). */
	if (p->kind == WHATIF_ENVIRONMENT)
		cJSON_DeleteItemFromObjectCaseSensitive(in, "desiredvCpus");
	t->changed = true;
	t->replaced |= p->replaces;
}

static struct whatif_thing *find(const struct whatif *w, const char *name, size_t len,
				 enum whatif_kind kind)
{
	for (size_t i = 0; i < w->count; i++) {
		struct whatif_thing *t = &w->thing[i];

		if (t->kind == kind && strlen(t->name) == len && strncmp(t->name, name, len) == 0)
			return t;
	}
	return NULL;
}

static bool is_known(const char *property)
{
	for (size_t i = 0; i < ARRAY_LEN(properties); i++) {
		if (strcmp(properties[i].name, property) == 0)
			return true;
	}
	return false;
}

static int set_property(struct whatif *w, const char *change, size_t name_len,
			const char *property, const char *text, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(properties); i++) {
		const struct property *p = &properties[i];
		struct whatif_thing *t;
		cJSON *value;

		if (strcmp(p->name, property) != 0 || !(t = find(w, change, name_len, p->kind)))
			continue;
		value = value_of(p, text, change, err);
		if (!value)
			return -1;
		put(t, p, value);
		return 0;
	}
	if (!is_known(property))
		return err_set(err, ERR_INVALID, "%.120s: there is no property %.60s to set",
			       change, property);
	return err_set(err, ERR_NOT_FOUND, "%.120s: there is nothing called %.*s that has %.60s",
		       change, (int)(name_len < 120 ? name_len : 120), change, property);
}

static int set_pool(struct whatif *w, const char *what, const char *text, const char *change,
		    struct err *err)
{
	int64_t n;

	if (read_number(text, change, &n, err) < 0)
		return -1;
	if (strcmp(what, "vcpus") == 0)
		w->pool.vcpu_milli = n * 1000;
	else if (strcmp(what, "memory") == 0)
		w->pool.memory_mib = n;
	else if (strcmp(what, "gpus") == 0 && n <= INT32_MAX)
		w->pool.gpus = (int32_t)n;
	else
		return err_set(err, ERR_INVALID,
			       "%.120s: a pool has vcpus, memory (in MiB) and gpus", change);
	w->pool_changed = true;
	return 0;
}

static int bad_change(const char *change, struct err *err)
{
	return err_set(err, ERR_INVALID,
		       "%.120s: write NAME.PROPERTY=VALUE, as in local-ce.maxvCpus=64", change);
}

static int set_setting(struct whatif *w, const char *name, const char *text, const char *change,
		       struct err *err)
{
	bool launch = strcmp(name, "launch_seconds") == 0, idle = strcmp(name, "idle_seconds") == 0;
	bool failures = strcmp(name, "launch_failure_percent") == 0;
	int64_t n;

	if (!launch && !idle && !failures)
		return bad_change(change, err);
	if (read_number(text, change, &n, err) < 0)
		return -1;
	if (failures && n > 100)
		return err_set(err, ERR_INVALID, "%.120s: that is 100 at most", change);
	if (launch)
		w->settings.launch_ms = n * 1000;
	else if (idle)
		w->settings.idle_ms = n * 1000;
	else
		w->settings.launch_failure_percent = (int)n;
	w->settings_changed = true;
	return 0;
}

int whatif_set(struct whatif *w, const char *change, struct err *err)
{
	size_t len = strcspn(change, "=");
	const char *equals = change + len;
	cleanup_free char *what = xstrndup(change, len);
	const char *dot = strrchr(what, '.');

	if (!*equals)
		return bad_change(change, err);
	if (!dot)
		return set_setting(w, what, equals + 1, change, err);
	if (strncmp(what, "pool.", 5) == 0 && !is_known(dot + 1))
		return set_pool(w, dot + 1, equals + 1, change, err);
	return set_property(w, change, (size_t)(dot - what), dot + 1, equals + 1, err);
}

/* ---- facts */

static int tell_thing(const struct whatif_thing *t, struct sched *s, jd_time now, struct err *err)
{
	struct fact fact = { .at = now };
	struct environment *e = NULL;
	struct queue *q = NULL;
	struct policy *p = NULL;
	struct consumable *c = NULL;
	int rc = -1;

	switch (t->kind) {
	case WHATIF_ENVIRONMENT:
		fact.kind = FACT_ENVIRONMENT;
		fact.environment = e = whatif_environment(t, err);
		rc = e ? sched_apply(s, &fact, NULL, err) : -1;
		environment_free(e);
		break;
	case WHATIF_QUEUE:
		fact.kind = FACT_QUEUE;
		fact.queue = q = whatif_queue(t, err);
		rc = q ? sched_apply(s, &fact, NULL, err) : -1;
		queue_free(q);
		break;
	case WHATIF_POLICY:
		fact.kind = FACT_POLICY;
		fact.policy = p = whatif_policy(t, err);
		rc = p ? sched_apply(s, &fact, NULL, err) : -1;
		policy_free(p);
		break;
	case WHATIF_CONSUMABLE:
		fact.kind = FACT_CONSUMABLE;
		fact.consumable = c = whatif_consumable(t, err);
		rc = sched_apply(s, &fact, NULL, err);
		consumable_free(c);
		break;
	}
	return rc;
}

static int tell_all(const struct whatif *w, enum whatif_kind kind, struct sched *s, jd_time now,
		    bool only_changes, struct err *err)
{
	for (size_t i = 0; i < w->count; i++) {
		const struct whatif_thing *t = &w->thing[i];

		if (t->kind == kind && (t->changed || !only_changes) &&
		    tell_thing(t, s, now, err) < 0)
			return -1;
	}
	return 0;
}

int whatif_tell(const struct whatif *w, struct sched *s, jd_time now, bool only_changes,
		struct err *err)
{
	static const enum whatif_kind order[] = { WHATIF_POLICY, WHATIF_CONSUMABLE,
						  WHATIF_ENVIRONMENT, WHATIF_QUEUE };
	struct fact fact = { .kind = FACT_SETTINGS, .at = now, .settings = w->settings };

	if (fact.settings.next_instance < 1)
		fact.settings.next_instance = 1;
	if ((!only_changes || w->settings_changed) && sched_apply(s, &fact, NULL, err))
		return -1;
	fact = (struct fact){ .kind = FACT_POOL, .at = now, .pool = w->pool };
	if ((!only_changes || w->pool_changed) && sched_apply(s, &fact, NULL, err))
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		if (tell_all(w, order[i], s, now, only_changes, err) < 0)
			return -1;
	}
	return 0;
}
