/* What may be in a job definition (JD-4, RES-7, FS-8). */
#include "config.h"
#include <string.h>
#include "internal.h"

/* JD-4. */
static int check_kind(const cJSON *in, struct err *err)
{
	static const char *const kinds[] = { "containerProperties", "ecsProperties",
					     "eksProperties" };
	bool multinode = strcmp(json_str(in, "type"), "multinode") == 0;
	int given = 0;

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		given += json_get(in, kinds[i]) != NULL;
	if (multinode && (given || !json_get(in, "nodeProperties")))
		return err_set(
			err, ERR_INVALID,
			"A multinode job definition must have nodeProperties and nothing else.");
	if (multinode && platform_of(in) == PLATFORM_FARGATE)
		return err_set(err, ERR_INVALID,
			       "multinode is not applicable for Fargate."); /* MNP-4 */
	if (!multinode && (given != 1 || json_get(in, "nodeProperties")))
		return err_set(err, ERR_INVALID,
			       "A container job definition must have exactly one of "
			       "containerProperties, ecsProperties and eksProperties.");
	return 0;
}

int check_priority(const cJSON *in, const char *member, struct err *err)
{
	int64_t n = json_int(in, member, 0);

	if (n < 0 || n > LIMIT_SHARE_PRIORITY)
		return err_set(err, ERR_INVALID, "%s must be between 0 and %d", member,
			       LIMIT_SHARE_PRIORITY);
	return 0;
}

/* What it runs. EKS's is kept as it is: it cannot be submitted here. */
static int check_what(const cJSON *in, struct err *err)
{
	const cJSON *container = json_get(in, "containerProperties");
	const cJSON *ecs = json_get(in, "ecsProperties"), *nodes = json_get(in, "nodeProperties");
	enum platform p = platform_of(in);
	struct resources need;

	if (nodes)
		return check_nodes(nodes, err);
	if (ecs)
		return check_ecs(ecs, p, err);
	if (!container)
		return 0;
	return check_container(container, p, err) < 0 ? -1 :
							resources_read(container, p, &need, err);
}

int check_definition(const cJSON *in, struct err *err)
{
	if (check_name("Job Definition", json_str(in, "jobDefinitionName"), err) < 0 ||
	    check_tags(in, err) < 0 || check_priority(in, "schedulingPriority", err) < 0 ||
	    check_retry(json_get(in, "retryStrategy"), err) < 0 ||
	    check_timeout(json_get(in, "timeout"), err) < 0 ||
	    check_consumables(json_get(in, "consumableResourceProperties"), err) < 0)
		return -1;
	if (json_count(in, "platformCapabilities") > 1)
		return err_set(err, ERR_INVALID,
			       "platformCapabilities must have exactly one value.");
	return check_kind(in, err) < 0 ? -1 : check_what(in, err);
}
