/* The submission as the API takes it, and as a command line. */
#include "config.h"
#include "submit.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/model/limits.h"
#include "request.h"
#include "shell.h"

static void definition_name(const struct submit *s, char *out, size_t size)
{
	cleanup_json cJSON *words = shell_split(form_value(s->form, F_COMMAND), NULL);
	const cJSON *first = cJSON_GetArrayItem(words, 0);

	request_name(out, size, "host-", first ? first->valuestring : "job");
}

/* The newest revision that says nothing but image, command and resources, which the job
 * overrides anyhow: so that a thousand commands do not make a thousand definitions. */
static char *known_definition(const struct submit *s)
{
	int64_t best = 0;
	char name[LIMIT_NAME + 1];
	const cJSON *d;

	definition_name(s, name, sizeof name);
	cJSON_ArrayForEach(d, json_get(s->definitions, "jobDefinitions")) {
		const cJSON *container = json_get(d, "containerProperties");
		int64_t revision = json_int(d, "revision", 0);

		if (strcmp(json_str_or(d, "jobDefinitionName", ""), name) == 0 &&
		    strcmp(json_str_or(container, "image", ""), "host") == 0 &&
		    !json_count(d, "timeout") && !json_count(d, "parameters") &&
		    json_int(json_get(d, "retryStrategy"), "attempts", 1) <= 1 && revision > best)
			best = revision;
	}
	return best ? xasprintf("%s:%" PRId64, name, best) : NULL;
}

static void add_overrides(const struct submit *s, cJSON *in)
{
	cJSON *overrides = cJSON_CreateObject(), *words = NULL;
	cJSON *list = submit_variables(s);

	if (*form_value(s->form, F_COMMAND))
		words = shell_split(form_value(s->form, F_COMMAND), NULL);
	json_add(overrides, "command", words);
	if (submit_own_definition(s) || s->form->field[F_VCPUS].edit.touched ||
	    s->form->field[F_MEMORY].edit.touched)
		json_add(overrides, "resourceRequirements",
			 request_resources(submit_vcpus(s) ? submit_vcpus(s) : 1,
					   submit_memory(s) ? submit_memory(s) : SUBMIT_MEMORY));
	if (cJSON_GetArraySize(list))
		json_add(overrides, "environment", list);
	else
		cJSON_Delete(list);
	if (cJSON_GetArraySize(overrides))
		json_add(in, "containerOverrides", overrides);
	else
		cJSON_Delete(overrides);
}

/* The SubmitJob request as the fields stand. */
cJSON *submit_request(const struct submit *s, const char *definition)
{
	cJSON *in = request_submit(form_value(s->form, F_NAME), form_value(s->form, F_QUEUE),
				   definition, NULL);
	cJSON *needs = submit_needs(s), *part;
	int64_t tries = form_number(s->form, F_TRIES, 1), limit = form_number(s->form, F_LIMIT, 0);

	add_overrides(s, in);
	if (cJSON_GetArraySize(needs))
		json_add(in, "dependsOn", needs);
	else
		cJSON_Delete(needs);
	if (tries > 1) {
		part = cJSON_AddObjectToObject(in, "retryStrategy");
		json_add_int(part, "attempts", tries);
	}
	if (limit > 0) {
		part = cJSON_AddObjectToObject(in, "timeout");
		json_add_int(part, "attemptDurationSeconds", limit);
	}
	return in;
}

char *submit_definition(const struct submit *s)
{
	char name[LIMIT_NAME + 1];
	char *known;

	if (!submit_own_definition(s))
		return xstrdup(form_value(s->form, F_DEFINITION));
	known = known_definition(s);
	if (known)
		return known;
	definition_name(s, name, sizeof name);
	return xstrdup(name);
}

static void option(struct buf *b, const char *name, const char *value)
{
	if (!*value)
		return;
	buf_addf(b, " --%s ", name);
	shell_quote(b, value);
}

char *submit_command_line(const struct submit *s)
{
	cleanup_json cJSON *words = shell_split(form_value(s->form, F_COMMAND), NULL);
	cleanup_json cJSON *needs = submit_needs(s), *list = submit_variables(s);
	cleanup_free char *command = shell_join(words);
	const cJSON *item;
	struct buf b;

	buf_init(&b, 8192);
	buf_adds(&b, "jobdeck submit");
	option(&b, "queue", form_value(s->form, F_QUEUE));
	option(&b, "name", form_value(s->form, F_NAME));
	if (!submit_own_definition(s))
		option(&b, "definition", form_value(s->form, F_DEFINITION));
	if (submit_own_definition(s) || s->form->field[F_VCPUS].edit.touched)
		option(&b, "vcpus", form_value(s->form, F_VCPUS));
	if (submit_own_definition(s) || s->form->field[F_MEMORY].edit.touched)
		option(&b, "memory", form_value(s->form, F_MEMORY));
	cJSON_ArrayForEach(item, needs)
		option(&b, "depends-on", json_str_or(item, "jobId", ""));
	if (form_number(s->form, F_TRIES, 1) > 1)
		option(&b, "retry", form_value(s->form, F_TRIES));
	option(&b, "timeout", form_value(s->form, F_LIMIT));
	cJSON_ArrayForEach(item, list) {
		cleanup_free char *pair = xasprintf("%s=%s", json_str_or(item, "name", ""),
						    json_str_or(item, "value", ""));

		option(&b, "env", pair);
	}
	if (*command)
		buf_addf(&b, " -- %s", command);
	return buf_steal(&b);
}
