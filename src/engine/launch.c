/* From a job's document to what a backend starts: command, environment, limits. */
#include "config.h"
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "jobdeck/base/log.h"
#include "jobdeck/model/limits.h"
#include "internal.h"

/* What a host process gets of the server's own environment. The submitter's shell is not
 * asked: a job must not depend on who pressed the key. */
static const char *const inherited[] = { "PATH",   "HOME", "USER",   "LOGNAME",	     "SHELL",
					 "LANG",   "LC_ALL", "TZ",   "TMPDIR",	     "XDG_RUNTIME_DIR",
					 "JOBDECK_HOME" };

static const char default_path[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

static void add_argument(struct launch_plan *p, char *text)
{
	ARRAY_ROOM(p->argv, p->argv_count + 1, p->argv_cap);
	p->argv[p->argv_count++] = text;
	p->argv[p->argv_count] = NULL;
}

/* Later settings of a name replace earlier ones. */
static void add_variable(struct launch_plan *p, const char *name, const char *value)
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

static void add_inherited(struct launch_plan *p)
{
	add_variable(p, "PATH", default_path);
	for (size_t i = 0; i < ARRAY_LEN(inherited); i++) {
		const char *value = getenv(inherited[i]);

		if (value)
			add_variable(p, inherited[i], value);
	}
}

/* Section 8.1 of doc/semantics.md. */
static void add_batch_variables(struct launch_plan *p, const struct live *l, const char *env)
{
	char number[16];

	snprintf(number, sizeof number, "%d", l->attempt);
	add_variable(p, "AWS_BATCH_JOB_ID", p->job->id);
	add_variable(p, "AWS_BATCH_JOB_ATTEMPT", number);
	add_variable(p, "AWS_BATCH_JQ_NAME", p->job->queue);
	add_variable(p, "AWS_BATCH_CE_NAME", env);
}

static void add_environment(struct launch_plan *p, const struct engine *e, const struct live *l,
			    const cJSON *container)
{
	const cJSON *pair;
	struct sched_job_view view = { 0 };

	add_inherited(p);
	cJSON_ArrayForEach(pair, json_get(container, "environment")) {
		const char *name = json_str(pair, "name");

		if (name && *name && !strchr(name, '='))
			add_variable(p, name, json_str_or(pair, "value", ""));
	}
	sched_job(e->sched, l->job, &view);
	add_batch_variables(p, l, view.env ? view.env : "");
}

static void add_command(struct launch_plan *p, const cJSON *container)
{
	const cJSON *word;

	cJSON_ArrayForEach(word, json_get(container, "command"))
		if (cJSON_IsString(word))
			add_argument(p, word->valuestring);
}

/* Tag jobdeck:directory, else the user's home. */
static char *working_directory(const cJSON *doc)
{
	const char *dir = json_str(json_get(doc, "tags"), "jobdeck:directory");
	const struct passwd *pw;

	if (dir && dir[0] == '/')
		return xstrdup(dir);
	dir = getenv("HOME");
	if (dir && dir[0] == '/')
		return xstrdup(dir);
	pw = getpwuid(getuid());
	return xstrdup(pw && pw->pw_dir ? pw->pw_dir : "/");
}

/* A failure is the shim's to tell: an attempt that is only picked up again needs none. */
static void make_log_directory(const char *path)
{
	const char *slash = strrchr(path, '/');
	cleanup_free char *dir = xstrndup(path, (size_t)(slash - path));

	if (mkdir(dir, 0700) && errno != EEXIST)
		log_warn("cannot make the directory %s: %s", dir, strerror(errno));
}

static int load(struct launch_plan *p, struct engine *e, const struct live *l, struct err *err)
{
	p->job = store_job(e->store, l->job, err);
	if (!p->job)
		return err && err->kind ? -1 : err_set(err, ERR_CORRUPT, "the job is not stored");
	p->doc = json_parse(p->job->doc, strlen(p->job->doc), err);
	return p->doc ? 0 : -1;
}

int launch_plan_init(struct launch_plan *p, struct engine *e, const struct live *l,
		     struct err *err)
{
	const cJSON *container;

	memset(p, 0, sizeof *p);
	if (load(p, e, l, err))
		return -1;
	container = json_get(p->doc, "container");
	add_command(p, container);
	if (!p->argv_count)
		return err_set(err, ERR_INVALID, "the job has no command, and the image \"%s\" none of its own",
			       json_str_or(container, "image", "host"));
	add_environment(p, e, l, container);
	p->directory = working_directory(p->doc);
	p->log = log_path(e, p->job->id, l->attempt);
	make_log_directory(p->log);
	p->launch = (struct launch){
		.job = l->job, .job_id = p->job->id, .attempt = l->attempt, .slot = l->slot,
		.image = json_str_or(container, "image", "host"),
		.argv = p->argv, .envp = p->envp, .directory = p->directory, .log = p->log,
		.log_max = e->log_max, .timeout_ms = (int64_t)p->job->timeout_s * 1000,
		.grace_ms = LIMIT_STOP_GRACE_S * 1000, .placed = l->placed,
	};
	return 0;
}

void launch_plan_fini(struct launch_plan *p)
{
	for (size_t i = 0; i < p->envp_count; i++)
		free(p->envp[i]);
	free(p->envp);
	free(p->argv); /* its words belong to the document */
	free(p->directory);
	free(p->log);
	cJSON_Delete(p->doc);
	job_free(p->job);
}
