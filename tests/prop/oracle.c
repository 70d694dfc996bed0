#include "config.h"
#include "oracle.h"
#include <string.h>
#include "jobdeck/base/mem.h"

void oracle_init(struct oracle *o, const struct workload *w)
{
	memset(o, 0, sizeof *o);
	o->w = w;
	o->job = xcalloc((size_t)w->job_count, sizeof *o->job);
	for (int i = 0; i < w->item_count; i++) {
		const struct item *item = &w->items[i];

		if (item->kind == ITEM_SUBMIT && !item->left_out)
			o->job[(item->job - w->first_key) / w->key_step].item = item;
	}
	memcpy(o->env, w->env, sizeof o->env);
	memcpy(o->queue, w->queue, sizeof o->queue);
	o->pool = w->pool;
}

void oracle_fini(struct oracle *o)
{
	free(o->job);
}

struct oracle_job *oracle_job(const struct oracle *o, int64_t key)
{
	int64_t n = (key - o->w->first_key) / o->w->key_step;

	return key >= o->w->first_key && n < o->w->job_count ? &o->job[n] : NULL;
}

int64_t oracle_key(const struct oracle *o, const struct oracle_job *job)
{
	return o->w->first_key + (job - o->job) * o->w->key_step;
}

bool oracle_live(const struct oracle_job *job)
{
	return job->submitted && !job_status_is_final(job->status);
}

bool oracle_active(const struct oracle_job *job)
{
	return job->submitted && (job->status == JOB_STARTING || job->status == JOB_RUNNING);
}

static int count_unmet(const struct oracle *o, const struct oracle_job *job, bool only_failed)
{
	int n = 0;

	for (int i = 0; i < job->item->submit.depends_count; i++) {
		const struct oracle_job *up = oracle_job(o, job->item->submit.depends[i]);
		bool twice = false;

		for (int k = 0; k < i; k++)
			twice |= job->item->submit.depends[k] == job->item->submit.depends[i];
		if (!up || !up->item || twice)
			continue;
		n += only_failed ? up->status == JOB_FAILED : up->status != JOB_SUCCEEDED;
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

static bool stands_before(const struct oracle *o, const struct oracle_job *a,
			  const struct oracle_job *b)
{
	return a->order != b->order ? a->order < b->order : oracle_key(o, a) < oracle_key(o, b);
}

static bool in_line(const struct oracle_job *job, int queue)
{
	return job->submitted && job->status == JOB_RUNNABLE && job->item->which == queue;
}

struct oracle_job *oracle_head(const struct oracle *o, int queue)
{
	struct oracle_job *head = NULL;

	for (int i = 0; i < o->w->job_count; i++) {
		struct oracle_job *job = &o->job[i];

		if (in_line(job, queue) && (!head || stands_before(o, job, head)))
			head = job;
	}
	return head;
}

int64_t oracle_ahead(const struct oracle *o, const struct oracle_job *job)
{
	int64_t n = 0;

	for (int i = 0; i < o->w->job_count; i++)
		n += in_line(&o->job[i], job->item->which) && stands_before(o, &o->job[i], job);
	return n;
}

static bool below_max(const struct env_setting *env, int64_t vcpu_milli)
{
	return (env->unmanaged && !env->max) || vcpu_milli <= env->max * 1000;
}

static bool fits(const struct oracle *o, int env, const struct resources *need)
{
	const struct env_setting *e = &o->env[env];

	return !e->disabled && !e->invalid &&
	       below_max(e, o->env_used[env].vcpu_milli + need->vcpu_milli) &&
	       o->used.vcpu_milli + need->vcpu_milli <= o->pool.vcpu_milli &&
	       o->used.memory_mib + need->memory_mib <= o->pool.memory_mib &&
	       o->used.gpus + need->gpus <= o->pool.gpus;
}

int oracle_place(const struct oracle *o, int queue, const struct oracle_job *job)
{
	for (int i = 0; i < o->queue[queue].env_count; i++) {
		if (fits(o, o->queue[queue].env[i], &job->item->submit.need))
			return o->queue[queue].env[i];
	}
	return -1;
}

bool oracle_could_ever(const struct oracle *o, int queue, const struct oracle_job *job)
{
	const struct resources *need = &job->item->submit.need;

	for (int i = 0; i < o->queue[queue].env_count; i++) {
		if (below_max(&o->env[o->queue[queue].env[i]], need->vcpu_milli) &&
		    need->vcpu_milli <= o->pool.vcpu_milli &&
		    need->memory_mib <= o->pool.memory_mib && need->gpus <= o->pool.gpus)
			return true;
	}
	return false;
}

static bool all_invalid(const struct oracle *o, const struct queue_setting *q)
{
	int n = 0;

	for (int i = 0; i < q->env_count; i++)
		n += o->env[q->env[i]].invalid;
	return n == q->env_count;
}

static bool below_some_max(const struct oracle *o, const struct queue_setting *q, int64_t vcpu_milli)
{
	int n = 0;

	for (int i = 0; i < q->env_count; i++)
		n += below_max(&o->env[q->env[i]], vcpu_milli);
	return n > 0;
}

/* Of those that are open and large enough: does one run jobs, that will end? */
static enum blocked no_room(const struct oracle *o, const struct queue_setting *q, int64_t vcpu_milli)
{
	enum blocked blocked = BLOCKED_UNDETERMINED;

	for (int i = 0; i < q->env_count; i++) {
		const struct env_setting *e = &o->env[q->env[i]];

		if (e->disabled || e->invalid || !below_max(e, vcpu_milli))
			continue;
		if (o->env_active[q->env[i]])
			return BLOCKED_NOT;
		blocked = BLOCKED_INSUFFICIENT_CAPACITY;
	}
	return blocked;
}

enum blocked oracle_blocked(const struct oracle *o, int queue)
{
	const struct oracle_job *head = oracle_head(o, queue);
	const struct queue_setting *q = &o->queue[queue];
	int64_t vcpu_milli = head ? head->item->submit.need.vcpu_milli : 0;

	if (!head || oracle_place(o, queue, head) >= 0)
		return BLOCKED_NOT;
	if (all_invalid(o, q))
		return BLOCKED_ENVIRONMENTS_INVALID;
	if (!below_some_max(o, q, vcpu_milli))
		return BLOCKED_MAX_RESOURCE;
	if (!oracle_could_ever(o, queue, head))
		return BLOCKED_RESOURCE_REQUIREMENT;
	return no_room(o, q, vcpu_milli);
}

bool oracle_before(const struct oracle *o, int a, int b)
{
	if (o->queue[a].priority != o->queue[b].priority)
		return o->queue[a].priority > o->queue[b].priority;
	return a < b; /* their names are q0, q1 ... */
}

jd_time oracle_deadline(const struct oracle_job *job)
{
	if (!job->submitted || job->status != JOB_RUNNING || !job->item->submit.timeout_s ||
	    job->stop_said || job->terminated || job->timed_out)
		return JD_NEVER;
	return job->started + job->item->submit.timeout_s * 1000;
}

enum job_status oracle_settle(const struct oracle_job *job, const struct fact *ended)
{
	struct retry_strategy retry = workload_retry(job->item);

	if (job->terminated || job->timed_out || ended->ended.timed_out)
		return JOB_FAILED;
	if (ended->ended.exit_code == 0)
		return JOB_SUCCEEDED;
	return retry_is_due(&retry, job->attempt, ended->ended.exit_code, ended->ended.reason,
			    ended->ended.status_reason) ?
		       JOB_RUNNABLE :
		       JOB_FAILED;
}

static void add(struct resources *to, const struct resources *r, int sign)
{
	to->vcpu_milli += sign * r->vcpu_milli;
	to->memory_mib += sign * r->memory_mib;
	to->gpus += sign * r->gpus;
}

void oracle_take(struct oracle *o, struct oracle_job *job, int env)
{
	job->env = env;
	o->env_active[env]++;
	add(&o->used, &job->item->submit.need, 1);
	add(&o->env_used[env], &job->item->submit.need, 1);
}

void oracle_give(struct oracle *o, struct oracle_job *job)
{
	o->env_active[job->env]--;
	add(&o->used, &job->item->submit.need, -1);
	add(&o->env_used[job->env], &job->item->submit.need, -1);
}
