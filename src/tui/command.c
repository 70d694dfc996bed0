/* The ":" line: any action by its name, and a few that take a name. */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "key.h"
#include "layers.h"

struct find {
	struct task task;
	struct ui *ui;
	char *text;
	int call;
};

static void find_free(struct task *t)
{
	struct find *f = (struct find *)t;

	if (f->call)
		client_cancel(f->ui->client, f->call);
	free(f->text);
	free(f);
}

static void on_found(void *arg, cJSON *out, const struct err *err)
{
	struct find *f = arg;
	const cJSON *job = cJSON_GetArrayItem(json_get(out, "jobs"), 0);

	f->call = 0;
	f->task.done = true;
	if (!out)
		ui_complain(f->ui, "%s", err->text);
	else if (!job)
		ui_complain(f->ui, _("there is no job \"%s\""), f->text);
	else
		ui_push(f->ui, job_layer(json_str_or(job, "jobId", "")));
}

static void find_job(struct ui *ui, const char *text)
{
	struct find *f = xcalloc(1, sizeof *f);
	cJSON *in = cJSON_CreateObject();

	f->task.free = find_free;
	f->ui = ui;
	f->text = xstrdup(text);
	json_add_str(in, "text", text);
	json_add_int(in, "limit", 1);
	f->call = client_call(ui->client, "JobdeckFindJobs", in, on_found, f);
	ui_task(ui, &f->task);
}

static void find_queue(struct ui *ui, const char *name)
{
	if (!snap_find_queue(data_snap(ui->data), name)) {
		ui_complain(ui, _("there is no queue \"%s\""), name);
		return;
	}
	root_select_queue(ui, name);
}

static void run(void *arg, struct ui *ui, const char *text)
{
	struct layer *l = arg;
	enum action a;

	if (!text || !*text)
		return;
	if (strncmp(text, "queue ", 6) == 0) {
		find_queue(ui, text + 6);
	} else if (strncmp(text, "job ", 4) == 0) {
		find_job(ui, text + 4);
	} else if ((a = action_for_name(text, l->ops->where(l)))) {
		ui_act(ui, l, a);
	} else {
		ui_complain(ui, _("there is no command \"%s\" here; ? shows them"), text);
	}
}

void command_prompt(struct ui *ui, struct layer *l)
{
	ui_push(ui, prompt_layer(&(struct prompt){ .label = ":", .done = run, .arg = l }));
}
