/* Filter words, as one types them after "/". */
#include "config.h"
#include "filter.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool is_state(const char *word, const struct snap_job *job)
{
	bool final = job_status_is_final(job->status);
	bool runs = job->status == JOB_STARTING || job->status == JOB_RUNNING;

	if (strcasecmp(word, "waiting") == 0)
		return !final && !runs;
	if (strcasecmp(word, "live") == 0)
		return !final;
	if (strcasecmp(word, "ended") == 0)
		return final;
	return strcasecmp(word, job_status_name(job->status)) == 0;
}

static bool matches(const char *word, const struct snap_job *job)
{
	if (strncasecmp(word, "state:", 6) == 0)
		return is_state(word + 6, job);
	return strcasestr(job->name, word) || strncmp(job->id, word, strlen(word)) == 0 ||
	       is_state(word, job);
}

bool filter_match(const char *filter, const struct snap_job *job)
{
	char word[256];

	for (const char *p = filter + strspn(filter, " "); *p; p += strspn(p, " ")) {
		size_t len = strcspn(p, " ");
		bool out = *p == '!';

		snprintf(word, sizeof word, "%.*s", (int)(len - out), p + out);
		p += len;
		if (*word && matches(word, job) == out)
			return false;
	}
	return true;
}
