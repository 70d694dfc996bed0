#include "config.h"
#include "log_merge.h"
#include <string.h>

enum {
	LINES_KEPT = 128,	 /* read ahead of each stream */
	BYTES_KEPT = 64 * 1024,	 /* and no more than that */
	NEAR_ENOUGH = 32 * 1024, /* what is left of a search is read through */
};

struct line {
	jd_time at;
	int64_t position;
	size_t offset, len; /* in the source's text */
	bool is_stderr, continues, cut;
};

struct source {
	const struct stream *stream;
	struct line lines[LINES_KEPT];
	int first, count; /* lines[first .. count) */
	struct buf text;
	int64_t next; /* position to read on from */
};

struct log_merge {
	struct engine *engine;
	struct log_place after;
	const struct stream *streams; /* by the time they may begin */
	size_t count, opened;
	struct source **heap; /* of those that have a line: the earliest is the first */
	size_t heap_count, heap_cap;
	struct source *given; /* the one whose line was given last: to be moved on */
};

static int compare(const struct log_place *a, const struct log_place *b)
{
	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	if (a->job != b->job)
		return a->job < b->job ? -1 : 1;
	if (a->attempt != b->attempt)
		return a->attempt < b->attempt ? -1 : 1;
	return (a->position > b->position) - (a->position < b->position);
}

static struct log_place place_of(const struct source *s)
{
	const struct line *l = &s->lines[s->first];

	return (struct log_place){ l->at, s->stream->job, s->stream->attempt, l->position };
}

/* --- one stream ------------------------------------------------------------------------------ */

static int keep_line(void *arg, const struct log_line *l)
{
	struct source *s = arg;
	struct line *line = &s->lines[s->count];

	if (s->count == LINES_KEPT || s->text.len + l->len > BYTES_KEPT)
		return 1;
	*line = (struct line){ l->at,	     l->position,  s->text.len, l->len,
			       l->is_stderr, l->continues, l->cut };
	buf_add(&s->text, l->text, l->len);
	s->count++;
	return 0;
}

static int fill(struct log_merge *m, struct source *s, struct err *err)
{
	int64_t size;

	s->first = s->count = 0;
	buf_clear(&s->text);
	return engine_log_read(m->engine, s->stream->job, s->stream->attempt, s->next, LINES_KEPT,
			       keep_line, s, &s->next, &size, err);
}

/* Moves to the first line after m->after; 0 when there is none. */
static int skip(struct log_merge *m, struct source *s, struct err *err)
{
	for (;;) {
		for (; s->first < s->count; s->first++) {
			struct log_place here = place_of(s);

			if (compare(&here, &m->after) > 0)
				return 1;
		}
		if (fill(m, s, err) < 0)
			return -1;
		if (!s->count)
			return 0;
	}
}

struct probe {
	int64_t from; /* a line right there may be the tail of one */
	int64_t position;
	jd_time at; /* -1: none found */
};

static int look(void *arg, const struct log_line *l)
{
	struct probe *p = arg;

	if (l->position == p->from && p->from)
		return 0;
	p->position = l->position;
	p->at = l->at;
	return 1;
}

/* Where to begin reading so that nothing from `at` on is missed. */
static int seek(struct log_merge *m, struct source *s, jd_time at, struct err *err)
{
	int64_t low = 0, high, next;
	struct source none = { .count = LINES_KEPT };

	if (engine_log_read(m->engine, s->stream->job, s->stream->attempt, 0, 1, keep_line, &none,
			    &next, &high, err) < 0)
		return -1;
	while (high - low > NEAR_ENOUGH) {
		struct probe p = { .from = low + (high - low) / 2, .at = -1 };
		int64_t size;

		if (engine_log_read(m->engine, s->stream->job, s->stream->attempt, p.from, 2, look,
				    &p, &next, &size, err) < 0)
			return -1;
		if (p.at >= 0 && p.at < at && p.position < high)
			low = p.position;
		else
			high = p.from;
	}
	s->next = low;
	return 0;
}

static void source_free(struct source *s)
{
	if (!s)
		return;
	buf_fini(&s->text);
	free(s);
}

/* --- all of them ------------------------------------------------------------------------------ */

static bool is_before(const struct source *a, const struct source *b)
{
	struct log_place x = place_of(a), y = place_of(b);

	return compare(&x, &y) < 0;
}

static void swap(struct log_merge *m, size_t i, size_t j)
{
	struct source *s = m->heap[i];

	m->heap[i] = m->heap[j];
	m->heap[j] = s;
}

static void push(struct log_merge *m, struct source *s)
{
	size_t i = m->heap_count;

	ARRAY_ROOM(m->heap, m->heap_count, m->heap_cap);
	m->heap[m->heap_count++] = s;
	for (; i && is_before(m->heap[i], m->heap[(i - 1) / 2]); i = (i - 1) / 2)
		swap(m, i, (i - 1) / 2);
}

static struct source *pop(struct log_merge *m)
{
	struct source *top = m->heap[0];

	m->heap[0] = m->heap[--m->heap_count];
	for (size_t i = 0, child; (child = 2 * i + 1) < m->heap_count; i = child) {
		if (child + 1 < m->heap_count && is_before(m->heap[child + 1], m->heap[child]))
			child++;
		if (!is_before(m->heap[child], m->heap[i]))
			break;
		swap(m, i, child);
	}
	return top;
}

static int push_if_any(struct log_merge *m, struct source *s, struct err *err)
{
	int rc = skip(m, s, err);

	if (rc > 0)
		push(m, s);
	else
		source_free(s);
	return rc < 0 ? -1 : 0;
}

static int open_next(struct log_merge *m, struct err *err)
{
	const struct stream *stream = &m->streams[m->opened++];
	struct source *s;

	if (stream->last < m->after.at)
		return 0;
	s = xcalloc(1, sizeof *s);
	s->stream = stream;
	buf_init(&s->text, BYTES_KEPT);
	if (seek(m, s, m->after.at, err) < 0) {
		source_free(s);
		return -1;
	}
	return push_if_any(m, s, err);
}

static int by_first(const void *a, const void *b)
{
	const struct stream *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

struct log_merge *log_merge_new(struct engine *e, struct stream_list *l,
				const struct log_place *after)
{
	struct log_merge *m = xcalloc(1, sizeof *m);

	if (l->count)
		qsort(l->streams, l->count, sizeof *l->streams, by_first);
	m->engine = e;
	m->after = *after;
	m->streams = l->streams;
	m->count = l->count;
	return m;
}

void log_merge_free(struct log_merge *m)
{
	if (!m)
		return;
	source_free(m->given);
	for (size_t i = 0; i < m->heap_count; i++)
		source_free(m->heap[i]);
	free(m->heap);
	free(m);
}

/* Only streams that may have an earlier line than the earliest of those that are open. */
static bool must_open(const struct log_merge *m)
{
	if (m->opened == m->count)
		return false;
	return !m->heap_count || m->streams[m->opened].first <= place_of(m->heap[0]).at;
}

int log_merge_next(struct log_merge *m, struct log_merged *out, struct err *err)
{
	struct source *s = STEAL_PTR(m->given);
	const struct line *l;

	if (s) {
		s->first++;
		if (push_if_any(m, s, err) < 0)
			return -1;
	}
	while (must_open(m))
		if (open_next(m, err) < 0)
			return -1;
	if (!m->heap_count)
		return 0;
	s = m->given = pop(m);
	l = &s->lines[s->first];
	*out = (struct log_merged){ .place = place_of(s),
				    .stream = s->stream->name,
				    .text = buf_str(&s->text) + l->offset,
				    .len = l->len,
				    .is_stderr = l->is_stderr,
				    .continues = l->continues,
				    .cut = l->cut };
	return 1;
}
