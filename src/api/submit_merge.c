/* What a job runs: its definition's container with what was said over it at submission (OVR-1,
 * OVR-2), and parameters put in the place of references (PAR-1). */
#include "config.h"
#include <string.h>
#include "jobdeck/model/reason.h"
#include "submit.h"

static int check_override(const cJSON *over, struct err *err)
{
	if (check_environment_names(json_get(over, "environment"), err) < 0)
		return -1;
	return check_command(json_get(over, "command"), err);
}

int submit_check_overrides(const cJSON *in, struct err *err)
{
	const cJSON *task, *container;

	if (check_override(json_get(in, "containerOverrides"), err) < 0)
		return -1;
	cJSON_ArrayForEach(task, json_get(json_get(in, "ecsPropertiesOverride"), "taskProperties"))
		cJSON_ArrayForEach(container, json_get(task, "containers"))
			if (check_override(container, err) < 0)
				return -1;
	return submit_check_node_overrides(in, err);
}

/* Table in section 2: accepted, and then it cannot be started. */
static void check_length(struct submission *s, const cJSON *over)
{
	cleanup_free char *text = over ? json_print(over) : NULL;

	if (text && strlen(text) > LIMIT_OVERRIDE_BYTES)
		s->doomed = REASON_OVERRIDES;
}

static int refuse_other(const cJSON *in, const char *wrong, const char *right, struct err *err)
{
	if (!json_get(in, wrong))
		return 0;
	return err_set(err, ERR_INVALID, "%s should not be set for a job definition with %s.",
		       wrong, right);
}

/* The definition's container and what is said over it, both borrowed; *out is owned. */
static int find_container(struct submission *s, cJSON **out, const cJSON **over, struct err *err)
{
	const cJSON *in = s->c->in, *ecs = json_get(s->base, "ecsProperties"), *only;

	*over = json_get(in, "containerOverrides");
	if (!ecs) {
		if (refuse_other(in, "ecsPropertiesOverride", "containerProperties", err) < 0)
			return -1;
		*out = cJSON_Duplicate(json_get(s->base, "containerProperties"), 1);
		return 0;
	}
	only = ecs_only_container(ecs, err);
	if (!only || refuse_other(in, "containerOverrides", "ecsProperties", err) < 0 ||
	    ecs_override(json_get(in, "ecsPropertiesOverride"), only, over, err) < 0)
		return -1;
	*out = ecs_container(ecs, only);
	return 0;
}

/* ecsProperties is shown with what the job made of it. */
static cJSON *make_ecs(const struct submission *s)
{
	static const char *const merged[] = { "command", "environment", "resourceRequirements" };
	cJSON *ecs = cJSON_Duplicate(json_get(s->base, "ecsProperties"), 1);
	const cJSON *task = ecs ? json_get(ecs, "taskProperties")->child : NULL;
	cJSON *container = ecs ? json_get(task, "containers")->child : NULL;

	for (size_t i = 0; ecs && i < ARRAY_LEN(merged); i++)
		if (json_get(s->container, merged[i]))
			json_replace(container, merged[i],
				     cJSON_Duplicate(json_get(s->container, merged[i]), 1));
	return ecs;
}

static int merge_single(struct submission *s, struct err *err)
{
	cJSON *base cleanup_json = NULL;
	const cJSON *over;

	if (refuse_other(s->c->in, "nodeOverrides", "type container", err) < 0 ||
	    find_container(s, &base, &over, err) < 0 ||
	    check_requirements(json_get(over, "resourceRequirements"), s->platform, err) < 0)
		return -1;
	s->container = merge_container(base, over);
	check_length(s, over);
	if (merge_refs(s->container, s->parameters, err) < 0)
		return -1;
	s->ecs = make_ecs(s);
	return resources_read(s->container, s->platform, &s->job->need, err);
}

static int merge_multinode(struct submission *s, struct err *err)
{
	if (refuse_other(s->c->in, "containerOverrides", "nodeProperties", err) < 0 ||
	    refuse_other(s->c->in, "ecsPropertiesOverride", "nodeProperties", err) < 0)
		return -1;
	check_length(s, json_get(s->c->in, "nodeOverrides"));
	return submit_nodes(s, err);
}

int submit_merge(struct submission *s, struct err *err)
{
	const cJSON *in = s->c->in;

	s->parameters = merge_map(json_get(s->base, "parameters"), json_get(in, "parameters"));
	s->tags = merge_map(json_get(s->base, "tags"), json_get(in, "tags"));
	return json_get(s->base, "nodeProperties") ? merge_multinode(s, err) : merge_single(s, err);
}
