/* CreateComputeEnvironment, DescribeComputeEnvironments, DeleteComputeEnvironment. */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/model/limits.h"
#include "jobdeck/model/reason.h"
#include "internal.h"

/* What is asked for again and again stays a document; the scheduler's part is taken out. */
static struct environment *environment_make(struct api_call *c)
{
	struct environment *e = xcalloc(1, sizeof *e);
	cJSON *doc cleanup_json = cJSON_Duplicate(c->in, 1);
	cJSON *resources = cJSON_GetObjectItemCaseSensitive(doc, "computeResources");
	char uuid[UUID_SIZE];

	e->name = xstrdup(json_str(c->in, "computeEnvironmentName"));
	e->state = STATE_ENABLED;
	e->status = STATUS_VALID;
	e->status_reason = xstrdup(REASON_CE_HEALTHY);
	e->created = engine_now(c->engine);
	environment_read(e, doc);
	if (e->type == CE_MANAGED && !environment_is_fargate(e)) {
		e->desired_vcpus = (int)json_int(resources, "desiredvCpus", 0);
		cJSON_DeleteItemFromObjectCaseSensitive(resources, "desiredvCpus");
	}
	cJSON_DeleteItemFromObjectCaseSensitive(doc, "computeEnvironmentName");
	cJSON_DeleteItemFromObjectCaseSensitive(doc, "state");
	uuid_v4(uuid);
	json_add_str(doc, "uuid", uuid);
	e->doc = json_print(doc);
	return e;
}

static int check_create(struct api_call *c, struct err *err)
{
	const char *name = json_str(c->in, "computeEnvironmentName");
	struct environment *other;

	if (check_name("Compute Environment", name, err) < 0 || check_tags(c->in, err) < 0)
		return -1;
	if (strcmp(json_str_or(c->in, "state", "ENABLED"), "ENABLED") != 0) /* CE-1 */
		return err_set(err, ERR_INVALID,
			       "Compute Environment must be created in ENABLED state.");
	other = find_environment(c, name, err);
	if (other) {
		environment_free(other);
		return err_set(err, ERR_CONFLICT, "Object already exists");
	}
	if (err->kind != ERR_NOT_FOUND)
		return -1;
	err->kind = ERR_NONE;
	return 0;
}

static void answer(struct api_call *c, const char *name)
{
	json_add_str(c->out, "computeEnvironmentName", name);
	add_arn(c, c->out, "computeEnvironmentArn", "compute-environment", name);
}

int op_create_environment(struct api_call *c, struct err *err)
{
	struct environment *e;
	int rc;

	if (check_create(c, err) < 0)
		return -1;
	e = environment_make(c);
	rc = environment_check(e, c->in, err);
	if (rc == 0)
		rc = engine_put_environment(c->engine, e, err);
	if (rc == 0)
		answer(c, e->name);
	environment_free(e);
	return rc;
}

struct listing {
	struct api_call *c;
	cJSON *list;
	const char *after; /* names up to this one were on earlier pages */
	int room;	   /* for so many more, and one to know that there is more */
	char last[PAGE_POSITION_SIZE];
};

static int list_one(void *arg, const struct environment *e)
{
	struct listing *l = arg;

	if (e->status == STATUS_DELETED || strcmp(e->name, l->after) <= 0)
		return 0;
	if (l->room-- == 0) {
		page_add_token(l->c, "nextToken", "", l->last);
		return -1;
	}
	cJSON_AddItemToArray(l->list, show_environment(l->c, e));
	snprintf(l->last, sizeof l->last, "%s", e->name);
	return 0;
}

static int describe_named(struct api_call *c, cJSON *list, struct err *err)
{
	const cJSON *name;

	cJSON_ArrayForEach(name, json_get(c->in, "computeEnvironments")) {
		struct environment *e = find_environment(c, name->valuestring, err);

		if (!e && err->kind != ERR_NOT_FOUND)
			return -1;
		err->kind = ERR_NONE;
		if (e)
			cJSON_AddItemToArray(list, show_environment(c, e));
		environment_free(e);
	}
	return 0;
}

int op_describe_environments(struct api_call *c, struct err *err)
{
	cJSON *list = cJSON_AddArrayToObject(c->out, "computeEnvironments");
	char after[PAGE_POSITION_SIZE];
	struct listing l = { .c = c, .list = list, .after = after };

	if (check_count(c->in, "computeEnvironments", err) < 0)
		return -1;
	if (json_count(c->in, "computeEnvironments"))
		return describe_named(c, list, err);
	if (page_size(c, "maxResults", LIMIT_DESCRIBE_IDS, &l.room, err) < 0 ||
	    page_position(c, "", after, err) < 0)
		return -1;
	return store_environments(c->store, list_one, &l, err) < 0 && err->kind ? -1 : 0;
}

/* CE-4. */
struct attached {
	const char *env;
	bool found;
};

static int look_for_queue(void *arg, const struct queue *q)
{
	struct attached *a = arg;

	if (q->status == STATUS_DELETED)
		return 0;
	for (int i = 0; i < q->env_count; i++)
		a->found |= strcmp(q->env[i], a->env) == 0;
	return 0;
}

static int check_delete(struct api_call *c, const struct environment *e, struct err *err)
{
	struct attached a = { .env = e->name };

	if (e->status == STATUS_UPDATING)
		return err_set(err, ERR_CONFLICT, "Cannot delete, resource is being modified.");
	if (e->state != STATE_DISABLED)
		return err_set(err, ERR_CONFLICT,
			       "Cannot delete, state of the compute environment must be DISABLED.");
	if (store_queues(c->store, look_for_queue, &a, err) < 0)
		return -1;
	if (a.found)
		return err_set(err, ERR_CONFLICT,
			       "Cannot delete, found existing JobQueue relationship");
	return 0;
}

/* Gone at once when nothing runs in it, else when its last job has ended. */
int op_delete_environment(struct api_call *c, struct err *err)
{
	struct environment *e = find_environment(c, json_str(c->in, "computeEnvironment"), err);
	int rc;

	if (!e)
		return -1;
	rc = e->status == STATUS_DELETING ? 0 : check_delete(c, e, err);
	if (rc == 0 && e->status != STATUS_DELETING) {
		e->status = STATUS_DELETING;
		rc = engine_put_environment(c->engine, e, err);
	}
	if (rc == 0)
		rc = reap_start(c->api, err);
	environment_free(e);
	return rc;
}
