/* Jobdeck's own settings travel as tags, so that any SDK can send them: jobdeck:NAME. AWS
 * Batch stores such tags and does nothing with them. One table for all that are understood. */
#include "config.h"
#include "tags.h"
#include <string.h>
#include "internal.h"

enum { MOST_RUNNING = 1000000 };

static int bad(const char *key, const char *value, const char *right, struct err *err)
{
	return err_set(err, ERR_INVALID, "tags: %s must be %s, not '%.80s'", key, right, value);
}

static int read_flag(const char *key, const char *value, bool *out, struct err *err)
{
	static const char *const yes[] = { "on", "true", "yes", "1" };
	static const char *const no[] = { "off", "false", "no", "0", "" };

	for (size_t i = 0; i < ARRAY_LEN(yes); i++)
		if (strcmp(value, yes[i]) == 0) {
			*out = true;
			return 0;
		}
	for (size_t i = 0; i < ARRAY_LEN(no); i++)
		if (strcmp(value, no[i]) == 0) {
			*out = false;
			return 0;
		}
	return bad(key, value, "on or off", err);
}

static int read_most(const char *key, const char *value, int *out, struct err *err)
{
	size_t n = strspn(value, "0123456789");
	long most = n && n <= 7 && !value[n] ? strtol(value, NULL, 10) : -1;

	if (most < 0 || most > MOST_RUNNING)
		return bad(key, value, "a number of jobs, or 0 for no limit", err);
	*out = (int)most;
	return 0;
}

int tags_read_queue(struct queue *q, const cJSON *tags, struct err *err)
{
	const char *backfill = json_str_or(tags, TAG_BACKFILL, "");
	const char *most = json_str_or(tags, TAG_MAX_RUNNING, "0");

	if (read_flag(TAG_BACKFILL, backfill, &q->backfill, err) < 0)
		return -1;
	return read_most(TAG_MAX_RUNNING, most, &q->max_running, err);
}

int tags_read_job(struct job *job, const cJSON *tags, struct err *err)
{
	const char *hold = json_str_or(tags, TAG_HOLD, "");
	const char *after = json_str(tags, TAG_START_AFTER);
	jd_time t = after ? time_read(after) : 0;

	if (read_flag(TAG_HOLD, hold, &job->held, err) < 0)
		return -1;
	if (t < 0)
		return bad(TAG_START_AFTER, after, "a time like 2026-11-22T14:03:22Z", err);
	job->start_after = t;
	return 0;
}

/* Does the key continue the list that begins under `name`: NAME.2? */
static bool continues(const char *key, const char *name)
{
	size_t n = strlen(name);

	return strncmp(key, name, n) == 0 && (!key[n] || key[n] == '.');
}

int tags_each_after_any(const cJSON *tags, int (*each)(void *arg, const char *id, struct err *),
			void *arg, struct err *err)
{
	static const char between[] = ", ";
	const cJSON *tag;

	cJSON_ArrayForEach(tag, tags) {
		const char *p = continues(tag->string, TAG_AFTER_ANY) ? tag->valuestring : "";

		for (p += strspn(p, between); *p; p += strspn(p, between)) {
			size_t n = strcspn(p, between);
			cleanup_free char *id = xstrndup(p, n);

			if (each(arg, id, err) < 0)
				return -1;
			p += n;
		}
	}
	return 0;
}
