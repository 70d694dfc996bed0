#include "config.h"
#include "evidence.h"
#include <stdarg.h>
#include <stdio.h>

/* What there is and what there could be, for explanations. Costs go with the environments of
 * one queue, their types and instances, never with jobs. */

static const struct resources nothing;

struct tale tell_in(char *out, size_t size)
{
	if (size)
		out[0] = '\0';
	return (struct tale){ out, size, 0 };
}

static void add(struct tale *t, const char *fmt, va_list ap)
{
	int n;

	if (t->len >= t->size)
		return;
	n = vsnprintf(t->out + t->len, t->size - t->len, fmt, ap);
	t->len += n > 0 ? (size_t)n : 0;
}

void tell(struct tale *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(t, fmt, ap);
	va_end(ap);
}

void tell_next(struct tale *t, const char *fmt, ...)
{
	va_list ap;

	if (t->len)
		tell(t, "; ");
	va_start(ap, fmt);
	add(t, fmt, ap);
	va_end(ap);
}

jd_time evidence_now(const struct sched *s)
{
	return s->asked > s->at ? s->asked : s->at;
}

/* --- amounts --------------------------------------------------------------------------- */

const char *evidence_vcpus(int64_t milli, char buf[AMOUNT_SIZE])
{
	int n = snprintf(buf, AMOUNT_SIZE, "%lld.%03d", (long long)(milli / 1000),
			 (int)(milli % 1000));

	while (buf[n - 1] == '0')
		buf[--n] = '\0';
	if (buf[n - 1] == '.')
		buf[n - 1] = '\0';
	return buf;
}

enum what evidence_short(const struct resources *need, const struct resources *have)
{
	if (need->vcpu_milli > have->vcpu_milli)
		return WHAT_VCPU;
	if (need->memory_mib > have->memory_mib)
		return WHAT_MEMORY;
	return need->gpus > have->gpus ? WHAT_GPU : WHAT_NOTHING;
}

static int64_t part(enum what what, const struct resources *r)
{
	return what == WHAT_VCPU ? r->vcpu_milli : what == WHAT_MEMORY ? r->memory_mib : r->gpus;
}

const char *evidence_number(enum what what, const struct resources *r, char buf[AMOUNT_SIZE])
{
	if (what == WHAT_VCPU)
		return evidence_vcpus(r->vcpu_milli, buf);
	snprintf(buf, AMOUNT_SIZE, "%lld", (long long)part(what, r));
	return buf;
}

static const char *unit(enum what what)
{
	return what == WHAT_VCPU ? "vCPU" : what == WHAT_MEMORY ? "MiB memory" : "GPU";
}

const char *evidence_amount(enum what what, const struct resources *r, char buf[AMOUNT_SIZE])
{
	char number[AMOUNT_SIZE];

	snprintf(buf, AMOUNT_SIZE, "%.20s %s", evidence_number(what, r, number), unit(what));
	return buf;
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t at_least_0(int64_t n)
{
	return n > 0 ? n : 0;
}

/* --- who ------------------------------------------------------------------------------- */

struct subject evidence_subject(const struct sched *s, int64_t key)
{
	struct subject subject = { .job = jobs_find(s, key), .index = -1 };

	if (subject.job) {
		subject.status = subject.job->status;
		return subject;
	}
	subject.job = family_unborn(s, key, &subject.index);
	if (subject.job)
		subject.status = family_status(s, subject.job, subject.index);
	return subject;
}

/* An array does as long as there are children that may run. */
bool evidence_in_line(const struct subject *subject)
{
	const struct live_job *job = subject->job;

	return subject->status == JOB_RUNNABLE || (job->kind == JOB_KIND_ARRAY && job->in_line);
}

bool evidence_looked_at(const struct live_queue *q, int64_t ahead)
{
	return ahead <= q->passed || q->backfill;
}

/* --- what could be --------------------------------------------------------------------- */

bool evidence_never(const struct sched *s, const struct live_queue *q, const struct live_job *job)
{
	for (int i = 0; i < q->env_count; i++) {
		if (place_could_fit(s, s->env[q->env[i]], job))
			return false;
	}
	return q->env_count > 0;
}

static struct limit limit_of_machine(const struct sched *s, const struct live_env *env)
{
	struct limit limit = { .env = env, .most = s->pool };

	limit.by_pool = s->pool.vcpu_milli < env->max_vcpu_milli;
	limit.most.vcpu_milli = least(s->pool.vcpu_milli, env->max_vcpu_milli);
	return limit;
}

/* The type that has most of what is asked for, of those that the pool could hold. */
static struct limit limit_of_types(const struct sched *s, const struct live_env *env,
				   enum what what)
{
	struct limit limit = { .env = env };

	for (int i = 0; i < env->allowed_count; i++) {
		const struct instance_type *type = catalog_at(env->allowed[i]);
		struct resources nominal = scale_nominal(type);
		struct resources has = instances_capacity(s, type);

		if (!place_within(&nominal, &s->pool, &nothing)) {
			limit.by_pool = !limit.type;
			continue;
		}
		if (limit.type && part(what, &has) <= part(what, &limit.most))
			continue;
		limit = (struct limit){ .env = env, .type = type, .most = has };
	}
	if (limit.type && env->max_vcpu_milli < limit.most.vcpu_milli) {
		limit.most.vcpu_milli = env->max_vcpu_milli;
		if (what == WHAT_VCPU)
			limit.type = NULL;
	}
	return limit;
}

static struct limit limit_of(const struct sched *s, const struct live_env *env, enum what what)
{
	return env->form == FORM_INSTANCES ? limit_of_types(s, env, what) :
					     limit_of_machine(s, env);
}

/* What it lacks in one environment: the first of the three that even the best type there has
 * too little of; WHAT_NOTHING when it is the mixture (vCPUs of one type, memory of another). */
static enum what lacks(const struct sched *s, const struct live_env *env,
		       const struct resources *need, struct limit *out)
{
	for (enum what what = WHAT_VCPU; what <= WHAT_GPU; what++) {
		*out = limit_of(s, env, what);
		if (part(what, need) > part(what, &out->most))
			return what;
	}
	return WHAT_NOTHING;
}

/* Nearer to what is needed: it lacks less of what comes first. */
static bool nearer(enum what what, const struct limit *limit, enum what best_what,
		   const struct limit *best)
{
	if (!best->env || what != best_what)
		return !best->env || what == WHAT_NOTHING || what > best_what;
	return part(what, &limit->most) > part(what, &best->most);
}

enum what evidence_limit(const struct sched *s, const struct live_queue *q,
			 const struct live_job *job, struct limit *out)
{
	struct resources need = jobs_resources(job);
	enum what best = WHAT_NOTHING;

	*out = (struct limit){ 0 };
	for (int i = 0; i < q->env_count; i++) {
		const struct live_env *env = s->env[q->env[i]];
		struct limit limit;
		enum what what;

		if (!place_suits(env, job))
			continue;
		what = lacks(s, env, &need, &limit);
		if (!nearer(what, &limit, best, out))
			continue;
		*out = limit;
		best = what;
	}
	return best;
}

static const char machine[] = "this machine";

static void tell_unsuited(const struct live_queue *q, const struct live_job *job, struct tale *t)
{
	if (job->platform == PLATFORM_FARGATE && job->gpus)
		tell(t, "needs %d GPU, Fargate has none: can never run", (int)job->gpus);
	else
		tell(t, "needs %s compute environment, %s has none: can never run",
			 job->kind == JOB_KIND_MULTINODE     ? "a managed on-demand EC2" :
			 job->platform == PLATFORM_FARGATE ? "a Fargate" :
							     "an EC2 or unmanaged",
			 q->name);
}

void evidence_tell_never(const struct sched *s, const struct live_queue *q,
			 const struct live_job *job, struct tale *t)
{
	struct resources need = jobs_resources(job);
	char want[AMOUNT_SIZE], have[AMOUNT_SIZE];
	struct limit limit;
	enum what what = evidence_limit(s, q, job, &limit);

	if (!limit.env) {
		tell_unsuited(q, job, t);
		return;
	}
	if (what == WHAT_NOTHING || job->kind == JOB_KIND_MULTINODE) {
		tell(t, "needs %s and %s%s, more than %s of %s has: can never run",
			 evidence_amount(WHAT_VCPU, &need, want),
			 evidence_amount(WHAT_MEMORY, &need, have),
			 job->kind == JOB_KIND_MULTINODE ? " for all nodes at once" : "",
			 job->kind == JOB_KIND_MULTINODE ? "any compute environment" :
							   "any one instance type",
			 job->kind == JOB_KIND_MULTINODE ? q->name : limit.env->name);
		return;
	}
	if (limit.env->form == FORM_INSTANCES && !limit.type && limit.by_pool) {
		tell(t, "every instance type of %s is larger than %s: can never run",
			 limit.env->name, machine);
		return;
	}
	tell(t, "needs %s, ", evidence_amount(what, &need, want));
	if (limit.type)
		tell(t, "%s in ", limit.type->name);
	tell(t, "%s has %s at most: can never run",
		 !limit.type && (limit.by_pool || what != WHAT_VCPU) ? machine : limit.env->name,
		 evidence_number(what, &limit.most, have));
}

/* --- what there is --------------------------------------------------------------------- */

static const struct live_instance *coming(const struct sched *s, const struct live_env *env,
					  const struct resources *need)
{
	const struct live_instance *found = NULL;

	for (uint32_t n = env->launching_count ? env->first_instance : 0; n;
	     n = s->instance[n]->env_next) {
		const struct live_instance *i = s->instance[n];

		if (i->status == INSTANCE_LAUNCHING && i->generation == env->generation &&
		    place_within(need, &i->capacity, &nothing))
			found = i; /* the oldest is the last */
	}
	return found;
}

static enum chance no_capacity(const struct sched *s, const struct live_env *env, jd_time now)
{
	switch (scale_may_launch(s, env, now)) {
	case LAUNCH_REFUSED:
		return CHANCE_REFUSED;
	case LAUNCH_PRICE:
		return CHANCE_PRICE;
	default:
		return CHANCE_POOL;
	}
}

static enum chance chance_of(const struct sched *s, const struct look *look, enum fit fit,
			     jd_time now)
{
	switch (fit) {
	case FIT_YES:
		return CHANCE_ROOM;
	case FIT_LAUNCH:
		return CHANCE_LAUNCH;
	case FIT_COMING:
		return CHANCE_COMING;
	case FIT_ENV:
		return CHANCE_FULL;
	case FIT_POOL:
	case FIT_WAIT:
		return no_capacity(s, look->env, now);
	case FIT_CLOSED:
		return CHANCE_CLOSED;
	default:
		return CHANCE_NEVER;
	}
}

/* The pass has gone on behind it, as a place on an instance that is coming is its own. */
static bool is_booked(const struct sched *s, const struct live_job *job)
{
	const struct live_queue *q = s->queue[job->queue];

	return !q->backfill && job->in_line && line_ahead(s, job) < q->passed;
}

struct look evidence_look(const struct sched *s, const struct live_env *env,
			  const struct live_job *job, jd_time now)
{
	struct look look = { .env = env, .chance = CHANCE_NEVER, .type = NO_INDEX, .count = 1 };
	struct resources need = jobs_resources(job);
	struct live_instance *instance;
	enum fit fit;

	if (job->kind == JOB_KIND_MULTINODE)
		look.count = family_of(job)->size;
	if (!envs_open(env))
		look.chance = CHANCE_CLOSED;
	if (!envs_open(env) || !place_could_fit(s, env, job))
		return look;
	fit = place_fit(s, env, job, now, &instance, &look.type);
	look.chance = chance_of(s, &look, fit, now);
	look.instance = instance;
	if (fit != FIT_YES && !look.instance && is_booked(s, job) &&
	    (look.instance = coming(s, env, &need)))
		look.chance = CHANCE_COMING;
	return look;
}

struct look evidence_first_look(const struct sched *s, const struct live_queue *q,
				const struct live_job *job, jd_time now)
{
	struct look first = { .type = NO_INDEX };

	for (int i = 0; i < q->env_count; i++) {
		struct look look = evidence_look(s, s->env[q->env[i]], job, now);
		bool good = look.chance >= CHANCE_ROOM && look.chance <= CHANCE_COMING;

		if (good)
			return look;
		if (!first.env && look.chance > CHANCE_NEVER)
			first = look;
	}
	return first;
}

/* By what is short: the most vCPUs that are free on one; if those would do, the most memory
 * among those where they would; then GPUs. */
struct resources evidence_gap(const struct sched *s, const struct live_env *env,
			      const struct resources *need)
{
	struct resources best = { 0 };

	for (uint32_t n = env->first_instance; n; n = s->instance[n]->env_next) {
		const struct live_instance *i = s->instance[n];
		struct resources gap = { i->capacity.vcpu_milli - i->used.vcpu_milli,
					 i->capacity.memory_mib - i->used.memory_mib,
					 i->capacity.gpus - i->used.gpus };
		enum what a = evidence_short(need, &gap), b = evidence_short(need, &best);

		if (i->status != INSTANCE_UP || i->generation != env->generation)
			continue;
		if ((a != b && (a == WHAT_NOTHING || (b != WHAT_NOTHING && a > b))) ||
		    (a == b && part(a ? a : WHAT_VCPU, &gap) > part(a ? a : WHAT_VCPU, &best)))
			best = gap;
	}
	return best;
}

struct resources evidence_left(const struct sched *s, const struct live_env *env, bool *by_pool)
{
	int64_t in_env = env->max_vcpu_milli - env->used.vcpu_milli;
	int64_t in_pool = s->pool.vcpu_milli - s->used.vcpu_milli;

	*by_pool = in_pool < in_env;
	return (struct resources){
		.vcpu_milli = at_least_0(least(in_env, in_pool)),
		.memory_mib = at_least_0(s->pool.memory_mib - s->used.memory_mib),
		.gpus = (int32_t)at_least_0(s->pool.gpus - s->used.gpus),
	};
}

static void tell_pool(const struct sched *s, const struct look *look, struct tale *t)
{
	struct resources free = s->pool, nominal;
	char want[AMOUNT_SIZE], have[AMOUNT_SIZE];
	enum what what;

	if (look->type == NO_INDEX) {
		tell(t, "%s has no capacity", look->env->name);
		return;
	}
	resources_sub(&free, &s->used);
	nominal = scale_nominal(catalog_at(look->type));
	nominal.vcpu_milli *= look->count;
	nominal.memory_mib *= look->count;
	nominal.gpus *= look->count;
	what = evidence_short(&nominal, &free);
	if (look->count > 1)
		tell(t, "%d times ", look->count);
	tell(t, "%s of %s needs %s, %s free on %s", catalog_at(look->type)->name,
		 look->env->name, evidence_amount(what ? what : WHAT_VCPU, &nominal, want),
		 evidence_number(what ? what : WHAT_VCPU, &free, have), machine);
}

void evidence_tell_capacity(const struct sched *s, const struct look *look, struct tale *t)
{
	char until[TIME_ISO_SIZE];

	if (look->chance == CHANCE_REFUSED)
		tell(t, "%s has no capacity before %s (drill)", look->env->name,
			 time_iso(look->env->refuse_until, until, sizeof until));
	else if (look->chance == CHANCE_PRICE && spot_price(s) < look->env->bid)
		tell(t, "Spot capacity is being taken back for on-demand work, none is given in %s",
		     look->env->name);
	else if (look->chance == CHANCE_PRICE)
		tell(t, "the Spot price is %d%% of on-demand, not below the %d%% that %s bids",
			 spot_price(s), look->env->bid, look->env->name);
	else
		tell_pool(s, look, t);
}
