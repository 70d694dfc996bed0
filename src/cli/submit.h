#ifndef CLI_SUBMIT_H
#define CLI_SUBMIT_H
#include "jobdeck/base/json.h"
#include "jobdeck/cli/cmd.h"

/* What "jobdeck submit" submits, on its way to a request. */
struct submission {
	struct cmd_run *r;
	int64_t vcpus, memory, gpus, nodes; /* 0: not given */
	char *queue, *definition, *name;
	cJSON *overrides; /* containerOverrides */
};

/* submit_what.c: the queue, the definition (made for a command where none is named), the
 * name, and in `overrides` what the definition does not say already. */
int submit_what(struct submission *s, struct err *err);
/* submit_options.c: the options that are members of the request. */
int submit_options(struct cmd_run *r, cJSON *in, struct err *err);

#endif
