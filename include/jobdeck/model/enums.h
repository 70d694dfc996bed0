#ifndef JOBDECK_MODEL_ENUMS_H
#define JOBDECK_MODEL_ENUMS_H
#include <stdbool.h>

/* AWS Batch's enumerations, one table each: ENUM_TABLE(X) with X(value). A value's C name
 * is PREFIX_value, its text is the value itself. The number is what the database stores:
 * append only, never reorder. */

#define JOB_STATUS_TABLE(X)                                                                        \
	X(SUBMITTED) X(PENDING) X(RUNNABLE) X(STARTING) X(RUNNING) X(SUCCEEDED) X(FAILED)
#define STATE_TABLE(X)	  X(ENABLED) X(DISABLED)
#define CE_TYPE_TABLE(X)  X(MANAGED) X(UNMANAGED)
#define CR_TYPE_TABLE(X)  X(EC2) X(SPOT) X(FARGATE) X(FARGATE_SPOT)
/* One table for compute environments and job queues: their status values are the same. */
#define STATUS_TABLE(X)	  X(CREATING) X(UPDATING) X(DELETING) X(DELETED) X(VALID) X(INVALID)
#define JD_TYPE_TABLE(X)  X(container) X(multinode)
#define JD_STATUS_TABLE(X) X(ACTIVE) X(INACTIVE)

#define ENUM_DECLARE(tag, prefix, TABLE)                                                           \
	enum tag { TABLE(prefix##_VALUE) prefix##_COUNT };                                         \
	const char *tag##_name(enum tag value);		/* never NULL; "?" out of range */ \
	bool tag##_parse(const char *text, enum tag *value) /* false and untouched if unknown */

#define JOB_VALUE(v)   JOB_##v,
#define STATE_VALUE(v) STATE_##v,
#define CE_VALUE(v)    CE_##v,
#define CR_VALUE(v)    CR_##v,
#define STATUS_VALUE(v) STATUS_##v,
#define JD_VALUE(v)    JD_##v,
#define JDS_VALUE(v)   JDS_##v,

ENUM_DECLARE(job_status, JOB, JOB_STATUS_TABLE);
ENUM_DECLARE(state, STATE, STATE_TABLE);
ENUM_DECLARE(ce_type, CE, CE_TYPE_TABLE);
ENUM_DECLARE(cr_type, CR, CR_TYPE_TABLE);
ENUM_DECLARE(status, STATUS, STATUS_TABLE);
ENUM_DECLARE(jd_type, JD, JD_TYPE_TABLE);
ENUM_DECLARE(jd_status, JDS, JD_STATUS_TABLE);

/* SUCCEEDED or FAILED. */
bool job_status_is_final(enum job_status s);
/* The state machine of doc/semantics.md section 2: may a job go from one to the other? */
bool job_status_may_follow(enum job_status from, enum job_status to);

#endif
