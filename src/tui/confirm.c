/* The question before anything is changed. Enter, n and Esc all mean no. */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "edit.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"
#include "key.h"
#include "layers.h"

struct confirm_state {
	struct layer layer;
	struct confirm c;
	char *title, *same_as;
	struct edit reason;
	bool typing, answered;
};

static void answer(struct confirm_state *s, struct ui *ui, bool yes)
{
	if (s->answered)
		return;
	s->answered = true;
	s->c.done(s->c.arg, ui, yes, s->c.reason ? s->reason.text : NULL);
}

/* Closed without an answer (Ctrl-C, the end of the program): that is a no. */
static void confirm_free(struct layer *l)
{
	struct confirm_state *s = (struct confirm_state *)l;

	answer(s, NULL, false);
	for (int i = 0; i < s->c.line_count; i++)
		free(s->c.line[i]);
	free(s->c.line);
	free(s->title);
	free(s->same_as);
	free(s);
}

static int wanted_rows(const struct confirm_state *s)
{
	return s->c.line_count + (s->c.reason ? 2 : 0) + (s->same_as ? 2 : 0) + 4;
}

static void draw_end(const struct confirm_state *s, struct grid *g, struct rect r, int row)
{
	int in = r.col + 2, width = r.cols - 4, at;

	if (s->c.reason) {
		at = grid_text(g, row, in, width, STYLE_PLAIN, _("Reason")) + 1;
		grid_text(g, row, in + at, 2, STYLE_PLAIN, "[ ");
		grid_text(g, row, r.col + r.cols - 4, 2, STYLE_PLAIN, " ]");
		edit_draw(&s->reason, g, row, in + at + 2, width - at - 4, STYLE_TITLE, s->typing);
		row += 2;
	}
	if (s->same_as) {
		grid_printf(g, row, in, width, STYLE_PLAIN, _("same as: %s"), s->same_as);
		row += 2;
	}
	if (s->typing)
		grid_text(g, row, in, width, STYLE_TITLE, _("Enter or Tab: the reason is fine"));
	else if (s->c.reason && width >= 50)
		grid_text(g, row, in, width, STYLE_TITLE,
			  _("y do it   Tab edit the reason   Enter, n, Esc: no"));
	else if (s->c.reason)
		grid_text(g, row, in, width, STYLE_TITLE, _("y do it  Tab reason  Esc no"));
	else
		grid_text(g, row, in, width, STYLE_TITLE, _("y do it   Enter, n, Esc: no"));
	if (!s->typing)
		grid_cursor(g, row, in, false);
}

static void confirm_draw(struct layer *l, struct ui *ui, const struct scene *scene, struct grid *g)
{
	struct confirm_state *s = (struct confirm_state *)l;
	int rows = wanted_rows(s) < g->rows - 2 ? wanted_rows(s) : g->rows - 2;
	int cols = g->cols < 78 ? g->cols : 76, lines = s->c.line_count - (wanted_rows(s) - rows);
	struct rect r = { (g->rows - rows) / 2, (g->cols - cols) / 2, rows, cols };

	(void)ui;
	(void)scene;
	grid_box(g, r);
	grid_printf(g, r.row, r.col + 2, cols - 4, STYLE_TITLE, " %s ", s->title);
	for (int i = 0; i < lines; i++)
		grid_text(g, r.row + 1 + i, r.col + 2, cols - 4, STYLE_PLAIN, s->c.line[i]);
	draw_end(s, g, r, r.row + 2 + (lines > 0 ? lines : 0));
	grid_blank(g, (struct rect){ g->rows - 1, 0, 1, g->cols });
}

static bool confirm_key(struct layer *l, struct ui *ui, int key)
{
	struct confirm_state *s = (struct confirm_state *)l;

	if (s->typing) {
		if (key == K_ENTER || key == K_TAB || key == K_ESC)
			s->typing = false;
		else
			edit_key(&s->reason, key);
		return true;
	}
	if (key == K_TAB && s->c.reason) {
		s->typing = true;
	} else if (key == 'y' || key == 'n' || key == K_ESC || key == K_ENTER || key == 'q') {
		ui_close(ui, l);
		answer(s, ui, key == 'y');
	}
	return true;
}

static const struct layer_ops confirm_ops = {
	.overlay = true,
	.typing = false,
	.free = confirm_free,
	.draw = confirm_draw,
	.key = confirm_key,
};

struct layer *confirm_layer(const struct confirm *c)
{
	struct confirm_state *s = xcalloc(1, sizeof *s);

	s->layer.ops = &confirm_ops;
	s->c = *c;
	s->title = xstrdup(c->title);
	s->same_as = c->same_as ? xstrdup(c->same_as) : NULL;
	edit_set(&s->reason, c->reason ? c->reason : "");
	return &s->layer;
}
