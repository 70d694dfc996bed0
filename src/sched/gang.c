#include "config.h"
#include "family.h"
#include <string.h>
#include "jobdeck/base/mem.h"
#include "jobdeck/model/reason.h"

/* Multi-node parallel jobs (section 5). The parent stands in the line; its nodes are placed one
 * after the other with nothing in between (gang_place.c). From then on the main node leads:
 * when it runs the others may start, when it has ended they are stopped and the job is over,
 * or waits for its next attempt as soon as all are over. */

/* ---- what it is */

int gang_check(const struct job *said, struct err *err)
{
	int next = 0;

	for (int i = 0; i < said->node_need_count; i++) {
		const struct node_need *n = &said->node_need[i];

		if (n->first != next || n->last < n->first)
			break;
		next = n->last + 1;
	}
	if (next != said->size)
		return err_set(err, ERR_INVALID,
			       "the node ranges of job %lld do not cover its nodes",
			       (long long)said->key);
	if (said->main_node < 0 || said->main_node >= said->size)
		return err_set(err, ERR_INVALID,
			       "Main node index is out of range, must be less than numNodes.");
	return 0;
}

struct resources gang_node_need(const struct job *said)
{
	int index = job_index(said);

	for (int i = 0; i < said->node_need_count; i++) {
		if (index <= said->node_need[i].last)
			return said->node_need[i].need;
	}
	return said->need;
}

struct resources gang_total(const struct job *said)
{
	struct resources total = { 0 };

	for (int i = 0; i < said->node_need_count; i++) {
		const struct node_need *n = &said->node_need[i];
		int nodes = n->last - n->first + 1;

		total.vcpu_milli += nodes * n->need.vcpu_milli;
		total.memory_mib += nodes * n->need.memory_mib;
		total.gpus += nodes * n->need.gpus;
	}
	return total;
}

struct resources gang_need(const struct gang *g, int32_t index)
{
	int i = 0;

	while (i + 1 < g->need_count && index > g->need[i].last)
		i++;
	return g->need[i].need;
}

/* On restart: which nodes were made, and, while the job runs, that each of them was placed;
 * those that live follow, the others are over. */
static void restore(struct family *f, const struct live_job *parent, const char *outcome)
{
	struct gang *g = f->gang;

	for (int32_t i = 0; outcome && i < f->size && outcome[i]; i++) {
		if (outcome[i] == ' ')
			continue;
		family_set_born(f, i);
		if (jobs_active(parent))
			bits_put(&g->placed, f->size, i);
	}
	g->over = g->placed.count;
	g->started = parent->started;
}

void gang_begin(struct sched *s, struct live_job *parent, const struct job *said)
{
	struct family *f = family_new(s, parent, said->size);
	struct gang *g = xcalloc(1, sizeof *g);

	f->gang = g;
	g->main = said->main_node;
	g->need_count = said->node_need_count;
	memcpy(g->need, said->node_need, sizeof g->need);
	restore(f, parent, said->outcome);
}

void gang_free(struct gang *g)
{
	if (g)
		bits_free(&g->placed);
	free(g);
}

struct gang *gang_clone(const struct gang *g, int32_t size)
{
	struct gang *copy = xmalloc(sizeof *copy);

	*copy = *g;
	bits_copy(&copy->placed, &g->placed, size);
	return copy;
}

bool gang_active(const struct live_job *parent)
{
	return jobs_active(parent) || family_of(parent)->gang->placed.count;
}

int gang_attempt(const struct live_job *parent)
{
	return jobs_active(parent) ? parent->attempt : parent->attempt + 1;
}

int32_t gang_next(const struct live_job *parent)
{
	const struct family *f = family_of(parent);
	const struct bits *placed = &f->gang->placed;

	if (!bits_has(placed, f->gang->main))
		return f->gang->main;
	for (int32_t i = 0; i < f->size; i++) {
		if (!bits_has(placed, i))
			return i;
	}
	return -1;
}

bool gang_is_main(const struct sched *s, const struct live_job *node)
{
	const struct live_job *parent = family_parent_if_any(s, node);

	return parent && family_of(parent)->gang->main == node->extra->index;
}

static struct live_job *main_of(const struct sched *s, const struct live_job *parent)
{
	const struct family *f = family_of(parent);

	return jobs_find(s, f->key + 1 + f->gang->main);
}

/* The time limit is the whole job's and counts from the main node's start (MNP-6). */
void gang_inherit(struct live_job *node, const struct live_job *parent)
{
	const struct gang *g = family_of(parent)->gang;
	struct resources need = gang_need(g, node->extra->index);

	node->vcpu_milli = (int32_t)need.vcpu_milli;
	node->memory_mib = (int32_t)need.memory_mib;
	node->gpus = (uint16_t)need.gpus;
	node->timeout_s = node->extra->index == g->main ? parent->timeout_s : 0;
	node->attempt = (uint16_t)(gang_attempt(parent) - 1);
}

/* ---- its nodes' attempts */

int gang_check_placed(const struct live_job *parent, int32_t index, const struct live_job *node,
		      const struct fact *fact, struct err *err)
{
	const struct gang *g = family_of(parent)->gang;
	bool again = jobs_active(parent); /* on restart */

	if (parent->status < JOB_RUNNABLE || parent->held || delay_early(parent, fact->at) ||
	    (node && node->status != JOB_RUNNABLE) ||
	    (again ? !node : g->result || bits_has(&g->placed, index)))
		return err_set(err, ERR_CONFLICT, "node %d of job %lld cannot be placed now",
			       (int)index, (long long)parent->key);
	if (fact->attempt != gang_attempt(parent) || (node && node->attempt != fact->attempt - 1))
		return err_set(err, ERR_CONFLICT,
			       "attempt %d of node %d follows attempt %d of job %lld",
			       fact->attempt, (int)index, parent->attempt, (long long)parent->key);
	return 0;
}

static bool main_runs(const struct sched *s, const struct live_job *parent)
{
	const struct live_job *main = main_of(s, parent);

	return main && main->status == JOB_RUNNING;
}

void gang_placed(struct sched *s, struct live_job *node)
{
	struct live_job *parent = family_parent_if_any(s, node);
	struct family *f;

	if (!parent) {
		if (!node->terminated)
			str_replace(&node->reason, NULL);
		return;
	}
	f = family_of(parent);
	if (bits_has(&f->gang->placed, node->extra->index))
		f->gang->over--; /* on restart */
	bits_put(&f->gang->placed, f->size, node->extra->index);
	if (node->waits && main_runs(s, parent) && node->due == DUE_NONE)
		jobs_due(s, node, DUE_NODE_START);
	delay_leave(s, parent);
	gang_settle(s, parent);
}

static void let_start(struct sched *s, struct live_job *parent)
{
	job_ref ref = family_of(parent)->first;

	for (; ref; ref = jobs_at(s, ref)->extra->sibling_next) {
		struct live_job *node = jobs_at(s, ref);

		if (jobs_active(node) && node->waits && node->due == DUE_NONE && !node->stop_said)
			jobs_due(s, node, DUE_NODE_START);
	}
}

void gang_started(struct sched *s, struct live_job *node)
{
	struct live_job *parent = family_parent_if_any(s, node);

	if (!parent || !gang_is_main(s, node))
		return;
	family_of(parent)->gang->started = node->started;
	let_start(s, parent);
	gang_settle(s, parent);
}

int gang_node_start(struct sched *s, const struct fact *fact, struct fact_effect *effect,
		    struct err *err)
{
	struct live_job *node = jobs_need(s, fact->job, err);

	(void)effect;
	if (!node)
		return -1;
	if (node->status != JOB_STARTING || node->attempt != fact->attempt || !node->waits)
		return err_set(err, ERR_CONFLICT, "attempt %d of job %lld does not wait to start",
			       fact->attempt, (long long)fact->job);
	node->waits = false;
	if (node->due == DUE_NODE_START)
		jobs_due(s, node, DUE_NONE);
	return 0;
}

bool gang_stops(const struct sched *s, const struct live_job *node)
{
	const struct live_job *parent = family_parent_if_any(s, node);
	const struct gang *g = parent ? family_of(parent)->gang : NULL;

	return node->kind == JOB_KIND_NODE && (!g || g->undone || g->retrying || g->result);
}

static void stop_nodes(struct sched *s, struct live_job *parent)
{
	job_ref ref = family_of(parent)->first;

	for (; ref; ref = jobs_at(s, ref)->extra->sibling_next) {
		struct live_job *node = jobs_at(s, ref);

		if (jobs_active(node) && !node->stop_said)
			jobs_due(s, node, DUE_STOP);
	}
}

/* By the main node's end, which on restart this is the first to tell of; or before all have a
 * place, when they do not all find one. */
void gang_stopping(struct sched *s, struct live_job *node)
{
	struct live_job *parent = family_parent_if_any(s, node);
	struct gang *g;

	if (!parent || gang_stops(s, node))
		return;
	g = family_of(parent)->gang;
	g->retrying = jobs_active(parent);
	g->undone = !g->retrying;
	stop_nodes(s, parent);
	gang_settle(s, parent);
}

static void wait_again(struct sched *s, struct live_job *node, struct fact_effect *effect)
{
	enum job_status from = node->status;

	node->started = 0;
	node->stop_said = node->waits = false;
	jobs_move(s, node, JOB_RUNNABLE);
	submit_effect(node, from, effect);
}

/* Nothing follows from its end (MNP-5): it tells how it was, or waits with the others. */
static void other_ended(struct sched *s, struct live_job *node, const struct fact *fact,
			struct fact_effect *effect)
{
	struct live_job *parent = family_parent_if_any(s, node);
	bool again = parent && !parent->terminated && gang_stops(s, node) &&
		     !family_of(parent)->gang->result;

	if (family_terminated(s, node))
		submit_end(s, node, JOB_FAILED, family_reason(s, node), effect);
	else if (again)
		wait_again(s, node, effect);
	else
		submit_end(s, node, fact->ended.exit_code == 0 ? JOB_SUCCEEDED : JOB_FAILED,
			   fact->ended.status_reason, effect);
}

static enum job_status result_of(const struct sched *s, const struct live_job *node,
				 const struct fact *fact, const char **reason)
{
	*reason = fact->ended.status_reason;
	if (family_terminated(s, node)) {
		*reason = family_reason(s, node);
		return JOB_FAILED;
	}
	if (node->timed_out) {
		*reason = REASON_TIMEOUT;
		return JOB_FAILED;
	}
	return fact->ended.exit_code == 0 ? JOB_SUCCEEDED : JOB_FAILED;
}

static void main_ended(struct sched *s, struct live_job *node, const struct fact *fact,
		       bool may_retry, struct fact_effect *effect)
{
	struct live_job *parent = family_parent(s, node);
	struct gang *g = family_of(parent)->gang;
	const char *reason;
	enum job_status result = result_of(s, node, fact, &reason);

	g->retrying = may_retry;
	g->result = may_retry ? 0 : result;
	if (may_retry) {
		wait_again(s, node, effect);
	} else {
		if (parent->reason != reason)
			str_replace(&parent->reason, reason);
		submit_end(s, node, result, parent->reason, effect);
	}
	stop_nodes(s, parent);
}

/* One that ends before the job has begun undoes it: all wait again. */
static void count_over(const struct live_job *parent)
{
	struct gang *g = family_of(parent)->gang;

	g->over++;
	g->undone |= parent->status == JOB_RUNNABLE;
}

void gang_ended(struct sched *s, struct live_job *node, const struct fact *fact, bool may_retry,
		struct fact_effect *effect)
{
	struct live_job *parent = family_parent_if_any(s, node);

	if (parent)
		count_over(parent);
	if (parent && gang_is_main(s, node))
		main_ended(s, node, fact, may_retry, effect);
	else
		other_ended(s, node, fact, effect);
	if (!parent)
		return;
	if (family_of(parent)->gang->undone)
		stop_nodes(s, parent);
	gang_settle(s, parent);
}

/* ---- the parent */

/* Also those that are being stopped for another reason: now it is this one. */
static void stop_again(struct sched *s, struct live_job *parent)
{
	job_ref ref = family_of(parent)->first;

	for (; ref; ref = jobs_at(s, ref)->extra->sibling_next) {
		struct live_job *node = jobs_at(s, ref);

		if (jobs_active(node) && !node->terminated)
			jobs_due(s, node, DUE_STOP);
	}
}

void gang_terminate(struct sched *s, struct live_job *parent)
{
	struct gang *g = family_of(parent)->gang;

	stop_again(s, parent);
	if (g->retrying) { /* it is not tried again */
		g->retrying = false;
		g->result = JOB_FAILED;
	}
	gang_settle(s, parent);
}

static void disown(struct sched *s, struct live_job *node, const char *reason)
{
	node->extra->parent = NO_REF;
	node->extra->sibling_next = node->extra->sibling_prev = NO_REF;
	if (jobs_active(node)) {
		if (!node->stop_said)
			jobs_due(s, node, DUE_STOP);
		return;
	}
	str_replace(&node->reason, reason ? reason : "");
	jobs_due(s, node, DUE_FAILED);
}

void gang_disown(struct sched *s, struct live_job *parent, const char *reason)
{
	struct family *f = family_of(parent);
	job_ref ref = f->first, next;

	f->first = NO_REF;
	f->live = 0;
	for (; ref; ref = next) {
		next = jobs_at(s, ref)->extra->sibling_next;
		disown(s, jobs_at(s, ref), reason);
	}
}

/* On restart, a node whose job has ended: it is to be stopped, or to fail. */
void gang_orphan(struct sched *s, struct live_job *node, const struct job *said)
{
	jobs_extra(node)->index = (int32_t)(said->key - said->parent - 1);
	node->timeout_s = 0;
	str_replace(&node->reason, said->status_reason ? said->status_reason : "");
	jobs_due(s, node, DUE_FAILED);
}

/* One step at a time, as section 2 has them. */
static enum job_status next_step(const struct live_job *parent)
{
	const struct family *f = family_of(parent);
	const struct gang *g = f->gang;
	bool all_over = g->over == g->placed.count;

	if (parent->status == JOB_RUNNABLE) {
		bool begins = g->undone ? all_over : g->placed.count == f->size;

		return begins || g->result ? JOB_STARTING : parent->status;
	}
	if (parent->status == JOB_STARTING && g->started)
		return JOB_RUNNING;
	if (g->result)
		return g->result;
	return g->retrying && all_over ? JOB_RUNNABLE : parent->status;
}

bool gang_tell_step(const struct live_job *parent, struct fact *out)
{
	enum job_status to = next_step(parent);

	out->rolled_up.to = to;
	out->rolled_up.reason = job_status_is_final(to) ? parent->reason : NULL;
	return to != parent->status;
}

static enum due due_of(const struct live_job *parent)
{
	const struct gang *g = family_of(parent)->gang;

	if (parent->status < JOB_RUNNABLE)
		return parent->due;
	if (next_step(parent) != parent->status)
		return DUE_ROLL_UP;
	return parent->status == JOB_RUNNABLE && g->placed.count && !g->undone && !g->retrying &&
			       !parent->terminated ?
		       DUE_GANG :
		       DUE_NONE;
}

void gang_settle(struct sched *s, struct live_job *parent)
{
	enum due due = due_of(parent);

	if (parent->due != due)
		jobs_due(s, parent, due);
}

/* RT-9, MNP-6: for the whole job. */
static void try_again(struct sched *s, struct live_job *parent)
{
	struct gang *g = family_of(parent)->gang;

	bits_free(&g->placed);
	g->over = 0;
	g->started = 0;
	g->retrying = g->undone = false;
	parent->started = 0;
	parent->order = line_front_order(s, parent);
}

static void step(struct sched *s, struct live_job *parent, enum job_status to)
{
	struct gang *g = family_of(parent)->gang;

	if (to == JOB_STARTING) {
		parent->attempt++;
		g->retrying |= g->undone && !g->result;
		g->undone = false;
		blocked_forget(s, parent);
	}
	if (to == JOB_RUNNING)
		parent->started = g->started;
	if (to == JOB_RUNNABLE)
		try_again(s, parent);
	jobs_move(s, parent, to);
	if (to == JOB_RUNNABLE)
		delay_join(s, parent, 1);
	gang_settle(s, parent);
}

int gang_rolled_up(struct sched *s, struct live_job *parent, const struct fact *fact,
		   struct fact_effect *effect, struct err *err)
{
	enum job_status from = parent->status, to = fact->rolled_up.to;
	jd_time started = family_of(parent)->gang->started;

	if (next_step(parent) != to || to == from)
		return err_set(err, ERR_CONFLICT, "job %lld does not become %s now",
			       (long long)parent->key, job_status_name(to));
	if (job_status_is_final(to)) {
		submit_end(s, parent, to, fact->rolled_up.reason, effect);
	} else {
		step(s, parent, to);
		submit_effect(parent, from, effect);
	}
	effect->started = to == JOB_RUNNABLE || to == JOB_STARTING ? 0 : started;
	return 0;
}

/* ---- restart */

static struct live_job *make(struct sched *s, struct live_job *parent, int32_t index)
{
	struct live_job *node = family_birth(s, parent, index, JOB_RUNNABLE);

	gang_settle(s, parent);
	return node;
}

/* Its present attempt is over, and it waits for the others. */
static void restore_over(struct sched *s, struct live_job *parent, struct live_job *node)
{
	struct family *f = family_of(parent);

	if (gang_is_main(s, node)) {
		f->gang->retrying = !parent->terminated;
		f->gang->result = parent->terminated ? JOB_FAILED : 0;
	}
	if (!jobs_active(parent)) { /* not all had a place */
		f->gang->undone = true;
		f->gang->over++;
		bits_put(&f->gang->placed, f->size, node->extra->index);
		delay_leave(s, parent);
	}
	stop_nodes(s, parent);
}

int gang_restore(struct sched *s, const struct job *said, struct fact_effect *effect,
		 struct err *err)
{
	struct live_job *parent = family_owner(s, said->key), *node;
	bool active = said->status == JOB_STARTING || said->status == JOB_RUNNING;

	if (!parent || parent->key != said->parent || parent->kind != JOB_KIND_MULTINODE ||
	    jobs_find(s, said->key) || said->status < JOB_RUNNABLE ||
	    job_status_is_final(said->status))
		return err_set(err, ERR_CONFLICT, "job %lld is no node that could live",
			       (long long)said->key);
	node = make(s, parent, (int32_t)(said->key - parent->key - 1));
	node->attempt = (uint16_t)(active && said->attempt ? said->attempt - 1 : said->attempt);
	node->terminated = said->terminated;
	node->timed_out = said->timed_out;
	if (said->terminated)
		node->reason = xstrdup(said->status_reason ? said->status_reason : "");
	if (node->attempt == gang_attempt(parent))
		restore_over(s, parent, node);
	gang_settle(s, parent);
	submit_effect(node, said->status, effect);
	effect->to = said->status;
	return 0;
}
