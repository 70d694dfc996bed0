#ifndef CLI_POLICY_H
#define CLI_POLICY_H
#include "jobdeck/cli/cmd.h"

/* The ARN of a scheduling policy by its name or ARN: the API takes only ARNs. NULL with
 * ERR_NOT_FOUND when there is none. Caller frees. */
char *policy_arn(struct cmd_run *r, const char *text, struct err *err);

#endif
