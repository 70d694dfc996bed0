/* SubmitJob: a definition and what is said over it become a job that no later change of the
 * definition touches (JD-3). */
#include "config.h"
#include <string.h>
#include "jobdeck/base/text.h"
#include "jobdeck/model/limits.h"
#include "internal.h"

/* Everything on the way to a job. */
struct submission {
	struct queue *queue;
	struct definition *definition;
	cJSON *base;	  /* the definition's document */
	cJSON *container; /* merged, references filled in */
	cJSON *parameters, *tags;
	enum platform platform;
	struct job *job;
};

static void submission_fini(struct submission *s)
{
	queue_free(s->queue);
	definition_free(s->definition);
	cJSON_Delete(s->base);
	cJSON_Delete(s->container);
	cJSON_Delete(s->parameters);
	cJSON_Delete(s->tags);
	job_free(s->job);
}

/* Of the request's own words; all of it before anything is looked up. */
static int check_request(const cJSON *in, struct err *err)
{
	static const char *const unsupported[] = { "arrayProperties",
						   "nodeOverrides",
						   "eksPropertiesOverride",
						   "ecsPropertiesOverride",
						   "consumableResourcePropertiesOverride",
						   NULL };
	const cJSON *over = json_get(in, "containerOverrides");

	if (!text_is_name(json_str(in, "jobName"), true))
		return err_set(err, ERR_INVALID, "Job name should match valid pattern");
	if (check_absent(in, unsupported, err) < 0 || check_tags(in, err) < 0 ||
	    check_retry(json_get(in, "retryStrategy"), err) < 0 ||
	    check_timeout(json_get(in, "timeout"), err) < 0 ||
	    check_environment_names(json_get(over, "environment"), err) < 0)
		return -1;
	return check_command(json_get(over, "command"), err);
}

static int find_its_queue(struct api_call *c, struct submission *s, struct err *err)
{
	const char *text = json_str(c->in, "jobQueue");

	s->queue = find_queue(c, text, err);
	if (!s->queue && err->kind == ERR_NOT_FOUND)
		return err_set(err, ERR_NOT_FOUND, "JobQueue %.300s not found.", text);
	if (!s->queue)
		return -1;
	if (s->queue->state != STATE_ENABLED || s->queue->status != STATUS_VALID) /* JQ-1 */
		return err_set(err, ERR_CONFLICT,
			       "JobQueue %s is %s and %s: it takes no jobs. Only queues that are "
			       "ENABLED and VALID do.",
			       s->queue->name, state_name(s->queue->state),
			       status_name(s->queue->status));
	if (json_get(c->in, "shareIdentifier")) /* JQ-8 */
		return err_set(err, ERR_INVALID,
			       "shareIdentifier must not be specified: the job queue %s has no "
			       "scheduling policy.",
			       s->queue->name);
	return 0;
}

static int find_its_definition(struct api_call *c, struct submission *s, struct err *err)
{
	static const char *const unsupported[] = { "nodeProperties", "ecsProperties",
						   "eksProperties", "consumableResourceProperties",
						   NULL };
	const char *text = json_str(c->in, "jobDefinition");

	s->definition = find_definition(c, text, err);
	if (!s->definition)
		return -1;
	if (s->definition->status != JDS_ACTIVE) /* JD-2 */
		return err_set(
			err, ERR_NOT_FOUND,
			"JobDefinition name %.300s does not exist or is not in ACTIVE status",
			text);
	s->base = doc_parse(s->definition->doc);
	s->platform = platform_of(s->base);
	return check_absent(s->base, unsupported, err);
}

/* A job that no environment of the queue could ever take would wait for ever. */
static int check_platform(struct api_call *c, const struct submission *s, struct err *err)
{
	struct environment *e;
	enum platform its;

	if (!s->queue->env_count)
		return 0;
	e = find_environment(c, s->queue->env[0], err); /* JQ-2: all are alike */
	if (!e)
		return -1;
	its = environment_platform(e);
	environment_free(e);
	if (its == s->platform)
		return 0;
	return err_set(
		err, ERR_INVALID,
		"JobDefinition %s has platformCapabilities %s, but the compute environments of "
		"JobQueue %s are %s.",
		s->definition->name, s->platform == PLATFORM_FARGATE ? "FARGATE" : "EC2",
		s->queue->name, its == PLATFORM_FARGATE ? "FARGATE" : "EC2");
}

/* OVR-1, OVR-2, PAR-1. */
static int merge(struct api_call *c, struct submission *s, struct err *err)
{
	const cJSON *over = json_get(c->in, "containerOverrides");

	if (check_requirements(json_get(over, "resourceRequirements"), s->platform, err) < 0)
		return -1;
	s->container = merge_container(json_get(s->base, "containerProperties"), over);
	s->parameters = merge_map(json_get(s->base, "parameters"), json_get(c->in, "parameters"));
	s->tags = merge_map(json_get(s->base, "tags"), json_get(c->in, "tags"));
	if (cJSON_GetArraySize(s->tags) > LIMIT_TAGS)
		return err_set(err, ERR_INVALID,
			       "The job and its job definition have more than %d tags together",
			       LIMIT_TAGS);
	return merge_refs(s->container, s->parameters, err);
}

/* DEP-1, DEP-8: known jobs only; what has become of them is the engine's business. */
static int depend_on(struct api_call *c, struct job *job, const cJSON *dependency, struct err *err)
{
	const char *id = json_str(dependency, "jobId"), *type = json_str(dependency, "type");
	int64_t key;

	if (type)
		return err_set(
			err, ERR_INVALID,
			"dependsOn: type %s is for array jobs, which Jobdeck does not support "
			"yet",
			type);
	if (!id)
		return err_set(err, ERR_INVALID, "dependsOn: jobId is required");
	key = find_job_key(c, id, err);
	if (key < 0)
		return -1;
	if (!key)
		return err_set(err, ERR_NOT_FOUND, "dependsOn: job %.80s does not exist", id);
	for (size_t i = 0; i < job->depends_count; i++)
		if (job->depends[i].job == key)
			return 0;
	job->depends[job->depends_count++] = (struct dependency){ .job = key };
	return 0;
}

static int read_dependencies(struct api_call *c, struct job *job, struct err *err)
{
	const cJSON *list = json_get(c->in, "dependsOn"), *item;
	int n = cJSON_GetArraySize(list);

	if (n > LIMIT_DEPENDENCIES)
		return err_set(err, ERR_INVALID, "Job cannot have more than %d dependencies",
			       LIMIT_DEPENDENCIES);
	if (n)
		job->depends = xcalloc((size_t)n, sizeof *job->depends);
	cJSON_ArrayForEach(item, list) {
		if (depend_on(c, job, item, err) < 0)
			return -1;
	}
	return 0;
}

/* What was said at submission, else in the definition. */
static const cJSON *said(const struct api_call *c, const struct submission *s, const char *member)
{
	const cJSON *item = json_get(c->in, member);

	return item ? item : json_get(s->base, member);
}

static cJSON *make_retry(const struct api_call *c, const struct submission *s)
{
	const cJSON *strategy = said(c, s, "retryStrategy");
	cJSON *out = strategy ? cJSON_Duplicate(strategy, 1) : cJSON_CreateObject();

	if (!json_get(out, "attempts"))
		json_add_int(out, "attempts", 1);
	if (!json_get(out, "evaluateOnExit"))
		cJSON_AddArrayToObject(out, "evaluateOnExit");
	retry_tidy(out);
	return out;
}

/* The part of JobDetail that never changes. */
static cJSON *make_doc(const struct api_call *c, struct submission *s)
{
	static const char *const plain[] = { "timeout", "propagateTags", "platformCapabilities" };
	const cJSON *priority = json_get(c->in, "schedulingPriorityOverride");
	const cJSON *depends = json_get(c->in, "dependsOn");
	cJSON *doc = cJSON_CreateObject();

	json_add_str(doc, "jobName", s->job->name);
	add_arn(c, doc, "jobQueue", "job-queue", s->queue->name);
	add_arn(c, doc, "jobDefinition", "job-definition", s->job->definition);
	json_add(doc, "retryStrategy", make_retry(c, s));
	json_add(doc, "dependsOn", depends ? cJSON_Duplicate(depends, 1) : cJSON_CreateArray());
	json_add(doc, "parameters", STEAL_PTR(s->parameters));
	json_add(doc, "container", STEAL_PTR(s->container));
	json_add(doc, "tags", STEAL_PTR(s->tags));
	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		json_add_copy(doc, plain[i], said(c, s, plain[i]));
	json_add_copy(doc, "schedulingPriority",
		      priority ? priority : json_get(s->base, "schedulingPriority"));
	return doc;
}

static int make_job(struct api_call *c, struct submission *s, struct err *err)
{
	struct job *job = s->job = xcalloc(1, sizeof *job);
	cJSON *doc cleanup_json = NULL;

	job->name = xstrdup(json_str(c->in, "jobName"));
	job->queue = xstrdup(s->queue->name);
	job->definition = xasprintf("%s:%d", s->definition->name, s->definition->revision);
	if (resources_read(s->container, s->platform, &job->need, err) < 0 ||
	    read_dependencies(c, job, err) < 0)
		return -1;
	job->timeout_s = (int)json_int(said(c, s, "timeout"), "attemptDurationSeconds", 0);
	doc = make_doc(c, s);
	retry_read(json_get(doc, "retryStrategy"), &job->retry);
	job->doc = json_print(doc);
	return 0;
}

static void answer(struct api_call *c, const struct job *job)
{
	add_arn(c, c->out, "jobArn", "job", job->id);
	json_add_str(c->out, "jobName", job->name);
	json_add_str(c->out, "jobId", job->id);
}

int op_submit_job(struct api_call *c, struct err *err)
{
	struct submission s __attribute__((cleanup(submission_fini))) = { 0 };

	if (check_request(c->in, err) < 0 || find_its_queue(c, &s, err) < 0 ||
	    find_its_definition(c, &s, err) < 0 || check_platform(c, &s, err) < 0 ||
	    merge(c, &s, err) < 0 || make_job(c, &s, err) < 0 ||
	    engine_submit(c->engine, s.job, err) < 0)
		return -1;
	answer(c, s.job);
	return 0;
}
