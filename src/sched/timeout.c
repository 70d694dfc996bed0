#include "config.h"
#include "internal.h"

/* Attempts that may run only so long (TO-1), ordered by the moment at which their time is up,
 * then by key. Time counts from the attempt's own start. */

jd_time timeout_at(const struct live_job *job)
{
	return job->in_timeouts ? job->started + (int64_t)job->timeout_s * 1000 : JD_NEVER;
}

static int compare(const struct live_job *a, const struct live_job *b)
{
	jd_time ta = timeout_at(a), tb = timeout_at(b);

	if (ta != tb)
		return ta < tb ? -1 : 1;
	return (a->key > b->key) - (a->key < b->key);
}

/* cppcheck-suppress unknownMacro */
RB_GENERATE_STATIC(timeouts, live_job, link, compare)

void timeout_add(struct sched *s, struct live_job *job)
{
	if (job->timeout_s <= 0)
		return;
	job->in_timeouts = true;
	RB_INSERT(timeouts, &s->timeouts, job);
}

void timeout_remove(struct sched *s, struct live_job *job)
{
	if (!job->in_timeouts)
		return;
	RB_REMOVE(timeouts, &s->timeouts, job);
	job->in_timeouts = false;
}

struct live_job *timeout_first(const struct sched *s)
{
	struct timeouts head = s->timeouts;

	return RB_MIN(timeouts, &head);
}

jd_time timeout_after(const struct sched *s, jd_time now)
{
	jd_time first = JD_NEVER;
	struct live_job *job = RB_ROOT(&s->timeouts);

	while (job) { /* all to the left are earlier */
		if (timeout_at(job) > now) {
			first = timeout_at(job);
			job = RB_LEFT(job, link);
		} else {
			job = RB_RIGHT(job, link);
		}
	}
	return first;
}
