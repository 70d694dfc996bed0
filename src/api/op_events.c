/* JobdeckEvents: events after a number of the journal, or since a time; in pages. */
#include "config.h"
#include <string.h>
#include "event.h"

enum { EVENTS_DEFAULT = 100, EVENTS_MAX = 500, LINES_A_PAGE = 20000 };

struct reading {
	struct api_call *c;
	struct event_filter filter;
	cJSON *events;
	int room, lines;
	int64_t next;
	bool more;
};

/* Lines that are no event are passed over; a page that looked at very many ends early. */
static int read_line(void *arg, const struct journal_entry *line)
{
	struct reading *r = arg;
	struct event e;
	cJSON *item, *event;

	if (r->room == 0 || r->lines-- == 0) {
		r->more = true;
		return 1;
	}
	r->next = line->seq;
	event = event_read(line, &r->filter, &e) ? event_make(r->c, &e, &r->filter) : NULL;
	if (!event)
		return 0;
	item = cJSON_CreateObject();
	json_add_int(item, "seq", line->seq);
	json_add(item, "event", event);
	cJSON_AddItemToArray(r->events, item);
	r->room--;
	return 0;
}

static int read_filter(struct reading *r, struct err *err)
{
	const char *queue = json_str(r->c->in, "jobQueue");
	struct queue *q;

	r->filter.type = json_str(r->c->in, "detailType");
	r->filter.status = json_str(r->c->in, "jobStatus");
	if (!queue)
		return 0;
	q = find_queue(r->c, queue, err);
	r->filter.queue = arn_name("job-queue", queue);
	queue_free(q);
	return q ? 0 : -1;
}

int op_jobdeck_events(struct api_call *c, struct err *err)
{
	struct reading r = { .c = c,
			     .events = cJSON_AddArrayToObject(c->out, "events"),
			     .room = (int)json_int(c->in, "limit", EVENTS_DEFAULT),
			     .lines = LINES_A_PAGE };
	int64_t after = json_int(c->in, "after", 0);

	if (read_filter(&r, err) < 0)
		return -1;
	if (json_get(c->in, "since"))
		after = store_journal_before(c->store, json_int(c->in, "since", 0));
	if (after < 0)
		after = store_journal_before(c->store, JD_NEVER);
	r.next = after;
	if (store_journal(c->store, 0, after, INT32_MAX, read_line, &r, err) < 0)
		return -1;
	json_add_int(c->out, "next", r.next);
	json_add_bool(c->out, "more", r.more);
	return 0;
}
