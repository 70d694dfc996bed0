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
#define CR_STRATEGY_TABLE(X)                                                                       \
	X(BEST_FIT) X(BEST_FIT_PROGRESSIVE) X(BEST_FIT_PROGRESSIVE_ORDERED)                        \
	X(SPOT_CAPACITY_OPTIMIZED) X(SPOT_PRICE_CAPACITY_OPTIMIZED)                                \
	X(SPOT_CAPACITY_OPTIMIZED_PRIORITIZED)
#define CONSUMABLE_TYPE_TABLE(X) X(REPLENISHABLE) X(NON_REPLENISHABLE)
/* What a job is: one of its own, an array's parent or child (section 4), a multi-node
 * parallel job or one of its nodes (section 5). */
#define JOB_KIND_TABLE(X) X(PLAIN) X(ARRAY) X(CHILD) X(MULTINODE) X(NODE)
/* How a job depends on another (section 3). ANY is Jobdeck's own: that it ends, well or not. */
#define DEPENDENCY_TYPE_TABLE(X) X(PLAIN) X(N_TO_N) X(ANY)
/* Where a job can run: the definition's platformCapabilities. */
#define PLATFORM_TABLE(X) X(EC2) X(FARGATE)
/* An instance between its launch and its end. DRAINING: it runs out, of an older generation
 * of its environment (CE-8); RECLAIMED: it was given notice (SP-2). */
#define INSTANCE_STATUS_TABLE(X) X(LAUNCHING) X(UP) X(DRAINING) X(RECLAIMED) X(TERMINATED)
/* Why the head of a queue is blocked (section 10); the texts are in model/reason.h. */
#define BLOCKED_TABLE(X)                                                                           \
	X(NOT) X(INSUFFICIENT_CAPACITY) X(MAX_RESOURCE) X(RESOURCE_REQUIREMENT)                    \
	X(INSTANCE_CONFIGURATION) X(SERVICE_ROLE) X(ENVIRONMENTS_INVALID) X(UNDETERMINED)
/* One table for compute environments and job queues: their status values are the same. */
#define STATUS_TABLE(X)	  X(CREATING) X(UPDATING) X(DELETING) X(DELETED) X(VALID) X(INVALID)
#define JD_TYPE_TABLE(X)  X(container) X(multinode)
#define JD_STATUS_TABLE(X) X(ACTIVE) X(INACTIVE)
#define ARCH_TABLE(X)	  X(X86_64) X(ARM64)

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
#define STRATEGY_VALUE(v) STRATEGY_##v,
#define CONSUMABLE_VALUE(v) CONSUMABLE_##v,
#define JOB_KIND_VALUE(v) JOB_KIND_##v,
#define DEPENDENCY_VALUE(v) DEPENDENCY_##v,
#define PLATFORM_VALUE(v) PLATFORM_##v,
#define INSTANCE_VALUE(v) INSTANCE_##v,
#define BLOCKED_VALUE(v) BLOCKED_##v,
#define ARCH_VALUE(v)  ARCH_##v,

ENUM_DECLARE(job_status, JOB, JOB_STATUS_TABLE);
ENUM_DECLARE(state, STATE, STATE_TABLE);
ENUM_DECLARE(ce_type, CE, CE_TYPE_TABLE);
ENUM_DECLARE(cr_type, CR, CR_TYPE_TABLE);
ENUM_DECLARE(status, STATUS, STATUS_TABLE);
ENUM_DECLARE(jd_type, JD, JD_TYPE_TABLE);
ENUM_DECLARE(jd_status, JDS, JD_STATUS_TABLE);
ENUM_DECLARE(cr_strategy, STRATEGY, CR_STRATEGY_TABLE);
ENUM_DECLARE(consumable_type, CONSUMABLE, CONSUMABLE_TYPE_TABLE);
ENUM_DECLARE(job_kind, JOB_KIND, JOB_KIND_TABLE);
ENUM_DECLARE(dependency_type, DEPENDENCY, DEPENDENCY_TYPE_TABLE);
ENUM_DECLARE(platform, PLATFORM, PLATFORM_TABLE);
ENUM_DECLARE(instance_status, INSTANCE, INSTANCE_STATUS_TABLE);
ENUM_DECLARE(blocked, BLOCKED, BLOCKED_TABLE);
ENUM_DECLARE(arch, ARCH, ARCH_TABLE);

/* SUCCEEDED or FAILED. */
bool job_status_is_final(enum job_status s);
/* The state machine of doc/semantics.md section 2: may a job go from one to the other? */
bool job_status_may_follow(enum job_status from, enum job_status to);

#endif
