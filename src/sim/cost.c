#include "config.h"
#include "book.h"
#include <string.h>
#include "jobdeck/base/mem.h"

/* What is in use and what it costs. Time goes by between facts; the Spot price of an
 * environment is summed up over it, so that an instance's cost is a difference of two sums. */

enum { HOUR_MS = 3600 * 1000, FARGATE_LEAST_MS = 60 * 1000 };

static enum book_form form_of(const struct sched_env_view *view)
{
	if (view->type == CE_UNMANAGED)
		return BOOK_UNMANAGED;
	if (view->cr_type == CR_FARGATE || view->cr_type == CR_FARGATE_SPOT)
		return BOOK_FARGATE;
	return view->own_instances ? BOOK_INSTANCES : BOOK_LOCAL_HOST;
}

static void look_at(const struct book *b, struct book_env *env)
{
	struct sched_env_view view = { 0 };

	sched_env(b->s, env->name, &view);
	env->form = form_of(&view);
	env->spot = view.spot;
	env->percent = view.spot ? view.spot_price : 100;
	if (env->form == BOOK_FARGATE)
		env->percent = view.spot ? CATALOG_FARGATE_SPOT_PERCENT : 100;
}

struct book_env *cost_env(struct book *b, const char *name)
{
	struct book_env *env;

	HASH_FIND_STR(b->envs, name, env);
	if (env)
		return env;
	env = xcalloc(1, sizeof *env);
	env->name = xstrdup(name);
	env->self = (uint16_t)b->env_count;
	ARRAY_ROOM(b->env, b->env_count, b->env_cap);
	b->env[b->env_count++] = env;
	HASH_ADD_KEYPTR(hh, b->envs, env->name, strlen(env->name), env);
	look_at(b, env);
	return env;
}

static struct type_sum *sum_of(struct book_env *env, const char *type)
{
	for (size_t i = 0; i < env->type_count; i++) {
		if (strcmp(env->type[i].type, type) == 0)
			return &env->type[i];
	}
	ARRAY_ROOM(env->type, env->type_count, env->type_cap);
	env->type[env->type_count] = (struct type_sum){ .type = type };
	return &env->type[env->type_count++];
}

static struct type_sum *local_host(struct book_env *env)
{
	return sum_of(env, catalog_at(CATALOG_LOCAL_HOST)->name);
}

static void pass_env(struct book_env *env, int64_t ms)
{
	double held = (double)env->percent * (double)ms;

	env->used += (double)env->used_milli * (double)ms;
	env->provided += (double)(env->form == BOOK_INSTANCES ? env->boxes_milli : env->used_milli) *
			 (double)ms;
	env->percent_ms += held;
	if (env->form == BOOK_LOCAL_HOST && env->used_milli)
		local_host(env)->micro_usd +=
			(double)catalog_local_price(env->used_milli) * held / 100 / HOUR_MS;
}

void cost_pass(struct book *b, jd_time now)
{
	if (now <= b->now)
		return;
	for (size_t i = 0; i < b->env_count; i++)
		pass_env(b->env[i], now - b->now);
	b->now = now;
}

/* Prices move with what on-demand work uses. */
static void look_at_prices(struct book *b)
{
	for (size_t i = 0; i < b->env_count; i++) {
		if (b->env[i]->spot && b->env[i]->form != BOOK_FARGATE)
			look_at(b, b->env[i]);
	}
}

static void add_active(struct book *b, int64_t key, const char *env, int64_t instance, jd_time at)
{
	struct active *active = xcalloc(1, sizeof *active);
	struct book_env *at_env = cost_env(b, env);
	struct sched_job_view view;

	active->key = key;
	active->placed = at;
	active->instance = instance;
	active->env = at_env->self;
	if (sched_job(b->s, key, &view))
		active->need = view.need;
	at_env->used_milli += active->need.vcpu_milli;
	HASH_ADD(hh, b->actives, key, sizeof active->key, active);
}

void cost_placed(struct book *b, const struct fact *fact)
{
	add_active(b, fact->job, fact->placed.env, fact->placed.instance, fact->at);
	if (!fact->placed.instance)
		look_at_prices(b);
}

static void pay_fargate(struct book_env *env, const struct active *a, jd_time at)
{
	struct type_sum *sum = sum_of(env, cr_type_name(env->spot ? CR_FARGATE_SPOT : CR_FARGATE));
	int64_t ms = at - a->placed;

	if (ms < FARGATE_LEAST_MS)
		ms = FARGATE_LEAST_MS;
	sum->count++;
	sum->ms += ms;
	sum->micro_usd += (double)catalog_fargate_price(a->need.vcpu_milli, a->need.memory_mib,
							ARCH_X86_64, env->spot) *
			  (double)ms / HOUR_MS;
}

void cost_ended(struct book *b, int64_t key, jd_time at)
{
	struct active *active;
	struct book_env *env;

	HASH_FIND(hh, b->actives, &key, sizeof key, active);
	if (!active)
		return;
	env = b->env[active->env];
	env->used_milli -= active->need.vcpu_milli;
	if (env->form == BOOK_FARGATE)
		pay_fargate(env, active, at);
	else if (env->form == BOOK_LOCAL_HOST)
		local_host(env)->count++;
	if (!active->instance)
		look_at_prices(b);
	HASH_DEL(b->actives, active);
	free(active);
}

void cost_launched(struct book *b, int64_t key, const char *env_name, const char *type)
{
	struct box *box = xcalloc(1, sizeof *box);
	struct book_env *env = cost_env(b, env_name);

	box->key = key;
	box->env = env->self;
	box->type = catalog_find(type);
	box->launched = b->now;
	box->percent_ms = env->percent_ms;
	env->boxes_milli += box->type->vcpus * INT64_C(1000);
	sum_of(env, box->type->name)->count++;
	HASH_ADD(hh, b->boxes, key, sizeof box->key, box);
	look_at_prices(b);
}

static void pay_box(struct book *b, struct box *box, jd_time at)
{
	struct book_env *env = b->env[box->env];
	struct type_sum *sum = sum_of(env, box->type->name);

	env->boxes_milli -= box->type->vcpus * INT64_C(1000);
	sum->ms += at - box->launched;
	sum->micro_usd += (double)box->type->price_micro_usd_hour *
			  (env->percent_ms - box->percent_ms) / 100 / HOUR_MS;
	HASH_DEL(b->boxes, box);
	free(box);
}

void cost_terminated(struct book *b, int64_t instance, jd_time at)
{
	struct box *box;

	HASH_FIND(hh, b->boxes, &instance, sizeof instance, box);
	if (!box)
		return;
	pay_box(b, box, at);
	look_at_prices(b);
}

static void take_instance(void *arg, const struct sched_instance_view *view)
{
	/* local.host is the machine, and paid for by what is used of it */
	if (strcmp(view->type, catalog_at(CATALOG_LOCAL_HOST)->name) != 0)
		cost_launched(arg, view->instance.key, view->instance.env, view->type);
}

static void take_attempt(void *arg, int64_t key, const struct sched_job_view *view)
{
	struct book *b = arg;

	if (view->env && view->kind != JOB_KIND_ARRAY && view->kind != JOB_KIND_MULTINODE)
		add_active(b, key, view->env, view->instance, b->start);
}

void cost_take_over(struct book *b)
{
	sched_instances(b->s, NULL, take_instance, b);
	sched_each(b->s, take_attempt, b);
}

void cost_clear(struct book *b)
{
	struct active *active = b->actives, *next;

	HASH_CLEAR(hh, b->actives);
	for (; active; active = next) {
		next = active->hh.next;
		free(active);
	}
	while (b->boxes)
		pay_box(b, b->boxes, b->now);
	HASH_CLEAR(hh, b->envs);
	for (size_t i = 0; i < b->env_count; i++) {
		free(b->env[i]->name);
		free(b->env[i]->type);
		free(b->env[i]);
	}
	free(b->env);
}

void book_close(struct book *b, jd_time now)
{
	cost_pass(b, now);
	while (b->boxes)
		pay_box(b, b->boxes, now);
}
