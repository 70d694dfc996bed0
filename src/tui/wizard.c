/* The wizard's keys: which step, which field, back and forth. Enter all the way gives a
 * finished job; Esc goes back and keeps what was typed. */
#include "config.h"
#include "wizard.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "jobdeck/base/fs.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "key.h"

/* What was typed stays for the next time, unless it has come true. */
struct wizard_draft {
	struct form env, queue;
	struct edit own;
	enum wizard_job choice;
};

void wizard_draft_free(struct wizard_draft *d)
{
	if (!d)
		return;
	form_fini(&d->env);
	form_fini(&d->queue);
	free(d);
}

static void keep_draft(struct wizard *w)
{
	struct wizard_draft *d = xcalloc(1, sizeof *d);

	d->env = w->env; /* the forms go over as they are */
	d->queue = w->queue;
	d->own = w->own;
	d->choice = w->choice;
	form_init(&w->env);
	form_init(&w->queue);
	wizard_draft_free(w->ui->wizard_draft);
	w->ui->wizard_draft = d;
}

static bool take_draft(struct wizard *w)
{
	struct wizard_draft *d = w->ui->wizard_draft;

	if (!d)
		return false;
	w->env = d->env;
	w->queue = d->queue;
	w->own = d->own;
	w->choice = d->choice;
	w->env.focus = w->queue.focus = 0;
	w->ui->wizard_draft = NULL;
	free(d);
	return true;
}

static void wizard_free(struct layer *l)
{
	struct wizard *w = (struct wizard *)l;

	if (w->step != WIZARD_WATCH)
		keep_draft(w);
	wizard_run_stop(w);
	plan_clear(&w->plan);
	form_fini(&w->env);
	form_fini(&w->queue);
	free(w);
}

static void wizard_turn(struct layer *l, struct ui *ui, bool top)
{
	struct wizard *w = (struct wizard *)l;

	(void)ui;
	if (!top)
		return;
	wizard_check(w);
	if (w->step == WIZARD_WATCH)
		wizard_run_turn(w);
	else
		wizard_make_plan(w);
}

static int wizard_due(const struct layer *l, const struct ui *ui)
{
	const struct wizard *w = (const struct wizard *)l;

	(void)ui;
	return w->step == WIZARD_WATCH ? wizard_run_due(w) : -1;
}

/* ---- Going on and back ---- */

static void leave(struct wizard *w)
{
	ui_close(w->ui, &w->layer);
	data_refresh(w->ui->data);
	for (int i = 0; i < w->plan.count; i++)
		if (*w->plan.item[i].id)
			root_select_job(w->ui, w->plan.item[i].id);
}

static struct form *form_of(struct wizard *w)
{
	return w->step == WIZARD_ENV ? &w->env : w->step == WIZARD_QUEUE ? &w->queue : NULL;
}

static bool refuse_wrong(struct wizard *w)
{
	int wrong = wizard_wrong(w, w->step);
	struct form *f = form_of(w);

	if (wrong < 0)
		return false;
	if (f) {
		f->focus = wrong;
		ui_complain(w->ui, "%s: %s", f->field[wrong].label, f->field[wrong].error);
	} else {
		w->typing = true;
		ui_complain(w->ui, _("what shall it run? A command, with its quotes closed"));
	}
	return true;
}

static void run_again(struct wizard *w)
{
	wizard_run_stop(w);
	for (int i = 0; i < w->plan.count; i++)
		w->plan.item[i].done = false, w->plan.item[i].id[0] = '\0';
	wizard_make_plan(w);
	w->at = 0;
	w->waiting = false;
	wizard_run(w);
}

/* On the last step Enter waits for the job: it is its log that one came for. */
static void enter_watching(struct wizard *w)
{
	if (*w->trouble)
		wizard_run(w);
	else if (wizard_finished(w))
		leave(w);
	else
		ui_say(w->ui,
		       _("not finished yet; Esc leaves it running and goes to the main view"));
}

static void enter(struct wizard *w)
{
	if (w->step == WIZARD_WATCH) {
		enter_watching(w);
		return;
	}
	if (refuse_wrong(w))
		return;
	w->typing = false;
	if (w->step == WIZARD_JOB && !w->reviewed) {
		w->reviewed = true;
		return;
	}
	if (w->step == WIZARD_JOB && w->ui->opt->read_only) {
		ui_complain(w->ui, _("read-only: nothing is changed from here"));
		return;
	}
	w->step++;
	if (w->step == WIZARD_WATCH) {
		w->at = 0;
		w->waiting = false;
		wizard_run(w);
	}
}

static void back(struct wizard *w)
{
	if (w->typing) {
		w->typing = false;
	} else if (w->step == WIZARD_JOB && w->reviewed) {
		w->reviewed = false;
	} else if (w->step == WIZARD_WATCH && *w->trouble && w->at == 0) {
		w->step = WIZARD_JOB; /* nothing was made: everything can still be changed */
		w->trouble[0] = '\0';
	} else if (w->step == WIZARD_WATCH || w->step == w->first) {
		if (w->step != WIZARD_WATCH)
			ui_say(w->ui, _("nothing was created; jobdeck init brings this back"));
		leave(w);
	} else {
		w->step--;
	}
}

/* ---- The plan for later ---- */

static void save_script(struct wizard *w)
{
	const char *dir = w->ui->opt->home ? w->ui->opt->home->state : ".";
	cleanup_free char *path = xasprintf("%s/setup.sh", dir), *text = wizard_script(w);
	struct err err = { 0 };

	for (int n = 2; access(path, F_OK) == 0 && n < 1000; n++) {
		char *other = xasprintf("%s/setup-%d.sh", dir, n);

		free(path);
		path = other;
	}
	if (fs_write_atomic(path, text, strlen(text), &err) < 0)
		ui_complain(w->ui, "%s", err.text);
	else
		ui_say(w->ui, _("saved; run it with: sh %s"), path);
}

static void show_plan(struct wizard *w)
{
	wizard_make_plan(w);
	ui_push(w->ui, text_layer(_("the plan, as requests"), wizard_json(w)));
}

/* ---- Keys ---- */

static bool job_key(struct wizard *w, int key)
{
	if (w->typing && key != K_UP && key != K_DOWN) {
		edit_key(&w->own, key);
		return true;
	}
	if (key == K_DOWN || key == K_TAB)
		w->choice = (enum wizard_job)((w->choice + 1) % WIZARD_JOBS);
	else if (key == K_UP || key == K_BACKTAB)
		w->choice = (enum wizard_job)((w->choice + WIZARD_JOBS - 1) % WIZARD_JOBS);
	else if (key >= '1' && key < '1' + WIZARD_JOBS)
		w->choice = (enum wizard_job)(key - '1');
	else if (key == 's')
		save_script(w);
	else if (key == 'j')
		show_plan(w);
	else if (key == '?')
		ui_push(w->ui, help_layer(W_JOBS));
	else
		return true;
	if (key != 's' && key != 'j' && key != '?') {
		w->reviewed = false;
		w->typing = w->choice == WIZARD_OWN;
	}
	return true;
}

static bool wizard_key(struct layer *l, struct ui *ui, int key)
{
	struct wizard *w = (struct wizard *)l;
	struct form *f = form_of(w);

	if (key == K_ENTER) {
		enter(w);
	} else if (key == K_ESC) {
		back(w);
	} else if (key == KEY_CTRL('x') && w->step < WIZARD_WATCH) {
		show_plan(w);
	} else if (key == KEY_CTRL('l')) {
		ui->redraw = true;
	} else if (f) {
		form_key(f, key);
	} else if (w->step == WIZARD_JOB) {
		job_key(w, key);
	} else if (w->step == WIZARD_WATCH && key == 'r' && wizard_finished(w)) {
		run_again(w);
	} else if (key == '?' || key == K_F1) {
		ui_push(ui, help_layer(W_JOBS));
	} else if (key == 'q' || key == K_F1 + 9) {
		leave(w);
	}
	wizard_check(w);
	if (w->step < WIZARD_WATCH)
		wizard_make_plan(w);
	return true;
}

static const struct layer_ops wizard_ops = {
	.typing = true,
	.free = wizard_free,
	.turn = wizard_turn,
	.due = wizard_due,
	.draw = wizard_draw,
	.key = wizard_key,
};

static void make_forms(struct wizard *w)
{
	form_init(&w->env);
	form_text(&w->env, _("Name"), 24, "local-ce");
	form_fixed(&w->env, _("Kind"), _("EC2, all of this machine as one instance"));
	form_text(&w->env, _("vCPU at most"), 6, "");
	form_init(&w->queue);
	form_text(&w->queue, _("Name"), 24, "default");
	form_text(&w->queue, _("Priority"), 6, "10");
	form_fixed(&w->queue, _("Environments"), "");
	form_fixed(&w->queue, _("Order of jobs"), _("first come, first served"));
}

struct layer *wizard_layer(struct ui *ui, int step)
{
	struct wizard *w = xcalloc(1, sizeof *w);

	w->layer.ops = &wizard_ops;
	w->ui = ui;
	w->step = (enum wizard_step)step;
	w->first = step ? WIZARD_ENV : WIZARD_WHERE;
	if (!take_draft(w)) {
		make_forms(w);
		edit_set(&w->own, "");
	}
	wizard_check(w);
	wizard_make_plan(w);
	return &w->layer;
}
