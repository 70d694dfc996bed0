#ifndef JOBDECK_MODEL_POLICY_H
#define JOBDECK_MODEL_POLICY_H
#include <stdbool.h>
#include <stdint.h>
#include "jobdeck/base/time.h"
#include "jobdeck/model/limits.h"

/* The weight of a share identifier, or of all that begin so when it ends in '*' (FS-1..FS-4).
 * In ten-thousandths: AWS allows 0.0001 to 999.9999. Lower weight: more (FS-3). */
struct share_weight {
	char *identifier;
	int32_t weight;
};
enum { SHARE_WEIGHT_ONE = 10000 };

/* A fair-share scheduling policy. `doc` is what was said, in the API's shape. Owned. */
struct policy {
	char *name;
	int64_t decay_s;	     /* shareDecaySeconds: 0 to 604800 (FS-5) */
	int reservation;	     /* computeReservation: 0 to 99 per cent (FS-6) */
	int share_count;
	struct share_weight *share;
	bool deleted; /* as a fact: gone */
	jd_time created;
	char *doc;
};

void policy_free(struct policy *p);
struct policy *policy_copy(const struct policy *p);

#endif
