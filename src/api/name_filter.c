#include "config.h"
#include "name_filter.h"
#include <string.h>
#include <strings.h>
#include "jobdeck/base/buf.h"

const cJSON *name_filter_values(const cJSON *filters, const char *name)
{
	const cJSON *filter;

	cJSON_ArrayForEach(filter, filters) {
		if (strcmp(json_str_or(filter, "name", ""), name) == 0)
			return json_get(filter, "values");
	}
	return NULL;
}

static int unknown(const char *name, const char *const *known, struct err *err)
{
	struct buf all cleanup_buf;

	buf_init(&all, 200);
	for (; *known; known++)
		buf_addf(&all, "%s%s", all.len ? ", " : "", *known);
	return err_set(err, ERR_INVALID, "filters: '%.60s' is none of %s", name, buf_str(&all));
}

int name_filters_check(const cJSON *filters, const char *const *known, struct err *err)
{
	const cJSON *filter;

	cJSON_ArrayForEach(filter, filters) {
		const char *name = json_str_or(filter, "name", "");
		const char *const *k = known;

		while (*k && strcmp(*k, name) != 0)
			k++;
		if (!*k)
			return unknown(name, known, err);
		if (!json_count(filter, "values"))
			return err_set(err, ERR_INVALID,
				       "filters: a filter needs a name and a value");
		if (json_get(filter, "values") != name_filter_values(filters, name))
			return err_set(err, ERR_INVALID, "filters: %s is there twice", name);
	}
	return 0;
}

int name_filter_read(struct name_filter *f, const cJSON *filters, const char *known,
		     struct err *err)
{
	const char *const names[] = { known, NULL };

	f->values = name_filter_values(filters, known);
	return name_filters_check(filters, names, err);
}

static bool matches(const char *text, const char *value)
{
	size_t n = strlen(value);

	if (n && value[n - 1] == '*')
		return strncasecmp(text, value, n - 1) == 0;
	return strcasecmp(text, value) == 0;
}

bool name_filter_matches(const struct name_filter *f, const char *text)
{
	const cJSON *value;

	cJSON_ArrayForEach(value, f->values) {
		if (matches(text, value->valuestring))
			return true;
	}
	return !f->values;
}
