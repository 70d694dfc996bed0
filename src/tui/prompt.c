/* One line of text on the message row: filter, search, command. */
#include "config.h"
#include <stdio.h>
#include "edit.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"
#include "key.h"
#include "layers.h"

struct prompt_state {
	struct layer layer;
	struct prompt p;
	struct edit edit;
	bool answered;
};

static void prompt_free(struct layer *l)
{
	free(l);
}

static void prompt_draw(struct layer *l, struct ui *ui, const struct scene *scene, struct grid *g)
{
	struct prompt_state *s = (struct prompt_state *)l;
	int row = g->rows - 2, at;

	(void)ui;
	(void)scene;
	grid_blank(g, (struct rect){ row, 0, 1, g->cols });
	at = grid_text(g, row, 0, g->cols, STYLE_TITLE, s->p.label);
	edit_draw(&s->edit, g, row, at, g->cols - at, STYLE_PLAIN, true);
}

static void answer(struct prompt_state *s, struct ui *ui, const char *text)
{
	if (s->answered)
		return;
	s->answered = true;
	ui_close(ui, &s->layer);
	s->p.done(s->p.arg, ui, text);
}

static bool prompt_key(struct layer *l, struct ui *ui, int key)
{
	struct prompt_state *s = (struct prompt_state *)l;

	if (key == K_ENTER) {
		answer(s, ui, s->edit.text);
	} else if (key == K_ESC || (key == K_BACKSPACE && !*s->edit.text)) {
		answer(s, ui, NULL);
	} else if (edit_key(&s->edit, key) && s->p.changed) {
		s->p.changed(s->p.arg, ui, s->edit.text);
	}
	return true;
}

static const struct layer_ops prompt_ops = {
	.overlay = true,
	.typing = true,
	.free = prompt_free,
	.draw = prompt_draw,
	.key = prompt_key,
};

struct layer *prompt_layer(const struct prompt *p)
{
	struct prompt_state *s = xcalloc(1, sizeof *s);

	s->layer.ops = &prompt_ops;
	s->p = *p;
	edit_set(&s->edit, p->text ? p->text : "");
	return &s->layer;
}
