/* Things by name or ARN, which AWS takes in each other's place (ID-3). */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/text.h"
#include "jobdeck/model/limits.h"
#include "internal.h"

void add_arn(const struct api_call *c, cJSON *obj, const char *member, const char *kind,
	     const char *name)
{
	char arn[ARN_SIZE];

	json_add_str(obj, member, arn_format(engine_account(c->engine), kind, name, arn));
}

/* Clients look for "KIND/NAME does not exist". */
int does_not_exist(const struct api_call *c, const char *kind, const char *name, struct err *err)
{
	char arn[ARN_SIZE];

	if (strncmp(name, "arn:", 4) == 0)
		return err_set(err, ERR_NOT_FOUND, "%.300s does not exist", name);
	return err_set(err, ERR_NOT_FOUND, "%.300s does not exist",
		       arn_format(engine_account(c->engine), kind, name, arn));
}

/* The bare name, or NULL with an error when the text can be none. */
static const char *bare_name(const char *kind, const char *text, struct err *err)
{
	const char *name = arn_name(kind, text);

	if (name && text_is_name(name, false))
		return name;
	err_set(err, ERR_INVALID,
		"Provided name %.140s is not supported pattern[a-zA-Z_0-9-]{1,128}", text);
	return NULL;
}

/* Its row may be of an older schema and lack what was not known then: the document has it. */
static struct environment *complete(struct environment *e)
{
	cJSON *doc cleanup_json = doc_parse(e->doc);

	environment_read(e, doc);
	return e;
}

struct environment *find_environment(struct api_call *c, const char *text, struct err *err)
{
	const char *name = bare_name("compute-environment", text, err);
	struct environment *e;

	if (!name)
		return NULL;
	e = store_environment(c->store, name, err);
	if (e && e->status != STATUS_DELETED)
		return complete(e);
	if (e || !err->kind)
		does_not_exist(c, "compute-environment", name, err);
	environment_free(e);
	return NULL;
}

struct queue *find_queue(struct api_call *c, const char *text, struct err *err)
{
	const char *name = bare_name("job-queue", text, err);
	struct queue *q;

	if (!name)
		return NULL;
	q = store_queue(c->store, name, err);
	if (q && q->status != STATUS_DELETED)
		return q;
	if (q || !err->kind)
		does_not_exist(c, "job-queue", name, err);
	queue_free(q);
	return NULL;
}

struct policy *find_policy(struct api_call *c, const char *text, struct err *err)
{
	const char *name = bare_name("scheduling-policy", text, err);
	struct policy *p = name ? store_policy(c->store, name, err) : NULL;

	if (name && !p && !err->kind)
		does_not_exist(c, "scheduling-policy", name, err);
	return p;
}

struct consumable *find_consumable(struct api_call *c, const char *text, struct err *err)
{
	const char *name = bare_name("consumable-resource", text, err);
	struct consumable *r = name ? store_consumable(c->store, name, err) : NULL;

	if (name && !r && !err->kind)
		does_not_exist(c, "consumable-resource", name, err);
	return r;
}

/* 1 and more, without sign or leading zeros; 0: it is not. */
static int parse_revision(const char *text)
{
	size_t n = strspn(text, "0123456789");

	if (!n || text[n] || n > 9 || text[0] == '0')
		return 0;
	return atoi(text);
}

int definition_split(const char *text, char *name, int *revision, struct err *err)
{
	const char *bare = arn_name("job-definition", text);
	size_t n = bare ? strcspn(bare, ":") : 0;

	if (bare && n <= LIMIT_NAME) {
		memcpy(name, bare, n);
		name[n] = '\0';
		*revision = bare[n] ? parse_revision(bare + n + 1) : 0;
		if (text_is_name(name, false) && (!bare[n] || *revision))
			return 0;
	}
	return err_set(err, ERR_INVALID,
		       "Provided name %.140s is not supported pattern[a-zA-Z_0-9-]{1,128}", text);
}

struct definition *find_definition(struct api_call *c, const char *text, struct err *err)
{
	char name[LIMIT_NAME + 1];
	struct definition *d;
	int revision = 0;

	if (definition_split(text, name, &revision, err) < 0)
		return NULL;
	d = store_definition(c->store, name, revision, err);
	if (!d && !err->kind)
		err_set(err, ERR_NOT_FOUND,
			strncmp(text, "arn:", 4) == 0 ? "JobDefinition %.300s not found." :
							"JobDefinition name %.140s does not exist "
							"or is not in ACTIVE status",
			text);
	return d;
}

/* The index behind ':' or '#', or -1 (ID-2). */
static int parse_index(const char *text)
{
	size_t n = strspn(text, "0123456789");

	if (!n || text[n] || n > 5 || (text[0] == '0' && text[1]))
		return -1;
	return atoi(text);
}

/* "UUID", of a child "UUID:3", of a node "UUID#0", or the ARN of one. */
struct job_name {
	char uuid[UUID_SIZE], mark; /* NUL: neither child nor node */
	int index;
};

static bool split_job(const char *text, struct job_name *out)
{
	const char *id = arn_name("job", text);
	size_t n = id ? strcspn(id, ":#") : 0;

	if (!id || n >= sizeof out->uuid)
		return false;
	memcpy(out->uuid, id, n);
	out->uuid[n] = '\0';
	out->mark = id[n];
	out->index = id[n] ? parse_index(id + n + 1) : 0;
	return uuid_is(out->uuid) && out->index >= 0;
}

bool is_job_id(const char *text)
{
	return split_job(text, &(struct job_name){ .index = 0 });
}

int64_t find_job_key(struct api_call *c, const char *text, struct err *err)
{
	const char *id = arn_name("job", text);

	return id && *id ? store_job_key(c->store, id, err) : 0;
}

struct job *find_job(struct api_call *c, const char *text, struct err *err)
{
	int64_t key = find_job_key(c, text, err);

	return key > 0 ? engine_job(c->engine, key, err) : NULL;
}
