#include "config.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/mem.h"
#include "internal.h"

/* Arrays and multi-node jobs, and what belongs to them. A child or node has a row only from
 * the first fact on that changes it alone; before that it is worked out from its parent's.
 * Children of an array tend to come to be one after the other: their parent is kept at hand. */

/* A row by one key; NULL with ERR_NONE when there is none. */
static struct job *one_job(struct store *st, enum sql id, int64_t key, struct err *err)
{
	cleanup_query struct query q;
	int rc;

	query_open(&q, st, id);
	put_int(&q, key);
	rc = query_step(&q, err);
	if (rc == 0 && err)
		err->kind = ERR_NONE;
	return rc > 0 ? row_take_job(&q, err) : NULL;
}

static bool owns(const struct job *parent, int64_t key)
{
	return key > parent->key && key - parent->key <= parent->size;
}

/* The last row before the key is the parent's, or that of another of its children. */
struct job *family_parent(struct store *st, int64_t key, struct err *err)
{
	struct job *job = one_job(st, SQL_JOB_BEFORE, key, err);

	if (job && job->parent) {
		int64_t parent = job->parent;

		job_free(job);
		job = one_job(st, SQL_JOB_ROW, parent, err);
	}
	if (!job || owns(job, key))
		return job;
	job_free(job);
	if (err)
		err->kind = ERR_NONE;
	return NULL;
}

const struct job *family_parent_kept(struct store *st, int64_t key, struct err *err)
{
	if (st->parent && owns(st->parent, key))
		return st->parent;
	family_forget(st);
	st->parent = family_parent(st, key, err);
	return st->parent;
}

void family_forget(struct store *st)
{
	job_free(st->parent);
	st->parent = NULL;
}

/* What a node asks for; its range is in the list, for the ranges cover all nodes. */
static struct resources node_need(const struct job *parent, int index)
{
	for (int i = 0; i < parent->node_need_count; i++) {
		const struct node_need *n = &parent->node_need[i];

		if (n->first <= index && index <= n->last)
			return n->need;
	}
	return parent->need;
}

static void copy_consume(struct job *to, const struct job *from)
{
	to->consume_count = from->consume_count;
	for (int i = 0; i < from->consume_count; i++) {
		to->consume[i] = from->consume[i];
		to->consume[i].name = xstrdup(from->consume[i].name);
	}
}

/* MNP-6: the timeout covers the whole job, which is as long as its main node runs. What a
 * multi-node job takes of consumable resources it takes as a whole. */
static void become_node(struct job *node, const struct job *parent, int index)
{
	node->kind = JOB_KIND_NODE;
	node->need = node_need(parent, index);
	if (index != parent->main_node)
		node->timeout_s = 0;
}

struct job *family_member(const struct job *parent, int64_t key)
{
	bool is_node = parent->kind == JOB_KIND_MULTINODE;
	int index = (int)(key - parent->key - 1);
	struct job *job = xcalloc(1, sizeof *job);

	job->key = job->order = key;
	job->parent = parent->key;
	snprintf(job->id, sizeof job->id, "%.36s%c%d", parent->id, is_node ? '#' : ':', index);
	job->kind = JOB_KIND_CHILD;
	job->name = xstrdup(parent->name);
	job->queue = xstrdup(parent->queue);
	job->definition = xstrdup(parent->definition);
	job->need = parent->need;
	retry_strategy_copy(&job->retry, &parent->retry);
	job->timeout_s = parent->timeout_s;
	job->platform = parent->platform;
	job->share = xstrdup(parent->share);
	job->priority = parent->priority;
	job->status = JOB_PENDING;
	job->created = parent->created;
	if (is_node)
		become_node(job, parent, index);
	else
		copy_consume(job, parent);
	return job;
}

static char letter(int64_t status)
{
	return status == JOB_SUCCEEDED ? 'S' : status == JOB_FAILED ? 'F' : '.';
}

int family_outcome(struct store *st, const struct job *array, bool all, char **outcome,
		   struct err *err)
{
	cleanup_free char *letters = xmalloc((size_t)array->size + 1);
	cleanup_query struct query q;
	bool any = all;
	int rc;

	memset(letters, all ? 'F' : ' ', (size_t)array->size);
	letters[array->size] = '\0';
	query_open(&q, st, SQL_FAMILY);
	put_int(&q, array->key);
	while ((rc = query_step(&q, err)) > 0) {
		int64_t index = take_int(&q) - array->key - 1;

		if (index < 0 || index >= array->size)
			return err_set(err, ERR_CORRUPT,
				       "%s: job %" PRId64 " has no child %" PRId64, st->path,
				       array->key, index);
		letters[index] = letter(take_int(&q));
		any = true;
	}
	*outcome = rc == 0 && any ? STEAL_PTR(letters) : NULL;
	return rc;
}

static enum settled live_or_failed(const struct dependency *d, enum job_status status)
{
	if (!job_status_is_final(status))
		return SETTLED_LIVES;
	return d->type == DEPENDENCY_ANY ? SETTLED_MET : SETTLED_FAILED;
}

/* A child or node without a row is as its parent: waiting, or failed with it. */
static int settle_unmade(struct store *st, const struct dependency *d, struct err *err)
{
	struct err why = { 0 };
	struct job *parent = family_parent(st, d->job, &why);
	int settled;

	if (!parent && why.kind)
		return err_set(err, why.kind, "%s", why.text);
	if (!parent)
		return err_set(err, ERR_NOT_FOUND, "a job it depends on does not exist");
	settled = (int)live_or_failed(d, parent->status);
	job_free(parent);
	return settled;
}

static int settle_failed(struct store *st, const struct job *job, struct dependency *d,
			 struct err *err)
{
	if (d->type != DEPENDENCY_N_TO_N || job->kind != JOB_KIND_ARRAY)
		return SETTLED_FAILED;
	free(STEAL_PTR(d->outcome));
	return family_outcome(st, job, true, &d->outcome, err) ? -1 : SETTLED_OUTCOME;
}

int store_settle(struct store *st, struct dependency *d, struct err *err)
{
	struct err why = { 0 };
	struct job *job = one_job(st, SQL_JOB_ROW, d->job, &why);
	int settled;

	if (!job)
		return why.kind ? err_set(err, why.kind, "%s", why.text) :
				  settle_unmade(st, d, err);
	if (job->status == JOB_SUCCEEDED)
		settled = SETTLED_MET;
	else if (job->status == JOB_FAILED && d->type != DEPENDENCY_ANY)
		settled = settle_failed(st, job, d, err);
	else
		settled = (int)live_or_failed(d, job->status);
	job_free(job);
	return settled;
}
