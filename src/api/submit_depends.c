/* What a job waits for: other jobs (DEP-1, DEP-5..DEP-8), and Jobdeck's own: jobs that need
 * only to end, a release, a time. What has become of the others is the engine's business. */
#include "config.h"
#include <string.h>
#include "submit.h"
#include "tags.h"

static struct dependency *find(struct job *job, int64_t key, enum dependency_type type)
{
	for (size_t i = 0; i < job->depends_count; i++)
		if (job->depends[i].job == key && job->depends[i].type == type)
			return &job->depends[i];
	return NULL;
}

static void add(struct job *job, int64_t key, enum dependency_type type)
{
	if (find(job, key, type))
		return;
	job->depends = xreallocarray(job->depends, job->depends_count + 1, sizeof *job->depends);
	job->depends[job->depends_count++] = (struct dependency){ .job = key, .type = type };
}

/* The key of a job that must be known here, or -1. */
static int64_t known(struct api_call *c, const char *where, const char *id, struct err *err)
{
	int64_t key = find_job_key(c, id, err);

	if (key == 0)
		err_set(err, ERR_NOT_FOUND, "%s: job %.80s does not exist", where, id);
	return key > 0 ? key : -1;
}

/* DEP-6: child for child, so both must have the same number. */
static int check_sizes(struct submission *s, int64_t key, const char *id, struct err *err)
{
	struct job *other = store_job(s->c->store, key, err);
	int size = other && other->kind == JOB_KIND_ARRAY ? other->size : 0;

	job_free(other);
	if (!other)
		return -1;
	if (size == s->job->size)
		return 0;
	if (!size)
		return err_set(err, ERR_INVALID,
			       "dependsOn: job %.80s is no array job, which type N_TO_N needs", id);
	return err_set(err, ERR_INVALID,
		       "dependsOn: type N_TO_N needs array jobs of the same size: this one has %d "
		       "children, %.80s has %d",
		       s->job->size, id, size);
}

static int depend_sequential(struct submission *s, const char *id, struct err *err)
{
	if (id)
		return err_set(err, ERR_INVALID,
			       "dependsOn: type SEQUENTIAL is between the children of one array "
			       "job and takes no jobId");
	s->job->sequential = true;
	return 0;
}

static int depend_on(struct submission *s, const cJSON *dependency, struct err *err)
{
	const char *id = json_str(dependency, "jobId"), *type = json_str(dependency, "type");
	int64_t key;

	if (type && s->job->kind != JOB_KIND_ARRAY)
		return err_set(err, ERR_INVALID, "dependsOn: type %s is only for array jobs", type);
	if (type && strcmp(type, "SEQUENTIAL") == 0)
		return depend_sequential(s, id, err);
	if (!id)
		return err_set(err, ERR_INVALID, "dependsOn: jobId is required");
	key = known(s->c, "dependsOn", id, err);
	if (key < 0 || (type && check_sizes(s, key, id, err) < 0))
		return -1;
	add(s->job, key, type ? DEPENDENCY_N_TO_N : DEPENDENCY_PLAIN);
	return 0;
}

static int add_after_any(void *arg, const char *id, struct err *err)
{
	struct submission *s = arg;
	int64_t key = known(s->c, "tags: " TAG_AFTER_ANY, id, err);

	if (key < 0)
		return -1;
	add(s->job, key, DEPENDENCY_ANY);
	return 0;
}

int submit_depends(struct submission *s, struct err *err)
{
	const cJSON *list = json_get(s->c->in, "dependsOn"), *item;

	if (cJSON_GetArraySize(list) > LIMIT_DEPENDENCIES)
		return err_set(err, ERR_INVALID, "Job cannot have more than %d dependencies",
			       LIMIT_DEPENDENCIES);
	cJSON_ArrayForEach(item, list) {
		if (depend_on(s, item, err) < 0)
			return -1;
	}
	if (tags_each_after_any(s->tags, add_after_any, s, err) < 0)
		return -1;
	if (s->job->depends_count > 2 * LIMIT_DEPENDENCIES)
		return err_set(err, ERR_INVALID, "tags: " TAG_AFTER_ANY " names more than %d jobs",
			       LIMIT_DEPENDENCIES);
	return 0;
}
