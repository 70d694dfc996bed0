/* Client tokens, as values of the name token/EIGHT-HOURS/NAME: those of one period lie side by
 * side and are dropped together, two periods later. */
#include "config.h"
#include <inttypes.h>
#include <stdio.h>
#include "jobdeck/base/mem.h"
#include "internal.h"

static char *key(int64_t period, const char *name)
{
	return xasprintf("token/%08" PRId64 "/%s", period, name);
}

/* "TIME TEXT": a token of the period before may be older than 8 hours. */
static char *read_one(struct store *st, jd_time now, int64_t period, const char *name)
{
	cleanup_free char *where = key(period, name), *value = store_value(st, where);
	int64_t at;
	int behind = 0;

	if (!value || sscanf(value, "%" SCNd64 " %n", &at, &behind) != 1 || !behind ||
	    now - at >= STORE_TOKEN_MS)
		return NULL;
	return xstrdup(value + behind);
}

char *store_token(struct store *st, jd_time now, const char *name)
{
	char *text = read_one(st, now, now / STORE_TOKEN_MS, name);

	return text ? text : read_one(st, now, now / STORE_TOKEN_MS - 1, name);
}

static int drop_old(struct store *st, int64_t period, struct err *err)
{
	cleanup_free char *first = key(0, ""), *last = key(period - 1, "");

	return store_drop_values(st, first, last, err);
}

int store_put_token(struct store *st, jd_time now, const char *name, const char *text,
		    struct err *err)
{
	int64_t period = now / STORE_TOKEN_MS;
	cleanup_free char *where = key(period, name);
	cleanup_free char *value = xasprintf("%" PRId64 " %s", now, text);

	return store_put_value(st, where, value, err) ? -1 : drop_old(st, period, err);
}
