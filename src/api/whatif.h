#ifndef JOBDECK_SRC_API_WHATIF_H
#define JOBDECK_SRC_API_WHATIF_H
#include "jobdeck/api/whatif.h"
#include "internal.h"

struct whatif_thing {
	enum whatif_kind kind;
	char *name;
	cJSON *doc;
	int generation;
	bool changed, replaced; /* replaced: by a change that needs new instances (CE-8) */
};

struct whatif {
	struct whatif_thing *thing;
	size_t count, cap;
	struct resources pool;
	struct sched_settings settings;
	bool pool_changed, settings_changed;
};

/* whatif_read.c: what the documents say, as the facts have it. The caller frees; NULL on
 * error. */
struct environment *whatif_environment(const struct whatif_thing *t, struct err *err);
struct queue *whatif_queue(const struct whatif_thing *t, struct err *err);
struct policy *whatif_policy(const struct whatif_thing *t, struct err *err);
struct consumable *whatif_consumable(const struct whatif_thing *t, struct err *err);

#endif
