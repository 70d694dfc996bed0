#ifndef LOOP_PRIVATE_H
#define LOOP_PRIVATE_H
#include <uv.h>
#include "jobdeck/loop/loop.h"

struct child;
struct loop_hook;

/* Every handle's `data` is the allocation that ends with the handle, or NULL when the
 * handle is one of the loop's own. That is all loop_free needs to know. */
struct loop {
	uv_loop_t *uv;
	uv_prepare_t prepare; /* runs the hooks between callbacks and the wait */
	uv_idle_t idle;	      /* active while a hook has more to do: no wait */
	uv_timer_t turn;      /* limit of loop_turn's wait */
	uv_signal_t sigchld;
	struct loop_hook **hooks;
	size_t hook_count, hook_cap;
	struct child *children; /* by pid */
	int null_fd;		/* /dev/null, well above the numbers children use */
	bool stopped;
};

/* loop/spawn.c */
void spawn_reap(struct loop *l);
void spawn_fini(struct loop *l);

#endif
