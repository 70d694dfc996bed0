#include "config.h"
#include "internal.h"
#include <stdio.h>

/* Why a waiting job waits, for a person: the first of dependencies, queue, size, environments,
 * place in line and room that keeps it from running. What can never run is told first, and
 * also to those who stand behind it. */

/* 8000: "8", 250: "0.25". Returns buf. */
static const char *vcpus(int64_t milli, char buf[32])
{
	int n = snprintf(buf, 32, "%lld.%03d", (long long)(milli / 1000), (int)(milli % 1000));

	while (buf[n - 1] == '0')
		buf[--n] = '\0';
	if (buf[n - 1] == '.')
		buf[n - 1] = '\0';
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

/* Of `total`, `used` is taken (both by the pool; the maximum by the environment): the first
 * thing that is short, as "needs 8 vCPU, 4 TELL in PLACE". False when nothing is. */
struct room {
	const char *place;
	int64_t vcpu_milli, memory_mib, gpus;
	bool vcpu_by_pool;
};

static struct room room_left(const struct sched *s, const struct live_env *env, bool empty)
{
	const struct resources none = { 0 };
	const struct resources *used = empty ? &none : &s->used;
	int64_t in_env = env->max_vcpu_milli - (empty ? 0 : env->used.vcpu_milli);
	int64_t in_pool = s->pool.vcpu_milli - used->vcpu_milli;

	return (struct room){
		.place = env->name,
		.vcpu_milli = at_least_0(least(in_env, in_pool)),
		.memory_mib = at_least_0(s->pool.memory_mib - used->memory_mib),
		.gpus = at_least_0(s->pool.gpus - used->gpus),
		.vcpu_by_pool = in_pool < in_env,
	};
}

static const char machine[] = "this machine";

/* "free in local-ce", "local-ce has at most": which of the two is `never`. */
static bool tell_short(const struct room *room, const struct resources *need, bool never, char *out,
		       size_t size)
{
	char want[32], have[32];
	const char *unit, *place = machine;

	if (need->vcpu_milli > room->vcpu_milli) {
		unit = "vCPU";
		vcpus(need->vcpu_milli, want);
		vcpus(room->vcpu_milli, have);
		if (!room->vcpu_by_pool)
			place = room->place;
	} else if (need->memory_mib > room->memory_mib) {
		unit = "MiB memory";
		snprintf(want, sizeof want, "%lld", (long long)need->memory_mib);
		snprintf(have, sizeof have, "%lld", (long long)room->memory_mib);
	} else if (need->gpus > room->gpus) {
		unit = "GPU";
		snprintf(want, sizeof want, "%d", (int)need->gpus);
		snprintf(have, sizeof have, "%d", (int)room->gpus);
	} else {
		return false;
	}
	if (never)
		snprintf(out, size, "needs %s %s, %s has %s at most: can never run", want, unit,
			 place, have);
	else
		snprintf(out, size, "needs %s %s, %s free %s %s", want, unit, have,
			 place == machine ? "on" : "in", place);
	return true;
}

/* The job fits no environment of its queue, were all of it free. */
static bool never_fits(const struct sched *s, const struct live_queue *q,
		       const struct live_job *job)
{
	for (int i = 0; i < q->env_count; i++) {
		if (place_could_fit(s, s->env[q->env[i]], job))
			return false;
	}
	return q->env_count > 0;
}

/* In the words of the environment that allows most vCPUs. */
static void tell_never(const struct sched *s, const struct live_queue *q,
		       const struct live_job *job, char *out, size_t size)
{
	const struct live_env *most = s->env[q->env[0]];
	struct resources need = jobs_resources(job);
	struct room room;

	for (int i = 1; i < q->env_count; i++) {
		if (s->env[q->env[i]]->max_vcpu_milli > most->max_vcpu_milli)
			most = s->env[q->env[i]];
	}
	room = room_left(s, most, true);
	tell_short(&room, &need, true, out, size);
}

static bool any_open(const struct sched *s, const struct live_queue *q)
{
	for (int i = 0; i < q->env_count; i++) {
		if (envs_open(s->env[q->env[i]]))
			return true;
	}
	return false;
}

static void tell_behind(const struct sched *s, const struct live_queue *q, int64_t ahead, char *out,
			size_t size)
{
	bool stuck = never_fits(s, q, line_head(q));

	snprintf(out, size, "behind %lld job%s in %s%s", (long long)ahead, ahead == 1 ? "" : "s",
		 q->name,
		 !stuck	    ? "" :
		 ahead == 1 ? ", which can never run" :
			      ", the first of which can never run");
}

/* The job is the head and might fit: what is short in the first environment that is open and
 * large enough. */
static void tell_room(const struct sched *s, const struct live_queue *q, const struct live_job *job,
		      char *out, size_t size)
{
	struct resources need = jobs_resources(job);

	for (int i = 0; i < q->env_count; i++) {
		const struct live_env *env = s->env[q->env[i]];
		struct room room;

		if (!envs_open(env) || !place_could_fit(s, env, job))
			continue;
		room = room_left(s, env, false);
		if (!tell_short(&room, &need, false, out, size))
			snprintf(out, size, "about to start in %s", env->name);
		return;
	}
	snprintf(out, size, "no VALID and ENABLED compute environment in %s is large enough",
		 q->name);
}

static void explain_runnable(const struct sched *s, const struct live_job *job, char *out,
			     size_t size)
{
	const struct live_queue *q = s->queue[job->queue];
	int64_t ahead;

	if (!queues_place(q))
		snprintf(out, size, "queue %s is %s", q->name, status_name(q->status));
	else if (never_fits(s, q, job))
		tell_never(s, q, job, out, size);
	else if (!any_open(s, q))
		snprintf(out, size, "no VALID and ENABLED compute environment in %s", q->name);
	else if ((ahead = line_ahead(s, job)) > 0)
		tell_behind(s, q, ahead, out, size);
	else
		tell_room(s, q, job, out, size);
}

static void explain_early(const struct sched *s, const struct live_job *job, char *out, size_t size)
{
	uint32_t left = depend_left(s, job);

	if (job->dependency_failed)
		snprintf(out, size, "a dependency failed");
	else if (left)
		snprintf(out, size, "waits for %u of %u dependenc%s", left, job->depends,
			 job->depends == 1 ? "y" : "ies");
}

void sched_explain(const struct sched *s, int64_t key, char *out, size_t size)
{
	const struct live_job *job = jobs_find(s, key);

	if (size)
		out[0] = '\0';
	if (!job)
		return;
	if (job->status == JOB_RUNNABLE)
		explain_runnable(s, job, out, size);
	else if (!jobs_active(job))
		explain_early(s, job, out, size);
}
