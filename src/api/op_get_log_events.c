/* CloudWatch Logs' GetLogEvents. A token is a direction and a position in the log: "f/..." for
 * what comes after it, "b/..." for what came before it. At either end the same token comes
 * back, which is how callers know. */
#include "config.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "log_page.h"
#include "stream.h"

enum { EVENTS_MAX = 10000, DIGITS = 18 };

/* *direction: 1 forward, -1 backward, 0 when there is no token. */
static int read_token(const cJSON *in, int *direction, int64_t *position, struct err *err)
{
	const char *token = json_str_or(in, "nextToken", "");
	size_t n;

	*direction = 0;
	*position = -1;
	if (!*token)
		return 0;
	n = strlen(token) > 2 ? strspn(token + 2, "0123456789") : 0;
	if ((token[0] != 'f' && token[0] != 'b') || token[1] != '/' || n != DIGITS || token[2 + n])
		return err_set(err, ERR_INVALID, "The specified nextToken is invalid.");
	*direction = token[0] == 'f' ? 1 : -1;
	*position = (int64_t)strtoll(token + 2, NULL, 10);
	return 0;
}

static void add_token(cJSON *out, const char *member, char direction, int64_t position)
{
	char token[32];

	snprintf(token, sizeof token, "%c/%0*" PRId64, direction, (int)DIGITS, position);
	json_add_str(out, member, token);
}

static int read_page(struct api_call *c, struct log_page *p, struct err *err)
{
	int direction;
	int64_t position;

	if (read_token(c->in, &direction, &position, err) < 0)
		return -1;
	if (!direction && json_bool(c->in, "startFromHead", false)) {
		direction = 1;
		position = 0;
	}
	return direction > 0 ? log_page_forward(p, position, err) :
			       log_page_backward(p, position, err);
}

int op_get_log_events(struct api_call *c, struct err *err)
{
	struct log_page p = { .engine = c->engine };
	char group[LOG_GROUP_SIZE];

	if (stream_read_group(c->in, group, err) < 0 ||
	    stream_find(c, group, json_str(c->in, "logStreamName"), &p.job, &p.attempt, err) < 0)
		return -1;
	p.from = json_int(c->in, "startTime", 0);
	p.to = json_int(c->in, "endTime", INT64_MAX);
	p.limit = (int)json_int(c->in, "limit", EVENTS_MAX);
	p.events = cJSON_AddArrayToObject(c->out, "events");
	if (read_page(c, &p, err) < 0)
		return -1;
	add_token(c->out, "nextForwardToken", 'f', p.after);
	add_token(c->out, "nextBackwardToken", 'b', p.before);
	return 0;
}
