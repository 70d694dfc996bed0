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

/* The last parent before the key: children's keys follow their parent's. 0: none. */
static int64_t parent_of(const struct book *b, int64_t key)
{
	size_t low = 0, high = b->parent_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (b->parent[middle] < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? b->parent[low - 1] : 0;
}

struct track *track_of(struct book *b, int64_t key)
{
	struct track *track = track_find(b, key), was;
	const struct track *parent;

	if (track)
		return track;
	parent = track_find(b, parent_of(b, key));
	if (!parent || parent->kind != JOB_KIND_ARRAY)
		return NULL;
	was = *parent;
	track = track_add(b, key);
	*track = was;
	track->kind = JOB_KIND_CHILD;
	return track;
}

void track_order(struct book *b, const struct job *job)
{
	struct track *track = track_find(b, job->key), *other;

	if (!track) /* it was added before */
		return;
	track->sequential = job->sequential;
	track->left = job->size;
	for (size_t i = 0; i < job->depends_count; i++) {
		other = track_find(b, job->depends[i].job);
		if (job->depends[i].type != DEPENDENCY_N_TO_N || !other)
			continue;
		other->leads = true;
		ARRAY_ROOM(b->pair, b->pair_count, b->pair_cap);
		b->pair[b->pair_count++] = (struct pair){ job->key, job->depends[i].job };
	}
}

jd_time track_runnable(const struct book *b, int64_t key, const struct track *track)
{
	const struct track *parent =
		track->kind == JOB_KIND_CHILD ? track_find(b, parent_of(b, key)) : NULL;

	return parent && parent->runnable > track->runnable ? parent->runnable : track->runnable;
}

static void free_from(struct book *b, int64_t array, int64_t index, jd_time at)
{
	const struct track *its = track_find(b, array);
	struct track *track = its && its->left > 0 ? track_of(b, array + 1 + index) : NULL;

	if (track && !track->started && at > track->runnable)
		track->runnable = at;
}

/* Where a pair's first array is gone, so is what the other waited for. */
void track_order_end(struct book *b, int64_t child, jd_time at)
{
	int64_t parent = parent_of(b, child);
	struct track *track = track_find(b, parent);
	size_t kept = 0;

	if (track)
		track->left--;
	if (track && track->sequential)
		free_from(b, parent, child - parent, at);
	if (!track || !track->leads)
		return;
	for (size_t i = 0; i < b->pair_count; i++) {
		struct pair pair = b->pair[i];

		if (!track_find(b, pair.of) || !track_find(b, pair.after))
			continue;
		b->pair[kept++] = pair;
		if (pair.after == parent)
			free_from(b, pair.of, child - parent - 1, at);
	}
	b->pair_count = kept;
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
	free(b->pair);
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
