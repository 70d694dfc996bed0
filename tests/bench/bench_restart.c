#include "config.h"
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "jobdeck/base/mem.h"
#include "jobdeck/engine/engine.h"

/* A server that starts in a home where many jobs wait: how long until it serves, and what it
 * costs in memory.
 *
 *	bench_restart [JOBS]
 *
 * One job is submitted as usual; the others are copies of its row. */

static void die(const char *what, const char *why)
{
	fprintf(stderr, "bench_restart: %s: %s\n", what, why);
	exit(1);
}

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static long resident_mib(void)
{
	long size = 0, resident = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	if (!f || fscanf(f, "%ld %ld", &size, &resident) != 2)
		resident = 0;
	if (f)
		fclose(f);
	return resident * sysconf(_SC_PAGESIZE) >> 20;
}

static struct engine *open_engine(struct loop *l, const struct home *home)
{
	struct err err = { 0 };
	struct engine_options o = { .home = home,
				    .backend = "fake",
				    .fake = "run=100000",
				    .pool = { .vcpu_milli = 2000, .memory_mib = 4096 } };
	struct engine *e = engine_open(l, &o, &err);

	if (!e)
		die("engine", err.text);
	return e;
}

static void put_places(struct engine *e)
{
	char name[] = "ce", queue[] = "q", doc[] = "{}";
	struct environment env = {
		.name = name, .status = STATUS_VALID, .max_vcpus = 2, .created = 1, .doc = doc
	};
	struct queue q = { .name = queue,
			   .status = STATUS_VALID,
			   .priority = 1,
			   .env_count = 1,
			   .env = { name },
			   .created = 1,
			   .doc = doc };
	struct err err = { 0 };

	if (engine_put_environment(e, &env, &err) || engine_put_queue(e, &q, &err))
		die("places", err.text);
}

static void put_job(struct engine *e, enum job_kind kind, int size)
{
	char name[] = "task", queue[] = "q", definition[] = "hello:1", empty[] = "";
	struct job job = { .name = name,
			   .queue = queue,
			   .definition = definition,
			   .kind = kind,
			   .size = size,
			   .need = { 1000, 512, 0 },
			   .retry = { .attempts = 1 },
			   .doc = empty };
	struct err err = { 0 };

	job.doc = xstrdup("{\"container\":{\"image\":\"host\",\"command\":[\"true\"]}}");
	if (engine_submit(e, &job, &err))
		die("submit", err.text);
	free(job.doc);
}

/* The row of the only job, `jobs` times, RUNNABLE. */
static void multiply(const char *db_path, int jobs, int step)
{
	cleanup_free char *sql = xasprintf(
		"PRAGMA synchronous = OFF; BEGIN;"
		"CREATE TEMP TABLE n AS WITH RECURSIVE n (i) AS"
		" (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d) SELECT i FROM n;"
		"CREATE TEMP TABLE t AS SELECT i, job.* FROM n JOIN job WHERE parent IS NULL;"
		"UPDATE t SET key = i * %d + 1, ord = i * %d + 1, status = CASE kind WHEN 1 THEN 1 "
		"ELSE 2 END, id = printf('018bcfe5-%%04x-7%%03x-8000-%%012x', i >> 12, i & 4095, "
		"i);"
		"ALTER TABLE t DROP COLUMN i;"
		"UPDATE t SET attempt = 0; DELETE FROM attempt; DELETE FROM job;"
		"INSERT INTO job SELECT * FROM t ORDER BY key;"
		"INSERT OR IGNORE INTO job_doc SELECT key, doc FROM job JOIN job_doc WHERE job = 1;"
		"UPDATE sqlite_sequence SET seq = %d WHERE name = 'job'; COMMIT",
		jobs - 1, step, step, jobs * step);
	sqlite3 *db = NULL;
	char *why = NULL;

	if (sqlite3_open(db_path, &db) || sqlite3_exec(db, sql, NULL, NULL, &why))
		die("rows", why ? why : "cannot open");
	sqlite3_close(db);
}

static void bench(int jobs, enum job_kind kind, int size)
{
	char dir[] = "/tmp/bench-restart-XXXXXX";
	cleanup_free char *command = NULL;
	struct err err = { 0 };
	struct home *home = mkdtemp(dir) ? home_open(dir, &err) : NULL;
	struct loop *l = loop_new(&err);
	struct engine *e;
	double begun;
	long before;

	if (!home || !l)
		die(dir, err.text);
	e = open_engine(l, home);
	put_places(e);
	put_job(e, kind, size);
	engine_close(e);
	multiply(home->db, jobs, 1 + size);
	before = resident_mib();
	begun = seconds();
	e = open_engine(l, home);
	while (engine_active(e) < 2) /* the first that fit have been placed, and that is on disk */
		loop_turn(l, 0);
	printf("%8d %s waiting: serves after %5.2f s, %ld MiB more\n", jobs,
	       kind == JOB_KIND_ARRAY ? "arrays of 10000" : "jobs", seconds() - begun,
	       resident_mib() - before);
	engine_close(e);
	loop_free(l);
	home_free(home);
	command = xasprintf("rm -rf %s", dir);
	if (system(command))
		die(dir, "cannot be removed");
}

int main(int argc, char **argv)
{
	int jobs = argc > 1 ? atoi(argv[1]) : 1000000;

	setvbuf(stdout, NULL, _IOLBF, 0);
	bench(jobs / 1000, JOB_KIND_PLAIN, 0);
	bench(jobs / 10, JOB_KIND_PLAIN, 0);
	bench(jobs, JOB_KIND_PLAIN, 0);
	bench(jobs / 1000, JOB_KIND_ARRAY, 10000);
	return 0;
}
