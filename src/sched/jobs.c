#include "config.h"
#include "family.h"
#include <assert.h>
#include <string.h>
#include "jobdeck/base/mem.h"

/* The jobs that live. Records come from a slab of chunks that never move, so that trees may
 * point at them; the index by key costs 5 bytes a job (uthash's own links in every record
 * would cost 58). */

static job_ref slot_take(struct sched *s)
{
	job_ref ref = s->job_free;

	if (ref) {
		s->job_free = jobs_at(s, ref)->next;
		return ref;
	}
	ref = ++s->job_top;
	if (ref >> CHUNK_BITS >= s->chunk_count) {
		ARRAY_ROOM(s->chunk, s->chunk_count, s->chunk_cap);
		s->chunk[s->chunk_count++] = xaligned(CACHE_LINE, CHUNK_JOBS * sizeof **s->chunk);
	}
	return ref;
}

/* When nothing lives any more, nearly all memory goes back. */
static void slots_forget(struct sched *s)
{
	while (s->chunk_count > 1)
		free(s->chunk[--s->chunk_count]);
	s->job_top = s->job_free = NO_REF;
	s->edge_top = s->edge_free = NO_REF;
}

static struct key_block *block_find(const struct sched *s, int64_t key)
{
	int64_t number = key / PAGE_KEYS / BLOCK_PAGES;
	struct key_block *block;

	HASH_FIND(hh, s->blocks, &number, sizeof number, block);
	return block;
}

static struct key_page **page_of(struct key_block *block, int64_t key)
{
	return &block->page[key / PAGE_KEYS % BLOCK_PAGES];
}

static void index_put(struct sched *s, int64_t key, job_ref ref)
{
	struct key_block *block = block_find(s, key);
	struct key_page **page;

	if (!block) {
		block = xcalloc(1, sizeof *block);
		block->number = key / PAGE_KEYS / BLOCK_PAGES;
		HASH_ADD(hh, s->blocks, number, sizeof block->number, block);
	}
	page = page_of(block, key);
	if (!*page) {
		*page = xcalloc(1, sizeof **page);
		block->used++;
	}
	(*page)->job[key % PAGE_KEYS] = ref;
	(*page)->used++;
}

static void index_remove(struct sched *s, int64_t key)
{
	struct key_block *block = block_find(s, key);
	struct key_page **page;

	assert(block); /* every live job is in one */
	page = page_of(block, key);
	(*page)->job[key % PAGE_KEYS] = NO_REF;
	if (--(*page)->used)
		return;
	free(*page);
	*page = NULL;
	if (--block->used)
		return;
	HASH_DEL(s->blocks, block);
	free(block);
}

static void index_clear(struct sched *s)
{
	struct key_block *block = s->blocks, *next;

	HASH_CLEAR(hh, s->blocks);
	for (; block; block = next) {
		next = block->hh.next;
		for (int i = 0; i < BLOCK_PAGES; i++)
			free(block->page[i]);
		free(block);
	}
}

struct live_job *jobs_find(const struct sched *s, int64_t key)
{
	struct key_block *block = key > 0 ? block_find(s, key) : NULL;
	const struct key_page *page = block ? *page_of(block, key) : NULL;
	job_ref ref = page ? page->job[key % PAGE_KEYS] : NO_REF;

	return ref ? jobs_at(s, ref) : NULL;
}

struct live_job *jobs_need(const struct sched *s, int64_t key, struct err *err)
{
	struct live_job *job = jobs_find(s, key);

	if (!job)
		err_set(err, ERR_NOT_FOUND, "there is no live job with key %lld", (long long)key);
	return job;
}

struct live_job *jobs_add(struct sched *s, int64_t key)
{
	job_ref ref = slot_take(s);
	struct live_job *job = jobs_at(s, ref);

	memset(job, 0, sizeof *job);
	job->key = job->order = key;
	job->self = ref;
	job->due = DUE_NONE;
	job->env = NO_INDEX;
	index_put(s, key, ref);
	s->live++;
	return job;
}

struct job_extra *jobs_extra(struct live_job *job)
{
	if (!job->extra)
		job->extra = xcalloc(1, sizeof *job->extra);
	return job->extra;
}

void jobs_count(struct sched *s, const struct live_job *job)
{
	struct live_queue *q = s->queue[job->queue];

	q->live++;
	if (job->kind != JOB_KIND_NODE)
		q->count[job->status]++;
}

static void uncount(struct sched *s, const struct live_job *job)
{
	struct live_queue *q = s->queue[job->queue];

	q->live--;
	if (job->kind != JOB_KIND_NODE)
		q->count[job->status]--;
}

static void free_extra(struct sched *s, struct live_job *job)
{
	if (job->extra)
		family_free(s, job->extra->family);
	free(job->extra);
}

void jobs_drop(struct sched *s, struct live_job *job)
{
	uncount(s, job);
	strategy_release(s, job->strategy);
	free(s->said);
	s->said = STEAL_PTR(job->reason);
	free_extra(s, job);
	index_remove(s, job->key);
	job->key = 0;
	job->next = s->job_free;
	s->job_free = job->self;
	if (--s->live == 0)
		slots_forget(s);
}

void jobs_each(const struct sched *s, void (*each)(void *arg, struct live_job *job), void *arg)
{
	for (job_ref ref = 1; ref <= s->job_top; ref++) {
		if (jobs_at(s, ref)->key)
			each(arg, jobs_at(s, ref));
	}
}

static void free_owned(void *arg, struct live_job *job)
{
	free(job->reason);
	free_extra(arg, job);
}

void jobs_clear(struct sched *s)
{
	jobs_each(s, free_owned, s);
	index_clear(s);
	for (size_t i = 0; i < s->chunk_count; i++)
		free(s->chunk[i]);
	free(s->chunk);
	free(s->edge);
	free(s->said);
}

void jobs_move(struct sched *s, struct live_job *job, enum job_status to)
{
	struct live_queue *q = s->queue[job->queue];

	if (job->kind == JOB_KIND_CHILD) {
		struct family *f = family_of(family_parent(s, job));

		f->count[job->status]--;
		f->count[to]++;
	}
	if (job->kind != JOB_KIND_NODE) {
		q->count[job->status]--;
		q->count[to]++;
	}
	job->status = (uint8_t)to;
}

void jobs_due(struct sched *s, struct live_job *job, enum due due)
{
	if (job->due != DUE_NONE) {
		struct due_list *old = &s->due[job->due];

		*(job->prev ? &jobs_at(s, job->prev)->next : &old->first) = job->next;
		*(job->next ? &jobs_at(s, job->next)->prev : &old->last) = job->prev;
	}
	job->due = due;
	if (due != DUE_NONE) {
		struct due_list *list = &s->due[due];

		job->prev = list->last;
		job->next = NO_REF;
		*(list->last ? &jobs_at(s, list->last)->next : &list->first) = job->self;
		list->last = job->self;
	}
}

bool jobs_active(const struct live_job *job)
{
	return job->status == JOB_STARTING || job->status == JOB_RUNNING;
}
