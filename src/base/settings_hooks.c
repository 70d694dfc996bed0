/* Hooks in the settings file: what runs when something happens. As strict as the rest. */
#include "config.h"
#include "settings_hooks.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"

static const char begin[] = "hook.";

static const struct hook_field fields[] = {
#define X(field, choices, most, help) \
	{ "hook.NAME." #field, choices, help, offsetof(struct hook, field), most },
	SETTINGS_HOOK_TABLE(X)
#undef X
};

const struct hook_field *settings_hook_table(size_t *count)
{
	*count = ARRAY_LEN(fields);
	return fields;
}

bool settings_is_hook(const char *key)
{
	return strncmp(key, begin, strlen(begin)) == 0;
}

static const char *last_part(const char *key)
{
	return strrchr(key, '.') + 1;
}

static const struct hook_field *find_field(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (strcmp(last_part(fields[i].key), word) == 0)
			return &fields[i];
	return NULL;
}

/* The hook of that name, made when it is new; NULL: there are too many. */
static struct hook *find_hook(struct settings *s, const char *name)
{
	int i = 0;

	while (i < s->hook_count && strcmp(s->hook[i].name, name) != 0)
		i++;
	if (i == SETTINGS_HOOKS_MAX)
		return NULL;
	if (i == s->hook_count) {
		memset(&s->hook[i], 0, sizeof s->hook[i]);
		snprintf(s->hook[i].name, sizeof s->hook[i].name, "%s", name);
		s->hook_count++;
	}
	return &s->hook[i];
}

/* "A, B, C" has the word. */
static bool is_choice(const char *choices, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = choices; *p; p += strcspn(p, ","), p += strspn(p, ", "))
		if (strcspn(p, ",") == n && memcmp(p, word, n) == 0)
			return true;
	return false;
}

static int wrong(const char *path, int line, const struct hook_field *f, const char *value,
		 struct err *err)
{
	char safe[60];

	text_safe(safe, sizeof safe, value, strlen(value));
	if (f->choices)
		return err_set(err, ERR_INVALID, "%s:%d: %s cannot be \"%s\"; it is one of %s",
			       path, line, last_part(f->key), safe, f->choices);
	return err_set(err, ERR_INVALID, "%s:%d: %s must have 1 to %zu characters", path, line,
		       last_part(f->key), f->most);
}

static int assign(struct settings *s, const char *path, int line, const char *name,
		  const struct hook_field *f, const char *value, struct err *err)
{
	struct hook *hook;
	char *place;

	if (!*value || strlen(value) > f->most || (f->choices && !is_choice(f->choices, value)))
		return wrong(path, line, f, value, err);
	hook = find_hook(s, name);
	if (!hook)
		return err_set(err, ERR_INVALID, "%s:%d: there can be at most %d hooks", path, line,
			       SETTINGS_HOOKS_MAX);
	place = (char *)hook + f->place;
	if (*place)
		return err_set(err, ERR_INVALID, "%s:%d: hook.%s.%s was set already", path, line,
			       name, last_part(f->key));
	memcpy(place, value, strlen(value) + 1);
	return 0;
}

int settings_read_hook(struct settings *s, const char *path, int line, const char *key,
		       const char *value, struct err *err)
{
	const char *name = key + strlen(begin), *dot = strrchr(name, '.');
	const struct hook_field *f = dot ? find_field(dot + 1) : NULL;
	size_t n = dot ? (size_t)(dot - name) : 0;
	char own[HOOK_NAME_MAX + 1] = "", safe[60];

	if (f && n <= HOOK_NAME_MAX)
		snprintf(own, sizeof own, "%.*s", (int)n, name);
	if (f && text_is_name(own, false))
		return assign(s, path, line, own, f, value, err);
	text_safe(safe, sizeof safe, key, strlen(key));
	return err_set(err, ERR_INVALID,
		       "%s:%d: \"%s\" is not hook.NAME.on, .status, .queue or .command, with a "
		       "NAME of letters, digits, '-' and '_'",
		       path, line, safe);
}

int settings_check_hooks(const struct settings *s, const char *path, struct err *err)
{
	for (int i = 0; i < s->hook_count; i++)
		if (!*s->hook[i].command)
			return err_set(err, ERR_INVALID, "%s: hook %s has no command", path,
				       s->hook[i].name);
	return 0;
}
