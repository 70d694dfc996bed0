/* The main view as a layer: its keys, and what is looked at. */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "layers.h"
#include "view_main.h"

struct root {
	struct layer layer;
	struct main_view v;
	char before[256]; /* the filter as it was before the prompt */
	char before_sel[sizeof(((struct list_state *)0)->sel)]; /* and the job */
	char want[SNAP_ID]; /* a job to go to once it is on the list */
	char at[SNAP_ID];   /* the job under the cursor, and since when */
	int64_t at_since;
};

/* Details are asked for when the cursor rests: holding a key down must not fetch and draw
 * every job it passes. */
enum { REST_MS = 150 };

static void root_free(struct layer *l)
{
	struct root *r = (struct root *)l;

	main_fini(&r->v);
	free(r);
}

/* A home with nothing in it is one in which the wizard has not been. */
static void offer_wizard(struct ui *ui, const struct snap *s)
{
	if (ui->wizard_offered || !s->loaded)
		return;
	ui->wizard_offered = true;
	if (!s->env_count && !s->queue_count && !ui->opt->read_only)
		ui_push(ui, wizard_layer(ui, 0));
}

static void root_turn(struct layer *l, struct ui *ui, bool top)
{
	struct root *r = (struct root *)l;
	const struct snap *s = data_snap(ui->data);
	const struct snap_queue *q;
	const struct snap_job *j;

	if (*r->want && snap_find_job(s, r->want)) {
		main_select(&r->v, PANE_JOBS, r->want);
		r->want[0] = '\0';
	}
	main_settle(&r->v, s, ui->grid->rows, ui->grid->cols);
	if (!top)
		return;
	offer_wizard(ui, s);
	q = main_queue(&r->v, s);
	if (q)
		data_queue(ui->data, q->name);
	j = r->v.layout.preview.rows ? main_job(&r->v, s) : NULL;
	if (j && strcmp(j->id, r->at) != 0) {
		r->at_since = *r->at ? ui->mono : 0;
		snprintf(r->at, sizeof r->at, "%s", j->id);
	}
	if (!j || ui->mono - r->at_since >= REST_MS)
		data_job(ui->data, j ? j->id : NULL);
}

static int root_due(const struct layer *l, const struct ui *ui)
{
	int64_t rested = ui->mono - ((const struct root *)l)->at_since;

	return rested < REST_MS ? (int)(REST_MS - rested) : -1;
}

static void root_draw(struct layer *l, struct ui *ui, const struct scene *scene, struct grid *g)
{
	struct root *r = (struct root *)l;

	main_settle(&r->v, data_snap(ui->data), g->rows, g->cols);
	main_draw(&r->v, data_snap(ui->data), scene, g);
}

static unsigned root_where(const struct layer *l)
{
	return main_where(&((const struct root *)l)->v);
}

static void filter_changed(void *arg, struct ui *ui, const char *text)
{
	struct root *r = arg;

	(void)ui;
	snprintf(r->v.filter, sizeof r->v.filter, "%s", text);
	/* Half a word may hide the job one stands on: the whole one decides. */
	memcpy(r->v.list[PANE_JOBS].sel, r->before_sel, sizeof r->before_sel);
}

static void filter_done(void *arg, struct ui *ui, const char *text)
{
	struct root *r = arg;

	filter_changed(arg, ui, text ? text : r->before);
}

static void ask_filter(struct root *r, struct ui *ui)
{
	snprintf(r->before, sizeof r->before, "%s", r->v.filter);
	memcpy(r->before_sel, r->v.list[PANE_JOBS].sel, sizeof r->before_sel);
	ui_push(ui, prompt_layer(&(struct prompt){ .label = "/",
						   .text = r->v.filter,
						   .changed = filter_changed,
						   .done = filter_done,
						   .arg = r }));
}

static cJSON *list_of(const char *member, const char *value)
{
	cJSON *in = cJSON_CreateObject();

	cJSON_AddItemToArray(cJSON_AddArrayToObject(in, member), cJSON_CreateString(value));
	return in;
}

static void open_json(struct root *r, struct ui *ui)
{
	const struct snap *s = data_snap(ui->data);
	const struct snap_env *e = main_env(&r->v, s);
	const struct snap_queue *q = main_queue(&r->v, s);
	const struct snap_job *j = main_job(&r->v, s);

	if (r->v.focus == PANE_ENVS && e)
		show_json(ui, e->name, "DescribeComputeEnvironments",
			  list_of("computeEnvironments", e->name));
	else if (r->v.focus == PANE_QUEUES && q)
		show_json(ui, q->name, "DescribeJobQueues", list_of("jobQueues", q->name));
	else if (r->v.focus == PANE_JOBS && j)
		show_json(ui, j->name, "DescribeJobs", list_of("jobs", j->id));
}

static void open_selected(struct root *r, struct ui *ui)
{
	const struct snap_job *j = main_job(&r->v, data_snap(ui->data));

	if (r->v.focus == PANE_QUEUES)
		r->v.focus = PANE_JOBS;
	else if (r->v.focus == PANE_ENVS)
		open_json(r, ui);
	else if (j)
		ui_push(ui, job_layer(j->id));
}

static void stop_selected(struct root *r, struct ui *ui)
{
	const struct snap *s = data_snap(ui->data);
	const struct snap_job *j = main_job(&r->v, s);
	const struct snap_job **list = xcalloc((size_t)r->v.mark_count + 1, sizeof(void *));
	int n = 0;

	for (int i = 0; i < r->v.mark_count; i++) {
		const struct snap_job *marked = snap_find_job(s, r->v.mark[i]);

		if (marked)
			list[n++] = marked;
	}
	if (!r->v.mark_count && j)
		list[n++] = j;
	if (n)
		stop_jobs(ui, list, n);
	else
		ui_say(ui, _("no job is selected"));
	free((void *)list);
}

static void toggle_selected(struct root *r, struct ui *ui)
{
	const struct snap *s = data_snap(ui->data);

	if (r->v.focus == PANE_ENVS && main_env(&r->v, s))
		toggle_env(ui, main_env(&r->v, s));
	else if (r->v.focus == PANE_QUEUES && main_queue(&r->v, s))
		toggle_queue(ui, main_queue(&r->v, s));
}

static void mark_selected(struct root *r, struct ui *ui)
{
	const struct snap_job *j = main_job(&r->v, data_snap(ui->data));

	if (!j)
		return;
	main_mark(&r->v, j->id);
	main_move(&r->v, data_snap(ui->data), 1);
}

static void back(struct root *r)
{
	if (*r->v.filter)
		r->v.filter[0] = '\0';
	else if (r->v.zoom)
		r->v.zoom = false;
	else
		main_unmark(&r->v);
}

static void submit(struct root *r, struct ui *ui)
{
	const struct snap_queue *q = main_queue(&r->v, data_snap(ui->data));

	if (q)
		ui_push(ui, submit_layer(ui, q->name));
	else
		ui_push(ui, wizard_layer(ui, 1));
}

static void focus_pane(struct root *r, int pane)
{
	r->v.focus = (enum pane)((pane + PANE_COUNT) % PANE_COUNT);
}

static bool root_move(struct root *r, struct ui *ui, enum action a)
{
	const struct snap *s = data_snap(ui->data);
	int page = main_page(&r->v);

	switch (a) {
	case ACTION_DOWN:
		main_move(&r->v, s, 1);
		return true;
	case ACTION_UP:
		main_move(&r->v, s, -1);
		return true;
	case ACTION_PAGE_DOWN:
		main_move(&r->v, s, page);
		return true;
	case ACTION_PAGE_UP:
		main_move(&r->v, s, -page);
		return true;
	case ACTION_HALF_DOWN:
		main_move(&r->v, s, (page + 1) / 2);
		return true;
	case ACTION_HALF_UP:
		main_move(&r->v, s, -(page + 1) / 2);
		return true;
	case ACTION_FIRST:
		main_first(&r->v, s);
		return true;
	case ACTION_LAST:
		main_move(&r->v, s, 1000000);
		return true;
	case ACTION_PANE_NEXT:
		focus_pane(r, (int)r->v.focus + 1);
		return true;
	case ACTION_PANE_PREV:
		focus_pane(r, (int)r->v.focus - 1);
		return true;
	case ACTION_PANE_1:
		focus_pane(r, PANE_ENVS);
		return true;
	case ACTION_PANE_2:
		focus_pane(r, PANE_QUEUES);
		return true;
	case ACTION_PANE_3:
		focus_pane(r, PANE_JOBS);
		return true;
	case ACTION_ZOOM:
		r->v.zoom = !r->v.zoom;
		return true;
	default:
		return false;
	}
}

static void root_act(struct layer *l, struct ui *ui, enum action a)
{
	struct root *r = (struct root *)l;
	const struct snap_job *j = main_job(&r->v, data_snap(ui->data));

	if (root_move(r, ui, a))
		return;
	main_pin(&r->v);
	switch (a) {
	case ACTION_OPEN:
		open_selected(r, ui);
		break;
	case ACTION_LOG_LIST:
		if (j)
			ui_push(ui, log_layer(j->id, 0));
		break;
	case ACTION_JSON:
		open_json(r, ui);
		break;
	case ACTION_FILTER:
		ask_filter(r, ui);
		break;
	case ACTION_MARK:
		mark_selected(r, ui);
		break;
	case ACTION_UNMARK:
		main_unmark(&r->v);
		break;
	case ACTION_SUBMIT:
		submit(r, ui);
		break;
	case ACTION_SETUP:
		ui_push(ui, wizard_layer(ui, r->v.focus == PANE_ENVS ? 1 : 2));
		break;
	case ACTION_STOP:
		stop_selected(r, ui);
		break;
	case ACTION_TOGGLE:
		toggle_selected(r, ui);
		break;
	case ACTION_COMMAND:
		command_prompt(ui, l);
		break;
	case ACTION_BACK:
		back(r);
		break;
	case ACTION_CLOSE:
		ui_leave(ui);
		break;
	default:
		break;
	}
}

static const struct layer_ops root_ops = {
	.free = root_free,
	.turn = root_turn,
	.due = root_due,
	.draw = root_draw,
	.where = root_where,
	.act = root_act,
};

/* The main view is always at the bottom of the stack. */
static struct root *find_root(struct ui *ui)
{
	struct layer *l = ui->top;

	while (l->below)
		l = l->below;
	return (struct root *)l;
}

void root_select_job(struct ui *ui, const char *id)
{
	struct root *r = find_root(ui);

	snprintf(r->want, sizeof r->want, "%s", id);
	r->v.focus = PANE_JOBS;
}

void root_select_queue(struct ui *ui, const char *name)
{
	struct root *r = find_root(ui);

	for (struct layer *l = ui->top; l != &r->layer; l = l->below)
		ui_close(ui, l);
	main_select(&r->v, PANE_QUEUES, name);
	r->v.focus = PANE_JOBS;
}

struct layer *root_layer(void)
{
	struct root *r = xcalloc(1, sizeof *r);

	r->layer.ops = &root_ops;
	main_init(&r->v);
	return &r->layer;
}
