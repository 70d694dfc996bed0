#ifndef JOBDECK_MODEL_DEFINITION_H
#define JOBDECK_MODEL_DEFINITION_H
#include "jobdeck/base/time.h"
#include "jobdeck/model/enums.h"

/* One revision of a job definition: immutable but for its status (JD-1). `doc` is what
 * RegisterJobDefinition said. Owned. */
struct definition {
	char *name;
	int revision;
	enum jd_type type;
	enum jd_status status;
	jd_time created;
	jd_time deregistered; /* 0: never */
	char *doc;
};

void definition_free(struct definition *d);

#endif
