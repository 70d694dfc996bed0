/* From options to the members of a request. */
#include "config.h"
#include "fields.h"
#include <ctype.h>
#include <string.h>
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/time.h"

static cJSON *list_of(const char *text)
{
	cJSON *list = cJSON_CreateArray();

	for (text += strspn(text, ", "); *text; text += strspn(text, ", ")) {
		size_t n = strcspn(text, ", ");
		cleanup_free char *item = xstrndup(text, n);

		cJSON_AddItemToArray(list, cJSON_CreateString(item));
		text += n;
	}
	return list;
}

static cJSON *word_of(const char *text)
{
	cleanup_free char *word = xstrdup(text);

	for (char *p = word; *p; p++)
		*p = *p == '-' ? '_' : (char)toupper((unsigned char)*p);
	return cJSON_CreateString(word);
}

int fields_span(const struct cmd_run *r, const char *option, int64_t def, int64_t *ms,
		struct err *err)
{
	const char *text = cmd_value(r, option);
	int64_t n = text ? time_read_span(text) : def;

	if (n < 0)
		return err_set(err, ERR_INVALID,
			       _("--%s takes a time such as 90, 10m or 1h30m, not '%s'"), option,
			       text);
	*ms = n;
	return 0;
}

static int read_span(const struct cmd_run *r, const struct field *f, int64_t *out, struct err *err)
{
	int64_t ms = 0;

	if (fields_span(r, f->option, 0, &ms, err) < 0)
		return -1;
	*out = ms / 1000;
	if (*out >= f->least && *out <= f->most)
		return 0;
	return err_set(err, ERR_INVALID, _("--%s is from %lld to %lld seconds, not '%s'"),
		       f->option, (long long)f->least, (long long)f->most, cmd_value(r, f->option));
}

/* The value as JSON; NULL: it makes no sense. */
static cJSON *value_of(const struct cmd_run *r, const struct field *f, struct err *err)
{
	const char *text = cmd_value(r, f->option);
	int64_t n;

	switch (f->as) {
	case FIELD_TEXT:
		return cJSON_CreateString(text);
	case FIELD_WORD:
		return word_of(text);
	case FIELD_LIST:
		return list_of(text);
	case FIELD_NUMBER:
		return cmd_int(r, f->option, f->least, f->most, 0, &n, err) < 0 ?
			       NULL :
			       cJSON_CreateNumber((double)n);
	case FIELD_SPAN:
		return read_span(r, f, &n, err) < 0 ? NULL : cJSON_CreateNumber((double)n);
	}
	return NULL;
}

int fields_add(const struct cmd_run *r, const struct field *fields, size_t n, cJSON *out,
	       struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		cJSON *value;

		if (!cmd_value(r, fields[i].option))
			continue;
		value = value_of(r, &fields[i], err);
		if (!value)
			return -1;
		json_replace(out, fields[i].member, value);
	}
	return 0;
}

int fields_pair(const char *option, const char *text, char **name, const char **value,
		struct err *err)
{
	const char *equals = strrchr(text, '=');

	if (!equals || equals == text)
		return err_set(err, ERR_INVALID, _("--%s takes NAME=VALUE, not '%s'"), option,
			       text);
	*name = xstrndup(text, (size_t)(equals - text));
	*value = equals + 1;
	return 0;
}

cJSON *fields_map(const struct cmd_run *r, const char *option, struct err *err)
{
	cJSON *map = NULL;
	const char *text;

	for (int i = 0; (text = cmd_value_at(r, option, i)); i++) {
		size_t n = strcspn(text, "=");
		cleanup_free char *name = xstrndup(text, n);

		if (!n || !text[n]) {
			err_set(err, ERR_INVALID, _("--%s takes NAME=VALUE, not '%s'"), option,
				text);
			cJSON_Delete(map);
			return NULL;
		}
		if (!map)
			map = cJSON_CreateObject();
		json_replace(map, name, cJSON_CreateString(text + n + 1));
	}
	return map;
}
