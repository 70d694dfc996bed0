/* make bench: what Jobdeck costs, beside a bare posix_spawn + wait loop of the same run.
 * Prints figures and ratios; asserts nothing, for machines are noisy. */
#include "config.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "jobdeck/base/home.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/client/client.h"

extern char **environ;

enum { SLOTS = 2, LATENCY_ROUNDS = 200 };

static void die(const char *what, const struct err *err)
{
	fprintf(stderr, "bench: %s: %s\n", what, err ? err->text : strerror(errno));
	exit(1);
}

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static pid_t spawn(const char *path, char *const *argv, const char *output)
{
	posix_spawn_file_actions_t fa;
	pid_t pid;
	int rc;

	posix_spawn_file_actions_init(&fa);
	if (output)
		posix_spawn_file_actions_addopen(&fa, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	rc = posix_spawn(&pid, path, &fa, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&fa);
	if (rc) {
		errno = rc;
		die(path, NULL);
	}
	return pid;
}

/* SLOTS processes at a time, a fresh output file each: what any runner must pay. */
static double baseline(const char *dir, int jobs)
{
	double start = seconds();
	char *argv[] = { (char[]){ "true" }, NULL };

	for (int begun = 0, ended = 0; ended < jobs;) {
		while (begun < jobs && begun - ended < SLOTS) {
			cleanup_free char *path = xasprintf("%s/out.%d", dir, begun++);

			spawn("/bin/true", argv, path);
		}
		if (wait(NULL) > 0)
			ended++;
	}
	return jobs / (seconds() - start);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void print_latency(const char *what, double *ms, int n, double base)
{
	qsort(ms, (size_t)n, sizeof *ms, by_value);
	printf("%-46s median %6.2f ms   p99 %6.2f ms", what, ms[n / 2], ms[n * 99 / 100]);
	if (base > 0)
		printf("   (%.1fx a bare spawn)", ms[n / 2] / base);
	putchar('\n');
}

static double read_stamp(int fifo)
{
	struct pollfd p = { .fd = fifo, .events = POLLIN };
	int64_t ns;

	if (poll(&p, 1, 10000) != 1 || read(fifo, &ns, sizeof ns) != sizeof ns) {
		fprintf(stderr, "bench: the stamp did not come\n");
		exit(1);
	}
	return (double)ns / 1e9;
}

static cJSON *ask(struct client *c, const char *op, const char *body)
{
	struct err err = { 0 };
	cJSON *in = json_parse(body, strlen(body), &err), *out;

	if (!in || !(out = client_wait(c, op, in, &err)))
		die(op, &err);
	return out;
}

static void set_up(struct client *c)
{
	static const char *const steps[][2] = {
		{ "CreateComputeEnvironment",
		  "{\"computeEnvironmentName\":\"ce\",\"type\":\"MANAGED\",\"computeResources\":{\"type\":"
		  "\"EC2\",\"minvCpus\":0,\"maxvCpus\":2,\"instanceTypes\":[\"optimal\"],\"subnets\":[],"
		  "\"instanceRole\":\"ecsInstanceRole\"}}" },
		{ "CreateJobQueue",
		  "{\"jobQueueName\":\"q\",\"priority\":1,\"computeEnvironmentOrder\":[{\"order\":1,"
		  "\"computeEnvironment\":\"ce\"}]}" },
		{ "RegisterJobDefinition",
		  "{\"jobDefinitionName\":\"d\",\"type\":\"container\",\"containerProperties\":{\"image\":"
		  "\"host\",\"command\":[\"true\"],\"resourceRequirements\":[{\"type\":\"VCPU\",\"value\":"
		  "\"1\"},{\"type\":\"MEMORY\",\"value\":\"16\"}]}}" },
	};

	for (size_t i = 0; i < ARRAY_LEN(steps); i++)
		cJSON_Delete(ask(c, steps[i][0], steps[i][1]));
}

static const char submit_true[] = "{\"jobName\":\"j\",\"jobQueue\":\"q\",\"jobDefinition\":\"d\"}";

static void on_submitted(void *arg, cJSON *out, const struct err *err)
{
	if (!out)
		die("SubmitJob", err);
	++*(int *)arg;
}

/* Keeps `flight` submits under way at once. Returns submits a second. */
static double submit_many(struct client *c, int jobs, int flight)
{
	double start = seconds();
	int begun = 0, done = 0;

	while (done < jobs) {
		while (begun < jobs && begun - done < flight) {
			client_call(c, "SubmitJob",
				    json_parse(submit_true, sizeof submit_true - 1, NULL),
				    on_submitted, &done);
			begun++;
		}
		client_poll(c, NULL, 0, 1000);
	}
	return jobs / (seconds() - start);
}

static int64_t live_jobs(struct client *c, int64_t *seq)
{
	cJSON *status = ask(c, "JobdeckStatus", "{}");
	int64_t live = json_int(status, "liveJobs", -1);

	*seq = json_int(status, "seq", 0);
	cJSON_Delete(status);
	return live;
}

static void wait_all_ended(struct client *c)
{
	int64_t seq;

	while (live_jobs(c, &seq) > 0) {
		cleanup_free char *body = xasprintf("{\"seq\":%lld,\"timeoutMs\":1000}", (long long)seq);

		cJSON_Delete(ask(c, "JobdeckWatch", body));
		usleep(2000); /* do not let the asking be what is measured */
	}
}

static void measure_latency(struct client *c, const char *stamp, const char *fifo_path, int fifo)
{
	double spawned[LATENCY_ROUNDS], submitted[LATENCY_ROUNDS];
	char *argv[] = { (char[]){ "stamp" }, (char *)(uintptr_t)fifo_path, NULL };
	cleanup_free char *body =
		xasprintf("{\"jobName\":\"s\",\"jobQueue\":\"q\",\"jobDefinition\":\"d\","
			  "\"containerOverrides\":{\"command\":[\"%s\",\"%s\"]}}", stamp, fifo_path);

	for (int i = 0; i < LATENCY_ROUNDS; i++) {
		double start = seconds();

		spawn(stamp, argv, NULL);
		spawned[i] = (read_stamp(fifo) - start) * 1e3;
		wait(NULL);
	}
	for (int i = 0; i < LATENCY_ROUNDS; i++) {
		double start = seconds();

		cJSON_Delete(ask(c, "SubmitJob", body));
		submitted[i] = (read_stamp(fifo) - start) * 1e3;
		wait_all_ended(c);
	}
	print_latency("bare posix_spawn to first instruction", spawned, LATENCY_ROUNDS, 0);
	print_latency("submit to first instruction, idle, durable", submitted, LATENCY_ROUNDS,
		      spawned[LATENCY_ROUNDS / 2]);
}

static long resident_kib(pid_t pid)
{
	cleanup_free char *path = xasprintf("/proc/%d/statm", (int)pid);
	FILE *f = fopen(path, "re");
	long size = 0, resident = 0;

	if (f) {
		if (fscanf(f, "%ld %ld", &size, &resident) != 2)
			resident = 0;
		fclose(f);
	}
	return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static pid_t serve(const char *jobdeck, int *ready)
{
	char number[16];
	int fds[2];
	char *argv[] = { (char[]){ "jobdeck" }, (char[]){ "serve" }, (char[]){ "--ready-fd" }, number,
			 NULL };
	pid_t pid;
	char byte;

	if (pipe(fds))
		die("pipe", NULL);
	fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	snprintf(number, sizeof number, "%d", fds[1]);
	pid = spawn(jobdeck, argv, "/dev/null");
	close(fds[1]);
	*ready = read(fds[0], &byte, 1) == 1;
	close(fds[0]);
	return pid;
}

static void bench(struct client *c, pid_t server, const char *dir, const char *stamp, int jobs)
{
	cleanup_free char *fifo_path = xasprintf("%s/fifo", dir);
	double base = baseline(dir, jobs), start, rate;
	int fifo;

	if (mkfifo(fifo_path, 0600) || (fifo = open(fifo_path, O_RDWR | O_CLOEXEC)) < 0)
		die(fifo_path, NULL);
	set_up(c);
	printf("%-46s %8.0f /s\n", "bare posix_spawn + wait of true, 2 at a time", base);
	start = seconds();
	rate = submit_many(c, jobs, 1);
	printf("%-46s %8.0f /s\n", "SubmitJob, one at a time, durable, jobs running", rate);
	wait_all_ended(c);
	printf("%-46s %8.0f /s   (%.2f of bare)\n", "completed jobs, 2 slots, submitted one by one",
	       jobs / (seconds() - start), jobs / (seconds() - start) / base);
	start = seconds();
	rate = submit_many(c, jobs, 64);
	printf("%-46s %8.0f /s\n", "SubmitJob, 64 in flight, durable, jobs running", rate);
	wait_all_ended(c);
	printf("%-46s %8.0f /s   (%.2f of bare)\n", "completed jobs, 2 slots, submitted 64 in flight",
	       jobs / (seconds() - start), jobs / (seconds() - start) / base);
	measure_latency(c, stamp, fifo_path, fifo);
	printf("%-46s %8ld KiB\n", "server, resident", resident_kib(server));
	close(fifo);
}

int main(int argc, char **argv)
{
	char dir[] = "/tmp/jobdeck-bench-XXXXXX";
	int jobs = argc > 3 ? atoi(argv[3]) : 1000, ready;
	struct err err = { 0 };
	struct client_options o = { .no_start = true };
	struct home *home;
	struct client *c;
	pid_t server;

	setvbuf(stdout, NULL, _IOLBF, 0); /* the end is an exec */
	if (argc < 3 || jobs < 1) {
		fprintf(stderr, "usage: bench JOBDECK STAMP [JOBS]\n");
		return 2;
	}
	if (!mkdtemp(dir) || !(home = home_open(dir, &err)))
		die(dir, err.kind ? &err : NULL);
	setenv("JOBDECK_HOME", dir, 1);
	server = serve(argv[1], &ready);
	o.home = home;
	c = ready ? client_open(&o, &err) : NULL;
	if (!c)
		die("server", err.kind ? &err : NULL);
	bench(c, server, dir, argv[2], jobs);
	client_close(c);
	kill(server, SIGTERM);
	waitpid(server, NULL, 0);
	home_free(home);
	execl("/bin/rm", "rm", "-rf", dir, (char *)NULL);
	return 1;
}
