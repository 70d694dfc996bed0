/* ecsProperties: the newer way to say what a job runs, as an ECS task. A task of one container
 * is a container like any other; of several Jobdeck has no engine for. */
#include "config.h"
#include <string.h>
#include "internal.h"

enum { CONTAINERS_MAX = 10 }; /* RES-7 */

/* The only task, or NULL. */
static const cJSON *task_of(const cJSON *ecs)
{
	const cJSON *tasks = json_get(ecs, "taskProperties");

	return cJSON_GetArraySize(tasks) == 1 ? tasks->child : NULL;
}

static int check_essential(const cJSON *containers, struct err *err)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, containers) {
		if (json_bool(item, "essential", true))
			return 0;
	}
	return err_set(err, ERR_INVALID, "At least one container must be essential.");
}

static int check_names(const cJSON *containers, struct err *err)
{
	const cJSON *a, *b;

	cJSON_ArrayForEach(a, containers) {
		const char *name = json_str(a, "name");

		if (!name && containers->child->next)
			return err_set(err, ERR_INVALID,
				       "Each container of a task with several must have a name.");
		for (b = a->next; b; b = b->next)
			if (strcmp(name, json_str_or(b, "name", "")) == 0)
				return err_set(err, ERR_INVALID,
					       "Container name %.100s is not unique.", name);
	}
	return 0;
}

int check_ecs(const cJSON *ecs, enum platform p, struct err *err)
{
	const cJSON *task = task_of(ecs), *containers = json_get(task, "containers"), *item;
	int n = cJSON_GetArraySize(containers);
	struct resources ignored;

	if (!task)
		return err_set(err, ERR_INVALID, "taskProperties must have exactly one element.");
	if (n < 1 || n > CONTAINERS_MAX)
		return err_set(err, ERR_INVALID, "A task must have between 1 and %d containers.",
			       CONTAINERS_MAX);
	if (check_names(containers, err) < 0 || check_essential(containers, err) < 0)
		return -1;
	cJSON_ArrayForEach(item, containers) {
		cJSON *container cleanup_json = ecs_container(ecs, item);

		if (check_container(container, p, err) < 0 ||
		    (n == 1 && resources_read(container, p, &ignored, err) < 0))
			return -1;
	}
	return 0;
}

const cJSON *ecs_only_container(const cJSON *ecs, struct err *err)
{
	const cJSON *containers = json_get(task_of(ecs), "containers");

	if (cJSON_GetArraySize(containers) == 1)
		return containers->child;
	err_set(err, ERR_INVALID,
		"ecsProperties: Jobdeck runs jobs of one container; this task has %d",
		cJSON_GetArraySize(containers));
	return NULL;
}

/* Where containerProperties has members that belong to the task in ecsProperties. */
cJSON *ecs_container(const cJSON *ecs, const cJSON *container)
{
	static const char *const of_container_only[] = { "name",	 "essential",
							 "dependsOn",	 "firelensConfiguration",
							 "startTimeout", "stopTimeout" };
	static const struct {
		const char *task, *container;
	} of_task[] = {
		{ "executionRoleArn", "executionRoleArn" },
		{ "taskRoleArn", "jobRoleArn" },
		{ "volumes", "volumes" },
		{ "networkConfiguration", "networkConfiguration" },
		{ "runtimePlatform", "runtimePlatform" },
		{ "ephemeralStorage", "ephemeralStorage" },
		{ "enableExecuteCommand", "enableExecuteCommand" },
	};
	const cJSON *task = task_of(ecs);
	cJSON *out = cJSON_Duplicate(container, 1);

	for (size_t i = 0; i < ARRAY_LEN(of_container_only); i++)
		cJSON_DeleteItemFromObjectCaseSensitive(out, of_container_only[i]);
	for (size_t i = 0; i < ARRAY_LEN(of_task); i++)
		json_add_copy(out, of_task[i].container, json_get(task, of_task[i].task));
	return out;
}

int ecs_override(const cJSON *override, const cJSON *container, const cJSON **out, struct err *err)
{
	const cJSON *containers = json_get(task_of(override), "containers");
	const char *name = json_str(container, "name"), *meant;

	*out = NULL;
	if (!override || !json_count(override, "taskProperties"))
		return 0;
	if (!task_of(override) || cJSON_GetArraySize(containers) > 1)
		return err_set(
			err, ERR_INVALID,
			"ecsPropertiesOverride must have one task with at most one container "
			"override.");
	if (!cJSON_GetArraySize(containers))
		return 0;
	meant = json_str(containers->child, "name");
	if (meant && (!name || strcmp(meant, name) != 0))
		return err_set(err, ERR_INVALID,
			       "ecsPropertiesOverride: the job definition has no container %.100s.",
			       meant);
	*out = containers->child;
	return 0;
}
