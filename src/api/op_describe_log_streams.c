/* CloudWatch Logs' DescribeLogStreams and DescribeLogGroups. */
#include "config.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "stream.h"

enum { STREAMS_MAX = 50, GROUPS_MAX = 50 };

/* --- streams --------------------------------------------------------------------------------- */

struct request {
	char group[LOG_GROUP_SIZE];
	const char *prefix;
	bool by_time, descending;
};

/* Those that still grow sort as the latest, and stay there from page to page. */
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

static void show_stream(struct api_call *c, cJSON *list, const struct request *r,
			const struct stream *s)
{
	const struct account *a = engine_account(c->engine);
	cleanup_free char *arn = xasprintf("arn:aws:logs:%s:%s:log-group:%s:log-stream:%s",
					   a->region, a->id, r->group, s->name);
	cJSON *out = cJSON_CreateObject();

	json_add_str(out, "logStreamName", s->name);
	json_add_str(out, "arn", arn);
	add_log_times(c, out, s);
	cJSON_AddItemToArray(list, out);
}

/* Is the stream behind the last one of the page before? */
static bool is_behind(const struct request *r, const struct stream *s, const char *position)
{
	const char *blank = strchr(position, ' ');
	cleanup_free char *name = xstrdup(blank ? blank + 1 : "");
	struct stream last = { .name = name, .last = (jd_time)strtoll(position, NULL, 10) };
	int order = compare(s, &last, r->by_time);

	return r->descending ? order < 0 : order > 0;
}

static void give_page(struct api_call *c, const struct request *r, const struct stream_list *l,
		      const char *position, const char *asked, int room)
{
	cJSON *list = cJSON_AddArrayToObject(c->out, "logStreams");
	char last[PAGE_POSITION_SIZE];

	for (size_t i = 0; i < l->count; i++) {
		const struct stream *s = &l->streams[r->descending ? l->count - 1 - i : i];

		if (*position && !is_behind(r, s, position))
			continue;
		if (room-- == 0) {
			page_add_token(c, "nextToken", asked, last);
			return;
		}
		show_stream(c, list, r, s);
		snprintf(last, sizeof last, "%" PRId64 " %s", s->last, s->name);
	}
}

static int read_request(struct api_call *c, struct request *r, struct err *err)
{
	if (stream_read_group(c->in, r->group, err) < 0 || stream_check_group(c, r->group, err) < 0)
		return -1;
	r->prefix = json_str_or(c->in, "logStreamNamePrefix", "");
	r->by_time = strcmp(json_str_or(c->in, "orderBy", ""), "LastEventTime") == 0;
	r->descending = json_bool(c->in, "descending", false);
	if (r->by_time && *r->prefix)
		return err_set(err, ERR_INVALID,
			       "Cannot order by LastEventTime with a logStreamNamePrefix.");
	return 0;
}

int op_describe_log_streams(struct api_call *c, struct err *err)
{
	struct stream_list l cleanup_stream_list = { 0 };
	struct request r;
	char position[PAGE_POSITION_SIZE];
	cleanup_free char *asked = NULL;
	int room;

	if (read_request(c, &r, err) < 0)
		return -1;
	asked = xasprintf("%s %s %d %d", r.group, r.prefix, r.by_time, r.descending);
	if (page_size(c, "limit", STREAMS_MAX, &room, err) < 0 ||
	    page_position(c, asked, position, err) < 0 ||
	    stream_list_gather(&l, c, r.group, r.prefix, err) < 0)
		return -1;
	if (l.count)
		qsort(l.streams, l.count, sizeof *l.streams, r.by_time ? by_time : by_name);
	give_page(c, &r, &l, position, asked, room);
	return 0;
}

/* --- groups ---------------------------------------------------------------------------------- */

static bool is_listed(const cJSON *identifiers, const char *group)
{
	const cJSON *id;

	cJSON_ArrayForEach(id, identifiers) {
		const char *in_arn = strstr(id->valuestring, ":log-group:");
		const char *name = in_arn ? in_arn + strlen(":log-group:") : id->valuestring;
		size_t n = strcspn(name, ":");

		if (strlen(group) == n && memcmp(name, group, n) == 0)
			return true;
	}
	return !identifiers;
}

static bool is_wanted(const cJSON *in, const char *group)
{
	const char *prefix = json_str_or(in, "logGroupNamePrefix", "");

	return strncmp(group, prefix, strlen(prefix)) == 0 &&
	       strstr(group, json_str_or(in, "logGroupNamePattern", "")) &&
	       strcmp(json_str_or(in, "logGroupClass", "STANDARD"), "STANDARD") == 0 &&
	       is_listed(json_get(in, "logGroupIdentifiers"), group);
}

static void show_group(const struct api_call *c, cJSON *list, const struct log_group *g)
{
	const struct account *a = engine_account(c->engine);
	cleanup_free char *arn =
		xasprintf("arn:aws:logs:%s:%s:log-group:%s:*", a->region, a->id, g->name);
	cJSON *out = cJSON_CreateObject();

	json_add_str(out, "logGroupName", g->name);
	json_add_int(out, "creationTime", g->created);
	json_add_int(out, "metricFilterCount", 0);
	json_add_str(out, "arn", arn);
	arn[strlen(arn) - 2] = '\0';
	json_add_str(out, "logGroupArn", arn);
	json_add_str(out, "logGroupClass", "STANDARD");
	cJSON_AddItemToArray(list, out);
}

static char *group_question(const cJSON *in)
{
	cleanup_free char *ids = json_print(json_get(in, "logGroupIdentifiers"));

	return xasprintf("%s %s %s %s", json_str_or(in, "logGroupNamePrefix", ""),
			 json_str_or(in, "logGroupNamePattern", ""),
			 json_str_or(in, "logGroupClass", ""), ids ? ids : "");
}

int op_describe_log_groups(struct api_call *c, struct err *err)
{
	cJSON *list = cJSON_AddArrayToObject(c->out, "logGroups");
	cleanup_free char *asked = group_question(c->in);
	char position[PAGE_POSITION_SIZE];
	const char *last = position;
	struct log_group *all;
	size_t n = 0;
	int room;

	if (json_get(c->in, "logGroupNamePrefix") && json_get(c->in, "logGroupNamePattern"))
		return err_set(err, ERR_INVALID,
			       "LogGroup name prefix and LogGroup name pattern are mutually "
			       "exclusive parameters.");
	if (page_size(c, "limit", GROUPS_MAX, &room, err) < 0 ||
	    page_position(c, asked, position, err) < 0)
		return -1;
	all = stream_groups(c, &n, err);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(all[i].name, position) <= 0 || !is_wanted(c->in, all[i].name))
			continue;
		if (room-- == 0) {
			page_add_token(c, "nextToken", asked, last);
			break;
		}
		show_group(c, list, &all[i]);
		last = all[i].name;
	}
	stream_groups_free(all, n);
	return all ? 0 : -1;
}
