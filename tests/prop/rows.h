#ifndef PROP_ROWS_H
#define PROP_ROWS_H
#include "workload.h"

/* What a workload names, as the rows that facts carry. Strings are borrowed, and static. */

extern const jd_time begin_at;
extern char env_names[MAX_ENVS][4], queue_names[MAX_QUEUES][4], stop_reason[];

int env_number(const char *name); /* or -1 */
struct environment env_row(const struct env_setting *env, int n);
struct queue queue_row(const struct queue_setting *setting, int n);
struct job job_row(const struct item *item, struct dependency depends[MAX_DEPENDS]);

#endif
