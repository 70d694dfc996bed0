/* What may be in a multi-node parallel job definition (MNP-1..MNP-4). */
#include "config.h"
#include <string.h>
#include "jobdeck/model/nodes.h"
#include "internal.h"

/* What a range's nodes run, as containerProperties; owned, or NULL with an error. */
cJSON *node_range_container(const cJSON *range, struct err *err)
{
	const cJSON *container = json_get(range, "container"),
		    *ecs = json_get(range, "ecsProperties");

	if (container && ecs) {
		err_set(err, ERR_INVALID,
			"NodeRangeProperties can not use both ecsProperties and container fields");
		return NULL;
	}
	if (container)
		return cJSON_Duplicate(container, 1);
	if (!ecs) {
		err_set(err, ERR_INVALID, "Must specify container for node range %.40s",
			json_str_or(range, "targetNodes", ""));
		return NULL;
	}
	container = ecs_only_container(ecs, err);
	return container ? ecs_container(ecs, container) : NULL;
}

static int check_range(const cJSON *range, struct err *err)
{
	cJSON *container cleanup_json = node_range_container(range, err);
	struct resources ignored;

	if (!container || check_container(container, PLATFORM_EC2, err) < 0)
		return -1;
	return resources_read(container, PLATFORM_EC2, &ignored, err);
}

/* MNP-3: what one range says holds for all. */
static int check_instance_types(const cJSON *ranges, struct err *err)
{
	const char *first = NULL;
	const cJSON *range;

	cJSON_ArrayForEach(range, ranges) {
		const cJSON *list = json_get(range, "instanceTypes");
		const char *its = json_str(json_get(range, "container"), "instanceType");

		if (cJSON_GetArraySize(list) > 1)
			return err_set(err, ERR_INVALID,
				       "instanceTypes of a node range can have only one element.");
		if (!its && cJSON_GetArraySize(list) == 1)
			its = list->child->valuestring;
		if (first && its && strcmp(first, its) != 0)
			return err_set(err, ERR_INVALID,
				       "All node groups of a multi-node parallel job must use the "
				       "same instance type (%.40s and %.40s).",
				       first, its);
		first = first ? first : its;
	}
	return 0;
}

/* MNP-2. Ranges that overlap must be nested, else no node there would have one of its own. */
static int check_overlap(const struct node_range *r, int n, struct err *err)
{
	for (int i = 0; i < n; i++) {
		const struct node_range *a = &r[i], *b = &r[n];
		bool apart = a->last < b->first || b->last < a->first;
		bool inside = (a->first >= b->first && a->last <= b->last) ||
			      (b->first >= a->first && b->last <= a->last);
		bool same = a->first == b->first && a->last == b->last;

		if (!apart && (!inside || same))
			return err_set(err, ERR_INVALID,
				       "Node ranges %d:%d and %d:%d overlap without one being "
				       "nested in the other",
				       a->first, a->last, b->first, b->last);
	}
	return 0;
}

int nodes_read_ranges(const cJSON *properties, struct node_range *out, struct err *err)
{
	const cJSON *list = json_get(properties, "nodeRangeProperties"), *item;
	int nodes = (int)json_int(properties, "numNodes", 0), n = 0;

	if (cJSON_GetArraySize(list) > LIMIT_NODE_RANGES)
		return err_set(err, ERR_INVALID,
			       "Maximum allowed size of node range properties is %d",
			       LIMIT_NODE_RANGES);
	cJSON_ArrayForEach(item, list) {
		if (node_range_parse(json_str_or(item, "targetNodes", ""), nodes, &out[n], err) <
			    0 ||
		    check_overlap(out, n++, err) < 0)
			return -1;
	}
	for (int node = 0; node < nodes; node++)
		if (node_range_of(out, n, node) < 0)
			return err_set(
				err, ERR_INVALID,
				"Node ranges must account for all nodes (0:%d): node %d is in "
				"none",
				nodes - 1, node);
	return n;
}

int check_nodes(const cJSON *properties, struct err *err)
{
	const cJSON *ranges = json_get(properties, "nodeRangeProperties"), *range;
	int64_t nodes = json_int(properties, "numNodes", 0);
	int64_t main = json_int(properties, "mainNode", 0);
	struct node_range ignored[LIMIT_NODE_RANGES];

	if (nodes < 1 || nodes > LIMIT_NODES)
		return err_set(err, ERR_INVALID, "Number of nodes must be between 1 and %d.",
			       LIMIT_NODES);
	if (main < 0 || main >= nodes)
		return err_set(err, ERR_INVALID,
			       "Main node index is out of range, must be less than numNodes.");
	if (nodes_read_ranges(properties, ignored, err) < 0)
		return -1;
	cJSON_ArrayForEach(range, ranges) {
		if (check_range(range, err) < 0 ||
		    check_consumables(json_get(range, "consumableResourceProperties"), err) < 0)
			return -1;
	}
	return check_instance_types(ranges, err);
}
