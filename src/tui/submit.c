/* The form for a new job. Every field has a value that works; what is wrong is said on the
 * field; the request and the command line that would do the same are always in sight. */
#include "config.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "form.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"
#include "jobdeck/base/uuid.h"
#include "jobdeck/model/limits.h"
#include "key.h"
#include "layers.h"
#include "page.h"
#include "request.h"
#include "shell.h"

enum {
	F_COMMAND,
	F_NAME,
	F_QUEUE,
	F_DEFINITION,
	F_VCPUS,
	F_MEMORY,
	F_NEEDS,
	F_TRIES,
	F_LIMIT,
	F_ENV
};
enum { DEFAULT_MEMORY = 512 };

struct submit {
	struct layer layer;
	struct form *form;
	struct ui *ui;
	cJSON *definitions; /* what DescribeJobDefinitions answered */
	int look, call;	    /* calls under way */
	cJSON *pending;	    /* SubmitJob that waits for its definition */
};

static void submit_free(struct layer *l)
{
	struct submit *s = (struct submit *)l;

	if (s->look)
		client_cancel(s->ui->client, s->look);
	if (s->call)
		client_cancel(s->ui->client, s->call);
	cJSON_Delete(s->definitions);
	cJSON_Delete(s->pending);
	free(s);
}

static bool own_definition(const struct submit *s)
{
	return s->form->field[F_DEFINITION].chosen == 0;
}

/* ---- What the fields mean ---- */

/* A job on the list by the beginning of its id, or by its name. */
static const struct snap_job *named_job(const struct snap *snap, const char *word)
{
	for (int i = 0; i < snap->job_count; i++)
		if (strcmp(snap->job[i].name, word) == 0 ||
		    (strlen(word) >= 4 && strncmp(snap->job[i].id, word, strlen(word)) == 0))
			return &snap->job[i];
	return NULL;
}

static cJSON *dependencies(const struct submit *s)
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

static cJSON *variables(const struct submit *s)
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

static int64_t vcpus(const struct submit *s)
{
	return form_number(s->form, F_VCPUS, own_definition(s) ? 1 : 0);
}

static int64_t memory(const struct submit *s)
{
	return form_number(s->form, F_MEMORY, own_definition(s) ? DEFAULT_MEMORY : 0);
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

	if (!*line && !own_definition(s)) {
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
	cleanup_json cJSON *list = dependencies(s);
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
	cleanup_json cJSON *list = variables(s);
	const cJSON *item;

	cJSON_ArrayForEach(item, list) {
		const char *name = json_str_or(item, "name", "");

		if (!*name || !strchr(form_value(s->form, F_ENV), '='))
			form_error(s->form, F_ENV, _("NAME=VALUE, please"));
		else if (strncmp(name, "AWS_BATCH", 9) == 0)
			form_error(s->form, F_ENV, _("names beginning AWS_BATCH are taken"));
	}
}

static void check(struct submit *s)
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
		form_hint(f, F_QUEUE, _("%ld waiting, %ld running"),
			  (long)snap_waiting(q), (long)snap_running(q));
	check_range(f, F_VCPUS, 0, 1, room >= 1 ? (int64_t)room : 65536);
	form_hint(f, F_VCPUS, _("of %.6g at most here"), room);
	check_range(f, F_MEMORY, 0, LIMIT_MEMORY_MIN_MIB,
		    snap->pool_memory > 0 ? (int64_t)snap->pool_memory : INT32_MAX);
	check_range(f, F_TRIES, 1, 1, LIMIT_ATTEMPTS);
	check_range(f, F_LIMIT, 0, LIMIT_TIMEOUT_MIN_S, INT32_MAX);
	check_needs(s);
	check_variables(s);
}

/* ---- Requests ---- */

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
	cJSON *list = variables(s);

	if (*form_value(s->form, F_COMMAND))
		words = shell_split(form_value(s->form, F_COMMAND), NULL);
	json_add(overrides, "command", words);
	if (own_definition(s) || s->form->field[F_VCPUS].edit.touched ||
	    s->form->field[F_MEMORY].edit.touched)
		json_add(overrides, "resourceRequirements",
			 request_resources(vcpus(s) ? vcpus(s) : 1,
					   memory(s) ? memory(s) : DEFAULT_MEMORY));
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
static cJSON *build(const struct submit *s, const char *definition)
{
	cJSON *in = request_submit(form_value(s->form, F_NAME), form_value(s->form, F_QUEUE),
				   definition, NULL);
	cJSON *needs = dependencies(s), *part;
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

static char *chosen_definition(const struct submit *s)
{
	char name[LIMIT_NAME + 1];
	char *known;

	if (!own_definition(s))
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

static char *command_line(const struct submit *s)
{
	cleanup_json cJSON *words = shell_split(form_value(s->form, F_COMMAND), NULL);
	cleanup_json cJSON *needs = dependencies(s), *list = variables(s);
	cleanup_free char *command = shell_join(words);
	const cJSON *item;
	struct buf b;

	buf_init(&b, 8192);
	buf_adds(&b, "jobdeck submit");
	option(&b, "queue", form_value(s->form, F_QUEUE));
	option(&b, "name", form_value(s->form, F_NAME));
	if (!own_definition(s))
		option(&b, "definition", form_value(s->form, F_DEFINITION));
	if (own_definition(s) || s->form->field[F_VCPUS].edit.touched)
		option(&b, "vcpus", form_value(s->form, F_VCPUS));
	if (own_definition(s) || s->form->field[F_MEMORY].edit.touched)
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

/* ---- Sending ---- */

static void on_submitted(void *arg, cJSON *out, const struct err *err)
{
	struct submit *s = arg;

	s->call = 0;
	if (!out) {
		ui_complain(s->ui, "%s", err->text);
		return;
	}
	ui_say(s->ui, _("submitted %s as %s"), json_str_or(out, "jobName", "?"),
	       json_str_or(out, "jobId", "?"));
	root_select_job(s->ui, json_str_or(out, "jobId", ""));
	data_refresh(s->ui->data);
	form_fini(s->form); /* the next one begins afresh */
	free(s->form);
	s->form = s->ui->draft = NULL;
	ui_close(s->ui, &s->layer);
}

static void send(struct submit *s, cJSON *in)
{
	s->call = client_call(s->ui->client, "SubmitJob", in, on_submitted, s);
	ui_say(s->ui, _("submitting ..."));
}

static void on_registered(void *arg, cJSON *out, const struct err *err)
{
	struct submit *s = arg;
	cleanup_free char *definition = NULL;

	s->call = 0;
	if (!out) {
		ui_complain(s->ui, "%s", err->text);
		return;
	}
	definition = xasprintf("%s:%" PRId64, json_str_or(out, "jobDefinitionName", ""),
			       json_int(out, "revision", 1));
	json_replace(s->pending, "jobDefinition", cJSON_CreateString(definition));
	send(s, STEAL_PTR(s->pending));
}

static void go(struct submit *s)
{
	int wrong = form_wrong(s->form);
	cleanup_free char *definition = chosen_definition(s);
	cleanup_json cJSON *words = NULL;

	if (s->call)
		return;
	if (wrong >= 0) {
		s->form->focus = wrong;
		ui_complain(s->ui, "%s: %s", s->form->field[wrong].label,
			    s->form->field[wrong].error);
		return;
	}
	if (!own_definition(s) || strchr(definition, ':')) {
		send(s, build(s, definition));
		return;
	}
	words = shell_split(form_value(s->form, F_COMMAND), NULL);
	cJSON_Delete(s->pending);
	s->pending = build(s, definition);
	s->call = client_call(s->ui->client, "RegisterJobDefinition",
			      request_definition(definition, words, vcpus(s), memory(s)),
			      on_registered, s);
}

/* ---- The layer ---- */

static void show_request(struct submit *s)
{
	cleanup_free char *definition = chosen_definition(s);
	cleanup_json cJSON *in = build(s, definition);

	ui_push(s->ui, text_layer("SubmitJob", request_text(in)));
}

static bool submit_key(struct layer *l, struct ui *ui, int key)
{
	struct submit *s = (struct submit *)l;

	if (key == K_ESC) {
		ui_say(ui, _("nothing was submitted; N has what you typed"));
		ui_close(ui, l);
	} else if (key == KEY_CTRL('s') || key == K_F1 + 1) {
		go(s);
	} else if (key == KEY_CTRL('x')) {
		show_request(s);
	} else if (key == KEY_CTRL('l')) {
		ui->redraw = true;
	} else {
		form_key(s->form, key == K_ENTER ? K_TAB : key);
	}
	if (s->form)
		check(s);
	return true;
}

static void draw_json(const struct submit *s, struct grid *g, int col)
{
	cleanup_free char *definition = chosen_definition(s);
	cleanup_json cJSON *in = build(s, definition);
	cleanup_free char *text = request_text(in);

	grid_vline(g, 1, col, g->rows - 3, STYLE_FRAME);
	scene_title(g, 1, col + 1, g->cols - col - 1, false, _("The request, SubmitJob"));
	scene_lines(g, (struct rect){ 2, col + 2, g->rows - 4, g->cols - col - 2 }, text);
}

/* The command line that does the same, over as many rows as it needs. */
static void draw_same_as(const struct submit *s, struct grid *g, int row, int width)
{
	cleanup_free char *line = command_line(s);
	cleanup_free char *safe = text_safe_dup(line, strlen(line));

	for (const char *rest = safe; row < g->rows - 2 && *rest; row++) {
		int room = width - (rest == safe ? 2 : 4);
		size_t n = text_width(rest) <= room ? strlen(rest) : page_break(rest, room - 1);
		cleanup_free char *part = xasprintf("%.*s%s", (int)n, rest, rest[n] ? "\\" : "");

		grid_text(g, row, width - room, room, STYLE_PLAIN, part);
		rest += n;
	}
}

static void submit_draw(struct layer *l, struct ui *ui, const struct scene *scene, struct grid *g)
{
	struct submit *s = (struct submit *)l;
	int width = g->cols >= 110 ? g->cols * 2 / 3 : g->cols, row = 2;

	(void)ui;
	grid_clear(g);
	if (!s->form)
		return;
	scene_bar(g, scene, _("jobdeck > new job"), "");
	scene_title(g, 1, 0, width, true, _("Submit a job"));
	if (width < g->cols)
		draw_json(s, g, width);
	row += form_draw(s->form, g, row, width, g->rows - 4);
	if (row + 2 < g->rows - 2) {
		scene_title(g, ++row, 0, width, false, _("Same thing on the command line"));
		draw_same_as(s, g, row + 1, width);
	}
	scene_note(g, scene, _("Ctrl-S submits. Esc keeps what you typed for the next time."));
	scene_keys(g, _("Ctrl-S submit  Tab next  Left/Right choose  Ctrl-X JSON  Esc leave"));
}

static void on_definitions(void *arg, cJSON *out, const struct err *err)
{
	struct submit *s = arg;
	const cJSON *d;

	(void)err;
	s->look = 0;
	if (!out)
		return; /* commands still work */
	s->definitions = cJSON_Duplicate(out, 1);
	if (s->form->field[F_DEFINITION].option_count > 1)
		return;
	cJSON_ArrayForEach(d, json_get(out, "jobDefinitions")) {
		char name[LIMIT_NAME + 32];

		snprintf(name, sizeof name, "%s:%" PRId64, json_str_or(d, "jobDefinitionName", ""),
			 json_int(d, "revision", 1));
		form_option(s->form, F_DEFINITION, name);
	}
	check(s);
}

static struct form *new_form(void)
{
	struct form *f = xcalloc(1, sizeof *f);

	form_init(f);
	form_text(f, _("Command"), 48, "echo hello");
	form_text(f, _("Name"), 24, "echo");
	form_choice(f, _("Queue"), 24);
	form_choice(f, _("Definition"), 24);
	form_option(f, F_DEFINITION, _("(made for the command)"));
	form_text(f, _("vCPUs"), 6, "1");
	form_text(f, _("Memory MiB"), 8, "512");
	form_text(f, _("Needs"), 30, "");
	form_hint(f, F_NEEDS, _("jobs that must end well first"));
	form_text(f, _("Tries"), 4, "1");
	form_text(f, _("Time limit s"), 8, "");
	form_hint(f, F_LIMIT, _("blank: none; for each try"));
	form_text(f, _("Variables"), 30, "");
	form_hint(f, F_ENV, _("NAME=VALUE ..."));
	return f;
}

/* The queues of today: what was typed may be from before the newest was made. */
static void choose_queue(struct form *f, const struct snap *snap, const char *queue)
{
	form_no_options(f, F_QUEUE);
	for (int i = 0; i < snap->queue_count; i++)
		form_option(f, F_QUEUE, snap->queue[i].name);
	for (int i = 0; i < f->field[F_QUEUE].option_count; i++)
		if (strcmp(f->field[F_QUEUE].option[i], queue) == 0)
			f->field[F_QUEUE].chosen = i;
}

static const struct layer_ops submit_ops = {
	.typing = true,
	.free = submit_free,
	.draw = submit_draw,
	.key = submit_key,
};

struct layer *submit_layer(struct ui *ui, const char *queue)
{
	struct submit *s = xcalloc(1, sizeof *s);
	cJSON *in = cJSON_CreateObject();

	s->layer.ops = &submit_ops;
	s->ui = ui;
	if (!ui->draft)
		ui->draft = new_form();
	s->form = ui->draft;
	choose_queue(s->form, data_snap(ui->data), queue);
	json_add_str(in, "status", "ACTIVE");
	s->look = client_call(ui->client, "DescribeJobDefinitions", in, on_definitions, s);
	check(s);
	return &s->layer;
}
