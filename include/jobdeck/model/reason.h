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
#define REASON_CE_HEALTHY	"ComputeEnvironment Healthy"
#define REASON_JQ_HEALTHY	"JobQueue Healthy"

#endif
