/* CreateJobQueue, DescribeJobQueues, UpdateJobQueue, DeleteJobQueue (JQ-1..JQ-3, JQ-5). */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/model/reason.h"
#include "internal.h"
#include "tags.h"

static int check_new(struct api_call *c, struct err *err)
{
	const char *name = json_str(c->in, "jobQueueName");
	struct queue *other;

	if (check_name("Job Queue", name, err) < 0 || check_tags(c->in, err) < 0)
		return -1;
	other = find_queue(c, name, err);
	if (other) {
		queue_free(other);
		return err_set(err, ERR_CONFLICT, "Object already exists");
	}
	if (err->kind != ERR_NOT_FOUND)
		return -1;
	err->kind = ERR_NONE;
	return 0;
}

/* What was said now, over what was said before. Members that the struct has are not kept
 * twice. */
static void remember(struct queue *q, const cJSON *in)
{
	static const char *const kept[] = { "computeEnvironmentOrder", "tags", "jobQueueType",
					    "jobStateTimeLimitActions" };
	cJSON *doc cleanup_json = doc_parse(q->doc);

	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		const cJSON *item = json_get(in, kept[i]);

		if (item)
			json_replace(doc, kept[i], cJSON_Duplicate(item, 1));
	}
	free(q->doc);
	q->doc = json_print(doc);
}

/* Takes over what create and update have in common. */
static int take(struct api_call *c, struct queue *q, bool is_new, struct err *err)
{
	const cJSON *order = json_get(c->in, "computeEnvironmentOrder");
	int64_t priority = json_int(c->in, "priority", q->priority);

	if (priority < 0 || priority > LIMIT_PRIORITY)
		return err_set(err, ERR_INVALID, "priority must be between 0 and %d",
			       LIMIT_PRIORITY);
	q->priority = (int)priority;
	state_parse(json_str_or(c->in, "state", ""), &q->state);
	if (((order || is_new) && queue_read_order(c, q, order, err) < 0) ||
	    queue_read_policy(c, q, is_new, err) < 0 ||
	    queue_read_limits(q, json_get(c->in, "jobStateTimeLimitActions"), err) < 0 ||
	    (is_new && tags_read_queue(q, json_get(c->in, "tags"), err) < 0))
		return -1;
	remember(q, c->in);
	return engine_put_queue(c->engine, q, err);
}

static void answer(struct api_call *c, const struct queue *q)
{
	json_add_str(c->out, "jobQueueName", q->name);
	add_arn(c, c->out, "jobQueueArn", "job-queue", q->name);
}

int op_create_queue(struct api_call *c, struct err *err)
{
	struct queue *q;
	int rc;

	if (check_new(c, err) < 0)
		return -1;
	q = xcalloc(1, sizeof *q);
	q->name = xstrdup(json_str(c->in, "jobQueueName"));
	q->state = STATE_ENABLED;
	q->status = STATUS_VALID;
	q->status_reason = xstrdup(REASON_JQ_HEALTHY);
	q->created = engine_now(c->engine);
	rc = take(c, q, true, err);
	if (rc == 0)
		answer(c, q);
	queue_free(q);
	return rc;
}

int op_update_queue(struct api_call *c, struct err *err)
{
	struct queue *q = find_queue(c, json_str(c->in, "jobQueue"), err);
	int rc = 0;

	if (!q)
		return -1;
	if (q->status == STATUS_DELETING)
		rc = err_set(err, ERR_CONFLICT, "Cannot update, resource is being modified.");
	if (rc == 0)
		rc = take(c, q, false, err);
	if (rc == 0)
		answer(c, q);
	queue_free(q);
	return rc;
}

/* JQ-3. Its jobs are terminated; it is gone when the last of them has ended. */
int op_delete_queue(struct api_call *c, struct err *err)
{
	struct queue *q = find_queue(c, json_str(c->in, "jobQueue"), err);
	int rc = 0;

	if (!q)
		return -1;
	if (q->status == STATUS_UPDATING)
		rc = err_set(err, ERR_CONFLICT, "Cannot delete, resource is being modified.");
	else if (q->state != STATE_DISABLED)
		rc = err_set(err, ERR_CONFLICT,
			     "Cannot delete, state of the job queue must be DISABLED.");
	else if (q->status != STATUS_DELETING) {
		q->status = STATUS_DELETING;
		rc = engine_put_queue(c->engine, q, err);
	}
	if (rc == 0)
		rc = reap_start(c->api, err);
	queue_free(q);
	return rc;
}

struct listing {
	struct api_call *c;
	cJSON *list;
	const char *after; /* names up to this one were on earlier pages */
	int room;
	char last[PAGE_POSITION_SIZE];
};

static int list_one(void *arg, const struct queue *q)
{
	struct listing *l = arg;

	if (q->status == STATUS_DELETED || strcmp(q->name, l->after) <= 0)
		return 0;
	if (l->room-- == 0) {
		page_add_token(l->c, "nextToken", "", l->last);
		return -1;
	}
	cJSON_AddItemToArray(l->list, show_queue(l->c, q));
	snprintf(l->last, sizeof l->last, "%s", q->name);
	return 0;
}

static int describe_named(struct api_call *c, cJSON *list, struct err *err)
{
	const cJSON *name;

	cJSON_ArrayForEach(name, json_get(c->in, "jobQueues")) {
		struct queue *q = find_queue(c, name->valuestring, err);

		if (!q && err->kind != ERR_NOT_FOUND)
			return -1;
		err->kind = ERR_NONE;
		if (q)
			cJSON_AddItemToArray(list, show_queue(c, q));
		queue_free(q);
	}
	return 0;
}

int op_describe_queues(struct api_call *c, struct err *err)
{
	cJSON *list = cJSON_AddArrayToObject(c->out, "jobQueues");
	char after[PAGE_POSITION_SIZE];
	struct listing l = { .c = c, .list = list, .after = after };

	if (check_count(c->in, "jobQueues", err) < 0)
		return -1;
	if (json_count(c->in, "jobQueues"))
		return describe_named(c, list, err);
	if (page_size(c, "maxResults", LIMIT_DESCRIBE_IDS, &l.room, err) < 0 ||
	    page_position(c, "", after, err) < 0)
		return -1;
	return store_queues(c->store, list_one, &l, err) < 0 && err->kind ? -1 : 0;
}
