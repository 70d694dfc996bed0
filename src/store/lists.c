#include "config.h"
#include "lists.h"
#include <inttypes.h>
#include <string.h>
#include "jobdeck/base/buf.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"

/* Short lists in one column, as JSON: they are only ever wanted whole. An empty one is NULL.
 * Numbers that may need all of their 64 bits are written as text, or by hand: JSON's, in
 * cJSON's hands, have 53. */

/* A list as text; NULL when it is empty. Takes the list. */
static char *print_list(cJSON *list)
{
	char *text = cJSON_GetArraySize(list) ? json_print(list) : NULL;

	cJSON_Delete(list);
	return text;
}

/* The next column, which print_list wrote. */
static cJSON *parse_list(struct query *q, struct err *err)
{
	const char *text = look_text(q);
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

static int64_t number_at(const cJSON *list, int i)
{
	const cJSON *item = cJSON_GetArrayItem(list, i);

	return cJSON_IsNumber(item) ? (int64_t)item->valuedouble : 0;
}

static const char *text_at(const cJSON *list, int i)
{
	const cJSON *item = cJSON_GetArrayItem(list, i);

	return cJSON_IsString(item) ? item->valuestring : "";
}

char *list_print_names(char *const *names, int count)
{
	cJSON *list = cJSON_CreateArray();

	for (int i = 0; i < count; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(names[i]));
	return print_list(list);
}

int list_take_names(struct query *q, char **names, int max, int *count, struct err *err)
{
	cleanup_json cJSON *list = parse_list(q, err);
	const cJSON *name;

	if (!list)
		return -1;
	cJSON_ArrayForEach(name, list) {
		if (cJSON_IsString(name) && *count < max)
			names[(*count)++] = xstrdup(name->valuestring);
	}
	return 0;
}

int list_take_all_names(struct query *q, char ***names, int *count, struct err *err)
{
	cleanup_json cJSON *list = parse_list(q, err);
	const cJSON *name;

	if (!list)
		return -1;
	*names = xcalloc((size_t)cJSON_GetArraySize(list), sizeof **names);
	cJSON_ArrayForEach(name, list) {
		if (cJSON_IsString(name))
			(*names)[(*count)++] = xstrdup(name->valuestring);
	}
	return 0;
}

char *list_print_rules(const struct retry_strategy *r)
{
	cJSON *list;

	if (!r->rule_count)
		return NULL;
	list = cJSON_CreateArray();
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

int list_take_rules(struct query *q, struct retry_strategy *r, struct err *err)
{
	cleanup_json cJSON *list = NULL;
	const cJSON *entry;

	if (skip_null(q))
		return 0;
	list = parse_list(q, err);
	if (!list)
		return -1;
	cJSON_ArrayForEach(entry, list) {
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

/* [12,"N_TO_N 13","ANY 14"]: a plain one is only its key. */
char *list_print_depends(const struct job *job)
{
	struct buf text;

	if (!job->depends_count)
		return NULL;
	buf_init(&text, job->depends_count * 40 + 2);
	for (size_t i = 0; i < job->depends_count; i++) {
		const struct dependency *d = &job->depends[i];
		char before = i ? ',' : '[';

		if (d->type == DEPENDENCY_PLAIN)
			buf_addf(&text, "%c%" PRId64, before, d->job);
		else
			buf_addf(&text, "%c\"%s %" PRId64 "\"", before,
				 dependency_type_name(d->type), d->job);
	}
	buf_addc(&text, ']');
	return buf_steal(&text);
}

/* One element at *at, which is moved on to the ',' or ']' after it. */
static bool read_dependency(const char **at, struct dependency *d)
{
	bool typed = **at == '"';
	char name[16], *end;

	if (typed) {
		size_t n = strcspn(++*at, " \"");

		if (n >= sizeof name || (*at)[n] != ' ')
			return false;
		memcpy(name, *at, n);
		name[n] = '\0';
		if (!dependency_type_parse(name, &d->type))
			return false;
		*at += n + 1;
	}
	d->job = strtoll(*at, &end, 10);
	if (end == *at || (typed && *end++ != '"'))
		return false;
	*at = end;
	return *end == ',' || *end == ']';
}

int list_take_depends(struct query *q, struct job *job, struct err *err)
{
	const char *text = look_text(q), *at = text;
	size_t cap = 0;

	while (at && *at != ']') {
		struct dependency d = { .type = DEPENDENCY_PLAIN };

		if (*at != (at == text ? '[' : ',') || !(at++, read_dependency(&at, &d)))
			return err_set(err, ERR_CORRUPT,
				       "%s: job %" PRId64 " depends on what is no list of keys",
				       q->st->path, job->key);
		ARRAY_ROOM(job->depends, job->depends_count, cap);
		job->depends[job->depends_count++] = d;
	}
	return 0;
}

char *list_print_consume(const struct job *job)
{
	cJSON *list;

	if (!job->consume_count)
		return NULL;
	list = cJSON_CreateArray();
	for (int i = 0; i < job->consume_count; i++) {
		cleanup_free char *quantity = xasprintf("%" PRId64, job->consume[i].quantity);
		cJSON *pair = cJSON_CreateArray();

		cJSON_AddItemToArray(pair, cJSON_CreateString(job->consume[i].name));
		cJSON_AddItemToArray(pair, cJSON_CreateString(quantity));
		cJSON_AddItemToArray(list, pair);
	}
	return print_list(list);
}

int list_take_consume(struct query *q, struct job *job, struct err *err)
{
	cleanup_json cJSON *list = NULL;
	const cJSON *pair;

	if (skip_null(q))
		return 0;
	list = parse_list(q, err);
	if (!list)
		return -1;
	cJSON_ArrayForEach(pair, list) {
		struct consume *c = &job->consume[job->consume_count];

		if (job->consume_count == LIMIT_CONSUMABLES)
			break;
		c->name = xstrdup(text_at(pair, 0));
		c->quantity = strtoll(text_at(pair, 1), NULL, 10);
		job->consume_count++;
	}
	return 0;
}

char *list_print_needs(const struct job *job)
{
	cJSON *list;

	if (!job->node_need_count)
		return NULL;
	list = cJSON_CreateArray();
	for (int i = 0; i < job->node_need_count; i++) {
		const struct node_need *n = &job->node_need[i];
		const double numbers[] = { n->first, n->last, (double)n->need.vcpu_milli,
					   (double)n->need.memory_mib, n->need.gpus };

		cJSON_AddItemToArray(list, cJSON_CreateDoubleArray(numbers, ARRAY_LEN(numbers)));
	}
	return print_list(list);
}

int list_take_needs(struct query *q, struct job *job, struct err *err)
{
	cleanup_json cJSON *list = NULL;
	const cJSON *entry;

	if (skip_null(q))
		return 0;
	list = parse_list(q, err);
	if (!list)
		return -1;
	cJSON_ArrayForEach(entry, list) {
		if (job->node_need_count == (int)ARRAY_LEN(job->node_need))
			break;
		job->node_need[job->node_need_count++] = (struct node_need){
			.first = (int)number_at(entry, 0),
			.last = (int)number_at(entry, 1),
			.need = { number_at(entry, 2), number_at(entry, 3),
				  (int32_t)number_at(entry, 4) },
		};
	}
	return 0;
}

char *list_print_limits(const struct queue *queue)
{
	cJSON *list = cJSON_CreateArray();

	for (int i = 0; i < queue->limit_count; i++) {
		const double pair[] = { queue->limit[i].reason, (double)queue->limit[i].max_ms };

		cJSON_AddItemToArray(list, cJSON_CreateDoubleArray(pair, ARRAY_LEN(pair)));
	}
	return print_list(list);
}

int list_take_limits(struct query *q, struct queue *queue, struct err *err)
{
	cleanup_json cJSON *list = parse_list(q, err);
	const cJSON *pair;

	if (!list)
		return -1;
	cJSON_ArrayForEach(pair, list) {
		if (queue->limit_count == LIMIT_TIME_ACTIONS)
			break;
		queue->limit[queue->limit_count++] =
			(struct time_limit){ .reason = (enum blocked)number_at(pair, 0),
					     .max_ms = number_at(pair, 1) };
	}
	return 0;
}

char *list_print_shares(const struct policy *p)
{
	cJSON *list = cJSON_CreateArray();

	for (int i = 0; i < p->share_count; i++) {
		cJSON *pair = cJSON_CreateArray();

		cJSON_AddItemToArray(pair, cJSON_CreateString(p->share[i].identifier));
		cJSON_AddItemToArray(pair, cJSON_CreateNumber(p->share[i].weight));
		cJSON_AddItemToArray(list, pair);
	}
	return print_list(list);
}

int list_take_shares(struct query *q, struct policy *p, struct err *err)
{
	cleanup_json cJSON *list = parse_list(q, err);
	const cJSON *pair;

	if (!list)
		return -1;
	p->share = xcalloc((size_t)cJSON_GetArraySize(list), sizeof *p->share);
	cJSON_ArrayForEach(pair, list) {
		p->share[p->share_count++] = (struct share_weight){
			.identifier = xstrdup(text_at(pair, 0)),
			.weight = (int32_t)number_at(pair, 1),
		};
	}
	return 0;
}
