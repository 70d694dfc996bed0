#include "config.h"
#include "family.h"
#include <string.h>
#include "jobdeck/base/mem.h"
#include "jobdeck/model/reason.h"

/* Arrays. The parent stands in its share's line once, for all children that may run and were
 * not made yet; the one that is placed is made then. What the others are is worked out from
 * a few sets of indices, so that every step costs the same however large the array is. */

static int compare_families(const struct family *a, const struct family *b)
{
	return (a->key > b->key) - (a->key < b->key);
}

/* cppcheck-suppress unknownMacro */
RB_GENERATE_STATIC(families, family, link, compare_families)

void family_set_born(struct family *f, int32_t index)
{
	if (index != f->below) {
		bits_put(&f->born, f->size, index);
		return;
	}
	for (f->below++; f->below < f->size && bits_has(&f->born, f->below); f->below++)
		bits_remove(&f->born, f->below);
	if (!f->born.count)
		bits_free(&f->born);
}

/* On restart: those that have ended. Those that live follow, and are made again then. */
static void restore_ended(struct family *f, const char *outcome)
{
	for (int32_t i = 0; outcome && i < f->size && outcome[i]; i++) {
		if (outcome[i] != 'S' && outcome[i] != 'F')
			continue;
		family_set_born(f, i);
		f->count[outcome[i] == 'S' ? JOB_SUCCEEDED : JOB_FAILED]++;
		if (outcome[i] == 'F')
			bits_put(&f->failed, f->size, i);
	}
}

struct family *family_new(struct sched *s, struct live_job *parent, int32_t size)
{
	struct family *f = xcalloc(1, sizeof *f);

	f->key = parent->key;
	f->parent = parent->self;
	f->size = size;
	jobs_extra(parent)->family = f;
	RB_INSERT(families, &s->families, f);
	return f;
}

/* DEP-5: those behind one that failed. */
static void doom_behind(struct family *f, int32_t index)
{
	for (int32_t i = index + 1; i < f->size; i++)
		family_doom(f, i);
}

void family_begin(struct sched *s, struct live_job *array, const struct job *said)
{
	struct family *f = family_new(s, array, said->size);
	bool stopped = said->status == JOB_PENDING && (said->cancelled || said->terminated);

	f->sequential = said->sequential;
	restore_ended(f, said->outcome);
	if (f->sequential && f->failed.count)
		doom_behind(f, bits_next(&f->failed, f->size, 0));
	f->stopped = stopped;
	f->cancelled = stopped && said->cancelled;
	pairs_begin(s, array, said);
}

void family_free(struct sched *s, struct family *f)
{
	struct waited *w, *next;

	if (!f)
		return;
	RB_REMOVE(families, &s->families, f);
	w = f->waited;
	HASH_CLEAR(hh, f->waited);
	for (; w; w = next) {
		next = w->hh.next;
		free(w);
	}
	bits_free(&f->born);
	bits_free(&f->failed);
	bits_free(&f->ready);
	bits_free(&f->doomed);
	gang_free(f->gang);
	free(f);
}

struct family *family_clone(struct sched *to, const struct family *f)
{
	struct family *copy = xmalloc(sizeof *copy);

	*copy = *f;
	bits_copy(&copy->born, &f->born, f->size);
	bits_copy(&copy->failed, &f->failed, f->size);
	bits_copy(&copy->ready, &f->ready, f->size);
	bits_copy(&copy->doomed, &f->doomed, f->size);
	copy->gang = f->gang ? gang_clone(f->gang, f->size) : NULL;
	copy->waited = NULL;
	for (const struct waited *w = f->waited; w; w = w->hh.next) {
		struct waited *other = xmalloc(sizeof *other);

		*other = *w;
		HASH_ADD_INT(copy->waited, index, other);
	}
	RB_INSERT(families, &to->families, copy);
	return copy;
}

struct live_job *family_owner(const struct sched *s, int64_t key)
{
	const struct family *at = RB_ROOT(&s->families), *best = NULL;

	while (at) {
		if (at->key < key)
			best = at;
		at = at->key < key ? RB_RIGHT(at, link) : RB_LEFT(at, link);
	}
	return best && key - best->key <= best->size ? jobs_at(s, best->parent) : NULL;
}

bool family_born(const struct family *f, int32_t index)
{
	return index < f->below || bits_has(&f->born, index);
}

struct live_job *family_unborn(const struct sched *s, int64_t key, int32_t *index)
{
	struct live_job *parent = family_owner(s, key);

	if (!parent)
		return NULL;
	*index = (int32_t)(key - parent->key - 1);
	return family_born(family_of(parent), *index) ? NULL : parent;
}

int32_t family_unborn_count(const struct family *f)
{
	return f->size - f->below - f->born.count;
}

static bool has_ended(const struct sched *s, const struct family *f, int32_t index)
{
	return family_born(f, index) && !jobs_find(s, f->key + 1 + index);
}

bool family_succeeded(const struct sched *s, const struct family *f, int32_t index)
{
	return has_ended(s, f, index) && !bits_has(&f->failed, index);
}

bool family_failed(const struct family *f, int32_t index)
{
	return bits_has(&f->failed, index) || (f->stopped && !family_born(f, index));
}

/* DEP-5: the next one is the first that was not made, and it is its turn. */
static bool in_turn(const struct sched *s, const struct family *f, int32_t index)
{
	return index == f->below && (index == 0 || family_succeeded(s, f, index - 1));
}

static bool child_may_run(const struct sched *s, const struct family *f, int32_t index)
{
	return f->open && !f->stopped && !bits_has(&f->doomed, index) &&
	       (!f->paired || bits_has(&f->ready, index)) &&
	       (!f->sequential || in_turn(s, f, index));
}

int32_t family_may_run(const struct sched *s, const struct live_job *array)
{
	const struct family *f = family_of(array);

	if (!f->open || f->stopped)
		return 0;
	if (f->sequential)
		return f->below < f->size && child_may_run(s, f, f->below);
	return f->paired ? f->ready.count : family_unborn_count(f);
}

int64_t family_next(const struct sched *s, const struct live_job *array)
{
	const struct family *f = family_of(array);
	int32_t index = f->below;

	(void)s;
	if (f->paired)
		index = bits_next(&f->ready, f->size, index);
	return f->key + 1 + index;
}

enum job_status family_status(const struct sched *s, const struct live_job *array, int32_t index)
{
	const struct family *f = family_of(array);

	if (f->gang) /* its nodes are placed with it, and have no dependencies of their own */
		return array->status < JOB_RUNNABLE ? array->status : JOB_RUNNABLE;
	if (f->stopped)
		return JOB_FAILED;
	if (array->status == JOB_SUBMITTED)
		return JOB_SUBMITTED;
	return child_may_run(s, f, index) ? JOB_RUNNABLE : JOB_PENDING;
}

void family_doom(struct family *f, int32_t index)
{
	if (family_born(f, index))
		return;
	bits_remove(&f->ready, index);
	bits_put(&f->doomed, f->size, index);
}

/* ARR-2: a child is as its parent says. */
static void inherit(struct sched *s, struct live_job *child, const struct live_job *parent)
{
	child->queue = parent->queue;
	child->share = parent->share;
	child->priority = parent->priority;
	child->vcpu_milli = parent->vcpu_milli;
	child->memory_mib = parent->memory_mib;
	child->gpus = parent->gpus;
	child->platform = parent->platform;
	child->timeout_s = parent->timeout_s;
	child->strategy = strategy_again(s, parent->strategy);
}

/* CR-2: per child; a multi-node job takes for all its nodes. */
static void inherit_consume(struct sched *s, struct live_job *child, const struct live_job *parent)
{
	child->extra->consume_count = parent->extra->consume_count;
	memcpy(child->extra->consume, parent->extra->consume, sizeof child->extra->consume);
	consume_live(s, child);
}

static void link_child(struct sched *s, struct family *f, struct live_job *child)
{
	child->extra->sibling_next = f->first;
	if (f->first)
		jobs_at(s, f->first)->extra->sibling_prev = child->self;
	f->first = child->self;
	f->live++;
}

struct live_job *family_birth(struct sched *s, struct live_job *parent, int32_t index,
			      enum job_status status)
{
	struct family *f = family_of(parent);
	struct live_job *child = jobs_add(s, f->key + 1 + index);

	child->kind = f->gang ? JOB_KIND_NODE : JOB_KIND_CHILD;
	child->status = (uint8_t)status;
	jobs_extra(child)->parent = parent->self;
	child->extra->index = index;
	inherit(s, child, parent);
	if (f->gang)
		gang_inherit(child, parent);
	else
		inherit_consume(s, child, parent);
	link_child(s, f, child);
	if (!family_born(f, index))
		family_set_born(f, index);
	bits_remove(&f->ready, index);
	bits_remove(&f->doomed, index);
	f->count[status] += !f->gang;
	jobs_count(s, child);
	depend_born(s, parent, child);
	return child;
}

void family_unlink(struct sched *s, struct live_job *child)
{
	const struct job_extra *extra = child->extra;
	struct family *f = family_of(family_parent(s, child));

	*(extra->sibling_prev ? &jobs_at(s, extra->sibling_prev)->extra->sibling_next : &f->first) =
		extra->sibling_next;
	if (extra->sibling_next)
		jobs_at(s, extra->sibling_next)->extra->sibling_prev = extra->sibling_prev;
	f->live--;
}

void family_ended(struct sched *s, struct live_job *parent, int32_t index, bool succeeded)
{
	struct family *f = family_of(parent);

	if (!succeeded) {
		bits_put(&f->failed, f->size, index);
		if (f->sequential)
			doom_behind(f, index);
	}
	pairs_tell(s, parent, index, succeeded);
	family_settle(s, parent);
}

static bool all_ended(const struct family *f)
{
	return !f->live && (f->stopped || !family_unborn_count(f));
}

static enum due due_of(const struct live_job *array, const struct family *f)
{
	if (array->dependency_failed)
		return DUE_FAILED;
	if (array->status == JOB_SUBMITTED)
		return DUE_MOVE;
	if (all_ended(f))
		return DUE_ROLL_UP;
	if (f->doomed.count && !f->stopped)
		return DUE_FAILED;
	if (!f->open && !f->stopped && !array->dependencies)
		return DUE_MOVE;
	return DUE_NONE;
}

static void stand(struct sched *s, struct live_job *array)
{
	int32_t children = family_may_run(s, array);

	if (!children)
		delay_leave(s, array);
	else if (!array->in_line)
		delay_join(s, array, children);
	else if (children <= array->line_own)
		line_stand_for(array, children);
	else { /* more than before: who has passed it must come again */
		line_leave(s, array);
		line_join(s, array, children);
	}
}

void family_settle(struct sched *s, struct live_job *array)
{
	const struct family *f = family_of(array);
	enum due due = due_of(array, f);

	stand(s, array);
	if (array->due != due)
		jobs_due(s, array, due);
}

/* ARR-6, of one child that lives. */
static void stop_child(struct sched *s, const struct live_job *array, struct live_job *child)
{
	if (!jobs_active(child))
		jobs_due(s, child, DUE_FAILED);
	else if (array->terminated && !child->terminated)
		jobs_due(s, child, DUE_STOP);
}

void family_stop(struct sched *s, struct live_job *array)
{
	struct family *f = family_of(array);

	if (!f->stopped) {
		f->stopped = true;
		for (int32_t i = f->below; f->pairs && i < f->size; i++) {
			if (!family_born(f, i))
				pairs_tell(s, array, i, false);
		}
		depend_unborn_ended(s, array, false);
	}
	for (job_ref ref = f->first; ref; ref = jobs_at(s, ref)->extra->sibling_next)
		stop_child(s, array, jobs_at(s, ref));
	family_settle(s, array);
}

void family_restored(struct sched *s, struct live_job *child)
{
	struct live_job *array = family_parent(s, child);

	if (family_of(array)->stopped)
		stop_child(s, array, child);
	family_settle(s, array);
}

bool family_terminated(const struct sched *s, const struct live_job *job)
{
	const struct live_job *parent = family_parent_if_any(s, job);

	return job->terminated || (parent && parent->terminated);
}

bool family_stopped(const struct sched *s, const struct live_job *child)
{
	const struct live_job *parent = family_parent_if_any(s, child);

	return parent && family_of(parent)->stopped;
}

const char *family_reason(const struct sched *s, const struct live_job *job)
{
	return job->reason ? job->reason : family_parent(s, job)->reason;
}

void family_tell_failed(const struct sched *s, const struct live_job *job, struct fact *out)
{
	const struct family *f = family_if_any(job);

	out->reason = REASON_DEPENDENCY;
	if (job->dependency_failed)
		return;
	if (f)
		out->job = f->key + 1 + bits_next(&f->doomed, f->size, f->below);
	else
		out->reason = family_reason(s, job);
}

/* ARR-5. */
void family_tell_end(const struct live_job *array, struct fact *out)
{
	const struct family *f = family_of(array);
	int32_t failed = f->count[JOB_FAILED] + (f->stopped ? family_unborn_count(f) : 0);

	out->rolled_up.to = failed ? JOB_FAILED : JOB_SUCCEEDED;
	out->rolled_up.reason = !failed ? NULL : f->stopped ? array->reason : REASON_ARRAY_CHILD;
}

int family_rolled_up(struct sched *s, const struct fact *fact, struct fact_effect *effect,
		     struct err *err)
{
	struct live_job *job = jobs_need(s, fact->job, err);
	struct fact due;

	if (!job)
		return -1;
	if (job->kind == JOB_KIND_MULTINODE)
		return gang_rolled_up(s, job, fact, effect, err);
	if (job->due == DUE_ROLL_UP)
		family_tell_end(job, &due);
	if (job->due != DUE_ROLL_UP || due.rolled_up.to != fact->rolled_up.to)
		return err_set(err, ERR_CONFLICT, "job %lld has children that have not ended",
			       (long long)fact->job);
	submit_end(s, job, fact->rolled_up.to, fact->rolled_up.reason, effect);
	return 0;
}
