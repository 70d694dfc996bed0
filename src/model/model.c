#include "config.h"
#include <string.h>
#include "jobdeck/base/mem.h"
#include "jobdeck/model/definition.h"
#include "jobdeck/model/environment.h"
#include "jobdeck/model/fact.h"
#include "jobdeck/model/job.h"
#include "jobdeck/model/queue.h"

/* The plain things' memory. */

void environment_free(struct environment *e)
{
	if (!e)
		return;
	free(e->name);
	free(e->status_reason);
	free(e->doc);
	free(e);
}

struct environment *environment_copy(const struct environment *e)
{
	struct environment *copy = xmalloc(sizeof *copy);

	*copy = *e;
	copy->name = xstrdup(e->name);
	copy->status_reason = xstrdup(e->status_reason);
	copy->doc = xstrdup(e->doc);
	return copy;
}

void queue_free(struct queue *q)
{
	if (!q)
		return;
	for (int i = 0; i < q->env_count; i++)
		free(q->env[i]);
	free(q->name);
	free(q->status_reason);
	free(q->doc);
	free(q);
}

struct queue *queue_copy(const struct queue *q)
{
	struct queue *copy = xmalloc(sizeof *copy);

	*copy = *q;
	for (int i = 0; i < q->env_count; i++)
		copy->env[i] = xstrdup(q->env[i]);
	copy->name = xstrdup(q->name);
	copy->status_reason = xstrdup(q->status_reason);
	copy->doc = xstrdup(q->doc);
	return copy;
}

void definition_free(struct definition *d)
{
	if (!d)
		return;
	free(d->name);
	free(d->doc);
	free(d);
}

void job_free(struct job *job)
{
	if (!job)
		return;
	free(job->name);
	free(job->queue);
	free(job->definition);
	free(job->depends);
	free(job->doc);
	free(job->status_reason);
	retry_strategy_fini(&job->retry);
	free(job);
}

void attempt_fini(struct attempt *a)
{
	free(a->env);
	free(a->status_reason);
	free(a->reason);
	memset(a, 0, sizeof *a);
}

const char *fact_name(enum fact_kind kind)
{
	static const char *const names[] = {
#define X(name) #name,
		FACT_TABLE(X)
#undef X
	};

	return (size_t)kind < ARRAY_LEN(names) ? names[kind] : "?";
}
