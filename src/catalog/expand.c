/* What the names in an environment's instanceTypes stand for (IT-1). */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "internal.h"
#include "jobdeck/base/buf.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"

enum { FAMILIES_MAX = 4 };

/* `optimal` was c4 m4 r4 c5 m5 r5 at AWS and is default_x86_64 there now; here it is the machine.
 */
static const struct {
	const char *name;
	const char *families[FAMILIES_MAX + 1]; /* none: local.host */
} bundles[] = {
	{ "optimal", { NULL } },
	{ "default_x86_64", { "m6i", "c6i", "r6i", "c7i", NULL } },
	{ "default_arm64", { "m6g", "c6g", "r6g", "c7g", NULL } },
};

struct list {
	uint16_t *out;
	int count, max;
	bool seen[CATALOG_MAX];
	struct err *err;
};

static int find_bundle(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(bundles); i++) {
		if (strcmp(bundles[i].name, name) == 0)
			return (int)i;
	}
	return -1;
}

bool catalog_is_bundle(const char *name)
{
	return find_bundle(name) >= 0;
}

/* AWS's words, with both names. */
static int mixed(struct list *l, const struct instance_type *a, const struct instance_type *b)
{
	return err_set(
		l->err, ERR_INVALID,
		"arm-based instance type cannot be used with other instance types (%s and %s)",
		a->name, b->name);
}

static int add(struct list *l, int index)
{
	const struct instance_type *t = catalog_at(index);

	if (l->seen[index])
		return 0;
	if (l->count && catalog_at(l->out[0])->arch != t->arch)
		return mixed(l, catalog_at(l->out[0]), t);
	if (l->count == l->max)
		return err_set(l->err, ERR_INVALID, "more than %d instance types", l->max);
	l->seen[index] = true;
	l->out[l->count++] = (uint16_t)index;
	return 0;
}

/* Is a better value than b: cheaper per vCPU, or as cheap and smaller? */
static bool better(const struct instance_type *a, const struct instance_type *b)
{
	int64_t of_a = a->price_micro_usd_hour * b->vcpus;
	int64_t of_b = b->price_micro_usd_hour * a->vcpus;

	return of_a != of_b ? of_a < of_b : a < b; /* sizes ascend in the table */
}

static int add_family(struct list *l, int first, int count)
{
	uint16_t sorted[CATALOG_MAX];

	for (int i = 0; i < count; i++) {
		int j = i;

		for (; j > 0 && better(catalog_at(first + i), catalog_at(sorted[j - 1])); j--)
			sorted[j] = sorted[j - 1];
		sorted[j] = (uint16_t)(first + i);
	}
	for (int i = 0; i < count; i++) {
		if (add(l, sorted[i]))
			return -1;
	}
	return 0;
}

static int add_bundle(struct list *l, int bundle)
{
	const char *const *families = bundles[bundle].families;

	if (!families[0])
		return add(l, CATALOG_LOCAL_HOST);
	for (; *families; families++) {
		int count, first = catalog_family(*families, strlen(*families), &count);

		if (add_family(l, first, count))
			return -1;
	}
	return 0;
}

/* The sizes of the family that was meant, or all families: what may stand in place of `name`. */
static void list_known(const char *name, struct buf *out)
{
	int count, first = catalog_family(name, strcspn(name, "."), &count);

	if (count > 0)
		buf_addf(out, "%s", catalog_at(first)->family);
	for (int i = first; i < first + count; i++)
		buf_addf(out, ", %s", catalog_at(i)->name);
	for (size_t i = 0; count == 0 && i < ARRAY_LEN(bundles); i++)
		buf_addf(out, "%s%s", i ? ", " : "", bundles[i].name);
	for (int i = CATALOG_LOCAL_HOST + 1; count == 0 && i < catalog_count(); i++) {
		if (strcmp(catalog_at(i)->family, catalog_at(i - 1)->family) != 0)
			buf_addf(out, ", %s", catalog_at(i)->family);
	}
}

/* AWS: "Instance type can only be one of [ALL]". All would be too much to read. */
static int unknown(struct list *l, const char *name)
{
	char safe[60];
	struct buf known;

	text_safe(safe, sizeof safe, name, strlen(name));
	buf_init(&known, 1024);
	list_known(name, &known);
	err_set(l->err, ERR_INVALID,
		"Instance type can only be one of [%s]; instance type %s is not in the catalog, "
		"see "
		"jobdeck catalog",
		buf_str(&known), safe);
	buf_fini(&known);
	return -1;
}

static int add_name(struct list *l, const char *name)
{
	const struct instance_type *t = catalog_find(name);
	int bundle = find_bundle(name), count, first = catalog_family(name, strlen(name), &count);

	if (t)
		return add(l, catalog_index(t));
	if (bundle >= 0)
		return add_bundle(l, bundle);
	return count > 0 ? add_family(l, first, count) : unknown(l, name);
}

int catalog_expand(const char *const *names, int n, uint16_t *out, int max, struct err *err)
{
	struct list l = { .out = out, .max = max, .err = err };

	for (int i = 0; i < n; i++) {
		if (add_name(&l, names[i]))
			return -1;
	}
	return l.count;
}
