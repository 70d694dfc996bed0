/* The table of actions, and questions about it. */
#include "config.h"
#include "actions.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/i18n.h"
#include "key.h"

static const struct {
	const char *name, *keys;
	unsigned where, flags;
	enum action_group group;
	const char *hint, *help;
} source[ACTION_COUNT] = {
	[ACTION_NONE] = { "", "", 0, 0, GROUP_ALL, NULL, "" },
#define ACTION(id, name, keys, where, flags, group, hint, help) \
	[ACTION_##id] = { name, keys, where, flags, group, hint, help },
#include "actions.def"
#undef ACTION
};

static void parse_keys(struct action_row *row, const char *keys)
{
	for (int n = 0; n < ACTION_KEYS && *keys; n++) {
		size_t len = strcspn(keys, " ");

		row->key[n] = key_parse(keys, len);
		keys += len + strspn(keys + len, " ");
	}
}

const struct action_row *action_row(enum action a)
{
	static struct action_row table[ACTION_COUNT];

	if (!table[ACTION_HELP].name) {
		for (int i = 0; i < ACTION_COUNT; i++) {
			table[i] = (struct action_row){ .name = source[i].name,
							.where = source[i].where,
							.flags = source[i].flags,
							.group = source[i].group,
							.hint = source[i].hint,
							.help = source[i].help };
			parse_keys(&table[i], source[i].keys);
		}
	}
	return &table[a];
}

enum action action_for_key(int key, unsigned where)
{
	for (int a = ACTION_NONE + 1; a < ACTION_COUNT; a++) {
		const struct action_row *row = action_row((enum action)a);

		for (int n = 0; n < ACTION_KEYS && (row->where & where); n++)
			if (row->key[n] && row->key[n] == key)
				return (enum action)a;
	}
	return ACTION_NONE;
}

enum action action_for_name(const char *name, unsigned where)
{
	enum action found = ACTION_NONE;
	size_t len = strlen(name);

	for (int a = ACTION_NONE + 1; a < ACTION_COUNT; a++) {
		const struct action_row *row = action_row((enum action)a);

		if (!(row->where & where) || strncmp(row->name, name, len) != 0)
			continue;
		if (!row->name[len])
			return (enum action)a;
		if (found)
			return ACTION_NONE;
		found = (enum action)a;
	}
	return found;
}

char *action_keys(enum action a, char *buf, size_t size)
{
	const struct action_row *row = action_row(a);
	size_t at = 0;

	buf[0] = '\0';
	for (int n = 0; n < ACTION_KEYS && row->key[n] && at < size; n++) {
		char name[16];
		int len = snprintf(buf + at, size - at, "%s%s", n ? ", " : "",
				   key_text(row->key[n], name, sizeof name));

		at += (size_t)len;
	}
	return buf;
}
