#include "config.h"
#include "family.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/model/reason.h"

/* Section 10: why the head of a queue is blocked. What was said (BLOCKED facts) is state; what
 * is found is worked out from the state alone, whenever the queue's front was left waiting or
 * something else that it depends on has changed (blocked_look). Where the two differ, BLOCKED
 * is due, after all that can be placed was. An array is judged, and spoken of, as a whole. */

#define TEXT_OF(name, code, tail, usable) [BLOCKED_##name] = code tail,
#define CODE_OF(name, code, tail, usable) [BLOCKED_##name] = code,
static const char *const texts[BLOCKED_COUNT] = { BLOCKED_TEXTS(TEXT_OF) };
static const char *const codes[BLOCKED_COUNT] = { BLOCKED_TEXTS(CODE_OF) };

const char *blocked_code(enum blocked blocked)
{
	return codes[blocked] ? codes[blocked] : "";
}

/* Fargate has no types. */
static const char fargate[] = "FARGATE";

const char *blocked_text(enum blocked blocked, uint16_t type, char *out, size_t size)
{
	const char *text = texts[blocked] ? texts[blocked] : "";
	const char *hole = strstr(text, "%s");

	if (!hole)
		snprintf(out, size, "%s", text);
	else
		snprintf(out, size, "%.*s%s%s", (int)(hole - text), text,
			 type == NO_INDEX ? fargate : catalog_at(type)->name, hole + 2);
	return out;
}

/* The type between the brackets, as far as this build's catalog has it. */
static uint16_t type_in(const char *text)
{
	const char *from = strchr(text, '['), *to = from ? strchr(from, ']') : NULL;
	const struct instance_type *type;
	char name[64];

	if (!to || (size_t)(to - from) > sizeof name)
		return NO_INDEX;
	snprintf(name, sizeof name, "%.*s", (int)(to - from - 1), from + 1);
	type = catalog_find(name);
	return type ? (uint16_t)catalog_index(type) : NO_INDEX;
}

/* BLOCKED_NOT: not such a text. */
static enum blocked parse(const char *text, uint16_t *type)
{
	*type = NO_INDEX;
	for (int i = 0; i < BLOCKED_COUNT; i++) {
		size_t len = codes[i] ? strlen(codes[i]) : 0;

		if (!len || strncmp(text, codes[i], len) != 0 || text[len] != ' ')
			continue;
		if (i == BLOCKED_INSUFFICIENT_CAPACITY)
			*type = type_in(text);
		return (enum blocked)i;
	}
	return BLOCKED_NOT;
}

/* --- what is found --------------------------------------------------------------------- */

static bool all_invalid(const struct sched *s, const struct live_queue *q)
{
	for (int i = 0; i < q->env_count; i++) {
		if (s->env[q->env[i]]->status != STATUS_INVALID)
			return false;
	}
	return q->env_count > 0;
}

static bool above_every_max(const struct sched *s, const struct live_queue *q,
			    const struct live_job *job)
{
	for (int i = 0; i < q->env_count; i++) {
		if (job->vcpu_milli <= s->env[q->env[i]]->max_vcpu_milli)
			return false;
	}
	return q->env_count > 0;
}

/* A type that the environment allows would hold the job; is there such a one at all? */
static bool type_for(const struct sched *s, const struct live_env *env, const struct live_job *job,
		     uint16_t *type)
{
	struct resources need = jobs_resources(job);

	if (env->form != FORM_INSTANCES || !place_suits(env, job) ||
	    need.vcpu_milli > env->max_vcpu_milli)
		return false;
	if (job->kind == JOB_KIND_MULTINODE)
		need = gang_largest(job);
	for (int i = 0; i < env->allowed_count; i++) {
		struct resources has = instances_capacity(s, catalog_at(env->allowed[i]));

		if (!place_within(&need, &has, &(struct resources){ 0 }))
			continue;
		*type = env->allowed[i];
		return true;
	}
	return false;
}

/* It fits nowhere, were all of it free: because of the types, or because the pool is smaller
 * than every type that would do. */
enum blocked blocked_misfit(const struct sched *s, const struct live_queue *q,
			    const struct live_job *job, uint16_t *type)
{
	*type = NO_INDEX;
	if (all_invalid(s, q))
		return BLOCKED_ENVIRONMENTS_INVALID;
	for (int i = 0; i < q->env_count; i++) {
		if (place_could_fit(s, s->env[q->env[i]], job))
			return BLOCKED_NOT;
	}
	if (above_every_max(s, q, job))
		return BLOCKED_MAX_RESOURCE;
	for (int i = 0; i < q->env_count; i++) {
		if (type_for(s, s->env[q->env[i]], job, type))
			return BLOCKED_INSUFFICIENT_CAPACITY;
	}
	return BLOCKED_RESOURCE_REQUIREMENT;
}

/* What waiting for one environment is. */
enum outlook {
	OUTLOOK_NONE,	 /* it takes nothing, or not this job */
	OUTLOOK_COMES,	 /* the normal: somebody or something makes room */
	OUTLOOK_UNKNOWN, /* at its maximum, and nothing that would end */
	OUTLOOK_SHORT,	 /* no capacity */
};

/* Nobody's instances that will go. */
static bool something_goes(const struct sched *s, const struct live_env *env)
{
	for (uint32_t n = env->first_instance; n; n = s->instance[n]->env_next) {
		if (s->instance[n]->in_idle)
			return true;
	}
	return false;
}

static enum outlook outlook_of(const struct sched *s, const struct live_env *env,
			       const struct live_job *job, jd_time now, uint16_t *type)
{
	struct live_instance *instance;

	if (!envs_open(env) || !place_could_fit(s, env, job))
		return OUTLOOK_NONE;
	if ((env->active && env->refuse_until <= now) || env->launching_count)
		return OUTLOOK_COMES;
	switch (place_fit(s, env, job, now, &instance, type)) {
	case FIT_ENV:
		return env->active || something_goes(s, env) ? OUTLOOK_COMES : OUTLOOK_UNKNOWN;
	case FIT_POOL:
	case FIT_WAIT:
		if (env->form == FORM_LOCAL_HOST || env->type == CE_UNMANAGED)
			*type = CATALOG_LOCAL_HOST;
		return s->reclaiming.vcpu_milli ? OUTLOOK_COMES : OUTLOOK_SHORT;
	case FIT_CLOSED:
	case FIT_NEVER:
		return OUTLOOK_NONE;
	default:
		return OUTLOOK_COMES;
	}
}

/* PL-3: Fargate Spot without capacity lets no later environment have the job; and a multi-node
 * job waits for the first that could hold it. */
static bool keeps_all(const struct live_env *env, const struct live_job *job, enum outlook outlook)
{
	return job->kind == JOB_KIND_MULTINODE ||
	       (outlook == OUTLOOK_SHORT && env->type == CE_MANAGED &&
		env->cr_type == CR_FARGATE_SPOT);
}

static bool one_is_coming(const struct sched *s, const struct live_queue *q)
{
	for (int i = 0; i < q->env_count; i++) {
		if (s->env[q->env[i]]->status == STATUS_CREATING)
			return true;
	}
	return false;
}

static enum blocked no_room(const struct sched *s, const struct live_queue *q,
			    const struct live_job *job, jd_time now, uint16_t *type)
{
	bool any_short = false, any_unknown = false;

	for (int i = 0; i < q->env_count; i++) {
		const struct live_env *env = s->env[q->env[i]];
		uint16_t wanted = NO_INDEX;
		enum outlook outlook = outlook_of(s, env, job, now, &wanted);

		if (outlook == OUTLOOK_COMES)
			return BLOCKED_NOT;
		if (outlook == OUTLOOK_SHORT && !any_short)
			*type = wanted;
		any_short |= outlook == OUTLOOK_SHORT;
		any_unknown |= outlook == OUTLOOK_UNKNOWN;
		if (outlook != OUTLOOK_NONE && keeps_all(env, job, outlook))
			break;
	}
	if (any_short && !any_unknown)
		return BLOCKED_INSUFFICIENT_CAPACITY;
	*type = NO_INDEX;
	return !any_unknown && one_is_coming(s, q) ? BLOCKED_NOT : BLOCKED_UNDETERMINED;
}

enum blocked blocked_of(const struct sched *s, const struct live_queue *q,
			const struct live_job *job, jd_time now, uint16_t *type)
{
	enum blocked found;

	*type = NO_INDEX;
	if (!queues_place(q))
		return BLOCKED_NOT;
	found = blocked_misfit(s, q, job, type);
	if (found != BLOCKED_NOT)
		return found;
	if (q->blocked_until > now)
		return BLOCKED_UNDETERMINED;
	if (queues_full(q) || !consume_fits(s, job) ||
	    share_reserved(s, s->queue[q->self], job, now))
		return BLOCKED_NOT;
	return no_room(s, q, job, now, type);
}

/* --- when it is looked for ------------------------------------------------------------- */

void blocked_look(struct sched *s, struct live_queue *q)
{
	if (q->judge)
		return;
	q->judge = true;
	LIST_INSERT_HEAD(&s->judge, q, judge_link);
}

void blocked_look_env(struct sched *s, const struct live_env *env)
{
	for (uint32_t i = 0; i < env->queue_count; i++)
		blocked_look(s, s->queue[env->queue[i]]);
}

void blocked_look_all(struct sched *s)
{
	for (size_t i = 0; i < s->queue_count; i++) {
		if (s->queue[i])
			blocked_look(s, s->queue[i]);
	}
}

static void unlook(struct live_queue *q)
{
	if (q->judge)
		LIST_REMOVE(q, judge_link);
	q->judge = false;
}

static void say_nothing(struct sched *s, struct live_queue *q)
{
	s->blocked_count -= q->blocked_job != 0;
	q->blocked = BLOCKED_NOT;
	q->blocked_job = 0;
	q->blocked_type = NO_INDEX;
	q->blocked_over = false;
	q->blocked_since = 0;
	blocked_look(s, q);
}

static void say(struct sched *s, struct live_queue *q, int64_t job, enum blocked blocked,
		uint16_t type, jd_time since)
{
	say_nothing(s, q);
	s->blocked_count++;
	q->blocked = blocked;
	q->blocked_job = job;
	q->blocked_type = type;
	q->blocked_since = since;
}

void blocked_drop(struct sched *s, struct live_queue *q)
{
	if (q->blocked_job)
		say_nothing(s, q);
	unlook(q);
}

void blocked_forget(struct sched *s, const struct live_job *job)
{
	struct live_queue *q = s->queue[job->queue];

	if (q->blocked_job == job->key)
		say_nothing(s, q);
}

/* Of an array a child goes, and it is at the front anew; that must be said, as the fact is
 * the child's. On restart, children come back that were placed before, but one placed later
 * was the last thing that was told. */
void blocked_placed(struct sched *s, const struct live_job *job, bool born, jd_time at)
{
	struct live_queue *q = s->queue[job->queue];

	if (!q->blocked_job)
		return;
	if (q->blocked_job == job->key)
		say_nothing(s, q);
	else if (job->kind == JOB_KIND_CHILD && (born || at > q->blocked_since) &&
		 q->blocked_job == job->key - job->extra->index - 1) {
		q->blocked_over = true;
		blocked_look(s, q);
	}
}

void blocked_restore(struct sched *s, const struct live_job *job, const struct job *said)
{
	struct live_queue *q = s->queue[job->queue];
	enum blocked blocked;
	uint16_t type;

	if (!said->blocked_since || !said->status_reason || q->blocked_job)
		return;
	blocked = parse(said->status_reason, &type);
	if (blocked != BLOCKED_NOT)
		say(s, q, job->key, blocked, type, said->blocked_since);
}

int blocked_apply(struct sched *s, const struct fact *fact, struct fact_effect *effect,
		  struct err *err)
{
	struct live_job *job = jobs_need(s, fact->job, err);
	enum blocked blocked;
	struct live_queue *q;
	uint16_t type = NO_INDEX;

	if (!job)
		return -1;
	q = s->queue[job->queue];
	blocked = fact->reason ? parse(fact->reason, &type) : BLOCKED_NOT;
	if (fact->reason && blocked == BLOCKED_NOT)
		return err_set(err, ERR_INVALID, "\"%s\" is no reason to be blocked for",
			       fact->reason);
	if (jobs_active(job) || (q->blocked_job != job->key && (q->blocked_job || !fact->reason)))
		return err_set(err, ERR_CONFLICT, "job %lld is not the blocked head of %s",
			       (long long)fact->job, q->name);
	if (!fact->reason)
		say_nothing(s, q);
	else if (q->blocked == blocked && !q->blocked_over)
		say(s, q, job->key, blocked, type, q->blocked_since);
	else
		say(s, q, job->key, blocked, type, fact->at);
	submit_effect(job, job->status, effect);
	if (fact->reason)
		effect->status_reason = fact->reason;
	effect->blocked_since = q->blocked_since;
	return 0;
}

/* --- what is due ----------------------------------------------------------------------- */

static bool differs(const struct live_queue *q)
{
	return q->blocked_over || q->found != q->blocked ||
	       (q->blocked_job && (q->found_job != q->blocked_job ||
				   q->found_type != q->blocked_type));
}

static void judge(struct sched *s, struct live_queue *q, jd_time now)
{
	const struct live_job *head = share_front(s, q, now);

	q->found = BLOCKED_NOT;
	q->found_job = 0;
	q->found_type = NO_INDEX;
	if (head)
		q->found = blocked_of(s, q, head, now, &q->found_type);
	if (q->found != BLOCKED_NOT)
		q->found_job = head->key;
	s->blocked_due |= differs(q);
}

static void judge_all(struct sched *s, jd_time now)
{
	struct live_queue *q;

	while ((q = LIST_FIRST(&s->judge))) {
		unlook(q);
		judge(s, q, now);
	}
}

static bool decide_said(struct sched *s, jd_time now, struct fact *out)
{
	if (!s->blocked_due)
		return false;
	for (size_t i = 0; i < s->queue_count; i++) {
		const struct live_queue *q = s->queue[i];
		bool over;

		if (!q || !differs(q))
			continue;
		over = q->blocked_job && (q->blocked_over || q->found_job != q->blocked_job);
		*out = (struct fact){ .kind = FACT_BLOCKED, .at = now };
		out->job = over ? q->blocked_job : q->found_job;
		if (!over)
			out->reason = blocked_text(q->found, q->found_type, s->blocked_text,
						   sizeof s->blocked_text);
		return true;
	}
	s->blocked_due = false;
	return false;
}

/* BL-1: when the queue's head has been blocked too long for that reason, or JD_NEVER. */
static jd_time limit_of(const struct live_queue *q)
{
	jd_time first = JD_NEVER;

	for (int i = 0; q->blocked_job && i < q->limit_count; i++) {
		jd_time at = q->blocked_since + q->limit[i].max_ms;

		if (q->limit[i].reason == q->blocked && at < first)
			first = at;
	}
	return first;
}

/* The head fails; children of an array that run go on (ARR-6), so that one is cancelled. */
static bool decide_limit(struct sched *s, jd_time now, struct fact *out)
{
	for (size_t i = 0; s->blocked_count && i < s->queue_count; i++) {
		const struct live_queue *q = s->queue[i];
		int64_t children[JOB_COUNT];

		if (!q || limit_of(q) > now)
			continue;
		*out = (struct fact){ .kind = FACT_FAILED, .at = now, .job = q->blocked_job };
		if (sched_array(s, q->blocked_job, children))
			out->kind = FACT_CANCELLED;
		snprintf(s->blocked_text, sizeof s->blocked_text, REASON_TIME_LIMIT,
			 blocked_code(q->blocked));
		out->reason = s->blocked_text;
		return true;
	}
	return false;
}

bool blocked_decide(struct sched *s, jd_time now, struct fact *out)
{
	judge_all(s, now);
	return decide_said(s, now, out) || decide_limit(s, now, out);
}

jd_time blocked_wakeup(const struct sched *s, jd_time now)
{
	jd_time first = JD_NEVER;

	for (size_t i = 0; s->blocked_count && i < s->queue_count; i++) {
		jd_time at = s->queue[i] ? limit_of(s->queue[i]) : JD_NEVER;

		first = at > now && at < first ? at : first;
	}
	return first;
}
