/* Log streams by name: one group, and in it one stream for each attempt (LOG-1). */
#include "config.h"
#include <string.h>
#include "internal.h"

const char stream_group[] = "/aws/batch/job";

/* A name, or as identifier also an ARN that ends in it. */
static bool is_our_group(const char *text)
{
	const char *in_arn = strstr(text, ":log-group:");

	if (strncmp(text, "arn:", 4) == 0 && in_arn)
		text = in_arn + strlen(":log-group:");
	return strcmp(text, stream_group) == 0;
}

int stream_check_group(const cJSON *in, struct err *err)
{
	const char *name = json_str(in, "logGroupName"), *id = json_str(in, "logGroupIdentifier");

	if (!name == !id)
		return err_set(
			err, ERR_INVALID,
			"Exactly one of logGroupName and logGroupIdentifier must be specified");
	if (!is_our_group(name ? name : id))
		return err_set(err, ERR_NOT_FOUND, "The specified log group does not exist.");
	return 0;
}

/* The name must be exactly that of an attempt that was made: names that merely decode to a
 * job are no streams. */
int stream_find(struct api_call *c, const char *name, int64_t *job, int *attempt, struct err *err)
{
	struct job *j = NULL;
	int64_t key;
	int number;
	bool found = false;

	if (engine_log_find(c->engine, name, &key, &number) == 0)
		j = store_job(c->store, key, err);
	if (j && number >= 1 && number <= j->attempt) {
		cleanup_free char *its = engine_log_stream(j, number);

		found = strcmp(its, name) == 0;
	}
	job_free(j);
	if (!found)
		return err_set(err, ERR_NOT_FOUND, "The specified log stream does not exist.");
	*job = key;
	*attempt = number;
	return 0;
}
