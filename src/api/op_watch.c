/* JobdeckWatch: answers when the engine's seq has grown past the one given, or when its time
 * is over. A seq from before a restart is larger than ours: that is a change too. */
#include "config.h"
#include "internal.h"

enum { TIMEOUT_DEFAULT_MS = 30000 };

struct wait {
	struct engine_watch *watch;
	struct loop_timer *timer;
	int64_t seq;
};

static void forget(struct api_call *c)
{
	struct wait *w = c->wait;

	engine_unwatch(w->watch);
	loop_timer_free(w->timer);
	free(w);
	c->wait = NULL;
	c->forget = NULL;
}

static void answer(struct api_call *c)
{
	json_add_int(c->out, "seq", engine_seq(c->engine));
	forget(c);
	call_answer(c, NULL);
}

static void on_timeout(void *arg)
{
	answer(arg);
}

static void on_change(void *arg)
{
	struct api_call *c = arg;
	const struct wait *w = c->wait;

	if (engine_seq(c->engine) > w->seq)
		answer(c);
}

int op_jobdeck_watch(struct api_call *c, struct err *err)
{
	int64_t seq = json_int(c->in, "seq", 0), now = engine_seq(c->engine);
	struct wait *w;

	(void)err;
	if (now != seq) {
		json_add_int(c->out, "seq", now);
		return 0;
	}
	c->wait = w = xcalloc(1, sizeof *w);
	w->seq = seq;
	w->watch = engine_watch(c->engine, on_change, c);
	w->timer = loop_timer(engine_loop(c->engine), on_timeout, c);
	loop_timer_set(w->timer, json_int(c->in, "timeoutMs", TIMEOUT_DEFAULT_MS));
	c->later = true;
	c->forget = forget;
	return 0;
}
