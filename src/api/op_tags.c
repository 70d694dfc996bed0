/* TagResource, UntagResource, ListTagsForResource (TG-1). Tags are a part of the document that
 * everything taggable has; so there is one row for each kind of thing, which says how its
 * document is read and written. */
#include "config.h"
#include <string.h>
#include "internal.h"
#include "tags.h"

/* What a resource ARN names, with its document open. */
struct tagged {
	struct api_call *c;
	const struct kind *kind;
	cJSON *doc;
	union {
		struct environment *environment;
		struct queue *queue;
		struct definition *definition;
		struct policy *policy;
		struct consumable *consumable;
		int64_t job;
		void *thing;
	};
};

struct kind {
	const char *name;
	/* Finds the thing and gives its document as text; ERR_NOT_FOUND. */
	const char *(*open)(struct tagged *t, const char *name, struct err *err);
	int (*save)(struct tagged *t, char *doc /* taken */, struct err *err);
	void (*close)(struct tagged *t);
};

static const char *open_environment(struct tagged *t, const char *name, struct err *err)
{
	t->environment = find_environment(t->c, name, err);
	return t->environment ? t->environment->doc : NULL;
}

static int save_environment(struct tagged *t, char *doc, struct err *err)
{
	free(t->environment->doc);
	t->environment->doc = doc;
	return engine_put_environment(t->c->engine, t->environment, err);
}

static void close_environment(struct tagged *t)
{
	environment_free(t->environment);
}

static const char *open_queue(struct tagged *t, const char *name, struct err *err)
{
	t->queue = find_queue(t->c, name, err);
	return t->queue ? t->queue->doc : NULL;
}

/* Some tags of a queue are settings of Jobdeck's own. */
static int save_queue(struct tagged *t, char *doc, struct err *err)
{
	free(t->queue->doc);
	t->queue->doc = doc;
	if (tags_read_queue(t->queue, json_get(t->doc, "tags"), err) < 0)
		return -1;
	return engine_put_queue(t->c->engine, t->queue, err);
}

static void close_queue(struct tagged *t)
{
	queue_free(t->queue);
}

static const char *open_definition(struct tagged *t, const char *name, struct err *err)
{
	if (!strchr(name, ':')) {
		does_not_exist(t->c, "job-definition", name, err);
		return NULL;
	}
	t->definition = find_definition(t->c, name, err);
	return t->definition ? t->definition->doc : NULL;
}

static int save_definition(struct tagged *t, char *doc, struct err *err)
{
	free(t->definition->doc);
	t->definition->doc = doc;
	return engine_put_definition(t->c->engine, t->definition, err);
}

static void close_definition(struct tagged *t)
{
	definition_free(t->definition);
}

static const char *open_policy(struct tagged *t, const char *name, struct err *err)
{
	t->policy = find_policy(t->c, name, err);
	return t->policy ? t->policy->doc : NULL;
}

static int save_policy(struct tagged *t, char *doc, struct err *err)
{
	free(t->policy->doc);
	t->policy->doc = doc;
	return engine_put_policy(t->c->engine, t->policy, err);
}

static void close_policy(struct tagged *t)
{
	policy_free(t->policy);
}

static const char *open_consumable(struct tagged *t, const char *name, struct err *err)
{
	t->consumable = find_consumable(t->c, name, err);
	return t->consumable ? t->consumable->doc : NULL;
}

static int save_consumable(struct tagged *t, char *doc, struct err *err)
{
	free(t->consumable->doc);
	t->consumable->doc = doc;
	return engine_put_consumable(t->c->engine, t->consumable, err);
}

static void close_consumable(struct tagged *t)
{
	consumable_free(t->consumable);
}

/* A job as it was found is kept only as its key: nothing but its document is written. */
static const char *open_job(struct tagged *t, const char *name, struct err *err)
{
	struct job *job = NULL;

	if (!is_job_id(name) || strlen(name) >= UUID_SIZE) {
		err_set(err, ERR_INVALID,
			is_job_id(name) ? "Tags are not supported on child jobs of array and "
					  "multi-node parallel jobs" :
					  "Invalid job identifier in the resource ARN");
		return NULL;
	}
	t->job = find_job_key(t->c, name, err);
	job = t->job > 0 ? store_job(t->c->store, t->job, err) : NULL;
	if (!job && !err->kind)
		does_not_exist(t->c, "job", name, err);
	if (!job)
		return NULL;
	t->doc = doc_parse(job->doc);
	job_free(job);
	return "";
}

static int save_job(struct tagged *t, char *doc, struct err *err)
{
	int rc = engine_put_job_doc(t->c->engine, t->job, doc, err);

	free(doc);
	return rc;
}

static const struct kind kinds[] = {
	{ "compute-environment", open_environment, save_environment, close_environment },
	{ "job-queue", open_queue, save_queue, close_queue },
	{ "job-definition", open_definition, save_definition, close_definition },
	{ "scheduling-policy", open_policy, save_policy, close_policy },
	{ "consumable-resource", open_consumable, save_consumable, close_consumable },
	{ "job", open_job, save_job, NULL },
};

static void tagged_close(struct tagged *t)
{
	if (t->kind && t->kind->close)
		t->kind->close(t);
	cJSON_Delete(t->doc);
}
#define cleanup_tagged __attribute__((cleanup(tagged_close)))

static int tagged_open(struct tagged *t, struct api_call *c, struct err *err)
{
	const char *arn = json_str(c->in, "resourceArn"), *name = NULL, *doc;

	*t = (struct tagged){ .c = c };
	for (size_t i = 0; i < ARRAY_LEN(kinds) && !name; i++) {
		name = strncmp(arn, "arn:", 4) == 0 ? arn_name(kinds[i].name, arn) : NULL;
		t->kind = name ? &kinds[i] : NULL;
	}
	if (!name) {
		err_set(err, ERR_INVALID, "Invalid resource ARN: %.300s", arn);
		return -1;
	}
	doc = t->kind->open(t, name, err);
	if (!doc)
		return -1;
	if (!t->doc)
		t->doc = doc_parse(doc);
	return 0;
}

/* Writes it all back with these tags. */
static int tagged_save(struct tagged *t, cJSON *tags /* taken */, struct err *err)
{
	int count = cJSON_GetArraySize(tags);

	json_replace(t->doc, "tags", tags);
	if (count > LIMIT_TAGS)
		return err_set(err, ERR_INVALID, "A resource can have at most %d tags", LIMIT_TAGS);
	return t->kind->save(t, json_print(t->doc), err);
}

int op_tag_resource(struct api_call *c, struct err *err)
{
	struct tagged t cleanup_tagged = { 0 };

	if (check_tags(c->in, err) < 0 || tagged_open(&t, c, err) < 0)
		return -1;
	return tagged_save(&t, merge_map(json_get(t.doc, "tags"), json_get(c->in, "tags")), err);
}

/* Keys that are not there are no error. */
int op_untag_resource(struct api_call *c, struct err *err)
{
	struct tagged t cleanup_tagged = { 0 };
	const cJSON *key;
	cJSON *tags;

	if (tagged_open(&t, c, err) < 0)
		return -1;
	tags = merge_map(json_get(t.doc, "tags"), NULL);
	cJSON_ArrayForEach(key, json_get(c->in, "tagKeys"))
		cJSON_DeleteItemFromObjectCaseSensitive(tags, key->valuestring);
	return tagged_save(&t, tags, err);
}

int op_list_tags(struct api_call *c, struct err *err)
{
	struct tagged t cleanup_tagged = { 0 };

	if (tagged_open(&t, c, err) < 0)
		return -1;
	json_add(c->out, "tags", merge_map(json_get(t.doc, "tags"), NULL));
	return 0;
}
