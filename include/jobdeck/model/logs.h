#ifndef JOBDECK_MODEL_LOGS_H
#define JOBDECK_MODEL_LOGS_H
#include "jobdeck/base/json.h"

/* Where CloudWatch keeps a job's output (LOG-1, LOG-3). */
#define LOG_GROUP_DEFAULT "/aws/batch/job"

/* An awslogs option of a JobDetail, or of a job definition of one container or ECS task: that of
 * its first container. NULL: not said, or another log driver. Borrowed. */
const char *log_option(const cJSON *doc, const char *name);
const char *log_group_of(const cJSON *doc); /* never NULL */

#endif
