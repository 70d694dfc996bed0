/* What is typed, read and checked: what is wrong is said on its field, at once. */
#include "config.h"
#include "submit.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"
#include "jobdeck/base/uuid.h"
#include "jobdeck/model/limits.h"
#include "request.h"
#include "shell.h"

bool submit_own_definition(const struct submit *s)
{
	return s->form->field[F_DEFINITION].chosen == 0;
}

/* A job on the list by the beginning of its id, or by its name. */
static const struct snap_job *named_job(const struct snap *snap, const char *word)
{
	for (int i = 0; i < snap->job_count; i++)
		if (strcmp(snap->job[i].name, word) == 0 ||
		    (strlen(word) >= 4 && strncmp(snap->job[i].id, word, strlen(word)) == 0))
			return &snap->job[i];
	return NULL;
}

cJSON *submit_needs(const struct submit *s)
{
	cleanup_free char *text = xstrdup(form_value(s->form, F_NEEDS));
	cJSON *list = cJSON_CreateArray();
	char *rest = text, *word;

	while ((word = strtok_r(rest, " ,", &rest))) {
		const struct snap_job *j = named_job(data_snap(s->ui->data), word);
		cJSON *item = cJSON_CreateObject();

		json_add_str(item, "jobId", j ? j->id : word);
		cJSON_AddItemToArray(list, item);
	}
	return list;
}

cJSON *submit_variables(const struct submit *s)
{
	cleanup_json cJSON *words = shell_split(form_value(s->form, F_ENV), NULL);
	cJSON *list = cJSON_CreateArray();
	const cJSON *word;

	cJSON_ArrayForEach(word, words) {
		size_t n = strcspn(word->valuestring, "=");
		cleanup_free char *name = xstrndup(word->valuestring, n);
		cJSON *item = cJSON_CreateObject();

		json_add_str(item, "name", name);
		json_add_str(item, "value", word->valuestring[n] ? word->valuestring + n + 1 : "");
		cJSON_AddItemToArray(list, item);
	}
	return list;
}

int64_t submit_vcpus(const struct submit *s)
{
	return form_number(s->form, F_VCPUS, submit_own_definition(s) ? 1 : 0);
}

int64_t submit_memory(const struct submit *s)
{
	return form_number(s->form, F_MEMORY, submit_own_definition(s) ? SUBMIT_MEMORY : 0);
}

/* ---- Checking ---- */

static void check_range(struct form *f, int field, int64_t blank, int64_t low, int64_t high)
{
	int64_t n = form_number(f, field, blank);

	if (n == blank && !*form_value(f, field))
		return;
	if (n < low || n > high)
		form_error(f, field, _("%ld to %ld"), (long)low, (long)high);
}

/* Most vCPUs that one environment of the queue could ever give. */
static double queue_room(const struct snap *snap, const struct snap_queue *q)
{
	double most = 0;

	for (int i = 0; q && i < snap->env_count; i++)
		if (strstr(q->envs, snap->env[i].name) && snap->env[i].max > most)
			most = snap->env[i].max;
	return most;
}

static void check_command(struct submit *s)
{
	const char *line = form_value(s->form, F_COMMAND);
	struct err err = { 0 };
	cleanup_json cJSON *words = NULL;

	if (!*line && !submit_own_definition(s)) {
		form_hint(s->form, F_COMMAND, _("blank: as the definition says"));
		return;
	}
	words = shell_split(line, &err);
	if (!words)
		form_error(s->form, F_COMMAND, "%s", err.text);
	else
		form_hint(s->form, F_COMMAND, "%s",
			  cJSON_GetArraySize(words) == 3 &&
					  strcmp(cJSON_GetArrayItem(words, 2)->valuestring, line) ==
						  0 ?
				  _("by sh -c") :
				  "");
}

/* Until one types a name, the name is that of the command. */
static void follow_command(struct submit *s)
{
	struct edit *name = &s->form->field[F_NAME].edit;
	cleanup_json cJSON *words = NULL;
	char text[LIMIT_NAME + 1];

	if (name->touched)
		return;
	cleanup_free char *first = xstrndup(form_value(s->form, F_COMMAND),
					    strcspn(form_value(s->form, F_COMMAND), " "));

	request_name(text, sizeof text, "", first);
	edit_set(name, text);
}

static void check_needs(struct submit *s)
{
	cleanup_json cJSON *list = submit_needs(s);
	const cJSON *item;

	cJSON_ArrayForEach(item, list) {
		const char *id = json_str_or(item, "jobId", "");
		const struct snap_job *j = snap_find_job(data_snap(s->ui->data), id);

		if (!j && !uuid_is(id))
			form_error(s->form, F_NEEDS, _("no job \"%s\" here"), id);
		else if (j && j->status == JOB_FAILED)
			form_error(s->form, F_NEEDS, _("%s FAILED: this one would fail too"),
				   j->name);
	}
	if (cJSON_GetArraySize(list) > LIMIT_DEPENDENCIES)
		form_error(s->form, F_NEEDS, _("at most %d jobs"), LIMIT_DEPENDENCIES);
}

static void check_variables(struct submit *s)
{
	cleanup_json cJSON *list = submit_variables(s);
	const cJSON *item;

	cJSON_ArrayForEach(item, list) {
		const char *name = json_str_or(item, "name", "");

		if (!*name || !strchr(form_value(s->form, F_ENV), '='))
			form_error(s->form, F_ENV, _("NAME=VALUE, please"));
		else if (strncmp(name, "AWS_BATCH", 9) == 0)
			form_error(s->form, F_ENV, _("names beginning AWS_BATCH are taken"));
	}
}

void submit_check(struct submit *s)
{
	const struct snap *snap = data_snap(s->ui->data);
	const struct snap_queue *q = snap_find_queue(snap, form_value(s->form, F_QUEUE));
	double room = queue_room(snap, q);
	struct form *f = s->form;

	form_clear_errors(f);
	follow_command(s);
	check_command(s);
	if (!text_is_name(form_value(f, F_NAME), true))
		form_error(f, F_NAME, _("letters, digits, - and _, at most 128"));
	if (!q)
		form_error(f, F_QUEUE, _("there is no queue"));
	else if (!q->enabled)
		form_error(f, F_QUEUE, _("it is off and takes no jobs"));
	else
		form_hint(f, F_QUEUE, _("%ld waiting, %ld running"), (long)snap_waiting(q),
			  (long)snap_running(q));
	check_range(f, F_VCPUS, 0, 1, room >= 1 ? (int64_t)room : 65536);
	form_hint(f, F_VCPUS, _("of %.6g at most here"), room);
	check_range(f, F_MEMORY, 0, LIMIT_MEMORY_MIN_MIB,
		    snap->pool_memory > 0 ? (int64_t)snap->pool_memory : INT32_MAX);
	check_range(f, F_TRIES, 1, 1, LIMIT_ATTEMPTS);
	check_range(f, F_LIMIT, 0, LIMIT_TIMEOUT_MIN_S, INT32_MAX);
	check_needs(s);
	check_variables(s);
}
