#include "config.h"
#include <string.h>
#include "jobdeck/base/mem.h"
#include "lists.h"

/* Jobs and attempts to rows and back. The order of the columns is that of the COLUMNS_ in
 * sql.h. */

int64_t row_flags(bool cancelled, bool terminated, bool timed_out, bool held)
{
	return (cancelled ? FLAG_CANCELLED : 0) | (terminated ? FLAG_TERMINATED : 0) |
	       (timed_out ? FLAG_TIMED_OUT : 0) | (held ? FLAG_HELD : 0);
}

void row_put_job(struct query *q, const struct job *job, enum job_status status)
{
	put_int(q, job->key);
	put_text(q, job->id);
	put_text(q, job->name);
	put_text(q, job->queue);
	put_text(q, job->definition);
	put_int(q, job->need.vcpu_milli);
	put_int(q, job->need.memory_mib);
	put_int(q, job->need.gpus);
	put_int_unless(q, job->timeout_s, 0);
	put_int(q, job->retry.attempts);
	put_text_taken(q, list_print_rules(&job->retry));
	put_int(q, status);
	put_text(q, job->status_reason);
	put_int(q, row_flags(job->cancelled, job->terminated, job->timed_out, job->held));
	put_int(q, job->created);
	put_int_unless(q, job->started, 0);
	put_int_unless(q, job->stopped, 0);
	put_int(q, job->attempt);
	put_int(q, job->order);
	put_text_taken(q, list_print_depends(job));
	put_int(q, job->kind);
	put_int_unless(q, job->parent, 0);
	put_int_unless(q, job->size, 0);
	put_text(q, job->share);
	put_int_unless(q, job->priority, 0);
	put_text_taken(q, list_print_consume(job));
	put_int_unless(q, job->sequential, false);
	put_int_unless(q, job->platform, PLATFORM_EC2);
	put_int_unless(q, job->main_node, 0);
	put_text_taken(q, list_print_needs(job));
	put_int_unless(q, job->start_after, 0);
	put_int_unless(q, job->blocked_since, 0);
}

static void take_flags(struct query *q, struct job *job)
{
	int64_t flags = take_int(q);

	job->cancelled = flags & FLAG_CANCELLED;
	job->terminated = flags & FLAG_TERMINATED;
	job->timed_out = flags & FLAG_TIMED_OUT;
	job->held = flags & FLAG_HELD;
}

/* What came with version 2. */
static int take_more(struct query *q, struct job *job, struct err *err)
{
	job->kind = (enum job_kind)take_int(q);
	job->parent = take_int(q);
	job->size = (int)take_int(q);
	job->share = take_text(q);
	job->priority = (int)take_int(q);
	if (list_take_consume(q, job, err))
		return -1;
	job->sequential = take_int(q);
	job->platform = (enum platform)take_int(q);
	job->main_node = (int)take_int(q);
	if (list_take_needs(q, job, err))
		return -1;
	job->start_after = take_int(q);
	job->blocked_since = take_int(q);
	return 0;
}

static int take_job(struct query *q, struct job *job, struct err *err)
{
	const char *id;

	job->key = take_int(q);
	id = look_text(q);
	memcpy(job->id, id, strnlen(id, sizeof job->id - 1));
	job->name = take_text(q);
	job->queue = take_text(q);
	job->definition = take_text(q);
	job->need.vcpu_milli = take_int(q);
	job->need.memory_mib = take_int(q);
	job->need.gpus = (int32_t)take_int(q);
	job->timeout_s = (int)take_int(q);
	job->retry.attempts = (int)take_int(q);
	if (list_take_rules(q, &job->retry, err))
		return -1;
	job->status = (enum job_status)take_int(q);
	job->status_reason = take_text(q);
	take_flags(q, job);
	job->created = take_int(q);
	job->started = take_int(q);
	job->stopped = take_int(q);
	job->attempt = (int)take_int(q);
	job->order = take_int(q);
	return list_take_depends(q, job, err) || take_more(q, job, err) ? -1 : 0;
}

struct job *row_take_job(struct query *q, struct err *err)
{
	struct job *job = xcalloc(1, sizeof *job);

	if (take_job(q, job, err)) {
		job_free(job);
		return NULL;
	}
	return job;
}

void row_take_attempt(struct query *q, struct attempt *a, struct attempt_more *more)
{

	a->job = take_int(q);
	a->number = (int)take_int(q);
	a->env = take_text(q);
	a->slot = (int)take_int_or(q, -1);
	a->placed = take_int(q);
	a->started = take_int(q);
	a->stopped = take_int(q);
	a->exit_code = (int)take_int_or(q, -1);
	a->status_reason = take_text(q);
	a->reason = take_text(q);
	a->instance = take_int(q);
	a->gpu_set = (uint64_t)take_int(q);
	a->waits = take_int(q);
	more->released = take_int(q);
	more->stopping = (int)take_int_or(q, -1);
	a->waits &= !more->released;
}
