#ifndef TESTS_ENGINE_WORLD_H
#define TESTS_ENGINE_WORLD_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "jobdeck/base/json.h"
#include "jobdeck/engine/engine.h"

/* What the engine's tests share: an engine in a home of its own, and things to put in. The
 * machine has 8 vCPUs, 32 GiB and 3 GPUs; a Spot instance is given one second's notice, in a
 * patient world a minute's. */
struct world {
	char dir[64];
	struct home *home;
	struct loop *loop;
	struct engine *engine;
	const char *backend, *fake;
	int notice_s;
};

int world_fake(void **state); /* setups: attempts that are only time, or real processes */
int world_patient(void **state);
int world_host(void **state);
int world_end(void **state);
void world_restart(struct world *w);

/* An environment that offers two vCPUs; types NULL: `optimal`. A queue of one environment. */
void make_environment(struct world *w, const char *name, enum cr_type cr_type, const char *type);
void make_queue_of(struct world *w, const char *name, const char *env, const char *policy);
void make_queue(struct world *w); /* "q" of "ce" */

struct wish { /* zeros: one plain attempt of one vCPU */
	const char *const *command;
	const char *queue, *share, *consume, *doc; /* doc: instead of one with that command */
	enum job_kind kind;
	int size, attempts, timeout_s, gpus, main_node;
	int64_t after;
	enum dependency_type type;
	bool sequential, held;
};
#define COMMAND(...) ((const char *const[]){ __VA_ARGS__, NULL })
int64_t submit(struct world *w, struct wish wish); /* its key */

struct job *stored(struct world *w, int64_t key); /* caller frees */
enum job_status status_of(struct world *w, int64_t key); /* engine_job's */
/* Turns the loop until the job is in that state; 20 s at most. */
void wait_for(struct world *w, int64_t key, enum job_status wanted);
/* Turns the loop until the condition holds; 20 s at most. */
#define WAIT(w, condition)                                                                         \
	do {                                                                                       \
		int64_t deadline_ = time_mono() + 20000;                                           \
		while (!(condition)) {                                                             \
			if (time_mono() > deadline_)                                               \
				fail_msg("waited in vain for %s", #condition);                     \
			loop_turn((w)->loop, 50);                                                  \
		}                                                                                  \
	} while (0)
struct attempt last_attempt(struct world *w, int64_t key); /* caller fini's */
char *log_text(struct world *w, int64_t key, int attempt); /* "out:LINE\n" ...; caller frees */

#endif
