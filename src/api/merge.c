/* What a job becomes of its definition and of what was said at submission (OVR-1, OVR-2,
 * PAR-1, PAR-2). */
#include "config.h"
#include <string.h>
#include "jobdeck/base/log.h"
#include "internal.h"

/* The longest command the system can start has 128 KiB a word and some MiB in all. */
enum { WORD_MAX = 128 * 1024 - 1, COMMAND_MAX = 1024 * 1024 };

static cJSON *copy_or_empty(const cJSON *map)
{
	return map ? cJSON_Duplicate(map, 1) : cJSON_CreateObject();
}

cJSON *merge_map(const cJSON *base, const cJSON *over)
{
	cJSON *out = copy_or_empty(base);
	const cJSON *item;

	cJSON_ArrayForEach(item, over)
		json_replace(out, item->string, cJSON_Duplicate(item, 1));
	return out;
}

/* Two lists of structures, told apart by one member; what `over` has wins. */
static cJSON *merge_list(const cJSON *base, const cJSON *over, const char *by)
{
	cJSON *out = base ? cJSON_Duplicate(base, 1) : cJSON_CreateArray();
	const cJSON *item;

	cJSON_ArrayForEach(item, over) {
		const char *name = json_str_or(item, by, "");
		int i = 0, n = cJSON_GetArraySize(out);

		while (i < n && strcmp(json_str_or(cJSON_GetArrayItem(out, i), by, ""), name) != 0)
			i++;
		if (i < n)
			cJSON_ReplaceItemInArray(out, i, cJSON_Duplicate(item, 1));
		else
			cJSON_AddItemToArray(out, cJSON_Duplicate(item, 1));
	}
	return out;
}

/* Legacy vcpus and memory only override their like: resourceRequirements always win. */
cJSON *merge_container(const cJSON *base, const cJSON *over)
{
	static const char *const replaced[] = { "command", "instanceType", "vcpus", "memory" };
	static const struct {
		const char *member, *by;
	} merged[] = { { "environment", "name" }, { "resourceRequirements", "type" } };
	cJSON *out = copy_or_empty(base);

	for (size_t i = 0; i < ARRAY_LEN(replaced); i++) {
		const cJSON *item = json_get(over, replaced[i]);

		if (item)
			json_replace(out, replaced[i], cJSON_Duplicate(item, 1));
	}
	for (size_t i = 0; i < ARRAY_LEN(merged); i++) {
		const cJSON *item = json_get(over, merged[i].member);

		if (item)
			json_replace(
				out, merged[i].member,
				merge_list(json_get(base, merged[i].member), item, merged[i].by));
	}
	return out;
}

static const char mark[] = "Ref::";

/* The value for what stands after a mark, and how long its name is; NULL: unknown. A word
 * that is a reference as a whole may name a parameter with any characters. */
static const char *lookup(const cJSON *parameters, const char *text, bool whole, size_t *len)
{
	static const char usual[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	const char *value = whole ? json_str(parameters, text) : NULL, *next = strstr(text, mark);
	char *name cleanup_free = NULL;

	*len = strlen(text);
	if (value)
		return value;
	*len = strspn(text, usual);
	if (next && (size_t)(next - text) < *len)
		*len = (size_t)(next - text);
	name = xstrndup(text, *len);
	return json_str(parameters, name);
}

static void substitute(const char *word, const cJSON *parameters, struct buf *out)
{
	for (const char *p = word, *at; *p; p = at) {
		const char *value;
		size_t len;

		at = strstr(p, mark);
		if (!at) {
			buf_adds(out, p);
			return;
		}
		buf_add(out, p, (size_t)(at - p));
		value = lookup(parameters, at + sizeof mark - 1, at == word, &len);
		if (value)
			buf_adds(out, value);
		else
			buf_add(out, at, sizeof mark - 1 + len);
		at += sizeof mark - 1 + len;
	}
}

/* Fills in one word; -1 when it gets too long. */
static int fill_word(cJSON *word, const cJSON *parameters, size_t *total)
{
	struct buf b cleanup_buf;

	buf_init(&b, WORD_MAX);
	substitute(word->valuestring, parameters, &b);
	*total += b.len;
	if (b.full || *total > COMMAND_MAX)
		return -1;
	if (strstr(buf_str(&b), mark))
		log_info("a command keeps a reference to a parameter nobody gave: %.80s",
			 buf_str(&b));
	cJSON_SetValuestring(word, buf_str(&b));
	return 0;
}

int merge_refs(cJSON *container, const cJSON *parameters, struct err *err)
{
	cJSON *command = cJSON_GetObjectItemCaseSensitive(container, "command"), *word;
	size_t total = 0;

	cJSON_ArrayForEach(word, command) {
		if (fill_word(word, parameters, &total) < 0)
			return err_set(err, ERR_INVALID,
				       "The command is too long once its parameters are filled in");
	}
	return 0;
}
