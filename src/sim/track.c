#include "config.h"
#include "book.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/mem.h"

/* Jobs on their way, in pages of neighbouring keys that go when their last job has ended, and
 * the lines (queue and share) that they are counted in. */

static struct track_page *page_find(const struct book *b, int64_t number)
{
	struct track_page *page;

	HASH_FIND(hh, b->pages, &number, sizeof number, page);
	return page;
}

struct track *track_find(const struct book *b, int64_t key)
{
	struct track_page *page = page_find(b, key / TRACK_PAGE);

	return page && page->track[key % TRACK_PAGE].known ? &page->track[key % TRACK_PAGE] : NULL;
}

struct track *track_add(struct book *b, int64_t key)
{
	int64_t number = key / TRACK_PAGE;
	struct track_page *page = page_find(b, number);
	struct track *track;

	if (!page) {
		page = xcalloc(1, sizeof *page);
		page->number = number;
		HASH_ADD(hh, b->pages, number, sizeof page->number, page);
	}
	track = &page->track[key % TRACK_PAGE];
	page->used += !track->known;
	track->known = true;
	return track;
}

void track_drop(struct book *b, int64_t key)
{
	struct track_page *page = page_find(b, key / TRACK_PAGE);

	if (!page || !page->track[key % TRACK_PAGE].known)
		return;
	page->track[key % TRACK_PAGE] = (struct track){ 0 };
	if (--page->used)
		return;
	HASH_DEL(b->pages, page);
	free(page);
}

void track_parent(struct book *b, int64_t key)
{
	ARRAY_ROOM(b->parent, b->parent_count, b->parent_cap);
	b->parent[b->parent_count++] = key;
}

static int by_key(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

void track_parents_sort(struct book *b)
{
	if (b->parent_count)
		qsort(b->parent, b->parent_count, sizeof *b->parent, by_key);
}

/* The last parent before the key: children's keys follow their parent's. */
static struct track *parent_of(const struct book *b, int64_t key)
{
	size_t low = 0, high = b->parent_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (b->parent[middle] < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? track_find(b, b->parent[low - 1]) : NULL;
}

struct track *track_of(struct book *b, int64_t key)
{
	struct track *track = track_find(b, key), was;
	const struct track *parent;

	if (track)
		return track;
	parent = parent_of(b, key);
	if (!parent || parent->kind != JOB_KIND_ARRAY)
		return NULL;
	was = *parent;
	track = track_add(b, key);
	*track = was;
	track->kind = JOB_KIND_CHILD;
	return track;
}

void track_clear(struct book *b)
{
	struct track_page *page = b->pages, *next;

	HASH_CLEAR(hh, b->pages);
	for (; page; page = next) {
		next = page->hh.next;
		free(page);
	}
	HASH_CLEAR(hh, b->lines);
	for (size_t i = 0; i < b->line_count; i++) {
		free(b->line[i]->name);
		free(b->line[i]->queue);
		free(b->line[i]->share);
		free(b->line[i]->wait);
		free(b->line[i]);
	}
	free(b->line);
	free(b->parent);
}

static struct book_line *line_new(struct book *b, const char *name, const char *queue,
				  const char *share)
{
	struct book_line *line = xcalloc(1, sizeof *line);

	line->name = xstrdup(name);
	line->queue = xstrdup(queue);
	line->share = xstrdup(share);
	line->self = (uint16_t)b->line_count;
	ARRAY_ROOM(b->line, b->line_count, b->line_cap);
	b->line[b->line_count++] = line;
	HASH_ADD_KEYPTR(hh, b->lines, line->name, strlen(line->name), line);
	return line;
}

uint16_t book_line_of(struct book *b, const char *queue, const char *share)
{
	char name[2 * LIMIT_NAME + 300];
	struct book_line *line;

	snprintf(name, sizeof name, "%s\t%s", queue, share ? share : "");
	HASH_FIND_STR(b->lines, name, line);
	if (!line && b->line_count >= UINT16_MAX)
		return b->line[b->line_count - 1]->self;
	return line ? line->self : line_new(b, name, queue, share)->self;
}
