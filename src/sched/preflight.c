#include "config.h"
#include "evidence.h"
#include <string.h>

/* What would become of a job if it were submitted: asked of a record that is made up for the
 * question and is in no list. */

/* Consumables are in no reason of section 10, but too few of them keep it for ever as well. */
static void tell_consumables(const struct sched *s, const struct job *said, struct tale *t)
{
	for (int i = 0; i < said->consume_count && !t->len; i++) {
		const struct live_consumable *c;

		HASH_FIND_STR(s->consumables, said->consume[i].name, c);
		if (!c)
			tell(t, "consumable resource %s does not exist", said->consume[i].name);
		else if (said->consume[i].quantity > c->total - c->spent)
			tell(t, "needs %lld of %s, there are %lld at most: can never run",
			     (long long)said->consume[i].quantity, c->name,
			     (long long)(c->total - c->spent));
	}
}

static void tell_misfit(const struct sched *s, const struct live_queue *q,
			const struct live_job *job, enum blocked found, struct tale *t)
{
	if (found == BLOCKED_ENVIRONMENTS_INVALID)
		tell(t, "all compute environments of %s are INVALID", q->name);
	else
		evidence_tell_never(s, q, job, t);
}

static int32_t clamp(int64_t n, int32_t most)
{
	return n < most ? (int32_t)n : most;
}

/* A record with only what placing asks for. */
static struct live_job made_up(const struct live_queue *q, const struct job *said,
			       const struct resources *need)
{
	return (struct live_job){
		.kind = said->kind == JOB_KIND_MULTINODE ? JOB_KIND_NODE : said->kind,
		.platform = said->platform,
		.queue = q->self,
		.vcpu_milli = clamp(need->vcpu_milli, INT32_MAX),
		.memory_mib = clamp(need->memory_mib, INT32_MAX),
		.gpus = (uint16_t)clamp(need->gpus, UINT16_MAX),
	};
}

static enum blocked ask(const struct sched *s, const struct live_queue *q, const struct job *said,
			const struct resources *need, struct tale *t)
{
	struct live_job job = made_up(q, said, need);
	uint16_t type;
	enum blocked found = blocked_misfit(s, q, &job, &type);

	if (found != BLOCKED_NOT)
		tell_misfit(s, q, &job, found, t);
	return found;
}

/* All nodes at once: with as much of a family as the question needs. */
static enum blocked ask_gang(const struct sched *s, const struct live_queue *q,
			     const struct job *said, struct tale *t)
{
	struct gang gang = { .main = said->main_node, .need_count = said->node_need_count };
	struct family family = { .size = said->size, .gang = &gang };
	struct job_extra extra = { .family = &family };
	struct resources all = gang_total(said);
	struct live_job job = made_up(q, said, &all);
	uint16_t type;
	enum blocked found;

	memcpy(gang.need, said->node_need, sizeof gang.need);
	job.kind = JOB_KIND_MULTINODE;
	job.extra = &extra;
	found = blocked_misfit(s, q, &job, &type);
	if (found != BLOCKED_NOT)
		tell_misfit(s, q, &job, found, t);
	return found;
}

/* Of a multi-node job: the first node range that fits nowhere; or the whole. */
static enum blocked ask_nodes(const struct sched *s, const struct live_queue *q,
			      const struct job *said, struct tale *t)
{
	for (int i = 0; i < said->node_need_count; i++) {
		const struct node_need *range = &said->node_need[i];
		enum blocked found = ask(s, q, said, &range->need, t);

		if (found != BLOCKED_NOT)
			return found;
	}
	return ask_gang(s, q, said, t);
}

enum blocked sched_preflight(const struct sched *s, const struct job *said, char *text, size_t size)
{
	const struct live_queue *q = queues_find(s, said->queue);
	struct tale t = tell_in(text, size);
	enum blocked found;

	if (!q)
		return BLOCKED_NOT;
	found = said->kind == JOB_KIND_MULTINODE ? ask_nodes(s, q, said, &t) :
						   ask(s, q, said, &said->need, &t);
	if (found == BLOCKED_NOT)
		tell_consumables(s, said, &t);
	return found;
}
