/* SubmitJob: a definition and what is said over it become a job that no later change of the
 * definition touches (JD-3). */
#include "config.h"
#include <string.h>
#include "jobdeck/base/text.h"
#include "jobdeck/model/limits.h"
#include "submit.h"

static void submission_fini(struct submission *s)
{
	queue_free(s->queue);
	definition_free(s->definition);
	cJSON_Delete(s->container);
	cJSON_Delete(s->ecs);
	cJSON_Delete(s->nodes);
	cJSON_Delete(s->parameters);
	cJSON_Delete(s->tags);
	cJSON_Delete(s->warnings);
	job_free(s->job);
}

/* Of the request's own words; all of it before anything is looked up. */
static int check_request(const cJSON *in, struct err *err)
{
	if (!text_is_name(json_str(in, "jobName"), true))
		return err_set(err, ERR_INVALID, "Job name should match valid pattern");
	if (check_tags(in, err) < 0 || check_retry(json_get(in, "retryStrategy"), err) < 0 ||
	    check_timeout(json_get(in, "timeout"), err) < 0 ||
	    check_priority(in, "schedulingPriorityOverride", err) < 0 ||
	    check_consumables(json_get(in, "consumableResourcePropertiesOverride"), err) < 0)
		return -1;
	return submit_check_overrides(in, err);
}

static int find_its_queue(struct submission *s, struct err *err)
{
	const char *text = json_str(s->c->in, "jobQueue");

	s->queue = find_queue(s->c, text, err);
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
	return 0;
}

static int find_its_definition(struct submission *s, struct err *err)
{
	static const char *const unsupported[] = { "eksProperties", NULL };
	const char *text = json_str(s->c->in, "jobDefinition");

	s->definition = find_definition(s->c, text, err);
	if (!s->definition)
		return -1;
	if (s->definition->status != JDS_ACTIVE) /* JD-2 */
		return err_set(
			err, ERR_NOT_FOUND,
			"JobDefinition name %.300s does not exist or is not in ACTIVE status",
			text);
	s->base = doc_parse_again(s->c->api, s->definition->doc);
	s->platform = platform_of(s->base);
	return check_absent(s->base, unsupported, err);
}

/* A job that no environment of the queue could ever take would wait for ever. JQ-2: all are
 * alike. */
static int check_platform(const struct submission *s, struct err *err)
{
	const struct sched *sched = engine_sched(s->c->engine);
	struct sched_env_view e;
	enum platform its;

	if (!s->queue->env_count || !sched_env(sched, s->queue->env[0], &e))
		return 0;
	its = e.type == CE_MANAGED && (e.cr_type == CR_FARGATE || e.cr_type == CR_FARGATE_SPOT) ?
		      PLATFORM_FARGATE :
		      PLATFORM_EC2;
	if (its == s->platform)
		return 0;
	return err_set(
		err, ERR_INVALID,
		"JobDefinition %s has platformCapabilities %s, but the compute environments of "
		"JobQueue %s are %s.",
		s->definition->name, platform_name(s->platform), s->queue->name,
		platform_name(its));
}

const cJSON *submit_said(const struct submission *s, const char *member)
{
	const cJSON *item = json_get(s->c->in, member);

	return item ? item : json_get(s->base, member);
}

static cJSON *make_retry(const struct submission *s)
{
	const cJSON *strategy = submit_said(s, "retryStrategy");
	cJSON *out = strategy ? cJSON_Duplicate(strategy, 1) : cJSON_CreateObject();

	if (!json_get(out, "attempts"))
		json_add_int(out, "attempts", 1);
	if (!json_get(out, "evaluateOnExit"))
		cJSON_AddArrayToObject(out, "evaluateOnExit");
	retry_tidy(out);
	return out;
}

/* The part of JobDetail that never changes. */
static cJSON *make_doc(struct submission *s)
{
	static const char *const plain[] = { "timeout", "propagateTags", "platformCapabilities" };
	const cJSON *depends = json_get(s->c->in, "dependsOn");
	const struct job *job = s->job;
	cJSON *doc = cJSON_CreateObject();

	json_add_str(doc, "jobName", job->name);
	add_arn(s->c, doc, "jobQueue", "job-queue", s->queue->name);
	add_arn(s->c, doc, "jobDefinition", "job-definition", job->definition);
	json_add(doc, "retryStrategy", make_retry(s));
	json_add(doc, "dependsOn", depends ? cJSON_Duplicate(depends, 1) : cJSON_CreateArray());
	json_add(doc, "parameters", STEAL_PTR(s->parameters));
	json_add(doc, "container", STEAL_PTR(s->container));
	json_add(doc, "ecsProperties", STEAL_PTR(s->ecs));
	json_add(doc, "nodeProperties", STEAL_PTR(s->nodes));
	json_add(doc, "tags", STEAL_PTR(s->tags));
	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		json_add_copy(doc, plain[i], submit_said(s, plain[i]));
	json_add_str(doc, "shareIdentifier", job->share);
	if (submit_said_priority(s))
		json_add_int(doc, "schedulingPriority", job->priority);
	json_add_copy(doc, "consumableResourceProperties", submit_said_consumables(s));
	return doc;
}

static int make_job(struct submission *s, struct err *err)
{
	struct job *job = s->job = xcalloc(1, sizeof *job);
	cJSON *doc cleanup_json = NULL;

	job->name = xstrdup(json_str(s->c->in, "jobName"));
	job->queue = xstrdup(s->queue->name);
	job->definition = xasprintf("%s:%d", s->definition->name, s->definition->revision);
	job->platform = s->platform;
	job->timeout_s = (int)json_int(submit_said(s, "timeout"), "attemptDurationSeconds", 0);
	if (submit_merge(s, err) < 0 || submit_terms(s, err) < 0 || submit_depends(s, err) < 0)
		return -1;
	doc = make_doc(s);
	retry_read(json_get(doc, "retryStrategy"), &job->retry);
	job->doc = json_print(doc);
	return submit_preflight(s, doc, err);
}

static void answer(struct submission *s)
{
	cJSON *out = s->c->out;

	add_arn(s->c, out, "jobArn", "job", s->job->id);
	json_add_str(out, "jobName", s->job->name);
	json_add_str(out, "jobId", s->job->id);
	json_add(out, "jobdeckWarnings", STEAL_PTR(s->warnings));
}

/* What is doomed is in the same turn told so, and nobody sees it wait. */
static int submit(struct submission *s, struct err *err)
{
	struct engine *e = s->c->engine;

	if (engine_submit(e, s->job, err) < 0)
		return -1;
	return s->doomed ? engine_fail(e, s->job->key, s->doomed, err) : 0;
}

int op_submit_job(struct api_call *c, struct err *err)
{
	struct submission s __attribute__((cleanup(submission_fini))) = { .c = c };

	if (check_request(c->in, err) < 0 || find_its_queue(&s, err) < 0 ||
	    find_its_definition(&s, err) < 0 || check_platform(&s, err) < 0 ||
	    make_job(&s, err) < 0 || submit(&s, err) < 0)
		return -1;
	answer(&s);
	return 0;
}
