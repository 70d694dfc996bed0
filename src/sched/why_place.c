#include "config.h"
#include "ladder.h"
#include <assert.h>

/* The rungs about the place: could any hold the job, is there room, do the environments give
 * it, and what comes next. */

/* --- fits ------------------------------------------------------------------------------ */

/* The place that could hold it: the first type by the strategy, or the environment. */
static void tell_could(const struct ladder *l, const struct live_env *env, struct tale *text)
{
	struct resources need = jobs_resources(l->subject.job);
	char max[AMOUNT_SIZE];

	for (int i = 0; env->form == FORM_INSTANCES && i < env->allowed_count; i++) {
		struct resources has = instances_capacity(l->s, catalog_at(env->allowed[i]));

		if (evidence_short(&need, &has) != WHAT_NOTHING)
			continue;
		tell(text, "%s in %s", catalog_at(env->allowed[i])->name, env->name);
		return;
	}
	tell(text, "%s", env->name);
	if (env->max_vcpu_milli != INT64_MAX)
		tell(text, " (maxvCpus %s)", evidence_vcpus(env->max_vcpu_milli, max));
}

static void help_never(const struct ladder *l, struct tale *help)
{
	struct resources need = jobs_resources(l->subject.job);
	char most[AMOUNT_SIZE];
	struct limit limit;
	enum what what = evidence_limit(l->s, l->q, l->subject.job, &limit);

	if (!limit.env || what == WHAT_NOTHING || l->subject.job->kind == JOB_KIND_MULTINODE) {
		tell(help, "submit it to another queue, or attach a compute environment for it");
		return;
	}
	tell(help, "ask for at most %s, or ", evidence_amount(what, &limit.most, most));
	if (what == WHAT_VCPU && need.vcpu_milli > limit.env->max_vcpu_milli)
		tell(help, "raise maxvCpus of %s", limit.env->name);
	else if (limit.env->form == FORM_INSTANCES)
		tell(help, "allow %s a larger instance type", limit.env->name);
	else
		tell(help, "use a larger machine");
}

enum verdict why_fits(const struct ladder *l, struct tale *text, struct tale *help)
{
	const struct live_job *job = l->subject.job;
	struct resources need = jobs_resources(job);
	char vcpus[AMOUNT_SIZE];

	if (evidence_never(l->s, l->q, job)) {
		evidence_tell_never(l->s, l->q, job, text);
		help_never(l, help);
		return VERDICT_NEVER;
	}
	tell(text, "%s, %lld MiB memory", evidence_amount(WHAT_VCPU, &need, vcpus),
	     (long long)need.memory_mib);
	if (need.gpus)
		tell(text, ", %d GPU", (int)need.gpus);
	for (int i = 0, n = 0; i < l->q->env_count; i++) {
		const struct live_env *env = l->s->env[l->q->env[i]];

		if (!place_could_fit(l->s, env, job))
			continue;
		tell(text, n++ ? ", " : " fit ");
		tell_could(l, env, text);
	}
	return VERDICT_OK;
}

/* --- room ------------------------------------------------------------------------------ */

/* "i: largest gap 1 vCPU, 900 MiB on 2 instances; 4 of at most 8 vCPU launched". */
static void tell_instances(const struct ladder *l, const struct live_env *env, struct tale *text)
{
	struct resources need = jobs_resources(l->subject.job);
	struct resources gap = evidence_gap(l->s, env, &need);
	char free[AMOUNT_SIZE], launched[AMOUNT_SIZE], max[AMOUNT_SIZE];

	tell_next(text, "%s: ", env->name);
	if (env->instance_count)
		tell(text, "largest gap %s vCPU, %lld MiB on %d instance%s, ",
		     evidence_vcpus(gap.vcpu_milli, free), (long long)gap.memory_mib,
		     env->instance_count, env->instance_count == 1 ? "" : "s");
	tell(text, "%s of %s vCPU launched", evidence_vcpus(env->instance_vcpu_milli, launched),
	     evidence_vcpus(env->max_vcpu_milli, max));
}

/* "a: 0 of 4 vCPU free, 900 MiB on this machine". */
static void tell_slices(const struct ladder *l, const struct live_env *env, struct tale *text)
{
	bool by_pool;
	struct resources left = evidence_left(l->s, env, &by_pool);
	char free[AMOUNT_SIZE], max[AMOUNT_SIZE];

	tell_next(text, "%s: %s", env->name, evidence_vcpus(left.vcpu_milli, free));
	if (env->max_vcpu_milli != INT64_MAX)
		tell(text, " of %s", evidence_vcpus(env->max_vcpu_milli, max));
	tell(text, " vCPU free%s, %lld MiB", by_pool ? " on this machine" : "",
	     (long long)left.memory_mib);
	if (l->subject.job->gpus)
		tell(text, ", %d GPU", (int)left.gpus);
}

/* Its room is used up, as against nobody giving more. */
static bool is_full(const struct look *look)
{
	return look->chance == CHANCE_FULL ||
	       (look->chance == CHANCE_POOL && look->env->form != FORM_INSTANCES);
}

/* Of the environments that are open and large enough, told one by one. */
struct survey {
	int open, full;
	const struct live_env *first; /* that is full */
};

static struct survey survey(const struct ladder *l, struct tale *text)
{
	struct survey found = { 0 };

	for (int i = 0; i < l->q->env_count; i++) {
		const struct live_env *env = l->s->env[l->q->env[i]];
		struct look look = evidence_look(l->s, env, l->subject.job, l->now);

		if (look.chance <= CHANCE_NEVER)
			continue;
		(env->form == FORM_INSTANCES ? tell_instances : tell_slices)(l, env, text);
		found.open++;
		found.full += is_full(&look);
		if (!found.first && is_full(&look))
			found.first = env;
	}
	return found;
}

static void help_room(const struct ladder *l, const struct live_env *env, struct tale *help)
{
	bool by_pool;

	assert(env); /* asked only when one is full */
	evidence_left(l->s, env, &by_pool);
	if (env->form != FORM_INSTANCES && by_pool)
		tell(help, "something on this machine ends");
	else
		tell(help, "%d job%s of %s end, or its maxvCpus is raised", env->active,
		     env->active == 1 ? "" : "s", env->name);
}

enum verdict why_room(const struct ladder *l, struct tale *text, struct tale *help)
{
	struct survey found;

	if (l->subject.status >= JOB_STARTING || !l->subject.job->in_line) {
		tell(text, "not asked for");
		return VERDICT_OK;
	}
	found = survey(l, text);
	if (!found.open)
		return VERDICT_NOT_REACHED;
	if (found.full < found.open)
		return VERDICT_OK;
	help_room(l, found.first, help);
	return VERDICT_WAIT;
}

/* --- environment ----------------------------------------------------------------------- */

static void help_environment(const struct look *look, struct tale *help)
{
	const struct live_env *env = look->env;

	if (help->len)
		return;
	if (look->chance == CHANCE_CLOSED && env->state == STATE_DISABLED)
		tell(help, "enable %s", env->name);
	else if (look->chance == CHANCE_CLOSED)
		tell(help, "see the statusReason of %s", env->name);
	else if (look->chance == CHANCE_PRICE)
		tell(help, "on-demand work ends, or a higher bidPercentage for %s", env->name);
	else if (look->chance == CHANCE_REFUSED)
		tell(help, "the end of the drill");
	else
		tell(help, "others give back what they have of this machine");
}

/* What one says; does it give the job a place? */
static bool says_yes(const struct ladder *l, const struct look *look, struct tale *text)
{
	const struct live_env *env = look->env;

	if (look->chance == CHANCE_NEVER)
		return false;
	tell_next(text, "%s", "");
	if (look->chance == CHANCE_CLOSED)
		tell(text, "%s is %s and %s", env->name, state_name(env->state),
		     status_name(env->status));
	else if (look->chance >= CHANCE_POOL)
		evidence_tell_capacity(l->s, look, text);
	else
		tell(text, "%s is %s and %s", env->name, state_name(env->state),
		     status_name(env->status));
	return look->chance >= CHANCE_ROOM && look->chance <= CHANCE_COMING;
}

enum verdict why_environment(const struct ladder *l, struct tale *text, struct tale *help)
{
	bool yes = false;

	if (l->subject.status >= JOB_STARTING || !l->subject.job->in_line) {
		tell(text, "not asked");
		return VERDICT_OK;
	}
	for (int i = 0; i < l->q->env_count; i++) {
		struct look look = evidence_look(l->s, l->s->env[l->q->env[i]], l->subject.job,
						 l->now);
		bool gives = says_yes(l, &look, text);

		yes |= gives;
		if (!gives && look.chance != CHANCE_NEVER)
			help_environment(&look, help);
	}
	if (!yes)
		return VERDICT_WAIT;
	*help = tell_in(help->out, help->size);
	return VERDICT_OK;
}

/* --- placement ------------------------------------------------------------------------- */

static void tell_place(const struct ladder *l, struct tale *text)
{
	const struct live_job *job = l->subject.job;
	char id[INSTANCE_ID_SIZE];
	int64_t instance;

	tell(text, "%s", job_status_name(l->subject.status));
	if (job->env == NO_INDEX)
		return;
	tell(text, " in %s", l->s->env[job->env]->name);
	instance = instances_key(l->s, job);
	if (instance)
		tell(text, " on %s", instance_id(instance, id));
}

static enum verdict coming(const struct look *look, struct tale *text, struct tale *help)
{
	char id[INSTANCE_ID_SIZE], time[TIME_ISO_SIZE];

	tell(text, "waits for instance %s (%s) of %s, which is coming",
	     instance_id(look->instance->key, id), catalog_at(look->instance->type)->name,
	     look->env->name);
	tell(help, "it is up at %s", time_iso(look->instance->ready_at, time, sizeof time));
	return VERDICT_WAIT;
}

enum verdict why_placement(const struct ladder *l, struct tale *text, struct tale *help)
{
	struct look look;

	if (l->subject.status >= JOB_STARTING) {
		tell_place(l, text);
		if (!l->subject.job->waits)
			return VERDICT_OK;
		tell(text, "; the main node has to run first");
		return VERDICT_WAIT;
	}
	if (!l->subject.job->in_line) {
		tell(text, "nothing of it waits for a place");
		return VERDICT_OK;
	}
	look = evidence_first_look(l->s, l->q, l->subject.job, l->now);
	if (look.chance == CHANCE_COMING)
		return coming(&look, text, help);
	tell(text, "about to start in %s", look.env ? look.env->name : l->q->name);
	return VERDICT_OK;
}
