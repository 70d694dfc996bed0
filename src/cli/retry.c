/* submit --retry: a small language for AWS's retry strategies. Nothing of its punctuation can
 * stand in a pattern (RT-4), so it needs no quoting. */
#include "config.h"
#include "retry.h"
#include <string.h>
#include <strings.h>
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/model/limits.h"

static const struct {
	const char *word, *member;
} conditions[] = {
	{ "exit", "onExitCode" },
	{ "reason", "onReason" },
	{ "status", "onStatusReason" },
};

/* Cuts `text` at the first `mark` and returns what is behind it, or NULL. */
static char *cut(char *text, char mark)
{
	char *at = strchr(text, mark);

	if (!at)
		return NULL;
	*at = '\0';
	return at + 1;
}

static int add_condition(cJSON *rule, char *text, struct err *err)
{
	char *pattern = cut(text, ':');

	for (size_t i = 0; pattern && *pattern && i < ARRAY_LEN(conditions); i++) {
		if (strcmp(text, conditions[i].word) != 0)
			continue;
		json_replace(rule, conditions[i].member, cJSON_CreateString(pattern));
		return 0;
	}
	return err_set(err, ERR_INVALID,
		       _("--retry: '%s' is none of exit:CODE, reason:TEXT and status:TEXT"), text);
}

static int add_action(cJSON *rule, const char *action, struct err *err)
{
	if (!action || (strcasecmp(action, "retry") != 0 && strcasecmp(action, "exit") != 0))
		return err_set(err, ERR_INVALID, "%s",
			       _("--retry: each rule ends with =retry or =exit"));
	json_add_str(rule, "action", strcasecmp(action, "exit") == 0 ? "EXIT" : "RETRY");
	return 0;
}

/* "exit:137+reason:Out*=retry" */
static int add_rule(cJSON *rules, char *text, struct err *err)
{
	cleanup_json cJSON *rule = cJSON_CreateObject();
	const char *action = cut(text, '=');

	if (add_action(rule, action, err) < 0)
		return -1;
	while (text) {
		char *next = cut(text, '+');

		if (add_condition(rule, text, err) < 0)
			return -1;
		text = next;
	}
	cJSON_AddItemToArray(rules, STEAL_PTR(rule));
	return 0;
}

static int add_attempts(cJSON *strategy, const char *text, struct err *err)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (end == text || *end || n < 1 || n > LIMIT_ATTEMPTS)
		return err_set(err, ERR_INVALID,
			       _("--retry begins with the number of tries in all, 1 to %d, not "
				 "'%s'"),
			       LIMIT_ATTEMPTS, text);
	json_add_int(strategy, "attempts", n);
	return 0;
}

cJSON *retry_parse(const char *text, struct err *err)
{
	cleanup_json cJSON *strategy = cJSON_CreateObject();
	cleanup_free char *copy = xstrdup(text);
	char *rest = cut(copy, ',');
	cJSON *rules;

	if (add_attempts(strategy, copy, err) < 0)
		return NULL;
	rules = rest ? cJSON_AddArrayToObject(strategy, "evaluateOnExit") : NULL;
	while (rest) {
		char *next = cut(rest, ',');

		if (add_rule(rules, rest, err) < 0)
			return NULL;
		rest = next;
	}
	return STEAL_PTR(strategy);
}
