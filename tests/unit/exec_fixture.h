#ifndef EXEC_FIXTURE_H
#define EXEC_FIXTURE_H
/* A backend with a loop and a directory of its own, and what it told. Included by the tests
 * of exec/ after cmocka.h. */
#include <dirent.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "jobdeck/base/fs.h"
#include "jobdeck/base/log.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/exec/backend.h"
#include "jobdeck/model/reason.h"
#include "jobdeck/shim/joblog.h"
#include "jobdeck/shim/proto.h"

enum { DEADLINE_MS = 60000, JOBS = 256 };
#define TEXT(s) ((char *)(uintptr_t)(s))
#define SH(script) ((char *[]){ TEXT("sh"), TEXT("-c"), TEXT(script), NULL })

struct told { /* of one job */
	int started, ended;
	jd_time started_at;
	struct attempt_end end;
	char status_reason[128], reason[300];
};

struct fixture {
	char dir[64], run[160];
	struct loop *loop;
	const struct backend *backend;
	void *b;
	struct told told[JOBS]; /* by job */
	int grace_ms[JOBS];	/* of its launch */
	int ended;
	bool calling; /* inside a call of the backend: nobody may be told */
};

static inline void fixture_started(void *arg, int64_t job, int attempt, jd_time at)
{
	struct fixture *f = arg;

	assert_int_equal(attempt, 1);
	assert_false(f->calling);
	f->told[job].started++;
	f->told[job].started_at = at;
}

static inline void fixture_ended(void *arg, int64_t job, int attempt,
				 const struct attempt_end *end)
{
	struct fixture *f = arg;
	struct told *t = &f->told[job];

	assert_int_equal(attempt, 1);
	assert_false(f->calling);
	assert_non_null(end->status_reason);
	t->ended++;
	t->end = *end;
	snprintf(t->status_reason, sizeof t->status_reason, "%s", end->status_reason);
	snprintf(t->reason, sizeof t->reason, "%s", end->reason ? end->reason : "");
	f->ended++;
}

/* The shim beside the tests; sanitized builds of it say what they find in a file. */
static inline const char *fixture_shim(void)
{
	static char path[4096];
	const char *given = getenv("JOBDECK_SHIM"), *build = getenv("builddir");

	snprintf(path, sizeof path, "%s%s", given ? given : build ? build : ".",
		 given ? "" : "/jobdeck-shim");
	return path;
}

static inline void fixture_open_backend(struct fixture *f, const char *name, const char *script)
{
	struct backend_config config = {
		.loop = f->loop,
		.notify = { fixture_started, fixture_ended, f },
		.run_dir = f->run,
		.shim = fixture_shim(),
		.fake = script,
	};
	struct err err = { .text = "" };

	f->backend = backend_find(name);
	f->b = f->backend->open(&config, &err);
	assert_string_equal(err.text, "");
}

static inline void fixture_init(struct fixture *f, const char *name, const char *script)
{
	memset(f, 0, sizeof *f);
	strcpy(f->dir, "/tmp/jobdeck-exec-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->run, sizeof f->run, "%s/run", f->dir);
	f->loop = loop_new(NULL);
	fixture_open_backend(f, name, script);
}

static inline void fixture_fini(struct fixture *f)
{
	char command[128];

	if (f->b)
		f->backend->close(f->b);
	loop_free(f->loop);
	snprintf(command, sizeof command, "rm -rf %s", f->dir);
	assert_int_equal(system(command), 0);
}

/* A file in the fixture's directory; static memory, four at a time. */
static inline char *fixture_path(const struct fixture *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static inline char *fixture_path(const struct fixture *f, const char *fmt, ...)
{
	static char paths[4][512];
	static int next;
	char *path = paths[next++ % 4];
	int n = snprintf(path, sizeof paths[0], "%s/", f->dir);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(path + n, sizeof paths[0] - (size_t)n, fmt, ap);
	va_end(ap);
	return path;
}

/* Job number `job` in the slot of the same number. Its id is like no other test's: lost jobs'
 * processes are found by it. */
static inline struct launch fixture_launch(const struct fixture *f, int job, char *const *argv)
{
	static char ids[4][64], *envs[4][4];
	static char id_env[4][80];
	static int next;
	int i = next++ % 4;

	snprintf(ids[i], sizeof ids[i], "test-%s-%d", f->dir + strlen(f->dir) - 6, job);
	snprintf(id_env[i], sizeof id_env[i], "AWS_BATCH_JOB_ID=%s", ids[i]);
	envs[i][0] = TEXT("PATH=/usr/local/bin:/usr/bin:/bin");
	envs[i][1] = TEXT("AWS_BATCH_JOB_ATTEMPT=1");
	envs[i][2] = id_env[i];
	envs[i][3] = NULL;
	return (struct launch){ .job = job,
				.job_id = ids[i],
				.attempt = 1,
				.slot = job,
				.image = "host",
				.argv = argv,
				.envp = envs[i],
				.directory = f->dir,
				.log = fixture_path(f, "logs/%d.log", job),
				.log_max = 1 << 20,
				.grace_ms = 30000,
				.placed = time_wall() };
}

static inline void fixture_start_it(struct fixture *f, const struct launch *what)
{
	f->grace_ms[what->slot] = what->grace_ms;
	f->calling = true;
	f->backend->start(f->b, what);
	f->calling = false;
}

static inline void fixture_start(struct fixture *f, int job, char *const *argv)
{
	struct launch what = fixture_launch(f, job, argv);

	fixture_start_it(f, &what);
}

static inline void fixture_stop_within(struct fixture *f, int job, bool timeout, int grace_ms)
{
	f->calling = true;
	f->backend->stop(f->b, job, 1, job, timeout, grace_ms);
	f->calling = false;
}

static inline void fixture_stop(struct fixture *f, int job, bool timeout)
{
	fixture_stop_within(f, job, timeout, f->grace_ms[job]);
}

/* Turns the loop until the condition holds, or fails the test. */
#define WAIT(f, condition)                                                                         \
	do {                                                                                       \
		int64_t wait_end_ = time_mono() + DEADLINE_MS;                                     \
		while (!(condition)) {                                                             \
			if (time_mono() > wait_end_)                                               \
				fail_msg("waited in vain for: %s", #condition);                    \
			loop_turn((f)->loop, 10);                                                  \
		}                                                                                  \
	} while (0)

static inline struct told *fixture_wait_end(struct fixture *f, int job)
{
	WAIT(f, f->told[job].ended);
	assert_int_equal(f->told[job].ended, 1);
	return &f->told[job];
}

static inline bool fixture_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

static inline int fixture_collect(void *arg, const struct joblog_line *line)
{
	static const char *const word[] = { "", "out", "err", "---" };
	char *text = arg;
	size_t n = strlen(text);

	snprintf(text + n, 4096 - n, "%s%s %.*s|", word[line->stream], line->continues ? "+" : "",
		 (int)line->len, line->text);
	return 0;
}

/* The log of a job, as "out text|err text|"; static memory. */
static inline const char *fixture_log(const struct fixture *f, int job)
{
	static char text[4096];
	int64_t next, size;

	text[0] = '\0';
	assert_int_equal(joblog_read(fixture_path(f, "logs/%d.log", job), 0, 1000, fixture_collect,
				     text, &next, &size, NULL),
			 0);
	return text;
}

/* The whole number that a process wrote into a file, or 0 as long as it has not. */
static inline pid_t fixture_pid_in(const struct fixture *f, const char *name)
{
	cleanup_free char *text = fs_read(fixture_path(f, "%s", name), 100, NULL, NULL);

	return text && strchr(text, '\n') ? atoi(text) : 0;
}

/* No such process, or one that only waits for its parent. */
static inline bool fixture_dead(pid_t pid)
{
	char path[64];
	cleanup_free char *stat = NULL;
	const char *name_end;

	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	stat = fs_read(path, 4096, NULL, NULL);
	name_end = stat ? strrchr(stat, ')') : NULL;
	return !name_end || name_end[2] == 'Z' || name_end[2] == 'X';
}

static inline int fixture_open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

/* What the state file of a job's slot says. */
static inline struct shim_state fixture_state(const struct fixture *f, int job)
{
	struct shim_state s = { .stage = SHIM_NONE };
	size_t len;
	cleanup_free char *text = fs_read(fixture_path(f, "run/%d/state", job), 4096, &len, NULL);

	if (text)
		assert_int_equal(shim_state_parse(text, len, &s, NULL), 0);
	return s;
}

/* The pid of the shim of a running job: the parent of its main process. */
static inline pid_t fixture_shim_pid(struct fixture *f, int job)
{
	cleanup_free char *stat = NULL;
	char proc[64];
	int parent = -1;

	WAIT(f, fixture_state(f, job).stage == SHIM_RUNNING);
	snprintf(proc, sizeof proc, "/proc/%d/stat", fixture_state(f, job).pid);
	stat = fs_read(proc, 4096, NULL, NULL);
	assert_non_null(stat);
	assert_int_equal(sscanf(strrchr(stat, ')'), ") %*c %d", &parent), 1);
	assert_true(parent > 1);
	return parent;
}

#endif
