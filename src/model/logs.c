#include "config.h"
#include "jobdeck/model/logs.h"
#include <string.h>

static const cJSON *first(const cJSON *list)
{
	return list ? list->child : NULL;
}

static const cJSON *first_container(const cJSON *doc)
{
	static const char *const members[] = { "container", "containerProperties" };
	const cJSON *task = first(json_get(json_get(doc, "ecsProperties"), "taskProperties"));

	if (task)
		return first(json_get(task, "containers"));
	return json_get(doc, members[json_get(doc, members[0]) == NULL]);
}

const char *log_option(const cJSON *doc, const char *name)
{
	const cJSON *log = json_get(first_container(doc), "logConfiguration");
	const char *value = json_str_or(json_get(log, "options"), name, "");

	if (strcmp(json_str_or(log, "logDriver", ""), "awslogs") != 0 || !*value)
		return NULL;
	return value;
}

const char *log_group_of(const cJSON *doc)
{
	const char *group = log_option(doc, "awslogs-group");

	return group ? group : LOG_GROUP_DEFAULT;
}
