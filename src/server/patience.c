/* One list a phase. All in a list have the same limit, so the list is in the order of its
 * deadlines, and everything here costs the same however many wait. */
#include "config.h"
#include "patience.h"
#include <sys/socket.h>
#include "jobdeck/base/log.h"
#include "jobdeck/base/time.h"

static void on_timer(void *arg)
{
	struct patience *p = arg;
	int64_t now = time_mono();
	struct patient *who;

	p->set = INT64_MAX;
	for (int i = 0; i < PATIENCE_NONE; i++) {
		while ((who = TAILQ_FIRST(&p->list[i])) && who->until <= now) {
			log_debug("a connection has taken too long (phase %d)", i);
			shutdown(who->fd, SHUT_RDWR);
			patience_enter(p, who, PATIENCE_NONE);
		}
	}
}

void patience_init(struct patience *p, struct loop *l, int fresh_s, int idle_s, int body_s,
		   int answer_s)
{
	for (int i = 0; i < PATIENCE_PHASES; i++)
		TAILQ_INIT(&p->list[i]);
	p->limit[PATIENCE_FRESH] = fresh_s * 1000LL;
	p->limit[PATIENCE_IDLE] = idle_s * 1000LL;
	p->limit[PATIENCE_BODY] = body_s * 1000LL;
	p->limit[PATIENCE_ANSWER] = answer_s * 1000LL;
	p->limit[PATIENCE_NONE] = 0;
	p->timer = loop_timer(l, on_timer, p);
	p->set = INT64_MAX;
}

void patience_fini(struct patience *p)
{
	loop_timer_free(p->timer);
	p->timer = NULL;
}

static void begin(struct patience *p, struct patient *who, enum patience_phase phase)
{
	who->phase = phase;
	who->until = time_mono() + p->limit[phase];
	TAILQ_INSERT_TAIL(&p->list[phase], who, link);
}

void patience_add(struct patience *p, struct patient *who, int fd, enum patience_phase phase)
{
	who->fd = fd;
	begin(p, who, phase);
}

void patience_enter(struct patience *p, struct patient *who, enum patience_phase phase)
{
	patience_remove(p, who);
	begin(p, who, phase);
}

void patience_remove(struct patience *p, struct patient *who)
{
	TAILQ_REMOVE(&p->list[who->phase], who, link);
}

void patience_set(struct patience *p)
{
	int64_t first = INT64_MAX;

	for (int i = 0; i < PATIENCE_NONE; i++) {
		const struct patient *who = TAILQ_FIRST(&p->list[i]);

		if (who && who->until < first)
			first = who->until;
	}
	if (first == p->set)
		return;
	p->set = first;
	if (first == INT64_MAX) {
		loop_timer_unset(p->timer);
		return;
	}
	first -= time_mono();
	loop_timer_set(p->timer, first > 0 ? first : 0);
}
