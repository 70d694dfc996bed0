/* The stack of layers, and what is the same everywhere: help, leaving, the message line. */
#include "config.h"
#include "ui.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "form.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"
#include "key.h"
#include "layers.h"

enum { GAP_MS = 500, GAP_SSH_MS = 1000, TWICE_MS = 3000 };

/* What one calls the place one works in: its directory, with ~ for one's own. */
static void name_place(struct ui *ui)
{
	const char *home = getenv("HOME"), *dir = ui->opt->home ? ui->opt->home->dir : "";
	cleanup_free char *safe = text_safe_dup(dir, strlen(dir));
	size_t n = home ? strlen(home) : 0;

	if (n > 1 && strncmp(safe, home, n) == 0 && (safe[n] == '/' || !safe[n]))
		snprintf(ui->place, sizeof ui->place, "local:~%s", safe + n);
	else
		snprintf(ui->place, sizeof ui->place, "local:%s", safe);
}

struct ui *ui_new(const struct console_options *opt, int rows, int cols, bool ascii)
{
	struct ui *ui = xcalloc(1, sizeof *ui);

	ui->opt = opt;
	ui->client = opt->client;
	ui->ascii = ascii;
	ui->data = data_new(opt->client, getenv("SSH_CONNECTION") ? GAP_SSH_MS : GAP_MS);
	ui->grid = grid_new(rows, cols, ascii);
	name_place(ui);
	ui_push(ui, root_layer());
	if (opt->wizard) {
		ui->wizard_offered = true;
		ui_push(ui, wizard_layer(ui, 0));
	}
	return ui;
}

static void free_layer(struct layer *l)
{
	l->ops->free(l);
}

void ui_free(struct ui *ui)
{
	if (!ui)
		return;
	while (ui->top) {
		struct layer *l = ui->top;

		ui->top = l->below;
		free_layer(l);
	}
	while (ui->tasks) {
		struct task *t = ui->tasks;

		ui->tasks = t->next;
		t->free(t);
	}
	if (ui->draft)
		form_fini(ui->draft);
	free(ui->draft);
	wizard_draft_free(ui->wizard_draft);
	data_free(ui->data);
	grid_free(ui->grid);
	free(ui);
}

void ui_resize(struct ui *ui, int rows, int cols)
{
	grid_free(ui->grid);
	ui->grid = grid_new(rows, cols, ui->ascii);
}

void ui_push(struct ui *ui, struct layer *l)
{
	l->below = ui->top;
	ui->top = l;
}

void ui_close(struct ui *ui, struct layer *l)
{
	(void)ui;
	l->closing = true;
}

void ui_task(struct ui *ui, struct task *t)
{
	t->next = ui->tasks;
	ui->tasks = t;
}

/* What was closed goes only now: the one who closed it may still be using it. */
static void reap(struct ui *ui)
{
	for (struct layer **l = &ui->top; *l;) {
		struct layer *gone = *l;

		if (!gone->closing) {
			l = &gone->below;
			continue;
		}
		*l = gone->below;
		free_layer(gone);
	}
	for (struct task **t = &ui->tasks; *t;) {
		struct task *gone = *t;

		if (!gone->done) {
			t = &gone->next;
			continue;
		}
		*t = gone->next;
		gone->free(gone);
	}
}

static void set_note(struct ui *ui, bool bad, const char *fmt, va_list ap)
{
	char text[512];

	vsnprintf(text, sizeof text, fmt, ap);
	text_safe(ui->note, sizeof ui->note, text, strlen(text));
	ui->note_bad = bad;
}

void ui_say(struct ui *ui, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set_note(ui, false, fmt, ap);
	va_end(ap);
}

void ui_complain(struct ui *ui, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set_note(ui, true, fmt, ap);
	va_end(ap);
}

void ui_leave(struct ui *ui)
{
	struct snap_totals t = snap_totals(data_snap(ui->data));
	long live = t.running + t.waiting;

	ui->quit = true;
	if (live)
		snprintf(ui->farewell, sizeof ui->farewell,
			 ngettext("%ld job goes on", "%ld jobs go on", (unsigned long)live), live);
}

void ui_interrupt(struct ui *ui)
{
	reap(ui);
	if (ui->top->ops->key) {
		ui_key(ui, K_ESC);
		return;
	}
	if (ui->interrupted && ui->mono - ui->interrupted < TWICE_MS) {
		ui_leave(ui);
		ui->exit_code = 130;
		return;
	}
	ui->interrupted = ui->mono ? ui->mono : 1;
	ui_say(ui, _("Ctrl-C once more leaves; jobs go on"));
}

/* Actions that mean the same everywhere. */
static bool act_anywhere(struct ui *ui, enum action a, unsigned where)
{
	switch (a) {
	case ACTION_LEAVE:
		ui_leave(ui);
		return true;
	case ACTION_HELP:
		ui_push(ui, help_layer(where));
		return true;
	case ACTION_REDRAW:
		ui->redraw = true;
		return true;
	case ACTION_SUSPEND:
		ui->suspend = true;
		return true;
	case ACTION_REFRESH:
		data_refresh(ui->data);
		return true;
	default:
		return false;
	}
}

static void dispatch(struct ui *ui, struct layer *l, int key)
{
	unsigned where = l->ops->where ? l->ops->where(l) : 0;
	enum action a = where ? action_for_key(key, where) : ACTION_NONE;

	if (a)
		ui_act(ui, l, a);
	else if (where && key == 'c')
		ui_say(ui, _("c does nothing here; K stops a job"));
}

void ui_act(struct ui *ui, struct layer *l, enum action a)
{
	if ((action_row(a)->flags & CHANGES) && ui->opt->read_only)
		ui_complain(ui, _("read-only: nothing is changed from here"));
	else if (!act_anywhere(ui, a, l->ops->where(l)))
		l->ops->act(l, ui, a);
}

void ui_key(struct ui *ui, int key)
{
	struct layer *l;

	reap(ui); /* an answer may have closed something since the last turn */
	l = ui->top;
	if (key == K_PASTE_BEGIN || key == K_PASTE_END) {
		ui->pasting = key == K_PASTE_BEGIN;
		return;
	}
	if (ui->pasting) { /* pasted text is never keys: no line feed may submit a form */
		if (!l->ops->typing)
			return;
		if (key == K_ENTER || key == K_TAB)
			key = ' ';
		if (key >= KEY_SPECIAL || key < 0x20)
			return;
	}
	ui->note[0] = '\0';
	ui->interrupted = 0;
	if (!l->ops->key || !l->ops->key(l, ui, key))
		dispatch(ui, l, key);
	reap(ui);
}

static void turn_layers(struct ui *ui)
{
	struct layer *stack[32];
	int n = 0;
	bool top = true;

	for (struct layer *l = ui->top; l && n < 32; l = l->below)
		stack[n++] = l;
	for (int i = 0; i < n; i++) {
		if (stack[i]->ops->turn)
			stack[i]->ops->turn(stack[i], ui, top);
		top = top && stack[i]->ops->overlay;
	}
}

void ui_turn(struct ui *ui, int64_t mono, jd_time now)
{
	ui->mono = mono;
	ui->now = now;
	turn_layers(ui);
	for (struct task *t = ui->tasks; t; t = t->next)
		if (t->turn && !t->done)
			t->turn(t, ui);
	data_turn(ui->data, mono);
	reap(ui);
}

static int sooner(int a, int b)
{
	return a < 0 ? b : b < 0 ? a : a < b ? a : b;
}

int ui_due(const struct ui *ui)
{
	int due = data_due(ui->data, ui->mono);

	for (const struct layer *l = ui->top; l; l = l->ops->overlay ? l->below : NULL)
		if (l->ops->due)
			due = sooner(due, l->ops->due(l, ui));
	return due;
}

static void make_scene(const struct ui *ui, struct scene *s)
{
	const char *trouble = client_trouble(ui->client);

	*s = (struct scene){ .now = ui->now, .place = ui->place, .read_only = ui->opt->read_only };
	s->freshness = data_freshness(ui->data, s->fresh, sizeof s->fresh);
	if (*ui->note) {
		s->note = ui->note;
		s->note_bad = ui->note_bad;
	} else if (s->freshness == FRESH_LOST && trouble) {
		s->note = trouble;
		s->note_bad = true;
	}
}

static void draw_layer(struct ui *ui, struct layer *l, const struct scene *scene)
{
	if (l->ops->overlay && l->below)
		draw_layer(ui, l->below, scene);
	l->ops->draw(l, ui, scene, ui->grid);
}

const struct grid *ui_draw(struct ui *ui)
{
	struct scene scene;

	make_scene(ui, &scene);
	if (ui->grid->rows < SCENE_ROWS || ui->grid->cols < SCENE_COLS) {
		grid_clear(ui->grid);
		scene_tiny(ui->grid, &scene, data_snap(ui->data));
	} else {
		draw_layer(ui, ui->top, &scene);
	}
	return ui->grid;
}

bool ui_typing(const struct ui *ui)
{
	return ui->top && ui->top->ops->typing;
}
