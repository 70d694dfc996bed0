/* Jobs as people name them, and what the API's answer about a job means to them. */
#include "config.h"
#include "job.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/time.h"
#include "jobdeck/base/uuid.h"
#include "jobdeck/model/arn.h"
#include "table.h"

enum { SHOWN_CANDIDATES = 10, ASKED_CANDIDATES = 100 };

static const struct column candidate_columns[] = {
	{ .title = N_("JOB") },
	{ .title = N_("NAME"), .least = 8 },
	{ .title = N_("QUEUE"), .least = 8 },
	{ .title = N_("STATUS") },
	{ .title = N_("AGE"), .right = true },
};

static void list_candidates(const cJSON *jobs)
{
	jd_time now = time_wall();
	struct table t;
	char age[32];
	int left = SHOWN_CANDIDATES;
	const cJSON *job;

	table_init(&t, candidate_columns, ARRAY_LEN(candidate_columns));
	cJSON_ArrayForEach(job, jobs) {
		if (left-- == 0)
			break;
		table_add(&t, json_str(job, "jobId"));
		table_add(&t, json_str(job, "jobName"));
		table_add(&t, json_str(job, "jobQueue"));
		table_add(&t, json_str(job, "status"));
		table_add(&t, time_age(now - json_int(job, "createdAt", now), age, sizeof age));
	}
	fflush(stdout);
	table_print(&t, stderr, table_width(stderr));
	table_fini(&t);
}

static int many_candidates(const cJSON *jobs, const char *text, struct err *err)
{
	int n = cJSON_GetArraySize(jobs);

	list_candidates(jobs);
	if (n > SHOWN_CANDIDATES)
		return err_set(
			err, ERR_INVALID,
			n < ASKED_CANDIDATES ?
				_("'%s' names %d jobs, the newest are above; say which by its id") :
				_("'%s' names %d jobs or more, the newest are above; say which by "
				  "its id"),
			text, n);
	return err_set(err, ERR_INVALID, _("'%s' names %d jobs; say which by its id"), text, n);
}

/* Where ":3" of a child or "#0" of a node begins, or the end of the text. */
static size_t index_at(const char *text)
{
	const char *mark = strrchr(text, '#') ? strrchr(text, '#') : strrchr(text, ':');
	size_t digits = mark ? strspn(mark + 1, "0123456789") : 0;

	return digits && !mark[1 + digits] ? (size_t)(mark - text) : strlen(text);
}

/* The id of the one job that is not said by its id. */
static char *search(struct cmd_run *r, const char *text, struct err *err)
{
	cJSON *in = cJSON_CreateObject();
	cleanup_json cJSON *out = NULL;
	const cJSON *jobs;

	json_add_str(in, "text", text);
	json_add_int(in, "limit", ASKED_CANDIDATES);
	out = client_wait(r->client, "JobdeckFindJobs", in, err);
	if (!out)
		return NULL;
	jobs = json_get(out, "jobs");
	if (cJSON_GetArraySize(jobs) == 1)
		return xstrdup(json_str_or(cJSON_GetArrayItem(jobs, 0), "jobId", ""));
	if (cJSON_GetArraySize(jobs) > 1)
		many_candidates(jobs, text, err);
	else
		err_set(err, ERR_NOT_FOUND,
			_("no job is called '%s' and no id begins so; 'jobdeck jobs' lists them"),
			text);
	return NULL;
}

char *job_resolve(struct cmd_run *r, const char *text, struct err *err)
{
	const char *bare = arn_name("job", text);
	size_t n = index_at(bare ? bare : text);
	cleanup_free char *id = xstrndup(bare ? bare : text, n);

	if (!bare || !uuid_is(id)) {
		char *found = search(r, id, err);

		if (!found)
			return NULL;
		free(id);
		id = found;
	}
	return xasprintf("%s%s", id, (bare ? bare : text) + n);
}

cJSON *job_describe(struct cmd_run *r, const char *id, struct err *err)
{
	cJSON *in = cJSON_CreateObject();
	cleanup_json cJSON *out = NULL;

	json_add(in, "jobs", cJSON_CreateStringArray(&id, 1));
	out = client_wait(r->client, "DescribeJobs", in, err);
	if (!out)
		return NULL;
	if (json_count(out, "jobs") == 0) {
		err_set(err, ERR_NOT_FOUND, _("there is no job %s; 'jobdeck jobs' lists them"), id);
		return NULL;
	}
	return cJSON_DetachItemFromArray(cJSON_GetObjectItemCaseSensitive(out, "jobs"), 0);
}

const char *job_status_of(const cJSON *job)
{
	return json_str_or(job, "status", "?");
}

bool job_ended(const cJSON *job)
{
	const char *s = job_status_of(job);

	return strcmp(s, "SUCCEEDED") == 0 || strcmp(s, "FAILED") == 0;
}

/* Exit code, Batch's reason and the container's reason in one phrase; each may be missing. */
static char *story(const cJSON *container, const char *reason, char *out, size_t size)
{
	int64_t code = json_int(container, "exitCode", -1);
	const char *inner = json_str_or(container, "reason", "");
	const char *colon = *inner && *reason ? ": " : "";

	if (code < 0)
		snprintf(out, size, "%s%s%s", reason, colon, inner);
	else if (*reason || *inner)
		snprintf(out, size, _("exit code %d (%s%s%s)"), (int)code, reason, colon, inner);
	else
		snprintf(out, size, _("exit code %d"), (int)code);
	return out;
}

char *job_counts(const cJSON *summary)
{
	char *text = xstrdup("");
	const cJSON *item;

	cJSON_ArrayForEach(item, summary) {
		char *more;

		if (item->valuedouble < 1)
			continue;
		more = xasprintf("%s%s%.0f %s", text, *text ? ", " : "", item->valuedouble,
				 item->string);
		free(text);
		text = more;
	}
	return text;
}

char *job_story(const cJSON *job, char *out, size_t size)
{
	const char *status = job_status_of(job);

	*out = '\0';
	if (strcmp(status, "FAILED") == 0)
		return story(json_get(job, "container"), json_str_or(job, "statusReason", ""), out,
			     size);
	if (!job_ended(job)) {
		const cJSON *summary = json_get(json_get(job, "arrayProperties"), "statusSummary");
		cleanup_free char *counts = job_counts(summary);

		snprintf(out, size, "%s",
			 *counts ? counts :
				   json_str_or(job, "jobdeckWhy",
					       json_str_or(job, "statusReason", "")));
	}
	return out;
}

int job_exit_status(const cJSON *job)
{
	int64_t code = json_int(json_get(job, "container"), "exitCode", 0);

	if (strcmp(job_status_of(job), "FAILED") != 0)
		return EXIT_DONE;
	return code > 0 && code < 256 ? (int)code : EXIT_FAILED;
}

static bool runs(const cJSON *detail)
{
	const char *s = job_status_of(detail);

	return strcmp(s, "STARTING") == 0 || strcmp(s, "RUNNING") == 0;
}

int job_attempts(const cJSON *detail)
{
	return json_count(detail, "attempts") + runs(detail);
}

bool job_attempt_ended(const cJSON *detail, int number)
{
	return number <= json_count(detail, "attempts");
}

const char *job_attempt_stream(const cJSON *detail, int number)
{
	const cJSON *attempts = json_get(detail, "attempts");

	if (number < 1 || number > job_attempts(detail))
		return NULL;
	if (!job_attempt_ended(detail, number))
		return json_str(json_get(detail, "container"), "logStreamName");
	return json_str(json_get(cJSON_GetArrayItem(attempts, number - 1), "container"),
			"logStreamName");
}

char *job_attempt_story(const cJSON *detail, int number, char *out, size_t size)
{
	const cJSON *attempt = cJSON_GetArrayItem(json_get(detail, "attempts"), number - 1);

	return story(json_get(attempt, "container"), json_str_or(attempt, "statusReason", ""), out,
		     size);
}
