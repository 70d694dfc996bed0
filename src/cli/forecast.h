#ifndef CLI_FORECAST_H
#define CLI_FORECAST_H
#include <cjson/cJSON.h>
#include "jobdeck/base/time.h"
#include "jobdeck/cli/cmd.h"

/* What a forecast was asked for on the command line. */
struct forecast_ask {
	int64_t duration_ms; /* of all jobs whose duration nobody knows better; -1: not said */
	int64_t spread, seed;
	bool jobs; /* list when each job starts and ends */
};

/* forecast_file.c: of a workload file, in this process. The report, or NULL. */
cJSON *forecast_file(struct cmd_run *r, const char *path, const struct forecast_ask *ask,
		     struct err *err);

/* forecast_show.c: the report for a person; progress on a terminal, at most every so often. */
void forecast_show(const cJSON *report);
struct forecast_meter {
	int64_t shown; /* monotonic */
	bool any;
};
/* `done` and `whole`: how much of the work, 0: not known. */
void forecast_meter(struct forecast_meter *m, int64_t ended, jd_time passed, int64_t done,
		    int64_t whole);
void forecast_meter_end(struct forecast_meter *m);

#endif
