/* API requests, in the shape AWS Batch takes them. */
#include "config.h"
#include "request.h"
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "jobdeck/base/buf.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/model/limits.h"

cJSON *request_environment(const char *name, int64_t max_vcpus)
{
	cJSON *in = cJSON_CreateObject(), *resources = cJSON_CreateObject();
	const char *types[] = { "optimal" };

	json_add_str(resources, "type", "EC2");
	json_add_int(resources, "minvCpus", 0);
	json_add_int(resources, "maxvCpus", max_vcpus);
	json_add(resources, "instanceTypes", cJSON_CreateStringArray(types, 1));
	json_add(resources, "subnets", cJSON_CreateArray());
	json_add_str(in, "computeEnvironmentName", name);
	json_add_str(in, "type", "MANAGED");
	json_add_str(in, "state", "ENABLED");
	json_add(in, "computeResources", resources);
	return in;
}

cJSON *request_queue(const char *name, int64_t priority, const char *env)
{
	cJSON *in = cJSON_CreateObject(), *first = cJSON_CreateObject();

	json_add_str(in, "jobQueueName", name);
	json_add_str(in, "state", "ENABLED");
	json_add_int(in, "priority", priority);
	json_add_int(first, "order", 1);
	json_add_str(first, "computeEnvironment", env);
	cJSON_AddItemToArray(cJSON_AddArrayToObject(in, "computeEnvironmentOrder"), first);
	return in;
}

static void add_resource(cJSON *list, const char *type, int64_t n)
{
	cJSON *item = cJSON_CreateObject();
	char value[24];

	snprintf(value, sizeof value, "%" PRId64, n);
	json_add_str(item, "type", type);
	json_add_str(item, "value", value);
	cJSON_AddItemToArray(list, item);
}

cJSON *request_resources(int64_t vcpus, int64_t memory)
{
	cJSON *list = cJSON_CreateArray();

	add_resource(list, "VCPU", vcpus);
	add_resource(list, "MEMORY", memory);
	return list;
}

cJSON *request_definition(const char *name, const cJSON *command, int64_t vcpus, int64_t memory)
{
	cJSON *in = cJSON_CreateObject(), *properties = cJSON_CreateObject();

	json_add_str(properties, "image", "host");
	json_add_copy(properties, "command", command);
	json_add(properties, "resourceRequirements", request_resources(vcpus, memory));
	json_add_str(in, "jobDefinitionName", name);
	json_add_str(in, "type", "container");
	json_add(in, "containerProperties", properties);
	return in;
}

cJSON *request_submit(const char *name, const char *queue, const char *definition,
		      const char *depends)
{
	cleanup_free char *cwd = getcwd(NULL, 0);
	cJSON *in = cJSON_CreateObject();

	json_add_str(in, "jobName", name);
	json_add_str(in, "jobQueue", queue);
	json_add_str(in, "jobDefinition", definition);
	if (depends) {
		cJSON *item = cJSON_CreateObject();

		json_add_str(item, "jobId", depends);
		cJSON_AddItemToArray(cJSON_AddArrayToObject(in, "dependsOn"), item);
	}
	if (cwd)
		json_add_str(cJSON_AddObjectToObject(in, "tags"), "jobdeck:directory", cwd);
	return in;
}

void request_name(char *out, size_t size, const char *prefix, const char *text)
{
	const char *slash = strrchr(text, '/');
	size_t n = 0;

	if (slash && slash[1])
		text = slash + 1;
	for (int part = 0; part < 2; part++) {
		for (const char *p = part ? text : prefix; *p && n + 1 < size && n < LIMIT_NAME;
		     p++) {
			bool fine = isalnum((unsigned char)*p) || (n && (*p == '-' || *p == '_'));

			if (fine)
				out[n++] = *p;
			else if (n && out[n - 1] != '-')
				out[n++] = '-';
		}
	}
	out[n] = '\0';
	if (!n)
		snprintf(out, size, "job");
}

/* cJSON indents with tabs and puts one behind each name; in strings a tab is "\t". */
char *request_text(const cJSON *json)
{
	cleanup_free char *text = json_print_pretty(json);
	bool begins = true;
	struct buf b;

	buf_init(&b, 4 * 1024 * 1024);
	for (const char *p = text; *p; p++) {
		if (*p == '\t')
			buf_adds(&b, begins ? "  " : " ");
		else
			buf_addc(&b, *p);
		begins = *p == '\n' || (begins && *p == '\t');
	}
	return buf_steal(&b);
}
