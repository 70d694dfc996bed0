/* Where the output of attempts lies, what CloudWatch would call it, and reading it. */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "jobdeck/shim/joblog.h"
#include "internal.h"

enum {
	STREAM_NAME_PART = 200,
	TASK_ID_DIGITS = 32,
	VERSION_DIGIT = 12,
	VARIANT_DIGIT = 16, /* of a UUID it is one of 8, 9, a, b */
	INDEX_DIGIT = 28,   /* the first of those that a child's index takes */
};
static const char hex[] = "0123456789abcdef";

/* logs/DATE/ID.ATTEMPT.log; the date is in the id. */
char *log_path(const struct engine *e, const char *job_id, int attempt)
{
	char date[16] = "0000-00-00", id[UUID_SIZE];
	time_t made;
	struct tm tm;

	snprintf(id, sizeof id, "%.*s", UUID_SIZE - 1, job_id); /* of a child its parent's */
	made = uuid_time(id) / 1000;
	if (made >= 0 && gmtime_r(&made, &tm))
		strftime(date, sizeof date, "%Y-%m-%d", &tm);
	return xasprintf("%s/%s/%s.%d.log", e->home->logs, date, job_id, attempt);
}

static int digit_value(char c)
{
	return (int)(strchr(hex, c) - hex);
}

/* AWS's names end in the 32 hex digits of an ECS task (LOG-1). Ours are the job's id with
 * the digit that is always 7 replaced by the attempt's number, so that they lead back. Those
 * of children and nodes have their index for the last four digits of their parent's id, and
 * as a mark a digit that is never there in a UUID. */
void engine_log_task(const struct job *job, int attempt, char out[LOG_TASK_SIZE])
{
	char index[5];
	int n = 0;

	for (const char *p = job->id; *p && n < TASK_ID_DIGITS; p++)
		if (*p != '-')
			out[n++] = *p;
	out[n] = '\0';
	out[VERSION_DIGIT] = hex[attempt & 15];
	if (!job->parent)
		return;
	snprintf(index, sizeof index, "%04x", (unsigned)job_index(job) & 0xffff);
	memcpy(out + INDEX_DIGIT, index, 4);
	out[VARIANT_DIGIT] = hex[digit_value(out[VARIANT_DIGIT]) - 8];
}

char *engine_log_stream(const struct job *job, int attempt)
{
	char task[LOG_TASK_SIZE];
	int name = (int)strcspn(job->definition, ":");

	engine_log_task(job, attempt, task);
	return xasprintf("%.*s/default/%s", name < STREAM_NAME_PART ? name : STREAM_NAME_PART,
			 job->definition, task);
}

/* The id of the job, or the beginning of its parent's, which is all but the last digits. */
static void id_of_task(const char *task, bool member, char out[UUID_SIZE])
{
	char variant = member ? hex[digit_value(task[VARIANT_DIGIT]) + 8] : task[VARIANT_DIGIT];

	snprintf(out, UUID_SIZE, "%.8s-%.4s-7%.3s-%c%.3s-%.*s", task, task + 8, task + 13, variant,
		 task + 17, member ? INDEX_DIGIT - 20 : 12, task + 20);
}

/* Which of the few parents whose ids begin so has such a child or node. */
static int64_t find_member(struct engine *e, const char *prefix, int index)
{
	int64_t keys[4], found = 0;
	int n = store_job_prefix(e->store, prefix, keys, (int)ARRAY_LEN(keys));

	for (int i = 0; i < n && !found; i++) {
		struct job *parent = store_job(e->store, keys[i], NULL);

		if (parent && index < parent->size)
			found = parent->key + 1 + index;
		job_free(parent);
	}
	return found;
}

int engine_log_find(struct engine *e, const char *stream, int64_t *job, int *attempt)
{
	const char *task = strrchr(stream, '/');
	char id[UUID_SIZE];
	bool member;
	int64_t key;

	if (!task || strlen(++task) != TASK_ID_DIGITS || strspn(task, hex) != TASK_ID_DIGITS)
		return -1;
	member = task[VARIANT_DIGIT] < '4';
	id_of_task(task, member, id);
	key = member ? find_member(e, id, (int)strtol(task + INDEX_DIGIT, NULL, 16)) :
		       store_job_key(e->store, id, NULL);
	if (key <= 0)
		return -1;
	*job = key;
	*attempt = digit_value(task[VERSION_DIGIT]);
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
		.position = l->position,
		.next = l->next,
		.at = l->at,
		.is_stderr = l->stream == JOBLOG_ERR,
		.continues = l->continues,
		.cut = l->stream == JOBLOG_CUT,
		.text = l->text,
		.len = l->len,
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
