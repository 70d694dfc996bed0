/* Fargate: which sizes are sold (RES-3), and for how much. */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/mem.h"
#include "jobdeck/catalog/catalog.h"

static const struct fargate_size sizes[] = {
	{ 250, 512, 2048, 0 },		{ 500, 1024, 4096, 1024 },   { 1000, 2048, 8192, 1024 },
	{ 2000, 4096, 16384, 1024 },	{ 4000, 8192, 30720, 1024 }, { 8000, 16384, 61440, 4096 },
	{ 16000, 32768, 122880, 8192 },
};

/* Micro-USD per vCPU and hour, and per GB and hour. */
static const struct {
	int64_t vcpu, gb;
} prices[] = {
	[ARCH_X86_64] = { 40480, 4445 },
	[ARCH_ARM64] = { 32380, 3560 },
};

const struct fargate_size *catalog_fargate_at(int i)
{
	return i >= 0 && i < (int)ARRAY_LEN(sizes) ? &sizes[i] : NULL;
}

static const struct fargate_size *find(int64_t vcpu_milli)
{
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		if (sizes[i].vcpu_milli == vcpu_milli)
			return &sizes[i];
	}
	return NULL;
}

static int64_t step_up(const struct fargate_size *size, int64_t mib)
{
	return size->step_mib ? mib + size->step_mib : mib * 2;
}

int64_t catalog_fargate_memory(int64_t vcpu_milli, int64_t memory_mib)
{
	const struct fargate_size *size = find(vcpu_milli);

	if (!size)
		return 0;
	for (int64_t mib = size->least_mib; mib <= size->most_mib; mib = step_up(size, mib)) {
		if (mib >= memory_mib)
			return mib;
	}
	return 0;
}

bool catalog_fargate_pair(int64_t vcpu_milli, int64_t memory_mib)
{
	return memory_mib > 0 && catalog_fargate_memory(vcpu_milli, memory_mib) == memory_mib;
}

/* Appends "NUMBER", after ", " when it is not the first. */
static void add(char *out, size_t size, double number)
{
	size_t len = strlen(out);

	snprintf(out + len, size - len, "%s%.9g", len ? ", " : "", number);
}

void catalog_fargate_memory_text(int64_t vcpu_milli, char *out, size_t size)
{
	const struct fargate_size *s = find(vcpu_milli);

	out[0] = '\0';
	for (int64_t mib = s ? s->least_mib : 0; s && mib <= s->most_mib; mib = step_up(s, mib))
		add(out, size, (double)mib);
}

void catalog_fargate_vcpu_text(char *out, size_t size)
{
	out[0] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		add(out, size, (double)sizes[i].vcpu_milli / 1000);
}

int64_t catalog_fargate_price(int64_t vcpu_milli, int64_t memory_mib, enum arch arch, bool spot)
{
	int64_t percent = spot ? CATALOG_FARGATE_SPOT_PERCENT : 100;

	if (!catalog_fargate_pair(vcpu_milli, memory_mib) || (size_t)arch >= ARRAY_LEN(prices))
		return 0;
	return (vcpu_milli * prices[arch].vcpu / 1000 + memory_mib * prices[arch].gb / 1024) *
	       percent / 100;
}
