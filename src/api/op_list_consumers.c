/* ListJobsByConsumableResource: jobs that ask for one, the newest first. */
#include "config.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "internal.h"
#include "name_filter.h"

struct listing {
	struct api_call *c;
	cJSON *list;
	struct name_filter names, statuses;
	const char *asked;
	int room;
	int64_t last;
};

static void show(struct api_call *c, cJSON *list, const struct job *row, int64_t quantity)
{
	struct job *job = engine_job(c->engine, row->key, NULL);
	cJSON *doc cleanup_json = doc_parse(job ? job->doc : NULL), *out;

	if (!job)
		return;
	out = cJSON_CreateObject();
	add_arn(c, out, "jobArn", "job", job->id);
	add_arn(c, out, "jobQueueArn", "job-queue", job->queue);
	json_add_str(out, "jobName", job->name);
	add_arn(c, out, "jobDefinitionArn", "job-definition", job->definition);
	json_add_str(out, "shareIdentifier", job->share);
	json_add_str(out, "jobStatus", job_status_name(job->status));
	json_add_int(out, "quantity", quantity);
	json_add_str(out, "statusReason", job->status_reason);
	if (job->started)
		json_add_int(out, "startedAt", job->started);
	json_add_int(out, "createdAt", job->created);
	json_add_copy(out, "consumableResourceProperties",
		      json_get(doc, "consumableResourceProperties"));
	if (!json_get(out, "consumableResourceProperties"))
		cJSON_AddObjectToObject(out, "consumableResourceProperties");
	cJSON_AddItemToArray(list, out);
	job_free(job);
}

static int list_one(void *arg, const struct job *job, int64_t quantity)
{
	struct listing *l = arg;
	char position[24];

	if (!name_filter_matches(&l->names, job->name) ||
	    !name_filter_matches(&l->statuses, job_status_name(job->status)))
		return 0;
	if (l->room-- == 0) {
		snprintf(position, sizeof position, "%" PRId64, l->last);
		page_add_token(l->c, "nextToken", l->asked, position);
		return -1;
	}
	show(l->c, l->list, job, quantity);
	l->last = job->key;
	return 0;
}

/* One value the store can look for; of several it gives all. */
static const char *only(const cJSON *values)
{
	return values && values->child && !values->child->next ? values->child->valuestring : NULL;
}

static int read_filters(struct listing *l, struct consumer_query *q, struct err *err)
{
	static const char *const known[] = { "JOB_STATUS", "JOB_NAME", NULL };
	const cJSON *filters = json_get(l->c->in, "filters"), *value;
	enum job_status status = JOB_SUBMITTED;

	if (name_filters_check(filters, known, err) < 0)
		return -1;
	l->names.values = name_filter_values(filters, "JOB_NAME");
	l->statuses.values = name_filter_values(filters, "JOB_STATUS");
	cJSON_ArrayForEach(value, l->statuses.values) {
		if (!job_status_parse(value->valuestring, &status))
			return err_set(err, ERR_INVALID, "filters: %.40s is no job status",
				       value->valuestring);
	}
	q->name = only(l->names.values);
	q->status = only(l->statuses.values) ? (int)status : -1;
	return 0;
}

static int list(struct listing *l, const struct consumable *r, struct err *err)
{
	struct consumer_query q = { .consumable = r->name, .limit = INT32_MAX };
	cleanup_free char *filters = json_print(json_get(l->c->in, "filters"));
	cleanup_free char *asked = xasprintf("%s %s", r->name, filters);
	char position[PAGE_POSITION_SIZE];

	l->asked = asked;
	if (read_filters(l, &q, err) < 0 ||
	    page_size(l->c, "maxResults", LIMIT_DESCRIBE_IDS, &l->room, err) < 0 ||
	    page_position(l->c, asked, position, err) < 0)
		return -1;
	q.after = *position ? strtoll(position, NULL, 10) : 0;
	return store_consumers(l->c->store, &q, list_one, l, err) < 0 && err->kind ? -1 : 0;
}

int op_list_consumers(struct api_call *c, struct err *err)
{
	struct listing l = { .c = c, .list = cJSON_AddArrayToObject(c->out, "jobs") };
	struct consumable *r = find_consumable(c, json_str(c->in, "consumableResource"), err);
	int rc = r ? list(&l, r, err) : -1;

	consumable_free(r);
	return rc;
}
