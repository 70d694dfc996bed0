#include "config.h"
#include "family.h"
#include <string.h>

/* N_TO_N (DEP-6): child k of an array waits for child k of others. What is known of each child
 * is kept with the array that waits: in `ready` are those for whom all have succeeded, in
 * `doomed` those for whom one has failed. So an array that has ended can be forgotten. */

static int refuse(const struct job *said, const char *why, struct err *err)
{
	return err_set(err, ERR_INVALID, "job %lld depends N_TO_N on %s", (long long)said->key,
		       why);
}

int pairs_check(const struct sched *s, const struct job *said, struct err *err)
{
	for (size_t i = 0; i < said->depends_count; i++) {
		const struct live_job *upstream;

		if (said->depends[i].type != DEPENDENCY_N_TO_N)
			continue;
		if (said->kind != JOB_KIND_ARRAY)
			return refuse(said, "another, but is no array", err);
		upstream = jobs_find(s, said->depends[i].job);
		if (upstream && upstream->kind != JOB_KIND_ARRAY)
			return refuse(said, "one that is no array", err);
		if (upstream && family_of(upstream)->size != said->size)
			return refuse(said, "an array of another size", err);
	}
	return 0;
}

/* Those for whom a child of an array that has ended (and is known by this) failed. */
static void doom_by(struct family *f, const char *outcome)
{
	for (int32_t i = 0; i < f->size && outcome[i]; i++) {
		if (outcome[i] == 'F')
			family_doom(f, i);
	}
}

static void look_up(struct sched *s, struct live_job *array, const struct job *said)
{
	struct family *f = family_of(array);

	for (size_t i = 0; i < said->depends_count; i++) {
		const struct dependency *d = &said->depends[i];
		struct live_job *upstream;

		if (d->type != DEPENDENCY_N_TO_N)
			continue;
		upstream = jobs_find(s, d->job);
		if (upstream && upstream != array)
			depend_add(s, upstream, array, DEPENDENCY_N_TO_N, 0);
		else if (!upstream && d->outcome)
			doom_by(f, d->outcome);
	}
}

static const struct family *upstream_of(const struct sched *s, edge_ref e)
{
	return family_of(jobs_at(s, s->edge[e].upstream));
}

/* Has one failed for this child? Have all succeeded? */
static bool any_failed(const struct sched *s, const struct family *f, int32_t index)
{
	for (edge_ref e = f->upstreams; e; e = s->edge[e].dep_next) {
		if (family_failed(upstream_of(s, e), index))
			return true;
	}
	return false;
}

static bool all_succeeded(const struct sched *s, const struct family *f, int32_t index)
{
	for (edge_ref e = f->upstreams; e; e = s->edge[e].dep_next) {
		if (!family_succeeded(s, upstream_of(s, e), index))
			return false;
	}
	return true;
}

static void learn(const struct sched *s, struct family *f, int32_t index)
{
	if (family_born(f, index) || bits_has(&f->doomed, index))
		return;
	if (any_failed(s, f, index))
		family_doom(f, index);
	else if (all_succeeded(s, f, index))
		bits_put(&f->ready, f->size, index);
}

/* Nothing is known yet while nobody has a child that ended. */
static bool all_untouched(const struct sched *s, const struct family *f)
{
	for (edge_ref e = f->upstreams; e; e = s->edge[e].dep_next) {
		const struct family *up = upstream_of(s, e);

		if (up->stopped || up->below || up->born.count)
			return false;
	}
	return f->upstreams != NO_REF;
}

void pairs_begin(struct sched *s, struct live_job *array, const struct job *said)
{
	struct family *f = family_of(array);

	look_up(s, array, said);
	f->paired = f->upstreams || f->doomed.count;
	if (!f->paired || all_untouched(s, f))
		return;
	for (int32_t i = 0; i < f->size; i++)
		learn(s, f, i);
}

void pairs_tell(struct sched *s, const struct live_job *array, int32_t index, bool succeeded)
{
	edge_ref e, next;

	for (e = family_of(array)->pairs; e; e = next) {
		struct live_job *dependent = jobs_at(s, s->edge[e].dependent);
		struct family *f = family_of(dependent);

		next = s->edge[e].up_next;
		if (family_born(f, index) || bits_has(&f->doomed, index))
			continue;
		if (!succeeded)
			family_doom(f, index);
		else if (all_succeeded(s, f, index))
			bits_put(&f->ready, f->size, index);
		family_settle(s, dependent);
	}
}
