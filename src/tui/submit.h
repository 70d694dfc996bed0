#ifndef TUI_SUBMIT_H
#define TUI_SUBMIT_H
#include "form.h"
#include "layers.h"

/* The form for a new job: its fields, and what they come to. */
enum {
	F_COMMAND,
	F_NAME,
	F_QUEUE,
	F_DEFINITION,
	F_VCPUS,
	F_MEMORY,
	F_NEEDS,
	F_TRIES,
	F_LIMIT,
	F_ENV
};
enum { SUBMIT_MEMORY = 512 }; /* MiB, when nothing else is said */

struct submit {
	struct layer layer;
	struct form *form;
	struct ui *ui;
	cJSON *definitions; /* what DescribeJobDefinitions answered */
	int look, call;	    /* calls under way */
	cJSON *pending;	    /* SubmitJob that waits for its definition */
};

/* submit_fields.c: reading and checking */
bool submit_own_definition(const struct submit *s); /* one is found or made for the command */
int64_t submit_vcpus(const struct submit *s);
int64_t submit_memory(const struct submit *s);
cJSON *submit_needs(const struct submit *s);	 /* dependsOn; caller deletes */
cJSON *submit_variables(const struct submit *s); /* environment; caller deletes */
void submit_check(struct submit *s);		 /* sets every hint and error */

/* submit_request.c: what is sent. Caller frees or deletes. */
char *submit_definition(const struct submit *s); /* "NAME:REVISION", or a NAME to register */
cJSON *submit_request(const struct submit *s, const char *definition);
char *submit_command_line(const struct submit *s); /* that does the same */

#endif
