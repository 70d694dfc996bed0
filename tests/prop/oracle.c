#include "config.h"
#include "oracle.h"
#include <string.h>
#include "jobdeck/base/mem.h"

/* Jobs: what they are, what they wait for, what becomes of them. */

static void add_record(struct oracle *o, const struct item *item)
{
	struct oracle_job *job = &o->job[o->count++], *parent = job;

	*job = (struct oracle_job){ .key = item->job, .item = item, .born = true };
	for (int i = 0; i < item->submit.size; i++)
		o->job[o->count++] = (struct oracle_job){
			.key = item->job + 1 + i, .item = item, .parent = parent, .index = i
		};
	if (item->left_out) {
		for (struct oracle_job *j = parent; j <= parent + item->submit.size; j++)
			j->item = NULL;
	}
}

static int by_key(const void *a, const void *b)
{
	const struct oracle_job *x = a, *y = b;

	return (x->key > y->key) - (x->key < y->key);
}

void oracle_init(struct oracle *o, const struct workload *w)
{
	memset(o, 0, sizeof *o);
	o->w = w;
	o->job = xcalloc((size_t)w->record_count, sizeof *o->job);
	for (int i = 0; i < w->item_count; i++) {
		if (w->items[i].kind == ITEM_SUBMIT)
			add_record(o, &w->items[i]); /* arrivals come by key */
	}
	memcpy(o->env, w->env, sizeof o->env);
	memcpy(o->queue, w->queue, sizeof o->queue);
	o->pool = w->pool;
}

void oracle_fini(struct oracle *o)
{
	free(o->job);
	free(o->instance);
}

struct oracle_job *oracle_job(const struct oracle *o, int64_t key)
{
	struct oracle_job wanted = { .key = key };

	return bsearch(&wanted, o->job, (size_t)o->count, sizeof *o->job, by_key);
}

static const struct oracle_job *upstream(const struct oracle *o, int64_t key)
{
	const struct oracle_job *up = oracle_job(o, key);

	return up && up->item ? up : NULL;
}

/* The N_TO_N dependencies of a child: the children of the same index. True when `what` holds
 * for one of them. */
static bool any_pair(const struct oracle *o, const struct oracle_job *child,
		     bool (*what)(enum job_status status))
{
	for (int i = 0; i < child->item->submit.depends_count; i++) {
		const struct oracle_job *up;

		if (child->item->submit.depends[i].type != DEPENDENCY_N_TO_N)
			continue;
		up = upstream(o, child->item->submit.depends[i].job);
		if (up && what(oracle_status(o, up + 1 + child->index)))
			return true;
	}
	return false;
}

static bool has_failed(enum job_status status)
{
	return status == JOB_FAILED;
}

static bool is_not_done(enum job_status status)
{
	return status != JOB_SUCCEEDED;
}

static bool one_before_failed(const struct oracle_job *child)
{
	for (const struct oracle_job *job = child->parent + 1; job < child; job++) {
		if (job->born && job->status == JOB_FAILED)
			return true;
	}
	return false;
}

bool oracle_doomed(const struct oracle *o, const struct oracle_job *child)
{
	if (child->born || !child->parent->submitted)
		return false;
	return (child->item->submit.sequential && one_before_failed(child)) ||
	       any_pair(o, child, has_failed);
}

/* A child that is no job of its own yet, and may it run? */
static bool may_run(const struct oracle *o, const struct oracle_job *child)
{
	const struct oracle_job *before = child - 1;

	if (!child->parent->open || oracle_doomed(o, child) || any_pair(o, child, is_not_done))
		return false;
	return !child->item->submit.sequential || child->index == 0 ||
	       (before->born && before->status == JOB_SUCCEEDED);
}

enum job_status oracle_status(const struct oracle *o, const struct oracle_job *job)
{
	const struct oracle_job *parent = job->parent;

	if (job->born)
		return job->status;
	if (parent->stopped || job_status_is_final(parent->status))
		return JOB_FAILED;
	if (parent->status == JOB_SUBMITTED)
		return JOB_SUBMITTED;
	return may_run(o, job) ? JOB_RUNNABLE : JOB_PENDING;
}

bool oracle_live(const struct oracle *o, const struct oracle_job *job)
{
	const struct oracle_job *first = job->parent ? job->parent : job;

	return first->submitted && !job_status_is_final(oracle_status(o, job));
}

bool oracle_active(const struct oracle_job *job)
{
	return job->born && (job->status == JOB_STARTING || job->status == JOB_RUNNING);
}

bool oracle_terminated(const struct oracle_job *job)
{
	return job->terminated || (job->parent && job->parent->terminated);
}

static bool said_before(const struct oracle_job *job, int n)
{
	for (int k = 0; k < n; k++) {
		if (job->item->submit.depends[k].job == job->item->submit.depends[n].job &&
		    job->item->submit.depends[k].type == job->item->submit.depends[n].type)
			return true;
	}
	return false;
}

static int count_unmet(const struct oracle *o, const struct oracle_job *job, bool only_failed)
{
	int n = 0;

	for (int i = 0; i < job->item->submit.depends_count; i++) {
		enum dependency_type type = job->item->submit.depends[i].type;
		const struct oracle_job *up = upstream(o, job->item->submit.depends[i].job);
		enum job_status status;

		if (!up || type == DEPENDENCY_N_TO_N || said_before(job, i))
			continue;
		status = oracle_status(o, up);
		if (only_failed)
			n += type == DEPENDENCY_PLAIN && status == JOB_FAILED;
		else if (type == DEPENDENCY_ANY)
			n += !job_status_is_final(status);
		else
			n += status != JOB_SUCCEEDED;
	}
	return n;
}

int oracle_unmet(const struct oracle *o, const struct oracle_job *job)
{
	return count_unmet(o, job, false);
}

int oracle_unmet_failed(const struct oracle *o, const struct oracle_job *job)
{
	return count_unmet(o, job, true);
}

jd_time oracle_start_after(const struct oracle_job *job)
{
	return job->item->submit.start_after_ms; /* since its arrival */
}

jd_time oracle_deadline(const struct oracle_job *job)
{
	if (!job->born || job->status != JOB_RUNNING || !job->item->submit.timeout_s ||
	    job->stop_said || oracle_terminated(job) || job->timed_out)
		return JD_NEVER;
	return job->started + job->item->submit.timeout_s * 1000;
}

enum job_status oracle_settle(const struct oracle_job *job, const struct fact *ended)
{
	struct retry_strategy retry = workload_retry(job->item);

	if (oracle_terminated(job) || job->timed_out || ended->ended.timed_out)
		return JOB_FAILED;
	if (ended->ended.exit_code == 0)
		return JOB_SUCCEEDED;
	if (job->parent && job->parent->stopped)
		return JOB_FAILED;
	return retry_is_due(&retry, job->attempt, ended->ended.exit_code, ended->ended.reason,
			    ended->ended.status_reason) ?
		       JOB_RUNNABLE :
		       JOB_FAILED;
}
