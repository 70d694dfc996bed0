#include "config.h"
#include "family.h"
#include <string.h>
#include "jobdeck/base/mem.h"
#include "jobdeck/model/reason.h"

/* A job comes, moves up to RUNNABLE, and goes (section 2): everything about a job but its
 * attempts. */

/* What the record keeps: of a multi-node job, what all its nodes need together. */
static struct resources need_of(const struct job *said)
{
	if (said->kind == JOB_KIND_NODE)
		return gang_node_need(said);
	return said->kind == JOB_KIND_MULTINODE ? gang_total(said) : said->need;
}

static int check_need(const struct job *said, struct err *err)
{
	const struct resources all = need_of(said), *need = &all;

	if (need->vcpu_milli < 0 || need->vcpu_milli > INT32_MAX || need->memory_mib < 0 ||
	    need->memory_mib > INT32_MAX || need->gpus < 0 || need->gpus > UINT16_MAX)
		return err_set(err, ERR_INVALID, "the job's resources are out of range");
	return 0;
}

static int check_numbers(const struct job *said, struct err *err)
{
	bool has_family = said->kind == JOB_KIND_ARRAY || said->kind == JOB_KIND_MULTINODE;
	int most = said->kind == JOB_KIND_ARRAY ? LIMIT_ARRAY : LIMIT_NODES;

	if (said->key <= 0 || said->depends_count > UINT16_MAX || said->attempt < 0 ||
	    said->attempt >= UINT16_MAX)
		return err_set(err, ERR_INVALID, "a job's key, attempt or dependencies are wrong");
	if (has_family && (said->size < 1 || said->size > most))
		return err_set(err, ERR_INVALID, "job %lld cannot have %d children or nodes",
			       (long long)said->key, said->size);
	return said->kind == JOB_KIND_MULTINODE ? gang_check(said, err) : 0;
}

static int check(const struct sched *s, const struct job *said, jd_time now, struct err *err)
{
	if (check_numbers(said, err))
		return -1;
	if (jobs_find(s, said->key) || family_owner(s, said->key))
		return err_set(err, ERR_CONFLICT, "job %lld was submitted before",
			       (long long)said->key);
	if (job_status_is_final(said->status) || said->status >= JOB_COUNT)
		return err_set(err, ERR_CONFLICT, "job %lld has ended", (long long)said->key);
	if (!queues_find(s, said->queue))
		return err_set(err, ERR_NOT_FOUND, "job-queue/%s does not exist", said->queue);
	if (share_check(s, queues_find(s, said->queue), said->share, now, err) ||
	    consume_check(s, said, err))
		return -1;
	return check_need(said, err) || pairs_check(s, said, err) ? -1 : 0;
}

static void fill(struct sched *s, struct live_job *job, const struct job *said)
{
	struct live_queue *q = queues_find(s, said->queue);
	struct resources need = need_of(said);

	job->queue = q->self;
	job->vcpu_milli = (int32_t)need.vcpu_milli;
	job->memory_mib = (int32_t)need.memory_mib;
	job->gpus = (uint16_t)need.gpus;
	job->strategy = strategy_hold(s, &said->retry);
	job->timeout_s = said->timeout_s > 0 ? said->timeout_s : 0;
	job->depends = (uint16_t)said->depends_count;
	job->platform = said->platform;
	job->kind = said->kind;
	job->held = said->held;
	job->priority = q->policy == NO_INDEX ? 0 : (uint16_t)said->priority; /* JQ-8 */
	consume_join(s, job, said);
	job->share = share_of(s, q, said->share)->self;
	if (job->kind != JOB_KIND_NODE)
		share_join(s, job);
	jobs_count(s, job);
}

/* On restart a job takes up where it was; an attempt that lives follows as PLACED and
 * STARTED, so until then the job is what it was before that attempt. */
static void restore(struct live_job *job, const struct job *said)
{
	bool active = said->status == JOB_STARTING || said->status == JOB_RUNNING;

	job->status = (uint8_t)(active ? JOB_RUNNABLE : said->status);
	job->attempt = (uint16_t)(active && said->attempt > 0 ? said->attempt - 1 : said->attempt);
	job->order = said->order ? said->order : said->key;
	job->terminated = said->terminated;
	job->timed_out = said->timed_out;
	if (said->terminated || said->cancelled)
		job->reason = xstrdup(said->status_reason ? said->status_reason : "");
	if (said->kind == JOB_KIND_MULTINODE) { /* its nodes have the attempts */
		job->status = (uint8_t)said->status;
		job->attempt = (uint16_t)said->attempt;
		job->started = said->status == JOB_RUNNING ? said->started : 0;
	}
}

/* One that ran before does not wait for its time again. */
static void set_start(struct live_job *job, const struct job *said, jd_time now)
{
	if (said->start_after > now && !said->attempt)
		jobs_extra(job)->start_after = said->start_after;
}

static void enter(struct sched *s, struct live_job *job, const struct job *said)
{
	if (job->kind == JOB_KIND_MULTINODE)
		gang_begin(s, job, said);
	if (job->kind == JOB_KIND_NODE)
		gang_orphan(s, job, said);
	else if (job->status == JOB_RUNNABLE)
		delay_join(s, job, 1);
	if (job->status >= JOB_RUNNABLE)
		return;
	depend_on(s, job, said);
	if (job->kind == JOB_KIND_ARRAY) {
		family_begin(s, job, said);
		family_settle(s, job);
	} else if (job->dependency_failed) {
		jobs_due(s, job, DUE_FAILED);
	} else if (job->status == JOB_SUBMITTED || !job->dependencies) {
		jobs_due(s, job, DUE_MOVE);
	}
}

void submit_effect(const struct live_job *job, enum job_status from, struct fact_effect *effect)
{
	bool born = effect->born;

	*effect = (struct fact_effect){ .changed = true, .born = born, .from = from };
	effect->to = job->status;
	effect->status_reason = job->reason;
	effect->order = job->order;
	effect->cancelled = family_if_any(job) && family_of(job)->cancelled;
	effect->terminated = job->terminated;
	effect->timed_out = job->timed_out;
	effect->held = job->held;
	effect->attempt = job->attempt;
}

/* On restart, a child that was made and lives: its array knows what it is. */
static int restore_child(struct sched *s, const struct job *said, struct fact_effect *effect,
			 struct err *err)
{
	int32_t index;
	struct live_job *job, *parent = family_unborn(s, said->key, &index);

	if (!parent || parent->key != said->parent || parent->kind != JOB_KIND_ARRAY)
		return err_set(err, ERR_CONFLICT, "job %lld is no child that could live",
			       (long long)said->key);
	if (said->status < JOB_RUNNABLE || job_status_is_final(said->status))
		return err_set(err, ERR_CONFLICT, "job %lld cannot be %s", (long long)said->key,
			       job_status_name(said->status));
	job = family_birth(s, parent, index, JOB_RUNNABLE);
	restore(job, said);
	if (job->attempt)
		consume_once(s, job);
	job->held = said->held;
	delay_join(s, job, 1);
	family_restored(s, job);
	blocked_restore(s, job, said);
	submit_effect(job, said->status, effect);
	effect->to = said->status;
	return 0;
}

int submit_apply(struct sched *s, const struct fact *fact, struct fact_effect *effect,
		 struct err *err)
{
	const struct job *said = fact->submitted;
	struct live_job *job;

	if (said->kind == JOB_KIND_CHILD)
		return restore_child(s, said, effect, err);
	if (said->kind == JOB_KIND_NODE && family_owner(s, said->key))
		return gang_restore(s, said, effect, err);
	if (check(s, said, fact->at, err))
		return -1;
	job = jobs_add(s, said->key);
	if (said->status != JOB_SUBMITTED)
		restore(job, said);
	fill(s, job, said);
	set_start(job, said, fact->at);
	enter(s, job, said);
	blocked_restore(s, job, said);
	submit_effect(job, said->status, effect);
	effect->to = said->status;
	return 0;
}

static struct live_job *need_early(struct sched *s, int64_t key, enum fact_kind kind,
				   struct err *err)
{
	struct live_job *job = jobs_need(s, key, err);

	if (job && job->status != JOB_SUBMITTED && job->status != JOB_PENDING) {
		err_set(err, ERR_CONFLICT, "%s cannot happen to job %lld, which is %s",
			fact_name(kind), (long long)key, job_status_name(job->status));
		return NULL;
	}
	return job;
}

/* Has it anything to be PENDING for? An array is, from its beginning to its end (ARR-4). */
static bool may_pend(const struct live_job *job)
{
	return job->status == JOB_SUBMITTED && (job->dependencies || job->kind == JOB_KIND_ARRAY);
}

int submit_pending(struct sched *s, const struct fact *fact, struct fact_effect *effect,
		   struct err *err)
{
	struct live_job *job = need_early(s, fact->job, fact->kind, err);

	if (!job)
		return -1;
	if (!may_pend(job))
		return err_set(err, ERR_CONFLICT, "job %lld has nothing to wait for",
			       (long long)fact->job);
	jobs_due(s, job, DUE_NONE);
	jobs_move(s, job, JOB_PENDING);
	if (job->kind == JOB_KIND_ARRAY)
		family_settle(s, job);
	submit_effect(job, JOB_SUBMITTED, effect);
	return 0;
}

/* Its children may run; it stays PENDING. */
static int open_array(struct sched *s, struct live_job *array, struct err *err)
{
	struct family *f = family_of(array);

	if (array->status != JOB_PENDING || f->open || f->stopped)
		return err_set(err, ERR_CONFLICT, "the children of job %lld cannot begin now",
			       (long long)array->key);
	f->open = true;
	family_settle(s, array);
	return 0;
}

int submit_runnable(struct sched *s, const struct fact *fact, struct fact_effect *effect,
		    struct err *err)
{
	struct live_job *job = need_early(s, fact->job, fact->kind, err);
	enum job_status from;

	if (!job)
		return -1;
	if (job->dependencies || job->dependency_failed)
		return err_set(err, ERR_CONFLICT, "job %lld still has unmet dependencies",
			       (long long)fact->job);
	if (job->kind == JOB_KIND_ARRAY)
		return open_array(s, job, err);
	from = job->status;
	jobs_due(s, job, DUE_NONE);
	jobs_move(s, job, JOB_RUNNABLE);
	delay_join(s, job, 1);
	submit_effect(job, from, effect);
	return 0;
}

/* It is nobody's any more; a child's array is told last, when the child is forgotten. */
static void forget(struct sched *s, struct live_job *job, bool succeeded)
{
	struct live_job *parent = family_parent_if_any(s, job);
	int32_t index = parent ? job->extra->index : 0;

	if (parent)
		family_unlink(s, job);
	consume_leave(s, job);
	jobs_drop(s, job);
	if (parent && parent->kind == JOB_KIND_ARRAY)
		family_ended(s, parent, index, succeeded);
}

void submit_end(struct sched *s, struct live_job *job, enum job_status to, const char *reason,
		struct fact_effect *effect)
{
	enum job_status from = job->status;

	if (job->kind == JOB_KIND_ARRAY && to == JOB_FAILED)
		family_stop(s, job);
	if (job->kind == JOB_KIND_MULTINODE) {
		gang_disown(s, job, reason);
		depend_unborn_ended(s, job, to == JOB_SUCCEEDED);
	}
	delay_leave(s, job);
	blocked_forget(s, job);
	jobs_due(s, job, DUE_NONE);
	jobs_move(s, job, to);
	submit_effect(job, from, effect);
	effect->status_reason = reason;
	if (job->kind != JOB_KIND_CHILD && job->kind != JOB_KIND_NODE)
		share_leave(s, job);
	depend_end(s, job, to == JOB_SUCCEEDED);
	forget(s, job, to == JOB_SUCCEEDED);
}

static int conflict_active(const struct live_job *job, struct err *err)
{
	return err_set(err, ERR_CONFLICT, "job %lld is %s: only the end of its attempt ends it",
		       (long long)job->key, job_status_name(job->status));
}

static int conflict_children(const struct live_job *job, struct err *err)
{
	return err_set(err, ERR_CONFLICT, "job %lld still has %d children that live",
		       (long long)job->key, family_of(job)->live);
}

static struct live_job *conflict_node(int64_t key, struct err *err)
{
	err_set(err, ERR_CONFLICT, "job %lld is a node that waits with its multi-node job",
		(long long)key);
	return NULL;
}

/* Has it an attempt, or have its nodes? */
static bool is_active(const struct live_job *job)
{
	return job->kind == JOB_KIND_MULTINODE ? gang_active(job) : jobs_active(job);
}

/* The job a fact ends; one that was not made yet is made for it. NULL without an error
 * (*ended) when it has failed already with its array. */
static struct live_job *need_to_end(struct sched *s, int64_t key, struct fact_effect *effect,
				    bool *ended, struct err *err)
{
	struct live_job *job = jobs_find(s, key), *parent;
	enum job_status status;
	int32_t index;

	*ended = false;
	if (job && job->kind == JOB_KIND_NODE && !jobs_active(job) && job->extra->parent)
		return conflict_node(key, err);
	if (job)
		return job;
	parent = family_unborn(s, key, &index);
	if (!parent)
		return jobs_need(s, key, err);
	if (parent->kind == JOB_KIND_MULTINODE)
		return conflict_node(key, err);
	status = family_status(s, parent, index);
	*ended = status == JOB_FAILED;
	if (*ended)
		return NULL;
	effect->born = true;
	return family_birth(s, parent, index, status);
}

/* A child that fails because its array was cancelled or terminated was so, too. */
static void end_with_array(struct sched *s, struct live_job *job, const char *reason,
			   struct fact_effect *effect)
{
	const struct live_job *parent = family_parent_if_any(s, job);
	bool stopped = parent && family_of(parent)->stopped;
	bool cancelled = stopped && family_of(parent)->cancelled;

	job->terminated |= stopped && parent->terminated;
	submit_end(s, job, JOB_FAILED, reason, effect);
	effect->cancelled |= cancelled;
}

static bool has_live_children(const struct live_job *job)
{
	return job->kind == JOB_KIND_ARRAY && family_of(job)->live;
}

int submit_failed(struct sched *s, const struct fact *fact, struct fact_effect *effect,
		  struct err *err)
{
	bool ended;
	struct live_job *job = need_to_end(s, fact->job, effect, &ended, err);

	if (!job)
		return ended ? 0 : -1;
	if (is_active(job))
		return conflict_active(job, err);
	if (has_live_children(job))
		return conflict_children(job, err);
	end_with_array(s, job, fact->reason, effect);
	return 0;
}

/* ARR-6: children that wait are cancelled with it; those that run go on (CX-1), and the array
 * ends with the last of them (CX-2). */
static void stop_array(struct sched *s, struct live_job *array, const struct fact *fact,
		       struct fact_effect *effect)
{
	free(array->reason);
	array->reason = xstrdup(fact->reason ? fact->reason : "");
	family_of(array)->cancelled |= fact->kind == FACT_CANCELLED;
	array->terminated |= fact->kind == FACT_TERMINATED;
	family_stop(s, array);
	blocked_forget(s, array);
	submit_effect(array, array->status, effect);
}

int submit_cancelled(struct sched *s, const struct fact *fact, struct fact_effect *effect,
		     struct err *err)
{
	bool ended;
	struct live_job *job = need_to_end(s, fact->job, effect, &ended, err);

	if (!job)
		return ended ? 0 : -1;
	if (is_active(job)) /* CX-1: answered well, and nothing is done */
		return 0;
	if (family_if_any(job) && family_of(job)->stopped)
		return 0;
	if (has_live_children(job)) {
		stop_array(s, job, fact, effect);
		return 0;
	}
	submit_end(s, job, JOB_FAILED, fact->reason, effect);
	effect->cancelled = true;
	return 0;
}

int submit_terminated(struct sched *s, const struct fact *fact, struct fact_effect *effect,
		      struct err *err)
{
	bool ended;
	struct live_job *job = need_to_end(s, fact->job, effect, &ended, err);

	if (!job)
		return ended ? 0 : -1;
	if (job->terminated) /* it was told so before, and the first reason stands */
		return 0;
	if (has_live_children(job)) {
		stop_array(s, job, fact, effect);
		return 0;
	}
	job->terminated = true;
	if (!is_active(job)) {
		submit_end(s, job, JOB_FAILED, fact->reason, effect);
		return 0;
	}
	str_replace(&job->reason, fact->reason ? fact->reason : "");
	if (job->kind == JOB_KIND_MULTINODE)
		gang_terminate(s, job);
	else if (!job->stop_said) /* else it is being stopped, because its time was up */
		jobs_due(s, job, DUE_STOP);
	submit_effect(job, job->status, effect);
	return 0;
}
