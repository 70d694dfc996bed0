#include "config.h"
#include <string.h>
#include "jobdeck/base/mem.h"
#include "internal.h"

/* One job and its attempts: by key, id, the beginning of an id, or name. Lists: joblist.c. */

static int64_t key_of(struct store *st, const char *id, struct err *err)
{
	cleanup_query struct query q;
	int rc;

	query_open(&q, st, SQL_JOB_KEY);
	put_text(&q, id);
	rc = query_step(&q, err);
	return rc > 0 ? take_int(&q) : rc;
}

/* The INDEX of "ID:INDEX" or "ID#INDEX", or -1: it is written in another way. */
static int member_index(const char *id)
{
	const char *at = id + strcspn(id, ":#"), *digits = at + 1;
	size_t n = *at ? strspn(digits, "0123456789") : 0;

	if (!n || n > 5 || digits[n] || (n > 1 && *digits == '0'))
		return -1;
	return (int)strtol(digits, NULL, 10);
}

/* One that has no row yet: its parent says whether there is such a one. */
static int64_t unmade_key(struct store *st, const char *id, struct err *err)
{
	int index = member_index(id);
	size_t n = strcspn(id, ":#");
	char parent_id[JOB_ID_SIZE];
	struct err why = { 0 };
	struct job *parent;
	int64_t key;

	if (index < 0 || n >= sizeof parent_id)
		return 0;
	memcpy(parent_id, id, n);
	parent_id[n] = '\0';
	key = key_of(st, parent_id, err);
	if (key <= 0)
		return key;
	parent = store_job(st, key, &why);
	if (!parent)
		return why.kind ? err_set(err, why.kind, "%s", why.text) : 0;
	key = parent->kind == (id[n] == '#' ? JOB_KIND_MULTINODE : JOB_KIND_ARRAY) &&
			      index < parent->size ?
		      parent->key + 1 + index :
		      0;
	job_free(parent);
	return key;
}

int64_t store_job_key(struct store *st, const char *id, struct err *err)
{
	int64_t key = key_of(st, id, err);

	return key ? key : unmade_key(st, id, err);
}

static char *document(struct store *st, int64_t key)
{
	cleanup_query struct query q;

	query_open(&q, st, SQL_JOB_DOC);
	put_int(&q, key);
	return query_step(&q, NULL) > 0 ? take_text(&q) : NULL;
}

/* As its parent has it; when that has ended, this has too, and as that did. */
struct job *store_job_unmade(const struct job *parent, int64_t key)
{
	struct job *job = family_member(parent, key);

	if (!job_status_is_final(parent->status))
		return job;
	job->status = parent->status;
	job->status_reason = xstrdup(parent->status_reason);
	job->cancelled = parent->cancelled;
	job->terminated = parent->terminated;
	job->stopped = parent->stopped;
	return job;
}

static struct job *unmade_job(struct store *st, int64_t key, struct err *err)
{
	struct job *parent = family_parent(st, key, err), *job;

	if (!parent)
		return NULL;
	job = store_job_unmade(parent, key);
	job->doc = document(st, parent->key);
	job_free(parent);
	return job;
}

struct job *store_job(struct store *st, int64_t key, struct err *err)
{
	cleanup_query struct query q;
	struct job *job;
	int rc;

	query_open(&q, st, SQL_JOB);
	put_int(&q, key);
	rc = query_step(&q, err);
	if (rc == 0)
		return unmade_job(st, key, err);
	job = rc > 0 ? row_take_job(&q, err) : NULL;
	if (job)
		job->doc = take_text(&q);
	return job;
}

/* The last job whose id is in [prefix, *end), which is moved down to it. A child stands for its
 * parent, whose id begins its own: so ten thousand of them are stepped over at once. */
static int64_t last_before(struct store *st, const char *prefix, char **end)
{
	cleanup_query struct query q;
	int64_t key, parent;
	char *id;

	query_open(&q, st, SQL_JOB_PREFIX);
	put_text(&q, prefix);
	put_text(&q, *end);
	if (query_step(&q, NULL) <= 0)
		return 0;
	id = take_text(&q);
	key = take_int(&q);
	parent = take_int(&q);
	query_close(&q);
	id[strcspn(id, ":#")] = '\0';
	free(*end);
	*end = id;
	return parent ? parent : key;
}

int store_job_prefix(struct store *st, const char *prefix, int64_t *keys, int max)
{
	cleanup_free char *end = xasprintf("%s\x7f", prefix); /* ids are ASCII */
	int n = 0;

	if (prefix[strcspn(prefix, ":#")])
		return 0;
	while (n < max && (keys[n] = last_before(st, prefix, &end)))
		n++;
	return n;
}

int store_job_named(struct store *st, const char *name, int64_t *keys, int max)
{
	cleanup_query struct query q;
	int n = 0;

	query_open(&q, st, SQL_JOB_NAMED);
	put_text(&q, name);
	put_int(&q, max);
	while (n < max && query_step(&q, NULL) > 0)
		keys[n++] = take_int(&q);
	return n;
}

struct attempt *store_attempts(struct store *st, int64_t job, size_t *count, struct err *err)
{
	cleanup_query struct query q;
	struct attempt *list = NULL;
	size_t n = 0, cap = 0;
	int rc;

	query_open(&q, st, SQL_ATTEMPTS);
	put_int(&q, job);
	while ((rc = query_step(&q, err)) > 0) {
		ARRAY_ROOM(list, n, cap);
		row_take_attempt(&q, &list[n++], &(struct attempt_more){ 0 });
	}
	if (rc < 0) {
		while (n)
			attempt_fini(&list[--n]);
		free(list);
		return NULL;
	}
	if (n == 0 && err)
		err->kind = ERR_NONE;
	*count = n;
	return list;
}
