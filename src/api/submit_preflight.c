/* What speaks against a job, told at its submission instead of days later: can it ever run, can
 * its retry rules ever match, is its share known, do its overrides fit. For our own client, which
 * asks by saying `jobdeckStrict`; with true a warning is an error. */
#include "config.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "jobdeck/model/reason.h"
#include "submit.h"

static void __attribute__((format(printf, 2, 3))) warn(struct submission *s, const char *fmt, ...)
{
	char *text cleanup_free = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	cJSON_AddItemToArray(s->warnings, cJSON_CreateString(text));
}

/* --- retry ------------------------------------------------------------------------------ */

/* All that an attempt can end with and still be retried; what follows '%' varies. */
static const char *const status_reasons[] = { REASON_EXITED, REASON_START_FAILED,
					      REASON_HOST_TERMINATED, REASON_SPOT_TASK, NULL };

/* Can a pattern match a text that begins like `known`? */
static bool may_match(const char *pattern, const char *known)
{
	size_t fixed = strcspn(known, "%"), n = strlen(pattern);
	bool prefix = n && pattern[n - 1] == '*', varies = known[fixed] != '\0';

	n -= prefix;
	if (strncmp(pattern, known, n < fixed ? n : fixed) != 0)
		return false;
	return n == fixed || (n < fixed ? prefix : varies);
}

static bool any_may_match(const char *pattern)
{
	for (const char *const *known = status_reasons; *known; known++)
		if (may_match(pattern, *known))
			return true;
	return false;
}

static bool is_catch_all(const struct retry_rule *r)
{
	return !r->on_exit_code && (!r->on_reason || strcmp(r->on_reason, "*") == 0) &&
	       (!r->on_status_reason || strcmp(r->on_status_reason, "*") == 0);
}

static void look_at_rule(struct submission *s, const struct retry_rule *r, int number)
{
	const char *code = r->on_exit_code, *status = r->on_status_reason;

	if (code && !strchr(code, '*') && strtol(code, NULL, 10) == 0)
		warn(s,
		     "retry rule %d waits for exit code 0, which is success and never retried "
		     "(RT-8)",
		     number);
	else if (code && strtol(code, NULL, 10) > 255)
		warn(s, "retry rule %d waits for exit code %.20s, but there is none above 255",
		     number, code);
	if (status && strncmp(status, REASON_TIMEOUT, strcspn(status, "*")) == 0 &&
	    !any_may_match(status))
		warn(s, "retry rule %d waits for a timeout, which is never retried (RT-7)", number);
	else if (status && !any_may_match(status))
		warn(s,
		     "retry rule %d can never match: no attempt ends with a status reason like "
		     "'%.60s'",
		     number, status);
}

/* RT-5: the first that matches decides; none that matches is RETRY. */
static void look_at_retry(struct submission *s)
{
	const struct retry_strategy *r = &s->job->retry;
	bool exits = false;

	if (r->rule_count && r->attempts == 1) {
		warn(s, "its retry rules have no effect: attempts is 1");
		return;
	}
	for (int i = 0; i < r->rule_count; i++) {
		look_at_rule(s, &r->rule[i], i + 1);
		exits |= r->rule[i].exit;
		if (is_catch_all(&r->rule[i]) && i + 1 < r->rule_count)
			warn(s, "retry rules after rule %d are never reached: it matches always",
			     i + 1);
		if (is_catch_all(&r->rule[i]))
			return;
	}
	if (r->rule_count && !exits)
		warn(s,
		     "its retry rules change nothing: they all say RETRY, and so it is when none "
		     "matches; add one that says EXIT");
}

/* --- share ------------------------------------------------------------------------------ */

static bool share_fits(const char *entry, const char *share)
{
	size_t n = strlen(entry);

	if (n && entry[n - 1] == '*')
		return strncmp(entry, share, n - 1) == 0;
	return strcmp(entry, share) == 0;
}

static void look_at_share(struct submission *s)
{
	struct policy *p =
		s->queue->policy ? store_policy(s->c->store, s->queue->policy, NULL) : NULL;
	bool known = false;

	for (int i = 0; p && i < p->share_count; i++)
		known |= share_fits(p->share[i].identifier, s->job->share);
	if (p && p->share_count && !known)
		warn(s, "share identifier %.80s is not in scheduling policy %s: it has weight 1.0",
		     s->job->share, p->name);
	policy_free(p);
}

/* --- where it could run ------------------------------------------------------------------ */

/* What the scheduler does not look at, for it can change by itself: nobody is at home. */
static void look_at_environments(struct submission *s)
{
	bool multinode = s->job->kind == JOB_KIND_MULTINODE;
	int enabled = 0, fit = 0;

	for (int i = 0; i < s->queue->env_count; i++) {
		struct environment *e = find_environment(s->c, s->queue->env[i], NULL);

		if (!e)
			continue;
		enabled += e->state == STATE_ENABLED;
		fit += e->type == CE_MANAGED && e->cr_type == CR_EC2;
		environment_free(e);
	}
	if (s->queue->env_count && !enabled)
		warn(s, "every compute environment of job queue %s is DISABLED", s->queue->name);
	if (multinode && !fit) /* MNP-4 */
		warn(s,
		     "multi-node parallel jobs run only in managed EC2 environments, and job "
		     "queue %s has none",
		     s->queue->name);
}

static void look_at_fit(struct submission *s)
{
	char text[300] = "";

	sched_preflight(engine_sched(s->c->engine), s->job, text, sizeof text);
	if (*text)
		warn(s, "%s%s", strncmp(text, "needs ", 6) == 0 ? "it " : "", text);
}

/* --- the rest ----------------------------------------------------------------------------- */

/* PAR-2: what nobody gave stays as it is. */
static void look_at_command(struct submission *s, const cJSON *container)
{
	static const char mark[] = "Ref::";
	const cJSON *word;

	cJSON_ArrayForEach(word, json_get(container, "command")) {
		const char *at = strstr(word->valuestring, mark);

		if (at)
			warn(s, "nobody gave the parameter that '%.60s' in its command stands for",
			     at);
	}
}

static void look_at_commands(struct submission *s, const cJSON *doc)
{
	const cJSON *ranges = json_get(json_get(doc, "nodeProperties"), "nodeRangeProperties"),
		    *range;

	look_at_command(s, json_get(doc, "container"));
	cJSON_ArrayForEach(range, ranges)
		look_at_command(s, json_get(range, "container"));
}

static void look_at_depends(struct submission *s)
{
	for (size_t i = 0; i < s->job->depends_count; i++) {
		const struct dependency *d = &s->job->depends[i];
		struct job *other = NULL;

		if (d->type == DEPENDENCY_PLAIN)
			other = store_job(s->c->store, d->job, NULL);
		if (other && other->status == JOB_FAILED)
			warn(s, "it will fail at once: job %s, on which it depends, has FAILED",
			     other->id);
		job_free(other);
	}
}

/* All of it in one line, as far as an error can hold it. */
static int refuse(const struct submission *s, struct err *err)
{
	struct buf all cleanup_buf;
	const cJSON *text;

	buf_init(&all, sizeof err->text);
	cJSON_ArrayForEach(text, s->warnings)
		buf_addf(&all, "%s%s", all.len ? "; " : "", text->valuestring);
	return err_set(err, ERR_INVALID, "refused, for jobdeckStrict is set: %s", buf_str(&all));
}

int submit_preflight(struct submission *s, const cJSON *doc, struct err *err)
{
	if (!json_get(s->c->in, "jobdeckStrict"))
		return 0;
	s->warnings = cJSON_CreateArray();
	if (s->doomed)
		warn(s, "it will fail at once: %s", s->doomed);
	look_at_fit(s);
	look_at_environments(s);
	look_at_share(s);
	look_at_retry(s);
	look_at_depends(s);
	look_at_commands(s, doc);
	if (!s->warnings->child || !json_bool(s->c->in, "jobdeckStrict", false))
		return 0;
	return refuse(s, err);
}
