#include "config.h"
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

int store_usage(struct store *st, jd_time now, int (*each)(void *, const struct usage *), void *arg,
		struct err *err)
{
	jd_time window = longest_window(st, err);
	cleanup_query struct query q = { 0 };
	int rc;

	if (window <= 0)
		return (int)window;
	query_open(&q, st, SQL_JOURNAL_BACK);
	while ((rc = query_step(&q, err)) > 0) {
		jd_time at = take_int(&q);
		enum fact_kind kind = (enum fact_kind)take_int(&q);
		int64_t job = take_int(&q);

		if (at <= now - window)
			return 0;
		if (kind != FACT_ENDED)
			continue;
		rc = tell_attempt(st, job, (int)take_int(&q), now, each, arg, err);
		if (rc)
			break;
	}
	return rc;
}
