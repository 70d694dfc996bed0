/* The table of instance types and what can be read off it. Rows are in order of their families,
 * so that a name is found by halving down to its family and looking through its few sizes. */
#include "config.h"
#include "jobdeck/catalog/catalog.h"
#include <assert.h>
#include <string.h>
#include "internal.h"
#include "jobdeck/base/mem.h"

static const struct instance_type types[] = {
	[CATALOG_LOCAL_HOST] = { "local.host", "local", 0, 0, 0, NULL, ARCH_X86_64, 0 },
#define X(name, family, vcpus, memory, gpus, model, arch, price) \
	{ name, family, vcpus, memory, gpus, model, ARCH_##arch, price },
#include "instance_types.def"
#undef X
};
enum { COUNT = ARRAY_LEN(types), FIRST = CATALOG_LOCAL_HOST + 1 };
static_assert((int)COUNT <= (int)CATALOG_MAX, "the catalog has outgrown CATALOG_MAX");

const struct instance_type *catalog_at(int i)
{
	return i >= 0 && i < COUNT ? &types[i] : NULL;
}

int catalog_count(void)
{
	return COUNT;
}

int catalog_index(const struct instance_type *t)
{
	return (int)(t - types);
}

/* As strcmp of the i-th family with a name that has a length. */
static int compare(int i, const char *name, size_t len)
{
	int c = strncmp(types[i].family, name, len);

	return c ? c : types[i].family[len] != '\0';
}

int catalog_family(const char *name, size_t len, int *count)
{
	int low = FIRST, high = COUNT, end;

	while (low < high) {
		int mid = low + (high - low) / 2;

		if (compare(mid, name, len) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (end = low; end < COUNT && compare(end, name, len) == 0; end++)
		;
	*count = end - low;
	return *count ? low : 0;
}

const struct instance_type *catalog_find(const char *name)
{
	int count, first = catalog_family(name, strcspn(name, "."), &count);

	for (int i = first; i < first + count; i++) {
		if (strcmp(types[i].name, name) == 0)
			return &types[i];
	}
	return strcmp(name, types[CATALOG_LOCAL_HOST].name) == 0 ? &types[CATALOG_LOCAL_HOST] :
								   NULL;
}

bool catalog_is_family(const char *name)
{
	int count;

	catalog_family(name, strlen(name), &count);
	return count > 0;
}

int64_t catalog_offered_mib(const struct instance_type *t, int reserve_milli)
{
	int64_t mib = t->memory_mib - t->memory_mib * reserve_milli / 1000 - CATALOG_AGENT_MIB;

	return mib > 0 ? mib : 0;
}

int64_t catalog_local_price(int64_t vcpu_milli)
{
	int64_t price = 0;
	int vcpus = 1;

	for (int i = FIRST; i < COUNT; i++) {
		const struct instance_type *t = &types[i];

		if (t->family[0] != 'm' || t->arch != types[CATALOG_LOCAL_HOST].arch)
			continue;
		if (!price || t->price_micro_usd_hour * vcpus < price * t->vcpus) {
			price = t->price_micro_usd_hour;
			vcpus = t->vcpus;
		}
	}
	return price * vcpu_milli / (vcpus * 1000);
}
