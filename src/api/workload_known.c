/* Jobs of a workload file that others depend on: what they are called, and how they ended. The
 * scheduler knows nothing of jobs that have ended, so it is told only of those that live. */
#include "config.h"
#include <ctype.h>
#include <string.h>
#include "tags.h"
#include "workload.h"

static bool is_known(const struct workload_reader *r, const char *id)
{
	struct workload_known *k = NULL;

	if (id)
		HASH_FIND_STR(r->known, id, k);
	return k;
}

/* "ID", or "ID:INDEX" of an array's child: its key, or 0; *known: the line's job. */
static int64_t key_of(const struct workload_reader *r, const char *id,
		      const struct workload_known **known)
{
	const char *colon = strrchr(id, ':');
	cleanup_free char *parent = colon ? xstrndup(id, (size_t)(colon - id)) : NULL;
	struct workload_known *k;
	int64_t index;

	HASH_FIND_STR(r->known, id, k);
	*known = k;
	if (k)
		return k->key;
	if (!parent || !isdigit((unsigned char)colon[1]))
		return 0;
	HASH_FIND_STR(r->known, parent, k);
	*known = k;
	index = strtoll(colon + 1, NULL, 10);
	return k && index < k->size ? k->key + 1 + index : 0;
}

static int add(const struct workload_reader *r, struct job *job, const char *id,
	       enum dependency_type type, struct err *err)
{
	const struct workload_known *k;
	int64_t key = key_of(r, id, &k);

	if (!key)
		return err_set(err, ERR_NOT_FOUND, "dependsOn: no line above has the jobId %.80s",
			       id);
	if (type == DEPENDENCY_N_TO_N && (key != k->key || k->size != job->size))
		return err_set(err, ERR_INVALID,
			       "dependsOn: type N_TO_N needs array jobs of the same size: this one "
			       "has %d children, %.80s has %d",
			       job->size, id, key == k->key ? k->size : 0);
	job->depends = xreallocarray(job->depends, job->depends_count + 1, sizeof *job->depends);
	job->depends[job->depends_count++] = (struct dependency){ .job = key, .type = type };
	return 0;
}

/* By SubmitJob's rules (submit_depends.c). */
static int depend_on(const struct workload_reader *r, struct job *job, const cJSON *said,
		     struct err *err)
{
	const char *id = json_str(said, "jobId"), *type = json_str(said, "type");
	bool sequential = type && strcmp(type, "SEQUENTIAL") == 0;

	if (type && job->kind != JOB_KIND_ARRAY)
		return err_set(err, ERR_INVALID, "dependsOn: type %.20s is only for array jobs",
			       type);
	if (type && !sequential && strcmp(type, "N_TO_N") != 0)
		return err_set(err, ERR_INVALID,
			       "dependsOn: type must be N_TO_N or SEQUENTIAL, not %.20s", type);
	if (sequential && id)
		return err_set(err, ERR_INVALID,
			       "dependsOn: type SEQUENTIAL is between the children of one array "
			       "job and takes no jobId");
	if (sequential) {
		job->sequential = true;
		return 0;
	}
	if (!id)
		return err_set(err, ERR_INVALID, "dependsOn: jobId is required");
	return add(r, job, id, type ? DEPENDENCY_N_TO_N : DEPENDENCY_PLAIN, err);
}

struct depender {
	const struct workload_reader *r;
	struct job *job;
};

static int add_after_any(void *arg, const char *id, struct err *err)
{
	const struct depender *d = arg;

	return add(d->r, d->job, id, DEPENDENCY_ANY, err);
}

int workload_depends(const struct workload_reader *r, struct job *job, const cJSON *line,
		     struct err *err)
{
	const cJSON *list = json_get(line, "dependsOn"), *item;
	struct depender d = { r, job };

	if (is_known(r, json_str(line, "jobId")))
		return err_set(err, ERR_CONFLICT, "a line above has the jobId %.80s already",
			       json_str(line, "jobId"));
	if (cJSON_GetArraySize(list) > LIMIT_DEPENDENCIES)
		return err_set(err, ERR_INVALID, "Job cannot have more than %d dependencies",
			       LIMIT_DEPENDENCIES);
	cJSON_ArrayForEach(item, list) {
		if (depend_on(r, job, item, err) < 0)
			return -1;
	}
	return tags_each_after_any(json_get(line, "tags"), add_after_any, &d, err);
}

/* The last that was given out before the key: children's keys follow their parent's. */
static struct workload_known *known_of(const struct workload_reader *r, int64_t key)
{
	struct workload_known *k;
	size_t low = 0, high = r->known_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (r->by_key[middle]->key <= key)
			low = middle + 1;
		else
			high = middle;
	}
	k = low ? r->by_key[low - 1] : NULL;
	return k && k->key + k->size >= key ? k : NULL;
}

static bool is_over(const struct workload_known *k)
{
	return k->ended >= (k->size ? k->size : 1);
}

/* Whether the scheduler must still be told of it; notes a failure. */
static bool is_open(const struct workload_known *k, struct dependency *d, bool *failed)
{
	if (d->job > k->key) { /* a child */
		char letter = k->outcome[d->job - k->key - 1];

		*failed |= letter == 'F' && d->type != DEPENDENCY_ANY;
		return letter == ' ';
	}
	if (!is_over(k))
		return true;
	if (d->type == DEPENDENCY_N_TO_N && k->failed) {
		d->outcome = d->outcome ? d->outcome : xstrdup(k->outcome);
		return true;
	}
	*failed |= k->failed && d->type != DEPENDENCY_ANY;
	return false;
}

bool workload_look_back(const struct workload_reader *r, struct job *job)
{
	bool failed = false;
	size_t kept = 0;

	for (size_t i = 0; i < job->depends_count; i++) {
		struct dependency d = job->depends[i];
		const struct workload_known *k = known_of(r, d.job);

		if (k && is_open(k, &d, &failed))
			job->depends[kept++] = d;
	}
	job->depends_count = kept;
	return failed;
}

void workload_know(struct workload_reader *r, const cJSON *line, const struct job *job)
{
	const char *id = json_str(line, "jobId");
	struct workload_known *k;

	if (!id)
		return;
	k = xcalloc(1, sizeof *k);
	k->id = xstrdup(id);
	k->key = job->key;
	HASH_ADD_KEYPTR(hh, r->known, k->id, strlen(k->id), k);
	ARRAY_ROOM(r->by_key, r->known_count, r->known_cap);
	r->by_key[r->known_count++] = k;
	if (job->kind != JOB_KIND_ARRAY)
		return;
	k->size = job->size;
	k->outcome = xcalloc((size_t)job->size + 1, 1);
	memset(k->outcome, ' ', (size_t)job->size);
}

static void note_child(struct workload_known *k, int64_t index, bool failed)
{
	if (k->outcome[index] != ' ')
		return;
	k->outcome[index] = failed ? 'F' : 'S';
	k->ended++;
}

void workload_note_end(struct workload_reader *r, const struct forecast_job *ended)
{
	struct workload_known *k = known_of(r, ended->key);
	bool failed = ended->status == JOB_FAILED;

	if (!k)
		return;
	k->failed |= failed;
	if (!k->outcome)
		k->ended = 1;
	else if (ended->key > k->key)
		note_child(k, ended->key - k->key - 1, failed);
	else
		for (int i = 0; i < k->size; i++)
			note_child(k, i, failed);
}

void workload_forget_known(struct workload_reader *r)
{
	HASH_CLEAR(hh, r->known);
	for (size_t i = 0; i < r->known_count; i++) {
		free(r->by_key[i]->id);
		free(r->by_key[i]->outcome);
		free(r->by_key[i]);
	}
	free(r->by_key);
}
