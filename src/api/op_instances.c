/* JobdeckInstances: the instances that live, and how full they are. */
#include "config.h"
#include "internal.h"

static void add_time(cJSON *out, const char *member, jd_time t)
{
	if (t && t != JD_NEVER)
		json_add_int(out, member, t);
}

static void add_one(void *arg, const struct sched_instance_view *view)
{
	cJSON *list = arg, *out = cJSON_CreateObject();
	const struct instance *i = &view->instance;
	char id[INSTANCE_ID_SIZE];

	json_add_str(out, "instanceId", instance_id(i->key, id));
	json_add_str(out, "instanceType", view->type);
	json_add_str(out, "computeEnvironment", i->env);
	json_add_str(out, "status", instance_status_name(i->status));
	json_add_bool(out, "spot", i->spot);
	json_add_int(out, "generation", i->generation);
	json_add(out, "capacity", show_resources(view->capacity));
	json_add(out, "used", show_resources(view->used));
	json_add_int(out, "jobs", view->jobs);
	add_time(out, "launchedAt", i->launched);
	add_time(out, "upAt", i->up);
	add_time(out, "reclaimedAt", i->reclaimed);
	add_time(out, "idleUntil", view->idle_until);
	cJSON_AddItemToArray(list, out);
}

int op_jobdeck_instances(struct api_call *c, struct err *err)
{
	const char *text = json_str(c->in, "computeEnvironment");
	struct environment *e = text ? find_environment(c, text, err) : NULL;

	if (text && !e)
		return -1;
	json_add_int(c->out, "now", engine_now(c->engine));
	sched_instances(engine_sched(c->engine), e ? e->name : NULL, add_one,
			cJSON_AddArrayToObject(c->out, "instances"));
	environment_free(e);
	return 0;
}
