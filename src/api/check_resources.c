/* What a container asks for: vCPUs, memory, GPUs (RES-1), and the sizes that Fargate sells
 * (RES-3). */
#include "config.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "jobdeck/catalog/catalog.h"
#include "jobdeck/model/limits.h"
#include "internal.h"

/* RES-3. */
static int check_fargate(const struct resources *r, struct err *err)
{
	double vcpus = (double)r->vcpu_milli / 1000;
	char legal[CATALOG_FARGATE_TEXT];

	if (catalog_fargate_pair(r->vcpu_milli, r->memory_mib))
		return 0;
	catalog_fargate_memory_text(r->vcpu_milli, legal, sizeof legal);
	if (*legal)
		return err_set(err, ERR_INVALID,
			       "Fargate resource requirements (%.2f vCPU, %" PRId64 " MiB) not "
			       "valid. With %g vCPU the memory must be one of: %s",
			       vcpus, r->memory_mib, vcpus, legal);
	catalog_fargate_vcpu_text(legal, sizeof legal);
	return err_set(err, ERR_INVALID,
		       "Fargate resource requirements (%.2f vCPU, %" PRId64 " MiB) not valid. "
		       "vCPU must be one of: %s",
		       vcpus, r->memory_mib, legal);
}

/* A whole number of at most 9 digits, or -1. */
static int64_t whole(const char *text)
{
	size_t n = strspn(text, "0123456789");

	return n && !text[n] && n <= 9 ? (int64_t)strtol(text, NULL, 10) : -1;
}

/* "0.25", "4", "1.0" in thousandths, or -1: only Fargate takes parts of a vCPU. */
static int64_t milli(const char *text)
{
	size_t n = strspn(text, "0123456789");
	char digits[4] = "000";
	const char *part = text + n;

	if (!n || n > 6)
		return -1;
	if (*part == '.') {
		size_t m = strspn(++part, "0123456789");

		if (!m || m > 3 || part[m])
			return -1;
		memcpy(digits, part, m);
	} else if (*part) {
		return -1;
	}
	return (int64_t)strtol(text, NULL, 10) * 1000 + strtol(digits, NULL, 10);
}

static int bad_value(const char *type, const char *value, struct err *err)
{
	return err_set(
		err, ERR_INVALID,
		"Value %.40s for type %s in resourceRequirement is not valid. Please provide "
		"a numeric value.",
		value, type);
}

static int too_small(const char *type, const char *value, int least, struct err *err)
{
	return err_set(err, ERR_INVALID,
		       "Value %.40s for type %s in resourceRequirement is not valid. It must be at "
		       "least %d.",
		       value, type, least);
}

static int read_vcpu(const char *value, enum platform p, struct resources *out, struct err *err)
{
	int64_t n = p == PLATFORM_FARGATE ? milli(value) : whole(value);

	if (n < 0)
		return bad_value("VCPU", value, err);
	if (n < 1)
		return too_small("VCPU", value, 1, err);
	out->vcpu_milli = p == PLATFORM_FARGATE ? n : n * 1000;
	return 0;
}

static int read_memory(const char *value, struct resources *out, struct err *err)
{
	int64_t n = whole(value);

	if (n < 0)
		return bad_value("MEMORY", value, err);
	if (n < LIMIT_MEMORY_MIN_MIB)
		return too_small("MEMORY", value, LIMIT_MEMORY_MIN_MIB, err);
	out->memory_mib = n;
	return 0;
}

static int read_gpu(const char *value, enum platform p, struct resources *out, struct err *err)
{
	int64_t n = whole(value);

	if (p == PLATFORM_FARGATE)
		return err_set(err, ERR_INVALID, "GPU is not applicable for Fargate.");
	if (n < 0)
		return bad_value("GPU", value, err);
	if (n < 1)
		return too_small("GPU", value, 1, err);
	out->gpus = (int32_t)n;
	return 0;
}

static int read_requirement(const cJSON *item, enum platform p, struct resources *out,
			    struct err *err)
{
	const char *type = json_str_or(item, "type", ""), *value = json_str_or(item, "value", "");
	bool vcpu = strcmp(type, "VCPU") == 0, memory = strcmp(type, "MEMORY") == 0;

	if (vcpu ? out->vcpu_milli : memory ? out->memory_mib : out->gpus)
		return err_set(err, ERR_INVALID, "resourceRequirements: type %s is repeated", type);
	if (vcpu)
		return read_vcpu(value, p, out, err);
	if (memory)
		return read_memory(value, out, err);
	return read_gpu(value, p, out, err);
}

static int read_list(const cJSON *list, enum platform p, struct resources *out, struct err *err)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, list) {
		if (read_requirement(item, p, out, err) < 0)
			return -1;
	}
	return 0;
}

int check_requirements(const cJSON *list, enum platform p, struct err *err)
{
	struct resources ignored = { 0 };

	return read_list(list, p, &ignored, err);
}

/* The members vcpus and memory of before resourceRequirements. */
static int read_legacy(const cJSON *container, const char *member, const char *type, int64_t least,
		       enum platform p, int64_t *out, struct err *err)
{
	const cJSON *item = json_get(container, member);
	int64_t n = json_int(container, member, 0);
	char text[32];

	if (!item)
		return 0;
	if (p == PLATFORM_FARGATE)
		return err_set(
			err, ERR_INVALID,
			"%s is not applicable for Fargate. Use resource requirements instead.",
			member);
	snprintf(text, sizeof text, "%" PRId64, n);
	if (n < least)
		return too_small(type, text, (int)least, err);
	if (!*out)
		*out = n;
	return 0;
}

int resources_read(const cJSON *container, enum platform p, struct resources *out, struct err *err)
{
	struct resources r = { 0 };
	int64_t vcpus;

	if (read_list(json_get(container, "resourceRequirements"), p, &r, err) < 0)
		return -1;
	vcpus = r.vcpu_milli / 1000;
	if (read_legacy(container, "vcpus", "VCPU", 1, p, &vcpus, err) < 0 ||
	    read_legacy(container, "memory", "MEMORY", LIMIT_MEMORY_MIN_MIB, p, &r.memory_mib,
			err) < 0)
		return -1;
	if (!r.vcpu_milli)
		r.vcpu_milli = vcpus * 1000;
	if (!r.vcpu_milli)
		return err_set(err, ERR_INVALID, "vCPU is not provided.");
	if (!r.memory_mib)
		return err_set(err, ERR_INVALID, "Memory is not provided.");
	if (p == PLATFORM_FARGATE && check_fargate(&r, err) < 0)
		return -1;
	*out = r;
	return 0;
}
