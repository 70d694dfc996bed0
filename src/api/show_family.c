/* Arrays, multi-node jobs and their children: what each has more than a plain job (ARR-7,
 * MNP-5). */
#include "config.h"
#include <string.h>
#include "jobdeck/model/nodes.h"
#include "internal.h"

struct counting {
	int64_t count[JOB_COUNT];
};

static int count_one(void *arg, const struct job *child)
{
	struct counting *n = arg;

	n->count[child->status]++;
	return 0;
}

/* Of an array that has ended the scheduler knows nothing more: its children are counted. */
static bool count_children(struct api_call *c, const struct job *j, int64_t count[JOB_COUNT])
{
	struct counting n = { { 0 } };

	if (sched_array(engine_sched(c->engine), j->key, count))
		return true;
	if (engine_children(c->engine, j, -1, 0, j->size, count_one, &n, NULL) != 0)
		return false;
	memcpy(count, n.count, sizeof n.count);
	return true;
}

static void add_summary(struct api_call *c, cJSON *array, const struct job *j,
			const int64_t count[JOB_COUNT])
{
	cJSON *summary = cJSON_AddObjectToObject(array, "statusSummary");

	for (int i = 0; i < JOB_COUNT; i++)
		json_add_int(summary, job_status_name((enum job_status)i), count[i]);
	json_add_int(array, "statusSummaryLastUpdatedAt",
		     job_status_is_final(j->status) ? j->stopped : engine_now(c->engine));
}

static cJSON *add_array(cJSON *out, const struct job *j)
{
	cJSON *array = cJSON_AddObjectToObject(out, "arrayProperties");

	if (j->kind == JOB_KIND_CHILD)
		json_add_int(array, "index", job_index(j));
	else
		json_add_int(array, "size", j->size);
	return array;
}

/* A node shows what it runs itself, its parent what all of them do. */
static void add_node(cJSON *out, const struct job *j, const cJSON *doc)
{
	const cJSON *nodes = json_get(doc, "nodeProperties");
	const cJSON *its = node_properties_of(nodes, job_index(j));
	cJSON *details = cJSON_AddObjectToObject(out, "nodeDetails");

	json_add_int(details, "nodeIndex", job_index(j));
	json_add_bool(details, "isMainNode", job_index(j) == json_int(nodes, "mainNode", 0));
	json_add_copy(out, "container", json_get(its, "container"));
	cJSON_DeleteItemFromObjectCaseSensitive(out, "nodeProperties");
}

void add_family(struct api_call *c, cJSON *out, const struct job *j, const cJSON *doc)
{
	int64_t count[JOB_COUNT];
	cJSON *array;

	if (j->kind == JOB_KIND_NODE)
		add_node(out, j, doc);
	if (j->kind != JOB_KIND_ARRAY && j->kind != JOB_KIND_CHILD)
		return;
	array = add_array(out, j);
	if (j->kind == JOB_KIND_ARRAY && count_children(c, j, count))
		add_summary(c, array, j, count);
}

/* In lists only what costs nothing: an array that has ended is not counted. */
void add_family_summary(struct api_call *c, cJSON *out, const struct job *j)
{
	int64_t count[JOB_COUNT];
	cJSON *array, *nodes;

	if (j->kind == JOB_KIND_ARRAY || j->kind == JOB_KIND_CHILD) {
		array = add_array(out, j);
		if (j->kind == JOB_KIND_ARRAY &&
		    sched_array(engine_sched(c->engine), j->key, count))
			add_summary(c, array, j, count);
	}
	if (j->kind != JOB_KIND_MULTINODE && j->kind != JOB_KIND_NODE)
		return;
	nodes = cJSON_AddObjectToObject(out, "nodeProperties");
	if (j->kind == JOB_KIND_MULTINODE) {
		json_add_int(nodes, "numNodes", j->size);
		return;
	}
	json_add_int(nodes, "nodeIndex", job_index(j));
	json_add_bool(nodes, "isMainNode", job_index(j) == j->main_node);
}
