#ifndef JOBDECK_MODEL_CONSUMABLE_H
#define JOBDECK_MODEL_CONSUMABLE_H
#include <stdbool.h>
#include <stdint.h>
#include "jobdeck/base/time.h"
#include "jobdeck/model/enums.h"

/* A consumable resource (CR-1, CR-2): a number of something, such as licences, that attempts
 * take when they are placed and, if it is REPLENISHABLE, give back when they end. Of one that
 * is not, a job takes once, however often it is tried. */
struct consumable {
	char *name;
	enum consumable_type type;
	int64_t total;
	int64_t spent; /* NON_REPLENISHABLE: taken for ever by jobs that have ended. Told by the
			* store on restart; as a change of the total it is left alone */
	bool deleted; /* as a fact: gone */
	jd_time created;
	char *doc; /* what was said, in the API's shape: tags ... */
};

void consumable_free(struct consumable *c);

#endif
