/* The form for a new job. Every field has a value that works; the request and the command
 * line that would do the same are always in sight. */
#include "config.h"
#include "submit.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"
#include "jobdeck/model/limits.h"
#include "key.h"
#include "page.h"
#include "request.h"
#include "shell.h"

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
	cleanup_free char *definition = submit_definition(s);
	cleanup_json cJSON *words = NULL;

	if (s->call)
		return;
	if (wrong >= 0) {
		s->form->focus = wrong;
		ui_complain(s->ui, "%s: %s", s->form->field[wrong].label,
			    s->form->field[wrong].error);
		return;
	}
	if (!submit_own_definition(s) || strchr(definition, ':')) {
		send(s, submit_request(s, definition));
		return;
	}
	words = shell_split(form_value(s->form, F_COMMAND), NULL);
	cJSON_Delete(s->pending);
	s->pending = submit_request(s, definition);
	s->call = client_call(
		s->ui->client, "RegisterJobDefinition",
		request_definition(definition, words, submit_vcpus(s), submit_memory(s)),
		on_registered, s);
}

/* ---- The layer ---- */

static void show_request(struct submit *s)
{
	cleanup_free char *definition = submit_definition(s);
	cleanup_json cJSON *in = submit_request(s, definition);

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
		submit_check(s);
	return true;
}

static void draw_json(const struct submit *s, struct grid *g, int col)
{
	cleanup_free char *definition = submit_definition(s);
	cleanup_json cJSON *in = submit_request(s, definition);
	cleanup_free char *text = request_text(in);

	grid_vline(g, 1, col, g->rows - 3, STYLE_FRAME);
	scene_title(g, 1, col + 1, g->cols - col - 1, false, _("The request, SubmitJob"));
	scene_lines(g, (struct rect){ 2, col + 2, g->rows - 4, g->cols - col - 2 }, text);
}

/* The command line that does the same, over as many rows as it needs. */
static void draw_same_as(const struct submit *s, struct grid *g, int row, int width)
{
	cleanup_free char *line = submit_command_line(s);
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
	submit_check(s);
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
	submit_check(s);
	return &s->layer;
}
