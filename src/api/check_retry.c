/* Retry strategies (RT-1..RT-4) and timeouts (TO-1): what is allowed, and what they mean. */
#include "config.h"
#include <ctype.h>
#include <string.h>
#include "jobdeck/model/limits.h"
#include "internal.h"

static const struct condition {
	const char *member;
	bool digits_only;
} conditions[] = { { "onExitCode", true }, { "onReason", false }, { "onStatusReason", false } };

/* RT-4: letters, digits, '.', ':', blank and tab, and one '*' at the very end. */
static bool pattern_is_good(const char *text, bool digits_only)
{
	size_t n = strlen(text);

	if (n && text[n - 1] == '*')
		n--;
	for (size_t i = 0; i < n; i++) {
		unsigned char ch = (unsigned char)text[i];
		bool good = digits_only ? ch >= '0' && ch <= '9' :
					  ch < 128 && (isalnum(ch) || strchr(".: \t", ch));

		if (!good)
			return false;
	}
	return true;
}

static int check_condition(const cJSON *rule, const struct condition *c, int *given,
			   struct err *err)
{
	const char *text = json_str(rule, c->member);

	if (!text)
		return 0;
	++*given;
	if (strlen(text) > LIMIT_PATTERN)
		return err_set(err, ERR_INVALID,
			       "Evaluate on exit condition cannot exceed %d characters.",
			       LIMIT_PATTERN);
	if (!*text || !pattern_is_good(text, c->digits_only))
		return err_set(err, ERR_INVALID,
			       "Evaluate on exit condition contains restricted characters. (%s)",
			       c->member);
	return 0;
}

static int check_rule(const cJSON *rule, struct err *err)
{
	int given = 0;

	for (size_t i = 0; i < ARRAY_LEN(conditions); i++)
		if (check_condition(rule, &conditions[i], &given, err) < 0)
			return -1;
	if (given)
		return 0;
	return err_set(err, ERR_INVALID,
		       "EvaluateOnExit should contain at least one of onExitCode, onReason or "
		       "onStatusReason");
}

int check_retry(const cJSON *strategy, struct err *err)
{
	int64_t attempts = json_int(strategy, "attempts", 0);
	const cJSON *rule;

	if (!strategy)
		return 0;
	if (!json_get(strategy, "attempts"))
		return err_set(err, ERR_INVALID,
			       "RetryAttempts must be provided with retry strategy.");
	if (attempts < 1 || attempts > LIMIT_ATTEMPTS)
		return err_set(err, ERR_INVALID, "retryStrategy.attempts must be between 1 and %d",
			       LIMIT_ATTEMPTS);
	if (json_count(strategy, "evaluateOnExit") > LIMIT_EVALUATE_ON_EXIT)
		return err_set(err, ERR_INVALID,
			       "Up to %d evaluateOnExit condition can be specified.",
			       LIMIT_EVALUATE_ON_EXIT);
	cJSON_ArrayForEach(rule, json_get(strategy, "evaluateOnExit")) {
		if (check_rule(rule, err) < 0)
			return -1;
	}
	return 0;
}

/* RT-3: actions are taken in any case and shown in lower case. */
void retry_tidy(cJSON *strategy)
{
	const cJSON *rule;

	cJSON_ArrayForEach(rule, json_get(strategy, "evaluateOnExit")) {
		const cJSON *action = json_get(rule, "action");

		for (char *p = action ? action->valuestring : NULL; p && *p; p++)
			*p = (char)tolower((unsigned char)*p);
	}
}

void retry_read(const cJSON *strategy, struct retry_strategy *out)
{
	const cJSON *rule;

	memset(out, 0, sizeof *out);
	out->attempts = (int)json_int(strategy, "attempts", 1);
	cJSON_ArrayForEach(rule, json_get(strategy, "evaluateOnExit")) {
		struct retry_rule *r = &out->rule[out->rule_count++];

		r->on_exit_code = xstrdup(json_str(rule, "onExitCode"));
		r->on_reason = xstrdup(json_str(rule, "onReason"));
		r->on_status_reason = xstrdup(json_str(rule, "onStatusReason"));
		r->exit = tolower((unsigned char)json_str_or(rule, "action", "")[0]) == 'e';
	}
}

int check_timeout(const cJSON *timeout, struct err *err)
{
	const cJSON *seconds = json_get(timeout, "attemptDurationSeconds");

	if (!seconds || seconds->valuedouble >= LIMIT_TIMEOUT_MIN_S)
		return 0;
	return err_set(err, ERR_INVALID, "timeout.attemptDurationSeconds must be at least %d",
		       LIMIT_TIMEOUT_MIN_S);
}
