/* The console's eyes. One look is: overview, then the lists of the queue, then the job. At
 * most one look is under way; between looks a long poll waits for the next change. */
#include "config.h"
#include "data.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"

enum {
	WATCH_MS = 5000,  /* an answer at least this often is also the sign of life */
	SLACK_MS = 3000,  /* what may come on top before the data counts as old */
	BACKOFF_MS = 500, /* doubled with each failure */
	BACKOFF_MAX_MS = 8000,
	LIST_MAX = 200, /* jobs of one live state */
	LISTS = JOB_COUNT + 1,
};

struct data {
	struct client *client;
	struct snap snap;
	unsigned version;
	int gap_ms;

	char *queue, job[SNAP_ID]; /* what is wanted */
	bool stale, job_stale;	   /* must be looked at again */
	int64_t not_before;
	int failures;

	int watch, overview, detail, list[LISTS]; /* calls under way, 0: none */
	int lists_open;
	struct snap_jobs gathered;
};

struct data *data_new(struct client *client, int gap_ms)
{
	struct data *d = xcalloc(1, sizeof *d);

	d->client = client;
	d->gap_ms = gap_ms;
	d->stale = true;
	snap_init(&d->snap);
	return d;
}

static void drop(struct data *d, int *call)
{
	if (*call)
		client_cancel(d->client, *call);
	*call = 0;
}

static void drop_lists(struct data *d)
{
	for (int i = 0; i < LISTS; i++)
		drop(d, &d->list[i]);
	d->lists_open = 0;
	snap_jobs_fini(&d->gathered);
}

void data_free(struct data *d)
{
	if (!d)
		return;
	drop_lists(d);
	drop(d, &d->watch);
	drop(d, &d->overview);
	drop(d, &d->detail);
	snap_fini(&d->snap);
	free(d->queue);
	free(d);
}

const struct snap *data_snap(const struct data *d)
{
	return &d->snap;
}

unsigned data_version(const struct data *d)
{
	return d->version;
}

void data_queue(struct data *d, const char *name)
{
	if (d->queue && strcmp(d->queue, name) == 0)
		return;
	str_replace(&d->queue, name);
	drop_lists(d);
	data_refresh(d);
}

void data_job(struct data *d, const char *id)
{
	if (!id)
		id = "";
	if (strcmp(d->job, id) == 0)
		return;
	snprintf(d->job, sizeof d->job, "%s", id);
	drop(d, &d->detail);
	d->job_stale = *id != '\0';
}

void data_refresh(struct data *d)
{
	d->stale = true;
	if (!d->failures)
		d->not_before = 0;
}

/* The next turn works out when to try again. */
static void failed(struct data *d)
{
	int64_t wait = BACKOFF_MS;

	for (int i = 0; i < d->failures && wait < BACKOFF_MAX_MS; i++)
		wait *= 2;
	d->failures++;
	d->not_before = time_mono() + (wait < BACKOFF_MAX_MS ? wait : BACKOFF_MAX_MS);
	d->stale = true;
	d->version++; /* the status row has something to say */
}

static void on_list(void *arg, cJSON *out, const struct err *err)
{
	struct data *d = arg;

	(void)err; /* client_trouble has it */
	d->lists_open--;
	if (!out) {
		drop_lists(d);
		/* A queue that has just been deleted is no trouble: the next overview tells. */
		failed(d);
		return;
	}
	snap_jobs_add(&d->gathered, json_get(out, "jobSummaryList"));
	if (d->lists_open)
		return;
	memset(d->list, 0, sizeof d->list);
	snap_take_jobs(&d->snap, d->queue, &d->gathered);
	d->version++;
}

static void list(struct data *d, int slot, const char *status)
{
	cJSON *in = cJSON_CreateObject();

	json_add_str(in, "jobQueue", d->queue);
	if (status) {
		json_add_str(in, "jobStatus", status);
		json_add_int(in, "maxResults", LIST_MAX);
	} else {
		cJSON *filters = cJSON_AddArrayToObject(in, "filters");
		cJSON *filter = cJSON_CreateObject();

		json_add_str(filter, "name", "AFTER_CREATED_AT");
		cJSON_AddItemToArray(cJSON_AddArrayToObject(filter, "values"),
				     cJSON_CreateString("0"));
		cJSON_AddItemToArray(filters, filter);
	}
	d->list[slot] = client_call(d->client, "ListJobs", in, on_list, d);
	d->lists_open++;
}

/* The newest hundred of any state, and, where there are more than that, the live ones of
 * each state: what runs and what waits must not be missing. */
static void start_lists(struct data *d)
{
	const struct snap_queue *q = d->queue ? snap_find_queue(&d->snap, d->queue) : NULL;
	int64_t total = 0;

	if (!q && d->snap.queue_count) {
		q = &d->snap.queue[0];
		str_replace(&d->queue, q->name);
	}
	drop_lists(d);
	if (!q)
		return;
	for (int s = 0; s < JOB_COUNT; s++)
		total += q->count[s];
	list(d, JOB_COUNT, NULL);
	for (int s = 0; total > 100 && s < JOB_COUNT; s++)
		if (q->count[s] && !job_status_is_final((enum job_status)s))
			list(d, s, job_status_name((enum job_status)s));
}

static void on_overview(void *arg, cJSON *out, const struct err *err)
{
	struct data *d = arg;

	(void)err; /* client_trouble has it */
	d->overview = 0;
	if (!out) {
		failed(d);
		return;
	}
	d->failures = 0;
	snap_overview(&d->snap, out);
	d->version++;
	d->job_stale = d->job[0] != '\0';
	start_lists(d);
}

static void on_watch(void *arg, cJSON *out, const struct err *err)
{
	struct data *d = arg;

	(void)err; /* client_trouble has it */
	d->watch = 0;
	if (!out)
		failed(d);
	else if (json_int(out, "seq", -1) != d->snap.seq)
		d->stale = true;
}

static void on_detail(void *arg, cJSON *out, const struct err *err)
{
	struct data *d = arg;
	const cJSON *jobs = json_get(out, "jobs"), *job;

	(void)err; /* client_trouble has it */
	d->detail = 0;
	if (!out)
		return; /* the next look asks again */
	job = cJSON_GetArrayItem(jobs, 0);
	if (job)
		snap_take_detail(&d->snap, cJSON_Duplicate(job, 1));
	d->version++;
}

static void start_look(struct data *d, int64_t now)
{
	d->stale = false;
	d->not_before = now + d->gap_ms;
	d->overview = client_call(d->client, "JobdeckOverview", NULL, on_overview, d);
}

static void start_watch(struct data *d)
{
	cJSON *in = cJSON_CreateObject();

	json_add_int(in, "seq", d->snap.seq);
	json_add_int(in, "timeoutMs", WATCH_MS);
	d->watch = client_call(d->client, "JobdeckWatch", in, on_watch, d);
}

static void start_detail(struct data *d)
{
	cJSON *in = cJSON_CreateObject();

	cJSON_AddItemToArray(cJSON_AddArrayToObject(in, "jobs"), cJSON_CreateString(d->job));
	d->job_stale = false;
	d->detail = client_call(d->client, "DescribeJobs", in, on_detail, d);
}

static bool looking(const struct data *d)
{
	return d->overview || d->lists_open;
}

void data_turn(struct data *d, int64_t now)
{
	if (d->stale && !looking(d) && now >= d->not_before)
		start_look(d, now);
	if (!d->stale && !looking(d) && !d->watch)
		start_watch(d);
	if (d->job_stale && !d->detail)
		start_detail(d);
}

int data_due(const struct data *d, int64_t now)
{
	if (!d->stale || looking(d))
		return -1;
	return d->not_before > now ? (int)(d->not_before - now) : 0;
}

enum freshness data_freshness(const struct data *d, char *text, size_t size)
{
	int64_t age = client_age(d->client);
	char span[32];

	if (d->failures && client_trouble(d->client)) {
		if (age < 0)
			snprintf(text, size, _("no answer yet, trying again"));
		else
			snprintf(text, size, _("no answer for %s, trying again"),
				 time_age(age, span, sizeof span));
		return FRESH_LOST;
	}
	if (!d->snap.loaded) {
		snprintf(text, size, _("asking"));
		return FRESH_NOTHING;
	}
	if (age <= WATCH_MS + SLACK_MS) {
		snprintf(text, size, _("live"));
		return FRESH_LIVE;
	}
	if (age < 60000)
		snprintf(text, size, _("%s old"), time_age(age, span, sizeof span));
	else
		snprintf(text, size, _("no answer for %s"), time_age(age, span, sizeof span));
	return age < 60000 ? FRESH_OLD : FRESH_LOST;
}
