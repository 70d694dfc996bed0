#include "config.h"
#include <string.h>
#include <uthash.h>
#include "jobdeck/base/mem.h"
#include "internal.h"

/* How many jobs of each queue have each status: counted once when the database is opened
 * and kept up with every job that moves, so that asking costs nothing however many jobs
 * there are. What the open transaction changed is kept apart, so that a rollback forgets it. */

struct queue_counts {
	char *queue;
	int64_t committed[JOB_COUNT], changed[JOB_COUNT];
	UT_hash_handle hh;
};

static struct queue_counts *of_queue(struct store *st, const char *queue)
{
	struct queue_counts *c;

	HASH_FIND_STR(st->counts, queue, c);
	if (!c) {
		c = xcalloc(1, sizeof *c);
		c->queue = xstrdup(queue);
		HASH_ADD_KEYPTR(hh, st->counts, c->queue, strlen(c->queue), c);
	}
	return c;
}

int counts_load(struct store *st, struct err *err)
{
	cleanup_query struct query q;
	int rc;

	query_open(&q, st, SQL_COUNTS);
	while ((rc = query_step(&q, err)) > 0) {
		struct queue_counts *c = of_queue(st, look_text(&q));
		int64_t status = take_int(&q);

		if (status < 0 || status >= JOB_COUNT)
			return err_set(err, ERR_CORRUPT,
				       "%s: a job has a status that none can have", st->path);
		c->committed[status] = take_int(&q);
	}
	return rc;
}

void counts_move(struct store *st, const char *queue, int from, int to)
{
	struct queue_counts *c = of_queue(st, queue);

	if (from >= 0)
		c->changed[from]--;
	c->changed[to]++;
}

void counts_commit(struct store *st)
{
	for (struct queue_counts *c = st->counts; c; c = c->hh.next) {
		for (int i = 0; i < JOB_COUNT; i++)
			c->committed[i] += c->changed[i];
		memset(c->changed, 0, sizeof c->changed);
	}
}

void counts_rollback(struct store *st)
{
	for (struct queue_counts *c = st->counts; c; c = c->hh.next)
		memset(c->changed, 0, sizeof c->changed);
}

void counts_free(struct store *st)
{
	struct queue_counts *c, *next;

	HASH_ITER(hh, st->counts, c, next) {
		HASH_DEL(st->counts, c); /* NOLINT(clang-analyzer-unix.Malloc): not so */
		free(c->queue);
		free(c);
	}
}

int store_counts(struct store *st, const char *queue, int64_t count[JOB_COUNT], struct err *err)
{
	const struct queue_counts *c;

	(void)err;
	HASH_FIND_STR(st->counts, queue, c);
	for (int i = 0; i < JOB_COUNT; i++)
		count[i] = c ? c->committed[i] + c->changed[i] : 0;
	return 0;
}
