#include "config.h"
#include "store_fixture.h"
#include <fcntl.h>
#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "jobdeck/base/fs.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/model/reason.h"

char fixture_dir[64], fixture_db[80];
struct err error;

int fixture_make(void **state)
{
	const char *tmp = getenv("TMPDIR");

	*state = NULL;
	memset(&error, 0, sizeof error);
	snprintf(fixture_dir, sizeof fixture_dir, "%s/store-XXXXXX",
		 tmp && strlen(tmp) < 40 ? tmp : "/tmp");
	if (!mkdtemp(fixture_dir))
		return -1;
	snprintf(fixture_db, sizeof fixture_db, "%s/batch.db", fixture_dir);
	return 0;
}

int fixture_open(void **state)
{
	if (fixture_make(state))
		return -1;
	*state = open_db();
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

int fixture_remove(void **state)
{
	store_close(*state);
	chmod(fixture_dir, 0700);
	return nftw(fixture_dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

struct store *open_db(void)
{
	struct store *st = store_open(fixture_db, &error);

	if (!st)
		fail_msg("%s", error.text);
	return st;
}

void exec_raw(const char *path, const char *sql)
{
	sqlite3 *db = NULL;
	char *why = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s", why);
	sqlite3_close(db);
}

void write_file(const char *path, const void *data, size_t len)
{
	cleanup_close int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fs_write_all(fd, data, len), 0);
}

void begin(struct store *st)
{
	if (store_begin(st, &error))
		fail_msg("%s", error.text);
}

void commit(struct store *st)
{
	if (store_commit(st, &error))
		fail_msg("%s", error.text);
}

struct job *job_new(int64_t key, const char *name, const char *queue)
{
	struct job *job = xcalloc(1, sizeof *job);

	job->key = key;
	uuid_v7(1000 + key, job->id);
	job->name = xstrdup(name);
	job->queue = xstrdup(queue);
	job->definition = xstrdup("hello:1");
	job->need = (struct resources){ 1000, 512, 0 };
	job->retry.attempts = 1;
	job->created = 1000 + key;
	job->order = key;
	return job;
}

void record(struct store *st, struct fact f, struct fact_effect e)
{
	if (store_record(st, &f, &e, &error))
		fail_msg("%s: %s", fact_name(f.kind), error.text);
}

void submit(struct store *st, const struct job *job)
{
	struct fact f = {
		.kind = FACT_SUBMITTED, .at = job->created, .job = job->key, .submitted = job
	};

	record(st, f,
	       (struct fact_effect){
		       .changed = true, .order = job->order, .status_reason = job->status_reason });
}

void submit_simple(struct store *st, int64_t key, const char *name, const char *queue, jd_time at)
{
	struct job *job = job_new(key, name, queue);

	job->created = at;
	submit(st, job);
	job_free(job);
}

void move(struct store *st, int64_t key, enum fact_kind kind, enum job_status from,
	  enum job_status to, jd_time at)
{
	struct fact f = { .kind = kind, .at = at, .job = key };
	struct fact_effect e = { .changed = true, .from = from, .to = to, .order = key };

	if (kind == FACT_CANCELLED || kind == FACT_TERMINATED || kind == FACT_FAILED)
		e.status_reason = f.reason = "somebody's reason";
	e.cancelled = kind == FACT_CANCELLED;
	e.terminated = kind == FACT_TERMINATED;
	record(st, f, e);
}

void place(struct store *st, int64_t key, int attempt, const char *env, int slot, jd_time at)
{
	struct fact f = { .kind = FACT_PLACED, .at = at, .job = key, .attempt = attempt };

	f.placed.env = env;
	f.placed.slot = slot;
	record(st, f,
	       (struct fact_effect){
		       .changed = true, .from = JOB_RUNNABLE, .to = JOB_STARTING, .order = key });
}

void start(struct store *st, int64_t key, int attempt, jd_time at)
{
	struct fact f = { .kind = FACT_STARTED, .at = at, .job = key, .attempt = attempt };

	record(st, f,
	       (struct fact_effect){
		       .changed = true, .from = JOB_STARTING, .to = JOB_RUNNING, .order = key });
}

void end(struct store *st, int64_t key, int attempt, int exit_code, enum job_status to, jd_time at)
{
	struct fact f = { .kind = FACT_ENDED, .at = at, .job = key, .attempt = attempt };
	struct fact_effect e = { .changed = true, .from = JOB_RUNNING, .to = to, .order = key };

	f.ended.exit_code = exit_code;
	f.ended.status_reason = REASON_EXITED;
	f.ended.reason = exit_code == 137 ? REASON_OOM : NULL;
	e.status_reason = job_status_is_final(to) ? REASON_EXITED : NULL;
	if (!job_status_is_final(to))
		e.order = -key;
	record(st, f, e);
}

void put_env(struct store *st, const char *name, enum status status, jd_time created)
{
	struct environment e = { .type = CE_MANAGED,
				 .cr_type = CR_EC2,
				 .state = STATE_ENABLED,
				 .status = status,
				 .max_vcpus = 4,
				 .created = created };
	struct fact f = { .kind = FACT_ENVIRONMENT, .at = created, .environment = &e };
	cleanup_free char *copy = xstrdup(name);

	e.name = copy;
	record(st, f, (struct fact_effect){ 0 });
}

void put_queue(struct store *st, const char *name, const char *env, jd_time created)
{
	struct queue q = { .state = STATE_ENABLED,
			   .status = STATUS_VALID,
			   .priority = 1,
			   .env_count = 1,
			   .created = created };
	struct fact f = { .kind = FACT_QUEUE, .at = created, .queue = &q };
	cleanup_free char *copy = xstrdup(name), *env_copy = xstrdup(env);

	q.name = copy;
	q.env[0] = env_copy;
	record(st, f, (struct fact_effect){ 0 });
}
