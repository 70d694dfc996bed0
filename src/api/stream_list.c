/* Streams are made up of the jobs there are: see stream.h. */
#include "config.h"
#include <string.h>
#include "jobdeck/base/text.h"
#include "stream.h"

enum {
	GATHER_MAX = 10000,
	SLACK_MS = 60 * 1000, /* output may be told a little after the job's end */
};

struct gathering {
	struct api_call *c;
	struct stream_list *list;
	const char *group, *prefix;
	char definition[LIMIT_NAME + 1]; /* "": any */
	char **queues;
	size_t queue_count, queue_cap;
};

static void add_stream(struct gathering *g, const struct job *job, int attempt, jd_time first,
		       jd_time last)
{
	cleanup_free char *name = stream_name(g->c, job, attempt);
	struct stream_list *l = g->list;

	if (strncmp(name, g->prefix, strlen(g->prefix)) != 0)
		return;
	ARRAY_ROOM(l->streams, l->count, l->cap);
	l->streams[l->count++] = (struct stream){ STEAL_PTR(name), job->key, attempt, first, last };
}

/* Attempts before the present one began and ended somewhen in the job's life. */
static void add_attempts(struct gathering *g, const struct job *job)
{
	jd_time last = job->stopped ? job->stopped + SLACK_MS : JD_NEVER;

	if (strcmp(stream_group(g->c, job), g->group) != 0)
		return;
	for (int n = job->attempt; n >= 1; n--) {
		bool present = n == job->attempt && job->started;

		add_stream(g, job, n, present ? job->started : job->created, last);
		last = (job->started ? job->started : job->created) + SLACK_MS;
	}
}

static int add_child(void *arg, const struct job *job)
{
	add_attempts(arg, job);
	return 0;
}

/* Arrays and multi-node jobs have no streams of their own (LOG-2). */
static int add_job(void *arg, const struct job *job)
{
	struct gathering *g = arg;

	if (job->kind != JOB_KIND_ARRAY && job->kind != JOB_KIND_MULTINODE)
		return add_child(g, job);
	return store_children(g->c->store, job->key, -1, 0, LIMIT_ARRAY, add_child, g, NULL);
}

static int note_queue(void *arg, const struct queue *q)
{
	struct gathering *g = arg;

	if (q->status == STATUS_DELETED)
		return 0;
	ARRAY_ROOM(g->queues, g->queue_count, g->queue_cap);
	g->queues[g->queue_count++] = xstrdup(q->name);
	return 0;
}

static int gather_queues(struct gathering *g, struct err *err)
{
	if (store_queues(g->c->store, note_queue, g, err) < 0)
		return -1;
	for (size_t i = 0; i < g->queue_count; i++) {
		struct job_query q = {
			.queue = g->queues[i],
			.status = -1,
			.newest_first = true,
			.definition = *g->definition ? g->definition : NULL,
			.limit = *g->definition ? INT32_MAX : GATHER_MAX,
		};

		if (store_jobs(g->c->store, &q, add_job, g, err) < 0)
			return -1;
	}
	return 0;
}

/* What stands before the slash may be a definition's name, and then all its jobs are looked
 * at; or it is a prefix of its own. */
static void read_prefix(struct gathering *g)
{
	const char *slash = strchr(g->prefix, '/');

	if (!slash || slash - g->prefix > LIMIT_NAME)
		return;
	memcpy(g->definition, g->prefix, (size_t)(slash - g->prefix));
	g->definition[slash - g->prefix] = '\0';
	if (!text_is_name(g->definition, false) || !store_last_revision(g->c->store, g->definition))
		g->definition[0] = '\0';
}

int stream_list_add(struct stream_list *l, struct api_call *c, const char *group, const char *name,
		    struct err *err)
{
	struct gathering g = { .c = c, .list = l, .group = group, .prefix = name };
	struct job *job;
	int64_t key;
	int attempt;

	if (stream_find(c, group, name, &key, &attempt, err) < 0)
		return -1;
	job = store_job(c->store, key, err);
	if (!job)
		return -1;
	add_stream(&g, job, attempt, job->created,
		   job->stopped ? job->stopped + SLACK_MS : JD_NEVER);
	job_free(job);
	return 0;
}

int stream_list_gather(struct stream_list *l, struct api_call *c, const char *group,
		       const char *prefix, struct err *err)
{
	struct gathering g = { .c = c, .list = l, .group = group, .prefix = prefix };
	struct err ignored = { 0 };
	int rc;

	if (*prefix && stream_list_add(l, c, group, prefix, &ignored) == 0)
		return 0;
	read_prefix(&g);
	rc = gather_queues(&g, err);
	for (size_t i = 0; i < g.queue_count; i++)
		free(g.queues[i]);
	free(g.queues);
	return rc;
}

void stream_list_fini(struct stream_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		free(l->streams[i].name);
	free(l->streams);
}
