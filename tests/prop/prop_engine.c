/* The engine on the fake backend and the simulator come to the same schedule: the same
 * workload goes to a real engine with a real store, on a made-up clock (by_engine.c), and to
 * sim/ (by_sim.c); then every attempt must have had the same place and the same times, and
 * every job the same end. A failing workload is shrunk and printed with its seed.
 *
 *	JOBDECK_ENGINE_CASES	how many (default 25)
 *	JOBDECK_PROP_SEED	seed of the first one (default 1); the next ones count up */
#include "config.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "jobdeck/base/buf.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/sched/core.h"
#include "rows.h"
#include "story.h"

void story_die(const char *what, const char *why)
{
	printf("Bail out! %s: %s\n", what, why);
	exit(2);
}

/* exec/fake.c: splitmix64's finisher over seed, job, attempt and what is asked. */
static uint64_t mix(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

static int64_t pick(int64_t given, int attempt, int64_t least, int64_t most, int what)
{
	uint64_t h = mix(STORY_SEED ^
			 mix((uint64_t)given ^ mix((uint64_t)attempt * 8 + (uint64_t)what)));

	return least + (int64_t)(h % (uint64_t)(most - least + 1));
}

int64_t story_duration(int64_t given, int attempt)
{
	return pick(given, attempt, 1, STORY_LONGEST_MS, 1);
}

int story_code(int64_t given, int attempt)
{
	return pick(given, attempt, 0, 99, 2) < STORY_FAIL_PERCENT;
}

struct environment story_env(struct story *s, const struct env_setting *setting, int n)
{
	struct env_setting now = *setting;

	if (now.updating)
		s->generation[n] = now.generation;
	now.generation = s->generation[n];
	return env_row(&now, n);
}

struct turn {
	int left;
	int64_t key;
};

static void count(void *arg, const struct sched_instance_view *view)
{
	struct turn *turn = arg;

	(void)view;
	turn->left++;
}

static void take(void *arg, const struct sched_instance_view *view)
{
	struct turn *turn = arg;

	if (turn->left-- == 0)
		turn->key = view->instance.key;
}

int64_t story_instance(const struct sched *s, int which)
{
	struct turn turn = { 0 };

	sched_instances(s, NULL, count, &turn);
	if (!turn.left)
		return 0;
	turn.left = which % turn.left;
	sched_instances(s, NULL, take, &turn);
	return turn.key;
}

static void write_life(struct buf *b, const struct life *life)
{
	buf_adds(b, life->seen ? job_status_name(life->status) : "-");
	for (int i = 1; i <= life->attempts; i++) {
		buf_addf(b, "; %s %" PRId64, life->attempt[i].env,
			 life->attempt[i].placed - begin_at);
		if (life->attempt[i].started)
			buf_addf(b, " %" PRId64, life->attempt[i].started - begin_at);
		if (life->attempt[i].stopped)
			buf_addf(b, " to %" PRId64, life->attempt[i].stopped - begin_at);
		if (life->attempt[i].instance)
			buf_addf(b, " on %" PRId64, life->attempt[i].instance);
	}
}

/* What the store says of children without a row is not theirs. */
static bool same_life(int64_t key, const struct life *engine, const struct life *sim, char why[600])
{
	cleanup_buf struct buf x, y;

	if (!sim->seen && !engine->attempts)
		return true;
	buf_init(&x, 10000);
	buf_init(&y, 10000);
	write_life(&x, engine);
	write_life(&y, sim);
	if (strcmp(buf_str(&x), buf_str(&y)) == 0)
		return true;
	snprintf(why, 600, "job %" PRId64 ": engine %.250s, sim %.250s", key, buf_str(&x),
		 buf_str(&y));
	return false;
}

static void story_init(struct story *s, const struct workload *w)
{
	int64_t last = w->first_key;

	for (int i = 0; i < w->item_count; i++) {
		const struct item *item = &w->items[i];

		if (item->kind == ITEM_SUBMIT && item->job + item->submit.size > last)
			last = item->job + item->submit.size;
	}
	*s = (struct story){ .w = w, .first = w->first_key };
	s->count = (int)(last + 1 - s->first);
	s->life = xcalloc((size_t)s->count, sizeof *s->life);
	s->given = xcalloc((size_t)s->count, sizeof *s->given);
}

static void story_fini(struct story *s)
{
	free(s->life);
	free(s->given);
}

static char last_why[600];
static int64_t ties, attempts;

static bool fails(const struct workload *w)
{
	struct story engine, sim;
	bool same = true;

	story_init(&engine, w);
	story_init(&sim, w);
	by_engine(w, &engine);
	memcpy(sim.given, engine.given, (size_t)sim.count * sizeof *sim.given);
	by_sim(w, &sim);
	for (int i = 0; i < sim.count; i++) {
		attempts += engine.life[i].attempts;
		same = same && same_life(w->first_key + i, &engine.life[i], &sim.life[i], last_why);
	}
	if (!same && sim.tie) {
		ties++;
		same = true;
	}
	story_fini(&engine);
	story_fini(&sim);
	return !same;
}

static int64_t setting(const char *name, int64_t otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoll(text, NULL, 10) : otherwise;
}

/* What the engine cannot be told is left out of the workload. */
static void make(struct workload *w, uint64_t seed)
{
	workload_make_for_engine(w, seed);
	w->start_ms = w->stop_ms = 0;
	w->settings.launch_ms -= w->settings.launch_ms % 1000;
}

static int report_failure(struct workload *w, uint64_t seed)
{
	workload_shrink(w, fails);
	fails(w);
	printf("# JOBDECK_PROP_SEED=%" PRIu64
	       " JOBDECK_ENGINE_CASES=1 fails; the least that does:\n",
	       seed);
	workload_print(w);
	printf("not ok 1 - engine and simulator agree\n# seed %" PRIu64 ": %s\n", seed, last_why);
	return 1;
}

int main(void)
{
	int64_t cases = setting("JOBDECK_ENGINE_CASES", 25);
	uint64_t seed = (uint64_t)setting("JOBDECK_PROP_SEED", 1), last = seed + (uint64_t)cases;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("1..1\n");
	for (; seed < last; seed++) {
		struct workload w;

		make(&w, seed);
		if (fails(&w))
			return report_failure(&w, seed);
		workload_fini(&w);
	}
	printf("ok 1 - engine and simulator agree (%" PRId64 " workloads, %" PRId64
	       " attempts; %" PRId64 " left to chance)\n",
	       cases, attempts, ties);
	return 0;
}
