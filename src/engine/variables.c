/* The environment of an attempt: a few names of the server's own, what the job says, and over
 * it what Batch says (section 8.1 of doc/semantics.md). */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "internal.h"

/* What a host process gets of the server's own environment. The submitter's shell is not
 * asked: a job must not depend on who pressed the key. */
static const char *const inherited[] = {
	"PATH",	  "HOME", "USER",   "LOGNAME",	       "SHELL",	      "LANG",
	"LC_ALL", "TZ",	  "TMPDIR", "XDG_RUNTIME_DIR", "JOBDECK_HOME"
};

static const char default_path[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/* Nodes of a multi-node job are all on this machine (MNP-7). */
static const char main_node_address[] = "127.0.0.1";

/* Later settings of a name replace earlier ones. */
static void add(struct launch_plan *p, const char *name, const char *value)
{
	size_t n = strlen(name);
	char *text = xasprintf("%s=%s", name, value);

	for (size_t i = 0; i < p->envp_count; i++) {
		if (strncmp(p->envp[i], name, n) == 0 && p->envp[i][n] == '=') {
			free(p->envp[i]);
			p->envp[i] = text;
			return;
		}
	}
	ARRAY_ROOM(p->envp, p->envp_count + 1, p->envp_cap);
	p->envp[p->envp_count++] = text;
	p->envp[p->envp_count] = NULL;
}

static void add_number(struct launch_plan *p, const char *name, int n)
{
	char number[16];

	snprintf(number, sizeof number, "%d", n);
	add(p, name, number);
}

static void add_inherited(struct launch_plan *p)
{
	add(p, "PATH", default_path);
	for (size_t i = 0; i < ARRAY_LEN(inherited); i++) {
		const char *value = getenv(inherited[i]);

		if (value)
			add(p, inherited[i], value);
	}
}

static void add_own(struct launch_plan *p, const cJSON *container)
{
	const cJSON *pair;

	cJSON_ArrayForEach(pair, json_get(container, "environment")) {
		const char *name = json_str(pair, "name");

		if (name && *name && !strchr(name, '='))
			add(p, name, json_str_or(pair, "value", ""));
	}
}

/* ARR-8: there is no variable for the size in AWS Batch. */
static void add_child(struct launch_plan *p)
{
	add_number(p, "AWS_BATCH_JOB_ARRAY_INDEX", job_index(p->job));
	add_number(p, "JOBDECK_ARRAY_SIZE", p->parent->size);
}

static void add_node(struct launch_plan *p)
{
	int index = job_index(p->job);

	add_number(p, "AWS_BATCH_JOB_NODE_INDEX", index);
	add_number(p, "AWS_BATCH_JOB_MAIN_NODE_INDEX", p->parent->main_node);
	add_number(p, "AWS_BATCH_JOB_NUM_NODES", p->parent->size);
	if (index != p->parent->main_node)
		add(p, "AWS_BATCH_JOB_MAIN_NODE_PRIVATE_IPV4_ADDRESS", main_node_address);
}

/* "0,3" for the devices in the set. */
static void print_devices(uint64_t set, char *out, size_t size)
{
	size_t n = 0;

	*out = '\0';
	for (int i = 0; i < 64 && n < size; i++)
		if (set >> i & 1)
			n += (size_t)snprintf(out + n, size - n, "%s%d", n ? "," : "", i);
}

/* RES-5: a job sees the devices it was given and no others. Not where they cannot be told
 * apart (more than 64), nor where there are none. */
static void add_gpus(struct launch_plan *p, const struct engine *e,
		     const struct sched_job_view *view)
{
	char devices[200];

	if (!sched_pool(e->sched).gpus || (p->job->need.gpus && !view->gpu_set))
		return;
	print_devices(view->gpu_set, devices, sizeof devices);
	add(p, "CUDA_VISIBLE_DEVICES", devices);
	add(p, "NVIDIA_VISIBLE_DEVICES", *devices ? devices : "none");
}

void variables_add(struct launch_plan *p, const struct engine *e, const struct live *l,
		   const cJSON *container)
{
	struct sched_job_view view = { 0 };

	sched_job(e->sched, l->job, &view);
	add_inherited(p);
	add_own(p, container);
	add(p, "AWS_BATCH_JOB_ID", p->job->id);
	add_number(p, "AWS_BATCH_JOB_ATTEMPT", l->attempt);
	add(p, "AWS_BATCH_JQ_NAME", p->job->queue);
	add(p, "AWS_BATCH_CE_NAME", view.env ? view.env : "");
	if (p->job->kind == JOB_KIND_CHILD)
		add_child(p);
	else if (p->job->kind == JOB_KIND_NODE)
		add_node(p);
	add_gpus(p, e, &view);
}
