/* The first start without a wizard: environment, queue, definition. Every step looks first
 * and changes nothing that is there, so it may be run again, also by two at once. */
#include "config.h"
#include <unistd.h>
#include "setup.h"
#include <stdio.h>
#include <string.h>
#include "interrupt.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/time.h"
#include "list.h"

enum { VALID_WITHIN_MS = 30000, LOOK_AGAIN_MS = 50 };

void setup_say(const char *op, const char *what, const char *result)
{
	cmd_say("%-24s %-18s %s", op, what, result);
}

cJSON *setup_strings(char *const *strings)
{
	cJSON *list = cJSON_CreateArray();

	for (; *strings; strings++)
		cJSON_AddItemToArray(list, cJSON_CreateString(*strings));
	return list;
}

static void add_resource(cJSON *list, const char *type, int64_t n)
{
	cJSON *item = cJSON_CreateObject();
	char value[24];

	snprintf(value, sizeof value, "%lld", (long long)n);
	json_add_str(item, "type", type);
	json_add_str(item, "value", value);
	cJSON_AddItemToArray(list, item);
}

cJSON *setup_resources(int64_t vcpus, int64_t memory, int64_t gpus)
{
	cJSON *list;

	if (!vcpus && !memory && !gpus)
		return NULL;
	list = cJSON_CreateArray();
	if (vcpus)
		add_resource(list, "VCPU", vcpus);
	if (memory)
		add_resource(list, "MEMORY", memory);
	if (gpus)
		add_resource(list, "GPU", gpus);
	return list;
}

int64_t setup_resource(const cJSON *properties, const char *type)
{
	const cJSON *list = json_get(properties, "resourceRequirements");

	return strtoll(json_str_or(json_find(list, "type", type), "value", "0"), NULL, 10);
}

/* A kind of thing that is made once and then has to become VALID. */
struct thing {
	const char *describe, *filter, *list; /* DescribeX {filter: [name]} -> {list: []} */
	const char *create, *name;
};

/* The thing as it is, or NULL: err says why unless it simply is not there. */
static cJSON *look(struct cmd_run *r, const struct thing *t, struct err *err)
{
	cJSON *in = cJSON_CreateObject();
	cleanup_json cJSON *out = NULL;

	json_add(in, t->filter, cJSON_CreateStringArray(&t->name, 1));
	out = client_wait(r->client, t->describe, in, err);
	return cJSON_DetachItemFromArray(cJSON_GetObjectItemCaseSensitive(out, t->list), 0);
}

static int wait_valid(struct cmd_run *r, const struct thing *t, struct err *err)
{
	int64_t deadline = time_mono() + VALID_WITHIN_MS;

	for (;;) {
		struct err e = { 0 };
		cleanup_json cJSON *now = look(r, t, &e);
		const char *status = json_str_or(now, "status", "?");

		if (e.kind) {
			*err = e;
			return -1;
		}
		if (strcmp(status, "VALID") == 0)
			return 0;
		if (strcmp(status, "INVALID") == 0 || time_mono() > deadline)
			return err_set(err, ERR_CONFLICT, _("%s is %s: %s"), t->name, status,
				       json_str_or(now, "statusReason", ""));
		nap(r->client, LOOK_AGAIN_MS);
	}
}

/* Looks, makes, waits. `request` is taken; `what` describes it to the user. */
static int ensure(struct cmd_run *r, const struct thing *t, cJSON *request, const char *what,
		  struct err *err)
{
	struct err e = { 0 };
	cleanup_json cJSON *there = look(r, t, &e), *in = request, *out = NULL;
	cleanup_free char *result = NULL;

	if (e.kind) {
		*err = e;
		return -1;
	}
	if (!there) {
		out = client_wait(r->client, t->create, STEAL_PTR(in), &e);
		if (!out)
			there = look(r, t, NULL); /* somebody else was faster */
		if (!out && !there) {
			*err = e;
			return err_wrap(err, "%s %s", t->create, t->name);
		}
	}
	if (wait_valid(r, t, err) < 0)
		return -1;
	result = there ? xstrdup(_("is there already")) : xasprintf(_("VALID (%s)"), what);
	setup_say(t->create, t->name, result);
	return 0;
}

static cJSON *environment_request(int64_t max_vcpus)
{
	static const char *const types[] = { "optimal" };
	cJSON *in = cJSON_CreateObject(), *resources = cJSON_CreateObject();

	json_add_str(resources, "type", "EC2");
	json_add_int(resources, "minvCpus", 0);
	json_add_int(resources, "maxvCpus", max_vcpus);
	json_add(resources, "instanceTypes", cJSON_CreateStringArray(types, 1));
	json_add(resources, "subnets", cJSON_CreateArray());
	json_add_str(in, "computeEnvironmentName", SETUP_ENVIRONMENT);
	json_add_str(in, "type", "MANAGED");
	json_add_str(in, "state", "ENABLED");
	json_add(in, "computeResources", resources);
	return in;
}

static cJSON *queue_request(void)
{
	cJSON *in = cJSON_CreateObject(), *order = cJSON_CreateArray(),
	      *first = cJSON_CreateObject();

	json_add_int(first, "order", 1);
	json_add_str(first, "computeEnvironment", SETUP_ENVIRONMENT);
	cJSON_AddItemToArray(order, first);
	json_add_str(in, "jobQueueName", SETUP_QUEUE);
	json_add_str(in, "state", "ENABLED");
	json_add_int(in, "priority", SETUP_PRIORITY);
	json_add(in, "computeEnvironmentOrder", order);
	return in;
}

static int this_machine(struct cmd_run *r, int64_t *vcpus, struct err *err)
{
	cleanup_json cJSON *status = client_wait(r->client, "JobdeckStatus", NULL, err);

	if (!status)
		return -1;
	*vcpus = json_int(json_get(status, "pool"), "vcpus", 1);
	if (*vcpus < 1)
		*vcpus = 1;
	return 0;
}

int setup_defaults(struct cmd_run *r, int64_t max_vcpus, struct err *err)
{
	static const struct thing environment = { "DescribeComputeEnvironments",
						  "computeEnvironments", "computeEnvironments",
						  "CreateComputeEnvironment", SETUP_ENVIRONMENT };
	static const struct thing queue = { "DescribeJobQueues", "jobQueues", "jobQueues",
					    "CreateJobQueue", SETUP_QUEUE };
	char what[100];

	if (!max_vcpus && this_machine(r, &max_vcpus, err) < 0)
		return -1;
	snprintf(what, sizeof what, _("MANAGED EC2 optimal, at most %lld vCPUs"),
		 (long long)max_vcpus);
	if (ensure(r, &environment, environment_request(max_vcpus), what, err) < 0)
		return -1;
	snprintf(what, sizeof what, _("priority %d, on %s"), SETUP_PRIORITY, SETUP_ENVIRONMENT);
	return ensure(r, &queue, queue_request(), what, err);
}

/* What it runs: of nodes, only where one range is for all of them. */
static const cJSON *properties_of(const cJSON *definition)
{
	const cJSON *nodes = json_get(definition, "nodeProperties");
	const cJSON *ranges = json_get(nodes, "nodeRangeProperties");

	if (!nodes)
		return json_get(definition, "containerProperties");
	if (cJSON_GetArraySize(ranges) != 1 || json_int(nodes, "mainNode", 0) != 0 ||
	    strcmp(json_str_or(ranges->child, "targetNodes", ""), "0:") != 0)
		return NULL;
	return json_get(ranges->child, "container");
}

/* Does the definition say anything that a plain one does not? */
static bool is_plain(const cJSON *definition)
{
	static const char *const known[] = { "image", "command", "resourceRequirements" };
	const cJSON *properties = properties_of(definition), *member;

	if (!properties || json_count(definition, "parameters") ||
	    json_count(definition, "timeout") ||
	    json_int(json_get(definition, "retryStrategy"), "attempts", 1) > 1)
		return false;
	cJSON_ArrayForEach(member, properties) {
		bool ours = false;

		for (size_t i = 0; i < ARRAY_LEN(known); i++)
			ours = ours || strcmp(member->string, known[i]) == 0;
		if (!ours && (member->child || !(cJSON_IsArray(member) || cJSON_IsObject(member))))
			return false;
	}
	return true;
}

static bool fits(const cJSON *definition, const struct setup_definition *d)
{
	const cJSON *properties = properties_of(definition);
	cleanup_json cJSON *command = setup_strings(d->command);

	if (!is_plain(definition) || !json_get(definition, "nodeProperties") != !d->nodes ||
	    strcmp(json_str_or(properties, "image", ""), d->image) != 0)
		return false;
	return !d->exact || cJSON_Compare(command, json_get(properties, "command"), true);
}

static cJSON *node_properties(const struct setup_definition *d, cJSON *container /* taken */)
{
	cJSON *out = cJSON_CreateObject(), *range = cJSON_CreateObject();

	json_add_int(out, "numNodes", d->nodes);
	json_add_int(out, "mainNode", 0);
	json_add_str(range, "targetNodes", "0:");
	json_add(range, "container", container);
	cJSON_AddItemToArray(cJSON_AddArrayToObject(out, "nodeRangeProperties"), range);
	return out;
}

static cJSON *register_request(const struct setup_definition *d)
{
	cJSON *in = cJSON_CreateObject(), *properties = cJSON_CreateObject();

	json_add_str(properties, "image", d->image);
	json_add(properties, "command", setup_strings(d->command));
	json_add(properties, "resourceRequirements", setup_resources(d->vcpus, d->memory, 0));
	json_add_str(in, "jobDefinitionName", d->name);
	json_add_str(in, "type", d->nodes ? "multinode" : "container");
	json_add(in, d->nodes ? "nodeProperties" : "containerProperties",
		 d->nodes ? node_properties(d, properties) : properties);
	return in;
}

char *setup_definition(struct cmd_run *r, const struct setup_definition *d, bool *made,
		       cJSON **properties, struct err *err)
{
	cJSON *in = cJSON_CreateObject();
	cleanup_json cJSON *all = NULL, *out = NULL, *request = NULL;
	const cJSON *item, *best = NULL;

	json_add_str(in, "jobDefinitionName", d->name);
	json_add_str(in, "status", "ACTIVE");
	all = list_all(r, "DescribeJobDefinitions", in, "jobDefinitions", 100, NULL, err);
	if (!all)
		return NULL;
	cJSON_ArrayForEach(item, all) {
		if (fits(item, d) && json_int(item, "revision", 0) > json_int(best, "revision", 0))
			best = item;
	}
	if (!best) {
		request = register_request(d);
		out = client_wait(r->client, "RegisterJobDefinition",
				  cJSON_Duplicate(request, true), err);
		if (!out)
			return NULL;
	}
	*made = !best;
	*properties = cJSON_Duplicate(properties_of(best ? best : request), true);
	return xasprintf("%s:%lld", d->name, (long long)json_int(best ? best : out, "revision", 1));
}

char *setup_directory(struct err *err)
{
	enum { LONGEST_TAG = 256 };
	cleanup_free char *cwd = getcwd(NULL, 0);

	if (!cwd || cwd[0] != '/') {
		err_set(err, ERR_INVALID, "%s",
			_("the present directory is gone; cd to the one the job is to run in"));
		return NULL;
	}
	if (strlen(cwd) > LONGEST_TAG) {
		err_set(err, ERR_INVALID,
			_("the path of the present directory is longer than %d bytes, which a job "
			  "cannot be given; cd to another and say 'sh -c \"cd ...\"'"),
			LONGEST_TAG);
		return NULL;
	}
	return STEAL_PTR(cwd);
}
