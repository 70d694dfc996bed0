/* The engine with a real store in a fresh home: on the fake backend for speed, on the host
 * backend for the truth. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/engine/engine.h"
#include "jobdeck/model/reason.h"

struct world {
	char dir[64];
	struct home *home;
	struct loop *loop;
	struct engine *engine;
	const char *backend, *fake;
};

static void engine_up(struct world *w)
{
	struct err err = { 0 };
	struct engine_options o = { .home = w->home, .backend = w->backend, .fake = w->fake,
				    .pool = { .vcpu_milli = 4000, .memory_mib = 4096 } };
	const char *build = getenv("builddir");
	cleanup_free char *shim = xasprintf("%s/jobdeck-shim", build ? build : ".");

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

static void restart(struct world *w)
{
	engine_down(w);
	engine_up(w);
}

static int world_new(void **state, const char *backend, const char *fake)
{
	struct world *w = xcalloc(1, sizeof *w);
	struct err err = { 0 };

	snprintf(w->dir, sizeof w->dir, "/tmp/jobdeck-engine-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	w->home = home_open(w->dir, &err);
	if (!w->home)
		fail_msg("home_open: %s", err.text);
	w->backend = backend;
	w->fake = fake;
	engine_up(w);
	*state = w;
	return 0;
}

static int set_up_fake(void **state)
{
	return world_new(state, "fake", NULL);
}

static int set_up_host(void **state)
{
	return world_new(state, NULL, NULL);
}

static int tear_down(void **state)
{
	struct world *w = *state;
	cleanup_free char *command = xasprintf("rm -rf '%s'", w->dir);

	engine_down(w);
	home_free(w->home);
	assert_int_equal(system(command), 0);
	free(w);
	return 0;
}

static void make_queue(struct world *w)
{
	struct environment env = { .name = (char[]){ "ce" }, .status = STATUS_VALID, .max_vcpus = 2,
				   .status_reason = (char[]){ REASON_CE_HEALTHY },
				   .created = engine_now(w->engine), .doc = (char[]){ "{}" } };
	struct queue q = { .name = (char[]){ "q" }, .status = STATUS_VALID, .priority = 1,
			   .status_reason = (char[]){ REASON_JQ_HEALTHY }, .env_count = 1,
			   .env = { (char[]){ "ce" } }, .created = engine_now(w->engine),
			   .doc = (char[]){ "{}" } };
	struct err err = { 0 };

	if (engine_put_environment(w->engine, &env, &err) || engine_put_queue(w->engine, &q, &err))
		fail_msg("%s", err.text);
}

static char *job_doc(const char *const *words)
{
	cJSON *doc = cJSON_CreateObject(), *container = cJSON_AddObjectToObject(doc, "container");
	cJSON *command = cJSON_AddArrayToObject(container, "command");
	char *text;

	json_add_str(container, "image", "host");
	for (; *words; words++)
		cJSON_AddItemToArray(command, cJSON_CreateString(*words));
	text = json_print(doc);
	cJSON_Delete(doc);
	return text;
}

struct wish {
	const char *const *command;
	int attempts, timeout_s;
	int64_t after;
};

static int64_t submit(struct world *w, struct wish wish)
{
	struct job job = { .name = (char[]){ "j" }, .queue = (char[]){ "q" },
			   .definition = (char[]){ "def:1" },
			   .need = { .vcpu_milli = 1000, .memory_mib = 64 },
			   .retry = { .attempts = wish.attempts ? wish.attempts : 1 },
			   .timeout_s = wish.timeout_s,
			   .depends = &(struct dependency){ .job = wish.after }, .depends_count = wish.after ? 1 : 0 };
	struct err err = { 0 };
	cleanup_free char *doc = job_doc(wish.command);

	job.doc = doc;
	if (engine_submit(w->engine, &job, &err))
		fail_msg("engine_submit: %s", err.text);
	assert_true(uuid_is(job.id));
	return job.key;
}

#define COMMAND(...) ((const char *const[]){ __VA_ARGS__, NULL })

static struct job *stored(struct world *w, int64_t key)
{
	struct err err = { 0 };
	struct job *job = store_job(engine_store(w->engine), key, &err);

	if (!job)
		fail_msg("job %lld: %s", (long long)key, err.text);
	return job;
}

static enum job_status status_of(struct world *w, int64_t key)
{
	struct job *job = stored(w, key);
	enum job_status s = job->status;

	job_free(job);
	return s;
}

/* Turns the loop until the job is in that state; 20 s at most. */
static void wait_for(struct world *w, int64_t key, enum job_status wanted)
{
	int64_t deadline = time_mono() + 20000;

	while (status_of(w, key) != wanted) {
		if (time_mono() > deadline)
			fail_msg("job %lld is %s, not %s", (long long)key,
				 job_status_name(status_of(w, key)), job_status_name(wanted));
		loop_turn(w->loop, 50);
	}
}

static struct attempt last_attempt(struct world *w, int64_t key)
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

static void runs_a_job(void **state)
{
	struct world *w = *state;
	int64_t key;
	struct job *job;

	make_queue(w);
	key = submit(w, (struct wish){ .command = COMMAND("fake") });
	wait_for(w, key, JOB_SUCCEEDED);
	job = stored(w, key);
	assert_string_equal(job->status_reason, REASON_EXITED);
	assert_true(job->created <= job->started && job->started <= job->stopped);
	assert_int_equal(job->attempt, 1);
	job_free(job);
}

static void dependency_order_and_failure(void **state)
{
	struct world *w = *state;
	int64_t a, b, c, d;
	struct job *job;

	make_queue(w);
	a = submit(w, (struct wish){ .command = COMMAND("fake", "run=500") });
	b = submit(w, (struct wish){ .command = COMMAND("fake", "exit=3"), .after = a });
	c = submit(w, (struct wish){ .command = COMMAND("fake"), .after = b });
	loop_turn(w->loop, 0);
	assert_int_equal(status_of(w, b), JOB_PENDING);
	wait_for(w, c, JOB_FAILED);
	assert_int_equal(status_of(w, a), JOB_SUCCEEDED);
	assert_int_equal(status_of(w, b), JOB_FAILED);
	job = stored(w, c);
	assert_string_equal(job->status_reason, REASON_DEPENDENCY);
	assert_int_equal(job->started, 0);
	job_free(job);

	/* DEP-8: one that has failed long ago fails a newcomer at once. */
	d = submit(w, (struct wish){ .command = COMMAND("fake"), .after = b });
	wait_for(w, d, JOB_FAILED);
	/* and one that has succeeded is met */
	d = submit(w, (struct wish){ .command = COMMAND("fake"), .after = a });
	wait_for(w, d, JOB_SUCCEEDED);
}

static void retries_then_fails(void **state)
{
	struct world *w = *state;
	int64_t key;
	struct attempt last;

	make_queue(w);
	key = submit(w, (struct wish){ .command = COMMAND("fake", "exit=7"), .attempts = 3 });
	wait_for(w, key, JOB_FAILED);
	last = last_attempt(w, key);
	assert_int_equal(last.number, 3);
	assert_int_equal(last.exit_code, 7);
	attempt_fini(&last);
}

static void cancel_and_terminate(void **state)
{
	struct world *w = *state;
	int64_t a, b;
	struct job *job;
	struct err err = { 0 };

	make_queue(w);
	a = submit(w, (struct wish){ .command = COMMAND("fake", "run=60000") });
	b = submit(w, (struct wish){ .command = COMMAND("fake"), .after = a });
	wait_for(w, a, JOB_RUNNING);
	assert_int_equal(engine_cancel(w->engine, a, "no effect", &err), 0); /* CX-1 */
	assert_int_equal(engine_cancel(w->engine, b, "not needed", &err), 0);
	wait_for(w, b, JOB_FAILED);
	assert_int_equal(status_of(w, a), JOB_RUNNING);
	assert_int_equal(engine_terminate(w->engine, a, "enough", &err), 0);
	wait_for(w, a, JOB_FAILED);
	job = stored(w, a);
	assert_string_equal(job->status_reason, "enough");
	job_free(job);
	job = stored(w, b);
	assert_string_equal(job->status_reason, "not needed");
	job_free(job);
	assert_int_equal(engine_terminate(w->engine, a, "again", &err), 0); /* CX-5 */
}

static void count_commit(void *arg, const struct err *err)
{
	assert_null(err);
	++*(int *)arg;
}

static void answers_after_the_commit(void **state)
{
	struct world *w = *state;
	int told = 0;

	engine_after_commit(w->engine, count_commit, &told);
	assert_int_equal(told, 1); /* nothing pending: at once */
	make_queue(w);
	engine_after_commit(w->engine, count_commit, &told);
	assert_int_equal(told, 1);
	loop_turn(w->loop, 0);
	loop_turn(w->loop, 0);
	assert_int_equal(told, 2);
}

static void count_change(void *arg)
{
	++*(int *)arg;
}

static void watchers_hear_of_changes(void **state)
{
	struct world *w = *state;
	int told = 0;
	struct engine_watch *watch = engine_watch(w->engine, count_change, &told);
	int64_t seq = engine_seq(w->engine);

	make_queue(w);
	loop_turn(w->loop, 0);
	loop_turn(w->loop, 0);
	assert_int_equal(told, 1);
	assert_true(engine_seq(w->engine) > seq);
	engine_unwatch(watch);
	submit(w, (struct wish){ .command = COMMAND("fake") });
	loop_turn(w->loop, 0);
	loop_turn(w->loop, 0);
	assert_int_equal(told, 1);
}

static void survives_restart(void **state)
{
	struct world *w = *state;
	int64_t keys[8];

	make_queue(w);
	for (int i = 0; i < 8; i++)
		keys[i] = submit(w, (struct wish){ .command = COMMAND("fake", "run=200") });
	while (!engine_active(w->engine))
		loop_turn(w->loop, 50);
	restart(w);
	wait_for(w, keys[7], JOB_SUCCEEDED);
	for (int i = 0; i < 8; i++)
		wait_for(w, keys[i], JOB_SUCCEEDED);
	assert_int_equal(engine_active(w->engine), 0);
	assert_true(submit(w, (struct wish){ .command = COMMAND("fake") }) > keys[7]);
}

struct lines {
	char text[256];
};

static int collect(void *arg, const struct log_line *l)
{
	struct lines *all = arg;
	size_t n = strlen(all->text);

	snprintf(all->text + n, sizeof all->text - n, "%s:%.*s\n", l->is_stderr ? "err" : "out",
		 (int)l->len, l->text);
	return 0;
}

static void real_process(void **state)
{
	struct world *w = *state;
	struct lines lines = { "" };
	struct job *job;
	struct attempt last;
	struct err err = { 0 };
	int64_t key, next = 0, size = 0, found;
	cleanup_free char *stream = NULL;
	int number;

	make_queue(w);
	key = submit(w, (struct wish){ .command = COMMAND("sh", "-c",
					       "echo $AWS_BATCH_JQ_NAME/$AWS_BATCH_CE_NAME/"
					       "$AWS_BATCH_JOB_ATTEMPT; exit 3") });
	wait_for(w, key, JOB_FAILED);
	last = last_attempt(w, key);
	assert_int_equal(last.exit_code, 3);
	assert_string_equal(last.status_reason, REASON_EXITED);
	assert_string_equal(last.env, "ce");
	attempt_fini(&last);
	assert_int_equal(engine_log_read(w->engine, key, 1, 0, 100, collect, &lines, &next, &size,
					 &err), 0);
	assert_string_equal(lines.text, "out:q/ce/1\n");
	assert_int_equal(next, size);

	job = stored(w, key);
	stream = engine_log_stream(job, 1);
	job_free(job);
	assert_int_equal(engine_log_find(w->engine, stream, &found, &number), 0);
	assert_int_equal(found, key);
	assert_int_equal(number, 1);
	assert_int_equal(engine_log_find(w->engine, "def/default/0123", &found, &number), -1);
}

static void real_process_over_a_restart(void **state)
{
	struct world *w = *state;
	int64_t key;
	struct attempt last;

	make_queue(w);
	key = submit(w, (struct wish){ .command = COMMAND("sh", "-c", "read x < \"$HOME_FIFO\" || sleep 1; exit 5") });
	wait_for(w, key, JOB_RUNNING);
	restart(w);
	wait_for(w, key, JOB_FAILED);
	last = last_attempt(w, key);
	assert_int_equal(last.number, 1);
	assert_int_equal(last.exit_code, 5);
	attempt_fini(&last);
}

static void cannot_start(void **state)
{
	struct world *w = *state;
	int64_t key;
	struct attempt last;

	make_queue(w);
	key = submit(w, (struct wish){ .command = COMMAND("no-such-program-here") });
	wait_for(w, key, JOB_FAILED);
	last = last_attempt(w, key);
	assert_int_equal(last.exit_code, -1);
	assert_string_equal(last.status_reason, REASON_START_FAILED);
	if (!strstr(last.reason, "no-such-program-here"))
		fail_msg("reason: %s", last.reason);
	attempt_fini(&last);
}

static void stop_a_process(void **state)
{
	struct world *w = *state;
	int64_t key;
	struct attempt last;
	struct err err = { 0 };

	make_queue(w);
	key = submit(w, (struct wish){ .command = COMMAND("sleep", "1000") });
	wait_for(w, key, JOB_RUNNING);
	assert_int_equal(engine_terminate(w->engine, key, "stop it", &err), 0);
	wait_for(w, key, JOB_FAILED);
	last = last_attempt(w, key);
	assert_int_equal(last.exit_code, 143);
	attempt_fini(&last);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(runs_a_job, set_up_fake, tear_down),
		cmocka_unit_test_setup_teardown(dependency_order_and_failure, set_up_fake, tear_down),
		cmocka_unit_test_setup_teardown(retries_then_fails, set_up_fake, tear_down),
		cmocka_unit_test_setup_teardown(cancel_and_terminate, set_up_fake, tear_down),
		cmocka_unit_test_setup_teardown(answers_after_the_commit, set_up_fake, tear_down),
		cmocka_unit_test_setup_teardown(watchers_hear_of_changes, set_up_fake, tear_down),
		cmocka_unit_test_setup_teardown(survives_restart, set_up_fake, tear_down),
		cmocka_unit_test_setup_teardown(real_process, set_up_host, tear_down),
		cmocka_unit_test_setup_teardown(real_process_over_a_restart, set_up_host, tear_down),
		cmocka_unit_test_setup_teardown(cannot_start, set_up_host, tear_down),
		cmocka_unit_test_setup_teardown(stop_a_process, set_up_host, tear_down),
	};

	return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
