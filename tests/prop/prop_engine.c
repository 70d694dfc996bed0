/* The engine on the fake backend and the simulator come to the same schedule: the same
 * workload goes to a real engine with a real store, on a made-up clock (made_up_loop.c), and
 * to sim/; then every attempt must have had the same place and the same times, and every job
 * the same end. A failing workload is shrunk and printed with its seed.
 *
 *	JOBDECK_ENGINE_CASES	how many (default 25)
 *	JOBDECK_PROP_SEED	seed of the first one (default 1); the next ones count up */
#include "config.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "jobdeck/base/buf.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/engine/engine.h"
#include "jobdeck/model/reason.h"
#include "jobdeck/sim/sim.h"
#include "made_up_loop.h"
#include "rows.h"

/* What became of a job, by either way. */
struct life {
	enum job_status status;
	int attempts;
	struct {
		char env[8];
		jd_time placed, started, stopped;
		int64_t instance;
	} attempt[LIMIT_ATTEMPTS + 1];
};

struct story {
	struct life *life; /* by key - first */
	int64_t *given;	   /* the key that the engine gave it, by the same */
	int64_t first;
	int count;
	bool tie; /* two ends at one moment: which is told first is nobody's business */
	jd_time last_end;
};

static void die(const char *what, const char *why)
{
	printf("Bail out! %s: %s\n", what, why);
	exit(2);
}

static struct life *life_of(const struct story *s, int64_t key)
{
	return &s->life[key - s->first];
}

static int64_t duration(const struct workload *w, int64_t job)
{
	return 1 + workload_duration(w, job, 1);
}

static int code(const struct workload *w, int64_t job)
{
	int n = workload_exit_code(w, job, 1);

	return n < 0 ? 1 : n;
}

/* ---- the engine ----------------------------------------------------------------------- */

static char *job_doc(const struct workload *w, const struct item *item)
{
	cleanup_json cJSON *doc = cJSON_CreateObject();
	cJSON *container = cJSON_AddObjectToObject(doc, "container");
	cJSON *command = cJSON_AddArrayToObject(container, "command");
	cleanup_free char *run = xasprintf("run=%" PRId64, duration(w, item->job));
	cleanup_free char *end = xasprintf("exit=%d", code(w, item->job));

	json_add_str(container, "image", "host");
	cJSON_AddItemToArray(command, cJSON_CreateString("fake"));
	cJSON_AddItemToArray(command, cJSON_CreateString(run));
	cJSON_AddItemToArray(command, cJSON_CreateString(end));
	return json_print(doc);
}

static void put_env(struct engine *e, const struct env_setting *setting, int n)
{
	static char healthy[] = REASON_CE_HEALTHY, doc[] = "{}";
	struct environment env = env_row(setting, n);
	struct err err = { 0 };

	env.status_reason = healthy;
	env.doc = doc;
	if (engine_put_environment(e, &env, &err))
		die("engine_put_environment", err.text);
}

static void put_queue(struct engine *e, const struct queue_setting *setting, int n)
{
	static char healthy[] = REASON_JQ_HEALTHY, doc[] = "{}";
	struct queue q = queue_row(setting, n);
	struct err err = { 0 };

	q.status_reason = healthy;
	q.doc = doc;
	if (engine_put_queue(e, &q, &err))
		die("engine_put_queue", err.text);
}

static int64_t given(const struct story *s, int64_t key)
{
	return s->given[key - s->first];
}

/* Keys are the engine's: what is left out leaves no gap there. */
static void submit(struct engine *e, const struct workload *w, const struct story *s,
		   const struct item *item)
{
	static char name[] = "job", definition[] = "definition:1";
	struct dependency depends[MAX_DEPENDS];
	struct job job = job_row(item, depends);
	cleanup_free char *doc = job_doc(w, item);
	struct err err = { 0 };

	job.name = name;
	job.definition = definition;
	job.doc = doc;
	job.depends_count = 0;
	for (int i = 0; i < item->submit.depends_count; i++) {
		if (given(s, depends[i].job))
			depends[job.depends_count++].job = given(s, depends[i].job);
	}
	if (engine_submit(e, &job, &err))
		die("engine_submit", err.text);
	s->given[item->job - s->first] = job.key;
}

static void tell_engine(struct engine *e, const struct workload *w, const struct story *s,
			const struct item *item)
{
	switch (item->kind) {
	case ITEM_SUBMIT:
		submit(e, w, s, item);
		break;
	case ITEM_CANCEL:
		engine_cancel(e, given(s, item->job), stop_reason, NULL);
		break;
	case ITEM_TERMINATE:
		engine_terminate(e, given(s, item->job), stop_reason, NULL);
		break;
	case ITEM_ENV:
		put_env(e, &item->env, item->which);
		break;
	case ITEM_QUEUE:
		put_queue(e, &item->queue, item->which);
		break;
	case ITEM_POOL: /* an engine has one for life */
		break;
	}
}

static void live_through(struct engine *e, struct loop *l, const struct workload *w,
			 const struct story *s)
{
	for (int i = 0; i < w->env_count; i++)
		put_env(e, &w->env[i], i);
	for (int i = 0; i < w->queue_count; i++)
		put_queue(e, &w->queue[i], i);
	for (int i = 0; i < w->item_count; i++) {
		if (w->items[i].left_out)
			continue;
		if (begin_at + w->items[i].at > time_wall()) /* those of one moment together */
			made_up_run(l, begin_at + w->items[i].at);
		tell_engine(e, w, s, &w->items[i]);
	}
	made_up_run(l, JD_NEVER);
}

static void read_attempts(struct engine *e, int64_t key, struct life *life)
{
	struct err err = { 0 };
	size_t n = 0;
	struct attempt *list = store_attempts(engine_store(e), key, &n, &err);

	if (!list && err.kind)
		die("store_attempts", err.text);
	for (size_t i = 0; i < n; i++) {
		const struct attempt *a = &list[i];

		snprintf(life->attempt[a->number].env, sizeof life->attempt[0].env, "%s", a->env);
		life->attempt[a->number].placed = a->placed;
		life->attempt[a->number].started = a->started;
		life->attempt[a->number].stopped = a->stopped;
		attempt_fini(&list[i]);
	}
	life->attempts = (int)n;
	free(list);
}

static void read_story(struct engine *e, const struct story *s)
{
	for (int i = 0; i < s->count; i++) {
		struct err err = { 0 };
		struct job *job = s->given[i] ? store_job(engine_store(e), s->given[i], &err) :
						NULL;

		if (!job && err.kind)
			die("store_job", err.text);
		if (!job)
			continue;
		s->life[i].status = job->status;
		read_attempts(e, job->key, &s->life[i]);
		job_free(job);
	}
}

/* In memory where that is possible: what is stored is not what is being tested. */
static void make_home(char dir[64])
{
	snprintf(dir, 64, "%s/jobdeck-prop-XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (!mkdtemp(dir))
		die("mkdtemp", strerror(errno));
}

static void by_engine(const struct workload *w, const struct story *s)
{
	struct err err = { 0 };
	struct engine_options o = { .backend = "fake", .pool = w->pool };
	struct home *home;
	struct engine *e;
	struct loop *l = loop_new(NULL);
	cleanup_free char *remove = NULL;
	char dir[64];

	made_up_set(begin_at);
	make_home(dir);
	home = home_open(dir, &err);
	o.home = home;
	e = home ? engine_open(l, &o, &err) : NULL;
	if (!e)
		die("engine_open", err.text);
	live_through(e, l, w, s);
	read_story(e, s);
	engine_close(e);
	loop_free(l);
	home_free(home);
	remove = xasprintf("rm -rf '%s'", dir);
	if (system(remove))
		die("rm", dir);
}

/* ---- the simulator -------------------------------------------------------------------- */

static int64_t its_duration(void *arg, int64_t job, int attempt)
{
	(void)attempt;
	return duration(arg, job);
}

static int its_code(void *arg, int64_t job, int attempt)
{
	(void)attempt;
	return code(arg, job);
}

static void watch(void *arg, const struct fact *fact, const struct fact_effect *effect)
{
	struct story *s = arg;
	struct life *life = fact->job ? life_of(s, fact->job) : NULL;

	if (!life)
		return;
	if (fact->kind == FACT_PLACED) {
		life->attempts = fact->attempt;
		snprintf(life->attempt[fact->attempt].env, sizeof life->attempt[0].env, "%s",
			 fact->placed.env);
		life->attempt[fact->attempt].placed = fact->at;
	} else if (fact->kind == FACT_STARTED) {
		life->attempt[fact->attempt].started = fact->at;
	} else if (fact->kind == FACT_ENDED) {
		life->attempt[fact->attempt].stopped = fact->at;
		s->tie |= s->last_end == fact->at;
		s->last_end = fact->at;
	}
	if (effect->changed)
		life->status = effect->to;
}

/* A refusal is the same for both: a job that has ended cannot be stopped. */
static void tell(struct sim *sim, struct fact *fact, jd_time at)
{
	fact->at = at;
	sim_apply(sim, fact, NULL);
}

/* As the engine does it: DEP-8. */
static bool fails_at_once(const struct story *s, const struct job *job)
{
	for (size_t i = 0; i < job->depends_count; i++) {
		if (life_of(s, job->depends[i].job)->status == JOB_FAILED)
			return true;
	}
	return false;
}

static void sim_submit(struct sim *sim, const struct story *s, const struct item *item, jd_time at)
{
	struct dependency depends[MAX_DEPENDS];
	struct job job = job_row(item, depends);
	struct fact fact = { .kind = FACT_SUBMITTED, .job = job.key, .submitted = &job };

	sim_run(sim, at - 1); /* for the status of the dependencies */
	tell(sim, &fact, at);
	if (fails_at_once(s, &job)) {
		fact = (struct fact){ .kind = FACT_FAILED,
				      .job = job.key,
				      .reason = REASON_DEPENDENCY };
		tell(sim, &fact, at);
	}
}

static void tell_sim(struct sim *sim, const struct story *s, const struct item *item)
{
	struct environment env;
	struct queue q;
	struct fact fact = { .job = item->job, .reason = stop_reason };
	jd_time at = begin_at + item->at;

	switch (item->kind) {
	case ITEM_SUBMIT:
		sim_submit(sim, s, item, at);
		return;
	case ITEM_CANCEL:
	case ITEM_TERMINATE:
		fact.kind = item->kind == ITEM_CANCEL ? FACT_CANCELLED : FACT_TERMINATED;
		break;
	case ITEM_ENV:
		env = env_row(&item->env, item->which);
		fact = (struct fact){ .kind = FACT_ENVIRONMENT, .environment = &env };
		break;
	case ITEM_QUEUE:
		q = queue_row(&item->queue, item->which);
		fact = (struct fact){ .kind = FACT_QUEUE, .queue = &q };
		break;
	case ITEM_POOL:
		return;
	}
	tell(sim, &fact, at);
}

static void sim_world(struct sim *sim, const struct workload *w)
{
	struct fact fact = { .kind = FACT_POOL, .pool = w->pool };

	tell(sim, &fact, begin_at);
	for (int i = 0; i < w->env_count; i++) {
		struct environment env = env_row(&w->env[i], i);

		fact = (struct fact){ .kind = FACT_ENVIRONMENT, .environment = &env };
		tell(sim, &fact, begin_at);
	}
	for (int i = 0; i < w->queue_count; i++) {
		struct queue q = queue_row(&w->queue[i], i);

		fact = (struct fact){ .kind = FACT_QUEUE, .queue = &q };
		tell(sim, &fact, begin_at);
	}
}

static void by_sim(const struct workload *w, struct story *s)
{
	union {
		const struct workload *in;
		void *out;
	} arg = { .in = w }; /* only read */
	struct sim_guess guess = { .duration_ms = its_duration,
				   .exit_code = its_code,
				   .arg = arg.out };
	struct sched *sched = sched_new();
	struct sim *sim = sim_new(sched, begin_at, &guess, watch, s);

	sim_world(sim, w);
	for (int i = 0; i < w->item_count; i++) {
		if (!w->items[i].left_out)
			tell_sim(sim, s, &w->items[i]);
	}
	sim_run(sim, JD_NEVER);
	sim_free(sim);
	sched_free(sched);
}

/* ---- the comparison ------------------------------------------------------------------- */

static void write_life(struct buf *b, const struct life *life)
{
	buf_adds(b, job_status_name(life->status));
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

static bool same_life(int64_t key, const struct life *a, const struct life *b, char why[600])
{
	cleanup_buf struct buf x, y;

	buf_init(&x, 10000);
	buf_init(&y, 10000);
	write_life(&x, a);
	write_life(&y, b);
	if (strcmp(buf_str(&x), buf_str(&y)) == 0)
		return true;
	snprintf(why, 600, "job %" PRId64 ": engine %.250s, sim %.250s", key, buf_str(&x),
		 buf_str(&y));
	return false;
}

static struct story story_new(const struct workload *w)
{
	return (struct story){ .first = w->first_key,
			       .count = w->job_count,
			       .life = xcalloc((size_t)w->job_count, sizeof(struct life)),
			       .given = xcalloc((size_t)w->job_count, sizeof(int64_t)) };
}

static void story_free(struct story *s)
{
	free(s->life);
	free(s->given);
}

static char last_why[600];
static int64_t ties;

static bool fails(const struct workload *w)
{
	struct story engine = story_new(w), sim = story_new(w);
	bool same = true;

	by_engine(w, &engine);
	by_sim(w, &sim);
	for (int i = 0; i < w->job_count && same; i++)
		same = same_life(w->first_key + i, &engine.life[i], &sim.life[i], last_why);
	if (!same && sim.tie) {
		ties++;
		same = true;
	}
	story_free(&engine);
	story_free(&sim);
	return !same;
}

static int64_t setting(const char *name, int64_t otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoll(text, NULL, 10) : otherwise;
}

static void make(struct workload *w, uint64_t seed)
{
	workload_make_for_engine(w, seed);
	w->start_ms = w->stop_ms = 0;
}

int main(void)
{
	int64_t cases = setting("JOBDECK_ENGINE_CASES", 25);
	uint64_t seed = (uint64_t)setting("JOBDECK_PROP_SEED", 1), last = seed + (uint64_t)cases;
	int64_t attempts = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("1..1\n");
	for (; seed < last; seed++) {
		struct workload w;

		make(&w, seed);
		attempts += w.job_count;
		if (fails(&w)) {
			workload_shrink(&w, fails);
			fails(&w);
			printf("# JOBDECK_PROP_SEED=%" PRIu64
			       " JOBDECK_ENGINE_CASES=1 fails; the least that does:\n",
			       seed);
			workload_print(&w);
			printf("not ok 1 - engine and simulator agree\n# seed %" PRIu64 ": %s\n",
			       seed, last_why);
			return 1;
		}
		workload_fini(&w);
	}
	printf("ok 1 - engine and simulator agree (%" PRId64 " workloads, %" PRId64
	       " jobs; %" PRId64 " left to chance)\n",
	       cases, attempts, ties);
	return 0;
}
