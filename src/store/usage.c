#include "config.h"
#include "jobdeck/base/mem.h"
#include "internal.h"

/* What shares used lately, for the scheduler after a restart (FS-5). The journal tells which
 * attempts ended last: it is read backwards as far as the longest window of any queue, so no
 * index is needed that every job would have to pay for. */

enum { MS = 1000 };

static jd_time longest_window(struct store *st, struct err *err)
{
	cleanup_query struct query q;
	int rc;

	query_open(&q, st, SQL_USAGE_WINDOW);
	rc = query_step(&q, err);
	return rc > 0 ? take_int(&q) * MS : rc;
}

/* An attempt that ended, if its job has a share and it is still within its queue's window. */
static int tell_attempt(struct store *st, int64_t job, int attempt, jd_time now,
			int (*each)(void *, const struct usage *), void *arg, struct err *err)
{
	cleanup_query struct query q;
	struct usage u;
	int rc;

	query_open(&q, st, SQL_USAGE);
	put_int(&q, job);
	put_int(&q, attempt);
	rc = query_step(&q, err);
	if (rc <= 0)
		return rc;
	u.queue = look_text(&q);
	u.share = look_text(&q);
	u.vcpu_milli = take_int(&q);
	u.from = take_int(&q);
	u.to = take_int(&q);
	return u.to > now - take_int(&q) * MS ? each(arg, &u) : 0;
}

struct ended {
	int64_t job;
	int attempt;
};

struct ends {
	struct ended *list;
	size_t count, cap;
};

/* What ended since, the newest first. */
static int gather(struct store *st, jd_time since, struct ends *out, struct err *err)
{
	cleanup_query struct query q;
	int rc;

	query_open(&q, st, SQL_JOURNAL_BACK);
	while ((rc = query_step(&q, err)) > 0) {
		jd_time at = take_int(&q);
		enum fact_kind kind = (enum fact_kind)take_int(&q);
		struct ended end = { .job = take_int(&q) };

		if (at <= since)
			return 0;
		if (kind != FACT_ENDED)
			continue;
		end.attempt = (int)take_int(&q);
		ARRAY_ROOM(out->list, out->count, out->cap);
		out->list[out->count++] = end;
	}
	return rc;
}

int store_usage(struct store *st, jd_time now, int (*each)(void *, const struct usage *), void *arg,
		struct err *err)
{
	jd_time window = longest_window(st, err);
	struct ends ends = { .list = NULL };
	int rc;

	if (window <= 0)
		return (int)window;
	rc = gather(st, now - window, &ends, err);
	for (size_t i = ends.count; i-- > 0 && rc == 0;)
		rc = tell_attempt(st, ends.list[i].job, ends.list[i].attempt, now, each, arg, err);
	free(ends.list);
	return rc;
}
