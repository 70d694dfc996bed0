#ifndef JOBDECK_SRC_API_STREAM_H
#define JOBDECK_SRC_API_STREAM_H
#include "internal.h"

/* Log groups and streams, as CloudWatch has them (LOG-1). The group is /aws/batch/job unless
 * the definition's logConfiguration names one by "awslogs-group"; a stream is PREFIX/default/TASK,
 * PREFIX being "awslogs-stream-prefix" or the definition's name. Definitions never change, so
 * what each says is remembered. */
enum { LOG_GROUP_SIZE = 513, LOG_STREAM_MAX = 512 };

/* The group of a job's streams. Borrowed until the next call. */
const char *stream_group(const struct api_call *c, const struct job *job);
/* The name of an attempt's stream. Caller frees. */
char *stream_name(const struct api_call *c, const struct job *job, int attempt);
void stream_forget(struct api *a); /* what was remembered */

/* The group that a request names, by name or ARN. Whether there is one of that name shows
 * when a stream of it is looked for: stream_check_group. */
int stream_read_group(const cJSON *in, char out[LOG_GROUP_SIZE], struct err *err);
/* ERR_NOT_FOUND when no definition writes to that group. */
int stream_check_group(struct api_call *c, const char *group, struct err *err);
/* All groups, by name; at least the default one. Caller frees names and list. */
struct log_group {
	char *name;
	jd_time created;
};
struct log_group *stream_groups(struct api_call *c, size_t *count, struct err *err);
void stream_groups_free(struct log_group *groups, size_t count);

/* The attempt whose stream has just that name. Names that merely decode to a job are none. */
int stream_find(struct api_call *c, const char *group, const char *name, int64_t *job, int *attempt,
		struct err *err);

/* stream_list.c: streams are not stored: there is one for each attempt, so they are made up of
 * the jobs of the queues that exist. Of very many jobs only the newest are looked at,
 * 10,000 in a queue; with the whole name, or the definition's name and a slash, as prefix
 * every older one is found too. */
struct stream {
	char *name;
	int64_t job;
	int attempt;
	jd_time first, last; /* none of its lines is before or after; last JD_NEVER: goes on */
};
struct stream_list {
	struct stream *streams;
	size_t count, cap;
};
int stream_list_gather(struct stream_list *l, struct api_call *c, const char *group,
		       const char *prefix, struct err *err);
int stream_list_add(struct stream_list *l, struct api_call *c, const char *group, const char *name,
		    struct err *err); /* ERR_NOT_FOUND */
void stream_list_fini(struct stream_list *l);
#define cleanup_stream_list __attribute__((cleanup(stream_list_fini)))

#endif
