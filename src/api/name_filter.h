#ifndef JOBDECK_SRC_API_NAME_FILTER_H
#define JOBDECK_SRC_API_NAME_FILTER_H
#include "jobdeck/base/json.h"

/* Filters of lists: [{name, values}]. Names match without regard to case, and by their beginning
 * when the value ends in '*'; one of the values must match. */
struct name_filter {
	const cJSON *values; /* NULL: everything matches */
};

/* The only filter such a list knows. */
int name_filter_read(struct name_filter *f, const cJSON *filters, const char *known,
		     struct err *err);
/* The values of the filter of that name, or NULL; -1 when a name is none of `known`
 * (NULL-ended), is there twice, or has no values. */
int name_filters_check(const cJSON *filters, const char *const *known, struct err *err);
const cJSON *name_filter_values(const cJSON *filters, const char *name);
bool name_filter_matches(const struct name_filter *f, const char *text);

#endif
