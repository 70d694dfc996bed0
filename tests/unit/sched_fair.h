#ifndef SCHED_FAIR_H
#define SCHED_FAIR_H
#include "sched_world.h"

/* A queue "fair" with the scheduling policy "policy", for tests of fair share. */

static char name_fair[] = "fair", name_policy[] = "policy";

struct weights {
	const char *identifier;
	int32_t weight;
};

static inline void put_policy(struct world *w, int64_t decay_s, int reservation,
			      const struct weights *list, int n)
{
	struct share_weight shares[4];
	char text[4][20];
	struct policy p = { .name = name_policy,
			    .decay_s = decay_s,
			    .reservation = reservation,
			    .share_count = n,
			    .share = shares };
	struct fact fact = fact_of(w, FACT_POLICY, 0);

	for (int i = 0; i < n; i++) {
		snprintf(text[i], sizeof text[i], "%s", list[i].identifier);
		shares[i] = (struct share_weight){ text[i], list[i].weight };
	}
	fact.policy = &p;
	assert_int_equal(apply(w, &fact), 0);
}

static inline struct queue fair_queue(void)
{
	struct queue q = queue_named(name_fair, 5);

	q.env_count = 1;
	q.env[0] = name_b;
	q.policy = name_policy;
	return q;
}

/* Queue "fair" on environment b (8 vCPU), on its own. */
static inline void set_fair(struct world *w, int64_t decay_s, int reservation,
			    const struct weights *list, int n)
{
	struct queue q = fair_queue();

	put_policy(w, decay_s, reservation, list, n);
	assert_int_equal(put_queue(w, &q), 0);
}

static inline void submit_share(struct world *w, int64_t key, char *share, int vcpus, int priority)
{
	struct job job = job_of(key, name_fair, vcpus);

	job.share = share;
	job.priority = priority;
	assert_int_equal(submit_job(w, &job), 0);
}

/* Only what was placed, in its order. */
static inline const char *placed(struct world *w)
{
	static char text[400];
	const char *all = decide(w), *word = all;
	size_t n = 0;

	text[0] = '\0';
	while (*word) {
		size_t len = strcspn(word, " ");

		if (*word == 'P')
			n += (size_t)snprintf(text + n, sizeof text - n, "%s%.*s", n ? " " : "",
					      (int)len, word);
		word += len + (word[len] == ' ');
	}
	return text;
}

#endif
