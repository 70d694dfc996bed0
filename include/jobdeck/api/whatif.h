#ifndef JOBDECK_API_WHATIF_H
#define JOBDECK_API_WHATIF_H
#include <cjson/cJSON.h>
#include "jobdeck/sched/core.h"

/* A world for a forecast: compute environments, queues, policies and consumables as the API
 * shows them, changed as somebody would like to try, and told to a scheduler. */
struct whatif;

enum whatif_kind {
	WHATIF_ENVIRONMENT, /* ComputeEnvironmentDetail */
	WHATIF_QUEUE,	    /* JobQueueDetail */
	WHATIF_POLICY,	    /* SchedulingPolicyDetail */
	WHATIF_CONSUMABLE,  /* DescribeConsumableResource's answer */
};

struct whatif *whatif_new(const struct resources *pool, const struct sched_settings *settings);
void whatif_free(struct whatif *w); /* accepts NULL */

/* `generation`, 0 where it is not known: of an environment, its infrastructure updates so far. */
int whatif_add(struct whatif *w, enum whatif_kind kind, cJSON *detail /* taken */, int generation,
	       struct err *err);
/* A change: "NAME.PROPERTY=VALUE", with the API's own names of properties, "pool.vcpus=64" or
 * "launch_seconds=90". What is wrong with it is ERR_INVALID and says what would be right.
 * After the things it speaks of were added. */
int whatif_set(struct whatif *w, const char *change, struct err *err);

/* Tells all of it, or with `only_changes` what was changed, in an order it accepts. */
int whatif_tell(const struct whatif *w, struct sched *s, jd_time now, bool only_changes,
		struct err *err);

#endif
