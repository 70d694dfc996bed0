#ifndef CLI_SETUP_H
#define CLI_SETUP_H
#include "jobdeck/cli/cmd.h"

/* What a first start makes; the console's wizard proposes the same. */
#define SETUP_ENVIRONMENT "local-ce"
#define SETUP_QUEUE	  "default"
enum { SETUP_PRIORITY = 10 };

/* Makes the compute environment and the queue where they are missing and waits until they
 * are VALID, saying each step on stderr. max_vcpus 0: all this machine has. */
int setup_defaults(struct cmd_run *r, int64_t max_vcpus, struct err *err);

/* A definition to run commands with. */
struct setup_definition {
	const char *name, *image;
	int64_t vcpus, memory;
	char *const *command; /* NULL-ended */
	bool exact;	      /* only one with this very command will do */
	int nodes;	      /* of a multi-node parallel job, all alike; 0: it is none */
};
/* Finds the newest ACTIVE revision that says nothing else, or registers one. Unless `exact`,
 * its command and resources may be others, for the caller overrides them: so a thousand
 * different commands pile up no definitions. Returns "NAME:REVISION" (caller frees); *made
 * says whether it is new, *properties (caller deletes) are its containerProperties. */
char *setup_definition(struct cmd_run *r, const struct setup_definition *d, bool *made,
		       cJSON **properties, struct err *err);

/* The present directory, where a host process is to run (tag jobdeck:directory). Refuses one
 * that is gone, or too long for a tag. Caller frees. */
char *setup_directory(struct err *err);

/* A list of strings as JSON; NULL-ended. Caller deletes. */
cJSON *setup_strings(char *const *strings);
/* [{type: VCPU, value}, {type: MEMORY, value}, {type: GPU, value}]; 0 leaves one out. NULL when
 * all are 0. */
cJSON *setup_resources(int64_t vcpus, int64_t memory, int64_t gpus);
/* The value of one resource requirement, or 0. */
int64_t setup_resource(const cJSON *properties, const char *type);
/* Says one step on stderr: what was done by which API call, and what came of it. */
void setup_say(const char *op, const char *what, const char *result);

#endif
