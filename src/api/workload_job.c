/* One line of a workload file, as a job: the definition with what is said over it, as SubmitJob
 * does it, on no engine. */
#include "config.h"
#include <string.h>
#include "jobdeck/model/nodes.h"
#include "submit.h"
#include "tags.h"
#include "workload.h"

static void read_terms(struct job *job, const cJSON *said_over, const cJSON *base)
{
	const cJSON *retry = json_get(said_over, "retryStrategy");
	const cJSON *timeout = json_get(said_over, "timeout");
	const cJSON *priority = json_get(said_over, "schedulingPriorityOverride");

	retry = retry ? retry : json_get(base, "retryStrategy");
	timeout = timeout ? timeout : json_get(base, "timeout");
	priority = priority ? priority : json_get(base, "schedulingPriority");
	retry_strategy_fini(&job->retry);
	retry_read(retry, &job->retry);
	if (job->retry.attempts < 1)
		job->retry.attempts = 1;
	job->timeout_s = (int)json_int(timeout, "attemptDurationSeconds", 0);
	job->priority = priority ? (int)priority->valuedouble : 0;
}

static void forget_consumables(struct job *job)
{
	for (int i = 0; i < job->consume_count; i++)
		free(job->consume[i].name);
	job->consume_count = 0;
}

static void read_consumables(struct job *job, const cJSON *properties)
{
	const cJSON *item;

	if (!properties)
		return;
	forget_consumables(job);
	cJSON_ArrayForEach(item, json_get(properties, "consumableResourceList")) {
		const char *said = json_str_or(item, "consumableResource", "");
		const char *name = arn_name("consumable-resource", said);

		if (job->consume_count == LIMIT_CONSUMABLES)
			break;
		job->consume[job->consume_count++] = (struct consume){
			.name = xstrdup(name ? name : said), .quantity = json_int(item, "quantity", 1)
		};
	}
}

static bool says_what_runs(const cJSON *line)
{
	return json_get(line, "containerOverrides") || json_get(line, "nodeOverrides") ||
	       json_get(line, "ecsPropertiesOverride");
}

/* What it needs, by SubmitJob's own rules. */
static int read_needs(struct job *job, const cJSON *line, const cJSON *base, struct err *err)
{
	cJSON *in cleanup_json = cJSON_Duplicate(line, 1);
	struct api_call call = { .in = in };
	struct submission s = { .c = &call, .job = job, .base = base, .platform = platform_of(base) };
	int rc;

	job->platform = s.platform;
	rc = submit_check_overrides(in, err) < 0 ? -1 : submit_merge(&s, err);
	cJSON_Delete(s.container);
	cJSON_Delete(s.ecs);
	cJSON_Delete(s.nodes);
	cJSON_Delete(s.parameters);
	cJSON_Delete(s.tags);
	return rc;
}

static int fill(struct job *job, const cJSON *line, const cJSON *base, struct err *err)
{
	if (read_needs(job, line, base, err) < 0)
		return -1;
	read_terms(job, line, base);
	read_consumables(job, json_get(base, "consumableResourceProperties"));
	return 0;
}

/* Definitions are asked for once; what most lines say nothing over is worked out once. */
static const struct job *template_of(struct workload_reader *r, const char *name, struct err *err)
{
	struct workload_template *t;
	cJSON *nothing cleanup_json = cJSON_CreateObject();
	const cJSON *base;

	HASH_FIND_STR(r->templates, name, t);
	if (t)
		return &t->job;
	base = r->source.definition(r->source.arg, name, err);
	if (!base)
		return NULL;
	t = xcalloc(1, sizeof *t);
	if (fill(&t->job, nothing, base, err) < 0) {
		free(t);
		return NULL;
	}
	t->name = xstrdup(name);
	HASH_ADD_KEYPTR(hh, r->templates, t->name, strlen(t->name), t);
	return &t->job;
}

static void take_template(struct job *job, const struct job *t)
{
	job->kind = t->kind;
	job->size = t->size;
	job->platform = t->platform;
	job->need = t->need;
	job->main_node = t->main_node;
	job->node_need_count = t->node_need_count;
	memcpy(job->node_need, t->node_need, sizeof job->node_need);
	job->timeout_s = t->timeout_s;
	job->priority = t->priority;
	retry_strategy_copy(&job->retry, &t->retry);
	for (int i = 0; i < t->consume_count; i++)
		job->consume[i] = (struct consume){ xstrdup(t->consume[i].name),
						    t->consume[i].quantity };
	job->consume_count = t->consume_count;
}

static int read_what(struct workload_reader *r, struct job *job, const cJSON *line, struct err *err)
{
	const char *name = json_str(line, "jobDefinition");
	cJSON *nothing cleanup_json = cJSON_Parse("{\"containerProperties\":{}}");
	const struct job *t;

	if (!name)
		return fill(job, line, nothing, err);
	if (says_what_runs(line)) {
		const cJSON *base = r->source.definition(r->source.arg, name, err);

		return base ? fill(job, line, base, err) : -1;
	}
	t = template_of(r, name, err);
	if (!t)
		return -1;
	take_template(job, t);
	if (json_get(line, "retryStrategy") || json_get(line, "timeout") ||
	    json_get(line, "schedulingPriorityOverride")) {
		const cJSON *base = r->source.definition(r->source.arg, name, err);

		if (!base)
			return -1;
		read_terms(job, line, base);
	}
	return 0;
}

static int read_array(struct job *job, const cJSON *line, struct err *err)
{
	const cJSON *size = json_get(json_get(line, "arrayProperties"), "size");

	if (!size)
		return 0;
	if (!cJSON_IsNumber(size) || size->valuedouble < 2 || size->valuedouble > LIMIT_ARRAY)
		return err_set(err, ERR_INVALID, "arrayProperties.size must be between 2 and %d",
			       LIMIT_ARRAY);
	if (job->kind == JOB_KIND_MULTINODE)
		return err_set(err, ERR_INVALID,
			       "A multi-node parallel job cannot be an array job.");
	job->kind = JOB_KIND_ARRAY;
	job->size = (int)size->valuedouble;
	return 0;
}

static int read_all(struct workload_reader *r, struct job *job, const cJSON *line, struct err *err)
{
	const char *queue = json_str(line, "jobQueue");
	const char *name = queue ? arn_name("job-queue", queue) : NULL;

	if (!queue)
		return err_set(err, ERR_INVALID, "jobQueue is missing");
	job->queue = xstrdup(name ? name : queue);
	job->share = xstrdup(json_str(line, "shareIdentifier"));
	if (read_what(r, job, line, err) < 0 || read_array(job, line, err) < 0)
		return -1;
	read_consumables(job, json_get(line, "consumableResourcePropertiesOverride"));
	return tags_read_job(job, json_get(line, "tags"), err) < 0 ? -1 :
								     workload_depends(r, job, line, err);
}

struct job *workload_job(struct workload_reader *r, const cJSON *line, struct err *err)
{
	struct job *job = xcalloc(1, sizeof *job);

	if (read_all(r, job, line, err) < 0) {
		job_free(job);
		return NULL;
	}
	return job;
}

void workload_forget_all(struct workload_reader *r)
{
	struct workload_template *t, *next;

	HASH_ITER(hh, r->templates, t, next) {
		HASH_DEL(r->templates, t); /* NOLINT(clang-analyzer-unix.Malloc): uthash's walk is safe */
		retry_strategy_fini(&t->job.retry);
		forget_consumables(&t->job);
		free(t->name);
		free(t);
	}
	workload_forget_known(r);
}
