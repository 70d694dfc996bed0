#ifndef CLI_LOGOUT_H
#define CLI_LOGOUT_H
#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Writes log events: a job's stdout to one file, its stderr to the other. */
struct logout {
	FILE *to[2];	  /* stdout, stderr */
	bool terminal[2]; /* make control sequences harmless */
	bool timestamps;
	bool json, json_lines; /* events as JSON on to[0] instead */
	bool inside[2];	       /* the last event of that stream had no newline yet */
	int64_t count;
};

void logout_init(struct logout *l);
void logout_event(struct logout *l, const cJSON *event);
/* Ends an open line, so that what comes next on that screen begins on its own. */
void logout_break(struct logout *l);
void logout_end(struct logout *l); /* nothing comes any more: flushes, closes the JSON array */

#endif
