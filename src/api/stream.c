/* Log groups and streams by name. */
#include "config.h"
#include "stream.h"
#include <stdio.h>
#include <string.h>
#include <uthash.h>
#include "jobdeck/model/arn.h"

static const char default_group[] = "/aws/batch/job";

enum { NAME_PART = 200, REMEMBERED_MAX = 1000 };

/* --- what a definition says of its logs ----------------------------------------------------- */

struct log_names {
	char *definition; /* "NAME:REVISION" */
	char *group, *prefix;
	UT_hash_handle hh;
};

static void names_free(struct log_names *n)
{
	free(n->definition);
	free(n->group);
	free(n->prefix);
	free(n);
}

void stream_forget(struct api *a)
{
	struct log_names *n, *tmp;

	HASH_ITER(hh, a->log_names, n, tmp) {
		HASH_DEL(a->log_names, n); /* NOLINT(clang-analyzer-unix.Malloc): safe walk */
		names_free(n);
	}
}

/* The log configuration of the first container there is; of several containers or nodes it
 * stands for all. */
static const cJSON *log_options(const cJSON *doc)
{
	const cJSON *range = json_get(json_get(doc, "nodeProperties"), "nodeRangeProperties");
	const cJSON *container = json_get(doc, "containerProperties"), *tasks, *log;

	if (range && range->child) {
		doc = range->child;
		container = json_get(doc, "container");
	}
	tasks = json_get(json_get(doc, "ecsProperties"), "taskProperties");
	if (!container && tasks && tasks->child) {
		tasks = json_get(tasks->child, "containers");
		container = tasks ? tasks->child : NULL;
	}
	log = json_get(container, "logConfiguration");
	return strcmp(json_str_or(log, "logDriver", ""), "awslogs") == 0 ?
		       json_get(log, "options") :
		       NULL;
}

static struct log_names *names_read(const char *definition, const cJSON *doc)
{
	struct log_names *n = xcalloc(1, sizeof *n);
	const cJSON *options = log_options(doc);
	const char *group = json_str(options, "awslogs-group");
	const char *prefix = json_str(options, "awslogs-stream-prefix");

	n->definition = xstrdup(definition);
	n->group = xstrndup(group && *group ? group : default_group, LOG_GROUP_SIZE - 1);
	if (prefix && *prefix)
		n->prefix = xstrndup(prefix, LOG_STREAM_MAX - LOG_TASK_SIZE - sizeof "/default/");
	else
		n->prefix =
			xasprintf("%.*s", NAME_PART, definition); /* the revision is cut off next */
	if (!prefix || !*prefix)
		n->prefix[strcspn(n->prefix, ":")] = '\0';
	return n;
}

static const struct log_names *names_of(const struct api_call *c, const char *definition)
{
	struct log_names *n;
	struct definition *d;
	cJSON *doc cleanup_json = NULL;
	char name[LIMIT_NAME + 1];
	int revision;

	HASH_FIND_STR(c->api->log_names, definition, n);
	if (n)
		return n;
	if (HASH_COUNT(c->api->log_names) >= REMEMBERED_MAX)
		stream_forget(c->api);
	d = definition_split(definition, name, &revision, NULL) == 0 ?
		    store_definition(c->store, name, revision, NULL) :
		    NULL;
	doc = doc_parse(d ? d->doc : NULL);
	n = names_read(definition, doc);
	definition_free(d);
	HASH_ADD_KEYPTR(hh, c->api->log_names, n->definition, strlen(n->definition), n);
	return n;
}

const char *stream_group(const struct api_call *c, const struct job *job)
{
	return names_of(c, job->definition)->group;
}

char *stream_name(const struct api_call *c, const struct job *job, int attempt)
{
	char task[LOG_TASK_SIZE];

	engine_log_task(job, attempt, task);
	return xasprintf("%s/default/%s", names_of(c, job->definition)->prefix, task);
}

/* --- groups ---------------------------------------------------------------------------------- */

/* A name, or as identifier also an ARN that ends in it, perhaps with ":*" behind. */
int stream_read_group(const cJSON *in, char out[LOG_GROUP_SIZE], struct err *err)
{
	const char *name = json_str(in, "logGroupName"), *id = json_str(in, "logGroupIdentifier");
	const char *text = name ? name : id, *in_arn;

	if (!name == !id)
		return err_set(
			err, ERR_INVALID,
			"Exactly one of logGroupName and logGroupIdentifier must be specified");
	in_arn = id && strncmp(id, "arn:", 4) == 0 ? strstr(id, ":log-group:") : NULL;
	if (in_arn)
		text = in_arn + strlen(":log-group:");
	snprintf(out, LOG_GROUP_SIZE, "%.*s", (int)strcspn(text, ":"), text);
	return 0;
}

struct grouping {
	struct log_group *groups;
	size_t count, cap;
};

static void add_group(struct grouping *g, const char *name, jd_time created)
{
	for (size_t i = 0; i < g->count; i++) {
		if (strcmp(g->groups[i].name, name) != 0)
			continue;
		if (created < g->groups[i].created)
			g->groups[i].created = created;
		return;
	}
	ARRAY_ROOM(g->groups, g->count, g->cap);
	g->groups[g->count++] = (struct log_group){ xstrdup(name), created };
}

static int add_its_group(void *arg, const struct definition *d)
{
	cJSON *doc cleanup_json = doc_parse(d->doc);
	struct log_names *n = names_read(d->name, doc);

	add_group(arg, n->group, d->created);
	names_free(n);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct log_group *)a)->name, ((const struct log_group *)b)->name);
}

struct log_group *stream_groups(struct api_call *c, size_t *count, struct err *err)
{
	struct definition_query all = { .limit = INT32_MAX };
	struct grouping g = { 0 };

	add_group(&g, default_group, c->api->started);
	if (store_definitions(c->store, &all, add_its_group, &g, err) < 0) {
		stream_groups_free(g.groups, g.count);
		return NULL;
	}
	qsort(g.groups, g.count, sizeof *g.groups, by_name);
	*count = g.count;
	return g.groups;
}

void stream_groups_free(struct log_group *groups, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(groups[i].name);
	free(groups);
}

int stream_check_group(struct api_call *c, const char *group, struct err *err)
{
	struct log_group *all;
	bool found = strcmp(group, default_group) == 0;
	size_t n = 0;

	if (found)
		return 0;
	all = stream_groups(c, &n, err);
	for (size_t i = 0; i < n; i++)
		found |= strcmp(all[i].name, group) == 0;
	stream_groups_free(all, n);
	if (!all || found)
		return all ? 0 : -1;
	return err_set(err, ERR_NOT_FOUND, "The specified log group does not exist.");
}

/* --- streams --------------------------------------------------------------------------------- */

int stream_find(struct api_call *c, const char *group, const char *name, int64_t *job, int *attempt,
		struct err *err)
{
	struct job *j = NULL;
	int64_t key;
	int number;
	bool found = false;

	if (engine_log_find(c->engine, name, &key, &number) == 0)
		j = store_job(c->store, key, err);
	if (j && number >= 1 && number <= j->attempt) {
		cleanup_free char *its = stream_name(c, j, number);

		found = strcmp(its, name) == 0 && strcmp(stream_group(c, j), group) == 0;
	}
	job_free(j);
	if (!found && stream_check_group(c, group, err) < 0)
		return -1;
	if (!found)
		return err_set(err, ERR_NOT_FOUND, "The specified log stream does not exist.");
	*job = key;
	*attempt = number;
	return 0;
}
