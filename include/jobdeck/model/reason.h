#ifndef JOBDECK_MODEL_REASON_H
#define JOBDECK_MODEL_REASON_H

/* AWS's own words (doc/semantics.md section 2.1); tools match on them. */
#define REASON_EXITED		"Essential container in task exited"
#define REASON_START_FAILED	"Task failed to start"
#define REASON_TIMEOUT		"Job attempt duration exceeded timeout"
#define REASON_DEPENDENCY	"Dependent Job failed"
#define REASON_ARRAY_CHILD	"Array Child Job failed"
#define REASON_HOST_TERMINATED	"Host EC2 (instance %s) terminated."
#define REASON_SPOT_TASK	"Your Spot Task was interrupted."
#define REASON_OOM		"OutOfMemoryError: Container killed due to memory usage"
#define REASON_OVERRIDES	"Container Overrides length must be at most 8192"
#define REASON_TIME_LIMIT	"Canceled by JobStateTimeLimit action due to reason: %s"

/* Why a queue's head is blocked (section 10), and as jobStateTimeLimitActions name it. The
 * dash of SERVICE_ROLE_PERMISSIONS is an en dash (trap 25). */
#define BLOCKED_TEXTS(X)                                                                           \
	X(INSUFFICIENT_CAPACITY, "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY",                        \
	  " - Service cannot fulfill the capacity requested for instance type [%s]", true)         \
	X(MAX_RESOURCE, "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE",                       \
	  " - CE(s) associated with the job queue cannot meet the CPU requirement of the job.",    \
	  true)                                                                                    \
	X(RESOURCE_REQUIREMENT, "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT",                       \
	  " - The job resource requirement (vCPU/memory/GPU) is higher than that can be met by "   \
	  "the CE(s) attached to the job queue.",                                                  \
	  true)                                                                                    \
	X(INSTANCE_CONFIGURATION, "MISCONFIGURATION:EC2_INSTANCE_CONFIGURATION_UNSUPPORTED",       \
	  " - Your compute environment associated with this job queue has an unsupported "         \
	  "instance type configuration.",                                                          \
	  true)                                                                                    \
	X(SERVICE_ROLE, "MISCONFIGURATION:SERVICE_ROLE_PERMISSIONS",                               \
	  " \xe2\x80\x93 Batch service role has a permission issue.", false)                       \
	X(ENVIRONMENTS_INVALID, "ACTION_REQUIRED",                                                 \
	  " - CE(s) associated with the job queue are invalid.", false)                            \
	X(UNDETERMINED, "UNDETERMINED", " - Batch job is blocked, root cause is undetermined.",    \
	  false)

#define REASON_CE_HEALTHY	"ComputeEnvironment Healthy"
#define REASON_JQ_HEALTHY	"JobQueue Healthy"

#endif
