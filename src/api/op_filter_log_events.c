/* CloudWatch Logs' FilterLogEvents: lines of many streams, oldest first. A token is the place of
 * the last line that was looked at; a page ends when it is full, and when so much was looked
 * through that the engine should turn to others: such a page may be empty, which CloudWatch's
 * callers know. */
#include "config.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/text.h"
#include "log_merge.h"
#include "log_pattern.h"

enum {
	EVENTS_MAX = 10000,
	BYTES_MAX = 1000 * 1000,
	BYTES_AN_EVENT = 26, /* what CloudWatch adds for each */
	LINES_A_PAGE = 100 * 1000,
};

struct filtering {
	struct api_call *c;
	char group[LOG_GROUP_SIZE];
	struct log_pattern pattern;
	jd_time to; /* included */
	struct log_place after;
	int limit;
	char *asked;
	struct stream_list streams;
	cJSON *events;
};

static void filtering_fini(struct filtering *f)
{
	log_pattern_fini(&f->pattern);
	stream_list_fini(&f->streams);
	free(f->asked);
}

static char *question(const cJSON *in, const char *group)
{
	cleanup_free char *names = json_print(json_get(in, "logStreamNames"));

	return xasprintf("%s %s %s %s %" PRId64 " %" PRId64, group, names,
			 json_str_or(in, "logStreamNamePrefix", ""),
			 json_str_or(in, "filterPattern", ""), json_int(in, "startTime", 0),
			 json_int(in, "endTime", 0));
}

static int read_position(struct filtering *f, struct err *err)
{
	char position[PAGE_POSITION_SIZE];
	struct log_place *a = &f->after;
	int end = 0;

	/* Without a token: before all lines of that time. */
	*a = (struct log_place){ .at = json_int(f->c->in, "startTime", 0), .position = -1 };
	if (page_position(f->c, f->asked, position, err) < 0)
		return -1;
	if (!*position)
		return 0;
	if (sscanf(position, "%15" SCNd64 " %15" SCNd64 " %4d %18" SCNd64 "%n", &a->at, &a->job,
		   &a->attempt, &a->position, &end) == 4 &&
	    !position[end])
		return 0;
	return err_set(err, ERR_INVALID, "The specified nextToken is invalid.");
}

static int find_streams(struct filtering *f, struct err *err)
{
	const cJSON *names = json_get(f->c->in, "logStreamNames"), *name;
	const char *prefix = json_str_or(f->c->in, "logStreamNamePrefix", "");

	if (names && *prefix)
		return err_set(err, ERR_INVALID,
			       "LogStreamNames and logStreamNamePrefix can not both be given.");
	if (!names)
		return stream_list_gather(&f->streams, f->c, f->group, prefix, err);
	cJSON_ArrayForEach(name, names) {
		if (stream_list_add(&f->streams, f->c, f->group, name->valuestring, err) < 0)
			return -1;
	}
	return 0;
}

static int read_request(struct filtering *f, struct err *err)
{
	const cJSON *in = f->c->in;

	f->to = json_int(in, "endTime", INT64_MAX);
	f->limit = (int)json_int(in, "limit", EVENTS_MAX);
	if (stream_read_group(in, f->group, err) < 0 ||
	    stream_check_group(f->c, f->group, err) < 0 ||
	    log_pattern_parse(&f->pattern, json_str_or(in, "filterPattern", ""), err) < 0)
		return -1;
	f->asked = question(in, f->group);
	return read_position(f, err) < 0 ? -1 : find_streams(f, err);
}

static void add_event(struct filtering *f, const struct log_merged *l)
{
	cleanup_free char *message = text_utf8_dup(l->text, l->len);
	cJSON *event = cJSON_CreateObject();
	char id[64];

	/* AWS's are 56 digits. */
	snprintf(id, sizeof id, "%013" PRId64 "%020" PRId64 "%02d%021" PRId64, l->place.at,
		 l->place.job, l->place.attempt, l->place.position);
	json_add_str(event, "logStreamName", l->stream);
	json_add_int(event, "timestamp", l->place.at);
	json_add_str(event, "message", message);
	json_add_int(event, "ingestionTime", l->place.at);
	json_add_str(event, "eventId", id);
	json_add_str(event, "jobdeckStream", l->is_stderr ? "stderr" : "stdout");
	if (l->continues)
		json_add_bool(event, "jobdeckContinues", true);
	if (l->cut)
		json_add_bool(event, "jobdeckCut", true);
	cJSON_AddItemToArray(f->events, event);
}

static void add_token(struct filtering *f, const struct log_place *p)
{
	char position[PAGE_POSITION_SIZE];

	snprintf(position, sizeof position, "%" PRId64 " %" PRId64 " %d %" PRId64, p->at, p->job,
		 p->attempt, p->position);
	page_add_token(f->c, "nextToken", f->asked, position);
}

/* A page that ends with the last line there is says so with the next one, which is empty. */
static int fill_page(struct filtering *f, struct log_merge *m, struct err *err)
{
	struct log_merged line;
	size_t bytes = 0;
	int events = 0, rc;

	for (int looked = 0; (rc = log_merge_next(m, &line, err)) > 0; looked++) {
		if (line.place.at > f->to)
			return 0;
		if (events == f->limit || bytes >= BYTES_MAX || looked == LINES_A_PAGE) {
			add_token(f, &f->after);
			return 0;
		}
		f->after = line.place;
		if (!log_pattern_matches(&f->pattern, line.text, line.len))
			continue;
		add_event(f, &line);
		bytes += line.len + BYTES_AN_EVENT;
		events++;
	}
	return rc;
}

int op_filter_log_events(struct api_call *c, struct err *err)
{
	struct filtering f __attribute__((cleanup(filtering_fini))) = { .c = c };
	struct log_merge *m;
	int rc;

	f.events = cJSON_AddArrayToObject(c->out, "events");
	cJSON_AddArrayToObject(c->out, "searchedLogStreams");
	if (read_request(&f, err) < 0)
		return -1;
	m = log_merge_new(c->engine, &f.streams, &f.after);
	rc = fill_page(&f, m, err);
	log_merge_free(m);
	return rc;
}
