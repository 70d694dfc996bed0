#include "config.h"
#include "engine_world.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "jobdeck/base/buf.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/model/reason.h"

static void engine_up(struct world *w)
{
	struct err err = { 0 };
	struct settings settings;
	struct engine_options o = { .home = w->home,
				    .backend = w->backend,
				    .fake = w->fake,
				    .pool = { .vcpu_milli = 8000, .memory_mib = 32768, .gpus = 3 },
				    .settings = &settings };
	const char *build = getenv("builddir");
	cleanup_free char *shim = xasprintf("%s/jobdeck-shim", build ? build : ".");

	settings_default(&settings);
	settings.spot_notice_seconds = w->notice_s;
	o.shim = shim;
	w->loop = loop_new(&err);
	assert_non_null(w->loop);
	w->engine = engine_open(w->loop, &o, &err);
	if (!w->engine)
		fail_msg("engine_open: %s", err.text);
}

static void engine_down(struct world *w)
{
	engine_close(w->engine);
	loop_free(w->loop);
	w->engine = NULL;
	w->loop = NULL;
}

void world_restart(struct world *w)
{
	engine_down(w);
	engine_up(w);
}

static int world_new(void **state, const char *backend, int notice_s)
{
	struct world *w = xcalloc(1, sizeof *w);
	struct err err = { 0 };

	snprintf(w->dir, sizeof w->dir, "/tmp/jobdeck-engine-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	w->home = home_open(w->dir, &err);
	if (!w->home)
		fail_msg("home_open: %s", err.text);
	w->backend = backend;
	w->notice_s = notice_s;
	engine_up(w);
	*state = w;
	return 0;
}

int world_fake(void **state)
{
	return world_new(state, "fake", 1);
}

int world_patient(void **state)
{
	return world_new(state, "fake", 60);
}

int world_host(void **state)
{
	return world_new(state, NULL, 1);
}

int world_end(void **state)
{
	struct world *w = *state;
	cleanup_free char *command = xasprintf("rm -rf '%s'", w->dir);

	engine_down(w);
	home_free(w->home);
	assert_int_equal(system(command), 0);
	free(w);
	return 0;
}

void make_environment(struct world *w, const char *name, enum cr_type cr_type, const char *type)
{
	cleanup_free char *its = xstrdup(name), *types[] = { NULL };
	struct environment env = { .name = its,
				   .cr_type = cr_type,
				   .status = STATUS_VALID,
				   .max_vcpus = 2,
				   .status_reason = (char[]){ REASON_CE_HEALTHY },
				   .strategy = STRATEGY_BEST_FIT_PROGRESSIVE,
				   .created = engine_now(w->engine),
				   .doc = (char[]){ "{}" } };
	struct err err = { 0 };

	types[0] = xstrdup(type);
	env.instance_types = types;
	env.instance_type_count = type ? 1 : 0;
	if (engine_put_environment(w->engine, &env, &err))
		fail_msg("%s", err.text);
	free(types[0]);
	types[0] = NULL;
}

void make_queue_of(struct world *w, const char *name, const char *env, const char *policy)
{
	cleanup_free char *its = xstrdup(name), *env_name = xstrdup(env),
			  *its_policy = xstrdup(policy);
	struct queue q = { .name = its,
			   .status = STATUS_VALID,
			   .priority = 1,
			   .status_reason = (char[]){ REASON_JQ_HEALTHY },
			   .env_count = 1,
			   .env = { env_name },
			   .policy = its_policy,
			   .created = engine_now(w->engine),
			   .doc = (char[]){ "{}" } };
	struct err err = { 0 };

	if (engine_put_queue(w->engine, &q, &err))
		fail_msg("%s", err.text);
}

void make_queue(struct world *w)
{
	make_environment(w, "ce", CR_EC2, NULL);
	make_queue_of(w, "q", "ce", NULL);
}

static cJSON *container_of(const char *const *words)
{
	cJSON *container = cJSON_CreateObject();
	cJSON *command = cJSON_AddArrayToObject(container, "command");

	json_add_str(container, "image", "host");
	for (; *words; words++)
		cJSON_AddItemToArray(command, cJSON_CreateString(*words));
	return container;
}

static char *job_doc(const struct wish *wish)
{
	cleanup_json cJSON *doc = cJSON_CreateObject();
	cJSON *nodes, *ranges, *range;

	if (wish->kind != JOB_KIND_MULTINODE) {
		json_add(doc, "container", container_of(wish->command));
		return json_print(doc);
	}
	nodes = cJSON_AddObjectToObject(doc, "nodeProperties");
	json_add_int(nodes, "numNodes", wish->size);
	json_add_int(nodes, "mainNode", wish->main_node);
	ranges = cJSON_AddArrayToObject(nodes, "nodeRangeProperties");
	range = cJSON_CreateObject();
	cJSON_AddItemToArray(ranges, range);
	json_add_str(range, "targetNodes", "0:");
	json_add(range, "container", container_of(wish->command));
	return json_print(doc);
}

/* Each node asks for what the job does. */
static void fill_nodes(struct job *job, const struct wish *wish)
{
	if (wish->kind != JOB_KIND_MULTINODE)
		return;
	job->main_node = wish->main_node;
	job->node_need_count = 1;
	job->node_need[0] = (struct node_need){ 0, wish->size - 1, job->need };
}

int64_t submit(struct world *w, struct wish wish)
{
	cleanup_free char *queue = xstrdup(wish.queue ? wish.queue : "q"),
			  *share = xstrdup(wish.share);
	cleanup_free char *consume = xstrdup(wish.consume);
	cleanup_free char *doc = wish.doc ? xstrdup(wish.doc) : job_doc(&wish);
	struct dependency depends = { .job = wish.after, .type = wish.type };
	struct job job = { .name = (char[]){ "j" },
			   .queue = queue,
			   .definition = (char[]){ "def:1" },
			   .need = { .vcpu_milli = 1000, .memory_mib = 64, .gpus = wish.gpus },
			   .retry = { .attempts = wish.attempts ? wish.attempts : 1 },
			   .kind = wish.kind,
			   .size = wish.size,
			   .timeout_s = wish.timeout_s,
			   .share = share,
			   .consume_count = consume ? 1 : 0,
			   .consume = { { consume, 1 } },
			   .sequential = wish.sequential,
			   .held = wish.held,
			   .depends = &depends,
			   .depends_count = wish.after ? 1 : 0,
			   .doc = doc };
	struct err err = { 0 };

	fill_nodes(&job, &wish);
	if (engine_submit(w->engine, &job, &err))
		fail_msg("engine_submit: %s", err.text);
	assert_true(uuid_is(job.id));
	free(depends.outcome);
	return job.key;
}

struct job *stored(struct world *w, int64_t key)
{
	struct err err = { 0 };
	struct job *job = engine_job(w->engine, key, &err);

	if (!job)
		fail_msg("job %lld: %s", (long long)key, err.text);
	return job;
}

enum job_status status_of(struct world *w, int64_t key)
{
	struct job *job = stored(w, key);
	enum job_status s = job->status;

	job_free(job);
	return s;
}

void wait_for(struct world *w, int64_t key, enum job_status wanted)
{
	int64_t deadline = time_mono() + 20000;

	while (status_of(w, key) != wanted) {
		if (time_mono() > deadline)
			fail_msg("job %lld is %s, not %s", (long long)key,
				 job_status_name(status_of(w, key)), job_status_name(wanted));
		loop_turn(w->loop, 50);
	}
}

struct attempt last_attempt(struct world *w, int64_t key)
{
	struct err err = { 0 };
	size_t n = 0;
	struct attempt *list = store_attempts(engine_store(w->engine), key, &n, &err), last;

	assert_true(n > 0);
	last = list[n - 1];
	for (size_t i = 0; i + 1 < n; i++)
		attempt_fini(&list[i]);
	free(list);
	return last;
}

static int collect(void *arg, const struct log_line *l)
{
	buf_addf(arg, "%s:%.*s\n", l->is_stderr ? "err" : "out", (int)l->len, l->text);
	return 0;
}

char *log_text(struct world *w, int64_t key, int attempt)
{
	struct err err = { 0 };
	int64_t next = 0, size = 0;
	struct buf text;

	buf_init(&text, 10000);
	if (engine_log_read(w->engine, key, attempt, 0, 100, collect, &text, &next, &size, &err))
		fail_msg("log of job %lld: %s", (long long)key, err.text);
	return buf_steal(&text);
}
