/* Long text to read and search: JSON answers, plans. */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"
#include "layers.h"
#include "request.h"
#include "scroll.h"

struct text_view {
	struct layer layer;
	char *title;
	char **line; /* safe */
	int count, cap;
	int top, left, rows;
	char search[128];
	int call; /* show_json: under way */
	struct client *client;
};

bool scroll_act(int *top, enum action a, int page, int total)
{
	int last = total > page ? total - page : 0;

	switch (a) {
	case ACTION_DOWN:
		++*top;
		break;
	case ACTION_UP:
		--*top;
		break;
	case ACTION_PAGE_DOWN:
		*top += page > 1 ? page - 1 : 1;
		break;
	case ACTION_PAGE_UP:
		*top -= page > 1 ? page - 1 : 1;
		break;
	case ACTION_HALF_DOWN:
		*top += (page + 1) / 2;
		break;
	case ACTION_HALF_UP:
		*top -= (page + 1) / 2;
		break;
	case ACTION_FIRST:
		*top = 0;
		break;
	case ACTION_LAST:
		*top = last;
		break;
	default:
		return false;
	}
	*top = *top > last ? last : *top;
	*top = *top < 0 ? 0 : *top;
	return true;
}

static void text_free(struct layer *l)
{
	struct text_view *v = (struct text_view *)l;

	if (v->call)
		client_cancel(v->client, v->call);
	for (int i = 0; i < v->count; i++)
		free(v->line[i]);
	free(v->line);
	free(v->title);
	free(v);
}

static void set_text(struct text_view *v, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		ARRAY_ROOM(v->line, v->count, v->cap);
		v->line[v->count++] = text_safe_dup(text, n);
		text += n + (text[n] == '\n');
	}
}

static const char *from_cell(const char *text, int skip)
{
	while (skip > 0 && *text)
		skip -= text_cells(text_next(&text));
	return text;
}

static void text_draw(struct layer *l, struct ui *ui, const struct scene *scene, struct grid *g)
{
	struct text_view *v = (struct text_view *)l;
	char left[256];

	(void)ui;
	grid_clear(g);
	v->rows = g->rows - 3;
	scroll_act(&v->top, ACTION_NONE, v->rows, v->count);
	snprintf(left, sizeof left, "jobdeck > %s", v->title);
	scene_bar(g, scene, left, "");
	for (int i = 0; i < v->rows && v->top + i < v->count; i++) {
		const char *text = v->line[v->top + i];
		bool hit = *v->search && strcasestr(text, v->search);

		grid_text(g, 1 + i, 0, g->cols, hit ? STYLE_MATCH : STYLE_PLAIN,
			  from_cell(text, v->left));
	}
	if (!v->count)
		grid_text(g, 1, 1, g->cols - 1, STYLE_PLAIN, _("asking ..."));
	snprintf(left, sizeof left, _("line %d of %d"), v->count ? v->top + 1 : 0, v->count);
	scene_note(g, scene, left);
	scene_hints(g, W_TEXT);
	grid_cursor(g, 1, 0, false);
}

static unsigned text_where(const struct layer *l)
{
	(void)l;
	return W_TEXT;
}

static void next_match(struct text_view *v, struct ui *ui, int by)
{
	for (int i = v->top + by; i >= 0 && i < v->count; i += by) {
		if (strcasestr(v->line[i], v->search)) {
			v->top = i;
			return;
		}
	}
	ui_say(ui, _("no more matches of \"%s\""), v->search);
}

static void search_done(void *arg, struct ui *ui, const char *text)
{
	struct text_view *v = arg;

	snprintf(v->search, sizeof v->search, "%s", text ? text : "");
	if (*v->search)
		next_match(v, ui, 1);
}

static void text_act(struct layer *l, struct ui *ui, enum action a)
{
	struct text_view *v = (struct text_view *)l;

	if (scroll_act(&v->top, a, v->rows, v->count))
		return;
	switch (a) {
	case ACTION_LEFT:
		v->left = v->left > 8 ? v->left - 8 : 0;
		break;
	case ACTION_RIGHT:
		v->left += 8;
		break;
	case ACTION_SEARCH:
		ui_push(ui, prompt_layer(&(struct prompt){
				    .label = "/", .done = search_done, .arg = v }));
		break;
	case ACTION_SEARCH_NEXT:
	case ACTION_SEARCH_PREV:
		if (*v->search)
			next_match(v, ui, a == ACTION_SEARCH_NEXT ? 1 : -1);
		break;
	case ACTION_BACK:
	case ACTION_CLOSE:
		ui_close(ui, l);
		break;
	default:
		break;
	}
}

static const struct layer_ops text_ops = {
	.free = text_free,
	.draw = text_draw,
	.where = text_where,
	.act = text_act,
};

struct layer *text_layer(const char *title, char *text)
{
	struct text_view *v = xcalloc(1, sizeof *v);

	v->layer.ops = &text_ops;
	v->title = text_safe_dup(title, strlen(title));
	if (text)
		set_text(v, text);
	free(text);
	return &v->layer;
}

static void on_json(void *arg, cJSON *out, const struct err *err)
{
	struct text_view *v = arg;
	cleanup_free char *text = out ? request_text(out) : xstrdup(err->text);

	v->call = 0;
	set_text(v, text);
}

void show_json(struct ui *ui, const char *title, const char *op, cJSON *in)
{
	char head[256];
	struct text_view *v;

	snprintf(head, sizeof head, "%s > %s", title, op);
	v = (struct text_view *)text_layer(head, NULL);
	v->client = ui->client;
	v->call = client_call(ui->client, op, in, on_json, v);
	ui_push(ui, &v->layer);
}
