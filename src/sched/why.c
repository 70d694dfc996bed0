#include "config.h"
#include "ladder.h"
#include <stdio.h>

/* The ladder of sched_why: every rung in its order; the first that says WAIT is what to fix.
 * Those after it are not reached, but what can never be is told wherever it is found. */

const char *ladder_name(const struct ladder *l, int64_t key, char buf[LADDER_NAME_SIZE])
{
	buf[0] = '\0';
	if (l->name_job)
		l->name_job(l->arg, key, buf, LADDER_NAME_SIZE);
	if (!buf[0])
		snprintf(buf, LADDER_NAME_SIZE, "job %lld", (long long)key);
	return buf;
}

static judge_rung *const judges[RUNG_COUNT] = {
	[RUNG_DEPENDENCIES] = why_dependencies,
	[RUNG_QUEUE] = why_queue,
	[RUNG_ORDER] = why_order,
	[RUNG_FITS] = why_fits,
	[RUNG_ROOM] = why_room,
	[RUNG_ENVIRONMENT] = why_environment,
	[RUNG_SHARES] = why_shares,
	[RUNG_CONSUMABLES] = why_consumables,
	[RUNG_PLACEMENT] = why_placement,
};

static void climb(const struct ladder *l, struct why *out)
{
	bool reached = true;

	for (int i = 0; i < RUNG_COUNT; i++) {
		struct why_rung *rung = &out->rung[i];
		struct tale text = tell_in(rung->text, sizeof rung->text);
		struct tale help = tell_in(rung->help, sizeof rung->help);

		rung->verdict = judges[i](l, &text, &help);
		if (!reached && rung->verdict != VERDICT_NEVER) {
			rung->verdict = VERDICT_NOT_REACHED;
			rung->text[0] = rung->help[0] = '\0';
		}
		reached &= rung->verdict == VERDICT_OK || rung->verdict == VERDICT_NOT_REACHED;
	}
}

bool sched_why(const struct sched *s, int64_t key, jd_time now,
	       void (*name_job)(void *arg, int64_t key, char *out, size_t size), void *arg,
	       struct why *out)
{
	struct ladder l = { .s = s, .key = key, .now = now, .name_job = name_job, .arg = arg };

	l.subject = evidence_subject(s, key);
	if (!l.subject.job)
		return false;
	l.q = s->queue[l.subject.job->queue];
	*out = (struct why){ .status = l.subject.status };
	climb(&l, out);
	return true;
}
