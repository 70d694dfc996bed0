/* Ranges of nodes, as multi-node definitions write them. */
#include "config.h"
#include "jobdeck/model/nodes.h"
#include <string.h>
#include "jobdeck/model/limits.h"

enum { DIGITS_MAX = 6 };

/* The number that `len` digits make, `none` for no digits, -1 for anything else. */
static int number(const char *text, size_t len, int none)
{
	int n = 0;

	if (len == 0)
		return none;
	if (len > DIGITS_MAX)
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		n = n * 10 + (text[i] - '0');
	}
	return n;
}

int node_range_parse(const char *text, int nodes, struct node_range *out, struct err *err)
{
	size_t n = strcspn(text, ":");
	const char *colon = text[n] ? text + n : NULL;
	int first = number(text, n, colon ? 0 : -1);
	int last = colon ? number(colon + 1, strlen(colon + 1), nodes - 1) : first;

	if (first < 0 || last < 0)
		return err_set(err, ERR_INVALID, "targetNodes should contain only digits. (%.40s)",
			       text);
	if (last < first || last >= nodes)
		return err_set(err, ERR_INVALID, "targetNodes %.40s does not fit a job of %d nodes",
			       text, nodes);
	*out = (struct node_range){ first, last };
	return 0;
}

bool node_range_is_open(const char *text)
{
	size_t n = strlen(text);

	return n && text[n - 1] == ':';
}

int node_range_of(const struct node_range *ranges, int n, int node)
{
	int best = -1;

	for (int i = 0; i < n; i++) {
		const struct node_range *r = &ranges[i];

		if (node < r->first || node > r->last)
			continue;
		if (best < 0 || r->last - r->first < ranges[best].last - ranges[best].first)
			best = i;
	}
	return best;
}

const cJSON *node_properties_of(const cJSON *node_properties, int node)
{
	const cJSON *list = json_get(node_properties, "nodeRangeProperties"), *item;
	int nodes = (int)json_int(node_properties, "numNodes", 0), n = 0;
	struct node_range ranges[LIMIT_NODE_RANGES] = { { 0, 0 } };

	cJSON_ArrayForEach(item, list) {
		if (n == LIMIT_NODE_RANGES || node_range_parse(json_str_or(item, "targetNodes", ""),
							       nodes, &ranges[n++], NULL) < 0)
			return NULL;
	}
	n = node_range_of(ranges, n, node);
	return n < 0 ? NULL : cJSON_GetArrayItem(list, n);
}
