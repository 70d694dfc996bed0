#ifndef STORE_REPLAY_H
#define STORE_REPLAY_H
#include "internal.h"

/* What happened to an attempt that lives: PLACED, NODE_START (only those that waited), STARTED,
 * STOPPING (as far as the job's own row does not say it). */
struct event {
	jd_time at; /* its place in the order */
	int stage;  /* of those at the same time, the lower first */
	enum fact_kind kind;
	const struct live_attempt *attempt;
};

struct live_attempt {
	struct attempt attempt;
	struct attempt_more more;
};

/* Rows of jobs, asked for by rising keys: one cursor that goes on as long as the next one is
 * near. */
struct scan {
	struct query q;
	int64_t at; /* key of its row; 0: not open */
};

struct replay {
	struct store *st;
	int (*each)(void *arg, const struct fact *, struct err *);
	void *arg;
	jd_time now;   /* of the last fact: times never go back */
	int64_t *keys; /* of the jobs that live, rising; no children, no nodes */
	size_t key_count, key_cap;
	struct scan scan;
	struct live_attempt *attempts; /* of all jobs, by job */
	size_t attempt_count, attempt_cap;
	struct event *events; /* what happened to those, by time */
	size_t event_count, event_cap, next_event;
};

/* Calls back with the fact, at that time or the latest told so far. */
int replay_tell(struct replay *r, struct fact *f, jd_time at, struct err *err);
/* replay_places.c: everything but jobs, told as of `latest` at most. */
int replay_places(struct replay *r, jd_time latest, struct err *err);

#endif
