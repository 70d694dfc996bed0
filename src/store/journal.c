#include "config.h"
#include <inttypes.h>
#include "jobdeck/base/mem.h"
#include "internal.h"

/* One line for every fact: what happened, for a person and for a later look back. */

static char *stop_text(enum stop_cause cause)
{
	static const char *const causes[] = {
		[STOP_TERMINATED] = "terminated",     [STOP_TIMEOUT] = "timeout",
		[STOP_RECLAIMED] = "reclaimed",	      [STOP_REPLACED] = "replaced",
		[STOP_MAIN_NODE] = "main node ended",
	};

	return (size_t)cause < ARRAY_LEN(causes) ? xstrdup(causes[cause]) : NULL;
}

static char *place_text(const struct fact *f)
{
	char id[INSTANCE_ID_SIZE];

	if (!f->placed.instance)
		return xstrdup(f->placed.env);
	return xasprintf("%s %s", f->placed.env, instance_id(f->placed.instance, id));
}

static char *resources_text(const struct resources *r)
{
	return xasprintf("%.3f vCPU, %" PRId64 " MiB, %" PRId32 " GPU",
			 (double)r->vcpu_milli / 1000, r->memory_mib, r->gpus);
}

static char *state_text(const char *name, enum state state, enum status status)
{
	return xasprintf("%s %s %s", name, state_name(state), status_name(status));
}

static char *instance_text(int64_t key, const char *more, const char *most)
{
	char id[INSTANCE_ID_SIZE];

	return xasprintf("%s%s%s%s%s", instance_id(key, id), more ? " " : "", more ? more : "",
			 most ? " " : "", most ? most : "");
}

static char *consumable_text(const struct consumable *c)
{
	if (c->deleted)
		return xasprintf("%s deleted", c->name);
	return xasprintf("%s %s %" PRId64, c->name, consumable_type_name(c->type), c->total);
}

/* Of what is no job's. */
static char *place_fact_text(const struct fact *f)
{
	switch (f->kind) {
	case FACT_POOL:
		return resources_text(&f->pool);
	case FACT_ENVIRONMENT:
		return state_text(f->environment->name, f->environment->state,
				  f->environment->status);
	case FACT_ENVIRONMENT_STATUS:
		return xasprintf("%s %s", f->environment_status.name,
				 status_name(f->environment_status.status));
	case FACT_QUEUE:
		return state_text(f->queue->name, f->queue->state, f->queue->status);
	case FACT_POLICY:
		return xasprintf("%s%s", f->policy->name, f->policy->deleted ? " deleted" : "");
	case FACT_CONSUMABLE:
		return consumable_text(f->consumable);
	case FACT_INSTANCE_LAUNCHED:
		return instance_text(f->instance->key, f->instance->env, f->instance->type);
	case FACT_INSTANCE_UP:
	case FACT_INSTANCE_RECLAIMED:
	case FACT_INSTANCE_TERMINATED:
		return instance_text(f->instance_key, f->instance_reason, NULL);
	default:
		return NULL;
	}
}

/* The words for a fact. Caller frees. */
static char *journal_text(const struct fact *f)
{
	switch (f->kind) {
	case FACT_PLACED:
		return place_text(f);
	case FACT_STOPPING:
		return stop_text(f->stopping.cause);
	case FACT_ENDED:
		return xstrdup(f->ended.status_reason);
	case FACT_ROLLED_UP:
		return xstrdup(f->rolled_up.reason);
	case FACT_CANCELLED:
	case FACT_TERMINATED:
	case FACT_FAILED:
	case FACT_BLOCKED:
		return xstrdup(f->reason);
	default:
		return place_fact_text(f);
	}
}

int journal_write(struct store *st, const struct fact *f, const struct fact_effect *e,
		  struct err *err)
{
	int64_t job = f->kind == FACT_SUBMITTED ? f->submitted->key : f->job;
	struct query q;

	query_open(&q, st, SQL_INSERT_JOURNAL);
	put_int(&q, f->at);
	put_int(&q, f->kind);
	put_int_unless(&q, job, 0);
	put_int_unless(&q, f->attempt, 0);
	put_int_unless(&q, e->changed && f->kind != FACT_SUBMITTED ? (int64_t)e->from : -1, -1);
	put_int_unless(&q, e->changed ? (int64_t)e->to : -1, -1);
	put_text_taken(&q, journal_text(f));
	return query_run(&q, err);
}

/* The first line from `seq` on; false when there is none. */
static bool line_from(struct store *st, int64_t *seq, jd_time *at)
{
	cleanup_query struct query q;

	query_open(&q, st, SQL_JOURNAL_FROM);
	put_int(&q, *seq);
	if (query_step(&q, NULL) <= 0)
		return false;
	*seq = take_int(&q);
	*at = take_int(&q);
	return true;
}

static int64_t last_line(struct store *st)
{
	cleanup_query struct query q;

	query_open(&q, st, SQL_JOURNAL_LAST);
	return query_step(&q, NULL) > 0 ? take_int(&q) : 0;
}

/* Times never go back along the journal: it is halved. */
int64_t store_journal_before(struct store *st, jd_time at)
{
	int64_t low = 0, high = last_line(st) + 1; /* low is before; high and on are not */

	if (at == JD_NEVER)
		return high - 1;
	while (high - low > 1) {
		int64_t middle = low + (high - low) / 2, seq = middle;
		jd_time when;

		if (!line_from(st, &seq, &when))
			return low;
		if (when < at)
			low = seq;
		else
			high = middle;
	}
	return low;
}
