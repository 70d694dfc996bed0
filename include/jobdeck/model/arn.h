#ifndef JOBDECK_MODEL_ARN_H
#define JOBDECK_MODEL_ARN_H
#include <stddef.h>

/* Amazon resource names (ID-3): arn:aws:batch:REGION:ACCOUNT:KIND/NAME. */
enum { ARN_SIZE = 512 };

struct account {
	char region[64], id[16];
};

/* "job", "job-queue", "compute-environment", "job-definition" ... and its name. Returns out. */
char *arn_format(const struct account *a, const char *kind, const char *name, char out[ARN_SIZE]);
/* The part after "KIND/" when `text` is an ARN of that kind, `text` itself when it is no
 * ARN, NULL when it is an ARN of something else. Borrowed from text. */
const char *arn_name(const char *kind, const char *text);

#endif
