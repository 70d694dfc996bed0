/* How the wizard looks: one heading, one question, what will come of it. */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "job_page.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"
#include "request.h"
#include "wizard.h"

static void step_row(const struct wizard *w, struct grid *g)
{
	const char *name[WIZARD_STEPS] = { _("where"), _("environment"), _("queue"), _("first job"),
					   _("watch") };
	int col = 1;

	for (int i = 0; i < WIZARD_STEPS; i++) {
		bool here = (int)w->step == i;

		col += grid_printf(g, 1, col, g->cols - col, here ? STYLE_TITLE : STYLE_PLAIN,
				   here		    ? "[%s]" :
				   i < (int)w->step ? _("%s ok") :
						      "%s",
				   name[i]);
		col += 2;
	}
}

/* The heading below the bar and, where there is room, the steps. Returns the next row. */
static int heading(const struct wizard *w, struct grid *g, const struct scene *scene, int width,
		   const char *title)
{
	char step[64];
	int row = 1;

	snprintf(step, sizeof step, _("step %d of %d"), (int)w->step + 1, WIZARD_STEPS);
	scene_bar(g, scene, g->cols < 60 ? step : _("jobdeck  first run"),
		  g->cols < 60 ? "" : step);
	if (g->cols >= 60 && g->rows >= 16) {
		step_row(w, g);
		row++;
	}
	scene_title(g, row, 0, width, !w->reviewed || w->step != WIZARD_JOB, title);
	return row + (g->rows >= 16 ? 2 : 1);
}

static int narrow_or(const struct grid *g, int narrow, int wide)
{
	return g->cols < 60 ? narrow : wide;
}

static void draw_where(const struct wizard *w, struct grid *g, const struct scene *scene)
{
	const struct snap *s = data_snap(w->ui->data);
	const struct home *home = w->ui->opt->home;
	int row = heading(w, g, scene, g->cols, _("Where should jobs run?")), col;
	char memory[32];

	grid_text(g, row, 2, 3, STYLE_TITLE, "> 1");
	col = 6 + grid_text(g, row, 6, g->cols - 6, STYLE_TITLE, _("Here, on this machine")) + 3;
	if (g->cols < 60)
		row++, col = 6;
	grid_text(g, row++, col, g->cols - col, STYLE_PLAIN, _("nothing to install, no account;"));
	grid_text(g, row++, col, g->cols - col, STYLE_PLAIN, _("jobs are processes of yours;"));
	grid_text(g, row++, col, g->cols - col, STYLE_PLAIN, _("all state in one SQLite file"));
	grid_cursor(g, row - 3, 2, false);
	row += g->rows >= 16;
	if (home) {
		grid_text(g, row, 2, 16, STYLE_PLAIN, _("State"));
		grid_text(g, row++, 19, g->cols - 19, STYLE_PLAIN, home->db);
		grid_text(g, row, 2, 16, STYLE_PLAIN, _("Output"));
		grid_text(g, row++, 19, g->cols - 19, STYLE_PLAIN, home->logs);
	}
	grid_text(g, row, 2, 16, STYLE_PLAIN, _("This machine"));
	if (s->loaded)
		grid_printf(g, row, 19, g->cols - 19, STYLE_PLAIN, _("%.6g vCPU, %s memory"),
			    s->pool_vcpus, scene_memory(s->pool_memory, memory, sizeof memory));
	else
		grid_text(g, row, 19, g->cols - 19, STYLE_PLAIN, _("asking ..."));
	scene_note(g, scene, _("You can run this again at any time: jobdeck init"));
	scene_keys(g, _("Enter next  Esc leave, nothing was written  ? help"));
}

/* In a wide window the request stands beside its fields, as it will be sent. */
static void draw_request(struct grid *g, int col, const struct plan_item *item)
{
	cleanup_free char *text = item->request ? request_text(item->request) : xstrdup("");

	grid_vline(g, 2, col, g->rows - 4, STYLE_FRAME);
	scene_title(g, 2, col + 1, g->cols - col - 1, false, _("The request, as it will be sent"));
	scene_lines(g, (struct rect){ 3, col + 2, g->rows - 5, g->cols - col - 2 }, text);
}

static int draw_effect(struct grid *g, int row, int width, const struct plan_item *item,
		       const char *more, const char *undo)
{
	if (row + 3 >= g->rows - 2)
		return row;
	scene_title(g, row++, 0, width, false, _("What this will do"));
	if (item->request)
		grid_printf(g, row++, 2, width - 2, STYLE_PLAIN, "%s  %s  %s", item->op, item->name,
			    item->note);
	else
		grid_printf(g, row++, 2, width - 2, STYLE_PLAIN,
			    _("%s exists and is left as it is"), item->name);
	if (row < g->rows - 3)
		grid_text(g, row++, 2, width - 2, STYLE_PLAIN, more);
	if (row < g->rows - 3)
		grid_printf(g, row++, 2, width - 2, STYLE_PLAIN, _("Undo: %s, once it is off"),
			    undo);
	return row;
}

static int form_width(const struct grid *g)
{
	return g->cols >= 110 ? g->cols * 11 / 20 : g->cols;
}

static void draw_fields(const struct wizard *w, struct grid *g, const struct scene *scene)
{
	bool env = w->step == WIZARD_ENV;
	const struct plan_item *item = &w->plan.item[env ? 0 : 1];
	cleanup_free char *undo =
		xasprintf("jobdeck %s delete %s", env ? "environment" : "queue", item->name);
	int width = form_width(g);
	const char *full = env ? _("A compute environment: how much may jobs use?") :
				 _("A job queue: in what order?");
	const char *brief = env ? _("How much may jobs use?") : _("In what order?");
	int row = heading(w, g, scene, width, g->cols < 60 ? brief : full);
	const struct form *f = env ? &w->env : &w->queue;
	int wrong = form_wrong(f);

	row += form_draw(f, g, row, width, g->rows - 2 - row);
	row += g->rows >= 16;
	draw_effect(g, row, width, item,
		    env ? _("No job can take more than that, however many you submit.") :
			  _("Jobs wait here until an environment has room for them."),
		    undo);
	if (width < g->cols)
		draw_request(g, width, item);
	if (wrong >= 0 && !scene->note) {
		char note[256];

		snprintf(note, sizeof note, "%s: %s", f->field[wrong].label, f->field[wrong].error);
		scene_note(g, scene, note);
	} else {
		scene_note(
			g, scene,
			_("Every field has a working value: Enter five times is a working set-up"));
	}
	scene_keys(g, _("Enter next  Tab next field  Esc back  Ctrl-X JSON"));
}

static void draw_choices(const struct wizard *w, struct grid *g, int row)
{
	for (int i = 0; i < WIZARD_JOBS; i++, row++) {
		bool here = (int)w->choice == i;
		enum style style = here ? STYLE_TITLE : STYLE_PLAIN;

		grid_printf(g, row, 2, 4, style, "%s %d", here ? ">" : " ", i + 1);
		grid_text(g, row, 7, 13, style, wizard_choice_name((enum wizard_job)i));
		if (i != WIZARD_OWN) {
			grid_text(g, row, 20, g->cols - 20, STYLE_PLAIN,
				  wizard_choice_text((enum wizard_job)i));
		} else {
			grid_text(g, row, 20, 2, style, "[ ");
			grid_text(g, row, g->cols - 3, 2, style, " ]");
			edit_draw(&w->own, g, row, 22, g->cols - 26, style, w->typing);
		}
		if (here && !w->typing && !w->reviewed)
			grid_cursor(g, row, 2, false);
	}
}

static void draw_plan(const struct wizard *w, struct grid *g, int row)
{
	scene_title(g, row++, 0, g->cols, w->reviewed,
		    _("Before anything is made: the whole plan"));
	for (int i = 0; i < w->plan.count && row < g->rows - 2; i++, row++) {
		const struct plan_item *item = &w->plan.item[i];

		if (w->reviewed && i == 0)
			grid_cursor(g, row, 2, false);
		if (g->cols < 60) {
			grid_printf(g, row, 1, g->cols - 1, STYLE_PLAIN, "%d %s %s", i + 1,
				    item->op, item->name);
			continue;
		}
		grid_printf(g, row, 2, 28, STYLE_PLAIN, "%-2d %s", i + 1, item->op);
		grid_text(g, row, 31, 18, STYLE_PLAIN, item->name);
		grid_text(g, row, 50, g->cols - 50, STYLE_PLAIN, item->note);
	}
	if (row + 2 < g->rows - 2)
		grid_text(g, row + 1, 2, g->cols - 2, STYLE_PLAIN,
			  _("s saves this as a script of jobdeck commands; j shows it as JSON"));
}

static void draw_job(const struct wizard *w, struct grid *g, const struct scene *scene)
{
	int row = heading(w, g, scene, g->cols, _("A first job"));

	if (g->rows >= 16)
		grid_text(g, row++, 2, g->cols - 2, STYLE_PLAIN,
			  _("Try one of these, or type your own command:"));
	draw_choices(w, g, row);
	draw_plan(w, g, row + WIZARD_JOBS + (g->rows >= 16));
	scene_note(g, scene,
		   w->reviewed ? _("Nothing has been created yet. Enter makes all of it.") :
				 _("Nothing has been created yet"));
	if (w->reviewed)
		scene_keys(g, _("Enter do it  s save as script  j JSON  Esc back"));
	else
		scene_keys(g, _("Enter choose  Up/Down other  s save as script  j JSON  Esc back"));
}

/* ---- Step 5 ---- */

static void item_text(const struct plan_item *item, char *buf, size_t size)
{
	if (strcmp(item->op, "SubmitJob") == 0)
		snprintf(buf, size, _("%s submitted as %s"), item->name, item->id);
	else if (strcmp(item->op, "RegisterJobDefinition") == 0)
		snprintf(buf, size, _("%s:%d registered"), item->name, item->revision);
	else
		snprintf(buf, size, _("%s is VALID"), item->name);
}

/* Progress takes at most what leaves the log its room. */
static int progress_most(const struct grid *g)
{
	return g->rows < 16 ? 3 : g->rows < 30 ? 6 : PLAN_MAX;
}

/* The item under way stays in sight; in a small window the list goes once all is made. */
static int progress_from(const struct wizard *w, const struct grid *g)
{
	int most = progress_most(g), from = w->at + 1 - most;

	if (g->rows < 16 && w->at >= w->plan.count)
		return w->plan.count;
	if (from > w->plan.count - most)
		from = w->plan.count - most;
	return from > 0 ? from : 0;
}

static int draw_progress(const struct wizard *w, struct grid *g, int row)
{
	int first = progress_from(w, g), end = first + progress_most(g);
	char text[256], took[32];

	for (int i = first; i < w->plan.count && i < end; i++, row++) {
		const struct plan_item *item = &w->plan.item[i];

		if (!item->done) {
			grid_printf(g, row, 2, g->cols - 2, STYLE_PLAIN, "%s %s %s",
				    i == w->at && !*w->trouble ? ".." : "--", item->op, item->name);
			continue;
		}
		item_text(item, text, sizeof text);
		grid_text(g, row, 2, 3, STYLE_PLAIN, "ok");
		grid_text(g, row, 6, g->cols - narrow_or(g, 6, 16), STYLE_PLAIN, text);
		if (g->cols >= 60)
			grid_right(g, row, g->cols - 9, 8, STYLE_PLAIN,
				   time_span(item->took_ms, took, sizeof took));
	}
	return row;
}

/* SUBMITTED > RUNNABLE > STARTING > [RUNNING 3s] */
static void draw_states(struct grid *g, int row, const cJSON *job, jd_time now)
{
	enum job_status status = job_page_status(job);
	jd_time started = json_int(job, "startedAt", 0);
	int col = 2;
	char age[32];

	for (int s = JOB_SUBMITTED; s <= JOB_SUCCEEDED; s++) {
		enum job_status shown = s == JOB_SUCCEEDED && status == JOB_FAILED ?
						JOB_FAILED :
						(enum job_status)s;
		bool here = shown == status;

		if (s == JOB_PENDING && !json_count(job, "dependsOn"))
			continue;
		if (g->cols < 60 && !here)
			continue;
		if (col > 2)
			col += grid_text(g, row, col, 3, STYLE_FRAME, " > ");
		if (here && status == JOB_RUNNING && started)
			col += grid_printf(g, row, col, g->cols - col, STYLE_RUN, "[RUNNING %s]",
					   time_age(now - started, age, sizeof age));
		else
			col += grid_printf(g, row, col, g->cols - col,
					   here ? status == JOB_SUCCEEDED ?
						  STYLE_TITLE :
						  scene_state_style(status, 0) :
						  STYLE_PLAIN,
					   here ? "[%s]" : "%s", job_status_name(shown));
	}
}

static void draw_log(const struct wizard *w, struct grid *g, int row, int end)
{
	const struct logbuf *b = w->tail ? tail_lines(w->tail) : NULL;
	int from;

	if (!b)
		return;
	from = b->count > end - row ? b->count - (end - row) : 0;
	for (int i = from; i < b->count && row < end; i++, row++) {
		cleanup_free char *text = logline_text(&b->line[i], false);
		time_t t = b->line[i].at / 1000;
		char clock[16] = "";
		struct tm tm;
		int col = 2;

		if (localtime_r(&t, &tm) && g->cols >= 60) {
			strftime(clock, sizeof clock, "%H:%M:%S", &tm);
			col += grid_text(g, row, col, 9, STYLE_PLAIN, clock) + 1;
		}
		grid_text(g, row, col, g->cols - col, STYLE_PLAIN, text);
	}
}

static void draw_result(struct grid *g, int row, const cJSON *job)
{
	jd_time started = json_int(job, "startedAt", 0), stopped = json_int(job, "stoppedAt", 0);
	cleanup_free char *result = snap_result(job);
	const char *why = json_str_or(job, "jobdeckWhy", "");
	char took[32];

	if (!job_status_is_final(job_page_status(job))) {
		cleanup_free char *safe = text_safe_dup(why, strlen(why));

		grid_text(g, row, 2, g->cols - 2, STYLE_PLAIN, safe);
	} else if (started && stopped) {
		grid_printf(g, row, 2, g->cols - 2, STYLE_PLAIN, _("%s, after %s"), result,
			    time_span(stopped - started, took, sizeof took));
	} else {
		grid_text(g, row, 2, g->cols - 2, STYLE_PLAIN, result);
	}
}

static int draw_watched(const struct wizard *w, struct grid *g, int row, jd_time now)
{
	const cJSON *job = wizard_watched(w);
	char title[256];

	if (!job)
		return row;
	const char *name = json_str_or(job, "jobName", "");
	cleanup_free char *safe = text_safe_dup(name, strlen(name));

	snprintf(title, sizeof title, "%s  %.36s", safe, json_str_or(job, "jobId", ""));
	if (g->rows >= 16)
		scene_title(g, row++, 0, g->cols, false, title);
	draw_states(g, row++, job, now);
	draw_result(g, row++, job);
	return row;
}

static void draw_watch(const struct wizard *w, struct grid *g, const struct scene *scene)
{
	int row = heading(w, g, scene, g->cols, _("Watch it run")) - (g->rows >= 16);
	bool finished = wizard_finished(w), tall = g->rows >= 22;
	int end = g->rows - 2 - (tall ? 4 : 0);

	row = draw_progress(w, g, row);
	row = draw_watched(w, g, row, scene->now);
	scene_title(g, row++, 0, g->cols, false, finished ? _("Log") : _("Log, following"));
	draw_log(w, g, row, end);
	if (tall) {
		scene_title(g, end, 0, g->cols, false, _("Three keys are enough to begin"));
		grid_text(g, end + 1, 2, g->cols - 2, STYLE_PLAIN,
			  _("Enter opens what is under the cursor, Esc goes back, ? shows every "
			    "key."));
		grid_printf(g, end + 2, 2, g->cols - 2, STYLE_PLAIN,
			    _("From a script: jobdeck submit --queue %s -- your command"),
			    form_value(&w->queue, WQ_NAME));
	}
	grid_cursor(g, row - 1, 0, false);
	if (*w->trouble) {
		scene_note(g, &(struct scene){ .note = w->trouble, .note_bad = true }, NULL);
		scene_keys(g, _("Enter try again  Esc back"));
		return;
	}
	scene_note(g, scene, finished ? _("Done") : _("Jobs go on without this screen"));
	scene_keys(g, finished ? _("Enter to the main view  r run it again  ? help") :
				 _("Esc leave it running  ? help"));
}

void wizard_draw(struct layer *l, struct ui *ui, const struct scene *scene, struct grid *g)
{
	const struct wizard *w = (const struct wizard *)l;

	(void)ui;
	grid_clear(g);
	switch (w->step) {
	case WIZARD_WHERE:
		draw_where(w, g, scene);
		break;
	case WIZARD_ENV:
	case WIZARD_QUEUE:
		draw_fields(w, g, scene);
		break;
	case WIZARD_JOB:
		draw_job(w, g, scene);
		break;
	default:
		draw_watch(w, g, scene);
		break;
	}
}
