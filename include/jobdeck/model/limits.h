#ifndef JOBDECK_MODEL_LIMITS_H
#define JOBDECK_MODEL_LIMITS_H

/* AWS Batch's documented limits (doc/semantics.md section 12) and our own maxima. */
enum {
	LIMIT_NAME = 128,
	LIMIT_REASON = 1024,		 /* CX-4 */
	LIMIT_CONTAINER_REASON = 255,	 /* section 2.1 */
	LIMIT_DEPENDENCIES = 20,	 /* DEP-1 */
	LIMIT_DESCRIBE_IDS = 100,	 /* ID-8 */
	LIMIT_BULK_JOBS = 50,		 /* CancelJobs, TerminateJobs */
	LIMIT_ATTEMPTS = 10,		 /* RT-1 */
	LIMIT_EVALUATE_ON_EXIT = 5,	 /* RT-2 */
	LIMIT_PATTERN = 512,		 /* RT-4 */
	LIMIT_TIMEOUT_MIN_S = 60,	 /* TO-1 */
	LIMIT_STOP_GRACE_S = 30,	 /* TO-1, CX-3 */
	LIMIT_CE_PER_QUEUE = 3,		 /* JQ-2 */
	LIMIT_PRIORITY = 10000,		 /* JQ-5 */
	LIMIT_TAGS = 50,
	LIMIT_DEFINITION_BYTES = 24 * 1024, /* JD-5 */
	LIMIT_SUBMIT_BYTES = 30 * 1024,	    /* JD-5 */
	LIMIT_OVERRIDE_BYTES = 8192,
	LIMIT_MEMORY_MIN_MIB = 4,	    /* RES-1 */
	LIMIT_ARRAY = 10000,		    /* ARR-1 */
	LIMIT_NODES = 1000,		    /* MNP-1 */
	LIMIT_NODE_RANGES = 5,		    /* MNP-1 */
	LIMIT_CONSUMABLES = 5,		    /* CR-1, of one job */
	LIMIT_SHARES = 500,		    /* FS-1, FS-7 */
	LIMIT_SHARE_PRIORITY = 9999,	    /* FS-8 */
	LIMIT_TIME_ACTIONS = 10,	    /* jobStateTimeLimitActions of a queue, ours */
};

#endif
