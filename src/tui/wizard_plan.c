/* From fields to requests. */
#include "config.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"
#include "jobdeck/model/limits.h"
#include "request.h"
#include "shell.h"
#include "wizard.h"

enum { HELLO_VCPUS = 1, HELLO_MEMORY = 128, MOST_VCPUS = 65536 };
static const char hello_command[] = "echo \"hello world from job $AWS_BATCH_JOB_ID\"";
static const struct {
	const char *name, *command;
} chain[] = {
	{ "extract", "echo extracting; sleep 1; echo \"3 records\"" },
	{ "transform", "echo transforming; sleep 1; echo done" },
	{ "load", "echo loading; sleep 1; echo \"hello world, all three ran in order\"" },
};

const char *wizard_choice_name(enum wizard_job job)
{
	switch (job) {
	case WIZARD_HELLO:
		return _("hello");
	case WIZARD_CHAIN:
		return _("chain of 3");
	default:
		return _("my own");
	}
}

const char *wizard_choice_text(enum wizard_job job)
{
	switch (job) {
	case WIZARD_HELLO:
		return hello_command;
	case WIZARD_CHAIN:
		return _("extract > transform > load, with dependencies");
	default:
		return "";
	}
}

/* ---- Checking ---- */

static int64_t machine_vcpus(const struct wizard *w)
{
	const struct snap *s = data_snap(w->ui->data);
	long here = sysconf(_SC_NPROCESSORS_ONLN);

	if (s->loaded && s->pool_vcpus >= 1)
		return (int64_t)s->pool_vcpus;
	return here > 0 ? here : 1;
}

static void check_env(struct wizard *w)
{
	const struct snap *s = data_snap(w->ui->data);
	int64_t here = machine_vcpus(w), max;
	struct form *f = &w->env;

	form_clear_errors(f);
	if (!f->field[WE_MAX].edit.touched) {
		char text[24];

		snprintf(text, sizeof text, "%" PRId64, here);
		edit_set(&f->field[WE_MAX].edit, text);
	}
	if (!text_is_name(form_value(f, WE_NAME), true))
		form_error(f, WE_NAME, _("letters, digits, - and _, at most 128"));
	form_hint(f, WE_NAME, "%s",
		  snap_find_env(s, form_value(f, WE_NAME)) ? _("exists: it is used as it is") : "");
	max = form_number(f, WE_MAX, -1);
	if (max < 1 || max > here)
		form_error(f, WE_MAX, _("must be 1 to %ld"), (long)here);
	else if (max < here)
		form_hint(f, WE_MAX, _("of %ld here; %ld left for you"), (long)here,
			  (long)(here - max));
	else
		form_hint(f, WE_MAX, _("of %ld here"), (long)here);
}

static void check_queue(struct wizard *w)
{
	const struct snap *s = data_snap(w->ui->data);
	struct form *f = &w->queue;
	int64_t priority = form_number(f, WQ_PRIORITY, -1);
	char text[300];

	form_clear_errors(f);
	if (!text_is_name(form_value(f, WQ_NAME), true))
		form_error(f, WQ_NAME, _("letters, digits, - and _, at most 128"));
	form_hint(f, WQ_NAME, "%s",
		  snap_find_queue(s, form_value(f, WQ_NAME)) ? _("exists: it is used as it is") :
							       "");
	if (priority < 0 || priority > LIMIT_PRIORITY)
		form_error(f, WQ_PRIORITY, _("must be 0 to %d"), LIMIT_PRIORITY);
	form_hint(f, WQ_PRIORITY, _("higher first, among queues of one environment"));
	snprintf(text, sizeof text, _("1  %s  %s vCPU"), form_value(&w->env, WE_NAME),
		 form_value(&w->env, WE_MAX));
	edit_set(&f->field[WQ_ENVS].edit, text);
}

void wizard_check(struct wizard *w)
{
	check_env(w);
	check_queue(w);
}

int wizard_wrong(const struct wizard *w, enum wizard_step step)
{
	struct err err = { 0 };
	cJSON *words;

	if (step == WIZARD_ENV)
		return form_wrong(&w->env);
	if (step == WIZARD_QUEUE)
		return form_wrong(&w->queue);
	if (step != WIZARD_JOB || w->choice != WIZARD_OWN)
		return -1;
	words = shell_split(w->own.text, &err);
	cJSON_Delete(words);
	return words ? -1 : 0;
}

/* ---- The plan ---- */

void plan_clear(struct plan *p)
{
	for (int i = 0; i < p->count; i++) {
		cJSON_Delete(p->item[i].request);
		free(p->item[i].name);
		free(p->item[i].note);
	}
	memset(p, 0, sizeof *p);
}

static struct plan_item *add(struct plan *p, const char *op, const char *name, cJSON *request,
			     char *note)
{
	struct plan_item *item = &p->item[p->count++];

	*item = (struct plan_item){
		.op = op, .name = xstrdup(name), .request = request, .note = note, .after = -1
	};
	return item;
}

/* `line` as it stands when it is a shell's business, else split. */
static void add_job(struct wizard *w, const char *name, const char *line, int after)
{
	cleanup_json cJSON *command = shell_split(line, NULL);
	const char *queue = form_value(&w->queue, WQ_NAME);
	struct plan *p = &w->plan;

	add(p, "RegisterJobDefinition", name,
	    request_definition(name, command, HELLO_VCPUS, HELLO_MEMORY),
	    xasprintf("%d vCPU %d MiB", HELLO_VCPUS, HELLO_MEMORY));
	add(p, "SubmitJob", name, request_submit(name, queue, name, NULL),
	    after < 0 ? xasprintf(_("to %s"), queue) :
			xasprintf(_("to %s, after %s"), queue, p->item[after].name))
		->after = after;
}

static void add_own(struct wizard *w)
{
	cleanup_json cJSON *words = shell_split(w->own.text, NULL);
	const cJSON *first = cJSON_GetArrayItem(words, 0);
	char name[LIMIT_NAME + 1];

	request_name(name, sizeof name, "", first ? first->valuestring : "job");
	add_job(w, name, w->own.text, -1);
}

void wizard_make_plan(struct wizard *w)
{
	const struct snap *s = data_snap(w->ui->data);
	const char *env = form_value(&w->env, WE_NAME), *queue = form_value(&w->queue, WQ_NAME);
	bool has_env = snap_find_env(s, env), has_queue = snap_find_queue(s, queue);
	int64_t max = form_number(&w->env, WE_MAX, 1),
		priority = form_number(&w->queue, WQ_PRIORITY, 1);

	plan_clear(&w->plan);
	add(&w->plan, "CreateComputeEnvironment", env,
	    has_env ? NULL : request_environment(env, max),
	    has_env ? xstrdup(_("exists")) : xasprintf(_("%ld vCPU"), (long)max));
	add(&w->plan, "CreateJobQueue", queue,
	    has_queue ? NULL : request_queue(queue, priority, env),
	    has_queue ? xstrdup(_("exists")) :
			xasprintf(_("priority %ld, on %s"), (long)priority, env));
	if (w->choice == WIZARD_HELLO)
		add_job(w, "hello", hello_command, -1);
	else if (w->choice == WIZARD_OWN)
		add_own(w);
	for (size_t i = 0; w->choice == WIZARD_CHAIN && i < ARRAY_LEN(chain); i++)
		add_job(w, chain[i].name, chain[i].command, i ? w->plan.count - 1 : -1);
}

/* ---- The plan for later ---- */

static void script_request(struct buf *b, const struct plan_item *item)
{
	cleanup_free char *json = json_print(item->request);

	buf_addf(b, "jobdeck api %s ", item->op);
	shell_quote(b, json);
	buf_addc(b, '\n');
}

/* Job ids are known only when the script runs: each is kept for those that come after. */
static void script_submit(struct buf *b, const struct plan *p, const struct plan_item *item)
{
	const cJSON *in = item->request;

	buf_addf(b, "job%d=$(jobdeck submit --queue ", (int)(item - p->item));
	shell_quote(b, json_str_or(in, "jobQueue", ""));
	buf_adds(b, " --name ");
	shell_quote(b, item->name);
	buf_adds(b, " --definition ");
	shell_quote(b, json_str_or(in, "jobDefinition", ""));
	if (item->after >= 0)
		buf_addf(b, " --depends-on \"$job%d\"", item->after);
	buf_adds(b, ")\n");
}

char *wizard_script(const struct wizard *w)
{
	int last = 0;
	struct buf b;

	buf_init(&b, 64 * 1024);
	buf_adds(&b, "#!/bin/sh\n# What the jobdeck wizard planned. It may be read, changed and "
		     "run.\nset -eu\n");
	for (int i = 0; i < w->plan.count; i++) {
		const struct plan_item *item = &w->plan.item[i];

		if (strcmp(item->op, "SubmitJob") == 0) {
			script_submit(&b, &w->plan, item);
			last = i;
		} else if (item->request) {
			script_request(&b, item);
		}
	}
	if (last)
		buf_addf(&b, "jobdeck logs -f \"$job%d\"\n", last);
	return buf_steal(&b);
}

char *wizard_json(const struct wizard *w)
{
	cleanup_json cJSON *list = cJSON_CreateArray();

	for (int i = 0; i < w->plan.count; i++) {
		cJSON *one = cJSON_CreateObject();

		json_add_copy(one, w->plan.item[i].op, w->plan.item[i].request);
		if (w->plan.item[i].request)
			cJSON_AddItemToArray(list, one);
		else
			cJSON_Delete(one);
	}
	return request_text(list);
}
