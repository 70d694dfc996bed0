#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/mem.h"
#include "jobdeck/catalog/catalog.h"

enum { NAMES = 5, TEXT_SIZE = 4096 };

static struct err error;

/* --- the table ---------------------------------------------------------------------------- */

static void every_type_is_found_by_name(void **state)
{
	(void)state;
	assert_true(catalog_count() > 100);
	for (int i = 0; i < catalog_count(); i++) {
		const struct instance_type *t = catalog_at(i);

		assert_non_null(t);
		assert_ptr_equal(catalog_find(t->name), t);
		assert_int_equal(catalog_index(t), i);
	}
	assert_null(catalog_at(catalog_count()));
	assert_null(catalog_at(-1));
}

static void other_names_are_not_found(void **state)
{
	static const char *const names[] = { "",	 ".",	      "c5",	   "c5.",
					     "c5.larg",	 "c5.larger", "c5..large", ".large",
					     "C5.large", "c5.metal",  "c9.large",  "local",
					     "zz.large", "a1.large",  "optimal",   "local.hosts",
					     "c5 .large" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (catalog_find(names[i]))
			fail_msg("%s", names[i]);
	}
}

static void assert_sane(const struct instance_type *t)
{
	size_t len = strlen(t->family);
	double dollars = (double)t->price_micro_usd_hour / 1e6;

	if (strncmp(t->name, t->family, len) != 0 || t->name[len] != '.')
		fail_msg("%s is not of %s", t->name, t->family);
	if (t->vcpus < 1 || t->vcpus > 256 || t->memory_mib < 512 || t->memory_mib % 256)
		fail_msg("%s: size", t->name);
	if (t->gpus < 0 || (t->gpus > 0) != (t->gpu_model != NULL) || t->gpus > 16)
		fail_msg("%s: GPUs", t->name);
	/* The cheapest burst types take less than half a cent per vCPU, the GPU ones half a dollar.
	 */
	if (dollars / t->vcpus < 0.002 || dollars / t->vcpus > (t->gpus ? 0.6 : 0.1))
		fail_msg("%s: $%f an hour", t->name, dollars);
	if (t->gpus && t->arch != ARCH_X86_64)
		fail_msg("%s: GPUs are on x86_64 only (RES-5)", t->name);
}

static void the_table_is_sane_and_sorted(void **state)
{
	(void)state;
	for (int i = CATALOG_LOCAL_HOST + 1; i < catalog_count(); i++) {
		const struct instance_type *t = catalog_at(i), *before = catalog_at(i - 1);
		int c = strcmp(before->family, t->family);

		assert_sane(t);
		if (i - 1 == CATALOG_LOCAL_HOST)
			continue;
		if (c > 0 ||
		    (c == 0 && (before->vcpus > t->vcpus || before->memory_mib >= t->memory_mib)))
			fail_msg("%s after %s", t->name, before->name);
		if (c == 0 && (before->arch != t->arch))
			fail_msg("%s: two architectures in a family", t->name);
	}
}

static void some_types_as_aws_has_them(void **state)
{
	static const struct {
		const char *name;
		int vcpus;
		int64_t memory, price;
		int gpus;
		const char *model;
		enum arch arch;
	} rows[] = {
		{ "c5.large", 2, 4096, 85000, 0, NULL, ARCH_X86_64 },
		{ "m4.10xlarge", 40, 163840, 2000000, 0, NULL, ARCH_X86_64 },
		{ "m6g.medium", 1, 4096, 38500, 0, NULL, ARCH_ARM64 },
		{ "r6i.32xlarge", 128, 1048576, 8064000, 0, NULL, ARCH_X86_64 },
		{ "t3.2xlarge", 8, 32768, 332800, 0, NULL, ARCH_X86_64 },
		{ "g4dn.12xlarge", 48, 196608, 3912000, 4, "NVIDIA T4", ARCH_X86_64 },
		{ "p3.2xlarge", 8, 62464, 3060000, 1, "NVIDIA V100", ARCH_X86_64 },
		{ "p4d.24xlarge", 96, 1179648, 21957600, 8, "NVIDIA A100", ARCH_X86_64 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct instance_type *t = catalog_find(rows[i].name);

		assert_non_null(t);
		assert_int_equal(t->vcpus, rows[i].vcpus);
		assert_int_equal(t->memory_mib, rows[i].memory);
		assert_int_equal(t->price_micro_usd_hour, rows[i].price);
		assert_int_equal(t->gpus, rows[i].gpus);
		assert_int_equal(t->arch, rows[i].arch);
		if (rows[i].model)
			assert_string_equal(t->gpu_model, rows[i].model);
	}
}

static void the_local_host_is_special(void **state)
{
	const struct instance_type *t = catalog_at(CATALOG_LOCAL_HOST);

	(void)state;
	assert_string_equal(t->name, "local.host");
	assert_int_equal(t->vcpus, 0);
	assert_int_equal(t->memory_mib, 0);
	assert_int_equal(t->price_micro_usd_hour, 0);
	assert_int_equal(catalog_offered_mib(t, CATALOG_RESERVE_MILLI), 0);
	assert_int_equal(catalog_local_price(1000), 48000); /* m5, m6i: $0.096 for two */
	assert_int_equal(catalog_local_price(250), 12000);
	assert_int_equal(catalog_local_price(0), 0);
	assert_int_equal(catalog_local_price(INT64_C(64000)),
			 catalog_find("m5.16xlarge")->price_micro_usd_hour);
}

static void families(void **state)
{
	(void)state;
	assert_true(catalog_is_family("c5"));
	assert_true(catalog_is_family("p3"));
	assert_true(catalog_is_family("p3dn"));
	assert_true(catalog_is_family("c4")); /* the first */
	assert_true(catalog_is_family("t3")); /* the last */
	assert_false(catalog_is_family("c"));
	assert_false(catalog_is_family(""));
	assert_false(catalog_is_family("c55"));
	assert_false(catalog_is_family("p3d"));
	assert_false(catalog_is_family("c5.large"));
	assert_false(catalog_is_family("local"));
	assert_false(catalog_is_family("optimal"));
}

static void offered_memory(void **state)
{
	static const struct {
		const char *name;
		int reserve;
		int64_t offered, within;
	} rows[] = {
		{ "m4.large", CATALOG_RESERVE_MILLI, 7985 - 32, 4 }, /* RES-6 */
		{ "m4.large", 0, 8192 - 32, 0 },
		{ "m4.large", 100, 8192 - 819 - 32, 0 },
		{ "t3.nano", CATALOG_RESERVE_MILLI, 512 - 12 - 32, 0 },
		{ "t3.nano", 1000, 0, 0 },
		{ "p4d.24xlarge", CATALOG_RESERVE_MILLI, 1179648 - 29491 - 32, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t mib = catalog_offered_mib(catalog_find(rows[i].name), rows[i].reserve);

		if (mib < rows[i].offered - rows[i].within ||
		    mib > rows[i].offered + rows[i].within)
			fail_msg("%s offers %lld", rows[i].name, (long long)mib);
	}
}

/* --- lists of types ----------------------------------------------------------------------- */

struct list {
	const char *names[NAMES]; /* up to a NULL */
	const char *says;	  /* the types it stands for, or what the error says */
};

static int expand(const struct list *l, uint16_t *out, int max)
{
	int n = 0;

	while (n < NAMES && l->names[n])
		n++;
	memset(&error, 0, sizeof error);
	return catalog_expand(l->names, n, out, max, &error);
}

static void say(char *text, const uint16_t *out, int count)
{
	size_t len = 0;

	text[0] = '\0';
	for (int i = 0; i < count; i++)
		len += (size_t)snprintf(text + len, TEXT_SIZE - len, "%s%s", i ? " " : "",
					catalog_at(out[i])->name);
}

static void lists_are_expanded(void **state)
{
	static const struct list rows[] = {
		{ { "c5.large" }, "c5.large" },
		{ { "m5.xlarge", "c5.large" }, "m5.xlarge c5.large" },
		{ { "c5.large", "c5.large" }, "c5.large" },
		{ { "optimal" }, "local.host" },
		{ { "local.host", "optimal" }, "local.host" },
		{ { "optimal", "p3dn" }, "local.host p3dn.24xlarge" },
		{ { NULL }, "" },
		/* All cost the same per vCPU: by size. */
		{ { "c5" },
		  "c5.large c5.xlarge c5.2xlarge c5.4xlarge c5.9xlarge c5.12xlarge c5.18xlarge "
		  "c5.24xlarge" },
		/* c4.8xlarge has 36 vCPUs at the price of 32; c4.large is rounded up. */
		{ { "c4" }, "c4.8xlarge c4.xlarge c4.2xlarge c4.4xlarge c4.large" },
		{ { "g4dn" },
		  "g4dn.8xlarge g4dn.16xlarge g4dn.4xlarge g4dn.12xlarge g4dn.2xlarge "
		  "g4dn.xlarge" },
		{ { "c4.large", "c4" }, "c4.large c4.8xlarge c4.xlarge c4.2xlarge c4.4xlarge" },
		{ { "p3", "m5.large", "p3.2xlarge" },
		  "p3.2xlarge p3.8xlarge p3.16xlarge m5.large" },
		{ { "c6g.medium", "m6g.medium" }, "c6g.medium m6g.medium" },
	};
	char text[TEXT_SIZE];
	uint16_t out[CATALOG_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int count = expand(&rows[i], out, CATALOG_MAX);

		if (count < 0)
			fail_msg("%s: %s", rows[i].says, error.text);
		say(text, out, count);
		assert_string_equal(text, rows[i].says);
	}
}

/* The families of a result, each once, in order. */
static void say_families(char *text, const uint16_t *out, int count)
{
	const char *last = "";
	size_t len = 0;

	for (int i = 0; i < count; i++) {
		const char *family = catalog_at(out[i])->family;

		if (strcmp(family, last) != 0)
			len += (size_t)snprintf(text + len, TEXT_SIZE - len, "%s ", family);
		last = family;
	}
}

static void bundles(void **state)
{
	static const struct list rows[] = {
		{ { "default_x86_64" }, "m6i c6i r6i c7i " },
		{ { "default_arm64" }, "m6g c6g r6g c7g " },
		{ { "r6i", "default_x86_64" }, "r6i m6i c6i c7i " },
		{ { "optimal", "default_x86_64", "optimal" }, "local m6i c6i r6i c7i " },
	};
	char text[TEXT_SIZE];
	uint16_t out[CATALOG_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int count = expand(&rows[i], out, CATALOG_MAX);

		assert_true(count > 0);
		say_families(text, out, count);
		assert_string_equal(text, rows[i].says);
	}
	assert_true(catalog_is_bundle("optimal"));
	assert_true(catalog_is_bundle("default_x86_64"));
	assert_true(catalog_is_bundle("default_arm64"));
	assert_false(catalog_is_bundle("default"));
	assert_false(catalog_is_bundle("c5"));
	assert_false(catalog_is_bundle("local.host"));
	assert_false(catalog_is_bundle(""));
}

static void wrong_lists_are_refused(void **state)
{
	static const struct list rows[] = {
		{ { "c9.large" },
		  "Instance type can only be one of [optimal, default_x86_64, default_arm64, c4, "
		  "c5, "
		  "c6g, c6i, c7g, c7i, g4dn, g5, m4, m5, m6g, m6i, m7i, p3, p3dn, p4d, r4, r5, "
		  "r6g, "
		  "r6i, t3]; instance type c9.large is not in the catalog, see jobdeck catalog" },
		{ { "c5.large", "p3.metal" },
		  "Instance type can only be one of [p3, p3.2xlarge, p3.8xlarge, p3.16xlarge]; "
		  "instance type p3.metal is not" },
		{ { "" }, "instance type  is not in the catalog" },
		{ { "c5\033[31m" }, "instance type c5^[[31m is not in the catalog" },
		{ { "Optimal" }, "instance type Optimal is not in the catalog" },
		{ { "local" }, "instance type local is not in the catalog" },
		{ { "c5.large", "m6g.large" },
		  "arm-based instance type cannot be used with other instance types (c5.large and "
		  "m6g.large)" },
		{ { "m6g", "c6g.large", "t3.nano" }, "arm-based instance type cannot be used" },
		{ { "default_arm64", "default_x86_64" }, "arm-based instance type" },
		{ { "optimal", "c7g" }, "local.host and c7g.large" },
	};
	uint16_t out[CATALOG_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(expand(&rows[i], out, CATALOG_MAX), -1);
		assert_int_equal(error.kind, ERR_INVALID);
		if (!strstr(error.text, rows[i].says))
			fail_msg("\"%s\" does not say \"%s\"", error.text, rows[i].says);
	}
}

static void results_that_do_not_fit_are_refused(void **state)
{
	static const struct list p3 = { { "p3" }, NULL },
				 twice = { { "m5.large", "m5.large" }, NULL };
	uint16_t out[4] = { 0, 0, 77, 77 };

	(void)state;
	assert_int_equal(expand(&p3, out, 2), -1);
	assert_int_equal(error.kind, ERR_INVALID);
	assert_int_equal(out[2], 77); /* nothing behind the end */
	assert_int_equal(expand(&p3, out, 3), 3);
	assert_int_equal(expand(&twice, out, 1), 1);
}

/* --- Fargate ------------------------------------------------------------------------------ */

/* RES-3, written out. */
static bool is_pair(int64_t vcpu, int64_t mib)
{
	switch (vcpu) {
	case 250:
		return mib == 512 || mib == 1024 || mib == 2048;
	case 500:
		return mib >= 1024 && mib <= 4096 && mib % 1024 == 0;
	case 1000:
		return mib >= 2048 && mib <= 8192 && mib % 1024 == 0;
	case 2000:
		return mib >= 4096 && mib <= 16384 && mib % 1024 == 0;
	case 4000:
		return mib >= 8192 && mib <= 30720 && mib % 1024 == 0;
	case 8000:
		return mib >= 16384 && mib <= 61440 && mib % 4096 == 0;
	case 16000:
		return mib >= 32768 && mib <= 122880 && mib % 8192 == 0;
	}
	return false;
}

static void every_pair(void **state)
{
	int pairs = 0;

	(void)state;
	for (int64_t vcpu = -250; vcpu <= 33000; vcpu += 250) {
		for (int64_t mib = -512; mib <= 140000; mib += 256) {
			if (catalog_fargate_pair(vcpu, mib) != is_pair(vcpu, mib))
				fail_msg("%lld, %lld", (long long)vcpu, (long long)mib);
			pairs += is_pair(vcpu, mib);
		}
	}
	assert_int_equal(pairs, 3 + 4 + 7 + 13 + 23 + 12 + 12);
	assert_false(catalog_fargate_pair(249, 512));
	assert_false(catalog_fargate_pair(250, 511));
	assert_false(catalog_fargate_pair(250, 0));
	assert_false(catalog_fargate_pair(1000, INT64_MAX));
}

static void next_larger_memory(void **state)
{
	static const struct {
		int64_t vcpu, mib, next;
	} rows[] = {
		{ 250, 0, 512 },	   { 250, 513, 1024 },	 { 250, 1025, 2048 },
		{ 250, 2049, 0 },	   { 1000, -5, 2048 },	 { 8000, 16385, 20480 },
		{ 16000, 122880, 122880 }, { 16000, 122881, 0 }, { 3000, 8192, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(catalog_fargate_memory(rows[i].vcpu, rows[i].mib), rows[i].next);
}

static void fargate_texts(void **state)
{
	char text[CATALOG_FARGATE_TEXT], small[8];

	(void)state;
	catalog_fargate_vcpu_text(text, sizeof text);
	assert_string_equal(text, "0.25, 0.5, 1, 2, 4, 8, 16");
	catalog_fargate_memory_text(250, text, sizeof text);
	assert_string_equal(text, "512, 1024, 2048");
	catalog_fargate_memory_text(500, text, sizeof text);
	assert_string_equal(text, "1024, 2048, 3072, 4096");
	catalog_fargate_memory_text(3000, text, sizeof text);
	assert_string_equal(text, "");
	catalog_fargate_memory_text(16000, small, sizeof small);
	assert_string_equal(small, "32768, "); /* cut */
	for (int i = 0; catalog_fargate_at(i); i++) {
		catalog_fargate_memory_text(catalog_fargate_at(i)->vcpu_milli, text, sizeof text);
		assert_true(strlen(text) < sizeof text - 1);
	}
	assert_int_equal(catalog_fargate_at(6)->vcpu_milli, 16000);
	assert_null(catalog_fargate_at(7));
	assert_null(catalog_fargate_at(-1));
}

static void fargate_prices(void **state)
{
	(void)state;
	assert_int_equal(catalog_fargate_price(1000, 2048, ARCH_X86_64, false), 40480 + 2 * 4445);
	assert_int_equal(catalog_fargate_price(250, 512, ARCH_X86_64, false), 10120 + 2222);
	assert_int_equal(catalog_fargate_price(16000, 122880, ARCH_X86_64, false),
			 16 * 40480 + 120 * 4445);
	assert_int_equal(catalog_fargate_price(1000, 2048, ARCH_ARM64, false), 32380 + 2 * 3560);
	assert_int_equal(catalog_fargate_price(1000, 2048, ARCH_X86_64, true), 14811);
	assert_int_equal(catalog_fargate_price(1000, 1024, ARCH_X86_64, false), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_is_found_by_name),
		cmocka_unit_test(other_names_are_not_found),
		cmocka_unit_test(the_table_is_sane_and_sorted),
		cmocka_unit_test(some_types_as_aws_has_them),
		cmocka_unit_test(the_local_host_is_special),
		cmocka_unit_test(families),
		cmocka_unit_test(offered_memory),
		cmocka_unit_test(lists_are_expanded),
		cmocka_unit_test(bundles),
		cmocka_unit_test(wrong_lists_are_refused),
		cmocka_unit_test(results_that_do_not_fit_are_refused),
		cmocka_unit_test(every_pair),
		cmocka_unit_test(next_larger_memory),
		cmocka_unit_test(fargate_texts),
		cmocka_unit_test(fargate_prices),
	};

	return cmocka_run_group_tests_name("catalog", tests, NULL, NULL);
}
