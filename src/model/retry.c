#include "config.h"
#include "jobdeck/model/retry.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/mem.h"

void retry_strategy_fini(struct retry_strategy *r)
{
	for (int i = 0; i < r->rule_count; i++) {
		free(r->rule[i].on_exit_code);
		free(r->rule[i].on_reason);
		free(r->rule[i].on_status_reason);
	}
	r->rule_count = 0;
}

void retry_strategy_copy(struct retry_strategy *to, const struct retry_strategy *from)
{
	*to = *from;
	for (int i = 0; i < from->rule_count; i++) {
		to->rule[i].on_exit_code = xstrdup(from->rule[i].on_exit_code);
		to->rule[i].on_reason = xstrdup(from->rule[i].on_reason);
		to->rule[i].on_status_reason = xstrdup(from->rule[i].on_status_reason);
	}
}

/* RT-4: literal, or a prefix ending in one '*'. A pattern that was not given matches. */
static bool matches(const char *pattern, const char *text)
{
	size_t n;

	if (!pattern)
		return true;
	n = strlen(pattern);
	if (n && pattern[n - 1] == '*')
		return strncmp(pattern, text, n - 1) == 0;
	return strcmp(pattern, text) == 0;
}

static bool exit_code_matches(const char *pattern, int exit_code)
{
	char text[16];

	if (!pattern)
		return true;
	if (exit_code < 0) /* RT-6: no exit code never matches */
		return false;
	snprintf(text, sizeof text, "%d", exit_code);
	return matches(pattern, text);
}

bool retry_is_due(const struct retry_strategy *r, int attempt, int exit_code, const char *reason,
		  const char *status_reason)
{
	if (attempt >= r->attempts)
		return false;
	for (int i = 0; i < r->rule_count; i++) {
		const struct retry_rule *rule = &r->rule[i];

		if (exit_code_matches(rule->on_exit_code, exit_code) &&
		    matches(rule->on_reason, reason ? reason : "") &&
		    matches(rule->on_status_reason, status_reason ? status_reason : ""))
			return !rule->exit;
	}
	return true; /* RT-5: no entry matches means RETRY */
}
