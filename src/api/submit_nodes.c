/* A multi-node job's nodes: the definition's ranges with nodeOverrides merged in (MNP-8), and
 * of nested ranges each node's own (MNP-2). */
#include "config.h"
#include <string.h>
#include "jobdeck/model/nodes.h"
#include "submit.h"

int submit_check_node_overrides(const cJSON *in, struct err *err)
{
	const cJSON *list = json_get(json_get(in, "nodeOverrides"), "nodePropertyOverrides"), *item;

	cJSON_ArrayForEach(item, list) {
		const cJSON *over = json_get(item, "containerOverrides");

		if (json_get(item, "eksPropertiesOverride"))
			return err_set(err, ERR_INVALID,
				       "eksPropertiesOverride is not supported by Jobdeck");
		if (check_environment_names(json_get(over, "environment"), err) < 0 ||
		    check_command(json_get(over, "command"), err) < 0 ||
		    check_consumables(json_get(item, "consumableResourcePropertiesOverride"), err) <
			    0)
			return -1;
	}
	return 0;
}

/* MNP-8: only the end of an open range can move. */
static int set_count(cJSON *nodes, const cJSON *overrides, struct err *err)
{
	int64_t count = json_int(overrides, "numNodes", 0);
	const cJSON *range;
	bool open = false;

	if (!json_get(overrides, "numNodes"))
		return 0;
	if (count < 1 || count > LIMIT_NODES)
		return err_set(err, ERR_INVALID, "Number of nodes must be between 1 and %d.",
			       LIMIT_NODES);
	cJSON_ArrayForEach(range, json_get(nodes, "nodeRangeProperties"))
		open |= node_range_is_open(json_str_or(range, "targetNodes", ""));
	if (!open)
		return err_set(err, ERR_INVALID,
			       "nodeOverrides.numNodes needs a node range with an open upper "
			       "boundary, such as : or n:, in the job definition.");
	if (json_int(nodes, "mainNode", 0) >= count)
		return err_set(err, ERR_INVALID,
			       "Main node index is out of range, must be less than numNodes.");
	json_replace(nodes, "numNodes", cJSON_CreateNumber((double)count));
	return 0;
}

/* What an override says of a range's container: as containerOverrides, or as for ECS. */
static int said_of_container(const cJSON *override, const cJSON *range, const cJSON **over,
			     struct err *err)
{
	const cJSON *ecs = json_get(range, "ecsProperties");
	const cJSON *of_ecs = json_get(override, "ecsPropertiesOverride");
	const cJSON *only;

	*over = json_get(override, "containerOverrides");
	if (!of_ecs)
		return 0;
	if (!ecs)
		return err_set(err, ERR_INVALID,
			       "ecsPropertiesOverride should not be set for node range %.40s: it "
			       "has no ecsProperties.",
			       json_str_or(range, "targetNodes", ""));
	only = ecs_only_container(ecs, err);
	return only ? ecs_override(of_ecs, only, over, err) : -1;
}

/* Does the override hold for the whole range? Half of one would need a range of its own. */
static int covers(const struct node_range *over, const struct node_range *range, bool *does,
		  struct err *err)
{
	bool apart = over->last < range->first || range->last < over->first;

	*does = over->first <= range->first && over->last >= range->last;
	if (apart || *does)
		return 0;
	return err_set(err, ERR_INVALID,
		       "nodeOverrides: targetNodes %d:%d is only a part of node range %d:%d of the "
		       "job definition",
		       over->first, over->last, range->first, range->last);
}

/* Applies one override to one range: *container is replaced, the range's resources too. */
static int apply(const cJSON *override, cJSON *range, cJSON **container, struct err *err)
{
	const cJSON *use = json_get(override, "consumableResourcePropertiesOverride"), *over;
	const cJSON *types = json_get(override, "instanceTypes");
	cJSON *merged;

	if (said_of_container(override, range, &over, err) < 0 ||
	    check_requirements(json_get(over, "resourceRequirements"), PLATFORM_EC2, err) < 0)
		return -1;
	merged = merge_container(*container, over);
	cJSON_Delete(*container);
	*container = merged;
	if (use)
		json_replace(range, "consumableResourceProperties", cJSON_Duplicate(use, 1));
	if (types)
		json_replace(range, "instanceTypes", cJSON_Duplicate(types, 1));
	return 0;
}

static int apply_all(const struct submission *s, cJSON *range, const struct node_range *its,
		     cJSON **container, struct err *err)
{
	const cJSON *overrides = json_get(s->c->in, "nodeOverrides"), *item;
	int nodes = (int)json_int(s->nodes, "numNodes", 0);

	cJSON_ArrayForEach(item, json_get(overrides, "nodePropertyOverrides")) {
		struct node_range target;
		bool does;

		if (node_range_parse(json_str_or(item, "targetNodes", ""), nodes, &target, err) <
			    0 ||
		    covers(&target, its, &does, err) < 0 ||
		    (does && apply(item, range, container, err) < 0))
			return -1;
	}
	return 0;
}

/* One range: merged, filled in, and what a node of it needs. From here on its container is
 * "container", however the definition said it. */
static int merge_range(const struct submission *s, cJSON *range, const struct node_range *its,
		       struct resources *need, struct err *err)
{
	cJSON *container cleanup_json = node_range_container(range, err);

	if (!container || apply_all(s, range, its, &container, err) < 0 ||
	    merge_refs(container, s->parameters, err) < 0 ||
	    resources_read(container, PLATFORM_EC2, need, err) < 0)
		return -1;
	cJSON_DeleteItemFromObjectCaseSensitive(range, "ecsProperties");
	json_replace(range, "container", STEAL_PTR(container));
	return 0;
}

/* Neighbours that have the same range make one element; five nested ranges make nine. */
static void set_needs(struct job *job, const struct node_range *ranges, int n,
		      const struct resources *needs)
{
	int before = -1;

	for (int node = 0; node < job->size; node++) {
		int its = node_range_of(ranges, n, node);

		if (its != before)
			job->node_need[job->node_need_count++] =
				(struct node_need){ .first = node, .need = needs[its] };
		job->node_need[job->node_need_count - 1].last = node;
		before = its;
	}
}

int submit_nodes(struct submission *s, struct err *err)
{
	struct node_range ranges[LIMIT_NODE_RANGES];
	struct resources needs[LIMIT_NODE_RANGES] = { { 0 } };
	cJSON *range;
	int n, i = 0;

	s->nodes = cJSON_Duplicate(json_get(s->base, "nodeProperties"), 1);
	if (set_count(s->nodes, json_get(s->c->in, "nodeOverrides"), err) < 0)
		return -1;
	n = nodes_read_ranges(s->nodes, ranges, err);
	if (n < 0)
		return -1;
	cJSON_ArrayForEach(range, json_get(s->nodes, "nodeRangeProperties")) {
		if (merge_range(s, range, &ranges[i], &needs[i], err) < 0)
			return -1;
		i++;
	}
	s->job->kind = JOB_KIND_MULTINODE;
	s->job->size = (int)json_int(s->nodes, "numNodes", 0);
	s->job->main_node = (int)json_int(s->nodes, "mainNode", 0);
	set_needs(s->job, ranges, n, needs);
	s->job->need = s->job->node_need[0].need;
	return 0;
}
