#ifndef CLI_RETRY_H
#define CLI_RETRY_H
#include <cjson/cJSON.h>
#include "jobdeck/base/err.h"

/* The retryStrategy that --retry says: a number of tries in all, and rules for what comes after
 * one that failed, the first that fits decides:
 *
 *	3
 *	5,exit:137=retry,exit:1=exit
 *	3,status:Host EC2*=retry,reason:*=exit
 *	3,exit:137+reason:OutOfMemory*=exit
 *
 * exit is the exit code, reason the container's reason, status the job's; conditions joined by
 * '+' must all be true. NULL with ERR_INVALID when it is nothing of that kind. */
cJSON *retry_parse(const char *text, struct err *err);

#endif
