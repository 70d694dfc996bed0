#ifndef CANNED_H
#define CANNED_H
#include <cjson/cJSON.h>
#include "fake_client.h"
#include "jobdeck/base/time.h"

/* A made-up cluster that never changes, for screens that can be compared. */
enum { CANNED_NOW_S = 1795356202 }; /* 2026-11-22 14:03:22 UTC */
#define CANNED_NOW ((jd_time)CANNED_NOW_S * 1000)

cJSON *canned_overview(void);
cJSON *canned_jobs(void);	      /* jobSummaryList of the queue "high" */
cJSON *canned_detail(const char *id); /* JobDetail; NULL: no such job */
/* Answers as a server with all that. Its argument is not used. */
fake_handler canned_answer;

#endif
