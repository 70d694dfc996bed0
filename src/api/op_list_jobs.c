/* ListJobs (LS-1, LS-2, ARR-9): of a queue, one status at a time, RUNNING when none is named; or
 * with one filter, then of every status and newest first. Of an array or multi-node job its
 * children of one status, also those that the scheduler has not made yet. */
#include "config.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "internal.h"

enum { PAGE_BY_STATUS = 1000, PAGE_BY_FILTER = 100 };

/* The request, read: what the query points to is kept here. */
struct listing {
	struct api_call *c;
	cJSON *list;
	struct job_query query;
	char definition[ARN_SIZE];
	struct queue *queue; /* one of the two, */
	struct job *parent;  /* and neither: there is nothing of the kind */
	char *asked;
	int room;
	int64_t last;
};

/* A time in milliseconds, as text. */
static int read_time(const char *text, jd_time *out, struct err *err)
{
	size_t n = strspn(text, "0123456789");

	if (!n || text[n] || n > 15)
		return err_set(err, ERR_INVALID, "filters: %.40s is not a time in milliseconds",
			       text);
	*out = (jd_time)strtoll(text, NULL, 10);
	return 0;
}

/* A name of any revision, perhaps with '*', or the ARN of one. */
static int read_definition(struct listing *l, const char *text, struct err *err)
{
	const char *bare = arn_name("job-definition", text);

	if (!bare || strlen(bare) >= sizeof l->definition)
		return err_set(err, ERR_INVALID, "filters: %.200s is no job definition", text);
	snprintf(l->definition, sizeof l->definition, "%s", bare);
	l->query.definition = l->definition;
	return 0;
}

static int read_filter(struct listing *l, const char *name, const char *value, struct err *err)
{
	struct job_query *q = &l->query;

	q->newest_first = true;
	if (strcmp(name, "SHARE_IDENTIFIER") != 0 || !json_get(l->c->in, "jobStatus"))
		q->status = -1;
	if (strcmp(name, "JOB_NAME") == 0)
		q->name = value;
	else if (strcmp(name, "SHARE_IDENTIFIER") == 0)
		q->share = value;
	else if (strcmp(name, "JOB_DEFINITION") == 0)
		return read_definition(l, value, err);
	else if (strcmp(name, "BEFORE_CREATED_AT") == 0)
		return read_time(value, &q->created_before, err);
	else if (strcmp(name, "AFTER_CREATED_AT") == 0)
		return read_time(value, &q->created_after, err);
	else
		return err_set(err, ERR_INVALID,
			       "filters: %.60s is none of JOB_NAME, JOB_DEFINITION, "
			       "BEFORE_CREATED_AT, AFTER_CREATED_AT, SHARE_IDENTIFIER",
			       name);
	return 0;
}

static int read_filters(struct listing *l, struct err *err)
{
	const cJSON *filters = json_get(l->c->in, "filters"), *values;
	const char *name;

	if (!cJSON_GetArraySize(filters))
		return 0;
	filters = filters->child;
	name = json_str(filters, "name");
	values = json_get(filters, "values");
	if (filters->next || cJSON_GetArraySize(values) > 1)
		return err_set(err, ERR_INVALID, "Only one filter key-value pair can be specified");
	if (!name || !cJSON_GetArraySize(values))
		return err_set(err, ERR_INVALID, "filters: a filter needs a name and a value");
	return read_filter(l, name, values->child->valuestring, err);
}

/* A parent of another kind has no such children. */
static int find_parent(struct listing *l, const char *member, enum job_kind kind, struct err *err)
{
	l->parent = find_job(l->c, json_str(l->c->in, member), err);
	if (!l->parent && err->kind)
		return -1;
	if (l->parent && l->parent->kind != kind) {
		job_free(l->parent);
		l->parent = NULL;
	}
	return 0;
}

/* LS-1. */
static int read_place(struct listing *l, struct err *err)
{
	static const char *const places[] = { "jobQueue", "arrayJobId", "multiNodeJobId" };
	const cJSON *in = l->c->in;
	int given = 0;

	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		given += json_get(in, places[i]) != NULL;
	if (given != 1)
		return err_set(err, ERR_INVALID,
			       "Exactly one of jobQueue, arrayJobId and multiNodeJobId must be "
			       "specified");
	if (json_get(in, "arrayJobId"))
		return find_parent(l, "arrayJobId", JOB_KIND_ARRAY, err);
	if (json_get(in, "multiNodeJobId"))
		return find_parent(l, "multiNodeJobId", JOB_KIND_MULTINODE, err);
	l->queue = find_queue(l->c, json_str(in, "jobQueue"), err);
	if (!l->queue)
		return -1;
	l->query.queue = l->queue->name;
	return read_filters(l, err); /* not for children (LS-2) */
}

static int read_page(struct listing *l, struct err *err)
{
	int most = l->query.newest_first ? PAGE_BY_FILTER : PAGE_BY_STATUS;
	struct job_query *q = &l->query;
	char position[PAGE_POSITION_SIZE];

	l->asked = xasprintf("%s %" PRId64 " %d %s %s %s %" PRId64 " %" PRId64,
			     q->queue ? q->queue : "", l->parent ? l->parent->key : 0, q->status,
			     q->name ? q->name : "", q->definition ? q->definition : "",
			     q->share ? q->share : "", q->created_before, q->created_after);
	if (page_size(l->c, "maxResults", most, &l->room, err) < 0 ||
	    page_position(l->c, l->asked, position, err) < 0)
		return -1;
	q->after = *position ? strtoll(position, NULL, 10) : 0;
	q->limit = l->room + 1;
	return 0;
}

static int list_one(void *arg, const struct job *job)
{
	struct listing *l = arg;
	char position[24];

	if (l->room-- == 0) {
		snprintf(position, sizeof position, "%" PRId64, l->last);
		page_add_token(l->c, "nextToken", l->asked, position);
		return -1;
	}
	cJSON_AddItemToArray(l->list, show_job_summary(l->c, job));
	l->last = job->key;
	return 0;
}

static int list(struct listing *l, struct err *err)
{
	struct job_query *q = &l->query;
	enum job_status status = JOB_RUNNING;
	int rc = 0;

	job_status_parse(json_str_or(l->c->in, "jobStatus", "RUNNING"), &status);
	q->status = (int)status;
	if (read_place(l, err) < 0 || read_page(l, err) < 0)
		return -1;
	if (l->queue)
		rc = store_jobs(l->c->store, q, list_one, l, err);
	else if (l->parent)
		rc = engine_children(l->c->engine, l->parent, q->status, q->after, q->limit,
				     list_one, l, err);
	return rc < 0 && err->kind ? -1 : 0;
}

int op_list_jobs(struct api_call *c, struct err *err)
{
	struct listing l = { .c = c, .list = cJSON_AddArrayToObject(c->out, "jobSummaryList") };
	int rc = list(&l, err);

	queue_free(l.queue);
	job_free(l.parent);
	free(l.asked);
	return rc;
}
