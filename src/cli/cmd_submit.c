/* jobdeck submit: one command line in, one job id out. */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "follow.h"
#include "job.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/model/arn.h"
#include "jobdeck/model/limits.h"
#include "list.h"
#include "setup.h"

enum { DEFAULT_VCPUS = 1, DEFAULT_MEMORY = 512, MOST_VCPUS = 4096, MOST_MEMORY = 1 << 30 };

struct submission {
	struct cmd_run *r;
	int64_t vcpus, memory, retry, timeout; /* 0: not given */
	char *queue, *definition, *name;
	cJSON *overrides; /* containerOverrides */
	cJSON *depends;
	char *directory;
};

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

static int add_dependencies(struct submission *s, struct err *err)
{
	const char *text;

	s->depends = cJSON_CreateArray();
	for (int i = 0; (text = cmd_value_at(s->r, "depends-on", i)); i++) {
		cleanup_free char *id = job_resolve(s->r, text, err);
		cJSON *item;

		if (!id)
			return -1;
		item = cJSON_CreateObject();
		json_add_str(item, "jobId", id);
		cJSON_AddItemToArray(s->depends, item);
	}
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
	cleanup_free char *prefix = xasprintf("%s-", image);
	cleanup_free char *name = make_name(prefix, s->r->argv[0]);
	int64_t vcpus = s->vcpus ? s->vcpus : DEFAULT_VCPUS;
	int64_t memory = s->memory ? s->memory : DEFAULT_MEMORY;
	struct setup_definition d = { .name = name,
				      .image = image,
				      .vcpus = vcpus,
				      .memory = memory,
				      .command = s->r->argv,
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

static int prepare(struct submission *s, struct err *err)
{
	struct cmd_run *r = s->r;
	cleanup_free char *base = NULL;

	if (cmd_int(r, "vcpus", 1, MOST_VCPUS, 0, &s->vcpus, err) < 0 ||
	    cmd_int(r, "memory", LIMIT_MEMORY_MIN_MIB, MOST_MEMORY, 0, &s->memory, err) < 0 ||
	    cmd_int(r, "retry", 1, LIMIT_ATTEMPTS, 0, &s->retry, err) < 0 ||
	    cmd_int(r, "timeout", LIMIT_TIMEOUT_MIN_S, INT32_MAX, 0, &s->timeout, err) < 0)
		return -1;
	s->directory = setup_directory(err);
	if (!s->directory)
		return -1;
	s->overrides = cJSON_CreateObject();
	if (add_environment(s, err) < 0 || add_dependencies(s, err) < 0)
		return -1;
	s->queue = cmd_value(r, "queue") ? xstrdup(cmd_value(r, "queue")) : pick_queue(r, err);
	if (!s->queue || use_definition(s, err) < 0)
		return -1;
	base = definition_basename(s->definition);
	s->name = cmd_value(r, "name") ? xstrdup(cmd_value(r, "name")) :
		  r->argc	       ? make_name("", r->argv[0]) :
					 STEAL_PTR(base);
	return 0;
}

/* A host process runs where it was submitted. */
static cJSON *directory_tag(const struct submission *s)
{
	cJSON *tags = cJSON_CreateObject();

	json_add_str(tags, "jobdeck:directory", s->directory);
	return tags;
}

static cJSON *request(struct submission *s)
{
	cJSON *in = cJSON_CreateObject(), *item;

	json_add_str(in, "jobName", s->name);
	json_add_str(in, "jobQueue", s->queue);
	json_add_str(in, "jobDefinition", s->definition);
	json_add(s->overrides, "resourceRequirements", setup_resources(s->vcpus, s->memory));
	if (s->overrides->child)
		json_add(in, "containerOverrides", STEAL_PTR(s->overrides));
	if (s->depends->child)
		json_add(in, "dependsOn", STEAL_PTR(s->depends));
	if (s->retry) {
		item = cJSON_CreateObject();
		json_add_int(item, "attempts", s->retry);
		json_add(in, "retryStrategy", item);
	}
	if (s->timeout) {
		item = cJSON_CreateObject();
		json_add_int(item, "attemptDurationSeconds", s->timeout);
		json_add(in, "timeout", item);
	}
	json_add(in, "tags", directory_tag(s));
	return in;
}

static int finish(struct submission *s)
{
	struct err err = { 0 };
	cleanup_json cJSON *out = client_wait(s->r->client, "SubmitJob", request(s), &err);
	const char *id = json_str_or(out, "jobId", "");

	if (!out)
		return cmd_fail(&err);
	if (cmd_flag(s->r, "follow")) {
		cmd_say(_("job %s (%s) is in queue %s"), id, s->name, s->queue);
		return follow_to_the_end(s->r, id);
	}
	if (s->r->json)
		json_answer(s->r, out);
	else
		puts(id);
	return EXIT_DONE;
}

static int run(struct cmd_run *r)
{
	struct submission s = { .r = r };
	struct err err = { 0 };
	int code;

	if (!r->argc && !cmd_value(r, "definition"))
		return cmd_usage(r, _("nothing to run: say -- COMMAND, or --definition"));
	if (cmd_value(r, "definition") && cmd_value(r, "image"))
		return cmd_usage(r, _("--image and --definition exclude each other: a definition "
				      "has its image"));
	if (r->json && cmd_flag(r, "follow"))
		return cmd_usage(r,
				 _("--json and --follow exclude each other: stdout is the job's"));
	code = prepare(&s, &err) < 0 ? cmd_fail(&err) : finish(&s);
	free(s.queue);
	free(s.directory);
	free(s.definition);
	free(s.name);
	cJSON_Delete(s.overrides);
	cJSON_Delete(s.depends);
	return code;
}

static const struct cmd_opt options[] = {
	{ 'q', "queue", "QUEUE", N_("the job queue; else the only enabled one, else 'default'"),
	  false },
	{ 'n', "name", "NAME", N_("the job's name; else that of the command"), false },
	{ 0, "definition", "DEFINITION", N_("a job definition, NAME or NAME:REVISION"), false },
	{ 0, "image", "IMAGE", N_("what to run it in; 'host' (the default) is a process of yours"),
	  false },
	{ 0, "vcpus", "N", N_("vCPUs it gets; else 1"), false },
	{ 0, "memory", "MIB", N_("memory it gets, MiB; else 512"), false },
	{ 'd', "depends-on", "JOB", N_("start only when that job SUCCEEDED"), true },
	{ 'e', "env", "NAME=VALUE", N_("a variable for it; NAME alone hands on yours"), true },
	{ 0, "retry", "N", N_("try so many times in all, 1 to 10"), false },
	{ 0, "timeout", "S", N_("stop an attempt after so many seconds, at least 60"), false },
	{ 'f', "follow", NULL, N_("show its output as it comes and end with its exit code"),
	  false },
	{ 0, NULL, NULL, NULL, false },
};

const struct cmd cmd_submit = {
	.name = "submit",
	.operands = "-- COMMAND...",
	.summary = N_("submit a command as a job"),
	.text = N_("Prints the job's id. The command runs in the present directory with "
		   "arguments as given; for pipes and variables use sh -c. A job definition for "
		   "it is made or found again by itself.\n\n"
		   "With --follow its stdout and stderr "
		   "come out here as they come, as text: bytes that are not UTF-8 are "
		   "replaced; logs/ in the home has them as they were. The job's PATH is that "
		   "of the server's environment; -e PATH hands on yours. Ctrl-C ends only the "
		   "following; the job goes on."),
	.example = "jobdeck submit --follow -- sh -c 'echo hello; sleep 3; date'",
	.opts = options,
	.flags = CMD_CLIENT | CMD_JSON | CMD_CHANGES | CMD_DASHDASH,
	.max_operands = -1,
	.run = run,
};
