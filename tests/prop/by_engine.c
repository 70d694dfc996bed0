#include "config.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/engine/engine.h"
#include "jobdeck/model/reason.h"
#include "made_up_loop.h"
#include "rows.h"
#include "story.h"

/* The workload in a real engine with a real store, on the fake backend and a made-up clock. */

static char *job_doc(void)
{
	cleanup_json cJSON *doc = cJSON_CreateObject();
	cJSON *container = cJSON_AddObjectToObject(doc, "container");
	cJSON *command = cJSON_AddArrayToObject(container, "command");
	cleanup_free char *run = xasprintf("run=1-%d", STORY_LONGEST_MS);
	cleanup_free char *fail = xasprintf("fail=%d%%", STORY_FAIL_PERCENT);
	cleanup_free char *seed = xasprintf("seed=%d", STORY_SEED);
	const char *const words[] = { "fake", run, fail, seed };

	json_add_str(container, "image", "host");
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		cJSON_AddItemToArray(command, cJSON_CreateString(words[i]));
	return json_print(doc);
}

static void put_env(struct engine *e, struct story *s, const struct env_setting *setting, int n)
{
	static char healthy[] = REASON_CE_HEALTHY, doc[] = "{}";
	struct environment env = story_env(s, setting, n);
	struct err err = { 0 };

	env.status_reason = healthy;
	env.doc = doc;
	if (engine_put_environment(e, &env, &err))
		story_die("engine_put_environment", err.text);
}

static void put_queue(struct engine *e, const struct queue_setting *setting, int n)
{
	static char healthy[] = REASON_JQ_HEALTHY, doc[] = "{}";
	struct queue q = queue_row(setting, n);
	struct err err = { 0 };

	q.status_reason = healthy;
	q.doc = doc;
	if (engine_put_queue(e, &q, &err))
		story_die("engine_put_queue", err.text);
}

/* Keys are the engine's: what is left out leaves no gap there. */
static void submit(struct engine *e, const struct story *s, const struct item *item)
{
	static char name[] = "job", definition[] = "definition:1";
	struct dependency depends[MAX_DEPENDS];
	struct job job = job_row(item, depends);
	cleanup_free char *doc = job_doc();
	struct err err = { 0 };
	size_t kept = 0;

	job.name = name;
	job.definition = definition;
	job.doc = doc;
	for (size_t i = 0; i < job.depends_count; i++) {
		depends[i].job = story_given(s, depends[i].job);
		if (depends[i].job)
			depends[kept++] = depends[i];
	}
	job.depends_count = kept;
	if (engine_submit(e, &job, &err))
		story_die("engine_submit", err.text);
	for (size_t i = 0; i < job.depends_count; i++)
		free(depends[i].outcome); /* the engine may have told how an array went */
	for (int i = 0; i <= item->submit.size; i++)
		s->given[item->job + i - s->first] = job.key + i;
}

/* What is refused is so for both. */
static void tell(struct engine *e, struct story *s, const struct item *item)
{
	int64_t key = item->job ? story_given(s, item->job) : 0, instance;

	switch (item->kind) {
	case ITEM_SUBMIT:
		submit(e, s, item);
		break;
	case ITEM_CANCEL:
		engine_cancel(e, key, stop_reason, NULL);
		break;
	case ITEM_TERMINATE:
		engine_terminate(e, key, stop_reason, NULL);
		break;
	case ITEM_HOLD:
		engine_hold(e, key, NULL);
		break;
	case ITEM_RELEASE:
		engine_release(e, key, NULL);
		break;
	case ITEM_ENV:
		put_env(e, s, &item->env, item->which);
		break;
	case ITEM_QUEUE:
		put_queue(e, &item->queue, item->which);
		break;
	case ITEM_RECLAIM:
		if ((instance = story_instance(engine_sched(e), item->which)))
			engine_reclaim(e, instance, NULL);
		break;
	case ITEM_POOL: /* an engine has one for life */
		break;
	}
}

static void live_through(struct engine *e, struct loop *l, const struct workload *w,
			 struct story *s)
{
	for (int i = 0; i < w->env_count; i++)
		put_env(e, s, &w->env[i], i);
	for (int i = 0; i < w->queue_count; i++)
		put_queue(e, &w->queue[i], i);
	for (int i = 0; i < w->item_count; i++) {
		if (w->items[i].left_out)
			continue;
		if (begin_at + w->items[i].at > time_wall()) /* those of one moment together */
			made_up_run(l, begin_at + w->items[i].at);
		tell(e, s, &w->items[i]);
	}
	made_up_run(l, JD_NEVER);
}

static void read_attempts(struct engine *e, int64_t key, struct life *life)
{
	struct err err = { 0 };
	size_t n = 0;
	struct attempt *list = store_attempts(engine_store(e), key, &n, &err);

	if (!list && err.kind)
		story_die("store_attempts", err.text);
	for (size_t i = 0; i < n; i++) {
		const struct attempt *a = &list[i];

		snprintf(life->attempt[a->number].env, sizeof life->attempt[0].env, "%s", a->env);
		life->attempt[a->number].placed = a->placed;
		life->attempt[a->number].started = a->started;
		life->attempt[a->number].stopped = a->stopped;
		life->attempt[a->number].instance = a->instance;
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
			story_die("store_job", err.text);
		if (!job)
			continue;
		s->life[i].seen = true;
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
		story_die("mkdtemp", strerror(errno));
}

/* The engine knows seconds. */
static struct settings settings_of(const struct workload *w)
{
	struct settings s;

	settings_default(&s);
	s.idle_seconds = w->settings.idle_ms / 1000;
	s.launch_seconds = w->settings.launch_ms / 1000;
	s.launch_failure_percent = w->settings.launch_failure_percent;
	s.memory_reserve_percent = w->settings.memory_reserve_milli / 10.0;
	return s;
}

void by_engine(const struct workload *w, struct story *s)
{
	struct err err = { 0 };
	struct settings settings = settings_of(w);
	struct engine_options o = { .backend = "fake", .pool = w->pool, .settings = &settings };
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
		story_die("engine_open", err.text);
	live_through(e, l, w, s);
	if (engine_failed(e, &err))
		story_die("the engine failed", err.text);
	read_story(e, s);
	engine_close(e);
	loop_free(l);
	home_free(home);
	remove = xasprintf("rm -rf '%s'", dir);
	if (system(remove))
		story_die("rm", dir);
}
