/* CancelJob and TerminateJob (CX-1..CX-5). Unknown and ended jobs: nothing to do, and that
 * is a success. */
#include "config.h"
#include <string.h>
#include "jobdeck/model/limits.h"
#include "internal.h"

typedef int end_job(struct engine *e, int64_t key, const char *reason, struct err *err);

static int64_t characters(const char *text)
{
	int64_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static int end(struct api_call *c, end_job *how, struct err *err)
{
	const char *reason = json_str(c->in, "reason");
	int64_t key = find_job_key(c, json_str(c->in, "jobId"), err);

	if (characters(reason) > LIMIT_REASON)
		return err_set(err, ERR_INVALID, "reason must be at most %d characters",
			       LIMIT_REASON); /* CX-4 */
	if (key < 0)
		return -1;
	return key ? how(c->engine, key, reason, err) : 0;
}

int op_cancel_job(struct api_call *c, struct err *err)
{
	return end(c, engine_cancel, err);
}

int op_terminate_job(struct api_call *c, struct err *err)
{
	return end(c, engine_terminate, err);
}
