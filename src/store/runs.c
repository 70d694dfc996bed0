#include "config.h"
#include "jobdeck/base/mem.h"
#include "internal.h"

/* Past runs, for those who guess at future ones. Bounded: the newest of each queue. */

struct tell {
	int (*each)(void *, const struct past_run *);
	void *arg;
};

static int tell(const struct tell *t, const char *definition, const char *name, jd_time started,
		jd_time stopped)
{
	struct past_run run = { .definition = definition, .name = name, .ms = stopped - started };

	return started && stopped >= started ? t->each(t->arg, &run) : 0;
}

static int tell_children(struct store *st, int64_t parent, const char *definition, const char *name,
			 const struct tell *t, struct err *err)
{
	cleanup_query struct query q;
	int rc;

	query_open(&q, st, SQL_RUNS_OF_CHILDREN);
	put_int(&q, parent);
	put_int(&q, PAST_RUNS_OF_ARRAY);
	while ((rc = query_step(&q, err)) > 0) {
		jd_time started = take_int(&q);

		rc = tell(t, definition, name, started, take_int(&q));
		if (rc)
			break;
	}
	return rc;
}

static int tell_row(struct store *st, struct query *q, const struct tell *t, struct err *err)
{
	int64_t key = take_int(q);
	int kind = (int)take_int(q);
	cleanup_free char *definition = take_text(q);
	cleanup_free char *name = take_text(q);
	jd_time started = take_int(q);

	if (kind == JOB_KIND_ARRAY)
		return tell_children(st, key, definition, name, t, err);
	return tell(t, definition, name, started, take_int(q));
}

int store_past_runs(struct store *st, const char *queue, int limit,
		    int (*each)(void *, const struct past_run *), void *arg, struct err *err)
{
	const struct tell t = { each, arg };
	cleanup_query struct query q;
	int rc;

	query_open(&q, st, SQL_RECENT_RUNS);
	put_text(&q, queue);
	put_int(&q, limit);
	while ((rc = query_step(&q, err)) > 0) {
		rc = tell_row(st, &q, &t, err);
		if (rc)
			break;
	}
	return rc;
}

int store_what(struct store *st, int64_t key, char **definition, char **name, struct err *err)
{
	cleanup_query struct query q;
	int rc;

	query_open(&q, st, SQL_JOB_WHAT);
	put_int(&q, key);
	rc = query_step(&q, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no job %lld", (long long)key);
	if (rc < 0)
		return -1;
	*definition = take_text(&q);
	*name = take_text(&q);
	return 0;
}
