/* What the scheduler costs: memory a job, time a job with few and with very many waiting,
 * decisions a second on the made-up clock.
 *
 *	bench_sched [JOBS]	JOBS: how many are very many (default 1000000) */
#include "config.h"
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "jobdeck/base/mem.h"
#include "jobdeck/model/reason.h"
#include "jobdeck/sim/sim.h"

enum { PLACES = 50, FEW = 1000, ROUNDS = 500000, SLICES = 10 };

static char names[PLACES][16];
static int64_t decisions;
static jd_time now = 1000;

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* the machine may have other work */
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static size_t memory(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

static void must(int rc, const char *what)
{
	if (rc == 0)
		return;
	fprintf(stderr, "bench_sched: %s was refused\n", what);
	exit(1);
}

/* `places` environments of `vcpus` each, each with a queue of its own. */
static struct sched *world(int places, int vcpus)
{
	struct sched *s = sched_new();
	struct fact fact = { .kind = FACT_POOL,
			     .pool = { INT64_C(1000) * places * vcpus, 1 << 30, 0 } };

	must(sched_apply(s, &fact, NULL, NULL), "pool");
	for (int i = 0; i < places; i++) {
		struct environment env = { .name = names[i],
					   .status = STATUS_VALID,
					   .max_vcpus = vcpus };
		struct queue q = { .name = names[i],
				   .status = STATUS_VALID,
				   .priority = i % 10,
				   .env_count = 1,
				   .env = { names[i] } };

		fact = (struct fact){ .kind = FACT_ENVIRONMENT, .environment = &env };
		must(sched_apply(s, &fact, NULL, NULL), "environment");
		fact = (struct fact){ .kind = FACT_QUEUE, .queue = &q };
		must(sched_apply(s, &fact, NULL, NULL), "queue");
	}
	return s;
}

static void submit(struct sched *s, int64_t key, int place)
{
	struct job job = { .key = key,
			   .queue = names[place],
			   .need = { 1000, 1000, 0 },
			   .retry = { .attempts = 1 },
			   .timeout_s = 3600 };
	struct fact fact = { .kind = FACT_SUBMITTED, .job = key, .submitted = &job };

	must(sched_apply(s, &fact, NULL, NULL), "submit");
}

/* What runs, in the order in which it was placed. */
struct running {
	int64_t *keys;
	size_t first, count, cap;
};

static void decide(struct sched *s, struct running *running)
{
	struct fact fact;

	while (sched_decide(s, now, &fact)) {
		decisions++;
		must(sched_apply(s, &fact, NULL, NULL), "decision");
		if (fact.kind != FACT_PLACED)
			continue;
		running->keys[(running->first + running->count++) % running->cap] = fact.job;
		fact = (struct fact){
			.kind = FACT_STARTED, .at = now, .job = fact.job, .attempt = 1
		};
		must(sched_apply(s, &fact, NULL, NULL), "start");
	}
}

static void finish_oldest(struct sched *s, struct running *running)
{
	struct fact fact = {
		.kind = FACT_ENDED, .at = now, .job = running->keys[running->first], .attempt = 1
	};

	fact.ended.status_reason = REASON_EXITED;
	must(sched_apply(s, &fact, NULL, NULL), "end");
	running->first = (running->first + 1) % running->cap;
	running->count--;
}

static void restart_and_copy(int64_t jobs)
{
	struct sched *s = world(PLACES, 20), *copy;
	double t0 = seconds(), t1, t2;
	volatile uint64_t hash;

	for (int64_t key = 1; key <= jobs; key++) {
		struct job job = { .key = key,
				   .order = key,
				   .status = JOB_RUNNABLE,
				   .queue = names[key % PLACES],
				   .need = { 1000, 1000, 0 },
				   .retry = { .attempts = 1 } };
		struct fact fact = { .kind = FACT_SUBMITTED, .job = key, .submitted = &job };

		must(sched_apply(s, &fact, NULL, NULL), "restart");
	}
	t1 = seconds();
	copy = sched_clone(s);
	t2 = seconds();
	hash = sched_hash(copy);
	(void)hash;
	printf("  replay of %lld live jobs   %8.3f s\n", (long long)jobs, t1 - t0);
	printf("  copy (sched_clone)           %8.3f s\n", t2 - t1);
	printf("  hash (sched_hash)            %8.3f s\n", seconds() - t2);
	sched_free(copy);
	sched_free(s);
}

static void explain(const struct sched *s, int64_t jobs)
{
	double t0 = seconds();
	char line[200];

	for (int64_t i = 0; i < 100; i++)
		sched_explain(s, jobs - i * (jobs / 200), line, sizeof line);
	printf("  explain 100 rows             %8.3f ms   (\"%s\")\n", (seconds() - t0) * 1e3,
	       line);
}

/* Submits one, lets the oldest end, decides: with `jobs` waiting all the while. Returns the
 * time of one such round in ns. */
static double rounds(int64_t jobs)
{
	double best = 0;
	struct sched *s;
	struct running running = { .cap = PLACES * 20 };
	size_t before = memory();
	int64_t key = 0;
	double t0 = seconds(), round;

	s = world(PLACES, 20);
	running.keys = xcalloc(running.cap, sizeof *running.keys);
	while (key < jobs + PLACES * 20) {
		key++;
		submit(s, key, (int)(key % PLACES));
	}
	decide(s, &running);
	printf("%lld waiting in %d queues over %d environments, %zu running\n", (long long)jobs,
	       PLACES, PLACES, running.count);
	printf("  submit and make RUNNABLE     %8.0f ns a job\n",
	       (seconds() - t0) / (double)key * 1e9);
	printf("  memory                       %8.0f bytes a job\n",
	       (double)(memory() - before) / (double)key);
	for (int slice = 0; slice < SLICES; slice++) {
		t0 = seconds();
		for (int i = 0; i < ROUNDS / SLICES; i++) {
			key++;
			submit(s, key, (int)(key % PLACES));
			finish_oldest(s, &running);
			decide(s, &running);
		}
		round = (seconds() - t0) / (ROUNDS / SLICES) * 1e9;
		if (slice == 0 || round < best)
			best = round;
	}
	/* two decisions a round: RUNNABLE and PLACED */
	printf("  submit + place + finish      %8.0f ns, %.2f million decisions/s (best of %d)\n",
	       best, 2e3 / best, SLICES);
	explain(s, key);
	free(running.keys);
	sched_free(s);
	return best;
}

static void submit_to_share(struct sched *s, int64_t key, int share)
{
	char name[16];
	struct job job = { .key = key,
			   .queue = names[0],
			   .share = name,
			   .need = { 1000, 1000, 0 },
			   .retry = { .attempts = 1 } };
	struct fact fact = { .kind = FACT_SUBMITTED, .at = now, .job = key, .submitted = &job };

	snprintf(name, sizeof name, "share%03d", share);
	must(sched_apply(s, &fact, NULL, NULL), "submit to a share");
}

/* One queue with fair share over 1000 vCPUs, 20 jobs waiting in each share, and one-minute
 * jobs: a round is submit, end, place, and 60 ms; a slot of the window is 156 rounds. */
static void fair_share(int shares)
{
	struct sched *s = world(1, 1000);
	struct running running = { .cap = 1000 };
	struct policy policy = { .name = names[1] };
	struct queue q = { .name = names[0], .status = STATUS_VALID, .env_count = 1,
			   .env = { names[0] }, .policy = names[1] };
	struct fact fact = { .kind = FACT_POLICY, .policy = &policy };
	int64_t key = 0;
	double t0, took;

	must(sched_apply(s, &fact, NULL, NULL), "policy");
	fact = (struct fact){ .kind = FACT_QUEUE, .queue = &q };
	must(sched_apply(s, &fact, NULL, NULL), "queue");
	running.keys = xcalloc(running.cap, sizeof *running.keys);
	for (; key < 1000 + 20 * shares; key++)
		submit_to_share(s, key + 1, (int)(key % shares));
	decide(s, &running);
	decisions = 0;
	t0 = seconds();
	for (int i = 0; i < ROUNDS / 5; i++, key++) {
		now += 60;
		submit_to_share(s, key + 1, (int)(key % shares));
		finish_oldest(s, &running);
		decide(s, &running);
	}
	took = seconds() - t0;
	printf("fair share, %3d shares: %8.0f ns a round, %.2f million decisions/s\n", shares,
	       took / (ROUNDS / 5) * 1e9, (double)decisions / took / 1e6);
	free(running.keys);
	sched_free(s);
}

static void submit_array(struct sched *s, int64_t key, int size, int64_t pair)
{
	struct dependency on = { .job = pair, .type = DEPENDENCY_N_TO_N };
	struct job job = { .key = key,
			   .kind = JOB_KIND_ARRAY,
			   .size = size,
			   .queue = names[0],
			   .need = { 1000, 1000, 0 },
			   .retry = { .attempts = 1 },
			   .depends = &on,
			   .depends_count = pair != 0 };
	struct fact fact = { .kind = FACT_SUBMITTED, .job = key, .submitted = &job };

	must(sched_apply(s, &fact, NULL, NULL), "array");
}

static void waiting_arrays(int size)
{
	struct sched *s = world(1, 1);
	size_t before = memory();

	for (int64_t i = 0; i < FEW; i++)
		submit_array(s, 1 + i * (size + 1), size, 0);
	printf("an array of %5d waiting children: %zu bytes\n", size, (memory() - before) / FEW);
	sched_free(s);
}

/* The children of `count` arrays, one after the other, 1000 at a time; each array waits for the
 * one before it child by child if `pairs`. */
static void arrays(int count, int size, bool pairs)
{
	struct sched *s = world(1, 1000);
	struct running running = { .cap = 1000 };
	double t0 = seconds(), took;
	int64_t children = 0;

	running.keys = xcalloc(running.cap, sizeof *running.keys);
	for (int64_t i = 0; i < count; i++)
		submit_array(s, 1 + i * (size + 1), size,
			     pairs && i ? 1 + (i - 1) * (size + 1) : 0);
	for (decide(s, &running); running.count; children++) {
		finish_oldest(s, &running);
		decide(s, &running);
	}
	took = seconds() - t0;
	must(sched_live(s) != 0, "the end of all arrays");
	printf("%4d arrays of %5d%s: %6.0f ns a child\n", count, size,
	       pairs ? ", each waits for another child by child" : "",
	       took / (double)children * 1e9);
	free(running.keys);
	sched_free(s);
}

static int64_t one_minute(void *arg, int64_t job, int attempt)
{
	(void)arg;
	(void)attempt;
	return 60000 + job % 7;
}

static void count(void *arg, const struct fact *fact, const struct fact_effect *effect)
{
	(void)arg;
	(void)effect;
	decisions += fact->kind == FACT_RUNNABLE || fact->kind == FACT_PLACED ||
		     fact->kind == FACT_PENDING || fact->kind == FACT_STOPPING;
}

/* `jobs` one-minute jobs over `places` x 1000/places vCPUs. */
static void forecast(int64_t jobs, int places)
{
	struct sched *s = world(places, 1000 / places);
	struct sim_guess guess = { .duration_ms = one_minute };
	double t0 = seconds(), took;
	struct sim *sim;
	jd_time end;

	decisions = 0;
	for (int64_t key = 1; key <= jobs; key++)
		submit(s, key, (int)(key % places));
	sim = sim_new(s, 0, &guess, count, NULL);
	end = sim_run(sim, JD_NEVER);
	took = seconds() - t0;
	printf("forecast of %lld one-minute jobs, 1000 vCPUs, %2d queues: %6.2f s, makespan %lld "
	       "h, "
	       "%.2f million decisions/s\n",
	       (long long)jobs, places, took, (long long)(end / 3600000),
	       (double)decisions / took / 1e6);
	must(sched_live(s) != 0, "the end of all jobs");
	sim_free(sim);
	sched_free(s);
}

int main(int argc, char **argv)
{
	int64_t many = argc > 1 ? strtoll(argv[1], NULL, 10) : 1000000;
	double few_ns, many_ns;

	if (many < FEW)
		many = FEW;
	for (int i = 0; i < PLACES; i++)
		snprintf(names[i], sizeof names[i], "p%02d", i);
	few_ns = rounds(FEW);
	many_ns = rounds(many);
	printf("growth of a round from %d to %lld waiting: x %.2f\n", FEW, (long long)many,
	       many_ns / few_ns);
	fair_share(1);
	fair_share(50);
	fair_share(500);
	waiting_arrays(100);
	waiting_arrays(10000);
	arrays(1000, 100, false);
	arrays(10, 10000, false);
	arrays(1000, 100, true);
	arrays(10, 10000, true);
	restart_and_copy(many);
	forecast(many, 1);
	forecast(many, PLACES);
	return 0;
}
