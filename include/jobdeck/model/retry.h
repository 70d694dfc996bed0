#ifndef JOBDECK_MODEL_RETRY_H
#define JOBDECK_MODEL_RETRY_H
#include <stdbool.h>
#include "jobdeck/model/limits.h"

/* One entry of evaluateOnExit (RT-2..RT-6). A NULL pattern was not given. */
struct retry_rule {
	char *on_exit_code, *on_reason, *on_status_reason; /* literal, or prefix and '*' */
	bool exit;					    /* action EXIT, else RETRY */
};

struct retry_strategy {
	int attempts; /* 1..10, total tries (RT-1) */
	int rule_count;
	struct retry_rule rule[LIMIT_EVALUATE_ON_EXIT];
};

void retry_strategy_fini(struct retry_strategy *r);
void retry_strategy_copy(struct retry_strategy *to, const struct retry_strategy *from);
/* Is another attempt due after one that ended with this exit code (-1: none), reason of
 * the container and reason of the status (NULL counts as "")? `attempt` counts from 1.
 * The caller has dealt with success, cancel, terminate and timeout (RT-7, RT-8). */
bool retry_is_due(const struct retry_strategy *r, int attempt, int exit_code, const char *reason,
		  const char *status_reason);

#endif
