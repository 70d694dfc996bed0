#ifndef CLI_LIST_H
#define CLI_LIST_H
#include "jobdeck/base/time.h"
#include "jobdeck/cli/cmd.h"
#include "table.h"

/* All pages of a listing operation as one array. `in` is taken; `member` is the array's name
 * in the answer. Stops after `limit` elements (0: none); *more (may be NULL) says whether
 * there were more. NULL on error. Caller deletes. */
cJSON *list_all(struct cmd_run *r, const char *op, cJSON *in, const char *member, int64_t limit,
		bool *more, struct err *err);

struct listing {
	const struct column *columns;
	int count;
	void (*row)(struct table *t, const cJSON *item, jd_time now);
	const char *none; /* N_(), said on a terminal when there is nothing to list */
};
/* Prints a listing as a table, or as JSON when asked. */
void list_print(const struct cmd_run *r, const cJSON *items, const struct listing *l);

/* Prints JSON on stdout: one line, or in lines for people. On a terminal nothing in it can
 * do harm. */
void json_out(const cJSON *json, bool pretty);
/* One object in the form that was asked for: --jsonl on one line, --json in lines. */
void json_answer(const struct cmd_run *r, const cJSON *json);

/* The element of an array whose string member `name` is `value`, or NULL. */
const cJSON *json_find(const cJSON *array, const char *name, const char *value);

#endif
