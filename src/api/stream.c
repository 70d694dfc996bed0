/* Log groups and streams by name. */
#include "config.h"
#include "stream.h"
#include <stdio.h>
#include <string.h>
#include <uthash.h>
#include "jobdeck/model/arn.h"
#include "jobdeck/model/logs.h"
#include "jobdeck/model/nodes.h"

enum { NAME_PART = 200, REMEMBERED_MAX = 1000 };

/* --- what a definition says of its logs ----------------------------------------------------- */

struct log_names {
	char *key; /* "NAME:REVISION" of a definition; of a node with "#INDEX" behind it */
	char *group, *prefix;
	UT_hash_handle hh;
};

static void names_free(struct log_names *n)
{
	free(n->key);
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

/* Nodes have what their range says; of several containers the first speaks for all. */
static const cJSON *part_of(const cJSON *doc, int node)
{
	const cJSON *nodes = json_get(doc, "nodeProperties");

	return nodes ? node_properties_of(nodes, node > 0 ? node : 0) : doc;
}

static struct log_names *names_read(const char *name, const cJSON *part)
{
	struct log_names *n = xcalloc(1, sizeof *n);
	const char *prefix = log_option(part, "awslogs-stream-prefix");

	n->group = xstrndup(log_group_of(part), LOG_GROUP_SIZE - 1);
	if (prefix)
		n->prefix = xstrndup(prefix, LOG_STREAM_MAX - LOG_TASK_SIZE - sizeof "/default/");
	else
		n->prefix = xstrndup(name, NAME_PART);
	return n;
}

static struct log_names *names_find(const struct api_call *c, const struct job *job)
{
	struct log_names *n;
	struct definition *d;
	cJSON *doc cleanup_json = NULL;
	char name[LIMIT_NAME + 1] = "";
	int revision = 0;

	d = definition_split(job->definition, name, &revision, NULL) == 0 ?
		    store_definition(c->store, name, revision, NULL) :
		    NULL;
	doc = doc_parse(d ? d->doc : NULL);
	n = names_read(name, part_of(doc, job_index(job)));
	definition_free(d);
	return n;
}

static const struct log_names *names_of(const struct api_call *c, const struct job *job)
{
	bool node = job->kind == JOB_KIND_NODE;
	cleanup_free char *key = node ? xasprintf("%s#%d", job->definition, job_index(job)) :
					xstrdup(job->definition);
	struct log_names *n;

	HASH_FIND_STR(c->api->log_names, key, n);
	if (n)
		return n;
	if (HASH_COUNT(c->api->log_names) >= REMEMBERED_MAX)
		stream_forget(c->api);
	n = names_find(c, job);
	n->key = STEAL_PTR(key);
	/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): a hash that was emptied is NULL */
	HASH_ADD_KEYPTR(hh, c->api->log_names, n->key, strlen(n->key), n);
	return n;
}

const char *stream_group(const struct api_call *c, const struct job *job)
{
	return names_of(c, job)->group;
}

char *stream_name(const struct api_call *c, const struct job *job, int attempt)
{
	char task[LOG_TASK_SIZE];

	engine_log_task(job, attempt, task);
	return xasprintf("%s/default/%s", names_of(c, job)->prefix, task);
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

/* A definition of a multi-node job may name a group for each range. */
static int add_its_group(void *arg, const struct definition *d)
{
	cJSON *doc cleanup_json = doc_parse(d->doc);
	const cJSON *nodes = json_get(doc, "nodeProperties"), *range;

	cJSON_ArrayForEach(range, json_get(nodes, "nodeRangeProperties"))
		add_group(arg, log_group_of(range), d->created);
	if (!nodes)
		add_group(arg, log_group_of(doc), d->created);
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

	add_group(&g, LOG_GROUP_DEFAULT, c->api->started);
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
	bool found = strcmp(group, LOG_GROUP_DEFAULT) == 0;
	size_t n = 0;

	if (found)
		return 0;
	all = stream_groups(c, &n, err);
	if (!all)
		return -1;
	for (size_t i = 0; i < n; i++)
		found |= strcmp(all[i].name, group) == 0;
	stream_groups_free(all, n);
	if (found)
		return 0;
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
