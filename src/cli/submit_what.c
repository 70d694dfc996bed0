/* submit: which queue, which definition, which name. */
#include "config.h"
#include "submit.h"
#include <string.h>
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/model/arn.h"
#include "jobdeck/model/limits.h"
#include "list.h"
#include "setup.h"

enum { DEFAULT_VCPUS = 1, DEFAULT_MEMORY = 512, MOST_VCPUS = 4096, MOST_MEMORY = 1 << 30 };

/* The only enabled queue, else "default"; the defaults are made when there is none at all. */
static char *pick_queue(struct cmd_run *r, struct err *err)
{
	cleanup_json cJSON *all = list_all(r, "DescribeJobQueues", NULL, "jobQueues", 0, NULL, err);
	cleanup_free char *names = xstrdup("");
	const char *only = NULL;
	const cJSON *q;
	int enabled = 0;

	if (!all)
		return NULL;
	if (!all->child) {
		cmd_say(_("there is no job queue yet; making the usual ones"));
		return setup_defaults(r, 0, err) < 0 ? NULL : xstrdup(SETUP_QUEUE);
	}
	cJSON_ArrayForEach(q, all) {
		char *more;

		if (strcmp(json_str_or(q, "state", ""), "ENABLED") != 0)
			continue;
		only = json_str_or(q, "jobQueueName", "");
		if (strcmp(only, SETUP_QUEUE) == 0)
			return xstrdup(only);
		more = xasprintf("%s%s%s", names, *names ? ", " : "", only);
		free(names);
		names = more;
		enabled++;
	}
	if (enabled == 1)
		return xstrdup(only);
	if (enabled == 0)
		err_set(err, ERR_CONFLICT,
			_("every job queue is disabled; 'jobdeck queue enable NAME' changes that"));
	else
		err_set(err, ERR_INVALID, _("which queue? Say --queue with one of: %s"), names);
	return NULL;
}

/* A name the API accepts, made of the parts' letters. */
static char *make_name(const char *prefix, const char *text)
{
	const char *base = strrchr(text, '/');
	char *name = xasprintf("%s%.*s", prefix, LIMIT_NAME, base && base[1] ? base + 1 : text);
	size_t n = 0;

	for (char *p = name; *p && n < LIMIT_NAME; p++) {
		bool alnum = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
			     (*p >= '0' && *p <= '9');

		if (alnum || (n && (*p == '-' || *p == '_')))
			name[n++] = *p;
		else if (n && name[n - 1] != '-')
			name[n++] = '-';
	}
	name[n] = '\0';
	if (n == 0)
		str_replace(&name, "job");
	return name;
}

/* --env K=V, or K to hand on our own. */
static int add_environment(struct submission *s, struct err *err)
{
	cJSON *list = cJSON_CreateArray();
	const char *text;

	json_add(s->overrides, "environment", list);
	for (int i = 0; (text = cmd_value_at(s->r, "env", i)); i++) {
		size_t n = strcspn(text, "=");
		cleanup_free char *name = xstrndup(text, n);
		const char *value = text[n] ? text + n + 1 : getenv(name);
		cJSON *pair;

		if (!*name)
			return err_set(err, ERR_INVALID, _("--env takes NAME=VALUE, not '%s'"),
				       text);
		if (!value)
			return err_set(err, ERR_INVALID,
				       _("--env %s: there is no such variable here; say %s=VALUE"),
				       name, name);
		pair = cJSON_CreateObject();
		json_add_str(pair, "name", name);
		json_add_str(pair, "value", value);
		cJSON_AddItemToArray(list, pair);
	}
	if (!list->child)
		cJSON_DeleteItemFromObjectCaseSensitive(s->overrides, "environment");
	return 0;
}

static bool is_long(char *const *command)
{
	size_t n = 0;

	for (; *command; command++)
		n += strlen(*command) + 4;
	return n > LIMIT_OVERRIDE_BYTES - 1024; /* room for what else is overridden */
}

/* The definition for a command: made, or found and told what to do otherwise. */
static int use_own_definition(struct submission *s, struct err *err)
{
	const char *image = cmd_value(s->r, "image") ? cmd_value(s->r, "image") : "host";
	cleanup_free char *prefix = xasprintf("%s-%s", image, s->nodes ? "nodes-" : "");
	cleanup_free char *name = make_name(prefix, s->r->argv[0]);
	int64_t vcpus = s->vcpus ? s->vcpus : DEFAULT_VCPUS;
	int64_t memory = s->memory ? s->memory : DEFAULT_MEMORY;
	struct setup_definition d = { .name = name,
				      .image = image,
				      .vcpus = vcpus,
				      .memory = memory,
				      .command = s->r->argv,
				      .nodes = (int)s->nodes,
				      .exact = is_long(s->r->argv) };
	cleanup_json cJSON *properties = NULL, *command = setup_strings(s->r->argv);
	bool made;

	s->definition = setup_definition(s->r, &d, &made, &properties, err);
	if (!s->definition)
		return -1;
	if (!cJSON_Compare(command, json_get(properties, "command"), true))
		json_add(s->overrides, "command", STEAL_PTR(command));
	s->vcpus = setup_resource(properties, "VCPU") == vcpus ? 0 : vcpus;
	s->memory = setup_resource(properties, "MEMORY") == memory ? 0 : memory;
	return 0;
}

static int use_definition(struct submission *s, struct err *err)
{
	const char *named = cmd_value(s->r, "definition");

	if (!named)
		return use_own_definition(s, err);
	s->definition = xstrdup(named);
	if (s->r->argc)
		json_add(s->overrides, "command", setup_strings(s->r->argv));
	return 0;
}

static char *definition_basename(const char *definition)
{
	const char *name = arn_name("job-definition", definition);

	name = name ? name : definition;
	return xstrndup(name, strcspn(name, ":"));
}

static int read_numbers(struct submission *s, struct err *err)
{
	const struct cmd_run *r = s->r;

	if (cmd_int(r, "vcpus", 1, MOST_VCPUS, 0, &s->vcpus, err) < 0 ||
	    cmd_int(r, "memory", LIMIT_MEMORY_MIN_MIB, MOST_MEMORY, 0, &s->memory, err) < 0 ||
	    cmd_int(r, "gpus", 1, MOST_VCPUS, 0, &s->gpus, err) < 0)
		return -1;
	return cmd_int(r, "nodes", 1, LIMIT_NODES, 0, &s->nodes, err);
}

int submit_what(struct submission *s, struct err *err)
{
	struct cmd_run *r = s->r;
	cleanup_free char *base = NULL;

	s->overrides = cJSON_CreateObject();
	if (read_numbers(s, err) < 0 || add_environment(s, err) < 0)
		return -1;
	s->queue = cmd_value(r, "queue") ? xstrdup(cmd_value(r, "queue")) : pick_queue(r, err);
	if (!s->queue || use_definition(s, err) < 0)
		return -1;
	json_add(s->overrides, "resourceRequirements",
		 setup_resources(s->vcpus, s->memory, s->gpus));
	base = definition_basename(s->definition);
	s->name = cmd_value(r, "name") ? xstrdup(cmd_value(r, "name")) :
		  r->argc	       ? make_name("", r->argv[0]) :
					 STEAL_PTR(base);
	return 0;
}
