#include "config.h"
#include <string.h>
#include "jobdeck/base/mem.h"
#include "internal.h"

/* Lists of jobs. Every one of them must answer at once in a home of a million jobs. */

/* What more jobs than this have in common is not looked up by its index: see is_rare. */
enum { FEW = 20000 };

/* The first and last text that a filter lets through. */
struct range {
	char *first, *last;
};

static void range_fini(struct range *r)
{
	free(r->first);
	free(r->last);
}
#define cleanup_range __attribute__((cleanup(range_fini)))

static struct range range_all(void)
{
	return (struct range){ xstrdup(""), xstrdup(TEXT_LAST) };
}

static struct range range_prefix(const char *text, size_t len, const char *more)
{
	return (struct range){ xasprintf("%.*s%s", (int)len, text, more),
			       xasprintf("%.*s%s" TEXT_LAST, (int)len, text, more) };
}

/* "x*" or "x" */
static struct range range_of_name(const char *name)
{
	size_t len = name ? strlen(name) : 0;

	if (!name)
		return range_all();
	if (len && name[len - 1] == '*')
		return range_prefix(name, len - 1, "");
	return (struct range){ xstrdup(name), xstrdup(name) };
}

/* "NAME*", "NAME" or "NAME:REVISION" */
static struct range range_of_definition(const char *definition)
{
	if (definition && definition[strcspn(definition, ":*")] == '\0')
		return range_prefix(definition, strlen(definition), ":");
	return range_of_name(definition);
}

/* A key such that jobs created before `t` have lower ones and all others that or higher. Keys
 * and times of creation rise together (the engine's clock never goes back), so an index on
 * the time is not needed. */
static int64_t key_created_from(struct store *st, jd_time t, struct err *err)
{
	cleanup_query struct query last;
	int64_t low = 1, high;

	query_open(&last, st, SQL_LAST_JOB);
	if (query_step(&last, err) < 0)
		return -1;
	high = take_int(&last) + 1;
	while (low < high) {
		int64_t middle = low + (high - low) / 2, key;
		cleanup_query struct query q;

		query_open(&q, st, SQL_CREATED_FROM);
		put_int(&q, middle);
		if (query_step(&q, err) <= 0) /* there is one up to `high` */
			return -1;
		key = take_int(&q);
		if (take_int(&q) >= t)
			high = middle;
		else
			low = key + 1;
	}
	return low;
}

/* Keys strictly between which the wanted jobs are. */
static int key_bounds(struct store *st, const struct job_query *want, int64_t *low, int64_t *high,
		      struct err *err)
{
	*low = 0;
	*high = INT64_MAX;
	if (want->created_after && (*low = key_created_from(st, want->created_after, err) - 1) < 0)
		return -1;
	if (want->created_before && (*high = key_created_from(st, want->created_before, err)) < 0)
		return -1;
	if (want->after && want->newest_first && want->after < *high)
		*high = want->after;
	if (want->after && !want->newest_first && want->after > *low)
		*low = want->after;
	return 0;
}

/* Whether so few jobs are in the range that reading just those and sorting them is cheaper
 * than walking the queue in order until the page is full. */
static bool is_rare(struct store *st, enum sql count, const struct range *r)
{
	cleanup_query struct query q;

	query_open(&q, st, count);
	put_text(&q, r->first);
	put_text(&q, r->last);
	put_int(&q, FEW);
	return query_step(&q, NULL) > 0 && take_int(&q) < FEW;
}

static enum sql list_statement(struct store *st, const struct job_query *want,
			       const struct range *name, const struct range *definition,
			       const struct range *share)
{
	if (want->name && is_rare(st, SQL_NAME_COUNT, name))
		return want->newest_first ? SQL_LIST_NAME_DOWN : SQL_LIST_NAME;
	if (want->definition && is_rare(st, SQL_DEFINITION_COUNT, definition))
		return want->newest_first ? SQL_LIST_DEFINITION_DOWN : SQL_LIST_DEFINITION;
	if (want->share && is_rare(st, SQL_SHARE_COUNT, share))
		return want->newest_first ? SQL_LIST_SHARE_DOWN : SQL_LIST_SHARE;
	if (want->status < 0)
		return want->newest_first ? SQL_LIST_ALL_DOWN : SQL_LIST_ALL;
	return want->newest_first ? SQL_LIST_STATUS_DOWN : SQL_LIST_STATUS;
}

static int each_job(struct query *q, int (*each)(void *, const struct job *), void *arg,
		    struct err *err)
{
	int rc;

	while ((rc = query_step(q, err)) > 0) {
		struct job *job = row_take_job(q, err);

		rc = job ? each(arg, job) : -1;
		job_free(job);
		if (rc)
			break;
	}
	return rc;
}

int store_jobs(struct store *st, const struct job_query *want,
	       int (*each)(void *, const struct job *), void *arg, struct err *err)
{
	cleanup_range struct range name = range_of_name(want->name);
	cleanup_range struct range definition = range_of_definition(want->definition);
	cleanup_range struct range share = range_of_name(want->share);
	cleanup_query struct query q = { 0 };
	int64_t low, high;

	if (key_bounds(st, want, &low, &high, err))
		return -1;
	query_open(&q, st, list_statement(st, want, &name, &definition, &share));
	put_text(&q, want->queue);
	put_int(&q, low);
	put_int(&q, high);
	put_int(&q, want->created_after ? want->created_after : INT64_MIN);
	put_int(&q, want->created_before ? want->created_before : INT64_MAX);
	put_text(&q, name.first);
	put_text(&q, name.last);
	put_text(&q, definition.first);
	put_text(&q, definition.last);
	put_int(&q, want->status);
	put_int(&q, want->limit);
	put_text(&q, want->share ? share.first : NULL);
	put_text(&q, want->share ? share.last : NULL);
	return each_job(&q, each, arg, err);
}

int store_children(struct store *st, int64_t parent, int status, int64_t after, int limit,
		   int (*each)(void *, const struct job *), void *arg, struct err *err)
{
	cleanup_query struct query q;

	query_open(&q, st, status < 0 ? SQL_CHILDREN : SQL_CHILDREN_STATUS);
	put_int(&q, parent);
	put_int(&q, after > parent ? after : parent);
	put_int(&q, parent + LIMIT_ARRAY);
	put_int(&q, limit);
	if (status >= 0)
		put_int(&q, status);
	return each_job(&q, each, arg, err);
}

int store_consumers(struct store *st, const struct consumer_query *want,
		    int (*each)(void *, const struct job *, int64_t quantity), void *arg,
		    struct err *err)
{
	cleanup_range struct range name = range_of_name(want->name);
	cleanup_query struct query q;
	int rc;

	query_open(&q, st, SQL_CONSUMERS);
	put_text(&q, want->consumable);
	put_int(&q, want->after ? want->after : INT64_MAX);
	put_int(&q, want->status);
	put_text(&q, name.first);
	put_text(&q, name.last);
	put_int(&q, want->limit);
	while ((rc = query_step(&q, err)) > 0) {
		struct job *job = row_take_job(&q, err);

		rc = job ? each(arg, job, take_int(&q)) : -1;
		job_free(job);
		if (rc)
			break;
	}
	return rc;
}
