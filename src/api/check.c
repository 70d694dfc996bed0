/* Rules of the service that no schema has and that several operations share. */
#include "config.h"
#include <string.h>
#include <strings.h>
#include "jobdeck/base/text.h"
#include "jobdeck/model/limits.h"
#include "internal.h"

int check_name(const char *what, const char *name, struct err *err)
{
	if (text_is_name(name, false))
		return 0;
	return err_set(err, ERR_INVALID, "%s name should match a valid pattern.", what);
}

int check_tags(const cJSON *in, struct err *err)
{
	const cJSON *tag;

	cJSON_ArrayForEach(tag, json_get(in, "tags")) {
		if (strncasecmp(tag->string, "aws:", 4) == 0)
			return err_set(err, ERR_INVALID,
				       "tags: aws: prefixed tag key names are not allowed for "
				       "external use.");
	}
	return 0;
}

int check_count(const cJSON *in, const char *member, struct err *err)
{
	if (json_count(in, member) <= LIMIT_DESCRIBE_IDS)
		return 0;
	return err_set(err, ERR_INVALID, "Maximum number of %s supported is %d", member,
		       LIMIT_DESCRIBE_IDS);
}

static int64_t characters(const char *text)
{
	int64_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

int check_reason(const cJSON *in, struct err *err)
{
	if (characters(json_str(in, "reason")) <= LIMIT_REASON)
		return 0;
	return err_set(err, ERR_INVALID, "reason must be at most %d characters", LIMIT_REASON);
}

int check_bulk(const cJSON *in, struct err *err)
{
	if (json_count(in, "jobs") <= LIMIT_BULK_JOBS)
		return 0;
	return err_set(err, ERR_INVALID, "Maximum number of jobs supported is %d",
		       LIMIT_BULK_JOBS);
}

int check_absent(const cJSON *in, const char *const *members, struct err *err)
{
	for (; *members; members++)
		if (json_get(in, *members))
			return err_set(err, ERR_INVALID, "%s is not supported by Jobdeck yet",
				       *members);
	return 0;
}
