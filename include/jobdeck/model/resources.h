#ifndef JOBDECK_MODEL_RESOURCES_H
#define JOBDECK_MODEL_RESOURCES_H
#include <stdint.h>

/* What a job asks for or a place offers. vCPUs in thousandths: Fargate sells quarters. */
struct resources {
	int64_t vcpu_milli;
	int64_t memory_mib;
	int32_t gpus;
};

#endif
