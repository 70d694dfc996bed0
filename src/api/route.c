/* From the wire to an operation and its members, and, for our own client, back. Most requests
 * are a path and a body; those about tags have a member in the path and others in the query. */
#include "config.h"
#include <string.h>
#include "jobdeck/base/uri.h"
#include "internal.h"
#include "query.h"

/* How much of the operation's path stands before its member; all of it when it has none. */
static size_t fixed_part(const struct api_op *op)
{
	return strcspn(op->path, "{");
}

/* "resourceArn" of "/v1/tags/{resourceArn}", or NULL. Caller frees. */
static char *path_member(const struct api_op *op)
{
	const char *brace = strchr(op->path, '{');

	return brace ? xstrndup(brace + 1, strcspn(brace + 1, "}")) : NULL;
}

static bool path_fits(const struct api_op *op, const char *path)
{
	size_t n = fixed_part(op);

	return op->path[n] ? strncmp(op->path, path, n) == 0 : strcmp(op->path, path) == 0;
}

const struct api_op *op_route(const char *method, const char *path, const char *target)
{
	for (const struct api_op *op = api_ops; op->name; op++) {
		if (strcmp(op->method, method) != 0 || !path_fits(op, path))
			continue;
		if (!op->target || (target && strcmp(op->target, target) == 0))
			return op;
	}
	return NULL;
}

const struct api_op *op_named(enum api_protocol p, const char *name)
{
	const struct api_op *op = api_op_find(name);

	return op && op->protocol == p ? op : NULL;
}

static bool begins(const char *text, const char *with)
{
	return text && strncmp(text, with, strlen(with)) == 0;
}

enum api_protocol api_protocol_of(const struct api_request *r)
{
	if (begins(r->path, "/jobdeck/"))
		return API_JOBDECK;
	if (strcmp(r->path, "/") != 0)
		return API_BATCH;
	if (begins(r->target, "Logs_"))
		return API_LOGS;
	if (begins(r->target, "AWSSecurityTokenService") ||
	    (!r->target && query_is_form(r->content_type)))
		return API_STS;
	return API_BATCH;
}

const char *api_service(enum api_protocol p)
{
	return p == API_LOGS ? "logs" : p == API_STS ? "sts" : "batch";
}

/* --- members in path and query --------------------------------------------------------- */

static const struct schema *member_shape(const struct schema *s, const char *name)
{
	for (const struct schema_member *m = s->members; m->name; m++)
		if (strcmp(m->name, name) == 0)
			return m->shape;
	return NULL;
}

struct binding {
	const struct schema *shape;
	cJSON *in;
};

/* A list is said by its name again and again. */
static int bind_pair(void *arg, const char *name, const char *value)
{
	struct binding *b = arg;
	const struct schema *shape = member_shape(b->shape, name);
	cJSON *list = cJSON_GetObjectItemCaseSensitive(b->in, name);

	if (!shape)
		return 0;
	if (shape->type != SCHEMA_LIST) {
		json_replace(b->in, name, cJSON_CreateString(value));
		return 0;
	}
	if (!cJSON_IsArray(list)) {
		cJSON_DeleteItemFromObjectCaseSensitive(b->in, name);
		list = cJSON_AddArrayToObject(b->in, name);
	}
	cJSON_AddItemToArray(list, cJSON_CreateString(value));
	return 0;
}

int op_bind(const struct api_op *op, const struct schema *shape, const char *path,
	    const char *query, cJSON *in, struct err *err)
{
	cleanup_free char *member = path_member(op);
	struct binding b = { shape, in };

	if (!member)
		return 0;
	json_replace(in, member, cJSON_CreateString(path + fixed_part(op)));
	if (query && uri_query_each(query, bind_pair, &b) < 0)
		return err_set(err, ERR_INVALID, "the query of the request cannot be decoded");
	return 0;
}

/* --- and back ---------------------------------------------------------------------------- */

static void add_pair(struct buf *b, const char *name, const cJSON *value)
{
	cleanup_free char *text = uri_encode(cJSON_IsString(value) ? value->valuestring : "", "");

	buf_addf(b, "%c%s=%s", strchr(buf_str(b), '?') ? '&' : '?', name, text);
}

static void add_pairs(struct buf *b, const cJSON *item)
{
	const cJSON *element;

	if (!cJSON_IsArray(item)) {
		add_pair(b, item->string, item);
		return;
	}
	cJSON_ArrayForEach(element, item)
		add_pair(b, item->string, element);
}

/* All that is left goes into the query of a request without a body. */
static void add_query(struct buf *b, cJSON *in)
{
	while (in->child) {
		cJSON *item = cJSON_DetachItemViaPointer(in, in->child);

		add_pairs(b, item);
		cJSON_Delete(item);
	}
}

char *api_op_uri(const struct api_op *op, cJSON *in)
{
	enum { URI_MAX = 1024 * 1024 }; /* far more than any server takes */
	cleanup_free char *member = path_member(op), *value = NULL;
	struct buf b;

	if (!member)
		return xstrdup(op->path);
	value = uri_encode(json_str_or(in, member, ""), "");
	cJSON_DeleteItemFromObjectCaseSensitive(in, member);
	buf_init(&b, URI_MAX);
	buf_addf(&b, "%.*s%s", (int)fixed_part(op), op->path, value);
	if (strcmp(op->method, "POST") != 0 && in)
		add_query(&b, in);
	return buf_steal(&b);
}
