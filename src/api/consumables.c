/* What a job says of consumable resources (CR-1). */
#include "config.h"
#include <string.h>
#include "internal.h"

static const cJSON *list_of(const cJSON *properties)
{
	return json_get(properties, "consumableResourceList");
}

/* The bare name of a resource given by name or ARN; NULL when it can be none. */
static const char *bare_name(const cJSON *item)
{
	return arn_name("consumable-resource", json_str_or(item, "consumableResource", ""));
}

static int check_one(const cJSON *item, struct err *err)
{
	const char *name = bare_name(item);
	int64_t quantity = json_int(item, "quantity", 0);

	if (!name || check_name("Consumable resource", name, NULL) < 0)
		return err_set(err, ERR_INVALID,
			       "Consumable resource name should match a valid pattern.");
	if (quantity < 1)
		return err_set(err, ERR_INVALID,
			       "Consumable resource %.128s: quantity must be at least 1", name);
	for (const cJSON *other = item->next; other; other = other->next)
		if (strcmp(name, bare_name(other) ? bare_name(other) : "") == 0)
			return err_set(err, ERR_INVALID, "Duplicate consumable resource %.128s.",
				       name);
	return 0;
}

int check_consumables(const cJSON *properties, struct err *err)
{
	const cJSON *list = list_of(properties), *item;

	if (cJSON_GetArraySize(list) > LIMIT_CONSUMABLES)
		return err_set(err, ERR_INVALID,
			       "Each ConsumableResourceProperty can have at most %d "
			       "consumableResources",
			       LIMIT_CONSUMABLES);
	cJSON_ArrayForEach(item, list) {
		if (check_one(item, err) < 0)
			return -1;
	}
	return 0;
}

/* Where the job's list has that resource, or will have it. */
static struct consume *place_of(struct job *job, const char *name)
{
	for (int i = 0; i < job->consume_count; i++)
		if (strcmp(job->consume[i].name, name) == 0)
			return &job->consume[i];
	return job->consume_count < LIMIT_CONSUMABLES ? &job->consume[job->consume_count] : NULL;
}

int consumables_read(struct api_call *call, struct job *job, const cJSON *properties, int times,
		     struct err *err)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, list_of(properties)) {
		struct consume *c = place_of(job, bare_name(item));
		struct sched_consumable_view view;

		if (!sched_consumable(engine_sched(call->engine), bare_name(item), &view))
			return err_set(err, ERR_NOT_FOUND,
				       "Consumable resource %.128s does not exist.",
				       bare_name(item));

		if (!c)
			return err_set(err, ERR_INVALID,
				       "Each ConsumableResourceProperty can have at most %d "
				       "consumableResources",
				       LIMIT_CONSUMABLES);
		if (!c->name) {
			c->name = xstrdup(bare_name(item));
			job->consume_count++;
		}
		c->quantity += json_int(item, "quantity", 0) * times;
	}
	return 0;
}
