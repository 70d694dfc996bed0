#include "config.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "jobdeck/base/mem.h"
#include "jobdeck/base/uuid.h"
#include "jobdeck/model/reason.h"
#include "jobdeck/store/store.h"

/* What the store can do on this disk: whole lives of jobs by the number of jobs that share
 * a commit, then, in a home of many jobs, opening it and the questions the console asks.
 *
 *	bench_store [JOBS [HISTORY]]	jobs per measurement; jobs in the large home (0: none) */

static struct err failed;
static char path[] = "/tmp/bench-store-XXXXXX/batch.db";

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void must(int rc)
{
	if (rc) {
		fprintf(stderr, "bench_store: %s\n", failed.text);
		exit(1);
	}
}

static void remove_files(void)
{
	static const char *const suffix[] = { "", "-wal", "-shm" };

	for (size_t i = 0; i < ARRAY_LEN(suffix); i++) {
		cleanup_free char *file = xasprintf("%s%s", path, suffix[i]);

		unlink(file);
	}
}

/* A document of the size a small container job has. */
static const char doc[] =
	"{\"container\":{\"image\":\"host\",\"command\":[\"sh\",\"-c\",\"echo hello\"],"
	"\"resourceRequirements\":[{\"type\":\"VCPU\",\"value\":\"1\"},{\"type\":\"MEMORY\","
	"\"value\":\"512\"}],\"environment\":[{\"name\":\"A\",\"value\":\"B\"}],\"volumes\":[],"
	"\"mountPoints\":[],\"ulimits\":[],\"secrets\":[],\"networkInterfaces\":[]},\"parameters\":"
	"{},\"tags\":{\"jobdeck:directory\":\"/home/somebody/project\"},\"propagateTags\":false,"
	"\"platformCapabilities\":[\"EC2\"],\"eksAttempts\":[],\"dependsOn\":[]}";

static void say(struct store *st, struct fact *f, enum job_status from, enum job_status to)
{
	struct fact_effect e = { .changed = true, .from = from, .to = to, .order = f->job };

	if (job_status_is_final(to))
		e.status_reason = REASON_EXITED;
	must(store_record(st, f, &e, &failed));
}

static void submit(struct store *st, int64_t key, jd_time at)
{
	char name[32], queue[] = "default", definition[] = "hello:1";
	struct job job = { .key = key,
			   .name = name,
			   .queue = queue,
			   .definition = definition,
			   .need = { 1000, 512, 0 },
			   .retry = { .attempts = 1 },
			   .created = at,
			   .order = key };
	struct fact f = { .kind = FACT_SUBMITTED, .at = at, .job = key, .submitted = &job };

	snprintf(name, sizeof name, "task-%06" PRId64, key);
	job.doc = xstrdup(doc);
	uuid_v7(at, job.id);
	say(st, &f, JOB_SUBMITTED, JOB_SUBMITTED);
	free(job.doc);
	f = (struct fact){ .kind = FACT_RUNNABLE, .at = at, .job = key };
	say(st, &f, JOB_SUBMITTED, JOB_RUNNABLE);
}

static void place(struct store *st, int64_t key, jd_time at)
{
	struct fact f = { .kind = FACT_PLACED, .at = at, .job = key, .attempt = 1 };

	f.placed.env = "local";
	f.placed.slot = (int)(key % 100);
	say(st, &f, JOB_RUNNABLE, JOB_STARTING);
}

static void start(struct store *st, int64_t key, jd_time at)
{
	struct fact f = { .kind = FACT_STARTED, .at = at, .job = key, .attempt = 1 };

	say(st, &f, JOB_STARTING, JOB_RUNNING);
}

static void end(struct store *st, int64_t key, jd_time at)
{
	struct fact f = { .kind = FACT_ENDED, .at = at, .job = key, .attempt = 1 };

	f.ended.exit_code = key % 50 == 0;
	f.ended.status_reason = REASON_EXITED;
	say(st, &f, JOB_RUNNING, f.ended.exit_code ? JOB_FAILED : JOB_SUCCEEDED);
}

/* As the engine does it: in the turn of their submission jobs are placed, in a later one
 * they start, in another they end. Three commits for `batch` jobs. */
static void live(struct store *st, int64_t first, int batch, jd_time at)
{
	must(store_begin(st, &failed));
	for (int64_t k = first; k < first + batch; k++) {
		submit(st, k, at);
		place(st, k, at);
	}
	must(store_commit(st, &failed));
	must(store_begin(st, &failed));
	for (int64_t k = first; k < first + batch; k++)
		start(st, k, at);
	must(store_commit(st, &failed));
	must(store_begin(st, &failed));
	for (int64_t k = first; k < first + batch; k++)
		end(st, k, at);
	must(store_commit(st, &failed));
}

static struct store *open_store(void)
{
	struct store *st = store_open(path, &failed);

	must(st ? 0 : -1);
	return st;
}

static void bench_lives(int jobs, int batch)
{
	struct store *st;
	double begun, took;

	remove_files();
	st = open_store();
	begun = seconds();
	for (int64_t key = 1; key <= jobs; key += batch)
		live(st, key, batch, 1700000000000 + key);
	took = seconds() - begun;
	store_close(st);
	printf("%4d jobs a commit: %8.0f jobs/s, %7.0f commits/s\n", batch, jobs / took,
	       3.0 * jobs / batch / took);
}

static int count_job(void *arg, const struct job *job)
{
	(void)job;
	(*(int *)arg)++;
	return 0;
}

static int count_fact(void *arg, const struct fact *f, struct err *err)
{
	(void)f;
	(void)err;
	(*(int *)arg)++;
	return 0;
}

static void ask(struct store *st, const char *what, const struct job_query *q)
{
	double begun = seconds();
	int n = 0;

	must(store_jobs(st, q, count_job, &n, &failed));
	printf("  %-52s %8.2f ms (%d)\n", what, (seconds() - begun) * 1e3, n);
}

static void bench_questions(struct store *st, int64_t jobs)
{
	const jd_time t0 = 1700000000000;
	int64_t keys[100];
	double begun = seconds();
	char id[5] = "018b";

	ask(st, "RUNNABLE, oldest 100",
	    &(struct job_query){ .queue = "default", .status = JOB_RUNNABLE, .limit = 100 });
	ask(st, "SUCCEEDED, newest 1000",
	    &(struct job_query){ .queue = "default",
				 .status = JOB_SUCCEEDED,
				 .newest_first = true,
				 .limit = 1000 });
	ask(st, "all states, newest 100",
	    &(struct job_query){
		    .queue = "default", .status = -1, .newest_first = true, .limit = 100 });
	ask(st, "all states, 100 in the middle",
	    &(struct job_query){ .queue = "default",
				 .status = -1,
				 .newest_first = true,
				 .limit = 100,
				 .after = jobs / 2 });
	ask(st, "one name",
	    &(struct job_query){ .queue = "default",
				 .status = -1,
				 .newest_first = true,
				 .limit = 100,
				 .name = "TASK-000777" });
	ask(st, "names of a common prefix",
	    &(struct job_query){ .queue = "default",
				 .status = -1,
				 .newest_first = true,
				 .limit = 100,
				 .name = "task-*" });
	ask(st, "names of a rare prefix",
	    &(struct job_query){ .queue = "default",
				 .status = -1,
				 .newest_first = true,
				 .limit = 100,
				 .name = "task-0001*" });
	ask(st, "one definition, common",
	    &(struct job_query){ .queue = "default",
				 .status = -1,
				 .newest_first = true,
				 .limit = 100,
				 .definition = "hello" });
	ask(st, "one definition, not there",
	    &(struct job_query){ .queue = "default",
				 .status = -1,
				 .newest_first = true,
				 .limit = 100,
				 .definition = "other" });
	ask(st, "created between",
	    &(struct job_query){ .queue = "default",
				 .status = -1,
				 .newest_first = true,
				 .limit = 100,
				 .created_after = t0 + jobs / 3,
				 .created_before = t0 + jobs / 3 + 50 });
	begun = seconds();
	must(store_job_prefix(st, id, keys, 100) == (jobs < 100 ? (int)jobs : 100) ? 0 : -1);
	printf("  %-52s %8.2f ms\n", "prefix of an id", (seconds() - begun) * 1e3);
}

/* A large home: half of the jobs are over, half wait. */
static void bench_history(int64_t jobs)
{
	struct store *st;
	double begun;
	int facts = 0;

	remove_files();
	st = open_store();
	begun = seconds();
	for (int64_t key = 1; key <= jobs; key += 1000) {
		if (key <= jobs / 2) {
			live(st, key, 1000, 1700000000000 + key);
			continue;
		}
		must(store_begin(st, &failed));
		for (int64_t k = key; k < key + 1000; k++)
			submit(st, k, 1700000000000 + key);
		must(store_commit(st, &failed));
	}
	printf("a home of %" PRId64 " jobs, half of them over (made in %.0f s):\n", jobs,
	       seconds() - begun);
	store_close(st);
	begun = seconds();
	st = open_store();
	printf("  %-52s %8.0f ms\n", "open", (seconds() - begun) * 1e3);
	begun = seconds();
	must(store_replay(st, count_fact, &facts, &failed));
	printf("  %-52s %8.0f ms (%d facts)\n", "replay", (seconds() - begun) * 1e3, facts);
	bench_questions(st, jobs);
	store_close(st);
}

int main(int argc, char **argv)
{
	int jobs = argc > 1 ? atoi(argv[1]) : 10000;
	int64_t history = argc > 2 ? atoll(argv[2]) : 100000;
	char *slash = strrchr(path, '/');

	setvbuf(stdout, NULL, _IOLBF, 0);
	*slash = '\0';
	if (!mkdtemp(path)) {
		perror("bench_store: cannot make a directory in /tmp");
		return 1;
	}
	*slash = '/';
	bench_lives(jobs / 10, 1);
	bench_lives(jobs, 10);
	bench_lives(jobs - jobs % 100, 100);
	if (history)
		bench_history(history - history % 1000);
	remove_files();
	*slash = '\0';
	rmdir(path);
	return 0;
}
