#ifndef CLI_JOB_H
#define CLI_JOB_H
#include "jobdeck/cli/cmd.h"

/* The id of the one job a person means by `text`: an id or ARN, the beginning of an id, or a
 * name; with ":3" behind it of a child, with "#0" of a node. NULL when there is none (ERR_NOT_FOUND) or more than one (ERR_INVALID; they are
 * listed on stderr). A whole id is taken as it is, unasked. Caller frees. */
char *job_resolve(struct cmd_run *r, const char *text, struct err *err);

/* What DescribeJobs says of one job; ERR_NOT_FOUND when nothing. Caller deletes. */
cJSON *job_describe(struct cmd_run *r, const char *id, struct err *err);

/* For JobDetail and JobSummary alike. */
const char *job_status_of(const cJSON *job); /* never NULL */
bool job_ended(const cJSON *job);
/* How it ended or why it waits: "exit code 3 (Essential container in task exited)",
 * "Dependent Job failed", "needs 8 vCPUs ...", or ""; of an array that lives, how many of its
 * children are where. Returns out. */
char *job_story(const cJSON *job, char *out, size_t size);
/* "3 RUNNING, 97 SUCCEEDED" of a statusSummary: what is not there is left out. Caller frees. */
char *job_counts(const cJSON *summary);
/* What a program that stands for this job ends with: its exit code; EXIT_FAILED when it
 * failed without one. */
int job_exit_status(const cJSON *job);

/* The attempts of a JobDetail, from 1: those that ended and the one that runs. */
int job_attempts(const cJSON *detail);
bool job_attempt_ended(const cJSON *detail, int number);
const char *job_attempt_stream(const cJSON *detail, int number); /* NULL: never ran */
/* As job_story, for an attempt that ended. */
char *job_attempt_story(const cJSON *detail, int number, char *out, size_t size);

#endif
