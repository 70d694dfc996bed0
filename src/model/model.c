#include "config.h"
#include <inttypes.h>
#include <stdio.h>
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
	for (int i = 0; i < e->instance_type_count; i++)
		free(e->instance_types[i]);
	free(e->instance_types);
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
	copy->instance_types = xcalloc((size_t)e->instance_type_count, sizeof *e->instance_types);
	for (int i = 0; i < e->instance_type_count; i++)
		copy->instance_types[i] = xstrdup(e->instance_types[i]);
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
	free(q->policy);
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
	copy->policy = xstrdup(q->policy);
	copy->doc = xstrdup(q->doc);
	return copy;
}

void policy_free(struct policy *p)
{
	if (!p)
		return;
	for (int i = 0; i < p->share_count; i++)
		free(p->share[i].identifier);
	free(p->share);
	free(p->name);
	free(p->doc);
	free(p);
}

struct policy *policy_copy(const struct policy *p)
{
	struct policy *copy = xmalloc(sizeof *copy);

	*copy = *p;
	copy->name = xstrdup(p->name);
	copy->doc = xstrdup(p->doc);
	copy->share = xcalloc((size_t)p->share_count, sizeof *p->share);
	for (int i = 0; i < p->share_count; i++) {
		copy->share[i] = p->share[i];
		copy->share[i].identifier = xstrdup(p->share[i].identifier);
	}
	return copy;
}

void consumable_free(struct consumable *c)
{
	if (!c)
		return;
	free(c->name);
	free(c->doc);
	free(c);
}

void instance_fini(struct instance *i)
{
	free(i->env);
	free(i->type);
	memset(i, 0, sizeof *i);
}

/* Keys are small and follow each other; EC2's ids look like nothing: a multiplication by an
 * odd number, which can be undone, makes the one of the other. */
static const uint64_t id_factor = UINT64_C(0x9e3779b97f4a7c15);
static const uint64_t id_inverse = UINT64_C(0xf1de83e19937733d);

char *instance_id(int64_t key, char out[INSTANCE_ID_SIZE])
{
	snprintf(out, INSTANCE_ID_SIZE, "i-0%016" PRIx64, (uint64_t)key * id_factor);
	return out;
}

int64_t instance_key(const char *id)
{
	uint64_t number;
	char end;

	if (strlen(id) != INSTANCE_ID_SIZE - 1 || strncmp(id, "i-0", 3) != 0 ||
	    sscanf(id + 3, "%16" SCNx64 "%c", &number, &end) != 1)
		return 0;
	number *= id_inverse;
	return number <= INT64_MAX ? (int64_t)number : 0;
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
	for (size_t i = 0; i < job->depends_count; i++)
		free(job->depends[i].outcome);
	free(job->depends);
	for (int i = 0; i < job->consume_count; i++)
		free(job->consume[i].name);
	free(job->share);
	free(job->outcome);
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
