/* Stopping jobs. Batch has two calls and both lie: CancelJob on a job that has started
 * answers 200 and does nothing (CX-1), TerminateJob takes up to half a minute to show. So
 * each job gets the call its state needs, and afterwards the states are read back. */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "job_page.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"
#include "layers.h"
#include "shell.h"

enum { LOOK_MS = 500, GIVE_UP_MS = 60000, LINES = 8, MOST = 100 };

struct item {
	char id[SNAP_ID], *name;
	enum job_status status;
};

struct stop {
	struct task task;
	struct ui *ui;
	struct item item[MOST];
	int count, open, refused;
	int call[MOST], look;
	int64_t began, next_look;
	bool sent;
};

static void stop_free(struct task *t)
{
	struct stop *s = (struct stop *)t;

	for (int i = 0; i < s->count; i++) {
		if (s->call[i])
			client_cancel(s->ui->client, s->call[i]);
		free(s->item[i].name);
	}
	if (s->look)
		client_cancel(s->ui->client, s->look);
	free(s);
}

static const char *call_for(enum job_status status)
{
	return status == JOB_STARTING || status == JOB_RUNNING ? "TerminateJob" : "CancelJob";
}

static void on_sent(void *arg, cJSON *out, const struct err *err)
{
	struct stop *s = arg;

	s->open--;
	if (!out) {
		s->refused++;
		ui_complain(s->ui, "%s", err->text);
	}
	if (!s->open) {
		memset(s->call, 0, sizeof s->call);
		s->sent = true;
		s->task.done = s->refused == s->count;
		data_refresh(s->ui->data);
	}
}

/* The job may have started while the question stood there. */
static void update_states(struct stop *s)
{
	for (int i = 0; i < s->count; i++) {
		const struct snap_job *j = snap_find_job(data_snap(s->ui->data), s->item[i].id);

		if (j)
			s->item[i].status = j->status;
	}
}

static void send_all(struct stop *s, const char *reason)
{
	update_states(s);
	s->open = s->count;
	for (int i = 0; i < s->count; i++) {
		cJSON *in = cJSON_CreateObject();

		json_add_str(in, "jobId", s->item[i].id);
		json_add_str(in, "reason", reason);
		s->call[i] =
			client_call(s->ui->client, call_for(s->item[i].status), in, on_sent, s);
	}
}

static struct item *find_item(struct stop *s, const char *id)
{
	for (int i = 0; i < s->count; i++)
		if (strcmp(s->item[i].id, id) == 0)
			return &s->item[i];
	return NULL;
}

static void report_one(struct stop *s, const cJSON *job)
{
	const char *name = s->item[0].name;
	enum job_status status = s->item[0].status;

	if (job_status_is_final(status)) {
		cleanup_free char *result = snap_result(job);

		ui_say(s->ui, _("%s is %s: %s"), name, job_status_name(status), result);
	} else if (json_bool(job, "isTerminated", false) || json_bool(job, "isCancelled", false)) {
		ui_say(s->ui, _("%s is being stopped; now %s"), name, job_status_name(status));
	} else {
		ui_complain(s->ui, _("%s was not stopped: it is %s now; K once more"), name,
			    job_status_name(status));
		s->task.done = true;
	}
}

static void report(struct stop *s, const cJSON *jobs)
{
	int ended = 0;

	for (int i = 0; i < s->count; i++)
		ended += job_status_is_final(s->item[i].status);
	if (s->count == 1)
		report_one(s, cJSON_GetArrayItem(jobs, 0));
	else
		ui_say(s->ui, _("%d of %d jobs stopped"), ended, s->count);
	if (ended == s->count)
		s->task.done = true;
}

static void on_look(void *arg, cJSON *out, const struct err *err)
{
	struct stop *s = arg;
	const cJSON *jobs = json_get(out, "jobs"), *job;
	bool news = s->began == s->next_look;

	(void)err;
	s->look = 0;
	s->next_look = s->ui->mono + LOOK_MS;
	if (!jobs)
		return;
	cJSON_ArrayForEach(job, jobs) {
		struct item *item = find_item(s, json_str_or(job, "jobId", ""));
		enum job_status before = item ? item->status : JOB_SUBMITTED;

		if (!item)
			continue;
		job_status_parse(json_str_or(job, "status", ""), &item->status);
		news = news || item->status != before;
	}
	if (news)
		report(s, jobs);
}

static void stop_turn(struct task *t, struct ui *ui)
{
	struct stop *s = (struct stop *)t;
	cJSON *in, *ids;

	if (!s->sent || s->look)
		return;
	if (!s->began)
		s->began = s->next_look = ui->mono;
	if (ui->mono - s->began > GIVE_UP_MS) {
		t->done = true;
		return;
	}
	if (ui->mono < s->next_look)
		return;
	in = cJSON_CreateObject();
	ids = cJSON_AddArrayToObject(in, "jobs");
	for (int i = 0; i < s->count; i++)
		cJSON_AddItemToArray(ids, cJSON_CreateString(s->item[i].id));
	s->look = client_call(ui->client, "DescribeJobs", in, on_look, s);
}

static void on_answer(void *arg, struct ui *ui, bool yes, const char *reason)
{
	struct stop *s = arg;

	if (!yes) {
		stop_free(&s->task);
		if (ui)
			ui_say(ui, _("nothing was stopped"));
		return;
	}
	send_all(s, *reason ? reason : "stopped from the console");
	ui_task(ui, &s->task);
}

static char **describe(const struct stop *s, int *count)
{
	char **line = xcalloc(LINES + 3, sizeof *line);
	int n = 0, cancel = 0;

	for (int i = 0; i < s->count; i++) {
		const struct item *it = &s->item[i];

		cancel += strcmp(call_for(it->status), "CancelJob") == 0;
		if (n < LINES)
			line[n++] = xasprintf("%-12s  %.13s  %-9s  %s", call_for(it->status),
					      it->id, job_status_name(it->status), it->name);
	}
	if (s->count > LINES)
		line[n++] = xasprintf(_("... and %d more"), s->count - LINES);
	if (cancel < s->count)
		line[n++] = xstrdup(_("TerminateJob: SIGTERM, and SIGKILL 30 s later"));
	*count = n;
	return line;
}

static char *command_line(const struct stop *s)
{
	struct buf b;

	buf_init(&b, 8192);
	buf_addf(&b, "jobdeck %s",
		 strcmp(call_for(s->item[0].status), "CancelJob") != 0 ? "terminate" : "cancel");
	for (int i = 0; i < s->count && i < 3; i++)
		buf_addf(&b, " %s", s->item[i].id);
	if (s->count > 3)
		buf_adds(&b, " ...");
	return buf_steal(&b);
}

static void ask(struct ui *ui, struct stop *s)
{
	const char *user = getenv("USER");
	cleanup_free char *reason =
		xasprintf("stopped from the console%s%s", user ? " by " : "", user ? user : "");
	cleanup_free char *same_as = command_line(s), *title = NULL;
	struct confirm c = { .reason = reason, .same_as = same_as, .done = on_answer, .arg = s };

	title = xasprintf(ngettext("Stop this job?", "Stop these %d jobs?", (unsigned)s->count),
			  s->count);
	c.title = title;
	c.line = describe(s, &c.line_count);
	ui_push(ui, confirm_layer(&c));
}

void stop_jobs(struct ui *ui, const struct snap_job *const *jobs, int count)
{
	struct stop *s = xcalloc(1, sizeof *s);

	s->task.free = stop_free;
	s->task.turn = stop_turn;
	s->ui = ui;
	for (int i = 0; i < count && s->count < MOST; i++) {
		struct item *it = &s->item[s->count];

		if (job_status_is_final(jobs[i]->status))
			continue;
		snprintf(it->id, sizeof it->id, "%s", jobs[i]->id);
		it->name = xstrdup(jobs[i]->name);
		it->status = jobs[i]->status;
		s->count++;
	}
	if (s->count) {
		ask(ui, s);
		return;
	}
	ui_say(ui, count == 1 ? _("it has already ended") : _("they have all ended already"));
	stop_free(&s->task);
}

/* The list may not know the job (it is of another queue, or ended long ago). */
void stop_job(struct ui *ui, const cJSON *detail)
{
	const char *name = json_str_or(detail, "jobName", "");
	struct snap_job job = { .status = job_page_status(detail) };
	const struct snap_job *one = &job;

	if (!detail)
		return;
	snprintf(job.id, sizeof job.id, "%s", json_str_or(detail, "jobId", ""));
	job.name = text_safe_dup(name, strlen(name));
	stop_jobs(ui, &one, 1);
	free(job.name);
}
