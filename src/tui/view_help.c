/* Help: the table of actions as a page. */
#include "config.h"
#include <stdio.h>
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/mem.h"
#include "layers.h"
#include "page.h"
#include "scroll.h"

struct help {
	struct layer layer;
	unsigned where;
	int top, rows, total;
};

static void help_free(struct layer *l)
{
	free(l);
}

static void help_group(struct page *p, unsigned where, enum action_group group, const char *title)
{
	int n = 0, columns = p->width >= 78 ? 2 : 1, width = p->width / columns;

	page_title(p, false, title);
	for (int a = ACTION_NONE + 1; a < ACTION_COUNT; a++) {
		const struct action_row *row = action_row((enum action)a);
		int col = n % columns * width;
		char keys[48];

		if (row->group != group || !(row->where & where))
			continue;
		action_keys((enum action)a, keys, sizeof keys);
		grid_text(p->g, p->row, col + 1, 12, STYLE_TITLE, keys);
		grid_text(p->g, p->row, col + 14, width - 14, STYLE_PLAIN, _(row->help));
		if (++n % columns == 0)
			p->row++;
	}
	if (n % columns)
		p->row++;
}

static const char *here_name(unsigned where)
{
	switch (where) {
	case W_ENVS:
		return _("Compute environments");
	case W_QUEUES:
		return _("Job queues");
	case W_JOBS:
		return _("Jobs");
	case W_JOB:
		return _("A job");
	case W_LOG:
		return _("A log");
	default:
		return _("Text");
	}
}

static void fill(struct page *p, unsigned where)
{
	if (where & (W_PANES | W_JOB | W_LOG))
		help_group(p, where, GROUP_HERE, here_name(where));
	help_group(p, where, GROUP_MOVE, _("Move"));
	if (where & (W_JOBS | W_LOG | W_TEXT))
		help_group(p, where, GROUP_FIND, _("Find"));
	help_group(p, where, GROUP_ALL, _("Anywhere"));
	page_title(p, false, _("Good to know"));
	if (where & W_JOBS)
		page_text(p, STYLE_PLAIN,
			  _(" / takes parts of names, states (failed, waiting), and !word to leave "
			    "out."));
	if (where & (W_PANES | W_JOB))
		page_text(p, STYLE_PLAIN,
			  _(" : takes any name of an action, queue NAME, and job ID."));
	page_text(p, STYLE_PLAIN,
		  _(" No small letter changes anything. What does is a capital, and asks first."));
	page_text(p, STYLE_PLAIN,
		  _(" Ctrl-C drops a prompt; twice it leaves. Jobs never depend on this screen."));
	page_text(p, STYLE_PLAIN, _(" The mouse is off, so your terminal can select text."));
}

static void help_draw(struct layer *l, struct ui *ui, const struct scene *scene, struct grid *g)
{
	struct help *h = (struct help *)l;
	char left[128], note[64];
	struct page p;

	(void)ui;
	grid_clear(g);
	page_init(&p, g->cols, g->ascii);
	fill(&p, h->where);
	h->rows = g->rows - 3;
	h->total = p.row;
	scroll_act(&h->top, ACTION_NONE, h->rows, h->total);
	page_show(&p, g, (struct rect){ 1, 0, h->rows, g->cols }, h->top);
	page_fini(&p);
	snprintf(left, sizeof left, _("jobdeck > help: %s"), here_name(h->where));
	scene_bar(g, scene, left, "");
	if (h->total > h->rows)
		snprintf(note, sizeof note, _("line %d of %d"), h->top + 1, h->total);
	else
		note[0] = '\0';
	scene_note(g, scene, note);
	scene_keys(g, _("j down  k up  Esc close"));
	grid_cursor(g, 1, 0, false);
}

static unsigned help_where(const struct layer *l)
{
	(void)l;
	return W_HELP;
}

static void help_act(struct layer *l, struct ui *ui, enum action a)
{
	struct help *h = (struct help *)l;

	if (!scroll_act(&h->top, a, h->rows, h->total) && (a == ACTION_BACK || a == ACTION_CLOSE))
		ui_close(ui, l);
}

static const struct layer_ops help_ops = {
	.free = help_free,
	.draw = help_draw,
	.where = help_where,
	.act = help_act,
};

struct layer *help_layer(unsigned where)
{
	struct help *h = xcalloc(1, sizeof *h);

	h->layer.ops = &help_ops;
	h->where = where;
	return &h->layer;
}
