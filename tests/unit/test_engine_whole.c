/* The engine and everything the scheduler decides, over restarts: arrays, dependencies by type,
 * held jobs, instances that are taken away, GPUs, consumable resources, shares. */
#include "config.h"
#include "engine_world.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/fs.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/model/reason.h"

static int count_key(void *arg, const struct job *job)
{
	(void)job;
	++*(int *)arg;
	return 0;
}

static int children(struct world *w, int64_t parent, int status, int64_t after, int limit)
{
	struct job *job = stored(w, parent);
	struct err err = { 0 };
	int n = 0;

	if (engine_children(w->engine, job, status, after, limit, count_key, &n, &err))
		fail_msg("%s", err.text);
	job_free(job);
	return n;
}

static int stored_attempt(struct world *w, int64_t key)
{
	struct job *job = stored(w, key);
	int attempt = job->attempt;

	job_free(job);
	return attempt;
}

static int last_attempt_number(struct world *w, int64_t key)
{
	struct attempt last = last_attempt(w, key);
	int number = last.number;

	attempt_fini(&last);
	return number;
}

static void assert_reason(struct world *w, int64_t key, const char *reason)
{
	struct job *job = stored(w, key);

	assert_string_equal(job->status_reason ? job->status_reason : "none", reason);
	job_free(job);
}

static void array_runs_all_its_children(void **state)
{
	struct world *w = *state;
	int64_t array, next;

	make_queue(w);
	array = submit(w, (struct wish){ .command = COMMAND("fake", "run=100"),
					 .kind = JOB_KIND_ARRAY,
					 .size = 5 });
	next = submit(w, (struct wish){ .command = COMMAND("fake"), .after = array });
	assert_int_equal(next, array + 6);
	assert_int_equal(children(w, array, -1, 0, 100), 5);
	assert_int_equal(children(w, array, JOB_SUBMITTED, 0, 100), 5);
	WAIT(w, status_of(w, array + 1) == JOB_RUNNING && status_of(w, array + 2) == JOB_RUNNING);
	assert_int_equal(status_of(w, array), JOB_PENDING); /* ARR-4 */
	assert_int_equal(status_of(w, array + 5), JOB_RUNNABLE);
	assert_int_equal(status_of(w, next), JOB_PENDING);
	assert_int_equal(children(w, array, JOB_RUNNABLE, 0, 100), 3);
	assert_int_equal(children(w, array, JOB_RUNNABLE, 0, 2), 2);
	assert_int_equal(children(w, array, JOB_RUNNABLE, array + 4, 100), 1);
	assert_int_equal(children(w, array, JOB_RUNNING, 0, 100), 2);
	assert_int_equal(children(w, array, -1, 0, 4), 4);
	wait_for(w, array, JOB_SUCCEEDED);
	assert_int_equal(children(w, array, JOB_SUCCEEDED, 0, 100), 5);
	wait_for(w, next, JOB_SUCCEEDED); /* DEP-3 */
}

static void array_goes_on_over_restarts(void **state)
{
	struct world *w = *state;
	int64_t array;
	size_t n;

	make_queue(w);
	array = submit(w, (struct wish){ .command = COMMAND("fake", "run=150"),
					 .kind = JOB_KIND_ARRAY,
					 .size = 4,
					 .sequential = true });
	for (int i = 1; i <= 4; i++) {
		wait_for(w, array + i, JOB_RUNNING);
		world_restart(w);
		assert_int_equal(children(w, array, JOB_SUCCEEDED, 0, 100), i - 1);
		if (i < 4)
			assert_int_equal(status_of(w, array + i + 1), JOB_PENDING);
	}
	wait_for(w, array, JOB_SUCCEEDED);
	for (int i = 1; i <= 4; i++) {
		struct attempt last = last_attempt(w, array + i);

		assert_int_equal(last.number, 1);
		attempt_fini(&last);
	}
	assert_null(store_attempts(engine_store(w->engine), array, &n, NULL));
	assert_true(submit(w, (struct wish){ .command = COMMAND("fake") }) == array + 5);
}

static void array_is_terminated(void **state)
{
	struct world *w = *state;
	struct err err = { 0 };
	int64_t array;

	make_queue(w);
	array = submit(w, (struct wish){ .command = COMMAND("fake", "run=60000"),
					 .kind = JOB_KIND_ARRAY,
					 .size = 9 });
	wait_for(w, array + 2, JOB_RUNNING);
	assert_int_equal(engine_terminate(w->engine, array, "enough", &err), 0);
	world_restart(w);
	wait_for(w, array, JOB_FAILED);
	assert_int_equal(children(w, array, JOB_FAILED, 0, 100), 9);
	for (int i = 1; i <= 9; i += 4)
		assert_reason(w, array + i, "enough");
	assert_int_equal(engine_terminate(w->engine, array + 9, "late", &err), 0); /* CX-5 */
}

/* DEP-6: by halves, because which children fail is a matter of the script's dice. */
static void assert_pairwise(struct world *w, int64_t upstream, int64_t array, int size)
{
	for (int i = 1; i <= size; i++) {
		bool failed = status_of(w, upstream + i) == JOB_FAILED;

		assert_int_equal(status_of(w, array + i), failed ? JOB_FAILED : JOB_SUCCEEDED);
		if (failed)
			assert_reason(w, array + i, REASON_DEPENDENCY);
	}
}

static void n_to_n_over_restarts(void **state)
{
	struct world *w = *state;
	int64_t a, b, c;
	int failed;

	make_queue(w);
	a = submit(w, (struct wish){ .command = COMMAND("fake", "run=100", "fail=50%", "seed=7"),
				     .kind = JOB_KIND_ARRAY,
				     .size = 6 });
	b = submit(w, (struct wish){ .command = COMMAND("fake"),
				     .kind = JOB_KIND_ARRAY,
				     .size = 6,
				     .after = a,
				     .type = DEPENDENCY_N_TO_N });
	WAIT(w, children(w, a, JOB_SUCCEEDED, 0, 100) + children(w, a, JOB_FAILED, 0, 100) >= 2);
	world_restart(w);
	wait_for(w, a, JOB_FAILED);
	assert_reason(w, a, REASON_ARRAY_CHILD);
	failed = children(w, a, JOB_FAILED, 0, 100);
	assert_in_range(failed, 1, 5);
	wait_for(w, b, JOB_FAILED);
	assert_pairwise(w, a, b, 6);
	/* one that comes when all is over */
	c = submit(w, (struct wish){ .command = COMMAND("fake"),
				     .kind = JOB_KIND_ARRAY,
				     .size = 6,
				     .after = a,
				     .type = DEPENDENCY_N_TO_N,
				     .held = true });
	WAIT(w, children(w, c, JOB_FAILED, 0, 100) == failed);
	world_restart(w);
	assert_int_equal(engine_release(w->engine, c, NULL), 0);
	wait_for(w, c, JOB_FAILED);
	assert_pairwise(w, a, c, 6);
}

static void after_any_end(void **state)
{
	struct world *w = *state;
	int64_t a, b, c;

	make_queue(w);
	a = submit(w, (struct wish){ .command = COMMAND("fake", "run=200", "exit=1") });
	b = submit(w,
		   (struct wish){ .command = COMMAND("fake"), .after = a, .type = DEPENDENCY_ANY });
	wait_for(w, a, JOB_RUNNING);
	world_restart(w);
	assert_int_equal(status_of(w, b), JOB_PENDING);
	wait_for(w, b, JOB_SUCCEEDED);
	assert_int_equal(status_of(w, a), JOB_FAILED);
	c = submit(w,
		   (struct wish){ .command = COMMAND("fake"), .after = a, .type = DEPENDENCY_ANY });
	wait_for(w, c, JOB_SUCCEEDED);
}

static void held_until_released(void **state)
{
	struct world *w = *state;
	struct err err = { 0 };
	int64_t held, array, other;
	struct job *child;

	make_queue(w);
	held = submit(w, (struct wish){ .command = COMMAND("fake"), .held = true });
	array = submit(
		w, (struct wish){ .command = COMMAND("fake"), .kind = JOB_KIND_ARRAY, .size = 2 });
	assert_int_equal(engine_hold(w->engine, array, &err), 0);
	other = submit(w, (struct wish){ .command = COMMAND("fake") });
	wait_for(w, other, JOB_SUCCEEDED);
	world_restart(w);
	other = submit(w, (struct wish){ .command = COMMAND("fake") });
	wait_for(w, other, JOB_SUCCEEDED);
	assert_int_equal(status_of(w, held), JOB_RUNNABLE);
	child = stored(w, array + 2);
	assert_true(child->held);
	assert_int_equal(child->status, JOB_RUNNABLE);
	job_free(child);
	assert_int_equal(engine_release(w->engine, held, &err), 0);
	assert_int_equal(engine_release(w->engine, array, &err), 0);
	wait_for(w, held, JOB_SUCCEEDED);
	wait_for(w, array, JOB_SUCCEEDED);
	assert_int_equal(engine_hold(w->engine, held, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
}

static void put_consumable(struct world *w, int64_t total)
{
	struct consumable c = { .name = (char[]){ "licences" },
				.total = total,
				.type = CONSUMABLE_NON_REPLENISHABLE,
				.created = engine_now(w->engine) };
	struct err err = { 0 };

	if (engine_put_consumable(w->engine, &c, &err))
		fail_msg("%s", err.text);
}

/* --- multi-node jobs ---------------------------------------------------------------------- */

static void assert_nodes(struct world *w, int64_t job, int nodes, int attempt, int waiting)
{
	int waits = 0;

	for (int i = 1; i <= nodes; i++) {
		struct attempt last = last_attempt(w, job + i);

		assert_int_equal(last.number, attempt);
		waits += last.waits;
		assert_true(!last.waits || !last.started);
		attempt_fini(&last);
	}
	assert_int_equal(waits, waiting);
}

/* MNP-4, MNP-5: all placed, then the main node starts, then the others; its end is the job's;
 * whichever server looks. */
static void gang_over_restarts(void **state)
{
	struct world *w = *state;
	int64_t job;

	make_queue(w);
	job = submit(w, (struct wish){ .command = COMMAND("fake", "start=300", "run=300"),
				       .kind = JOB_KIND_MULTINODE,
				       .size = 2,
				       .main_node = 1 });
	wait_for(w, job, JOB_STARTING);
	assert_nodes(w, job, 2, 1, 1);
	world_restart(w);
	assert_int_equal(status_of(w, job), JOB_STARTING);
	assert_nodes(w, job, 2, 1, 1);
	wait_for(w, job, JOB_RUNNING);
	assert_int_equal(status_of(w, job + 2), JOB_RUNNING);
	assert_nodes(w, job, 2, 1, 0);
	world_restart(w);
	wait_for(w, job, JOB_SUCCEEDED);
	assert_reason(w, job, REASON_EXITED);
	WAIT(w, engine_active(w->engine) == 0);
	assert_nodes(w, job, 2, 1, 0);
	assert_int_equal(
		children(w, job, JOB_SUCCEEDED, 0, 10) + children(w, job, JOB_FAILED, 0, 10), 2);
}

/* A node that waits is not started only to be stopped. */
static void gang_is_terminated_before_it_starts(void **state)
{
	struct world *w = *state;
	struct err err = { 0 };
	struct attempt last;
	int64_t job;

	make_queue(w);
	job = submit(w, (struct wish){ .command = COMMAND("fake", "start=500", "run=60000"),
				       .kind = JOB_KIND_MULTINODE,
				       .size = 2 });
	wait_for(w, job, JOB_STARTING);
	assert_int_equal(engine_terminate(w->engine, job, "not now", &err), 0);
	loop_turn(w->loop, 0); /* decided and on disk, not acted upon */
	world_restart(w);
	wait_for(w, job, JOB_FAILED);
	assert_reason(w, job, "not now");
	WAIT(w, engine_active(w->engine) == 0);
	last = last_attempt(w, job + 2);
	assert_int_equal(last.started, 0);
	assert_int_equal(last.exit_code, -1);
	attempt_fini(&last);
}

/* MNP-6: the others come again with it. */
static void gang_is_tried_again(void **state)
{
	struct world *w = *state;
	int64_t job;

	make_queue(w);
	job = submit(w, (struct wish){ .command = COMMAND("fake", "run=100", "exit=9"),
				       .kind = JOB_KIND_MULTINODE,
				       .size = 2,
				       .attempts = 2 });
	WAIT(w, status_of(w, job) == JOB_RUNNING && last_attempt_number(w, job + 1) == 2);
	world_restart(w);
	wait_for(w, job, JOB_FAILED);
	WAIT(w, engine_active(w->engine) == 0);
	assert_nodes(w, job, 2, 2, 0);
	assert_int_equal(stored_attempt(w, job), 2);
	job = submit(w, (struct wish){ .command = COMMAND("fake") });
	wait_for(w, job, JOB_SUCCEEDED);
}

/* --- instances ---------------------------------------------------------------------------- */

static int newest(void *arg, const struct instance *i)
{
	*(int64_t *)arg = i->key;
	return 0;
}

static int64_t newest_instance(struct world *w)
{
	int64_t key = 0;

	assert_int_equal(
		store_instances(engine_store(w->engine), NULL, JD_NEVER, 0, newest, &key, NULL), 0);
	return key;
}

/* SP-2: notice, then the end, with AWS's words and no exit code, though the server is not the
 * same; another instance then takes the next attempt. */
static void reclaimed_over_a_restart(void **state)
{
	struct world *w = *state;
	struct err err = { 0 };
	struct attempt *list, *first;
	struct instance *i;
	char reason[128], id[INSTANCE_ID_SIZE];
	int64_t job, instance, noticed;
	size_t n = 0;

	make_environment(w, "spot", CR_SPOT, "c6i.large");
	make_queue_of(w, "q", "spot", NULL);
	job = submit(w, (struct wish){ .command = COMMAND("fake", "run=60000", "stubborn"),
				       .attempts = 2 });
	wait_for(w, job, JOB_RUNNING);
	instance = newest_instance(w);
	noticed = time_wall();
	assert_int_equal(engine_reclaim(w->engine, instance, &err), 0);
	for (int turn = 0; turn < 3; turn++)
		loop_turn(w->loop, 0); /* it has been told, and has a second */
	world_restart(w);
	WAIT(w, status_of(w, job) == JOB_RUNNING && newest_instance(w) > instance);
	list = store_attempts(engine_store(w->engine), job, &n, &err);
	assert_int_equal(n, 2);
	first = &list[0];
	snprintf(reason, sizeof reason, REASON_HOST_TERMINATED, instance_id(instance, id));
	assert_string_equal(first->status_reason, reason);
	assert_int_equal(first->exit_code, -1);
	assert_int_equal(first->instance, instance);
	assert_in_range(first->stopped - noticed, 1000, 15000);
	assert_true(list[1].instance > instance);
	for (size_t k = 0; k < n; k++)
		attempt_fini(&list[k]);
	free(list);
	WAIT(w, (i = store_instance(engine_store(w->engine), instance, &err)) &&
			(noticed = i->terminated, store_instance_free(i), noticed));
}

static void instances_are_never_the_same(void **state)
{
	struct world *w = *state;
	int64_t job, instance;

	make_environment(w, "ce", CR_EC2, "c6i.large");
	make_queue_of(w, "q", "ce", NULL);
	job = submit(w, (struct wish){ .command = COMMAND("fake", "run=300") });
	wait_for(w, job, JOB_RUNNING);
	instance = newest_instance(w);
	assert_true(instance > 0);
	world_restart(w);
	assert_int_equal(newest_instance(w), instance);
	wait_for(w, job, JOB_SUCCEEDED);
	job = submit(w, (struct wish){ .command = COMMAND("fake") });
	wait_for(w, job, JOB_SUCCEEDED);
	assert_int_equal(newest_instance(w), instance); /* reused: it is idle for a minute */
	assert_int_equal(store_next_instance(engine_store(w->engine)), instance + 1);
}

/* Everything that can stand at once: after a restart the scheduler stands just there. */
static void stands_where_it_stood(void **state)
{
	struct world *w = *state;
	static const char *const run[] = { "fake", "run=60000", NULL };
	int64_t array, gang, spot, taken;
	uint64_t before;

	make_queue(w);
	make_environment(w, "more", CR_EC2, NULL);
	make_queue_of(w, "gangs", "more", NULL);
	make_environment(w, "spot", CR_SPOT, "c6i.large");
	make_queue_of(w, "spots", "spot", NULL);
	put_consumable(w, 5);
	array = submit(w, (struct wish){ .command = run,
					 .kind = JOB_KIND_ARRAY,
					 .size = 5,
					 .consume = "licences" });
	submit(w, (struct wish){ .command = run,
				 .kind = JOB_KIND_ARRAY,
				 .size = 5,
				 .after = array,
				 .type = DEPENDENCY_N_TO_N });
	submit(w, (struct wish){ .command = run, .after = array, .type = DEPENDENCY_ANY });
	submit(w, (struct wish){ .command = run, .after = array + 5 });
	submit(w, (struct wish){ .command = run, .held = true, .attempts = 3, .timeout_s = 90 });
	gang = submit(w, (struct wish){ .command = run,
					.queue = "gangs",
					.size = 2,
					.kind = JOB_KIND_MULTINODE,
					.main_node = 1,
					.timeout_s = 3600 });
	spot = submit(w, (struct wish){ .command = run, .queue = "spots", .gpus = 0 });
	taken = submit(w, (struct wish){ .command = COMMAND("fake", "run=60000", "stubborn"),
					 .queue = "spots" });
	wait_for(w, array + 2, JOB_RUNNING);
	wait_for(w, gang + 1, JOB_RUNNING);
	wait_for(w, spot, JOB_RUNNING);
	wait_for(w, taken, JOB_RUNNING);
	assert_int_equal(engine_cancel(w->engine, array + 4, "not this one", NULL), 0);
	assert_int_equal(engine_terminate(w->engine, spot, "enough", NULL), 0);
	loop_turn(w->loop, 0);
	WAIT(w, status_of(w, spot) == JOB_FAILED);
	assert_int_equal(engine_reclaim(w->engine, newest_instance(w), NULL), 0);
	for (int turn = 0; turn < 3; turn++)
		loop_turn(w->loop, 0);
	before = sched_hash(engine_sched(w->engine));
	world_restart(w);
	for (int turn = 0; turn < 3; turn++) /* what is not stored is decided again */
		loop_turn(w->loop, 0);
	assert_int_equal(sched_hash(engine_sched(w->engine)), before);
}

/* --- consumable resources and shares ------------------------------------------------------ */

static void what_is_spent_is_gone_after_a_restart(void **state)
{
	struct world *w = *state;
	int64_t jobs[3], other;

	make_queue(w);
	put_consumable(w, 2);
	for (int i = 0; i < 2; i++)
		jobs[i] = submit(
			w, (struct wish){ .command = COMMAND("fake"), .consume = "licences" });
	wait_for(w, jobs[1], JOB_SUCCEEDED);
	world_restart(w);
	jobs[2] = submit(w, (struct wish){ .command = COMMAND("fake"), .consume = "licences" });
	make_queue_of(w, "other", "ce", NULL);
	other = submit(w, (struct wish){ .command = COMMAND("fake"), .queue = "other" });
	wait_for(w, other, JOB_SUCCEEDED);
	assert_int_equal(status_of(w, jobs[2]), JOB_RUNNABLE);
	put_consumable(w, 3);
	wait_for(w, jobs[2], JOB_SUCCEEDED);
}

/* As it will count a minute from now: what is used just now does not count yet. */
static double usage_of(struct world *w, const char *share)
{
	struct sched_share_view views[4];
	jd_time later = engine_now(w->engine) + 60000;
	int n = sched_shares(engine_sched(w->engine), "fair", later, views, 4);

	for (int i = 0; i < n && i < 4; i++)
		if (strcmp(views[i].identifier, share) == 0)
			return views[i].usage;
	return 0;
}

static void use_of_shares_is_remembered(void **state)
{
	struct world *w = *state;
	struct policy p = { .name = (char[]){ "policy" }, .created = engine_now(w->engine) };
	int64_t job;
	double before;

	assert_int_equal(engine_put_policy(w->engine, &p, NULL), 0);
	make_environment(w, "ce", CR_EC2, NULL);
	make_queue_of(w, "fair", "ce", "policy");
	job = submit(w, (struct wish){ .command = COMMAND("fake", "run=700"),
				       .queue = "fair",
				       .share = "a" });
	wait_for(w, job, JOB_SUCCEEDED);
	job = submit(w, (struct wish){ .command = COMMAND("fake"), .queue = "fair", .share = "b" });
	wait_for(w, job, JOB_SUCCEEDED);
	before = usage_of(w, "a");
	assert_true(before > 0.5 && before < 20);
	world_restart(w);
	assert_true(usage_of(w, "a") > before * 0.9 && usage_of(w, "a") < before * 1.1);
}

/* --- real processes ----------------------------------------------------------------------- */

static void assert_log(struct world *w, int64_t key, const char *expected)
{
	cleanup_free char *text = log_text(w, key, 1);

	assert_string_equal(text, expected);
}

static void children_know_which_they_are(void **state)
{
	struct world *w = *state;
	int64_t array, found;
	int number;

	make_queue(w);
	array = submit(w, (struct wish){ .command = COMMAND(
						 "sh", "-c",
						 "echo ${AWS_BATCH_JOB_ID#*:} "
						 "$AWS_BATCH_JOB_ARRAY_INDEX/$JOBDECK_ARRAY_SIZE "
						 "$AWS_BATCH_JOB_ATTEMPT"),
					 .kind = JOB_KIND_ARRAY,
					 .size = 3 });
	wait_for(w, array, JOB_SUCCEEDED);
	assert_log(w, array + 1, "out:0 0/3 1\n");
	assert_log(w, array + 3, "out:2 2/3 1\n");
	for (int i = 1; i <= 3; i++) {
		struct job *job = stored(w, array + i);
		cleanup_free char *stream = engine_log_stream(job, 1);

		assert_int_equal(strlen(strrchr(stream, '/')), 33);
		assert_int_equal(engine_log_find(w->engine, stream, &found, &number), 0);
		assert_int_equal(found, job->key);
		assert_int_equal(number, 1);
		job_free(job);
	}
	assert_int_equal(engine_log_find(w->engine, "def/default/0193000000001000000000000000000f",
					 &found, &number),
			 -1);
}

/* RES-5. */
static void gpus_are_pinned(void **state)
{
	static const char *const show[] = {
		"sh", "-c", "echo [$CUDA_VISIBLE_DEVICES] [$NVIDIA_VISIBLE_DEVICES]", NULL
	};
	struct world *w = *state;
	int64_t two, none;

	make_queue(w);
	two = submit(w, (struct wish){ .command = show, .gpus = 2 });
	wait_for(w, two, JOB_SUCCEEDED);
	assert_log(w, two, "out:[0,1] [0,1]\n");
	none = submit(w, (struct wish){ .command = show });
	wait_for(w, none, JOB_SUCCEEDED);
	assert_log(w, none, "out:[] [none]\n");
}

/* MNP-2, MNP-7: each node runs what its range says; the main one has no address to be told. */
static void nodes_know_which_they_are(void **state)
{
	static const char say[] =
		"echo $AWS_BATCH_JOB_NODE_INDEX of $AWS_BATCH_JOB_NUM_NODES main "
		"$AWS_BATCH_JOB_MAIN_NODE_INDEX at [$AWS_BATCH_JOB_MAIN_NODE_PRIVATE_IPV4_ADDRESS] "
		"${AWS_BATCH_JOB_ID#*#}";
	struct world *w = *state;
	cleanup_free char *doc = xasprintf(
		"{\"tags\":{\"jobdeck:directory\":\"%s\"},\"nodeProperties\":{\"numNodes\":2,"
		"\"mainNode\":1,\"nodeRangeProperties\":["
		"{\"targetNodes\":\"0:\",\"container\":{\"image\":\"host\",\"command\":[\"sh\","
		"\"-c\",\"%s\"]}},{\"targetNodes\":\"1\",\"container\":{\"image\":\"host\","
		"\"command\":[\"sh\",\"-c\",\"%s; while [ ! -e go ]; do sleep .02; done\"]}}]}}",
		w->dir, say, say);
	cleanup_free char *go = xasprintf("%s/go", w->dir), *stream = NULL;
	struct job *node;
	int64_t job, found;
	int number;

	make_queue(w);
	job = submit(
		w,
		(struct wish){ .doc = doc, .kind = JOB_KIND_MULTINODE, .size = 2, .main_node = 1 });
	wait_for(w, job + 1, JOB_SUCCEEDED);
	assert_int_equal(status_of(w, job), JOB_RUNNING);
	assert_int_equal(fs_write_atomic(go, "", 0, NULL), 0);
	wait_for(w, job, JOB_SUCCEEDED);
	assert_log(w, job + 1, "out:0 of 2 main 1 at [127.0.0.1] 0\n");
	assert_log(w, job + 2, "out:1 of 2 main 1 at [] 1\n");
	node = stored(w, job + 2);
	stream = engine_log_stream(node, 1);
	job_free(node);
	assert_int_equal(engine_log_find(w->engine, stream, &found, &number), 0);
	assert_int_equal(found, job + 2);
}

#define with_fake(f) cmocka_unit_test_setup_teardown(f, world_fake, world_end)
#define with_host(f) cmocka_unit_test_setup_teardown(f, world_host, world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_fake(array_runs_all_its_children),
		with_fake(array_goes_on_over_restarts),
		with_fake(array_is_terminated),
		with_fake(n_to_n_over_restarts),
		with_fake(after_any_end),
		with_fake(held_until_released),
		with_fake(gang_over_restarts),
		with_fake(gang_is_terminated_before_it_starts),
		with_fake(gang_is_tried_again),
		with_fake(reclaimed_over_a_restart),
		with_fake(instances_are_never_the_same),
		cmocka_unit_test_setup_teardown(stands_where_it_stood, world_patient, world_end),
		with_fake(what_is_spent_is_gone_after_a_restart),
		with_fake(use_of_shares_is_remembered),
		with_host(children_know_which_they_are),
		with_host(gpus_are_pinned),
		with_host(nodes_know_which_they_are),
	};

	return cmocka_run_group_tests_name("engine, the whole", tests, NULL, NULL);
}
