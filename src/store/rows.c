#include "config.h"
#include <inttypes.h>
#include <string.h>
#include "jobdeck/base/buf.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "internal.h"

/* Structs to rows and back. The order of the columns is that of the COLUMNS_ in sql.h.
 * Short lists (a queue's environments, a job's dependencies, its retry rules) are JSON in
 * one column: they are only ever wanted whole. */

/* A list as text; NULL when it is empty. Takes the list. */
static char *print_list(cJSON *list)
{
	char *text = cJSON_GetArraySize(list) ? json_print(list) : NULL;

	cJSON_Delete(list);
	return text;
}

/* What print_list wrote. NULL text is an empty list. */
static cJSON *parse_list(struct query *q, const char *text, struct err *err)
{
	struct err why = { 0 };
	cJSON *list = text ? json_parse(text, strlen(text), &why) : cJSON_CreateArray();

	if (!cJSON_IsArray(list)) {
		err_set(err, ERR_CORRUPT, "%s: a row holds no list where one belongs: %s",
			q->st->path, why.text);
		cJSON_Delete(list);
		return NULL;
	}
	return list;
}

static char *rules_text(const struct retry_strategy *r)
{
	cJSON *list = cJSON_CreateArray();

	for (int i = 0; i < r->rule_count; i++) {
		cJSON *entry = cJSON_CreateObject();

		json_add_str(entry, "onExitCode", r->rule[i].on_exit_code);
		json_add_str(entry, "onReason", r->rule[i].on_reason);
		json_add_str(entry, "onStatusReason", r->rule[i].on_status_reason);
		json_add_str(entry, "action", r->rule[i].exit ? "EXIT" : "RETRY");
		cJSON_AddItemToArray(list, entry);
	}
	return print_list(list);
}

static int take_rules(struct query *q, struct retry_strategy *r, struct err *err)
{
	const char *text = look_text(q);
	cleanup_json cJSON *list = text ? parse_list(q, text, err) : NULL;
	const cJSON *entry;

	if (text && !list)
		return -1;
	cJSON_ArrayForEach (entry, list) {
		struct retry_rule *rule = &r->rule[r->rule_count];

		if (r->rule_count == LIMIT_EVALUATE_ON_EXIT)
			break;
		rule->on_exit_code = xstrdup(json_str(entry, "onExitCode"));
		rule->on_reason = xstrdup(json_str(entry, "onReason"));
		rule->on_status_reason = xstrdup(json_str(entry, "onStatusReason"));
		rule->exit = strcmp(json_str_or(entry, "action", ""), "EXIT") == 0;
		r->rule_count++;
	}
	return 0;
}

/* Keys are 64 bits wide and JSON's numbers, in cJSON's hands, are not: so by hand. */
static char *depends_text(const struct job *job)
{
	struct buf text;

	if (!job->depends_count)
		return NULL;
	buf_init(&text, job->depends_count * 21 + 2);
	for (size_t i = 0; i < job->depends_count; i++)
		buf_addf(&text, "%c%" PRId64, i ? ',' : '[', job->depends[i].job);
	buf_addc(&text, ']');
	return buf_steal(&text);
}

static int take_depends(struct query *q, struct job *job, struct err *err)
{
	const char *text = look_text(q), *at = text;
	size_t cap = 0;

	while (at && *at != ']') {
		char *end = NULL;
		int64_t key = *at == (at == text ? '[' : ',') ? strtoll(at + 1, &end, 10) : 0;

		if (!end || end == at + 1 || (*end != ',' && *end != ']'))
			return err_set(err, ERR_CORRUPT,
				       "%s: job %" PRId64 " depends on what is no list of keys",
				       q->st->path, job->key);
		ARRAY_ROOM(job->depends, job->depends_count, cap);
		job->depends[job->depends_count++] = (struct dependency){ .job = key };
		at = end;
	}
	return 0;
}

void row_put_job(struct query *q, const struct job *job, enum job_status status)
{
	put_int(q, job->key);
	put_text(q, job->id);
	put_text(q, job->name);
	put_text(q, job->queue);
	put_text(q, job->definition);
	put_int(q, job->need.vcpu_milli);
	put_int(q, job->need.memory_mib);
	put_int(q, job->need.gpus);
	put_int_unless(q, job->timeout_s, 0);
	put_int(q, job->retry.attempts);
	put_text_taken(q, rules_text(&job->retry));
	put_int(q, status);
	put_text(q, job->status_reason);
	put_int(q, (job->cancelled ? FLAG_CANCELLED : 0) | (job->terminated ? FLAG_TERMINATED : 0) |
			   (job->timed_out ? FLAG_TIMED_OUT : 0));
	put_int(q, job->created);
	put_int_unless(q, job->started, 0);
	put_int_unless(q, job->stopped, 0);
	put_int(q, job->attempt);
	put_int(q, job->order);
	put_text_taken(q, depends_text(job));
}

static void take_flags(struct query *q, struct job *job)
{
	int64_t flags = take_int(q);

	job->cancelled = flags & FLAG_CANCELLED;
	job->terminated = flags & FLAG_TERMINATED;
	job->timed_out = flags & FLAG_TIMED_OUT;
}

static int take_job(struct query *q, struct job *job, struct err *err)
{
	const char *id;

	job->key = take_int(q);
	id = look_text(q);
	memcpy(job->id, id, strnlen(id, sizeof job->id - 1));
	job->name = take_text(q);
	job->queue = take_text(q);
	job->definition = take_text(q);
	job->need.vcpu_milli = take_int(q);
	job->need.memory_mib = take_int(q);
	job->need.gpus = (int32_t)take_int(q);
	job->timeout_s = (int)take_int(q);
	job->retry.attempts = (int)take_int(q);
	if (take_rules(q, &job->retry, err))
		return -1;
	job->status = (enum job_status)take_int(q);
	job->status_reason = take_text(q);
	take_flags(q, job);
	job->created = take_int(q);
	job->started = take_int(q);
	job->stopped = take_int(q);
	job->attempt = (int)take_int(q);
	job->order = take_int(q);
	return take_depends(q, job, err);
}

struct job *row_take_job(struct query *q, struct err *err)
{
	struct job *job = xcalloc(1, sizeof *job);

	if (take_job(q, job, err)) {
		job_free(job);
		return NULL;
	}
	return job;
}

void row_take_attempt(struct query *q, struct attempt *a)
{
	a->job = take_int(q);
	a->number = (int)take_int(q);
	a->env = take_text(q);
	a->slot = (int)take_int_or(q, -1);
	a->placed = take_int(q);
	a->started = take_int(q);
	a->stopped = take_int(q);
	a->exit_code = (int)take_int_or(q, -1);
	a->status_reason = take_text(q);
	a->reason = take_text(q);
}

void row_put_environment(struct query *q, const struct environment *e)
{
	put_text(q, e->name);
	put_int(q, e->type);
	put_int(q, e->cr_type);
	put_int(q, e->state);
	put_int(q, e->status);
	put_text(q, e->status_reason);
	put_int(q, e->min_vcpus);
	put_int(q, e->desired_vcpus);
	put_int(q, e->max_vcpus);
	put_int(q, e->created);
	put_text(q, e->doc);
}

struct environment *row_take_environment(struct query *q)
{
	struct environment *e = xcalloc(1, sizeof *e);

	e->name = take_text(q);
	e->type = (enum ce_type)take_int(q);
	e->cr_type = (enum cr_type)take_int(q);
	e->state = (enum state)take_int(q);
	e->status = (enum status)take_int(q);
	e->status_reason = take_text(q);
	e->min_vcpus = (int)take_int(q);
	e->desired_vcpus = (int)take_int(q);
	e->max_vcpus = (int)take_int(q);
	e->created = take_int(q);
	e->doc = take_text(q);
	return e;
}

void row_put_queue(struct query *q, const struct queue *queue)
{
	cleanup_json cJSON *envs = cJSON_CreateArray();

	for (int i = 0; i < queue->env_count; i++)
		cJSON_AddItemToArray(envs, cJSON_CreateString(queue->env[i]));
	put_text(q, queue->name);
	put_int(q, queue->state);
	put_int(q, queue->status);
	put_text(q, queue->status_reason);
	put_int(q, queue->priority);
	put_text_taken(q, json_print(envs));
	put_int(q, queue->created);
	put_text(q, queue->doc);
}

static int take_envs(struct query *q, struct queue *queue, struct err *err)
{
	cleanup_json cJSON *list = parse_list(q, look_text(q), err);
	const cJSON *name;

	if (!list)
		return -1;
	cJSON_ArrayForEach (name, list) {
		if (cJSON_IsString(name) && queue->env_count < LIMIT_CE_PER_QUEUE)
			queue->env[queue->env_count++] = xstrdup(name->valuestring);
	}
	return 0;
}

struct queue *row_take_queue(struct query *q, struct err *err)
{
	struct queue *queue = xcalloc(1, sizeof *queue);

	queue->name = take_text(q);
	queue->state = (enum state)take_int(q);
	queue->status = (enum status)take_int(q);
	queue->status_reason = take_text(q);
	queue->priority = (int)take_int(q);
	if (take_envs(q, queue, err)) {
		queue_free(queue);
		return NULL;
	}
	queue->created = take_int(q);
	queue->doc = take_text(q);
	return queue;
}

void row_put_definition(struct query *q, const struct definition *d)
{
	put_text(q, d->name);
	put_int(q, d->revision);
	put_int(q, d->type);
	put_int(q, d->status);
	put_int(q, d->created);
	put_int_unless(q, d->deregistered, 0);
	put_text(q, d->doc);
}

struct definition *row_take_definition(struct query *q)
{
	struct definition *d = xcalloc(1, sizeof *d);

	d->name = take_text(q);
	d->revision = (int)take_int(q);
	d->type = (enum jd_type)take_int(q);
	d->status = (enum jd_status)take_int(q);
	d->created = take_int(q);
	d->deregistered = take_int(q);
	d->doc = take_text(q);
	return d;
}
