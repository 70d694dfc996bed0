#ifndef JOBDECK_MODEL_ENVIRONMENT_H
#define JOBDECK_MODEL_ENVIRONMENT_H
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
	int min_vcpus, desired_vcpus;
	int max_vcpus; /* UNMANAGED: unmanagedvCpus, or 0 for no limit */
	jd_time created;
	char *doc;
};

void environment_free(struct environment *e);
struct environment *environment_copy(const struct environment *e);

#endif
