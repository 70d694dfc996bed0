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
#include "jobdeck/model/nodes.h"
#include "internal.h"

static void add_argument(struct launch_plan *p, char *text)
{
	ARRAY_ROOM(p->argv, p->argv_count + 1, p->argv_cap);
	p->argv[p->argv_count++] = text;
	p->argv[p->argv_count] = NULL;
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

static struct job *load_job(struct engine *e, int64_t key, struct err *err)
{
	struct err why = { 0 };
	struct job *job = store_job(e->store, key, &why);

	if (!job)
		err_set(err, why.kind ? why.kind : ERR_CORRUPT, "%s",
			why.kind ? why.text : "the job is not stored");
	return job;
}

static int load(struct launch_plan *p, struct engine *e, const struct live *l, struct err *err)
{
	p->job = load_job(e, l->job, err);
	if (!p->job)
		return -1;
	if (p->job->parent && !(p->parent = load_job(e, p->job->parent, err)))
		return -1;
	p->doc = json_parse(p->job->doc, strlen(p->job->doc), err);
	return p->doc ? 0 : -1;
}

/* A node's is that of its range (MNP-2); an ECS task's, of which there is one, its container. */
static const cJSON *container_of(const struct launch_plan *p)
{
	const cJSON *properties = p->doc, *container, *tasks;

	if (p->job->kind == JOB_KIND_NODE)
		properties =
			node_properties_of(json_get(p->doc, "nodeProperties"), job_index(p->job));
	container = json_get(properties, "container");
	if (container)
		return container;
	tasks = json_get(json_get(properties, "ecsProperties"), "taskProperties");
	return cJSON_GetArrayItem(json_get(cJSON_GetArrayItem(tasks, 0), "containers"), 0);
}

static void fill(struct launch_plan *p, const struct engine *e, const struct live *l,
		 const cJSON *container)
{
	p->directory = working_directory(p->doc);
	p->log = log_path(e, p->job->id, l->attempt);
	make_log_directory(p->log);
	p->launch = (struct launch){
		.job = l->job,
		.job_id = p->job->id,
		.attempt = l->attempt,
		.slot = l->slot,
		.image = json_str_or(container, "image", "host"),
		.argv = p->argv,
		.envp = p->envp,
		.directory = p->directory,
		.log = p->log,
		.log_max = e->log_max,
		.timeout_ms = (int64_t)p->job->timeout_s * 1000,
		.grace_ms = LIMIT_STOP_GRACE_S * 1000,
		.placed = l->placed,
	};
}

int launch_plan_init(struct launch_plan *p, struct engine *e, const struct live *l, struct err *err)
{
	const cJSON *container;

	memset(p, 0, sizeof *p);
	if (load(p, e, l, err))
		return -1;
	container = container_of(p);
	add_command(p, container);
	if (!p->argv_count)
		return err_set(err, ERR_INVALID,
			       "the job has no command, and the image \"%s\" none of its own",
			       json_str_or(container, "image", "host"));
	variables_add(p, e, l, container);
	fill(p, e, l, container);
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
	job_free(p->parent);
}
