/* Pages of a log, in both directions. A page ends at its number of lines, at 1 MiB, and when
 * so much was looked through that the engine should turn to others: such a page may be
 * empty, which CloudWatch's callers know. */
#include "config.h"
#include "log_page.h"
#include <limits.h>
#include <string.h>
#include "jobdeck/base/text.h"

enum {
	BYTES_MAX = 1024 * 1024,
	BYTES_AN_EVENT = 26,	   /* what CloudWatch adds for each */
	LINES_A_SCAN = 100 * 1000, /* looked at for one page */
	WINDOW_MIN = 64 * 1024,	   /* first guess of how far back a page reaches */
	WINDOW_MAX = 16 * 1024 * 1024,
	BYTES_A_LINE = 128, /* for that guess */
};

/* The lines of a page while it is filled; the oldest leave when a later one needs room. */
struct ring {
	const struct log_page *page;
	struct kept {
		int64_t position, next;
		size_t bytes;
		cJSON *event;
	} * lines;
	size_t first, count, cap; /* lines[first .. count) */
	size_t bytes;
	bool newest;	  /* keep the last ones: going backward */
	int64_t end;	  /* lines from here on are not looked at */
	bool dropped;	  /* some had to leave */
};

static cJSON *make_event(const struct log_line *l)
{
	cleanup_free char *message = text_utf8_dup(l->text, l->len);
	cJSON *event = cJSON_CreateObject();

	json_add_int(event, "timestamp", l->at);
	json_add_str(event, "message", message);
	json_add_int(event, "ingestionTime", l->at);
	json_add_str(event, "jobdeckStream", l->is_stderr ? "stderr" : "stdout");
	if (l->continues)
		json_add_bool(event, "jobdeckContinues", true);
	if (l->cut)
		json_add_bool(event, "jobdeckCut", true);
	return event;
}

static void drop_first(struct ring *r)
{
	struct kept *k = &r->lines[r->first++];

	r->bytes -= k->bytes;
	r->dropped = true;
	cJSON_Delete(k->event);
	k->event = NULL;
}

static bool is_full(const struct ring *r, size_t bytes)
{
	size_t held = r->count - r->first;

	return held >= (size_t)r->page->limit || (held && r->bytes + bytes > BYTES_MAX);
}

static int take_line(void *arg, const struct log_line *l)
{
	struct ring *r = arg;
	size_t bytes = l->len + BYTES_AN_EVENT;

	if (l->position >= r->end)
		return 1;
	if (l->at < r->page->from || l->at >= r->page->to)
		return 0;
	if (is_full(r, bytes) && !r->newest)
		return 1;
	while (is_full(r, bytes))
		drop_first(r);
	ARRAY_ROOM(r->lines, r->count, r->cap);
	r->lines[r->count++] = (struct kept){ l->position, l->next, bytes, make_event(l) };
	r->bytes += bytes;
	return 0;
}

static int scan(struct ring *r, int64_t position, int limit, int64_t *next, int64_t *size,
		struct err *err)
{
	const struct log_page *p = r->page;

	return engine_log_read(p->engine, p->job, p->attempt, position, limit, take_line, r, next,
			       size, err);
}

static void give(struct ring *r, struct log_page *p)
{
	for (size_t i = r->first; i < r->count; i++)
		cJSON_AddItemToArray(p->events, STEAL_PTR(r->lines[i].event));
}

static void ring_fini(struct ring *r)
{
	for (size_t i = r->first; i < r->count; i++)
		cJSON_Delete(r->lines[i].event);
	free(r->lines);
}

#define cleanup_ring __attribute__((cleanup(ring_fini)))

int log_page_forward(struct log_page *p, int64_t position, struct err *err)
{
	cleanup_ring struct ring r = { .page = p, .end = INT64_MAX };
	int64_t next, size;

	if (scan(&r, position, LINES_A_SCAN, &next, &size, err) < 0)
		return -1;
	p->before = r.count ? r.lines[0].position : position;
	p->after = next;
	give(&r, p);
	return 0;
}

/* The page that a window gave, though it may not be full. A line right where the window
 * began may be the tail of one: it is left to the page before. */
static void settle(struct ring *r, struct log_page *p, int64_t start, int64_t end)
{
	if (start && r->count > r->first && r->lines[r->first].position == start)
		drop_first(r);
	p->before = start ? start + 1 : 0;
	p->after = end;
	if (r->count > r->first) {
		p->before = r->lines[r->first].position;
		p->after = r->lines[r->count - 1].next;
	}
	give(r, p);
}

/* Looks through ever larger windows before the end, until one holds the page. */
int log_page_backward(struct log_page *p, int64_t position, struct err *err)
{
	int64_t window = WINDOW_MIN + (int64_t)p->limit * BYTES_A_LINE, start, next, size;
	struct ring none = { .page = p, .end = -1 };

	if (scan(&none, 0, 0, &next, &size, err) < 0)
		return -1;
	if (position < 0 || position > size)
		position = size;
	for (;; window *= 4) {
		cleanup_ring struct ring r = { .page = p, .newest = true, .end = position };

		start = window < position ? position - window : 0;
		if (scan(&r, start, INT_MAX, &next, &size, err) < 0)
			return -1;
		if (!r.dropped && start && window < WINDOW_MAX)
			continue;
		settle(&r, p, start, position);
		return 0;
	}
}
