/* Listings: gathers the pages of an operation and prints rows as a table or as JSON. */
#include "config.h"
#include "list.h"
#include <string.h>
#include <unistd.h>
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"

/* Moves at most `room` elements (negative: all). Returns how many were moved. */
static int64_t move_elements(cJSON *to, const cJSON *answer, const char *member, int64_t room)
{
	cJSON *from = cJSON_GetObjectItemCaseSensitive(answer, member);
	int64_t moved = 0;

	while (from && from->child && moved != room) {
		cJSON_AddItemToArray(to, cJSON_DetachItemViaPointer(from, from->child));
		moved++;
	}
	return moved;
}

cJSON *list_all(struct cmd_run *r, const char *op, cJSON *in, const char *member, int64_t limit,
		bool *more, struct err *err)
{
	cleanup_json cJSON *request = in ? in : cJSON_CreateObject();
	cJSON *all = cJSON_CreateArray();
	int64_t room = limit ? limit : -1;

	for (;;) {
		cleanup_json cJSON *out =
			client_wait(r->client, op, cJSON_Duplicate(request, true), err);
		const char *next = json_str(out, "nextToken");

		if (!out) {
			cJSON_Delete(all);
			return NULL;
		}
		room -= move_elements(all, out, member, room);
		if (more)
			*more = (next && *next) || json_count(out, member) > 0;
		if (!next || !*next || room == 0)
			return all;
		json_replace(request, "nextToken", cJSON_CreateString(next));
	}
}

/* What `text` looks like on stdout: as it is in a pipe, harmless on a terminal. */
static void put_text(const char *text, bool terminal)
{
	if (!terminal) {
		fputs(text, stdout);
		return;
	}
	for (const char *p = text; *p;) {
		size_t len = strcspn(p, "\n");
		cleanup_free char *safe = text_safe_dup(p, len);

		fputs(safe, stdout);
		p += len;
		if (*p)
			putchar(*p++);
	}
}

void json_out(const cJSON *json, bool pretty)
{
	cleanup_free char *text = pretty ? json_print_pretty(json) : json_print(json);

	put_text(text, isatty(STDOUT_FILENO));
	putchar('\n');
}

void json_answer(const struct cmd_run *r, const cJSON *json)
{
	json_out(json, !r->json_lines);
}

/* One array, an element a line: valid JSON that grep can use too. */
static void print_json(const struct cmd_run *r, const cJSON *items)
{
	bool terminal = isatty(STDOUT_FILENO);
	const cJSON *item;

	fputs(r->json_lines ? "" : "[", stdout);
	cJSON_ArrayForEach(item, items) {
		cleanup_free char *text = json_print(item);

		put_text(text, terminal);
		fputs(r->json_lines ? "\n" : item->next ? ",\n " : "", stdout);
	}
	fputs(r->json_lines ? "" : "]\n", stdout);
}

void list_print(const struct cmd_run *r, const cJSON *items, const struct listing *l)
{
	jd_time now = time_wall();
	struct table t;
	const cJSON *item;

	if (r->json) {
		print_json(r, items);
		return;
	}
	table_init(&t, l->columns, l->count);
	cJSON_ArrayForEach(item, items) {
		l->row(&t, item, now);
	}
	table_print(&t, stdout, table_width(stdout));
	table_fini(&t);
	if (cJSON_GetArraySize(items) == 0 && l->none && isatty(STDOUT_FILENO))
		cmd_say("%s", _(l->none));
}

const cJSON *json_find(const cJSON *array, const char *name, const char *value)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, array) {
		if (value && strcmp(json_str_or(item, name, ""), value) == 0)
			return item;
	}
	return NULL;
}
