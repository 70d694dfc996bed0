#ifndef TUI_JOB_PAGE_H
#define TUI_JOB_PAGE_H
#include <cjson/cJSON.h>
#include "jobdeck/base/time.h"
#include "page.h"

/* A JobDetail for people: its course, why it waits or how it ended, what it is. Everything
 * in it is from outside and is made safe on the way. */
void job_page(struct page *p, const cJSON *detail, jd_time now);
/* The same in short, for the preview. */
void job_page_preview(struct grid *g, struct rect r, const cJSON *detail, jd_time now);

/* The state; SUBMITTED when it cannot be read. */
enum job_status job_page_status(const cJSON *detail);
/* The number of the present or last attempt, from 1, and how many there may be. */
int job_page_attempt(const cJSON *detail);
int job_page_attempts(const cJSON *detail);
/* The log stream of attempt `number` (from 1), or NULL. Borrowed. */
const char *job_page_stream(const cJSON *detail, int number);
/* The name after the last '/' of an ARN, else the text itself. Borrowed. */
const char *job_page_name(const char *arn);

#endif
