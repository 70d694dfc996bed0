#ifndef JOBDECK_MODEL_NODES_H
#define JOBDECK_MODEL_NODES_H
#include "jobdeck/base/err.h"
#include "jobdeck/base/json.h"

/* Which nodes of a multi-node parallel job are which (MNP-2). */
struct node_range {
	int first, last; /* both included */
};

/* "a:b", ":b" (from 0), "a:" and ":" (to the last of `nodes`), "a". Written with anything but
 * digits and one colon, with last before first, or with a node the job does not have: -1,
 * ERR_INVALID. */
int node_range_parse(const char *text, int nodes, struct node_range *out, struct err *err);
/* Has the range no end, so that the number of nodes can be changed (MNP-8)? */
bool node_range_is_open(const char *text);
/* The narrowest of n ranges that holds a node (MNP-2, trap 21), of equal ones the first; -1:
 * none does. */
int node_range_of(const struct node_range *ranges, int n, int node);

/* The element of nodeProperties.nodeRangeProperties that is a node's own, or NULL. Its
 * "container" says what the node runs. */
const cJSON *node_properties_of(const cJSON *node_properties, int node);

#endif
