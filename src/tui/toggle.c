/* Turning queues and environments on and off. */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "layers.h"

struct toggle {
	struct task task;
	struct ui *ui;
	const char *op, *member; /* static */
	char *name;
	bool on; /* what it is to be */
	int call;
};

static void toggle_free(struct task *t)
{
	struct toggle *g = (struct toggle *)t;

	if (g->call)
		client_cancel(g->ui->client, g->call);
	free(g->name);
	free(g);
}

static void on_reply(void *arg, cJSON *out, const struct err *err)
{
	struct toggle *g = arg;

	g->call = 0;
	g->task.done = true;
	if (!out)
		ui_complain(g->ui, "%s", err->text);
	else
		ui_say(g->ui, g->on ? _("%s is on") : _("%s is off"), g->name);
	data_refresh(g->ui->data);
}

static void on_answer(void *arg, struct ui *ui, bool yes, const char *reason)
{
	struct toggle *g = arg;
	cJSON *in;

	(void)reason;
	if (!yes) {
		toggle_free(&g->task);
		return;
	}
	in = cJSON_CreateObject();
	json_add_str(in, g->member, g->name);
	json_add_str(in, "state", g->on ? "ENABLED" : "DISABLED");
	g->call = client_call(ui->client, g->op, in, on_reply, g);
	ui_task(ui, &g->task);
}

static void ask(struct ui *ui, struct toggle *g, const char *word, const char *effect)
{
	cleanup_free char *title = xasprintf(g->on ? _("Turn %s on?") : _("Turn %s off?"), g->name);
	cleanup_free char *same_as =
		xasprintf("jobdeck %s %s %s", word, g->on ? "enable" : "disable", g->name);
	struct confirm c = { .title = title, .same_as = same_as, .done = on_answer, .arg = g };

	c.line = xcalloc(2, sizeof *c.line);
	c.line[0] = xasprintf("%s  state %s", g->op, g->on ? "ENABLED" : "DISABLED");
	c.line[1] = xstrdup(effect);
	c.line_count = 2;
	ui_push(ui, confirm_layer(&c));
}

static struct toggle *toggle_new(struct ui *ui, const char *op, const char *member,
				 const char *name, bool on)
{
	struct toggle *g = xcalloc(1, sizeof *g);

	g->task.free = toggle_free;
	g->ui = ui;
	g->op = op;
	g->member = member;
	g->name = xstrdup(name);
	g->on = on;
	return g;
}

void toggle_queue(struct ui *ui, const struct snap_queue *q)
{
	struct toggle *g = toggle_new(ui, "UpdateJobQueue", "jobQueue", q->name, !q->enabled);

	ask(ui, g, "queue",
	    g->on ? _("It takes new jobs again.") :
		    _("It takes no new jobs; the jobs it has go on."));
}

void toggle_env(struct ui *ui, const struct snap_env *e)
{
	struct toggle *g = toggle_new(ui, "UpdateComputeEnvironment", "computeEnvironment", e->name,
				      !e->enabled);

	ask(ui, g, "environment",
	    g->on ? _("Jobs are placed in it again.") :
		    _("No more jobs are placed in it; what runs goes on."));
}
