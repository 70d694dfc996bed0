/* CloudWatch Logs' DescribeLogStreams. Streams are not stored: there is one for each attempt,
 * so they are made up from the jobs of the queues that exist. Of very many jobs only the
 * newest are looked at, GATHER_MAX in a queue; with the whole name, or the definition's name
 * and a slash, as prefix every older one is found too. */
#include "config.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/text.h"
#include "internal.h"

enum { GATHER_MAX = 10000, STREAMS_MAX = 50 };
#define STILL_WRITTEN INT64_MAX /* sorts as the latest, and stays there from page to page */

struct stream {
	char *name;
	int64_t job;
	int attempt;
	jd_time last;
};

struct gathering {
	struct api_call *c;
	const char *prefix;
	char definition[LIMIT_NAME + 1]; /* "": any */
	bool by_time, descending;
	struct stream *streams;
	size_t count, cap;
	char **queues;
	size_t queue_count, queue_cap;
};

static void gathering_fini(struct gathering *g)
{
	for (size_t i = 0; i < g->count; i++)
		free(g->streams[i].name);
	for (size_t i = 0; i < g->queue_count; i++)
		free(g->queues[i]);
	free(g->streams);
	free(g->queues);
}

static void add_stream(struct gathering *g, const struct job *job, int attempt, jd_time last)
{
	cleanup_free char *name = engine_log_stream(job, attempt);

	if (strncmp(name, g->prefix, strlen(g->prefix)) != 0)
		return;
	ARRAY_ROOM(g->streams, g->count, g->cap);
	g->streams[g->count++] = (struct stream){ STEAL_PTR(name), job->key, attempt, last };
}

/* Attempts before the present one ended somewhen before the job did; only their order
 * relative to other jobs' suffers from not looking. */
static int add_job(void *arg, const struct job *job)
{
	jd_time last = job->stopped ? job->stopped : STILL_WRITTEN;

	for (int n = job->attempt; n >= 1; n--) {
		add_stream(arg, job, n, last);
		last = job->started ? job->started : job->created;
	}
	return 0;
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

static int gather(struct gathering *g, struct err *err)
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

static int compare(const struct stream *a, const struct stream *b, bool by_time)
{
	if (by_time && a->last != b->last)
		return a->last < b->last ? -1 : 1;
	return strcmp(a->name, b->name);
}

static int by_name(const void *a, const void *b)
{
	return compare(a, b, false);
}

static int by_time(const void *a, const void *b)
{
	return compare(a, b, true);
}

/* --- the page ------------------------------------------------------------------------- */

static int first_line(void *arg, const struct log_line *l)
{
	*(jd_time *)arg = l->at;
	return 0;
}

static void add_log_times(struct api_call *c, cJSON *out, const struct stream *s)
{
	jd_time first = 0, last = 0;
	int64_t next, size = 0;

	if (engine_log_read(c->engine, s->job, s->attempt, 0, 1, first_line, &first, &next, &size,
			    NULL) < 0 ||
	    engine_log_read(c->engine, s->job, s->attempt, -1, 1, first_line, &last, &next, &size,
			    NULL) < 0 ||
	    !first)
		return;
	json_add_int(out, "creationTime", first);
	json_add_int(out, "firstEventTimestamp", first);
	json_add_int(out, "lastEventTimestamp", last);
	json_add_int(out, "lastIngestionTime", last);
	json_add_int(out, "storedBytes", size);
}

static void show_stream(struct api_call *c, cJSON *list, const struct stream *s)
{
	const struct account *a = engine_account(c->engine);
	cJSON *out = cJSON_CreateObject();
	char arn[ARN_SIZE];

	json_add_str(out, "logStreamName", s->name);
	snprintf(arn, sizeof arn, "arn:aws:logs:%s:%s:log-group:%s:log-stream:%s", a->region, a->id,
		 stream_group, s->name);
	json_add_str(out, "arn", arn);
	add_log_times(c, out, s);
	cJSON_AddItemToArray(list, out);
}

/* Is the stream behind the last one of the page before? */
static bool is_behind(const struct gathering *g, const struct stream *s, const char *position)
{
	const char *blank = strchr(position, ' ');
	cleanup_free char *name = xstrdup(blank ? blank + 1 : "");
	struct stream last = { .name = name, .last = (jd_time)strtoll(position, NULL, 10) };
	int order = compare(s, &last, g->by_time);

	return g->descending ? order < 0 : order > 0;
}

static void give_page(struct gathering *g, const char *position, const char *asked, int room)
{
	cJSON *list = cJSON_AddArrayToObject(g->c->out, "logStreams");
	char last[PAGE_POSITION_SIZE];

	for (size_t i = 0; i < g->count; i++) {
		const struct stream *s = &g->streams[g->descending ? g->count - 1 - i : i];

		if (*position && !is_behind(g, s, position))
			continue;
		if (room-- == 0) {
			page_add_token(g->c, "nextToken", asked, last);
			return;
		}
		show_stream(g->c, list, s);
		snprintf(last, sizeof last, "%" PRId64 " %s", s->last, s->name);
	}
}

static int read_request(struct gathering *g, struct err *err)
{
	const cJSON *in = g->c->in;
	const char *slash;

	if (stream_check_group(in, err) < 0)
		return -1;
	g->prefix = json_str_or(in, "logStreamNamePrefix", "");
	g->by_time = strcmp(json_str_or(in, "orderBy", "LogStreamName"), "LastEventTime") == 0;
	g->descending = json_bool(in, "descending", false);
	if (g->by_time && *g->prefix)
		return err_set(err, ERR_INVALID,
			       "Cannot order by LastEventTime with a logStreamNamePrefix.");
	slash = strchr(g->prefix, '/');
	if (slash && slash - g->prefix <= LIMIT_NAME)
		snprintf(g->definition, sizeof g->definition, "%.*s", (int)(slash - g->prefix),
			 g->prefix);
	if (*g->definition && !text_is_name(g->definition, false))
		g->definition[0] = '\0'; /* matches nothing anyway */
	return 0;
}

static int find_streams(struct gathering *g, struct err *err)
{
	struct err ignored = { 0 };
	int64_t key;
	int attempt;
	struct job *job;

	if (!*g->prefix || stream_find(g->c, g->prefix, &key, &attempt, &ignored) < 0)
		return gather(g, err);
	job = store_job(g->c->store, key, err);
	if (!job)
		return err->kind ? -1 : 0;
	add_stream(g, job, attempt, 0);
	job_free(job);
	return 0;
}

int op_describe_log_streams(struct api_call *c, struct err *err)
{
	struct gathering g __attribute__((cleanup(gathering_fini))) = { .c = c };
	char position[PAGE_POSITION_SIZE];
	cleanup_free char *asked = NULL;
	int room;

	if (read_request(&g, err) < 0)
		return -1;
	asked = xasprintf("%s %d %d", g.prefix, g.by_time, g.descending);
	if (page_size(c, "limit", STREAMS_MAX, &room, err) < 0 ||
	    page_position(c, asked, position, err) < 0 || find_streams(&g, err) < 0)
		return -1;
	if (g.count)
		qsort(g.streams, g.count, sizeof *g.streams, g.by_time ? by_time : by_name);
	give_page(&g, position, asked, room);
	return 0;
}
