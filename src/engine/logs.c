/* Where the output of attempts lies, what CloudWatch would call it, and reading it. */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "jobdeck/shim/joblog.h"
#include "internal.h"

enum { STREAM_NAME_PART = 200, TASK_ID_DIGITS = 32, VERSION_DIGIT = 12 };

/* logs/DATE/ID.ATTEMPT.log; the date is in the id. */
char *log_path(const struct engine *e, const char *job_id, int attempt)
{
	time_t made = uuid_time(job_id) / 1000;
	char date[16] = "0000-00-00";
	struct tm tm;

	if (made >= 0 && gmtime_r(&made, &tm))
		strftime(date, sizeof date, "%Y-%m-%d", &tm);
	return xasprintf("%s/%s/%s.%d.log", e->home->logs, date, job_id, attempt);
}

/* AWS's names end in the 32 hex digits of an ECS task (LOG-1). Ours are the job's id with
 * the digit that is always 7 replaced by the attempt's number, so that they lead back. */
static void task_id(const char *job_id, int attempt, char out[TASK_ID_DIGITS + 1])
{
	int n = 0;

	for (const char *p = job_id; *p && n < TASK_ID_DIGITS; p++)
		if (*p != '-')
			out[n++] = *p;
	out[n] = '\0';
	out[VERSION_DIGIT] = "0123456789abcdef"[attempt & 15];
}

char *engine_log_stream(const struct job *job, int attempt)
{
	char task[TASK_ID_DIGITS + 1];
	int name = (int)strcspn(job->definition, ":");

	task_id(job->id, attempt, task);
	return xasprintf("%.*s/default/%s", name < STREAM_NAME_PART ? name : STREAM_NAME_PART,
			 job->definition, task);
}

int engine_log_find(struct engine *e, const char *stream, int64_t *job, int *attempt)
{
	static const char hex[] = "0123456789abcdef";
	const char *task = strrchr(stream, '/'), *digit;
	char id[UUID_SIZE];
	int64_t key;

	if (!task || strlen(++task) != TASK_ID_DIGITS || strspn(task, hex) != TASK_ID_DIGITS)
		return -1;
	digit = strchr(hex, task[VERSION_DIGIT]);
	snprintf(id, sizeof id, "%.8s-%.4s-7%.3s-%.4s-%.12s", task, task + 8, task + 13, task + 16,
		 task + 20);
	key = store_job_key(e->store, id, NULL);
	if (key <= 0)
		return -1;
	*job = key;
	*attempt = (int)(digit - hex);
	return 0;
}

struct reading {
	int (*each)(void *arg, const struct log_line *);
	void *arg;
};

static int read_line(void *arg, const struct joblog_line *l)
{
	struct reading *r = arg;
	struct log_line line = {
		.position = l->position, .next = l->next, .at = l->at,
		.is_stderr = l->stream == JOBLOG_ERR, .continues = l->continues,
		.cut = l->stream == JOBLOG_CUT, .text = l->text, .len = l->len,
	};

	return r->each(r->arg, &line);
}

int engine_log_read(struct engine *e, int64_t job, int attempt, int64_t position, int limit,
		    int (*each)(void *arg, const struct log_line *), void *arg, int64_t *next,
		    int64_t *size, struct err *err)
{
	struct reading r = { .each = each, .arg = arg };
	struct err local = { 0 };
	struct job *j = store_job(e->store, job, &local);
	cleanup_free char *path = NULL;

	if (!j)
		return err_set(err, ERR_NOT_FOUND, "the job does not exist");
	path = log_path(e, j->id, attempt);
	job_free(j);
	return joblog_read(path, position, limit, read_line, &r, next, size, err);
}
