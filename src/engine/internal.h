#ifndef JOBDECK_SRC_ENGINE_INTERNAL_H
#define JOBDECK_SRC_ENGINE_INTERNAL_H
#include <uthash.h>
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/engine/engine.h"

/* An attempt between its placement and its end: where the backend finds it. */
struct live {
	int64_t job; /* key of the hash */
	int attempt, slot;
	jd_time placed;
	bool waits;    /* a node: it is not to be started yet */
	bool stopping; /* only after a restart: a stop was said before, because of `cause` */
	enum stop_cause cause;
	const struct backend *backend; /* NULL until it was handed to one */
	void *self;
	UT_hash_handle hh;
};

/* What is to be done once the commit that says so is on disk. */
struct action {
	enum { ACT_START, ACT_STOP, ACT_FREE_SLOT } kind;
	int64_t job;
	int attempt, slot;
	enum stop_cause cause;
};

struct waiter { /* engine_after_commit */
	engine_committed *cb;
	void *arg;
};

struct engine_watch {
	struct engine *engine;
	void (*cb)(void *arg);
	void *arg;
	bool removed;
	struct engine_watch *next;
};

struct engine {
	struct loop *loop;
	const struct home *home;
	struct store *store;
	struct sched *sched;
	struct settings settings;
	struct account account;
	char *shim, *fake;
	int64_t log_max;
	int notice_ms; /* between the notice that a place is taken away and the end (SP-2) */
	const struct backend *only; /* runs everything, or NULL */
	void *backend_self[BACKEND_COUNT]; /* as in backend_table */

	jd_time last;	  /* of any fact */
	int64_t next_key;
	int64_t seq, told; /* told: the seq that watchers know */
	struct live *live;
	int *free_slots; /* a stack */
	size_t free_slot_count, free_slot_cap;
	int slots_made;

	struct action *actions; /* of facts that are not on disk yet */
	size_t action_count, action_cap;
	struct action *ready; /* of those that are: to be done in the next turn */
	size_t ready_count, ready_cap;
	struct waiter *waiters;
	size_t waiter_count, waiter_cap;
	struct engine_watch *watches;
	bool sweep; /* some of them were removed */
	struct loop_timer *wakeup, *patience;
	struct loop_hook *hook; /* NULL until everything is up */
	bool urgent;  /* the open transaction must be committed in this turn */
	bool put_off; /* it was not, and `patience` says until when */

	bool failed;
	struct err failure;
};

/* turn.c */
int turn_fact(struct engine *e, struct fact *fact, struct err *err); /* apply + record */
int turn_fail(struct engine *e, const struct err *why); /* the engine is dead; -1 */
bool turn_run(void *engine);					     /* before every sleep */
void turn_out_of_patience(void *engine);
/* act.c */
void act_queue(struct engine *e, const struct action *a);
void act_is_committed(struct engine *e); /* what is queued may be done now */
void act_all(struct engine *e);		 /* does what may be done */
int act_open_backends(struct engine *e, struct err *err);
void act_close_backends(struct engine *e);
void act_reattach(struct engine *e);
int slot_take(struct engine *e);
struct live *live_add(struct engine *e, int64_t job, int attempt, int slot, jd_time placed);
struct live *live_find(const struct engine *e, int64_t job, int attempt); /* or NULL */
/* recover.c: from the store's facts to the scheduler and the attempts that live. */
int recover(struct engine *e, const struct settings *s, struct resources pool, struct err *err);
/* launch.c: everything an attempt needs, from its job's document. */
struct launch_plan {
	struct launch launch; /* points into the rest */
	struct job *job, *parent; /* parent: of children and nodes, else NULL */
	cJSON *doc;
	char **argv, **envp;
	size_t argv_count, argv_cap, envp_count, envp_cap;
	char *log, *directory;
};
int launch_plan_init(struct launch_plan *p, struct engine *e, const struct live *live,
		     struct err *err);
void launch_plan_fini(struct launch_plan *p);
/* variables.c */
void variables_add(struct launch_plan *p, const struct engine *e, const struct live *l,
		   const cJSON *container);
/* logs.c */
char *log_path(const struct engine *e, const char *job_id, int attempt); /* caller frees */
/* pool.c */
struct resources pool_detect(void);
/* What the caller says goes before what the user has set, and that before the machine. One who
 * says vCPUs means the GPUs too: none are none. */
struct resources pool_choose(struct resources said, const struct settings *s);
/* NVIDIA devices: files dev/nvidiaN; if there are none, entries of the directory `driver`. */
int32_t pool_count_gpus(const char *dev, const char *driver);
char *shim_find(void); /* beside this program, else libexec; caller frees */

#endif
