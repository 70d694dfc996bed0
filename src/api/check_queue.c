/* What a job queue may be told beside its environments: time limits for blocked heads (BL-1)
 * and its scheduling policy (JQ-7). */
#include "config.h"
#include <string.h>
#include "jobdeck/model/reason.h"
#include "internal.h"

enum { LIMIT_LEAST_S = 600, LIMIT_MOST_S = 86400 };

/* Only some of the reasons may be named; the text is the part before " - ". */
static bool find_reason(const char *text, enum blocked *out)
{
	static const struct {
		enum blocked reason;
		const char *code;
		bool usable;
	} reasons[] = {
#define X(name, code, tail, usable) { BLOCKED_##name, code, usable },
		BLOCKED_TEXTS(X)
#undef X
	};

	for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
		if (!reasons[i].usable || strcmp(reasons[i].code, text) != 0)
			continue;
		*out = reasons[i].reason;
		return true;
	}
	return false;
}

static int read_limit(struct queue *q, const cJSON *action, struct err *err)
{
	struct time_limit *limit = &q->limit[q->limit_count];
	int64_t seconds = json_int(action, "maxTimeSeconds", 0);

	if (!find_reason(json_str_or(action, "reason", ""), &limit->reason))
		return err_set(err, ERR_INVALID, "Invalid job reason");
	if (strcmp(json_str_or(action, "action", ""), "CANCEL") != 0)
		return err_set(err, ERR_INVALID, "Invalid job action. Valid job actions: [CANCEL]");
	if (seconds < LIMIT_LEAST_S || seconds > LIMIT_MOST_S)
		return err_set(err, ERR_INVALID, "maxTimeSeconds must be between %d and %d",
			       LIMIT_LEAST_S, LIMIT_MOST_S);
	for (int i = 0; i < q->limit_count; i++)
		if (q->limit[i].reason == limit->reason)
			return err_set(err, ERR_INVALID,
				       "Duplicate job state limit actions are not allowed.");
	limit->max_ms = seconds * 1000;
	q->limit_count++;
	return 0;
}

int queue_read_limits(struct queue *q, const cJSON *actions, struct err *err)
{
	const cJSON *action;

	if (!actions)
		return 0;
	if (cJSON_GetArraySize(actions) > LIMIT_TIME_ACTIONS)
		return err_set(err, ERR_INVALID,
			       "jobStateTimeLimitActions can have at most %d elements",
			       LIMIT_TIME_ACTIONS);
	q->limit_count = 0;
	cJSON_ArrayForEach(action, actions) {
		if (read_limit(q, action, err) < 0)
			return -1;
	}
	return 0;
}

/* JQ-7. */
int queue_read_policy(struct api_call *c, struct queue *q, bool is_new, struct err *err)
{
	const char *text = json_str(c->in, "schedulingPolicyArn");
	struct policy *p;

	if (!text)
		return 0;
	if (!is_new && !q->policy)
		return err_set(err, ERR_INVALID,
			       "A job queue without a fair-share scheduling policy is scheduled as "
			       "a FIFO job queue and can't have a fair-share scheduling policy "
			       "added.");
	if (!is_new && !*text)
		return err_set(err, ERR_INVALID,
			       "After a job queue has a fair-share scheduling policy, it can be "
			       "replaced but can't be removed.");
	p = find_policy(c, text, err);
	if (!p)
		return -1;
	str_replace(&q->policy, p->name);
	policy_free(p);
	return 0;
}
