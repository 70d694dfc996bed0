#ifndef JOBDECK_MODEL_ENVIRONMENT_H
#define JOBDECK_MODEL_ENVIRONMENT_H
#include <stdint.h>
#include "jobdeck/base/time.h"
#include "jobdeck/model/enums.h"

/* A compute environment. `doc` is what CreateComputeEnvironment and the updates said, as
 * one JSON object in the API's own shape; the other members are what the scheduler needs,
 * taken from it by api/. Strings are owned. */
struct environment {
	char *name;
	enum ce_type type;
	enum cr_type cr_type; /* MANAGED only */
	enum state state;
	enum status status;
	char *status_reason;
	int min_vcpus;
	int desired_vcpus; /* as last asked for by hand (CE-7); 0: left to the scheduler */
	int max_vcpus; /* UNMANAGED: unmanagedvCpus, or 0 for no limit */
	enum cr_strategy strategy; /* EC2 and SPOT */
	int bid_percent;	   /* SPOT: of the on-demand price (SP-1); 0: 100 */
	int instance_type_count;   /* EC2 and SPOT: sizes, families, bundles as said (IT-1); */
	char **instance_types;	   /* none: "optimal" */
	int64_t scale_down_delay_ms; /* minScaleDownDelayMinutes (SC-3); 0: unset */
	/* Infrastructure updates so far (CE-8): instances of an earlier generation are replaced.
	 * While status is UPDATING, jobs on those are stopped at `update_deadline`. */
	int generation;
	jd_time update_deadline;
	jd_time refuse_until; /* drill: no capacity is given before; 0: none */
	jd_time created;
	char *doc;
};

void environment_free(struct environment *e);
struct environment *environment_copy(const struct environment *e);

#endif
